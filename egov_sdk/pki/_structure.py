"""The rules of a chain that no time changes, asked a second time and by name."""

from __future__ import annotations

from itertools import pairwise

from egov_sdk.pki._edges import Edges
from egov_sdk.pki._signature import Verdict
from egov_sdk.pki.certificate import Certificate
from egov_sdk.pki.facts import Fact, fact
from egov_sdk.report import Outcome

Path = tuple[Certificate, ...]

#: Critical extensions that the path validator or this room acts on.
KNOWN_CRITICAL = frozenset(
    (
        "1.3.6.1.5.5.7.1.1",
        "2.5.29.14",
        "2.5.29.15",
        "2.5.29.17",
        "2.5.29.19",
        "2.5.29.30",
        "2.5.29.31",
        "2.5.29.32",
        "2.5.29.33",
        "2.5.29.35",
        "2.5.29.36",
        "2.5.29.37",
        "2.5.29.46",
        "2.5.29.54",
    )
)


def may_issue(certificate: Certificate, *, as_anchor: bool) -> Fact | None:
    """Why the certificate may not issue others, or None if it may."""
    # version 1 has no extensions to say so; as an anchor the caller vouches for it
    old_root = as_anchor and certificate.version == 1 and certificate.is_self_issued
    if not certificate.is_ca and not old_root:
        return fact(Outcome.FAILED, "not_a_ca", subject=certificate.subject.text)
    if certificate.key_usage is not None and "keyCertSign" not in certificate.key_usage:
        return fact(Outcome.FAILED, "ca_key_usage", subject=certificate.subject.text)
    return None


def fault_of(path: Path, edges: Edges) -> Fact | None:
    """The first rule that a path (leaf first, anchor last) breaks, or None.

    Source:
        RFC 5280, 6.1.3 (a)(1), 6.1.4 (k), (l), (m), (n), (o) and 6.1.5 (f).
    """
    between = 0  # CAs below the issuer, self-issued ones apart
    for place, (certificate, issuer) in enumerate(pairwise(path), 2):
        if barred := may_issue(issuer, as_anchor=place == len(path)):
            return barred
        if issuer.path_length is not None and between > issuer.path_length:
            return fact(Outcome.FAILED, "path_length_exceeded", subject=issuer.subject.text)
        between += not issuer.is_self_issued
        verdict = edges.of_certificate(issuer.public_key_info, certificate)
        if verdict is not Verdict.GOOD:
            return of_verdict(verdict, certificate)
        unknown = [each.oid for each in certificate.extensions if each.critical and each.oid not in KNOWN_CRITICAL]
        if unknown:
            subject, found = certificate.subject.text, ", ".join(unknown)
            return fact(Outcome.FAILED, "unknown_critical_extension", subject=subject, found=found)
    return None


def of_verdict(verdict: Verdict, certificate: Certificate) -> Fact:
    """What a signature that is not good means for the chain."""
    undecided = verdict in (Verdict.UNSUPPORTED, Verdict.NO_KEY)
    return fact(Outcome.UNKNOWN if undecided else Outcome.FAILED, verdict.value, subject=certificate.subject.text)
