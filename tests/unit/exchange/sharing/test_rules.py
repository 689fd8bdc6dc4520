"""The rules of a case: every step in every state by everybody, and any run of steps against a simple reference."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from egov_sdk.crypto import sm3
from egov_sdk.exchange.catalog.terms import SharingType
from egov_sdk.exchange.sharing.calendar import WEEKENDS_ONLY
from egov_sdk.exchange.sharing.deadlines import DEFAULT_DEADLINES, DeadlinePolicy, DeadlineTable, Matter
from egov_sdk.exchange.sharing.fields import plain
from egov_sdk.exchange.sharing.model import (
    Acceptance,
    Acknowledgement,
    Body,
    CaseState,
    Correction,
    Delivery,
    Dismissal,
    Notice,
    Objection,
    Quota,
    Refusal,
    Relinquishment,
    Resource,
    Return,
    Revocation,
    SharingCase,
    Step,
    Supplement,
    Withdrawal,
)
from egov_sdk.exchange.sharing.problems import SharingRejected
from egov_sdk.exchange.sharing.rules import TRANSITIONS, apply, begin, pending, replay
from egov_sdk.report import Text
from tests.unit.exchange.sharing.town import AT, COMPANY, ITEMS, LAW, PURPOSE, asked, granted, parties, refused

PLATFORM, MARKET, COUNTY, TAX = (
    one.code for one in (parties().platform, parties().market, parties().county, parties().tax)
)
RECORD = "ab" * 32
CASE_ID = "0190-rules-of-a-case"


def resource(sharing: SharingType = SharingType.CONDITIONAL, **changes: Any) -> Resource:
    given: dict[str, Any] = {"code": COMPANY, "version": 1, "provider": MARKET, "sharing": sharing, "items": ITEMS}
    return Resource(**given | {"basis": LAW if sharing is SharingType.REFUSED else ""} | changes)


def digest(step: Step) -> str:
    return sm3(step.model_dump_json().encode()).hex()


def following(case: SharingCase, body: Body, actor: str, **changes: Any) -> Step:
    given: dict[str, Any] = {
        "platform": PLATFORM,
        "case_id": case.case_id,
        "number": case.steps + 1,
        "previous": case.head,
        "actor": actor,
        "at": case.changed_at,
        "body": body,
    }
    return Step(**given | changes)


def first(**changes: Any) -> Step:
    body = asked(**changes)
    return Step(platform=PLATFORM, case_id=CASE_ID, number=1, previous="", actor=COUNTY, at=AT, body=body)


def taken(case: SharingCase, body: Body, actor: str, **changes: Any) -> SharingCase:
    step = following(case, body, actor, **changes)
    return apply(case, step, digest=digest(step), platform=PLATFORM)


def filed(**changes: Any) -> SharingCase:
    step = first(**changes)
    return begin(step, digest=digest(step), platform=PLATFORM)


def review(sharing: SharingType = SharingType.CONDITIONAL) -> SharingCase:
    return taken(filed(), Acceptance(resource=resource(sharing)), PLATFORM)


def active() -> SharingCase:
    return taken(review(), granted(), MARKET)


def objected() -> SharingCase:
    return taken(active(), Objection(record=RECORD, fields=("企业名称",), claim="名称已变更"), COUNTY)


def noticed() -> SharingCase:
    return taken(objected(), Notice(record=RECORD, fields=("企业名称",), note="已更正"), PLATFORM)


#: A step of each kind, which fits the case that is noticed.
BODIES: dict[str, Body] = {
    "request": asked(),
    "acceptance": Acceptance(resource=resource()),
    "return": Return(reason="请补充依据"),
    "supplement": Supplement(request=asked()),
    "approval": granted(),
    "refusal": Refusal(reason="用途不符"),
    "withdrawal": Withdrawal(),
    "delivery": Delivery(),
    "revocation": Revocation(reason="超范围使用"),
    "relinquishment": Relinquishment(),
    "objection": Objection(record="cd" * 32, fields=("企业名称",), claim="名称已变更"),
    "correction": Correction(objection=4, fields=("企业名称",), note="已更正"),
    "dismissal": Dismissal(objection=4, reason="与登记一致"),
    "notice": Notice(record=RECORD, fields=("企业名称",), note="已更正"),
    "acknowledgement": Acknowledgement(notice=5),
}
STATES: dict[CaseState, Callable[[], SharingCase]] = {
    CaseState.FILED: filed,
    CaseState.REVIEW: review,
    CaseState.RETURNED: lambda: taken(review(), BODIES["return"], MARKET),
    CaseState.GRANTED: lambda: taken(review(), granted(is_ready=False), MARKET),
    CaseState.ACTIVE: noticed,
    CaseState.REFUSED: lambda: taken(review(), BODIES["refusal"], MARKET),
    CaseState.WITHDRAWN: lambda: taken(filed(), Withdrawal(), COUNTY),
    CaseState.REVOKED: lambda: taken(noticed(), BODIES["revocation"], MARKET),
    CaseState.RELINQUISHED: lambda: taken(noticed(), Relinquishment(), COUNTY),
}
#: Who may take which step in which state; nothing else goes.
MAY = {
    ("acceptance", "filed"): PLATFORM,
    ("withdrawal", "filed"): COUNTY,
    ("withdrawal", "review"): COUNTY,
    ("withdrawal", "returned"): COUNTY,
    ("return", "review"): MARKET,
    ("approval", "review"): MARKET,
    ("refusal", "review"): MARKET,
    ("supplement", "returned"): COUNTY,
    ("delivery", "granted"): MARKET,
    ("revocation", "granted"): MARKET,
    ("revocation", "active"): MARKET,
    ("relinquishment", "granted"): COUNTY,
    ("relinquishment", "active"): COUNTY,
    **{
        (kind, state): actor
        for state in ("active", "revoked", "relinquished")
        for kind, actor in {
            "objection": COUNTY,
            "correction": MARKET,
            "dismissal": MARKET,
            "notice": PLATFORM,
            "acknowledgement": COUNTY,
        }.items()
    },
}


def test_every_state_and_every_step_is_looked_at() -> None:
    assert set(STATES) == set(CaseState)
    assert set(BODIES) == {*TRANSITIONS, "request"}


@pytest.mark.parametrize(("state", "kind"), list(itertools.product(CaseState, BODIES)), ids=str)
def test_a_step_is_taken_by_whom_it_belongs_to_and_by_nobody_else(state: CaseState, kind: str) -> None:
    case = STATES[state]()
    assert case.state is state
    for actor in (PLATFORM, MARKET, COUNTY, TAX):
        if MAY.get((kind, state.value)) == actor:
            after = taken(case, BODIES[kind], actor)
            assert after.steps == case.steps + 1
        else:
            with pytest.raises(SharingRejected):
                taken(case, BODIES[kind], actor)


def test_the_way_of_a_case() -> None:
    case = review()
    assert (case.provider, case.platform, case.review_since) == (MARKET, PLATFORM, AT)
    case = taken(case, BODIES["return"], MARKET)
    case = taken(case, Supplement(request=asked(fields=("企业名称",))), COUNTY, at=AT + timedelta(days=3))
    assert (case.state, case.request.fields, case.reason) == (CaseState.REVIEW, ("企业名称",), "")
    case = taken(case, granted(fields=plain("企业名称"), is_ready=False, valid_from=case.changed_at), MARKET)
    assert (case.state, case.delivered_at) == (CaseState.GRANTED, None)
    case = taken(case, Delivery(), MARKET)
    assert (case.state, case.delivered_at) == (CaseState.ACTIVE, case.changed_at)


PLACES: dict[str, tuple[str, dict[str, Any]]] = {
    "of another case": ("other_case", {"case_id": "another-case-altogether"}),
    "replayed": ("stale", {"number": 2}),
    "ahead": ("stale", {"number": 4}),
    "after another step": ("stale", {"previous": "00" * 32}),
    "after nothing": ("stale", {"previous": ""}),
    "before the one it follows": ("order", {"at": AT - timedelta(seconds=1)}),
}


@pytest.mark.parametrize("case", PLACES)
def test_a_step_must_be_the_next_one(case: str) -> None:
    problem, changes = PLACES[case]
    refused(problem, lambda: taken(review(), granted(), MARKET, **changes))


TOO_MUCH: dict[str, tuple[str, dict[str, Any]]] = {
    "a purpose that was not asked for": ("purpose", {"purposes": ("信用评价",)}),
    "one purpose more": ("purpose", {"purposes": (PURPOSE, "信用评价")}),
    "a field that was not asked for": ("field", {"fields": plain("联系电话")}),
    "a field that is none": ("field", {"fields": plain("没有此项")}),
    "longer than asked": ("until", {"until": AT + timedelta(days=201)}),
    "over before it begins": ("until", {"until": AT}),
    "from long ago": ("until", {"valid_from": AT - timedelta(days=2)}),
    "more calls": ("quota", {"quota": Quota(calls=4, per_s=60, records=5)}),
    "the same calls in less time": ("quota", {"quota": Quota(calls=3, per_s=59, records=5)}),
    "more records": ("quota", {"quota": Quota(calls=3, per_s=60, records=6)}),
}


@pytest.mark.parametrize("case", TOO_MUCH)
def test_nothing_is_granted_that_was_not_asked_for(case: str) -> None:
    problem, changes = TOO_MUCH[case]
    refused(problem, lambda: taken(review(), granted(**changes), MARKET))


def test_a_request_fits_its_resource() -> None:
    accept = Acceptance(resource=resource())
    refused("field", lambda: taken(filed(fields=("没有此项",)), accept, PLATFORM))
    refused("own_resource", lambda: taken(filed(), Acceptance(resource=resource(provider=COUNTY)), PLATFORM))
    other = Acceptance(resource=resource(code="307011024701/000099"))
    refused("resource_unknown", lambda: taken(filed(), other, PLATFORM))
    refused("until", lambda: filed(until=AT))
    case = taken(review(), BODIES["return"], MARKET)
    refused("resource_unknown", lambda: taken(case, Supplement(request=asked("307011024701/000099")), COUNTY))
    refused("field", lambda: taken(case, Supplement(request=asked(fields=("没有此项",))), COUNTY))


def test_the_platform_decides_only_what_a_rule_decides() -> None:
    assert taken(review(SharingType.UNCONDITIONAL), granted(), PLATFORM).state is CaseState.ACTIVE
    refused("by_rule", lambda: taken(review(), granted(), PLATFORM))
    no = Refusal(reason="不予共享", basis=LAW)
    assert taken(review(SharingType.REFUSED), no, PLATFORM).basis == LAW
    refused("by_rule", lambda: taken(review(), no, PLATFORM))
    refused("by_rule", lambda: taken(review(SharingType.REFUSED), Refusal(reason="不予共享", basis="别的法"), PLATFORM))
    refused("not_shared", lambda: taken(review(SharingType.REFUSED), granted(), MARKET))


def test_objections_are_answered_once_and_are_about_what_was_granted() -> None:
    case = objected()
    again = Objection(record=RECORD, fields=("企业名称",), claim="再次提出")
    refused("objection_open", lambda: taken(case, again, COUNTY))
    refused("field", lambda: taken(active(), again.model_copy(update={"fields": ("联系电话",)}), COUNTY))
    corrected = taken(case, BODIES["correction"], MARKET)
    assert [(one.outcome, one.answer) for one in corrected.objections] == [("corrected", "已更正")]
    refused("objection_unknown", lambda: taken(corrected, BODIES["dismissal"], MARKET))
    refused("objection_unknown", lambda: taken(case, Correction(objection=3, fields=("企业名称",), note="无"), MARKET))
    refused("field", lambda: taken(case, Correction(objection=4, fields=("没有此项",), note="无"), MARKET))
    assert taken(corrected, again, COUNTY).open_objections[0].number == 6


def test_a_notice_is_acknowledged_once() -> None:
    case = taken(noticed(), Acknowledgement(notice=5), COUNTY)
    assert [one.is_acknowledged for one in case.notices] == [True]
    refused("notice_unknown", lambda: taken(case, Acknowledgement(notice=5), COUNTY))
    refused("notice_unknown", lambda: taken(noticed(), Acknowledgement(notice=4), COUNTY))


def test_a_requester_cannot_fill_a_case() -> None:
    case = objected().model_copy(update={"steps": 1_000})
    refused("full", lambda: taken(case, BODIES["objection"], COUNTY))
    assert taken(case, BODIES["correction"], MARKET).steps == 1_001


def test_limits_are_1_10_20_and_one_of_our_own() -> None:
    assert [one.working_days for one in DEFAULT_DEADLINES.policies] == [1, 10, 20, 10]
    assert [one.confidence for one in DEFAULT_DEADLINES.policies] == ["secondary", "secondary", "secondary", "own"]

    def waits(case: SharingCase) -> list[tuple[str, str, int]]:
        found = pending(case, deadlines=DEFAULT_DEADLINES, calendar=WEEKENDS_ONLY)
        return [(one.matter.value, one.due.day.isoformat(), one.about) for one in found]

    assert waits(filed()) == []
    assert waits(review()) == [("reply_conditional", "2026-06-15", 0)]
    assert waits(review(SharingType.UNCONDITIONAL)) == [("reply_unconditional", "2026-06-02", 0)]
    assert waits(STATES[CaseState.GRANTED]()) == [("delivery", "2026-06-29", 0)]
    assert waits(objected()) == [("objection", "2026-06-15", 4)]
    assert waits(STATES[CaseState.REFUSED]()) == []


def test_limits_are_data() -> None:
    other = DeadlinePolicy(Matter.DELIVERY, 5, "own", Text("here", "本地"))
    table = DEFAULT_DEADLINES.replaced([other])
    assert table.of(Matter.DELIVERY) is other
    assert table.of(Matter.OBJECTION) is DEFAULT_DEADLINES.of(Matter.OBJECTION)
    with pytest.raises(ValueError, match="one limit for each"):
        DeadlineTable((other,))
    with pytest.raises(ValueError, match="working_days"):
        DeadlinePolicy(Matter.DELIVERY, -1, "own", Text("", ""))


class Cases(RuleBasedStateMachine):
    """Any steps by anybody: what the table MAY allows changes the case, and nothing else does."""

    def __init__(self) -> None:
        super().__init__()
        step = first()
        self.case = begin(step, digest=digest(step), platform=PLATFORM)
        self.steps = [(step, digest(step))]

    @rule(kind=st.sampled_from(sorted(BODIES)), actor=st.sampled_from([PLATFORM, MARKET, COUNTY, TAX]))
    def anything(self, kind: str, actor: str) -> None:
        body = BODIES[kind]
        open_ = self.case.open_objections
        if open_ and isinstance(body, (Correction, Dismissal)):
            body = body.model_copy(update={"objection": open_[0].number})
        unseen = [one.number for one in self.case.notices if not one.is_acknowledged]
        if isinstance(body, Acknowledgement) and unseen:
            body = body.model_copy(update={"notice": unseen[0]})
        expected = MAY.get((kind, self.case.state.value)) == actor
        expected = expected and not (kind in ("correction", "dismissal") and not open_)
        expected = expected and not (kind == "acknowledgement" and not unseen)
        expected = expected and not (kind == "objection" and any(one.record == "cd" * 32 for one in open_))
        expected = expected and not (kind == "objection" and self.case.terms is None)
        step = following(self.case, body, actor)
        before = self.case
        try:
            self.case = apply(self.case, step, digest=digest(step), platform=PLATFORM)
        except SharingRejected:
            assert not expected
            assert self.case == before
        else:
            assert expected
            self.steps.append((step, digest(step)))

    @precondition(lambda self: len(self.steps) > 1)
    @rule(place=st.integers(0, 30))
    def replayed(self, place: int) -> None:
        step, name = self.steps[place % len(self.steps)]
        with pytest.raises(SharingRejected):
            apply(self.case, step, digest=name, platform=PLATFORM)

    @invariant()
    def the_steps_make_the_case_again(self) -> None:
        assert replay(self.steps, platform=PLATFORM) == self.case
        assert self.case.steps == len(self.steps)


Cases.TestCase.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
TestCases = Cases.TestCase


def test_only_a_request_opens_a_case() -> None:
    step = first()
    cases: tuple[tuple[dict[str, object], str], ...] = (
        ({"number": 2}, "stale"),
        ({"previous": "ab" * 32}, "stale"),
        ({"body": Withdrawal()}, "state"),
        ({"platform": MARKET}, "other_platform"),
    )
    for changes, problem in cases:
        other = step.model_copy(update=changes)
        refused(problem, partial(begin, other, digest="ab" * 32, platform=PLATFORM))
    with pytest.raises(ValueError, match="at least one step"):
        replay((), platform=PLATFORM)
