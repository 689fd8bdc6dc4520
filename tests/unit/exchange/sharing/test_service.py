"""Every SharingService behaves alike: in this process on either database, and at a platform for threads and tasks."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pytest

from egov_sdk.codes.masking import mask_number
from egov_sdk.errors import ParseError
from egov_sdk.exchange.catalog import LocalCatalog
from egov_sdk.exchange.catalog.model import Sharing
from egov_sdk.exchange.catalog.terms import SharingType
from egov_sdk.exchange.sharing.client import AsyncSharingClient, SharingClient
from egov_sdk.exchange.sharing.conditions import Compare, OneOf
from egov_sdk.exchange.sharing.evidence import verify_case
from egov_sdk.exchange.sharing.fields import FieldRule, Treatment, plain
from egov_sdk.exchange.sharing.keys import SharingKeys
from egov_sdk.exchange.sharing.local import LocalSharingService
from egov_sdk.exchange.sharing.model import (
    Acceptance,
    Acknowledgement,
    CaseState,
    Correction,
    Delivery,
    Dismissal,
    Objection,
    Quota,
    Refusal,
    Relinquishment,
    Return,
    Revocation,
    Served,
    SharingCase,
    SharingNotice,
    SharingReminder,
    SharingStatistics,
    Supplement,
    Told,
    Withdrawal,
)
from egov_sdk.exchange.sharing.problems import SharingRejected
from egov_sdk.exchange.sharing.register import AUDIT_CHAIN
from egov_sdk.exchange.sharing.service import SharingService
from egov_sdk.exchange.sharing.serving import offers
from egov_sdk.exchange.sharing.signing import Desk, SignedStep, SignedUse
from egov_sdk.gateway import AsyncGatewayClient, GatewayClient, in_process
from egov_sdk.gateway.serving import OperationApp
from egov_sdk.report import Outcome
from egov_sdk.storage import open_store, verify_audit
from egov_sdk.storage.sql import select
from egov_sdk.storage.tables import AUDIT
from tests.postgres import Server
from tests.unit.exchange.sharing.town import (
    AT,
    COMPANY,
    LAW,
    OPEN,
    PURPOSE,
    SECRET,
    Town,
    asked,
    catalog_entries,
    granted,
    parties,
    person,
    refused,
    town_of,
)

T = TypeVar("T")
P = parties()


class Awaited:
    """The asynchronous client, each call in a loop of its own."""

    def __init__(self, make: Callable[[], AsyncGatewayClient]) -> None:
        self._make = make

    def _run(self, ask: Callable[[AsyncSharingClient], Coroutine[object, object, T]]) -> T:
        async def whole() -> T:
            async with self._make() as gateway:
                return await ask(AsyncSharingClient(gateway, prefix="/egov/v1"))

        return asyncio.run(whole())

    def take(self, step: SignedStep) -> SharingCase:
        return self._run(lambda client: client.take(step))

    def use(self, use: SignedUse) -> Served:
        return self._run(lambda client: client.use(use))

    def case(self, case_id: str) -> SharingCase:
        return self._run(lambda client: client.case(case_id))

    def cases(
        self, *, party: str = "", resource: str = "", state: CaseState | None = None, after: str = "", limit: int = 100
    ) -> tuple[SharingCase, ...]:
        return self._run(
            lambda client: client.cases(party=party, resource=resource, state=state, after=after, limit=limit)
        )

    def overdue(self, *, at: datetime | None = None, soon: int = 2) -> tuple[SharingReminder, ...]:
        return self._run(lambda client: client.overdue(at=at, soon=soon))

    def notices(self, party: str) -> tuple[SharingNotice, ...]:
        return self._run(lambda client: client.notices(party))

    def statistics(self) -> SharingStatistics:
        return self._run(lambda client: client.statistics())

    def evidence(self, case_id: str) -> bytes:
        return self._run(lambda client: client.evidence(case_id))


@pytest.fixture(params=["sqlite", "postgresql", "threads", "tasks"])
def town(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Town]:
    place: Path | str = tmp_path / "sharing.db"
    if request.param == "postgresql":
        server: Server = request.getfixturevalue("postgres")
        place = server.place()
    with open_store(place) as store:
        made = town_of(store)
        app = OperationApp(offers(made.local), prefix="/egov/v1")
        service: SharingService = made.local
        if request.param == "threads":
            gateway = GatewayClient("https://sharing.example", transport=in_process.transport(app))
            service = SharingClient(gateway, prefix="/egov/v1")
        elif request.param == "tasks":
            service = Awaited(lambda: AsyncGatewayClient("https://sharing.example", transport=httpx.ASGITransport(app)))
        yield replace(made, service=service)


def used(town: Town, case: SharingCase, by: Desk = P.county, **changes: Any) -> Served:
    given: dict[str, Any] = {"purpose": PURPOSE, "at": town.at}
    return town.service.use(by.use(case, **given | changes))


# requests


def test_a_conditional_request_waits_for_its_provider(town: Town) -> None:
    case = town.opened()
    assert (case.state, case.requester, case.provider) == (CaseState.REVIEW, P.county.code, P.market.code)
    assert (case.steps, case.platform) == (2, P.platform.code)
    assert case.resource is not None
    assert (case.resource.version, case.resource.condition) == (1, "仅用于行政审批核验")
    assert town.service.case(case.case_id) == case
    case = town.service.take(P.market.step(case, Return(reason="请补充依据"), at=town.at))
    case = town.service.take(P.county.step(case, Supplement(request=asked(fields=("企业名称",))), at=town.at))
    case = town.service.take(P.market.step(case, granted(fields=plain("企业名称"), is_ready=False), at=town.at))
    refused("not_granted", lambda: used(town, case))
    case = town.service.take(P.market.step(case, Delivery(), at=town.at))
    assert len(used(town, case).records) == 4


def test_an_unconditional_request_is_granted_by_rule(town: Town) -> None:
    case = town.opened(resource=OPEN)
    assert (case.state, case.steps) == (CaseState.ACTIVE, 3)
    assert case.terms is not None
    assert (case.terms.fields, case.terms.until) == (plain(*asked().fields), asked().until)
    assert used(town, case).records[0].values["企业名称"] == "样例公司1"


@pytest.mark.parametrize(
    "changes",
    [
        {"quota": Quota(calls=61, per_s=60, records=5)},
        {"quota": Quota(calls=60, per_s=59, records=5)},
        {"quota": Quota(calls=1, per_s=60, records=101)},
        {"until": AT + timedelta(days=367)},
    ],
    ids=str,
)
def test_beyond_the_limit_somebody_looks(town: Town, changes: dict[str, Any]) -> None:
    assert town.opened(resource=OPEN, **changes).state is CaseState.REVIEW


def test_what_is_not_shared_is_refused_with_its_basis(town: Town) -> None:
    case = town.opened(resource=SECRET)
    assert (case.state, case.basis, case.steps) == (CaseState.REFUSED, LAW, 3)
    refused("state", lambda: town.service.take(P.market.step(case, granted(), at=town.at)))


def test_a_request_that_cannot_be_leaves_nothing(town: Town) -> None:
    refused("resource_unknown", lambda: town.opened(resource="307011024701/000099"))
    refused("field", lambda: town.opened(fields=("没有此项",)))
    refused("field", lambda: town.opened(rows=Compare(field="没有此项", operator="eq", value="x")))
    refused("own_resource", lambda: town.opened(P.market))
    refused("until", lambda: town.opened(until=AT))
    assert town.service.cases() == ()


def test_what_is_no_longer_or_not_yet_published_is_neither_asked_for_nor_used(town: Town) -> None:
    catalog = LocalCatalog(town.store, clock=lambda: town.at)
    case = town.active()
    catalog.advance(COMPANY, "withdraw", actor="clerk-1", reason="停用")
    refused("resource_unknown", town.opened)
    refused("resource_unknown", lambda: used(town, case))
    draft = catalog_entries()[0].model_copy(update={"name": "改名", "code": "307011024701/000008"})
    catalog.save([draft], actor="clerk-1")
    refused("resource_unknown", lambda: town.opened(resource=draft.code))
    changed = catalog_entries()[0].model_copy(update={"sharing": Sharing(type=SharingType.REFUSED, basis=LAW)})
    catalog.save([changed], actor="clerk-1")
    assert town.opened(resource=OPEN).state is CaseState.ACTIVE  # the version that is published counts


def test_a_case_does_not_begin_in_the_middle(town: Town) -> None:
    case = town.opened().model_copy(update={"case_id": "0190-no-such-case"})
    refused("case_unknown", lambda: town.service.take(P.county.step(case, Withdrawal(), at=town.at)))
    refused("case_unknown", lambda: town.service.take(P.market.step(case, granted(), at=town.at)))


def test_a_provider_says_no_and_a_requester_takes_it_back(town: Town) -> None:
    first, second = town.opened(), town.opened(P.tax)
    refused_case = town.service.take(P.market.step(first, Refusal(reason="用途不符"), at=town.at))
    taken_back = town.service.take(P.tax.step(second, Withdrawal(), at=town.at))
    assert (refused_case.state, refused_case.reason) == (CaseState.REFUSED, "用途不符")
    assert taken_back.state is CaseState.WITHDRAWN
    assert town.service.cases(state=CaseState.REFUSED) == (refused_case,)
    assert town.service.cases(party=P.tax.code) == (taken_back,)
    assert town.service.cases(party=P.market.code, limit=1) == town.service.cases()[:1]
    assert town.service.cases(resource=OPEN) == ()
    assert town.service.cases(after=town.service.cases()[0].case_id) == town.service.cases()[1:]


# who may


def test_nobody_else_takes_a_step(town: Town) -> None:
    case = town.opened()
    for desk in (P.county, P.tax, P.platform):
        problem = "by_rule" if desk is P.platform else "not_yours"
        refused(problem, partial(town.service.take, desk.step(case, granted(), at=town.at)))
    refused("not_yours", lambda: town.service.take(P.tax.step(case, Withdrawal(), at=town.at)))
    assert case.resource is not None
    again = P.platform.step(case, Acceptance(resource=case.resource), at=town.at)
    refused("not_yours", lambda: town.service.take(again))
    assert town.service.case(case.case_id) == case


def test_who_is_not_known_or_not_trusted_is_not_believed(town: Town) -> None:
    for desk in (P.impostor, P.stranger):
        refused("signature", partial(town.opened, desk))
    case = town.active()
    refused("signature", lambda: used(town, case, P.impostor))
    forged = Desk(P.market.code, P.tax.signer, P.tax.certificate, platform=P.platform.code)
    refused("signature", lambda: town.service.take(forged.step(case, Revocation(reason="x"), at=town.at)))


def test_what_was_signed_for_another_platform_is_nothing_here(town: Town) -> None:
    county, market = (replace(one, platform=P.tax.code) for one in (P.county, P.market))
    refused("other_platform", lambda: town.service.take(county.open(asked(), at=town.at)))
    case = town.opened()
    refused("other_platform", lambda: town.service.take(market.step(case, granted(), at=town.at)))
    case = town.service.take(P.market.step(case, granted(), at=town.at))
    refused("other_platform", lambda: used(town, case, county))
    refused("other_platform", lambda: town.service.take(county.step(case, Withdrawal(), at=town.at)))
    assert used(town, case).records


def test_the_platforms_own_desk_is_at_no_other_platform(town: Town) -> None:
    with pytest.raises(ValueError, match="itself"):
        LocalSharingService(
            town.store,
            catalog=LocalCatalog(town.store, clock=lambda: town.at),
            platform=replace(P.platform, platform=P.tax.code),
            policy=P.policy,
            keys=SharingKeys(b"s" * 32),
            clock=lambda: town.at,
        )


def test_a_step_is_taken_once_and_in_its_time(town: Town) -> None:
    opened = P.county.open(asked(), at=town.at)
    case = town.service.take(opened)
    refused("case_taken", lambda: town.service.take(opened))
    step = P.market.step(case, granted(), at=town.at)
    town.service.take(step)
    refused("stale", lambda: town.service.take(step))
    refused("stale", lambda: town.service.take(P.market.step(case, Refusal(reason="x"), at=town.at)))
    later = P.county.open(asked(), at=town.at)
    town.wait(minutes=6)
    refused("clock", lambda: town.service.take(later))
    refused("clock", lambda: town.service.take(P.county.open(asked(), at=town.at + timedelta(minutes=6))))


def test_a_step_that_was_changed_is_not_taken(town: Town) -> None:
    case = town.opened()
    step = P.market.step(case, granted(), at=town.at)
    for old, new in (
        ("年报".encode(), "月报".encode()),
        (b'"records":5', b'"records":4'),
        (PURPOSE.encode(), b"other"),
    ):
        changed = step.payload.replace(old, new)
        if changed != step.payload:
            refused("signature", partial(town.service.take, step.model_copy(update={"payload": changed})))
    spaced = step.model_copy(update={"payload": step.payload + b" "})
    with pytest.raises(ParseError):
        town.service.take(spaced)
    use = P.county.use(case, purpose=PURPOSE, at=town.at)
    as_step = SignedStep.model_validate(use.model_dump())
    with pytest.raises(ParseError):
        town.service.take(as_step)
    mixed = step.model_copy(update={"protected": use.protected})
    with pytest.raises(ParseError):
        town.service.take(mixed)


def test_no_grant_is_for_longer_than_the_platform_allows(town: Town) -> None:
    case = town.opened(until=AT + timedelta(days=2_000))
    refused(
        "until", lambda: town.service.take(P.market.step(case, granted(until=AT + timedelta(days=1_101)), at=town.at))
    )


# use


def test_a_use_gives_what_was_granted_and_nothing_else(town: Town) -> None:
    case = town.active(rows=OneOf(field="区划代码", values=("330105",)))
    served = used(town, case)
    assert [dict(one.values) for one in served.records] == [
        {
            "企业名称": f"样例公司{number}",
            "证件号码": mask_number(person(number)["证件号码"]),
            "成立日期": f"{2000 + number}",
        }
        for number in (1, 3)
    ]
    wanted = Compare(field="企业名称", operator="eq", value="样例公司3")
    one = used(town, case, fields=("企业名称",), where=wanted)
    assert [dict(record.values) for record in one.records] == [{"企业名称": "样例公司3"}]
    assert one.records[0].reference == served.records[1].reference
    nobody = used(town, case, where=Compare(field="企业名称", operator="eq", value="样例公司2"))
    assert nobody.records == ()


USES: dict[str, tuple[str, dict[str, Any]]] = {
    "another purpose": ("purpose", {"purpose": "年报核查"}),
    "a widened purpose": ("purpose", {"purpose": f"{PURPOSE}及信用评价"}),
    "a field that was asked for and not granted": ("field", {"fields": ("法定代表人",)}),
    "a field beside granted ones": ("field", {"fields": ("企业名称", "联系电话")}),
    "too many records": ("records", {"records": 6}),
    "a search by a field that is hidden": ("field", {"where": Compare(field="联系电话", operator="eq", value="1")}),
    "a search by a masked field": ("hidden_field", {"where": Compare(field="证件号码", operator="ge", value="1")}),
    "a search by a date that is made coarse": (
        "hidden_field",
        {"where": Compare(field="成立日期", operator="lt", value="2001-03-04")},
    ),
    "an injection for a field": ("field", {"where": Compare(field="1=1 OR 企业名称", operator="eq", value="x")}),
}


@pytest.mark.parametrize("case", USES)
def test_a_use_beyond_the_grant_is_refused_and_gives_nothing(town: Town, case: str) -> None:
    problem, changes = USES[case]
    active = town.active()
    refused(problem, lambda: used(town, active, **changes))
    assert town.service.statistics().uses == 0


def test_an_injection_in_a_value_is_a_value(town: Town) -> None:
    where = Compare(field="企业名称", operator="eq", value="' OR 1=1 --")
    assert used(town, town.active(), where=where).records == ()


def test_a_grant_is_for_one_department_one_resource_one_time(town: Town) -> None:
    case, other = town.active(), town.active(P.tax)
    refused("caller", lambda: used(town, case, P.tax))
    refused("caller", lambda: used(town, case, P.market))
    refused("case_unknown", lambda: used(town, case.model_copy(update={"case_id": "0190-no-such-case"})))
    ended = town.service.take(P.market.step(case, Revocation(reason="超范围使用"), at=town.at))
    refused("not_granted", lambda: used(town, ended))
    given_up = town.service.take(P.tax.step(other, Relinquishment(), at=town.at))
    refused("not_granted", lambda: used(town, given_up, P.tax))
    late = town.active(valid_from=AT + timedelta(days=1))
    refused("until", lambda: used(town, late))
    town.wait(days=100)
    refused("expired", lambda: used(town, late))


def test_a_rate_is_kept_to_the_second(town: Town) -> None:
    case = town.active()
    for _ in range(3):
        used(town, case)
    refused("rate", lambda: used(town, case))
    town.wait(seconds=59)
    refused("rate", lambda: used(town, case))
    town.wait(seconds=1)
    used(town, case)


def test_a_use_is_made_once(town: Town) -> None:
    case = town.active()
    use = P.county.use(case, purpose=PURPOSE, at=town.at)
    town.service.use(use)
    refused("replayed", lambda: town.service.use(use))
    town.wait(minutes=6)
    refused("clock", lambda: town.service.use(use))
    assert town.service.statistics().uses == 1


def test_a_resource_without_a_source_is_not_used_here(town: Town) -> None:
    town.local._sources.clear()
    case = town.active()
    refused("no_source", lambda: used(town, case))


def test_digests_and_references_of_two_departments_cannot_be_joined(town: Town) -> None:
    rules = (FieldRule(name="证件号码", treatment=Treatment.DIGEST),)
    mine = used(town, town.active(fields=rules))
    theirs = used(town, town.active(P.tax, fields=rules), P.tax)
    assert not {one.reference for one in mine.records} & {one.reference for one in theirs.records}
    assert not {one.values["证件号码"] for one in mine.records} & {one.values["证件号码"] for one in theirs.records}


def _outcomes(acts: list[Callable[[], object]]) -> list[str]:
    """What came of all these, done at once by as many threads."""

    def done(act: Callable[[], object]) -> str:
        try:
            act()
        except SharingRejected as error:
            return error.problem
        return "done"

    with ThreadPoolExecutor(len(acts)) as pool:
        return sorted(pool.map(done, acts))


@pytest.mark.parametrize("town", ["sqlite", "postgresql"], indirect=True)
def test_of_many_at_once_no_more_are_let_in_than_were_granted(town: Town) -> None:
    case = town.active()
    uses = [P.county.use(case, purpose=PURPOSE, at=town.at) for _ in range(6)]
    assert _outcomes([partial(town.service.use, one) for one in uses]) == ["done"] * 3 + ["sharing.rate"] * 3
    assert town.service.statistics().uses == 3
    once = town.active(P.tax)
    use = P.tax.use(once, purpose=PURPOSE, at=town.at)
    assert _outcomes([partial(town.service.use, use)] * 4) == ["done"] + ["sharing.replayed"] * 3


@pytest.mark.parametrize("town", ["sqlite", "postgresql"], indirect=True)
def test_of_two_steps_at_once_one_is_taken(town: Town) -> None:
    case = town.opened()
    steps = [P.market.step(case, body, at=town.at) for body in (granted(), Refusal(reason="用途不符"))]
    steps.append(P.county.step(case, Withdrawal(), at=town.at))
    assert _outcomes([partial(town.service.take, one) for one in steps]) == ["done"] + ["sharing.stale"] * 2
    report = verify_case(town.service.evidence(case.case_id), platform=P.platform.code, policy=P.policy, at=town.at)
    assert report.outcome is Outcome.PASSED, report.blocking


# objections


def test_every_user_of_a_corrected_record_is_told(town: Town) -> None:
    case, other, never = town.active(), town.active(P.tax), town.active(P.tax)
    served, theirs = used(town, case), used(town, other, P.tax)
    objection = Objection(record=served.records[1].reference, fields=("企业名称",), claim="名称已变更")
    case = town.service.take(P.county.step(case, objection, at=town.at))
    number = case.open_objections[0].number
    case = town.service.take(
        P.market.step(case, Correction(objection=number, fields=("企业名称",), note="已更正"), at=town.at)
    )
    assert case.open_objections == ()
    (notice,) = town.service.notices(P.tax.code)
    assert (notice.case_id, notice.record, notice.note) == (other.case_id, theirs.records[1].reference, "已更正")
    assert town.service.notices(P.county.code) == town.service.notices(P.market.code) == ()
    other = town.service.case(other.case_id)
    other = town.service.take(P.tax.step(other, Acknowledgement(notice=notice.number), at=town.at))
    assert town.service.notices(P.tax.code) == ()
    assert town.service.case(never.case_id) == never


def test_an_objection_to_a_record_that_was_never_used_is_refused(town: Town) -> None:
    case, other = town.active(), town.active(P.tax)
    theirs = used(town, other, P.tax).records[0].reference
    for record in ("00" * 32, theirs):
        objection = Objection(record=record, fields=("企业名称",), claim="有误")
        refused("never_used", partial(town.service.take, P.county.step(case, objection, at=town.at)))
    assert town.service.case(case.case_id) == case


def test_an_objection_that_is_dismissed_tells_nobody(town: Town) -> None:
    case, other = town.active(), town.active(P.tax)
    used(town, other, P.tax)
    reference = used(town, case).records[0].reference
    case = town.service.take(
        P.county.step(case, Objection(record=reference, fields=("企业名称",), claim="有误"), at=town.at)
    )
    number = case.open_objections[0].number
    case = town.service.take(P.market.step(case, Dismissal(objection=number, reason="与登记一致"), at=town.at))
    assert case.objections[0].outcome == "dismissed"
    assert town.service.notices(P.tax.code) == ()


def test_neither_tables_nor_log_hold_a_personal_number(town: Town) -> None:
    case = town.active()
    reference = used(town, case).records[0].reference
    case = town.service.take(
        P.county.step(case, Objection(record=reference, fields=("证件号码",), claim="有误"), at=town.at)
    )
    town.service.evidence(case.case_id)
    with town.store.read() as connection:
        tables = ("sharing_cases", "sharing_steps", "sharing_uses", "sharing_records", "storage_audit")
        everything = "".join(
            str(tuple(row)) for name in tables for row in connection.exec_driver_sql(f"SELECT * FROM {name}")
        )
    assert reference in everything
    assert not [number for number in range(1, 5) if person(number)["证件号码"] in everything]


# what is late, and how many


def test_what_is_late_and_what_is_soon(town: Town) -> None:
    case = town.opened()
    assert town.service.overdue() == ()
    assert [(one.told, one.working_days) for one in town.service.overdue(soon=10)] == [(Told.SOON, 10)]
    town.wait(days=11)
    (soon,) = town.service.overdue()
    assert (soon.case_id, soon.party, soon.matter) == (case.case_id, P.market.code, "reply_conditional")
    assert (soon.told, soon.working_days, soon.is_provisional) == (Told.SOON, 1, True)
    (late,) = town.service.overdue(at=town.at + timedelta(days=7))
    assert (late.told, late.working_days, late.due) == (Told.LATE, 4, soon.due)
    town.service.take(P.market.step(case, granted(valid_from=town.at), at=town.at))
    assert town.service.overdue(at=town.at + timedelta(days=7)) == ()


def test_the_numbers_add_up(town: Town) -> None:
    case = town.active()
    used(town, case)
    town.opened(resource=SECRET)
    waiting = town.opened()
    town.wait(days=30)
    town.service.take(P.market.step(waiting, Refusal(reason="用途不符"), at=town.at))
    numbers = town.service.statistics()
    assert dict(numbers.cases) == {CaseState.ACTIVE: 1, CaseState.REFUSED: 2}
    assert (numbers.answered, numbers.answered_late, numbers.working_days_to_answer) == (3, 1, 22)
    assert (numbers.uses, numbers.records, numbers.notices) == (1, 4, 0)


def test_mistakes_of_a_caller_are_told(town: Town) -> None:
    with pytest.raises(ValueError, match="limit"):
        town.service.cases(limit=0)
    with pytest.raises(ValueError, match="soon"):
        town.service.overdue(soon=-1)
    with pytest.raises(ValueError, match="aware"):
        town.service.overdue(at=datetime(2026, 6, 1))  # noqa: DTZ001
    refused("case_unknown", lambda: town.service.case("0190-no-such-case"))
    refused("case_unknown", lambda: town.service.evidence("0190-no-such-case"))


# evidence


def test_every_step_and_use_is_in_the_log_and_the_case_proves_itself(town: Town) -> None:
    case = town.active()
    used(town, case)
    data = town.service.evidence(case.case_id)
    report = verify_case(data, platform=P.platform.code, policy=P.policy, at=town.at + timedelta(days=1))
    assert report.outcome is Outcome.PASSED, report.blocking
    assert json.loads(data)["format"] == "egov-sharing-case/1"
    with town.store.read() as connection:
        assert verify_audit(connection, AUDIT_CHAIN, at=town.at).outcome is Outcome.PASSED
        mine = select(AUDIT.c.actor, AUDIT.c.action).where(AUDIT.c.subject == case.case_id).order_by(AUDIT.c.number)
        rows = [tuple(row) for row in connection.execute(mine)]
    assert rows == [
        (P.county.code, "sharing.request"),
        (P.platform.code, "sharing.acceptance"),
        (P.market.code, "sharing.approval"),
        (P.county.code, "sharing.use"),
        (P.county.code, "sharing.served"),
    ]
    assert case.request.resource == COMPANY
