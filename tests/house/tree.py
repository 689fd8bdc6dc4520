"""The source tree as the house tests see it: modules, rooms, syntax trees."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

__all__ = ["PACKAGE", "ROOT", "Module", "documented_files", "modules", "strings"]

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "egov_sdk"


@cache
def _parsed(source: str, name: str) -> ast.Module:
    return ast.parse(source, name)


@dataclass(frozen=True, slots=True)
class Module:
    """One source file of a package; ``room`` is empty for the package's own ``__init__``."""

    name: str
    path: Path
    is_package: bool

    @property
    def room(self) -> str:
        parts = self.name.split(".")
        return parts[1] if len(parts) > 1 else ""

    @property
    def is_public(self) -> bool:
        return not any(part.startswith("_") for part in self.name.split("."))

    @property
    def tree(self) -> ast.Module:
        """Its syntax tree; read it and change nothing, others get the same."""
        return _parsed(self.path.read_text("utf-8"), str(self.path))

    def at(self, node: ast.AST) -> str:
        return f"{self.name}:{getattr(node, 'lineno', 0)}"


def modules(package: Path = PACKAGE) -> tuple[Module, ...]:
    """Every module below a package folder, in the order of their names."""
    found = []
    for path in package.rglob("*.py"):
        parts = [package.name, *path.relative_to(package).with_suffix("").parts]
        is_package = parts[-1] == "__init__"
        found.append(Module(".".join(parts[:-1] if is_package else parts), path, is_package))
    return tuple(sorted(found, key=lambda module: module.name))


def strings(node: ast.AST) -> Iterator[ast.Constant]:
    """Every string constant at or below a node, docstrings left out."""
    docstrings = {
        id(body[0].value)
        for inner in ast.walk(node)
        if isinstance(inner, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef))
        and (body := inner.body)
        and isinstance(body[0], ast.Expr)
    }
    for inner in ast.walk(node):
        if isinstance(inner, ast.Constant) and isinstance(inner.value, str) and id(inner) not in docstrings:
            yield inner


def documented_files(lang: str) -> tuple[Path, ...]:
    """The pages of one language in the docs folder, generated ones too."""
    return tuple(sorted((ROOT / "docs" / lang).rglob("*.md")))


def without_fences(markdown: str) -> str:
    """The prose of a page: its code blocks taken out."""
    return re.sub(r"^```.*?^```$", "", markdown, flags=re.S | re.M)
