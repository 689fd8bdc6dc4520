"""A stock ASGI client sees the middleware refuse each attack, and our client sees it let in what is good."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from egov_sdk.crypto import SM2PrivateKey
from egov_sdk.errors import PlatformRejected
from egov_sdk.gateway import AsyncGatewayClient, Credentials, Request
from egov_sdk.gateway.explain import sign_request
from egov_sdk.gateway.middleware import SCOPE_KEY, Message, Receive, Scope, Send, SignedRequests
from egov_sdk.gateway.policies import RateLimit
from egov_sdk.gateway.profiles import BUILT_IN
from egov_sdk.gateway.refusals import RequestRefused
from egov_sdk.gateway.verifier import CallerKey, RequestVerifier, VerifiedRequest
from tests.unit.gateway.world import START

KEY = SM2PrivateKey.from_int(0x1234567890ABCDEF)
ME = Credentials("caller-0123456789", secret="s3cret", service="svc", signer=KEY)
CALLERS = {ME.id: CallerKey(secrets=(ME.secret,), public_keys=(KEY.public_key(),))}
AT = datetime.fromtimestamp(START, UTC)


class Service:
    """An application that tells who called and what was sent."""

    def __init__(self) -> None:
        self.seen: list[VerifiedRequest] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        verified = scope.get(SCOPE_KEY)
        body = b""
        while True:
            message = await receive()
            if message["type"] != "http.request":
                break
            piece = message.get("body", b"")
            assert isinstance(piece, bytes)
            body += piece
            if not message.get("more_body"):
                break
        if isinstance(verified, VerifiedRequest):
            self.seen.append(verified)
        caller = verified.caller if isinstance(verified, VerifiedRequest) else None
        answer = json.dumps({"code": "0", "success": True, "caller": caller, "size": len(body)}).encode()
        headers = [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": answer})


def guarded(name: str = "egov-sm2", *, service: Service | None = None, **settings: Any) -> SignedRequests:
    limits: dict[str, Any] = {
        key: settings.pop(key) for key in ("rate", "once_only", "callers", "service_name") if key in settings
    }
    if "service_name" in limits:
        limits["service"] = limits.pop("service_name")
    verifier = RequestVerifier(name, **{"callers": CALLERS, **limits})
    return SignedRequests(service or Service(), verifier=verifier, **{"clock": lambda: START, **settings})


def ask(
    app: SignedRequests,
    method: str,
    target: str,
    headers: Sequence[tuple[str, str]] = (),
    content: bytes | AsyncIterator[bytes] = b"",
) -> httpx.Response:
    async def main() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="https://dept.example") as client:
            return await client.request(method, target, headers=list(headers), content=content)

    return asyncio.run(main())


def signed(name: str = "egov-sm2", **parts: Any) -> tuple[str, list[tuple[str, str]], bytes]:
    credentials = parts.pop("credentials", ME)
    at = parts.pop("at", AT)
    parts.setdefault("json", {"x": "张三"})
    made = sign_request(Request("POST", "/a/中", **parts), profile=name, credentials=credentials, at=at)
    return made.target, list(made.headers), made.body


def refused(app: SignedRequests, target: str, headers: Sequence[tuple[str, str]], body: Any = b"") -> str:
    response = ask(app, "POST", target, headers, body)
    answer = response.json()
    assert set(answer) == {"code", "message", "message_zh"}
    assert response.headers["cache-control"] == "no-store"
    assert response.status_code >= 400
    return str(answer["code"]).removeprefix("egov.gateway.refused.")


@pytest.mark.parametrize("name", BUILT_IN)
def test_a_signed_request_reaches_the_service_with_its_caller_and_its_body(name: str) -> None:
    service = Service()
    target, headers, body = signed(name)
    response = ask(guarded(name, service=service), "POST", target, headers, body)
    assert response.json() == {"code": "0", "success": True, "caller": ME.id, "size": len(body)}
    assert service.seen[0].caller == ME.id


@pytest.mark.parametrize("name", [name for name in BUILT_IN if BUILT_IN[name].token is None])
def test_our_client_and_our_middleware_understand_each_other(name: str) -> None:
    async def main() -> Any:
        transport = httpx.ASGITransport(guarded(name, clock=lambda: START))
        async with AsyncGatewayClient(
            "https://dept.example/base", profile=name, credentials=ME, transport=transport, clock=lambda: START
        ) as client:
            first = await client.request(
                Request("POST", "/中 文", query={"a": "+ &"}, json={"x": 1}, check_answer=False)
            )
            second = await client.request(Request("POST", "/b", json={}, check_answer=False))
            return first.json(), second.json()

    first, second = asyncio.run(main())
    assert first["caller"] == second["caller"] == ME.id


def _other_signer() -> tuple[str, list[tuple[str, str]], bytes]:
    return signed(credentials=replace(ME, signer=SM2PrivateKey.from_int(7)))


def _changed(wire: str, value: str) -> Callable[[], tuple[str, list[tuple[str, str]], bytes]]:
    def make() -> tuple[str, list[tuple[str, str]], bytes]:
        target, headers, body = signed()
        return target, [(name, value if name == wire else old) for name, old in headers], body

    return make


def _added(wire: str, value: str) -> Callable[[], tuple[str, list[tuple[str, str]], bytes]]:
    def make() -> tuple[str, list[tuple[str, str]], bytes]:
        target, headers, body = signed()
        return target, [*headers, (wire, value)], body

    return make


ATTACKS: dict[str, tuple[Callable[[], tuple[str, list[tuple[str, str]], bytes]], str]] = {
    "no signature": (lambda: ("/a", [], b"{}"), "unsigned"),
    "another key": (_other_signer, "signature_mismatch"),
    "an id that nobody has": (lambda: signed(credentials=replace(ME, id="stranger")), "signature_mismatch"),
    "an old request": (lambda: signed(at=datetime.fromtimestamp(START - 301, UTC)), "time_outside_window"),
    "a request of the future": (lambda: signed(at=datetime.fromtimestamp(START + 301, UTC)), "time_outside_window"),
    "another path": (lambda: ("/admin", *signed()[1:]), "signature_mismatch"),
    "a path with a way out": (lambda: ("/a/%2e%2e/admin", *signed()[1:]), "signature_mismatch"),
    "a query that was added": (lambda: (signed()[0] + "?admin=1", *signed()[1:]), "signature_mismatch"),
    "another body": (lambda: (*signed()[:2], b'{"x":"other"}'), "body_altered"),
    "no body": (lambda: (*signed()[:2], b""), "body_altered"),
    "another digest of the body": (_changed("Egov-Body-SM3", "0" * 64), "signature_mismatch"),
    "another caller": (_changed("Egov-Caller", "other"), "signature_mismatch"),
    "another service": (_changed("Egov-Service", "other"), "signature_mismatch"),
    "another time": (_changed("Egov-Time", "1700000000001"), "signature_mismatch"),
    "another nonce": (_changed("Egov-Nonce", "0" * 32), "signature_mismatch"),
    "two callers": (_added("Egov-Caller", "other"), "malformed"),
    "two signatures": (_added("egov-signature", "a"), "malformed"),
    "an empty signature": (_changed("Egov-Signature", ""), "signature_mismatch"),
    "a time in another form": (_changed("Egov-Time", "2023-11-14T22:13:20Z"), "malformed"),
    "an id without end": (_changed("Egov-Caller", "a" * 1_000), "malformed"),
}


@pytest.mark.parametrize("case", ATTACKS)
def test_an_attack_is_refused_and_the_service_never_sees_it(case: str) -> None:
    make, expected = ATTACKS[case]
    service = Service()
    assert refused(guarded(service=service), *make()) == expected
    assert service.seen == []


def test_a_request_that_was_seen_works_once() -> None:
    service = Service()
    app, request = guarded(service=service), signed()
    assert ask(app, "POST", *request).status_code == 200
    assert refused(app, *request) == "replayed"
    assert len(service.seen) == 1


def test_the_same_headers_cannot_be_used_for_another_body_even_where_no_body_is_signed() -> None:
    app = guarded("national-1")
    target, headers, _ = signed("national-1")
    assert ask(app, "POST", target, headers, b"{}").status_code == 200
    assert refused(app, target, headers, b'{"other":1}') == "replayed"


def test_a_request_for_another_service_is_refused() -> None:
    assert refused(guarded(service_name="other"), *signed()) == "service_mismatch"


def test_too_many_requests_are_told_when_to_come_again() -> None:
    app = guarded(rate=RateLimit(per_s=0.1, burst=1))
    ask(app, "POST", *signed())
    response = ask(app, "POST", *signed())
    assert (response.status_code, response.headers["retry-after"]) == (429, "10")


async def _endless() -> AsyncIterator[bytes]:
    for _ in range(1 << 20):
        yield bytes(1 << 16)


def test_a_body_without_end_is_not_read_to_its_end() -> None:
    target, headers, _ = signed()
    assert refused(guarded(max_body_bytes=1 << 20), target, headers, _endless()) == "body_too_large"


@pytest.mark.parametrize("length", [str(1 << 30), "9" * 40, "-1", "ten"])
def test_a_body_that_is_announced_as_too_large_is_not_read(length: str) -> None:
    received: list[str] = []
    headers = [(b"content-length", length.encode())]
    sent = _raw(guarded(), {"headers": headers}, received=received)
    assert sent[0]["status"] == 413
    assert received == []


def test_a_stranger_is_refused_before_the_body_is_read() -> None:
    received: list[str] = []
    sent = _raw(guarded(), {"headers": []}, received=received)
    assert sent[0]["status"] == 401
    assert received == []


def _raw(
    app: SignedRequests,
    changes: dict[str, Any],
    *,
    messages: Sequence[Message] = (),
    received: list[str] | None = None,
) -> list[Message]:
    """One ASGI connection by hand; what was sent."""
    scope: Scope = {
        "type": "http",
        "method": "POST",
        "path": "/a/中",
        "raw_path": b"/a/%E4%B8%AD",
        "query_string": b"",
        "headers": [],
        **changes,
    }
    sent: list[Message] = []
    todo = list(messages)

    async def receive() -> Message:
        if received is not None:
            received.append("asked")
        return todo.pop(0) if todo else {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    asyncio.run(_run(app(scope, receive, send)))
    return sent


async def _run(awaitable: Awaitable[None]) -> None:
    await awaitable


def _headers() -> tuple[list[tuple[bytes, bytes]], bytes]:
    _, headers, body = signed()
    return [(name.encode(), value.encode()) for name, value in headers], body


def test_a_body_in_many_pieces_reaches_the_service_whole() -> None:
    headers, body = _headers()
    messages: list[Message] = [{"type": "http.request", "body": bytes([octet]), "more_body": True} for octet in body]
    sent = _raw(guarded(), {"headers": headers}, messages=[*messages, {"type": "http.request"}])
    assert json.loads(sent[1]["body"])["size"] == len(body)  # type: ignore[arg-type]  # bytes by the protocol


def test_a_service_that_listens_on_hears_that_the_caller_left() -> None:
    heard: list[object] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        heard.extend([(await receive())["type"], (await receive())["type"]])

    headers, body = _headers()
    guard = SignedRequests(app, verifier=RequestVerifier("egov-sm2", callers=CALLERS), clock=lambda: START)
    _raw(guard, {"headers": headers}, messages=[{"type": "http.request", "body": body}])
    assert heard == ["http.request", "http.disconnect"]


def test_a_caller_who_leaves_in_the_middle_is_not_answered() -> None:
    headers, _ = _headers()
    service = Service()
    sent = _raw(
        guarded(service=service),
        {"headers": headers},
        messages=[{"type": "http.request", "body": b"a", "more_body": True}],
    )
    assert sent == []
    assert service.seen == []


def test_a_server_that_does_not_give_the_path_as_sent_gets_it_encoded() -> None:
    headers, body = _headers()
    for raw in (None, b"", b"/a/%E4%B8%AD?with=query"):
        sent = _raw(guarded(), {"headers": headers, "raw_path": raw}, messages=[{"type": "http.request", "body": body}])
        assert sent[0]["status"] == 200


def test_a_websocket_is_refused() -> None:
    assert _raw(guarded(), {"type": "websocket"}) == [{"type": "websocket.close", "code": 1008}]


def test_a_lifespan_goes_through_and_carries_nobody() -> None:
    seen: list[Scope] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(scope)

    guard = SignedRequests(app, verifier=RequestVerifier("egov-sm2", callers=CALLERS), unsigned_paths=["/health"])
    _raw(guard, {"type": "lifespan", SCOPE_KEY: "forged"})
    _raw(guard, {"path": "/health", SCOPE_KEY: "forged"})
    _raw(guard, {"path": "/health/", SCOPE_KEY: "forged"})
    assert [scope["type"] for scope in seen] == ["lifespan", "http"]
    assert not any(SCOPE_KEY in scope for scope in seen)


def test_a_platform_may_refuse_in_its_own_form() -> None:
    def national(refused: RequestRefused) -> tuple[int, tuple[tuple[str, str], ...], bytes]:
        code = "E-106" if refused.problem == "refused.caller_unknown" else "-1"
        return 200, (("content-type", "application/json"),), json.dumps({"code": code}).encode()

    app = guarded("national-1", refusal=national)
    stranger = signed("national-1", credentials=replace(ME, id="stranger"))
    response = ask(app, "POST", *stranger)
    assert (response.status_code, response.json()) == (200, {"code": "E-106"})


def test_callers_that_wait_for_a_disk_are_asked_in_a_thread() -> None:
    import threading

    threads: list[str] = []

    class Slow(dict[str, CallerKey]):
        def get(self, caller: str, default: object = None, /) -> CallerKey | None:  # type: ignore[override]  # narrower
            threads.append(threading.current_thread().name)
            return CALLERS.get(caller)

    assert ask(guarded(callers=Slow(), in_thread=True), "POST", *signed()).status_code == 200
    assert ask(guarded(callers=Slow()), "POST", *signed()).status_code == 200
    assert [name == threading.current_thread().name for name in threads] == [False, True]


@pytest.mark.parametrize(("size", "at_once"), [(10, True), (1 << 20, False)])
def test_nobody_waits_for_the_digest_of_a_large_body(
    monkeypatch: pytest.MonkeyPatch, size: int, *, at_once: bool
) -> None:
    import threading

    threads, real = list[str](), RequestVerifier.check_body

    def noted(self: RequestVerifier, verified: VerifiedRequest, body: bytes) -> None:
        threads.append(threading.current_thread().name)
        real(self, verified, body)

    monkeypatch.setattr(RequestVerifier, "check_body", noted)
    target, headers, body = signed(json={"x": "a" * size})
    assert ask(guarded(), "POST", target, headers, body).status_code == 200
    assert [name == threading.current_thread().name for name in threads] == [at_once]
    again = signed(json={"x": "a" * size})
    assert refused(guarded(), again[0], again[1], again[2].replace(b"aa", b"ab", 1)) == "body_altered"


def test_a_lookup_that_fails_lets_nobody_in() -> None:
    class Broken(dict[str, CallerKey]):
        def get(self, caller: str, default: object = None, /) -> CallerKey | None:  # type: ignore[override]  # narrower
            raise OSError("the database is down")

    service = Service()
    with pytest.raises(OSError, match="down"):
        ask(guarded(callers=Broken(), service=service), "POST", *signed())
    assert service.seen == []


def test_the_log_says_why_and_holds_no_secret(caplog: pytest.LogCaptureFixture) -> None:
    stranger = replace(ME, id="11010519491231002X", secret="guess-guess")
    with caplog.at_level(logging.DEBUG):
        refused(guarded("tif"), *signed("tif", credentials=stranger))
    assert "caller_unknown" in caplog.text
    assert "1****************X" in caplog.text
    for secret in ("11010519491231002X", "guess-guess", ME.secret):
        assert secret not in caplog.text


def test_a_refusal_says_nothing_of_what_was_found() -> None:
    response = ask(guarded(), "POST", *signed(at=datetime.fromtimestamp(START - 400, UTC)))
    assert "400" not in response.text


def test_our_client_understands_a_refusal() -> None:
    async def main() -> None:
        transport = httpx.ASGITransport(guarded())
        credentials = replace(ME, signer=SM2PrivateKey.from_int(7))
        async with AsyncGatewayClient(
            "https://dept.example",
            profile="egov-sm2",
            credentials=credentials,
            transport=transport,
            clock=lambda: START,
        ) as client:
            await client.request(Request("GET", "/x"))

    with pytest.raises(PlatformRejected) as caught:
        asyncio.run(main())
    assert caught.value.platform_code == "egov.gateway.refused.signature_mismatch"
