"""Several processes serve one province: started again when one dies, ended together, counted together."""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import os
import signal
import socket
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from pathlib import Path

import pytest
import uvicorn

from egov_sdk.gateway.asgi import App, Receive, Received, Reply, Scope, Send, ThreadedApp, send_reply
from egov_sdk.platform.counting import SharedMetrics
from egov_sdk.platform.metrics import Counts, Metrics
from egov_sdk.platform.serving import Listening, WorkersFailed, _impatient, _real_server, make_server, serve_workers
from tests.ports import free_port


def pid_app() -> App:
    def said(received: Received) -> Reply:
        return Reply(200, str(os.getpid()).encode(), "text/plain")

    return ThreadedApp(said)


def broken_app() -> App:
    raise SystemExit(3)


def _serve(port: int, workers: int, host: str = "127.0.0.1") -> None:
    serve_workers(pid_app, Listening(port=port, host=host), workers=workers)


def ask(port: int, request: bytes = b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n") -> bytes:
    with socket.create_connection(("127.0.0.1", port), 10) as connection:
        connection.sendall(request)
        found = b""
        while piece := connection.recv(1 << 16):
            found += piece
        return found.partition(b"\r\n\r\n")[2]


def until(what: Callable[[], object], *, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if what():
                return
        except OSError:
            pass
        time.sleep(0.05)
    pytest.fail("it did not happen")


def gone(process: int) -> bool:
    """Whether it has ended, also where nobody asks how: the first process of a container may be one that never does."""
    try:
        return Path(f"/proc/{process}/stat").read_text("ascii").rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


@pytest.fixture
def served() -> Iterator[tuple[int, multiprocessing.process.BaseProcess]]:
    port = free_port()
    process = multiprocessing.get_context("spawn").Process(target=_serve, args=(port, 2))
    process.start()
    try:
        until(lambda: ask(port))
        yield port, process
    finally:
        process.terminate()
        process.join(60)


def test_what_dies_is_started_again_and_all_end_together(
    served: tuple[int, multiprocessing.process.BaseProcess],
) -> None:
    port, process = served
    seen: set[int] = set()
    until(lambda: seen.add(int(ask(port))) or len(seen) == 2)  # type: ignore[func-returns-value]
    victim = min(seen)
    os.kill(victim, signal.SIGKILL)
    until(lambda: seen.add(int(ask(port))) or len(seen) == 3)  # type: ignore[func-returns-value]
    process.terminate()
    process.join(60)
    assert process.exitcode == 0
    until(lambda: all(map(gone, seen)))
    with pytest.raises(OSError, match="refused"):
        ask(port)


def test_workers_end_with_the_one_that_began_them(
    served: tuple[int, multiprocessing.process.BaseProcess],
) -> None:
    port, process = served
    worker = int(ask(port))
    process.kill()
    process.join()
    until(lambda: gone(worker))


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere all processes share one socket")
def test_connections_that_come_together_and_stay_are_spread_over_all_processes(
    served: tuple[int, multiprocessing.process.BaseProcess],
) -> None:
    port, _ = served
    seen: set[int] = set()
    until(lambda: seen.add(int(ask(port))) or len(seen) == 2)  # type: ignore[func-returns-value]
    with ExitStack() as stack:
        come = [stack.enter_context(socket.create_connection(("127.0.0.1", port), 10)) for _ in range(64)]
        pids = []
        for one in come:
            one.sendall(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
            said = b""
            while not said.partition(b"\r\n\r\n")[2]:
                said += one.recv(1 << 16)
            pids.append(said.partition(b"\r\n\r\n")[2])
    assert min(Counter(pids).values()) >= 8
    assert len(set(pids)) == 2


def test_it_listens_at_addresses_of_the_sixth_version_as_well() -> None:
    try:
        with socket.create_server(("::1", 0), family=socket.AF_INET6) as free:
            port: int = free.getsockname()[1]
    except OSError:
        pytest.skip("this machine has no such addresses")

    def there() -> bool:
        with suppress(OSError), socket.create_connection(("::1", port), timeout=5) as web:
            web.sendall(b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
            return web.recv(100).startswith(b"HTTP/1.1 200")
        return False

    process = multiprocessing.get_context("spawn").Process(target=_serve, args=(port, 1, "::1"))
    process.start()
    until(there)
    process.terminate()
    process.join(60)
    assert process.exitcode == 0


def test_a_port_is_not_shared_with_another_server_even_one_that_would() -> None:
    with socket.socket() as other:
        if hasattr(socket, "SO_REUSEPORT"):
            other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        other.bind(("127.0.0.1", 0))
        other.listen()
        with pytest.raises(OSError, match="in use"):
            serve_workers(pid_app, Listening(port=other.getsockname()[1]), workers=1)


def test_what_does_not_start_is_told() -> None:
    with pytest.raises(WorkersFailed, match="ended with 3"):
        serve_workers(broken_app, Listening(port=free_port()), workers=1)
    with pytest.raises(ValueError, match="at least one"):
        serve_workers(broken_app, Listening(port=free_port()), workers=0)


def serving(headers_s: float) -> AbstractContextManager[tuple[str, int]]:
    """A server in this process, with the protocol of real ones."""
    return running(make_server(pid_app(), http=_impatient(headers_s)))


def test_the_body_of_an_answer_is_not_kept_back_until_its_head_is_acknowledged() -> None:
    nagle: list[int] = []

    class Noting:
        """What the system was told of the connection, when it asks for something."""

        def __init__(self, make: Callable[..., asyncio.Protocol]) -> None:
            self._make = make

        def __call__(self, *args: object, **given: object) -> asyncio.Protocol:
            made = self._make(*args, **given)
            begun = made.connection_made

            def noted(transport: asyncio.BaseTransport) -> None:
                begun(transport)
                opened = transport.get_extra_info("socket")
                nagle.append(opened.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))

            made.connection_made = noted  # type: ignore[method-assign]
            return made

    for server in (make_server(pid_app()), make_server(pid_app(), http=_impatient(30.0))):
        server.config.load()
        server.config.http_protocol_class = Noting(server.config.http_protocol_class)  # type: ignore[assignment]
        with running(server) as (_, port):
            assert ask(port) == str(os.getpid()).encode()
    assert [bool(one) for one in nagle] == [True] * len(nagle)
    assert len(nagle) >= 2


@contextmanager
def running(server: uvicorn.Server) -> Iterator[tuple[str, int]]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            until(lambda: server.started)
            yield listening.getsockname()
        finally:
            server.should_exit = True
            thread.join(30)


@pytest.mark.parametrize("begun", [b"", b"GET / HT", b"GET / HTTP/1.1\r\nhost: x\r\nx-slow: "])
def test_headers_that_do_not_come_are_not_waited_for(begun: bytes) -> None:
    with serving(0.2) as place:
        with socket.create_connection(place, 10) as connection:
            connection.sendall(begun)
            with suppress(ConnectionResetError):
                assert connection.recv(100) == b""
        assert int(ask(place[1])) == os.getpid()


_CHUNKED = b"POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    ("begun", "more"),
    [
        (b"GET / HTTP/1.1\r\nhost: x\r\nx: ", b"y" * 4096),
        (b"GET / HTTP/1.1\r\nhost: x\r\n", b"x: y\r\n" * 800),
        (b"GET /", b"y" * 4096),
        (_CHUNKED + b"1\r\na\r\n0\r\n", b"x: y\r\n" * 800),
        (_CHUNKED + b"1;x=", b"y" * 4096),
    ],
    ids=["one header", "many headers", "address", "trailers", "extension"],
)
def test_what_never_ends_around_a_body_is_not_kept(begun: bytes, more: bytes) -> None:
    with serving(60) as place:
        with socket.create_connection(place, 10) as connection:
            connection.sendall(begun)
            with pytest.raises(ConnectionError):
                connection.sendall(more * 20_000)
        assert int(ask(place[1])) == os.getpid()


def test_a_body_may_be_large_however_it_comes() -> None:
    piece = b"100\r\n" + b"b" * 256 + b"\r\n"
    whole = _CHUNKED.replace(b"host: x", b"host: x\r\nconnection: close") + piece * 4096 + b"0\r\n\r\n"
    with serving(60) as (_, port):
        assert int(ask(port, whole)) == os.getpid()
        announced = b"POST / HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 3000000\r\n\r\n"
        assert int(ask(port, announced + b"b" * 3_000_000)) == os.getpid()


async def _who(scope: Scope, receive: Receive, send: Send) -> None:
    client = scope["client"]
    assert isinstance(client, tuple)
    await send_reply(Reply(200, str(client[0]).encode(), "text/plain"), send)


@pytest.mark.parametrize(
    ("proxies", "said", "counted"),
    [
        ((), b"203.0.113.7", "127.0.0.1"),
        (("10.0.0.0/8",), b"203.0.113.7", "127.0.0.1"),
        (("127.0.0.1",), b"203.0.113.7", "203.0.113.7"),
        (("127.0.0.0/8",), b"198.51.100.1, 203.0.113.7", "203.0.113.7"),
        (("127.0.0.1", "10.0.0.5"), b"198.51.100.1, 203.0.113.7, 10.0.0.5", "203.0.113.7"),
        (("127.0.0.1",), b"", "127.0.0.1"),
    ],
)
def test_who_calls_is_what_a_named_proxy_says_and_nobody_else(
    proxies: tuple[str, ...], said: bytes, counted: str
) -> None:
    request = b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\nx-forwarded-for: " + said + b"\r\n\r\n"
    with running(_real_server(_who, Listening(port=1, proxies=proxies))) as (_, port):
        assert ask(port, request).decode() == counted


@pytest.mark.parametrize("proxy", ["*", "", "proxy.example.cn", "10.0.0.5/8"])
def test_only_addresses_are_proxies(proxy: str) -> None:
    with pytest.raises(ValueError, match=r"address|network|host bits"):
        Listening(port=1, proxies=(proxy,))


def test_counters_of_several_processes_are_added(tmp_path: Path) -> None:
    other = Metrics()
    other.begin()
    other.end("license.verify", status=200, seconds=0.02)
    other.begin()
    (tmp_path / "1.json").write_text(json.dumps(other.counts().members()))
    mine = SharedMetrics(tmp_path)
    mine.begin()
    mine.end("license.verify", status=200, seconds=3)
    mine.begin()
    mine.end("", status=0, seconds=0.0001)
    text = mine.text()
    assert 'egov_requests_total{operation="license.verify",status="200"} 2' in text
    assert 'egov_request_seconds_bucket{operation="license.verify",le="0.025"} 1' in text
    assert 'egov_request_seconds_count{operation="license.verify"} 2' in text
    assert 'egov_requests_total{operation="unknown",status="0"} 1' in text
    assert "egov_requests_in_progress 1" in text
    assert Counts.read(json.dumps(mine.counts().members()).encode()) == mine.counts()
