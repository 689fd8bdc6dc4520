"""A node at work in this process, on a database that it may share with the application."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import TypeVar, cast

from egov_sdk.errors import EgovError
from egov_sdk.exchange._failures import log_failure
from egov_sdk.exchange.envelope.evidence import Evidence
from egov_sdk.exchange.envelope.model import Envelope
from egov_sdk.exchange.envelope.receipt import read_receipt
from egov_sdk.exchange.node.attaching import Attaching
from egov_sdk.exchange.node.courier import Courier
from egov_sdk.exchange.node.deciding import cancel, replay
from egov_sdk.exchange.node.desk import Desk
from egov_sdk.exchange.node.files import Files
from egov_sdk.exchange.node.hands import ANY_SERVICE, Arrived, Handler, Hands
from egov_sdk.exchange.node.inbox import Inbox
from egov_sdk.exchange.node.model import Direction, Draft, Health, MessageRecord, MessageState, NodeStatus
from egov_sdk.exchange.node.outbox import Outbox
from egov_sdk.exchange.node.outcomes import Outcomes
from egov_sdk.exchange.node.pulls import Pull, Pulls, pulls_of
from egov_sdk.exchange.node.rows import fetch, receipts_of, record_of, select_records
from egov_sdk.exchange.node.settings import Clock, NodeIdentity, NodeSettings, Partner, Random
from egov_sdk.exchange.node.tables import CONTENTS, MESSAGES, NODE, OUTCOMES, RECEIPTS
from egov_sdk.exchange.node.transport import Transport
from egov_sdk.exchange.node.watch import health_of, metrics_of, status_of
from egov_sdk.exchange.node.workers import Workers
from egov_sdk.pki import TrustStore
from egov_sdk.storage import StorageError, Store
from egov_sdk.storage.sql import Connection, delete, select
from egov_sdk.times import aware

__all__ = ["ANY_SERVICE", "Arrived", "ExchangeNode"]

M = MESSAGES.c
T = TypeVar("T")


class ExchangeNode:
    """The exchange of one department (数据交换节点). Threads may share one; several processes may each have one.

    Args:
        store: where messages are kept; the application's own database, so that what it sends and what its handlers
            do are in its own transactions.
        trust: the anchors of partners' certificates.
        transports: the ways to partners, by the names that partners say.
        revocations: gives the revocation lists that hold now.
        clock: gives the time, aware.
    """

    def __init__(
        self,
        store: Store,
        *,
        identity: NodeIdentity,
        partners: Iterable[Partner],
        trust: TrustStore,
        clock: Clock,
        transports: Mapping[str, Transport] | None = None,
        settings: NodeSettings | None = None,
        revocations: Callable[[], tuple[bytes, ...]] = tuple,
        random: Random = os.urandom,
    ) -> None:
        self.desk = Desk(
            store,
            identity=identity,
            partners=partners,
            trust=trust,
            clock=clock,
            settings=settings or NodeSettings(),
            revocations=revocations,
            random=random,
        )
        self._transports = dict(transports or {})
        self._files = files = Files(self.desk)
        self._outbox = Outbox(self.desk, files)
        outcomes = Outcomes(self.desk, self._outbox)
        self._inbox = Inbox(self.desk, outcomes, files)
        self._courier = Courier(self.desk, self._transports, files)
        self._hands = Hands(self.desk, self._outbox, outcomes, files)
        #: Files of messages: those that are to be sent, and those that have come.
        self.attachments = Attaching(self.desk, self._outbox, files)
        self._pulls = Pulls(self.desk)

    # ------------------------------------------------------------------ setting up

    def prepare(self) -> None:
        """Make the node's tables, or bring them up to date.

        Raises:
            StorageError: as Store.prepare.
        """
        self.desk.store.prepare(NODE, at=self.desk.now())

    def meet(self, partners: Iterable[Partner]) -> None:
        """Exchange with these partners from now on, and with no others."""
        self.desk.meet(partners)

    def connect(self, name: str, transport: Transport) -> None:
        """Use a transport under a name that partners say."""
        self._transports[name] = transport

    def handler(self, service: str = ANY_SERVICE) -> Callable[[Handler], Handler]:
        """Register what handles the messages for a service, or a resource; see Handler.

        Raises:
            ValueError: it has a handler already.
        """

        def register(handler: Handler) -> Handler:
            if self._hands.handlers.setdefault(service, handler) is not handler:
                raise ValueError(f"{service} has a handler already")
            return handler

        return register

    def pull(self, pull: Pull[T]) -> None:
        """Run a scheduled pull from now on.

        Raises:
            ValueError: one of that name is there already.
        """
        if pull.name in self._pulls.all:
            raise ValueError(f"the pull {pull.name} is there already")
        self._pulls.all[pull.name] = cast("Pull[object]", pull)

    # ------------------------------------------------------------------ the application

    def send(self, draft: Draft, *, connection: Connection | None = None) -> MessageRecord:
        """Queue a message; see ExchangeService.

        Args:
            connection: of a ``store.write()`` of the application: the message is queued with its other changes, or
                not at all. Without it the message is queued by itself, for good, when this returns.
        """
        return self.send_all([draft], connection=connection)[0]

    def send_all(self, drafts: Sequence[Draft], *, connection: Connection | None = None) -> tuple[MessageRecord, ...]:
        """Queue several messages, all or none; as ``send``, with a record for each receiver of each draft."""
        if connection is not None:
            return self._outbox.queue(connection, drafts)
        with self.desk.store.write() as own:
            return self._outbox.queue(own, drafts)

    def find(self, number: int) -> MessageRecord:
        """One message; see ExchangeService."""
        with self.desk.store.read() as connection:
            return record_of(fetch(connection, number))

    def messages(
        self,
        *,
        direction: Direction | None = None,
        state: MessageState | None = None,
        partner: str = "",
        message_id: str = "",
        correlation: str = "",
        after: int = 0,
        limit: int = 100,
    ) -> tuple[MessageRecord, ...]:
        """Messages; see ExchangeService."""
        asked = {"direction": direction, "state": state, "peer": partner, "id": message_id, "correlation": correlation}
        with self.desk.store.read() as connection:
            return select_records(connection, asked, after=after, limit=limit)

    def envelope(self, number: int) -> Envelope:
        """What a message says; see ExchangeService."""
        with self.desk.store.read() as connection:
            return self._outbox.read(connection, number).envelope_unverified

    def receipt(self, number: int) -> bytes | None:
        """The receipt; see ExchangeService."""
        with self.desk.store.read() as connection:
            fetch(connection, number)
            for table in (OUTCOMES, RECEIPTS):
                wanted = select(table.c.receipt).where(table.c.number == number)
                found: bytes | None = connection.execute(wanted).scalar_one_or_none()
                if found is not None:
                    return found
        return None

    def evidence(self, number: int) -> bytes:
        """Message and receipt; see ExchangeService."""
        with self.desk.store.read() as connection:
            message = self._outbox.read(connection, number)
            receipts = receipts_of(connection, fetch(connection, number))
        limits = self.desk.settings.limits
        return Evidence.of(message, [read_receipt(one, limits=limits) for one in receipts]).to_json()

    def replay(self, number: int, *, reason: str, actor: str = "") -> MessageRecord:
        """Try a dead message again; see ExchangeService."""
        desk = self.desk
        with desk.store.write() as connection:
            return replay(connection, [number], journal=desk.journal, reason=reason, actor=actor, at=desk.now())[0]

    def cancel(self, number: int, *, reason: str, actor: str = "") -> MessageRecord:
        """Give a message up; see ExchangeService."""
        desk = self.desk
        with desk.store.write() as connection:
            return cancel(connection, [number], journal=desk.journal, reason=reason, actor=actor, at=desk.now())[0]

    # ------------------------------------------------------------------ partners

    def accept(self, data: bytes) -> bytes:
        """Take a parcel of a partner, from any transport; what it answers, to be carried back.

        For each message, in their order, a receipt that is kept with it, or a refusal. What came before gets the
        receipt of the first time.

        Raises:
            LimitExceeded: the parcel is larger than is taken.
            NodeRejected: audit_not_stamped: no work is taken now.
            StorageError: nothing was taken.
        """
        return self._inbox.accept(data)

    def settle(self, answer: bytes) -> int:
        """Take a partner's answer that comes later than its parcel; how many receipts in it hold.

        Raises:
            LimitExceeded: it is larger than is read.
            StorageError: nothing was taken.
        """
        return self._courier.settle(answer)

    # ------------------------------------------------------------------ working

    def deliver_due(self) -> int:
        """Send one parcel to each partner for whom something is due; how many messages they held."""
        return sum(self._courier.deliver(peer) for peer in self._courier.due())

    def handle_due(self) -> int:
        """Handle some messages of each partner of whom something is due; how many were tried."""
        return sum(self._hands.handle(peer) for peer in self._hands.due()) if self._hands.handlers else 0

    def pull_due(self) -> int:
        """Run a pull that is due; 1 if there was one."""
        return int(self._pulls.run_due())

    def stamp_due(self) -> bool:
        """Time-stamp the audit log if it is time; whether that was done. An authority that fails is logged and counted,
        and stops nothing before ``refuse_after``.

        Raises:
            StorageError: the database failed.
        """
        desk = self.desk
        try:
            return desk.journal.stamp(desk.store, at=desk.now())
        except StorageError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever asking an authority raises
            code = error.code if isinstance(error, EgovError) else "egov.exchange.node.stamp"
            log_failure("the audit log was not time-stamped", error)
            desk.count("stamp_failed", code)
            return False

    def run_once(self) -> int:
        """One round of everything that is due; how much there was."""
        self.stamp_due()
        return self.deliver_due() + self.handle_due() + self.pull_due()

    @contextmanager
    def workers(self, count: int = 1, *, idle_s: float = 0.2) -> Iterator[Workers]:
        """Threads that do what is due until the block ends; what each is doing then it finishes.

        Args:
            idle_s: how long to wait when nothing is due.
        """
        crew = Workers(self, count=count, idle_s=idle_s)
        crew.start()
        try:
            yield crew
        finally:
            crew.stop()

    def purge(self, *, before: datetime) -> int:
        """Forget contents and attachments of what was finished before a moment; how many messages.

        Records, digests and receipts stay: they tell a duplicate from a new message, and prove what was received.
        Files that nobody has sent or waited for since then go as well.
        """
        finished = select(M.number).where(M.finished_at < aware(before))
        with self.desk.store.write() as connection:
            self._files.forget(connection, before=before)
            return int(connection.execute(delete(CONTENTS).where(CONTENTS.c.number.in_(finished))).rowcount)

    # ------------------------------------------------------------------ watching

    def status(self) -> NodeStatus:
        """Queues, rates and ages; see ExchangeService."""
        with self.desk.store.read() as connection:
            desk = self.desk
            return status_of(
                connection, desk.journal, desk.identity.party, desk.partners, desk.now(), pulls_of(connection)
            )

    def health(self) -> Health:
        """Whether work is taken; see ExchangeService."""
        return health_of(self.desk)

    def metrics(self) -> str:
        """The status for Prometheus; see ExchangeService."""
        return metrics_of(self.status(), dict(self.desk.counts), health=self.health())
