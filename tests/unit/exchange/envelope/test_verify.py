from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, cast
from unittest.mock import Mock

import pytest

from egov_sdk.crypto import SM2PrivateKey
from egov_sdk.errors import EgovError, VerificationError
from egov_sdk.exchange.envelope.canonical import read_json
from egov_sdk.exchange.envelope.evidence import Evidence, read_evidence, verify_evidence
from egov_sdk.exchange.envelope.files import read_file, verify_file
from egov_sdk.exchange.envelope.judge import judge
from egov_sdk.exchange.envelope.model import Attachment, ReceiptOutcome
from egov_sdk.exchange.envelope.policy import ExchangePolicy
from egov_sdk.exchange.envelope.receipt import ReceiptReader, SignedReceipt, read_receipt, sign_receipt, sign_receipts
from egov_sdk.exchange.envelope.signed import SignedMessage, sign_envelope
from egov_sdk.exchange.envelope.verify import ReceiptVerifier, open_envelope, verify_envelope, verify_receipt
from egov_sdk.pki import TrustStore
from egov_sdk.pki.local_ca import Revoked
from egov_sdk.report import Outcome
from tests.unit.exchange.envelope.offices import AT, Office, assert_passes, found, offices
from tests.world import seeded

WORLD = offices()
MARKET = WORLD.policy(receiver=WORLD.market.party)
RECORD = WORLD.policy()
LATER = AT + timedelta(days=3000)


def _revoked(office: Office, *, days: int) -> bytes:
    """A list of the CA that says since when an office's certificate is revoked, in days after AT."""
    since = AT + timedelta(days=days)
    return WORLD.ca.crl(
        at=max(since, AT) + timedelta(hours=1), revoked=[Revoked(office.certificate.serial_number, since)]
    )


# ---------------------------------------------------------------------- messages


def test_a_good_message_passes_in_either_form() -> None:
    for data in (WORLD.signed().to_json(), WORLD.signed().to_xml()):
        result = verify_envelope(data, policy=MARKET, at=AT)
        assert_passes(result.report)
        assert result.require() == WORLD.envelope()


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (lambda: WORLD.signed(WORLD.envelope(to=(WORLD.housing,))), ("binding.receiver", "wrong_receiver")),
        (lambda: WORLD.signed(WORLD.envelope(at=AT - timedelta(days=8))), ("binding.period", "expired")),
        (lambda: WORLD.signed(WORLD.envelope(at=AT + timedelta(hours=1))), ("binding.period", "of_the_future")),
        (lambda: _signed_by(WORLD.market), ("binding.signer", "another")),
        (lambda: _signed_by(WORLD.stranger), ("binding.signer", "another")),
        (lambda: _with_content(b"other, as long"), ("integrity.content", "digest")),
        (lambda: _with_content(b"short"), ("integrity.content", "length")),
        (lambda: _with_signature(b"\x30\x06\x02\x01\x01\x02\x01\x01"), ("integrity.signature", "wrong")),
        (lambda: _with_signature(b"nonsense"), ("integrity.signature", "wrong")),
    ],
)
def test_a_bad_message_fails_for_its_own_reason(make: Callable[[], SignedMessage], expected: tuple[str, str]) -> None:
    report = verify_envelope(make(), policy=MARKET, at=AT).report
    assert expected in found(report)
    assert report.outcome is Outcome.FAILED
    with pytest.raises(VerificationError):
        verify_envelope(make(), policy=MARKET, at=AT).require()


def _signed_by(office: Office) -> SignedMessage:
    return sign_envelope(WORLD.envelope(), signer=office.signer, certificate=office.certificate)


def _with_content(content: bytes) -> SignedMessage:
    good = WORLD.signed()
    changed = good.envelope_unverified.model_copy(update={"content": content})
    return replace(good, read=replace(good.read, envelope=changed))


def _with_signature(value: bytes) -> SignedMessage:
    good = WORLD.signed()
    return replace(good, signature=replace(good.signature, value=value))


def test_a_message_that_was_sealed_for_another_receiver_and_passed_on_is_refused() -> None:
    from egov_sdk.exchange.envelope.sealed import decrypt, encrypt

    inner = decrypt(WORLD.sealed().sealed, WORLD.market.decrypter).message
    passed_on = encrypt(inner, [WORLD.housing.decrypter.public_key()]).sealed
    policy = WORLD.policy(receiver=WORLD.housing.party)
    opened = open_envelope(passed_on, key=WORLD.housing.decrypter, policy=policy, at=AT)
    assert found(opened.report) == {("binding.receiver", "wrong_receiver")}


def test_without_anchors_and_without_a_directory_nothing_is_decided() -> None:
    policy = ExchangePolicy(trust=TrustStore(), parties={})
    report = verify_envelope(WORLD.signed(), policy=policy, at=AT).report
    assert report.outcome is Outcome.UNKNOWN
    assert found(report, Outcome.UNKNOWN) >= {
        ("trust.certificate", "no_anchors"),
        ("binding.signer", "unknown_party"),
    }


def test_a_chain_that_was_looked_at_before_still_has_its_dates() -> None:
    policy = WORLD.policy(claimed_time="accept")
    for _ in range(2):
        assert_passes(verify_envelope(WORLD.signed(), policy=policy, at=AT).report)
        for days in (-200, 400):
            message = WORLD.signed(WORLD.envelope(at=AT + timedelta(days=days)))
            report = verify_envelope(message, policy=policy, at=LATER).report
            assert found(report) == {("trust.validity", "out_of_dates")}


def test_a_certificate_that_cannot_be_read_is_told() -> None:
    good = WORLD.signed()
    broken = replace(good, signature=replace(good.signature, certificates=(b"\x30\x00",)))
    report = verify_envelope(broken, policy=MARKET, at=AT).report
    assert found(report) == {("integrity.signature", "unreadable")}
    assert ("trust.certificate", "unreadable") in found(report, Outcome.UNKNOWN)


def test_the_certificate_of_a_ca_and_one_for_encryption_do_not_sign() -> None:
    key = SM2PrivateKey.from_int(77)
    ca = WORLD.ca.issue("ca", "Tax Office", key.public_key(), at=AT - timedelta(days=1))
    encrypting = WORLD.ca.issue("encryption", "Tax Office", key.public_key(), at=AT - timedelta(days=1))
    for certificate, reason in ((ca, "is_ca"), (encrypting, "key_usage")):
        message = sign_envelope(WORLD.envelope(), signer=key, certificate=certificate)
        report = verify_envelope(message, policy=MARKET, at=AT).report
        assert ("trust.usage", reason) in found(report)


def test_a_sender_that_was_revoked_before_is_refused() -> None:
    policy = WORLD.policy(receiver=WORLD.market.party, crls=(_revoked(WORLD.tax, days=-1),))
    report = verify_envelope(WORLD.signed(), policy=policy, at=AT + timedelta(hours=2)).report
    assert ("trust.revocation", "revoked") in found(report)


def test_a_sender_that_was_revoked_later_could_have_written_an_earlier_date() -> None:
    crl = _revoked(WORLD.tax, days=2)
    policy = WORLD.policy(crls=(crl,))
    at = AT + timedelta(days=3)
    report = verify_envelope(WORLD.signed(), policy=policy, at=at).report
    assert found(report) == set()
    assert found(report, Outcome.UNKNOWN) == {("trust.time", "time_unproven")}
    stamped = WORLD.signed(time_stamp=WORLD.stamper(AT + timedelta(minutes=1)))
    assert_passes(verify_envelope(stamped, policy=policy, at=at).report)


def test_years_later_a_time_stamp_proves_what_a_word_does_not() -> None:
    assert found(verify_envelope(WORLD.signed(), policy=RECORD, at=LATER).report, Outcome.UNKNOWN) == {
        ("trust.time", "time_unproven")
    }
    accepting = WORLD.policy(claimed_time="accept")
    assert_passes(verify_envelope(WORLD.signed(), policy=accepting, at=LATER).report)
    stamped = WORLD.signed(time_stamp=WORLD.stamper())
    assert_passes(verify_envelope(stamped, policy=RECORD, at=LATER).report)


@pytest.mark.parametrize(
    ("stamp", "outcome", "reason"),
    [
        (lambda octets: WORLD.tsa.stamp(b"other", at=AT), Outcome.FAILED, "wrong"),
        (lambda octets: b"\x30\x00", Outcome.FAILED, "wrong"),
    ],
)
def test_a_time_stamp_of_something_else_is_refused(
    stamp: Callable[[bytes], bytes], outcome: Outcome, reason: str
) -> None:
    report = verify_envelope(WORLD.signed(time_stamp=stamp), policy=MARKET, at=AT).report
    assert ("integrity.time_stamp", reason) in found(report, outcome)
    assert report.outcome is Outcome.FAILED


def test_a_time_stamp_of_somebody_unknown_proves_nothing() -> None:
    key = SM2PrivateKey.from_int(301)
    certificate = WORLD.other.issue("tsa", "TSA", key.public_key(), at=AT - timedelta(days=1), days=3000)
    other = replace(WORLD.tsa, signer=key, certificate=certificate)
    message = WORLD.signed(time_stamp=lambda octets: other.stamp(octets, at=AT))
    report = verify_envelope(message, policy=RECORD, at=LATER).report
    assert ("trust.time_stamp", "undecided") in found(report, Outcome.UNKNOWN)
    assert ("trust.time", "time_unproven") in found(report, Outcome.UNKNOWN)


def test_a_time_stamp_that_is_of_the_future_proves_nothing() -> None:
    for at in (AT + MARKET.leeway, AT + timedelta(days=1)):
        stamped = WORLD.signed(time_stamp=WORLD.stamper(at))
        wrong = set() if at - AT <= MARKET.leeway else {("trust.time", "in_future")}
        assert found(verify_envelope(stamped, policy=MARKET, at=AT).report) == wrong


def test_a_time_stamp_from_before_the_message_is_refused() -> None:
    message = WORLD.signed(time_stamp=WORLD.stamper(AT - timedelta(days=1)))
    assert found(verify_envelope(message, policy=MARKET, at=AT).report) == {("trust.time", "time_order")}


def test_a_revoked_authority_proves_nothing() -> None:
    crl = WORLD.ca.crl(
        at=AT + timedelta(days=2), revoked=[Revoked(WORLD.tsa.certificate.serial_number, AT + timedelta(days=1))]
    )
    message = WORLD.signed(time_stamp=WORLD.stamper())
    report = verify_envelope(message, policy=WORLD.policy(crls=(crl,)), at=AT + timedelta(days=3)).report
    assert ("trust.time_stamp", "undecided") in found(report, Outcome.UNKNOWN)


def test_attachments_are_held_against_their_digests(tmp_path: Path) -> None:
    one, other = Attachment.of("a.csv", b"1"), Attachment.of("b.csv", b"2")
    message = WORLD.signed(WORLD.envelope(attachments=(one, other)))
    (tmp_path / "b").write_bytes(b"2")

    def reasons(**given: bytes | Path) -> tuple[str, Outcome]:
        files = {f"{name}.csv": value for name, value in given.items()}
        report = verify_envelope(message, policy=MARKET, at=AT, attachments=files).report
        (check,) = report.of("coverage.attachments")
        return check.reason, report.outcome

    assert reasons(a=b"1", b=tmp_path / "b") == ("ok", Outcome.PASSED)
    assert reasons(a=b"1") == ("missing", Outcome.UNKNOWN)
    assert reasons(a=b"1", b=b"3") == ("wrong", Outcome.FAILED)
    assert reasons(a=b"1", b=b"2", c=b"3") == ("unknown", Outcome.FAILED)
    report = verify_envelope(message, policy=MARKET, at=AT).report
    assert report.of("coverage.attachments")[0].reason == "not_given"
    none = verify_envelope(WORLD.signed(), policy=MARKET, at=AT, attachments={}).report
    assert none.of("coverage.attachments")[0].reason == "none"


def test_a_message_that_is_sealed_is_opened_first_and_the_other_way_round() -> None:
    sealed, signed = WORLD.sealed().sealed, WORLD.signed()
    with pytest.raises(EgovError) as caught:
        verify_envelope(sealed.to_json(), policy=MARKET, at=AT)
    assert caught.value.code == "egov.exchange.envelope.still_sealed"
    with pytest.raises(EgovError) as caught:
        open_envelope(signed.to_json(), key=WORLD.market.decrypter, policy=MARKET, at=AT)
    assert caught.value.code == "egov.exchange.envelope.not_sealed"


def test_revocation_is_looked_at_as_the_policy_says() -> None:
    off, required = (replace(MARKET, revocation=mode) for mode in ("off", "required"))
    report = verify_envelope(WORLD.signed(), policy=off, at=AT).report
    assert report.of("trust.revocation")[0].reason == "not_looked_at"
    report = verify_envelope(WORLD.signed(), policy=required, at=AT).report
    assert ("trust.revocation", "undecided") in found(report, Outcome.UNKNOWN)


def test_mistakes_of_the_caller_are_told() -> None:
    naive = AT.replace(tzinfo=None)
    for call in (
        lambda: verify_envelope(b"", policy=MARKET, at=naive),
        lambda: open_envelope(b"", key=WORLD.market.decrypter, policy=MARKET, at=naive),
        lambda: verify_receipt(b"", policy=MARKET, at=naive),
        lambda: verify_evidence(b"", policy=MARKET, at=naive),
    ):
        with pytest.raises(ValueError, match="aware"):
            call()
    with pytest.raises(ValueError, match="claimed_time"):
        ExchangePolicy(trust=TrustStore(), parties={}, claimed_time="never")  # type: ignore[arg-type]  # on purpose
    with pytest.raises(ValueError, match="leeway"):
        ExchangePolicy(trust=TrustStore(), parties={}, leeway=timedelta(-1))
    with pytest.raises(TypeError):
        ExchangePolicy(trust=TrustStore(), parties={WORLD.tax.party.id: "CN=Tax Office"})
    with pytest.raises(ValueError, match=r".+"):
        ExchangePolicy(trust=TrustStore(), parties={"tax": ["CN=Tax Office"]})


def test_a_stranger_of_the_same_name_is_nobody_we_trust() -> None:
    policy = ExchangePolicy(trust=WORLD.trust, parties={WORLD.tax.party.id: ["CN=Tax Office"]})
    report = verify_envelope(_signed_by(WORLD.stranger), policy=policy, at=AT).report
    assert ("trust.certificate", "undecided") in found(report, Outcome.UNKNOWN)
    both = replace(policy, trust=TrustStore([WORLD.ca.certificate, WORLD.other.certificate]))
    assert verify_envelope(_signed_by(WORLD.stranger), policy=both, at=AT).report.outcome is Outcome.PASSED
    named = WORLD.policy(trust=TrustStore([WORLD.ca.certificate, WORLD.other.certificate]))
    assert found(verify_envelope(_signed_by(WORLD.stranger), policy=named, at=AT).report) == {
        ("binding.signer", "another")
    }


# ---------------------------------------------------------------------- receipts


def _receipt(message: SignedMessage | None = None, *, by: Office | None = None, **words: object) -> SignedReceipt:
    by = by or WORLD.market
    made = (message or WORLD.signed()).receipt(receiver=WORLD.market.party, at=AT, random=seeded("r"))
    return sign_receipt(made.model_copy(update=words), signer=by.signer, certificate=by.certificate)


def test_a_good_receipt_passes_in_either_form() -> None:
    message = WORLD.signed()
    for data in (_receipt().to_json(), _receipt().to_xml()):
        result = verify_receipt(data, policy=RECORD, at=AT, message=message)
        assert_passes(result.report)
        assert result.require().outcome is ReceiptOutcome.ACCEPTED
    assert_passes(verify_receipt(_receipt(), policy=RECORD, at=AT, message=message.envelope_unverified).report)


def test_without_the_message_a_receipt_is_undecided() -> None:
    report = verify_receipt(_receipt(), policy=RECORD, at=AT).report
    assert report.outcome is Outcome.UNKNOWN
    assert found(report, Outcome.UNKNOWN) == {
        ("binding.message", "not_given"),
        ("binding.parties", "not_given"),
        ("coverage.message", "not_given"),
    }


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (lambda: _receipt(WORLD.signed(WORLD.envelope(seed="another"))), ("binding.message", "another")),
        (lambda: _receipt(digest="0" * 64), ("binding.message", "digest")),
        (lambda: _receipt(signature_digest="0" * 64), ("binding.message", "signature")),
        (lambda: _receipt(sender=WORLD.housing.party), ("binding.parties", "wrong_sender")),
        (lambda: _receipt(receiver=WORLD.housing.party, by=WORLD.housing), ("binding.parties", "wrong_receiver")),
        (lambda: _receipt(by=WORLD.housing), ("binding.signer", "another")),
        (lambda: _receipt(received_at=AT - timedelta(days=1)), ("binding.period", "before_message")),
        (lambda: _receipt(received_at=AT + timedelta(days=8)), ("binding.period", "after_expiry")),
        (lambda: _receipt(received_at=AT + timedelta(days=1)), ("trust.time", "in_future")),
    ],
)
def test_a_bad_receipt_fails_for_its_own_reason(make: Callable[[], SignedReceipt], expected: tuple[str, str]) -> None:
    report = verify_receipt(make(), policy=RECORD, at=AT, message=WORLD.signed()).report
    assert expected in found(report)


def test_a_refusal_may_come_after_the_message_has_expired() -> None:
    late = AT + timedelta(days=8)
    refusal = _receipt(received_at=late, outcome=ReceiptOutcome.REFUSED, reason="egov.exchange.expired")
    assert_passes(verify_receipt(refusal, policy=RECORD, at=late, message=WORLD.signed()).report)


def test_each_receipt_of_a_batch_is_proven_alone() -> None:
    message = WORLD.signed()
    first, *others = WORLD.batch(message, others=6)
    assert_passes(verify_receipt(first.to_json(), policy=RECORD, at=AT, message=message).report)
    for number, one in enumerate(others):
        other = WORLD.signed(WORLD.envelope(b"%d" % number, seed=f"other {number}"))
        assert_passes(verify_receipt(one.to_xml(), policy=RECORD, at=AT, message=other).report)


def test_a_batch_of_one_needs_no_path() -> None:
    message = WORLD.signed()
    (only,) = WORLD.batch(message, others=0)
    for data in (only.to_json(), only.to_xml()):
        assert read_receipt(data) == only
        assert_passes(verify_receipt(data, policy=RECORD, at=AT, message=message).report)


def test_the_proof_of_another_batch_is_refused() -> None:
    message = WORLD.signed()
    first = WORLD.batch(message)[0]
    other = WORLD.batch(WORLD.signed(WORLD.envelope(b"x", seed="x")))[0]
    mixed = replace(first, signed_by=other.signed_by)
    report = verify_receipt(mixed, policy=RECORD, at=AT, message=message).report
    assert found(report) == {("integrity.proof", "wrong")}
    assert verify_receipt(mixed, policy=RECORD, at=AT, message=message).proven_at is None


def test_the_receipts_of_an_answer_are_read_and_verified_one_after_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    messages = [WORLD.signed(WORLD.envelope(b"%d" % number, seed=f"other {number}")) for number in range(4)]
    reader, verifier = ReceiptReader(), ReceiptVerifier(policy=RECORD, at=AT)
    judged = Mock(wraps=judge)
    monkeypatch.setattr("egov_sdk.exchange.envelope.verify.judge", judged)
    first, *others = WORLD.batch(WORLD.signed())
    lines = [read_json(one.to_json(), depth=16) for one in others]
    for members, message in zip(lines, messages, strict=True):
        assert_passes(verifier.verify(reader.read(members), message=message).report)
    assert judged.call_count == 1
    # what follows is judged for itself: another message, another batch, another signature over the same batch
    assert found(verifier.verify(reader.read(lines[0]), message=messages[1]).report) == {("binding.message", "another")}
    later = WORLD.batch(WORLD.signed(), at=AT + timedelta(days=1))[0]
    assert found(verifier.verify(later, message=WORLD.signed()).report) == {("trust.time", "in_future")}
    proof = cast("dict[str, Any]", copy.deepcopy(lines[0]["proof"]))
    good = proof["batch"]["signatures"][0]["signature"]
    proof["batch"]["signatures"][0]["signature"] = good[:20] + ("A" if good[20] != "A" else "B") + good[21:]
    forged = verifier.verify(reader.read({**lines[0], "proof": proof}), message=messages[0]).report
    assert ("integrity.signature", "wrong") in found(forged)
    assert_passes(verifier.verify(reader.read(lines[0]), message=messages[0]).report)
    assert_passes(verifier.verify(first, message=WORLD.signed()).report)


def test_a_batch_of_somebody_else_is_refused() -> None:
    message = WORLD.signed()
    receipt = message.receipt(receiver=WORLD.market.party, at=AT)
    other = receipt.model_copy(update={"receiver": WORLD.housing.party})
    (made,) = sign_receipts([other], signer=WORLD.housing.signer, certificate=WORLD.housing.certificate, at=AT)
    mixed = replace(made, receipt_unverified=receipt)
    report = verify_receipt(mixed, policy=RECORD, at=AT, message=message).report
    assert found(report) == {("binding.parties", "wrong_batch"), ("integrity.proof", "wrong")}


def test_a_receipt_of_after_its_batch_is_refused() -> None:
    message = WORLD.signed()
    receipt = message.receipt(receiver=WORLD.market.party, at=AT + timedelta(hours=1))
    (made,) = sign_receipts([receipt], signer=WORLD.market.signer, certificate=WORLD.market.certificate, at=AT)
    report = verify_receipt(made, policy=RECORD, at=AT + timedelta(hours=2), message=message).report
    assert found(report) == {("binding.period", "after_batch")}


def test_a_batch_is_of_one_receiver_and_not_empty() -> None:
    message = WORLD.signed(WORLD.envelope(to=(WORLD.market, WORLD.housing)))
    two = [message.receipt(receiver=one.party, at=AT) for one in (WORLD.market, WORLD.housing)]
    for receipts in ([], two):
        with pytest.raises(ValueError, match="one receiver"):
            sign_receipts(receipts, signer=WORLD.market.signer, certificate=WORLD.market.certificate, at=AT)


# ---------------------------------------------------------------------- evidence


def test_evidence_holds_years_later_by_the_time_stamp_of_a_batch() -> None:
    message = WORLD.signed()
    receipts = WORLD.batch(message, time_stamp=WORLD.stamper(AT + timedelta(minutes=1)))
    data = Evidence.of(message, receipts[:1]).to_json()
    report = verify_evidence(data, policy=RECORD, at=LATER)
    assert_passes(report)
    assert {check.reason for check in report.of("trust.time")} == {"proven"}
    assert report.of("coverage.receipts")[0].reason == "ok"
    assert read_evidence(data) == Evidence.of(message, receipts[:1])


def test_a_receipt_that_names_no_signature_does_not_prove_when_that_was_made() -> None:
    message = WORLD.signed()
    receipt = message.receipt(receiver=WORLD.market.party, at=AT).model_copy(update={"signature_digest": ""})
    signed = sign_receipt(
        receipt, signer=WORLD.market.signer, certificate=WORLD.market.certificate, time_stamp=WORLD.stamper()
    )
    report = verify_evidence(Evidence.of(message, [signed]), policy=RECORD, at=LATER)
    assert [(one.id, one.subject) for one in report.blocking] == [("trust.time", "message")]


def test_evidence_without_receipts_says_so() -> None:
    report = verify_evidence(Evidence.of(WORLD.signed()), policy=RECORD, at=AT)
    assert_passes(report)
    assert report.of("coverage.receipts")[0].reason == "none"
    to = (WORLD.market, WORLD.housing)
    message = WORLD.signed(WORLD.envelope(to=to))
    report = verify_evidence(Evidence.of(message, WORLD.batch(message)[:1]), policy=RECORD, at=AT)
    assert_passes(report)
    assert report.of("coverage.receipts")[0].evidence["names"] == WORLD.housing.party.id


def test_a_receipt_for_another_message_spoils_evidence() -> None:
    message = WORLD.signed()
    report = verify_evidence(Evidence.of(message, WORLD.batch(message)[1:2]), policy=RECORD, at=AT)
    assert report.outcome is Outcome.FAILED


def test_what_would_not_be_looked_at_is_not_taken_as_if_it_were() -> None:
    message = WORLD.signed()
    receipt = WORLD.batch(message)[0]
    for data in (message.to_json(), Evidence.of(message, [receipt]).to_json()):
        with pytest.raises(ValueError, match="beside a receipt alone"):
            verify_file(data, policy=RECORD, at=AT, message=WORLD.signed().to_json())
    with pytest.raises(ValueError, match="a receipt has none"):
        verify_file(receipt.to_json(), policy=RECORD, at=AT, message=message.to_json(), attachments={"a": b"other"})


def test_a_file_is_verified_whatever_it_is() -> None:
    message = WORLD.signed()
    receipt = WORLD.batch(message)[0]
    evidence = Evidence.of(message, [receipt])
    for data in (message.to_json(), message.to_xml(), evidence.to_json()):
        assert_passes(verify_file(data, policy=RECORD, at=AT))
    for data in (receipt.to_json(), receipt.to_xml()):
        assert_passes(verify_file(data, policy=RECORD, at=AT, message=message.to_xml()))
        assert_passes(verify_file(data, policy=RECORD, at=AT, message=evidence.to_json()))
        assert read_file(data) == receipt
    for data, code in ((WORLD.sealed().sealed.to_json(), "still_sealed"), (receipt.to_json(), "no_message")):
        with pytest.raises(EgovError) as caught:
            verify_file(receipt.to_json(), policy=RECORD, at=AT, message=data)
        assert caught.value.code == f"egov.exchange.envelope.{code}"
