"""Every licence of a register, page after page."""

from __future__ import annotations

import pytest

from egov_sdk.license.model import LicenseChange
from egov_sdk.license.states import LicenseAction, LicenseState
from tests.license_world import CERTIFICATE, PERMIT, LicenseTown, company_draft, person_draft, refused


def test_each_licence_is_there_once_in_its_latest_version() -> None:
    town = LicenseTown.at()
    service, lists = town.service, town.service.register.lists
    issued = [service.issue(company_draft(f"JY{number}")) for number in range(5)]
    changed = service.change(issued[1].identifier, LicenseChange(fields={"法定代表人": "王五"}), reason="变更")
    found, page, pages = [], "", 0
    while True:
        one = lists.page(purpose="导出", page=page, page_size=2)
        found += [record.identifier for record in one.records]
        page, pages = one.next_page, pages + 1
        if not page:
            break
        if pages == 1:
            issued.append(service.issue(company_draft("JY9")))
    assert found == [one.identifier for one in (issued[0], changed, *issued[2:])]
    assert pages == 3
    noted = [detail for action, _, detail in town.audited() if action == "register.listed"]
    assert [one["purpose"] for one in noted] == ["导出"] * 3
    town.assert_audit_holds()


def test_types_and_states_are_chosen() -> None:
    town = LicenseTown.at()
    service, lists = town.service, town.service.register.lists
    one, two = service.issue(company_draft("JY1")), service.issue(person_draft())
    service.act(one.identifier, LicenseAction.REVOKE, reason="违法")
    revoked = lists.page(purpose="x", states=frozenset({LicenseState.REVOKED}))
    assert [record.identifier for record in revoked.records] == [one.identifier]
    persons = lists.page(purpose="x", type_code=CERTIFICATE.code)
    assert [record.identifier for record in persons.records] == [two.identifier]
    assert not lists.page(purpose="x", type_code=PERMIT.code, states=frozenset()).records


@pytest.mark.parametrize("page", ["-1", "a", "1.0", "²", "9" * 30, " 1"])
def test_a_page_that_is_none_is_refused(page: str) -> None:
    lists = LicenseTown.at().service.register.lists
    refused("page_unknown", lambda: lists.page(purpose="x", page=page))


@pytest.mark.parametrize("size", [0, -1, 501])
def test_a_page_has_a_size(size: int) -> None:
    lists = LicenseTown.at().service.register.lists
    refused("page_size", lambda: lists.page(purpose="x", page_size=size))


def test_a_list_is_for_something() -> None:
    with pytest.raises(ValueError, match="purpose"):
        LicenseTown.at().service.register.lists.page(purpose=" ")
