"""The tables of the console: who works here, and who is signed in. Of sessions only SM3 digests are kept."""

from __future__ import annotations

from typing import Final

from egov_sdk.storage import Migration, Schema
from egov_sdk.storage.sql import BigInteger, Column, LargeBinary, MetaData, Table, Text, UtcTime

__all__ = ["CONSOLE", "SESSIONS", "STAFF"]

_TABLES: Final = MetaData()

#: Who was removed stays, without a password: the audit log speaks of ids.
STAFF: Final = Table(
    "console_staff",
    _TABLES,
    Column("id", Text, primary_key=True),
    Column("login", Text, nullable=False),
    Column("power", Text, nullable=False),
    Column("password", Text),
    Column("must_change", BigInteger, nullable=False),
    Column("added_at", UtcTime, nullable=False),
    Column("removed_at", UtcTime),
)
SESSIONS: Final = Table(
    "console_sessions",
    _TABLES,
    Column("key", LargeBinary, primary_key=True),
    Column("staff", Text, nullable=False),
    Column("begun_at", UtcTime, nullable=False),
    Column("seen_at", UtcTime, nullable=False),
    Column("until", UtcTime, nullable=False),
)

_FIRST: Final = Migration(
    1,
    "staff and their sessions",
    (
        """
CREATE TABLE console_staff (
    id TEXT NOT NULL PRIMARY KEY, login TEXT NOT NULL, power TEXT NOT NULL, password TEXT,
    must_change BIGINT NOT NULL, added_at BIGINT NOT NULL, removed_at BIGINT
)
""",
        "CREATE UNIQUE INDEX console_staff_login ON console_staff (login) WHERE removed_at IS NULL",
        """
CREATE TABLE console_sessions (
    key {bytes} NOT NULL PRIMARY KEY, staff TEXT NOT NULL, begun_at BIGINT NOT NULL, seen_at BIGINT NOT NULL,
    until BIGINT NOT NULL
)
""",
        "CREATE INDEX console_sessions_staff ON console_sessions (staff)",
    ),
)

#: What the console keeps.
CONSOLE: Final = Schema("console", _TABLES, (_FIRST,))
