"""Chains in this room's words: one outcome from a chain's four facts, with the reason that the table knows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from egov_sdk.pki import Certificate, ChainResult, validate_chain
from egov_sdk.report import Check, Outcome
from egov_sdk.seal.checks import CHECKS
from egov_sdk.seal.policy import Policy

__all__ = ["ChainJudge"]

_PASSED, _FAILED, _UNKNOWN, _SKIPPED = Outcome.PASSED, Outcome.FAILED, Outcome.UNKNOWN, Outcome.SKIPPED

#: Signing with either usage is common practice; seals need one of them.
_SIGNING = frozenset({"digitalSignature", "nonRepudiation"})


@dataclass(frozen=True, slots=True)
class ChainJudge:
    """Builds and judges chains under one policy, for one subject of the report."""

    policy: Policy
    subject: str
    carried: tuple[Certificate, ...] = ()

    @property
    def has_anchors(self) -> bool:
        return len(self.policy.trust) > 0

    def chain(
        self,
        certificate: Certificate,
        at: datetime,
        *,
        extended_usage: str | None = None,
        carried: Iterable[Certificate] = (),
    ) -> ChainResult:
        """The chain of a certificate, with what the policy gives and what the file itself carries."""
        return validate_chain(
            certificate,
            trust=self.policy.trust,
            at=at,
            intermediates=(*self.policy.intermediates, *self.carried, *carried),
            crls=self.policy.crls,
            ocsps=self.policy.ocsps,
            fetch=self.policy.fetch,
            usage=_SIGNING,
            extended_usage=extended_usage,
        )

    def good(self, chain: ChainResult, at: datetime) -> bool:
        return self._verdict(chain, at)[0] is _PASSED

    def check(self, name: str, certificate: Certificate, chain: ChainResult, at: datetime) -> Check:
        """The check of a chain as at one time."""
        outcome, reason, detail = self._verdict(chain, at)
        return CHECKS.check(
            name,
            outcome,
            reason,
            subject=self.subject,
            subject_name=certificate.subject.text,
            anchor=chain.path[-1].subject.text if chain.path else "?",
            at=at.isoformat(),
            detail=detail,
            not_before=certificate.not_before.isoformat(),
            not_after=certificate.not_after.isoformat(),
            revoked_at=chain.revoked_at.isoformat() if chain.revoked_at else "?",
        )

    def check_revocation(self, name: str, chain: ChainResult, at: datetime) -> Check:
        """What is known about revocation, as its own check: it may be required or not."""
        revoked_at = chain.revoked_at.isoformat() if chain.revoked_at else "?"
        if chain.anchored.outcome is not _PASSED:
            return CHECKS.check(name, _UNKNOWN, "no_chain", subject=self.subject)
        if chain.revoked_at is not None and chain.revoked_at > at:
            return CHECKS.check(
                name, _PASSED, "revoked_later", subject=self.subject, revoked_at=revoked_at, at=at.isoformat()
            )
        outcome = chain.revocation.outcome
        reason = {_PASSED: "ok", _FAILED: "revoked", _UNKNOWN: "no_information", _SKIPPED: "not_looked"}[outcome]
        return CHECKS.check(name, outcome, reason, subject=self.subject, revoked_at=revoked_at)

    def _verdict(self, chain: ChainResult, at: datetime) -> tuple[Outcome, str, str]:
        if not self.has_anchors:
            return _UNKNOWN, "no_anchors", ""
        anchored = chain.anchored
        if anchored.outcome is _FAILED or anchored.reason == "issuer_not_found":
            # whoever cannot be led to a given anchor is not trusted, whatever other certificates may exist
            return _FAILED, "cert_untrusted", anchored.message.en
        if anchored.outcome is not _PASSED:
            return anchored.outcome, "cert_undecided", anchored.message.en
        if chain.usage.outcome is not _PASSED:
            return chain.usage.outcome, "key_usage", chain.usage.message.en
        if chain.validity.outcome is not _PASSED:
            return chain.validity.outcome, "cert_expired_at_signing", chain.validity.message.en
        if chain.revocation.outcome is _FAILED and (chain.revoked_at is None or chain.revoked_at <= at):
            return _FAILED, "cert_revoked_before", chain.revocation.message.en
        return _PASSED, "ok", ""
