"""A folder with everything that the command line works on, and a way to call it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.unit.cli.calling import Egov
from tests.unit.cli.world import build


@pytest.fixture(scope="session")
def _world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("world")
    build(folder)
    return folder


@pytest.fixture
def world(_world: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of that folder, and the working folder of the test."""
    folder = tmp_path / "world"
    shutil.copytree(_world, folder)
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def egov(monkeypatch: pytest.MonkeyPatch) -> Egov:
    """The command line in this process, speaking English unless asked otherwise."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG", "EGOV_DEBUG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "C.UTF-8")
    return Egov()
