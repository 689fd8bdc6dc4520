"""A folder with everything that the command line works on, and a way to call it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.unit.cli.calling import Egov
from tests.unit.cli.license_office import open_office
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


@pytest.fixture(scope="session")
def _office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return open_office(tmp_path_factory.mktemp("office"))  # takes a second


@pytest.fixture
def office(_office: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with an office of licences in it that knows one type."""
    folder = tmp_path / "work"
    shutil.copytree(_office, folder / "egov-data")
    monkeypatch.chdir(folder)
    for name in ("CONNECT", "SECRET", "DEPARTMENT", "CODE", "KEYS"):
        monkeypatch.delenv(f"EGOV_{name}", raising=False)
    return folder
