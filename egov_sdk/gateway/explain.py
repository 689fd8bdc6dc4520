"""What a signed request looks like, and what its signature covers: for people who look for a mistake."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Final

from egov_sdk.gateway._core import check_credentials
from egov_sdk.gateway._prepare import Outgoing, outgoing, prepare
from egov_sdk.gateway.credentials import Credentials
from egov_sdk.gateway.messages import Request
from egov_sdk.gateway.profile import GatewayProfile
from egov_sdk.gateway.profiles import built_in
from egov_sdk.gateway.signing import Random
from egov_sdk.report import Text
from egov_sdk.times import aware

__all__ = ["Explanation", "SignedRequest", "explain_request", "sign_request"]

_MASK: Final = "***"
_PARTS: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "method": frozenset({"method"}),
        "path": frozenset({"path"}),
        "query": frozenset({"query", "params"}),
        "body": frozenset({"body", "body_sm3", "body_sha256", "envelope"}),
        "service": frozenset({"service"}),
        "time": frozenset({"time", "envelope"}),
        "nonce": frozenset({"nonce"}),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedRequest:
    """One request as it goes out, signed for one moment."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """How a request was signed. ``signing_string`` shows ``***`` where the secret stands."""

    profile: str
    title: Text
    request: SignedRequest
    signing_string: str
    digest: str
    encoding: str
    covered: tuple[str, ...]
    not_covered: tuple[str, ...]
    session_secret: bool
    unverified: tuple[Text, ...]


def _made(
    request: Request, profile: GatewayProfile, credentials: Credentials, *, at_s: float, secret: str, random: Random
) -> Outgoing:
    prepared = prepare(request, profile, base_path="", service=credentials.service, random=random)
    return outgoing(prepared, profile, credentials, secret=secret, token="", at_s=at_s, random=random)


def sign_request(
    request: Request,
    *,
    profile: GatewayProfile | str,
    credentials: Credentials,
    at: datetime,
    secret: str | None = None,
    random: Random = os.urandom,
) -> SignedRequest:
    """A request signed for one moment, to be sent by other means.

    Args:
        secret: The session secret, for profiles that have one; else that of the credentials.
    Raises:
        CredentialsMissing, UnsafeValue, ValueError: as when a client sends it.
    """
    found = built_in(profile) if isinstance(profile, str) else profile
    check_credentials(found, credentials)
    key = credentials.secret if secret is None else secret
    made = _made(request, found, credentials, at_s=aware(at).timestamp(), secret=key, random=random)
    return SignedRequest(method=request.method, target=made.target, headers=made.headers, body=made.body)


def explain_request(
    request: Request,
    *,
    profile: GatewayProfile | str,
    credentials: Credentials,
    at: datetime,
    secret: str | None = None,
    random: Random = os.urandom,
) -> Explanation:
    """As sign_request, with the signing string and with what the signature covers and what it does not."""
    found = built_in(profile) if isinstance(profile, str) else profile
    drawn = random(64)

    def same(number: int) -> bytes:
        return drawn[:number]

    signed = sign_request(request, profile=found, credentials=credentials, at=at, secret=secret, random=same)
    masked = _made(request, found, credentials, at_s=aware(at).timestamp(), secret=_MASK, random=same)
    holes = found._string.names
    covered = tuple(part for part, names in _PARTS.items() if holes & names)
    return Explanation(
        profile=found.name,
        title=found.title,
        request=signed,
        signing_string=masked.signing_string.decode("utf-8", "replace"),
        digest=found.digest,
        encoding=found.encoding,
        covered=covered,
        not_covered=tuple(part for part in _PARTS if part not in covered),
        session_secret=found.token is not None and found.token.gives == "secret",
        unverified=found.unverified,
    )
