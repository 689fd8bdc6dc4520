"""What a platform did, counted, in the text form of Prometheus."""

from __future__ import annotations

import json
import time
from bisect import bisect_left
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Final, Self

from egov_sdk.gateway.asgi import App, Message, Receive, Scope, Send, sent_path
from egov_sdk.platform.names import OperationNames

__all__ = ["CONTENT_TYPE", "Counts", "Metrics", "Watched"]

#: Of the text form.
CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
_BOUNDS_S: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_NOBODY: Final = "unknown"


@dataclass(slots=True)
class _Times:
    counts: list[int] = field(default_factory=lambda: [0] * (len(_BOUNDS_S) + 1))
    total_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Counts:
    """Counters as they are at one moment."""

    now: int
    requests: Mapping[tuple[str, int], int]
    times: Mapping[str, _Times]

    def __add__(self, other: Counts) -> Counts:
        """Those of both."""
        requests = {
            key: self.requests.get(key, 0) + other.requests.get(key, 0) for key in (*self.requests, *other.requests)
        }
        times = {name: _added(self.times.get(name), other.times.get(name)) for name in (*self.times, *other.times)}
        return Counts(self.now + other.now, requests, times)

    def members(self) -> dict[str, object]:
        """As JSON has it."""
        return {
            "now": self.now,
            "requests": [[name, status, count] for (name, status), count in self.requests.items()],
            "times": {name: [one.counts, one.total_s] for name, one in self.times.items()},
        }

    @classmethod
    def read(cls, octets: bytes) -> Self:
        """From what ``members`` gave, as JSON text."""
        members = json.loads(octets)
        requests = {(name, status): count for name, status, count in members["requests"]}
        return cls(members["now"], requests, {name: _Times(*one) for name, one in members["times"].items()})

    def text(self) -> str:
        """All of it.

        Source:
            Prometheus, exposition formats, text-based format.
        """
        lines = ["# TYPE egov_requests_in_progress gauge", f"egov_requests_in_progress {self.now}"]
        lines.append("# TYPE egov_requests_total counter")
        for (name, status), count in sorted(self.requests.items()):
            lines.append(f'egov_requests_total{{operation="{name}",status="{status}"}} {count}')
        lines.append("# TYPE egov_request_seconds histogram")
        for name, times in sorted(self.times.items()):
            lines += _histogram(name, times)
        return "\n".join(lines) + "\n"


class Metrics:
    """Counters of requests and their times, by operation and status, in this process. Threads may share it.

    Names come from a fixed list and not from strangers' paths, so that nobody can fill the memory with them.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._requests: dict[tuple[str, int], int] = {}
        self._times: dict[str, _Times] = {}
        self._now = 0

    def begin(self) -> None:
        """One more request is being answered."""
        with self._lock:
            self._now += 1

    def end(self, operation: str, *, status: int, seconds: float) -> None:
        """A request was answered; ``status`` is 0 where it broke off."""
        name = operation or _NOBODY
        with self._lock:
            self._now -= 1
            self._requests[name, status] = self._requests.get((name, status), 0) + 1
            times = self._times.setdefault(name, _Times())
            times.counts[bisect_left(_BOUNDS_S, seconds)] += 1
            times.total_s += seconds

    def counts(self) -> Counts:
        """The counters as they are."""
        with self._lock:
            times = {name: _Times(list(one.counts), one.total_s) for name, one in self._times.items()}
            return Counts(self._now, dict(self._requests), times)

    def text(self) -> str:
        """All of it, in the text form."""
        return self.counts().text()


def _added(one: _Times | None, other: _Times | None) -> _Times:
    one, other = one or _Times(), other or _Times()
    return _Times([a + b for a, b in zip(one.counts, other.counts, strict=True)], one.total_s + other.total_s)


def _histogram(name: str, times: _Times) -> list[str]:
    lines, so_far = [], 0
    for bound, count in zip((*map(str, _BOUNDS_S), "+Inf"), times.counts, strict=True):
        so_far += count
        lines.append(f'egov_request_seconds_bucket{{operation="{name}",le="{bound}"}} {so_far}')
    lines.append(f'egov_request_seconds_sum{{operation="{name}"}} {times.total_s:.6f}')
    lines.append(f'egov_request_seconds_count{{operation="{name}"}} {so_far}')
    return lines


class Watched:
    """ASGI middleware that counts what goes through it."""

    def __init__(
        self, app: App, *, metrics: Metrics, names: OperationNames, timer: Callable[[], float] = time.perf_counter
    ) -> None:
        self._app, self._metrics, self._names, self._timer = app, metrics, names, timer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        name, status, begun = self._names.of(str(scope["method"]), sent_path(scope)), 0, self._timer()

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                found = message["status"]
                assert isinstance(found, int)
                status = found
            await send(message)

        self._metrics.begin()
        try:
            await self._app(scope, receive, noted)
        finally:
            self._metrics.end(name, status=status, seconds=self._timer() - begun)
