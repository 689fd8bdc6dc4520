"""The tables of each room, and the steps that made them: in order, forward only, recorded with a checksum."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from egov_sdk.crypto.hashes import sm3
from egov_sdk.storage.problems import UPDATE, broken
from egov_sdk.storage.sql import (
    BigInteger,
    Column,
    Connection,
    MetaData,
    Table,
    Text,
    UtcTime,
    insert,
    microseconds_of,
    select,
)

if TYPE_CHECKING:
    from egov_sdk.storage.store import Store

__all__ = ["Migration", "PerDatabase", "Schema", "migrate", "recorded_versions", "schema_differences"]

_PREFIX: Final = re.compile(r"[a-z][a-z0-9]{2,15}")
#: What a statement changes: the name behind these words must begin with the room's prefix.
_CHANGES: Final = re.compile(
    r"\s*(?:CREATE (?:TABLE|VIRTUAL TABLE|UNIQUE INDEX|INDEX|TRIGGER|FUNCTION)|ALTER TABLE"
    r"|DROP (?:TABLE|INDEX|TRIGGER|FUNCTION)|INSERT INTO|UPDATE|DELETE FROM)\s+([a-z0-9_]+)"
)
_TYPED: Final = re.compile(r"\{(bytes)\}")
_TYPES: Final = {"sqlite": {"bytes": "BLOB"}, "postgresql": {"bytes": "BYTEA"}}
#: Taken while steps are applied, so that of several programs that start together one does it.
_LOCK: Final = int.from_bytes(sm3(b"egov_sdk.storage.migrations")[:8], "big", signed=True)


@dataclass(frozen=True, slots=True)
class PerDatabase:
    """A statement that SQLite and PostgreSQL write differently; empty where one has no need of it."""

    sqlite: str
    postgresql: str


@dataclass(frozen=True, slots=True)
class Migration:
    """One step: SQL that both databases understand, with ``{bytes}`` for the type of octets.

    Once released it never changes; its checksum is kept with it.
    """

    number: int
    name: str
    statements: tuple[str | PerDatabase, ...]

    @property
    def checksum(self) -> str:
        """SM3 over the number, the name and all statements."""
        parts = [str(self.number), self.name]
        for one in self.statements:
            parts += [one] if isinstance(one, str) else ["sqlite", one.sqlite, "postgresql", one.postgresql]
        return sm3(b"".join(len(part.encode()).to_bytes(4, "big") + part.encode() for part in parts)).hex()

    def for_database(self, dialect: str) -> tuple[str, ...]:
        """The statements as one database is told them."""
        chosen = (one if isinstance(one, str) else getattr(one, dialect) for one in self.statements)
        return tuple(_TYPED.sub(lambda found: _TYPES[dialect][found[1]], one) for one in chosen if one)


@dataclass(frozen=True, slots=True)
class Schema:
    """The tables of one room, all of whose names begin with its prefix, and the steps that make them.

    Raises:
        ValueError: a table or a step is not named so, or the steps are not numbered 1, 2, 3 …
    """

    prefix: str
    tables: MetaData
    migrations: tuple[Migration, ...]

    def __post_init__(self) -> None:
        if not _PREFIX.fullmatch(self.prefix):
            raise ValueError(f"a prefix is 3 to 16 small letters and digits, got {self.prefix!r}")
        if [step.number for step in self.migrations] != list(range(1, len(self.migrations) + 1)):
            raise ValueError("migrations are numbered 1, 2, 3 …")
        changed = [name for step in self.migrations for name in _changed(step)]
        for name in (*self.tables.tables, *changed):
            if not name.startswith(self.prefix + "_"):
                raise ValueError(f"{name!r} does not begin with {self.prefix}_")

    @property
    def version(self) -> int:
        """The number of the last step."""
        return len(self.migrations)


def _changed(step: Migration) -> Iterable[str]:
    for dialect in _TYPES:
        for statement in step.for_database(dialect):
            found = _CHANGES.match(statement)
            yield found[1] if found else statement


_RECORD: Final = Table(
    "storage_migrations",
    MetaData(),
    Column("prefix", Text, primary_key=True),
    Column("number", BigInteger, primary_key=True),
    Column("name", Text, nullable=False),
    Column("checksum", Text, nullable=False),
    Column("applied_at", UtcTime, nullable=False),
)
_MAKE_RECORD: Final = """
CREATE TABLE IF NOT EXISTS storage_migrations (
    prefix TEXT NOT NULL, number BIGINT NOT NULL, name TEXT NOT NULL, checksum TEXT NOT NULL,
    applied_at BIGINT NOT NULL, PRIMARY KEY (prefix, number)
)
"""
_Record = dict[str, list[tuple[int, str]]]


def migrate(store: Store, schemas: Sequence[Schema], *, at: datetime) -> None:
    """Apply the steps that a database lacks, in one transaction: all of them or none.

    Raises:
        StorageError: schema_newer, schema_changed, schema_gap: the tables were made by something else.
        ValueError: two schemas have one prefix, or ``at`` has no time zone.
    """
    from egov_sdk.storage.tables import STORAGE

    wanted = (STORAGE, *schemas)
    if len({schema.prefix for schema in wanted}) != len(wanted):
        raise ValueError("two schemas have one prefix")
    microseconds_of(at)
    with store.read() as connection:
        record = _recorded(connection) if _has_record(connection) else {}
        if all(not _lacking(schema, record) for schema in wanted):
            return
    with store.write() as connection:
        if store.dialect == "postgresql":
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
        connection.exec_driver_sql(_MAKE_RECORD)
        record = _recorded(connection)
        for schema in wanted:
            for step in _lacking(schema, record):
                _apply(connection, schema, step, at)


def recorded_versions(connection: Connection) -> dict[str, int]:
    """The number of the last step of each prefix that a database has; empty for one that was never prepared."""
    if not _has_record(connection):
        return {}
    return {prefix: max(number for number, _ in steps) for prefix, steps in _recorded(connection).items()}


def _has_record(connection: Connection) -> bool:
    return bool(connection.dialect.has_table(connection, _RECORD.name))


def _recorded(connection: Connection) -> _Record:
    record: _Record = {}
    rows = connection.execute(select(_RECORD).order_by(_RECORD.c.prefix, _RECORD.c.number))
    for row in rows.mappings():
        record.setdefault(row["prefix"], []).append((row["number"], row["checksum"]))
    return record


def _lacking(schema: Schema, record: _Record) -> tuple[Migration, ...]:
    """The steps that are still to be done, after those that were done are known to be ours."""
    applied = record.get(schema.prefix, [])
    for place, (number, checksum) in enumerate(applied, 1):
        if number != place:
            raise broken("schema_gap", prefix=schema.prefix, number=place)
        if number > schema.version:
            last = applied[-1][0]
            raise broken("schema_newer", hint=UPDATE, prefix=schema.prefix, found=last, expected=schema.version)
        step = schema.migrations[number - 1]
        if step.checksum != checksum:
            raise broken("schema_changed", prefix=schema.prefix, number=number, name=step.name)
    return schema.migrations[len(applied) :]


def _apply(connection: Connection, schema: Schema, step: Migration, at: datetime) -> None:
    for statement in step.for_database(connection.dialect.name):
        connection.exec_driver_sql(statement)
    connection.execute(
        insert(_RECORD).values(
            prefix=schema.prefix, number=step.number, name=step.name, checksum=step.checksum, applied_at=at
        )
    )


def schema_differences(store: Store, schema: Schema) -> tuple[str, ...]:
    """Where the tables in the database are not those that the code believes in; empty when all is well."""
    from sqlalchemy import inspect

    found = []
    with store.read() as connection:
        inspector = inspect(connection)
        there = {name for name in inspector.get_table_names() if name.startswith(schema.prefix + "_")}
        there.discard(_RECORD.name)
        found += [f"{name} is missing" for name in schema.tables.tables.keys() - there]
        found += [f"{name} is not known" for name in there - schema.tables.tables.keys()]
        for name in sorted(there & schema.tables.tables.keys()):
            actual = {one["name"]: (_family(one["type"]), bool(one["nullable"])) for one in inspector.get_columns(name)}
            table = schema.tables.tables[name]
            expected = {one.name: (_family(one.type), bool(one.nullable)) for one in table.columns}
            found += [
                f"{name}.{column} is {actual.get(column)}, expected {expected.get(column)}"
                for column in sorted(actual.keys() | expected.keys())
                if actual.get(column) != expected.get(column)
            ]
            key = tuple(inspector.get_pk_constraint(name)["constrained_columns"])
            if key != tuple(column.name for column in table.primary_key):
                found.append(f"{name} has the key {key}")
    return tuple(sorted(found))


def _family(kind: object) -> str:
    """Text, number or octets, whatever a database calls them."""
    text = str(getattr(kind, "impl", kind)).upper()
    return next((family for family, words in _FAMILIES.items() if any(word in text for word in words)), text)


_FAMILIES: Final = {"octets": ("BLOB", "BYTEA", "BINARY"), "text": ("TEXT", "CHAR"), "number": ("INT",)}
