"""Our own interface of a province: the operations of its services, each for callers with a role that has it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

from egov_sdk.exchange.node.serving import offers as exchange_offers
from egov_sdk.exchange.node.serving import partner_app
from egov_sdk.exchange.node.transport import PARCEL_PATH
from egov_sdk.gateway.operations import AnyOperation
from egov_sdk.gateway.refusals import refuse
from egov_sdk.gateway.serving import Asking, Offers
from egov_sdk.license.serving import offers as license_offers
from egov_sdk.platform.callers import CallerBook, Callers
from egov_sdk.platform.parts import Part
from egov_sdk.seal.serving import offers as seal_offers

if TYPE_CHECKING:
    from egov_sdk.door.office import LocalOffice
    from egov_sdk.exchange.node import ExchangeService

__all__ = ["guarded_offers", "operations_of", "partner_part"]


def operations_of(office: LocalOffice) -> tuple[AnyOperation, ...]:
    """The operations that a province with this office offers."""
    return tuple(one.operation for one in _offers(office, CallerBook()))


def guarded_offers(office: LocalOffice, callers: Callers) -> Offers:
    """What it offers, for callers with a role that has the operation."""

    def guard(name: str, handler: Callable[[object, Asking], object]) -> Callable[[object, Asking], object]:
        def guarded(question: object, asking: Asking) -> object:
            if not callers.may(asking.caller, name):
                raise refuse("refused.service_mismatch", caller=asking.caller, found=name)
            return handler(question, asking)

        return guarded

    return tuple(replace(one, handler=guard(one.operation.name, one.handler)) for one in _offers(office, callers))


def partner_part(office: LocalOffice) -> Part:
    """Where nodes of other departments hand over their messages; the office's node makes sure of them."""
    path, name = PARCEL_PATH.rsplit("/", 1)
    return Part(
        name="exchange.parcels", path=path, app=partner_app(lambda data: office.node.accept(data), path=f"/{name}")
    )


def _offers(office: LocalOffice, callers: Callers) -> Offers:
    return (
        *seal_offers(office.seal, speaks_for=callers.speaks_for),
        *license_offers(office.license, authority=office.secrets.code, speaks_for=callers.speaks_for),
        *exchange_offers(cast("ExchangeService", _Exchange(office))),
    )


@dataclass(frozen=True, slots=True)
class _Exchange:
    """The exchange of an office, whose node is made when it is first asked: not every province exchanges."""

    office: LocalOffice

    def __getattr__(self, name: str) -> object:
        return getattr(self.office.exchange, name)
