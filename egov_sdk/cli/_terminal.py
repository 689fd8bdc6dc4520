"""What only a terminal gets to see: wrapped columns in colour, and progress."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence, Sized
from contextlib import ExitStack, contextmanager
from typing import TypeVar

from rich.console import Console
from rich.padding import Padding
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn
from rich.table import Table
from rich.text import Text

__all__ = ["counted", "gauge", "grid"]

_T = TypeVar("_T")
_PATIENCE_S = 1.0
_BETWEEN_S = 0.1


def grid(
    console: Console, rows: Sequence[Sequence[str]], *, indent: int, styles: Sequence[str], first: Sequence[str]
) -> None:
    """Print rows in columns; the last column wraps inside itself."""
    if not rows:
        return
    table = Table.grid(padding=(0, 2, 0, 0))
    last = len(rows[0]) - 1
    for place in range(last + 1):
        table.add_column(style=styles[place] if place < len(styles) else "", no_wrap=place != last, overflow="fold")
    for number, row in enumerate(rows):
        head = Text(row[0], style=first[number] if number < len(first) else "")
        table.add_row(head, *(Text(cell) for cell in row[1:]))
    console.print(Padding(table, (0, 0, 0, indent)))


def counted(items: Iterable[_T], *, console: Console, total: int | None = None) -> Iterator[_T]:
    """Hand out the items, and show how far it has come once that takes longer than a second.

    What is printed meanwhile stands above the bar where both go to a terminal, and is left alone where not.
    """
    if total is None and isinstance(items, Sized):
        total = len(items)
    due = time.monotonic() + _PATIENCE_S
    with ExitStack() as stack:
        bar: Progress | None = None
        task = TaskID(0)
        for done, item in enumerate(items):
            if (moment := time.monotonic()) > due:
                due = moment + _BETWEEN_S
                if bar is None:
                    bar = stack.enter_context(_bar(console))
                    task = bar.add_task("", total=total)
                bar.update(task, completed=done)
            yield item


@contextmanager
def gauge(*, console: Console) -> Iterator[Callable[[int, int | None], None]]:
    """What is to be told how much is done, and of how much; a bar shows it once that takes longer than a second."""
    began = time.monotonic()
    with ExitStack() as stack:
        bars: list[tuple[Progress, TaskID]] = []

        def told(done: int, total: int | None) -> None:
            if not bars and time.monotonic() - began > _PATIENCE_S:
                bar = stack.enter_context(_bar(console))
                bars.append((bar, bar.add_task("", total=total)))
            for bar, task in bars:
                bar.update(task, completed=done, total=total)

        yield told


def _bar(console: Console) -> Progress:
    return Progress(
        BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}"),
        console=console, transient=True, redirect_stdout=sys.stdout.isatty(),
    )  # fmt: skip
