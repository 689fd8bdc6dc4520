"""The clients of a platform of licences: one for threads, one for tasks. Both run the same flows over the gateway."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, Final, TypeVar

from egov_sdk.errors import InputError
from egov_sdk.gateway import AsyncGatewayClient, Flow, GatewayClient
from egov_sdk.gateway.errors import AnswerMalformed
from egov_sdk.gateway.operations import Nothing, Operation, Question, perform
from egov_sdk.license.catalogue import LicenseType
from egov_sdk.license.identifier import LicenseIdentifier
from egov_sdk.license.metadata import Authority
from egov_sdk.license.model import (
    AnnotatedCopy,
    BegunShowing,
    DownloadTicket,
    License,
    LicenseChange,
    LicenseDraft,
    LicenseEvent,
    LicensePage,
    LicenseRecord,
    Presentation,
    ShowingCode,
    ShownLicense,
    TypeCount,
    Use,
    UseCode,
)
from egov_sdk.license.present.online import Grant, OnlineShowing, ShowingState
from egov_sdk.license.states import LicenseAction, LicenseState
from egov_sdk.license.wire import rest
from egov_sdk.report import Report
from egov_sdk.report_wire import load_report

__all__ = ["AsyncLicenseClient", "LicenseClient"]

A = TypeVar("A")

Id = LicenseIdentifier | str
_SHOWN: Final = timedelta(seconds=120)


class _Flows:
    """The operations of LicenseService, each as a flow."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix

    def ask(self, operation: Operation[Any, A], question: Question, *, key: str = "") -> Flow[A]:
        return perform(operation, question, refusals=rest.REFUSALS, prefix=self._prefix, key=key)

    def issue(self, draft: LicenseDraft, request_id: str) -> Flow[License]:
        return self.ask(rest.ISSUE, rest.Issue(draft=draft, request_id=request_id), key=request_id)

    def change(self, identifier: Id, change: LicenseChange, reason: str) -> Flow[License]:
        return self.ask(rest.CHANGE, rest.Change(identifier=_id(identifier), change=change, reason=reason))

    def renew(self, identifier: Id, valid_until: date | None, reason: str) -> Flow[License]:
        return self.ask(rest.RENEW, rest.Renew(identifier=_id(identifier), valid_until=valid_until, reason=reason))

    def act(self, identifier: Id, action: LicenseAction, reason: str, actor: str) -> Flow[LicenseRecord]:
        return self.ask(rest.ACT, rest.Act(identifier=_id(identifier), action=action, reason=reason, actor=actor))

    def used(self, operation: Operation[Any, A], identifier: Id, use: Use) -> Flow[A]:
        return self.ask(operation, rest.Used(identifier=_id(identifier), use=use))

    def verify(self, file: bytes, at: datetime | None) -> Flow[Report]:
        value = yield from self.ask(rest.VERIFY, rest.Verify(file=file, at=None if at is None else _aware(at)))
        try:
            return load_report(value)
        except InputError as error:
            raise AnswerMalformed(f"the platform's report is none: {error}", origin="platform") from None

    def copy(self, identifier: Id, use: Use, requester: Authority, valid_until: datetime) -> Flow[AnnotatedCopy]:
        question = rest.Copy(identifier=_id(identifier), use=use, requester=requester, valid_until=_aware(valid_until))
        return self.ask(rest.COPY, question)

    def present(
        self, identifier: Id, audience: str, lifetime: timedelta, fields: tuple[str, ...] | None
    ) -> Flow[Presentation]:
        question = rest.Present(identifier=_id(identifier), audience=audience, lifetime=lifetime, fields=fields)
        return self.ask(rest.PRESENT, question)


def _id(identifier: Id) -> LicenseIdentifier:
    return LicenseIdentifier.parse(identifier) if isinstance(identifier, str) else identifier


def _aware(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError("a time must be an aware datetime, for example datetime.now(UTC)")
    return at


class LicenseClient:
    """A LicenseService at a platform (电子证照平台) that has this library's own interface. Threads may share one.

    Args:
        gateway: How the platform is reached. Close it where it was made.
        prefix: Where the platform has the interface.
    """

    def __init__(self, gateway: GatewayClient, *, prefix: str = "") -> None:
        self._gateway, self._flows = gateway, _Flows(prefix)

    def types(self) -> tuple[LicenseType, ...]:
        """As LicenseService.types."""
        return self._gateway.run(self._flows.ask(rest.TYPES, Nothing()))

    def type_of(self, type_code: str) -> LicenseType:
        """As LicenseService.type_of."""
        return self._gateway.run(self._flows.ask(rest.TYPE_OF, rest.OfType(type_code=type_code)))

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
        return self._gateway.run(self._flows.used(rest.GET, identifier, use))

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
            self._flows.ask(
                rest.SEARCH,
                rest.Search(
                    holder_code=holder_code, use=use, type_code=type_code, states=states, page=page, page_size=page_size
                ),
            )
        )

    def history(self, identifier: LicenseIdentifier | str) -> tuple[LicenseEvent, ...]:
        """As LicenseService.history."""
        return self._gateway.run(self._flows.ask(rest.HISTORY, rest.Of(identifier=_id(identifier))))

    def verify(self, file: bytes, *, at: datetime | None = None) -> Report:
        """As LicenseService.verify."""
        return self._gateway.run(self._flows.verify(file, at))

    def annotated_copy(
        self, identifier: LicenseIdentifier | str, *, use: Use, requester: Authority, valid_until: datetime
    ) -> AnnotatedCopy:
        """As LicenseService.annotated_copy."""
        return self._gateway.run(self._flows.copy(identifier, use, requester, valid_until))

    def download_ticket(self, identifier: LicenseIdentifier | str, *, use: Use) -> DownloadTicket:
        """As LicenseService.download_ticket."""
        return self._gateway.run(self._flows.used(rest.TICKET, identifier, use))

    def download(self, ticket: str) -> bytes:
        """As LicenseService.download."""
        return self._gateway.run(self._flows.ask(rest.DOWNLOAD, rest.Ticket(ticket=ticket)))

    def present(
        self,
        identifier: LicenseIdentifier | str,
        *,
        audience: str = "",
        lifetime: timedelta = _SHOWN,
        fields: tuple[str, ...] | None = None,
    ) -> Presentation:
        """As LicenseService.present."""
        return self._gateway.run(self._flows.present(identifier, audience, lifetime, fields))

    def status_list(self, type_code: str) -> bytes:
        """As LicenseService.status_list."""
        return self._gateway.run(self._flows.ask(rest.STATUS_LIST, rest.OfType(type_code=type_code)))

    def use_code(self, identifier: LicenseIdentifier | str, *, use: Use) -> UseCode:
        """As LicenseService.use_code."""
        return self._gateway.run(self._flows.used(rest.USE_CODE, identifier, use))

    def redeem(self, code: str) -> License:
        """As LicenseService.redeem."""
        return self._gateway.run(self._flows.ask(rest.REDEEM, rest.Code(code=code)))

    def showing_code(self, holder_code: str) -> ShowingCode:
        """As LicenseService.showing_code."""
        return self._gateway.run(self._flows.ask(rest.SHOWING_CODE, rest.OfHolder(holder_code=holder_code)))

    def begin_showing(self, code: str, *, type_codes: tuple[str, ...], use: Use) -> BegunShowing:
        """As LicenseService.begin_showing."""
        return self._gateway.run(
            self._flows.ask(rest.BEGIN_SHOWING, rest.BeginShowing(code=code, type_codes=type_codes, use=use))
        )

    def waiting_showings(self, holder_code: str) -> tuple[OnlineShowing, ...]:
        """As LicenseService.waiting_showings."""
        return self._gateway.run(self._flows.ask(rest.WAITING_SHOWINGS, rest.OfHolder(holder_code=holder_code)))

    def confirm_showing(self, showing_id: str, *, holder_code: str, granted: tuple[Grant, ...]) -> OnlineShowing:
        """As LicenseService.confirm_showing."""
        return self._gateway.run(
            self._flows.ask(
                rest.CONFIRM_SHOWING,
                rest.ConfirmShowing(showing_id=showing_id, holder_code=holder_code, granted=granted),
            )
        )

    def refuse_showing(self, showing_id: str, *, holder_code: str) -> OnlineShowing:
        """As LicenseService.refuse_showing."""
        return self._gateway.run(
            self._flows.ask(rest.REFUSE_SHOWING, rest.RefuseShowing(showing_id=showing_id, holder_code=holder_code))
        )

    def showing_status(self, transaction: str, *, verifier: str) -> ShowingState:
        """As LicenseService.showing_status."""
        return self._gateway.run(
            self._flows.ask(rest.SHOWING_STATUS, rest.Verifying(transaction=transaction, verifier=verifier))
        )

    def fetch_showing(self, transaction: str, *, verifier: str) -> tuple[ShownLicense, ...]:
        """As LicenseService.fetch_showing."""
        return self._gateway.run(
            self._flows.ask(rest.FETCH_SHOWING, rest.Verifying(transaction=transaction, verifier=verifier))
        )

    def statistics(self) -> tuple[TypeCount, ...]:
        """As LicenseService.statistics."""
        return self._gateway.run(self._flows.ask(rest.STATISTICS, Nothing()))


class AsyncLicenseClient:
    """As LicenseClient, awaited. Tasks of one asyncio loop may share one."""

    def __init__(self, gateway: AsyncGatewayClient, *, prefix: str = "") -> None:
        self._gateway, self._flows = gateway, _Flows(prefix)

    async def types(self) -> tuple[LicenseType, ...]:
        """As LicenseService.types."""
        return await self._gateway.run(self._flows.ask(rest.TYPES, Nothing()))

    async def type_of(self, type_code: str) -> LicenseType:
        """As LicenseService.type_of."""
        return await self._gateway.run(self._flows.ask(rest.TYPE_OF, rest.OfType(type_code=type_code)))

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
        return await self._gateway.run(self._flows.used(rest.GET, identifier, use))

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
            self._flows.ask(
                rest.SEARCH,
                rest.Search(
                    holder_code=holder_code, use=use, type_code=type_code, states=states, page=page, page_size=page_size
                ),
            )
        )

    async def history(self, identifier: LicenseIdentifier | str) -> tuple[LicenseEvent, ...]:
        """As LicenseService.history."""
        return await self._gateway.run(self._flows.ask(rest.HISTORY, rest.Of(identifier=_id(identifier))))

    async def verify(self, file: bytes, *, at: datetime | None = None) -> Report:
        """As LicenseService.verify."""
        return await self._gateway.run(self._flows.verify(file, at))

    async def annotated_copy(
        self, identifier: LicenseIdentifier | str, *, use: Use, requester: Authority, valid_until: datetime
    ) -> AnnotatedCopy:
        """As LicenseService.annotated_copy."""
        return await self._gateway.run(self._flows.copy(identifier, use, requester, valid_until))

    async def download_ticket(self, identifier: LicenseIdentifier | str, *, use: Use) -> DownloadTicket:
        """As LicenseService.download_ticket."""
        return await self._gateway.run(self._flows.used(rest.TICKET, identifier, use))

    async def download(self, ticket: str) -> bytes:
        """As LicenseService.download."""
        return await self._gateway.run(self._flows.ask(rest.DOWNLOAD, rest.Ticket(ticket=ticket)))

    async def present(
        self,
        identifier: LicenseIdentifier | str,
        *,
        audience: str = "",
        lifetime: timedelta = _SHOWN,
        fields: tuple[str, ...] | None = None,
    ) -> Presentation:
        """As LicenseService.present."""
        return await self._gateway.run(self._flows.present(identifier, audience, lifetime, fields))

    async def status_list(self, type_code: str) -> bytes:
        """As LicenseService.status_list."""
        return await self._gateway.run(self._flows.ask(rest.STATUS_LIST, rest.OfType(type_code=type_code)))

    async def use_code(self, identifier: LicenseIdentifier | str, *, use: Use) -> UseCode:
        """As LicenseService.use_code."""
        return await self._gateway.run(self._flows.used(rest.USE_CODE, identifier, use))

    async def redeem(self, code: str) -> License:
        """As LicenseService.redeem."""
        return await self._gateway.run(self._flows.ask(rest.REDEEM, rest.Code(code=code)))

    async def showing_code(self, holder_code: str) -> ShowingCode:
        """As LicenseService.showing_code."""
        return await self._gateway.run(self._flows.ask(rest.SHOWING_CODE, rest.OfHolder(holder_code=holder_code)))

    async def begin_showing(self, code: str, *, type_codes: tuple[str, ...], use: Use) -> BegunShowing:
        """As LicenseService.begin_showing."""
        return await self._gateway.run(
            self._flows.ask(rest.BEGIN_SHOWING, rest.BeginShowing(code=code, type_codes=type_codes, use=use))
        )

    async def waiting_showings(self, holder_code: str) -> tuple[OnlineShowing, ...]:
        """As LicenseService.waiting_showings."""
        return await self._gateway.run(self._flows.ask(rest.WAITING_SHOWINGS, rest.OfHolder(holder_code=holder_code)))

    async def confirm_showing(self, showing_id: str, *, holder_code: str, granted: tuple[Grant, ...]) -> OnlineShowing:
        """As LicenseService.confirm_showing."""
        return await self._gateway.run(
            self._flows.ask(
                rest.CONFIRM_SHOWING,
                rest.ConfirmShowing(showing_id=showing_id, holder_code=holder_code, granted=granted),
            )
        )

    async def refuse_showing(self, showing_id: str, *, holder_code: str) -> OnlineShowing:
        """As LicenseService.refuse_showing."""
        return await self._gateway.run(
            self._flows.ask(rest.REFUSE_SHOWING, rest.RefuseShowing(showing_id=showing_id, holder_code=holder_code))
        )

    async def showing_status(self, transaction: str, *, verifier: str) -> ShowingState:
        """As LicenseService.showing_status."""
        return await self._gateway.run(
            self._flows.ask(rest.SHOWING_STATUS, rest.Verifying(transaction=transaction, verifier=verifier))
        )

    async def fetch_showing(self, transaction: str, *, verifier: str) -> tuple[ShownLicense, ...]:
        """As LicenseService.fetch_showing."""
        return await self._gateway.run(
            self._flows.ask(rest.FETCH_SHOWING, rest.Verifying(transaction=transaction, verifier=verifier))
        )

    async def statistics(self) -> tuple[TypeCount, ...]:
        """As LicenseService.statistics."""
        return await self._gateway.run(self._flows.ask(rest.STATISTICS, Nothing()))
