"""Statements that are executed thousands of times a second: written out once, not looked up again each time."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, Final, Protocol

from sqlalchemy import Connection, Dialect, Insert, exc
from sqlalchemy.sql.selectable import ReturnsRows

__all__ = ["Prepared", "say"]

#: Values by the names that a statement has for them.
Values = Mapping[str, object]
_Process = Callable[[Any], Any]


class _Row(Protocol):
    """A row that was found: its values by their places, of the types of the columns."""

    def __getitem__(self, index: int, /) -> Any: ...

    def __iter__(self) -> Iterator[Any]: ...


class Prepared:
    """A statement that is executed again and again (预编译语句), by what it is told when it is executed.

    In SQLite its text goes to the driver as it was written out the first time, which spares more work than the
    statement itself is. In PostgreSQL it goes through SQLAlchemy, like any other.

    Args:
        statement: all of its values have names; it gives back texts, numbers, octets and times.
        names: the columns that an INSERT fills; all of the table by default.
    """

    __slots__ = ("_names", "_statement", "_written")

    def __init__(self, statement: ReturnsRows, *, names: Sequence[str] = ()) -> None:
        self._statement: Any = statement  # SELECT, INSERT, UPDATE or DELETE: each has its own type of rows
        self._names = names
        self._written: _Written | None = None

    def fetch(self, connection: Connection, *values: Values) -> list[_Row]:
        """Execute it once for each of these values; all rows that it gives back."""
        if connection.dialect.name != "sqlite":
            return list(self._by_sqlalchemy(connection, values))
        written = self._for(connection.dialect)
        driver = _driver(connection)
        try:
            return [
                written.read(row)
                for one in values
                for row in driver.execute(written.text, written.bound(one)).fetchall()
            ]
        except sqlite3.Error as error:
            raise _as_sqlalchemy_has_it(written.text, error) from error

    def run(self, connection: Connection, rows: Sequence[Values]) -> None:
        """Execute it for each of these rows; it gives nothing back."""
        if connection.dialect.name != "sqlite":
            connection.execute(self._statement, rows)
            return
        written = self._for(connection.dialect)
        driver = _driver(connection)
        try:
            driver.executemany(written.text, [written.bound(row) for row in rows])
        except sqlite3.Error as error:
            raise _as_sqlalchemy_has_it(written.text, error) from error

    def _by_sqlalchemy(self, connection: Connection, values: Sequence[Values]) -> Iterable[_Row]:
        if isinstance(self._statement, Insert) and len(values) > 1:  # rows of one statement
            return connection.execute(self._statement, values)
        return chain.from_iterable(connection.execute(self._statement, one) for one in values)

    def _for(self, dialect: Dialect) -> _Written:
        if self._written is None:
            self._written = _Written(self._statement, dialect, self._names)
        return self._written


class _Written:
    """The text of a statement for SQLite, and how its values go in and out."""

    __slots__ = ("_fixed", "_in", "_out", "text")

    def __init__(self, statement: ReturnsRows, dialect: Dialect, names: Sequence[str]) -> None:
        compiled = statement.compile(dialect=dialect, column_keys=list(names) or None)
        self.text: Final = str(compiled)
        binds = [(name, compiled.binds[name]) for name in compiled.positiontup or ()]
        self._fixed: Final = {name: bind.value for name, bind in binds if not bind.required}
        self._in: Final = tuple((name, bind.type.dialect_impl(dialect).bind_processor(dialect)) for name, bind in binds)
        self._out: Final[tuple[_Process | None, ...]] = tuple(
            column.type.dialect_impl(dialect).result_processor(dialect, None) for column in statement.exported_columns
        )

    def bound(self, values: Values) -> list[Any]:
        """What goes in the places of the text, in their order."""
        known = {**self._fixed, **values} if self._fixed else values
        return [known[name] if process is None else process(known[name]) for name, process in self._in]

    def read(self, row: Sequence[Any]) -> Sequence[Any]:
        return [value if out is None else out(value) for value, out in zip(row, self._out, strict=True)]


def say(connection: Connection, statement: str) -> None:
    """Execute a statement of SQLite without values that gives nothing back."""
    try:
        _driver(connection).execute(statement).close()
    except sqlite3.Error as error:
        raise _as_sqlalchemy_has_it(statement, error) from error


def _driver(connection: Connection) -> sqlite3.Connection:
    driver = connection.connection.driver_connection
    if not isinstance(driver, sqlite3.Connection):
        raise TypeError("this is no connection of SQLite")
    return driver


def _as_sqlalchemy_has_it(text: str, error: sqlite3.Error) -> BaseException:
    return exc.DBAPIError.instance(text, None, error, sqlite3.Error, hide_parameters=True)
