"""A credential for the holder's own key: from the register, good offline until the licence is not."""

from __future__ import annotations

from datetime import timedelta

import pytest

from egov_sdk.crypto import SM2PrivateKey
from egov_sdk.identity.trusting import CertificateTrust
from egov_sdk.license.identifier import LicenseIdentifier
from egov_sdk.license.present import (
    Expected,
    HolderCredential,
    LicenseIssuer,
    PresentationPolicy,
    check_presentation,
    read_status_list,
)
from egov_sdk.license.present.attestation import prove_holder_key
from egov_sdk.license.states import LicenseAction
from egov_sdk.report import Outcome, Report
from tests.license_world import COMPANY, PERMIT, LicenseTown, company_draft, refused, token_key
from tests.world import world

DEVICE = SM2PrivateKey.from_int(11)
DAY = timedelta(days=1)


def _attest(town: LicenseTown, identifier: LicenseIdentifier | str) -> HolderCredential:
    challenge = town.service.holder_challenge(identifier, holder_code=COMPANY.code).value
    return town.service.attest(
        identifier,
        holder_code=COMPANY.code,
        holder_key=DEVICE.public_key(),
        challenge=challenge,
        proof=prove_holder_key(DEVICE, challenge=challenge),
        lifetime=DAY,
    )


def _checked(town: LicenseTown, credential: HolderCredential) -> Report:
    certificate = token_key()[1]
    issuer = LicenseIssuer(subjects=frozenset({certificate.subject.text}), type_codes=frozenset({PERMIT.code}))
    policy = PresentationPolicy(trusting=CertificateTrust(trust=world().trust), issuers=(issuer,), holder_key=True)
    shown = credential.present(show=["number"], signer=DEVICE, at=town.watch(), audience="gate-7")
    listed = read_status_list(town.service.status_list(PERMIT.code))
    expected = Expected(audience="gate-7", items=("number",))
    return check_presentation(
        shown.text, policy=policy, at=town.watch(), status_lists=[listed], expected=expected
    ).report


def test_the_device_shows_it_alone_until_it_is_revoked() -> None:
    town = LicenseTown.at()
    issued = town.service.issue(company_draft())
    credential = HolderCredential.from_bytes(_attest(town, issued.identifier).to_bytes())
    assert credential.fields["number"] == issued.metadata.number
    assert _checked(town, credential).outcome is Outcome.PASSED
    town.service.act(issued.identifier, LicenseAction.REVOKE, reason="违法")
    assert [check.id for check in _checked(town, credential).blocking] == ["coverage.status"]
    refused("not_in_force", lambda: _attest(town, issued.identifier))
    noted = [action for action, _, _ in town.audited()]
    assert noted.count("license.attested") == 1
    town.assert_audit_holds()


def test_a_credential_shows_nothing_after_its_end() -> None:
    town = LicenseTown.at()
    credential = _attest(town, town.service.issue(company_draft()).identifier)
    town.watch.wait(days=2)
    with pytest.raises(ValueError, match="term"):
        _checked(town, credential)


def test_a_register_without_a_key_attests_nothing() -> None:
    town = LicenseTown.at(signs=False)
    issued = town.service.issue(company_draft())
    refused("key_missing", lambda: town.service.holder_challenge(issued.identifier, holder_code=COMPANY.code))
