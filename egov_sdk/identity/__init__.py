"""Who someone is (统一身份认证): people, organisations and their agents, signing in, and a provider of one's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from egov_sdk.identity.model import (
    AuthMethod,
    HolderKind,
    IdentityLevel,
    LegalPerson,
    NaturalPerson,
    Session,
    SignIn,
    UserInfo,
)
from egov_sdk.identity.problems import IdentityRejected
from egov_sdk.identity.service import IdentityService

if TYPE_CHECKING:
    from egov_sdk.identity.client import AsyncIdentityClient, IdentityClient
    from egov_sdk.identity.settings import ClientSettings

__all__ = [
    "AsyncIdentityClient",
    "AuthMethod",
    "ClientSettings",
    "HolderKind",
    "IdentityClient",
    "IdentityLevel",
    "IdentityRejected",
    "IdentityService",
    "LegalPerson",
    "NaturalPerson",
    "Session",
    "SignIn",
    "UserInfo",
]

if not TYPE_CHECKING:  # pragma: no branch - so that a misspelt name stays an error for type checkers

    def __getattr__(name: str) -> object:
        """Load the clients when they are asked for: whoever only handles people needs none."""
        if name in {"AsyncIdentityClient", "ClientSettings", "IdentityClient"}:
            from egov_sdk.identity import client

            return getattr(client, name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
