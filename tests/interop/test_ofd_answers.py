"""Documents that others made must get the answers that were worked out for them by other means."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from egov_sdk.pki import Certificate
from egov_sdk.report import Outcome, Report
from egov_sdk.seal import Policy, verify
from tests.interop_data import interop

AT = datetime(2026, 11, 21, 22, 0, tzinfo=UTC)

#: file: integrity, binding, coverage, and the checks that must not have passed (advisory ones left out)
ANSWERS: dict[str, tuple[str, str, str, set[tuple[str, str]]]] = {
    "made-v1.ofd": ("passed", "passed", "passed", set()),
    "made-v4.ofd": ("passed", "passed", "passed", set()),
    "made-v5.ofd": ("passed", "passed", "passed", set()),
    "made-v4-riding.ofd": ("passed", "passed", "passed", set()),
    "made-sign.ofd": ("passed", "skipped", "passed", set()),
    "V4RideRight.ofd": ("passed", "passed", "passed", set()),
    "SESV4SignDoc.ofd": ("passed", "passed", "passed", set()),
    "allprotected.ofd": ("passed", "passed", "passed", set()),
    "999.ofd": ("passed", "passed", "failed", {("coverage.package_root", "root_unprotected")}),
    "draw_param_ref.ofd": ("passed", "passed", "failed", {("coverage.pages", "uncovered_content")}),
    "h.ofd": ("failed", "passed", "passed", {("integrity.references", "file_changed")}),
}


def report_on(name: str, policy: Policy | None = None) -> Report:
    return verify(interop("ofd", name), policy=policy or Policy.standard(trust=None, at=AT))


@pytest.mark.parametrize("name", sorted(ANSWERS))
def test_a_document_made_by_others_gets_its_known_answers(name: str) -> None:
    integrity, binding, coverage, blocking = ANSWERS[name]
    report = report_on(name)
    assert report.answers["integrity"].value == integrity
    assert report.answers["binding"].value == binding
    assert report.answers["coverage"].value == coverage
    found = {(check.id, check.reason) for check in report.blocking if check.answer != "trust"}
    assert found == blocking


@pytest.mark.parametrize("name", sorted(ANSWERS))
def test_without_anchors_every_trust_check_is_unknown(name: str) -> None:
    report = report_on(name)
    seal_less = {"not_a_seal"}
    trust = [check for check in report.checks if check.answer == "trust" and check.reason not in seal_less]
    assert len(trust) >= 4
    assert {check.outcome for check in trust} == {Outcome.UNKNOWN}
    assert report.answers["trust"] is Outcome.UNKNOWN


def test_the_changed_signature_list_blames_the_first_signature_only() -> None:
    report = report_on("h.ofd")
    (changed,) = (check for check in report.checks if check.reason == "file_changed")
    assert (changed.subject, changed.evidence["file"]) == ("s001", "Doc_0/Signs/Signatures.xml")
    assert [c.outcome for c in report.of("integrity.references", subject="s007")] == [Outcome.PASSED]


def test_a_bare_value_is_undecided_without_a_certificate_and_decided_with_one() -> None:
    report = report_on("DigitalSign.ofd")
    assert {name: outcome.value for name, outcome in report.answers.items()} == {
        "integrity": "unknown",
        "binding": "skipped",
        "trust": "unknown",
        "coverage": "unknown",
    }
    assert ("integrity.value", "no_certificate") in {(check.id, check.reason) for check in report.blocking}


def test_a_bare_value_does_not_verify_under_a_strangers_certificate() -> None:
    stranger = Certificate.parse(_pem(interop("pki", "generated", "tongsuo", "sign.crt").read_bytes()))
    report = report_on("DigitalSign.ofd", Policy.standard(trust=None, at=AT, certificates=[stranger]))
    assert report.answers["integrity"] is Outcome.FAILED
    assert ("integrity.value", "value_wrong") in {(check.id, check.reason) for check in report.blocking}


def _pem(octets: bytes) -> bytes:
    from egov_sdk.pki import load_certificates

    return load_certificates(octets)[0].raw


def test_deviations_are_named() -> None:
    (encoding,) = report_on("999.ofd").of("integrity.encoding")
    assert encoding.reason == "leniencies"
    named = encoding.evidence["leniencies"]
    assert all(code in named for code in ("extension_default_written", "created_after_valid_from", "picture_type_ofd"))


def test_the_layout_decides_the_version() -> None:
    from egov_sdk.seal import SealVersion, parse_seal

    versions = {
        name: parse_seal(interop("ofd", name).read_bytes()).version
        for name in ("UserV1.esl", "UserV4.esl", "UserV5.esl")
    }
    assert versions == {"UserV1.esl": SealVersion.V1, "UserV4.esl": SealVersion.V4, "UserV5.esl": SealVersion.V5}


@pytest.mark.parametrize("name", ["SignedValueV4.dat", "SignedValueV5.dat"])
def test_a_value_alone_can_be_read(name: str) -> None:
    from egov_sdk.seal._gbt38540 import parse_value

    value = parse_value(interop("ofd", name).read_bytes())
    assert value.property_info == "/Doc_0/Signs/Sign_0/Signature.xml"
    assert len(value.data_hash) == 32
