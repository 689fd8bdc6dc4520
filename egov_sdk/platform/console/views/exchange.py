"""Messages between departments: what waits, what went through hour by hour, and what wants a person."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Final

from egov_sdk.exchange.node.local import LocalExchangeService
from egov_sdk.exchange.node.model import Direction, MessageRecord, MessageState
from egov_sdk.exchange.node.reasons import reason_of, reason_of_message
from egov_sdk.exchange.node.traffic import traffic_of
from egov_sdk.identity.provider.web import Answer
from egov_sdk.platform.console.charts import hour_chart
from egov_sdk.platform.console.problems import refuse
from egov_sdk.platform.console.views.overview import node_status
from egov_sdk.platform.console.visits import Route, Visit
from egov_sdk.platform.powers import Power

__all__ = ["ROUTES"]

_HOURS: Final = 24
_DEAD: Final = 50
_DIGITS: Final = 18
_REASON_CHARS: Final = 200
_OPERATORS: Final = frozenset({Power.OPERATOR})


def show(visit: Visit) -> Answer:
    """How the node is doing."""
    desk, now = visit.desk, visit.desk.clock()
    node = node_status(desk)
    chart, after = None, _number(visit.query.get("after", ""))
    found: tuple[MessageRecord, ...] = ()
    if node is not None and node.dead:
        found = desk.office.exchange.messages(state=MessageState.DEAD, after=after, limit=_DEAD + 1)
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
        held=[
            (one, reason_of(one.problem, visit.lang, partner=one.partner))
            for one in (node.partners if node else ())
            if one.failing
        ],
        dead=[(one, reason_of_message(one, visit.lang)) for one in found[:_DEAD]],
        more=found[_DEAD - 1].number if len(found) > _DEAD else 0,
        after=after,
        may_act=visit.who.staff.power in _OPERATORS,
    )


def replay(visit: Visit) -> Answer:
    """Try a dead message again."""
    return _decided(visit, LocalExchangeService.replay, "message.replayed")


def cancel(visit: Visit) -> Answer:
    """Give a message up that is dead, or the first of a partner's that is tried again and may hold up others."""
    return _decided(visit, LocalExchangeService.cancel, "message.cancelled", or_held=True)


def _decided(visit: Visit, decide: Callable[..., MessageRecord], action: str, *, or_held: bool = False) -> Answer:
    """What a person decided about a message that the page shows; the node's own log has who and why as well."""
    given, reason = visit.form.get("number", ""), visit.form.get("reason", "").strip()[:_REASON_CHARS]
    number = _number(given)
    node = node_status(visit.desk)
    if node is None or not number:
        raise refuse("console.not_found")
    if not reason:
        raise refuse("console.reason")
    service = visit.desk.office.exchange
    shown = {one.number for one in service.messages(state=MessageState.DEAD, after=number - 1, limit=1)}
    if or_held:
        shown |= {one.failing for one in node.partners}
    if number not in shown:
        raise refuse("console.not_dead", found=number)
    decide(service, number, reason=reason, actor=visit.who.staff.id)
    visit.desk.note(visit, action, subject=str(number), detail={"reason": reason})
    return visit.desk.pages.go(f"{visit.desk.pages.at}/exchange")


def _number(text: str) -> int:
    """A number of a message; 0 where it is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _DIGITS else 0


ROUTES = (
    Route("exchange", "GET", "/exchange", frozenset({Power.OPERATOR, Power.AUDITOR}), show),
    Route("message_replay", "POST", "/exchange/replay", _OPERATORS, replay),
    Route("message_cancel", "POST", "/exchange/cancel", _OPERATORS, cancel),
)
