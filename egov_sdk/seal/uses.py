"""Who stands behind each signature of a document, told together with the report on it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from egov_sdk.errors import InputError
from egov_sdk.limits import DEFAULT_ASN1_LIMITS, Asn1Limits
from egov_sdk.ofd import OfdPackage
from egov_sdk.pki import Certificate
from egov_sdk.report import Outcome, Report
from egov_sdk.seal._verify.facts import PackageFacts, SignatureFacts, gather
from egov_sdk.seal.model import ElectronicSeal
from egov_sdk.seal.policy import Policy
from egov_sdk.seal.verify import verify_facts

__all__ = ["SealUse", "verify_uses"]


@dataclass(frozen=True, slots=True)
class SealUse:
    """One signature made with a seal (用印): what a report calls it, the seal, and the certificate of who used it.

    ``standing`` says whether value, hash and binding hold, so that ``files`` are those that this signer signed; whether
    the signer is trusted is in the report.
    """

    subject: str
    seal: ElectronicSeal = field(repr=False)
    certificate: Certificate | None
    signed_at: datetime | None
    standing: Outcome
    files: frozenset[str] = field(repr=False)


def verify_uses(
    package: OfdPackage, *, policy: Policy, subject: str = "document", asn1_limits: Asn1Limits = DEFAULT_ASN1_LIMITS
) -> tuple[Report, tuple[SealUse, ...]]:
    """Verify a package that is open, as verify does, and tell who used which seal."""
    facts = gather(package, asn1_limits=asn1_limits)
    report = verify_facts(facts, policy=policy, subject=subject)
    uses = (_use(facts, signature) for signature in facts.signatures)
    return report, tuple(use for use in uses if use is not None)


def _use(facts: PackageFacts, signature: SignatureFacts) -> SealUse | None:
    value = signature.seal_value
    if value is None:
        return None
    try:
        certificate = facts.certificate(value.signer_certificate)
    except InputError:
        certificate = None
    return SealUse(
        signature.subject, value.seal, certificate, value.signed_at, signature.standing, signature.covered
    )  # fmt: skip
