"""A province with a console, and databases of both kinds for what the console keeps."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.console_world import ConsoleWorld
from tests.unit.platform.register.conftest import store

__all__ = ["store", "world"]


@pytest.fixture
def world() -> Iterator[ConsoleWorld]:
    with ConsoleWorld() as made:
        yield made
