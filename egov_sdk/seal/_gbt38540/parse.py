"""Read SESeal and SES_Signature: told apart by shape, deviations of real files taken and named."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Final, TypeVar

from egov_sdk.caches import BoundedCache
from egov_sdk.crypto.der import (
    Tlv,
    ber_to_der,
    children,
    decode_integer,
    decode_oid,
    decode_string,
    decode_time,
    read_one,
)
from egov_sdk.crypto.der import sequence as encode_sequence
from egov_sdk.errors import InputError, LimitExceeded, ParseError
from egov_sdk.limits import DEFAULT_ASN1_LIMITS, Asn1Limits
from egov_sdk.seal.model import (
    CertificateDigest,
    ElectronicSeal,
    Leniency,
    SealExtension,
    SealPicture,
    SealValue,
    SealVersion,
)

__all__ = ["parse_seal", "parse_value"]

_BOOLEAN, _INTEGER, _BIT_STRING, _OCTET_STRING, _OID = 0x01, 0x02, 0x03, 0x04, 0x06
_UTF8, _PRINTABLE, _IA5, _UTC_TIME, _GENERALIZED_TIME = 0x0C, 0x13, 0x16, 0x17, 0x18
_SEQUENCE, _CONTEXT_0 = 0x30, 0xA0
_STRINGS = frozenset({_UTF8, _PRINTABLE, _IA5, 0x14, 0x1A, 0x1E})
_CHARSETS = {_UTF8: "utf-8", _PRINTABLE: "ascii", _IA5: "ascii", 0x1A: "ascii"}

#: X.690, 11.7 and 11.8: in UTC with seconds, and a fraction only where it says something.
_DER_TIMES = {
    _UTC_TIME: re.compile(rb"\d{12}Z"),
    _GENERALIZED_TIME: re.compile(rb"\d{14}(\.\d*[1-9])?Z"),
}

#: A time written as text carries no zone; makers write the local time of China.
_CHINA = timezone(timedelta(hours=8))
_TEXT_TIME = re.compile(
    r"(\d{4})-?(\d\d)-?(\d\d)[ T]?(\d\d):?(\d\d):?(\d\d)(?:[.,](\d{1,6}))?\s*(Z|[+-]\d\d:?\d\d)?\Z", re.ASCII
)

_T = TypeVar("_T")


def parse_seal(data: bytes, *, where: str = "seal", limits: Asn1Limits = DEFAULT_ASN1_LIMITS) -> ElectronicSeal:
    """Read a seal file (SESeal).

    Raises:
        ParseError: the bytes are not a seal of v1, v4 or v5; nothing may follow it.
        LimitExceeded: deeper, larger or more numerous than the limits allow.
    Source:
        GM/T 0031-2014, GB/T 38540-2020; v5 after public descriptions of GM/T 0031-2025.
    """

    def read(der: bytes, notes: list[Leniency]) -> ElectronicSeal:
        seal = _Reader(limits).seal(read_one(der, limits=limits, where=where), where)
        return replace(seal, leniencies=(*notes, *seal.leniencies)) if notes else seal

    return _der_or_ber(data, where, limits, read)


def parse_value(data: bytes, *, where: str = "value", limits: Asn1Limits = DEFAULT_ASN1_LIMITS) -> SealValue:
    """Read a signature value made with a seal (SES_Signature). Raises as parse_seal does."""
    return _der_or_ber(
        data,
        where,
        limits,
        lambda der, notes: _Reader(limits, notes).value(read_one(der, limits=limits, where=where), where),
    )


def _der_or_ber(data: bytes, where: str, limits: Asn1Limits, read: Callable[[bytes, list[Leniency]], _T]) -> _T:
    try:
        return read(bytes(data), [])
    except ParseError as refused:
        try:
            der, was_ber = ber_to_der(bytes(data), limits=limits, where=where)
        except InputError:
            raise refused from None
        if not was_ber:
            raise
        return read(der, [Leniency("ber_encoding", where)])


#: Seals by their bytes and by how they were read; 16 MiB are about 200 ordinary ones.
_SEALS: Final[BoundedCache[tuple[str, bytes, Asn1Limits], ElectronicSeal]] = BoundedCache(16 << 20)


def _malformed(where: str, message: str) -> ParseError:
    return ParseError(message, where=where, code="egov.seal.malformed")


@dataclass(slots=True)
class _Property:
    kind: int
    name: str
    certificates: tuple[bytes, ...] = ()
    digests: tuple[CertificateDigest, ...] = ()
    times: tuple[datetime, ...] = ()


@dataclass(slots=True)
class _Reader:
    """One reading of one file; it collects the deviations it met."""

    limits: Asn1Limits
    notes: list[Leniency] = field(default_factory=list)
    elements: int = 0

    def note(self, code: str, where: str, found: str = "") -> None:
        self.notes.append(Leniency(code, where, found))

    # ------------------------------------------------------------------ elements

    def parts(self, tlv: Tlv, where: str, counts: range | tuple[int, ...]) -> tuple[Tlv, ...]:
        if tlv.tag != _SEQUENCE:
            raise _malformed(where, f"expected a SEQUENCE, found tag 0x{tlv.tag:02x}")
        found = children(tlv, limits=self.limits, where=where)
        self.elements += len(found)
        if self.elements > self.limits.elements:
            raise LimitExceeded("elements", allowed=self.limits.elements, found=self.elements, where=where)
        if len(found) not in counts:
            wanted = "fewer" if isinstance(counts, range) else " or ".join(str(n) for n in counts)
            raise _malformed(where, f"expected {wanted} elements, found {len(found)}")
        return found

    def integer(self, tlv: Tlv, where: str, *, maximum: int = 1 << 31) -> int:
        if tlv.tag != _INTEGER:
            raise _malformed(where, f"expected an INTEGER, found tag 0x{tlv.tag:02x}")
        value = decode_integer(tlv, where=where)
        if not 0 <= value <= maximum:
            raise _malformed(where, f"expected an integer of 0 to {maximum}, found one of {value.bit_length()} bits")
        return value

    def oid(self, tlv: Tlv, where: str) -> str:
        if tlv.tag != _OID:
            raise _malformed(where, f"expected an OBJECT IDENTIFIER, found tag 0x{tlv.tag:02x}")
        return decode_oid(tlv, where=where)

    def text(self, tlv: Tlv, where: str, expected: int) -> str:
        if tlv.tag not in _STRINGS:
            raise _malformed(where, f"expected a string, found tag 0x{tlv.tag:02x}")
        if tlv.tag != expected:
            self.note("string_type", where, f"0x{tlv.tag:02x} for 0x{expected:02x}")
        if tlv.tag in _CHARSETS and not _decodes(tlv.content, _CHARSETS[tlv.tag]):
            self.note("string_charset", where)
        return decode_string(tlv, where=where)

    def octets(self, tlv: Tlv, where: str) -> bytes:
        if tlv.tag != _OCTET_STRING:
            raise _malformed(where, f"expected an OCTET STRING, found tag 0x{tlv.tag:02x}")
        return tlv.content

    def bits(self, tlv: Tlv, where: str) -> bytes:
        if tlv.tag == _OCTET_STRING:
            self.note("octet_string_for_bit_string", where)
            return tlv.content
        if tlv.tag != _BIT_STRING:
            raise _malformed(where, f"expected a BIT STRING, found tag 0x{tlv.tag:02x}")
        return self.whole_octets(tlv.content, where)

    def whole_octets(self, content: bytes, where: str) -> bytes:
        """The octets of a BIT STRING's content, whatever it says of its last bits."""
        unused = content[0] if content else 8
        if unused > 7 or (unused and len(content) == 1):
            raise _malformed(where, f"a BIT STRING has 0 to 7 unused bits, found {unused} in {len(content)} octets")
        if unused:
            # some encoders count the zero bits at the end as unused; a bit that is set cannot be one of them
            if content[-1] & ((1 << unused) - 1):
                raise _malformed(where, f"{unused} bits are said to be unused, and not all are zero")
            self.note("bit_string_unused_bits", where, str(unused))
        return content[1:]

    def time(self, tlv: Tlv, where: str, expected: int) -> datetime:
        if tlv.tag not in (_UTC_TIME, _GENERALIZED_TIME):
            raise _malformed(where, f"expected a time, found tag 0x{tlv.tag:02x}")
        if tlv.tag != expected:
            self.note("time_type", where, "UTCTime" if tlv.tag == _UTC_TIME else "GeneralizedTime")
        if not _DER_TIMES[tlv.tag].fullmatch(tlv.content):
            self.note("time_not_der", where, tlv.content[:40].decode("ascii", "replace"))
        try:
            return decode_time(tlv, where=where)
        except ParseError:
            value = _time_from_text(tlv.content)
            if value is None or tlv.tag == _UTC_TIME:
                raise
            return value

    def extensions(self, tlv: Tlv, where: str) -> tuple[SealExtension, ...]:
        found = []
        for n, item in enumerate(self.parts(tlv, where, range(self.limits.elements + 1))):
            place = f"{where}[{n}]"
            fields = self.parts(item, place, (2, 3))
            critical = False
            if len(fields) == 3:
                if fields[1].tag != _BOOLEAN or fields[1].content not in (b"\x00", b"\xff"):
                    raise _malformed(place, "critical is not a BOOLEAN in DER")
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
        if tlv.tag == _SEQUENCE:
            return tlv
        if tlv.tag not in (_BIT_STRING, _OCTET_STRING):
            raise _malformed(where, f"expected a SEQUENCE, found tag 0x{tlv.tag:02x}")
        self.note("wrapped_structure", where)
        inner = tlv.content if tlv.tag == _OCTET_STRING else self.bits(tlv, where)
        return read_one(inner, limits=self.limits, where=where)

    def token(self, tlv: Tlv, where: str) -> bytes:
        """[0] holding the BIT STRING of a time-stamp token, EXPLICIT as makers write it."""
        if tlv.tag == 0x80:
            self.note("implicit_time_stamp", where)
            return self.whole_octets(tlv.content, where)
        if tlv.tag != _CONTEXT_0:
            raise _malformed(where, f"expected [0] with a time stamp, found tag 0x{tlv.tag:02x}")
        return self.bits(read_one(tlv.content, limits=self.limits, where=where), where)

    # ------------------------------------------------------------------ seal

    def seal(self, tlv: Tlv, where: str) -> ElectronicSeal:
        """A seal, remembered by its bytes: the same one stands in every document that it stamped."""
        key = (where, tlv.raw, self.limits)
        seal = _SEALS.get(key)
        if seal is None:
            seal = _SEALS.put(key, _Reader(self.limits)._seal(tlv, where), weight=3 * len(tlv.raw))
        self.notes.extend(seal.leniencies)
        return seal

    def _seal(self, tlv: Tlv, where: str) -> ElectronicSeal:
        top = self.unwrapped(tlv, where)
        fields = self.parts(top, where, (2, 4, 5))
        info = self.unwrapped(fields[0], f"{where}.info")
        if len(fields) == 2:
            sign_info = self.unwrapped(fields[1], f"{where}.signInfo")
            maker = self.parts(sign_info, f"{where}.signInfo", (3,))
            # GM/T 0031-2014: the maker signs info, certificate and algorithm, taken byte for byte
            signed = encode_sequence(info.raw, maker[0].raw, maker[1].raw)
        else:
            maker, signed = fields[1:4], info.raw
        certificate = self.octets(maker[0], f"{where}.cert")
        algorithm = self.oid(maker[1], f"{where}.signatureAlgorithm")
        signature = self.bits(maker[2], f"{where}.signedValue")
        stamp = self.token(fields[4], f"{where}.timeStamp") if len(fields) == 5 else None
        return self._seal_info(
            info,
            where,
            shape=len(fields),
            raw=top.raw,
            maker_certificate=certificate,
            maker_algorithm=algorithm,
            maker_signature=signature,
            signed_bytes=signed,
            time_stamp=stamp,
        )

    def _seal_info(
        self,
        info: Tlv,
        where: str,
        *,
        shape: int,
        raw: bytes,
        maker_certificate: bytes,
        maker_algorithm: str,
        maker_signature: bytes,
        signed_bytes: bytes,
        time_stamp: bytes | None,
    ) -> ElectronicSeal:
        fields = self.parts(info, f"{where}.info", (4, 5))
        header = self.parts(fields[0], f"{where}.header", (3,))
        mark = self.text(header[0], f"{where}.header.ID", _IA5)
        if mark != "ES":
            raise _malformed(f"{where}.header.ID", f"expected 'ES', found {mark[:16]!r}")
        declared = self.integer(header[1], f"{where}.header.version")
        prop = self.property(fields[2], f"{where}.property", v1=shape == 2)
        extensions: tuple[SealExtension, ...] = ()
        if len(fields) == 5:
            extra = fields[4]
            if extra.tag == _CONTEXT_0:
                self.note("extensions_tagged", f"{where}.extDatas")
                extra = read_one(extra.content, limits=self.limits, where=f"{where}.extDatas")
            extensions = self.extensions(extra, f"{where}.extDatas")
        version = self._version(shape, declared, where)
        created, valid_from, valid_to = prop.times
        if created > valid_from:
            self.note("created_after_valid_from", f"{where}.property")
        return ElectronicSeal(
            raw=raw,
            version=version,
            declared_version=declared,
            vendor=self.text(header[2], f"{where}.header.Vid", _IA5),
            seal_id=self.text(fields[1], f"{where}.esID", _IA5),
            kind=prop.kind,
            name=prop.name,
            holder_certificates=prop.certificates,
            holder_digests=prop.digests,
            created_at=created,
            valid_from=valid_from,
            valid_to=valid_to,
            picture=self.picture(fields[3], f"{where}.picture"),
            extensions=extensions,
            maker_certificate=maker_certificate,
            maker_algorithm=maker_algorithm,
            maker_signature=maker_signature,
            signed_bytes=signed_bytes,
            time_stamp=time_stamp,
            leniencies=tuple(self.notes),
        )

    def _version(self, shape: int, declared: int, where: str) -> SealVersion:
        if shape == 2:
            version = SealVersion.V1
        elif shape == 5 or declared == 5:
            version = SealVersion.V5
        else:
            version = SealVersion.V4
        # v1 prints 'such as "11"' for its version, so only a number of another layout is a contradiction
        usual = {SealVersion.V1: (1, 11), SealVersion.V4: (4,), SealVersion.V5: (5,)}[version]
        if declared not in usual:
            self.note("version_number", f"{where}.header.version", str(declared))
        return version

    def property(self, tlv: Tlv, where: str, *, v1: bool) -> _Property:
        fields = self.parts(tlv, where, (6, 7))
        if v1 != (len(fields) == 6):
            raise _malformed(where, f"a property of {len(fields)} elements does not go with the rest of the seal")
        found = _Property(self.integer(fields[0], f"{where}.type"), self.text(fields[1], f"{where}.name", _UTF8))
        if v1:
            found.certificates = self._v1_holders(fields[2], f"{where}.certList")
        else:
            self._v4_holders(fields[2], fields[3], f"{where}.certList", found)
        expected = _UTC_TIME if v1 else _GENERALIZED_TIME
        names = ("createDate", "validStart", "validEnd")
        found.times = tuple(
            self.time(item, f"{where}.{name}", expected) for item, name in zip(fields[-3:], names, strict=True)
        )
        return found

    def _holder_items(self, tlv: Tlv, where: str) -> tuple[Tlv, ...]:
        items = self.parts(tlv, where, range(self.limits.elements + 1))
        if len(items) > self.limits.certificates:
            raise LimitExceeded("certificates", allowed=self.limits.certificates, found=len(items), where=where)
        return items

    def _v1_holders(self, tlv: Tlv, where: str) -> tuple[bytes, ...]:
        certificates = []
        for item in self._holder_items(tlv, where):
            if item.tag in _STRINGS:  # the text of 2014 also names a certID
                self.note("certificate_name_for_certificate", where, decode_string(item, where=where)[:40])
            else:
                certificates.append(self.octets(item, where))
        return tuple(certificates)

    def _v4_holders(self, kind: Tlv, tlv: Tlv, where: str, found: _Property) -> None:
        items = self._holder_items(tlv, where)
        match self.integer(kind, f"{where}Type"):
            case 1:
                found.certificates = tuple(self.octets(item, where) for item in items)
            case 2:
                found.digests = tuple(self._digest(item, where) for item in items)
            case other:
                raise _malformed(f"{where}Type", f"expected 1 or 2, found {other}")

    def _digest(self, tlv: Tlv, where: str) -> CertificateDigest:
        name, value = self.parts(tlv, where, (2,))
        return CertificateDigest(self.text(name, where, _PRINTABLE), self.octets(value, where))

    def picture(self, tlv: Tlv, where: str) -> SealPicture:
        fields = self.parts(tlv, where, (4,))
        width, height = (self.integer(item, where) for item in fields[2:])
        return SealPicture(self.octets(fields[1], where), self.text(fields[0], where, _IA5), width, height)

    # ------------------------------------------------------------------ value

    def value(self, tlv: Tlv, where: str) -> SealValue:
        fields = self.parts(tlv, where, (2, 4, 5))
        v1 = len(fields) == 2
        to_sign = self.unwrapped(fields[0], f"{where}.toSign")
        body = self.parts(to_sign, f"{where}.toSign", (7,) if v1 else (5, 6))
        seal = self.seal(body[1], f"{where}.eseal")
        if v1 != (seal.version is SealVersion.V1):
            raise _malformed(
                where, f"a value of {len(fields)} elements does not go with a seal of {seal.version.standard}"
            )
        declared = self.integer(body[0], f"{where}.version")
        if declared != seal.declared_version:
            self.note("version_numbers_differ", f"{where}.version", f"{declared} and {seal.declared_version}")
        signed_at, token = self.time_info(body[2], f"{where}.timeInfo", v1=v1)
        owner, algorithm, signature = (body[5], body[6], fields[1]) if v1 else (fields[1], fields[2], fields[3])
        extensions: tuple[SealExtension, ...] = ()
        if not v1 and len(body) == 6:
            if body[5].tag != _CONTEXT_0:
                raise _malformed(f"{where}.extDatas", f"expected [0], found tag 0x{body[5].tag:02x}")
            inner = read_one(body[5].content, limits=self.limits, where=f"{where}.extDatas")
            extensions = self.extensions(inner, f"{where}.extDatas")
        return SealValue(
            raw=tlv.raw,
            seal=seal,
            declared_version=declared,
            signed_at=signed_at,
            token=token,
            data_hash=self.data_hash(body[3], f"{where}.dataHash"),
            property_info=self.text(body[4], f"{where}.propertyInfo", _IA5),
            extensions=extensions,
            signer_certificate=self.octets(owner, f"{where}.cert"),
            algorithm=self.oid(algorithm, f"{where}.signatureAlgorithm"),
            signature=self.bits(signature, f"{where}.signature"),
            signed_bytes=to_sign.raw,
            time_stamp=self.token(fields[4], f"{where}.timeStamp") if len(fields) == 5 else None,
            leniencies=tuple(self.notes),
        )

    def data_hash(self, tlv: Tlv, where: str) -> bytes:
        value = self.bits(tlv, where)
        if tlv.tag == _BIT_STRING and len(value) in (30, 31):
            # an encoder that drops zero bits at the end drops whole octets of them too
            self.note("data_hash_cut", where, str(len(value)))
            return value.ljust(32, b"\x00")
        return value

    def time_info(self, tlv: Tlv, where: str, *, v1: bool) -> tuple[datetime | None, bytes | None]:
        expected = _UTC_TIME if v1 else _GENERALIZED_TIME
        if tlv.tag in (_UTC_TIME, _GENERALIZED_TIME):
            if v1:
                self.note("time_not_in_bit_string", where)
            return self.time(tlv, where, expected), None
        inner = self.bits(tlv, where)
        if not v1:
            self.note("time_in_bit_string", where)
        if inner[:1] == b"\x30":
            return None, inner
        if inner[:1] in (b"\x17", b"\x18"):
            item = read_one(inner, limits=self.limits, where=where)
            return self.time(item, where, expected), None
        value = _time_from_text(inner)
        if value is None:
            raise _malformed(where, "neither a time, a time-stamp token nor a text of a time")
        self.note("time_as_text", where, inner.decode("ascii", "replace"))
        return value, None


def _decodes(octets: bytes, charset: str) -> bool:
    try:
        octets.decode(charset)
    except UnicodeDecodeError:
        return False
    return True


def _time_from_text(octets: bytes) -> datetime | None:
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
        return _CHINA
    if text == "Z":
        return UTC
    sign = -1 if text[0] == "-" else 1
    return timezone(sign * timedelta(hours=int(text[1:3]), minutes=int(text[-2:])))
