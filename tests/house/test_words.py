"""What commands say of a wrong command line or of a file stands in both languages."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from tests.house.tree import Module, modules, strings

_CHINESE = re.compile("[\u4e00-\u9fff]")
_WORDS = re.compile("[A-Za-z]{2}")
_SAYS = ("UsageError", "FileProblem", "set_hint")


def _calls(module: Module, *names: str) -> Iterator[ast.Call]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names:
            yield node


def _speaks(node: ast.expr, words: re.Pattern[str]) -> bool:
    return any(words.search(str(one.value)) for one in strings(node))


def _wrong(module: Module) -> Iterator[str]:
    """Places where a sentence is no ``Text``, or where one of its halves is in the other's language."""
    for call in _calls(module, *_SAYS):
        for given in (*call.args, *(one.value for one in call.keywords)):
            if isinstance(given, ast.JoinedStr) or (isinstance(given, ast.Constant) and isinstance(given.value, str)):
                yield module.at(given)
            elif isinstance(given, ast.Call) and isinstance(given.func, ast.Name) and given.func.id == "Text":
                en, zh = given.args
                if _speaks(en, _CHINESE) or (_speaks(en, _WORDS) and not _speaks(zh, _CHINESE)):
                    yield module.at(given)
    for call in _calls(module, "untranslated"):
        if isinstance(call.args[0], (ast.Constant, ast.JoinedStr)):
            yield module.at(call)


def test_a_wrong_command_line_is_told_in_both_languages() -> None:
    cli = [module for module in modules() if module.room == "cli"]
    assert sum(1 for module in cli for _ in _calls(module, *_SAYS)) > 100
    assert [place for module in cli for place in _wrong(module)] == []
