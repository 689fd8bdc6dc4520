"""What people have agreed to, for them to see and to take back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from egov_sdk.identity.problems import refuse
from egov_sdk.identity.provider.desk import Desk
from egov_sdk.identity.provider.endings import end_consent
from egov_sdk.identity.provider.tables import CONSENTS
from egov_sdk.storage.sql import Connection, bindparam, delete, insert_unless_there, select

__all__ = ["ConsentGiven", "ConsentRegister"]


@dataclass(frozen=True, slots=True)
class ConsentGiven:
    """That a person has agreed that an application may see what one scope says."""

    application: str
    scope: str
    given_at: datetime


class ConsentRegister:
    """The agreements of people, by account."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def of(self, account: str) -> tuple[ConsentGiven, ...]:
        """Everything that a person has agreed to and not taken back."""
        wanted = select(CONSENTS.c.application, CONSENTS.c.scope, CONSENTS.c.given_at)
        mine = wanted.where(CONSENTS.c.account == account).order_by(CONSENTS.c.application, CONSENTS.c.scope)
        with self._desk.store.read() as connection:
            return tuple(ConsentGiven(*row) for row in connection.execute(mine))

    def withdraw(self, account: str, application: str) -> None:
        """Take back what was agreed to for one application; it loses what it holds of this person.

        Raises:
            IdentityRejected: consent_unknown.
        """
        at = self._desk.now()
        which = (CONSENTS.c.account == account, CONSENTS.c.application == application)
        with self._desk.store.write() as connection:
            if connection.execute(delete(CONSENTS).where(*which).returning(CONSENTS.c.scope)).first() is None:
                raise refuse("consent_unknown")
            end_consent(connection, account, application, at=at)
            detail = {"application": application}
            self._desk.note(connection, "consent.withdrawn", at=at, actor=account, subject=account, detail=detail)


_CONSENTED: Final = select(CONSENTS.c.scope).where(
    CONSENTS.c.account == bindparam("of_account"), CONSENTS.c.application == bindparam("of_application")
)


def consented(connection: Connection, account: str, application: str) -> frozenset[str]:
    """The scopes to which a person has agreed for an application."""
    asked = {"of_account": account, "of_application": application}
    return frozenset(connection.execute(_CONSENTED, asked).scalars())


def keep_consent(
    connection: Connection, desk: Desk, account: str, application: str, *, scopes: frozenset[str], at: datetime
) -> None:
    """Keep what a person has just agreed to."""
    new = sorted(scopes - consented(connection, account, application))
    for scope in new:
        row = {"account": account, "application": application, "scope": scope, "given_at": at}
        insert_unless_there(connection, CONSENTS, row)
    if new:
        detail = {"application": application, "scopes": new}
        desk.note(connection, "consent.given", at=at, actor=account, subject=account, detail=detail)
