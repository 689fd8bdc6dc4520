"""The import sheet both ways (目录导入表): Excel and CSV, with every wrong cell named by its row and column."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Final, Literal

from egov_sdk.errors import LimitExceeded, ParseError
from egov_sdk.exchange.catalog.codes import is_resource_code
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
from egov_sdk.sheets import Sheet, SheetLimits, SheetOptions, SheetRow, open_csv, open_workbook, sheet_bytes
from egov_sdk.sheets.cells import column_letters, serial_day
from egov_sdk.sheets.problems import Mark
from egov_sdk.sheets.rows import MergedCells

__all__ = ["cell_problem", "read_csv", "read_workbook", "write_csv", "write_workbook"]

_HEADER_WITHIN: Final = 20  # rows; titles and explanations stand above it
_FEW: Final = 3  # headings that must be met for a row to be the header
_NAME, _CODE = "name", "code"
_DATE_DIGITS: Final = 8  # 20260105 is no serial
_DATES: Final = frozenset({"published_on"})
_EITHER: Final = "sharing.condition_or_basis"
_SHEET_TITLE: Final = "信息资源目录"
_OPTIONS: Final = SheetOptions(delimiter=",", guarded_is_text=True, refuse_active=True)
#: What is wrong with cells, in our words; merged ones are told once for each range.
_WORDS: Final[dict[Mark, str]] = {
    "cell_formula": "catalog.sheet.formula",
    "cell_error": "catalog.sheet.error_value",
    "cell_rounded": "catalog.sheet.rounded",
}


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
        sheet: the name of the sheet; otherwise the first with the headings. Hidden ones are not looked at.
    Raises:
        ParseError: no workbook, no such sheet, headings missing or in another order, macros or links in it.
        LimitExceeded: it inflates to too much, or has too many rows or cells.
        MissingExtra: openpyxl is not installed.
    """
    opened = open_workbook(data, options=_OPTIONS, limits=_limits(limits))
    tables = tuple(table for table in opened if table.is_visible)
    if sheet is not None:
        named = tuple(table for table in tables if table.title == sheet)
        if not named:
            names = "、".join(table.title for table in tables)
            raise unreadable("catalog.workbook.sheet", found=sheet, expected=names)
        tables = named
    for table in tables:
        if (header := _header_row(table)) is not None:
            reading = Reading(limits=limits, profile=profile, provider=provider)
            return _SheetReader(table, header, reading).read(table.merged)
    raise _no_header()


def _limits(limits: CatalogLimits) -> SheetLimits:
    return replace(limits.sheets, file_bytes=limits.file_bytes)


def _no_header() -> ParseError:
    return unreadable("catalog.sheet.header_missing", expected=NATIONAL.columns[0].heading)


def read_csv(
    data: bytes,
    *,
    provider: Provider | None = None,
    profile: CodeProfile | None = None,
    limits: CatalogLimits = DEFAULT_CATALOG_LIMITS,
) -> CatalogFile:
    """Read an import sheet from CSV in UTF-8, with or without a byte order mark, UTF-16 with one, or GB18030.

    Raises:
        ParseError: another encoding, not CSV, headings missing or in another order.
        LimitExceeded: too large, or too many rows or cells.
    """
    table = open_csv(data, options=_OPTIONS, limits=_limits(limits))
    header = _header_row(table)
    if header is None:
        raise _no_header()
    return _SheetReader(table, header, Reading(limits=limits, profile=profile, provider=provider)).read()


def cell_problem(text: str, mark: Mark | None) -> str:
    """Why a cell holds no value, a key of PROBLEMS; empty where it does. Descriptions may well begin with a dash."""
    if mark is None or (mark == "cell_formula" and not text.startswith("=")):
        return ""
    return _WORDS.get(mark, "")


def _header_row(table: Sheet) -> SheetRow | None:
    """The row with the headings."""
    known = {_heading(column.heading) for profile in SHEETS.values() for column in profile.columns}
    for row in islice(table.rows(), _HEADER_WITHIN):
        if sum(_heading(text) in known for text in row.cells) >= _FEW:
            return row
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
    is_wrong: bool = False  # a cell of it cannot be read, or says otherwise: what is left may say more than was meant

    def continues(self, values: Mapping[str, str]) -> bool:
        """Whether the next row speaks of the same resource: by its code, or by its name where a code is not one."""
        code, name, before = values.get(_CODE, ""), values.get(_NAME, ""), self.texts.get(_CODE, "")
        if code and code == before:
            return True
        if not code:
            return not name or name == self.texts.get(_NAME)
        return (
            bool(name) and name == self.texts.get(_NAME) and not (is_resource_code(code) and is_resource_code(before))
        )


class _SheetReader:
    """One sheet on its way to entries."""

    def __init__(self, table: Sheet, header: SheetRow, reading: Reading) -> None:
        self.table, self.header, self.reading = table, header, reading
        self.profile = _choose(header)
        self.current: _Gathered | None = None
        self.entries: list[CatalogEntry] = []
        self.locators: list[Callable[[str], Place]] = []
        self.letters = {
            column.field: (column_letters(index), column.heading) for index, column in enumerate(self.profile.columns)
        }

    def read(self, merged: Sequence[MergedCells] = ()) -> CatalogFile:
        self._tell_merged(merged)
        for row in self.table.rows():
            if row.number <= self.header.number:
                continue
            self._row(row)
            if self.reading.is_full:
                break
        self._finish()
        notes = (self.profile.note,) if self.profile.assumed else ()
        return CatalogFile(tuple(self.entries), tuple(self.reading.findings), tuple(self.locators), notes)

    def _tell_merged(self, merged: Sequence[MergedCells]) -> None:
        for top, bottom, left, right in merged:
            if bottom > self.header.number and not self.reading.is_full:
                columns = self.profile.columns
                heading = columns[left].heading if left < len(columns) else ""
                first, last = column_letters(left), column_letters(right)
                where = Place(row=top, column=first, name=heading)
                self.reading.tell("catalog.sheet.merged", "", where, found=f"{first}{top}:{last}{bottom}")

    def _row(self, row: SheetRow) -> None:
        before = len(self.reading.findings)
        values = self._values(row)
        is_wrong = len(self.reading.findings) > before
        if not values:
            if is_wrong and self.current is not None:
                self.current.is_wrong = True
            return
        now = self.current
        if now is None or not now.continues(values):
            self._finish()
            if len(self.entries) >= self.reading.limits.entries:
                raise LimitExceeded("entries", allowed=self.reading.limits.entries, found="more")
            now = self.current = _Gathered(row.number)
        now.is_wrong |= is_wrong
        self._gather(now, values, row.number)

    def _values(self, row: SheetRow) -> dict[str, str]:
        """The texts of a row by field; what cannot be read is told."""
        values: dict[str, str] = {}
        columns = self.profile.columns
        wrong = dict(row.marks)
        for index, text in enumerate(row.cells):
            if not text:
                continue
            if index >= len(columns):
                where = Place(row=row.number, column=column_letters(index))
                self.reading.tell("catalog.sheet.extra", "", where, found=text)
                continue
            column = columns[index]
            problem, facts = self._problem(text, wrong.get(index), column)
            if problem:
                where = Place(row=row.number, column=column_letters(index), name=column.heading)
                self.reading.tell(problem, column.field, where, found=text, **facts)
            else:
                values[column.field] = text.strip()
        return values

    def _problem(self, text: str, mark: Mark | None, column: Column) -> tuple[str, dict[str, object]]:
        """What is wrong with the cell as such."""
        if "\0" in text:
            raise unreadable("catalog.characters", found="U+0000")
        if told := cell_problem(text, mark):
            return told, {}
        if column.field in _DATES and len(text) != _DATE_DIGITS:
            day = serial_day(text, from_1904=self.table.from_1904, with_time=True)
            if day is not None:
                return "catalog.sheet.date_serial", {"expected": day}
        return "", {}

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
                no_code = name == _CODE and not is_resource_code(text)
                problem = "catalog.value.code" if no_code else "catalog.sheet.disagrees"
                self.reading.tell(problem, name, self._place(name, number), **facts)
                now.is_wrong = True

    def _finish(self) -> None:
        now, self.current = self.current, None
        if now is None:
            return
        raw = self._raw(now)
        entry = self.reading.entry(raw)
        if entry is not None and not now.is_wrong:
            self.entries.append(entry)
            self.locators.append(raw.where)

    def _raw(self, now: _Gathered) -> RawEntry:
        texts = dict(now.texts)
        levels = [texts.pop(f"category.{level}", "") for level in range(CATEGORY_LEVELS)]
        lists = {name: split_list(texts.pop(name), links=name == "links") for name in LISTS if name in texts}
        lists["category"] = [level for level in levels if level]
        if gap := next((i for i in range(1, CATEGORY_LEVELS) if levels[i] and not levels[i - 1]), 0):
            name = f"category.{gap}"
            where = self._place(name, now.rows[name])
            self.reading.tell("catalog.rule.category_gap", "category", where, found=levels[gap])
            now.is_wrong = True
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


def _choose(header: SheetRow) -> SheetProfile:
    """The profile whose headings a row has, in their order.

    Raises:
        ParseError: catalog.sheet.header_order, catalog.sheet.header_twice: which cell is the first to differ.
    """
    found = [_heading(text) for text in header.cells]
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


def _refuse_header(header: SheetRow, columns: Sequence[Column], found: Sequence[str]) -> None:
    seen: set[str] = set()
    for index in range(max(len(found), len(columns))):
        text = found[index] if index < len(found) else ""
        expected = columns[index].heading if index < len(columns) else "（无）"
        place = Place(row=header.number, column=column_letters(index), name=text)
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
    return sheet_bytes(_written(entries, sheet), form="xlsx", title=_SHEET_TITLE)


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
    return sheet_bytes(_written(entries, sheet), form="csv", encoding=encoding)


def _written(entries: Iterable[CatalogEntry], sheet: SheetProfile) -> Iterator[list[str]]:
    yield [column.heading for column in sheet.columns]
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
