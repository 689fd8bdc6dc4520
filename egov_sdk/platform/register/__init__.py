"""What a served province keeps in the office's database: its callers, what was used, and how often each came."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from egov_sdk.platform.register.callers import CallerRegister
    from egov_sdk.platform.register.records import CallerRecord, Credential, NewCredential
    from egov_sdk.platform.register.shared import SharedAdmissions, SharedRates, SharedReplay
    from egov_sdk.platform.register.stored import StoredCallers
    from egov_sdk.platform.register.wrapping import CallerKeys

__all__ = [
    "CallerKeys",
    "CallerRecord",
    "CallerRegister",
    "Credential",
    "NewCredential",
    "SharedAdmissions",
    "SharedRates",
    "SharedReplay",
    "StoredCallers",
]

_HOMES = {
    "CallerKeys": "wrapping",
    "CallerRegister": "callers",
    "SharedAdmissions": "shared",
    "SharedRates": "shared",
    "SharedReplay": "shared",
    "StoredCallers": "stored",
}

if not TYPE_CHECKING:  # pragma: no branch - so that a misspelt name stays an error for type checkers

    def __getattr__(name: str) -> object:
        """Load SQLAlchemy when it is asked for."""
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module

        return getattr(import_module(f"egov_sdk.platform.register.{_HOMES.get(name, 'records')}"), name)
