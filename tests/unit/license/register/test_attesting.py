"""A credential for the holder's own key: from the register, good offline until the licence is not."""

from __future__ import annotations

from datetime import timedelta

import pytest

from egov_sdk.crypto import InvalidSignature, SM2PrivateKey
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
from tests.license_world import PERMIT, LicenseTown, company_draft, refused, token_key
from tests.world import world

DEVICE = SM2PrivateKey.from_int(11)
CHALLENGE = b"a challenge"
DAY = timedelta(days=1)


def _attest(town: LicenseTown, identifier: LicenseIdentifier | str, *, lifetime: timedelta = DAY) -> HolderCredential:
    return town.service.register.shows.attest(
        identifier,
        holder_key=DEVICE.public_key(),
        proof=prove_holder_key(DEVICE, challenge=CHALLENGE),
        challenge=CHALLENGE,
        lifetime=lifetime,
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


def test_it_ends_with_its_lifetime_and_with_the_licence_s_term() -> None:
    town = LicenseTown.at()
    short = town.service.issue(company_draft("JY1", valid_until=town.watch().date()))
    assert _attest(town, short.identifier, lifetime=300 * DAY).attested.valid_until - town.watch() <= DAY
    credential = _attest(town, town.service.issue(company_draft("JY2")).identifier)
    assert credential.attested.valid_until == town.watch() + DAY
    town.watch.wait(days=2)
    with pytest.raises(ValueError, match="term"):
        _checked(town, credential)


def test_a_device_without_the_key_gets_nothing() -> None:
    town = LicenseTown.at()
    issued = town.service.issue(company_draft())
    shows, other = town.service.register.shows, SM2PrivateKey.from_int(12)
    for key, challenge in ((other, CHALLENGE), (DEVICE, b"another one")):
        with pytest.raises(InvalidSignature):
            shows.attest(
                issued.identifier,
                holder_key=DEVICE.public_key(),
                proof=prove_holder_key(key, challenge=challenge),
                challenge=CHALLENGE,
                lifetime=DAY,
            )
    assert "license.attested" not in {action for action, _, _ in town.audited()}


@pytest.mark.parametrize("lifetime", [timedelta(0), -DAY, 367 * DAY])
def test_a_lifetime_has_bounds(lifetime: timedelta) -> None:
    town = LicenseTown.at()
    issued = town.service.issue(company_draft())
    refused("lifetime", lambda: _attest(town, issued.identifier, lifetime=lifetime))


def test_what_is_not_there_is_not_attested() -> None:
    town = LicenseTown.at()
    absent = LicenseIdentifier.build(type_code=PERMIT.code, issuer_code="1" * 18, serial="1")
    refused("license_unknown", lambda: _attest(town, absent))
