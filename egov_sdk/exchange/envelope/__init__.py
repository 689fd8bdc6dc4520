"""Envelopes (报文): messages signed, sealed for their receivers, and answered with receipts that stay provable.

The format is this project's own; docs/en/envelope.md tells it so that others can write it too.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from egov_sdk.exchange.envelope.evidence import Evidence, verify_evidence
    from egov_sdk.exchange.envelope.files import verify_file
    from egov_sdk.exchange.envelope.forms import read_message
    from egov_sdk.exchange.envelope.model import Attachment, Envelope, Party, Receipt, ReceiptOutcome
    from egov_sdk.exchange.envelope.policy import ExchangePolicy
    from egov_sdk.exchange.envelope.problems import EnvelopeRejected
    from egov_sdk.exchange.envelope.receipt import SignedReceipt, read_receipt, sign_receipt, sign_receipts
    from egov_sdk.exchange.envelope.sealed import SealedMessage, seal
    from egov_sdk.exchange.envelope.signed import SignedMessage, sign_envelope
    from egov_sdk.exchange.envelope.verify import open_envelope, verify_envelope, verify_receipt

__all__ = [
    "Attachment",
    "Envelope",
    "EnvelopeRejected",
    "Evidence",
    "ExchangePolicy",
    "Party",
    "Receipt",
    "ReceiptOutcome",
    "SealedMessage",
    "SignedMessage",
    "SignedReceipt",
    "open_envelope",
    "read_message",
    "read_receipt",
    "seal",
    "sign_envelope",
    "sign_receipt",
    "sign_receipts",
    "verify_envelope",
    "verify_evidence",
    "verify_file",
    "verify_receipt",
]

_HOMES: Final = {
    "evidence": ("Evidence", "verify_evidence"),
    "files": ("verify_file",),
    "forms": ("read_message",),
    "model": ("Attachment", "Envelope", "Party", "Receipt", "ReceiptOutcome"),
    "policy": ("ExchangePolicy",),
    "problems": ("EnvelopeRejected",),
    "receipt": ("SignedReceipt", "read_receipt", "sign_receipt", "sign_receipts"),
    "sealed": ("SealedMessage", "seal"),
    "signed": ("SignedMessage", "sign_envelope"),
    "verify": ("open_envelope", "verify_envelope", "verify_receipt"),
}
_HOME: Final = {name: home for home, names in _HOMES.items() for name in names}

if not TYPE_CHECKING:  # pragma: no branch - so that a misspelt name stays an error for type checkers

    def __getattr__(name: str) -> object:
        """Load a part of the room when it is asked for: models, certificates and XML take their time."""
        if name not in _HOME:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(f"egov_sdk.exchange.envelope.{_HOME[name]}"), name)
