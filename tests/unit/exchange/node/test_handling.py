from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from egov_sdk.errors import ParseError
from egov_sdk.exchange.node.hands import Arrived
from egov_sdk.exchange.node.model import Direction, Draft, MessageState
from egov_sdk.exchange.node.pulls import Pull, Pulled
from egov_sdk.storage import StorageConflict
from egov_sdk.storage.sql import insert
from tests.exchange_world import APPLIED, SERVICE, Town, damage, draft, refused
from tests.unit.exchange.envelope.offices import offices

Make = Callable[..., Town]


def note(connection: Any, arrived: Arrived) -> None:
    connection.execute(insert(APPLIED), {"id": arrived.envelope.id, "content": arrived.envelope.content.decode()})


@pytest.fixture
def deaf(make: Make) -> Town:
    """A town where nobody handles the service ``other``."""
    return make()


def incoming(town: Town) -> list[tuple[MessageState, str]]:
    found = town.market.messages(direction=Direction.IN)
    return [(one.state, one.problem.rpartition("egov.exchange.")[2]) for one in found]


def test_what_a_handler_did_before_it_failed_is_undone_and_done_again(deaf: Town) -> None:
    runs: list[int] = []

    @deaf.market.handler("other")
    def handle(connection: Any, arrived: Arrived) -> None:
        note(connection, arrived)
        runs.append(1)
        if len(runs) < 3:
            raise RuntimeError("not yet")

    deaf.send(1, service="other")
    deaf.settle_down()
    assert (len(runs), deaf.applied) == (3, ['{"n":1}'])


def test_a_disk_that_is_full_in_one_handler_undoes_nothing_that_is_marked_as_handled(
    make: Make, tmp_path: Path
) -> None:
    """SQLite undoes all of the transaction then, and would keep the marks of what came before it one by one."""
    town = make(tmp_path / "tax.db", tmp_path / "market.db")
    full = [True]

    @town.market.handler("other")
    def handle(connection: Any, arrived: Arrived) -> None:
        note(connection, arrived)
        if arrived.envelope.content == b'{"n":2}' and full.pop():
            full.append(False)
            count = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
            connection.exec_driver_sql(f"PRAGMA max_page_count = {count + 1}")
            try:
                connection.execute(insert(APPLIED), {"id": "large", "content": "x" * 200_000})
            finally:
                with closing(connection.connection.cursor()) as cursor:
                    cursor.execute("PRAGMA max_page_count = 1000000")

    for number in range(5):
        town.send(number, service="other")
    town.settle_down()
    assert sorted(town.applied) == [f'{{"n":{number}}}' for number in range(5)]
    assert {state for state, _ in incoming(town)} == {MessageState.DONE}


@pytest.mark.parametrize("how", ["another database", "in the end"])
def test_what_one_handler_does_to_a_database_stops_none_of_the_others(make: Make, tmp_path: Path, how: str) -> None:
    town = make(tmp_path / "tax.db", tmp_path / "market.db")
    with town.market.desk.store.write() as connection:
        connection.exec_driver_sql("CREATE TABLE parents (id INTEGER PRIMARY KEY)")
        connection.exec_driver_sql(
            "CREATE TABLE children (of INTEGER REFERENCES parents (id) DEFERRABLE INITIALLY DEFERRED)"
        )

    @town.market.handler("other")
    def handle(connection: Any, arrived: Arrived) -> None:
        note(connection, arrived)
        if arrived.envelope.content != b'{"n":2}':
            return
        if how == "in the end":
            connection.exec_driver_sql("INSERT INTO children VALUES (7)")
        else:
            raise StorageConflict("there is one already")

    for number in range(5):
        town.send(number, service="other")
    town.settle_down()
    assert sorted(town.applied) == [f'{{"n":{number}}}' for number in (0, 1, 3, 4)]
    [dead] = town.market.messages(state=MessageState.DEAD)
    assert (dead.problem, dead.attempts) == ("egov.storage.conflict", 4)


@pytest.mark.parametrize("how", ["commit", "rollback"])
def test_a_handler_that_ends_the_transaction_keeps_nothing_and_stops_none_of_the_others(
    make: Make, places: tuple[Path | str, Path | str], how: str
) -> None:
    town = make(*places)

    @town.market.handler("other")
    def handle(connection: Any, arrived: Arrived) -> None:
        note(connection, arrived)
        if arrived.envelope.content == b'{"n":2}':
            getattr(connection, how)()

    for number in range(5):
        town.send(number, service="other")
    town.settle_down()
    assert sorted(town.applied) == [f'{{"n":{number}}}' for number in (0, 1, 3, 4)]
    [dead] = town.market.messages(state=MessageState.DEAD)
    assert (dead.problem, dead.attempts) == ("egov.exchange.node.handler_failed", 4)


def test_one_handler_that_fails_does_not_undo_the_others(deaf: Town) -> None:
    @deaf.market.handler("other")
    def handle(connection: Any, arrived: Arrived) -> None:
        note(connection, arrived)
        if arrived.envelope.content == b'{"n":2}':
            raise ParseError("no such matter", code="egov.test.matter")

    for number in range(5):
        deaf.send(number, service="other")
    deaf.settle_down()
    assert deaf.applied == [f'{{"n":{number}}}' for number in (0, 1, 3, 4)]
    assert incoming(deaf).count((MessageState.DEAD, "egov.test.matter")) == 1


def test_a_message_that_no_handler_takes_waits_and_dies_and_comes_back(deaf: Town) -> None:
    deaf.send(1, service="other")
    deaf.settle_down()
    assert incoming(deaf) == [(MessageState.DEAD, "node.no_handler")]
    deaf.market.handler("other")(note)
    deaf.market.replay(1, reason="there is a handler now")
    deaf.settle_down()
    assert deaf.applied == ['{"n":1}']


def test_a_handler_runs_in_order_where_the_sender_is_ordered(make: Make) -> None:
    town = make(of_tax={"ordered": True}, of_market={"ordered": True})
    failing = {b'{"n":1}': 2}

    @town.market.handler("other")
    def handle(connection: Any, arrived: Arrived) -> None:
        if failing.get(arrived.envelope.content, 0) > 0:
            failing[arrived.envelope.content] -= 1
            raise RuntimeError("not yet")
        note(connection, arrived)

    for number in range(5):
        town.send(number, service="other")
    town.settle_down()
    assert town.applied == [f'{{"n":{number}}}' for number in range(5)]
    assert [one.attempts for one in town.market.messages()] == [1, 3, 1, 1, 1]


def test_a_worker_that_lost_its_lease_changes_nothing(make: Make, places: tuple[Path | str, Path | str]) -> None:
    town = make(*places)
    town.send(1)
    town.tax.run_once()
    other = Town.at(*places)
    other.listen()
    other.watch.at = town.watch.at + timedelta(minutes=6)
    peer = offices().tax.party.id
    rows, contents = town.market._hands._take(peer, "mine")
    assert other.market.run_once() == 1
    failures: list[Any] = []
    town.market._hands._run(rows, contents, "mine", failures, ordered=False)
    other.close()
    assert (town.applied, failures) == (['{"n":1}'], [])


def test_a_killed_handler_took_no_effect_and_runs_again(deaf: Town) -> None:
    deaths = [1]

    @deaf.market.handler("other")
    def handle(connection: Any, arrived: Arrived) -> None:
        note(connection, arrived)
        if deaths:
            deaths.pop()
            raise KeyboardInterrupt

    deaf.send(1, service="other")
    deaf.tax.run_once()
    with pytest.raises(KeyboardInterrupt):
        deaf.market.run_once()
    assert deaf.applied == []
    deaf.watch.forward(minutes=5)
    deaf.settle_down()
    assert deaf.applied == ['{"n":1}']


def test_an_answer_goes_with_the_effects_of_the_handler(deaf: Town) -> None:
    @deaf.market.handler("other")
    def handle(connection: Any, arrived: Arrived) -> Draft:
        return arrived.reply(b'{"answer":1}')

    answers = []
    deaf.tax.handler()(lambda _connection, arrived: answers.append(arrived.envelope))
    asked = deaf.send(1, service="other")
    deaf.settle_down()
    [answer] = answers
    assert (answer.correlation, answer.conversation, answer.content) == (asked.id, asked.id, b'{"answer":1}')
    assert answer.request_digest == asked.digest
    [found] = deaf.tax.messages(correlation=asked.id)
    assert found.direction is Direction.IN


def test_a_draft_is_queued_with_the_transaction_or_not_at_all(town: Town) -> None:
    def change_of_mind() -> None:
        with town.tax.desk.store.write() as connection:
            town.tax.send(draft(1), connection=connection)
            raise RuntimeError("the application changed its mind")

    with pytest.raises(RuntimeError):
        change_of_mind()
    assert town.tax.messages() == ()
    with town.tax.desk.store.write() as connection:
        town.tax.send(draft(2), connection=connection)
    assert [one.state for one in town.tax.messages()] == [MessageState.QUEUED]


def test_a_draft_with_an_id_of_the_caller_is_sent_once(town: Town) -> None:
    first = town.send(1, id="application-0001")
    assert town.send(1, id="application-0001").number == first.number
    assert refused("node.conflict", lambda: town.send(2, id="application-0001")).origin == "sender"
    refused("node.conflict", lambda: town.tax.send_all([draft(3, id="application-0003")] * 2))
    town.settle_down()
    assert town.applied == ['{"n":1}']


def test_a_service_has_one_handler(town: Town) -> None:
    with pytest.raises(ValueError, match="already"):
        town.market.handler(SERVICE)(note)


def test_workers_do_what_is_due_and_finish_what_is_in_hand(make: Make, places: tuple[Path | str, Path | str]) -> None:
    town, seen, whole = make(*places, of_market={"parcel": 3}), set[bytes](), threading.Event()

    @town.market.handler("other")
    def handle(connection: Any, arrived: Arrived) -> None:
        note(connection, arrived)
        seen.add(arrived.envelope.content)
        if len(seen) == 30:
            whole.set()

    with town.tax.workers(2, idle_s=0.01), town.market.workers(2, idle_s=0.01):
        for number in range(30):
            town.send(number, service="other")
        assert whole.wait(30)
    assert sorted(town.applied) == sorted(f'{{"n":{number}}}' for number in range(30))
    assert {one.state for one in town.market.messages()} == {MessageState.DONE}


class Source:
    """A register elsewhere that tells what is new."""

    def __init__(self) -> None:
        self.rows: list[str] = []
        self.asked: list[str] = []
        self.fails = 0

    def fetch(self, watermark: str) -> Pulled[str]:
        self.asked.append(watermark)
        if self.fails:
            self.fails -= 1
            raise ConnectionError("the source is down")
        start = int(watermark or 0)
        found = tuple(self.rows[start : start + 2])
        return Pulled(found, str(start + len(found)), more=start + 2 < len(self.rows))


def keep(connection: Any, records: tuple[str, ...]) -> None:
    for one in records:
        connection.execute(insert(APPLIED), {"id": one, "content": one})
        if one == "bad":
            raise RuntimeError("cannot be kept")


def test_a_pull_brings_what_is_new_and_moves_its_watermark_with_it(town: Town) -> None:
    source = Source()
    source.rows = ["a", "b", "c"]
    town.market.pull(Pull(name="register", every=timedelta(minutes=5), fetch=source.fetch, keep=keep))
    for _ in range(4):
        town.market.run_once()
    assert (town.applied, source.asked) == (["a", "b", "c"], ["", "2"])
    source.rows.append("d")
    town.watch.forward(minutes=5)
    source.fails = 1
    town.market.run_once()
    assert town.market.status().pulls[0].problem == "egov.exchange.node.pull_failed"
    town.watch.forward(seconds=10)
    town.market.run_once()
    assert town.applied == ["a", "b", "c", "d"]
    assert town.market.status().pulls[0].watermark == "4"


def test_records_of_a_pull_are_not_committed_before_its_watermark(town: Town) -> None:
    source = Source()
    source.rows, commits = ["a"], [True]

    def keep_and_commit(connection: Any, records: tuple[str, ...]) -> None:
        keep(connection, records)
        if commits:
            connection.commit()

    town.market.pull(Pull(name="register", every=timedelta(minutes=5), fetch=source.fetch, keep=keep_and_commit))
    town.market.run_once()
    assert (town.applied, town.market.status().pulls[0].watermark) == ([], "")
    commits.clear()
    town.watch.forward(minutes=5)
    town.market.run_once()
    assert (town.applied, town.market.status().pulls[0].watermark) == (["a"], "1")


def test_what_cannot_be_kept_leaves_the_watermark_where_it_was(town: Town) -> None:
    source = Source()
    source.rows = ["a", "bad"]
    town.market.pull(Pull(name="register", every=timedelta(minutes=5), fetch=source.fetch, keep=keep))
    town.market.run_once()
    assert (town.applied, town.market.status().pulls[0].watermark) == ([], "")
    with pytest.raises(ValueError, match="already"):
        town.market.pull(Pull(name="register", every=timedelta(minutes=5), fetch=source.fetch, keep=keep))


def test_contents_that_are_not_needed_are_forgotten_and_duplicates_still_known(town: Town) -> None:
    record = town.send(1)
    town.settle_down()
    parcel = town.way.sent[0].data
    answer = town.way.answers[0]
    town.watch.forward(days=1)
    assert town.market.purge(before=town.watch.at) == 1
    assert town.tax.purge(before=town.watch.at) == 1
    refused("node.no_content", lambda: town.tax.envelope(record.number))
    refused("node.no_content", lambda: town.market.evidence(1))
    assert town.market.accept(parcel) == answer
    town.settle_down()
    assert town.applied == ['{"n":1}']
    with pytest.raises(ValueError, match="aware"):
        town.market.purge(before=town.watch.at.replace(tzinfo=None))


@pytest.mark.parametrize("how", ["cut", "changed", "other key"])
def test_a_damaged_content_is_never_handled_and_stops_no_other(make: Make, how: str) -> None:
    town = make(receiver={"handle_together": 10})
    for number in range(4):
        town.send(number)
    town.tax.run_once()
    damage(town.market, 2, how)
    town.settle_down()
    assert town.applied == [f'{{"n":{number}}}' for number in (0, 2, 3)]
    assert incoming(town)[1] == (MessageState.DEAD, "node.content_damaged")
    refused("node.content_damaged", lambda: town.market.envelope(2))
    refused("node.content_damaged", lambda: town.market.evidence(2))
