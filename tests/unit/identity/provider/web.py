"""The provider's application reached in process: by a plain call, and as a transport of httpx."""

from __future__ import annotations

import asyncio
import re
from collections.abc import MutableMapping
from dataclasses import dataclass, field
from html import unescape
from urllib.parse import urlencode, urlsplit

import httpx

from egov_sdk.identity.provider.asgi import ProviderApp
from egov_sdk.identity.provider.web import Scope

__all__ = ["AppTransport", "Reply", "WebBrowser", "call"]

Headers = list[tuple[str, str]]


@dataclass
class Reply:
    """What an application answered."""

    status: int
    headers: Headers
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode("utf-8")

    def header(self, name: str) -> str:
        return next((value for one, value in self.headers if one == name), "")

    def cookies(self) -> list[str]:
        return [value for name, value in self.headers if name == "set-cookie"]


def call(
    app: ProviderApp,
    method: str,
    path: str,
    *,
    query: bytes = b"",
    headers: Headers | None = None,
    body: bytes = b"",
    chunk: int = 1 << 14,
    root: str = "",
    gone: bool = False,
) -> Reply:
    """One request by the letter of ASGI; ``gone`` hangs up before the body."""
    raw = [(name.encode(), value.encode("latin-1")) for name, value in headers or []]
    scope: Scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "https",
        "path": root + path,
        "root_path": root,
        "query_string": query,
        "headers": raw,
        "client": ("203.0.113.9", 4321),
        "server": ("id.town.example", 443),
    }
    parts = [body[start : start + chunk] for start in range(0, len(body), chunk)] or [b""]
    messages: list[MutableMapping[str, object]] = [
        {"type": "http.request", "body": part, "more_body": number + 1 < len(parts)}
        for number, part in enumerate(parts)
    ]
    if gone:
        messages = [{"type": "http.disconnect"}]
    sent: list[MutableMapping[str, object]] = []

    async def receive() -> MutableMapping[str, object]:
        return messages.pop(0)

    async def send(message: MutableMapping[str, object]) -> None:
        sent.append(message)

    asyncio.run(app(scope, receive, send))
    start, rest = sent[0], b"".join(bytes(one.get("body", b"")) for one in sent[1:])  # type: ignore[call-overload]  # bytes
    pairs = [(name.decode(), value.decode("latin-1")) for name, value in start["headers"]]  # type: ignore[attr-defined]  # pairs
    return Reply(int(str(start["status"])), pairs, rest)


class AppTransport(httpx.BaseTransport):
    """Hands the requests of a client for threads to the application."""

    def __init__(self, app: ProviderApp) -> None:
        self.app = app

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        headers = [(name.decode().lower(), value.decode("latin-1")) for name, value in request.headers.raw]
        reply = call(
            self.app,
            request.method,
            request.url.path,
            query=request.url.query,
            headers=headers,
            body=request.read(),
        )
        return httpx.Response(reply.status, headers=reply.headers, content=reply.body)


@dataclass
class WebBrowser:
    """A browser with cookies that can read a form, and nothing else."""

    app: ProviderApp
    jar: dict[str, str] = field(default_factory=dict)
    language: str = ""
    last: Reply | None = None

    def get(self, url: str) -> Reply:
        parts = urlsplit(url)
        return self._keep(call(self.app, "GET", parts.path, query=parts.query.encode(), headers=self._headers()))

    def post(self, path: str, fields: dict[str, str]) -> Reply:
        headers = [*self._headers(), ("content-type", "application/x-www-form-urlencoded")]
        return self._keep(call(self.app, "POST", path, headers=headers, body=urlencode(fields).encode()))

    def _headers(self) -> Headers:
        held = "; ".join(f"{name}={value}" for name, value in self.jar.items())
        return [("cookie", held)] * bool(held) + [("accept-language", self.language)] * bool(self.language)

    def _keep(self, reply: Reply) -> Reply:
        for text in reply.cookies():
            name, _, value = text.partition(";")[0].partition("=")
            self.jar[name] = value
            if not value:
                del self.jar[name]
        self.last = reply
        return reply

    def hidden(self) -> dict[str, str]:
        """The hidden fields of the form on the page."""
        assert self.last is not None
        found = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', self.last.text)
        return {unescape(name): unescape(value) for name, value in found}

    def sign_in(self, url: str, *, login: str, password: str) -> str:
        """Sign in, agree to everything, and tell where the application's address is."""
        reply = self.get(url)
        if 'name="password"' in reply.text:
            reply = self.post("/step", self.hidden() | {"action": "sign_in", "login": login, "password": password})
        if 'value="agree"' in reply.text:
            reply = self.post("/step", self.hidden() | {"action": "agree"})
        assert reply.status == 303, reply.text
        return reply.header("location")
