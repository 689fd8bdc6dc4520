"""Glyph outlines: what fonts give and pages use."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from egov_sdk.ofd.render.matrix import Matrix, number

__all__ = ["Outline", "OutlinePen"]

_Step = tuple[str, tuple[float, ...]]


@dataclass(frozen=True, slots=True)
class Outline:
    """A shape in font units, y upward: steps M, L, Q, C and Z with their points."""

    steps: tuple[_Step, ...]

    def __bool__(self) -> bool:
        return bool(self.steps)

    @property
    def points(self) -> int:
        """How much work it is to draw."""
        return sum(1 + len(values) // 2 for _, values in self.steps)

    def path(self, matrix: Matrix | None = None) -> str:
        """The data of an SVG path, transformed when asked for."""
        return "".join(self._written(matrix))

    def _written(self, matrix: Matrix | None) -> Iterator[str]:
        for name, values in self.steps:
            if matrix is not None:
                pairs = zip(values[::2], values[1::2], strict=True)
                values = tuple(value for x, y in pairs for value in matrix.apply(x, y))
            yield name + " ".join(map(number, values))


class OutlinePen:
    """Collects steps; also speaks the names that fontTools calls."""

    def __init__(self) -> None:
        self._steps: list[_Step] = []

    def move(self, x: float, y: float) -> None:
        self._steps.append(("M", (x, y)))

    def line(self, x: float, y: float) -> None:
        self._steps.append(("L", (x, y)))

    def quadratic(self, x1: float, y1: float, x2: float, y2: float) -> None:
        self._steps.append(("Q", (x1, y1, x2, y2)))

    def close(self) -> None:
        self._steps.append(("Z", ()))

    def moveTo(self, point: tuple[float, float]) -> None:  # noqa: N802 - fontTools
        self.move(*point)

    def lineTo(self, point: tuple[float, float]) -> None:  # noqa: N802
        self.line(*point)

    def curveTo(self, *points: tuple[float, float]) -> None:  # noqa: N802
        self._steps.append(("C", tuple(value for point in points for value in point)))

    def closePath(self) -> None:  # noqa: N802
        self.close()

    def outline(self) -> Outline:
        return Outline(tuple(self._steps))
