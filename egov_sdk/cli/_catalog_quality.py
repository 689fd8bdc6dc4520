"""``egov catalog quality``: how good the records of a resource are: complete, exact, timely, usable."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from egov_sdk.cli import _groups as groups
from egov_sdk.cli._catalog import open_catalog
from egov_sdk.cli._command import argument, command, option
from egov_sdk.cli._inputs import check_ending, read_file, refuse_existing, time_or_now, write_result
from egov_sdk.cli._options import AsAtTime, Force
from egov_sdk.cli._output import ExitCode, Voice, followed
from egov_sdk.cli._problems import UsageError
from egov_sdk.report import Text

if TYPE_CHECKING:
    from egov_sdk.exchange.catalog import CatalogEntry
    from egov_sdk.exchange.catalog.quality import Dimension, QualityReport

__all__ = ["quality"]

_UNMEASURED = Text("not measured", "未评估")
_RECORDS = Text("{count} records of {subject}", "{subject}：共 {count} 条记录")
_HEADS = (Text("rule", "规则"), Text("looked at", "检查数"), Text("wrong", "不合格"), Text("such as", "例如"))
_SOME = Text("found, of which at most {most} are told:", "发现的问题（最多列出 {most} 处）：")
_NEEDS = Text(
    "without --database and --code nothing is known about its items, and without --updated about its age",
    "未给出 --database 与 --code 时无法核对信息项；未给出 --updated 时无法评估及时性",
)
_BELOW = Text("  too low", "  过低")


@command(
    groups.catalog,
    "quality",
    "Measure the records of a resource: complete, exact, timely, usable; 1 when a side is below --least.",
    "评估信息资源的数据质量：完整性、准确性、及时性、可用性；低于 --least 时退出码为 1。",
)
def quality(
    voice: Voice,
    records: Annotated[
        Path,
        argument("RECORDS", "A workbook, CSV or JSON file; JSON lines too.", "工作簿、CSV、JSON 或逐行 JSON 文件。"),
    ],
    elements: Annotated[
        Path,
        option(
            "--elements",
            "The data elements, a table with the columns identifier, name, format, required, domain, kind.",
            "数据元表，列为标识符、名称、格式、必填、值域、号码类型。",
            metavar="FILE",
        ),
    ],
    key: Annotated[
        list[str] | None,
        option(
            "--key",
            "An identifier that with the others names a record (may be repeated).",
            "唯一确定一条记录的标识符（可重复）。",
            metavar="IDENTIFIER",
        ),
    ] = None,
    database: Annotated[
        str | None,
        option("--database", "The catalogue that names the resource.", "登记该资源的目录数据库。", metavar="FILE|URL"),
    ] = None,
    code: Annotated[
        str | None,
        option("--code", "The code of the resource, for its cycle and items.", "信息资源代码，用于更新周期和信息项。"),
    ] = None,
    updated: Annotated[
        str | None,
        option("--updated", "The day of the last update, 2026-03-01.", "最近更新日期，如 2026-03-01。", metavar="DATE"),
    ] = None,
    least: Annotated[
        float | None,
        option("--least", "Each measured side must reach this, 0 to 1.", "各项得分下限，0 至 1。", metavar="SHARE"),
    ] = None,
    plot: Annotated[
        Path | None, option("--plot", "Draw the scores, .svg or .png.", "绘制得分图（.svg 或 .png）。", metavar="FILE")
    ] = None,
    force: Force = False,
    at: AsAtTime = None,
) -> ExitCode:
    """Measure one file of records."""
    from egov_sdk.exchange.catalog.quality import assess
    from egov_sdk.exchange.catalog.records import read_elements, read_records

    _check(plot, least, force=force)
    entry, described = _entry(database, code), read_elements(_read(elements))
    report = assess(
        followed(read_records(_read(records), described)),
        described,
        at=time_or_now(at),
        subject="" if entry is not None else records.name,
        entry=entry,
        updated_on=_day(updated),
        key=tuple(key or ()),
    )
    if plot is not None:
        png = plot.suffix.lower() == ".png"
        write_result(plot, report.to_png(voice.lang) if png else report.to_svg(voice.lang).encode(), force=force)
    low = [side for side, score in report.scores.items() if score is not None and score < (least or 0)]
    if voice.as_json:
        voice.document({**report.to_dict(voice.lang), "below": [side.value for side in low]})
    else:
        _show(voice, report, low)
    if entry is None or updated is None:
        voice.note(_NEEDS)
    return ExitCode.REJECTED if low else ExitCode.DONE


def _check(plot: Path | None, least: float | None, *, force: bool) -> None:
    if least is not None and not 0 <= least <= 1:
        raise UsageError(Text("--least is between 0 and 1", "--least 须在 0 至 1 之间"))
    if plot is None:
        return
    check_ending(plot, (".svg", ".png"))
    refuse_existing(plot, force=force)


def _read(path: Path) -> bytes:
    from egov_sdk.exchange.catalog.limits import DEFAULT_CATALOG_LIMITS

    return read_file(path, max_bytes=DEFAULT_CATALOG_LIMITS.file_bytes)


def _entry(database: str | None, code: str | None) -> CatalogEntry | None:
    if (database is None) != (code is None):
        raise UsageError(Text("--database and --code go together", "--database 与 --code 须同时给出"))
    if database is None or code is None:
        return None
    catalog = open_catalog(database)
    try:
        return catalog.get(code).entry
    finally:
        catalog.store.close()


def _day(text: str | None) -> date | None:
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError:
        raise UsageError(
            Text(f"{text!r} is not a day", f"“{text}”不是日期"), hint=Text("write it as 2026-03-01", "写作 2026-03-01")
        ) from None


def _show(voice: Voice, report: QualityReport, low: Sequence[Dimension]) -> None:
    from egov_sdk.exchange.catalog.quality import DIMENSION_TITLES, MOST_FINDINGS, percent

    voice.line(voice.say(_RECORDS).format(count=report.records, subject=report.subject), style="bold")
    unmeasured = voice.say(_UNMEASURED)
    for side, score in report.scores.items():
        mark = voice.say(_BELOW) if side in low else ""
        words = f"  {voice.say(DIMENSION_TITLES[side])}  {percent(score) or unmeasured}{mark}"
        voice.line(words, style="red" if mark else "")
    rows = [tuple(voice.say(one) for one in _HEADS)]
    for one in report.measures:
        counts = (str(one.checked), str(one.checked - one.passed)) if one.checked else (unmeasured, "")
        rows.append((voice.say(one.title), *counts, ", ".join(one.examples)))
    voice.table(rows)
    if report.findings:
        voice.line(voice.say(_SOME).format(most=MOST_FINDINGS))
    for found in report.findings:
        voice.line(f"  {found.in_(voice.lang)}")
