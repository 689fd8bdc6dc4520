"""Requests and replies of ASGI as plain values: bodies under a limit, applications out of one function."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any
from urllib.parse import unquote

import pytest

from egov_sdk.gateway.asgi import (
    App,
    BodyTooLarge,
    Message,
    Mounted,
    Receive,
    Received,
    Reply,
    Scope,
    Send,
    ThreadedApp,
    read_body,
    read_json,
    sent_path,
)


def receiving(messages: Iterable[Message]) -> Any:
    waiting = iter(messages)

    async def receive() -> Message:
        return next(waiting)

    return receive


def body(*pieces: bytes, ends: bool = True) -> list[Message]:
    last = len(pieces) - 1
    return [
        {"type": "http.request", "body": piece, "more_body": not ends or place < last}
        for place, piece in enumerate(pieces)
    ]


def read(messages: Iterable[Message], *, announced: str | None = None, limit: int = 10) -> bytes | None:
    return asyncio.run(read_body(receiving(messages), announced=announced, limit=limit))


def test_a_body_is_read_whole() -> None:
    assert read(body(b"abc", b"", b"def")) == b"abcdef"
    assert read(body(b"x" * 10), announced="10") == b"x" * 10
    assert read([{"type": "http.request"}]) == b""


def test_a_body_is_read_no_further_than_its_limit() -> None:
    endless = iter(lambda: {"type": "http.request", "body": b"abc", "more_body": True}, None)
    with pytest.raises(BodyTooLarge, match="more than 10"):
        read(endless)


@pytest.mark.parametrize("announced", ["11", "1e1", "-1", "", "0x1", "²", "9" * 5_000])
def test_a_body_that_is_announced_as_too_large_is_not_begun(announced: str) -> None:
    with pytest.raises(BodyTooLarge):
        read([], announced=announced)


def test_nothing_is_made_of_half_a_body() -> None:
    assert read([*body(b"abc", ends=False), {"type": "http.disconnect"}]) is None


@pytest.mark.parametrize("octets", [b"", b"{", b"\xff", b'{"a":1,"a":1}', b"NaN", b"[" * 100_000])
def test_what_is_no_json_is_a_value_error(octets: bytes) -> None:
    with pytest.raises(ValueError):
        read_json(octets)


def answered(scope: dict[str, Any], messages: Iterable[Message], **more: Any) -> tuple[list[Message], list[Received]]:
    sent: list[Message] = []
    seen: list[Received] = []

    def handle(received: Received) -> Reply:
        seen.append(received)
        return Reply(200, b"{}")

    async def send(message: Message) -> None:
        sent.append(message)

    asyncio.run(ThreadedApp(handle, **more)(scope, receiving(messages), send))
    return sent, seen


def http(query: bytes = b"", headers: tuple[tuple[bytes, bytes], ...] = ()) -> dict[str, Any]:
    return {
        "type": "http",
        "method": "POST",
        "path": "/mount/a b",
        "raw_path": b"/mount/a%20b",
        "root_path": "/mount",
        "query_string": query,
        "headers": headers,
    }


def test_a_function_sees_a_request_as_plain_values() -> None:
    headers = ((b"Content-Type", b"Application/JSON; charset=UTF-8"),)
    sent, (seen,) = answered(http(b"a=%E5%8A%9E&b=", headers), body(b"1"))
    assert (seen.method, seen.path, seen.query) == ("POST", "/a%20b", {"a": "办", "b": ""})
    assert (seen.media_type, seen.body, seen.caller) == ("application/json", b"1", "")
    assert [message["type"] for message in sent] == ["http.response.start", "http.response.body"]
    assert "办" not in repr(seen)


@pytest.mark.parametrize(
    ("query", "status"),
    [(b"a=1&a=2", 400), (b"a=%ff", 400), (b"\xff", 400), (b"&".join([b"a=1"] * 65), 400)],
)
def test_parameters_that_mean_two_things_are_refused(query: bytes, status: int) -> None:
    sent, seen = answered(http(query), body(b""))
    assert (sent[0]["status"], seen) == (status, [])


def test_a_request_that_is_too_large_or_goes_away_is_not_handled() -> None:
    sent, seen = answered(http(), body(b"abc"), max_body_bytes=2)
    assert (sent[0]["status"], seen) == (413, [])
    assert answered(http(), [{"type": "http.disconnect"}]) == ([], [])


def test_a_websocket_is_closed_and_a_server_starts_and_stops() -> None:
    assert answered({"type": "websocket"}, [])[0] == [{"type": "websocket.close", "code": 1008}]
    both: list[Message] = [{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}]
    sent = answered({"type": "lifespan"}, both)[0]
    assert [message["type"] for message in sent] == ["lifespan.startup.complete", "lifespan.shutdown.complete"]


@pytest.mark.parametrize(
    ("path", "whole", "told"),
    [
        ("/a", False, ("a", "")),
        ("/a/x", False, ("a", "/x")),
        ("/a/b/x", False, ("a/b", "/x")),
        ("/a/b/x", True, ("a/b", "/a/b/x")),
        ("/ab", False, ("fallback", "/ab")),
        ("/", True, ("fallback", "/")),
        ("/%61/x", True, ("fallback", "/%61/x")),
    ],
)
def test_the_longest_path_that_fits_is_asked_and_sees_what_it_is_to_see(
    path: str, whole: bool, told: tuple[str, str]
) -> None:
    seen: list[tuple[str, str]] = []

    def named(name: str) -> App:
        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            seen.append((name, sent_path(scope)))

        return app

    mounted = Mounted({"/a": named("a"), "/a/b": named("a/b")}, fallback=named("fallback"), whole_paths=whole)
    asyncio.run(_asked(mounted, {**http(), "path": f"/mount{unquote(path)}", "raw_path": f"/mount{path}".encode()}))
    assert seen == [told]


def test_a_server_starts_the_application_behind_all_others() -> None:
    mounted = Mounted({"/a": ThreadedApp(lambda received: Reply(200))}, fallback=_started)
    asyncio.run(_asked(mounted, {"type": "lifespan"}))


async def _asked(app: App, scope: Scope) -> None:
    await app(scope, receiving([]), receiving([]))


async def _started(scope: Scope, receive: Receive, send: Send) -> None:
    assert scope["type"] == "lifespan"
