"""ASGI as plain values, with nothing of a framework: requests are read under a limit, replies are sent whole."""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping, MutableMapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias, TypeVar
from urllib.parse import parse_qsl

from egov_sdk.gateway._json import parse_json
from egov_sdk.gateway.turns import in_turn
from egov_sdk.gateway.verifier import VerifiedRequest

__all__ = [
    "JSON",
    "SCOPE_KEY",
    "App",
    "BodyTooLarge",
    "Message",
    "Mounted",
    "Receive",
    "Received",
    "Reply",
    "Scope",
    "Send",
    "ThreadedApp",
    "headers_of",
    "http_only",
    "media_type",
    "read_body",
    "read_json",
    "send_reply",
    "sent_path",
]

T = TypeVar("T")

Scope: TypeAlias = MutableMapping[str, object]
Message: TypeAlias = MutableMapping[str, object]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
App: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]

#: Where an application behind ``SignedRequests`` finds the VerifiedRequest in its scope.
SCOPE_KEY: Final = "egov_sdk.gateway"
#: The content type of JSON.
JSON: Final = "application/json;charset=UTF-8"

_BODY_BYTES: Final = 16 << 20
_PARAMETERS: Final = 64
_ANNOUNCED_CHARS: Final = 18


class BodyTooLarge(Exception):
    """A body has more bytes than are read; the message says what was found."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes back."""

    status: int
    body: bytes = field(default=b"", repr=False)
    content_type: str = JSON
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """One request, read whole. ``repr`` shows neither parameters nor body.

    Attributes:
        caller: Whom ``SignedRequests`` made sure of; empty where nothing was signed.
    """

    method: str
    path: str
    query: Mapping[str, str] = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    caller: str = ""

    @property
    def media_type(self) -> str:
        """The content type without its parameters, in small letters."""
        return media_type(self.headers)


def headers_of(scope: Scope) -> dict[str, str]:
    """The headers, by their names in small letters."""
    raw = scope["headers"]
    assert isinstance(raw, Iterable)
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in raw}


def media_type(headers: Mapping[str, str]) -> str:
    """The content type without its parameters, in small letters; empty where none is said."""
    return headers.get("content-type", "").partition(";")[0].strip().lower()


def sent_path(scope: Scope) -> str:
    """The path as it was sent, below where the application is mounted."""
    raw, root = scope.get("raw_path"), str(scope.get("root_path", ""))
    sent = raw.decode("latin-1").partition("?")[0] if isinstance(raw, bytes) and raw else str(scope["path"])
    return sent.removeprefix(root)


def read_json(octets: bytes) -> object:
    """The value of a JSON text.

    Raises:
        ValueError: it is none: not UTF-8, too deep, or with a member that stands twice.
    """
    return parse_json(octets)


async def read_body(receive: Receive, *, announced: str | None, limit: int) -> bytes | None:
    """The body of a request; None where the caller went away in the midst of it.

    Args:
        announced: The header ``content-length``; None where there is none.
        limit: In bytes.
    Raises:
        BodyTooLarge: it is announced to be, or turns out to be, larger.
    """
    if announced is not None and not (announced.isdecimal() and int(announced[:_ANNOUNCED_CHARS]) <= limit):
        raise BodyTooLarge(f"{announced[:_ANNOUNCED_CHARS]} announced")
    pieces: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        piece = message.get("body", b"")
        assert isinstance(piece, bytes)
        size += len(piece)
        if size > limit:
            raise BodyTooLarge(f"more than {limit}")
        pieces.append(piece)
        if not message.get("more_body", False):
            return pieces[0] if len(pieces) == 1 else b"".join(pieces)


async def send_reply(reply: Reply, send: Send) -> None:
    """Send a reply, which nobody keeps a copy of."""
    headers = [
        ("content-type", reply.content_type),
        ("cache-control", "no-store"),
        ("x-content-type-options", "nosniff"),
    ]
    raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in (*headers, *reply.headers)]
    raw.append((b"content-length", str(len(reply.body)).encode()))
    await send({"type": "http.response.start", "status": reply.status, "headers": raw})
    await send({"type": "http.response.body", "body": reply.body})


def http_only(
    answer: Callable[[T, Scope, Receive, Send], Awaitable[None]],
) -> Callable[[T, Scope, Receive, Send], Coroutine[object, object, None]]:
    """Make an application's ``__call__`` of what answers its HTTP requests.

    It takes part in the server's start and stop as well, and closes whatever else is opened.
    """

    @functools.wraps(answer)
    async def app(self: T, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await answer(self, scope, receive, send)
        elif scope["type"] == "lifespan":
            await _live(receive, send)
        else:
            await send({"type": "websocket.close", "code": 1008})

    return app


async def _live(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            await send({"type": "lifespan.startup.complete"})
        elif message["type"] == "lifespan.shutdown":
            await send({"type": "lifespan.shutdown.complete"})
            return


class Mounted:
    """Several ASGI applications as one, each below its path; the longest path that fits is asked.

    Args:
        fallback: Asked where none fits.
        whole_paths: They see paths as they were sent to this one; otherwise what is below their own.
    """

    def __init__(self, apps: Mapping[str, App], *, fallback: App, whole_paths: bool = False) -> None:
        self._apps = tuple(sorted(apps.items(), key=lambda one: -len(one[0])))
        self._fallback, self._whole_paths = fallback, whole_paths

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        path = sent_path(scope) if "path" in scope else ""
        for root, app in self._apps:
            if path == root or path.startswith(root + "/"):
                below = {**scope, "root_path": str(scope.get("root_path", "")) + root}
                await app(scope if self._whole_paths else below, receive, send)
                return
        await self._fallback(scope, receive, send)


class ThreadedApp:
    """An ASGI application made of one function, which runs in a thread.

    Args:
        handle: Gives the reply to any request; it raises nothing.
        max_body_bytes: Larger requests are answered with 413 while they are read.
    """

    def __init__(self, handle: Callable[[Received], Reply], *, max_body_bytes: int = _BODY_BYTES) -> None:
        self._handle, self._max_body_bytes = handle, max_body_bytes

    @http_only
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if (reply := await self._answer(scope, receive)) is not None:
            await send_reply(reply, send)

    async def _answer(self, scope: Scope, receive: Receive) -> Reply | None:
        headers, raw = headers_of(scope), scope.get("query_string", b"")
        assert isinstance(raw, bytes)
        try:
            body = await read_body(receive, announced=headers.get("content-length"), limit=self._max_body_bytes)
            pairs = parse_qsl(raw.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=_PARAMETERS)
        except BodyTooLarge:
            return Reply(413)
        except ValueError:
            return Reply(400)
        query = dict(pairs)
        if body is None:
            return None
        if len(query) != len(pairs):
            return Reply(400)
        verified = scope.get(SCOPE_KEY)
        received = Received(
            method=str(scope["method"]),
            path=sent_path(scope),
            query=query,
            headers=headers,
            body=body,
            caller=verified.caller if isinstance(verified, VerifiedRequest) else "",
        )
        return await in_turn(self._handle, received)
