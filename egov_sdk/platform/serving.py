"""A province on a socket: in this process, or in several that are started again when they die."""

from __future__ import annotations

import asyncio
import gc
import multiprocessing
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import ip_network
from multiprocessing.connection import wait
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from egov_sdk.errors import MissingExtra

if TYPE_CHECKING:
    from multiprocessing.context import SpawnProcess

    import uvicorn

    from egov_sdk.gateway.asgi import App

__all__ = ["Listening", "WorkersFailed", "make_server", "serve", "serve_workers"]

#: The headers of a request have so long, twice at most.
_HEADERS_S: Final = 10.0
#: So many octets may come of which nothing can be told to anybody yet: headers, trailers, what stands around chunks.
_HEADERS_BYTES: Final = 64 << 10
#: After a signal to end, what was begun has so long.
_GRACE_S: Final = 20
#: At once in each process; more are told to come again.
_CONNECTIONS: Final = 500
_LOOK_S: Final = 0.5
#: Whether the system spreads connections over all that listen at one port. At a socket that they share, the first to
#: look takes what comes together, and the others have nothing to do for as long as these connections stay open.
_SPREADS: Final = sys.platform == "linux"
#: A process that lives no longer than that did not start; so many in a row, and nothing is served.
_STARTED_S, _FALSE_STARTS = 5.0, 3


class WorkersFailed(RuntimeError):
    """The processes that are to serve do not start."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listening:
    """Where a province listens, and with which certificate.

    Args:
        certificate, key: For TLS, PEM files; without them a proxy in front ends TLS.
        proxies: Addresses or networks of proxies that are believed when they say whom they speak for
            (``X-Forwarded-For``): attempts to sign in are counted for that address. Nobody else is.
    Raises:
        ValueError: a proxy is no address.
    """

    host: str = "127.0.0.1"
    port: int
    certificate: Path | None = None
    key: Path | None = None
    proxies: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for proxy in self.proxies:
            ip_network(proxy)


def make_server(app: App, *, log_level: str = "warning", date_header: bool = False, **more: object) -> uvicorn.Server:
    """A server that does not run yet.

    Args:
        date_header: Whether it says what time it is; not where the application does.
        more: Settings of ``uvicorn.Config`` beside those that are chosen here.
    Raises:
        MissingExtra: there is no server installed.
    """
    try:
        import uvicorn
    except ImportError as error:  # pragma: no cover - an environment without the extra
        raise MissingExtra("platform", needed_for="serving over HTTP") from error
    chosen: dict[str, Any] = {
        "log_level": log_level,
        "log_config": None,
        "access_log": False,
        "proxy_headers": False,  # whoever stands before it could claim any address
        "server_header": False,
        "date_header": date_header,
        "interface": "asgi3",
        "ws": "none",
        "lifespan": "off",
        "timeout_graceful_shutdown": 5,
        "http": _prompt(),
    }
    return uvicorn.Server(uvicorn.Config(app, **{**chosen, **more}))


def serve(app: App, listening: Listening) -> None:
    """Serve in this process until somebody ends it.

    Raises:
        OSError: the port cannot be had.
    """
    with _listen(listening) as opened:
        _run(_real_server(app, listening), opened)


def serve_workers(make_app: Callable[[], App], listening: Listening, *, workers: int) -> None:
    """Serve in several processes until somebody ends this one; one that dies is started again.

    Args:
        make_app: Makes the application in each process; it can be pickled.
    Raises:
        OSError: the port cannot be had.
        WorkersFailed: they do not start.
        ValueError: there is to be none.
    """
    if workers < 1:
        raise ValueError("there is at least one worker")
    with _opened(listening) as opened:
        _Workers(lambda: _process(make_app, listening, opened), workers).run()


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def check_free(listening: Listening) -> None:
    """Return if nobody listens there yet, and we may.

    Raises:
        OSError: somebody does, or there is no such place on this machine.
    """
    _listen(listening).close()


def _listen(listening: Listening) -> socket.socket:
    return socket.create_server((listening.host, listening.port), family=_family(listening.host))


def _opened(listening: Listening) -> socket.socket:
    """The port, which nobody else listens at: to be shared by all processes, or bound by each of them again."""
    opened = _listen(listening)
    if not _SPREADS:
        return opened
    with opened:
        place: tuple[str, int] = opened.getsockname()[:2]
    return _bound(place)


def _bound(place: tuple[str, int]) -> socket.socket:
    """A socket that does not listen yet, beside others at the same place."""
    made = socket.socket(_family(place[0]))
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        made.bind(place)
    except BaseException:
        made.close()
        raise
    return made


def _process(make_app: Callable[[], App], listening: Listening, opened: socket.socket) -> SpawnProcess:
    # none of them is a copy of a process with threads and connections
    process = multiprocessing.get_context("spawn").Process(target=_work, args=(make_app, listening, opened))
    process.start()
    return process


def _work(make_app: Callable[[], App], listening: Listening, opened: socket.socket) -> None:
    """What one process does: it ends with the one that began it."""
    server = _real_server(make_app(), listening)
    parent = multiprocessing.parent_process()
    assert parent is not None

    def end_with_parent() -> None:
        parent.join()
        server.should_exit = True

    threading.Thread(target=end_with_parent, name="parent", daemon=True).start()
    with suppress(KeyboardInterrupt):
        _run(server, _bound(opened.getsockname()[:2]) if _SPREADS else opened)


def _run(server: uvicorn.Server, opened: socket.socket) -> None:
    """Serve until the end. What is loaded by now stays: it is not looked through for garbage again and again."""
    gc.collect()
    gc.freeze()
    server.run(sockets=[opened])


class _Workers:
    """Processes, as many as there are to be."""

    def __init__(self, begin: Callable[[], SpawnProcess], number: int) -> None:
        self._begin, self._ended = begin, threading.Event()
        self._since: dict[SpawnProcess, float] = {}
        self._number, self._false_starts = number, 0

    def run(self) -> None:
        before = {one: signal.signal(one, self._end) for one in (signal.SIGTERM, signal.SIGINT)}
        try:
            while not self._ended.is_set():
                while len(self._since) < self._number:
                    self._since[self._begin()] = time.monotonic()
                wait([one.sentinel for one in self._since], _LOOK_S)
                self._bury()
        finally:
            self._stop()
            for one, handler in before.items():
                signal.signal(one, handler)

    def _end(self, *_: object) -> None:
        self._ended.set()

    def _bury(self) -> None:
        for process, since in [*self._since.items()]:
            if process.is_alive():
                continue
            del self._since[process]
            self._false_starts = self._false_starts + 1 if time.monotonic() - since < _STARTED_S else 0
            if self._false_starts >= _FALSE_STARTS and not self._ended.is_set():
                raise WorkersFailed(f"a worker ended with {process.exitcode} as soon as it began")

    def _stop(self) -> None:
        for process in self._since:
            process.terminate()
        until = time.monotonic() + _GRACE_S + 5
        for process in self._since:
            process.join(max(0.0, until - time.monotonic()))
            if process.is_alive():
                process.kill()
                process.join()


def _real_server(app: App, listening: Listening) -> uvicorn.Server:
    tls: dict[str, Any] = (
        {"ssl_certfile": listening.certificate, "ssl_keyfile": listening.key} if listening.certificate else {}
    )
    return make_server(
        app,
        date_header=True,
        http=_impatient(_HEADERS_S),
        limit_concurrency=_CONNECTIONS,
        timeout_graceful_shutdown=_GRACE_S,
        proxy_headers=bool(listening.proxies),
        forwarded_allow_ips=[*listening.proxies],
        **tls,
    )


def _prompt() -> Any:
    """The server's protocol, which sends what it has.

    An answer's body is sent behind its head. Without this the system keeps it back until the head is acknowledged, for
    which callers take 40 ms; asyncio sees to that only for sockets that were made with the number of TCP.
    """
    from uvicorn.protocols.http.auto import AutoHTTPProtocol

    class Prompt(AutoHTTPProtocol):  # type: ignore[misc, valid-type]  # chosen by what is installed
        def connection_made(self, transport: asyncio.Transport) -> None:
            opened = transport.get_extra_info("socket")
            if opened is not None and opened.family in (socket.AF_INET, socket.AF_INET6):
                opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            super().connection_made(transport)

    return Prompt


def _impatient(headers_s: float) -> type[asyncio.Protocol]:
    """The server's protocol, which does not wait without end for the headers of a request, nor read them so."""
    from uvicorn.protocols.http.h11_impl import H11Protocol

    prompt = _prompt()

    class Impatient(prompt):  # type: ignore[misc, valid-type]  # chosen by what is installed
        def connection_made(self, transport: asyncio.Transport) -> None:
            super().connection_made(transport)
            self._seen: object = self
            self._look()

        def _look(self) -> None:
            if self.transport.is_closing():
                return
            cycle = self.cycle
            if (cycle is None or cycle.response_complete) and self._seen is cycle:
                self.transport.abort()
                return
            self._seen = cycle
            self._timer = self.loop.call_later(headers_s, self._look)

        def connection_lost(self, exc: Exception | None) -> None:
            self._timer.cancel()
            super().connection_lost(exc)

    return Impatient if issubclass(Impatient, H11Protocol) else _bounded(Impatient)


def _bounded(protocol: type[Any]) -> type[asyncio.Protocol]:
    """A protocol over httptools, which by itself keeps headers and trailers of any size; h11 has such a bound."""

    class Bounded(protocol):  # type: ignore[misc]
        _untold = 0

        def data_received(self, data: bytes) -> None:
            self._untold += len(data)
            super().data_received(data)
            if self._untold > _HEADERS_BYTES:
                self.transport.abort()

        def on_headers_complete(self) -> None:
            self._untold = 0
            super().on_headers_complete()

        def on_body(self, body: bytes) -> None:
            self._untold = 0
            super().on_body(body)

        def on_message_complete(self) -> None:
            self._untold = 0
            super().on_message_complete()

    return Bounded
