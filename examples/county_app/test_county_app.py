"""The app against a province that behaves, and misbehaves, like the real one: with egov_sdk's pytest plugin alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import egov_sdk
from county_app.app import Application, FoodPermits, NotAllowed
from county_app.own_office import browser_of, county_of, furnished
from egov_sdk.exchange import ExchangePolicy
from egov_sdk.exchange.envelope.files import verify_file
from egov_sdk.exchange.node import Arrived
from egov_sdk.identity import IdentityRejected
from egov_sdk.identity.model import AgentRole
from egov_sdk.platform.mock.faults import Cut
from egov_sdk.report import Outcome
from egov_sdk.testing import Clock, Person, Province
from egov_sdk.testing.plugin import MakeLicense

GATE = "gate-7"
Browser = Callable[[str], str]


def app_in(province: Province) -> FoodPermits:
    county = county_of(province.office, market=province.neighbour.party, now=province.clock)
    return FoodPermits(province.connect("office"), county)


def browser_in(province: Province, person: Person) -> Browser:
    return browser_of(province.office, login=person.login, password=person.password)


def application(app: FoodPermits, browser: Browser, *, case: str = "YB202600001") -> Application:
    begun = app.sign_in()
    company, agent = app.welcome(begun, callback=browser(begun.url))
    return Application(case, company, agent, address="样例路1号", products="预包装食品销售")


@pytest.fixture
def app(province: Province) -> FoodPermits:
    return app_in(province)


@pytest.fixture
def owner(province: Province, make_license: MakeLicense) -> Person:
    """The legal representative of a company, with a certificate."""
    person = province.people.add("王测试", level="real_person")
    province.people.add_company("样例市测试食品有限公司", agent=person, role=AgentRole.LEGAL_REPRESENTATIVE)
    make_license("person_certificate", holder=person.name, code=person.number)
    return person


@pytest.fixture
def browser(province: Province, owner: Person) -> Browser:
    return browser_in(province, owner)


def story(app: FoodPermits, browser: Browser, settle: Callable[[], object]) -> None:
    """One permit from beginning to end; the same wherever the services live."""
    permit = app.issue(application(app, browser))
    shown = app.show(permit, to=GATE)
    assert app.scanned(shown.token, by=GATE).outcome is Outcome.PASSED
    assert app.verify(permit.file).outcome is Outcome.PASSED
    message = app.tell_market(permit)
    settle()
    proof = app.proof(message)
    assert proof is not None
    app.revoke(permit, reason="依法吊销")
    assert app.verify(permit.file).outcome is Outcome.FAILED
    assert app.scanned(shown.token, by=GATE).outcome is Outcome.FAILED


# ---------------------------------------------------------------- everywhere


def test_in_a_province_in_this_process(province: Province, browser: Browser) -> None:
    story(app_in(province), browser, province.settle)
    assert province.saw("license.issue").by("office").once()
    assert province.saw("exchange.send").once()


def test_in_a_served_province(province_server: Province) -> None:
    person = province_server.people.add("王测试")
    province_server.people.add_company(agent=person, role=AgentRole.LEGAL_REPRESENTATIVE)
    qualified = browser_of(province_server.office, login="test1", password=person.password)  # one of the seeded people
    story(app_in(province_server), qualified, province_server.settle)


@pytest.mark.parametrize("where", ["mock:", "local:county"])
def test_in_an_office_of_ones_own(where: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clock: Clock) -> None:
    monkeypatch.chdir(tmp_path)
    with egov_sdk.connect(where, clock=clock) as gov:
        assert gov.office is not None
        with furnished(gov.office, password="Correct-Horse-9", now=clock) as (county, market):
            browser = browser_of(gov.office, login="test1", password="Correct-Horse-9")
            story(FoodPermits(gov, county), browser, market.settle)


# ---------------------------------------------------------------- who gets a permit


def test_without_a_certificate_there_is_no_permit(app: FoodPermits, province: Province) -> None:
    person = province.people.add("周测试")
    province.people.add_company(agent=person, role=AgentRole.LEGAL_REPRESENTATIVE)
    wanted = application(app, browser_in(province, person))
    with pytest.raises(NotAllowed):
        app.issue(wanted)
    assert province.saw("license.issue").never()


def test_a_certificate_that_has_run_out_is_none(app: FoodPermits, browser: Browser, province: Province) -> None:
    province.clock.tick(days=4 * 366)
    with pytest.raises(NotAllowed):
        app.issue(application(app, browser))


def test_somebody_who_only_runs_errands_for_the_company_is_sent_away(app: FoodPermits, province: Province) -> None:
    person = province.people.add("吴测试")
    province.people.add_company(agent=person, role=AgentRole.AUTHORIZED)
    with pytest.raises(NotAllowed):
        application(app, browser_in(province, person))


def test_somebody_without_a_company_does_not_get_in(app: FoodPermits, province: Province) -> None:
    with pytest.raises(IdentityRejected):
        application(app, browser_in(province, province.people.add("郑测试")))


def test_somebody_elses_answer_does_not_finish_a_sign_in(app: FoodPermits, browser: Browser) -> None:
    mine, other = app.sign_in(), app.sign_in()
    with pytest.raises(IdentityRejected):
        app.welcome(mine, callback=browser(other.url))


# ---------------------------------------------------------------- what goes wrong on the way


def test_a_lost_answer_costs_no_second_permit(app: FoodPermits, browser: Browser, province: Province) -> None:
    wanted = application(app, browser)
    province.fail("license.issue", Cut(), times=1)
    first = app.issue(wanted)
    assert province.saw("license.issue").times(2)
    assert app.issue(wanted).identifier == first.identifier


def test_a_province_that_is_busy_is_asked_again(app: FoodPermits, browser: Browser, province: Province) -> None:
    wanted = application(app, browser)
    province.fail("license.issue", status=503, times=2)
    permit = app.issue(wanted)
    province.fail("license.verify", status=503, times=2)
    assert app.verify(permit.file).outcome is Outcome.PASSED
    assert province.saw("license.issue").times(3)
    assert province.saw("license.verify").times(3)


# ---------------------------------------------------------------- what is shown and sent


def test_a_code_is_good_at_one_gate_for_two_minutes(app: FoodPermits, browser: Browser, province: Province) -> None:
    shown = app.show(app.issue(application(app, browser)), to=GATE)
    assert app.scanned(shown.token, by="gate-8").outcome is Outcome.FAILED
    province.clock.tick(minutes=3)
    assert app.scanned(shown.token, by=GATE).outcome is Outcome.FAILED


def test_the_market_department_gets_the_permit_and_nobody_needs_to_believe_the_way(
    app: FoodPermits, browser: Browser, province: Province
) -> None:
    received = list[bytes]()

    @province.neighbour.node.handler("food.permit.issued")
    def file_it(connection: object, arrived: Arrived) -> None:
        received.append(arrived.envelope.content)

    permit = app.issue(application(app, browser))
    message = app.tell_market(permit)
    assert app.proof(message) is None
    province.settle()
    assert received == [permit.file]
    proof = app.proof(message)
    assert proof is not None
    offices = (province.office, province.neighbour.office)
    parties = {one.secrets.code: [one.secrets.token[1]] for one in offices}
    policy = ExchangePolicy(trust=province.office.trust, parties=parties)
    assert verify_file(proof, policy=policy, at=province.clock()).outcome is Outcome.PASSED
