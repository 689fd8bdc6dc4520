"""What goes wrong on purpose, as the real clients see it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator

import pytest

from egov_sdk.errors import PlatformError, PlatformRejected
from egov_sdk.gateway.errors import AnswerCutOff, AnswerMalformed, ClockSkewRejected, ConnectFailed, TimedOut
from egov_sdk.gateway.policies import Retry
from egov_sdk.gateway.profiles import built_in
from egov_sdk.identity import IdentityRejected
from egov_sdk.license.model import LicenseDraft
from egov_sdk.platform.app import PROFILES
from egov_sdk.platform.seeding import company_draft
from egov_sdk.testing.clock import START
from egov_sdk.testing.faults import (
    Corrupt,
    Cut,
    Delay,
    Duplicate,
    ExpiredToken,
    Fault,
    NoAnswer,
    RateLimit,
    Skew,
    SlowBody,
    Status,
    Unreachable,
    WrongSignature,
)
from egov_sdk.testing.province import Province

ONCE = Retry(attempts=1)


@pytest.fixture
def province() -> Iterator[Province]:
    with Province() as made:
        yield made


def draft(province: Province) -> LicenseDraft:
    kind = next(one for one in province.office.license.types() if one.name == "营业许可证")
    return company_draft(kind, number="JY1", at=province.clock())


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_status_comes_as_often_as_planned_and_the_client_tries_again(province: Province, status: int) -> None:
    province.fail("license.types", status=status, times=1)
    gov = province.connect()
    if status == 500:
        with pytest.raises(PlatformError):
            gov.license.types()
    assert len(gov.license.types()) == 3
    assert province.saw("license.types").answered(status).once()
    assert province.saw("license.types").answered(200).once()


def test_pauses_of_the_client_pass_on_the_provinces_clock(province: Province) -> None:
    province.fail("license.types", RateLimit(retry_after_s=20), times=1)
    assert len(province.connect().license.types()) == 3
    assert (province.clock() - START).total_seconds() == 20


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Status(503), PlatformRejected),
        (RateLimit(), PlatformRejected),
        (Unreachable(), ConnectFailed),
        (NoAnswer(), TimedOut),
        (Cut(), AnswerCutOff),
        (Corrupt(), AnswerMalformed),
        (WrongSignature(), PlatformRejected),
        (Skew(3_600), PlatformRejected),
        (Delay(500), TimedOut),
        (SlowBody(500), TimedOut),
    ],
    ids=repr,
)
def test_every_fault_is_the_error_that_a_real_one_would_be(
    province: Province, fault: Fault, error: type[Exception]
) -> None:
    province.fail("license.types", fault)
    with pytest.raises(error):
        province.connect(retry=ONCE).license.types()
    assert province.saw("license.types").last.faults == (repr(fault),)

    async def go() -> None:
        async with province.connect_async(retry=ONCE) as gov:
            await gov.license.types()

    with pytest.raises(error):
        asyncio.run(go())


@pytest.mark.parametrize("profile", PROFILES)
def test_a_wrong_signature_is_refused_by_every_profile(profile: str) -> None:
    assert built_in(profile).place == "header"
    with Province(profile=profile) as province:
        province.fail("license.types", WrongSignature(), times=1)
        gov = province.connect(retry=ONCE)
        with pytest.raises(PlatformRejected) as caught:
            gov.license.types()
        assert caught.value.status == 401
        assert len(gov.license.types()) == 3


@pytest.mark.parametrize("profile", ["egov-sm2", "egov-hmac-sm3"])
def test_a_clock_that_is_off_is_told_as_one(profile: str) -> None:
    with Province(profile=profile) as province:
        province.fail("license.types", Skew(-3_600))
        with pytest.raises(ClockSkewRejected, match="time_outside_window") as caught:
            province.connect().license.types()
        assert "clock" in caught.value.hint


@pytest.mark.parametrize("fault", [Cut(), NoAnswer()], ids=repr)
def test_what_was_done_before_the_answer_was_lost_is_done_once(province: Province, fault: Fault) -> None:
    province.fail("license.issue", fault, times=1)
    licence = province.connect().license.issue(draft(province))
    assert province.saw("license.issue").times(2)
    numbers = [one.count for one in province.office.license.statistics()]
    assert sum(numbers) == 3  # two were there
    assert province.office.license.verify(licence.file).outcome.value == "passed"


def test_a_request_that_is_delivered_twice_is_let_in_once(province: Province) -> None:
    province.fail("license.issue", Duplicate(), times=1)
    province.connect().license.issue(draft(province))
    assert sum(one.count for one in province.office.license.statistics()) == 3


def test_slow_answers_arrive_whole_and_take_their_time(province: Province) -> None:
    province.fail("license.types", SlowBody(8))
    assert len(province.connect().license.types()) == 3
    assert (province.clock() - START).total_seconds() == 8


def test_a_token_that_is_not_good_any_more(province: Province) -> None:
    gov = province.connect()
    session = province.sign_in(province.people.add(), gov=gov)
    province.fail("identity.userinfo", ExpiredToken(), times=1)
    with pytest.raises(IdentityRejected) as caught:
        gov.identity.userinfo(session)
    assert caught.value.problem == "session_ended"
    assert gov.identity.userinfo(session).holder.name


def chances(seed: int) -> list[bool]:
    with Province() as province:
        province.fail("license.types", status=500, chance=0.5, seed=seed)
        gov = province.connect(retry=ONCE)
        for _ in range(20):
            try:
                gov.license.types()
            except PlatformError:
                continue
        return [one.status == 500 for one in province.calls]


def test_chance_is_the_same_for_the_same_seed() -> None:
    first = chances(1)
    assert first == chances(1) != chances(2)
    assert 4 < sum(first) < 16


def test_a_fault_hits_one_operation_or_all_and_ends_when_it_is_healed(province: Province) -> None:
    gov = province.connect(retry=ONCE)
    province.fail("license.types", status=503)
    assert gov.seal.seals()
    province.fail("*", status=502)
    for act in (gov.seal.seals, gov.license.types):
        with pytest.raises(PlatformRejected):
            act()
    province.heal("license.types")
    with pytest.raises(PlatformRejected):
        gov.license.types()
    province.heal()
    assert gov.license.types()


@pytest.mark.parametrize(
    "plan",
    [
        lambda one: one.fail("license.types"),
        lambda one: one.fail("license.types", Cut(), status=500),
        lambda one: one.fail("license.types", status=200),
        lambda one: one.fail("license.types", status=500, times=0),
        lambda one: one.fail("license.types", status=500, chance=0),
        lambda one: one.fail("license.types", status=500, chance=1.5),
        lambda one: one.fail("license.nothing", status=500),
        lambda one: one.fail("license.types", ExpiredToken()),
    ],
)
def test_a_fault_that_would_never_happen_is_a_mistake(province: Province, plan: Callable[[Province], None]) -> None:
    with pytest.raises(ValueError, match=r"fault|times|chance|operation|access token"):
        plan(province)


def test_where_nobody_signs_no_signature_can_be_wrong() -> None:
    with Province(profile="shandong") as unsigned, pytest.raises(ValueError, match="nobody signs"):
        unsigned.fail("*", WrongSignature())


@pytest.mark.parametrize(
    "plan",
    [
        lambda one: one.fail("license.types", Cut),
        lambda one: one.fail("license.types", "cut"),
        lambda one: one.fail("license.types", 503),
        lambda one: one.happens(3),
        lambda one: one.becomes("x", "revoke"),
    ],
)
def test_what_is_no_fault_and_no_action_is_told_when_it_is_planned(
    province: Province, plan: Callable[[Province], None]
) -> None:
    with pytest.raises(TypeError, match=r"Cut\(\), or a status=503|called|action"):
        plan(province)
    assert province.switches.plan.all() == ()


@pytest.mark.parametrize("fault", [Delay, SlowBody, RateLimit])
@pytest.mark.parametrize("seconds", [-1, float("nan"), float("inf"), 1e300])
def test_no_time_goes_backwards(fault: Callable[[float], Fault], seconds: float) -> None:
    with pytest.raises(ValueError, match="not negative"):
        fault(seconds)


@pytest.mark.parametrize(
    "fault",
    [
        lambda: Skew(float("nan")),
        lambda: Skew(-1e300),
        lambda: Status(503.5),  # type: ignore[arg-type]
        lambda: Status(503.0),  # type: ignore[arg-type]
        lambda: Status(429, retry_after_s=float("nan")),
    ],
)
def test_a_number_that_no_platform_could_answer_with_is_told_when_the_fault_is_made(fault: Callable[[], Fault]) -> None:
    with pytest.raises(ValueError, match=r"status|seconds"):
        fault()
