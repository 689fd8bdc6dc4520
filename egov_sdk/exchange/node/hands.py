"""Handling: what was accepted is given to the application's handler, whose effects count once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

from egov_sdk.errors import EgovError, InputError, VerificationError
from egov_sdk.exchange._failures import log_failure
from egov_sdk.exchange.envelope.model import Attachment, Envelope
from egov_sdk.exchange.node.desk import Desk
from egov_sdk.exchange.node.files import Files
from egov_sdk.exchange.node.journal import Entry
from egov_sdk.exchange.node.model import Direction, Draft, MessageRecord, MessageState
from egov_sdk.exchange.node.outbox import Outbox, entry_of
from egov_sdk.exchange.node.outcomes import Outcomes
from egov_sdk.exchange.node.problems import NodeRejected, refuse
from egov_sdk.exchange.node.rows import claim, content_of, due_peers, finish, numbered, record_of
from egov_sdk.exchange.node.tables import MESSAGES
from egov_sdk.problems import shown
from egov_sdk.report import Text
from egov_sdk.storage import StorageConflict, StorageError
from egov_sdk.storage.sql import Connection, RowMapping, bindparam, select, update
from egov_sdk.storage.statements import held

__all__ = ["ANY_SERVICE", "Arrived", "Handler", "Hands"]

M = MESSAGES.c
#: The service under which a handler for all others is registered.
ANY_SERVICE = "*"
_STILL_OURS = select(M.number).where(M.lease == bindparam("token")).order_by(M.number).with_for_update()


@dataclass(frozen=True, slots=True)
class Arrived:
    """A message that was accepted: verified, kept, and now to be handled."""

    record: MessageRecord
    envelope: Envelope
    _read: Callable[[Attachment, int], Iterator[bytes]] = field(repr=False, compare=False)

    def attachment(self, name: str, *, offset: int = 0) -> Iterator[bytes]:
        """An attachment from a byte on, chunk by chunk, within the handler's transaction; every chunk is what was
        signed.

        Raises:
            KeyError: the message has none of that name.
        """
        return self._read({one.name: one for one in self.envelope.attachments}[name], offset)

    def reply(self, content: bytes, *, content_type: str = "application/json", priority: int = 5) -> Draft:
        """The answer to its sender, for the same purpose; a handler returns it, or queues it."""
        asked = self.envelope
        return Draft(
            to=asked.sender,
            content=content,
            content_type=content_type,
            service=asked.service,
            resource=asked.resource,
            purpose=asked.purpose,
            basis=asked.basis,
            answers=self.record.number,
            priority=priority,
        )


#: What an application does with a message: its changes go through the connection, and count together with the mark
#: that the message is handled. It may be run more than once; only one run's changes stay. What it returns is queued
#: as an answer. An InputError or VerificationError gives the message up; any other error has it tried again. It neither
#: commits nor rolls back: others are handled in the same transaction.
Handler: TypeAlias = Callable[[Connection, Arrived], "Draft | None"]


class Hands:
    """Runs handlers."""

    def __init__(self, desk: Desk, outbox: Outbox, outcomes: Outcomes, files: Files) -> None:
        self._desk, self._outbox, self._outcomes, self._files = desk, outbox, outcomes, files
        self.handlers: dict[str, Handler] = {}

    def due(self) -> list[str]:
        """The partners of whose messages some are due."""
        desk = self._desk
        with desk.store.read() as connection:
            return due_peers(connection, Direction.IN, now=desk.now(), horizon=desk.settings.horizon)

    def handle(self, peer: str) -> int:
        """Handle some messages of one partner in one transaction; how many were tried.

        Raises:
            StorageError: the database failed; nothing of it counts, and it is done again when the lease ends.
        """
        token = self._desk.token()
        rows, contents = self._take(peer, token)
        if not rows:
            return 0
        ordered = self._ordered(peer)
        failures: list[tuple[RowMapping, Exception]] = []
        try:
            self._run(rows, contents, token, failures, ordered=ordered)
        except StorageError:
            # it may be what one handler did: then it alone is to blame, and the others go their way
            failures = self._one_by_one(rows, contents, token, ordered=ordered)
        self._failed(failures, token)
        if ordered and failures:
            self._let_go(token)
        return len(rows)

    def _ordered(self, peer: str) -> bool:
        partner = self._desk.known(peer)
        return partner is not None and partner.ordered

    def _take(self, peer: str, token: str) -> tuple[list[RowMapping], Mapping[int, bytes]]:
        desk, settings, now = self._desk, self._desk.settings, self._desk.now()
        with desk.store.write(durable=False) as connection:
            rows = claim(
                connection,
                Direction.IN,
                peer,
                most=settings.handle_together,
                ordered=self._ordered(peer),
                now=now,
                until=now + settings.lease,
                horizon=settings.horizon,
                token=token,
            )
            ends = settings.handling.is_last
            worn = [row for row in rows if ends(row["attempts"], at=now, until=row["expires_at"])]
            self._bury(connection, [(row, row["problem"] or "egov.exchange.node.attempts") for row in worn], now)
            ready = [row for row in rows if row not in worn]
            return ready, content_of(connection, [row["number"] for row in ready])

    def _run(
        self,
        rows: Sequence[RowMapping],
        contents: Mapping[int, bytes],
        token: str,
        failures: list[tuple[RowMapping, Exception]],
        *,
        ordered: bool,
    ) -> None:
        """One transaction for all; each handler in a part of its own, which is undone alone if it fails."""
        desk, now, entries = self._desk, self._desk.now(), list[Entry]()
        with desk.store.write() as connection:
            desk.journal.check(connection, at=now)
            given = {"numbers": [row["number"] for row in rows], "token": token}
            ours = set(connection.execute(numbered(connection, _STILL_OURS), given).scalars())
            done: list[RowMapping] = []
            for row in rows:
                if row["number"] not in ours:
                    continue
                try:
                    with held(connection), connection.begin_nested():
                        self._one(connection, row, contents[row["number"]])
                    if not connection.in_transaction():
                        raise refuse(
                            "node.handler_failed", found=Text("it ended the transaction", "程序自行结束了事务")
                        )
                except Exception as error:  # noqa: BLE001 - a handler may raise anything; its part is undone
                    failures.append((row, error))
                    if ordered or not connection.in_transaction():
                        break
                    continue
                done.append(row)
                entries.append(entry_of("message.handled", row))
            finish(connection, [(row["number"], MessageState.DONE, None, "") for row in done], now=now)
            self._outcomes.tell_after_all(connection, done, now=now)
            desk.journal.write(connection, entries, at=now)
        desk.count("handled", by=len(done))

    def _one_by_one(
        self, rows: Sequence[RowMapping], contents: Mapping[int, bytes], token: str, *, ordered: bool
    ) -> list[tuple[RowMapping, Exception]]:
        """Each in a transaction of its own; those that failed.

        Raises:
            StorageError: the database failed, whatever the handlers do.
        """
        failures: list[tuple[RowMapping, Exception]] = []
        for row in rows:
            own: list[tuple[RowMapping, Exception]] = []
            try:
                self._run([row], contents, token, own, ordered=ordered)
            except StorageError as error:
                if not own and not isinstance(error, StorageConflict):
                    raise
                own = own or [(row, error)]  # what contradicts in the end is what the handler left
            failures += own
            if ordered and own:
                break
        return failures

    def _one(self, connection: Connection, row: RowMapping, packed: bytes) -> None:
        desk = self._desk
        handler = self.handlers.get(row["service"] or row["resource"]) or self.handlers.get(ANY_SERVICE)
        if handler is None:
            raise refuse("node.no_handler", found=row["service"] or row["resource"])
        message = desk.message(row, packed)

        def read(attachment: Attachment, offset: int) -> Iterator[bytes]:
            return self._files.read(connection, row["sender"], attachment, offset=offset)

        arrived = Arrived(record_of(row, receipted=True), message.envelope_unverified, read)
        answer = handler(connection, arrived)
        if answer is not None:
            self._outbox.queue(connection, [answer])

    def _failed(self, failures: Sequence[tuple[RowMapping, Exception]], token: str) -> None:
        if not failures:
            return
        desk, now, settings = self._desk, self._desk.now(), self._desk.settings
        with desk.store.write() as connection:
            given = {"numbers": [row["number"] for row, _ in failures], "token": token}
            ours = set(connection.execute(numbered(connection, _STILL_OURS), given).scalars())
            dead, again = [], []
            for row, error in failures:
                code = error.code if isinstance(error, EgovError) else "egov.exchange.node.handler_failed"
                log_failure(f"message {shown(row['id'])} was not handled", error)
                desk.count("handler_failed", code)
                if row["number"] not in ours:
                    continue
                last = settings.handling.is_last(row["attempts"] + 1, at=now, until=row["expires_at"])
                if last or _for_good(error):
                    dead.append((row, code))
                else:
                    wait = settings.handling.delay(row["attempts"] + 1, random=desk.random)
                    again.append((row["number"], MessageState.QUEUED, now + wait, code))
            finish(connection, again, now=now)
            self._bury(connection, dead, now)

    def _let_go(self, token: str) -> None:
        """Give back what stands behind a failure and was not tried."""
        with self._desk.store.write(durable=False) as connection:
            connection.execute(
                update(MESSAGES)
                .where(M.direction == Direction.IN.value, M.lease == token)
                .values(state=MessageState.QUEUED.value, due_at=self._desk.now(), lease="", attempts=M.attempts - 1)
            )

    def _bury(self, connection: Connection, dead: Sequence[tuple[RowMapping, str]], now: datetime) -> None:
        finish(connection, [(row["number"], MessageState.DEAD, None, code) for row, code in dead], now=now)
        self._desk.journal.write(
            connection, [entry_of("message.dead", row, problem=code) for row, code in dead], at=now
        )
        for row, code in dead:
            self._outcomes.tell(connection, row, code=code, now=now)
        for _, code in dead:
            self._desk.count("dead", code)


def _for_good(error: Exception) -> bool:
    """Whether trying again cannot help: the message is not what the handler takes. The node's own refusals pass."""
    return isinstance(error, (InputError, VerificationError)) and not isinstance(error, NodeRejected)
