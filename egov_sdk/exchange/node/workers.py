"""Threads that do what is due, and stop gracefully: what is in hand is finished, nothing new is begun."""

from __future__ import annotations

import threading
from typing import Protocol

from egov_sdk.exchange._failures import log_failure

__all__ = ["Work", "Workers", "work"]

_FIRST_WAIT_S, _MOST_WAIT_S = 0.5, 30.0


class Work(Protocol):
    """What a worker does over and over."""

    def run_once(self) -> int:
        """One round; how much there was to do."""


def work(node: Work, stop: threading.Event, *, idle_s: float = 0.2, wake: threading.Event | None = None) -> None:
    """Do what is due until ``stop`` is set. A database that fails is tried again, after longer and longer waits."""
    failed_s = 0.0
    wake = wake or stop
    while not stop.is_set():
        try:
            done = node.run_once()
            failed_s = 0.0
        except Exception as error:  # noqa: BLE001 - a worker that ends for it would stop all exchange
            # whatever it was is undone, or leased and comes up again
            failed_s = min(_MOST_WAIT_S, failed_s * 2 or _FIRST_WAIT_S)
            log_failure(f"a round of the node failed, the next one is in {failed_s} s", error)
            stop.wait(failed_s)
            continue
        if not done:
            wake.wait(idle_s)
            if wake is not stop:
                wake.clear()


class Workers:
    """Several threads of ``work``."""

    def __init__(self, node: Work, *, count: int, idle_s: float) -> None:
        if count < 1:
            raise ValueError("at least one worker")
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(
                target=work, args=(node, self._stop), kwargs={"idle_s": idle_s}, name=f"exchange-{number}", daemon=True
            )
            for number in range(count)
        ]

    def start(self) -> None:
        """Begin."""
        for thread in self._threads:
            thread.start()

    def stop(self, *, wait_s: float | None = None) -> bool:
        """Begin nothing new and wait until what is in hand is finished; whether all have ended in that time."""
        self._stop.set()
        for thread in self._threads:
            thread.join(wait_s)
        return not any(thread.is_alive() for thread in self._threads)
