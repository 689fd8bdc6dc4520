"""Callers as the verifier of a served province looks them up: from the database, which is asked again every moment."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from typing import Final

from egov_sdk.crypto import SM2PublicKey, load_public_key
from egov_sdk.gateway.refusals import refuse
from egov_sdk.gateway.verifier import CallerKey
from egov_sdk.platform.callers import PlatformCaller
from egov_sdk.platform.problems import ProvinceRejected
from egov_sdk.platform.register.callers import AUDIT_CHAIN
from egov_sdk.platform.register.records import CallerRecord, Credential, credential_of, record_of
from egov_sdk.platform.register.tables import CALLERS, CREDENTIALS, PLATFORM
from egov_sdk.platform.register.wrapping import CallerKeys
from egov_sdk.storage import AuditLog, StorageError, Store
from egov_sdk.storage.sql import Connection, RowMapping, select

__all__ = ["StoredCallers"]

_FRESH_S: Final = 2.0
_log = logging.getLogger("egov_sdk.platform")


@dataclass(frozen=True, slots=True)
class _Known:
    record: CallerRecord
    secrets: tuple[tuple[Credential, str], ...] = field(repr=False)
    public_keys: tuple[tuple[Credential, SM2PublicKey], ...]


@dataclass(frozen=True, slots=True)
class _Book:
    read_s: float
    number: int
    callers: Mapping[str, _Known]


class StoredCallers:
    """The callers of a register, in place of a CallerBook; threads may share it.

    What changes in the register counts within ``fresh_s`` seconds, in every process: for so long it is not asked again.
    When the database does not answer then, nobody is let in.

    Args:
        timer: Seconds that only go forward, for ``fresh_s``.
    """

    def __init__(
        self,
        store: Store,
        *,
        keys: CallerKeys,
        clock: Callable[[], datetime],
        fresh_s: float = _FRESH_S,
        timer: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store, self._keys, self._clock, self._fresh_s, self._timer = store, keys, clock, fresh_s, timer
        self._audit, self._lock = AuditLog(AUDIT_CHAIN), Lock()
        self._seen: _Book | None = None
        store.prepare(PLATFORM, at=clock())

    def get(self, caller: str, /) -> CallerKey | None:
        """With what requests of this one are checked now; None for strangers and those locked out.

        Raises:
            RequestRefused: the database does not answer, and what was known is too old to be believed.
        """
        known = self._active(caller)
        if known is None:
            return None
        at = self._clock()
        return CallerKey(
            secrets=tuple(secret for one, secret in known.secrets if one.counts(at)),
            public_keys=tuple(key for one, key in known.public_keys if one.counts(at)),
        )

    def speaks_for(self, caller: str) -> frozenset[str]:
        """The codes of the departments for which this one speaks; none for a stranger."""
        found = self.find(caller)
        return frozenset() if found is None else found.speaks_for

    def may(self, caller: str, operation: str) -> bool:
        """Whether this one may ask for this operation."""
        found = self.find(caller)
        return found is not None and found.may(operation)

    def find(self, caller: str) -> PlatformCaller | None:
        """The caller with this id, if it is let in and was granted something."""
        known = self._active(caller)
        return None if known is None else _as_caller(known, self._clock())

    def all(self) -> tuple[PlatformCaller, ...]:
        """Everybody who is let in and was granted something, by id."""
        at, book = self._clock(), self._fresh()
        found = (_as_caller(book[one], at) for one in sorted(book) if book[one].record.state == "active")
        return tuple(one for one in found if one is not None)

    def _active(self, caller: str) -> _Known | None:
        known = self._fresh().get(caller)
        return known if known is not None and known.record.state == "active" else None

    def _fresh(self) -> Mapping[str, _Known]:
        book = self._seen
        if book is not None and self._timer() - book.read_s < self._fresh_s:
            return book.callers
        with self._lock:
            book, now_s = self._seen, self._timer()
            if book is not None and now_s - book.read_s < self._fresh_s:
                return book.callers
            try:
                with self._store.read() as connection:
                    # every change moves the head
                    number = self._audit.head(connection).number
                    known = book.callers if book and book.number == number else self._read(connection)
            except StorageError as error:
                raise refuse("refused.busy", found=error.code) from error
            self._seen = _Book(now_s, number, known)
            return known

    def _read(self, connection: Connection) -> dict[str, _Known]:
        kept: dict[str, list[RowMapping]] = {}
        for row in connection.execute(select(CREDENTIALS).order_by(CREDENTIALS.c.number)).mappings():
            kept.setdefault(row["caller"], []).append(row)
        rows = connection.execute(select(CALLERS)).mappings()
        return {row["id"]: self._known(row, kept.get(row["id"], [])) for row in rows}

    def _known(self, row: RowMapping, kept: list[RowMapping]) -> _Known:
        secrets, keys = [], []
        shown = tuple(map(credential_of, kept))
        for credential, one in zip(shown, kept, strict=True):
            if one["public_key"] is not None:
                keys.append((credential, load_public_key(one["public_key"])))
                continue
            try:
                secret = self._keys.unwrap(one["wrapped"], caller=row["id"], number=one["number"])
            except ProvinceRejected as refused:
                # the others are not to stand outside for it
                _log.error("%s", refused)
            else:
                secrets.append((credential, secret))
        return _Known(record_of(row, shown), tuple(secrets), tuple(keys))


def _as_caller(known: _Known, at: datetime) -> PlatformCaller | None:
    record = known.record
    secrets = tuple(secret for one, secret in known.secrets if one.counts(at))
    keys = tuple(key for one, key in known.public_keys if one.counts(at))
    if not record.roles or not (secrets or keys):
        return None
    return PlatformCaller(
        id=record.id,
        department=record.department,
        roles=record.roles,
        secrets=secrets,
        public_keys=keys,
        also_for=record.also_for,
    )
