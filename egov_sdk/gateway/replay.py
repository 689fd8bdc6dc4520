"""What was used already: the memory that keeps a captured request from working twice."""

from __future__ import annotations

import threading
from typing import Final, Protocol

from egov_sdk.gateway.refusals import refuse

__all__ = ["MemoryReplayStore", "ReplayStore"]

_ENTRIES: Final = 1_000_000
_PURGED_AT_ONCE: Final = 64


class ReplayStore(Protocol):
    """Remembers keys until their time is over. Several processes that answer for one service must share one."""

    def first_use(self, key: str, *, until_s: float, now_s: float) -> bool:
        """Whether the key is new; remembers it until then. Two callers with one key: exactly one gets True."""


class MemoryReplayStore:
    """A ReplayStore for one process. Full of keys that still count, it refuses rather than forgets.

    Args:
        entries: At most so many keys; about 150 bytes each.
    """

    def __init__(self, *, entries: int = _ENTRIES) -> None:
        if entries < 1:
            raise ValueError("a replay store needs room for at least one entry")
        self._room = entries
        self._lock = threading.Lock()
        self._until: dict[str, float] = {}

    def __len__(self) -> int:
        return len(self._until)

    def first_use(self, key: str, *, until_s: float, now_s: float) -> bool:
        """Whether the key is new; remembers it until then.

        Raises:
            RequestRefused: there is no room, although everything that is over was forgotten.
        """
        with self._lock:
            known = self._until.get(key)
            if known is not None and known > now_s:
                return False
            self._purge(now_s, _PURGED_AT_ONCE)
            if len(self._until) >= self._room:
                self._until = {old: end for old, end in self._until.items() if end > now_s}
                if len(self._until) >= self._room:
                    raise refuse("refused.busy", found=f"{self._room} keys in memory")
            self._until.pop(key, None)
            self._until[key] = until_s
            return True

    def _purge(self, now_s: float, number: int) -> None:
        # they came in about the order in which they end
        for _ in range(number):
            oldest = next(iter(self._until), None)
            if oldest is None or self._until[oldest] > now_s:
                return
            del self._until[oldest]
