"""Real servers on this machine that misbehave on purpose, and certificates for them."""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from types import TracebackType

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

PATIENCE_S = 60

Serve = Callable[["Connection"], Awaitable[None]]


@dataclass
class Connection:
    """One accepted connection; ``asked`` counts the requests that were read from it."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    server: LoopbackServer
    head: bytes = b""
    body: bytes = b""

    async def ask(self) -> bool:
        """Read one request; False when there is no other."""
        try:
            self.head = await self.reader.readuntil(b"\r\n\r\n")
        except (asyncio.IncompleteReadError, ConnectionError):
            return False
        length = next(
            (int(line[15:]) for line in self.head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0
        )
        self.body = await self.reader.readexactly(length)
        self.server.requests.append(self.head.partition(b"\r\n")[0].decode())
        return True

    async def say(self, octets: bytes) -> bool:
        """Write; False when the other side is gone."""
        try:
            self.writer.write(octets)
            await self.writer.drain()
        except ConnectionError:
            return False
        self.server.written += len(octets)
        return True

    def reset(self) -> None:
        """End the connection the hard way."""
        self.writer.transport.abort()


@dataclass
class LoopbackServer:
    """An asyncio server in a thread of its own, on a port that was free."""

    serve: Serve
    tls: ssl.SSLContext | None = None
    requests: list[str] = field(default_factory=list)
    connections: int = 0
    written: int = 0
    port: int = 0

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self._transports.append(writer.transport)
        try:
            await self.serve(Connection(reader, writer, self))
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            self._tasks.discard(task)
            writer.close()

    async def _main(self, started: threading.Event) -> None:
        self._loop = asyncio.get_running_loop()
        self._loop.set_exception_handler(lambda loop, context: None)  # a failed handshake is what we want
        self._ended = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._transports: list[asyncio.WriteTransport] = []
        server = await asyncio.start_server(self._connected, "127.0.0.1", 0, ssl=self.tls)
        self.port = server.sockets[0].getsockname()[1]
        started.set()
        await self._ended.wait()
        server.close()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for transport in self._transports:
            transport.abort()
        await asyncio.sleep(0)

    def __enter__(self) -> LoopbackServer:
        started = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._main(started)))
        self._thread.start()
        assert started.wait(PATIENCE_S)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._ended.set)
        self._thread.join(PATIENCE_S)

    @property
    def address(self) -> str:
        scheme = "https" if self.tls is not None else "http"
        return f"{scheme}://localhost:{self.port}" if self.tls is not None else f"{scheme}://127.0.0.1:{self.port}"


@dataclass(frozen=True)
class Papers:
    """A CA and what it certified, as files."""

    ca: Path
    certificate: Path
    key: Path

    def server(self, *, asks_for_certificate: bool = False) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, self.key)
        if asks_for_certificate:
            context.load_verify_locations(self.ca)
            context.verify_mode = ssl.CERT_REQUIRED
        return context

    def client(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.ca))


def make_papers(folder: Path, *, host: str = "localhost", days: int = 30) -> Papers:
    """A CA of its own and a certificate for one host."""
    ca_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    ca = _certificate("test ca", "test ca", ca_key.public_key(), ca_key, ca=True, host="", days=30)
    certificate = _certificate(host, "test ca", key.public_key(), ca_key, ca=False, host=host, days=days)
    folder.mkdir(exist_ok=True)
    papers = Papers(folder / "ca.pem", folder / "cert.pem", folder / "key.pem")
    papers.ca.write_bytes(ca.public_bytes(serialization.Encoding.PEM))
    papers.certificate.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    papers.key.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return papers


def _certificate(
    name: str,
    issuer: str,
    key: ec.EllipticCurvePublicKey,
    ca_key: ec.EllipticCurvePrivateKey,
    *,
    ca: bool,
    host: str,
    days: int,
) -> x509.Certificate:
    now = datetime.now(UTC)
    start = now - timedelta(days=60)

    def called(text: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])

    builder = (
        x509.CertificateBuilder()
        .subject_name(called(name))
        .issuer_name(called(issuer))
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key()), critical=False)
        .add_extension(
            x509.KeyUsage(
                digital_signature=not ca,
                content_commitment=False,
                key_encipherment=False,
                data_encipherment=False,
                key_agreement=False,
                key_cert_sign=ca,
                crl_sign=ca,
                encipher_only=False,
                decipher_only=False,
            ),
            critical=True,
        )
    )
    if host:
        names: list[x509.GeneralName] = [x509.DNSName(host)]
        if host == "localhost":
            names.append(x509.IPAddress(ip_address("127.0.0.1")))
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    return builder.sign(ca_key, hashes.SHA256())
