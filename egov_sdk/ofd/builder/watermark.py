"""A pale line of text, tiled over a page."""

from __future__ import annotations

import math
from dataclasses import dataclass

from egov_sdk.ofd.builder.canvas import BOX_EM, Canvas, TextLine
from egov_sdk.ofd.builder.layout import text_width_mm
from egov_sdk.ofd.geometry import Box, format_number

__all__ = ["Watermark"]

_MARGIN_MM = 10.0


@dataclass(frozen=True, slots=True)
class Watermark:
    """What is repeated: ``angle`` in degrees upward, ``gap_mm`` between two of them, ``color`` as OFD writes it."""

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
        sample = self._at(0.0, 0.0).box
        across = _places(page.width_mm, sample.w, self.gap_mm)
        return [self._at(x, y) for y in _places(page.height_mm, sample.h, self.gap_mm) for x in across]

    def _at(self, x: float, y: float) -> TextLine:
        """The line with its centre at a point; its matrix turns it and moves it back into its box."""
        turn = math.radians(self.angle)
        cos, sin = math.cos(turn), math.sin(turn)
        length = text_width_mm(self.text, font=self.font, size_mm=self.size_mm)
        height = BOX_EM * self.size_mm
        width, tall = cos * length + sin * height, sin * length + cos * height
        ctm = " ".join(format_number(value) for value in (cos, -sin, sin, cos, 0.0, sin * length))
        box = Box(x - width / 2, y - tall / 2, width, tall)
        return TextLine(box, self.text, self.font, self.size_mm, self.color, alpha=self.alpha, ctm=ctm)


def _places(length: float, size: float, gap: float) -> list[float]:
    """The centres of as many as fit between the margins."""
    count = max(1, int((length - 2 * _MARGIN_MM + gap) // (size + gap)))
    first = length / 2 - (count - 1) * (size + gap) / 2
    return [first + number * (size + gap) for number in range(count)]
