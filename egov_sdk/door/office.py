"""An office of one's own: the four services at work in this process, on one database, with keys of its own."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from egov_sdk.door.secrets import OfficeSecrets
    from egov_sdk.exchange.node import ExchangeNode, LocalExchangeService, Partner
    from egov_sdk.gateway.middleware import App
    from egov_sdk.identity.client import ClientSettings
    from egov_sdk.identity.local import LocalIdentityService
    from egov_sdk.identity.provider import IdentityProvider
    from egov_sdk.license.local import LocalLicenseService
    from egov_sdk.pki import Certificate, TrustStore
    from egov_sdk.seal.local import LocalSealService
    from egov_sdk.seal.records import SealRecord
    from egov_sdk.storage import Store

__all__ = ["Application", "LocalOffice"]

Clock = Callable[[], datetime]
Random = Callable[[int], bytes]

#: The seal that licences of the office bear.
_SEAL_LIFETIME: Final = timedelta(days=3_650)
_SEAL_PURPOSE: Final = "电子证照专用章"


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """As which application the program signs people in at the office's own provider."""

    id: str = "local"
    name: str = "本机应用"
    redirect_uri: str = "http://localhost/callback"
    issuer: str = "http://localhost/identity"


class LocalOffice:
    """A department with its own provider, seals, register of licences and node. Each is made when first asked for.

    Args:
        place: the database, see ``storage.open_store``; or one that is open, which ``close`` closes, or what opens it.
        secrets: its keys.
        trust: roots beside its own, of those whose seals and messages it believes.
        partner_roots: of those whose messages it believes, and nothing else.
        fast_passwords: cheap hashing, for tests and nowhere else.
    """

    def __init__(
        self,
        place: str | Store | Callable[[], Store],
        *,
        secrets: Callable[[], OfficeSecrets],
        clock: Clock,
        application: Application | None = None,
        trust: Iterable[Certificate] = (),
        partner_roots: Iterable[Certificate] = (),
        fast_passwords: bool = False,
        random: Random = os.urandom,
    ) -> None:
        self._place, self._load, self._clock, self._random = place, secrets, clock, random
        self._application = application or Application()
        self._others, self._partner_roots = tuple(trust), tuple(partner_roots)
        self._fast_passwords = fast_passwords

    @cached_property
    def secrets(self) -> OfficeSecrets:
        """Its keys."""
        _ = self.store  # whoever makes keys makes them for a database
        return self._load()

    @cached_property
    def trust(self) -> TrustStore:
        """The roots that it believes: its own, and those that it was given."""
        from egov_sdk.pki import TrustStore

        return TrustStore([self.secrets.root.certificate, *self._others])

    @cached_property
    def store(self) -> Store:
        """Its database."""
        from egov_sdk.storage import Store, open_store

        if isinstance(self._place, str):
            return open_store(self._place)
        return self._place if isinstance(self._place, Store) else self._place()

    @cached_property
    def provider(self) -> IdentityProvider:
        """Its identity provider: accounts, applications, pages."""
        from egov_sdk.identity.provider import IdentityProvider, ProviderKeys, ProviderSettings, ScryptCost

        cost = ScryptCost.unsafe_for_tests() if self._fast_passwords else ScryptCost()
        settings = ProviderSettings(issuer=self._application.issuer, password_cost=cost)
        keys = ProviderKeys.from_json(self.secrets.provider_keys)
        return IdentityProvider(self.store, settings, keys=keys, clock=self._clock, random=self._random)

    @cached_property
    def identity(self) -> LocalIdentityService:
        """Signing people in, as the office's own application."""
        from egov_sdk.identity.local import LocalIdentityService
        from egov_sdk.identity.problems import IdentityRejected

        known, wanted = self.provider.applications, self._application
        try:
            known.add(
                wanted.name,
                application=wanted.id,
                redirect_uris=[wanted.redirect_uri],
                consent="implied",
                authentication="none",
            )
        except IdentityRejected as refused:
            if refused.problem != "application_duplicate":
                raise
        return LocalIdentityService(
            self.provider, application=wanted.id, redirect_uri=wanted.redirect_uri, random=self._random
        )

    def identity_at(self, redirect_uri: str) -> LocalIdentityService:
        """Signing people in for a platform's own interface, whose sign-ins come back to an address."""
        from egov_sdk.identity.local import LocalIdentityService
        from egov_sdk.identity.problems import IdentityRejected

        name = "platform-" + urlsplit(redirect_uri).netloc.replace(":", "-")
        try:
            self.provider.applications.add(
                "统一身份认证", application=name, redirect_uris=[redirect_uri], consent="implied", authentication="none"
            )
        except IdentityRejected as refused:
            if refused.problem != "application_duplicate":
                raise
        return LocalIdentityService(self.provider, application=name, redirect_uri=redirect_uri, random=self._random)

    @cached_property
    def seal(self) -> LocalSealService:
        """Its seals."""
        from egov_sdk.seal.local import LocalSealService, SealMaker
        from egov_sdk.seal.register import SealKeys

        secrets = self.secrets
        return LocalSealService(
            self.store,
            maker=SealMaker(*secrets.maker, secrets.root),
            keys=SealKeys(secrets.seal_key, random=self._random),
            trust=self.trust,
            clock=self._clock,
            random=self._random,
        )

    @cached_property
    def license_seal(self) -> SealRecord:
        """The seal that its licences bear; made when there is none yet."""
        from egov_sdk.seal.problems import SealRejected
        from egov_sdk.seal.records import SealOwner, SealRequest

        secrets = self.secrets
        seal_id = f"{secrets.code}001"
        owner = SealOwner(name=secrets.name, code=secrets.code)
        request = SealRequest(
            name=f"{secrets.name}{_SEAL_PURPOSE}",
            owner=owner,
            seal_id=seal_id,
            lower_text=_SEAL_PURPOSE,
            lifetime=_SEAL_LIFETIME,
        )
        try:
            return self.seal.find(seal_id)
        except SealRejected as refused:
            if refused.problem != "seal_unknown":
                raise
        try:
            return self.seal.make(request)
        except SealRejected as refused:
            if refused.problem != "seal_taken":
                raise
            return self.seal.find(seal_id)  # another process was faster

    @cached_property
    def license(self) -> LocalLicenseService:
        """Its register of licences."""
        from egov_sdk.license.local import LocalLicenseService
        from egov_sdk.license.metadata import Authority
        from egov_sdk.license.register import RegisterKeys
        from egov_sdk.license.sealing import ServiceSealer

        secrets = self.secrets
        signer, certificate = secrets.token
        return LocalLicenseService(
            self.store,
            authority=Authority(name=secrets.name, code=secrets.code),
            sealers={"issuer": ServiceSealer(self.seal, self.license_seal.seal_id)},
            keys=RegisterKeys(search=secrets.search_key, data={1: secrets.data_key}),
            clock=self._clock,
            trust=self.trust,
            signer=signer,
            certificate=certificate,
            random=self._random,
        )

    @cached_property
    def exchange(self) -> LocalExchangeService:
        """Exchange of messages, on its node."""
        from egov_sdk.exchange.node import LocalExchangeService

        return LocalExchangeService(self.node)

    @cached_property
    def node(self) -> ExchangeNode:
        """Its node: ``meet`` says with whom it exchanges, ``connect`` how they are reached, ``workers`` work."""
        from egov_sdk.exchange import Party
        from egov_sdk.exchange.node import ExchangeNode, NodeIdentity
        from egov_sdk.pki import TrustStore

        secrets = self.secrets
        signer, certificate = secrets.token
        identity = NodeIdentity(
            party=Party(code=secrets.code), signer=signer, certificate=certificate, decrypter=secrets.message_key
        )
        trust = TrustStore([secrets.root.certificate, *self._others, *self._partner_roots])
        node = ExchangeNode(
            self.store, identity=identity, partners=(), trust=trust, clock=self._clock, random=self._random
        )
        node.prepare()
        return node

    def as_partner(self, *, transport: str = "http") -> Partner:
        """How others exchange with this office; they trust its root as well."""
        from egov_sdk.exchange import Party
        from egov_sdk.exchange.node import Partner

        secrets = self.secrets
        return Partner(
            party=Party(code=secrets.code),
            encryption=secrets.message_key.public_key(),
            certificates=(secrets.token[1],),
            transport=transport,
        )

    def app(self, *, prefix: str) -> App:
        """All of it as an ASGI application: the provider's pages, and our own interface below ``prefix``.

        Nobody's request is checked: it is for this process alone, or for what checks callers in front of it.
        """
        from egov_sdk.exchange.node.serving import offers as exchange_offers
        from egov_sdk.gateway.asgi import Mounted
        from egov_sdk.gateway.serving import OperationApp
        from egov_sdk.identity.provider.asgi import ProviderApp
        from egov_sdk.license.serving import offers as license_offers
        from egov_sdk.seal.serving import offers as seal_offers

        own = OperationApp(
            [*seal_offers(self.seal), *license_offers(self.license), *exchange_offers(self.exchange)], prefix=prefix
        )
        return Mounted({urlsplit(self._application.issuer).path: ProviderApp(self.provider)}, fallback=own)

    def client_settings(self) -> ClientSettings:
        """How the provider knows the office's own application, for a client of it that sees what ``identity`` sees."""
        from egov_sdk.identity.client import ClientSettings

        _ = self.identity  # it is in the register from then on
        wanted = self._application
        return ClientSettings(
            client_id=wanted.id,
            redirect_uri=wanted.redirect_uri,
            issuer=wanted.issuer,
            authentication="none",
            scopes=self.provider.applications.get(wanted.id).scopes,
        )

    def close(self) -> None:
        """Close the database, if it is open."""
        if "store" in self.__dict__ or not (isinstance(self._place, str) or callable(self._place)):
            self.store.close()
