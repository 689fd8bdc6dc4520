"""What the catalogue says of a resource by now: when it is asked for, and again each time that it is used."""

from __future__ import annotations

from pydantic import ValidationError

from egov_sdk.exchange.catalog.problems import CatalogRejected
from egov_sdk.exchange.catalog.store import LocalCatalog
from egov_sdk.exchange.catalog.terms import LifeCycle
from egov_sdk.exchange.sharing.model import Resource

__all__ = ["published"]


def published(catalog: LocalCatalog, code: str) -> Resource | None:
    """What is published under a code; None where nothing is that could be shared."""
    try:
        stored = catalog.get(code)
    except CatalogRejected:
        return None
    # a version before the latest is shown only where it was published
    is_published = stored.state is LifeCycle.PUBLISHED or stored.version < stored.latest
    entry = stored.entry
    if not is_published or entry.sharing.type is None or not entry.items:
        return None
    try:
        return Resource(
            code=code,
            version=stored.version,
            provider=entry.provider.code,
            sharing=entry.sharing.type,
            condition=entry.sharing.condition,
            basis=entry.sharing.basis,
            items=tuple(dict.fromkeys(item.name for item in entry.items)),
        )
    except ValidationError:
        # nobody whose code is known provides it, or it is described at greater length than a case may hold
        return None
