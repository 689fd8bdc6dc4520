"""The elements that seals and their values are made of, read as makers write them, with what deviates named."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone

from egov_sdk.crypto.der import (
    Tlv,
    children,
    decode_integer,
    decode_oid,
    decode_string,
    decode_time,
    read_one,
)
from egov_sdk.errors import LimitExceeded, ParseError
from egov_sdk.limits import Asn1Limits
from egov_sdk.seal.model import (
    Leniency,
    SealExtension,
)
from egov_sdk.times import BEIJING

__all__ = [
    "BIT_STRING",
    "CONTEXT_0",
    "GENERALIZED_TIME",
    "IA5",
    "PRINTABLE",
    "STRINGS",
    "UTC_TIME",
    "UTF8",
    "ElementReader",
    "malformed",
    "time_from_text",
]

BOOLEAN, INTEGER, BIT_STRING, OCTET_STRING, OID = 0x01, 0x02, 0x03, 0x04, 0x06
UTF8, PRINTABLE, IA5, UTC_TIME, GENERALIZED_TIME = 0x0C, 0x13, 0x16, 0x17, 0x18
SEQUENCE, CONTEXT_0 = 0x30, 0xA0
STRINGS = frozenset({UTF8, PRINTABLE, IA5, 0x14, 0x1A, 0x1E})
_CHARSETS = {UTF8: "utf-8", PRINTABLE: "ascii", IA5: "ascii", 0x1A: "ascii"}

#: X.690, 11.7 and 11.8: in UTC with seconds, and a fraction only where it says something.
_DER_TIMES = {
    UTC_TIME: re.compile(rb"\d{12}Z"),
    GENERALIZED_TIME: re.compile(rb"\d{14}(\.\d*[1-9])?Z"),
}

#: A time written as text carries no zone; makers write the local time of China.
_TEXT_TIME = re.compile(
    r"(\d{4})-?(\d\d)-?(\d\d)[ T]?(\d\d):?(\d\d):?(\d\d)(?:[.,](\d{1,6}))?\s*(Z|[+-]\d\d:?\d\d)?\Z", re.ASCII
)


def malformed(where: str, message: str) -> ParseError:
    """What is said of bytes that have not the shape of a seal."""
    return ParseError(message, where=where, code="egov.seal.malformed")


@dataclass(slots=True)
class ElementReader:
    """One reading of one file; it collects the deviations it met."""

    limits: Asn1Limits
    notes: list[Leniency] = field(default_factory=list)
    elements: int = 0

    def note(self, code: str, where: str, found: str = "") -> None:
        self.notes.append(Leniency(code, where, found))

    def parts(self, tlv: Tlv, where: str, counts: range | tuple[int, ...]) -> tuple[Tlv, ...]:
        if tlv.tag != SEQUENCE:
            raise malformed(where, f"expected a SEQUENCE, found tag 0x{tlv.tag:02x}")
        found = children(tlv, limits=self.limits, where=where)
        self.elements += len(found)
        if self.elements > self.limits.elements:
            raise LimitExceeded("elements", allowed=self.limits.elements, found=self.elements, where=where)
        if len(found) not in counts:
            wanted = "fewer" if isinstance(counts, range) else " or ".join(str(n) for n in counts)
            raise malformed(where, f"expected {wanted} elements, found {len(found)}")
        return found

    def integer(self, tlv: Tlv, where: str, *, maximum: int = 1 << 31) -> int:
        if tlv.tag != INTEGER:
            raise malformed(where, f"expected an INTEGER, found tag 0x{tlv.tag:02x}")
        value = decode_integer(tlv, where=where)
        if not 0 <= value <= maximum:
            raise malformed(where, f"expected an integer of 0 to {maximum}, found one of {value.bit_length()} bits")
        return value

    def oid(self, tlv: Tlv, where: str) -> str:
        if tlv.tag != OID:
            raise malformed(where, f"expected an OBJECT IDENTIFIER, found tag 0x{tlv.tag:02x}")
        return decode_oid(tlv, where=where)

    def text(self, tlv: Tlv, where: str, expected: int) -> str:
        if tlv.tag not in STRINGS:
            raise malformed(where, f"expected a string, found tag 0x{tlv.tag:02x}")
        if tlv.tag != expected:
            self.note("string_type", where, f"0x{tlv.tag:02x} for 0x{expected:02x}")
        if tlv.tag in _CHARSETS and not _decodes(tlv.content, _CHARSETS[tlv.tag]):
            self.note("string_charset", where)
        return decode_string(tlv, where=where)

    def octets(self, tlv: Tlv, where: str) -> bytes:
        if tlv.tag != OCTET_STRING:
            raise malformed(where, f"expected an OCTET STRING, found tag 0x{tlv.tag:02x}")
        return tlv.content

    def bits(self, tlv: Tlv, where: str) -> bytes:
        if tlv.tag == OCTET_STRING:
            self.note("octet_string_for_bit_string", where)
            return tlv.content
        if tlv.tag != BIT_STRING:
            raise malformed(where, f"expected a BIT STRING, found tag 0x{tlv.tag:02x}")
        return self.whole_octets(tlv.content, where)

    def whole_octets(self, content: bytes, where: str) -> bytes:
        """The octets of a BIT STRING's content, whatever it says of its last bits."""
        unused = content[0] if content else 8
        if unused > 7 or (unused and len(content) == 1):
            raise malformed(where, f"a BIT STRING has 0 to 7 unused bits, found {unused} in {len(content)} octets")
        if unused:
            # some encoders count the zero bits at the end as unused; a bit that is set cannot be one of them
            if content[-1] & ((1 << unused) - 1):
                raise malformed(where, f"{unused} bits are said to be unused, and not all are zero")
            self.note("bit_string_unused_bits", where, str(unused))
        return content[1:]

    def time(self, tlv: Tlv, where: str, expected: int) -> datetime:
        if tlv.tag not in (UTC_TIME, GENERALIZED_TIME):
            raise malformed(where, f"expected a time, found tag 0x{tlv.tag:02x}")
        if tlv.tag != expected:
            self.note("time_type", where, "UTCTime" if tlv.tag == UTC_TIME else "GeneralizedTime")
        if not _DER_TIMES[tlv.tag].fullmatch(tlv.content):
            self.note("time_not_der", where, tlv.content[:40].decode("ascii", "replace"))
        try:
            return decode_time(tlv, where=where)
        except ParseError:
            value = time_from_text(tlv.content)
            if value is None or tlv.tag == UTC_TIME:
                raise
            return value

    def extensions(self, tlv: Tlv, where: str) -> tuple[SealExtension, ...]:
        found = []
        for n, item in enumerate(self.parts(tlv, where, range(self.limits.elements + 1))):
            place = f"{where}[{n}]"
            fields = self.parts(item, place, (2, 3))
            critical = False
            if len(fields) == 3:
                if fields[1].tag != BOOLEAN or fields[1].content not in (b"\x00", b"\xff"):
                    raise malformed(place, "critical is not a BOOLEAN in DER")
                critical = fields[1].content == b"\xff"
                if not critical:
                    self.note("extension_default_written", place)
            oid = self.oid(fields[0], place)
            if critical:
                self.note("unknown_critical_extension", place, oid)
            found.append(SealExtension(oid, critical, self.octets(fields[-1], place)))
        return tuple(found)

    def unwrapped(self, tlv: Tlv, where: str) -> Tlv:
        """A SEQUENCE that some makers put once more into a BIT STRING or OCTET STRING."""
        if tlv.tag == SEQUENCE:
            return tlv
        if tlv.tag not in (BIT_STRING, OCTET_STRING):
            raise malformed(where, f"expected a SEQUENCE, found tag 0x{tlv.tag:02x}")
        self.note("wrapped_structure", where)
        inner = tlv.content if tlv.tag == OCTET_STRING else self.bits(tlv, where)
        return read_one(inner, limits=self.limits, where=where)

    def token(self, tlv: Tlv, where: str) -> bytes:
        """[0] holding the BIT STRING of a time-stamp token, EXPLICIT as makers write it."""
        if tlv.tag == 0x80:
            self.note("implicit_time_stamp", where)
            return self.whole_octets(tlv.content, where)
        if tlv.tag != CONTEXT_0:
            raise malformed(where, f"expected [0] with a time stamp, found tag 0x{tlv.tag:02x}")
        return self.bits(read_one(tlv.content, limits=self.limits, where=where), where)


def _decodes(octets: bytes, charset: str) -> bool:
    try:
        octets.decode(charset)
    except UnicodeDecodeError:
        return False
    return True


def time_from_text(octets: bytes) -> datetime | None:
    """A time as makers write it in text; without a zone it is the local time of China."""
    found = _TEXT_TIME.match(octets.decode("ascii", "replace").strip()) if len(octets) <= 40 else None
    if found is None:
        return None
    year, month, day, hour, minute, second = (int(part) for part in found.groups()[:6])
    micro = int((found[7] or "").ljust(6, "0"))
    try:
        return datetime(year, month, day, hour, minute, second, micro, tzinfo=_zone(found[8]))
    except ValueError:
        return None


def _zone(text: str | None) -> timezone:
    if text is None:
        return BEIJING
    if text == "Z":
        return UTC
    sign = -1 if text[0] == "-" else 1
    return timezone(sign * timedelta(hours=int(text[1:3]), minutes=int(text[-2:])))
