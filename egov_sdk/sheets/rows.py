"""Rows of a sheet as they are handed on, and what is said about reading them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from egov_sdk.sheets.problems import Mark

__all__ = ["MergedCells", "SheetOptions", "SheetRow"]


class SheetRow(NamedTuple):
    """One row as text.

    Attributes:
        number: As programs for sheets count: the first row of the file is 1.
        cells: The text of each cell; days as yyyy-MM-dd.
        marks: Columns, from 0, with what is wrong with the cell itself.
    """

    number: int
    cells: tuple[str, ...]
    marks: tuple[tuple[int, Mark], ...] = ()


class MergedCells(NamedTuple):
    """A range that is merged, both ends included: rows from 1, columns from 0."""

    first: int
    last: int
    left: int
    right: int


@dataclass(frozen=True, kw_only=True, slots=True)
class SheetOptions:
    """What a sheet does not say itself.

    Attributes:
        encoding: Of CSV: ``utf-8`` or ``gb18030``, which takes GBK and GB 2312 as well; empty to look.
        delimiter: Of CSV; empty to look.
        worksheet: Of a workbook; empty for the first that is visible.
        from_1904: Of CSV: days that are only numbers count from 1904, as in workbooks of old Macs.
        guarded_is_text: Of CSV: what ``guard_formula`` guarded is text; otherwise it is marked as the formula that it
            may have been.
        refuse_active: Of a workbook: one with macros, links or objects is refused; otherwise they are passed over.
    """

    encoding: str = ""
    delimiter: str = ""
    worksheet: str = ""
    from_1904: bool = False
    guarded_is_text: bool = False
    refuse_active: bool = False
