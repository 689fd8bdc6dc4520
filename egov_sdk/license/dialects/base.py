"""A LicenseService over flows, for threads and for tasks: the bases of the clients of every platform."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Final

from egov_sdk.gateway import AsyncGatewayClient, GatewayClient
from egov_sdk.license._by_name import AsyncByName, ByName
from egov_sdk.license.catalogue import LicenseType
from egov_sdk.license.dialects.flows import LicenseFlows
from egov_sdk.license.metadata import Authority
from egov_sdk.license.model import (
    AnnotatedCopy,
    BegunShowing,
    DownloadTicket,
    HolderChallenge,
    License,
    LicenseChange,
    LicenseDraft,
    LicenseEvent,
    LicensePage,
    LicenseRecord,
    LicenseRef,
    Presentation,
    ShowingCode,
    ShownLicense,
    TypeCount,
    Use,
    UseCode,
)
from egov_sdk.license.present.online import Grant, OnlineShowing, ShowingState
from egov_sdk.license.states import LicenseAction, LicenseState
from egov_sdk.report import Report

if TYPE_CHECKING:
    from egov_sdk.crypto import SM2PublicKey
    from egov_sdk.license.present.attestation import HolderCredential

__all__ = ["AsyncDialectClient", "DialectClient"]

_SHOWN: Final = timedelta(seconds=120)
_ATTESTED: Final = timedelta(days=30)


class DialectClient(ByName):
    """A LicenseService over flows; what they do not offer is NotOffered. Base of the clients for threads."""

    def __init__(self, gateway: GatewayClient, flows: LicenseFlows) -> None:
        self._gateway, self._flows = gateway, flows

    def types(self) -> tuple[LicenseType, ...]:
        """As LicenseService.types."""
        return self._gateway.run(self._flows.types())

    def type_of(self, type_code: str) -> LicenseType:
        """As LicenseService.type_of."""
        return self._gateway.run(self._flows.type_of(type_code))

    def issue(self, draft: LicenseDraft, *, request_id: str = "", actor: str = "") -> License:
        """As LicenseService.issue."""
        return self._gateway.run(self._flows.issue(draft, request_id, actor))

    def change(self, identifier: LicenseRef, change: LicenseChange, *, reason: str, actor: str = "") -> License:
        """As LicenseService.change."""
        return self._gateway.run(self._flows.change(identifier, change, reason, actor))

    def renew(self, identifier: LicenseRef, *, valid_until: date | None, reason: str = "", actor: str = "") -> License:
        """As LicenseService.renew."""
        return self._gateway.run(self._flows.renew(identifier, valid_until, reason, actor))

    def act(self, identifier: LicenseRef, action: LicenseAction, *, reason: str, actor: str = "") -> LicenseRecord:
        """As LicenseService.act."""
        return self._gateway.run(self._flows.act(identifier, action, reason, actor))

    def get(self, identifier: LicenseRef, *, use: Use) -> License:
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

    def history(self, identifier: LicenseRef) -> tuple[LicenseEvent, ...]:
        """As LicenseService.history."""
        return self._gateway.run(self._flows.history(identifier))

    def verify(self, file: bytes, *, at: datetime | None = None) -> Report:
        """As LicenseService.verify."""
        return self._gateway.run(self._flows.verify(file, at))

    def annotated_copy(
        self, identifier: LicenseRef, *, use: Use, requester: Authority, valid_until: datetime
    ) -> AnnotatedCopy:
        """As LicenseService.annotated_copy."""
        return self._gateway.run(
            self._flows.annotated_copy(identifier, use=use, requester=requester, valid_until=valid_until)
        )

    def download_ticket(self, identifier: LicenseRef, *, use: Use) -> DownloadTicket:
        """As LicenseService.download_ticket."""
        return self._gateway.run(self._flows.download_ticket(identifier, use))

    def download(self, ticket: str, *, requester: str) -> bytes:
        """As LicenseService.download."""
        return self._gateway.run(self._flows.download(ticket, requester=requester))

    def present(
        self,
        identifier: LicenseRef,
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

    def use_code(self, identifier: LicenseRef, *, use: Use) -> UseCode:
        """As LicenseService.use_code."""
        return self._gateway.run(self._flows.use_code(identifier, use))

    def redeem(self, code: str, *, requester: str) -> License:
        """As LicenseService.redeem."""
        return self._gateway.run(self._flows.redeem(code, requester=requester))

    def holder_challenge(self, identifier: LicenseRef, *, holder_code: str) -> HolderChallenge:
        """As LicenseService.holder_challenge."""
        return self._gateway.run(self._flows.holder_challenge(identifier, holder_code=holder_code))

    def attest(
        self,
        identifier: LicenseRef,
        *,
        holder_code: str,
        holder_key: SM2PublicKey,
        challenge: bytes,
        proof: bytes,
        lifetime: timedelta = _ATTESTED,
    ) -> HolderCredential:
        """As LicenseService.attest."""
        return self._gateway.run(
            self._flows.attest(
                identifier,
                holder_code=holder_code,
                holder_key=holder_key,
                challenge=challenge,
                proof=proof,
                lifetime=lifetime,
            )
        )

    def showing_code(self, holder_code: str) -> ShowingCode:
        """As LicenseService.showing_code."""
        return self._gateway.run(self._flows.showing_code(holder_code))

    def begin_showing(self, code: str, *, type_codes: tuple[str, ...], use: Use) -> BegunShowing:
        """As LicenseService.begin_showing."""
        return self._gateway.run(self._flows.begin_showing(code, type_codes=type_codes, use=use))

    def waiting_showings(self, holder_code: str) -> tuple[OnlineShowing, ...]:
        """As LicenseService.waiting_showings."""
        return self._gateway.run(self._flows.waiting_showings(holder_code))

    def confirm_showing(self, showing_id: str, *, holder_code: str, granted: tuple[Grant, ...]) -> OnlineShowing:
        """As LicenseService.confirm_showing."""
        return self._gateway.run(self._flows.confirm_showing(showing_id, holder_code=holder_code, granted=granted))

    def refuse_showing(self, showing_id: str, *, holder_code: str) -> OnlineShowing:
        """As LicenseService.refuse_showing."""
        return self._gateway.run(self._flows.refuse_showing(showing_id, holder_code=holder_code))

    def showing_status(self, transaction: str, *, verifier: str) -> ShowingState:
        """As LicenseService.showing_status."""
        return self._gateway.run(self._flows.showing_status(transaction, verifier=verifier))

    def fetch_showing(self, transaction: str, *, verifier: str) -> tuple[ShownLicense, ...]:
        """As LicenseService.fetch_showing."""
        return self._gateway.run(self._flows.fetch_showing(transaction, verifier=verifier))

    def statistics(self) -> tuple[TypeCount, ...]:
        """As LicenseService.statistics."""
        return self._gateway.run(self._flows.statistics())


class AsyncDialectClient(AsyncByName):
    """As DialectClient, awaited. Base of the clients for tasks."""

    def __init__(self, gateway: AsyncGatewayClient, flows: LicenseFlows) -> None:
        self._gateway, self._flows = gateway, flows

    async def types(self) -> tuple[LicenseType, ...]:
        """As LicenseService.types."""
        return await self._gateway.run(self._flows.types())

    async def type_of(self, type_code: str) -> LicenseType:
        """As LicenseService.type_of."""
        return await self._gateway.run(self._flows.type_of(type_code))

    async def issue(self, draft: LicenseDraft, *, request_id: str = "", actor: str = "") -> License:
        """As LicenseService.issue."""
        return await self._gateway.run(self._flows.issue(draft, request_id, actor))

    async def change(self, identifier: LicenseRef, change: LicenseChange, *, reason: str, actor: str = "") -> License:
        """As LicenseService.change."""
        return await self._gateway.run(self._flows.change(identifier, change, reason, actor))

    async def renew(
        self, identifier: LicenseRef, *, valid_until: date | None, reason: str = "", actor: str = ""
    ) -> License:
        """As LicenseService.renew."""
        return await self._gateway.run(self._flows.renew(identifier, valid_until, reason, actor))

    async def act(
        self, identifier: LicenseRef, action: LicenseAction, *, reason: str, actor: str = ""
    ) -> LicenseRecord:
        """As LicenseService.act."""
        return await self._gateway.run(self._flows.act(identifier, action, reason, actor))

    async def get(self, identifier: LicenseRef, *, use: Use) -> License:
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

    async def history(self, identifier: LicenseRef) -> tuple[LicenseEvent, ...]:
        """As LicenseService.history."""
        return await self._gateway.run(self._flows.history(identifier))

    async def verify(self, file: bytes, *, at: datetime | None = None) -> Report:
        """As LicenseService.verify."""
        return await self._gateway.run(self._flows.verify(file, at))

    async def annotated_copy(
        self, identifier: LicenseRef, *, use: Use, requester: Authority, valid_until: datetime
    ) -> AnnotatedCopy:
        """As LicenseService.annotated_copy."""
        return await self._gateway.run(
            self._flows.annotated_copy(identifier, use=use, requester=requester, valid_until=valid_until)
        )

    async def download_ticket(self, identifier: LicenseRef, *, use: Use) -> DownloadTicket:
        """As LicenseService.download_ticket."""
        return await self._gateway.run(self._flows.download_ticket(identifier, use))

    async def download(self, ticket: str, *, requester: str) -> bytes:
        """As LicenseService.download."""
        return await self._gateway.run(self._flows.download(ticket, requester=requester))

    async def present(
        self,
        identifier: LicenseRef,
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

    async def use_code(self, identifier: LicenseRef, *, use: Use) -> UseCode:
        """As LicenseService.use_code."""
        return await self._gateway.run(self._flows.use_code(identifier, use))

    async def redeem(self, code: str, *, requester: str) -> License:
        """As LicenseService.redeem."""
        return await self._gateway.run(self._flows.redeem(code, requester=requester))

    async def holder_challenge(self, identifier: LicenseRef, *, holder_code: str) -> HolderChallenge:
        """As LicenseService.holder_challenge."""
        return await self._gateway.run(self._flows.holder_challenge(identifier, holder_code=holder_code))

    async def attest(
        self,
        identifier: LicenseRef,
        *,
        holder_code: str,
        holder_key: SM2PublicKey,
        challenge: bytes,
        proof: bytes,
        lifetime: timedelta = _ATTESTED,
    ) -> HolderCredential:
        """As LicenseService.attest."""
        return await self._gateway.run(
            self._flows.attest(
                identifier,
                holder_code=holder_code,
                holder_key=holder_key,
                challenge=challenge,
                proof=proof,
                lifetime=lifetime,
            )
        )

    async def showing_code(self, holder_code: str) -> ShowingCode:
        """As LicenseService.showing_code."""
        return await self._gateway.run(self._flows.showing_code(holder_code))

    async def begin_showing(self, code: str, *, type_codes: tuple[str, ...], use: Use) -> BegunShowing:
        """As LicenseService.begin_showing."""
        return await self._gateway.run(self._flows.begin_showing(code, type_codes=type_codes, use=use))

    async def waiting_showings(self, holder_code: str) -> tuple[OnlineShowing, ...]:
        """As LicenseService.waiting_showings."""
        return await self._gateway.run(self._flows.waiting_showings(holder_code))

    async def confirm_showing(self, showing_id: str, *, holder_code: str, granted: tuple[Grant, ...]) -> OnlineShowing:
        """As LicenseService.confirm_showing."""
        return await self._gateway.run(
            self._flows.confirm_showing(showing_id, holder_code=holder_code, granted=granted)
        )

    async def refuse_showing(self, showing_id: str, *, holder_code: str) -> OnlineShowing:
        """As LicenseService.refuse_showing."""
        return await self._gateway.run(self._flows.refuse_showing(showing_id, holder_code=holder_code))

    async def showing_status(self, transaction: str, *, verifier: str) -> ShowingState:
        """As LicenseService.showing_status."""
        return await self._gateway.run(self._flows.showing_status(transaction, verifier=verifier))

    async def fetch_showing(self, transaction: str, *, verifier: str) -> tuple[ShownLicense, ...]:
        """As LicenseService.fetch_showing."""
        return await self._gateway.run(self._flows.fetch_showing(transaction, verifier=verifier))

    async def statistics(self) -> tuple[TypeCount, ...]:
        """As LicenseService.statistics."""
        return await self._gateway.run(self._flows.statistics())
