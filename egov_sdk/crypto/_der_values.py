"""Values out of primitive TLVs: integers, identifiers, strings and times."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

from egov_sdk.crypto._der_read import Tlv, expect
from egov_sdk.errors import ParseError

_CODE = "egov.input.der"


def _error(message: str, tlv: Tlv, where: str) -> ParseError:
    place = f"{where}, byte {tlv.offset}" if where else f"byte {tlv.offset}"
    return ParseError(message, where=place, code=_CODE, offset=tlv.offset)


def decode_integer(tlv: Tlv, *, where: str = "") -> int:
    """The INTEGER, which may be negative.

    Raises:
        ParseError: another type, empty, or not in the shortest form (X.690 8.3.2).
    """
    content = expect(tlv, 0x02, where=where).content
    if not content:
        raise _error("INTEGER without content", tlv, where)
    if len(content) > 1 and content[0] == (0xFF if content[1] & 0x80 else 0):
        raise _error("INTEGER is not in its shortest form", tlv, where)
    return int.from_bytes(content, "big", signed=True)


def decode_boolean(tlv: Tlv, *, where: str = "") -> bool:
    """The BOOLEAN.

    Raises:
        ParseError: another type, or neither 00 nor ff (X.690 11.1).
    """
    content = expect(tlv, 0x01, where=where).content
    if content not in (b"\x00", b"\xff"):
        raise _error("BOOLEAN must be 00 or ff", tlv, where)
    return content == b"\xff"


def decode_bit_string(tlv: Tlv, *, where: str = "") -> bytes:
    """The octets of a BIT STRING whose bits all count.

    Raises:
        ParseError: another type, empty, or with unused bits.
    """
    content = expect(tlv, 0x03, where=where).content
    if not content or content[0]:
        raise _error("BIT STRING must consist of whole octets", tlv, where)
    return content[1:]


_OID_MAX_BYTES = 128


def decode_oid(tlv: Tlv, *, where: str = "") -> str:
    """The OBJECT IDENTIFIER in dotted form.

    Raises:
        ParseError: another type, cut off, longer than 128 octets, or with a padded arc (X.690 8.19.2).
    """
    content = expect(tlv, 0x06, where=where).content
    if not content or content[-1] & 0x80 or len(content) > _OID_MAX_BYTES:
        raise _error("OBJECT IDENTIFIER is empty, cut off or too long", tlv, where)
    arcs: list[int] = []
    value, fresh = 0, True
    for octet in content:
        if fresh and octet == 0x80:
            raise _error("OBJECT IDENTIFIER has a padded arc", tlv, where)
        value = value << 7 | octet & 0x7F
        fresh = octet < 0x80
        if fresh:
            arcs.append(value)
            value = 0
    first = min(arcs[0] // 40, 2)
    return ".".join(str(arc) for arc in (first, arcs[0] - 40 * first, *arcs[1:]))


_ENCODINGS = {
    0x0C: ("utf-8", "gb18030", "latin-1"),
    0x12: ("ascii", "utf-8", "gb18030", "latin-1"),
    0x13: ("ascii", "utf-8", "gb18030", "latin-1"),
    0x14: ("utf-8", "gb18030", "latin-1"),
    0x15: ("latin-1",),
    0x16: ("ascii", "utf-8", "gb18030", "latin-1"),
    0x19: ("latin-1",),
    0x1A: ("ascii", "utf-8", "gb18030", "latin-1"),
    0x1B: ("utf-8", "gb18030", "latin-1"),
    0x1C: ("utf-32-be",),
    0x1E: ("utf-16-be",),
}


def decode_string(tlv: Tlv, *, where: str = "") -> str:
    """The text of any character string type.

    Real certificates hold UTF-8 or GB 18030 under types that do not allow it, so the octets are
    tried as what the type says, then as UTF-8, GB 18030 and Latin-1.

    Raises:
        ParseError: not a character string, or a BMPString or UniversalString cut off.
    """
    for encoding in _ENCODINGS.get(tlv.tag, ()):
        try:
            return tlv.content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise _error(f"tag {tlv.tag:02x} does not hold readable text", tlv, where)


_UTC_TIME = re.compile(r"(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)?(Z|[+-]\d{4})", re.ASCII)
_GENERALIZED_TIME = re.compile(
    r"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:[.,](\d{1,9}))?(Z|[+-]\d\d(?:\d\d)?)", re.ASCII
)


def decode_time(tlv: Tlv, *, where: str = "") -> datetime:
    """The moment of a UTCTime or GeneralizedTime, aware.

    Offsets other than Z, fractions of a second, and a UTCTime without seconds are read too. A time
    without a zone is refused: nobody can say which moment it is.

    Raises:
        ParseError: another type, or not a moment.
    """
    text = tlv.content.decode("latin-1")
    pattern = {0x17: _UTC_TIME, 0x18: _GENERALIZED_TIME}.get(tlv.tag)
    match = pattern.fullmatch(text) if pattern else None
    if match is None:
        raise _error(f"not a time with a zone: {text[:32]!r}", tlv, where)
    if tlv.tag == 0x17:
        short, month, day, hour, minute, second, zone = match.groups()
        year = int(short) + (1900 if int(short) >= 50 else 2000)
        fraction = None
    else:
        full, month, day, hour, minute, second, fraction, zone = match.groups()
        year = int(full)
    try:
        moment = datetime(
            year,
            int(month),
            int(day),
            int(hour),
            int(minute),
            int(second or 0),
            int((fraction or "0").ljust(6, "0")[:6]),
            tzinfo=_zone(zone),
        )
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise _error(f"no such moment: {text[:32]!r}", tlv, where) from None


def _zone(text: str) -> timezone:
    if text == "Z":
        return UTC
    offset = timedelta(hours=int(text[1:3]), minutes=int(text[3:] or 0))
    return timezone(-offset if text[0] == "-" else offset)
