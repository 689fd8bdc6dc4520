"""Messages and receipts in JSON: JWS and JWE in general serialization, read to the letter."""

from __future__ import annotations

import binascii
from collections.abc import Mapping
from typing import Final, cast

from egov_sdk.crypto import sm3
from egov_sdk.crypto.jose import from_base64url, to_base64url
from egov_sdk.errors import LimitExceeded
from egov_sdk.exchange.envelope.canonical import an_object, only, read_json, require
from egov_sdk.exchange.envelope.limits import DEFAULT_ENVELOPE_LIMITS, EnvelopeLimits
from egov_sdk.exchange.envelope.model import message_digest
from egov_sdk.exchange.envelope.problems import OTHER_TEXT, unreadable
from egov_sdk.exchange.envelope.sealed import Recipient, SealedMessage, sealed_message
from egov_sdk.exchange.envelope.signature import Signature, check_signature
from egov_sdk.exchange.envelope.signed import SIGNED_TYPE, KeptMessage, SignedMessage, signed_message
from egov_sdk.report import Text

__all__ = ["read_kept", "read_sealed", "read_signed", "write_sealed", "write_signed"]

_SIGNED: Final = frozenset({"payload", "signatures", "content"})
_SEALED: Final = frozenset({"protected", "recipients", "aad", "iv", "ciphertext", "tag"})


def signature_members(signature: Signature) -> dict[str, object]:
    """One entry of ``signatures`` (RFC 7515, 7.2.1)."""
    header: dict[str, object] = {"x5c": [_standard_base64(one) for one in signature.certificates]}
    if signature.time_stamp:
        header["tst"] = _standard_base64(signature.time_stamp)
    return {
        "protected": to_base64url(signature.protected),
        "header": header,
        "signature": to_base64url(signature.value),
    }


def _standard_base64(octets: bytes) -> str:
    return binascii.b2a_base64(octets, newline=False).decode("ascii")


def write_signed(message: SignedMessage) -> bytes:
    """A signed message in JSON."""
    # nothing here needs an escape: what canonical would write, without looking for one in every character
    signature = message.signature
    chain = ",".join(f'"{_standard_base64(one)}"' for one in signature.certificates)
    stamp = f'"tst":"{_standard_base64(signature.time_stamp)}",' if signature.time_stamp else ""
    return (
        f'{{"content":"{to_base64url(message.envelope_unverified.content)}",'
        f'"payload":"{to_base64url(message.read.headers)}","signatures":[{{"header":{{{stamp}"x5c":[{chain}]}},'
        f'"protected":"{to_base64url(signature.protected)}","signature":"{to_base64url(signature.value)}"}}]}}'
    ).encode("ascii")


def signed_members(message: SignedMessage) -> dict[str, object]:
    """A signed message as a JSON value."""
    return {
        "payload": to_base64url(message.read.headers),
        "signatures": [signature_members(message.signature)],
        "content": to_base64url(message.envelope_unverified.content),
    }


def write_sealed(message: SealedMessage) -> bytes:
    """A sealed message in JSON."""
    # nothing here needs an escape: what canonical would write, without looking for one in every character
    recipients = ",".join(
        f'{{"encrypted_key":"{to_base64url(one.encrypted_key)}","header":{{"kid":"{one.key_id}"}}}}'
        for one in message.recipients
    )
    return (
        f'{{"aad":"{to_base64url(message.routing)}","ciphertext":"{to_base64url(message.ciphertext)}",'
        f'"iv":"{to_base64url(message.iv)}","protected":"{to_base64url(message.protected)}",'
        f'"recipients":[{recipients}],"tag":"{to_base64url(message.tag)}"}}'
    ).encode("ascii")


def read_signed(data: bytes, *, limits: EnvelopeLimits = DEFAULT_ENVELOPE_LIMITS) -> SignedMessage:
    """Read a signed message.

    Raises:
        ParseError: it is none.
        LimitExceeded: larger than the limits allow.
    """
    return signed_of(_opened(data, limits), limits=limits)


def signed_of(members: Mapping[str, object], *, limits: EnvelopeLimits) -> SignedMessage:
    """As read_signed, of what was read as JSON already."""
    only(members, _SIGNED)
    payload, signature = signed_part(members)
    return signed_message(payload, octets(members, "content"), signature, limits=limits)


def read_kept(data: bytes, *, limits: EnvelopeLimits = DEFAULT_ENVELOPE_LIMITS) -> KeptMessage:
    """A signed message that was written here; compare its digest with that of the message that it should be.

    Raises:
        ParseError, LimitExceeded: it is none.
    """
    members = _opened(data, limits)
    headers, signature = signed_part(members)
    check_signature(signature, kind=SIGNED_TYPE, limits=limits, where="signature")
    digest = message_digest(headers, sm3(octets(members, "content")))
    return KeptMessage(data, digest, read_json(headers, depth=limits.depth), signature)


def signed_part(members: Mapping[str, object]) -> tuple[bytes, Signature]:
    """The payload and the one signature of a JWS."""
    listed = cast("list[object]", require(members, "signatures", list))
    if len(listed) != 1:
        raise unreadable(
            "envelope.member",
            name="signatures",
            found=Text(f"{len(listed)} entries", f"{len(listed)} 项"),
            expected=Text("one", "一项"),
        )
    return octets(members, "payload"), _signature(an_object(listed[0], "signatures"))


def read_sealed(data: bytes, *, limits: EnvelopeLimits = DEFAULT_ENVELOPE_LIMITS) -> SealedMessage:
    """Read a sealed message; as read_signed."""
    return sealed_of(_opened(data, limits), limits=limits)


def sealed_of(members: Mapping[str, object], *, limits: EnvelopeLimits) -> SealedMessage:
    """As read_sealed, of what was read as JSON already."""
    only(members, _SEALED)
    listed = cast("list[object]", require(members, "recipients", list))
    return sealed_message(
        protected=octets(members, "protected"),
        recipients=tuple(_recipient(an_object(one, "recipients")) for one in listed),
        routing=octets(members, "aad"),
        iv=octets(members, "iv"),
        ciphertext=octets(members, "ciphertext"),
        tag=octets(members, "tag"),
        limits=limits,
    )


def _opened(data: bytes, limits: EnvelopeLimits) -> dict[str, object]:
    if len(data) > limits.message_bytes:
        raise LimitExceeded("message_bytes", allowed=limits.message_bytes, found=len(data))
    return read_json(data, depth=limits.depth)


def _recipient(members: dict[str, object]) -> Recipient:
    only(members, {"header", "encrypted_key"}, where="recipients")
    header = an_object(members.get("header"), "header")
    only(header, {"kid"}, where="recipients")
    return Recipient(cast("str", require(header, "kid", str)), octets(members, "encrypted_key"))


def _signature(members: dict[str, object]) -> Signature:
    only(members, {"protected", "header", "signature"}, where="signature")
    header = an_object(members.get("header"), "header")
    only(header, {"x5c", "tst"}, where="signature")
    chain = cast("list[object]", require(header, "x5c", list))
    return Signature(
        protected=octets(members, "protected"),
        certificates=tuple(standard(one, "x5c") for one in chain),
        value=octets(members, "signature"),
        time_stamp=standard(header["tst"], "tst") if "tst" in header else b"",
    )


def octets(members: Mapping[str, object], name: str) -> bytes:
    """A member in Base64url without padding.

    Raises:
        ParseError: it is something else.
    """
    text = members.get(name)
    if type(text) is not str:
        require(members, name, str)  # says what is wrong
    try:
        return from_base64url(cast("str", text))
    except ValueError:
        raise unreadable("envelope.member", name=name, found=OTHER_TEXT, expected="Base64url") from None


def standard(value: object, name: str) -> bytes:
    """A value in Base64 with padding, as x5c has it (RFC 7515, 4.1.6).

    Raises:
        ParseError: it is something else.
    """
    try:
        text = value.encode("ascii") if isinstance(value, str) else b"!"
        found = binascii.a2b_base64(text, strict_mode=True)
    except ValueError:
        found, text = b"", b"!"
    if not found or binascii.b2a_base64(found, newline=False) != text:
        raise unreadable(
            "envelope.member",
            name=name,
            found=Text("something else", "其他内容"),
            expected=Text("Base64 with padding", "带填充的 Base64"),
        )
    return found
