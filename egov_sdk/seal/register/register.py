"""The register itself: rows of seals and of their uses. Every change is one transaction and a step that is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Final

from egov_sdk.pki import Certificate
from egov_sdk.seal.model import ElectronicSeal
from egov_sdk.seal.problems import refuse
from egov_sdk.seal.records import SealAction, SealOwner, SealRecord, SealState, SealUse
from egov_sdk.seal.register.tables import SEAL_REGISTER, SEALS, USES
from egov_sdk.storage import AuditLog, Store
from egov_sdk.storage.sql import Connection, RowMapping, Select, func, insert, insert_unless_there, select, update

__all__ = ["AUDIT_CHAIN", "Filed", "SealRegister"]

#: The chain of the audit log that the register writes.
AUDIT_CHAIN: Final = "seal"

_MOVES: Final[Mapping[SealAction, tuple[frozenset[SealState], SealState]]] = MappingProxyType(
    {
        SealAction.SUSPEND: (frozenset({SealState.VALID}), SealState.SUSPENDED),
        SealAction.RESUME: (frozenset({SealState.SUSPENDED}), SealState.VALID),
        SealAction.REVOKE: (frozenset({SealState.VALID, SealState.SUSPENDED}), SealState.REVOKED),
    }
)


@dataclass(frozen=True, slots=True)
class Filed:
    """A seal as it is kept: what others may see, and what it is used with."""

    record: SealRecord
    certificate: bytes
    wrapped_key: bytes | None = field(repr=False)


class SealRegister:
    """The seals of one database."""

    def __init__(self, store: Store) -> None:
        self._store, self._audit = store, AuditLog(AUDIT_CHAIN)

    def prepare(self, *, at: datetime) -> None:
        """Bring the tables up to date."""
        self._store.prepare(SEAL_REGISTER, at=at)

    def check_free(self, seal_id: str) -> None:
        """Return if no seal has this number yet.

        Raises:
            SealRejected: seal_taken.
        """
        with self._store.read() as connection:
            if connection.execute(select(SEALS.c.id).where(SEALS.c.id == seal_id)).first() is not None:
                raise refuse("seal_taken", found=seal_id)

    def file(
        self,
        seal: ElectronicSeal,
        owner: SealOwner,
        *,
        certificate: Certificate,
        wrapped_key: bytes | None,
        at: datetime,
    ) -> SealRecord:
        """File a seal that was made.

        Raises:
            SealRejected: seal_taken.
        """
        row = {
            "id": seal.seal_id,
            "name": seal.name,
            "owner_name": owner.name,
            "owner_code": owner.code,
            "state": SealState.VALID.value,
            "valid_from": seal.valid_from,
            "valid_to": seal.valid_to,
            "made_at": at,
            "changed_at": at,
            "file": seal.raw,
            "certificate": certificate.raw,
            "wrapped_key": wrapped_key,
        }
        with self._store.write() as connection:
            if not insert_unless_there(connection, SEALS, row):
                raise refuse("seal_taken", found=seal.seal_id)
            self._note(connection, SealUse(seal_id=seal.seal_id, action=SealAction.MAKE, at=at))
            return _filed(self._row(connection, seal.seal_id)).record

    def find(self, seal_id: str) -> Filed:
        """One seal.

        Raises:
            SealRejected: seal_unknown.
        """
        with self._store.read() as connection:
            return _filed(self._row(connection, seal_id))

    def of_seal(self, seal_id: str) -> SealRecord | None:
        """The record of a number; None where there is none."""
        with self._store.read() as connection:
            row = _row_of(connection, select(SEALS), seal_id)
        return None if row is None else _filed(row).record

    def seals(self, owner_code: str) -> tuple[SealRecord, ...]:
        """All seals, or those of one owner."""
        wanted = select(SEALS).order_by(SEALS.c.id)
        if owner_code:
            wanted = wanted.where(SEALS.c.owner_code == owner_code)
        with self._store.read() as connection:
            return tuple(_filed(row).record for row in connection.execute(wanted).mappings())

    def act(self, seal_id: str, action: SealAction, *, reason: str, actor: str, at: datetime) -> SealRecord:
        """Suspend, resume or revoke.

        Raises:
            SealRejected: seal_unknown, seal_action.
            ValueError: it is another action.
        """
        if action not in _MOVES:
            raise ValueError(f"action is one of {', '.join(sorted(_MOVES))}, got {action}")
        allowed, target = _MOVES[action]
        with self._store.write() as connection:
            state = SealState(self._row(connection, seal_id, lock=True)["state"])
            if state not in allowed:
                raise refuse("seal_action", action=action.value, state=state.value)
            changed = {"state": target.value, "changed_at": at}
            connection.execute(update(SEALS).where(SEALS.c.id == seal_id).values(changed))
            self._note(connection, SealUse(seal_id=seal_id, action=action, at=at, actor=actor, reason=reason))
            return _filed(self._row(connection, seal_id)).record

    def note_stamp(self, seal_id: str, *, at: datetime, actor: str, reason: str, before: str, after: str) -> None:
        """Keep that a document was stamped.

        Raises:
            SealRejected: seal_not_valid: the seal was ended while it was at work.
        """
        use = SealUse(
            seal_id=seal_id, action=SealAction.STAMP, at=at, actor=actor, reason=reason, before=before, after=after
        )
        with self._store.write() as connection:
            state = self._row(connection, seal_id, lock=True)["state"]
            if state != SealState.VALID.value:
                raise refuse("seal_not_valid", found=seal_id, state=state)
            self._note(connection, use)

    def uses(self, seal_id: str, *, after: int, limit: int) -> tuple[SealUse, ...]:
        """What was done with a seal, oldest first.

        Raises:
            SealRejected: seal_unknown.
            ValueError: ``limit`` or ``after`` is negative.
        """
        if after < 0 or limit < 0:
            raise ValueError("after and limit are not negative")
        wanted = select(USES).where(USES.c.seal == seal_id, USES.c.number > after).order_by(USES.c.number).limit(limit)
        with self._store.read() as connection:
            self._row(connection, seal_id)
            return tuple(_use(row) for row in connection.execute(wanted).mappings())

    def _row(self, connection: Connection, seal_id: str, *, lock: bool = False) -> RowMapping:
        row = _row_of(connection, select(SEALS).with_for_update() if lock else select(SEALS), seal_id)
        if row is None:
            raise refuse("seal_unknown", found=seal_id)
        return row

    def _note(self, connection: Connection, use: SealUse) -> None:
        last = connection.execute(select(func.max(USES.c.number)).where(USES.c.seal == use.seal_id)).scalar()
        row = {**use.model_dump(exclude={"seal_id"}), "seal": use.seal_id, "number": (last or 0) + 1}
        connection.execute(insert(USES).values({**row, "action": use.action.value}))
        detail = {name: text for name, text in (("before", use.before), ("after", use.after)) if text}
        self._audit.append(
            connection, at=use.at, actor=use.actor, action=use.action.value, subject=use.seal_id, detail=detail
        )


def _row_of(connection: Connection, wanted: Select[tuple[object, ...]], seal_id: str) -> RowMapping | None:
    # what no number can be, and a stranger's seal may say, is not asked of the database, which may take no such text
    if not (seal_id.isascii() and seal_id.isprintable()):
        return None
    return connection.execute(wanted.where(SEALS.c.id == seal_id)).mappings().one_or_none()


def _filed(row: RowMapping) -> Filed:
    record = SealRecord(
        seal_id=row["id"],
        name=row["name"],
        owner=SealOwner(name=row["owner_name"], code=row["owner_code"]),
        state=SealState(row["state"]),
        valid_from=row["valid_from"],
        valid_to=row["valid_to"],
        made_at=row["made_at"],
        changed_at=row["changed_at"],
        file=row["file"],
    )
    return Filed(record, row["certificate"], row["wrapped_key"])


def _use(row: RowMapping) -> SealUse:
    given = {name: row[name] for name in ("at", "actor", "reason", "before", "after")}
    return SealUse(seal_id=row["seal"], action=SealAction(row["action"]), **given)
