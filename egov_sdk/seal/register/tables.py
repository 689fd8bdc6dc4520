"""The tables of the register of seals. Keys are kept wrapped, each bound to the number of its seal."""

from __future__ import annotations

from typing import Final

from egov_sdk.storage import Migration, Schema
from egov_sdk.storage.sql import BigInteger, Column, LargeBinary, MetaData, Table, Text, UtcTime

__all__ = ["SEALS", "SEAL_REGISTER", "USES"]

_TABLES: Final = MetaData()

SEALS: Final = Table(
    "seal_seals",
    _TABLES,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("owner_name", Text, nullable=False),
    Column("owner_code", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("valid_from", UtcTime, nullable=False),
    Column("valid_to", UtcTime, nullable=False),
    Column("made_at", UtcTime, nullable=False),
    Column("changed_at", UtcTime, nullable=False),
    Column("file", LargeBinary, nullable=False),
    Column("certificate", LargeBinary, nullable=False),
    Column("wrapped_key", LargeBinary),
)
USES: Final = Table(
    "seal_uses",
    _TABLES,
    Column("seal", Text, primary_key=True),
    Column("number", BigInteger, primary_key=True),
    Column("action", Text, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("actor", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("before", Text, nullable=False),
    Column("after", Text, nullable=False),
)

_FIRST: Final = Migration(
    1,
    "seals and their uses",
    (
        """
CREATE TABLE seal_seals (
    id TEXT NOT NULL PRIMARY KEY, name TEXT NOT NULL, owner_name TEXT NOT NULL, owner_code TEXT NOT NULL,
    state TEXT NOT NULL, valid_from BIGINT NOT NULL, valid_to BIGINT NOT NULL, made_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL, file {bytes} NOT NULL, certificate {bytes} NOT NULL, wrapped_key {bytes}
)""",
        "CREATE INDEX seal_seals_owner ON seal_seals (owner_code, id)",
        """
CREATE TABLE seal_uses (
    seal TEXT NOT NULL REFERENCES seal_seals (id), number BIGINT NOT NULL, action TEXT NOT NULL, at BIGINT NOT NULL,
    actor TEXT NOT NULL, reason TEXT NOT NULL, before TEXT NOT NULL, after TEXT NOT NULL,
    PRIMARY KEY (seal, number)
)""",
    ),
)

SEAL_REGISTER: Final = Schema("seal", _TABLES, (_FIRST,))
