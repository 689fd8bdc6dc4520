"""The clients of a platform: one for threads, one for tasks. Both run the same flows."""

from __future__ import annotations

import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Final, Self, TypeVar

from egov_sdk.gateway._core import Core, Settings
from egov_sdk.gateway._exchange import Outcome, exchange, lift
from egov_sdk.gateway._prepare import body_digests
from egov_sdk.gateway._secrets import fetch_secret
from egov_sdk.gateway.credentials import Credentials
from egov_sdk.gateway.messages import Answer, Flow, Request
from egov_sdk.gateway.policies import BreakerPolicy, ClientCertificate, Retry, Timeouts
from egov_sdk.gateway.profile import GatewayProfile
from egov_sdk.gateway.signing import Random

if TYPE_CHECKING:
    import ssl
    from types import TracebackType

    import httpx

    from egov_sdk.gateway._async_driver import AsyncDriver
    from egov_sdk.gateway._sync_driver import SyncDriver

__all__ = ["AsyncGatewayClient", "AsyncStreamedAnswer", "GatewayClient", "StreamedAnswer"]

T = TypeVar("T")

_ANSWER_BYTES: Final = 16 << 20
_TIMEOUTS: Final = Timeouts()
_RETRY: Final = Retry()
_BREAKER: Final = BreakerPolicy()


class _Client:
    """What the two clients have in common."""

    _core: Core

    @property
    def profile(self) -> GatewayProfile | None:
        """How requests are signed; None where they are not."""
        return self._core.profile

    @property
    def clock_offset_s(self) -> float:
        """How far the platform's clock is ahead of ours, as its answers showed."""
        return self._core.clock.offset_s

    def __repr__(self) -> str:
        profile = self._core.profile.name if self._core.profile is not None else None
        return f"<{type(self).__name__} {self._core.host} profile={profile}>"


class StreamedAnswer:
    """A good answer whose body is read piece by piece, inside the ``with`` of ``stream``."""

    def __init__(self, answer: Answer, pieces: Iterator[bytes]) -> None:
        self.status, self.request_id = answer.status, answer.request_id
        self.headers, self._answer, self._pieces = answer.headers, answer, pieces

    def header(self, name: str) -> str:
        """The first header of that name, in any case; empty if there is none."""
        return self._answer.header(name)

    def __iter__(self) -> Iterator[bytes]:
        return self._pieces


class AsyncStreamedAnswer:
    """As StreamedAnswer, for ``async for``."""

    def __init__(self, answer: Answer, pieces: AsyncIterator[bytes]) -> None:
        self.status, self.request_id = answer.status, answer.request_id
        self.headers, self._answer, self._pieces = answer.headers, answer, pieces

    def header(self, name: str) -> str:
        """The first header of that name, in any case; empty if there is none."""
        return self._answer.header(name)

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self._pieces


class GatewayClient(_Client):
    """Calls a platform through its gateway (网关). Threads may share one.

    Args:
        address: ``https://host[:port][/path]``.
        profile: How requests are signed: a profile, the name of a built-in, or None for not at all.
        credentials: What the platform issued; needed with a profile.
        tls: For a platform with its own CA. Verification is only what this context says.
        client_certificate: For a platform that asks for one.
        proxy: ``http://[user:password@]host:port``; the environment is not looked at.
        breaker: None to send always.
        services: What the gateway knows by the id of a service: paths, each with the id that stands for it; requests
            for them go to the profile's ``call_path``.
        connections: At most so many at once; they are kept and used again.
        max_answer_bytes: Larger answers are refused while they are read.
        transport: Another way to send, such as a test's.
        clock, timer, sleep, random: Wall clock, stopwatch, pause and randomness.
    Raises:
        ConfigError: the address, the proxy or the client certificate cannot be used.
        CredentialsMissing: the profile needs credentials.
    """

    def __init__(
        self,
        address: str,
        *,
        profile: GatewayProfile | str | None = None,
        credentials: Credentials | None = None,
        tls: ssl.SSLContext | None = None,
        client_certificate: ClientCertificate | None = None,
        proxy: str | None = None,
        timeouts: Timeouts = _TIMEOUTS,
        retry: Retry = _RETRY,
        breaker: BreakerPolicy | None = _BREAKER,
        services: Mapping[str, str] | None = None,
        connections: int = 100,
        max_answer_bytes: int = _ANSWER_BYTES,
        transport: httpx.BaseTransport | None = None,
        clock: Callable[[], float] = time.time,
        timer: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        random: Random = os.urandom,
    ) -> None:
        from egov_sdk.gateway._sync_driver import SyncDriver

        self._core = Core(
            address,
            profile=profile,
            credentials=credentials,
            settings=Settings(
                timeouts=timeouts,
                retry=retry,
                breaker=breaker,
                services=services or {},
                max_answer_bytes=max_answer_bytes,
                clock=clock,
                timer=timer,
                random=random,
            ),
            fetch_secret=fetch_secret,
        )
        self._driver: SyncDriver = SyncDriver(
            self._core.host,
            transport=transport,
            tls=tls,
            certificate=client_certificate,
            proxy=proxy,
            connections=connections,
            timer=timer,
            sleep=sleep,
        )

    def request(self, request: Request) -> Answer:
        """Send one request and give the answer, if it is a yes.

        Raises:
            PlatformRejected: the platform said no; the subclass and ``origin`` say what kind of no.
            PlatformUnreachable: it never answered in time, also after the attempts that were safe.
            PlatformError: the answer is malformed, too large, or not signed as it should be.
            UnsafeValue, CredentialsMissing, ValueError, TypeError: the request cannot be sent like that.
        """
        return self._driver.run(exchange(self._core, request)).answer

    @contextmanager
    def stream(self, request: Request) -> Iterator[StreamedAnswer]:
        """As request, for answers that are read piece by piece: ``with client.stream(...) as answer``.

        Errors in the midst of the body are raised while it is read. Retries end where the body begins.
        """
        outcome: Outcome = self._driver.run(exchange(self._core, request, stream=True))
        with self._driver.pieces(outcome) as pieces:
            yield StreamedAnswer(outcome.answer, pieces)

    def run(self, flow: Flow[T]) -> T:
        """Run a flow to its end and give what it returns."""
        return self._driver.run(lift(self._core, flow))

    def close(self) -> None:
        """Close the connections."""
        self._driver.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


class AsyncGatewayClient(_Client):
    """As GatewayClient, awaited. Tasks of one asyncio loop may share one."""

    def __init__(
        self,
        address: str,
        *,
        profile: GatewayProfile | str | None = None,
        credentials: Credentials | None = None,
        tls: ssl.SSLContext | None = None,
        client_certificate: ClientCertificate | None = None,
        proxy: str | None = None,
        timeouts: Timeouts = _TIMEOUTS,
        retry: Retry = _RETRY,
        breaker: BreakerPolicy | None = _BREAKER,
        services: Mapping[str, str] | None = None,
        connections: int = 100,
        max_answer_bytes: int = _ANSWER_BYTES,
        transport: httpx.AsyncBaseTransport | None = None,
        clock: Callable[[], float] = time.time,
        timer: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] | None = None,
        random: Random = os.urandom,
    ) -> None:
        from egov_sdk.gateway._async_driver import AsyncDriver

        self._core = Core(
            address,
            profile=profile,
            credentials=credentials,
            settings=Settings(
                timeouts=timeouts,
                retry=retry,
                breaker=breaker,
                services=services or {},
                max_answer_bytes=max_answer_bytes,
                clock=clock,
                timer=timer,
                random=random,
            ),
            fetch_secret=fetch_secret,
        )
        self._driver: AsyncDriver = AsyncDriver(
            self._core.host,
            transport=transport,
            tls=tls,
            certificate=client_certificate,
            proxy=proxy,
            connections=connections,
            timer=timer,
            sleep=sleep,
        )

    async def request(self, request: Request) -> Answer:
        """Send one request and give the answer, if it is a yes; errors as those of GatewayClient.request."""
        await _hash(request, self.profile)
        return (await self._driver.run(exchange(self._core, request))).answer

    @asynccontextmanager
    async def stream(self, request: Request) -> AsyncIterator[AsyncStreamedAnswer]:
        """As request, for answers that are read piece by piece: ``async with client.stream(...) as answer``.

        Errors in the midst of the body are raised while it is read. Retries end where the body begins.
        """
        await _hash(request, self.profile)
        outcome: Outcome = await self._driver.run(exchange(self._core, request, stream=True))
        async with self._driver.pieces(outcome) as pieces:
            yield AsyncStreamedAnswer(outcome.answer, pieces)

    async def run(self, flow: Flow[T]) -> T:
        """Run a flow to its end and give what it returns."""
        return await self._driver.run(lift(self._core, flow))

    async def close(self) -> None:
        """Close the connections."""
        await self._driver.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()


async def _hash(request: Request, profile: GatewayProfile | None) -> None:
    """Have a large body hashed in a thread before it is signed, so that nobody waits for its file."""
    if request.upload is not None and profile is not None:
        import asyncio

        await asyncio.to_thread(body_digests, request.upload, profile)
