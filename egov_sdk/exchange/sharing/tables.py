"""The tables of sharing: cases, their signed steps, uses of grants, and which records each case has seen."""

from __future__ import annotations

from typing import Final

from egov_sdk.storage import Migration, Schema
from egov_sdk.storage.sql import BigInteger, Column, LargeBinary, MetaData, Table, Text, UtcTime

__all__ = ["CASES", "RECORDS", "SHARING", "STEPS", "USES"]

_TABLES: Final = MetaData()

CASES: Final = Table(
    "sharing_cases",
    _TABLES,
    Column("id", Text, primary_key=True),
    Column("resource", Text, nullable=False),
    Column("requester", Text, nullable=False),
    Column("provider", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("waiting", BigInteger, nullable=False),
    Column("body", Text, nullable=False),
)
STEPS: Final = Table(
    "sharing_steps",
    _TABLES,
    Column("case_id", Text, primary_key=True),
    Column("number", BigInteger, primary_key=True),
    Column("digest", Text, nullable=False),
    Column("signed", Text, nullable=False),
)
#: ``signed`` is empty where a gateway made sure of the caller in its own way.
USES: Final = Table(
    "sharing_uses",
    _TABLES,
    Column("case_id", Text, primary_key=True),
    Column("number", BigInteger, primary_key=True),
    Column("at", UtcTime, nullable=False),
    Column("actor", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("records", BigInteger, nullable=False),
    Column("digest", Text, nullable=False),
    Column("signed", Text, nullable=False),
)
#: The keyed digest of a record, and what each case calls it.
RECORDS: Final = Table(
    "sharing_records",
    _TABLES,
    Column("case_id", Text, primary_key=True),
    Column("reference", Text, primary_key=True),
    Column("record", LargeBinary, nullable=False),
    Column("first_use", BigInteger, nullable=False),
    Column("last_use", BigInteger, nullable=False),
)

_FIRST: Final = Migration(
    1,
    "sharing",
    (
        """
CREATE TABLE sharing_cases (
    id TEXT NOT NULL PRIMARY KEY, resource TEXT NOT NULL, requester TEXT NOT NULL, provider TEXT NOT NULL,
    state TEXT NOT NULL, waiting BIGINT NOT NULL, body TEXT NOT NULL
)
""",
        "CREATE INDEX sharing_cases_by_requester ON sharing_cases (requester, id)",
        "CREATE INDEX sharing_cases_by_provider ON sharing_cases (provider, id)",
        "CREATE INDEX sharing_cases_by_resource ON sharing_cases (resource, id)",
        "CREATE INDEX sharing_cases_by_waiting ON sharing_cases (waiting, id)",
        """
CREATE TABLE sharing_steps (
    case_id TEXT NOT NULL REFERENCES sharing_cases (id), number BIGINT NOT NULL, digest TEXT NOT NULL,
    signed TEXT NOT NULL, PRIMARY KEY (case_id, number)
)
""",
        """
CREATE TABLE sharing_uses (
    case_id TEXT NOT NULL REFERENCES sharing_cases (id), number BIGINT NOT NULL, at BIGINT NOT NULL,
    actor TEXT NOT NULL, purpose TEXT NOT NULL, records BIGINT NOT NULL, digest TEXT NOT NULL, signed TEXT NOT NULL,
    PRIMARY KEY (case_id, number)
)
""",
        "CREATE INDEX sharing_uses_by_time ON sharing_uses (case_id, at)",
        """
CREATE TABLE sharing_records (
    case_id TEXT NOT NULL REFERENCES sharing_cases (id), reference TEXT NOT NULL, record {bytes} NOT NULL,
    first_use BIGINT NOT NULL, last_use BIGINT NOT NULL, PRIMARY KEY (case_id, reference)
)
""",
        "CREATE INDEX sharing_records_by_record ON sharing_records (record, case_id)",
    ),
)

#: The tables of this room; ``Store.prepare`` makes them.
SHARING: Final = Schema("sharing", _TABLES, (_FIRST,))
