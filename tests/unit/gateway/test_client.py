"""Both clients: what is sent, what is tried again and what is not, and whose fault an error is."""

from __future__ import annotations

import inspect
import json
import logging
from typing import Any

import httpx
import pytest

from egov_sdk.errors import ConfigError, EgovError, PlatformError, PlatformRejected, PlatformUnreachable
from egov_sdk.gateway import AsyncGatewayClient, Credentials, Flow, GatewayClient, Request
from egov_sdk.gateway.errors import (
    AccessDenied,
    AnswerCutOff,
    AnswerMalformed,
    AnswerTooLarge,
    CircuitOpen,
    ClockSkewRejected,
    ConnectFailed,
    CredentialsMissing,
    GatewayUnavailable,
    RateLimited,
    Redirected,
    RequestRejected,
    ServiceFailed,
    SignatureRejected,
    TimedOut,
    UnsafeValue,
)
from egov_sdk.gateway.messages import ask, pause
from egov_sdk.gateway.policies import BreakerPolicy, Retry, Timeouts
from tests.unit.gateway.world import ADDRESS, START, Broken, Caller, Kind, Platform, Time, both, ok

SHANDONG: dict[str, Any] = {
    "profile": "shandong",
    "credentials": Credentials("client-1", secret="s" * 16, service="S1"),
}
TIF: dict[str, Any] = {"profile": "tif", "credentials": Credentials("paas", secret="s" * 16)}
IRS: dict[str, Any] = {"profile": "zhejiang-irs", "credentials": Credentials("ak", secret="s" * 16)}


def said(code: object, message: str = "", status: int = 200, **settings: Any) -> httpx.Response:
    return httpx.Response(status, json={"code": code, "message": message}, **settings)


# What is sent.


@both
def test_a_call_is_signed_and_names_itself(kind: Kind) -> None:
    platform = Platform(said("200"))
    answer = Caller(kind, platform, **SHANDONG).request(Request("GET", query={"STARTNUM": "1", "名": "a b"}))
    [sent] = platform.saw
    assert sent.url.raw_path == b"/gateway/api/1/S1?STARTNUM=1&%E5%90%8D=a%20b"
    assert sent.headers["X-Client-Id"] == "client-1"
    assert sent.headers["X-Timestamp"] == "1700000000000"
    assert sent.headers["X-Request-Id"] == answer.request_id
    assert "Idempotency-Key" not in sent.headers
    assert answer.status == 200
    assert answer.json() == {"code": "200", "message": ""}


@both
def test_a_body_is_json_or_a_form_or_bytes(kind: Kind) -> None:
    platform = Platform(httpx.Response(200))
    caller = Caller(kind, platform)
    caller.request(Request("POST", "/a", json={"名": [1, None]}))
    caller.request(Request("POST", "/a", form={"a": "1 2"}))
    caller.request(Request("PUT", "/a", body=b"\x00", content_type="application/octet-stream"))
    caller.request(Request("POST", "/a", json=None))
    assert [request.content for request in platform.saw] == ['{"名":[1,null]}'.encode(), b"a=1+2", b"\x00", b"null"]
    assert [request.headers["Content-Type"].partition(";")[0] for request in platform.saw] == [
        *("application/json", "application/x-www-form-urlencoded", "application/octet-stream", "application/json")
    ]


@both
def test_the_path_of_the_address_stands_in_front_and_is_signed(kind: Kind) -> None:
    platform = Platform(httpx.Response(200))
    Caller(kind, platform, address=ADDRESS + "/province/", **IRS).request(Request("GET", "/restapi/x"))
    assert platform.saw[0].url.path == "/province/restapi/x"


@both
def test_signing_parameters_follow_those_of_the_caller_where_they_are_in_the_query(kind: Kind) -> None:
    platform = Platform(
        httpx.Response(200, json={"code": "00", "datas": {"requestSecret": "r", "refreshSecret": "f"}}),
    )
    credentials = Credentials("app", secret="s")
    Caller(kind, platform, profile="zhejiang", credentials=credentials).request(
        Request("GET", "/gateway/api/001/dataSharing/x.htm", query={"a": "1"})
    )
    assert platform.paths == ["/gateway/app/refreshTokenByKey.htm", "/gateway/api/001/dataSharing/x.htm"]
    assert [name for name, _ in platform.saw[1].url.params.multi_items()] == ["a", "appKey", "sign", "requestTime"]


BAD_REQUESTS: dict[str, tuple[Request, type[Exception]]] = {
    "another host": (Request("GET", "//evil.example/"), UnsafeValue),
    "a way out of the path": (Request("GET", "/a/../b"), UnsafeValue),
    "a line break in the path": (Request("GET", "/a\r\nX: 1"), UnsafeValue),
    "a line break in a header": (Request("GET", "/", headers={"X-A": "a\r\nX-B: 1"}), UnsafeValue),
    "a line break in a header's name": (Request("GET", "/", headers={"X-A: 1\r\nX-B": "a"}), UnsafeValue),
    "a host of one's own": (Request("GET", "/", headers={"Host": "evil.example"}), UnsafeValue),
    "a length of one's own": (Request("GET", "/", headers={"content-length": "0"}), UnsafeValue),
    "chunks of one's own": (Request("GET", "/", headers={"Transfer-Encoding": "chunked"}), UnsafeValue),
    "a signature of one's own": (Request("GET", "/", headers={"x-tif-signature": "A"}), UnsafeValue),
    "a line break in the service": (Request("GET", "/", service="a\r\nb"), UnsafeValue),
    "a line break in the request id": (Request("GET", "/", request_id="a\r\nb"), UnsafeValue),
    "a line break in the key": (Request("POST", "/", idempotency_key="a\r\nb"), UnsafeValue),
    "a line break in the content type": (Request("POST", "/", body=b"a", content_type="a\r\nb"), UnsafeValue),
    "half a character in the body": (Request("POST", "/", json="\ud800"), UnsafeValue),
    "a number in the query": (Request("GET", "/", query={"a": 1}), TypeError),  # type: ignore[dict-item]  # the mistake
    "a value that the profile has not": (Request("GET", "/", values={"uid": "1"}), ValueError),
    "not a number in JSON": (Request("POST", "/", json=float("nan")), ValueError),
    "no path at all": (Request("GET"), ValueError),
}


@both
@pytest.mark.parametrize("case", BAD_REQUESTS)
def test_a_request_that_would_become_another_is_never_sent(kind: Kind, case: str) -> None:
    request, expected = BAD_REQUESTS[case]
    platform = Platform(ok())
    with pytest.raises(expected):
        Caller(kind, platform, **TIF).request(request)
    assert platform.saw == []


@pytest.mark.parametrize(
    "settings",
    [
        {"json": 1, "body": b"a"},
        {"json": 1, "form": {}},
        {"form": {}, "body": b"a"},
        {"max_answer_bytes": -1},
    ],
)
def test_a_request_with_two_bodies_is_the_callers_mistake(settings: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"one of json|negative"):
        Request("POST", "/", **settings)


@pytest.mark.parametrize("method", ["get", "TRACE", "CONNECT", "GET\r\nX: 1", ""])
def test_a_method_that_is_none_of_ours_is_the_callers_mistake(method: Any) -> None:
    with pytest.raises(ValueError, match="method"):
        Request(method, "/")


# Settings.

BAD_SETTINGS: dict[str, dict[str, Any]] = {
    "no scheme": {"address": "gateway.example"},
    "another scheme": {"address": "ftp://gateway.example"},
    "no host": {"address": "https://"},
    "a password": {"address": "https://user:pass@gateway.example"},
    "a query": {"address": "https://gateway.example/?a=1"},
    "a fragment": {"address": "https://gateway.example/#a"},
    "a bad port": {"address": "https://gateway.example:port"},
    "a line break": {"address": "https://gateway.example/a\r\nb"},
    "a dot segment": {"address": "https://gateway.example/../a"},
    "an unknown profile": {"profile": "no-such"},
    "no credentials": {"profile": "tif"},
    "a value that the profile has not": {"profile": "tif", "credentials": Credentials("a", values={"uid": ""})},
}


@both
@pytest.mark.parametrize("case", BAD_SETTINGS)
def test_a_wrong_setting_is_told_when_the_client_is_made(kind: Kind, case: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Caller(kind, Platform(ok()), **BAD_SETTINGS[case])
    assert "pass" not in str(caught.value).replace("passed", "")


@both
def test_a_transport_of_ones_own_brings_its_own_tls(kind: Kind) -> None:
    import ssl

    with pytest.raises(ValueError, match="transport"):
        Caller(kind, Platform(ok()), tls=ssl.create_default_context())
    with pytest.raises(ValueError, match="transport"):
        Caller(kind, Platform(ok()), proxy="http://proxy.example")


@pytest.mark.parametrize("client", [GatewayClient, AsyncGatewayClient])
@pytest.mark.parametrize("value", [False, True, "off"])
def test_verification_cannot_be_turned_off_by_a_bool(client: Any, value: object) -> None:
    with pytest.raises(TypeError, match="SSLContext"):
        client(ADDRESS, tls=value)


@pytest.mark.parametrize("client", [GatewayClient, AsyncGatewayClient])
@pytest.mark.parametrize("proxy", ["proxy.example", "ftp://u:hidden@proxy.example", "http://", "socks5://p"])
def test_a_proxy_that_is_none_is_told_without_its_password(client: Any, proxy: str) -> None:
    with pytest.raises(ConfigError) as caught:
        client(ADDRESS, proxy=proxy)
    assert "hidden" not in str(caught.value)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Timeouts(read_s=0),
        lambda: Timeouts(total_s=float("inf")),
        lambda: Timeouts(connect_s=float("nan")),
        lambda: Retry(attempts=0),
        lambda: Retry(first_s=-1),
        lambda: BreakerPolicy(failures=0),
        lambda: BreakerPolicy(open_s=0),
    ],
)
def test_policies_that_make_no_sense_are_the_callers_mistake(make: Any) -> None:
    with pytest.raises(ValueError):
        make()


def test_both_clients_offer_the_same() -> None:
    names = {name for name in vars(GatewayClient) | vars(AsyncGatewayClient) if not name.startswith("__")}
    for name in names:
        one, other = getattr(GatewayClient, name), getattr(AsyncGatewayClient, name)
        given = [list(inspect.signature(function).parameters) for function in (one, other)]
        assert given[0] == given[1], name
    defaults = [
        {name: each.default for name, each in inspect.signature(client).parameters.items() if name != "sleep"}
        for client in (GatewayClient, AsyncGatewayClient)
    ]
    assert defaults[0] == defaults[1]


def test_no_type_of_the_http_library_is_in_a_signature_but_for_the_transport() -> None:
    for client in (GatewayClient, AsyncGatewayClient):
        for name, function in inspect.getmembers(client, inspect.isfunction):
            for argument, annotation in inspect.get_annotations(function).items():
                assert ("httpx" in str(annotation)) is (name == "__init__" and argument == "transport")


def test_a_client_shows_neither_secret_nor_key() -> None:
    shown = repr(GatewayClient("http://gateway.example", **SHANDONG))
    assert shown == "<GatewayClient http://gateway.example profile=shandong>"


# What a no means.

REJECTIONS: dict[str, tuple[dict[str, Any], httpx.Response, type[PlatformRejected], str, str]] = {
    "Shandong: not authorised": (SHANDONG, said("300", "请求者标识不存在"), SignatureRejected, "gateway", "300"),
    "Shandong: a number": (SHANDONG, said(300, "权限认证失败"), SignatureRejected, "gateway", "300"),
    "an unknown code": (SHANDONG, said("777", "?"), PlatformRejected, "platform", "777"),
    "a code inside 200": (SHANDONG, said("500"), PlatformRejected, "platform", "500"),
    "a truth value for a code": (SHANDONG, said(True), PlatformRejected, "platform", "true"),
    "TIF filter": (TIF, httpx.Response(500, json={"code": 400001, "msg": "x"}), SignatureRejected, "gateway", "400001"),
    "IRS signature": (
        IRS,
        httpx.Response(401, json={"message": "Invalid signature"}),
        SignatureRejected,
        "gateway",
        "",
    ),
    "IRS skew": (IRS, httpx.Response(401, json={"message": "Clock skew exceeded"}), ClockSkewRejected, "caller", ""),
    "IRS route": (
        IRS,
        httpx.Response(401, json={"message": "The route_id is forbidden."}),
        AccessDenied,
        "gateway",
        "",
    ),
    "401": (TIF, httpx.Response(401), SignatureRejected, "gateway", ""),
    "403": (TIF, httpx.Response(403), AccessDenied, "gateway", ""),
    "404": (TIF, httpx.Response(404), RequestRejected, "caller", ""),
    "422": (TIF, httpx.Response(422, json={"code": "E1"}), RequestRejected, "caller", "E1"),
    "the error of OAuth": (
        TIF,
        httpx.Response(400, json={"error": "invalid_grant", "error_description": "used"}),
        RequestRejected,
        "caller",
        "invalid_grant",
    ),
    "its own code before that of OAuth": (
        TIF,
        httpx.Response(400, json={"code": "E9", "error": "invalid_grant"}),
        RequestRejected,
        "caller",
        "E9",
    ),
    "an error that is an object": (
        TIF,
        httpx.Response(400, json={"error": {"code": 7}}),
        RequestRejected,
        "caller",
        "",
    ),
    "500": (TIF, httpx.Response(500), ServiceFailed, "provider", ""),
    "418 of HTML": (TIF, httpx.Response(418, html="<html>"), RequestRejected, "caller", ""),
    "302": (TIF, httpx.Response(302, headers={"Location": "https://elsewhere.example"}), Redirected, "gateway", ""),
    "304": (TIF, httpx.Response(304), Redirected, "gateway", ""),
}


@both
@pytest.mark.parametrize("case", REJECTIONS)
def test_a_no_says_what_kind_it_is_and_whose(kind: Kind, case: str) -> None:
    settings, response, expected, origin, code = REJECTIONS[case]
    platform = Platform(response)
    with pytest.raises(PlatformRejected) as caught:
        Caller(kind, platform, **settings).request(Request("GET", "/x"))
    error = caught.value
    assert type(error) is expected
    assert (error.origin, error.platform_code, error.status) == (origin, code, response.status_code)
    assert str(error).startswith(f"[{error.request_id}] ")
    assert len(platform.saw) == 1


@both
def test_the_description_of_oauth_is_the_reason_and_a_good_answer_may_have_a_member_of_that_name(kind: Kind) -> None:
    body = {"error": "invalid_grant", "error_description": "the code was used"}
    with pytest.raises(RequestRejected, match="the code was used"):
        Caller(kind, Platform(httpx.Response(400, json=body)), **TIF).request(Request("GET", "/x"))
    good = Caller(kind, Platform(httpx.Response(200, json=body)), **SHANDONG).request(Request("GET", "/x"))
    assert good.json() == body


@both
def test_the_platforms_request_id_is_the_one_that_counts(kind: Kind) -> None:
    platform = Platform(httpx.Response(500, json={"requestId": "R-7"}, headers={"X-Request-Id": "H-1"}))
    with pytest.raises(ServiceFailed) as caught:
        Caller(kind, platform, **TIF).request(Request("GET", "/x"))
    assert caught.value.request_id == "R-7"
    platform = Platform(httpx.Response(200, headers={"X-Request-Id": "H-1"}))
    assert Caller(kind, platform, **TIF).request(Request("GET", "/x")).request_id == "H-1"


GOOD_CODES: dict[str, tuple[str, object]] = {
    "a text": ("shandong", "200"),
    "a number": ("shandong", 200),
    "a text with zeros": ("zhejiang", "00"),
    "a number that lost its zeros": ("zhejiang", 0),
    "a truth value": ("zhezhengding", True),
}


@both
@pytest.mark.parametrize("case", GOOD_CODES)
def test_a_code_may_be_a_text_or_a_number(kind: Kind, case: str) -> None:
    profile, code = GOOD_CODES[case]
    secrets = {"requestSecret": "a", "refreshSecret": "b"}
    value = {"code": code, "success": code, "datas": secrets, "content": {"data": {"accessToken": "t"}}}
    platform = Platform(httpx.Response(200, json=value))
    caller = Caller(kind, platform, profile=profile, credentials=Credentials("a", secret="b", service="c"))
    assert caller.request(Request("GET", "/x")).json() == value


@both
def test_an_answer_without_a_code_is_the_services_own(kind: Kind) -> None:
    for response in (
        httpx.Response(200, json={"rows": []}),
        httpx.Response(200, json=[1]),
        httpx.Response(200, text="<PACKAGE/>", headers={"Content-Type": "text/xml"}),
        httpx.Response(200, content=b"%PDF-1.7"),
        httpx.Response(204),
    ):
        assert Caller(kind, Platform(response), **SHANDONG).request(Request("GET", "/x")).body == response.content


@both
def test_a_caller_may_judge_the_code_itself(kind: Kind) -> None:
    caller = Caller(kind, Platform(said("1", "the service's own code")), **SHANDONG)
    assert caller.request(Request("GET", "/x", check_answer=False)).status == 200
    with pytest.raises(ServiceFailed):
        Caller(kind, Platform(httpx.Response(500)), **SHANDONG).request(Request("GET", "/x", check_answer=False))


PAGE = b"<!DOCTYPE html><html><head><title>Login</title></head></html>"
MALFORMED = {
    "a web page": httpx.Response(200, content=PAGE, headers={"Content-Type": "text/html"}),
    "a web page that says nothing": httpx.Response(200, content=PAGE),
    "a web page that says it is JSON": httpx.Response(200, content=PAGE, headers={"Content-Type": "application/json"}),
    "half of JSON": httpx.Response(200, content=b'{"code":"200","da', headers={"Content-Type": "application/json"}),
    "half of JSON that says nothing": httpx.Response(200, content=b'{"code":"200","da'),
    "nothing for JSON": httpx.Response(200, content=b"", headers={"Content-Type": "application/json"}),
    "a code that stands twice": httpx.Response(200, content=b'{"code":"200","code":"300"}'),
    "JSON far too deep": httpx.Response(200, content=b"[" * 100_000 + b"]" * 100_000),
    "a number without end": httpx.Response(200, content=b"[" + b"9" * 100_000 + b"]"),
    "not a number": httpx.Response(200, content=b'{"code":NaN}'),
    "no UTF-8": httpx.Response(200, content=b'{"code":"\xff"}', headers={"Content-Type": "application/json"}),
}


@both
@pytest.mark.parametrize("case", MALFORMED)
def test_an_answer_that_is_no_json_is_told_and_not_repeated(kind: Kind, case: str) -> None:
    platform = Platform(MALFORMED[case])
    with pytest.raises(AnswerMalformed) as caught:
        Caller(kind, platform, **SHANDONG).request(Request("GET", "/x"))
    assert caught.value.code == "egov.gateway.answer_malformed"
    assert "Login" not in str(caught.value)
    assert len(str(caught.value)) < 300
    assert len(platform.saw) == 1


@both
def test_without_a_profile_an_answer_is_read_as_json_only_when_asked(kind: Kind) -> None:
    answer = Caller(kind, Platform(MALFORMED["a web page"])).request(Request("GET", "/x"))
    assert answer.text.startswith("<!DOCTYPE")
    with pytest.raises(AnswerMalformed, match="web page"):
        answer.json()


# Trying again.


@both
def test_what_only_reads_is_asked_again(kind: Kind) -> None:
    platform = Platform(httpx.Response(503), httpx.ReadTimeout("slow"), said("200"))
    caller = Caller(kind, platform, **SHANDONG)
    answer = caller.request(Request("GET", "/x"))
    assert answer.attempts == 3
    assert len(caller.time.slept) == 2
    assert len({request.headers["X-Request-Id"] for request in platform.saw}) == 1
    assert len({request.headers["X-Nonce"] for request in platform.saw}) == 3


@both
def test_the_waits_grow_and_differ(kind: Kind) -> None:
    caller = Caller(kind, Platform(httpx.Response(503)), random=lambda number: b"\xff" * number, **TIF)
    with pytest.raises(GatewayUnavailable):
        caller.request(Request("GET", "/x"))
    other = Caller(kind, Platform(httpx.Response(503)), random=bytes, **TIF)
    with pytest.raises(GatewayUnavailable):
        other.request(Request("GET", "/x"))
    assert caller.time.slept == [0.5, 1.0]
    assert other.time.slept == [0.25, 0.5]


LOST = [
    httpx.ReadTimeout("slow"),
    httpx.ReadError("reset"),
    httpx.WriteError("reset"),
    httpx.RemoteProtocolError("Server disconnected without sending a response."),
    httpx.Response(503),
    httpx.Response(502),
]


@both
@pytest.mark.parametrize("answer", LOST, ids=str)
def test_a_write_whose_answer_was_lost_is_not_repeated(kind: Kind, answer: Any) -> None:
    platform = Platform(answer, ok())
    with pytest.raises(PlatformError):
        Caller(kind, platform, **TIF).request(Request("POST", "/x", json={}))
    assert len(platform.saw) == 1


@both
@pytest.mark.parametrize("answer", LOST, ids=str)
def test_a_write_that_is_safe_is_repeated_under_one_key(kind: Kind, answer: Any) -> None:
    platform = Platform(answer, answer, ok())
    Caller(kind, platform, **TIF).request(Request("POST", "/x", json={}, writes_safely=True))
    assert len(platform.saw) == 3
    assert len({request.headers["Idempotency-Key"] for request in platform.saw}) == 1


@both
@pytest.mark.parametrize("answer", [httpx.ConnectError("no"), httpx.ConnectTimeout("no"), httpx.PoolTimeout("full")])
def test_a_write_that_was_never_sent_is_tried_again(kind: Kind, answer: Exception) -> None:
    platform = Platform(answer, ok())
    assert Caller(kind, platform, **TIF).request(Request("POST", "/x", json={})).attempts == 2


@both
def test_a_write_that_was_refused_for_its_rate_is_tried_again_when_the_platform_says(kind: Kind) -> None:
    platform = Platform(httpx.Response(429, headers={"Retry-After": "7"}), ok())
    caller = Caller(kind, platform, **TIF)
    caller.request(Request("POST", "/x", json={}))
    assert caller.time.slept == [7.0]


@both
def test_a_key_of_the_callers_own_is_used(kind: Kind) -> None:
    platform = Platform(ok())
    Caller(kind, platform, **TIF).request(Request("DELETE", "/x", idempotency_key="order-7"))
    assert platform.saw[0].headers["Idempotency-Key"] == "order-7"


RETRY_AFTER = {
    "seconds": ("30", [30.0]),
    "a date": ("Tue, 14 Nov 2023 22:13:50 GMT", [30.0]),
    "a date that is past": ("Tue, 14 Nov 2023 22:00:00 GMT", [0.0]),
    "a minute and a second": ("61", None),
    "a year": ("31536000", None),
    "a number far too long": ("9" * 400, [0.25]),
    "nonsense": ("soon", [0.25]),
    "less than nothing": ("-5", [0.25]),
    "nothing": ("", [0.25]),
}


@both
@pytest.mark.parametrize("case", RETRY_AFTER)
@pytest.mark.parametrize("status", [429, 503])
def test_the_platform_is_given_the_time_that_it_asks_for_up_to_a_minute(kind: Kind, case: str, status: int) -> None:
    asked, waited = RETRY_AFTER[case]
    platform = Platform(httpx.Response(status, headers={"Retry-After": asked}), ok())
    caller = Caller(kind, platform, random=bytes, **TIF)
    if waited is None:
        with pytest.raises(RateLimited if status == 429 else GatewayUnavailable) as caught:
            caller.request(Request("GET", "/x"))
        assert caught.value.detail["retry_after_s"] == float(asked)
        assert caller.time.slept == []
    else:
        caller.request(Request("GET", "/x"))
        assert [second for second in caller.time.slept if second] == [second for second in waited if second]


@both
def test_a_wait_that_would_pass_the_end_is_not_begun(kind: Kind) -> None:
    platform = Platform(httpx.Response(503, headers={"Retry-After": "50"}), ok())
    caller = Caller(kind, platform, timeouts=Timeouts(total_s=40), **TIF)
    with pytest.raises(GatewayUnavailable):
        caller.request(Request("GET", "/x"))
    assert caller.time.slept == []


@both
def test_the_number_of_attempts_is_the_callers(kind: Kind) -> None:
    platform = Platform(httpx.ConnectError("no"))
    caller = Caller(kind, platform, retry=Retry(attempts=5), breaker=None, **TIF)
    with pytest.raises(ConnectFailed) as caught:
        caller.request(Request("GET", "/x"))
    assert caught.value.attempts == len(platform.saw) == 5
    assert caught.value.elapsed_s == pytest.approx(sum(caller.time.slept))
    assert isinstance(caught.value.__cause__, httpx.ConnectError)


NEVER_AGAIN = [httpx.Response(status) for status in (400, 401, 403, 404, 409, 500, 501)]


@both
@pytest.mark.parametrize("answer", NEVER_AGAIN, ids=lambda answer: str(answer.status_code))
def test_a_no_that_will_stay_one_is_asked_for_once(kind: Kind, answer: httpx.Response) -> None:
    platform = Platform(answer)
    caller = Caller(kind, platform, **TIF)
    with pytest.raises(PlatformRejected):
        caller.request(Request("GET", "/x", writes_safely=True))
    assert (len(platform.saw), caller.time.slept) == (1, [])


# Clocks.

AHEAD = "Tue, 14 Nov 2023 22:18:20 GMT"  # five minutes after START


@both
def test_the_platforms_clock_is_taken_over_when_it_says_that_ours_is_wrong(kind: Kind) -> None:
    skewed = httpx.Response(401, json={"message": "Clock skew exceeded"}, headers={"Date": AHEAD})
    platform = Platform(skewed, ok(), ok())
    caller = Caller(kind, platform, **IRS)
    caller.request(Request("POST", "/x", json={}))
    assert caller.client.clock_offset_s == pytest.approx(300.5)
    caller.request(Request("POST", "/x", json={}))
    times = [request.headers["X-BG-DATE-TIME"] for request in platform.saw]
    assert times == ["Tue, 14 Nov 2023 22:13:20 GMT", *["Tue, 14 Nov 2023 22:18:20 GMT"] * 2]


@both
def test_a_gateway_that_goes_on_to_complain_is_believed(kind: Kind) -> None:
    skewed = httpx.Response(401, json={"message": "Clock skew exceeded"}, headers={"Date": AHEAD})
    platform = Platform(skewed)
    with pytest.raises(ClockSkewRejected) as caught:
        Caller(kind, platform, **IRS).request(Request("GET", "/x"))
    assert len(platform.saw) == 2
    assert caught.value.origin == "caller"


@both
def test_a_signature_that_is_refused_is_made_again_only_if_the_clock_was_wrong(kind: Kind) -> None:
    refused = {"message": "Invalid signature"}
    platform = Platform(httpx.Response(401, json=refused, headers={"Date": AHEAD}), ok())
    Caller(kind, platform, **IRS).request(Request("GET", "/x"))
    assert len(platform.saw) == 2
    right = httpx.Response(401, json=refused, headers={"Date": "Tue, 14 Nov 2023 22:13:21 GMT"})
    platform = Platform(right, ok())
    with pytest.raises(SignatureRejected):
        Caller(kind, platform, **IRS).request(Request("GET", "/x"))
    assert len(platform.saw) == 1


@both
@pytest.mark.parametrize(
    "headers",
    [
        {"Date": "Tue, 14 Nov 2023 22:13:19 GMT"},
        {"Date": "yesterday"},
        {"Date": ""},
        {"Date": AHEAD, "Age": "30"},
        {},
    ],
)
def test_a_clock_is_not_corrected_for_what_says_nothing(kind: Kind, headers: dict[str, str]) -> None:
    caller = Caller(kind, Platform(ok(headers=headers)), **TIF)
    caller.request(Request("GET", "/x"))
    assert caller.client.clock_offset_s == 0.0


@both
def test_two_signatures_without_nonce_never_have_one_time(kind: Kind) -> None:
    credentials = Credentials("k", secret="s")
    platform = Platform(ok())
    caller = Caller(kind, platform, profile="sha1-report", credentials=credentials)
    caller.together([Request("GET", "/x")] * 20)
    assert len({request.headers["timestamp"] for request in platform.saw}) == 20


# Breakers.


@both
def test_a_platform_that_fails_again_and_again_is_left_alone(kind: Kind) -> None:
    platform = Platform(httpx.ConnectError("no"))
    caller = Caller(kind, platform, retry=Retry(attempts=1), breaker=BreakerPolicy(failures=3, open_s=30), **TIF)
    for _ in range(3):
        with pytest.raises(ConnectFailed):
            caller.request(Request("GET", "/x"))
    with pytest.raises(CircuitOpen, match=r"connect_failed; .* 30 s") as caught:
        caller.request(Request("GET", "/x"))
    assert caught.value.because == caught.value.detail["because"] == "egov.gateway.connect_failed"
    assert isinstance(caught.value, PlatformUnreachable)
    assert (caught.value.attempts, len(platform.saw)) == (0, 3)
    caller.time.now += 30
    with pytest.raises(ConnectFailed):
        caller.request(Request("GET", "/x"))
    with pytest.raises(CircuitOpen):
        caller.request(Request("GET", "/x"))
    caller.time.now += 30
    platform.answers = [ok()]
    caller.request(Request("GET", "/x"))
    caller.request(Request("GET", "/x"))
    assert len(platform.saw) == 6


@both
def test_a_breaker_that_opens_between_attempts_tells_the_last_error(kind: Kind) -> None:
    platform = Platform(httpx.ConnectError("no"))
    caller = Caller(kind, platform, breaker=BreakerPolicy(failures=2), **TIF)
    with pytest.raises(ConnectFailed):
        caller.request(Request("GET", "/x"))
    assert len(platform.saw) == 2


@both
def test_one_service_that_is_down_does_not_close_the_way_to_the_others(kind: Kind) -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        return httpx.Response(503) if request.url.path.endswith("S1") else said("200")

    caller = Caller(kind, handler, retry=Retry(attempts=1), breaker=BreakerPolicy(failures=1), **SHANDONG)
    with pytest.raises(GatewayUnavailable):
        caller.request(Request("GET"))
    with pytest.raises(CircuitOpen) as caught:
        caller.request(Request("GET"))
    assert caught.value.because == "egov.gateway.unavailable"
    assert caller.request(Request("GET", service="S2")).status == 200


@both
def test_a_no_of_the_platform_opens_no_breaker(kind: Kind) -> None:
    caller = Caller(kind, Platform(httpx.Response(404)), breaker=BreakerPolicy(failures=1), **TIF)
    for _ in range(3):
        with pytest.raises(RequestRejected):
            caller.request(Request("GET", "/x"))


# Sizes and streams.


@both
def test_an_answer_that_is_too_large_is_refused_before_it_is_read(kind: Kind) -> None:
    body = Broken(b"x" * 1000)
    response = httpx.Response(200, headers={"Content-Length": str(1 << 30)}, stream=body)
    caller = Caller(kind, lambda request: response, max_answer_bytes=1_000_000)
    with pytest.raises(AnswerTooLarge, match="1000000") as caught:
        caller.request(Request("GET", "/x"))
    assert caught.value.code == "egov.gateway.answer_too_large"
    assert body.closed


@both
@pytest.mark.parametrize("length", ["10", None, "9" * 30, "-1", "ten"])
def test_a_length_that_is_not_true_changes_nothing(kind: Kind, length: str | None) -> None:
    headers = {} if length is None else {"Content-Length": length}
    response = httpx.Response(200, headers=headers, stream=Broken(b"x" * 600, b"x" * 600))
    with pytest.raises(AnswerTooLarge):
        Caller(kind, lambda request: response).request(Request("GET", "/x", max_answer_bytes=1_000))


@both
def test_an_answer_of_just_the_allowed_size_is_read(kind: Kind) -> None:
    response = httpx.Response(200, stream=Broken(b"x" * 600, b"x" * 400))
    answer = Caller(kind, lambda request: response).request(Request("GET", "/x", max_answer_bytes=1_000))
    assert len(answer.body) == 1_000


@both
def test_the_head_of_a_large_answer_may_be_asked_for(kind: Kind) -> None:
    response = httpx.Response(200, headers={"Content-Length": str(1 << 40)}, stream=Broken())
    assert Caller(kind, lambda request: response).request(Request("HEAD", "/x")).status == 200


@both
def test_a_stream_gives_the_body_in_pieces(kind: Kind) -> None:
    response = httpx.Response(200, stream=Broken(b"a" * 10, b"b" * 10))
    assert Caller(kind, lambda request: response).read(Request("GET", "/x")) == b"a" * 10 + b"b" * 10


@both
def test_a_stream_that_breaks_off_says_so(kind: Kind) -> None:
    body = Broken(b"a" * 10, error=httpx.ReadError("reset"))
    with pytest.raises(AnswerCutOff) as caught:
        Caller(kind, lambda request: httpx.Response(200, stream=body)).read(Request("GET", "/x"))
    assert isinstance(caught.value.__cause__, httpx.ReadError)
    assert body.closed


@both
def test_a_stream_has_its_limit_too(kind: Kind) -> None:
    body = Broken(*[b"a" * 600] * 5)
    with pytest.raises(AnswerTooLarge):
        Caller(kind, lambda request: httpx.Response(200, stream=body)).read(
            Request("GET", "/x", max_answer_bytes=2_000)
        )
    assert body.closed


@both
def test_a_no_in_place_of_a_stream_is_a_no(kind: Kind) -> None:
    short = said("300", "权限认证失败")
    with pytest.raises(SignatureRejected):
        Caller(kind, Platform(short), **SHANDONG).read(Request("GET", "/x"))
    with pytest.raises(RequestRejected):
        Caller(kind, Platform(httpx.Response(404)), **SHANDONG).read(Request("GET", "/x"))


@both
def test_short_json_in_place_of_a_stream_is_given_as_one_piece(kind: Kind) -> None:
    assert json.loads(Caller(kind, Platform(said("200")), **SHANDONG).read(Request("GET", "/x")))["code"] == "200"


@both
def test_a_stream_is_asked_for_again_until_it_begins(kind: Kind) -> None:
    platform = Platform(httpx.Response(503), httpx.Response(200, content=b"good"))
    assert Caller(kind, platform, **TIF).read(Request("GET", "/x")) == b"good"


# Flows.


def _twice(first: Request, second: Request) -> Flow[list[int]]:
    one = yield from ask(first)
    yield from pause(2.0)
    other = yield from ask(second)
    return [one.status, other.status]


@both
def test_a_flow_runs_to_its_end(kind: Kind) -> None:
    caller = Caller(kind, Platform(ok()))
    assert caller.run(_twice(Request("GET", "/a"), Request("GET", "/b"))) == [200, 200]
    assert caller.time.slept == [2.0]


def _forgiving() -> Flow[str]:
    try:
        yield from ask(Request("GET", "/a"))
    except RequestRejected as error:
        yield from ask(Request("GET", "/b"))
        return f"was {error.status}"
    return "was there"


@both
def test_an_error_is_raised_inside_the_flow(kind: Kind) -> None:
    platform = Platform(httpx.Response(404), ok())
    assert Caller(kind, platform).run(_forgiving()) == "was 404"
    assert platform.paths == ["/a", "/b"]


@both
def test_what_a_flow_does_not_catch_comes_out(kind: Kind) -> None:
    with pytest.raises(ServiceFailed):
        Caller(kind, Platform(httpx.Response(500))).run(_forgiving())


def _mistaken() -> Flow[None]:
    yield from ask(Request("GET", "/a"))
    raise KeyError("mine")


@both
def test_a_flows_own_mistake_stays_its_own(kind: Kind) -> None:
    with pytest.raises(KeyError, match="mine"):
        Caller(kind, Platform(ok())).run(_mistaken())


# What is told.

SECRETS = ("s" * 16, "11010519491231002X", "13800001234")


@both
def test_logs_and_errors_hold_no_secret_and_no_number_of_a_person(kind: Kind, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    message = f"查无此人 身份证号 {SECRETS[1]} 手机 {SECRETS[2]} appSecret={SECRETS[0]}"
    platform = Platform(httpx.Response(503), said("404", message))
    request = Request("GET", "/x", query={"idnum": SECRETS[1]}, headers={"X-Mobile": SECRETS[2]})
    with pytest.raises(PlatformRejected) as caught:
        Caller(kind, platform, **SHANDONG).request(request)
    told = caplog.text + str(caught.value) + repr(caught.value.to_dict()) + repr(request)
    for secret in SECRETS:
        assert secret not in told
    assert "1****************X" in told
    assert "trying again" in told


@both
def test_an_error_is_a_platform_error_whatever_the_network_does(kind: Kind) -> None:
    for failure in (
        httpx.ConnectError("x"),
        httpx.ReadTimeout("x"),
        httpx.RemoteProtocolError("illegal status line"),
        httpx.DecodingError("x"),
        httpx.UnsupportedProtocol("x"),
        httpx.ProxyError("x"),
        httpx.StreamClosed(),
        ConnectionResetError("x"),
        OSError("x"),
    ):
        with pytest.raises(PlatformError) as caught:
            Caller(kind, Platform(failure), **TIF).request(Request("POST", "/x"))
        assert isinstance(caught.value, EgovError)
        assert caught.value.request_id


@both
def test_a_phase_that_took_too_long_is_named(kind: Kind) -> None:
    for failure, phase in ((httpx.ConnectTimeout("x"), "connect"), (httpx.ReadTimeout("x"), "read")):
        with pytest.raises(TimedOut) as caught:
            Caller(kind, Platform(failure), retry=Retry(attempts=1)).request(Request("GET", "/x"))
        assert caught.value.detail["phase"] == phase


def test_a_missing_signer_is_told_and_the_breaker_stays_as_it_was() -> None:
    caller = Caller(
        "sync",
        Platform(ok()),
        profile="egov-sm2",
        credentials=Credentials("a"),
        breaker=BreakerPolicy(failures=1),
    )
    for _ in range(3):
        with pytest.raises(CredentialsMissing):
            caller.request(Request("GET", "/x"))


def test_the_clock_of_the_tests_stands_still() -> None:
    assert Time().clock() == START
