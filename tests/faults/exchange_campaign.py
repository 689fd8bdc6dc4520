"""Two nodes at work in processes that are killed while they work, over a way on which all goes wrong.

    python -m tests.faults.exchange_campaign TASK.json

One process, which has everything loaded, forks the others and kills them with SIGKILL at moments drawn from a seed: an
application that queues messages, couriers that carry parcels and collect answers, receivers that take and handle them.
They open their databases and connections themselves. What ``send`` has acknowledged stands in the file ACKNOWLEDGED.
The way to the partner loses, doubles, cuts, holds back and repeats parcels, as the seed says.
"""

from __future__ import annotations

import http.server
import io
import json
import os
import random
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from egov_sdk.errors import EgovError
from egov_sdk.exchange.envelope.model import Attachment
from egov_sdk.exchange.node.folder import FolderTransport
from egov_sdk.exchange.node.model import Direction
from egov_sdk.exchange.node.nats import BrokerAccess, NatsTransport
from egov_sdk.exchange.node.node import ExchangeNode
from egov_sdk.exchange.node.settings import Backoff, NodeSettings
from egov_sdk.exchange.node.transport import HttpTransport, Parcel, Transport
from egov_sdk.exchange.node.wrap import Collected
from egov_sdk.gateway import GatewayClient
from egov_sdk.gateway.policies import Retry, Timeouts
from egov_sdk.storage import StorageError, open_store
from egov_sdk.storage.sql import insert
from tests.exchange_world import APPLIED, SERVICE, draft, identity_of, partner_of
from tests.unit.exchange.envelope.offices import AT, Office, offices

#: Every so manieth message has an attachment.
HEAVY: Final = 6
LEASE_S: Final = 1.0
_IDLE_S: Final = 0.02
_AFTER_ERROR_S: Final = 0.05


@dataclass(frozen=True, kw_only=True)
class Task:
    """What a campaign does.

    Attributes:
        way: ``folder``, ``nats`` or ``http``; ``there`` is the folder, the broker's address or the port.
        listen: the port of the receivers, where something stands between it and ``there``.
        jump_s: clocks of processes are wrong by up to so many seconds, each time differently.
        mischief: how many of a hundred parcels meet with something.
    """

    tax: str
    market: str
    way: str
    there: str
    seed: int
    kills: int
    messages: int
    acknowledged: str
    begun: float
    listen: str = ""
    pace_s: float = 0.01
    jump_s: float = 0.0
    mischief: int = 20
    limit_s: float = 150.0
    pause_s: tuple[float, float] = (0.02, 0.15)

    def dump(self, path: Path) -> Path:
        path.write_text(json.dumps(asdict(self)), "ascii")
        return path

    @classmethod
    def load(cls, path: str) -> Task:
        return cls(**json.loads(Path(path).read_text("ascii")))

    def clock(self, chance: random.Random) -> Callable[[], datetime]:
        """The time of one process: as it passes, and perhaps wrong."""
        wrong = timedelta(seconds=chance.uniform(-self.jump_s, self.jump_s))
        return lambda: AT + timedelta(seconds=time.time() - self.begun) + wrong


def attachment_of(number: int) -> bytes:
    """What is attached to a message: two chunks, other ones each time."""
    return b"%08d" % number * 40_000


def node_of(task: Task, own: Office, other: Office, chance: random.Random) -> ExchangeNode:
    """One of the two nodes, opened in this process."""
    place = task.tax if own is offices().tax else task.market
    again = Backoff(first=timedelta(seconds=0.05), cap=timedelta(seconds=0.5))
    return ExchangeNode(
        open_store(place if "://" in place else Path(place), busy_s=30.0),
        identity=identity_of(own),
        partners=[partner_of(other, transport="way", parcel=7)],
        trust=offices().trust,
        clock=task.clock(chance),
        settings=NodeSettings(
            delivery=again,
            handling=replace(again, attempts=100_000),
            lease=timedelta(seconds=LEASE_S),
            receipt_wait=timedelta(seconds=LEASE_S),
            handle_together=5,
            batch_receipts=bool(task.seed % 2),
            piece_bytes=200_000,
        ),
    )


class Mischief:
    """A way on which parcels are lost, doubled, cut, held back, and come again much later."""

    def __init__(self, inner: Transport, chance: random.Random, percent: int) -> None:
        self._inner, self._chance, self._percent = inner, chance, percent
        self._seen: list[Parcel] = []

    def deliver(self, parcel: Parcel) -> bytes | None:
        """Hand over, or do something else."""
        self._seen = [*self._seen[-20:], parcel]
        if self._chance.randrange(100) >= self._percent:
            return self._inner.deliver(parcel)
        what = self._chance.choice(["lose", "lose the answer", "double", "cut", "late", "old", "say it later"])
        if what == "lose":
            raise ConnectionError(what)
        if what == "say it later":
            return None  # and nobody will ever say it
        if what == "late":
            time.sleep(self._chance.uniform(0, 2 * LEASE_S))
        if what == "old":
            self._inner.deliver(replace(self._chance.choice(self._seen), id=f"old-{self._chance.getrandbits(60)}"))
        if what == "cut":
            half = replace(parcel, id=f"cut-{parcel.id}", data=parcel.data[: self._chance.randrange(len(parcel.data))])
            with suppress(EgovError):
                self._inner.deliver(half)
        if what == "double":
            self._inner.deliver(replace(parcel, id=f"twice-{parcel.id}"))
        answer = self._inner.deliver(parcel)
        if what == "lose the answer":
            raise ConnectionError(what)
        return answer


def carrier(task: Task, own: Office, node: ExchangeNode) -> Any:
    """The transport of this process; with a folder or a broker it collects as well."""
    lease = timedelta(seconds=LEASE_S)
    if task.way == "folder":
        clock = node.desk.clock
        return FolderTransport(Path(task.there), own.party, clock=clock, lease=lease, retry=lease / 10, attempts=9_000)
    if task.way == "nats":
        access = BrokerAccess(servers=(task.there,), timeout_s=1.5)
        return NatsTransport(access, own.party, ack_wait_s=LEASE_S, retry_s=0.1, attempts=9_000)
    waits = Timeouts(connect_s=1, read_s=1, write_s=1, pool_s=1, total_s=2)
    client = GatewayClient(f"http://127.0.0.1:{task.there}", retry=Retry(attempts=1), breaker=None, timeouts=waits)
    return HttpTransport(client)


# ---------------------------------------------------------------------- what the processes do


def application(task: Task, chance: random.Random) -> None:
    """Queue all messages, beginning with the one after the last that is known to be queued."""
    node = node_of(task, offices().tax, offices().market, chance)
    done = Path(task.acknowledged).read_text("ascii").splitlines()
    number = int(done[-1].split()[0]) + 1 if done else 0
    file = os.open(task.acknowledged, os.O_WRONLY | os.O_APPEND)
    while number < task.messages:
        time.sleep(chance.uniform(0, 2 * task.pace_s))
        try:
            attachments = (_attached(node, number),) if number % HEAVY == 0 else ()
            record = node.send(draft(number, id=f"message-{number:012}", attachments=attachments))
        except StorageError:
            time.sleep(_AFTER_ERROR_S)
            continue
        os.write(file, f"{number} {record.number} {record.digest}\n".encode())
        number += 1


def _attached(node: ExchangeNode, number: int) -> Attachment:
    return node.attachments.attach(f"{number}.bin", io.BytesIO(attachment_of(number)))


def courier(task: Task, chance: random.Random) -> None:
    """Carry parcels, and bring answers home."""
    own = offices().tax
    node = node_of(task, own, offices().market, chance)
    way = carrier(task, own, node)
    node.connect("way", Mischief(way, chance, task.mischief))
    _for_ever(lambda: node.run_once() + _collected(way, node))


def receiver(task: Task, chance: random.Random) -> None:
    """Take parcels, and let each message take effect."""
    own = offices().market
    node = node_of(task, own, offices().tax, chance)

    @node.handler(SERVICE)
    def note(connection: Any, arrived: Any) -> None:
        row = {"id": arrived.envelope.id, "content": arrived.envelope.content.decode()}
        connection.execute(insert(APPLIED), row)
        if chance.randrange(60) == 0:
            time.sleep(1.5 * LEASE_S)  # slower than it may be: another one has taken over
        if chance.randrange(20) == 0:
            raise RuntimeError("on purpose, after the change")

    if task.way == "http":
        _listen(int(task.listen or task.there), node)
        _for_ever(node.run_once)
    way = carrier(task, own, node)
    _for_ever(lambda: node.run_once() + _collected(way, node))


def _collected(way: Any, node: ExchangeNode) -> int:
    if not hasattr(way, "collect"):
        return 0
    done: Collected = way.collect(node, most=5, **({"wait_s": 0.05} if isinstance(way, NatsTransport) else {}))
    for one in done.refused:
        assert one.code.startswith("egov.exchange.node."), one
        assert one.origin in {"sender", "receiver", "node"}, one
    return done.parcels + done.answers


def _for_ever(round_of: Callable[[], int]) -> None:
    while True:
        try:
            if not round_of():
                time.sleep(_IDLE_S)
        except AssertionError:
            raise
        except Exception:  # noqa: BLE001 - the work of a process that goes on is done again
            time.sleep(_AFTER_ERROR_S)


def _listen(port: int, node: ExchangeNode) -> None:
    class Door(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            data = self.rfile.read(int(self.headers["Content-Length"]))
            try:
                answer, status = node.accept(data), 200
            except Exception:  # noqa: BLE001 - as a server does
                answer, status = b"", 503
            self.send_response(status)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is given
            pass

    class Server(http.server.ThreadingHTTPServer):
        allow_reuse_address = True
        allow_reuse_port = True  # two receivers share it, and it is free at once after a kill

    threading.Thread(target=Server(("127.0.0.1", port), Door).serve_forever, daemon=True).start()


def watcher(task: Task, chance: random.Random) -> None:
    """End with 0 when everything that was to be sent has its receipt and took effect; with 3 when not yet."""
    waiting = 0
    for own, other in ((offices().tax, offices().market), (offices().market, offices().tax)):
        status = node_of(task, own, other, chance).status()
        waiting += status.waiting(Direction.OUT) + status.waiting(Direction.IN)
        assert status.dead == 0, status
    sys.exit(3 if waiting else 0)


# ---------------------------------------------------------------------- who begins and ends them

_ROLES: Final = (application, courier, courier, receiver, receiver)


def _fork(role: Callable[[Task, random.Random], None], task: Task, chance: random.Random) -> int:
    seed = chance.getrandbits(32)
    child = os.fork()
    if child:
        return child
    try:
        role(task, random.Random(seed))
        code = 0
    except SystemExit as end:
        code = int(str(end.code))
    except BaseException:  # noqa: BLE001 - told below
        traceback.print_exc()
        code = 1
    sys.stderr.flush()
    os._exit(code)


def _ended(child: int) -> int | None:
    pid, status = os.waitpid(child, os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if pid else None


def main(path: str) -> int:
    """Run a campaign; prints how many were killed."""
    task = Task.load(path)
    chance, killed, end = random.Random(task.seed), 0, time.monotonic() + task.limit_s
    children = {number: _fork(role, task, chance) for number, role in enumerate(_ROLES)}
    finished = False
    try:
        while not finished and time.monotonic() < end:
            time.sleep(chance.uniform(*task.pause_s))
            for number, child in list(children.items()):
                if (code := _ended(child)) is not None:
                    del children[number]
                    if code != 0 or _ROLES[number] is not application:
                        return _failed(f"{_ROLES[number].__name__} ended with {code}")
            if killed < task.kills:
                number = chance.choice(list(children))
                os.kill(children[number], signal.SIGKILL)
                os.waitpid(children[number], 0)
                killed += 1
                children[number] = _fork(_ROLES[number], task, chance)
            elif 0 not in children:
                ended = os.waitstatus_to_exitcode(os.waitpid(_fork(watcher, task, chance), 0)[1])
                if ended not in (0, 3):
                    return _failed(f"watcher ended with {ended}")
                finished = ended == 0
    finally:
        for child in children.values():
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
    sys.stdout.write(f"{killed} {'finished' if finished else 'unfinished'}\n")
    return 0


def _failed(why: str) -> int:
    sys.stderr.write(f"{why}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
