from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from egov_sdk.exchange.envelope.evidence import verify_evidence
from egov_sdk.exchange.envelope.model import Receipt, ReceiptOutcome
from egov_sdk.exchange.envelope.receipt import BatchPlace, read_receipt, sign_receipt
from egov_sdk.exchange.envelope.verify import verify_receipt
from egov_sdk.exchange.node.model import Direction, MessageRecord, MessageState
from egov_sdk.exchange.node.parcels import Refusal
from egov_sdk.exchange.node.problems import refuse
from egov_sdk.exchange.node.settings import Backoff, NodeSettings
from egov_sdk.exchange.node.transport import HttpTransport, Parcel
from egov_sdk.gateway import GatewayClient
from egov_sdk.gateway.errors import CircuitOpen
from egov_sdk.gateway.policies import BreakerPolicy, Retry
from egov_sdk.report import Outcome
from tests.exchange_world import Town, damage, draft, refused
from tests.unit.exchange.envelope.offices import assert_passes, offices

Accept = Callable[[bytes], bytes]
Make = Callable[..., Town]


def lost(_parcel: Parcel, _accept: Accept) -> bytes:
    raise ConnectionError("the network is down")


def answer_lost(parcel: Parcel, accept: Accept) -> bytes:
    accept(parcel.data)
    raise TimeoutError("no answer")


def state(town: Town, record: MessageRecord) -> tuple[MessageState, str]:
    found = town.tax.find(record.number)
    return found.state, found.problem.rpartition("egov.exchange.")[2]


def test_a_message_is_delivered_handled_and_receipted(town: Town) -> None:
    record = town.send(7)
    assert (record.state, record.direction, record.receipted) == (MessageState.QUEUED, Direction.OUT, False)
    town.settle_down()
    assert town.applied == ['{"n":7}']
    assert state(town, record) == (MessageState.DONE, "")
    receipt = town.tax.receipt(record.number)
    assert receipt is not None
    result = verify_receipt(
        receipt, policy=offices().policy(), at=town.watch.at, message=town.tax.envelope(record.number)
    )
    assert_passes(result.report)


def test_a_lost_parcel_goes_again_after_a_growing_and_random_wait(town: Town) -> None:
    record = town.send()
    town.way.fate = lost
    waits = []
    for _ in range(4):
        town.tax.run_once()
        found = town.tax.find(record.number)
        assert found.due_at is not None
        waits.append((found.due_at - town.watch.at).total_seconds())
        assert town.tax.run_once() == 0
        town.watch.at = found.due_at
    assert state(town, record) == (MessageState.QUEUED, "node.transport")
    assert all(full / 2 <= wait <= full for wait, full in zip(waits, (1, 2, 4, 8), strict=True))
    town.way.fate = None
    town.settle_down()
    assert town.applied == ['{"n":1}']


def bug(_parcel: Parcel, _accept: Accept) -> bytes:
    raise KeyError("nobody thought of it")


def no_way(_parcel: Parcel, _accept: Accept) -> bytes:
    raise refuse("node.transport_unknown", found="x\ny")


@pytest.mark.parametrize(
    ("fate", "told", "traced"),
    [
        (lost, "ConnectionError: the network is down", False),
        (no_way, "egov.exchange.node.transport_unknown: ", False),
        (bug, "KeyError", True),
    ],
)
def test_a_failure_that_is_known_to_happen_is_one_line_of_the_log(
    town: Town, caplog: pytest.LogCaptureFixture, fate: Any, told: str, traced: bool
) -> None:
    town.send()
    town.way.fate = fate
    with caplog.at_level(logging.WARNING, "egov_sdk.exchange"):
        town.tax.run_once()
    (record,) = caplog.records
    assert told in record.getMessage()
    assert "\n" not in record.getMessage()
    assert bool(record.exc_info) is traced


def test_why_a_gateway_leaves_a_partner_alone_is_what_is_kept(town: Town) -> None:
    def down(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    record = town.send()
    with GatewayClient(
        "https://market.test",
        transport=httpx.MockTransport(down),
        retry=Retry(attempts=1),
        breaker=BreakerPolicy(failures=1),
    ) as gateway:
        way = HttpTransport(gateway)
        town.way.fate = lambda parcel, _accept: way.deliver(parcel)
        for _ in range(2):
            town.tax.run_once()
            found = town.tax.find(record.number)
            assert found.problem == "egov.gateway.connect_failed"
            assert found.due_at is not None
            town.watch.at = found.due_at
        with pytest.raises(CircuitOpen):
            way.deliver(town.way.sent[-1])


@pytest.mark.parametrize("ordered", [False, True])
@pytest.mark.parametrize("whose", ["both", "receiver", "transport"])
def test_messages_that_no_parcel_holds_together_go_in_several(make: Make, whose: str, ordered: bool) -> None:
    few = {"most_bytes": 100_000}
    town = make(
        sender=few if whose == "both" else {},
        receiver={} if whose == "transport" else few,
        of_market={"ordered": ordered},
        of_tax={"ordered": ordered},
    )
    if whose == "transport":
        town.way.parcel_bytes = 100_000  # type: ignore[attr-defined]  # as a transport may have it
    records = [town.send(number, content=b"%d" % number * 20_000) for number in range(7)]
    town.settle_down()
    assert [state(town, one) for one in records] == [(MessageState.DONE, "")] * 7
    assert [one[0] for one in town.applied] == list("0123456")
    sizes = [len(parcel.data) for parcel in town.way.sent]
    assert max(sizes[0 if whose != "receiver" else 1 :]) < 100_000
    assert len(sizes) < (5 if whose != "receiver" else 9)


def test_a_message_that_is_too_large_by_itself_goes_alone_and_dies_alone(make: Make) -> None:
    town = make(receiver={"most_bytes": 100_000})
    records = [town.send(number, content=b"%d" % number * (70_000 if number == 2 else 9_000)) for number in range(5)]
    town.settle_down()
    found = [state(town, one) for one in records]
    assert found.pop(2) == (MessageState.DEAD, "egov.input.limit_exceeded".rpartition("egov.exchange.")[2])
    assert found == [(MessageState.DONE, "")] * 4


def test_a_refusal_of_a_whole_parcel_is_told_of_each_of_its_messages(town: Town) -> None:
    records = [town.send(number) for number in range(2)]
    no = refuse("node.audit_not_stamped", found="yesterday")
    town.way.fate = lambda _parcel, _accept: Refusal.of(no).to_json()
    town.tax.run_once()
    assert [state(town, one) for one in records] == [(MessageState.QUEUED, "node.audit_not_stamped")] * 2
    town.way.fate = None
    town.settle_down()
    assert len(town.applied) == 2


def test_a_lost_answer_takes_effect_once_and_gives_the_first_receipt(town: Town) -> None:
    record = town.send()
    town.way.fate = answer_lost
    town.tax.run_once()
    first = town.market.receipt(1)
    town.way.fate = None
    town.watch.forward(seconds=30)
    town.settle_down()
    assert town.applied == ['{"n":1}']
    assert town.tax.receipt(record.number) == first


def test_after_the_last_attempt_a_message_is_dead_and_a_person_brings_it_back(town: Town) -> None:
    record = town.send()
    town.way.fate = lost
    for _ in range(8):
        town.tax.run_once()
        town.watch.forward(seconds=61)
    assert state(town, record) == (MessageState.DEAD, "node.transport")
    assert town.tax.run_once() == 0
    town.way.fate = None
    again = town.tax.replay(record.number, reason="the line is repaired", actor="clerk 7")
    assert (again.state, again.attempts) == (MessageState.QUEUED, 0)
    town.settle_down()
    assert town.applied == ['{"n":1}']
    assert state(town, record) == (MessageState.DONE, "")


UNTIL_IT_RUNS_OUT = {"delivery": Backoff(first=timedelta(seconds=1), cap=timedelta(minutes=10))}


def away(town: Town, *, rounds: int, step: timedelta = timedelta(minutes=10)) -> None:
    """The receiver is not there, and time passes."""
    town.way.fate = lost
    for _ in range(rounds):
        town.tax.run_once()
        town.watch.at += step


def test_a_receiver_that_is_away_for_days_gets_everything_when_it_is_back(make: Make) -> None:
    town = make(sender={"delivery": NodeSettings().delivery})
    records = [town.send(number) for number in range(3)]
    away(town, rounds=6 * 24 * 3)
    assert [state(town, one) for one in records] == [(MessageState.QUEUED, "node.transport")] * 3
    assert {town.tax.find(one.number).attempts > 400 for one in records} == {True}
    town.way.fate = None
    town.settle_down()
    assert len(set(town.applied)) == len(town.applied) == 3
    assert [state(town, one) for one in records] == [(MessageState.DONE, "")] * 3


@pytest.mark.parametrize("ordered", [False, True])
def test_who_never_comes_back_has_a_dead_letter_when_the_message_has_run_out(make: Make, ordered: bool) -> None:
    town = make(sender=UNTIL_IT_RUNS_OUT, of_market={"ordered": ordered})
    records = [town.send(number, life_s=7_200) for number in range(2)]
    away(town, rounds=12)
    assert [state(town, one)[0] for one in records] == [MessageState.QUEUED] * 2
    sent = len(town.way.sent)
    away(town, rounds=3)
    assert [state(town, one) for one in records] == [(MessageState.DEAD, "node.transport")] * 2
    assert 1 <= len(town.way.sent) - sent <= 2
    assert town.tax.run_once() == 0


def test_an_attempt_that_lasts_until_a_message_has_run_out_is_followed_by_one_that_asks_for_the_receipt(
    make: Make,
) -> None:
    town = make(sender=UNTIL_IT_RUNS_OUT)
    record = town.send(life_s=5)

    def slow(parcel: Parcel, accept: Accept) -> bytes:
        accept(parcel.data)
        town.watch.forward(seconds=10)
        raise TimeoutError("no answer")

    town.way.fate = slow
    town.tax.run_once()
    assert state(town, record) == (MessageState.QUEUED, "node.transport")
    town.way.fate = None
    town.settle_down()
    assert state(town, record) == (MessageState.DONE, "")
    assert town.applied == ['{"n":1}']


@pytest.mark.parametrize("how", ["no answer", "killed"])
def test_what_has_run_out_is_tried_once_more_and_no_oftener_however_that_ends(make: Make, how: str) -> None:
    town = make(sender=UNTIL_IT_RUNS_OUT)
    record = town.send(life_s=60)

    def fate(_parcel: Parcel, _accept: Accept) -> None:
        if how == "killed":
            raise KeyboardInterrupt

    town.way.fate = fate
    for _ in range(5):
        with suppress(KeyboardInterrupt):
            town.tax.run_once()
        town.watch.forward(minutes=30)
    assert state(town, record) == (MessageState.DEAD, "node.attempts")
    assert len(town.way.sent) == 2


def test_what_there_is_never_room_for_is_dead_when_it_has_run_out(make: Make) -> None:
    town = make(sender=UNTIL_IT_RUNS_OUT)
    record = town.send(life_s=3_600)
    no = Refusal.of(refuse("node.queue_full", found=1, partner="91890000MT00000140"))
    town.way.fate = lambda _parcel, _accept: no.to_json()
    for _ in range(10):
        town.tax.run_once()
        town.watch.forward(minutes=11)
    assert state(town, record) == (MessageState.DEAD, "node.queue_full")


def test_a_damaged_content_does_not_hold_up_others_until_it_has_run_out(make: Make) -> None:
    town = make(sender=UNTIL_IT_RUNS_OUT, of_market={"ordered": True}, of_tax={"ordered": True})
    records = [town.send(number) for number in range(2)]
    damage(town.tax, records[0].number, "cut")
    town.settle_down(step_s=601, rounds=150)
    assert state(town, records[0]) == (MessageState.DEAD, "node.content_damaged")
    assert town.applied == ['{"n":1}']


def test_what_ran_out_is_not_sent_and_cannot_be_brought_back(town: Town) -> None:
    record = town.send(life_s=60)
    town.watch.forward(seconds=60)
    assert town.tax.run_once() == 0
    assert town.way.sent == []
    assert state(town, record) == (MessageState.DEAD, "node.expired")
    refused("node.expired", lambda: town.tax.replay(record.number, reason="please"))


def test_urgent_messages_go_first(make: Make) -> None:
    town = make(of_market={"parcel": 1})
    for number, priority in ((1, 1), (2, 9), (3, 5)):
        town.send(number, priority=priority)
    town.settle_down()
    assert town.applied == ['{"n":2}', '{"n":3}', '{"n":1}']


def test_an_ordered_partner_gets_messages_in_order_whatever_fails(make: Make) -> None:
    town = make(of_market={"parcel": 2, "ordered": True}, of_tax={"ordered": True})
    for number in range(6):
        town.send(number, priority=number)
    fates = iter([lost, None, answer_lost, None, lost, None, None, None])

    def by_turns(parcel: Parcel, accept: Accept) -> bytes:
        fate = next(fates, None)
        return accept(parcel.data) if fate is None else fate(parcel, accept)

    town.way.fate = by_turns
    town.settle_down()
    assert town.applied == [f'{{"n":{number}}}' for number in range(6)]


def test_behind_a_head_that_waits_nothing_of_an_ordered_partner_goes(make: Make) -> None:
    town = make(of_market={"parcel": 1, "ordered": True})
    town.send(1)
    town.way.fate = lost
    town.tax.run_once()
    town.send(2)
    assert town.tax.run_once() == 0
    assert len(town.way.sent) == 1


def test_what_stands_behind_a_head_that_is_given_up_goes_then(make: Make) -> None:
    town = make(of_market={"ordered": True}, of_tax={"ordered": True})
    first, *others = [town.send(number) for number in range(4)]

    def fate(parcel: Parcel, accept: Accept) -> bytes:
        lines = parcel.data.split(b"\n")
        return accept(parcel.data) if len(lines) < 4 else accept(b"\n".join([lines[0][:-40], *lines[1:]]))

    town.way.fate = fate
    town.settle_down()
    assert state(town, first)[0] is MessageState.DEAD
    assert [state(town, one) for one in others] == [(MessageState.DONE, "")] * 3
    assert town.applied == [f'{{"n":{number}}}' for number in (1, 2, 3)]


def test_one_signature_serves_a_whole_parcel_and_each_receipt_proves_itself_alone(make: Make) -> None:
    town = make(receiver={"batch_receipts": True})
    records = [town.send(number) for number in range(5)]
    town.settle_down()
    receipts = [read_receipt(town.tax.receipt(one.number) or b"") for one in records]
    assert all(isinstance(one.signed_by, BatchPlace) for one in receipts)
    assert len({one.signature.value for one in receipts}) == 1
    for record, receipt in zip(records, receipts, strict=True):
        message = town.tax.envelope(record.number)
        assert_passes(verify_receipt(receipt, policy=offices().policy(), at=town.watch.at, message=message).report)


def test_a_transport_that_answers_later_is_settled_when_it_does(town: Town) -> None:
    record = town.send()
    answers = []
    town.way.fate = lambda parcel, accept: answers.append(accept(parcel.data))
    town.tax.run_once()
    assert state(town, record) == (MessageState.SENT, "")
    assert town.tax.run_once() == 0
    assert town.tax.settle(answers[0]) == 1
    assert state(town, record) == (MessageState.DONE, "")
    assert town.tax.settle(answers[0]) == 1
    assert state(town, record) == (MessageState.DONE, "")


def test_an_answer_that_never_comes_sends_the_message_again(town: Town) -> None:
    record = town.send()
    town.way.fate = lambda _parcel, _accept: None
    town.tax.run_once()
    town.way.fate = None
    town.watch.forward(minutes=10)
    town.settle_down()
    assert state(town, record) == (MessageState.DONE, "")
    assert town.applied == ['{"n":1}']


def forged(town: Town, how: str) -> bytes:
    """An answer that is no receipt of the market office for the first message."""
    all_of, message = offices(), town.tax.envelope(1)
    told = Receipt.of(message, receiver=all_of.market.party, at=town.watch.at)
    signers = {"a stranger's key": all_of.stranger, "another partner's key": all_of.housing}
    signer = signers.get(how, all_of.market)
    if how == "another message":
        other = Receipt.of(town.tax.envelope(town.send(2).number), receiver=all_of.market.party, at=town.watch.at)
        told = other.model_copy(update={"message": message.id})
    elif how == "another digest":
        told = told.model_copy(update={"digest": "ab" * 32})
    return sign_receipt(told, signer=signer.signer, certificate=signer.certificate).to_json()


@pytest.mark.parametrize("how", ["another message", "a stranger's key", "another partner's key", "another digest"])
def test_a_forged_receipt_changes_nothing(town: Town, how: str) -> None:
    record = town.send()
    answer = forged(town, how)
    town.way.fate = lambda _parcel, _accept: answer
    town.tax.run_once()
    assert state(town, record) == (MessageState.QUEUED, "node.receipt")
    assert town.tax.receipt(record.number) is None
    assert town.tax.settle(answer) == 0
    town.way.fate = None
    town.watch.forward(seconds=30)
    town.settle_down()
    assert state(town, record) == (MessageState.DONE, "")


@pytest.mark.parametrize("answer", [b"", b"{}", b"\xff\n\n", b"[1]", b'{"format":"egov-refusal/1"}', b"<a/>"])
def test_an_answer_that_is_none_sends_the_message_again(town: Town, answer: bytes) -> None:
    record = town.send()
    town.way.fate = lambda _parcel, _accept: answer
    town.tax.run_once()
    assert state(town, record)[0] is MessageState.QUEUED
    assert state(town, record)[1] in {"node.no_receipt", "node.not_taken"}


def test_a_refusal_that_nobody_signed_decides_nothing(town: Town) -> None:
    record = town.send()
    told = Refusal(message=record.id, code="egov.exchange.node.partner_blocked", origin="receiver", after_s=5)
    town.way.fate = lambda _parcel, _accept: told.to_json()
    town.tax.run_once()
    found = town.tax.find(record.number)
    assert (found.state, found.problem) == (MessageState.QUEUED, "egov.exchange.node.partner_blocked")
    assert found.due_at is not None
    assert found.due_at >= town.watch.at + timedelta(seconds=5)


def test_a_signed_refusal_ends_the_delivery(make: Make) -> None:
    town = make(of_tax={"services": frozenset({"another"})})
    record = town.send()
    town.tax.run_once()
    assert state(town, record) == (MessageState.DEAD, "node.service_closed")
    receipt = read_receipt(town.tax.receipt(record.number) or b"").receipt_unverified
    assert receipt.outcome is ReceiptOutcome.REFUSED
    assert town.applied == []


def test_a_blocked_partner_and_an_unknown_one_are_not_sent_to(make: Make) -> None:
    town = make(of_market={"blocked": True})
    assert refused("node.partner_blocked", town.send).origin == "receiver"
    unknown = refused("node.partner_unknown", lambda: town.market.send(draft(to=offices().market)))
    assert unknown.origin == "sender"


def test_a_worker_that_is_killed_loses_nothing(town: Town) -> None:
    record = town.send()

    def killed(_parcel: Parcel, _accept: Accept) -> bytes:
        raise KeyboardInterrupt

    town.way.fate = killed
    with pytest.raises(KeyboardInterrupt):
        town.tax.run_once()
    assert town.tax.find(record.number).state is MessageState.WORKING
    town.way.fate = None
    assert town.tax.run_once() == 0
    town.watch.forward(minutes=5)
    town.settle_down()
    assert state(town, record) == (MessageState.DONE, "")


def test_a_clock_that_was_far_ahead_does_not_stop_anything(town: Town) -> None:
    record = town.send()
    town.way.fate = lost
    town.watch.forward(days=2)
    town.tax.run_once()
    town.watch.forward(days=-2)
    town.way.fate = None
    town.tax.run_once()
    assert state(town, record) == (MessageState.DONE, "")


def test_two_nodes_on_one_database_send_everything_once(make: Make, places: tuple[Path | str, Path | str]) -> None:
    town = make(*places)
    for number in range(20):
        town.send(number)
    twin = Town.at(places[0], places[1])
    taken = []

    def overtaken(parcel: Parcel, accept: Accept) -> bytes:
        town.way.fate = None
        taken.append(twin.tax.run_once())
        return accept(parcel.data)

    town.way.fate = overtaken
    town.settle_down()
    twin.close()
    assert taken == [0]
    assert len(town.way.sent) == 1
    assert len(set(town.applied)) == len(town.applied) == 20


def test_a_cancelled_message_is_not_sent_and_a_done_one_not_cancelled(town: Town) -> None:
    first, second = town.send(1), town.send(2)
    town.tax.cancel(first.number, reason="a mistake")
    town.settle_down()
    assert town.applied == ['{"n":2}']
    refused("node.state", lambda: town.tax.cancel(second.number, reason="too late"))
    refused("node.state", lambda: town.tax.replay(second.number, reason="no need"))
    refused("node.message_unknown", lambda: town.tax.find(99))


def test_evidence_of_both_sides_holds(town: Town) -> None:
    record = town.send()
    town.settle_down()
    for node, number in ((town.tax, record.number), (town.market, 1)):
        report = verify_evidence(node.evidence(number), policy=offices().policy(), at=town.watch.at)
        assert report.outcome is Outcome.PASSED


def test_what_was_taken_before_it_ran_out_is_done_though_the_answer_was_lost(town: Town) -> None:
    record = town.send(life_s=60)
    town.way.fate = answer_lost
    town.tax.run_once()
    town.way.fate = None
    town.watch.forward(days=1)
    town.settle_down()
    assert state(town, record) == (MessageState.DONE, "")
    assert town.applied == ['{"n":1}']


def test_what_ran_out_on_its_way_is_dead_by_the_word_of_the_receiver(town: Town) -> None:
    record = town.send(life_s=60)
    town.way.fate = lost
    town.tax.run_once()
    town.way.fate = None
    town.watch.forward(days=1)
    town.settle_down()
    assert state(town, record) == (MessageState.DEAD, "node.expired")
    receipt = read_receipt(town.tax.receipt(record.number) or b"").receipt_unverified
    assert receipt.outcome is ReceiptOutcome.REFUSED
    assert town.applied == []


@pytest.mark.parametrize("how", ["cut", "changed", "other key"])
@pytest.mark.parametrize("ordered", [False, True])
def test_a_damaged_content_is_never_sent_and_stops_no_other(make: Make, how: str, ordered: bool) -> None:
    town = make(of_market={"ordered": ordered}, of_tax={"ordered": ordered})
    records = [town.send(number) for number in range(4)]
    damage(town.tax, records[1].number, how)
    town.tax.run_once()
    assert [state(town, one)[0] is MessageState.DONE for one in records] == [True, False, not ordered, not ordered]
    town.settle_down()
    assert town.applied == [f'{{"n":{number}}}' for number in (0, 2, 3)]
    assert state(town, records[1]) == (MessageState.DEAD, "node.content_damaged")
    refused("node.content_damaged", lambda: town.tax.evidence(records[1].number))


@settings(max_examples=40, deadline=None)
@given(
    fates=st.lists(st.sampled_from([lost, answer_lost, "later", "killed", None]), max_size=12),
    steps=st.lists(st.sampled_from([1, 7, 30, 65, 310]), min_size=12, max_size=12),
    ordered=st.booleans(),
)
def test_when_messages_have_run_out_the_sender_knows_which_of_them_the_receiver_has(
    fates: list[Any], steps: list[int], ordered: bool
) -> None:
    town = Town.at(sender=UNTIL_IT_RUNS_OUT, of_market={"ordered": ordered, "parcel": 2}, of_tax={"ordered": ordered})
    town.listen()
    records = [town.send(number, life_s=200) for number in range(4)]

    def fate(parcel: Parcel, accept: Accept) -> bytes | None:
        what = fates.pop() if fates and town.watch.at < records[0].expires_at else None
        if what == "killed":
            raise KeyboardInterrupt
        if what == "later":
            accept(parcel.data)
            return None
        return accept(parcel.data) if what is None else what(parcel, accept)

    town.way.fate = fate
    for step in [*steps, *[601] * 12]:
        with suppress(KeyboardInterrupt):
            town.tax.run_once()
        town.market.run_once()
        town.watch.forward(seconds=step)
    taken = {one.id for one in town.market.messages(direction=Direction.IN)}
    assert {one.id: one.state for one in town.tax.messages()} == {
        one.id: MessageState.DONE if one.id in taken else MessageState.DEAD for one in records
    }
    assert sorted(town.applied) == sorted(f'{{"n":{place}}}' for place, one in enumerate(records) if one.id in taken)
    assert town.tax.run_once() == 0
    town.close()
