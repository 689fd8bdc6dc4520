"""Showing online: once however many come, what is written down of it, and what lies in the database."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from egov_sdk.license.model import ShownLicense, UseGround
from egov_sdk.license.present.online import Grant
from egov_sdk.license.problems import LicenseRejected
from egov_sdk.license.register.tables import LICENSE, SHOWING_CODES, SHOWINGS
from egov_sdk.storage import Schema, open_store
from egov_sdk.storage.sql import func, select
from tests.license_world import (
    COMPANY,
    HALL,
    PERMIT,
    PERSON,
    STRANGER,
    LicenseTown,
    company_draft,
    function_use,
    refused,
)

USE = function_use(ground=UseGround.HOLDER, purpose="现场核验")
TYPES = (PERMIT.code,)


def _confirmed(town: LicenseTown) -> str:
    issued = town.service.issue(company_draft())
    code = town.service.showing_code(COMPANY.code)
    begun = town.service.begin_showing(code.value, type_codes=TYPES, use=USE)
    (asked,) = town.service.waiting_showings(COMPANY.code)
    grant = Grant(identifier=str(issued.identifier), type_code=PERMIT.code)
    town.service.confirm_showing(asked.digest, holder_code=COMPANY.code, granted=(grant,))
    return begun.transaction


def test_of_many_who_fetch_at_once_one_is_served(place: Path | str) -> None:
    town = LicenseTown.at(place)
    transaction = _confirmed(town)

    def fetch(_: int) -> tuple[ShownLicense, ...] | str:
        try:
            return town.service.fetch_showing(transaction, verifier=HALL.code)
        except LicenseRejected as error:
            return error.problem

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(fetch, range(8)))
    assert sorted(one if isinstance(one, str) else "served" for one in found) == ["served", *["showing_fetched"] * 7]
    assert [action for action, _, _ in town.audited()].count("use.showing") == 1
    town.assert_audit_holds()
    town.store.close()


def test_of_many_who_begin_with_one_code_one_is_served(place: Path | str) -> None:
    town = LicenseTown.at(place)
    code = town.service.showing_code(COMPANY.code).value

    def begin(_: int) -> str:
        try:
            return "served" if town.service.begin_showing(code, type_codes=TYPES, use=USE).transaction else ""
        except LicenseRejected as error:
            return error.problem

    with ThreadPoolExecutor(8) as pool:
        found = sorted(pool.map(begin, range(8)))
    assert found == ["served", *["showing_code_used"] * 7]
    assert len(town.service.waiting_showings(COMPANY.code)) == 1
    town.store.close()


def test_every_step_is_in_the_log_and_so_is_every_fetch_that_was_refused(town: LicenseTown) -> None:
    before = len(town.audited())
    transaction = _confirmed(town)
    refused("showing_verifier", lambda: town.service.fetch_showing(transaction, verifier=STRANGER.code))
    town.service.fetch_showing(transaction, verifier=HALL.code)
    entries = town.audited()[before:]
    assert [action for action, _, _ in entries if action.startswith(("showing.", "use."))] == [
        "showing.code",
        "showing.begun",
        "showing.confirmed",
        "use.refused",
        "use.showing",
        "showing.fetched",
    ]
    detail = {action: detail for action, _, detail in entries}
    assert detail["use.refused"] == {"requester": STRANGER.code, "problem": "showing_verifier"}
    assert (detail["use.showing"]["purpose"], detail["use.showing"]["ground"]) == ("现场核验", "holder")
    assert detail["use.showing"]["basis"]
    assert COMPANY.code not in str(entries)
    assert transaction not in str(entries)


def test_guesses_of_transactions_do_not_fill_the_log(town: LicenseTown) -> None:
    before = town.audited()
    refused("showing_unknown", lambda: town.service.fetch_showing("x", verifier=HALL.code))
    assert town.audited() == before


def test_a_rule_that_was_taken_away_after_the_holder_agreed_allows_no_more(town: LicenseTown) -> None:
    issued = town.service.issue(company_draft())
    code = town.service.showing_code(COMPANY.code)
    begun = town.service.begin_showing(code.value, type_codes=TYPES, use=function_use())
    (asked,) = town.service.waiting_showings(COMPANY.code)
    grant = Grant(identifier=str(issued.identifier), type_code=PERMIT.code, items=())
    town.service.confirm_showing(asked.digest, holder_code=COMPANY.code, granted=(grant,))
    (rule,) = town.service.register.access.rules()
    town.service.register.access.remove(rule.id)
    refused("use_refused", lambda: town.service.fetch_showing(begun.transaction, verifier=HALL.code))


def test_a_verifier_who_is_a_person_stands_nowhere_by_number(town: LicenseTown) -> None:
    who = USE.requester.model_copy(update={"code": PERSON.code, "name": PERSON.name})
    code = town.service.showing_code(COMPANY.code)
    begun = town.service.begin_showing(code.value, type_codes=TYPES, use=USE.model_copy(update={"requester": who}))
    (asked,) = town.service.waiting_showings(COMPANY.code)
    assert PERSON.code not in asked.verifier
    assert town.service.showing_status(begun.transaction, verifier=PERSON.code).value == "waiting"
    assert PERSON.code not in str(town.audited())


def test_neither_codes_nor_transactions_nor_holders_lie_in_the_database(tmp_path: Path) -> None:
    town = LicenseTown.at(tmp_path / "licenses.db")
    code = town.service.showing_code(COMPANY.code)
    begun = town.service.begin_showing(code.value, type_codes=TYPES, use=USE)
    town.store.close()
    kept = b"".join(one.read_bytes() for one in tmp_path.iterdir())
    for secret in (code.value, begun.transaction, COMPANY.code, HALL.name):
        assert secret.encode() not in kept


def test_what_is_long_over_is_forgotten(town: LicenseTown) -> None:
    _confirmed(town)
    town.watch.wait(days=31)
    code = town.service.showing_code(COMPANY.code)
    town.service.begin_showing(code.value, type_codes=TYPES, use=USE)
    with town.store.read() as connection:
        for table in (SHOWINGS, SHOWING_CODES):
            assert connection.execute(select(func.count()).select_from(table)).scalar_one() == 1


@pytest.mark.parametrize("wrong", ["", " "])
def test_a_code_is_somebody_s(town: LicenseTown, wrong: str) -> None:
    refused("holder_code", lambda: town.service.showing_code(wrong))


def test_a_register_from_before_gets_the_tables(place: Path | str) -> None:
    store = open_store(place, durability="normal", busy_s=10)
    first = LICENSE.migrations[:1]
    watch = LicenseTown.at().watch
    store.prepare(Schema("license", LICENSE.tables, first), at=watch.at - timedelta(days=1))
    store.close()
    town = LicenseTown.at(place, watch=watch)
    assert len(town.service.fetch_showing(_confirmed(town), verifier=HALL.code)) == 1
    town.store.close()
