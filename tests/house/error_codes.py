"""Every error code that the source can raise, found without running it."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from pathlib import Path

from tests.house.tree import PACKAGE, modules, strings

__all__ = ["CODE", "Use", "class_codes", "problems", "used_codes"]

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


def used_codes(package: Path = PACKAGE) -> tuple[Use, ...]:
    """Every string of the source that has the shape of a code, docstrings apart."""
    return tuple(
        Use(str(node.value), module.at(node))
        for module in modules(package)
        for node in strings(module.tree)
        if CODE.fullmatch(str(node.value))
    )


def problems(package: Path = PACKAGE) -> list[str]:
    """Codes put together at run time, misspelt ones, and two classes with one code."""
    found = []
    for module in modules(package):
        for node in ast.walk(module.tree):
            if not isinstance(node, ast.keyword) or node.arg != "code":
                continue
            if any(isinstance(inner, (ast.JoinedStr, ast.BinOp)) for inner in ast.walk(node.value)):
                found.append(f"{module.at(node.value)} puts a code together; write it out")
            for text in strings(node.value):
                value = str(text.value)
                if value.startswith("egov") and not CODE.fullmatch(value):
                    found.append(f"{module.at(text)} has the misshapen code {value!r}")
    first: dict[str, Use] = {}
    for use in class_codes(package):
        if not CODE.fullmatch(use.code):
            found.append(f"{use.at} has the misshapen code {use.code!r}")
        if (other := first.setdefault(use.code, use)) is not use:
            found.append(f"{use.at} {use.of_class} has the code {use.code} of {other.of_class}")
    return found
