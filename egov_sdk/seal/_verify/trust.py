"""Whom to believe, and since when: the signer's chain, the time stamp, the time of signing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from egov_sdk.errors import InputError
from egov_sdk.report import Check, Outcome
from egov_sdk.seal._verify.chains import ChainJudge
from egov_sdk.seal._verify.facts import PackageFacts, SignatureFacts
from egov_sdk.seal._verify.seals import SealJudge
from egov_sdk.seal._verify.signer import Signatory
from egov_sdk.seal._verify.stamps import read_stamp
from egov_sdk.seal.checks import CHECKS
from egov_sdk.seal.policy import Policy

__all__ = ["check_trust"]

_PASSED, _FAILED, _UNKNOWN, _SKIPPED = Outcome.PASSED, Outcome.FAILED, Outcome.UNKNOWN, Outcome.SKIPPED

_SEAL_CHECKS = ("trust.seal_maker", "trust.seal_maker_revocation", "trust.seal_period", "trust.seal_time_stamp")
_OTHER_CHECKS = ("trust.signer_certificate", "trust.signer_revocation", "trust.signing_time", "trust.time_stamp")


def check_trust(
    facts: PackageFacts, signature: SignatureFacts, signatories: list[Signatory], policy: Policy
) -> Iterator[Check]:
    """All trust checks of one signature. Without anchors none of them can be decided."""
    if not signature.readable:
        for name in (*_OTHER_CHECKS, *_SEAL_CHECKS):
            yield CHECKS.check(name, _UNKNOWN, "unreadable", subject=signature.subject)
        return
    carried = signature.message.certificates if signature.message is not None else ()
    judge = _Judge(signature, policy, ChainJudge(policy, signature.subject, carried))
    claimed = next((s.signed_at for s in signatories if s.signed_at is not None), None)
    stamp = judge.time_stamp()
    used_at = judge.time_of_use(stamp, claimed)
    yield from judge.signers(signatories, used_at)
    if signature.seal_value is None:
        for name in _SEAL_CHECKS:
            yield CHECKS.check(name, _SKIPPED, "not_a_seal", subject=signature.subject)
    else:
        seal_judge = SealJudge(signature.seal_value.seal, signature.subject, facts.certificate)
        yield from seal_judge.trust(policy, used_at, proven_at=stamp.proven_at)
    yield judge.signing_time(stamp, claimed, signatories)
    yield stamp.check


@dataclass(frozen=True, slots=True)
class _Stamp:
    """The check of the time stamp, and its time where it can be relied on."""

    check: Check
    proven_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Judge:
    signature: SignatureFacts
    policy: Policy
    chains: ChainJudge

    @property
    def subject(self) -> str:
        return self.signature.subject

    # ------------------------------------------------------------------ signers

    def signers(self, signatories: list[Signatory], used_at: datetime) -> Iterator[Check]:
        names = ("trust.signer_certificate", "trust.signer_revocation")
        for signatory in signatories:
            if signatory.certificate is not None:
                chain = self.chains.chain(signatory.certificate, used_at)
                yield self.chains.check(names[0], signatory.certificate, chain, used_at)
                yield self.chains.check_revocation(names[1], chain, used_at)
                continue
            if self.signature.seal_value is not None:
                yield CHECKS.check(names[0], _FAILED, "cert_unreadable", subject=self.subject, detail=signatory.detail)
            else:
                yield CHECKS.check(names[0], _UNKNOWN, "no_certificate", subject=self.subject)
            yield CHECKS.check(names[1], _UNKNOWN, "no_chain", subject=self.subject)
        if not signatories:
            yield CHECKS.check(names[0], _UNKNOWN, "no_certificate", subject=self.subject)
            yield CHECKS.check(names[1], _UNKNOWN, "no_chain", subject=self.subject)

    # ------------------------------------------------------------------ time

    def time_stamp(self) -> _Stamp:
        name, value = "trust.time_stamp", self.signature.seal_value
        try:
            stamp = read_stamp(value) if value is not None else None
        except InputError:
            return _Stamp(CHECKS.check(name, _FAILED, "timestamp_wrong", subject=self.subject))
        if stamp is None or value is None:
            demanded = self.policy.claimed_time == "ignore" or not self.chains.has_anchors
            return _Stamp(CHECKS.check(name, _UNKNOWN if demanded else _SKIPPED, "absent", subject=self.subject))
        check = self.chains.check_stamp(name, stamp, value.signed_at)
        proven = check.outcome is _PASSED or check.reason == "time_order"
        return _Stamp(check, proven_at=stamp.token.gen_time if proven else None)

    def time_of_use(self, stamp: _Stamp, claimed: datetime | None) -> datetime:
        """The time as at which certificates and seal are judged."""
        if stamp.proven_at is not None:
            return stamp.proven_at
        if self.policy.claimed_time == "ignore" or claimed is None:
            return self.policy.at
        return claimed

    def signing_time(self, stamp: _Stamp, claimed: datetime | None, signatories: list[Signatory]) -> Check:
        outcome, reason = self._time_verdict(stamp, claimed, signatories)
        at = stamp.proven_at or claimed
        return CHECKS.check(
            "trust.signing_time", outcome, reason, subject=self.subject, at=at.isoformat() if at else "?"
        )

    def _time_verdict(
        self, stamp: _Stamp, claimed: datetime | None, signatories: list[Signatory]
    ) -> tuple[Outcome, str]:
        if not self.chains.has_anchors:
            return _UNKNOWN, "no_anchors"
        times = [stamp.proven_at, *(signatory.signed_at for signatory in signatories)]
        if any(at is not None and at - self.policy.at > self.policy.tolerance for at in times):
            return _UNKNOWN, "in_future"
        if stamp.proven_at is not None:
            return _PASSED, "proven"
        if claimed is not None and self.policy.claimed_time == "accept":
            return _PASSED, "claimed"
        if self._all_good_now(signatories):
            return _PASSED, "immaterial" if claimed else "good_now"
        return _UNKNOWN, "time_unproven" if claimed else "no_time"

    def _all_good_now(self, signatories: list[Signatory]) -> bool:
        """Would the answer be the same if the signature had been made just now?"""
        now, value = self.policy.at, self.signature.seal_value
        if value is not None and not value.seal.valid_from <= now <= value.seal.valid_to:
            return False
        certificates = [signatory.certificate for signatory in signatories]
        return bool(certificates) and all(
            certificate is not None and self.chains.good(self.chains.chain(certificate, now))
            for certificate in certificates
        )
