"""The register of applications (应用): who may ask the provider to sign people in, and what they may see."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from typing import Final, Literal, cast

from egov_sdk.crypto.jose import KeySet, load_jwks
from egov_sdk.identity.problems import refuse
from egov_sdk.identity.provider.desk import Desk, digest_of, words
from egov_sdk.identity.provider.endings import end_application
from egov_sdk.identity.provider.settings import check_web_address
from egov_sdk.identity.provider.tables import APPLICATIONS
from egov_sdk.identity.wire import SCOPES
from egov_sdk.storage.sql import Connection, RowMapping, bindparam, insert_unless_there, select, update

__all__ = ["Application", "ApplicationRegister", "Authentication", "Consent", "NewApplication", "TokenAlgorithm"]

#: How an application proves itself at the token endpoint; ``none`` is for programs that cannot keep a secret.
Authentication = Literal["client_secret_basic", "client_secret_post", "private_key_jwt", "none"]
#: ``implied``: what it may see is laid down by rule, and people are not asked.
Consent = Literal["ask", "implied"]
#: With which of the provider's keys its ID tokens are signed: SM2, or P-256 for stock clients.
TokenAlgorithm = Literal["SGD_SM3_SM2", "ES256"]

_OFFICE: Final = "office"
_ID_CHARS: Final = 128
_ADDRESSES: Final = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """One application that the provider knows.

    Attributes:
        redirect_uris: where browsers may be sent back to, each compared to the letter.
        logout_uris: where they may be sent after signing out.
        scopes: what it may ask for.
        may_enter: the applications into which it may hand people over with a ticket.
        keys: its public keys, where it proves itself with private_key_jwt.
        is_active: whether it may be used.
    """

    id: str
    name: str
    redirect_uris: frozenset[str]
    logout_uris: frozenset[str] = frozenset()
    authentication: Authentication = "client_secret_basic"
    algorithm: TokenAlgorithm = "SGD_SM3_SM2"
    consent: Consent = "ask"
    scopes: frozenset[str] = frozenset(SCOPES)
    may_enter: frozenset[str] = frozenset()
    keys: KeySet | None = field(default=None, repr=False)
    is_active: bool = True


@dataclass(frozen=True, slots=True)
class NewApplication:
    """An application with its secret: told this once, and never again; empty where it has none."""

    application: Application
    secret: str = field(repr=False)


class ApplicationRegister:
    """The applications of a provider, for the office that runs it."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def add(
        self,
        name: str,
        *,
        redirect_uris: Iterable[str],
        logout_uris: Iterable[str] = (),
        authentication: Authentication = "client_secret_basic",
        algorithm: TokenAlgorithm = "SGD_SM3_SM2",
        consent: Consent = "ask",
        scopes: Collection[str] = frozenset(SCOPES),
        may_enter: Collection[str] = (),
        keys: KeySet | None = None,
        application: str | None = None,
    ) -> NewApplication:
        """Let an application in.

        Args:
            application: its id; a new one when left out.
        Raises:
            IdentityRejected: application_duplicate.
            ValueError: an address cannot be trusted, a scope is not known, or keys are missing or too many.
        """
        made = Application(
            id=application or self._desk.new_id(),
            name=name,
            redirect_uris=frozenset(redirect_uris),
            logout_uris=frozenset(logout_uris),
            authentication=authentication,
            algorithm=algorithm,
            consent=consent,
            scopes=frozenset(scopes) | {"openid"},
            may_enter=frozenset(may_enter),
            keys=keys,
        )
        _check(made)
        at, secret = self._desk.now(), self._desk.secret() if "secret" in authentication else ""
        row = {"id": made.id, "created_at": at, "secret": digest_of(secret) if secret else None, **_row_of(made)}
        with self._desk.store.write() as connection:
            if not insert_unless_there(connection, APPLICATIONS, row):
                raise refuse("application_duplicate", found=made.id)
            self._desk.note(connection, "application.added", at=at, actor=_OFFICE, subject=made.id)
        return NewApplication(made, secret)

    def get(self, application: str) -> Application:
        """The application with that id.

        Raises:
            IdentityRejected: application_unknown.
        """
        with self._desk.store.read() as connection:
            return application_of(connection, application)[0]

    def change(self, application: Application) -> None:
        """Keep an application as it is given; its id and its way to prove itself cannot change.

        Where it may see less from now on, or nothing, everybody's sign-in at it ends, and its tokens with it.

        Raises:
            IdentityRejected: application_unknown.
            ValueError: as for ``add``, or the way to prove itself is another one.
        """
        _check(application)
        at = self._desk.now()
        with self._desk.store.write() as connection:
            before, _ = application_of(connection, application.id)
            if before.authentication != application.authentication:
                raise ValueError("an application that proves itself otherwise is a new application")
            wanted = update(APPLICATIONS).where(APPLICATIONS.c.id == application.id)
            connection.execute(wanted.values(**_row_of(application)))
            if not application.is_active or before.scopes - application.scopes:
                end_application(connection, application.id, at=at)
            self._desk.note(connection, "application.changed", at=at, actor=_OFFICE, subject=application.id)

    def close(self, application: str) -> None:
        """Let an application in no longer, and end everybody's sign-in at it.

        Raises:
            IdentityRejected: application_unknown.
        """
        self.change(replace(self.get(application), is_active=False))

    def renew_secret(self, application: str) -> NewApplication:
        """Give an application a new secret; the old one is void.

        Raises:
            IdentityRejected: application_unknown.
            ValueError: it proves itself without a secret.
        """
        at, secret = self._desk.now(), self._desk.secret()
        with self._desk.store.write() as connection:
            found, kept = application_of(connection, application)
            if kept is None:
                raise ValueError("the application has no secret")
            wanted = update(APPLICATIONS).where(APPLICATIONS.c.id == application)
            connection.execute(wanted.values(secret=digest_of(secret)))
            self._desk.note(connection, "application.secret", at=at, actor=_OFFICE, subject=application)
        return NewApplication(found, secret)


def _check(application: Application) -> None:
    if not application.id.isascii() or not application.id.isprintable() or " " in application.id:
        raise ValueError("the id of an application is printable ASCII without blanks")
    if not 0 < len(application.id) <= _ID_CHARS or not 0 < len(application.name) <= _ID_CHARS:
        raise ValueError(f"id and name of an application have 1 to {_ID_CHARS} characters")
    if not application.redirect_uris or len(application.redirect_uris) > _ADDRESSES:
        raise ValueError(f"an application has 1 to {_ADDRESSES} addresses to be sent back to")
    for address in (*application.redirect_uris, *application.logout_uris):
        check_web_address(address, what="an address to be sent back to")
    if unknown := application.scopes - SCOPES.keys():
        raise ValueError(f"no such scope: {words(unknown)}")
    proves_by_key = application.authentication == "private_key_jwt"
    if proves_by_key != (application.keys is not None and len(application.keys) > 0):
        raise ValueError("keys go with private_key_jwt, and it does not go without")


def _row_of(application: Application) -> dict[str, object]:
    settings: dict[str, object] = {
        "redirect_uris": sorted(application.redirect_uris),
        "logout_uris": sorted(application.logout_uris),
        "authentication": application.authentication,
        "algorithm": application.algorithm,
        "consent": application.consent,
        "scopes": sorted(application.scopes),
        "may_enter": sorted(application.may_enter),
        "keys": None if application.keys is None else application.keys.to_jwks(),
    }
    state = "active" if application.is_active else "closed"
    return {"name": application.name, "state": state, "settings": settings}


_OF_ID: Final = select(APPLICATIONS).where(APPLICATIONS.c.id == bindparam("application"))


def application_of(connection: Connection, application: str) -> tuple[Application, bytes | None]:
    """The application with an id, whatever its state, and the digest of its secret."""
    # what no id can hold is not asked of the database, which may take no such text
    possible = application.isascii() and application.isprintable()
    row = connection.execute(_OF_ID, {"application": application}).mappings().one_or_none() if possible else None
    if row is None:
        raise refuse("application_unknown", found=application)
    return _read(row), row["secret"]


def active_application(connection: Connection, application: str) -> tuple[Application, bytes | None]:
    """The application with an id, if it may be used."""
    found, secret = application_of(connection, application)
    if not found.is_active:
        raise refuse("application_unknown", found=application)
    return found, secret


def _read(row: RowMapping) -> Application:
    settings = row["settings"]
    jwks = settings["keys"]
    return Application(
        id=row["id"],
        name=row["name"],
        redirect_uris=frozenset(settings["redirect_uris"]),
        logout_uris=frozenset(settings["logout_uris"]),
        authentication=cast("Authentication", settings["authentication"]),
        algorithm=cast("TokenAlgorithm", settings["algorithm"]),
        consent=cast("Consent", settings["consent"]),
        scopes=frozenset(settings["scopes"]),
        may_enter=frozenset(settings["may_enter"]),
        keys=None if jwks is None else load_jwks(json.dumps(jwks)),
        is_active=row["state"] == "active",
    )
