"""Excel workbooks through openpyxl, after their packing was looked over: nothing unpacks without bound."""

from __future__ import annotations

import re
import warnings
import zipfile
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Final, Self
from xml.parsers import expat

from egov_sdk.errors import EgovError, LimitExceeded, MissingExtra
from egov_sdk.license.legacy._xlsx_rows import Cell, CellReading, WorksheetRows
from egov_sdk.license.legacy.sheets import SheetOptions, SheetRow, Source
from egov_sdk.license.problems import unreadable

if TYPE_CHECKING:
    from openpyxl.workbook import Workbook

__all__ = ["XlsxSheet"]

_BLOCK: Final = 1 << 18
_OVERLAP: Final = 512
_ROW: Final = b"<row"
_MERGE_TAG: Final = b"mergeCell"
_MERGED: Final = re.compile(
    rb"""<(?:\w+:)?mergeCell\s[^>]{0,200}?ref\s*=\s*["']([A-Z]{1,3}\d{1,7}):([A-Z]{1,3}\d{1,7})["']"""
)
_PLACE: Final = re.compile(r"([A-Z]+)(\d+)")
_BINARY: Final = "xl/workbook.bin"
_WORKBOOK: Final = "xl/workbook.xml"

#: Rows and columns from and to, both included, columns from 0.
_Merged = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class XlsxSheet:
    """A worksheet whose workbook was looked over."""

    source: Source
    title: str
    part: str
    rows_at_most: int
    from_1904: bool
    merged: Sequence[_Merged]

    @classmethod
    def looked_over(cls, source: Source, options: SheetOptions) -> Self:
        """Unpack everything once without keeping it, then find the worksheet."""
        counts, merged = _look_over(source)
        with _open(source) as workbook:
            title = _choose(workbook, options.worksheet, source)
            part = str(getattr(workbook[title], "_worksheet_path", "")).lstrip("/")
            from_1904 = workbook.epoch.year == 1904
        if part not in counts:
            raise unreadable("sheet_damaged", where=source.name, found="no worksheet")
        return cls(source, title, part, counts[part], from_1904, merged[part])

    def rows(self) -> Iterator[SheetRow]:
        """As Sheet.rows."""
        merges = _Merges(self.merged, self.source.limits.columns)
        with _open(self.source) as workbook, self.source.open() as file, zipfile.ZipFile(file) as package:
            rows = WorksheetRows(_reading(workbook, self.title), limits=self.source.limits, where=self.source.name)
            with package.open(self.part) as part:
                for number, cells in rows.read(part):
                    read = _row(number, cells, merges.columns_in(number))
                    if read is not None:
                        yield read


def _reading(workbook: Workbook, title: str) -> CellReading:
    """What openpyxl has read beside the rows: shared texts, styles of days, the calendar."""
    from openpyxl.utils.datetime import from_excel

    strings = getattr(workbook[title], "_shared_strings", ())
    days = frozenset(getattr(workbook, "_date_formats", ()))
    spans = frozenset(getattr(workbook, "_timedelta_formats", ()))
    return CellReading(strings, days - spans, lambda value: from_excel(value, workbook.epoch))


class _Merges:
    """Which columns belong to merged cells, as one goes down the rows; columns are bits, so that many cost little."""

    def __init__(self, merged: Sequence[_Merged], columns: int) -> None:
        self._coming = deque(merged)
        self._open: list[_Merged] = []
        self._until = 0
        self._columns: tuple[int, ...] = ()
        self._most = columns

    def columns_in(self, row: int) -> tuple[int, ...]:
        """The columns of one row; rows are asked for from the top down."""
        if row < self._until or not (self._open or self._coming):
            return self._columns
        while self._coming and self._coming[0][0] <= row:
            self._open.append(self._coming.popleft())
        self._open = [each for each in self._open if each[1] >= row]
        changes = [last + 1 for _, last, _, _ in self._open] + [first for first, *_ in islice(self._coming, 1)]
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
        marks += tuple((place, "cell_merged") for place in merged)
    return SheetRow(number, texts, marks) if marks or any(texts) else None


@contextmanager
def _open(source: Source) -> Iterator[Workbook]:
    try:
        import openpyxl
    except ImportError as error:
        raise MissingExtra("catalog", needed_for="reading Excel workbooks") from error
    with source.open() as file:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                workbook = openpyxl.load_workbook(file, read_only=True, data_only=False, keep_links=False)
            except Exception as error:
                raise unreadable("sheet_damaged", where=source.name, found=type(error).__name__) from error
        try:
            yield workbook
        finally:
            workbook.close()


def _choose(workbook: Workbook, wanted: str, source: Source) -> str:
    visible = [sheet.title for sheet in workbook.worksheets if sheet.sheet_state == "visible"]
    if wanted and wanted in visible:
        return wanted
    if wanted or not visible:
        raise unreadable("sheet_missing", where=source.name, expected=wanted or "-", found=", ".join(visible) or "-")
    return visible[0]


def _look_over(source: Source) -> tuple[Mapping[str, int], Mapping[str, Sequence[_Merged]]]:
    """Unpack every part in pieces, counting; and gather what openpyxl tells only after the last row.

    Returns:
        How many rows each part has, and its merged ranges by their first row.
    """
    limits, counts, merged = source.limits, {}, {}
    try:
        with source.open() as file, zipfile.ZipFile(file) as package:
            entries = package.infolist()
            if len(entries) > limits.entries:
                raise LimitExceeded("entries", allowed=limits.entries, found=len(entries), where=source.name)
            names = {entry.filename for entry in entries}
            if _WORKBOOK not in names and _BINARY in names:
                raise unreadable("sheet_kind", where=source.name, found=_BINARY)
            if "[Content_Types].xml" not in names:
                raise unreadable("sheet_kind", where=source.name, found="a ZIP archive")
            total = 0
            for entry in entries:
                counts[entry.filename], merged[entry.filename], size = _look_into(package, entry, source)
                total += size
                if total > limits.total_bytes:
                    raise LimitExceeded("total_bytes", allowed=limits.total_bytes, found="more", where=source.name)
    except EgovError:
        raise
    except Exception as error:
        raise unreadable("sheet_damaged", where=source.name, found=type(error).__name__) from error
    return counts, merged


def _look_into(package: zipfile.ZipFile, entry: zipfile.ZipInfo, source: Source) -> tuple[int, Sequence[_Merged], int]:
    limits, where = source.limits, f"{source.name}: {entry.filename[:80]}"
    most = limits.strings_bytes if entry.filename.lower().endswith("sharedstrings.xml") else limits.part_bytes
    xml = _XmlLook(where, limits.merged) if entry.filename.lower().endswith((".xml", ".rels", ".vml")) else None
    size = 0
    with package.open(entry) as part:
        while block := part.read(_BLOCK):
            size += len(block)
            if size > most:
                name = "part_bytes" if most == limits.part_bytes else "strings_bytes"
                raise LimitExceeded(name, allowed=most, found="more", where=where)
            if size > limits.ratio_from_bytes and size > limits.ratio * max(entry.compress_size, 1):
                raise LimitExceeded("ratio", allowed=limits.ratio, found="more", where=where)
            if xml is not None:
                xml.see(block)
    if xml is None:
        return 0, (), size
    if size:
        xml.end()
    return xml.rows, tuple(sorted(xml.merged)), size


class _XmlLook:
    """Looks through XML as it comes, keeping next to nothing: it is well-formed, UTF-8, and declares no entities."""

    def __init__(self, where: str, most: int) -> None:
        self._where, self._most = where, most
        self._tail = b""
        self.rows = 0
        self.merged: list[_Merged] = []
        self._parser = expat.ParserCreate("utf-8")
        self._parser.StartDoctypeDeclHandler = self._refuse

    def _refuse(self, *_: object) -> None:
        raise unreadable("sheet_entity", where=self._where)

    def see(self, block: bytes) -> None:
        self._parser.Parse(block, False)
        seen, start = self._tail + block, len(self._tail)
        # for progress only: three octets of the block before cannot hold a whole tag
        self.rows += seen.count(_ROW, max(start - len(_ROW) + 1, 0))
        if _MERGE_TAG in seen:
            # what ended in the tail was seen before
            self.merged += [_merged(*found.groups()) for found in _MERGED.finditer(seen) if found.end() > start]
        if len(self.merged) > self._most:
            raise LimitExceeded("merged", allowed=self._most, found="more", where=self._where)
        self._tail = seen[-_OVERLAP:]

    def end(self) -> None:
        self._parser.Parse(b"", True)


def _merged(start: bytes, end: bytes) -> _Merged:
    (left, first), (right, last) = _place(start.decode()), _place(end.decode())
    return first, last, left, right


def _place(text: str) -> tuple[int, int]:
    found = _PLACE.fullmatch(text)
    assert found is not None
    column = 0
    for char in found[1]:
        column = column * 26 + ord(char) - 64
    return column - 1, int(found[2])
