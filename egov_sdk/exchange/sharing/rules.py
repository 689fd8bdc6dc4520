"""The rules of a case, apart from storage and clocks: who may take which step when, and what comes of it.

A case is what its steps make it: ``replay`` makes it again from them, years later and elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final, TypeAlias

from egov_sdk.exchange.catalog.terms import SharingType
from egov_sdk.exchange.sharing.calendar import Due, WorkingCalendar
from egov_sdk.exchange.sharing.conditions import fields_of
from egov_sdk.exchange.sharing.deadlines import DeadlineTable, Matter
from egov_sdk.exchange.sharing.model import (
    MOST_STEPS,
    Acceptance,
    Acknowledgement,
    Approval,
    Body,
    CaseState,
    Correction,
    Delivery,
    Dismissal,
    GrantTerms,
    Notice,
    Objection,
    ObjectionState,
    Quota,
    Refusal,
    Resource,
    Return,
    Revocation,
    Role,
    SharingCase,
    SharingNotice,
    SharingRequest,
    Step,
    Supplement,
    UseRequest,
)
from egov_sdk.exchange.sharing.problems import refuse
from egov_sdk.report import Text

__all__ = [
    "TRANSITIONS",
    "Pending",
    "Transition",
    "apply",
    "begin",
    "check_platform",
    "check_request",
    "pending",
    "replay",
]

_S = CaseState
_USED: Final = frozenset({_S.ACTIVE, _S.REVOKED, _S.RELINQUISHED})


@dataclass(frozen=True, slots=True)
class Transition:
    """From which states a step leads where, and whose it is. ``after`` is None where the state stays."""

    before: frozenset[CaseState]
    after: CaseState | None
    roles: frozenset[Role]


def _t(before: Iterable[CaseState], after: CaseState | None, *roles: Role) -> Transition:
    return Transition(frozenset(before), after, frozenset(roles))


#: Every step but the first, by its kind. An approval that is not ready leads to ``granted``.
TRANSITIONS: Mapping[str, Transition] = MappingProxyType(
    {
        "acceptance": _t({_S.FILED}, _S.REVIEW, Role.PLATFORM),
        "return": _t({_S.REVIEW}, _S.RETURNED, Role.PROVIDER),
        "supplement": _t({_S.RETURNED}, _S.REVIEW, Role.REQUESTER),
        "approval": _t({_S.REVIEW}, _S.ACTIVE, Role.PROVIDER, Role.PLATFORM),
        "refusal": _t({_S.REVIEW}, _S.REFUSED, Role.PROVIDER, Role.PLATFORM),
        "withdrawal": _t({_S.FILED, _S.REVIEW, _S.RETURNED}, _S.WITHDRAWN, Role.REQUESTER),
        "delivery": _t({_S.GRANTED}, _S.ACTIVE, Role.PROVIDER),
        "revocation": _t({_S.GRANTED, _S.ACTIVE}, _S.REVOKED, Role.PROVIDER),
        "relinquishment": _t({_S.GRANTED, _S.ACTIVE}, _S.RELINQUISHED, Role.REQUESTER),
        "objection": _t(_USED, None, Role.REQUESTER),
        "correction": _t(_USED, None, Role.PROVIDER),
        "dismissal": _t(_USED, None, Role.PROVIDER),
        "notice": _t(_USED, None, Role.PLATFORM),
        "acknowledgement": _t(_USED, None, Role.REQUESTER),
    }
)


def begin(step: Step, *, digest: str, platform: str) -> SharingCase:
    """The case that a first step opens.

    Args:
        digest: of the signed step, in hexadecimal.
        platform: the code of the platform.
    Raises:
        SharingRejected: sharing.other_platform; sharing.stale: it is no first step; sharing.state; sharing.until.
    """
    check_platform(step, platform)
    if step.number != 1 or step.previous:
        raise refuse("sharing.stale", found=step.number - 1, expected=0)
    if not isinstance(step.body, SharingRequest):
        raise refuse("sharing.state", action=step.body.kind, state="not open")
    _check_until(step.body.until, step.at, None)
    return SharingCase(
        case_id=step.case_id,
        platform=platform,
        requester=step.actor,
        request=step.body,
        state=_S.FILED,
        steps=1,
        head=digest,
        opened_at=step.at,
        changed_at=step.at,
    )


def apply(case: SharingCase, step: Step, *, digest: str, platform: str) -> SharingCase:
    """The case after one more step.

    Args:
        platform: the code of the platform.
    Raises:
        SharingRejected: other_platform, other_case, stale, order, full, state, not_yours, or what the step's own rules
            say.
    """
    check_platform(step, platform)
    _check_place(case, step)
    kind = step.body.kind
    transition = TRANSITIONS.get(kind)
    if transition is None or case.state not in transition.before:
        raise refuse("sharing.state", action=kind, state=case.state.value)
    roles = transition.roles & _roles(case, step.actor, platform)
    if not roles:
        expected = " / ".join(sorted(transition.roles))
        raise refuse("sharing.not_yours", action=kind, expected=expected, found=step.actor)
    changes: dict[str, object] = {"state": transition.after or case.state}
    changes |= _EFFECTS[type(step.body)](case, step, roles) if type(step.body) in _EFFECTS else {}
    changes |= {"steps": step.number, "head": digest, "changed_at": step.at}
    return case.model_copy(update=changes)


def replay(steps: Iterable[tuple[Step, str]], *, platform: str) -> SharingCase:
    """The case that these steps, each with its digest, have made.

    Raises:
        SharingRejected: a step breaks a rule.
        ValueError: there is no step.
    """
    case: SharingCase | None = None
    for step, digest in steps:
        if case is None:
            case = begin(step, digest=digest, platform=platform)
        else:
            case = apply(case, step, digest=digest, platform=platform)
    if case is None:
        raise ValueError("give at least one step")
    return case


def check_platform(signed: Step | UseRequest, platform: str) -> None:
    """Return if it was signed for this platform: what is meant for one is nothing at another.

    Raises:
        SharingRejected: sharing.other_platform.
    """
    if signed.platform != platform:
        raise refuse("sharing.other_platform", found=signed.platform, expected=platform)


def _check_place(case: SharingCase, step: Step) -> None:
    if step.case_id != case.case_id:
        raise refuse("sharing.other_case", found=step.case_id)
    if step.number != case.steps + 1 or step.previous != case.head:
        raise refuse("sharing.stale", found=step.number - 1, expected=case.steps)
    if step.at < case.changed_at:
        raise refuse("sharing.order", found=step.at.isoformat())
    # a requester cannot fill a case so that others cannot answer in it any more
    most = MOST_STEPS // 2 if step.actor == case.requester else MOST_STEPS
    if step.number > most:
        raise refuse("sharing.full", expected=most)


def _roles(case: SharingCase, actor: str, platform: str) -> frozenset[Role]:
    held = {Role.REQUESTER: case.requester, Role.PROVIDER: case.provider, Role.PLATFORM: platform}
    return frozenset(role for role, code in held.items() if code and code == actor)


# ---------------------------------------------------------------- what each step does

_Effect: TypeAlias = Callable[[SharingCase, Step, frozenset[Role]], dict[str, object]]


def check_request(request: SharingRequest, resource: Resource, *, requester: str, at: datetime) -> None:
    """Return if a request fits its resource.

    Raises:
        SharingRejected: sharing.own_resource, sharing.field, sharing.until.
    """
    if resource.provider == requester:
        raise refuse("sharing.own_resource", found=requester)
    _check_fields((*request.fields, *fields_of(request.rows)), resource.items, "items of the resource")
    _check_until(request.until, at, None)


def _accepted(case: SharingCase, step: Step, _: frozenset[Role]) -> dict[str, object]:
    assert isinstance(step.body, Acceptance)
    resource = step.body.resource
    if resource.code != case.request.resource:
        raise refuse("sharing.resource_unknown", found=resource.code)
    check_request(case.request, resource, requester=case.requester, at=step.at)
    return {"resource": resource, "review_since": step.at}


def _returned(case: SharingCase, step: Step, _: frozenset[Role]) -> dict[str, object]:
    assert isinstance(step.body, Return)
    return {"reason": step.body.reason}


def _supplemented(case: SharingCase, step: Step, _: frozenset[Role]) -> dict[str, object]:
    assert isinstance(step.body, Supplement)
    assert case.resource is not None
    if step.body.request.resource != case.resource.code:
        raise refuse("sharing.resource_unknown", found=step.body.request.resource)
    check_request(step.body.request, case.resource, requester=case.requester, at=step.at)
    return {"request": step.body.request, "review_since": step.at, "reason": ""}


def _approved(case: SharingCase, step: Step, roles: frozenset[Role]) -> dict[str, object]:
    assert isinstance(step.body, Approval)
    assert case.resource is not None
    sharing = case.resource.sharing
    if sharing is SharingType.REFUSED:
        raise refuse("sharing.not_shared")
    if Role.PROVIDER not in roles and sharing is not SharingType.UNCONDITIONAL:
        raise refuse("sharing.by_rule", action="approval", sharing=sharing.value)
    _check_terms(step.body.terms, case.request, case.resource, step.at)
    state = _S.ACTIVE if step.body.is_ready else _S.GRANTED
    delivered = step.at if step.body.is_ready else None
    return {"terms": step.body.terms, "state": state, "answered_at": step.at, "delivered_at": delivered}


def _check_terms(terms: GrantTerms, request: SharingRequest, resource: Resource, at: datetime) -> None:
    for purpose in terms.purposes:
        if purpose not in request.purposes:
            raise refuse("sharing.purpose", found=purpose, expected="asked for")
    _check_fields((rule.name for rule in terms.fields), request.fields, "fields that were asked for")
    _check_fields(fields_of(terms.rows), resource.items, "items of the resource")
    _check_until(terms.until, max(at, terms.valid_from), request.until)
    if terms.valid_from < at - timedelta(days=1):
        raise refuse("sharing.until", found=terms.valid_from.isoformat(), first=at.isoformat(), last=terms.until)
    _check_quota(terms.quota, request.quota)


def _check_quota(granted: Quota, asked: Quota) -> None:
    if granted.calls * asked.per_s > asked.calls * granted.per_s or granted.calls > asked.calls:
        found, expected = (
            Text(f"{one.calls}/{one.per_s} s", f"每 {one.per_s} 秒 {one.calls} 次") for one in (granted, asked)
        )
        raise refuse("sharing.quota", name=Text("calls", "调用频率"), found=found, expected=expected)
    if granted.records > asked.records:
        raise refuse("sharing.quota", name=Text("records", "每次记录数"), found=granted.records, expected=asked.records)


def _check_fields(names: Iterable[str], allowed: Iterable[str], expected: str) -> None:
    held = frozenset(allowed)
    for name in names:
        if name not in held:
            raise refuse("sharing.field", found=name, expected=expected)


def _check_until(until: datetime, at: datetime, last: datetime | None) -> None:
    if not at < until or (last is not None and until > last):
        end = last.isoformat() if last is not None else "later"
        raise refuse("sharing.until", found=until.isoformat(), first=at.isoformat(), last=end)


def _refused(case: SharingCase, step: Step, roles: frozenset[Role]) -> dict[str, object]:
    assert isinstance(step.body, Refusal)
    assert case.resource is not None
    resource = case.resource
    by_rule = Role.PROVIDER not in roles
    if by_rule and (resource.sharing is not SharingType.REFUSED or step.body.basis != resource.basis):
        raise refuse("sharing.by_rule", action="refusal", sharing=resource.sharing.value)
    return {"reason": step.body.reason, "basis": step.body.basis, "answered_at": step.at}


def _delivered(case: SharingCase, step: Step, _: frozenset[Role]) -> dict[str, object]:
    return {"delivered_at": step.at}


def _revoked(case: SharingCase, step: Step, _: frozenset[Role]) -> dict[str, object]:
    assert isinstance(step.body, Revocation)
    return {"reason": step.body.reason}


def _objected(case: SharingCase, step: Step, _: frozenset[Role]) -> dict[str, object]:
    body = step.body
    assert isinstance(body, Objection)
    assert case.terms is not None
    _check_fields(body.fields, (rule.name for rule in case.terms.fields), "fields that were granted")
    for one in case.open_objections:
        if one.record == body.record:
            raise refuse("sharing.objection_open", found=one.number)
    new = ObjectionState(number=step.number, record=body.record, fields=body.fields, claim=body.claim, at=step.at)
    return {"objections": (*case.objections, new)}


def _answered(case: SharingCase, step: Step, _: frozenset[Role]) -> dict[str, object]:
    body = step.body
    assert isinstance(body, (Correction, Dismissal))
    if all(one.number != body.objection for one in case.open_objections):
        raise refuse("sharing.objection_unknown", found=body.objection)
    corrected = isinstance(body, Correction)
    if isinstance(body, Correction) and case.resource is not None:
        _check_fields(body.fields, case.resource.items, "items of the resource")
    changed = {
        "outcome": "corrected" if corrected else "dismissed",
        "answer": body.note if isinstance(body, Correction) else body.reason,
        "answered_at": step.at,
    }
    return {
        "objections": tuple(
            one.model_copy(update=changed) if one.number == body.objection else one for one in case.objections
        )
    }


def _noticed(case: SharingCase, step: Step, _: frozenset[Role]) -> dict[str, object]:
    body = step.body
    assert isinstance(body, Notice)
    new = SharingNotice(
        case_id=case.case_id, number=step.number, record=body.record, fields=body.fields, note=body.note, at=step.at
    )
    return {"notices": (*case.notices, new)}


def _acknowledged(case: SharingCase, step: Step, _: frozenset[Role]) -> dict[str, object]:
    assert isinstance(step.body, Acknowledgement)
    number = step.body.notice
    if all(one.number != number or one.is_acknowledged for one in case.notices):
        raise refuse("sharing.notice_unknown", found=number)
    seen = {"is_acknowledged": True}
    return {"notices": tuple(one.model_copy(update=seen) if one.number == number else one for one in case.notices)}


_EFFECTS: Final[Mapping[type[Body], _Effect]] = MappingProxyType(
    {
        Acceptance: _accepted,
        Return: _returned,
        Supplement: _supplemented,
        Approval: _approved,
        Refusal: _refused,
        Delivery: _delivered,
        Revocation: _revoked,
        Objection: _objected,
        Correction: _answered,
        Dismissal: _answered,
        Notice: _noticed,
        Acknowledgement: _acknowledged,
    }
)


# ---------------------------------------------------------------- what has to be done by when


@dataclass(frozen=True, slots=True)
class Pending:
    """Something that somebody has to do: the matter, who, since when, by when. ``about`` is an objection's number."""

    matter: Matter
    party: str
    since: datetime
    due: Due
    about: int = 0


def pending(case: SharingCase, *, deadlines: DeadlineTable, calendar: WorkingCalendar) -> tuple[Pending, ...]:
    """What waits in a case. The time of an answer begins anew when a request was supplemented."""
    found: list[Pending] = []

    def add(matter: Matter, since: datetime, about: int = 0) -> None:
        due = calendar.due(since, deadlines.of(matter).working_days)
        found.append(Pending(matter, case.provider, since, due, about))

    if case.state is _S.REVIEW and case.review_since is not None and case.resource is not None:
        add(deadlines.reply(case.resource.sharing).name, case.review_since)
    if case.state is _S.GRANTED and case.answered_at is not None:
        add(Matter.DELIVERY, case.answered_at)
    for one in case.open_objections:
        add(Matter.OBJECTION, one.at, one.number)
    return tuple(found)
