"""A process that imports is killed (SIGKILL) at random moments, again and again: nothing is lost, nothing doubled."""

from __future__ import annotations

import random
import subprocess
import sys
import threading
from collections import Counter
from pathlib import Path

import pytest

from egov_sdk.license.legacy.importing import Importer
from egov_sdk.license.legacy.ledger import BatchState, RowState
from tests.house.tree import ROOT
from tests.unit.license.legacy.world import NOW, SimpleTarget, plan, row, write_csv

ROWS = 1200
KILLS = 12


def sheet_of(path: Path) -> tuple[Path, Counter[str]]:
    """A sheet with good rows, wrong ones and repeated ones, and how many rows end how."""
    rows: list[tuple[str, ...]] = []
    expected = Counter[str]()
    for number in range(ROWS):
        if number % 11 == 5:
            rows.append(row("N0"))
            expected["skipped"] += 1
        else:
            wrong = number % 7 == 3
            rows.append(row(f"N{number}", 工作单位="" if wrong else "示例建筑公司"))
            expected["failed" if wrong else "stored"] += 1
    return write_csv(path, rows), expected


def run_and_kill(database: Path, sheet: Path, after_s: float | None) -> str:
    """Run the import in a process of its own; kill it some time after it began, if it is not done by then."""
    command = [sys.executable, "-m", "tests.faults.import_child", str(database), str(sheet), "10"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        timer = threading.Timer(after_s, process.kill) if after_s is not None else None
        if timer is not None:
            timer.start()
        rest = process.stdout.read()
        if timer is not None:
            timer.cancel()
    return rest.strip()


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.slow), pytest.param(3, marks=pytest.mark.slow)])
def test_killed_and_resumed_many_times_every_row_is_there_once(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    sheet, expected = sheet_of(tmp_path / "old.csv")
    database = tmp_path / "register.db"
    killed, seen = 0, [0]
    for _ in range(KILLS):
        said = run_and_kill(database, sheet, chance.uniform(0.002, 0.12))
        if said:
            break
        killed += 1
        seen.append(_so_far(database))
    assert killed >= 2
    assert len(set(seen)) >= 3, f"it was never killed at work: {seen}"
    assert seen == sorted(seen)
    said = said or run_and_kill(database, sheet, None)
    assert said == f"finished {ROWS}"
    _check_whole(database, expected)


def _so_far(database: Path) -> int:
    """How many rows are done; and those are whole: as many licences as rows that say so."""
    target = SimpleTarget.at(database)
    importer = Importer(target, clock=lambda: NOW)
    try:
        batches = importer.ledger.batches()
        if not batches:
            return 0
        (batch,) = batches
        assert batch.state is BatchState.RUNNING
        rows = list(importer.ledger.rows(batch.id))
        assert [one.number for one in rows] == list(range(2, len(rows) + 2))
        assert batch.total == len(rows)
        assert sum(one.state is RowState.STORED for one in rows) == len(target.numbers()) == batch.stored
        return len(rows)
    finally:
        target.store.close()


def _check_whole(database: Path, expected: Counter[str]) -> None:
    target = SimpleTarget.at(database)
    importer = Importer(target, clock=lambda: NOW)
    (batch,) = importer.ledger.batches()
    rows = list(importer.ledger.rows(batch.id))
    numbers = target.numbers()
    target.store.close()
    assert Counter(one.state.value for one in rows) == expected
    assert [one.number for one in rows] == list(range(2, ROWS + 2))
    assert len(numbers) == len(set(numbers)) == expected["stored"] == batch.stored
    assert (batch.failed, batch.skipped) == (expected["failed"], expected["skipped"])
    assert plan().mapping.name == batch.mapping
