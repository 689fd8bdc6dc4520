"""Which of the status lists at hand counts for a licence, and what it says of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from egov_sdk.identity.trusting import check_certificate
from egov_sdk.license.present.checks import PRESENTATION_CHECKS
from egov_sdk.license.present.model import StatusEntry
from egov_sdk.license.present.policy import LicenseIssuer, PresentationPolicy
from egov_sdk.license.present.status_list import StatusList
from egov_sdk.license.states import FINAL_STATES, STATE_WORDS, LicenseState
from egov_sdk.pki import Certificate
from egov_sdk.report import Check, Outcome

__all__ = ["ListVerdict", "judge_list", "judge_lists"]

_CHECK: Final = PRESENTATION_CHECKS.check
_LIST: Final = "trust.status_list"
_STATUS: Final = "coverage.status"
_PASSED, _FAILED, _UNKNOWN, _SKIPPED = Outcome.PASSED, Outcome.FAILED, Outcome.UNKNOWN, Outcome.SKIPPED
_NO_LIST: Final = _CHECK(_STATUS, _UNKNOWN, "no_list")
#: Worse comes first when none of the lists is good: what somebody forged tells more than what is merely old.
_WEIGHT: Final = {_PASSED: 0, _FAILED: 1, _UNKNOWN: 2}


@dataclass(frozen=True, slots=True)
class ListVerdict:
    """What was found about the list, what it says of the licence, the list if it is good, and the state it tells."""

    check: Check
    status: Check
    good: StatusList | None = None
    state: LicenseState | None = None


def judge_lists(
    lists: tuple[StatusList, ...],
    entry: StatusEntry,
    *,
    issuer: LicenseIssuer | None,
    beside: Certificate | None,
    policy: PresentationPolicy,
    at: datetime,
    met: Mapping[str, int],
) -> ListVerdict:
    """Find the list that a licence's place is in, and look there.

    Args:
        issuer: who signed the presentation; None where that is nobody known.
        beside: the certificate that the presentation was signed with, which is judged elsewhere.
    """
    named = [each for each in lists if each.list_id == entry.list_id]
    if not named:
        other = _CHECK(_LIST, _UNKNOWN, "other_list", expected=entry.list_id)
        return ListVerdict(other if lists else _CHECK(_LIST, _UNKNOWN, "no_list"), _NO_LIST)
    if issuer is None:
        return ListVerdict(_CHECK(_LIST, _UNKNOWN, "not_reached"), _NO_LIST)
    judged = [(judge_list(each, issuer=issuer, beside=beside, policy=policy, at=at, met=met), each) for each in named]
    check, best = _best(judged)
    state = best.state_at(entry.index)
    if check.outcome is not _PASSED and not (check.reason == "stale" and state in FINAL_STATES):
        # of an old list only what can never change again counts
        return ListVerdict(check, _NO_LIST)
    return ListVerdict(check, _status(state, entry), best if check.outcome is _PASSED else None, state)


def _best(judged: list[tuple[Check, StatusList]]) -> tuple[Check, StatusList]:
    """The list that counts. One that has run out still shows that an earlier one is not the last word."""
    best = min(judged, key=_rank)
    stale = (each for each in judged if each[0].reason == "stale")
    newest = max(stale, key=lambda each: each[1].sequence, default=best)
    return newest if best[0].outcome is _PASSED and newest[1].sequence > best[1].sequence else best


def _rank(judged: tuple[Check, StatusList]) -> tuple[int, bool, int]:
    check, found = judged
    return _WEIGHT[check.outcome], check.reason == "list_issuer", -found.sequence


def judge_list(
    found: StatusList,
    *,
    issuer: LicenseIssuer,
    beside: Certificate | None,
    policy: PresentationPolicy,
    at: datetime,
    met: Mapping[str, int],
) -> Check:
    """Whether a list counts: whose it is, its signature, the certificate behind that, its age, its number."""
    made = found.issued_at.isoformat()
    if policy.issuer_of(found.certificate) != issuer:
        return _CHECK(_LIST, _UNKNOWN, "list_issuer", found=found.certificate.subject.text)
    if not found.signature_is_good:
        return _CHECK(_LIST, _FAILED, "signature")
    if found.certificate != beside and (bad := _untrusted(found, policy, at)) is not None:
        return bad
    if (known := met.get(found.key, -1)) > found.sequence:
        return _CHECK(_LIST, _FAILED, "rolled_back", found=found.sequence, expected=known)
    if at + policy.leeway < found.issued_at:
        return _CHECK(_LIST, _FAILED, "of_the_future", at=made)
    if at >= found.expires_at or at - found.issued_at > policy.status_max_age:
        return _CHECK(_LIST, _UNKNOWN, "stale", at=made)
    return _CHECK(_LIST, _PASSED, "ok", found=found.sequence, at=made)


def _untrusted(found: StatusList, policy: PresentationPolicy, at: datetime) -> Check | None:
    checks = list(
        check_certificate(
            found.certificate, policy.trusting, table=PRESENTATION_CHECKS, at=at, intermediates=found.intermediates
        )
    )
    for outcome, reason in ((_FAILED, "untrusted"), (_UNKNOWN, "undecided")):
        if bad := next((check for check in checks if check.outcome is outcome), None):
            return _CHECK(_LIST, outcome, reason, found=bad.message)
    return None


def _status(state: LicenseState | None, entry: StatusEntry) -> Check:
    if state is None:
        return _CHECK(_STATUS, _FAILED, "outside", found=entry.index)
    if state is LicenseState.VALID:
        return _CHECK(_STATUS, _PASSED, "ok")
    if state is LicenseState.SUSPENDED:
        return _CHECK(_STATUS, _FAILED, "suspended")
    if state is LicenseState.INACTIVE:
        return _CHECK(_STATUS, _FAILED, "inactive")
    if state in FINAL_STATES:
        return _CHECK(_STATUS, _FAILED, "ended", found=STATE_WORDS[state])
    return _CHECK(_STATUS, _UNKNOWN, "undecided")
