"""What a verifier demands, and what follows: whom they trust, as at when, what they know of revocations and time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import FrozenInstanceError, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any, get_args

import pytest

from egov_sdk.crypto import SM2PrivateKey
from egov_sdk.crypto.der import generalized_time, octet_string, sequence
from egov_sdk.pki import Certificate, LocalCA, TrustStore
from egov_sdk.pki.local_ca import Revoked
from egov_sdk.pki.timestamp import LocalTSA
from egov_sdk.report import Outcome, Report
from egov_sdk.seal import Placement, Policy, parse_seal, sign, stamp, verify, verify_seal
from egov_sdk.seal.checks import ADVISORY, CHECKS, REQUIRED
from egov_sdk.seal.policy import ClaimedTime
from tests.unit.seal import ses
from tests.world import NOW, assert_verifies, seeded, world

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SOON = NOW + HOUR
EXPIRED = NOW + 1200 * DAY  # the signer's certificate and the seal are over, the maker's certificate is not
PASSED, FAILED, UNKNOWN, SKIPPED = Outcome.PASSED, Outcome.FAILED, Outcome.UNKNOWN, Outcome.SKIPPED


@cache
def plain() -> bytes:
    return world().stamped()


@cache
def stamped_with_time() -> bytes:
    tsa = world().tsa()
    return sealed(time_stamper=lambda octets: tsa.stamp(octets, at=NOW))


def sealed(**words: Any) -> bytes:
    office = world().office
    given: dict[str, Any] = {"seal": office.seal, "signer": office.signer, "signed_at": NOW, **words}
    return stamp(world().document, at=[Placement(page=1, x_mm=140, y_mm=230)], **given)


def standard(at: datetime = SOON, **words: Any) -> Policy:
    return Policy.standard(**{"trust": world().trust, "at": at, **words})


def strict(at: datetime = SOON, **words: Any) -> Policy:
    return Policy.strict(**{"trust": world().trust, "at": at, **words})


def found(report: Report, check_id: str, subject: str = "s001") -> tuple[Outcome, str]:
    (check,) = report.of(check_id, subject=subject)
    return check.outcome, check.reason


def blocking(report: Report) -> set[tuple[str, str, str]]:
    return {(check.id, check.outcome.value, check.reason) for check in report.blocking}


def crl(*revoked: tuple[Certificate, datetime], at: datetime = SOON, ca: LocalCA | None = None) -> bytes:
    issuer = ca or world().office.ca
    return issuer.crl(at=at, revoked=[Revoked(certificate.serial_number, moment) for certificate, moment in revoked])


# ====================================================================== whom to trust


@pytest.mark.parametrize("trust", [None, (), TrustStore(())], ids=["none", "nobody", "empty store"])
def test_whoever_trusts_nobody_decides_no_trust_and_keeps_the_rest(trust: Any) -> None:
    report = verify(plain(), policy=standard(trust=trust))
    assert {name: outcome.value for name, outcome in report.answers.items()} == {
        "integrity": "passed",
        "binding": "passed",
        "trust": "unknown",
        "coverage": "passed",
    }
    assert report.outcome is UNKNOWN
    assert {check.outcome for check in report.checks if check.answer == "trust"} == {UNKNOWN}
    assert {check.answer for check in report.blocking} == {"trust"}
    assert "no_anchors" in {check.reason for check in report.blocking}


def test_a_time_stamp_decides_nothing_either_for_whoever_trusts_nobody() -> None:
    report = verify(stamped_with_time(), policy=standard(trust=None))
    assert {check.outcome for check in report.checks if check.answer == "trust"} == {UNKNOWN}
    assert found(report, "integrity.time_stamp") == (PASSED, "ok")


def test_trust_may_be_a_store_or_any_certificates() -> None:
    anchor = world().office.ca.certificate
    for trust in (TrustStore([anchor]), [anchor], (anchor,), iter([anchor]), {anchor}):
        assert_verifies(plain(), Policy.standard(trust=trust, at=SOON))


def test_another_root_makes_strangers_of_signer_and_maker() -> None:
    report = verify(plain(), policy=standard(trust=[world().stranger.ca.certificate]))
    assert report.outcome is FAILED
    assert ("trust.signer_certificate", "failed", "cert_untrusted") in blocking(report)
    assert ("trust.seal_maker", "failed", "cert_untrusted") in blocking(report)
    assert found(report, "trust.signer_revocation") == (UNKNOWN, "no_chain")


def test_trusting_only_the_signer_does_not_make_the_maker_trusted() -> None:
    report = verify(plain(), policy=standard(trust=[world().office.certificate]))
    assert blocking(report) == {("trust.seal_maker", "failed", "cert_untrusted")}


@cache
def under_a_branch() -> tuple[bytes, LocalCA]:
    """A document whose signer and maker stand under a subordinate CA."""
    office = world().office
    branch = office.ca.subordinate(
        "Province Branch", at=NOW - 50 * DAY, key=SM2PrivateKey.generate(random=seeded("sub"))
    )
    maker = branch.issue("seal_maker", "Branch Maker", office.maker.public_key(), at=NOW - 40 * DAY, days=900)
    signer = branch.issue("signer", "Branch Bureau", office.signer.public_key(), at=NOW - 40 * DAY, days=900)
    seal = ses.seal(cert=octet_string(maker.raw), holders=sequence(octet_string(signer.raw)))
    return sealed(seal=seal), branch


def test_a_certificate_between_must_be_at_hand() -> None:
    data, branch = under_a_branch()
    report = verify(data, policy=standard())
    assert blocking(report) == {
        ("trust.signer_certificate", "failed", "cert_untrusted"),
        ("trust.signing_time", "unknown", "time_unproven"),
        ("trust.seal_maker", "failed", "cert_untrusted"),
    }
    assert_verifies(data, standard(intermediates=[branch.certificate]))
    assert_verifies(data, standard(intermediates=[world().stranger.ca.certificate, branch.certificate]))
    assert_verifies(data, standard(trust=[branch.certificate]))


def test_a_certificate_between_is_not_trusted_for_being_at_hand() -> None:
    data, branch = under_a_branch()
    report = verify(data, policy=standard(trust=[world().stranger.ca.certificate], intermediates=[branch.certificate]))
    assert found(report, "trust.signer_certificate") == (FAILED, "cert_untrusted")


def test_a_branch_that_is_not_valid_when_the_signer_is_says_so_of_the_branch() -> None:
    office = world().office
    branch = office.ca.subordinate(
        "Short Branch", at=NOW - 50 * DAY, days=10, key=SM2PrivateKey.generate(random=seeded("short"))
    )
    signer = branch.issue("signer", "Short Bureau", office.signer.public_key(), at=NOW - 50 * DAY, days=900)
    data = sealed(seal=ses.seal(holders=sequence(octet_string(signer.raw))))
    report = verify(data, policy=standard(intermediates=[branch.certificate]))
    (check,) = report.of("trust.signer_certificate")
    assert (check.outcome, check.reason) == (FAILED, "cert_expired_at_signing")
    assert "Short Branch" in check.message.en
    assert "Short Branch" in check.message.zh
    assert "过期" in check.message.zh


def test_a_revoked_branch_revokes_those_below_it() -> None:
    data, branch = under_a_branch()
    lists = [crl((branch.certificate, NOW - DAY)), crl(ca=branch)]
    report = verify(data, policy=standard(intermediates=[branch.certificate], crls=lists))
    assert found(report, "trust.signer_certificate") == (FAILED, "cert_revoked_before")
    assert "Province Branch" in report.of("trust.signer_certificate")[0].message.en


# ====================================================================== what keys may do


@pytest.mark.parametrize("kind", ["encryption", "ca", "ocsp"])
def test_a_signer_needs_a_certificate_for_signing(kind: Any) -> None:
    office = world().office
    other = office.ca.issue(kind, f"A {kind}", office.signer.public_key(), at=NOW - DAY, days=99)
    data = sealed(seal=ses.seal(holders=sequence(octet_string(other.raw))))
    report = verify(data, policy=standard())
    assert found(report, "trust.signer_certificate") == (FAILED, "key_usage")


@pytest.mark.parametrize("kind", ["encryption", "ca"])
def test_a_maker_needs_a_certificate_for_signing(kind: Any) -> None:
    office = world().office
    other = office.ca.issue(kind, f"A {kind}", office.maker.public_key(), at=NOW - 200 * DAY, days=999)
    report = verify(sealed(seal=ses.seal(cert=octet_string(other.raw))), policy=standard())
    assert blocking(report) == {("trust.seal_maker", "failed", "key_usage")}


# ====================================================================== when


@pytest.mark.parametrize(
    ("claimed_time", "outcome", "check", "reason"),
    [
        ("if_still_valid", UNKNOWN, "trust.signing_time", "time_unproven"),
        ("accept", PASSED, "trust.signing_time", "claimed"),
        ("ignore", FAILED, "trust.signer_certificate", "cert_expired_at_signing"),
    ],
)
def test_what_an_unproven_time_is_worth_once_the_certificate_is_over(
    claimed_time: ClaimedTime, outcome: Outcome, check: str, reason: str
) -> None:
    report = verify(plain(), policy=standard(EXPIRED, claimed_time=claimed_time))
    assert found(report, check)[1] == reason
    if claimed_time == "ignore":
        assert found(report, "trust.seal_period") == (FAILED, "seal_expired")
        assert found(report, "trust.time_stamp") == (UNKNOWN, "absent")
    assert report.outcome is outcome


@pytest.mark.parametrize("claimed_time", get_args(ClaimedTime))
@pytest.mark.parametrize("at", [SOON, EXPIRED])
def test_a_proven_time_is_worth_the_same_whatever_the_policy_thinks_of_claims(
    claimed_time: ClaimedTime, at: datetime
) -> None:
    report = assert_verifies(stamped_with_time(), standard(at, claimed_time=claimed_time))
    assert found(report, "trust.signing_time") == (PASSED, "proven")


def test_while_the_certificate_is_good_the_claimed_time_does_not_matter() -> None:
    assert found(assert_verifies(plain(), standard()), "trust.signing_time") == (PASSED, "immaterial")
    accepting = assert_verifies(plain(), standard(claimed_time="accept"))
    assert found(accepting, "trust.signing_time") == (PASSED, "claimed")


def test_an_unproven_time_matters_once_the_seal_is_over_though_the_certificate_is_not() -> None:
    seal, certificate = world().office.seal, world().office.certificate
    at = seal.valid_to + DAY
    assert certificate.not_before < at < certificate.not_after
    report = verify(plain(), policy=standard(at))
    assert blocking(report) == {("trust.signing_time", "unknown", "time_unproven")}
    assert_verifies(plain(), standard(seal.valid_to))
    assert_verifies(stamped_with_time(), standard(at))


def test_a_policy_that_ignores_claims_cannot_pass_without_a_time_stamp() -> None:
    report = verify(plain(), policy=standard(claimed_time="ignore"))
    assert blocking(report) == {("trust.time_stamp", "unknown", "absent")}


def test_a_claim_of_a_time_before_the_certificate_began_is_refused() -> None:
    office = world().office
    early = office.certificate.not_before - DAY
    seal = parse_seal(ses.seal(valid_from=generalized_time(early - DAY), created=generalized_time(early - DAY)))
    report = verify(sealed(seal=seal, signed_at=early), policy=standard())
    assert found(report, "trust.signer_certificate") == (FAILED, "cert_expired_at_signing")


@pytest.mark.parametrize(
    ("ahead", "reason"),
    [(timedelta(minutes=4, seconds=59), "immaterial"), (timedelta(minutes=5), "immaterial"),
     (timedelta(minutes=5, seconds=1), "in_future"), (DAY, "in_future")],
)  # fmt: skip
def test_clocks_may_differ_by_the_tolerance_and_no_more(ahead: timedelta, reason: str) -> None:
    report = verify(plain(), policy=standard(NOW - ahead))
    assert found(report, "trust.signing_time")[1] == reason
    assert (report.outcome is PASSED) == (reason == "immaterial")


def test_a_proven_time_in_the_future_of_the_verification_is_undecided() -> None:
    report = verify(stamped_with_time(), policy=standard(NOW - DAY))
    assert found(report, "trust.signing_time") == (UNKNOWN, "in_future")
    wide = replace(standard(NOW - DAY), tolerance=2 * DAY)
    assert verify(stamped_with_time(), policy=wide).outcome is PASSED


@pytest.mark.parametrize("minutes", [-60, -5, 0, 5, 60])
def test_the_claimed_time_may_lie_before_the_time_stamp_and_hardly_after_it(minutes: int) -> None:
    tsa = world().tsa()
    data = sealed(time_stamper=lambda octets: tsa.stamp(octets, at=NOW - timedelta(minutes=minutes)))
    expected = (FAILED, "time_order") if minutes > 5 else (PASSED, "ok")
    assert found(verify(data, policy=standard()), "trust.time_stamp") == expected


def test_times_at_the_end_of_the_calendar_do_no_harm() -> None:
    last = datetime.max.replace(tzinfo=NOW.tzinfo)
    first = datetime.min.replace(tzinfo=NOW.tzinfo)
    assert [verify(plain(), policy=standard(at)).outcome for at in (first, last)] == [UNKNOWN, UNKNOWN]
    assert [verify(stamped_with_time(), policy=standard(at)).outcome for at in (first, last)] == [UNKNOWN, PASSED]


# ====================================================================== revocation of the signer


def signer_revoked(at: datetime, *, listed_at: datetime = SOON) -> dict[str, Any]:
    return {"crls": [crl((world().office.certificate, at), at=listed_at)]}


def test_a_signer_revoked_before_signing_is_refused() -> None:
    report = verify(plain(), policy=standard(**signer_revoked(NOW - DAY)))
    assert blocking(report) == {
        ("trust.signer_certificate", "failed", "cert_revoked_before"),
        ("trust.signing_time", "unknown", "time_unproven"),
    }
    assert found(report, "trust.signer_revocation") == (FAILED, "revoked")
    assert found(report, "trust.seal_maker_revocation") == (PASSED, "ok")


def test_a_time_stamp_does_not_help_a_signer_revoked_before_it() -> None:
    report = verify(stamped_with_time(), policy=standard(**signer_revoked(NOW - DAY)))
    assert blocking(report) == {("trust.signer_certificate", "failed", "cert_revoked_before")}


def test_a_signer_revoked_in_the_second_of_signing_is_refused() -> None:
    report = verify(stamped_with_time(), policy=standard(**signer_revoked(NOW)))
    assert found(report, "trust.signer_certificate") == (FAILED, "cert_revoked_before")


AFTER = NOW + timedelta(minutes=1)


@pytest.mark.parametrize(
    ("claimed_time", "outcome"), [("if_still_valid", UNKNOWN), ("accept", PASSED), ("ignore", FAILED)]
)
def test_a_signer_revoked_after_an_unproven_time_is_believed_by_policy(
    claimed_time: ClaimedTime, outcome: Outcome
) -> None:
    report = verify(plain(), policy=standard(claimed_time=claimed_time, **signer_revoked(AFTER)))
    assert report.outcome is outcome
    expected = (FAILED, "revoked") if claimed_time == "ignore" else (PASSED, "revoked_later")
    assert found(report, "trust.signer_revocation") == expected


@pytest.mark.parametrize("claimed_time", get_args(ClaimedTime))
def test_a_signer_revoked_after_a_proven_time_is_good(claimed_time: ClaimedTime) -> None:
    report = assert_verifies(stamped_with_time(), standard(claimed_time=claimed_time, **signer_revoked(AFTER)))
    assert found(report, "trust.signer_revocation") == (PASSED, "revoked_later")
    assert AFTER.isoformat() in report.of("trust.signer_revocation")[0].message.zh


def test_a_revocation_after_the_time_of_verification_is_told_and_does_not_count_yet() -> None:
    report = assert_verifies(plain(), standard(**signer_revoked(SOON + DAY, listed_at=SOON + 2 * DAY)))
    assert found(report, "trust.signer_revocation") == (PASSED, "revoked_later")


def test_a_list_that_does_not_name_the_signer_says_that_it_is_good() -> None:
    report = assert_verifies(plain(), standard(crls=[crl()]))
    assert found(report, "trust.signer_revocation") == (PASSED, "ok")
    assert found(report, "trust.seal_maker_revocation") == (PASSED, "ok")


@pytest.mark.parametrize(
    ("lists", "word"),
    [
        ([], "nothing tells"),
        ([b"no list"], "cannot be read"),
        ([crl(at=NOW - 30 * DAY)], "ended"),
        ([crl(ca=world().stranger.ca)], "nothing tells"),
        ([crl()[:-1] + b"\x00"], "not signed by its CA"),
    ],
    ids=["none", "garbage", "stale", "by a stranger", "forged"],
)
def test_a_list_that_decides_nothing_is_told_and_the_standard_policy_goes_on(lists: list[bytes], word: str) -> None:
    report = assert_verifies(plain(), standard(crls=lists))
    for check_id in ("trust.signer_revocation", "trust.seal_maker_revocation"):
        assert found(report, check_id) == (UNKNOWN, "no_information")
        assert word in report.of(check_id)[0].message.en


def test_a_forged_list_revokes_nobody() -> None:
    mallory = world().stranger
    forged = mallory.ca.crl(at=SOON, revoked=[Revoked(world().office.certificate.serial_number, NOW - DAY)])
    assert_verifies(plain(), standard(crls=[forged]))


def responses(*revoked: tuple[Certificate, datetime], at: datetime = SOON, **words: Any) -> list[bytes]:
    office = world().office
    gone = [Revoked(certificate.serial_number, moment) for certificate, moment in revoked]
    return [office.ca.ocsp_response([office.certificate, office.maker_certificate], at=at, revoked=gone, **words)]


def test_answers_about_revocation_count_as_lists_do() -> None:
    office = world().office
    good = assert_verifies(plain(), standard(ocsps=responses()))
    assert found(good, "trust.signer_revocation") == (PASSED, "ok")
    bad = verify(plain(), policy=standard(ocsps=responses((office.certificate, NOW - DAY))))
    assert found(bad, "trust.signer_certificate") == (FAILED, "cert_revoked_before")
    later = assert_verifies(stamped_with_time(), standard(ocsps=responses((office.certificate, AFTER))))
    assert found(later, "trust.signer_revocation") == (PASSED, "revoked_later")


def test_a_responder_of_the_ca_may_answer_and_a_stranger_may_not() -> None:
    office, key = world().office, SM2PrivateKey.generate(random=seeded("responder"))
    responder = office.ca.issue("ocsp", "Responder", key.public_key(), at=NOW - DAY, days=30)
    answer = responses((office.certificate, NOW - DAY), responder=(responder, key))
    assert verify(plain(), policy=standard(ocsps=answer)).outcome is FAILED
    own = world().stranger.ca.issue("ocsp", "Responder", key.public_key(), at=NOW - DAY, days=30)
    answer = responses((office.certificate, NOW - DAY), responder=(own, key))
    report = assert_verifies(plain(), standard(ocsps=answer))
    assert found(report, "trust.signer_revocation") == (UNKNOWN, "no_information")


def test_whoever_says_revoked_is_heard_over_whoever_says_good() -> None:
    office = world().office
    policy = standard(crls=[crl()], ocsps=responses((office.certificate, NOW - DAY)))
    assert found(verify(plain(), policy=policy), "trust.signer_certificate") == (FAILED, "cert_revoked_before")


# ====================================================================== the maker of the seal


def maker_revoked(at: datetime) -> dict[str, Any]:
    return {"crls": [crl((world().office.maker_certificate, at))]}


def test_a_maker_revoked_since_the_seal_was_made_is_a_note_where_the_date_of_the_seal_is_taken() -> None:
    made = world().office.seal.created_at
    for moment in (made + DAY, NOW - HOUR):
        report = assert_verifies(plain(), standard(claimed_time="accept", **maker_revoked(moment)))
        assert found(report, "trust.seal_maker") == (PASSED, "good_when_made")
        assert found(report, "trust.seal_maker_revocation") == (PASSED, "revoked_later")
        undecided = verify(plain(), policy=standard(**maker_revoked(moment)))
        assert blocking(undecided) == {("trust.seal_maker", "unknown", "made_unproven")}


def test_a_time_stamp_from_before_the_revocation_proves_that_the_seal_was_there() -> None:
    data = by_authority(*authority())
    report = assert_verifies(data, standard(**maker_revoked(NOW + timedelta(minutes=1))))
    assert found(report, "trust.seal_maker") == (PASSED, "good_when_made")
    too_late = verify(data, policy=standard(**maker_revoked(NOW - DAY)))
    assert blocking(too_late) == {("trust.seal_maker", "unknown", "made_unproven")}


def test_a_maker_revoked_before_the_seal_was_made_is_refused() -> None:
    made = world().office.seal.created_at
    for moment in (made - timedelta(seconds=1), made):
        report = verify(plain(), policy=standard(**maker_revoked(moment)))
        assert blocking(report) == {("trust.seal_maker", "failed", "cert_revoked_before")}
        assert found(report, "trust.seal_maker_revocation") == (FAILED, "revoked")


def test_a_maker_whose_certificate_has_expired_since_is_a_note() -> None:
    office = world().office
    maker = office.ca.issue("seal_maker", "Short Maker", office.maker.public_key(), at=ses.MADE - DAY, days=30)
    data = sealed(seal=ses.seal(cert=octet_string(maker.raw)))
    report = assert_verifies(data, standard())
    assert found(report, "trust.seal_maker") == (PASSED, "good_when_made")


@pytest.mark.parametrize("days", [-40, 40])
def test_a_maker_whose_certificate_was_not_valid_when_the_seal_was_made_is_refused(days: int) -> None:
    office = world().office
    start = ses.MADE + days * DAY
    maker = office.ca.issue("seal_maker", "Other Maker", office.maker.public_key(), at=start, days=30)
    report = verify(sealed(seal=ses.seal(cert=octet_string(maker.raw))), policy=standard())
    assert blocking(report) == {("trust.seal_maker", "failed", "cert_expired_at_signing")}


def test_a_maker_nobody_trusts_is_no_note_however_old_the_seal() -> None:
    report = verify(world().stamped(by=world().stranger), policy=standard())
    assert found(report, "trust.seal_maker") == (FAILED, "cert_untrusted")


def test_a_maker_without_the_right_to_sign_is_no_note_either() -> None:
    office = world().office
    maker = office.ca.issue("encryption", "Cipher", office.maker.public_key(), at=ses.MADE - DAY, days=30)
    report = verify(sealed(seal=ses.seal(cert=octet_string(maker.raw))), policy=standard())
    assert found(report, "trust.seal_maker") == (FAILED, "key_usage")


# ====================================================================== the authority behind a time stamp


def by_authority(certificate: Certificate, key: SM2PrivateKey, *, at: datetime = NOW) -> bytes:
    tsa = LocalTSA(key, certificate)
    return sealed(time_stamper=lambda octets: tsa.stamp(octets, at=at))


def authority(
    days: int = 9, start: datetime = NOW - DAY, ca: LocalCA | None = None
) -> tuple[Certificate, SM2PrivateKey]:
    key = SM2PrivateKey.generate(random=seeded("authority"))
    return (ca or world().office.ca).issue("tsa", "Authority", key.public_key(), at=start, days=days), key


def test_an_authority_is_judged_as_at_its_own_time() -> None:
    data = by_authority(*authority())
    assert_verifies(data, standard(NOW + 30 * DAY))
    early = by_authority(*authority(), at=NOW - 2 * DAY + HOUR)
    report = verify(early, policy=standard())
    assert found(report, "trust.time_stamp") == (FAILED, "cert_expired_at_signing")


def test_an_authority_that_was_not_valid_then_proves_nothing() -> None:
    data = by_authority(*authority(start=NOW + DAY))
    report = verify(data, policy=standard(NOW + 2 * DAY))
    assert found(report, "trust.time_stamp") == (FAILED, "cert_expired_at_signing")
    assert found(report, "trust.signing_time") == (PASSED, "immaterial")
    assert report.outcome is FAILED


def test_an_authority_that_was_revoked_proves_nothing_whenever_that_was() -> None:
    certificate, key = authority()
    data = by_authority(certificate, key)
    before = verify(data, policy=standard(crls=[crl((certificate, NOW - HOUR))]))
    assert found(before, "trust.time_stamp") == (FAILED, "cert_revoked_before")
    after = verify(data, policy=standard(crls=[crl((certificate, AFTER))]))
    assert blocking(after) == {("trust.time_stamp", "unknown", "authority_revoked")}
    assert found(after, "trust.signing_time") == (PASSED, "immaterial")


def test_an_authority_nobody_trusts_proves_nothing() -> None:
    report = verify(by_authority(*authority(ca=world().stranger.ca)), policy=standard())
    assert blocking(report) == {("trust.time_stamp", "failed", "cert_untrusted")}
    assert found(report, "trust.signing_time") == (PASSED, "immaterial")


# ====================================================================== fetching


class Web:
    """What stands at addresses; every question is kept."""

    def __init__(self, pages: dict[str, bytes | Exception]) -> None:
        self.pages, self.asked = pages, list[str]()

    def __call__(self, url: str, body: bytes | None = None, /) -> bytes:
        self.asked.append(url)
        page = self.pages[url]
        if isinstance(page, Exception):
            raise page
        return page


URL = "http://crl.test/list.crl"


@cache
def with_address() -> tuple[bytes, Certificate]:
    office = world().office
    certificate = office.ca.issue(
        "signer", "Linked Bureau", office.signer.public_key(), at=NOW - 9 * DAY, days=99, crl_url=URL
    )
    return sealed(seal=ses.seal(holders=sequence(octet_string(certificate.raw)))), certificate


def test_a_list_is_fetched_where_the_certificate_says() -> None:
    data, certificate = with_address()
    web = Web({URL: crl()})
    report = assert_verifies(data, standard(fetch=web))
    assert found(report, "trust.signer_revocation") == (PASSED, "ok")
    assert set(web.asked) == {URL}
    revoked = verify(data, policy=standard(fetch=Web({URL: crl((certificate, NOW - HOUR))})))
    assert found(revoked, "trust.signer_certificate") == (FAILED, "cert_revoked_before")


@pytest.mark.parametrize("page", [OSError("down"), TimeoutError(), b"<html>", b""])
def test_what_cannot_be_fetched_is_not_known(page: bytes | Exception) -> None:
    report = assert_verifies(with_address()[0], standard(fetch=Web({URL: page})))
    assert found(report, "trust.signer_revocation") == (UNKNOWN, "no_information")


def test_nothing_is_fetched_for_strangers_or_where_lists_are_at_hand() -> None:
    data, _ = with_address()
    web = Web({URL: crl()})
    verify(data, policy=standard(trust=[world().stranger.ca.certificate], fetch=web))
    assert web.asked == []
    assert_verifies(data, standard(crls=[crl()], fetch=web))
    assert web.asked == []


# ====================================================================== strict


def strictly(**words: Any) -> Policy:
    return strict(**{"crls": [crl()], **words})


def test_a_strict_policy_passes_what_is_proven_known_and_well_formed() -> None:
    report = assert_verifies(stamped_with_time(), strictly())
    assert report.policy == "strict/1"
    assert {"trust.signer_revocation", "trust.seal_maker_revocation", "coverage.later_additions"} <= report.required


def test_a_strict_policy_wants_the_time_proven() -> None:
    report = verify(plain(), policy=strictly())
    assert blocking(report) == {("trust.time_stamp", "unknown", "absent")}
    assert report.outcome is UNKNOWN


def test_a_strict_policy_wants_revocation_known() -> None:
    report = verify(stamped_with_time(), policy=strict())
    assert blocking(report) == {
        ("trust.signer_revocation", "unknown", "no_information"),
        ("trust.seal_maker_revocation", "unknown", "no_information"),
    }


def test_a_strict_policy_wants_every_encoding_by_the_book() -> None:
    tsa = world().tsa()
    odd = ses.seal(ext=sequence(ses.extension(ses.FALSE)))
    data = sealed(seal=odd, time_stamper=lambda octets: tsa.stamp(octets, at=NOW))
    assert_verifies(data, standard())
    report = verify(data, policy=strictly())
    assert blocking(report) == {("integrity.encoding", "failed", "refused")}
    assert "extension_default_written" in report.of("integrity.encoding")[0].message.en


def test_one_certificate_of_unknown_state_on_the_way_leaves_revocation_unknown() -> None:
    data, branch = under_a_branch()
    lists = [crl(ca=branch)]  # nothing of the branch itself
    report = verify(data, policy=strict(intermediates=[branch.certificate], crls=lists))
    assert found(report, "trust.signer_revocation") == (UNKNOWN, "no_information")
    late = [crl((Certificate.parse(parse_seal(branch_seal()).holder_certificates[0]), SOON + DAY), ca=branch)]
    report = verify(data, policy=strict(intermediates=[branch.certificate], crls=late))
    assert found(report, "trust.signer_revocation") == (UNKNOWN, "no_information")


def branch_seal() -> bytes:
    from egov_sdk.ofd import open_ofd

    return open_ofd(under_a_branch()[0]).read("Doc_0/Signs/Sign_0/Seal.esl")


# ====================================================================== signatures without a seal


def test_a_plain_signature_is_judged_by_the_same_words() -> None:
    office = world().office
    data = sign(world().document, signer=office.signer, certificate=office.certificate, signed_at=NOW)
    assert verify(data, policy=standard()).outcome is PASSED
    assert verify(data, policy=standard(EXPIRED)).outcome is UNKNOWN
    assert verify(data, policy=standard(EXPIRED, claimed_time="accept")).outcome is PASSED
    assert verify(data, policy=standard(EXPIRED, claimed_time="ignore")).outcome is FAILED
    assert verify(data, policy=standard(**signer_revoked(NOW - DAY))).outcome is FAILED
    assert verify(data, policy=standard(**signer_revoked(AFTER))).outcome is UNKNOWN
    assert verify(data, policy=standard(trust=None)).outcome is UNKNOWN
    assert verify(data, policy=standard(trust=[world().stranger.ca.certificate])).outcome is FAILED


def test_a_seal_alone_is_judged_by_the_same_words() -> None:
    seal = world().office.seal
    assert verify_seal(seal, policy=standard()).outcome is PASSED
    assert verify_seal(seal, policy=standard(EXPIRED)).outcome is FAILED
    assert verify_seal(seal, policy=standard(**maker_revoked(NOW))).outcome is UNKNOWN
    assert verify_seal(seal, policy=standard(**maker_revoked(seal.created_at))).outcome is FAILED
    assert verify_seal(seal, policy=strictly()).outcome is PASSED
    assert verify_seal(seal, policy=strict()).outcome is UNKNOWN


# ====================================================================== making a policy


@pytest.mark.parametrize("make", [standard, strict])
def test_a_naive_time_makes_no_policy(make: Callable[..., Policy]) -> None:
    with pytest.raises(ValueError, match="aware"):
        make(NOW.replace(tzinfo=None))


@pytest.mark.parametrize(
    ("words", "match"),
    [
        ({"required": frozenset()}, "nothing"),
        ({"required": frozenset({"integrity.value", "integrity.typo"})}, "integrity.typo"),
        ({"claimed_time": "maybe"}, "claimed_time"),
        ({"at": NOW.replace(tzinfo=None)}, "aware"),
    ],
)
def test_contradictory_policies_are_the_callers_mistake(words: dict[str, Any], match: str) -> None:
    with pytest.raises(ValueError, match=match):
        replace(standard(), **words)


def test_a_policy_cannot_be_changed_under_a_running_verification() -> None:
    with pytest.raises(FrozenInstanceError):
        standard().at = SOON  # type: ignore[misc]  # that is the point


def test_the_standard_policy_requires_all_that_decides_and_the_strict_one_more() -> None:
    assert standard().required == REQUIRED == CHECKS.rows.keys() - ADVISORY
    assert strict().required > REQUIRED
    assert strict().required <= CHECKS.rows.keys()
    assert standard().name == "standard/1"


def test_what_is_not_required_does_not_decide() -> None:
    only = replace(standard(trust=None), required=frozenset({"integrity.value", "integrity.references"}))
    report = verify(plain(), policy=only)
    assert report.outcome is PASSED
    assert report.answers["trust"] is UNKNOWN
    assert report.of("trust.signer_certificate")[0].outcome is UNKNOWN


def test_single_deviations_can_be_refused_by_name_and_ber_is_by_default() -> None:
    policy = standard()
    assert policy.refuses("ber_encoding")
    assert not policy.refuses("string_type")
    assert strict().refuses("anything")
    none = replace(policy, refused_leniencies=frozenset())
    assert not none.refuses("ber_encoding")
    odd = sealed(seal=ses.seal(ext=sequence(ses.extension(ses.FALSE))))
    refusing = replace(policy, refused_leniencies=frozenset({"extension_default_written"}))
    assert blocking(verify(odd, policy=refusing)) == {("integrity.encoding", "failed", "refused")}
    other = replace(policy, refused_leniencies=frozenset({"string_type"}))
    assert verify(odd, policy=other).outcome is PASSED
