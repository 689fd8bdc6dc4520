"""Offer a service of licences to others over this library's own REST interface."""

from __future__ import annotations

from collections.abc import Callable, Container
from dataclasses import dataclass

from egov_sdk.crypto import SM2PublicKey
from egov_sdk.gateway.serving import Asking, Offer, Offers
from egov_sdk.license.identifier import LicenseIdentifier
from egov_sdk.license.model import Use
from egov_sdk.license.problems import refuse
from egov_sdk.license.service import LicenseService
from egov_sdk.license.wire import questions, rest
from egov_sdk.report_wire import dump_report

__all__ = ["SpeaksFor", "offers"]


#: The codes of the departments that a caller may speak for.
SpeaksFor = Callable[[str], Container[str]]


def offers(service: LicenseService, *, authority: str = "", speaks_for: SpeaksFor | None = None) -> Offers:
    """The operations of a service, to be put into an ``OperationApp``.

    Who speaks for the issuer of a licence may change, end and show it, have it attested for a holder's device, and see
    its history; who speaks for a department may use licences in its name, as far as the rules of the service let that
    department, and take in the tickets and codes that were made for it. Types, lists of states and verification are for
    everybody.

    Args:
        authority: The code of the department that issues where a draft names none; who speaks for it also brings what
            holders decide, having made sure that it is they.
        speaks_for: Given the caller that the gateway made sure of, the codes of the departments that it may speak for.
            Without it every caller is believed: only for a service that one department's programs alone can reach.
    """
    desk = _Desk(service, authority, speaks_for)
    return (*_issuing(desk), *_using(desk), *_showing(desk), *_holding(desk), *_verifying(desk))


@dataclass(frozen=True, slots=True)
class _Desk:
    """The service, and for whom each caller speaks."""

    service: LicenseService
    authority: str
    speaks_for: SpeaksFor | None

    def check(self, code: str, by: Asking) -> None:
        """Return if the caller speaks for that department."""
        if self.speaks_for is not None and code not in self.speaks_for(by.caller):
            raise refuse("requester_refused", found=code)

    def issued(self, identifier: LicenseIdentifier, by: Asking) -> LicenseIdentifier:
        """The identifier, if the caller speaks for whom it names as the issuer."""
        self.check(identifier.issuer_code, by)
        return identifier

    def mine(self, use: Use, by: Asking) -> Use:
        """The use, if the caller speaks for its requester; who is at work begins with the caller."""
        self.check(use.requester.code, by)
        return use.model_copy(update={"operator": by.named(use.operator)})


def _issuing(desk: _Desk) -> Offers:
    service = desk.service

    def issue(asked: questions.Issue, by: Asking) -> object:
        issuer = asked.draft.issuer
        desk.check(desk.authority if issuer is None else issuer.code, by)
        return service.issue(asked.draft, request_id=asked.request_id or by.key, actor=by.named(asked.actor))

    def change(asked: questions.Change, by: Asking) -> object:
        identifier, actor = desk.issued(asked.identifier, by), by.named(asked.actor)
        return service.change(identifier, asked.change, reason=asked.reason, actor=actor)

    def renew(asked: questions.Renew, by: Asking) -> object:
        identifier, actor = desk.issued(asked.identifier, by), by.named(asked.actor)
        return service.renew(identifier, valid_until=asked.valid_until, reason=asked.reason, actor=actor)

    def act(asked: questions.Act, by: Asking) -> object:
        identifier, actor = desk.issued(asked.identifier, by), by.named(asked.actor)
        return service.act(identifier, asked.action, reason=asked.reason, actor=actor)

    return (
        Offer(rest.TYPES, lambda asked, by: service.types()),
        Offer(rest.TYPE_OF, lambda asked, by: service.type_of(asked.type_code)),
        Offer(rest.ISSUE, issue),
        Offer(rest.CHANGE, change),
        Offer(rest.RENEW, renew),
        Offer(rest.ACT, act),
        Offer(rest.HISTORY, lambda asked, by: service.history(desk.issued(asked.identifier, by))),
        Offer(rest.STATISTICS, lambda asked, by: service.statistics()),
    )


def _using(desk: _Desk) -> Offers:
    service, mine = desk.service, desk.mine

    def search(asked: questions.Search, by: Asking) -> object:
        return service.search(
            asked.holder_code,
            use=mine(asked.use, by),
            type_code=asked.type_code,
            states=asked.states,
            page=asked.page,
            page_size=asked.page_size,
        )

    def copy(asked: questions.Copy, by: Asking) -> object:
        use = mine(asked.use, by)
        return service.annotated_copy(
            asked.identifier, use=use, requester=asked.requester, valid_until=asked.valid_until
        )

    def download(asked: questions.Ticket, by: Asking) -> object:
        desk.check(asked.requester, by)
        return service.download(asked.ticket, requester=asked.requester)

    def redeem(asked: questions.Code, by: Asking) -> object:
        desk.check(asked.requester, by)
        return service.redeem(asked.code, requester=asked.requester)

    return (
        Offer(rest.GET, lambda asked, by: service.get(asked.identifier, use=mine(asked.use, by))),
        Offer(rest.SEARCH, search),
        Offer(rest.COPY, copy),
        Offer(rest.TICKET, lambda asked, by: service.download_ticket(asked.identifier, use=mine(asked.use, by))),
        Offer(rest.DOWNLOAD, download),
        Offer(rest.USE_CODE, lambda asked, by: service.use_code(asked.identifier, use=mine(asked.use, by))),
        Offer(rest.REDEEM, redeem),
    )


def _showing(desk: _Desk) -> Offers:
    service = desk.service

    def present(asked: questions.Present, by: Asking) -> object:
        identifier = desk.issued(asked.identifier, by)
        return service.present(identifier, audience=asked.audience, lifetime=asked.lifetime, fields=asked.fields)

    return (
        Offer(rest.VERIFY, lambda asked, by: dump_report(service.verify(asked.file, at=asked.at))),
        Offer(rest.PRESENT, present),
        Offer(rest.STATUS_LIST, lambda asked, by: service.status_list(asked.type_code)),
    )


def _holding(desk: _Desk) -> Offers:
    """The holder's side: credentials for devices; of showing online codes, what waits, what was decided."""
    service = desk.service

    def challenge(asked: questions.Challenge, by: Asking) -> object:
        return service.holder_challenge(desk.issued(asked.identifier, by), holder_code=asked.holder_code)

    def attest(asked: questions.Attest, by: Asking) -> object:
        credential = service.attest(
            desk.issued(asked.identifier, by),
            holder_code=asked.holder_code,
            holder_key=SM2PublicKey.from_point(asked.holder_key),
            challenge=asked.challenge,
            proof=asked.proof,
            lifetime=asked.lifetime,
        )
        return credential.to_bytes()

    def code(asked: questions.OfHolder, by: Asking) -> object:
        desk.check(desk.authority, by)
        return service.showing_code(asked.holder_code)

    def waiting(asked: questions.OfHolder, by: Asking) -> object:
        desk.check(desk.authority, by)
        return service.waiting_showings(asked.holder_code)

    def confirm(asked: questions.ConfirmShowing, by: Asking) -> object:
        desk.check(desk.authority, by)
        return service.confirm_showing(asked.showing_id, holder_code=asked.holder_code, granted=asked.granted)

    def no(asked: questions.RefuseShowing, by: Asking) -> object:
        desk.check(desk.authority, by)
        return service.refuse_showing(asked.showing_id, holder_code=asked.holder_code)

    return (
        Offer(rest.CHALLENGE, challenge),
        Offer(rest.ATTEST, attest),
        Offer(rest.SHOWING_CODE, code),
        Offer(rest.WAITING_SHOWINGS, waiting),
        Offer(rest.CONFIRM_SHOWING, confirm),
        Offer(rest.REFUSE_SHOWING, no),
    )


def _verifying(desk: _Desk) -> Offers:
    """The verifier's side of showing online."""
    service = desk.service

    def begin(asked: questions.BeginShowing, by: Asking) -> object:
        return service.begin_showing(asked.code, type_codes=asked.type_codes, use=desk.mine(asked.use, by))

    def status(asked: questions.Verifying, by: Asking) -> object:
        desk.check(asked.verifier, by)
        return service.showing_status(asked.transaction, verifier=asked.verifier)

    def fetch(asked: questions.Verifying, by: Asking) -> object:
        desk.check(asked.verifier, by)
        return service.fetch_showing(asked.transaction, verifier=asked.verifier)

    return (
        Offer(rest.BEGIN_SHOWING, begin),
        Offer(rest.SHOWING_STATUS, status),
        Offer(rest.FETCH_SHOWING, fetch),
    )
