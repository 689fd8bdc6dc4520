"""Whom to believe: chains, periods, revocation, and when the signature was made."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from egov_sdk.crypto import InvalidSignature
from egov_sdk.errors import InputError
from egov_sdk.pki import Certificate, ChainResult, validate_chain
from egov_sdk.pki.timestamp import TimeStampToken, parse_token
from egov_sdk.report import Check, Outcome
from egov_sdk.seal._verify.facts import PackageFacts, SignatureFacts
from egov_sdk.seal._verify.signer import Signatory
from egov_sdk.seal._verify.stamps import check_token
from egov_sdk.seal.checks import CHECKS
from egov_sdk.seal.policy import Policy

__all__ = ["check_trust"]

_PASSED, _FAILED, _UNKNOWN, _SKIPPED = Outcome.PASSED, Outcome.FAILED, Outcome.UNKNOWN, Outcome.SKIPPED

_SIGNING = frozenset({"digital_signature", "non_repudiation"})
_TIME_STAMPING = "1.3.6.1.5.5.7.3.8"
_CHECK_NAMES = (
    "trust.signer_certificate",
    "trust.seal_maker",
    "trust.seal_period",
    "trust.signing_time",
)


def check_trust(
    facts: PackageFacts, signature: SignatureFacts, signatories: list[Signatory], policy: Policy
) -> Iterator[Check]:
    """All trust checks of one signature. Without anchors none of them can be decided."""
    if not signature.readable:
        for name in _CHECK_NAMES:
            yield CHECKS.check(name, _UNKNOWN, "unreadable", subject=signature.subject)
        return
    judge = _Judge(facts, signature, policy)
    stamp = judge.time_stamp()
    yield stamp.check
    claimed = _claimed(signatories)
    used_at = judge.time_of_use(stamp, claimed)
    for signatory in signatories:
        yield from judge.signer(signatory, used_at)
    if not signatories:
        yield CHECKS.check("trust.signer_certificate", _UNKNOWN, "no_certificate", subject=signature.subject)
        yield CHECKS.check("trust.signer_revocation", _UNKNOWN, "no_chain", subject=signature.subject)
    yield from judge.maker()
    yield judge.seal_period(used_at)
    yield judge.signing_time(stamp, claimed, signatories)


def _claimed(signatories: list[Signatory]) -> datetime | None:
    return next((s.signed_at for s in signatories if s.signed_at is not None), None)


@dataclass(frozen=True, slots=True)
class _Stamp:
    """The time stamp, if there is one that can be relied on."""

    check: Check
    proven_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Judge:
    facts: PackageFacts
    signature: SignatureFacts
    policy: Policy

    @property
    def subject(self) -> str:
        return self.signature.subject

    def chain(
        self,
        certificate: Certificate,
        at: datetime,
        *,
        extended: str | None = None,
        extra: tuple[Certificate, ...] = (),
    ) -> ChainResult:
        message = self.signature.message
        carried = message.certificates if message is not None else ()
        return validate_chain(
            certificate,
            trust=self.policy.trust,
            at=at,
            intermediates=(*self.policy.intermediates, *carried, *extra),
            crls=self.policy.crls,
            ocsps=self.policy.ocsps,
            fetch=self.policy.fetch,
            usage=_SIGNING,
            extended_usage=extended,
        )

    # ------------------------------------------------------------------ signer

    def signer(self, signatory: Signatory, used_at: datetime) -> Iterator[Check]:
        name = "trust.signer_certificate"
        if signatory.certificate is None:
            yield CHECKS.check(name, _UNKNOWN, "no_certificate", subject=self.subject)
            yield CHECKS.check("trust.signer_revocation", _UNKNOWN, "no_chain", subject=self.subject)
            return
        chain = self.chain(signatory.certificate, used_at)
        yield self._chain_check(name, signatory.certificate, chain, used_at)
        yield self._revocation_check("trust.signer_revocation", chain, used_at)

    def _chain_check(self, name: str, certificate: Certificate, chain: ChainResult, at: datetime) -> Check:
        who = certificate.subject.text
        outcome, reason, detail = _chain_verdict(chain, at, anchors=len(self.policy.trust))
        return CHECKS.check(
            name,
            outcome,
            reason,
            subject=self.subject,
            subject_name=who,
            anchor=chain.path[-1].subject.text if chain.path else "?",
            at=at.isoformat(),
            detail=detail,
            not_before=certificate.not_before.isoformat(),
            not_after=certificate.not_after.isoformat(),
            revoked_at=chain.revoked_at.isoformat() if chain.revoked_at else "?",
        )

    def _revocation_check(self, name: str, chain: ChainResult, at: datetime) -> Check:
        revoked_at = chain.revoked_at.isoformat() if chain.revoked_at else "?"
        if not chain.path:
            return CHECKS.check(name, _UNKNOWN, "no_chain", subject=self.subject)
        if chain.revoked_at is not None and chain.revoked_at > at:
            return CHECKS.check(
                name, _PASSED, "revoked_later", subject=self.subject, revoked_at=revoked_at, at=at.isoformat()
            )
        outcome = chain.revocation.outcome
        reason = {_PASSED: "ok", _FAILED: "revoked", _UNKNOWN: "no_information", _SKIPPED: "not_looked"}[outcome]
        return CHECKS.check(name, outcome, reason, subject=self.subject, revoked_at=revoked_at)

    # ------------------------------------------------------------------ seal

    def maker(self) -> Iterator[Check]:
        value = self.signature.seal_value
        names = ("trust.seal_maker", "trust.seal_maker_revocation")
        if value is None:
            for name in names:
                yield CHECKS.check(name, _SKIPPED, "not_a_seal", subject=self.subject)
            return
        try:
            certificate = self.facts.certificate(value.seal.maker_certificate)
        except InputError as error:
            yield CHECKS.check(names[0], _FAILED, "cert_unreadable", subject=self.subject, detail=error.message)
            yield CHECKS.check(names[1], _UNKNOWN, "no_chain", subject=self.subject)
            return
        made_at = value.seal.created_at
        now = self.chain(certificate, self.policy.at)
        then = self.chain(certificate, made_at)
        check = self._chain_check(names[0], certificate, now, self.policy.at)
        only_late = check.reason in ("cert_expired_at_signing", "cert_revoked_before")
        if only_late and _chain_verdict(then, made_at, anchors=len(self.policy.trust))[0] is _PASSED:
            # GM/T 0031: expired or revoked since, but good when the seal was made, is a note and no failure
            check = CHECKS.check(
                names[0],
                _PASSED,
                "good_when_made",
                subject=self.subject,
                subject_name=certificate.subject.text,
                at=made_at.isoformat(),
            )
        elif only_late:
            check = self._chain_check(names[0], certificate, then, made_at)
        yield check
        yield self._revocation_check(names[1], then, made_at)

    def seal_period(self, used_at: datetime) -> Check:
        name, value = "trust.seal_period", self.signature.seal_value
        if value is None:
            return CHECKS.check(name, _SKIPPED, "not_a_seal", subject=self.subject)
        seal = value.seal
        words = {
            "at": used_at.isoformat(),
            "valid_from": seal.valid_from.isoformat(),
            "valid_to": seal.valid_to.isoformat(),
        }
        if not len(self.policy.trust):
            return CHECKS.check(name, _UNKNOWN, "no_anchors", subject=self.subject, **words)
        if used_at > seal.valid_to:
            return CHECKS.check(name, _FAILED, "seal_expired", subject=self.subject, **words)
        if used_at < seal.valid_from:
            return CHECKS.check(name, _FAILED, "seal_not_yet_valid", subject=self.subject, **words)
        return CHECKS.check(name, _PASSED, "ok", subject=self.subject, **words)

    # ------------------------------------------------------------------ time

    def time_stamp(self) -> _Stamp:
        name, value = "trust.time_stamp", self.signature.seal_value
        octets = None if value is None else (value.time_stamp or value.token)
        if octets is None:
            outcome = _SKIPPED if len(self.policy.trust) and self.policy.claimed_time != "ignore" else _UNKNOWN
            return _Stamp(CHECKS.check(name, outcome, "absent", subject=self.subject))
        assert value is not None
        try:
            token = parse_token(octets)
            check_token(token, value)
        except (InputError, InvalidSignature):
            return _Stamp(CHECKS.check(name, _FAILED, "timestamp_wrong", subject=self.subject))
        return self._trusted_stamp(token, value.signed_at)

    def _trusted_stamp(self, token: TimeStampToken, claimed: datetime | None) -> _Stamp:
        name = "trust.time_stamp"
        if token.certificate is None:
            detail = "the token holds no certificate of its issuer"
            check = CHECKS.check(
                name, _UNKNOWN, "cert_undecided", subject=self.subject, subject_name="?", detail=detail
            )
            return _Stamp(check)
        chain = self.chain(token.certificate, token.gen_time, extended=_TIME_STAMPING, extra=token.certificates)
        check = self._chain_check(name, token.certificate, chain, token.gen_time)
        if check.outcome is not _PASSED:
            return _Stamp(check)
        if claimed is not None and claimed > token.gen_time + self.policy.tolerance:
            check = CHECKS.check(
                name,
                _FAILED,
                "time_order",
                subject=self.subject,
                claimed=claimed.isoformat(),
                gen_time=token.gen_time.isoformat(),
            )
        return _Stamp(check, proven_at=token.gen_time)

    def time_of_use(self, stamp: _Stamp, claimed: datetime | None) -> datetime:
        """The time as at which certificates and seal are judged."""
        if stamp.proven_at is not None:
            return stamp.proven_at
        if self.policy.claimed_time == "ignore" or claimed is None:
            return self.policy.at
        return claimed

    def signing_time(self, stamp: _Stamp, claimed: datetime | None, signatories: list[Signatory]) -> Check:
        name = "trust.signing_time"
        if stamp.proven_at is not None:
            return self._time_check(_PASSED, "proven", stamp.proven_at)
        if not len(self.policy.trust):
            return self._time_check(_UNKNOWN, "no_anchors", claimed)
        if claimed is None:
            good = self._all_good_now(signatories)
            return CHECKS.check(
                name, _PASSED if good else _UNKNOWN, "good_now" if good else "no_time", subject=self.subject
            )
        if claimed > self.policy.at + self.policy.tolerance:
            return self._time_check(_UNKNOWN, "in_future", claimed)
        if self.policy.claimed_time == "accept":
            return self._time_check(_PASSED, "claimed", claimed)
        if self._all_good_now(signatories):
            return self._time_check(_PASSED, "immaterial", claimed)
        return self._time_check(_UNKNOWN, "time_unproven", claimed)

    def _time_check(self, outcome: Outcome, reason: str, at: datetime | None) -> Check:
        return CHECKS.check(
            "trust.signing_time", outcome, reason, subject=self.subject, at=at.isoformat() if at else "?"
        )

    def _all_good_now(self, signatories: list[Signatory]) -> bool:
        """Would the answer be the same if the signature had been made just now?"""
        now, value = self.policy.at, self.signature.seal_value
        if value is not None and not value.seal.valid_from <= now <= value.seal.valid_to:
            return False
        certificates = [signatory.certificate for signatory in signatories]
        return bool(certificates) and all(
            certificate is not None
            and _chain_verdict(self.chain(certificate, now), now, anchors=len(self.policy.trust))[0] is _PASSED
            for certificate in certificates
        )


def _chain_verdict(chain: ChainResult, at: datetime, *, anchors: int) -> tuple[Outcome, str, str]:
    """One outcome of a chain's four facts, with the reason in this room's words."""
    if not anchors:
        return _UNKNOWN, "no_anchors", ""
    if chain.anchored.outcome is not _PASSED:
        reason = "cert_untrusted" if chain.anchored.outcome is _FAILED else "cert_undecided"
        return chain.anchored.outcome, reason, chain.anchored.message.en
    if chain.usage.outcome is not _PASSED:
        return chain.usage.outcome, "key_usage", chain.usage.message.en
    if chain.validity.outcome is not _PASSED:
        return chain.validity.outcome, "cert_expired_at_signing", chain.validity.message.en
    if chain.revocation.outcome is _FAILED and (chain.revoked_at is None or chain.revoked_at <= at):
        return _FAILED, "cert_revoked_before", chain.revocation.message.en
    return _PASSED, "ok", ""
