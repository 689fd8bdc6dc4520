"""The tables of the register of licences.

A *series* is one licence over all its versions. Codes of holders and numbers of licences are there as keyed digests;
metadata, drafts, pictures, reasons and files as the vault of the register packs them. Of tickets, codes and
credentials only SM3 digests are kept.
"""

from __future__ import annotations

from typing import Final

from egov_sdk.storage import Migration, Schema
from egov_sdk.storage.migrations import PerDatabase
from egov_sdk.storage.sql import BigInteger, Column, LargeBinary, MetaData, Table, Text, UtcTime

__all__ = [
    "EVENTS",
    "FILES",
    "HOLDERS",
    "LICENSE",
    "PENDING",
    "PERMISSIONS",
    "PLACES",
    "REQUESTS",
    "RULES",
    "SERIES",
    "SHOWINGS",
    "SHOWING_CODES",
    "STATUS_LISTS",
    "TICKETS",
    "TYPES",
    "VERSIONS",
]

_TABLES: Final = MetaData()

TYPES: Final = Table(
    "license_types",
    _TABLES,
    Column("code", Text, primary_key=True),
    Column("state", Text, nullable=False),
    Column("definition", Text, nullable=False),
    Column("changed_at", UtcTime, nullable=False),
)
SERIES: Final = Table(
    "license_series",
    _TABLES,
    Column("id", BigInteger, primary_key=True),
    Column("type_code", Text, nullable=False),
    Column("issuer_code", Text, nullable=False),
    Column("serial", Text, nullable=False),
    Column("number_key", LargeBinary, nullable=False),
    Column("state", Text, nullable=False),
    Column("latest", BigInteger, nullable=False),
    Column("updated_at", UtcTime, nullable=False),
)
VERSIONS: Final = Table(
    "license_versions",
    _TABLES,
    Column("series", BigInteger, primary_key=True),
    Column("version", BigInteger, primary_key=True),
    Column("state", Text, nullable=False),
    Column("metadata", LargeBinary, nullable=False),
    Column("file_digest", Text, nullable=False),
    Column("updated_at", UtcTime, nullable=False),
)
FILES: Final = Table(
    "license_files",
    _TABLES,
    Column("series", BigInteger, primary_key=True),
    Column("version", BigInteger, primary_key=True),
    Column("file", LargeBinary),
    Column("pictures", LargeBinary),
)
HOLDERS: Final = Table(
    "license_holders",
    _TABLES,
    Column("holder", LargeBinary, primary_key=True),
    Column("series", BigInteger, primary_key=True),
)
EVENTS: Final = Table(
    "license_events",
    _TABLES,
    Column("series", BigInteger, primary_key=True),
    Column("number", BigInteger, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("action", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("actor", Text, nullable=False),
    Column("reason", LargeBinary),
)
PENDING: Final = Table(
    "license_pending",
    _TABLES,
    Column("series", BigInteger, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("action", Text, nullable=False),
    Column("owner", LargeBinary, nullable=False),
    Column("until", UtcTime, nullable=False),
    Column("draft", LargeBinary, nullable=False),
    Column("at", UtcTime, nullable=False),
)
REQUESTS: Final = Table(
    "license_requests",
    _TABLES,
    Column("key", LargeBinary, primary_key=True),
    Column("series", BigInteger, nullable=False),
    Column("draft", LargeBinary, nullable=False),
    Column("at", UtcTime, nullable=False),
)
RULES: Final = Table(
    "license_rules",
    _TABLES,
    Column("id", Text, primary_key=True),
    Column("requester", Text, nullable=False),
    Column("item_code", Text, nullable=False),
    Column("type_code", Text, nullable=False),
    Column("legal_basis", Text, nullable=False),
    Column("since", UtcTime, nullable=False),
    Column("until", UtcTime),
)
PERMISSIONS: Final = Table(
    "license_permissions",
    _TABLES,
    Column("id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("key", LargeBinary, nullable=False),
    Column("holder", LargeBinary, nullable=False),
    Column("requester", Text, nullable=False),
    Column("agent", LargeBinary),
    Column("item_code", Text, nullable=False),
    Column("type_codes", Text, nullable=False),
    Column("series", BigInteger),
    Column("purpose", Text, nullable=False),
    Column("given_at", UtcTime, nullable=False),
    Column("until", UtcTime, nullable=False),
    Column("uses_left", BigInteger),
    Column("withdrawn_at", UtcTime),
)
TICKETS: Final = Table(
    "license_tickets",
    _TABLES,
    Column("key", LargeBinary, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("series", BigInteger, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("use", LargeBinary, nullable=False),
    Column("until", UtcTime, nullable=False),
    Column("used_at", UtcTime),
)
STATUS_LISTS: Final = Table(
    "license_status_lists",
    _TABLES,
    Column("type_code", Text, primary_key=True),
    Column("list_id", BigInteger, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("used", BigInteger, nullable=False),
)
PLACES: Final = Table(
    "license_places",
    _TABLES,
    Column("list_id", BigInteger, primary_key=True),
    Column("place", BigInteger, primary_key=True),
    Column("series", BigInteger, nullable=False),
    Column("version", BigInteger, nullable=False),
)

SHOWING_CODES: Final = Table(
    "license_showing_codes",
    _TABLES,
    Column("key", LargeBinary, primary_key=True),
    Column("holder", LargeBinary, nullable=False),
    Column("until", UtcTime, nullable=False),
    Column("used_at", UtcTime),
)
SHOWINGS: Final = Table(
    "license_showings",
    _TABLES,
    Column("key", LargeBinary, primary_key=True),
    Column("holder", LargeBinary, nullable=False),
    Column("state", Text, nullable=False),
    Column("begun_at", UtcTime, nullable=False),
    Column("until", UtcTime, nullable=False),
    Column("record", LargeBinary, nullable=False),
)

_SERIES_COLUMNS: Final = """
    type_code TEXT NOT NULL, issuer_code TEXT NOT NULL, serial TEXT NOT NULL, number_key {bytes} NOT NULL,
    state TEXT NOT NULL, latest BIGINT NOT NULL, updated_at BIGINT NOT NULL, UNIQUE (type_code, issuer_code, serial)
)
"""

_FIRST: Final = Migration(
    1,
    "register of licences",
    (
        """
CREATE TABLE license_types (
    code TEXT NOT NULL PRIMARY KEY, state TEXT NOT NULL, definition TEXT NOT NULL, changed_at BIGINT NOT NULL
)
""",
        PerDatabase(
            sqlite="CREATE TABLE license_series (id INTEGER NOT NULL PRIMARY KEY," + _SERIES_COLUMNS,
            postgresql="CREATE TABLE license_series (id BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,"
            + _SERIES_COLUMNS,
        ),
        """
CREATE UNIQUE INDEX license_series_by_number ON license_series (type_code, issuer_code, number_key)
WHERE state <> 'withdrawn'
""",
        "CREATE INDEX license_series_by_state ON license_series (type_code, state)",
        """
CREATE TABLE license_versions (
    series BIGINT NOT NULL REFERENCES license_series (id), version BIGINT NOT NULL, state TEXT NOT NULL,
    metadata {bytes} NOT NULL, file_digest TEXT NOT NULL, updated_at BIGINT NOT NULL, PRIMARY KEY (series, version)
)
""",
        """
CREATE TABLE license_files (
    series BIGINT NOT NULL, version BIGINT NOT NULL, file {bytes}, pictures {bytes},
    PRIMARY KEY (series, version), FOREIGN KEY (series, version) REFERENCES license_versions (series, version)
)
""",
        """
CREATE TABLE license_holders (
    holder {bytes} NOT NULL, series BIGINT NOT NULL REFERENCES license_series (id), PRIMARY KEY (holder, series)
)
""",
        "CREATE INDEX license_holders_by_series ON license_holders (series)",
        """
CREATE TABLE license_events (
    series BIGINT NOT NULL REFERENCES license_series (id), number BIGINT NOT NULL, version BIGINT NOT NULL,
    action TEXT NOT NULL, state TEXT NOT NULL, at BIGINT NOT NULL, actor TEXT NOT NULL, reason {bytes},
    PRIMARY KEY (series, number)
)
""",
        """
CREATE TABLE license_pending (
    series BIGINT NOT NULL PRIMARY KEY REFERENCES license_series (id), version BIGINT NOT NULL, action TEXT NOT NULL,
    owner {bytes} NOT NULL, until BIGINT NOT NULL, draft {bytes} NOT NULL, at BIGINT NOT NULL
)
""",
        "CREATE INDEX license_pending_by_time ON license_pending (until)",
        """
CREATE TABLE license_requests (
    key {bytes} NOT NULL PRIMARY KEY, series BIGINT NOT NULL REFERENCES license_series (id), draft {bytes} NOT NULL,
    at BIGINT NOT NULL
)
""",
        "CREATE INDEX license_requests_by_series ON license_requests (series)",
        """
CREATE TABLE license_rules (
    id TEXT NOT NULL PRIMARY KEY, requester TEXT NOT NULL, item_code TEXT NOT NULL, type_code TEXT NOT NULL,
    legal_basis TEXT NOT NULL, since BIGINT NOT NULL, until BIGINT
)
""",
        "CREATE INDEX license_rules_by_requester ON license_rules (requester)",
        """
CREATE TABLE license_permissions (
    id TEXT NOT NULL PRIMARY KEY, kind TEXT NOT NULL, key {bytes} NOT NULL, holder {bytes} NOT NULL,
    requester TEXT NOT NULL, agent {bytes}, item_code TEXT NOT NULL, type_codes TEXT NOT NULL,
    series BIGINT REFERENCES license_series (id), purpose TEXT NOT NULL, given_at BIGINT NOT NULL,
    until BIGINT NOT NULL, uses_left BIGINT, withdrawn_at BIGINT
)
""",
        "CREATE UNIQUE INDEX license_permissions_by_key ON license_permissions (key)",
        "CREATE INDEX license_permissions_by_holder ON license_permissions (holder)",
        "CREATE INDEX license_permissions_by_agent ON license_permissions (agent)",
        """
CREATE TABLE license_tickets (
    key {bytes} NOT NULL PRIMARY KEY, kind TEXT NOT NULL, series BIGINT NOT NULL REFERENCES license_series (id),
    version BIGINT NOT NULL, use {bytes} NOT NULL, until BIGINT NOT NULL, used_at BIGINT
)
""",
        "CREATE INDEX license_tickets_by_time ON license_tickets (until)",
        """
CREATE TABLE license_status_lists (
    type_code TEXT NOT NULL PRIMARY KEY, list_id BIGINT NOT NULL UNIQUE, size BIGINT NOT NULL, sequence BIGINT NOT NULL
)
""",
        """
CREATE TABLE license_places (
    list_id BIGINT NOT NULL REFERENCES license_status_lists (list_id), place BIGINT NOT NULL,
    series BIGINT NOT NULL REFERENCES license_series (id), version BIGINT NOT NULL, PRIMARY KEY (list_id, place),
    UNIQUE (series, version)
)
""",
    ),
)

_SHOWING_ONLINE: Final = Migration(
    2,
    "showing online",
    (
        """
CREATE TABLE license_showing_codes (
    key {bytes} NOT NULL PRIMARY KEY, holder {bytes} NOT NULL, until BIGINT NOT NULL, used_at BIGINT
)
""",
        "CREATE INDEX license_showing_codes_by_time ON license_showing_codes (until)",
        """
CREATE TABLE license_showings (
    key {bytes} NOT NULL PRIMARY KEY, holder {bytes} NOT NULL, state TEXT NOT NULL, begun_at BIGINT NOT NULL,
    until BIGINT NOT NULL, record {bytes} NOT NULL
)
""",
        "CREATE INDEX license_showings_by_holder ON license_showings (holder, begun_at)",
        "CREATE INDEX license_showings_by_time ON license_showings (until)",
    ),
)

_PLACES_COUNTED: Final = Migration(
    3,
    "how many places of a status list are given",
    (
        "ALTER TABLE license_status_lists ADD COLUMN used BIGINT NOT NULL DEFAULT 0",
        """
UPDATE license_status_lists SET used = (
    SELECT count(*) FROM license_places WHERE license_places.list_id = license_status_lists.list_id
)
""",
    ),
)

#: The tables of this room; ``Store.prepare`` makes them.
LICENSE: Final = Schema("license", _TABLES, (_FIRST, _SHOWING_ONLINE, _PLACES_COUNTED))
