"""How many messages a second go from node to node: signed and queued, delivered over loopback HTTP, kept, receipted.

    python benchmarks/bench_node.py [--messages 6000] [--rounds 3] [--postgresql [URL URL]] [--json results.json]

Two nodes, each with a database of its own that waits for the disk, as in service. The receiver runs in a process of
its own behind the server of ``egov_sdk.platform``, and so does each of the sender's two workers. The clock runs from
the application's first send to the last receipt that was verified and is durable at the sender; an application gives
hundred messages in one transaction while the workers deliver, in parcels of up to five hundred. "queued before" is the
same without the application: all messages lie there when the clock starts. One message for each worker, which goes
before all others, opens its connections and loads what is loaded once.
Beside it stands what the cryptography alone takes for the same messages, in one thread: machines differ, so look at the
ratios. "batch" is one signature for the receipts of a whole parcel. PostgreSQL is measured where two URLs are given, or
none: then a server is started that waits for its disk as a fresh installation does (``fsync``, ``full_page_writes`` and
``synchronous_commit`` on), on this machine and its cores. Beside the messages stands how many entries of an audit log
are verified a second.
"""

from __future__ import annotations

import argparse
import gc
import json
import multiprocessing
import socket
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from egov_sdk.codes.specimens import specimen_credit_code
from egov_sdk.crypto import SM2PrivateKey, backend
from egov_sdk.exchange.envelope.model import Party
from egov_sdk.exchange.envelope.receipt import sign_receipt
from egov_sdk.exchange.envelope.sealed import encrypt
from egov_sdk.exchange.envelope.signed import sign_envelope
from egov_sdk.exchange.envelope.verify import open_envelope, verify_receipt
from egov_sdk.exchange.node.model import Direction, Draft
from egov_sdk.exchange.node.node import ExchangeNode
from egov_sdk.exchange.node.serving import partner_app
from egov_sdk.exchange.node.settings import NodeIdentity, NodeSettings, Partner
from egov_sdk.exchange.node.transport import HttpTransport
from egov_sdk.gateway import GatewayClient
from egov_sdk.pki import Certificate, LocalCA, TrustStore
from egov_sdk.report import Outcome
from egov_sdk.storage import AuditLog, open_store, verify_audit

if TYPE_CHECKING:
    from multiprocessing.synchronize import Barrier, Event

#: Like a fresh installation; tests use a server that does not wait.
DURABLE = ("fsync=on", "full_page_writes=on", "synchronous_commit=on", "shared_buffers=128MB")
AUDIT_GOAL = 200_000  # entries a second
GOALS = {"sqlite": 400, "sqlite batch": 800, "postgresql": 800, "postgresql batch": 1_600}
TOGETHER = 100  # messages that the application gives in one transaction
WORKERS = 2
SERVICE = "s_11000000000001_0001"
CONTENT = b'{"name":"' + "示例有限公司".encode() * 50 + b'"}'
PARTIES = [Party(code=specimen_credit_code(number).number) for number in (1, 2)]
SPAWN = multiprocessing.get_context("spawn")
KEYS = [(SM2PrivateKey.from_int(1001 + n), SM2PrivateKey.from_int(2001 + n)) for n in range(2)]


def office(number: int, certificates: tuple[bytes, ...]) -> tuple[NodeIdentity, list[Partner], TrustStore]:
    """One of the two, with the other as its partner."""
    root, *own = (Certificate.parse(one) for one in certificates)
    identity = NodeIdentity(
        party=PARTIES[number], signer=KEYS[number][0], certificate=own[number], decrypter=KEYS[number][1]
    )
    other = 1 - number
    partner = Partner(
        party=PARTIES[other], encryption=KEYS[other][1].public_key(), certificates=(own[other],), parcel=500
    )
    return identity, [partner], TrustStore([root])


@dataclass(frozen=True)
class Side:
    """One of the two nodes, as each of its processes opens it."""

    place: Path | str
    number: int
    certificates: tuple[bytes, ...]
    batch: bool

    def node(self) -> ExchangeNode:
        identity, partners, trust = office(self.number, self.certificates)
        node = ExchangeNode(
            open_store(self.place),
            identity=identity,
            partners=partners,
            trust=trust,
            clock=lambda: datetime.now(UTC),
            settings=NodeSettings(batch_receipts=self.batch),
        )
        node.prepare()
        return node


class Signals(NamedTuple):
    """Where workers and the application begin and end together, and that all was given."""

    line: Barrier
    given: Event


def receive(side: Side, port: int) -> None:
    """The receiver, until it is ended."""
    from egov_sdk.platform.serving import Listening, serve

    serve(partner_app(side.node().accept), Listening(port=port))


@contextmanager
def receiver(side: Side) -> Iterator[int]:
    """The receiver in a process of its own; the port that it listens at."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    process = SPAWN.Process(target=receive, args=(side, port), daemon=True)
    process.start()
    try:
        for _ in range(600):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield port
    finally:
        process.terminate()
        process.join()


def draft() -> Draft:
    """A message of 1 KB."""
    return Draft(to=PARTIES[1], content=CONTENT, service=SERVICE, purpose="核验", basis=("政务数据共享条例",))


def work(side: Side, port: int, signals: Signals) -> None:
    """A worker: one message, then all others."""
    node = side.node()
    with GatewayClient(f"http://127.0.0.1:{port}") as gateway:
        node.connect("http", HttpTransport(gateway))
        while not node.deliver_due():
            time.sleep(0.002)
        freeze()
        signals.line.wait()
        drain(node, signals.given)
        signals.line.wait()
    node.desk.store.close()


@contextmanager
def crew(node: ExchangeNode, side: Side, port: int) -> Iterator[Signals]:
    """The workers, each in a process of its own and after its first message."""
    signals = Signals(SPAWN.Barrier(WORKERS + 1, timeout=600), SPAWN.Event())
    processes = [SPAWN.Process(target=work, args=(side, port, signals), daemon=True) for _ in range(WORKERS)]
    for process in processes:
        node.send(draft())
        process.start()
        while node.status().waiting(Direction.OUT):
            time.sleep(0.05)
    yield signals
    for process in processes:
        process.join()


def freeze() -> None:
    """As the page "Exchange node" advises; our server does so by itself."""
    gc.collect()
    gc.freeze()


def delivered(places: tuple[Path | str, Path | str], *, messages: int, batch: bool, before: bool) -> float:
    """Messages a second, from the application's first send to the last receipt on the disk.

    Args:
        before: the clock starts when all of them are queued.
    """
    at = datetime.now(UTC) - timedelta(days=1)
    ca = LocalCA.create_root("Benchmark Root", at=at, days=30)
    own = [ca.issue("signer", f"Office {n}", KEYS[n][0].public_key(), at=at, days=20) for n in range(2)]
    certificates = (ca.certificate.raw, *(one.raw for one in own))
    sender, other = (Side(places[n], n, certificates, batch) for n in range(2))
    node = sender.node()
    with receiver(other) as port, crew(node, sender, port) as signals:
        freeze()
        if before:
            give(node, messages)
        signals.line.wait()
        begin = time.perf_counter()
        if not before:
            give(node, messages)
        signals.given.set()
        signals.line.wait()
        took = time.perf_counter() - begin
    left = node.status().waiting(Direction.OUT)
    node.desk.store.close()
    if left:
        raise SystemExit(f"{left} messages were not delivered")
    return messages / took


def give(node: ExchangeNode, messages: int) -> None:
    """Send as an application does."""
    for begin in range(0, messages, TOGETHER):
        node.send_all([draft() for _ in range(min(TOGETHER, messages - begin))])


def drain(node: ExchangeNode, given: Event) -> None:
    """Deliver until all was given and nothing is due."""
    while True:
        all_of_them = given.is_set()
        if not node.deliver_due():
            if all_of_them:
                return
            time.sleep(0.002)


def cryptography_alone(messages: int) -> float:
    """Messages a second that are sealed, opened, receipted and verified in one thread, and nothing else."""
    at = datetime.now(UTC) - timedelta(days=1)
    ca = LocalCA.create_root("Benchmark Root", at=at, days=30)
    own = [ca.issue("signer", f"Office {n}", KEYS[n][0].public_key(), at=at, days=20) for n in range(2)]
    certificates = (ca.certificate.raw, *(one.raw for one in own))
    with open_store("sqlite://") as store:
        nodes = []
        for number in range(2):
            identity, partners, trust = office(number, certificates)
            nodes.append(
                ExchangeNode(store, identity=identity, partners=partners, trust=trust, clock=lambda: datetime.now(UTC))
            )
        nodes[0].prepare()
        envelope = nodes[0].envelope(nodes[0].send(draft()).number)
    policies = [one.desk.policy() for one in nodes]
    message = sign_envelope(envelope, signer=KEYS[0][0], certificate=own[0])
    begin = time.perf_counter()
    for _ in range(messages):
        data = encrypt(message, [KEYS[1][1].public_key()]).sealed.to_json()
        opened = open_envelope(data, key=KEYS[1][1], policy=policies[1], at=datetime.now(UTC))
        receipt = opened.message.receipt(receiver=PARTIES[1], at=datetime.now(UTC))
        signed = sign_receipt(receipt, signer=KEYS[1][0], certificate=own[1]).to_json()
        verify_receipt(signed, policy=policies[0], at=datetime.now(UTC), message=message).require()
    return messages / (time.perf_counter() - begin)


def audit_verified(entries: int = 50_000) -> float:
    """Entries of an audit log that are verified a second, in a SQLite file."""
    now, log = datetime.now(UTC), AuditLog("exchange/benchmark")
    detail = {
        "direction": "in",
        "sender": PARTIES[0].id,
        "receiver": PARTIES[1].id,
        "service": SERVICE,
        "digest": "0" * 64,
    }
    with tempfile.TemporaryDirectory() as folder, open_store(Path(folder, "audit.db")) as store:
        store.prepare(at=now)
        written = [("clerk", "message.accepted", f"0197-{n:012d}", detail) for n in range(1000)]
        with store.write() as connection:
            for _ in range(entries // 1000):
                log.append_all(connection, at=now, entries=written)
        with store.read() as connection:
            begin = time.perf_counter()
            report = verify_audit(connection, log.chain, at=now)
            took = time.perf_counter() - begin
    assert report.outcome is Outcome.PASSED
    return entries / took


def places_of(given: list[str] | None, stack: ExitStack) -> Iterator[tuple[str, str]]:
    """Pairs of empty databases, without end; of given URLs the same ones each time. None where there is no server."""
    if given is None:
        return
    if given:
        while True:
            yield (given[0], given[1])
    sys.path.insert(0, str(Path(__file__).parents[1]))
    from tests.postgres import programs, running_server

    if programs() is None:
        print("PostgreSQL is not installed: left out")
        return
    server = stack.enter_context(running_server(*DURABLE))
    while True:
        yield (server.place(), server.place())


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=6_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--postgresql", nargs="*", metavar="URL")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    best: dict[str, float] = {}

    def note(name: str, rate: float) -> None:
        best[name] = max(best.get(name, 0.0), rate)

    with ExitStack() as stack:
        servers = places_of(given.postgresql, stack)
        for _ in range(given.rounds):
            note("cryptography alone", cryptography_alone(300))
            note("audit", audit_verified())
            for kind in ("", " batch", ", queued before", " batch, queued before"):
                words = {"messages": given.messages, "batch": "batch" in kind, "before": "before" in kind}
                with tempfile.TemporaryDirectory() as folder:
                    note(f"sqlite{kind}", delivered((Path(folder, "sender.db"), Path(folder, "receiver.db")), **words))
                if (pair := next(servers, None)) is not None:
                    note(f"postgresql{kind}", delivered(pair, **words))
    alone, audit = best["cryptography alone"], best.pop("audit")
    print(f"backend: {backend()}")
    for name, rate in best.items():
        goal = f", goal {GOALS[name]}: {'met' if rate >= GOALS[name] else 'MISSED'}" if name in GOALS else ""
        print(f"{name:32} {rate:8.0f} messages/s, {rate / alone:.2f} of the cryptography alone{goal}")
    met = "met" if audit >= AUDIT_GOAL else "MISSED"
    print(f"{'audit log verified':32} {audit:8.0f} entries/s, goal {AUDIT_GOAL}: {met}")
    if given.json:
        rates = {**best, "audit log verified, entries": audit}
        given.json.write_text(json.dumps({"backend": str(backend()), "per_second": rates, "goals": GOALS}))


if __name__ == "__main__":
    main()
