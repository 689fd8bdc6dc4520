"""Read SESeal and SES_Signature: told apart by shape, deviations of real files taken and named."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, TypeVar

from egov_sdk.caches import BoundedCache
from egov_sdk.crypto.der import (
    Tlv,
    ber_to_der,
    decode_string,
    read_one,
)
from egov_sdk.crypto.der import sequence as encode_sequence
from egov_sdk.errors import InputError, LimitExceeded, ParseError
from egov_sdk.limits import DEFAULT_ASN1_LIMITS, Asn1Limits
from egov_sdk.seal._gbt38540._elements import (
    BIT_STRING,
    CONTEXT_0,
    GENERALIZED_TIME,
    IA5,
    PRINTABLE,
    STRINGS,
    UTC_TIME,
    UTF8,
    ElementReader,
    malformed,
    time_from_text,
)
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


#: Seals with their bytes, to be compared, by length, end and how they were read; 16 MiB are about 200 ordinary ones.
_SEALS: Final[BoundedCache[tuple[str, int, bytes, Asn1Limits], tuple[bytes, ElectronicSeal]]] = BoundedCache(16 << 20)
#: So many octets at the end are of a signature or time stamp, and tell seals apart.
_END: Final = 64


@dataclass(slots=True)
class _Property:
    kind: int
    name: str
    certificates: tuple[bytes, ...] = ()
    digests: tuple[CertificateDigest, ...] = ()
    times: tuple[datetime, ...] = ()


class _Reader(ElementReader):
    """One reading of one seal or value."""

    def seal(self, tlv: Tlv, where: str) -> ElectronicSeal:
        """A seal, remembered by its bytes: the same one stands in every document that it stamped."""
        place = (where, len(tlv.raw), tlv.raw[-_END:], self.limits)
        known = _SEALS.get(place)
        if known is None or known[0] != tlv.raw:
            known = (tlv.raw, _Reader(self.limits)._seal(tlv, where))
            _SEALS.put(place, known, weight=3 * len(tlv.raw))
        seal = known[1]
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
        mark = self.text(header[0], f"{where}.header.ID", IA5)
        if mark != "ES":
            raise malformed(f"{where}.header.ID", f"expected 'ES', found {mark[:16]!r}")
        declared = self.integer(header[1], f"{where}.header.version")
        prop = self.property(fields[2], f"{where}.property", v1=shape == 2)
        extensions: tuple[SealExtension, ...] = ()
        if len(fields) == 5:
            extra = fields[4]
            if extra.tag == CONTEXT_0:
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
            vendor=self.text(header[2], f"{where}.header.Vid", IA5),
            seal_id=self.text(fields[1], f"{where}.esID", IA5),
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
            raise malformed(where, f"a property of {len(fields)} elements does not go with the rest of the seal")
        found = _Property(self.integer(fields[0], f"{where}.type"), self.text(fields[1], f"{where}.name", UTF8))
        if v1:
            found.certificates = self._v1_holders(fields[2], f"{where}.certList")
        else:
            self._v4_holders(fields[2], fields[3], f"{where}.certList", found)
        expected = UTC_TIME if v1 else GENERALIZED_TIME
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
            if item.tag in STRINGS:  # the text of 2014 also names a certID
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
                raise malformed(f"{where}Type", f"expected 1 or 2, found {other}")

    def _digest(self, tlv: Tlv, where: str) -> CertificateDigest:
        name, value = self.parts(tlv, where, (2,))
        return CertificateDigest(self.text(name, where, PRINTABLE), self.octets(value, where))

    def picture(self, tlv: Tlv, where: str) -> SealPicture:
        fields = self.parts(tlv, where, (4,))
        width, height = (self.integer(item, where) for item in fields[2:])
        return SealPicture(self.octets(fields[1], where), self.text(fields[0], where, IA5), width, height)

    def value(self, tlv: Tlv, where: str) -> SealValue:
        fields = self.parts(tlv, where, (2, 4, 5))
        v1 = len(fields) == 2
        to_sign = self.unwrapped(fields[0], f"{where}.toSign")
        body = self.parts(to_sign, f"{where}.toSign", (7,) if v1 else (5, 6))
        seal = self.seal(body[1], f"{where}.eseal")
        if v1 != (seal.version is SealVersion.V1):
            raise malformed(
                where, f"a value of {len(fields)} elements does not go with a seal of {seal.version.standard}"
            )
        declared = self.integer(body[0], f"{where}.version")
        if declared != seal.declared_version:
            self.note("version_numbers_differ", f"{where}.version", f"{declared} and {seal.declared_version}")
        signed_at, token = self.time_info(body[2], f"{where}.timeInfo", v1=v1)
        owner, algorithm, signature = (body[5], body[6], fields[1]) if v1 else (fields[1], fields[2], fields[3])
        extensions: tuple[SealExtension, ...] = ()
        if not v1 and len(body) == 6:
            if body[5].tag != CONTEXT_0:
                raise malformed(f"{where}.extDatas", f"expected [0], found tag 0x{body[5].tag:02x}")
            inner = read_one(body[5].content, limits=self.limits, where=f"{where}.extDatas")
            extensions = self.extensions(inner, f"{where}.extDatas")
        return SealValue(
            raw=tlv.raw,
            seal=seal,
            declared_version=declared,
            signed_at=signed_at,
            token=token,
            data_hash=self.data_hash(body[3], f"{where}.dataHash"),
            property_info=self.text(body[4], f"{where}.propertyInfo", IA5),
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
        if tlv.tag == BIT_STRING and len(value) in (30, 31):
            # an encoder that drops zero bits at the end drops whole octets of them too
            self.note("data_hash_cut", where, str(len(value)))
            return value.ljust(32, b"\x00")
        return value

    def time_info(self, tlv: Tlv, where: str, *, v1: bool) -> tuple[datetime | None, bytes | None]:
        expected = UTC_TIME if v1 else GENERALIZED_TIME
        if tlv.tag in (UTC_TIME, GENERALIZED_TIME):
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
        value = time_from_text(inner)
        if value is None:
            raise malformed(where, "neither a time, a time-stamp token nor a text of a time")
        self.note("time_as_text", where, inner.decode("ascii", "replace"))
        return value, None
