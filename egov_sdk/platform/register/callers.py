"""The callers in an office's database: let in, granted, rotated and locked out, each time with an entry in the log."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Final

from egov_sdk.crypto import SM2PublicKey
from egov_sdk.license.metadata import Authority
from egov_sdk.platform.callers import OFFICE_ROLES, Role
from egov_sdk.platform.powers import Officer, Power
from egov_sdk.platform.problems import refuse
from egov_sdk.platform.register.records import CallerRecord, NewCredential, State, credential_of, record_of
from egov_sdk.platform.register.tables import CALLERS, CREDENTIALS, PLATFORM
from egov_sdk.platform.register.wrapping import CallerKeys
from egov_sdk.storage import AuditLog, Store
from egov_sdk.storage.sql import Connection, RowMapping, delete, func, insert, insert_unless_there, select, update

__all__ = ["AUDIT_CHAIN", "CallerRegister"]

#: The chain of the audit log in which every change of callers stands.
AUDIT_CHAIN: Final = "platform"
_SECRET_BYTES: Final = 24
_MOST_CREDENTIALS: Final = 16
_ID_CHARS: Final = 64


class CallerRegister:
    """The callers of one province, for those who run it; ``StoredCallers`` is for the verifier of requests.

    Args:
        office: The code of the office in whose name licences are issued.
    """

    def __init__(
        self,
        store: Store,
        *,
        keys: CallerKeys,
        office: str,
        clock: Callable[[], datetime],
        random: Callable[[int], bytes] = os.urandom,
    ) -> None:
        self._store, self._keys, self._office, self._clock, self._random = store, keys, office, clock, random
        self._audit = AuditLog(AUDIT_CHAIN)
        store.prepare(PLATFORM, at=clock())

    def add(
        self,
        caller: str,
        department: Authority,
        *,
        by: Officer,
        also_for: Iterable[str] = (),
        public_key: SM2PublicKey | None = None,
        until: datetime | None = None,
    ) -> NewCredential:
        """Let a caller in, with its SM2 key or else with a secret that is made here. It may ask for nothing yet.

        Args:
            also_for: Codes of further departments for which it speaks.
            until: When its key or secret ends.
        Raises:
            ProvinceRejected: power_missing, caller_taken.
            ValueError: the id has other characters than printable ASCII, or ``until`` is over.
        """
        by.need(Power.ADMIN)
        if not caller.isascii() or not caller.isprintable() or " " in caller or not 0 < len(caller) <= _ID_CHARS:
            raise ValueError(f"the id of a caller is 1 to {_ID_CHARS} printable ASCII characters without blanks")
        at, others = self._clock(), sorted(also_for)
        row: dict[str, object] = {
            "id": caller,
            "department_name": department.name,
            "department_code": department.code,
            "settings": {"also_for": others, "roles": []},
            "state": "active",
            "added_by": by.name,
            "added_at": at,
            "changed_at": at,
        }
        with self._store.write() as connection:
            if not insert_unless_there(connection, CALLERS, row):
                raise refuse("caller_taken", found=caller)
            made = self._put(connection, caller, number=1, public_key=public_key, at=at, until=until)
            self._note(connection, by, "caller.added", caller, at, department=department.code, also_for=others)
        return made

    def grant(self, caller: str, roles: Iterable[Role], *, by: Officer) -> None:
        """Decide what a caller may ask for, in place of what it might before.

        Raises:
            ProvinceRejected: power_missing, caller_unknown, caller_foreign; same_person: who let it in would decide.
        """
        by.need(Power.OPERATOR)
        wanted = frozenset(roles)
        with self._changing(caller) as (connection, row, at):
            if row["added_by"] == by.name:
                raise refuse("same_person", found=by.name)
            also_for = row["settings"]["also_for"]
            if wanted & OFFICE_ROLES and self._office not in (row["department_code"], *also_for):
                raise refuse("caller_foreign", found=caller)
            names = sorted(role.value for role in wanted)
            _change(connection, caller, at, settings={"also_for": also_for, "roles": names})
            self._note(connection, by, "caller.granted", caller, at, roles=names)

    def rotate(
        self,
        caller: str,
        *,
        by: Officer,
        public_key: SM2PublicKey | None = None,
        overlap: timedelta = timedelta(days=7),
        until: datetime | None = None,
    ) -> NewCredential:
        """Give a caller one more key, or secret; those it has of that kind end after ``overlap``, at once if it is 0.

        Raises:
            ProvinceRejected: power_missing, caller_unknown, keys_many.
            ValueError: ``overlap`` is negative, or ``until`` is over.
        """
        by.need(Power.ADMIN)
        if overlap < timedelta(0):
            raise ValueError("overlap is not negative")
        with self._changing(caller) as (connection, _, at):
            number = self._next_number(connection, caller, at)
            same_kind = CREDENTIALS.c.wrapped if public_key is None else CREDENTIALS.c.public_key
            end = at + overlap
            earlier = CREDENTIALS.c.until.is_(None) | (CREDENTIALS.c.until > end)
            of_caller = (CREDENTIALS.c.caller == caller, same_kind.is_not(None), earlier)
            connection.execute(update(CREDENTIALS).where(*of_caller).values(until=end))
            made = self._put(connection, caller, number=number, public_key=public_key, at=at, until=until)
            _change(connection, caller, at)
            self._note(connection, by, "caller.rotated", caller, at, number=made.number, others_end=end.isoformat())
        return made

    def disable(self, caller: str, *, by: Officer) -> None:
        """Lock a caller out; nothing else about it changes.

        Raises:
            ProvinceRejected: power_missing, caller_unknown.
        """
        by.need(Power.ADMIN, Power.OPERATOR)
        self._set_state(caller, "disabled", by)

    def enable(self, caller: str, *, by: Officer) -> None:
        """Let a caller in again that was locked out.

        Raises:
            ProvinceRejected: power_missing, caller_unknown.
        """
        by.need(Power.OPERATOR)
        self._set_state(caller, "active", by)

    def records(self) -> tuple[CallerRecord, ...]:
        """Everybody, by id, as it is now; no secrets."""
        kept: dict[str, list[RowMapping]] = {}
        with self._store.read() as connection:
            for row in connection.execute(select(CREDENTIALS).order_by(CREDENTIALS.c.number)).mappings():
                kept.setdefault(row["caller"], []).append(row)
            rows = connection.execute(select(CALLERS).order_by(CALLERS.c.id)).mappings().all()
        return tuple(record_of(row, tuple(map(credential_of, kept.get(row["id"], ())))) for row in rows)

    # ------------------------------------------------------------------ how

    @contextmanager
    def _changing(self, caller: str) -> Iterator[tuple[Connection, RowMapping, datetime]]:
        wanted = select(CALLERS).where(CALLERS.c.id == caller).with_for_update()
        with self._store.write() as connection:
            row = connection.execute(wanted).mappings().one_or_none()
            if row is None:
                raise refuse("caller_unknown", found=caller)
            yield connection, row, self._clock()

    def _set_state(self, caller: str, state: State, by: Officer) -> None:
        with self._changing(caller) as (connection, _, at):
            _change(connection, caller, at, state=state)
            self._note(connection, by, f"caller.{state}", caller, at)

    def _put(
        self,
        connection: Connection,
        caller: str,
        *,
        number: int,
        public_key: SM2PublicKey | None,
        at: datetime,
        until: datetime | None,
    ) -> NewCredential:
        if until is not None and until <= at:
            raise ValueError("until is over already")
        secret = "" if public_key is not None else self._random(_SECRET_BYTES).hex()
        row = {
            "caller": caller,
            "number": number,
            "wrapped": self._keys.wrap(secret, caller=caller, number=number) if secret else None,
            "public_key": None if public_key is None else public_key.to_der(),
            "made_at": at,
            "until": until,
        }
        connection.execute(insert(CREDENTIALS).values(row))
        return NewCredential(caller=caller, number=number, secret=secret)

    def _next_number(self, connection: Connection, caller: str, at: datetime) -> int:
        """The number of one more credential; those that ended are removed."""
        of_caller = CREDENTIALS.c.caller == caller
        last = connection.execute(select(func.max(CREDENTIALS.c.number)).where(of_caller)).scalar() or 0
        connection.execute(delete(CREDENTIALS).where(of_caller, CREDENTIALS.c.until <= at))
        left = connection.execute(select(func.count()).select_from(CREDENTIALS).where(of_caller)).scalar_one()
        if left >= _MOST_CREDENTIALS:
            raise refuse("keys_many", found=caller, expected=_MOST_CREDENTIALS)
        return int(last) + 1

    def _note(
        self, connection: Connection, by: Officer, action: str, caller: str, at: datetime, **detail: object
    ) -> None:
        actor = f"{by.power.value}/{by.name}"
        self._audit.append(connection, at=at, actor=actor, action=action, subject=caller, detail=detail)


def _change(connection: Connection, caller: str, at: datetime, **changes: object) -> None:
    connection.execute(update(CALLERS).where(CALLERS.c.id == caller).values(changed_at=at, **changes))
