"""What only a terminal gets: colour, signs, questions, progress."""

from __future__ import annotations

import io
import os
import re
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

pty = pytest.importorskip("pty", reason="this system has no pseudo terminals")

from rich.console import Console  # noqa: E402 - below the line that may skip the module

from egov_sdk.cli import _output as output  # noqa: E402
from egov_sdk.cli import _terminal as terminal  # noqa: E402
from egov_sdk.crypto import load_private_key  # noqa: E402
from tests.programs import egov as program  # noqa: E402
from tests.unit.cli.calling import Egov  # noqa: E402


def on_terminal(*arguments: str, folder: Path, typed: tuple[str, ...] = ()) -> tuple[int, str]:
    """Run ``egov`` on a terminal of its own, and type something each time it asks for a password."""
    pid, handle = pty.fork()
    if pid == 0:  # pragma: no cover - the child is another program a moment later
        os.chdir(folder)
        environment = {**os.environ, "TERM": "xterm-256color", "LANG": "C.UTF-8", "COLUMNS": "100"}
        for name in ("NO_COLOR", "LC_ALL", "LC_MESSAGES", "EGOV_DEBUG"):
            environment.pop(name, None)
        os.execve(sys.executable, program(*arguments), environment)
    written, answers = "", iter(typed)
    for text in _read(handle):
        written += text
        if re.search(r"(password[^\n]*|once more): $", written):
            os.write(handle, (next(answers) + "\n").encode())
            written += "\n"
    os.close(handle)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), written


def _read(handle: int) -> Iterator[str]:
    while True:
        try:
            content = os.read(handle, 65536)
        except OSError:  # the other end is gone
            return
        if not content:
            return
        yield content.decode("utf-8", "replace")


def test_a_terminal_gets_signs_and_colours(world: Path) -> None:
    code, text = on_terminal("verify", "tampered.ofd", "--trust", "root.pem", folder=world)
    assert code == 1
    assert "\x1b[" in text
    assert "✗" in text
    assert "✓" in text
    plain = re.sub(r"\x1b\[[0-9;]*m", "", text)
    assert "REJECTED: integrity.references" in plain
    assert max(len(line.rstrip()) for line in plain.partition("REJECTED")[0].splitlines()) <= 100


def test_a_dumb_terminal_gets_plain_text(world: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from egov_sdk.cli._output import is_terminal

    class Stream:
        def isatty(self) -> bool:
            return True

    monkeypatch.setenv("TERM", "xterm")
    assert is_terminal(Stream())
    monkeypatch.setenv("TERM", "dumb")
    assert not is_terminal(Stream())
    assert not is_terminal(object())


def test_a_password_is_asked_for_twice_and_never_shown(world: Path) -> None:
    code, text = on_terminal("key", "new", "typed.pem", folder=world, typed=("sesame", "sesame"))
    assert code == 0, text
    assert "sesame" not in text
    load_private_key((world / "typed.pem").read_bytes(), password="sesame")
    code, text = on_terminal("key", "show", "typed.pem", folder=world, typed=("sesame",))
    assert code == 0, text
    assert "sesame" not in text
    code, text = on_terminal("key", "show", "typed.pem", folder=world, typed=("open",))
    assert code == 4
    assert "egov.key.wrong_password" in text


class _Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now


@pytest.mark.parametrize(("step", "shown"), [(0.1, False), (0.6, True)])
def test_progress_shows_only_past_a_second(monkeypatch: pytest.MonkeyPatch, step: float, shown: bool) -> None:
    clock = _Clock()
    monkeypatch.setattr(terminal, "time", clock)
    out = io.StringIO()
    console = Console(file=out, force_terminal=True, width=80)
    seen = []
    for item in terminal.counted(list(range(6)), console=console):
        seen.append(item)
        clock.now += step
    assert seen == list(range(6))
    assert bool(out.getvalue()) is shown
    assert time.monotonic() > 0


def test_a_terminal_gets_the_same_words(world: Path, egov: Egov, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = egov("verify", "tampered.ofd", "--trust", "root.pem").out
    many = egov("verify", "sealed.ofd", "tampered.ofd", "--trust", "root.pem").out
    refused = egov("seal", "show", "nowhere.esl").err
    monkeypatch.setattr(output, "is_terminal", lambda _: True)
    monkeypatch.setenv("COLUMNS", "400")
    shown = egov("verify", "tampered.ofd", "--trust", "root.pem").out
    assert "✗" in shown
    assert shown.splitlines()[-3:] == plain.splitlines()[-3:]
    assert egov("verify", "sealed.ofd", "tampered.ofd", "--trust", "root.pem").out == many
    assert egov("seal", "show", "nowhere.esl").err == refused
