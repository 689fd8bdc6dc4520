"""Databases (存储): SQLite files by default, PostgreSQL by URL; tables by steps, an audit log, keys that expire."""

from __future__ import annotations

from typing import TYPE_CHECKING

from egov_sdk.storage.problems import StorageBusy, StorageConflict, StorageError

if TYPE_CHECKING:
    from egov_sdk.storage.audit import AuditHead, AuditLog, verify_audit
    from egov_sdk.storage.keys import KeyStore
    from egov_sdk.storage.migrations import Migration, Schema
    from egov_sdk.storage.store import Store, open_store

__all__ = [
    "AuditHead",
    "AuditLog",
    "KeyStore",
    "Migration",
    "Schema",
    "StorageBusy",
    "StorageConflict",
    "StorageError",
    "Store",
    "open_store",
    "verify_audit",
]

if not TYPE_CHECKING:  # pragma: no branch - so that a misspelt name stays an error for type checkers

    def __getattr__(name: str) -> object:
        """Load SQLAlchemy when it is asked for: it takes longer than all the rest together."""
        if name in {"Store", "open_store"}:
            from egov_sdk.storage import store

            return getattr(store, name)
        if name in {"AuditHead", "AuditLog", "verify_audit"}:
            from egov_sdk.storage import audit

            return getattr(audit, name)
        if name in {"Migration", "Schema"}:
            from egov_sdk.storage import migrations

            return getattr(migrations, name)
        if name == "KeyStore":
            from egov_sdk.storage import keys

            return keys.KeyStore
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
