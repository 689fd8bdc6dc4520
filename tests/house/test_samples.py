"""Every code sample of the README and the docs runs, in a folder with the files that its page declares."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.house.samples import Fence, fences, run_console, run_python, sample_pages, shown_alike, world_of
from tests.house.tree import ROOT
from tests.house.worlds import WORLDS, egov

PAGES = sample_pages()


@pytest.mark.parametrize("page", PAGES, ids=[str(page.relative_to(ROOT)) for page in PAGES])
def test_the_samples_of_a_page_run(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    WORLDS[world_of(page)](tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8" if "zh" in str(page.relative_to(ROOT)) else "C.UTF-8")
    names: dict[str, object] = {"__name__": "sample"}
    for fence in fences(page):
        if fence.lang == "python":
            run_python(fence, names)
        elif fence.lang == "console":
            run_console(fence, egov)


@pytest.mark.parametrize(
    "page", [p for p in PAGES if p.name == "README.md" or p.parts[-2] == "en"], ids=lambda p: p.stem
)
def test_both_languages_show_the_same_samples(page: Path) -> None:
    twin = page.with_name("README.zh-CN.md") if page.name == "README.md" else page.parents[1] / "zh" / page.name
    kinds = {"python", "console"}
    here = [shown_alike(fence) for fence in fences(page) if fence.lang in kinds]
    there = [shown_alike(fence) for fence in fences(twin) if fence.lang in kinds]
    assert here == there


# How samples are run, on planted ones.


def _page(folder: Path, text: str) -> Path:
    page = folder / "page.md"
    page.write_text(text, "utf-8")
    return page


def test_fences_are_found_with_their_lines_also_where_they_are_indented(tmp_path: Path) -> None:
    page = _page(
        tmp_path, "# T\n\n```python\na = 1\n```\n\n!!! note\n\n    ```console\n    $ egov x\n    ```\n\n```\nraw\n```\n"
    )
    found = [(fence.lang, fence.code, fence.line) for fence in fences(page)]
    assert found == [("python", "a = 1\n", 4), ("console", "$ egov x\n", 10), ("", "raw\n", 14)]
    assert world_of(page) == "empty"


def _fence(code: str) -> Fence:
    return Fence(Path("page.md"), "python", code, 1)


def test_later_samples_see_the_names_of_earlier_ones() -> None:
    names: dict[str, object] = {}
    run_python(_fence("a = 1"), names)
    run_python(_fence("assert a == 1\nprint(a + 1)  # 2"), names)
    run_python(_fence("print(a + 1)"), names)


@pytest.mark.parametrize("code", ["print(1)  # 2", "assert False", "1 / 0", "for n in (1, 2):\n    print(n)  # 1"])
def test_a_sample_that_does_not_do_what_it_shows_fails(code: str) -> None:
    with pytest.raises((AssertionError, ZeroDivisionError)):
        run_python(_fence(code), {})


def _echo(arguments: list[str]) -> tuple[int, str]:
    return len(arguments) - 1, f"called with {' '.join(arguments)}\nat noon\n"


@pytest.mark.parametrize(
    "code",
    [
        "$ egov verify a.ofd\ncalled with verify a.ofd\nat noon\n$ echo $?\n1",
        "$ egov verify 'a b.ofd'   # a comment\ncalled …\nat …\n$ echo $?\n1\n$ egov x\n…\n",
        "$ egov x",
    ],
)
def test_a_console_sample_that_shows_the_truth_passes(code: str) -> None:
    run_console(_fence(code), _echo)


@pytest.mark.parametrize(
    "code",
    [
        "$ egov x\ncalled with y\nat noon",
        "$ egov x\n$ echo $?\n1",
        "$ ls",
        "$ egov x y",
        "$ egov x y\n$ egov x",
        "$ egov x\ncalled with x",
        "$ egov x\n…nine",
    ],
)
def test_a_console_sample_that_shows_something_else_fails(code: str) -> None:
    with pytest.raises(AssertionError):
        run_console(_fence(code), _echo)


def test_comments_may_differ_between_languages_and_code_may_not() -> None:
    assert shown_alike(_fence("# 注释\na = 1  # 一\n\nb = 2\n")) == shown_alike(_fence("a = 1\nb = 2  # two"))
    assert shown_alike(_fence("a = 1")) != shown_alike(_fence("a = 2"))
