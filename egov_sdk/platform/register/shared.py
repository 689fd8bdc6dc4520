"""What all processes of one province must know alike, kept in its database: what was used, and how often each came."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Final

from egov_sdk.gateway.policies import RateLimit
from egov_sdk.gateway.refusals import refuse
from egov_sdk.platform.register.tables import RATES
from egov_sdk.storage import KeyStore, StorageError, Store
from egov_sdk.storage.sql import BigInteger, Executable, bindparam, case, select, upsert

__all__ = ["SharedRates", "SharedReplay"]

_ENTRIES: Final = 1_000_000
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = 1_000_000


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
        now = int(now_s * _MICROSECOND)
        given = {"caller": key, "now": now, "step": self._step, "room": self._room, "first": now + self._step}
        with _or_busy(), self._store.write(durable=False) as connection:
            if connection.execute(_take(connection.dialect.name), given).first() is not None:
                return 0.0
            due: int = connection.execute(_DUE, {"of_caller": key}).scalar_one()
        return max(due + self._step - now - self._room, 1) / _MICROSECOND


@cache
def _take(dialect: str) -> Executable:
    wanted, now, step = upsert(dialect, RATES), bindparam("now", type_=BigInteger), bindparam("step", type_=BigInteger)
    begun = case((RATES.c.due > now, RATES.c.due), else_=now)
    taken = wanted.values(caller=bindparam("caller"), due=bindparam("first")).on_conflict_do_update(
        index_elements=[RATES.c.caller],
        set_={"due": begun + step},
        where=begun + step - now <= bindparam("room", type_=BigInteger),
    )
    return taken.returning(RATES.c.due)


_DUE: Final = select(RATES.c.due).where(RATES.c.caller == bindparam("of_caller"))


def _moment(seconds: float) -> datetime:
    return _EPOCH + timedelta(seconds=seconds)
