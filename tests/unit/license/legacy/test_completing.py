"""The later pass: every licence gets its file once, what fails is told and tried again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from threading import Lock

import pytest

from egov_sdk.license.legacy.completing import complete_imported
from egov_sdk.license.legacy.importing import Importer
from egov_sdk.license.legacy.ledger import ImportBatch, RowState
from egov_sdk.license.problems import LicenseRejected, refuse
from egov_sdk.parallel import InlineExecutor
from tests.unit.license.legacy.world import NOW, SimpleTarget, many, plan, row, write_csv


@pytest.fixture
def importer(tmp_path: Path) -> Iterator[Importer]:
    target = SimpleTarget.at(tmp_path / "register.db")
    yield Importer(target, clock=lambda: NOW)
    target.store.close()


@pytest.fixture
def batch(importer: Importer, tmp_path: Path) -> ImportBatch:
    return importer.import_file(write_csv(tmp_path / "a.csv", [*many(30), row("x", 工作单位=""), *many(1)]), plan())


class Maker:
    """Makes files in memory; refuses some."""

    def __init__(self, *refused: str) -> None:
        self.made: list[str] = []
        self.refused = set(refused)
        self._lock = Lock()

    def __call__(self, identifier: str) -> str:
        if identifier in self.refused:
            raise refuse("license_unknown")
        with self._lock:
            self.made.append(identifier)
        return identifier


def test_every_stored_licence_gets_its_file_once(importer: Importer, batch: ImportBatch) -> None:
    maker = Maker()
    told: list[int] = []
    found = complete_imported(
        maker, ledger=importer.ledger, batch=batch.id, jobs=3, progress=lambda done, total: told.append(done)
    )
    assert (found.completed, found.failed, found.failures) == (30, 0, ())
    assert len(set(maker.made)) == len(maker.made) == 30
    assert told == list(range(1, 31))
    states = [one.state for one in importer.ledger.rows(batch.id)]
    assert (states.count(RowState.SEALED), states.count(RowState.FAILED), states.count(RowState.SKIPPED)) == (30, 1, 1)
    again = complete_imported(maker, ledger=importer.ledger, batch=batch.id)
    assert again.completed == 0
    assert len(maker.made) == 30


def test_what_fails_is_told_and_tried_again(importer: Importer, batch: ImportBatch) -> None:
    rows = list(importer.ledger.rows(batch.id, RowState.STORED))[3:5]
    maker = Maker(*(one.identifier for one in rows))
    found = complete_imported(maker, ledger=importer.ledger, batch=batch.id)
    assert (found.completed, found.failed) == (28, 2)
    assert {one.number for one in found.failures} == {one.number for one in rows}
    assert all(isinstance(one.error, LicenseRejected) for one in found.failures)
    maker.refused.clear()
    assert complete_imported(maker, ledger=importer.ledger, batch=batch.id).completed == 2
    assert len(set(maker.made)) == len(maker.made) == 30


def test_broken_off_it_goes_on(importer: Importer, batch: ImportBatch) -> None:
    maker = Maker()
    asked = iter([False] * 5)
    first = complete_imported(
        maker, ledger=importer.ledger, batch=batch.id, executor=InlineExecutor(), cancelled=lambda: next(asked, True)
    )
    assert first.completed == 5
    assert complete_imported(maker, ledger=importer.ledger, batch=batch.id).completed == 25
    assert len(set(maker.made)) == len(maker.made) == 30


def test_our_own_mistakes_are_not_hidden(importer: Importer, batch: ImportBatch) -> None:
    def wrong(identifier: str) -> None:
        raise TypeError(identifier)

    with pytest.raises(TypeError):
        complete_imported(wrong, ledger=importer.ledger, batch=batch.id)
    with pytest.raises(LicenseRejected):
        complete_imported(Maker(), ledger=importer.ledger, batch="none")
