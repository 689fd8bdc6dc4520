"""From a signing string to the signature's text: digests, keys, encodings."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from typing import Literal

from egov_sdk.crypto import InvalidSignature, Signer, SM2PrivateKey, SM2PublicKey, hmac_sm3, sign_message, sm3
from egov_sdk.crypto.signature import der_to_raw, raw_to_der
from egov_sdk.errors import ParseError

__all__ = ["KEYED", "Digest", "Encoding", "code", "encode", "sm2_signature", "text_matches", "verify_sm2"]

#: What a signing string goes through. Plain hashes are keyed by the secret inside the string.
Digest = Literal["hmac-sha256", "hmac-sha1", "hmac-sm3", "sha256", "sha1", "md5", "sm3", "sm2", "sm2-raw"]
Encoding = Literal["base64", "hex", "HEX"]

#: Digests that take the secret as their key.
KEYED = frozenset({"hmac-sha256", "hmac-sha1", "hmac-sm3"})


def code(digest: Digest, *, key: bytes, text: bytes) -> bytes:
    """The authentication code of a text; not for SM2, which signs with a private key."""
    match digest:
        case "hmac-sha256":
            return hmac.digest(key, text, "sha256")
        case "hmac-sm3":
            return hmac_sm3(key, text)
        case "hmac-sha1":
            return hmac.digest(key, text, "sha1")
        case "sm3":
            return sm3(text)
        case "sha256":
            return hashlib.sha256(text).digest()
        case "sha1":  # what the platform asks for
            return hashlib.sha1(text, usedforsecurity=False).digest()
        case "md5":
            return hashlib.md5(text, usedforsecurity=False).digest()
    raise ValueError(f"{digest} needs a private key")


def encode(octets: bytes, encoding: Encoding) -> str:
    """A signature as the text that is sent."""
    if encoding == "base64":
        return binascii.b2a_base64(octets, newline=False).decode()
    text = octets.hex()
    return text.upper() if encoding == "HEX" else text


def text_matches(received: str, expected: str, *, encoding: Encoding) -> bool:
    """Whether a received code is the expected one, in constant time; hexadecimal in either case."""
    if encoding != "base64":
        received, expected = received.lower(), expected.lower()
    return hmac.compare_digest(received.encode("utf-8", "replace"), expected.encode())


def sm2_signature(signer: Signer, text: bytes, *, raw: bool) -> bytes:
    """SM2 with SM3 over a text, under the default signer id: DER, or r || s in 64 bytes."""
    der = signer.sign(text) if isinstance(signer, SM2PrivateKey) else sign_message(signer, text)
    return der_to_raw(der) if raw else der


def verify_sm2(key: SM2PublicKey, signature: str, text: bytes, *, either_form: bool) -> None:
    """Return if a Base64 SM2 signature is good, raise InvalidSignature if not.

    With ``either_form`` r || s in 64 bytes is accepted beside DER.
    """
    try:
        octets = base64.b64decode(signature, validate=True)
        if either_form and len(octets) == 64:
            octets = raw_to_der(octets)
    except (ValueError, ParseError):
        raise InvalidSignature("not a signature in Base64") from None
    key.verify(octets, text)
