"""Offer a service of sharing to others over this library's own REST interface."""

from __future__ import annotations

from collections.abc import Callable

from egov_sdk.exchange.sharing import wire
from egov_sdk.exchange.sharing.model import SharingCase
from egov_sdk.exchange.sharing.problems import refuse
from egov_sdk.exchange.sharing.service import SharingService
from egov_sdk.gateway.serving import Asking, Offer, Offers
from egov_sdk.report import Text

__all__ = ["offers"]


def offers(service: SharingService, *, party_of: Callable[[Asking], str] | None = None) -> Offers:
    """The operations of a service, to be put into an ``OperationApp``.

    Steps and uses are signed, so that it does not matter who hands them in. What is only looked at is not.

    Args:
        party_of: the department that asks; it sees its own cases, notices and reminders only, and no statistics where
            it is nobody's code. None lets everybody see everything: for a platform's own network.
    """
    seen = _Seen(service, party_of)
    return (
        Offer(wire.TAKE, lambda asked, _: service.take(asked.step)),
        Offer(wire.USE, lambda asked, _: service.use(asked.use)),
        Offer(wire.CASE, lambda asked, by: seen.case(asked.case_id, by)),
        Offer(
            wire.CASES,
            lambda asked, by: service.cases(
                party=seen.party(asked.party, by),
                resource=asked.resource,
                state=asked.state,
                after=asked.after,
                limit=asked.limit,
            ),
        ),
        Offer(
            wire.OVERDUE,
            lambda asked, by: tuple(
                one for one in service.overdue(at=asked.at, soon=asked.soon) if seen.is_for(one.party, by)
            ),
        ),
        Offer(wire.NOTICES, lambda asked, by: service.notices(seen.party(asked.party, by))),
        Offer(wire.STATISTICS, lambda _, by: (seen.party("", by), service.statistics())[1]),
        Offer(wire.EVIDENCE, lambda asked, by: service.evidence(seen.case(asked.case_id, by).case_id)),
    )


class _Seen:
    """What a department may look at."""

    def __init__(self, service: SharingService, party_of: Callable[[Asking], str] | None) -> None:
        self._service, self._party_of = service, party_of

    def is_for(self, party: str, by: Asking) -> bool:
        return self._party_of is None or (party != "" and party == self._party_of(by))

    def party(self, wanted: str, by: Asking) -> str:
        if self._party_of is None:
            return wanted
        own = self._party_of(by)
        if not own or wanted not in ("", own):
            raise refuse("sharing.caller", found=own or Text("nobody", "未注明的调用方"))
        return own

    def case(self, case_id: str, by: Asking) -> SharingCase:
        found = self._service.case(case_id)
        if not any(self.is_for(party, by) for party in (found.requester, found.provider)):
            # as if there were none: whose cases there are is nobody else's to know
            raise refuse("sharing.case_unknown", found=case_id)
        return found
