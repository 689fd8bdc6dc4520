"""The sheet of errors (错误表): the rows that failed, with what is wrong in front, to be corrected and fed back."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from egov_sdk.crypto.hashes import sm3_file
from egov_sdk.license.catalogue import LicenseType
from egov_sdk.license.legacy.importing import ImportPlan
from egov_sdk.license.legacy.ledger import ImportedRow, Ledger, RowState
from egov_sdk.license.legacy.mapping import PROBLEM_COLUMNS, find_header
from egov_sdk.license.problems import refuse
from egov_sdk.report import Lang
from egov_sdk.sheets import open_sheet, write_sheet
from egov_sdk.sheets.cells import column_letters

__all__ = ["write_error_sheet"]


def write_error_sheet(
    path: Path,
    out: Path,
    *,
    ledger: Ledger,
    batch: str,
    plan: ImportPlan,
    types: Sequence[LicenseType],
    lang: Lang = "zh",
) -> int:
    """Write the failed rows of an import, from its file; how many there are.

    Without its first four columns, or with them, the corrected sheet can be imported as it is.

    Args:
        path: The file that was imported; its digest says whether it still is that one.
        out: ``.xlsx`` for a workbook, anything else for CSV.
    Raises:
        LicenseRejected: batch_unknown; batch_file: it is another file.
    """
    if ledger.batch(batch).file_digest != sm3_file(path).hex():
        raise refuse("batch_file", found=batch)
    sheet = open_sheet(path, options=plan.options, limits=plan.limits)
    header, columns = find_header(sheet, plan.mapping, types, where=path.name)
    # what an earlier error sheet had in front is not carried along
    ours = {column.place for column in columns if column.header in PROBLEM_COLUMNS}
    failed = ledger.rows(batch, RowState.FAILED)
    count = 0
    row = next(failed, None)
    with write_sheet(out) as writer:
        writer.row([*PROBLEM_COLUMNS, *_without(header.cells, ours)])
        for read in sheet.rows():
            if row is None:
                break
            if read.number == row.number:
                writer.row([*_problem_cells(row, lang), *_without(read.cells, ours)])
                count += 1
                row = next(failed, None)
    return count


def _without(cells: Sequence[str], left_out: set[int]) -> list[str]:
    return [text for place, text in enumerate(cells) if place not in left_out]


def _problem_cells(row: ImportedRow, lang: Lang) -> list[str]:
    places = dict.fromkeys(column_letters(one.place) for one in row.problems if one.place >= 0)
    codes = dict.fromkeys(one.finding.code for one in row.problems)
    words = "；".join(one.finding.text.in_(lang) if one.finding.element else one.finding.message.in_(lang)
                     for one in row.problems)  # fmt: skip
    return [str(row.number), " ".join(places), " ".join(codes), words]
