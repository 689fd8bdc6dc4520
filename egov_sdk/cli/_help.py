"""The help in Chinese: the texts of our commands, and the words that typer puts around them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, Protocol, cast

import typer

from egov_sdk.cli._words import chinese

__all__ = ["say_in_chinese", "usage_in_chinese"]

#: What typer says, and what it is in Chinese; what is not here stays as it is.
_HEADINGS: Final[Mapping[str, str]] = {"Arguments": "参数", "Options": "选项", "Commands": "命令"}
_HELP: Final = ("Show this message and exit.", "显示本说明。")
_REQUIRED: Final = ("required", "必填")
_DEFAULT: Final = ("default: ", "默认：")
_USAGE: Final = (("[OPTIONS]", "[选项]"), ("COMMAND [ARGS]...", "命令 [参数]..."))
#: What typer adds to the text of an option.
_HINTS: Final = re.compile(r"(^|  )\[(?P<hints>.+)\]$", re.S)


def usage_in_chinese(usage: str) -> str:
    """How a command is used, with typer's words for what may stand there in Chinese."""
    for said, words in _USAGE:
        usage = usage.replace(said, words)
    return usage


class _Formatter(typer.Context.formatter_class):  # type: ignore[valid-type,misc]  # typer shows it nowhere else
    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        super().write_usage(prog, usage_in_chinese(args), "用法：" if prefix is None else prefix)

    def write_heading(self, heading: str) -> None:
        self.write(f"{'':>{self.current_indent}}{_HEADINGS.get(heading, heading)}：\n")

    def write_dl(self, rows: Sequence[tuple[str, str]], *others: Any, **more: Any) -> None:
        super().write_dl([(name, _explained(text)) for name, text in rows], *others, **more)


class _Context(typer.Context):
    formatter_class = _Formatter


def _explained(text: str) -> str:
    said, words = _HELP
    return words if text == said else _HINTS.sub(_hints, text)


def _hints(found: re.Match[str]) -> str:
    hints = found["hints"].split("; ")
    said = [hint.replace(*_DEFAULT, 1) if hint.startswith(_DEFAULT[0]) else hint for hint in hints]
    told = "；".join(_REQUIRED[1] if hint == _REQUIRED[0] else hint for hint in said)
    return f"{found[1]}[{told}]"


class _Parameter(Protocol):
    help: str | None


class _Command(Protocol):
    help: str | None
    short_help: str | None
    epilog: str | None
    rich_markup_mode: str | None
    params: Sequence[_Parameter]
    context_class: type[typer.Context]


def say_in_chinese(command: object) -> None:
    """Put the Chinese texts into a command and everything below it."""
    known = cast("_Command", command)
    known.rich_markup_mode = None  # its boxes cut lines that have no blanks
    known.context_class = _Context
    known.help = chinese(known.help)
    known.short_help = chinese(known.short_help)
    known.epilog = chinese(known.epilog)
    for parameter in known.params:
        if getattr(parameter, "help", None):
            parameter.help = chinese(parameter.help)
    for inner in cast("Mapping[str, object]", getattr(command, "commands", {})).values():
        say_in_chinese(inner)
