"""The words of SQLAlchemy Core that this project's rooms use, and types and statements of our own beside them.

Rooms take SQLAlchemy from here and from nowhere else. What these words mean is in SQLAlchemy's own reference; this
module's ``__all__`` names only what is ours.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, Final, TypeVar, cast

from sqlalchemy import BigInteger as BigInteger
from sqlalchemy import Column as Column
from sqlalchemy import ColumnElement as ColumnElement
from sqlalchemy import Connection as Connection
from sqlalchemy import Dialect as Dialect
from sqlalchemy import Executable as Executable
from sqlalchemy import Index as Index
from sqlalchemy import LargeBinary as LargeBinary
from sqlalchemy import MetaData as MetaData
from sqlalchemy import RowMapping as RowMapping
from sqlalchemy import Select as Select
from sqlalchemy import Table as Table
from sqlalchemy import Text as Text
from sqlalchemy import Update as Update
from sqlalchemy import and_ as and_
from sqlalchemy import any_, true
from sqlalchemy import bindparam as bindparam
from sqlalchemy import case as case
from sqlalchemy import delete as delete
from sqlalchemy import exists as exists
from sqlalchemy import func as func
from sqlalchemy import insert as insert
from sqlalchemy import or_ as or_
from sqlalchemy import select as select
from sqlalchemy import type_coerce as type_coerce
from sqlalchemy import update as update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.types import NullType as NullType
from sqlalchemy.types import TypeDecorator

from egov_sdk.storage._arrays import Array
from egov_sdk.storage.problems import NO_JSON, NO_TIME, broken
from egov_sdk.times import aware

__all__ = [
    "JsonObject",
    "UtcTime",
    "among",
    "insert_together",
    "insert_unless_there",
    "json_text",
    "microseconds_of",
    "moment",
    "read_object",
    "sought",
    "together",
    "upsert",
]

_Query = TypeVar("_Query", bound="Select[Any]")
_WRITER: Final = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)

#: The statement that ``upsert`` gives, of whichever database.
Upsert = sqlite.Insert | postgresql.Insert


def microseconds_of(at: datetime) -> int:
    """Microseconds since 1970, as times are kept.

    Raises:
        ValueError: ``at`` has no time zone.
    """
    return (aware(at, "a time") - _EPOCH) // _MICROSECOND


def moment(microseconds: int) -> datetime:
    """The time, in UTC, that was kept as microseconds since 1970.

    Raises:
        StorageError: damaged: no calendar has such a time.
    """
    try:
        return _EPOCH + timedelta(microseconds=microseconds)
    except (OverflowError, TypeError):
        raise broken("damaged", where="", found=NO_TIME) from None


def read_object(text: str) -> Mapping[str, object]:
    """The object that was kept as JSON.

    Raises:
        StorageError: damaged: it is none.
    """
    try:
        value = json.loads(text)
    except (ValueError, TypeError):
        value = None
    if not isinstance(value, dict):
        raise broken("damaged", where="", found=NO_JSON)
    return value


class UtcTime(TypeDecorator[datetime]):
    """A moment, kept as microseconds since 1970 so that every database orders it alike; given back in UTC."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        return None if value is None else microseconds_of(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        return None if value is None else moment(value)


class JsonObject(TypeDecorator[Mapping[str, object]]):
    """An object, kept as JSON text with its names in order, so that equal objects are equal texts."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Mapping[str, object] | None, dialect: Dialect) -> str | None:
        return None if value is None else json_text(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Mapping[str, object] | None:
        return None if value is None else read_object(value)


def json_text(value: Mapping[str, object]) -> str:
    """An object as text: names in order, no blanks, no NaN."""
    return _WRITER.encode(value)


def upsert(dialect: str, table: Table) -> Upsert:
    """An INSERT, for one database, that can say what to do with a row that is there already (ON CONFLICT)."""
    return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)


@cache
def insert_together(dialect: str, table: Table, names: tuple[str, ...]) -> Upsert:
    """An INSERT of many rows with these columns, to be ``Prepared`` and told what ``together`` makes of the rows.

    Columns are texts, whole numbers, times or octets. In PostgreSQL each column is one array: so the statement is the
    same for any number of rows, and planned once.
    """
    if dialect != "postgresql":
        return sqlite.insert(table)
    arrays = (bindparam(name, type_=Array(table.c[name].type)) for name in names)
    rows = func.unnest(*arrays).table_valued(*names).render_derived()
    return postgresql.insert(table).from_select(names, select(*(rows.c[name] for name in names)))


def together(dialect: str, rows: Sequence[Mapping[str, object]]) -> Sequence[Mapping[str, object]]:
    """Rows as ``insert_together`` wants them; all have the same columns."""
    return [{name: [row[name] for row in rows] for name in rows[0]}] if dialect == "postgresql" else rows


def among(dialect: str, one: Column[object], name: str) -> ColumnElement[bool]:
    """Whether a column has one of the values that are given under a name, any number of them."""
    if dialect == "postgresql":
        return one == any_(bindparam(name, type_=Array(one.type)))
    return one.in_(bindparam(name, expanding=True))


def sought(dialect: str, query: _Query, one: Column[object], name: str) -> _Query:
    """The rows of a query in which a column has one of the values given under a name, each looked up by itself.

    As ``among``, for a column that stands behind others in an index: PostgreSQL takes a table of which it has no
    statistics yet for a small one, and would read all that the others let through.
    """
    if dialect != "postgresql":
        return query.where(among(dialect, one, name))
    value = func.unnest(bindparam(name, type_=Array(one.type))).table_valued("value").render_derived(name="sought")
    found = query.where(one == value.c.value).offset(0).lateral()  # the offset keeps it from being joined otherwise
    return cast("_Query", select(found).join_from(value, found, true()))


@cache
def _unless_there(dialect: str, table: Table) -> Executable:
    return upsert(dialect, table).on_conflict_do_nothing().returning(*table.primary_key)


def insert_unless_there(connection: Connection, table: Table, values: Mapping[str, object]) -> bool:
    """Insert a row unless one with the same key is there; whether it was inserted. Of many at once, one is."""
    return connection.execute(_unless_there(connection.dialect.name, table), values).first() is not None
