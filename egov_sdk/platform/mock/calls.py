"""What a province was asked, and what a test says about it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from types import MappingProxyType
from typing import Final

__all__ = ["Call", "CallLog", "Seen"]

_NOTHING: Final[Mapping[str, object]] = MappingProxyType({})
_SHOWN: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request that reached a province.

    Attributes:
        operation: Such as ``license.issue``; empty where the province has nothing there.
        caller: Whom the province made sure of; empty for nobody.
        status: Of the answer; 0 where the connection broke before there was one.
        question: What was asked, of operations of our own interface.
        faults: What went wrong on purpose.
    """

    operation: str
    method: str
    path: str
    caller: str
    status: int
    at: datetime
    question: Mapping[str, object] = field(default_factory=lambda: _NOTHING, repr=False)
    faults: tuple[str, ...] = ()

    def asked(self, name: str) -> object:
        """One item of the question: ``draft.number`` goes down, ``holders.0`` to the first; None where none is."""
        value: object = self.question
        for part in name.split("."):
            value = _members(value).get(part)
        return value

    def mentions(self, thing: str) -> bool:
        """Whether the question names it, such as the identifier of a licence."""
        return any(value == thing for _, value in _flat(self.question))

    def __str__(self) -> str:
        who = self.caller or "nobody"
        what = f"  {'; '.join(self.faults)}" if self.faults else ""
        return f"{self.operation or '(unknown)'}  {self.method} {self.path}  by {who}  -> {self.status or 'cut'}{what}"


class CallLog:
    """The calls of one province, in order. Threads may share it.

    Args:
        most: The oldest beyond so many are forgotten; None keeps all.
    """

    def __init__(self, *, most: int | None = None) -> None:
        self._lock, self._calls = Lock(), deque[Call](maxlen=most)

    def add(self, call: Call) -> None:
        """Note one more."""
        with self._lock:
            self._calls.append(call)

    def all(self) -> tuple[Call, ...]:
        """Every call so far."""
        with self._lock:
            return tuple(self._calls)

    def clear(self) -> None:
        """Forget all of them."""
        with self._lock:
            self._calls.clear()


class Seen:
    """The calls of one kind. Its questions answer True, or raise an AssertionError that shows what there was instead.

    ``province.saw("license.issue").once()``
    """

    def __init__(self, operation: str, calls: Callable[[], Sequence[Call]], *, said: Sequence[str] = ()) -> None:
        self._operation, self._source, self._said = operation, calls, tuple(said)
        self._conditions: tuple[Callable[[Call], bool], ...] = ()

    @property
    def calls(self) -> tuple[Call, ...]:
        """Those that fit, in order."""
        return tuple(one for one in self._source() if self._fits(one))

    @property
    def last(self) -> Call:
        """The last one that fits.

        Raises:
            AssertionError: there is none.
        """
        self.at_least(1)
        return self.calls[-1]

    def by(self, caller: str) -> Seen:
        """Of these, those of one caller."""
        return self._narrowed(lambda one: one.caller == caller, f"by {caller}")

    def answered(self, status: int) -> Seen:
        """Of these, those with that status."""
        return self._narrowed(lambda one: one.status == status, f"answered with {status}")

    def asking(self, items: Mapping[str, object]) -> Seen:
        """Of these, those whose question holds these items; names go down with a dot: ``{"draft.number": "1"}``."""
        said = ", ".join(f"{name}={value!r}" for name, value in items.items())
        return self._narrowed(lambda one: all(one.asked(k) == v for k, v in items.items()), f"asking {said}")

    def where(self, condition: Callable[[Call], bool]) -> Seen:
        """Of these, those for which it is true."""
        return self._narrowed(condition, getattr(condition, "__name__", "where …"))

    def once(self) -> bool:
        """True: there is exactly one."""
        return self.times(1)

    def never(self) -> bool:
        """True: there is none."""
        return self.times(0)

    def times(self, count: int) -> bool:
        """True: there are exactly so many."""
        return self._hold(len(self.calls) == count, f"{count} times" if count != 1 else "once")

    def at_least(self, count: int) -> bool:
        """True: there are so many or more."""
        return self._hold(len(self.calls) >= count, f"at least {count} times")

    def __iter__(self) -> Iterator[Call]:
        return iter(self.calls)

    def __len__(self) -> int:
        return len(self.calls)

    def __bool__(self) -> bool:
        return bool(self.calls)

    def __repr__(self) -> str:
        return f"<Seen {self._wanted()}: {len(self.calls)}>"

    def _fits(self, call: Call) -> bool:
        return self._operation in (call.operation, "*") and all(condition(call) for condition in self._conditions)

    def _narrowed(self, condition: Callable[[Call], bool], said: str) -> Seen:
        made = Seen(self._operation, self._source, said=(*self._said, said))
        made._conditions = (*self._conditions, condition)
        return made

    def _wanted(self) -> str:
        return " ".join((self._operation, *self._said))

    def _hold(self, holds: bool, expected: str) -> bool:
        __tracebackhide__ = True
        if not holds:
            raise AssertionError(self._mismatch(expected))
        return True

    def _mismatch(self, expected: str) -> str:
        calls = self._source()
        found = len(self.calls)
        lines = [f"the province was to see {self._wanted()} {expected}, and saw it {found} time{'s'[: found != 1]}"]
        lines.append(f"all {len(calls)} calls, those that fit with *:" if calls else "there were no calls at all")
        for number, one in enumerate(calls, 1):
            lines.append(f"{'*' if self._fits(one) else ' '} {number}. {one}")
            if self._operation in (one.operation, "*") and self._said:
                lines += [f"      {name} = {_shown(value)}" for name, value in _flat(one.question)]
        return "\n".join(lines)


def _members(value: object) -> Mapping[str, object]:
    """What goes down from a value, by name or by number; nothing where it is no object and no list."""
    if isinstance(value, list):
        return {str(number): inner for number, inner in enumerate(value)}
    return value if isinstance(value, Mapping) else _NOTHING


def _flat(value: object, before: str = "") -> Iterator[tuple[str, object]]:
    for name, inner in _members(value).items():
        if _members(inner):
            yield from _flat(inner, f"{before}{name}.")
        else:
            yield before + name, inner


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}… ({len(text)} characters)"
