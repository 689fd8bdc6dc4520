"""What is to go wrong, and what is to happen, once so much was asked or so much time is past."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from random import Random
from threading import Lock
from typing import Final

from egov_sdk.platform.mock.calls import Call
from egov_sdk.platform.mock.faults import Fault
from egov_sdk.problems import shown

__all__ = ["ALWAYS", "FaultPlan", "Happenings", "PlannedFault", "When"]

_AT_ONCE: Final = timedelta(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class When:
    """Which calls of an operation something happens to.

    Args:
        after: So many calls go well first.
        wait: Nothing happens before so much of the province's time is past.
        lasting: Nothing happens any more so long after ``wait``; None for no end.
        times: So often; None for always.
        chance: How probable it is each time; ``seed`` decides which times they are.
    Raises:
        ValueError: it would never happen.
        TypeError: ``wait`` or ``lasting`` is no timedelta.
    """

    after: int = 0
    wait: timedelta = _AT_ONCE
    lasting: timedelta | None = None
    times: int | None = None
    chance: float = 1.0
    seed: int = 0

    def __post_init__(self) -> None:
        if self.times is not None and self.times < 1:
            raise ValueError("times is at least 1; None for always")
        if not 0 < self.chance <= 1:
            raise ValueError("chance is more than 0 and at most 1")
        if self.after < 0 or _span("wait", self.wait) < _AT_ONCE:
            raise ValueError("after and wait are not negative")
        if self.lasting is not None and _span("lasting", self.lasting) <= _AT_ONCE:
            raise ValueError("lasting is more than nothing; None for no end")


def _span(name: str, given: timedelta) -> timedelta:
    if not isinstance(given, timedelta):
        raise TypeError(f"{name} is a timedelta, such as timedelta(minutes=5), and not {shown(given)}")
    return given


#: From now on, every time.
ALWAYS: Final = When()


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedFault:
    """A fault that is planned, and what became of it so far.

    Attributes:
        operation: ``*`` for all.
        asked: How many calls it could have happened to.
        happened: How many it did happen to.
    """

    number: int
    operation: str
    fault: Fault
    when: When
    asked: int
    happened: int


@dataclass(slots=True)
class _Rule:
    number: int
    operation: str
    fault: Fault
    when: When
    begins: datetime
    random: Random = field(repr=False)
    asked: int = 0
    happened: int = 0

    def happens(self, now: datetime) -> bool:
        when = self.when
        if now < self.begins or (when.lasting is not None and now >= self.begins + when.lasting):
            return False
        self.asked += 1
        if self.asked <= when.after or self.happened == when.times:
            return False
        if self.random.random() >= when.chance:
            return False
        self.happened += 1
        return True


class FaultPlan:
    """Which faults are to come. Threads may share it."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock, self._lock, self._numbers = clock, Lock(), count(1)
        self._rules = list[_Rule]()

    def add(self, operation: str, fault: Fault, *, when: When = ALWAYS) -> int:
        """Plan one; its number."""
        random = Random(when.seed)  # noqa: S311 - tests are to be repeated
        with self._lock:
            rule = _Rule(next(self._numbers), operation, fault, when, self._clock() + when.wait, random)
            self._rules.append(rule)
            return rule.number

    def clear(self, operation: str = "") -> None:
        """Let nothing go wrong any more, or nothing of one operation."""
        with self._lock:
            self._rules = [one for one in self._rules if operation and one.operation != operation]

    def remove(self, number: int) -> bool:
        """Let one of them go; whether there was one."""
        with self._lock:
            before = len(self._rules)
            self._rules = [one for one in self._rules if one.number != number]
            return len(self._rules) < before

    def all(self) -> tuple[PlannedFault, ...]:
        """Those that are planned, in order."""
        with self._lock:
            return tuple(
                PlannedFault(
                    number=one.number,
                    operation=one.operation,
                    fault=one.fault,
                    when=one.when,
                    asked=one.asked,
                    happened=one.happened,
                )
                for one in self._rules
            )

    def take(self, operation: str) -> tuple[Fault, ...]:
        """What goes wrong with the request that is here now."""
        if not self._rules:
            return ()
        now = self._clock()
        with self._lock:
            fitting = [one for one in self._rules if one.operation in (operation, "*")]
            return tuple(rule.fault for rule in fitting if rule.happens(now))


@dataclass(slots=True)
class _Happening:
    do: Callable[[], object]
    fits: Callable[[Call], bool]
    left: int
    due: datetime


class Happenings:
    """What is to happen in a province once, after so many calls, or after so much of its time. Threads may share it."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock, self._lock = clock, Lock()
        self._waiting = list[_Happening]()

    def add(
        self, do: Callable[[], object], *, fits: Callable[[Call], bool], calls: int = 0, wait: timedelta = _AT_ONCE
    ) -> None:
        """Plan one.

        Args:
            fits: Which calls count.
            calls: So many of them come first.
            wait: And so much time.
        """
        if calls < 0 or _span("wait", wait) < _AT_ONCE:
            raise ValueError("calls and wait are not negative")
        with self._lock:
            self._waiting.append(_Happening(do, fits, calls, self._clock() + wait))

    def note(self, call: Call) -> None:
        """Count a call."""
        if self._waiting:
            with self._lock:
                for one in self._waiting:
                    one.left -= one.fits(call)

    def due(self) -> tuple[Callable[[], object], ...]:
        """What happens now; each is given once."""
        if not self._waiting:
            return ()
        now = self._clock()
        with self._lock:
            ready = [one for one in self._waiting if one.left <= 0 and now >= one.due]
            self._waiting = [one for one in self._waiting if one not in ready]
        return tuple(one.do for one in ready)
