"""The rules for one row of old licences (逐行校验): everything that is wrong with it, cell by cell, or its metadata."""

from __future__ import annotations

import re
from base64 import b32encode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from egov_sdk.codes import normalize
from egov_sdk.codes.divisions import check_division_code
from egov_sdk.codes.holders import HOLDER_TYPES, HolderType, check_holder_code, suggest_holder_type
from egov_sdk.codes.masking import mask_number, mask_other
from egov_sdk.crypto import sm3
from egov_sdk.errors import InputError
from egov_sdk.license.catalogue import FieldKind, LicenseType
from egov_sdk.license.dates import ValidityRange, ValidityUnit, parse_date, parse_end
from egov_sdk.license.elements import ELEMENTS
from egov_sdk.license.findings import Finding, finding, of_code_check
from egov_sdk.license.identifier import LicenseIdentifier
from egov_sdk.license.legacy.mapping import Column, Holds
from egov_sdk.license.metadata import (
    HOLDER_SEPARATORS,
    Authority,
    LicenseHolder,
    LicenseMetadata,
    check_metadata,
    holder_separator,
    unfit_character,
)
from egov_sdk.sheets import SheetRow
from egov_sdk.sheets.cells import has_control, serial_day

__all__ = ["CheckedRow", "RowPlan", "RowProblem", "check_row", "check_rows"]

_SERIAL_NUMBER: Final = re.compile(r"[0-9A-Z]{1,32}")
_PHONE: Final = re.compile(r"\+?[0-9][0-9 \-]{2,30}")
#: Five digits are a day from 1927 to 2173; with fewer or more they may be a year, a month or a number.
_DAY_AS_NUMBER: Final = re.compile(r"[1-9][0-9]{4}(?:\.0+)?")
_SERIAL_CHARS: Final = 20
_SIDES: Final = {"自然人": True, "法人和其他组织": False, "法人": False, "混合": None, "个人": True}
_BY_NAME: Final = {one.name: one for one in HOLDER_TYPES.values()}
_CHOICES: Final = {Holds.LEVEL: ("A", "B", "C", "D"), Holds.NEEDED: ("需要", "不需要")}


@dataclass(frozen=True, slots=True)
class RowPlan:
    """All that the rules need to know of a sheet; it can be sent to other processes.

    Attributes:
        batch: The id of the import; serials are made from it and the number of the row.
        header: The cells of the header, which some sheets repeat.
        types: Those of this import, without their templates.
        issuers: The authorities of this import; the first where a row names none.
    """

    batch: str
    header: tuple[str, ...]
    columns: tuple[Column, ...]
    types: tuple[LicenseType, ...]
    issuers: tuple[Authority, ...]
    ranges: tuple[str, ...] = ()
    issued_as_valid: bool = False
    from_1904: bool = False


@dataclass(frozen=True, slots=True)
class RowProblem:
    """What is wrong with one cell, or with a row; ``place`` is the column from 0, -1 for the whole row."""

    place: int
    finding: Finding


@dataclass(frozen=True, slots=True)
class CheckedRow:
    """A row that was checked: the metadata of its licence, or every problem that it has."""

    number: int
    metadata: LicenseMetadata | None
    problems: tuple[RowProblem, ...] = ()


def check_rows(plan: RowPlan, rows: Sequence[SheetRow]) -> list[CheckedRow]:
    """Check some rows, each by itself; a function for worker processes."""
    places = _places(plan)
    return [_checked(_Reading(plan, places, row)) for row in rows]


def check_row(plan: RowPlan, row: SheetRow) -> CheckedRow:
    """Check one row by all rules; nothing outside the row is asked."""
    return _checked(_Reading(plan, _places(plan), row))


def _checked(reading: _Reading) -> CheckedRow:
    metadata = reading.metadata()
    if reading.problems:
        order = sorted(reading.problems, key=lambda one: one.place)
        return CheckedRow(reading.row.number, None, tuple(order))
    return CheckedRow(reading.row.number, metadata)


_Places = Mapping[Holds, tuple[Column, ...]]


def _places(plan: RowPlan) -> _Places:
    """The columns of each thing that a column may hold."""
    places: dict[Holds, tuple[Column, ...]] = {}
    for column in plan.columns:
        if column.holds is not None:
            places[column.holds] = (*places.get(column.holds, ()), column)
    return places


class _Reading:
    """One row while it is read; what is wrong gathers in ``problems``."""

    def __init__(self, plan: RowPlan, places: _Places, row: SheetRow) -> None:
        self._plan, self._at, self.row = plan, places, row
        self._cells = row.cells + ("",) * (len(plan.header) - len(row.cells))
        self.problems: list[RowProblem] = []

    def metadata(self) -> LicenseMetadata | None:
        """The licence that the row is about; None, or anything, where there are problems."""
        if self._is_header():
            self._row_problem("row_header")
            return None
        self._marks()
        type_ = self._type()
        issuer = self._issuer()
        holders = tuple(self._holders(type_))
        start, end = self._term()
        issued = self._day(Holds.ISSUED_ON, required=not self._plan.issued_as_valid)
        if issued is None and self._plan.issued_as_valid and not self._text(Holds.ISSUED_ON):
            issued = start
        self._order(issued, start, end)
        number = self._line(Holds.NUMBER, required=True)
        serial = self._serial()
        fields = self._fields(type_)
        area, item_name, item_code = self._area(), self._line(Holds.ITEM_NAME), self._line(Holds.ITEM_CODE)
        self._checked_only()
        if self.problems or type_ is None or issued is None or issuer is None:
            return None
        identifier = LicenseIdentifier.build(
            type_code=type_.code, issuer_code=issuer.code, serial=serial or self._made_serial(), version=1
        )
        made = LicenseMetadata(
            identifier=identifier, name=type_.face_name, type_name=type_.name, number=number, issuer=issuer,
            issued_on=issued, holders=holders, valid_from=start, valid_until=end, area_code=area,
            item_name=item_name, item_code=item_code, fields=fields,
        )  # fmt: skip
        # the rules of the register have the last word
        self.problems += [RowProblem(-1, found) for found in check_metadata(made)]
        return made

    def _made_serial(self) -> str:
        """The same for the same row of the same import, however often it is tried."""
        digest = sm3(f"{self._plan.batch} {self.row.number}".encode())
        return b32encode(digest)[:_SERIAL_CHARS].decode("ascii")

    # cells

    def _cell(self, column: Column) -> str:
        return self._cells[column.place]

    def _column(self, what: Holds) -> Column | None:
        """The column of what is asked for; the first that is filled in, where there are several."""
        columns = self._at.get(what, ())
        if len(columns) < 2:
            return columns[0] if columns else None
        return next((column for column in columns if self._cells[column.place]), columns[0])

    def _text(self, what: Holds) -> str:
        column = self._column(what)
        return "" if column is None else self._cell(column)

    def _problem(self, what: Holds | Column | None, rule: str, **facts: object) -> None:
        column = self._column(what) if isinstance(what, Holds) else what
        if column is not None:
            name = column.header
        else:
            name = ELEMENTS[str(what)].chinese if str(what) in ELEMENTS else str(what or "")
        self._add(column, finding(name, rule, **facts))

    def _add(self, column: Column | None, found: Finding | None) -> None:
        if found is not None:
            place = -1 if column is None else column.place
            self.problems.append(RowProblem(place, found))

    def _row_problem(self, rule: str) -> None:
        self.problems.append(RowProblem(-1, finding("", rule)))

    def _is_header(self) -> bool:
        texts = [text for text in self.row.cells if text]
        return bool(texts) and texts == [text for text in self._plan.header if text]

    def _marks(self) -> None:
        """What is wrong with cells as such; columns that are not read may hold anything."""
        used = {column.place: column for column in self._plan.columns if column.holds is not Holds.IGNORED}
        for place, rule in self.row.marks:
            if (column := used.get(place)) is not None:
                self._problem(column, rule)
        if any(self.row.cells[len(self._plan.header) :]):
            self._row_problem("row_cells")

    def _line(self, what: Holds, *, required: bool = False) -> str:
        """A text of one line."""
        text = self._text(what)
        if not text:
            if required:
                self._problem(what, "cell_missing")
            return ""
        width = ELEMENTS[what.value].width
        if has_control(text):
            self._problem(what, "cell_control")
        elif len(text) > width:
            self._problem(what, "cell_long", found=len(text), expected=width)
        return text

    # items

    def _type(self) -> LicenseType | None:
        types = self._plan.types
        code, names = self._text(Holds.TYPE_CODE), self._filled(Holds.TYPE_NAME)
        if code:
            found = [one for one in types if one.code == code.upper()]
            if not found:
                self._problem(Holds.TYPE_CODE, "type_other", found=code)
            return found[0] if found else None
        for column in names:
            name = self._cell(column)
            found = [one for one in types if name in (one.name, one.certificate_name)]
            if found:
                return found[0]
        if names and not (len(types) == 1 and self._at.get(Holds.TYPE_CODE)):
            self._problem(names[0], "type_other", found=self._cell(names[0]))
            return None
        if len(types) == 1:
            return types[0]
        self._problem(Holds.TYPE_CODE if Holds.TYPE_CODE in self._at else Holds.TYPE_NAME, "cell_missing")
        return None

    def _filled(self, what: Holds) -> list[Column]:
        return [column for column in self._at.get(what, ()) if self._cell(column)]

    def _issuer(self) -> Authority | None:
        code, name = self._text(Holds.ISSUER_CODE), self._text(Holds.ISSUER_NAME)
        issuers = self._plan.issuers
        if not code and not name:
            return issuers[0] if issuers else None
        for one in issuers:
            if (not code or one.code == normalize(code)) and (not name or one.name == name):
                return one
        what = Holds.ISSUER_CODE if code and all(one.code != normalize(code) for one in issuers) else Holds.ISSUER_NAME
        self._problem(what if self._text(what) else Holds.ISSUER_CODE, "issuer_other", found=self._text(what) or code)
        return None

    def _holders(self, type_: LicenseType | None) -> Iterator[LicenseHolder]:
        names, codes = self._line(Holds.HOLDER_NAME, required=True), self._line(Holds.HOLDER_CODE, required=True)
        if not names or not codes:
            self._kinds(1)
            return
        mark = holder_separator(names, codes)
        split = [part.strip() for part in names.split(mark)] if mark else [names]
        numbers = [normalize(part) for part in codes.split(mark)] if mark else [normalize(codes)]
        if len(split) != len(numbers) or not all(split) or not all(numbers):
            self._problem(Holds.HOLDER_CODE, "holders_uneven", found=len(split), expected=len(numbers))
            return
        kinds = self._kinds(len(split))
        seen = set()
        for place, (name, code) in enumerate(zip(split, numbers, strict=True)):
            kind = kinds[place] if kinds is not None else suggest_holder_type(code)
            if kind is None:
                if kinds is None:
                    self._problem(Holds.HOLDER_TYPE, "cell_missing")
                continue
            column = self._column(Holds.HOLDER_CODE)
            self._add(
                column, of_code_check(column.header if column else "", check_holder_code(code, type_code=kind.code))
            )
            self._side(type_, kind)
            if (kind.code, code) in seen:
                self._problem(Holds.HOLDER_CODE, "holder_repeated", found=mask_number(code))
            seen.add((kind.code, code))
            yield LicenseHolder(name=name, code=code, type_code=kind.code)

    def _kinds(self, count: int) -> list[HolderType | None] | None:
        """The kinds of the holders' codes; one may stand for all. None where the sheet does not tell."""
        columns = self._filled(Holds.HOLDER_TYPE)
        if not columns:
            return None
        found = self._read_kinds(columns[0])
        for other in columns[1:]:
            if self._read_kinds(other) != found:
                facts = {"found": mask_other(self._cell(other)), "expected": mask_other(self._cell(columns[0]))}
                self._problem(other, "differs", **facts, other=columns[0].header)
        if len(found) == 1:
            return found * count
        if len(found) != count:
            self._problem(columns[0], "holders_uneven", found=count, expected=len(found))
            return [None] * count
        return found

    def _read_kinds(self, column: Column) -> list[HolderType | None]:
        text = self._cell(column)
        mark = next((each for each in HOLDER_SEPARATORS if each in text), "")
        found: list[HolderType | None] = []
        for part in [part.strip() for part in text.split(mark)] if mark else [text]:
            kind = _BY_NAME.get(part) or HOLDER_TYPES.get(part.zfill(3) if part.isascii() and part.isdigit() else part)
            if kind is None:
                self._problem(column, "holder_kind", found=mask_other(part))
            found.append(kind)
        return found

    def _side(self, type_: LicenseType | None, kind: HolderType) -> None:
        """Whether people or organisations may hold it: as the type says, and as the sheet does."""
        column = self._column(Holds.HOLDER_CODE)
        if type_ is not None and (found := type_.check_holder_type(kind.code)) is not None:
            self._add(column, found)
        side = "自然人" if kind.is_person else "法人和其他组织"
        text = self._text(Holds.HOLDER_SIDE)
        if text and text not in _SIDES:
            self._problem(
                Holds.HOLDER_SIDE, "cell_choice", found=mask_other(text), expected="自然人、法人和其他组织、混合"
            )
        elif text and _SIDES[text] not in (None, kind.is_person):
            self._problem(Holds.HOLDER_SIDE, "cell_choice", found=text, expected=side)

    # days

    def _read_day(self, column: Column, *, may_be_open: bool = False) -> date | None:
        text = self._cell(column)
        if _DAY_AS_NUMBER.fullmatch(text) is not None:
            day = serial_day(text, from_1904=self._plan.from_1904)
            if day is not None:
                return day
        try:
            return parse_end(text) if may_be_open else parse_date(text)
        except InputError as error:
            self._problem(column, error.code.rpartition(".")[2], **error.detail)
            return None

    def _day(self, what: Holds, *, required: bool = False) -> date | None:
        column = self._column(what)
        if column is None or not self._cell(column):
            if required:
                self._problem(what, "cell_missing")
            return None
        return self._read_day(column)

    def _term(self) -> tuple[date | None, date | None]:
        """The first and the last day, from two days, or a day and a span."""
        start = self._day(Holds.VALID_FROM, required=self._plan.issued_as_valid)
        before = len(self.problems)
        end_column = self._column(Holds.VALID_UNTIL)
        given = "" if end_column is None else self._cell(end_column)
        end = self._read_day(end_column, may_be_open=True) if end_column is not None and given else None
        end_is_wrong = len(self.problems) > before
        span = self._span()
        if span is None:
            return start, end
        if span.unit is ValidityUnit.CUSTOM:
            if not given:
                self._problem(Holds.VALID_UNTIL, "end_missing")
            return start, end
        return start, self._spanned(span, start, end, given="" if end_is_wrong else given)

    def _span(self) -> ValidityRange | None:
        column = self._column(Holds.VALIDITY_RANGE)
        if column is None:
            return None
        text = self._cell(column)
        if not text:
            self._problem(column, "cell_missing")
            return None
        try:
            span = ValidityRange.parse(text)
        except InputError as error:
            self._problem(column, "range", **error.detail)
            return None
        allowed = self._plan.ranges
        if allowed and span not in {ValidityRange.parse(each) for each in allowed}:
            self._problem(column, "cell_choice", found=text, expected="、".join(allowed))
        return span

    def _spanned(self, span: ValidityRange, start: date | None, end: date | None, *, given: str) -> date | None:
        if start is None and span.unit is not ValidityUnit.NO_END:
            if not self._text(Holds.VALID_FROM):
                self._problem(Holds.VALID_FROM, "start_missing", found=str(span))
            return end
        try:
            last = span.last_day(start or date.min)
        except ValueError:
            self._problem(Holds.VALIDITY_RANGE, "range", found=str(span))
            return None
        if given and end != last:
            words = {"found": given, "expected": "长期" if last is None else last.isoformat()}
            self._problem(Holds.VALID_UNTIL, "end_differs", **words)
        return last

    def _order(self, issued: date | None, start: date | None, end: date | None) -> None:
        first = start or issued
        if first is not None and end is not None and end < first:
            self._problem(Holds.VALID_UNTIL, "end_early", expected=first.isoformat())

    # the rest

    def _serial(self) -> str:
        text = self._text(Holds.SERIAL)
        if text and _SERIAL_NUMBER.fullmatch(text) is None:
            self._problem(Holds.SERIAL, "identifier_shape", part="流水号", found=text, expected="[0-9A-Z]")
        return text

    def _area(self) -> str:
        text = self._text(Holds.AREA_CODE)
        column = self._column(Holds.AREA_CODE)
        if text and column is not None:
            self._add(column, of_code_check(column.header, check_division_code(text)))
        return text

    def _checked_only(self) -> None:
        for what in (Holds.LEVEL, Holds.NEEDED):
            for column in self._filled(what):
                if self._cell(column) not in _CHOICES[what]:
                    self._problem(
                        column, "cell_choice", found=mask_other(self._cell(column)), expected="、".join(_CHOICES[what])
                    )
        for column in self._filled(Holds.PHONE):
            if _PHONE.fullmatch(normalize(self._cell(column))) is None:
                self._problem(column, "cell_number", found=mask_other(self._cell(column)))
        for column in self._filled(Holds.DAYS):
            text = self._cell(column)
            if not (text.isascii() and text.isdigit() and len(text) <= 5):
                self._problem(column, "cell_number", found=mask_other(text))
        for column in self._filled(Holds.NOTE):
            if unfit_character(self._cell(column)):
                self._problem(column, "cell_control")

    def _fields(self, type_: LicenseType | None) -> Mapping[str, str]:
        if type_ is None:
            return {}
        columns = {column.field: column for column in self._plan.columns if column.field}
        fields = {}
        for each in type_.fields:
            column = columns.get(each.name)
            if each.kind is FieldKind.PICTURE:
                continue
            text = "" if column is None else self._cell(column)
            if not text and not each.required:
                continue
            if column is not None and text and each.kind is FieldKind.DATE:
                day = self._read_day(column)
                text = "" if day is None else day.isoformat()
                if day is None:
                    continue
            if (found := each.check(text)) is not None:
                self._add(column, replace(found, element=column.header if column else each.label))
            fields[each.name] = text
        return fields
