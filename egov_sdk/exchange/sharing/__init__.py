"""Sharing between departments (数据共享): request, review, grant, use, objection, each step signed by who takes it."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from egov_sdk.exchange.sharing.calendar import WorkingCalendar, read_calendar
    from egov_sdk.exchange.sharing.client import AsyncSharingClient, SharingClient
    from egov_sdk.exchange.sharing.evidence import verify_case
    from egov_sdk.exchange.sharing.guard import GrantGuard, Source
    from egov_sdk.exchange.sharing.keys import SharingKeys
    from egov_sdk.exchange.sharing.local import LocalSharingService
    from egov_sdk.exchange.sharing.service import SharingService
    from egov_sdk.exchange.sharing.signing import Desk

__all__ = [
    "AsyncSharingClient",
    "Desk",
    "GrantGuard",
    "LocalSharingService",
    "SharingClient",
    "SharingKeys",
    "SharingService",
    "Source",
    "WorkingCalendar",
    "read_calendar",
    "verify_case",
]

_HOMES: Final = {
    "calendar": ("WorkingCalendar", "read_calendar"),
    "client": ("AsyncSharingClient", "SharingClient"),
    "evidence": ("verify_case",),
    "guard": ("GrantGuard", "Source"),
    "keys": ("SharingKeys",),
    "local": ("LocalSharingService",),
    "service": ("SharingService",),
    "signing": ("Desk",),
}
_HOME: Final = {name: home for home, names in _HOMES.items() for name in names}

if not TYPE_CHECKING:  # pragma: no branch - so that a misspelt name stays an error for type checkers

    def __getattr__(name: str) -> object:
        """Load a part of the room when it is asked for."""
        if name not in _HOME:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(f"egov_sdk.exchange.sharing.{_HOME[name]}"), name)
