"""The application as a whole: what every command has in common."""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path

import pytest

import egov_sdk
import egov_sdk.cli
from egov_sdk.cli import _words as words
from tests.house.commands import commands
from tests.programs import egov as program
from tests.unit.cli.calling import Egov, run_alone

NAMES = [name for name, _ in commands()]


def _chinese(text: str) -> bool:
    return re.search(r"[\u4e00-\u9fff]", text) is not None


def test_the_commands_are_those_of_the_specification() -> None:
    assert set(NAMES) == {
        "egov demo", "egov verify", "egov doctor", "egov self-test", "egov seal show", "egov seal new",
        "egov seal draw", "egov seal stamp", "egov seal sign", "egov key new", "egov key show", "egov cert issue",
        "egov cert show", "egov cert verify", "egov ofd show", "egov ofd render", "egov gateway sign",
        "egov gateway explain", "egov gateway call", "egov gateway profiles", "egov code check",
        "egov identity profiles", "egov identity serve", "egov identity check", "egov identity account add",
        "egov identity account show", "egov identity account lock", "egov identity account unlock",
        "egov identity application add", "egov identity application show", "egov identity token show",
        "egov identity token verify", "egov identity token jwks", "egov identity assert make",
        "egov identity assert verify",
        "egov code test-number", "egov exchange verify", "egov exchange status",
        "egov exchange dead", "egov exchange replay", "egov exchange cancel",
        "egov audit chains", "egov audit export", "egov audit verify",
        *(f"egov catalog {name}" for name in ("check", "import", "export", "search", "diff", "harvest", "quality")),
        *(f"egov catalog {name}" for name in ("advance", "history")),
        *(
            f"egov sharing {name}"
            for name in (
                "request", "grant", "refuse", "return", "deliver", "use", "object", "answer", "acknowledge", "end",
                "list", "show", "overdue", "notices", "statistics", "evidence", "verify",
            )
        ),
        *(
            f"egov license {name}"
            for name in (
                "new-type", "types", "issue", "verify", "show", "id", "copy", "present", "scan", "change", "renew",
                "suspend", "resume", "revoke", "cancel", "history", "search", "import", "complete", "export",
            )
        ),
        *(
            f"egov platform {name}"
            for name in (
                "serve", "card", "backup", "restore", "upgrade", "mock", "record", "replay",
                *(f"caller {act}" for act in ("add", "grant", "rotate", "disable", "enable", "list")),
                *(f"staff {act}" for act in ("add", "renew", "remove", "list")),
            )
        ),
        *(
            f"egov license online {name}"
            for name in ("code", "begin", "waiting", "confirm", "refuse", "status", "fetch")
        ),
    }  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_every_command_speaks_json_and_two_languages(egov: Egov, name: str) -> None:
    ran = egov(*name.split()[1:], "--help")
    assert ran.code == 0
    assert "--json" in ran.out
    assert "--lang" in ran.out


@pytest.mark.parametrize(("name", "command"), commands(), ids=NAMES)
def test_every_help_text_is_there_in_both_languages(name: str, command: object) -> None:
    texts = [getattr(command, "help", None), *(getattr(one, "help", None) for one in getattr(command, "params", ()))]
    for text in texts:
        if text is None:
            continue
        assert _chinese(words._CHINESE[text]), f"{name}: {text}"
    assert texts[0]
    assert len(texts) > 2


@pytest.mark.parametrize("arguments", [("--lang", "zh", "--help"), ("verify", "--lang", "zh", "--help")])
def test_the_help_comes_in_chinese(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    ran = run_alone(*arguments, folder=tmp_path)
    assert ran.code == 0
    assert "OFD 文档" in ran.out


def test_the_locale_chooses_the_language_of_the_help(tmp_path: Path) -> None:
    assert _chinese(run_alone("--help", folder=tmp_path, env={"LANG": "zh_CN.UTF-8"}).out)
    assert not _chinese(run_alone("--help", folder=tmp_path).out)


@pytest.mark.parametrize("place", [0, 1, 3])
def test_the_language_may_stand_anywhere(egov: Egov, place: int, tmp_path: Path) -> None:
    arguments: list[object] = ["seal", "show", tmp_path / "none"]
    arguments[place:place] = ["--lang", "zh"]
    ran = egov(*arguments)
    assert ran.code == 2
    assert "代码" in ran.err
    assert "代码" not in egov("seal", "show", tmp_path / "none").err


def test_the_version_is_told(egov: Egov) -> None:
    assert egov("--version").out == f"egov {egov_sdk.__version__}\n"


@pytest.mark.parametrize("arguments", [(), ("seal",), ("nonsense",), ("seal", "nonsense"), ("verify", "--lang", "fr")])
def test_wrong_words_end_with_2(egov: Egov, arguments: tuple[str, ...]) -> None:
    assert egov(*arguments).code == 2


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("verify", "sealed.ofd", "--trust", "root.pem"), 0),
        (("verify", "tampered.ofd", "--trust", "root.pem"), 1),
        (("verify", "garbage.ofd"), 1),
        (("verify", "nowhere.ofd"), 2),
        (("verify", "sealed.ofd"), 3),
        (("key", "show", "locked.key.pem"), 4),
        (("ofd", "show", "garbage.ofd"), 1),
        (("seal", "show", "garbage.ofd"), 1),
    ],
)
def test_exit_codes_of_a_real_process(arguments: tuple[str, ...], code: int) -> None:
    ran = run_alone(*arguments, folder=Path.cwd())
    assert ran.code == code
    assert "Traceback" not in ran.out + ran.err
    assert "\x1b" not in ran.out + ran.err
    assert bool(ran.err) is (code not in (0, 1) or arguments[0] not in ("verify",))


@pytest.mark.usefixtures("world")
def test_results_and_everything_else_go_different_ways() -> None:
    ran = run_alone("ofd", "show", "garbage.ofd", "--json", folder=Path.cwd())
    assert ran.err == ""
    assert json.loads(ran.out)["error"]["code"] == "egov.ofd.package.not_a_zip"
    ran = run_alone("ofd", "show", "garbage.ofd", folder=Path.cwd())
    assert ran.out == ""
    assert "egov.ofd.package.not_a_zip" in ran.err


def test_an_output_that_knows_no_chinese_gets_escapes(tmp_path: Path) -> None:
    ran = run_alone("doctor", "--lang", "zh", folder=tmp_path, env={"PYTHONIOENCODING": "ascii"})
    assert ran.code == 0
    assert "\\u7248\\u672c" in ran.out


def test_without_its_libraries_the_command_says_what_to_install(tmp_path: Path) -> None:
    (tmp_path / "typer.py").write_text("raise ModuleNotFoundError(\"No module named 'typer'\", name='typer')")
    path = os.pathsep.join([str(tmp_path), str(Path(egov_sdk.__file__).parents[1])])
    ran = run_alone("doctor", folder=tmp_path, env={"PYTHONPATH": path})
    assert ran.code == 2
    assert ran.out == ""
    assert "pip install 'egov-sdk[cli]'" in ran.err


@pytest.mark.skipif(sys.platform == "win32", reason="no such pipes on Windows")
def test_a_reader_that_leaves_early_is_no_error(tmp_path: Path) -> None:
    import subprocess

    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = subprocess.run(
            program("doctor"), stdout=writing, stderr=subprocess.PIPE, text=True, timeout=120, cwd=tmp_path
        )
    finally:
        os.close(writing)
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "word"),
    [
        (["--lang", "zh", "seal", "--help"], 0, "制作印章"),
        (["--version"], 0, egov_sdk.__version__),
        (["ofd", "show", "nowhere.ofd", "--lang", "zh"], 2, "nowhere.ofd"),
    ],
)
def test_the_entry_point_ends_the_process_with_the_code(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: list[str], code: int, word: str
) -> None:
    from egov_sdk.cli import main

    monkeypatch.setattr(sys, "argv", ["egov", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == code
    captured = capsys.readouterr()
    assert word in captured.out + captured.err


def test_a_library_that_is_missing_for_another_reason_is_no_missing_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    from egov_sdk.cli import main

    monkeypatch.setitem(sys.modules, "egov_sdk.cli._app", None)
    with pytest.raises(ModuleNotFoundError):
        main()
    with pytest.raises(AttributeError, match="nothing"):
        egov_sdk.cli.nothing  # noqa: B018 - the look is the test
