"""The console of a province (管理控制台) and its public page for verifying (公众验证)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from egov_sdk.platform.console.staff import Staff, StaffRegister

if TYPE_CHECKING:
    from egov_sdk.platform.console.app import console_parts

__all__ = ["Staff", "StaffRegister", "console_parts"]

if not TYPE_CHECKING:  # pragma: no branch - so that a misspelt name stays an error for type checkers

    def __getattr__(name: str) -> object:
        """Load the pages when they are asked for: their templates are optional."""
        if name == "console_parts":
            from egov_sdk.platform.console.app import console_parts

            return console_parts
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
