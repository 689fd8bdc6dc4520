"""The code samples of the README and the docs, and how they are run.

Every ``python`` and every ``console`` fence runs; a fence of another kind is not code to run.
A page says with ``<!-- world: NAME -->`` which files lie in the folder that its samples start in (worlds.py).
The python fences of a page share their names, from top to bottom. Where every ``print`` of a fence carries a
comment, the comments are what it must print. A ``console`` fence holds ``$ egov …`` lines with the output to
expect below them, where ``…`` stands for anything. ``$ echo $?`` asks for the exit code of the line before; a line
that is not asked about must end with 0. ``egov`` speaks the language of the page.
"""

from __future__ import annotations

import contextlib
import io
import re
import shlex
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.house.tree import ROOT

__all__ = ["Fence", "expected_prints", "fences", "run_console", "run_python", "sample_pages", "shown_alike", "world_of"]

_FENCE = re.compile(r"^(?P<indent> *)```(?P<lang>\w*)[^\n]*\n(?P<code>.*?)^(?P=indent)```\s*$", re.S | re.M)
_WORLD = re.compile(r"<!-- world: (\w+) -->")
_PRINT = re.compile(r"^\s*print\(.*?(?:\)\s+# (?P<said>.*))?$", re.M)

#: Runs ``egov`` with arguments and answers its exit code and everything that it wrote.
Command = Callable[[list[str]], tuple[int, str]]


@dataclass(frozen=True, slots=True)
class Fence:
    """One code block: its language, its text, and the line that its text begins on."""

    page: Path
    lang: str
    code: str
    line: int

    @property
    def at(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}" if self.page.is_relative_to(ROOT) else str(self.line)


def fences(page: Path) -> Iterator[Fence]:
    """The code blocks of a page, in order."""
    text = page.read_text("utf-8")
    for match in _FENCE.finditer(text):
        code = re.sub(rf"^{match['indent']}", "", match["code"], flags=re.M)
        yield Fence(page, match["lang"], code, text.count("\n", 0, match.start("code")) + 1)


def sample_pages() -> tuple[Path, ...]:
    """Every page that holds a sample to run."""
    pages = [*ROOT.glob("README*.md"), *(ROOT / "docs").rglob("*.md")]
    return tuple(sorted(page for page in pages if any(f.lang in {"python", "console"} for f in fences(page))))


def world_of(page: Path) -> str:
    """The world that a page declares."""
    match = _WORLD.search(page.read_text("utf-8"))
    return match[1] if match else "empty"


def expected_prints(code: str) -> list[str] | None:
    """What the prints of a sample say they print; None where one of them does not say."""
    said = [match["said"] for match in _PRINT.finditer(code)]
    return None if None in said else said


def run_python(fence: Fence, names: dict[str, object]) -> None:
    """Run a sample among the names that earlier ones left; an AssertionError names a print that said otherwise."""
    source = "\n" * (fence.line - 1) + fence.code
    written = io.StringIO()
    with contextlib.redirect_stdout(written):
        exec(compile(source, fence.at, "exec"), names)
    expected = expected_prints(fence.code)
    if expected is not None:
        assert written.getvalue().splitlines() == expected, f"{fence.at} printed otherwise than its comments say"


def run_console(fence: Fence, command: Command) -> None:
    """Run the ``$`` lines of a sample and compare what they write with what stands below them."""
    code = 0
    for asked in [*re.split(r"^\$ ", fence.code, flags=re.M)[1:], "echo $?\n0"]:
        line, _, expected = asked.partition("\n")
        if line.strip() == "echo $?":
            assert str(code) == expected.strip(), f"{fence.at}: a line ended with {code}"
            code = 0
            continue
        assert code == 0, f"{fence.at}: a line ended with {code}"
        program, *arguments = shlex.split(line, comments=True)
        assert program == "egov", f"{fence.at}: {program} is not ours to run"
        code, written = command(arguments)
        pattern = r".*?".join(map(re.escape, _tidy(expected).split("…")))
        assert not expected.strip() or re.fullmatch(pattern, _tidy(written), re.S), f"{fence.at}: egov wrote\n{written}"


def _tidy(text: str) -> str:
    """Without blank lines and blanks at the ends of lines, which a page may leave out."""
    return "\n".join(line.rstrip() for line in text.splitlines() if line.strip())


def shown_alike(fence: Fence) -> str:
    """A sample without its comments, or the commands of a console: what must be the same in both languages."""
    code = re.sub(r"\s+# .*$", "", fence.code, flags=re.M)
    if fence.lang == "console":
        return "\n".join(line for line in code.splitlines() if line.startswith("$ "))
    return "\n".join(line for line in code.splitlines() if line.strip() and not line.lstrip().startswith("#"))
