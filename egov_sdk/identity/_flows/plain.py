"""Code or ticket, then token, then user: the shapes that a profile describes whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from egov_sdk.gateway.messages import Flow
from egov_sdk.identity._client_problems import refused
from egov_sdk.identity._flows.common import ENDED, Asked, Desk, address_of, send, tokens_of
from egov_sdk.identity.callbacks import check_signed_in, read_callback
from egov_sdk.identity.mapping import read_user, text_at
from egov_sdk.identity.model import Session, SignIn, Ticket, UserInfo
from egov_sdk.identity.problems import refuse
from egov_sdk.identity.profile import Call, Page

__all__ = ["PlainFlows"]

_AUDIENCE_CHARS: Final = 512


@dataclass(frozen=True, slots=True)
class PlainFlows:
    """The flows of the shapes ``code`` and ``ticket``."""

    desk: Desk

    def begin(self, asked: Asked) -> Flow[SignIn]:
        yield from ()
        page = self.desk.profile.login
        url = self.desk.settings.login_url or page.url
        if not url:
            raise ValueError(f"profile {self.desk.profile.name!r} has no login address: give login_url in the settings")
        uses_nonce = any("{code_challenge}" in text or "{nonce}" in text for text in page.fields.values())
        return self.desk.begun(asked, page.model_copy(update={"url": url}), {}, with_nonce=uses_nonce)

    def complete(self, sign_in: SignIn, callback: str) -> Flow[Session]:
        desk, profile = self.desk, self.desk.profile
        desk.check_begun_here(sign_in)
        given = read_callback(sign_in, callback, at=desk.now(), state_name=profile.state)
        code = given.get(profile.callback, "")
        if not code:
            raise refuse("denied", found=f"no {profile.callback}")
        session, user = yield from self._enter(
            profile.token,
            {
                "code": code,
                "code_verifier": sign_in.code_verifier,
                "redirect_uri_with_state": desk.with_state(sign_in.state),
            },
            problem="ticket_rejected" if profile.shape == "ticket" else "code_refused",
        )
        check_signed_in(sign_in, level=user.assurance.level, holder=user.kind)
        return session

    def _enter(self, call: Call | None, values: Mapping[str, str], *, problem: str) -> Flow[tuple[Session, UserInfo]]:
        """From a code or ticket to a session, and whose it is: only the user's reply tells that."""
        desk, fields = self.desk, self.desk.profile.token_fields
        assert call is not None
        reply = yield from send(desk, call, values, meanings={400: problem})
        session = tokens_of(reply, fields, issuer=desk.issuer, at=desk.now())
        user = yield from self._ask_user(session.access_token)
        said = text_at(reply, fields.subject) if fields.subject else ""
        if said and said != user.subject:
            raise refused("subject_mismatch")
        return session.model_copy(update={"subject": user.subject, "assurance": user.assurance}), user

    def _ask_user(self, token: str) -> Flow[UserInfo]:
        profile = self.desk.profile
        assert profile.userinfo is not None
        assert profile.user is not None
        reply = yield from send(self.desk, profile.userinfo, {"token": token}, meanings=ENDED)
        return read_user(reply, profile.user, issuer=self.desk.issuer)

    def userinfo(self, session: Session) -> Flow[UserInfo]:
        user = yield from self._ask_user(self.desk.alive(session).access_token)
        if user.subject != session.subject:
            raise refused("subject_mismatch")
        return user

    def refresh(self, session: Session) -> Flow[Session]:
        desk, profile = self.desk, self.desk.profile
        own = desk.own(session)
        if profile.refresh is None:
            raise desk.not_offered("refresh")
        if not session.refresh_token:
            raise refuse("refresh_unknown")
        values = {"refresh_token": session.refresh_token, "token": session.access_token}
        reply = yield from send(desk, profile.refresh, values, meanings=ENDED)
        return tokens_of(reply, profile.token_fields, issuer=desk.issuer, at=own.at, before=session)

    def logout(self, session: Session, return_to: str) -> Flow[str]:
        yield from ()
        self.desk.own(session)
        page: Page | None = self.desk.profile.logout
        if page is None:
            return ""
        return address_of(page.url, page.fields, {"client_id": self.desk.settings.client_id, "return_to": return_to})

    def issue_ticket(self, session: Session, audience: str) -> Flow[Ticket]:
        desk, profile = self.desk, self.desk.profile
        token = desk.alive(session).access_token
        if profile.issue_ticket is None:
            raise desk.not_offered("issue_ticket")
        if not 0 < len(audience) <= _AUDIENCE_CHARS:
            raise ValueError(f"an audience has 1 to {_AUDIENCE_CHARS} characters")
        values = {"token": token, "audience": audience}
        reply = yield from send(desk, profile.issue_ticket, values)
        ticket = tokens_of(reply, profile.ticket_fields or profile.token_fields, issuer="", at=desk.now())
        until = ticket.expires_at or desk.now() + timedelta(seconds=profile.ticket_life_s)
        return Ticket(value=ticket.access_token, audience=audience, expires_at=until)

    def redeem_ticket(self, ticket: str) -> Flow[Session]:
        profile = self.desk.profile
        call = profile.redeem_ticket or (profile.token if profile.shape == "ticket" else None)
        if call is None:
            raise self.desk.not_offered("redeem_ticket")
        session, _ = yield from self._enter(call, {"code": ticket}, problem="ticket_rejected")
        return session
