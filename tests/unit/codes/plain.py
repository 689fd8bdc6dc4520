"""The same rules once more in the plainest form: a regex and a loop. Shares nothing with the library."""

from __future__ import annotations

import re
from datetime import date

__all__ = ["citizen_is_good", "credit_is_good", "mod11_2", "mod31", "organization_check"]

CREDIT = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CITIZEN = re.compile(r"[1-8][0-9]{16}[0-9X]")
_CREDIT = re.compile(r"[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}")


def mod11_2(first_17: str) -> str:
    """ISO 7064 as it is defined: double and add."""
    product = 0
    for digit in first_17:
        product = (product + int(digit)) * 2 % 11
    return "0123456789X"[(12 - product) % 11]


def mod31(first_17: str) -> str:
    total = sum(CREDIT.index(character) * 3**place for place, character in enumerate(first_17))
    return CREDIT[(31 - total % 31) % 31]


def organization_check(first_8: str) -> str:
    total = sum(
        int(character, 36) * weight for character, weight in zip(first_8, (3, 7, 9, 10, 5, 8, 4, 2), strict=True)
    )
    return {10: "X", 11: "0"}.get(11 - total % 11, str(11 - total % 11))


def citizen_is_good(text: str) -> bool:
    if not _CITIZEN.fullmatch(text) or text[:6] in ("810000", "820000", "830000"):
        return False
    try:
        born = date(int(text[6:10]), int(text[10:12]), int(text[12:14]))
    except ValueError:
        return False
    return 1850 <= born.year <= 2199 and mod11_2(text[:17]) == text[17]


def credit_is_good(text: str) -> bool:
    return bool(_CREDIT.fullmatch(text)) and organization_check(text[8:16]) == text[16] and mod31(text[:17]) == text[17]
