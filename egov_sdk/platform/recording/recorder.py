"""Recording a platform: requests go through to it, and what is kept of them has no secrets and no people."""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import dataclass, field
from threading import Lock
from typing import Final
from urllib.parse import parse_qsl, quote, unquote

from egov_sdk.errors import PlatformError
from egov_sdk.gateway.asgi import (
    BodyTooLarge,
    Receive,
    Reply,
    Scope,
    Send,
    headers_of,
    http_only,
    read_body,
    read_json,
    send_reply,
    sent_path,
)
from egov_sdk.gateway.forwarding import Forwarded, Forwarder
from egov_sdk.platform.recording.cleaning import Cleaner, kind_of
from egov_sdk.platform.recording.files import HEADERS, Body, Pairs, Recorded, write_recording

__all__ = ["Recorder"]

_BODY_BYTES: Final = 64 << 20
_KEPT_BYTES: Final = 256 << 20
_KEPT: Final = 50_000
_FORM: Final = "application/x-www-form-urlencoded"
_CHARSET: Final = re.compile(r"(?i)charset=[\w-]{1,40}")
_COOKIES: Final = frozenset({"authorization", "cookie", "set-cookie", "proxy-authorization"})


@dataclass(frozen=True, slots=True)
class _Raw:
    """An exchange as it was; never written."""

    method: str
    path: str
    query: Pairs = field(repr=False)
    body: Body = field(repr=False)
    status: int
    headers: Pairs = field(repr=False)
    answer: Body = field(repr=False)
    secrets: tuple[str, ...] = field(repr=False)


class Recorder:
    """An ASGI application between programs and a platform. What passes is kept in memory until ``text`` is asked for.

    Args:
        forwarder: The way to the platform.
        platform: What it is called in the file.
    Attributes:
        dropped: How many exchanges were too many to be kept.
        left_out: How many the file has not, since something that was to be removed would still stand in them.
    """

    def __init__(self, forwarder: Forwarder, *, platform: str) -> None:
        self._forwarder, self._platform = forwarder, platform
        self._lock, self._kept, self._octets = Lock(), list[_Raw](), 0
        self.dropped = self.left_out = 0

    def __len__(self) -> int:
        return len(self._kept)

    @http_only
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand one request on."""
        await send_reply(await self._passed(scope, receive), send)

    async def _passed(self, scope: Scope, receive: Receive) -> Reply:
        headers, raw = scope["headers"], scope.get("query_string", b"")
        assert isinstance(headers, list | tuple)
        assert isinstance(raw, bytes)
        given = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in headers]
        try:
            body = await read_body(receive, announced=headers_of(scope).get("content-length"), limit=_BODY_BYTES)
        except BodyTooLarge:
            return Reply(413)
        if body is None:
            return Reply(400)
        method, path = str(scope["method"]), sent_path(scope)
        target = f"{path}?{raw.decode('latin-1')}" if raw else path
        try:
            answer = await asyncio.to_thread(self._forwarder.send, method, target, headers=given, body=body)
        except PlatformError as error:
            return Reply(502, error.code.encode(), "text/plain")
        self._keep(method, path, raw.decode("latin-1"), given, body, answer)
        others = tuple((name, text) for name, text in answer.headers if name.lower() != "content-type")
        return Reply(answer.status, answer.body, _header(answer.headers, "content-type"), headers=others)

    def _keep(
        self, method: str, path: str, query: str, headers: list[tuple[str, str]], body: bytes, answer: Forwarded
    ) -> None:
        size = len(body) + len(answer.body)
        with self._lock:
            if len(self._kept) >= _KEPT or self._octets + size > _KEPT_BYTES:
                self.dropped += 1
                return
            self._octets += size
            self._kept.append(
                _Raw(
                    method=method,
                    path=path,
                    query=tuple(parse_qsl(query, keep_blank_values=True)),
                    body=_body(_header(headers, "content-type"), body),
                    status=answer.status,
                    headers=tuple(_told(name, text) for name, text in answer.headers if name.lower() in HEADERS),
                    answer=_body(_header(answer.headers, "content-type"), answer.body),
                    secrets=_secrets([*headers, *answer.headers]),
                )
            )

    def text(self) -> str:
        """The recording as the text of its file.

        An exchange in which something that was to be removed would still stand is left out.
        """
        with self._lock:
            kept = tuple(self._kept)
        cleaner = Cleaner()
        cleaner.learning = True
        for one in kept:
            for secret in one.secrets:
                cleaner.hide(secret)
            _cleaned(one, cleaner)
        cleaner.learning = False
        cleaned = [_cleaned(one, cleaner) for one in kept]
        leaks = cleaner.leaks([_content(one) for one in cleaned])
        self.left_out = len(leaks)
        safe = (one for number, one in enumerate(cleaned) if number not in leaks)
        return write_recording(safe, platform=self._platform)


def _header(headers: list[tuple[str, str]] | tuple[tuple[str, str], ...], wanted: str) -> str:
    return next((text for name, text in headers if name.lower() == wanted), "")


def _told(name: str, text: str) -> tuple[str, str]:
    """A header without what may stand beside its word, such as the name of a file."""
    word, *parameters = text.split(";")
    charset = next((one.strip() for one in parameters if _CHARSET.fullmatch(one.strip())), "")
    return name.lower(), "; ".join(filter(None, (word.strip(), charset)))


def _secrets(headers: list[tuple[str, str]]) -> tuple[str, ...]:
    """What in headers is secret; no header of a request is recorded, but the same value may stand elsewhere."""
    found = []
    for name, text in headers:
        if name.lower() in _COOKIES:
            found += [text, *text.replace(";", " ").replace("=", " ").split()]
        elif kind_of(name, text) == "secret":
            found.append(text)
    return tuple(one for one in found if len(one) >= 8)


def _body(content_type: str, octets: bytes) -> Body:
    if not octets:
        return Body()
    kind = content_type.partition(";")[0].strip().lower()
    try:
        if kind == _FORM:
            return Body("form", tuple(parse_qsl(octets.decode("ascii"), keep_blank_values=True, max_num_fields=1_000)))
        return Body("json", read_json(octets))
    except ValueError:
        # pages, documents, files: nobody can tell what stands in them
        return Body("removed", len(octets))


def _cleaned(one: _Raw, cleaner: Cleaner) -> Recorded:
    parts = [quote(cleaner.text(unquote(part)), safe="-._~:@!$&'()*+,;=") for part in one.path.split("/")]
    return Recorded(
        method=one.method,
        path="/".join(parts),
        query=_clean_pairs(one.query, cleaner),
        body=_clean_body(one.body, cleaner),
        status=one.status,
        headers=one.headers,
        answer=_clean_body(one.answer, cleaner),
    )


def _content(one: Recorded) -> str:
    """All of an exchange that came from somebody, on one line."""
    return json.dumps([one.path, one.query, one.body.value, one.answer.value], ensure_ascii=False)


def _clean_pairs(pairs: Pairs, cleaner: Cleaner) -> Pairs:
    return tuple((cleaner.text(name), cleaner.text(text, name=name)) for name, text in pairs)


def _clean_body(body: Body, cleaner: Cleaner) -> Body:
    if body.kind == "json":
        return Body("json", cleaner.value(body.value))
    return Body("form", _clean_pairs(body.pairs, cleaner)) if body.kind == "form" else body
