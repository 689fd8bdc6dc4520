"""The message envelope of the national medical insurance open platform (国家医保开放平台): partly unverified.

The string to sign is confirmed. How SM4 is keyed and how its output is written is only told by those who use it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final

from egov_sdk.crypto.sm4 import sm4_ecb_decrypt, sm4_ecb_encrypt
from egov_sdk.errors import ParseError
from egov_sdk.gateway._json import parse_json
from egov_sdk.gateway.errors import CredentialsMissing

__all__ = ["UNSIGNED", "canonical", "open_members", "read_members", "wrap"]

#: Members that the signature does not cover.
UNSIGNED: Final = frozenset({"signData", "encData", "extra"})

_CODE: Final = "egov.gateway.envelope"
_BLOCK: Final = 16


def _without_empty(value: object) -> object:
    if isinstance(value, dict):
        return {key: _without_empty(inner) for key, inner in value.items() if inner not in (None, "")}
    if isinstance(value, (list, tuple)):
        return [_without_empty(inner) for inner in value]
    return value


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    return json.dumps(_without_empty(value), ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def canonical(members: Mapping[str, object]) -> str:
    """The members as ``key=value&…``: sorted, without empty ones, objects as compact JSON sorted at every level."""
    return "&".join(
        f"{key}={_text(value)}"
        for key, value in sorted(members.items())
        if key not in UNSIGNED and value not in (None, "")
    )


def _key(app_id: str, secret: str) -> bytes:
    seed = app_id.encode()[:_BLOCK]
    if len(seed) < _BLOCK or not secret:
        raise CredentialsMissing(
            "SM4 of this envelope needs an id of at least 16 characters and a secret", setting="id", profile="nhsa"
        )
    return sm4_ecb_encrypt(seed, _pad(secret.encode())).hex().upper()[:_BLOCK].encode()


def _pad(octets: bytes) -> bytes:
    count = _BLOCK - len(octets) % _BLOCK
    return octets + bytes([count]) * count


def wrap(members: Mapping[str, object], *, app_id: str, secret: str, encrypt: bool) -> bytes:
    """The body of a request: the members as JSON, ``data`` as ``encData`` if it is to be encrypted."""
    sent = dict(members)
    if encrypt and "data" in sent:
        plain = _text(sent.pop("data")).encode()
        sent["encData"] = sm4_ecb_encrypt(_key(app_id, secret), _pad(plain)).hex().upper()
    return json.dumps(sent, ensure_ascii=False, separators=(",", ":")).encode()


def _decrypted(text: object, *, app_id: str, secret: str) -> object:
    try:
        if not isinstance(text, str):
            raise ValueError
        padded = sm4_ecb_decrypt(_key(app_id, secret), bytes.fromhex(text))
        count = padded[-1] if padded else 0
        if not 1 <= count <= _BLOCK or padded[-count:] != bytes([count]) * count:
            raise ValueError
        return parse_json(padded[:-count])
    except (ValueError, CredentialsMissing):
        raise ParseError("cannot be decrypted with this id and secret", where="encData", code=_CODE) from None


def read_members(body: bytes) -> dict[str, object]:
    """The members of an envelope as they came.

    Raises:
        ParseError: no JSON object.
    """
    try:
        members = parse_json(body)
    except ValueError:
        members = None
    if not isinstance(members, dict):
        raise ParseError("the body is no JSON object", where="body", code=_CODE)
    return members


def open_members(members: Mapping[str, object], *, app_id: str, secret: str) -> dict[str, object]:
    """The members with ``encData`` decrypted to ``data``.

    Raises:
        ParseError: both are there, or it cannot be decrypted with this id and secret.
    """
    found = dict(members)
    if "encData" in found:
        if "data" in found:
            raise ParseError("both data and encData are there", where="data", code=_CODE)
        found["data"] = _decrypted(found.pop("encData"), app_id=app_id, secret=secret)
    return found
