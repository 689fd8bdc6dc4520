"""ASGI applications of this process behind the clients: no socket, no thread between."""

from __future__ import annotations

import asyncio
import threading
import weakref
from collections.abc import Coroutine, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Literal, TypeVar

if TYPE_CHECKING:
    from typing import TypeAlias

    import httpx

    from egov_sdk.gateway.asgi import App

    #: For annotations of those who hand a transport on.
    Transport: TypeAlias = httpx.BaseTransport
    AsyncTransport: TypeAlias = httpx.AsyncBaseTransport

__all__ = ["BrokenOff", "async_transport", "transport"]

T = TypeVar("T")


class BrokenOff(Exception):
    """Raised by an application of this process, it is to its client as if the connection broke.

    Args:
        how: ``refused`` before anything was sent, ``timeout`` while an answer was waited for, ``cut`` in its midst.
    """

    def __init__(self, how: Literal["refused", "timeout", "cut"]) -> None:
        super().__init__(f"the connection broke: {how}")
        self.how = how


def async_transport(app: App) -> httpx.AsyncBaseTransport:
    """For AsyncGatewayClient: requests are given to an application."""
    import httpx

    inner = httpx.ASGITransport(app)

    class InProcess(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            try:
                return await inner.handle_async_request(request)
            except BrokenOff as broken:
                raise _as_network(broken) from broken

    return InProcess()


def transport(app: App) -> httpx.BaseTransport:
    """For GatewayClient: requests are given to an application, in a loop of the calling thread."""
    import httpx

    inner = async_transport(app)
    loops = _Loops()

    class InProcess(httpx.BaseTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            async def whole() -> httpx.Response:
                response = await inner.handle_async_request(request)
                body = await response.aread()
                return httpx.Response(response.status_code, headers=response.headers, content=body)

            return loops.run(whole())

        def close(self) -> None:
            loops.close()

    return InProcess()


class _Loops:
    """One loop for each thread that calls: a loop for each request takes longer than the request."""

    def __init__(self) -> None:
        self._here = threading.local()
        self._all: list[asyncio.Runner] = []
        weakref.finalize(self, _abandon, self._all)

    def run(self, what: Coroutine[object, object, T]) -> T:
        """The result of what is awaited. Who asks from within a loop blocks it until then, as with a socket."""
        if _is_in_loop():
            with ThreadPoolExecutor(1) as aside:
                return aside.submit(asyncio.run, what).result()
        runner: asyncio.Runner | None = getattr(self._here, "runner", None)
        if runner is None:
            runner = self._here.runner = asyncio.Runner()
            self._all.append(runner)
        return runner.run(what)

    def close(self) -> None:
        """Close the loops; a transport that is used after that begins new ones."""
        self._here = threading.local()
        while self._all:
            self._all.pop().close()


def _is_in_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def _abandon(runners: Iterable[asyncio.Runner]) -> None:
    """Close what a transport that nobody closed has left; no loop may run at such a moment."""
    for runner in runners:
        runner.get_loop().close()


def _as_network(broken: BrokenOff) -> httpx.TransportError:
    import httpx

    if broken.how == "refused":
        return httpx.ConnectError(str(broken))
    if broken.how == "timeout":
        return httpx.ReadTimeout(str(broken))
    return httpx.RemoteProtocolError("the other side closed connection in the midst of its answer")
