"""Plane transforms as OFD and SVG write them: x' = a·x + c·y + e, y' = b·x + d·y + f."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple

__all__ = ["IDENTITY", "Bounds", "Matrix", "number", "numbers"]


#: A rectangle by two corners: x1, y1, x2, y2.
Bounds = tuple[float, float, float, float]


class Matrix(NamedTuple):
    """Six numbers; ``m.then(n)`` applies m first."""

    a: float = 1.0
    b: float = 0.0
    c: float = 0.0
    d: float = 1.0
    e: float = 0.0
    f: float = 0.0

    def then(self, n: Matrix) -> Matrix:
        return Matrix(
            self.a * n.a + self.b * n.c,
            self.a * n.b + self.b * n.d,
            self.c * n.a + self.d * n.c,
            self.c * n.b + self.d * n.d,
            self.e * n.a + self.f * n.c + n.e,
            self.e * n.b + self.f * n.d + n.f,
        )

    def moved(self, x: float, y: float) -> Matrix:
        """This, then a shift."""
        return self._replace(e=self.e + x, f=self.f + y)

    def apply(self, x: float, y: float) -> tuple[float, float]:
        return self.a * x + self.c * y + self.e, self.b * x + self.d * y + self.f

    def bounds(self, x1: float, y1: float, x2: float, y2: float) -> Bounds:
        """The upright rectangle around a rectangle's image."""
        points = [self.apply(x, y) for x in (x1, x2) for y in (y1, y2)]
        xs, ys = [x for x, _ in points], [y for _, y in points]
        return min(xs), min(ys), max(xs), max(ys)

    @property
    def determinant(self) -> float:
        return self.a * self.d - self.b * self.c

    @property
    def scale(self) -> float:
        """How much lengths grow, in the mean of all directions."""
        return math.sqrt(abs(self.determinant))

    def inverse(self) -> Matrix | None:
        """The transform back, None where there is none."""
        det = self.determinant
        if not math.isfinite(det) or abs(det) < 1e-18:
            return None
        a, b, c, d = self.d / det, -self.b / det, -self.c / det, self.a / det
        return Matrix(a, b, c, d, -(self.e * a + self.f * c), -(self.e * b + self.f * d))

    @property
    def svg(self) -> str:
        """The value of a transform attribute; empty for the identity."""
        if self == IDENTITY:
            return ""
        if self[:4] == (1.0, 0.0, 0.0, 1.0):
            return f"translate({number(self.e)} {number(self.f)})"
        return f"matrix({numbers(self)})"


IDENTITY = Matrix()


def number(value: float) -> str:
    """A number with six significant digits, without a minus zero; what is not finite becomes 0."""
    if value != value or value in (math.inf, -math.inf):
        return "0"
    text = f"{value:.6g}"
    return "0" if text == "-0" else text


def numbers(values: Iterable[float]) -> str:
    """Numbers with blanks between them."""
    return " ".join(map(number, values))
