"""Tokens: what applications fetch with codes, tickets and refresh tokens, what they see with them, and how they end."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from egov_sdk.crypto import sm3
from egov_sdk.identity.model import Agent, Assurance, LegalPerson, NaturalPerson, Ticket, UserInfo
from egov_sdk.identity.model import AgentRole as Role
from egov_sdk.identity.problems import IdentityRejected, refuse
from egov_sdk.identity.provider.account import Account, account_of, agent_roles
from egov_sdk.identity.provider.applications import Application, active_application
from egov_sdk.identity.provider.consents import consented
from egov_sdk.identity.provider.desk import Desk
from egov_sdk.identity.provider.endings import end_grant, end_session
from egov_sdk.identity.provider.grants import (
    Browsing,
    Grant,
    Issued,
    Opened,
    grant_of_any_token,
    grant_of_token,
    issue_code,
    issue_tokens,
    open_grant,
    redeem,
    refresh,
)
from egov_sdk.identity.provider.keys import ProviderKeys
from egov_sdk.identity.provider.proofs import authenticate
from egov_sdk.identity.wire import narrowed, userinfo_claims
from egov_sdk.storage.sql import Connection

__all__ = ["EXCHANGE_GRANT", "GRANT_TYPES", "TICKET_GRANT", "TICKET_TYPE", "TokenDesk", "Tokens"]

#: The grant type under which an application hands in a ticket.
TICKET_GRANT: Final = "urn:egov-sdk:grant-type:ticket"
#: The grant type under which an application asks for a ticket (RFC 8693), and the type that it asks for.
EXCHANGE_GRANT: Final = "urn:ietf:params:oauth:grant-type:token-exchange"
TICKET_TYPE: Final = "urn:egov-sdk:token-type:ticket"
GRANT_TYPES: Final = ("authorization_code", "refresh_token", EXCHANGE_GRANT, TICKET_GRANT)
_ACCESS_TYPE: Final = "urn:ietf:params:oauth:token-type:access_token"

#: What an ID token says; the rest is for the userinfo endpoint.
_IN_ID_TOKEN: Final = frozenset({"sub", "acr", "amr", "auth_time", "egov_level", "egov_method", "egov_holder"})
_ID_TOKEN_TIME: Final = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """What an application is given. ``repr`` shows no token."""

    issued: Issued = field(repr=False)
    id_token: str = field(repr=False)
    scopes: frozenset[str]

    def to_answer(self, at: datetime) -> dict[str, object]:
        """The answer of the token endpoint (RFC 6749, 5.1)."""
        answer: dict[str, object] = {
            "access_token": self.issued.access,
            "token_type": "Bearer",
            "expires_in": int((self.issued.access_until - at).total_seconds()),
            "scope": " ".join(sorted(self.scopes)),
            "id_token": self.id_token,
        }
        if self.issued.refresh and self.issued.refresh_until is not None:
            answer["refresh_token"] = self.issued.refresh
            answer["refresh_expires_in"] = int((self.issued.refresh_until - at).total_seconds())
        return answer


class TokenDesk:
    """The provider's side of everything that applications do with tokens."""

    def __init__(self, desk: Desk, keys: ProviderKeys) -> None:
        self._desk, self.keys = desk, keys

    def answer(self, given: Mapping[str, str], *, authorization: str | None = None) -> dict[str, object]:
        """The answer of the token endpoint to an application that proves who it is.

        Raises:
            IdentityRejected: application_proof, grant_type, request; or as for redeem_code, refresh and redeem_ticket.
        """
        at = self._desk.now()
        with self._desk.store.write(durable=False) as connection:
            application = authenticate(connection, self._desk, given, authorization, at=at)
        kind = given.get("grant_type", "")
        if kind == "authorization_code":
            needed = [_needed(given, name) for name in ("code", "redirect_uri", "code_verifier")]
            tokens = self.redeem_code(application, needed[0], redirect_uri=needed[1], verifier=needed[2])
        elif kind == "refresh_token":
            tokens = self.refresh(application, _needed(given, "refresh_token"))
        elif kind == TICKET_GRANT:
            tokens = self.redeem_ticket(application, _needed(given, "ticket"))
        elif kind == EXCHANGE_GRANT:
            return self._exchange(application, given, at)
        else:
            raise refuse("grant_type", found=kind or "nothing")
        return tokens.to_answer(at)

    def _exchange(self, application: Application, given: Mapping[str, str], at: datetime) -> dict[str, object]:
        """A ticket for another application (RFC 8693, 2.2)."""
        for name, wanted in (("subject_token_type", _ACCESS_TYPE), ("requested_token_type", TICKET_TYPE)):
            if given.get(name) != wanted:
                raise refuse("request", name=name, found=given.get(name, "missing"), expected=wanted)
        token, audience = _needed(given, "subject_token"), _needed(given, "audience")
        ticket = self.issue_ticket(application, token, audience=audience)
        return {
            "access_token": ticket.value,
            "issued_token_type": TICKET_TYPE,
            "token_type": "N_A",
            "expires_in": int((ticket.expires_at - at).total_seconds()),
        }

    def redeem_code(self, application: Application, code: str, *, redirect_uri: str, verifier: str) -> Tokens:
        """Tokens for a code.

        Raises:
            IdentityRejected: code_unknown, code_replayed, code_expired, code_application, code_redirect, pkce_mismatch,
                session_ended.
        """
        at = self._desk.now()
        with self._desk.store.write(durable=False) as connection:
            opened = redeem(
                connection,
                self._desk,
                code,
                kind="code",
                application=application,
                redirect_uri=redirect_uri,
                verifier=verifier,
                at=at,
            )
            tokens = self._given(connection, application, opened, "token.code", at)
        return _or_raise(tokens)

    def redeem_ticket(self, application: Application, ticket: str) -> Tokens:
        """Tokens for a ticket.

        Raises:
            IdentityRejected: ticket_unknown, ticket_replayed, ticket_expired, ticket_audience, session_ended.
        """
        at = self._desk.now()
        with self._desk.store.write(durable=False) as connection:
            opened = redeem(connection, self._desk, ticket, kind="ticket", application=application, at=at)
            tokens = self._given(connection, application, opened, "token.ticket", at)
        return _or_raise(tokens)

    def refresh(self, application: Application, token: str) -> Tokens:
        """New tokens for a refresh token, which is used up.

        Raises:
            IdentityRejected: refresh_unknown, refresh_reused.
        """
        at = self._desk.now()
        with self._desk.store.write(durable=False) as connection:
            opened = refresh(connection, self._desk, token, application=application, at=at)
            tokens = self._given(connection, application, opened, "token.refresh", at)
        return _or_raise(tokens)

    def _given(
        self,
        connection: Connection,
        application: Application,
        opened: Opened | IdentityRejected,
        action: str,
        at: datetime,
    ) -> Tokens | IdentityRejected:
        if isinstance(opened, IdentityRejected):
            return opened
        application, _ = active_application(connection, application.id)
        grant = opened.grant
        issued = issue_tokens(connection, self._desk, grant, at=at)
        info = _info(connection, opened)
        self._desk.note(connection, action, at=at, actor=application.id, subject=grant.subject)
        id_token = self._id_token(application, info, issued.access, opened.nonce, at)
        return Tokens(issued=issued, id_token=id_token, scopes=grant.scopes)

    def _id_token(self, application: Application, info: UserInfo, access: str, nonce: str, at: datetime) -> str:
        claims = {name: value for name, value in userinfo_claims(info).items() if name in _IN_ID_TOKEN}
        issuer = self._desk.settings.issuer_for(application.algorithm)
        claims |= {"iss": issuer, "aud": application.id, "iat": at, "exp": at + _ID_TOKEN_TIME}
        digest = (
            sm3(access.encode()) if application.algorithm == "SGD_SM3_SM2" else hashlib.sha256(access.encode()).digest()
        )
        claims["at_hash"] = base64.urlsafe_b64encode(digest[:16]).rstrip(b"=").decode("ascii")
        if nonce:
            claims["nonce"] = nonce
        return self.keys.sign(claims, algorithm=application.algorithm, random=self._desk.random)

    def userinfo(self, access_token: str) -> dict[str, object]:
        """Who is signed in, as claims, as far as the scopes reach.

        Raises:
            IdentityRejected: session_ended.
        """
        at = self._desk.now()
        with self._desk.store.read() as connection:
            opened = grant_of_token(connection, access_token, at=at)
            claims = userinfo_claims(_info(connection, opened))
        return narrowed(claims, opened.grant.scopes)

    def issue_ticket(self, application: Application, access_token: str, *, audience: str) -> Ticket:
        """A ticket with which another application takes over from this one.

        Raises:
            IdentityRejected: session_ended; ticket_refused: one of the two may not, or the person was never asked.
        """
        at = self._desk.now()
        until = at + self._desk.settings.ticket_time
        with self._desk.store.write(durable=False) as connection:
            grant = grant_of_token(connection, access_token, at=at).grant
            if grant.application != application.id:
                raise refuse("session_ended")
            scopes = self._may_enter(connection, grant, audience)
            browsing = Browsing(
                id=grant.session,
                account=grant.account,
                level=grant.level,
                method=grant.method,
                authenticated_at=grant.authenticated_at,
                until=grant.until,
            )
            new = open_grant(
                connection,
                self._desk,
                browsing,
                application=audience,
                organization=grant.organization,
                scopes=scopes,
                at=at,
                until=grant.until,
            )
            ticket = issue_code(connection, self._desk, new, kind="ticket", until=until)
            detail = {"audience": audience}
            self._desk.note(
                connection, "ticket.issued", at=at, actor=grant.application, subject=grant.subject, detail=detail
            )
        return Ticket(value=ticket, audience=audience, expires_at=until)

    def _may_enter(self, connection: Connection, grant: Grant, audience: str) -> frozenset[str]:
        """What the other application will see, if it may be entered."""
        here, _ = active_application(connection, grant.application)
        if audience not in here.may_enter:
            raise refuse("ticket_refused", found=audience)
        try:
            there, _ = active_application(connection, audience)
        except IdentityRejected:
            raise refuse("ticket_refused", found=audience) from None
        if there.consent == "implied":
            return there.scopes
        agreed = there.scopes & consented(connection, grant.account, audience)
        if "openid" not in agreed:
            raise refuse("ticket_refused", found=audience)
        return agreed

    def revoke_for(self, given: Mapping[str, str], *, authorization: str | None = None) -> None:
        """End a sign-in for an application that proves who it is (RFC 7009).

        Raises:
            IdentityRejected: application_proof, request.
        """
        at = self._desk.now()
        with self._desk.store.write(durable=False) as connection:
            application = authenticate(connection, self._desk, given, authorization, at=at)
        self.revoke(application, _needed(given, "token"))

    def revoke(self, application: Application, token: str) -> None:
        """End a sign-in by one of its tokens; a token that is unknown, or another application's, changes nothing."""
        at = self._desk.now()
        with self._desk.store.write() as connection:
            grant = grant_of_any_token(connection, token)
            if grant is not None and grant.application == application.id and end_grant(connection, grant.id, at=at):
                self._desk.note(connection, "token.revoked", at=at, actor=application.id, subject=grant.subject)

    def sign_out(self, token: str) -> None:
        """End the session of the browser behind a token, and with it every application's sign-in that rests on it."""
        at = self._desk.now()
        with self._desk.store.write() as connection:
            grant = grant_of_any_token(connection, token)
            if grant is not None:
                end_session(connection, grant.session, at=at)
                self._desk.note(connection, "sign_out", at=at, actor=grant.application, subject=grant.account)


def _needed(given: Mapping[str, str], name: str) -> str:
    if not given.get(name):
        raise refuse("request", name=name, found="missing", expected="a text")
    return given[name]


def _or_raise(tokens: Tokens | IdentityRejected) -> Tokens:
    if isinstance(tokens, IdentityRejected):
        raise tokens
    return tokens


def _info(connection: Connection, opened: Opened) -> UserInfo:
    """Who is behind a grant. The level is that of the sign-in, or a lower one that is known now."""
    grant, person, organization = opened.grant, opened.person, opened.organization
    level = grant.level.at_most(person.level)
    holder: NaturalPerson | LegalPerson = person.as_person()
    if organization is not None:
        level = level.at_most(organization.level)
        holder = _acting(connection, organization, person)
    assurance = Assurance(level=level, method=grant.method, authenticated_at=grant.authenticated_at)
    return UserInfo(holder=holder, assurance=assurance)


def _acting(connection: Connection, organization: Account, person: Account) -> LegalPerson:
    roles = agent_roles(connection, organization.id)
    head = next((one for one, role in roles.items() if role is Role.LEGAL_REPRESENTATIVE), None)
    agent = Agent(person=person.as_person(), role=roles.get(person.id, Role.UNKNOWN))
    representative = None if head is None else account_of(connection, head).as_person()
    return organization.as_organization().model_copy(update={"representative": representative, "agent": agent})
