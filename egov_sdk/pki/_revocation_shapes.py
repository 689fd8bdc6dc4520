"""Shapes of revocation lists and OCSP responses for the fast DER reader."""

from __future__ import annotations

from typing import Annotated

from cryptography.hazmat import asn1
from cryptography.x509 import ObjectIdentifier

from egov_sdk.pki._x509 import ExtensionShape, PointNameShape


@asn1.sequence
class ListShape:
    tbs: asn1.TLV
    algorithm: asn1.TLV
    signature: asn1.BitString


@asn1.sequence
class EntryShape:
    serial: int
    revoked_at: asn1.UTCTime | asn1.GeneralizedTime
    extensions: list[ExtensionShape] | None


@asn1.sequence
class ListTbsShape:
    version: int | None
    algorithm: asn1.TLV
    issuer: asn1.TLV
    this_update: asn1.UTCTime | asn1.GeneralizedTime
    next_update: asn1.UTCTime | asn1.GeneralizedTime | None
    revoked: list[EntryShape] | None
    extensions: Annotated[list[ExtensionShape] | None, asn1.Explicit(0)]


@asn1.sequence
class ScopeShape:
    """IssuingDistributionPoint; FALSE may be written out."""

    point: Annotated[PointNameShape | None, asn1.Implicit(0)]
    only_user: Annotated[bool | None, asn1.Implicit(1)]
    only_ca: Annotated[bool | None, asn1.Implicit(2)]
    some_reasons: Annotated[asn1.BitString | None, asn1.Implicit(3)]
    indirect: Annotated[bool | None, asn1.Implicit(4)]
    only_attribute: Annotated[bool | None, asn1.Implicit(5)]


@asn1.sequence
class ResponseBytesShape:
    kind: ObjectIdentifier
    response: bytes


@asn1.sequence
class ResponseShape:
    status: asn1.TLV
    response: Annotated[ResponseBytesShape | None, asn1.Explicit(0)]


@asn1.sequence
class BasicResponseShape:
    tbs: asn1.TLV
    algorithm: asn1.TLV
    signature: asn1.BitString
    certificates: Annotated[list[asn1.TLV] | None, asn1.Explicit(0)]


@asn1.sequence
class CertificateIdShape:
    algorithm: asn1.TLV
    name_hash: bytes
    key_hash: bytes
    serial: int


@asn1.sequence
class SingleResponseShape:
    certificate_id: CertificateIdShape
    status: asn1.TLV
    this_update: asn1.GeneralizedTime
    next_update: Annotated[asn1.GeneralizedTime | None, asn1.Explicit(0)]
    extensions: Annotated[list[ExtensionShape] | None, asn1.Explicit(1)]


@asn1.sequence
class ResponseDataShape:
    version: Annotated[int | None, asn1.Explicit(0)]
    responder: asn1.TLV
    produced_at: asn1.GeneralizedTime
    responses: list[SingleResponseShape]
    extensions: Annotated[list[ExtensionShape] | None, asn1.Explicit(1)]
