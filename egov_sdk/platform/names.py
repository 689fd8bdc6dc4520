"""What a request is called, before anybody has looked into it: for counting, recording and faults."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Final

from egov_sdk.gateway.operations import AnyOperation, path_pattern
from egov_sdk.identity.provider.discovery import PATHS

__all__ = ["OperationNames"]

_READS: Final = frozenset({"GET", "HEAD"})
#: Pages of the provider that stand in no document of OpenID Connect.
_PAGES: Final = {"step": "step"}


class OperationNames:
    """The names of requests by method and path: ``license.issue``, ``identity.token``, ``platform.health``.

    Args:
        prefix: Where our own interface begins.
        identity: Where the provider is mounted.
        others: Further names by their exact path, each for what is only read.
        paths: Names of paths asked in any way, such as those of a dialect; ``{hole}`` stands for one part.
        below: Names of whatever lies at a path or below it.
    """

    def __init__(
        self,
        operations: Iterable[AnyOperation],
        *,
        prefix: str,
        identity: str,
        others: Mapping[str, str] = MappingProxyType({}),
        paths: Mapping[str, str] = MappingProxyType({}),
        below: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self._patterns: list[tuple[str, re.Pattern[str], str]] = []
        for one in operations:
            self._patterns.append((one.method, path_pattern(prefix + one.path), one.name))
        self._patterns += [("", path_pattern(path), name) for path, name in paths.items()]
        pages = _PAGES | PATHS
        self._exact = {f"{identity}/{path}": f"identity.{name}" for name, path in pages.items()}
        self._read, self._below = dict(others), dict(below)

    @property
    def all(self) -> frozenset[str]:
        """Every name that there is."""
        found = (*self._exact.values(), *self._read.values(), *self._below.values())
        return frozenset({name for _, _, name in self._patterns} | {*found})

    def of(self, method: str, path: str) -> str:
        """The name of a request; empty where nothing answers to it.

        Args:
            path: As it was sent.
        """
        if path in self._read:
            return self._read[path] if method in _READS else ""
        if path in self._exact:
            return self._exact[path]
        for place, name in self._below.items():
            if path == place or path.startswith(f"{place}/"):
                return name
        return next((name for name, _ in self._matches(method, path)), "")

    def parts(self, method: str, path: str) -> dict[str, str]:
        """The fields of an operation's question that stand in the path, as they were sent."""
        return next((found.groupdict() for _, found in self._matches(method, path)), {})

    def _matches(self, method: str, path: str) -> Iterator[tuple[str, re.Match[str]]]:
        wanted = "GET" if method == "HEAD" else method
        for verb, form, name in self._patterns:
            if verb in (wanted, "") and (found := form.fullmatch(path)):
                yield name, found
