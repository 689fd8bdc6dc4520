"""ASGI middleware that lets signed requests in and nothing else. It needs no framework."""

from __future__ import annotations

import json
import logging
import math
import time
from collections.abc import Callable, Iterable
from typing import Final, TypeAlias
from urllib.parse import quote

from egov_sdk.crypto.hashes import HashedOnce
from egov_sdk.gateway._redact import redact
from egov_sdk.gateway.asgi import SCOPE_KEY, App, BodyTooLarge, Message, Receive, Scope, Send, read_body
from egov_sdk.gateway.refusals import RequestRefused, refuse
from egov_sdk.gateway.turns import in_turn
from egov_sdk.gateway.verifier import ReceivedRequest, RequestVerifier, VerifiedRequest

__all__ = ["SCOPE_KEY", "App", "Message", "Receive", "Refusal", "Scope", "Send", "SignedRequests", "default_refusal"]

#: Status, headers and body for a request that is refused.
Refusal: TypeAlias = Callable[[RequestRefused], tuple[int, tuple[tuple[str, str], ...], bytes]]

_log = logging.getLogger("egov_sdk.gateway")

_BODY_BYTES: Final = 8 << 20
#: The digest of a larger body is taken in a thread: others do not wait for it.
_AT_ONCE_BYTES: Final = 64 << 10
_PATH_SAFE: Final = "/:@!$&'()*+,;=~-._"


def default_refusal(refused: RequestRefused) -> tuple[int, tuple[tuple[str, str], ...], bytes]:
    """A JSON answer with code and both languages; an unknown id is answered like a wrong signature."""
    told = refused.public()
    text = told.text
    body = json.dumps({"code": told.code, "message": text.en, "message_zh": text.zh}, ensure_ascii=False).encode()
    headers = [("content-type", "application/json;charset=UTF-8"), ("cache-control", "no-store")]
    if refused.retry_after_s is not None:
        headers.append(("retry-after", str(math.ceil(refused.retry_after_s))))
    return told.status, tuple(headers), body


class SignedRequests:
    """Wraps an ASGI application; it finds who called in ``scope[SCOPE_KEY]``.

    The body is read here, up to ``max_body_bytes``, before the application sees the request. WebSockets are refused.

    Args:
        verifier: Who may call, and how requests are signed.
        unsigned_paths: Exact paths that anyone may call, such as a health check.
        refusal: Another form of refusing, as a platform has it.
        in_thread: Whether callers or replay store wait for a disk or a network; then a thread asks them.
    """

    def __init__(
        self,
        app: App,
        *,
        verifier: RequestVerifier,
        max_body_bytes: int = _BODY_BYTES,
        unsigned_paths: Iterable[str] = (),
        refusal: Refusal = default_refusal,
        in_thread: bool = False,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._app, self._verifier = app, verifier
        self._max_body_bytes, self._unsigned = max_body_bytes, frozenset(unsigned_paths)
        self._refusal, self._in_thread, self._clock = refusal, in_thread, clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one connection."""
        kind = scope["type"]
        scope.pop(SCOPE_KEY, None)
        if kind == "lifespan":
            await self._app(scope, receive, send)
        elif kind != "http":
            await send({"type": "websocket.close", "code": 1008})
        elif scope["path"] in self._unsigned:
            await self._app(scope, receive, send)
        else:
            await self._http(scope, receive, send)

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            request = _received(scope)
            self._check_announced(request)
            verified = None if self._verifier.needs_body else await self._verify(request)
            body = await self._read(receive)
            if body is None:
                return  # the caller is gone
            if verified is None:
                verified = await self._verify(_with_body(request, body))
            elif len(body) <= _AT_ONCE_BYTES:
                body = self._checked(verified, body)
            else:
                body = await in_turn(self._checked, verified, body)
        except RequestRefused as refused:
            _log.warning("refused %s of %s: %s", refused.code, redact(refused.caller, limit=64) or "nobody", refused)
            await self._refuse(refused, send)
            return
        scope[SCOPE_KEY] = verified
        await self._app(scope, _replayed(body, receive), send)

    async def _verify(self, request: ReceivedRequest) -> VerifiedRequest:
        if not self._in_thread:
            return self._verifier.verify(request, at=self._clock())
        return await in_turn(self._verifier.verify, request, at=self._clock())

    def _checked(self, verified: VerifiedRequest, body: bytes) -> bytes:
        """The body, if it is the one that was signed."""
        body = HashedOnce(body)  # a document that is the body may be asked for its digest again
        self._verifier.check_body(verified, body)
        return body

    def _check_announced(self, request: ReceivedRequest) -> None:
        for name, value in request.headers:
            if name == "content-length" and not (value.isdecimal() and int(value[:18]) <= self._max_body_bytes):
                raise refuse("refused.body_too_large", found=f"{value[:18]} announced")

    async def _read(self, receive: Receive) -> bytes | None:
        try:
            return await read_body(receive, announced=None, limit=self._max_body_bytes)
        except BodyTooLarge as error:
            raise refuse("refused.body_too_large", found=str(error)) from None

    async def _refuse(self, refused: RequestRefused, send: Send) -> None:
        status, headers, body = self._refusal(refused)
        raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
        raw.append((b"content-length", str(len(body)).encode()))
        await send({"type": "http.response.start", "status": status, "headers": raw})
        await send({"type": "http.response.body", "body": body})


def _received(scope: Scope) -> ReceivedRequest:
    raw_path, path, query, headers = (scope.get(name) for name in ("raw_path", "path", "query_string", "headers"))
    sent = raw_path.decode("latin-1").partition("?")[0] if isinstance(raw_path, bytes) and raw_path else ""
    assert isinstance(headers, Iterable)
    return ReceivedRequest(
        method=str(scope["method"]),
        path=sent or quote(str(path), safe=_PATH_SAFE),
        query=query.decode("latin-1") if isinstance(query, bytes) else "",
        headers=tuple((name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in headers),
    )


def _with_body(request: ReceivedRequest, body: bytes) -> ReceivedRequest:
    return ReceivedRequest(
        method=request.method, path=request.path, query=request.query, headers=request.headers, body=body
    )


def _replayed(body: bytes, receive: Receive) -> Receive:
    """The body once, then whatever comes."""
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again
