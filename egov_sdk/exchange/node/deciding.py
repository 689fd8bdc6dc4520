"""What a person decides about messages: to try dead ones again, or to give some up; at the node, or beside it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Literal

from egov_sdk.exchange.node.journal import Journal
from egov_sdk.exchange.node.model import Direction, MessageRecord, MessageState
from egov_sdk.exchange.node.outbox import entry_of
from egov_sdk.exchange.node.problems import refuse
from egov_sdk.exchange.node.rows import fetch, numbered, record_of, select_records
from egov_sdk.exchange.node.tables import CONTENTS, MESSAGES
from egov_sdk.exchange.node.watch import journal_in
from egov_sdk.exchange.node.words import ACTION_WORDS, STATE_WORDS
from egov_sdk.report import Text
from egov_sdk.storage import Store
from egov_sdk.storage.sql import Connection, RowMapping, select, update
from egov_sdk.times import aware

__all__ = ["DeadLetter", "DeadLetters", "cancel", "replay"]

M = MESSAGES.c
_REPLAYED: Final = frozenset({MessageState.DEAD})
_CANCELLED: Final = frozenset({MessageState.QUEUED, MessageState.SENT, MessageState.DEAD})
_KEPT: Final = select(CONTENTS.c.number)
_CHANGED: Final = update(MESSAGES)
#: Ids are longer than numbers ever get.
_NUMBER_DIGITS: Final = 15
_MOST_RECEIVERS: Final = 1_000


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message that waits for a person (死信).

    Attributes:
        hindrance: why it cannot be tried again, a key of the node's PROBLEMS: ``node.state`` where it is not dead,
            ``node.expired`` or ``node.no_content``; empty where it can.
    """

    record: MessageRecord
    hindrance: str


def replay(
    connection: Connection, numbers: Iterable[int], *, journal: Journal, reason: str, actor: str = "", at: datetime
) -> tuple[MessageRecord, ...]:
    """Try dead messages again, as if for the first time: all of them, or none.

    Raises:
        NodeRejected: message_unknown, state, expired, no_content.
    """
    rows = _locked(connection, numbers, "replay", _REPLAYED)
    for one in _letters(connection, [record_of(row) for row in rows], at):
        if one.hindrance:
            raise refuse(one.hindrance, found=one.record.number, expected=one.record.expires_at.isoformat())
    change = {"state": MessageState.QUEUED.value, "due_at": at, "attempts": 0, "finished_at": None}
    return _changed(connection, rows, change, _Word(journal, "replay", reason, actor, at))


def cancel(
    connection: Connection, numbers: Iterable[int], *, journal: Journal, reason: str, actor: str = "", at: datetime
) -> tuple[MessageRecord, ...]:
    """Give messages up that are queued, handed over or dead: all of them, or none.

    Raises:
        NodeRejected: message_unknown, state.
    """
    rows = _locked(connection, numbers, "cancel", _CANCELLED)
    change = {"state": MessageState.CANCELLED.value, "due_at": None, "finished_at": at}
    return _changed(connection, rows, change, _Word(journal, "cancel", reason, actor, at))


@dataclass(frozen=True, slots=True)
class _Word:
    """What was decided, by whom, why and when; and where that is written down."""

    journal: Journal
    action: Literal["replay", "cancel"]
    reason: str
    actor: str
    at: datetime


def _locked(
    connection: Connection, numbers: Iterable[int], action: str, allowed: Collection[MessageState]
) -> list[RowMapping]:
    rows = [fetch(connection, number, lock=True) for number in sorted(set(numbers))]
    for row in rows:
        if row["state"] not in allowed:
            told = Text(row["state"], STATE_WORDS[MessageState(row["state"])].zh)
            raise refuse("node.state", action=ACTION_WORDS[action], found=told, number=row["number"])
    return rows


def _changed(
    connection: Connection, rows: Sequence[RowMapping], change: Mapping[str, object], word: _Word
) -> tuple[MessageRecord, ...]:
    if not rows:
        return ()
    whole = {**change, "lease": "", "updated_at": word.at}
    connection.execute(numbered(connection, _CHANGED), {"numbers": [row["number"] for row in rows], **whole})
    entries = [entry_of(f"message.{word.action}", row, problem=row["problem"], actor=word.actor) for row in rows]
    told = [replace(one, detail={**one.detail, "reason": word.reason}) for one in entries]
    word.journal.write(connection, told, at=word.at)
    return tuple(record_of({**row, **whole}) for row in rows)


def _letters(connection: Connection, records: Sequence[MessageRecord], at: datetime) -> tuple[DeadLetter, ...]:
    given = {"numbers": [one.number for one in records]}
    kept = frozenset(connection.execute(numbered(connection, _KEPT, CONTENTS.c.number), given).scalars())
    return tuple(DeadLetter(one, _hindrance(one, kept, at)) for one in records)


def _hindrance(record: MessageRecord, kept: Collection[int], at: datetime) -> str:
    if record.state is not MessageState.DEAD:
        return "node.state"
    if record.direction is Direction.OUT and record.expires_at <= at:
        return "node.expired"
    return "" if record.number in kept else "node.no_content"


class DeadLetters:
    """The dead messages in a node's database, decided about beside the node: without its keys, and while it works.

    What is decided stands in the node's audit log, if it keeps one; its workers take it up by themselves.

    Raises:
        NodeRejected: no_node: none has ever worked there.
        StorageError: the database cannot be read.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        with store.read() as connection:
            self._journal = journal_in(connection, place=store.place)

    def find(self, name: str, *, at: datetime) -> tuple[DeadLetter, ...]:
        """The messages under a number, or under an id: of those of several receivers the dead ones, if there are any.

        Raises:
            NodeRejected: message_unknown.
        """
        with self._store.read() as connection:
            if name.isascii() and name.isdigit() and len(name) <= _NUMBER_DIGITS:
                found: tuple[MessageRecord, ...] = (record_of(fetch(connection, int(name))),)
            else:
                found = select_records(connection, {"id": name}, after=0, limit=_MOST_RECEIVERS) if name else ()
            if not found:
                raise refuse("node.message_unknown", found=name)
            dead = tuple(one for one in found if one.state is MessageState.DEAD)
            return _letters(connection, dead or found, aware(at))

    def letters(
        self, *, at: datetime, direction: Direction | None = None, partner: str = "", after: int = 0, limit: int = 100
    ) -> tuple[DeadLetter, ...]:
        """Dead messages by number from ``after`` on."""
        asked = {"state": MessageState.DEAD, "direction": direction, "peer": partner}
        with self._store.read() as connection:
            return _letters(connection, select_records(connection, asked, after=after, limit=limit), aware(at))

    def partners(self) -> tuple[str, ...]:
        """With whom messages were ever exchanged."""
        with self._store.read() as connection:
            return tuple(connection.execute(select(M.peer).distinct().order_by(M.peer)).scalars())

    def replay(
        self, numbers: Iterable[int], *, reason: str, actor: str = "", at: datetime
    ) -> tuple[MessageRecord, ...]:
        """As ``replay``, in a transaction of its own."""
        with self._store.write() as connection:
            return replay(connection, numbers, journal=self._journal, reason=reason, actor=actor, at=aware(at))

    def cancel(
        self, numbers: Iterable[int], *, reason: str, actor: str = "", at: datetime
    ) -> tuple[MessageRecord, ...]:
        """As ``cancel``, in a transaction of its own."""
        with self._store.write() as connection:
            return cancel(connection, numbers, journal=self._journal, reason=reason, actor=actor, at=aware(at))
