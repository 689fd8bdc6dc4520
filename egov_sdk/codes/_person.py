"""The rules that numbers of 18 characters for people share, and the value that every number of a person is."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar, Final, Self

from egov_sdk.codes._weights import (
    CHECKS,
    DAYS,
    DIGITS,
    DIGITS_4_TO_6,
    FIRST_YEAR,
    LAST_YEAR,
    SEQUENCES,
    YEARS,
)
from egov_sdk.codes._words import A_DIGIT, A_DIGIT_OR_X, FIRST_DIGIT, HIDDEN_DATE, IN_TABLE, counts, dates, same
from egov_sdk.codes.check_digits import CITIZEN_CHECKS
from egov_sdk.codes.kinds import CodeKind, Sex
from egov_sdk.codes.masking import mask_number
from egov_sdk.codes.problems import CodeCheck, wrong_character, wrong_check
from egov_sdk.times import day_in_beijing

BIRTH_DATES: Final = dates(FIRST_YEAR, LAST_YEAR, "YYYYMMDD")
SHORT_BIRTH_DATES: Final = dates(1900, 1999, "YYMMDD")


def is_leap_day_missing(year: str, day: str) -> bool:
    """Whether a day that the table of days allows does not exist in that year."""
    if day != "0229":
        return False
    number = int(year)
    return number % 4 != 0 or (number % 100 == 0 and number % 400 != 0)


def right_check(text: str, head: dict[str, int]) -> str | None:
    """The check character that goes with the first 17; None where one of those is wrong already."""
    try:
        year, day = text[6:10], text[10:14]
        total = head[text[:3]] + DIGITS_4_TO_6[text[3:6]] + YEARS[year] + DAYS[day] + SEQUENCES[text[14:17]]
    except KeyError:
        return None
    return None if day == "0229" and is_leap_day_missing(year, day) else CHECKS[total]


def explain(
    text: str, kind: CodeKind, *, check: str | None, head: dict[str, int], lengths: tuple[int, ...] = (18,)
) -> CodeCheck:
    """The first rule that a text breaks whose last character is not ``check``, the answer of right_check."""
    if len(text) == 18 and check is not None and text[17] in CITIZEN_CHECKS:
        return wrong_check(kind, "check_digit", "18", check, text[17])
    if len(text) not in lengths:
        return CodeCheck(kind, "length", "", counts(*lengths), same(str(len(text))))
    for place, character in enumerate(text[:17], 1):
        if character not in DIGITS:
            return wrong_character(kind, text, place, A_DIGIT)
    if text[17] not in CITIZEN_CHECKS:
        return wrong_character(kind, text, 18, A_DIGIT_OR_X, capitals="X")
    if text[:3] not in head:
        return CodeCheck(kind, "division", "1-6", FIRST_DIGIT, same(f"{text[0]}*****"))
    return CodeCheck(kind, "birth_date", "7-14", BIRTH_DATES, HIDDEN_DATE)


def check_birth(text: str, good: CodeCheck, at: datetime) -> CodeCheck:
    """A well-formed number of 18 characters once more, with the day from which a birth lies in the future."""
    today = day_in_beijing(at)
    if text[6:14] > today.strftime("%Y%m%d"):
        return CodeCheck(good.kind, "birth_date_future", "7-14", same(today.isoformat()), HIDDEN_DATE)
    return good


def check_division(text: str, good: CodeCheck, divisions: Container[str]) -> CodeCheck:
    """A well-formed number once more, with the table that its first six digits must be in."""
    if text[:6] in divisions:
        return good
    return CodeCheck(good.kind, "division_unknown", "1-6", IN_TABLE, same(f"{text[0]}*****"))


def born_on(text: str) -> date:
    """The date in characters 7 to 14."""
    return date(int(text[6:10]), int(text[10:14][:2]), int(text[12:14]))


def sex_of(sequence: str) -> Sex:
    """Odd is male (GB 11643-1999)."""
    return Sex.MALE if int(sequence) % 2 else Sex.FEMALE


@dataclass(frozen=True, slots=True, repr=False)
class PersonalCode:
    """A number that names a person. ``str`` and ``repr`` show it masked; ``number`` is the number itself."""

    number: str

    kind: ClassVar[CodeKind]

    def __post_init__(self) -> None:
        self.check(self.number).require()

    @classmethod
    def check(cls, text: str) -> CodeCheck:
        """Which rule the text breaks, if any."""
        raise NotImplementedError  # pragma: no cover - every kind has its own

    @classmethod
    def parse(cls, text: str) -> Self:
        """The value of a text that breaks no rule.

        Raises:
            ParseError: it breaks one; the code names the rule, and the message shows the number masked if at all.
        """
        return cls(text)

    @property
    def masked(self) -> str:
        return mask_number(self.number)

    def __str__(self) -> str:
        return self.masked

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.masked}>"


@dataclass(frozen=True, slots=True, repr=False)
class BornCode(PersonalCode):
    """A number of 18 characters that states a date of birth and a sex."""

    @property
    def birth_date(self) -> date:
        return born_on(self.number)

    @property
    def sex(self) -> Sex:
        return sex_of(self.number[14:17])

    @property
    def sequence(self) -> str:
        """Characters 15 to 17 (顺序码)."""
        return self.number[14:17]
