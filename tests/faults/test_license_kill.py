"""A register whose programs are killed at any point of an issue or a change: nothing is lost, nothing doubled."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from egov_sdk.crypto import sm3
from egov_sdk.license.identifier import LicenseIdentifier
from egov_sdk.license.register.tables import FILES, PENDING, REQUESTS, SERIES, VERSIONS
from egov_sdk.license.states import LicenseState
from egov_sdk.report import Outcome
from egov_sdk.storage.sql import Table, func, select
from tests.faults import license_worker
from tests.house.tree import ROOT
from tests.license_world import LicenseTown, owner_use
from tests.postgres import running_server

ROUNDS = 16


def killed_often(place: str, seed: str, acknowledged: Path, *, rounds: int) -> int:
    """Run the worker; how many of its processes were killed."""
    command = [sys.executable, "-m", "tests.faults.license_worker", place, seed, str(rounds), str(acknowledged)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return int(done.stdout)


def count(town: LicenseTown, table: Table) -> int:
    with town.store.read() as connection:
        return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def assert_whole(place: str, acknowledged: Path, *, rounds: int) -> None:
    """Every round is done again without a kill; then all is there, once, as it was acknowledged."""
    town = license_worker.opened(place, rounds)
    assert town.service.register.recovered.left == ()
    for turn in range(rounds):
        license_worker.work(town, turn, lambda line: None)
    requests = rounds * (license_worker.REQUESTS - 1) + 1
    assert count(town, SERIES) == count(town, REQUESTS) == requests
    assert count(town, VERSIONS) == count(town, FILES) == 2 * requests
    assert count(town, PENDING) == 0
    _assert_acknowledged(town, acknowledged.read_text("ascii").splitlines())
    _assert_audited(town, requests)
    town.assert_audit_holds()
    town.store.close()


def _assert_acknowledged(town: LicenseTown, lines: list[str]) -> None:
    seen: dict[tuple[str, str], str] = {}
    for line in lines:
        what, number, identifier, digest = line.split()
        assert seen.setdefault((what, number), identifier) == identifier, "one request, two licences"
        found = town.service.get(identifier, use=owner_use())
        assert found.metadata.number == f"N{number}"
        assert found.file_digest == digest == sm3(found.file).hex()
    one = LicenseIdentifier.parse(lines[-1].split()[2])
    last = town.service.get(one, use=owner_use())
    latest = one if last.latest_version == one.version else one.next_version()
    report = town.service.verify(town.service.get(latest, use=owner_use()).file)
    assert report.outcome is Outcome.PASSED


def _assert_audited(town: LicenseTown, requests: int) -> None:
    actions = Counter(action for action, _, _ in town.audited())
    assert actions["license.issued"] == actions["license.changed"] == requests
    subjects = Counter(subject for action, subject, _ in town.audited() if action == "license.issued")
    assert set(subjects.values()) == {1}
    states = {row.state: row.count for row in town.service.statistics()}
    assert states == {LicenseState.VALID: requests}


@pytest.mark.parametrize("seed", ["first", "second"])
def test_killed_at_any_point_on_sqlite_nothing_is_lost_and_nothing_doubled(tmp_path: Path, seed: str) -> None:
    place, acknowledged = str(tmp_path / "licenses.db"), tmp_path / "acknowledged"
    assert killed_often(place, seed, acknowledged, rounds=ROUNDS) >= ROUNDS // 2
    assert_whole(place, acknowledged, rounds=ROUNDS)


def test_killed_at_any_point_on_postgresql_nothing_is_lost_and_nothing_doubled(tmp_path: Path) -> None:
    with running_server() as server:
        place, acknowledged = server.place(), tmp_path / "acknowledged"
        assert killed_often(place, "third", acknowledged, rounds=ROUNDS) >= ROUNDS // 2
        assert_whole(place, acknowledged, rounds=ROUNDS)
