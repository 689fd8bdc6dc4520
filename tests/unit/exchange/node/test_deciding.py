"""Dead messages are brought back or given up beside the node, without its keys."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from egov_sdk.exchange.node.deciding import DeadLetters
from egov_sdk.exchange.node.model import Direction, MessageState
from egov_sdk.exchange.node.settings import AuditSettings, Backoff
from egov_sdk.exchange.node.tables import NODE
from egov_sdk.storage import open_store
from tests.exchange_world import SERVICE, Town, refused
from tests.unit.exchange.envelope.offices import AT, offices
from tests.unit.exchange.node.test_delivering import lost

Make = Callable[..., Town]
ONCE = {"delivery": Backoff(attempts=1)}


def with_dead(make: Make, *places: Path | str, count: int = 3, **more: object) -> Town:
    """A town whose receiver was away for too long; now it is back."""
    town = make(*places, sender=ONCE, **more)
    for number in range(count):
        town.send(number)
    town.way.fate = lost
    town.tax.run_once()
    town.way.fate = None
    town.watch.forward(hours=1)
    return town


def test_what_is_brought_back_beside_the_node_is_delivered_by_it(
    make: Make, places: tuple[Path | str, Path | str]
) -> None:
    town = with_dead(make, *places)
    with open_store(places[0]) as store:
        desk = DeadLetters(store)
        letters = desk.letters(at=town.watch.at)
        assert [(one.record.problem, one.hindrance) for one in letters] == [("egov.exchange.node.transport", "")] * 3
        numbers = [one.record.number for one in letters]
        back = desk.replay([*numbers[:2], numbers[0]], reason="the line is mended", actor="clerk 7", at=town.watch.at)
        assert [(one.number, one.state, one.attempts) for one in back] == [
            (number, MessageState.QUEUED, 0) for number in numbers[:2]
        ]
        assert [one.record.number for one in desk.letters(at=town.watch.at)] == numbers[2:]
        [gone] = desk.cancel(numbers[2:], reason="no need", actor="clerk 7", at=town.watch.at)
        assert gone.state is MessageState.CANCELLED
        assert desk.letters(at=town.watch.at) == ()
    town.settle_down()
    assert town.applied == ['{"n":0}', '{"n":1}']
    with town.tax.desk.store.read() as connection:
        entries = [one for one in town.tax.desk.journal._log.entries(connection) if one.actor == "clerk 7"]
    assert [(one.action, one.detail["reason"]) for one in entries] == [
        ("message.replay", "the line is mended"), ("message.replay", "the line is mended"),
        ("message.cancel", "no need"),
    ]  # fmt: skip


def test_of_several_that_are_named_all_are_brought_back_or_none(make: Make) -> None:
    town = with_dead(make)
    desk, at = DeadLetters(town.tax.desk.store), town.watch.at
    before = town.tax.desk.journal.state
    with town.tax.desk.store.read() as connection:
        entries = before(connection)
    town.tax.cancel(3, reason="a mistake")
    for numbers, problem in (([1, 2, 99], "message_unknown"), ([1, 3], "state"), ([2, 1, 3], "state")):
        refused(f"node.{problem}", lambda numbers=numbers: desk.replay(numbers, reason="r", at=at))  # type: ignore[misc]
    refused("node.state", lambda: desk.cancel([1, 3], reason="r", at=at))
    assert [one.record.number for one in desk.letters(at=at)] == [1, 2]
    with town.tax.desk.store.read() as connection:
        assert before(connection)[0] == entries[0] + 1
    assert desk.replay([], reason="r", at=at) == ()


def test_what_has_run_out_or_is_forgotten_cannot_be_brought_back_and_is_told(make: Make) -> None:
    town = with_dead(make, count=1)
    desk, late = DeadLetters(town.tax.desk.store), town.watch.at + timedelta(days=7)
    [letter] = desk.letters(at=late)
    assert letter.hindrance == "node.expired"
    refused("node.expired", lambda: desk.replay([1], reason="r", at=late))
    with town.tax.desk.store.write() as connection:
        connection.exec_driver_sql("DELETE FROM node_contents")
    [letter] = desk.letters(at=town.watch.at)
    assert letter.hindrance == "node.no_content"
    refused("node.no_content", lambda: desk.replay([1], reason="r", at=town.watch.at))
    assert [one.hindrance for one in desk.find("1", at=town.watch.at)] == ["node.no_content"]


def test_a_message_is_found_by_its_number_or_its_id_and_nothing_else_is_one(make: Make) -> None:
    town = with_dead(make, count=2)
    desk, at = DeadLetters(town.tax.desk.store), town.watch.at
    id_of = town.tax.find(2).id
    assert [one.record.number for one in desk.find(id_of, at=at)] == [2]
    assert [one.record.number for one in desk.find("1", at=at)] == [1]
    for name in ("", "3", "0", "-1", "1 ", "¹", "9" * 15, "9" * 400, id_of[:-1], id_of + "'", "%"):
        refused("node.message_unknown", lambda name=name: desk.find(name, at=at))  # type: ignore[misc]
    town.tax.replay(2, reason="r")
    assert [one.hindrance for one in desk.find(id_of, at=at)] == ["node.state"]


def test_of_a_message_to_several_only_what_is_dead_is_found(make: Make) -> None:
    town = make(sender=ONCE)
    first = town.send(to=(offices().market.party, offices().housing.party))
    town.tax.run_once()
    town.watch.forward(minutes=1)
    town.tax.run_once()
    desk = DeadLetters(town.tax.desk.store)
    dead = desk.find(first.id, at=town.watch.at)
    assert [one.record.receiver for one in dead] == [offices().housing.party]


def test_letters_are_narrowed_and_paged(make: Make) -> None:
    town = with_dead(make, count=5)
    desk, at = DeadLetters(town.tax.desk.store), town.watch.at
    market = offices().market.party.id

    def numbers(**more: Any) -> list[int]:
        return [one.record.number for one in desk.letters(at=at, **more)]

    assert numbers(limit=2) == [1, 2]
    assert numbers(after=2, limit=2) == [3, 4]
    assert numbers(partner=market, direction=Direction.OUT) == [1, 2, 3, 4, 5]
    assert numbers(direction=Direction.IN) == numbers(partner="91890000MT00000140") == []
    assert desk.partners() == (market,)


def test_what_a_handler_gave_up_is_handled_after_all(make: Make) -> None:
    town = make(receiver={"handling": Backoff(attempts=1)})
    town.market._hands.handlers.clear()
    town.send()
    town.tax.run_once()
    town.market.handler("other")(lambda _connection, _arrived: None)
    town.market.run_once()
    desk = DeadLetters(town.market.desk.store)
    [letter] = desk.letters(at=town.watch.at)
    assert (letter.record.direction, letter.record.problem) == (Direction.IN, "egov.exchange.node.no_handler")
    late = town.watch.at + timedelta(days=30)  # what was accepted does not run out
    assert desk.letters(at=late)[0].hindrance == ""
    town.listen(SERVICE)
    desk.replay([letter.record.number], reason="deployed", at=town.watch.at)
    town.market.run_once()
    assert town.applied == ['{"n":1}']


def test_a_node_without_a_log_gets_none_from_beside(make: Make) -> None:
    town = with_dead(make, count=1, audit=AuditSettings(level="none"))
    DeadLetters(town.tax.desk.store).replay([1], reason="r", at=town.watch.at)
    with town.tax.desk.store.read() as connection:
        assert town.tax.desk.journal.state(connection) == (0, None)
    town.settle_down()
    assert town.applied == ['{"n":0}']


def test_where_no_node_is_nothing_is_decided_and_a_naive_time_is_a_mistake(make: Make, tmp_path: Path) -> None:
    with open_store(tmp_path / "other.db") as store:
        refused("node.no_node", lambda: DeadLetters(store))
        store.prepare(NODE, at=AT)
        refused("node.no_node", lambda: DeadLetters(store))
    desk = DeadLetters(with_dead(make, count=1).tax.desk.store)
    naive = AT.replace(tzinfo=None)
    for act in (
        lambda: desk.letters(at=naive),
        lambda: desk.find("1", at=naive),
        lambda: desk.replay([1], reason="r", at=naive),
        lambda: desk.cancel([1], reason="r", at=naive),
    ):
        with pytest.raises(ValueError, match="aware"):
            act()
    assert len(desk.letters(at=AT)) == 1
