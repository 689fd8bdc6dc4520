"""What is late, what is due soon, and how many of everything there are: worked out from cases alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Final

from egov_sdk.exchange.sharing.calendar import WorkingCalendar
from egov_sdk.exchange.sharing.deadlines import DeadlineTable
from egov_sdk.exchange.sharing.model import SharingCase, SharingReminder, SharingStatistics, Told
from egov_sdk.exchange.sharing.rules import Pending, pending

__all__ = ["reminders", "statistics"]

_MOST_SOON: Final = 100


def reminders(
    cases: Iterable[SharingCase], *, at: datetime, soon: int, deadlines: DeadlineTable, calendar: WorkingCalendar
) -> tuple[SharingReminder, ...]:
    """What is late, or due within ``soon`` working days, the most urgent first.

    Raises:
        ValueError: ``at`` has no time zone, or ``soon`` is not between 0 and 100.
    """
    if not 0 <= soon <= _MOST_SOON:
        raise ValueError(f"soon is between 0 and {_MOST_SOON}")
    today = calendar.day_of(at)
    found: list[SharingReminder] = []
    for case in cases:
        for one in pending(case, deadlines=deadlines, calendar=calendar):
            left = calendar.between(today, one.due.day)
            if at >= one.due.at:
                found.append(_told(case, one, Told.LATE, -left))
            elif left <= soon:
                found.append(_told(case, one, Told.SOON, left))
    return tuple(sorted(found, key=lambda one: (one.due, one.case_id, one.about)))


def _told(case: SharingCase, one: Pending, told: Told, working_days: int) -> SharingReminder:
    return SharingReminder(
        case_id=case.case_id,
        party=one.party,
        matter=one.matter.value,
        about=one.about,
        since=one.since,
        due=one.due.at,
        told=told,
        working_days=working_days,
        is_provisional=one.due.provisional,
    )


def statistics(
    cases: Iterable[SharingCase], *, deadlines: DeadlineTable, calendar: WorkingCalendar
) -> SharingStatistics:
    """Numbers about cases; uses and records are not known here, and are 0."""
    states: Counter[str] = Counter()
    objections: Counter[str] = Counter()
    answered = late = days = notices = unseen = 0
    for case in cases:
        states[case.state] += 1
        objections.update(one.outcome for one in case.objections)
        notices += len(case.notices)
        unseen += sum(not one.is_acknowledged for one in case.notices)
        if case.answered_at is None or case.review_since is None or case.resource is None:
            continue
        answered += 1
        due = calendar.due(case.review_since, deadlines.reply(case.resource.sharing).working_days)
        late += case.answered_at >= due.at
        days += calendar.between(calendar.day_of(case.review_since), calendar.day_of(case.answered_at))
    return SharingStatistics.model_validate(
        {
            "cases": dict(states),
            "answered": answered,
            "answered_late": late,
            "working_days_to_answer": days,
            "objections": dict(objections),
            "notices": notices,
            "notices_open": unseen,
            "uses": 0,
            "records": 0,
        },
        strict=False,
    )
