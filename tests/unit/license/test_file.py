"""Licence files: made the same each time, sealed by role, and read back, ours and others'."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from egov_sdk.errors import InputError
from egov_sdk.license.elements import Naming
from egov_sdk.license.face.samples import SAMPLES, SampleName
from egov_sdk.license.face.template import FacePage, FaceTemplate, SealPlace
from egov_sdk.license.file import compose_license_file, make_license_file, read_license_file, seal_license_file
from egov_sdk.license.metadata import LicenseHolder
from egov_sdk.license.problems import LicenseRejected
from egov_sdk.ofd import open_ofd, parse_signature_file, parse_signature_list
from tests.interop_data import interop
from tests.unit.license.face.world import BUREAU, made, metadata_of, photo, sealer, type_of
from tests.world import NOW, assert_verifies, entries_of, world, zipped

NAMES = {
    Naming.PINYIN: ("ZZMC", "ZZBS", "CZZT"),
    Naming.ENGLISH: ("CertificateName", "CertificateIdentifier", "CertificateHolderName"),
    Naming.CHINESE: ("证照名称", "证照标识", "持证主体"),
}


@pytest.mark.parametrize("name", SAMPLES)
def test_the_same_licence_gives_the_same_bytes(name: SampleName) -> None:
    pictures = {"照片": photo()} if name == "person_certificate" else {}
    one = make_license_file(type_of(name), metadata_of(name), pictures=pictures)
    assert one == make_license_file(type_of(name), metadata_of(name), pictures=pictures)
    assert one == made(name).unsealed


@pytest.mark.parametrize("name", SAMPLES)
def test_a_sealed_licence_passes_every_check_of_its_seals(name: SampleName) -> None:
    assert_verifies(made(name).file, world().policy())


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize("naming", list(Naming))
def test_metadata_and_index_are_read_back_in_any_naming(name: SampleName, naming: Naming) -> None:
    licence = made(name, naming)
    found = read_license_file(licence.file)
    assert found.metadata == licence.metadata
    assert (found.findings, found.notes, found.copy) == ((), (), None)
    assert set(NAMES[naming]) <= {pair[0] for pair in found.document.custom_datas}
    assert found.tagged is not None
    assert {tag.problem for tag in found.tagged} == {""}
    assert found.face[NAMES[naming][2]] == licence.metadata.holders[0].name


def test_the_index_is_of_the_kind_cert_and_points_to_objects_by_page_and_number() -> None:
    entries = entries_of(made().unsealed)
    assert b'TypeID="cert"' in entries["Doc_0/Tags/CustomTags.xml"]
    index = entries["Doc_0/Tags/Tag_Certificate.xml"]
    assert b'xmlns:cert="http://www.cert.org/"' in index
    assert b"<cert:CZZT><cert:ObjectRef PageRef=" in index


def test_what_overleaf_holds_is_indexed_with_what_stands_before() -> None:
    licence = made("multi_page_permit")
    face = read_license_file(licence.file).face
    assert face["KZ_许可内容"] == licence.metadata.fields["许可内容"]
    assert face["KZ_设备清单"] == licence.metadata.fields["设备清单"].replace("^", "").replace("\n", "")


def test_a_permit_of_several_pages_is_sealed_over_their_edges() -> None:
    package = open_ofd(made("multi_page_permit").file)
    document = package.documents[0]
    assert len(document.pages) == 4
    (entry,) = parse_signature_list(package, document).entries
    stamps = parse_signature_file(package, entry.base_name).stamps
    assert [stamp.clip is None for stamp in stamps] == [True, False, False, False, False]


def test_characters_that_no_font_has_are_told_when_a_file_is_made() -> None:
    holders = (LicenseHolder(name="\U00020b9f记食品店", code="91110000600037341L", type_code="001"),)
    composed = compose_license_file(type_of("business_permit"), metadata_of(holders=holders))
    assert [(note.item, note.characters) for note in composed.notes] == [("holder", "\U00020b9f")]
    assert composed.pages == 1
    assert read_license_file(composed.file).face["CZZT"] == "\U00020b9f记食品店"


def test_a_type_without_a_template_has_no_file() -> None:
    type_ = type_of("business_permit").model_copy(update={"template": None})
    with pytest.raises(LicenseRejected) as caught:
        make_license_file(type_, metadata_of())
    assert caught.value.problem == "face_no_template"


# ---------------------------------------------------------------------- sealing

TWO_ROLES = FaceTemplate(
    name="two",
    pages=(FacePage(),),
    seals=(SealPlace(role="issuer", page=-1, x_mm=120, y_mm=200), SealPlace(role="clerk", x_mm=20, y_mm=200)),
)


def _two_roles() -> bytes:
    return make_license_file(type_of("business_permit").model_copy(update={"template": TWO_ROLES}), metadata_of())


def test_each_role_seals_at_its_places_in_the_order_of_the_template() -> None:
    file = seal_license_file(
        _two_roles(), template=TWO_ROLES, sealers={"clerk": sealer(), "issuer": sealer()}, signed_at=NOW
    )
    package = open_ofd(file)
    entries = parse_signature_list(package, package.documents[0]).entries
    assert [parse_signature_file(package, e.base_name).stamps[0].boundary.x for e in entries] == [120, 20]


def test_a_role_that_is_not_given_may_seal_later() -> None:
    first = seal_license_file(_two_roles(), template=TWO_ROLES, sealers={"issuer": sealer()}, signed_at=NOW)
    both = seal_license_file(first, template=TWO_ROLES, sealers={"clerk": sealer()}, signed_at=NOW)
    assert_verifies(both, world().policy())


def test_a_role_that_the_template_has_not_is_refused() -> None:
    with pytest.raises(LicenseRejected) as caught:
        seal_license_file(_two_roles(), template=TWO_ROLES, sealers={"mayor": sealer()}, signed_at=NOW)
    assert caught.value.problem == "face_role"


def test_sealing_needs_a_sealer_and_a_time_with_a_zone() -> None:
    with pytest.raises(ValueError, match="one role"):
        seal_license_file(_two_roles(), template=TWO_ROLES, sealers={}, signed_at=NOW)
    naive = NOW.replace(tzinfo=None)
    with pytest.raises(ValueError, match="aware"):
        seal_license_file(_two_roles(), template=TWO_ROLES, sealers={"issuer": sealer()}, signed_at=naive)


# ---------------------------------------------------------------------- others' files


@pytest.mark.parametrize("file", ["999.ofd", "h.ofd", "V4RideRight.ofd", "allprotected.ofd"])
def test_documents_of_others_are_read_and_say_what_they_lack(file: str) -> None:
    found = read_license_file(interop("ofd", file))
    assert found.metadata is None
    assert "no_metadata" in {note.code for note in found.notes}
    assert found.tagged is None or found.tagged == () or {tag.item for tag in found.tagged} == {""}


def test_a_file_without_metadata_and_index_says_so() -> None:
    codes = {note.code for note in read_license_file(world().document).notes}
    assert codes == {"metadata_unreadable", "no_index", "no_signature"}


def test_values_that_stand_in_two_namings_must_agree() -> None:
    entries = entries_of(made().unsealed)
    other = '<ofd:CustomData Name="CertificateHolderName">别人</ofd:CustomData></ofd:CustomDatas>'.encode()
    entries["OFD.xml"] = entries["OFD.xml"].replace(b"</ofd:CustomDatas>", other)
    assert [found.code for found in read_license_file(zipped(entries)).findings] == ["egov.license.item_twice"]


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_damaged_file_is_read_or_refused_as_input(data: st.DataObject) -> None:
    entries = entries_of(made().file)
    name = data.draw(st.sampled_from(sorted(entries)))
    content = bytearray(entries[name])
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    try:
        found = read_license_file(zipped(entries | {name: bytes(content)}))
        assert found.tagged is None or isinstance(found.face, dict)
        assert isinstance(found.notes, tuple)
    except InputError:
        return


def test_the_issuer_is_who_the_metadata_says() -> None:
    metadata = read_license_file(made().file).metadata
    assert metadata is not None
    assert metadata.issuer == BUREAU
