"""The tables of this room: the audit log with the head of each chain, and keys that expire."""

from __future__ import annotations

from typing import Final

from egov_sdk.storage.migrations import Migration, PerDatabase, Schema
from egov_sdk.storage.sql import BigInteger, Column, LargeBinary, MetaData, Table, Text, UtcTime

__all__ = ["AUDIT", "AUDIT_HEADS", "KEYS", "STORAGE"]

_TABLES: Final = MetaData()

AUDIT: Final = Table(
    "storage_audit",
    _TABLES,
    Column("chain", Text, primary_key=True),
    Column("number", BigInteger, primary_key=True),
    Column("at", UtcTime, nullable=False),
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("previous", LargeBinary, nullable=False),
    Column("digest", LargeBinary, nullable=False),
)
AUDIT_HEADS: Final = Table(
    "storage_audit_heads",
    _TABLES,
    Column("chain", Text, primary_key=True),
    Column("number", BigInteger, nullable=False),
    Column("digest", LargeBinary, nullable=False),
)
KEYS: Final = Table(
    "storage_keys",
    _TABLES,
    Column("realm", Text, primary_key=True),
    Column("key", LargeBinary, primary_key=True),
    Column("until", UtcTime, nullable=False),
    Column("value", Text, nullable=True),
)

_NO_CHANGE: Final = PerDatabase(
    sqlite="""
CREATE TRIGGER storage_audit_no_{what} BEFORE {WHAT} ON storage_audit
BEGIN SELECT RAISE(ABORT, 'the audit log is only ever added to'); END
""",
    postgresql="""
CREATE TRIGGER storage_audit_no_{what} BEFORE {WHAT} ON storage_audit
FOR EACH STATEMENT EXECUTE FUNCTION storage_audit_refuse()
""",
)


def _refused(what: str) -> PerDatabase:
    sqlite, postgresql = (
        text.replace("{what}", what).replace("{WHAT}", what.upper())
        for text in (_NO_CHANGE.sqlite, _NO_CHANGE.postgresql)
    )
    return PerDatabase(sqlite, postgresql)


_FIRST: Final = Migration(
    1,
    "audit log and keys",
    (
        """
CREATE TABLE storage_audit (
    chain TEXT NOT NULL, number BIGINT NOT NULL, at BIGINT NOT NULL, actor TEXT NOT NULL, action TEXT NOT NULL,
    subject TEXT NOT NULL, detail TEXT NOT NULL, previous {bytes} NOT NULL, digest {bytes} NOT NULL,
    PRIMARY KEY (chain, number)
)
""",
        "CREATE INDEX storage_audit_by_subject ON storage_audit (chain, subject, number)",
        "CREATE TABLE storage_audit_heads ("
        "chain TEXT NOT NULL PRIMARY KEY, number BIGINT NOT NULL, digest {bytes} NOT NULL)",
        PerDatabase(
            sqlite="",
            postgresql="""
CREATE FUNCTION storage_audit_refuse() RETURNS trigger LANGUAGE plpgsql
AS 'BEGIN RAISE EXCEPTION ''the audit log is only ever added to'' USING ERRCODE = ''restrict_violation''; END'
""",
        ),
        _refused("update"),
        _refused("delete"),
        PerDatabase(sqlite="", postgresql=_refused("truncate").postgresql),
        """
CREATE TABLE storage_keys (
    realm TEXT NOT NULL, key {bytes} NOT NULL, until BIGINT NOT NULL, value TEXT, PRIMARY KEY (realm, key)
)
""",
        "CREATE INDEX storage_keys_by_time ON storage_keys (realm, until)",
    ),
)

#: The tables of this room; ``Store.prepare`` sees to them first.
STORAGE: Final = Schema("storage", _TABLES, (_FIRST,))
