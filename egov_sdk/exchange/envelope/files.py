"""Verifying a file of any kind: a message, a receipt, or an evidence file."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from egov_sdk.exchange.envelope.attachments import AttachmentSource
from egov_sdk.exchange.envelope.canonical import read_json
from egov_sdk.exchange.envelope.evidence import Evidence, evidence_of, verify_evidence
from egov_sdk.exchange.envelope.forms import begins_with, check_size, read_message
from egov_sdk.exchange.envelope.limits import DEFAULT_ENVELOPE_LIMITS, EnvelopeLimits
from egov_sdk.exchange.envelope.policy import ExchangePolicy
from egov_sdk.exchange.envelope.problems import refuse
from egov_sdk.exchange.envelope.receipt import SignedReceipt, read_receipt, receipt_of
from egov_sdk.exchange.envelope.sealed import SealedMessage
from egov_sdk.exchange.envelope.signed import SignedMessage
from egov_sdk.exchange.envelope.verify import verify_envelope, verify_receipt
from egov_sdk.report import Report

__all__ = ["read_file", "verify_file"]


def read_file(
    data: bytes, *, limits: EnvelopeLimits = DEFAULT_ENVELOPE_LIMITS
) -> SignedMessage | SealedMessage | SignedReceipt | Evidence:
    """Read whatever the exchange writes into files, in JSON or XML; nothing of it is verified.

    Raises:
        ParseError: it is nothing of this kind.
        LimitExceeded: larger than the limits allow.
    """
    check_size(data, limits)
    if begins_with(data) == b"<":
        from egov_sdk.exchange.envelope.xml_form import read_document

        kind, _ = read_document(data, limits=limits)
        return read_receipt(data, limits=limits) if kind == "receipt" else read_message(data, limits=limits)
    if begins_with(data) == b"{":
        members = read_json(data, depth=limits.depth)
        if "format" in members:
            return evidence_of(members, limits=limits)
        if "proof" in members or ("signatures" in members and "content" not in members):
            return receipt_of(members, limits=limits)
    return read_message(data, limits=limits)


def verify_file(
    data: bytes,
    *,
    policy: ExchangePolicy,
    at: datetime,
    message: bytes | None = None,
    attachments: Mapping[str, AttachmentSource] | None = None,
    limits: EnvelopeLimits = DEFAULT_ENVELOPE_LIMITS,
) -> Report:
    """Verify a signed message, a receipt or an evidence file.

    Args:
        at: now, aware.
        message: the signed message, or evidence with it, that a receipt should be for.
        attachments: the files of a message by their names; None where they are not at hand.
    Raises:
        EnvelopeRejected: it is still encrypted.
        InputError: it is nothing of this kind.
        ValueError: ``at`` has no time zone; a message is given for what is no receipt, or attachments for one.
    """
    found = read_file(data, limits=limits)
    alone = isinstance(found, SignedReceipt)
    if message is not None and not alone:
        raise ValueError("a message is given beside a receipt alone: a message or evidence brings its own")
    if attachments is not None and alone:
        raise ValueError("attachments are those of a message or of evidence, and a receipt has none")
    if isinstance(found, Evidence):
        return verify_evidence(found, policy=policy, at=at, attachments=attachments)
    if isinstance(found, SignedReceipt):
        given = _signed(read_file(message, limits=limits)) if message is not None else None
        return verify_receipt(found, policy=policy, at=at, message=given).report
    return verify_envelope(_signed(found), policy=policy, at=at, attachments=attachments).report


def _signed(found: SignedMessage | SealedMessage | SignedReceipt | Evidence) -> SignedMessage:
    if isinstance(found, Evidence):
        return found.message
    if isinstance(found, SignedMessage):
        return found
    raise refuse("envelope.still_sealed" if isinstance(found, SealedMessage) else "envelope.no_message")
