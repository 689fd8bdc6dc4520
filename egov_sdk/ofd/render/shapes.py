"""Path data (AbbreviatedData, 图形轮廓数据) as path data of SVG."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from egov_sdk.ofd.render.matrix import numbers
from egov_sdk.ofd.render.values import real

__all__ = ["Shape", "shape_of"]

_TOKEN = re.compile(r"[A-Za-z]|[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?", re.ASCII)

#: Operator: how many numbers it takes, and what SVG calls it.
_OPERATORS = {"S": (2, "M"), "M": (2, "M"), "L": (2, "L"), "Q": (4, "Q"), "B": (6, "C"), "A": (7, "A"), "C": (0, "Z")}


@dataclass(frozen=True, slots=True)
class Shape:
    """A path: its data, the rectangle that holds it (None for nothing), and how long it is at most."""

    data: str
    bounds: tuple[float, float, float, float] | None
    length: float
    operators: int
    is_rectangle: bool = False


def shape_of(text: str, *, at_most: int) -> Shape:
    """Read path data; what is no operator or lacks its numbers is passed over.

    Args:
        at_most: Stop after that many operators and one.
    """
    parts: list[str] = []
    xs: list[float] = []
    ys: list[float] = []
    length, count, here = 0.0, 0, (0.0, 0.0)
    for name, values in _operations(text):
        count += 1
        if count > at_most:
            break
        if not parts and name != "M":
            parts.append("M0 0")
        if name == "A":
            values = _arc(values)
        parts.append(name + numbers(values) if values else name)
        for x, y in _points(name, values):
            xs.append(x)
            ys.append(y)
            length += abs(x - here[0]) + abs(y - here[1])
            here = (x, y)
    bounds = (min(xs), min(ys), max(xs), max(ys)) if xs else None
    return Shape("".join(parts), bounds, length, count, is_rectangle=_is_rectangle(parts, xs, ys))


def _is_rectangle(parts: list[str], xs: list[float], ys: list[float]) -> bool:
    """Whether a path goes once around an upright rectangle."""
    if "".join(part[0] for part in parts) not in ("MLLL", "MLLLZ", "MLLLL", "MLLLLZ") or len(xs) < 4:
        return False
    corners = list(zip(xs, ys, strict=True))
    if len(corners) == 5 and corners.pop() != corners[0]:
        return False
    steps = [(x2 - x1, y2 - y1) for (x1, y1), (x2, y2) in pairwise([*corners, corners[0]])]
    turning = [(dx == 0) != (dy == 0) for dx, dy in steps]
    return all(turning) and len(set(corners)) == 4 and all((a[0] == 0) != (b[0] == 0) for a, b in pairwise(steps))


def _operations(text: str) -> Iterator[tuple[str, list[float]]]:
    """Operators with their numbers; more numbers than it takes repeat an operator."""
    name, taken = "", 0
    values: list[float] = []
    for match in _TOKEN.finditer(text):
        token = match[0]
        if token[0].isalpha():
            taken, svg = _OPERATORS.get(token.upper(), (0, ""))
            name, values = svg, []
            if name == "Z":
                yield name, []
        elif taken:
            values.append(real(token, 0.0))
            if len(values) == taken:
                yield name, values
                values = []


def _arc(values: list[float]) -> list[float]:
    rx, ry, angle, large, sweep, x, y = values
    return [abs(rx), abs(ry), math.fmod(angle, 360), float(large != 0), float(sweep != 0), x, y]


def _points(name: str, values: list[float]) -> Iterator[tuple[float, float]]:
    if name != "A":
        yield from zip(values[::2], values[1::2], strict=True)
        return
    rx, ry, *_, x, y = values
    reach = 2 * max(rx, ry)
    yield x - reach, y - reach
    yield x + reach, y + reach
    yield x, y
