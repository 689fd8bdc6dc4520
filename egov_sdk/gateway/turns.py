"""Work of requests in threads, one at a time: another begins when one is done, or beside one that takes long.

Threads of one interpreter that compute do not help each other: it changes hands at each call of a database or a hash,
and two at once take longer than one after the other. Those that wait shall hold nobody up: they lose their turn.
Nearly all of it is done by one thread, in whose processor's cache is what the next work needs as well.
"""

from __future__ import annotations

import asyncio
import contextvars
from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from functools import partial
from typing import Final, ParamSpec, TypeVar
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
    turns = _TURNS.setdefault(loop, _Turns())
    await turns.wait(loop)
    called = partial(contextvars.copy_context().run, partial(work, *args, **kwargs))
    turn = _Turn(turns)
    try:
        running = turns.begin(loop, called)
    except BaseException:
        turn.end()
        raise
    patience = loop.call_later(_PATIENCE_S, turn.end)
    running.add_done_callback(lambda _: patience.cancel())
    running.add_done_callback(lambda _: turn.end())
    return await running


class _Turns:
    """Whose turn it is in one loop, and who waits."""

    def __init__(self) -> None:
        self._is_free = True
        self._waiting = deque[asyncio.Future[None]]()
        self._usual: Executor | None = ThreadPoolExecutor(1, "turns")  # None while it works

    async def wait(self, loop: asyncio.AbstractEventLoop) -> None:
        """Until it is the caller's turn."""
        if self._is_free:
            self._is_free = False
            return
        called = loop.create_future()
        self._waiting.append(called)
        try:
            await called
        except asyncio.CancelledError:
            if called.done() and not called.cancelled():
                self.pass_on()
            raise

    def begin(self, loop: asyncio.AbstractEventLoop, work: Callable[[], T]) -> asyncio.Future[T]:
        """Let the usual thread do the work; another one, where that has something that takes long."""
        if self._usual is None:
            return loop.run_in_executor(None, work)
        usual = self._usual
        job = usual.submit(work)
        self._usual = None
        job.add_done_callback(lambda _: self._is_back(usual))  # not before it ends, whoever goes away
        return asyncio.wrap_future(job, loop=loop)

    def _is_back(self, usual: Executor) -> None:
        self._usual = usual

    def pass_on(self) -> None:
        """Let the next one begin."""
        while self._waiting:
            called = self._waiting.popleft()
            if not called.done():
                called.set_result(None)
                return
        self._is_free = True


class _Turn:
    """One turn, which ends once."""

    __slots__ = ("_turns",)

    def __init__(self, turns: _Turns) -> None:
        self._turns: _Turns | None = turns

    def end(self) -> None:
        turns, self._turns = self._turns, None
        if turns is not None:
            turns.pass_on()


_TURNS: Final = WeakKeyDictionary[asyncio.AbstractEventLoop, _Turns]()
