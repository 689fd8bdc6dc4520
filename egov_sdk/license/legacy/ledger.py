"""The record of imports (导入批次): what became of each row, written together with the row itself."""

from __future__ import annotations

import enum
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from egov_sdk.crypto import sm3
from egov_sdk.license.findings import Finding
from egov_sdk.license.legacy.rows import RowProblem
from egov_sdk.license.legacy.tables import BATCHES, LEGACY, ROWS
from egov_sdk.license.problems import refuse
from egov_sdk.report import Text
from egov_sdk.storage.sql import Connection, RowMapping, insert, insert_unless_there, json_text, select, update

if TYPE_CHECKING:
    from egov_sdk.storage import Store

__all__ = ["BatchState", "ImportBatch", "ImportedRow", "Ledger", "RowState", "batch_id"]

_PAGE: Final = 1000


class BatchState(enum.StrEnum):
    """How far an import has come; the values are stable and are stored."""

    RUNNING = "running"  # or broken off: it goes on where it was
    FINISHED = "finished"


class RowState(enum.StrEnum):
    """What became of a row: exactly one of these; the values are stable and are stored."""

    STORED = "stored"
    FAILED = "failed"
    SKIPPED = "skipped"  # the same licence is there already
    SEALED = "sealed"  # stored, and given its file in a later pass


@dataclass(frozen=True, slots=True)
class ImportBatch:
    """One import of one file (导入批次).

    Attributes:
        file_digest: The SM3 of the file, in hexadecimal.
        mapping: The name of the mapping.
        last_row: The number of the last row that is done.
        invalid: Rows that break a rule by themselves; the other failed rows contradict what is there.
    """

    id: str
    file_name: str
    file_digest: str
    mapping: str
    state: BatchState
    last_row: int
    invalid: int
    stored: int
    failed: int
    skipped: int
    begun_at: datetime
    changed_at: datetime

    @property
    def total(self) -> int:
        """How many rows are done."""
        return self.stored + self.failed + self.skipped

    @property
    def valid(self) -> int:
        """How many of them break no rule by themselves."""
        return self.total - self.invalid

    def to_dict(self) -> dict[str, object]:
        """The batch as plain values."""
        names = ("id", "file_name", "file_digest", "mapping", "last_row", "total", "valid", "invalid", "stored",
                 "failed", "skipped")  # fmt: skip
        times = {"begun_at": self.begun_at.isoformat(), "changed_at": self.changed_at.isoformat()}
        return {name: getattr(self, name) for name in names} | {"state": self.state.value} | times


@dataclass(frozen=True, slots=True)
class ImportedRow:
    """What became of one row."""

    number: int
    state: RowState
    identifier: str = ""
    problems: tuple[RowProblem, ...] = ()


def batch_id(file_digest: str, settings: Mapping[str, object]) -> str:
    """The id of an import: the same for the same file and settings, so that it is found again and never made twice."""
    return sm3(f"{file_digest} {json_text(settings)}".encode()).hex()[:32]


class Ledger:
    """The record of imports in a database."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def prepare(self, *, at: datetime) -> None:
        """Make the tables where they are not there yet."""
        self._store.prepare(LEGACY, at=at)

    def begin(self, batch: str, *, file_name: str, file_digest: str, mapping: str, at: datetime) -> ImportBatch:
        """Begin an import, or find the one that was begun."""
        counts = dict.fromkeys(("last_row", "invalid", "stored", "failed", "skipped"), 0)
        values = {"id": batch, "file_name": file_name, "file_digest": file_digest, "mapping": mapping}
        times = {"begun_at": at, "changed_at": at}
        with self._store.write() as connection:
            insert_unless_there(connection, BATCHES, {**values, **counts, **times, "state": BatchState.RUNNING})
            return _batch_at(connection, batch)

    def batch(self, batch: str) -> ImportBatch:
        """One import.

        Raises:
            LicenseRejected: batch_unknown.
        """
        with self._store.read() as connection:
            return _batch_at(connection, batch)

    def batches(self) -> tuple[ImportBatch, ...]:
        """All imports, the oldest first."""
        with self._store.read() as connection:
            rows = connection.execute(select(BATCHES).order_by(BATCHES.c.begun_at, BATCHES.c.id)).mappings()
            return tuple(map(_read_batch, rows))

    def rows(self, batch: str, *states: RowState, after: int = 0) -> Iterator[ImportedRow]:
        """What became of the rows of an import, in their order; some at a time, so that memory stays flat."""
        wanted = [state.value for state in states or tuple(RowState)]
        while True:
            asked = select(ROWS).where(ROWS.c.batch == batch, ROWS.c.number > after, ROWS.c.state.in_(wanted))
            with self._store.read() as connection:
                page = connection.execute(asked.order_by(ROWS.c.number).limit(_PAGE)).mappings().all()
            for row in page:
                yield _read_row(row)
            if len(page) < _PAGE:
                return
            after = page[-1]["number"]

    def advance(
        self, connection: Connection, before: ImportBatch, rows: Sequence[ImportedRow], *, at: datetime
    ) -> None:
        """Write down some rows, in the transaction that stores them.

        Raises:
            LicenseRejected: batch_running: somebody else came before.
        """
        states = [row.state for row in rows]
        invalid = sum(1 for row in rows if row.state is RowState.FAILED and not row.identifier)
        moved = connection.execute(
            update(BATCHES)
            .where(BATCHES.c.id == before.id, BATCHES.c.last_row == before.last_row)
            .values(
                last_row=rows[-1].number,
                invalid=BATCHES.c.invalid + invalid,
                stored=BATCHES.c.stored + states.count(RowState.STORED),
                failed=BATCHES.c.failed + states.count(RowState.FAILED),
                skipped=BATCHES.c.skipped + states.count(RowState.SKIPPED),
                changed_at=at,
            )
        )
        if moved.rowcount != 1:
            raise refuse("batch_running", found=before.id)
        connection.execute(insert(ROWS), [_written(before.id, row) for row in rows])

    def finish(self, batch: str, *, at: datetime) -> ImportBatch:
        """Close an import whose rows are all done."""
        done = update(BATCHES).where(BATCHES.c.id == batch, BATCHES.c.state != BatchState.FINISHED)
        with self._store.write() as connection:
            connection.execute(done.values(state=BatchState.FINISHED, changed_at=at))
            return _batch_at(connection, batch)

    def row_of(self, connection: Connection, batch: str, identifier: str) -> int | None:
        """The number of the row that a licence came from; None where it is not of this import."""
        asked = select(ROWS.c.number).where(ROWS.c.identifier == identifier, ROWS.c.batch == batch)
        stored = asked.where(ROWS.c.state.in_([RowState.STORED, RowState.SEALED]))
        return connection.execute(stored.limit(1)).scalar_one_or_none()

    def sealed(self, batch: str, number: int) -> None:
        """Write down that the licence of a row has its file."""
        found = update(ROWS).where(ROWS.c.batch == batch, ROWS.c.number == number, ROWS.c.state == RowState.STORED)
        with self._store.write(durable=False) as connection:  # lost, it is found out again
            connection.execute(found.values(state=RowState.SEALED))


def _batch_at(connection: Connection, batch: str) -> ImportBatch:
    row = connection.execute(select(BATCHES).where(BATCHES.c.id == batch)).mappings().one_or_none()
    if row is None:
        raise refuse("batch_unknown", found=batch)
    return _read_batch(row)


def _read_batch(row: RowMapping) -> ImportBatch:
    return ImportBatch(**{**row, "state": BatchState(row["state"])})


def _read_row(row: RowMapping) -> ImportedRow:
    problems = tuple(
        RowProblem(one["place"], Finding(one["element"], one["code"], Text(one["en"], one["zh"])))
        for one in json.loads(row["problems"] or "[]")
    )
    return ImportedRow(row["number"], RowState(row["state"]), row["identifier"], problems)


def _written(batch: str, row: ImportedRow) -> dict[str, object]:
    problems = [
        {
            "place": one.place, "element": one.finding.element, "code": one.finding.code,
            "en": one.finding.message.en, "zh": one.finding.message.zh,
        }
        for one in row.problems
    ]  # fmt: skip
    text = json.dumps(problems, ensure_ascii=False) if problems else ""
    return {
        "batch": batch, "number": row.number, "state": row.state.value, "identifier": row.identifier, "problems": text,
    }  # fmt: skip
