"""The guard at a gateway, and what a department may look at over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from egov_sdk.exchange.catalog import LocalCatalog
from egov_sdk.exchange.catalog.model import Provider, Sharing
from egov_sdk.exchange.catalog.terms import SharingMode, SharingType
from egov_sdk.exchange.sharing.client import SharingClient
from egov_sdk.exchange.sharing.conditions import Record
from egov_sdk.exchange.sharing.grants import Permit
from egov_sdk.exchange.sharing.guard import GrantGuard, Source, Wanted, guarded
from egov_sdk.exchange.sharing.keys import SharingKeys
from egov_sdk.exchange.sharing.model import Revocation, Served
from egov_sdk.exchange.sharing.serving import offers
from egov_sdk.exchange.sharing.wire import REFUSALS
from egov_sdk.gateway import GatewayClient, in_process
from egov_sdk.gateway.asgi import Receive, Scope, Send
from egov_sdk.gateway.middleware import SCOPE_KEY
from egov_sdk.gateway.operations import Operation, Question, perform
from egov_sdk.gateway.serving import Asking, Offer, OperationApp
from egov_sdk.gateway.verifier import VerifiedRequest
from egov_sdk.report import Text
from egov_sdk.storage import open_store
from tests.unit.exchange.sharing.town import AT, COMPANY, LAW, OPEN, PURPOSE, Town, parties, person, refused, town_of

P = parties()


@pytest.fixture
def town() -> Iterator[Town]:
    with open_store("sqlite://") as store:
        yield town_of(store)


def guard_of(town: Town) -> GrantGuard:
    catalog = LocalCatalog(town.store, clock=lambda: town.at)
    return GrantGuard(town.store, keys=SharingKeys(b"s" * 32), catalog=catalog)


def republished(town: Town, code: str = COMPANY, **changes: Any) -> None:
    """The provider changes what the catalogue says of a resource; all of a sharing, or its other words."""
    catalog = LocalCatalog(town.store, clock=lambda: town.at)
    assert catalog.publish([catalog.get(code).entry.model_copy(update=changes)], actor="clerk-1").changed == 1


def test_a_resource_that_was_withdrawn_is_used_no_more_until_it_is_back(town: Town) -> None:
    case, guard = town.active(), guard_of(town)
    catalog = LocalCatalog(town.store, clock=lambda: town.at)
    entry = catalog.get(COMPANY).entry
    catalog.advance(COMPANY, "withdraw", actor="clerk-1", reason="整改")
    refused("resource_unknown", lambda: guard.check(wanted(case.case_id), caller=P.county.code, at=AT))
    refused("caller", lambda: guard.check(wanted(case.case_id), caller=P.tax.code, at=AT))
    catalog.save([entry.model_copy(update={"abstract": "草稿"})], actor="clerk-1")
    refused("resource_unknown", lambda: guard.check(wanted(case.case_id), caller=P.county.code, at=AT))
    catalog.publish([entry], actor="clerk-1")
    assert guard.check(wanted(case.case_id), caller=P.county.code, at=AT)[1] == 1


@pytest.mark.parametrize(
    ("code", "sharing", "told"),
    [
        (COMPANY, Sharing(type=SharingType.REFUSED, basis=LAW), "was conditional when it was granted and is refused"),
        (
            OPEN,
            Sharing(type=SharingType.CONDITIONAL, condition="仅用于审批", mode=SharingMode.PLATFORM),
            "unconditional",
        ),
    ],
)
def test_what_is_shared_less_than_when_it_was_granted_is_asked_for_anew(
    town: Town, code: str, sharing: Sharing, told: str
) -> None:
    case = town.active() if code == COMPANY else town.opened(resource=OPEN)
    guard = guard_of(town)
    guard.check(wanted(case.case_id), caller=P.county.code, at=AT)
    republished(town, code, sharing=sharing)
    error = refused("narrowed", lambda: guard.check(wanted(case.case_id), caller=P.county.code, at=AT))
    assert told in error.text.en


def test_what_is_shared_more_freely_stays_granted(town: Town) -> None:
    case, guard = town.active(), guard_of(town)
    republished(town, sharing=Sharing(type=SharingType.UNCONDITIONAL, mode=SharingMode.PLATFORM))
    guard.check(wanted(case.case_id), caller=P.county.code, at=AT)


def test_an_item_that_was_withdrawn_is_given_no_more_and_the_others_are(town: Town) -> None:
    case, guard = town.active(), guard_of(town)
    items = LocalCatalog(town.store, clock=lambda: town.at).get(COMPANY).entry.items
    republished(town, items=tuple(item for item in items if item.name != "成立日期"))
    refused("field", lambda: guard.check(wanted(case.case_id), caller=P.county.code, at=AT))
    refused("field", lambda: guard.check(wanted(case.case_id, fields=("成立日期",)), caller=P.county.code, at=AT))
    guard.check(wanted(case.case_id, fields=("企业名称",)), caller=P.county.code, at=AT)


def test_a_grant_of_one_provider_is_none_of_the_next(town: Town) -> None:
    case, guard = town.active(), guard_of(town)
    republished(town, provider=Provider(name="示例市税务局", code=P.tax.code))
    refused("other_provider", lambda: guard.check(wanted(case.case_id), caller=P.county.code, at=AT))


def wanted(case_id: str, **changes: Any) -> Wanted:
    return Wanted(**{"case_id": case_id, "purpose": PURPOSE} | changes)


def test_a_check_tells_what_may_be_fetched_and_counts(town: Town) -> None:
    case, guard = town.active(), guard_of(town)
    permit, number = guard.check(wanted(case.case_id, fields=("企业名称",)), caller=P.county.code, at=AT)
    assert (number, permit.resource, permit.requester, permit.records) == (1, COMPANY, P.county.code, 5)
    assert [rule.name for rule in permit.rules] == ["企业名称"]
    assert permit.minimise(person(1), key=b"k") == {"企业名称": "样例公司1"}
    assert guard.check(wanted(case.case_id), caller=P.county.code, at=AT)[1] == 2
    guard.check(wanted(case.case_id), caller=P.county.code, at=AT)
    refused("rate", lambda: guard.check(wanted(case.case_id), caller=P.county.code, at=AT))
    for caller in ("", P.tax.code, P.county.code.lower()):
        refused("caller", partial(guard.check, wanted(case.case_id), caller=caller, at=AT))


def test_a_clock_that_ran_ahead_and_was_set_back_stops_no_calls(town: Town) -> None:
    case, guard = town.active(), guard_of(town)
    span = timedelta(seconds=case.terms.quota.per_s if case.terms else 0)
    for ahead in (timedelta(days=2), span):
        for _ in range(3):
            guard.check(wanted(case.case_id), caller=P.county.code, at=AT + ahead)
    refused("rate", lambda: guard.check(wanted(case.case_id), caller=P.county.code, at=AT))
    later = AT + 2 * span
    assert guard.check(wanted(case.case_id), caller=P.county.code, at=later)[1] == 7


def test_a_grant_that_ends_while_records_are_fetched_gives_nothing(town: Town) -> None:
    case = town.active()

    def fetch(permit: Permit) -> Iterator[Record]:
        town.service.take(P.market.step(case, Revocation(reason="超范围使用"), at=AT))
        return iter(town.records)

    source = Source(fetch, ("证件号码",))
    refused("not_granted", lambda: guard_of(town).serve(wanted(case.case_id), source, caller=P.county.code, at=AT))
    assert town.service.statistics().records == 0


def _only(record: Record, _: Permit) -> list[Record]:
    return [record]


def test_a_record_that_nobody_can_name_is_not_given(town: Town) -> None:
    case = town.active()
    records: list[Record] = [{"企业名称": "x", **more} for more in ({}, {"证件号码": ""}, {"证件号码": None})]
    for record in records:
        source = Source(partial(_only, record), ("证件号码",))
        refused("key_missing", partial(guard_of(town).serve, wanted(case.case_id), source, caller=P.county.code, at=AT))
    with pytest.raises(ValueError, match="key"):
        Source(lambda _: [], ())
    with pytest.raises(ValueError, match="secret"):
        SharingKeys(b"short")


class AskFor(Question):
    """What a resource's own interface is asked."""

    case_id: str
    purpose: str


ASK = Operation(
    name="company.ask",
    method="POST",
    path="/companies",
    question=AskFor,
    answer=Served,
    summary=Text("Ask for companies", "查询企业"),
)


def _reading(asked: AskFor, _: Asking) -> Wanted:
    return Wanted(case_id=asked.case_id, purpose=asked.purpose)


class As:
    """An application behind a middleware that has made sure of a caller."""

    def __init__(self, app: OperationApp, caller: str) -> None:
        self._app, self._caller = app, caller

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._caller:
            scope[SCOPE_KEY] = VerifiedRequest(caller=self._caller, service="", signed_at=AT)
        await self._app(scope, receive, send)


def test_an_interface_gives_records_by_grant_alone(town: Town) -> None:
    case = town.active()
    departments = {"app-county": P.county.code, "app-tax": P.tax.code}
    handler = guarded(
        guard_of(town),
        Source(lambda _: town.records, ("证件号码",)),
        reading=_reading,
        party_of=lambda caller: departments.get(caller, ""),
        clock=lambda: AT,
    )
    app = OperationApp([Offer(ASK, handler)])

    def ask(caller: str, purpose: str = PURPOSE) -> Served:
        gateway = GatewayClient("https://x.example", transport=in_process.transport(As(app, caller)))
        return gateway.run(perform(ASK, AskFor(case_id=case.case_id, purpose=purpose), refusals=REFUSALS))

    assert len(ask("app-county").records) == 4
    refused("purpose", lambda: ask("app-county", "别的用途"))
    for caller in ("app-tax", "app-nobody", ""):
        refused("caller", partial(ask, caller))


def test_a_department_looks_at_its_own_cases_only(town: Town) -> None:
    case = town.opened()

    def client(code: str) -> SharingClient:
        app = OperationApp(offers(town.local, party_of=lambda by: by.caller))
        return SharingClient(GatewayClient("https://x.example", transport=in_process.transport(As(app, code))))

    for desk in (P.county, P.market):
        assert client(desk.code).case(case.case_id) == case
        assert client(desk.code).cases() == (case,)
        assert client(desk.code).evidence(case.case_id)
    refused("case_unknown", lambda: client(P.tax.code).case(case.case_id))
    refused("case_unknown", lambda: client(P.tax.code).evidence(case.case_id))
    refused("caller", lambda: client(P.tax.code).cases(party=P.county.code))
    refused("caller", lambda: client(P.tax.code).notices(P.county.code))
    refused("caller", lambda: client("").statistics())
    refused("caller", lambda: client("").cases())
    assert client(P.tax.code).cases() == ()
    assert client(P.county.code).overdue(soon=100) == ()
    assert len(client(P.market.code).overdue(soon=100)) == 1
    assert Asking(request_id="x").caller == ""
