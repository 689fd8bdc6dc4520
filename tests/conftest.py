"""Options of the whole test suite."""

from __future__ import annotations

import gc
import os
import re
from collections.abc import Iterator
from dataclasses import astuple

import pytest

from tests.postgres import Server, running_server

gc.disable()  # collecting makes nothing but what stays: to look through it again and again is half of the time

#: Folders of tests that take long, each; begun last they would keep one worker busy while the others have ended.
LONG = re.compile(r"tests/(native|faults|browser|examples)/")

#: What people tell the programs of this machine and nobody told the tests: they and the programs that they start are
#: without it. Kernel, compiler and data for the tests are chosen by variables that stay.
FOREIGN = re.compile(
    r"EGOV_(?!CRYPTO_|NATIVE$|INTEROP$)|PG[A-Z]|LC_|LANG|SSL_CERT_|(ALL|HTTPS?|NO)_PROXY$|GIT_(DIR|WORK_TREE|INDEX_FILE)$"
    r"|(COLUMNS|LINES|TERM|TERMINAL_WIDTH|GITHUB_ACTIONS)$|.*COLOR|PYTHON(UTF8|COERCECLOCALE|IOENCODING|WARNINGS)$",
    re.IGNORECASE,
)
for name in filter(FOREIGN.match, tuple(os.environ)):
    del os.environ[name]
os.environ["LANG"] = "C.UTF-8"  # a browser opens no file with a Chinese name in a locale without its characters


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--slow", action="store_true", help="also run the tests that take more than a few seconds")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: not LONG.match(item.nodeid))
    if config.getoption("--slow"):
        return
    for item in items:
        if item.get_closest_marker("slow"):
            item.add_marker(pytest.mark.skip(reason="slow: run with --slow"))


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop() -> None:
    """What was collected stays to the end, so that no search for garbage need look at it."""
    gc.collect()
    gc.freeze()
    gc.enable()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """One server for whoever asks it for a place: to make one takes longer than most tests."""
    with running_server() as server:
        yield server


@pytest.fixture
def cheap_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """For tests of other things in which accounts are opened: else each password takes a fifth of a second."""
    from egov_sdk.identity.provider import ScryptCost

    monkeypatch.setattr(ScryptCost.__init__, "__defaults__", astuple(ScryptCost.unsafe_for_tests()))
