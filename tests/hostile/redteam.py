"""Documents that once verified although nobody should have believed them, each with the check that now says so.

They combine what is genuine: real signatures, real seals and real certificates, used where they do not belong.
"""

from __future__ import annotations

import random
import re
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from egov_sdk.crypto import SM2PrivateKey, sm3
from egov_sdk.crypto.der import bit_string, children, context, read_one, sequence
from egov_sdk.ofd.builder import OfdBuilder
from egov_sdk.pki.cms import build_signed_data
from egov_sdk.pki.local_ca import Revoked
from egov_sdk.seal import ElectronicSeal, Placement, Policy, make_seal, sign, stamp
from tests.hostile.attacks import DESCRIPTION, ESL, LIST, SIGN, VALUE, Caught, sealed, swap
from tests.world import NOW, Entries, Office, World, assert_verifies, entries_of, redigested, seeded, zipped

__all__ = ["FORGERIES", "PREPARED", "Forgery", "clerk"]

_MADE = NOW - timedelta(days=90)
_OFD = b'xmlns:ofd="http://www.ofdspec.org/2016"'


@dataclass(frozen=True)
class Forgery:
    """A document under a policy; ``expected`` is what must keep it from passing."""

    make: Callable[[World], tuple[bytes, Policy]]
    expected: Caught


FORGERIES: dict[str, Forgery] = {}

_Maker = Callable[[World], tuple[bytes, Policy] | bytes]


def forgery(check: str, reason: str) -> Callable[[_Maker], _Maker]:
    def keep(make: _Maker) -> _Maker:
        def made(world: World) -> tuple[bytes, Policy]:
            found = make(world)
            return found if isinstance(found, tuple) else (found, world.policy())

        FORGERIES[make.__name__] = Forgery(made, Caught(check, reason))
        return make

    return keep


def clerk(world: World) -> Office:
    """Somebody of the same PKI, with a seal by the same maker: trusted, but not the bureau."""
    office = world.office
    signer = SM2PrivateKey.generate(random=seeded("clerk"))
    certificate = office.ca.issue("signer", "Province Clerk", signer.public_key(), at=_MADE, days=900)
    return replace(office, signer=signer, certificate=certificate, seal=_seal(office, [certificate], "收发专用章"))


def _seal(office: Office, holders: list[object], name: str, **other: object) -> ElectronicSeal:
    given = {
        "name": name,
        "seal_id": "37030000001722",
        "picture": office.seal.picture,
        "holders": holders,
        "maker": office.maker,
        "maker_certificate": office.maker_certificate,
        "created_at": _MADE,
        "valid_from": _MADE,
        "valid_to": _MADE + timedelta(days=800),
    }
    return make_seal(**{**given, **other})  # type: ignore[arg-type]  # keyword by keyword as above


# ====================================================================== whose signature counts for what


def _without(description: bytes, *names: str) -> bytes:
    for name in names:
        pattern = rb'<ofd:Reference FileRef="/' + re.escape(name.encode()) + rb'".*?</ofd:Reference>'
        description, count = re.subn(pattern, b"", description, flags=re.S)
        assert count == 1, name
    return description


def _listed(entries: Entries, entry: bytes) -> bytes:
    return swap(entries[LIST], b"</ofd:Signatures>", entry + b"</ofd:Signatures>")


@forgery("coverage.pages", "protected_by_others")
def a_genuine_signature_moved_over_from_another_document(world: World) -> bytes:
    """The bureau's own document, which leaves OFD.xml open, is carried along by one that a clerk stamped."""
    moved = {name.replace("Doc_0", "Doc_9"): body for name, body in sealed(world).items() if name != "OFD.xml"}
    there = f"{SIGN}/".replace("Doc_0", "Doc_9")
    moved = {name: body.replace(b"Doc_0", b"Doc_9") if name.endswith(".xml") else body for name, body in moved.items()}
    description = redigested(_without(moved[f"{there}Signature.xml"], "OFD.xml"), moved)
    genuine = entries_of(world.resealed(moved, description=description, folder=there.rstrip("/")))
    del genuine[LIST.replace("Doc_0", "Doc_9")]
    false = entries_of(OfdBuilder(created=NOW, title="假").page().text(20, 20, "某某局任命书（假）").build())
    # the clerk gives the page the number that the bureau's stamp names
    false["Doc_0/Document.xml"] = swap(false["Doc_0/Document.xml"], b'<ofd:Page ID="1"', b'<ofd:Page ID="4"')
    found = entries_of(world.stamped(zipped(false), by=clerk(world))) | genuine
    found[LIST] = _listed(found, f'<ofd:Signature ID="s009" Type="Seal" BaseLoc="/{there}Signature.xml"/>'.encode())
    return zipped(found)


@forgery("integrity.signature_list", "another_document")
def seals_of_two_documents_of_one_package_exchanged(world: World) -> bytes:
    """Each signer protects the whole package but its lists, and pages have the same IDs, as one maker gives them."""
    found = entries_of(world.document)
    found["OFD.xml"] = swap(
        found["OFD.xml"], b"</ofd:DocBody>", f"<ofd:Signatures>/{LIST}</ofd:Signatures></ofd:DocBody>"
    )
    found[LIST] = b"<ofd:Signatures " + _OFD + b"/>"
    second = {name.replace("Doc_0", "Doc_1"): body.replace(b"Doc_0", b"Doc_1") for name, body in found.items()}
    bodies = second.pop("OFD.xml").partition(b"<ofd:DocBody>")
    found["OFD.xml"] = swap(found["OFD.xml"], b"</ofd:OFD>", bodies[1] + bodies[2])
    one, other, place = world.office, clerk(world), [Placement(page=1, x_mm=140, y_mm=230)]
    data = stamp(zipped(found | second), seal=one.seal, signer=one.signer, at=place, signed_at=NOW)
    data = stamp(data, seal=other.seal, signer=other.signer, at=place, signed_at=NOW, document=2)
    assert_verifies(data, world.policy())
    found = entries_of(data)
    found[LIST], found[LIST.replace("Doc_0", "Doc_1")] = found[LIST.replace("Doc_0", "Doc_1")], found[LIST]
    return zipped(found)


@forgery("coverage.pages", "protected_by_others")
def a_later_signer_leads_the_package_to_another_document(world: World) -> bytes:
    found = sealed(world)
    found = entries_of(world.resealed(found, description=_without(found[DESCRIPTION], "OFD.xml")))
    other = entries_of(OfdBuilder(created=NOW, title="shadow").page().text(20, 20, "假").build())
    found |= {name.replace("Doc_0", "Doc_5"): body for name, body in other.items() if name != "OFD.xml"}
    found["Doc_5/Document.xml"] = re.sub(rb'<ofd:Page ID="\d+"', b'<ofd:Page ID="4"', found["Doc_5/Document.xml"])
    found["OFD.xml"] = swap(found["OFD.xml"], "Doc_0/Document.xml", "Doc_5/Document.xml")
    return world.stamped(zipped(found), by=clerk(world))


@forgery("coverage.pages", "protected_by_others")
def a_later_signer_changes_a_page_that_the_first_left_out(world: World) -> bytes:
    second = "Doc_0/Pages/Page_1/Content.xml"
    found = sealed(world)
    found = entries_of(world.resealed(found, description=_without(found[DESCRIPTION], second)))
    found[second] = swap(found[second], "张三", "李四")
    return world.stamped(zipped(found), by=clerk(world))


@forgery("coverage.resources", "protected_by_others")
def a_later_signer_changes_a_font_that_the_first_left_out(world: World) -> bytes:
    found = sealed(world)
    found = entries_of(world.resealed(found, description=_without(found[DESCRIPTION], "Doc_0/PublicRes.xml")))
    found["Doc_0/PublicRes.xml"] = swap(found["Doc_0/PublicRes.xml"], "宋体", "符号")
    return world.stamped(zipped(found), by=clerk(world))


@forgery("coverage.resources", "missing_content")
def unprotected_resources_taken_away(world: World) -> bytes:
    """Left out by the signer, they stop the document; gone, they must stop it no less."""
    found = sealed(world)
    found = entries_of(world.resealed(found, description=_without(found[DESCRIPTION], "Doc_0/DocumentRes.xml")))
    del found["Doc_0/DocumentRes.xml"]
    return zipped(found)


@forgery("integrity.signature_list", "listed_twice")
def one_signature_copied_to_count_as_two(world: World) -> bytes:
    office = world.office
    found = entries_of(sign(world.document, signer=office.signer, certificate=office.certificate, signed_at=NOW))
    # a maker of software that writes paths relative to the file, as several do
    found[DESCRIPTION] = swap(found[DESCRIPTION], f"/{VALUE}", "SignedValue.dat")
    found[VALUE] = build_signed_data(
        office.signer, office.certificate, content=found[DESCRIPTION], detached=True, signing_time=NOW
    )
    for name in (DESCRIPTION, VALUE):
        found[name.replace("Sign_0", "Sign_1")] = found[name]
    twin = DESCRIPTION.replace("Sign_0", "Sign_1")
    found[LIST] = _listed(found, f'<ofd:Signature ID="s009" Type="Sign" BaseLoc="/{twin}"/>'.encode())
    return zipped(found)


@forgery("integrity.signature_list", "entry_removed")
def an_earlier_signature_struck_off_the_list(world: World) -> bytes:
    """The later signature still protects the files of the one that is no longer shown."""
    found = entries_of(world.stamped(world.stamped(), by=clerk(world)))
    found[LIST] = re.sub(rb'<ofd:Signature ID="s001"[^>]*/>', b"", found[LIST])
    return zipped(found)


@forgery("coverage.later_additions", "added_later")
def signatures_put_in_another_order(world: World) -> tuple[bytes, Policy]:
    """Under the strict policy nothing may be added between signatures; the open list decides who came first."""
    found = sealed(world)
    attachment = "Doc_0/Attachs/attachment_1"
    first = entries_of(world.resealed(found, description=_without(found[DESCRIPTION], attachment)))
    both = entries_of(world.stamped(zipped(first), by=clerk(world)))
    entries = re.findall(rb"<ofd:Signature [^>]*/>", both[LIST])
    both[LIST] = swap(both[LIST], entries[0] + entries[1], entries[1] + entries[0])
    policy = replace(world.policy(), required=world.policy().required | {"coverage.later_additions"})
    return zipped(both), policy


# ====================================================================== seals that nobody used


@forgery("binding.seal_file", "seal_without_value")
def a_stolen_seal_shown_by_a_plain_signature(world: World) -> bytes:
    """Type Sign asks no question about seals, yet viewers draw the seal that the description names."""
    other = clerk(world)
    found = entries_of(sign(world.document, signer=other.signer, certificate=other.certificate, signed_at=NOW))
    found[ESL] = world.office.seal.raw
    protected = f'<ofd:Reference FileRef="/{ESL}"><ofd:CheckValue>AAAA</ofd:CheckValue></ofd:Reference>'.encode()
    protected = swap(found[DESCRIPTION], b"</ofd:References>", protected + b"</ofd:References>")
    found[DESCRIPTION] = redigested(protected, found)
    stamp = b'<ofd:StampAnnot ID="s002" PageRef="4" Boundary="140 230 42 42"/>'
    shown = stamp + f"<ofd:Seal><ofd:BaseLoc>/{ESL}</ofd:BaseLoc></ofd:Seal></ofd:SignedInfo>".encode()
    found[DESCRIPTION] = swap(found[DESCRIPTION], b"</ofd:SignedInfo>", shown)
    found[VALUE] = build_signed_data(
        other.signer, other.certificate, content=found[DESCRIPTION], detached=True, signing_time=NOW
    )
    return zipped(found)


@forgery("coverage.stamps", "stamp_without_seal")
def a_stamp_drawn_by_a_plain_signature(world: World) -> bytes:
    other = clerk(world)
    found = entries_of(sign(world.document, signer=other.signer, certificate=other.certificate, signed_at=NOW))
    stamp = b'<ofd:StampAnnot ID="s002" PageRef="4" Boundary="140 230 42 42"/>'
    found[DESCRIPTION] = swap(found[DESCRIPTION], b"</ofd:SignedInfo>", stamp + b"</ofd:SignedInfo>")
    found[VALUE] = build_signed_data(
        other.signer, other.certificate, content=found[DESCRIPTION], detached=True, signing_time=NOW
    )
    return zipped(found)


@forgery("trust.seal_maker", "maker_is_holder")
def a_seal_that_a_signer_made_for_themselves(world: World) -> bytes:
    """Any signer's certificate leads to the anchor; that alone must not let them make the bureau's seal."""
    other = clerk(world)
    home_made = _seal(
        world.office, [other.certificate], "某某省人民政府", maker=other.signer, maker_certificate=other.certificate
    )
    return world.stamped(by=replace(other, seal=home_made))


def _with_purpose(world: World, kind: str) -> tuple[SM2PrivateKey, Office]:
    key = SM2PrivateKey.generate(random=seeded(kind))
    certificate = world.office.ca.issue(kind, f"Province {kind}", key.public_key(), at=_MADE, days=900)  # type: ignore[arg-type]  # a profile's name
    return key, replace(world.office, signer=key, certificate=certificate)


@forgery("trust.signer_certificate", "key_usage")
def a_document_signed_by_a_time_stamp_authority(world: World) -> bytes:
    _, other = _with_purpose(world, "tsa")
    return sign(world.document, signer=other.signer, certificate=other.certificate, signed_at=NOW)


@forgery("trust.seal_maker", "key_usage")
def a_seal_made_by_an_ocsp_responder(world: World) -> bytes:
    key, other = _with_purpose(world, "ocsp")
    seal = _seal(world.office, [world.office.certificate], "章", maker=key, maker_certificate=other.certificate)
    return world.stamped(by=replace(world.office, seal=seal))


# ====================================================================== time


@forgery("trust.time_stamp", "authority_revoked")
def a_time_stamp_by_an_authority_whose_key_was_lost_since(world: World) -> tuple[bytes, Policy]:
    """Whoever has the key of the authority writes any time: also one before the revocation (RFC 3161, 4.1)."""
    tsa = world.tsa()
    lost = Revoked(tsa.certificate.serial_number, NOW + timedelta(days=30), "keyCompromise")
    later = NOW + timedelta(days=60)
    list_ = world.office.ca.crl(at=later, revoked=[lost])

    def edit(value: bytes) -> bytes:
        parts = [part.raw for part in children(read_one(value))]
        token = tsa.stamp(children(read_one(value))[3].content[1:], at=NOW)
        return sequence(*parts[:4], context(0, bit_string(token)))

    data = world.resealed(sealed(world), edit_value=edit)
    return data, Policy.standard(trust=world.trust, at=later, crls=[list_])


@forgery("trust.seal_maker", "made_unproven")
def a_seal_made_with_a_stolen_key_and_an_old_date(world: World) -> tuple[bytes, Policy]:
    """The maker's certificate is revoked; only the maker's own word says that the seal is older than that."""
    gone = Revoked(world.office.maker_certificate.serial_number, NOW - timedelta(days=5), "keyCompromise")
    policy = Policy.standard(
        trust=world.trust, at=NOW + timedelta(hours=1), crls=[world.office.ca.crl(at=NOW, revoked=[gone])]
    )
    return world.stamped(), policy


@forgery("trust.seal_period", "seal_not_yet_made")
def a_seal_used_before_it_was_made(world: World) -> bytes:
    seal = _seal(world.office, [world.office.certificate], "章", created_at=NOW + timedelta(days=20))
    return world.stamped(by=replace(world.office, seal=seal))


@forgery("trust.signing_time", "in_future")
def a_second_signer_of_one_message_from_the_future(world: World) -> bytes:
    office, other = world.office, clerk(world)
    found = entries_of(sign(world.document, signer=office.signer, certificate=office.certificate, signed_at=NOW))
    later = build_signed_data(
        other.signer,
        other.certificate,
        content=found[DESCRIPTION],
        detached=True,
        signing_time=NOW + timedelta(days=300),
    )
    found[VALUE] = _joined(found[VALUE], later)
    return zipped(found)


def _joined(message: bytes, other: bytes) -> bytes:
    """One message with the certificates and signers of two."""
    outer = children(read_one(message))
    one, two = (list(children(read_one(children(read_one(each))[1].content))) for each in (message, other))
    parts = [part.raw for part in one]
    parts[3] = context(0, one[3].content + two[3].content)
    signers = sorted((one[4].content, two[4].content))
    parts[4] = b"\x31\x82" + len(b"".join(signers)).to_bytes(2, "big") + b"".join(signers)
    return sequence(outer[0].raw, context(0, sequence(*parts)))


# ====================================================================== what two readers show differently

_RES, _FIRST_PAGE = "Doc_0/DocumentRes.xml", "Doc_0/Pages/Page_0/Content.xml"
#: Documents as somebody prepares them for the bureau to stamp.
PREPARED: dict[str, Callable[[World], Entries]] = {}


def prepared(check: str, reason: str) -> Callable[[Callable[[World], Entries]], Callable[[World], Entries]]:
    """A document that our own stamp refuses, stamped by a software that does not mind."""

    def keep(make: Callable[[World], Entries]) -> Callable[[World], Entries]:
        PREPARED[make.__name__] = make

        def made(world: World) -> bytes:
            return _stamped_by_others(world, make(world))

        made.__name__ = make.__name__
        forgery(check, reason)(made)
        return make

    return keep


def _stamped_by_others(world: World, document: Entries) -> bytes:
    genuine = sealed(world)
    lists = b"<ofd:Signatures>/" + LIST.encode() + b"</ofd:Signatures></ofd:DocBody>"
    found = document | {name: body for name, body in genuine.items() if name.startswith("Doc_0/Signs/")}
    found["OFD.xml"] = swap(document["OFD.xml"], b"</ofd:DocBody>", lists)
    references = "".join(
        f'<ofd:Reference FileRef="/{name}"><ofd:CheckValue>{b64encode(sm3(body)).decode()}</ofd:CheckValue>'
        "</ofd:Reference>"
        for name, body in found.items()
        if name not in (LIST, DESCRIPTION, VALUE)
    )
    head, rest = found[DESCRIPTION].split(b"<ofd:Reference ", 1)
    tail = rest.rpartition(b"</ofd:References>")[2]
    return world.resealed(found, description=head + references.encode() + b"</ofd:References>" + tail)


@prepared("coverage.resources", "missing_content")
def a_picture_that_only_careless_readers_find(world: World) -> Entries:
    """Prepared before the bureau stamps: a resource is named in another letter case than it is stored."""
    found = entries_of(world.document)
    found["Doc_0/Res/Image_12.png"] = found.pop("Doc_0/Res/image_12.png")
    return found


@prepared("coverage.extra_files", "encrypted_package")
def a_map_to_encrypted_pages_that_the_signer_did_not_see(world: World) -> Entries:
    """Prepared before the bureau stamps: readers of GM/T 0099 show what the map leads to."""
    found = entries_of(world.document)
    found["Encryptions.xml"] = b"<ofd:Encryptions " + _OFD + b"/>"
    found["entriesmap.dat"] = b"\x00" * 64
    return found


@prepared("coverage.pages", "ambiguous_content")
def two_templates_of_one_number(world: World) -> Entries:
    found = entries_of(world.document)
    found["Doc_0/Tpls/Tpl_9/Content.xml"] = swap(found["Doc_0/Tpls/Tpl_0/Content.xml"], "192 0 0", "0 0 0")
    twin = b'<ofd:TemplatePage ID="1" BaseLoc="Tpls/Tpl_9/Content.xml"/></ofd:CommonData>'
    found["Doc_0/Document.xml"] = swap(found["Doc_0/Document.xml"], b"</ofd:CommonData>", twin)
    return found


@prepared("coverage.pages", "ambiguous_content")
def a_text_that_some_readers_end_at_a_comment(world: World) -> Entries:
    found = entries_of(world.document)
    found[_FIRST_PAGE] = swap(found[_FIRST_PAGE], "颁发给张三", "颁发给张三<!-- -->之外的人")
    return found


@prepared("coverage.pages", "ambiguous_content")
def an_annotation_whose_text_some_readers_end_at_an_instruction(world: World) -> Entries:
    found = entries_of(world.document)
    index, file = "Doc_0/Annots/Annotations.xml", "Doc_0/Annots/Page_0.xml"
    root = f"<ofd:Annotations>/{index}</ofd:Annotations></ofd:Document>"
    found["Doc_0/Document.xml"] = swap(found["Doc_0/Document.xml"], b"</ofd:Document>", root.encode())
    listed = f'<ofd:Page PageID="4"><ofd:FileLoc>/{file}</ofd:FileLoc></ofd:Page></ofd:Annotations>'
    found[index] = b"<ofd:Annotations " + _OFD + b">" + listed.encode()
    text = '<ofd:Annot><ofd:Appearance Boundary="0 0 9 9"><ofd:TextObject><ofd:TextCode>有<?x?>效</ofd:TextCode>'
    text += "</ofd:TextObject></ofd:Appearance></ofd:Annot></ofd:PageAnnot>"
    found[file] = b"<ofd:PageAnnot " + _OFD + b">" + text.encode()
    return found


@prepared("coverage.pages", "ambiguous_content")
def a_layer_that_readers_of_prefixes_alone_draw(world: World) -> Entries:
    found = entries_of(world.document)
    layer = re.search(rb"<ofd:Layer.*?</ofd:Layer>", found[_FIRST_PAGE], re.S)
    assert layer is not None
    other = (
        layer[0]
        .replace(b"<ofd:Layer", b'<ofd:Layer xmlns:ofd="urn:nobody"', 1)
        .replace("张三".encode(), "李四".encode())
    )
    found[_FIRST_PAGE] = swap(found[_FIRST_PAGE], layer[0], layer[0] + other)
    return found


@prepared("coverage.pages", "ambiguous_content")
def two_pages_of_one_number(world: World) -> Entries:
    """On which of them is the seal?"""
    found = entries_of(world.document)
    found["Doc_0/Document.xml"] = swap(found["Doc_0/Document.xml"], b'<ofd:Page ID="8"', b'<ofd:Page ID="4"')
    return found


@prepared("coverage.pages", "ambiguous_content")
def a_current_version_that_is_not_the_document(world: World) -> Entries:
    found = entries_of(world.document)
    other = entries_of(OfdBuilder(created=NOW, title="v2").page().text(20, 20, "假").build())
    found |= {name.replace("Doc_0", "Doc_2"): body for name, body in other.items() if name != "OFD.xml"}
    found["Doc_0/Versions/v2.xml"] = (
        b"<ofd:DocVersion " + _OFD + b' ID="2"><ofd:FileList/>'
        b"<ofd:DocRoot>/Doc_2/Document.xml</ofd:DocRoot></ofd:DocVersion>"
    )
    versions = b'<ofd:Version ID="2" Index="2" Current="true" BaseLoc="Doc_0/Versions/v2.xml"/>'
    versions = b"</ofd:DocRoot><ofd:Versions>" + versions + b"</ofd:Versions>"
    found["OFD.xml"] = swap(found["OFD.xml"], b"</ofd:DocRoot>", versions)
    return found


_OTHER_PICTURE = b'<ofd:MultiMedia ID="012" Type="Image"><ofd:MediaFile>other.png</ofd:MediaFile></ofd:MultiMedia>'


def _with_another_picture(found: Entries) -> Entries:
    return found | {"Doc_0/Res/other.png": found["Doc_0/Res/image_12.png"] + b"\0"}


@prepared("coverage.pages", "ambiguous_content")
def two_pictures_of_one_number(world: World) -> Entries:
    found = _with_another_picture(entries_of(world.document))
    found[_RES] = swap(found[_RES], b"</ofd:MultiMedias>", _OTHER_PICTURE + b"</ofd:MultiMedias>")
    return found


@prepared("coverage.pages", "ambiguous_content")
def two_pictures_of_one_number_in_two_files(world: World) -> Entries:
    found = _with_another_picture(entries_of(world.document))
    pictures = b"<ofd:MultiMedias>" + _OTHER_PICTURE + b"</ofd:MultiMedias></ofd:Res>"
    found["Doc_0/PublicRes.xml"] = swap(found["Doc_0/PublicRes.xml"], b"</ofd:Res>", pictures)
    return found


@prepared("coverage.pages", "ambiguous_content")
def a_picture_of_the_page_s_own_with_the_number_of_another(world: World) -> Entries:
    """Some readers look into the page's own resources first, others into those of the document."""
    found = _with_another_picture(entries_of(world.document))
    found["Doc_0/OwnRes.xml"] = swap(found[_RES], b"image_12", b"other")
    found[_FIRST_PAGE] = swap(
        found[_FIRST_PAGE], b"<ofd:Content>", b"<ofd:PageRes>/Doc_0/OwnRes.xml</ofd:PageRes><ofd:Content>"
    )
    return found


@prepared("coverage.pages", "ambiguous_content")
def one_picture_with_two_files(world: World) -> Entries:
    found = _with_another_picture(entries_of(world.document))
    twice = b"</ofd:MediaFile><ofd:MediaFile>other.png</ofd:MediaFile>"
    found[_RES] = swap(found[_RES], b"</ofd:MediaFile>", twice)
    return found


@prepared("coverage.pages", "ambiguous_content")
def two_fonts_of_one_number(world: World) -> Entries:
    found = entries_of(world.document)
    twin = b'<ofd:Font ID="7" FontName="Wingdings"/></ofd:Fonts>'
    found["Doc_0/PublicRes.xml"] = swap(found["Doc_0/PublicRes.xml"], b"</ofd:Fonts>", twin)
    return found


@prepared("coverage.pages", "ambiguous_content")
def two_lists_of_annotations(world: World) -> Entries:
    found = entries_of(world.document)
    names = b"".join(b"<ofd:Annotations>/Doc_0/%s.xml</ofd:Annotations>" % name for name in (b"A", b"B"))
    found["Doc_0/Document.xml"] = swap(found["Doc_0/Document.xml"], b"<ofd:Attachments>", names + b"<ofd:Attachments>")
    empty = b"<ofd:Annotations " + _OFD + b"/>"
    return found | {"Doc_0/A.xml": empty, "Doc_0/B.xml": empty}


# ====================================================================== encodings


@forgery("integrity.signature_list", "list_malformed")
def an_encoding_declared_far_behind(world: World) -> bytes:
    """Readers that believe the declaration read other text than those that take UTF-8."""
    found = sealed(world)
    found[LIST] = swap(found[LIST], b' encoding="UTF-8"', b" " * 300 + b'encoding="GB18030"')
    return zipped(found)


@forgery("integrity.references", "too_much")
def large_files_hashed_for_one_signer_alone(world: World) -> bytes:
    """Behind the signer's Z no digest serves two signatures: each would hash the whole package anew."""
    noise = random.Random(1)
    large = b"".join(noise.randbytes(1000) + bytes(100_000) for _ in range(150))
    found = {**sealed(world), **{f"Doc_0/large{number}": large for number in range(5)}}
    reference = '<ofd:Reference FileRef="/Doc_0/large{}"><ofd:CheckValue>AAAA</ofd:CheckValue></ofd:Reference>'
    added = "".join(reference.format(number) for number in range(5)).encode()
    description = swap(found[DESCRIPTION], b"</ofd:References>", added + b"</ofd:References>")
    found[DESCRIPTION] = swap(description, b'1.2.156.10197.1.401"', b'1.2.156.10197.1.401.2"')
    return zipped(found)


@forgery("integrity.encoding", "refused")
def a_message_in_ber(world: World) -> bytes:
    """BER is refused in values made with seals; a message can be written in as many ways."""
    office = world.office
    found = entries_of(sign(world.document, signer=office.signer, certificate=office.certificate, signed_at=NOW))
    found[VALUE] = b"\x30\x80" + read_one(found[VALUE]).content + b"\x00\x00"
    return zipped(found)


@forgery("integrity.signature_list", "list_malformed")
def a_doctype_behind_a_comment_that_looks_closed(world: World) -> bytes:
    trick = b'<!--><x> --><!DOCTYPE d [<!ENTITY p "Sign_0">]>\n<ofd:Signatures'
    found = sealed(world)
    found[LIST] = swap(swap(found[LIST], b"<ofd:Signatures", trick), b"Sign_0", b"&p;")
    return zipped(found)
