from __future__ import annotations

import asyncio
import builtins
import dataclasses
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest

from egov_sdk.errors import MissingExtra
from egov_sdk.exchange.envelope.model import Party
from egov_sdk.exchange.node.nats import BrokerAccess, NatsTransport
from egov_sdk.exchange.node.problems import NodeRejected
from egov_sdk.exchange.node.wrap import RefusedParcel, wrap
from tests.nats import BrokerServer, broker_without_tls, running_broker
from tests.unit.exchange.node.carried import MARKET, TAX, Remembering, parcel

#: Of whoever asks for as many as there are: for these nobody waits so long.
WAIT_S = 10.0


@pytest.fixture(scope="module")
def server() -> Iterator[BrokerServer]:
    with running_broker() as server:
        yield server


class Line:
    """Two parties at one broker, in a stream of their own."""

    def __init__(self, server: BrokerServer, stream: str, *, timeout_s: float = 20.0, ack_wait_s: float = 1.0) -> None:
        self.server, self.stream, self.timeout_s, self.ack_wait_s = server, stream, timeout_s, ack_wait_s
        self.tax, self.market = self.of(TAX), self.of(MARKET)
        self.tax.prepare()
        self.market.prepare()

    def of(self, party: Party, *, retry_s: float = 0.1, attempts: int = 3, most_bytes: int = 10_000) -> NatsTransport:
        access = BrokerAccess(servers=(self.server.url,), timeout_s=self.timeout_s)
        return NatsTransport(
            access,
            party,
            stream=self.stream,
            ack_wait_s=self.ack_wait_s,
            retry_s=retry_s,
            attempts=attempts,
            most_bytes=most_bytes,
        )

    def publish(self, data: bytes, *, number: int = 1, party: Party = MARKET) -> None:
        """As a stranger who may publish would."""
        self.tax._store(
            f"{self.stream}.parcels.{party.code}+{party.system.replace('.', '=')}", data, {"Nats-Msg-Id": f"x{number}"}
        )

    def close(self) -> None:
        self.tax.close()
        self.market.close()

    def count(self, stream: str) -> int:
        return self.tax._broker.run(lambda client: client.jetstream().stream_info(stream)).state.messages


@pytest.fixture
def line(server: BrokerServer, request: pytest.FixtureRequest) -> Iterator[Line]:
    with closing(Line(server, f"S{abs(hash(request.node.name))}")) as line:
        yield line


def until(reached: Callable[[], object], *, patience_s: float = 90.0) -> None:
    """Go on until something is so; a broker decides when it gives something out again."""
    end = time.monotonic() + patience_s
    while not reached():
        assert time.monotonic() < end, "it never came to that"


def test_a_parcel_goes_its_answer_comes_back_and_the_stream_is_empty(line: Line) -> None:
    node, home = Remembering(), Remembering()
    line.tax.deliver(parcel(1))
    line.tax.deliver(parcel(2))
    assert line.market.collect(node, most=2, wait_s=WAIT_S).parcels == 2
    assert node.parcels == [parcel(1).data, parcel(2).data]
    assert line.tax.collect(home, most=2, wait_s=WAIT_S).answers == 2
    assert home.answers == [b"answer to " + parcel(1).data, b"answer to " + parcel(2).data]
    until(lambda: line.count(line.stream) == 0)
    assert line.market.collect(node, wait_s=0.05).parcels == 0


def test_preparing_twice_changes_nothing(line: Line) -> None:
    line.tax.deliver(parcel(1))
    line.market.prepare()
    line.tax.prepare()
    assert line.market.collect(Remembering(), most=1, wait_s=WAIT_S).parcels == 1


def test_one_parcel_published_twice_is_stored_once(line: Line) -> None:
    line.tax.deliver(parcel(1))
    line.tax.deliver(parcel(1))
    assert line.count(line.stream) == 1


def test_what_the_node_could_not_take_is_given_out_again(line: Line) -> None:
    node = Remembering(failures=1)
    line.tax.deliver(parcel())
    with pytest.raises(ConnectionError):
        line.market.collect(node, wait_s=WAIT_S)
    until(lambda: line.market.collect(node, most=1, wait_s=WAIT_S).parcels == 1)
    assert node.parcels == [parcel().data]


def test_a_parcel_is_not_acknowledged_before_its_answer_is_stored(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    node, home = Remembering(), Remembering()
    line.tax.deliver(parcel())

    def lost(*given: object) -> None:
        raise ConnectionError("between the work and its answer")

    with monkeypatch.context() as patch:
        patch.setattr(line.market, "_answer", lost)
        with pytest.raises(ConnectionError):
            line.market.collect(node, wait_s=WAIT_S)
    until(lambda: line.market.collect(node, most=1, wait_s=WAIT_S).parcels == 1)
    assert node.parcels == [parcel().data] * 2, "the node gives the stored receipt the second time"
    assert line.tax.collect(home, most=1, wait_s=WAIT_S).answers == 1


def test_a_parcel_of_a_process_that_vanished_comes_to_another_one(line: Line) -> None:
    line.tax.deliver(parcel())
    with closing(line.of(MARKET)) as vanishing:
        assert vanishing._broker.run(lambda client: vanishing._next(client, WAIT_S), longer_s=WAIT_S) is not None
    node = Remembering()
    until(lambda: line.market.collect(node, most=1, wait_s=WAIT_S).parcels == 1)


def test_a_slow_node_keeps_its_parcel(server: BrokerServer) -> None:
    other, slow = Remembering(), Line(server, "SLOW", ack_wait_s=2.0)

    class Slow(Remembering):
        def accept(self, data: bytes) -> bytes:
            with closing(slow.of(MARKET)) as second:  # more than twice the time that a silent process has
                assert second.collect(other, wait_s=4.4).parcels == 0
            return super().accept(data)

    node = Slow()
    with closing(slow):
        slow.tax.deliver(parcel())
        assert slow.market.collect(node, most=1, wait_s=WAIT_S).parcels == 1
    assert (len(node.parcels), other.parcels) == (1, [])


def test_after_too_many_attempts_it_is_a_dead_letter_and_others_go_on(line: Line) -> None:
    class Picky(Remembering):
        def accept(self, data: bytes) -> bytes:
            if data == parcel(1).data:
                raise ConnectionError
            return super().accept(data)

    node = Picky()
    gone: list[RefusedParcel] = []

    def one_round() -> bool:
        try:
            gone.extend(line.market.collect(node, most=1, wait_s=WAIT_S).refused)
        except ConnectionError:
            return False
        return bool(gone)

    line.tax.deliver(parcel(1))
    line.tax.deliver(parcel(2))
    until(one_round)
    assert node.parcels == [parcel(2).data]
    assert [(one.code, one.origin) for one in gone] == [("egov.exchange.node.attempts", "node")]
    assert line.count(f"{line.stream}_DEAD") == 1
    assert line.tax.collect(Remembering(), most=1, wait_s=WAIT_S).answers == 1
    until(lambda: line.count(line.stream) == 0)


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (wrap(parcel())[:-2], "wrap_half"),
        (b"not ours", "wrap"),
        (b"", "wrap"),
        (wrap(parcel(receiver=TAX)), "wrap_receiver"),
        (wrap(parcel(data=b"x" * 20_000)), "wrap_size"),
        (wrap(parcel())[:-1] + b"\xff", "wrap_digest"),
    ],
)
def test_what_is_no_parcel_becomes_a_dead_letter_with_a_code(line: Line, data: bytes, problem: str) -> None:
    line.publish(data)
    line.tax.deliver(parcel(7))
    node = Remembering()
    done = line.market.collect(node, most=2, wait_s=WAIT_S)
    (gone,) = done.refused
    assert (gone.code, gone.origin) == (f"egov.exchange.node.{problem}", "sender")
    assert node.parcels == [parcel(7).data]
    assert line.count(f"{line.stream}_DEAD") == 1
    assert line.tax.collect(Remembering(), most=1, wait_s=WAIT_S).answers == 1
    until(lambda: line.count(line.stream) == 0)
    kept = line.tax._broker.run(lambda client: client.jetstream().get_msg(f"{line.stream}_DEAD", 1))
    assert (kept.data or b"") == data
    assert kept.headers is not None
    assert kept.headers["Egov-Problem"] == gone.code


def test_what_is_larger_than_the_broker_takes_is_refused_before_it_is_sent(line: Line) -> None:
    with pytest.raises(NodeRejected) as caught:
        line.tax.deliver(parcel(data=bytes(1 << 20)))
    assert (caught.value.problem, caught.value.origin) == ("node.broker_size", "node")


def test_a_stream_that_nobody_prepared_is_told_of(server: BrokerServer) -> None:
    access = BrokerAccess(servers=(server.url,), timeout_s=1.0)
    with closing(NatsTransport(access, Party(code=TAX.code, system="lost"), stream="NONE")) as transport:
        with pytest.raises(NodeRejected) as caught:
            transport.collect(Remembering(), wait_s=0.1)
        assert caught.value.problem == "node.broker"


def test_a_broker_that_is_away_is_told_of_and_used_again_when_it_is_back() -> None:
    with running_broker() as server, closing(Line(server, "AWAY", timeout_s=2.0)) as line:
        node, home = Remembering(), Remembering()
        line.tax.deliver(parcel(1))
        server.kill()
        for transport in (line.tax, line.market):
            with pytest.raises(NodeRejected) as caught:
                transport.deliver(parcel(2, sender=transport.party))
            assert (caught.value.problem, caught.value.origin) == ("node.broker", "node")
        with pytest.raises(NodeRejected):
            line.market.collect(node, wait_s=0.1)
        server.start()
        until(lambda: _quietly(lambda: line.tax.deliver(parcel(3))))
        wanted = {parcel(1).data, parcel(3).data}  # what was stored has outlived the kill
        until(
            lambda: _quietly(lambda: line.market.collect(node, most=1, wait_s=WAIT_S)) and wanted <= set(node.parcels)
        )
        until(lambda: _quietly(lambda: line.tax.collect(home, most=1, wait_s=WAIT_S)) and len(home.answers) >= 2)


def _quietly(work: Callable[[], object]) -> bool:
    try:
        work()
    except NodeRejected:
        return False
    return True


def test_a_broker_that_was_never_there_is_told_of_in_time() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        access = BrokerAccess(servers=(f"nats://127.0.0.1:{probe.getsockname()[1]}",), timeout_s=0.5)
        with closing(NatsTransport(access, TAX)) as transport:
            for _ in range(2):
                with pytest.raises(NodeRejected) as caught:
                    transport.deliver(parcel())
                assert caught.value.problem == "node.broker"


def test_a_broker_that_never_answers_is_not_waited_for() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        access = BrokerAccess(servers=(f"nats://127.0.0.1:{silent.getsockname()[1]}",), timeout_s=0.5)
        with closing(NatsTransport(access, TAX)) as transport, pytest.raises(NodeRejected):
            transport.deliver(parcel())


def test_a_password_is_asked_for_and_a_wrong_one_is_refused() -> None:
    with running_broker("--user", "tax", "--pass", "right") as server:
        access = BrokerAccess(servers=(server.url,), user="tax", password=lambda: "right", timeout_s=20.0)
        with closing(NatsTransport(access, TAX)) as transport:
            transport.prepare()
            transport.deliver(parcel(receiver=TAX))
        wrong = dataclasses.replace(access, password=lambda: "wrong-secret", timeout_s=2.0)
        with closing(NatsTransport(wrong, TAX)) as transport, pytest.raises(NodeRejected) as caught:
            transport.deliver(parcel())
        assert caught.value.problem == "node.broker"
        assert "wrong-secret" not in f"{caught.value}{caught.value.detail}{wrong!r}"


def test_whoever_asks_for_tls_says_nothing_without_it() -> None:
    with broker_without_tls() as (port, said):
        address = f"127.0.0.1:{port}"
        for servers, tls in (((f"tls://{address}",), None), ((f"nats://{address}",), ssl.create_default_context())):
            access = BrokerAccess(servers=servers, user="tax", password=lambda: "hush", tls=tls, timeout_s=2.0)
            with (
                closing(NatsTransport(access, TAX)) as transport,
                pytest.raises(NodeRejected, match="no TLS") as caught,
            ):
                transport.deliver(parcel())
            assert caught.value.problem == "node.broker"
    assert len(said) >= 2
    assert b"".join(said) == b""


def test_why_a_broker_lets_nobody_in_is_told() -> None:
    with running_broker("--user", "tax", "--pass", "right") as server:
        access = BrokerAccess(servers=(server.url,), user="tax", password=lambda: "wrong", timeout_s=3.0)
        with closing(NatsTransport(access, TAX)) as transport, pytest.raises(NodeRejected, match="Authorization"):
            transport.deliver(parcel())


def test_closing_twice_and_before_the_first_use_is_nothing(line: Line) -> None:
    transport = line.of(TAX)
    transport.close()
    transport.prepare()
    transport.close()
    transport.close()


def test_it_may_be_used_while_another_loop_runs(line: Line) -> None:
    async def work() -> None:
        line.tax.deliver(parcel())

    asyncio.run(work())
    assert line.count(line.stream) == 1


def test_without_the_library_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *given: object, **named: object) -> object:
        if name.partition(".")[0] == "nats":
            raise ImportError(name)
        return real(name, *given, **named)  # type: ignore[arg-type]  # handed on as it came

    monkeypatch.setattr(builtins, "__import__", without)
    with closing(NatsTransport(BrokerAccess(servers=("nats://127.0.0.1:1",)), TAX)) as transport:
        with pytest.raises(MissingExtra) as caught:
            transport.deliver(parcel())
        assert caught.value.extra == "cluster"


@pytest.mark.parametrize("servers", [(), ("nats://user:secret@127.0.0.1:4222",)])
def test_an_address_that_cannot_be_or_tells_a_password_is_the_callers_mistake(servers: tuple[str, ...]) -> None:
    with pytest.raises(ValueError):
        BrokerAccess(servers=servers)
