"""Who works at a province (工作人员): each with one power, a password that is kept as scrypt makes it, and an id."""

from __future__ import annotations

import base64
import os
from collections.abc import Callable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Final

from egov_sdk.identity.provider.account import normal_login
from egov_sdk.identity.provider.passwords import PasswordHasher, ScryptCost, check_password
from egov_sdk.identity.provider.tables import IDENTITY
from egov_sdk.platform.console.problems import refuse
from egov_sdk.platform.console.tables import CONSOLE, SESSIONS, STAFF
from egov_sdk.platform.powers import Power
from egov_sdk.storage import AuditLog, Store
from egov_sdk.storage.sql import Connection, RowMapping, bindparam, delete, insert_unless_there, select, update

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["AUDIT_CHAIN", "COMMAND_LINE", "NewStaff", "Staff", "StaffRegister"]

#: The chain of the audit log that the console writes.
AUDIT_CHAIN: Final = "console"
#: Who acts at the command line of the server.
COMMAND_LINE: Final = "command line"
_ID_BYTES, _PASSWORD_BYTES, _GROUP = 15, 10, 4

_ALL: Final = select(STAFF).order_by(STAFF.c.login)
_HERE: Final = STAFF.c.removed_at.is_(None)
_OF_ID: Final = select(STAFF).where(STAFF.c.id == bindparam("staff"), _HERE)
_ADMINS: Final = (
    select(STAFF.c.id).where(STAFF.c.power == Power.ADMIN.value, _HERE).order_by(STAFF.c.id).with_for_update()
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Staff:
    """One member of staff. ``must_change`` says that the password was made by somebody else."""

    id: str
    login: str
    power: Power
    must_change: bool
    added_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NewStaff:
    """Somebody new, or with a new password; ``password`` is told this once."""

    staff: Staff
    password: str = field(repr=False)


class StaffRegister:
    """Who may work at the console of a province. Every change is in the audit log; threads may share it.

    Args:
        cost: What one guess of a password costs.
    """

    def __init__(
        self,
        store: Store,
        *,
        clock: Callable[[], datetime],
        cost: ScryptCost | None = None,
        random: Callable[[int], bytes] = os.urandom,
    ) -> None:
        self.store, self.clock, self.random = store, clock, random
        self.hasher = PasswordHasher(cost or ScryptCost(), random=random)
        self.log = AuditLog(AUDIT_CHAIN)
        store.prepare(IDENTITY, CONSOLE, at=clock())

    def add(self, login: str, power: Power, *, password: str = "", by: str = COMMAND_LINE) -> NewStaff:
        """Let somebody in, with one power.

        Args:
            password: Theirs from now on; empty for one that is made here, told once, and to be changed at once.
            by: The id of who does it.
        Raises:
            ConsoleRejected: console.staff_taken.
            IdentityRejected: login_shape, password_weak.
        """
        login = normal_login(login)
        chosen = self._chosen(login, password)
        at, row = self.clock(), {"id": self._text(_ID_BYTES), "login": login, "power": power.value}
        row |= {"password": self.hasher.keep(chosen), "must_change": int(not password), "added_at": at}  # type: ignore[dict-item]
        with self.store.write() as connection:
            if not insert_unless_there(connection, STAFF, row):
                raise refuse("console.staff_taken", found=login)
            self.note(connection, "staff.added", at=at, actor=by, subject=row["id"], detail={"power": power.value})
            return NewStaff(staff=staff_of(connection, row["id"]), password="" if password else chosen)

    def all(self) -> tuple[Staff, ...]:
        """Everybody who works here, by login."""
        with self.store.read() as connection:
            return tuple(read_staff(row) for row in connection.execute(_ALL.where(_HERE)).mappings())

    def names(self) -> Mapping[str, str]:
        """The logins by id, of those who were removed as well, for those who read the audit log."""
        with self.store.read() as connection:
            return {row["id"]: row["login"] for row in connection.execute(_ALL).mappings()}

    def remove(self, staff: str, *, by: str = COMMAND_LINE) -> None:
        """Let somebody in no longer; where signed in, no more.

        Raises:
            ConsoleRejected: console.staff_unknown, console.last_admin.
        """
        at = self.clock()
        with self.store.write() as connection:
            # all of them are locked, in one order, so that two who remove each other do it one after the other
            admins = set(connection.execute(_ADMINS).scalars())
            _row(connection, staff, lock=True)
            if admins == {staff}:
                raise refuse("console.last_admin")
            connection.execute(update(STAFF).where(STAFF.c.id == staff).values(removed_at=at, password=None))
            connection.execute(delete(SESSIONS).where(SESSIONS.c.staff == staff))
            self.note(connection, "staff.removed", at=at, actor=by, subject=staff)

    def renew(self, staff: str, *, by: str = COMMAND_LINE) -> NewStaff:
        """Give somebody a password to be changed at once; where signed in, no more.

        Raises:
            ConsoleRejected: console.staff_unknown.
        """
        password = self._chosen("", "")
        kept = self.hasher.keep(password)
        with self._changing(staff, "staff.password_renewed", by=by) as connection:
            connection.execute(update(STAFF).where(STAFF.c.id == staff).values(password=kept, must_change=1))
            connection.execute(delete(SESSIONS).where(SESSIONS.c.staff == staff))
            return NewStaff(staff=staff_of(connection, staff), password=password)

    def change_password(self, staff: str, *, old: str, new: str) -> None:
        """Change one's own password; whoever else is signed in under this name is so no more.

        Raises:
            ConsoleRejected: console.staff_unknown, console.sign_in: the old one is wrong, console.password_same.
            IdentityRejected: password_weak.
        """
        with self.store.read() as connection:
            row = _row(connection, staff)
        if not self.hasher.matches(old, row["password"]):
            raise refuse("console.sign_in")
        check_password(new, not_in_it=(row["login"],))
        if new == old:
            raise refuse("console.password_same")
        kept = self.hasher.keep(new)
        with self._changing(staff, "staff.password_changed", by=staff) as connection:
            mine = update(STAFF).where(STAFF.c.id == staff, STAFF.c.password == row["password"])
            if connection.execute(mine.values(password=kept, must_change=0)).rowcount != 1:
                raise refuse("console.sign_in")
            connection.execute(delete(SESSIONS).where(SESSIONS.c.staff == staff))

    def note(
        self,
        connection: Connection,
        action: str,
        *,
        at: datetime,
        actor: str,
        subject: str = "",
        detail: Mapping[str, object] | None = None,
    ) -> None:
        """Write to the audit log of the console: ids only."""
        self.log.append(connection, at=at, actor=actor, action=action, subject=subject, detail=detail)

    @contextmanager
    def _changing(self, staff: str, action: str, *, by: str) -> Iterator[Connection]:
        at = self.clock()
        with self.store.write() as connection:
            _row(connection, staff, lock=True)
            yield connection
            self.note(connection, action, at=at, actor=by, subject=staff)

    def _chosen(self, login: str, password: str) -> str:
        if password:
            check_password(password, not_in_it=(login,))
            return password
        made = self._text(_PASSWORD_BYTES)
        return "-".join(made[place : place + _GROUP] for place in range(0, len(made), _GROUP))

    def _text(self, count: int) -> str:
        return base64.b32encode(self.random(count)).decode("ascii").lower()


def read_staff(row: RowMapping) -> Staff:
    """Whose row it is."""
    return Staff(
        id=row["id"],
        login=row["login"],
        power=Power(row["power"]),
        must_change=bool(row["must_change"]),
        added_at=row["added_at"],
    )


def staff_of(connection: Connection, staff: str) -> Staff:
    """The member of staff with an id."""
    return read_staff(_row(connection, staff))


def _row(connection: Connection, staff: str, *, lock: bool = False) -> RowMapping:
    wanted = _OF_ID.with_for_update() if lock else _OF_ID
    row = connection.execute(wanted, {"staff": staff}).mappings().one_or_none()
    if row is None:
        raise refuse("console.staff_unknown")
    return row
