"""What a service of licences does, wherever it lives: in this process, on either database, behind HTTP.

A module of tests makes a fixture ``town`` and has a class below ``LicenseContract``. ``town.service`` is what is
tested; ``town.office`` is the register behind it, for what only the office does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest

from egov_sdk.crypto import SM2PrivateKey
from egov_sdk.license.file import make_license_file
from egov_sdk.license.local import LocalLicenseService
from egov_sdk.license.metadata import LicenseHolder
from egov_sdk.license.model import BegunShowing, License, LicenseChange, Standing, UseGround
from egov_sdk.license.present.attestation import HolderCredential, prove_holder_key
from egov_sdk.license.present.online import VERIFY_STATUS, Grant, ShowingState
from egov_sdk.license.present.status_list import read_status_list
from egov_sdk.license.present.token import read_presentation
from egov_sdk.license.reading import read_license_file
from egov_sdk.license.service import LicenseService
from egov_sdk.license.states import LicenseAction, LicenseState
from egov_sdk.report import Outcome
from egov_sdk.times import day_in_beijing
from tests.license_world import (
    BUREAU,
    CERTIFICATE,
    COMPANY,
    COUNTY,
    HALL,
    ITEM,
    PERMIT,
    PERSON,
    STRANGER,
    LicenseTown,
    Watch,
    company_draft,
    function_use,
    owner_use,
    person_draft,
    refused,
)

__all__ = ["ContractTown", "LicenseContract"]


@dataclass
class ContractTown:
    """A service under test, and the register behind it."""

    service: LicenseService
    behind: LicenseTown
    refused: Callable[[str, Callable[[], object]], object] = field(default=refused)

    @property
    def office(self) -> LocalLicenseService:
        return self.behind.service

    @property
    def watch(self) -> Watch:
        return self.behind.watch


REASON = "依申请变更"
#: The hall asks, and the holder's confirmation is the consent.
SHOWN = function_use(ground=UseGround.HOLDER, purpose="现场核验")


def begun(town: ContractTown, holder: str = COMPANY.code) -> BegunShowing:
    """The hall has scanned the holder's code and asks for permits."""
    code = town.service.showing_code(holder)
    return town.service.begin_showing(code.value, type_codes=(PERMIT.code,), use=SHOWN)


def confirmed(town: ContractTown, issued: License, items: tuple[str, ...] | None = None) -> BegunShowing:
    """The company has let the hall see its permit."""
    transaction = begun(town)
    (asked,) = town.service.waiting_showings(COMPANY.code)
    grant = Grant(identifier=str(issued.identifier), type_code=PERMIT.code, items=items)
    town.service.confirm_showing(asked.digest, holder_code=COMPANY.code, granted=(grant,))
    return transaction


DEVICE = SM2PrivateKey.from_int(11)


def attested(
    town: ContractTown,
    issued: License,
    *,
    holder_code: str = COMPANY.code,
    challenge: bytes | None = None,
    proof: bytes | None = None,
    lifetime: timedelta = timedelta(days=1),
) -> HolderCredential:
    """The company's device asks for a credential."""
    if challenge is None:
        challenge = town.service.holder_challenge(issued.identifier, holder_code=COMPANY.code).value
    if proof is None:
        fits = challenge if 8 <= len(challenge) <= 32 else b"x" * 8
        proof = prove_holder_key(DEVICE, challenge=fits)
    return town.service.attest(
        issued.identifier,
        holder_code=holder_code,
        holder_key=DEVICE.public_key(),
        challenge=challenge,
        proof=proof,
        lifetime=lifetime,
    )


class LicenseContract:
    """The tests; see the module."""

    # types

    def test_types_stand_in_the_order_of_their_codes(self, town: ContractTown) -> None:
        assert [one.code for one in town.service.types()] == [PERMIT.code, CERTIFICATE.code]
        assert town.service.type_of(PERMIT.code).name == PERMIT.name
        assert town.service.type_of(PERMIT.code).fields == PERMIT.fields

    def test_an_unknown_type_is_refused(self, town: ContractTown) -> None:
        other = PERMIT.code[:18] + "999"
        town.refused("type_unknown", lambda: town.service.type_of(other))
        town.refused("type_unknown", lambda: town.service.issue(company_draft(type_code=other)))

    def test_nothing_of_a_disabled_type_is_issued_and_what_there_is_stays(self, town: ContractTown) -> None:
        issued = town.service.issue(company_draft())
        town.office.register.types.disable(PERMIT.code)
        town.refused("type_state", lambda: town.service.issue(company_draft("N2")))
        assert [one.code for one in town.service.types()] == [CERTIFICATE.code]
        assert town.service.get(issued.identifier, use=owner_use()) == issued

    # issue

    def test_a_licence_is_issued_stored_and_verifies(self, town: ContractTown) -> None:
        issued = town.service.issue(company_draft())
        assert issued.state is LicenseState.VALID
        assert issued.identifier.type_code == PERMIT.code
        assert issued.identifier.issuer_code == BUREAU.code
        assert issued.identifier.version == issued.latest_version == 1
        assert issued.metadata.holders == (COMPANY,)
        assert town.service.get(issued.identifier, use=owner_use()) == issued
        assert town.service.get(str(issued.identifier), use=owner_use()).file == issued.file
        report = town.service.verify(issued.file)
        assert report.outcome is Outcome.PASSED, report.blocking

    def test_the_file_says_what_the_register_says(self, town: ContractTown) -> None:
        issued = town.service.issue(person_draft())
        read = read_license_file(issued.file)
        assert read.metadata is not None
        assert read.metadata.identifier == issued.identifier
        assert read.metadata.holders == (PERSON,)

    def test_a_number_is_given_once(self, town: ContractTown) -> None:
        town.service.issue(company_draft("JY1"))
        town.refused("number_taken", lambda: town.service.issue(company_draft("JY1")))
        town.refused("number_taken", lambda: town.service.issue(company_draft("ＪＹ1")))
        town.refused("number_taken", lambda: town.service.issue(company_draft(" jy1")))
        town.service.issue(person_draft("JY1"))  # of another type

    def test_a_serial_is_given_once(self, town: ContractTown) -> None:
        issued = town.service.issue(company_draft("N1", serial="2026000001"))
        assert issued.identifier.serial == "2026000001"
        town.refused("serial_taken", lambda: town.service.issue(company_draft("N2", serial="2026000001")))
        town.refused("serial_shape", lambda: town.service.issue(company_draft("N3", serial="2026-1")))
        town.refused("serial_shape", lambda: town.service.issue(company_draft("N3", serial="1" * 65)))

    def test_the_same_request_gives_the_same_licence(self, town: ContractTown) -> None:
        first = town.service.issue(company_draft(), request_id="r-1")
        again = town.service.issue(company_draft(), request_id="r-1")
        assert again == first
        town.refused("request_mismatch", lambda: town.service.issue(company_draft("N2"), request_id="r-1"))
        town.refused("number_taken", lambda: town.service.issue(company_draft(), request_id="r-2"))
        assert sum(one.count for one in town.service.statistics()) == 1

    @pytest.mark.parametrize(
        "changes",
        [
            {"number": " "},
            {"holders": (LicenseHolder(name="甲", code="91110000600037341X", type_code="001"),)},
            {"holders": (LicenseHolder(name="甲", code="91110000600037341L", type_code="777"),)},
            {"holders": (PERSON,)},
            {"holders": (COMPANY, COMPANY)},
            {"valid_from": date(2031, 6, 1)},
            {"area_code": "99"},
            {"fields": {"法定代表人": "李四"}},
            {"fields": {**company_draft().fields, "别的": "甲"}},
            {"fields": {**company_draft().fields, "主体业态": "甲" * 65}},
            {"pictures": {"照片": b"x"}},
        ],
        ids=lambda changes: next(iter(changes)),
    )
    def test_a_draft_that_breaks_a_rule_is_refused_and_leaves_nothing(
        self, town: ContractTown, changes: dict[str, Any]
    ) -> None:
        town.refused("draft_element", lambda: town.service.issue(company_draft(**changes)))
        assert town.service.statistics() == ()
        town.service.issue(company_draft())

    def test_a_picture_that_a_type_asks_for_is_missed(self, town: ContractTown) -> None:
        town.refused("draft_element", lambda: town.service.issue(person_draft(pictures={})))
        town.refused("draft_element", lambda: town.service.issue(person_draft(pictures={"照片": b""})))

    def test_an_authority_that_does_not_issue_here_is_refused(self, town: ContractTown) -> None:
        town.refused("issuer_refused", lambda: town.service.issue(company_draft(issuer=STRANGER)))
        for known in (BUREAU, COUNTY):
            draft = company_draft(issuer=known.model_copy(update={"name": "国务院"}))
            town.refused("issuer_refused", partial(town.service.issue, draft))
        unnamed = company_draft(issuer=COUNTY.model_copy(update={"name": ""}))
        assert town.service.issue(unnamed).metadata.issuer == COUNTY

    # change

    def test_a_change_makes_a_new_version_and_the_old_one_is_superseded(self, town: ContractTown) -> None:
        first = town.service.issue(company_draft())
        change = LicenseChange(fields={"法定代表人": "王五"})
        second = town.service.change(first.identifier, change, reason=REASON)
        assert second.identifier == first.identifier.next_version()
        assert second.metadata.number == first.metadata.number
        assert second.metadata.fields["法定代表人"] == "王五"
        assert second.metadata.fields["住所"] == first.metadata.fields["住所"]
        old = town.service.get(first.identifier, use=owner_use())
        assert (old.state, old.latest_version, old.file) == (LicenseState.SUPERSEDED, 2, first.file)
        assert town.service.verify(second.file).outcome is Outcome.PASSED
        report = town.service.verify(first.file)
        assert report.outcome is Outcome.FAILED
        assert [check.id for check in report.blocking if check.outcome is Outcome.FAILED] == [
            "trust.version",
            "trust.state",
        ]

    def test_what_was_changed_in_the_meantime_is_not_changed_over(self, town: ContractTown) -> None:
        first = town.service.issue(company_draft())
        town.service.change(first.identifier, LicenseChange(fields={"法定代表人": "王五"}), reason=REASON)
        late = LicenseChange(fields={"法定代表人": "赵六"})
        town.refused("version_old", lambda: town.service.change(first.identifier, late, reason=REASON))
        town.refused("version_old", lambda: town.service.act(first.identifier, LicenseAction.REVOKE, reason="x"))
        town.refused("version_old", lambda: town.service.renew(first.identifier, valid_until=None))

    @pytest.mark.parametrize(
        ("change", "problem"),
        [
            (LicenseChange(), "change_empty"),
            (LicenseChange(fields={"法定代表人": "李四"}), "change_empty"),
            (LicenseChange(holders=(PERSON,)), "draft_element"),
            (LicenseChange(fields={"别的": "甲"}), "draft_element"),
            (LicenseChange(valid_until=date(2020, 1, 1)), "draft_element"),
        ],
    )
    def test_a_change_that_is_none_or_breaks_a_rule_is_refused(
        self, town: ContractTown, change: LicenseChange, problem: str
    ) -> None:
        first = town.service.issue(company_draft())
        town.refused(problem, lambda: town.service.change(first.identifier, change, reason=REASON))
        assert town.service.get(first.identifier, use=owner_use()) == first

    def test_a_change_needs_a_reason(self, town: ContractTown) -> None:
        first = town.service.issue(company_draft())
        change = LicenseChange(fields={"法定代表人": "王五"})
        town.refused("reason_missing", lambda: town.service.change(first.identifier, change, reason=" "))

    def test_a_photo_stays_unless_another_is_given(self, town: ContractTown) -> None:
        first = town.service.issue(person_draft())
        second = town.service.change(first.identifier, LicenseChange(fields={"级别": "一级"}), reason=REASON)
        assert town.service.verify(second.file).outcome is Outcome.PASSED

    def test_a_licence_changes_hands_and_is_found_by_the_new_holder_only(self, town: ContractTown) -> None:
        other = LicenseHolder(name="乙公司", code="91110302MA01NP925M", type_code="001")
        first = town.service.issue(company_draft())
        second = town.service.change(first.identifier, LicenseChange(holders=(other,)), reason="转让")
        assert town.service.search(COMPANY.code, use=function_use()).records == ()
        found = town.service.search(other.code, use=function_use()).records
        assert [one.identifier for one in found] == [second.identifier]
        town.refused("use_refused", lambda: town.service.get(second.identifier, use=owner_use(COMPANY.code)))
        assert town.service.get(first.identifier, use=owner_use(COMPANY.code)).file == first.file
        town.refused("use_refused", lambda: town.service.get(first.identifier, use=owner_use(other.code)))

    def test_a_renewal_ends_later_than_before(self, town: ContractTown) -> None:
        first = town.service.issue(company_draft())
        for day in (date(2031, 5, 31), date(2030, 1, 1)):
            town.refused("renewal_term", partial(town.service.renew, first.identifier, valid_until=day))
        second = town.service.renew(first.identifier, valid_until=date(2036, 5, 31))
        assert second.metadata.valid_until == date(2036, 5, 31)
        third = town.service.renew(second.identifier, valid_until=None)
        assert third.metadata.valid_until is None
        assert third.identifier.version == 3
        town.refused("renewal_endless", lambda: town.service.renew(third.identifier, valid_until=None))

    def test_the_history_names_who_issued_changed_and_renewed(self, town: ContractTown) -> None:
        first = town.service.issue(person_draft(), actor="clerk-1")
        second = town.service.change(first, LicenseChange(fields={"级别": "一级"}), reason=REASON, actor="clerk-2")
        third = town.service.renew(second, valid_until=date(2039, 1, 1), actor="clerk-3")
        told = [(event.action, event.actor) for event in town.service.history(third)]
        assert told == [
            (LicenseAction.ISSUE, "clerk-1"),
            (LicenseAction.SUPERSEDE, "clerk-2"),
            (LicenseAction.CHANGE, "clerk-2"),
            (LicenseAction.SUPERSEDE, "clerk-3"),
            (LicenseAction.RENEW, "clerk-3"),
        ]

    # actions

    def test_a_licence_is_suspended_resumed_and_revoked(self, town: ContractTown) -> None:
        one = town.service.issue(company_draft()).identifier
        assert town.service.act(one, LicenseAction.SUSPEND, reason="整改", actor="clerk-9").state is (
            LicenseState.SUSPENDED
        )
        assert town.service.get(one, use=owner_use()).standing(date(2026, 6, 2)) is Standing.SUSPENDED
        assert town.service.act(one, LicenseAction.RESUME, reason="").state is LicenseState.VALID
        assert town.service.act(one, LicenseAction.REVOKE, reason="违法").state is LicenseState.REVOKED
        events = town.service.history(one)
        assert [event.action for event in events] == [
            LicenseAction.ISSUE,
            LicenseAction.SUSPEND,
            LicenseAction.RESUME,
            LicenseAction.REVOKE,
        ]
        assert (events[1].actor, events[1].reason) == ("clerk-9", "整改")
        assert all(event.at == town.watch.at for event in events)

    def test_what_is_done_to_a_licence_has_a_name_of_its_own(self, town: ContractTown) -> None:
        first, second = town.service.issue(company_draft()), town.service.issue(person_draft())
        assert town.service.suspend(first, reason="整改", actor="clerk-9").state is LicenseState.SUSPENDED
        assert town.service.resume(first).state is LicenseState.VALID
        assert town.service.revoke(first, reason="违法").state is LicenseState.REVOKED
        assert town.service.cancel(second, reason="注销").state is LicenseState.CANCELLED
        assert [(event.action.value, event.actor, event.reason) for event in town.service.history(first)][1:] == [
            ("suspend", "clerk-9", "整改"), ("resume", "", ""), ("revoke", "", "违法"),
        ]  # fmt: skip

    def test_a_licence_may_be_named_by_itself_its_record_its_identifier_or_text(self, town: ContractTown) -> None:
        issued = town.service.issue(company_draft())
        (record,) = town.service.search(COMPANY.code, use=owner_use()).records
        for named in (issued, record, issued.identifier, str(issued.identifier)):
            assert town.service.get(named, use=owner_use()).file == issued.file
            assert town.service.present(named).token
            assert town.service.history(named)[0].identifier == issued.identifier
            until = town.watch.at + timedelta(days=3)
            copy = town.service.annotated_copy(named, use=owner_use(), requester=HALL, valid_until=until)
            assert copy.identifier == issued.identifier
        renewed = town.service.renew(issued, valid_until=date(2040, 1, 1))
        town.refused("version_old", lambda: town.service.revoke(issued, reason="x"))
        assert town.service.revoke(renewed, reason="x").state is LicenseState.REVOKED

    @pytest.mark.parametrize("ending", [LicenseAction.REVOKE, LicenseAction.CANCEL, LicenseAction.WITHDRAW])
    def test_nothing_leads_out_of_an_end(self, town: ContractTown, ending: LicenseAction) -> None:
        one = town.service.issue(company_draft()).identifier
        town.service.act(one, ending, reason="终止")
        for action in (LicenseAction.RESUME, LicenseAction.SUSPEND, LicenseAction.REVOKE, LicenseAction.ACTIVATE):
            town.refused("action_refused", partial(town.service.act, one, action, reason="x"))
        change = LicenseChange(fields={"法定代表人": "王五"})
        town.refused("action_refused", lambda: town.service.change(one, change, reason=REASON))
        town.refused("action_refused", lambda: town.service.renew(one, valid_until=None))

    def test_a_suspended_licence_is_neither_changed_nor_renewed(self, town: ContractTown) -> None:
        one = town.service.issue(company_draft()).identifier
        town.service.act(one, LicenseAction.SUSPEND, reason="整改")
        town.refused("action_refused", lambda: town.service.act(one, LicenseAction.SUSPEND, reason="x"))
        town.refused("action_refused", lambda: town.service.renew(one, valid_until=None))
        change = LicenseChange(fields={"法定代表人": "王五"})
        town.refused("action_refused", lambda: town.service.change(one, change, reason=REASON))

    def test_what_takes_something_away_needs_a_reason(self, town: ContractTown) -> None:
        one = town.service.issue(company_draft()).identifier
        for action in (LicenseAction.SUSPEND, LicenseAction.REVOKE, LicenseAction.CANCEL, LicenseAction.WITHDRAW):
            town.refused("reason_missing", partial(town.service.act, one, action, reason=" "))

    def test_a_licence_may_be_issued_to_be_activated_later(self, town: ContractTown) -> None:
        issued = town.service.issue(company_draft(active=False))
        assert issued.state is LicenseState.INACTIVE
        town.refused("not_in_force", lambda: town.service.present(issued.identifier))
        town.service.act(issued.identifier, LicenseAction.ACTIVATE, reason="")
        assert town.service.present(issued.identifier).token

    def test_the_number_of_a_withdrawn_licence_may_be_given_again(self, town: ContractTown) -> None:
        first = town.service.issue(company_draft())
        town.service.act(first.identifier, LicenseAction.WITHDRAW, reason="签发错误")
        second = town.service.issue(company_draft())
        assert second.identifier.serial != first.identifier.serial
        town.service.act(second.identifier, LicenseAction.CANCEL, reason="注销")
        town.refused("number_taken", lambda: town.service.issue(company_draft()))

    @pytest.mark.parametrize("tail", ["2026000002.001.", "2026000001.002."], ids=["another serial", "a later version"])
    def test_a_licence_that_is_not_there_is_unknown(self, town: ContractTown, tail: str) -> None:
        known = town.service.issue(company_draft(serial="2026000001")).identifier
        serial, version = tail.split(".")[:2]
        other = type(known).build(
            type_code=known.type_code, issuer_code=known.issuer_code, serial=serial, version=int(version)
        )
        use = owner_use()
        until = town.watch.at + timedelta(days=1)
        for act in (
            lambda: town.service.get(other, use=use),
            lambda: town.service.history(other),
            lambda: town.service.act(other, LicenseAction.REVOKE, reason="x"),
            lambda: town.service.change(other, LicenseChange(without_end=True), reason="x"),
            lambda: town.service.present(other),
            lambda: town.service.download_ticket(other, use=use),
            lambda: town.service.use_code(other, use=use),
            lambda: town.service.annotated_copy(other, use=use, requester=HALL, valid_until=until),
        ):
            town.refused("license_unknown", act)

    @pytest.mark.parametrize("text", ["", "x", "1.2.156.3005.2.1.2.3.001.X", "1" * 10_000])
    def test_what_is_no_identifier_is_told_as_such(self, town: ContractTown, text: str) -> None:
        town.refused("identifier_shape", lambda: town.service.get(text, use=owner_use()))
        town.refused("identifier_shape", lambda: town.service.history(text))

    def test_an_identifier_with_a_wrong_check_character_is_refused(self, town: ContractTown) -> None:
        one = str(town.service.issue(company_draft()).identifier)
        wrong = one[:-1] + ("0" if one[-1] != "0" else "1")
        town.refused("identifier_check", lambda: town.service.get(wrong, use=owner_use()))
        town.refused("identifier_check", lambda: town.service.act(wrong, LicenseAction.REVOKE, reason="x"))

    # access

    def test_a_department_sees_what_its_function_needs_and_nothing_else(self, town: ContractTown) -> None:
        permit, certificate = town.service.issue(company_draft()), town.service.issue(person_draft())
        assert town.service.get(permit.identifier, use=function_use()).file == permit.file
        town.refused("use_refused", lambda: town.service.get(certificate.identifier, use=function_use()))
        for use in (
            function_use(item_code="other"),
            function_use(item_code=""),
            function_use(requester=STRANGER),
            owner_use(HALL.code),
            owner_use(PERSON.code),
        ):
            town.refused("use_refused", partial(town.service.get, permit.identifier, use=use))
        assert town.service.search(PERSON.code, use=function_use()).records == ()
        town.refused("use_refused", lambda: town.service.search(COMPANY.code, use=function_use(requester=STRANGER)))

    def test_a_holder_sees_what_they_hold(self, town: ContractTown) -> None:
        certificate = town.service.issue(person_draft())
        town.service.issue(company_draft())
        mine = owner_use(PERSON.code, name=PERSON.name)
        assert town.service.get(certificate.identifier, use=mine).file == certificate.file
        assert [one.identifier for one in town.service.search(PERSON.code, use=mine).records] == [
            certificate.identifier
        ]
        assert town.service.search(COMPANY.code, use=mine).records == ()

    def test_a_holder_s_consent_opens_what_it_was_given_for(self, town: ContractTown) -> None:
        certificate = town.service.issue(person_draft())
        consent = town.office.register.permissions.consent(
            PERSON.code,
            requester=HALL.code,
            purpose="资格核验",
            item_code=ITEM,
            until=town.watch.at + timedelta(hours=1),
            uses=1,
        )
        use = function_use(ground=UseGround.HOLDER, credential=consent.credential)
        found = town.service.search(PERSON.code, use=use)
        assert [one.identifier for one in found.records] == [certificate.identifier]
        wrong = (
            ("permission_unknown", use.model_copy(update={"credential": "x"})),
            ("permission_unknown", use.model_copy(update={"credential": ""})),
            ("permission_unknown", use.model_copy(update={"ground": UseGround.ENTRUST})),
            ("permission_requester", use.model_copy(update={"requester": STRANGER})),
            ("permission_item", use.model_copy(update={"item_code": "other"})),
        )
        for problem, other in wrong:
            town.refused(problem, partial(town.service.get, certificate.identifier, use=other))
        assert town.service.get(certificate.identifier, use=use).file == certificate.file
        town.refused("permission_used", lambda: town.service.get(certificate.identifier, use=use))

    # searching

    def test_pages_are_stable_while_licences_come_in(self, town: ContractTown) -> None:
        issued = [town.service.issue(company_draft(f"N{number}")).identifier for number in range(5)]
        first = town.service.search(COMPANY.code, use=function_use(), page_size=2)
        assert [one.identifier for one in first.records] == [issued[4], issued[3]]
        town.service.issue(company_draft("N9"))
        second = town.service.search(COMPANY.code, use=function_use(), page=first.next_page, page_size=2)
        assert [one.identifier for one in second.records] == [issued[2], issued[1]]
        third = town.service.search(COMPANY.code, use=function_use(), page=second.next_page, page_size=2)
        assert [one.identifier for one in third.records] == [issued[0]]
        assert third.next_page == ""

    def test_a_page_belongs_to_its_search(self, town: ContractTown) -> None:
        for number in range(2):
            town.service.issue(company_draft(f"N{number}"))
        page = town.service.search(COMPANY.code, use=function_use(), page_size=1).next_page
        assert page
        search = town.service.search
        turned = page[:-1] + ("A" if page[-1] != "A" else "B")
        for wrong in ("x", "*", "", turned):
            if wrong:
                town.refused("page_unknown", partial(search, COMPANY.code, use=function_use(), page=wrong))
        town.refused("page_unknown", lambda: search(PERSON.code, use=owner_use(), page=page))
        town.refused("page_unknown", lambda: search(COMPANY.code, use=function_use(), type_code=PERMIT.code, page=page))
        for size in (0, -1, 501):
            town.refused("page_size", partial(search, COMPANY.code, use=function_use(), page_size=size))

    def test_a_search_is_by_type_and_state(self, town: ContractTown) -> None:
        first, second = (town.service.issue(company_draft(f"N{number}")).identifier for number in range(2))
        town.service.act(first, LicenseAction.SUSPEND, reason="整改")
        search, use = town.service.search, owner_use()
        valid = search(COMPANY.code, use=use, states=frozenset({LicenseState.VALID})).records
        assert [one.identifier for one in valid] == [second]
        assert search(COMPANY.code, use=use, states=frozenset()).records == ()
        assert search(COMPANY.code, use=use, type_code=CERTIFICATE.code).records == ()
        assert len(search(COMPANY.code, use=use, type_code=PERMIT.code).records) == 2

    def test_a_search_finds_a_code_however_it_was_typed(self, town: ContractTown) -> None:
        town.service.issue(company_draft())
        for code in (COMPANY.code.lower(), f" {COMPANY.code[:9]} {COMPANY.code[9:]} ", "９" + COMPANY.code[1:]):
            assert len(town.service.search(code, use=owner_use()).records) == 1
        town.refused("holder_code", lambda: town.service.search(" ", use=owner_use()))

    # tickets and codes

    def test_a_ticket_is_good_for_one_download(self, town: ContractTown) -> None:
        issued = town.service.issue(company_draft())
        ticket = town.service.download_ticket(issued.identifier, use=function_use())
        assert ticket.expires_at == town.watch.at + timedelta(seconds=600)
        assert town.service.download(ticket.value, requester=HALL.code) == issued.file
        town.refused("ticket_used", lambda: town.service.download(ticket.value, requester=HALL.code))
        town.refused("ticket_unknown", lambda: town.service.download(ticket.value[:-1], requester=HALL.code))
        town.refused("code_unknown", lambda: town.service.redeem(ticket.value, requester=HALL.code))

    def test_what_was_made_for_one_department_is_of_no_use_to_another(self, town: ContractTown) -> None:
        issued = town.service.issue(company_draft())
        ticket = town.service.download_ticket(issued.identifier, use=function_use()).value
        code = town.service.use_code(issued.identifier, use=function_use()).value
        for thief in (STRANGER.code, BUREAU.code, COMPANY.code, "", "x"):
            town.refused("ticket_requester", partial(town.service.download, ticket, requester=thief))
            town.refused("code_requester", partial(town.service.redeem, code, requester=thief))
        # nothing was used up by those
        assert town.service.download(ticket, requester=HALL.code) == issued.file
        assert town.service.redeem(code, requester=HALL.code) == issued
        town.refused("ticket_used", lambda: town.service.download(ticket, requester=STRANGER.code))
        noted = [detail for action, _, detail in town.behind.audited() if action == "use.refused"]
        assert {str(one["requester"]) for one in noted} >= {STRANGER.code, BUREAU.code, COMPANY.code}

    def test_a_holder_s_own_ticket_is_the_holder_s(self, town: ContractTown) -> None:
        issued = town.service.issue(person_draft())
        ticket = town.service.download_ticket(issued.identifier, use=owner_use(PERSON.code)).value
        town.refused("ticket_requester", lambda: town.service.download(ticket, requester=HALL.code))
        assert town.service.download(ticket, requester=PERSON.code) == issued.file

    def test_a_ticket_grows_too_old(self, town: ContractTown) -> None:
        issued = town.service.issue(company_draft())
        ticket = town.service.download_ticket(issued.identifier, use=function_use())
        town.watch.wait(seconds=600)
        town.refused("ticket_expired", lambda: town.service.download(ticket.value, requester=HALL.code))

    def test_who_may_not_see_a_licence_gets_neither_ticket_nor_code(self, town: ContractTown) -> None:
        issued, use = town.service.issue(company_draft()), function_use(requester=STRANGER)
        until = town.watch.at + timedelta(days=1)
        town.refused("use_refused", lambda: town.service.download_ticket(issued.identifier, use=use))
        town.refused("use_refused", lambda: town.service.use_code(issued.identifier, use=use))
        town.refused(
            "use_refused",
            lambda: town.service.annotated_copy(issued.identifier, use=use, requester=STRANGER, valid_until=until),
        )

    def test_a_code_reads_a_licence_once(self, town: ContractTown) -> None:
        issued = town.service.issue(company_draft())
        code = town.service.use_code(issued.identifier, use=function_use())
        assert code.identifier == issued.identifier
        assert town.service.redeem(code.value, requester=HALL.code) == issued
        town.refused("code_used", lambda: town.service.redeem(code.value, requester=HALL.code))
        town.refused("code_unknown", lambda: town.service.redeem("x", requester=HALL.code))
        town.refused("ticket_unknown", lambda: town.service.download(code.value, requester=HALL.code))
        late = town.service.use_code(issued.identifier, use=function_use())
        town.watch.wait(hours=1)
        town.refused("code_expired", lambda: town.service.redeem(late.value, requester=HALL.code))

    # copies

    def test_a_copy_is_for_one_use_and_the_original_stays_as_it_is(self, town: ContractTown) -> None:
        issued = town.service.issue(company_draft())
        until = town.watch.at + timedelta(days=3)
        copy = town.service.annotated_copy(issued.identifier, use=function_use(), requester=HALL, valid_until=until)
        assert (copy.identifier, copy.purpose, copy.requester) == (issued.identifier, function_use().purpose, HALL)
        assert copy.valid_until == until
        assert copy.file != issued.file
        note = read_license_file(copy.file).copy
        assert note is not None
        assert note.cause == function_use().purpose
        assert town.service.get(issued.identifier, use=owner_use()).file == issued.file

    def test_nobody_but_holder_and_issuer_has_a_copy_made_for_somebody_else(self, town: ContractTown) -> None:
        issued, until = town.service.issue(company_draft()), town.watch.at + timedelta(days=3)
        give = partial(town.service.annotated_copy, issued, valid_until=until)
        consent = town.office.register.permissions.consent(
            COMPANY.code, requester=HALL.code, purpose="办事", until=town.watch.at + timedelta(days=1)
        )
        by_consent = function_use(ground=UseGround.HOLDER, credential=consent.credential)
        for use in (function_use(), by_consent):
            town.refused("copy_requester", partial(give, use=use, requester=STRANGER))
        for use in (owner_use(), owner_use(COMPANY.code)):
            assert give(use=use, requester=STRANGER).requester == STRANGER
        assert give(use=by_consent, requester=HALL).requester == HALL
        refusals = [detail for action, _, detail in town.behind.audited() if action == "use.refused"]
        assert [one["problem"] for one in refusals] == ["copy_requester"] * 2

    def test_a_copy_ends_in_time(self, town: ContractTown) -> None:
        issued = town.service.issue(company_draft())
        for span in (timedelta(), timedelta(seconds=-1), timedelta(days=400)):
            until = town.watch.at + span
            town.refused(
                "copy_term",
                partial(
                    town.service.annotated_copy,
                    issued.identifier,
                    use=function_use(),
                    requester=HALL,
                    valid_until=until,
                ),
            )

    def test_no_copy_is_made_of_what_is_not_in_force(self, town: ContractTown) -> None:
        issued = town.service.issue(company_draft())
        town.service.act(issued.identifier, LicenseAction.SUSPEND, reason="整改")
        until = town.watch.at + timedelta(days=3)
        town.refused(
            "not_in_force",
            lambda: town.service.annotated_copy(
                issued.identifier, use=function_use(), requester=HALL, valid_until=until
            ),
        )

    # presentation

    def test_a_presentation_shows_what_was_chosen(self, town: ContractTown) -> None:
        issued = town.service.issue(company_draft())
        shown = town.service.present(issued.identifier, audience="hall-1", fields=("holder_name", "主体业态"))
        read = read_presentation(shown.token)
        assert read.fields == {"holder_name": COMPANY.name, "KZ_主体业态": "食品销售经营者"}
        assert (read.audience, read.type_code) == ("hall-1", PERMIT.code)
        assert shown.expires_at == read.expires_at == town.watch.at + timedelta(seconds=120)
        assert read_presentation(town.service.present(issued.identifier, fields=()).token).fields == {}
        usual = read_presentation(town.service.present(issued.identifier).token).fields
        assert usual["KZ_主体业态"] == "食品销售经营者"
        assert "KZ_法定代表人" not in usual
        assert "holder_code" not in usual

    def test_what_cannot_be_shown_is_refused(self, town: ContractTown) -> None:
        one = town.service.issue(company_draft()).identifier
        town.refused("field_not_there", lambda: town.service.present(one, fields=("别的",)))
        for lifetime in (timedelta(), timedelta(hours=1)):
            town.refused("lifetime", partial(town.service.present, one, lifetime=lifetime))
        town.service.act(one, LicenseAction.SUSPEND, reason="整改")
        town.refused("not_in_force", lambda: town.service.present(one))

    @pytest.mark.parametrize("valid_from", [None, date(2020, 1, 1)])
    def test_a_licence_dated_in_the_future_is_not_shown(self, town: ContractTown, valid_from: date | None) -> None:
        tomorrow = day_in_beijing(town.watch.at) + timedelta(days=1)
        one = town.service.issue(company_draft(issued_on=tomorrow, valid_from=valid_from)).identifier
        town.refused("not_in_force", lambda: town.service.present(one))
        town.watch.wait(days=1)
        town.service.present(one)

    def test_an_expired_licence_is_not_shown(self, town: ContractTown) -> None:
        one = town.service.issue(company_draft()).identifier
        town.watch.wait(days=366 * 5)
        town.refused("not_in_force", lambda: town.service.present(one))

    def test_a_status_list_tells_of_a_revocation(self, town: ContractTown) -> None:
        one = town.service.issue(company_draft()).identifier
        entry = read_presentation(town.service.present(one).token).status
        before = read_status_list(town.service.status_list(PERMIT.code))
        assert before.list_id == entry.list_id
        assert before.state_at(entry.index) is LicenseState.VALID
        town.service.act(one, LicenseAction.REVOKE, reason="违法")
        after = read_status_list(town.service.status_list(PERMIT.code))
        assert after.state_at(entry.index) is LicenseState.REVOKED
        assert after.sequence > before.sequence
        town.refused("type_unknown", lambda: town.service.status_list(PERMIT.code[:18] + "999"))

    # showing online

    def test_a_holder_lets_a_verifier_online_see_a_licence_once(self, town: ContractTown) -> None:
        issued = town.service.issue(company_draft())
        code = town.service.showing_code(COMPANY.code)
        assert code.expires_at == town.watch.at + timedelta(seconds=60)
        transaction = town.service.begin_showing(code.value, type_codes=(PERMIT.code,), use=SHOWN)
        status = partial(town.service.showing_status, transaction.transaction, verifier=HALL.code)
        assert VERIFY_STATUS[status()] == "1"
        (asked,) = town.service.waiting_showings(COMPANY.code)
        assert (asked.verifier, asked.verifier_name, asked.purpose) == (HALL.code, HALL.name, SHOWN.purpose)
        assert (asked.type_codes, asked.expires_at) == ((PERMIT.code,), transaction.expires_at)
        assert town.service.waiting_showings(PERSON.code) == ()
        grant = Grant(identifier=str(issued.identifier), type_code=PERMIT.code)
        agreed = town.service.confirm_showing(asked.digest, holder_code=COMPANY.code, granted=(grant,))
        assert agreed.state is ShowingState.CONFIRMED
        assert VERIFY_STATUS[status()] == "2"
        assert town.service.waiting_showings(COMPANY.code) == ()
        (shown,) = town.service.fetch_showing(transaction.transaction, verifier=HALL.code)
        assert (shown.identifier, shown.license) == (issued.identifier, issued)
        assert shown.items["holder_name"] == COMPANY.name
        assert VERIFY_STATUS[status()] == "3"

    def test_a_holder_lets_chosen_items_be_seen_and_no_more(self, town: ContractTown) -> None:
        issued = town.service.issue(company_draft())
        transaction = confirmed(town, issued, ("number", "主体业态"))
        (shown,) = town.service.fetch_showing(transaction.transaction, verifier=HALL.code)
        assert shown.items == {"number": issued.metadata.number, "KZ_主体业态": "食品销售经营者"}
        assert shown.license is None
        (bare,) = town.service.fetch_showing(confirmed(town, issued, ()).transaction, verifier=HALL.code)
        assert (bare.items, bare.license, bare.type_code) == ({}, None, PERMIT.code)

    def test_what_was_granted_is_fetched_once_and_by_nobody_else(self, town: ContractTown) -> None:
        transaction = confirmed(town, town.service.issue(company_draft())).transaction
        fetch = partial(town.service.fetch_showing, transaction)
        town.refused("showing_verifier", lambda: fetch(verifier=STRANGER.code))
        town.refused("showing_verifier", lambda: fetch(verifier=""))
        town.refused("showing_verifier", lambda: town.service.showing_status(transaction, verifier=STRANGER.code))
        assert len(fetch(verifier=HALL.code)) == 1
        town.refused("showing_fetched", lambda: fetch(verifier=HALL.code))
        town.refused("showing_verifier", lambda: fetch(verifier=STRANGER.code))

    def test_nothing_is_fetched_before_the_holder_confirms_or_after_a_no(self, town: ContractTown) -> None:
        issued = town.service.issue(company_draft())
        transaction = begun(town).transaction
        fetch = partial(town.service.fetch_showing, transaction, verifier=HALL.code)
        town.refused("showing_waiting", fetch)
        (asked,) = town.service.waiting_showings(COMPANY.code)
        town.refused("showing_holder", lambda: town.service.refuse_showing(asked.digest, holder_code=PERSON.code))
        denied = town.service.refuse_showing(asked.digest, holder_code=COMPANY.code)
        assert denied.state is ShowingState.REFUSED
        town.refused("showing_refused", fetch)
        grant = Grant(identifier=str(issued.identifier), type_code=PERMIT.code)
        town.refused(
            "showing_decided",
            lambda: town.service.confirm_showing(asked.digest, holder_code=COMPANY.code, granted=(grant,)),
        )
        town.refused("showing_decided", lambda: town.service.refuse_showing(asked.digest, holder_code=COMPANY.code))

    def test_codes_requests_and_grants_grow_too_old(self, town: ContractTown) -> None:
        issued = town.service.issue(company_draft())
        code = town.service.showing_code(COMPANY.code)
        town.watch.wait(seconds=60)
        begin = partial(town.service.begin_showing, code.value, type_codes=(PERMIT.code,), use=SHOWN)
        town.refused("showing_code_expired", begin)
        late = begun(town).transaction
        (asked,) = town.service.waiting_showings(COMPANY.code)
        town.watch.wait(minutes=3)
        assert town.service.waiting_showings(COMPANY.code) == ()
        grant = Grant(identifier=str(issued.identifier), type_code=PERMIT.code)
        confirm = partial(town.service.confirm_showing, asked.digest, holder_code=COMPANY.code, granted=(grant,))
        town.refused("showing_expired", confirm)
        town.refused("showing_expired", lambda: town.service.fetch_showing(late, verifier=HALL.code))
        assert town.service.showing_status(late, verifier=HALL.code) is ShowingState.EXPIRED
        agreed = confirmed(town, issued).transaction
        town.watch.wait(minutes=5)
        town.refused("showing_expired", lambda: town.service.fetch_showing(agreed, verifier=HALL.code))

    def test_a_code_begins_one_verification(self, town: ContractTown) -> None:
        code = town.service.showing_code(COMPANY.code).value
        begin = partial(town.service.begin_showing, type_codes=(PERMIT.code,), use=SHOWN)
        begin(code)
        town.refused("showing_code_used", lambda: begin(code))
        for unknown in ("", "x", code[:-1]):
            town.refused("showing_code_unknown", partial(begin, unknown))

    @pytest.mark.parametrize("unknown", ["x", "0" * 64, "g" * 64, "1" * 1000])
    def test_what_was_never_begun_is_unknown(self, town: ContractTown, unknown: str) -> None:
        town.refused("showing_unknown", lambda: town.service.fetch_showing(unknown, verifier=HALL.code))
        town.refused("showing_unknown", lambda: town.service.showing_status(unknown, verifier=HALL.code))
        town.refused("showing_unknown", lambda: town.service.refuse_showing(unknown, holder_code=COMPANY.code))
        grant = Grant(identifier="x", type_code=PERMIT.code)
        town.refused(
            "showing_unknown",
            lambda: town.service.confirm_showing(unknown, holder_code=COMPANY.code, granted=(grant,)),
        )

    def test_the_id_that_the_holder_sees_fetches_nothing(self, town: ContractTown) -> None:
        begun(town)
        (asked,) = town.service.waiting_showings(COMPANY.code)
        town.refused("showing_unknown", lambda: town.service.fetch_showing(asked.digest, verifier=HALL.code))

    def test_a_licence_that_is_revoked_after_the_holder_agreed_is_not_handed_out(self, town: ContractTown) -> None:
        issued = town.service.issue(company_draft())
        for items in (None, ("number",)):
            transaction = confirmed(town, issued, items).transaction
            town.service.act(issued.identifier, LicenseAction.SUSPEND, reason="整改")
            fetch = partial(town.service.fetch_showing, transaction, verifier=HALL.code)
            town.refused("not_in_force", fetch)
            town.service.act(issued.identifier, LicenseAction.RESUME, reason="")
            assert len(fetch()) == 1  # what was refused was not taken
        transaction = confirmed(town, issued).transaction
        town.service.act(issued.identifier, LicenseAction.REVOKE, reason="违法")
        town.refused("not_in_force", lambda: town.service.fetch_showing(transaction, verifier=HALL.code))

    def test_a_holder_grants_what_is_theirs_in_force_and_asked_for(self, town: ContractTown) -> None:
        permit, certificate = town.service.issue(company_draft()), town.service.issue(person_draft())
        other = LicenseHolder(name="乙公司", code="91110302MA01NP925M", type_code="001")
        theirs = town.service.issue(company_draft("N2", holders=(other,)))
        begun(town)
        (asked,) = town.service.waiting_showings(COMPANY.code)
        confirm = partial(town.service.confirm_showing, asked.digest)
        for problem, identifier, type_code, items in (
            ("showing_granted", certificate.identifier, CERTIFICATE.code, None),  # not asked for
            ("showing_granted", certificate.identifier, PERMIT.code, None),  # not of that type
            ("showing_granted", theirs.identifier, PERMIT.code, None),
            ("license_unknown", permit.identifier.next_version(), PERMIT.code, None),
            ("identifier_shape", "x", PERMIT.code, None),
            ("field_not_there", permit.identifier, PERMIT.code, ("别的",)),
        ):
            grant = Grant(identifier=str(identifier), type_code=type_code, items=items)
            town.refused(problem, partial(confirm, holder_code=COMPANY.code, granted=(grant,)))
        town.refused("showing_granted", lambda: confirm(holder_code=COMPANY.code, granted=()))
        grant = Grant(identifier=str(permit.identifier), type_code=PERMIT.code)
        town.refused("showing_holder", lambda: confirm(holder_code=other.code, granted=(grant,)))
        town.service.act(permit.identifier, LicenseAction.SUSPEND, reason="整改")
        town.refused("not_in_force", lambda: confirm(holder_code=COMPANY.code, granted=(grant,)))
        town.service.act(permit.identifier, LicenseAction.RESUME, reason="")
        assert confirm(holder_code=COMPANY.code, granted=(grant,)).granted == (grant,)

    def test_who_begins_on_the_ground_of_its_function_needs_a_rule(self, town: ContractTown) -> None:
        town.service.issue(company_draft())
        code = town.service.showing_code(COMPANY.code).value
        begin = partial(town.service.begin_showing, code)
        for types, use in (
            ((PERMIT.code,), function_use(requester=STRANGER)),
            ((PERMIT.code,), function_use(item_code="other")),
            ((PERMIT.code, CERTIFICATE.code), function_use()),
            ((PERMIT.code,), owner_use()),
            ((PERMIT.code,), function_use(ground=UseGround.ENTRUST, credential="x")),
        ):
            town.refused("use_refused", partial(begin, type_codes=types, use=use))
        other = PERMIT.code[:18] + "999"
        town.refused("type_unknown", lambda: begin(type_codes=(other,), use=SHOWN))
        for wrong in ((), (PERMIT.code,) * 17):
            with pytest.raises(ValueError, match="type_codes"):
                begin(type_codes=wrong, use=SHOWN)
        assert begin(type_codes=(PERMIT.code,), use=function_use()).transaction  # a no used nothing up

    # credentials for the holder's own key

    def test_a_device_gets_a_credential_that_shows_the_licence(self, town: ContractTown) -> None:
        issued = town.service.issue(company_draft())
        credential = attested(town, issued)
        assert credential.attested.holder_key == DEVICE.public_key()
        assert credential.attested.type_code == PERMIT.code
        assert credential.attested.status == issued.metadata.status
        assert credential.attested.valid_until == town.watch.at + timedelta(days=1)
        assert credential.fields["number"] == issued.metadata.number
        shown = credential.present(show=["number"], signer=DEVICE, at=town.watch.at)
        assert read_presentation(shown.text).fields == {"number": issued.metadata.number}
        noted = [detail for action, _, detail in town.behind.audited() if action == "license.attested"]
        assert [set(one) for one in noted] == [{"key", "holder"}]

    def test_a_credential_ends_with_the_licence_s_term(self, town: ContractTown) -> None:
        last = town.service.issue(company_draft(valid_until=town.watch.at.date()))
        assert attested(town, last, lifetime=timedelta(days=300)).attested.valid_until - town.watch.at <= timedelta(1)

    @pytest.mark.parametrize("lifetime", [timedelta(0), timedelta(days=-1), timedelta(days=367)])
    def test_a_credential_s_life_has_bounds(self, town: ContractTown, lifetime: timedelta) -> None:
        issued = town.service.issue(company_draft())
        town.refused("lifetime", lambda: attested(town, issued, lifetime=lifetime))

    def test_nobody_but_a_holder_is_attested(self, town: ContractTown) -> None:
        issued = town.service.issue(company_draft())
        for somebody in (PERSON.code, BUREAU.code, HALL.code):
            ask = partial(town.service.holder_challenge, issued.identifier, holder_code=somebody)
            town.refused("attest_holder", ask)
            town.refused("attest_challenge", partial(attested, town, issued, holder_code=somebody))
        town.refused("holder_code", lambda: town.service.holder_challenge(issued.identifier, holder_code=" "))
        actions = [action for action, _, _ in town.behind.audited()]
        assert "license.attested" not in actions
        assert actions.count("attest.refused") == 7

    def test_a_former_holder_is_not_attested(self, town: ContractTown) -> None:
        first = town.service.issue(company_draft())
        challenge = town.service.holder_challenge(first.identifier, holder_code=COMPANY.code).value
        other = LicenseHolder(name="乙公司", code="91110302MA01NP925M", type_code="001")
        second = town.service.change(first.identifier, LicenseChange(holders=(other,)), reason=REASON)
        town.refused("attest_holder", lambda: attested(town, first, challenge=challenge))
        town.refused("attest_challenge", lambda: attested(town, second, challenge=challenge))
        town.refused(
            "attest_holder", lambda: town.service.holder_challenge(second.identifier, holder_code=COMPANY.code)
        )

    def test_a_challenge_is_of_one_licence_and_holder_and_for_a_while(self, town: ContractTown) -> None:
        issued, other = (town.service.issue(company_draft(number)) for number in ("N1", "N2"))
        made = town.service.holder_challenge(issued.identifier, holder_code=COMPANY.code)
        assert made.expires_at - town.watch.at <= timedelta(minutes=5)
        longer = bytearray(made.value)
        longer[7] ^= 0xFF
        for wrong in (b"", b"x" * 32, made.value[:-1], made.value + b"x", bytes(longer)):
            town.refused("attest_challenge", partial(attested, town, issued, challenge=wrong))
        town.refused("attest_challenge", lambda: attested(town, other, challenge=made.value))
        assert attested(town, issued, challenge=made.value)
        town.watch.wait(minutes=5)
        town.refused("attest_expired", lambda: attested(town, issued, challenge=made.value))

    def test_a_device_without_the_key_gets_nothing(self, town: ContractTown) -> None:
        issued = town.service.issue(company_draft())
        challenge = town.service.holder_challenge(issued.identifier, holder_code=COMPANY.code).value
        stranger = SM2PrivateKey.from_int(12)
        for proof in (
            prove_holder_key(stranger, challenge=challenge),
            prove_holder_key(DEVICE, challenge=b"another one"),
            prove_holder_key(DEVICE, challenge=challenge)[:-1],
            b"",
        ):
            town.refused("attest_proof", partial(attested, town, issued, challenge=challenge, proof=proof))
        assert "license.attested" not in {action for action, _, _ in town.behind.audited()}

    def test_what_is_not_there_or_not_in_force_is_not_attested(self, town: ContractTown) -> None:
        issued = town.service.issue(company_draft())
        absent = issued.identifier.next_version()
        town.refused("license_unknown", lambda: town.service.holder_challenge(absent, holder_code=COMPANY.code))
        challenge = town.service.holder_challenge(issued.identifier, holder_code=COMPANY.code).value
        town.service.act(issued.identifier, LicenseAction.SUSPEND, reason="整改")
        town.refused("not_in_force", lambda: attested(town, issued, challenge=challenge))
        town.refused("not_in_force", lambda: town.service.holder_challenge(issued.identifier, holder_code=COMPANY.code))

    # verification

    def test_a_licence_that_the_register_does_not_have_does_not_verify(self, town: ContractTown) -> None:
        issued = town.service.issue(company_draft())
        other = issued.metadata.model_copy(
            update={
                "identifier": type(issued.identifier).build(
                    type_code=PERMIT.code, issuer_code=BUREAU.code, serial="FORGED"
                )
            }
        )
        from egov_sdk.license.file import seal_license_file
        from tests.license_world import sealer

        assert PERMIT.template is not None
        forged = seal_license_file(
            make_license_file(PERMIT, other),
            template=PERMIT.template,
            sealers={"issuer": sealer()},
            signed_at=town.watch.at,
        )
        report = town.service.verify(forged)
        assert report.outcome is Outcome.FAILED
        assert report.answer("integrity") is Outcome.PASSED

    def test_a_revoked_licence_does_not_verify(self, town: ContractTown) -> None:
        issued = town.service.issue(company_draft())
        town.service.act(issued.identifier, LicenseAction.REVOKE, reason="违法")
        report = town.service.verify(issued.file)
        assert report.outcome is Outcome.FAILED
        assert [check.reason for check in report.of("trust.state")] == ["revoked"]

    # counting

    def test_statistics_count_licences_by_type_and_state(self, town: ContractTown) -> None:
        one = town.service.issue(company_draft("N1")).identifier
        town.service.issue(company_draft("N2"))
        town.service.issue(person_draft())
        town.service.act(one, LicenseAction.CANCEL, reason="注销")
        assert [(row.type_code, row.state, row.count) for row in town.service.statistics()] == [
            (PERMIT.code, LicenseState.CANCELLED, 1),
            (PERMIT.code, LicenseState.VALID, 1),
            (CERTIFICATE.code, LicenseState.VALID, 1),
        ]
