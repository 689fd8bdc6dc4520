"""Shapes of RFC 5280 for the fast DER reader; where real certificates err, a field is left as a TLV."""

from __future__ import annotations

from typing import Annotated

from cryptography.hazmat import asn1
from cryptography.x509 import ObjectIdentifier

from egov_sdk.crypto.der import encode_tlv
from egov_sdk.errors import ParseError

URI = b"\x86"


@asn1.sequence
class CertificateShape:
    tbs: asn1.TLV
    algorithm: asn1.TLV
    signature: asn1.TLV


@asn1.sequence
class ValidityShape:
    not_before: asn1.TLV
    not_after: asn1.TLV


@asn1.sequence
class ExtensionShape:
    oid: ObjectIdentifier
    critical: bool | None  # not a DEFAULT: many write FALSE out
    value: bytes


@asn1.sequence
class TbsShape:
    version: Annotated[int | None, asn1.Explicit(0)]
    serial: asn1.TLV
    algorithm: asn1.TLV
    issuer: asn1.TLV
    validity: ValidityShape
    subject: asn1.TLV
    public_key: asn1.TLV
    issuer_id: Annotated[asn1.BitString | None, asn1.Implicit(1)]
    subject_id: Annotated[asn1.BitString | None, asn1.Implicit(2)]
    extensions: Annotated[list[ExtensionShape] | None, asn1.Explicit(3)]


@asn1.sequence
class PublicKeyShape:
    algorithm: asn1.TLV
    key: asn1.TLV


@asn1.sequence
class AttributeShape:
    oid: ObjectIdentifier
    value: asn1.TLV


@asn1.sequence
class NamesShape:
    """Issuer and subject put into one SEQUENCE, so that one call reads both."""

    issuer: list[asn1.SetOf[AttributeShape]]
    subject: list[asn1.SetOf[AttributeShape]]


@asn1.sequence
class BasicConstraintsShape:
    ca: bool | None  # not a DEFAULT: many write FALSE out
    path_length: int | None


@asn1.sequence
class PurposesShape:
    """ExtKeyUsageSyntax inside one more SEQUENCE: the reader takes no list at the root."""

    purposes: list[ObjectIdentifier]


@asn1.sequence
class AuthorityKeyShape:
    key_id: Annotated[bytes | None, asn1.Implicit(0)]
    issuer: Annotated[list[asn1.TLV] | None, asn1.Implicit(1)]
    serial: Annotated[int | None, asn1.Implicit(2)]


@asn1.sequence
class PointNameShape:
    """The explicit [0] around a CHOICE reads as an implicit SEQUENCE of its alternatives."""

    full: Annotated[list[asn1.TLV] | None, asn1.Implicit(0)]
    relative: Annotated[asn1.SetOf[asn1.TLV] | None, asn1.Implicit(1)]


@asn1.sequence
class DistributionPointShape:
    name: Annotated[PointNameShape | None, asn1.Implicit(0)]
    reasons: Annotated[asn1.BitString | None, asn1.Implicit(1)]
    crl_issuer: Annotated[list[asn1.TLV] | None, asn1.Implicit(2)]


@asn1.sequence
class DistributionPointsShape:
    points: list[DistributionPointShape]


@asn1.sequence
class AccessShape:
    method: ObjectIdentifier
    location: asn1.TLV


@asn1.sequence
class AccessesShape:
    accesses: list[AccessShape]


def raw_of(tlv: asn1.TLV) -> bytes:
    """The whole TLV as received: DER has one way to write a header.

    Raises:
        ParseError: its tag has the high form, or is none at all.
    """
    try:
        return encode_tlv(tlv.tag_bytes[0], bytes(tlv.data))
    except ValueError:
        raise ParseError(
            f"tag {tlv.tag_bytes.hex()} is not used here",
            code="egov.pki.certificate_malformed",
            found=tlv.tag_bytes.hex(),
        ) from None


def uris(names: list[asn1.TLV]) -> tuple[str, ...]:
    """The texts of the uniformResourceIdentifiers among GeneralNames."""
    return tuple(bytes(name.data).decode("latin-1") for name in names if name.tag_bytes == URI)
