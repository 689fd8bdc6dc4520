"""The language of a run: which one it is, and help texts in both."""

from __future__ import annotations

import locale
import os
from collections.abc import Sequence

from egov_sdk.report import Lang

_CHINESE: dict[str, str] = {}
_asked_first: list[Lang] = []
_VARIABLES = ("LC_ALL", "LC_MESSAGES", "LANG")


def both(en: str, zh: str) -> str:
    """A help text: English where it stands, Chinese when the help is shown in Chinese."""
    _CHINESE[en] = zh
    return en


def chinese(en: str | None) -> str | None:
    """The Chinese of a help text, or the text where there is none."""
    return _CHINESE.get(en or "", en)


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
