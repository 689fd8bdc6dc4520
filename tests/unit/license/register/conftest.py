"""A town on a database in memory; on others where the database matters."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.license_world import LicenseTown
from tests.postgres import Server


@pytest.fixture
def town() -> Iterator[LicenseTown]:
    made = LicenseTown.at()
    yield made
    made.assert_audit_holds()
    made.store.close()


@pytest.fixture(params=["file", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Path | str:
    """Where an empty database is that several programs can open."""
    if request.param == "file":
        return tmp_path / "licenses.db"
    server: Server = request.getfixturevalue("postgres")
    return server.place()
