"""What any platform of sharing offers: take signed steps and uses, show cases, tell what is late, give evidence."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from egov_sdk.exchange.sharing.model import (
    CaseState,
    Served,
    SharingCase,
    SharingNotice,
    SharingReminder,
    SharingStatistics,
)
from egov_sdk.exchange.sharing.signing import SignedStep, SignedUse

__all__ = ["SharingService"]


class SharingService(Protocol):
    """Sharing of government data (政务数据共享): request, review, grant, use, objection.

    Every step and every use is signed by the department that takes it: the service believes signatures, not callers.
    Every refusal is a SharingRejected. A platform that cannot be reached is a PlatformUnreachable.
    """

    def take(self, step: SignedStep) -> SharingCase:
        """Take the next step of a case, or open one; the case as it is then.

        A request is answered at once where a rule answers it: resources shared without conditions are granted within
        the platform's limit, those that are not shared are refused with their basis.

        Raises:
            SharingRejected: sharing.other_platform, signature, clock, case_unknown, case_taken, stale, order, full,
                state, not_yours; of a request or grant resource_unknown, own_resource, field, purpose, until, quota,
                not_shared; of an objection never_used, objection_open, objection_unknown, notice_unknown.
            InputError: it is no step.
        """

    def use(self, use: SignedUse) -> Served:
        """Use a grant: the records that it allows, each with a reference.

        Raises:
            SharingRejected: sharing.other_platform, signature, clock, replayed, no_source, case_unknown, caller,
                not_granted, until, expired, resource_unknown, narrowed, other_provider, purpose, field, hidden_field,
                records, rate.
            InputError: it is none.
        """

    def case(self, case_id: str) -> SharingCase:
        """One case.

        Raises:
            SharingRejected: sharing.case_unknown.
        """

    def cases(
        self, *, party: str = "", resource: str = "", state: CaseState | None = None, after: str = "", limit: int = 100
    ) -> tuple[SharingCase, ...]:
        """Cases in the order of their ids, at most 1,000: of a requester or provider, of a resource, in a state.

        Raises:
            ValueError: ``limit`` is not between 1 and 1,000.
        """

    def overdue(self, *, at: datetime | None = None, soon: int = 2) -> tuple[SharingReminder, ...]:
        """What is late, or due within ``soon`` working days, the most urgent first.

        Raises:
            ValueError: ``at`` has no time zone, or ``soon`` is not between 0 and 100.
        """

    def notices(self, party: str) -> tuple[SharingNotice, ...]:
        """The notices of corrected records that a department has not acknowledged."""

    def statistics(self) -> SharingStatistics:
        """Numbers about all cases."""

    def evidence(self, case_id: str) -> bytes:
        """One case as a file that proves itself: ``verify_case`` reads it.

        Raises:
            SharingRejected: sharing.case_unknown.
        """
