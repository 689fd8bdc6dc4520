"""Paths from a certificate to an anchor, built and validated by pyhanko-certvalidator; no time comes into it."""

from __future__ import annotations

from collections.abc import Coroutine, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final, TypeVar

from asn1crypto import algos, keys, x509  # type: ignore[import-untyped]  # it has no types
from pyhanko_certvalidator.authority import Authority, CertTrustAnchor, TrustAnchor, TrustQualifiers
from pyhanko_certvalidator.context import ValidationContext
from pyhanko_certvalidator.errors import PathBuildingError, ValidationError
from pyhanko_certvalidator.name_trees import process_general_subtrees
from pyhanko_certvalidator.path import ValidationPath
from pyhanko_certvalidator.policy_decl import (
    AcceptAllAlgorithms,
    CertRevTrustPolicy,
    PKIXValidationParams,
    RevocationCheckingPolicy,
    RevocationCheckingRule,
)
from pyhanko_certvalidator.registry import CertificateRegistry, TrustManager
from pyhanko_certvalidator.sig_validate import (
    DEFAULT_VALIDATION_CONTEXT,
    SignatureValidationContext,
    SignatureValidator,
)
from pyhanko_certvalidator.validate import async_validate_path

from egov_sdk.crypto.signature import InvalidSignature
from egov_sdk.pki._edges import Edges
from egov_sdk.pki._search import PathSearch
from egov_sdk.pki._signature import Verdict
from egov_sdk.pki._standin import LIBRARY_ERRORS, Standin, stand_in
from egov_sdk.pki._structure import Path, fault_of, may_issue, of_verdict
from egov_sdk.pki.certificate import Certificate
from egov_sdk.pki.facts import Fact, fact
from egov_sdk.pki.trust import TrustStore
from egov_sdk.report import Outcome

T = TypeVar("T")

#: Chains of governments have up to five certificates; the rest is room for the odd bridge.
MAX_PATH: Final = 16
_MAX_PATHS: Final = 8
_MAX_STEPS: Final = 512
_MAX_SIGNATURES: Final = 96

# So wide around so far a moment that every date lies within: dates are looked at elsewhere.
_MOMENT: Final = datetime(5000, 1, 1, tzinfo=UTC)
_ALWAYS: Final = timedelta(days=365 * 4990)
_NO_REVOCATION: Final = CertRevTrustPolicy(
    RevocationCheckingPolicy(RevocationCheckingRule.NO_CHECK, RevocationCheckingRule.NO_CHECK)
)


class _GivenUp(Exception):
    """The search costs more than any honest chain does."""


def search_paths(leaf: Certificate, *, trust: TrustStore, others: Iterable[Certificate], edges: Edges) -> PathSearch:
    """Find the valid paths for a certificate that is no anchor itself."""
    search = _Search(leaf, trust, edges)
    if not search.register(tuple(others)):
        return PathSearch((), search.failures[0])
    try:
        _run_to_end(search.collect())
    except _GivenUp:
        search.failures.insert(0, fact(Outcome.UNKNOWN, "path_search_exhausted"))
    if search.paths:
        return PathSearch(tuple(search.paths), fact(Outcome.PASSED, "anchored"))
    return PathSearch((), _most_telling(search.failures))


def _run_to_end(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run what never waits for anything; this works inside and outside of event loops alike."""
    try:
        coroutine.send(None)
    except StopIteration as done:
        result: T = done.value
        return result
    coroutine.close()
    raise RuntimeError("path validation waited for something although nothing is fetched")


def _most_telling(failures: list[Fact]) -> Fact:
    """What broke a rule says more than what is missing."""
    order = (Outcome.FAILED, Outcome.UNKNOWN)
    # certificates that only issue each other leave no failure behind
    round_and_round = fact(Outcome.UNKNOWN, "chain_goes_round")
    return min(failures, key=lambda failure: order.index(failure.outcome), default=round_and_round)


class _Search:
    """One search: who issued what, which candidates fell through, and which paths are good."""

    def __init__(self, leaf: Certificate, trust: TrustStore, edges: Edges) -> None:
        self.leaf, self.trust, self.edges = leaf, trust, edges
        self.paths: list[Path] = []
        self.failures: list[Fact] = []
        self.steps = 0
        self.asked: set[tuple[bytes, Certificate]] = set()
        self.standins: dict[tuple[bytes, bytes], Standin] = {}
        self.anchors: dict[str, list[tuple[TrustAnchor, Certificate]]] = {}
        self.others: dict[str, list[Standin]] = {}
        self.unusable: dict[bytes, Fact] = {}  # why, by the subject's octets

    def register(self, others: tuple[Certificate, ...]) -> bool:
        """Make stand-ins of everything; False when the leaf itself cannot be read."""
        for anchor in self.trust.anchors:
            self.register_anchor(anchor)
        known = {*self.trust.anchors, self.leaf}
        for other in others:
            if other not in known and (found := self.stand_in(other)):
                self.others.setdefault(found.seen.subject.hashable, []).append(found)
        if self.stand_in(self.leaf) is None:
            self.failures.append(self.unusable[self.leaf.subject.raw])
            return False
        return True

    def register_anchor(self, anchor: Certificate) -> None:
        if barred := may_issue(anchor, as_anchor=True):
            self.unusable[anchor.subject.raw] = barred
        elif found := self.stand_in(anchor):
            try:
                named = found.seen.subject.hashable, _anchor(found)
            except LIBRARY_ERRORS as error:
                self.unusable[anchor.subject.raw] = _unreadable(anchor, error)
            else:
                self.anchors.setdefault(named[0], []).append((named[1], anchor))

    def stand_in(self, certificate: Certificate) -> Standin | None:
        found = self.trust._standins.get(certificate)
        if found is None:
            # what the library keeps of a certificate takes about sixty times its octets
            found = self.trust._standins.put(certificate, stand_in(certificate), weight=60 * len(certificate.raw))
        if isinstance(found, str):
            self.unusable[certificate.subject.raw] = _unreadable(certificate, found)
            return None
        self.standins[_key_of(found.seen)] = found
        return found

    def of(self, seen: x509.Certificate) -> Standin:
        return self.standins[_key_of(seen)]

    # what the path builder asks

    def issuers_of(self, seen: x509.Certificate) -> Iterator[TrustAnchor | x509.Certificate]:
        """Anchors, then other certificates, that have the issuer's name and whose key did sign."""
        self.steps += 1
        if self.steps > _MAX_STEPS:
            raise _GivenUp
        certificate = self.of(seen).certificate
        name = seen.issuer.hashable
        anchors = [pair for pair in self.anchors.get(name, ()) if _may_be_issuer(pair[1], certificate)]
        others = [
            other
            for other in self.others.get(name, ())
            if other.certificate != certificate and _may_be_issuer(other.certificate, certificate)
        ]
        verdicts: list[Verdict] = []
        for anchor, issuer in anchors:
            verdicts.append(self.verdict(issuer, certificate))
            if verdicts[-1] is Verdict.GOOD:
                yield anchor
        for other in others:
            verdicts.append(self.verdict(other.certificate, certificate))
            if verdicts[-1] is Verdict.GOOD:
                yield other.seen
        if Verdict.GOOD not in verdicts:
            self.failures.append(self.dead_end(certificate, verdicts))

    def verdict(self, issuer: Certificate, certificate: Certificate) -> Verdict:
        """As the edge says; what was remembered from elsewhere counts too, so that every search ends alike."""
        self.asked.add((issuer.public_key_info, certificate))
        if len(self.asked) > _MAX_SIGNATURES:
            raise _GivenUp
        return self.edges.of_certificate(issuer.public_key_info, certificate)

    def dead_end(self, certificate: Certificate, verdicts: list[Verdict]) -> Fact:
        issuer = certificate.issuer.text
        own = certificate.is_self_issued and (self.verdict(certificate, certificate) is Verdict.GOOD)
        if own and certificate == self.leaf:
            return fact(Outcome.FAILED, "self_signed")
        if own:
            return fact(Outcome.FAILED, "untrusted_root", issuer=issuer)
        if verdicts:
            return of_verdict(verdicts[0], certificate)
        missing = fact(Outcome.UNKNOWN, "issuer_not_found", issuer=issuer)
        return self.unusable.get(certificate.issuer.raw, missing)

    # walking and judging the paths

    async def collect(self) -> None:
        context = ValidationContext(
            trust_manager=_NoAnchors(),
            certificate_registry=_Registry(self),
            moment=_MOMENT,
            time_tolerance=_ALWAYS,
            revinfo_policy=_NO_REVOCATION,
            algorithm_usage_policy=AcceptAllAlgorithms(),
            signature_validator=_Judge(self),
        )
        try:
            async for candidate in context.path_builder.async_build_paths_lazy(self.standin_of_leaf()):
                failure = await self.judge(context, candidate)
                if failure is not None:
                    self.failures.append(failure)
                if len(self.paths) >= _MAX_PATHS:
                    return
        except PathBuildingError:
            return  # why is among the failures already
        except LIBRARY_ERRORS as error:
            self.failures.append(_unreadable(self.leaf, error))

    def standin_of_leaf(self) -> x509.Certificate:
        return next(found.seen for found in self.standins.values() if found.certificate == self.leaf)

    async def judge(self, context: ValidationContext, candidate: ValidationPath) -> Fact | None:
        """Validate one candidate: by the library, and by our own second look; keep it when both agree."""
        assert isinstance(candidate.trust_anchor, CertTrustAnchor)
        below = [self.of(candidate[place]) for place in range(candidate.pkix_len, 0, -1)]
        anchor = self.of(candidate.trust_anchor.certificate)
        path = (*(each.certificate for each in below), anchor.certificate)
        if len(path) > MAX_PATH:
            return fact(Outcome.UNKNOWN, "path_too_long", allowed=MAX_PATH)
        if any(each.constrains for each in (*below, anchor)) and any(each.renamed for each in below):
            return _unreadable(self.leaf, "names are constrained, and a name cannot be read")
        try:
            await async_validate_path(context, candidate)
        except ValidationError as error:
            return fault_of(path, self.edges) or fact(Outcome.FAILED, "path_invalid", found=error)
        except LIBRARY_ERRORS as error:
            return _unreadable(self.leaf, error)
        if fault := fault_of(path, self.edges):
            return fault
        self.paths.append(path)
        return None


def _unreadable(certificate: Certificate, why: object) -> Fact:
    return fact(
        Outcome.UNKNOWN, "certificate_unreadable_by_path_validator", subject=certificate.subject.text, found=why
    )


def _key_of(seen: x509.Certificate) -> tuple[bytes, bytes]:
    """What tells certificates apart that differ in nothing but their signature, too."""
    return seen["tbs_certificate"].dump(), seen["signature_value"].native


def _may_be_issuer(issuer: Certificate, certificate: Certificate) -> bool:
    """Key identifiers tell the keys of one CA apart, where both sides have them."""
    wanted, has = certificate.authority_key_id, issuer.subject_key_id
    return wanted is None or has is None or wanted == has


def _anchor(found: Standin) -> CertTrustAnchor:
    """The anchor with the limits that its own certificate states (RFC 5937)."""
    constraints = found.seen.name_constraints_value
    parameters = None
    if constraints is not None:
        permitted, excluded = constraints["permitted_subtrees"], constraints["excluded_subtrees"]
        parameters = PKIXValidationParams(
            initial_permitted_subtrees=(
                process_general_subtrees(permitted) if isinstance(permitted, x509.GeneralSubtrees) else None
            ),
            initial_excluded_subtrees=(
                process_general_subtrees(excluded) if isinstance(excluded, x509.GeneralSubtrees) else None
            ),
        )
    qualifiers = TrustQualifiers(standard_parameters=parameters, max_path_length=found.certificate.path_length)
    return CertTrustAnchor(found.seen, quals=qualifiers)


class _NoAnchors(TrustManager):
    """The registry gives the anchors; the library would take any certificate of an anchor's name and key for it."""

    def as_trust_anchor(self, authority: Authority) -> TrustAnchor | None:
        return None


class _Registry(CertificateRegistry):
    """Offers as issuers only those whose key signed: impostors of the same name never enter a path."""

    def __init__(self, search: _Search) -> None:
        super().__init__()
        self._search = search

    def find_potential_issuers(
        self, cert: x509.Certificate, trust_manager: TrustManager
    ) -> Iterator[TrustAnchor | x509.Certificate]:
        return self._search.issuers_of(cert)


class _Judge(SignatureValidator):
    """Checks signatures over the octets received, not over what the library makes of them."""

    def __init__(self, search: _Search) -> None:
        self._search = search

    def validate_signature(
        self,
        signature: bytes,
        signed_data: bytes,
        public_key_info: keys.PublicKeyInfo,
        signature_algorithm: algos.SignedDigestAlgorithm,
        context: SignatureValidationContext = DEFAULT_VALIDATION_CONTEXT,
    ) -> None:
        standin = self._search.standins.get((signed_data, signature))
        if standin is None:
            raise InvalidSignature("not a certificate of this search")
        verdict = self._search.edges.of_certificate(public_key_info.dump(), standin.certificate)
        if verdict is not Verdict.GOOD:
            raise InvalidSignature(verdict.value)
