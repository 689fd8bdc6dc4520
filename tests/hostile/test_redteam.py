"""What once passed and must not: every forgery made of genuine parts is stopped by the check that names it."""

from __future__ import annotations

import pytest

from egov_sdk.pki import TrustStore
from egov_sdk.report import Outcome
from egov_sdk.seal import Policy, verify
from tests.hostile.redteam import FORGERIES, clerk
from tests.world import NOW, assert_verifies, world


@pytest.mark.parametrize("name", sorted(FORGERIES))
def test_a_forgery_of_genuine_parts_does_not_pass_and_the_right_check_says_why(name: str) -> None:
    forgery = FORGERIES[name]
    document, policy = forgery.make(world())
    report = verify(document, policy=policy)
    assert report.outcome is not Outcome.PASSED
    found = {(check.id, check.reason) for check in report.blocking}
    assert (forgery.expected.check, forgery.expected.reason) in found, sorted(found)


def test_two_people_who_sign_the_whole_document_are_both_believed() -> None:
    signed = world().stamped(world().stamped(), by=clerk(world()))
    report = assert_verifies(signed, world().policy())
    assert len(report.of("trust.signer_certificate")) == 2


def test_seal_makers_of_their_own_are_the_only_ones_who_make_seals() -> None:
    """Without them every certificate under the anchor makes seals; with them only theirs do."""
    office, stranger = world().office, world().stranger
    theirs = Policy.standard(trust=world().trust, at=NOW, seal_makers=[stranger.ca.certificate])
    report = verify(world().stamped(), policy=theirs)
    assert [check.reason for check in report.of("trust.seal_maker")] == ["cert_untrusted"]
    assert {check.reason for check in report.of("trust.signer_certificate")} == {"ok"}
    own = Policy.standard(trust=world().trust, at=NOW, seal_makers=TrustStore([office.maker_certificate]))
    assert_verifies(world().stamped(), own)


def test_no_seal_makers_at_all_leave_the_maker_undecided() -> None:
    policy = Policy.standard(trust=world().trust, at=NOW, seal_makers=())
    assert [check.reason for check in verify(world().stamped(), policy=policy).of("trust.seal_maker")] == ["no_anchors"]
