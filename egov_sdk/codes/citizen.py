"""Citizen numbers (公民身份号码, GB 11643): 18 characters, and the 15 digits of the first generation."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar, Final

from egov_sdk.codes._person import (
    SHORT_BIRTH_DATES,
    BornCode,
    born_on,
    check_birth,
    check_division,
    explain,
    is_leap_day_missing,
    right_check,
    sex_of,
)
from egov_sdk.codes._weights import DAYS, DIGITS, DIVISION_HEAD
from egov_sdk.codes._words import A_DIGIT, FIRST_DIGIT, same
from egov_sdk.codes.check_digits import citizen_check_digit
from egov_sdk.codes.divisions import DivisionCode
from egov_sdk.codes.kinds import KIND_NAMES, CodeKind, Sex
from egov_sdk.codes.problems import CodeCheck, wrong_character

__all__ = ["RESIDENCE_AREAS", "CitizenNumber", "check_citizen_number"]

#: What residence permits have in the place of a division: Hong Kong, Macao, Taiwan.
RESIDENCE_AREAS: Final = frozenset({"810000", "820000", "830000"})
#: No province has this number, and none ever had: the numbers made for tests begin with it.
SPECIMEN_PROVINCE: Final = "89"

_KIND = CodeKind.CITIZEN_NUMBER
_GOOD = CodeCheck(_KIND)


def check_citizen_number(
    text: str, *, at: datetime | None = None, divisions: Container[str] | None = None
) -> CodeCheck:
    """Which rule of a citizen number a text breaks, if any.

    Args:
        text: 18 characters, the last one a digit or a capital X, or 15 digits; nothing around them.
        at: when given, a date of birth after this day in China is refused.
        divisions: when given, the first six digits must be in it. It needs the codes of former divisions as well.
    Raises:
        ValueError: ``at`` has no time zone.
    Source:
        GB 11643-1999.
    """
    check = right_check(text, DIVISION_HEAD)
    if check is None or check != text[17:]:
        if len(text) != 15:
            return explain(text, _KIND, check=check, head=DIVISION_HEAD, lengths=(15, 18))
        bad = _check_short(text)
        if bad is not None:
            return bad
    if text[3:6] == "000" and text[:6] in RESIDENCE_AREAS:
        return CodeCheck(_KIND, "other_kind", "1-6", found=KIND_NAMES[CodeKind.RESIDENCE_PERMIT])
    good = _GOOD
    if divisions is not None:
        good = check_division(text, good, divisions)
    if at is not None and good.ok:
        good = check_birth(text if len(text) == 18 else _lengthened(text), good, at)
    return good


def _check_short(text: str) -> CodeCheck | None:
    for place, character in enumerate(text, 1):
        if character not in DIGITS:
            return wrong_character(_KIND, text, place, A_DIGIT)
    if text[:3] not in DIVISION_HEAD:
        return CodeCheck(_KIND, "division", "1-6", FIRST_DIGIT, same(f"{text[0]}*****"))
    year, day = "19" + text[6:8], text[8:12]
    if day not in DAYS or is_leap_day_missing(year, day):
        return CodeCheck(_KIND, "birth_date", "7-12", SHORT_BIRTH_DATES, same("******"))
    return None


def _lengthened(short: str) -> str:
    first = f"{short[:6]}19{short[6:]}"
    return first + citizen_check_digit(first)


@dataclass(frozen=True, slots=True, repr=False)
class CitizenNumber(BornCode):
    """A citizen number of 18 characters, or of 15 digits as on old papers.

    ``str`` and ``repr`` show it masked; ``number`` is the number itself.
    """

    kind: ClassVar[CodeKind] = _KIND

    @classmethod
    def check(cls, text: str) -> CodeCheck:
        """As check_citizen_number, without a day and without a table."""
        return check_citizen_number(text)

    @property
    def is_short(self) -> bool:
        """Whether it has 15 digits; then it has no check character."""
        return len(self.number) == 15

    def to_18(self) -> CitizenNumber:
        """The same number with 18 characters: the century 19 and the check character are added."""
        return CitizenNumber(_lengthened(self.number)) if self.is_short else self

    @property
    def division(self) -> DivisionCode:
        """Where the number was first issued; that division may no longer exist."""
        return DivisionCode(self.number[:6])

    @property
    def birth_date(self) -> date:
        return born_on(self.to_18().number)

    @property
    def sex(self) -> Sex:
        return sex_of(self.sequence)

    @property
    def sequence(self) -> str:
        """The three digits (顺序码) that tell people of one division and one day apart."""
        return self.number[-3:] if self.is_short else self.number[14:17]

    @property
    def is_specimen(self) -> bool:
        """Whether it was made for tests and can belong to nobody; a system in service should refuse it."""
        return self.number.startswith(SPECIMEN_PROVINCE)
