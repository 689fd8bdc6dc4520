"""Signing out at the provider, and where the browser may be sent afterwards."""

from __future__ import annotations

import json
from collections.abc import Mapping

from egov_sdk.crypto.jose import verify_payload
from egov_sdk.errors import InputError, VerificationError
from egov_sdk.identity.problems import refuse
from egov_sdk.identity.provider.applications import active_application
from egov_sdk.identity.provider.desk import Desk, digest_of
from egov_sdk.identity.provider.endings import end_session
from egov_sdk.identity.provider.keys import ALGORITHMS, ProviderKeys
from egov_sdk.identity.provider.sessions import browsing_of
from egov_sdk.identity.provider.tables import GRANTS
from egov_sdk.storage.sql import or_, select

__all__ = ["SignOutDesk"]


class SignOutDesk:
    """The provider's side of signing out."""

    def __init__(self, desk: Desk, keys: ProviderKeys) -> None:
        self._desk, self._keys = desk, keys

    def way_out(self, *, id_token_hint: str = "", application: str = "", return_to: str = "") -> str:
        """Where to send the browser after signing out; empty to stay here.

        Args:
            id_token_hint: an ID token of ours, perhaps one that has run out.
            application: the id of the application that asks.
        Raises:
            IdentityRejected: request, application_unknown, logout_uri.
        """
        if not return_to:
            return ""
        meant = str(self._hinted(id_token_hint).get("aud", "")) if id_token_hint else application
        if application and meant != application:
            raise refuse("request", name="client_id", found=application, expected="the one of id_token_hint")
        with self._desk.store.read() as connection:
            known, _ = active_application(connection, meant)
        if return_to not in known.logout_uris:
            raise refuse("logout_uri", found=return_to)
        return return_to

    def is_of_session(self, id_token_hint: str, *, session: str) -> bool:
        """Whether an ID token came of this session of the browser: whoever holds it may end the session.

        Raises:
            IdentityRejected: request: it is no token of ours.
        """
        if not id_token_hint or not session:
            return False
        subject = str(self._hinted(id_token_hint).get("sub", ""))
        with self._desk.store.read() as connection:
            browsing = browsing_of(connection, session, at=self._desk.now())
            if browsing is None:
                return False
            of_it = or_(GRANTS.c.account == subject, GRANTS.c.organization == subject)
            wanted = select(GRANTS.c.id).where(GRANTS.c.session == browsing.id, of_it)
            return connection.execute(wanted.limit(1)).first() is not None

    def sign_out(self, session: str) -> None:
        """End a session of a browser, and with it every application's sign-in that rests on it."""
        at = self._desk.now()
        with self._desk.store.write() as connection:
            browsing = browsing_of(connection, session, at=at)
            if browsing is not None:
                end_session(connection, browsing.id, at=at)
                self._desk.note(connection, "sign_out", at=at, actor=browsing.account, subject=browsing.account)

    def mark(self, browser: str) -> str:
        """What a page of ours holds, and another site's cannot: that it was made for this browser."""
        return digest_of(f"sign out\0{browser}").hex()

    def _hinted(self, token: str) -> Mapping[str, object]:
        """The claims of an ID token of ours; it may have run out."""
        try:
            payload = verify_payload(token, self._keys.public(), algorithms=ALGORITHMS).payload
            claims = json.loads(payload)
        except (InputError, VerificationError, ValueError):
            claims = {}
        if not isinstance(claims, dict) or claims.get("iss") not in self._desk.settings.issuers:
            raise refuse("request", name="id_token_hint", found="something else", expected="an ID token of ours")
        return claims
