"""In front of a province: requests are named, faults happen, and what was asked is kept."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Final
from urllib.parse import parse_qsl, unquote

from egov_sdk.gateway.asgi import SCOPE_KEY, App, Message, Receive, Scope, Send, read_json, sent_path
from egov_sdk.gateway.verifier import VerifiedRequest
from egov_sdk.platform.mock.calls import Call, CallLog
from egov_sdk.platform.mock.faults import Site
from egov_sdk.platform.mock.plan import FaultPlan, Happenings
from egov_sdk.platform.names import OperationNames

__all__ = ["Attended"]

#: Rooms whose questions are kept. What is said to the provider holds passwords and codes.
_KEPT: Final = ("license.", "seal.", "exchange.")


class Attended:
    """ASGI middleware of a province that is watched and broken.

    Args:
        happenings: What is to happen once so much was asked, or so much time is past; it does before the next answer.
        unknown: Told of a request that nothing answers to; what it gives is raised after the answer.
        beside: Paths below which nothing is noted and nothing goes wrong, such as a console.
    """

    def __init__(
        self,
        app: App,
        *,
        names: OperationNames,
        faults: FaultPlan,
        calls: CallLog,
        site: Site,
        happenings: Happenings | None = None,
        unknown: Callable[[str, str], Exception] | None = None,
        beside: tuple[str, ...] = (),
    ) -> None:
        self._app, self._names, self._faults, self._calls = app, names, faults, calls
        self._site, self._unknown, self._beside = site, unknown, beside
        self._happenings = happenings if happenings is not None else Happenings(site.clock)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        method, path = str(scope["method"]), sent_path(scope)
        if any(path == one or path.startswith(f"{one}/") for one in self._beside):
            await self._app(scope, receive, _dated(self._site.clock, send))
            return
        name = self._names.of(method, path)
        for happen in self._happenings.due():
            await asyncio.to_thread(happen)
        faults = self._faults.take(name) if name else ()

        def note(visit: _Visit) -> None:
            verified = scope.get(SCOPE_KEY)
            call = Call(
                operation=name,
                method=method,
                path=path,
                caller=verified.caller if isinstance(verified, VerifiedRequest) else "",
                status=visit.status,
                at=self._site.clock(),
                question=_question(self._names.parts(method, path), scope, visit.body) if _kept(name) else {},
                faults=tuple(repr(fault) for fault in faults),
            )
            self._calls.add(call)
            self._happenings.note(call)

        app, visit = self._app, _Visit(receive, _dated(self._site.clock, send), note)
        for fault in reversed(faults):
            app = fault.around(app, self._site)
        told = self._unknown(method, path) if not name and self._unknown is not None else None
        try:
            await app(scope, visit.receive, visit.send)
        finally:
            visit.end()
        if told is not None:
            raise told


class _Visit:
    """One request on its way in and out."""

    def __init__(self, receive: Receive, send: Send, note: Callable[[_Visit], None]) -> None:
        self._receive, self._send, self._note = receive, send, note
        self._pieces: list[bytes] = []
        self._ended = False
        self.status = 0

    @property
    def body(self) -> bytes:
        return b"".join(self._pieces)

    async def receive(self) -> Message:
        message = await self._receive()
        piece = message.get("body", b"")
        if isinstance(piece, bytes):
            self._pieces.append(piece)
        return message

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            status = message["status"]
            assert isinstance(status, int)
            self.status = status
        elif not message.get("more_body", False):
            # before the caller has the end of its answer: it may ask at once what was seen
            self.end()
        await self._send(message)

    def end(self) -> None:
        """Note it, once."""
        if not self._ended:
            self._ended = True
            self._note(self)


def _dated(clock: Callable[[], datetime], send: Send) -> Send:
    """Answers with the time here: clients set their clocks by it, and it is not always the server's."""

    async def dated(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = message.get("headers", ())
            assert isinstance(headers, list | tuple)
            date = format_datetime(clock().astimezone(UTC), usegmt=True).encode()
            message = {**message, "headers": [*headers, (b"date", date)]}
        await send(message)

    return dated


def _kept(name: str) -> bool:
    return name.startswith(_KEPT)


def _question(in_path: Mapping[str, str], scope: Scope, body: bytes) -> dict[str, object]:
    """What was asked: of the path, the parameters and the body, as far as they can be read."""
    raw = scope.get("query_string", b"")
    assert isinstance(raw, bytes)
    found: dict[str, object] = {name: unquote(text) for name, text in in_path.items()}
    found.update(parse_qsl(raw.decode("latin-1"), keep_blank_values=True))
    try:
        members = read_json(body) if body else {}
    except ValueError:
        members = {}
    return found | members if isinstance(members, dict) else found
