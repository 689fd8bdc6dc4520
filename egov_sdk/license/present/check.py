"""Whether a presentation holds (验码): every question asked, each answered for itself, without a network."""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from egov_sdk.crypto import InvalidSignature, sm3
from egov_sdk.errors import InputError
from egov_sdk.identity.trusting import check_certificate
from egov_sdk.license.present._list_checks import ListVerdict, judge_list, judge_lists
from egov_sdk.license.present._shapes import signing_input
from egov_sdk.license.present._wire import FOR_ATTESTATION, FOR_ISSUED, FOR_PRESENTATION, read_presentation
from egov_sdk.license.present.checks import PRESENTATION_CHECKS
from egov_sdk.license.present.model import ReadPresentation
from egov_sdk.license.present.policy import LicenseIssuer, PresentationPolicy, certificates_for
from egov_sdk.license.present.status_list import StatusList
from egov_sdk.pki import Certificate
from egov_sdk.problems import shown
from egov_sdk.report import Check, Outcome, Report, Text
from egov_sdk.report_words import message_of
from egov_sdk.times import aware

if TYPE_CHECKING:
    from egov_sdk.gateway.replay import ReplayStore

__all__ = ["Expected", "PresentationResult", "check_presentation", "check_status_list"]

_CHECK: Final = PRESENTATION_CHECKS.check
_PASSED, _FAILED, _UNKNOWN, _SKIPPED = Outcome.PASSED, Outcome.FAILED, Outcome.UNKNOWN, Outcome.SKIPPED
_NOTHING: Final[Mapping[str, int]] = MappingProxyType({})
_REQUIRED: Final = frozenset(PRESENTATION_CHECKS.rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What a verifier asked for (验证方的要求): itself, a challenge, a type, items; empty where it does not matter.

    Attributes:
        audience: Who this verifier is.
        nonce: The challenge that it gave to the holder.
        type_code: The type that it wants to see.
        items: Names of the items that must be shown.
    """

    audience: str = ""
    nonce: bytes = b""
    type_code: str = ""
    items: tuple[str, ...] = ()


_ANYTHING: Final = Expected()


@dataclass(frozen=True, slots=True, kw_only=True)
class PresentationResult:
    """The report, and what was shown, which holds only if the report passed.

    ``sequences`` are the sequence numbers of good status lists: keep the highest of each, and hand them over as
    ``remembered`` the next time.
    """

    report: Report
    presentation_unverified: ReadPresentation | None
    sequences: Mapping[str, int] = field(default_factory=lambda: _NOTHING)

    def require(self) -> ReadPresentation:
        """What was shown.

        Raises:
            VerificationError: a required check has not passed; it carries the report.
        """
        self.report.require()
        assert self.presentation_unverified is not None
        return self.presentation_unverified


def check_presentation(
    text: str,
    *,
    policy: PresentationPolicy,
    at: datetime,
    status_lists: Iterable[StatusList] = (),
    remembered: Mapping[str, int] = _NOTHING,
    expected: Expected = _ANYTHING,
    replay: ReplayStore | None = None,
) -> PresentationResult:
    """Check the text of a scanned QR code; what a stranger shows is told in the report and never raised.

    Args:
        status_lists: the lists at hand, of any issuers; without the right one nothing is known of the licence's state,
            and the outcome is UNKNOWN.
        remembered: the highest sequence number met of each list, by its ``key``; an older list is refused.
        expected: what this verifier asked for.
        replay: remembers what was shown here, so that a copy is refused even while the original is still in force;
            what it raises passes through.
    Raises:
        ValueError: ``at`` has no time zone.
    """
    aware(at)
    try:
        read = read_presentation(text)
    except InputError as error:
        found = Text(shown(error.message), shown(message_of(error, "zh")))
        form = _CHECK("integrity.form", _FAILED, "malformed", found=found, code=error.code)
        rest = [_plain(name, _UNKNOWN, "not_reached") for name in PRESENTATION_CHECKS.rows if name != form.id]
        return PresentationResult(report=_report([form, *rest], at), presentation_unverified=None)
    asked = _Asked(read, policy, at, tuple(status_lists), expected)
    certificate, signature = _signature(asked)
    issuer = policy.issuer_of(certificate) if certificate is not None else None
    lists = judge_lists(
        asked.lists, read.status, issuer=issuer, beside=certificate, policy=policy, at=at, met=remembered
    )
    checks = [_plain("integrity.form", _PASSED, "ok"), signature, *_judged(asked, certificate, issuer, lists)]
    checks.append(_once(asked, checks, replay))
    sequences = {lists.good.key: lists.good.sequence} if lists.good is not None else _NOTHING
    return PresentationResult(report=_report(checks, at), presentation_unverified=read, sequences=sequences)


def check_status_list(
    found: StatusList, *, policy: PresentationPolicy, at: datetime, remembered: Mapping[str, int] = _NOTHING
) -> Report:
    """Check a status list that was fetched, before it is kept; ``found.key`` and ``found.sequence`` are to be kept too.

    Raises:
        ValueError: ``at`` has no time zone.
    """
    aware(at)
    issuer = policy.issuer_of(found.certificate)
    if issuer is None:
        check = _CHECK("trust.status_list", _FAILED, "list_unknown", found=found.certificate.subject.text)
    else:
        check = judge_list(found, issuer=issuer, beside=None, policy=policy, at=at, met=remembered)
    return Report("status list", at, "presentation/1", (check,), frozenset({check.id}))


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is shown, and what it is judged by."""

    read: ReadPresentation
    policy: PresentationPolicy
    at: datetime
    lists: tuple[StatusList, ...]
    expected: Expected


@cache
def _plain(name: str, outcome: Outcome, reason: str) -> Check:
    """A check whose sentence needs no facts."""
    return _CHECK(name, outcome, reason)


def _report(checks: list[Check], at: datetime) -> Report:
    return Report("presentation", at, "presentation/1", tuple(checks), _REQUIRED)


def _signature(asked: _Asked) -> tuple[Certificate | None, Check]:
    """The issuer's certificate, as far as one is at hand, and whether its key signed."""
    read, name = asked.read, "integrity.signature"
    at_hand = (*asked.policy.certificates, *(each.certificate for each in asked.lists))
    found = certificates_for(read.issuer_key_id, at_hand)
    if not found:
        return None, _CHECK(name, _UNKNOWN, "key_unknown", found=read.issuer_key_id.hex())
    certificate = min(found, key=lambda each: _fitness(each, asked)) if len(found) > 1 else found[0]
    subject = certificate.subject.text
    if read.attested is None:
        signed, signature = signing_input(FOR_ISSUED, read.body), read.signature
    else:
        signed, signature = signing_input(FOR_ATTESTATION, read.attested.body), read.attested.signature
    try:
        certificate.public_key.verify(signature, signed, form="raw")
    except InvalidSignature:
        return certificate, _CHECK(name, _FAILED, "signature", found=subject)
    return certificate, _CHECK(name, _PASSED, "ok", found=subject)


def _fitness(certificate: Certificate, asked: _Asked) -> tuple[bool, bool]:
    """Of several certificates of one key, the one of an issuer known here and within its dates comes first."""
    within = certificate.not_before <= asked.at <= certificate.not_after
    return asked.policy.issuer_of(certificate) is None, not within


def _judged(
    asked: _Asked, certificate: Certificate | None, issuer: LicenseIssuer | None, lists: ListVerdict
) -> Iterator[Check]:
    yield _items(asked.read)
    yield _holder(asked)
    yield _audience(asked)
    yield _nonce(asked)
    yield _time(asked)
    others = tuple(each for known in asked.lists for each in known.intermediates)
    yield from check_certificate(
        certificate, asked.policy.trusting, table=PRESENTATION_CHECKS, at=asked.at, intermediates=others
    )
    yield _issuer(asked.read, certificate, issuer)
    yield lists.check
    yield _term(asked)
    yield lists.status
    yield _request(asked)


def _items(read: ReadPresentation) -> Check:
    name, count = "integrity.items", len(read.fields)
    if read.proven is None:
        return _CHECK(name, _PASSED, "by_issuer", count=count)
    return _CHECK(name, _PASSED, "ok", count=count) if read.proven else _plain(name, _FAILED, "commitment")


def _holder(asked: _Asked) -> Check:
    name, read, attested = "binding.holder", asked.read, asked.read.attested
    if attested is None:
        if asked.policy.holder_key:
            return _plain(name, _FAILED, "key_wanted")
        return _plain(name, _SKIPPED, "by_issuer")
    signed = signing_input(FOR_PRESENTATION, attested.body, attested.signature, read.body)
    try:
        attested.holder_key.verify(read.signature, signed, form="raw")
    except InvalidSignature:
        return _plain(name, _FAILED, "signature")
    return _plain(name, _PASSED, "ok")


def _audience(asked: _Asked) -> Check:
    name, found, this = "binding.audience", asked.read.audience, asked.expected.audience
    if not found:
        return _plain(name, _FAILED, "anyone_refused") if asked.policy.bound else _plain(name, _PASSED, "anyone")
    if not this:
        return _CHECK(name, _UNKNOWN, "not_told", found=shown(found))
    if found != this:
        return _CHECK(name, _FAILED, "audience", found=shown(found), expected=this)
    return _CHECK(name, _PASSED, "ok", expected=this)


def _nonce(asked: _Asked) -> Check:
    name, challenge = "binding.nonce", asked.expected.nonce
    if not challenge:
        return _plain(name, _SKIPPED, "not_asked")
    if not hmac.compare_digest(asked.read.nonce, challenge):
        return _plain(name, _FAILED, "nonce")
    return _plain(name, _PASSED, "ok")


def _time(asked: _Asked) -> Check:
    name, read, policy, at = "binding.time", asked.read, asked.policy, asked.at
    if at - policy.leeway >= read.expires_at:
        return _CHECK(name, _FAILED, "expired", expected=read.expires_at.isoformat(), found=at.isoformat())
    if at + policy.leeway < read.issued_at:
        return _CHECK(name, _FAILED, "of_the_future", expected=read.issued_at.isoformat(), found=at.isoformat())
    life = read.expires_at - read.issued_at
    if life > policy.max_life:
        found, most = int(life.total_seconds()), int(policy.max_life.total_seconds())
        return _CHECK(name, _FAILED, "too_long", found=found, expected=most)
    return _CHECK(name, _PASSED, "ok", expected=read.expires_at.isoformat())


def _issuer(read: ReadPresentation, certificate: Certificate | None, issuer: LicenseIssuer | None) -> Check:
    name = "trust.issuer"
    if certificate is None:
        return _plain(name, _UNKNOWN, "not_reached")
    subject = certificate.subject.text
    if issuer is None:
        return _CHECK(name, _FAILED, "issuer_unknown", found=subject)
    if read.type_code not in issuer.type_codes:
        return _CHECK(name, _FAILED, "type_refused", found=subject, type=read.type_code)
    return _CHECK(name, _PASSED, "ok", found=subject, type=read.type_code)


def _term(asked: _Asked) -> Check:
    name, attested, at = "coverage.term", asked.read.attested, asked.at
    if attested is None:
        return _plain(name, _SKIPPED, "by_issuer")
    if at - asked.policy.leeway >= attested.valid_until:
        return _CHECK(name, _FAILED, "ended", expected=attested.valid_until.isoformat(), found=at.isoformat())
    if at + asked.policy.leeway < attested.valid_from:
        return _CHECK(name, _FAILED, "not_begun", expected=attested.valid_from.isoformat(), found=at.isoformat())
    return _CHECK(name, _PASSED, "ok", expected=attested.valid_until.isoformat())


def _request(asked: _Asked) -> Check:
    name, read, expected = "coverage.request", asked.read, asked.expected
    if not expected.type_code and not expected.items:
        return _plain(name, _SKIPPED, "not_asked")
    if expected.type_code and read.type_code != expected.type_code:
        return _CHECK(name, _FAILED, "type_differs", found=read.type_code, expected=expected.type_code)
    if missing := [item for item in expected.items if item not in read.fields]:
        return _CHECK(name, _FAILED, "items_missing", found=", ".join(missing))
    return _plain(name, _PASSED, "ok")


def _once(asked: _Asked, checks: list[Check], replay: ReplayStore | None) -> Check:
    name, read = "binding.once", asked.read
    if replay is None:
        return _plain(name, _SKIPPED, "not_asked")
    # a copy that is refused anyway must not use up the original
    if any(check.outcome not in (_PASSED, _SKIPPED) for check in checks):
        return _plain(name, _UNKNOWN, "not_reached")
    until = read.expires_at + asked.policy.leeway
    attested = read.attested.body if read.attested is not None else b""
    key = f"presentation:{sm3(signing_input('', attested, read.body)).hex()}"
    if replay.first_use(key, until_s=until.timestamp(), now_s=asked.at.timestamp()):
        return _plain(name, _PASSED, "ok")
    return _plain(name, _FAILED, "replayed")
