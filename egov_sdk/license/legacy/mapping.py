"""Which column of a sheet holds what (列映射): two known sheets, the standard's names, and mappings of one's own."""

from __future__ import annotations

import enum
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from egov_sdk.errors import ConfigError
from egov_sdk.license.catalogue import FieldDef, FieldKind, LicenseType
from egov_sdk.license.elements import EXTENSION_PREFIX, element_named
from egov_sdk.license.problems import unreadable
from egov_sdk.sheets import Sheet, SheetRow

__all__ = [
    "EPOINT",
    "GENERAL",
    "MAPPINGS",
    "PROBLEM_COLUMNS",
    "ZFSOFT",
    "Column",
    "Holds",
    "SheetMapping",
    "find_header",
]

#: What an error sheet has in front of the columns that it was made from; ignored when it is fed back.
PROBLEM_COLUMNS: Final = ("原行号", "问题列", "问题代码", "问题")
_HEADER_ROWS: Final = 10


class Holds(enum.StrEnum):
    """What a column holds; the values are stable and may be kept in files of settings."""

    NUMBER = "number"  # 证照编号
    SERIAL = "serial"  # 流水号 of the identifier
    TYPE_CODE = "type_code"
    TYPE_NAME = "type_name"
    ISSUER_NAME = "issuer_name"
    ISSUER_CODE = "issuer_code"
    ISSUED_ON = "issued_on"
    HOLDER_NAME = "holder_name"
    HOLDER_CODE = "holder_code"
    HOLDER_TYPE = "holder_type"  # the name or the code of one of the sixteen kinds
    HOLDER_SIDE = "holder_side"  # 持证主体类别
    VALID_FROM = "valid_from"
    VALID_UNTIL = "valid_until"
    VALIDITY_RANGE = "validity_range"  # n年, n月, n日, 长期, 自定义
    AREA_CODE = "area_code"
    ITEM_NAME = "item_name"
    ITEM_CODE = "item_code"
    # checked where they are filled in, kept only where the type has a field of the column's name
    LEVEL = "level"  # A to D
    NEEDED = "needed"  # 需要, 不需要
    DAYS = "days"
    PHONE = "phone"
    NOTE = "note"
    IGNORED = "ignored"


@dataclass(frozen=True, slots=True)
class SheetMapping:
    """How the columns of one kind of sheet are read.

    Attributes:
        name: Kept with each import.
        columns: What each column holds, by its header; ``field:NAME`` for a field of the type by another header.
            Fields of the type are found by their label, their name, or ``KZ_`` and their name without being told.
        standard_names: Headers may also be the names of the metadata in Chinese, pinyin or English.
        required: What must have a column.
        issued_as_valid: Where no day of issue is given, it is the first day of the term.
        ranges: The spans that are allowed, written as the sheet does; empty for any.
        ignore_others: Columns that nothing is known of are left out, in place of a refusal.
    """

    name: str
    columns: Mapping[str, str]
    standard_names: bool = False
    required: tuple[Holds, ...] = (Holds.NUMBER, Holds.HOLDER_NAME, Holds.HOLDER_CODE)
    issued_as_valid: bool = False
    ranges: tuple[str, ...] = ()
    ignore_others: bool = False

    def __post_init__(self) -> None:
        known = set(Holds)
        for header, holds in self.columns.items():
            if holds not in known and not holds.startswith("field:"):
                raise ConfigError(
                    f"the column {header!r} of the mapping {self.name!r} holds {holds!r}, which is nothing"
                )

    @property
    def demanded(self) -> tuple[Holds, ...]:
        """What must have a column: no licence is without a day of issue."""
        day = Holds.VALID_FROM if self.issued_as_valid else Holds.ISSUED_ON
        return tuple(dict.fromkeys((*self.required, day)))

    def fingerprint(self) -> Mapping[str, object]:
        """The mapping as plain values, to tell whether an import goes on as it began."""
        return {
            "columns": dict(sorted(self.columns.items())),
            "standard_names": self.standard_names,
            "required": list(self.required),
            "issued_as_valid": self.issued_as_valid,
            "ranges": list(self.ranges),
            "ignore_others": self.ignore_others,
        }


_NAMED: Final = {
    "number": Holds.NUMBER,
    "type_code": Holds.TYPE_CODE,
    "type_name": Holds.TYPE_NAME,
    "name": Holds.TYPE_NAME,
    "issuer_name": Holds.ISSUER_NAME,
    "issuer_code": Holds.ISSUER_CODE,
    "issued_on": Holds.ISSUED_ON,
    "holder_name": Holds.HOLDER_NAME,
    "holder_code": Holds.HOLDER_CODE,
    "holder_type_name": Holds.HOLDER_TYPE,
    "holder_type_code": Holds.HOLDER_TYPE,
    "valid_from": Holds.VALID_FROM,
    "valid_until": Holds.VALID_UNTIL,
    "area_code": Holds.AREA_CODE,
    "item_name": Holds.ITEM_NAME,
    "item_code": Holds.ITEM_CODE,
}

#: The batch import (批量入库) of one provider: what it calls its columns, and what it demands of them.
ZFSOFT: Final = SheetMapping(
    "zfsoft",
    MappingProxyType(
        {
            "LICENSE_NUMBER": Holds.NUMBER,
            "HOLDER_TYPE_NAME": Holds.HOLDER_TYPE,
            "HOLDER": Holds.HOLDER_NAME,
            "IDENTIFICATE_NUMBER": Holds.HOLDER_CODE,
            "VALIDITY_DATE_START": Holds.VALID_FROM,
            "VALIDITY_RANGE": Holds.VALIDITY_RANGE,
            "VALIDITY_DATE_END": Holds.VALID_UNTIL,
            "ELEC_LICENSE_LEVEL": Holds.LEVEL,
            "CONTACT_TEL": Holds.PHONE,
            "AUTO_ANNUAL_FLAG": Holds.NEEDED,
            "AUTO_CANCEL_FLAG": Holds.NEEDED,
            "WATER_MARK": Holds.NOTE,
            "REMARKS": Holds.NOTE,
        }
    ),
    required=(
        Holds.NUMBER, Holds.HOLDER_TYPE, Holds.HOLDER_NAME, Holds.HOLDER_CODE, Holds.VALID_FROM, Holds.VALIDITY_RANGE,
    ),
    issued_as_valid=True,
)  # fmt: skip
#: The spreadsheet of another provider, with the columns of the face behind.
EPOINT: Final = SheetMapping(
    "epoint",
    MappingProxyType(
        {
            "证照名称": Holds.TYPE_NAME,
            "证照编号": Holds.NUMBER,
            "证照颁发机构": Holds.ISSUER_NAME,
            "证照颁发日期": Holds.ISSUED_ON,
            "持证主体": Holds.HOLDER_NAME,
            "面向持证主体类别": Holds.HOLDER_SIDE,
            "持证主体代码类型": Holds.HOLDER_TYPE,
            "持证主体代码": Holds.HOLDER_CODE,
            "证照有效期起始日期": Holds.VALID_FROM,
            "证照有效期截止日期": Holds.VALID_UNTIL,
        }
    ),
    required=(Holds.NUMBER, Holds.ISSUED_ON, Holds.HOLDER_NAME, Holds.HOLDER_TYPE, Holds.HOLDER_CODE),
)
#: Any sheet whose headers are names of the metadata.
GENERAL: Final = SheetMapping(
    "general",
    MappingProxyType({"流水号": Holds.SERIAL, "有效期限": Holds.VALIDITY_RANGE, "有效期限范围": Holds.VALIDITY_RANGE}),
    standard_names=True,
    required=(Holds.NUMBER, Holds.HOLDER_NAME, Holds.HOLDER_CODE, Holds.ISSUED_ON),
)
#: The mappings that come along, by name.
MAPPINGS: Mapping[str, SheetMapping] = MappingProxyType({one.name: one for one in (GENERAL, ZFSOFT, EPOINT)})


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a sheet that was found: its place from 0, its header, and what it holds."""

    place: int
    header: str
    holds: Holds | None
    field: str = field(default="")


def find_header(
    sheet: Sheet, mapping: SheetMapping, types: Sequence[LicenseType], *, where: str
) -> tuple[SheetRow, tuple[Column, ...]]:
    """The header among the first rows, and what its columns hold: titles may stand above it.

    Raises:
        ParseError: header_missing, header_twice, header_unknown.
    """
    resolver = _Resolver(mapping, types)
    best: tuple[int, SheetRow] | None = None
    for row in sheet.rows():
        if row.number > _HEADER_ROWS:
            break
        known = sum(1 for text in row.cells if resolver.column(0, text) is not None)
        if known and (best is None or known > best[0]):
            best = known, row
    if best is None:
        raise unreadable("header_missing", where=where, expected=resolver.names(mapping.demanded), rows=_HEADER_ROWS)
    return best[1], resolver.columns(best[1], where)


class _Resolver:
    def __init__(self, mapping: SheetMapping, types: Sequence[LicenseType]) -> None:
        self._mapping = mapping
        self._told = {_plain(header): holds for header, holds in mapping.columns.items()}
        self._fields: dict[str, FieldDef] = {}
        for one in types:
            for each in one.fields:
                for name in (each.label, each.name, EXTENSION_PREFIX + each.name):
                    self._fields.setdefault(_plain(name), each)
        self._demanded = self._demanded_fields(types)
        self._ours = frozenset(map(_plain, PROBLEM_COLUMNS))

    @staticmethod
    def _demanded_fields(types: Sequence[LicenseType]) -> Mapping[str, str]:
        """The fields without which no row of any type can be right; pictures do not stand in sheets."""
        names = [
            {f.name: f.label for f in one.fields if f.required and f.kind is not FieldKind.PICTURE} for one in types
        ]
        shared = set.intersection(*map(set, names)) if names else set()
        return {name: label for name, label in (names[0] if names else {}).items() if name in shared}

    def column(self, place: int, header: str) -> Column | None:
        """What a column holds, by its header; None where nothing is known of it."""
        plain = _plain(header)
        if not plain:
            return None
        told = self._told.get(plain)
        own = self._fields.get(plain)
        if told is not None and told.startswith("field:"):
            return Column(place, header, None, told.removeprefix("field:"))
        if told is not None:
            kept = own is not None and Holds(told) in _CHECKED_ONLY
            return Column(place, header, Holds(told), own.name if own is not None and kept else "")
        if plain in self._ours:
            return Column(place, header, Holds.IGNORED)
        if self._mapping.standard_names and (element := element_named(plain)) is not None and element.key in _NAMED:
            return Column(place, header, _NAMED[element.key])
        return Column(place, header, None, own.name) if own is not None else None

    def columns(self, row: SheetRow, where: str) -> tuple[Column, ...]:
        at = f"{where}: {row.number}"
        found, unknown, seen = [], [], set()
        for place, header in enumerate(row.cells):
            plain = _plain(header)
            if not plain:
                continue
            if plain in seen:
                raise unreadable("header_twice", where=at, found=header)
            seen.add(plain)
            column = self.column(place, header)
            if column is not None:
                found.append(column)
            elif not self._mapping.ignore_others:
                unknown.append(header)
        self._check(found, unknown, at)
        return tuple(found)

    def _check(self, found: Sequence[Column], unknown: Sequence[str], where: str) -> None:
        for what in _ONCE:
            same = [column.header for column in found if column.holds is what]
            if len(same) > 1:
                raise unreadable("header_twice", where=where, found=" = ".join(same))
        there = {column.holds for column in found}
        fields = Counter(column.field for column in found if column.field)
        if twice := [column.header for column in found if fields[column.field] > 1]:
            raise unreadable("header_twice", where=where, found=" = ".join(twice))
        lacking = [self.names([each]) for each in self._mapping.demanded if each not in there]
        lacking += [label for name, label in self._demanded.items() if name not in fields]
        if lacking:
            raise unreadable("header_missing", where=where, expected="、".join(lacking), rows=_HEADER_ROWS)
        if unknown:
            raise unreadable("header_unknown", where=where, found="、".join(unknown))

    def names(self, wanted: Iterable[Holds]) -> str:
        """How the mapping calls what is wanted."""
        told = {holds: header for header, holds in reversed(list(self._mapping.columns.items()))}
        return "、".join(told.get(each, str(each)) for each in wanted)


_CHECKED_ONLY: Final = frozenset({Holds.LEVEL, Holds.NEEDED, Holds.DAYS, Holds.PHONE, Holds.NOTE})
#: The kind of a holder may stand twice, as name and as code; days, flags and notes as often as they like.
_ONCE: Final = tuple(set(Holds) - _CHECKED_ONLY - {Holds.IGNORED, Holds.HOLDER_TYPE, Holds.TYPE_NAME})


def _plain(header: str) -> str:
    """A header without what people put around it: blanks, asterisks, 必填."""
    text = unicodedata.normalize("NFKC", header).casefold()
    text = text.replace("(必填)", "").replace("*", "")
    return "".join(text.split())
