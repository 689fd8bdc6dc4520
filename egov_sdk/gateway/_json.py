"""JSON of strangers: strict, and with one error for everything that is wrong with it."""

from __future__ import annotations

import json
from typing import NoReturn

__all__ = ["member", "parse_json"]


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a member stands twice")
    return found


def parse_json(octets: bytes) -> object:
    """The value of a JSON text; a member that stands twice is refused, since readers disagree on which one counts.

    Raises:
        ValueError: not JSON, too deep, or not UTF-8.
    """
    try:
        return json.loads(octets.decode("utf-8-sig"), parse_constant=_no_constant, object_pairs_hook=_once)
    except RecursionError:
        raise ValueError("too deep") from None


def member(value: object, path: str) -> object:
    """The member that a dotted path leads to; None if it leads nowhere."""
    for name in path.split("."):
        if not isinstance(value, dict):
            return None
        value = value.get(name)
    return value
