"""What a platform did, counted in this process, in the text form of Prometheus."""

from __future__ import annotations

import time
from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock
from typing import Final

from egov_sdk.gateway.asgi import App, Message, Receive, Scope, Send, sent_path
from egov_sdk.platform.names import OperationNames

__all__ = ["CONTENT_TYPE", "Metrics", "Watched"]

#: Of the text form.
CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
_BOUNDS_S: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_NOBODY: Final = "unknown"


@dataclass(slots=True)
class _Times:
    counts: list[int] = field(default_factory=lambda: [0] * (len(_BOUNDS_S) + 1))
    total_s: float = 0.0


class Metrics:
    """Counters of requests and their times, by operation and status. Threads may share it.

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

    def text(self) -> str:
        """All of it.

        Source:
            Prometheus, exposition formats, text-based format.
        """
        with self._lock:
            lines = ["# TYPE egov_requests_in_progress gauge", f"egov_requests_in_progress {self._now}"]
            lines.append("# TYPE egov_requests_total counter")
            for (name, status), count in sorted(self._requests.items()):
                lines.append(f'egov_requests_total{{operation="{name}",status="{status}"}} {count}')
            lines.append("# TYPE egov_request_seconds histogram")
            for name, times in sorted(self._times.items()):
                lines += _histogram(name, times)
        return "\n".join(lines) + "\n"


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
