"""News fragments are named, worded and kept as their README says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.house.tree import ROOT

FOLDER = ROOT / "changelog.d"
KINDS = ("security", "breaking", "deprecation", "feature", "fix", "docs")
FRAGMENTS = sorted(path for path in FOLDER.iterdir() if path.name != "README.md")


def problems(name: str, text: str) -> list[str]:
    """What is wrong with one fragment."""
    found = []
    if not re.fullmatch(rf"[a-z0-9]+(-[a-z0-9]+)*\.({'|'.join(KINDS)})\.md", name):
        found.append("name")
    first = text.strip().partition("\n\n")[0]
    if not first.endswith(".") or not first[:1].isupper():
        found.append("first paragraph")
    if not re.search(r"[\u4e00-\u9fff].*。", text):
        found.append("Chinese")
    return found


@pytest.mark.parametrize("path", FRAGMENTS, ids=lambda path: path.name)
def test_a_fragment_says_in_both_languages_what_changed(path: Path) -> None:
    assert problems(path.name, path.read_text("utf-8")) == []


def test_the_readme_tells_every_kind() -> None:
    text = (FOLDER / "README.md").read_text("utf-8")
    assert tuple(re.findall(r"^\| `(\w+)`", text, re.M)) == KINDS


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("a-seal.feature.md", "Seals can be made.\n\n可以制作印章。\n", []),
        ("a_seal.feature.md", "Seals can be made.\n\n可以制作印章。\n", ["name"]),
        ("a-seal.added.md", "Seals can be made.\n\n可以制作印章。\n", ["name"]),
        ("a-seal.fix.md", "seals\n\n可以制作印章。\n", ["first paragraph"]),
        ("a-seal.fix.md", "Seals can be made.", ["Chinese"]),
        ("a-seal.txt", "", ["name", "first paragraph", "Chinese"]),
    ],
)
def test_a_planted_fragment_is_judged(name: str, text: str, expected: list[str]) -> None:
    assert problems(name, text) == expected
