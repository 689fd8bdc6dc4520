"""Over real connections: cut ones, slow ones, endless ones, pages, loops, proxies and TLS."""

from __future__ import annotations

import asyncio
import gzip
import ssl
import threading
import warnings
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization

from egov_sdk.errors import ConfigError, PlatformError
from egov_sdk.gateway import Answer, AsyncGatewayClient, Credentials, GatewayClient, Request, Upload
from egov_sdk.gateway.errors import (
    AnswerCutOff,
    AnswerMalformed,
    AnswerTooLarge,
    BodyChanged,
    ConnectFailed,
    Redirected,
    TimedOut,
    TlsFailed,
)
from egov_sdk.gateway.policies import ClientCertificate, Retry, Timeouts
from tests.unit.gateway.loopback import PATIENCE_S, Connection, LoopbackServer, Papers, Serve, make_papers
from tests.unit.gateway.world import Kind, both

ONCE = Retry(attempts=1)
SHORT = Timeouts(connect_s=5, read_s=0.1, write_s=5, total_s=5)
GET = Request("GET", "/x")
MIB = 1 << 20


def call(kind: Kind, address: str, request: Request = GET, *, streamed: bool = False, **settings: Any) -> Answer | int:
    """One request with a client of its own; streamed, the number of bytes that came."""
    settings = {"retry": ONCE, "breaker": None, **settings}
    if kind == "sync":
        with GatewayClient(address, **settings) as client:
            if not streamed:
                return client.request(request)
            with client.stream(request) as answer:
                return sum(len(piece) for piece in answer)
    return asyncio.run(_call(address, request, streamed, settings))


async def _call(address: str, request: Request, streamed: bool, settings: dict[str, Any]) -> Answer | int:
    async with AsyncGatewayClient(address, **settings) as client:
        if not streamed:
            return await client.request(request)
        total = 0
        async with client.stream(request) as answer:
            async for piece in answer:
                total += len(piece)
        return total


def answer_of(head: str, body: bytes = b"", status: str = "200 OK") -> bytes:
    length = "" if "ength" in head or "chunked" in head else f"Content-Length: {len(body)}\r\n"
    return f"HTTP/1.1 {status}\r\n{head}{length}\r\n".encode() + body


def saying(*octets: bytes, then: Callable[[Connection], None] | None = None) -> Serve:
    """Answer every request with the same bytes; then perhaps end in some way."""

    async def serve(connection: Connection) -> None:
        while await connection.ask():
            for some in octets:
                await connection.say(some)
            if then is not None:
                then(connection)
                return

    return serve


def closing(connection: Connection) -> None:
    connection.writer.close()


@both
def test_one_connection_serves_many_requests(kind: Kind) -> None:
    with LoopbackServer(saying(answer_of("", b"hello"))) as server:
        if kind == "sync":
            with GatewayClient(server.address) as client:
                bodies = [client.request(GET).body for _ in range(20)]
        else:

            async def main() -> list[bytes]:
                async with AsyncGatewayClient(server.address) as client:
                    return [(await client.request(GET)).body for _ in range(20)]

            bodies = asyncio.run(main())
    assert bodies == [b"hello"] * 20
    assert server.connections == 1


@both
def test_the_address_goes_over_the_wire_as_it_was_signed(kind: Kind) -> None:
    with LoopbackServer(saying(answer_of("", b"{}"))) as server:
        request = Request("GET", "/中/a b%20c", query=(("b", "1 +&="), ("a", "!'()~*")))
        call(kind, server.address, request, profile="zhejiang-irs", credentials=Credentials("k", secret="s"))
    assert server.requests == ["GET /%E4%B8%AD/a%20b%20c?a=!'()~*&b=1%20%2B%26%3D HTTP/1.1"]


CUT: dict[str, Serve] = {
    "before the answer": saying(then=closing),
    "by a reset": saying(then=Connection.reset),
    "inside the status": saying(b"HTTP/1.", then=closing),
    "inside the headers": saying(b"HTTP/1.1 200 OK\r\nContent-Le", then=closing),
    "before the body": saying(answer_of("Content-Length: 10\r\n"), then=closing),
    "inside the body": saying(answer_of("Content-Length: 10\r\n", b"12345"), then=closing),
    "inside the body by a reset": saying(answer_of("Content-Length: 10\r\n", b"12345"), then=Connection.reset),
    "inside a chunk": saying(answer_of("Transfer-Encoding: chunked\r\n", b"a\r\n123"), then=closing),
    "before the last chunk": saying(answer_of("Transfer-Encoding: chunked\r\n", b"3\r\n123\r\n"), then=closing),
    "inside a packed body": saying(
        answer_of("Content-Encoding: gzip\r\n", gzip.compress(b"hello" * 100)[:20]), then=closing
    ),
}


@both
@pytest.mark.parametrize("case", CUT)
def test_a_connection_that_is_cut_says_so(kind: Kind, case: str) -> None:
    with LoopbackServer(CUT[case]) as server, pytest.raises(AnswerCutOff) as caught:
        call(kind, server.address)
    assert caught.value.code == "egov.gateway.answer_cut_off"
    assert caught.value.attempts == 1


@both
def test_a_cut_connection_is_tried_again_on_a_new_one(kind: Kind) -> None:
    first = [True]

    async def serve(connection: Connection) -> None:
        while await connection.ask():
            if first:
                first.clear()
                return
            await connection.say(answer_of("", b"good"))

    with LoopbackServer(serve) as server:
        answer = call(kind, server.address, retry=Retry(first_s=0))
    assert isinstance(answer, Answer)
    assert (answer.body, answer.attempts, server.connections) == (b"good", 2, 2)


@both
def test_nobody_there_is_told(kind: Kind) -> None:
    with LoopbackServer(saying()) as server:
        pass
    with pytest.raises(ConnectFailed) as caught:
        call(kind, server.address)
    assert caught.value.origin == "gateway"


async def _silent(connection: Connection) -> None:
    await connection.ask()
    await connection.reader.read()  # until the caller gives up


async def _slow_body(connection: Connection) -> None:
    await connection.ask()
    await connection.say(answer_of("Content-Length: 100\r\n", b"a"))
    await connection.reader.read()


@both
@pytest.mark.parametrize("serve", [_silent, _slow_body])
def test_an_answer_that_does_not_come_is_not_waited_for(kind: Kind, serve: Serve) -> None:
    with LoopbackServer(serve) as server, pytest.raises(TimedOut) as caught:
        call(kind, server.address, timeouts=SHORT)
    assert caught.value.detail["phase"] == "read"


@both
def test_an_answer_that_drips_is_ended_when_the_time_is_over(kind: Kind) -> None:
    """Every piece comes soon, so no phase takes too long; the whole does."""
    now = [0.0]

    def timer() -> float:
        now[0] += 1.0
        return now[0]

    async def drip(connection: Connection) -> None:
        await connection.ask()
        await connection.say(answer_of("Content-Length: 100000\r\n"))
        while await connection.say(b"a"):
            await asyncio.sleep(0.001)

    timeouts = Timeouts(read_s=5, total_s=20)
    with LoopbackServer(drip) as server, pytest.raises(TimedOut) as caught:
        call(kind, server.address, timeouts=timeouts, timer=timer)
    assert caught.value.detail["phase"] == "total"


# Size.


@both
@pytest.mark.parametrize("streamed", [False, True])
def test_a_gigabyte_that_is_announced_is_refused_before_it_comes(kind: Kind, streamed: bool) -> None:
    async def serve(connection: Connection) -> None:
        await connection.ask()
        await connection.say(answer_of(f"Content-Length: {1 << 30}\r\n"))
        block = bytes(MIB)
        for _ in range(1024):
            if not await connection.say(block):
                return

    with LoopbackServer(serve) as server, pytest.raises(AnswerTooLarge):
        call(kind, server.address, streamed=streamed)
    assert server.written < 64 * MIB


@both
@pytest.mark.parametrize("streamed", [False, True])
def test_a_gigabyte_that_is_not_announced_is_counted(kind: Kind, streamed: bool) -> None:
    async def serve(connection: Connection) -> None:
        await connection.ask()
        await connection.say(answer_of("Transfer-Encoding: chunked\r\n"))
        block = b"100000\r\n" + bytes(MIB) + b"\r\n"
        for _ in range(1024):
            if not await connection.say(block):
                return

    with LoopbackServer(serve) as server, pytest.raises(AnswerTooLarge, match=str(2 * MIB)):
        call(kind, server.address, streamed=streamed, max_answer_bytes=2 * MIB)
    assert server.written < 64 * MIB


@both
def test_a_gigabyte_that_is_packed_is_counted_as_it_unpacks(kind: Kind) -> None:
    bomb = gzip.compress(bytes(16 * MIB)) * 64
    assert len(bomb) < 2 * MIB
    serve = saying(answer_of("Content-Encoding: gzip\r\n", bomb))
    with LoopbackServer(serve) as server, pytest.raises(AnswerTooLarge):
        call(kind, server.address, max_answer_bytes=4 * MIB)


@both
def test_a_large_answer_is_streamed_when_it_is_wanted(kind: Kind) -> None:
    async def serve(connection: Connection) -> None:
        await connection.ask()
        await connection.say(answer_of(f"Content-Length: {32 * MIB}\r\n"))
        for _ in range(32):
            await connection.say(bytes(MIB))
        await connection.reader.read()

    with LoopbackServer(serve) as server:
        assert call(kind, server.address, Request("GET", "/x", max_answer_bytes=64 * MIB), streamed=True) == 32 * MIB


@both
def test_a_reader_who_stops_early_ends_the_connection(kind: Kind) -> None:
    async def serve(connection: Connection) -> None:
        await connection.ask()
        await connection.say(answer_of(f"Content-Length: {1 << 30}\r\n"))
        while await connection.say(bytes(MIB)):
            pass

    request = Request("GET", "/x", max_answer_bytes=1 << 31)
    with LoopbackServer(serve) as server:
        if kind == "sync":
            with GatewayClient(server.address) as client, client.stream(request) as answer:
                assert next(iter(answer))
        else:

            async def main() -> None:
                async with AsyncGatewayClient(server.address) as client, client.stream(request) as answer:
                    async for _ in answer:
                        break

            asyncio.run(main())
    assert server.written < 64 * MIB


PACKED = {
    "gzip": ("gzip", gzip.compress(b"hello")),
    "two members": ("x-gzip", gzip.compress(b"hel") + gzip.compress(b"lo")),
    "deflate": ("deflate", zlib.compress(b"hello")),
    "nothing": ("identity", b"hello"),
}


@both
@pytest.mark.parametrize("case", PACKED)
def test_a_packed_answer_is_unpacked(kind: Kind, case: str) -> None:
    coding, body = PACKED[case]
    with LoopbackServer(saying(answer_of(f"Content-Encoding: {coding}\r\n", body))) as server:
        answer = call(kind, server.address)
    assert isinstance(answer, Answer)
    assert answer.body == b"hello"


NOT_HTTP = {
    "another protocol": b"SSH-2.0-OpenSSH_9.0\r\n\r\n",
    "an impossible status": b"HTTP/1.1 two hundred OK\r\n\r\n",
    "a broken packed body": answer_of("Content-Encoding: gzip\r\n", b"this is not gzip"),
    "an unknown packing": answer_of("Content-Encoding: br\r\n", b"\x0b\x02\x80hello\x03"),
    "a packing in a packing": answer_of("Content-Encoding: gzip, gzip\r\n", b"a"),
    "headers without end": b"HTTP/1.1 200 OK\r\n" + b"X-A: " + b"a" * 200_000,
}


@both
@pytest.mark.parametrize("case", NOT_HTTP)
def test_what_is_not_http_is_told(kind: Kind, case: str) -> None:
    with LoopbackServer(saying(NOT_HTTP[case], then=closing)) as server, pytest.raises(PlatformError) as caught:
        call(kind, server.address)
    assert isinstance(caught.value, AnswerMalformed)


@both
def test_a_web_page_in_place_of_json_is_told(kind: Kind) -> None:
    page = answer_of("Content-Type: text/html; charset=gbk\r\n", "<html><body>登录</body></html>".encode("gbk"))
    with LoopbackServer(saying(page)) as server, pytest.raises(AnswerMalformed, match="web page"):
        call(kind, server.address, profile="shandong", credentials=Credentials("c", secret="s", service="x"))


@both
def test_a_redirect_loop_is_not_entered(kind: Kind) -> None:
    loop = answer_of("Location: /x\r\n", status="302 Found")
    with LoopbackServer(saying(loop)) as server, pytest.raises(Redirected):
        call(kind, server.address, retry=Retry(first_s=0))
    assert server.requests == ["GET /x HTTP/1.1"]


@both
def test_a_proxy_is_used_when_it_is_given_and_only_then(kind: Kind, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    with LoopbackServer(saying(answer_of("", b"direct"))) as server:
        answer = call(kind, server.address)
        assert isinstance(answer, Answer)
        assert answer.body == b"direct"
        call(kind, "http://platform.invalid/base", proxy=server.address)
    assert server.requests == ["GET /x HTTP/1.1", "GET http://platform.invalid/base/x HTTP/1.1"]


# TLS.


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Papers:
    return make_papers(tmp_path_factory.mktemp("papers"))


@both
def test_a_platform_with_its_own_ca_is_reached_with_a_context_for_it(kind: Kind, papers: Papers) -> None:
    with LoopbackServer(saying(answer_of("", b"secret")), tls=papers.server()) as server:
        answer = call(kind, server.address, tls=papers.client())
    assert isinstance(answer, Answer)
    assert answer.body == b"secret"


def _expired(folder: Path) -> Papers:
    return make_papers(folder / "expired", days=-1)


def _elsewhere(folder: Path) -> Papers:
    return make_papers(folder / "elsewhere", host="elsewhere.example")


@both
@pytest.mark.parametrize("make", [None, _expired, _elsewhere], ids=["unknown CA", "expired", "another host"])
def test_a_certificate_that_is_not_good_ends_the_call_before_anything_is_sent(
    kind: Kind, papers: Papers, tmp_path: Path, make: Callable[[Path], Papers] | None
) -> None:
    theirs = papers if make is None else make(tmp_path)
    context = None if make is None else theirs.client()
    with LoopbackServer(saying(answer_of("", b"secret")), tls=theirs.server()) as server:
        with pytest.raises(TlsFailed) as caught:
            call(kind, server.address, tls=context, retry=Retry(first_s=0))
        assert server.requests == []
        assert server.connections <= 1
    assert caught.value.code == "egov.gateway.tls_failed"
    assert caught.value.attempts == 1
    assert "SSLContext" in caught.value.hint


@both
def test_a_server_that_speaks_no_tls_is_no_https(kind: Kind) -> None:
    async def serve(connection: Connection) -> None:
        await connection.say(answer_of("", b"plain"))
        await connection.reader.read()

    with LoopbackServer(serve) as server, pytest.raises(TlsFailed):
        call(kind, server.address.replace("http:", "https:"))
    assert server.requests == []


@both
def test_an_old_version_of_tls_is_not_spoken(kind: Kind, papers: Papers) -> None:
    context = papers.server()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    with LoopbackServer(saying(answer_of("")), tls=context) as server, pytest.raises((TlsFailed, ConnectFailed)):
        call(kind, server.address, tls=papers.client())
    assert server.requests == []


@both
def test_a_client_certificate_is_shown_when_the_platform_asks(kind: Kind, papers: Papers, tmp_path: Path) -> None:
    key = serialization.load_pem_private_key(papers.key.read_bytes(), None)
    locked = tmp_path / "locked.pem"
    locked.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(b"pass"),
        )
    )
    context = papers.client()
    context.load_cert_chain(papers.certificate, locked, lambda: "pass")
    with LoopbackServer(saying(answer_of("", b"ok")), tls=papers.server(asks_for_certificate=True)) as server:
        answer = call(kind, server.address, tls=context)
        assert isinstance(answer, Answer)
        assert answer.body == b"ok"
        with pytest.raises(PlatformError) as caught:
            call(kind, server.address, tls=papers.client())
    assert isinstance(caught.value, TlsFailed | AnswerCutOff)


def test_a_client_certificate_may_be_given_as_files(papers: Papers) -> None:
    mine = ClientCertificate(certificate=papers.certificate, key=papers.key, secret=lambda: b"unused")
    GatewayClient("https://localhost", client_certificate=mine).close()
    assert "lambda" not in repr(mine)
    with pytest.raises(ValueError, match="SSLContext"):
        GatewayClient("https://localhost", client_certificate=mine, tls=papers.client())


@pytest.mark.parametrize("key", ["missing.pem", "ca.pem"])
def test_a_client_certificate_that_cannot_be_used_is_a_wrong_setting(papers: Papers, key: str) -> None:
    mine = ClientCertificate(certificate=papers.certificate, key=papers.ca.parent / key)
    with pytest.raises(ConfigError) as caught:
        GatewayClient("https://localhost", client_certificate=mine)
    assert caught.value.code == "egov.gateway.client_certificate"


def test_patience_is_enough_for_a_slow_machine() -> None:
    assert PATIENCE_S >= 10


@both
def test_a_large_file_goes_out_in_pieces_and_arrives_whole(kind: Kind, tmp_path: Path) -> None:
    content = bytes(range(256)) * 4096
    (tmp_path / "large").write_bytes(content)
    arrived: list[bytes] = []

    async def serve(connection: Connection) -> None:
        while await connection.ask():
            arrived.append(connection.body)
            await connection.say(answer_of("", b"ok"))

    with LoopbackServer(serve) as server:
        answer = call(kind, server.address, Request("POST", "/x", upload=Upload.of_file(tmp_path / "large")))
    assert isinstance(answer, Answer)
    assert arrived == [content]


@both
def test_a_body_that_is_not_as_announced_never_arrives_whole(kind: Kind) -> None:
    whole: list[bytes] = []
    ended = threading.Event()

    async def serve(connection: Connection) -> None:
        try:
            while await connection.ask():
                whole.append(connection.body)
        finally:
            ended.set()

    with LoopbackServer(serve) as server:
        with pytest.raises(BodyChanged):
            call(kind, server.address, Request("POST", "/x", upload=Upload.of_pieces([b"ab", b"c", b"d"], size=5)))
        assert ended.wait(PATIENCE_S)
    assert whole == []
