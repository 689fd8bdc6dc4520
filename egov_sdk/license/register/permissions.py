"""What holders allow: consents for one department (持证人授权), and delegations to whoever acts for them (委托授权)."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final

from pydantic import AwareDatetime, Field

from egov_sdk.frozen import Frozen
from egov_sdk.license.model import LicenseRef, read_identifier
from egov_sdk.license.problems import refuse
from egov_sdk.license.register.desk import Desk, digest_of
from egov_sdk.license.register.rows import series_of
from egov_sdk.license.register.tables import HOLDERS, PERMISSIONS
from egov_sdk.storage.sql import ColumnElement, Connection, RowMapping, bindparam, insert, or_, select, update

__all__ = ["Permission", "PermissionKind", "PermissionRegister"]


class PermissionKind(enum.StrEnum):
    """What a holder gave."""

    CONSENT = "consent"  # 持证人授权: one department may see, for one purpose
    DELEGATION = "delegation"  # 委托授权: somebody else may show, wherever they go


class Permission(Frozen):
    """A consent or a delegation. Whose it is and who the agent is, the register keeps as keyed digests only.

    Attributes:
        credential: What is shown to use it, a secret; there only when it is given, empty ever after.
        requester: The code of the department that it was given to; empty for any.
        item_code: The service item that it is for; empty for any.
        type_codes: The types that it covers; empty for all.
        uses_left: How many uses are left; None for any number until it ends.
    """

    id: str
    kind: PermissionKind
    credential: str = Field(default="", repr=False)
    requester: str = ""
    item_code: str = ""
    type_codes: tuple[str, ...] = ()
    one_license: bool = False
    purpose: str = ""
    given_at: AwareDatetime
    expires_at: AwareDatetime
    uses_left: int | None = None
    withdrawn_at: AwareDatetime | None = None


_BY_KEY: Final = select(PERMISSIONS).where(PERMISSIONS.c.key == bindparam("of_key"))
_BY_ID: Final = select(PERMISSIONS.c.withdrawn_at, PERMISSIONS.c.until).where(PERMISSIONS.c.id == bindparam("of_id"))
_SPEND: Final = (
    update(PERMISSIONS)
    .where(
        PERMISSIONS.c.id == bindparam("of_id"),
        PERMISSIONS.c.withdrawn_at.is_(None),
        or_(PERMISSIONS.c.uses_left.is_(None), PERMISSIONS.c.uses_left > 0),
    )
    .values(uses_left=PERMISSIONS.c.uses_left - 1)  # NULL stays NULL
    .returning(PERMISSIONS.c.id)
)
_HOLDS: Final = select(HOLDERS.c.series).where(
    HOLDERS.c.holder == bindparam("of_holder"), HOLDERS.c.series == bindparam("of_series")
)


class PermissionRegister:
    """The consents and delegations of holders. Whoever calls has made sure that it is the holder who gives them."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def consent(
        self,
        holder_code: str,
        *,
        requester: str,
        purpose: str,
        until: datetime,
        item_code: str = "",
        type_codes: Iterable[str] = (),
        identifier: LicenseRef | None = None,
        uses: int | None = None,
    ) -> Permission:
        """Let one department see what this holder holds (持证人用证授权).

        Args:
            requester: the department's code.
            until: when it ends.
            type_codes, identifier: only licences of these types, or only this one, in whatever version.
            uses: how many times; None for any number.
        Raises:
            LicenseRejected: permission_term; license_unknown; permission_scope: it is no licence of this holder.
            ValueError: ``requester``, ``purpose`` or a type is empty, or ``uses`` less than one.
        """
        if not requester or not purpose.strip():
            raise ValueError("a consent names the department and the purpose that it is for")
        values = {"requester": requester, "purpose": purpose, "item_code": item_code, "agent": None}
        return self._give(
            PermissionKind.CONSENT, holder_code, values, until=until, types=type_codes, one=identifier, uses=uses
        )

    def delegate(
        self,
        holder_code: str,
        *,
        agent_code: str,
        until: datetime,
        purpose: str = "",
        item_code: str = "",
        requester: str = "",
        type_codes: Iterable[str] = (),
        identifier: LicenseRef | None = None,
        uses: int | None = None,
    ) -> Permission:
        """Let somebody show what this holder holds (委托授权); the credential is the agent's to keep.

        Args:
            agent_code: the code of the person or organisation that acts.
            requester: the only department where that is good; empty for any.
        Raises:
            LicenseRejected: as ``consent``; holder_code: there is no code of an agent.
        """
        values = {
            "requester": requester,
            "purpose": purpose,
            "item_code": item_code,
            "agent": self._desk.vault.holder(agent_code),
        }
        return self._give(
            PermissionKind.DELEGATION, holder_code, values, until=until, types=type_codes, one=identifier, uses=uses
        )

    def _give(
        self,
        kind: PermissionKind,
        holder_code: str,
        values: Mapping[str, object],
        *,
        until: datetime,
        types: Iterable[str],
        one: LicenseRef | None,
        uses: int | None,
    ) -> Permission:
        if uses is not None and uses < 1:
            raise ValueError("uses is 1 or more, or None")
        covered = sorted(set(types))
        if any(one.split() != [one] for one in covered):
            raise ValueError("a type is named by its code: an empty one would cover all types")
        at, holder, credential = self._desk.now(), self._desk.vault.holder(holder_code), self._desk.secret()
        longest = self._desk.settings.longest_permission
        if not timedelta() < until - at <= longest:
            raise refuse("permission_term", expected=longest.days)
        with self._desk.store.write() as connection:
            series = None
            if one is not None:
                series = series_of(connection, read_identifier(one))["id"]
                if connection.execute(_HOLDS, {"of_holder": holder, "of_series": series}).first() is None:
                    raise refuse("permission_scope")
            row = dict(values) | {
                "id": self._desk.new_id(),
                "kind": kind.value,
                "key": digest_of(credential),
                "holder": holder,
                "type_codes": " ".join(covered),
                "series": series,
                "given_at": at,
                "until": until,
                "uses_left": uses,
                "withdrawn_at": None,
            }
            connection.execute(insert(PERMISSIONS).values(row))
            detail = {"holder": holder.hex(), "requester": row["requester"], "item": row["item_code"]}
            self._desk.note(connection, f"{kind.value}.given", at=at, subject=str(row["id"]), detail=detail)
            stored = connection.execute(_BY_KEY, {"of_key": row["key"]}).mappings().one()
        return _read(stored).model_copy(update={"credential": credential})

    def withdraw(self, permission_id: str) -> None:
        """Take a consent or a delegation back (撤回授权); it is good no more from now on.

        Raises:
            LicenseRejected: permission_unknown: there is none, or it was taken back before.
        """
        at = self._desk.now()
        gone = update(PERMISSIONS).where(PERMISSIONS.c.id == permission_id, PERMISSIONS.c.withdrawn_at.is_(None))
        with self._desk.store.write() as connection:
            row = connection.execute(gone.values(withdrawn_at=at).returning(PERMISSIONS.c.kind)).one_or_none()
            if row is None:
                raise refuse("permission_unknown")
            self._desk.note(connection, f"{row[0]}.withdrawn", at=at, subject=permission_id)

    def given_by(self, holder_code: str) -> tuple[Permission, ...]:
        """What a holder has given, newest first, ended ones too."""
        return self._listed(PERMISSIONS.c.holder == self._desk.vault.holder(holder_code))

    def given_to(self, agent_code: str) -> tuple[Permission, ...]:
        """The delegations that an agent has been given, newest first, ended ones too."""
        return self._listed(PERMISSIONS.c.agent == self._desk.vault.holder(agent_code))

    def _listed(self, condition: ColumnElement[bool]) -> tuple[Permission, ...]:
        wanted = select(PERMISSIONS).where(condition).order_by(PERMISSIONS.c.given_at.desc(), PERMISSIONS.c.id)
        with self._desk.store.read() as connection:
            return tuple(_read(row) for row in connection.execute(wanted).mappings())


def permission_at(connection: Connection, credential: str) -> RowMapping:
    """The row of a credential.

    Raises:
        LicenseRejected: permission_unknown.
    """
    row = (
        connection.execute(_BY_KEY, {"of_key": digest_of(credential)}).mappings().one_or_none() if credential else None
    )
    if row is None:
        raise refuse("permission_unknown")
    return row


def check_in_force(connection: Connection, permission_id: str, *, at: datetime) -> None:
    """Return if a permission, of which one use was made already, was not taken back and is not over since.

    Raises:
        LicenseRejected: permission_withdrawn, permission_expired.
    """
    withdrawn_at, until = connection.execute(_BY_ID, {"of_id": permission_id}).one()
    if withdrawn_at is not None:
        raise refuse("permission_withdrawn")
    if until <= at:
        raise refuse("permission_expired")


def spend(connection: Connection, permission_id: str) -> None:
    """Use a permission up by one, where its uses are counted.

    Raises:
        LicenseRejected: permission_used: it was withdrawn or used up in the meantime.
    """
    if connection.execute(_SPEND, {"of_id": permission_id}).first() is None:
        raise refuse("permission_used")


def _read(row: RowMapping) -> Permission:
    return Permission(
        id=row["id"],
        kind=PermissionKind(row["kind"]),
        requester=row["requester"],
        item_code=row["item_code"],
        type_codes=tuple(row["type_codes"].split()),
        one_license=row["series"] is not None,
        purpose=row["purpose"],
        given_at=row["given_at"],
        expires_at=row["until"],
        uses_left=row["uses_left"],
        withdrawn_at=row["withdrawn_at"],
    )
