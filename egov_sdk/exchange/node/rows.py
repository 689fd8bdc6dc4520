"""Messages as rows: reading them, leasing them to a worker, and writing what became of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Final, TypeVar

from egov_sdk.errors import LimitExceeded
from egov_sdk.exchange.envelope.model import Party
from egov_sdk.exchange.node.model import Direction, MessageRecord, MessageState
from egov_sdk.exchange.node.problems import refuse
from egov_sdk.exchange.node.tables import CONTENTS, MESSAGES, OUTCOMES, RECEIPTS
from egov_sdk.storage.sql import (
    Column,
    ColumnElement,
    Connection,
    RowMapping,
    Select,
    Table,
    Update,
    among,
    and_,
    bindparam,
    exists,
    func,
    insert_together,
    or_,
    select,
    together,
    update,
)
from egov_sdk.storage.statements import Prepared

__all__ = [
    "BEHIND",
    "claim",
    "content_of",
    "due_peers",
    "fetch",
    "finish",
    "insert_messages",
    "keep_receipts",
    "receipts_of",
    "room",
    "select_records",
]

M = MESSAGES.c
_RECEIPTED: Final = exists(select(RECEIPTS.c.number).where(RECEIPTS.c.number == M.number)).label("receipted")
_RECORD: Final = select(MESSAGES, _RECEIPTED)
_BY_NUMBER: Final = _RECORD.where(M.number == bindparam("number"))
_DUE: Final = or_(M.due_at <= bindparam("now"), M.due_at > bindparam("horizon"))
_OF_PEER: Final = (
    select(MESSAGES)
    .where(M.direction == bindparam("direction"), M.peer == bindparam("peer"), M.due_at.is_not(None))
    .order_by(M.rank, M.number)
    .limit(bindparam("most"))
)
_FREE: Final = _OF_PEER.where(_DUE).with_for_update(skip_locked=True)
_IN_ORDER: Final = _OF_PEER.with_for_update()
_UNFINISHED: Final = and_(M.direction == bindparam("direction"), M.due_at.is_not(None))


def _due_peers() -> Select[Any]:
    """From one partner to the next in the index, and not past every message of theirs."""
    first = select(func.min(M.peer).label("peer")).where(_UNFINISHED).cte("peers", recursive=True)
    after = select(func.min(M.peer)).where(_UNFINISHED, M.peer > first.c.peer).scalar_subquery()
    peers = first.union_all(select(after).where(first.c.peer.is_not(None)))
    return select(peers.c.peer).where(exists(select(M.number).where(_UNFINISHED, M.peer == peers.c.peer, _DUE)))


_PEERS: Final = Prepared(_due_peers())
_LEASE: Final = update(MESSAGES).values(
    state=MessageState.WORKING.value,
    lease=bindparam("token"),
    due_at=bindparam("until"),
    attempts=M.attempts + 1,
    updated_at=bindparam("now"),
)
_FINISH: Final = update(MESSAGES).values(
    state=bindparam("to_state"),
    due_at=bindparam("due"),
    lease="",
    problem=bindparam("why"),
    updated_at=bindparam("now"),
    finished_at=bindparam("finished"),
)
_WAITING: Final = Prepared(
    select(func.count()).select_from(
        select(M.number)
        .where(M.direction == bindparam("direction"), M.peer == bindparam("peer"), M.due_at.is_not(None))
        .limit(bindparam("most"))
        .subquery()
    )
)


def _span() -> Select[Any]:
    """The oldest unfinished number of a partner, from one rank to the next in the index, and the newest of all."""

    def first_of(*more: ColumnElement[bool]) -> Select[Any]:
        # as the index has them: by number alone PostgreSQL would look through all that is finished
        return select(M.number).where(_UNFINISHED, M.peer == bindparam("peer"), *more).order_by(M.rank, M.number)

    def one(found: Select[Any]) -> ColumnElement[int]:
        return found.limit(bindparam("one")).scalar_subquery()

    oldest = select(one(first_of()).label("number")).cte("oldest", recursive=True)
    before = MESSAGES.alias("before")
    rank = select(before.c.rank).where(before.c.number == oldest.c.number).correlate(oldest).scalar_subquery()
    after = select(one(first_of(M.rank > rank).correlate(oldest))).where(oldest.c.number.is_not(None))
    of_each_rank = oldest.union_all(after)
    newest = select(func.max(M.number)).scalar_subquery()
    return select(func.min(of_each_rank.c.number), newest)


_SPAN: Final = Prepared(_span())
_CONTENTS: Final = select(CONTENTS)
_Narrowed = TypeVar("_Narrowed", Select[Any], Update)
_BESIDE: Final = 8 << 10
#: What is said of a message that only stands behind another one.
BEHIND: Final = "egov.exchange.node.out_of_order"
#: How it is said that a parcel was too large.
_TOO_LARGE: Final = frozenset({LimitExceeded.code, "egov.exchange.node.parcel_size", "egov.exchange.node.broker_size"})
_ENDED: Final = frozenset({MessageState.DONE, MessageState.REFUSED, MessageState.CANCELLED})


def numbered(connection: Connection, statement: _Narrowed, of: Column[Any] = M.number) -> _Narrowed:
    """A statement for the rows whose numbers it is given as ``numbers``."""
    narrowed: _Narrowed = _numbered(connection.dialect.name, statement, of)
    return narrowed


@cache
def _numbered(dialect: str, statement: Any, of: Column[Any]) -> Any:
    return statement.where(among(dialect, of, "numbers"))


def record_of(row: RowMapping | Mapping[str, Any], *, receipted: bool | None = None) -> MessageRecord:
    """A row in the words of the model."""
    return MessageRecord(
        number=row["number"],
        direction=Direction(row["direction"]),
        id=row["id"],
        sender=Party.parse(row["sender"]),
        receiver=Party.parse(row["receiver"]),
        service=row["service"],
        resource=row["resource"],
        conversation=row["conversation"],
        correlation=row["correlation"],
        digest=row["digest"].hex(),
        size=row["size"],
        priority=max(0, -row["rank"]),
        state=MessageState(row["state"]),
        attempts=row["attempts"],
        created_at=row["created_at"],
        expires_at=row["expires_at"],
        stored_at=row["stored_at"],
        updated_at=row["updated_at"],
        due_at=row["due_at"],
        problem=row["problem"],
        receipted=bool(row["receipted"]) if receipted is None else receipted,
    )


def fetch(connection: Connection, number: int, *, lock: bool = False) -> RowMapping:
    """One row.

    Raises:
        NodeRejected: message_unknown.
    """
    wanted = _BY_NUMBER.with_for_update(of=MESSAGES) if lock else _BY_NUMBER
    row = connection.execute(wanted, {"number": number}).mappings().one_or_none()
    if row is None:
        raise refuse("node.message_unknown", found=number)
    return row


def due_peers(connection: Connection, direction: Direction, *, now: datetime, horizon: timedelta) -> list[str]:
    """Whose messages have something due."""
    given = {"direction": direction.value, "now": now, "horizon": now + horizon}
    return [row[0] for row in _PEERS.fetch(connection, given)]


def claim(
    connection: Connection,
    direction: Direction,
    peer: str,
    *,
    most: int,
    ordered: bool,
    now: datetime,
    until: datetime,
    horizon: timedelta,
    token: str,
    most_bytes: int | None = None,
) -> list[RowMapping]:
    """Lease messages of one partner that are due, the most urgent first; the rows as they were before.

    Args:
        most_bytes: no more than fit into a parcel of that size, though always one.
    """
    late = now + horizon
    given = {"direction": direction.value, "peer": peer, "most": most}
    if ordered:
        rows = []
        for row in connection.execute(_IN_ORDER, given).mappings():
            if now < row["due_at"] <= late:
                break  # it waits, and so do those behind it
            rows.append(row)
    else:
        rows = list(connection.execute(_FREE, {**given, "now": now, "horizon": late}).mappings())
    if most_bytes is not None:
        rows = _together(rows, most_bytes)
    if rows:
        numbers = [row["number"] for row in rows]
        connection.execute(
            numbered(connection, _LEASE), {"numbers": numbers, "token": token, "until": until, "now": now}
        )
    return rows


def _together(rows: Sequence[RowMapping], most_bytes: int) -> list[RowMapping]:
    """The first of them that one parcel can hold; what was too large with others goes alone."""
    found, total = list[RowMapping](), 0
    for row in rows:
        alone = row["problem"] in _TOO_LARGE
        # a content is written in Base64 twice; the rest is headers, certificates and signature
        total += 2 * int(row["size"]) + _BESIDE
        if found and (alone or total > most_bytes):
            break
        found.append(row)
        if alone:
            break
    return found


def content_of(connection: Connection, numbers: Sequence[int]) -> dict[int, bytes]:
    """The packed contents that are still kept."""
    if not numbers:
        return {}
    wanted = numbered(connection, _CONTENTS, CONTENTS.c.number)
    return {row[0]: row[1] for row in connection.execute(wanted, {"numbers": list(numbers)})}


def room(connection: Connection, direction: Direction, peer: str, *, most: int, wanted: int) -> int:
    """For how many more messages there is room, at most ``wanted``, where ``most`` of a partner may be unfinished.

    They are counted only where that could matter: no more can be unfinished than numbers were given since the oldest.
    """
    given: dict[str, Any] = {"direction": direction.value, "peer": peer}
    oldest, newest = _SPAN.fetch(connection, {**given, "one": 1})[0]
    if oldest is None or newest - oldest + 1 + wanted <= most:
        return min(wanted, most)
    return max(0, min(wanted, most - int(_WAITING.fetch(connection, {**given, "most": most})[0][0])))


def insert_messages(connection: Connection, rows: Sequence[Mapping[str, object]]) -> dict[tuple[str, str, str], int]:
    """Insert those that are not there yet; their numbers by sender, id and receiver."""
    if not rows:
        return {}
    dialect = connection.dialect.name
    found = _insert_new(dialect, tuple(rows[0])).fetch(connection, *together(dialect, rows))
    return {(row[0], row[1], row[2]): row[3] for row in found}


@cache
def _insert_new(dialect: str, names: tuple[str, ...]) -> Prepared:
    """Many rows in one statement; numbers are given in their order."""
    statement = insert_together(dialect, MESSAGES, names).on_conflict_do_nothing(
        index_elements=["direction", "sender", "id", "receiver"]
    )
    return Prepared(statement.returning(M.sender, M.id, M.receiver, M.number), names=names)


def keep_contents(connection: Connection, contents: Iterable[tuple[int, bytes]]) -> None:
    """Keep packed contents."""
    if rows := [{"number": number, "content": content} for number, content in contents]:
        dialect = connection.dialect.name
        _insert_contents(dialect).run(connection, together(dialect, rows))


@cache
def _insert_contents(dialect: str) -> Prepared:
    return Prepared(insert_together(dialect, CONTENTS, ("number", "content")))


def keep_receipts(connection: Connection, receipts: Iterable[tuple[int, bytes]], *, into: Table = RECEIPTS) -> None:
    """Keep receipts, each in the place of one that was there: a refusal gives way to a later acceptance."""
    if rows := [{"number": number, "receipt": receipt} for number, receipt in receipts]:
        dialect = connection.dialect.name
        _insert_receipts(dialect, into).run(connection, together(dialect, rows))


@cache
def _insert_receipts(dialect: str, into: Table) -> Prepared:
    statement = insert_together(dialect, into, ("number", "receipt"))
    newer = {"receipt": statement.excluded.receipt}
    return Prepared(statement.on_conflict_do_update(index_elements=["number"], set_=newer))


def receipts_of(connection: Connection, row: RowMapping) -> tuple[bytes, ...]:
    """Every receipt for a message here, of all of its receivers: that it came, then what became of it."""
    found: list[bytes] = []
    for table in (RECEIPTS, OUTCOMES):
        wanted = select(table.c.receipt).join_from(MESSAGES, table, table.c.number == M.number)
        wanted = wanted.where(M.direction == row["direction"], M.sender == row["sender"], M.id == row["id"])
        found += connection.execute(wanted.order_by(M.number)).scalars()
    return tuple(found)


def finish(
    connection: Connection,
    results: Sequence[tuple[int, MessageState, datetime | None, str]],
    *,
    now: datetime,
) -> None:
    """Write what became of messages: number, state, when to look again, and the code of what went wrong."""
    alike: dict[tuple[MessageState, datetime | None, str], list[int]] = {}
    for of, into, when, why in results:
        alike.setdefault((into, when, why), []).append(of)
    for (state, due, problem), numbers in alike.items():
        connection.execute(
            numbered(connection, _FINISH),
            {
                "numbers": numbers,
                "to_state": state.value,
                "due": due,
                "why": problem,
                "now": now,
                "finished": now if state in _ENDED else None,
            },
        )


def select_records(
    connection: Connection, asked: Mapping[str, str | None], *, after: int, limit: int
) -> tuple[MessageRecord, ...]:
    """Messages by number whose columns have these values; None and the empty text ask for nothing."""
    if limit < 0 or after < 0:
        raise ValueError("after and limit are not negative")
    wanted = _RECORD.where(M.number > after)
    for name, value in asked.items():
        if value:
            wanted = wanted.where(M[name] == str(value))
    rows = connection.execute(wanted.order_by(M.number).limit(limit)).mappings()
    return tuple(record_of(row) for row in rows)
