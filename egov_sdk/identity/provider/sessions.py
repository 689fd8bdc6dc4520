"""Sessions of browsers at the provider: somebody signs in once and enters several applications."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from egov_sdk.identity.model import AuthMethod, IdentityLevel
from egov_sdk.identity.provider.account import Account, AccountState
from egov_sdk.identity.provider.desk import Desk, digest_of
from egov_sdk.identity.provider.grants import Browsing
from egov_sdk.identity.provider.tables import ACCOUNTS, SESSIONS
from egov_sdk.storage.sql import Connection, bindparam, insert, select

__all__ = ["browsing_of", "open_session"]


_OF_BROWSER: Final = (
    select(SESSIONS, ACCOUNTS.c.level.label("level_now"))
    .join(ACCOUNTS, ACCOUNTS.c.id == SESSIONS.c.account)
    .where(
        SESSIONS.c.key == bindparam("digest"),
        SESSIONS.c.until > bindparam("now"),
        ACCOUNTS.c.state == AccountState.ACTIVE.value,
    )
)
_NEW: Final = insert(SESSIONS)


def open_session(
    connection: Connection, desk: Desk, account: Account, *, method: AuthMethod, at: datetime
) -> tuple[str, Browsing]:
    """A new session, and the secret under which the browser keeps it."""
    secret = desk.secret()
    browsing = Browsing(
        id=desk.new_id(),
        account=account.id,
        level=account.level,
        method=method,
        authenticated_at=at,
        until=at + desk.settings.session_time,
    )
    row: dict[str, object] = {
        "key": digest_of(secret),
        "id": browsing.id,
        "account": account.id,
        "level": account.level.value,
    }
    row |= {"method": method.value, "authenticated_at": at, "until": browsing.until}
    connection.execute(_NEW, row)
    return secret, browsing


def browsing_of(connection: Connection, secret: str | None, *, at: datetime) -> Browsing | None:
    """The session of a browser, if it is alive and its account is open.

    The level is the one that was known at sign-in, or a lower one that is known now: it never rises by itself.
    """
    if not secret:
        return None
    row = connection.execute(_OF_BROWSER, {"digest": digest_of(secret), "now": at}).mappings().one_or_none()
    if row is None:
        return None
    return Browsing(
        id=row["id"],
        account=row["account"],
        level=IdentityLevel(row["level"]).at_most(IdentityLevel(row["level_now"])),
        method=AuthMethod(row["method"]),
        authenticated_at=row["authenticated_at"],
        until=row["until"],
    )
