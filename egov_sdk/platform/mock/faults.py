"""What can go wrong between a program and a platform, each as a layer around the platform."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Final, Protocol

from egov_sdk.gateway.asgi import App, Message, Receive, Reply, Scope, Send, send_reply
from egov_sdk.gateway.in_process import BrokenOff
from egov_sdk.gateway.profile import GatewayProfile

__all__ = [
    "SKEW_S",
    "Corrupt",
    "Cut",
    "Delay",
    "Duplicate",
    "ExpiredToken",
    "Fault",
    "NoAnswer",
    "RateLimit",
    "Site",
    "Skew",
    "SlowBody",
    "Status",
    "Unreachable",
    "WrongSignature",
]

#: How far the platform's clock is off while it answers this request.
SKEW_S: Final[ContextVar[float]] = ContextVar("egov_sdk_skew_s", default=0.0)
_PIECES: Final = 8
_MOST_S: Final = 100 * 366 * 86_400.0  # what clocks can be moved by


@dataclass(frozen=True, slots=True)
class Site:
    """Where a fault happens.

    Attributes:
        clock: What time it is there.
        pause: Lets so many seconds pass there: real ones of a served province, on its own clock those of a test's.
        profile: How callers sign; None where they do not.
    """

    clock: Callable[[], datetime]
    pause: Callable[[float], Awaitable[None]]
    profile: GatewayProfile | None


class Fault(Protocol):
    """One thing that goes wrong. Its ``repr`` stands in the record of calls."""

    def around(self, app: App, site: Site) -> App:
        """The application with the fault before or behind it."""


@dataclass(frozen=True, slots=True)
class Status:
    """The platform answers with this status and does nothing."""

    status: int
    retry_after_s: float | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.status, int) or not 400 <= self.status <= 599:
            raise ValueError("a fault has a status from 400 to 599")
        if self.retry_after_s is not None:
            _check_span(self.retry_after_s)

    def around(self, app: App, site: Site) -> App:
        """See Fault."""
        code = "egov.gateway.refused.rate_exceeded" if self.status == 429 else "egov.platform"
        text = f"a fault of the test: {self.status}"
        body = {"code": code, "kind": "failure", "message": text, "message_zh": text, "where": "", "detail": {}}
        wait = () if self.retry_after_s is None else (("retry-after", f"{self.retry_after_s:.0f}"),)
        return _answering(Reply(self.status, json.dumps(body).encode(), headers=wait))


@dataclass(frozen=True, slots=True)
class RateLimit:
    """The platform wants the caller to come again later."""

    retry_after_s: float = 1.0

    def __post_init__(self) -> None:
        _check_span(self.retry_after_s)

    def around(self, app: App, site: Site) -> App:
        """See Fault."""
        return Status(429, self.retry_after_s).around(app, site)


@dataclass(frozen=True, slots=True)
class Delay:
    """The platform takes so long, by the province's clock."""

    seconds: float

    def __post_init__(self) -> None:
        _check_span(self.seconds)

    def around(self, app: App, site: Site) -> App:
        """See Fault."""

        async def late(scope: Scope, receive: Receive, send: Send) -> None:
            await site.pause(self.seconds)
            await app(scope, receive, send)

        return late


@dataclass(frozen=True, slots=True)
class Unreachable:
    """Nobody answers the connection; the platform has seen nothing."""

    def around(self, app: App, site: Site) -> App:
        """See Fault."""
        return _breaking("refused")


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """The platform has done its work, and its answer does not come before the caller gives up."""

    def around(self, app: App, site: Site) -> App:
        """See Fault."""
        return _behind(app, lambda reply, send: _break("timeout"))


@dataclass(frozen=True, slots=True)
class Cut:
    """The platform has done its work, and the connection breaks in the midst of its answer."""

    def around(self, app: App, site: Site) -> App:
        """See Fault."""

        async def half(reply: _Whole, send: Send) -> None:
            await send(reply.start)
            await send({"type": "http.response.body", "body": reply.body[: len(reply.body) // 2], "more_body": True})
            await _break("cut")

        return _behind(app, half)


@dataclass(frozen=True, slots=True)
class Corrupt:
    """Some octets of the answer arrive as others."""

    seed: int = 0

    def around(self, app: App, site: Site) -> App:
        """See Fault."""

        async def changed(reply: _Whole, send: Send) -> None:
            chance, body = Random(self.seed), bytearray(reply.body)  # noqa: S311 - no secret depends on it
            for _ in range(1 + len(body) // 16 if body else 0):
                body[chance.randrange(len(body))] ^= 1 + chance.randrange(255)
            if body:
                body[0] = 0  # so that no document of any kind begins like this
            await send(reply.start)
            await send({"type": "http.response.body", "body": bytes(body)})

        return _behind(app, changed)


@dataclass(frozen=True, slots=True)
class SlowBody:
    """The answer comes in pieces, so many seconds from first to last by the province's clock."""

    seconds: float

    def __post_init__(self) -> None:
        _check_span(self.seconds)

    def around(self, app: App, site: Site) -> App:
        """See Fault."""

        async def dripping(reply: _Whole, send: Send) -> None:
            await send(reply.start)
            size = -(-len(reply.body) // _PIECES) or 1
            for begin in range(0, max(len(reply.body), 1), size):
                await site.pause(self.seconds / _PIECES)
                piece = reply.body[begin : begin + size]
                more = begin + size < len(reply.body)
                await send({"type": "http.response.body", "body": piece, "more_body": more})

        return _behind(app, dripping)


@dataclass(frozen=True, slots=True)
class WrongSignature:
    """What the caller signed arrives with another signature."""

    def around(self, app: App, site: Site) -> App:
        """See Fault."""
        if site.profile is None:
            raise ValueError("nobody signs anything here")
        name = next((field for field, text in site.profile.fields.items() if "{signature}" in text), "")
        return _with_field(app, site.profile, name, _another)


@dataclass(frozen=True, slots=True)
class ExpiredToken:
    """The access token that the caller sends is not good any more."""

    def around(self, app: App, site: Site) -> App:
        """See Fault."""
        if site.profile is not None and site.profile.token is not None:  # there it is what requests are signed with
            return WrongSignature().around(app, site)
        return _with_header(app, "authorization", lambda text: "Bearer expired")


@dataclass(frozen=True, slots=True)
class Skew:
    """The platform's clock is ahead of the caller's by so much, behind where it is negative."""

    seconds: float

    def __post_init__(self) -> None:
        _check_span(abs(self.seconds))

    def around(self, app: App, site: Site) -> App:
        """See Fault."""

        async def elsewhen(scope: Scope, receive: Receive, send: Send) -> None:
            token = SKEW_S.set(self.seconds)
            try:
                await app(scope, receive, send)
            finally:
                SKEW_S.reset(token)

        return elsewhen


@dataclass(frozen=True, slots=True)
class Duplicate:
    """The network delivers the request twice. The caller gets the first answer."""

    def around(self, app: App, site: Site) -> App:
        """See Fault."""

        async def twice(scope: Scope, receive: Receive, send: Send) -> None:
            body, again = await _body(receive), dict(scope)
            await app(scope, _giving(body), send)
            await app(again, _giving(body), _nowhere)

        return twice


def _check_span(seconds: float) -> None:
    if not 0 <= seconds <= _MOST_S:
        raise ValueError(f"seconds are a number, not negative, and at most {_MOST_S:.0f}")


@dataclass(frozen=True, slots=True)
class _Whole:
    start: Message
    body: bytes


def _answering(reply: Reply) -> App:
    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        await send_reply(reply, send)

    return answer


def _breaking(how: str) -> App:
    async def gone(scope: Scope, receive: Receive, send: Send) -> None:
        await _break(how)

    return gone


async def _break(how: str) -> None:
    raise BrokenOff("refused" if how == "refused" else "timeout" if how == "timeout" else "cut")


def _behind(app: App, then: Callable[[_Whole, Send], Awaitable[None]]) -> App:
    """What happens to an answer after the work was done."""

    async def held(scope: Scope, receive: Receive, send: Send) -> None:
        start: Message = {}
        pieces: list[bytes] = []

        async def keep(message: Message) -> None:
            if message["type"] == "http.response.start":
                start.update(message)
            else:
                piece = message.get("body", b"")
                assert isinstance(piece, bytes)
                pieces.append(piece)

        await app(scope, receive, keep)
        await then(_Whole(start, b"".join(pieces)), send)

    return held


def _with_header(app: App, name: str, change: Callable[[str], str]) -> App:
    wanted = name.lower().encode("latin-1")

    async def changed(scope: Scope, receive: Receive, send: Send) -> None:
        headers = scope["headers"]
        assert isinstance(headers, list | tuple)
        altered = [
            (key, change(value.decode("latin-1")).encode("latin-1") if key.lower() == wanted else value)
            for key, value in headers
        ]
        scope["headers"] = altered
        await app(scope, receive, send)

    return changed


def _with_field(app: App, profile: GatewayProfile, name: str, change: Callable[[str], str]) -> App:
    """A signing field of a request, where the profile puts those."""
    wire = f"{profile.prefix}{name}"
    if profile.place == "header":
        return _with_header(app, wire, change)
    if profile.place == "json":
        raise ValueError(f"the signature of {profile.name} stands in the body, which no fault changes")

    async def changed(scope: Scope, receive: Receive, send: Send) -> None:
        query = scope.get("query_string", b"")
        assert isinstance(query, bytes)
        pairs = (part.partition("=") for part in query.decode("latin-1").split("&"))
        altered = (f"{key}{sign}{change(value) if key == wire else value}" for key, sign, value in pairs)
        scope["query_string"] = "&".join(altered).encode("latin-1")
        await app(scope, receive, send)

    return changed


def _another(signature: str) -> str:
    """One letter in the midst becomes another one of the same alphabet."""
    middle = len(signature) // 2
    return signature[:middle] + ("0" if signature[middle : middle + 1] != "0" else "1") + signature[middle + 1 :]


async def _body(receive: Receive) -> bytes:
    pieces = []
    while True:
        message = await receive()
        piece = message.get("body", b"")
        assert isinstance(piece, bytes)
        pieces.append(piece)
        if not message.get("more_body", False):
            return b"".join(pieces)


def _giving(body: bytes) -> Receive:
    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


async def _nowhere(message: Message) -> None:
    return
