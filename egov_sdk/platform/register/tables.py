"""The tables of a served province. Secrets are kept wrapped, each bound to its caller and its number."""

from __future__ import annotations

from typing import Final

from egov_sdk.storage import Migration, Schema
from egov_sdk.storage.sql import BigInteger, Column, JsonObject, LargeBinary, MetaData, Table, Text, UtcTime

__all__ = ["CALLERS", "CREDENTIALS", "PLATFORM", "RATES"]

_TABLES: Final = MetaData()

CALLERS: Final = Table(
    "platform_callers",
    _TABLES,
    Column("id", Text, primary_key=True),
    Column("department_name", Text, nullable=False),
    Column("department_code", Text, nullable=False),
    Column("settings", JsonObject, nullable=False),
    Column("state", Text, nullable=False),
    Column("added_by", Text, nullable=False),
    Column("added_at", UtcTime, nullable=False),
    Column("changed_at", UtcTime, nullable=False),
)
CREDENTIALS: Final = Table(
    "platform_credentials",
    _TABLES,
    Column("caller", Text, primary_key=True),
    Column("number", BigInteger, primary_key=True),
    Column("wrapped", LargeBinary),
    Column("public_key", LargeBinary),
    Column("made_at", UtcTime, nullable=False),
    Column("until", UtcTime),
)
#: ``due``: when, in microseconds since 1970, everything that this caller has asked for is paid off.
RATES: Final = Table(
    "platform_rates",
    _TABLES,
    Column("caller", Text, primary_key=True),
    Column("due", BigInteger, nullable=False),
)

_FIRST: Final = Migration(
    1,
    "callers, their keys and rates",
    (
        """
CREATE TABLE platform_callers (
    id TEXT NOT NULL PRIMARY KEY, department_name TEXT NOT NULL, department_code TEXT NOT NULL,
    settings TEXT NOT NULL, state TEXT NOT NULL, added_by TEXT NOT NULL, added_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL
)""",
        """
CREATE TABLE platform_credentials (
    caller TEXT NOT NULL REFERENCES platform_callers (id), number BIGINT NOT NULL, wrapped {bytes},
    public_key {bytes}, made_at BIGINT NOT NULL, until BIGINT, PRIMARY KEY (caller, number)
)""",
        "CREATE TABLE platform_rates (caller TEXT NOT NULL PRIMARY KEY, due BIGINT NOT NULL)",
    ),
)

_SECOND: Final = Migration(
    2,
    "whose it is",
    ("CREATE TABLE platform_office (number BIGINT NOT NULL PRIMARY KEY, code TEXT NOT NULL, root TEXT NOT NULL)",),
)

#: The door says it now, of every office.
_THIRD: Final = Migration(3, "whose it is, said elsewhere", ("DROP TABLE platform_office",))

#: What a served province keeps.
PLATFORM: Final = Schema("platform", _TABLES, (_FIRST, _SECOND, _THIRD))
