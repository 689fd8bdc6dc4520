"""A chart of messages by hour, drawn here: bars of one colour for each state, on a scale that people can read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from egov_sdk.exchange.node.model import MessageState
from egov_sdk.exchange.node.traffic import HourCount

__all__ = ["Bar", "HourChart", "hour_chart"]

_WIDTH, _HEIGHT, _LEFT, _RIGHT, _BOTTOM, _TOP = 720.0, 220.0, 44.0, 12.0, 26.0, 10.0


@dataclass(frozen=True, slots=True)
class Bar:
    """One piece of a bar, in units of the drawing."""

    state: MessageState
    x: float
    y: float
    width: float
    height: float
    count: int


@dataclass(frozen=True, slots=True)
class HourChart:
    """A chart, and the same numbers as rows: the hour, and how many messages of each state."""

    width: float
    height: float
    left: float
    floor: float
    states: tuple[MessageState, ...]
    bars: tuple[Bar, ...]
    ticks: tuple[tuple[float, int], ...]
    labels: tuple[tuple[float, datetime], ...]
    rows: tuple[tuple[datetime, tuple[int, ...], int], ...]
    total: int


def hour_chart(counts: Iterable[HourCount], *, until: datetime, hours: int = 24) -> HourChart:
    """The hours up to now, the present one last."""
    last = until.replace(minute=0, second=0, microsecond=0)
    places = [last - timedelta(hours=hours - 1 - place) for place in range(hours)]
    states = tuple(MessageState)
    table = {hour: dict.fromkeys(states, 0) for hour in places}
    for one in counts:
        if one.hour in table:
            table[one.hour][one.state] += one.count
    rows = tuple((hour, tuple(found.values()), sum(found.values())) for hour, found in table.items())
    top = _round_up(max(total for _, _, total in rows))
    floor, tall = _HEIGHT - _BOTTOM, _HEIGHT - _BOTTOM - _TOP
    step = (_WIDTH - _LEFT - _RIGHT) / hours
    bars = tuple(
        bar for place, (_, found, _) in enumerate(rows) for bar in _stack(states, found, place * step, step, tall / top)
    )
    return HourChart(
        width=_WIDTH,
        height=_HEIGHT,
        left=_LEFT,
        floor=floor,
        states=tuple(one for place, one in enumerate(states) if any(found[place] for _, found, _ in rows)),
        bars=bars,
        ticks=tuple((floor - tall * share / 2, top * share // 2) for share in (range(3) if top > 1 else (0, 2))),
        labels=tuple((_LEFT + (place + 0.5) * step, hour) for place, hour in enumerate(places) if place % 4 == 3),
        rows=rows,
        total=sum(total for _, _, total in rows),
    )


def _stack(states: Sequence[MessageState], found: Sequence[int], x: float, step: float, scale: float) -> Iterable[Bar]:
    y = _HEIGHT - _BOTTOM
    for state, count in zip(states, found, strict=True):
        if count:
            y -= count * scale
            yield Bar(state, _LEFT + x + step * 0.15, y, step * 0.7, count * scale, count)


def _round_up(most: int) -> int:
    """The next of 1, 2, 4, 10, 20, 40, 100 …: halves of it are whole from 2 on."""
    scale = 1
    while True:
        for step in (1, 2, 4):
            if step * scale >= most:
                return step * scale
        scale *= 10
