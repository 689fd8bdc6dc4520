"""Every error code that the source can raise, found without running it.

A code is written out where it is raised, or is a key of a module's table ``PROBLEMS`` (or ``NOTES``, for what is
tolerated and told) and begins with ``egov.`` and the name of the room.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from pathlib import Path

from tests.house.tree import PACKAGE, modules, strings

__all__ = ["CODE", "TABLES", "Use", "class_codes", "problems", "table_codes", "used_codes"]

TABLES = ("PROBLEMS", "NOTES")

#: Where the codes of every room's table are made from its keys.
MAKER = "problems.py"

CODE = re.compile(r"egov(\.[a-z][a-z0-9_]*)+")


@dataclass(frozen=True, slots=True)
class Use:
    """One place that writes a code; ``of_class`` names the class whose own code it is."""

    code: str
    at: str
    of_class: str = ""


def _class_code(node: ast.stmt) -> ast.expr | None:
    """The value of ``code = …`` or ``code: str = …`` in a class body."""
    if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == "code" for t in node.targets):
        return node.value
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.target.id == "code":
        return node.value
    return None


def class_codes(package: Path = PACKAGE) -> tuple[Use, ...]:
    """The code that each class gives itself."""
    return tuple(
        Use(value.value, module.at(statement), node.name)
        for module in modules(package)
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ClassDef)
        for statement in node.body
        if isinstance(value := _class_code(statement), ast.Constant)
        and isinstance(value.value, str)
        and value.value.startswith("egov")
    )


def _span_names(tree: ast.Module) -> set[int]:
    """Names of attributes that are handed to a tracer: they look like codes and are none."""
    return {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "start_span"
        for argument in node.args
        for inner in ast.walk(argument)
    }


def used_codes(package: Path = PACKAGE) -> tuple[Use, ...]:
    """Every string of the source that has the shape of a code, docstrings apart."""
    return tuple(
        Use(str(node.value), module.at(node))
        for module in modules(package)
        for tree in [module.tree]
        for spans in [_span_names(tree)]
        for node in strings(tree)
        if CODE.fullmatch(str(node.value)) and id(node) not in spans
    )


def _tables(tree: ast.Module) -> list[ast.Dict]:
    """The dictionaries that a module binds to the name of a table."""
    return [
        dictionary
        for node in tree.body
        if isinstance(node, (ast.Assign, ast.AnnAssign)) and node.value is not None
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Name) and target.id in TABLES
        for dictionary in ast.walk(node.value)
        if isinstance(dictionary, ast.Dict)
    ]


def table_codes(package: Path = PACKAGE) -> tuple[Use, ...]:
    """The codes that come from the tables of rooms."""
    return tuple(
        Use(f"egov.{module.room}.{key.value}", module.at(key))
        for module in modules(package)
        for table in _tables(module.tree)
        for key in table.keys
        if isinstance(key, ast.Constant) and isinstance(key.value, str)
    )


def _from_table(node: ast.expr, own: str | None) -> bool:
    """Whether a code is ``f"egov.room.{key}"`` in a module that has a table of its own."""
    if not isinstance(node, ast.JoinedStr) or own is None or len(node.values) != 2:
        return False
    head, key = node.values
    return isinstance(head, ast.Constant) and head.value == own and isinstance(key, ast.FormattedValue)


def problems(package: Path = PACKAGE) -> list[str]:
    """Codes put together at run time, misspelt ones, and two classes with one code."""
    found = []
    for module in modules(package):
        own = f"egov.{module.room}." if _tables(module.tree) else None
        for node in ast.walk(module.tree):
            if not isinstance(node, ast.keyword) or node.arg != "code" or _from_table(node.value, own):
                continue
            if module.path == package / MAKER:
                continue
            if any(isinstance(inner, (ast.JoinedStr, ast.BinOp)) for inner in ast.walk(node.value)):
                found.append(f"{module.at(node.value)} puts a code together; write it out")
                continue
            for text in strings(node.value):
                value = str(text.value)
                if value.startswith("egov") and not CODE.fullmatch(value):
                    found.append(f"{module.at(text)} has the misshapen code {value!r}")
    found += [
        f"{use.at} has the misshapen code {use.code!r}" for use in table_codes(package) if not CODE.fullmatch(use.code)
    ]
    first: dict[str, Use] = {}
    for use in class_codes(package):
        if not CODE.fullmatch(use.code):
            found.append(f"{use.at} has the misshapen code {use.code!r}")
        if (other := first.setdefault(use.code, use)) is not use:
            found.append(f"{use.at} {use.of_class} has the code {use.code} of {other.of_class}")
    return found
