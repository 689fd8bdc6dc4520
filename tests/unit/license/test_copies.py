"""Annotated copies: for one use, marked on every page, sealed anew; the original stays as it is."""

from __future__ import annotations

from datetime import timedelta
from functools import lru_cache
from typing import Any

import pytest

from egov_sdk.crypto import sm3
from egov_sdk.errors import InputError, ParseError
from egov_sdk.license.copies import annotate
from egov_sdk.license.elements import Naming
from egov_sdk.license.face.samples import SAMPLES, SampleName
from egov_sdk.license.file import read_license_file
from egov_sdk.license.metadata import Authority, CopyNote
from egov_sdk.license.policy import LicensePolicy
from egov_sdk.license.problems import LicenseRejected
from egov_sdk.license.verify import verify
from egov_sdk.ofd import open_ofd, parse_signature_file, parse_signature_list
from egov_sdk.report import Outcome
from egov_sdk.seal import Placement
from tests.unit.license.face.world import (
    BUREAU,
    LATER,
    REQUESTER,
    Register,
    made,
    policy,
    sealer,
    type_of,
)
from tests.world import NOW, assert_verifies, entries_of, world, zipped

PASSED, FAILED, UNKNOWN, SKIPPED = Outcome.PASSED, Outcome.FAILED, Outcome.UNKNOWN, Outcome.SKIPPED
NOTE = CopyNote(made_at=NOW, maker=BUREAU.name, cause="办理营业执照变更登记", valid_until=NOW + timedelta(days=3))
TYPES = tuple(type_of(name) for name in SAMPLES)


@lru_cache
def _copy(name: SampleName = "business_permit", naming: Naming = Naming.PINYIN) -> bytes:
    return annotate(made(name, naming).file, note=NOTE, requester=REQUESTER, sealer=sealer(), at=NOW)


def _judged(file: bytes, **changes: Any) -> tuple[Outcome, str]:
    (check,) = verify(file, policy=policy(**changes), types=TYPES).of("trust.copy")
    return check.outcome, check.reason


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize("naming", list(Naming))
def test_a_copy_passes_every_check_and_tells_what_it_is_for(name: SampleName, naming: Naming) -> None:
    report = verify(_copy(name, naming), policy=policy(requester=REQUESTER), types=TYPES).require()
    (check,) = report.of("trust.copy")
    assert check.evidence == {
        "requester": REQUESTER.name,
        "purpose": NOTE.cause,
        "until": "2026-06-04 17:30:00",
    }
    assert report.of("integrity.face")[0].outcome is PASSED
    assert_verifies(_copy(name, naming), world().policy())


def test_the_original_stays_as_it_is_and_holds_nothing_of_the_copy() -> None:
    before = sm3(made().file)
    found = read_license_file(_copy())
    assert sm3(made().file) == before
    assert found.copy == NOTE
    assert found.requester == REQUESTER
    original = read_license_file(made().file)
    assert (original.copy, original.requester) == (None, None)
    assert found.metadata is not None
    assert found.metadata == original.metadata


def test_what_the_original_drew_is_in_the_copy_byte_for_byte() -> None:
    original, copy = entries_of(made("multi_page_permit").file), entries_of(_copy("multi_page_permit"))
    drawn = [name for name in original if "/Pages/" in name or "/Tpls/" in name or "/Tags/" in name]
    assert len(drawn) > 8
    assert {name: copy[name] for name in drawn} == {name: original[name] for name in drawn}


def test_every_page_is_marked_with_purpose_requester_and_expiry() -> None:
    package = open_ofd(_copy("multi_page_permit"))
    marks = [name for name in package.names if "/Annots/Copy_" in name]
    assert len(marks) == len(package.documents[0].pages) == 4
    for name in marks:
        tree = package.xml(name)
        words = "".join(element.text or "" for element in tree.iter("{*}TextCode"))
        assert all(part in words for part in ("办理营业执照变更登记", REQUESTER.name, "2026年6月4日"))
        assert {element.get("Type") for element in tree.iter("{*}Annot")} == {"Watermark"}


def test_the_copy_is_sealed_where_the_original_was() -> None:
    def frames(file: bytes) -> list[object]:
        package = open_ofd(file)
        (entry,) = parse_signature_list(package, package.documents[0]).entries
        return [s.boundary for s in parse_signature_file(package, entry.base_name).stamps if s.clip is None]

    assert frames(_copy()) == frames(made().file)
    moved = annotate(made().file, note=NOTE, sealer=sealer(), at=NOW, places=[Placement(page=1, x_mm=10, y_mm=10)])
    assert frames(moved) != frames(made().file)


def test_the_same_copy_has_the_same_bytes_but_for_its_signature() -> None:
    one = entries_of(_copy())
    other = entries_of(annotate(made().file, note=NOTE, requester=REQUESTER, sealer=sealer(), at=NOW))
    assert {name for name in one if one[name] != other[name]} <= {"Doc_0/Signs/Sign_0/SignedValue.dat"}


def test_a_copy_is_judged_by_its_expiry_its_making_and_whom_it_is_for() -> None:
    assert _judged(_copy(), at=NOTE.valid_until) == (FAILED, "expired")
    assert _judged(_copy(), at=NOTE.valid_until - timedelta(seconds=1)) == (PASSED, "requester_not_asked")
    assert _judged(_copy(), at=NOW - timedelta(days=1)) == (FAILED, "not_yet")
    assert _judged(_copy(), requester=REQUESTER) == (PASSED, "ok")
    another = Authority(name="别的局", code="11110000000021135M")
    assert _judged(_copy(), requester=another) == (FAILED, "another_requester")
    assert _judged(made().file, requester=another) == (SKIPPED, "original")


def test_a_copy_that_does_not_say_for_whom_it_is_leaves_that_open() -> None:
    copy = annotate(made().file, note=NOTE, sealer=sealer(), at=NOW)
    assert _judged(copy, requester=REQUESTER) == (UNKNOWN, "for_whom")
    assert _judged(copy) == (PASSED, "for_whom")


def test_the_register_s_file_is_the_original_and_not_the_copy() -> None:
    standard = LicensePolicy.standard(world().policy(), requester=REQUESTER)
    report = verify(_copy(), policy=standard, types=TYPES, registry=Register(made().record())).require()
    assert report.of("trust.record_file")[0].reason == "is_copy"


def test_a_copy_by_another_maker_counts_only_where_the_policy_says_so() -> None:
    stranger, world_ = world().stranger, world()
    copy = annotate(made().file, note=NOTE, requester=REQUESTER, sealer=sealer(stranger), at=NOW)
    trust = type(world_.trust)([world_.office.ca.certificate, stranger.ca.certificate])
    demands = policy(seal=type(world_.policy()).standard(trust=trust, at=LATER))
    report = verify(copy, policy=demands, types=TYPES)
    assert report.of("binding.issuer")[0].reason == "sealed_by_another"
    maker = Authority(name="Stranger Bureau", code="11110000000021135M")
    assert verify(copy, policy=demands.trusting(copy_makers=[maker]), types=TYPES).outcome is PASSED
    original = verify(made().file, policy=demands.trusting(copy_makers=[maker]), types=TYPES)
    assert original.of("binding.issuer")[0].reason == "ok"


# ---------------------------------------------------------------------- refused


def _refused(file: bytes, **changes: Any) -> str:
    given: dict[str, Any] = {"note": NOTE, "requester": REQUESTER, "sealer": sealer(), "at": NOW} | changes
    with pytest.raises(LicenseRejected) as caught:
        annotate(file, **given)
    assert caught.value.problem in ("copy_source", "copy_places")
    return str(caught.value)


def test_no_copy_is_made_of_a_copy() -> None:
    assert "annotated copy" in _refused(_copy())


def test_no_copy_is_made_of_what_is_no_licence_or_not_sealed() -> None:
    assert "metadata" in _refused(world().stamped())
    assert "integrity.signature_present not_signed" in _refused(made().unsealed)


def test_a_forged_original_does_not_become_a_true_copy() -> None:
    entries = entries_of(made().file)
    page = "Doc_0/Pages/Page_0/Content.xml"
    entries[page] = entries[page].replace("李四".encode(), "王五".encode())
    assert "integrity.references file_changed" in _refused(zipped(entries))


def test_an_original_by_an_untrusted_seal_is_refused_where_a_policy_is_given() -> None:
    stranger = type(world().policy()).standard(trust=[world().stranger.ca.certificate], at=NOW)
    assert "cert_untrusted" in _refused(made().file, policy=stranger)


@pytest.mark.parametrize(
    "note",
    [
        NOTE.model_copy(update={"cause": " "}),
        NOTE.model_copy(update={"maker": ""}),
        NOTE.model_copy(update={"valid_until": NOW}),
        NOTE.model_copy(update={"cause": "某" * 201}),
    ],
)
def test_a_note_that_is_not_complete_makes_no_copy(note: CopyNote) -> None:
    with pytest.raises(ParseError):
        annotate(made().file, note=note, requester=REQUESTER, sealer=sealer(), at=NOW)


def test_a_time_without_a_zone_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="time zone"):
        annotate(made().file, note=NOTE, sealer=sealer(), at=NOW.replace(tzinfo=None))


def test_what_is_no_package_is_refused_as_input() -> None:
    with pytest.raises(InputError):
        annotate(b"PK", note=NOTE, sealer=sealer(), at=NOW)


def test_a_long_cause_is_broken_into_lines_and_printed_whole() -> None:
    cause = "办理" + "某某事项、" * 39 + "等"
    copy = annotate(made().file, note=NOTE.model_copy(update={"cause": cause}), sealer=sealer(), at=NOW)
    package = open_ofd(copy)
    words = "".join(e.text or "" for e in package.xml("Doc_0/Annots/Copy_1.xml").iter("{*}TextCode"))
    assert cause in words
    assert verify(copy, policy=policy(), types=TYPES).outcome is PASSED
