"""Requests and answers of ASGI as plain values: read under limits, with nothing of a framework."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import parse_qsl

from egov_sdk.gateway.asgi import BodyTooLarge, Receive, Scope, Send, media_type, read_body

__all__ = [
    "Answer",
    "BadRequest",
    "Receive",
    "Request",
    "Scope",
    "Send",
    "cookie",
    "json_answer",
    "read_request",
    "send_answer",
]

_BODY_BYTES: Final = 64 << 10
_FIELDS: Final = 64
_FORM: Final = "application/x-www-form-urlencoded"


class BadRequest(Exception):
    """A request that is refused before it means anything: an HTTP status and a word for the log."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status, self.reason = status, reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request. ``repr`` shows neither its parameters nor its cookies."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...] = field(repr=False)
    form: tuple[tuple[str, str], ...] = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    cookies: Mapping[str, str] = field(repr=False)
    client: str = field(repr=False)

    @property
    def fields(self) -> dict[str, str]:
        """The form's fields, each of which stands once.

        Raises:
            BadRequest: one stands more than once.
        """
        given = dict(self.form)
        if len(given) != len(self.form):
            raise BadRequest(400, "a field stands more than once")
        return given

    @property
    def bearer(self) -> str:
        """The access token of the Authorization header; empty where there is none."""
        scheme, _, token = self.headers.get("authorization", "").partition(" ")
        return token.strip() if scheme.lower() == "bearer" else ""


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer."""

    status: int
    body: bytes = field(repr=False, default=b"")
    headers: tuple[tuple[str, str], ...] = field(repr=False, default=())


def json_answer(value: object, *, status: int = 200, headers: tuple[tuple[str, str], ...] = ()) -> Answer:
    """An answer in JSON."""
    body = json.dumps(value, ensure_ascii=False, allow_nan=False).encode("utf-8")
    return Answer(status, body, (("content-type", "application/json"), *headers))


def cookie(name: str, value: str, *, path: str, secure: bool) -> tuple[str, str]:
    """A cookie that scripts cannot read and that other sites cannot send with a form; an empty one is taken back."""
    parts = [f"{name}={value}", f"Path={path}", "HttpOnly", "SameSite=Lax"]
    parts += ["Secure"] if secure else []
    parts += [] if value else ["Max-Age=0"]
    return "set-cookie", "; ".join(parts)


async def read_request(scope: Scope, receive: Receive) -> Request:
    """Read a request whole.

    Raises:
        BadRequest: it is too large, or cannot be read.
    """
    headers, cookies = _headers(scope)
    root = str(scope.get("root_path", ""))
    method, path = str(scope["method"]), str(scope["path"]).removeprefix(root)
    body = await _body(receive, headers)
    form: tuple[tuple[str, str], ...] = ()
    if method == "POST" and body:
        if media_type(headers) != _FORM:
            raise BadRequest(415, f"only {_FORM} is read")
        form = _pairs(body)
    client = scope.get("client")
    return Request(
        method=method,
        path=path,
        query=_pairs(bytes(scope.get("query_string", b""))),  # type: ignore[call-overload]  # ASGI says bytes
        form=form,
        headers=headers,
        cookies=cookies,
        client=str(client[0]) if isinstance(client, (list, tuple)) and client else "",
    )


def _headers(scope: Scope) -> tuple[dict[str, str], dict[str, str]]:
    headers: dict[str, str] = {}
    cookies: dict[str, str] = {}
    for raw_name, raw_value in scope["headers"]:  # type: ignore[attr-defined]  # ASGI says pairs of bytes
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        if name == "cookie":
            for part in value.split(";"):
                key, equals, held = part.strip().partition("=")
                if equals:
                    cookies.setdefault(key, held)
        elif name in headers and name in ("authorization", "content-type", "content-length"):
            raise BadRequest(400, f"{name} stands more than once")
        else:
            headers[name] = value
    return headers, cookies


async def _body(receive: Receive, headers: Mapping[str, str]) -> bytes:
    try:
        body = await read_body(receive, announced=headers.get("content-length"), limit=_BODY_BYTES)
    except BodyTooLarge:
        raise BadRequest(413, f"a request has at most {_BODY_BYTES} bytes") from None
    if body is None:
        raise BadRequest(400, "the connection was closed")
    return body


def _pairs(octets: bytes) -> tuple[tuple[str, str], ...]:
    try:
        text = octets.decode("ascii")
        return tuple(parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=_FIELDS))
    except ValueError:
        raise BadRequest(400, "parameters that cannot be read") from None


async def send_answer(answer: Answer, send: Send, *, head_only: bool = False) -> None:
    """Send an answer."""
    headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in answer.headers]
    headers.append((b"content-length", str(len(answer.body)).encode()))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if head_only else answer.body})
