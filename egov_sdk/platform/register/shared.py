"""What all processes of one province must know alike, kept in its database: what was used, and how often each came."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from threading import Lock
from typing import Final

from egov_sdk.gateway.policies import RateLimit
from egov_sdk.gateway.refusals import RequestRefused, refuse
from egov_sdk.platform.register.tables import RATES
from egov_sdk.storage import KeyStore, StorageError, Store
from egov_sdk.storage.sql import BigInteger, Connection, bindparam, case, select, upsert
from egov_sdk.storage.statements import Prepared

__all__ = ["SharedAdmissions", "SharedRates", "SharedReplay"]

_ENTRIES: Final = 1_000_000
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = 1_000_000
#: So many requests are admitted in one transaction at most.
_TOGETHER: Final = 64


@contextmanager
def _or_busy() -> Iterator[None]:
    """What cannot be remembered is not let in."""
    try:
        yield
    except StorageError as error:
        raise refuse("refused.busy", found=error.code) from error


class SharedReplay:
    """A ReplayStore in a database: of however many processes that are shown one request, one lets it in.

    When the power fails, requests of the last moments may be forgotten; they are as old as the clocks may differ.
    """

    def __init__(self, store: Store, *, entries: int = _ENTRIES) -> None:
        self._store, self._keys = store, KeyStore("platform.replay", capacity=entries)

    def first_use(self, key: str, *, until_s: float, now_s: float) -> bool:
        """Whether the key is new; remembers it until then.

        Raises:
            RequestRefused: it cannot be remembered.
        """
        with _or_busy(), self._store.write(durable=False) as connection:
            return self.first_use_in(connection, key, until_s=until_s, now_s=now_s)

    def first_use_in(self, connection: Connection, key: str, *, until_s: float, now_s: float) -> bool:
        """As first_use, in a transaction that is open."""
        return self._keys.use_once(connection, key, at=_moment(now_s), until=_moment(until_s))


class SharedRates:
    """How often each caller comes, over all processes: one number for each, moved on by one statement."""

    def __init__(self, store: Store, limit: RateLimit) -> None:
        self._store = store
        self._step = max(1, round(_MICROSECOND / limit.per_s))
        self._room = self._step * limit.burst

    def take(self, key: str, *, now_s: float) -> float:
        """Count one request; 0 if it may come, else the seconds until it may.

        Raises:
            RequestRefused: it cannot be counted.
        """
        with _or_busy(), self._store.write(durable=False) as connection:
            return self.take_in(connection, key, now_s=now_s)

    def take_in(self, connection: Connection, key: str, *, now_s: float) -> float:
        """As take, in a transaction that is open."""
        now = int(now_s * _MICROSECOND)
        given = {"caller": key, "now": now, "step": self._step, "room": self._room, "first": now + self._step}
        if _take(connection.dialect.name).fetch(connection, given):
            return 0.0
        due: int = connection.execute(_DUE, {"of_caller": key}).scalar_one()
        return max(due + self._step - now - self._room, 1) / _MICROSECOND


@dataclass(slots=True, eq=False)
class _Visitor:
    """A request that is to be admitted: it is, once it is judged and was not refused."""

    caller: str
    key: str
    until_s: float
    now_s: float
    refused: RequestRefused | None = None
    is_judged: bool = False


class SharedAdmissions:
    """Rates and replay of all processes, written together: requests that come at once share one transaction.

    Whoever comes first writes for those who came meanwhile; each is let in only when that transaction is finished.

    Args:
        limit: How often each caller may come; None for no limit.
        entries: As for SharedReplay.
    """

    def __init__(self, store: Store, limit: RateLimit | None, *, entries: int = _ENTRIES) -> None:
        self._store, self._replay = store, SharedReplay(store, entries=entries)
        self._rates = None if limit is None else SharedRates(store, limit)
        self._lock, self._waiting = Lock(), deque[_Visitor]()

    def admit(self, caller: str, key: str, *, until_s: float, now_s: float) -> None:
        """Count one request, and use its key up.

        Raises:
            RequestRefused: rate_exceeded, and the key is not used up; replayed; busy: it cannot be written down.
        """
        mine = _Visitor(caller, key, until_s, now_s)
        self._waiting.append(mine)
        with self._lock:
            # it waits in the queue until somebody with the lock has judged it
            while not mine.is_judged:
                self._judge([self._waiting.popleft() for _ in range(min(len(self._waiting), _TOGETHER))])
        if mine.refused is not None:
            raise mine.refused

    def _judge(self, visitors: Sequence[_Visitor]) -> None:
        written = False
        try:
            with self._store.write(durable=False) as connection:
                self._write(connection, visitors)
            written = True
        except StorageError as error:
            for one in visitors:
                one.refused = refuse("refused.busy", found=error.code)
        finally:
            for one in visitors:
                # also where something broke that nobody thought of
                one.refused = one.refused if written or one.refused else refuse("refused.busy")
                one.is_judged = True

    def _write(self, connection: Connection, visitors: Sequence[_Visitor]) -> None:
        # in one order everywhere: of two processes in PostgreSQL neither waits for the other
        for one in sorted(visitors, key=lambda visitor: visitor.caller):
            wait = 0.0 if self._rates is None else self._rates.take_in(connection, one.caller, now_s=one.now_s)
            if wait > 0:
                one.refused = refuse("refused.rate_exceeded", retry_after_s=wait)
        for one in sorted(visitors, key=lambda visitor: visitor.key):
            if one.key and one.refused is None and not self._first_use(connection, one):
                one.refused = refuse("refused.replayed")

    def _first_use(self, connection: Connection, visitor: _Visitor) -> bool:
        return self._replay.first_use_in(connection, visitor.key, until_s=visitor.until_s, now_s=visitor.now_s)


@cache
def _take(dialect: str) -> Prepared:
    wanted, now, step = upsert(dialect, RATES), bindparam("now", type_=BigInteger), bindparam("step", type_=BigInteger)
    begun = case((RATES.c.due > now, RATES.c.due), else_=now)
    taken = wanted.values(caller=bindparam("caller"), due=bindparam("first")).on_conflict_do_update(
        index_elements=[RATES.c.caller],
        set_={"due": begun + step},
        where=begun + step - now <= bindparam("room", type_=BigInteger),
    )
    return Prepared(taken.returning(RATES.c.due), names=("caller", "due"))


_DUE: Final = select(RATES.c.due).where(RATES.c.caller == bindparam("of_caller"))


def _moment(seconds: float) -> datetime:
    return _EPOCH + timedelta(seconds=seconds)
