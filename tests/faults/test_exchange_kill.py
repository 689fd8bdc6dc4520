"""Nodes whose processes are killed at any moment under load, on bad ways: nothing is lost, nothing applied twice."""

from __future__ import annotations

import io
import json
import random
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from egov_sdk.exchange.envelope.evidence import read_evidence
from egov_sdk.exchange.envelope.verify import verify_receipt
from egov_sdk.exchange.node.folder import FolderTransport
from egov_sdk.exchange.node.model import MessageState
from egov_sdk.exchange.node.nats import BrokerAccess, NatsTransport
from egov_sdk.exchange.node.node import ExchangeNode
from egov_sdk.report import Outcome
from egov_sdk.storage import verify_audit
from egov_sdk.storage.audit import AuditLog
from tests.faults.exchange_campaign import HEAVY, Task, attachment_of, node_of
from tests.house.tree import ROOT
from tests.nats import BrokerServer, running_broker
from tests.ports import free_port
from tests.postgres import Server, running_server
from tests.unit.exchange.envelope.offices import Office, offices

Disturb = Callable[[threading.Event], None]


class Campaign:
    """A task, the processes that do it, and the questions that are asked at the end."""

    def __init__(self, folder: Path, **of: Any) -> None:
        self.acknowledged = folder / "acknowledged"
        self.acknowledged.touch()
        given = {"acknowledged": str(self.acknowledged), "begun": time.time(), **of}
        self.task = Task(**given)
        self._path = self.task.dump(folder / "task.json")
        for own, other in self._pairs():
            node = self.open(own, other)
            node.prepare()
            if own is offices().market:
                with node.desk.store.write() as connection:
                    connection.exec_driver_sql("CREATE TABLE applied (id TEXT, content TEXT)")
            node.desk.store.close()

    def _pairs(self) -> tuple[tuple[Office, Office], tuple[Office, Office]]:
        return (offices().tax, offices().market), (offices().market, offices().tax)

    def open(self, own: Office, other: Office) -> ExchangeNode:
        return node_of(self.task, own, other, random.Random(0))

    def run(self, disturb: Disturb | None = None) -> None:
        over = threading.Event()
        beside = threading.Thread(target=disturb, args=(over,)) if disturb is not None else None
        if beside is not None:
            beside.start()
        command = [sys.executable, "-m", "tests.faults.exchange_campaign", str(self._path)]
        try:
            done = subprocess.run(
                command, cwd=ROOT, capture_output=True, text=True, timeout=self.task.limit_s + 60, check=False
            )
        finally:
            over.set()
            if beside is not None:
                beside.join()
        assert done.returncode == 0, done.stderr[-3000:]
        assert done.stdout.split() == [str(self.task.kills), "finished"], done.stdout + done.stderr[-3000:]

    def assert_nothing_lost_and_nothing_twice(self) -> None:
        tax, market = (self.open(own, other) for own, other in self._pairs())
        try:
            self._assert_sent(tax)
            self._assert_applied(market)
            self._assert_attached(market)
            for node in (tax, market):
                self._assert_audited(node)
        finally:
            tax.desk.store.close()
            market.desk.store.close()

    def _assert_sent(self, tax: ExchangeNode) -> None:
        lines = [line.split() for line in self.acknowledged.read_text("ascii").splitlines()]
        told: dict[str, tuple[str, str]] = {}
        for number, record, digest in lines:
            assert told.setdefault(number, (record, digest)) == (record, digest), "one draft, two messages"
        records = tax.messages(limit=1000)
        assert len(told) == len(records) == self.task.messages
        assert {(str(one.number), one.digest) for one in records} == set(told.values())
        policy = tax.desk.policy()
        for one in records:
            assert one.state is MessageState.DONE, one
            evidence = read_evidence(tax.evidence(one.number))
            (signed,) = evidence.receipts
            checked = verify_receipt(signed, policy=policy, at=tax.desk.now(), message=evidence.message)
            receipt = checked.require()
            assert (receipt.message, receipt.outcome.value) == (one.id, "accepted")

    def _assert_applied(self, market: ExchangeNode) -> None:
        with market.desk.store.read() as connection:
            rows = connection.exec_driver_sql("SELECT id, content FROM applied").all()
        wanted = {
            f"message-{number:012}": json.dumps({"n": number}).replace(" ", "") for number in range(self.task.messages)
        }
        assert Counter(row[0] for row in rows) == Counter(wanted.keys())
        assert {row[0]: row[1] for row in rows} == wanted

    def _assert_attached(self, market: ExchangeNode) -> None:
        for number in range(0, self.task.messages, HEAVY):
            (found,) = market.messages(message_id=f"message-{number:012}")
            sink = io.BytesIO()
            market.attachments.save(found.number, f"{number}.bin", sink)
            assert sink.getvalue() == attachment_of(number)

    def _assert_audited(self, node: ExchangeNode) -> None:
        chain = node.desk.journal.chain
        with node.desk.store.read() as connection:
            report = verify_audit(connection, chain, at=node.desk.now())
            assert report.outcome is Outcome.PASSED, report.blocking
            entries = AuditLog(chain).entries(connection, limit=100_000)
        for action in {entry.action for entry in entries} & _ONCE:
            subjects = Counter(entry.subject for entry in entries if entry.action == action)
            assert len(subjects) == self.task.messages, action
            assert set(subjects.values()) == {1}, action


#: What is written once of each message.
_ONCE = {"message.queued", "message.receipted", "message.accepted", "message.handled"}


def folder_between(place: Path) -> str:
    for office in (offices().tax, offices().market):
        FolderTransport(place, office.party, clock=lambda: offices().ca.certificate.not_before).prepare()
    return str(place)


def stream_at(server: BrokerServer) -> str:
    for office in (offices().tax, offices().market):
        transport = NatsTransport(BrokerAccess(servers=(server.url,)), office.party, ack_wait_s=1.0)
        transport.prepare()
        transport.close()
    return server.url


class Crashes:
    """Lets something crash each time that so many messages more have been acknowledged."""

    def __init__(self, crash: Callable[[], object], acknowledged: Path, *, after: tuple[int, ...]) -> None:
        self._crash, self._acknowledged, self._left = crash, acknowledged, list(after)
        self.done = 0

    def __call__(self, over: threading.Event) -> None:
        while self._left and not over.wait(0.02):
            if self._acknowledged.read_bytes().count(b"\n") >= self._left[0]:
                self._crash()
                self.done += 1
                del self._left[0]


class Wire:
    """Stands between two ports, and cuts connections after some octets."""

    def __init__(self, port: int, target: int, chance: random.Random) -> None:
        self._port, self._target, self._chance = port, target, chance

    def __call__(self, over: threading.Event) -> None:
        with socket.create_server(("127.0.0.1", self._port)) as door:
            door.settimeout(0.1)
            while not over.is_set():
                with suppress(TimeoutError):
                    connection = door.accept()[0]
                    cut = self._chance.randrange(12_000) if self._chance.randrange(4) == 0 else 1 << 40
                    threading.Thread(target=self._join, args=(connection, cut), daemon=True).start()

    def _join(self, here: socket.socket, octets: int) -> None:
        with here, suppress(OSError), socket.create_connection(("127.0.0.1", self._target), timeout=5) as there:
            left = [octets]
            one = threading.Thread(target=self._pass, args=(there, here, left), daemon=True)
            one.start()
            self._pass(here, there, left)
            one.join()

    def _pass(self, source: socket.socket, target: socket.socket, left: list[int]) -> None:
        with suppress(OSError):
            while (octets := source.recv(4096)) and left[0] > 0:
                target.sendall(octets[: left[0]])
                left[0] -= len(octets)
        for one in (source, target):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)


def files(tmp_path: Path) -> dict[str, str]:
    return {"tax": str(tmp_path / "tax.db"), "market": str(tmp_path / "market.db")}


#: Of one campaign of the default run.
KILLS, MESSAGES = 11, 60
#: Of one campaign with ``--slow``.
MANY_KILLS, MANY_MESSAGES = 120, 700


def sizes(seed: int) -> dict[str, Any]:
    if seed < 10:
        return {"seed": seed, "kills": KILLS, "messages": MESSAGES}
    return {"seed": seed, "kills": MANY_KILLS, "messages": MANY_MESSAGES, "limit_s": 400.0}


def slow(*seeds: int) -> list[Any]:
    return [pytest.param(seed, marks=pytest.mark.slow) for seed in seeds]


@pytest.mark.parametrize("seed", [1, *slow(11, 12)])
def test_over_http_on_sqlite_with_a_network_that_is_cut(tmp_path: Path, seed: int) -> None:
    there, listen = free_port(), free_port()
    places = {**files(tmp_path), "there": str(there), "listen": str(listen)}
    campaign = Campaign(tmp_path, **places, way="http", **sizes(seed))
    campaign.run(Wire(there, listen, random.Random(seed)))
    campaign.assert_nothing_lost_and_nothing_twice()


@pytest.mark.parametrize("seed", [2, *slow(13, 14)])
def test_through_a_folder_on_sqlite(tmp_path: Path, seed: int) -> None:
    there = folder_between(tmp_path / "share")
    campaign = Campaign(tmp_path, **files(tmp_path), way="folder", there=there, **sizes(seed))
    campaign.run()
    campaign.assert_nothing_lost_and_nothing_twice()


@pytest.mark.parametrize("seed", [3, *slow(15, 16)])
def test_through_a_broker_on_postgresql(tmp_path: Path, postgres: Server, seed: int) -> None:
    with running_broker() as server:
        places = {"tax": postgres.place(), "market": postgres.place()}
        campaign = Campaign(tmp_path, **places, way="nats", there=stream_at(server), **sizes(seed))
        campaign.run()
        campaign.assert_nothing_lost_and_nothing_twice()


def test_with_clocks_that_jump_further_than_a_lease(tmp_path: Path) -> None:
    there = folder_between(tmp_path / "share")
    given = {"seed": 4, "kills": 8, "messages": 30, "jump_s": 4.0}
    campaign = Campaign(tmp_path, **files(tmp_path), way="folder", there=there, **given)
    campaign.run()
    campaign.assert_nothing_lost_and_nothing_twice()


def test_while_the_broker_is_killed_and_started_again(tmp_path: Path) -> None:
    with running_broker() as server:
        given = {"seed": 5, "kills": 3, "messages": 50, "pace_s": 0.05}
        campaign = Campaign(tmp_path, **files(tmp_path), way="nats", there=stream_at(server), **given)

        def crash() -> None:
            server.kill()
            time.sleep(0.3)
            server.start()

        crashes = Crashes(crash, campaign.acknowledged, after=(10, 25))
        campaign.run(crashes)
        assert crashes.done == 2
        campaign.assert_nothing_lost_and_nothing_twice()


def test_while_the_database_crashes_and_starts_again(tmp_path: Path) -> None:
    with running_server("synchronous_commit=on") as server:
        given = {"seed": 6, "kills": 3, "messages": 50, "pace_s": 0.05}
        places = {"tax": server.place(), "market": server.place(), "there": folder_between(tmp_path / "share")}
        campaign = Campaign(tmp_path, **places, way="folder", **given)
        crashes = Crashes(server.crash, campaign.acknowledged, after=(10, 25))
        campaign.run(crashes)
        assert crashes.done == 2
        campaign.assert_nothing_lost_and_nothing_twice()
