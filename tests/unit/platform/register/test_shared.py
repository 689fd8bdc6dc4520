"""What several processes must know alike: one request works once, and a limit counts for all together."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from egov_sdk.gateway.policies import RateLimit
from egov_sdk.gateway.refusals import RequestRefused
from egov_sdk.platform.register import SharedAdmissions, SharedRates, SharedReplay
from egov_sdk.platform.register.tables import PLATFORM
from egov_sdk.storage import Store
from egov_sdk.testing.clock import Clock

NOW = 1_800_000_000.0


@pytest.fixture
def prepared(store: Store) -> Store:
    store.prepare(PLATFORM, at=Clock()())
    return store


def test_of_many_that_show_one_request_one_gets_in(prepared: Store) -> None:
    replays = [SharedReplay(prepared) for _ in range(4)]

    def show(number: int) -> bool:
        return replays[number % 4].first_use("key", until_s=NOW + 60, now_s=NOW)

    with ThreadPoolExecutor(4) as threads:
        assert sum(threads.map(show, range(24))) == 1
    assert replays[0].first_use("key", until_s=NOW + 200, now_s=NOW + 61)


def test_a_memory_that_is_full_lets_nobody_in(prepared: Store) -> None:
    replay = SharedReplay(prepared, entries=3)
    for number in range(3):
        assert replay.first_use(str(number), until_s=NOW + 60, now_s=NOW)
    with pytest.raises(RequestRefused) as caught:
        replay.first_use("one more", until_s=NOW + 60, now_s=NOW)
    assert caught.value.status == 503


def test_what_cannot_be_remembered_is_not_let_in(prepared: Store) -> None:
    with prepared.write() as connection:
        connection.exec_driver_sql("ALTER TABLE storage_keys RENAME TO storage_gone")
    with pytest.raises(RequestRefused) as caught:
        SharedReplay(prepared).first_use("key", until_s=NOW + 60, now_s=NOW)
    assert caught.value.code == "egov.gateway.refused.busy"


def test_a_limit_counts_for_all_processes(prepared: Store) -> None:
    one, other = (SharedRates(prepared, RateLimit(per_s=2, burst=3)) for _ in range(2))
    assert [rates.take("hall", now_s=NOW) for rates in (one, other, one)] == [0, 0, 0]
    assert other.take("hall", now_s=NOW) == pytest.approx(0.5)
    assert one.take("else", now_s=NOW) == 0
    assert other.take("hall", now_s=NOW + 0.4) == pytest.approx(0.1)
    assert one.take("hall", now_s=NOW + 0.5) == 0
    assert other.take("hall", now_s=NOW + 0.5) > 0
    assert [one.take("hall", now_s=NOW + 100) for _ in range(4)][:3] == [0, 0, 0]


def test_no_more_come_than_may_however_many_try_at_once(prepared: Store) -> None:
    rates = SharedRates(prepared, RateLimit(per_s=1, burst=5))
    with ThreadPoolExecutor(4) as threads:
        waits = list(threads.map(lambda _: rates.take("hall", now_s=NOW), range(20)))
    assert waits.count(0.0) == 5
    assert all(wait > 0.9 for wait in waits if wait)


def test_what_cannot_be_counted_is_not_let_in(prepared: Store) -> None:
    with prepared.write() as connection:
        connection.exec_driver_sql("DROP TABLE platform_rates")
    with pytest.raises(RequestRefused) as caught:
        SharedRates(prepared, RateLimit(per_s=1, burst=1)).take("hall", now_s=NOW)
    assert caught.value.status == 503


def admitted(admissions: SharedAdmissions, caller: str, key: str, *, now_s: float = NOW) -> str:
    """The end of the code of the refusal; empty where it was let in."""
    try:
        admissions.admit(caller, key, until_s=NOW + 60, now_s=now_s)
    except RequestRefused as refused:
        return refused.code.rpartition(".")[2]
    return ""


def test_of_many_requests_at_once_each_gets_its_own_answer(prepared: Store) -> None:
    both = [SharedAdmissions(prepared, RateLimit(per_s=1, burst=10)) for _ in range(2)]

    def show(number: int) -> str:
        # three callers with ten different keys each, every one of them twice
        return admitted(both[number % 2], f"hall{number % 3}", f"{number % 30}")

    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(show, range(60)))
    assert found.count("") + found.count("replayed") == 30
    assert found.count("rate_exceeded") == 30
    let_in = [number % 30 for number, one in enumerate(found) if not one]
    assert len(let_in) == len(set(let_in))
    again = [admitted(both[0], "else", str(number)) for number in let_in[:10]]
    assert set(again) == {"replayed"}


def test_whoever_comes_too_often_has_used_nothing_up(prepared: Store) -> None:
    admissions = SharedAdmissions(prepared, RateLimit(per_s=1, burst=1))
    assert admitted(admissions, "hall", "one") == ""
    assert admitted(admissions, "hall", "two") == "rate_exceeded"
    assert admitted(admissions, "hall", "two", now_s=NOW + 1) == ""
    assert admitted(admissions, "hall", "two", now_s=NOW + 2) == "replayed"
    assert admitted(admissions, "hall", "three", now_s=NOW + 2) == "rate_exceeded"


def test_without_a_limit_only_keys_count_and_without_a_key_only_the_limit(prepared: Store) -> None:
    unlimited, limited = SharedAdmissions(prepared, None), SharedAdmissions(prepared, RateLimit(per_s=1, burst=2))
    assert [admitted(unlimited, "hall", key) for key in ("a", "b", "a")] == ["", "", "replayed"]
    assert [admitted(limited, "hall", "") for _ in range(3)] == ["", "", "rate_exceeded"]


@pytest.mark.parametrize("statement", ["DROP TABLE platform_rates", "ALTER TABLE storage_keys RENAME TO storage_gone"])
def test_of_those_that_cannot_be_written_down_nobody_is_let_in(prepared: Store, statement: str) -> None:
    admissions = SharedAdmissions(prepared, RateLimit(per_s=100, burst=100))
    with prepared.write() as connection:
        connection.exec_driver_sql(statement)
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda number: admitted(admissions, "hall", str(number)), range(12)))
    assert set(found) == {"busy"}


def test_what_nobody_thought_of_lets_nobody_in_and_keeps_nobody_waiting(
    prepared: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    admissions = SharedAdmissions(prepared, None)

    def broken(*_: object, **__: object) -> bool:
        raise RuntimeError("on purpose")

    with monkeypatch.context() as patch, ThreadPoolExecutor(4) as threads:
        patch.setattr(SharedReplay, "first_use_in", broken)
        found = [threads.submit(admitted, admissions, "hall", str(number)) for number in range(12)]
        errors = [one.exception(30) for one in found]
        codes = [one.result() for one in found if one.exception() is None]
    assert any(isinstance(error, RuntimeError) for error in errors)
    assert set(codes) <= {"busy"}
    assert admitted(admissions, "hall", "0") == ""
