"""Engines: a path or a URL becomes connections that are safe to write through."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from sqlalchemy import URL, Engine, create_engine, event, exc, make_url
from sqlalchemy.pool import QueuePool

from egov_sdk.errors import MissingExtra
from egov_sdk.report import Text
from egov_sdk.storage._arrays import speak_binary
from egov_sdk.storage.problems import bad_place, broken
from egov_sdk.storage.statements import check_not_held, let_go_of_undone, say

if TYPE_CHECKING:
    from sqlalchemy import Connection, ExceptionContext

__all__ = ["Durability", "Engines", "open_engines"]

#: ``full`` waits until a change is on the disk; ``normal`` may lose the last changes, whole ones, when power fails.
Durability = Literal["full", "normal"]

_PLACES: Final = Text("a path, sqlite:// or postgresql://", "路径、sqlite:// 或 postgresql://")
_OLDEST_SQLITE: Final = (3, 35, 0)  # RETURNING
_READERS: Final = 8
_DURABLE: Final = "egov_sdk_durable"


class Engines:
    """The engine that writes and the one that reads. They are one where a database has one connection only.

    ``file`` is that of SQLite, None for what is in memory or on a server.
    """

    def __init__(
        self, writer: Engine, reader: Engine, where: str, *, durability: Durability, file: Path | None = None
    ) -> None:
        self.writer, self.reader, self.where, self.durability, self.file = writer, reader, where, durability, file

    @contextmanager
    def write(self, *, durable: bool) -> Iterator[Connection]:
        """A connection in a transaction whose end waits for the disk, or does not.

        Raises:
            StorageError: undone: SQLite gave it up after an error that was passed over.
        """
        durable = durable and self.durability == "full"
        if self.writer.dialect.name == "sqlite":
            with (
                self.writer.connect().execution_options(**{_DURABLE: durable}) as connection,
                connection.begin() as whole,
            ):
                yield connection
                if not whole.is_active:
                    raise broken("undone", where=self.where)
            return
        with self.writer.begin() as connection:
            if not durable:
                connection.exec_driver_sql("SET LOCAL synchronous_commit = off")
            yield connection

    def dispose(self) -> None:
        self.writer.dispose()
        self.reader.dispose()


def open_engines(place: Path | str, *, durability: Durability, busy_s: float) -> Engines:
    """Engines for a place; nothing is connected to yet, but a SQLite file is made, readable by its owner only.

    Raises:
        ConfigError: it is no place for a database.
        MissingExtra: the driver for PostgreSQL is not installed.
        StorageError: SQLite is too old, or the file cannot be made.
    """
    url = URL.create("sqlite", database=str(place)) if isinstance(place, Path) else _read_url(place)
    if url.get_backend_name() == "sqlite":
        return _open_sqlite(url, durability=durability, busy_s=busy_s)
    if url.get_backend_name() == "postgresql":
        return _open_postgresql(url, durability=durability, busy_s=busy_s)
    raise bad_place(found=f"{url.get_backend_name()}://", expected=_PLACES)


def _read_url(text: str) -> URL:
    try:
        return make_url(text)
    except (exc.ArgumentError, ValueError):
        # the text is not shown: it may hold a password
        raise bad_place(found=Text("what was given", "所给内容"), expected=_PLACES) from None


def _open_sqlite(url: URL, *, durability: Durability, busy_s: float) -> Engines:
    if sqlite3.sqlite_version_info < _OLDEST_SQLITE:
        raise broken("too_old", found=f"SQLite {sqlite3.sqlite_version}", expected="3.35")
    if url.drivername not in ("sqlite", "sqlite+pysqlite") or url.query:
        raise bad_place(
            found=url.render_as_string(), expected=Text("sqlite:///path without options", "不带选项的 sqlite:///路径")
        )
    in_memory = url.database in (None, "", ":memory:")
    file = None if in_memory else Path(str(url.database)).absolute()
    if file is not None:
        _make_file(file)
    arguments = {"timeout": busy_s, "check_same_thread": False, "isolation_level": None}

    def engine(*, connections: int, pragmas: tuple[str, ...]) -> Engine:
        made = create_engine(
            url,
            connect_args=arguments,
            poolclass=QueuePool,
            pool_size=connections,
            max_overflow=0,
            pool_timeout=busy_s,
            hide_parameters=True,
        )
        event.listen(made, "connect", lambda raw, _: _say_all(raw, pragmas))
        return made

    pragmas = ("foreign_keys=ON", "trusted_schema=OFF", "temp_store=MEMORY", "cell_size_check=ON")
    # one writer: whoever comes second waits in the pool's queue and not in SQLite's, which only looks again and again
    writer = engine(connections=1, pragmas=(*pragmas, "journal_mode=WAL", "wal_autocheckpoint=4000"))
    event.listen(writer, "begin", _begin_to_write)
    event.listen(writer, "handle_error", _after_error)
    event.listen(writer, "commit", check_not_held)
    where = url.render_as_string()
    if file is None:
        return Engines(writer, writer, where, durability=durability)
    reader = engine(connections=_READERS, pragmas=(*pragmas, "query_only=ON"))
    event.listen(reader, "begin", lambda connection: say(connection, "BEGIN"))
    return Engines(writer, reader, where, durability=durability, file=file)


def _make_file(path: Path) -> None:
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    except FileExistsError:
        # not opened: closing it again would end the locks that this process holds on it, and whoever closes it
        # elsewhere would take what is written from now on away with the log (sqlite.org/howtocorrupt.html, 2.2)
        return
    except OSError as error:
        raise broken("unreachable", where=str(path), found=error.strerror or type(error).__name__) from error


def _say_all(raw: Any, pragmas: tuple[str, ...]) -> None:
    for pragma in pragmas:
        raw.execute(f"PRAGMA {pragma}").close()


def _after_error(context: ExceptionContext) -> None:
    # an error of a commit, which is no statement, ends the transaction anyhow
    if context.connection is not None and context.statement is not None:
        let_go_of_undone(context.connection)


def _begin_to_write(connection: Connection) -> None:
    # said outside a transaction, where alone it takes effect
    mode = "FULL" if connection.get_execution_options().get(_DURABLE, True) else "NORMAL"
    say(connection, f"PRAGMA synchronous={mode}")
    say(connection, "BEGIN IMMEDIATE")


def _open_postgresql(url: URL, *, durability: Durability, busy_s: float) -> Engines:
    if url.drivername not in ("postgresql", "postgresql+psycopg"):
        raise bad_place(found=f"{url.drivername}://", expected="postgresql://")
    if find_spec("psycopg") is None:
        raise MissingExtra("postgresql", needed_for="PostgreSQL")
    settings = f"-c lock_timeout={int(busy_s * 1000)} -c timezone=UTC"
    given = url.query.get("options", "")
    options = f"{given if isinstance(given, str) else ' '.join(given)} {settings}".strip()
    writer = create_engine(
        url.set(drivername="postgresql+psycopg").update_query_dict({"options": options}),
        pool_size=_READERS,
        pool_timeout=busy_s,
        pool_pre_ping=True,
        hide_parameters=True,
    )
    event.listen(writer, "connect", lambda raw, _: speak_binary(raw))
    event.listen(writer, "commit", check_not_held)
    if durability == "full":
        event.listen(writer, "connect", lambda raw, _: _wait_for_the_disk(raw))
    reader = writer.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    where = url.difference_update_query(["password", "sslpassword"]).render_as_string(hide_password=True)
    return Engines(writer, reader, where, durability=durability)


def _wait_for_the_disk(raw: Any) -> None:
    """Whatever the server, the database, the role or the URL says: the end of a transaction waits."""
    is_off = "current_setting('synchronous_commit') = 'off'"
    raw.execute(f"SELECT set_config('synchronous_commit', 'on', false) WHERE {is_off}")
    raw.commit()


def unsafe_settings(connection: Connection) -> tuple[str, ...]:
    """What a server is told that lets go of finished changes, or damages them, when the power fails.

    Nobody but who runs the server can change it.
    """
    if connection.dialect.name != "postgresql":
        return ()
    asked = "SELECT name FROM pg_settings WHERE name IN ('fsync', 'full_page_writes') AND setting = 'off' ORDER BY name"
    return tuple(f"{name}=off" for name in connection.exec_driver_sql(asked).scalars())
