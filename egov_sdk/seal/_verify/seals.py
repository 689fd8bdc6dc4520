"""The seal itself, whether it stands alone or inside a signature value: maker, picture, period."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from egov_sdk.caches import BoundedCache
from egov_sdk.crypto import InvalidSignature
from egov_sdk.errors import InputError
from egov_sdk.pki import Certificate, ChainResult
from egov_sdk.report import Check, Outcome
from egov_sdk.seal._verify.algorithms import SM2_NAMES, USUAL_SM2_NAMES, is_unsupported
from egov_sdk.seal._verify.binding import names_holder
from egov_sdk.seal._verify.chains import ChainJudge
from egov_sdk.seal._verify.signer import is_raw, verify_sm2
from egov_sdk.seal._verify.stamps import read_seal_stamp
from egov_sdk.seal.checks import CHECKS
from egov_sdk.seal.model import ElectronicSeal, Leniency
from egov_sdk.seal.picture import inspect_picture
from egov_sdk.seal.policy import Policy

__all__ = ["SealJudge"]

_PASSED, _FAILED, _UNKNOWN, _SKIPPED = Outcome.PASSED, Outcome.FAILED, Outcome.UNKNOWN, Outcome.SKIPPED


#: Whether a maker's certificate, signature and signed bytes go together: that follows from these bytes alone.
_HOLDS: Final[BoundedCache[tuple[bytes, bytes, bytes], bool]] = BoundedCache(16 << 20)


def _maker_signed(seal: ElectronicSeal, maker: Certificate) -> bool:
    key = (maker.raw, seal.maker_signature, seal.signed_bytes)
    known = _HOLDS.get(key)
    if known is not None:
        return known
    try:
        verify_sm2(maker.public_key, seal.maker_signature, seal.signed_bytes)
    except InvalidSignature:
        good = False
    else:
        good = True
    return _HOLDS.put(key, good, weight=sum(map(len, key)))


def _believed(made: ChainResult, policy: Policy, existed_at: datetime | None) -> bool:
    """Whether a seal is as old as its maker says: whoever stole the maker's key writes any date.

    The standard takes the maker's word where the certificate has merely expired; after a revocation only a time
    stamp from before it counts.
    """
    if policy.claimed_time == "accept":
        return True
    if made.revoked_at is not None and made.revoked_at <= policy.at:
        return existed_at is not None and existed_at < made.revoked_at
    return policy.claimed_time != "ignore" or existed_at is not None


def _is_holder(seal: ElectronicSeal, maker: Certificate) -> bool:
    """Whether a seal was made by one of those who may use it, with this certificate or another for the same key."""
    if names_holder(seal, maker.raw):
        return True
    try:
        point = maker.public_key.point
    except InputError:
        return False
    return any(point in holder for holder in seal.holder_certificates)


@dataclass(slots=True)
class SealJudge:
    """Judges one seal. ``read_certificate`` may keep what it has read; ``leniencies`` grows."""

    seal: ElectronicSeal
    subject: str
    read_certificate: Callable[[bytes], Certificate]
    leniencies: list[Leniency] = field(default_factory=list)

    def integrity(self) -> Iterator[Check]:
        yield self._maker_signature()
        yield self._picture()
        yield self._time_stamp()

    def _maker_signature(self) -> Check:
        name, seal, maker = "integrity.seal_maker_signature", self.seal, "?"
        if seal.maker_algorithm not in SM2_NAMES:
            outcome = _UNKNOWN if is_unsupported(seal.maker_algorithm) else _FAILED
            return CHECKS.check(name, outcome, "unknown_signature", subject=self.subject, method=seal.maker_algorithm)
        if seal.maker_algorithm not in USUAL_SM2_NAMES:
            self.leniencies.append(Leniency("signed_data_oid_for_signature", "seal", seal.maker_algorithm))
        if is_raw(seal.maker_signature):
            self.leniencies.append(Leniency("raw_signature_value", "seal"))
        try:
            certificate = self.read_certificate(seal.maker_certificate)
            maker = certificate.subject.text
            good = _maker_signed(seal, certificate)
        except InputError as error:
            return CHECKS.check(name, _FAILED, "key_unusable", subject=self.subject, detail=error.message)
        if not good:
            return CHECKS.check(name, _FAILED, "maker_signature_wrong", subject=self.subject, subject_name=maker)
        self.leniencies.extend(Leniency(code, "seal.cert") for code in certificate.leniencies)
        return CHECKS.check(name, _PASSED, "ok", subject=self.subject, subject_name=maker)

    def _picture(self) -> Check:
        name, picture = "integrity.seal_picture", self.seal.picture
        try:
            found = inspect_picture(
                picture.data,
                declared=picture.format,
                width_mm=picture.width_mm,
                height_mm=picture.height_mm,
                where="seal.picture",
            )
        except InputError as error:
            return CHECKS.check(name, _FAILED, "picture_refused", subject=self.subject, detail=error.message)
        self.leniencies.extend(found.leniencies)
        size = {"width": picture.width_mm, "height": picture.height_mm}
        return CHECKS.check(name, _PASSED, "ok", subject=self.subject, format=found.format, **size)

    def _time_stamp(self) -> Check:
        name = "integrity.seal_time_stamp"
        try:
            stamp = read_seal_stamp(self.seal)
        except InputError as error:
            return CHECKS.check(name, _FAILED, "timestamp_wrong", subject=self.subject, detail=error.message)
        if stamp is None:
            return CHECKS.check(name, _SKIPPED, "absent", subject=self.subject)
        self.leniencies.extend(stamp.leniencies)
        words = {"detail": stamp.detail, "gen_time": stamp.token.gen_time.isoformat()}
        return CHECKS.check(name, stamp.outcome, stamp.reason, subject=self.subject, **words)

    def trust(self, policy: Policy, used_at: datetime, *, proven_at: datetime | None = None) -> Iterator[Check]:
        """Whether the maker is trusted, and whether the seal was in its period when used.

        ``proven_at`` is when a time stamp says that the seal was used, and so was there.
        """
        stamp, existed_at = self._trusted_time_stamp(ChainJudge(policy, self.subject))
        yield from self._maker(policy, existed_at or proven_at)
        yield self._period(policy, used_at)
        yield stamp

    def _trusted_time_stamp(self, judge: ChainJudge) -> tuple[Check, datetime | None]:
        name = "trust.seal_time_stamp"
        try:
            stamp = read_seal_stamp(self.seal)
        except InputError:
            return CHECKS.check(name, _FAILED, "timestamp_wrong", subject=self.subject), None
        if stamp is None:
            outcome = _SKIPPED if judge.has_anchors else _UNKNOWN
            return CHECKS.check(name, outcome, "absent", subject=self.subject), None
        check = judge.check_stamp(name, stamp, self.seal.created_at)
        return check, stamp.token.gen_time if check.outcome is _PASSED else None

    def _maker(self, policy: Policy, existed_at: datetime | None) -> Iterator[Check]:
        judge, now = ChainJudge(policy, self.subject, anchors=policy.seal_makers), policy.at
        names = ("trust.seal_maker", "trust.seal_maker_revocation")
        try:
            certificate = self.read_certificate(self.seal.maker_certificate)
        except InputError as error:
            yield CHECKS.check(names[0], _FAILED, "cert_unreadable", subject=self.subject, detail=error.message)
            yield CHECKS.check(names[1], _UNKNOWN, "no_chain", subject=self.subject)
            return
        made_at = self.seal.created_at
        chain = judge.chain(certificate, now)
        check = judge.check(names[0], certificate, chain, now)
        words = {"subject_name": certificate.subject.text, "at": made_at.isoformat()}
        if check.reason in ("cert_expired_at_signing", "cert_revoked_before"):
            # GM/T 0031: expired or revoked since, but good when the seal was made, is a note and no failure
            chain = judge.chain(certificate, made_at)
            check = judge.check(names[0], certificate, chain, made_at)
            if check.outcome is _PASSED:
                believed = _believed(chain, policy, existed_at)
                reason = "good_when_made" if believed else "made_unproven"
                outcome = _PASSED if believed else _UNKNOWN
                check = CHECKS.check(names[0], outcome, reason, subject=self.subject, **words)
        if check.outcome is _PASSED and _is_holder(self.seal, certificate):
            check = CHECKS.check(names[0], _FAILED, "maker_is_holder", subject=self.subject, **words)
        yield check
        yield judge.check_revocation(names[1], chain, made_at)

    def _period(self, policy: Policy, used_at: datetime) -> Check:
        name, seal = "trust.seal_period", self.seal
        words = {
            "at": used_at.isoformat(),
            "valid_from": seal.valid_from.isoformat(),
            "valid_to": seal.valid_to.isoformat(),
        }
        if not len(policy.trust):
            outcome, reason = _UNKNOWN, "no_anchors"
        elif seal.created_at - used_at > policy.tolerance:
            outcome, reason, words["made_at"] = _FAILED, "seal_not_yet_made", seal.created_at.isoformat()
        elif used_at > seal.valid_to:
            outcome, reason = _FAILED, "seal_expired"
        elif used_at < seal.valid_from:
            outcome, reason = _FAILED, "seal_not_yet_valid"
        else:
            outcome, reason = _PASSED, "ok"
        return CHECKS.check(name, outcome, reason, subject=self.subject, **words)
