from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from pydantic import ValidationError

from egov_sdk.exchange import Attachment, Envelope, Party, Receipt, ReceiptOutcome
from egov_sdk.exchange.envelope.headers import decode_envelope, decode_receipt
from egov_sdk.exchange.envelope.model import MOST_CONTENT, message_digest, new_id
from tests.independent import sm3
from tests.unit.exchange.envelope.offices import AT, offices
from tests.world import seeded

GOOD = offices().envelope()


def _with(**changes: object) -> Envelope:
    return Envelope.model_validate({**{name: getattr(GOOD, name) for name in type(GOOD).model_fields}, **changes})


@pytest.mark.parametrize(
    "changes",
    [
        {"id": "short"},
        {"id": "x" * 65},
        {"id": "0123456789abcdef\n"},
        {"id": "../../0123456789"},
        {"conversation": "?"},
        {"correlation": "?"},
        {"request_digest": "0" * 64},  # without a correlation
        {"request_digest": "G" * 64, "correlation": GOOD.id},
        {"receivers": ()},
        {"receivers": GOOD.receivers * 2},
        {"service": "", "resource": ""},
        {"service": " s"},
        {"service": "s\u202egnp.exe"},
        {"purpose": ""},
        {"purpose": "x" * 513},
        {"purpose": "a\nb"},
        {"purpose": "a\x00b"},
        {"purpose": "a\ufffeb"},
        {"purpose": "\ud800"},
        {"basis": ()},
        {"basis": ("",)},
        {"created_at": AT.replace(tzinfo=None)},
        {"created_at": datetime(1969, 12, 31, tzinfo=UTC)},
        {"expires_at": AT},
        {"content_type": "json"},
        {"content_type": "application/json\r\nx: y"},
        {"content": "text"},
        {"content": bytes(MOST_CONTENT + 1)},
        {"attachments": (Attachment.of("a", b"1"), Attachment.of("a", b"2"))},
        {"properties": (("Name", "x"),)},
        {"properties": (("a", "x"), ("a", "y"))},
        {"properties": {"a": ""}},
        {"more": "x"},
    ],
)
def test_an_envelope_that_cannot_be_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        _with(**changes)


@pytest.mark.parametrize(
    "words",
    [
        {"code": "11330000MB123456"},
        {"code": "91890000MT00000141"},
        {"code": "91890000mt00000140"},
        {"code": GOOD.sender.code, "system": "a/b"},
        {"code": GOOD.sender.code, "system": "a" * 65},
        {"code": GOOD.sender.code, "system": "-a"},
    ],
)
def test_a_party_is_named_by_a_right_credit_code(words: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        Party(**words)


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "a\\b", "c:a", "a\nb", "x" * 256, " a"])
def test_the_name_of_an_attachment_is_no_path(name: str) -> None:
    with pytest.raises(ValidationError):
        Attachment.of(name, b"")


def test_a_party_is_read_from_its_id() -> None:
    party = Party(code=GOOD.sender.code, system="hall-1")
    assert Party.parse(party.id) == party
    assert Party.parse(party.code) == Party(code=party.code)
    for text in (f"{party.code}/", "", "x"):
        with pytest.raises(ValueError, match=r".+"):
            Party.parse(text)


def test_a_message_to_an_organisation_is_one_to_its_systems_and_not_the_other_way_round() -> None:
    whole, hall, desk = (Party(code=GOOD.sender.code, system=name) for name in ("", "hall", "desk"))
    assert whole.covers(hall)
    assert hall.covers(hall)
    assert not hall.covers(whole)
    assert not hall.covers(desk)
    assert not whole.covers(GOOD.receivers[0])


def test_times_are_kept_in_utc_to_the_millisecond() -> None:
    beijing = timezone(timedelta(hours=8))
    made = _with(created_at=datetime(2026, 6, 1, 17, 30, 0, 123999, tzinfo=beijing))
    assert made.created_at == AT
    assert made.created_at.tzinfo is UTC
    assert made == GOOD


def test_an_answer_goes_on_with_the_conversation_and_names_the_question() -> None:
    answer = Envelope.new(
        b"yes",
        sender=GOOD.receivers[0],
        receivers=GOOD.sender,
        purpose=GOOD.purpose,
        basis="政务数据共享条例",
        service="s",
        at=AT,
        answers=GOOD,
    )
    assert (answer.conversation, answer.correlation) == (GOOD.id, GOOD.id)
    assert answer.request_digest == GOOD.digest.hex()
    assert answer.basis == ("政务数据共享条例",)
    again = Envelope.new(b"", **{**_words(), "answers": answer})  # type: ignore[arg-type]  # a table of words
    assert again.conversation == GOOD.id


def _words() -> dict[str, object]:
    return {"sender": GOOD.sender, "receivers": GOOD.receivers, "purpose": "x", "basis": "y", "service": "s", "at": AT}


def test_a_naive_time_is_a_mistake_of_the_caller() -> None:
    naive = AT.replace(tzinfo=None)
    with pytest.raises(ValueError, match="aware"):
        Envelope.new(b"", **{**_words(), "at": naive})  # type: ignore[arg-type]  # a table of words
    with pytest.raises(ValueError, match="aware"):
        Receipt.of(GOOD, receiver=GOOD.receivers[0], at=naive)
    with pytest.raises(ValueError, match="aware"):
        new_id(naive)


def test_ids_sort_by_time_and_are_uuids_of_version_7() -> None:
    first, second = new_id(AT, random=seeded("a")), new_id(AT + timedelta(milliseconds=1), random=seeded("b"))
    assert first < second
    assert (first[14], first[19] in "89ab", len(first)) == ("7", True, 36)


def test_the_digest_is_that_of_the_digests() -> None:
    assert GOOD.digest == sm3(sm3(GOOD.headers) + sm3(GOOD.content))
    assert message_digest(GOOD.headers, sm3(GOOD.content)) == GOOD.digest
    assert _with(content=b"other").digest != GOOD.digest
    assert _with(purpose="other").digest != GOOD.digest


def test_headers_are_read_back_without_loss() -> None:
    read = decode_envelope(GOOD.headers, content=GOOD.content)
    assert read.envelope == GOOD
    assert read.message_digest == GOOD.digest
    assert (read.length, read.content_digest) == (len(GOOD.content), GOOD.content_digest)


@pytest.mark.parametrize(
    "changes", [{"outcome": ReceiptOutcome.REFUSED}, {"reason": "egov.x"}, {"digest": ""}, {"message": ""}]
)
def test_a_receipt_that_cannot_be_is_refused(changes: dict[str, object]) -> None:
    good = Receipt.of(GOOD, receiver=GOOD.receivers[0], at=AT)
    with pytest.raises(ValidationError):
        Receipt.model_validate({**{name: getattr(good, name) for name in type(good).model_fields}, **changes})


def test_a_receipt_is_read_back_without_loss() -> None:
    refusal = Receipt.of(
        GOOD,
        receiver=GOOD.receivers[0],
        at=AT,
        outcome=ReceiptOutcome.REFUSED,
        reason="egov.exchange.envelope.headers",
        response=GOOD,
        signature=b"x",
    )
    assert decode_receipt(refusal.headers) == refusal
    assert refusal.response_digest == GOOD.digest.hex()
    assert refusal.signature_digest == sm3(b"x").hex()


def test_nobody_gives_a_receipt_for_what_was_sent_to_others() -> None:
    with pytest.raises(ValueError, match="not for this receiver"):
        Receipt.of(GOOD, receiver=offices().housing.party, at=AT)


def test_the_content_is_not_in_the_repr() -> None:
    assert "secret-content" not in repr(_with(content=b"secret-content"))


def test_a_copy_with_other_values_has_other_headers() -> None:
    good = offices().envelope()
    assert good.digest == good.digest
    other = good.model_copy(update={"purpose": "other", "content": b"other"})
    assert b"other" in other.headers
    assert other.content_digest == sm3(b"other")
    assert other.digest not in (good.digest, b"")


@pytest.mark.parametrize("changes", [{"purpose": "11010519491231002X\n"}, {"content": b"11010519491231002X" * 300_000}])
def test_a_mistake_says_nothing_of_what_was_given(changes: dict[str, object]) -> None:
    with pytest.raises(ValidationError) as caught:
        Envelope(**{**dict(GOOD), **changes})
    assert "11010519491231002X" not in str(caught.value)


def test_headers_that_no_reader_takes_are_not_signed() -> None:
    properties = tuple((f"p{number}", "汉" * 500) for number in range(64))
    with pytest.raises(ValueError, match="at most 65536 bytes, here they have"):
        offices().signed(GOOD.model_copy(update={"properties": properties}))
