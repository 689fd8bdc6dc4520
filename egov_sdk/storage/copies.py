"""Copies of SQLite databases that are in use, each one state of them, and whether a file is whole."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from egov_sdk.storage._wrapping import problem_of
from egov_sdk.storage.problems import StorageError, broken

__all__ = ["check_file", "copy_file"]


def copy_file(source: Path, target: Path) -> None:
    """Copy a SQLite database as it is at one moment; whoever uses it goes on meanwhile.

    Args:
        target: a file that is not there; what is left of it after an error is the caller's to remove.
    Raises:
        StorageError: one of the files cannot be used, the source is damaged, or there is no room.
    """
    with _told(source), closing(_read_only(source)) as read, closing(sqlite3.connect(target)) as written:
        read.backup(written)
        # a file that stands alone, with nothing beside it
        written.execute("PRAGMA journal_mode=DELETE").close()


def check_file(path: Path) -> None:
    """Return if a SQLite database is whole, page for page and index for index.

    Raises:
        StorageError: damaged, or it is none.
    """
    with _told(path), closing(_read_only(path)) as opened:
        found = [str(row[0]) for row in opened.execute("PRAGMA integrity_check(3)")]
        found += [
            f"a row of {row[0]} belongs to none of {row[2]}" for row in opened.execute("PRAGMA foreign_key_check")
        ]
    if found != ["ok"]:
        raise broken("damaged", where=path.name, found=next(one for one in found if one != "ok"))


def _read_only(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)


@contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        problem = problem_of(error)
        if problem in (None, "busy"):
            raise StorageError(f"{path.name}: {error}", where=path.name) from error
        raise broken(problem, where=path.name, found=str(error)) from error
