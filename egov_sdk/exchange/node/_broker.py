"""A connection to NATS that threads may use: an event loop of its own, opened when it is first needed."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import threading
from collections.abc import Callable, Coroutine, Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeVar

from egov_sdk.errors import MissingExtra
from egov_sdk.exchange.node.problems import refuse

if TYPE_CHECKING:
    from nats.aio.client import Client
    from nats.aio.msg import Msg
    from nats.js import JetStreamContext

__all__ = ["Broker", "BrokerAccess"]

_T = TypeVar("_T")
_BETWEEN_TRIES_S: Final = 0.2
_GRACE_S: Final = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerAccess:
    """Where a broker is and how one gets in.

    Attributes:
        servers: ``nats://host:port`` or ``tls://host:port``; several of one cluster.
        user, password: the password is asked for whenever a connection is made.
        tls: made by the caller; for ``tls://`` with the system's anchors it may be left out. With either of both, a
            broker that offers no TLS is told nothing.
        timeout_s: how long one request to the broker may take.
    """

    servers: tuple[str, ...]
    user: str = ""
    password: Callable[[], str] | None = field(default=None, repr=False)
    tls: ssl.SSLContext | None = field(default=None, repr=False)
    timeout_s: float = 5.0

    def __post_init__(self) -> None:
        if not self.servers or self.timeout_s <= 0:
            raise ValueError("give at least one server, and a timeout longer than nothing")
        if any("@" in server for server in self.servers):
            raise ValueError("a password does not belong into an address: give user and password")

    @property
    def encrypted(self) -> bool:
        """Whether nothing may be said without TLS."""
        return self.tls is not None or any(server.startswith("tls://") for server in self.servers)


class Broker:
    """Runs what is asked of a broker, with a time limit, from any thread."""

    def __init__(self, access: BrokerAccess) -> None:
        self.access = access
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._client: Client | None = None

    def run(self, work: Callable[[Client], Coroutine[Any, Any, _T]], *, longer_s: float = 0.0) -> _T:
        """Do something with the connection.

        Raises:
            NodeRejected: broker.
        """
        limit = self.access.timeout_s + longer_s
        with _asking():
            client = self._connected()
            return self.start(asyncio.wait_for(work(client), limit)).result(limit + _GRACE_S)

    def start(self, work: Coroutine[Any, Any, _T]) -> Future[_T]:
        """Let something run beside; the caller cancels it."""
        assert self._loop is not None
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def close(self) -> None:
        """Leave the broker."""
        with self._lock:
            loop, client, thread = self._loop, self._client, self._thread
            self._loop = self._client = self._thread = None
        if loop is None or thread is None:
            return
        with contextlib.suppress(TimeoutError):
            asyncio.run_coroutine_threadsafe(_leave(client), loop).result(_GRACE_S)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()

    def _connected(self) -> Client:
        with self._lock:
            if self._client is not None and not self._client.is_closed:
                return self._client
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                self._thread = threading.Thread(target=self._loop.run_forever, name="egov-broker", daemon=True)
                self._thread.start()
            self._client = self.start(self._connect()).result(self.access.timeout_s + 2 * _GRACE_S)
            return self._client

    async def _connect(self) -> Client:
        access = self.access
        client = _library(encrypted=access.encrypted)()
        options: dict[str, Any] = {"tls": access.tls} if access.tls is not None else {}
        if access.user:
            options |= {"user": access.user, "password": access.password() if access.password is not None else ""}
        try:
            await asyncio.wait_for(
                client.connect(
                    list(access.servers),
                    error_cb=_quiet,
                    max_reconnect_attempts=-1,
                    reconnect_time_wait=_BETWEEN_TRIES_S,  # type: ignore[arg-type]  # seconds, fractions as well
                    **options,
                ),
                access.timeout_s,
            )
        except BaseException as error:
            reason = client.last_error
            with contextlib.suppress(Exception):  # older versions cannot close what never opened
                await client.close()
            if isinstance(error, TimeoutError) and reason is not None:
                raise reason from None  # the library tries until the time is over
            raise
        return client


async def _leave(client: Client | None) -> None:
    """Close a connection, which may be broken, and end whatever the library still does."""
    if client is not None:
        with contextlib.suppress(Exception):
            await client.close()
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for one in others:
        one.cancel()
    await asyncio.gather(*others, return_exceptions=True)


def _library(*, encrypted: bool) -> type[Client]:
    try:
        from nats.aio.client import Client
        from nats.errors import Error
    except ImportError:
        raise MissingExtra("cluster", needed_for="exchange over NATS") from None

    class Careful(Client):
        """The library goes on in the clear where a server does not ask for TLS, even at ``tls://``."""

        def _connect_command(self) -> bytes:
            if encrypted and not self._server_info.get("tls_required"):
                raise Error("the broker offers no TLS")
            return super()._connect_command()

    return Careful


async def _quiet(error: Exception) -> None:
    """What concerns a request is raised there; the library tries again by itself."""


@contextmanager
def _asking() -> Iterator[None]:
    """What the library says of a broker, in our words."""
    known: tuple[type[BaseException], ...] = (TimeoutError, OSError, asyncio.CancelledError)
    with contextlib.suppress(ImportError):
        from nats.errors import Error

        known = (*known, Error)
    try:
        yield
    except known as error:
        raise refuse("node.broker", found=str(error).strip() or type(error).__name__) from error


async def stay_in_progress(message: Msg, *, every_s: float) -> None:
    """Tell the broker that somebody is still at it, until this is cancelled."""
    while True:
        await asyncio.sleep(every_s)
        await message.in_progress()


async def store(
    stream: JetStreamContext, subject: str, data: bytes, *, headers: Mapping[str, str], timeout_s: float
) -> None:
    """Publish, and return when the broker has stored it; tried twice under one id, of which it keeps one."""
    for last in (False, True):
        try:
            await stream.publish(subject, data, timeout=timeout_s, headers=dict(headers))
        except TimeoutError:
            if last:
                raise
        else:
            return
