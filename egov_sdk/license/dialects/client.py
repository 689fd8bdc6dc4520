"""Clients of platforms with interfaces of their own: for threads and for tasks. Both run the same flows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from egov_sdk.crypto import SM2PrivateKey
from egov_sdk.gateway import AsyncGatewayClient, GatewayClient
from egov_sdk.license.dialects._app import AppEntry, AppFlows, AppItem
from egov_sdk.license.dialects._app_line import AppAccount, AppLine
from egov_sdk.license.dialects._sharing import Checking, SharingFlows
from egov_sdk.license.dialects._sharing_wire import Line
from egov_sdk.license.dialects.base import AsyncDialectClient, DialectClient
from egov_sdk.license.metadata import LicenseMetadata
from egov_sdk.license.model import (
    License,
    Use,
)
from egov_sdk.license.states import CheckAnswer
from egov_sdk.license.wire.license_app import LICENSE_APP, AppProfile
from egov_sdk.license.wire.national import NATIONAL, SharingProfile

__all__ = [
    "AppAccount",
    "AppEntry",
    "AppItem",
    "AsyncLicenseAppClient",
    "AsyncNationalLicenseClient",
    "Checking",
    "LicenseAppClient",
    "NationalLicenseClient",
]


class NationalLicenseClient(DialectClient):
    """A sharing service of licences: the national one, or another of its family by its profile.

    Offered are types, search, get, download_ticket, download and verify, for uses on the ground FUNCTION. What the
    platform holds is given only while it is in force; otherwise it is refused as not_in_force. Records of a search are
    in the state UNKNOWN, since rows do not tell it, and ``updated_at`` is when the platform was asked.

    Args:
        gateway: How the platform is reached. Close it where it was made.
        account_id, token: What the platform issued.
        profile: NATIONAL, CERT_SHARE, or one of your own.
        prefix: Where the platform has the interface, before the profile's ``base``.
        key: Decrypts the answers of a platform that encrypts them.
        system: The name of this system, for platforms that ask for it with each use.
        files_at: Beginnings of file addresses, up to where the gateway's own paths begin; others are refused.
        checking: How ``verify`` judges; without it, verify is NotOffered.
    """

    def __init__(
        self,
        gateway: GatewayClient,
        *,
        account_id: str,
        token: str,
        profile: SharingProfile = NATIONAL,
        prefix: str = "",
        key: SM2PrivateKey | None = None,
        system: str = "",
        files_at: tuple[str, ...] = (),
        clock: Callable[[], datetime],
        checking: Checking | None = None,
    ) -> None:
        line = Line(profile, account_id, token, key=key, prefix=prefix)
        self._sharing = SharingFlows(line, clock=clock, system=system, files_at=files_at, checking=checking)
        super().__init__(gateway, self._sharing)

    def get_by_holder(self, holder_code: str, *, type_name: str, number: str, use: Use) -> License:
        """As get, by what stands on the licence."""
        return self._gateway.run(self._sharing.get_by_holder(holder_code, type_name=type_name, number=number, use=use))

    def check(self, metadata: LicenseMetadata, *, use: Use) -> CheckAnswer:
        """What the platform says of a licence's data (查验)."""
        return self._gateway.run(self._sharing.check(metadata, use))


class AsyncNationalLicenseClient(AsyncDialectClient):
    """As NationalLicenseClient, awaited."""

    def __init__(
        self,
        gateway: AsyncGatewayClient,
        *,
        account_id: str,
        token: str,
        profile: SharingProfile = NATIONAL,
        prefix: str = "",
        key: SM2PrivateKey | None = None,
        system: str = "",
        files_at: tuple[str, ...] = (),
        clock: Callable[[], datetime],
        checking: Checking | None = None,
    ) -> None:
        line = Line(profile, account_id, token, key=key, prefix=prefix)
        self._sharing = SharingFlows(line, clock=clock, system=system, files_at=files_at, checking=checking)
        super().__init__(gateway, self._sharing)

    async def get_by_holder(self, holder_code: str, *, type_name: str, number: str, use: Use) -> License:
        """As get, by what stands on the licence."""
        flow = self._sharing.get_by_holder(holder_code, type_name=type_name, number=number, use=use)
        return await self._gateway.run(flow)

    async def check(self, metadata: LicenseMetadata, *, use: Use) -> CheckAnswer:
        """What the platform says of a licence's data (查验)."""
        return await self._gateway.run(self._sharing.check(metadata, use))


class LicenseAppClient(DialectClient):
    """A licence-use service, ``license-app/v1`` (用证服务).

    Offered are search, redeem and issue; ``entries`` and ``abolish`` are in the service's own words, as it names no
    licence by its identifier. Uses are on the grounds FUNCTION, HOLDER and ENTRUST. What comes of a code has its
    metadata from the file: verify it. ``updated_at`` is when the platform was asked.

    Args:
        gateway: How the platform is reached. Close it where it was made.
        account: What the platform issued; the client logs in with it, and again once its token is refused.
        prefix: Where the platform has the interface, before the profile's ``base``.
        items: What the platform calls the types, by type code; a type that is not listed is called by its code.
        biz_num: The number of the business at hand (业务流水号), told with each use.
    """

    def __init__(
        self,
        gateway: GatewayClient,
        *,
        account: AppAccount,
        profile: AppProfile = LICENSE_APP,
        prefix: str = "",
        items: Mapping[str, AppItem] | None = None,
        clock: Callable[[], datetime],
        biz_num: str = "",
    ) -> None:
        line = AppLine(account, profile=profile, prefix=prefix)
        self._app = AppFlows(line, items=dict(items or {}), biz_num=biz_num, clock=clock)
        super().__init__(gateway, self._app)

    def entries(self, holder_code: str, *, use: Use) -> tuple[AppEntry, ...]:
        """All that a use may read of a holder, each with a code (用证码) that ``redeem`` reads it with."""
        return self._gateway.run(self._app.entries(holder_code, use))

    def abolish(self, license_code: str, *, type_code: str, number: str, use: Use) -> None:
        """End a licence (废止), named by the service's own code and the number on its face."""
        self._gateway.run(self._app.abolish(license_code, type_code=type_code, number=number, use=use))


class AsyncLicenseAppClient(AsyncDialectClient):
    """As LicenseAppClient, awaited."""

    def __init__(
        self,
        gateway: AsyncGatewayClient,
        *,
        account: AppAccount,
        profile: AppProfile = LICENSE_APP,
        prefix: str = "",
        items: Mapping[str, AppItem] | None = None,
        clock: Callable[[], datetime],
        biz_num: str = "",
    ) -> None:
        line = AppLine(account, profile=profile, prefix=prefix)
        self._app = AppFlows(line, items=dict(items or {}), biz_num=biz_num, clock=clock)
        super().__init__(gateway, self._app)

    async def entries(self, holder_code: str, *, use: Use) -> tuple[AppEntry, ...]:
        """All that a use may read of a holder, each with a code (用证码) that ``redeem`` reads it with."""
        return await self._gateway.run(self._app.entries(holder_code, use))

    async def abolish(self, license_code: str, *, type_code: str, number: str, use: Use) -> None:
        """End a licence (废止), named by the service's own code and the number on its face."""
        await self._gateway.run(self._app.abolish(license_code, type_code=type_code, number=number, use=use))
