"""OpenID Connect with SM2 tokens (GM/T 0069): authorization code with state, nonce and PKCE."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import quote, urlencode

from egov_sdk.crypto.jose import ExpectedClaims, TokenRejected, VerifiedToken, sign_token, verify_token
from egov_sdk.errors import InputError, ParseError
from egov_sdk.gateway.messages import Answer, Flow, Request
from egov_sdk.identity._client_problems import refused
from egov_sdk.identity._flows.common import (
    ENDED,
    NO_MEANINGS,
    Asked,
    Desk,
    Meanings,
    ask_or_refuse,
    object_of,
    tokens_of,
)
from egov_sdk.identity._flows.known import KnownProvider, Place
from egov_sdk.identity.callbacks import check_signed_in, new_secret, read_callback
from egov_sdk.identity.mapping import malformed, read_user, text_at
from egov_sdk.identity.model import Session, SignIn, Ticket, UserInfo
from egov_sdk.identity.problems import IdentityRejected, refuse
from egov_sdk.identity.profile import TokenFields
from egov_sdk.identity.wire import parse_userinfo

__all__ = ["OidcFlows"]

_ID_CLAIMS: Final = frozenset({"iss", "sub", "aud", "exp", "iat"})
_REPLY_BYTES: Final = 1 << 20
_KEYS_AGAIN: Final = frozenset({"egov.crypto.token.unknown_key", "egov.crypto.token.signature"})
_TOKENS: Final = TokenFields()
_AUDIENCE_CHARS: Final = 512
_ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_EXCHANGE: Final = "urn:ietf:params:oauth:grant-type:token-exchange"
_ACCESS_TOKEN: Final = "urn:ietf:params:oauth:token-type:access_token"  # noqa: S105 - a type's name
_TICKET: Final = "urn:egov-sdk:token-type:ticket"
_NO_TICKET: Final = {400: "session_ended", 403: "ticket_refused"}
_TICKET_GRANT: Final = "urn:egov-sdk:grant-type:ticket"


@dataclass(frozen=True, slots=True)
class OidcFlows:
    """The flows of the shape ``oidc``."""

    desk: Desk
    provider: KnownProvider = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "provider", KnownProvider(self.desk))

    def begin(self, asked: Asked) -> Flow[SignIn]:
        url = self.desk.settings.login_url or (yield from self.provider.metadata()).authorization
        fields = {
            "response_type": "code",
            "client_id": "{client_id}",
            "redirect_uri": "{redirect_uri}",
            "scope": "{scope}",
            "state": "{state}",
            "nonce": "{nonce}",
            "code_challenge": "{code_challenge}",
            "code_challenge_method": "S256",
        }
        page = self.desk.profile.login.model_copy(update={"url": url})
        return self.desk.begun(asked, page, fields, with_nonce=True)

    def complete(self, sign_in: SignIn, callback: str) -> Flow[Session]:
        desk = self.desk
        desk.check_begun_here(sign_in)
        metadata = yield from self.provider.metadata()
        given = read_callback(sign_in, callback, at=desk.now(), needs_issuer=metadata.names_itself)
        if not given.get("code"):
            raise refuse("denied", found="no code")
        if not sign_in.nonce or not sign_in.code_verifier:
            raise refuse("state_mismatch")  # it was begun in another shape, which proves less
        form = {
            "grant_type": "authorization_code",
            "code": given["code"],
            "redirect_uri": sign_in.redirect_uri,
            "code_verifier": sign_in.code_verifier,
        }
        session, claims = yield from self._tokens(form, meanings={400: "code_refused"}, nonce=sign_in.nonce)
        user = yield from self._user_of(session, claims)
        try:
            check_signed_in(sign_in, level=user.assurance.level, holder=user.kind)
        except IdentityRejected:
            yield from self._revoke(session)
            raise
        return session.model_copy(update={"assurance": user.assurance})

    def userinfo(self, session: Session) -> Flow[UserInfo]:
        return (yield from self._ask_user(self.desk.alive(session)))

    def refresh(self, session: Session) -> Flow[Session]:
        self.desk.own(session)
        if not session.refresh_token:
            raise refuse("refresh_unknown")
        form = {"grant_type": "refresh_token", "refresh_token": session.refresh_token}
        renewed, claims = yield from self._tokens(form, meanings={400: "session_ended"}, before=session)
        if claims is None:
            return renewed
        if claims.get("sub") != session.subject:
            raise refused("subject_mismatch")
        if self.desk.profile.user is not None:
            return renewed
        # what was known at the sign-in may be known less well by now
        return renewed.model_copy(update={"assurance": self._read_user(claims).assurance})

    def logout(self, session: Session, return_to: str) -> Flow[str]:
        self.desk.own(session)
        yield from self._revoke(session)
        metadata = yield from self.provider.metadata()
        if not metadata.end_session:
            return ""
        fields = {"client_id": self.desk.settings.client_id}
        if return_to:
            fields["post_logout_redirect_uri"] = return_to
        return f"{metadata.end_session}{'&' if '?' in metadata.end_session else '?'}{urlencode(fields)}"

    def _revoke(self, session: Session) -> Flow[None]:
        """End the tokens, where the platform can (RFC 7009)."""
        place = (yield from self.provider.metadata()).revocation
        if place is not None:
            hint = "refresh_token" if session.refresh_token else "access_token"
            token = session.refresh_token or session.access_token
            yield from self._post(place, {"token": token, "token_type_hint": hint})

    def issue_ticket(self, session: Session, audience: str) -> Flow[Ticket]:
        desk = self.desk
        if not 0 < len(audience) <= _AUDIENCE_CHARS:
            raise ValueError(f"an audience has 1 to {_AUDIENCE_CHARS} characters")
        form = {
            "grant_type": _EXCHANGE,
            "subject_token": desk.alive(session).access_token,
            "subject_token_type": _ACCESS_TOKEN,
            "requested_token_type": _TICKET,
            "audience": audience,
        }
        metadata = yield from self.provider.metadata()
        if _EXCHANGE not in metadata.grants:
            raise desk.not_offered("issue_ticket")
        answer = yield from self._post(metadata.token, form, meanings=_NO_TICKET)
        reply = object_of(answer)
        if reply.get("issued_token_type") != _TICKET:
            malformed("what came is no ticket", request_id=answer.request_id)
        ticket = tokens_of(reply, _TOKENS, issuer="", at=desk.now())
        until = ticket.expires_at or desk.now() + timedelta(seconds=desk.profile.ticket_life_s)
        return Ticket(value=ticket.access_token, audience=audience, expires_at=until)

    def redeem_ticket(self, ticket: str) -> Flow[Session]:
        form = {"grant_type": _TICKET_GRANT, "ticket": ticket}
        session, claims = yield from self._tokens(form, meanings={400: "ticket_rejected"})
        user = yield from self._user_of(session, claims)
        return session.model_copy(update={"assurance": user.assurance})

    def _tokens(
        self, form: Mapping[str, str], *, meanings: Meanings, nonce: str = "", before: Session | None = None
    ) -> Flow[tuple[Session, Mapping[str, object] | None]]:
        """Tokens for a grant, and the claims of the ID token: a must, but when a session goes on."""
        desk = self.desk
        metadata = yield from self.provider.metadata()
        answer = yield from self._post(metadata.token, form, meanings=meanings)
        reply = object_of(answer)
        if text_at(reply, "token_type").lower() != "bearer":
            malformed("the token type is not Bearer", request_id=answer.request_id)
        session = tokens_of(reply, _TOKENS, issuer=desk.issuer, at=desk.now(), before=before)
        scope = text_at(reply, "scope")
        scopes = frozenset(scope.split()) if scope else session.scopes or desk.settings.scopes
        id_token = text_at(reply, "id_token")
        if not id_token:
            if before is None:
                malformed("the answer holds no id_token", request_id=answer.request_id)
            return session.model_copy(update={"scopes": scopes}), None
        verified = yield from self._verified(id_token, nonce=nonce)
        known = {"id_token": id_token, "subject": verified.subject, "scopes": scopes}
        return session.model_copy(update=known), verified.claims

    def _verified(self, token: str, *, nonce: str = "", required: frozenset[str] = _ID_CLAIMS) -> Flow[VerifiedToken]:
        """A token of the provider for this application; keys are fetched once more if none of them fits."""
        settings = self.desk.settings
        expected = ExpectedClaims(
            issuer=settings.issuer,
            audience=settings.client_id,
            nonce=nonce or None,
            required=required,
            leeway_s=settings.leeway_s,
        )
        keys = yield from self.provider.keys()
        at = self.desk.now()
        try:
            verified = verify_token(token, keys, algorithms=settings.algorithms, expected=expected, at=at)
        except TokenRejected as error:
            newer = (yield from self.provider.newer_keys()) if error.code in _KEYS_AGAIN else None
            if newer is None:
                raise
            verified = verify_token(token, newer, algorithms=settings.algorithms, expected=expected, at=at)
        except InputError as error:
            malformed(f"the token cannot be read: {error.code}")
        party = verified.claims.get("azp")
        if (party is not None or len(verified.audience) > 1) and party != settings.client_id:
            # OpenID Connect Core 1.0, 3.1.3.7
            raise refused("authorized_party", found=text_at(verified.claims, "azp") or "nobody")
        if not verified.subject:
            malformed("the token says of nobody")
        return verified

    def _user_of(self, session: Session, claims: Mapping[str, object] | None) -> Flow[UserInfo]:
        """Who signed in, by the ID token; by the user's reply where the profile reads that."""
        if self.desk.profile.user is not None or claims is None:
            return (yield from self._ask_user(session))
        return self._read_user(claims)

    def _ask_user(self, session: Session) -> Flow[UserInfo]:
        metadata = yield from self.provider.metadata()
        if metadata.userinfo is None:
            raise self.desk.not_offered("userinfo")
        place = metadata.userinfo
        request = Request(
            "GET",
            place.path,
            query=place.query,
            headers={"Authorization": f"Bearer {session.access_token}"},
            max_answer_bytes=_REPLY_BYTES,
        )
        answer = yield from ask_or_refuse(self.desk, request, ENDED)
        if answer.header("content-type").partition(";")[0].strip().lower() == "application/jwt":
            claims = (yield from self._verified(answer.text.strip(), required=frozenset({"sub"}))).claims
        else:
            claims = object_of(answer)
        if claims.get("sub") != session.subject:
            # OpenID Connect Core 1.0, 5.3.2: otherwise the reply must not be used
            raise refused("subject_mismatch")
        return self._read_user(claims)

    def _read_user(self, claims: Mapping[str, object]) -> UserInfo:
        fields = self.desk.profile.user
        if fields is not None:
            return read_user(claims, fields, issuer=self.desk.issuer)
        try:
            return parse_userinfo(claims, issuer=self.desk.issuer)
        except ParseError as error:
            malformed(error.message)

    def _post(self, place: Place, form: Mapping[str, str], *, meanings: Meanings = NO_MEANINGS) -> Flow[Answer]:
        """A call with a form, in which the application proves who it is."""
        proof, headers = self._proof()
        request = Request(
            "POST",
            place.path,
            query=place.query,
            form={**form, **proof},
            headers=headers,
            max_answer_bytes=_REPLY_BYTES,
        )
        return (yield from ask_or_refuse(self.desk, request, meanings))

    def _proof(self) -> tuple[dict[str, str], dict[str, str]]:
        settings = self.desk.settings
        way = settings.way
        if way == "client_secret_basic":
            # RFC 6749, 2.3.1: each is encoded as in a form first
            pair = f"{quote(settings.client_id, safe='')}:{quote(settings.secret, safe='')}"
            return {}, {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode('ascii')}"}
        if way == "client_secret_post":
            return {"client_id": settings.client_id, "client_secret": settings.secret}, {}
        if way == "private_key_jwt":
            return {
                "client_id": settings.client_id,
                "client_assertion_type": _ASSERTION_TYPE,
                "client_assertion": self._assertion(self.desk.now()),
            }, {}
        return {"client_id": settings.client_id}, {}

    def _assertion(self, at: datetime) -> str:
        """That this application calls, signed with its key (RFC 7523, 3)."""
        settings = self.desk.settings
        assert settings.key is not None
        claims = {
            "iss": settings.client_id,
            "sub": settings.client_id,
            "aud": settings.issuer,
            "jti": new_secret(self.desk.random),
            "iat": at,
            "exp": at + timedelta(seconds=60),
        }
        return sign_token(claims, settings.key, random=self.desk.random)
