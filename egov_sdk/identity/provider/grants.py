"""Grants (授权): what an application holds after a sign-in, from the code or ticket to the last refreshed token.

Secrets are kept as digests. One that is used twice was stolen by somebody, and nobody knows by whom: everything that
came of it ends.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal

from egov_sdk.identity.callbacks import code_challenge
from egov_sdk.identity.model import AuthMethod, IdentityLevel
from egov_sdk.identity.problems import IdentityRejected, refuse
from egov_sdk.identity.provider.account import Account, AccountState, account_of
from egov_sdk.identity.provider.applications import Application
from egov_sdk.identity.provider.desk import Desk, digest_of, words
from egov_sdk.identity.provider.endings import end_grant
from egov_sdk.identity.provider.tables import CODES, GRANTS, TOKENS
from egov_sdk.storage.sql import Connection, RowMapping, bindparam, delete, insert, select, update

__all__ = ["Browsing", "Grant", "Issued", "Opened", "issue_code", "issue_tokens", "open_grant", "redeem", "refresh"]

CodeKind = Literal["code", "ticket"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Browsing:
    """A session of a browser at the provider: who, how well known, how and when signed in, and until when."""

    id: str
    account: str
    level: IdentityLevel
    method: AuthMethod
    authenticated_at: datetime
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What one application holds of one sign-in."""

    id: str
    account: str
    organization: str | None
    application: str
    session: str
    scopes: frozenset[str]
    level: IdentityLevel
    method: AuthMethod
    authenticated_at: datetime
    until: datetime
    revoked: bool

    @property
    def subject(self) -> str:
        """Whom the application sees: the organisation where somebody acts for one."""
        return self.organization or self.account


@dataclass(frozen=True, slots=True)
class Opened:
    """A grant that can be used, and whose it is; with the nonce that the application sent, where a code opened it."""

    grant: Grant
    person: Account
    organization: Account | None
    nonce: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    """New tokens of a grant."""

    access: str = field(repr=False)
    access_until: datetime
    refresh: str = field(repr=False, default="")
    refresh_until: datetime | None = None


def open_grant(
    connection: Connection,
    desk: Desk,
    browsing: Browsing,
    *,
    application: str,
    organization: str | None,
    scopes: frozenset[str],
    at: datetime,
    until: datetime | None = None,
) -> str:
    """A new grant from a session of the browser; its id. It ends with ``until``, where that comes first."""
    last = at + desk.settings.refresh_time
    grant = desk.new_id()
    connection.execute(
        _NEW_GRANT,
        {
            "id": grant,
            "account": browsing.account,
            "organization": organization,
            "application": application,
            "session": browsing.id,
            "scope": words(scopes),
            "level": browsing.level.value,
            "method": browsing.method.value,
            "authenticated_at": browsing.authenticated_at,
            "created_at": at,
            "until": last if until is None else min(last, until),
        },
    )
    return grant


def issue_code(
    connection: Connection,
    desk: Desk,
    grant: str,
    *,
    kind: CodeKind,
    until: datetime,
    redirect_uri: str = "",
    challenge: str = "",
    nonce: str = "",
) -> str:
    """A code or ticket that opens a grant once."""
    code = desk.secret()
    values = {"redirect_uri": redirect_uri, "challenge": challenge, "nonce": nonce, "until": until}
    connection.execute(_NEW_CODE, {"key": digest_of(code), "kind": kind, "grant_id": grant, **values})
    return code


def redeem(
    connection: Connection,
    desk: Desk,
    code: str,
    *,
    kind: CodeKind,
    application: Application,
    redirect_uri: str = "",
    verifier: str = "",
    at: datetime,
) -> Opened | IdentityRejected:
    """Open a grant with its code or ticket, which is used up by it whatever comes of it.

    Returns:
        The grant; or why not, to be raised after what was done has been committed.
    """
    row = (
        connection.execute(_USE_CODE, {"digest": digest_of(code), "of_kind": kind, "now": at}).mappings().one_or_none()
    )
    if row is None:
        wanted = select(CODES.c.grant_id).where(CODES.c.key == digest_of(code), CODES.c.kind == kind)
        used = connection.execute(wanted).scalar_one_or_none()
        if used is None:
            return refuse(f"{kind}_unknown")
        return _stolen(connection, desk, used, f"{kind}_replayed", at)
    grant = _grant(connection, row["grant_id"])
    problem = _problem_of_code(row, grant, kind, application, redirect_uri, verifier, at)
    if problem is not None:
        end_grant(connection, grant.id, at=at)
        desk.note(connection, "grant.refused", at=at, actor=application.id, subject=grant.id, detail={"why": problem})
        return refuse(problem)
    return opened(connection, grant, at, nonce=row["nonce"])


def _problem_of_code(
    row: RowMapping,
    grant: Grant,
    kind: CodeKind,
    application: Application,
    redirect_uri: str,
    verifier: str,
    at: datetime,
) -> str | None:
    if grant.application != application.id:
        return "code_application" if kind == "code" else "ticket_audience"
    if row["until"] <= at:
        return f"{kind}_expired"
    if kind == "ticket":
        return None
    if redirect_uri != row["redirect_uri"]:
        return "code_redirect"
    fits = verifier.isascii() and hmac.compare_digest(code_challenge(verifier), row["challenge"])
    return None if fits else "pkce_mismatch"


def opened(connection: Connection, grant: Grant, at: datetime, *, nonce: str = "") -> Opened | IdentityRejected:
    """A grant with whose it is; or that it has ended, by itself, by force or with an account of theirs."""
    if grant.revoked or grant.until <= at:
        return refuse("session_ended")
    person = account_of(connection, grant.account)
    organization = account_of(connection, grant.organization) if grant.organization else None
    if any(one.state is not AccountState.ACTIVE for one in (person, organization) if one is not None):
        return refuse("session_ended")
    return Opened(grant, person, organization, nonce)


def _stolen(connection: Connection, desk: Desk, grant: str, problem: str, at: datetime) -> IdentityRejected:
    end_grant(connection, grant, at=at)
    desk.note(connection, "grant.stolen", at=at, subject=grant, detail={"why": problem})
    return refuse(problem)


def issue_tokens(connection: Connection, desk: Desk, grant: Grant, *, at: datetime) -> Issued:
    """New tokens of a grant: to look at who is signed in, and where that was asked for, to stay so."""
    access, access_until = desk.secret(), min(at + desk.settings.access_time, grant.until)
    rows = [{"key": digest_of(access), "kind": "access", "grant_id": grant.id, "until": access_until}]
    if "offline_access" not in grant.scopes:
        connection.execute(_NEW_TOKEN, rows)
        return Issued(access=access, access_until=access_until)
    again = desk.secret()
    rows.append({"key": digest_of(again), "kind": "refresh", "grant_id": grant.id, "until": grant.until})
    connection.execute(_NEW_TOKEN, rows)
    return Issued(access=access, access_until=access_until, refresh=again, refresh_until=grant.until)


def refresh(
    connection: Connection, desk: Desk, token: str, *, application: Application, at: datetime
) -> Opened | IdentityRejected:
    """Use up a refresh token; the tokens before it end.

    Returns:
        Its grant; or why not, to be raised after what was done has been committed.
    """
    used = connection.execute(_USE_REFRESH, {"digest": digest_of(token), "now": at}).scalar_one_or_none()
    if used is None:
        of_token = (TOKENS.c.key == digest_of(token), TOKENS.c.kind == "refresh", TOKENS.c.used_at.is_not(None))
        reused = connection.execute(select(TOKENS.c.grant_id).where(*of_token)).scalar_one_or_none()
        return refuse("refresh_unknown") if reused is None else _stolen(connection, desk, reused, "refresh_reused", at)
    grant = _grant(connection, used)
    if grant.application != application.id:
        return _stolen(connection, desk, grant.id, "refresh_unknown", at)
    connection.execute(delete(TOKENS).where(TOKENS.c.grant_id == grant.id, TOKENS.c.kind == "access"))
    return opened(connection, grant, at)


def grant_of_token(connection: Connection, token: str, *, at: datetime) -> Opened:
    """The grant of an access token that is good.

    Raises:
        IdentityRejected: session_ended.
    """
    row = connection.execute(_BY_TOKEN, {"digest": digest_of(token), "now": at}).mappings().one_or_none()
    if row is None:
        raise refuse("session_ended")
    found = opened(connection, _read(row), at)
    if isinstance(found, IdentityRejected):
        raise found
    return found


def grant_of_any_token(connection: Connection, token: str) -> Grant | None:
    """The grant of a token of either kind, used and ended ones too."""
    wanted = select(GRANTS).join(TOKENS, TOKENS.c.grant_id == GRANTS.c.id).where(TOKENS.c.key == digest_of(token))
    row = connection.execute(wanted).mappings().one_or_none()
    return None if row is None else _read(row)


def _grant(connection: Connection, grant: str) -> Grant:
    return _read(connection.execute(_BY_ID, {"grant": grant}).mappings().one())


def _read(row: RowMapping) -> Grant:
    return Grant(
        id=row["id"],
        account=row["account"],
        organization=row["organization"],
        application=row["application"],
        session=row["session"],
        scopes=frozenset(row["scope"].split()),
        level=IdentityLevel(row["level"]),
        method=AuthMethod(row["method"]),
        authenticated_at=row["authenticated_at"],
        until=row["until"],
        revoked=row["revoked_at"] is not None,
    )


_NEW_GRANT: Final = insert(GRANTS)
_NEW_CODE: Final = insert(CODES)
_NEW_TOKEN: Final = insert(TOKENS)
_BY_ID: Final = select(GRANTS).where(GRANTS.c.id == bindparam("grant"))
_BY_TOKEN: Final = (
    select(GRANTS)
    .join(TOKENS, TOKENS.c.grant_id == GRANTS.c.id)
    .where(TOKENS.c.key == bindparam("digest"), TOKENS.c.kind == "access", TOKENS.c.until > bindparam("now"))
)
_USE_CODE: Final = (
    update(CODES)
    .where(CODES.c.key == bindparam("digest"), CODES.c.kind == bindparam("of_kind"), CODES.c.used_at.is_(None))
    .values(used_at=bindparam("now"))
    .returning(CODES)
)
_USE_REFRESH: Final = (
    update(TOKENS)
    .where(
        TOKENS.c.key == bindparam("digest"),
        TOKENS.c.kind == "refresh",
        TOKENS.c.used_at.is_(None),
        TOKENS.c.until > bindparam("now"),
    )
    .values(used_at=bindparam("now"))
    .returning(TOKENS.c.grant_id)
)
