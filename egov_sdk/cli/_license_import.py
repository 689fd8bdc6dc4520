"""``egov license import`` and ``complete``: old licences, many at once."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

from egov_sdk.cli import _groups as groups
from egov_sdk.cli._command import argument, command, option
from egov_sdk.cli._inputs import check_jobs, now, refuse_existing
from egov_sdk.cli._license_inputs import authority, sheet_mapping, type_code_of
from egov_sdk.cli._license_office import Office, OfficeName, opened
from egov_sdk.cli._options import Force
from egov_sdk.cli._output import ExitCode, Voice, console, is_terminal
from egov_sdk.cli._problems import UsageError, as_known, file_problem, message_of, set_hint
from egov_sdk.errors import ParseError
from egov_sdk.report import Lang, Text

if TYPE_CHECKING:
    from egov_sdk.license.catalogue import LicenseType
    from egov_sdk.license.legacy import ImportBatch, Importer, ImportPlan
    from egov_sdk.license.legacy.completing import Completion
    from egov_sdk.license.legacy.ledger import Ledger
    from egov_sdk.license.legacy.rows import RowProblem


__all__ = ["complete", "import_"]

Progress = Callable[[int, int | None], object]

_SHOWN: Final = 20
_COUNTS: Final = Text(
    "{total} rows: {stored} stored, {failed} failed, {skipped} there already",
    "共 {total} 行：入库 {stored}，失败 {failed}，已存在 {skipped}",
)
_ROW: Final = Text("row {number}: {words}", "第 {number} 行：{words}")
_MORE: Final = Text("… and {more} more", "……另有 {more} 行")
_ERRORS: Final = Text(
    "{count} failed rows are in {out}: correct them there, and import that file",
    "{count} 个失败行已写入 {out}，更正后可直接导入该文件",
)
_NEXT_ERRORS: Final = Text(
    "next: the same command with --errors OUT writes the failed rows to a sheet that can be corrected and imported",
    "下一步：同一命令加 --errors 文件，可写出失败行，更正后再次导入",
)
_NEXT_COMPLETE: Final = Text(
    "next: egov license complete makes and seals their files", "下一步：egov license complete 为其制作并盖章"
)
_BROKEN_OFF: Final = Text("broken off; the same command goes on from here", "已中断；再次执行同一命令即从此处继续")
_SHEETS: Final = Text(
    "known sheets: --mapping epoint or zfsoft; --ignore-others leaves unknown columns out",
    "已知的表格：--mapping epoint 或 zfsoft；--ignore-others 可略过未知列",
)
_NOTHING_TO_DO: Final = Text("no imported licence waits for its file", "没有等待制作文件的存量证照")
_COMPLETED: Final = Text("{done} files made, {failed} failed", "已制作 {done} 个文件，失败 {failed}")


@contextmanager
def _progress() -> Iterator[Progress | None]:
    """Shows how far it has come, where somebody looks."""
    if not is_terminal(sys.stderr):
        yield None
        return
    from egov_sdk.cli._terminal import gauge

    with gauge(console=console(error=True)) as told:
        yield told


@command(
    groups.license_,
    "import",
    "Bring old licences in from a CSV or Excel sheet. Begun again, it goes on where it was.",
    "从 CSV 或 Excel 表导入存量证照；中断后再次执行即继续。",
)
def import_(
    voice: Voice,
    file: Annotated[Path, argument("FILE", "A sheet: CSV or Excel (.xlsx).", "数据表：CSV 或 Excel（.xlsx）。")],
    type_name: Annotated[
        list[str] | None,
        option(
            "--type",
            "A type that its rows may be of: code or name (may be repeated). All types of the office by default.",
            "行可属的证照类型：代码或名称（可重复），默认为登记库全部类型。",
            metavar="TYPE",
        ),
    ] = None,
    mapping: Annotated[
        str,
        option(
            "--mapping",
            "What its columns hold: general, zfsoft, epoint, or a TOML file.",
            "各列含义：general、zfsoft、epoint 或 TOML 文件。",
            metavar="NAME|FILE.toml",
        ),
    ] = "general",
    ignore_others: Annotated[
        bool, option("--ignore-others", "Leave columns out that nothing is known of.", "忽略未知的列。")
    ] = False,
    issuer: Annotated[
        list[str] | None,
        option(
            "--issuer",
            "Who issued them (may be repeated); the office by default.",
            "颁发机构：“信用代码=名称”（可重复），默认为本机构。",
            metavar="CODE=NAME",
        ),
    ] = None,
    errors: Annotated[
        Path | None,
        option(
            "--errors",
            "Write the failed rows to this sheet (.csv or .xlsx), to be corrected and imported.",
            "把失败行写入该表（.csv 或 .xlsx），更正后可再次导入。",
            metavar="OUT",
        ),
    ] = None,
    encoding: Annotated[
        str,
        option(
            "--encoding",
            "Of a CSV file: utf-8 or gb18030; looked at by default.",
            "CSV 编码：utf-8 或 gb18030，默认自动识别。",
        ),
    ] = "",
    worksheet: Annotated[
        str, option("--worksheet", "Of a workbook; the first by default.", "工作表名称，默认第一个。", metavar="NAME")
    ] = "",
    jobs: Annotated[
        int, option("--jobs", "In how many processes rows are checked.", "校验所用进程数。", metavar="N")
    ] = 1,
    force: Force = False,
    office: OfficeName = None,
) -> ExitCode:
    """Import a sheet."""
    from egov_sdk.license.legacy import Importer, ImportPlan, SheetOptions

    if errors is not None:
        refuse_existing(errors, force=force)
    check_jobs(jobs)
    if not file.is_file():
        raise UsageError(Text(f"there is no file {file}", f"没有文件 {file}"))
    columns = sheet_mapping(mapping, ignore_others=ignore_others)
    with opened(office) as there:
        types = there.register.types.published()
        codes = tuple(type_code_of(types, one) for one in type_name or ()) or tuple(one.code for one in types)
        if not codes:
            raise UsageError(
                Text("the office has no types yet", "该机构尚无证照类型"),
                hint=Text("egov license new-type brings them in", "可用 egov license new-type 引入"),
            )
        plan = ImportPlan(
            mapping=columns,
            type_codes=codes,
            issuers=tuple(authority(one, "--issuer") for one in issuer or ()),
            options=SheetOptions(encoding=encoding, worksheet=worksheet),
        )
        importer = Importer(there.register.imports, clock=now, jobs=jobs)
        try:
            with _progress() as progress:
                batch = importer.import_file(file, plan, progress=progress)
        except KeyboardInterrupt:
            voice.note(_BROKEN_OFF)
            return ExitCode.UNDECIDED
        except ParseError as error:
            if error.code.rpartition(".")[2] in ("header_missing", "header_unknown"):
                set_hint(error, _SHEETS)
            raise
        if errors is not None and batch.failed:
            _error_sheet(voice, file, errors, importer=importer, batch=batch, plan=plan, types=types)
        _tell_import(voice, importer, batch, errors=errors)
    return ExitCode.REJECTED if batch.failed else ExitCode.DONE


def _error_sheet(
    voice: Voice,
    file: Path,
    out: Path,
    *,
    importer: Importer,
    batch: ImportBatch,
    plan: ImportPlan,
    types: Sequence[LicenseType],
) -> None:
    from egov_sdk.license.legacy import write_error_sheet

    chosen = [one for one in types if one.code in plan.type_codes]
    try:
        write_error_sheet(file, out, ledger=importer.ledger, batch=batch.id, plan=plan, types=chosen, lang=voice.lang)
    except OSError as error:
        file_problem(out, error)


def _tell_import(voice: Voice, importer: Importer, batch: ImportBatch, *, errors: Path | None) -> None:
    from itertools import islice

    from egov_sdk.license.legacy import RowState

    failed = list(islice(importer.ledger.rows(batch.id, RowState.FAILED), _SHOWN)) if batch.failed else []
    if voice.as_json:
        rows = [
            {"row": one.number, "problems": [_problem(each, voice.lang) for each in one.problems]} for one in failed
        ]
        out = str(errors) if errors is not None and batch.failed else None
        voice.document({"batch": batch.to_dict(), "failed_rows": rows, "errors": out})
        return
    for one in failed:
        words = "; ".join(_words_of(each, voice.lang) for each in one.problems)
        voice.line(voice.say(_ROW).format(number=one.number, words=words))
    if batch.failed > len(failed):
        voice.line(voice.say(_MORE).format(more=batch.failed - len(failed)))
    counts = {"total": batch.total, "stored": batch.stored, "failed": batch.failed, "skipped": batch.skipped}
    voice.line(voice.say(_COUNTS).format(**counts), style="red" if batch.failed else "green")
    if batch.failed:
        voice.note(_NEXT_ERRORS if errors is None else voice.say(_ERRORS).format(count=batch.failed, out=errors))
    if batch.stored:
        voice.note(_NEXT_COMPLETE)


def _problem(found: RowProblem, lang: Lang) -> dict[str, str]:
    from egov_sdk.sheets.cells import column_letters

    return {"column": column_letters(found.place) if found.place >= 0 else "", **found.finding.to_dict(lang)}


def _words_of(found: RowProblem, lang: Lang) -> str:
    """One problem in one line: column, item, words, code."""
    told = _problem(found, lang)
    place = " ".join(part for part in (told["column"], told["element"]) if part)
    return f"{place}: {told['message']} [{told['code']}]" if place else f"{told['message']} [{told['code']}]"


@command(
    groups.license_,
    "complete",
    "Make and seal the files of imported licences. Begun again, it goes on where it was.",
    "为导入的存量证照制作文件并盖章；中断后再次执行即继续。",
)
def complete(
    voice: Voice,
    batch: Annotated[
        list[str] | None,
        argument("BATCH...", "Ids of imports; all imports by default.", "导入批次编号，默认全部。"),
    ] = None,
    jobs: Annotated[int | None, option("--jobs", "In how many threads.", "线程数。", metavar="N")] = None,
    office: OfficeName = None,
) -> ExitCode:
    """Complete imported licences."""
    from egov_sdk.license.legacy.ledger import Ledger

    check_jobs(jobs)
    with opened(office) as there:
        ledger = Ledger(there.register.imports.store)
        ledger.prepare(at=now())
        wanted = batch or [one.id for one in ledger.batches() if one.stored]
        try:
            found = [(one, _completed(there, ledger, one, jobs)) for one in wanted]
        except KeyboardInterrupt:
            voice.note(_BROKEN_OFF)
            return ExitCode.UNDECIDED
    return _tell_completed(voice, found)


def _completed(there: Office, ledger: Ledger, batch: str, jobs: int | None) -> Completion:
    from egov_sdk.license.legacy import complete_imported

    with _progress() as progress:
        return complete_imported(there.register.make_file, ledger=ledger, batch=batch, jobs=jobs, progress=progress)


def _tell_completed(voice: Voice, found: Sequence[tuple[str, Completion]]) -> ExitCode:
    done, failed = sum(one.completed for _, one in found), sum(one.failed for _, one in found)
    failures = [(batch, each) for batch, one in found for each in one.failures]
    if voice.as_json:
        rows = [
            {"batch": batch, "row": each.number, "identifier": each.identifier, "error": as_known(each.error).to_dict()}
            for batch, each in failures
        ]
        voice.document({"completed": done, "failed": failed, "failures": rows})
    elif not done and not failed:
        voice.line(_NOTHING_TO_DO)
    else:
        for _, each in failures[:_SHOWN]:
            error = as_known(each.error)
            words = f"{message_of(error, voice.lang)} [{error.code}]"
            voice.line(voice.say(_ROW).format(number=each.number, words=words))
        if len(failures) > _SHOWN:
            voice.line(voice.say(_MORE).format(more=failed - _SHOWN))
        voice.line(voice.say(_COMPLETED).format(done=done, failed=failed), style="red" if failed else "green")
    return ExitCode.REJECTED if failed else ExitCode.DONE
