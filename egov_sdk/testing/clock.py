"""Time that stands still until somebody moves it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Final

from egov_sdk.times import aware

__all__ = ["START", "Clock"]

#: When every test begins.
START: Final = datetime(2026, 6, 1, 1, 30, tzinfo=UTC)


class Clock:
    """A clock for tests; threads may share it. Called, it says what time it is."""

    def __init__(self, at: datetime = START) -> None:
        self._lock, self._at = Lock(), aware(at)

    def __call__(self) -> datetime:
        return self._at

    def seconds(self) -> float:
        """The time as seconds since 1970, as clients of gateways want it."""
        return self._at.timestamp()

    def tick(self, span: timedelta | None = None, **more: float) -> datetime:
        """Let time pass: ``tick(hours=3)``, ``tick(days=1, minutes=5)`` or a timedelta. The new time.

        Raises:
            ValueError: it would go backwards.
            TypeError: it is no time span.
        """
        try:
            passed = (span or timedelta()) + timedelta(**more)
        except TypeError:
            raise TypeError("time passes by tick(hours=3), days=, minutes=, seconds=; or by a timedelta") from None
        if passed < timedelta():
            raise ValueError("time does not go backwards here; make a clock that begins earlier")
        with self._lock:
            self._at += passed
            return self._at

    def move_to(self, at: datetime) -> datetime:
        """Let time pass until then.

        Raises:
            ValueError: it is before now, or has no offset.
        """
        return self.tick(aware(at) - self._at)

    def sleep(self, seconds: float) -> None:
        """Wait without waiting."""
        self.tick(seconds=max(seconds, 0.0))

    async def sleep_async(self, seconds: float) -> None:
        """Wait without waiting, and let other tasks run."""
        self.sleep(seconds)
        await asyncio.sleep(0)

    def __repr__(self) -> str:
        return f"<Clock {self._at.isoformat()}>"
