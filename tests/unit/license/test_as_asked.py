"""Platforms that answer with something else than was asked: nothing of it is handed on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from egov_sdk.crypto import sm3
from egov_sdk.gateway import GatewayClient, in_process
from egov_sdk.gateway.errors import AnswerMalformed
from egov_sdk.gateway.removed import removed_octets
from egov_sdk.gateway.serving import OperationApp
from egov_sdk.license.client import LicenseClient
from egov_sdk.license.model import LicenseChange, LicensePage, ShownLicense
from egov_sdk.license.serving import offers
from egov_sdk.license.states import LicenseAction, LicenseState
from tests.license_world import (
    CERTIFICATE,
    COMPANY,
    COUNTY,
    HALL,
    PERMIT,
    LicenseTown,
    company_draft,
    function_use,
)

ADDRESS = "https://licences.example"


@pytest.fixture
def town() -> Iterator[LicenseTown]:
    made = LicenseTown.at()
    yield made
    made.store.close()


class Lying:
    """A service that says something else where it is told what."""

    def __init__(self, made: LicenseTown, **lies: Callable[[], object]) -> None:
        self._made, self._lies = made, lies

    def __getattr__(self, name: str) -> Any:
        if name in self._lies:
            return lambda *given, **named: self._lies[name]()
        return getattr(self._made.service, name)


def client(made: LicenseTown, **lies: Callable[[], object]) -> LicenseClient:
    app = OperationApp(offers(Lying(made, **lies)))
    return LicenseClient(GatewayClient(ADDRESS, transport=in_process.transport(app)))


def test_another_licence_than_the_one_that_was_asked_for_is_no_answer(town: LicenseTown) -> None:
    service, use = town.service, function_use()
    one, other = service.issue(company_draft("N1")), service.issue(company_draft("N2"))
    until = town.watch() + timedelta(days=1)
    lying = client(
        town,
        type_of=lambda: CERTIFICATE,
        get=lambda: other,
        redeem=lambda: one.model_copy(update={"metadata": other.metadata}),
        act=lambda: service.register.find(other.identifier),
        change=lambda: other,
        renew=lambda: one,
        issue=lambda: one,
        history=lambda: service.history(other.identifier),
        annotated_copy=lambda: service.annotated_copy(other.identifier, use=use, requester=HALL, valid_until=until),
        use_code=lambda: service.use_code(other.identifier, use=use),
        present=lambda: service.present(one.identifier, audience="somebody else"),
        fetch_showing=lambda: (
            ShownLicense(identifier=one.identifier, type_code=PERMIT.code, items={}, license=other),
        ),
    )
    for ask in (
        lambda: lying.type_of(PERMIT.code),
        lambda: lying.get(one.identifier, use=use),
        lambda: lying.redeem("X", requester=HALL.code),
        lambda: lying.act(one.identifier, LicenseAction.SUSPEND, reason="x"),
        lambda: lying.change(one.identifier, LicenseChange(area_code="430000"), reason="x"),
        lambda: lying.renew(one.identifier, valid_until=date(2036, 5, 31)),
        lambda: lying.issue(company_draft("N3")),
        lambda: lying.issue(company_draft("N1", issuer=COUNTY)),
        lambda: lying.issue(company_draft("N1", serial="S1")),
        lambda: lying.history(one.identifier),
        lambda: lying.annotated_copy(one.identifier, use=use, requester=HALL, valid_until=until),
        lambda: lying.use_code(one.identifier, use=use),
        lambda: lying.present(one.identifier),
        lambda: lying.fetch_showing("X", verifier=HALL.code),
    ):
        with pytest.raises(AnswerMalformed, match="not what was asked for"):
            ask()
    assert lying.issue(company_draft("N1")) == one


def test_a_recording_has_no_file_of_a_licence_and_nothing_else_in_its_place(town: LicenseTown) -> None:
    one = town.service.issue(company_draft("N1"))
    found = {"there": one.model_copy(update={"file": removed_octets(7)})}
    replayed = client(town, get=lambda: found["there"])
    assert replayed.get(one.identifier, use=function_use()).file == removed_octets(7)
    for behind in (b"\n", one.file):
        found["there"] = one.model_copy(update={"file": removed_octets(7) + behind})
        with pytest.raises(AnswerMalformed, match="not the one of its digest"):
            replayed.get(one.identifier, use=function_use())


@pytest.mark.parametrize("what", ["digest", "swapped", "no file", "no metadata"])
def test_a_file_that_is_not_the_licence_s_is_no_answer(town: LicenseTown, what: str) -> None:
    one, other = town.service.issue(company_draft("N1")), town.service.issue(company_draft("N2"))
    wrong = {
        "digest": one.model_copy(update={"file_digest": other.file_digest}),
        "swapped": one.model_copy(update={"file_digest": other.file_digest, "file": other.file}),
        "no file": one.model_copy(update={"file": b"", "file_digest": _digest(b"")}),
        "no metadata": one.model_copy(update={"file": b"%PDF-1.4", "file_digest": _digest(b"%PDF-1.4")}),
    }[what]
    lying = client(town, get=lambda: wrong, redeem=lambda: wrong)
    with pytest.raises(AnswerMalformed):
        lying.get(one.identifier, use=function_use())
    with pytest.raises(AnswerMalformed):
        lying.redeem("X", requester=HALL.code)


def _digest(octets: bytes) -> str:
    return sm3(octets).hex()


def test_a_search_has_what_was_searched_and_its_pages_end(town: LicenseTown) -> None:
    service, use = town.service, function_use()
    records = tuple(service.register.find(service.issue(company_draft(n)).identifier) for n in ("N1", "N2"))
    found: dict[str, Any] = {"records": records}
    lying = client(town, search=lambda: LicensePage(**found))
    assert lying.search(COMPANY.code.lower(), use=use).records == records
    for wrong in (
        {"holder_code": HALL.code},
        {"type_code": CERTIFICATE.code},
        {"states": frozenset({LicenseState.REVOKED})},
        {"page_size": 1},
    ):
        asked: dict[str, Any] = {"holder_code": COMPANY.code} | wrong
        with pytest.raises(AnswerMalformed, match="not what was asked for"):
            lying.search(asked.pop("holder_code"), use=use, **asked)
    found["next_page"] = "again"
    assert lying.search(COMPANY.code, use=use).next_page == "again"
    with pytest.raises(AnswerMalformed, match="no end"):
        lying.search(COMPANY.code, use=use, page="again")


def test_a_report_as_of_another_time_is_no_answer(town: LicenseTown) -> None:
    file = town.service.issue(company_draft()).file
    asked = town.watch() + timedelta(days=1)
    report = town.service.verify(file, at=asked)
    lying = client(town, verify=lambda: report)
    assert {lying.verify(file, at=asked).verified_at, lying.verify(file).verified_at} == {asked}
    with pytest.raises(AnswerMalformed, match="another time"):
        lying.verify(file, at=asked + timedelta(days=1))
