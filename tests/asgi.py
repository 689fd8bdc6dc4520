"""ASGI applications behind the clients without a network: a transport for threads."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx

__all__ = ["ThreadTransport"]


class ThreadTransport(httpx.BaseTransport):
    """Gives each request to an ASGI application and waits for the answer."""

    def __init__(self, app: Any) -> None:
        self._inner = httpx.ASGITransport(app)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        async def whole() -> httpx.Response:
            response = await self._inner.handle_async_request(request)
            body = await response.aread()
            return httpx.Response(response.status_code, headers=response.headers, content=body)

        return asyncio.run(whole())
