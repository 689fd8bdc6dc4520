"""Messages between departments: what waits, what went through hour by hour, and what wants a person."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from egov_sdk.exchange.node.model import Direction, MessageState
from egov_sdk.exchange.node.traffic import traffic_of
from egov_sdk.identity.provider.web import Answer
from egov_sdk.platform.console.charts import hour_chart
from egov_sdk.platform.console.views.overview import node_status
from egov_sdk.platform.console.visits import Route, Visit
from egov_sdk.platform.powers import Power

__all__ = ["ROUTES"]

_HOURS: Final = 24


def show(visit: Visit) -> Answer:
    """How the node is doing."""
    desk, now = visit.desk, visit.desk.clock()
    node = node_status(desk)
    chart = None
    if node is not None:
        with desk.staff.store.read() as connection:
            chart = hour_chart(traffic_of(connection, since=now - timedelta(hours=_HOURS)), until=now, hours=_HOURS)
    return visit.show(
        "exchange.html",
        title=("数据交换", "Exchange"),
        node=node,
        chart=chart,
        waiting_out=node.waiting(Direction.OUT) if node else 0,
        waiting_in=node.waiting(Direction.IN) if node else 0,
        all_states=tuple(MessageState),
    )


ROUTES = (Route("exchange", "GET", "/exchange", frozenset({Power.OPERATOR, Power.AUDITOR}), show),)
