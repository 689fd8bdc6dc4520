"""Where each character of a seal goes: geometry only, in millimetres.

The origin is the middle of the seal, y grows downward, turns are degrees clockwise.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import NamedTuple

__all__ = ["Cell", "Track", "arc_cells", "line_cells"]

_STEPS = 360
_NARROWEST = 0.36  # width to height below which a character can no longer be read
_COMFORTABLE = 0.56  # below this ratio smaller characters look better than narrower ones
_WIDEST = 0.86  # cut seals use a narrow 宋体
_SMALLEST = 0.6  # of the greatest height
_SPREAD = 4.0  # how quickly a name takes the whole arc as it grows, in characters


class Cell(NamedTuple):
    """The box of one character: its middle, its width and height, and its turn."""

    x: float
    y: float
    width: float
    height: float
    turn: float = 0.0


class _Point(NamedTuple):
    x: float
    y: float
    turn: float


class Track:
    """The curve on which the middles of characters stand, parallel to an elliptic rim at ``inset`` mm.

    Distances run clockwise from the top.
    """

    def __init__(self, half_width: float, half_height: float, *, inset: float) -> None:
        self._points = [_parallel(half_width, half_height, inset, step) for step in range(_STEPS + 1)]
        steps = (math.dist(here[:2], beyond[:2]) for here, beyond in pairwise(self._points))
        self._reached = list(accumulate(steps, initial=0.0))
        self.length = self._reached[-1]
        self.bend = math.sqrt(half_width * half_height) - inset  # the radius of a circle much like it

    def at(self, distance: float) -> _Point:
        """The point ``distance`` mm from the top; a negative one is to the left."""
        along = distance % self.length
        step = min(bisect_right(self._reached, along), _STEPS) - 1
        here, beyond = self._points[step], self._points[step + 1]
        share = (along - self._reached[step]) / (self._reached[step + 1] - self._reached[step])
        turned = (beyond.turn - here.turn + 180) % 360 - 180
        return _Point(
            here.x + share * (beyond.x - here.x), here.y + share * (beyond.y - here.y), here.turn + share * turned
        )


def _parallel(half_width: float, half_height: float, inset: float, step: int) -> _Point:
    t = 2 * math.pi * step / _STEPS
    across, down = math.sin(t) / half_width, -math.cos(t) / half_height
    norm = math.hypot(across, down)
    x = half_width * math.sin(t) - inset * across / norm
    y = -half_height * math.cos(t) - inset * down / norm
    return _Point(x, y, math.degrees(math.atan2(across, -down)))


def arc_cells(
    advances: Sequence[float], *, half_axes: tuple[float, float], margin: float, height: float, widest_deg: float
) -> list[Cell]:
    """Spread characters along the inside of a rim, evenly and centred at the top, heads outward.

    Short names take less of the arc, long ones up to ``widest_deg`` of it with smaller, narrower characters.

    Args:
        advances: The width of each character, 1.0 for a Chinese one.
        half_axes: Of the inner edge of the rim.
        margin: Between the rim and the heads of the characters.
        height: The greatest height of a character.
    Raises:
        ValueError: The text is too long to be read on this seal.
    """
    gaps = [(one + other) / 2 for one, other in pairwise(advances)]
    spread = widest_deg / 360 * (1 - math.exp(-sum(gaps) / _SPREAD))
    size, shape, track = height, 0.0, Track(*half_axes, inset=margin + height / 2)
    while True:
        pitch = spread * track.length / sum(gaps) if gaps else math.inf
        shape = min(_WIDEST, 0.98 * pitch * (track.bend - size / 2) / track.bend / size)
        if shape >= _COMFORTABLE or size <= height * _SMALLEST:
            break
        size -= height / 50
        track = Track(*half_axes, inset=margin + size / 2)
    if shape < _NARROWEST:
        raise ValueError(f"a text of {len(advances)} characters is too long for the rim of this seal")
    places = accumulate(gaps, initial=-sum(gaps) / 2)
    points = [track.at(place * (pitch if gaps else 0.0)) for place in places]
    return [
        Cell(point.x, point.y, shape * size * advance, size, point.turn)
        for point, advance in zip(points, advances, strict=True)
    ]


def line_cells(advances: Sequence[float], *, y: float, height: float, width: float, spacing: float = 0.0) -> list[Cell]:
    """Set characters in a straight line about x = 0, narrowed and then made smaller to fit ``width``.

    Args:
        spacing: Between neighbours, as a share of the height.
    Raises:
        ValueError: The text is too long to be read on this seal.
    """
    units = sum(advances)
    natural = height * (units * _WIDEST + spacing * (len(advances) - 1))
    shape = min(_WIDEST, _WIDEST * width / natural)
    size = height
    if shape < _COMFORTABLE:
        size = max(height * shape / _COMFORTABLE, height * _SMALLEST)
        shape = _WIDEST * width / (natural * size / height)
    if shape < _NARROWEST:
        raise ValueError(f"a line of {len(advances)} characters is too long for this seal")
    gap = spacing * size * shape / _WIDEST
    widths = [size * shape * advance for advance in advances]
    x = -(sum(widths) + gap * (len(widths) - 1)) / 2
    cells = []
    for one in widths:
        cells.append(Cell(x + one / 2, y, one, size))
        x += one + gap
    return cells
