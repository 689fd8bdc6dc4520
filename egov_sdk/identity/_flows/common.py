"""What the flows of all shapes do alike: begin, send a call, read tokens, tell a no from a failure."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final, Protocol
from urllib.parse import urlencode

from egov_sdk.errors import PlatformRejected
from egov_sdk.gateway.messages import Answer, Flow, Request, ask
from egov_sdk.identity._client_problems import problem_named, refused
from egov_sdk.identity.callbacks import Random, check_return_to, code_challenge, new_secret
from egov_sdk.identity.mapping import malformed, member, text_at
from egov_sdk.identity.model import (
    Assurance,
    AuthMethod,
    HolderKind,
    IdentityLevel,
    Session,
    SignIn,
    Ticket,
    UserInfo,
)
from egov_sdk.identity.problems import IdentityRejected, refuse
from egov_sdk.identity.profile import HOLE, Call, IdentityProfile, Page, TokenFields
from egov_sdk.identity.service import Prompt
from egov_sdk.identity.settings import ClientSettings, Clock
from egov_sdk.times import aware

__all__ = [
    "ENDED",
    "NO_MEANINGS",
    "Asked",
    "Desk",
    "Flows",
    "Meanings",
    "OwnSession",
    "address_of",
    "ask_or_refuse",
    "fill",
    "object_of",
    "send",
    "tokens_of",
]

_REPLY_BYTES: Final = 1 << 20
_TOKEN_CHARS: Final = 8_000
_LIFE_S: Final = 10 * 365 * 86_400
_OURS: Final = "egov.identity."
_BARE: Final = frozenset({"", "invalid_token", "access_denied"})


class Flows(Protocol):
    """The operations of IdentityService, each as a flow."""

    def begin(self, asked: Asked) -> Flow[SignIn]: ...

    def complete(self, sign_in: SignIn, callback: str) -> Flow[Session]: ...

    def userinfo(self, session: Session) -> Flow[UserInfo]: ...

    def refresh(self, session: Session) -> Flow[Session]: ...

    def logout(self, session: Session, return_to: str) -> Flow[str]: ...

    def issue_ticket(self, session: Session, audience: str) -> Flow[Ticket]: ...

    def redeem_ticket(self, ticket: str) -> Flow[Session]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a sign-in shall be like."""

    return_to: str
    level: IdentityLevel
    method: AuthMethod | None
    holder: HolderKind
    prompt: Prompt | None


@dataclass(frozen=True, slots=True)
class OwnSession:
    """A session that may be used here, at a moment at which it has not run out."""

    session: Session
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What the flows of one application at one platform work with."""

    profile: IdentityProfile
    settings: ClientSettings
    clock: Clock = field(repr=False)
    random: Random = field(repr=False, default=os.urandom)

    @property
    def issuer(self) -> str:
        """The platform's name in sessions and sign-ins."""
        return self.settings.issuer or self.profile.name

    def now(self) -> datetime:
        """The time.

        Raises:
            ValueError: the clock gives one without a time zone.
        """
        return aware(self.clock(), "what the clock gives")

    def begun(self, asked: Asked, page: Page, fields: Mapping[str, str], *, with_nonce: bool) -> SignIn:
        """A sign-in that begins at a page: the page's own parameters, then the profile's, each filled."""
        if asked.level is IdentityLevel.UNKNOWN or asked.method is AuthMethod.UNKNOWN:
            raise ValueError("what is asked for must be a known level and a known method")
        check_return_to(asked.return_to)
        now, state = self.now(), new_secret(self.random)
        nonce, verifier = (new_secret(self.random), new_secret(self.random)) if with_nonce else ("", "")
        values = {
            "client_id": self.settings.client_id,
            "redirect_uri": self.settings.redirect_uri,
            "redirect_uri_with_state": self.with_state(state),
            "scope": " ".join(sorted(self.settings.scopes)),
            "state": state,
            "nonce": nonce,
            "code_challenge": code_challenge(verifier) if verifier else "",
            **self._wishes(asked),
        }
        return SignIn(
            url=address_of(page.url, {**fields, **page.fields}, values),
            state=state,
            nonce=nonce,
            code_verifier=verifier,
            redirect_uri=self.settings.redirect_uri,
            issuer=self.issuer,
            level=asked.level,
            holder=asked.holder,
            return_to=asked.return_to,
            begun_at=now,
            expires_at=now + self.settings.sign_in_time,
        )

    def with_state(self, state: str) -> str:
        """The redirect address with the state in it, for platforms that hand no state back."""
        address = self.settings.redirect_uri
        return f"{address}{'&' if '?' in address else '?'}state={state}"

    def _wishes(self, asked: Asked) -> dict[str, str]:
        profile = self.profile
        if asked.method is not None and asked.method not in profile.methods:
            raise self.not_offered(f"method {asked.method.value}")
        if asked.holder not in profile.holders:
            raise self.not_offered(f"holder {asked.holder.value}")
        if asked.prompt is not None and asked.prompt not in profile.prompts:
            raise self.not_offered(f"prompt {asked.prompt}")
        return {
            # a level without a word is not asked for, and looked at all the same when the browser is back
            "level": profile.levels.get(asked.level, "") if asked.level is not IdentityLevel.NONE else "",
            "method": profile.methods[asked.method] if asked.method is not None else "",
            "holder": profile.holders[asked.holder],
            "prompt": profile.prompts[asked.prompt] if asked.prompt is not None else "",
        }

    def not_offered(self, what: str) -> IdentityRejected:
        """The error for what the platform has no words for."""
        return refused("not_offered", platform=self.profile.name, found=what)

    def check_begun_here(self, sign_in: SignIn) -> None:
        """Return if a sign-in was begun at this platform for this application."""
        if sign_in.issuer != self.issuer or sign_in.redirect_uri != self.settings.redirect_uri:
            raise refuse("issuer_mismatch", found=self.issuer, expected=sign_in.issuer)

    def own(self, session: Session) -> OwnSession:
        """A session of this platform that has not run out: the token of another must never be sent here."""
        if session.issuer != self.issuer:
            raise refuse("issuer_mismatch", found=session.issuer, expected=self.issuer)
        return OwnSession(session, self.now())

    def alive(self, session: Session) -> Session:
        """As own, and its access token has not run out."""
        found = self.own(session)
        if session.is_expired(found.at):
            raise refuse("session_ended")
        return session


def fill(text: str, values: Mapping[str, str]) -> str:
    """A text with its holes filled; one that nothing fills becomes empty."""
    return HOLE.sub(lambda hole: values.get(hole.group(1), ""), text)


def address_of(url: str, fields: Mapping[str, str], values: Mapping[str, str]) -> str:
    """The address of a page with its parameters; those that are empty once filled are left out."""
    filled = [(name, text) for name, template in fields.items() if (text := fill(template, values))]
    return f"{url}{'&' if '?' in url else '?'}{urlencode(filled)}" if filled else url


#: What bare statuses mean for whoever signs in, where the platform says no more.
Meanings = Mapping[int, str]
NO_MEANINGS: Final[Meanings] = MappingProxyType({})
ENDED: Final[Meanings] = MappingProxyType({400: "session_ended", 401: "session_ended"})


def send(
    desk: Desk, call: Call, values: Mapping[str, str], *, meanings: Meanings = NO_MEANINGS
) -> Flow[Mapping[str, object]]:
    """Make one call of a profile and give the object that came back."""
    settings = desk.settings
    known = {
        "client_id": settings.client_id,
        "client_secret": settings.secret,
        "redirect_uri": settings.redirect_uri,
        **values,
    }
    fields = {name: fill(text, known) for name, text in call.fields.items()}
    request = Request(
        call.method,
        call.path,
        query=() if call.body else fields,
        form=fields if call.body == "form" else None,
        headers={"Authorization": f"Bearer {known.get('token', '')}"} if call.bearer else {},
        max_answer_bytes=_REPLY_BYTES,
    )
    if call.body == "json":
        request = replace(request, json=fields)
    answer = yield from ask_or_refuse(desk, request, meanings)
    reply = object_of(answer)
    _check_answer(desk, reply, answer)
    return reply


def ask_or_refuse(desk: Desk, request: Request, meanings: Meanings) -> Flow[Answer]:
    """One request; a no that is about the person who signs in is told as such."""
    try:
        return (yield from ask(request))
    except PlatformRejected as error:
        raise _refusal(desk, error, meanings) or error from error.__cause__


def _refusal(desk: Desk, error: PlatformRejected, meanings: Meanings) -> IdentityRejected | None:
    """What a platform's no means for the person who signs in; None if it is about something else."""
    code = error.platform_code
    problem = desk.profile.errors.get(code, "") or (code[len(_OURS) :] if code.startswith(_OURS) else "")
    if problem and problem_named(problem) is not None:
        return refused(problem, found=code)
    if code == "invalid_grant":
        return refused(meanings.get(400, "session_ended"), found=code)
    # behind a gateway a bare 401 is about our own signature
    about_us = error.status == 401 and (desk.profile.gateway or code == "invalid_client")
    if error.status in meanings and not about_us and code in _BARE:
        return refused(meanings[error.status], found=code or f"status {error.status}")
    return None


def _check_answer(desk: Desk, reply: Mapping[str, object], answer: Answer) -> None:
    rule = desk.profile.answer
    if rule is None or text_at(reply, rule.success) in rule.good:
        return
    code = text_at(reply, rule.code)[:64] if rule.code else ""
    error = PlatformRejected(
        "the platform said no", status=answer.status, platform_code=code, request_id=answer.request_id
    )
    raise _refusal(desk, error, NO_MEANINGS) or error


def object_of(answer: Answer) -> Mapping[str, object]:
    """The JSON object of an answer."""
    reply = answer.json()
    if not isinstance(reply, Mapping):
        malformed("expected a JSON object", request_id=answer.request_id)
    return reply


def tokens_of(
    reply: Mapping[str, object], fields: TokenFields, *, issuer: str, at: datetime, before: Session | None = None
) -> Session:
    """The tokens of an answer as a session that knows no assurance yet.

    Args:
        before: the session that they continue: its refresh token stays where none came, and its person does.
    """
    token = text_at(reply, fields.token)
    refresh = text_at(reply, fields.refresh_token) or (before.refresh_token if before else "")
    for text in (token, refresh):
        # they go into headers and forms again
        if len(text) > _TOKEN_CHARS or not text.isascii() or not text.isprintable() or " " in text:
            malformed("a token holds characters that no token has, or is too long")
    if not token:
        malformed(f"the answer holds no {fields.token}")
    return Session(
        issuer=issuer,
        subject=before.subject if before else "",
        assurance=before.assurance if before else Assurance(),
        access_token=token,
        expires_at=_end(reply, fields.life_s, at),
        refresh_token=refresh,
        refresh_expires_at=_end(reply, fields.refresh_life_s, at),
        id_token=before.id_token if before else "",
        scopes=before.scopes if before else frozenset(),
    )


def _end(reply: Mapping[str, object], path: str, at: datetime) -> datetime | None:
    life = member(reply, path) if path else None
    if life is None:
        return None
    if isinstance(life, str) and life.isascii() and life.isdigit() and len(life) < 10:
        life = int(life)
    if isinstance(life, bool) or not isinstance(life, (int, float)) or not 0 <= life <= _LIFE_S:
        malformed(f"{path} is no number of seconds")
    return at + timedelta(seconds=life)
