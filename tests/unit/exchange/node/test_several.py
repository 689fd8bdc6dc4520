"""One message to several receivers: each has a delivery, receipts, retries and an end of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from egov_sdk.exchange.envelope.evidence import read_evidence, verify_evidence
from egov_sdk.exchange.envelope.receipt import read_receipt
from egov_sdk.exchange.node.model import Direction, MessageState
from egov_sdk.exchange.node.node import ExchangeNode
from egov_sdk.report import Outcome
from egov_sdk.storage import open_store
from tests.exchange_world import Direct, Town, draft, identity_of, partner_of, refused, settings
from tests.unit.exchange.envelope.offices import offices

Make = Callable[..., Town]
BOTH = (offices().market.party, offices().housing.party)


@pytest.fixture
def housing(town: Town) -> Iterator[ExchangeNode]:
    """A third office, reached over a way of its own."""
    all_of = offices()
    node = ExchangeNode(
        open_store("sqlite://"),
        identity=identity_of(all_of.housing),
        partners=[partner_of(all_of.tax)],
        trust=all_of.trust,
        clock=town.watch,
        settings=settings(),
    )
    node.prepare()
    node.connect("direct", Direct(town.tax.accept))
    node.handler()(lambda _connection, _arrived: None)
    town.tax.connect("housing", Direct(node.accept))
    partners = [partner_of(all_of.market), partner_of(all_of.housing, transport="housing")]
    town.tax.meet(partners)
    yield node
    node.desk.store.close()


def states(town: Town, message_id: str) -> list[MessageState]:
    return [one.state for one in town.tax.messages(message_id=message_id, direction=Direction.OUT)]


def test_every_receiver_gets_the_same_message_and_gives_its_own_receipt(town: Town, housing: ExchangeNode) -> None:
    first = town.send(1, to=BOTH)
    assert first.receiver == BOTH[0]
    town.settle_down()
    housing.run_once()
    sent = town.tax.messages(message_id=first.id)
    assert [one.receiver for one in sent] == list(BOTH)
    assert [one.state for one in sent] == [MessageState.DONE] * 2
    assert len({one.digest for one in sent}) == 1
    receivers = [read_receipt(town.tax.receipt(one.number) or b"").receipt_unverified.receiver for one in sent]
    assert receivers == list(BOTH)
    assert town.applied == ['{"n":1}']
    assert housing.envelope(1) == town.market.envelope(1)


def test_evidence_holds_the_receipts_of_all(town: Town, housing: ExchangeNode) -> None:
    first = town.send(1, to=BOTH)
    town.settle_down()
    evidence = town.tax.evidence(first.number)
    assert len(read_evidence(evidence).receipts) == 2
    report = verify_evidence(evidence, policy=offices().policy(), at=town.watch.at)
    assert report.outcome is Outcome.PASSED
    assert next(one for one in report.checks if one.id == "coverage.receipts").outcome is Outcome.PASSED


def test_one_who_is_not_reached_holds_up_nobody_else(town: Town, housing: ExchangeNode) -> None:
    def lost(*_: object) -> bytes:
        raise ConnectionError

    town.way.fate = lost
    first = town.send(1, to=BOTH)
    town.tax.run_once()
    assert states(town, first.id) == [MessageState.QUEUED, MessageState.DONE]
    for _ in range(8):
        town.watch.forward(seconds=61)
        town.tax.run_once()
    assert states(town, first.id) == [MessageState.DEAD, MessageState.DONE]
    town.way.fate = None
    refused("node.state", lambda: town.tax.replay(first.number + 1, reason="it is done"))
    town.tax.replay(first.number, reason="the line is repaired")
    town.settle_down()
    assert states(town, first.id) == [MessageState.DONE, MessageState.DONE]


def test_a_late_answer_moves_only_the_one_whose_receipt_it_is(town: Town, housing: ExchangeNode) -> None:
    first = town.send(1, to=BOTH)
    town.way.fate = lambda _parcel, _accept: None
    town.tax.connect("housing", Direct(housing.accept, fate=lambda _parcel, _accept: None))
    town.tax.run_once()
    assert states(town, first.id) == [MessageState.SENT, MessageState.SENT]
    assert town.tax.settle(town.market.accept(town.way.sent[0].data)) == 1
    assert states(town, first.id) == [MessageState.DONE, MessageState.SENT]


def test_the_same_draft_given_twice_is_sent_once_to_each(town: Town, housing: ExchangeNode) -> None:
    one = draft(1, to=BOTH, id="application-0001")
    assert town.tax.send(one) == town.tax.send(one)
    assert len(town.tax.send_all([one])) == len(town.tax.messages()) == 2
    refused("node.conflict", lambda: town.send(1, to=BOTH[:1], id="application-0001"))


def test_all_are_partners_or_nothing_is_sent(town: Town) -> None:
    refused("node.partner_unknown", lambda: town.send(1, to=(*BOTH, offices().tax.party)))
    assert town.tax.messages() == ()


@pytest.mark.parametrize("to", [(), (BOTH[0], BOTH[0])])
def test_nobody_and_one_twice_are_no_receivers(to: Any) -> None:
    with pytest.raises(ValueError, match=r"to|twice"):
        draft(1, to=to)
