"""Batches, requests that come again, sealers that fail, what is cut off and finished later, and many at once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from egov_sdk.crypto import sm3
from egov_sdk.errors import EgovError, KeyAccessError
from egov_sdk.license.identifier import LicenseIdentifier
from egov_sdk.license.model import LicenseChange, LicenseDraft
from egov_sdk.license.register import issuing
from egov_sdk.license.register.desk import RegisterSettings
from egov_sdk.license.register.tables import PENDING, REQUESTS, SERIES, VERSIONS
from egov_sdk.license.sealing import LocalSealer
from egov_sdk.license.states import LicenseAction, LicenseState
from egov_sdk.report_words import message_of
from egov_sdk.seal import Placement, Seam
from egov_sdk.storage.sql import Connection, Table, func, select
from tests.license_world import (
    COUNTY,
    PERMIT,
    LicenseTown,
    Watch,
    company_draft,
    owner_use,
    person_draft,
    refused,
    sealer,
)

NO_LEASE = RegisterSettings(lease=timedelta())


class Killed(BaseException):
    """What stands for a process that ends: nobody catches it, and nothing is cleaned up."""


@dataclass
class Faulty:
    """A sealer that does something before it seals, for the first ``times`` documents."""

    act: Callable[[], object]
    times: int = 1
    inner: LocalSealer = field(default_factory=sealer)

    def seal(self, document: bytes, *, at: Sequence[Placement | Seam], signed_at: datetime) -> bytes:
        if self.times:
            self.times -= 1
            self.act()
        return self.inner.seal(document, at=at, signed_at=signed_at)


def broken() -> None:
    raise KeyAccessError("the device does not answer")


def rows(town: LicenseTown, table: Table) -> int:
    with town.store.read() as connection:
        return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def cut_off(town: LicenseTown, act: Callable[[], object], monkeypatch: pytest.MonkeyPatch) -> None:
    """Do something, and lose the process while it seals: not even what undoes is run."""

    def nothing(*_: object) -> None:
        return None

    def die() -> None:
        raise Killed

    town.desk.sealer = Faulty(die)
    with monkeypatch.context() as patch:
        patch.setattr("egov_sdk.license.register.issuing.give_up", nothing)
        patch.setattr("egov_sdk.license.register.changing.give_up", nothing)
        with pytest.raises(Killed):
            act()
    town.desk.sealer = sealer()


def test_a_batch_is_issued_as_a_whole_in_the_order_of_its_drafts(town: LicenseTown) -> None:
    drafts = [company_draft(f"N{number}") for number in range(5)] + [person_draft()]
    issued = town.service.register.issue_many(drafts, request_ids=[f"r{number}" for number in range(6)])
    assert [one.metadata.number for one in issued] == [one.number for one in drafts]
    assert town.service.register.issue_many([]) == ()
    again = town.service.register.issue_many(drafts[2:4], request_ids=["r2", "r3"])
    assert again == issued[2:4]
    mixed = town.service.register.issue_many([company_draft("N9"), drafts[0]], request_ids=["r9", "r0"])
    assert mixed[1] == issued[0]
    assert mixed[0].metadata.number == "N9"


@pytest.mark.parametrize(
    ("bad", "problem"),
    [
        (company_draft("N0"), "number_taken"),
        (company_draft("N7", serial="S1"), "serial_taken"),
        (company_draft("N7", serial="s-1"), "serial_shape"),
        (company_draft("N7", fields={}), "draft_element"),
        (company_draft("N7", holders=company_draft().holders * 2), "draft_element"),
        (company_draft("N7", type_code=PERMIT.code[:18] + "999"), "type_unknown"),
    ],
)
def test_one_bad_draft_refuses_the_whole_batch_and_leaves_nothing(
    town: LicenseTown, bad: LicenseDraft, problem: str
) -> None:
    drafts = [company_draft("N0", serial="S1"), company_draft("N1"), bad]
    error = refused(problem, lambda: town.service.register.issue_many(drafts))
    if problem != "type_unknown":
        assert error.detail["index"] == 2
    assert [rows(town, table) for table in (SERIES, VERSIONS, PENDING, REQUESTS)] == [0, 0, 0, 0]


def test_everything_that_a_draft_lacks_is_told_at_once_in_both_languages(town: LicenseTown) -> None:
    error = refused("draft_element", lambda: town.service.issue(company_draft("N7", fields={"经营项目": "食品"})))
    missing = ["法定代表人", "住所", "主体业态"]
    assert error.detail["element"] == missing[0]
    assert error.detail["rule"] == "egov.license.missing"
    assert error.message == "; ".join(f"{name}: is missing" for name in missing)
    assert message_of(error, "zh") == "；".join(f"{name}：缺失" for name in missing)
    turned = company_draft("N7", fields={**company_draft().fields, "住所": "某路\u202e"})
    told = refused("draft_element", lambda: town.service.issue(turned)).message
    assert told == "住所: holds the character U+202E, which cannot be written"


def test_request_ids_are_as_many_as_drafts_and_differ(town: LicenseTown) -> None:
    register = town.service.register
    with pytest.raises(ValueError, match=r"shorter|longer"):
        register.issue_many([company_draft("N1"), company_draft("N2")], request_ids=["a"])
    with pytest.raises(ValueError, match="twice"):
        register.issue_many([company_draft("N1"), company_draft("N2")], request_ids=["a", "a"])


def test_a_time_without_a_zone_is_a_mistake(town: LicenseTown) -> None:
    with pytest.raises(ValueError, match="aware"):
        town.service.register.issue(company_draft(), at=datetime(2026, 6, 1))  # noqa: DTZ001 - that is the point


def test_another_authority_of_the_register_issues_with_its_own_sealer(town: LicenseTown) -> None:
    issued = town.service.register.issue(company_draft(issuer=COUNTY), sealers={"issuer": sealer()})
    assert issued.identifier.issuer_code == COUNTY.code
    town.service.issue(company_draft())  # the same number, of the other authority


def test_without_a_sealer_for_a_role_nothing_is_begun() -> None:
    town = LicenseTown.at(sealers={"other": sealer()})
    refused("sealer_missing", lambda: town.service.issue(company_draft()))
    assert rows(town, SERIES) == 0


def test_without_a_template_nothing_is_issued() -> None:
    bare = PERMIT.model_copy(update={"template": None})
    town = LicenseTown.at(types=(bare,))
    refused("face_no_template", lambda: town.service.issue(company_draft()))


def test_a_seal_that_does_not_answer_leaves_nothing_half_done(town: LicenseTown) -> None:
    town.desk.sealer = Faulty(broken)
    with pytest.raises(KeyAccessError):
        town.service.issue(company_draft(serial="S1"), request_id="r")
    assert [rows(town, table) for table in (SERIES, VERSIONS, PENDING, REQUESTS)] == [0, 0, 0, 0]
    assert town.service.issue(company_draft(serial="S1"), request_id="r").identifier.serial == "S1"


def test_a_seal_that_fails_on_the_last_of_a_batch_leaves_nothing_of_it(town: LicenseTown) -> None:
    count = iter(range(9))

    def third() -> None:
        if next(count) == 2:
            broken()

    town.desk.sealer = Faulty(third, times=9)
    with pytest.raises(KeyAccessError):
        town.service.register.issue_many([company_draft(f"N{number}") for number in range(3)])
    assert rows(town, SERIES) == 0


def test_a_seal_that_fails_leaves_a_licence_unchanged(town: LicenseTown) -> None:
    issued = town.service.issue(company_draft())
    town.desk.sealer = Faulty(broken)
    change = LicenseChange(fields={"法定代表人": "王五"})
    with pytest.raises(KeyAccessError):
        town.service.change(issued.identifier, change, reason="x")
    assert town.service.get(issued.identifier, use=owner_use()) == issued
    assert rows(town, PENDING) == 0
    assert town.service.change(issued.identifier, change, reason="x").identifier.version == 2


def test_while_a_request_is_at_work_the_same_one_waits(town: LicenseTown) -> None:
    found: list[EgovError] = []

    def meanwhile() -> None:
        found.append(refused("request_running", lambda: town.service.issue(company_draft(), request_id="r")))
        refused("number_taken", lambda: town.service.issue(company_draft()))

    town.desk.sealer = Faulty(meanwhile)
    issued = town.service.issue(company_draft(), request_id="r")
    assert len(found) == 1
    assert town.service.issue(company_draft(), request_id="r") == issued


def test_a_request_that_comes_twice_at_one_moment_is_one_licence(
    town: LicenseTown, monkeypatch: pytest.MonkeyPatch
) -> None:
    issued = town.service.issue(company_draft(), request_id="r")
    asked, answered = [], issuing._answered

    def late(connection: Connection, one: issuing._Asked) -> int | None:
        asked.append(one)
        return None if len(asked) == 1 else answered(connection, one)  # the other one was not done when we looked

    monkeypatch.setattr(issuing, "_answered", late)
    assert town.service.issue(company_draft(), request_id="r") == issued
    assert len(asked) == 2
    asked.clear()
    both = [company_draft(), company_draft("N2")]
    first, second = town.service.register.issue_many(both, request_ids=["r", "r2"])
    assert (first, second.metadata.number) == (issued, "N2")
    asked.clear()
    refused("number_taken", lambda: town.service.issue(company_draft(), request_id="another"))


def test_while_a_licence_is_being_changed_it_is_not_changed_by_others(town: LicenseTown) -> None:
    issued = town.service.issue(company_draft())
    change = LicenseChange(fields={"法定代表人": "王五"})
    other = LicenseChange(fields={"法定代表人": "赵六"})
    town.desk.sealer = Faulty(
        lambda: refused("change_running", lambda: town.service.change(issued.identifier, other, reason="x"))
    )
    assert town.service.change(issued.identifier, change, reason="x").metadata.fields["法定代表人"] == "王五"


def test_a_revocation_does_not_wait_for_a_change_and_calls_it_off(town: LicenseTown) -> None:
    issued = town.service.issue(company_draft())
    town.desk.sealer = Faulty(lambda: town.service.act(issued.identifier, LicenseAction.REVOKE, reason="违法"))
    change = LicenseChange(fields={"法定代表人": "王五"})
    refused("change_overtaken", lambda: town.service.change(issued.identifier, change, reason="x"))
    found = town.service.get(issued.identifier, use=owner_use())
    assert (found.state, found.latest_version) == (LicenseState.REVOKED, 1)


# cut off


def test_an_issue_that_was_cut_off_is_finished_when_the_register_is_opened_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    town = LicenseTown.at(tmp_path / "a.db")
    cut_off(town, lambda: town.service.issue(company_draft(), request_id="r"), monkeypatch)
    assert town.service.statistics() == ()
    town.store.close()
    town.watch.wait(minutes=3)
    again = LicenseTown.at(tmp_path / "a.db", watch=town.watch)
    assert len(again.service.register.recovered.finished) == 1
    issued = again.service.issue(company_draft(), request_id="r")
    assert issued.identifier == again.service.register.recovered.finished[0]
    assert again.service.verify(issued.file, at=town.watch.at + timedelta(seconds=1)).outcome.value == "passed"
    assert rows(again, PENDING) == 0
    again.assert_audit_holds()
    again.store.close()


def test_what_somebody_may_still_be_at_is_left_alone(town: LicenseTown, monkeypatch: pytest.MonkeyPatch) -> None:
    cut_off(town, lambda: town.service.issue(company_draft(), request_id="r"), monkeypatch)
    town.watch.wait(seconds=119)
    assert town.service.register.recover().finished == ()
    refused("request_running", lambda: town.service.issue(company_draft(), request_id="r"))
    refused("number_taken", lambda: town.service.issue(company_draft()))
    town.watch.wait(seconds=1)
    first = town.service.issue(company_draft(), request_id="r")
    assert town.service.search(company_draft().holders[0].code, use=owner_use()).records == (
        town.service.register.find(first.identifier),
    )


def test_a_change_that_was_cut_off_is_finished_once(town: LicenseTown, monkeypatch: pytest.MonkeyPatch) -> None:
    one = town.service.issue(company_draft()).identifier
    change = LicenseChange(fields={"法定代表人": "王五"})
    cut_off(town, lambda: town.service.change(one, change, reason="变更"), monkeypatch)
    assert town.service.get(one, use=owner_use()).latest_version == 1
    town.watch.wait(minutes=3)
    refused("version_old", lambda: town.service.change(one, change, reason="变更"))
    found = town.service.get(one.next_version(), use=owner_use())
    assert found.metadata.fields["法定代表人"] == "王五"
    assert [event.reason for event in town.service.history(one)] == ["", "", "变更"]
    assert town.service.register.recover().finished == ()


def test_a_renewal_that_was_cut_off_is_finished_at_recovery(town: LicenseTown, monkeypatch: pytest.MonkeyPatch) -> None:
    one = town.service.issue(company_draft()).identifier
    cut_off(town, lambda: town.service.renew(one, valid_until=None), monkeypatch)
    town.watch.wait(minutes=3)
    assert town.service.register.recover().finished == (one.next_version(),)
    assert town.service.register.recover().finished == ()


def test_what_cannot_be_finished_stays_and_may_be_given_up(town: LicenseTown, monkeypatch: pytest.MonkeyPatch) -> None:
    cut_off(town, lambda: town.service.issue(company_draft(serial="S1"), request_id="r"), monkeypatch)
    one = LicenseIdentifier.build(type_code=PERMIT.code, issuer_code=town.service.register.authority.code, serial="S1")
    refused("license_unknown", lambda: town.service.register.abandon(one))  # somebody may be at it
    town.watch.wait(minutes=3)
    town.desk.sealer = Faulty(broken, times=9)
    left = town.service.register.recover()
    assert (left.finished, left.left) == ((), ((one, "egov.key.access"),))
    town.watch.wait(minutes=3)
    town.service.register.abandon(one)
    town.desk.sealer = sealer()
    assert rows(town, SERIES) == rows(town, REQUESTS) == 0
    assert town.service.issue(company_draft(serial="S1")).identifier == one
    refused("license_unknown", lambda: town.service.register.abandon(one))


def test_of_two_who_finish_one_issue_one_stores_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    town = LicenseTown.at(tmp_path / "a.db", settings=NO_LEASE)
    other = LicenseTown.at(tmp_path / "a.db", settings=NO_LEASE, watch=town.watch)
    # while the first seals, the second takes it over and finishes it: its lease is over at once
    town.desk.sealer = Faulty(lambda: other.service.register.recover())
    issued = town.service.issue(company_draft(), request_id="r")
    assert rows(town, VERSIONS) == 1
    assert town.service.get(issued.identifier, use=owner_use()) == issued
    assert [action for action, _, _ in town.audited()].count("license.issued") == 1
    town.store.close()
    other.store.close()


# many at once


def test_many_who_issue_at_once_never_double_a_number_a_serial_or_a_request(place: Path | str) -> None:
    registers = [LicenseTown.at(place, random=partial(_different, name)) for name in ("a", "b")]
    start, kept = threading.Barrier(4), []

    def work(number: int) -> None:
        service = registers[number % 2].service
        start.wait()
        for turn in range(6):
            for draft, request in (
                (company_draft(f"same {turn}"), ""),
                (company_draft(f"{number} {turn}", serial=f"S{turn}"), ""),
                (company_draft(f"request {turn}"), f"r{turn}"),
            ):
                try:
                    kept.append(service.issue(draft, request_id=request))
                except EgovError as error:
                    assert error.code.removeprefix("egov.license.") in {  # noqa: PT017 - several may be right
                        "number_taken",
                        "serial_taken",
                        "request_running",
                    }

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    town = registers[0]
    assert rows(town, SERIES) == rows(town, VERSIONS) == len({one.identifier for one in kept}) == 18
    assert rows(town, PENDING) == 0
    assert len({(one.metadata.number) for one in kept}) == 18
    town.assert_audit_holds()
    for one in registers:
        one.store.close()


def test_many_who_change_at_once_leave_one_line_of_versions(place: Path | str) -> None:
    registers = [LicenseTown.at(place, random=partial(_different, name)) for name in ("a", "b")]
    one = registers[0].service.issue(company_draft()).identifier
    done: list[LicenseIdentifier] = []

    def work(number: int) -> None:
        service = registers[number % 2].service
        for turn in range(4):
            latest = service.history(one)[-1].identifier
            change = LicenseChange(fields={"法定代表人": f"甲{number}{turn}"})
            try:
                done.append(service.change(latest, change, reason="x").identifier)
            except EgovError as error:
                assert error.code.removeprefix("egov.license.") in {"version_old", "change_running"}  # noqa: PT017

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    assert len(set(done)) == len(done) > 0
    versions = {event.identifier.version for event in registers[0].service.history(one)}
    assert versions == set(range(1, len(done) + 2))
    superseded = [e for e in registers[0].service.history(one) if e.state is LicenseState.SUPERSEDED]
    assert len(superseded) == len(done)
    registers[0].assert_audit_holds()
    for town in registers:
        town.store.close()


_drawn = iter(range(1 << 40))


def _different(name: str, count: int) -> bytes:
    return (sm3(f"{name} {next(_drawn)}".encode()) * 2)[:count]


def test_the_watch_of_the_world_stands_still() -> None:
    watch = Watch()
    assert watch() == watch()
