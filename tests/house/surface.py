"""The public surface: what ``__all__`` names, and what is wrong with it."""

from __future__ import annotations

import ast
import inspect
import re
import typing
from collections.abc import Callable, Iterator
from types import ModuleType

__all__ = ["Public", "any_problems", "docstring_problems", "public", "ruff_order", "subject"]

Public = tuple[str, object]


def public(module: ModuleType) -> tuple[Public, ...]:
    """The names of ``__all__`` with their values."""
    return tuple((name, getattr(module, name)) for name in module.__all__)


def ruff_order(name: str) -> tuple[int, list[object]]:
    """Where ruff's RUF022 puts a name: constants, then classes, then the rest, each in natural order."""
    group = 0 if len(name) > 1 and name.isupper() else 1 if name[:1].isupper() else 2
    natural = [(1, int(part), "") if part.isdigit() else (2, 0, part) for part in re.findall(r"\d+|\D", name)]
    return group, list(natural)


def subject(value: object) -> object:
    """The function beneath what decorators put around it."""
    for attribute in ("__func__", "fget", "func"):
        value = getattr(value, attribute, None) or value
    return inspect.unwrap(value) if callable(value) else value


def _functions(name: str, value: object) -> Iterator[tuple[str, Callable[..., object]]]:
    if inspect.isclass(value):
        for inner, member in list(vars(value).items()):  # pydantic fills classes in while it is asked
            function = subject(member)
            dunder = inner.startswith("__") and inner.endswith("__")
            ours = getattr(function, "__module__", "") == value.__module__  # not what a library put there
            if inspect.isfunction(function) and ours and (dunder or not inner.startswith("_")):
                yield f"{name}.{inner}", function
    elif inspect.isfunction(function := subject(value)):
        yield name, function


def _says_any(annotation: object) -> bool:
    if annotation is typing.Any:
        return True
    if isinstance(annotation, str):
        words = ast.walk(ast.parse(annotation, mode="eval"))
        return any(
            (isinstance(node, ast.Name) and node.id == "Any")
            or (isinstance(node, ast.Attribute) and node.attr == "Any")
            or (isinstance(node, ast.Constant) and isinstance(node.value, str) and "Any" in node.value.split("."))
            for node in words
        )
    if typing.get_origin(annotation) is typing.Literal:
        return False
    return any(map(_says_any, typing.get_args(annotation)))


def any_problems(name: str, value: object) -> list[str]:
    """Every place where a public name's signature, field or alias says ``Any``."""
    found = [
        f"{function_name}: {argument} is Any"
        for function_name, function in _functions(name, value)
        for argument, annotation in getattr(function, "__annotations__", {}).items()
        if _says_any(annotation)
    ]
    if inspect.isclass(value):
        fields = {k: v for k, v in vars(value).get("__annotations__", {}).items() if not k.startswith("_")}
        found += [f"{name}.{field} is Any" for field, annotation in fields.items() if _says_any(annotation)]
    elif typing.get_args(value) or value is typing.Any:
        found += [f"{name} is an alias of Any"] if _says_any(value) else []
    return sorted(set(found))


def docstring_problems(name: str, value: object) -> list[str]:
    """A class or function without a first sentence of its own."""
    if not (inspect.isclass(value) or inspect.isfunction(subject(value))):
        return []
    written = vars(value).get("__doc__") if inspect.isclass(value) else getattr(subject(value), "__doc__", None)
    if not written or (inspect.isclass(value) and written.startswith(f"{value.__name__}(")):
        return [f"{name} has no docstring"]
    first = inspect.cleandoc(written).partition("\n\n")[0]
    return (
        [] if first.rstrip().endswith((".", "!", "?", ":", "。")) else [f"{name}: its docstring opens with no sentence"]
    )
