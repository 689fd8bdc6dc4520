"""What an application could not do with a message, its sender learns under the receiver's signature."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from egov_sdk.errors import InputError, ParseError
from egov_sdk.exchange.envelope.evidence import read_evidence, verify_evidence
from egov_sdk.exchange.envelope.model import Envelope, ReceiptOutcome
from egov_sdk.exchange.envelope.receipt import read_receipt, sign_receipt
from egov_sdk.exchange.node.model import Direction, MessageState
from egov_sdk.exchange.node.outcomes import OUTCOME_TYPE
from egov_sdk.report import Outcome
from tests.exchange_world import SERVICE, Town
from tests.unit.exchange.envelope.offices import offices
from tests.unit.exchange.node.test_accepting import final, sealed, signed

_NO_MATTER = "egov.test.matter"


class Failing:
    """A handler that fails for good, until it is told to work."""

    def __init__(self, error: Exception) -> None:
        self.error: Exception | None = error

    def __call__(self, connection: Any, arrived: Any) -> None:
        if self.error is not None:
            raise self.error


def fail(town: Town, error: Exception | None = None) -> Failing:
    failing = Failing(error or ParseError("no such matter", code=_NO_MATTER))
    town.market.handler("other")(failing)
    return failing


def test_the_sender_has_a_signed_refusal_beside_the_receipt(town: Town) -> None:
    fail(town)
    sent = town.send(1, service="other")
    town.settle_down()
    found = town.tax.find(sent.number)
    assert (found.state, found.problem, found.receipted) == (MessageState.REFUSED, _NO_MATTER, True)
    last = read_receipt(town.tax.receipt(sent.number) or b"").receipt_unverified
    assert (last.outcome, last.reason, last.message) == (ReceiptOutcome.REFUSED, _NO_MATTER, sent.id)
    assert town.tax.receipt(sent.number) == town.market.receipt(1)


def test_the_evidence_of_both_sides_proves_the_refusal(town: Town) -> None:
    fail(town)
    sent = town.send(1, service="other")
    town.settle_down()
    for node, number in ((town.tax, sent.number), (town.market, 1)):
        evidence = node.evidence(number)
        said = [one.receipt_unverified.outcome for one in read_evidence(evidence).receipts]
        assert said == [ReceiptOutcome.ACCEPTED, ReceiptOutcome.REFUSED]
        assert verify_evidence(evidence, policy=offices().policy(), at=town.watch.at).outcome is Outcome.PASSED


def test_it_is_told_only_when_trying_again_has_not_helped(town: Town) -> None:
    failing = fail(town, RuntimeError("not yet"))
    sent = town.send(1, service="other")
    town.tax.run_once()
    for _ in range(3):
        town.market.run_once()
        assert town.tax.find(sent.number).state is MessageState.DONE
        town.watch.forward(seconds=61)
    failing.error = None
    town.settle_down()
    assert town.tax.find(sent.number).state is MessageState.DONE
    assert len(town.market.messages(direction=Direction.OUT)) == 0


def test_an_error_without_a_code_and_one_with_a_strange_one_say_that_the_handler_failed(town: Town) -> None:
    failing = fail(town, RuntimeError("secret words"))
    first = town.send(1, service="other")
    town.settle_down()
    failing.error = InputError("x", code="Not A Code!")
    second = town.send(2, service="other")
    town.settle_down()
    for sent in (first, second):
        assert town.tax.find(sent.number).problem == "egov.exchange.node.handler_failed"
    assert b"secret" not in town.tax.evidence(first.number)


def test_what_nobody_handles_is_refused_too(town: Town) -> None:
    sent = town.send(1, service="other")
    town.settle_down()
    found = town.tax.find(sent.number)
    assert (found.state, found.problem) == (MessageState.REFUSED, "egov.exchange.node.no_handler")


def test_a_message_that_takes_effect_after_all_is_done(town: Town) -> None:
    failing = fail(town)
    sent = town.send(1, service="other")
    town.settle_down()
    failing.error = None
    town.market.replay(1, reason="the matter is there now")
    town.settle_down()
    found = town.tax.find(sent.number)
    assert (found.state, found.problem) == (MessageState.DONE, "")
    last = read_receipt(town.tax.receipt(sent.number) or b"").receipt_unverified
    assert last.outcome is ReceiptOutcome.COMPLETED
    report = verify_evidence(town.tax.evidence(sent.number), policy=offices().policy(), at=town.watch.at)
    assert report.outcome is Outcome.PASSED


def test_a_lost_answer_and_a_doubled_notice_change_nothing(town: Town) -> None:
    fail(town)

    def twice_and_lost(parcel: Any, accept: Any) -> bytes:
        assert accept(parcel.data) == accept(parcel.data)
        town.back.fate = None
        raise TimeoutError

    town.back.fate = twice_and_lost
    sent = town.send(1, service="other")
    town.settle_down()
    assert town.tax.find(sent.number).state is MessageState.REFUSED
    assert len(town.tax.messages(direction=Direction.IN)) == 1


def test_a_refusal_that_comes_before_the_receipt_stays(town: Town) -> None:
    fail(town)
    answers: list[bytes] = []

    def late(parcel: Any, accept: Any) -> None:
        answers.append(accept(parcel.data))

    town.way.fate = late
    sent = town.send(1, service="other")
    town.tax.run_once()
    town.market.run_once()
    town.market.run_once()
    assert town.tax.find(sent.number).state is MessageState.REFUSED
    town.tax.settle(answers[0])
    found = town.tax.find(sent.number)
    assert (found.state, found.receipted) == (MessageState.REFUSED, True)
    assert len(read_evidence(town.tax.evidence(sent.number)).receipts) == 2


def test_a_message_that_was_cancelled_stays_so_and_the_refusal_is_kept(town: Town) -> None:
    fail(town)
    town.way.fate = lambda parcel, accept: accept(parcel.data) and None
    sent = town.send(1, service="other")
    town.tax.run_once()
    town.tax.cancel(sent.number, reason="a mistake")
    town.market.run_once()
    town.market.run_once()
    assert town.tax.find(sent.number).state is MessageState.CANCELLED
    assert read_receipt(town.tax.receipt(sent.number) or b"").receipt_unverified.reason == _NO_MATTER


def test_an_outcome_is_taken_in_where_no_service_is_open_and_no_handler_runs(town: Town) -> None:
    town.tax.meet([replace(town.tax.desk.partners[offices().market.party.id], services=frozenset())])
    fail(town)
    sent = town.send(1, service="other")
    town.settle_down()
    assert town.tax.find(sent.number).state is MessageState.REFUSED
    assert town.market.messages(direction=Direction.OUT)[0].state is MessageState.DONE


# ---------------------------------------------------------------------- what is no outcome


def notice(town: Town, content: bytes, **more: Any) -> bytes:
    """A message of the market office that says to be an outcome."""
    all_of = offices()
    given: dict[str, Any] = {"service": SERVICE, "at": town.watch.at, "purpose": "p", "basis": "b", **more}
    sender = given.pop("sender", all_of.market)
    one = Envelope.new(content, sender=sender.party, receivers=all_of.tax.party, content_type=OUTCOME_TYPE, **given)
    return sealed(signed(one, by=sender), to=all_of.tax)


def outcome(town: Town, number: int, *, by: Any = None, **more: Any) -> bytes:
    """A receipt of the market office for a message that the tax office has sent."""
    all_of = offices()
    office = by or all_of.market
    with town.tax.desk.store.read() as connection:
        message = town.tax._outbox.read(connection, number)
    given: dict[str, Any] = {"outcome": ReceiptOutcome.REFUSED, "reason": _NO_MATTER, "at": town.watch.at, **more}
    receipt = message.receipt(receiver=all_of.market.party, **given)
    return sign_receipt(receipt, signer=office.signer, certificate=office.certificate).to_json()


def test_what_is_no_receipt_is_refused_for_good(town: Town) -> None:
    for content in (b"", b"{}", b"<a/>", b'{"payload":"e30","signatures":[]}'):
        assert final(town.tax.accept(notice(town, content))) == "node.outcome"
    assert town.tax.messages() == ()


def test_a_receipt_for_another_s_message_or_a_changed_one_is_refused(town: Town) -> None:
    sent = town.send(1)
    town.settle_down()
    good = outcome(town, sent.number)
    third = outcome(town, sent.number, by=offices().housing)
    early = outcome(town, sent.number, outcome=ReceiptOutcome.ACCEPTED, reason="")
    for content in (third, early, good.replace(b'"signatures"', b'"Signatures"')):
        assert final(town.tax.accept(notice(town, content))) == "node.outcome"
    assert town.tax.find(sent.number).state is MessageState.DONE
    assert final(town.tax.accept(notice(town, good, sender=offices().housing))) == "node.outcome"
    assert town.tax.find(sent.number).state is MessageState.DONE
    accepted = read_receipt(town.tax.accept(notice(town, good))).receipt_unverified
    assert accepted.outcome is ReceiptOutcome.ACCEPTED
    assert town.tax.find(sent.number).state is MessageState.REFUSED


def test_a_message_that_took_effect_is_not_refused_afterwards(town: Town) -> None:
    sent = town.send(1)
    town.settle_down()
    town.tax.accept(notice(town, outcome(town, sent.number, outcome=ReceiptOutcome.COMPLETED, reason="")))
    town.tax.accept(notice(town, outcome(town, sent.number)))
    assert town.tax.find(sent.number).state is MessageState.DONE


def test_of_a_message_whose_content_is_gone_nothing_can_be_proven(town: Town) -> None:
    sent = town.send(1)
    town.settle_down()
    content = outcome(town, sent.number)
    town.watch.forward(days=1)
    town.tax.purge(before=town.watch.at)
    assert final(town.tax.accept(notice(town, content))) == "node.outcome"


@pytest.mark.parametrize("blocked", [True, False])
def test_one_who_is_no_partner_any_more_is_told_nothing(town: Town, blocked: bool) -> None:
    fail(town)
    town.send(1, service="other")
    town.tax.run_once()
    found = town.market.desk.partners[offices().tax.party.id]
    town.market.meet([replace(found, blocked=True)] if blocked else [])
    town.market.run_once()
    assert town.market.messages(direction=Direction.OUT) == ()
    assert read_receipt(town.market.receipt(1) or b"").receipt_unverified.reason == _NO_MATTER
