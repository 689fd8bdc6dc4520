"""What clients keep, and for how many services they keep it."""

from __future__ import annotations

import threading

import httpx
import pytest

from egov_sdk.gateway import AsyncGatewayClient, Credentials, GatewayClient, Request, built_in
from egov_sdk.gateway._breaker import Breakers, Permit
from egov_sdk.gateway._clock import ServerClock
from egov_sdk.gateway._core import parse_address
from egov_sdk.gateway.policies import BreakerPolicy
from tests.unit.gateway.world import ADDRESS, NATIONAL, Caller, Kind, Platform, both, ok


def test_breakers_of_many_services_are_not_kept_for_ever() -> None:
    breakers = Breakers(BreakerPolicy(failures=1, open_s=10), timer=lambda: 0.0)
    first = breakers.enter("0")
    assert isinstance(first, Permit)
    first.settle(False)
    assert breakers.enter("0") == 10
    for number in range(1, 1_100):
        assert isinstance(breakers.enter(str(number)), Permit)
    assert isinstance(breakers.enter("0"), Permit)


def test_a_trial_that_nobody_finished_lets_another_one_try() -> None:
    now = [0.0]
    breakers = Breakers(BreakerPolicy(failures=1, open_s=10), timer=lambda: now[0])
    first = breakers.enter("a")
    assert isinstance(first, Permit)
    first.settle(False)
    now[0] = 10.0
    trial = breakers.enter("a")
    assert isinstance(trial, Permit)
    assert breakers.enter("a") == 0.0
    trial.settle(None)
    assert isinstance(breakers.enter("a"), Permit)


def test_one_trial_at_a_time_however_many_ask() -> None:
    now = [0.0]
    breakers = Breakers(BreakerPolicy(failures=1, open_s=1), timer=lambda: now[0])
    opened = breakers.enter("a")
    assert isinstance(opened, Permit)
    opened.settle(False)
    now[0] = 5.0
    together, permits = threading.Barrier(8), []

    def enter() -> None:
        together.wait(60)
        permits.append(breakers.enter("a"))

    threads = [threading.Thread(target=enter) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sum(isinstance(permit, Permit) for permit in permits) == 1


def test_without_a_breaker_everything_is_sent() -> None:
    breakers = Breakers(None, timer=lambda: 0.0)
    for _ in range(3):
        permit = breakers.enter("a")
        assert isinstance(permit, Permit)
        permit.settle(False)


def test_secrets_of_many_services_are_not_kept_for_ever() -> None:
    core = GatewayClient(ADDRESS, profile="national-1", credentials=NATIONAL)._core
    first = core.keeper("0")
    assert core.keeper("0") is first
    for number in range(1, 1_100):
        core.keeper(str(number))
    assert core.keeper("0") is not first
    assert core.keeper("1099") is core.keeper("1099")


def test_a_profile_without_session_secrets_keeps_none() -> None:
    assert GatewayClient(ADDRESS)._core.keeper("a") is None
    assert GatewayClient(ADDRESS, profile="tif", credentials=Credentials("a"))._core.keeper("a") is None


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://gw.example", ("https://gw.example", "")),
        ("http://gw.example:8080/", ("http://gw.example:8080", "")),
        ("https://gw.example/a/b/", ("https://gw.example", "/a/b")),
        ("https://[::1]:8443/x", ("https://[::1]:8443", "/x")),
    ],
)
def test_an_address_is_a_host_and_perhaps_a_path(address: str, expected: tuple[str, str]) -> None:
    assert parse_address(address) == expected


def test_a_clock_that_was_wrong_and_is_right_again_is_believed() -> None:
    now = [1_700_000_000.0]
    clock = ServerClock(lambda: now[0])
    clock.learn("Tue, 14 Nov 2023 22:18:20 GMT", sent_s=now[0], aged=False)
    assert clock.offset_s == pytest.approx(300.5)
    now[0] += 300.0
    clock.learn("Tue, 14 Nov 2023 22:18:21 GMT", sent_s=now[0], aged=False)
    assert clock.offset_s == 0.0


def test_nothing_is_signed_for_next_year() -> None:
    now = 1_700_000_000.0
    clock = ServerClock(lambda: now)
    clock.learn("Thu, 14 Nov 2024 22:13:20 GMT", sent_s=now, aged=False)
    assert clock.now() == now


def test_a_slow_answer_says_less_about_the_clock() -> None:
    now = [1_700_000_010.0]
    clock = ServerClock(lambda: now[0])
    clock.learn("Tue, 14 Nov 2023 22:13:30 GMT", sent_s=now[0] - 10, aged=False)
    assert clock.offset_s == 0.0


@both
def test_a_service_in_the_path_must_be_given(kind: Kind) -> None:
    from egov_sdk.gateway.errors import CredentialsMissing

    platform = Platform(ok())
    caller = Caller(kind, platform, profile="shandong", credentials=Credentials("a", secret="b"))
    with pytest.raises(CredentialsMissing, match="path"):
        caller.request(Request("GET"))
    caller.client._core.settings.random(1)
    assert platform.saw == []


@both
def test_a_service_in_the_path_stays_one_segment(kind: Kind) -> None:
    platform = Platform(httpx.Response(200, json={"code": "200"}))
    caller = Caller(kind, platform, profile="shandong", credentials=Credentials("a", secret="b"))
    caller.request(Request("GET", service="../../admin?x=1#"))
    assert platform.saw[0].url.raw_path == b"/gateway/api/1/..%2F..%2Fadmin%3Fx%3D1%23"


@both
def test_a_client_tells_its_profile(kind: Kind) -> None:
    caller = Caller(kind, Platform(ok()), profile="tif", credentials=Credentials("a", secret="b"))
    assert caller.client.profile is built_in("tif")
    assert caller.client.clock_offset_s == 0.0


@both
def test_an_error_whose_body_is_broken_json_is_what_its_status_says(kind: Kind) -> None:
    from egov_sdk.gateway.errors import RequestRejected

    broken = httpx.Response(400, content=b'{"code":', headers={"Content-Type": "application/json"})
    with pytest.raises(RequestRejected) as caught:
        Caller(kind, Platform(broken)).request(Request("GET", "/x"))
    assert caught.value.platform_code == ""


def test_a_streamed_answer_has_headers() -> None:
    platform = Platform(httpx.Response(200, headers={"X-Kind": "a"}, content=b"b"))
    client = GatewayClient(ADDRESS, transport=httpx.MockTransport(platform))
    with client, client.stream(Request("GET", "/x")) as answer:
        assert (answer.status, answer.header("x-kind"), b"".join(answer)) == (200, "a", b"b")


def test_an_awaited_streamed_answer_has_headers() -> None:
    import asyncio

    async def main() -> None:
        platform = Platform(httpx.Response(200, headers={"X-Kind": "a"}, content=b"b"))
        client = AsyncGatewayClient(ADDRESS, transport=httpx.MockTransport(platform))
        async with client, client.stream(Request("GET", "/x")) as answer:
            assert (answer.status, answer.header("x-kind")) == (200, "a")
            assert [piece async for piece in answer] == [b"b"]

    asyncio.run(main())
