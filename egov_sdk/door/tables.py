"""The table of an office itself."""

from __future__ import annotations

from typing import Final

from egov_sdk.storage import Migration, Schema
from egov_sdk.storage.sql import BigInteger, Column, MetaData, Table, Text

__all__ = ["OFFICE", "OWNER"]

_TABLES: Final = MetaData()

#: One row: whose database it is. ``root`` is the fingerprint of the office's root.
OWNER: Final = Table(
    "office_owner",
    _TABLES,
    Column("number", BigInteger, primary_key=True),
    Column("code", Text, nullable=False),
    Column("root", Text, nullable=False),
)

_FIRST: Final = Migration(
    1,
    "whose it is",
    ("CREATE TABLE office_owner (number BIGINT NOT NULL PRIMARY KEY, code TEXT NOT NULL, root TEXT NOT NULL)",),
)

#: What every database of an office keeps.
OFFICE: Final = Schema("office", _TABLES, (_FIRST,))
