"""The language of a run: which one it is, and help texts in both."""

from __future__ import annotations

import locale
import os
from collections.abc import Mapping, Sequence
from typing import Protocol, cast

from egov_sdk.report import Lang

_CHINESE: dict[str, str] = {}
_asked_first: list[Lang] = []
_VARIABLES = ("LC_ALL", "LC_MESSAGES", "LANG")


def both(en: str, zh: str) -> str:
    """A help text: English where it stands, Chinese when the help is shown in Chinese."""
    _CHINESE[en] = zh
    return en


def ask_first(lang: Lang | None) -> None:
    """Keep what stood before the name of the command."""
    if lang is not None:
        _asked_first[:] = [lang]


def begin() -> None:
    """Forget what an earlier run in this process was asked."""
    _asked_first.clear()


def language(asked: Lang | None = None) -> Lang:
    """The language that was asked for, or else the one of the locale."""
    if asked is not None or _asked_first:
        return asked or _asked_first[0]
    named = next((value for name in _VARIABLES if (value := os.environ.get(name))), "")
    if not named:
        named = locale.getlocale()[0] or ""
    return "zh" if named.lower().startswith(("zh", "chinese")) else "en"


def asked_in(arguments: Sequence[str]) -> Lang | None:
    """The last ``--lang`` among raw arguments: the help is made before they are parsed."""
    found: Lang | None = None
    for place, argument in enumerate(arguments):
        name, equals, value = argument.partition("=")
        if name == "--lang":
            value = value if equals else next(iter(arguments[place + 1 : place + 2]), "")
            found = "zh" if value == "zh" else "en" if value == "en" else found
    return found


class _Parameter(Protocol):
    help: str | None


class _Command(Protocol):
    help: str | None
    short_help: str | None
    epilog: str | None
    rich_markup_mode: str | None
    params: Sequence[_Parameter]


def say_in_chinese(command: object) -> None:
    """Put the Chinese texts into a command and everything below it."""
    known = cast("_Command", command)
    known.rich_markup_mode = None  # its boxes cut lines that have no blanks
    known.help = _CHINESE.get(known.help or "", known.help)
    known.short_help = _CHINESE.get(known.short_help or "", known.short_help)
    known.epilog = _CHINESE.get(known.epilog or "", known.epilog)
    for parameter in known.params:
        text = getattr(parameter, "help", None)
        if text:
            parameter.help = _CHINESE.get(text, text)
    for inner in cast("Mapping[str, object]", getattr(command, "commands", {})).values():
        say_in_chinese(inner)
