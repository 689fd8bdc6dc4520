"""license-app/v1: the same register behind it, asked by both clients; codes are good once and for one department."""

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
from egov_sdk.license.states import LicenseAction, LicenseState
from egov_sdk.report import Outcome
from tests.license_world import (
    CERTIFICATE,
    COMPANY,
    HALL,
    ITEM,
    PERMIT,
    PERSON,
    LicenseTown,
    company_draft,
    function_use,
    owner_use,
    person_draft,
    refused,
)
from tests.unit.license.dialects.world import app_client, app_platform, awaited_app, told

OTHER = LicenseHolder(name="乙公司", code="91110302MA01NP925M", type_code="001")
Use_ = Callable[..., Any]


@pytest.fixture
def town(tmp_path: Path) -> Iterator[LicenseTown]:
    made = LicenseTown.at(tmp_path / "licenses.db")
    yield made
    made.assert_audit_holds()
    made.store.close()


@pytest.fixture(params=["threads", "tasks"])
def client_of(town: LicenseTown, request: pytest.FixtureRequest) -> Use_:
    app = app_platform(town, holder_of=lambda credential: PERSON.code)

    def made(account: str = "hall") -> Any:
        if request.param == "tasks":
            return awaited_app(app, account, clock=town.watch)
        return app_client(in_process.transport(app), account, clock=town.watch)

    return made


def test_a_code_reads_a_licence_once(client_of: Use_, town: LicenseTown) -> None:
    issued = town.service.issue(company_draft())
    service = client_of()
    (entry,) = service.entries(COMPANY.code, use=function_use())
    assert (entry.number, entry.name, entry.item_code) == (issued.metadata.number, PERMIT.name, "ML001")
    assert (entry.holder_code, entry.state, len(entry.license_code)) == (COMPANY.code, LicenseState.VALID, 18)
    assert COMPANY.code not in repr(entry)
    assert entry.auth_code not in repr(entry)
    found = service.redeem(entry.auth_code, requester=HALL.code)
    assert (found.file, found.metadata, found.state) == (issued.file, issued.metadata, LicenseState.VALID)
    assert found.file_digest == issued.file_digest
    refused("code_used", lambda: service.redeem(entry.auth_code, requester=HALL.code))
    refused("code_unknown", lambda: service.redeem("x", requester=HALL.code))
    refused("code_unknown", lambda: service.redeem("", requester=HALL.code))


def test_a_code_is_of_no_use_to_another_department(client_of: Use_, town: LicenseTown) -> None:
    town.service.issue(company_draft())
    (entry,) = client_of().entries(COMPANY.code, use=function_use())
    refused("code_requester", lambda: client_of("stranger").redeem(entry.auth_code, requester=HALL.code))
    assert client_of().redeem(entry.auth_code, requester=HALL.code).metadata.holders == (COMPANY,)


def test_a_code_grows_too_old(client_of: Use_, town: LicenseTown) -> None:
    town.service.issue(company_draft())
    (entry,) = client_of().entries(COMPANY.code, use=function_use())
    town.watch.wait(hours=1)
    refused("code_expired", lambda: client_of().redeem(entry.auth_code, requester=HALL.code))


def test_licences_are_found_in_pages(client_of: Use_, town: LicenseTown) -> None:
    issued = [town.service.issue(company_draft(f"N{number}")) for number in range(3)]
    service = client_of()
    first = service.search(COMPANY.code, use=function_use(), page_size=2)
    second = service.search(COMPANY.code, use=function_use(), page_size=2, page=first.next_page)
    assert [one.metadata for one in (*first.records, *second.records)] == [told(one) for one in reversed(issued)]
    assert second.next_page == ""
    assert len(service.entries(COMPANY.code, use=function_use())) == 3
    town.service.act(issued[0].identifier, LicenseAction.REVOKE, reason="违法")
    valid = service.search(COMPANY.code, use=function_use(), states=frozenset({LicenseState.VALID}))
    assert len(valid.records) == 2
    assert service.search(COMPANY.code, use=function_use(), type_code=CERTIFICATE.code).records == ()


def test_what_is_wrong_with_a_search_is_told_as_everywhere(client_of: Use_) -> None:
    search, use = client_of().search, function_use()
    refused("page_unknown", lambda: search(COMPANY.code, use=use, page="x"))
    refused("page_size", lambda: search(COMPANY.code, use=use, page_size=0))
    refused("holder_code", lambda: search(" ", use=use))
    refused("use_refused", lambda: client_of("stranger").search(COMPANY.code, use=use))
    refused("use_refused", lambda: search(COMPANY.code, use=function_use(item_code="other")))


def test_a_holder_s_consent_opens_their_licences(client_of: Use_, town: LicenseTown) -> None:
    certificate = town.service.issue(person_draft())
    consent = town.service.register.permissions.consent(
        PERSON.code,
        requester=HALL.code,
        purpose="资格核验",
        item_code=ITEM,
        until=town.watch.at + timedelta(hours=1),
        uses=5,
    )
    use = function_use(ground=UseGround.HOLDER, credential=consent.credential)
    service = client_of()
    (entry,) = service.entries(PERSON.code, use=use)
    assert service.redeem(entry.auth_code, requester=HALL.code).file == certificate.file
    wrong = use.model_copy(update={"credential": "x"})
    refused("permission_unknown", lambda: service.search(PERSON.code, use=wrong))
    nothing = use.model_copy(update={"credential": ""})
    refused("permission_unknown", lambda: service.search(PERSON.code, use=nothing))


def test_a_department_issues_what_it_may_issue(client_of: Use_, town: LicenseTown) -> None:
    bureau = client_of("bureau")
    made = bureau.issue(company_draft())
    assert made.state is LicenseState.VALID
    assert made.metadata.holders == (COMPANY,)
    assert made.metadata.fields["主体业态"] == "食品销售经营者"
    assert town.service.verify(made.file).outcome is Outcome.PASSED
    photo = bureau.issue(person_draft())
    assert town.service.verify(photo.file).outcome is Outcome.PASSED
    refused("number_taken", lambda: bureau.issue(company_draft()))
    refused("draft_element", lambda: bureau.issue(company_draft("N3", fields={})))
    refused("use_refused", lambda: client_of().issue(company_draft("N2")))
    other = LicenseHolder(name="甲", code="91110600037341L", type_code="414")
    with pytest.raises(NotOffered):
        bureau.issue(company_draft("N4", holders=(other,)))
    with pytest.raises(NotOffered):
        bureau.issue(company_draft("N5"), request_id="r-1")
    assert sum(row.count for row in town.service.statistics()) == 2


def test_what_is_only_made_is_not_in_force_yet(client_of: Use_, town: LicenseTown) -> None:
    made = client_of("bureau").issue(company_draft(active=False))
    assert made.state is LicenseState.INACTIVE
    town.service.act(made.identifier, LicenseAction.ACTIVATE, reason="")
    (entry,) = client_of().entries(COMPANY.code, use=function_use())
    assert entry.state is LicenseState.VALID


def test_a_licence_is_abolished_by_its_own_code_and_its_number(client_of: Use_, town: LicenseTown) -> None:
    issued = town.service.issue(company_draft())
    number = issued.metadata.number
    (entry,) = client_of().entries(COMPANY.code, use=function_use())
    use, bureau = function_use(purpose="依申请注销"), client_of("bureau")
    refused(
        "use_refused",
        lambda: client_of().abolish(entry.license_code, type_code=PERMIT.code, number=number, use=use),
    )
    for code, other in ((entry.license_code, "N-0"), ("440100202000000000", number), ("", number)):
        refused("license_unknown", partial(bureau.abolish, code, type_code=PERMIT.code, number=other, use=use))
    refused(
        "license_unknown",
        lambda: bureau.abolish(entry.license_code, type_code=CERTIFICATE.code, number=number, use=use),
    )
    bureau.abolish(entry.license_code, type_code=PERMIT.code, number=number, use=use)
    last = town.service.history(issued.identifier)[-1]
    assert (last.action, last.reason) == (LicenseAction.CANCEL, "依申请注销")
    assert last.actor == "app-9/clerk-7"  # the caller that was made sure of, before what it says
    refused("action_refused", lambda: bureau.abolish(entry.license_code, type_code=PERMIT.code, number=number, use=use))


def test_a_licence_of_several_holders_is_one_licence(client_of: Use_, town: LicenseTown) -> None:
    both = (COMPANY, OTHER)
    made = client_of("bureau").issue(company_draft(holders=both))
    assert town.service.history(made)[0].actor == "app-9"
    assert made.metadata.holders == both
    for one in both:
        (record,) = client_of().search(one.code, use=function_use()).records
        assert record.metadata == told(made)
        (entry,) = client_of().entries(one.code, use=function_use())
        assert client_of().redeem(entry.auth_code, requester=HALL.code).metadata == made.metadata


def test_a_delegation_opens_what_it_was_given_for(town: LicenseTown) -> None:
    asked: list[str] = []

    def holder_of(credential: str) -> str | None:
        asked.append(credential)
        return PERSON.code if credential == "c" else None

    client = app_client(in_process.transport(app_platform(town, holder_of=holder_of)), clock=town.watch)
    use = function_use(ground=UseGround.ENTRUST, credential="c")
    refused("permission_unknown", lambda: client.entries(PERSON.code, use=use))
    assert asked == ["c"]


def test_a_token_that_grew_old_is_asked_for_anew(town: LicenseTown) -> None:
    town.service.issue(company_draft())
    service = app_client(in_process.transport(app_platform(town)), clock=town.watch)
    assert len(service.entries(COMPANY.code, use=function_use())) == 1
    town.watch.wait(hours=3)
    assert len(service.entries(COMPANY.code, use=function_use())) == 1


def test_what_the_interface_does_not_have_is_not_offered(client_of: Use_, town: LicenseTown) -> None:
    issued, service = town.service.issue(company_draft()), client_of()
    one = issued.identifier
    asked: tuple[Callable[[], object], ...] = (
        lambda: service.types(),
        lambda: service.type_of(PERMIT.code),
        lambda: service.get(one, use=function_use()),
        lambda: service.use_code(one, use=function_use()),
        lambda: service.change(one, LicenseChange(without_end=True), reason="x"),
        lambda: service.renew(one, valid_until=None),
        lambda: service.act(one, LicenseAction.REVOKE, reason="x"),
        lambda: service.history(one),
        lambda: service.verify(issued.file),
        lambda: service.download_ticket(one, use=function_use()),
        lambda: service.download("x", requester=HALL.code),
        lambda: service.present(one),
        lambda: service.status_list(PERMIT.code),
        lambda: service.statistics(),
        lambda: service.search(COMPANY.code, use=owner_use()),
    )
    for ask in asked:
        with pytest.raises(NotOffered) as caught:
            ask()
        assert caught.value.platform == "license_app"
