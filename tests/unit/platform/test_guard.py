"""Before everything that is served: what is too large or too slow ends, and browsers are told to be strict."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from egov_sdk.gateway import in_process
from egov_sdk.gateway.asgi import App, Message, Receive, Scope, Send, read_body
from egov_sdk.platform.guard import Guarded
from egov_sdk.testing.province import Province

MOST = 1_000


class Told:
    """What came out, and what the application saw."""

    def __init__(self) -> None:
        self.sent: list[Message] = []
        self.body: bytes | None = b"never"

    @property
    def status(self) -> object:
        return self.sent[0]["status"] if self.sent else None

    def app(self) -> App:
        async def answer(scope: Scope, receive: Receive, send: Send) -> None:
            self.body = await read_body(receive, announced=None, limit=10 * MOST)
            await send({"type": "http.response.start", "status": 200, "headers": [(b"X-Frame-Options", b"SAMEORIGIN")]})
            await send({"type": "http.response.body", "body": b""})

        return answer


def asked(
    pieces: list[bytes | float], *, announced: int | str | None = None, body_s: float = 0.05, is_secure: bool = False
) -> Told:
    """A request whose body comes in pieces; a number is a pause in seconds."""
    told, left = Told(), list(pieces)

    async def receive() -> Message:
        while left and isinstance(left[0], float):
            await asyncio.sleep(left.pop(0))  # type: ignore[arg-type]
        if not left:
            await asyncio.sleep(10)
        return {"type": "http.request", "body": left.pop(0), "more_body": bool(left)}

    async def send(message: Message) -> None:
        told.sent.append(message)

    headers = [] if announced is None else [(b"content-length", str(announced).encode())]
    guarded = Guarded(told.app(), max_body_bytes=MOST, is_secure=is_secure, body_s=body_s)
    asyncio.run(guarded({"type": "http", "headers": headers, "path": "/", "method": "POST"}, receive, send))
    return told


def test_what_is_small_and_quick_comes_through() -> None:
    told = asked([b"a", b"b" * 999], announced=1000)
    assert (told.status, told.body) == (200, b"a" + b"b" * 999)


@pytest.mark.parametrize("announced", [1001, 5 << 30, "9" * 40, "-1", "x", ""])
def test_what_is_announced_too_large_is_not_waited_for(announced: int | str) -> None:
    told = asked([], announced=announced)
    assert (told.status, told.body) == (413, b"never")
    assert (b"connection", b"close") in told.sent[0]["headers"]  # type: ignore[operator]


def test_what_turns_out_too_large_ends(  # whatever was announced
) -> None:
    told = asked([b"x" * 600, b"x" * 600, b"x"], announced=10)
    assert (told.status, told.body, len(told.sent)) == (413, None, 2)


@pytest.mark.parametrize("pieces", [[], [b"a", 1.0, b"b"], [b"a", 0.04, b"b", 0.04, b"c", 0.04, b"d"]])
def test_what_comes_too_slowly_ends(pieces: list[bytes | float]) -> None:
    told = asked(pieces)
    assert (told.status, told.body, len(told.sent)) == (408, None, 2)


def test_an_application_is_not_hurried_once_the_body_is_there() -> None:
    told = Told()

    async def slow(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await receive()  # only the end of the connection comes now
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def receive() -> Message:
        if told.body == b"given":
            await asyncio.sleep(10)
        told.body = b"given"
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        told.sent.append(message)

    guarded = Guarded(slow, max_body_bytes=MOST, is_secure=False, body_s=0.02)
    asyncio.run(guarded({"type": "http", "headers": [], "path": "/", "method": "GET"}, receive, send))
    assert told.status == 200


def test_an_answer_keeps_what_it_says_and_gets_what_it_does_not() -> None:
    headers = dict(asked([b""], is_secure=True).sent[0]["headers"])  # type: ignore[call-overload]
    assert headers[b"X-Frame-Options"] == b"SAMEORIGIN"
    assert b"x-frame-options" not in headers
    assert headers[b"x-content-type-options"] == b"nosniff"
    assert b"max-age" in headers[b"strict-transport-security"]
    assert b"strict-transport-security" not in dict(asked([b""]).sent[0]["headers"])  # type: ignore[call-overload]


@pytest.mark.parametrize(
    "path", ["/health", "/metrics", "/egov/v1/openapi.json", "/egov/v1/license-types", "/identity/jwks"]
)
def test_every_answer_of_a_province_is_strict(path: str) -> None:
    with (
        Province() as province,
        httpx.Client(transport=in_process.transport(province.app), base_url="http://localhost") as web,
    ):
        for host in ("localhost", "evil.example"):
            headers = web.get(path, headers={"host": host}).headers
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["x-frame-options"] == "DENY"
            assert "frame-ancestors 'none'" in headers["content-security-policy"]
            assert headers["referrer-policy"] == "no-referrer"
        province.forget()


def test_a_request_with_two_hosts_is_for_neither() -> None:
    with Province() as province, httpx.Client(transport=province.transport(), base_url=province.address) as client:
        both = [("host", "localhost"), ("Host", "evil.example")]
        assert client.get("/health", headers=both).status_code == 400
        assert client.get("/health", headers=both[::-1]).status_code == 400
        assert client.get("/health", headers=both[:1]).status_code == 200
