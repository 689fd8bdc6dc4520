"""``egov doctor``: what is installed here and what works. Nothing secret is in it."""

from __future__ import annotations

import dataclasses
import importlib.util
import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import egov_sdk
from egov_sdk.cli import _groups as groups
from egov_sdk.cli._command import command, option
from egov_sdk.cli._inputs import now, open_database
from egov_sdk.cli._output import ExitCode, Voice
from egov_sdk.errors import ConfigError
from egov_sdk.report import Text

if TYPE_CHECKING:
    from egov_sdk.crypto import BackendStatus

__all__ = ["doctor"]

_LIBRARIES = ("cryptography", "pyhanko-certvalidator", "lxml", "pydantic", "pillow", "typer", "rich")
#: One module of each optional part tells whether it is installed.
_PARTS = {
    "cli": "typer",
    "platform": "starlette",
    "render": "resvg_py",
    "postgresql": "psycopg",
    "cluster": "distributed",
    "sheets": "openpyxl",
    "catalog": "rdflib",
}
_ENVIRONMENT = "EGOV_CRYPTO_BACKEND"
_SAMPLE = "示例市数据局专用章"

_VERSIONS = Text("Versions", "版本")
_CRYPTO = Text("Cryptography", "密码运算")
_FONTS = Text("Fonts for drawing seals", "印章字体")
_OPTIONAL = Text("Optional parts", "可选部分")
_SURROUNDINGS = Text("Surroundings", "运行环境")
_IN_USE = Text("SM2 backend in use", "当前 SM2 后端")
_ASKED = Text("chosen by the environment variable EGOV_CRYPTO_BACKEND", "由环境变量 EGOV_CRYPTO_BACKEND 指定")
_BEST = Text("the first that is available", "首个可用的后端")
_AVAILABLE, _NOT_AVAILABLE = Text("available", "可用"), Text("not available", "不可用")
#: How the reasons begin for which a backend is not available.
_REASONS = (
    Text("the package gmssl is not installed", "未安装 gmssl 包"),
    Text("not built, or built for another version", "未构建，或为其他版本构建"),
    Text("no native kernel", "没有本机内核"),
    Text("this libcrypto was built without SM2", "该 libcrypto 不含 SM2"),
)
_CONSTANT = Text("constant time", "常数时间")
_VARIABLE = Text("not constant time", "非常数时间")
_SCHEMES = Text("key schemes", "密钥 URI 方案")
_BUNDLED = Text("bundled", "自带字体")
_OF_MACHINE = Text("of this machine", "本机字体")
_NONE_FOUND = Text("none with Chinese characters; the bundled one is used", "未发现中文字体，使用自带字体")
_INSTALLED = Text("installed", "已安装")
_ANCHORS = Text("trust anchors", "信任锚")
_NO_ANCHORS = Text("none built in; give yours with --trust", "无内置信任锚，请用 --trust 指定")
_PLATFORM = Text("platform", "系统")
_CLOCK = Text("clock", "时钟")
_ENCODING = Text("encoding of the output", "输出编码")
_LANGUAGE = Text("language", "语言")
_DATABASE = Text("Database", "数据库")
_DURABLE = Text("waits for its disk", "等待写盘")


@dataclass(frozen=True, slots=True)
class _Crypto:
    backend: str
    asked_for: str
    problem: str
    backends: tuple[BackendStatus, ...]
    sm3_provider: str
    key_schemes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Database:
    place: str
    problem: str


@dataclass(frozen=True, slots=True)
class _Findings:
    versions: dict[str, str]
    crypto: _Crypto
    fonts: dict[str, str]
    optional_parts: dict[str, bool]
    platform: str
    clock: str
    encoding: str
    language: str
    trust_anchors: int = 0
    database: _Database | None = None


@command(
    groups.root, "doctor", "Show what is installed and what works; nothing secret.", "查看安装与运行情况（不含机密）。"
)
def doctor(
    voice: Voice,
    database: Annotated[
        str | None,
        option(
            "--database",
            "A SQLite file or the URL of a PostgreSQL database: whether it keeps through a power cut what it took.",
            "SQLite 文件或 PostgreSQL 地址：检查断电后是否仍保有已接收的内容。",
        ),
    ] = None,
) -> ExitCode:
    """Look around."""
    import platform

    findings = _Findings(
        versions=dict(_versions()),
        crypto=_crypto(),
        fonts=_fonts(),
        optional_parts={name: importlib.util.find_spec(module) is not None for name, module in _PARTS.items()},
        platform=platform.platform(),
        clock=now().isoformat(timespec="seconds"),
        encoding=sys.stdout.encoding,
        language=voice.lang,
        database=_database(database) if database is not None else None,
    )
    if voice.as_json:
        voice.document(dataclasses.asdict(findings))
    else:
        _show(voice, findings)
    if findings.crypto.problem:
        return ExitCode.USAGE
    return ExitCode.DEVICE if findings.database is not None and findings.database.problem else ExitCode.DONE


def _database(place: str) -> _Database:
    from egov_sdk.storage import StorageError

    with open_database(place) as store:
        try:
            store.require_durable()
        except StorageError as error:
            return _Database(store.place, error.message)
        return _Database(store.place, "")


def _versions() -> Iterator[tuple[str, str]]:
    import platform
    from importlib.metadata import PackageNotFoundError, version

    yield "egov-sdk", egov_sdk.__version__
    yield "Python", f"{platform.python_version()} ({platform.python_implementation()})"
    for name in _LIBRARIES:
        try:
            yield name, version(name)
        except PackageNotFoundError:
            yield name, "?"


def _crypto() -> _Crypto:
    from egov_sdk.crypto import available_backends, backend
    from egov_sdk.crypto.hashes import sm3_provider
    from egov_sdk.crypto.signer import key_schemes

    in_use = problem = ""
    try:
        in_use = backend()
    except ConfigError as error:
        problem = error.message
    return _Crypto(
        backend=in_use,
        asked_for=os.environ.get(_ENVIRONMENT, ""),
        problem=problem,
        backends=available_backends(),
        sm3_provider=sm3_provider(),
        key_schemes=key_schemes(),
    )


def _fonts() -> dict[str, str]:
    from egov_sdk.ofd.fonts import BUNDLED_FILE, find_font

    face = find_font(_SAMPLE)
    return {"bundled": BUNDLED_FILE, "machine": "" if face is None else str(face.source)}


def _show(voice: Voice, findings: _Findings) -> None:
    say, crypto = voice.say, findings.crypto
    _section(voice, _VERSIONS, findings.versions.items())
    why = say(_ASKED if crypto.asked_for else _BEST)
    _section(
        voice,
        _CRYPTO,
        [
            (say(_IN_USE), crypto.problem or f"{crypto.backend} ({why})"),
            *((f"  {status.name}", _status(voice, status)) for status in crypto.backends),
            ("SM3", crypto.sm3_provider),
            (say(_SCHEMES), ", ".join(f"{scheme}:" for scheme in crypto.key_schemes)),
        ],
    )
    machine = findings.fonts["machine"] or say(_NONE_FOUND)
    _section(voice, _FONTS, [(say(_BUNDLED), findings.fonts["bundled"]), (say(_OF_MACHINE), machine)])
    _section(
        voice,
        _OPTIONAL,
        [
            (name, say(_INSTALLED) if there else f"pip install 'egov-sdk[{name}]'")
            for name, there in findings.optional_parts.items()
        ],
    )
    _section(
        voice,
        _SURROUNDINGS,
        [
            (say(_PLATFORM), findings.platform),
            (say(_CLOCK), findings.clock),
            (say(_ENCODING), findings.encoding),
            (say(_LANGUAGE), findings.language),
            (say(_ANCHORS), say(_NO_ANCHORS)),
        ],
    )
    if (base := findings.database) is not None:
        _section(voice, _DATABASE, [(base.place, base.problem or say(_DURABLE))])


def _reason(voice: Voice, reason: str) -> str:
    """Why a backend is not there; what Python or the system says behind it stays as it is."""
    known = next((one for one in _REASONS if reason.startswith(one.en)), None)
    return reason if known is None else voice.say(known) + reason.removeprefix(known.en)


def _status(voice: Voice, status: BackendStatus) -> str:
    if not status.available:
        return f"{voice.say(_NOT_AVAILABLE)}: {_reason(voice, status.reason)}"
    return f"{voice.say(_AVAILABLE)}, {voice.say(_CONSTANT if status.constant_time else _VARIABLE)}"


def _section(voice: Voice, title: Text, rows: Iterable[tuple[str, str]]) -> None:
    voice.line(title, style="bold")
    voice.table(list(rows), styles=("dim", ""))
    voice.line()
