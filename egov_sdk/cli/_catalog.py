"""``egov catalog``: check import sheets, keep a catalogue, search it, compare two, hand it on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from egov_sdk.cli import _groups as groups
from egov_sdk.cli._command import argument, command, option
from egov_sdk.cli._inputs import now, read_file, refuse_existing, write_result
from egov_sdk.cli._options import AtMost
from egov_sdk.cli._output import ExitCode, Voice, followed
from egov_sdk.cli._problems import UsageError
from egov_sdk.report import Text
from egov_sdk.times import day_in_beijing

if TYPE_CHECKING:
    from egov_sdk.exchange.catalog import CatalogEntry, CatalogFile, LocalCatalog, Provider
    from egov_sdk.exchange.catalog.feeds import Feed
    from egov_sdk.exchange.catalog.harvest import Harvested
    from egov_sdk.exchange.catalog.problems import Finding
    from egov_sdk.exchange.catalog.store import Saved
    from egov_sdk.gateway import GatewayClient

__all__ = ["CatalogDatabase", "check", "diff", "export", "harvest", "import_", "open_catalog", "search"]

_Form = Literal["xlsx", "csv", "xml", "json", "turtle", "json-ld", "ckan"]
_Profile = Literal["guide", "two-digits"]
_Class = Literal["basic", "thematic", "departmental"]
_Sharing = Literal["unconditional", "conditional", "refused"]
_FeedForm = Literal["ckan", "turtle", "json-ld"]
_Audience = Literal["public", "departments"]
_Columns = Literal["extended", "national", "national-25"]
_FORMS = {".xlsx": "xlsx", ".csv": "csv", ".xml": "xml", ".json": "json", ".ttl": "turtle", ".jsonld": "json-ld"}
_SHOWN = 50
_ALL_GOOD = Text("{count} entries, nothing wrong", "共 {count} 条，未发现问题")
_SOME_BAD = Text("{count} entries can be read, {wrong} findings", "可读取 {count} 条，发现 {wrong} 处问题")
_MORE = Text("… and {more} more: --json shows all", "……另有 {more} 处，--json 可显示全部")
_SAVED = Text(
    "{added} added, {changed} changed, {unchanged} unchanged, {refused} left out",
    "新增 {added} 条，变更 {changed} 条，未变 {unchanged} 条，未收录 {refused} 条",
)
_NOTHING = Text("nothing found", "没有找到")
_MORE_HITS = Text("there is more: --offset {next}", "还有更多：--offset {next}")
_WROTE = Text("{count} entries written, {withheld} withheld", "已写出 {count} 条，未写出 {withheld} 条")
_HARVESTED = Text(
    "{added} added, {changed} changed, {withdrawn} withdrawn, {unchanged} unchanged, {left_out} without a code",
    "新增 {added} 条，变更 {changed} 条，撤下 {withdrawn} 条，未变 {unchanged} 条，无代码未收录 {left_out} 条",
)
_TO_GO_ON = Text("there is more: the next run goes on here", "尚未采完，下次运行将继续")
_KEPT_OURS = Text("{code} belongs to somebody else here and stays as it is", "{code} 在本目录属于他方，保持不变")
_WIDENS = Text("reaches further than before", "共享或开放范围扩大")

_File = Annotated[
    Path, argument("FILE", "A workbook, CSV, XML or JSON file.", "工作簿（xlsx）、CSV、XML 或 JSON 文件。")
]
CatalogDatabase = Annotated[
    str,
    option(
        "--database", "A SQLite file or postgresql:// URL.", "SQLite 文件或 postgresql:// 地址。", metavar="FILE|URL"
    ),
]
_ProviderName = Annotated[
    str | None,
    option("--provider", "Who has the resources, where the file does not say.", "信息资源提供方（文件未写时）。"),
]
_ProviderCode = Annotated[
    str | None,
    option("--provider-code", "Its unified social credit code.", "提供方的统一社会信用代码。", metavar="CODE"),
]
_ProfileName = Annotated[
    _Profile | None,
    option("--profile", "Read the codes of a platform too.", "同时识别某类平台的代码。"),
]


@command(
    groups.catalog,
    "check",
    "Check a catalogue file: every wrong cell, and every rule that an entry breaks.",
    "检查目录文件：逐一指出有误的单元格和违反的规则。",
)
def check(
    voice: Voice,
    file: _File,
    provider: _ProviderName = None,
    provider_code: _ProviderCode = None,
    profile: _ProfileName = None,
) -> ExitCode:
    """Check one file."""
    from egov_sdk.exchange.catalog import check_catalog

    read = _read(file, _provider(provider, provider_code), profile)
    found = check_catalog(read, today=day_in_beijing(now()))
    if voice.as_json:
        voice.document(
            {
                "entries": len(read.entries),
                "notes": [voice.say(note) for note in read.notes],
                "findings": [one.to_dict(voice.lang) for one in found],
            }
        )
    else:
        _show(voice, read, found)
    return ExitCode.REJECTED if found else ExitCode.DONE


def _show(voice: Voice, read: CatalogFile, found: Sequence[Finding]) -> None:
    for one in found[:_SHOWN]:
        voice.line(one.in_(voice.lang))
    if len(found) > _SHOWN:
        voice.line(voice.say(_MORE).format(more=len(found) - _SHOWN))
    for note in read.notes:
        voice.note(note)
    text = _SOME_BAD if found else _ALL_GOOD
    voice.line(voice.say(text).format(count=len(read.entries), wrong=len(found)), style="red" if found else "green")


def _provider(name: str | None, code: str | None) -> Provider | None:
    from egov_sdk.exchange.catalog import Provider

    return Provider(name=name or "", code=code or "") if name or code else None


def _read(path: Path, provider: Provider | None, profile: str | None) -> CatalogFile:
    from egov_sdk.exchange.catalog import read_catalog
    from egov_sdk.exchange.catalog.limits import DEFAULT_CATALOG_LIMITS
    from egov_sdk.exchange.catalog.terms import PROFILES

    data = read_file(path, max_bytes=DEFAULT_CATALOG_LIMITS.file_bytes)
    return read_catalog(data, provider=provider, profile=PROFILES[profile] if profile else None)


def open_catalog(database: str, *, make: bool = False) -> LocalCatalog:
    """The catalogue in a database. Close its store.

    Raises:
        UsageError: there is none, and none is to be made.
    """
    from egov_sdk.exchange.catalog import LocalCatalog
    from egov_sdk.exchange.catalog.tables import CATALOG
    from egov_sdk.storage import open_store
    from egov_sdk.storage.migrations import recorded_versions

    place: Path | str = database if "://" in database else Path(database)
    hint = Text("egov catalog import makes one", "可用 egov catalog import 建立")
    if isinstance(place, Path) and not make and not place.exists():
        raise UsageError(Text(f"there is no database {database}", f"没有数据库 {database}"), hint=hint)
    store = open_store(place)
    if not make:
        with store.read() as connection:
            if CATALOG.prefix not in recorded_versions(connection):
                raise UsageError(Text(f"there is no catalogue in {database}", f"{database} 中没有目录"), hint=hint)
    return LocalCatalog(store, clock=now)


@command(
    groups.catalog,
    "import",
    "Read a catalogue file into a database and publish what breaks no rule.",
    "将目录文件导入数据库，合规条目即予发布。",
)
def import_(
    voice: Voice,
    file: _File,
    database: CatalogDatabase,
    provider: _ProviderName = None,
    provider_code: _ProviderCode = None,
    profile: _ProfileName = None,
    drafts: Annotated[bool, option("--drafts", "Keep drafts, publish nothing.", "仅存为草稿，不发布。")] = False,
    actor: Annotated[str, option("--actor", "Who does this, for the history.", "操作人，记入变更历史。")] = "egov",
) -> ExitCode:
    """Import one file."""
    read = _read(file, _provider(provider, provider_code), profile)
    catalog = open_catalog(database, make=True)
    entries = followed(read.entries)
    if drafts:
        saved = _saved_drafts(catalog, entries, actor=actor, reason=file.name)
    else:
        saved = catalog.publish(entries, actor=actor, reason=file.name, leave_out_unready=True)
    catalog.store.close()
    findings = [*read.findings, *(one for refused in saved.refused for one in refused.findings)]
    counts = {"added": saved.added, "changed": saved.changed, "unchanged": saved.unchanged}
    if voice.as_json:
        left_out = [
            {"code": one.code, "name": one.name, "findings": [each.to_dict(voice.lang) for each in one.findings]}
            for one in saved.refused
        ]
        unread = [one.to_dict(voice.lang) for one in read.findings]
        voice.document({**counts, "left_out": left_out, "findings": unread})
    else:
        for refused in saved.refused[:_SHOWN]:
            voice.line(f"{refused.code} {refused.name}".strip() + f": {refused.findings[0].message.in_(voice.lang)}")
        for one in read.findings[:_SHOWN]:
            voice.line(one.in_(voice.lang))
        voice.line(voice.say(_SAVED).format(**counts, refused=len(saved.refused)), style="bold")
    return ExitCode.REJECTED if findings else ExitCode.DONE


def _saved_drafts(catalog: LocalCatalog, entries: Iterable[CatalogEntry], *, actor: str, reason: str) -> Saved:
    """Drafts are kept by their codes: an entry without one is left out, and told."""
    from egov_sdk.exchange.catalog.fields import field_title
    from egov_sdk.exchange.catalog.problems import finding
    from egov_sdk.exchange.catalog.store import Refused

    nameless: list[Refused] = []

    def coded() -> Iterator[CatalogEntry]:
        for entry in entries:
            if entry.code:
                yield entry
            else:
                lacks = finding("catalog.value.missing", about="code", name=field_title("code"))
                nameless.append(Refused("", entry.name, (lacks,)))

    saved = catalog.save(coded(), actor=actor, reason=reason)
    return replace(saved, refused=(*saved.refused, *nameless))


@command(
    groups.catalog,
    "export",
    "Write the published catalogue: a sheet, XML, JSON, DCAT-AP or a CKAN feed.",
    "导出已发布目录：表格、XML、JSON、DCAT-AP 或 CKAN。",
)
def export(
    voice: Voice,
    database: CatalogDatabase,
    out: Annotated[Path, option("--out", "The file to write.", "输出文件。", metavar="FILE")],
    form: Annotated[
        _Form | None, option("--form", "The form; the file's ending decides otherwise.", "格式，默认取决于扩展名。")
    ] = None,
    audience: Annotated[
        _Audience,
        option(
            "--audience",
            "public: only what is open to society; departments: the whole catalogue.",
            "public 仅含向社会开放的资源；departments 含全部目录。",
        ),
    ] = "public",
    columns: Annotated[
        _Columns,
        option(
            "--columns",
            "Of a sheet. extended: everything; national: the 26 of the import sheet, without the provider.",
            "表格的列：extended 含全部内容；national 为全国导入表的 26 列，不含提供方。",
        ),
    ] = "extended",
    base: Annotated[
        str,
        option(
            "--base", "The address that identifiers begin with, for DCAT.", "DCAT 标识符的起始地址。", metavar="URL"
        ),
    ] = "https://data.example/",
    title: Annotated[
        str, option("--title", "The title of the catalogue, for DCAT.", "DCAT 目录名称。")
    ] = "政务信息资源目录",
    provider: Annotated[
        str, option("--provider", "Who publishes the catalogue, for DCAT.", "DCAT 目录的发布单位。")
    ] = "",
    force: Annotated[bool, option("--force", "Replace the file.", "覆盖已有文件。")] = False,
) -> None:
    """Export the catalogue."""
    chosen = form or _FORMS.get(out.suffix.lower())
    if chosen is None:
        raise UsageError(
            Text(f"the ending of {out} says no form", f"从 {out} 的扩展名无法判断格式"),
            hint=Text("give --form", "请给出 --form"),
        )
    refuse_existing(out, force=force)
    catalog = open_catalog(database)
    heads = (base, title, provider or title)
    data, count, withheld = _exported(tuple(catalog.published()), chosen, audience, heads, columns=columns)
    catalog.store.close()
    write_result(out, data, force=force)
    if voice.as_json:
        voice.document({"file": str(out), "form": chosen, "written": count, "withheld": list(withheld)})
        return
    voice.line(voice.say(_WROTE).format(count=count, withheld=len(withheld)))


def _exported(
    entries: tuple[CatalogEntry, ...], form: str, audience: _Audience, heads: tuple[str, str, str], *, columns: _Columns
) -> tuple[bytes, int, tuple[str, ...]]:
    from egov_sdk.exchange.catalog import Provider, export_ckan, export_dcat, write_catalog
    from egov_sdk.exchange.catalog.audience import shown_to

    if form == "turtle" or form == "json-ld":
        base, title, publisher = heads
        made = export_dcat(
            entries, base=base, title=title, description=title, publisher=Provider(name=publisher), audience=audience,
            form="turtle" if form == "turtle" else "json-ld",
        )  # fmt: skip
        return made.data, made.included, made.withheld
    if form == "ckan":
        if audience != "public":
            raise UsageError(
                Text("a CKAN feed is for the public alone", "CKAN 格式仅面向社会公众"),
                hint=Text("turtle and json-ld are for departments too", "面向部门可用 turtle 或 json-ld"),
            )
        shown = shown_to("public", entries)
        return export_ckan(entries, rows=len(entries)), len(shown.entries), shown.withheld
    shown = shown_to(audience, entries)
    for known in ("xlsx", "csv", "xml", "json"):
        if form == known:
            return write_catalog(shown.entries, known, columns=columns), len(shown.entries), shown.withheld
    raise UsageError(Text(f"{form} is no form", f"没有格式 {form}"))


@command(
    groups.catalog,
    "harvest",
    "Read another catalogue (DCAT or CKAN) into a database, from where the last run stopped; for a timer to repeat.",
    "从另一目录（DCAT 或 CKAN）采集到数据库，接续上次位置；可由定时任务重复执行。",
)
def harvest(
    voice: Voice,
    url: Annotated[str, argument("URL", "The site for ckan, the document for DCAT.", "CKAN 站点或 DCAT 文档地址。")],
    database: CatalogDatabase,
    source: Annotated[
        str, option("--source", "The name of that catalogue, which never changes.", "来源目录名称，不可更改。")
    ],
    form: Annotated[_FeedForm, option("--form", "What it speaks.", "来源的格式。")],
    me: Annotated[str, option("--me", "The name of this catalogue.", "本目录名称。")] = "local",
    pages: Annotated[int, option("--pages", "Stop after so many pages.", "最多读取页数。", metavar="NUMBER")] = 1_000,
    rows: Annotated[
        int, option("--rows", "Packages on a page, for ckan.", "每页条数（CKAN）。", metavar="NUMBER")
    ] = 200,
    paged: Annotated[bool, option("--paged", "DCAT in pages: ?page=2 and so on.", "DCAT 分页读取。")] = False,
    full: Annotated[
        bool, option("--full", "All of it, and withdraw what is gone.", "全量采集并撤下已消失的条目。")
    ] = False,
    ca: Annotated[
        Path | None, option("--ca", "Authorities for TLS, PEM.", "TLS 根证书（PEM）。", metavar="PEM")
    ] = None,
) -> ExitCode:
    """Harvest until the end, or as far as the pages go."""
    import ssl
    from datetime import timedelta

    from egov_sdk.exchange.catalog.harvest import Harvester
    from egov_sdk.gateway import GatewayClient

    host, path = _place(url)
    tls = None if ca is None else ssl.create_default_context(cafile=str(ca))
    catalog = open_catalog(database, make=True)
    with GatewayClient(host, tls=tls) as gateway:
        feed = _feed(gateway, path, form, rows=rows, paged=paged)
        span = timedelta(microseconds=1) if full else timedelta(days=7)
        found = Harvester(catalog, feed, me=me, source=source, full_every=span).run(most_pages=pages)
    catalog.store.close()
    if voice.as_json:
        voice.document({**asdict(found), "conflicts": [asdict(one) for one in found.conflicts]})
    else:
        _show_harvest(voice, found)
    if found.problem:
        return ExitCode.DEVICE if found.problem.startswith("egov.gateway.") else ExitCode.REJECTED
    return ExitCode.REJECTED if found.wrong or found.conflicts else ExitCode.DONE


def _show_harvest(voice: Voice, found: Harvested) -> None:
    for one in found.conflicts[:_SHOWN]:
        voice.line(voice.say(_KEPT_OURS).format(code=one.code))
    if found.problem:
        voice.line(found.problem, style="red")
    voice.line(voice.say(_HARVESTED).format(**asdict(found)), style="bold")
    if not found.finished and not found.problem:
        voice.note(_TO_GO_ON)


def _place(url: str) -> tuple[str, str]:
    """A URL as the gateway takes it: the host, and the path with its question."""
    from urllib.parse import urlsplit

    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.query or parts.fragment:
        raise UsageError(
            Text(f"{url} is no address that a catalogue could be at", f"{url} 不能作为目录的地址"),
            hint=Text("write https://host/path", "写作 https://主机/路径"),
        )
    return f"{parts.scheme}://{parts.netloc}", parts.path.rstrip("/")


def _feed(gateway: GatewayClient, path: str, form: str, *, rows: int, paged: bool) -> Feed:
    from egov_sdk.exchange.catalog.feeds import CKAN_PATH, CkanFeed, DcatFeed

    if form == "ckan":
        return CkanFeed(gateway, path if path.endswith(CKAN_PATH) else path + CKAN_PATH, rows=rows)
    return DcatFeed(gateway, path or "/", form="turtle" if form == "turtle" else "json-ld", paged=paged)


@command(groups.catalog, "search", "Search a catalogue in Chinese or otherwise.", "检索目录（支持中文）。")
def search(
    voice: Voice,
    database: CatalogDatabase,
    text: Annotated[
        str,
        argument(
            "TEXT",
            "Words that must all be met; none lists what a class, prefix, provider or sharing type has.",
            "检索词，须全部满足；不写则列出指定类别、代码前缀、提供方或共享类型的全部条目。",
        ),
    ] = "",
    kind: Annotated[_Class | None, option("--class", "Only this class.", "只看该类资源。")] = None,
    prefix: Annotated[
        str, option("--prefix", "Only codes that begin so.", "只看以此开头的代码。", metavar="CODE")
    ] = "",
    provider: Annotated[
        str,
        option("--provider", "Only of this provider: its credit code.", "只看该提供方（信用代码）。", metavar="CODE"),
    ] = "",
    sharing: Annotated[_Sharing | None, option("--sharing", "Only so shared.", "只看该共享类型。")] = None,
    drafts: Annotated[bool, option("--drafts", "Look at drafts too.", "同时检索草稿。")] = False,
    limit: AtMost = 20,
    offset: Annotated[int, option("--offset", "Leave out so many.", "跳过条数。", metavar="NUMBER")] = 0,
) -> ExitCode:
    """Search a catalogue."""
    from egov_sdk.exchange.catalog.terms import TITLES, ResourceClass, SharingType

    catalog = open_catalog(database)
    page = catalog.search(
        text, resource_class=ResourceClass(kind) if kind else None, prefix=prefix, provider=provider,
        sharing=SharingType(sharing) if sharing else None, drafts=drafts, limit=limit, offset=offset,
    )  # fmt: skip
    catalog.store.close()
    if voice.as_json:
        hits = [
            {**one.entry.model_dump(mode="json"), "state": one.state.value, "excerpt": one.excerpt} for one in page.hits
        ]
        voice.document({"hits": hits, "more": page.more})
        return ExitCode.DONE
    rows = []
    for one in page.hits:
        kind_of = one.entry.sharing.type
        rows.append((one.code, one.name, TITLES[kind_of].in_(voice.lang) if kind_of else "", one.excerpt))
    if not rows:
        voice.line(_NOTHING)
        return ExitCode.DONE
    voice.table(rows, indent="", styles=("", "bold", "", "dim"))
    if page.more:
        voice.note(voice.say(_MORE_HITS).format(next=offset + limit))
    return ExitCode.DONE


@command(
    groups.catalog,
    "diff",
    "Compare two catalogue files, the older one first.",
    "比较两个目录文件（先旧后新）。",
)
def diff(
    voice: Voice,
    before: Annotated[Path, argument("BEFORE", "The older file.", "较旧的文件。")],
    after: Annotated[Path, argument("AFTER", "The newer file.", "较新的文件。")],
    provider: _ProviderName = None,
    provider_code: _ProviderCode = None,
    profile: _ProfileName = None,
) -> ExitCode:
    """Compare two files."""
    from egov_sdk.exchange.catalog import compare

    who = _provider(provider, provider_code)
    old, new = _read(before, who, profile).require(), _read(after, who, profile).require()
    found = compare(old.entries, new.entries)
    if voice.as_json:
        voice.document(found.to_dict())
        return ExitCode.DONE
    for sign, entries in (("+", found.added), ("-", found.removed)):
        for entry in entries:
            voice.line(f"{sign} {entry.code} {entry.name}")
    for one in found.changed:
        voice.line(f"~ {one.code} {one.after.name}" + (f"  ! {voice.say(_WIDENS)}" if one.widens else ""))
        for part in one.fields:
            voice.line(f"    {part.title}: {part.before} → {part.after}")
    voice.line(found.summary(voice.lang), style="bold")
    return ExitCode.DONE
