"""Work of requests in threads, one at a time: another begins when one is done, or beside one that takes long.

Threads of one interpreter that compute do not help each other: it changes hands at each call of a database or a hash,
and two at once take longer than one after the other. Those that wait shall hold nobody up: they lose their turn.
Nearly all of it is done by one thread, one piece behind the other: waking it costs, and in its processor's cache is
what the next work needs as well.
"""

from __future__ import annotations

import asyncio
import contextvars
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from threading import Lock
from typing import Any, Final, ParamSpec, TypeVar
from weakref import WeakKeyDictionary

__all__ = ["in_turn"]

P = ParamSpec("P")
T = TypeVar("T")

#: Longer than any request computes that is not about many things; after so long the next one begins beside it.
_PATIENCE_S: Final = 0.02


async def in_turn(work: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """As ``asyncio.to_thread``, once it is its turn among all that the running loop has to do so: first come, first
    served."""
    loop = asyncio.get_running_loop()
    turns = _TURNS.get(loop)
    if turns is None:
        turns = _TURNS[loop] = _Turns()
    answer: asyncio.Future[T] = loop.create_future()
    turns.add(_Piece(loop, answer, partial(contextvars.copy_context().run, partial(work, *args, **kwargs))))
    try:
        return await answer
    finally:
        del answer  # an error that it holds knows this frame


class _Piece:
    """One piece of work, and who waits for its answer."""

    __slots__ = ("_answer", "_loop", "_work")

    def __init__(
        self, loop: asyncio.AbstractEventLoop, answer: asyncio.Future[Any], work: Callable[[], object]
    ) -> None:
        self._loop, self._answer, self._work = loop, answer, work

    @property
    def is_wanted(self) -> bool:
        return not self._answer.cancelled()

    def do(self) -> None:
        """In a thread."""
        try:
            given = partial(self._give, self._work(), None)
        except StopIteration as error:  # no future takes it
            given = partial(self._give, None, RuntimeError(f"work raised {error!r}"))
        except BaseException as error:  # noqa: BLE001 - whoever waits gets it
            given = partial(self._give, None, error)
        with suppress(RuntimeError):  # the loop is closed: nobody waits
            self._loop.call_soon_threadsafe(given)
        del given, self  # an error knows its frames: they are not to know it

    def _give(self, answer: object, error: BaseException | None) -> None:
        if self._answer.done():
            return
        if error is None:
            self._answer.set_result(answer)
        else:
            self._answer.set_exception(error)


class _Taker:
    """Who takes pieces, one behind the other, in some thread."""

    __slots__ = ("since",)

    def __init__(self) -> None:
        self.since: float | None = None  # when it took the piece in hand

    @property
    def patience_s(self) -> float:
        """How long others still wait for it; one that has not begun waits for a thread, as others would."""
        return _PATIENCE_S if self.since is None else self.since + _PATIENCE_S - time.monotonic()


class _Turns:
    """What one loop has to be done, and who does it. It does not know the loop, which it would keep alive."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._waiting = deque[_Piece]()
        self._taker: _Taker | None = None
        self._usual = ThreadPoolExecutor(1, "turns")
        self._is_usual_free = True
        self._is_watched = False

    def add(self, piece: _Piece) -> None:
        """In the loop: let a piece be done when it is its turn."""
        with self._lock:
            if self._taker is None or self._taker.patience_s <= 0:
                self._begin()
            self._waiting.append(piece)
        if not self._is_watched:
            self._watch(_PATIENCE_S)

    def _begin(self) -> None:
        """Let another one take from now on; who took until now ends with the piece in hand."""
        taker = _Taker()
        if self._is_usual_free:
            self._usual.submit(self._take, taker, is_usual=True)
            self._is_usual_free = False
        else:
            asyncio.get_running_loop().run_in_executor(None, partial(self._take, taker, is_usual=False))
        self._taker = taker

    def _take(self, taker: _Taker, *, is_usual: bool) -> None:
        """In a thread, until nothing waits or another one takes."""
        while (piece := self._next(taker, is_usual=is_usual)) is not None:
            piece.do()
            del piece  # what it holds is not to live until the next one comes

    def _next(self, taker: _Taker, *, is_usual: bool) -> _Piece | None:
        with self._lock:
            if self._taker is not None and self._taker.since is None:
                self._taker = taker  # whoever was to take has no thread yet
            while self._taker is taker and self._waiting:
                piece = self._waiting.popleft()
                if piece.is_wanted:
                    taker.since = time.monotonic()
                    return piece
            if self._taker is taker:
                self._taker = None
            self._is_usual_free = self._is_usual_free or is_usual
            return None

    def _watch(self, seconds: float) -> None:
        self._is_watched = True
        asyncio.get_running_loop().call_later(seconds, self._look)

    def _look(self) -> None:
        """In the loop, as long as something is done: whether it takes long."""
        self._is_watched = False
        with self._lock:
            taker = self._taker
            if taker is None:
                return
            if taker.patience_s <= 0 and self._waiting:
                self._begin()
            left = taker.patience_s
        self._watch(left if left > 0 else _PATIENCE_S)


_TURNS: Final = WeakKeyDictionary[asyncio.AbstractEventLoop, _Turns]()
