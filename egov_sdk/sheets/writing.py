"""Tables that are written: no cell can become a formula, and a file is there whole or not at all."""

from __future__ import annotations

import csv
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from io import BytesIO, StringIO, TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final, Literal, Protocol

from egov_sdk.errors import MissingExtra
from egov_sdk.files import new_file
from egov_sdk.sheets.cells import guard_formula

if TYPE_CHECKING:
    from openpyxl.worksheet._write_only import WriteOnlyWorksheet

__all__ = ["RowWriter", "sheet_bytes", "write_sheet"]

#: What XML cannot hold: control characters as Excel escapes them, half characters as unknown ones.
_CONTROLS: Final = {code: f"_x{code:04X}_" for code in (*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF)}
_HALVES: Final = dict.fromkeys(range(0xD800, 0xE000), "\ufffd")
_CLEAN: Final = _CONTROLS | _HALVES
_CELL_CHARS: Final = 32_767
_MODIFIED: Final = re.compile(rb"(<dcterms:(created|modified)[^>]*>)[^<]*")
_FIXED_DATE: Final = (1980, 1, 1, 0, 0, 0)


class RowWriter(Protocol):
    """Takes rows of texts."""

    def row(self, cells: Sequence[str]) -> None:
        """Write one row."""


@contextmanager
def write_sheet(path: Path, *, title: str = "Sheet1") -> Iterator[RowWriter]:
    """Write a sheet row by row: an Excel workbook where the name ends so, CSV otherwise (UTF-8 with a mark, for Excel).

    The file is there whole or not at all, in place of an older one, and only its owner can read it. In CSV, text that
    a program would take for a formula has an apostrophe before it, which reading takes away again; in a workbook every
    cell is text, cut where Excel takes no more.

    Raises:
        MissingExtra: a workbook is wanted, and openpyxl is not installed.
    """
    is_workbook = path.suffix.lower() == ".xlsx"
    with (
        new_file(path, replace=True, private=True) as file,
        _workbook(file, title) if is_workbook else _csv(file) as writer,
    ):
        yield writer


def sheet_bytes(
    rows: Iterable[Sequence[str]],
    *,
    form: Literal["xlsx", "csv"],
    title: str = "Sheet1",
    encoding: Literal["utf-8-sig", "gb18030"] = "utf-8-sig",
) -> bytes:
    """A sheet as bytes, guarded as those of ``write_sheet``; the same rows make the same bytes.

    Args:
        rows: The headings first; a workbook shows them in bold.
        encoding: Of CSV.
    Raises:
        ValueError: a text holds a character that the encoding has not, or more of them than a cell of a workbook.
        MissingExtra: a workbook is wanted, and openpyxl is not installed.
    """
    if form == "csv":
        text = StringIO(newline="")
        csv_writer = _CsvWriter(csv.writer(text))
        for row in rows:
            csv_writer.row(row)
        return text.getvalue().encode(encoding)
    made = BytesIO()
    with _workbook(made, title, strict=True) as writer:
        for row in rows:
            writer.row(row)
    return _settled(made)


@contextmanager
def _csv(file: BinaryIO) -> Iterator[RowWriter]:
    text = TextIOWrapper(file, encoding="utf-8-sig", errors="replace", newline="")
    yield _CsvWriter(csv.writer(text))
    text.detach()


class _Writes(Protocol):
    def writerow(self, row: Sequence[str], /) -> object: ...


class _CsvWriter:
    def __init__(self, writer: _Writes) -> None:
        self._writer = writer

    def row(self, cells: Sequence[str]) -> None:
        self._writer.writerow([guard_formula(text) for text in cells])


@contextmanager
def _workbook(target: BinaryIO, title: str, *, strict: bool = False) -> Iterator[RowWriter]:
    try:
        import openpyxl
    except ImportError as error:
        raise MissingExtra("sheets", needed_for="writing Excel workbooks") from error
    workbook = openpyxl.Workbook(write_only=True)
    try:
        yield _XlsxWriter(workbook.create_sheet(title), strict=strict)
    except BaseException:
        with suppress(Exception):  # openpyxl ends and removes its own files only when it saves
            workbook.save(BytesIO())
        raise
    workbook.save(target)


class _XlsxWriter:
    def __init__(self, sheet: WriteOnlyWorksheet, *, strict: bool) -> None:
        from openpyxl.cell import WriteOnlyCell
        from openpyxl.styles import Font

        self._sheet, self._cell, self._strict = sheet, WriteOnlyCell, strict
        self._bold: Font | None = Font(bold=True)

    def row(self, cells: Sequence[str]) -> None:
        made: list[object] = []
        for place, text in enumerate(cells, 1):
            if not text and place < len(cells):  # the last one tells how wide the row is
                made.append(None)
                continue
            cell = self._cell(self._sheet, self._fit(text.translate(_CLEAN)))
            cell.data_type = "s"  # whatever openpyxl took it for: a text stays a text
            if guard_formula(text) != text:
                cell.quotePrefix = True  # when somebody edits it too
            if self._bold is not None:
                cell.font = self._bold
            made.append(cell)
        self._bold = None
        self._sheet.append(made)

    def _fit(self, text: str) -> str:
        if len(text) <= _CELL_CHARS:
            return text
        if self._strict:
            raise ValueError(f"a cell of a workbook holds {_CELL_CHARS} characters, got {len(text)}")
        return text[: _CELL_CHARS - 1] + "…"


def _settled(data: BytesIO) -> bytes:
    """The workbook without the time at which it was written."""
    made = BytesIO()
    with zipfile.ZipFile(data) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in sorted(old.infolist(), key=lambda one: one.filename):
            content = old.read(entry)
            if entry.filename == "docProps/core.xml":
                content = _MODIFIED.sub(rb"\g<1>2000-01-01T00:00:00Z", content)
            fixed = zipfile.ZipInfo(entry.filename, _FIXED_DATE)
            fixed.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(fixed, content)
    return made.getvalue()
