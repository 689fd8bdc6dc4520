"""Reading SignedData: the structure alone, in DER or BER."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from egov_sdk.crypto.der import Tlv, ber_to_der, children, decode_integer, decode_oid, encode_tlv, expect, read_one
from egov_sdk.crypto.oids import GM_SIGNED_DATA, PKCS7_SIGNED_DATA
from egov_sdk.errors import LimitExceeded, ParseError
from egov_sdk.limits import Asn1Limits
from egov_sdk.pki import _attributes as attributes
from egov_sdk.pki._attributes import CmsAttribute
from egov_sdk.pki._reader import algorithm_of
from egov_sdk.pki.certificate import Certificate
from egov_sdk.pki.name import Name

CODE: Final = "egov.pki.message_malformed"
WHERE: Final = "SignedData"
_SIGNED_DATA: Final = frozenset((GM_SIGNED_DATA, PKCS7_SIGNED_DATA))


@dataclass(frozen=True, slots=True, kw_only=True)
class SignerInfo:
    """One signer of a message, as written.

    The certificate is named by ``issuer_raw`` and ``serial``, or by ``subject_key_id`` alone.
    ``signed_attributes_der`` is the SET OF that the signature covers, or None without attributes.
    """

    version: int
    issuer_raw: bytes | None = field(repr=False)
    serial: int | None
    subject_key_id: bytes | None
    digest_algorithm: str
    signature_algorithm: str
    signed_attributes_der: bytes | None = field(repr=False)
    signed_attributes: tuple[CmsAttribute, ...]
    unsigned_attributes: tuple[CmsAttribute, ...]
    content_type: str | None
    message_digest: bytes | None
    signing_time: datetime | None
    signature: bytes = field(repr=False)

    def names(self, certificate: Certificate) -> bool:
        """Whether this certificate is the one that the signer is said to have."""
        if self.issuer_raw is None:
            return self.subject_key_id is not None and self.subject_key_id == certificate.subject_key_id
        return self.serial == certificate.serial_number and Name(self.issuer_raw).matches(certificate.issuer)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedData:
    """A signed message (签名数据) of GM/T 0010, GB/T 35275, PKCS#7 or CMS, as written.

    ``ber`` says that it was BER and not DER. ``content`` is None when the message is detached.
    ``leniencies`` holds the codes of what was read although a standard forbids it.
    """

    content_type: str
    ber: bool
    version: int
    digest_algorithms: tuple[str, ...]
    inner_type: str
    inner_raw: bytes = field(repr=False)
    content: bytes | None = field(repr=False)
    certificates: tuple[Certificate, ...]
    crls: tuple[bytes, ...] = field(repr=False)
    signers: tuple[SignerInfo, ...]
    leniencies: tuple[str, ...]

    @property
    def gm_oids(self) -> bool:
        """Whether the outer type is the one of GM/T 0010."""
        return self.content_type == GM_SIGNED_DATA


def error(message: str, tlv: Tlv | None = None, *, expected: object = "", found: object = "") -> ParseError:
    place = f"{WHERE}, byte {tlv.offset}" if tlv else WHERE
    return ParseError(message, where=place, code=CODE, expected=expected, found=found)


def parts_of(tlv: Tlv, tag: int, at_least: int, limits: Asn1Limits) -> list[Tlv]:
    parts = list(children(expect(tlv, tag, where=WHERE), limits=limits, where=WHERE))
    if len(parts) < at_least:
        raise error(f"expected {at_least} parts, found {len(parts)}", tlv, expected=at_least, found=len(parts))
    return parts


def read(data: bytes, limits: Asn1Limits) -> SignedData:
    """Read DER as it is; only what cannot be read so is taken for BER, which costs a walk over all of it."""
    refused: ParseError | None = None
    try:
        message = _read(data, limits, ber=False)
        if "certificate_unreadable" not in message.leniencies:
            return message
    except ParseError as error:
        refused = error
    der, ber = ber_to_der(data, limits=limits, where=WHERE)
    if ber:
        return _read(der, limits, ber=True)
    if refused:
        raise refused
    return message


def _read(data: bytes, limits: Asn1Limits, *, ber: bool) -> SignedData:
    outer = parts_of(read_one(data, limits=limits, where=WHERE), 0x30, 2, limits)
    content_type = decode_oid(outer[0], where=WHERE)
    if content_type not in _SIGNED_DATA or len(outer) != 2:
        raise error(f"content type {content_type} is not signedData", outer[0], found=content_type)
    body = parts_of(outer[1], 0xA0, 1, limits)
    if len(body) != 1:
        raise error("more than one value in the content", outer[1])
    return MessageReader(limits, ber, content_type).read(body[0])


class MessageReader:
    """Reads the parts that messages have in common, and collects the leniencies."""

    def __init__(self, limits: Asn1Limits, ber: bool, content_type: str) -> None:
        self.limits, self.ber, self.content_type = limits, ber, content_type
        self.leniencies: list[str] = []

    def read(self, tlv: Tlv) -> SignedData:
        parts = parts_of(tlv, 0x30, 4, self.limits)
        version = decode_integer(parts[0], where=WHERE)
        digests = parts_of(parts[1], 0x31, 0, self.limits)
        inner_type, content = self.inner(parts[2])
        certificates: tuple[Certificate, ...] = ()
        crls: tuple[bytes, ...] = ()
        rest = parts[3:]
        if rest[0].tag == 0xA0:
            certificates = self.certificates(rest.pop(0))
        if rest and rest[0].tag == 0xA1:
            crls = tuple(part.raw for part in children(rest.pop(0), limits=self.limits, where=WHERE))
        if len(rest) != 1:
            raise error("expected the signers as the last part", tlv)
        return SignedData(
            content_type=self.content_type,
            ber=self.ber,
            version=version,
            digest_algorithms=tuple(algorithm(part) for part in digests),
            inner_type=inner_type,
            inner_raw=parts[2].raw,
            content=content,
            certificates=certificates,
            crls=crls,
            signers=self.signers(rest[0]),
            leniencies=self.named_leniencies(),
        )

    def named_leniencies(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*(("ber",) if self.ber else ()), *self.leniencies)))

    def signers(self, tlv: Tlv) -> tuple[SignerInfo, ...]:
        parts = parts_of(tlv, 0x31, 0, self.limits)
        if len(parts) > self.limits.certificates:
            raise LimitExceeded(
                "certificates", allowed=self.limits.certificates, found=f"{len(parts)} signers", where=WHERE
            )
        return tuple(self.signer(part) for part in parts)

    def inner(self, tlv: Tlv) -> tuple[str, bytes | None]:
        parts = parts_of(tlv, 0x30, 1, self.limits)
        inner_type = decode_oid(parts[0], where=WHERE)
        if len(parts) == 1:
            return inner_type, None
        wrapped = parts_of(parts[1], 0xA0, 1, self.limits)
        if len(parts) != 2 or len(wrapped) != 1:
            raise error("expected one content", tlv)
        if wrapped[0].tag == 0x24:
            raise error("the content is cut into pieces, which DER does not allow", wrapped[0])
        if wrapped[0].tag != 0x04:
            # PKCS#7 v1.5 lets the content be any type; what is signed is its value octets
            self.leniencies.append("content_not_octet_string")
        return inner_type, wrapped[0].content

    def certificates(self, tlv: Tlv) -> tuple[Certificate, ...]:
        parts = children(tlv, limits=self.limits, where=WHERE)
        if len(parts) > self.limits.certificates:
            raise LimitExceeded("certificates", allowed=self.limits.certificates, found=len(parts), where=WHERE)
        found = []
        for part in parts:
            try:
                found.append(Certificate.parse(part.raw, limits=self.limits))
            except ParseError:
                # an attribute certificate, or one that nobody may need: without it the chain will not build
                self.leniencies.append("certificate_unreadable")
        return tuple(dict.fromkeys(found))

    def signer(self, tlv: Tlv) -> SignerInfo:
        parts = parts_of(tlv, 0x30, 5, self.limits)
        version = decode_integer(parts.pop(0), where=WHERE)
        issuer_raw, serial, key_id = self.signer_id(parts.pop(0))
        digest_algorithm = algorithm(parts.pop(0))
        signed_der: bytes | None = None
        signed: tuple[CmsAttribute, ...] = ()
        if parts[0].tag == 0xA0:
            signed_tlv = parts.pop(0)
            signed = attributes.read_attributes(signed_tlv, where=WHERE, code=CODE)
            # what is signed has the tag of a SET OF instead of the implicit one
            signed_der = encode_tlv(0x31, signed_tlv.content)
        unsigned: tuple[CmsAttribute, ...] = ()
        if len(parts) == 3 and parts[2].tag == 0xA1:
            unsigned = attributes.read_attributes(parts.pop(), where=WHERE, code=CODE)
        if len(parts) != 2:
            raise error("expected a signature algorithm and a signature", tlv)
        return SignerInfo(
            version=version,
            issuer_raw=issuer_raw,
            serial=serial,
            subject_key_id=key_id,
            digest_algorithm=digest_algorithm,
            signature_algorithm=algorithm(parts[0]),
            signed_attributes_der=signed_der,
            signed_attributes=signed,
            unsigned_attributes=unsigned,
            content_type=attributes.content_type(signed, where=WHERE, code=CODE),
            message_digest=attributes.message_digest(signed, where=WHERE, code=CODE),
            signing_time=attributes.signing_time(signed, where=WHERE, code=CODE),
            signature=expect(parts[1], 0x04, where=WHERE).content,
        )

    def signer_id(self, tlv: Tlv) -> tuple[bytes | None, int | None, bytes | None]:
        if tlv.tag == 0x80:
            return None, None, tlv.content
        parts = parts_of(tlv, 0x30, 2, self.limits)
        _ = Name(expect(parts[0], 0x30, where=WHERE).raw).text  # a name it must be
        # as the certificate reader does, a serial number with superfluous octets is taken
        serial = int.from_bytes(expect(parts[1], 0x02, where=WHERE).content, "big", signed=True)
        return parts[0].raw, serial, None


def algorithm(tlv: Tlv) -> str:
    return algorithm_of(tlv.raw)[0]
