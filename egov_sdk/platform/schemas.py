"""The tables of all rooms together: what a database of an office can hold, and how it is brought up to date."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from egov_sdk.platform.problems import refuse
from egov_sdk.storage import Schema, Store
from egov_sdk.storage.migrations import recorded_versions

__all__ = ["all_schemas", "check_known", "upgrade"]


def all_schemas() -> Mapping[str, Schema]:
    """Every schema, by its prefix."""
    from egov_sdk.door.tables import OFFICE
    from egov_sdk.exchange.catalog.tables import CATALOG
    from egov_sdk.exchange.node.tables import NODE
    from egov_sdk.exchange.sharing.tables import SHARING
    from egov_sdk.identity.provider.tables import IDENTITY
    from egov_sdk.license.legacy.tables import LEGACY
    from egov_sdk.license.register.tables import LICENSE
    from egov_sdk.platform.console.tables import CONSOLE
    from egov_sdk.platform.register.tables import PLATFORM
    from egov_sdk.seal.register.tables import SEAL_REGISTER
    from egov_sdk.storage.tables import STORAGE

    rooms = (STORAGE, OFFICE, IDENTITY, SEAL_REGISTER, LICENSE, LEGACY, NODE, CATALOG, SHARING, PLATFORM, CONSOLE)
    return {one.prefix: one for one in rooms}


def check_known(versions: Mapping[str, int]) -> None:
    """Return if this library knows tables of these versions.

    Raises:
        ProvinceRejected: backup_newer.
    """
    known = all_schemas()
    for prefix, version in versions.items():
        last = known[prefix].version if prefix in known else 0
        if version > last:
            raise refuse("backup_newer", found=f"{prefix} {version}", expected=f"{prefix} {last}")


def upgrade(store: Store, *, at: datetime) -> Mapping[str, tuple[int, int]]:
    """Bring the tables that a database has up to date, in one transaction; what is not there is not made.

    Returns:
        The versions before and after of those that were changed.
    Raises:
        StorageError: schema_newer, schema_changed, schema_gap: they are not what this library has made.
    """
    known = all_schemas()
    with store.read() as connection:
        before = recorded_versions(connection)
    if not before:
        return {}
    unknown = before.keys() - known.keys()
    if unknown:
        check_known({prefix: before[prefix] for prefix in unknown})
    store.prepare(*(known[prefix] for prefix in sorted(before.keys() - {"storage"})), at=at)
    with store.read() as connection:
        after = recorded_versions(connection)
    return {prefix: (before.get(prefix, 0), last) for prefix, last in after.items() if before.get(prefix, 0) != last}
