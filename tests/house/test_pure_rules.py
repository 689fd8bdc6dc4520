"""Rules read no clock, no environment and no network, and say nothing to a terminal: those come in as arguments."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house.tree import PACKAGE, Module, modules

#: What reaches outside a function's arguments, and the rooms or modules that may do it.
OUTSIDE: dict[str, tuple[str, frozenset[str]]] = {
    "clock": (
        r"datetime\.datetime\.(now|utcnow|today)|datetime\.date\.today|time\.(time|time_ns|localtime|gmtime|sleep)",
        frozenset({"cli", "door", "gateway", "platform", "testing"}),
    ),
    "environment": (
        r"os\.(environ|environb|getenv)(\..*)?|locale\.getlocale|locale\.getdefaultlocale",
        frozenset({"cli", "door", "egov_sdk.crypto._backend.select", "egov_sdk.crypto._native"}),
    ),
    "network": (
        r"(socket|socketserver|ftplib|smtplib|requests|aiohttp|urllib\.request|http\.client|http\.server)(\..*)?",
        frozenset({"gateway", "platform", "testing"}),
    ),
    "terminal": (r"print|input|sys\.(stdin|stdout|stderr)(\..*)?", frozenset({"cli"})),
    "predictable randomness": (
        r"random(\..*)?",
        frozenset({"testing", "egov_sdk.platform.mock.faults", "egov_sdk.platform.mock.plan"}),
    ),
    "other programs": (r"subprocess(\..*)?|os\.(system|popen|exec\w*|spawn\w*)", frozenset({"cli"})),
}


def _names(tree: ast.Module) -> dict[str, str]:
    """What each imported name stands for."""
    names = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                names[alias.asname or alias.name.split(".")[0]] = (
                    alias.name if alias.asname else alias.name.split(".")[0]
                )
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names.update({alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names})
    return names


def _uses(tree: ast.Module) -> Iterator[tuple[ast.AST, str]]:
    """Every imported module, and every dotted name used, spelt with what its first part stands for."""
    names = _names(tree)
    shadowed = {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node, f"{node.module}"
        elif isinstance(node, (ast.Attribute, ast.Name)):
            first, dot, rest = ast.unparse(node).partition(".")
            if first in names or (first in {"print", "input"} and first not in shadowed):
                yield node, names.get(first, first) + dot + rest


def problems(package: Path) -> list[str]:
    found = set()
    for module in modules(package):
        for node, name in _uses(module.tree):
            for what, (pattern, allowed) in OUTSIDE.items():
                if re.fullmatch(pattern, name) and not _may(module, allowed):
                    found.add(f"{module.at(node)} uses {name}: the {what} is an argument here")
    return sorted(found)


def _may(module: Module, allowed: frozenset[str]) -> bool:
    return module.room in allowed or module.name in allowed


REACHING_OUT = [
    "from datetime import datetime\nnow = datetime.now()",
    "import datetime as dt\nnow = dt.datetime.now(dt.UTC)",
    "from time import time\nnow = time()",
    "import os\nhome = os.environ['HOME']",
    "from os import getenv\nhome = getenv('HOME')",
    "def f():\n    import socket",
    "from urllib.request import urlopen",
    "import random\nrandom.random()",
    "print('hello')",
    "import sys\nsys.stderr.write('hello')",
    "import subprocess",
]


@pytest.mark.parametrize("source", REACHING_OUT)
def test_a_planted_reach_outside_is_found(tmp_path: Path, source: str) -> None:
    room = tmp_path / "egov_sdk" / "seal"
    room.mkdir(parents=True)
    (room / "verify.py").write_text(source, "utf-8")
    assert problems(tmp_path / "egov_sdk")


@pytest.mark.parametrize(
    "source",
    [
        "from datetime import datetime\ndef f(at: datetime) -> None:\n    datetime.fromisoformat('2026-01-01')",
        "import os\ndef f(*, random=os.urandom) -> bytes:\n    return random(32)",
        "def f(print) -> None:\n    print('to the caller')",
        "import time\nstarted = time.perf_counter()",
    ],
)
def test_what_stays_inside_is_left_alone(tmp_path: Path, source: str) -> None:
    room = tmp_path / "egov_sdk" / "seal"
    room.mkdir(parents=True)
    (room / "verify.py").write_text(source, "utf-8")
    assert problems(tmp_path / "egov_sdk") == []


def test_no_rule_of_the_package_reaches_outside_its_arguments() -> None:
    assert problems(PACKAGE) == []


def test_only_one_module_configures_an_xml_parser() -> None:
    parsing = re.compile(r"etree\.(XMLParser|fromstring|fromstringlist|parse|iterparse|XML|XMLPullParser)")
    homes = {
        module.name
        for module in modules()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Attribute) and parsing.fullmatch(ast.unparse(node))
    }
    assert homes <= {"egov_sdk.ofd.xml"}
