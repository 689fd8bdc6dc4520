"""The platform's clock, as its answers show it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Final

from egov_sdk.gateway._times import http_date

__all__ = ["ServerClock"]

_TOLERANCE_S: Final = 2.0  # a Date header has whole seconds, and the way back takes time
_FARTHEST_S: Final = 86_400.0  # who is a day off has another trouble; nothing is signed for next year


class ServerClock:
    """Our clock, corrected by what the Date headers of answers say."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._seen = ""
        self._last_ms = 0
        self.offset_s = 0.0

    def local(self) -> float:
        """This machine's time, as seconds since 1970."""
        return self._clock()

    def now(self) -> float:
        """The platform's time, as far as we know it."""
        return self._clock() + self.offset_s

    def learn(self, date: str, *, sent_s: float, aged: bool) -> None:
        """Look at the Date of an answer to what was sent at ``sent_s``; an answer out of a cache says nothing."""
        if aged or not date or date == self._seen:
            return
        try:
            theirs = http_date(date) + 0.5
        except ValueError:
            return
        received_s = self._clock()
        offset = theirs - (sent_s + received_s) / 2
        slack = _TOLERANCE_S + abs(received_s - sent_s) / 2
        with self._lock:
            self._seen = date
            if abs(offset - self.offset_s) > slack and abs(offset) < _FARTHEST_S:
                self.offset_s = 0.0 if abs(offset) <= slack else offset

    def stamp(self, *, once: bool) -> float:
        """A time for a signature; with ``once`` a later millisecond than ever before: it is all that differs."""
        if not once:
            return self.now()
        with self._lock:
            self._last_ms = max(round(self.now() * 1000), self._last_ms + 1)
            return self._last_ms / 1000
