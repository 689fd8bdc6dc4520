"""The rules for one row of old licences (逐行校验): everything that is wrong with it, cell by cell, or its metadata."""

from __future__ import annotations

import re
from base64 import b32encode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from egov_sdk.codes import normalize
from egov_sdk.codes.divisions import check_division_code
from egov_sdk.codes.holders import HOLDER_TYPES, HolderType, check_holder_code, suggest_holder_type
from egov_sdk.codes.masking import mask_number, mask_other
from egov_sdk.crypto import sm3
from egov_sdk.license.catalogue import FieldKind, LicenseType
from egov_sdk.license.findings import of_code_check
from egov_sdk.license.identifier import LicenseIdentifier
from egov_sdk.license.legacy._cells import Cells, Places, RowPlan, RowProblem, places_of
from egov_sdk.license.legacy._days import Days
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

__all__ = ["CheckedRow", "RowPlan", "RowProblem", "check_row", "check_rows"]

_SERIAL_NUMBER: Final = re.compile(r"[0-9A-Z]{1,32}")
_PHONE: Final = re.compile(r"\+?[0-9][0-9 \-]{2,30}")
_SERIAL_CHARS: Final = 20
_SIDES: Final = {"自然人": True, "法人和其他组织": False, "法人": False, "混合": None, "个人": True}
_BY_NAME: Final = {one.name: one for one in HOLDER_TYPES.values()}
_CHOICES: Final = {Holds.LEVEL: ("A", "B", "C", "D"), Holds.NEEDED: ("需要", "不需要")}


@dataclass(frozen=True, slots=True)
class CheckedRow:
    """A row that was checked: the metadata of its licence, or every problem that it has."""

    number: int
    metadata: LicenseMetadata | None
    problems: tuple[RowProblem, ...] = ()


def check_rows(plan: RowPlan, rows: Sequence[SheetRow]) -> list[CheckedRow]:
    """Check some rows, each by itself; a function for worker processes."""
    places = places_of(plan)
    return [_checked(_Reading(plan, places, row)) for row in rows]


def check_row(plan: RowPlan, row: SheetRow) -> CheckedRow:
    """Check one row by all rules; nothing outside the row is asked."""
    return _checked(_Reading(plan, places_of(plan), row))


def _checked(reading: _Reading) -> CheckedRow:
    metadata = reading.metadata()
    if reading.problems:
        order = sorted(reading.problems, key=lambda one: one.place)
        return CheckedRow(reading.row.number, None, tuple(order))
    return CheckedRow(reading.row.number, metadata)


class _Reading(Cells):
    """One row while it is read."""

    def __init__(self, plan: RowPlan, places: Places, row: SheetRow) -> None:
        super().__init__(plan, places, row)
        self._days = Days(self)

    def metadata(self) -> LicenseMetadata | None:
        """The licence that the row is about; None, or anything, where there are problems."""
        if self.is_header():
            self.row_problem("row_header")
            return None
        self.check_marks()
        type_ = self._type()
        issuer = self._issuer()
        holders = tuple(self._holders(type_))
        start, end = self._days.term()
        issued = self._days.day(Holds.ISSUED_ON, required=not self.plan.issued_as_valid)
        if issued is None and self.plan.issued_as_valid and not self.text(Holds.ISSUED_ON):
            issued = start
        self._days.check_order(issued, start, end)
        number = self.line(Holds.NUMBER, required=True)
        serial = self._serial()
        fields = self._fields(type_)
        area, item_name, item_code = self._area(), self.line(Holds.ITEM_NAME), self.line(Holds.ITEM_CODE)
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
        digest = sm3(f"{self.plan.batch} {self.row.number}".encode())
        return b32encode(digest)[:_SERIAL_CHARS].decode("ascii")

    def _type(self) -> LicenseType | None:
        types = self.plan.types
        code, names = self.text(Holds.TYPE_CODE), self.filled(Holds.TYPE_NAME)
        if code:
            found = [one for one in types if one.code == code.upper()]
            if not found:
                self.problem(Holds.TYPE_CODE, "type_other", found=code)
            return found[0] if found else None
        for column in names:
            name = self.cell(column)
            found = [one for one in types if name in (one.name, one.certificate_name)]
            if found:
                return found[0]
        if names and not (len(types) == 1 and self.has(Holds.TYPE_CODE)):
            self.problem(names[0], "type_other", found=self.cell(names[0]))
            return None
        if len(types) == 1:
            return types[0]
        self.problem(Holds.TYPE_CODE if self.has(Holds.TYPE_CODE) else Holds.TYPE_NAME, "cell_missing")
        return None

    def _issuer(self) -> Authority | None:
        code, name = self.text(Holds.ISSUER_CODE), self.text(Holds.ISSUER_NAME)
        issuers = self.plan.issuers
        if not code and not name:
            return issuers[0] if issuers else None
        for one in issuers:
            if (not code or one.code == normalize(code)) and (not name or one.name == name):
                return one
        what = Holds.ISSUER_CODE if code and all(one.code != normalize(code) for one in issuers) else Holds.ISSUER_NAME
        self.problem(what if self.text(what) else Holds.ISSUER_CODE, "issuer_other", found=self.text(what) or code)
        return None

    def _holders(self, type_: LicenseType | None) -> Iterator[LicenseHolder]:
        names, codes = (
            self.line(Holds.HOLDER_NAME, required=True),
            self.line(Holds.HOLDER_CODE, required=True),
        )
        if not names or not codes:
            self._kinds(1)
            return
        mark = holder_separator(names, codes)
        split = [part.strip() for part in names.split(mark)] if mark else [names]
        numbers = [normalize(part) for part in codes.split(mark)] if mark else [normalize(codes)]
        if len(split) != len(numbers) or not all(split) or not all(numbers):
            self.problem(Holds.HOLDER_CODE, "holders_uneven", found=len(split), expected=len(numbers))
            return
        kinds = self._kinds(len(split))
        seen = set()
        for place, (name, code) in enumerate(zip(split, numbers, strict=True)):
            kind = kinds[place] if kinds is not None else suggest_holder_type(code)
            if kind is None:
                if kinds is None:
                    self.problem(Holds.HOLDER_TYPE, "cell_missing")
                continue
            column = self.column(Holds.HOLDER_CODE)
            self.add(
                column, of_code_check(column.header if column else "", check_holder_code(code, type_code=kind.code))
            )
            self._side(type_, kind)
            if (kind.code, code) in seen:
                self.problem(Holds.HOLDER_CODE, "holder_repeated", found=mask_number(code))
            seen.add((kind.code, code))
            yield LicenseHolder(name=name, code=code, type_code=kind.code)

    def _kinds(self, count: int) -> list[HolderType | None] | None:
        """The kinds of the holders' codes; one may stand for all. None where the sheet does not tell."""
        columns = self.filled(Holds.HOLDER_TYPE)
        if not columns:
            return None
        found = self._read_kinds(columns[0])
        for other in columns[1:]:
            if self._read_kinds(other) != found:
                facts = {
                    "found": mask_other(self.cell(other)),
                    "expected": mask_other(self.cell(columns[0])),
                }
                self.problem(other, "differs", **facts, other=columns[0].header)
        if len(found) == 1:
            return found * count
        if len(found) != count:
            self.problem(columns[0], "holders_uneven", found=count, expected=len(found))
            return [None] * count
        return found

    def _read_kinds(self, column: Column) -> list[HolderType | None]:
        text = self.cell(column)
        mark = next((each for each in HOLDER_SEPARATORS if each in text), "")
        found: list[HolderType | None] = []
        for part in [part.strip() for part in text.split(mark)] if mark else [text]:
            kind = _BY_NAME.get(part) or HOLDER_TYPES.get(part.zfill(3) if part.isascii() and part.isdigit() else part)
            if kind is None:
                self.problem(column, "holder_kind", found=mask_other(part))
            found.append(kind)
        return found

    def _side(self, type_: LicenseType | None, kind: HolderType) -> None:
        """Whether people or organisations may hold it: as the type says, and as the sheet does."""
        column = self.column(Holds.HOLDER_CODE)
        if type_ is not None and (found := type_.check_holder_type(kind.code)) is not None:
            self.add(column, found)
        side = "自然人" if kind.is_person else "法人和其他组织"
        text = self.text(Holds.HOLDER_SIDE)
        if text and text not in _SIDES:
            self.problem(
                Holds.HOLDER_SIDE, "cell_choice", found=mask_other(text), expected="自然人、法人和其他组织、混合"
            )
        elif text and _SIDES[text] not in (None, kind.is_person):
            self.problem(Holds.HOLDER_SIDE, "cell_choice", found=text, expected=side)

    def _serial(self) -> str:
        text = self.text(Holds.SERIAL)
        if text and _SERIAL_NUMBER.fullmatch(text) is None:
            self.problem(Holds.SERIAL, "identifier_shape", part="流水号", found=text, expected="[0-9A-Z]")
        return text

    def _area(self) -> str:
        text = self.text(Holds.AREA_CODE)
        column = self.column(Holds.AREA_CODE)
        if text and column is not None:
            self.add(column, of_code_check(column.header, check_division_code(text)))
        return text

    def _checked_only(self) -> None:
        for what in (Holds.LEVEL, Holds.NEEDED):
            for column in self.filled(what):
                if self.cell(column) not in _CHOICES[what]:
                    self.problem(
                        column,
                        "cell_choice",
                        found=mask_other(self.cell(column)),
                        expected="、".join(_CHOICES[what]),
                    )
        for column in self.filled(Holds.PHONE):
            if _PHONE.fullmatch(normalize(self.cell(column))) is None:
                self.problem(column, "cell_number", found=mask_other(self.cell(column)))
        for column in self.filled(Holds.DAYS):
            text = self.cell(column)
            if not (text.isascii() and text.isdigit() and len(text) <= 5):
                self.problem(column, "cell_number", found=mask_other(text))
        for column in self.filled(Holds.NOTE):
            if unfit_character(self.cell(column)):
                self.problem(column, "cell_control")

    def _fields(self, type_: LicenseType | None) -> Mapping[str, str]:
        if type_ is None:
            return {}
        columns = {column.field: column for column in self.plan.columns if column.field}
        fields = {}
        for each in type_.fields:
            column = columns.get(each.name)
            if each.kind is FieldKind.PICTURE:
                continue
            text = "" if column is None else self.cell(column)
            if not text and not each.required:
                continue
            if column is not None and text and each.kind is FieldKind.DATE:
                day = self._days.read(column)
                text = "" if day is None else day.isoformat()
                if day is None:
                    continue
            if (found := each.check(text)) is not None:
                self.add(column, replace(found, element=column.header if column else each.label))
            fields[each.name] = text
        return fields
