"""Texts with holes: ``{name}`` is filled in, ``[...]`` stands only when all its holes are filled.

A brace or bracket that is meant is doubled.
"""

from __future__ import annotations

import re
import string
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

__all__ = ["Template"]

_TOKEN = re.compile(r"\{\{|\}\}|\[\[|\]\]|\{([a-z][a-z0-9_]*)\}|\[|\]|[^\[\]{}]+", re.S)


@dataclass(frozen=True, slots=True)
class _Group:
    pattern: str
    names: tuple[str, ...]
    optional: bool


class Template:
    """One text with holes, taken apart once and filled often.

    ``behind`` is what stands between a hole and the next one, where something does: a value that holds it could be read
    as two.
    """

    __slots__ = ("_groups", "_only", "behind", "names", "required", "text")

    def __init__(self, text: str) -> None:
        """Take a text apart; ValueError says where it is wrong."""
        self.text = text
        self._groups = _groups(text)
        self.names = frozenset(name for group in self._groups for name in group.names)
        self.required = frozenset(name for group in self._groups if not group.optional for name in group.names)
        self.behind = _behind("".join(group.pattern for group in self._groups))
        plain = len(self._groups) == 1 and not self._groups[0].optional
        self._only = self._groups[0].pattern if plain else None

    def fill(self, values: Mapping[str, str]) -> str:
        """The text with its holes filled; every name of ``names`` must be in ``values``."""
        if self._only is not None:
            return self._only.format_map(values)
        return "".join(
            group.pattern.format_map(values)
            for group in self._groups
            if not group.optional or all(values[name] for name in group.names)
        )


def _behind(pattern: str) -> Mapping[str, str]:
    parts = [(before, name) for before, name, _, _ in string.Formatter().parse(pattern) if name]
    return {name: between for (_, name), (between, _) in pairwise(parts) if between}


def _groups(text: str) -> tuple[_Group, ...]:
    groups: list[_Group] = []
    names: list[str] = []
    pattern, optional, at = "", False, 0

    def close() -> None:
        nonlocal pattern, names
        if pattern:
            groups.append(_Group(pattern, tuple(names), optional))
        pattern, names = "", []

    while at < len(text):
        token = _TOKEN.match(text, at)
        if token is None:
            raise ValueError(f"character {at + 1} opens or closes nothing: {text[at : at + 12]!r}")
        found, at = token.group(), token.end()
        if found in {"[", "]"}:
            if optional is (found == "["):
                raise ValueError(f"character {at}: [ ] cannot be nested and must be paired; double one that is meant")
            if optional and not names:
                raise ValueError(f"character {at}: [ ] without a hole would never stand")
            close()
            optional = found == "["
        elif token.group(1):
            pattern, names = pattern + found, [*names, token.group(1)]
        else:
            pattern += found[0] if found in {"[[", "]]"} else found
    if optional:
        raise ValueError("[ is not closed")
    close()
    return tuple(groups)
