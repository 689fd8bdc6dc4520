"""Changes (变更、延续) and actions (暂扣、吊销、注销 …), and finishing what was left lying."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from egov_sdk.errors import EgovError
from egov_sdk.license.identifier import LicenseIdentifier
from egov_sdk.license.metadata import LicenseMetadata
from egov_sdk.license.model import License, LicenseChange, LicenseRecord, LicenseRef, read_identifier
from egov_sdk.license.problems import refuse
from egov_sdk.license.register.desk import Desk
from egov_sdk.license.register.drafts import changed_metadata, check_draft
from egov_sdk.license.register.making import Made, make, sealers_for
from egov_sdk.license.register.places import PlaceDesk
from egov_sdk.license.register.rows import (
    event_row,
    identifier_of,
    pictures_of,
    record_at,
    record_of,
    series_of,
)
from egov_sdk.license.register.storing import (
    Work,
    as_license,
    finish,
    give_up,
    metadata_kept,
    next_event,
    owned,
    pending_work,
    reserve_alone,
    stale,
    undo,
    write_versions,
)
from egov_sdk.license.register.tables import EVENTS, HOLDERS, PENDING, SERIES, VERSIONS
from egov_sdk.license.register.types import type_at
from egov_sdk.license.sealing import Sealer
from egov_sdk.license.states import LicenseAction, LicenseState, next_state
from egov_sdk.storage import StorageError
from egov_sdk.storage.sql import Connection, RowMapping, bindparam, delete, insert, select, update

__all__ = ["ChangeDesk", "Recovery"]

_OWNER: Final = 16
_NEW_VERSION: Final = frozenset(
    {LicenseAction.ISSUE, LicenseAction.IMPORT, LicenseAction.CHANGE, LicenseAction.RENEW, LicenseAction.SUPERSEDE}
)
#: What needs no reason: it takes nothing away.
_FREELY: Final = frozenset({LicenseAction.ACTIVATE, LicenseAction.RESUME})
_PENDING: Final = select(PENDING.c.until).where(PENDING.c.series == bindparam("of_series"))
_LOCK: Final = select(SERIES.c.id).where(SERIES.c.id == bindparam("of_series")).with_for_update()
_STATE: Final = (
    update(VERSIONS)
    .where(VERSIONS.c.series == bindparam("of_series"), VERSIONS.c.version == bindparam("of_version"))
    .values(state=bindparam("new_state"), updated_at=bindparam("now"))
)
_SERIES_STATE: Final = (
    update(SERIES)
    .where(SERIES.c.id == bindparam("of_id"))
    .values(state=bindparam("new_state"), updated_at=bindparam("now"))
)


@dataclass(frozen=True, slots=True)
class Recovery:
    """What became of what was left lying: finished, or still there and why, by the code of the error."""

    finished: tuple[LicenseIdentifier, ...] = ()
    left: tuple[tuple[LicenseIdentifier, str], ...] = ()


class ChangeDesk:
    """Changes what is in force, and finishes what others began."""

    def __init__(self, desk: Desk, places: PlaceDesk, *, sealers: Mapping[str, Sealer]) -> None:
        self._desk, self._places, self._sealers = desk, places, sealers

    def change(
        self,
        identifier: LicenseRef,
        change: LicenseChange,
        *,
        action: LicenseAction,
        reason: str,
        actor: str,
        at: datetime,
    ) -> License:
        """A new version; the one before is superseded."""
        one = read_identifier(identifier)
        self._finish_left(one, at=at)
        owner = self._desk.random(_OWNER)
        with self._desk.store.write(durable=False) as connection:
            work = self._planned(connection, one, change, action=action, reason=reason, actor=actor, at=at)
            if not reserve_alone(connection, self._desk, work, owner=owner, at=at):
                raise refuse("change_running")
        try:
            made = self._made(work, at=at)
            self._store_version(work, made, owner=owner, at=at)
        except BaseException:
            with suppress(StorageError), self._desk.store.write() as connection:
                give_up(connection, owner)
            raise
        return as_license(work, made, at=at)

    def _finish_left(self, identifier: LicenseIdentifier, *, at: datetime) -> None:
        with self._desk.store.read() as connection:
            series = series_of(connection, identifier)["id"]
            until = connection.execute(_PENDING, {"of_series": series}).scalar()
        if until is not None and until <= at:
            self.resume(series, at=at)

    def _planned(
        self,
        connection: Connection,
        identifier: LicenseIdentifier,
        change: LicenseChange,
        *,
        action: LicenseAction,
        reason: str,
        actor: str,
        at: datetime,
    ) -> Work:
        series = _latest(connection, identifier)
        state = _next(series, action)
        row = record_at(connection, identifier)
        if row is None:
            raise refuse("license_unknown")
        before = metadata_kept(self._desk, row)
        if action is LicenseAction.RENEW:
            _check_renewal(before, change)
        metadata = changed_metadata(before, change)
        kept = pictures_of(connection, self._desk.vault, series=series["id"], version=identifier.version)
        pictures = kept | dict(change.pictures)
        license_type = type_at(connection, identifier.type_code)
        check_draft(metadata, license_type, pictures=pictures)
        sealers_for(license_type, self._sealers)
        work = Work(series["id"], action, metadata, state, at, pictures, reason=reason, actor=actor)
        return work.standing_at(self._places.for_files(connection, {work.series: work.identifier}).get(work.series))

    def _made(self, work: Work, *, at: datetime) -> Made:
        with self._desk.store.read() as connection:
            license_type = type_at(connection, work.identifier.type_code)
        return make(license_type, work.metadata, pictures=work.pictures, sealers=self._sealers, signed_at=at)

    def _store_version(self, work: Work, made: Made, *, owner: bytes, at: datetime) -> None:
        with self._desk.store.write() as connection:
            # the licence first, as whoever acts on it does: otherwise two could wait for each other
            connection.execute(_LOCK, {"of_series": work.series})
            if not owned(connection, owner, series=work.series):
                raise refuse("change_overtaken")
            connection.execute(delete(HOLDERS).where(HOLDERS.c.series == work.series))
            number, version = next_event(connection, work.series), work.identifier.version - 1
            superseded = LicenseState.SUPERSEDED.value
            old = {"of_series": work.series, "of_version": version, "new_state": superseded, "now": at}
            connection.execute(_STATE, old)
            what = {"action": LicenseAction.SUPERSEDE.value, "state": superseded, "actor": work.actor}
            row = event_row(self._desk.vault, series=work.series, number=number, version=version, at=work.at, **what)
            connection.execute(insert(EVENTS), [row])
            write_versions(connection, self._desk, [(work, made)], at=at, first_event=number + 1)
            detail = {"action": work.action.value, "file": made.digest, "reason": self._sealed_reason(work.reason)}
            self._desk.note(
                connection, "license.changed", at=at, actor=work.actor, subject=str(work.identifier), detail=detail
            )

    def act(
        self,
        identifier: LicenseRef,
        action: LicenseAction,
        *,
        reason: str,
        actor: str,
        at: datetime,
    ) -> LicenseRecord:
        """Do something to a licence that makes no new version. A change that is at work is called off by it."""
        if action in _NEW_VERSION:
            raise ValueError(f"{action.value} makes a new version, and is no action by itself")
        if action not in _FREELY and not reason.strip():
            raise refuse("reason_missing", action=action.value)
        one = read_identifier(identifier)
        with self._desk.store.write() as connection:
            series = _latest(connection, one)
            state = _next(series, action).value
            connection.execute(delete(PENDING).where(PENDING.c.series == series["id"]))
            moved = {"of_series": series["id"], "of_version": one.version, "new_state": state, "now": at}
            connection.execute(_STATE, moved)
            connection.execute(_SERIES_STATE, {"of_id": series["id"], "new_state": state, "now": at})
            row = event_row(
                self._desk.vault,
                series=series["id"],
                number=next_event(connection, series["id"]),
                version=one.version,
                at=at,
                action=action.value,
                state=state,
                actor=actor,
                reason=reason,
            )
            connection.execute(insert(EVENTS), [row])
            detail = {"from": series["state"], "to": state, "reason": self._sealed_reason(reason)}
            self._desk.note(connection, f"license.{action.value}", at=at, actor=actor, subject=str(one), detail=detail)
            found = record_at(connection, one)
            if found is None:
                raise refuse("license_unknown")
            return record_of(self._desk.vault, found)

    def _sealed_reason(self, reason: str) -> str:
        """A reason may name people: the log binds it by a keyed digest, and the history tells it."""
        return self._desk.vault.digest("reason", reason).hex() if reason else ""

    def resume(self, series: int, *, at: datetime) -> LicenseIdentifier | None:
        """Finish what was left lying for one series; None when there is nothing, or somebody is at it."""
        owner = self._desk.random(_OWNER)
        with self._desk.store.write(durable=False) as connection:
            work = pending_work(connection, self._desk, series, owner=owner, at=at)
        if work is None:
            return None
        made = self._made(work, at=at)
        if work.action is not LicenseAction.ISSUE:
            self._store_version(work, made, owner=owner, at=at)
            return work.identifier
        with self._desk.store.write() as connection:
            if not owned(connection, owner, series=series):
                return None
            finish(connection, self._desk, [(work, made)], at=at)
        return work.identifier

    def recover(self, *, at: datetime) -> Recovery:
        """Finish everything that was left lying for longer than the lease; what cannot be finished stays."""
        with self._desk.store.read() as connection:
            found = stale(connection, at=at)
        finished, left = [], []
        for series in found:
            try:
                done = self.resume(series, at=at)
            except (EgovError, ValueError) as error:  # one that cannot be finished must not keep the others
                code = error.code if isinstance(error, EgovError) else type(error).__name__
                left.append((self._identifier_left(series), code))
                continue
            if done is not None:
                finished.append(done)
        return Recovery(tuple(finished), tuple(left))

    def _identifier_left(self, series: int) -> LicenseIdentifier:
        wanted = select(SERIES, PENDING.c.version).join(PENDING, PENDING.c.series == SERIES.c.id)
        with self._desk.store.read() as connection:
            row = connection.execute(wanted.where(SERIES.c.id == series)).mappings().one()
        return identifier_of(row, row["version"])

    def abandon(self, identifier: LicenseRef, *, at: datetime) -> None:
        """Give up what was left lying and cannot be finished; its number may be used again."""
        one = read_identifier(identifier)
        with self._desk.store.write() as connection:
            wanted = (
                select(PENDING.c.series)
                .join(SERIES, SERIES.c.id == PENDING.c.series)
                .where(
                    SERIES.c.type_code == one.type_code,
                    SERIES.c.issuer_code == one.issuer_code,
                    SERIES.c.serial == one.serial,
                    PENDING.c.version == one.version,
                    PENDING.c.until <= at,
                )
            )
            series = connection.execute(wanted).scalar()
            if series is None:
                raise refuse("license_unknown")
            undo(connection, series)
            self._desk.note(connection, "license.abandoned", at=at, subject=str(one))


def _latest(connection: Connection, identifier: LicenseIdentifier) -> RowMapping:
    """The locked row of a licence of which this is the latest version."""
    series = series_of(connection, identifier, lock=True)
    if series["latest"] != identifier.version:
        raise refuse("version_old", found=identifier.version, expected=series["latest"])
    return series


def _next(series: RowMapping, action: LicenseAction) -> LicenseState:
    state = next_state(LicenseState(series["state"]), action)
    if state is None:
        raise refuse("action_refused", action=action.value, state=series["state"])
    return state


def _check_renewal(before: LicenseMetadata, change: LicenseChange) -> None:
    """A renewal ends later than what it renews."""
    until: date | None = None if change.without_end else change.valid_until
    if before.valid_until is None:
        raise refuse("renewal_endless")
    if until is not None and until <= before.valid_until:
        raise refuse("renewal_term", expected=before.valid_until, found=until)
