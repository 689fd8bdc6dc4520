"""The services of a platform over a client of its gateway that is there already."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from egov_sdk.door.facade import AsyncGov, Gov

if TYPE_CHECKING:
    from egov_sdk.door.office import LocalOffice
    from egov_sdk.door.platforms import Account, PlatformForm
    from egov_sdk.exchange.node import ExchangeService
    from egov_sdk.exchange.node.client import AsyncExchangeClient
    from egov_sdk.gateway import AsyncGatewayClient, GatewayClient
    from egov_sdk.identity import IdentityService
    from egov_sdk.identity.client import AsyncIdentityClient, ClientSettings
    from egov_sdk.license.client import AsyncLicenseClient
    from egov_sdk.license.dialects.base import AsyncDialectClient
    from egov_sdk.license.service import LicenseService
    from egov_sdk.seal.client import AsyncSealClient
    from egov_sdk.seal.service import SealService

__all__ = ["async_gov_over", "gov_over"]

Clock = Callable[[], datetime]


def _now() -> datetime:
    return datetime.now(UTC)


def gov_over(
    gateway: GatewayClient,
    *,
    name: str,
    prefix: str = "/egov/v1",
    identity: ClientSettings | None = None,
    identity_profile: str = "",
    clock: Clock = _now,
    form: PlatformForm | None = None,
    account: Account | None = None,
) -> Gov:
    """The services of a platform over a client that is there already; closing them closes it.

    Args:
        name: what the platform is called, without secrets.
        prefix, identity, identity_profile, clock, account: as in ``connect``.
        form: for a platform with interfaces of its own; what it has not is not offered.
    """

    def sign_in() -> IdentityService:
        from egov_sdk.identity.client import IdentityClient

        assert identity is not None
        return IdentityClient(gateway, settings=identity, profile=_signs_in(form, identity_profile), clock=clock)

    def seals() -> SealService:
        from egov_sdk.seal.client import SealClient

        return SealClient(gateway, prefix=prefix)

    def licenses() -> LicenseService:
        from egov_sdk.license.client import LicenseClient

        return LicenseClient(gateway, prefix=prefix)

    def messages() -> ExchangeService:
        from egov_sdk.exchange.node.client import ExchangeClient

        return ExchangeClient(gateway, prefix=prefix)

    def in_dialect() -> LicenseService:
        from egov_sdk.door.platforms import license_client

        assert form is not None
        assert account is not None
        return license_client(form, gateway, account=account, clock=clock)

    has = form is None or (form.license and account is not None)
    return Gov(
        name,
        identity=sign_in if identity is not None and (form is None or form.identity) else None,
        seal=seals if form is None else None,
        license=(licenses if form is None else in_dialect) if has else None,
        exchange=messages if form is None else None,
        close=gateway.close,
        gateway=gateway,
        form=form,
    )


def async_gov_over(
    gateway: AsyncGatewayClient,
    *,
    name: str,
    prefix: str = "/egov/v1",
    identity: ClientSettings | Callable[[], ClientSettings] | None = None,
    identity_profile: str = "",
    clock: Clock = _now,
    form: PlatformForm | None = None,
    account: Account | None = None,
    office: LocalOffice | None = None,
) -> AsyncGov:
    """As gov_over, awaited.

    Args:
        identity: as in ``connect``, or what gives it when it is needed.
        office: what is behind the client, if it is in this process; closing the services closes it.
    """

    def sign_in() -> AsyncIdentityClient:
        from egov_sdk.identity.client import AsyncIdentityClient

        settings = identity() if callable(identity) else identity
        assert settings is not None
        return AsyncIdentityClient(gateway, settings=settings, profile=_signs_in(form, identity_profile), clock=clock)

    def seals() -> AsyncSealClient:
        from egov_sdk.seal.client import AsyncSealClient

        return AsyncSealClient(gateway, prefix=prefix)

    def licenses() -> AsyncLicenseClient:
        from egov_sdk.license.client import AsyncLicenseClient

        return AsyncLicenseClient(gateway, prefix=prefix)

    def messages() -> AsyncExchangeClient:
        from egov_sdk.exchange.node.client import AsyncExchangeClient

        return AsyncExchangeClient(gateway, prefix=prefix)

    def in_dialect() -> AsyncDialectClient:
        from egov_sdk.door.platforms import async_license_client

        assert form is not None
        assert account is not None
        return async_license_client(form, gateway, account=account, clock=clock)

    has = form is None or (form.license and account is not None)
    return AsyncGov(
        name,
        gateway=gateway,
        identity=sign_in if identity is not None and (form is None or form.identity) else None,
        seal=seals if form is None else None,
        license=(licenses if form is None else in_dialect) if has else None,
        exchange=messages if form is None else None,
        office=office,
        form=form,
    )


def _signs_in(form: PlatformForm | None, profile: str) -> str:
    return profile or (form.identity if form is not None else "") or "oidc"
