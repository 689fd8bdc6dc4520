"""Statements that are executed thousands of times a second: written out once, not looked up again each time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from typing import Any, Final, Protocol

from sqlalchemy import Connection, Dialect, exc
from sqlalchemy.sql.selectable import ReturnsRows

__all__ = ["Prepared", "check_not_held", "held", "let_go_of_undone", "say"]

#: Values by the names that a statement has for them.
Values = Mapping[str, object]
_Process = Callable[[Any], Any]


class _Row(Protocol):
    """A row that was found: its values by their places, of the types of the columns."""

    def __getitem__(self, index: int, /) -> Any: ...

    def __iter__(self) -> Iterator[Any]: ...


class Prepared:
    """A statement that is executed again and again (预编译语句), by what it is told when it is executed.

    Its text goes to the driver as it was written out the first time, which spares more work than the statement itself
    is in SQLite, and half of it in PostgreSQL.

    Args:
        statement: all of its values have names; it gives back texts, numbers, octets and times.
        names: the columns that an INSERT fills; all of the table by default.
    """

    __slots__ = ("_names", "_statement", "_written")

    def __init__(self, statement: ReturnsRows, *, names: Sequence[str] = ()) -> None:
        self._statement: Any = statement  # SELECT, INSERT, UPDATE or DELETE: each has its own type of rows
        self._names = names
        self._written: dict[str, _Written] = {}

    def fetch(self, connection: Connection, *values: Values) -> list[_Row]:
        """Execute it once for each of these values; all rows that it gives back."""
        written, found = self._for(connection.dialect), list[_Row]()
        with _driver(connection, written.text) as cursor:
            for one in values:
                cursor.execute(written.text, written.bound(one))
                found += map(written.read, cursor.fetchall())
        return found

    def run(self, connection: Connection, rows: Sequence[Values]) -> None:
        """Execute it for each of these rows; it gives nothing back."""
        written = self._for(connection.dialect)
        with _driver(connection, written.text) as cursor:
            if len(rows) == 1:
                cursor.execute(written.text, written.bound(rows[0]))
            else:
                cursor.executemany(written.text, [written.bound(row) for row in rows])

    def _for(self, dialect: Dialect) -> _Written:
        if (found := self._written.get(dialect.name)) is None:
            found = self._written[dialect.name] = _Written(self._statement, dialect, self._names)
        return found


class _Written:
    """The text of a statement for one database, and how its values go in and out."""

    __slots__ = ("_fixed", "_in", "_out", "_placed", "text")

    def __init__(self, statement: ReturnsRows, dialect: Dialect, names: Sequence[str]) -> None:
        compiled = statement.compile(dialect=dialect, column_keys=list(names) or None)
        self.text: Final = str(compiled)
        self._placed: Final = compiled.positional  # values stand in the places of the text, or have names there as well
        binds = [(name, compiled.binds[name]) for name in compiled.positiontup or compiled.binds]
        self._fixed: Final = {name: bind.value for name, bind in binds if not bind.required}
        self._in: Final = tuple((name, bind.type.dialect_impl(dialect).bind_processor(dialect)) for name, bind in binds)
        out = [one.type.dialect_impl(dialect).result_processor(dialect, None) for one in statement.exported_columns]
        self._out: Final[tuple[_Process | None, ...] | None] = tuple(out) if any(out) else None

    def bound(self, values: Values) -> list[Any] | dict[str, Any]:
        """What goes into the text."""
        known = {**self._fixed, **values} if self._fixed else values
        bound = [known[name] if process is None else process(known[name]) for name, process in self._in]
        return bound if self._placed else dict(zip((name for name, _ in self._in), bound, strict=True))

    def read(self, row: Sequence[Any]) -> Sequence[Any]:
        if self._out is None:
            return row
        return [value if out is None else out(value) for value, out in zip(row, self._out, strict=True)]


def say(connection: Connection, statement: str) -> None:
    """Execute a statement of SQLite without values that gives nothing back."""
    if connection.dialect.name != "sqlite":
        raise TypeError("this is no connection of SQLite")
    with _driver(connection, statement) as cursor:
        cursor.execute(statement)


def let_go_of_undone(connection: Connection) -> None:
    """After an error: end a transaction that SQLite has undone by itself, on a full disk for one.

    Without it what follows would be kept statement by statement, and what went before not at all.
    """
    transaction = connection.get_transaction()
    if transaction is None or not transaction.is_active or connection.dialect.name != "sqlite":
        return
    driver: Any = connection.connection.driver_connection
    if not driver.in_transaction:
        transaction.rollback()


_HELD: Final = "egov_sdk_held"


@contextmanager
def held(connection: Connection) -> Iterator[None]:
    """A block for others' work, within which the transaction cannot be committed: whoever began it ends it."""
    info = connection.info
    info[_HELD] = True
    try:
        yield
    finally:
        info.pop(_HELD, None)


def check_not_held(connection: Connection) -> None:
    """Return if the transaction may be committed now; else undo it.

    Raises:
        ValueError: others are at work in it.
    """
    if connection.info.get(_HELD):
        driver: Any = connection.connection.driver_connection
        driver.rollback()  # SQLAlchemy takes it for ended, whatever is raised here
        raise ValueError("the transaction is committed by whoever began it, and not by whoever works in it")


@contextmanager
def _driver(connection: Connection, text: str) -> Iterator[Any]:
    """A cursor of the driver in the transaction of a connection; what it raises leaves as SQLAlchemy's."""
    dialect = connection.dialect
    assert dialect.dbapi is not None
    driver: Any = connection.connection.driver_connection
    try:
        with closing(driver.cursor()) as cursor:
            yield cursor
    except dialect.dbapi.Error as error:
        let_go_of_undone(connection)
        raise exc.DBAPIError.instance(
            text, None, error, dialect.dbapi.Error, hide_parameters=True, dialect=dialect
        ) from error
