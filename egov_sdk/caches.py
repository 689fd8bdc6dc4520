"""Remembering what follows from content alone: bounded by weight, safe to share between threads."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from threading import Lock
from typing import Final, Generic, TypeVar

__all__ = ["BoundedCache"]

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

#: What an entry weighs besides the octets that it names.
_OVERHEAD: Final = 256


class BoundedCache(Generic[K, V]):
    """Keeps the values used last; the sum of their weights stays below ``capacity``.

    Only what follows from the key alone may be put in: nothing that depends on a time or on
    anything outside.
    """

    __slots__ = ("_capacity", "_held", "_lock", "_weight")

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._held: OrderedDict[K, tuple[V, int]] = OrderedDict()
        self._weight = 0
        self._lock = Lock()

    def get(self, key: K) -> V | None:
        """The value kept for a key, or None; asking counts as using."""
        with self._lock:
            found = self._held.get(key)
            if found is None:
                return None
            self._held.move_to_end(key)
            return found[0]

    def put(self, key: K, value: V, *, weight: int) -> V:
        """Keep the value, unless it alone would take more than an eighth of the room; give it back."""
        weight += _OVERHEAD
        if weight > self._capacity // 8:
            return value
        with self._lock:
            if key not in self._held:
                self._weight += weight
                self._held[key] = (value, weight)
            while self._weight > self._capacity:
                _, (_, gone) = self._held.popitem(last=False)
                self._weight -= gone
        return value

    def __len__(self) -> int:
        return len(self._held)
