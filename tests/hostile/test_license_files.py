"""Licences that an attacker made: every one gets a code, and none a yes.

Whoever edits a file breaks its seal, and ``seal.verify`` says so. The dangerous ones are sealed again: with the seal of
another who is trusted all the same, or, at the worst, with the issuer's own.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from egov_sdk.license.copies import annotate
from egov_sdk.license.face.compare import compare_face
from egov_sdk.license.face.samples import SAMPLES, SampleName
from egov_sdk.license.file import make_license_file
from egov_sdk.license.metadata import CopyNote, LicenseHolder
from egov_sdk.license.policy import LicensePolicy
from egov_sdk.license.verify import verify
from egov_sdk.ofd import open_ofd
from egov_sdk.pki import TrustStore
from egov_sdk.report import Outcome, Report
from egov_sdk.seal import Placement, Policy, StampRefused, stamp
from tests.unit.license.face.world import (
    BUREAU,
    LATER,
    REQUESTER,
    Register,
    made,
    make,
    metadata_of,
    photo,
    policy,
    sealer,
    type_of,
)
from tests.world import NOW, Office, entries_of, redigested, world, zipped

PAGE, TEMPLATE, INDEX = (
    "Doc_0/Pages/Page_0/Content.xml",
    "Doc_0/Tpls/Tpl_0/Content.xml",
    "Doc_0/Tags/Tag_Certificate.xml",
)
ROOT = "Doc_0/Document.xml"
TYPES = tuple(type_of(name) for name in SAMPLES)
Edit = Callable[[dict[str, bytes]], None]


def _sealed(file: bytes, *, by: Office | None = None) -> bytes:
    office = by or world().office
    return stamp(
        file, seal=office.seal, signer=office.signer, certificate=office.certificate,
        at=[Placement(page=1, x_mm=100, y_mm=100)], signed_at=NOW,
    )  # fmt: skip


def _edited(edit: Edit, name: SampleName = "business_permit") -> bytes:
    entries = entries_of(made(name).unsealed)
    before = dict(entries)
    edit(entries)
    assert entries != before, "the edit found nothing to edit"
    return zipped(entries)


def _replace(part: str, old: str, new: str) -> Edit:
    def edit(entries: dict[str, bytes]) -> None:
        entries[part] = entries[part].replace(old.encode(), new.encode())

    return edit


def _draw(xml: str) -> Edit:
    """Draw something at the end of the first page."""
    return _replace(PAGE, "</ofd:Layer>", f"{xml}</ofd:Layer>")


def _reasons(report: Report) -> set[tuple[str, str]]:
    return {(check.id, check.reason) for check in report.blocking}


def _all_trusted() -> LicensePolicy:
    trust = TrustStore([world().office.ca.certificate, world().stranger.ca.certificate])
    return LicensePolicy.offline(Policy.standard(trust=trust, at=LATER))


@dataclass(frozen=True)
class Attack:
    """What is done to the first page or around it, and how it is told when the issuer's own seal stands on it.

    ``face`` is empty where nothing that is seen was changed.
    """

    edit: Edit
    face: str
    also: tuple[tuple[str, str], ...] = ()
    licence: SampleName = "business_permit"


def _text(ident: int, x: int, y: int, words: str, *, color: str = "0 0 0") -> str:
    return (
        f'<ofd:TextObject ID="{ident}" Boundary="{x} {y} 60 8" Font="2" Size="4.8">'
        f'<ofd:FillColor Value="{color}"/>'
        f'<ofd:TextCode X="0" Y="4">{words}</ofd:TextCode></ofd:TextObject>'
    )


_COVER = (
    '<ofd:PathObject ID="900" Boundary="80 54 60 12" Fill="true" Stroke="false"><ofd:FillColor Value="255 255 255"/>'
    "<ofd:AbbreviatedData>M 0 0 L 60 0 L 60 12 L 0 12 C</ofd:AbbreviatedData></ofd:PathObject>"
)


def _swap_tags(entries: dict[str, bytes]) -> None:
    one, other = re.findall(rb"<cert:CZZT>(.*?)</cert:CZZT>|<cert:CZZTDM>(.*?)</cert:CZZTDM>", entries[INDEX])
    holder, code = one[0], other[1]
    entries[INDEX] = (
        entries[INDEX]
        .replace(b"<cert:CZZT>" + holder, b"<cert:CZZT>" + code)
        .replace(b"<cert:CZZTDM>" + code, b"<cert:CZZTDM>" + holder)
    )


def _twice_in_the_index(entries: dict[str, bytes]) -> None:
    (element,) = re.findall(rb"<cert:CZZT>.*?</cert:CZZT>", entries[INDEX])
    entries[INDEX] = entries[INDEX].replace(element, element * 2)


def _tag(pattern: str, new: str) -> Edit:
    def edit(entries: dict[str, bytes]) -> None:
        entries[INDEX] = re.sub(pattern.encode(), new.encode(), entries[INDEX], count=1)

    return edit


def _annotation(entries: dict[str, bytes]) -> None:
    head = '<?xml version="1.0"?><ofd:{0} xmlns:ofd="http://www.ofdspec.org/2016">{1}</ofd:{0}>'
    page_id = re.search(rb'<ofd:Page ID="(\d+)"', entries[ROOT])
    assert page_id is not None
    index = f'<ofd:Page PageID="{page_id[1].decode()}"><ofd:FileLoc>A.xml</ofd:FileLoc></ofd:Page>'
    over = (
        f'<ofd:Annot ID="901" Type="Stamp"><ofd:Appearance Boundary="0 0 297 210">{_COVER}</ofd:Appearance></ofd:Annot>'
    )
    entries["Doc_0/Annots/Annotations.xml"] = head.format("Annotations", index).encode()
    entries["Doc_0/Annots/A.xml"] = head.format("PageAnnot", over).encode()
    _replace(ROOT, "<ofd:CustomTags>", "<ofd:Annotations>Annots/Annotations.xml</ofd:Annotations><ofd:CustomTags>")(
        entries
    )


def _attachment(entries: dict[str, bytes]) -> None:
    entries["Doc_0/Attachs/Attachments.xml"] = (
        b'<ofd:Attachments xmlns:ofd="http://www.ofdspec.org/2016"><ofd:Attachment ID="1" Name="x">'
        b"<ofd:FileLoc>x.txt</ofd:FileLoc></ofd:Attachment></ofd:Attachments>"
    )
    entries["Doc_0/Attachs/x.txt"] = b"another licence"
    _replace(ROOT, "</ofd:Document>", "<ofd:Attachments>Attachs/Attachments.xml</ofd:Attachments></ofd:Document>")(
        entries
    )


def _extra_page(entries: dict[str, bytes]) -> None:
    entries["Doc_0/Pages/Page_9/Content.xml"] = entries[PAGE]
    _replace(ROOT, "</ofd:Pages>", '<ofd:Page ID="990" BaseLoc="Pages/Page_9/Content.xml"/></ofd:Pages>')(entries)


def _other_photo(entries: dict[str, bytes]) -> None:
    """The box of the photo is moved away, and another picture stands in its place."""
    entries[PAGE] = entries[PAGE].replace(b'Boundary="22 47 30 40"', b'Boundary="22 47 31 40"')


INDEX_PROBLEM = "integrity.index"

ATTACKS: dict[str, Attack] = {
    "the holder on the page is another": Attack(
        _replace(PAGE, "某某市样例食品有限公司", "某某市另家食品有限公司"),
        "text_differs",
        ((INDEX_PROBLEM, "differs"),),
    ),
    "the number in the metadata is another": Attack(
        _replace("OFD.xml", "JY12200000000017", "JY12200000000099"), "text_differs", ((INDEX_PROBLEM, "differs"),)
    ),
    "a text that no index has is another": Attack(
        _replace(TEMPLATE, "营 业 许 可 证", "特 种 许 可 证"), "text_differs", ((INDEX_PROBLEM, "ok"),)
    ),
    "the specimen mark is gone": Attack(
        _replace(PAGE, '<ofd:Template TemplateID="', '<ofd:Template TemplateID="9'), "page_differs"
    ),
    "white text hides behind what is seen": Attack(
        _draw(_text(900, 20, 20, "王五", color="255 255 255")), "object_extra"
    ),
    "a black text is added": Attack(_draw(_text(900, 20, 20, "王五")), "object_extra"),
    "a white shape covers the holder": Attack(_draw(_COVER), "object_extra", ((INDEX_PROBLEM, "covered"),)),
    "a white shape covers the holder and another stands on it": Attack(
        _draw(_COVER + _text(901, 82, 56, "王五")), "object_extra", ((INDEX_PROBLEM, "covered"),)
    ),
    "a stamp annotation covers the holder": Attack(_annotation, "file_extra", ((INDEX_PROBLEM, "covered"),)),
    "the true holder is white": Attack(
        lambda entries: _whitened(entries, "某某市样例食品有限公司"), "look_differs", ((INDEX_PROBLEM, "not_seen"),)
    ),
    "the true holder is invisible": Attack(
        lambda entries: _marked(entries, "某某市样例食品有限公司", ' Visible="false"'),
        "look_differs",
        ((INDEX_PROBLEM, "not_seen"),),
    ),
    "the true holder has no ink": Attack(
        lambda entries: _marked(entries, "某某市样例食品有限公司", ' Fill="false"'),
        "look_differs",
        ((INDEX_PROBLEM, "not_seen"),),
    ),
    "the true holder stands beside the paper": Attack(
        lambda entries: _moved(entries, "某某市样例食品有限公司", "-500 54 60 8"),
        "text_differs",
        ((INDEX_PROBLEM, "not_seen"),),
    ),
    "the true holder has no room": Attack(
        lambda entries: _moved(entries, "某某市样例食品有限公司", "80 54 0 0"),
        "text_differs",
        ((INDEX_PROBLEM, "not_seen"),),
    ),
    "the true holder stands in a template that no page has": Attack(
        lambda entries: _in_a_template(entries, "某某市样例食品有限公司", used=False),
        "object_missing",
        ((INDEX_PROBLEM, "not_seen"),),
    ),
    "the true holder stands in a background that the page covers": Attack(
        lambda entries: _in_a_template(entries, "某某市样例食品有限公司", used=True),
        "page_differs",
        ((INDEX_PROBLEM, "covered"),),
    ),
    "an object of the face is gone": Attack(lambda entries: _removed(entries, "李四"), "object_missing"),
    "two objects of the face have changed places": Attack(lambda entries: _swapped(entries), "page_differs"),
    "the index points to other objects": Attack(_swap_tags, "", ((INDEX_PROBLEM, "differs"),)),
    "the index points to a missing page": Attack(
        _tag(r'PageRef="\d+"', 'PageRef="777"'), "", ((INDEX_PROBLEM, "page_missing"),)
    ),
    "the index points to a missing object": Attack(
        _tag(r'(PageRef="\d+">)\d+', r"\g<1>77777"), "", ((INDEX_PROBLEM, "object_missing"),)
    ),
    "the index has one item twice": Attack(_twice_in_the_index, "", ((INDEX_PROBLEM, "twice"),)),
    "the index has an item of no licence": Attack(
        _tag("<cert:CZZTDM>(.*?)</cert:CZZTDM>", r"<cert:KZ_x>\g<1></cert:KZ_x>"),
        "",
        ((INDEX_PROBLEM, "unknown"),),
    ),
    "an attachment rides along": Attack(_attachment, "file_extra"),
    "a page is added": Attack(_extra_page, "pages_differ"),
    "the page is larger": Attack(
        _replace(PAGE, "<ofd:PhysicalBox>0 0 297 210<", "<ofd:PhysicalBox>0 0 420 297<"), "page_differs"
    ),
    "the photo is drawn in another size": Attack(_other_photo, "look_differs", licence="person_certificate"),
    "black is another colour by default": Attack(
        _replace(ROOT, "</ofd:CommonData>", "<ofd:DefaultCS>77</ofd:DefaultCS></ofd:CommonData>"), "file_differs"
    ),
    "the document does something when it is opened": Attack(
        _replace(ROOT, "<ofd:CustomTags>", "<ofd:Actions/><ofd:CustomTags>"), "file_differs"
    ),
    "the background lies over the page": Attack(
        _replace(PAGE, '<ofd:Template TemplateID="1"', '<ofd:Template ZOrder="Foreground" TemplateID="1"'),
        "page_differs",
    ),
    "the font of everything is another": Attack(
        _replace("Doc_0/PublicRes.xml", 'FontName="宋体"', 'FontName="Wingdings"'), "look_differs"
    ),
}


def _object_with(entries: dict[str, bytes], words: str) -> bytes:
    for match in re.finditer(rb"<ofd:TextObject.*?</ofd:TextObject>", entries[PAGE]):
        if words.encode() in match[0]:
            return match[0]
    raise AssertionError(words)


def _whitened(entries: dict[str, bytes], words: str) -> None:
    found = _object_with(entries, words)
    entries[PAGE] = entries[PAGE].replace(found, found.replace(b'Value="0 0 0"', b'Value="255 255 255"'))


def _marked(entries: dict[str, bytes], words: str, attribute: str) -> None:
    found = _object_with(entries, words)
    entries[PAGE] = entries[PAGE].replace(
        found, found.replace(b"<ofd:TextObject", b"<ofd:TextObject" + attribute.encode())
    )


def _moved(entries: dict[str, bytes], words: str, boundary: str) -> None:
    found = _object_with(entries, words)
    there = re.sub(rb'Boundary="[^"]*"', f'Boundary="{boundary}"'.encode(), found)
    entries[PAGE] = entries[PAGE].replace(found, there)


def _in_a_template(entries: dict[str, bytes], words: str, *, used: bool) -> None:
    """The object moves to a template of its own, where the index finds it; the page draws another over it."""
    found = _object_with(entries, words)
    number = re.search(rb'ID="(\d+)"', found)
    assert number is not None
    layer = b'<ofd:Content><ofd:Layer ID="981">' + found + b"</ofd:Layer></ofd:Content></ofd:Page>"
    entries["Doc_0/Tpls/Tpl_9.xml"] = b'<ofd:Page xmlns:ofd="http://www.ofdspec.org/2016">' + layer
    template = b'<ofd:TemplatePage ID="980" BaseLoc="/Doc_0/Tpls/Tpl_9.xml"/></ofd:CommonData>'
    entries[ROOT] = entries[ROOT].replace(b"</ofd:CommonData>", template)
    pattern = rb'PageRef="\d+">' + number[1] + rb"<"
    entries[INDEX] = re.sub(pattern, b'PageRef="980">' + number[1] + b"<", entries[INDEX])
    entries[PAGE] = entries[PAGE].replace(found, _COVER.encode() if used else b"")
    if used:
        entries[PAGE] = entries[PAGE].replace(b"<ofd:Template ", b'<ofd:Template TemplateID="980"/><ofd:Template ', 1)


def _removed(entries: dict[str, bytes], words: str) -> None:
    entries[PAGE] = entries[PAGE].replace(_object_with(entries, words), b"")


def _swapped(entries: dict[str, bytes]) -> None:
    one, other = _object_with(entries, "李四"), _object_with(entries, "食品销售经营者")
    page = entries[PAGE].replace(one, b"@1").replace(other, b"@2")
    entries[PAGE] = page.replace(b"@1", other).replace(b"@2", one)


@pytest.mark.parametrize("name", ATTACKS)
def test_a_face_that_is_not_the_template_s_is_found_under_the_issuer_s_own_seal(name: str) -> None:
    attack = ATTACKS[name]
    file = _sealed(_edited(attack.edit, attack.licence))
    report = verify(file, policy=policy(), types=TYPES)
    assert report.outcome is Outcome.FAILED
    if attack.face:
        assert ("integrity.face", attack.face) in _reasons(report), _reasons(report)
    else:
        assert _reasons(report) == set(attack.also)
    told = {(check.id, check.reason) for check in report.checks}
    assert set(attack.also) <= told, [c for c in report.checks if c.id == INDEX_PROBLEM]


TOLD_BY_THE_INDEX = [name for name, attack in ATTACKS.items() if attack.also and attack.also[0][1] != "ok"]


@pytest.mark.parametrize("name", TOLD_BY_THE_INDEX)
def test_what_the_index_tells_is_found_without_the_template(name: str) -> None:
    attack = ATTACKS[name]
    file = _sealed(_edited(attack.edit, attack.licence))
    report = verify(file, policy=policy().without_template())
    assert report.outcome is Outcome.FAILED
    assert attack.also[0] in _reasons(report)


@pytest.mark.parametrize("name", ATTACKS)
def test_a_face_edited_under_the_old_seal_breaks_it(name: str) -> None:
    attack = ATTACKS[name]
    before, entries = entries_of(made(attack.licence).unsealed), entries_of(made(attack.licence).unsealed)
    attack.edit(entries)
    changed = {part: content for part, content in entries.items() if before.get(part) != content}
    if "OFD.xml" in changed:
        changed["OFD.xml"] = entries_of(made(attack.licence).file)["OFD.xml"].replace(b"JY122", b"JY999")
    report = verify(zipped(entries_of(made(attack.licence).file) | changed), policy=policy(), types=TYPES)
    assert report.outcome is Outcome.FAILED
    assert ("integrity.references", "file_changed") in _reasons(report)


def test_a_licence_sealed_again_by_another_who_is_trusted_is_not_the_issuer_s() -> None:
    report = verify(_sealed(made().unsealed, by=world().stranger), policy=_all_trusted(), types=TYPES)
    assert _reasons(report) == {("binding.issuer", "sealed_by_another")}


def test_a_seal_of_another_on_top_may_cover_what_is_printed_and_is_refused() -> None:
    """The seal's own picture hides a name: no object of the page differs, and the issuer's seal still holds."""
    report = verify(_sealed(made().file, by=world().stranger), policy=_all_trusted(), types=TYPES)
    assert _reasons(report) == {("binding.issuer", "sealed_besides")}


def test_a_seal_of_another_passes_where_the_template_has_a_role_for_it() -> None:
    permit = type_of("business_permit")
    assert permit.template is not None
    second = permit.template.seals[0].model_copy(update={"role": "supervisor", "x_mm": 20.0})
    template = permit.template.model_copy(update={"seals": (*permit.template.seals, second)})
    types = [permit.model_copy(update={"template": template})]
    both = _sealed(made().file, by=world().stranger)
    assert verify(both, policy=_all_trusted(), types=types).outcome is Outcome.PASSED
    alone = _sealed(made().unsealed, by=world().stranger)
    assert _reasons(verify(alone, policy=_all_trusted(), types=types)) == {("binding.issuer", "sealed_by_another")}


def test_a_changed_name_sealed_again_by_another_is_found_twice() -> None:
    edit = ATTACKS["the holder on the page is another"].edit
    report = verify(_sealed(_edited(edit), by=world().stranger), policy=_all_trusted(), types=TYPES)
    assert {("binding.issuer", "sealed_by_another"), ("integrity.face", "text_differs")} <= _reasons(report)


def test_a_whole_licence_for_another_holder_is_not_in_the_register() -> None:
    """Face and metadata agree and the issuer's key was misused: only the register can tell."""
    other = (LicenseHolder(name="某某市另家食品有限公司", code="91110302MA01NP925M", type_code="001"),)
    forged = make("business_permit", metadata_of(holders=other))
    assert verify(forged.file, policy=policy(), types=TYPES).outcome is Outcome.PASSED
    standard = LicensePolicy.standard(world().policy())
    report = verify(forged.file, policy=standard, types=TYPES, registry=Register(made().record()))
    assert _reasons(report) == {("trust.record", "differs"), ("trust.record_file", "another")}


def test_an_older_version_that_was_replaced_is_refused() -> None:
    newer = metadata_of(version=2)
    register = Register(made().record(latest_version=2), made().record(metadata=newer, latest_version=2))
    report = verify(made().file, policy=LicensePolicy.standard(world().policy()), types=TYPES, registry=register)
    assert _reasons(report) == {("trust.version", "older")}


def test_an_item_that_stands_twice_in_the_metadata_is_refused() -> None:
    edit = _replace(
        "OFD.xml", "</ofd:CustomDatas>", '<ofd:CustomData Name="CZZT">别人</ofd:CustomData></ofd:CustomDatas>'
    )
    report = verify(_sealed(_edited(edit)), policy=policy(), types=TYPES)
    assert ("integrity.metadata", "twice") in _reasons(report)


def test_an_item_that_stands_twice_with_the_same_value_is_refused_too() -> None:
    name = "某某市样例食品有限公司"
    edit = _replace(
        "OFD.xml", "</ofd:CustomDatas>", f'<ofd:CustomData Name="CZZT">{name}</ofd:CustomData></ofd:CustomDatas>'
    )
    assert ("integrity.metadata", "twice") in _reasons(verify(_sealed(_edited(edit)), policy=policy(), types=TYPES))


@pytest.mark.parametrize("name", ["CertificateHolderName", "持证主体"])
def test_two_values_in_two_namings_are_refused(name: str) -> None:
    edit = _replace(
        "OFD.xml", "</ofd:CustomDatas>", f'<ofd:CustomData Name="{name}">别人</ofd:CustomData></ofd:CustomDatas>'
    )
    report = verify(_sealed(_edited(edit)), policy=policy(), types=TYPES)
    (check,) = report.of("integrity.metadata")
    assert (check.outcome, check.reason) == (Outcome.FAILED, "wrong")


def test_a_wrong_check_character_is_refused() -> None:
    identifier = str(metadata_of().identifier)
    wrong = identifier[:-1] + ("A" if identifier[-1] != "A" else "B")
    report = verify(_sealed(_edited(_replace("OFD.xml", identifier, wrong))), policy=policy(), types=TYPES)
    assert {("integrity.identifier", "wrong"), ("integrity.metadata", "wrong")} <= _reasons(report)


def test_metadata_that_is_gone_leaves_nothing_to_believe() -> None:
    def edit(entries: dict[str, bytes]) -> None:
        entries["OFD.xml"] = re.sub(rb"<ofd:CustomDatas>.*</ofd:CustomDatas>", b"", entries["OFD.xml"])

    report = verify(_sealed(_edited(edit)), policy=policy(), types=TYPES)
    assert {("integrity.metadata", "wrong"), ("integrity.face", "no_metadata")} <= _reasons(report)


def test_a_package_of_two_documents_is_refused() -> None:
    def edit(entries: dict[str, bytes]) -> None:
        (body,) = re.findall(rb"<ofd:DocBody>.*</ofd:DocBody>", entries["OFD.xml"])
        second = body.replace(b"Doc_0/", b"Doc_1/")
        entries |= {n.replace("Doc_0/", "Doc_1/"): c for n, c in entries.items() if n.startswith("Doc_0/")}
        entries["OFD.xml"] = entries["OFD.xml"].replace(body, body + second)

    report = verify(_sealed(_edited(edit)), policy=policy(), types=TYPES)
    assert ("integrity.one_document", "several") in _reasons(report)


def test_a_version_of_the_document_s_own_is_refused() -> None:
    def edit(entries: dict[str, bytes]) -> None:
        versions = '<ofd:Versions><ofd:Version ID="1" Index="1" Current="true" BaseLoc="Doc_0/V.xml"/></ofd:Versions>'
        _replace("OFD.xml", "</ofd:DocBody>", f"{versions}</ofd:DocBody>")(entries)
        entries["Doc_0/V.xml"] = (
            b'<ofd:DocVersion xmlns:ofd="http://www.ofdspec.org/2016" ID="1"><ofd:FileList/>'
            b"<ofd:DocRoot>Document.xml</ofd:DocRoot></ofd:DocVersion>"
        )

    report = verify(_sealed(_edited(edit)), policy=policy(), types=TYPES)
    assert {("integrity.one_document", "versions"), ("integrity.face", "file_extra")} <= _reasons(report)


def test_a_name_that_the_template_cannot_print_is_refused() -> None:
    number = "JY" + "1" * 300
    edit = _replace("OFD.xml", "JY12200000000017", number)
    report = verify(_sealed(_edited(edit)), policy=policy(), types=TYPES)
    assert ("integrity.face", "template_refuses") in _reasons(report)
    (face,) = report.of("integrity.face")
    assert ("does not fit its box" in face.message.en, "超出填充框" in face.message.zh) == (True, True)


def test_a_licence_sealed_after_the_seal_had_expired_is_refused() -> None:
    late = NOW + timedelta(days=950)
    entries = entries_of(made().file)
    file = world().resealed(
        entries, description=redigested(entries["Doc_0/Signs/Sign_0/Signature.xml"], entries), signed_at=late
    )
    report = verify(file, policy=policy(at=late + timedelta(hours=1)), types=TYPES)
    assert ("trust.seal_period", "seal_expired") in _reasons(report)


def test_an_expired_licence_is_refused_although_its_seal_holds() -> None:
    licence = make("business_permit", metadata_of(valid_until=metadata_of().issued_on))
    report = verify(licence.file, policy=policy(at=NOW + timedelta(days=2)), types=TYPES)
    assert _reasons(report) == {("trust.term", "expired")}


# ---------------------------------------------------------------------- copies

NOTE = CopyNote(made_at=NOW, maker=BUREAU.name, cause="办理变更", valid_until=NOW + timedelta(days=1))


def _copy() -> bytes:
    return annotate(made().file, note=NOTE, requester=REQUESTER, sealer=sealer(), at=NOW)


def _unsealed_copy() -> dict[str, bytes]:
    entries = {name: content for name, content in entries_of(_copy()).items() if "/Signs/" not in name}
    entries["OFD.xml"] = re.sub(rb"<ofd:Signatures>.*?</ofd:Signatures>", b"", entries["OFD.xml"])
    return entries


def test_a_copy_whose_expiry_was_put_off_no_longer_says_what_is_on_its_pages() -> None:
    entries = _unsealed_copy()
    later = re.sub(rb'(Name="JZJYXQJZSJ">)2026', rb"\g<1>2036", entries["OFD.xml"])
    assert later != entries["OFD.xml"]
    report = verify(_sealed(zipped(entries | {"OFD.xml": later})), policy=policy(), types=TYPES)
    assert ("integrity.face", "text_differs") in _reasons(report)


def test_a_copy_for_another_requester_no_longer_says_what_is_on_its_pages() -> None:
    entries = _unsealed_copy()
    entries["OFD.xml"] = entries["OFD.xml"].replace(REQUESTER.name.encode(), "某某有限责任公司".encode())
    report = verify(_sealed(zipped(entries)), policy=policy(), types=TYPES)
    assert ("integrity.face", "text_differs") in _reasons(report)


def test_a_copy_without_its_marks_is_refused() -> None:
    entries = _unsealed_copy()
    marks = "Doc_0/Annots/Copy_1.xml"
    entries[marks] = re.sub(rb"<ofd:Annot .*</ofd:Annot>", b"", entries[marks])
    report = verify(_sealed(zipped(entries)), policy=policy(), types=TYPES)
    assert ("integrity.face", "object_missing") in _reasons(report)


@pytest.mark.parametrize("first", [True, False])
def test_a_copy_with_other_annotations_beside_its_marks_is_refused(first: bool) -> None:
    entries = _unsealed_copy()
    drawn = f'<ofd:Appearance Boundary="0 0 297 210">{_COVER}{_text(991, 82, 56, "王五")}</ofd:Appearance>'
    head = '<ofd:PageAnnot xmlns:ofd="http://www.ofdspec.org/2016"><ofd:Annot ID="990">'
    entries["Doc_0/Annots/More.xml"] = f"{head}{drawn}</ofd:Annot></ofd:PageAnnot>".encode()
    index = next(name for name, content in entries.items() if b"<ofd:Annotations " in content)
    page = re.search(rb"<ofd:Page .*?</ofd:Page>", entries[index])
    assert page is not None
    twin = page[0].replace(b"Copy_1.xml", b"More.xml")
    entries[index] = entries[index].replace(page[0], twin + page[0] if first else page[0] + twin)
    report = verify(_sealed(zipped(entries)), policy=policy(), types=TYPES)
    assert ("integrity.face", "file_extra") in _reasons(report)


def test_a_second_font_with_the_number_of_the_first_is_another_face_and_nobody_seals_it() -> None:
    twin = '<ofd:Font ID="7" FontName="Wingdings" FamilyName="x"/></ofd:Fonts>'
    edited = _edited(_replace("Doc_0/PublicRes.xml", "</ofd:Fonts>", twin))
    found = compare_face(open_ofd(edited).documents[0], entries_of(made("business_permit").unsealed))
    assert found is not None
    assert found.reason == "look_differs"
    with pytest.raises(StampRefused):
        _sealed(edited)


RESOURCES = {
    "a drawing parameter": '<ofd:DrawParams><ofd:DrawParam ID="970" LineWidth="2"/></ofd:DrawParams>',
    "a colour space": '<ofd:ColorSpaces><ofd:ColorSpace ID="970" Type="RGB"/></ofd:ColorSpaces>',
    "a font of its own": (
        '<ofd:Fonts><ofd:Font ID="970" FontName="x"><ofd:FontFile>/Doc_0/x.otf</ofd:FontFile></ofd:Font></ofd:Fonts>'
    ),
}


@pytest.mark.parametrize("kind", RESOURCES)
def test_a_licence_with_any_resource_is_judged(kind: str) -> None:
    def edit(entries: dict[str, bytes]) -> None:
        entries["Doc_0/x.otf"] = b"OTTO"
        entries["Doc_0/PublicRes.xml"] = entries["Doc_0/PublicRes.xml"].replace(
            b"<ofd:Fonts>", RESOURCES[kind].encode() + b"<ofd:Fonts>"
        )
        entries[PAGE] = entries[PAGE].replace(b"</ofd:Layer>", _text(960, 20, 20, "王五").encode() + b"</ofd:Layer>")

    report = verify(_sealed(_edited(edit)), policy=policy(), types=TYPES)
    assert ("integrity.face", "object_extra") in _reasons(report)


def test_a_copy_whose_items_were_taken_off_is_no_original() -> None:
    entries = _unsealed_copy()
    entries["OFD.xml"] = re.sub(rb'<ofd:CustomData Name="JZJ[A-Z]*">[^<]*</ofd:CustomData>', b"", entries["OFD.xml"])
    report = verify(_sealed(zipped(entries)), policy=policy(), types=TYPES)
    assert ("integrity.face", "file_extra") in _reasons(report)
    demands = LicensePolicy.standard(world().policy())
    registered = verify(_sealed(zipped(entries)), policy=demands, types=TYPES, registry=Register(made().record()))
    assert ("trust.record_file", "another") in _reasons(registered)


@pytest.mark.parametrize("item", ["JZJZZSJ", "JZJZZZ", "JZJZZSY", "JZJYXQJZSJ"])
def test_a_copy_that_lost_one_of_its_four_items_is_refused(item: str) -> None:
    entries = _unsealed_copy()
    pattern = f'<ofd:CustomData Name="{item}">[^<]*</ofd:CustomData>'.encode()
    entries["OFD.xml"] = re.sub(pattern, b"", entries["OFD.xml"])
    report = verify(_sealed(zipped(entries)), policy=policy(), types=TYPES)
    assert ("trust.copy", "incomplete") in _reasons(report)


def test_the_licences_that_the_attacks_begin_with_are_good() -> None:
    for name in SAMPLES:
        verify(_sealed(made(name).unsealed), policy=policy(), types=TYPES).require()
    verify(_sealed(zipped(_unsealed_copy())), policy=policy(), types=TYPES).require()
    assert make_license_file(
        type_of("person_certificate"), metadata_of("person_certificate"), pictures={"照片": photo()}
    )
    assert replace(policy(), requester=REQUESTER).requester == REQUESTER
