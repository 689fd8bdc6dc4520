"""A licence is verified as a whole: with a register, with a status list, alone; unknown is never yes."""

from __future__ import annotations

import gc
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from egov_sdk.errors import EgovError, InputError, ParseError, PlatformUnreachable, VerificationError
from egov_sdk.license.checks import CHECKS, OFFLINE, REGISTRY
from egov_sdk.license.elements import Naming
from egov_sdk.license.face.samples import SAMPLES, SampleName
from egov_sdk.license.identifier import LicenseIdentifier
from egov_sdk.license.metadata import Authority
from egov_sdk.license.model import LicenseRecord
from egov_sdk.license.policy import LicensePolicy
from egov_sdk.license.states import LicenseState
from egov_sdk.license.verify import speaks_for, verify
from egov_sdk.ofd import OfdPackage
from egov_sdk.report import Outcome, Report
from egov_sdk.seal.uses import SealUse
from tests.unit.license.face.world import BUREAU, FIELDS, LATER, Register, made, make, metadata_of, policy, type_of
from tests.world import NOW, entries_of, world, zipped

PASSED, FAILED, UNKNOWN, SKIPPED = Outcome.PASSED, Outcome.FAILED, Outcome.UNKNOWN, Outcome.SKIPPED
TYPES = tuple(type_of(name) for name in SAMPLES)


def _with_register(*records: LicenseRecord, file: bytes | None = None) -> Report:
    standard = LicensePolicy.standard(world().policy())
    return verify(file or made().file, policy=standard, types=TYPES, registry=Register(*records))


def _only(report: Report, check_id: str) -> tuple[Outcome, str]:
    (check,) = report.of(check_id)
    return check.outcome, check.reason


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize("naming", list(Naming))
def test_a_licence_passes_offline_in_any_naming(name: SampleName, naming: Naming) -> None:
    report = verify(made(name, naming).file, policy=policy(), types=TYPES).require()
    assert _only(report, "integrity.face") == (PASSED, "ok")
    assert _only(report, "integrity.index") == (PASSED, "ok")


def test_every_check_of_both_tables_is_in_the_report() -> None:
    report = _with_register(made().record())
    assert report.outcome is PASSED
    assert {check.id for check in report.checks} >= CHECKS.rows.keys() | world().policy().required


def test_nothing_of_a_file_is_kept_until_garbage_is_collected() -> None:
    def opened() -> int:
        return sum(type(one) is OfdPackage for one in gc.get_objects())

    file, broken = made().file, zipped({**entries_of(made().file), "Doc_0/Document.xml": b"<no>"})
    gc.disable()
    try:
        before = opened()
        verify(file, policy=policy(), types=TYPES)
        with pytest.raises(InputError):
            verify(broken, policy=policy(), types=TYPES)
        assert opened() == before
    finally:
        gc.enable()


def test_without_a_register_the_standard_policy_is_undecided_and_never_a_yes() -> None:
    report = verify(made().file, policy=world().policy(), types=TYPES)
    assert report.outcome is UNKNOWN
    assert {check.id for check in report.blocking} == REGISTRY
    with pytest.raises(VerificationError) as caught:
        report.require()
    assert caught.value.code == "egov.verify.undecided"


def test_without_the_template_the_face_is_undecided_and_the_index_still_speaks() -> None:
    report = verify(made().file, policy=policy())
    assert report.outcome is UNKNOWN
    assert _only(report, "integrity.face") == (UNKNOWN, "no_template")
    assert _only(report, "integrity.index") == (PASSED, "ok")
    assert verify(made().file, policy=policy().without_template()).outcome is PASSED


def test_a_stroke_where_an_item_was_left_out_is_no_contradiction_and_words_are() -> None:
    fields = {name: value for name, value in FIELDS["business_permit"].items() if name != "经营场所"}
    found = make("business_permit", metadata_of(fields=fields))
    bare = policy().without_template()
    assert _only(verify(found.file, policy=bare), "integrity.index") == (PASSED, "ok")
    page = next(name for name, data in entries_of(found.file).items() if b">/</" in data)
    parts = entries_of(found.file)
    forged = zipped({**parts, page: parts[page].replace(b">/</", ">某地</".encode(), 1)})
    assert _only(verify(forged, policy=bare), "integrity.index") == (FAILED, "unknown")


def test_without_anchors_nobody_is_trusted() -> None:
    nobody = replace(world().policy(), trust=type(world().trust)(()))
    assert verify(made().file, policy=policy(seal=nobody), types=TYPES).outcome is UNKNOWN


def test_a_path_is_read_and_names_the_report(tmp_path: Path) -> None:
    path = tmp_path / "license.ofd"
    path.write_bytes(made().file)
    assert verify(path, policy=policy(), types=TYPES).subject == "license.ofd"
    assert verify(made().file, policy=policy(), types={t.code: t for t in TYPES}, subject="x").subject == "x"


def test_what_is_no_package_is_input_and_no_verdict() -> None:
    with pytest.raises(ParseError):
        verify(b"%PDF-1.7", policy=policy())


# ---------------------------------------------------------------------- the register


@pytest.mark.parametrize("state", sorted(set(LicenseState) - {LicenseState.VALID, LicenseState.UNKNOWN}))
def test_a_licence_that_is_not_in_force_fails(state: LicenseState) -> None:
    report = _with_register(made().record(state=state))
    assert report.outcome is FAILED
    assert _only(report, "trust.state") == (FAILED, state.value)
    (check,) = report.of("trust.state")
    assert check.message.en.endswith("says the register")
    assert check.message.zh.endswith("（登记库）")


def test_a_state_that_the_register_does_not_know_is_undecided() -> None:
    report = _with_register(made().record(state=LicenseState.UNKNOWN))
    assert _only(report, "trust.state") == (UNKNOWN, "unknown")
    assert report.outcome is UNKNOWN


def test_an_identifier_that_the_register_has_not_fails() -> None:
    report = _with_register()
    assert report.outcome is FAILED
    assert {_only(report, name) for name in REGISTRY} == {(FAILED, "not_found")}


def test_a_version_older_than_the_register_s_fails() -> None:
    assert _only(_with_register(made().record(latest_version=2)), "trust.version") == (FAILED, "older")


def test_another_file_of_the_same_version_fails() -> None:
    report = _with_register(made().record(file_digest="00" * 32))
    assert _only(report, "trust.record_file") == (FAILED, "another")
    assert report.outcome is FAILED


def test_a_register_without_the_file_leaves_it_undecided() -> None:
    assert _only(_with_register(made().record(file_digest="")), "trust.record_file") == (UNKNOWN, "no_file")


def test_data_that_differ_from_the_register_are_named_and_not_shown() -> None:
    changed = metadata_of(number="JY12200000000018", valid_until=date(2030, 5, 31))
    report = _with_register(made().record(metadata=changed))
    (check,) = report.of("trust.record")
    assert (check.outcome, check.evidence["names"]) == (FAILED, "number, valid_until")


def test_a_register_that_cannot_be_reached_leaves_its_checks_undecided() -> None:
    class Gone:
        def find(self, identifier: LicenseIdentifier) -> LicenseRecord | None:
            raise PlatformUnreachable("no answer", attempts=3, elapsed_s=1.0)

    report = verify(made().file, policy=LicensePolicy.standard(world().policy()), types=TYPES, registry=Gone())
    assert report.outcome is UNKNOWN
    assert {_only(report, name) for name in REGISTRY} == {(UNKNOWN, "no_answer")}


# ---------------------------------------------------------------------- a status list


@pytest.mark.parametrize(
    ("state", "outcome"),
    [(LicenseState.VALID, PASSED), (LicenseState.REVOKED, FAILED), (LicenseState.UNKNOWN, UNKNOWN), (None, UNKNOWN)],
)
def test_a_status_list_decides_where_there_is_no_register(state: LicenseState | None, outcome: Outcome) -> None:
    demands = LicensePolicy.with_status(world().policy())
    report = verify(made().file, policy=demands, types=TYPES, status=lambda identifier: state)
    assert report.outcome is outcome
    assert _only(report, "trust.state")[0] is outcome


def test_the_status_policy_without_a_list_is_undecided() -> None:
    assert verify(made().file, policy=LicensePolicy.with_status(world().policy()), types=TYPES).outcome is UNKNOWN


# ---------------------------------------------------------------------- term, type, issuer


@pytest.mark.parametrize(
    ("at", "reason"),
    [
        (datetime(2031, 5, 31, 15, 59, tzinfo=UTC), "ok"),  # the last minute of the last day in Beijing
        (datetime(2031, 5, 31, 16, 0, tzinfo=UTC), "expired"),
        (datetime(2026, 5, 31, 16, 0, tzinfo=UTC), "ok"),
        (datetime(2026, 5, 31, 15, 59, tzinfo=UTC), "not_yet"),
    ],
)
def test_days_are_those_of_beijing_and_both_ends_count(at: datetime, reason: str) -> None:
    report = verify(made().file, policy=policy(at=at), types=TYPES)
    assert _only(report, "trust.term") == (PASSED if reason == "ok" else FAILED, reason)


@pytest.mark.parametrize(
    ("issued", "at", "reason"),
    [
        (date(2026, 6, 2), LATER, "issued_later"),
        (date(2031, 5, 31), LATER, "issued_later"),
        (date(2026, 6, 3), datetime(2026, 6, 2, 15, 54, tzinfo=UTC), "issued_later"),
        # clocks may differ by five minutes
        (date(2026, 6, 3), datetime(2026, 6, 2, 15, 55, tzinfo=UTC), "ok"),
        (date(2026, 6, 1), LATER, "ok"),
    ],
)
@pytest.mark.parametrize("valid_from", [date(2026, 6, 1), None])
def test_a_licence_dated_in_the_future_is_none_yet(
    issued: date, at: datetime, reason: str, valid_from: date | None
) -> None:
    licence = make("business_permit", metadata_of(issued_on=issued, valid_from=valid_from))
    report = verify(licence.file, policy=policy(at=at), types=TYPES)
    assert _only(report, "trust.term") == (PASSED if reason == "ok" else FAILED, reason)
    assert {check.id for check in report.blocking} == (set() if reason == "ok" else {"trust.term"})


@pytest.mark.parametrize(
    ("days", "en", "zh"),
    [
        ({"valid_until": None}, "valid from 2026-06-01 on", "有效期 2026-06-01 起长期"),
        ({"valid_from": None, "valid_until": None}, "valid without an end", "有效期 长期"),
        ({"valid_from": None}, "valid until 2031-05-31", "有效期 至 2031-05-31"),
        ({}, "valid 2026-06-01 to 2031-05-31", "有效期 2026-06-01 至 2031-05-31"),
    ],
)
def test_the_term_is_told_as_people_say_it(days: dict[str, Any], en: str, zh: str) -> None:
    licence = make("business_permit", metadata_of(**days))
    (check,) = verify(licence.file, policy=policy(), types=TYPES).require().of("trust.term")
    assert (check.message.en, check.message.zh) == (en, zh)


def test_a_seal_whose_certificate_has_expired_since_is_undecided_without_a_time_stamp() -> None:
    at = NOW + timedelta(days=1200)
    report = verify(made().file, policy=policy(at=at), types=TYPES)
    assert report.outcome is UNKNOWN
    assert {check.reason for check in report.blocking} == {"time_unproven"}
    assert _only(report, "trust.term") == (PASSED, "ok")


def test_a_type_that_is_not_known_is_told() -> None:
    report = verify(made().file, policy=policy(), types=[type_of("person_certificate")])
    assert _only(report, "binding.type") == (FAILED, "unknown")
    renamed = type_of("business_permit").model_copy(update={"name": "别的许可证"})
    report = verify(made().file, policy=policy(), types=[renamed])
    assert _only(report, "binding.type") == (FAILED, "name_differs")


def test_an_authority_that_may_not_issue_the_type_is_refused() -> None:
    licence, type_code = made(), type_of("business_permit").code
    for issuers, expected in (
        ({type_code: [BUREAU.code]}, (PASSED, "ok")),
        ({type_code: ["11430000006122244L"]}, (FAILED, "issuer_refused")),
        ({type_of("person_certificate").code: [BUREAU.code]}, (FAILED, "issuer_refused")),
        ({}, (FAILED, "issuer_refused")),
    ):
        report = verify(licence.file, policy=policy().trusting(type_issuers=issuers), types=TYPES)
        assert _only(report, "binding.type") == expected
        assert report.outcome is expected[0]
    assert policy().trusting(type_issuers={}).trusting(copy_makers=[BUREAU]).type_issuers == {}


def _use(make_use: Callable[..., SealUse], *, seal_name: str, certificate: Any = None) -> SealUse:
    seal = replace(world().office.seal, name=seal_name)
    return make_use("s001", seal, certificate, NOW, PASSED, frozenset())


@pytest.mark.parametrize(
    ("seal_name", "authority", "speaks"),
    [
        ("某市公安局", "某市公安局", True),
        ("某市公安局电子证照专用章", "某市公安局", True),
        ("某市公安局行政审批专用章（2）", "某市公安局", True),
        ("某市公安局电子印章", "某市公安局", True),
        ("某市公安局东城分局电子证照专用章", "某市公安局", False),
        ("某市公安局某处", "某市公安局", False),
        ("原某市公安局专用章", "某市公安局", False),
        ("某市公安", "某市公安局", False),
        ("电子证照专用章", "", False),
    ],
)
def test_a_seal_speaks_for_the_authority_whose_name_it_bears(seal_name: str, authority: str, speaks: bool) -> None:
    use = _use(SealUse, seal_name=seal_name)
    assert speaks_for(use, Authority(name=authority, code="11220000013544541J")) is speaks


def test_a_certificate_speaks_for_the_authority_whose_name_or_code_it_bears() -> None:
    office, key = world().office, world().office.signer.public_key()
    for subject, speaks in [
        ("C=CN,O=某市公安局,CN=张三", True),
        ("C=CN,OU=某市公安局,CN=张三", True),
        ("CN=11220000013544541J", True),
        ("CN=证照签章,serialNumber=USCC-11220000013544541J", True),
        ("CN=某市公安局分局", False),
        ("CN=证照,serialNumber=X11220000013544541J", False),
        ("L=某市公安局,CN=张三", False),
    ]:
        certificate = office.ca.issue("signer", subject, key, at=NOW, days=10)
        use = _use(SealUse, seal_name="别的章", certificate=certificate)
        assert speaks_for(use, Authority(name="某市公安局", code="11220000013544541J")) is speaks, subject


def test_a_certificate_may_be_given_for_an_authority() -> None:
    other = Authority(name="名称不同的局", code=BUREAU.code)
    licence = make("business_permit", metadata_of(issuer=other))
    refused = verify(licence.file, policy=policy(), types=TYPES)
    assert _only(refused, "binding.issuer") == (FAILED, "sealed_by_another")
    given = policy().trusting(issuer_certificates={other.code: [world().office.certificate.fingerprint]})
    report = verify(licence.file, policy=given, types=TYPES).require()
    assert _only(report, "binding.issuer") == (PASSED, "given")


def test_a_licence_without_a_seal_is_nobody_s() -> None:
    report = verify(made().unsealed, policy=policy(), types=TYPES)
    assert report.outcome is FAILED
    assert _only(report, "binding.issuer") == (FAILED, "not_sealed")
    assert _only(report, "integrity.face") == (PASSED, "ok")


# ---------------------------------------------------------------------- policies


def test_a_policy_requires_something_that_exists() -> None:
    seal = world().policy()
    with pytest.raises(ValueError, match="no such check"):
        LicensePolicy(name="x", seal=seal, required=frozenset({"trust.luck"}))
    with pytest.raises(ValueError, match="requires nothing"):
        LicensePolicy(name="x", seal=seal, required=frozenset())


def test_policies_differ_in_what_only_a_register_can_tell() -> None:
    seal = world().policy(at=LATER)
    assert LicensePolicy.standard(seal).required - LicensePolicy.offline(seal).required == REGISTRY
    assert LicensePolicy.offline(seal).required == OFFLINE
    assert LicensePolicy.with_status(seal).required - OFFLINE == {"trust.state", "trust.status_list"}
    assert len({maker(seal).name for maker in (LicensePolicy.standard, LicensePolicy.offline)}) == 2


def test_errors_of_other_kinds_are_not_swallowed() -> None:
    class Broken:
        def find(self, identifier: LicenseIdentifier) -> LicenseRecord | None:
            raise RuntimeError("a bug")

    with pytest.raises(RuntimeError):
        verify(made().file, policy=policy(), types=TYPES, registry=Broken())
    assert not issubclass(RuntimeError, EgovError)


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_no_changed_byte_of_any_file_ever_passes(data: st.DataObject) -> None:
    entries = entries_of(made().file)
    name = data.draw(st.sampled_from(sorted(entries)))
    content = bytearray(entries[name])
    content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
    try:
        report = verify(zipped(entries | {name: bytes(content)}), policy=policy(), types=TYPES)
    except InputError:
        return
    assert report.outcome is not PASSED or name.endswith("Signatures.xml")
