"""Chains: does a certificate lead to an anchor, and was it in force, not revoked, and meant for this use?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from egov_sdk.limits import DEFAULT_ASN1_LIMITS, Asn1Limits
from egov_sdk.pki._edges import Edges
from egov_sdk.pki._search import PathSearch
from egov_sdk.pki._structure import Path
from egov_sdk.pki.certificate import KEY_USAGES, Certificate
from egov_sdk.pki.crl import RevocationList
from egov_sdk.pki.facts import Fact, fact
from egov_sdk.pki.ocsp import OcspResponse
from egov_sdk.pki.revocation import Fetch, RevocationFacts, RevocationSources, check_revocation
from egov_sdk.pki.trust import TrustStore
from egov_sdk.report import Outcome, worst
from egov_sdk.times import aware

__all__ = [
    "CLIENT_AUTHENTICATION",
    "OCSP_SIGNING",
    "TIME_STAMPING",
    "ChainResult",
    "Fetch",
    "RevocationMode",
    "validate_chain",
]

RevocationMode = Literal["if_available", "required", "off"]

# Purposes of RFC 5280, 4.2.1.12
CLIENT_AUTHENTICATION: Final = "1.3.6.1.5.5.7.3.2"
TIME_STAMPING: Final = "1.3.6.1.5.5.7.3.8"
OCSP_SIGNING: Final = "1.3.6.1.5.5.7.3.9"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainResult:
    """Four facts about a certificate, kept apart.

    ``path`` is leaf first, anchor last; where no valid path was found it is the leaf alone.
    ``anchored`` ignores every date and revocation; ``validity`` looks at the dates of the whole
    path, ``revocation`` at the path without its anchor, ``usage`` at the leaf. ``revoked_at`` is the
    earliest revocation in the path, even if it lies after the time in question.
    """

    certificate: Certificate
    at: datetime
    path: Path
    anchored: Fact
    validity: Fact
    revocation: Fact
    usage: Fact
    revoked_at: datetime | None
    mode: RevocationMode

    @property
    def outcome(self) -> Outcome:
        """The worst of the four; with ``if_available``, nothing known about revocation does not count."""
        counted = [self.anchored, self.validity, self.usage]
        if self.mode != "if_available" or self.revocation.reason != "no_information":
            counted.append(self.revocation)
        return worst(each.outcome for each in counted)

    def __bool__(self) -> bool:
        raise TypeError("a ChainResult is not a yes or no: ask result.outcome")


def validate_chain(
    certificate: Certificate,
    *,
    trust: TrustStore,
    at: datetime,
    intermediates: Iterable[Certificate] = (),
    crls: Iterable[bytes | RevocationList] = (),
    ocsps: Iterable[bytes | OcspResponse] = (),
    fetch: Fetch | None = None,
    usage: frozenset[str] | None = None,
    extended_usage: str | None = None,
    revocation: RevocationMode = "if_available",
    limits: Asn1Limits = DEFAULT_ASN1_LIMITS,
) -> ChainResult:
    """Find out about a certificate (证书链验证) as at one moment; nothing is raised for what a stranger wrote.

    Args:
        at: the moment to judge by, aware.
        intermediates: certificates that may lie between it and an anchor; they need not be trusted.
        fetch: gets lists and responses from the addresses in certificates, if those at hand do not
            decide; it is called only for certificates that lead to an anchor.
        usage: key usages of which the certificate must have one, such as
            ``{"digitalSignature", "nonRepudiation"}``; None asks for nothing.
        extended_usage: a purpose, as a dotted number, that the certificate must state.
        revocation: ``required`` makes missing information undecided, ``if_available`` lets it pass,
            ``off`` does not look.
    Raises:
        ValueError: ``at`` is naive, a key usage or a mode is unknown.
    Source:
        RFC 5280, 6; GM/T 0015-2012.
    """
    _check_arguments(at, usage, revocation)
    edges = Edges(trust._signatures)
    search = _search(certificate, tuple(dict.fromkeys(intermediates)), trust, edges, limits)
    sources = None if revocation == "off" else RevocationSources(trust, crls=crls, ocsps=ocsps)
    judged: list[_Judged] = []
    for path in search.paths:
        found = _NOT_LOOKED_AT
        if sources is not None:
            found = check_revocation(path, at=at, trust=trust, edges=edges, sources=sources, fetch=fetch)
        judged.append(_Judged(path, _validity(path, at), found))
        if judged[-1].badness == (0, 0):
            break
    unknown = RevocationFacts(fact(Outcome.UNKNOWN, "chain_unknown"))
    alone = _Judged((certificate,), _validity((certificate,), at), unknown if sources else _NOT_LOOKED_AT)
    best = min(judged, key=lambda each: each.badness, default=alone)
    return ChainResult(
        certificate=certificate,
        at=at,
        path=best.path,
        anchored=search.fact,
        validity=best.validity,
        revocation=best.revocation.fact,
        usage=_usage(certificate, usage, extended_usage),
        revoked_at=best.revocation.revoked_at,
        mode=revocation,
    )


@dataclass(frozen=True, slots=True)
class _Judged:
    """One of several valid paths, with what depends on the time."""

    path: Path
    validity: Fact
    revocation: RevocationFacts

    @property
    def badness(self) -> tuple[int, int]:
        """Any path that is in order will do, so the best one counts."""
        return _BADNESS[self.validity.outcome], _BADNESS[self.revocation.fact.outcome]


_BADNESS: Final = {Outcome.PASSED: 0, Outcome.SKIPPED: 0, Outcome.UNKNOWN: 1, Outcome.FAILED: 2}
_NOT_LOOKED_AT: Final = RevocationFacts(fact(Outcome.SKIPPED, "not_looked_at"))


def _check_arguments(at: datetime, usage: frozenset[str] | None, revocation: str) -> None:
    aware(at)
    if unknown := (usage or frozenset()) - set(KEY_USAGES):
        raise ValueError(f"unknown key usages {sorted(unknown)}; known are {', '.join(KEY_USAGES)}")
    if usage is not None and not usage:
        raise ValueError("usage must name at least one key usage, or be None")
    if revocation not in ("if_available", "required", "off"):
        raise ValueError(f"revocation must be if_available, required or off, got {revocation!r}")


def _search(
    certificate: Certificate, intermediates: Path, trust: TrustStore, edges: Edges, limits: Asn1Limits
) -> PathSearch:
    """The valid paths, from the store's memory if they were asked for before: no time comes into them."""
    if not trust.anchors:
        return PathSearch((), fact(Outcome.UNKNOWN, "no_anchors"))
    if certificate in trust.anchors:
        return PathSearch(((certificate,),), fact(Outcome.PASSED, "is_anchor"))
    if len(intermediates) > limits.certificates:
        return PathSearch((), fact(Outcome.UNKNOWN, "path_search_exhausted"))
    key = (certificate, intermediates)
    found = trust._paths.get(key)
    if found is not None:
        return found
    from egov_sdk.pki._path import search_paths  # loads a large library, so only when it is needed

    found = search_paths(certificate, trust=trust, others=intermediates, edges=edges)
    return trust._paths.put(key, found, weight=sum(len(each.raw) for each in (certificate, *intermediates)))


def _validity(path: Path, at: datetime) -> Fact:
    for place, certificate in enumerate(path):
        if certificate.not_before <= at <= certificate.not_after:
            continue
        late = at > certificate.not_after
        reason = ("issuer_" if place else "") + ("expired" if late else "not_yet_valid")
        return fact(
            Outcome.FAILED,
            reason,
            subject=certificate.subject.text,
            not_before=certificate.not_before.isoformat(),
            not_after=certificate.not_after.isoformat(),
        )
    return fact(Outcome.PASSED, "within_dates")


def _usage(certificate: Certificate, usage: frozenset[str] | None, extended_usage: str | None) -> Fact:
    if usage is None and extended_usage is None:
        return fact(Outcome.SKIPPED, "usage_not_asked")
    if usage is not None and certificate.key_usage is not None and not usage & certificate.key_usage:
        return fact(
            Outcome.FAILED,
            "key_usage_wrong",
            found=", ".join(sorted(certificate.key_usage)) or "-",
            expected=" / ".join(sorted(usage)),
        )
    if extended_usage is not None and extended_usage not in (certificate.extended_key_usage or ()):
        found = ", ".join(certificate.extended_key_usage or ()) or "-"
        return fact(Outcome.FAILED, "extended_key_usage_wrong", found=found, expected=extended_usage)
    free = extended_usage is None and certificate.key_usage is None
    return fact(Outcome.PASSED, "usage_not_restricted" if free else "usage_fits")
