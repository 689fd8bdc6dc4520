"""Imports: every row ends in one way, twice is once, breaking off loses nothing, and errors can be fed back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest

from egov_sdk.errors import EgovError, ParseError
from egov_sdk.license.legacy.errors import write_error_sheet
from egov_sdk.license.legacy.importing import Importer
from egov_sdk.license.legacy.ledger import BatchState, ImportBatch, ImportedRow, RowState
from egov_sdk.license.legacy.mapping import ZFSOFT
from egov_sdk.license.legacy.tables import LEGACY
from egov_sdk.license.metadata import LicenseMetadata
from egov_sdk.license.problems import LicenseRejected
from egov_sdk.sheets import open_sheet
from egov_sdk.storage import StorageConflict
from egov_sdk.storage.migrations import schema_differences
from egov_sdk.storage.sql import Connection
from tests.unit.license.legacy.world import (
    GENERAL_PLAN,
    HEADER,
    NOW,
    OFFICE,
    PERSONS,
    TYPE,
    SimpleTarget,
    csv_bytes,
    many,
    plan,
    row,
    write_csv,
)


@pytest.fixture
def target(tmp_path: Path) -> Iterator[SimpleTarget]:
    made = SimpleTarget.at(tmp_path / "register.db")
    yield made
    made.store.close()


@pytest.fixture
def importer(target: SimpleTarget) -> Importer:
    return Importer(target, clock=lambda: NOW, rows_at_once=3)


def outcomes(importer: Importer, batch: ImportBatch) -> dict[int, tuple[str, str]]:
    """Of each row: its state and the codes of its problems."""
    return {
        one.number: (
            one.state.value,
            " ".join(each.finding.code.removeprefix("egov.license.") for each in one.problems),
        )
        for one in importer.ledger.rows(batch.id)
    }


def test_the_tables_are_what_the_code_believes(importer: Importer, target: SimpleTarget) -> None:
    assert schema_differences(target.store, LEGACY) == ()


def test_every_row_ends_in_exactly_one_way(importer: Importer, target: SimpleTarget, tmp_path: Path) -> None:
    rows = [
        row("1"), row("2", 工作单位=""), row("1"), row("1", 持证主体="李四", 持证主体代码=PERSONS[1]),
        row("3", 证照颁发日期="?"), row("4"), HEADER, row("4"), row("2"),
    ]  # fmt: skip
    batch = importer.import_file(write_csv(tmp_path / "a.csv", rows), plan())
    assert outcomes(importer, batch) == {
        2: ("stored", ""),
        3: ("failed", "missing"),
        4: ("skipped", "row_again"),
        5: ("failed", "row_twice"),
        6: ("failed", "date"),
        7: ("stored", ""),
        8: ("failed", "row_header"),
        9: ("skipped", "row_again"),
        10: ("stored", ""),
    }
    assert (batch.total, batch.valid, batch.invalid, batch.stored, batch.failed, batch.skipped) == (9, 6, 3, 3, 4, 2)
    assert batch.state is BatchState.FINISHED
    assert sorted(target.numbers()) == ["1", "2", "4"]
    assert sum(Counter(state for state, _ in outcomes(importer, batch).values()).values()) == batch.total


def test_the_same_file_is_one_import_and_another_plan_is_another(
    importer: Importer, target: SimpleTarget, tmp_path: Path
) -> None:
    path = write_csv(tmp_path / "a.csv", many(5))
    first = importer.import_file(path, plan())
    assert importer.import_file(path, plan()) == first
    other = importer.import_file(path, plan(mapping=replace(plan().mapping, ignore_others=True)))
    assert other.id != first.id
    assert (other.stored, other.skipped) == (0, 5)
    assert set(outcomes(importer, other).values()) == {("skipped", "row_there")}
    assert len(target.numbers()) == 5
    assert len(importer.ledger.batches()) == 2


def test_a_number_of_somebody_else_in_the_register_is_refused(importer: Importer, tmp_path: Path) -> None:
    importer.import_file(write_csv(tmp_path / "a.csv", [row("1")]), plan())
    other = row("1", 持证主体="李四", 持证主体代码=PERSONS[1])
    batch = importer.import_file(write_csv(tmp_path / "b.csv", [other]), plan())
    assert outcomes(importer, batch) == {2: ("failed", "row_taken")}
    assert (batch.valid, batch.failed) == (1, 1)


def test_what_is_there_already_names_the_column_of_the_number_or_the_serial(importer: Importer, tmp_path: Path) -> None:
    rows = [row("1"), row("1", 持证主体="李四", 持证主体代码=PERSONS[1]), row("1")]
    batch = importer.import_file(write_csv(tmp_path / "a.csv", rows), plan())
    later = importer.import_file(write_csv(tmp_path / "b.csv", [rows[1]]), plan())
    for twice in [*importer.ledger.rows(batch.id), *importer.ledger.rows(later.id)][1:]:
        (problem,) = twice.problems
        assert (HEADER[problem.place], problem.finding.element) == ("证照编号", "证照编号"), problem

    header = ("证照编号", "证照颁发日期", "持证主体", "持证主体代码", "流水号", "工作单位")
    serials = [(number, "20230504", "张三", PERSONS[0], "S1", "公司") for number in ("8", "9")]
    batch = importer.import_file(write_csv(tmp_path / "c.csv", serials, header=header), GENERAL_PLAN)
    (problem,) = [*importer.ledger.rows(batch.id)][1].problems
    assert (problem.place, problem.finding.element) == (header.index("流水号"), "流水号")


def test_a_serial_is_taken_once(importer: Importer, tmp_path: Path) -> None:
    header = ("证照编号", "证照颁发日期", "持证主体", "持证主体代码", "流水号", "工作单位")
    rows = [(str(number), "20230504", "张三", PERSONS[0], "S1", "公司") for number in range(5)]
    batch = importer.import_file(write_csv(tmp_path / "a.csv", rows, header=header), GENERAL_PLAN)
    assert [state for state, _ in outcomes(importer, batch).values()] == ["stored", *["failed"] * 4]
    assert {code for _, code in outcomes(importer, batch).values()} == {"", "serial_taken"}


class Unplugged(Exception):
    """Somebody pulled the plug."""


class FailingTarget(SimpleTarget):
    """Fails at one call, after it has written."""

    def insert(self, connection: Connection, licenses: Sequence[LicenseMetadata], *, at: datetime) -> None:
        super().insert(connection, licenses, at=at)
        self.asked.append("insert")
        if len(self.asked) == 3:
            raise Unplugged


def test_what_breaks_off_goes_on_where_it_was(tmp_path: Path) -> None:
    first = SimpleTarget.at(tmp_path / "register.db")
    target = FailingTarget(first.store)
    importer = Importer(target, clock=lambda: NOW, rows_at_once=4)
    path = write_csv(tmp_path / "a.csv", many(20))
    with pytest.raises(Unplugged):
        importer.import_file(path, plan())
    (broken,) = importer.ledger.batches()
    assert (broken.state, broken.stored, broken.last_row) == (BatchState.RUNNING, 8, 9)
    assert len(target.numbers()) == 8
    batch = importer.import_file(path, plan())
    assert (batch.state, batch.stored, batch.skipped) == (BatchState.FINISHED, 20, 0)
    assert len(set(target.numbers())) == len(target.numbers()) == 20
    assert [one.number for one in importer.ledger.rows(batch.id)] == list(range(2, 22))
    first.store.close()


class RacingTarget(SimpleTarget):
    """Somebody else stores the same just before us, a few times."""

    def insert(self, connection: Connection, licenses: Sequence[LicenseMetadata], *, at: datetime) -> None:
        self.asked.append("insert")
        if len(self.asked) <= int(self.asked[0]):
            raise StorageConflict("somebody else was first")
        super().insert(connection, licenses, at=at)


@pytest.mark.parametrize(("races", "stored"), [("3", True), ("9", False)])
def test_a_race_is_tried_again_a_few_times(tmp_path: Path, races: str, stored: bool) -> None:
    first = SimpleTarget.at(tmp_path / "register.db")
    target = RacingTarget(first.store, asked=[races])
    importer = Importer(target, clock=lambda: NOW)
    path = write_csv(tmp_path / "a.csv", many(2))
    if stored:
        assert importer.import_file(path, plan()).stored == 2
    else:
        with pytest.raises(StorageConflict):
            importer.import_file(path, plan())
        assert list(importer.ledger.rows(importer.ledger.batches()[0].id)) == []
    first.store.close()


def test_two_importers_at_one_import_do_not_double(importer: Importer, target: SimpleTarget, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", many(9))
    before = importer.ledger.begin("b", file_name="a", file_digest="d", mapping="m", at=NOW)
    rows = [ImportedRow(2, RowState.STORED, "x")]
    with target.store.write() as connection:
        importer.ledger.advance(connection, before, rows, at=NOW)
    with pytest.raises(LicenseRejected) as caught, target.store.write() as connection:
        importer.ledger.advance(connection, before, rows, at=NOW)
    assert caught.value.problem == "batch_running"
    assert importer.import_file(path, plan()).stored == 9


def test_cancelling_stops_between_chunks_and_the_rest_comes_later(
    importer: Importer, target: SimpleTarget, tmp_path: Path
) -> None:
    path = write_csv(tmp_path / "a.csv", many(12))
    asked = iter([False, False])
    batch = importer.import_file(path, plan(), cancelled=lambda: next(asked, True))
    assert batch.state is BatchState.RUNNING
    assert 0 < batch.stored < 12
    told: list[tuple[int, int | None]] = []
    batch = importer.import_file(path, plan(), progress=lambda done, total: told.append((done, total)))
    assert (batch.state, batch.stored) == (BatchState.FINISHED, 12)
    assert told[-1] == (12, 13)
    assert len(target.numbers()) == 12


def test_checking_elsewhere_gives_the_same(tmp_path: Path) -> None:
    rows = [row(str(number), 工作单位="" if number % 3 else "公司") for number in range(30)]
    path = write_csv(tmp_path / "a.csv", rows)
    found = []
    for name in ("inline", "threads", "processes"):
        target = SimpleTarget.at(tmp_path / f"{name}.db")
        with ThreadPoolExecutor(2) as pool:
            importer = Importer(
                target, clock=lambda: NOW, rows_at_once=4, executor=pool if name == "threads" else None,
                jobs=2 if name == "processes" else 1,
            )  # fmt: skip
            batch = importer.import_file(path, plan())
        found.append((batch, outcomes(importer, batch), target.numbers()))
        target.store.close()
    assert found[0] == found[1] == found[2]
    assert found[0][0].stored == 10


def test_nothing_is_begun_with_a_file_that_is_unsound(importer: Importer, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(csv_bytes(many(50)) + b'1,"2\n3,4\n')
    with pytest.raises(ParseError):
        importer.import_file(path, plan())
    assert importer.ledger.batches() == ()


@pytest.mark.parametrize(
    "changes", [{"mapping": ZFSOFT}, {"type_codes": ("11100000000013338W001",)}, {"type_codes": ()}]
)
def test_nothing_is_begun_with_a_plan_that_does_not_fit(
    importer: Importer, tmp_path: Path, changes: dict[str, object]
) -> None:
    with pytest.raises((EgovError, ValueError)):
        importer.import_file(write_csv(tmp_path / "a.csv", many(2)), plan(**changes))
    assert importer.ledger.batches() == ()


def test_rows_at_hand_are_imported_like_a_file(importer: Importer, target: SimpleTarget) -> None:
    rows = [dict(zip(HEADER, cells, strict=True)) for cells in many(4)]
    batch = importer.import_rows(rows, plan(), name="from the old system")
    assert (batch.stored, batch.file_name) == (4, "from the old system")
    assert importer.import_rows(rows, plan()).id == batch.id
    with pytest.raises(ValueError, match="same columns"):
        importer.import_rows([*rows, {"证照编号": "1"}], plan())
    with pytest.raises(ParseError):
        importer.import_rows([], plan())
    assert len(target.numbers()) == 4


def test_an_import_that_is_not_there_is_unknown(importer: Importer) -> None:
    with pytest.raises(LicenseRejected) as caught:
        importer.ledger.batch("none")
    assert caught.value.problem == "batch_unknown"


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_the_error_sheet_is_corrected_and_fed_back(
    importer: Importer, target: SimpleTarget, tmp_path: Path, suffix: str
) -> None:
    rows = [
        *many(4),
        row("bad-1", 工作单位="", 证照颁发日期="2023-02-30"),
        row("bad-2", 持证主体代码="1"),
        *many(2, first=9),
    ]
    path = write_csv(tmp_path / "a.csv", rows)
    batch = importer.import_file(path, plan())
    out = tmp_path / f"errors{suffix}"
    count = write_error_sheet(path, out, ledger=importer.ledger, batch=batch.id, plan=plan(), types=(TYPE,))
    assert count == batch.failed == 2
    header, *failed = [each.cells for each in open_sheet(out).rows()]
    assert header == ("原行号", "问题列", "问题代码", "问题", *HEADER)
    assert failed[0][:3] == ("6", "D K", "egov.license.date_none egov.license.missing")
    assert failed[0][3].startswith("证照颁发日期：1900 年以来不存在此日期")
    assert failed[1][:2] == ("7", "H")
    corrected = [
        (*cells[:4], *(("2023-02-28" if place == 3 else PERSONS[0] if place == 7 else "公司" if place == 10 else text)
         for place, text in enumerate(cells[4:])))
        for cells in failed
    ]  # fmt: skip
    again = importer.import_file(write_csv(tmp_path / "b.csv", corrected, header=header), plan())
    assert (again.stored, again.failed) == (2, 0)
    assert set(target.numbers()) >= {"bad-1", "bad-2"}
    # an error sheet of an error sheet has its four columns once
    worse = importer.import_file(write_csv(tmp_path / "c.csv", [failed[0]], header=header), plan())
    write_error_sheet(
        tmp_path / "c.csv", out, ledger=importer.ledger, batch=worse.id, plan=plan(), types=(TYPE,), lang="en"
    )
    header_again, only = [each.cells for each in open_sheet(out).rows()]
    assert header_again == header
    assert only[0] == "2"
    assert "there is no such day" in only[3]


def test_an_error_sheet_is_made_only_from_the_file_of_the_import(importer: Importer, tmp_path: Path) -> None:
    batch = importer.import_file(write_csv(tmp_path / "a.csv", [row("1", 工作单位="")]), plan())
    other = write_csv(tmp_path / "b.csv", [row("2", 工作单位="")])
    with pytest.raises(LicenseRejected) as caught:
        write_error_sheet(other, tmp_path / "e.csv", ledger=importer.ledger, batch=batch.id, plan=plan(), types=(TYPE,))
    assert caught.value.problem == "batch_file"
    assert not (tmp_path / "e.csv").exists()


def test_a_formula_on_its_way_through_the_error_sheet_stays_text(importer: Importer, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", [row('=HYPERLINK("http://x","y")')])
    batch = importer.import_file(path, plan())
    assert outcomes(importer, batch) == {2: ("failed", "cell_formula")}
    for suffix in (".csv", ".xlsx"):
        out = tmp_path / f"e{suffix}"
        write_error_sheet(path, out, ledger=importer.ledger, batch=batch.id, plan=plan(), types=(TYPE,))
    assert "'=HYPERLINK" in (tmp_path / "e.csv").read_text("utf-8-sig")
    sheet = openpyxl.load_workbook(tmp_path / "e.xlsx").active
    assert sheet is not None
    assert {cell.data_type for line in sheet.iter_rows() for cell in line} <= {"s", "inlineStr"}


def test_a_workbook_is_imported_with_its_merged_cells_named(importer: Importer, tmp_path: Path) -> None:
    made = openpyxl.Workbook()
    sheet = made.active
    assert sheet is not None
    for cells in (["证照一览"], HEADER, *many(3)):
        sheet.append(list(cells))
    sheet.merge_cells("A1:K1")
    sheet.merge_cells("C4:C5")
    made.save(tmp_path / "a.xlsx")
    batch = importer.import_file(tmp_path / "a.xlsx", plan())
    assert outcomes(importer, batch) == {
        3: ("stored", ""), 4: ("failed", "cell_merged"), 5: ("failed", "cell_merged"),
    }  # fmt: skip
    (problem, *_) = next(importer.ledger.rows(batch.id, RowState.FAILED)).problems
    assert (problem.place, problem.finding.element) == (2, "证照颁发机构")


def test_a_batch_tells_itself_in_plain_values(importer: Importer, tmp_path: Path) -> None:
    told = importer.import_file(write_csv(tmp_path / "a.csv", many(2)), plan()).to_dict()
    assert told["state"] == "finished"
    assert (told["total"], told["stored"], told["begun_at"]) == (2, 2, NOW.isoformat())
    assert len(str(told["file_digest"])) == 64


def test_an_importer_takes_at_least_a_row_at_once(target: SimpleTarget) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        Importer(target, clock=lambda: NOW, rows_at_once=0)
    assert OFFICE in target.issuers()
