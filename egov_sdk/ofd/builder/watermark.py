"""A pale line of text, tiled over a page."""

from __future__ import annotations

import math
from dataclasses import dataclass

from egov_sdk.ofd.builder.canvas import BOX_EM, Canvas, TextLine
from egov_sdk.ofd.builder.layout import text_width_mm
from egov_sdk.ofd.geometry import Box, format_number

__all__ = ["Watermark"]

_MARGIN_MM = 10.0
_LEADING_EM = 1.5


@dataclass(frozen=True, slots=True)
class Watermark:
    """What is repeated, on one line or several.

    ``angle`` is in degrees upward, ``gap_mm`` between two of them, ``color`` as OFD writes it.
    """

    text: str
    font: str
    size_mm: float
    color: str
    alpha: int
    angle: float
    gap_mm: float

    def __post_init__(self) -> None:
        if not 0 <= self.alpha <= 255 or not 0 <= self.angle <= 90:
            raise ValueError(f"alpha must be in 0..255 and angle in 0..90, got {self.alpha} and {self.angle}")
        if self.size_mm <= 0 or self.gap_mm < 0 or not self.text.strip():
            raise ValueError("a watermark needs text, a size above 0 and a gap of at least 0")

    def tiles(self, page: Canvas) -> list[TextLine]:
        """Rows and columns about the middle of the page; one at least, even where it does not fit."""
        lines = self.text.split("\n")
        turn = math.radians(self.angle)
        cos, sin = math.cos(turn), math.sin(turn)
        length = max(text_width_mm(line, font=self.font, size_mm=self.size_mm) for line in lines)
        height = (BOX_EM + _LEADING_EM * (len(lines) - 1)) * self.size_mm
        across = _places(page.width_mm, cos * length + sin * height, self.gap_mm)
        down = _places(page.height_mm, sin * length + cos * height, self.gap_mm)
        shifts = [_LEADING_EM * self.size_mm * (number - (len(lines) - 1) / 2) for number in range(len(lines))]
        return [
            self._at(x + shift * sin, y + shift * cos, line)
            for y in down
            for x in across
            for shift, line in zip(shifts, lines, strict=True)
        ]

    def _at(self, x: float, y: float, text: str) -> TextLine:
        """The line with its centre at a point; its matrix turns it and moves it back into its box."""
        turn = math.radians(self.angle)
        cos, sin = math.cos(turn), math.sin(turn)
        length = text_width_mm(text, font=self.font, size_mm=self.size_mm)
        height = BOX_EM * self.size_mm
        width, tall = cos * length + sin * height, sin * length + cos * height
        ctm = " ".join(format_number(value) for value in (cos, -sin, sin, cos, 0.0, sin * length))
        box = Box(x - width / 2, y - tall / 2, width, tall)
        return TextLine(box, text, self.font, self.size_mm, self.color, alpha=self.alpha, ctm=ctm)


def _places(length: float, size: float, gap: float) -> list[float]:
    """The centres of as many as fit between the margins."""
    count = max(1, int((length - 2 * _MARGIN_MM + gap) // (size + gap)))
    first = length / 2 - (count - 1) * (size + gap) / 2
    return [first + number * (size + gap) for number in range(count)]
