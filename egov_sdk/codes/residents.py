"""Residence permits of Hong Kong, Macao and Taiwan residents, and permanent residence cards of foreigners."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar, Final, Literal

from egov_sdk.codes._person import (
    BornCode,
    PersonalCode,
    born_on,
    check_birth,
    explain,
    right_check,
    sex_of,
)
from egov_sdk.codes._weights import CARD_HEAD, DIGITS, DIVISION_HEAD
from egov_sdk.codes._words import A_CAPITAL, A_DIGIT, AREAS, same
from egov_sdk.codes._words import CARD_HEAD as HEAD_WANTED
from egov_sdk.codes.citizen import RESIDENCE_AREAS, SPECIMEN_PROVINCE
from egov_sdk.codes.divisions import DivisionCode
from egov_sdk.codes.kinds import CodeKind, Sex
from egov_sdk.codes.problems import CodeCheck, wrong_character

__all__ = [
    "Area",
    "PermanentResidentCard",
    "ResidencePermit",
    "check_permanent_resident_card",
    "check_residence_permit",
]

Area = Literal["hong_kong", "macao", "taiwan"]

#: The permits made for tests state a birth in these years: nobody of that age is, or will be, alive to hold one.
SPECIMEN_YEARS: Final = range(1850, 1860)

_AREAS: Final[dict[str, Area]] = {"810000": "hong_kong", "820000": "macao", "830000": "taiwan"}
_PERMIT, _CARD = CodeKind.RESIDENCE_PERMIT, CodeKind.PERMANENT_RESIDENT_CARD
_GOOD_PERMIT, _GOOD_CARD = CodeCheck(_PERMIT), CodeCheck(_CARD)
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def check_residence_permit(text: str, *, at: datetime | None = None) -> CodeCheck:
    """Which rule of a residence permit (港澳台居民居住证) number a text breaks, if any.

    18 characters as in a citizen number, with 810000, 820000 or 830000 in the place of the division.

    Args:
        at: when given, a date of birth after this day in China is refused.
    Raises:
        ValueError: ``at`` has no time zone.
    """
    check = right_check(text, DIVISION_HEAD)
    if check is None or check != text[17:]:
        return explain(text, _PERMIT, check=check, head=DIVISION_HEAD)
    if text[:6] not in RESIDENCE_AREAS:
        return CodeCheck(_PERMIT, "area", "1-6", AREAS, same(f"{text[0]}*****"))
    return _GOOD_PERMIT if at is None else check_birth(text, _GOOD_PERMIT, at)


@dataclass(frozen=True, slots=True, repr=False)
class ResidencePermit(BornCode):
    """The number of a residence permit (港澳台居民居住证). ``str`` and ``repr`` show it masked."""

    kind: ClassVar[CodeKind] = _PERMIT

    @classmethod
    def check(cls, text: str) -> CodeCheck:
        """As check_residence_permit, without a day."""
        return check_residence_permit(text)

    @property
    def area(self) -> Area:
        """Where its holder is from."""
        return _AREAS[self.number[:6]]

    @property
    def is_specimen(self) -> bool:
        """Whether it was made for tests and can belong to nobody; a system in service should refuse it."""
        return int(self.number[6:10]) in SPECIMEN_YEARS


def check_permanent_resident_card(text: str, *, at: datetime | None = None) -> CodeCheck:
    """Which rule of a permanent residence card (外国人永久居留身份证) number a text breaks, if any.

    New, issued since 2023-12-01: 9, the province of application, the nationality in three digits of ISO 3166-1,
    the date of birth, a sequence, and the check character of GB 11643. Old: three letters and twelve digits, of which
    no more is known here. Both are in use.

    Args:
        at: when given, a date of birth in a new number after this day in China is refused.
    Raises:
        ValueError: ``at`` has no time zone.
    """
    check = right_check(text, CARD_HEAD)
    if check is not None and check == text[17:]:
        return _GOOD_CARD if at is None else check_birth(text, _GOOD_CARD, at)
    if len(text) == 15:
        return _check_old(text)
    bad = explain(text, _CARD, check=check, head=CARD_HEAD, lengths=(15, 18))
    return CodeCheck(_CARD, "area", "1-3", HEAD_WANTED, same(f"{text[0]}**")) if bad.rule == "division" else bad


def _check_old(text: str) -> CodeCheck:
    for place, character in enumerate(text, 1):
        if place <= 3 and character not in _LETTERS:
            return wrong_character(_CARD, text, place, A_CAPITAL, capitals=_LETTERS)
        if place > 3 and character not in DIGITS:
            return wrong_character(_CARD, text, place, A_DIGIT)
    return _GOOD_CARD


@dataclass(frozen=True, slots=True, repr=False)
class PermanentResidentCard(PersonalCode):
    """The number of a permanent residence card (外国人永久居留身份证), new or old. ``str`` and ``repr`` show it masked.

    Of an old number only its ``letters`` can be told; the other facts are None.
    """

    kind: ClassVar[CodeKind] = _CARD

    @classmethod
    def check(cls, text: str) -> CodeCheck:
        """As check_permanent_resident_card, without a day."""
        return check_permanent_resident_card(text)

    @property
    def is_old(self) -> bool:
        return len(self.number) == 15

    @property
    def letters(self) -> str | None:
        """The three letters that an old number begins with."""
        return self.number[:3] if self.is_old else None

    @property
    def nationality(self) -> str | None:
        """The nationality as in ISO 3166-1 numeric, such as 682."""
        return None if self.is_old else self.number[3:6]

    @property
    def province(self) -> DivisionCode | None:
        """Where the card was applied for."""
        return None if self.is_old else DivisionCode(self.number[1:3] + "0000")

    @property
    def birth_date(self) -> date | None:
        return None if self.is_old else born_on(self.number)

    @property
    def sex(self) -> Sex | None:
        return None if self.is_old else sex_of(self.number[14:17])

    @property
    def is_specimen(self) -> bool:
        """Whether it was made for tests and can belong to nobody; a system in service should refuse it."""
        return not self.is_old and self.number[1:3] == SPECIMEN_PROVINCE
