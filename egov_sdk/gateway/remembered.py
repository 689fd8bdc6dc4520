"""What a server of codes remembers for a while, in this process: bounded, and forgotten in time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Lock
from typing import Generic, TypeVar

__all__ = ["Remembered"]

T = TypeVar("T")


class Remembered(Generic[T]):
    """Values by key, each until its time; the oldest is forgotten when there are too many."""

    def __init__(self, clock: Callable[[], datetime], *, lasts: timedelta, most: int) -> None:
        self._clock, self._lasts, self._most = clock, lasts, most
        self._held: dict[str, tuple[datetime, T]] = {}
        self._lock = Lock()

    def put(self, key: str, value: T) -> None:
        """Remember a value from now on."""
        with self._lock:
            self._held.pop(key, None)
            while len(self._held) >= self._most:
                del self._held[next(iter(self._held))]
            self._held[key] = (self._clock() + self._lasts, value)

    def get(self, key: str) -> T | None:
        """The value of a key; None once its time is over."""
        with self._lock:
            return self._get(key)

    def take(self, key: str) -> T | None:
        """As get, and it is forgotten."""
        with self._lock:
            found = self._get(key)
            self._held.pop(key, None)
            return found

    def _get(self, key: str) -> T | None:
        until, value = self._held.get(key, (None, None))
        return None if until is None or until <= self._clock() else value
