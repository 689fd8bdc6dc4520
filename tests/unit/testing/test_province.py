"""A province for tests: the same services as a real one, in this process, and nothing left over between tests."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import cast

import pytest

from egov_sdk.door import Gov
from egov_sdk.errors import PlatformRejected
from egov_sdk.gateway import GatewayClient
from egov_sdk.gateway.messages import Request
from egov_sdk.identity import IdentityLevel, IdentityRejected
from egov_sdk.license.metadata import Authority
from egov_sdk.license.model import License, Use
from egov_sdk.license.problems import LicenseRejected
from egov_sdk.license.states import LicenseAction
from egov_sdk.platform.app import PROFILES
from egov_sdk.platform.callers import Role
from egov_sdk.platform.seeding import HALL, ITEM_CODE, company_draft
from egov_sdk.report import Outcome
from egov_sdk.seal import Placement
from egov_sdk.seal.problems import SealRejected
from egov_sdk.seal.records import SealOwner, SealRequest
from egov_sdk.testing.clock import START, Clock
from egov_sdk.testing.makers import LicenseMaker, Verifier
from egov_sdk.testing.province import Province, UnknownRoute
from egov_sdk.testing.server import ServedProvince
from egov_sdk.testing.world import CALLERS, OFFICE
from tests.world import world

OTHER = CALLERS["other"][0]


@pytest.fixture
def province() -> Iterator[Province]:
    with Province() as made:
        yield made


def draft(province: Province, number: str = "JY1") -> object:
    kind = next(one for one in province.office.license.types() if one.name == "营业许可证")
    return company_draft(kind, number=number, at=province.clock())


def issue(province: Province, caller: str = "office", number: str = "JY1") -> License:
    return province.connect(caller).license.issue(draft(province, number))  # type: ignore[arg-type]


def use_of(department: Authority = HALL) -> Use:
    return Use(requester=department, purpose="办理变更", item_code=ITEM_CODE)


def refusal(act: Callable[[], object]) -> PlatformRejected:
    with pytest.raises(PlatformRejected) as caught:
        act()
    return caught.value


def test_a_licence_goes_through_its_life_over_the_line(province: Province) -> None:
    licence = issue(province)
    with province.connect("hall") as hall:
        assert hall.license.get(licence.identifier, use=use_of()).file == licence.file
        assert hall.license.verify(licence.file).outcome is Outcome.PASSED
        with province.connect() as office:
            office.license.act(licence.identifier, LicenseAction.REVOKE, reason="依法吊销")
        assert hall.license.verify(licence.file).outcome is Outcome.FAILED
    assert province.saw("license.issue").by("office").answered(200).once()
    assert province.saw("license.verify").by("hall").times(2)


@pytest.mark.parametrize("profile", PROFILES)
def test_callers_sign_with_every_profile_that_is_offered(profile: str) -> None:
    with Province(profile=profile) as province:
        licence = issue(province)
        assert province.connect("hall").license.search(licence.metadata.holders[0].code, use=use_of()).records
        province.fail("license.types", status=503)
        province.heal()
        assert len(province.connect("other").license.types()) == 3
        assert {one.caller for one in province.calls} == {"office", "hall", "other"}


def test_tasks_reach_it_too(province: Province) -> None:
    async def go() -> None:
        async with province.connect_async() as gov, province.connect_async("hall") as hall:
            licence = await gov.license.issue(draft(province))  # type: ignore[arg-type]
            found = await asyncio.gather(*(hall.license.get(licence.identifier, use=use_of()) for _ in range(4)))
            assert {one.identifier for one in found} == {licence.identifier}
            assert "code_challenge=" in (await gov.identity.begin()).url

    asyncio.run(go())


def test_a_program_that_blocks_within_a_loop_is_served_as_it_is_over_a_socket(province: Province) -> None:
    async def go() -> None:
        with province.connect() as gov:
            assert len(gov.license.types()) == 3
            session = province.sign_in(province.people.add("王测试"), gov=gov)
            assert gov.identity.userinfo(session).holder.name == "王测试"
            province.fail("license.types", status=503, times=1)
            assert len(gov.license.types()) == 3

    asyncio.run(go())
    assert len(province.connect().license.types()) == 3


def test_people_sign_in_and_their_sessions_end_by_the_provinces_clock(province: Province) -> None:
    person = province.people.add("王测试", level="real_person")
    gov = province.connect()
    session = province.sign_in(person, gov=gov)
    found = gov.identity.userinfo(session)
    assert (found.holder.name, found.assurance.level) == ("王测试", IdentityLevel.REAL_PERSON)
    province.clock.tick(days=2)
    with pytest.raises(IdentityRejected):
        gov.identity.userinfo(session)
    assert province.saw("identity.userinfo").answered(200).once()


def test_somebody_signs_in_for_a_company(province: Province) -> None:
    agent = province.people.add()
    company = province.people.add_company("样例公司", agent=agent)
    gov = province.connect()
    session = province.sign_in(agent, gov=gov, organization=company.account)
    assert gov.identity.userinfo(session).holder.name == "样例公司"


def test_a_wrong_password_signs_nobody_in(province: Province) -> None:
    person = province.people.add()
    from dataclasses import replace

    with pytest.raises(IdentityRejected):
        province.sign_in(replace(person, password="another"))


def test_two_provinces_know_nothing_of_each_other(province: Province) -> None:
    licence = issue(province)
    with Province() as other:
        assert other.calls == ()
        with pytest.raises(LicenseRejected):
            other.connect("hall").license.get(licence.identifier, use=use_of())
        assert len(other.office.license.register.types.published()) == 3


def test_every_province_begins_the_same() -> None:
    with Province() as one, Province() as other:
        assert one.clock() == other.clock() == START
        assert one.office.secrets.root.certificate == other.office.secrets.root.certificate
        assert one.credentials("hall").secret == other.credentials("hall").secret != one.credentials("other").secret
        assert one.connect().seal.seals() == other.connect().seal.seals()


# who may what


@pytest.mark.parametrize("caller", ["hall", "other"])
def test_who_may_only_look_can_not_issue_or_seal(province: Province, caller: str) -> None:
    gov, licence = province.connect(caller), issue(province)
    seal_id = province.office.license_seal.seal_id
    before = len(province.office.seal.uses(seal_id))
    acts: tuple[Callable[[], object], ...] = (
        lambda: gov.license.issue(draft(province)),  # type: ignore[arg-type]
        lambda: gov.license.statistics(),
        lambda: gov.license.history(licence.identifier),
        lambda: gov.seal.stamp(world().document, seal_id, at=[Placement(page=1, x_mm=20, y_mm=20)]),
        lambda: gov.seal.make(SealRequest(name="假章", owner=SealOwner(name=OFFICE.name, code=OFFICE.code))),
        lambda: gov.seal.uses(seal_id),
    )
    for act in acts:
        refused = refusal(act)
        assert (refused.status, refused.platform_code) == (403, "egov.gateway.refused.service_mismatch")
    assert len(province.office.seal.uses(seal_id)) == before


def test_a_department_asks_in_its_own_name_only(province: Province) -> None:
    licence = issue(province)
    with pytest.raises(LicenseRejected) as caught:
        province.connect("other").license.get(licence.identifier, use=use_of(HALL))
    assert caught.value.problem == "requester_refused"
    with pytest.raises(LicenseRejected) as caught:
        province.connect("other").license.get(licence.identifier, use=use_of(OTHER))
    assert caught.value.problem == "use_refused"


def test_a_program_uses_the_seals_of_its_own_department_only(province: Province) -> None:
    province.add_caller("sealer", OTHER, roles=frozenset({Role.SEAL}))
    gov = province.connect("sealer")
    mine = gov.seal.make(SealRequest(name="税务局", owner=SealOwner(name=OTHER.name, code=OTHER.code)))
    stamped = gov.seal.stamp(world().document, mine.seal_id, at=[Placement(page=1, x_mm=20, y_mm=20)])
    assert gov.seal.verify(stamped).outcome is Outcome.PASSED
    theirs = province.office.license_seal.seal_id
    for act in (
        lambda: gov.seal.stamp(world().document, theirs, at=[Placement(page=1, x_mm=20, y_mm=20)]),
        lambda: gov.seal.uses(theirs),
        lambda: gov.seal.make(SealRequest(name="假", owner=SealOwner(name=OFFICE.name, code=OFFICE.code))),
    ):
        with pytest.raises(SealRejected) as caught:
            act()
        assert caught.value.problem == "owner_refused"


def test_nobody_issues_in_the_name_of_an_office_that_is_not_theirs(province: Province) -> None:
    named = draft(province).model_copy(update={"issuer": HALL})  # type: ignore[attr-defined]
    with pytest.raises(LicenseRejected) as caught:
        province.connect().license.issue(named)
    assert caught.value.problem == "requester_refused"


def test_a_caller_that_there_is_none_of_is_told(province: Province) -> None:
    with pytest.raises(ValueError, match="hall, office, other"):
        province.connect("nobody")
    with pytest.raises(ValueError, match="already"):
        province.add_caller("hall", OTHER, roles=frozenset({Role.USE}))


# what it says to mistakes


def test_an_unknown_route_is_an_assertion_error(province: Province) -> None:
    gateway = province.connect().gateway
    assert gateway is not None
    with pytest.raises(AssertionError, match="POST /egov/v1/nothing"):
        gateway.request(Request("POST", "/egov/v1/nothing", body=b"{}"))
    with pytest.raises(UnknownRoute, match="POST /egov/v1/nothing"):
        province.assert_known_routes()
    province.forget()
    province.assert_known_routes()


def test_a_question_that_is_no_json_is_refused_by_the_platform_and_not_by_who_takes_notes(province: Province) -> None:
    client = GatewayClient(
        province.address,
        profile=province.profile,
        credentials=province.credentials(),
        clock=province.clock.seconds,
        transport=province.transport(),
    )
    with client:
        for body in (b"[" * 100_000, b'{"a":' * 100_000, b"\xff", b"NaN"):
            question = Request("POST", "/egov/v1/license-verifications", body=body, content_type="application/json")
            with pytest.raises(PlatformRejected) as caught:
                client.request(question)
            assert caught.value.status == 400
    assert province.saw("license.verify").answered(400).times(4)


def test_a_misspelt_operation_is_told_with_what_was_meant(province: Province) -> None:
    with pytest.raises(ValueError, match=r"license\.verify"):
        province.fail("license.verfy", status=500)
    with pytest.raises(ValueError, match=r"license\.issue"):
        province.saw("licence.issue")


def test_it_begins_when_its_clock_says_and_with_no_other_clock() -> None:
    with Province(clock=Clock(START + timedelta(days=400))) as later:
        issued = later.connect().license.issue(draft(later))  # type: ignore[arg-type]
        assert later.connect().license.verify(issued.file).outcome is Outcome.PASSED
    with pytest.raises(ValueError, match="begins at 2026"):
        Province(clock=Clock(START - timedelta(seconds=1)))
    with pytest.raises(TypeError, match="Clock"):
        Province(clock=lambda: START)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", [Province, ServedProvince])
@pytest.mark.parametrize("profile", ["nope", "national-1", ""])
def test_a_profile_that_there_is_none_of_is_told_with_all_that_there_are(kind: type[Province], profile: str) -> None:
    with pytest.raises(ValueError, match=r"egov-sm2.* national, guangdong"):
        kind(profile=profile)


def test_a_clock_goes_forward_only() -> None:
    clock = Clock()
    assert (clock.tick(hours=3) - START).total_seconds() == 10_800
    assert clock.seconds() == clock().timestamp()
    with pytest.raises(ValueError, match="backwards"):
        clock.tick(seconds=-1)
    with pytest.raises(ValueError, match="backwards"):
        clock.move_to(START)
    with pytest.raises(ValueError, match="time zone"):
        Clock(START.replace(tzinfo=None))


@pytest.mark.parametrize(
    "tick", [lambda one: one.tick(3), lambda one: one.tick(hour=3), lambda one: one.tick(hours="3")]
)
def test_a_clock_says_how_it_is_moved(tick: Callable[[Clock], object]) -> None:
    with pytest.raises(TypeError, match=r"tick\(hours=3\)"):
        tick(Clock())


@pytest.mark.parametrize(
    ("mistake", "error", "told"),
    [
        (lambda one: one.sign_in("test1"), TypeError, r"people\.add.*'test1'"),
        (lambda one: one.people.add(level="realperson"), ValueError, "no level 'realperson'.*real_person"),
        (lambda one: Verifier(one)(cast("bytes", "permit.ofd")), TypeError, "bytes of a document.*permit"),
        (lambda one: Verifier(one)(LicenseMaker(one)().file[:-30]), AssertionError, "does not verify: .*ZIP"),
    ],
)
def test_a_mistake_in_a_test_is_told_with_what_to_do(
    province: Province, mistake: Callable[[Province], object], error: type[Exception], told: str
) -> None:
    with pytest.raises(error, match=told):
        mistake(province)


@pytest.mark.parametrize(
    "late", [lambda one, gov: gov.license.types(), lambda one, _: one.connect(), lambda one, _: one.connect_async()]
)
def test_a_province_that_is_closed_says_so(late: Callable[[Province, Gov], object]) -> None:
    with Province() as gone:
        gov = gone.connect()
    with pytest.raises(ValueError, match="this province is closed"):
        late(gone, gov)


def test_it_is_ready_at_once() -> None:
    Province().close()
    taken = []
    for _ in range(5):
        begun = time.perf_counter()
        with Province() as province:
            province.connect()
            taken.append(time.perf_counter() - begun)
    assert min(taken) < 0.1  # 7 ms; the limit leaves room for busy machines
