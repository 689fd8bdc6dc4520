"""Old licences (存量证照): taken in without a file, many at once; the files are made later, one by one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final

from egov_sdk.license.catalogue import LicenseType
from egov_sdk.license.identifier import LicenseIdentifier
from egov_sdk.license.legacy.target import Known, differing
from egov_sdk.license.metadata import Authority, LicenseMetadata
from egov_sdk.license.model import License, LicenseRef, read_identifier
from egov_sdk.license.problems import refuse
from egov_sdk.license.register.desk import Desk
from egov_sdk.license.register.drafts import check_draft
from egov_sdk.license.register.making import make
from egov_sdk.license.register.places import PlaceDesk
from egov_sdk.license.register.rows import (
    holders_of,
    identifier_of,
    license_of,
    packed_metadata,
    record_at,
    record_of,
)
from egov_sdk.license.register.storing import Work, metadata_kept, new_series, number_key, write_file, write_versions
from egov_sdk.license.register.tables import SERIES, VERSIONS
from egov_sdk.license.register.types import issuable, type_at
from egov_sdk.license.sealing import Sealer
from egov_sdk.license.states import LicenseAction, LicenseState
from egov_sdk.storage import StorageConflict, Store
from egov_sdk.storage.sql import Connection, RowMapping, bindparam, select, update

__all__ = ["ImportDesk"]

_CHUNK: Final = 400
_LIVING: Final = (LicenseState.VALID, LicenseState.SUSPENDED, LicenseState.INACTIVE)
_Place = tuple[str, str, str]

#: By the leading columns of their indexes too: without these each chunk would read the whole table.
_AMONG: Final = select(SERIES).where(
    SERIES.c.type_code.in_(bindparam("types", expanding=True)),
    SERIES.c.issuer_code.in_(bindparam("issuers", expanding=True)),
)
_NUMBERS: Final = _AMONG.where(
    SERIES.c.number_key.in_(bindparam("some", expanding=True)), SERIES.c.state != LicenseState.WITHDRAWN.value
)
_SERIALS: Final = _AMONG.where(SERIES.c.serial.in_(bindparam("some", expanding=True)))
_FILE_MADE: Final = (
    update(VERSIONS)
    .where(
        VERSIONS.c.series == bindparam("of_series"),
        VERSIONS.c.version == bindparam("of_version"),
        VERSIONS.c.file_digest == "",
    )
    .values(file_digest=bindparam("digest"), metadata=bindparam("packed"), updated_at=bindparam("now"))
    .returning(VERSIONS.c.series)
)
_WITHOUT_FILE: Final = (
    select(SERIES)
    .join(VERSIONS, (VERSIONS.c.series == SERIES.c.id) & (VERSIONS.c.version == SERIES.c.latest))
    .where(VERSIONS.c.file_digest == "", SERIES.c.state.in_([one.value for one in _LIVING]))
    .order_by(SERIES.c.id)
)


class ImportDesk:
    """Takes old licences into a register: the ImportTarget of ``license.legacy``."""

    def __init__(self, desk: Desk, places: PlaceDesk, *, sealers: Mapping[str, Sealer]) -> None:
        self._desk, self._places, self._sealers = desk, places, sealers

    @property
    def store(self) -> Store:
        """The database."""
        return self._desk.store

    def issuers(self) -> tuple[Authority, ...]:
        """The authorities that issue in this register, its own first."""
        return (self._desk.authority, *self._desk.issuers.values())

    def type_of(self, type_code: str) -> LicenseType:
        """A type of which licences may be taken in.

        Raises:
            LicenseRejected: type_unknown, type_state.
        """
        with self._desk.store.read() as connection:
            return issuable(connection, type_code)

    def known(self, connection: Connection, licenses: Sequence[LicenseMetadata]) -> Sequence[Known | None]:
        """For each of some licences: what is there already with its number, or else with its serial."""
        keys = [self._number(one) for one in licenses]
        among = {
            "types": sorted({one.type_code for one in licenses}),
            "issuers": sorted({one.identifier.issuer_code for one in licenses}),
        }
        by_number: dict[bytes, RowMapping] = {
            row["number_key"]: row
            for some in _chunks(keys)
            for row in connection.execute(_NUMBERS, {"some": some, **among}).mappings()
        }
        by_serial: dict[_Place, RowMapping] = {
            (row["type_code"], row["issuer_code"], row["serial"]): row
            for some in _chunks([one.identifier.serial for one in licenses])
            for row in connection.execute(_SERIALS, {"some": some, **among}).mappings()
        }
        found: list[Known | None] = []
        for one, key in zip(licenses, keys, strict=True):
            if (row := by_number.get(key)) is not None:
                found.append(self._known(connection, row, one))
            elif (row := by_serial.get(_place(one.identifier))) is not None:
                found.append(Known(identifier_of(row, max(row["latest"], 1)), same=False, by="serial"))
            else:
                found.append(None)
        return found

    def _number(self, metadata: LicenseMetadata) -> bytes:
        one = metadata.identifier
        return number_key(self._desk, type_code=one.type_code, issuer_code=one.issuer_code, number=metadata.number)

    def _known(self, connection: Connection, row: RowMapping, metadata: LicenseMetadata) -> Known:
        holders = {self._desk.vault.holder(holder.code) for holder in metadata.holders}
        same = holders == set(holders_of(connection, row["id"]))
        identifier = identifier_of(row, max(row["latest"], 1))
        there = record_at(connection, identifier) if same else None
        differs = () if there is None else differing(metadata, record_of(self._desk.vault, there).metadata)
        return Known(identifier, same=same, differs=differs)

    def insert(self, connection: Connection, licenses: Sequence[LicenseMetadata], *, at: datetime) -> None:
        """Take in licences that are not known: valid, without a file.

        Raises:
            StorageConflict: one of them is there, since just now.
        """
        if not licenses:
            return
        state = LicenseState.VALID
        rows = new_series(connection, self._desk, licenses, state=state.value, latest=1, at=at)
        if len(rows) != len(licenses):
            raise StorageConflict("a licence with this number or serial is there since just now")
        work = [Work(rows[_place(one.identifier)], LicenseAction.IMPORT, one, state, at) for one in licenses]
        write_versions(connection, self._desk, [(one, None) for one in work], at=at, move=False)
        detail = {"count": len(work), "last": str(work[-1].identifier)}
        self._desk.note(connection, "license.imported", at=at, subject=str(work[0].identifier), detail=detail)

    def make_file(
        self,
        identifier: LicenseRef,
        *,
        pictures: Mapping[str, bytes],
        sealers: Mapping[str, Sealer],
        at: datetime,
    ) -> License:
        """Make and seal the file of a licence that was taken in without one (补制证照文件); once is enough."""
        one = read_identifier(identifier)
        with self._desk.store.write(durable=False) as connection:
            row = record_at(connection, one)
            if row is None:
                raise refuse("license_unknown")
            if row["file_digest"]:
                return license_of(connection, self._desk.vault, row)
            license_type = type_at(connection, one.type_code)
            metadata = metadata_kept(self._desk, row)
            check_draft(metadata, license_type, pictures=pictures)
            place = self._places.for_files(connection, {row["id"]: one}).get(row["id"])
        metadata = metadata.model_copy(update={"status": place})
        made = make(license_type, metadata, pictures=pictures, sealers=sealers, signed_at=at)
        with self._desk.store.write() as connection:
            packed = packed_metadata(self._desk.vault, metadata, series=row["id"])
            asked = {"of_series": row["id"], "of_version": one.version, "digest": made.digest, "now": at}
            asked["packed"] = packed
            if connection.execute(_FILE_MADE, asked).first() is not None:
                write_file(connection, self._desk, row["id"], one.version, made=made, pictures=pictures)
                detail = {"file": made.digest}
                self._desk.note(connection, "license.file_made", at=at, subject=str(one), detail=detail)
            after = record_at(connection, one)
            if after is None:
                raise refuse("license_unknown")
            return license_of(connection, self._desk.vault, after)

    def without_file(self, *, type_code: str = "", limit: int = 100) -> tuple[LicenseIdentifier, ...]:
        """The latest versions that have no file yet, oldest first; what has ended needs none."""
        wanted = _WITHOUT_FILE if not type_code else _WITHOUT_FILE.where(SERIES.c.type_code == type_code)
        with self._desk.store.read() as connection:
            rows = connection.execute(wanted.limit(limit)).mappings()
            return tuple(identifier_of(row, row["latest"]) for row in rows)


def _chunks(values: Sequence[object]) -> Iterator[list[object]]:
    for first in range(0, len(values), _CHUNK):
        yield list(values[first : first + _CHUNK])


def _place(identifier: LicenseIdentifier) -> _Place:
    return identifier.type_code, identifier.issuer_code, identifier.serial
