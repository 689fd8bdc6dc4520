"""The report of a check: its questions, its answers, what it hands on."""

from __future__ import annotations

from datetime import datetime, timedelta
from string import Formatter

import pytest

from egov_sdk.errors import VerificationError
from egov_sdk.identity.trusting import CertificateTrust
from egov_sdk.license.present import Expected, LicenseIssuer, PresentationPolicy, check_presentation, check_status_list
from egov_sdk.license.present.checks import PRESENTATION_CHECKS
from egov_sdk.license.states import LicenseState
from egov_sdk.pki import LocalCA, TrustStore
from egov_sdk.report import Outcome
from tests.presentation_world import FIELDS, NOW, OTHER_TYPE, PLACE, TYPE, VERIFIER, Scene, scene, seeded


@pytest.fixture(scope="module")
def stage() -> Scene:
    return scene()


def test_every_question_is_asked_once_and_every_answer_is_given(stage: Scene) -> None:
    for text in (stage.token(), stage.shown("number")):
        report = stage.check(text).report
        assert sorted(check.id for check in report.checks) == sorted(PRESENTATION_CHECKS.rows)
        assert report.required == frozenset(PRESENTATION_CHECKS.rows)
        assert set(report.answers.values()) == {Outcome.PASSED}


def test_one_that_cannot_be_read_leaves_no_question_open(stage: Scene) -> None:
    report = stage.check("EGL1:?").report
    assert sorted(check.id for check in report.checks) == sorted(PRESENTATION_CHECKS.rows)
    assert report.answers["trust"] is Outcome.UNKNOWN


def test_what_cannot_be_read_is_told_in_both_languages(stage: Scene) -> None:
    (form,) = stage.check("EGL9:A").report.of("integrity.form")
    assert "begins with 'EGL9:', expected EGL1:" in form.message.en
    assert "开头为 'EGL9:'，应为 EGL1:" in form.message.zh


def test_what_was_shown_is_given_out_only_if_it_passed(stage: Scene) -> None:
    assert dict(stage.check(stage.token()).require().fields) == FIELDS
    late = stage.check(stage.token(), at=NOW + timedelta(hours=1))
    assert late.presentation_unverified is not None
    with pytest.raises(VerificationError, match=r"binding\.time") as caught:
        late.require()
    assert caught.value.code == "egov.verify.rejected"
    assert caught.value.report is late.report


def test_no_item_of_the_licence_stands_in_a_report(stage: Scene) -> None:
    for at in (NOW, NOW + timedelta(hours=1)):
        told = str(stage.check(stage.token(), at=at).report.to_dict("zh"))
        assert not [value for value in FIELDS.values() if value in told]


def test_a_verifier_that_believes_one_issuer_believes_no_other_and_no_other_type(stage: Scene) -> None:
    policy = PresentationPolicy.of(stage.certificate, type_codes=[TYPE], trust=stage.trust)
    assert stage.check(stage.token(), policy=policy).report.outcome is Outcome.PASSED
    for wrong in (
        PresentationPolicy.of(stage.rival_certificate, type_codes=[TYPE], trust=stage.trust),
        PresentationPolicy.of(stage.certificate, type_codes=[OTHER_TYPE], trust=stage.trust),
        PresentationPolicy.of(stage.certificate, type_codes=[TYPE], trust=TrustStore([])),
    ):
        assert stage.check(stage.token(), policy=wrong).report.outcome is not Outcome.PASSED


def test_the_certificate_may_come_with_the_status_list_alone(stage: Scene) -> None:
    policy = PresentationPolicy(
        trusting=CertificateTrust(trust=stage.trust),
        issuers=(LicenseIssuer(subjects={stage.certificate.subject.text}, type_codes={TYPE}),),  # type: ignore[arg-type]
    )
    assert stage.check(stage.token(), policy=policy).report.outcome is Outcome.PASSED


def test_the_memory_of_sequence_numbers_is_filled_and_used(stage: Scene) -> None:
    memory: dict[str, int] = {}
    memory |= stage.check(stage.token(), status_lists=[stage.status_list(sequence=9)]).sequences
    assert memory == {stage.status_list().key: 9}
    result = stage.check(stage.token(), status_lists=[stage.status_list(sequence=8)], remembered=memory)
    assert result.report.of("trust.status_list")[0].reason == "rolled_back"
    assert memory | dict(result.sequences) == memory
    assert stage.check(stage.token(), status_lists=[stage.status_list(sequence=9)], remembered=memory).require()


def test_a_list_signed_with_a_renewed_certificate_of_the_same_name_counts(stage: Scene) -> None:
    from tests.world import world

    key = stage.rival_key.generate(random=seeded("renewed"))
    ca = world().office.ca
    renewed = ca.issue("signer", stage.certificate.subject, key.public_key(), at=NOW - timedelta(days=1), days=500)
    lists = [stage.status_list({PLACE: LicenseState.SUSPENDED}, signer=key, certificate=renewed)]
    result = stage.check(stage.token(), status_lists=lists)
    assert result.report.of("coverage.status")[0].reason == "suspended"
    assert result.sequences == {stage.status_list().key: 7}


def test_of_two_certificates_of_one_key_the_one_that_fits_counts(stage: Scene) -> None:
    from tests.world import world

    ca, before = world().office.ca, NOW - timedelta(days=90)
    subject = stage.certificate.subject
    expired = ca.issue("signer", subject, stage.key.public_key(), at=before, days=10)
    policy = stage.policy(certificates=[expired])
    policy = PresentationPolicy(
        trusting=policy.trusting, issuers=policy.issuers, certificates=(expired, *policy.certificates)
    )
    assert stage.check(stage.token(), policy=policy).report.outcome is Outcome.PASSED


def test_a_list_whose_certificate_is_not_trusted_does_not_count(stage: Scene) -> None:
    """Another CA gives out a certificate with the authority's name."""
    fake = LocalCA.create_root("Fake Root", at=NOW - timedelta(days=5), random=seeded("fake"))
    key = stage.rival_key.generate(random=seeded("fake key"))
    named = fake.issue("signer", stage.certificate.subject, key.public_key(), at=NOW - timedelta(days=4))
    found = stage.status_list(signer=key, certificate=named)
    result = stage.check(stage.token(), status_lists=[found])
    assert result.report.of("trust.status_list")[0].reason == "undecided"
    assert result.report.outcome is Outcome.UNKNOWN
    assert check_status_list(found, policy=stage.policy(), at=NOW).outcome is Outcome.UNKNOWN


def test_a_revoked_issuer_is_refused(stage: Scene) -> None:
    from egov_sdk.pki.local_ca import Revoked
    from tests.world import world

    ca, gone = world().office.ca, NOW - timedelta(days=2)
    crl = ca.crl(at=NOW - timedelta(hours=1), revoked=[Revoked(stage.certificate.serial_number, gone)])
    policy = stage.policy()
    strict = PresentationPolicy(
        trusting=CertificateTrust(trust=TrustStore(stage.trust.anchors), crls=(crl,), revocation="required"),
        issuers=policy.issuers,
        certificates=policy.certificates,
    )
    result = stage.check(stage.token(), policy=strict)
    assert result.report.of("trust.revocation")[0].reason == "revoked"
    assert result.report.outcome is Outcome.FAILED


def test_clocks_may_be_apart_as_far_as_the_policy_says(stage: Scene) -> None:
    lists = [stage.status_list(at=NOW + timedelta(seconds=20))]
    assert stage.check(stage.token(), at=NOW - timedelta(seconds=9), status_lists=lists).require()


def test_a_naive_time_is_refused_before_any_work(stage: Scene) -> None:
    naive = datetime(2026, 6, 1)  # noqa: DTZ001 - naive on purpose
    with pytest.raises(ValueError, match="aware"):
        check_presentation("", policy=stage.policy(), at=naive)
    with pytest.raises(ValueError, match="aware"):
        check_status_list(stage.status_list(), policy=stage.policy(), at=naive)


@pytest.mark.parametrize(
    ("changes", "error", "words"),
    [
        ({"subjects": "CN=x"}, TypeError, "set of texts"),
        ({"type_codes": TYPE}, TypeError, "set of texts"),
        ({"subjects": []}, ValueError, "at least one"),
        ({"type_codes": []}, ValueError, "at least one"),
        ({"type_codes": [TYPE[:-1]]}, ValueError, "not type codes"),
    ],
)
def test_an_issuer_has_names_and_types(changes: dict[str, object], error: type[Exception], words: str) -> None:
    arguments: dict[str, object] = {"subjects": ["CN=x"], "type_codes": [TYPE]} | changes
    with pytest.raises(error, match=words):
        LicenseIssuer(**arguments)  # type: ignore[arg-type]  # wrong ones are the point


@pytest.mark.parametrize("name", ["max_life", "status_max_age", "leeway"])
def test_a_policy_without_sense_is_refused(stage: Scene, name: str) -> None:
    wrong = {name: timedelta(seconds=-1)}
    with pytest.raises(ValueError, match="positive"):
        PresentationPolicy(trusting=CertificateTrust(trust=stage.trust), issuers=(), **wrong)  # type: ignore[arg-type]


def test_a_name_belongs_to_one_issuer(stage: Scene) -> None:
    one = LicenseIssuer(subjects=frozenset({"CN=x"}), type_codes=frozenset({TYPE}))
    with pytest.raises(ValueError, match="one issuer only"):
        PresentationPolicy(trusting=CertificateTrust(trust=stage.trust), issuers=(one, one))


def test_the_words_of_every_answer_are_there_in_both_languages() -> None:
    for name, row in PRESENTATION_CHECKS.rows.items():
        assert row.question.zh.endswith("？"), name
        for reason, words in row.reasons.items():
            facts = [{field for _, field, _, _ in Formatter().parse(each) if field} for each in (words.en, words.zh)]
            assert facts[0] == facts[1], (name, reason)


def test_expected_says_nothing_by_default(stage: Scene) -> None:
    assert stage.check(stage.token(audience=""), expected=Expected()).require().audience == ""
    assert stage.check(stage.token(), expected=Expected(audience=VERIFIER, nonce=b"challenge")).require()
