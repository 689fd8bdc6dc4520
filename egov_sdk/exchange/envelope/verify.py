"""Whether a message or a receipt holds: every question asked, each answered for itself, in one report."""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from egov_sdk.crypto import sm3
from egov_sdk.exchange.envelope.attachments import AttachmentSource, matches
from egov_sdk.exchange.envelope.canonical import encode_moment
from egov_sdk.exchange.envelope.checks import ENVELOPE_CHECKS, MESSAGE_REQUIRED, RECEIPT_REQUIRED
from egov_sdk.exchange.envelope.forms import read_message
from egov_sdk.exchange.envelope.judge import Judged, judge, plain_check
from egov_sdk.exchange.envelope.limits import DEFAULT_ENVELOPE_LIMITS, EnvelopeLimits
from egov_sdk.exchange.envelope.model import Envelope, Party, Receipt, ReceiptOutcome
from egov_sdk.exchange.envelope.policy import ExchangePolicy
from egov_sdk.exchange.envelope.problems import refuse
from egov_sdk.exchange.envelope.receipt import BatchPlace, SignedBatch, SignedReceipt, read_receipt
from egov_sdk.exchange.envelope.sealed import Decrypter, SealedMessage, decrypt, stream_secret
from egov_sdk.exchange.envelope.signed import SignedMessage
from egov_sdk.exchange.envelope.tree import is_under, leaf
from egov_sdk.report import Check, Outcome, Report
from egov_sdk.times import aware

__all__ = [
    "Concern",
    "EnvelopeResult",
    "OpenedEnvelope",
    "ReceiptResult",
    "ReceiptVerifier",
    "open_envelope",
    "verify_envelope",
    "verify_receipt",
]

_PASSED, _FAILED, _UNKNOWN, _SKIPPED = Outcome.PASSED, Outcome.FAILED, Outcome.UNKNOWN, Outcome.SKIPPED
_POLICY: Final = "exchange/1"


@dataclass(frozen=True, slots=True)
class EnvelopeResult:
    """The report, and the message, which holds only if the report passed."""

    report: Report
    message: SignedMessage

    @property
    def envelope_unverified(self) -> Envelope:
        """What the message says, for logs and refusals."""
        return self.message.envelope_unverified

    def require(self) -> Envelope:
        """What the message says.

        Raises:
            VerificationError: a required check has not passed; it carries the report.
        """
        self.report.require()
        return self.envelope_unverified


@dataclass(frozen=True, slots=True)
class OpenedEnvelope(EnvelopeResult):
    """As EnvelopeResult, of a message that was encrypted, with the secret for its encrypted attachments."""

    _secret: bytes = field(repr=False)

    @property
    def stream_secret(self) -> bytes:
        """What the encrypted attachments are under."""
        return stream_secret(self._secret)


@dataclass(frozen=True, slots=True)
class ReceiptResult:
    """The report, and the receipt, which holds only if the report passed."""

    report: Report
    signed: SignedReceipt
    proven_at: datetime | None

    def require(self) -> Receipt:
        """What the receipt says.

        Raises:
            VerificationError: a required check has not passed; it carries the report.
        """
        self.report.require()
        return self.signed.receipt_unverified


def verify_envelope(
    message: SignedMessage | bytes,
    *,
    policy: ExchangePolicy,
    at: datetime,
    attachments: Mapping[str, AttachmentSource] | None = None,
    seen_at: datetime | None = None,
    limits: EnvelopeLimits = DEFAULT_ENVELOPE_LIMITS,
) -> EnvelopeResult:
    """Verify a signed message, in JSON or XML if it is bytes.

    Args:
        at: now, aware.
        attachments: the files by their names, as bytes or paths; None where they come later.
        seen_at: a moment by which a receipt proves that the message was there.
    Raises:
        EnvelopeRejected: it is still encrypted.
        InputError: it is no message at all.
        ValueError: ``at`` has no time zone.
    """
    aware(at)
    if not isinstance(message, SignedMessage):
        found = read_message(message, limits=limits)
        if isinstance(found, SealedMessage):
            raise refuse("envelope.still_sealed")
        message = found
    checks = tuple(message_checks(message, policy=policy, at=at, attachments=attachments, seen_at=seen_at))
    return EnvelopeResult(_report(message.envelope_unverified.id, at, checks, MESSAGE_REQUIRED), message)


def open_envelope(
    message: SealedMessage | bytes,
    *,
    key: Decrypter,
    policy: ExchangePolicy,
    at: datetime,
    limits: EnvelopeLimits = DEFAULT_ENVELOPE_LIMITS,
) -> OpenedEnvelope:
    """Decrypt a message and verify what was inside.

    Args:
        key: the private key of one of its receivers.
        at: now, aware.
    Raises:
        EnvelopeRejected: it is not encrypted to this key, or cannot be decrypted.
        InputError: it is no sealed message at all.
        ValueError: ``at`` has no time zone.
    """
    aware(at)
    if not isinstance(message, SealedMessage):
        found = read_message(message, limits=limits)
        if isinstance(found, SignedMessage):
            raise refuse("envelope.not_sealed")
        message = found
    opened = decrypt(message, key, limits=limits)
    checks = tuple(message_checks(opened.message, policy=policy, at=at))
    report = _report(opened.message.envelope_unverified.id, at, checks, MESSAGE_REQUIRED)
    return OpenedEnvelope(report, opened.message, opened._secret)


def verify_receipt(
    receipt: SignedReceipt | bytes,
    *,
    policy: ExchangePolicy,
    at: datetime,
    message: SignedMessage | Envelope | None = None,
    limits: EnvelopeLimits = DEFAULT_ENVELOPE_LIMITS,
) -> ReceiptResult:
    """Verify a receipt, alone or of a batch, in JSON or XML if it is bytes.

    Args:
        at: now, aware.
        message: the one that it should be for; without it that cannot be decided.
    Raises:
        InputError: it is no receipt at all.
        ValueError: ``at`` has no time zone.
    """
    verifier = ReceiptVerifier(policy=policy, at=at)
    signed = receipt if isinstance(receipt, SignedReceipt) else read_receipt(receipt, limits=limits)
    return verifier.verify(signed, message=message)


@dataclass(frozen=True, slots=True, kw_only=True)
class Concern:
    """What a receipt has to be about: a message, told by whoever does not have it at hand.

    Attributes:
        digest: as ``SignedMessage.digest``.
        signed: SM3 of the value of the sender's signature; nothing where that is not looked at.
    """

    id: str
    digest: bytes
    signed: bytes
    sender: Party
    receivers: tuple[Party, ...]
    created_at: datetime
    expires_at: datetime

    @classmethod
    def of(cls, message: SignedMessage | Envelope | Concern | None) -> Concern | None:
        """Told by the message, if there is one."""
        if message is None or isinstance(message, Concern):
            return message
        signature = message.signature.value if isinstance(message, SignedMessage) else b""
        envelope = message.envelope_unverified if isinstance(message, SignedMessage) else message
        return cls(
            id=envelope.id,
            digest=message.digest,
            signed=sm3(signature) if signature else b"",
            sender=envelope.sender,
            receivers=envelope.receivers,
            created_at=envelope.created_at,
            expires_at=envelope.expires_at,
        )


class ReceiptVerifier:
    """Verifies receipts as at one moment; the signature over a batch is judged once for all that are under it.

    Args:
        at: now, aware.
    Raises:
        ValueError: ``at`` has no time zone.
    """

    def __init__(self, *, policy: ExchangePolicy, at: datetime) -> None:
        self._policy, self._at = policy, aware(at)
        self._judged: tuple[SignedBatch, Judged] | None = None

    def verify(
        self, signed: SignedReceipt, *, message: SignedMessage | Envelope | Concern | None = None
    ) -> ReceiptResult:
        """Verify one receipt; as verify_receipt."""
        judged, concern = self._judge(signed), Concern.of(message)
        checks, proven = _receipt_checks(signed, judged, policy=self._policy, concern=concern, subject="")
        report = _report(signed.receipt_unverified.id, self._at, tuple(checks), RECEIPT_REQUIRED)
        return ReceiptResult(report, signed, proven)

    def _judge(self, signed: SignedReceipt) -> Judged:
        place = signed.signed_by
        if not isinstance(place, BatchPlace):
            return _judged(signed, policy=self._policy, at=self._at, subject="")
        if self._judged is None or self._judged[0] != place.batch:
            self._judged = place.batch, _judged(signed, policy=self._policy, at=self._at, subject="")
        return self._judged[1]


def _report(subject: str, at: datetime, checks: tuple[Check, ...], required: frozenset[str]) -> Report:
    return Report(subject, at, _POLICY, checks, required)


# ---------------------------------------------------------------------- messages


def message_checks(
    message: SignedMessage,
    *,
    policy: ExchangePolicy,
    at: datetime,
    attachments: Mapping[str, AttachmentSource] | None = None,
    seen_at: datetime | None = None,
    subject: str = "",
) -> Iterator[Check]:
    """All checks of a message."""
    envelope = message.envelope_unverified
    judged = judge(
        message.signature,
        message.read.headers,
        party=envelope.sender,
        claimed=envelope.created_at,
        policy=policy,
        at=at,
        subject=subject,
        seen_at=seen_at,
    )
    by_name = {check.id: check for check in judged.checks}
    yield by_name.pop("integrity.signature")
    yield _content(message, subject)
    yield by_name.pop("integrity.time_stamp")
    yield by_name.pop("binding.signer")
    yield _receiver(envelope, policy, subject)
    yield _period(envelope, policy, at, subject)
    yield from by_name.values()
    yield _attachments(envelope, attachments, subject)


def _content(message: SignedMessage, subject: str) -> Check:
    name, content, stated = "integrity.content", message.envelope_unverified.content, message.read.length
    if len(content) != stated:
        return ENVELOPE_CHECKS.check(name, _FAILED, "length", subject=subject, found=len(content), expected=stated)
    found = message.envelope_unverified.content_digest
    if not hmac.compare_digest(found, message.read.content_digest):
        expected = message.read.content_digest.hex()
        return ENVELOPE_CHECKS.check(name, _FAILED, "digest", subject=subject, found=found.hex(), expected=expected)
    return ENVELOPE_CHECKS.check(name, _PASSED, "ok", subject=subject, length=stated)


def _receiver(envelope: Envelope, policy: ExchangePolicy, subject: str) -> Check:
    name, us = "binding.receiver", policy.receiver
    if us is None:
        return ENVELOPE_CHECKS.check(name, _SKIPPED, "for_the_record", subject=subject)
    if any(one.covers(us) for one in envelope.receivers):
        return ENVELOPE_CHECKS.check(name, _PASSED, "ok", subject=subject, party=us.id)
    named = ", ".join(one.id for one in envelope.receivers[:4])
    return ENVELOPE_CHECKS.check(name, _FAILED, "wrong_receiver", subject=subject, found=named, party=us.id)


def _period(envelope: Envelope, policy: ExchangePolicy, at: datetime, subject: str) -> Check:
    name = "binding.period"
    if policy.receiver is None:
        return plain_check(name, _SKIPPED, "for_the_record", subject)
    begin, end = encode_moment(envelope.created_at), encode_moment(envelope.expires_at)
    if at - policy.leeway >= envelope.expires_at:
        return ENVELOPE_CHECKS.check(name, _FAILED, "expired", subject=subject, end=end, at=encode_moment(at))
    if at + policy.leeway < envelope.created_at:
        return ENVELOPE_CHECKS.check(name, _FAILED, "of_the_future", subject=subject, begin=begin, at=encode_moment(at))
    return ENVELOPE_CHECKS.check(name, _PASSED, "ok", subject=subject, begin=begin, end=end)


def _attachments(envelope: Envelope, given: Mapping[str, AttachmentSource] | None, subject: str) -> Check:
    name, stated = "coverage.attachments", {one.name: one for one in envelope.attachments}

    def told(outcome: Outcome, reason: str, names: Iterable[str]) -> Check:
        return ENVELOPE_CHECKS.check(name, outcome, reason, subject=subject, names=", ".join(sorted(names)))

    if given is None:
        if stated:
            return told(_SKIPPED, "not_given", stated)
        return plain_check(name, _PASSED, "none", subject)
    if unknown := given.keys() - stated.keys():
        return told(_FAILED, "unknown", unknown)
    if wrong := [one for one, source in given.items() if not matches(stated[one], source)]:
        return told(_FAILED, "wrong", wrong)
    if missing := stated.keys() - given.keys():
        return told(_UNKNOWN, "missing", missing)
    if not stated:
        return plain_check(name, _PASSED, "none", subject)
    return ENVELOPE_CHECKS.check(name, _PASSED, "ok", subject=subject, count=len(stated))


# ---------------------------------------------------------------------- receipts


def receipt_checks(
    signed: SignedReceipt,
    *,
    policy: ExchangePolicy,
    at: datetime,
    message: SignedMessage | Envelope | None,
    subject: str = "",
) -> tuple[list[Check], datetime | None]:
    """All checks of a receipt, and the moment by which it is proven to have been there."""
    judged = _judged(signed, policy=policy, at=at, subject=subject)
    return _receipt_checks(signed, judged, policy=policy, concern=Concern.of(message), subject=subject)


def _judged(signed: SignedReceipt, *, policy: ExchangePolicy, at: datetime, subject: str) -> Judged:
    """The signature of a receipt, or of its batch: of all in a batch the same."""
    receipt, place = signed.receipt_unverified, signed.signed_by
    batch = place.batch if isinstance(place, BatchPlace) else None
    return judge(
        signed.signature,
        batch.headers if batch else receipt.headers,
        party=batch.batch.signer if batch else receipt.receiver,
        claimed=batch.batch.created_at if batch else receipt.received_at,
        policy=policy,
        at=at,
        subject=subject,
    )


def _receipt_checks(
    signed: SignedReceipt,
    judged: Judged,
    *,
    policy: ExchangePolicy,
    concern: Concern | None,
    subject: str,
) -> tuple[list[Check], datetime | None]:
    receipt, by_name = signed.receipt_unverified, {check.id: check for check in judged.checks}
    proof, same = _proof(signed, subject), _same_message(receipt, concern, subject)
    checks = [
        by_name.pop("integrity.signature"),
        proof,
        by_name.pop("integrity.time_stamp"),
        by_name.pop("binding.signer"),
        same,
        _parties(signed, concern, subject),
        _moments(signed, concern, policy, subject),
        *by_name.values(),
        ENVELOPE_CHECKS.check(
            "coverage.message",
            _UNKNOWN if concern is None else _PASSED,
            "not_given" if concern is None else "ok",
            subject=subject,
        ),
    ]
    believed = proof.outcome in (_PASSED, _SKIPPED) and same.outcome is _PASSED
    return checks, judged.proven_at if believed else None


def _proof(signed: SignedReceipt, subject: str) -> Check:
    name, place = "integrity.proof", signed.signed_by
    if not isinstance(place, BatchPlace):
        return ENVELOPE_CHECKS.check(name, _SKIPPED, "alone", subject=subject)
    batch = place.batch.batch
    good = is_under(
        batch.root, leaf(signed.receipt_unverified.headers), index=place.index, size=batch.size, path=place.path
    )
    return ENVELOPE_CHECKS.check(
        name,
        _PASSED if good else _FAILED,
        "ok" if good else "wrong",
        subject=subject,
        index=place.index,
        size=batch.size,
    )


def _same_message(receipt: Receipt, concern: Concern | None, subject: str) -> Check:
    name = "binding.message"
    if concern is None:
        return ENVELOPE_CHECKS.check(name, _UNKNOWN, "not_given", subject=subject)
    if receipt.message != concern.id:
        return ENVELOPE_CHECKS.check(
            name, _FAILED, "another", subject=subject, found=receipt.message, expected=concern.id
        )
    if not hmac.compare_digest(bytes.fromhex(receipt.digest), concern.digest):
        return ENVELOPE_CHECKS.check(name, _FAILED, "digest", subject=subject, id=concern.id)
    if concern.signed and receipt.signature_digest not in ("", concern.signed.hex()):
        return ENVELOPE_CHECKS.check(name, _FAILED, "signature", subject=subject, id=concern.id)
    return ENVELOPE_CHECKS.check(name, _PASSED, "ok", subject=subject, id=concern.id)


def _parties(signed: SignedReceipt, concern: Concern | None, subject: str) -> Check:
    receipt, place, name = signed.receipt_unverified, signed.signed_by, "binding.parties"
    receiver, sender = receipt.receiver.id, receipt.sender.id
    if isinstance(place, BatchPlace) and (signer := place.batch.batch.signer) != receipt.receiver:
        return ENVELOPE_CHECKS.check(name, _FAILED, "wrong_batch", subject=subject, found=signer.id, receiver=receiver)
    if concern is None:
        return ENVELOPE_CHECKS.check(name, _UNKNOWN, "not_given", subject=subject)
    if not any(one.covers(receipt.receiver) for one in concern.receivers):
        return ENVELOPE_CHECKS.check(name, _FAILED, "wrong_receiver", subject=subject, receiver=receiver)
    if receipt.sender != concern.sender:
        return ENVELOPE_CHECKS.check(
            name, _FAILED, "wrong_sender", subject=subject, found=sender, sender=concern.sender.id
        )
    return ENVELOPE_CHECKS.check(name, _PASSED, "ok", subject=subject, receiver=receiver, sender=sender)


def _moments(signed: SignedReceipt, concern: Concern | None, policy: ExchangePolicy, subject: str) -> Check:
    receipt, place, name = signed.receipt_unverified, signed.signed_by, "binding.period"
    received, leeway = receipt.received_at, policy.leeway
    at = encode_moment(received)
    if isinstance(place, BatchPlace) and received - leeway > (signed_at := place.batch.batch.created_at):
        return ENVELOPE_CHECKS.check(name, _FAILED, "after_batch", subject=subject, at=at, end=encode_moment(signed_at))
    if concern is not None and received + leeway < concern.created_at:
        begin = encode_moment(concern.created_at)
        return ENVELOPE_CHECKS.check(name, _FAILED, "before_message", subject=subject, at=at, begin=begin)
    late = concern is not None and received - leeway >= concern.expires_at
    if concern is not None and late and receipt.outcome is not ReceiptOutcome.REFUSED:
        end = encode_moment(concern.expires_at)
        return ENVELOPE_CHECKS.check(name, _FAILED, "after_expiry", subject=subject, at=at, end=end)
    return ENVELOPE_CHECKS.check(name, _PASSED, "received", subject=subject, at=at)
