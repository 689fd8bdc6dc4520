"""Where a page of a province sends a browser."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from egov_sdk.identity.problems import refuse

if TYPE_CHECKING:
    from egov_sdk.gateway.asgi import App, Message, Scope

__all__ = ["sent_on"]


def sent_on(app: App, url: str) -> str:
    """The address that a page answers with.

    Raises:
        IdentityRejected: denied: it sends the browser nowhere.
    """
    with ThreadPoolExecutor(1) as thread:  # the caller may have a loop of its own
        start = thread.submit(asyncio.run, _asked(app, url)).result()
    headers = start["headers"]
    assert isinstance(headers, list | tuple)
    found = next((value.decode("ascii") for name, value in headers if name == b"location"), "")
    if not found:
        raise refuse("denied", found=f"status {start['status']} at {urlsplit(url).path}")
    return found


async def _asked(app: App, url: str) -> Message:
    parts, start = urlsplit(url), dict[str, object]()

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            start.update(message)

    scope: Scope = {
        "type": "http",
        "method": "GET",
        "path": parts.path,
        "raw_path": parts.path.encode("ascii"),
        "query_string": parts.query.encode("ascii"),
        "root_path": "",
        "scheme": parts.scheme,
        "headers": [(b"host", parts.netloc.encode("ascii"))],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
    }
    await app(scope, receive, send)
    return start
