"""The pages of the console, one module for each part of the menu."""

from __future__ import annotations

from egov_sdk.platform.console.views import audit, exchange, faults, licenses, overview, people, seals, staff

__all__ = ["ROUTES"]

#: Every page and act, with who may ask for it.
ROUTES = (
    *overview.ROUTES,
    *people.ROUTES,
    *seals.ROUTES,
    *licenses.ROUTES,
    *exchange.ROUTES,
    *audit.ROUTES,
    *staff.ROUTES,
    *faults.ROUTES,
)
