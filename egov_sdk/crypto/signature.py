"""SM2 signatures as octets: strict DER (GM/T 0009) and the raw form r || s."""

from __future__ import annotations

from cryptography import exceptions as _pyca

from egov_sdk.crypto._der_write import integer, sequence
from egov_sdk.errors import ParseError, VerificationError

__all__ = ["InvalidSignature", "decode_signature", "der_to_raw", "encode_signature", "raw_to_der"]

_CODE = "egov.crypto.signature_encoding"


class InvalidSignature(VerificationError, _pyca.InvalidSignature):
    """The signature does not belong to this key and these bytes, or is not a signature at all."""

    code = "egov.crypto.invalid_signature"


def encode_signature(r: int, s: int) -> bytes:
    """SEQUENCE { INTEGER r, INTEGER s } of two numbers in [0, 2^256).

    Raises:
        ValueError: a number is negative or has more than 256 bits.
    Source:
        GM/T 0009-2012, 7.3.
    """
    if not (0 <= r < 1 << 256 and 0 <= s < 1 << 256):
        raise ValueError("r and s must be in [0, 2^256)")
    return sequence(integer(r), integer(s))


def decode_signature(der: bytes) -> tuple[int, int]:
    """The numbers r and s of a signature in strict DER; their range against n is not looked at.

    Raises:
        ParseError: not DER to the letter, a number is negative or has more than 256 bits, or bytes follow.
    Source:
        GM/T 0009-2012, 7.3.
    """
    der = bytes(der)
    # At most 2 + 2 * (2 + 33) octets, so every length is one octet and the places are fixed.
    r_end = 4 + der[3] if len(der) > 3 else 0
    s_at = r_end + 2
    if (
        not 8 <= len(der) <= 72
        or der[0] != 0x30
        or der[1] != len(der) - 2
        or der[2] != 0x02
        or s_at >= len(der)
        or der[r_end] != 0x02
        or s_at + der[r_end + 1] != len(der)
    ):
        raise ParseError("not SEQUENCE { INTEGER r, INTEGER s } in DER", code=_CODE, found=f"{len(der)} bytes")
    return _unsigned(der[4:r_end], "r"), _unsigned(der[s_at:], "s")


def _unsigned(content: bytes, name: str) -> int:
    if (
        not content
        or content[0] & 0x80
        or len(content) > 33
        or (len(content) == 33 and content[0])
        or (len(content) > 1 and content[0] == 0 and content[1] < 0x80)
    ):
        raise ParseError(f"{name} is not a shortest INTEGER of 0 to 256 bits", code=_CODE, where=name)
    return int.from_bytes(content, "big")


def raw_to_der(raw: bytes) -> bytes:
    """The DER form of r || s.

    Raises:
        ParseError: not 64 bytes.
    """
    if len(raw) != 64:
        raise ParseError(f"a raw signature has 64 bytes, found {len(raw)}", code=_CODE, expected=64, found=len(raw))
    return encode_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))


def der_to_raw(der: bytes) -> bytes:
    """The raw form r || s, 64 bytes, of a signature in strict DER.

    Raises:
        ParseError: as decode_signature.
    """
    r, s = decode_signature(der)
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")
