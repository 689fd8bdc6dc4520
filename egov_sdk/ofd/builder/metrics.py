"""How wide characters are in the fonts that Chinese documents name, without having the font at hand."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

__all__ = ["advance_em", "advances_mm"]

# Widths of U+0020 to U+007E in thousandths of an em, from the metrics of the standard PDF faces that
# the Microsoft ones were made to match.
_TIMES = (
    250, 333, 408, 500, 500, 833, 778, 180, 333, 333, 500, 564, 250, 333, 250, 278,
    500, 500, 500, 500, 500, 500, 500, 500, 500, 500, 278, 278, 564, 564, 564, 444,
    921, 722, 667, 667, 722, 611, 556, 722, 722, 333, 389, 722, 611, 889, 722, 722,
    556, 722, 667, 556, 611, 722, 722, 944, 722, 722, 611, 333, 278, 333, 469, 500,
    333, 444, 500, 444, 500, 444, 333, 500, 500, 278, 278, 500, 278, 778, 500, 500,
    500, 500, 333, 389, 278, 500, 500, 722, 500, 500, 444, 480, 200, 480, 541,
)  # fmt: skip
_HELVETICA = (
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278,
    556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556,
    1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778,
    667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556,
    333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556,
    556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
)  # fmt: skip
_COURIER = (600,) * 95

_PROPORTIONAL = {
    "timesnewroman": _TIMES,
    "timesnewromanpsmt": _TIMES,
    "times": _TIMES,
    "arial": _HELVETICA,
    "arialmt": _HELVETICA,
    "helvetica": _HELVETICA,
    "couriernew": _COURIER,
    "couriernewpsmt": _COURIER,
    "courier": _COURIER,
}


def advance_em(character: str, *, font: str) -> float:
    """How far one character moves the pen, in em.

    A Chinese face gives a Chinese character one em and a Latin one half; Times New Roman, Arial and
    Courier New have their own widths for ASCII. Other names count as Chinese faces.
    """
    return _advance(character, _face(font))


@lru_cache(maxsize=256)
def _face(font: str) -> str:
    """The face that a name stands for; all Chinese ones are one."""
    name = font.lower().replace(" ", "").replace("-", "")
    return name if name in _PROPORTIONAL else ""


@lru_cache(maxsize=1 << 14)
def _advance(character: str, face: str) -> float:
    if unicodedata.combining(character):
        return 0.0
    widths = _PROPORTIONAL.get(face)
    if widths is not None and " " <= character <= "~":
        return widths[ord(character) - 0x20] / 1000
    kind = unicodedata.east_asian_width(character)
    if kind in "WF":
        return 1.0
    # Ambiguous: signs and quotation marks fill a cell in Chinese faces, accented Latin letters do not.
    if kind == "A" and not unicodedata.name(character, "").startswith("LATIN"):
        return 1.0
    return 0.5


@lru_cache(maxsize=1 << 12)
def advances_mm(text: str, *, font: str, size_mm: float) -> tuple[float, ...]:
    """The advance of each character in millimetres."""
    face = _face(font)
    return tuple([size_mm * _advance(character, face) for character in text])
