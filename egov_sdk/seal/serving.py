"""Offer a service of seals to others over this library's own REST interface."""

from __future__ import annotations

from egov_sdk.gateway.serving import Offer, Offers
from egov_sdk.report_wire import dump_report
from egov_sdk.seal import wire
from egov_sdk.seal.service import SealService

__all__ = ["offers"]


def offers(service: SealService) -> Offers:
    """The operations of a service, to be put into an ``OperationApp``."""
    return (
        Offer(wire.MAKE, lambda asked, _: service.make(asked.request)),
        Offer(wire.LIST, lambda asked, _: service.seals(owner_code=asked.owner_code)),
        Offer(wire.FIND, lambda asked, _: service.find(asked.seal_id)),
        Offer(
            wire.ACT,
            lambda asked, by: service.act(
                asked.seal_id, asked.action, reason=asked.reason, actor=by.named(asked.actor)
            ),
        ),
        Offer(
            wire.STAMP,
            lambda asked, by: service.stamp(
                asked.document, asked.seal_id, at=asked.at, reason=asked.reason, actor=by.named(asked.actor)
            ),
        ),
        Offer(wire.USES, lambda asked, _: service.uses(asked.seal_id, after=asked.after, limit=asked.limit)),
        Offer(wire.VERIFY, lambda asked, _: dump_report(service.verify(asked.document, at=asked.at))),
    )
