"""Before everything that a province serves: bodies that are too large or too slow, and headers that browsers obey."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable
from typing import Final

from egov_sdk.gateway.asgi import App, Message, Receive, Reply, Scope, Send, headers_of, send_reply

__all__ = ["Guarded"]

#: What every answer says, unless it says something else itself.
_HEADERS: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
    (b"cache-control", b"no-store"),
)
_SECURE: Final = ((b"strict-transport-security", b"max-age=31536000"),)
#: A body has so long, and a second more for so many octets of it that came.
_BODY_S: Final = 30.0
_OCTETS_A_SECOND: Final = 64 << 10
_CLOSE: Final = (("connection", "close"),)


class Guarded:
    """ASGI middleware that answers 400, 413 and 408 by itself, and puts strict headers on every answer.

    Args:
        max_body_bytes: No body is larger, whatever it was announced to be; parts may have limits of their own below it.
        body_s: How long a body may take that brings nothing; each 64 KiB that come give it a second more.
        is_secure: Whether it is reached by TLS alone: browsers are told to use nothing else.
    Source:
        RFC 9112, 3.2: a request with several Host is refused.
    """

    def __init__(
        self,
        app: App,
        *,
        max_body_bytes: int,
        is_secure: bool,
        body_s: float = _BODY_S,
        timer: Callable[[], float] = time.monotonic,
    ) -> None:
        self._app, self._max, self._body_s, self._timer = app, max_body_bytes, body_s, timer
        self._headers = _HEADERS + (_SECURE if is_secure else ())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        visit = _Visit(self, receive, send)
        given = scope["headers"]
        assert isinstance(given, Iterable)
        if [name.lower() for name, _ in given].count(b"host") > 1:  # some read the first, others the last
            await visit.end(400)
            return
        announced = headers_of(scope).get("content-length")
        if announced is not None and not (announced.isdecimal() and int(announced[:18]) <= self._max):
            await visit.end(413)
            return
        await self._app(scope, visit.receive, visit.send)


class _Visit:
    """One request: how much of its body came, since when, and whether its answer has begun."""

    def __init__(self, guard: Guarded, receive: Receive, send: Send) -> None:
        self._guard, self._receive, self._send = guard, receive, send
        self._begun, self._octets = guard._timer(), 0
        self._is_whole = self._is_answered = self._is_over = False

    async def receive(self) -> Message:
        if self._is_over:
            return {"type": "http.disconnect"}
        if self._is_whole:
            return await self._receive()
        guard = self._guard
        left = self._begun + guard._body_s + self._octets / _OCTETS_A_SECOND - guard._timer()
        try:
            async with asyncio.timeout(left):
                message = await self._receive()
        except TimeoutError:
            return await self._stop(408)
        piece = message.get("body", b"")
        self._octets += len(piece) if isinstance(piece, bytes) else 0
        if self._octets > guard._max:
            return await self._stop(413)
        self._is_whole = message["type"] != "http.request" or not message.get("more_body", False)
        return message

    async def send(self, message: Message) -> None:
        if self._is_over:
            return
        if message["type"] == "http.response.start":
            self._is_answered = True
            given = message.get("headers", ())
            assert isinstance(given, Iterable)
            message = {**message, "headers": _with(list(given), self._guard._headers)}
        await self._send(message)

    async def end(self, status: int) -> None:
        """Answer in place of the application, and close the connection: nobody reads what else comes."""
        await send_reply(Reply(status, headers=_CLOSE), self.send)
        self._is_over = True

    async def _stop(self, status: int) -> Message:
        if not self._is_answered:
            await self.end(status)
        self._is_over = True
        return {"type": "http.disconnect"}


def _with(given: list[tuple[bytes, bytes]], wanted: tuple[tuple[bytes, bytes], ...]) -> list[tuple[bytes, bytes]]:
    there = {name.lower() for name, _ in given}
    return given + [one for one in wanted if one[0] not in there]
