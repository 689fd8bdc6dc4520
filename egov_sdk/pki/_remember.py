"""Remembering the last answers of a function of octets."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import TypeVar

V = TypeVar("V")


def remembered(count: int, *, up_to: int = 8 << 10) -> Callable[[Callable[[bytes], V]], Callable[[bytes], V]]:
    """Let a function of some octets keep its last answers; octets longer than ``up_to`` are never kept."""

    def remembering(function: Callable[[bytes], V]) -> Callable[[bytes], V]:
        cached = lru_cache(maxsize=count)(function)

        @wraps(function)
        def answer(octets: bytes) -> V:
            return cached(octets) if len(octets) <= up_to else function(octets)

        return answer

    return remembering
