"""Session secrets: refreshed early and once, however many ask, and the old one serves until the new one works."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import logging
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import httpx
import pytest

from egov_sdk.gateway import AsyncGatewayClient, Credentials, GatewayClient, Request, built_in
from egov_sdk.gateway._wire import Wait
from egov_sdk.gateway.errors import (
    AnswerMalformed,
    CredentialsMissing,
    SecretRefreshFailed,
    SignatureRejected,
    TimedOut,
)
from egov_sdk.gateway.national import encrypt_secret
from egov_sdk.gateway.policies import Retry, Timeouts
from egov_sdk.gateway.profile import AnswerRule, TokenCall, TokenFlow
from tests.unit.gateway.world import ADDRESS, NATIONAL, START, Caller, Counter, Kind, Platform, Time, both

REFRESH = "/sysapi/auth/refreshappsecret"
CALL = Request("POST", json={"a": 1}, writes_safely=False)
PATIENCE_S = 60


class NationalGateway:
    """The gateway's own books: which secrets are good, and how often a new one was asked for."""

    def __init__(self, time: Time | None = None, *, life_s: float = 3600) -> None:
        self.time = time or Time()
        self.life_s = life_s
        self.good: list[str] = []
        self.refreshes: list[httpx.Request] = []
        self.calls: list[str] = []
        self.refresh_answer: Callable[[], httpx.Response] | None = None
        self.spread_at = 0.0
        self.lock = threading.Lock()

    def __call__(self, request: httpx.Request) -> httpx.Response:
        with self.lock:
            return self._refresh(request) if request.url.path == REFRESH else self._call(request)

    def _signed_with(self, request: httpx.Request, secrets: list[str]) -> str | None:
        headers = request.headers
        text = headers["gjgxjhpt_sid"] + headers["gjgxjhpt_rid"] + headers["gjgxjhpt_rtime"]
        for secret in secrets:
            expected = base64.b64encode(hmac.digest(secret.encode(), text.encode(), hashlib.sha256)).decode()
            if expected == headers["gjgxjhpt_sign"]:
                return secret
        return None

    def _refresh(self, request: httpx.Request) -> httpx.Response:
        self.refreshes.append(request)
        if self.refresh_answer is not None:
            return self.refresh_answer()
        if self._signed_with(request, [NATIONAL.secret]) is None:
            return httpx.Response(200, json={"code": "E-106", "message": "请求不存在于数据库授权列表"})
        secret = f"{len(self.refreshes):032}"
        self.good = [*self.good[-1:], secret]
        ends = int((self.time.now + self.life_s) * 1000)
        data = {"secret": encrypt_secret(secret, appkey=NATIONAL.secret), "secretEndTime": ends}
        return httpx.Response(200, json={"code": "0", "message": "", "data": data})

    def _call(self, request: httpx.Request) -> httpx.Response:
        known = [secret for secret in self.good if not (secret == self.good[-1] and self.time.now < self.spread_at)]
        secret = self._signed_with(request, known)
        if secret is None:
            return httpx.Response(200, json={"code": "E-106", "message": "not authorised"})
        self.calls.append(secret)
        return httpx.Response(200, json={"code": "0", "data": None})


def national(kind: Kind, gateway: Callable[[httpx.Request], httpx.Response], time: Time, **settings: Any) -> Caller:
    return Caller(kind, gateway, time, profile="national-1", credentials=NATIONAL, **settings)


@both
def test_a_secret_is_fetched_with_the_appkey_and_used_until_it_is_old(kind: Kind) -> None:
    gateway = NationalGateway()
    caller = national(kind, gateway, gateway.time)
    for _ in range(3):
        caller.request(CALL)
    [refresh] = gateway.refreshes
    assert refresh.method == "POST"
    body = json.loads(refresh.content)
    assert body == {name: refresh.headers[name] for name in body}
    assert set(body) == {f"gjgxjhpt_{name}" for name in ("rid", "sid", "rtime", "sign")}
    assert gateway.calls == [f"{1:032}"] * 3


@both
def test_a_secret_is_refreshed_at_four_fifths_of_its_life(kind: Kind) -> None:
    gateway = NationalGateway(life_s=1000)
    caller = national(kind, gateway, gateway.time)
    caller.request(CALL)
    gateway.time.now += 799
    caller.request(CALL)
    assert len(gateway.refreshes) == 1
    gateway.time.now += 2
    caller.request(CALL)
    caller.request(CALL)
    assert len(gateway.refreshes) == 2
    assert gateway.calls[-1] == f"{2:032}"


def test_a_hundred_threads_whose_secret_ends_in_mid_flight_make_one_refresh() -> None:
    gateway = NationalGateway()
    number = 100
    waiting, all_there = 0, threading.Event()

    def together(request: httpx.Request) -> httpx.Response:
        """Refuse nobody before everybody has come with the old secret."""
        nonlocal waiting
        if request.url.path != REFRESH and gateway.good == ["ended"]:
            with gateway.lock:
                waiting += 1
                if waiting == number:
                    all_there.set()
            assert all_there.wait(PATIENCE_S)
        return gateway(request)

    caller = national("sync", together, gateway.time)
    caller.request(CALL)
    gateway.time.now += 60
    gateway.good = ["ended"]
    answers = caller.together([CALL] * number)
    assert [answer for answer in answers if isinstance(answer, BaseException)] == []
    assert len(gateway.refreshes) == 2
    assert len(gateway.calls) == 1 + number
    assert waiting == number


class Held:
    """A handler for tasks that keeps everybody until all are there."""

    def __init__(self, gateway: NationalGateway, number: int) -> None:
        self.gateway, self.number, self.waiting = gateway, number, 0
        self.all_there = asyncio.Event()

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.path != REFRESH and self.gateway.good == ["ended"]:
            self.waiting += 1
            if self.waiting == self.number:
                self.all_there.set()
            await self.all_there.wait()
        await asyncio.sleep(0)
        return self.gateway(request)


def test_a_hundred_tasks_whose_secret_ends_in_mid_flight_make_one_refresh() -> None:
    gateway = NationalGateway()

    async def main() -> list[Any]:
        transport = httpx.MockTransport(Held(gateway, 100))
        client = AsyncGatewayClient(
            ADDRESS, profile="national-1", credentials=NATIONAL, transport=transport, clock=gateway.time.clock
        )
        await client.request(CALL)
        gateway.time.now += 60
        gateway.good = ["ended"]
        return await asyncio.gather(*(client.request(CALL) for _ in range(100)), return_exceptions=True)

    answers = asyncio.run(main())
    assert [answer for answer in answers if isinstance(answer, BaseException)] == []
    assert len(gateway.refreshes) == 2


@both
def test_the_first_calls_at_one_time_make_one_refresh(kind: Kind) -> None:
    gateway = NationalGateway()
    answers = national(kind, gateway, gateway.time).together([CALL] * 30)
    assert [answer for answer in answers if isinstance(answer, BaseException)] == []
    assert len(gateway.refreshes) == 1


def test_threads_and_tasks_of_one_client_share_one_refresh() -> None:
    gateway = NationalGateway()
    begun, go_on = threading.Event(), threading.Event()

    def slow(request: httpx.Request) -> httpx.Response:
        if request.url.path == REFRESH:
            begun.set()
            assert go_on.wait(PATIENCE_S)
        return gateway(request)

    settings: dict[str, Any] = {"profile": "national-1", "credentials": NATIONAL, "clock": gateway.time.clock}
    client = GatewayClient(ADDRESS, transport=httpx.MockTransport(slow), **settings)
    twin = AsyncGatewayClient(ADDRESS, transport=httpx.MockTransport(slow), **settings)
    twin._core = client._core
    results: list[object] = []
    leader = threading.Thread(target=lambda: results.append(client.request(CALL)))
    leader.start()
    assert begun.wait(PATIENCE_S)

    async def tasks() -> None:
        pending = [asyncio.ensure_future(twin.request(CALL)) for _ in range(5)]
        await asyncio.sleep(0)
        assert not any(task.done() for task in pending)
        go_on.set()
        results.extend(await asyncio.gather(*pending))

    asyncio.run(tasks())
    leader.join(PATIENCE_S)
    assert len(results) == 6
    assert len(gateway.refreshes) == 1


def test_while_one_refreshes_early_the_others_go_on_with_the_old_secret() -> None:
    gateway = NationalGateway(life_s=1000)
    begun, go_on = threading.Event(), threading.Event()

    def slow(request: httpx.Request) -> httpx.Response:
        if request.url.path == REFRESH and gateway.refreshes:
            begun.set()
            assert go_on.wait(PATIENCE_S)
        return gateway(request)

    caller = national("sync", slow, gateway.time)
    caller.request(CALL)
    gateway.time.now += 900
    early = threading.Thread(target=lambda: caller.request(CALL))
    early.start()
    assert begun.wait(PATIENCE_S)
    caller.request(CALL)
    assert gateway.calls == [f"{1:032}"] * 2
    go_on.set()
    early.join(PATIENCE_S)
    assert gateway.calls[-1] == f"{2:032}"


def test_a_refresh_that_is_cancelled_is_taken_over() -> None:
    gateway = NationalGateway()

    async def main() -> None:
        begun = asyncio.Event()

        async def handler(request: httpx.Request) -> httpx.Response:
            if request.url.path == REFRESH and not begun.is_set():
                begun.set()
                await asyncio.Event().wait()
            return gateway(request)

        client = AsyncGatewayClient(
            ADDRESS, profile="national-1", credentials=NATIONAL, transport=httpx.MockTransport(handler)
        )
        first = asyncio.ensure_future(client.request(CALL))
        await begun.wait()
        second = asyncio.ensure_future(client.request(CALL))
        await asyncio.sleep(0)
        first.cancel()
        assert (await second).status == 200
        with pytest.raises(asyncio.CancelledError):
            await first

    asyncio.run(main())
    assert len(gateway.refreshes) == 1


def test_one_who_waits_may_be_cancelled_without_harm_to_the_others() -> None:
    gateway = NationalGateway()

    async def main() -> None:
        begun, go_on = asyncio.Event(), asyncio.Event()

        async def handler(request: httpx.Request) -> httpx.Response:
            if request.url.path == REFRESH:
                begun.set()
                await go_on.wait()
            return gateway(request)

        client = AsyncGatewayClient(
            ADDRESS, profile="national-1", credentials=NATIONAL, transport=httpx.MockTransport(handler)
        )
        tasks = [asyncio.ensure_future(client.request(CALL)) for _ in range(3)]
        await begun.wait()
        tasks[1].cancel()
        await asyncio.sleep(0)
        go_on.set()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        assert [isinstance(result, asyncio.CancelledError) for result in results] == [False, True, False]

    asyncio.run(main())
    assert len(gateway.refreshes) == 1


# The old secret and the new one.


@both
def test_the_old_secret_serves_until_the_new_one_has_arrived_everywhere(kind: Kind) -> None:
    gateway = NationalGateway(life_s=1000)
    caller = national(kind, gateway, gateway.time)
    caller.request(CALL)
    gateway.time.now += 850
    gateway.spread_at = gateway.time.now + 3
    caller.request(CALL)
    caller.request(CALL)
    old, new = f"{1:032}", f"{2:032}"
    assert gateway.calls == [old, old, old]
    gateway.time.now += 6
    caller.request(CALL)
    caller.request(CALL)
    assert gateway.calls[3:] == [new, new]
    assert len(gateway.refreshes) == 2


@both
def test_a_refresh_that_fails_is_told_in_the_log_while_the_old_secret_serves(
    kind: Kind, caplog: pytest.LogCaptureFixture
) -> None:
    gateway = NationalGateway(life_s=1000)
    caller = national(kind, gateway, gateway.time, retry=Retry(attempts=1))
    caller.request(CALL)
    gateway.time.now += 850
    gateway.refresh_answer = lambda: httpx.Response(503)
    with caplog.at_level(logging.WARNING):
        caller.request(CALL)
    caller.request(CALL)
    assert "the old one still serves" in caplog.text
    assert len(gateway.refreshes) == 2  # not again at once
    gateway.time.now += 6
    gateway.refresh_answer = None
    caller.request(CALL)
    assert gateway.calls[-1] == f"{3:032}"


FAILING: dict[str, tuple[Callable[[], httpx.Response], str]] = {
    "the platform is down": (lambda: httpx.Response(503), "egov.gateway.unavailable"),
    "the appkey is wrong": (
        lambda: httpx.Response(200, json={"code": "E-106", "message": "请求不存在于数据库授权列表"}),
        "egov.gateway.signature_rejected",
    ),
    "a number for the code": (lambda: httpx.Response(200, json={"code": -1}), "egov.gateway.service_failed"),
    "a web page": (
        lambda: httpx.Response(200, html="<html><body>login</body></html>"),
        "egov.gateway.answer_malformed",
    ),
    "no code at all": (lambda: httpx.Response(200, json={"data": {}}), "egov.gateway.answer_malformed"),
    "half of JSON": (lambda: httpx.Response(200, content=b'{"code":"0","data":{'), "egov.gateway.answer_malformed"),
    "a list": (lambda: httpx.Response(200, json=[]), "egov.gateway.answer_malformed"),
    "nothing": (lambda: httpx.Response(200), "egov.gateway.answer_malformed"),
    "no secret": (lambda: httpx.Response(200, json={"code": "0", "data": {}}), "egov.gateway.answer_malformed"),
    "a secret that is none": (
        lambda: httpx.Response(200, json={"code": "0", "data": {"secret": 5}}),
        "egov.gateway.answer_malformed",
    ),
    "an empty secret": (
        lambda: httpx.Response(200, json={"code": "0", "data": {"secret": ""}}),
        "egov.gateway.answer_malformed",
    ),
    "another appkey's secret": (
        lambda: httpx.Response(200, json={"code": "0", "data": {"secret": encrypt_secret("a" * 32, appkey="x")}}),
        "egov.gateway.secret_undecryptable",
    ),
    "a redirect": (
        lambda: httpx.Response(302, headers={"Location": "/login"}),
        "egov.gateway.redirected",
    ),
    "far too much": (
        lambda: httpx.Response(200, content=b" " * 1_000_000),
        "egov.gateway.answer_too_large",
    ),
}


@both
@pytest.mark.parametrize("case", FAILING)
def test_without_any_secret_a_failing_refresh_is_the_error_and_its_cause_is_told(kind: Kind, case: str) -> None:
    answer, cause = FAILING[case]
    gateway = NationalGateway()
    gateway.refresh_answer = answer
    caller = national(kind, gateway, gateway.time, retry=Retry(attempts=1))
    with pytest.raises(SecretRefreshFailed) as caught:
        caller.request(CALL)
    assert caught.value.code == "egov.gateway.secret_refresh_failed"
    assert caught.value.detail["cause"] == cause
    assert caught.value.__cause__ is not None
    with pytest.raises(SecretRefreshFailed):
        caller.request(CALL)
    assert len(gateway.refreshes) == 1  # a platform that says no is not asked at once again
    gateway.time.now += 6
    gateway.refresh_answer = None
    assert caller.request(CALL).status == 200


@both
def test_a_refresh_that_fails_fails_once_for_all_who_wait(kind: Kind) -> None:
    gateway = NationalGateway()
    gateway.refresh_answer = lambda: httpx.Response(503)
    answers = national(kind, gateway, gateway.time, retry=Retry(attempts=1)).together([CALL] * 30)
    assert all(isinstance(answer, SecretRefreshFailed) for answer in answers)
    assert len({id(answer) for answer in answers}) == 30
    assert len(gateway.refreshes) == 1


def test_one_who_waited_for_a_refresh_that_failed_is_told_why() -> None:
    gateway = NationalGateway()
    begun, go_on = threading.Event(), threading.Event()

    def failing() -> httpx.Response:
        begun.set()
        assert go_on.wait(PATIENCE_S)
        return httpx.Response(403)

    gateway.refresh_answer = failing
    caller = national("sync", gateway, gateway.time)
    keeper = caller.client._core.keeper(NATIONAL.service)
    assert keeper is not None
    leader = threading.Thread(target=lambda: errors.append(_error_of(caller)))
    errors: list[BaseException | None] = []
    leader.start()
    assert begun.wait(PATIENCE_S)
    waiting = keeper.obtain(wait_s=lambda: 1.0)
    step = next(waiting)
    go_on.set()
    leader.join(PATIENCE_S)
    assert isinstance(step, Wait)
    with pytest.raises(SecretRefreshFailed) as caught:
        waiting.send(None)
    assert str(caught.value) == str(errors[0])
    assert caught.value is not errors[0]
    assert len(gateway.refreshes) == 1


def _error_of(caller: Caller) -> BaseException | None:
    try:
        caller.request(CALL)
    except SecretRefreshFailed as error:
        return error
    return None


@both
def test_signing_fields_may_be_repeated_in_a_form(kind: Kind) -> None:
    flow = TokenFlow(login=TokenCall(path="/token", body="form", repeat_fields=True), member="data")
    profile = replace(
        built_in("tif"), name="mine", token=flow, answer=AnswerRule(code="code", success=frozenset({"0"}))
    )
    platform = Platform(httpx.Response(200, json={"code": "0", "data": "session"}))
    caller = Caller(kind, platform, profile=profile, credentials=Credentials("paas", secret="s"))
    caller.request(Request("GET", "/x"))
    given = dict(httpx.QueryParams(platform.saw[0].content.decode()))
    assert given == {name: platform.saw[0].headers[name] for name in given}
    assert set(given) == {f"x-tif-{name}" for name in ("paasid", "timestamp", "nonce", "signature")}


@both
def test_a_refresh_is_tried_again_as_anything_that_is_safe(kind: Kind) -> None:
    gateway = NationalGateway()
    answers = [httpx.Response(503), httpx.Response(502)]

    def unsteady() -> httpx.Response:
        answer = answers.pop(0)
        if not answers:
            gateway.refresh_answer = None
        return answer

    gateway.refresh_answer = unsteady
    caller = national(kind, gateway, gateway.time)
    assert caller.request(CALL).status == 200
    assert len(gateway.refreshes) == 3


@both
def test_a_new_secret_that_is_refused_at_once_makes_no_endless_round(kind: Kind) -> None:
    gateway = NationalGateway()
    gateway.spread_at = START + 1e9
    caller = national(kind, gateway, gateway.time)
    with pytest.raises(SignatureRejected) as caught:
        caller.request(CALL)
    assert caught.value.platform_code == "E-106"
    assert len(gateway.refreshes) == 1
    gateway.time.now += 10
    with pytest.raises(SignatureRejected):
        caller.request(CALL)
    assert len(gateway.refreshes) <= 4


@both
def test_a_write_refused_by_a_mere_text_is_not_repeated_but_the_next_call_has_another_secret(kind: Kind) -> None:
    gateway = NationalGateway()
    texts = ["签名验证失败"]

    def handler(request: httpx.Request) -> httpx.Response:
        if request.url.path != REFRESH and gateway.calls and texts:
            return httpx.Response(200, json={"code": "9", "message": texts.pop()})
        return gateway(request)

    caller = national(kind, handler, gateway.time)
    caller.request(CALL)
    gateway.time.now += 60
    with pytest.raises(SignatureRejected):
        caller.request(CALL)
    caller.request(CALL)
    assert gateway.calls == [f"{1:032}", f"{2:032}"]


@both
def test_each_service_has_a_secret_of_its_own(kind: Kind) -> None:
    gateway = NationalGateway()
    caller = national(kind, gateway, gateway.time)
    for service in ("", "s_2_0002", "s_2_0002", NATIONAL.service):
        caller.request(Request("POST", json={}, service=service))
    assert [request.headers["gjgxjhpt_sid"] for request in gateway.refreshes] == [NATIONAL.service, "s_2_0002"]


@both
def test_an_appkey_must_be_there(kind: Kind) -> None:
    credentials = Credentials("rid", service="sid")
    caller = Caller(kind, Platform(httpx.Response(500)), profile="national-1", credentials=credentials)
    with pytest.raises((SecretRefreshFailed, CredentialsMissing), match="secret"):
        caller.request(CALL)


def test_who_waits_for_a_refresh_waits_no_longer_than_its_call_may_take() -> None:
    time = Time()
    begun, go_on = threading.Event(), threading.Event()
    gateway = NationalGateway(time)

    def slow(request: httpx.Request) -> httpx.Response:
        begun.set()
        assert go_on.wait(PATIENCE_S)
        return gateway(request)

    client = GatewayClient(
        ADDRESS, profile="national-1", credentials=NATIONAL, transport=httpx.MockTransport(slow), random=Counter()
    )
    leader = threading.Thread(target=lambda: client.request(CALL))
    leader.start()
    assert begun.wait(PATIENCE_S)
    with pytest.raises(TimedOut) as caught:
        client.request(Request("GET", timeouts=Timeouts(total_s=0.05)))
    assert caught.value.detail["phase"] == "total"
    go_on.set()
    leader.join(PATIENCE_S)


# Zhejiang: two secrets.


class Zhejiang:
    """Gives a request secret for a quarter of an hour and a refresh secret for two days."""

    def __init__(self, time: Time) -> None:
        self.time = time
        self.renewals_work = True
        self.asked: list[str] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        given = dict(request.url.params)
        number = len(self.asked)
        step = request.url.path.rpartition("/")[2].removesuffix(".htm")
        self.asked.append(step)
        secret = {"refreshTokenByKey": "app-secret", "refreshTokenBySec": f"refresh-{self._last()}"}.get(
            step, f"request-{self._last()}"
        )
        expected = hashlib.md5(f"{given['appKey']}{secret}{given['requestTime']}".encode()).hexdigest()
        if given["sign"] != expected or (step == "refreshTokenBySec" and not self.renewals_work):
            return httpx.Response(200, json={"code": "99", "msg": "失败"})
        if step not in {"refreshTokenByKey", "refreshTokenBySec"}:
            return httpx.Response(200, json={"code": "00", "datas": "x"})
        self.number = number
        now = int(self.time.now * 1000)
        datas = {
            "requestSecret": f"request-{number}",
            "requestSecretEndTime": now + 900_000,
            "refreshSecret": f"refresh-{number}",
            "refreshSecretEndTime": str(now + 172_800_000),
        }
        return httpx.Response(200, json={"code": "00", "msg": "成功", "data": "", "datas": datas})

    def _last(self) -> int:
        return getattr(self, "number", -1)


@both
def test_zhejiang_renews_with_the_refresh_secret_and_logs_in_again_when_that_has_ended(kind: Kind) -> None:
    time = Time()
    platform = Zhejiang(time)
    credentials = Credentials("app", secret="app-secret")
    caller = Caller(kind, platform, time, profile="zhejiang", credentials=credentials)
    call = Request("GET", "/gateway/api/001/dataSharing/x.htm")
    caller.request(call)
    time.now += 730  # past twelve minutes
    caller.request(call)
    time.now += 172_801
    caller.request(call)
    assert [step for step in platform.asked if step != "x"] == [
        *("refreshTokenByKey", "refreshTokenBySec", "refreshTokenByKey")
    ]
    time.now += 730
    platform.renewals_work = False
    caller.request(call)
    assert platform.asked[-3:] == ["refreshTokenBySec", "refreshTokenByKey", "x"]


# 浙政钉: a token among the parameters.


@both
def test_an_access_token_is_a_parameter_that_is_signed_with_the_others(kind: Kind) -> None:
    token = {"success": True, "content": {"data": {"accessToken": "t-1", "expiresIn": 7200}}}
    platform = Platform(httpx.Response(200, json=token), httpx.Response(200, json={"success": True}))
    caller = Caller(kind, platform, profile="zhezhengding", credentials=Credentials("app", secret="sk"))
    caller.request(Request("POST", "/rpc/user.json", form={"b": "2", "a": "张三"}))
    caller.request(Request("GET", "/list.json", query={"z": "1"}))
    login, posted, got = platform.saw
    assert login.content == b"appkey=app&appsecret=sk"
    assert posted.content == b"b=2&a=%E5%BC%A0%E4%B8%89&access_token=t-1"
    assert got.url.query == b"z=1&access_token=t-1"
    for request, params in ((posted, "a=张三&access_token=t-1&b=2"), (got, "access_token=t-1&z=1")):
        headers = request.headers
        text = "\n".join(
            [request.method, headers["X-Hmac-Auth-Timestamp"], headers["X-Hmac-Auth-Nonce"], request.url.path, params]
        )
        expected = base64.b64encode(hmac.digest(b"sk", text.encode(), "sha256")).decode()
        assert headers["X-Hmac-Auth-Signature"] == expected


@both
def test_a_token_that_would_become_another_header_is_not_used(kind: Kind) -> None:
    base = built_in("zhezhengding")
    assert base.token is not None
    profile = replace(
        base,
        fields={**base.fields, "Authorization": "Bearer {token}"},
        token=replace(base.token, parameter=""),
    )
    token = {"success": True, "content": {"data": {"accessToken": "a\r\nX-Admin: 1", "expiresIn": 7200}}}
    platform = Platform(httpx.Response(200, json=token), httpx.Response(200, json={"success": True}))
    caller = Caller(kind, platform, profile=profile, credentials=Credentials("app", secret="sk"))
    with pytest.raises(ValueError, match="token"):
        caller.request(Request("GET", "/x"))
    assert len(platform.saw) == 1


def test_an_answer_that_is_malformed_is_the_cause_and_shows_no_body() -> None:
    gateway = NationalGateway()
    gateway.refresh_answer = lambda: httpx.Response(200, json={"code": "0", "data": {"secret": "x" * 9_000}})
    with pytest.raises(SecretRefreshFailed) as caught:
        national("sync", gateway, gateway.time).request(CALL)
    assert isinstance(caught.value.__cause__, AnswerMalformed)
    assert "xxxx" not in str(caught.value)
