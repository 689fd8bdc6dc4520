"""Bring old licences in (存量入库): checked in any number of processes, stored in order, resumable at any row."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Final

from egov_sdk.codes import normalize
from egov_sdk.crypto import sm3
from egov_sdk.crypto.hashes import sm3_file
from egov_sdk.license.catalogue import LicenseType
from egov_sdk.license.findings import finding
from egov_sdk.license.legacy.ledger import BatchState, ImportBatch, ImportedRow, Ledger, RowState, batch_id
from egov_sdk.license.legacy.mapping import Column, Holds, SheetMapping, find_header
from egov_sdk.license.legacy.rows import CheckedRow, RowPlan, RowProblem, check_rows
from egov_sdk.license.legacy.target import ImportTarget, Known, differing
from egov_sdk.license.metadata import Authority, LicenseMetadata
from egov_sdk.parallel import run_each
from egov_sdk.sheets import Sheet, SheetOptions, SheetRow, open_sheet
from egov_sdk.sheets.limits import DEFAULT_SHEET_LIMITS, SheetLimits
from egov_sdk.storage import StorageConflict
from egov_sdk.storage.sql import Connection, json_text

__all__ = ["ImportPlan", "Importer"]

#: Rows of one transaction.
_AT_ONCE: Final = 1000
#: How often rows are stored again when others store the same at the same time.
_ATTEMPTS: Final = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class ImportPlan:
    """What a sheet is, and what its rows become.

    Attributes:
        type_codes: The types that its rows may be of; a sheet without a column for the type is of one.
        issuers: Who issued them; the authorities of the register by default, and the first where a row names none.
    """

    mapping: SheetMapping
    type_codes: tuple[str, ...]
    issuers: tuple[Authority, ...] = ()
    options: SheetOptions = field(default_factory=SheetOptions)
    limits: SheetLimits = DEFAULT_SHEET_LIMITS


@dataclass(frozen=True, slots=True)
class _Opened:
    """A sheet that is ready, and the import that it belongs to."""

    sheet: Sheet
    header: SheetRow
    plan: RowPlan
    batch: ImportBatch


class Importer:
    """Brings sheets into a register. The same file with the same plan is one import, however often it is begun.

    Args:
        clock: Says what time it is.
        jobs: In how many processes rows are checked; one, or an executor, where the register is to be the bottleneck.
        executor: Any executor, in place of processes of our own.
    """

    def __init__(
        self,
        target: ImportTarget,
        *,
        clock: Callable[[], datetime],
        jobs: int = 1,
        executor: Executor | None = None,
        rows_at_once: int = _AT_ONCE,
    ) -> None:
        if rows_at_once < 1:
            raise ValueError("rows_at_once is at least 1")
        self._target, self._clock = target, clock
        self._jobs, self._executor, self._at_once = jobs, executor, rows_at_once
        self.ledger = Ledger(target.store)
        self.ledger.prepare(at=clock())

    def import_file(
        self,
        path: Path,
        plan: ImportPlan,
        *,
        progress: Callable[[int, int | None], object] | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> ImportBatch:
        """Import a CSV file or a workbook; go on where an import of it was broken off.

        Nothing is stored before the whole file was looked over. From then on rows are independent: what is wrong with
        one is written down, and the others go on. One that is finished is given as it is.

        Args:
            progress: Told how many rows are done, and how many there are at most.
            cancelled: Asked now and then; once true, the import stops where it is and can go on later.
        Raises:
            ParseError: as open_sheet; header_missing, header_twice, header_unknown.
            LimitExceeded: the file is larger than the limits allow.
            LicenseRejected: type_unknown, type_state; batch_running: somebody else is at work on it.
        """
        sheet = open_sheet(path, options=plan.options, limits=plan.limits)
        opened = self._open(sheet, plan, name=path.name, digest=sm3_file(path).hex())
        return self._run(opened, progress, cancelled)

    def import_rows(
        self,
        rows: Sequence[Mapping[str, str]],
        plan: ImportPlan,
        *,
        name: str = "rows",
        progress: Callable[[int, int | None], object] | None = None,
    ) -> ImportBatch:
        """Import rows that are at hand: the same columns in each, by their headers. See import_file."""
        sheet = _Rows.of(rows, from_1904=plan.options.from_1904)
        opened = self._open(sheet, plan, name=name, digest=sheet.digest())
        return self._run(opened, progress, None)

    def _open(self, sheet: Sheet, plan: ImportPlan, *, name: str, digest: str) -> _Opened:
        types = tuple(self._target.type_of(code) for code in dict.fromkeys(plan.type_codes))
        if not types:
            raise ValueError("an import needs at least one type")
        header, columns = find_header(sheet, plan.mapping, types, where=name)
        issuers = plan.issuers or self._target.issuers()
        batch = self.ledger.begin(
            batch_id(digest, _settings(plan, types, issuers)),
            file_name=name,
            file_digest=digest,
            mapping=plan.mapping.name,
            at=self._clock(),
        )
        rules = RowPlan(
            batch=batch.id,
            header=header.cells,
            columns=columns,
            types=tuple(one.model_copy(update={"template": None}) for one in types),
            issuers=issuers,
            ranges=plan.mapping.ranges,
            issued_as_valid=plan.mapping.issued_as_valid,
            from_1904=sheet.from_1904,
        )
        return _Opened(sheet, header, rules, batch)

    def _run(
        self,
        opened: _Opened,
        progress: Callable[[int, int | None], object] | None,
        cancelled: Callable[[], bool] | None,
    ) -> ImportBatch:
        batch, total = opened.batch, opened.sheet.rows_at_most
        if batch.state is BatchState.FINISHED:
            return batch
        after = max(opened.header.number, batch.last_row)
        parts = _parts((row for row in opened.sheet.rows() if row.number > after), self._at_once)
        check = partial(check_rows, opened.plan)
        stopped = False

        def stop() -> bool:
            nonlocal stopped
            stopped = stopped or (cancelled is not None and cancelled())
            return stopped

        for done in run_each(check, parts, executor=self._executor, jobs=self._jobs, cancelled=stop):
            batch = self._keep(batch, done.get(), opened.plan.columns)
            if progress is not None:
                progress(batch.total, total)
        return batch if stopped else self.ledger.finish(batch.id, at=self._clock())

    def _keep(self, batch: ImportBatch, checked: Sequence[CheckedRow], columns: Sequence[Column]) -> ImportBatch:
        """Store what is right and write down everything, in one transaction."""
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                with self._target.store.write() as connection:
                    at = self._clock()
                    known = _by_number(checked, self._target.known(connection, _valid(checked)))
                    keeping = _Keeping(self.ledger, connection, batch.id, columns)
                    rows = [keeping.row(one, known.get(one.number)) for one in checked]
                    self.ledger.advance(connection, batch, rows, at=at)
                    if keeping.new:
                        self._target.insert(connection, keeping.new, at=at)
                break
            except StorageConflict:
                if attempt == _ATTEMPTS:
                    raise
        return self.ledger.batch(batch.id)


class _Keeping:
    """Some rows of one transaction: which are new, which are there, which contradict what is there."""

    def __init__(self, ledger: Ledger, connection: Connection, batch: str, columns: Sequence[Column]) -> None:
        self._ledger, self._connection, self._batch = ledger, connection, batch
        self._columns = columns
        self.new: list[LicenseMetadata] = []
        self._here: dict[tuple[str, str, str], tuple[int, LicenseMetadata]] = {}
        self._serials: dict[str, int] = {}

    def row(self, checked: CheckedRow, known: Known | None) -> ImportedRow:
        made = checked.metadata
        if made is None:
            return ImportedRow(checked.number, RowState.FAILED, "", checked.problems)
        key = (made.type_code, made.issuer.code, normalize(made.number))
        if known is not None:
            row = self._ledger.row_of(self._connection, self._batch, str(known.identifier))
            return self._already(checked.number, made, known, row=row)
        if key in self._here:
            row, other = self._here[key]
            same = _same_holders(made, other)
            there = Known(other.identifier, same, differs=differing(made, other) if same else ())
            return self._already(checked.number, made, there, row=row)
        if str(made.identifier) in self._serials:
            there = Known(made.identifier, False, "serial")
            return self._already(checked.number, made, there, row=self._serials[str(made.identifier)])
        self._here[key] = checked.number, made
        self._serials[str(made.identifier)] = checked.number
        self.new.append(made)
        return ImportedRow(checked.number, RowState.STORED, str(made.identifier))

    def _already(self, number: int, made: LicenseMetadata, known: Known, *, row: int | None) -> ImportedRow:
        """A row whose number or serial is taken: by the same licence, or by another one."""
        what: Holds = Holds.NUMBER
        facts: dict[str, object] = {} if row is None else {"found": row}
        if known.by == "serial":
            what, rule, facts = Holds.SERIAL, "serial_taken", {"found": made.identifier.serial}
        elif known.differs:
            rule, facts = "row_differs", {"names": "、".join(known.differs)}
        elif row is None:
            rule = "row_there" if known.same else "row_taken"
        else:
            rule = "row_again" if known.same else "row_twice"
        column = next((one for one in self._columns if one.holds is what), None)
        place, header = (-1, "") if column is None else (column.place, column.header)
        state = RowState.SKIPPED if known.same and not known.differs else RowState.FAILED
        return ImportedRow(number, state, str(known.identifier), (RowProblem(place, finding(header, rule, **facts)),))


def _same_holders(one: LicenseMetadata, other: LicenseMetadata) -> bool:
    return {holder.code for holder in one.holders} == {holder.code for holder in other.holders}


def _valid(checked: Sequence[CheckedRow]) -> list[LicenseMetadata]:
    return [one.metadata for one in checked if one.metadata is not None]


def _by_number(checked: Sequence[CheckedRow], known: Sequence[Known | None]) -> dict[int, Known | None]:
    return dict(zip([one.number for one in checked if one.metadata is not None], known, strict=True))


def _parts(rows: Iterable[SheetRow], size: int) -> Iterator[list[SheetRow]]:
    rest = iter(rows)
    while part := list(islice(rest, size)):
        yield part


def _settings(plan: ImportPlan, types: Sequence[LicenseType], issuers: Sequence[Authority]) -> dict[str, object]:
    options = plan.options
    return {
        "mapping": plan.mapping.fingerprint(),
        "types": [one.code for one in types],
        "issuers": [[one.code, one.name] for one in issuers],
        "options": [options.encoding, options.delimiter, options.worksheet, options.from_1904],
    }


@dataclass(frozen=True, slots=True)
class _Rows:
    """Rows at hand as a sheet: the header is row 1."""

    table: tuple[tuple[str, ...], ...]
    from_1904: bool

    @classmethod
    def of(cls, rows: Sequence[Mapping[str, str]], *, from_1904: bool) -> _Rows:
        header = tuple(rows[0]) if rows else ()
        if any(tuple(row) != header for row in rows):
            raise ValueError("every row has the same columns, in the same order")
        return cls((header, *(tuple(row.values()) for row in rows)), from_1904)

    @property
    def rows_at_most(self) -> int:
        return len(self.table)

    def rows(self) -> Iterator[SheetRow]:
        for number, cells in enumerate(self.table, 1):
            if any(cells):
                yield SheetRow(number, tuple(text.strip() for text in cells))

    def digest(self) -> str:
        return sm3(json_text({"rows": [list(row) for row in self.table]}).encode("utf-8", "surrogatepass")).hex()
