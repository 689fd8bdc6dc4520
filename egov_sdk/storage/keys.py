"""Keys that expire: numbers used once, tickets, half-finished sign-ins. There can never be more than was allowed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from itertools import count
from typing import Final

from egov_sdk.crypto.hashes import sm3
from egov_sdk.report import Text
from egov_sdk.storage.problems import StorageConflict, broken
from egov_sdk.storage.sql import Connection, bindparam, delete, func, json_text, read_object, select, upsert
from egov_sdk.storage.statements import Prepared
from egov_sdk.storage.tables import KEYS
from egov_sdk.times import aware

__all__ = ["KeyStore"]

_COUNTS: Final = 64  # times that the keys are counted while a realm fills up


@dataclass(frozen=True, slots=True)
class KeyStore:
    """The keys of one purpose (``realm``), each with the time it ends and perhaps a value.

    Only the SM3 digest of a key is kept: who reads the database learns no ticket. When ``capacity`` keys are alive, no
    more are taken; it may be passed by a little, since keys are not counted each time. Old ones never make room for
    new ones before their time: that would let a number be used twice.
    """

    realm: str
    capacity: int = 100_000
    _turns: count[int] = field(init=False, repr=False, compare=False, default_factory=count)

    def use_once(self, connection: Connection, key: str | bytes, *, at: datetime, until: datetime) -> bool:
        """Use a key up until that time. True for the first who does, of however many; False for all others.

        Raises:
            StorageError: keys_full.
            ValueError: a time has no time zone.
        """
        return self._take_place(connection, key, None, at=at, until=until)

    def put(
        self, connection: Connection, key: str | bytes, value: Mapping[str, object], *, at: datetime, until: datetime
    ) -> None:
        """Keep a value under a key until that time.

        Raises:
            StorageConflict: the key is in use.
            StorageError: keys_full.
            ValueError: a time has no time zone.
            TypeError: the value is nothing that JSON can hold.
        """
        if not self._take_place(connection, key, json_text(value), at=at, until=until):
            raise StorageConflict(f"a key of the realm {self.realm} is in use", realm=self.realm)

    def get(self, connection: Connection, key: str | bytes, *, at: datetime) -> Mapping[str, object] | None:
        """The value under a key; None when there is no such key, or its time is over."""
        row = connection.execute(_GET, self._named(key)).one_or_none()
        return _value(row[0], row[1], at) if row is not None else None

    def take(self, connection: Connection, key: str | bytes, *, at: datetime) -> Mapping[str, object] | None:
        """The value under a key, which is gone then: of however many who ask, one gets it."""
        row = connection.execute(_TAKE, self._named(key)).one_or_none()
        return _value(row[0], row[1], at) if row is not None else None

    def sweep(self, connection: Connection, *, at: datetime) -> int:
        """Remove the keys whose time is over; how many there were. This happens by itself as keys come in."""
        return connection.execute(_SWEEP, {"in_realm": self.realm, "now": at}).rowcount

    def _named(self, key: str | bytes) -> dict[str, object]:
        octets = key.encode() if isinstance(key, str) else key
        return {"in_realm": self.realm, "digest": sm3(octets)}

    def _take_place(
        self, connection: Connection, key: str | bytes, value: str | None, *, at: datetime, until: datetime
    ) -> bool:
        aware(at)
        aware(until, "until")
        if next(self._turns) % (self.capacity // _COUNTS + 1) == 0:
            self._check_room(connection, at)
        values = {"realm": self.realm, "key": self._named(key)["digest"], "until": until, "value": value, "now": at}
        return bool(_place(connection.dialect.name).fetch(connection, values))

    def _check_room(self, connection: Connection, at: datetime) -> None:
        self.sweep(connection, at=at)
        some = select(KEYS.c.key).where(KEYS.c.realm == self.realm).limit(self.capacity).subquery()
        if connection.execute(select(func.count()).select_from(some)).scalar_one() >= self.capacity:
            hint = Text("they end by themselves; look at who makes so many", "它们会自行失效；请查明是谁产生了这么多")
            raise broken("keys_full", hint=hint, realm=self.realm, expected=self.capacity)


@cache
def _place(dialect: str) -> Prepared:
    wanted = upsert(dialect, KEYS)
    taken = wanted.on_conflict_do_update(
        index_elements=[KEYS.c.realm, KEYS.c.key],
        set_={"until": wanted.excluded.until, "value": wanted.excluded.value},
        where=KEYS.c.until <= bindparam("now"),
    )
    return Prepared(taken.returning(KEYS.c.realm))


_NAMED: Final = (KEYS.c.realm == bindparam("in_realm"), KEYS.c.key == bindparam("digest"))
_GET: Final = select(KEYS.c.until, KEYS.c.value).where(*_NAMED)
_TAKE: Final = delete(KEYS).where(*_NAMED).returning(KEYS.c.until, KEYS.c.value)
_SWEEP: Final = delete(KEYS).where(KEYS.c.realm == bindparam("in_realm"), KEYS.c.until <= bindparam("now"))


def _value(until: datetime, value: str | None, at: datetime) -> Mapping[str, object] | None:
    if until <= at:
        return None
    return {} if value is None else read_object(value)
