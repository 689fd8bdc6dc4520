"""What is asked of a platform that has this library's own interface, as flows: every operation of LicenseService."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from egov_sdk.errors import InputError
from egov_sdk.gateway import Flow
from egov_sdk.gateway.errors import AnswerMalformed
from egov_sdk.gateway.operations import Nothing, Operation, Question, perform
from egov_sdk.license import _as_asked
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
from egov_sdk.license.model import (
    read_identifier as _id,
)
from egov_sdk.license.present.online import Grant, OnlineShowing, ShowingState
from egov_sdk.license.states import LicenseAction, LicenseState
from egov_sdk.license.wire import questions, rest
from egov_sdk.report import Report
from egov_sdk.report_wire import load_report
from egov_sdk.times import aware

if TYPE_CHECKING:
    from egov_sdk.crypto import SM2PublicKey
    from egov_sdk.license.present.attestation import HolderCredential

__all__ = ["Flows"]

A = TypeVar("A")


class Flows(LicenseFlows):
    """Every operation, each one question."""

    def __init__(self, prefix: str) -> None:
        super().__init__("the platform")
        self._prefix = prefix

    def _ask(self, operation: Operation[Any, A], question: Question, *, key: str = "") -> Flow[A]:
        return perform(operation, question, refusals=rest.refusals(), prefix=self._prefix, key=key)

    def _used(self, operation: Operation[Any, A], identifier: LicenseRef, use: Use) -> Flow[A]:
        return self._ask(operation, questions.Used(identifier=_id(identifier), use=use))

    def types(self) -> Flow[tuple[LicenseType, ...]]:
        return self._ask(rest.TYPES, Nothing())

    def type_of(self, type_code: str) -> Flow[LicenseType]:
        found = yield from self._ask(rest.TYPE_OF, questions.OfType(type_code=type_code))
        _as_asked.named(found.code, type_code, "type")
        return found

    def issue(self, draft: LicenseDraft, request_id: str, actor: str) -> Flow[License]:
        question = questions.Issue(draft=draft, request_id=request_id, actor=actor)
        found = yield from self._ask(rest.ISSUE, question, key=request_id)
        return _as_asked.as_drafted(found, draft)

    def change(self, identifier: LicenseRef, change: LicenseChange, reason: str, actor: str) -> Flow[License]:
        one = _id(identifier)
        question = questions.Change(identifier=one, change=change, reason=reason, actor=actor)
        found = yield from self._ask(rest.CHANGE, question)
        return _as_asked.that_one(found, one.next_version())

    def renew(self, identifier: LicenseRef, valid_until: date | None, reason: str, actor: str) -> Flow[License]:
        one = _id(identifier)
        question = questions.Renew(identifier=one, valid_until=valid_until, reason=reason, actor=actor)
        found = yield from self._ask(rest.RENEW, question)
        _as_asked.named(str(found.metadata.valid_until), str(valid_until), "last day")
        return _as_asked.that_one(found, one.next_version())

    def act(self, identifier: LicenseRef, action: LicenseAction, reason: str, actor: str) -> Flow[LicenseRecord]:
        one = _id(identifier)
        question = questions.Act(identifier=one, action=action, reason=reason, actor=actor)
        return _as_asked.that_one((yield from self._ask(rest.ACT, question)), one)

    def get(self, identifier: LicenseRef, use: Use) -> Flow[License]:
        return _as_asked.that_one((yield from self._used(rest.GET, identifier, use)), _id(identifier))

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
        question = questions.Search(
            holder_code=holder_code, use=use, type_code=type_code, states=states, page=page, page_size=page_size
        )
        found = yield from self._ask(rest.SEARCH, question)
        return _as_asked.page_of(found, holder_code, type_code=type_code, states=states, page=page, page_size=page_size)

    def history(self, identifier: LicenseRef) -> Flow[tuple[LicenseEvent, ...]]:
        one = _id(identifier)
        return _as_asked.events_of((yield from self._ask(rest.HISTORY, questions.Of(identifier=one))), one)

    def verify(self, file: bytes, at: datetime | None) -> Flow[Report]:
        value = yield from self._ask(rest.VERIFY, questions.Verify(file=file, at=None if at is None else aware(at)))
        try:
            report = load_report(value)
        except InputError as error:
            raise AnswerMalformed(f"the platform's report is none: {error}", origin="platform") from None
        if at is not None and report.verified_at != at:
            raise AnswerMalformed("the platform's report is as of another time", origin="platform")
        return report

    def annotated_copy(
        self, identifier: LicenseRef, *, use: Use, requester: Authority, valid_until: datetime
    ) -> Flow[AnnotatedCopy]:
        question = questions.Copy(
            identifier=_id(identifier),
            use=use,
            requester=requester,
            valid_until=aware(valid_until, "valid_until"),
        )
        found = yield from self._ask(rest.COPY, question)
        return _as_asked.copy_for(found, question.identifier, use=use, requester=requester)

    def download_ticket(self, identifier: LicenseRef, use: Use) -> Flow[DownloadTicket]:
        return self._used(rest.TICKET, identifier, use)

    def download(self, ticket: str, *, requester: str) -> Flow[bytes]:
        return self._ask(rest.DOWNLOAD, questions.Ticket(ticket=ticket, requester=requester))

    def present(
        self, identifier: LicenseRef, *, audience: str, lifetime: timedelta, fields: tuple[str, ...] | None
    ) -> Flow[Presentation]:
        question = questions.Present(identifier=_id(identifier), audience=audience, lifetime=lifetime, fields=fields)
        found = yield from self._ask(rest.PRESENT, question)
        _as_asked.named(found.audience, audience, "audience")
        return found

    def status_list(self, type_code: str) -> Flow[bytes]:
        return self._ask(rest.STATUS_LIST, questions.OfType(type_code=type_code))

    def use_code(self, identifier: LicenseRef, use: Use) -> Flow[UseCode]:
        return _as_asked.that_one((yield from self._used(rest.USE_CODE, identifier, use)), _id(identifier))

    def redeem(self, code: str, *, requester: str) -> Flow[License]:
        return _as_asked.whole((yield from self._ask(rest.REDEEM, questions.Code(code=code, requester=requester))))

    def holder_challenge(self, identifier: LicenseRef, *, holder_code: str) -> Flow[HolderChallenge]:
        return self._ask(rest.CHALLENGE, questions.Challenge(identifier=_id(identifier), holder_code=holder_code))

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
        from egov_sdk.license.present.attestation import HolderCredential

        question = questions.Attest(
            identifier=_id(identifier),
            holder_code=holder_code,
            holder_key=holder_key.point,
            challenge=challenge,
            proof=proof,
            lifetime=lifetime,
        )
        octets = yield from self._ask(rest.ATTEST, question)
        try:
            credential = HolderCredential.from_bytes(octets)
        except InputError as error:
            raise AnswerMalformed(f"the platform's credential is none: {error}", origin="platform") from None
        if credential.attested.holder_key != holder_key:
            raise AnswerMalformed("the platform's credential is for another key", origin="platform")
        return credential

    def showing_code(self, holder_code: str) -> Flow[ShowingCode]:
        return self._ask(rest.SHOWING_CODE, questions.OfHolder(holder_code=holder_code))

    def begin_showing(self, code: str, *, type_codes: tuple[str, ...], use: Use) -> Flow[BegunShowing]:
        return self._ask(rest.BEGIN_SHOWING, questions.BeginShowing(code=code, type_codes=type_codes, use=use))

    def waiting_showings(self, holder_code: str) -> Flow[tuple[OnlineShowing, ...]]:
        return self._ask(rest.WAITING_SHOWINGS, questions.OfHolder(holder_code=holder_code))

    def confirm_showing(self, showing_id: str, *, holder_code: str, granted: tuple[Grant, ...]) -> Flow[OnlineShowing]:
        question = questions.ConfirmShowing(showing_id=showing_id, holder_code=holder_code, granted=granted)
        found = yield from self._ask(rest.CONFIRM_SHOWING, question)
        _as_asked.named(found.digest, showing_id, "verification")
        return found

    def refuse_showing(self, showing_id: str, *, holder_code: str) -> Flow[OnlineShowing]:
        question = questions.RefuseShowing(showing_id=showing_id, holder_code=holder_code)
        found = yield from self._ask(rest.REFUSE_SHOWING, question)
        _as_asked.named(found.digest, showing_id, "verification")
        return found

    def showing_status(self, transaction: str, *, verifier: str) -> Flow[ShowingState]:
        return self._ask(rest.SHOWING_STATUS, questions.Verifying(transaction=transaction, verifier=verifier))

    def fetch_showing(self, transaction: str, *, verifier: str) -> Flow[tuple[ShownLicense, ...]]:
        question = questions.Verifying(transaction=transaction, verifier=verifier)
        return _as_asked.shown((yield from self._ask(rest.FETCH_SHOWING, question)))

    def statistics(self) -> Flow[tuple[TypeCount, ...]]:
        return self._ask(rest.STATISTICS, Nothing())
