"""The header of a token, read strictly before anything else of it is believed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from egov_sdk.crypto._jose.encoding import JoseLimits, from_base64url, frozen_object, read_object
from egov_sdk.crypto._jose.problems import bad, described, reject
from egov_sdk.errors import LimitExceeded

__all__ = ["Header", "read_header", "split"]

_NAME_CHARS = 256
_KEY_OFFERS: Final = frozenset({"jwk", "jku", "x5c", "x5u"})
#: Members that are texts where they stand at all.
_TEXTS: Final = ("alg", "enc", "kid", "typ", "cty")


@dataclass(frozen=True, slots=True)
class Header:
    """A header whose known members have the right types. ``algorithm`` is as written."""

    algorithm: str
    encryption: str | None
    key_id: str | None
    type: str | None
    content_type: str | None
    members: Mapping[str, object]
    offers_key: bool


def split(token: str | bytes, *, parts: int, limits: JoseLimits) -> tuple[bytes, list[bytes]]:
    """The token as octets, and its parts, after counting.

    Raises:
        ParseError: not ASCII, or another number of parts.
        LimitExceeded: the token or its header is too long.
    """
    if isinstance(token, str):
        if not token.isascii():
            raise bad("token.base64", part="token")
        token = token.encode("ascii")
    if len(token) > limits.token_bytes:
        raise LimitExceeded("token_bytes", allowed=limits.token_bytes, found=len(token))
    found = token.split(b".", parts)
    if len(found) != parts:
        raise bad("token.parts", found=token.count(b".") + 1, expected=parts)
    if len(found[0]) > limits.header_bytes:
        raise LimitExceeded("header_bytes", allowed=limits.header_bytes, found=len(found[0]))
    return token, found


@lru_cache(maxsize=256)
def read_header(segment: bytes, limits: JoseLimits) -> Header:
    """The header from its Base64url text. An issuer writes the same one in all its tokens, so it is kept.

    Raises:
        ParseError: not a JSON object in Base64url, or a member of the wrong type.
        TokenRejected: it demands extensions, or announces compressed content.
        LimitExceeded: nested too deeply.
    """
    try:
        octets = from_base64url(segment)
    except ValueError:
        raise bad("token.base64", part="header") from None
    members = read_object(octets, problem="token.json", part="header", limits=limits)
    for name in _TEXTS:
        value = members.get(name)
        if (name in members or name == "alg") and not (isinstance(value, str) and 0 < len(value) <= _NAME_CHARS):
            raise bad(
                "token.header", name=name, found=described(value), expected=f"a text of 1 to {_NAME_CHARS} characters"
            )
    if "crit" in members:
        # RFC 7515, 4.1.11: what is not understood must be refused, and no extension is understood here
        listed = members["crit"]
        raise reject("token.critical", found=", ".join(map(str, listed)) if isinstance(listed, list) else listed)
    if "b64" in members:
        raise bad("token.header", name="b64", found=members["b64"], expected="no such member without crit")
    if "zip" in members:
        raise reject("token.compressed")
    texts = {name: value for name in _TEXTS if isinstance(value := members.get(name), str)}
    return Header(
        algorithm=texts["alg"],
        encryption=texts.get("enc"),
        key_id=texts.get("kid"),
        type=texts.get("typ"),
        content_type=texts.get("cty"),
        members=frozen_object(members),
        offers_key=not _KEY_OFFERS.isdisjoint(members),
    )
