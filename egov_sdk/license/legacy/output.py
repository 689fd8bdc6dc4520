"""Sheets that are written: results and errors, in which no cell can become a formula."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from io import BytesIO
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING, Final, Protocol

from egov_sdk.errors import MissingExtra
from egov_sdk.license.legacy.cells import guard_formula

if TYPE_CHECKING:
    from openpyxl.worksheet._write_only import WriteOnlyWorksheet

__all__ = ["RowWriter", "write_sheet"]

#: What XML cannot hold: control characters as Excel escapes them, half characters as unknown ones.
_CONTROLS: Final = {code: f"_x{code:04X}_" for code in (*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF)}
_HALVES: Final = dict.fromkeys(range(0xD800, 0xE000), "\ufffd")
_CLEAN: Final = _CONTROLS | _HALVES


class RowWriter(Protocol):
    """Takes rows of texts."""

    def row(self, cells: Sequence[str]) -> None:
        """Write one row."""


@contextmanager
def write_sheet(path: Path, *, title: str = "Sheet1") -> Iterator[RowWriter]:
    """Write a sheet row by row: an Excel workbook where the name ends so, CSV otherwise (UTF-8 with a mark, for Excel).

    The file is there whole or not at all. In CSV, text that a program would take for a formula has an apostrophe
    before it, which reading takes away again; in a workbook every cell is text.

    Raises:
        MissingExtra: a workbook is wanted, and openpyxl is not installed.
    """
    kind = ".xlsx" if path.suffix.lower() == ".xlsx" else ".csv"
    with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", suffix=kind, delete=False) as made:
        place = Path(made.name)
    try:
        with _workbook(place, title) if kind == ".xlsx" else _csv(place) as writer:
            yield writer
        os.replace(place, path)
    except BaseException:
        place.unlink(missing_ok=True)
        raise


@contextmanager
def _csv(path: Path) -> Iterator[RowWriter]:
    with path.open("w", encoding="utf-8-sig", errors="replace", newline="") as file:
        yield _CsvWriter(csv.writer(file))
        file.flush()
        os.fsync(file.fileno())


class _Writes(Protocol):
    def writerow(self, row: Sequence[str], /) -> object: ...


class _CsvWriter:
    def __init__(self, writer: _Writes) -> None:
        self._writer = writer

    def row(self, cells: Sequence[str]) -> None:
        self._writer.writerow([guard_formula(text) for text in cells])


@contextmanager
def _workbook(path: Path, title: str) -> Iterator[RowWriter]:
    try:
        import openpyxl
    except ImportError as error:
        raise MissingExtra("catalog", needed_for="writing Excel workbooks") from error
    workbook = openpyxl.Workbook(write_only=True)
    try:
        yield _XlsxWriter(workbook.create_sheet(title))
    except BaseException:
        with suppress(Exception):  # openpyxl ends and removes its own files only when it saves
            workbook.save(BytesIO())
        raise
    workbook.save(path)


class _XlsxWriter:
    def __init__(self, sheet: WriteOnlyWorksheet) -> None:
        from openpyxl.cell import WriteOnlyCell

        self._sheet, self._cell = sheet, WriteOnlyCell

    def row(self, cells: Sequence[str]) -> None:
        made = []
        for text in cells:
            cell = self._cell(self._sheet, text.translate(_CLEAN))
            cell.data_type = "s"  # whatever openpyxl took it for: a text stays a text
            if text.startswith(("=", "+", "-", "@")):
                cell.quotePrefix = True
            made.append(cell)
        self._sheet.append(made)
