"""A catalogue on each kind of database."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest

from egov_sdk.exchange.catalog.store import LocalCatalog
from egov_sdk.storage import open_store
from tests.postgres import Server
from tests.unit.exchange.catalog.world import AT


def opened(place: Path | str) -> LocalCatalog:
    """A catalogue whose clock goes on by a second each time it is asked."""
    seconds = count()
    return LocalCatalog(open_store(place), clock=lambda: AT + timedelta(seconds=next(seconds)))


@pytest.fixture(params=["memory", "file", "postgresql"])
def catalog(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[LocalCatalog]:
    if request.param == "postgresql":
        server: Server = request.getfixturevalue("postgres")
        made = opened(server.place())
    else:
        made = opened("sqlite://" if request.param == "memory" else tmp_path / "catalog.db")
    yield made
    made.store.close()


@pytest.fixture
def two() -> Iterator[tuple[LocalCatalog, LocalCatalog]]:
    """A city's catalogue and a province's."""
    city, province = opened("sqlite://"), opened("sqlite://")
    yield city, province
    city.store.close()
    province.store.close()
