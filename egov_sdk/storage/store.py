"""A database that is open: transactions to read and to write, and the tables of each room brought up to date."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self

from egov_sdk.report import Text
from egov_sdk.storage._engines import Durability, Engines, open_engines, unsafe_settings
from egov_sdk.storage._wrapping import in_our_words
from egov_sdk.storage.problems import broken

if TYPE_CHECKING:
    from egov_sdk.storage.migrations import Schema
    from egov_sdk.storage.sql import Connection

__all__ = ["Store", "open_store"]

_OPEN_AGAIN: Final = Text(
    "stop this program and start it again: it opens what is there now", "请停止并重新启动本程序：它将打开现有的数据库"
)


def open_store(place: Path | str, *, durability: Durability = "full", busy_s: float = 10.0) -> Store:
    """Open a database; a SQLite file that is not there is made, readable by its owner only.

    Args:
        place: the path of a SQLite file; ``sqlite://`` for one in memory, gone when it is closed; or a URL such as
            ``postgresql://user@host/name``.
        durability: ``full`` waits until a change is on the disk, also where PostgreSQL is set not to
            (``synchronous_commit``); ``normal`` is faster and may lose the last changes, whole ones, when the power
            fails.
        busy_s: how long to wait for somebody else who is writing.
    Raises:
        ConfigError: it is no place for a database.
        MissingExtra: the driver for PostgreSQL is not installed.
        StorageError: it cannot be opened.
    """
    store = Store(open_engines(place, durability=durability, busy_s=busy_s))
    try:
        with store.read():
            pass
    except BaseException:
        store.close()
        raise
    return store


def _identity(place: Path) -> tuple[int, int] | None:
    """Which file or folder it is, whatever it is called; None where there is none."""
    try:
        found = os.stat(place)
    except OSError:
        return None
    return found.st_dev, found.st_ino


class Store:
    """A database that is open (数据库); ``open_store`` makes one. Threads may share it, processes may not.

    Each transaction is a connection of SQLAlchemy. What goes wrong in it leaves as StorageError, and nothing of it
    stays. Do not begin one inside another.
    """

    def __init__(self, engines: Engines) -> None:
        self._engines = engines
        self._kept_at = None if engines.file is None else (engines.file, _identity(engines.file))

    @property
    def dialect(self) -> str:
        """``sqlite`` or ``postgresql``."""
        return self._engines.writer.dialect.name

    @property
    def place(self) -> str:
        """The URL of the database without its password."""
        return self._engines.where

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that sees one state of the database and changes nothing.

        Raises:
            StorageBusy: all connections are taken.
            StorageError: the database failed, or something was written; replaced: see ``stays_with``.
        """
        with in_our_words(self.place), self._engines.reader.begin() as connection:
            self._check_kept()
            yield connection

    @contextmanager
    def write(self, *, durable: bool = True) -> Iterator[Connection]:
        """A transaction that is kept whole when its block ends, and undone whole when an exception leaves it.

        In SQLite one writes at a time. In PostgreSQL several do, each seeing what others have finished: lock the rows
        that a decision rests on.

        Args:
            durable: False does not wait for the disk: when the power fails, the last changes may be lost, each as a
                whole. For what is short-lived anyhow. A later durable one makes sure of it as well.
        Raises:
            StorageBusy: somebody else was writing for too long.
            StorageConflict: the change contradicts what is there.
            StorageError: the database failed; replaced: see ``stays_with``.
        """
        with in_our_words(self.place), self._engines.write(durable=durable) as connection:
            self._check_kept()
            yield connection

    def stays_with(self, folder: Path) -> None:
        """Begin no transaction any more once this folder is moved away, or another is put in its place.

        So a program that goes on while a backup is restored writes nothing where nobody looks for it any more. A
        SQLite database stays with its file by itself.
        """
        self._kept_at = folder.absolute(), _identity(folder)

    def _check_kept(self) -> None:
        if self._kept_at is not None and _identity(self._kept_at[0]) != self._kept_at[1]:
            raise broken("replaced", where=self.place, found=self._kept_at[0].name, hint=_OPEN_AGAIN)

    def require_durable(self) -> None:
        """Ask whether the database keeps what it says it keeps. It works either way; whoever watches it should know.

        Raises:
            StorageError: not_durable: the server does not wait for its disk; or the database failed.
        """
        with self.read() as connection:
            if found := unsafe_settings(connection):
                raise broken("not_durable", where=self.place, found=", ".join(found))

    def prepare(self, *schemas: Schema, at: datetime) -> None:
        """Bring the tables of these rooms, and of this one, up to date; quick when they are.

        Raises:
            StorageError: schema_newer, schema_changed or schema_gap: they are not what this library has made.
        """
        from egov_sdk.storage.migrations import migrate

        migrate(self, schemas, at=at)

    def close(self) -> None:
        """Close all connections that are not in use."""
        self._engines.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Store {self.place}>"
