"""The later pass (补制证照文件): licences that were taken in get their sealed files, in any number of workers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Final

from egov_sdk.errors import EgovError
from egov_sdk.license.legacy.ledger import Ledger, RowState
from egov_sdk.parallel import cores, run_each

__all__ = ["Completion", "NotCompleted", "complete_imported"]

#: Of so many failures the words are kept; the rest is counted.
_KEPT: Final = 1000


@dataclass(frozen=True, slots=True)
class NotCompleted:
    """A licence that got no file: the row that it came from, and why."""

    number: int
    identifier: str
    error: Exception = field(compare=False)


@dataclass(frozen=True, slots=True)
class Completion:
    """What came of a pass; ``failures`` are the first thousand of ``failed``."""

    completed: int
    failed: int
    failures: tuple[NotCompleted, ...]


def complete_imported(
    make_file: Callable[[str], object],
    *,
    ledger: Ledger,
    batch: str,
    executor: Executor | None = None,
    jobs: int | None = None,
    progress: Callable[[int, int | None], object] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Completion:
    """Have the files made of all licences of an import that have none yet.

    What was done is written down one by one: a pass that breaks off goes on with the next one, and what failed is
    tried again. One that fails leaves the others alone.

    Args:
        make_file: Makes and keeps the file of an identifier, such as the register's ``make_file`` with its sealers.
            It is called a second time where a pass was broken off just after it, and must bear that.
        executor: For workers in other processes or machines, to which ``make_file`` must be sendable; threads of
            this process by default, as many as ``jobs``.
    Raises:
        LicenseRejected: batch_unknown.
    """
    total = ledger.batch(batch).stored
    done = failed = 0
    failures: list[NotCompleted] = []
    waiting: dict[int, tuple[int, str]] = {}
    with ExitStack() as stack:
        workers = executor or stack.enter_context(ThreadPoolExecutor(jobs or cores()))
        for one in run_each(
            make_file, _identifiers(ledger, batch, waiting), executor=workers, ordered=False, cancelled=cancelled
        ):
            number, identifier = waiting.pop(one.index)
            if one.error is None:
                ledger.sealed(batch, number)
                done += 1
            elif not isinstance(one.error, (EgovError, OSError)):
                raise one.error
            else:
                failed += 1
                if failed <= _KEPT:
                    failures.append(NotCompleted(number, identifier, one.error))
            if progress is not None:
                progress(done + failed, total)
    return Completion(done, failed, tuple(failures))


def _identifiers(ledger: Ledger, batch: str, waiting: dict[int, tuple[int, str]]) -> Iterator[str]:
    """What is to be done; which row each is of is remembered while it is under way."""
    for index, row in enumerate(ledger.rows(batch, RowState.STORED)):
        waiting[index] = row.number, row.identifier
        yield row.identifier
