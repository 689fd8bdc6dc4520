"""Excel workbooks whose packing was looked over: openpyxl reads what is around the rows, the rows come as XML."""

from __future__ import annotations

import warnings
import zipfile
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from egov_sdk.errors import EgovError, MissingExtra
from egov_sdk.report import Text
from egov_sdk.sheets._packing import look_over
from egov_sdk.sheets._source import Source
from egov_sdk.sheets._xlsx_rows import Cell, CellReading, WorksheetRows
from egov_sdk.sheets.problems import unreadable
from egov_sdk.sheets.rows import MergedCells, SheetOptions, SheetRow

if TYPE_CHECKING:
    from openpyxl.workbook import Workbook

__all__ = ["worksheets"]


@dataclass(frozen=True, slots=True)
class XlsxSheet:
    """A worksheet whose workbook was looked over."""

    source: Source
    title: str
    is_visible: bool
    rows_at_most: int
    from_1904: bool
    merged: tuple[MergedCells, ...]
    _part: str
    _reading: CellReading

    def rows(self) -> Iterator[SheetRow]:
        """As Sheet.rows."""
        source = self.source
        merges = _Merges(self.merged, source.limits.columns)
        with source.open() as file, zipfile.ZipFile(file) as package, package.open(self._part) as part:
            for number, cells in WorksheetRows(self._reading, limits=source.limits, where=source.name).read(part):
                read = _row(number, cells, merges.columns_in(number))
                if read is not None:
                    yield read


def worksheets(source: Source, options: SheetOptions) -> tuple[XlsxSheet, ...]:
    """Unpack everything once without keeping it, then find the worksheets."""
    parts = look_over(source, refuse_active=options.refuse_active)
    found = []
    with _open(source) as workbook:
        from_1904 = workbook.epoch.year == 1904
        for sheet in workbook.worksheets:
            part = str(getattr(sheet, "_worksheet_path", "")).lstrip("/")
            if part not in parts:
                raise unreadable("damaged", where=source.name, found=Text("no worksheet", "没有工作表"))
            facts, reading = parts[part], _reading(workbook, sheet)
            visible = sheet.sheet_state == "visible"
            found.append(
                XlsxSheet(source, str(sheet.title), visible, facts.rows, from_1904, facts.merged, part, reading)
            )
    return tuple(found)


def _reading(workbook: Workbook, sheet: object) -> CellReading:
    """What openpyxl has read beside the rows: shared texts, styles of days, the calendar."""
    from openpyxl.utils.datetime import from_excel

    strings = getattr(sheet, "_shared_strings", ())
    days = frozenset(getattr(workbook, "_date_formats", ()))
    spans = frozenset(getattr(workbook, "_timedelta_formats", ()))
    epoch = workbook.epoch
    return CellReading(strings, days - spans, lambda value: from_excel(value, epoch))


class _Merges:
    """Which columns belong to merged cells, as one goes down the rows; columns are bits, so that many cost little."""

    def __init__(self, merged: Sequence[MergedCells], columns: int) -> None:
        self._coming = deque(merged)
        self._open: list[MergedCells] = []
        self._until = 0
        self._columns: tuple[int, ...] = ()
        self._most = columns

    def columns_in(self, row: int) -> tuple[int, ...]:
        """The columns of one row; rows are asked for from the top down."""
        if row < self._until or not (self._open or self._coming):
            return self._columns
        while self._coming and self._coming[0].first <= row:
            self._open.append(self._coming.popleft())
        self._open = [each for each in self._open if each.last >= row]
        changes = [each.last + 1 for each in self._open] + [each.first for each in islice(self._coming, 1)]
        self._until = min(changes, default=row + 1)
        bits = 0
        for _, _, left, right in self._open:
            bits |= (1 << min(right + 1, self._most)) - (1 << min(left, self._most))
        self._columns = tuple(place for place in range(bits.bit_length()) if bits >> place & 1)
        return self._columns


def _row(number: int, cells: Sequence[Cell], merged: Sequence[int]) -> SheetRow | None:
    texts = tuple([text for text, _ in cells])
    marks = tuple([(place, mark) for place, (_, mark) in enumerate(cells) if mark])
    if merged:
        marks += tuple([(place, "cell_merged") for place in merged])
    return SheetRow(number, texts, marks) if marks or any(texts) else None


@contextmanager
def _open(source: Source) -> Iterator[Workbook]:
    try:
        import openpyxl
    except ImportError as error:
        raise MissingExtra("sheets", needed_for="reading Excel workbooks") from error
    try:
        with source.open() as file, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of styles, and of dates out of range
            workbook = openpyxl.load_workbook(file, read_only=True, data_only=False, keep_links=False)
            try:
                yield workbook
            finally:
                workbook.close()
    except EgovError:
        raise
    except Exception as error:
        raise unreadable("damaged", where=source.name, found=type(error).__name__) from error
