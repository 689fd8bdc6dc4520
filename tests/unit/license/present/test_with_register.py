"""From the register to the gate: issued, shown, scanned without a network, revoked, refused."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from egov_sdk.crypto import SM2PrivateKey
from egov_sdk.identity.trusting import CertificateTrust
from egov_sdk.license.identifier import LicenseIdentifier
from egov_sdk.license.model import LicenseChange
from egov_sdk.license.present import (
    Expected,
    LicenseIssuer,
    PresentationPolicy,
    StatusList,
    attest,
    check_presentation,
    items_of,
    read_presentation,
    read_status_list,
)
from egov_sdk.license.states import LicenseAction
from egov_sdk.report import Outcome, Report
from tests.license_world import BUREAU, COMPANY, PERMIT, LicenseTown, company_draft, token_key
from tests.world import world

GATE = Expected(audience="gate-7", type_code=PERMIT.code)


@pytest.fixture
def town() -> Iterator[LicenseTown]:
    made = LicenseTown.at("sqlite://")
    yield made
    made.store.close()


def fetched(town: LicenseTown) -> StatusList:
    return read_status_list(town.service.status_list(PERMIT.code))


def scanned(town: LicenseTown, text: str, status: StatusList, *, at: datetime | None = None) -> Report:
    _, certificate = token_key()
    policy = PresentationPolicy(
        trusting=CertificateTrust(trust=world().trust),
        issuers=(LicenseIssuer(subjects=frozenset({certificate.subject.text}), type_codes=frozenset({PERMIT.code})),),
    )
    moment = at or town.watch()
    return check_presentation(text, policy=policy, at=moment, status_lists=[status], expected=GATE).report


def shown(town: LicenseTown, identifier: LicenseIdentifier) -> str:
    return town.service.present(identifier, audience="gate-7", fields=("holder_name", "identifier")).token


def reason(report: Report, check_id: str = "coverage.status") -> str:
    return report.of(check_id)[0].reason


def test_a_licence_is_shown_scanned_revoked_and_refused(town: LicenseTown) -> None:
    issued = town.service.issue(company_draft())
    text = shown(town, issued.identifier)
    assert read_presentation(text).fields == {"holder_name": COMPANY.name, "identifier": str(issued.identifier)}
    before = fetched(town)
    assert scanned(town, text, before).outcome is Outcome.PASSED
    town.watch.wait(seconds=20)
    town.service.act(issued.identifier, LicenseAction.REVOKE, reason="违法")
    assert scanned(town, text, before).outcome is Outcome.PASSED  # nothing of it was heard here yet
    report = scanned(town, text, fetched(town))
    assert report.outcome is Outcome.FAILED
    assert reason(report) == "ended"
    assert report.of("coverage.status")[0].message.zh == "证照已失效：吊销"


def test_a_licence_that_is_held_is_refused_until_it_is_given_back(town: LicenseTown) -> None:
    issued = town.service.issue(company_draft())
    text = shown(town, issued.identifier)
    town.service.act(issued.identifier, LicenseAction.SUSPEND, reason="整改")
    assert reason(scanned(town, text, fetched(town))) == "suspended"
    town.service.act(issued.identifier, LicenseAction.RESUME, reason="已整改")
    assert scanned(town, text, fetched(town)).outcome is Outcome.PASSED


def test_what_was_shown_of_an_older_version_is_refused(town: LicenseTown) -> None:
    issued = town.service.issue(company_draft())
    text = shown(town, issued.identifier)
    changed = town.service.change(issued.identifier, LicenseChange(fields={"法定代表人": "王五"}), reason="变更")
    assert reason(scanned(town, text, fetched(town))) == "ended"
    assert scanned(town, shown(town, changed.identifier), fetched(town)).outcome is Outcome.PASSED


def test_an_attestation_over_a_licence_of_the_register_ends_with_it(town: LicenseTown) -> None:
    """The issuer attests everything of the licence for a device, at the place that the register drew for it."""
    issued = town.service.issue(company_draft())
    signer, _ = token_key()
    device = SM2PrivateKey.generate()
    credential = attest(
        PERMIT.code,
        items_of(issued.metadata),
        holder_key=device.public_key(),
        status=town.service.register.shows.status_of(issued.identifier),
        signer=signer,
        valid_from=town.watch(),
        valid_until=town.watch() + timedelta(days=30),
    )
    assert credential.fields["issuer_name"] == BUREAU.name
    text = credential.present(show=["number", "KZ_主体业态"], signer=device, at=town.watch(), audience="gate-7").text
    assert scanned(town, text, fetched(town)).outcome is Outcome.PASSED
    town.service.act(issued.identifier, LicenseAction.CANCEL, reason="本人申请")
    assert reason(scanned(town, text, fetched(town))) == "ended"
