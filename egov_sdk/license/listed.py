"""Status lists at hand (随身状态列表): what they say of a licence file that tells its place in its issuer's list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from types import MappingProxyType
from typing import Final

from egov_sdk.identity.trusting import CertificateTrust
from egov_sdk.license.checks import CHECKS
from egov_sdk.license.metadata import LicenseMetadata
from egov_sdk.license.policy import LicensePolicy
from egov_sdk.license.present._list_checks import judge_lists
from egov_sdk.license.present.policy import LicenseIssuer, PresentationPolicy
from egov_sdk.license.present.status_list import StatusList
from egov_sdk.license.states import LicenseState, StatusEntry
from egov_sdk.report import Check, Outcome, Report

__all__ = ["ListedState", "StatusLists"]

_LIST: Final = "trust.status_list"
_NOTHING: Final[Mapping[str, int]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class ListedState:
    """What was found about the list, and the state that it tells.

    Where it tells none, ``reason`` says why: ``no_place``, ``no_list`` or ``outside``.
    """

    check: Check
    state: LicenseState | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusLists:
    """The status lists that a verifier has at hand, for ``verify`` of licence files.

    A list counts for a licence if its certificate is of the authority that issued the licence and leads to an anchor
    of the policy, its signature holds, and it is neither too old nor older than one that was met before.

    Attributes:
        lists: Of any issuers and types.
        remembered: The highest number met of each list, by its ``key``; keep what ``met`` gives.
        place: Where the issuer says that its list speaks of the licence; None for what the file itself says.
        max_age: How old a list may be.
    """

    lists: tuple[StatusList, ...]
    remembered: Mapping[str, int] = field(default_factory=lambda: _NOTHING)
    place: StatusEntry | None = None
    max_age: timedelta = timedelta(hours=24)

    def __post_init__(self) -> None:
        object.__setattr__(self, "lists", tuple(self.lists))
        if self.max_age <= timedelta(0):
            raise ValueError("max_age is positive")

    def judge(self, metadata: LicenseMetadata, *, policy: LicensePolicy) -> ListedState:
        """What the lists say of a licence whose seals are judged by the same policy."""
        place = self.place or metadata.status
        if place is None:
            return ListedState(CHECKS.check(_LIST, Outcome.UNKNOWN, "no_place"), reason="no_place")
        own = tuple(each for each in self.lists if policy.knows(each.certificate, metadata.issuer))
        if not own:
            return ListedState(self._of_nobody(place), reason="no_list")
        issuer = LicenseIssuer(
            subjects=frozenset(each.certificate.subject.text for each in own),
            type_codes=frozenset({metadata.type_code}),
        )
        seals = policy.seal
        trusting = CertificateTrust(
            trust=seals.trust, intermediates=seals.intermediates, crls=seals.crls, ocsps=seals.ocsps
        )
        verdict = judge_lists(
            own,
            place,
            issuer=issuer,
            beside=None,
            policy=PresentationPolicy(
                trusting=trusting, issuers=(issuer,), status_max_age=self.max_age, leeway=seals.tolerance
            ),
            at=seals.at,
            met=self.remembered,
        )
        reason = verdict.status.reason if verdict.state is None else ""
        return ListedState(verdict.check, verdict.state, reason)

    def _of_nobody(self, place: StatusEntry) -> Check:
        """Why no list is of the issuer: there is none, none of this number, or another's has the number."""
        of_another = [each for each in self.lists if each.list_id == place.list_id]
        if of_another:
            found = of_another[0].certificate.subject.text
            return CHECKS.check(_LIST, Outcome.UNKNOWN, "list_issuer", found=found)
        if self.lists:
            return CHECKS.check(_LIST, Outcome.UNKNOWN, "other_list", expected=place.list_id)
        return CHECKS.check(_LIST, Outcome.UNKNOWN, "no_list")

    def met(self, report: Report) -> Mapping[str, int]:
        """The numbers of lists that counted in a report: keep the highest of each, as ``remembered`` of the next."""
        counted = {check.evidence["found"] for check in report.of(_LIST) if check.outcome is Outcome.PASSED}
        return {each.key: each.sequence for each in self.lists if str(each.sequence) in counted}
