"""Protocol twins: a service's client, its asynchronous client and its local self offer what its Protocol says."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable, Iterator
from types import ModuleType

from tests.house.tree import modules

__all__ = ["Family", "families", "methods", "twin_problems"]

#: A Protocol and the three classes that offer it, by name; None where one is missing.
Family = tuple[type, dict[str, type | None]]


def methods(cls: type) -> dict[str, Callable[..., object]]:
    """The public functions of a class with those of its bases, properties by their getters."""
    found: dict[str, Callable[..., object]] = {}
    for name, member in inspect.getmembers(cls):
        function = member.fget if isinstance(member, property) else member
        if not name.startswith("_") and inspect.isfunction(function):
            found[name] = function
    return found


def twin_problems(protocol: type, twins: dict[str, type | None]) -> list[str]:
    """Where a twin lacks a method, adds one, or takes or gives something else."""
    found = []
    expected = methods(protocol)
    for name, twin in twins.items():
        if twin is None:
            found.append(f"{protocol.__name__} has no {name}")
            continue
        offered = methods(twin)
        found += [f"{name} lacks {method}" for method in expected.keys() - offered.keys()]
        found += [f"{name}.{method} is not in {protocol.__name__}" for method in offered.keys() - expected.keys()]
        found += [
            f"{name}.{method}{inspect.signature(offered[method])} is not {inspect.signature(expected[method])}"
            for method in expected.keys() & offered.keys()
            if inspect.signature(expected[method]) != inspect.signature(offered[method])
        ]
        found += [
            f"{name}.{method} must {'' if name.startswith('Async') else 'not '}be awaited"
            for method in expected.keys() & offered.keys()
            if inspect.iscoroutinefunction(offered[method]) is not name.startswith("Async")
            and not isinstance(inspect.getattr_static(twin, method), property)
        ]
    return sorted(found)


def _find(name: str, *homes: ModuleType) -> type | None:
    return next((value for home in homes if inspect.isclass(value := getattr(home, name, None))), None)


def families() -> Iterator[Family]:
    """Every ``XService`` Protocol of a ``service`` module, with LocalXService, XClient and AsyncXClient beside it."""
    by_name = {module.name: module for module in modules()}
    for name in by_name:
        if not name.endswith(".service"):
            continue
        room = name.removesuffix(".service")
        homes = [
            importlib.import_module(f"{room}.{home}") for home in ("local", "client") if f"{room}.{home}" in by_name
        ]
        for word, value in vars(importlib.import_module(name)).items():
            if inspect.isclass(value) and word.endswith("Service") and getattr(value, "_is_protocol", False):
                trade = word.removesuffix("Service")
                twins = (f"Local{word}", f"{trade}Client", f"Async{trade}Client")
                yield value, {twin: _find(twin, *homes) for twin in twins}
