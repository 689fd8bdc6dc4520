"""When things go wrong, and what happens meanwhile: after so many calls, after so much of the province's time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from egov_sdk.errors import ParseError, PlatformRejected
from egov_sdk.gateway.policies import Retry
from egov_sdk.license.model import License, LicenseRef, Use, UseGround
from egov_sdk.license.present.online import Grant, ShowingState
from egov_sdk.license.problems import LicenseRejected
from egov_sdk.license.states import LicenseAction, LicenseState
from egov_sdk.platform.seeding import HALL, company_draft
from egov_sdk.report import Outcome
from egov_sdk.seal.problems import SealRejected
from egov_sdk.seal.records import SealAction, SealState
from egov_sdk.testing.faults import Delay
from egov_sdk.testing.makers import LicenseMaker
from egov_sdk.testing.province import Province

ONCE = Retry(attempts=1)


@pytest.fixture
def province() -> Iterator[Province]:
    with Province() as made:
        yield made


def statuses(province: Province, calls: int) -> list[int]:
    """What as many calls were answered with."""
    gov, found = province.connect(retry=ONCE), []
    for _ in range(calls):
        try:
            gov.license.types()
            found.append(200)
        except PlatformRejected as error:
            found.append(error.status)
    return found


def test_a_fault_comes_after_as_many_calls_as_it_is_told_and_as_often(province: Province) -> None:
    province.fail("license.types", status=503, after=2, times=3)
    assert statuses(province, 7) == [200, 200, 503, 503, 503, 200, 200]


def test_a_fault_waits_for_the_time_and_ends_with_it(province: Province) -> None:
    province.fail("license.types", status=503, wait=timedelta(hours=1), lasting=timedelta(minutes=5))
    found = []
    for hours, minutes in ((0, 0), (0, 59), (0, 1), (0, 4), (0, 1)):
        province.clock.tick(hours=hours, minutes=minutes)
        found += statuses(province, 1)
    assert found == [200, 200, 503, 503, 200]


def test_calls_before_the_time_do_not_count(province: Province) -> None:
    province.fail("license.types", status=503, wait=timedelta(hours=1), after=1)
    assert statuses(province, 3) == [200, 200, 200]
    province.clock.tick(hours=1)
    assert statuses(province, 3) == [200, 503, 503]


def test_chance_begins_after_the_calls_that_go_well(province: Province) -> None:
    province.fail("license.types", status=503, after=3, chance=0.5, seed=3)
    first = statuses(province, 20)
    assert first[:3] == [200] * 3
    assert {200, 503} == set(first[3:])
    assert province.switches.plan.all()[0].happened == first.count(503)


@pytest.mark.parametrize(
    "plan",
    [
        lambda one: one.fail("license.types", status=503, after=-1),
        lambda one: one.fail("license.types", status=503, wait=timedelta(-1)),
        lambda one: one.fail("license.types", status=503, lasting=timedelta(0)),
        lambda one: one.happens(print, after="license.nothing"),
        lambda one: one.happens(print, polls=-1),
        lambda one: one.becomes(LicenseMaker(one)(), LicenseAction.REVOKE, wait=timedelta(-1)),
    ],
)
def test_what_would_never_happen_is_a_mistake(province: Province, plan: Callable[[Province], None]) -> None:
    with pytest.raises(ValueError, match=r"after|wait|lasting|operation|calls"):
        plan(province)


@pytest.mark.parametrize(
    "plan",
    [
        lambda one: one.fail("license.types", status=503, wait=3),
        lambda one: one.fail("license.types", status=503, lasting=3.5),
        lambda one: one.happens(print, wait=3),
    ],
)
def test_a_time_that_is_no_time_span_is_told_with_what_is_one(
    province: Province, plan: Callable[[Province], None]
) -> None:
    with pytest.raises(TypeError, match=r"^(wait|lasting) is a timedelta, such as timedelta\(minutes=5\), and not 3"):
        plan(province)


@pytest.mark.parametrize(
    ("thing", "action", "error"),
    [
        ("nonsense", LicenseAction.REVOKE, ParseError),
        ("11890000MT00000148999", SealAction.SUSPEND, SealRejected),
    ],
)
def test_what_there_is_not_does_not_become_anything(
    province: Province, thing: str, action: LicenseAction | SealAction, error: type[Exception]
) -> None:
    with pytest.raises(error):
        province.becomes(thing, action, polls=2)


def test_a_licence_of_another_province_does_not_become_anything(province: Province) -> None:
    with Province() as other, pytest.raises(LicenseRejected):
        province.becomes(LicenseMaker(other)(), LicenseAction.REVOKE, polls=2)


@pytest.mark.parametrize("named", [lambda one: one.identifier, lambda one: one, lambda one: str(one.identifier)])
def test_a_licence_is_revoked_after_it_was_looked_at_twice(
    province: Province, named: Callable[[License], LicenseRef]
) -> None:
    issued, other = LicenseMaker(province)(), LicenseMaker(province)("person_certificate")
    gov = province.connect()
    province.becomes(named(issued), LicenseAction.REVOKE, polls=2)
    asked = (issued.identifier, other.identifier, issued.identifier, issued.identifier)
    states = [gov.license.history(identifier)[-1].state for identifier in asked]
    assert states == [LicenseState.VALID] * 3 + [LicenseState.REVOKED]


def test_a_licence_is_revoked_when_its_time_comes(province: Province) -> None:
    issued, gov = LicenseMaker(province)(), province.connect()
    province.becomes(issued.identifier, LicenseAction.REVOKE, wait=timedelta(days=1))
    assert gov.license.verify(issued.file).outcome is Outcome.PASSED
    province.clock.tick(hours=23)
    assert gov.license.verify(issued.file).outcome is Outcome.PASSED
    province.clock.tick(hours=1)
    assert gov.license.verify(issued.file).outcome is Outcome.FAILED


def test_a_seal_is_suspended(province: Province) -> None:
    gov = province.connect()
    seal_id = gov.seal.seals()[0].seal_id
    province.becomes(seal_id, SealAction.SUSPEND)
    assert gov.seal.find(seal_id).state is SealState.SUSPENDED


def test_what_is_polled_for_is_ready_at_the_third_poll(province: Province) -> None:
    company = company_draft(province.office.license.types()[0], number="A1", at=province.clock())
    issued = province.office.license.issue(company)
    holder, hall = company.holders[0].code, province.connect("hall").license
    use = Use(requester=HALL, purpose="核验", ground=UseGround.HOLDER)
    code = province.office.license.showing_code(holder).value
    begun = hall.begin_showing(code, type_codes=(company.type_code,), use=use)

    def confirm() -> object:
        (waiting,) = province.office.license.waiting_showings(holder)
        grant = Grant(identifier=str(issued.identifier), type_code=company.type_code)
        return province.office.license.confirm_showing(waiting.digest, holder_code=holder, granted=(grant,))

    province.happens(confirm, after="license.showing_status", polls=2)
    polls = [hall.showing_status(begun.transaction, verifier=HALL.code) for _ in range(3)]
    assert polls[0] == polls[1] != polls[2] == ShowingState.CONFIRMED
    assert hall.fetch_showing(begun.transaction, verifier=HALL.code)[0].license == issued


def test_what_happens_happens_once_and_its_failure_is_the_test_s(province: Province) -> None:
    def broken() -> None:
        raise LookupError("of the test")

    province.happens(broken)
    gov = province.connect()
    with pytest.raises(LookupError, match="of the test"):
        gov.license.types()
    assert len(gov.license.types()) == 3


def test_time_moves_for_a_delay_and_nobody_waits(province: Province) -> None:
    province.fail("license.types", Delay(5))
    before = province.clock()
    province.connect().license.types()
    assert province.clock() - before == timedelta(seconds=5)
