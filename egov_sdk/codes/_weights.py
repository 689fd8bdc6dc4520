"""Tables that answer for several characters at once, so that checking a number is a handful of look-ups.

A key that is missing from a table is itself the answer: these characters are not allowed there.
"""

from __future__ import annotations

from typing import Final

from egov_sdk.codes.check_digits import (
    CITIZEN_CHECKS,
    CITIZEN_WEIGHTS,
    CREDIT_ALPHABET,
    CREDIT_WEIGHTS,
    ORGANIZATION_ALPHABET,
    ORGANIZATION_CHECKS,
    ORGANIZATION_WEIGHTS,
)

#: Nobody was born earlier who can have such a number; later than the last year nobody needs one yet.
FIRST_YEAR, LAST_YEAR = 1850, 2199
#: GB/T 2260 counts eight regions of the country: the first digit of every division code.
REGIONS: Final = "12345678"
DIGITS: Final = "0123456789"

_MONTH_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)

#: What each character counts at one place.
_Column = dict[str, int]


def _table(*columns: _Column) -> dict[str, int]:
    """The sums of all texts with one character of each column."""
    table = {"": 0}
    for column in columns:
        table = {
            text + character: total + value for text, total in table.items() for character, value in column.items()
        }
    return table


def _digits(place: int, allowed: str = DIGITS) -> _Column:
    return {digit: int(digit) * CITIZEN_WEIGHTS[place] for digit in allowed}


#: Characters 1 to 3 of a number that begins with a division, or with 9 and a province.
DIVISION_HEAD: Final = _table(_digits(0, REGIONS), _digits(1), _digits(2))
CARD_HEAD: Final = _table(_digits(0, "9"), _digits(1, REGIONS), _digits(2))
DIGITS_4_TO_6: Final = _table(_digits(3), _digits(4), _digits(5))
_YEAR_COLUMNS = tuple(map(_digits, range(6, 10)))
_DAY_COLUMNS = tuple(map(_digits, range(10, 14)))
YEARS: Final = {
    text: sum(column[digit] for column, digit in zip(_YEAR_COLUMNS, text, strict=True))
    for text in map(str, range(FIRST_YEAR, LAST_YEAR + 1))
}
DAYS: Final = {
    text: sum(column[digit] for column, digit in zip(_DAY_COLUMNS, text, strict=True))
    for text in (f"{month:02d}{day:02d}" for month, last in enumerate(_MONTH_DAYS, 1) for day in range(1, last + 1))
}
SEQUENCES: Final = _table(_digits(14), _digits(15), _digits(16))
#: The check character for every sum.
CHECKS: Final = tuple(CITIZEN_CHECKS[total % 11] for total in range(9 * sum(CITIZEN_WEIGHTS) + 1))

#: A credit table gives two sums at once: GB 32100 below this bit, the organisation code inside from it on.
ORGANIZATION_SHIFT: Final = 16
CREDIT_MASK: Final = (1 << ORGANIZATION_SHIFT) - 1


def _credit(place: int, allowed: str = CREDIT_ALPHABET) -> _Column:
    inner = ORGANIZATION_WEIGHTS[place - 8] if 8 <= place < 16 else 0
    return {
        character: CREDIT_ALPHABET.index(character) * CREDIT_WEIGHTS[place]
        + (ORGANIZATION_ALPHABET.index(character) * inner << ORGANIZATION_SHIFT)
        for character in allowed
    }


CREDIT_1: Final = _table(_credit(0), _credit(1))
CREDIT_3: Final = _table(*(_credit(place, DIGITS) for place in (2, 3, 4)))
CREDIT_6: Final = _table(*(_credit(place, DIGITS) for place in (5, 6, 7)))
CREDIT_9: Final = _table(_credit(8), _credit(9))
CREDIT_11: Final = _table(_credit(10), _credit(11))
CREDIT_13: Final = _table(_credit(12), _credit(13))
CREDIT_15: Final = _table(_credit(14), _credit(15))
CREDIT_17: Final = _credit(16)
CREDIT_CHECKS: Final = tuple(CREDIT_ALPHABET[-total % 31] for total in range(30 * sum(CREDIT_WEIGHTS) + 1))
INNER_CHECKS: Final = tuple(ORGANIZATION_CHECKS[total % 11] for total in range(35 * sum(ORGANIZATION_WEIGHTS) + 1))
