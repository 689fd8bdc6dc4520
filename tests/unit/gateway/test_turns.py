"""Work in threads, one at a time."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextvars import ContextVar

import pytest

from egov_sdk.gateway.turns import in_turn

WHO: ContextVar[str] = ContextVar("WHO", default="")


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


def test_one_works_at_a_time_however_many_come_at_once() -> None:
    assert asyncio.run(running(lambda: sum(range(2_000)), times=40)) == 1


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
        return [bool(one) for one in await asyncio.gather(in_turn(come.wait, 30), in_turn(come.set), in_turn(bool, 1))]

    assert asyncio.run(ask()) == [True, False, True]


def test_several_that_take_long_wait_beside_each_other() -> None:
    together = threading.Barrier(3, timeout=30)
    assert asyncio.run(running(together.wait, times=3)) == 3


def test_after_one_that_took_long_it_is_one_at_a_time_again() -> None:
    come = threading.Event()

    most: list[int] = []

    async def ask() -> None:
        await asyncio.gather(in_turn(come.wait, 30), in_turn(come.set))
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


def test_whoever_goes_away_while_it_waits_takes_no_turn() -> None:
    done: list[str] = []

    async def ask() -> None:
        first = asyncio.create_task(in_turn(done.append, "first"))
        second = asyncio.create_task(in_turn(done.append, "second"))
        third = asyncio.create_task(in_turn(done.append, "third"))
        await asyncio.sleep(0)
        second.cancel()
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


def test_one_thread_does_what_takes_no_time() -> None:
    async def ask() -> set[int]:
        return {await in_turn(threading.get_ident) for _ in range(20)}

    assert len(asyncio.run(ask())) == 1


def test_nobody_waits_for_work_that_its_caller_left() -> None:
    come, begun = threading.Event(), threading.Event()

    def long() -> None:
        begun.set()
        come.wait(30)

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
