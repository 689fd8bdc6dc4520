"""OCSP (在线证书状态协议): requests and responses; who may believe a response is decided in ``revocation``."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from cryptography.hazmat import asn1

from egov_sdk.crypto.der import children, decode_time, integer, null, octet_string, oid, read_one, sequence
from egov_sdk.crypto.hashes import sm3
from egov_sdk.crypto.oids import SHA1, SHA256, SM3
from egov_sdk.errors import LimitExceeded, ParseError
from egov_sdk.limits import DEFAULT_ASN1_LIMITS, Asn1Limits
from egov_sdk.pki import _x509 as x509
from egov_sdk.pki._reader import algorithm_of, key_octets, reason_of
from egov_sdk.pki._revocation_shapes import BasicResponseShape, ResponseDataShape, ResponseShape, SingleResponseShape
from egov_sdk.pki.certificate import Certificate
from egov_sdk.pki.crl import cause_of

__all__ = ["CertificateStatus", "OcspResponse", "build_ocsp_request"]

_CODE: Final = "egov.pki.response_malformed"
_BASIC: Final = "1.3.6.1.5.5.7.48.1.1"
_HASHES: Final = {
    # only to find a certificate by: the signature covers its serial number too
    SHA1: lambda octets: hashlib.sha1(octets, usedforsecurity=False).digest(),
    SHA256: lambda octets: hashlib.sha256(octets).digest(),
    SM3: sm3,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateStatus:
    """What a response says about one certificate; ``state`` is good, revoked or unknown."""

    hash_algorithm: str
    name_hash: bytes = field(repr=False)
    key_hash: bytes = field(repr=False)
    serial_number: int
    state: str
    revoked_at: datetime | None
    cause: str
    this_update: datetime
    next_update: datetime | None
    understood: bool

    def is_about(self, certificate: Certificate, issuer: Certificate) -> bool:
        """Whether this is the status of that certificate of that issuer."""
        digest = _HASHES.get(self.hash_algorithm)
        return (
            digest is not None
            and self.serial_number == certificate.serial_number
            and hmac.compare_digest(self.name_hash, digest(certificate.issuer.raw))
            and hmac.compare_digest(self.key_hash, digest(key_octets(issuer.public_key_info)))
        )


@dataclass(frozen=True, slots=True, eq=False, repr=False, kw_only=True)
class OcspResponse:
    """One successful response as written; nothing about it is verified.

    The responder is named by ``responder_name`` (octets) or ``responder_key_hash``, SHA-1 of its key.
    """

    raw: bytes
    tbs: bytes
    responder_name: bytes | None
    responder_key_hash: bytes | None
    produced_at: datetime
    statuses: tuple[CertificateStatus, ...]
    understood: bool
    signature_algorithm: str
    signature: bytes
    certificates: tuple[Certificate, ...]

    @classmethod
    def parse(cls, der: bytes, *, limits: Asn1Limits = DEFAULT_ASN1_LIMITS) -> OcspResponse:
        """Read a response in DER.

        Raises:
            ParseError: the octets are no OCSP response, or the responder answers with an error.
            LimitExceeded: too large, or too many certificates.
        Source:
            RFC 6960, 4.2.1.
        """
        if len(der) > limits.total_bytes:
            raise LimitExceeded("total_bytes", allowed=limits.total_bytes, found=len(der), where="OCSP response")
        try:
            return cls._read(bytes(der), limits)
        except ValueError as error:
            raise ParseError(f"not as DER should be: {reason_of(error)}", where="OCSP response", code=_CODE) from None

    @classmethod
    def _read(cls, der: bytes, limits: Asn1Limits) -> OcspResponse:
        outer = asn1.decode_der(ResponseShape, der)
        status = bytes(outer.status.data)
        if outer.status.tag_bytes != b"\x0a" or status != b"\x00" or outer.response is None:
            raise ParseError(f"the responder says no: status {status.hex()}", where="OCSP response", code=_CODE)
        if outer.response.kind.dotted_string != _BASIC:
            raise ParseError("not a basic response", where="OCSP response", code=_CODE)
        basic = asn1.decode_der(BasicResponseShape, outer.response.response)
        held = basic.certificates or []
        if len(held) > limits.certificates:
            raise LimitExceeded("certificates", allowed=limits.certificates, found=len(held), where="OCSP response")
        tbs = x509.raw_of(basic.tbs)
        data = asn1.decode_der(ResponseDataShape, tbs)
        name, key_hash = _responder(data.responder)
        return cls(
            raw=der,
            tbs=tbs,
            responder_name=name,
            responder_key_hash=key_hash,
            produced_at=data.produced_at.as_datetime(),
            statuses=tuple(_status(shape) for shape in data.responses),
            understood=not any(extension.critical for extension in data.extensions or ()),
            signature_algorithm=algorithm_of(x509.raw_of(basic.algorithm))[0],
            signature=basic.signature.as_bytes(),
            certificates=tuple(Certificate.parse(x509.raw_of(each), limits=limits) for each in held),
        )

    def is_by(self, certificate: Certificate) -> bool:
        """Whether that certificate is the responder that the response names."""
        if self.responder_name is not None:
            return self.responder_name == certificate.subject.raw
        key_hash = _HASHES[SHA1](key_octets(certificate.public_key_info))
        return self.responder_key_hash is not None and hmac.compare_digest(self.responder_key_hash, key_hash)

    def __repr__(self) -> str:
        return f"<OcspResponse of {self.produced_at:%Y-%m-%d}, {len(self.statuses)} certificates>"


def _responder(tlv: asn1.TLV) -> tuple[bytes | None, bytes | None]:
    inner = read_one(bytes(tlv.data), where="OCSP responder")
    if tlv.tag_bytes == b"\xa1" and inner.tag == 0x30:
        return inner.raw, None
    if tlv.tag_bytes == b"\xa2" and inner.tag == 0x04:
        return None, inner.content
    raise ParseError("a responder is a name or a key hash", where="OCSP responder", code=_CODE)


def _status(shape: SingleResponseShape) -> CertificateStatus:
    state = {b"\x80": "good", b"\xa1": "revoked", b"\x82": "unknown"}.get(shape.status.tag_bytes)
    if state is None:
        raise ParseError("a status is good, revoked or unknown", where="OCSP response", code=_CODE)
    revoked_at, cause = _revoked(shape.status) if state == "revoked" else (None, "")
    return CertificateStatus(
        hash_algorithm=algorithm_of(x509.raw_of(shape.certificate_id.algorithm))[0],
        name_hash=shape.certificate_id.name_hash,
        key_hash=shape.certificate_id.key_hash,
        serial_number=shape.certificate_id.serial,
        state=state,
        revoked_at=revoked_at,
        cause=cause,
        this_update=shape.this_update.as_datetime(),
        next_update=shape.next_update.as_datetime() if shape.next_update else None,
        understood=not any(extension.critical for extension in shape.extensions or ()),
    )


def _revoked(tlv: asn1.TLV) -> tuple[datetime, str]:
    parts = children(read_one(x509.raw_of(tlv), where="OCSP response"), where="OCSP response")
    if not parts:
        raise ParseError("a revocation has a time", where="OCSP response", code=_CODE)
    reason = parts[1].content if len(parts) == 2 and parts[1].tag == 0xA0 else None
    return decode_time(parts[0], where="OCSP response"), cause_of(reason)


def certificate_id(certificate: Certificate, issuer: Certificate, *, hash_algorithm: str) -> bytes:
    """The encoded CertID."""
    digest = _HASHES[hash_algorithm]
    return sequence(
        sequence(oid(hash_algorithm), null()),
        octet_string(digest(certificate.issuer.raw)),
        octet_string(digest(key_octets(issuer.public_key_info))),
        integer(certificate.serial_number),
    )


def build_ocsp_request(certificate: Certificate, issuer: Certificate, *, hash_algorithm: str = SHA1) -> bytes:
    """Ask for the status of one certificate.

    Args:
        hash_algorithm: what to name the issuer by; every responder takes SHA-1, those of the SM world SM3 too.
    Raises:
        ValueError: the hash algorithm is unknown.
    Source:
        RFC 6960, 4.1.1.
    """
    if hash_algorithm not in _HASHES:
        raise ValueError(f"hash_algorithm must be one of {', '.join(_HASHES)}, got {hash_algorithm!r}")
    request = sequence(certificate_id(certificate, issuer, hash_algorithm=hash_algorithm))
    return sequence(sequence(sequence(request)))
