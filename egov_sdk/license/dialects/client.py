"""Clients of platforms with interfaces of their own: for threads and for tasks. Both run the same flows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Final

from egov_sdk.crypto import SM2PrivateKey
from egov_sdk.gateway import AsyncGatewayClient, GatewayClient
from egov_sdk.license.catalogue import LicenseType
from egov_sdk.license.dialects._app import AppAccount, AppEntry, AppFlows, AppItem
from egov_sdk.license.dialects._sharing import Checking, SharingFlows
from egov_sdk.license.dialects._sharing_wire import Line
from egov_sdk.license.dialects.flows import LicenseFlows
from egov_sdk.license.identifier import LicenseIdentifier
from egov_sdk.license.metadata import Authority, LicenseMetadata
from egov_sdk.license.model import (
    AnnotatedCopy,
    DownloadTicket,
    License,
    LicenseChange,
    LicenseDraft,
    LicenseEvent,
    LicensePage,
    LicenseRecord,
    Presentation,
    TypeCount,
    Use,
    UseCode,
)
from egov_sdk.license.states import CheckAnswer, LicenseAction, LicenseState
from egov_sdk.license.wire.license_app import LICENSE_APP, AppProfile
from egov_sdk.license.wire.national import NATIONAL, SharingProfile
from egov_sdk.report import Report

__all__ = [
    "AppAccount",
    "AppEntry",
    "AppItem",
    "AsyncDialectClient",
    "AsyncLicenseAppClient",
    "AsyncNationalLicenseClient",
    "Checking",
    "DialectClient",
    "LicenseAppClient",
    "NationalLicenseClient",
]

_SHOWN: Final = timedelta(seconds=120)


def _now() -> datetime:
    return datetime.now(UTC)


class DialectClient:
    """A LicenseService over flows; what they do not offer is NotOffered. Base of the clients for threads."""

    def __init__(self, gateway: GatewayClient, flows: LicenseFlows) -> None:
        self._gateway, self._flows = gateway, flows

    def types(self) -> tuple[LicenseType, ...]:
        """As LicenseService.types."""
        return self._gateway.run(self._flows.types())

    def type_of(self, type_code: str) -> LicenseType:
        """As LicenseService.type_of."""
        return self._gateway.run(self._flows.type_of(type_code))

    def issue(self, draft: LicenseDraft, *, request_id: str = "") -> License:
        """As LicenseService.issue."""
        return self._gateway.run(self._flows.issue(draft, request_id))

    def change(self, identifier: LicenseIdentifier | str, change: LicenseChange, *, reason: str) -> License:
        """As LicenseService.change."""
        return self._gateway.run(self._flows.change(identifier, change, reason))

    def renew(self, identifier: LicenseIdentifier | str, *, valid_until: date | None, reason: str = "") -> License:
        """As LicenseService.renew."""
        return self._gateway.run(self._flows.renew(identifier, valid_until, reason))

    def act(
        self, identifier: LicenseIdentifier | str, action: LicenseAction, *, reason: str, actor: str = ""
    ) -> LicenseRecord:
        """As LicenseService.act."""
        return self._gateway.run(self._flows.act(identifier, action, reason, actor))

    def get(self, identifier: LicenseIdentifier | str, *, use: Use) -> License:
        """As LicenseService.get."""
        return self._gateway.run(self._flows.get(identifier, use))

    def search(
        self,
        holder_code: str,
        *,
        use: Use,
        type_code: str = "",
        states: frozenset[LicenseState] | None = None,
        page: str = "",
        page_size: int = 50,
    ) -> LicensePage:
        """As LicenseService.search."""
        return self._gateway.run(
            self._flows.search(holder_code, use=use, type_code=type_code, states=states, page=page, page_size=page_size)
        )

    def history(self, identifier: LicenseIdentifier | str) -> tuple[LicenseEvent, ...]:
        """As LicenseService.history."""
        return self._gateway.run(self._flows.history(identifier))

    def verify(self, file: bytes, *, at: datetime | None = None) -> Report:
        """As LicenseService.verify."""
        return self._gateway.run(self._flows.verify(file, at))

    def annotated_copy(
        self, identifier: LicenseIdentifier | str, *, use: Use, requester: Authority, valid_until: datetime
    ) -> AnnotatedCopy:
        """As LicenseService.annotated_copy."""
        return self._gateway.run(
            self._flows.annotated_copy(identifier, use=use, requester=requester, valid_until=valid_until)
        )

    def download_ticket(self, identifier: LicenseIdentifier | str, *, use: Use) -> DownloadTicket:
        """As LicenseService.download_ticket."""
        return self._gateway.run(self._flows.download_ticket(identifier, use))

    def download(self, ticket: str) -> bytes:
        """As LicenseService.download."""
        return self._gateway.run(self._flows.download(ticket))

    def present(
        self,
        identifier: LicenseIdentifier | str,
        *,
        audience: str = "",
        lifetime: timedelta = _SHOWN,
        fields: tuple[str, ...] | None = None,
    ) -> Presentation:
        """As LicenseService.present."""
        return self._gateway.run(self._flows.present(identifier, audience=audience, lifetime=lifetime, fields=fields))

    def status_list(self, type_code: str) -> bytes:
        """As LicenseService.status_list."""
        return self._gateway.run(self._flows.status_list(type_code))

    def use_code(self, identifier: LicenseIdentifier | str, *, use: Use) -> UseCode:
        """As LicenseService.use_code."""
        return self._gateway.run(self._flows.use_code(identifier, use))

    def redeem(self, code: str) -> License:
        """As LicenseService.redeem."""
        return self._gateway.run(self._flows.redeem(code))

    def statistics(self) -> tuple[TypeCount, ...]:
        """As LicenseService.statistics."""
        return self._gateway.run(self._flows.statistics())


class AsyncDialectClient:
    """As DialectClient, awaited. Base of the clients for tasks."""

    def __init__(self, gateway: AsyncGatewayClient, flows: LicenseFlows) -> None:
        self._gateway, self._flows = gateway, flows

    async def types(self) -> tuple[LicenseType, ...]:
        """As LicenseService.types."""
        return await self._gateway.run(self._flows.types())

    async def type_of(self, type_code: str) -> LicenseType:
        """As LicenseService.type_of."""
        return await self._gateway.run(self._flows.type_of(type_code))

    async def issue(self, draft: LicenseDraft, *, request_id: str = "") -> License:
        """As LicenseService.issue."""
        return await self._gateway.run(self._flows.issue(draft, request_id))

    async def change(self, identifier: LicenseIdentifier | str, change: LicenseChange, *, reason: str) -> License:
        """As LicenseService.change."""
        return await self._gateway.run(self._flows.change(identifier, change, reason))

    async def renew(
        self, identifier: LicenseIdentifier | str, *, valid_until: date | None, reason: str = ""
    ) -> License:
        """As LicenseService.renew."""
        return await self._gateway.run(self._flows.renew(identifier, valid_until, reason))

    async def act(
        self, identifier: LicenseIdentifier | str, action: LicenseAction, *, reason: str, actor: str = ""
    ) -> LicenseRecord:
        """As LicenseService.act."""
        return await self._gateway.run(self._flows.act(identifier, action, reason, actor))

    async def get(self, identifier: LicenseIdentifier | str, *, use: Use) -> License:
        """As LicenseService.get."""
        return await self._gateway.run(self._flows.get(identifier, use))

    async def search(
        self,
        holder_code: str,
        *,
        use: Use,
        type_code: str = "",
        states: frozenset[LicenseState] | None = None,
        page: str = "",
        page_size: int = 50,
    ) -> LicensePage:
        """As LicenseService.search."""
        return await self._gateway.run(
            self._flows.search(holder_code, use=use, type_code=type_code, states=states, page=page, page_size=page_size)
        )

    async def history(self, identifier: LicenseIdentifier | str) -> tuple[LicenseEvent, ...]:
        """As LicenseService.history."""
        return await self._gateway.run(self._flows.history(identifier))

    async def verify(self, file: bytes, *, at: datetime | None = None) -> Report:
        """As LicenseService.verify."""
        return await self._gateway.run(self._flows.verify(file, at))

    async def annotated_copy(
        self, identifier: LicenseIdentifier | str, *, use: Use, requester: Authority, valid_until: datetime
    ) -> AnnotatedCopy:
        """As LicenseService.annotated_copy."""
        return await self._gateway.run(
            self._flows.annotated_copy(identifier, use=use, requester=requester, valid_until=valid_until)
        )

    async def download_ticket(self, identifier: LicenseIdentifier | str, *, use: Use) -> DownloadTicket:
        """As LicenseService.download_ticket."""
        return await self._gateway.run(self._flows.download_ticket(identifier, use))

    async def download(self, ticket: str) -> bytes:
        """As LicenseService.download."""
        return await self._gateway.run(self._flows.download(ticket))

    async def present(
        self,
        identifier: LicenseIdentifier | str,
        *,
        audience: str = "",
        lifetime: timedelta = _SHOWN,
        fields: tuple[str, ...] | None = None,
    ) -> Presentation:
        """As LicenseService.present."""
        return await self._gateway.run(
            self._flows.present(identifier, audience=audience, lifetime=lifetime, fields=fields)
        )

    async def status_list(self, type_code: str) -> bytes:
        """As LicenseService.status_list."""
        return await self._gateway.run(self._flows.status_list(type_code))

    async def use_code(self, identifier: LicenseIdentifier | str, *, use: Use) -> UseCode:
        """As LicenseService.use_code."""
        return await self._gateway.run(self._flows.use_code(identifier, use))

    async def redeem(self, code: str) -> License:
        """As LicenseService.redeem."""
        return await self._gateway.run(self._flows.redeem(code))

    async def statistics(self) -> tuple[TypeCount, ...]:
        """As LicenseService.statistics."""
        return await self._gateway.run(self._flows.statistics())


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
        checking: Checking | None = None,
        clock: Callable[[], datetime] = _now,
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
        checking: Checking | None = None,
        clock: Callable[[], datetime] = _now,
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
        biz_num: str = "",
        clock: Callable[[], datetime] = _now,
    ) -> None:
        self._app = AppFlows(
            account, profile=profile, prefix=prefix, items=dict(items or {}), biz_num=biz_num, clock=clock
        )
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
        biz_num: str = "",
        clock: Callable[[], datetime] = _now,
    ) -> None:
        self._app = AppFlows(
            account, profile=profile, prefix=prefix, items=dict(items or {}), biz_num=biz_num, clock=clock
        )
        super().__init__(gateway, self._app)

    async def entries(self, holder_code: str, *, use: Use) -> tuple[AppEntry, ...]:
        """All that a use may read of a holder, each with a code (用证码) that ``redeem`` reads it with."""
        return await self._gateway.run(self._app.entries(holder_code, use))

    async def abolish(self, license_code: str, *, type_code: str, number: str, use: Use) -> None:
        """End a licence (废止), named by the service's own code and the number on its face."""
        await self._gateway.run(self._app.abolish(license_code, type_code=type_code, number=number, use=use))
