"""Rows of the register and the values that they stand for."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final, cast

from egov_sdk.license.identifier import LicenseIdentifier
from egov_sdk.license.metadata import LicenseMetadata
from egov_sdk.license.model import License, LicenseRecord
from egov_sdk.license.problems import refuse
from egov_sdk.license.register.tables import FILES, HOLDERS, SERIES, VERSIONS
from egov_sdk.license.register.vault import Vault
from egov_sdk.license.states import LicenseState
from egov_sdk.storage.sql import Connection, RowMapping, Select, and_, bindparam, select
from egov_sdk.storage.statements import Prepared

__all__ = [
    "RECORDS",
    "RESERVED",
    "file_of",
    "holders_of",
    "identifier_of",
    "license_of",
    "packed_metadata",
    "packed_pictures",
    "pictures_of",
    "record_at",
    "record_of",
    "series_of",
    "unpacked_metadata",
    "with_file",
]

#: The state of a series whose first version is still being made; nobody but the register sees it.
RESERVED: Final = "reserved"

#: One row for each version that was asked for, of series that are more than reserved.
RECORDS: Final[Select[tuple[object, ...]]] = select(
    SERIES.c.id,
    SERIES.c.type_code,
    SERIES.c.issuer_code,
    SERIES.c.serial,
    SERIES.c.latest,
    VERSIONS.c.version,
    VERSIONS.c.state,
    VERSIONS.c.metadata,
    VERSIONS.c.file_digest,
    VERSIONS.c.updated_at,
).join(VERSIONS, VERSIONS.c.series == SERIES.c.id)

_OF_SERIES: Final = and_(
    SERIES.c.type_code == bindparam("of_type"),
    SERIES.c.issuer_code == bindparam("of_issuer"),
    SERIES.c.serial == bindparam("of_serial"),
)
_SERIES: Final = select(SERIES).where(_OF_SERIES, SERIES.c.latest > 0)
_LOCKED: Final = _SERIES.with_for_update()
_ONE: Final = Prepared(RECORDS.where(_OF_SERIES, VERSIONS.c.version == bindparam("of_version")))
_NAMES: Final = tuple(column.name for column in RECORDS.selected_columns)
_HOLDERS: Final = select(HOLDERS.c.holder).where(HOLDERS.c.series == bindparam("of_series"))
_FILE: Final = select(FILES.c.file, FILES.c.pictures).where(
    FILES.c.series == bindparam("of_series"), FILES.c.version == bindparam("of_version")
)


def _named(identifier: LicenseIdentifier) -> dict[str, object]:
    return {"of_type": identifier.type_code, "of_issuer": identifier.issuer_code, "of_serial": identifier.serial}


def series_of(connection: Connection, identifier: LicenseIdentifier, *, lock: bool = False) -> RowMapping:
    """The row of a licence over all its versions, locked until the transaction ends if that is asked for.

    Raises:
        LicenseRejected: license_unknown.
    """
    row = connection.execute(_LOCKED if lock else _SERIES, _named(identifier)).mappings().one_or_none()
    if row is None or identifier.version > row["latest"] or identifier.check_is_right is not True:
        raise refuse("license_unknown")
    return row


def record_at(connection: Connection, identifier: LicenseIdentifier) -> RowMapping | None:
    """The row of one version; None when there is none."""
    if identifier.check_is_right is not True:
        return None
    asked = _named(identifier) | {"of_version": identifier.version}
    rows = _ONE.fetch(connection, asked)  # the version of a series is there once
    return cast(RowMapping, dict(zip(_NAMES, rows[0], strict=True))) if rows else None


def holders_of(connection: Connection, series: int) -> tuple[bytes, ...]:
    """The keyed digests of those who hold a licence now."""
    return tuple(holder for (holder,) in connection.execute(_HOLDERS, {"of_series": series}))


def identifier_of(row: RowMapping | Mapping[str, object], version: int) -> LicenseIdentifier:
    """The identifier of one version of a series."""
    return LicenseIdentifier.build(
        type_code=str(row["type_code"]),
        issuer_code=str(row["issuer_code"]),
        serial=str(row["serial"]),
        version=version,
    )


def packed_metadata(vault: Vault, metadata: LicenseMetadata, *, series: int) -> bytes:
    """Metadata as it is kept; the identifier is told by the row."""
    text = metadata.model_dump_json(exclude={"identifier"}, exclude_defaults=True)
    return vault.pack(text.encode(), place=f"metadata {series} {metadata.version}")


def unpacked_metadata(vault: Vault, packed: bytes, *, series: int, identifier: LicenseIdentifier) -> LicenseMetadata:
    """The metadata that was kept."""
    values = json.loads(vault.unpack(packed, place=f"metadata {series} {identifier.version}"))
    return LicenseMetadata.model_validate(values | {"identifier": identifier})


def packed_pictures(vault: Vault, pictures: Mapping[str, bytes], *, series: int, version: int) -> bytes | None:
    """Pictures as they are kept; None for none."""
    if not pictures:
        return None
    text = json.dumps({name: base64.b64encode(one).decode() for name, one in sorted(pictures.items())})
    return vault.pack(text.encode(), place=f"pictures {series} {version}")


def record_of(vault: Vault, row: RowMapping) -> LicenseRecord:
    """The record of a row of RECORDS."""
    identifier = identifier_of(row, row["version"])
    return LicenseRecord(
        metadata=unpacked_metadata(vault, row["metadata"], series=row["id"], identifier=identifier),
        state=LicenseState(row["state"]),
        updated_at=row["updated_at"],
        file_digest=row["file_digest"],
        latest_version=row["latest"],
    )


def with_file(record: LicenseRecord, file: bytes) -> License:
    """A record together with its file."""
    return License(
        metadata=record.metadata,
        state=record.state,
        updated_at=record.updated_at,
        file_digest=record.file_digest,
        latest_version=record.latest_version,
        file=file,
    )


def license_of(connection: Connection, vault: Vault, row: RowMapping) -> License:
    """A row of RECORDS with its file.

    Raises:
        LicenseRejected: file_missing.
    """
    file = file_of(connection, vault, series=row["id"], version=row["version"])
    return with_file(record_of(vault, row), file)


def file_of(connection: Connection, vault: Vault, *, series: int, version: int) -> bytes:
    """The file of a version.

    Raises:
        LicenseRejected: file_missing.
    """
    row = connection.execute(_FILE, {"of_series": series, "of_version": version}).one_or_none()
    if row is None or row[0] is None:
        raise refuse("file_missing")
    return vault.unpack(row[0], place=f"file {series} {version}")


def pictures_of(connection: Connection, vault: Vault, *, series: int, version: int) -> dict[str, bytes]:
    """The pictures that a version was made with."""
    row = connection.execute(_FILE, {"of_series": series, "of_version": version}).one_or_none()
    if row is None or row[1] is None:
        return {}
    kept: Mapping[str, str] = json.loads(vault.unpack(row[1], place=f"pictures {series} {version}"))
    return {name: base64.b64decode(one) for name, one in kept.items()}


def event_row(
    vault: Vault,
    *,
    series: int,
    number: int,
    version: int,
    action: str,
    state: str,
    at: datetime,
    actor: str = "",
    reason: str = "",
) -> dict[str, object]:
    """A row of EVENTS."""
    packed = vault.pack(reason.encode(), place=f"reason {series} {number}") if reason else None
    values = {"series": series, "number": number, "version": version, "action": action, "state": state}
    return values | {"at": at, "actor": actor, "reason": packed}


def holder_rows(vault: Vault, metadata: LicenseMetadata, *, series: int) -> Iterable[dict[str, object]]:
    """Rows of HOLDERS: one for each code, however many types it stands with."""
    return [{"holder": key, "series": series} for key in {vault.holder(one.code): None for one in metadata.holders}]
