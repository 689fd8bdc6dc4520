"""What is committed names no machine, no workplace and no registry: it must work anywhere."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.house.tree import ROOT

#: Written in two halves, so that this file does not find itself.
FORBIDDEN = tuple(
    re.compile(first + second)
    for first, second in (
        (r"(?<![\w.])/work", r"/"),
        (r"/tmp", r"/(v/|contracts)"),
        (r"(?<![\w.])/root", r"/"),
        (r"/home", r"/[a-z]"),
        (r"[A-Z]:\\Use", r"rs\\"),
        (r"(?<![\w\])])\.libr", r"ary\b"),
        (r"/opt", r"/(pypi|wheels)"),
        (r"pypi\.", r"org"),
        (r"pythonhosted", r"\.org"),
        (r"registry\.npm", r"js\.org"),
        (r"(deb|security)\.debian", r"\.org"),
        (r"proxy\.golang", r"\.org"),
        (r"index\.crates", r"\.io"),
        (r"shared/", r"(design|standards|hooks)"),
        (r"farm-", r"studio"),
    )
)


def tracked() -> list[Path]:
    """The files under version control, or all files where there is none."""
    command = ["git", "-C", str(ROOT), "ls-files", "-z", "--cached"]
    try:
        listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split("\0")
        paths: Iterable[Path] = (ROOT / name for name in listed if name)
    except (OSError, subprocess.CalledProcessError):
        hidden = {".git", ".venv", "build", "dist", "site", "__pycache__"}
        paths = (path for path in ROOT.rglob("*") if not hidden & set(path.relative_to(ROOT).parts))
    return sorted(path for path in paths if path.is_file())


def found_in(text: str) -> list[str]:
    return [match.group() for pattern in FORBIDDEN for match in pattern.finditer(text)]


def test_no_committed_file_names_a_machine_or_a_workplace() -> None:
    paths = tracked()
    assert len(paths) > 10
    found = {}
    for path in paths:
        if hits := found_in(path.read_bytes().decode("utf-8", "replace")):
            found[str(path.relative_to(ROOT))] = hits
    assert found == {}


@pytest.mark.parametrize(
    "text",
    [
        "see /wo" + "rk/main",
        "run /tmp" + "/v/bin/python",
        "open('/ro" + "ot/.cache')",
        "https://py" + "pi.org/simple",
        "/ho" + "me/li/project",
        "in ../.libr" + "ary/env",
        "shared/" + "design/style.md",
    ],
)
def test_a_planted_machine_path_is_found(text: str) -> None:
    assert len(found_in(text)) == 1


@pytest.mark.parametrize(
    "text", ["../shared/interop", "/Doc_0/Pages", "../../tmp/evil", "http://www.ofdspec.org/2016", "self.library"]
)
def test_an_ordinary_path_is_left_alone(text: str) -> None:
    assert found_in(text) == []
