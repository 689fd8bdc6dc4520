"""Stamping: what comes out verifies in every way, what was there stays as it was, and what may not be is refused."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache, partial
from pathlib import Path
from typing import Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from egov_sdk.crypto import SM2PrivateKey, SM2PublicKey
from egov_sdk.crypto.der import context, octet_string, sequence
from egov_sdk.errors import EgovError, InputError, LimitExceeded, ParseError, VerificationError
from egov_sdk.limits import OfdLimits
from egov_sdk.ofd import OfdPackage, open_ofd, parse_signature_file, parse_signature_list
from egov_sdk.ofd.builder import OfdBuilder
from egov_sdk.pki import Certificate, TrustStore
from egov_sdk.report import Outcome, Report
from egov_sdk.seal import (
    ElectronicSeal,
    Placement,
    Policy,
    SealVersion,
    Seam,
    StampRefused,
    make_seal,
    parse_seal,
    sign,
    stamp,
    verify,
)
from tests.independent import steps_of_sealed_document
from tests.interop_data import interop
from tests.unit.seal import ses
from tests.world import NOW, Entries, Office, assert_verifies, entries_of, redigested, seeded, world, zipped

LIST = "Doc_0/Signs/Signatures.xml"
DESCRIPTION = "Doc_0/Signs/Sign_0/Signature.xml"
PAGE = "Doc_0/Pages/Page_0/Content.xml"
AT = [Placement(page=1, x_mm=140, y_mm=230)]


def checked(data: bytes, *, seals: int = 1, policy: Policy | None = None) -> Report:
    """A stamping that must be good: by our own word and, signature for signature, by the second opinion."""
    report = assert_verifies(data, policy or world().policy())
    for number in range(seals):
        steps = steps_of_sealed_document(data, number=number)
        assert len(steps) == 7
        assert all(steps.values()), (number, steps)
    return report


def stamped(source: bytes | Path | OfdPackage | None = None, /, *, by: Office | None = None, **words: Any) -> bytes:
    office = by or world().office
    given: dict[str, Any] = {"seal": office.seal, "signer": office.signer, "at": AT, "signed_at": NOW, **words}
    return stamp(world().document if source is None else source, **given)


def signed(source: bytes | OfdPackage | None = None, /, *, by: Office | None = None, **words: Any) -> bytes:
    office = by or world().office
    given: dict[str, Any] = {"signer": office.signer, "certificate": office.certificate, "signed_at": NOW, **words}
    return sign(world().document if source is None else source, **given)


def both_trusted(*, at: datetime = NOW + timedelta(hours=1)) -> Policy:
    return Policy.standard(trust=[world().office.ca.certificate, world().stranger.ca.certificate], at=at)


def assert_untouched(before: bytes, after: bytes, *, but: set[str]) -> None:
    old, new = ({n: c for n, c in entries_of(data).items() if not n.endswith("/")} for data in (before, after))
    assert list(new)[: len(old)] == list(old)
    assert {name for name, content in old.items() if new[name] != content} == but


def refusal(make: Callable[[], object], code: str) -> StampRefused:
    with pytest.raises(StampRefused) as caught:
        make()
    assert caught.value.code == f"egov.seal.stamp.{code}"
    assert isinstance(caught.value, VerificationError)
    return caught.value


@cache
def pages(count: int) -> bytes:
    builder = OfdBuilder(created=NOW, doc_id="0" * 32)
    for number in range(count):
        builder.page().text(20, 20, f"第 {number + 1} 页")
    return builder.build()


# ====================================================================== once


def test_a_stamped_document_verifies_in_all_four_answers_and_by_the_second_opinion() -> None:
    data = stamped()
    report = checked(data)
    assert {check.subject for check in report.checks} == {"", "s001"}
    assert report.of("integrity.encoding", subject="s001")[0].reason == "ok"


def test_a_package_that_is_open_is_stamped_as_its_bytes_are() -> None:
    remote = Remote(world().office.signer)
    document = open_ofd(world().document)
    assert stamped(document, signer=remote) == stamped(signer=remote)
    assert signed(document, signer=remote) == signed(signer=remote)
    assert document.documents[0].signatures_name is None


def test_stamping_adds_four_files_and_changes_the_entry_point_alone() -> None:
    before, after = world().document, stamped()
    assert_untouched(before, after, but={"OFD.xml"})
    added = list(entries_of(after))[len(entries_of(before)) :]
    assert sorted(added) == [
        "Doc_0/Signs/Sign_0/Seal.esl",
        "Doc_0/Signs/Sign_0/Signature.xml",
        "Doc_0/Signs/Sign_0/SignedValue.dat",
        "Doc_0/Signs/Signatures.xml",
    ]
    old, new = entries_of(before)["OFD.xml"], entries_of(after)["OFD.xml"]
    assert re.sub(rb"<ofd:Signatures>[^<]*</ofd:Signatures>", b"", new) == old


def test_the_signature_file_lists_every_file_but_the_list_and_its_own() -> None:
    data = stamped()
    package = open_ofd(data)
    listed = [reference.name for reference in parse_signature_file(package, DESCRIPTION).references]
    own = {LIST, DESCRIPTION, "Doc_0/Signs/Sign_0/SignedValue.dat"}
    assert sorted(listed) == sorted(set(package.names) - own)
    assert len(set(listed)) == len(listed)


def test_the_signature_file_says_what_was_asked_for() -> None:
    package = open_ofd(stamped())
    described = parse_signature_file(package, DESCRIPTION)
    entries = parse_signature_list(package, package.documents[0])
    assert (described.method, described.check_method) == ("1.2.156.10197.1.501", "1.2.156.10197.1.401")
    assert described.date_time == "2026-06-01 17:30:00"  # the time of China
    assert described.provider is not None
    assert described.provider.name == "egov_sdk"
    (annotation,) = described.stamps
    assert (annotation.id, annotation.page_ref, annotation.clip) == ("s002", package.documents[0].pages[0].id, None)
    assert (annotation.boundary.x, annotation.boundary.y, annotation.boundary.w, annotation.boundary.h) == (
        140,
        230,
        42,
        42,
    )
    assert [(entry.id, entry.type) for entry in entries.entries] == [("s001", "Seal")]
    assert entries.max_sign_id == "s002"
    assert described.leniencies == entries.leniencies == ()


def test_a_seal_may_be_given_as_the_bytes_of_its_file_and_the_document_by_its_path(tmp_path: Path) -> None:
    source = tmp_path / "证照.ofd"
    source.write_bytes(world().document)
    data = stamped(source, seal=world().office.seal.raw)
    checked(data)
    assert source.read_bytes() == world().document
    assert [path.name for path in tmp_path.iterdir()] == ["证照.ofd"]


def test_fractions_of_a_second_are_left_out() -> None:
    data = stamped(signed_at=NOW + timedelta(microseconds=999_999))
    (encoding,) = checked(data).of("integrity.encoding", subject="s001")
    assert encoding.reason == "ok"
    assert NOW.strftime("%Y%m%d%H%M%SZ").encode() in entries_of(data)["Doc_0/Signs/Sign_0/SignedValue.dat"]


def test_a_seal_that_begins_within_the_second_of_signing_can_be_used() -> None:
    office = world().office
    data = stamped(signed_at=office.seal.valid_from + timedelta(microseconds=1))
    checked(data, policy=world().policy(at=office.seal.valid_from + timedelta(minutes=1)))


def test_a_document_without_signatures_named_by_an_empty_element_is_stamped() -> None:
    entries = entries_of(world().document)
    entries["OFD.xml"] = entries["OFD.xml"].replace(b"</ofd:DocBody>", b"<ofd:Signatures/></ofd:DocBody>")
    checked(stamped(zipped(entries)))


def test_a_document_with_an_empty_list_is_stamped_and_the_entry_point_stays() -> None:
    entries = listed_in_root(entries_of(world().document))
    before = zipped(entries)
    after = stamped(before)
    assert_untouched(before, after, but={LIST})
    checked(after)


def listed_in_root(entries: Entries, folder: str = "Doc_0") -> Entries:
    """The document names a list of signatures, in which there is none yet."""
    name = f"{folder}/Signs/Signatures.xml"
    root = f"<ofd:DocRoot>{folder}/Document.xml</ofd:DocRoot>".encode()
    named = root + f"<ofd:Signatures>/{name}</ofd:Signatures>".encode()
    assert entries["OFD.xml"].count(root) == 1
    empty = b'<ofd:Signatures xmlns:ofd="http://www.ofdspec.org/2016"/>'
    return {**entries, "OFD.xml": entries["OFD.xml"].replace(root, named), name: empty}


# ====================================================================== places


def test_one_signature_can_show_its_seal_on_several_pages() -> None:
    data = stamped(
        at=[
            Placement(page=1, x_mm=10, y_mm=10),
            Placement(page=2, x_mm=20, y_mm=20, width_mm=30),
            Placement(page=1, x_mm=-20, y_mm=100),
        ]
    )
    (stamps,) = checked(data).of("coverage.stamps")
    assert stamps.evidence["count"] == "3"
    package = open_ofd(data)
    page_ids = [page.id for page in package.documents[0].pages]
    found = parse_signature_file(package, DESCRIPTION).stamps
    assert [one.page_ref for one in found] == [page_ids[0], page_ids[1], page_ids[0]]
    assert [one.id for one in found] == ["s002", "s003", "s004"]
    assert (found[1].boundary.w, found[1].boundary.h) == (30, 30)
    assert parse_signature_list(package, package.documents[0]).max_sign_id == "s004"


@pytest.mark.parametrize("side", ["left", "right", "top", "bottom"])
def test_a_seam_seal_binds_all_pages_in_every_direction(side: Literal["left", "right", "top", "bottom"]) -> None:
    data = stamped(pages(5), at=[Seam(side=side)])
    (stamps,) = checked(data).of("coverage.stamps")
    assert stamps.evidence["count"] == "5"
    found = parse_signature_file(open_ofd(data), DESCRIPTION).stamps
    slices = [one.clip.w if side in ("left", "right") else one.clip.h for one in found if one.clip]
    assert slices == [pytest.approx(42 / 5)] * 5
    for one in found:
        assert one.clip is not None
        shown_x, shown_y = one.boundary.x + one.clip.x, one.boundary.y + one.clip.y
        edge = {
            "left": shown_x,
            "right": shown_x + one.clip.w - 210,
            "top": shown_y,
            "bottom": shown_y + one.clip.h - 297,
        }
        assert edge[side] == pytest.approx(0, abs=1e-3)


def test_a_seam_seal_in_groups_and_a_single_stamp_share_one_signature() -> None:
    data = stamped(pages(7), at=[Seam(group_size=3), Placement(page=7, x_mm=150, y_mm=250)])
    (stamps,) = checked(data).of("coverage.stamps")
    assert stamps.evidence["count"] == "8"
    assert len(parse_signature_list(open_ofd(data), open_ofd(data).documents[0]).entries) == 1


def test_the_corner_of_the_page_is_the_origin_wherever_its_box_lies() -> None:
    moved = zipped({n: c.replace(b"0 0 210 297", b"100 50 210 297") for n, c in entries_of(pages(1)).items()})
    assert open_ofd(moved).documents[0].pages[0].box.x == 100
    checked(stamped(moved, at=[Placement(page=1, x_mm=0, y_mm=0)]))
    with pytest.raises(ValueError, match="does not touch"):
        stamped(moved, at=[Placement(page=1, x_mm=250, y_mm=0)])


@given(across=st.floats(0.001, 0.999), down=st.floats(0.001, 0.999), size=st.one_of(st.none(), st.floats(1, 200)))
@settings(max_examples=8, deadline=None)
def test_wherever_a_seal_touches_the_page_the_result_verifies(across: float, down: float, size: float | None) -> None:
    side = size or 42
    x, y = across * (210 + side) - side, down * (297 + side) - side
    checked(stamped(pages(1), at=[Placement(page=1, x_mm=x, y_mm=y, width_mm=size)]))


@pytest.mark.parametrize(
    "at",
    [
        [],
        [Placement(page=3, x_mm=1, y_mm=1)],
        [Placement(page=1, x_mm=210, y_mm=1)],
        [Placement(page=1, x_mm=1, y_mm=-42)],
        [Placement(page=1, x_mm=1, y_mm=1), Placement(page=2, x_mm=9_000, y_mm=1)],
        [Seam(pages=(1, 9))],
        [Seam(offset_mm=290)],
    ],
    ids=str,
)
def test_no_place_and_places_off_the_pages_are_the_callers_mistake(at: list[Placement | Seam]) -> None:
    with pytest.raises(ValueError, match=r"."):
        stamped(at=at)


def test_a_stamp_that_is_larger_than_its_page_never_goes_out() -> None:
    refusal(lambda: stamped(at=[Placement(page=1, x_mm=0, y_mm=0, width_mm=400)]), "result_wrong")


# ====================================================================== twice, and closed


def test_two_offices_stamp_one_after_the_other_and_both_signatures_hold() -> None:
    first = stamped()
    second = stamped(first, by=world().stranger, at=[Placement(page=2, x_mm=20, y_mm=20)])
    assert_untouched(first, second, but={LIST})
    report = checked(second, seals=2, policy=both_trusted())
    assert {check.subject for check in report.of("integrity.value")} == {"s001", "s003"}
    assert [c.outcome for c in report.of("coverage.later_additions")] == [Outcome.PASSED] * 2
    # the first alone is trusted by whoever does not know the second office
    assert verify(second, policy=world().policy()).outcome is Outcome.FAILED


def test_each_further_signature_protects_those_before_it() -> None:
    data = stamped()
    for count in range(2, 6):
        data = stamped(data, at=[Placement(page=1, x_mm=10 * count, y_mm=10)])
    checked(data, seals=5)
    listed = entries_of(data)
    assert [f"Doc_0/Signs/Sign_{n}/Signature.xml" in listed for n in range(6)] == [True] * 5 + [False]
    listed["Doc_0/Signs/Sign_2/SignedValue.dat"] += b"\x00"
    report = verify(zipped(listed), policy=world().policy())
    subjects = {c.subject for c in report.blocking if c.reason == "file_changed"}
    assert subjects == {"s007", "s009"}


def test_what_an_earlier_signature_protects_cannot_be_changed_by_stamping() -> None:
    before = stamped()
    for after in (stamped(before), signed(before), stamped(before, close=True)):
        report = assert_verifies(after, world().policy())
        assert [c.outcome for c in report.of("integrity.references", subject="s001")] == [Outcome.PASSED]


def test_a_closed_document_holds_its_list_and_takes_no_further_signature() -> None:
    data = stamped(close=True)
    report = checked(data)
    (closed,) = report.of("coverage.list_closed")
    assert (closed.outcome, closed.reason, closed.evidence["by"]) == (Outcome.PASSED, "closed", "s001")
    for again in (stamped, signed):
        assert "s001" in refusal(partial(again, data), "closed").message
        refusal(partial(again, data, allow_broken=True), "closed")


def test_a_document_closed_by_its_second_signature_holds_both() -> None:
    data = stamped(stamped(), close=True)
    checked(data, seals=2)
    refusal(lambda: stamped(data), "closed")


def test_an_open_document_says_that_it_is_open() -> None:
    (open_,) = checked(stamped()).of("coverage.list_closed")
    assert (open_.outcome, open_.reason) == (Outcome.UNKNOWN, "open")


def test_what_is_appended_to_a_closed_document_by_force_breaks_its_signature() -> None:
    closed, twice = entries_of(stamped(close=True)), entries_of(stamped(stamped()))
    forced = {**closed, **{name: body for name, body in twice.items() if "Sign_1" in name}, LIST: twice[LIST]}
    report = verify(zipped(forced), policy=world().policy())
    assert ("integrity.references", "file_changed", "s001") in {(c.id, c.reason, c.subject) for c in report.blocking}


# ====================================================================== documents that may not be stamped


@pytest.mark.parametrize("word", ["false", "FALSE", "0", "no", " false "])
def test_a_document_that_forbids_signing_is_neither_stamped_nor_signed(word: str) -> None:
    document = permitted(word)
    for make in (stamped, signed):
        refusal(partial(make, document), "forbidden")
        refusal(partial(make, document, allow_broken=True), "forbidden")


@pytest.mark.parametrize("word", ["true", "1", " True ", ""])
def test_a_document_that_allows_signing_is_stamped(word: str) -> None:
    checked(stamped(permitted(word)))


def permitted(word: str) -> bytes:
    entries = entries_of(world().document)
    said = f"<ofd:Permissions><ofd:Signature>{word}</ofd:Signature></ofd:Permissions></ofd:CommonData>".encode()
    root = entries["Doc_0/Document.xml"].replace(b"</ofd:CommonData>", b"</ofd:CommonData>" + said[:-17])
    assert root != entries["Doc_0/Document.xml"]
    return zipped({**entries, "Doc_0/Document.xml": root})


def _page_changed(entries: Entries) -> None:
    entries[PAGE] = entries[PAGE].replace("张三".encode(), "李四".encode())


def _value_broken(entries: Entries) -> None:
    entries["Doc_0/Signs/Sign_0/SignedValue.dat"] = b"\x30\x00"


def _value_missing(entries: Entries) -> None:
    del entries["Doc_0/Signs/Sign_0/SignedValue.dat"]


def _seal_file_exchanged(entries: Entries) -> None:
    entries["Doc_0/Signs/Sign_0/Seal.esl"] = world().stranger.seal.raw


def _listed_twice(entries: Entries) -> None:
    entry = re.findall(rb"<ofd:Signature [^>]*/>", entries[LIST])[0]
    entries[LIST] = entries[LIST].replace(entry, entry + entry.replace(b"s001", b"s005"))


def _without_id(entries: Entries) -> None:
    _page_changed(entries)
    entries[LIST] = entries[LIST].replace(b' ID="s001"', b"")


BROKEN = {f.__name__.strip("_"): f for f in (_page_changed, _value_broken, _value_missing, _seal_file_exchanged,
                                             _listed_twice, _without_id)}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_a_document_with_a_broken_signature_is_stamped_only_on_demand(name: str) -> None:
    entries = entries_of(stamped())
    BROKEN[name](entries)
    broken = zipped(entries)
    for make in (stamped, signed):
        error = refusal(partial(make, broken), "broken_signature")
        assert error.report is not None
        assert error.report.outcome is Outcome.FAILED
        assert "allow_broken" in error.hint
    again = stamped(broken, allow_broken=True)
    report = verify(again, policy=world().policy())
    assert report.outcome is Outcome.FAILED
    new = [c for c in report.checks if c.subject == max(c.subject for c in report.checks) and c.id in report.required]
    assert len(new) > 10
    assert {c.outcome for c in new} <= {Outcome.PASSED, Outcome.SKIPPED}


def _file_missing(entries: Entries) -> None:
    del entries[DESCRIPTION]


def _file_malformed(entries: Entries) -> None:
    entries[DESCRIPTION] = entries[DESCRIPTION].replace(b"</ofd:SignedInfo>", b"")


def _path_outside(entries: Entries) -> None:
    entries[DESCRIPTION] = entries[DESCRIPTION].replace(b"/OFD.xml", b"/../OFD.xml")


@pytest.mark.parametrize("damage", [_file_missing, _file_malformed, _path_outside])
def test_an_earlier_signature_that_cannot_be_read_cannot_be_passed_over(damage: Callable[[Entries], None]) -> None:
    entries = entries_of(stamped())
    damage(entries)
    refusal(lambda: stamped(zipped(entries)), "broken_signature")
    # nobody can tell which files it protects, nor which IDs it has taken
    with pytest.raises(InputError):
        stamped(zipped(entries), allow_broken=True)


@pytest.mark.parametrize("listing", [b"", b"<list/>", b"<!DOCTYPE x>", b"\xff\xfe"])
@pytest.mark.parametrize("allow_broken", [False, True])
def test_a_list_that_cannot_be_read_is_not_written_over(listing: bytes, allow_broken: bool) -> None:
    entries = entries_of(stamped())
    entries[LIST] = listing
    with pytest.raises(InputError):
        stamped(zipped(entries), allow_broken=allow_broken)


def test_a_list_that_is_not_there_is_an_error_and_not_a_new_list() -> None:
    entries = entries_of(stamped())
    del entries[LIST]
    with pytest.raises(ParseError):
        stamped(zipped(entries))


@pytest.mark.parametrize("document", [b"", b"PK", b"%PDF-1.7", zipped({"OFD.xml": b"<x/>"}), zipped({"a": b""})])
def test_what_is_no_ofd_document_is_refused_as_input(document: bytes) -> None:
    for make in (stamped, signed):
        with pytest.raises(InputError):
            make(document)


def test_limits_hold_for_stamping_too() -> None:
    with pytest.raises(LimitExceeded):
        stamped(limits=OfdLimits(entries=3))
    with pytest.raises(LimitExceeded):  # the result is read again under the same limits
        stamped(limits=OfdLimits(entries=len(entries_of(world().document))))


# ====================================================================== the seal, its holder, its time


def test_another_key_than_the_seal_lists_is_refused() -> None:
    stranger = world().stranger
    refusal(lambda: stamped(signer=stranger.signer), "signer_not_in_seal")
    refusal(lambda: stamped(signer=stranger.signer, certificate=stranger.certificate), "signer_not_in_seal")
    refusal(lambda: stamped(signer=stranger.signer, certificate=world().office.certificate), "signer_not_in_seal")


def test_a_renewed_certificate_of_the_same_key_needs_a_new_seal() -> None:
    office = world().office
    renewed = office.ca.issue("signer", "Province Bureau", office.signer.public_key(), at=NOW, days=10)
    refusal(lambda: stamped(certificate=renewed), "signer_not_in_seal")


def test_holders_of_another_kind_or_unreadable_do_not_hinder_the_one_who_signs() -> None:
    office = world().office
    others = [b"unreadable", sequence(b""), world().stranger.certificate.raw]
    raw = ses.seal(holders=sequence(*(octet_string(c) for c in [*others, office.certificate.raw])))
    checked(stamped(seal=raw))
    raw = ses.seal(holders=sequence(octet_string(b"unreadable")))
    refusal(lambda: stamped(seal=raw), "signer_not_in_seal")


@pytest.mark.parametrize(
    ("moment", "code"),
    [
        (world().office.seal.valid_to + timedelta(seconds=1), "seal_not_valid"),
        (world().office.seal.valid_from - timedelta(seconds=1), "seal_not_valid"),
        (NOW + timedelta(days=9_000), "seal_not_valid"),
    ],
)
def test_a_seal_is_not_used_outside_its_period(moment: datetime, code: str) -> None:
    refusal(lambda: stamped(signed_at=moment), code)


def test_a_seal_can_be_used_to_its_very_last_second() -> None:
    end = world().office.seal.valid_to
    checked(stamped(signed_at=end), policy=world().policy(at=end))


def test_a_naive_time_is_the_callers_mistake_before_anything_is_read() -> None:
    naive = NOW.replace(tzinfo=None)
    for make in (stamped, signed):
        with pytest.raises(ValueError, match="aware"):
            make(b"no document", signed_at=naive)
    with pytest.raises(ValueError, match="aware"):
        stamped(seal=b"no seal", signed_at=naive)


def test_an_old_seal_is_read_and_not_used() -> None:
    assert refusal(lambda: stamped(seal=ses.seal(1)), "old_seal").hint


@pytest.mark.parametrize("seal", [b"", b"\x30\x00", world().office.certificate.raw, world().office.seal.raw + b"\x00"])
def test_what_is_no_seal_is_refused_as_input(seal: bytes) -> None:
    with pytest.raises(ParseError):
        stamped(seal=seal)


def test_a_seal_that_was_tampered_with_is_not_stamped_with() -> None:
    raw = world().office.seal.raw.replace(b"Province", b"Pr0vince", 1)
    assert "maker_signature" in refusal(lambda: stamped(seal=raw), "result_wrong").message


def test_a_seal_with_a_dangerous_picture_is_not_stamped_with() -> None:
    from egov_sdk.crypto.der import ia5_string, integer

    svg = b'<svg xmlns="http://www.w3.org/2000/svg"><script>x</script></svg>'
    raw = ses.seal(picture=sequence(ia5_string("SVG"), octet_string(svg), integer(42), integer(42)))
    assert "seal_picture" in refusal(lambda: stamped(seal=raw), "result_wrong").message


@cache
def digest_office() -> Office:
    return Office.of("Digest", by_digest=True)


def test_a_seal_that_lists_digests_needs_the_certificate_told() -> None:
    office = digest_office()
    assert refusal(lambda: stamped(by=office), "certificate_needed").hint
    policy = Policy.standard(trust=[office.ca.certificate], at=NOW)
    report = checked(stamped(by=office, certificate=office.certificate), policy=policy)
    assert report.of("binding.signer_in_seal", subject="s001")[0].reason == "ok"


def test_a_seal_that_lists_digests_refuses_every_other_certificate() -> None:
    office, stranger = digest_office(), world().stranger
    refusal(lambda: stamped(by=office, certificate=stranger.certificate), "signer_not_in_seal")
    refusal(lambda: stamped(by=office, certificate=office.maker_certificate), "signer_not_in_seal")
    renewed = office.ca.issue("signer", "Digest Bureau", office.signer.public_key(), at=NOW, days=10)
    refusal(lambda: stamped(by=office, certificate=renewed), "signer_not_in_seal")


@cache
def v5_office() -> Office:
    return Office.of("Five", version=SealVersion.V5)


def test_a_v5_seal_stamps_as_a_v4_seal_does() -> None:
    office = v5_office()
    policy = Policy.standard(trust=[office.ca.certificate], at=NOW)
    data = stamped(by=office)
    checked(data, policy=policy)
    assert b"\x02\x01\x05" in entries_of(data)["Doc_0/Signs/Sign_0/SignedValue.dat"][:16]


def test_a_v5_seal_with_a_time_stamp_of_its_own_stamps_and_verifies() -> None:
    seal = v5_seal_with_time_stamp()
    report = checked(stamped(seal=seal))
    assert report.of("integrity.seal_time_stamp")[0].outcome is Outcome.PASSED
    assert report.of("trust.seal_time_stamp")[0].outcome is Outcome.PASSED


def v5_seal_with_time_stamp() -> ElectronicSeal:
    office, tsa = world().office, world().tsa()
    own = office.seal
    return make_seal(
        name=own.name,
        seal_id=own.seal_id,
        picture=own.picture,
        holders=[office.certificate],
        maker=office.maker,
        maker_certificate=office.maker_certificate,
        created_at=own.created_at,
        valid_from=own.valid_from,
        valid_to=own.valid_to,
        version=SealVersion.V5,
        time_stamper=lambda octets: tsa.stamp(octets, at=own.created_at),
    )


# ====================================================================== IDs


@pytest.mark.parametrize(
    ("written", "new"),
    [
        ("s001", "s003"),
        ("001", "003"),
        ("01", "03"),
        ("1", "3"),
        ("s007", "s008"),
        ("s1", "s3"),
        ("999", "1000"),
        ("s0099", "s0100"),
        ("signature", "s003"),
        ("", "s003"),
    ],
)
def test_new_ids_follow_the_highest_in_the_form_that_the_document_uses(written: str, new: str) -> None:
    entries = entries_of(stamped())
    entries[LIST] = entries[LIST].replace(b'ID="s001"', f'ID="{written}"'.encode())
    before = zipped(entries)
    after = stamped(before, at=[Placement(page=2, x_mm=1, y_mm=1)])
    checked(after, seals=2)
    found = parse_signature_list(open_ofd(after), open_ofd(after).documents[0])
    assert [entry.id for entry in found.entries] == [written, new]


@pytest.mark.parametrize(
    ("maximum", "new"),
    [
        (b"", "s003"),
        (b"<ofd:MaxSignId>s002</ofd:MaxSignId>" * 2, "s003"),
        (b"<ofd:MaxSignId>1</ofd:MaxSignId>", "s003"),  # it lies
        (b"<ofd:MaxSignId>s041</ofd:MaxSignId>", "s042"),
        (b"<ofd:MaxSignId>many</ofd:MaxSignId>", "s003"),
    ],
)
def test_the_highest_id_counts_and_not_what_max_sign_id_says(maximum: bytes, new: str) -> None:
    entries = entries_of(stamped())
    entries[LIST] = entries[LIST].replace(b"<ofd:MaxSignId>s002</ofd:MaxSignId>", maximum)
    after = stamped(zipped(entries))
    checked(after, seals=2)
    assert f'ID="{new}"'.encode() in entries_of(after)[LIST]


def test_a_folder_that_exists_in_any_letter_case_is_not_used_again() -> None:
    entries = entries_of(world().document)
    taken = {"Doc_0/signs/SIGN_0/x": b"x", "Doc_0/Signs/Sign_1": b"a file"}
    folded = zipped({**entries, **taken})
    data = stamped(folded)
    assert "Doc_0/Signs/Sign_2/Signature.xml" in entries_of(data)


# ====================================================================== packages of two documents


def two_documents(*, lists: bool = False) -> bytes:
    entries = entries_of(world().document)
    other = entries_of(OfdBuilder(created=NOW, title="second", doc_id="2" * 32).page().text(20, 20, "附").build())
    entries |= {name.replace("Doc_0", "Doc_1"): body for name, body in other.items() if name != "OFD.xml"}
    body = re.search(rb"<ofd:DocBody>.*</ofd:DocBody>", other["OFD.xml"], re.S)
    assert body is not None
    entries["OFD.xml"] = entries["OFD.xml"].replace(b"</ofd:OFD>", body[0].replace(b"Doc_0", b"Doc_1") + b"</ofd:OFD>")
    if lists:
        entries = listed_in_root(listed_in_root(entries), "Doc_1")
    return zipped(entries)


def test_the_second_document_of_a_package_is_stamped_on_demand_and_the_first_stays_unsigned() -> None:
    before = two_documents()
    after = stamped(before, document=2)
    assert_untouched(before, after, but={"OFD.xml"})
    assert "Doc_1/Signs/Sign_0/Signature.xml" in entries_of(after)
    assert all(steps_of_sealed_document(after).values())
    report = verify(after, policy=world().policy())
    assert {c.subject for c in report.of("integrity.value")} == {"2/s001"}
    assert [(c.id, c.reason) for c in report.blocking] == [("coverage.documents", "unsigned_document")]


@pytest.mark.parametrize("first", [1, 2])
def test_both_documents_of_a_package_can_be_stamped_where_both_name_a_list(first: int) -> None:
    data = stamped(two_documents(lists=True), document=first)
    data = stamped(data, document=3 - first)
    report = assert_verifies(data, world().policy())
    assert {c.subject for c in report.of("integrity.value")} == {"1/s001", "2/s001"}


@pytest.mark.parametrize("first", [1, 2])
def test_a_second_document_without_a_list_cannot_be_stamped_once_the_entry_point_is_protected(first: int) -> None:
    data = stamped(two_documents(), document=first)
    error = refusal(lambda: stamped(data, document=3 - first), "root_protected")
    assert f"{first}/s001" in error.message or "s001" in error.message


def test_closing_one_document_leaves_the_other_open() -> None:
    data = stamped(two_documents(lists=True), document=1, close=True)
    refusal(lambda: stamped(data, document=1), "closed")
    assert_verifies(stamped(data, document=2), world().policy())


@pytest.mark.parametrize("number", [0, -1, 2, 99])
def test_a_document_that_is_not_there_is_the_callers_mistake(number: int) -> None:
    for make in (stamped, signed):
        with pytest.raises(ValueError, match="document"):
            make(document=number)


# ====================================================================== time stamps


def by_tsa(at: datetime = NOW) -> Callable[[bytes], bytes]:
    tsa = world().tsa()
    return lambda octets: tsa.stamp(octets, at=at)


def test_a_time_stamp_proves_the_time_of_signing() -> None:
    report = checked(stamped(time_stamper=by_tsa()))
    assert report.of("integrity.time_stamp")[0].reason == "ok"
    assert report.of("trust.time_stamp")[0].outcome is Outcome.PASSED
    (time,) = report.of("trust.signing_time")
    assert (time.outcome, time.reason, time.evidence["at"]) == (Outcome.PASSED, "proven", NOW.isoformat())


def test_a_proven_time_outlives_the_certificates_and_a_claimed_one_does_not() -> None:
    later = world().policy(at=NOW + timedelta(days=1200))
    assert_verifies(stamped(time_stamper=by_tsa()), later)
    report = verify(stamped(), policy=later)
    assert report.outcome is Outcome.UNKNOWN
    assert [(c.id, c.reason) for c in report.blocking] == [("trust.signing_time", "time_unproven")]


def test_a_time_stamp_is_over_the_octets_of_the_signature() -> None:
    seen: list[bytes] = []

    def stamper(octets: bytes) -> bytes:
        seen.append(octets)
        return by_tsa()(octets)

    data = stamped(time_stamper=stamper)
    (octets,) = seen
    assert entries_of(data)["Doc_0/Signs/Sign_0/SignedValue.dat"].count(octets) == 1
    assert octets[0] == 0x30  # DER, as it stands in the value


@pytest.mark.parametrize("answer", [b"", b"no token", sequence(), context(0, b"")], ids=repr)
def test_a_service_that_answers_nonsense_spoils_the_stamp_and_nothing_goes_out(answer: bytes) -> None:
    refusal(lambda: stamped(time_stamper=lambda _: answer), "result_wrong")


def test_a_time_stamp_over_something_else_never_goes_out() -> None:
    refusal(lambda: stamped(time_stamper=lambda octets: by_tsa()(octets + b"x")), "result_wrong")


def test_a_service_that_fails_fails_the_stamping() -> None:
    class Down(EgovError):
        pass

    def stamper(_: bytes) -> bytes:
        raise Down("no answer")

    with pytest.raises(Down):
        stamped(time_stamper=stamper)


# ====================================================================== signers


@dataclass
class Remote:
    """A signer that is no SM2PrivateKey; what it is asked is kept, and asked again it answers the same."""

    key: SM2PrivateKey
    answers: dict[bytes, bytes] = field(default_factory=dict)

    def public_key(self) -> SM2PublicKey:
        return self.key.public_key()

    def sign_digest(self, digest: bytes) -> bytes:
        return self.answers.setdefault(digest, self.key.sign_digest(digest))


def test_any_signer_will_do_and_is_asked_once() -> None:
    remote = Remote(world().office.signer)
    checked(stamped(signer=remote))
    assert len(remote.answers) == 1
    assert_verifies_unsealed(signed(signer=remote))
    assert len(remote.answers) == 2


def test_the_same_input_gives_the_same_document_to_the_byte() -> None:
    remote = Remote(world().office.signer)
    assert stamped(signer=remote) == stamped(signer=remote)
    assert signed(signer=remote) == signed(signer=remote)
    first = stamped(signer=remote)
    assert stamped(first, signer=remote, close=True) == stamped(first, signer=remote, close=True)


class Wrong(Remote):
    """A device that signs something else than it was asked to."""

    def sign_digest(self, digest: bytes) -> bytes:
        return self.key.sign_digest(bytes(32))


def test_a_device_that_signs_something_else_never_gets_a_document_out() -> None:
    wrong = Wrong(world().office.signer)
    assert "integrity.value" in refusal(lambda: stamped(signer=wrong), "result_wrong").message
    assert "integrity.value" in refusal(lambda: signed(signer=wrong), "result_wrong").message


@pytest.mark.parametrize("answer", [b"", b"\x00" * 64, b"\x01" * 63, b"\xff" * 64, b"\x01" * 65])
def test_a_device_that_answers_nonsense_never_gets_a_document_out(answer: bytes) -> None:
    class Broken(Remote):
        def sign_digest(self, digest: bytes) -> bytes:
            return answer

    for make in (stamped, signed):
        with pytest.raises((EgovError, ValueError)):
            make(signer=Broken(world().office.signer))


# ====================================================================== signatures without a seal


def test_a_signed_document_verifies_and_shows_no_seal() -> None:
    data = signed()
    report = assert_verifies_unsealed(data)
    assert report.of("integrity.data_hash")[0].reason == "ok"
    package = open_ofd(data)
    (entry,) = parse_signature_list(package, package.documents[0]).entries
    assert (entry.id, entry.type) == ("s001", "Sign")
    described = parse_signature_file(package, entry.base_name)
    assert (described.seal_name, described.stamps) == (None, ())
    assert_untouched(world().document, data, but={"OFD.xml"})


def assert_verifies_unsealed(data: bytes, policy: Policy | None = None) -> Report:
    """Without a seal there is nothing to bind; everything else has passed."""
    report = verify(data, policy=policy or world().policy())
    answers = {name: outcome.value for name, outcome in report.answers.items()}
    assert answers == {"integrity": "passed", "binding": "skipped", "trust": "passed", "coverage": "passed"}
    assert report.outcome is Outcome.PASSED
    return report


def test_a_document_is_signed_then_stamped_then_signed_and_closed() -> None:
    data = signed(stamped(signed()), close=True)
    report = assert_verifies(data, world().policy())
    assert {c.subject: c.outcome for c in report.of("binding.signer_in_seal")} == {
        "s001": Outcome.SKIPPED,
        "s002": Outcome.PASSED,
        "s004": Outcome.SKIPPED,
    }
    refusal(lambda: signed(data), "closed")


def test_a_certificate_of_another_key_signs_nothing() -> None:
    refusal(lambda: signed(certificate=world().stranger.certificate), "wrong_certificate")
    refusal(lambda: signed(signer=world().stranger.signer), "wrong_certificate")


def test_a_signature_without_a_seal_states_its_time_to_the_second() -> None:
    report = assert_verifies_unsealed(signed(signed_at=NOW + timedelta(microseconds=5)))
    assert report.of("trust.signing_time")[0].evidence["at"] == NOW.isoformat()


# ====================================================================== documents made by others


@pytest.mark.parametrize(
    "name", ["made-v4.ofd", "made-v1.ofd", "made-v5.ofd", "made-sign.ofd", "made-v4-riding.ofd", "SESV4SignDoc.ofd",
             "999.ofd", "DigitalSign.ofd"]
)  # fmt: skip
@pytest.mark.parametrize("make", [stamped, signed])
def test_a_document_that_others_signed_keeps_their_signature_and_gets_ours(
    name: str, make: Callable[..., bytes]
) -> None:
    before = interop("ofd", name).read_bytes()
    untrusting = Policy.standard(trust=None, at=NOW)
    package = open_ofd(before)
    listing = package.documents[0].signatures_name
    place = {"at": [Placement(page=1, x_mm=5, y_mm=5)]} if make is stamped else {}
    after = make(before, **place)
    old = verify(before, policy=untrusting)
    new = verify(after, policy=untrusting)
    assert_untouched(before, after, but={str(listing)})
    for check in old.checks:
        if check.subject and check.answer in ("integrity", "binding"):
            again = new.of(check.id, subject=check.subject)
            assert [(c.outcome, c.reason) for c in again] == [(check.outcome, check.reason)]
    ours = max({c.subject for c in new.checks} - {c.subject for c in old.checks})
    mine = [c for c in new.checks if c.subject == ours and c.answer != "trust" and c.id in new.required]
    assert len(mine) >= 12
    assert {c.outcome for c in mine} <= {Outcome.PASSED, Outcome.SKIPPED}


@pytest.mark.parametrize("name", ["allprotected.ofd", "V4RideRight.ofd", "draw_param_ref.ofd"])
def test_a_closed_document_that_others_made_is_told_as_closed(name: str) -> None:
    refusal(lambda: stamped(interop("ofd", name)), "closed")


def test_a_broken_document_that_others_made_is_told_as_broken_and_then_as_closed() -> None:
    document = interop("ofd", "h.ofd")
    refusal(lambda: stamped(document), "broken_signature")
    refusal(lambda: stamped(document, allow_broken=True), "closed")


def test_a_document_by_others_closed_by_us_verifies_to_the_end() -> None:
    after = stamped(interop("ofd", "made-v4.ofd"), close=True)
    report = verify(after, policy=Policy.standard(trust=TrustStore([world().office.ca.certificate]), at=NOW))
    assert report.answers["integrity"] is Outcome.PASSED
    assert report.answers["coverage"] is Outcome.PASSED
    assert report.of("coverage.list_closed")[0].reason == "closed"
    assert all(steps_of_sealed_document(after, number=1).values())


def test_a_seal_by_others_is_not_ours_to_stamp_with() -> None:
    raw = interop("ofd", "UserV4.esl").read_bytes()
    moment = parse_seal(raw).valid_from + timedelta(days=1)
    refusal(lambda: stamped(seal=raw, signed_at=moment), "signer_not_in_seal")
    own = world().office.certificate
    refusal(lambda: stamped(seal=raw, signed_at=moment, certificate=own), "signer_not_in_seal")
    refusal(lambda: stamped(seal=interop("ofd", "UserV1.esl").read_bytes(), signed_at=moment), "old_seal")


# ====================================================================== what the refusals look like


def _every_refusal() -> Iterator[StampRefused]:
    closed = stamped(close=True)
    tries = (
        partial(stamped, closed),
        partial(stamped, signer=world().stranger.signer),
        partial(stamped, seal=ses.seal(1)),
        partial(stamped, permitted("false")),
    )
    for make in tries:
        with pytest.raises(StampRefused) as caught:
            make()
        yield caught.value


def test_a_refusal_says_what_and_why_in_one_line() -> None:
    for error in _every_refusal():
        assert error.message
        assert "\n" not in error.message
        assert error.to_dict()["code"] == error.code
        assert "{" not in error.message


def test_a_digest_seal_of_unknown_words_is_tried_as_sm3() -> None:
    from egov_sdk.crypto import sm3
    from egov_sdk.crypto.der import integer, printable_string

    office = world().office
    listed = sequence(sequence(printable_string("digest"), octet_string(sm3(office.certificate.raw))))
    raw = ses.seal(list_type=integer(2), holders=listed)
    report = checked(stamped(seal=raw, certificate=office.certificate))
    assert "holder_digest_algorithm" in report.of("integrity.encoding", subject="s001")[0].evidence["leniencies"]


def test_the_certificate_of_a_holder_may_be_told_though_the_seal_lists_it() -> None:
    office = world().office
    other = SM2PrivateKey.generate(random=seeded("second holder"))
    second = office.ca.issue("signer", "Second", other.public_key(), at=office.seal.created_at, days=999)
    raw = ses.seal(holders=sequence(octet_string(office.certificate.raw), octet_string(second.raw)))
    for signer, certificate in ((other, None), (other, second), (office.signer, office.certificate)):
        report = checked(stamped(seal=raw, signer=signer, certificate=certificate))
        name = Certificate.parse((certificate or second).raw).subject.text
        assert report.of("integrity.value")[0].evidence["subject_name"] == name


def test_redigesting_a_stamped_document_gives_the_same_description() -> None:
    entries = entries_of(stamped())
    assert redigested(entries[DESCRIPTION], entries) == entries[DESCRIPTION]
