"""The tables of every room as the first release made them, with rows in each: kept in a file, so that code cannot
change what was released. ``python -m tests.golden.first_schema`` made the file; it is made once for each release.
"""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import inspect

from egov_sdk.platform.schemas import all_schemas
from egov_sdk.storage import Store, open_store
from egov_sdk.storage.sql import JsonObject

FILE = Path(__file__).with_name("first_schema.json")
AT = datetime(2026, 3, 1, tzinfo=UTC)
_MARK = "base64:"


def load() -> dict[str, Any]:
    """What the file holds."""
    value = json.loads(FILE.read_text("utf-8"))
    assert isinstance(value, dict)
    return value


def build(store: Store, *, extra: int = 0) -> None:
    """An old database, made from the file alone; with ``extra`` steps that no library has made."""
    kept = load()
    microseconds = int(AT.timestamp()) * 1_000_000
    with store.write() as connection:
        connection.exec_driver_sql(
            "CREATE TABLE storage_migrations (prefix TEXT NOT NULL, number BIGINT NOT NULL, name TEXT NOT NULL,"
            " checksum TEXT NOT NULL, applied_at BIGINT NOT NULL, PRIMARY KEY (prefix, number))"
        )
        for prefix, schema in kept["schemas"].items():
            for statement in schema[store.dialect]:
                connection.exec_driver_sql(statement)
            record = "INSERT INTO storage_migrations VALUES ('{}', {}, '{}', '{}', {})"
            connection.exec_driver_sql(record.format(prefix, 1, schema["name"], schema["checksum"], microseconds))
            for number in range(2, 2 + extra * 50):
                connection.exec_driver_sql(record.format(prefix, number, "later", "0" * 64, microseconds))
        for table, rows in kept["rows"].items():
            for row in rows:
                _insert(connection, table, row, store.dialect)


def _insert(connection: Any, table: str, row: dict[str, Any], dialect: str) -> None:
    values = {name: octets(value) for name, value in row.items()}
    sign = "%({})s" if dialect == "postgresql" else ":{}"
    names, holes = ", ".join(values), ", ".join(sign.format(name) for name in values)
    over = "OVERRIDING SYSTEM VALUE" if dialect == "postgresql" else ""
    connection.exec_driver_sql(f"INSERT INTO {table} ({names}) {over} VALUES ({holes})", values)


def octets(value: object) -> object:
    """A value as it goes into the database."""
    is_octets = isinstance(value, str) and value.startswith(_MARK)
    return base64.b64decode(str(value)[len(_MARK) :]) if is_octets else value


def make() -> dict[str, Any]:
    """The first step of every room, and two rows for each of its tables."""
    schemas = {}
    with open_store("sqlite://") as store:
        with store.write() as connection:
            for prefix, schema in all_schemas().items():
                first = schema.migrations[0]
                schemas[prefix] = {
                    "name": first.name,
                    "checksum": first.checksum,
                    **{dialect: list(first.for_database(dialect)) for dialect in ("sqlite", "postgresql")},
                }
                for statement in first.for_database("sqlite"):
                    connection.exec_driver_sql(statement)
        return {"schemas": schemas, "rows": _rows(store)}


def _rows(store: Store) -> dict[str, list[dict[str, Any]]]:
    columns = {
        (name, column.name): column.type
        for schema in all_schemas().values()
        for name, table in schema.tables.tables.items()
        for column in table.columns
    }
    rows: dict[str, list[dict[str, Any]]] = {}
    with store.read() as connection:
        inspector = inspect(connection)
        for name, _ in inspector.get_sorted_table_and_fkc_names():
            if name is None or not any(name == table for table, _ in columns):
                continue
            points = {
                mine: (key["referred_table"], theirs)
                for key in inspector.get_foreign_keys(name)
                for mine, theirs in zip(key["constrained_columns"], key["referred_columns"], strict=True)
            }
            rows[name] = []
            for number in (1, 2):
                row: dict[str, Any] = {}
                for column in inspector.get_columns(name):
                    mine = column["name"]
                    if mine in points:
                        table, theirs = points[mine]
                        row[mine] = rows[table][number - 1][theirs]
                    else:
                        row[mine] = _value(str(column["type"]), columns.get((name, mine)), f"{name}.{mine}", number)
                rows[name].append(row)
    return rows


def _value(kind: str, believed: object, name: str, number: int) -> object:
    if "BLOB" in kind:
        return _MARK + base64.b64encode(f"{name} {number}".encode()).decode("ascii")
    if "INT" in kind:
        return number
    return '{"golden":1}' if isinstance(believed, JsonObject) else f"{name} {number}"


if __name__ == "__main__":
    FILE.write_text(json.dumps(make(), ensure_ascii=False, indent=1) + "\n", "utf-8")
