"""Exchange between departments (数据交换): messages that are signed and sealed, receipts, a node, a catalogue."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from egov_sdk.exchange.envelope.model import Attachment, Envelope, Party, Receipt, ReceiptOutcome

__all__ = ["Attachment", "Envelope", "Party", "Receipt", "ReceiptOutcome"]

_HOME = dict.fromkeys(__all__, "egov_sdk.exchange.envelope.model")

if not TYPE_CHECKING:  # pragma: no branch - so that a misspelt name stays an error for type checkers

    def __getattr__(name: str) -> object:
        """Load a part of the room when it is asked for."""
        if name not in _HOME:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(_HOME[name]), name)
