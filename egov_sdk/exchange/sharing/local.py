"""The service of sharing at work in this process: cases on a database, the catalogue beside it, a desk of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

from egov_sdk.exchange.catalog.store import LocalCatalog
from egov_sdk.exchange.catalog.terms import SharingType
from egov_sdk.exchange.envelope.judge import judge
from egov_sdk.exchange.envelope.model import Party
from egov_sdk.exchange.envelope.policy import ExchangePolicy
from egov_sdk.exchange.sharing.calendar import WEEKENDS_ONLY, WorkingCalendar
from egov_sdk.exchange.sharing.deadlines import DEFAULT_DEADLINES, DeadlineTable
from egov_sdk.exchange.sharing.evidence import CaseEvidence
from egov_sdk.exchange.sharing.fields import plain
from egov_sdk.exchange.sharing.guard import GrantGuard, Source, Wanted
from egov_sdk.exchange.sharing.keys import SharingKeys
from egov_sdk.exchange.sharing.model import (
    Acceptance,
    Approval,
    Body,
    CaseState,
    Correction,
    GrantTerms,
    Notice,
    Objection,
    Quota,
    Refusal,
    Resource,
    Served,
    SharingCase,
    SharingNotice,
    SharingReminder,
    SharingRequest,
    SharingStatistics,
    Step,
    UseRequest,
)
from egov_sdk.exchange.sharing.numbers import reminders, statistics
from egov_sdk.exchange.sharing.problems import refuse
from egov_sdk.exchange.sharing.register import SharingRegister
from egov_sdk.exchange.sharing.resources import published
from egov_sdk.exchange.sharing.rules import apply, begin, check_platform, check_request
from egov_sdk.exchange.sharing.signing import Desk, SignedStep, SignedUse, check_protected
from egov_sdk.report import Outcome
from egov_sdk.storage import KeyStore, Store
from egov_sdk.storage.sql import Connection
from egov_sdk.times import aware

__all__ = ["LocalSharingService", "SharingLimits"]

_HOLDS: Final = (Outcome.PASSED, Outcome.SKIPPED)
_ONLY_HERE: Final = (Acceptance, Notice)
_NOT_SHARED: Final = "不予共享 (not shared)"
_MOST: Final = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class SharingLimits:
    """How far rules go by themselves.

    Attributes:
        unconditional: what is granted without a review; a request for more is reviewed.
        unconditional_days: as ``unconditional``, for how long.
        longest_days: no grant is for longer.
    """

    unconditional: Quota = field(default_factory=Quota)
    unconditional_days: int = 366
    longest_days: int = 1_100

    def cover(self, request: SharingRequest, at: datetime) -> bool:
        """Whether a request stays within what needs no review."""
        asked, limit = request.quota, self.unconditional
        slow = asked.calls <= limit.calls and asked.calls * limit.per_s <= limit.calls * asked.per_s
        return slow and asked.records <= limit.records and request.until <= at + timedelta(self.unconditional_days)


class LocalSharingService:
    """A SharingService on a database of one's own. Threads may share one.

    Args:
        catalog: what is published, by whom, and how it is shared.
        platform: signs what rules decide; it is the desk of itself.
        policy: whose certificates are whose; it must know the platform's own.
        keys: of the log of uses.
        calendar: without holidays by default: give one.
        sources: the resources that can be used here, by their codes.
    """

    def __init__(
        self,
        store: Store,
        *,
        catalog: LocalCatalog,
        platform: Desk,
        policy: ExchangePolicy,
        keys: SharingKeys,
        clock: Callable[[], datetime],
        calendar: WorkingCalendar = WEEKENDS_ONLY,
        deadlines: DeadlineTable = DEFAULT_DEADLINES,
        limits: SharingLimits = SharingLimits(),
        sources: Mapping[str, Source] = MappingProxyType({}),
    ) -> None:
        if platform.platform != platform.code:
            raise ValueError("the platform's own desk takes its steps at the platform itself: platform is its own code")
        self._store, self._catalog, self._platform, self._policy = store, catalog, platform, policy
        self._clock, self._calendar, self._deadlines, self._limits = clock, calendar, deadlines, limits
        self._sources, self._uses = dict(sources), KeyStore("sharing.use", capacity=1_000_000)
        self._register, self._guard = SharingRegister(store), GrantGuard(store, keys=keys, catalog=catalog)
        self._register.prepare(at=self._now())

    def take(self, step: SignedStep) -> SharingCase:
        """Take a step; see SharingService."""
        at, read = self._now(), step.read()
        self._check_signed(step, read, at)
        if isinstance(read.body, _ONLY_HERE):
            raise refuse("sharing.not_yours", action=read.body.kind, expected="platform", found=read.actor)
        if isinstance(read.body, SharingRequest):
            return self._open(step, read, at)
        if isinstance(read.body, Approval) and read.body.terms.until > at + timedelta(self._limits.longest_days):
            last = (at + timedelta(self._limits.longest_days)).isoformat()
            raise refuse("sharing.until", found=read.body.terms.until.isoformat(), first=at.isoformat(), last=last)
        return self._advance(step, read, at)

    def use(self, use: SignedUse) -> Served:
        """Use a grant; see SharingService."""
        at, read = self._now(), use.read()
        self._check_signed(use, read, at)
        case = self._register.case(read.case_id)
        if case.requester != read.actor:
            raise refuse("sharing.caller", found=read.actor)
        resource = case.request.resource
        source = self._sources.get(resource)
        if source is None:
            raise refuse("sharing.no_source", found=resource)
        with self._store.write(durable=False) as connection:
            until = read.at + 2 * self._policy.leeway + timedelta(seconds=1)
            if not self._uses.use_once(connection, f"{read.actor} {read.nonce}", at=at, until=max(until, at)):
                raise refuse("sharing.replayed")
        wanted = Wanted(
            case_id=read.case_id,
            purpose=read.purpose,
            fields=read.fields,
            where=read.where,
            records=read.records,
        )
        return self._guard.serve(wanted, source, caller=read.actor, at=at, signed=use)

    def case(self, case_id: str) -> SharingCase:
        """One case; see SharingService."""
        return self._register.case(case_id)

    def cases(
        self, *, party: str = "", resource: str = "", state: CaseState | None = None, after: str = "", limit: int = 100
    ) -> tuple[SharingCase, ...]:
        """Cases; see SharingService."""
        if not 1 <= limit <= _MOST:
            raise ValueError(f"limit is between 1 and {_MOST}")
        return self._register.cases(party=party, resource=resource, state=state, after=after, limit=limit)

    def overdue(self, *, at: datetime | None = None, soon: int = 2) -> tuple[SharingReminder, ...]:
        """What is late or due soon; see SharingService."""
        moment = aware(at) if at is not None else self._now()
        return reminders(
            self._register.waiting(), at=moment, soon=soon, deadlines=self._deadlines, calendar=self._calendar
        )

    def notices(self, party: str) -> tuple[SharingNotice, ...]:
        """Notices that wait for a department; see SharingService."""
        return tuple(
            notice
            for case in self._register.everything(party=party)
            if case.requester == party
            for notice in case.notices
            if not notice.is_acknowledged
        )

    def statistics(self) -> SharingStatistics:
        """Numbers about all cases; see SharingService."""
        uses, records = self._register.totals()
        found = statistics(self._register.everything(), deadlines=self._deadlines, calendar=self._calendar)
        return found.model_copy(update={"uses": uses, "records": records})

    def evidence(self, case_id: str) -> bytes:
        """One case as evidence; see SharingService."""
        case = self._register.case(case_id)
        steps, uses = self._register.steps(case_id), self._register.uses(case_id)
        made = CaseEvidence.of(
            steps[: case.steps],
            tuple(SignedUse.model_validate_json(row["signed"]) for row in uses if row["signed"]),
            uses=len(uses),
            audit=self._register.head(),
            platform=self._platform,
            at=self._now(),
        )
        return made.to_json()

    # ------------------------------------------------------------------ steps

    def _open(self, signed: SignedStep, step: Step, at: datetime) -> SharingCase:
        case = begin(step, digest=signed.digest, platform=self._platform.code)
        resource = published(self._catalog, case.request.resource)
        if resource is None:
            raise refuse("sharing.resource_unknown", found=case.request.resource)
        check_request(case.request, resource, requester=case.requester, at=step.at)
        with self._register.write() as connection:
            self._register.add(connection, case)
            steps = [signed]
            case = self._own(case, Acceptance(resource=resource), at, steps)
            if (answer := self._by_rule(case, resource)) is not None:
                case = self._own(case, answer, at, steps)
            self._keep(connection, {case.case_id: case}, steps, at)
        return case

    def _by_rule(self, case: SharingCase, resource: Resource) -> Body | None:
        """What a rule answers by itself; None where somebody has to look."""
        request, at = case.request, case.changed_at
        if resource.sharing is SharingType.REFUSED:
            return Refusal(reason=_NOT_SHARED, basis=resource.basis)
        if resource.sharing is not SharingType.UNCONDITIONAL or not self._limits.cover(request, at):
            return None
        terms = GrantTerms(
            purposes=request.purposes,
            fields=plain(*request.fields),
            rows=request.rows,
            quota=request.quota,
            valid_from=at,
            until=request.until,
        )
        return Approval(terms=terms, is_ready=resource.code in self._sources)

    def _advance(self, signed: SignedStep, step: Step, at: datetime) -> SharingCase:
        others = self._others(step)
        with self._register.write() as connection:
            # always in one order, so that two corrections never wait for each other
            cases = {one: self._register.locked(connection, one) for one in sorted({step.case_id, *others})}
            before = cases[step.case_id]
            case = apply(before, step, digest=signed.digest, platform=self._platform.code)
            if isinstance(step.body, Objection):
                self._check_used(connection, case, step.body)
            steps = [signed]
            cases[step.case_id] = case
            if isinstance(step.body, Correction):
                for one, reference in others.items():
                    notice = Notice(record=reference, fields=step.body.fields, note=step.body.note)
                    cases[one] = self._own(cases[one], notice, at, steps)
            self._keep(connection, cases, steps, at)
        return case

    def _others(self, step: Step) -> dict[str, str]:
        """The other cases that have seen the record that is corrected, and what they call it."""
        if not isinstance(step.body, Correction):
            return {}
        case = self._register.case(step.case_id)
        for one in case.open_objections:
            if one.number == step.body.objection:
                users = self._register.users(case.case_id, one.record)
                return {case_id: reference for case_id, reference in users.items() if case_id != case.case_id}
        return {}

    def _check_used(self, connection: Connection, case: SharingCase, objection: Objection) -> None:
        if self._register.record_of(connection, case.case_id, objection.record) is None:
            raise refuse("sharing.never_used")

    def _own(self, case: SharingCase, body: Body, at: datetime, steps: list[SignedStep]) -> SharingCase:
        """A step of the platform's own."""
        signed = self._platform.step(case, body, at=max(at, case.changed_at))
        steps.append(signed)
        return apply(case, signed.read(), digest=signed.digest, platform=self._platform.code)

    def _keep(
        self, connection: Connection, cases: Mapping[str, SharingCase], steps: list[SignedStep], at: datetime
    ) -> None:
        for case in cases.values():
            self._register.change(connection, case)
        for signed in steps:
            self._register.add_step(connection, signed)
        self._register.note(connection, steps, at=at)

    # ------------------------------------------------------------------ who and what

    def _check_signed(self, signed: SignedStep | SignedUse, read: Step | UseRequest, at: datetime) -> None:
        check_platform(read, self._platform.code)
        leeway = self._policy.leeway
        if abs(read.at - at) > leeway:
            raise refuse("sharing.clock", found=read.at.isoformat(), expected=at.isoformat())
        check_protected(signed)
        found = judge(
            signed.signature,
            signed.payload,
            party=Party(code=read.actor),
            claimed=read.at,
            policy=self._policy,
            at=at,
            subject="",
        )
        for check in found.checks:
            if check.outcome not in _HOLDS:
                raise refuse("sharing.signature", check=check.id, found=check.message)

    def _now(self) -> datetime:
        return aware(self._clock())
