"""Public means: a module without underscore, named in ``__all__``, described in the reference."""

from __future__ import annotations

import functools
import importlib
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import pytest

from tests.house.surface import any_problems, docstring_problems, public, ruff_order
from tests.house.tree import modules

each_module = pytest.mark.parametrize("value", [module.name for module in modules() if module.is_public], indirect=True)


@pytest.fixture
def value(request: pytest.FixtureRequest) -> ModuleType:
    return importlib.import_module(request.param)


@each_module
def test_a_public_module_says_what_it_is_for(value: ModuleType) -> None:
    assert value.__doc__, f"{value.__name__} has no docstring"


@each_module
def test_a_public_module_names_its_surface_in_order(value: ModuleType) -> None:
    names = getattr(value, "__all__", None)
    assert names is not None, f"{value.__name__} has no __all__"
    assert list(names) == sorted(set(names), key=ruff_order)
    assert [name for name in names if not hasattr(value, name)] == []


@each_module
def test_a_public_surface_holds_no_private_name(value: ModuleType) -> None:
    assert [name for name in value.__all__ if name.startswith("_") and name != "__version__"] == []


@each_module
def test_no_public_signature_says_any(value: ModuleType) -> None:
    assert [problem for name, member in public(value) for problem in any_problems(name, member)] == []


@each_module
def test_every_public_class_and_function_has_a_docstring(value: ModuleType) -> None:
    assert [problem for name, member in public(value) for problem in docstring_problems(name, member)] == []


def test_the_package_gives_the_version_and_the_door_only() -> None:
    import egov_sdk

    assert set(egov_sdk.__all__) <= {"__version__", "connect", "connect_async"}


# The checkers themselves, on planted mistakes.


def _takes_any(value: Any) -> None:
    """Take anything."""


def _gives_any() -> dict[str, Any]:
    """Give anything."""
    return {}


@functools.lru_cache
def _cached(value: Mapping[str, Any]) -> None:
    """Take anything, quoted and wrapped."""


class _Holder:
    """Hold anything."""

    field: Any

    @property
    def value(self) -> typing.Any:
        return None

    @classmethod
    def make(cls, value: Any) -> None: ...

    def __call__(self, value: Any) -> None: ...

    def _private(self, value: Any) -> None: ...


@dataclass(frozen=True, slots=True)
class _Undescribed:
    value: int


class _Headed(ValueError):
    """no sentence here"""


def _fine(value: int, *, many: Callable[[int], str]) -> object:
    """Take one number."""


@pytest.mark.parametrize(
    ("value", "count"),
    [
        (_takes_any, 1),
        (_gives_any, 1),
        (_cached, 1),
        (_Holder, 4),
        (dict[str, Any], 1),
        (_fine, 0),
        (_Undescribed, 0),
        (3, 0),
        ("0.1.0", 0),
        (dict[str, int], 0),
        (typing.Literal["Any"], 0),
    ],
)
def test_a_planted_any_is_found(value: object, count: int) -> None:
    assert len(any_problems("planted", value)) == count


@pytest.mark.parametrize(
    ("value", "count"), [(_Undescribed, 1), (_Headed, 1), (lambda: None, 1), (_fine, 0), (_Holder, 0), (3, 0)]
)
def test_a_planted_lack_of_words_is_found(value: object, count: int) -> None:
    assert len(docstring_problems("planted", value)) == count


def test_the_order_is_the_one_of_ruff() -> None:
    ordered = ["CBC", "DEFAULT_ID", "SM3", "A", "Item2", "Item10", "SM2PublicKey", "__version__", "open2", "open10"]
    assert sorted(set(ordered), key=ruff_order) == ordered
