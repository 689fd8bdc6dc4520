"""Writing versions of licences: reservations before, rows after, and both undone by whoever owns them."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from typing import Final

from egov_sdk.codes import normalize
from egov_sdk.license.identifier import LicenseIdentifier
from egov_sdk.license.metadata import LicenseMetadata
from egov_sdk.license.model import License
from egov_sdk.license.register.desk import Desk, Note
from egov_sdk.license.register.making import Made
from egov_sdk.license.register.rows import (
    RESERVED,
    event_row,
    holder_rows,
    identifier_of,
    packed_metadata,
    packed_pictures,
    unpacked_metadata,
)
from egov_sdk.license.register.tables import EVENTS, FILES, HOLDERS, PENDING, PLACES, REQUESTS, SERIES, VERSIONS
from egov_sdk.license.states import LicenseAction, LicenseState, StatusEntry
from egov_sdk.storage.sql import (
    Connection,
    RowMapping,
    bindparam,
    delete,
    func,
    insert,
    insert_unless_there,
    select,
    update,
    upsert,
)
from egov_sdk.storage.statements import Prepared

__all__ = [
    "Work",
    "as_license",
    "finish",
    "give_up",
    "metadata_kept",
    "new_series",
    "next_event",
    "number_key",
    "owned",
    "pending_work",
    "reserve",
    "reserve_alone",
    "stale",
    "undo",
    "write_file",
    "write_versions",
]


@dataclass(frozen=True, slots=True)
class Work:
    """A version that is to be made: all that is needed to make it, also in another process.

    Attributes:
        series: the row of its licence.
        state: the licence's state once it is stored.
        at: when it was asked for.
    """

    series: int
    action: LicenseAction
    metadata: LicenseMetadata = field(repr=False)
    state: LicenseState
    at: datetime
    pictures: Mapping[str, bytes] = field(repr=False, default_factory=dict)
    reason: str = field(repr=False, default="")
    actor: str = ""

    @property
    def identifier(self) -> LicenseIdentifier:
        return self.metadata.identifier

    def standing_at(self, place: StatusEntry | None) -> Work:
        """The same with its place in the status list, which its file tells."""
        return replace(self, metadata=self.metadata.model_copy(update={"status": place}))


_INSERT_PENDING: Final = Prepared(insert(PENDING))
_INSERTS: Final = {one.name: Prepared(insert(one)) for one in (VERSIONS, FILES, HOLDERS, EVENTS)}
_OWNED: Final = Prepared(
    delete(PENDING)
    .where(PENDING.c.series == bindparam("of_series"), PENDING.c.owner == bindparam("of_owner"))
    .returning(PENDING.c.series)
)
_OWNED_ALL: Final = Prepared(
    delete(PENDING).where(PENDING.c.owner == bindparam("of_owner")).returning(PENDING.c.series)
)
_STALE: Final = select(PENDING.c.series).where(PENDING.c.until <= bindparam("now")).order_by(PENDING.c.series)
_TAKE_OVER: Final = (
    update(PENDING)
    .where(PENDING.c.series == bindparam("of_series"), PENDING.c.until <= bindparam("now"))
    .values(owner=bindparam("new_owner"), until=bindparam("new_until"))
    .returning(PENDING.c.version, PENDING.c.action, PENDING.c.draft, PENDING.c.at)
)
_STORED: Final = Prepared(
    update(SERIES)
    .where(SERIES.c.id == bindparam("of_id"))
    .values(state=bindparam("new_state"), latest=bindparam("new_latest"), updated_at=bindparam("now"))
)
_RESERVED: Final = select(SERIES.c.id).where(SERIES.c.id == bindparam("of_series"), SERIES.c.state == RESERVED)
_LAST_EVENT: Final = select(func.max(EVENTS.c.number)).where(EVENTS.c.series == bindparam("of_series"))


def number_key(desk: Desk, *, type_code: str, issuer_code: str, number: str) -> bytes:
    """Under what the number of a licence is found, whichever width and case it is written in."""
    return desk.vault.digest("number", type_code, issuer_code, normalize(number))


def new_series(
    connection: Connection, desk: Desk, licenses: Sequence[LicenseMetadata], *, state: str, latest: int, at: datetime
) -> dict[tuple[str, str, str], int]:
    """Rows for new licences, by type, issuer and serial. One whose number or serial is taken has none.

    Whoever adds the same at the same time waits. In PostgreSQL two who add the same in another order wait for each
    other, and the database tells one of them that it is busy.
    """
    rows = []
    for metadata in licenses:
        one = metadata.identifier
        key = number_key(desk, type_code=one.type_code, issuer_code=one.issuer_code, number=metadata.number)
        values = {"type_code": one.type_code, "issuer_code": one.issuer_code, "serial": one.serial}
        rows.append(values | {"number_key": key, "state": state, "latest": latest, "updated_at": at})
    given = _new_series(connection.dialect.name).fetch(connection, *rows)
    return {(type_code, issuer_code, serial): series for series, type_code, issuer_code, serial in given}


@cache
def _new_series(dialect: str) -> Prepared:
    names = tuple(one.name for one in SERIES.columns if one is not SERIES.c.id)
    wanted = upsert(dialect, SERIES).on_conflict_do_nothing()
    given = wanted.returning(SERIES.c.id, SERIES.c.type_code, SERIES.c.issuer_code, SERIES.c.serial)
    return Prepared(given, names=names)


def reserve(connection: Connection, desk: Desk, work: Iterable[Work], *, owner: bytes, at: datetime) -> None:
    """Say that versions are being made, and keep all that is needed to make them."""
    until = at + desk.settings.lease
    rows = [
        {
            "series": one.series,
            "version": one.identifier.version,
            "action": one.action.value,
            "owner": owner,
            "until": until,
            "draft": desk.vault.pack(_written(one), place=_place(one.series, one.identifier.version)),
            "at": one.at,
        }
        for one in work
    ]
    _INSERT_PENDING.run(connection, rows)


def reserve_alone(connection: Connection, desk: Desk, work: Work, *, owner: bytes, at: datetime) -> bool:
    """As ``reserve``, for one; False when the licence is being changed by somebody else."""
    row = {
        "series": work.series,
        "version": work.identifier.version,
        "action": work.action.value,
        "owner": owner,
        "until": at + desk.settings.lease,
        "draft": desk.vault.pack(_written(work), place=_place(work.series, work.identifier.version)),
        "at": work.at,
    }
    return insert_unless_there(connection, PENDING, row)


def _place(series: int, version: int) -> str:
    return f"draft {series} {version}"


def _written(work: Work) -> bytes:
    values = {
        "state": work.state.value,
        "pictures": {name: b64encode(one).decode() for name, one in work.pictures.items()},
        "reason": work.reason,
        "actor": work.actor,
    }
    metadata = work.metadata.model_dump_json(exclude={"identifier"})
    return f'{{"metadata":{metadata},{json.dumps(values, ensure_ascii=False)[1:]}'.encode()


def stale(connection: Connection, *, at: datetime) -> tuple[int, ...]:
    """The series of which a version was begun and left lying for longer than the lease."""
    return tuple(series for (series,) in connection.execute(_STALE, {"now": at}))


def pending_work(connection: Connection, desk: Desk, series: int, *, owner: bytes, at: datetime) -> Work | None:
    """Take over what was left lying; None when somebody else has done so, or it is not old enough."""
    asked = {"of_series": series, "now": at, "new_owner": owner, "new_until": at + desk.settings.lease}
    row = connection.execute(_TAKE_OVER, asked).mappings().one_or_none()
    if row is None:
        return None
    of = connection.execute(select(SERIES).where(SERIES.c.id == series)).mappings().one()
    return _work_of(desk, of, row)


def _work_of(desk: Desk, series: RowMapping, row: RowMapping) -> Work:
    identifier = identifier_of(series, row["version"])
    kept = json.loads(desk.vault.unpack(row["draft"], place=_place(series["id"], row["version"])))
    return Work(
        series=series["id"],
        action=LicenseAction(row["action"]),
        metadata=LicenseMetadata.model_validate(kept["metadata"] | {"identifier": identifier}),
        state=LicenseState(kept["state"]),
        at=row["at"],
        pictures={name: b64decode(one) for name, one in kept["pictures"].items()},
        reason=kept["reason"],
        actor=kept["actor"],
    )


def owned(connection: Connection, owner: bytes, *, series: int | None = None) -> frozenset[int]:
    """End the reservations that are still one's own, all of them or that of one series; which they were."""
    if series is None:
        return frozenset(one for (one,) in _OWNED_ALL.fetch(connection, {"of_owner": owner}))
    return frozenset(one for (one,) in _OWNED.fetch(connection, {"of_owner": owner, "of_series": series}))


def give_up(connection: Connection, owner: bytes) -> None:
    """Undo what one has reserved, as if it had never been asked for."""
    for series in sorted(owned(connection, owner)):
        undo(connection, series)


def undo(connection: Connection, series: int) -> None:
    """Undo one reservation."""
    connection.execute(delete(PENDING).where(PENDING.c.series == series))
    if connection.execute(_RESERVED, {"of_series": series}).first() is not None:
        connection.execute(delete(REQUESTS).where(REQUESTS.c.series == series))
        connection.execute(delete(PLACES).where(PLACES.c.series == series))
        connection.execute(delete(SERIES).where(SERIES.c.id == series))


def write_versions(
    connection: Connection,
    desk: Desk,
    done: Sequence[tuple[Work, Made | None]],
    *,
    at: datetime,
    first_event: int = 1,
    move: bool = True,
) -> None:
    """Write first or further versions with their files, holders and events.

    The series' rows are there; ``move`` brings their state and latest version up to date.
    """
    vault = desk.vault
    versions, files, events, moved = [], [], [], []
    holders: list[dict[str, object]] = []
    for work, made in done:
        series, version, state = work.series, work.identifier.version, work.state.value
        stored = {"state": state, "updated_at": at, "file_digest": made.digest if made else ""}
        metadata = packed_metadata(vault, work.metadata, series=series)
        versions.append({"series": series, "version": version, "metadata": metadata, **stored})
        pictures = packed_pictures(vault, work.pictures, series=series, version=version)
        if made is not None or pictures is not None:
            file = vault.pack(made.file, place=f"file {series} {version}") if made else None
            files.append({"series": series, "version": version, "file": file, "pictures": pictures})
        holders += holder_rows(vault, work.metadata, series=series)
        what = {"action": work.action.value, "state": state, "actor": work.actor, "reason": work.reason}
        events.append(event_row(vault, series=series, number=first_event, version=version, at=work.at, **what))
        moved.append({"of_id": series, "new_state": state, "new_latest": version, "now": at})
    for table, rows in ((VERSIONS, versions), (FILES, files), (HOLDERS, holders), (EVENTS, events)):
        if rows:
            _INSERTS[table.name].run(connection, rows)
    if move:
        _STORED.run(connection, moved)


def write_file(
    connection: Connection, desk: Desk, series: int, version: int, *, made: Made, pictures: Mapping[str, bytes]
) -> None:
    """Write the file of a version that had none."""
    file = desk.vault.pack(made.file, place=f"file {series} {version}")
    kept = packed_pictures(desk.vault, pictures, series=series, version=version)
    connection.execute(delete(FILES).where(FILES.c.series == series, FILES.c.version == version))
    connection.execute(insert(FILES).values(series=series, version=version, file=file, pictures=kept))


def next_event(connection: Connection, series: int) -> int:
    """The number of the next event of a licence."""
    return int(connection.execute(_LAST_EVENT, {"of_series": series}).scalar_one() or 0) + 1


def finish(connection: Connection, desk: Desk, done: Sequence[tuple[Work, Made]], *, at: datetime) -> None:
    """Store first versions that were reserved, and note them."""
    write_versions(connection, desk, done, at=at)
    notes = [
        Note("license.issued", str(work.identifier), work.actor, {"action": work.action.value, "file": made.digest})
        for work, made in done
    ]
    desk.note_all(connection, notes, at=at)


def as_license(work: Work, made: Made, *, at: datetime) -> License:
    """What was just stored."""
    return License(
        metadata=work.metadata,
        state=work.state,
        updated_at=at,
        file_digest=made.digest,
        latest_version=work.identifier.version,
        file=made.file,
    )


def metadata_kept(desk: Desk, row: RowMapping) -> LicenseMetadata:
    """The metadata of a row of RECORDS."""
    identifier = identifier_of(row, row["version"])
    return unpacked_metadata(desk.vault, row["metadata"], series=row["id"], identifier=identifier)
