"""A private NATS server with JetStream, from the system's own program, on a free port of this machine."""

from __future__ import annotations

import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.ports import free_port

__all__ = ["BrokerServer", "broker_without_tls", "running_broker"]

_PLACES = ("/usr/sbin/nats-server", "/usr/local/bin/nats-server")
_PATIENCE_S = 60.0


class BrokerServer:
    """A server that can be stopped, killed and started again; what it stores stays."""

    def __init__(self, program: str, home: Path, *, options: tuple[str, ...] = ()) -> None:
        self.home, self.port = home, free_port()
        self._command = [program, "-a", "127.0.0.1", "-p", str(self.port), "-js", "-sd", str(home / "js"), *options]
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"nats://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it and wait until it answers."""
        self._process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/")
        until = time.monotonic() + _PATIENCE_S
        while time.monotonic() < until:
            assert self._process.poll() is None, f"nats-server ended with {self._process.returncode}"
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection:
                    if connection.recv(4) == b"INFO":
                        return
            except OSError:
                time.sleep(0.02)
        raise AssertionError("nats-server does not answer")

    def stop(self) -> None:
        """Let it end in order."""
        self._end("terminate")

    def kill(self) -> None:
        """End it at once (SIGKILL)."""
        self._end("kill")

    def _end(self, how: str) -> None:
        if self._process is not None:
            getattr(self._process, how)()
            self._process.wait(timeout=_PATIENCE_S)
            self._process = None


@contextmanager
def running_broker(*options: str) -> Iterator[BrokerServer]:
    """Start a server and stop it at the end; skips the test, and says why, where none can be had."""
    pytest.importorskip("nats.aio.client", reason="nats-py is not installed")
    program = shutil.which("nats-server") or next((place for place in _PLACES if Path(place).exists()), None)
    if program is None:
        pytest.skip("NATS is not installed: no nats-server on the path or in /usr/sbin")
    home = Path(tempfile.mkdtemp(prefix="nats"))
    server = BrokerServer(program, home, options=options)
    try:
        server.start()
        yield server
    finally:
        server.kill()
        shutil.rmtree(home, ignore_errors=True)


@contextmanager
def broker_without_tls() -> Iterator[tuple[int, list[bytes]]]:
    """The port of what stands in a broker's place and offers no TLS, and what callers have said to it at the end."""
    said = list[bytes]()
    with socket.socket() as broker:
        broker.bind(("127.0.0.1", 0))
        broker.listen()
        listening = threading.Thread(target=_answer_in_the_clear, args=(broker, said), daemon=True)
        listening.start()
        yield broker.getsockname()[1], said
        broker.shutdown(socket.SHUT_RDWR)
        listening.join()


def _answer_in_the_clear(broker: socket.socket, said: list[bytes]) -> None:
    with suppress(OSError):
        while True:
            connection, _ = broker.accept()
            with connection:
                connection.sendall(b'INFO {"max_payload":1048576,"headers":true,"auth_required":true}\r\n')
                said.append(connection.recv(1000))
