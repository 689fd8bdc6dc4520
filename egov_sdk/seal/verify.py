"""Verify a sealed or signed OFD document: every signature, all four answers."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from egov_sdk.limits import DEFAULT_ASN1_LIMITS, DEFAULT_OFD_LIMITS, Asn1Limits, OfdLimits
from egov_sdk.ofd import OfdPackage, open_ofd
from egov_sdk.ofd.package import Source
from egov_sdk.pki import Certificate
from egov_sdk.report import Check, Outcome, Report, worst
from egov_sdk.seal._verify.binding import check_binding
from egov_sdk.seal._verify.coverage import check_coverage, check_whole
from egov_sdk.seal._verify.facts import PackageFacts, SignatureFacts, gather
from egov_sdk.seal._verify.integrity import check_encoding, check_entry, check_lists, check_signature
from egov_sdk.seal._verify.seals import SealJudge
from egov_sdk.seal._verify.signer import signatories
from egov_sdk.seal._verify.trust import check_trust
from egov_sdk.seal.checks import CHECKS, REQUIRED
from egov_sdk.seal.model import ElectronicSeal
from egov_sdk.seal.policy import Policy

__all__ = ["verify", "verify_mathematics", "verify_package", "verify_seal", "verify_signature"]

#: What must hold before a signature's list of files counts for coverage: that list is then its signer's own.
_STANDING = frozenset(
    {
        "integrity.signature_file",
        "integrity.algorithms",
        "integrity.value",
        "integrity.data_hash",
        "integrity.seal_maker_signature",
        "binding.signer_in_seal",
    }
)
#: What the standard policy requires and does not rest on anybody's word.
_MATHEMATICS = frozenset(name for name in REQUIRED if not name.startswith("trust."))


def verify(
    source: Source,
    *,
    policy: Policy,
    subject: str = "",
    limits: OfdLimits = DEFAULT_OFD_LIMITS,
    asn1_limits: Asn1Limits = DEFAULT_ASN1_LIMITS,
) -> Report:
    """Verify every signature of an OFD document (验证签章).

    Args:
        source: The bytes of the document, or its path.
        policy: Whom to trust, as at when, and what must pass; see Policy.standard.
        subject: What to call the document in the report; the file's name by default.
        limits, asn1_limits: How much of a stranger's file to read.
    Returns:
        A report; ask its ``outcome`` or call ``require()``. A document without a signature, or with a broken one,
        gives a report too.
    Raises:
        ParseError, LimitExceeded: the file is no OFD package that could be read safely.
    Source:
        GB/T 33190-2016, 18; GB/T 38540-2020, 7.3; GM/T 0031-2014, 6.2.3.
    """
    name = subject or (Path(source).name if isinstance(source, (str, os.PathLike)) else "document")
    return verify_package(open_ofd(source, limits=limits), policy=policy, subject=name, asn1_limits=asn1_limits)


def verify_package(
    package: OfdPackage, *, policy: Policy, subject: str = "document", asn1_limits: Asn1Limits = DEFAULT_ASN1_LIMITS
) -> Report:
    """Verify a package that is open already; otherwise as verify."""
    return verify_facts(gather(package, asn1_limits=asn1_limits), policy=policy, subject=subject)


def verify_facts(facts: PackageFacts, *, policy: Policy, subject: str = "document") -> Report:
    """Verify a package whose signatures were read already; otherwise as verify."""
    return Report(subject, policy.at, policy.name, tuple(_checks(facts, policy)), policy.required)


def verify_mathematics(package: OfdPackage, *, at: datetime, subject: str = "document") -> Report:
    """Verify what can be known without trusting anybody: all answers but that of trust."""
    policy = Policy.standard(trust=None, at=at)
    facts = gather(package, asn1_limits=DEFAULT_ASN1_LIMITS)
    return Report(subject, at, policy.name, tuple(_checks(facts, policy, trust=False)), _MATHEMATICS)


def verify_signature(package: OfdPackage, name: str, *, at: datetime) -> Report:
    """Verify one signature, without trusting anybody: it is right, and protects every file that it can.

    The other signatures, and what the document shows, are not judged.

    Args:
        name: Which one, as reports call it.
    """
    policy = Policy.standard(trust=None, at=at)
    facts = gather(package, asn1_limits=DEFAULT_ASN1_LIMITS)
    checks: list[Check] = []
    for signature in facts.signatures:
        if signature.subject == name:
            checks += _signature(facts, signature, policy, trust=False)
            checks += (*check_entry(signature), *check_whole(facts, signature))
    checks = checks or [CHECKS.check("integrity.signature_present", Outcome.FAILED, "not_signed", subject=name)]
    return Report(name, at, policy.name, tuple(checks), _MATHEMATICS)


def verify_seal(seal: ElectronicSeal, *, policy: Policy, subject: str = "") -> Report:
    """Verify a seal that stands alone (验章): its maker's signature, its picture, its maker and its dates as at now.

    Args:
        seal: A parsed seal.
        policy: As for verify; of its required checks, those that concern a seal are asked.
        subject: What to call it in the report; the seal's name by default.
    Source:
        GM/T 0031-2014, 6.1.2.
    """
    judge = SealJudge(seal, "", Certificate.parse, list(seal.leniencies))
    checks = [*judge.integrity(), *judge.trust(policy, policy.at)]
    checks.append(check_encoding(judge.leniencies, "", policy))
    asked = {check.id for check in checks} | {"trust.seal_maker", "trust.seal_period"}
    return Report(subject or seal.name, policy.at, policy.name, tuple(checks), policy.required & asked)


def _checks(facts: PackageFacts, policy: Policy, *, trust: bool = True) -> Iterator[Check]:
    yield from check_lists(facts)
    for signature in facts.signatures:
        yield from _signature(facts, signature, policy, trust=trust)
    yield from check_coverage(facts)


def _signature(facts: PackageFacts, signature: SignatureFacts, policy: Policy, *, trust: bool) -> Iterator[Check]:
    signers = signatories(facts, signature, policy)
    checks = [*check_signature(facts, signature, signers), *check_binding(facts, signature, signers)]
    standing = worst(check.outcome for check in checks if check.id in _STANDING)
    signature.standing = Outcome.PASSED if standing is Outcome.SKIPPED else standing
    yield from checks
    if trust:
        yield from check_trust(facts, signature, signers, policy)
    if signature.readable:
        yield check_encoding(signature.leniencies, signature.subject, policy)
