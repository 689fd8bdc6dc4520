"""Sharing services: the same register behind two of their dialects, asked by both clients; and answers that lie."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from egov_sdk.errors import NotOffered
from egov_sdk.gateway import in_process
from egov_sdk.license.metadata import LicenseHolder
from egov_sdk.license.model import LicenseChange, UseGround
from egov_sdk.license.states import CheckAnswer, LicenseAction, LicenseState
from egov_sdk.license.wire.national import NATIONAL
from egov_sdk.report import Outcome
from tests.license_world import (
    CERTIFICATE,
    COMPANY,
    HALL,
    PERMIT,
    PERSON,
    LicenseTown,
    company_draft,
    function_use,
    owner_use,
    person_draft,
    refused,
)
from tests.unit.license.dialects.world import PROFILES, awaited_national, national_client, national_platform, told

REASON = "依申请"
Served = tuple[Any, LicenseTown]


@pytest.fixture
def town(tmp_path: Path) -> Iterator[LicenseTown]:
    made = LicenseTown.at(tmp_path / "licenses.db")
    yield made
    made.assert_audit_holds()
    made.store.close()


@pytest.fixture(params=["threads", "tasks"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=sorted(PROFILES))
def profile(request: pytest.FixtureRequest) -> Any:
    return PROFILES[request.param]


@pytest.fixture
def service(town: LicenseTown, profile: Any, kind: str) -> Any:
    app = national_platform(town, profile)
    if kind == "tasks":
        return awaited_national(app, profile, clock=town.watch)
    return national_client(in_process.transport(app), profile, clock=town.watch)


def test_a_licence_in_force_is_given_with_its_file(service: Any, town: LicenseTown) -> None:
    issued = town.service.issue(company_draft())
    found = service.get(issued.identifier, use=function_use())
    assert found.file == issued.file
    assert found.file_digest == issued.file_digest
    assert found.metadata == told(issued)
    assert found.state is LicenseState.VALID
    assert service.get(str(issued.identifier), use=function_use()).metadata.holders == (COMPANY,)


def test_licences_are_found_by_their_holder_in_pages(service: Any, town: LicenseTown) -> None:
    issued = {town.service.issue(company_draft(f"N{number}")).identifier for number in range(3)}
    first = service.search(COMPANY.code, use=function_use(), type_code=PERMIT.code, page_size=2)
    second = service.search(COMPANY.code, use=function_use(), type_code=PERMIT.code, page_size=2, page=first.next_page)
    assert {one.identifier for one in (*first.records, *second.records)} == issued
    assert (len(first.records), len(second.records), second.next_page) == (2, 1, "")
    assert {one.state for one in first.records} == {LicenseState.UNKNOWN}
    assert service.search(PERSON.code, use=function_use(), type_code=PERMIT.code).records == ()


def test_what_is_wrong_with_a_search_is_told_as_everywhere(service: Any) -> None:
    search = partial(service.search, use=function_use(), type_code=PERMIT.code)
    refused("page_unknown", lambda: search(COMPANY.code, page="x"))
    refused("page_size", lambda: search(COMPANY.code, page_size=0))
    refused("holder_code", lambda: search(" "))


def test_what_is_not_there_is_unknown(service: Any, town: LicenseTown) -> None:
    known = town.service.issue(company_draft(serial="2026000001")).identifier
    other = type(known).build(type_code=known.type_code, issuer_code=known.issuer_code, serial="OTHER")
    refused("license_unknown", lambda: service.get(other, use=function_use()))
    refused("license_unknown", lambda: service.download_ticket(other, use=function_use()))


@pytest.mark.parametrize(
    ("act", "standing"),
    [
        (lambda town, one: town.service.act(one, LicenseAction.SUSPEND, reason="整改"), "suspended"),
        (lambda town, one: town.service.act(one, LicenseAction.REVOKE, reason="违法"), "ended"),
        (lambda town, one: town.service.change(one, LicenseChange(without_end=True), reason=REASON), "ended"),
        (lambda town, one: town.watch.wait(days=366 * 5), "expired"),
    ],
)
def test_what_is_not_in_force_is_not_given(
    service: Any, town: LicenseTown, act: Callable[[LicenseTown, object], object], standing: str
) -> None:
    one = town.service.issue(company_draft()).identifier
    act(town, one)
    error = refused("not_in_force", lambda: service.get(one, use=function_use()))
    assert error.detail["standing"] == standing


def test_a_file_is_fetched_once(service: Any, town: LicenseTown, profile: Any) -> None:
    issued = town.service.issue(company_draft())
    ticket = service.download_ticket(issued.identifier, use=function_use())
    assert ticket.expires_at == town.watch.at + timedelta(seconds=600)
    assert service.download(ticket.value, requester=HALL.code) == issued.file
    if profile.ticket_texts:
        refused("ticket_used", lambda: service.download(ticket.value, requester=HALL.code))
        late = service.download_ticket(issued.identifier, use=function_use())
        town.watch.wait(seconds=601)
        refused("ticket_expired", lambda: service.download(late.value, requester=HALL.code))
    else:
        with pytest.raises(Exception, match="status 99"):
            service.download(ticket.value, requester=HALL.code)


def test_a_file_verifies_against_the_platform(service: Any, town: LicenseTown) -> None:
    issued = town.service.issue(company_draft())
    report = service.verify(issued.file, at=town.watch.at)
    assert report.outcome is Outcome.PASSED, report.blocking
    assert service.check(issued.metadata, use=function_use()) is CheckAnswer.VALID
    town.service.act(issued.identifier, LicenseAction.SUSPEND, reason="整改")
    report = service.verify(issued.file, at=town.watch.at)
    assert report.outcome is Outcome.FAILED
    assert [check.reason for check in report.of("trust.state")] == ["suspended"]


def test_a_file_that_the_platform_does_not_have_does_not_verify(service: Any, town: LicenseTown) -> None:
    issued = town.service.issue(company_draft())
    elsewhere = LicenseTown.at()
    stranger = elsewhere.service.issue(company_draft("N-elsewhere", serial="ELSEWHERE"))
    report = service.verify(stranger.file, at=town.watch.at)
    assert report.outcome is Outcome.FAILED
    assert {check.reason for check in report.of("trust.record")} == {"not_found"}
    assert service.verify(issued.file, at=town.watch.at).outcome is Outcome.PASSED
    elsewhere.store.close()


def test_data_that_differs_is_not_confirmed(service: Any, town: LicenseTown, profile: Any) -> None:
    issued = town.service.issue(company_draft())
    wrong = issued.metadata.model_copy(
        update={"holders": (issued.metadata.holders[0].model_copy(update={"name": "别的公司"}),)}
    )
    expected = {"national": CheckAnswer.NOT_FOUND, "cert_share": CheckAnswer.PARTLY_WRONG}[profile.name]
    assert service.check(wrong, use=function_use()) is expected


def test_who_may_not_see_it_is_refused(town: LicenseTown, profile: Any) -> None:
    certificate = town.service.issue(person_draft()).identifier
    client = national_client(in_process.transport(national_platform(town, profile)), profile, clock=town.watch)
    if profile.name == "cert_share":
        refused("use_refused", lambda: client.get(certificate, use=function_use()))
    else:
        with pytest.raises(Exception, match="status 11"):
            client.get(certificate, use=function_use())


def test_types_are_listed_where_the_platform_lists_them(service: Any, profile: Any) -> None:
    if profile.name == "cert_share":
        with pytest.raises(NotOffered, match="cert_share does not offer types"):
            service.types()
        return
    found = service.types()
    assert [one.code for one in found] == [PERMIT.code, CERTIFICATE.code]
    assert [one.name for one in found] == [PERMIT.name, CERTIFICATE.name]
    assert service.type_of(PERMIT.code) == found[0]
    refused("type_unknown", lambda: service.type_of(PERMIT.code[:18] + "999"))


def test_a_licence_of_several_holders_is_one_licence(service: Any, town: LicenseTown) -> None:
    other = LicenseHolder(name="乙公司", code="91110302MA01NP925M", type_code="001")
    issued = town.service.issue(company_draft(holders=(COMPANY, other)))
    for holder in (COMPANY, other):
        found = service.search(holder.code, use=function_use(), type_code=PERMIT.code).records
        assert [one.metadata.holders for one in found] == [(COMPANY, other)]
    assert service.get(issued.identifier, use=function_use()).metadata == told(issued)


def test_a_licence_is_found_by_what_stands_on_it(town: LicenseTown, kind: str) -> None:
    issued = town.service.issue(company_draft())
    app = national_platform(town)
    client = (
        awaited_national(app, NATIONAL, clock=town.watch)
        if kind == "tasks"
        else national_client(in_process.transport(app), clock=town.watch)
    )
    found = client.get_by_holder(COMPANY.code, type_name=PERMIT.name, number=issued.metadata.number, use=function_use())
    assert found.file == issued.file
    refused(
        "license_unknown",
        lambda: client.get_by_holder(COMPANY.code, type_name=PERMIT.name, number="N-0", use=function_use()),
    )


def test_what_the_interface_does_not_have_is_not_offered(service: Any, town: LicenseTown, profile: Any) -> None:
    one = town.service.issue(company_draft()).identifier
    until = town.watch.at + timedelta(days=1)
    asked: tuple[Callable[[], object], ...] = (
        lambda: service.issue(company_draft("N2")),
        lambda: service.change(one, LicenseChange(without_end=True), reason=REASON),
        lambda: service.renew(one, valid_until=None),
        lambda: service.act(one, LicenseAction.REVOKE, reason="x"),
        lambda: service.history(one),
        lambda: service.present(one),
        lambda: service.status_list(PERMIT.code),
        lambda: service.use_code(one, use=function_use()),
        lambda: service.redeem("x", requester=HALL.code),
        lambda: service.statistics(),
        lambda: service.annotated_copy(one, use=function_use(), requester=HALL, valid_until=until),
        lambda: service.get(one, use=owner_use()),
        lambda: service.get(one, use=function_use(ground=UseGround.HOLDER, credential="x")),
        lambda: service.search(COMPANY.code, use=function_use(), type_code=PERMIT.code, states=frozenset()),
    )
    for ask in asked:
        with pytest.raises(NotOffered) as caught:
            ask()
        assert caught.value.platform == profile.name
    assert sum(row.count for row in town.service.statistics()) == 1
