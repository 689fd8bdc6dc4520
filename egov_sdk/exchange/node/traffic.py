"""What went through a node hour by hour, for people who look at it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from egov_sdk.exchange.node.model import Direction, MessageState
from egov_sdk.exchange.node.tables import MESSAGES
from egov_sdk.storage.sql import BigInteger, Connection, func, moment, select, type_coerce

__all__ = ["HourCount", "traffic_of"]

M = MESSAGES.c
_HOUR: Final = 3_600_000_000  # in microseconds, as times are kept
_MOST: Final = 20_000


@dataclass(frozen=True, slots=True)
class HourCount:
    """How many messages came in or were given to be sent within the hour from ``hour`` on, by their state now."""

    hour: datetime
    direction: Direction
    state: MessageState
    count: int


def traffic_of(connection: Connection, *, since: datetime, most: int = _MOST) -> tuple[HourCount, ...]:
    """Messages that were stored since then, hour by hour; of the last ``most``, so that it is quick on a busy node."""
    newest = connection.execute(select(func.max(M.number))).scalar_one() or 0
    hour = (type_coerce(M.stored_at, BigInteger) // _HOUR).label("hour")
    wanted = (
        select(hour, M.direction, M.state, func.count())
        .where(M.number > newest - most, M.stored_at >= since)
        .group_by(hour, M.direction, M.state)
        .order_by(hour, M.direction, M.state)
    )
    return tuple(
        HourCount(moment(row[0] * _HOUR), Direction(row[1]), MessageState(row[2]), row[3])
        for row in connection.execute(wanted)
    )
