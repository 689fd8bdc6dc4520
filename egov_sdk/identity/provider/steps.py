"""The pages of a sign-in, each as a step that somebody takes, and how far one sign-in has come."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import cast

from egov_sdk.identity.model import AuthMethod, HolderKind, IdentityLevel
from egov_sdk.identity.provider.requests import AuthorizationRequest
from egov_sdk.storage.sql import microseconds_of, moment

__all__ = ["AskToAgree", "AskToChoose", "AskToSignIn", "GoTo", "SignedIn", "Step"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AskToSignIn:
    """Show a page on which somebody signs in. ``method`` is the only way that will do; None leaves it open."""

    page: str = field(repr=False)
    application: str
    level: IdentityLevel
    method: AuthMethod | None
    holder: HolderKind
    login_hint: str = field(repr=False)
    redirect_uri: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AskToChoose:
    """Show a page on which a person chooses the organisation to act for, by id."""

    page: str = field(repr=False)
    application: str
    organizations: tuple[tuple[str, str], ...]
    redirect_uri: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AskToAgree:
    """Show a page on which a person agrees that the application may see what the scopes say."""

    page: str = field(repr=False)
    application: str
    name: str
    scopes: frozenset[str]
    redirect_uri: str


@dataclass(frozen=True, slots=True)
class GoTo:
    """Send the browser back to the application."""

    url: str = field(repr=False)


Step = AskToSignIn | AskToChoose | AskToAgree | GoTo


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Somebody has signed in: the session for the browser to keep, until when, and what comes next."""

    session: str = field(repr=False)
    until: datetime
    step: Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far one sign-in has come. ``signed_in`` is the session that was opened for it."""

    request: AuthorizationRequest
    browser: str
    until: datetime
    signed_in: str = ""
    organization: str | None = None
    agreed: bool = False

    def to_object(self) -> dict[str, object]:
        return {
            "request": self.request.to_object(),
            "browser": self.browser,
            "until": microseconds_of(self.until),
            "signed_in": self.signed_in,
            "organization": self.organization,
            "agreed": self.agreed,
        }

    @classmethod
    def from_object(cls, value: Mapping[str, object]) -> Progress:
        return cls(
            request=AuthorizationRequest.from_object(cast("Mapping[str, object]", value["request"])),
            browser=cast("str", value["browser"]),
            until=moment(cast("int", value["until"])),
            signed_in=cast("str", value["signed_in"]),
            organization=cast("str | None", value["organization"]),
            agreed=bool(value["agreed"]),
        )
