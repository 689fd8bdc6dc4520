"""The operations of LicenseService as flows: none is offered until a dialect says how it is asked."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, NoReturn

from egov_sdk.errors import NotOffered
from egov_sdk.gateway.messages import Flow
from egov_sdk.license.catalogue import LicenseType
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
from egov_sdk.license.problems import refuse
from egov_sdk.license.states import LicenseAction, LicenseState
from egov_sdk.report import Report

if TYPE_CHECKING:
    from egov_sdk.crypto import SM2PublicKey
    from egov_sdk.license.present.attestation import HolderCredential

__all__ = ["LicenseFlows"]


class LicenseFlows:
    """Every operation of LicenseService, refused with NotOffered; a dialect replaces those that its platform has."""

    def __init__(self, platform: str) -> None:
        self.platform = platform

    def not_offered(self, capability: str, hint: str = "") -> NoReturn:
        """Say that the platform does not have it.

        Raises:
            NotOffered: always.
        """
        raise NotOffered(capability, platform=self.platform, hint=hint)

    def types(self) -> Flow[tuple[LicenseType, ...]]:
        """See LicenseService.types."""
        self.not_offered("types")

    def type_of(self, type_code: str) -> Flow[LicenseType]:
        """See LicenseService.type_of; out of the list of types."""
        for found in (yield from self.types()):
            if found.code == type_code:
                return found
        raise refuse("type_unknown", found=type_code)

    def issue(self, draft: LicenseDraft, request_id: str, actor: str) -> Flow[License]:
        """See LicenseService.issue."""
        self.not_offered("issue")

    def change(self, identifier: LicenseRef, change: LicenseChange, reason: str, actor: str) -> Flow[License]:
        """See LicenseService.change."""
        self.not_offered("change")

    def renew(self, identifier: LicenseRef, valid_until: date | None, reason: str, actor: str) -> Flow[License]:
        """See LicenseService.renew."""
        self.not_offered("renew")

    def act(self, identifier: LicenseRef, action: LicenseAction, reason: str, actor: str) -> Flow[LicenseRecord]:
        """See LicenseService.act."""
        self.not_offered("act")

    def get(self, identifier: LicenseRef, use: Use) -> Flow[License]:
        """See LicenseService.get."""
        self.not_offered("get")

    def search(
        self,
        holder_code: str,
        *,
        use: Use,
        type_code: str,
        states: frozenset[LicenseState] | None,
        page: str,
        page_size: int,
    ) -> Flow[LicensePage]:
        """See LicenseService.search."""
        self.not_offered("search")

    def history(self, identifier: LicenseRef) -> Flow[tuple[LicenseEvent, ...]]:
        """See LicenseService.history."""
        self.not_offered("history")

    def verify(self, file: bytes, at: datetime | None) -> Flow[Report]:
        """See LicenseService.verify."""
        self.not_offered("verify")

    def annotated_copy(
        self, identifier: LicenseRef, *, use: Use, requester: Authority, valid_until: datetime
    ) -> Flow[AnnotatedCopy]:
        """See LicenseService.annotated_copy."""
        self.not_offered("annotated_copy")

    def download_ticket(self, identifier: LicenseRef, use: Use) -> Flow[DownloadTicket]:
        """See LicenseService.download_ticket."""
        self.not_offered("download_ticket")

    def download(self, ticket: str, *, requester: str) -> Flow[bytes]:
        """See LicenseService.download; a platform with accounts tells from these for whom it is."""
        self.not_offered("download")

    def present(
        self, identifier: LicenseRef, *, audience: str, lifetime: timedelta, fields: tuple[str, ...] | None
    ) -> Flow[Presentation]:
        """See LicenseService.present."""
        self.not_offered("present")

    def status_list(self, type_code: str) -> Flow[bytes]:
        """See LicenseService.status_list."""
        self.not_offered("status_list")

    def use_code(self, identifier: LicenseRef, use: Use) -> Flow[UseCode]:
        """See LicenseService.use_code."""
        self.not_offered("use_code")

    def redeem(self, code: str, *, requester: str) -> Flow[License]:
        """See LicenseService.redeem; a platform with accounts tells from these for whom it is."""
        self.not_offered("redeem")

    def holder_challenge(self, identifier: LicenseRef, *, holder_code: str) -> Flow[HolderChallenge]:
        """See LicenseService.holder_challenge."""
        self.not_offered("holder_challenge")

    def attest(
        self,
        identifier: LicenseRef,
        *,
        holder_code: str,
        holder_key: SM2PublicKey,
        challenge: bytes,
        proof: bytes,
        lifetime: timedelta,
    ) -> Flow[HolderCredential]:
        """See LicenseService.attest; no dialect is known to have it."""
        self.not_offered("attest")

    def showing_code(self, holder_code: str) -> Flow[ShowingCode]:
        """See LicenseService.showing_code."""
        self.not_offered("showing_code")

    def begin_showing(self, code: str, *, type_codes: tuple[str, ...], use: Use) -> Flow[BegunShowing]:
        """See LicenseService.begin_showing."""
        self.not_offered("begin_showing")

    def waiting_showings(self, holder_code: str) -> Flow[tuple[OnlineShowing, ...]]:
        """See LicenseService.waiting_showings."""
        self.not_offered("waiting_showings")

    def confirm_showing(self, showing_id: str, *, holder_code: str, granted: tuple[Grant, ...]) -> Flow[OnlineShowing]:
        """See LicenseService.confirm_showing."""
        self.not_offered("confirm_showing")

    def refuse_showing(self, showing_id: str, *, holder_code: str) -> Flow[OnlineShowing]:
        """See LicenseService.refuse_showing."""
        self.not_offered("refuse_showing")

    def showing_status(self, transaction: str, *, verifier: str) -> Flow[ShowingState]:
        """See LicenseService.showing_status."""
        self.not_offered("showing_status")

    def fetch_showing(self, transaction: str, *, verifier: str) -> Flow[tuple[ShownLicense, ...]]:
        """See LicenseService.fetch_showing."""
        self.not_offered("fetch_showing")

    def statistics(self) -> Flow[tuple[TypeCount, ...]]:
        """See LicenseService.statistics."""
        self.not_offered("statistics")
