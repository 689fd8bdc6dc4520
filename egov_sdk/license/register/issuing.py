"""Issuing (签发): reserve, make and seal, store. What is cut off in between is finished later, once.

The reservation holds all that is needed, so that another process can finish it; number and serial are taken from then
on. Sealing happens outside of every transaction. Whoever stores must still own the reservation: of two who work on one
licence, one stores it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from egov_sdk.crypto import sm3
from egov_sdk.license.catalogue import LicenseType
from egov_sdk.license.identifier import LicenseIdentifier
from egov_sdk.license.model import License, LicenseDraft
from egov_sdk.license.problems import LicenseRejected, refuse
from egov_sdk.license.register.desk import Desk, digest_of
from egov_sdk.license.register.drafts import check_draft, metadata_of
from egov_sdk.license.register.making import make, sealers_for
from egov_sdk.license.register.places import PlaceDesk
from egov_sdk.license.register.rows import RECORDS, RESERVED, file_of, record_of, with_file
from egov_sdk.license.register.storing import (
    Work,
    as_license,
    finish,
    give_up,
    new_series,
    number_key,
    owned,
    reserve,
)
from egov_sdk.license.register.tables import PENDING, REQUESTS, SERIES, VERSIONS
from egov_sdk.license.register.types import issuable
from egov_sdk.license.sealing import Sealer
from egov_sdk.license.states import LicenseAction, LicenseState
from egov_sdk.storage import StorageError
from egov_sdk.storage.sql import Connection, bindparam, insert_unless_there, select

__all__ = ["IssueDesk"]

_OWNER: Final = 16
_FIRST: Final = RECORDS.where(SERIES.c.id == bindparam("of_series"), VERSIONS.c.version == 1)
_REQUEST: Final = select(REQUESTS.c.series, REQUESTS.c.draft).where(REQUESTS.c.key == bindparam("of_key"))
_RUNNING: Final = select(PENDING.c.until).where(PENDING.c.series == bindparam("of_series"), PENDING.c.version == 1)
_BY_NUMBER: Final = select(SERIES.c.id).where(
    SERIES.c.type_code == bindparam("of_type"),
    SERIES.c.issuer_code == bindparam("of_issuer"),
    SERIES.c.number_key == bindparam("of_number"),
    SERIES.c.state != LicenseState.WITHDRAWN.value,
)


@dataclass(frozen=True, slots=True)
class _Asked:
    """One draft, where it stands among its batch, and the request that it came with."""

    draft: LicenseDraft
    index: int
    key: bytes | None = None
    digest: bytes = b""


class IssueDesk:
    """Issues licences."""

    def __init__(self, desk: Desk, places: PlaceDesk, *, resume: Callable[[int], object]) -> None:
        """``resume`` finishes what somebody left lying for a series."""
        self._desk, self._places, self._resume = desk, places, resume

    def issue(
        self,
        drafts: Sequence[LicenseDraft],
        *,
        request_ids: Sequence[str],
        sealers: Mapping[str, Sealer],
        at: datetime,
        actor: str,
    ) -> tuple[License, ...]:
        """Issue licences, all of them or none, in the order of their drafts."""
        asked = [self._asked(draft, n, one) for n, (draft, one) in enumerate(zip(drafts, request_ids, strict=True))]
        keys = [one.key for one in asked if one.key is not None]
        if len(set(keys)) != len(keys):
            raise ValueError("a request id stands twice")
        self._resume_requests(keys, at=at)
        owner = self._desk.random(_OWNER)
        with self._desk.store.write(durable=False) as connection:
            before, work, types = self._reserve(connection, asked, owner=owner, sealers=sealers, at=at, actor=actor)
        try:
            made = [
                make(types[one.metadata.type_code], one.metadata, pictures=one.pictures, sealers=sealers, signed_at=at)
                for one in work.values()
            ]
            with self._desk.store.write() as connection:
                mine = owned(connection, owner)
                done = [(one, file) for one, file in zip(work.values(), made, strict=True) if one.series in mine]
                if done:
                    finish(connection, self._desk, done, at=at)
        except BaseException:
            with suppress(StorageError), self._desk.store.write() as connection:
                give_up(connection, owner)
            raise
        fresh = {index: as_license(one, file, at=at) for (index, one), file in zip(work.items(), made, strict=True)}
        overtaken = {index: one.series for index, one in work.items() if one.series not in mine}
        fresh |= {index: self._there(series) for index, series in (before | overtaken).items()}
        return tuple(fresh[index] for index in range(len(asked)))

    def _asked(self, draft: LicenseDraft, index: int, request_id: str) -> _Asked:
        if not request_id:
            return _Asked(draft, index)
        pictures = (part for name in sorted(draft.pictures) for part in (name, sm3(draft.pictures[name]).hex()))
        digest = self._desk.vault.digest("draft", draft.model_dump_json(exclude={"pictures"}), *pictures)
        return _Asked(draft, index, digest_of(request_id), digest)

    def _resume_requests(self, keys: Sequence[bytes], *, at: datetime) -> None:
        """Finish first what the same requests began and nobody is at work on any more."""
        if not keys:
            return
        with self._desk.store.read() as connection:
            left = [
                row[0]
                for key in keys
                if (row := connection.execute(_REQUEST, {"of_key": key}).one_or_none()) is not None
                and (until := connection.execute(_RUNNING, {"of_series": row[0]}).scalar()) is not None
                and until <= at
            ]
        for series in left:
            self._resume(series)

    def _reserve(
        self,
        connection: Connection,
        asked: Sequence[_Asked],
        *,
        owner: bytes,
        sealers: Mapping[str, Sealer],
        at: datetime,
        actor: str,
    ) -> tuple[dict[int, int], dict[int, Work], dict[str, LicenseType]]:
        """Series that were there by request, new work, both by the index of the draft; and the types of the work."""
        before, new = {}, []
        for one in asked:
            series = _answered(connection, one)
            if series is None:
                new.append(one)
            else:
                before[one.index] = series
        types = {code: issuable(connection, code) for code in {one.draft.type_code for one in new}}
        for license_type in types.values():
            sealers_for(license_type, sealers)
        planned = {one.index: self._planned(one, types[one.draft.type_code], at=at, actor=actor) for one in new}
        if not planned:
            return before, {}, types
        metadata = [work.metadata for work in planned.values()]
        rows = new_series(connection, self._desk, metadata, state=RESERVED, latest=0, at=at)
        work = {}
        for one in new:
            plan = planned[one.index]
            place = (plan.identifier.type_code, plan.identifier.issuer_code, plan.identifier.serial)
            # popped: of two drafts with one serial in a batch, the second finds none
            if (series := rows.pop(place, None)) is not None:
                work[one.index] = replace(plan, series=series)
            # asked again: in PostgreSQL the same request may have come about while we waited for its number
            elif (there := _answered(connection, one)) is not None:
                before[one.index] = there
            else:
                raise _of(one.index, self._taken(connection, plan))
        if not work:
            return before, {}, types
        self._remember(connection, new, work, at=at)
        places = self._places.for_new(connection, {one.series: one.identifier for one in work.values()})
        work = {index: one.standing_at(places.get(one.series)) for index, one in work.items()}
        reserve(connection, self._desk, work.values(), owner=owner, at=at)
        return before, work, types

    def _planned(self, asked: _Asked, license_type: LicenseType, *, at: datetime, actor: str) -> Work:
        draft = asked.draft
        try:
            issuer = self._desk.issuer(draft.issuer)
            metadata = metadata_of(draft, license_type, identifier=self._identifier(draft, issuer.code), issuer=issuer)
            check_draft(metadata, license_type, pictures=draft.pictures)
        except LicenseRejected as error:
            raise _of(asked.index, error) from None
        state = LicenseState.VALID if draft.active else LicenseState.INACTIVE
        return Work(0, LicenseAction.ISSUE, metadata, state, at, dict(draft.pictures), actor=actor)

    def _identifier(self, draft: LicenseDraft, issuer_code: str) -> LicenseIdentifier:
        serial = draft.serial or self._desk.new_serial()
        try:
            return LicenseIdentifier.build(type_code=draft.type_code, issuer_code=issuer_code, serial=serial)
        except ValueError:
            raise refuse("serial_shape", found=serial) from None

    def _taken(self, connection: Connection, work: Work) -> LicenseRejected:
        """Which of the two is taken."""
        one = work.identifier
        asked = {"of_type": one.type_code, "of_issuer": one.issuer_code, "of_serial": one.serial}
        key = number_key(self._desk, type_code=one.type_code, issuer_code=one.issuer_code, number=work.metadata.number)
        if connection.execute(_BY_NUMBER, asked | {"of_number": key}).first() is not None:
            return refuse("number_taken")
        return refuse("serial_taken", found=one.serial)

    def _remember(
        self, connection: Connection, new: Sequence[_Asked], work: Mapping[int, Work], *, at: datetime
    ) -> None:
        for one in new:
            if one.key is not None and one.index in work:
                row = {"key": one.key, "series": work[one.index].series, "draft": one.digest, "at": at}
                if not insert_unless_there(connection, REQUESTS, row):
                    raise refuse("request_running")

    def _there(self, series: int) -> License:
        """A licence that an earlier request has issued, in its first version."""
        with self._desk.store.read() as connection:
            row = connection.execute(_FIRST, {"of_series": series}).mappings().one_or_none()
            if row is None:
                raise refuse("request_running")
            record = record_of(self._desk.vault, row)
            return with_file(record, file_of(connection, self._desk.vault, series=series, version=1))


def _answered(connection: Connection, asked: _Asked) -> int | None:
    """The series that the same request was given before."""
    if asked.key is None:
        return None
    row = connection.execute(_REQUEST, {"of_key": asked.key}).one_or_none()
    if row is None:
        return None
    if row[1] != asked.digest:
        raise refuse("request_mismatch")
    if connection.execute(_RUNNING, {"of_series": row[0]}).first() is not None:
        raise refuse("request_running")
    return int(row[0])


def _of(index: int, error: LicenseRejected) -> LicenseRejected:
    """A refusal that says which draft of a batch it is about."""
    error.detail["index"] = index
    return error
