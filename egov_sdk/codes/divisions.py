"""Administrative division codes (行政区划代码): their structure, and a table that the caller loads.

No table is built in: divisions change every year, and numbers of people keep the codes of divisions long gone.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import ClassVar, Literal, Self

from egov_sdk.codes._weights import DIGITS, REGIONS
from egov_sdk.codes._words import A_DIGIT, FIRST_DIGIT, TABLE_ROW, counts, same
from egov_sdk.codes.kinds import CodeKind
from egov_sdk.codes.problems import CodeCheck, wrong_character
from egov_sdk.errors import LimitExceeded, ParseError

__all__ = ["DivisionCode", "DivisionLevel", "DivisionTable", "check_division_code"]

#: ``nation`` is 100000, the division of bodies of the whole country in credit codes.
DivisionLevel = Literal["nation", "province", "prefecture", "county"]

_GOOD = CodeCheck(CodeKind.DIVISION_CODE)
_NATION = "100000"
_MOST_ROWS = 100_000
_MOST_BYTES = 16 << 20


def check_division_code(text: str) -> CodeCheck:
    """Whether a text has the structure of a division code: six digits, the first of them a region.

    Whether there is such a division is a question for a DivisionTable.

    Source:
        GB/T 2260-2007, 3.2: three layers of two digits.
    """
    if len(text) != 6:
        return CodeCheck(CodeKind.DIVISION_CODE, "length", "", counts(6), same(str(len(text))))
    for place, character in enumerate(text, 1):
        if character not in DIGITS:
            return wrong_character(CodeKind.DIVISION_CODE, text, place, A_DIGIT)
    if text[0] not in REGIONS:
        return CodeCheck(CodeKind.DIVISION_CODE, "division", "1-6", FIRST_DIGIT, same(text))
    return _GOOD


@dataclass(frozen=True, slots=True)
class DivisionCode:
    """A division code of six digits: province, prefecture, county, two digits each, zeros below its own level."""

    number: str

    kind: ClassVar[CodeKind] = CodeKind.DIVISION_CODE

    def __post_init__(self) -> None:
        check_division_code(self.number).require()

    @classmethod
    def parse(cls, text: str) -> Self:
        """The value of a text with the structure of a division code.

        Raises:
            ParseError: it has another; the code names the rule.
        """
        return cls(text)

    @classmethod
    def check(cls, text: str) -> CodeCheck:
        """As check_division_code."""
        return check_division_code(text)

    @property
    def level(self) -> DivisionLevel:
        if self.number == _NATION:
            return "nation"
        if self.number[2:] == "0000":
            return "province"
        return "prefecture" if self.number[4:] == "00" else "county"

    @property
    def province(self) -> DivisionCode:
        return DivisionCode(self.number[:2] + "0000")

    @property
    def prefecture(self) -> DivisionCode | None:
        """The prefecture, of a prefecture or county; None above."""
        return DivisionCode(self.number[:4] + "00") if self.level in ("prefecture", "county") else None

    @property
    def parent(self) -> DivisionCode | None:
        """The division one level up; a province has none."""
        if self.level == "county":
            return self.prefecture
        return self.province if self.level == "prefecture" else None

    def contains(self, other: DivisionCode) -> bool:
        """Whether the other is this division or lies in it."""
        significant = {"nation": 0, "province": 2, "prefecture": 4, "county": 6}[self.level]
        return other.number[:significant] == self.number[:significant]

    def __str__(self) -> str:
        return self.number


@dataclass(frozen=True, slots=True)
class DivisionTable:
    """Names of divisions by code, as loaded by the caller; ``in`` answers for codes as text.

    A table for checking numbers of people needs the codes of former divisions as well.
    """

    names: Mapping[str, str]

    @classmethod
    def from_rows(cls, rows: Iterable[tuple[str, str]]) -> Self:
        """The table of rows (code, name).

        Raises:
            ParseError: a row is not a code of six digits with a name, or a code is repeated; counted from 1.
            LimitExceeded: more than 100,000 rows.
        """
        names: dict[str, str] = {}
        for number, (code, name) in enumerate(rows, 1):
            if number > _MOST_ROWS:
                raise LimitExceeded("rows", allowed=_MOST_ROWS, found=f"more than {_MOST_ROWS}")
            if not check_division_code(code).ok or not name.strip():
                raise _bad_row("table_row", number, code)
            if code in names:
                raise _bad_row("table_duplicate", number, code)
            names[code] = name.strip()
        return cls(MappingProxyType(names))

    @classmethod
    def from_csv(cls, data: bytes | str) -> Self:
        """The table of lines ``code,name``, in UTF-8; further columns are left alone, a line ``code,name`` too.

        Raises:
            InputError: as from_rows; or not UTF-8, a broken line, or more than 16 MiB.
        """
        if len(data) > _MOST_BYTES:
            raise LimitExceeded("bytes", allowed=_MOST_BYTES, found=len(data))
        try:
            text = data if isinstance(data, str) else data.decode("utf-8-sig")
            rows = [row for row in csv.reader(text.splitlines(), strict=True) if row]
        except (UnicodeDecodeError, csv.Error) as error:
            raise _bad_row("table_row", 0, type(error).__name__) from error
        if rows and rows[0][:2] == ["code", "name"]:
            rows = rows[1:]
        return cls.from_rows((row[0].strip(), row[1] if len(row) > 1 else "") for row in rows)

    def name(self, code: DivisionCode | str) -> str | None:
        """The name of one division, or None."""
        return self.names.get(str(code))

    def full_name(self, code: DivisionCode | str, *, separator: str = "") -> str | None:
        """The names from the province down, as far as the table has them; None if it lacks the division itself."""
        division = DivisionCode.parse(str(code))
        if division.number not in self.names:
            return None
        above = [self.names.get(one.number) for one in (division.province, division.prefecture) if one is not None]
        path = [name for name in (*above, self.names[division.number]) if name]
        return separator.join(dict.fromkeys(path))

    def __contains__(self, code: object) -> bool:
        return (code.number if isinstance(code, DivisionCode) else code) in self.names

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    def __len__(self) -> int:
        return len(self.names)


def _bad_row(rule: str, number: int, found: str) -> ParseError:
    shown = found if len(found) <= 12 and found.isprintable() else ascii(found)[:16]
    return CodeCheck(CodeKind.DIVISION_CODE, rule, str(number), TABLE_ROW, same(shown)).to_error()
