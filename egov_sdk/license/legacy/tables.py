"""The tables of imports: each batch with its counts, and what became of each of its rows.

Nothing of the rows themselves is kept here: neither names nor numbers of people. An error sheet is made from the file.
"""

from __future__ import annotations

from typing import Final

from egov_sdk.storage import Migration, Schema
from egov_sdk.storage.sql import BigInteger, Column, MetaData, Table, Text, UtcTime

__all__ = ["BATCHES", "LEGACY", "ROWS"]

_TABLES: Final = MetaData()

BATCHES: Final = Table(
    "legacy_batches",
    _TABLES,
    Column("id", Text, primary_key=True),
    Column("file_name", Text, nullable=False),
    Column("file_digest", Text, nullable=False),
    Column("mapping", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("last_row", BigInteger, nullable=False),
    Column("invalid", BigInteger, nullable=False),
    Column("stored", BigInteger, nullable=False),
    Column("failed", BigInteger, nullable=False),
    Column("skipped", BigInteger, nullable=False),
    Column("begun_at", UtcTime, nullable=False),
    Column("changed_at", UtcTime, nullable=False),
)
ROWS: Final = Table(
    "legacy_rows",
    _TABLES,
    Column("batch", Text, primary_key=True),
    Column("number", BigInteger, primary_key=True),
    Column("state", Text, nullable=False),
    Column("identifier", Text, nullable=False),
    Column("problems", Text, nullable=False),
)

_FIRST: Final = Migration(
    1,
    "imports of old licences",
    (
        """
CREATE TABLE legacy_batches (
    id TEXT NOT NULL PRIMARY KEY, file_name TEXT NOT NULL, file_digest TEXT NOT NULL, mapping TEXT NOT NULL,
    state TEXT NOT NULL, last_row BIGINT NOT NULL, invalid BIGINT NOT NULL, stored BIGINT NOT NULL,
    failed BIGINT NOT NULL, skipped BIGINT NOT NULL, begun_at BIGINT NOT NULL, changed_at BIGINT NOT NULL
)
""",
        "CREATE INDEX legacy_batches_by_file ON legacy_batches (file_digest)",
        """
CREATE TABLE legacy_rows (
    batch TEXT NOT NULL REFERENCES legacy_batches (id), number BIGINT NOT NULL, state TEXT NOT NULL,
    identifier TEXT NOT NULL, problems TEXT NOT NULL, PRIMARY KEY (batch, number)
)
""",
        "CREATE INDEX legacy_rows_by_state ON legacy_rows (batch, state, number)",
        "CREATE INDEX legacy_rows_by_identifier ON legacy_rows (identifier)",
    ),
)

#: The tables of imports; ``Store.prepare`` makes them.
LEGACY: Final = Schema("legacy", _TABLES, (_FIRST,))
