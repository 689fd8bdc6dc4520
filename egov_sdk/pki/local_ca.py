"""A certification authority of one's own, for tests, demonstrations and small houses."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from egov_sdk.crypto.der import (
    bit_string,
    context,
    encode_tlv,
    generalized_time,
    integer,
    octet_string,
    oid,
    sequence,
)
from egov_sdk.crypto.keyfiles import load_private_key
from egov_sdk.crypto.keys import Random, SM2PrivateKey, SM2PublicKey
from egov_sdk.crypto.oids import SHA1, SM2_SM3_SIGNATURE
from egov_sdk.crypto.signer import Signer
from egov_sdk.pki import _profiles as profiles
from egov_sdk.pki._attributes import x509_time
from egov_sdk.pki._profiles import CertificateKind
from egov_sdk.pki._signing import sign
from egov_sdk.pki.certificate import Certificate, Extension
from egov_sdk.pki.crl import CAUSES
from egov_sdk.pki.load import load_certificates
from egov_sdk.pki.name import Name
from egov_sdk.pki.ocsp import certificate_id
from egov_sdk.times import aware

__all__ = ["CertificateKind", "LocalCA", "Revoked"]

_ALGORITHM: Final = sequence(oid(SM2_SM3_SIGNATURE))  # parameters absent: GM/T 0092-2020
_BASIC_RESPONSE: Final = "1.3.6.1.5.5.7.48.1.1"


@dataclass(frozen=True, slots=True)
class Revoked:
    """One revocation: which certificate, when, and why (a word of ``crl.CAUSES``)."""

    serial_number: int
    at: datetime
    cause: str = "unspecified"

    def reason_number(self) -> int:
        """The number of the cause.

        Raises:
            ValueError: the cause is unknown.
        """
        for number, word in CAUSES.items():
            if word == self.cause:
                return number
        raise ValueError(f"cause must be one of {', '.join(CAUSES.values())}, got {self.cause!r}")


@dataclass(frozen=True, slots=True)
class LocalCA:
    """A CA: its certificate and whoever holds its key. It keeps no list of what it issued.

    With the same times and the same random source, an SM2PrivateKey gives the same octets again.
    """

    certificate: Certificate
    signer: Signer
    issuers: tuple[Certificate, ...] = ()
    random: Random = os.urandom

    def __post_init__(self) -> None:
        if self.certificate.public_key != self.signer.public_key():
            raise ValueError("the certificate holds another key than the signer's")
        if not self.certificate.is_ca:
            raise ValueError(f"{self.certificate.subject.text} is no CA")

    @classmethod
    def create_root(
        cls,
        name: str | Name,
        *,
        at: datetime,
        days: int = 3650,
        path_length: int | None = None,
        key: Signer | None = None,
        random: Random = os.urandom,
    ) -> LocalCA:
        """A root that signs itself, valid from ``at`` on.

        Args:
            name: a Name, a line such as ``CN=本地根,C=CN``, or the common name alone.
            key: its key; a new one is made when none is given.
        Raises:
            ValueError: the time is naive, the name is empty, or days is not positive.
        """
        signer = key if key is not None else SM2PrivateKey.generate(random=random)
        subject = _name(name)
        extensions = _extensions("ca", signer.public_key(), issuer=None, path_length=path_length)
        certificate = _certificate(
            signer, subject, subject, signer.public_key(), at=at, days=days, extensions=extensions, random=random
        )
        return cls(certificate, signer, (), random)

    @classmethod
    def from_files(
        cls, certificate: Path, key: Path, *, password: bytes | str | None = None, random: Random = os.urandom
    ) -> LocalCA:
        """The CA of a certificate file (its issuers may follow in it) and a key file.

        Raises:
            InputError: a file is malformed.
            KeyAccessError: the password is missing or wrong.
            OSError: a file cannot be read.
            ValueError: they do not belong together, or the certificate is no CA's.
        """
        first, *issuers = load_certificates(certificate.read_bytes())
        return cls(first, load_private_key(key.read_bytes(), password=password), tuple(issuers), random)

    @property
    def chain(self) -> tuple[Certificate, ...]:
        """Its own certificate, then those above it."""
        return (self.certificate, *self.issuers)

    def issue(
        self,
        kind: CertificateKind,
        subject: str | Name,
        public_key: SM2PublicKey,
        *,
        at: datetime,
        days: int = 365,
        path_length: int | None = None,
        crl_url: str | None = None,
        ocsp_url: str | None = None,
        extensions: Iterable[Extension] = (),
    ) -> Certificate:
        """Issue a certificate of one kind, valid from ``at`` on.

        Args:
            kind: ``ca``, ``seal_maker`` (制章人), ``signer``, ``encryption``, ``tsa`` or ``ocsp``.
            extensions: more extensions, such as those of GM/T 0015 for identities.
        Raises:
            ValueError: the kind is unknown, the time is naive, the subject is empty, days is not
                positive, or a path length is given for what is no CA.
        Source:
            GM/T 0015-2012; GB/T 20518-2018.
        """
        found = _extensions(
            kind, public_key, issuer=self.certificate, path_length=path_length, crl_url=crl_url, ocsp_url=ocsp_url
        )
        return _certificate(
            self.signer,
            self.certificate.subject,
            _name(subject),
            public_key,
            at=at,
            days=days,
            extensions=(*found, *extensions),
            random=self.random,
        )

    def subordinate(
        self,
        name: str | Name,
        *,
        at: datetime,
        days: int = 1825,
        path_length: int | None = None,
        key: Signer | None = None,
        crl_url: str | None = None,
        ocsp_url: str | None = None,
    ) -> LocalCA:
        """A CA beneath this one, with a key of its own.

        Raises:
            ValueError: as issue.
        """
        signer = key if key is not None else SM2PrivateKey.generate(random=self.random)
        certificate = self.issue(
            "ca",
            name,
            signer.public_key(),
            at=at,
            days=days,
            path_length=path_length,
            crl_url=crl_url,
            ocsp_url=ocsp_url,
        )
        return LocalCA(certificate, signer, self.chain, self.random)

    def crl(self, *, at: datetime, days: int = 7, revoked: Iterable[Revoked] = (), number: int = 1) -> bytes:
        """A full revocation list made at ``at``, in DER.

        Raises:
            ValueError: a time is naive, a cause is unknown, or days is not positive.
        Source:
            RFC 5280, 5.
        """
        _check(at, days)
        entries = [
            sequence(
                integer(each.serial_number),
                x509_time(each.at),
                sequence(sequence(oid("2.5.29.21"), octet_string(encode_tlv(0x0A, bytes((each.reason_number(),)))))),
            )
            for each in revoked
        ]
        numbers = sequence(oid("2.5.29.20"), octet_string(integer(number)))
        own_id = profiles.key_id(self.signer.public_key())
        authority = sequence(oid("2.5.29.35"), octet_string(sequence(encode_tlv(0x80, own_id))))
        tbs = sequence(
            integer(1),
            _ALGORITHM,
            self.certificate.subject.raw,
            x509_time(at),
            x509_time(at + timedelta(days=days)),
            sequence(*entries) if entries else b"",
            context(0, sequence(authority, numbers)),
        )
        return sequence(tbs, _ALGORITHM, bit_string(sign(self.signer, tbs, random=self.random)))

    def ocsp_response(
        self,
        certificates: Iterable[Certificate],
        *,
        at: datetime,
        days: int = 7,
        revoked: Iterable[Revoked] = (),
        responder: tuple[Certificate, Signer] | None = None,
        hash_algorithm: str = SHA1,
    ) -> bytes:
        """The status of certificates of this CA as of ``at``, in DER.

        Args:
            responder: a certificate of kind ``ocsp`` and its key; the CA itself answers when None.
            hash_algorithm: what certificates are named by, a dotted number.
        Raises:
            ValueError: a time is naive, a cause is unknown, or days is not positive.
        Source:
            RFC 6960, 4.2.
        """
        _check(at, days)
        at = at.replace(microsecond=0)  # RFC 6960 gives whole seconds
        gone = {each.serial_number: each for each in revoked}
        singles = [
            sequence(
                certificate_id(certificate, self.certificate, hash_algorithm=hash_algorithm),
                _status(gone.get(certificate.serial_number)),
                generalized_time(at),
                context(0, generalized_time(at + timedelta(days=days))),
            )
            for certificate in certificates
        ]
        own, signer = responder if responder is not None else (self.certificate, self.signer)
        tbs = sequence(context(1, own.subject.raw), generalized_time(at), sequence(*singles))
        held = context(0, sequence(own.raw)) if responder is not None else b""
        basic = sequence(tbs, _ALGORITHM, bit_string(sign(signer, tbs, random=self.random)), held)
        return sequence(encode_tlv(0x0A, b"\x00"), context(0, sequence(oid(_BASIC_RESPONSE), octet_string(basic))))


def _name(name: str | Name) -> Name:
    return name if isinstance(name, Name) else Name.from_text(name)


def _check(at: datetime, days: int) -> None:
    aware(at)
    if days <= 0:
        raise ValueError(f"days must be positive, got {days}")


def _status(revoked: Revoked | None) -> bytes:
    if revoked is None:
        return context(0, b"", constructed=False)
    reason = context(0, encode_tlv(0x0A, bytes((revoked.reason_number(),))))
    return context(1, generalized_time(revoked.at.replace(microsecond=0)) + reason)


def _extensions(
    kind: str,
    public_key: SM2PublicKey,
    *,
    issuer: Certificate | None,
    path_length: int | None = None,
    crl_url: str | None = None,
    ocsp_url: str | None = None,
) -> tuple[Extension, ...]:
    profile = profiles.PROFILES.get(kind)
    if profile is None:
        raise ValueError(f"kind must be one of {', '.join(profiles.PROFILES)}, got {kind!r}")
    if path_length is not None and (not profile.is_ca or path_length < 0):
        raise ValueError("a path length is a number from 0 on, for certificates of kind ca alone")
    issuer_key_id = None
    if issuer is not None:
        issuer_key_id = issuer.subject_key_id or profiles.key_id(issuer.public_key)
    marks = profiles.marks(public_key, issuer_key_id=issuer_key_id, crl_url=crl_url, ocsp_url=ocsp_url)
    return (*marks, *profiles.rights(profile, path_length=path_length))


def _certificate(
    signer: Signer,
    issuer: Name,
    subject: Name,
    public_key: SM2PublicKey,
    *,
    at: datetime,
    days: int,
    extensions: tuple[Extension, ...],
    random: Random,
) -> Certificate:
    _check(at, days)
    # 16 octets, the first neither zero nor with its high bit: positive, never shortened
    serial = int.from_bytes(random(16), "big") & ((1 << 127) - 1) | 1 << 126
    tbs = sequence(
        context(0, integer(2)),
        integer(serial),
        _ALGORITHM,
        issuer.raw,
        sequence(x509_time(at), x509_time(at + timedelta(days=days))),
        subject.raw,
        public_key.to_der(),
        context(3, sequence(*(profiles.encoded(each) for each in extensions))),
    )
    return Certificate.parse(sequence(tbs, _ALGORITHM, bit_string(sign(signer, tbs, random=random))))
