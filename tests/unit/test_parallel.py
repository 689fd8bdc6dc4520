"""Many items at once: order, windows, errors as values, lost workers, cancelling; on processes, threads and dask."""

from __future__ import annotations

import importlib
import importlib.util
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest

from egov_sdk.errors import LimitExceeded, MissingExtra
from egov_sdk.parallel import (
    Done,
    InlineExecutor,
    RemoteError,
    WorkerLost,
    cluster_executor,
    process_executor,
    run_each,
)


def square(number: int) -> int:
    if number < 0:
        raise LimitExceeded("numbers", allowed=0, found=number)
    return number * number


def die_on(bad: int, number: int) -> int:
    if number == bad:
        os._exit(9)
    return number


def die_once(place: Path, number: int) -> int:
    mark = place / "died"
    if number == 5 and not mark.exists():
        mark.touch()
        os._exit(9)
    return number


def leave(number: int) -> int:
    raise SystemExit(number)


class _Awkward(Exception):
    def __init__(self, one: str, two: str) -> None:
        super().__init__(one)
        self.lock = threading.Lock()


def awkward(number: int) -> int:
    raise _Awkward("its words", "more")


def unsendable(number: int) -> object:
    return threading.Lock() if number == 3 else number


@pytest.fixture(scope="module")
def processes() -> Iterator[Executor]:
    with process_executor(2) as pool:
        yield pool


@pytest.fixture(params=["inline", "threads", "processes"])
def executor(request: pytest.FixtureRequest) -> Iterator[Executor]:
    if request.param == "processes":
        yield request.getfixturevalue("processes")
        return
    with InlineExecutor() if request.param == "inline" else ThreadPoolExecutor(3) as pool:
        yield pool


@pytest.mark.parametrize("chunk", [1, 7])
def test_results_come_in_the_order_of_the_items(executor: Executor, chunk: int) -> None:
    found = list(run_each(square, range(40), executor=executor, chunk=chunk))
    assert found == [Done(number, number * number) for number in range(40)]


@pytest.mark.parametrize("chunk", [1, 7])
def test_in_no_order_every_item_comes_once(executor: Executor, chunk: int) -> None:
    found = list(run_each(square, range(40), executor=executor, chunk=chunk, ordered=False))
    assert sorted((one.index, one.get()) for one in found) == [(number, number * number) for number in range(40)]


def test_an_error_is_the_result_of_its_item_alone(executor: Executor) -> None:
    found = list(run_each(square, [1, -2, 3], executor=executor, chunk=3))
    assert [one.value for one in found] == [1, None, 9]
    error = found[1].error
    assert isinstance(error, LimitExceeded)
    assert (error.limit, error.found) == ("numbers", -2)
    with pytest.raises(LimitExceeded):
        found[1].get()


def test_an_error_that_cannot_travel_leaves_its_words(executor: Executor) -> None:
    (one,) = run_each(awkward, [1], executor=executor)
    assert isinstance(one.error, RemoteError)
    assert str(one.error) == "_Awkward: its words"


def test_a_worker_that_wants_to_leave_does_not_take_us_along(executor: Executor) -> None:
    (one,) = run_each(leave, [3], executor=executor)
    assert isinstance(one.error, RemoteError)


def test_what_cannot_be_sent_back_does_not_hide_its_neighbours(processes: Executor) -> None:
    found = list(run_each(unsendable, range(6), executor=processes, chunk=6))
    assert [one.value for one in found] == [0, 1, 2, None, 4, 5]
    assert found[3].error is not None


def test_no_items_no_results(executor: Executor) -> None:
    assert list(run_each(square, [], executor=executor)) == []


@pytest.mark.parametrize("ordered", [True, False])
def test_items_are_taken_only_as_there_is_room(ordered: bool) -> None:
    taken = 0

    def endless() -> Iterator[int]:
        nonlocal taken
        while True:
            taken += 1
            yield taken

    with ThreadPoolExecutor(2) as pool:
        results = run_each(square, endless(), executor=pool, window=5, chunk=2, ordered=ordered)
        for seen in range(1, 101):
            next(results)
            assert taken <= seen + 5 * 2 + 1
        results.close()  # type: ignore[attr-defined]  # it is a generator


def test_progress_counts_and_knows_the_total_where_there_is_one() -> None:
    told: list[tuple[int, int | None]] = []
    list(run_each(square, [1, -1, 2], jobs=1, progress=lambda done, total: told.append((done, total))))
    list(run_each(square, iter([1]), jobs=1, progress=lambda done, total: told.append((done, total))))
    assert told == [(1, 3), (2, 3), (3, 3), (1, None)]


def test_after_a_cancel_nothing_more_begins_and_what_began_is_given() -> None:
    began: list[int] = []
    go = threading.Event()

    def wait_for_it(number: int) -> int:
        began.append(number)
        go.wait(60)
        return number

    seen: list[int] = []
    with ThreadPoolExecutor(2) as pool:
        asked = 0

        def cancelled() -> bool:
            nonlocal asked
            asked += 1
            if asked == 2:
                go.set()
            return asked > 2

        go.set()
        for one in run_each(wait_for_it, range(1000), executor=pool, window=4, cancelled=cancelled):
            seen.append(one.get())
    assert sorted(seen) == sorted(began)
    assert len(seen) < 20


def test_closing_early_leaves_the_executor_that_was_given_open() -> None:
    with ThreadPoolExecutor(2) as pool:
        results = run_each(square, range(1000), executor=pool)
        next(results)
        results.close()  # type: ignore[attr-defined]  # it is a generator
        assert pool.submit(square, 3).result() == 9


@pytest.mark.parametrize("wrong", [{"chunk": 0}, {"window": 0}, {"jobs": 0}])
def test_less_than_one_is_refused_at_once(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        run_each(square, [1], **wrong)  # type: ignore[arg-type]  # which of them is not known here


def test_a_function_that_cannot_be_sent_is_refused_at_once() -> None:
    with pytest.raises(TypeError, match="cannot be sent"):
        run_each(lambda number: number, [1], jobs=2)


def test_one_job_needs_no_other_process() -> None:
    assert [one.get() for one in run_each(lambda number: os.getpid(), [1, 2], jobs=1)] == [os.getpid()] * 2


def test_only_the_item_that_kills_its_process_is_lost() -> None:
    found = list(run_each(partial(die_on, 5), range(12), jobs=2, chunk=3, window=4))
    assert [one.index for one in found] == list(range(12))
    assert [one.value for one in found] == [0, 1, 2, 3, 4, None, 6, 7, 8, 9, 10, 11]
    assert isinstance(found[5].error, WorkerLost)


def test_a_process_that_was_killed_once_loses_nothing(tmp_path: Path) -> None:
    found = run_each(partial(die_once, tmp_path), range(12), jobs=2, chunk=3, ordered=False)
    assert sorted(one.get() for one in found) == list(range(12))


def test_processes_start_also_where_the_folder_for_passing_things_has_a_long_name(tmp_path: Path) -> None:
    (far := tmp_path / ("长" * 60)).mkdir()
    begin = "from egov_sdk.parallel import process_executor as pool\nwith pool(1) as made: made.submit(abs, 1).result()"
    subprocess.run([sys.executable, "-c", begin], env={**os.environ, "TMPDIR": str(far)}, check=True, timeout=120)


def test_an_executor_of_others_that_breaks_is_told() -> None:
    with process_executor(1) as pool, pytest.raises(WorkerLost):
        list(run_each(partial(die_on, 2), range(50), executor=pool))


def test_a_missing_library_names_the_command_that_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(MissingExtra, match="cluster"), cluster_executor("tcp://127.0.0.1:1"):
        pass


@pytest.fixture
def cluster() -> Iterator[str]:
    if importlib.util.find_spec("distributed") is None:
        pytest.skip("dask.distributed is not installed (extra cluster)")
    local_cluster = importlib.import_module("distributed").LocalCluster
    with local_cluster(n_workers=2, threads_per_worker=1, dashboard_address=None, host="127.0.0.1") as local:
        yield str(local.scheduler_address)


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")
def test_the_same_on_a_cluster_of_two_workers(cluster: str) -> None:
    with cluster_executor(cluster) as executor:
        found = list(run_each(square, [*range(50), -1], executor=executor, chunk=5))
        assert [one.value for one in found] == [*(number * number for number in range(50)), None]
        assert isinstance(found[-1].error, LimitExceeded)
        unordered = run_each(square, range(50), executor=executor, chunk=5, ordered=False)
        assert sorted(one.get() for one in unordered) == [number * number for number in range(50)]
