"""Break text into lines, and write the steps between characters."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from itertools import groupby

from egov_sdk.ofd.builder.metrics import advances_mm
from egov_sdk.ofd.geometry import format_number

__all__ = ["delta_x", "text_width_mm", "wrap_text"]

_NOT_FIRST = frozenset("、，。；：！？）》」』】〉〕”’…—％%,.;:!?)]}")
_NOT_LAST = frozenset("（《「『【〈〔“‘([{￥$")
_RUN = 3


@lru_cache(maxsize=1 << 12)
def text_width_mm(text: str, *, font: str, size_mm: float) -> float:
    """How wide a line of text is in millimetres."""
    return sum(advances_mm(text, font=font, size_mm=size_mm))


def wrap_text(text: str, *, font: str, size_mm: float, width_mm: float) -> tuple[str, ...]:
    """Break text into lines no wider than ``width_mm``.

    Chinese breaks between any two characters but before closing and after opening punctuation, Latin
    breaks at blanks, and a word longer than a line is cut. Line breaks in the text are kept.

    Raises:
        ValueError: the width does not hold a single character.
    """
    if width_mm < size_mm:
        raise ValueError(f"width_mm must be at least one character, {size_mm} mm, got {width_mm}")
    return tuple(
        line
        for paragraph in text.split("\n")
        for line in _wrap_paragraph(paragraph, font=font, size_mm=size_mm, width_mm=width_mm)
    )


def _wrap_paragraph(text: str, *, font: str, size_mm: float, width_mm: float) -> Iterator[str]:
    widths = advances_mm(text, font=font, size_mm=size_mm)
    if text and sum(widths) <= width_mm:
        yield text
        return
    start = 0
    while start < len(text):
        end, used = start, 0.0
        while end < len(text) and used + widths[end] <= width_mm + 1e-9:
            used += widths[end]
            end += 1
        if end < len(text):
            end = _break_before(text, start, end)
        yield text[start:end].rstrip(" ") if end < len(text) else text[start:]
        start = end
        while 0 < start < len(text) and text[start] == " ":
            start += 1
    if not text:
        yield ""


def _break_before(text: str, start: int, end: int) -> int:
    """The last place in ``start`` … ``end`` where a line may end; ``end`` itself where there is none."""
    for place in range(end, start, -1):
        if _may_break(text[place - 1], text[place]):
            return place
    return end


def _may_break(before: str, after: str) -> bool:
    if after == " ":
        return True
    if after in _NOT_FIRST or before in _NOT_LAST:
        return False
    return before == " " or _is_wide(before) or _is_wide(after)


def _is_wide(character: str) -> bool:
    return unicodedata.east_asian_width(character) in "WF"


@lru_cache(maxsize=1 << 12)
def delta_x(advances: tuple[float, ...]) -> str:
    """The steps between characters as OFD writes them; the last character needs none. Many texts have the same ones.

    Steps are rounded to a thousandth of a millimetre and carry the error on; three and more equal ones
    become a run ``g count step``.
    """
    if len(advances) > _RUN and len(set(advances[:-1])) == 1 and round(advances[0], 3) == advances[0]:
        return f"g {len(advances) - 1} {format_number(advances[0], places=3)}"
    steps, rounded_sum, exact_sum = [], 0.0, 0.0
    for advance in advances[:-1]:
        exact_sum += advance
        step = round(exact_sum - rounded_sum, 3)
        rounded_sum += step
        steps.append(format_number(step, places=3))
    parts: list[str] = []
    for step_text, group in groupby(steps):
        count = len(list(group))
        parts += ["g", str(count), step_text] if count >= _RUN else [step_text] * count
    return " ".join(parts)
