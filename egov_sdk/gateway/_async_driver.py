"""Runs flows in a task of asyncio."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager, suppress
from typing import TypeVar, cast

import httpx

from egov_sdk.gateway._exchange import Outcome
from egov_sdk.gateway._failures import error_of
from egov_sdk.gateway._http import (
    NETWORK_ERRORS,
    body_reader,
    failure_of,
    keyword_arguments,
    make_request,
    plain_headers,
    reads_whole,
)
from egov_sdk.gateway._wire import Failure, Reply, Send, Steps, Wait
from egov_sdk.gateway.messages import Pause
from egov_sdk.gateway.policies import ClientCertificate
from egov_sdk.gateway.uploads import SourceFailed

__all__ = ["AsyncDriver"]

T = TypeVar("T")


class AsyncOpenBody:
    """A body that is still on its way."""

    def __init__(self, response: httpx.Response, step: Send, *, timer: Callable[[], float]) -> None:
        self.response, self.headers = response, plain_headers(response)
        self.reader = body_reader(step, self.headers, timer=timer)

    async def pieces(self) -> AsyncGenerator[bytes, None]:
        """The body, unpacked; raises Failure."""
        try:
            async for raw in cast(httpx.AsyncByteStream, self.response.stream):
                for piece in self.reader.pieces(raw):
                    yield piece
        except NETWORK_ERRORS as error:
            raise failure_of(error) from error
        self.reader.finish()

    async def close(self) -> None:
        """Let the connection go."""
        await _close(self.response)


async def _close(response: httpx.Response) -> None:
    await cast(httpx.AsyncByteStream, response.stream).aclose()


class AsyncDriver:
    """One HTTP transport and a way to wait."""

    def __init__(
        self,
        host: str,
        *,
        transport: httpx.AsyncBaseTransport | None,
        tls: ssl.SSLContext | None,
        certificate: ClientCertificate | None,
        proxy: str | None,
        connections: int,
        timer: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]] | None,
    ) -> None:
        if transport is not None and (tls or certificate or proxy):
            raise ValueError("a transport of your own brings its own TLS and proxy")
        self._host, self._timer, self._sleep = host, timer, sleep or asyncio.sleep
        if transport is None:
            arguments = keyword_arguments(host, tls=tls, certificate=certificate, proxy=proxy, connections=connections)
            transport = httpx.AsyncHTTPTransport(**arguments)  # type: ignore[arg-type]  # made for it
        self._transport = transport

    async def run(self, flow: Steps[T]) -> T:
        """Run a flow to its end."""
        reply: Reply | None = None
        failure: Failure | None = None
        try:
            while True:
                try:
                    step = flow.throw(failure) if failure is not None else flow.send(reply)
                except StopIteration as stop:
                    value: T = stop.value
                    return value
                reply = failure = None
                if isinstance(step, Send):
                    try:
                        reply = await self._send(step)
                    except Failure as error:
                        failure = error
                elif isinstance(step, Pause):
                    await self._sleep(step.seconds)
                else:
                    await _wait(step)
        finally:
            flow.close()

    async def _send(self, step: Send) -> Reply:
        request = make_request(self._host, step, timer=self._timer, is_async=True)
        try:
            response = await self._transport.handle_async_request(request)
        except NETWORK_ERRORS as error:
            raise failure_of(error) from error
        except SourceFailed as failed:
            raise failed.error from None
        kept = False
        try:
            body = AsyncOpenBody(response, step, timer=self._timer)
            if not reads_whole(step, response.status_code, body.headers):
                kept = True
                return Reply(response.status_code, body.headers, open_body=body)
            pieces = [piece async for piece in body.pieces()]
            return Reply(response.status_code, body.headers, b"".join(pieces))
        finally:
            if not kept:
                await _close(response)

    @asynccontextmanager
    async def pieces(self, outcome: Outcome) -> AsyncIterator[AsyncIterator[bytes]]:
        """The pieces of an answer's body, read or not."""
        body = outcome.open_body
        if not isinstance(body, AsyncOpenBody):
            yield _one(outcome.answer.body)
            return
        try:
            async with aclosing(body.pieces()) as inner, aclosing(_told(inner, outcome)) as pieces:
                yield pieces
        finally:
            await body.close()

    async def close(self) -> None:
        """Close the connections."""
        await self._transport.aclose()


async def _one(piece: bytes) -> AsyncIterator[bytes]:
    yield piece


async def _told(pieces: AsyncIterator[bytes], outcome: Outcome) -> AsyncGenerator[bytes, None]:
    try:
        async for piece in pieces:
            yield piece
    except Failure as failure:
        answer = outcome.answer
        raise error_of(
            failure, attempts=answer.attempts, elapsed_s=0.0, request_id=answer.request_id
        ) from failure.__cause__


async def _wait(step: Wait) -> None:
    # the refresh may be another thread's or another loop's; giving up must not cancel it
    with suppress(TimeoutError):
        await asyncio.wait_for(asyncio.shield(asyncio.wrap_future(step.future)), step.seconds)
