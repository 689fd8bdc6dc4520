"""Workbooks of strangers: the archive is measured before anything acts on it, then openpyxl reads row by row."""

from __future__ import annotations

import io
import re
import warnings
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from egov_sdk.errors import LimitExceeded, MissingExtra, ParseError
from egov_sdk.exchange.catalog._cells import Cell, Row, Table, guarded, plain
from egov_sdk.exchange.catalog._xml import check_head
from egov_sdk.exchange.catalog.limits import CatalogLimits
from egov_sdk.exchange.catalog.problems import unreadable

if TYPE_CHECKING:
    from openpyxl.cell.read_only import ReadOnlyCell

__all__ = ["read_tables", "write_table"]

_CHUNK: Final = 1 << 20
_ACTIVE: Final = re.compile(
    r"xl/(vbaProject\.bin|externalLinks/|embeddings/|activeX/|ctrlProps/|macrosheets/|dialogsheets/|connections\.xml)",
    re.IGNORECASE,
)
_CELL: Final = re.compile(rb"<(?:\w+:)?c[ >/]")
_ROW: Final = re.compile(rb"<(?:\w+:)?row\s[^>]{0,200}?\br=[\"']([0-9]{1,9})[\"']")
_MERGED: Final = re.compile(
    rb"<(?:\w+:)?mergeCell\s[^>]{0,200}?ref=[\"']([A-Z]{1,3})([0-9]{1,7}):([A-Z]{1,3})([0-9]{1,7})[\"']"
)
_SHEET: Final = re.compile(r"/?xl/worksheets/[^/]+\.xml", re.IGNORECASE)
_ENCRYPTED: Final = 0x1
_Merged = tuple[int, int, int, str]


def read_tables(data: bytes, *, limits: CatalogLimits) -> tuple[Table, ...]:
    """The sheets of a workbook.

    Raises:
        ParseError: no workbook, damaged, or it holds macros, links or objects.
        LimitExceeded: it inflates to too much, or holds too many rows or cells.
        MissingExtra: openpyxl is not installed.
    """
    if len(data) > limits.file_bytes:
        raise LimitExceeded("file_bytes", allowed=limits.file_bytes, found=len(data))
    merged = _measure(data, limits)
    try:
        from openpyxl import load_workbook
    except ModuleNotFoundError:
        raise MissingExtra("catalog", needed_for="reading and writing workbooks") from None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl warns of styles and of dates out of range
        try:
            book = load_workbook(io.BytesIO(data), read_only=True, data_only=False, keep_links=False)
            try:
                return tuple(
                    Table(str(sheet.title), tuple(_rows(sheet, limits)), merged.get(_part(sheet), ()))
                    for sheet in book.worksheets
                )
            finally:
                book.close()
        except (ParseError, LimitExceeded):
            raise
        except Exception as exc:
            raise unreadable("catalog.workbook.malformed", found=type(exc).__name__) from exc


def _part(sheet: object) -> str:
    return str(getattr(sheet, "_worksheet_path", "")).lstrip("/")


def _rows(sheet: object, limits: CatalogLimits) -> Iterator[Row]:
    sheet.reset_dimensions()  # type: ignore[attr-defined]  # what a sheet says of its own size is not believed
    for number, cells in enumerate(sheet.iter_rows(max_col=limits.columns), 1):  # type: ignore[attr-defined]
        if number > limits.rows:
            raise LimitExceeded("rows", allowed=limits.rows, found="more", where=str(getattr(sheet, "title", "")))
        made = [_cell(cell) for cell in cells]
        while made and made[-1] == _EMPTY:
            made.pop()
        if made:
            yield Row(number, made)


_EMPTY: Final = Cell("")


def _cell(cell: ReadOnlyCell) -> Cell:
    value = cell.value
    if value is None:
        return _EMPTY
    if cell.data_type == "f":
        text = value if isinstance(value, str) else f"={getattr(value, 'text', None) or '…'}"
        return Cell(text, "catalog.sheet.formula")
    if cell.data_type == "e":
        return Cell(str(value), "catalog.sheet.error_value")
    text = plain(value)
    if not isinstance(value, str):
        return Cell(text, is_number=isinstance(value, (int, float)) and not isinstance(value, bool))
    return Cell(text) if text else _EMPTY


def _measure(data: bytes, limits: CatalogLimits) -> dict[str, tuple[_Merged, ...]]:
    """Inflate every part once, counting; the merged ranges of each sheet."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            if len(entries) > limits.workbook_entries:
                allowed = limits.workbook_entries
                raise LimitExceeded("workbook_entries", allowed=allowed, found=len(entries))
            if len({entry.filename.lower() for entry in entries}) != len(entries):
                raise unreadable("catalog.workbook.malformed", found="two parts of one name")
            return _measured(archive, entries, limits)
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError, zlib.error, ValueError, RuntimeError) as exc:
        raise unreadable("catalog.workbook.malformed", found=type(exc).__name__) from exc


def _measured(
    archive: zipfile.ZipFile, entries: Sequence[zipfile.ZipInfo], limits: CatalogLimits
) -> dict[str, tuple[_Merged, ...]]:
    total = cells = 0
    merged: dict[str, tuple[_Merged, ...]] = {}
    for entry in entries:
        if _ACTIVE.match(entry.filename):
            raise unreadable("catalog.workbook.active", found=entry.filename)
        if entry.flag_bits & _ENCRYPTED:
            raise unreadable("catalog.workbook.malformed", found="an encrypted part")
        content = _inflated(archive, entry, limits, allowed=limits.workbook_bytes - total)
        total += len(content)
        if entry.filename.lower().endswith((".xml", ".rels", ".vml")):
            check_head(content)
        if _SHEET.fullmatch(entry.filename):
            cells += sum(1 for _ in _CELL.finditer(content))
            if cells > limits.cells:
                raise LimitExceeded("cells", allowed=limits.cells, found="more", where=entry.filename)
            # openpyxl makes up the rows between: a number far down costs as much as the rows would
            last = max((int(match[1]) for match in _ROW.finditer(content)), default=0)
            if last > limits.rows:
                raise LimitExceeded("rows", allowed=limits.rows, found=last, where=entry.filename)
            merged[entry.filename.lstrip("/")] = _merged(content, limits)
    return merged


def _inflated(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, limits: CatalogLimits, *, allowed: int) -> bytes:
    parts, size = [], 0
    with archive.open(entry) as file:
        while piece := file.read(_CHUNK):
            size += len(piece)
            if size > allowed:
                raise LimitExceeded("workbook_bytes", allowed=limits.workbook_bytes, found="more", where=entry.filename)
            if size > limits.ratio_from_bytes and size > limits.workbook_ratio * max(entry.compress_size, 1):
                where, found = entry.filename, f"{size} of {entry.compress_size} bytes"
                raise LimitExceeded("workbook_ratio", allowed=limits.workbook_ratio, found=found, where=where)
            parts.append(piece)
    return b"".join(parts)


def _merged(content: bytes, limits: CatalogLimits) -> tuple[_Merged, ...]:
    found = []
    for match in _MERGED.finditer(content):
        left, top, right, bottom = (part.decode() for part in match.groups())
        found.append((int(top), _index(left), int(bottom), f"{left}{top}:{right}{bottom}"))
        if len(found) >= limits.findings:
            break
    return tuple(found)


def _index(letters: str) -> int:
    index = 0
    for letter in letters:
        index = index * 26 + ord(letter) - ord("A") + 1
    return index - 1


_MODIFIED: Final = re.compile(rb"(<dcterms:(created|modified)[^>]*>)[^<]*")
_FIXED_DATE: Final = (1980, 1, 1, 0, 0, 0)


def write_table(headings: Sequence[str], rows: Iterator[Sequence[str]], *, title: str) -> bytes:
    """A workbook of one sheet, all of whose cells are text; the same rows make the same bytes.

    Raises:
        MissingExtra: openpyxl is not installed.
    """
    try:
        from openpyxl import Workbook
        from openpyxl.cell import WriteOnlyCell
        from openpyxl.styles import Font
    except ModuleNotFoundError:
        raise MissingExtra("catalog", needed_for="reading and writing workbooks") from None
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title)
    bold = Font(bold=True)
    for number, row in enumerate([headings, *rows]):
        cells = []
        for text in row:
            cell = WriteOnlyCell(sheet, value=None)
            if text:
                cell.value = text
                cell.data_type = "s"  # never a formula, whatever it begins with
                cell.quotePrefix = guarded(text) != text  # nor when somebody edits it
            if not number:
                cell.font = bold
            cells.append(cell)
        sheet.append(cells)
    written = io.BytesIO()
    book.save(written)
    return _settled(written.getvalue())


def _settled(data: bytes) -> bytes:
    """The workbook without the time at which it was written."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in sorted(old.infolist(), key=lambda one: one.filename):
            content = old.read(entry)
            if entry.filename == "docProps/core.xml":
                content = _MODIFIED.sub(rb"\g<1>2000-01-01T00:00:00Z", content)
            fixed = zipfile.ZipInfo(entry.filename, _FIXED_DATE)
            fixed.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(fixed, content)
    return made.getvalue()
