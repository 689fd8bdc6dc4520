"""Passports, mainland travel permits and military IDs: numbers without a check character.

Only the rule for Hong Kong and Macao travel permits has been published. For the others no public rule is claimed:
their check refuses what cannot be such a number, and ``CodeKind.is_shape_only`` says that a good one proves little.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

from egov_sdk.codes._person import PersonalCode
from egov_sdk.codes._weights import DIGITS
from egov_sdk.codes._words import (
    A_CAPITAL_OR_DIGIT,
    A_DIGIT,
    A_PRINTED_CHARACTER,
    H_OR_M,
    SOME_DIGIT,
    counts,
    same,
    span,
)
from egov_sdk.codes.kinds import CodeKind
from egov_sdk.codes.masking import mask_number
from egov_sdk.codes.problems import CodeCheck, wrong_character

__all__ = [
    "HkMacaoTravelPermit",
    "MilitaryId",
    "Passport",
    "TaiwanTravelPermit",
    "check_hk_macao_travel_permit",
    "check_military_id",
    "check_passport",
    "check_taiwan_travel_permit",
]

_CAPITALS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_PASSPORT_LENGTHS, _TAIWAN_LENGTHS, _MILITARY_LENGTHS = range(4, 21), range(8, 13), range(4, 25)
_GOOD: Final = {kind: CodeCheck(kind) for kind in CodeKind}


def _check_loosely(text: str, kind: CodeKind, *, lengths: range) -> CodeCheck:
    """Capitals and digits, at least one of these, and a length that does not rule it out."""
    if len(text) not in lengths:
        return CodeCheck(kind, "length", "", span(lengths), same(str(len(text))))
    for place, character in enumerate(text, 1):
        if character not in DIGITS and character not in _CAPITALS:
            return wrong_character(kind, text, place, A_CAPITAL_OR_DIGIT, capitals=_CAPITALS)
    return _with_digit(text, kind)


def _with_digit(text: str, kind: CodeKind) -> CodeCheck:
    if any(character in DIGITS for character in text):
        return _GOOD[kind]
    return CodeCheck(kind, "shape", "", SOME_DIGIT, same(mask_number(text)))


def check_passport(text: str) -> CodeCheck:
    """Whether a text can be a passport number of any country: 4 to 20 capitals and digits, at least one digit."""
    return _check_loosely(text, CodeKind.PASSPORT, lengths=_PASSPORT_LENGTHS)


def check_hk_macao_travel_permit(text: str) -> CodeCheck:
    """Which rule of a Hong Kong and Macao travel permit (港澳居民来往内地通行证) number a text breaks, if any.

    H or M and the eight digits that its holder keeps for life; two more digits count the renewals where they are
    written behind.

    Source:
        公安部，港澳居民来往内地通行证号码规则, 2010-03-10.
    """
    kind = CodeKind.HK_MACAO_TRAVEL_PERMIT
    if len(text) not in (9, 11):
        return CodeCheck(kind, "length", "", counts(9, 11), same(str(len(text))))
    if text[0] not in "HM":
        return wrong_character(kind, text, 1, H_OR_M, capitals="HM")
    for place, character in enumerate(text[1:], 2):
        if character not in DIGITS:
            return wrong_character(kind, text, place, A_DIGIT)
    return _GOOD[kind]


def check_taiwan_travel_permit(text: str) -> CodeCheck:
    """Whether a text can be a Taiwan travel permit (台湾居民来往大陆通行证) number: 8 to 12 capitals and digits."""
    return _check_loosely(text, CodeKind.TAIWAN_TRAVEL_PERMIT, lengths=_TAIWAN_LENGTHS)


def check_military_id(text: str) -> CodeCheck:
    """Whether a text can be the number of a military or armed police ID: 4 to 24 printed characters with a digit.

    Chinese characters are usual, as in 某字第1234567号; spaces are refused.
    """
    kind = CodeKind.MILITARY_ID
    if len(text) not in _MILITARY_LENGTHS:
        return CodeCheck(kind, "length", "", span(_MILITARY_LENGTHS), same(str(len(text))))
    for place, character in enumerate(text, 1):
        if not (character.isalnum() or character in "-.()（）"):
            return wrong_character(kind, text, place, A_PRINTED_CHARACTER)
    return _with_digit(text, kind)


@dataclass(frozen=True, slots=True, repr=False)
class Passport(PersonalCode):
    """A passport number (护照号码) of any country. ``str`` and ``repr`` show it masked."""

    kind: ClassVar[CodeKind] = CodeKind.PASSPORT

    @classmethod
    def check(cls, text: str) -> CodeCheck:
        """As check_passport."""
        return check_passport(text)


@dataclass(frozen=True, slots=True, repr=False)
class HkMacaoTravelPermit(PersonalCode):
    """The number of a mainland travel permit (港澳居民来往内地通行证). ``str`` and ``repr`` show it masked."""

    kind: ClassVar[CodeKind] = CodeKind.HK_MACAO_TRAVEL_PERMIT

    @classmethod
    def check(cls, text: str) -> CodeCheck:
        """As check_hk_macao_travel_permit."""
        return check_hk_macao_travel_permit(text)

    @property
    def lifelong(self) -> str:
        """The nine characters that stay the same when the permit is renewed."""
        return self.number[:9]

    @property
    def renewals(self) -> int | None:
        """How often it has been renewed, where the number says so."""
        return int(self.number[9:]) if len(self.number) == 11 else None


@dataclass(frozen=True, slots=True, repr=False)
class TaiwanTravelPermit(PersonalCode):
    """The number of a mainland travel permit (台湾居民来往大陆通行证). ``str`` and ``repr`` show it masked."""

    kind: ClassVar[CodeKind] = CodeKind.TAIWAN_TRAVEL_PERMIT

    @classmethod
    def check(cls, text: str) -> CodeCheck:
        """As check_taiwan_travel_permit."""
        return check_taiwan_travel_permit(text)


@dataclass(frozen=True, slots=True, repr=False)
class MilitaryId(PersonalCode):
    """The number of an officer's, soldier's or civilian's ID (军官证等). ``str`` and ``repr`` show it masked."""

    kind: ClassVar[CodeKind] = CodeKind.MILITARY_ID

    @classmethod
    def check(cls, text: str) -> CodeCheck:
        """As check_military_id."""
        return check_military_id(text)
