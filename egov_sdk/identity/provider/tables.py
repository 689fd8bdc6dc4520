"""The tables of the identity provider. Of codes, tokens and sessions only SM3 digests are kept."""

from __future__ import annotations

from typing import Final

from egov_sdk.storage import Migration, Schema
from egov_sdk.storage.sql import BigInteger, Column, JsonObject, LargeBinary, MetaData, Table, Text, UtcTime

__all__ = [
    "ACCOUNTS",
    "AGENTS",
    "APPLICATIONS",
    "ATTEMPTS",
    "CODES",
    "CONSENTS",
    "GRANTS",
    "IDENTITY",
    "SESSIONS",
    "TOKENS",
]

_TABLES: Final = MetaData()

ACCOUNTS: Final = Table(
    "identity_accounts",
    _TABLES,
    Column("id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("level", Text, nullable=False),
    Column("login", Text),
    Column("password", Text),
    Column("name", Text, nullable=False),
    Column("document_kind", Text),
    Column("document_number", Text),
    Column("sex", Text, nullable=False),
    Column("birth_date", Text, nullable=False),
    Column("nation", Text, nullable=False),
    Column("raw_type", Text, nullable=False),
    Column("mobile", Text, nullable=False),
    Column("email", Text, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("changed_at", UtcTime, nullable=False),
)
AGENTS: Final = Table(
    "identity_agents",
    _TABLES,
    Column("organization", Text, primary_key=True),
    Column("person", Text, primary_key=True),
    Column("role", Text, nullable=False),
    Column("since", UtcTime, nullable=False),
)
APPLICATIONS: Final = Table(
    "identity_applications",
    _TABLES,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("secret", LargeBinary),
    Column("settings", JsonObject, nullable=False),
    Column("created_at", UtcTime, nullable=False),
)
ATTEMPTS: Final = Table(
    "identity_attempts",
    _TABLES,
    Column("key", LargeBinary, primary_key=True),
    Column("since", UtcTime, nullable=False),
    Column("count", BigInteger, nullable=False),
)
SESSIONS: Final = Table(
    "identity_sessions",
    _TABLES,
    Column("key", LargeBinary, primary_key=True),
    Column("id", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("level", Text, nullable=False),
    Column("method", Text, nullable=False),
    Column("authenticated_at", UtcTime, nullable=False),
    Column("until", UtcTime, nullable=False),
)
CONSENTS: Final = Table(
    "identity_consents",
    _TABLES,
    Column("account", Text, primary_key=True),
    Column("application", Text, primary_key=True),
    Column("scope", Text, primary_key=True),
    Column("given_at", UtcTime, nullable=False),
)
GRANTS: Final = Table(
    "identity_grants",
    _TABLES,
    Column("id", Text, primary_key=True),
    Column("account", Text, nullable=False),
    Column("organization", Text),
    Column("application", Text, nullable=False),
    Column("session", Text, nullable=False),
    Column("scope", Text, nullable=False),
    Column("level", Text, nullable=False),
    Column("method", Text, nullable=False),
    Column("authenticated_at", UtcTime, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("until", UtcTime, nullable=False),
    Column("revoked_at", UtcTime),
)
CODES: Final = Table(
    "identity_codes",
    _TABLES,
    Column("key", LargeBinary, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("grant_id", Text, nullable=False),
    Column("redirect_uri", Text, nullable=False),
    Column("challenge", Text, nullable=False),
    Column("nonce", Text, nullable=False),
    Column("until", UtcTime, nullable=False),
    Column("used_at", UtcTime),
)
TOKENS: Final = Table(
    "identity_tokens",
    _TABLES,
    Column("key", LargeBinary, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("grant_id", Text, nullable=False),
    Column("until", UtcTime, nullable=False),
    Column("used_at", UtcTime),
)

_FIRST: Final = Migration(
    1,
    "identity provider",
    (
        """
CREATE TABLE identity_accounts (
    id TEXT NOT NULL PRIMARY KEY, kind TEXT NOT NULL, state TEXT NOT NULL, level TEXT NOT NULL, login TEXT,
    password TEXT, name TEXT NOT NULL, document_kind TEXT, document_number TEXT, sex TEXT NOT NULL,
    birth_date TEXT NOT NULL, nation TEXT NOT NULL, raw_type TEXT NOT NULL, mobile TEXT NOT NULL, email TEXT NOT NULL,
    created_at BIGINT NOT NULL, changed_at BIGINT NOT NULL
)
""",
        """
CREATE UNIQUE INDEX identity_accounts_by_document ON identity_accounts (document_kind, document_number)
WHERE state <> 'closed'
""",
        "CREATE UNIQUE INDEX identity_accounts_by_login ON identity_accounts (login) WHERE state <> 'closed'",
        """
CREATE TABLE identity_agents (
    organization TEXT NOT NULL REFERENCES identity_accounts (id),
    person TEXT NOT NULL REFERENCES identity_accounts (id),
    role TEXT NOT NULL, since BIGINT NOT NULL, PRIMARY KEY (organization, person)
)
""",
        "CREATE INDEX identity_agents_by_person ON identity_agents (person)",
        """
CREATE TABLE identity_applications (
    id TEXT NOT NULL PRIMARY KEY, name TEXT NOT NULL, state TEXT NOT NULL, secret {bytes}, settings TEXT NOT NULL,
    created_at BIGINT NOT NULL
)
""",
        """
CREATE TABLE identity_attempts (
    key {bytes} NOT NULL PRIMARY KEY, since BIGINT NOT NULL, count BIGINT NOT NULL
)
""",
        "CREATE INDEX identity_attempts_by_time ON identity_attempts (since)",
        """
CREATE TABLE identity_sessions (
    key {bytes} NOT NULL PRIMARY KEY, id TEXT NOT NULL, account TEXT NOT NULL REFERENCES identity_accounts (id),
    level TEXT NOT NULL, method TEXT NOT NULL, authenticated_at BIGINT NOT NULL, until BIGINT NOT NULL
)
""",
        "CREATE INDEX identity_sessions_by_account ON identity_sessions (account)",
        "CREATE INDEX identity_sessions_by_time ON identity_sessions (until)",
        """
CREATE TABLE identity_consents (
    account TEXT NOT NULL REFERENCES identity_accounts (id),
    application TEXT NOT NULL REFERENCES identity_applications (id), scope TEXT NOT NULL, given_at BIGINT NOT NULL,
    PRIMARY KEY (account, application, scope)
)
""",
        """
CREATE TABLE identity_grants (
    id TEXT NOT NULL PRIMARY KEY, account TEXT NOT NULL REFERENCES identity_accounts (id),
    organization TEXT REFERENCES identity_accounts (id),
    application TEXT NOT NULL REFERENCES identity_applications (id), session TEXT NOT NULL, scope TEXT NOT NULL,
    level TEXT NOT NULL, method TEXT NOT NULL, authenticated_at BIGINT NOT NULL, created_at BIGINT NOT NULL,
    until BIGINT NOT NULL, revoked_at BIGINT
)
""",
        "CREATE INDEX identity_grants_by_account ON identity_grants (account)",
        "CREATE INDEX identity_grants_by_session ON identity_grants (session)",
        "CREATE INDEX identity_grants_by_time ON identity_grants (until)",
        """
CREATE TABLE identity_codes (
    key {bytes} NOT NULL PRIMARY KEY, kind TEXT NOT NULL,
    grant_id TEXT NOT NULL REFERENCES identity_grants (id) ON DELETE CASCADE, redirect_uri TEXT NOT NULL,
    challenge TEXT NOT NULL, nonce TEXT NOT NULL, until BIGINT NOT NULL, used_at BIGINT
)
""",
        "CREATE INDEX identity_codes_by_grant ON identity_codes (grant_id)",
        """
CREATE TABLE identity_tokens (
    key {bytes} NOT NULL PRIMARY KEY, kind TEXT NOT NULL,
    grant_id TEXT NOT NULL REFERENCES identity_grants (id) ON DELETE CASCADE, until BIGINT NOT NULL, used_at BIGINT
)
""",
        "CREATE INDEX identity_tokens_by_grant ON identity_tokens (grant_id)",
    ),
)

#: The tables of this room; ``Store.prepare`` makes them.
IDENTITY: Final = Schema("identity", _TABLES, (_FIRST,))
