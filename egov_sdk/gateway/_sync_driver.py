"""Runs flows in the calling thread."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
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

__all__ = ["SyncDriver"]

T = TypeVar("T")


class OpenBody:
    """A body that is still on its way."""

    def __init__(self, response: httpx.Response, step: Send, *, timer: Callable[[], float]) -> None:
        self.response, self.headers = response, plain_headers(response)
        try:
            self.reader = body_reader(step, self.headers, timer=timer)
        except Failure:
            self.close()
            raise

    def pieces(self) -> Iterator[bytes]:
        """The body, unpacked; raises Failure."""
        try:
            for raw in cast(httpx.SyncByteStream, self.response.stream):
                yield from self.reader.pieces(raw)
        except NETWORK_ERRORS as error:
            raise failure_of(error) from error
        self.reader.finish()

    def close(self) -> None:
        """Let the connection go."""
        self.response.stream.close()  # type: ignore[union-attr]  # a sync transport gives a sync stream


class SyncDriver:
    """One HTTP transport and a way to wait."""

    def __init__(
        self,
        host: str,
        *,
        transport: httpx.BaseTransport | None,
        tls: ssl.SSLContext | None,
        certificate: ClientCertificate | None,
        proxy: str | None,
        connections: int,
        timer: Callable[[], float],
        sleep: Callable[[float], None],
    ) -> None:
        if transport is not None and (tls or certificate or proxy):
            raise ValueError("a transport of your own brings its own TLS and proxy")
        self._host, self._timer, self._sleep = host, timer, sleep
        if transport is None:
            arguments = keyword_arguments(host, tls=tls, certificate=certificate, proxy=proxy, connections=connections)
            transport = httpx.HTTPTransport(**arguments)  # type: ignore[arg-type]  # made for it
        self._transport = transport

    def run(self, flow: Steps[T]) -> T:
        """Run a flow to its end."""
        reply: Reply | None = None
        failure: Failure | None = None
        try:
            while True:
                step = flow.throw(failure) if failure is not None else flow.send(reply)
                reply = failure = None
                if isinstance(step, Send):
                    try:
                        reply = self._send(step)
                    except Failure as error:
                        failure = error
                elif isinstance(step, Pause):
                    self._sleep(step.seconds)
                else:
                    _wait(step)
        except StopIteration as stop:
            value: T = stop.value
            return value
        finally:
            flow.close()

    def _send(self, step: Send) -> Reply:
        try:
            response = self._transport.handle_request(make_request(self._host, step, timer=self._timer))
        except NETWORK_ERRORS as error:
            raise failure_of(error) from error
        except SourceFailed as failed:
            raise failed.error from None
        body = OpenBody(response, step, timer=self._timer)
        if not reads_whole(step, response.status_code, body.headers):
            return Reply(response.status_code, body.headers, open_body=body)
        try:
            return Reply(response.status_code, body.headers, b"".join(body.pieces()))
        finally:
            body.close()

    @contextmanager
    def pieces(self, outcome: Outcome) -> Iterator[Iterator[bytes]]:
        """The pieces of an answer's body, read or not."""
        body = outcome.open_body
        if not isinstance(body, OpenBody):
            yield iter((outcome.answer.body,))
            return
        try:
            yield _told(body.pieces(), outcome)
        finally:
            body.close()

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()


def _told(pieces: Iterator[bytes], outcome: Outcome) -> Iterator[bytes]:
    try:
        yield from pieces
    except Failure as failure:
        answer = outcome.answer
        raise error_of(
            failure, attempts=answer.attempts, elapsed_s=0.0, request_id=answer.request_id
        ) from failure.__cause__


def _wait(step: Wait) -> None:
    try:
        step.future.result(step.seconds)
    except TimeoutError:
        return  # the flow sees that time is up
