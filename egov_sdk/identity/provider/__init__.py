"""An identity provider of one's own: for a department that has none, for a laptop, and for tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from egov_sdk.identity.provider.passwords import ScryptCost
from egov_sdk.identity.provider.settings import AttemptLimits, ProviderSettings

if TYPE_CHECKING:
    from egov_sdk.identity.provider.account import Account, AccountState
    from egov_sdk.identity.provider.applications import Application
    from egov_sdk.identity.provider.browser import QuietBrowser
    from egov_sdk.identity.provider.keys import ProviderKeys
    from egov_sdk.identity.provider.provider import IdentityProvider

__all__ = [
    "Account",
    "AccountState",
    "Application",
    "AttemptLimits",
    "IdentityProvider",
    "ProviderKeys",
    "ProviderSettings",
    "QuietBrowser",
    "ScryptCost",
]

if not TYPE_CHECKING:  # pragma: no branch - so that a misspelt name stays an error for type checkers

    def __getattr__(name: str) -> object:
        """Load the database's library when it is asked for: it takes longer than all the rest together."""
        if name in {"Account", "AccountState"}:
            from egov_sdk.identity.provider import account

            return getattr(account, name)
        if name == "Application":
            from egov_sdk.identity.provider import applications

            return applications.Application
        if name == "IdentityProvider":
            from egov_sdk.identity.provider import provider

            return provider.IdentityProvider
        if name == "ProviderKeys":
            from egov_sdk.identity.provider import keys

            return keys.ProviderKeys
        if name == "QuietBrowser":
            from egov_sdk.identity.provider import browser

            return browser.QuietBrowser
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
