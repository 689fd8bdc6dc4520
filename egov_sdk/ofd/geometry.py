"""Millimetre boxes and numbers as OFD writes them."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from egov_sdk.ofd.problems import refuse

__all__ = ["Box", "format_number", "parse_box"]

_NUMBER = re.compile(r"[+-]?(?:\d{1,12}\.?\d{0,20}|\.\d{1,20})(?:[eE][+-]?\d{1,2})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle (ST_Box) in millimetres; x and y are its top left corner, y grows downward."""

    x: float
    y: float
    w: float
    h: float

    def __str__(self) -> str:
        number = format_number
        return f"{number(self.x)} {number(self.y)} {number(self.w)} {number(self.h)}"


def parse_box(text: str, *, where: str, name: str) -> Box:
    """Read ``x y w h``; the size may be zero or negative, as it is in real files.

    Raises:
        ParseError: not four finite decimal numbers.
    """
    box = _usual_box(text) if len(text) <= _USUAL else _box(text)
    if box is None:
        raise refuse("xml.number", where=where, name=name, found=text, expected="four numbers x y w h")
    return box


#: Longer texts come from nobody in good faith, and are not remembered.
_USUAL: Final = 64


@lru_cache(maxsize=1 << 12)
def _usual_box(text: str) -> Box | None:
    return _box(text)


def _box(text: str) -> Box | None:
    parts = text.split()
    if len(parts) != 4 or not all(_NUMBER.fullmatch(part) for part in parts):
        return None
    x, y, w, h = map(float, parts)
    return Box(x, y, w, h)


@lru_cache(maxsize=1 << 13)
def format_number(value: float, *, places: int = 4) -> str:
    """A decimal without exponent, trailing zeros or minus zero.

    Raises:
        ValueError: not a finite number.
    """
    if not math.isfinite(value):
        raise ValueError(f"a length must be finite, got {value!r}")
    text = f"{value:.{places}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
