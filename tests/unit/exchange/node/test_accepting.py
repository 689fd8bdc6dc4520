from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from egov_sdk.errors import LimitExceeded
from egov_sdk.exchange.envelope.model import Envelope, ReceiptOutcome
from egov_sdk.exchange.envelope.receipt import read_receipt
from egov_sdk.exchange.envelope.sealed import encrypt
from egov_sdk.exchange.envelope.signed import SignedMessage, sign_envelope
from egov_sdk.exchange.node.model import MessageState
from egov_sdk.pki.local_ca import Revoked
from egov_sdk.storage import StorageError
from tests.exchange_world import SERVICE, Town, refused
from tests.unit.exchange.envelope.offices import AT, Office, offices

Make = Callable[..., Town]


def envelope(content: bytes = b"1", *, sender: Office | None = None, to: Office | None = None, **more: Any) -> Envelope:
    given: dict[str, Any] = {"service": SERVICE, "at": AT, "purpose": "p", "basis": "b", **more}
    all_of = offices()
    return Envelope.new(content, sender=(sender or all_of.tax).party, receivers=(to or all_of.market).party, **given)


def signed(of: Envelope, *, by: Office | None = None) -> SignedMessage:
    office = by or offices().tax
    return sign_envelope(of, signer=office.signer, certificate=office.certificate)


def sealed(message: SignedMessage, *, to: Office | None = None) -> bytes:
    return encrypt(message, [(to or offices().market).decrypter.public_key()]).sealed.to_json()


def refusal(answer: bytes) -> tuple[str, str]:
    """The code and the origin of a refusal that nobody signed."""
    members = json.loads(answer)
    assert members["format"] == "egov-refusal/1"
    return members["code"].removeprefix("egov.exchange."), members["origin"]


def final(answer: bytes) -> str:
    """The reason of a refusal that was signed."""
    receipt = read_receipt(answer).receipt_unverified
    assert receipt.outcome is ReceiptOutcome.REFUSED
    return receipt.reason.removeprefix("egov.exchange.")


def test_a_message_that_comes_twice_gets_the_same_receipt(town: Town) -> None:
    message = signed(envelope())
    first = town.market.accept(sealed(message))
    assert town.market.accept(sealed(message)) == first
    assert town.market.accept(b"\n".join([sealed(message)] * 3)) == b"\n".join([first] * 3)
    town.settle_down()
    assert town.applied == ["1"]


def test_twice_in_one_parcel_is_once(town: Town) -> None:
    message = signed(envelope())
    answers = town.market.accept(b"\n".join([sealed(message)] * 2)).split(b"\n")
    assert answers[0] == answers[1]
    town.settle_down()
    assert town.applied == ["1"]


def test_the_same_message_signed_anew_is_the_same_message(town: Town) -> None:
    one = envelope()
    first = town.market.accept(sealed(signed(one)))
    assert town.market.accept(sealed(signed(one))) == first
    town.settle_down()
    assert town.applied == ["1"]


def test_another_message_under_the_same_id_is_a_conflict_that_is_signed(town: Town) -> None:
    one = envelope(b"1")
    first = town.market.accept(sealed(signed(one)))
    other = one.model_copy(update={"content": b"2"})
    assert final(town.market.accept(sealed(signed(other)))) == "node.conflict"
    assert town.market.accept(sealed(signed(one))) == first
    assert town.market.messages()[0].digest == one.digest.hex()
    both = town.market.accept(b"\n".join(sealed(signed(each)) for each in (other, one))).split(b"\n")
    assert (final(both[0]), both[1]) == ("node.conflict", first)


def test_two_different_messages_under_one_id_in_one_parcel_are_a_conflict(town: Town) -> None:
    one = envelope(b"1")
    other = one.model_copy(update={"content": b"2"})
    first, second = town.market.accept(b"\n".join(sealed(signed(each)) for each in (one, other))).split(b"\n")
    assert read_receipt(first).receipt_unverified.outcome is ReceiptOutcome.ACCEPTED
    assert final(second) == "node.conflict"


def test_a_duplicate_is_known_after_it_ran_out_and_after_its_sender_was_revoked(town: Town) -> None:
    message = signed(envelope(life=timedelta(minutes=1)))
    first = town.market.accept(sealed(message))
    town.watch.forward(days=3)
    town.market.desk.revocations = revoked
    assert town.market.accept(sealed(message)) == first
    resigned = town.market.accept(sealed(signed(message.envelope_unverified)))
    assert refusal(resigned)[0] == "node.not_accepted"


def test_what_ran_out_is_refused_for_good(town: Town) -> None:
    message = signed(envelope(life=timedelta(minutes=1)))
    town.watch.forward(minutes=7)
    assert final(town.market.accept(sealed(message))) == "node.expired"
    assert town.market.messages() == ()


def test_what_is_of_the_future_may_come_again(town: Town) -> None:
    message = signed(envelope(at=AT + timedelta(hours=2)))
    assert refusal(town.market.accept(sealed(message))) == ("node.not_accepted", "sender")
    town.watch.forward(hours=2)
    answer = town.market.accept(sealed(message))
    assert read_receipt(answer).receipt_unverified.outcome is ReceiptOutcome.ACCEPTED


def revoked() -> tuple[bytes, ...]:
    all_of = offices()
    return (
        all_of.ca.crl(
            at=AT - timedelta(days=1),
            revoked=[Revoked(all_of.tax.certificate.serial_number, AT - timedelta(days=2))],
            days=3650,
        ),
    )


def test_a_revoked_sender_is_refused_without_a_receipt(town: Town) -> None:
    town.market.desk.revocations = revoked
    assert refusal(town.market.accept(sealed(signed(envelope())))) == ("node.not_accepted", "sender")
    assert town.market.messages() == ()


@pytest.mark.parametrize(
    ("make_bytes", "code"),
    [
        (lambda all_of: sealed(signed(envelope(), by=all_of.stranger)), "node.not_accepted"),
        (lambda all_of: sealed(signed(envelope(), by=all_of.housing)), "node.not_accepted"),
        (lambda all_of: sealed(signed(envelope(to=all_of.housing))), "node.not_accepted"),
        (lambda all_of: sealed(signed(envelope(), by=all_of.tax), to=all_of.housing), "envelope.not_encrypted_to_us"),
        (lambda _: signed(envelope()).to_json(), "envelope.not_sealed"),
        (lambda all_of: sealed(signed(envelope(sender=all_of.market), by=all_of.market)), "node.partner_unknown"),
        (lambda _: b"{}", "envelope.member"),
        (lambda _: b"\x00\xff", "envelope.form"),
        (lambda _: b"", "envelope.form"),
        (lambda _: b"<a/>", "envelope.xml"),
        (lambda _: b'{"a":1,"a":2}', "envelope.json"),
    ],
    ids=[
        "an untrusted signer",
        "another partner signs",
        "for another receiver",
        "encrypted to another",
        "not encrypted",
        "an unknown sender",
        "an empty object",
        "no text",
        "nothing",
        "another XML",
        "a name twice",
    ],
)
def test_what_is_not_to_be_taken_is_refused_with_a_code(
    town: Town, make_bytes: Callable[[Any], bytes], code: str
) -> None:
    found, origin = refusal(town.market.accept(make_bytes(offices())))
    assert found == code
    assert origin in {"sender", "receiver"}
    assert town.market.messages() == ()


def test_one_bad_message_does_not_stop_the_others(town: Town) -> None:
    good = [sealed(signed(envelope(b"%d" % number))) for number in range(3)]
    answers = town.market.accept(b"\n".join([good[0], b"{}", good[1], b"no", good[2]])).split(b"\n")
    assert [json.loads(one).get("format") for one in answers] == [None, "egov-refusal/1", None, "egov-refusal/1", None]
    town.settle_down()
    assert town.applied == ["0", "1", "2"]


@pytest.mark.parametrize("ordered", [False, True])
def test_behind_a_line_that_nobody_can_read_nothing_of_an_ordered_partner_is_taken(make: Make, ordered: bool) -> None:
    town = make(of_tax={"ordered": ordered})
    lines = [sealed(signed(envelope(b'{"n":%d}' % number))) for number in range(3)]
    first, second, third = town.market.accept(b"\n".join([lines[0][:-9], *lines[1:]])).split(b"\n")
    assert refusal(first)[0] == "envelope.json"
    if ordered:
        assert refusal(second) == refusal(third) == ("node.out_of_order", "receiver")
    town.market.accept(b"\n".join(lines))
    town.settle_down()
    assert town.applied == [f'{{"n":{number}}}' for number in ((0, 1, 2) if ordered else (1, 2, 0))]


def test_a_changed_octet_is_never_taken(town: Town) -> None:
    whole = sealed(signed(envelope()))
    for place in range(0, len(whole), 97):
        changed = whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :]
        answer = town.market.accept(changed)
        assert b"egov-refusal/1" in answer or changed.split() == whole.split()
    assert town.market.messages() == ()


def test_a_parcel_that_is_too_large_or_too_many_is_not_looked_at(make: Make) -> None:
    town = make(receiver={"most_in_parcel": 3, "most_bytes": 20_000})
    with pytest.raises(LimitExceeded):
        town.market.accept(b"\n".join([b"{}"] * 5))
    with pytest.raises(LimitExceeded):
        town.market.accept(b" " * 20_001)


def test_a_sender_that_is_too_fast_is_told_to_wait_and_nothing_is_lost(make: Make) -> None:
    town = make(of_tax={"per_minute": 3})
    for number in range(8):
        town.send(number)
    town.tax.run_once()
    assert len(town.market.messages()) == 3
    assert sum(one.problem == "egov.exchange.node.rate" for one in town.tax.messages()) == 5
    town.settle_down()
    assert sorted(town.applied) == [f'{{"n":{number}}}' for number in range(8)]


@pytest.mark.parametrize("of_tax", [{"per_minute": 1}, {"most_waiting": 1}])
def test_what_a_quota_holds_back_for_long_is_not_given_up(make: Make, of_tax: dict[str, Any]) -> None:
    town = make(of_tax=of_tax)
    for number in range(20):
        town.send(number)
    town.settle_down(rounds=400)
    assert {one.state for one in town.tax.messages()} == {MessageState.DONE}
    assert len(town.applied) == 20


def test_with_too_many_waiting_no_more_are_taken(make: Make) -> None:
    town = make(of_tax={"most_waiting": 2})
    for number in range(5):
        town.send(number)
    town.tax.run_once()
    assert len(town.market.messages()) == 2
    town.settle_down()
    assert len(town.applied) == 5


def test_an_application_is_told_when_a_partner_takes_nothing(make: Make) -> None:
    town = make(of_market={"most_waiting": 2})
    town.send(1)
    town.send(2)
    assert refused("node.queue_full", lambda: town.send(3)).origin == "receiver"
    assert len(town.tax.messages()) == 2


def test_a_database_that_fails_takes_nothing(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise StorageError("the disk is full", code="egov.storage.full")

    monkeypatch.setattr(town.market.desk.journal, "write", full)
    with pytest.raises(StorageError):
        town.market.accept(sealed(signed(envelope())))
    monkeypatch.undo()
    assert town.market.messages() == ()
    record = town.send()
    town.settle_down()
    assert town.tax.find(record.number).state is MessageState.DONE


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=300) | st.text(max_size=100).map(str.encode))
def test_octets_of_strangers_are_answered_and_never_fail(town: Town, octets: bytes) -> None:
    answer = town.market.accept(octets)
    assert all(json.loads(line)["code"].startswith("egov.") for line in answer.split(b"\n"))
    assert town.tax.settle(octets) == 0


def test_contents_lie_under_a_key_where_one_is_given(make: Make) -> None:
    town = make(receiver={"at_rest": b"k" * 16}, sender={"at_rest": b"j" * 16})
    record = town.send(41)
    town.settle_down()
    assert town.applied == ['{"n":41}']
    assert town.market.envelope(1).content == town.tax.envelope(record.number).content == b'{"n":41}'
    for node in (town.tax, town.market):
        with node.desk.store.read() as connection:
            [(kept,)] = connection.exec_driver_sql("SELECT content FROM node_contents").all()
        assert kept[:1] == b"\1"
        assert b"payload" not in kept
