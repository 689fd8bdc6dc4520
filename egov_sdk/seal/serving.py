"""Offer a service of seals to others over this library's own REST interface."""

from __future__ import annotations

from collections.abc import Callable, Container

from egov_sdk.gateway.serving import Asking, Offer, Offers
from egov_sdk.report_wire import dump_report
from egov_sdk.seal import wire
from egov_sdk.seal.problems import refuse
from egov_sdk.seal.service import SealService

__all__ = ["SpeaksFor", "offers"]

#: The codes of the owners that a caller may speak for; what is to be done with the seal of another one is refused.
SpeaksFor = Callable[[str], Container[str]]


def offers(service: SealService, *, speaks_for: SpeaksFor | None = None) -> Offers:
    """The operations of a service, to be put into an ``OperationApp``.

    Args:
        speaks_for: Given the caller that the gateway made sure of, the codes of the owners whose seals it may have
            made, use, suspend and revoke. Without it every caller is believed: only for a service that one
            department's programs alone can reach.
    """

    def mine(owner_code: str, by: Asking) -> None:
        if speaks_for is not None and owner_code not in speaks_for(by.caller):
            raise refuse("owner_refused", found=owner_code)

    def make(asked: wire.Make, by: Asking) -> object:
        mine(asked.request.owner.code, by)
        return service.make(asked.request)

    def act(asked: wire.Act, by: Asking) -> object:
        mine(service.find(asked.seal_id).owner.code, by)
        return service.act(asked.seal_id, asked.action, reason=asked.reason, actor=by.named(asked.actor))

    def stamp(asked: wire.Stamp, by: Asking) -> object:
        mine(service.find(asked.seal_id).owner.code, by)
        actor = by.named(asked.actor)
        return service.stamp(asked.document, asked.seal_id, at=asked.at, reason=asked.reason, actor=actor)

    def uses(asked: wire.UsesOf, by: Asking) -> object:
        mine(service.find(asked.seal_id).owner.code, by)
        return service.uses(asked.seal_id, after=asked.after, limit=asked.limit)

    return (
        Offer(wire.MAKE, make),
        Offer(wire.LIST, lambda asked, _: service.seals(owner_code=asked.owner_code)),
        Offer(wire.FIND, lambda asked, _: service.find(asked.seal_id)),
        Offer(wire.ACT, act),
        Offer(wire.STAMP, stamp),
        Offer(wire.USES, uses),
        Offer(wire.VERIFY, lambda asked, _: dump_report(service.verify(asked.document, at=asked.at))),
    )
