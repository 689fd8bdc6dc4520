"""The tables of a node: messages both ways, what they say, their receipts, pulls, quotas and time stamps.

``due_at`` is when somebody has to look at a message next; a lease is a ``due_at`` in the future with a token beside
it, so that work of a worker who was killed comes up again by itself. It is NULL for what is finished.
"""

from __future__ import annotations

from typing import Final

from egov_sdk.storage import Migration, Schema
from egov_sdk.storage.migrations import PerDatabase
from egov_sdk.storage.sql import BigInteger, Column, LargeBinary, MetaData, Table, Text, UtcTime

__all__ = [
    "ATTACHMENTS",
    "AWAITED",
    "BUCKETS",
    "CHUNKS",
    "CONTENTS",
    "FILES",
    "MESSAGES",
    "NODE",
    "OUTCOMES",
    "PULLS",
    "RECEIPTS",
    "SECRETS",
    "STAMPS",
]

_TABLES: Final = MetaData()

MESSAGES: Final = Table(
    "node_messages",
    _TABLES,
    Column("number", BigInteger, primary_key=True),
    Column("direction", Text, nullable=False),
    Column("peer", Text, nullable=False),
    Column("sender", Text, nullable=False),
    Column("receiver", Text, nullable=False),
    Column("id", Text, nullable=False),
    Column("service", Text, nullable=False),
    Column("resource", Text, nullable=False),
    Column("conversation", Text, nullable=False),
    Column("correlation", Text, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("signed", LargeBinary, nullable=False),  # SM3 of the sender's signature
    Column("draft", LargeBinary, nullable=False),  # SM3 of what the application gave, where it gave the id
    Column("size", BigInteger, nullable=False),
    Column("rank", BigInteger, nullable=False),  # the lower goes first
    Column("state", Text, nullable=False),
    Column("due_at", UtcTime, nullable=True),
    Column("lease", Text, nullable=False),
    Column("attempts", BigInteger, nullable=False),
    Column("problem", Text, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime, nullable=False),
    Column("stored_at", UtcTime, nullable=False),
    Column("updated_at", UtcTime, nullable=False),
    Column("finished_at", UtcTime, nullable=True),
)
CONTENTS: Final = Table(
    "node_contents",
    _TABLES,
    Column("number", BigInteger, primary_key=True),
    Column("content", LargeBinary, nullable=False),
)
RECEIPTS: Final = Table(
    "node_receipts",
    _TABLES,
    Column("number", BigInteger, primary_key=True),
    Column("receipt", LargeBinary, nullable=False),
)
#: What became of a message after it was accepted, in its receiver's words: a second receipt, which the last one stays.
OUTCOMES: Final = Table(
    "node_outcomes",
    _TABLES,
    Column("number", BigInteger, primary_key=True),
    Column("receipt", LargeBinary, nullable=False),
)
PULLS: Final = Table(
    "node_pulls",
    _TABLES,
    Column("name", Text, primary_key=True),
    Column("watermark", Text, nullable=False),
    Column("due_at", UtcTime, nullable=False),
    Column("lease", Text, nullable=False),
    Column("last_at", UtcTime, nullable=True),
    Column("failures", BigInteger, nullable=False),
    Column("problem", Text, nullable=False),
)
BUCKETS: Final = Table(
    "node_buckets",
    _TABLES,
    Column("peer", Text, primary_key=True),
    Column("taken", BigInteger, nullable=False),
    Column("since", UtcTime, nullable=False),
)
STAMPS: Final = Table(
    "node_stamps",
    _TABLES,
    Column("chain", Text, primary_key=True),
    Column("number", BigInteger, primary_key=True),
    Column("digest", LargeBinary, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("token", LargeBinary, nullable=False),
)

FILES: Final = Table(
    "node_files",
    _TABLES,
    Column("file", LargeBinary, primary_key=True),
    Column("owner", Text, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("length", BigInteger, nullable=False),
    Column("chunk_bytes", BigInteger, nullable=False),
    Column("manifest", LargeBinary, nullable=False),  # empty until it is there
    Column("held", BigInteger, nullable=False),  # so many chunks are there
    Column("touched_at", UtcTime, nullable=False),
)
CHUNKS: Final = Table(
    "node_chunks",
    _TABLES,
    Column("file", LargeBinary, primary_key=True),
    Column("position", BigInteger, primary_key=True),
    Column("content", LargeBinary, nullable=False),
)
#: The files of messages that are kept here.
ATTACHMENTS: Final = Table(
    "node_attachments",
    _TABLES,
    Column("number", BigInteger, primary_key=True),
    Column("place", BigInteger, primary_key=True),
    Column("file", LargeBinary, nullable=False),
)
#: The files of messages that cannot be accepted before these are whole, and the key of their pieces.
AWAITED: Final = Table(
    "node_awaited",
    _TABLES,
    Column("sender", Text, primary_key=True),
    Column("message", Text, primary_key=True),
    Column("file", LargeBinary, primary_key=True),
    Column("secret", LargeBinary, nullable=False),
    Column("until", UtcTime, nullable=False),
)
#: The keys of messages to be sent that have attachments: under the same key a transfer goes on after a cut.
SECRETS: Final = Table(
    "node_secrets",
    _TABLES,
    Column("number", BigInteger, primary_key=True),
    Column("secret", LargeBinary, nullable=False),
)

_MESSAGES: Final = """
CREATE TABLE node_messages (
    number {number}, direction TEXT NOT NULL, peer TEXT NOT NULL, sender TEXT NOT NULL, receiver TEXT NOT NULL,
    id TEXT NOT NULL, service TEXT NOT NULL, resource TEXT NOT NULL, conversation TEXT NOT NULL,
    correlation TEXT NOT NULL, digest {bytes} NOT NULL, signed {bytes} NOT NULL, draft {bytes} NOT NULL,
    size BIGINT NOT NULL, rank BIGINT NOT NULL, state TEXT NOT NULL, due_at BIGINT, lease TEXT NOT NULL,
    attempts BIGINT NOT NULL, problem TEXT NOT NULL, created_at BIGINT NOT NULL, expires_at BIGINT NOT NULL,
    stored_at BIGINT NOT NULL, updated_at BIGINT NOT NULL, finished_at BIGINT,
    UNIQUE (direction, sender, id)
)
"""
_INDEXES: Final = (
    "CREATE INDEX node_messages_due ON node_messages (direction, peer, rank, number, due_at) WHERE due_at IS NOT NULL",
    "CREATE INDEX node_messages_finished ON node_messages (direction, peer, finished_at) WHERE finished_at IS NOT NULL",
    "CREATE INDEX node_messages_dead ON node_messages (direction, peer, number) WHERE state = 'dead'",
    "CREATE INDEX node_messages_answers ON node_messages (correlation) WHERE correlation <> ''",
)
_FIRST: Final = Migration(
    1,
    "messages both ways, pulls, quotas and time stamps",
    (
        PerDatabase(
            sqlite=_MESSAGES.replace("{number}", "INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT"),
            postgresql=_MESSAGES.replace("{number}", "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY"),
        ),
        *_INDEXES,
        "CREATE TABLE node_contents (number BIGINT NOT NULL PRIMARY KEY, content {bytes} NOT NULL)",
        "CREATE TABLE node_receipts (number BIGINT NOT NULL PRIMARY KEY, receipt {bytes} NOT NULL)",
        """
CREATE TABLE node_pulls (
    name TEXT NOT NULL PRIMARY KEY, watermark TEXT NOT NULL, due_at BIGINT NOT NULL, lease TEXT NOT NULL,
    last_at BIGINT, failures BIGINT NOT NULL, problem TEXT NOT NULL
)
""",
        "CREATE TABLE node_buckets (peer TEXT NOT NULL PRIMARY KEY, taken BIGINT NOT NULL, since BIGINT NOT NULL)",
        """
CREATE TABLE node_stamps (
    chain TEXT NOT NULL, number BIGINT NOT NULL, digest {bytes} NOT NULL, at BIGINT NOT NULL, token {bytes} NOT NULL,
    PRIMARY KEY (chain, number)
)
""",
    ),
)

_UNIQUE: Final = "UNIQUE (direction, sender, id"
_SECOND: Final = Migration(
    2,
    "a message to several receivers is one row for each; what became of it is a receipt of its own",
    (
        PerDatabase(
            sqlite=_MESSAGES.replace("{number}", "INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT")
            .replace("node_messages", "node_messages_2")
            .replace(_UNIQUE, f"{_UNIQUE}, receiver"),
            postgresql="ALTER TABLE node_messages DROP CONSTRAINT node_messages_direction_sender_id_key",
        ),
        PerDatabase(
            sqlite="INSERT INTO node_messages_2 SELECT * FROM node_messages",
            postgresql="ALTER TABLE node_messages ADD UNIQUE (direction, sender, id, receiver)",
        ),
        PerDatabase(sqlite="DROP TABLE node_messages", postgresql=""),
        PerDatabase(sqlite="ALTER TABLE node_messages_2 RENAME TO node_messages", postgresql=""),
        *(PerDatabase(sqlite=one, postgresql="") for one in _INDEXES),
        "CREATE TABLE node_outcomes (number BIGINT NOT NULL PRIMARY KEY, receipt {bytes} NOT NULL)",
    ),
)

_THIRD: Final = Migration(
    3,
    "attachments, in chunks",
    (
        """
CREATE TABLE node_files (
    file {bytes} NOT NULL PRIMARY KEY, owner TEXT NOT NULL, digest {bytes} NOT NULL, length BIGINT NOT NULL,
    chunk_bytes BIGINT NOT NULL, manifest {bytes} NOT NULL, held BIGINT NOT NULL, touched_at BIGINT NOT NULL
)
""",
        """
CREATE TABLE node_chunks (
    file {bytes} NOT NULL, position BIGINT NOT NULL, content {bytes} NOT NULL, PRIMARY KEY (file, position)
)
""",
        """
CREATE TABLE node_attachments (
    number BIGINT NOT NULL, place BIGINT NOT NULL, file {bytes} NOT NULL, PRIMARY KEY (number, place)
)
""",
        "CREATE INDEX node_attachments_file ON node_attachments (file)",
        """
CREATE TABLE node_awaited (
    sender TEXT NOT NULL, message TEXT NOT NULL, file {bytes} NOT NULL, secret {bytes} NOT NULL,
    until BIGINT NOT NULL, PRIMARY KEY (sender, message, file)
)
""",
        "CREATE INDEX node_awaited_file ON node_awaited (file)",
        "CREATE TABLE node_secrets (number BIGINT NOT NULL PRIMARY KEY, secret {bytes} NOT NULL)",
    ),
)

#: PostgreSQL packs what is longer than 2 KB and puts it elsewhere; base64 is hardly shorter when it is packed.
_FOURTH: Final = Migration(
    4,
    "two messages or receipts lie in one page, as they are",
    tuple(
        PerDatabase(sqlite="", postgresql=f"ALTER TABLE {table} SET (toast_tuple_target = 4080)")
        for table in ("node_contents", "node_receipts")
    ),
)

#: The tables of a node.
NODE: Final = Schema("node", _TABLES, (_FIRST, _SECOND, _THIRD, _FOURTH))
