"""The clients of dialects are services of licences: the same methods, taking and giving the same."""

from __future__ import annotations

import inspect

from egov_sdk.license.dialects import base, client
from egov_sdk.license.service import LicenseService
from tests.house.twins import methods, twin_problems


def test_the_bases_offer_what_a_service_offers() -> None:
    twins: dict[str, type | None] = {"DialectClient": base.DialectClient, "AsyncDialectClient": base.AsyncDialectClient}
    assert twin_problems(LicenseService, twins) == []


def test_what_a_client_adds_its_twin_adds_too() -> None:
    for name in ("NationalLicenseClient", "LicenseAppClient"):
        one, other = getattr(client, name), getattr(client, f"Async{name}")
        assert methods(one).keys() == methods(other).keys()
        for method in methods(one):
            assert inspect.signature(methods(one)[method]) == inspect.signature(methods(other)[method])
            assert inspect.iscoroutinefunction(methods(other)[method])
        given, awaited = (inspect.signature(kind.__init__).parameters for kind in (one, other))
        assert {**given, "gateway": None} == {**awaited, "gateway": None}
