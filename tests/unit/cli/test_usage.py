"""A command line that is wrong is told as every other problem is, in the language asked for, and ends with 2."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.cli.calling import Egov, run_alone

WRONG = {
    "a command that is none": (
        ["keys"],
        "No such command 'keys'. Did you mean 'key'",
        "没有命令 'keys'；相近的写法：'key'",
    ),
    "a command of a group that is none": (["key", "n"], "No such command 'n'", "没有命令 'n'"),
    "an option that is none": (["key", "new", "--outt", "x"], "No such option: --outt", "没有选项 --outt"),
    "an option misspelt": (
        ["key", "new", "--forse", "x"],
        "No such option: --forse (Possible options: --force)",
        "没有选项 --forse；相近的选项：--force",
    ),
    "no argument": (["key", "new"], "Missing argument 'OUT'", "缺少参数 'OUT'"),
    "no option": (["platform", "caller", "add", "x"], "Missing option '--department'", "缺少选项 '--department'"),
    "one argument too many": (["doctor", "a", "b"], "extra argument(s) (a b)", "多余的参数：a b"),
    "no value": (["platform", "serve", "--port"], "Option '--port' requires an argument", "选项 '--port' 须带一个值"),
    "a value for a switch": (
        ["key", "new", "--force=3"],
        "Option '--force' does not take a value",
        "选项 '--force' 不带值",
    ),
    "no number": (["platform", "serve", "--port", "x"], "Invalid value for '--port'", "'--port' 的值须为整数"),
    "no such choice": (
        ["doctor", "--lang", "fr"],
        "Invalid value for '--lang': 'fr' is not one of 'zh', 'en'",
        "'--lang' 的值 'fr' 不在可选范围内，可选：'zh', 'en'",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_told_in_the_language_asked_for(
    egov: Egov, case: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments, english, chinese = WRONG[case]
    for words, named in ((english, "C"), (chinese, "zh_CN.UTF-8")):
        monkeypatch.setenv("LC_ALL", named)
        ran = egov(*arguments)
        assert (ran.code, ran.out) == (2, "")
        assert ran.err.startswith("egov: ")
        assert words in ran.err
        assert "egov.usage" in ran.err


def test_the_last_language_that_was_named_counts_before_anything_is_read(egov: Egov) -> None:
    assert "没有选项 --xx" in egov("doctor", "--lang", "zh", "--xx").err
    assert "没有命令" in egov("--lang=zh", "nothing").err
    assert "No such option" in egov("--lang", "zh", "doctor", "--lang", "en", "--xx").err
    assert "No such option" in egov("doctor", "--xx").err  # what an earlier call said does not count


def test_how_it_is_used_stands_beside_it(egov: Egov) -> None:
    assert "usage: egov key new [OPTIONS] {OUT}; egov key new -h tells more" in egov("key", "new").err
    assert "用法：egov key new [选项] {OUT}；详见 egov key new -h" in egov("key", "new", "--lang", "zh").err


def test_programs_are_told_in_json(egov: Egov) -> None:
    ran = egov("doctor", "--lang", "zh", "--json", "--xx")
    assert (ran.code, ran.err) == (2, "")
    assert (ran.json["error"]["code"], ran.json["error"]["message"]) == ("egov.usage", "No such option: --xx")


def test_what_nobody_can_read_on_a_terminal_is_made_harmless(egov: Egov) -> None:
    for arguments in (
        ("\x1b[2J",),
        ("doctor", "--\x1b[2J"),
        ("doctor", "\x1b[2J\n\r"),
        ("doctor", "--lang", "\x1b]0;x\x07"),
    ):
        ran = egov(*arguments)
        assert ran.code == 2
        assert "\x1b" not in ran.err


@pytest.mark.parametrize("arguments", [[], ["key"], ["platform", "caller"]])
def test_a_group_alone_shows_what_it_has(egov: Egov, arguments: list[str]) -> None:
    ran = egov(*arguments)
    assert ran.code == 2
    assert "Commands:" in ran.out + ran.err
    assert "egov.usage" not in ran.out + ran.err


def test_the_program_itself_says_the_same(tmp_path: Path) -> None:
    ran = run_alone("key", "new", folder=tmp_path, env={"LC_ALL": "zh_CN.UTF-8"})
    assert ran.code == 2
    assert "缺少参数 'OUT'" in ran.err
