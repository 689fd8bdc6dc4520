"""The three check-character rules, by themselves: GB 11643 (MOD 11-2), GB 11714 and GB 32100 (MOD 31)."""

from __future__ import annotations

from typing import Final

__all__ = [
    "CITIZEN_CHECKS",
    "CITIZEN_WEIGHTS",
    "CREDIT_ALPHABET",
    "CREDIT_WEIGHTS",
    "ORGANIZATION_ALPHABET",
    "ORGANIZATION_CHECKS",
    "ORGANIZATION_WEIGHTS",
    "citizen_check_digit",
    "credit_check_character",
    "organization_check_digit",
]

#: GB 11643-1999: the check character for each remainder of 11.
CITIZEN_CHECKS: Final = "10X98765432"
CITIZEN_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)

#: GB 11714: 11 less the remainder; 10 is written X, and 11 is written 0.
ORGANIZATION_CHECKS: Final = "0X987654321"
ORGANIZATION_WEIGHTS: Final = (3, 7, 9, 10, 5, 8, 4, 2)
ORGANIZATION_ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"

#: GB 32100-2015: digits and capitals without I, O, S, V, Z; a character counts for its place in here.
CREDIT_ALPHABET: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
CREDIT_WEIGHTS: Final = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)


def _sum(text: str, alphabet: str, weights: tuple[int, ...]) -> int:
    values = [alphabet.find(character) for character in text]
    if len(values) != len(weights) or -1 in values:
        raise ValueError(f"expected {len(weights)} characters of {alphabet}")
    return sum(value * weight for value, weight in zip(values, weights, strict=True))


def citizen_check_digit(first_17: str) -> str:
    """The last character of a citizen number, ``0`` to ``9`` or ``X``, from the 17 digits before it.

    Raises:
        ValueError: not 17 digits.
    Source:
        GB 11643-1999; ISO 7064, MOD 11-2.
    Example:
        >>> citizen_check_digit("11010519491231002")
        'X'
    """
    return CITIZEN_CHECKS[_sum(first_17, "0123456789", CITIZEN_WEIGHTS) % 11]


def organization_check_digit(first_8: str) -> str:
    """The last character of an organisation code (组织机构代码), from the 8 digits or capitals before it.

    Raises:
        ValueError: not 8 digits or capitals.
    Source:
        GB 11714.
    """
    return ORGANIZATION_CHECKS[_sum(first_8, ORGANIZATION_ALPHABET, ORGANIZATION_WEIGHTS) % 11]


def credit_check_character(first_17: str) -> str:
    """The last character of a unified social credit code, from the 17 before it.

    Raises:
        ValueError: not 17 characters of CREDIT_ALPHABET.
    Source:
        GB 32100-2015.
    """
    return CREDIT_ALPHABET[-_sum(first_17, CREDIT_ALPHABET, CREDIT_WEIGHTS) % 31]
