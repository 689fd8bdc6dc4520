"""Databases of both kinds, so that a test that asks for ``store`` runs on each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from egov_sdk.storage import Store, open_store
from tests.postgres import Server
from tests.unit.storage.times import AT


@pytest.fixture(params=["file", "memory", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Path | str:
    """Where an empty database is or will be."""
    if request.param == "file":
        return tmp_path / "egov.db"
    if request.param == "memory":
        return "sqlite://"
    server: Server = request.getfixturevalue("postgres")
    return server.place()


@pytest.fixture(params=["file", "postgresql"])
def lasting(request: pytest.FixtureRequest, tmp_path: Path) -> Path | str:
    """A place that several stores can open."""
    if request.param == "file":
        return tmp_path / "egov.db"
    server: Server = request.getfixturevalue("postgres")
    return server.place()


@pytest.fixture
def store(place: Path | str) -> Iterator[Store]:
    with open_store(place, busy_s=2) as opened:
        opened.prepare(at=AT)
        yield opened
