"""Circuit breakers: when a platform fails again and again, leave it alone for a while."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from egov_sdk.gateway.policies import BreakerPolicy

__all__ = ["Breakers", "Permit"]

_KEPT: Final = 1_024


@dataclass(slots=True)
class _State:
    failures: int = 0
    opened_at: float | None = None
    trying: bool = False
    because: str = ""


class Breakers:
    """One breaker per service, shared by threads and tasks."""

    def __init__(self, policy: BreakerPolicy | None, *, timer: Callable[[], float]) -> None:
        self._policy, self._timer = policy, timer
        self._lock = threading.Lock()
        self._states: dict[str, _State] = {}

    def enter(self, service: str) -> Permit | float:
        """A permit to send, or the seconds until one will be given."""
        policy = self._policy
        if policy is None:
            return Permit(self, None)
        with self._lock:
            state = self._states.get(service)
            if state is None:
                if len(self._states) >= _KEPT:
                    self._states.pop(next(iter(self._states)))
                state = self._states[service] = _State()
            if state.opened_at is None:
                return Permit(self, state)
            left = state.opened_at + policy.open_s - self._timer()
            if left > 0 or state.trying:
                return max(left, 0.0)
            state.trying = True
            return Permit(self, state)

    def because(self, service: str) -> str:
        """The code of the failure that was noted last; empty where none was."""
        with self._lock:
            state = self._states.get(service)
            return "" if state is None else state.because

    def settle(self, state: _State, good: bool | None) -> None:
        """Note how a permit ended; None: nobody knows."""
        assert self._policy is not None
        with self._lock:
            was_trying, state.trying = state.trying, False
            if good:
                state.failures, state.opened_at = 0, None
            elif good is False:
                state.failures += 1
                if was_trying or state.failures >= self._policy.failures:
                    state.opened_at = self._timer()


class Permit:
    """The right to send one request; it must be settled once."""

    __slots__ = ("_breakers", "_state")

    def __init__(self, breakers: Breakers, state: _State | None) -> None:
        self._breakers, self._state = breakers, state

    def settle(self, good: bool | None) -> None:
        """Say whether the platform was there; None if that was never seen."""
        if self._state is not None:
            self._breakers.settle(self._state, good)

    def note(self, code: str) -> None:
        """Keep the code of a failure, for those who come while the breaker is open."""
        if self._state is not None:
            self._state.because = code
