"""The docs say what the source says, in both languages, and no link of theirs leads nowhere."""

from __future__ import annotations

import ast
import importlib.util
import re
from pathlib import Path

import pytest

from egov_sdk.report import Lang
from tests.house.pages import LANGS, READMES, generated_parts, page_path, written_anew
from tests.house.samples import fences
from tests.house.tree import ROOT, modules, without_fences

DOCS = ROOT / "docs"
SET_UP = (
    "python3 -m venv .venv && .venv/bin/pip install -e '.[cli]' && .venv/bin/egov demo",
    ".venv/bin/pip install -e '.[dev]' && .venv/bin/pytest",
)


def _pages(lang: str) -> set[Path]:
    return {path.relative_to(DOCS / lang) for path in (DOCS / lang).rglob("*.md")}


def test_every_page_is_there_in_both_languages() -> None:
    assert _pages("en") == _pages("zh")
    assert len(_pages("en")) > 10


def _shape(page: Path) -> list[str]:
    return re.findall(r"^(#+) ", without_fences(page.read_text("utf-8")), re.M)


@pytest.mark.parametrize("page", sorted(_pages("en")), ids=str)
def test_both_languages_have_the_same_headings(page: Path) -> None:
    assert _shape(DOCS / "en" / page) == _shape(DOCS / "zh" / page)
    assert _shape(DOCS / "en" / page)[0] == "#"


def test_both_readmes_have_the_same_headings() -> None:
    assert _shape(READMES["en"]) == _shape(READMES["zh"])


@pytest.mark.parametrize("lang", LANGS)
def test_the_readme_holds_the_two_set_up_lines(lang: Lang) -> None:
    lines = [line.partition("  #")[0].rstrip() for fence in fences(READMES[lang]) for line in fence.code.splitlines()]
    assert [line for line in lines if line in SET_UP] == list(SET_UP)


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("page", ["README", "command-line"])
def test_the_five_exit_codes_are_told(lang: Lang, page: str) -> None:
    path = READMES[lang] if page == "README" else DOCS / lang / f"{page}.md"
    assert re.findall(r"^\| `?(\d)`? \|", path.read_text("utf-8"), re.M) == ["0", "1", "2", "3", "4"]


@pytest.mark.parametrize(("name", "lang"), generated_parts())
def test_what_is_made_from_the_source_is_up_to_date(name: str, lang: Lang) -> None:
    page = page_path(name, lang).read_text("utf-8")
    assert written_anew(name, lang, page) == page, "run: python -m tests.house.pages"


@pytest.mark.parametrize("lang", LANGS)
def test_the_docs_name_every_command(lang: str) -> None:
    if importlib.util.find_spec("egov_sdk.cli") is None:
        pytest.skip("egov_sdk.cli is not in the tree yet")
    from tests.house.commands import commands

    page = (DOCS / lang / "command-line.md").read_text("utf-8")
    names = [name for name, _ in commands()]
    assert len(names) > 5
    assert [name for name in names if f"`{name}`" not in page] == []
    told = re.findall(r"^#+ `(egov[^`]*)`", page, re.M)
    assert [name for name in told if name not in names] == []


def _named_leniencies() -> set[str]:
    """Codes of deviations that the source writes where it meets them, as the first argument of a call."""
    return {
        node.args[0].value
        for module in modules()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call)
        and ast.unparse(node.func) in {"Leniency", "self.note"}
        and node.args
        and isinstance(node.args[0], ast.Constant)
        and isinstance(node.args[0].value, str)
    }


@pytest.mark.parametrize("lang", LANGS)
def test_the_docs_tell_every_leniency(lang: Lang) -> None:
    page = (DOCS / lang / "leniencies.md").read_text("utf-8")
    by_hand, mark, from_tables = page.partition("<!-- begin generated")
    told = [set(re.findall(r"^\| `(\w+)` \|", part, re.M)) for part in (by_hand, from_tables)]
    assert mark
    assert told[0] == _named_leniencies() - told[1]
    assert len(told[0] | told[1]) > 50


def test_the_architecture_page_tells_the_rooms_that_are_there() -> None:
    rooms = {module.room for module in modules() if module.room and not module.room.startswith("_")}
    for lang in LANGS:
        page = (DOCS / lang / "architecture.md").read_text("utf-8")
        table = page.partition("<!-- rooms -->")[2].partition("<!-- end of rooms -->")[0]
        assert set(re.findall(r"^\| `(\w+)`", table, re.M)) == rooms


@pytest.mark.parametrize("lang", LANGS)
def test_what_weakens_safety_is_listed(lang: Lang) -> None:
    page = (DOCS / lang / "security.md").read_text("utf-8")
    weak = {
        node.name
        for module in modules()
        for node in ast.walk(module.tree)
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and node.name.startswith(("unsafe_for", "Unsafe"))
        if node.name != "UnsafeValue"  # an error: the value is refused
    }
    assert [name for name in sorted(weak) if name not in page] == []


LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)|!\[[^\]]*\]\(([^)\s]+)\)|(?:src|href)=\"([^\"]+)\"")


@pytest.mark.parametrize("path", sorted(ROOT.glob("*.md")), ids=lambda path: path.name)
def test_no_link_of_a_page_at_the_root_leads_nowhere(path: Path) -> None:
    targets = ["".join(match) for match in LINK.findall(without_fences(path.read_text("utf-8")))]
    inside = [target.partition("#")[0] for target in targets if not re.match(r"https?:|mailto:|#", target)]
    assert [target for target in inside if not (path.parent / target).exists()] == []
