"""The tables of the local catalogue: entries, all their versions, their history, and what is searched."""

from __future__ import annotations

from typing import Final

from egov_sdk.storage import Migration, Schema
from egov_sdk.storage.migrations import PerDatabase
from egov_sdk.storage.sql import BigInteger, Column, LargeBinary, MetaData, Table, Text, UtcTime

__all__ = ["CATALOG", "ENTRIES", "HARVESTED", "HARVESTS", "HISTORY", "SYNC", "TEXTS", "VERSIONS"]

_TABLES: Final = MetaData()

#: One row for each resource. What it is filtered by is that of the version that is shown.
ENTRIES: Final = Table(
    "catalog_entries",
    _TABLES,
    Column("id", BigInteger, primary_key=True),
    Column("code", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("latest", BigInteger, nullable=False),
    Column("shown", BigInteger, nullable=False),
    Column("origin", Text, nullable=False),
    Column("provider", Text, nullable=False),
    Column("sharing", Text, nullable=False),
    Column("changed_at", UtcTime, nullable=False),
)
VERSIONS: Final = Table(
    "catalog_versions",
    _TABLES,
    Column("entry", BigInteger, primary_key=True),
    Column("number", BigInteger, primary_key=True),
    Column("body", Text, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("made_at", UtcTime, nullable=False),
    Column("made_by", Text, nullable=False),
)
HISTORY: Final = Table(
    "catalog_history",
    _TABLES,
    Column("entry", BigInteger, primary_key=True),
    Column("number", BigInteger, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("action", Text, nullable=False),
    Column("before", Text, nullable=False),
    Column("after", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", UtcTime, nullable=False),
)
#: What is searched: the name, everything else, and the pairs of characters in both.
TEXTS: Final = Table(
    "catalog_texts",
    _TABLES,
    Column("id", BigInteger, primary_key=True),
    Column("title", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("pairs", Text, nullable=False),
)
#: What was last agreed on with other catalogues: the digest of each entry, by the other side; nothing for one that was
#: withdrawn. ``change`` is the last one that came here from there, by the count there; 0 where none did.
SYNC: Final = Table(
    "catalog_sync",
    _TABLES,
    Column("peer", Text, primary_key=True),
    Column("code", Text, primary_key=True),
    Column("digest", LargeBinary, nullable=False),
    Column("change", BigInteger, nullable=False),
)

#: Where the harvest of each source stands. ``revision`` tells of two who took the same page.
HARVESTS: Final = Table(
    "catalog_harvests",
    _TABLES,
    Column("source", Text, primary_key=True),
    Column("watermark", Text, nullable=False),
    Column("cursor", Text, nullable=False),
    Column("run", BigInteger, nullable=False),
    Column("pages", BigInteger, nullable=False),
    Column("is_full", BigInteger, nullable=False),
    Column("wrong", BigInteger, nullable=False),
    Column("failures", BigInteger, nullable=False),
    Column("problem", Text, nullable=False),
    Column("revision", BigInteger, nullable=False),
    Column("full_at", UtcTime, nullable=True),
    Column("last_at", UtcTime, nullable=True),
    Column("due_at", UtcTime, nullable=False),
)
#: The codes that came from each source, and in which run they were met last.
HARVESTED: Final = Table(
    "catalog_harvested",
    _TABLES,
    Column("source", Text, primary_key=True),
    Column("code", Text, primary_key=True),
    Column("run", BigInteger, nullable=False),
)

_FIRST: Final = Migration(
    1,
    "catalogue",
    (
        """
CREATE TABLE catalog_entries (
    id BIGINT NOT NULL PRIMARY KEY, code TEXT NOT NULL UNIQUE, state TEXT NOT NULL, latest BIGINT NOT NULL,
    shown BIGINT NOT NULL, origin TEXT NOT NULL, provider TEXT NOT NULL, sharing TEXT NOT NULL,
    changed_at BIGINT NOT NULL
)
""",
        "CREATE INDEX catalog_entries_by_state ON catalog_entries (state, code)",
        "CREATE INDEX catalog_entries_by_provider ON catalog_entries (provider, code)",
        "CREATE INDEX catalog_entries_by_sharing ON catalog_entries (sharing, code)",
        "CREATE INDEX catalog_entries_by_change ON catalog_entries (changed_at, id)",
        """
CREATE TABLE catalog_versions (
    entry BIGINT NOT NULL REFERENCES catalog_entries (id), number BIGINT NOT NULL, body TEXT NOT NULL,
    digest {bytes} NOT NULL, made_at BIGINT NOT NULL, made_by TEXT NOT NULL, PRIMARY KEY (entry, number)
)
""",
        """
CREATE TABLE catalog_history (
    entry BIGINT NOT NULL REFERENCES catalog_entries (id), number BIGINT NOT NULL, version BIGINT NOT NULL,
    action TEXT NOT NULL, before TEXT NOT NULL, after TEXT NOT NULL, actor TEXT NOT NULL, reason TEXT NOT NULL,
    at BIGINT NOT NULL, PRIMARY KEY (entry, number)
)
""",
        """
CREATE TABLE catalog_texts (
    id BIGINT NOT NULL PRIMARY KEY, title TEXT NOT NULL, body TEXT NOT NULL, pairs TEXT NOT NULL
)
""",
        """
CREATE TABLE catalog_sync (
    peer TEXT NOT NULL, code TEXT NOT NULL, digest {bytes} NOT NULL, PRIMARY KEY (peer, code)
)
""",
        PerDatabase(
            sqlite="""
CREATE VIRTUAL TABLE catalog_trigrams USING fts5 (title, body, content='', detail='full', tokenize='trigram')
""",
            postgresql="""
CREATE INDEX catalog_texts_by_pairs ON catalog_texts USING gin (string_to_array(pairs, ' '))
""",
        ),
        PerDatabase(
            sqlite="""
CREATE VIRTUAL TABLE catalog_pairs USING fts5 (
    title, body, content='', detail='column', columnsize=0, tokenize="unicode61 remove_diacritics 0"
)
""",
            postgresql="",
        ),
    ),
)

_SECOND: Final = Migration(
    2,
    "harvests",
    (
        """
CREATE TABLE catalog_harvests (
    source TEXT NOT NULL PRIMARY KEY, watermark TEXT NOT NULL, cursor TEXT NOT NULL, run BIGINT NOT NULL,
    pages BIGINT NOT NULL, is_full BIGINT NOT NULL, wrong BIGINT NOT NULL, failures BIGINT NOT NULL,
    problem TEXT NOT NULL, revision BIGINT NOT NULL, full_at BIGINT, last_at BIGINT, due_at BIGINT NOT NULL
)
""",
        """
CREATE TABLE catalog_harvested (
    source TEXT NOT NULL, code TEXT NOT NULL, run BIGINT NOT NULL, PRIMARY KEY (source, code)
)
""",
    ),
)

_THIRD: Final = Migration(
    3,
    "what comes late from another catalogue",
    ("ALTER TABLE catalog_sync ADD COLUMN change BIGINT NOT NULL DEFAULT 1",),
)

#: The tables of this room; ``Store.prepare`` makes them.
CATALOG: Final = Schema("catalog", _TABLES, (_FIRST, _SECOND, _THIRD))
