"""A province with a console, and browsers without a screen."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.console_world import ConsoleWorld


@pytest.fixture
def world() -> Iterator[ConsoleWorld]:
    with ConsoleWorld() as made:
        yield made
