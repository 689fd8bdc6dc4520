"""Chains in this room's words: one outcome from a chain's four facts, with the reason that the table knows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from egov_sdk.pki import Certificate, ChainResult, TrustStore, validate_chain
from egov_sdk.pki.chain import OCSP_SIGNING, TIME_STAMPING
from egov_sdk.report import Check, Outcome, Text
from egov_sdk.seal._verify.stamps import JudgedStamp
from egov_sdk.seal.checks import CHECKS
from egov_sdk.seal.policy import Policy

__all__ = ["ChainJudge"]

_PASSED, _FAILED, _UNKNOWN = Outcome.PASSED, Outcome.FAILED, Outcome.UNKNOWN

#: Signing with either usage is common practice; seals need one of them.
_SIGNING = frozenset({"digitalSignature", "nonRepudiation"})
_NOTHING = Text("", "")

#: Certificates for these alone are given to machines whose signatures mean something else: RFC 5280, 4.2.1.12.
_SERVER_AUTHENTICATION = "1.3.6.1.5.5.7.3.1"
_OTHER_PURPOSES = frozenset({_SERVER_AUTHENTICATION, TIME_STAMPING, OCSP_SIGNING})
_OTHER_PURPOSE = Text(
    "it is for servers, time stamps or revocation answers alone", "仅限用于服务器认证、时间戳或吊销应答"
)
_STAMP_CHECKS = frozenset({"trust.time_stamp", "trust.seal_time_stamp"})


def _is_for_other_things(certificate: Certificate) -> bool:
    purposes = certificate.extended_key_usage
    return bool(purposes) and _OTHER_PURPOSES.issuperset(purposes or ())


@dataclass(frozen=True, slots=True)
class ChainJudge:
    """Builds and judges chains under one policy, for one subject of the report."""

    policy: Policy
    subject: str
    carried: tuple[Certificate, ...] = ()
    anchors: TrustStore | None = None  # other ones than the policy's

    @property
    def trust(self) -> TrustStore:
        return self.policy.trust if self.anchors is None else self.anchors

    @property
    def has_anchors(self) -> bool:
        return len(self.trust) > 0

    def chain(
        self,
        certificate: Certificate,
        at: datetime,
        *,
        usage: frozenset[str] | None = _SIGNING,
        carried: Iterable[Certificate] = (),
    ) -> ChainResult:
        """The chain of a certificate, with what the policy gives and what the file itself carries."""
        return validate_chain(
            certificate,
            trust=self.trust,
            at=at,
            intermediates=(*self.policy.intermediates, *self.carried, *carried),
            crls=self.policy.crls,
            ocsps=self.policy.ocsps,
            fetch=self.policy.fetch,
            usage=usage,
        )

    def good(self, chain: ChainResult) -> bool:
        return self._verdict(chain)[0] is _PASSED

    def check(self, name: str, certificate: Certificate, chain: ChainResult, at: datetime) -> Check:
        """The check of a chain as at one time."""
        outcome, reason, detail = self._verdict(chain)
        if outcome is _PASSED and name not in _STAMP_CHECKS and _is_for_other_things(certificate):
            outcome, reason, detail = _FAILED, "key_usage", _OTHER_PURPOSE
        return CHECKS.check(
            name,
            outcome,
            reason,
            subject=self.subject,
            subject_name=certificate.subject.text,
            anchor=chain.path[-1].subject.text if chain.path else "?",
            at=at.isoformat(),
            detail=detail,
        )

    def check_stamp(self, name: str, stamp: JudgedStamp, claimed: datetime | None) -> Check:
        """Whether a time stamp is right, by somebody trusted, and not before the time that its owner claims."""
        gen_time = stamp.token.gen_time
        if stamp.outcome is not _PASSED:
            return CHECKS.check(name, stamp.outcome, "timestamp_wrong", subject=self.subject)
        assert stamp.certificate is not None  # without one nothing has passed
        # that the certificate is for time stamping has been asked of the stamp itself
        chain = self.chain(stamp.certificate, gen_time, usage=None, carried=stamp.token.certificates)
        check = self.check(name, stamp.certificate, chain, gen_time)
        if check.outcome is _PASSED and chain.revoked_at is not None and chain.revoked_at <= self.policy.at:
            # whoever has the authority's key writes any time, also one from before the revocation: RFC 3161, 4
            words = {"subject_name": stamp.certificate.subject.text, "revoked_at": chain.revoked_at.isoformat()}
            return CHECKS.check(name, _UNKNOWN, "authority_revoked", subject=self.subject, **words)
        if check.outcome is _PASSED and claimed is not None and claimed - gen_time > self.policy.tolerance:
            words = {"claimed": claimed.isoformat(), "gen_time": gen_time.isoformat()}
            return CHECKS.check(name, _FAILED, "time_order", subject=self.subject, **words)
        return check

    def check_revocation(self, name: str, chain: ChainResult, at: datetime) -> Check:
        """What is known about revocation, as its own check: it may be required or not."""
        if chain.anchored.outcome is not _PASSED:
            return CHECKS.check(name, _UNKNOWN, "no_chain", subject=self.subject)
        outcome = chain.revocation.outcome
        reason = {_PASSED: "ok", _FAILED: "revoked"}.get(outcome, "no_information")
        words: dict[str, object] = {"detail": chain.revocation.message}
        if outcome is _PASSED and chain.revoked_at is not None:
            reason, words = "revoked_later", {"revoked_at": chain.revoked_at.isoformat(), "at": at.isoformat()}
        return CHECKS.check(name, outcome, reason, subject=self.subject, **words)

    def _verdict(self, chain: ChainResult) -> tuple[Outcome, str, Text]:
        if not self.has_anchors:
            return _UNKNOWN, "no_anchors", _NOTHING
        anchored = chain.anchored
        if anchored.outcome is _FAILED or anchored.reason == "issuer_not_found":
            # whoever cannot be led to a given anchor is not trusted, whatever other certificates may exist
            return _FAILED, "cert_untrusted", anchored.message
        if anchored.outcome is not _PASSED:
            return anchored.outcome, "cert_undecided", anchored.message
        if chain.usage.outcome is _FAILED:
            return _FAILED, "key_usage", chain.usage.message
        if chain.validity.outcome is not _PASSED:
            return chain.validity.outcome, "cert_expired_at_signing", chain.validity.message
        if chain.revocation.outcome is _FAILED:
            return _FAILED, "cert_revoked_before", chain.revocation.message
        return _PASSED, "ok", _NOTHING
