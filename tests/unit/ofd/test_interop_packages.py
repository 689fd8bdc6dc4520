"""Every package that others made opens, and what was counted in it by hand is found."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from egov_sdk.ofd import Box, OfdPackage, open_ofd, parse_signature_file, parse_signature_list
from egov_sdk.ofd.describe import describe
from egov_sdk.ofd.signbuild import next_signature_ids
from egov_sdk.ofd.signfiles import SignatureFile
from tests.interop_data import interop


@dataclass(frozen=True)
class Known:
    """What a look into the file by hand gave."""

    files: int
    doc_id: str
    pages: int
    reachable: int
    missing: tuple[str, ...]
    references: tuple[int, ...]
    stamps: tuple[int, ...]
    check_method: str
    next_id: str


_PUBLIC_RES = ("Doc_0/PublicRes.xml",)

KNOWN = {
    "999.ofd": Known(24, "050001700111_12235358", 5, 20, (), (20,), (1,), "1.2.156.10197.1.401", "3"),
    "DigitalSign.ofd": Known(7, "5f8726d4482e4377b6fce9a61c569338", 1, 3, (), (4,), (0,), "SM3", "s002"),
    "SESV4SignDoc.ofd": Known(8, "07723bc91fdf4078a17588d63c419bea", 1, 3, (), (5,), (1,), "SM3", "3"),
    "V4RideRight.ofd": Known(11, "5e07a151ff9847bea6b5e12b9d7c6e9a", 5, 6, _PUBLIC_RES, (9,), (5,), "SM3", "s007"),
    "allprotected.ofd": Known(8, "07723bc91fdf4078a17588d63c419bea", 1, 3, (), (6,), (1,), "SM3", "003"),
    "draw_param_ref.ofd": Known(
        21, "90baf370c9dc11e980000b7700000a77", 5, 16, (), (17,), (1,), "1.2.156.10197.1.401", "3"
    ),
    "h.ofd": Known(14, "5e07a151ff9847bea6b5e12b9d7c6e9a", 5, 6, _PUBLIC_RES, (9, 11), (5, 1), "SM3", "s009"),
    "made-sign.ofd": Known(7, "07723bc91fdf4078a17588d63c419bea", 1, 3, (), (4,), (0,), "SM3", "s002"),
    "made-v1.ofd": Known(8, "07723bc91fdf4078a17588d63c419bea", 1, 3, (), (5,), (1,), "SM3", "s003"),
    "made-v4-riding.ofd": Known(20, "ce7c79884c864f6083aead6d8511bb3a", 11, 15, (), (17,), (11,), "SM3", "s013"),
    "made-v4.ofd": Known(8, "07723bc91fdf4078a17588d63c419bea", 1, 3, (), (5,), (1,), "SM3", "s003"),
    "made-v5.ofd": Known(8, "07723bc91fdf4078a17588d63c419bea", 1, 3, (), (5,), (1,), "SM3", "s003"),
}


def _open(name: str) -> OfdPackage:
    return open_ofd(interop("ofd", name))


def _signatures(package: OfdPackage) -> tuple[SignatureFile, ...]:
    entries = parse_signature_list(package, package.documents[0]).entries
    return tuple(parse_signature_file(package, entry.base_name) for entry in entries)


def test_no_package_of_the_interop_data_is_left_out() -> None:
    assert {path.name for path in interop("ofd").glob("*.ofd")} == KNOWN.keys()


@pytest.mark.parametrize("name", sorted(KNOWN))
def test_what_was_counted_by_hand_is_found(name: str) -> None:
    package, known = _open(name), KNOWN[name]
    assert package.notes == ()
    assert len(package.names) == known.files
    (document,) = package.documents
    assert document.doc_id == known.doc_id
    assert len(document.pages) == known.pages
    assert len(document.reachable()) == known.reachable
    assert tuple(missing.name for missing in document.missing) == known.missing
    signatures = _signatures(package)
    assert tuple(len(signature.references) for signature in signatures) == known.references
    assert tuple(len(signature.stamps) for signature in signatures) == known.stamps
    assert {signature.check_method for signature in signatures} == {known.check_method}
    assert {signature.method for signature in signatures} == {"1.2.156.10197.1.501"}
    assert all(signature.value_name in package for signature in signatures)
    assert all(len(reference.check_value) == 32 for signature in signatures for reference in signature.references)
    assert all(reference.name in package for signature in signatures for reference in signature.references)
    assert next_signature_ids(package, document, count=1) == (known.next_id,)


@pytest.mark.parametrize("name", sorted(KNOWN))
def test_rewriting_changes_no_content(name: str) -> None:
    package = _open(name)
    again = open_ofd(package.rewrite({}))
    assert again.names == package.names
    assert all(again.read(entry) == package.read(entry) for entry in package.names)


@pytest.mark.parametrize("name", sorted(KNOWN))
def test_every_file_is_accounted_for_in_the_summary(name: str) -> None:
    summary = describe(_open(name))
    assert [entry.name for entry in summary.entries if not entry.reached] == []
    assert len(summary.documents[0].signatures) == len(KNOWN[name].references)


def test_the_seam_seal_of_v4rideright_is_five_slices_of_eight_millimetres() -> None:
    package = _open("V4RideRight.ofd")
    (signature,) = _signatures(package)
    assert [stamp.boundary for stamp in signature.stamps] == [Box(x, 40, 40, 40) for x in (202, 194, 186, 178, 170)]
    assert [stamp.clip for stamp in signature.stamps] == [Box(x, 0, 8, 40) for x in (0, 8, 16, 24, 32)]
    assert [stamp.id for stamp in signature.stamps] == ["s002", "s003", "s004", "s005", "s006"]
    document = package.documents[0]
    pages = [document.page_by_id(stamp.page_ref) for stamp in signature.stamps]
    assert pages == list(document.pages)
    assert {page.box for page in document.pages} == {Box(0, 0, 210, 297)}


def test_the_tax_invoice_999_has_pages_of_two_sizes_and_its_own_words() -> None:
    document = _open("999.ofd").documents[0]
    assert [page.box for page in document.pages] == [Box(0, 0, 210, 140), *[Box(0, 0, 210, 297)] * 4]
    assert [page.templates[0].id for page in document.pages] == ["9", "91", "270", "449", "628"]
    custom = dict(document.custom_datas)
    assert len(custom) == 11
    assert (custom["发票代码"], custom["发票号码"], custom["价税合计"]) == ("050001700111", "12235358", "10600.00")
    assert document.reachable()["Doc_0/Attachs/original_invoice.xml"] == "attachment original_invoice"
    assert document.reachable()["Doc_0/Annots/Page_0/Annotation.xml"] == "annotations of page 10"


def test_999_leaves_ofd_xml_unprotected_and_draw_param_ref_its_templates() -> None:
    package = _open("999.ofd")
    (signature,) = _signatures(package)
    protected = {reference.name for reference in signature.references}
    assert "OFD.xml" not in protected
    assert package.documents[0].reachable().keys() == protected
    package = _open("draw_param_ref.ofd")
    (signature,) = _signatures(package)
    protected = {reference.name for reference in signature.references}
    assert package.documents[0].reachable().keys() - protected == {
        "Doc_0/TPLS/TPL_0/Content.xml",
        "Doc_0/TPLS/TPL_1/Content.xml",
    }


def test_departures_of_real_signature_files_are_named() -> None:
    package = _open("h.ofd")
    listed = parse_signature_list(package, package.documents[0])
    assert [entry.id for entry in listed.entries] == ["s001", "s007"]
    assert listed.max_sign_id == "s008"
    assert listed.leniencies == ("max_sign_id_after", "max_sign_id_repeated")
    assert [signature.leniencies for signature in _signatures(package)] == [("schema_order",), ("schema_order",)]
    package = _open("999.ofd")
    assert parse_signature_list(package, package.documents[0]).leniencies == ("relative_path",)
    (signature,) = _signatures(package)
    assert signature.leniencies == ()
    assert signature.provider is not None
    assert (signature.provider.name, signature.seal_name) == ("KingGrid", None)


def test_pages_of_made_v4_riding_are_in_the_order_of_the_document() -> None:
    document = _open("made-v4-riding.ofd").documents[0]
    assert [page.id for page in document.pages] == [
        "2", "49", "95", "143", "191", "239", "285", "331", "377", "427", "474",
    ]  # fmt: skip
    assert document.root == "Doc_1/Document.xml"
    assert document.reachable()["Doc_1/Res/font_1.otf"] == "font"
