"""The clients of an identity platform: one for threads, one for tasks. Both run the same flows over the gateway."""

from __future__ import annotations

import os

from egov_sdk.errors import ConfigError
from egov_sdk.gateway import AsyncGatewayClient, GatewayClient
from egov_sdk.identity._flows.common import Asked, Desk, Flows
from egov_sdk.identity._flows.oidc import OidcFlows
from egov_sdk.identity._flows.plain import PlainFlows
from egov_sdk.identity.callbacks import Random
from egov_sdk.identity.model import AuthMethod, HolderKind, IdentityLevel, Session, SignIn, Ticket, UserInfo
from egov_sdk.identity.profile import IdentityProfile
from egov_sdk.identity.profiles import identity_profile
from egov_sdk.identity.service import Prompt
from egov_sdk.identity.settings import ClientSettings, Clock

__all__ = ["AsyncIdentityClient", "ClientSettings", "IdentityClient"]


def _flows(
    gateway: GatewayClient | AsyncGatewayClient,
    settings: ClientSettings,
    profile: IdentityProfile | str,
    clock: Clock,
    random: Random,
) -> Flows:
    chosen = identity_profile(profile) if isinstance(profile, str) else profile
    if chosen.gateway and gateway.profile is None:
        raise ConfigError(
            f"calls of the identity profile {chosen.name!r} are signed as {chosen.gateway!r} says",
            code="egov.identity.gateway_missing",
            setting="gateway",
            hint="make the gateway client with profile=gateway_of(identity profile) and its credentials",
        )
    desk = Desk(profile=chosen, settings=settings, clock=clock, random=random)
    return OidcFlows(desk) if chosen.shape == "oidc" else PlainFlows(desk)


class IdentityClient:
    """An IdentityService at a platform (统一身份认证平台). Threads may share one.

    Args:
        gateway: How the platform is reached; for OpenID Connect at the host of the issuer, without a path. Close it
            where it was made.
        settings: How the platform knows the application.
        profile: How the platform speaks: a profile, or the name of a built-in.
        clock, random: What time it is, and randomness.
    Raises:
        ConfigError: there is no such profile, or its calls must be signed and the gateway client signs none.
        ValueError: the profile needs something that the settings do not hold.
    """

    def __init__(
        self,
        gateway: GatewayClient,
        *,
        settings: ClientSettings,
        profile: IdentityProfile | str = "oidc",
        clock: Clock,
        random: Random = os.urandom,
    ) -> None:
        self._gateway, self._flows = gateway, _flows(gateway, settings, profile, clock, random)

    def begin(
        self,
        *,
        return_to: str = "/",
        level: IdentityLevel = IdentityLevel.NONE,
        method: AuthMethod | None = None,
        holder: HolderKind = HolderKind.NATURAL,
        prompt: Prompt | None = None,
    ) -> SignIn:
        """As IdentityService.begin."""
        asked = Asked(return_to=return_to, level=level, method=method, holder=holder, prompt=prompt)
        return self._gateway.run(self._flows.begin(asked))

    def complete(self, sign_in: SignIn, *, callback: str) -> Session:
        """As IdentityService.complete."""
        return self._gateway.run(self._flows.complete(sign_in, callback))

    def userinfo(self, session: Session) -> UserInfo:
        """As IdentityService.userinfo."""
        return self._gateway.run(self._flows.userinfo(session))

    def refresh(self, session: Session) -> Session:
        """As IdentityService.refresh."""
        return self._gateway.run(self._flows.refresh(session))

    def logout(self, session: Session, *, return_to: str = "") -> str:
        """As IdentityService.logout."""
        return self._gateway.run(self._flows.logout(session, return_to))

    def issue_ticket(self, session: Session, *, audience: str) -> Ticket:
        """As IdentityService.issue_ticket."""
        return self._gateway.run(self._flows.issue_ticket(session, audience))

    def redeem_ticket(self, ticket: str) -> Session:
        """As IdentityService.redeem_ticket."""
        return self._gateway.run(self._flows.redeem_ticket(ticket))


class AsyncIdentityClient:
    """As IdentityClient, awaited. Tasks of one asyncio loop may share one."""

    def __init__(
        self,
        gateway: AsyncGatewayClient,
        *,
        settings: ClientSettings,
        profile: IdentityProfile | str = "oidc",
        clock: Clock,
        random: Random = os.urandom,
    ) -> None:
        self._gateway, self._flows = gateway, _flows(gateway, settings, profile, clock, random)

    async def begin(
        self,
        *,
        return_to: str = "/",
        level: IdentityLevel = IdentityLevel.NONE,
        method: AuthMethod | None = None,
        holder: HolderKind = HolderKind.NATURAL,
        prompt: Prompt | None = None,
    ) -> SignIn:
        """As IdentityService.begin."""
        asked = Asked(return_to=return_to, level=level, method=method, holder=holder, prompt=prompt)
        return await self._gateway.run(self._flows.begin(asked))

    async def complete(self, sign_in: SignIn, *, callback: str) -> Session:
        """As IdentityService.complete."""
        return await self._gateway.run(self._flows.complete(sign_in, callback))

    async def userinfo(self, session: Session) -> UserInfo:
        """As IdentityService.userinfo."""
        return await self._gateway.run(self._flows.userinfo(session))

    async def refresh(self, session: Session) -> Session:
        """As IdentityService.refresh."""
        return await self._gateway.run(self._flows.refresh(session))

    async def logout(self, session: Session, *, return_to: str = "") -> str:
        """As IdentityService.logout."""
        return await self._gateway.run(self._flows.logout(session, return_to))

    async def issue_ticket(self, session: Session, *, audience: str) -> Ticket:
        """As IdentityService.issue_ticket."""
        return await self._gateway.run(self._flows.issue_ticket(session, audience))

    async def redeem_ticket(self, ticket: str) -> Session:
        """As IdentityService.redeem_ticket."""
        return await self._gateway.run(self._flows.redeem_ticket(ticket))
