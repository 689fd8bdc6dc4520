"""A node whose disk is full: what it could not keep it did not take, nothing is lost, and it goes on afterwards."""

from __future__ import annotations

import io
import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

import pytest

from egov_sdk.exchange.node.model import MessageState
from egov_sdk.storage import StorageError
from egov_sdk.storage.sql import Connection
from tests.exchange_world import Town, draft

LARGE = b"x" * 200_000


@contextmanager
def quota(folder: Path) -> Iterator[None]:
    """No file may grow beyond the largest that is there."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    largest = max(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    resource.setrlimit(resource.RLIMIT_FSIZE, (largest, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    town = Town.at(tmp_path / "tax.db", tmp_path / "market.db")
    town.listen()
    town.send(0)
    town.settle_down()
    yield town
    assert sorted(set(town.applied)) == sorted(town.applied), "applied twice"
    town.assert_audits_hold()
    town.close()


def test_what_cannot_be_queued_is_told_to_the_application(town: Town, tmp_path: Path) -> None:
    drafts = [draft(content=LARGE + b"%d" % number, id=f"a-large-message-{number}") for number in range(6)]
    with quota(tmp_path):
        kept = [_went(partial(town.tax.send, one)) for one in drafts]
    assert not all(kept)
    assert len(town.tax.messages()) == 1 + sum(kept)
    for one in drafts:
        town.tax.send(one)
    town.settle_down()
    assert len(town.applied) == 1 + len(drafts)


def test_what_a_receiver_cannot_keep_it_does_not_take_and_the_sender_keeps_it(town: Town, tmp_path: Path) -> None:
    sent = [town.tax.send(draft(content=LARGE + b"%d" % number)) for number in range(6)]
    with quota(tmp_path):
        for _ in range(6):
            _went(town.tax.run_once)
            _went(town.market.run_once)
            town.watch.forward(seconds=10)
    assert len(town.applied) < 1 + len(sent)
    town.watch.forward(minutes=6)
    town.settle_down()
    assert len(town.applied) == 1 + len(sent)
    assert all(town.tax.find(one.number).state is MessageState.DONE for one in sent)


def test_a_file_that_did_not_fit_is_attached_and_carried_when_there_is_room(town: Town, tmp_path: Path) -> None:
    content = bytes(range(256)) * 12_000
    with quota(tmp_path):
        assert not _went(partial(town.tax.attachments.attach, "a", io.BytesIO(content)))
    found = town.tax.attachments.attach("a", io.BytesIO(content))
    sent = town.tax.send(draft(attachments=(found,)))
    with quota(tmp_path):
        for _ in range(4):
            _went(town.tax.run_once)
            town.watch.forward(seconds=10)
    assert town.tax.find(sent.number).state is not MessageState.DONE
    town.watch.forward(minutes=6)
    town.settle_down()
    [arrived] = town.market.messages(message_id=sent.id)
    sink = io.BytesIO()
    town.market.attachments.save(arrived.number, "a", sink)
    assert sink.getvalue() == content


@pytest.mark.parametrize("who", ["tax", "market"])
def test_a_database_without_a_free_page_takes_nothing_and_loses_nothing(
    tmp_path: Path, who: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    town = Town.at(tmp_path / "tax.db", tmp_path / "market.db")
    town.listen()
    node = getattr(town, who)
    real = type(node.desk.store).write
    full = True

    @contextmanager
    def narrow(store: object, **given: bool) -> Iterator[Connection]:
        with real(store, **given) as connection:
            if store is node.desk.store:
                pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
                connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + 2 if full else 1 << 30}")
            yield connection

    monkeypatch.setattr(type(node.desk.store), "write", narrow)
    queued = 0
    for number in range(4):
        queued += _went(partial(town.tax.send, draft(content=LARGE + b"%d" % number)))
    assert queued == (0 if who == "tax" else 4)
    for _ in range(4):
        _went(town.tax.run_once)
        _went(town.market.run_once)
        town.watch.forward(minutes=2)
    assert town.applied == []
    full = False
    town.watch.forward(minutes=6)
    town.send(9)
    town.settle_down()
    assert len(town.applied) == queued + 1
    town.assert_audits_hold()
    town.close()


def _went(work: Callable[[], object]) -> bool:
    """Whether it went; if not, the database said so in our words."""
    with suppress(StorageError):
        work()
        return True
    return False
