"""The identity service at work in this process, on a provider of one's own."""

from __future__ import annotations

import os
from datetime import datetime
from urllib.parse import urlencode

from egov_sdk.crypto.jose import ExpectedClaims, VerifiedToken, verify_token
from egov_sdk.identity.callbacks import (
    Random,
    check_return_to,
    check_signed_in,
    code_challenge,
    new_secret,
    read_callback,
)
from egov_sdk.identity.model import AuthMethod, HolderKind, IdentityLevel, Session, SignIn, Ticket, UserInfo
from egov_sdk.identity.problems import refuse
from egov_sdk.identity.provider.provider import IdentityProvider
from egov_sdk.identity.provider.tokens import Tokens
from egov_sdk.identity.service import Prompt
from egov_sdk.identity.wire import acr_of, parse_assurance, parse_userinfo
from egov_sdk.times import aware

__all__ = ["LocalIdentityService"]


class LocalIdentityService:
    """Sign people in, as one application of a provider in this process.

    Args:
        application: the application that the program is, as the provider's register knows it.
        redirect_uri: the address of the application to which browsers come back; one when the register has only one.
        random: where states, nonces and verifiers come from.
    Raises:
        IdentityRejected: application_unknown, redirect_uri.
    """

    def __init__(
        self,
        provider: IdentityProvider,
        *,
        application: str,
        redirect_uri: str = "",
        random: Random = os.urandom,
    ) -> None:
        self._provider, self._random = provider, random
        self._application = provider.applications.get(application)
        self._issuer = provider.settings.issuer_for(self._application.algorithm)
        known = self._application.redirect_uris
        self._redirect_uri = redirect_uri or (next(iter(known)) if len(known) == 1 else "")
        if self._redirect_uri not in known:
            raise refuse("redirect_uri", found=self._redirect_uri or "(none)")

    def begin(
        self,
        *,
        return_to: str = "/",
        level: IdentityLevel = IdentityLevel.NONE,
        method: AuthMethod | None = None,
        holder: HolderKind = HolderKind.NATURAL,
        prompt: Prompt | None = None,
    ) -> SignIn:
        """Begin a sign-in; see IdentityService."""
        check_return_to(return_to)
        if level is IdentityLevel.UNKNOWN or method is AuthMethod.UNKNOWN:
            raise ValueError("what is asked for must be known")
        at = self._now()
        state, nonce, verifier = (new_secret(self._random) for _ in range(3))
        asked = {
            "client_id": self._application.id,
            "redirect_uri": self._redirect_uri,
            "response_type": "code",
            "scope": " ".join(sorted(self._application.scopes)),
            "state": state,
            "nonce": nonce,
            "code_challenge": code_challenge(verifier),
            "code_challenge_method": "S256",
            "acr_values": "" if level is IdentityLevel.NONE else acr_of(level),
            "egov_method": method or "",
            "egov_holder": holder,
            "prompt": prompt or "",
        }
        settings = self._provider.settings
        query = urlencode({name: value for name, value in asked.items() if value})
        return SignIn(
            url=f"{settings.address('authorize')}?{query}",
            state=state,
            nonce=nonce,
            code_verifier=verifier,
            redirect_uri=self._redirect_uri,
            issuer=self._issuer,
            level=level,
            holder=holder,
            return_to=return_to,
            begun_at=at,
            expires_at=at + settings.page_time + settings.code_time,
        )

    def complete(self, sign_in: SignIn, *, callback: str) -> Session:
        """Finish a sign-in; see IdentityService."""
        given = read_callback(sign_in, callback, at=self._now(), needs_issuer=True)
        if not given.get("code"):
            raise refuse("denied", found="no code")
        tokens = self._provider.tokens.redeem_code(
            self._application, given["code"], redirect_uri=sign_in.redirect_uri, verifier=sign_in.code_verifier
        )
        verified = self._verified(tokens, nonce=sign_in.nonce)
        session = self._session(tokens, verified)
        try:
            check_signed_in(sign_in, level=session.assurance.level, holder=_holder_of(verified))
        except Exception:
            self._provider.tokens.revoke(self._application, session.access_token)
            raise
        return session

    def userinfo(self, session: Session) -> UserInfo:
        """Who is signed in; see IdentityService."""
        claims = self._provider.tokens.userinfo(session.access_token)
        return parse_userinfo(claims, issuer=self._issuer)

    def refresh(self, session: Session) -> Session:
        """Stay signed in; see IdentityService."""
        if not session.refresh_token:
            raise refuse("refresh_unknown")
        tokens = self._provider.tokens.refresh(self._application, session.refresh_token)
        return self._session(tokens, self._verified(tokens, nonce=None))

    def logout(self, session: Session, *, return_to: str = "") -> str:
        """End the session; see IdentityService."""
        if return_to and return_to not in self._application.logout_uris:
            raise refuse("logout_uri", found=return_to)
        self._provider.tokens.sign_out(session.access_token)
        return return_to

    def issue_ticket(self, session: Session, *, audience: str) -> Ticket:
        """Hand the person over to another application; see IdentityService."""
        return self._provider.tokens.issue_ticket(self._application, session.access_token, audience=audience)

    def redeem_ticket(self, ticket: str) -> Session:
        """Take a person over from another application; see IdentityService."""
        tokens = self._provider.tokens.redeem_ticket(self._application, ticket)
        return self._session(tokens, self._verified(tokens, nonce=None))

    def _now(self) -> datetime:
        return aware(self._provider.clock(), "what the clock gives")

    def _verified(self, tokens: Tokens, *, nonce: str | None) -> VerifiedToken:
        expected = ExpectedClaims(
            issuer=self._issuer,
            audience=self._application.id,
            nonce=nonce,
            required=frozenset({"exp", "iat", "sub"}),
        )
        keys = self._provider.tokens.keys.public()
        return verify_token(
            tokens.id_token, keys, algorithms=(self._application.algorithm,), expected=expected, at=self._now()
        )

    def _session(self, tokens: Tokens, verified: VerifiedToken) -> Session:
        issued = tokens.issued
        return Session(
            issuer=self._issuer,
            subject=verified.subject or "",
            assurance=parse_assurance(verified.claims),
            access_token=issued.access,
            expires_at=issued.access_until,
            refresh_token=issued.refresh,
            refresh_expires_at=issued.refresh_until,
            id_token=tokens.id_token,
            scopes=tokens.scopes,
        )


def _holder_of(verified: VerifiedToken) -> HolderKind:
    return HolderKind.LEGAL if verified.claims.get("egov_holder") == HolderKind.LEGAL.value else HolderKind.NATURAL
