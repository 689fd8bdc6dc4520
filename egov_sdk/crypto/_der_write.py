"""Writing DER: small functions that return a whole TLV each."""

from __future__ import annotations

from datetime import UTC, datetime

from egov_sdk.times import aware


def encode_tlv(tag: int, content: bytes) -> bytes:
    """One TLV from its identifier octet and its content.

    Raises:
        ValueError: the tag is not a single octet of the low form.
    """
    if not 0 < tag < 0x100 or tag & 0x1F == 0x1F:
        raise ValueError(f"tag must be one identifier octet of the low form, got {tag:#x}")
    length = len(content)
    if length < 0x80:
        return bytes((tag, length)) + content
    octets = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(octets))) + octets + content


def sequence(*parts: bytes) -> bytes:
    """SEQUENCE of the given TLVs, in this order."""
    return encode_tlv(0x30, b"".join(parts))


def set_of(*parts: bytes) -> bytes:
    """SET OF the given TLVs, in the order that DER asks for (X.690 11.6)."""
    return encode_tlv(0x31, b"".join(sorted(parts)))


def integer(value: int) -> bytes:
    """INTEGER in its shortest form."""
    magnitude = value if value >= 0 else ~value
    return encode_tlv(0x02, value.to_bytes(magnitude.bit_length() // 8 + 1, "big", signed=True))


def boolean(value: bool) -> bytes:
    """BOOLEAN."""
    return b"\x01\x01\xff" if value else b"\x01\x01\x00"


def null() -> bytes:
    """NULL."""
    return b"\x05\x00"


def octet_string(content: bytes) -> bytes:
    """OCTET STRING."""
    return encode_tlv(0x04, content)


def bit_string(content: bytes, *, unused: int = 0) -> bytes:
    """BIT STRING of whole octets, the last ``unused`` bits of which do not count and must be zero.

    Raises:
        ValueError: unused is not 0 to 7, or those bits are not zero.
    """
    if not 0 <= unused <= 7 or (unused and (not content or content[-1] & ((1 << unused) - 1))):
        raise ValueError(f"unused must be 0 to 7 zero bits, got {unused}")
    return encode_tlv(0x03, bytes((unused,)) + content)


def _base128(value: int) -> bytes:
    groups = [value & 0x7F]
    while value := value >> 7:
        groups.append(0x80 | value & 0x7F)
    return bytes(reversed(groups))


def oid(dotted: str) -> bytes:
    """OBJECT IDENTIFIER from its dotted form.

    Raises:
        ValueError: not an object identifier.
    """
    arcs = dotted.split(".")
    if len(arcs) < 2 or not all(arc.isascii() and arc.isdigit() for arc in arcs):
        raise ValueError(f"not an object identifier: {dotted!r}")
    first, second, *rest = (int(arc) for arc in arcs)
    if first > 2 or (first < 2 and second > 39):
        raise ValueError(f"not an object identifier: {dotted!r}")
    return encode_tlv(0x06, b"".join(_base128(arc) for arc in (first * 40 + second, *rest)))


def utf8_string(text: str) -> bytes:
    """UTF8String."""
    return encode_tlv(0x0C, text.encode())


_PRINTABLE = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 '()+,-./:=?")


def printable_string(text: str) -> bytes:
    """PrintableString.

    Raises:
        ValueError: a character outside the alphabet of X.680.
    """
    if not _PRINTABLE.issuperset(text):
        raise ValueError(f"not printable by X.680: {text!r}")
    return encode_tlv(0x13, text.encode("ascii"))


def ia5_string(text: str) -> bytes:
    """IA5String.

    Raises:
        ValueError: a character outside ASCII.
    """
    return encode_tlv(0x16, text.encode("ascii"))


def _utc(moment: datetime) -> datetime:
    return aware(moment, "moment").astimezone(UTC)


def generalized_time(moment: datetime) -> bytes:
    """GeneralizedTime in UTC; a fraction only if there is one, without trailing zeros (X.690 11.7).

    Raises:
        ValueError: the time is naive.
    """
    utc = _utc(moment)
    fraction = f".{utc.microsecond:06d}".rstrip("0") if utc.microsecond else ""
    return encode_tlv(0x18, f"{utc.year:04d}{utc:%m%d%H%M%S}{fraction}Z".encode())


def utc_time(moment: datetime) -> bytes:
    """UTCTime, whole seconds.

    Raises:
        ValueError: the time is naive, or its year is not 1950 to 2049.
    """
    utc = _utc(moment)
    if not 1950 <= utc.year <= 2049:
        raise ValueError(f"UTCTime holds the years 1950 to 2049, got {utc.year}")
    return encode_tlv(0x17, f"{utc:%y%m%d%H%M%S}Z".encode())


def context(number: int, content: bytes, constructed: bool = True) -> bytes:
    """Context tag [number] around ``content``: whole TLVs when constructed, bare octets when not.

    Raises:
        ValueError: number is not 0 to 30.
    """
    if not 0 <= number <= 30:
        raise ValueError(f"context number must be 0 to 30, got {number}")
    return encode_tlv((0xA0 if constructed else 0x80) | number, content)
