"""A node (交换节点): messages of a department go out and come in; none is lost, none takes effect twice."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from egov_sdk.exchange.node.hands import Arrived
    from egov_sdk.exchange.node.local import LocalExchangeService
    from egov_sdk.exchange.node.model import Draft, MessageRecord, MessageState
    from egov_sdk.exchange.node.node import ExchangeNode
    from egov_sdk.exchange.node.problems import NodeRejected
    from egov_sdk.exchange.node.service import ExchangeService
    from egov_sdk.exchange.node.settings import NodeIdentity, NodeSettings, Partner
    from egov_sdk.exchange.node.transport import HandToHand, HttpTransport, Parcel, Transport

__all__ = [
    "Arrived",
    "Draft",
    "ExchangeNode",
    "ExchangeService",
    "HandToHand",
    "HttpTransport",
    "LocalExchangeService",
    "MessageRecord",
    "MessageState",
    "NodeIdentity",
    "NodeRejected",
    "NodeSettings",
    "Parcel",
    "Partner",
    "Transport",
]

_HOMES: Final = {
    "hands": ("Arrived",),
    "local": ("LocalExchangeService",),
    "model": ("Draft", "MessageRecord", "MessageState"),
    "node": ("ExchangeNode",),
    "problems": ("NodeRejected",),
    "service": ("ExchangeService",),
    "settings": ("NodeIdentity", "NodeSettings", "Partner"),
    "transport": ("HandToHand", "HttpTransport", "Parcel", "Transport"),
}
_HOME: Final = {name: home for home, names in _HOMES.items() for name in names}

if not TYPE_CHECKING:  # pragma: no branch - so that a misspelt name stays an error for type checkers

    def __getattr__(name: str) -> object:
        """Load a part of the room when it is asked for."""
        if name not in _HOME:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(f"egov_sdk.exchange.node.{_HOME[name]}"), name)
