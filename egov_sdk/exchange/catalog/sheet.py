"""The import sheet both ways (目录导入表): Excel and CSV, with every wrong cell named by its row and column."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from egov_sdk.errors import LimitExceeded
from egov_sdk.exchange.catalog._cells import Cell, Row, Table, column_letter, guarded, serial_date, unguarded
from egov_sdk.exchange.catalog.columns import NATIONAL, SHEETS, Column, SheetProfile
from egov_sdk.exchange.catalog.fields import LISTS, CatalogFile, RawEntry, RawItem, Reading, field_title, split_list
from egov_sdk.exchange.catalog.limits import DEFAULT_CATALOG_LIMITS, CatalogLimits
from egov_sdk.exchange.catalog.model import CATEGORY_LEVELS, CatalogEntry, InformationItem, Provider
from egov_sdk.exchange.catalog.problems import Place, unreadable
from egov_sdk.exchange.catalog.terms import (
    TITLES,
    CodeProfile,
    FormatClass,
    ItemType,
    ModeType,
    SharingMode,
    SharingType,
    UpdateCycle,
    read_term,
)

__all__ = ["read_csv", "read_workbook", "write_csv", "write_workbook"]

_HEADER_WITHIN: Final = 20  # rows; titles and explanations stand above it
_FEW: Final = 3  # headings that must be met for a row to be the header
_NAME, _CODE = "name", "code"
_DATES: Final = frozenset({"published_on"})
_EITHER: Final = "sharing.condition_or_basis"
_SHEET_TITLE: Final = "信息资源目录"
_BOMS: Final = ((b"\xff\xfe", "UTF-16"), (b"\xfe\xff", "UTF-16"))
_EMPTY: Final = Cell("")


def read_workbook(
    data: bytes,
    *,
    provider: Provider | None = None,
    profile: CodeProfile | None = None,
    sheet: str | None = None,
    limits: CatalogLimits = DEFAULT_CATALOG_LIMITS,
) -> CatalogFile:
    """Read an import sheet from a workbook (xlsx); which columns it has is told by its headings.

    Args:
        provider: who has the resources: the national sheet does not say.
        profile: lets terms stand as the codes of a platform too.
        sheet: the name of the sheet; otherwise the first with the headings.
    Raises:
        ParseError: no workbook, no such sheet, headings missing or in another order, macros or links in it.
        LimitExceeded: it inflates to too much, or has too many rows or cells.
        MissingExtra: openpyxl is not installed.
    """
    from egov_sdk.exchange.catalog._workbook import read_tables

    tables = read_tables(data, limits=limits)
    if sheet is not None:
        named = [table for table in tables if table.name == sheet]
        if not named:
            names = "、".join(table.name for table in tables)
            raise unreadable("catalog.workbook.sheet", found=sheet, expected=names)
        tables = tuple(named)
    likely = next((table for table in tables if _header_row(table) is not None), tables[0] if tables else _NO_TABLE)
    reading = Reading(limits=limits, profile=profile, provider=provider)
    return _SheetReader(likely, reading).read()


_NO_TABLE: Final = Table("", ())


def read_csv(
    data: bytes,
    *,
    provider: Provider | None = None,
    profile: CodeProfile | None = None,
    limits: CatalogLimits = DEFAULT_CATALOG_LIMITS,
) -> CatalogFile:
    """Read an import sheet from CSV in UTF-8, with or without a byte order mark, or in GB18030.

    Raises:
        ParseError: another encoding, not CSV, headings missing or in another order.
        LimitExceeded: too large, or too many rows or cells.
    """
    if len(data) > limits.file_bytes:
        raise LimitExceeded("file_bytes", allowed=limits.file_bytes, found=len(data))
    table = Table("CSV", tuple(_csv_rows(_decoded(data), limits)))
    return _SheetReader(table, Reading(limits=limits, profile=profile, provider=provider)).read()


def _decoded(data: bytes) -> str:
    for mark, name in _BOMS:
        if data.startswith(mark):
            raise unreadable("catalog.encoding", found=name, expected="UTF-8, GB18030")
    if b"\0" in data:
        raise unreadable("catalog.characters", found="U+0000")
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise unreadable("catalog.encoding", found="something else", expected="UTF-8, GB18030")


def _csv_rows(text: str, limits: CatalogLimits) -> Iterator[Row]:
    cells = 0
    try:
        for number, values in enumerate(csv.reader(io.StringIO(text, newline=""), strict=True), 1):
            cells += len(values)
            if number > limits.rows:
                raise LimitExceeded("rows", allowed=limits.rows, found="more")
            if cells > limits.cells:
                raise LimitExceeded("cells", allowed=limits.cells, found="more")
            if any(values):
                yield Row(number, [_csv_cell(value.strip()) for value in values])
    except csv.Error as exc:
        raise unreadable("catalog.csv.malformed", found=exc) from exc


def _csv_cell(text: str) -> Cell:
    if text.startswith("="):
        return Cell(text, "catalog.sheet.formula")
    return Cell(unguarded(text))


def _header_row(table: Table) -> int | None:
    """The place among the rows of the one with the headings."""
    known = {_heading(column.heading) for profile in SHEETS.values() for column in profile.columns}
    for place, row in enumerate(table.rows[:_HEADER_WITHIN]):
        if sum(_heading(cell.text) in known for cell in row.cells) >= _FEW:
            return place
    return None


def _heading(text: str) -> str:
    """A heading without what people put around it: blanks, line breaks, a star for what is required."""
    return "".join(text.split()).strip("*＊").replace("／", "/")


@dataclass(slots=True)
class _Gathered:
    """One resource as it is gathered from its rows."""

    number: int
    texts: dict[str, str] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)
    items: list[RawItem] = field(default_factory=list)


class _SheetReader:
    """One sheet on its way to entries."""

    def __init__(self, table: Table, reading: Reading) -> None:
        self.table, self.reading = table, reading
        self.profile: SheetProfile = NATIONAL
        self.current: _Gathered | None = None
        self.entries: list[CatalogEntry] = []
        self.locators: list[Callable[[str], Place]] = []
        self.letters: dict[str, tuple[str, str]] = {}

    def read(self) -> CatalogFile:
        place = _header_row(self.table)
        if place is None:
            raise unreadable("catalog.sheet.header_missing", expected=NATIONAL.columns[0].heading)
        header = self.table.rows[place]
        self.profile = _choose(header)
        self.letters = {
            column.field: (column_letter(index), column.heading) for index, column in enumerate(self.profile.columns)
        }
        self._tell_merged(header.number)
        for row in self.table.rows[place + 1 :]:
            self._row(row)
            if self.reading.is_full:
                break
        self._finish()
        notes = (self.profile.note,) if self.profile.assumed else ()
        return CatalogFile(tuple(self.entries), tuple(self.reading.findings), tuple(self.locators), notes)

    def _tell_merged(self, header: int) -> None:
        for top, left, bottom, name in self.table.merged:
            if bottom > header:
                columns = self.profile.columns
                heading = columns[left].heading if left < len(columns) else ""
                where = Place(row=top, column=column_letter(left), name=heading)
                self.reading.tell("catalog.sheet.merged", "", where, found=name)

    def _row(self, row: Row) -> None:
        values = self._values(row)
        if not values:
            return
        code, name = values.get(_CODE, ""), values.get(_NAME, "")
        now = self.current
        same = now is not None and (
            (bool(code) and code == now.texts.get(_CODE)) or (not code and (not name or name == now.texts.get(_NAME)))
        )
        if not same or now is None:
            self._finish()
            if len(self.entries) >= self.reading.limits.entries:
                raise LimitExceeded("entries", allowed=self.reading.limits.entries, found="more")
            now = self.current = _Gathered(row.number)
        self._gather(now, values, row.number)

    def _values(self, row: Row) -> dict[str, str]:
        """The texts of a row by field; what cannot be read is told."""
        values: dict[str, str] = {}
        columns = self.profile.columns
        for index, cell in enumerate(row.cells):
            if not cell.text:
                continue
            if index >= len(columns):
                where = Place(row=row.number, column=column_letter(index))
                self.reading.tell("catalog.sheet.extra", "", where, found=cell.text)
                continue
            column = columns[index]
            where = Place(row=row.number, column=column_letter(index), name=column.heading)
            if cell.problem:
                self.reading.tell(cell.problem, column.field, where, found=cell.text)
            elif column.field in _DATES and len(cell.text) != 8 and (day := serial_date(cell.text)) is not None:
                self.reading.tell("catalog.sheet.date_serial", column.field, where, found=cell.text, expected=day)
            else:
                values[column.field] = cell.text.strip()
        return values

    def _gather(self, now: _Gathered, values: dict[str, str], number: int) -> None:
        item = {name.removeprefix("items."): text for name, text in values.items() if name.startswith("items.")}
        if item:
            now.items.append(RawItem(item, lambda name: self._place(f"items.{name}", number)))
        for name, text in values.items():
            if name.startswith("items."):
                continue
            before = now.texts.setdefault(name, text)
            first = now.rows.setdefault(name, number)
            if before != text:
                facts = {"found": text, "expected": before, "first": first}
                self.reading.tell("catalog.sheet.disagrees", name, self._place(name, number), **facts)

    def _finish(self) -> None:
        now, self.current = self.current, None
        if now is None:
            return
        raw = self._raw(now)
        entry = self.reading.entry(raw)
        if entry is not None:
            self.entries.append(entry)
            self.locators.append(raw.where)

    def _raw(self, now: _Gathered) -> RawEntry:
        texts = dict(now.texts)
        levels = [texts.pop(f"category.{level}", "") for level in range(CATEGORY_LEVELS)]
        lists = {name: split_list(texts.pop(name)) for name in LISTS if name in texts}
        lists["category"] = [level for level in levels if level]
        if _EITHER in texts:
            kind = read_term(SharingType, texts.get("sharing.type", ""), profile=self.reading.profile)
            target = "sharing.basis" if kind is SharingType.REFUSED else "sharing.condition"
            texts[target] = texts.pop(_EITHER)
        return RawEntry(texts, lists, now.items, _RowPlace(self._place, now.number, now.rows))

    def _place(self, name: str, row: int) -> Place:
        if name == "category":
            name = "category.0"
        if name in ("sharing.condition", "sharing.basis") and name not in self.letters:
            name = _EITHER
        if name == "items":
            name = "items.name"
        if name not in self.letters:  # the sheet has no column for it
            return Place(path=field_title(name), row=row)
        letter, heading = self.letters[name]
        return Place(row=row, column=letter, name=heading)


class _RowPlace:
    """Where the fields of one resource stand: each in the first of its rows that has it."""

    __slots__ = ("place", "row", "rows")

    def __init__(self, place: Callable[[str, int], Place], row: int, rows: dict[str, int]) -> None:
        self.place, self.row, self.rows = place, row, rows

    def __call__(self, name: str) -> Place:
        return self.place(name, self.rows.get(name, self.row))


def _choose(header: Row) -> SheetProfile:
    """The profile whose headings a row has, in their order.

    Raises:
        ParseError: catalog.sheet.header_order, catalog.sheet.header_twice: which cell is the first to differ.
    """
    found = [_heading(cell.text) for cell in header.cells]
    while found and not found[-1]:
        found.pop()
    best, agrees = NATIONAL, -1
    for profile in SHEETS.values():
        expected = [_heading(column.heading) for column in profile.columns]
        if found == expected:
            return profile
        same = next((i for i, pair in enumerate(zip(found, expected, strict=False)) if pair[0] != pair[1]), len(found))
        if (same, -abs(len(expected) - len(found))) > (agrees, -abs(len(best.columns) - len(found))):
            best, agrees = profile, same
    _refuse_header(header, best.columns, found)
    raise AssertionError("a header that differs has a first difference")


def _refuse_header(header: Row, columns: Sequence[Column], found: Sequence[str]) -> None:
    seen: set[str] = set()
    for index in range(max(len(found), len(columns))):
        text = found[index] if index < len(found) else ""
        expected = columns[index].heading if index < len(columns) else "（无）"
        place = Place(row=header.number, column=column_letter(index), name=text)
        if text and text in seen:
            raise unreadable("catalog.sheet.header_twice", place=place, found=text)
        if text != _heading(expected):
            raise unreadable("catalog.sheet.header_order", place=place, found=text, expected=expected)
        seen.add(text)


def write_workbook(entries: Iterable[CatalogEntry], *, sheet: SheetProfile = NATIONAL) -> bytes:
    """Write an import sheet as a workbook, one row for each item of information; ``read_workbook`` reads it back.

    The national sheet has no columns for the provider, related resources, keywords, links and services; EXTENDED has.
    All cells are text, and none begins as a formula does.

    Raises:
        MissingExtra: openpyxl is not installed.
    """
    from egov_sdk.exchange.catalog._workbook import write_table

    return write_table([column.heading for column in sheet.columns], _written(entries, sheet), title=_SHEET_TITLE)


def write_csv(
    entries: Iterable[CatalogEntry],
    *,
    sheet: SheetProfile = NATIONAL,
    encoding: Literal["utf-8-sig", "gb18030"] = "utf-8-sig",
) -> bytes:
    """Write an import sheet as CSV; a cell that would begin a formula gets an apostrophe, which ``read_csv`` removes.

    Raises:
        ValueError: a text holds a character that the encoding has not.
    """
    made = io.StringIO(newline="")
    writer = csv.writer(made, lineterminator="\r\n")
    writer.writerow(column.heading for column in sheet.columns)
    writer.writerows([guarded(text) for text in row] for row in _written(entries, sheet))
    return made.getvalue().encode(encoding)


def _written(entries: Iterable[CatalogEntry], sheet: SheetProfile) -> Iterator[list[str]]:
    for entry in entries:
        for item in entry.items or (None,):
            yield [_column_text(entry, item, column) for column in sheet.columns]


def _column_text(entry: CatalogEntry, item: InformationItem | None, column: Column) -> str:
    first, _, second = column.field.partition(".")
    if column.of_item:
        return _text(getattr(item, second)) if item is not None else ""
    if first == "category":
        level = int(second)
        return entry.category[level] if level < len(entry.category) else ""
    if column.field == _EITHER:
        return entry.sharing.basis if entry.sharing.type is SharingType.REFUSED else entry.sharing.condition
    value = getattr(entry, first)
    return _text(getattr(value, second, None) if second else value)


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, tuple):
        return "、".join(value)
    return TITLES[value].zh if isinstance(value, _TERMS) else str(value)


_TERMS: Final = (FormatClass, ItemType, SharingType, SharingMode, ModeType, UpdateCycle)
