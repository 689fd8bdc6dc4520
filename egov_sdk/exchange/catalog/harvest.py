"""Harvesting (目录采集): another catalogue is read again and again, page by page, and kept as what it is: another's.

Each page goes into the catalogue in one transaction with the mark of how far it has come, so that whoever is stopped
goes on there, and of several who harvest the same source at once one counts.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from egov_sdk.errors import EgovError
from egov_sdk.exchange._failures import log_failure
from egov_sdk.exchange.catalog._writing import digest_of
from egov_sdk.exchange.catalog.cascade import Batch, BatchItem, Conflict, ConflictRule, Received, take_in
from egov_sdk.exchange.catalog.feeds import Feed, FeedPage
from egov_sdk.exchange.catalog.problems import refuse
from egov_sdk.exchange.catalog.store import LocalCatalog
from egov_sdk.exchange.catalog.tables import HARVESTED, HARVESTS
from egov_sdk.storage.sql import (
    Connection,
    RowMapping,
    delete,
    func,
    insert_unless_there,
    select,
    update,
    upsert,
)

__all__ = ["Harvested", "Harvester"]

H, D = HARVESTS.c, HARVESTED.c
_log = logging.getLogger("egov_sdk.exchange")
_ACTOR: Final = "harvest"
_FIRST_WAIT: Final = timedelta(minutes=1)
_FEW: Final = 10
_CHUNK: Final = 500


@dataclass(frozen=True, slots=True)
class Harvested:
    """What one page, or several together, brought.

    Attributes:
        entries: that could be read and have a code; ``left_out`` have none, ``wrong`` were found wrong.
        conflicts: codes that belong to somebody else here; what is here stays.
        finished: whether the harvest came to its end.
        problem: the code of what went wrong; it is tried again later.
    """

    entries: int = 0
    left_out: int = 0
    wrong: int = 0
    added: int = 0
    changed: int = 0
    withdrawn: int = 0
    unchanged: int = 0
    conflicts: tuple[Conflict, ...] = ()
    finished: bool = False
    problem: str = ""

    def __add__(self, other: Harvested) -> Harvested:
        return Harvested(
            entries=self.entries + other.entries,
            left_out=self.left_out + other.left_out,
            wrong=self.wrong + other.wrong,
            added=self.added + other.added,
            changed=self.changed + other.changed,
            withdrawn=self.withdrawn + other.withdrawn,
            unchanged=self.unchanged + other.unchanged,
            conflicts=self.conflicts + other.conflicts,
            finished=other.finished,
            problem=other.problem,
        )


class Harvester:
    """Harvests one source into a catalogue. ``run_once`` suits worker threads; several processes may run at once.

    What is no longer in a source is withdrawn, after it was read whole and everything in it could be read.

    Args:
        me, source: the names of the two catalogues, division codes for example; they must never change.
        every: how long after one harvest the next is due.
        full_every: where the feed tells changes, how often all of it is read.
        most_pages: a source with more pages is given up.
        most_gone: when more than this part of a source is gone, that is taken for a fault, and nothing is withdrawn.
    """

    def __init__(
        self,
        catalog: LocalCatalog,
        feed: Feed,
        *,
        me: str,
        source: str,
        every: timedelta = timedelta(days=1),
        full_every: timedelta = timedelta(days=7),
        most_pages: int = 10_000,
        most_gone: float = 0.5,
    ) -> None:
        if me == source or every <= timedelta(0) or most_pages < 1:
            raise ValueError("two names, a time between two harvests, and at least one page")
        self._catalog, self._feed, self._me, self._source = catalog, feed, me, source
        self._every, self._full_every, self._most_pages, self._most_gone = every, full_every, most_pages, most_gone

    def run_once(self) -> int:
        """Take one page if it is time; 1 if there was something to do."""
        return int(self.step() is not None)

    def run(self, *, most_pages: int | None = None) -> Harvested:
        """Take page after page to the end, whether it is time or not; what all of them brought.

        Args:
            most_pages: to stop after so many; the next run goes on there.
        """
        total, pages = Harvested(), 0
        while not total.finished and not total.problem and (most_pages is None or pages < most_pages):
            found = self.step(now=True)
            total, pages = total + (found or Harvested(problem="egov.exchange.catalog.harvest.taken")), pages + 1
        return total

    def step(self, *, now: bool = False) -> Harvested | None:
        """Take one page; None when it is not time yet, or another process was faster.

        Args:
            now: even if it is not time.
        Raises:
            StorageError: the database failed; nothing was taken.
        """
        at = self._catalog.now()
        row = self._begun(at)
        # no wait is longer: what is due later was written by a clock that ran ahead
        if at < row["due_at"] <= at + self._every and not now:
            return None
        try:
            if row["pages"] >= self._most_pages:
                raise refuse("catalog.harvest.endless", found=row["pages"])
            page = self._feed.fetch(watermark=row["watermark"], cursor=row["cursor"], full=bool(row["is_full"]))
            if page.cursor and page.cursor == row["cursor"]:
                raise refuse("catalog.harvest.endless", found=row["pages"] + 1)
        except EgovError as error:
            log_failure(f"the harvest of {self._source} failed", error)
            return self._failed(row, error, at)
        return self._kept(row, page, at)

    def _begun(self, at: datetime) -> RowMapping:
        """Where the harvest stands; a new one is begun where the last has come to its end."""
        with self._catalog.store.write(durable=False) as connection:
            first = {"source": self._source, "watermark": "", "cursor": "", "problem": "", "due_at": at}
            zeros = dict.fromkeys(("run", "pages", "is_full", "wrong", "failures", "revision"), 0)
            insert_unless_there(connection, HARVESTS, {**first, **zeros, "full_at": None, "last_at": None})
            row = self._row(connection)
            if row["pages"]:
                return row
            last = row["full_at"]
            full = not self._feed.tells_changes or last is None or not last <= at < last + self._full_every
            connection.execute(update(HARVESTS).where(H.source == self._source).values(is_full=int(full)))
            return self._row(connection)

    def _row(self, connection: Connection) -> RowMapping:
        wanted = select(HARVESTS).where(H.source == self._source).with_for_update()
        return connection.execute(wanted).mappings().one()

    def _kept(self, row: RowMapping, page: FeedPage, at: datetime) -> Harvested | None:
        with self._catalog.store.write() as connection:
            if self._row(connection)["revision"] != row["revision"]:
                return None  # another process has taken this page
            found = self._taken(connection, row, page, at)
            finished, wrong = not page.cursor, row["wrong"] + found.wrong
            if finished and page.file is not None and row["is_full"] and not wrong:
                found += self._withdrawn(connection, row["run"], at)
            change: dict[str, Any] = {"revision": row["revision"] + 1, "failures": 0, "problem": found.problem}
            if finished:
                change |= {"cursor": "", "pages": 0, "wrong": 0, "run": row["run"] + 1}
                change |= {"watermark": page.watermark or row["watermark"], "last_at": at, "due_at": at + self._every}
                change |= {"full_at": at} if row["is_full"] else {}
            else:
                change |= {"cursor": page.cursor, "pages": row["pages"] + 1, "wrong": wrong, "due_at": at}
            connection.execute(update(HARVESTS).where(H.source == self._source).values(change))
        return found + Harvested(finished=finished, problem=found.problem)

    def _taken(self, connection: Connection, row: RowMapping, page: FeedPage, at: datetime) -> Harvested:
        if page.file is None:
            return Harvested()
        entries = {entry.code: entry for entry in reversed(page.file.entries) if entry.code}
        items = [BatchItem(code, self._source, digest_of(entry), entry) for code, entry in sorted(entries.items())]
        received = self._receive(connection, items, at)
        taken = {one.code for one in received.conflicts}
        self._mark(connection, [code for code in entries if code not in taken], row["run"])
        return Harvested(
            entries=len(entries),
            left_out=sum(not entry.code for entry in page.file.entries),
            wrong=len(page.file.findings),
            added=received.added,
            changed=received.changed,
            unchanged=received.unchanged,
            conflicts=received.conflicts,
        )

    def _receive(self, connection: Connection, items: Sequence[BatchItem], at: datetime) -> Received:
        batch = Batch(self._source, self._me, "up", at, tuple(items))
        return take_in(connection, batch, me=self._me, rule=ConflictRule.OWNER, actor=_ACTOR, at=at)

    def _mark(self, connection: Connection, codes: Sequence[str], run: int) -> None:
        if rows := [{"source": self._source, "code": code, "run": run} for code in codes]:
            statement = upsert(connection.dialect.name, HARVESTED)
            replace = {"run": statement.excluded.run}
            connection.execute(statement.on_conflict_do_update(index_elements=["source", "code"], set_=replace), rows)

    def _withdrawn(self, connection: Connection, run: int, at: datetime) -> Harvested:
        """What this run, which has read everything, has not met."""
        ours = D.source == self._source
        gone = list(connection.execute(select(D.code).where(ours, D.run < run).order_by(D.code)).scalars())
        known = connection.execute(select(func.count()).select_from(HARVESTED).where(ours)).scalar_one()
        if len(gone) > max(_FEW, self._most_gone * known):
            _log.warning("%s of %s entries of %s are gone; nothing is withdrawn", len(gone), known, self._source)
            return Harvested(problem="egov.exchange.catalog.harvest.vanished")
        withdrawn = 0
        for start in range(0, len(gone), _CHUNK):
            some = gone[start : start + _CHUNK]
            received = self._receive(connection, [BatchItem(code, self._source, b"", None) for code in some], at)
            withdrawn += received.withdrawn
            connection.execute(delete(HARVESTED).where(ours, D.code.in_(some)))
        return Harvested(withdrawn=withdrawn)

    def _failed(self, row: RowMapping, error: EgovError, at: datetime) -> Harvested | None:
        """Wait longer each time; a harvest that cannot go on begins anew."""
        wait = min(self._every, _FIRST_WAIT * 2 ** min(row["failures"], 20))
        with self._catalog.store.write() as connection:
            if self._row(connection)["revision"] != row["revision"]:
                return None
            change = {"failures": row["failures"] + 1, "problem": error.code, "due_at": at + wait}
            if error.code.endswith("harvest.endless"):
                change |= {"cursor": "", "pages": 0, "wrong": 0, "run": row["run"] + 1}
            change["revision"] = row["revision"] + 1
            connection.execute(update(HARVESTS).where(H.source == self._source).values(change))
        return Harvested(problem=error.code)
