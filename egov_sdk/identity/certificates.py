"""Signing in with an SM2 certificate (证书登录): a site asks, the key in a file or USB token signs, the site verifies.

What is signed names the site, so that an answer that one site got is of no use at another.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Final
from urllib.parse import urlsplit

from pydantic import AwareDatetime, Field

from egov_sdk.codes.kinds import KIND_NAMES
from egov_sdk.crypto import InvalidSignature, Signer
from egov_sdk.crypto.signer import sign_message
from egov_sdk.errors import InputError, ParseError
from egov_sdk.gateway.replay import ReplayStore
from egov_sdk.identity.callbacks import Random, new_secret
from egov_sdk.identity.checks import CERTIFICATE_CHECKS
from egov_sdk.identity.identifiers import CertificateIdentity, read_identity
from egov_sdk.identity.model import Assurance, AuthMethod, Holder, IdentityLevel, LegalPerson, UserInfo, _Word
from egov_sdk.identity.problems import shown
from egov_sdk.identity.trusting import CertificateTrust, check_certificate
from egov_sdk.pki import Certificate
from egov_sdk.report import Check, Outcome, Report, Text
from egov_sdk.times import aware

__all__ = ["CertificateAnswer", "CertificateSignIn", "Challenge", "answer_challenge", "new_challenge", "verify_answer"]

_FORMAT: Final = "egov-sm2:1.0"
_ALGORITHM: Final = "SGD_SM3_SM2"
_ANSWER_BYTES: Final = 64 << 10
_INTERMEDIATES: Final = 8
_SIGNATURE_BYTES: Final = 72
_MOST_LIFE: Final = timedelta(hours=1)
_MEMBERS: Final = frozenset(
    {"format", "unverifiedCertificate", "algorithm", "signature", "origin", "unverifiedIntermediates"}
)
_CHECK: Final = CERTIFICATE_CHECKS.check
_HOLDERS: Final = {True: Text("organisation", "单位"), False: Text("person", "个人")}


class Challenge(_Word):
    """What a site asks a certificate's holder to sign (挑战). Keep it on the server under the browser's session."""

    value: Annotated[str, Field(min_length=43, max_length=128, pattern=r"^[A-Za-z0-9_-]+$")]
    origin: Annotated[str, Field(max_length=512)]
    issued_at: AwareDatetime
    expires_at: AwareDatetime

    @property
    def to_sign(self) -> bytes:
        """The octets that are signed; no other use of such a key signs octets that begin like these."""
        return signed_octets(self.origin, self.value)


def signed_octets(origin: str, value: str) -> bytes:
    return f"egov certificate sign-in 1\n{origin}\n{value}".encode()


def checked_origin(origin: str) -> str:
    """An origin as browsers write it.

    Raises:
        ValueError: it is something else.
    """
    parts = urlsplit(origin)
    host = parts.hostname or ""
    secure = parts.scheme == "https" or (parts.scheme == "http" and host in ("localhost", "127.0.0.1", "::1"))
    if not secure or not host or origin != f"{parts.scheme}://{parts.netloc}" or "@" in origin or not origin.isascii():
        raise ValueError("an origin is https:// and a host, with nothing behind it; http:// is for localhost only")
    if origin != origin.lower():
        raise ValueError("an origin is written in small letters")
    return origin


def new_challenge(
    origin: str, *, at: datetime, life: timedelta = timedelta(minutes=5), random: Random = os.urandom
) -> Challenge:
    """A challenge of 256 random bits for one site.

    Args:
        origin: the site as browsers write it, such as ``https://hall.example.gov.cn``.
    Raises:
        ValueError: the time is naive, the life is not positive or longer than an hour, or it is no origin.
    """
    aware(at)
    if not timedelta(0) < life <= _MOST_LIFE:
        raise ValueError("a challenge lives for more than nothing and at most an hour")
    return Challenge(value=new_secret(random), origin=checked_origin(origin), issued_at=at, expires_at=at + life)


def answer_challenge(
    challenge: Challenge, *, signer: Signer, certificate: Certificate, intermediates: Iterable[Certificate] = ()
) -> str:
    """Sign a challenge, with a key in a file or in a USB token (UKey) behind a Signer.

    Whoever calls this has made sure that the challenge comes from the site that it names.

    Returns:
        JSON.
    Raises:
        ValueError: the certificate is not the signer's.
    """
    if certificate.public_key != signer.public_key():
        raise ValueError("the certificate holds another key than the signer's")
    answer = {
        "format": _FORMAT,
        "unverifiedCertificate": base64.b64encode(certificate.raw).decode("ascii"),
        "algorithm": _ALGORITHM,
        "signature": base64.b64encode(sign_message(signer, challenge.to_sign)).decode("ascii"),
        "origin": challenge.origin,
        "unverifiedIntermediates": [base64.b64encode(one.raw).decode("ascii") for one in intermediates],
    }
    return json.dumps(answer)


@dataclass(frozen=True, slots=True)
class CertificateAnswer:
    """An answer to a challenge as it was read; nothing in it is believed yet."""

    certificate_unverified: Certificate
    intermediates_unverified: tuple[Certificate, ...]
    origin_unverified: str
    signature: bytes

    @classmethod
    def parse(cls, answer: str | bytes) -> CertificateAnswer:
        """Read an answer.

        Raises:
            ParseError: it is something else; egov.identity.answer.
        """
        octets = answer.encode("utf-8", "surrogatepass") if isinstance(answer, str) else bytes(answer)
        if len(octets) > _ANSWER_BYTES:
            raise _malformed(f"{len(octets)} bytes")
        try:
            found = json.loads(octets)
        except (ValueError, RecursionError):
            raise _malformed("no JSON") from None
        if not isinstance(found, dict) or found.keys() - _MEMBERS:
            raise _malformed("no object, or members that are not known")
        if found.get("format") != _FORMAT or found.get("algorithm") != _ALGORITHM:
            raise _malformed("another format or algorithm")
        others = found.get("unverifiedIntermediates", [])
        if not isinstance(others, list) or len(others) > _INTERMEDIATES or not isinstance(found.get("origin"), str):
            raise _malformed("no origin, or too many certificates")
        signature = _octets(found.get("signature"))
        if len(signature) > _SIGNATURE_BYTES:
            raise _malformed("a signature that is too long")
        try:
            certificate = Certificate.parse(_octets(found.get("unverifiedCertificate")))
            intermediates = tuple(Certificate.parse(_octets(one)) for one in others)
        except InputError as error:
            raise _malformed(f"a certificate that cannot be read: {error.code}") from None
        return cls(certificate, intermediates, found["origin"], signature)


def _octets(text: object) -> bytes:
    if not isinstance(text, str) or not text.isascii():
        raise _malformed("something else than Base64")
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise _malformed("something else than Base64") from None


def _malformed(found: str) -> ParseError:
    return ParseError(f"not an answer to a challenge: {found}", code="egov.identity.answer", found=found)


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateSignIn:
    """What came of an answer: the report, and whom the certificate names, which holds only if the report passed."""

    report: Report
    certificate_unverified: Certificate | None
    identity_unverified: CertificateIdentity | None
    proves: IdentityLevel

    def require(self) -> UserInfo:
        """Who has signed in.

        Raises:
            VerificationError: a required check has not passed; it carries the report.
        """
        self.report.require()
        holder: Holder | None = self.identity_unverified.holder_unverified if self.identity_unverified else None
        assert holder is not None
        assert self.certificate_unverified is not None
        assurance = Assurance(
            level=self.proves,
            method=AuthMethod.CERTIFICATE,
            authenticated_at=self.report.verified_at,
            raw={"certificate": self.certificate_unverified.fingerprint},
        )
        return UserInfo(holder=holder, assurance=assurance, issuer=self.certificate_unverified.issuer.text[:512])


def verify_answer(
    answer: str | bytes,
    *,
    challenge: Challenge,
    origin: str,
    trusting: CertificateTrust,
    replay: ReplayStore,
    at: datetime,
    proves: IdentityLevel = IdentityLevel.UNKNOWN,
) -> CertificateSignIn:
    """Verify an answer to a challenge; what a stranger sent is told in the report and never raised.

    Args:
        challenge: the one that this browser was given.
        origin: the site that verifies.
        replay: remembers challenges that were answered.
        proves: the level at which the trusted CAs have identified people; UNKNOWN where that is not laid down.
    Raises:
        ValueError: ``at`` has no time zone, or it is no origin.
    """
    aware(at)
    judge = _Judge(challenge, checked_origin(origin), trusting, replay, at)
    try:
        read: CertificateAnswer | None = CertificateAnswer.parse(answer)
        checks = [_CHECK("integrity.answer", Outcome.PASSED, "ok")]
    except ParseError as error:
        read = None
        checks = [_CHECK("integrity.answer", Outcome.FAILED, "malformed", found=shown(error.detail["found"]))]
    identity = read_identity(read.certificate_unverified) if read is not None else None
    checks += judge.checks(read, identity)
    report = Report(
        "sign-in with a certificate", at, "certificate-sign-in/1", tuple(checks), frozenset(CERTIFICATE_CHECKS.rows)
    )
    certificate = read.certificate_unverified if read is not None else None
    return CertificateSignIn(
        report=report, certificate_unverified=certificate, identity_unverified=identity, proves=proves
    )


@dataclass(frozen=True, slots=True)
class _Judge:
    challenge: Challenge
    origin: str
    trusting: CertificateTrust
    replay: ReplayStore
    at: datetime

    def checks(self, read: CertificateAnswer | None, identity: CertificateIdentity | None) -> Iterator[Check]:
        if read is None or identity is None:
            for name in ("integrity.signature", "binding.origin", "binding.challenge", "binding.holder"):
                yield _CHECK(name, Outcome.UNKNOWN, "not_reached")
            yield from check_certificate(None, self.trusting, table=CERTIFICATE_CHECKS, at=self.at)
            yield _CHECK("coverage.identity", Outcome.UNKNOWN, "not_reached")
            return
        signature = self._signature(read)
        yield signature
        yield self._origin(read)
        yield self._fresh(signed=signature.outcome is Outcome.PASSED)
        yield _holder(identity)
        yield from check_certificate(
            read.certificate_unverified,
            self.trusting,
            table=CERTIFICATE_CHECKS,
            at=self.at,
            intermediates=read.intermediates_unverified,
        )
        yield _coverage(identity)

    def _signature(self, read: CertificateAnswer) -> Check:
        certificate = read.certificate_unverified
        if not certificate.is_sm2:
            return _CHECK("integrity.signature", Outcome.FAILED, "not_sm2")
        # the site's own words, not those of the answer
        expected = signed_octets(self.origin, self.challenge.value)
        form = "raw" if len(read.signature) == 64 else "der"
        try:
            certificate.public_key.verify(read.signature, expected, form=form)  # type: ignore[arg-type]  # one of both
        except (InvalidSignature, InputError):
            return _CHECK("integrity.signature", Outcome.FAILED, "signature")
        return _CHECK("integrity.signature", Outcome.PASSED, "ok")

    def _origin(self, read: CertificateAnswer) -> Check:
        for origin in (read.origin_unverified, self.challenge.origin):
            if origin != self.origin:
                return _CHECK("binding.origin", Outcome.FAILED, "origin", found=shown(origin), expected=self.origin)
        return _CHECK("binding.origin", Outcome.PASSED, "ok", expected=self.origin)

    def _fresh(self, *, signed: bool) -> Check:
        name, until = "binding.challenge", self.challenge.expires_at
        now = self.at.isoformat()
        if self.at >= until:
            return _CHECK(name, Outcome.FAILED, "expired", expected=until.isoformat(), found=now)
        if self.at < self.challenge.issued_at:
            issued = self.challenge.issued_at.isoformat()
            return _CHECK(name, Outcome.FAILED, "of_the_future", expected=issued, found=now)
        if not signed:
            # a stranger's bad answer must not use up the challenge of somebody else
            return _CHECK(name, Outcome.UNKNOWN, "not_reached")
        first = self.replay.first_use(
            f"certificate-sign-in:{self.challenge.value}", until_s=until.timestamp(), now_s=self.at.timestamp()
        )
        if not first:
            return _CHECK(name, Outcome.FAILED, "replayed")
        return _CHECK(name, Outcome.PASSED, "ok", expected=until.isoformat())


def _holder(identity: CertificateIdentity) -> Check:
    named = identity.organization or identity.person
    if not named:
        return _CHECK("binding.holder", Outcome.FAILED, "nobody")
    if named[0].kind is None:
        return _CHECK("binding.holder", Outcome.UNKNOWN, "number")
    is_legal = isinstance(identity.holder_unverified, LegalPerson)
    return _CHECK("binding.holder", Outcome.PASSED, "ok", found=_HOLDERS[is_legal])


def _coverage(identity: CertificateIdentity) -> Check:
    if identity.unread:
        return _CHECK("coverage.identity", Outcome.UNKNOWN, "unread", found=", ".join(identity.unread))
    if identity.contradictory:
        kind = KIND_NAMES[identity.contradictory[0]]
        return _CHECK("coverage.identity", Outcome.FAILED, "contradictory", found=kind)
    count = len(identity.person) + len(identity.organization)
    return _CHECK("coverage.identity", Outcome.PASSED, "ok", count=count, found=", ".join(identity.leniencies) or "-")
