"""Signing in at the console: a password once, then a random token in a cookie, of which the database has the digest."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from egov_sdk.crypto import hmac_sm3, sm3
from egov_sdk.identity.problems import IdentityRejected
from egov_sdk.identity.provider.account import normal_login
from egov_sdk.identity.provider.attempts import count_attempt, forgive
from egov_sdk.identity.provider.settings import AttemptLimits
from egov_sdk.platform.console.problems import refuse
from egov_sdk.platform.console.staff import Staff, StaffRegister, read_staff
from egov_sdk.platform.console.tables import SESSIONS, STAFF
from egov_sdk.storage.sql import Connection, RowMapping, bindparam, delete, insert, select, update

__all__ = ["NOBODY", "Session", "SignIns", "form_mark", "new_token"]

_TOKEN_BYTES: Final = 32
#: Who acts where nobody is signed in, in the audit log.
NOBODY: Final = "nobody"
_REALM: Final = "console\0"  # sign-ins here are counted apart from those of the provider
_STEP: Final = timedelta(minutes=1)  # how exactly it is known when somebody was last seen

_OF_LOGIN: Final = select(STAFF).where(STAFF.c.login == bindparam("name"), STAFF.c.removed_at.is_(None))
_OF_TOKEN: Final = (
    select(STAFF, SESSIONS.c.seen_at)
    .join(SESSIONS, SESSIONS.c.staff == STAFF.c.id)
    .where(
        SESSIONS.c.key == bindparam("digest"),
        SESSIONS.c.until > bindparam("now"),
        SESSIONS.c.seen_at > bindparam("idle"),
        STAFF.c.removed_at.is_(None),
    )
)
_ENDED: Final = delete(SESSIONS).where(
    (SESSIONS.c.until <= bindparam("now")) | (SESSIONS.c.seen_at <= bindparam("idle"))
)
_SEEN: Final = update(SESSIONS).where(SESSIONS.c.key == bindparam("digest")).values(seen_at=bindparam("now"))


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody who is signed in."""

    staff: Staff
    token: str = field(repr=False)

    @property
    def mark(self) -> str:
        """What every form of this session carries."""
        return form_mark(self.token)


def new_token(random: Callable[[int], bytes]) -> str:
    """A new random token, 256 bits."""
    return base64.urlsafe_b64encode(random(_TOKEN_BYTES)).rstrip(b"=").decode("ascii")


def form_mark(token: str) -> str:
    """What a form carries to show that it comes from who has the cookie; the cookie does not follow from it."""
    return hmac_sm3(token.encode("utf-8", "surrogatepass"), b"egov_sdk console form").hex()


class SignIns:
    """Who is signed in at the console; all processes of a province share it.

    Args:
        lasts: How long a session lasts at most, and ``idle`` how long nothing may be asked in it.
        attempts: How many sign-ins may be tried.
    """

    def __init__(
        self,
        staff: StaffRegister,
        *,
        lasts: timedelta = timedelta(hours=8),
        idle: timedelta = timedelta(minutes=30),
        attempts: AttemptLimits | None = None,
    ) -> None:
        self._staff, self._lasts, self._idle = staff, lasts, idle
        self._attempts = attempts or AttemptLimits()

    def sign_in(self, login: str, password: str, *, source: str, before: str = "") -> Session:
        """Sign somebody in, under a new token in any case.

        Args:
            source: The address that attempts are counted by.
            before: The token of a session that ends with this.
        Raises:
            ConsoleRejected: console.sign_in: no such name or another password; which of them nobody is told.
            IdentityRejected: too_many_attempts, with the detail ``retry_after_s``.
        """
        at, name = self._staff.clock(), _normal(login)
        self._count(name, source, at)
        with self._staff.store.read() as connection:
            row = connection.execute(_OF_LOGIN, {"name": name}).mappings().one_or_none()
        if not self._staff.hasher.matches(password, row["password"] if row else None) or row is None:
            with self._staff.store.write() as connection:
                who = row["id"] if row else ""
                self._staff.note(connection, "staff.sign_in_refused", at=at, actor=NOBODY, subject=who)
            raise refuse("console.sign_in")
        with self._staff.store.write() as connection:
            forgive(connection, *_counted(name, source), limits=self._attempts)
            return self._open(connection, row, at=at, before=before)

    def change_password(self, session: Session, *, old: str, new: str, source: str) -> Session:
        """Change one's own password; all sessions under this name end, and a new one begins.

        Raises:
            ConsoleRejected, IdentityRejected: as ``StaffRegister.change_password``; too_many_attempts.
        """
        at, login = self._staff.clock(), session.staff.login
        self._count(login, source, at)  # whoever took a session over shall not guess the password in it
        self._staff.change_password(session.staff.id, old=old, new=new)
        with self._staff.store.write() as connection:
            forgive(connection, *_counted(login, source), limits=self._attempts)
            row = connection.execute(_OF_LOGIN, {"name": login}).mappings().one()
            return self._open(connection, row, at=at, before="")

    def _count(self, name: str, source: str, at: datetime) -> None:
        with self._staff.store.write(durable=False) as connection:
            late = count_attempt(connection, *_counted(name, source), at=at, limits=self._attempts)
        if late is not None:
            raise late

    def _open(self, connection: Connection, row: RowMapping, *, at: datetime, before: str) -> Session:
        still = connection.execute(_OF_LOGIN.with_for_update(), {"name": row["login"]}).mappings().one_or_none()
        if still is None or still["password"] != row["password"]:  # changed while it was compared
            raise refuse("console.sign_in")
        connection.execute(_ENDED, {"now": at, "idle": at - self._idle})
        if before:
            connection.execute(delete(SESSIONS).where(SESSIONS.c.key == _digest(before)))
        token, staff = new_token(self._staff.random), read_staff(still)
        values = {"key": _digest(token), "staff": staff.id, "begun_at": at, "seen_at": at, "until": at + self._lasts}
        connection.execute(insert(SESSIONS), values)
        self._staff.note(connection, "staff.signed_in", at=at, actor=staff.id, subject=staff.id)
        return Session(staff, token)

    def of(self, token: str) -> Session | None:
        """The session with this token; None where there is none, or it is over."""
        if not token:
            return None
        at, digest = self._staff.clock(), _digest(token)
        given = {"digest": digest, "now": at, "idle": at - self._idle}
        with self._staff.store.read() as connection:
            row = connection.execute(_OF_TOKEN, given).mappings().one_or_none()
        if row is None:
            return None
        if at - row["seen_at"] >= _STEP:
            with self._staff.store.write(durable=False) as connection:
                connection.execute(_SEEN, {"digest": digest, "now": at})
        return Session(read_staff(row), token)

    def sign_out(self, session: Session) -> None:
        """End a session; its token is good for nothing from now on."""
        with self._staff.store.write() as connection:
            connection.execute(delete(SESSIONS).where(SESSIONS.c.key == _digest(session.token)))
            who = session.staff.id
            self._staff.note(connection, "staff.signed_out", at=self._staff.clock(), actor=who, subject=who)


def _digest(token: str) -> bytes:
    return sm3(token.encode("utf-8", "surrogatepass"))


def _counted(name: str, source: str) -> tuple[str, str]:
    return _REALM + name, _REALM + source if source else ""


def _normal(login: str) -> str:
    try:
        return normal_login(login)
    except IdentityRejected:
        return ""  # nobody has it, and attempts under all such names count as one
