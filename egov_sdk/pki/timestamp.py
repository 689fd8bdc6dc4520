"""Time stamps (时间戳) of GM/T 0033 and RFC 3161: read, verify, and make with a local authority."""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

from egov_sdk.crypto.der import (
    Tlv,
    boolean,
    children,
    decode_boolean,
    decode_integer,
    decode_oid,
    decode_time,
    expect,
    generalized_time,
    integer,
    null,
    octet_string,
    oid,
    read_one,
    sequence,
)
from egov_sdk.crypto.hashes import sm3
from egov_sdk.crypto.keys import Random
from egov_sdk.crypto.oids import GM_SIGNED_DATA, PKCS7_SIGNED_DATA, SHA1, SHA256, SM3
from egov_sdk.crypto.signer import Signer
from egov_sdk.errors import ParseError
from egov_sdk.limits import DEFAULT_ASN1_LIMITS, Asn1Limits
from egov_sdk.pki import _attributes
from egov_sdk.pki._message_build import build_message
from egov_sdk.pki._reader import algorithm_of
from egov_sdk.pki._signature import DIGESTS, WEAK_DIGESTS
from egov_sdk.pki.certificate import Certificate
from egov_sdk.pki.chain import TIME_STAMPING
from egov_sdk.pki.cms import SignedData, SignerFacts, SignerInfo, parse_signed_data, verify_signer
from egov_sdk.pki.facts import Fact, fact
from egov_sdk.report import Outcome, Text, worst
from egov_sdk.times import aware

__all__ = [
    "TIMESTAMP_LENIENCIES",
    "BoundCertificate",
    "LocalTSA",
    "TimeStampFacts",
    "TimeStampToken",
    "build_timestamp_request",
    "parse_token",
    "verify_token",
]

#: What real time stamps get wrong and is read all the same, besides what messages get wrong.
TIMESTAMP_LENIENCIES: Final = MappingProxyType(
    {
        "bound_by_sha1": Text("the signing certificate is named by SHA-1", "以 SHA-1 指明签名证书"),
        "response_instead_of_token": Text(
            "a whole response of the authority stands for the token", "用整个响应代替时间戳"
        ),
    }
)

_CODE: Final = "egov.pki.timestamp_malformed"
_WHERE: Final = "time stamp"
TST_INFO: Final = "1.2.840.113549.1.9.16.1.4"
_BOUND_V1: Final = "1.2.840.113549.1.9.16.2.12"
_BOUND_V2: Final = "1.2.840.113549.1.9.16.2.47"
_EXTENDED_KEY_USAGE: Final = "2.5.29.37"
#: Stands for "no policy in particular": a number of the example arc (RFC 7299 leaves none for this).
_DEFAULT_POLICY: Final = "2.999.1"


@dataclass(frozen=True, slots=True)
class BoundCertificate:
    """How a token names the certificate of its signer: by hash, and perhaps by serial number."""

    algorithm: str
    digest: bytes
    serial_number: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeStampToken:
    """A time stamp as written; nothing about it is verified.

    ``imprint`` is the digest of what was stamped, under ``imprint_algorithm``; ``accuracy`` is how
    far ``gen_time`` may be off, None where the authority does not say.
    """

    raw: bytes = field(repr=False)
    gen_time: datetime
    policy: str
    imprint: bytes
    imprint_algorithm: str
    serial_number: int
    accuracy: timedelta | None
    ordering: bool
    nonce: int | None
    bound_to: BoundCertificate | None
    signed_data: SignedData
    leniencies: tuple[str, ...]

    @property
    def signer(self) -> SignerInfo:
        """The authority's signature, the only one."""
        return self.signed_data.signers[0]

    @property
    def certificates(self) -> tuple[Certificate, ...]:
        """The certificates that came along."""
        return self.signed_data.certificates


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeStampFacts:
    """What was found about a time stamp; trust is asked of ``certificate`` with validate_chain.

    ``imprint`` says whether it is over these bytes, ``binding`` whether it names its certificate,
    ``usage`` whether that certificate is for time stamping alone.
    """

    certificate: Certificate | None
    imprint: Fact
    signature: Fact
    binding: Fact
    usage: Fact
    leniencies: tuple[str, ...]

    @property
    def outcome(self) -> Outcome:
        """The worst of the four."""
        return worst(each.outcome for each in (self.imprint, self.signature, self.binding, self.usage))


def parse_token(data: bytes, *, limits: Asn1Limits = DEFAULT_ASN1_LIMITS) -> TimeStampToken:
    """Read a token, or the response of an authority that holds one.

    Raises:
        ParseError: it is none, the authority refused, or it has not exactly one signer.
        LimitExceeded: too large, too deep, or too many certificates.
    Source:
        GM/T 0033-2014, 7.2; RFC 3161, 2.4.2.
    """
    data = bytes(data)
    token, leniencies = _token_of(data, limits)
    message = parse_signed_data(token, limits=limits)
    if message.inner_type != TST_INFO or message.content is None:
        raise _error(f"content type {message.inner_type} is no TSTInfo", expected=TST_INFO, found=message.inner_type)
    if len(message.signers) != 1:
        # GM/T 0033-2014, 7.2: only the signature of the authority
        raise _error(f"a token has 1 signer, found {len(message.signers)}", expected=1, found=len(message.signers))
    return _read_info(token, message, leniencies, limits)


def _error(message: str, *, expected: object = "", found: object = "") -> ParseError:
    return ParseError(message, where=_WHERE, code=_CODE, expected=expected, found=found)


def _token_of(data: bytes, limits: Asn1Limits) -> tuple[bytes, tuple[str, ...]]:
    """The token itself; a response begins with a SEQUENCE (its status), a token with a type."""
    if data[:2] == b"\x30\x80":
        return data, ()
    parts = children(read_one(data, limits=limits, where=_WHERE), where=_WHERE)
    if not parts or parts[0].tag != 0x30:
        return data, ()
    status = children(parts[0], where=_WHERE)
    if not status or decode_integer(status[0], where=_WHERE) not in (0, 1) or len(parts) != 2:
        raise _error("the authority refused to stamp", expected="granted", found=parts[0].content.hex())
    return parts[1].raw, ("response_instead_of_token",)


def _read_info(token: bytes, message: SignedData, leniencies: tuple[str, ...], limits: Asn1Limits) -> TimeStampToken:
    parts = list(children(expect(read_one(message.content or b"", where=_WHERE), 0x30, where=_WHERE), limits=limits))
    if len(parts) < 5 or decode_integer(parts[0], where=_WHERE) != 1:
        raise _error("not a TSTInfo of version 1")
    imprint = children(expect(parts[2], 0x30, where=_WHERE), where=_WHERE)
    if len(imprint) != 2:
        raise _error("an imprint has an algorithm and a digest")
    rest = parts[5:]
    accuracy = _accuracy(rest.pop(0)) if rest and rest[0].tag == 0x30 else None
    ordering = decode_boolean(rest.pop(0), where=_WHERE) if rest and rest[0].tag == 0x01 else False
    nonce = decode_integer(rest.pop(0), where=_WHERE) if rest and rest[0].tag == 0x02 else None
    if [part.tag for part in rest] not in ([], [0xA0], [0xA1], [0xA0, 0xA1]):
        raise _error("unexpected parts at the end of TSTInfo", found=", ".join(f"{part.tag:02x}" for part in rest))
    return TimeStampToken(
        raw=token,
        gen_time=decode_time(expect(parts[4], 0x18, where=_WHERE), where=_WHERE),
        policy=decode_oid(parts[1], where=_WHERE),
        imprint=expect(imprint[1], 0x04, where=_WHERE).content,
        imprint_algorithm=algorithm_of(imprint[0].raw)[0],
        serial_number=decode_integer(parts[3], where=_WHERE),
        accuracy=accuracy,
        ordering=ordering,
        nonce=nonce,
        bound_to=_bound_to(message.signers[0]),
        signed_data=message,
        leniencies=(*leniencies, *message.leniencies),
    )


def _accuracy(tlv: Tlv) -> timedelta:
    units = {0x02: "seconds", 0x80: "milliseconds", 0x81: "microseconds"}
    found: dict[str, int] = {}
    for part in children(tlv, where=_WHERE):
        unit = units.get(part.tag)
        if unit is None or unit in found or not 1 <= len(part.content) <= 4:
            raise _error("an accuracy has seconds, milliseconds and microseconds", found=f"{part.tag:02x}")
        found[unit] = int.from_bytes(part.content, "big", signed=True)
    if any(number < 0 for number in found.values()):
        raise _error("an accuracy is not negative")
    return timedelta(**found)


def verify_token(
    token: TimeStampToken, *, imprint_of: bytes, certificates: Iterable[Certificate] = ()
) -> TimeStampFacts:
    """Check a time stamp over the bytes that it should prove; trust and time of the chain are another question.

    Args:
        imprint_of: what was stamped: for a seal, the content octets of its signature BIT STRING.
        certificates: where else to look for the authority's certificate.
    Source:
        GM/T 0033-2014, 7.2; RFC 3161, 2.3 and 2.4.2; RFC 5816.
    """
    found = verify_signer(token.signed_data, token.signer, certificates=certificates)
    leniencies = [*token.leniencies, *found.leniencies]
    unknown = fact(Outcome.UNKNOWN, "signer_not_found")
    return TimeStampFacts(
        certificate=found.certificate,
        imprint=_check_imprint(token, imprint_of),
        signature=_check_signature(token, found),
        binding=_check_binding(token.bound_to, found.certificate, leniencies) if found.certificate else unknown,
        usage=_check_usage(found.certificate) if found.certificate else unknown,
        leniencies=tuple(dict.fromkeys(leniencies)),
    )


def _check_imprint(token: TimeStampToken, stamped: bytes) -> Fact:
    algorithm = token.imprint_algorithm
    if algorithm in WEAK_DIGESTS:
        return fact(Outcome.FAILED, "message_weak_algorithm", found=algorithm)
    if algorithm not in DIGESTS:
        return fact(Outcome.UNKNOWN, "message_algorithm_not_supported", found=algorithm)
    same = hmac.compare_digest(DIGESTS[algorithm](stamped), token.imprint)
    return fact(Outcome.PASSED, "imprint_matches") if same else fact(Outcome.FAILED, "imprint_differs")


def _check_signature(token: TimeStampToken, found: SignerFacts) -> Fact:
    if token.signer.signed_attributes_der is None:
        # RFC 5652, 5.3: a content that is not plain data asks for attributes
        return fact(Outcome.FAILED, "message_digest_missing")
    return found.signature if found.content.outcome is Outcome.PASSED else found.content


def _check_binding(bound: BoundCertificate | None, certificate: Certificate, leniencies: list[str]) -> Fact:
    if bound is None:
        return fact(Outcome.FAILED, "binding_missing")
    if bound.algorithm == SHA1:
        leniencies.append("bound_by_sha1")
    hashed = _hash(bound.algorithm, certificate.raw)
    if hashed is None:
        return fact(Outcome.UNKNOWN, "message_algorithm_not_supported", found=bound.algorithm)
    same = hmac.compare_digest(hashed, bound.digest) and bound.serial_number in (None, certificate.serial_number)
    return fact(Outcome.PASSED, "certificate_bound") if same else fact(Outcome.FAILED, "certificate_not_bound")


def _hash(algorithm: str, octets: bytes) -> bytes | None:
    if algorithm == SHA1:
        # to tell certificates apart, where only a second preimage would help a forger
        return hashlib.sha1(octets, usedforsecurity=False).digest()
    return DIGESTS[algorithm](octets) if algorithm in DIGESTS else None


def _bound_to(signer: SignerInfo) -> BoundCertificate | None:
    """What the attribute SigningCertificateV2, or else SigningCertificate, says of the signer's certificate."""
    value = _attributes.only_value(signer.signed_attributes, _BOUND_V2, where=_WHERE, code=_CODE)
    if value is not None:
        return _certificate_id(value, SHA256)
    value = _attributes.only_value(signer.signed_attributes, _BOUND_V1, where=_WHERE, code=_CODE)
    return _certificate_id(value, SHA1) if value is not None else None


def _certificate_id(value: Tlv, algorithm: str) -> BoundCertificate:
    """The first (ESSCertID or ESSCertIDv2) of the attribute, which is the signer's (RFC 5035, 3)."""
    outer = children(expect(value, 0x30, where=_WHERE), where=_WHERE)
    identifiers = children(expect(outer[0], 0x30, where=_WHERE), where=_WHERE) if outer else ()
    if not identifiers:
        raise _error("the attribute names no certificate")
    parts = list(children(expect(identifiers[0], 0x30, where=_WHERE), where=_WHERE))
    if algorithm == SHA256 and parts and parts[0].tag == 0x30:
        algorithm = algorithm_of(parts.pop(0).raw)[0]
    if not parts or parts[0].tag != 0x04:
        raise _error("the attribute holds no hash")
    digest = parts.pop(0).content
    if not parts:
        return BoundCertificate(algorithm, digest, None)
    issuer_serial = children(expect(parts[0], 0x30, where=_WHERE), where=_WHERE)
    if len(issuer_serial) != 2:
        raise _error("an issuer and a serial number are expected")
    return BoundCertificate(algorithm, digest, decode_integer(issuer_serial[1], where=_WHERE))


def _check_usage(certificate: Certificate) -> Fact:
    allowed = certificate.key_usage is None or certificate.key_usage & {"digitalSignature", "nonRepudiation"}
    if certificate.extended_key_usage != (TIME_STAMPING,) or not allowed:
        return fact(Outcome.FAILED, "time_stamping_not_allowed")
    extension = certificate.extension(_EXTENDED_KEY_USAGE)
    critical = extension is not None and extension.critical
    return fact(Outcome.PASSED, "time_stamping_allowed" if critical else "time_stamping_not_critical")


def build_timestamp_request(data: bytes, *, nonce: int | None = None, policy: str | None = None) -> bytes:
    """Ask an authority to stamp data by its SM3, and to send its certificate along.

    Source:
        RFC 3161, 2.4.1.
    """
    return sequence(
        integer(1),
        _imprint(data),
        oid(policy) if policy else b"",
        integer(nonce) if nonce is not None else b"",
        boolean(True),
    )


def _imprint(data: bytes) -> bytes:
    return sequence(sequence(oid(SM3), null()), octet_string(sm3(data)))


@dataclass(frozen=True, slots=True)
class LocalTSA:
    """A time-stamping authority of one's own, for tests and for places without another one.

    ``gm_oids`` chooses the outer type of GM/T 0010; otherwise that of PKCS#7.
    """

    signer: Signer
    certificate: Certificate
    policy: str = _DEFAULT_POLICY
    gm_oids: bool = True
    random: Random = field(default=os.urandom, repr=False)

    def stamp(self, data: bytes, *, at: datetime, nonce: int | None = None) -> bytes:
        """Stamp data by its SM3 as of ``at``; the token is DER.

        Raises:
            ValueError: ``at`` is naive, or the certificate is not the signer's.
        Source:
            GM/T 0033-2014, 7.2.
        """
        aware(at)
        serial = int.from_bytes(self.random(8), "big") | 1
        info = sequence(
            integer(1),
            oid(self.policy),
            _imprint(data),
            integer(serial),
            generalized_time(at),
            integer(nonce) if nonce is not None else b"",
        )
        bound = sequence(sequence(sequence(sequence(oid(SM3), null()), octet_string(sm3(self.certificate.raw)))))
        return build_message(
            self.signer,
            self.certificate,
            content=info,
            inner_type=TST_INFO,
            outer_type=GM_SIGNED_DATA if self.gm_oids else PKCS7_SIGNED_DATA,
            signing_time=at,
            extra=(_attributes.attribute(_BOUND_V2, bound),),
            random=self.random,
        )
