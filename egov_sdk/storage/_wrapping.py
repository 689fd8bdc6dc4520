"""What SQLAlchemy and the drivers below it raise, said in this project's words."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy import exc

from egov_sdk.storage.problems import StorageBusy, StorageConflict, StorageError, broken

__all__ = ["in_our_words", "problem_of"]

_SQLITE: Final = {
    sqlite3.SQLITE_FULL: "full",
    sqlite3.SQLITE_READONLY: "read_only",
    sqlite3.SQLITE_PERM: "read_only",
    sqlite3.SQLITE_CORRUPT: "damaged",
    sqlite3.SQLITE_NOTADB: "damaged",
    sqlite3.SQLITE_CANTOPEN: "unreachable",
    sqlite3.SQLITE_IOERR: "unreachable",
}
_SQLITE_BUSY: Final = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
#: By SQLSTATE, or its class, which is the first two characters.
_POSTGRESQL: Final = {
    "53100": "full",
    "25006": "read_only",
    "42501": "read_only",
    "XX001": "damaged",
    "XX002": "damaged",
    "08": "unreachable",
    "28": "unreachable",
    "3D": "unreachable",
    "57": "unreachable",
}
_TOO_LARGE: Final = "a number is larger, or a text is another one, than a database holds"
_POSTGRESQL_BUSY: Final = frozenset({"40001", "40P01", "55P03", "57014", "53300", "25P03"})


@contextmanager
def in_our_words(where: str) -> Iterator[None]:
    """Let nothing out of SQLAlchemy but StorageError, and ValueError for values that no database holds.

    ``where`` names the database without its password.
    """
    try:
        yield
    except OverflowError:
        raise ValueError(_TOO_LARGE) from None
    except exc.DataError as error:
        if (getattr(error.orig, "sqlstate", None) or "22")[:2] == "22" and not isinstance(error.orig, sqlite3.Error):
            raise ValueError(_TOO_LARGE) from None
        raise _translated(error, where) from None
    except exc.IntegrityError as error:
        # the driver repeats the values, and they may be personal
        raise _translated(error, where) from None
    except exc.SQLAlchemyError as error:
        if isinstance(error, exc.StatementError) and isinstance(error.orig, (TypeError, ValueError)):
            raise error.orig from None  # a caller's mistake, found by one of our own types
        raise _translated(error, where) from error


def _translated(error: exc.SQLAlchemyError, where: str) -> StorageError:
    if isinstance(error, exc.TimeoutError):
        return StorageBusy(f"all connections to {where} are taken", where=where)
    if not isinstance(error, exc.DBAPIError):
        return StorageError(f"{where}: {type(error).__name__}", where=where)
    original = error.orig
    found = _first_line(original)
    if isinstance(error, exc.IntegrityError):
        return StorageConflict(f"{where}: the change contradicts what is there", where=where)
    problem = _problem(error)
    if problem == "busy":
        return StorageBusy(f"{where} is busy: {found}", where=where)
    if problem is not None:
        return broken(problem, where=where, found=found)
    return StorageError(f"{where}: {type(original).__name__}", where=where)


def problem_of(error: sqlite3.Error) -> str | None:
    """Which of our problems SQLite speaks of, or ``busy``; None where it is none of them."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    return "busy" if code in _SQLITE_BUSY else _SQLITE.get(code)


def _problem(error: exc.DBAPIError) -> str | None:
    original = error.orig
    if isinstance(original, sqlite3.Error):
        return problem_of(original)
    state = getattr(original, "sqlstate", None)
    if state is None:
        # PostgreSQL was never asked, or did not answer
        return "unreachable" if isinstance(error, (exc.OperationalError, exc.InterfaceError)) else None
    if state in _POSTGRESQL_BUSY:
        return "busy"
    return _POSTGRESQL.get(state) or _POSTGRESQL.get(state[:2])


def _first_line(original: BaseException | None) -> str:
    """What a driver says, as far as it cannot hold values: SQLite and lost connections speak of files and hosts."""
    return next(iter(str(original).splitlines()), type(original).__name__)[:200]
