"""For how many more messages there is room, whatever lies between those that wait."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from egov_sdk.exchange.node import rows
from egov_sdk.exchange.node.model import Direction
from egov_sdk.exchange.node.rows import room
from egov_sdk.exchange.node.tables import MESSAGES
from egov_sdk.storage.sql import Connection, delete, func, select, update
from tests.exchange_world import Town
from tests.unit.exchange.envelope.offices import offices

M = MESSAGES.c
MARKET, HOUSING = (one.party.id for one in (offices().market, offices().housing))
#: Of each message: to whom, how urgent, whether it is finished, and whether it was forgotten.
MESSAGES_OF_ALL_KINDS = st.lists(
    st.tuples(st.sampled_from([MARKET, HOUSING]), st.integers(0, 9), st.booleans(), st.booleans()), max_size=12
)


@pytest.fixture
def connection(make: Callable[..., Town], places: tuple[Path | str, Path | str]) -> Iterator[Connection]:
    town = make(*places)
    for number in range(12):
        town.send(number)
    with town.tax.desk.store.write() as connection:
        yield connection


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(MESSAGES_OF_ALL_KINDS, st.integers(1, 14), st.integers(1, 5))
def test_there_is_room_exactly_for_what_a_count_leaves(
    connection: Connection, kinds: list[tuple[str, int, bool, bool]], most: int, wanted: int
) -> None:
    with connection.begin_nested() as undone:
        connection.execute(delete(MESSAGES).where(M.number > len(kinds)))
        for number, (peer, priority, finished, gone) in enumerate(kinds, 1):
            mine = M.number == number
            connection.execute(update(MESSAGES).where(mine).values(peer=peer, rank=-priority))
            if finished:
                connection.execute(update(MESSAGES).where(mine).values(due_at=None))
            if gone:
                connection.execute(delete(MESSAGES).where(mine))
        for peer in (MARKET, HOUSING):
            unfinished = select(func.count()).where(M.peer == peer, M.due_at.is_not(None))
            left = max(0, most - connection.execute(unfinished).scalar_one())
            assert room(connection, Direction.OUT, peer, most=most, wanted=wanted) == min(wanted, left)
            assert room(connection, Direction.IN, peer, most=most, wanted=wanted) == min(wanted, most)
        undone.rollback()


def test_what_waits_is_not_counted_while_there_can_only_be_room(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(9):
        town.send(number)
    monkeypatch.setattr(rows, "_WAITING", None)  # counting would fail
    with town.tax.desk.store.read() as connection:
        assert room(connection, Direction.OUT, MARKET, most=12, wanted=3) == 3
        with pytest.raises(AttributeError):
            room(connection, Direction.OUT, MARKET, most=12, wanted=4)
