"""A town on a database in memory; on others where the database matters."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.postgres import Server
from tests.unit.identity.provider.town import Town


@pytest.fixture
def town() -> Iterator[Town]:
    made = Town.at()
    yield made
    made.store.close()


@pytest.fixture(params=["memory", "file", "postgresql"])
def busy_town(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Town]:
    """A town on each kind of database, for what happens at the same time."""
    if request.param == "postgresql":
        server: Server = request.getfixturevalue("postgres")
        made = Town.at(server.place())
    else:
        made = Town.at("sqlite://" if request.param == "memory" else tmp_path / "town.db")
    yield made
    made.store.close()
