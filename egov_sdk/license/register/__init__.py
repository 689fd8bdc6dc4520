"""A register of licences (证照库) on a database: types, issue, change, use, permissions, tickets."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from egov_sdk.license.register.access import AccessRule
    from egov_sdk.license.register.desk import RegisterSettings
    from egov_sdk.license.register.permissions import Permission
    from egov_sdk.license.register.register import AUDIT_CHAIN, LicenseRegister
    from egov_sdk.license.register.vault import RegisterKeys

__all__ = ["AUDIT_CHAIN", "AccessRule", "LicenseRegister", "Permission", "RegisterKeys", "RegisterSettings"]

_HOMES = {
    "AUDIT_CHAIN": "register",
    "AccessRule": "access",
    "LicenseRegister": "register",
    "Permission": "permissions",
    "RegisterKeys": "vault",
    "RegisterSettings": "desk",
}

if not TYPE_CHECKING:  # pragma: no branch - so that a misspelt name stays an error for type checkers

    def __getattr__(name: str) -> object:
        """Load the database with the register, and neither for whoever only names this package."""
        if name in _HOMES:
            from importlib import import_module

            return getattr(import_module(f"egov_sdk.license.register.{_HOMES[name]}"), name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
