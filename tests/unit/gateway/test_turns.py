"""Work in threads, one at a time."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import threading
import time
import weakref
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar

import pytest

from egov_sdk.gateway.turns import in_turn

WHO: ContextVar[str] = ContextVar("WHO", default="")


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing takes long, also where the machine has other things to do."""
    monkeypatch.setattr("egov_sdk.gateway.turns._PATIENCE_S", 600.0)


async def running(work: Callable[[], object], *, times: int) -> int:
    """How many of so many ran at once at most."""
    now, most, lock = 0, 0, threading.Lock()

    def counted() -> None:
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
        work()
        with lock:
            now -= 1

    await asyncio.gather(*(in_turn(counted) for _ in range(times)))
    return most


@pytest.mark.usefixtures("patient")
def test_one_works_at_a_time_however_many_come_at_once() -> None:
    assert asyncio.run(running(lambda: sum(range(2_000)), times=40)) == 1


@pytest.mark.usefixtures("patient")
def test_work_is_done_in_a_thread_in_the_order_in_which_it_came() -> None:
    done: list[tuple[int, bool]] = []

    async def ask() -> None:
        here = threading.get_ident()

        def note(number: int) -> None:
            done.append((number, threading.get_ident() == here))

        await asyncio.gather(*(in_turn(note, number) for number in range(9)))

    asyncio.run(ask())
    assert done == [(number, False) for number in range(9)]


def test_one_that_takes_long_holds_nobody_up() -> None:
    come = threading.Event()

    async def ask() -> list[bool]:
        # the first waits for what only the second does
        return [bool(one) for one in await asyncio.gather(in_turn(come.wait, 60), in_turn(come.set), in_turn(bool, 1))]

    assert asyncio.run(ask()) == [True, False, True]


def test_several_that_take_long_wait_beside_each_other() -> None:
    together = threading.Barrier(3, timeout=30)
    assert asyncio.run(running(together.wait, times=3)) == 3


def test_after_one_that_took_long_it_is_one_at_a_time_again(request: pytest.FixtureRequest) -> None:
    come = threading.Event()

    most: list[int] = []

    async def ask() -> None:
        await asyncio.gather(in_turn(come.wait, 60), in_turn(come.set))
        request.getfixturevalue("patient")
        most.append(await running(lambda: sum(range(2_000)), times=20))

    asyncio.run(ask())
    assert most == [1]


def test_what_work_raises_is_raised_and_the_next_one_begins() -> None:
    def broken() -> None:
        raise KeyError("broken")

    async def ask() -> tuple[object, object]:
        return await asyncio.gather(in_turn(broken), in_turn(int, "7"), return_exceptions=True)

    first, second = asyncio.run(ask())
    assert isinstance(first, KeyError)
    assert second == 7


@pytest.mark.usefixtures("patient")
def test_whoever_goes_away_while_it_waits_takes_no_turn() -> None:
    come, done = threading.Event(), list[str]()

    def long() -> None:
        come.wait(60)
        done.append("first")

    async def ask() -> None:
        first = asyncio.create_task(in_turn(long))
        second = asyncio.create_task(in_turn(done.append, "second"))
        third = asyncio.create_task(in_turn(done.append, "third"))
        await asyncio.sleep(0)
        second.cancel()
        come.set()
        await asyncio.gather(first, third)
        with pytest.raises(asyncio.CancelledError):
            await second

    asyncio.run(ask())
    assert done == ["first", "third"]


def test_whoever_goes_away_when_it_is_called_hands_its_turn_on() -> None:
    done: list[str] = []

    async def ask() -> None:
        tasks: list[asyncio.Task[None]] = []

        async def first() -> None:
            await in_turn(done.append, "first")
            tasks[1].cancel()  # it was called and has not come yet

        tasks += [asyncio.create_task(one) for one in (first(), in_turn(done.append, "second"))]
        third = asyncio.create_task(in_turn(done.append, "third"))
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.wait_for(third, 30)

    asyncio.run(ask())
    assert done[0] == "first"
    assert done[-1] == "third"


def test_work_knows_what_its_request_knew() -> None:
    async def ask() -> str:
        WHO.set("hall")
        return await in_turn(WHO.get)

    assert asyncio.run(ask()) == "hall"


@pytest.mark.usefixtures("patient")
def test_one_thread_does_nearly_all_that_takes_no_time() -> None:
    async def ask() -> Counter[int]:
        return Counter([await in_turn(threading.get_ident) for _ in range(20)])

    assert max(asyncio.run(ask()).values()) > 15


def test_nobody_waits_for_work_that_its_caller_left() -> None:
    come, begun = threading.Event(), threading.Event()

    def long() -> None:
        begun.set()
        come.wait(60)

    async def ask() -> int:
        left = asyncio.create_task(in_turn(long))
        await asyncio.to_thread(begun.wait, 30)
        left.cancel()
        with pytest.raises(asyncio.CancelledError):
            await left
        found = await asyncio.wait_for(in_turn(int, "7"), 30)
        come.set()
        return found

    assert asyncio.run(ask()) == 7


def test_what_comes_while_one_takes_long_does_not_wait_for_it() -> None:
    come, begun = threading.Event(), threading.Event()

    def long() -> None:
        begun.set()
        come.wait(60)

    async def ask() -> list[int]:
        first = asyncio.create_task(in_turn(long))
        await asyncio.to_thread(begun.wait, 30)
        found = [await in_turn(int, "7"), await in_turn(int, "8")]
        come.set()
        await first
        return found

    assert asyncio.run(ask()) == [7, 8]


def test_more_that_take_long_than_there_are_threads_are_all_done() -> None:
    open_, seen, begun = threading.Event(), list[int](), list[str]()

    def long() -> None:
        begun.append("long")
        open_.wait(30)

    async def ask() -> list[int]:
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(2))
        waiting = [asyncio.create_task(in_turn(long)) for _ in range(6)]
        last = [asyncio.create_task(in_turn(seen.append, number)) for number in range(4)]
        while len(begun) < 3:
            await asyncio.sleep(0)
        open_.set()
        await asyncio.gather(*waiting, *last)
        return seen

    assert sorted(asyncio.run(ask())) == [0, 1, 2, 3]


def test_an_error_leaves_nothing_to_be_collected() -> None:
    class Told(Exception):
        """Told apart from all others."""

    def broken() -> None:
        raise Told("no")

    async def ask() -> None:
        for _ in range(5):
            with contextlib.suppress(Told):
                await in_turn(broken)

    gc.collect()
    gc.disable()
    try:
        asyncio.run(ask())
        assert not [one for one in gc.get_objects() if type(one) is Told]
    finally:
        gc.enable()


def test_work_that_stops_an_iteration_is_an_error_like_any_other() -> None:
    with pytest.raises(RuntimeError, match="StopIteration"):
        asyncio.run(in_turn(next, iter(())))


def test_a_loop_that_ended_is_not_kept() -> None:
    loop = asyncio.new_event_loop()
    assert loop.run_until_complete(in_turn(int, "7")) == 7
    loop.close()
    gone = weakref.ref(loop)
    del loop
    until = time.monotonic() + 30
    while gone() is not None and time.monotonic() < until:  # its thread lays down what it has in hand
        gc.collect()
    assert gone() is None


def test_when_no_thread_can_be_had_the_caller_is_told_and_the_next_one_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    async def ask() -> int:
        with monkeypatch.context() as patched:
            patched.setattr(ThreadPoolExecutor, "submit", _no_thread)
            with pytest.raises(RuntimeError, match="no thread"):
                await in_turn(int, "6")
        return await in_turn(int, "7")

    assert asyncio.run(ask()) == 7


def _no_thread(*_: object, **__: object) -> None:
    raise RuntimeError("no thread")


def test_loops_do_not_wait_for_each_other() -> None:
    together = threading.Barrier(2, timeout=30)

    def ask() -> None:
        asyncio.run(in_turn(together.wait))

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(60)
    assert not together.broken
