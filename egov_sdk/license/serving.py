"""Offer a service of licences to others over this library's own REST interface."""

from __future__ import annotations

from collections.abc import Callable, Container

from egov_sdk.gateway.serving import Asking, Offer, Offers
from egov_sdk.license.model import Use
from egov_sdk.license.problems import refuse
from egov_sdk.license.service import LicenseService
from egov_sdk.license.wire import rest
from egov_sdk.report_wire import dump_report

__all__ = ["SpeaksFor", "offers"]


#: The codes of the departments that a caller may speak for; a ``requester`` of another one is refused.
SpeaksFor = Callable[[str], Container[str]]


def offers(service: LicenseService, *, speaks_for: SpeaksFor | None = None) -> Offers:
    """The operations of a service, to be put into an ``OperationApp``.

    Args:
        speaks_for: Given the caller that the gateway made sure of, the codes of the departments that it may ask for.
            Without it every caller is believed: only for a service that one department's programs alone can reach.
    """
    return (*_issuing(service), *_using(service, speaks_for), *_showing(service))


def _issuing(service: LicenseService) -> Offers:
    def act(asked: rest.Act, by: Asking) -> object:
        return service.act(asked.identifier, asked.action, reason=asked.reason, actor=by.named(asked.actor))

    return (
        Offer(rest.TYPES, lambda asked, by: service.types()),
        Offer(rest.TYPE_OF, lambda asked, by: service.type_of(asked.type_code)),
        Offer(rest.ISSUE, lambda asked, by: service.issue(asked.draft, request_id=asked.request_id or by.key)),
        Offer(rest.CHANGE, lambda asked, by: service.change(asked.identifier, asked.change, reason=asked.reason)),
        Offer(
            rest.RENEW,
            lambda asked, by: service.renew(asked.identifier, valid_until=asked.valid_until, reason=asked.reason),
        ),
        Offer(rest.ACT, act),
        Offer(rest.HISTORY, lambda asked, by: service.history(asked.identifier)),
        Offer(rest.STATISTICS, lambda asked, by: service.statistics()),
    )


def _using(service: LicenseService, speaks_for: SpeaksFor | None) -> Offers:
    def mine(use: Use, by: Asking) -> Use:
        if speaks_for is not None and use.requester.code not in speaks_for(by.caller):
            raise refuse("requester_refused", found=use.requester.code)
        return use

    def search(asked: rest.Search, by: Asking) -> object:
        return service.search(
            asked.holder_code,
            use=mine(asked.use, by),
            type_code=asked.type_code,
            states=asked.states,
            page=asked.page,
            page_size=asked.page_size,
        )

    def copy(asked: rest.Copy, by: Asking) -> object:
        use = mine(asked.use, by)
        return service.annotated_copy(
            asked.identifier, use=use, requester=asked.requester, valid_until=asked.valid_until
        )

    return (
        Offer(rest.GET, lambda asked, by: service.get(asked.identifier, use=mine(asked.use, by))),
        Offer(rest.SEARCH, search),
        Offer(rest.COPY, copy),
        Offer(rest.TICKET, lambda asked, by: service.download_ticket(asked.identifier, use=mine(asked.use, by))),
        Offer(rest.DOWNLOAD, lambda asked, by: service.download(asked.ticket)),
        Offer(rest.USE_CODE, lambda asked, by: service.use_code(asked.identifier, use=mine(asked.use, by))),
        Offer(rest.REDEEM, lambda asked, by: service.redeem(asked.code)),
    )


def _showing(service: LicenseService) -> Offers:
    def present(asked: rest.Present, by: Asking) -> object:
        return service.present(asked.identifier, audience=asked.audience, lifetime=asked.lifetime, fields=asked.fields)

    return (
        Offer(rest.VERIFY, lambda asked, by: dump_report(service.verify(asked.file, at=asked.at))),
        Offer(rest.PRESENT, present),
        Offer(rest.STATUS_LIST, lambda asked, by: service.status_list(asked.type_code)),
    )
