"""Our own interface of a province: the operations of its services, each for callers with a role that has it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from egov_sdk.gateway.operations import AnyOperation
from egov_sdk.gateway.refusals import refuse
from egov_sdk.gateway.serving import Asking, Offers
from egov_sdk.license.serving import offers as license_offers
from egov_sdk.platform.callers import CallerBook, Callers
from egov_sdk.seal.serving import offers as seal_offers

if TYPE_CHECKING:
    from egov_sdk.door.office import LocalOffice

__all__ = ["guarded_offers", "operations_of"]


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


def _offers(office: LocalOffice, callers: Callers) -> Offers:
    return (
        *seal_offers(office.seal, speaks_for=callers.speaks_for),
        *license_offers(office.license, authority=office.secrets.code, speaks_for=callers.speaks_for),
    )
