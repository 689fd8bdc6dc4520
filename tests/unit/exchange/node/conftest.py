"""A town of two nodes: in memory, or on files and PostgreSQL where the database matters."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.exchange_world import Town
from tests.postgres import Server


@pytest.fixture
def make() -> Iterator[Callable[..., Town]]:
    made: list[Town] = []

    def town(*places: Path | str, **more: Any) -> Town:
        made.append(Town.at(*places, **more))
        made[-1].listen()
        return made[-1]

    yield town
    for one in made:
        one.assert_audits_hold()
        one.close()


@pytest.fixture
def town(make: Callable[..., Town]) -> Town:
    return make()


@pytest.fixture(params=["files", "postgresql"])
def places(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path | str, Path | str]:
    """Two empty databases that several connections can use."""
    if request.param == "files":
        return tmp_path / "tax.db", tmp_path / "market.db"
    server: Server = request.getfixturevalue("postgres")
    return server.place(), server.place()
