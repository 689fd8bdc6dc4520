"""The tables of the benchmarks page, made from the numbers that were kept."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Final, Protocol, TypedDict, cast

from egov_sdk.report import Lang, Text
from tests.house.tree import ROOT

__all__ = ["FOLDER", "benchmarks_part"]

FOLDER: Final = ROOT / "docs" / "assets" / "benchmarks"

Rates = Mapping[str, float]


class _Kept(TypedDict):
    measured: Mapping[str, object]
    results: dict[str, object]


_TITLES: Final = {
    "sm2": Text("SM2 and SM3", "SM2 与 SM3"),
    "verify": Text("Sealed documents", "已盖章的文档"),
    "kernel": Text("The native kernel", "C 内核"),
    "codes": Text("Numbers of people and organisations", "人员和机构的号码"),
    "jose": Text("Tokens", "令牌"),
    "gateway": Text("Signed requests", "签名的请求"),
    "identity": Text("Signing people in", "登录"),
    "license": Text("A register of licences", "证照登记库"),
    "license_file": Text("Licence files", "证照文件"),
    "presentation": Text("Showing licences", "亮证"),
    "import": Text("Old licences brought in", "存量证照入库"),
    "render": Text("Pages drawn", "版面绘制"),
    "envelope": Text("Messages sealed and opened", "报文加密与打开"),
    "node": Text("Messages from node to node", "节点之间的报文交换"),
    "catalog": Text("A catalogue of data", "数据目录"),
    "platform": Text("A served province", "HTTP 上的省级平台"),
    "console": Text("Pages of the console", "控制台页面"),
    "startup": Text("How a program begins", "程序启动"),
}
_MEASURED: Final = Text(
    "Measured on {date} at commit {commit}: {machine}, Python {python}, cryptography {cryptography}, SM2 backend "
    "{backend}, load {load} when it began.",
    "测于 {date}，提交 {commit}：{machine}，Python {python}，cryptography {cryptography}，SM2 后端 {backend}，"
    "开始时系统负载 {load}。",
)
_HEADS: Final = {
    "who": Text("Implementation", "实现"),
    "work": Text("Work", "内容"),
    "sign": Text("sign", "签名"),
    "verify": Text("verify", "验签"),
    "verify, new key": Text("verify, new key", "验签（新公钥）"),
    "verify, known key": Text("verify, known key", "验签（已知公钥）"),
    "encrypt 16 bytes": Text("encrypt 16 bytes", "加密 16 字节"),
    "decrypt 16 bytes": Text("decrypt 16 bytes", "解密 16 字节"),
    "SM3 of 288 bytes": Text("hash of 288 bytes", "288 字节杂凑"),
    "SM3 of 1 MiB": Text("hash of 1 MiB", "1 MiB 杂凑"),
    "egov_sdk": Text("egov_sdk", "egov_sdk"),
    "plain": Text("regex and loop", "正则加循环"),
    "ratio": Text("ratio", "倍数"),
    "found": Text("found", "结果"),
    "native": Text("native", "native"),
    "profile": Text("Profile", "平台配置"),
    "added": Text("microseconds over the bare code", "比单纯计算多用的微秒数"),
    "per second": Text("per second", "每秒"),
    "microseconds": Text("microseconds", "微秒"),
    "over httpx": Text("over httpx, %", "比 httpx 多，%"),
    "SQLite file": Text("SQLite file", "SQLite 文件"),
    "in memory": Text("in memory", "内存"),
    "PostgreSQL": Text("PostgreSQL", "PostgreSQL"),
    "pure": Text("pure", "pure"),
    "egov_sdk, SM2 and SM4": Text("egov_sdk, SM2 and SM4", "egov_sdk，SM2 与 SM4"),
    "joserfc, P-256 and AES": Text("joserfc, P-256 and AES", "joserfc，P-256 与 AES"),
    "ms": Text("milliseconds", "毫秒"),
}
#: Below this load there is a core to spare, which some rows need to mean anything.
_QUIET: Final = 1.5
_NEEDS_QUIET: Final = ("two threads", "import of")
_LEFT_OUT: Final = Text(
    "Two threads against one and the time of an import need a quiet machine; this one was not, so they are left out.",
    "双线程与单线程之比以及导入时间须在空闲的机器上测量，此次未能做到，故未列出。",
)
_WARM: Final = Text(
    "One document of one page is verified over and over with warm caches: what follows from the content of "
    "certificates and seals alone is remembered.",
    "反复验证同一份单页文档，缓存已预热：只由证书和印章内容决定的结果会被记住。",
)
_SIGNED: Final = Text(
    "What a profile adds to the hash, code or SM2 signature that it is made of, for one request.",
    "每个平台配置在其杂凑、校验码或 SM2 签名之外，对一次请求增加的时间。",
)
_CALLS: Final = Text(
    "One request of 70 bytes over loopback on a kept connection, to a server that answers two bytes.",
    "在本机回环地址上通过保持的连接发送一次 70 字节的请求，服务端返回两个字节。",
)
_SIGN_INS: Final = Text(
    "A sign-in is every step from the first address to who it is: page, code, tokens signed and verified, audit log. "
    "Guessing a password is meant to cost time, so its cost is that of tests here.",
    "一次登录包括从首个地址到取得用户信息的每一步：页面、授权码、令牌的签发与验证、审计日志。"
    "口令杂凑本就应当耗时，此处采用测试用的代价。",
)
_REGISTER: Final = Text(
    "Issuing is everything: identifier, checks, face, seal, reservation, store, audit; the database waits for the "
    "disk. Of one core means per second of processor time, each licence verified once. The search is among a million "
    "licences, and every search is in the audit log.",
    "签发包括全部步骤：证照标识、校验、照面、盖章、预留、入库、审计，数据库等待落盘。按单核计算指按处理器时间，每份只查验一次。检索在一百万份证照中进行，每次检索均记入审计日志。",
)
_LICENCES: Final = Text(
    "Licences of the three sample types, each with a serial, a number, a holder and an address of its own and verified "
    "once: what is remembered is the template, the seal and the issuer's certificates. Per second of processor time.",
    "三个示例类型的证照，流水号、证照编号、持证主体和地址各不相同，每份只查验一次；"
    "被记住的只有模板、印章和颁发机构证书。按处理器时间计每秒份数。",
)
_SHOWN: Final = Text(
    "A check is the whole report: form, signature, items, audience, time, the issuer's chain, its types, the status "
    "list. The ES256 token beside it is checked for a signature and five claims.",
    "核验指完整报告：格式、签名、数据项、验证方、时间、颁发机构证书链及其可颁发类型、状态列表。"
    "对照的 ES256 令牌只验签名和五个声明。",
)
_OLD: Final = Text(
    "A CSV file whose rows are validated and stored in a register on SQLite, in one process.",
    "CSV 文件逐行校验并存入 SQLite 登记库，单进程。",
)
_SEARCH: Final = Text("search, milliseconds:", "检索，毫秒：")
_DRAWN: Final = Text(
    "One process, one core, warm caches: fonts are open and their outlines read.",
    "单进程、单核，缓存已预热：字体已打开，字形轮廓已读取。",
)
_SEALED: Final = Text(
    "Messages of 1 KB for one receiver, signed, encrypted, written, and read, opened and verified whole. joserfc does "
    "less beside it: it sees no certificate.",
    "1 KB 报文，一个接收方：签名、加密、写出，再读入、解密并完整验证。对照的 joserfc 做得更少：不看证书。",
)
_STREAMED: Final = Text(
    "Attachments as streams, MB a second, in {memory_mib:.0f} MiB of memory; beside them SHA-256 of hashlib.",
    "附件流式处理，每秒 MB，内存 {memory_mib:.0f} MiB；对照为 hashlib 的 SHA-256。",
)
_EXCHANGED: Final = Text(
    "Messages of 1 KB a second from the application's first send to the last verified receipt, each on the disk at "
    "both nodes; the receiver is a process of its own behind loopback HTTP, two worker processes deliver, in parcels "
    "of up to 500. PostgreSQL runs on the same cores and waits for its disk. In a batch one signature serves the "
    "receipts of a parcel. Queued before: all messages lie in the outbox when the clock starts.",
    "1 KB 报文每秒条数，从应用第一次发送到最后一个回执验证完毕，双方均已写盘；接收方为本机回环 HTTP 后的独立进程，"
    "发送方两个工作进程，每个包裹至多 500 件。"
    "PostgreSQL 在同一台机器上运行并等待写盘。批量回执指一个签名覆盖一个包裹的全部回执。"
    "“预先排队”指计时开始时报文已全部在发件箱中。",
)
_LISTED: Final = Text(
    "{entries:,} entries in XML, read, checked and published in a SQLite file, then searched.",
    "{entries:,} 条目录的 XML：读取、检查并发布到 SQLite 文件，再进行检索。",
)
_SERVED: Final = Text(
    "Requests a second at two processes, all on one machine with those who ask; beside them a bare echo.",
    "两个服务进程每秒处理的请求数，与请求方同在一台机器；对照为空白回显。",
)
_PAGES: Final = Text(
    "Milliseconds for a page of the console, asked for in the process, on a SQLite file that waits for its disk.",
    "进程内请求控制台页面的毫秒数，数据库为等待写盘的 SQLite 文件。",
)
_STARTS: Final = Text(
    "Milliseconds more than a bare interpreter takes to start.",
    "比单纯启动解释器多用的毫秒数。",
)
#: The names of rows that need words of their own in Chinese; others, such as names of programs, stay as they are.
_ROWS: Final = {
    "egov_sdk sm3 in plain Python": "egov_sdk sm3（纯 Python）",
    "gmssl, hash given": "gmssl（杂凑值已给出）",
    "libcrypto EVP by ctypes": "libcrypto EVP（ctypes）",
    "P-256 of cryptography": "cryptography 的 P-256",
    "P-256 verify of cryptography": "cryptography 的 P-256 验签",
    "verify, all four answers": "验证，四个答案",
    "verify, nobody trusted": "验证，不信任任何人",
    "stamp, verified before it is given out": "盖章，输出前重新验证",
    "open the package": "打开文件包",
    "read the seal value": "读取签章数据",
    "SM2 sign / P-256 sign": "SM2 签名 / P-256 签名",
    "SM2 verify, new key / P-256 verify": "SM2 验签（新公钥）/ P-256 验签",
    "SM2 verify, known key / P-256 verify": "SM2 验签（已知公钥）/ P-256 验签",
    "SM2 sign / libcrypto": "SM2 签名 / libcrypto",
    "SM2 verify, new key / libcrypto": "SM2 验签（新公钥）/ libcrypto",
    "SM2 encrypt and decrypt 32 bytes, pairs per second": "SM2 加密并解密 32 字节，每秒次数",
    "SM3 of 10,000 x 288 bytes / hashlib": "SM3，10,000 × 288 字节 / hashlib",
    "SM4-GCM of 1 MiB / cryptography": "SM4-GCM，1 MiB / cryptography",
    "SM4-CTR of 1 MiB / cryptography": "SM4-CTR，1 MiB / cryptography",
    "two threads / one, sign": "两个线程 / 一个线程，签名",
    "two threads / one, verify": "两个线程 / 一个线程，验签",
    "import of egov_sdk.crypto, ms": "导入 egov_sdk.crypto，毫秒",
    "citizen number, good": "公民身份号码，正确",
    "citizen number, wrong": "公民身份号码，错误",
    "credit code, good": "统一社会信用代码，正确",
    "credit code, wrong": "统一社会信用代码，错误",
    "bare SM2 signed": "单纯 SM2 签名",
    "egov-sm2 signed": "egov-sm2 签名",
    "bare SM2 verified": "单纯 SM2 验签",
    "egov-sm2 verified": "egov-sm2 验证",
    "egov-hmac-sm3 verified": "egov-hmac-sm3 验证",
    "national-1 verified": "national-1 验证",
    "tif verified": "tif 验证",
    "client, not signed": "客户端，不签名",
    "client, tif": "客户端，tif",
    "client, egov-hmac-sm3": "客户端，egov-hmac-sm3",
    "async httpx": "httpx（异步）",
    "async client, not signed": "异步客户端，不签名",
    "async client, tif": "异步客户端，tif",
    "sign-in, password, SM2 token": "登录，口令，SM2 令牌",
    "sign-in, password, ES256 token": "登录，口令，ES256 令牌",
    "sign-in, password, four threads": "登录，口令，四个线程",
    "sign-in, recognised elsewhere": "登录，已在别处认证",
    "sign-in, browser known already": "登录，浏览器已有会话",
    "who it is": "查询用户信息",
    "issue, one by one": "签发，逐份",
    "issue, one by one, per second of one core": "签发，逐份，按单核计算",
    "issue, 100 at a time, per second of one core": "签发，每批 100 份，按单核计算",
    "verify offline": "离线查验",
    "read with its audit": "读取（含审计）",
    "verify against the register": "对照登记库查验",
    "old licences taken in": "存量证照入库",
    "search, median ms": "检索，中位数，毫秒",
    "search, 99 of 100, ms": "检索，99 百分位，毫秒",
    "made by the issuer": "颁发机构制码",
    "made by the holder": "持证人制码",
    "checked, by the issuer": "核验颁发机构所制码",
    "checked, by the holder": "核验持证人所制码",
    "read a status list of 131,072": "读取 131,072 项的状态列表",
    "ES256 of joserfc signed": "joserfc 的 ES256 签名",
    "ES256 of joserfc verified": "joserfc 的 ES256 验证",
    "rows": "行数",
    "rows a second": "每秒行数",
    "peak memory, MB": "内存峰值，MB",
    "cryptography alone": "仅密码运算",
    "sqlite": "SQLite",
    "sqlite batch": "SQLite，批量回执",
    "postgresql": "PostgreSQL",
    "postgresql batch": "PostgreSQL，批量回执",
    "sqlite, queued before": "SQLite，预先排队",
    "sqlite batch, queued before": "SQLite，批量回执，预先排队",
    "postgresql, queued before": "PostgreSQL，预先排队",
    "postgresql batch, queued before": "PostgreSQL，批量回执，预先排队",
    "audit log verified, entries": "审计日志核验，条",
    "seal": "加密",
    "open": "打开",
    "seal and open": "加密并打开",
    "receipt": "回执签名",
    "batch": "批量回执签名",
    "measure": "计算摘要",
    "copy and verify": "复制并验证",
    "encrypt": "加密",
    "decrypt and verify": "解密并验证",
    "read, seconds": "读取，秒",
    "read and checked, seconds": "读取并检查，秒",
    "published, seconds": "发布，秒",
    "verify": "查验证照",
    "sign in": "登录",
    "with password": "口令登录",
    "a bare page": "空白页",
    "echo": "空白回显",
    "sealed certificate, SVG": "已盖章证照，SVG",
    "sealed certificate, SVG to PNG, 96 dpi": "已盖章证照，SVG 转 PNG，96 dpi",
    "sealed certificate, SVG to PNG, 150 dpi": "已盖章证照，SVG 转 PNG，150 dpi",
    "2,400 characters, SVG": "2,400 字，SVG",
    "2,400 characters, SVG to PNG, 96 dpi": "2,400 字，SVG 转 PNG，96 dpi",
    "2,400 characters, SVG to PNG, 150 dpi": "2,400 字，SVG 转 PNG，150 dpi",
    "sealed certificate, HTML report": "已盖章证照，HTML 报告",
}


def _number(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _table(head: str, columns: tuple[str, ...], rows: Mapping[str, Rates], lang: Lang) -> Iterator[str]:
    heads = [_HEADS[word].in_(lang) for word in (head, *columns)]
    yield f"| {' | '.join(heads)} |"
    yield f"|---{'|--:' * len(columns)}|"
    for name, row in rows.items():
        label = _ROWS.get(name, name) if lang == "zh" else name
        yield f"| {label} | {' | '.join(_number(row.get(column)) for column in columns)} |"
    yield ""


def _per_second(results: Mapping[str, object]) -> dict[str, Rates]:
    return cast("dict[str, Rates]", results["per_second"])


def _sm2(results: dict[str, object], lang: Lang, *, quiet: bool) -> Iterator[str]:
    rates = _per_second(results)
    for columns in (
        ("sign", "verify, new key", "verify, known key"),
        ("encrypt 16 bytes", "decrypt 16 bytes"),
        ("SM3 of 288 bytes", "SM3 of 1 MiB"),
    ):
        rows = {who: row for who, row in rates.items() if columns[0] in row}
        yield from _table("who", columns, dict(sorted(rows.items(), key=lambda row: -row[1][columns[0]])), lang)


def _verify(results: dict[str, object], lang: Lang, *, quiet: bool) -> Iterator[str]:
    rates = _per_second(results)
    work = {name: {backend: rates[backend][name] for backend in rates} for name in next(iter(rates.values()))}
    yield from _table("work", tuple(rates), work, lang)
    yield from (_WARM.in_(lang), "")


def _kernel(results: dict[str, object], lang: Lang, *, quiet: bool) -> Iterator[str]:
    rows = cast("list[dict[str, object]]", results["rows"])
    shown = [row for row in rows if quiet or not str(row["work"]).startswith(_NEEDS_QUIET)]
    found = {str(row["work"]): {"found": cast("float", row["found"])} for row in shown}
    yield from _table("work", ("found",), found, lang)
    if len(shown) < len(rows):
        yield from (_LEFT_OUT.in_(lang), "")


def _codes(results: dict[str, object], lang: Lang, *, quiet: bool) -> Iterator[str]:
    yield from _table("work", ("egov_sdk", "plain", "ratio"), cast("dict[str, Rates]", results), lang)


def _jose(results: dict[str, object], lang: Lang, *, quiet: bool) -> Iterator[str]:
    rows = {name: row for name, row in results.items() if isinstance(row, dict)}
    yield from _table("who", ("sign", "verify"), rows, lang)


def _gateway(results: dict[str, object], lang: Lang, *, quiet: bool) -> Iterator[str]:
    added = cast("Rates", results["microseconds_over_bare"])
    yield from (_SIGNED.in_(lang), "")
    yield from _table("profile", ("added",), {name: {"added": value} for name, value in added.items()}, lang)
    rates = cast("Rates", results["per_second"])
    yield from _table("work", ("per second",), {name: {"per second": rate} for name, rate in rates.items()}, lang)
    calls = cast("Rates", results["seconds_per_call"])
    yield from (_CALLS.in_(lang), "")
    rows = {}
    for name, seconds in calls.items():
        base = calls["async httpx" if name.startswith("async") else "httpx"]
        rows[name] = {"microseconds": 1e6 * seconds, "over httpx": 100 * (seconds / base - 1)}
    yield from _table("work", ("microseconds", "over httpx"), rows, lang)


def _identity(results: dict[str, object], lang: Lang, *, quiet: bool) -> Iterator[str]:
    columns = cast("dict[str, Rates]", results)
    work = {row: {name: columns[name][row] for name in columns} for row in next(iter(columns.values()))}
    yield from (_SIGN_INS.in_(lang), "")
    yield from _table("work", tuple(columns), work, lang)


def _register(results: dict[str, object], lang: Lang, *, quiet: bool) -> Iterator[str]:
    columns = cast("dict[str, Rates]", results)
    work = {row: {name: columns[name][row] for name in columns} for row in next(iter(columns.values()))}
    yield from (_REGISTER.in_(lang), "")
    yield from _table("work", tuple(columns), work, lang)


def _rates(about: Text, rates: Rates, lang: Lang) -> Iterator[str]:
    yield from (about.in_(lang), "")
    yield from _table("work", ("per second",), {name: {"per second": rate} for name, rate in rates.items()}, lang)


def _license_file(results: dict[str, object], lang: Lang, *, quiet: bool) -> Iterator[str]:
    yield from _rates(_LICENCES, cast("Rates", results["per_second"]), lang)


def _presentation(results: dict[str, object], lang: Lang, *, quiet: bool) -> Iterator[str]:
    yield from _rates(_SHOWN, cast("Rates", results["per_second"]), lang)


def _import(results: dict[str, object], lang: Lang, *, quiet: bool) -> Iterator[str]:
    yield from (_OLD.in_(lang), "")
    found = cast("Rates", results)
    yield from _table("work", ("found",), {name: {"found": value} for name, value in found.items()}, lang)


def _render(results: dict[str, object], lang: Lang, *, quiet: bool) -> Iterator[str]:
    yield from _rates(_DRAWN, cast("Rates", results["per_second"]), lang)


def _envelope(results: dict[str, object], lang: Lang, *, quiet: bool) -> Iterator[str]:
    columns = cast("dict[str, Rates]", results["pairs"])
    work = {
        row: {name: columns[name][row] for name in columns if row in columns[name]}
        for row in max(columns.values(), key=len)
    }
    yield from (_SEALED.in_(lang), "")
    yield from _table("work", tuple(columns), work, lang)
    yield from _rates(
        Text(_STREAMED.en.format_map(results), _STREAMED.zh.format_map(results)),
        cast("Rates", results["streams"]),
        lang,
    )


def _node(results: dict[str, object], lang: Lang, *, quiet: bool) -> Iterator[str]:
    yield from _rates(_EXCHANGED, cast("Rates", results["per_second"]), lang)


def _catalog(results: dict[str, object], lang: Lang, *, quiet: bool) -> Iterator[str]:
    yield from (_LISTED.in_(lang).format_map(results), "")
    seconds = {
        "read, seconds": "read_s",
        "read and checked, seconds": "read_and_checked_s",
        "published, seconds": "published_s",
    }
    found = {name: cast("float", results[key]) for name, key in seconds.items()}
    found |= {f"{_SEARCH.in_(lang)} {text}": took for text, took in cast("Rates", results["search_ms"]).items()}
    yield from _table("work", ("found",), {name: {"found": value} for name, value in found.items()}, lang)


def _platform(results: dict[str, object], lang: Lang, *, quiet: bool) -> Iterator[str]:
    yield from _rates(_SERVED, cast("Rates", results["results"]), lang)


def _console(results: dict[str, object], lang: Lang, *, quiet: bool) -> Iterator[str]:
    yield from (_PAGES.in_(lang), "")
    pages = cast("list[dict[str, float]]", results["console"])
    rows = {
        re.sub(r"/licenses/.+", "/licenses/…", str(row["page"])): {"ms": row["ms"], "ratio": row["ratio"]}
        for row in pages
    }
    yield from _table("work", ("ms", "ratio"), rows, lang)


def _startup(results: dict[str, object], lang: Lang, *, quiet: bool) -> Iterator[str]:
    yield from (_STARTS.in_(lang), "")
    rows = {name: {"ms": row["ms"]} for name, row in cast("dict[str, Rates]", results).items() if name != "bare"}
    yield from _table("work", ("ms",), rows, lang)


class _Maker(Protocol):
    def __call__(self, results: dict[str, object], lang: Lang, *, quiet: bool) -> Iterator[str]: ...


_MAKERS: Final[Mapping[str, _Maker]] = {
    "sm2": _sm2,
    "verify": _verify,
    "kernel": _kernel,
    "codes": _codes,
    "jose": _jose,
    "gateway": _gateway,
    "identity": _identity,
    "license": _register,
    "license_file": _license_file,
    "presentation": _presentation,
    "import": _import,
    "render": _render,
    "envelope": _envelope,
    "node": _node,
    "catalog": _catalog,
    "platform": _platform,
    "console": _console,
    "startup": _startup,
}


def benchmarks_part(lang: Lang) -> str:
    """Every result that was kept, with machine and date, and its picture."""
    lines: list[str] = []
    for name, made in _MAKERS.items():
        if not (FOLDER / f"{name}.json").exists():
            continue
        kept = cast("_Kept", json.loads((FOLDER / f"{name}.json").read_text("utf-8")))
        lines += [f"## {_TITLES[name].in_(lang)}", "", _MEASURED.in_(lang).format_map(dict(kept["measured"])), ""]
        quiet = cast("float", kept["measured"]["load"]) < _QUIET
        lines += made(kept["results"], lang, quiet=quiet)
        # each language has its own copy: the site puts what both share below one of them only
        if (ROOT / "docs" / lang / "assets" / "benchmarks" / f"{name}.png").exists():
            lines += [f"![{_TITLES[name].in_(lang)}](assets/benchmarks/{name}.png)", ""]
    return "\n".join(lines)
