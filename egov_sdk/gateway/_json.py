"""JSON of strangers: strict, and with one error for everything that is wrong with it."""

from __future__ import annotations

import json

from egov_sdk.strict_json import names_once, no_constant

__all__ = ["member", "parse_json"]


def parse_json(octets: bytes) -> object:
    """The value of a JSON text; a member that stands twice is refused, since readers disagree on which one counts.

    Raises:
        ValueError: not JSON, too deep, or not UTF-8.
    """
    try:
        return json.loads(octets.decode("utf-8-sig"), parse_constant=no_constant, object_pairs_hook=names_once)
    except RecursionError:
        raise ValueError("too deep") from None


def member(value: object, path: str) -> object:
    """The member that a dotted path leads to; None if it leads nowhere."""
    for name in path.split("."):
        if not isinstance(value, dict):
            return None
        value = value.get(name)
    return value
