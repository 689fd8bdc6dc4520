"""Connections that really break: what a fault does in this process by an exception, a served province does here."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from egov_sdk.gateway.asgi import App, Receive, Scope, Send
from egov_sdk.gateway.in_process import BrokenOff

if TYPE_CHECKING:
    from asyncio import Protocol

__all__ = ["breaking", "breaking_protocol"]

_ABORT: Final = "egov_sdk.abort"
#: No client waits longer for an answer that does not come.
_SILENT_S: Final = 120.0


def breaking(app: App) -> App:
    """The application, whose connections break where it raises BrokenOff; the server is to use breaking_protocol."""

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await app(scope, receive, send)
        except BrokenOff as error:
            if error.how == "timeout":
                await _until_gone(receive)
            extensions = scope.get("extensions")
            abort = extensions.get(_ABORT) if isinstance(extensions, dict) else None
            if not callable(abort):
                raise
            abort()

    return broken


async def _until_gone(receive: Receive) -> None:
    try:
        async with asyncio.timeout(_SILENT_S):
            while (await receive())["type"] != "http.disconnect":
                pass
    except TimeoutError:
        return


def breaking_protocol() -> type[Protocol]:
    """For ``uvicorn.Config(http=…)``: its own protocol, whose requests can break their connection."""
    from uvicorn.protocols.http.auto import AutoHTTPProtocol

    class Breaking(AutoHTTPProtocol):  # type: ignore[misc, valid-type]  # chosen by what is installed
        app: App

        def connection_made(self, transport: asyncio.Transport) -> None:
            super().connection_made(transport)
            self.app = _with_abort(self.app, transport.abort)

    return Breaking


def _with_abort(app: App, abort: Callable[[], None]) -> App:
    async def able(scope: Scope, receive: Receive, send: Send) -> None:
        extensions = scope.setdefault("extensions", {})
        if isinstance(extensions, dict):
            extensions[_ABORT] = abort
        await app(scope, receive, send)

    return able
