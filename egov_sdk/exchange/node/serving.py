"""Offer a node over HTTP: to the applications of its department, and, apart from that, to its partners."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Final

from egov_sdk.errors import EgovError, LimitExceeded
from egov_sdk.exchange._failures import log_failure
from egov_sdk.exchange.node import wire
from egov_sdk.exchange.node.attaching import Attaching
from egov_sdk.exchange.node.local import LocalExchangeService
from egov_sdk.exchange.node.parcels import Refusal
from egov_sdk.exchange.node.problems import NodeRejected
from egov_sdk.exchange.node.service import ExchangeService
from egov_sdk.exchange.node.transport import PARCEL_PATH, PARCEL_TYPE
from egov_sdk.gateway.asgi import Received, Reply, ThreadedApp
from egov_sdk.gateway.serving import Offer, Offers

__all__ = ["offers", "partner_app"]

_MOST_BYTES: Final = 64 << 20
_WAIT_S: Final = "5"


def offers(service: ExchangeService) -> Offers:
    """The operations of a service, to be put into an ``OperationApp``, for the department's own applications only.

    Files go in and out by parts, which the node itself keeps: a service that is elsewhere offers none of that.
    """
    return (*_offers(service), *(_files(service.node.attachments) if isinstance(service, LocalExchangeService) else ()))


def _files(files: Attaching) -> Offers:
    return (
        Offer(wire.OFFER, lambda asked, _: files.offer(asked.attachment, asked.manifest)),
        Offer(wire.BRING, lambda asked, _: files.bring(asked.attachment, asked.first, asked.content)),
        Offer(wire.PART, lambda asked, _: files.part(asked.number, asked.name, offset=asked.offset)),
    )


def _offers(service: ExchangeService) -> Offers:
    return (
        Offer(wire.SEND, lambda asked, _: service.send(asked.draft)),
        Offer(wire.LIST, lambda asked, _: service.messages(**dict(asked))),
        Offer(wire.FIND, lambda asked, _: service.find(asked.number)),
        Offer(wire.RECEIPT, lambda asked, _: service.receipt(asked.number) or b""),
        Offer(wire.EVIDENCE, lambda asked, _: service.evidence(asked.number)),
        Offer(
            wire.REPLAY,
            lambda asked, by: service.replay(asked.number, reason=asked.reason, actor=by.named(asked.actor)),
        ),
        Offer(
            wire.CANCEL,
            lambda asked, by: service.cancel(asked.number, reason=asked.reason, actor=by.named(asked.actor)),
        ),
        Offer(wire.STATUS, lambda _asked, _: service.status()),
        Offer(wire.HEALTH, lambda _asked, _: service.health()),
        Offer(wire.METRICS, lambda _asked, _: service.metrics().encode()),
    )


def partner_app(
    accept: Callable[[bytes], bytes], *, path: str = PARCEL_PATH, max_body_bytes: int = _MOST_BYTES
) -> ThreadedApp:
    """An ASGI application that takes parcels of partners: ``partner_app(node.accept)``.

    What a parcel is and who sent it the node itself decides; that the connection is one of a partner, a proxy or
    ``SignedRequests`` around it may.

    Args:
        path: Where it takes them.
        max_body_bytes: Larger parcels are refused while they are read.
    """

    def answer(received: Received) -> Reply:
        if received.path != path:
            return Reply(404)
        if received.method != "POST":
            return Reply(405, headers=(("allow", "POST"),))
        if received.media_type != PARCEL_TYPE:
            return Reply(415)
        try:
            return Reply(200, accept(received.body), content_type=PARCEL_TYPE)
        except LimitExceeded as error:
            return _no(413, error)
        except (EgovError, OSError) as error:
            log_failure("a parcel was not taken", error)
            return _no(503, error)

    return ThreadedApp(answer, max_body_bytes=max_body_bytes)


def _no(status: int, error: Exception) -> Reply:
    if isinstance(error, (LimitExceeded, NodeRejected)):
        refusal = Refusal.of(error)
    else:
        # what failed here is nobody's business there
        refusal = Refusal(message="", code="egov.platform", origin="receiver")
    value = json.loads(refusal.to_json())
    headers = (("retry-after", _WAIT_S),) if status == 503 else ()
    return Reply(status, json.dumps(value, ensure_ascii=False).encode(), headers=headers)
