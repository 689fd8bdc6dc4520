"""An identity provider of one's own (统一身份认证服务): registers, pages and tokens on one database."""

from __future__ import annotations

import os

from egov_sdk.identity.callbacks import Random
from egov_sdk.identity.provider.accounts import AccountRegister
from egov_sdk.identity.provider.applications import ApplicationRegister
from egov_sdk.identity.provider.consents import ConsentRegister
from egov_sdk.identity.provider.desk import Clock, Desk
from egov_sdk.identity.provider.discovery import discovery_document
from egov_sdk.identity.provider.endings import sweep
from egov_sdk.identity.provider.keys import ProviderKeys
from egov_sdk.identity.provider.leaving import SignOutDesk
from egov_sdk.identity.provider.passwords import PasswordHasher
from egov_sdk.identity.provider.settings import ProviderSettings
from egov_sdk.identity.provider.signing import SignInDesk
from egov_sdk.identity.provider.tables import IDENTITY
from egov_sdk.identity.provider.tokens import TokenDesk
from egov_sdk.storage import AuditLog, Store

__all__ = ["AUDIT_CHAIN", "IdentityProvider"]

#: The chain of the audit log that the provider writes.
AUDIT_CHAIN = "identity"


class IdentityProvider:
    """An identity provider on a database. Several may share one, with the same settings and keys.

    Attributes:
        accounts: people and organisations, and who acts for whom.
        applications: who may ask to sign people in.
        consents: what people have agreed to.
        pages: the steps of a sign-in, which ``asgi`` puts on the web.
        tokens: what applications fetch, see and end.
        leaving: how browsers are signed out.
    """

    def __init__(
        self,
        store: Store,
        settings: ProviderSettings,
        *,
        keys: ProviderKeys,
        clock: Clock,
        random: Random = os.urandom,
    ) -> None:
        hasher = PasswordHasher(settings.password_cost, random=random)
        self._desk = Desk(settings, store, clock, AuditLog(AUDIT_CHAIN), hasher, random)
        store.prepare(IDENTITY, at=self._desk.now())
        self.accounts = AccountRegister(self._desk)
        self.applications = ApplicationRegister(self._desk)
        self.consents = ConsentRegister(self._desk)
        self.pages = SignInDesk(self._desk)
        self.tokens = TokenDesk(self._desk, keys)
        self.leaving = SignOutDesk(self._desk, keys)

    @property
    def settings(self) -> ProviderSettings:
        """How it is run."""
        return self._desk.settings

    @property
    def store(self) -> Store:
        """Its database."""
        return self._desk.store

    @property
    def clock(self) -> Clock:
        """Its clock."""
        return self._desk.clock

    def new_secret(self) -> str:
        """256 random bits as text, such as a browser keeps from page to page."""
        return self._desk.secret()

    def discovery(self, *, stock: bool = False) -> dict[str, object]:
        """What it says of itself, to its own clients or to stock ones."""
        return discovery_document(self.settings, stock=stock)

    def jwks(self, *, stock: bool = False) -> dict[str, list[dict[str, str]]]:
        """Its public keys as a JWKS; for stock clients without those on curves that they might not know."""
        return self.tokens.keys.public(stock=stock).to_jwks()

    def sweep(self) -> int:
        """Remove what has ended by itself, as also happens every thousand sign-ins; the audit log keeps what happened.

        Returns:
            How many sessions of browsers and sign-ins of applications there were.
        """
        with self.store.write() as connection:
            return sweep(connection, self.settings.attempts, at=self._desk.now())
