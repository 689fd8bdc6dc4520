"""ASGI applications of this process behind the clients: no socket, no thread between."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import httpx

    from egov_sdk.gateway.middleware import App, Receive, Scope, Send

__all__ = ["Mounted", "async_transport", "transport"]


class Mounted:
    """Several ASGI applications as one, each below its path; the longest path that fits is asked."""

    def __init__(self, apps: Mapping[str, App], *, fallback: App) -> None:
        self._apps = tuple(sorted(apps.items(), key=lambda one: -len(one[0])))
        self._fallback = fallback

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        path = str(scope.get("path", ""))
        for root, app in self._apps:
            if path == root or path.startswith(root + "/"):
                await app({**scope, "root_path": str(scope.get("root_path", "")) + root}, receive, send)
                return
        await self._fallback(scope, receive, send)


def async_transport(app: App) -> httpx.AsyncBaseTransport:
    """For AsyncGatewayClient: requests are given to an application."""
    import httpx

    return httpx.ASGITransport(app)


def transport(app: App) -> httpx.BaseTransport:
    """For GatewayClient: requests are given to an application, each in a loop of its own."""
    import httpx

    inner = httpx.ASGITransport(app)

    class InProcess(httpx.BaseTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            async def whole() -> httpx.Response:
                response = await inner.handle_async_request(request)
                body = await response.aread()
                return httpx.Response(response.status_code, headers=response.headers, content=body)

            return asyncio.run(whole())

    return InProcess()
