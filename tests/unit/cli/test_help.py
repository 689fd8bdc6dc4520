"""The help in Chinese has no English words around ours; in English it is as typer makes it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, cast

import pytest
from typer.main import get_command

from egov_sdk.cli import app
from egov_sdk.cli._help import say_in_chinese
from tests.unit.cli.calling import run_alone

ENGLISH = re.compile(
    r"Usage|^(?:Options|Arguments|Commands):|\[OPTIONS|\[ARGS|\[default|\[required|; required|Show this message", re.M
)


def _helps(command: Any, path: str, parent: Any = None) -> Iterator[str]:
    with command.context_class(command, info_name=path, parent=parent) as context:
        yield command.get_help(context)
        for name, inner in cast("Mapping[str, Any]", getattr(command, "commands", {})).items():
            yield from _helps(inner, name, context)


def test_no_command_says_english_words_of_typer_in_its_chinese_help() -> None:
    command = get_command(app)
    say_in_chinese(command)
    helps = list(_helps(command, "egov"))
    assert len(helps) > 100
    assert [found[0] for told in helps if (found := ENGLISH.search(told))] == []


def test_the_chinese_help_is_whole(tmp_path: Path) -> None:
    told = run_alone("--lang", "zh", "license", "show", "-h", folder=tmp_path).out
    assert told.startswith("用法：egov license show [选项] {FILE|IDENTIFIER}\n")
    assert re.search(r"^参数：\n  FILE\|IDENTIFIER .*证照文件或证照标识。  \[必填\]$", told, re.M)
    assert re.search(r"^选项：\n  --full +不脱敏。$", told, re.M)
    assert re.search(r"用途，记入审计日志。  \[默认：查看\]$", told, re.M)
    assert re.search(r"^  -h, --help +显示本说明。$", told, re.M)
    assert run_alone("--lang", "zh", "key", "-h", folder=tmp_path).out.startswith(
        "用法：egov key [选项] 命令 [参数]..."
    )


@pytest.mark.parametrize("heading", ["Usage: ", "Arguments:\n", "Options:\n", "[required]", "[default: "])
def test_the_english_help_stays(tmp_path: Path, heading: str) -> None:
    assert heading in run_alone("license", "show", "-h", folder=tmp_path, env={"COLUMNS": "200"}).out
