"""A platform in memory, a clock that only tests move, and both clients behind one face."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Literal, TypeVar

import httpx
import pytest

from egov_sdk.gateway import Answer, AsyncGatewayClient, Credentials, Flow, GatewayClient, Request

T = TypeVar("T")
Kind = Literal["sync", "async"]
Handler = Callable[[httpx.Request], httpx.Response]

START = 1_700_000_000.0
ADDRESS = "https://gateway.example"
NATIONAL = Credentials("00000000-0000-0000-0000-000000000001", secret="0123456789abcdef" * 2, service="s_1_0001")

both = pytest.mark.parametrize("kind", ["sync", "async"])


class Time:
    """Wall clock and stopwatch; sleeping moves them."""

    def __init__(self, start: float = START) -> None:
        self.now = start
        self.slept: list[float] = []

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    async def sleep_async(self, seconds: float) -> None:
        self.sleep(seconds)


class Counter:
    """Predictable bytes that differ each time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._count = 0

    def __call__(self, number: int) -> bytes:
        with self._lock:
            self._count += 1
            return self._count.to_bytes(number, "big")


class Platform:
    """Answers from a list, or by a function; records what it was asked."""

    def __init__(self, *answers: httpx.Response | Exception | Handler) -> None:
        self.answers = list(answers)
        self.saw: list[httpx.Request] = []
        self._lock = threading.Lock()

    def __call__(self, request: httpx.Request) -> httpx.Response:
        with self._lock:
            self.saw.append(request)
            answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        # a response can be read once: give a fresh one each time
        return copy_of(answer) if isinstance(answer, httpx.Response) else answer(request)

    @property
    def paths(self) -> list[str]:
        return [request.url.path for request in self.saw]


def copy_of(response: httpx.Response) -> httpx.Response:
    return httpx.Response(response.status_code, headers=response.headers.raw, content=response.content)


class Caller:
    """One of the two clients, used from tests that are not async."""

    def __init__(self, kind: Kind, handler: Handler, time: Time | None = None, **settings: Any) -> None:
        self.kind, self.time = kind, time or Time()
        settings.setdefault("random", Counter())
        settings |= {"transport": httpx.MockTransport(handler), "clock": self.time.clock, "timer": self.time.clock}
        address = settings.pop("address", ADDRESS)
        self.sync = self.asynchronous = None
        if kind == "sync":
            self.sync = GatewayClient(address, sleep=self.time.sleep, **settings)
        else:
            self.asynchronous = AsyncGatewayClient(address, sleep=self.time.sleep_async, **settings)

    @property
    def client(self) -> GatewayClient | AsyncGatewayClient:
        found = self.sync or self.asynchronous
        assert found is not None
        return found

    def request(self, request: Request) -> Answer:
        if self.sync is not None:
            return self.sync.request(request)
        assert self.asynchronous is not None
        return asyncio.run(self._awaited(self.asynchronous.request(request)))

    def run(self, flow: Flow[T]) -> T:
        if self.sync is not None:
            return self.sync.run(flow)
        assert self.asynchronous is not None
        return asyncio.run(self._awaited(self.asynchronous.run(flow)))

    def read(self, request: Request) -> bytes:
        """A streamed answer, put together."""
        if self.sync is not None:
            with self.sync.stream(request) as answer:
                return b"".join(answer)
        return asyncio.run(self._read(request))

    async def _read(self, request: Request) -> bytes:
        assert self.asynchronous is not None
        async with self.asynchronous.stream(request) as answer:
            return b"".join([piece async for piece in answer])

    def together(self, requests: Sequence[Request]) -> list[Answer | BaseException]:
        """All at once: threads for the one client, tasks for the other."""
        if self.sync is not None:
            client = self.sync
            with ThreadPoolExecutor(len(requests)) as pool:
                futures = [pool.submit(client.request, request) for request in requests]
            return [future.exception() or future.result() for future in futures]
        return asyncio.run(self._gathered(requests))

    async def _gathered(self, requests: Sequence[Request]) -> list[Answer | BaseException]:
        assert self.asynchronous is not None
        return await asyncio.gather(*map(self.asynchronous.request, requests), return_exceptions=True)

    async def _awaited(self, awaitable: Awaitable[T]) -> T:
        return await awaitable


def ok(value: object = None, **settings: Any) -> httpx.Response:
    return httpx.Response(200, json={"code": "0", "data": value}, **settings)


class Broken(httpx.AsyncByteStream, httpx.SyncByteStream):
    """A body that breaks off with an error."""

    def __init__(self, *pieces: bytes, error: Exception | None = None) -> None:
        self.pieces, self.error, self.closed = pieces, error, False

    def __iter__(self) -> Any:
        yield from self.pieces
        if self.error is not None:
            raise self.error

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self:
            yield piece

    def close(self) -> None:
        self.closed = True

    async def aclose(self) -> None:
        self.closed = True
