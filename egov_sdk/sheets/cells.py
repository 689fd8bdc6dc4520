"""The text of cells: what a sheet would take for a formula, what no cell should hold, days that are numbers."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from typing import Final

__all__ = [
    "column_letters",
    "guard_formula",
    "has_control",
    "looks_like_formula",
    "moment_text",
    "serial_day",
    "unguard_formula",
]

#: What a program for sheets takes for the beginning of a formula.
_LEADS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
#: A plus or a minus that is none: a number, a telephone number, strokes for "nothing".
_HARMLESS: Final = re.compile(r"[+\-＋－]?[0-9][0-9 .,\-]*%?|[\-－]+|")
_CONTROL: Final = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
_LETTERS: Final = 26
#: Excel believes in a February 29 of 1900; from March on its days are right when counted from here.
_EPOCH_1900: Final = date(1899, 12, 30)
_EPOCH_1904: Final = date(1904, 1, 1)
_FIRST_SURE_SERIAL: Final = 61
_LAST_SERIAL: Final = 2_958_465  # 9999-12-31
_LAST_OF_1904: Final = _LAST_SERIAL - 1462


def looks_like_formula(text: str) -> bool:
    """Whether a program for sheets may compute this text in place of showing it."""
    return text.startswith(_LEADS) and _HARMLESS.fullmatch(text) is None


def guard_formula(text: str) -> str:
    """The text with an apostrophe before it where it would be taken for a formula; see unguard_formula.

    Source:
        OWASP, CSV Injection.
    """
    return "'" + text if text.lstrip("'").startswith(_LEADS) else text


def unguard_formula(text: str) -> str:
    """What guard_formula was given."""
    return text[1:] if text.startswith("'") and text.lstrip("'").startswith(_LEADS) else text


def has_control(text: str) -> bool:
    """Whether a text holds line ends, other control characters, marks of direction, or half a character."""
    return _CONTROL.search(text) is not None


def column_letters(place: int) -> str:
    """What programs for sheets call a column: 0 is A, 26 is AA."""
    letters = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, _LETTERS)
        letters = chr(ord("A") + rest) + letters
    return letters


def serial_day(text: str, *, from_1904: bool, with_time: bool = False) -> date | None:
    """The day of a number of Excel's calendar; None for a text that is none.

    The first sixty days of 1900 are None: programs do not agree on them.

    Args:
        with_time: A part of a day behind the point, which is a time, is left out; without this the text is no day.
    """
    whole, _, part = text.partition(".")
    if not (whole.isascii() and whole.isdigit() and len(whole) <= len(str(_LAST_SERIAL))):
        return None
    if part.strip("0") and not (with_time and part.isascii() and part.isdigit()):
        return None
    number = int(whole)
    if from_1904:
        return _EPOCH_1904 + timedelta(days=number) if 0 < number <= _LAST_OF_1904 else None
    return _EPOCH_1900 + timedelta(days=number) if _FIRST_SURE_SERIAL <= number <= _LAST_SERIAL else None


def moment_text(value: object) -> str:
    """A day, a moment or a time of day as text."""
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ", "seconds")
    return value.isoformat() if isinstance(value, (date, time)) else str(value)
