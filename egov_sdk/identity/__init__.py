"""Who someone is (统一身份认证): people, organisations and their agents, signing in, and a provider of one's own."""

from __future__ import annotations

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

__all__ = [
    "AuthMethod",
    "HolderKind",
    "IdentityLevel",
    "IdentityRejected",
    "IdentityService",
    "LegalPerson",
    "NaturalPerson",
    "Session",
    "SignIn",
    "UserInfo",
]
