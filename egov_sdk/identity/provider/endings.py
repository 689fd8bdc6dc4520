"""Ends: what stops to be valid when a session, an account, an agency or an application ends."""

from __future__ import annotations

from datetime import datetime

from egov_sdk.identity.provider.settings import AttemptLimits
from egov_sdk.identity.provider.tables import ATTEMPTS, GRANTS, SESSIONS
from egov_sdk.storage.sql import ColumnElement, Connection, and_, delete, or_, update

__all__ = ["end_account", "end_agency", "end_application", "end_consent", "end_grant", "end_session", "sweep"]


def _revoke(connection: Connection, which: ColumnElement[bool], at: datetime) -> int:
    ended = update(GRANTS).where(which, GRANTS.c.revoked_at.is_(None)).values(revoked_at=at)
    return connection.execute(ended).rowcount


def end_grant(connection: Connection, grant: str, *, at: datetime) -> bool:
    """End one sign-in of one application; whether it had not ended before."""
    return _revoke(connection, GRANTS.c.id == grant, at) > 0


def end_session(connection: Connection, session: str, *, at: datetime) -> None:
    """End a session of the browser, and every application's sign-in that rests on it."""
    connection.execute(delete(SESSIONS).where(SESSIONS.c.id == session))
    _revoke(connection, GRANTS.c.session == session, at)


def end_account(connection: Connection, account: str, *, at: datetime) -> None:
    """End everything of an account: its own sessions, and what others hold for it."""
    connection.execute(delete(SESSIONS).where(SESSIONS.c.account == account))
    _revoke(connection, or_(GRANTS.c.account == account, GRANTS.c.organization == account), at)


def end_agency(connection: Connection, organization: str, person: str, *, at: datetime) -> None:
    """End what a person holds for an organisation."""
    _revoke(connection, and_(GRANTS.c.account == person, GRANTS.c.organization == organization), at)


def end_application(connection: Connection, application: str, *, at: datetime) -> None:
    """End everybody's sign-in at one application."""
    _revoke(connection, GRANTS.c.application == application, at)


def end_consent(connection: Connection, account: str, application: str, *, at: datetime) -> None:
    """End what one application holds of one person."""
    _revoke(connection, and_(GRANTS.c.account == account, GRANTS.c.application == application), at)


def sweep(connection: Connection, limits: AttemptLimits, *, at: datetime) -> int:
    """Remove what has ended by itself: sessions, grants with their codes and tokens, counts of attempts.

    Returns:
        How many sessions and grants there were.
    """
    connection.execute(delete(ATTEMPTS).where(ATTEMPTS.c.since <= at - limits.window))
    sessions = connection.execute(delete(SESSIONS).where(SESSIONS.c.until <= at)).rowcount
    return sessions + connection.execute(delete(GRANTS).where(GRANTS.c.until <= at)).rowcount
