"""A register of callers on databases of both kinds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from egov_sdk.storage import Store, open_store
from tests.postgres import Server


@pytest.fixture(params=["file", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    place: Path | str = tmp_path / "p.db"
    if request.param == "postgresql":
        server: Server = request.getfixturevalue("postgres")
        place = server.place()
    with open_store(place, busy_s=5) as opened:
        yield opened
