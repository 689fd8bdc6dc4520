"""Text objects (文字对象): which glyph stands where."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from lxml import etree

from egov_sdk.ofd.render.values import expanded, parse_numbers, real
from egov_sdk.ofd.xml import children, loose_text

__all__ = ["Piece", "pieces_of"]

#: Line breaks with the indentation around them, as re-indented files have them.
_BREAK_ENDS = re.compile(r"^[ ]*[\r\n\t][\s]*|[\s]*[\r\n\t][ ]*$")
_BREAK_INSIDE = re.compile(r"\s*[\r\n\t]\s*")


@dataclass(frozen=True, slots=True)
class Piece:
    """One thing to draw at a place: a glyph of the embedded font, or a character where ``glyph`` is None.

    ``cell`` is how wide its place in the line is, None where that is not said. ``adrift`` marks text without any
    steps: the widths of the font place it, counted from x and y.
    """

    x: float
    y: float
    character: str
    glyph: int | None
    cell: float | None
    adrift: bool = False


@dataclass(frozen=True, slots=True)
class _Transform:
    """A CGTransform: some characters drawn by some glyphs."""

    position: int
    characters: int
    glyphs: tuple[int, ...]


def pieces_of(element: etree._Element, *, by_glyph: bool, at_most: int) -> Iterator[list[Piece]]:
    """The pieces of a text object, one list for each TextCode.

    Args:
        by_glyph: Follow glyph indices; they mean something in an embedded font only.
        at_most: No more pieces than that and one.
    """
    pen: tuple[float, float] = (0.0, 0.0)
    transforms: list[_Transform] = []
    late = _late_transforms(element)
    for name, part in children(element):
        if name == "CGTransform":
            transforms.append(_transform(part, at_most))
        elif name == "TextCode":
            pen = (real(part.get("X"), pen[0]), real(part.get("Y"), pen[1]))
            served = transforms or late
            yield _line(part, pen, served if by_glyph else [], at_most=at_most)
            transforms, late = [], []


def _late_transforms(element: etree._Element) -> list[_Transform]:
    """Some files put CGTransform behind the only TextCode that it serves."""
    names = [name for name, _ in children(element) if name in ("CGTransform", "TextCode")]
    if not names or names[0] != "TextCode" or names.count("TextCode") != 1:
        return []
    return [_transform(part, 10_000) for name, part in children(element) if name == "CGTransform"]


def _transform(element: etree._Element, at_most: int) -> _Transform:
    listed = next((loose_text(part) for name, part in children(element) if name == "Glyphs"), "")
    glyphs = tuple(int(value) for value in parse_numbers(listed)[: at_most + 1] if 0 <= value <= 0xFFFF)
    return _Transform(int(real(element.get("CodePosition"), 0)), int(real(element.get("CodeCount"), 1)), glyphs)


def _line(code: etree._Element, pen: tuple[float, float], transforms: list[_Transform], *, at_most: int) -> list[Piece]:
    text = _BREAK_INSIDE.sub(" ", _BREAK_ENDS.sub("", code.text or ""))[: at_most + 1]
    shown = list(_clusters(text, transforms))[: at_most + 1]
    steps_x = expanded(code.get("DeltaX"), at_most=len(shown))
    steps_y = expanded(code.get("DeltaY"), at_most=len(shown))
    unsaid = not steps_x and not steps_y
    x, y = pen
    pieces = []
    for place, (character, glyph) in enumerate(shown):
        pieces.append(Piece(x, y, character, glyph, _cell(shown, steps_x, place), unsaid))
        x, y = x + _step(steps_x, place), y + _step(steps_y, place)
    return pieces


def _cell(shown: list[tuple[str, int | None]], steps: list[float], place: int) -> float | None:
    """How wide the place of a character is. A step behind the last one leads to the next line: its neighbour tells."""
    if place == len(shown) - 1:
        place -= 1
        if place < 0 or _is_wide(shown[-1][0]) != _is_wide(shown[-2][0]):
            return None
    return abs(_step(steps, place)) or None


def _is_wide(character: str) -> bool:
    return bool(character) and unicodedata.east_asian_width(character[0]) in "WFA"


def _step(steps: list[float], place: int) -> float:
    """A list that is too short goes on with its last value."""
    return steps[min(place, len(steps) - 1)] if steps else 0.0


def _clusters(text: str, transforms: list[_Transform]) -> Iterator[tuple[str, int | None]]:
    by_position: Mapping[int, _Transform] = {one.position: one for one in reversed(transforms)}
    place = 0
    while place < len(text):
        one = by_position.get(place)
        if one is None or not one.glyphs:
            yield text[place], None
            place += 1
            continue
        covered = text[place : place + max(one.characters, 1)]
        for number, glyph in enumerate(one.glyphs):
            yield covered[number] if number < len(covered) else "", glyph
        place += max(one.characters, 1)
