"""Evidence (存证): a signed message and the receipts for it in one file, which proves itself years later, offline."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, cast

from egov_sdk.crypto import sm3
from egov_sdk.errors import LimitExceeded
from egov_sdk.exchange.envelope.attachments import AttachmentSource
from egov_sdk.exchange.envelope.canonical import an_object, canonical, only, read_json, require
from egov_sdk.exchange.envelope.checks import ENVELOPE_CHECKS, EVIDENCE_REQUIRED, MESSAGE_REQUIRED
from egov_sdk.exchange.envelope.json_form import signed_members, signed_of
from egov_sdk.exchange.envelope.limits import DEFAULT_ENVELOPE_LIMITS, EnvelopeLimits
from egov_sdk.exchange.envelope.model import Receipt
from egov_sdk.exchange.envelope.policy import ExchangePolicy
from egov_sdk.exchange.envelope.problems import MISSING, unreadable
from egov_sdk.exchange.envelope.receipt import SignedReceipt, receipt_of
from egov_sdk.exchange.envelope.signed import SignedMessage
from egov_sdk.exchange.envelope.verify import message_checks, receipt_checks
from egov_sdk.report import Check, Outcome, Report
from egov_sdk.times import aware

__all__ = ["EVIDENCE_FORMAT", "Evidence", "read_evidence", "verify_evidence"]

_HOLDS: Final = (Outcome.PASSED, Outcome.SKIPPED)
EVIDENCE_FORMAT: Final = "egov-evidence/1"


@dataclass(frozen=True, slots=True)
class Evidence:
    """A message as its sender signed it, and the receipts for it; nothing of it is verified."""

    message: SignedMessage
    receipts: tuple[SignedReceipt, ...] = field(default=())

    @classmethod
    def of(cls, message: SignedMessage, receipts: Iterable[SignedReceipt] = ()) -> Evidence:
        """Keep a message with its receipts. Both sides can: the sender has the message from ``seal``, the receiver
        from ``open_envelope``.
        """
        return cls(message, tuple(receipts))

    def to_json(self) -> bytes:
        """The file."""
        return canonical(
            {
                "format": EVIDENCE_FORMAT,
                "message": signed_members(self.message),
                "receipts": [one.to_members() for one in self.receipts],
            }
        )


def read_evidence(data: bytes, *, limits: EnvelopeLimits = DEFAULT_ENVELOPE_LIMITS) -> Evidence:
    """Read an evidence file.

    Raises:
        ParseError: it is none.
        LimitExceeded: larger than the limits allow.
    """
    if len(data) > limits.message_bytes:
        raise LimitExceeded("message_bytes", allowed=limits.message_bytes, found=len(data))
    return evidence_of(read_json(data, depth=limits.depth), limits=limits)


def evidence_of(members: Mapping[str, object], *, limits: EnvelopeLimits) -> Evidence:
    """As read_evidence, of what was read as JSON already."""
    only(members, {"format", "message", "receipts"}, where="evidence")
    if members.get("format") != EVIDENCE_FORMAT:
        raise unreadable("envelope.version", found=members.get("format", MISSING), expected=EVIDENCE_FORMAT)
    listed = cast("list[object]", require(members, "receipts", list, where="evidence"))
    if len(listed) > limits.receipts:
        raise LimitExceeded("receipts", allowed=limits.receipts, found=len(listed), where="evidence")
    message = signed_of(an_object(members.get("message"), "message"), limits=limits)
    return Evidence(message, tuple(receipt_of(an_object(one, "receipts"), limits=limits) for one in listed))


def verify_evidence(
    evidence: Evidence | bytes,
    *,
    policy: ExchangePolicy,
    at: datetime,
    attachments: Mapping[str, AttachmentSource] | None = None,
    limits: EnvelopeLimits = DEFAULT_ENVELOPE_LIMITS,
) -> Report:
    """Verify a message, every receipt for it and its place in its batch, as at the time when they were made.

    A time stamp on a receipt proves for the message too that it was there by then.

    Args:
        policy: without a receiver, since nothing arrives now.
        at: now, aware.
        attachments: as for verify_envelope.
    Raises:
        InputError: it is no evidence file.
        ValueError: ``at`` has no time zone.
    """
    aware(at)
    found = evidence if isinstance(evidence, Evidence) else read_evidence(evidence, limits=limits)
    signature = sm3(found.message.signature.value).hex()
    receipts: list[Check] = []
    moments: list[datetime] = []
    for number, receipt in enumerate(found.receipts, 1):
        checks, proven = receipt_checks(
            receipt, policy=policy, at=at, message=found.message, subject=f"receipt {number}"
        )
        receipts += [*checks, _outcome(receipt.receipt_unverified, f"receipt {number}")]
        # a receipt that names no signature proves the words, and not who signed them
        named = receipt.receipt_unverified.signature_digest == signature
        if proven is not None and named and all(check.outcome in _HOLDS for check in checks):
            moments.append(proven)
    seen_at = min(moments, default=None)
    message = message_checks(
        found.message, policy=policy, at=at, attachments=attachments, seen_at=seen_at, subject="message"
    )
    checks_of_all = (*message, *receipts, *_receipts(found))
    required = EVIDENCE_REQUIRED if found.receipts else MESSAGE_REQUIRED
    return Report(found.message.envelope_unverified.id, at, "exchange-evidence/1", checks_of_all, required)


def _outcome(receipt: Receipt, subject: str) -> Check:
    """What a receipt says; a refusal is proven like everything else, and so fails nothing."""
    return ENVELOPE_CHECKS.check(
        "coverage.outcome",
        Outcome.PASSED,
        receipt.outcome.value,
        subject=subject,
        receiver=receipt.receiver.id,
        code=receipt.reason,
    )


def _receipts(evidence: Evidence) -> Iterator[Check]:
    name, envelope = "coverage.receipts", evidence.message.envelope_unverified
    if not evidence.receipts:
        yield ENVELOPE_CHECKS.check(name, Outcome.UNKNOWN, "none")
        return
    answered = [one.receipt_unverified.receiver for one in evidence.receipts]
    missing = [one.id for one in envelope.receivers if not any(one.covers(party) for party in answered)]
    if missing:
        yield ENVELOPE_CHECKS.check(name, Outcome.UNKNOWN, "missing", names=", ".join(missing[:4]))
        return
    yield ENVELOPE_CHECKS.check(name, Outcome.PASSED, "ok", count=len(answered))
