"""Signing: the one place where client and server make the string that a signature covers."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from egov_sdk.gateway._canonical import checked_field, form_pairs, parse_pairs, sorted_pairs, sorted_query
from egov_sdk.gateway._digests import code, encode, sm2_signature
from egov_sdk.gateway._nhsa import canonical
from egov_sdk.gateway._times import format_time
from egov_sdk.gateway.credentials import Credentials
from egov_sdk.gateway.errors import CredentialsMissing
from egov_sdk.gateway.profile import GatewayProfile, NonceFormat
from egov_sdk.times import aware

__all__ = ["Random", "Signable", "Signed", "make_nonce", "request_values", "sign", "signature_text", "signing_string"]

#: Gives that many unpredictable bytes, as os.urandom does.
Random = Callable[[int], bytes]

_ID_CHARS: Final = 128
_NOTHING: Final[Mapping[str, str]] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Signable:
    """The parts of a request that a signature may cover, as they are sent.

    Args:
        path: Percent-encoded, without host and query.
        query: Percent-encoded, without the question mark.
        is_form: Whether the body is a form, whose pairs some platforms sign.
        members: What an envelope holds beside the signing fields, for profiles that have one.
        digests: The body's digests in hexadecimal by name, ``sm3`` or ``sha256``, where ``body`` itself is not here.
    """

    method: str
    path: str
    query: str = ""
    body: bytes = field(default=b"", repr=False)
    is_form: bool = False
    members: Mapping[str, object] = field(default_factory=dict, repr=False)
    digests: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Signed:
    """The fields to send, in the profile's order, and the string that was signed; that one may hold the secret."""

    fields: tuple[tuple[str, str], ...]
    signing_string: bytes = field(repr=False)


def request_values(profile: GatewayProfile, request: Signable) -> dict[str, str]:
    """What a request itself fills into the holes of a profile; only what the profile asks for."""
    needs = profile._needs
    values = {"method": request.method, "path": request.path, "query": request.query}
    if profile.query_form == "sorted" and request.query:
        values["query"] = sorted_query(parse_pairs(request.query))
    if "params" in needs:
        in_body = form_pairs(request.body) if request.is_form else ()
        values["params"] = sorted_pairs((*parse_pairs(request.query), *in_body))
    if "body" in needs:
        values["body"] = request.body.decode("utf-8", "surrogateescape")
    if "body_sm3" in needs:
        values["body_sm3"] = request.digests.get("sm3") or code("sm3", key=b"", text=request.body).hex()
    if "body_sha256" in needs:
        values["body_sha256"] = request.digests.get("sha256") or code("sha256", key=b"", text=request.body).hex()
    return values


def signing_string(profile: GatewayProfile, values: Mapping[str, str]) -> bytes:
    """The string (待签名串) that the signature of a request covers, from the values of the profile's holes."""
    return profile._string.fill(values).encode("utf-8", "surrogateescape")


def make_nonce(how: NonceFormat, *, at_s: float, random: Random) -> str:
    """A value used once (随机数), as a profile writes it."""
    match how:
        case "hex":
            return random(16).hex()
        case "uuid":
            octets = bytearray(random(16))
            octets[6], octets[8] = octets[6] & 0x0F | 0x40, octets[8] & 0x3F | 0x80
            text = octets.hex()
            return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
        case "seconds-000-4":
            return f"{int(at_s)}000{int.from_bytes(random(8), 'big') % 10_000:04}"
    return ""


def _identity(profile: GatewayProfile, credentials: Credentials, service: str) -> dict[str, str]:
    values = dict(profile.values)
    for name, value in credentials.values.items():
        values[name] = checked_field(value, name=name)
    values["id"] = checked_field(credentials.id, name="id", limit=_ID_CHARS)
    values["service"] = checked_field(service, name="service", limit=_ID_CHARS) if service else ""
    return values


def signature_text(profile: GatewayProfile, credentials: Credentials, *, secret: str, text: bytes) -> str:
    """The signature of a signing string, encoded as the profile sends it.

    Raises:
        CredentialsMissing: the profile signs with SM2, and the credentials hold no signer.
    """
    if not profile.digest.startswith("sm2"):
        return encode(code(profile.digest, key=secret.encode(), text=text), profile.encoding)
    if credentials.signer is None:
        raise CredentialsMissing(
            f"profile {profile.name!r} signs with SM2: credentials need a signer",
            profile=profile.name,
            setting="signer",
        )
    return encode(sm2_signature(credentials.signer, text, raw=profile.digest == "sm2-raw"), "base64")


def sign(
    request: Signable,
    *,
    profile: GatewayProfile,
    credentials: Credentials,
    at: datetime | float,
    service: str = "",
    secret: str | None = None,
    token: str = "",
    values: Mapping[str, str] = _NOTHING,
    nonce: str = "",
    random: Random = os.urandom,
) -> Signed:
    """Sign one request.

    Args:
        at: When, an aware datetime or seconds since 1970; the gateway compares it with its own clock.
        service: Overrides the service of the credentials.
        secret: The session secret where there is one, else the secret of the credentials.
        values: Override the profile's and the credentials' values.
        nonce: For test vectors; otherwise made from ``random``.
    Raises:
        CredentialsMissing: the profile needs a secret, a service or a signer that nobody gave.
        UnsafeValue: an id or value must not stand in a header.
        ValueError: ``at`` is naive.
    """
    at_s = at if isinstance(at, (int, float)) else aware(at).timestamp()
    filled = _identity(profile, credentials, service or credentials.service)
    for name, value in values.items():
        filled[name] = checked_field(value, name=name)
    filled |= request_values(profile, request)
    filled["secret"] = credentials.secret if secret is None else secret
    filled["token"] = checked_field(token, name="token")
    filled["time"] = format_time(at_s, profile.time)
    filled["nonce"] = checked_field(nonce, name="nonce") or make_nonce(profile.nonce, at_s=at_s, random=random)
    require(profile, filled)
    if profile.envelope:
        filled["envelope"] = canonical({**dict(sent_fields(profile, {**filled, "signature": ""})), **request.members})
    text = signing_string(profile, filled)
    filled["signature"] = signature_text(profile, credentials, secret=filled["secret"], text=text)
    return Signed(sent_fields(profile, filled), text)


_REQUIRED: Final = ("service", "token", "id")


def require(profile: GatewayProfile, filled: Mapping[str, str]) -> None:
    """Raise CredentialsMissing if a hole that must be filled is empty."""
    required = profile._string.required
    keyed = profile.digest.startswith("hmac") or "secret" in required
    missing: list[str] = [name for name in _REQUIRED if name in required and not filled[name]]
    missing += ["secret"] if keyed and not filled["secret"] else []
    if missing:
        raise CredentialsMissing(
            f"profile {profile.name!r} needs {', '.join(missing)}", profile=profile.name, setting=missing[0]
        )


def sent_fields(profile: GatewayProfile, filled: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """The signing fields with their holes filled; one in [ ] is left out when empty."""
    found = []
    for wire, text, template in profile._fields:
        value = template.fill(filled)
        if value or text[:1] != "[":
            found.append((wire, value))
    return tuple(found)
