"""Scheduled pulls (定时拉取): what is new since a watermark is fetched, and kept together with the new watermark."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Generic, TypeVar

from egov_sdk.errors import EgovError
from egov_sdk.exchange._failures import log_failure
from egov_sdk.exchange.node.desk import Desk
from egov_sdk.exchange.node.journal import Entry
from egov_sdk.exchange.node.model import PullStatus
from egov_sdk.exchange.node.problems import refuse
from egov_sdk.exchange.node.tables import PULLS
from egov_sdk.storage.sql import Connection, RowMapping, bindparam, insert_unless_there, or_, select, update
from egov_sdk.storage.statements import held

__all__ = ["Pull", "Pulled", "Pulls", "pulls_of"]

T = TypeVar("T")
P = PULLS.c
_DUE: Final = (
    select(PULLS)
    .where(
        P.name.in_(bindparam("names", expanding=True)),
        or_(P.due_at <= bindparam("now"), P.due_at > bindparam("horizon")),
    )
    .order_by(P.due_at)
    .limit(1)
    .with_for_update(skip_locked=True)
)
_HELD: Final = select(P.watermark).where(P.name == bindparam("name"), P.lease == bindparam("token")).with_for_update()


@dataclass(frozen=True, slots=True)
class Pulled(Generic[T]):
    """What a fetch brought: records, and the watermark behind them. ``more`` fetches on at once."""

    records: tuple[T, ...]
    watermark: str
    more: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Pull(Generic[T]):
    """What is pulled, and how often.

    Attributes:
        fetch: asks the source for what is new since a watermark, "" at first. It holds no transaction.
        keep: the application's work with the records, in the transaction that moves the watermark and that it does not
            end: a record is kept and the watermark behind it, or neither. A fetch that is repeated begins at the old
            watermark.
    """

    name: str
    every: timedelta
    fetch: Callable[[str], Pulled[T]]
    keep: Callable[[Connection, tuple[T, ...]], None]

    def __post_init__(self) -> None:
        if not self.name or self.every <= timedelta(0):
            raise ValueError("a pull has a name and a time between two")


class Pulls:
    """Runs pulls; of several workers one runs each."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.all: dict[str, Pull[object]] = {}

    def run_due(self) -> bool:
        """Run one pull that is due; whether there was one.

        Raises:
            StorageError: the database failed; the watermark is as it was.
        """
        taken = self._take() if self.all else None
        if taken is None:
            return False
        row, token = taken
        pull = self.all[row["name"]]
        try:
            found = pull.fetch(row["watermark"])
            self._keep(pull, found, token)
        except Exception as error:  # noqa: BLE001 - a source may raise anything; it is asked again later
            self._failed(row, token, error)
        return True

    def _take(self) -> tuple[RowMapping, str] | None:
        desk, now, token = self._desk, self._desk.now(), self._desk.token()
        horizon = now + max([desk.settings.horizon, *(one.every for one in self.all.values())])
        with desk.store.write(durable=False) as connection:
            for name in self.all:
                insert_unless_there(connection, PULLS, self._new(name))
            given = {"names": list(self.all), "now": now, "horizon": horizon}
            row = connection.execute(_DUE, given).mappings().one_or_none()
            if row is None:
                return None
            change = {"lease": token, "due_at": now + desk.settings.lease}
            connection.execute(update(PULLS).where(P.name == row["name"]).values(change))
        return row, token

    def _new(self, name: str) -> dict[str, object]:
        now = self._desk.now()
        return {
            "name": name,
            "watermark": "",
            "due_at": now,
            "lease": "",
            "last_at": None,
            "failures": 0,
            "problem": "",
        }

    def _keep(self, pull: Pull[object], found: Pulled[object], token: str) -> None:
        desk, now = self._desk, self._desk.now()
        with desk.store.write() as connection:
            desk.journal.check(connection, at=now)
            if connection.execute(_HELD, {"name": pull.name, "token": token}).one_or_none() is None:
                raise refuse("node.lease_lost")
            with held(connection):
                pull.keep(connection, found.records)
            change = {
                "watermark": found.watermark,
                "due_at": now if found.more else now + pull.every,
                "lease": "",
                "last_at": now,
                "failures": 0,
                "problem": "",
            }
            connection.execute(update(PULLS).where(P.name == pull.name).values(change))
            detail = {"records": len(found.records), "watermark": found.watermark}
            desk.journal.write(connection, [Entry("pull.kept", pull.name, detail)], at=now)
        desk.count("pulled", by=len(found.records))

    def _failed(self, row: RowMapping, token: str, error: Exception) -> None:
        desk, now = self._desk, self._desk.now()
        code = error.code if isinstance(error, EgovError) else "egov.exchange.node.pull_failed"
        log_failure(f"the pull {row['name']} failed", error)
        wait = desk.settings.handling.delay(row["failures"] + 1, random=desk.random)
        change = {"due_at": now + wait, "lease": "", "failures": row["failures"] + 1, "problem": code}
        with desk.store.write() as connection:
            connection.execute(update(PULLS).where(P.name == row["name"], P.lease == token).values(change))
        desk.count("pull_failed", code)


def pulls_of(connection: Connection) -> tuple[PullStatus, ...]:
    """Where each pull stands."""
    wanted = select(P.name, P.watermark, P.due_at, P.last_at, P.failures, P.problem).order_by(P.name)
    return tuple(PullStatus.model_validate(dict(row)) for row in connection.execute(wanted).mappings())
