"""One signature of the exchange as checks: its mathematics, whose it is, whom to trust, and when it was made."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Final

from egov_sdk.crypto import InvalidSignature
from egov_sdk.errors import InputError
from egov_sdk.exchange.envelope.canonical import encode_moment
from egov_sdk.exchange.envelope.checks import ENVELOPE_CHECKS
from egov_sdk.exchange.envelope.model import Party
from egov_sdk.exchange.envelope.policy import ExchangePolicy
from egov_sdk.exchange.envelope.signature import Signature
from egov_sdk.pki import Certificate, ChainResult, validate_chain
from egov_sdk.pki.chain import TIME_STAMPING
from egov_sdk.pki.facts import Fact
from egov_sdk.report import Check, Outcome

__all__ = ["Judged", "judge"]

_PASSED, _FAILED, _UNKNOWN, _SKIPPED = Outcome.PASSED, Outcome.FAILED, Outcome.UNKNOWN, Outcome.SKIPPED
#: What is told of a signer and not of one message alone.
_STEADY: Final = frozenset(
    {
        "integrity.signature",
        "binding.signer",
        "trust.certificate",
        "trust.validity",
        "trust.revocation",
        "trust.usage",
    }
)
_TRUST: Final = ("trust.certificate", "trust.validity", "trust.revocation", "trust.usage", "trust.time")


@dataclass(frozen=True, slots=True)
class Judged:
    """The checks, and the moment by which the signature is proven to have been there, if any."""

    checks: tuple[Check, ...]
    proven_at: datetime | None


@dataclass(frozen=True, slots=True)
class _Stamp:
    integrity: Check
    trust: Check
    gen_time: datetime | None = None


@lru_cache(maxsize=1024)
def _remembered(name: str, outcome: Outcome, reason: str, subject: str, facts: tuple[tuple[str, object], ...]) -> Check:
    """The same few answers about the same few signers come up again and again."""
    return ENVELOPE_CHECKS.check(name, outcome, reason, subject=subject, **dict(facts))


def plain_check(name: str, outcome: Outcome, reason: str, subject: str = "") -> Check:
    """A check without facts."""
    return _remembered(name, outcome, reason, subject, ())


def judge(
    signature: Signature,
    payload: bytes,
    *,
    party: Party,
    claimed: datetime,
    policy: ExchangePolicy,
    at: datetime,
    subject: str,
    seen_at: datetime | None = None,
) -> Judged:
    """Judge a signature over a payload.

    Args:
        party: who is said to have signed, at ``claimed``.
        seen_at: a proven moment at which somebody else had it already.
    """
    return _Judge(signature, payload, party, claimed, policy, at, subject).judged(seen_at)


@dataclass(frozen=True, slots=True)
class _Judge:
    signature: Signature
    payload: bytes
    party: Party
    claimed: datetime
    policy: ExchangePolicy
    at: datetime
    subject: str

    def check(self, name: str, outcome: Outcome, reason: str, /, **facts: object) -> Check:
        if name in _STEADY:
            return _remembered(name, outcome, reason, self.subject, tuple(facts.items()))
        return ENVELOPE_CHECKS.check(name, outcome, reason, subject=self.subject, **facts)

    def judged(self, seen_at: datetime | None) -> Judged:
        try:
            certificates = tuple(Certificate.parse(one) for one in self.signature.certificates)
        except InputError:
            return Judged(tuple(self._unreadable()), None)
        own, others = certificates[0], certificates[1:]
        signature = self._mathematics(own)
        stamp = self._time_stamp()
        proofs = [moment for moment in (stamp.gen_time, seen_at) if moment is not None]
        proven = min(proofs, default=None) if signature.outcome is _PASSED else None
        chain = self.policy.chain(own, others, at=proven or min(self.claimed, self.at))
        time = self._time(own, others, chain, proven)
        return Judged((signature, stamp.integrity, *self._signed_by(own, others, chain), time, stamp.trust), proven)

    def _unreadable(self) -> Iterator[Check]:
        yield self.check("integrity.signature", _FAILED, "unreadable")
        stamp = self._time_stamp()
        yield stamp.integrity
        yield self.check("binding.signer", _UNKNOWN, "unreadable")
        for name in _TRUST:
            yield self.check(name, _UNKNOWN, "unreadable")
        yield stamp.trust

    def _mathematics(self, own: Certificate) -> Check:
        name = "integrity.signature"
        if not own.is_sm2:
            return self.check(name, _FAILED, "not_sm2")
        try:
            own.public_key.verify(self.signature.value, self.signature.signed_octets(self.payload))
        except (InvalidSignature, InputError):
            return self.check(name, _FAILED, "wrong")
        return self.check(name, _PASSED, "ok", subject_name=own.subject.text)

    def _signer(self, own: Certificate) -> Check:
        good, name = self.policy.speaks_for(own, self.party), own.subject.text
        if good is None:
            return self.check("binding.signer", _UNKNOWN, "unknown_party", party=self.party.id)
        return self.check(
            "binding.signer",
            _PASSED if good else _FAILED,
            "ok" if good else "another",
            subject_name=name,
            party=self.party.id,
        )

    # ------------------------------------------------------------------ trust

    def _signed_by(self, own: Certificate, others: tuple[Certificate, ...], chain: ChainResult) -> tuple[Check, ...]:
        """Whose the certificate is, and whether to trust it: the same for all that a party signs under one chain."""
        kept, key = self.policy.judged, (own, others, self.party.id, self.subject)
        known = kept.get(key)
        if known is None or known[0] is not chain:
            known = kept.put(key, (chain, (self._signer(own), *self._trust(own, chain))), weight=len(own.raw))
        return known[1]

    def _trust(self, own: Certificate, chain: ChainResult) -> Iterator[Check]:
        yield self._anchored(chain.anchored)
        good = chain.validity.outcome is _PASSED
        yield self.check(
            "trust.validity", chain.validity.outcome, "ok" if good else "out_of_dates", found=chain.validity.message
        )
        yield self._revocation(chain.revocation)
        if own.is_ca:
            yield self.check("trust.usage", _FAILED, "is_ca")
        else:
            good = chain.usage.outcome is _PASSED
            yield self.check(
                "trust.usage", chain.usage.outcome, "ok" if good else "key_usage", found=chain.usage.message
            )

    def _anchored(self, found: Fact) -> Check:
        reason = {_PASSED: "ok", _FAILED: "untrusted"}.get(found.outcome, "undecided")
        if found.reason == "no_anchors":
            reason = "no_anchors"
        return self.check("trust.certificate", found.outcome, reason, found=found.message)

    def _revocation(self, found: Fact) -> Check:
        name = "trust.revocation"
        if self.policy.revocation == "off":
            return self.check(name, _SKIPPED, "not_looked_at")
        if self.policy.revocation == "if_available" and found.reason == "no_information":
            return self.check(name, _SKIPPED, "no_information", found=found.message)
        reason = {_PASSED: "ok", _FAILED: "revoked"}.get(found.outcome, "undecided")
        return self.check(name, found.outcome, reason, found=found.message)

    def _time(
        self, own: Certificate, others: tuple[Certificate, ...], then: ChainResult, proven: datetime | None
    ) -> Check:
        claimed = encode_moment(self.claimed)
        if self.claimed - self.at > self.policy.leeway:
            return self.check("trust.time", _FAILED, "in_future", at=claimed)
        if proven is not None:
            if proven - self.at > self.policy.leeway:
                # the clock of that authority is wrong: what it says proves nothing
                return self.check("trust.time", _FAILED, "in_future", at=encode_moment(proven))
            if self.claimed - proven > self.policy.leeway:
                return self.check("trust.time", _FAILED, "time_order", at=claimed, found=encode_moment(proven))
            return self.check("trust.time", _PASSED, "proven", at=encode_moment(proven))
        if self._good_now(own, others, then):
            return self.check("trust.time", _PASSED, "immaterial", at=claimed)
        return self._unproven(claimed)

    def _good_now(self, own: Certificate, others: tuple[Certificate, ...], then: ChainResult) -> bool:
        """Whether the certificate could have signed at the time of verification as well."""
        policy = self.policy
        if not policy.crls and not policy.ocsps and policy.fetch is None and policy.revocation != "required":
            return all(one.covers(self.at) for one in then.path)  # nothing but dates can differ
        now = policy.chain(own, others, at=self.at)
        if now.validity.outcome is not _PASSED or now.revocation.outcome is _FAILED:
            return False
        return now.revocation.outcome is _PASSED or policy.revocation != "required"

    def _unproven(self, claimed: str) -> Check:
        if self.policy.claimed_time == "accept":
            return self.check("trust.time", _PASSED, "claimed", at=claimed)
        return self.check("trust.time", _UNKNOWN, "time_unproven", at=claimed)

    # ------------------------------------------------------------------ time stamp

    def _time_stamp(self) -> _Stamp:
        if not self.signature.time_stamp:
            return _Stamp(
                plain_check("integrity.time_stamp", _SKIPPED, "absent", self.subject),
                plain_check("trust.time_stamp", _SKIPPED, "absent", self.subject),
            )
        from egov_sdk.pki.timestamp import parse_token, verify_token

        try:
            token = parse_token(self.signature.time_stamp)
            facts = verify_token(token, imprint_of=self.signature.value, certificates=self.policy.intermediates)
        except InputError as error:
            return self._bad_stamp(_FAILED, error.message)
        if facts.outcome is not _PASSED or facts.certificate is None:
            parts = (facts.imprint, facts.signature, facts.binding, facts.usage)
            worst = next((one for one in parts if one.outcome is facts.outcome), facts.signature)
            return self._bad_stamp(facts.outcome if facts.outcome is not _PASSED else _UNKNOWN, worst.message)
        integrity = self.check("integrity.time_stamp", _PASSED, "ok", gen_time=encode_moment(token.gen_time))
        trust = self._stamp_trust(facts.certificate, token.certificates, token.gen_time)
        return _Stamp(integrity, trust, token.gen_time if trust.outcome is _PASSED else None)

    def _bad_stamp(self, outcome: Outcome, detail: object) -> _Stamp:
        reason = "wrong" if outcome is _FAILED else "undecided"
        return _Stamp(
            self.check("integrity.time_stamp", outcome, reason, detail=detail),
            self.check("trust.time_stamp", _UNKNOWN, "wrong"),
        )

    def _stamp_trust(self, authority: Certificate, carried: tuple[Certificate, ...], gen_time: datetime) -> Check:
        policy = self.policy
        chain = validate_chain(
            authority,
            trust=policy.trust,
            at=gen_time,
            intermediates=(*policy.intermediates, *carried),
            crls=policy.crls,
            ocsps=policy.ocsps,
            fetch=policy.fetch,
            extended_usage=TIME_STAMPING,
            revocation=policy.revocation,
        )
        parts: tuple[Fact, ...] = (chain.anchored, chain.validity, chain.usage, chain.revocation)
        outcome = chain.outcome
        if outcome is _PASSED and chain.revoked_at is not None:
            # whoever has the authority's key writes any time, also one from before the revocation: RFC 3161, 4
            outcome, parts = _UNKNOWN, (chain.revocation,)
        worst = next((one for one in parts if one.outcome is outcome), parts[0])
        reason = {_PASSED: "ok", _FAILED: "untrusted"}.get(outcome, "undecided")
        return self.check("trust.time_stamp", outcome, reason, found=worst.message)
