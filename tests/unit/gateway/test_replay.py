"""The memory of what was used: bounded, and never forgetful while it matters."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from egov_sdk.gateway._rate import Buckets
from egov_sdk.gateway.policies import RateLimit
from egov_sdk.gateway.refusals import RequestRefused
from egov_sdk.gateway.replay import MemoryReplayStore


def test_a_key_is_new_once_until_its_time_is_over() -> None:
    store = MemoryReplayStore()
    assert store.first_use("a", until_s=10, now_s=0)
    assert not store.first_use("a", until_s=10, now_s=0)
    assert not store.first_use("a", until_s=20, now_s=9.9)
    assert store.first_use("a", until_s=20, now_s=10)
    assert store.first_use("b", until_s=20, now_s=10)


def test_a_full_memory_refuses_rather_than_forgets() -> None:
    store = MemoryReplayStore(entries=3)
    for key in "abc":
        assert store.first_use(key, until_s=10, now_s=0)
    with pytest.raises(RequestRefused) as caught:
        store.first_use("d", until_s=10, now_s=5)
    assert (caught.value.problem, caught.value.status) == ("refused.busy", 503)
    assert not store.first_use("a", until_s=10, now_s=5)
    assert store.first_use("d", until_s=20, now_s=10)
    assert len(store) == 1


def test_what_is_over_is_found_behind_what_is_not() -> None:
    store = MemoryReplayStore(entries=2)
    store.first_use("long", until_s=100, now_s=0)
    store.first_use("short", until_s=10, now_s=0)
    assert store.first_use("new", until_s=100, now_s=50)


def test_a_crowd_that_is_over_is_forgotten_little_by_little() -> None:
    store = MemoryReplayStore()
    for number in range(200):
        store.first_use(str(number), until_s=10, now_s=0)
    store.first_use("new", until_s=30, now_s=20)
    assert len(store) == 200 - 64 + 1
    for number in range(3):
        store.first_use(f"newer {number}", until_s=30, now_s=20)
    assert len(store) == 4


def test_memory_without_room_is_the_callers_mistake() -> None:
    with pytest.raises(ValueError, match="one entry"):
        MemoryReplayStore(entries=0)


def test_of_many_threads_with_one_key_one_is_the_first() -> None:
    store = MemoryReplayStore()
    together = threading.Barrier(20)

    def use() -> bool:
        together.wait(60)
        return store.first_use("key", until_s=10, now_s=0)

    with ThreadPoolExecutor(20) as pool:
        firsts = [future.result() for future in [pool.submit(use) for _ in range(20)]]
    assert firsts.count(True) == 1


@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.integers(1, 20), st.integers(0, 3)), max_size=60))
def test_it_remembers_as_a_simple_table_would(uses: list[tuple[str, int, int]]) -> None:
    store, table, now = MemoryReplayStore(), dict[str, int](), 0
    for key, life, passed in uses:
        now += passed
        expected = table.get(key, 0) <= now
        assert store.first_use(key, until_s=now + life, now_s=now) is expected
        if expected:
            table[key] = now + life


def test_a_bucket_fills_again_and_not_over_its_brim() -> None:
    buckets = Buckets(RateLimit(per_s=1, burst=2))
    assert [buckets.take("a", now_s=0) for _ in range(3)] == [0, 0, 1]
    assert buckets.take("a", now_s=1) == 0
    assert [buckets.take("a", now_s=100) for _ in range(3)] == [0, 0, 1]
    assert buckets.take("b", now_s=0) == 0


def test_a_clock_that_goes_back_fills_no_bucket() -> None:
    buckets = Buckets(RateLimit(per_s=1, burst=1))
    assert buckets.take("a", now_s=100) == 0
    assert buckets.take("a", now_s=50) == 1


def test_of_too_many_buckets_the_longest_unused_is_forgotten() -> None:
    buckets = Buckets(RateLimit(per_s=1, burst=1), kept=2)
    for key in "abc":
        assert buckets.take(key, now_s=0) == 0
    assert buckets.take("c", now_s=0) > 0
    assert buckets.take("a", now_s=0) == 0
