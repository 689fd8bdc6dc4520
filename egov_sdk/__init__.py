"""The Python SDK of Chinese e-government: signatures, seals, certificates, exchange and identity."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from egov_sdk.door import connect, connect_async

__all__ = ["__version__", "connect", "connect_async"]

__version__ = "0.1.0"

if not TYPE_CHECKING:  # pragma: no branch - so that a misspelt name stays an error for type checkers

    def __getattr__(name: str) -> object:
        """Load the door when it is asked for."""
        if name in ("connect", "connect_async"):
            from egov_sdk import door

            return getattr(door, name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
