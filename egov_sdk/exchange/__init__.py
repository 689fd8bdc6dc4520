"""Exchange between departments (数据交换): messages that are signed and sealed, receipts, a node, a catalogue."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from egov_sdk.exchange.envelope.model import Attachment, Envelope, Party, Receipt, ReceiptOutcome
    from egov_sdk.exchange.envelope.policy import ExchangePolicy
    from egov_sdk.exchange.envelope.sealed import seal
    from egov_sdk.exchange.envelope.verify import open_envelope

__all__ = [
    "Attachment",
    "Envelope",
    "ExchangePolicy",
    "Party",
    "Receipt",
    "ReceiptOutcome",
    "open_envelope",
    "seal",
]

_HOMES: Final = {
    "envelope.model": ("Attachment", "Envelope", "Party", "Receipt", "ReceiptOutcome"),
    "envelope.policy": ("ExchangePolicy",),
    "envelope.sealed": ("seal",),
    "envelope.verify": ("open_envelope",),
}
_HOME: Final = {name: home for home, names in _HOMES.items() for name in names}

if not TYPE_CHECKING:  # pragma: no branch - so that a misspelt name stays an error for type checkers

    def __getattr__(name: str) -> object:
        """Load a part of the room when it is asked for."""
        if name not in _HOME:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(f"egov_sdk.exchange.{_HOME[name]}"), name)
