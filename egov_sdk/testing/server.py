"""A province for tests behind a real server: for programs in other processes and other languages."""

from __future__ import annotations

import asyncio
import logging
import socket
import threading
import time
from typing import TYPE_CHECKING, Final

from egov_sdk.platform.mock.breaking import breaking, breaking_protocol
from egov_sdk.platform.serving import make_server
from egov_sdk.testing.clock import Clock
from egov_sdk.testing.province import Province, UnknownRoute

if TYPE_CHECKING:
    from egov_sdk.gateway.asgi import Receive, Scope, Send
    from egov_sdk.gateway.in_process import AsyncTransport, Transport

__all__ = ["ServedProvince"]

_HOST: Final = "127.0.0.1"
_READY_S: Final = 10.0


class ServedProvince(Province):
    """As Province, at an address of this machine. A thread serves it until it is closed.

    Its time is the fixture's as well: programs of their own have to take theirs from the ``Date`` of its answers.
    """

    def __init__(self, *, clock: Clock | None = None, profile: str = "egov-sm2") -> None:
        self._socket = socket.socket()
        self._socket.bind((_HOST, 0))
        try:
            super().__init__(clock=clock, profile=profile, address=f"http://{_HOST}:{self._socket.getsockname()[1]}")
        except BaseException:
            self._socket.close()
            raise
        self._server = make_server(breaking(self._quiet), log_level="critical", http=breaking_protocol())
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [self._socket]}, name="province", daemon=True
        )
        self._thread.start()
        self._wait()

    @property
    def url(self) -> str:
        """Where it is."""
        return self.address

    def transport(self) -> Transport | None:
        """None: it is reached over sockets."""
        return None

    def async_transport(self) -> AsyncTransport | None:
        """None: it is reached over sockets."""
        return None

    def close(self) -> None:
        """Stop serving, and close what a province closes."""
        self._server.should_exit = True
        self._thread.join(_READY_S)
        self._socket.close()
        super().close()

    async def _pause(self, seconds: float) -> None:
        """Programs elsewhere have clocks of their own: they wait, and so does the province."""
        await asyncio.sleep(seconds)
        await super()._pause(seconds)

    async def _quiet(self, scope: Scope, receive: Receive, send: Send) -> None:
        """What a test in this process would be told by an exception, it is told when the fixture ends."""
        try:
            await self.app(scope, receive, send)
        except UnknownRoute:
            logging.getLogger("egov_sdk.testing").warning("a program asked for something unknown")

    def _wait(self) -> None:
        until = time.monotonic() + _READY_S
        while not self._server.started:
            if time.monotonic() > until or not self._thread.is_alive():
                raise RuntimeError("the server did not start")
            time.sleep(0.002)
