"""Was a certificate revoked? Lists and OCSP responses are believed only as far as RFC 5280 and RFC 6960 go."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import pairwise
from typing import Final, Literal, Protocol

from cryptography.hazmat import asn1

from egov_sdk.crypto.der import sequence
from egov_sdk.errors import EgovError, InputError, ParseError
from egov_sdk.pki import _x509 as x509
from egov_sdk.pki._edges import Edges
from egov_sdk.pki._remember import remembered
from egov_sdk.pki._signature import Verdict
from egov_sdk.pki._structure import Path
from egov_sdk.pki.certificate import Certificate
from egov_sdk.pki.crl import ListScope, RevocationList
from egov_sdk.pki.facts import Fact, fact
from egov_sdk.pki.ocsp import CertificateStatus, OcspResponse, build_ocsp_request
from egov_sdk.pki.trust import TrustStore
from egov_sdk.report import Outcome

__all__ = ["Fetch", "RevocationFacts", "RevocationSources", "check_revocation"]

OCSP_SIGNING: Final = "1.3.6.1.5.5.7.3.9"
_NO_INFORMATION: Final = "no_information"
_NO_CHECK: Final = "1.3.6.1.5.5.7.48.1.5"
_DISTRIBUTION_POINTS: Final = "2.5.29.31"


class Fetch(Protocol):
    """Gets revocation information from an http or https address; the caller decides about hosts and time-outs."""

    def __call__(self, url: str, body: bytes | None = None, /) -> bytes:
        """The octets at the address: GET without a body, POST of an OCSP request with one.

        Raises:
            OSError: it could not be had; EgovError counts the same.
        """


@dataclass(frozen=True, slots=True)
class RevocationFacts:
    """What is known about the revocation of a chain; ``revoked_at`` may lie after the time in question."""

    fact: Fact
    revoked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Statement:
    """What one source says about one certificate."""

    state: Literal["good", "revoked", "unknown"]
    reason: str
    about: Certificate
    at: datetime | None = None
    detail: str = ""

    def as_fact(self, outcome: Outcome, *, reason: str = "") -> Fact:
        moment = self.at.isoformat() if self.at else ""
        return fact(
            outcome,
            reason or self.reason,
            subject=self.about.subject.text,
            revoked_at=moment,
            next_update=moment,
            cause=self.detail,
            issuer=self.detail,
        )


class RevocationSources:
    """Lists and responses at hand, read once; what cannot be read is counted and passed over."""

    __slots__ = ("lists", "malformed", "responses")

    def __init__(
        self, trust: TrustStore, *, crls: Iterable[bytes | RevocationList], ocsps: Iterable[bytes | OcspResponse]
    ) -> None:
        self.malformed: list[str] = []
        self.lists: list[RevocationList] = []
        self.responses: list[OcspResponse] = []
        for crl in crls:
            self.add_list(trust, crl)
        for ocsp in ocsps:
            self.add_response(trust, ocsp)

    @property
    def silent(self) -> bool:
        """Whether there is none at all."""
        return not (self.lists or self.responses or self.malformed)

    def add_list(self, trust: TrustStore, crl: bytes | RevocationList) -> None:
        """Take one more list."""
        if isinstance(crl, RevocationList):
            self.lists.append(crl)
        elif (found := trust._lists.get(crl)) is not None:
            self.lists.append(found)
        else:
            try:
                self.lists.append(trust._lists.put(crl, RevocationList.parse(crl), weight=4 * len(crl)))
            except InputError:
                self.malformed.append("list_malformed")

    def add_response(self, trust: TrustStore, ocsp: bytes | OcspResponse) -> None:
        """Take one more response."""
        if isinstance(ocsp, OcspResponse):
            self.responses.append(ocsp)
        elif (found := trust._responses.get(ocsp)) is not None:
            self.responses.append(found)
        else:
            try:
                self.responses.append(trust._responses.put(ocsp, OcspResponse.parse(ocsp), weight=4 * len(ocsp)))
            except InputError:
                self.malformed.append("response_malformed")


def check_revocation(
    path: Path,
    *,
    at: datetime,
    trust: TrustStore,
    edges: Edges,
    sources: RevocationSources,
    fetch: Fetch | None = None,
) -> RevocationFacts:
    """Look up every certificate of a path but its anchor; the path must be valid.

    A list or response made after ``at`` counts too, since it tells when a revocation took place. One
    that ended before ``at`` can only still say that something was revoked.
    """
    if fetch is None and sources.silent and len(path) > 1:
        return _nothing_known(path[0])
    judge = _Judge(at, edges, sources)
    statements = []
    for certificate, issuer in pairwise(path):
        statement = judge.statement(certificate, issuer)
        if statement.state == "unknown" and fetch is not None:
            statement = _fetched(judge, trust, certificate, issuer, fetch, statement)
        statements.append(statement)
    return _conclude(statements, at)


@lru_cache(maxsize=1024)
def _nothing_known(certificate: Certificate) -> RevocationFacts:
    """What is known of a certificate without any source: the same at all times."""
    return RevocationFacts(_Statement("unknown", _NO_INFORMATION, certificate).as_fact(Outcome.UNKNOWN))


def _conclude(statements: list[_Statement], at: datetime) -> RevocationFacts:
    revoked = [(place, each) for place, each in enumerate(statements) if each.state == "revoked" and each.at]
    earliest = min((each.at for _, each in revoked if each.at), default=None)
    for place, statement in revoked:
        if statement.at and statement.at <= at:
            reason = "issuer_revoked" if place else "revoked"
            return RevocationFacts(statement.as_fact(Outcome.FAILED, reason=reason), earliest)
    unknown = [each for each in statements if each.state == "unknown"]
    if unknown:
        # something wrong with a source says more than there being none
        telling = min(unknown, key=lambda each: each.reason == _NO_INFORMATION)
        return RevocationFacts(telling.as_fact(Outcome.UNKNOWN), earliest)
    for _, statement in revoked:
        return RevocationFacts(statement.as_fact(Outcome.PASSED, reason="revoked_later"), earliest)
    return RevocationFacts(fact(Outcome.PASSED, "not_revoked"))


def _fetched(
    judge: _Judge, trust: TrustStore, certificate: Certificate, issuer: Certificate, fetch: Fetch, before: _Statement
) -> _Statement:
    """Ask the addresses in the certificate, OCSP first, until one gives an answer."""
    asked: list[tuple[str, bytes | None]] = [
        *((url, build_ocsp_request(certificate, issuer)) for url in certificate.ocsp_urls),
        *((url, None) for url in certificate.crl_urls),
    ]
    latest = before
    for url, body in asked:
        if not url.lower().startswith(("http://", "https://")):
            continue
        try:
            octets = fetch(url, body)
        except (OSError, EgovError):
            latest = _Statement("unknown", "fetch_failed", certificate)
            continue
        if body is None:
            judge.sources.add_list(trust, octets)
        else:
            judge.sources.add_response(trust, octets)
        latest = judge.statement(certificate, issuer)
        if latest.state != "unknown":
            break
    return latest


class _Judge:
    """Weighs what the sources say about one certificate at one time."""

    def __init__(self, at: datetime, edges: Edges, sources: RevocationSources) -> None:
        self.at, self.edges, self.sources = at, edges, sources

    def statement(self, certificate: Certificate, issuer: Certificate) -> _Statement:
        """The weightiest statement: revoked before good before undecided."""
        found = [*self.from_responses(certificate, issuer), *self.from_lists(certificate, issuer)]
        revoked = [each for each in found if each.state == "revoked" and each.at]
        if revoked:
            return min(revoked, key=lambda each: each.at or self.at)
        for each in found:
            if each.state == "good":
                return each
        if found:
            return found[0]
        reason = self.sources.malformed[0] if self.sources.malformed else _NO_INFORMATION
        return _Statement("unknown", reason, certificate)

    def from_lists(self, certificate: Certificate, issuer: Certificate) -> Iterator[_Statement]:
        for crl in self.sources.lists:
            if crl.issuer.matches(certificate.issuer):
                yield self.from_list(crl, certificate, issuer)

    def from_list(self, crl: RevocationList, certificate: Certificate, issuer: Certificate) -> _Statement:
        if reason := self.list_fault(crl, certificate, issuer):
            return _Statement("unknown", reason, certificate, detail=issuer.subject.text)
        entry = crl.find(certificate.serial_number)
        if entry is None:
            if crl.scope.some_reasons:
                return _Statement("unknown", "list_out_of_scope", certificate)
            return self.not_listed(
                certificate, crl.this_update, crl.next_update, kind="list", keeps_expired=crl.keeps_expired
            )
        if not entry.understood:
            return _Statement("unknown", "list_not_understood", certificate)
        return _Statement("revoked", "revoked", certificate, at=entry.effective_at, detail=entry.cause)

    def list_fault(self, crl: RevocationList, certificate: Certificate, issuer: Certificate) -> str | None:
        """Why this list must not be used for this certificate."""
        verdict = self.edges.of(
            issuer.public_key_info,
            crl.raw,
            algorithm=crl.signature_algorithm,
            signature=crl.signature,
            signed=crl.tbs,
        )
        if verdict is not Verdict.GOOD:
            return "list_signature_wrong"
        if issuer.key_usage is not None and "cRLSign" not in issuer.key_usage:
            return "list_signer_not_allowed"
        if not crl.understood or crl.scope.indirect:
            return "list_not_understood"
        return None if _in_scope(crl.scope, certificate) else "list_out_of_scope"

    def not_listed(
        self,
        certificate: Certificate,
        this_update: datetime,
        next_update: datetime | None,
        *,
        kind: Literal["list", "response"],
        keeps_expired: bool = False,
    ) -> _Statement:
        """What it is worth that a source does not call the certificate revoked."""
        if this_update > certificate.not_after and not keeps_expired:
            return _Statement("unknown", "list_after_expiry", certificate)
        if this_update < self.at and (next_update is None or next_update < self.at):
            # without a next update nobody promised that nothing changed after this one
            return _Statement("unknown", f"{kind}_stale", certificate, at=next_update or this_update)
        return _Statement("good", "not_revoked", certificate)

    def from_responses(self, certificate: Certificate, issuer: Certificate) -> Iterator[_Statement]:
        for response in self.sources.responses:
            for status in response.statuses:
                if status.is_about(certificate, issuer):
                    yield self.from_response(response, status, certificate, issuer)

    def from_response(
        self, response: OcspResponse, status: CertificateStatus, certificate: Certificate, issuer: Certificate
    ) -> _Statement:
        signer = self.signer_of(response, status, issuer)
        if isinstance(signer, str):
            return _Statement("unknown", signer, certificate)
        if not response.understood or not status.understood:
            return _Statement("unknown", "list_not_understood", certificate)
        if status.state == "unknown":
            return _Statement("unknown", "response_status_unknown", certificate)
        if status.state == "revoked":
            return _Statement("revoked", "revoked", certificate, at=status.revoked_at, detail=status.cause)
        ends = status.next_update
        if ends is not None and signer is not issuer:
            ends = min(ends, signer.not_after)  # nobody promises for longer than its own time
        return self.not_listed(certificate, status.this_update, ends, kind="response")

    def signer_of(self, response: OcspResponse, status: CertificateStatus, issuer: Certificate) -> Certificate | str:
        """Who says this, the CA or a responder of it; or why it must not be believed. RFC 6960, 4.2.2.2."""
        if response.is_by(issuer):
            return issuer if self.signed(response, issuer) else "response_signature_wrong"
        for responder in response.certificates:
            if response.is_by(responder) and self.may_answer(responder, issuer, response.produced_at):
                if not self.signed(response, responder):
                    return "response_signature_wrong"
                # whoever has the key of a responder that has run out dates the response back, not what it says
                late = status.this_update > responder.not_after
                return "response_signer_not_allowed" if late else responder
        return "response_signer_not_allowed"

    def signed(self, response: OcspResponse, signer: Certificate) -> bool:
        verdict = self.edges.of(
            signer.public_key_info,
            response.raw,
            algorithm=response.signature_algorithm,
            signature=response.signature,
            signed=response.tbs,
        )
        return verdict is Verdict.GOOD

    def may_answer(self, responder: Certificate, issuer: Certificate, produced_at: datetime) -> bool:
        """Whether the CA itself made that certificate a responder of its own, and it was one then."""
        if responder.issuer.raw != issuer.subject.raw or OCSP_SIGNING not in (responder.extended_key_usage or ()):
            return False
        if responder.key_usage is not None and not responder.key_usage & {"digitalSignature", "nonRepudiation"}:
            return False
        if not responder.covers(produced_at):
            return False
        if self.edges.of_certificate(issuer.public_key_info, responder) is not Verdict.GOOD:
            return False
        if responder.extension(_NO_CHECK) is not None:
            return True
        return all(each.state != "revoked" for each in self.from_lists(responder, issuer))


def _in_scope(scope: ListScope, certificate: Certificate) -> bool:
    if scope.only_attribute or (scope.only_user and certificate.is_ca) or (scope.only_ca and not certificate.is_ca):
        return False
    return scope.points is None or bool(scope.points & _points_of(certificate))


def _points_of(certificate: Certificate) -> frozenset[bytes]:
    extension = certificate.extension(_DISTRIBUTION_POINTS)
    return _points_in(extension.value) if extension is not None else frozenset()


@remembered(256)
def _points_in(value: bytes) -> frozenset[bytes]:
    """The names of a certificate's own distribution points, as whole TLVs; none if they cannot be read."""
    try:
        shape = asn1.decode_der(x509.DistributionPointsShape, sequence(value))
        names = [name for point in shape.points if point.name for name in point.name.full or ()]
        return frozenset(x509.raw_of(name) for name in names)
    except (ValueError, ParseError):
        return frozenset()
