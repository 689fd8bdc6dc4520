"""Whether an identity assertion holds: every question asked, each answered for itself, in one report."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

from egov_sdk.crypto.jose import KeySet, TokenRejected, read_unverified, verify_payload
from egov_sdk.errors import InputError
from egov_sdk.gateway.replay import ReplayStore
from egov_sdk.identity.assertion import MEDIA_TYPE, Delegation, IdentityAssertion, malformed
from egov_sdk.identity.checks import ASSERTION_CHECKS
from egov_sdk.identity.model import IdentityLevel
from egov_sdk.identity.problems import shown
from egov_sdk.identity.trusting import TRUST_CHECKS, CertificateTrust, check_certificate
from egov_sdk.pki import Certificate, TrustStore
from egov_sdk.pki.cms import SignerFacts, parse_signed_data, verify_signer
from egov_sdk.report import Check, Outcome, Report
from egov_sdk.strict_json import names_once, no_constant
from egov_sdk.times import aware

__all__ = ["AssertionPolicy", "AssertionResult", "KnownIssuer", "verify_assertion"]

_MESSAGE_BYTES: Final = 256 << 10
_CHECK: Final = ASSERTION_CHECKS.check
_PASSED, _FAILED, _UNKNOWN, _SKIPPED = Outcome.PASSED, Outcome.FAILED, Outcome.UNKNOWN, Outcome.SKIPPED
_NO_TRUST: Final = CertificateTrust(trust=TrustStore())


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownIssuer:
    """A system that may assert identities here: by its keys (JWT form), and by its certificates (CMS form).

    ``subjects`` are the names of its certificates as ``certificate.subject.text`` writes them, to the letter: under one
    CA there are many systems, and each speaks for itself only.
    """

    keys: KeySet = field(default_factory=lambda: KeySet.of(()))
    subjects: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        if isinstance(self.subjects, str):
            raise TypeError("subjects is a set of names, not one text")
        object.__setattr__(self, "subjects", frozenset(self.subjects))
        if not len(self.keys) and not self.subjects:
            raise ValueError("an issuer is known by keys or by names of certificates")


@dataclass(frozen=True, slots=True, kw_only=True)
class AssertionPolicy:
    """What a receiver demands of assertions.

    Attributes:
        audience: the receiver itself.
        issuers: who may assert, by their ids.
        trusting: for the CMS form; without it no certificate is trusted.
        level: how well the person must be known.
        principal: on whose behalf the person must act; empty where that does not matter.
        scope: what is to be done; each delegation must cover it.
        max_life: how long an assertion may be good for in all.
        leeway: how far the clocks may be apart.
        max_delegations: how long the chain may be.
    """

    audience: str
    issuers: Mapping[str, KnownIssuer]
    trusting: CertificateTrust | None = None
    level: IdentityLevel = IdentityLevel.NONE
    principal: str = ""
    scope: str = ""
    max_life: timedelta = timedelta(minutes=5)
    leeway: timedelta = timedelta(seconds=30)
    max_delegations: int = 4

    def __post_init__(self) -> None:
        if not self.audience:
            raise ValueError("audience must not be empty")
        if self.level is IdentityLevel.UNKNOWN:
            raise ValueError("a level that is required must be a known one")
        if self.max_life <= timedelta(0) or self.leeway < timedelta(0) or self.max_delegations < 0:
            raise ValueError("max_life is positive; leeway and max_delegations are not negative")
        object.__setattr__(self, "issuers", MappingProxyType(dict(self.issuers)))


@dataclass(frozen=True, slots=True, kw_only=True)
class AssertionResult:
    """The report, and what the assertion says, which holds only if the report passed."""

    report: Report
    assertion_unverified: IdentityAssertion | None

    def require(self) -> IdentityAssertion:
        """What the assertion says.

        Raises:
            VerificationError: a required check has not passed; it carries the report.
        """
        self.report.require()
        assert self.assertion_unverified is not None
        return self.assertion_unverified


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """An assertion in one of its forms: what it says, and its signature as checks."""

    assertion: IdentityAssertion
    form: str
    signature: Check
    issuer: Check
    key: Check
    certificate: Certificate | None = None
    certificates: tuple[Certificate, ...] = ()


def verify_assertion(
    data: str | bytes, *, policy: AssertionPolicy, replay: ReplayStore, at: datetime
) -> AssertionResult:
    """Verify an assertion; what a stranger sent is told in the report and never raised.

    Args:
        data: a text is the JWT form, bytes are the CMS form.
        replay: remembers the ids of assertions that were used.
    Raises:
        ValueError: ``at`` has no time zone.
    """
    aware(at)
    try:
        read = _read_token(data, policy) if isinstance(data, str) else _read_message(data, policy)
    except InputError as error:
        checks = [
            _CHECK("integrity.form", _FAILED, "malformed", found=shown(error.detail.get("found") or error.code)),
            *(_CHECK(name, _UNKNOWN, "not_reached") for name in _AFTER_FORM if name not in TRUST_CHECKS),
            *check_certificate(None, _NO_TRUST, table=ASSERTION_CHECKS, at=at),
        ]
        return AssertionResult(report=_report(checks, at), assertion_unverified=None)
    checks = list(_judged(read, policy, replay, at))
    return AssertionResult(report=_report(checks, at), assertion_unverified=read.assertion)


def _report(checks: list[Check], at: datetime) -> Report:
    return Report("identity assertion", at, "assertion/1", tuple(checks), frozenset(ASSERTION_CHECKS.rows))


_AFTER_FORM: Final = tuple(name for name in ASSERTION_CHECKS.rows if name != "integrity.form")


def _read_token(token: str, policy: AssertionPolicy) -> _Read:
    try:
        unverified = read_unverified(token)
    except TokenRejected as error:
        raise malformed(error.code) from None
    assertion = IdentityAssertion.from_claims(unverified.claims_unverified)
    if unverified.header_unverified.get("typ") != MEDIA_TYPE:
        raise malformed("a token of another type")
    issuer = policy.issuers.get(assertion.issuer)
    if issuer is None or not len(issuer.keys):
        return _Read(
            assertion=assertion,
            form="JWT",
            signature=_CHECK("integrity.signature", _UNKNOWN, "undecided", found="-"),
            issuer=_CHECK("binding.issuer", _FAILED, "issuer_unknown", found=shown(assertion.issuer)),
            key=_CHECK("trust.key", _FAILED, "key_unknown"),
        )
    known = _CHECK("binding.issuer", _PASSED, "ok", found=shown(assertion.issuer))
    try:
        verified = verify_payload(token, issuer.keys, algorithms={"SGD_SM3_SM2"})
    except TokenRejected as error:
        # the last word of the code says it: an unknown key, an unfit one, a wrong signature
        key = _CHECK("trust.key", _FAILED, "key_unknown")
        wrong = _CHECK("integrity.signature", _FAILED, "signature", found=shown(error.code))
        return _Read(assertion=assertion, form="JWT", signature=wrong, issuer=known, key=key)
    return _Read(
        assertion=assertion,
        form="JWT",
        signature=_CHECK("integrity.signature", _PASSED, "ok", found="JWT"),
        issuer=known,
        key=_CHECK("trust.key", _PASSED, "ok", found=shown(verified.key.key_id or "-")),
    )


def _read_message(data: bytes, policy: AssertionPolicy) -> _Read:
    if len(data) > _MESSAGE_BYTES:
        raise malformed(f"{len(data)} bytes")
    message = parse_signed_data(data)
    if message.content is None or len(message.signers) != 1:
        raise malformed("a message without content, or with another number of signers than one")
    assertion = IdentityAssertion.from_claims(_object(message.content))
    facts = verify_signer(message, message.signers[0])
    return _Read(
        assertion=assertion,
        form="CMS",
        signature=_signature_of(facts),
        issuer=_issuer_of(assertion, facts.certificate, policy),
        key=_CHECK("trust.key", _SKIPPED, "by_certificate"),
        certificate=facts.certificate,
        certificates=message.certificates,
    )


def _signature_of(facts: SignerFacts) -> Check:
    if facts.outcome is _PASSED:
        return _CHECK("integrity.signature", _PASSED, "ok", found="CMS")
    worse = facts.signature if facts.signature.outcome is facts.outcome else facts.content
    reason = "signature" if facts.outcome is _FAILED else "undecided"
    return _CHECK("integrity.signature", facts.outcome, reason, found=worse.message)


def _issuer_of(assertion: IdentityAssertion, certificate: Certificate | None, policy: AssertionPolicy) -> Check:
    issuer, named = policy.issuers.get(assertion.issuer), shown(assertion.issuer)
    if issuer is None:
        return _CHECK("binding.issuer", _FAILED, "issuer_unknown", found=named)
    if certificate is None or certificate.subject.text not in issuer.subjects:
        return _CHECK("binding.issuer", _FAILED, "signer", found=named)
    return _CHECK("binding.issuer", _PASSED, "ok", found=named)


def _object(content: bytes) -> Mapping[str, object]:
    try:
        value: object = json.loads(content.decode(), object_pairs_hook=names_once, parse_constant=no_constant)
    except (ValueError, RecursionError):
        raise malformed("the content is no JSON") from None
    if not isinstance(value, dict):
        raise malformed("the content is no object")
    return value


def _judged(read: _Read, policy: AssertionPolicy, replay: ReplayStore, at: datetime) -> Iterator[Check]:
    yield _CHECK("integrity.form", _PASSED, "ok")
    own = [read.signature, read.issuer, _audience(read.assertion, policy), _time(read.assertion, policy, at), read.key]
    trust = list(_trust(read, policy, at))
    yield from own
    yield from trust
    # only then does it count as used: a stranger must not use up what is somebody else's
    stands = all(check.outcome in (_PASSED, _SKIPPED) for check in (*own, *trust))
    yield _once(read.assertion, policy, replay, at) if stands else _CHECK("binding.once", _UNKNOWN, "not_reached")
    yield _delegated(read.assertion, policy, at)
    yield _level(read.assertion, policy)
    yield _scope(read.assertion.delegations, policy)


def _audience(assertion: IdentityAssertion, policy: AssertionPolicy) -> Check:
    if assertion.audience != policy.audience:
        return _CHECK(
            "binding.audience", _FAILED, "audience", found=shown(assertion.audience), expected=policy.audience
        )
    return _CHECK("binding.audience", _PASSED, "ok", expected=policy.audience)


def _time(assertion: IdentityAssertion, policy: AssertionPolicy, at: datetime) -> Check:
    name, now, until = "binding.time", at.isoformat(), assertion.expires_at
    if at - policy.leeway >= until:
        return _CHECK(name, _FAILED, "expired", expected=until.isoformat(), found=now)
    if at + policy.leeway < assertion.issued_at:
        return _CHECK(name, _FAILED, "of_the_future", expected=assertion.issued_at.isoformat(), found=now)
    if until - assertion.issued_at > policy.max_life:
        life, most = until - assertion.issued_at, policy.max_life
        found, expected = int(life.total_seconds()), int(most.total_seconds())
        return _CHECK(name, _FAILED, "too_long", found=found, expected=expected)
    return _CHECK(name, _PASSED, "ok", expected=until.isoformat())


def _trust(read: _Read, policy: AssertionPolicy, at: datetime) -> Iterator[Check]:
    if read.form == "JWT":
        for name in TRUST_CHECKS:
            yield _CHECK(name, _SKIPPED, "by_key")
        return
    yield from check_certificate(
        read.certificate,
        policy.trusting or _NO_TRUST,
        table=ASSERTION_CHECKS,
        at=at,
        intermediates=read.certificates,
    )


def _once(assertion: IdentityAssertion, policy: AssertionPolicy, replay: ReplayStore, at: datetime) -> Check:
    # ids of different issuers are apart, and it is remembered for as long as it could be accepted again
    until = assertion.expires_at + policy.leeway
    key = f"assertion:{len(assertion.issuer)}:{assertion.issuer}:{assertion.id}"
    if replay.first_use(key, until_s=until.timestamp(), now_s=at.timestamp()):
        return _CHECK("binding.once", _PASSED, "ok")
    return _CHECK("binding.once", _FAILED, "replayed")


def _delegated(assertion: IdentityAssertion, policy: AssertionPolicy, at: datetime) -> Check:
    name, chain = "binding.delegation", assertion.delegations
    if not chain:
        return _CHECK(name, _FAILED if policy.principal else _PASSED, "nobody_delegated")
    if len(chain) > policy.max_delegations:
        return _CHECK(name, _FAILED, "too_long", found=len(chain), expected=policy.max_delegations)
    if policy.principal and chain[0].principal != policy.principal:
        found = shown(chain[0].principal)
        return _CHECK(name, _FAILED, "principal", found=found, expected=policy.principal)
    for number, delegation in enumerate(chain, 1):
        before = chain[number - 2] if number > 1 else None
        if before is not None and before.delegate != delegation.principal:
            return _CHECK(name, _FAILED, "broken", found=number)
        if before is not None and not delegation.scopes <= before.scopes:
            return _CHECK(name, _FAILED, "widened", found=number)
        if not delegation.covers(at):
            return _CHECK(name, _FAILED, "not_in_force", found=number)
    if chain[-1].delegate != assertion.actor:
        return _CHECK(name, _FAILED, "ends_elsewhere")
    return _CHECK(name, _PASSED, "ok", count=len(chain), found=shown(chain[0].principal))


def _level(assertion: IdentityAssertion, policy: AssertionPolicy) -> Check:
    level = assertion.user.assurance.level
    if level.reaches(policy.level):
        return _CHECK("trust.level", _PASSED, "ok", found=level.value)
    return _CHECK("trust.level", _FAILED, "level", found=level.value, expected=policy.level.value)


def _scope(chain: tuple[Delegation, ...], policy: AssertionPolicy) -> Check:
    name = "coverage.scope"
    if not chain:
        return _CHECK(name, _PASSED, "nobody_delegated")
    if not policy.scope:
        return _CHECK(name, _PASSED, "not_asked")
    for number, delegation in enumerate(chain, 1):
        if policy.scope not in delegation.scopes:
            return _CHECK(name, _FAILED, "scope", found=number, expected=policy.scope)
    return _CHECK(name, _PASSED, "ok", expected=policy.scope)
