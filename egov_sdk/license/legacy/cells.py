"""The text of cells: what a sheet would take for a formula, and what no cell should hold."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["guard_formula", "has_control", "looks_like_formula", "unguard_formula"]

#: What a program for sheets takes for the beginning of a formula.
_LEADS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
#: A plus or a minus that is none: a number, a telephone number, strokes for "nothing".
_HARMLESS: Final = re.compile(r"[+\-＋－]?[0-9][0-9 .,\-]*%?|[\-－]+|")
_CONTROL: Final = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")


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
