"""One function over many items, on any executor of ``concurrent.futures``: a bounded window, errors as values."""

from __future__ import annotations

import importlib
import os
import pickle
import signal
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence, Sized
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    CancelledError,
    Executor,
    Future,
    ProcessPoolExecutor,
    wait,
)
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import Generic, ParamSpec, TypeVar, cast

from egov_sdk.errors import EgovError, MissingExtra

__all__ = [
    "Done",
    "InlineExecutor",
    "RemoteError",
    "WorkerLost",
    "cluster_executor",
    "cores",
    "process_executor",
    "run_each",
]

T = TypeVar("T")
R = TypeVar("R")
_P = ParamSpec("_P")

#: Bytes of a folder in which the server that forks finds room for its socket, whose path is a short one.
_LONGEST_PLACE = 60

#: Chunks that wait for each worker, so that none is ever idle.
_AHEAD = 3


class WorkerLost(EgovError):
    """The process that worked on an item ended before it was done: out of memory, or killed."""

    code = "egov.parallel.worker_lost"


class RemoteError(EgovError):
    """An item failed in a worker with an error that cannot be sent from there; its words are here."""

    code = "egov.parallel.remote_error"


@dataclass(frozen=True, slots=True)
class Done(Generic[R]):
    """What became of one item: a value, or the error that there is in place of one.

    Attributes:
        index: Which item it was; the first is 0.
    """

    index: int
    value: R | None
    error: Exception | None = None

    def get(self) -> R:
        """The value; an error is raised."""
        if self.error is not None:
            raise self.error
        return cast("R", self.value)


class InlineExecutor(Executor):
    """Does each task at once, in the thread that submits it."""

    def submit(self, fn: Callable[_P, R], /, *args: _P.args, **kwargs: _P.kwargs) -> Future[R]:
        """As Executor.submit; the future is done when it is given back."""
        future: Future[R] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001 - a future keeps whatever was raised
            future.set_exception(error)
        return future


def cores() -> int:
    """How many processor cores this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # pragma: no cover - where a system does not say
        return os.cpu_count() or 1


def process_executor(jobs: int | None = None) -> ProcessPoolExecutor:
    """A pool of processes that start fresh, so that no thread, lock or database of this one is in them.

    As with every such pool, a script that uses it begins its work under ``if __name__ == "__main__":``.

    Args:
        jobs: How many processes; one for each core by default.
    """
    import multiprocessing

    near = len(os.fsencode(tempfile.gettempdir())) < _LONGEST_PLACE
    fresh = "forkserver" if near and "forkserver" in multiprocessing.get_all_start_methods() else "spawn"
    return ProcessPoolExecutor(
        jobs or cores(), mp_context=multiprocessing.get_context(fresh), initializer=_leave_interrupts_to_the_parent
    )


def _leave_interrupts_to_the_parent() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)


@contextmanager
def cluster_executor(address: str) -> Iterator[Executor]:
    """The workers of a dask cluster as an executor, for work that outgrows one machine.

    Args:
        address: Of the scheduler, such as ``tcp://10.0.0.5:8786``.
    Raises:
        MissingExtra: dask is not installed.
    """
    try:
        distributed = importlib.import_module("distributed")
    except ImportError as error:
        raise MissingExtra("cluster", needed_for="working on a cluster") from error
    with distributed.Client(address) as client, client.get_executor() as executor:
        yield executor


def run_each(
    function: Callable[[T], R],
    items: Iterable[T],
    *,
    executor: Executor | None = None,
    jobs: int | None = None,
    ordered: bool = True,
    chunk: int = 1,
    window: int | None = None,
    progress: Callable[[int, int | None], object] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Iterator[Done[R]]:
    """Run a function over many items, and give what became of each as it is asked for.

    Items are taken only as there is room for them, so that memory stays flat however many there are. What the
    function raises is a value, and the others go on. Where a process is lost, what it may have been working on is
    done again, item by item, and the item that it is lost with a second time is WorkerLost: so the function must
    bear being called twice with one item. Closing the iterator drops what is not done.

    Args:
        executor: Any executor; it is left open. None for processes of our own, or none at all when ``jobs`` is 1.
        jobs: How many processes of our own; one for each core by default.
        ordered: Give results in the order of the items; otherwise as they are done.
        chunk: How many items are sent to a worker at once.
        window: How many chunks are under way at most.
        progress: Told after each item how many are done, and of how many where that is known.
        cancelled: Asked before each chunk; once true, nothing more is begun and what is under way is given.
    Raises:
        ValueError: a number is less than one.
        TypeError: the function cannot be sent to other processes.
        WorkerLost: while running: the executor that was given does not work any more.
    """
    if min(chunk, 1 if window is None else window, 1 if jobs is None else jobs) < 1:
        raise ValueError("chunk, window and jobs are at least 1")
    open_pool: Callable[[int | None], Executor] | None = None
    if executor is None:
        alone = (jobs or cores()) == 1
        open_pool = (lambda _: InlineExecutor()) if alone else (lambda asked: process_executor(asked or jobs))
        if not alone:
            _check_sendable(function)
    run: _Run[T, R] = _Run(function, executor, open_pool)
    total = len(items) if isinstance(items, Sized) else None
    found = run.results(_chunks(items, chunk), window, ordered=ordered, stop=cancelled or _never)
    return _told(found, total, progress)


def _never() -> bool:
    return False


def _check_sendable(function: object) -> None:
    try:
        pickle.dumps(function)
    except Exception as error:
        raise TypeError(f"{function!r} cannot be sent to other processes: {error}") from error


def _told(
    results: Iterator[Done[R]], total: int | None, progress: Callable[[int, int | None], object] | None
) -> Iterator[Done[R]]:
    try:
        for count, one in enumerate(results, 1):
            if progress is not None:
                progress(count, total)
            yield one
    finally:
        close = getattr(results, "close", None)
        if close is not None:
            close()


@dataclass(frozen=True, slots=True)
class _Chunk(Generic[T]):
    first: int
    items: Sequence[T]
    pool: Executor  # where it was sent


_Answer = tuple[object, Exception | None]


class _Run(Generic[T, R]):
    """One run: the pool it works on, and what is under way there."""

    def __init__(
        self, function: Callable[[T], R], pool: Executor | None, open_pool: Callable[[int | None], Executor] | None
    ) -> None:
        self._function, self._open_pool = function, open_pool
        self._given = pool
        self._pool = pool
        self._alone: Executor | None = None
        self._under_way: dict[Future[list[_Answer]], _Chunk[T]] = {}

    def results(
        self, pieces: Iterator[tuple[int, list[T]]], window: int | None, *, ordered: bool, stop: Callable[[], bool]
    ) -> Iterator[Done[R]]:
        pool = self._pool = self._pool or self._open(None)
        room = window or _room(pool)
        try:
            while True:
                if stop():
                    yield from self._rest(ordered)
                    return
                for first, items in islice(pieces, room - len(self._under_way)):
                    self._submit(first, items)
                if not self._under_way:
                    return
                yield from self._next(ordered)
        finally:
            for future in self._under_way:
                future.cancel()
            for own in (self._alone, None if self._given else self._pool):
                if own is not None:
                    own.shutdown(cancel_futures=True)

    def _open(self, jobs: int | None) -> Executor:
        return cast("Callable[[int | None], Executor]", self._open_pool)(jobs)

    def _submit(self, first: int, items: list[T]) -> None:
        pool = cast("Executor", self._pool)
        try:
            future = pool.submit(_work, self._function, items)
        except BrokenExecutor as error:
            pool = self._reopen(pool, error)
            future = pool.submit(_work, self._function, items)
        self._under_way[future] = _Chunk(first, items, pool)

    def _next(self, ordered: bool) -> Iterator[Done[R]]:
        """What the oldest chunk gave; or, in no order, what is done now."""
        if ordered:
            ready = [next(iter(self._under_way))]
        else:
            ready = list(wait(self._under_way, return_when=FIRST_COMPLETED).done)
        for future in ready:
            yield from self._answers(future, self._under_way[future])

    def _rest(self, ordered: bool) -> Iterator[Done[R]]:
        """After a cancel: what had begun is given, what had not is dropped."""
        for future in [each for each in self._under_way if each.cancel()]:
            del self._under_way[future]
        while self._under_way:
            yield from self._next(ordered)

    def _answers(self, future: Future[list[_Answer]], piece: _Chunk[T]) -> Iterator[Done[R]]:
        try:
            answers = future.result()
        except CancelledError:
            raise WorkerLost("the executor was shut down while it was at work") from None
        except BrokenExecutor as error:
            self._reopen(piece.pool, error)
            answers = self._one_by_one(piece)
        except Exception as error:  # noqa: BLE001 - on its way there or back: what was sent cannot be pickled
            answers = self._one_by_one(piece) if len(piece.items) > 1 else [(None, error)]
        del self._under_way[future]
        for place, (value, error_there) in enumerate(answers):
            yield Done(piece.first + place, cast("R | None", value), error_there)

    def _one_by_one(self, piece: _Chunk[T]) -> list[_Answer]:
        """A chunk that was lost with others may be innocent; an item lost with a worker of its own is not."""
        return [self._by_itself(item) for item in piece.items]

    def _by_itself(self, item: T) -> _Answer:
        if self._alone is None and self._given is None:
            self._alone = self._open(1)
        pool = self._alone or cast("Executor", self._given)
        try:
            return pool.submit(_work, self._function, [item]).result()[0]
        except BrokenExecutor as error:
            if self._given is not None:
                raise _given_up() from error
            pool.shutdown(cancel_futures=True)
            self._alone = None
            return None, WorkerLost("the process that worked on this item was lost with it")
        except Exception as error:  # noqa: BLE001 - as above
            return None, error

    def _reopen(self, broken: Executor, error: BrokenExecutor) -> Executor:
        """A fresh pool in place of a broken one, unless that was done; the old one's futures keep what they hold."""
        if self._given is not None:
            raise _given_up() from error
        if self._pool is broken:
            broken.shutdown(cancel_futures=True)
            self._pool = self._open(None)
        return cast("Executor", self._pool)


def _given_up() -> WorkerLost:
    return WorkerLost("the executor does not work any more: its workers were lost")


def _room(pool: Executor) -> int:
    if isinstance(pool, InlineExecutor):
        return 1
    workers = getattr(pool, "_max_workers", None)
    return _AHEAD * (workers if isinstance(workers, int) else 2 * cores())


def _chunks(items: Iterable[T], size: int) -> Iterator[tuple[int, list[T]]]:
    rest = iter(items)
    first = 0
    while part := list(islice(rest, size)):
        yield first, part
        first += len(part)


def _work(function: Callable[[T], R], items: Sequence[T]) -> list[_Answer]:
    """What a worker does."""
    return [_one(function, item) for item in items]


def _one(function: Callable[[T], R], item: T) -> _Answer:
    try:
        return function(item), None
    except SystemExit as error:
        return None, RemoteError(f"SystemExit: {error}")
    except Exception as error:  # noqa: BLE001 - the error is the result
        return None, _portable(error)


def _portable(error: Exception) -> Exception:
    """The error itself where it can be sent to another process, and its words where not."""
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes
    except Exception:  # noqa: BLE001 - whatever its author did to it
        return RemoteError(f"{type(error).__name__}: {error}")
    return error
