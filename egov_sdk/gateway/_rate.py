"""How often someone may come: a bucket of tokens for each."""

from __future__ import annotations

import threading
from typing import Final

from egov_sdk.gateway.policies import RateLimit

__all__ = ["Buckets"]

_KEPT: Final = 100_000


class Buckets:
    """One bucket for each key. Of too many keys, those whose bucket is full again are forgotten first."""

    def __init__(self, limit: RateLimit, *, kept: int = _KEPT) -> None:
        self._limit, self._kept = limit, kept
        self._lock = threading.Lock()
        self._buckets: dict[str, tuple[float, float]] = {}

    def take(self, key: str, *, now_s: float) -> float:
        """Take one token; 0 if there was one, else the seconds until there will be."""
        limit = self._limit
        with self._lock:
            tokens, at = self._buckets.pop(key, (float(limit.burst), now_s))
            tokens = min(float(limit.burst), tokens + max(0.0, now_s - at) * limit.per_s)
            wait = 0.0 if tokens >= 1 else (1 - tokens) / limit.per_s
            self._buckets[key] = (tokens if wait else tokens - 1, now_s)
            if len(self._buckets) > self._kept:
                # the one that has not come for the longest time
                self._buckets.pop(next(iter(self._buckets)))
            return wait
