"""Forged documents, made from one that the project itself stamped: each with the check or code that must catch it.

The numbers are those of the attack lists in the project's standards notes; letters continue the second list.
"""

from __future__ import annotations

import base64
import re
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from egov_sdk.crypto import oids, sm3
from egov_sdk.crypto.der import (
    bit_string,
    children,
    context,
    encode_tlv,
    generalized_time,
    integer,
    octet_string,
    printable_string,
    read_one,
    sequence,
    utf8_string,
)
from egov_sdk.crypto.signer import sign_message
from egov_sdk.ofd.builder import OfdBuilder
from egov_sdk.pki.cms import build_signed_data
from egov_sdk.seal import SealPicture, SealVersion, sign
from egov_sdk.seal._gbt38540 import encode_seal, encode_seal_info
from tests.hostile.zipforge import Entry, bomb, forge, symlink
from tests.hostile.zipforge import entries_of as forgeable
from tests.world import NOW, Entries, World, entries_of, redigested, zipped

__all__ = ["ATTACKS", "Attack", "Caught", "Refused"]

SIGN = "Doc_0/Signs/Sign_0"
LIST = "Doc_0/Signs/Signatures.xml"
DESCRIPTION = f"{SIGN}/Signature.xml"
VALUE = f"{SIGN}/SignedValue.dat"
ESL = f"{SIGN}/Seal.esl"
PAGE = "Doc_0/Pages/Page_0/Content.xml"


@dataclass(frozen=True)
class Caught:
    """The document is read, and this check says no (or cannot say yes) for this reason."""

    check: str
    reason: str


@dataclass(frozen=True)
class Refused:
    """The document is not read at all; the error carries this code."""

    code: str


@dataclass(frozen=True)
class Attack:
    name: str
    make: Callable[[World], bytes]
    expected: Caught | Refused


ATTACKS: dict[str, Attack] = {}


def attack(number: str, expected: Caught | Refused) -> Callable[[Callable[[World], bytes]], Callable[[World], bytes]]:
    def keep(make: Callable[[World], bytes]) -> Callable[[World], bytes]:
        assert number not in ATTACKS
        ATTACKS[number] = Attack(make.__name__, make, expected)
        return make

    return keep


def sealed(world: World) -> Entries:
    return entries_of(world.stamped())


def swap(content: bytes, old: bytes | str, new: bytes | str) -> bytes:
    """Replace exactly one place."""
    before, after = (part.encode() if isinstance(part, str) else part for part in (old, new))
    assert content.count(before) >= 1, before
    return content.replace(before, after, 1)


def changed(world: World, name: str, old: bytes | str, new: bytes | str) -> bytes:
    found = sealed(world)
    found[name] = swap(found[name], old, new)
    return zipped(found)


def edited_description(world: World, edit: Callable[[bytes], bytes]) -> bytes:
    """Signature.xml edited and sealed anew by the bureau's own key: a malicious or broken signer."""
    found = sealed(world)
    return world.resealed(found, description=edit(found[DESCRIPTION]))


# ====================================================================== 01 to 07: seals and signers


@attack("01", Caught("binding.signer_in_seal", "signer_not_in_seal"))
def a_real_seal_copied_and_used_with_another_key(world: World) -> bytes:
    stranger = world.stranger
    return world.resealed(sealed(world), signer=stranger.signer, certificate=stranger.certificate)


@attack("02", Caught("trust.seal_maker", "cert_untrusted"))
def a_seal_made_at_home(world: World) -> bytes:
    return world.stamped(by=world.stranger)


@attack("03", Caught("integrity.seal_maker_signature", "maker_signature_wrong"))
def the_name_in_the_seal_edited(world: World) -> bytes:
    found = sealed(world)
    seal = swap(world.office.seal.raw, "Province测试", "Pr0vince测试")
    found[ESL] = seal
    return world.resealed(found, description=redigested(found[DESCRIPTION], found), seal=seal)


@attack("04", Caught("trust.seal_period", "seal_expired"))
def a_seal_used_after_it_expired(world: World) -> bytes:
    return world.resealed(sealed(world), signed_at=world.office.seal.valid_to + timedelta(days=1))


@attack("05", Caught("binding.signer_in_seal", "signer_not_in_seal"))
def a_seal_with_the_digest_of_another_certificate(world: World) -> bytes:
    return _with_own_seal(world, holder_digest=sm3(b"another certificate"))


def _with_own_seal(
    world: World,
    *,
    holder_digest: bytes | None = None,
    picture: SealPicture | None = None,
    edit: Callable[[bytes], bytes] = lambda seal: seal,
) -> bytes:
    """A seal signed by the trusted maker with a bad part in it: the maker's own mistake, or a stolen maker key."""
    from egov_sdk.seal.model import CertificateDigest

    office = world.office
    info = encode_seal_info(
        version=SealVersion.V4,
        vendor="tests",
        seal_id="1",
        kind=1,
        name="坏章",
        holders=[CertificateDigest("SM3", holder_digest)] if holder_digest else [office.certificate.raw],
        created_at=office.seal.created_at,
        valid_from=office.seal.valid_from,
        valid_to=office.seal.valid_to,
        picture=picture or office.seal.picture,
    )
    raw = edit(
        encode_seal(info, maker_certificate=office.maker_certificate.raw, signature=sign_message(office.maker, info))
    )
    found = sealed(world)
    found[ESL] = raw
    return world.resealed(found, description=redigested(found[DESCRIPTION], found), seal=raw)


@attack("06", Caught("coverage.package_root", "root_replaced"))
def references_that_cover_the_seal_only(world: World) -> bytes:
    def only_the_seal(description: bytes) -> bytes:
        kept = re.search(rb'<ofd:Reference FileRef="/' + ESL.encode() + rb'".*?</ofd:Reference>', description, re.S)
        assert kept is not None
        head, tail = description.split(b"<ofd:References", 1)
        opening, rest = tail.split(b">", 1)
        return (
            head
            + b"<ofd:References"
            + opening
            + b">"
            + kept[0]
            + b"</ofd:References>"
            + rest.split(b"</ofd:References>")[1]
        )

    return edited_description(world, only_the_seal)


@attack("07", Caught("integrity.value", "no_signer"))
def a_signed_message_without_a_signer(world: World) -> bytes:
    found = entries_of(
        sign(world.document, signer=world.office.signer, certificate=world.office.certificate, signed_at=NOW)
    )
    outer = children(read_one(found[VALUE]))
    body = list(children(read_one(outer[1].content)))
    body[-1] = read_one(encode_tlv(0x31, b""))
    found[VALUE] = sequence(outer[0].raw, context(0, sequence(*(part.raw for part in body))))
    return zipped(found)


# ====================================================================== 10 to 15: bytes changed


@attack("10", Caught("integrity.references", "file_changed"))
def one_character_of_a_page_changed(world: World) -> bytes:
    return changed(world, PAGE, "张三", "李三")


@attack("11", Caught("binding.seal_file", "seal_mismatch"))
def the_seal_file_exchanged(world: World) -> bytes:
    found = sealed(world)
    found[ESL] = world.stranger.seal.raw
    return zipped(found)


@attack("12", Caught("integrity.value", "value_wrong"))
def the_signature_value_changed(world: World) -> bytes:
    found = sealed(world)
    value = bytearray(found[VALUE])
    value[-3] ^= 1
    found[VALUE] = bytes(value)
    return zipped(found)


@attack("13", Caught("integrity.data_hash", "data_hash_wrong"))
def the_signature_file_changed(world: World) -> bytes:
    return changed(world, DESCRIPTION, 'Boundary="140 230', 'Boundary="14 23')


@attack("14", Caught("integrity.signature_present", "not_signed"))
def the_list_emptied(world: World) -> bytes:
    found = sealed(world)
    found[LIST] = re.sub(rb"<ofd:Signature [^>]*/>", b"", found[LIST])
    return zipped(found)


@attack("14b", Caught("coverage.extra_files", "extra_file"))
def the_list_emptied_leaves_orphans(world: World) -> bytes:
    return the_list_emptied(world)


@attack("15", Caught("integrity.signature_file", "value_malformed"))
def bytes_after_the_value(world: World) -> bytes:
    found = sealed(world)
    found[VALUE] += b"\x00"
    return zipped(found)


# ====================================================================== 20 to 28: the package


@attack("20", Refused("egov.ofd.package.duplicate_entry"))
def a_page_twice_the_forged_one_last(world: World) -> bytes:
    return forge([*forgeable(world.stamped()), Entry(PAGE, b"<forged/>")])


@attack("21", Refused("egov.ofd.package.duplicate_entry"))
def a_page_twice_the_forged_one_first(world: World) -> bytes:
    return forge([Entry(PAGE, b"<forged/>"), *forgeable(world.stamped())])


@attack("22", Refused("egov.ofd.package.alias_entry"))
def a_page_again_in_other_letter_case(world: World) -> bytes:
    return forge([*forgeable(world.stamped()), Entry(PAGE.upper(), b"<forged/>")])


@attack("23", Refused("egov.ofd.package.unsafe_name"))
def a_page_again_with_backslashes(world: World) -> bytes:
    return forge([*forgeable(world.stamped()), Entry(PAGE.replace("/", "\\"), b"<forged/>")])


@attack("24", Refused("egov.ofd.package.unsafe_name"))
def a_page_again_behind_a_dot(world: World) -> bytes:
    return forge([*forgeable(world.stamped()), Entry("./" + PAGE, b"<forged/>")])


@attack("25", Refused("egov.ofd.package.unsafe_name"))
def an_entry_above_the_folder(world: World) -> bytes:
    return forge([*forgeable(world.stamped()), Entry("../../evil.txt", b"x")])


@attack("26", Refused("egov.ofd.package.unsafe_name"))
def an_entry_at_the_root_of_the_disk(world: World) -> bytes:
    return forge([*forgeable(world.stamped()), Entry("/etc/evil", b"x")])


@attack("27", Refused("egov.ofd.package.symlink"))
def a_symbolic_link(world: World) -> bytes:
    return forge([*forgeable(world.stamped()), symlink("Doc_0/link", "/etc/passwd")])


@attack("28", Caught("coverage.extra_files", "extra_file"))
def a_file_that_nothing_refers_to(world: World) -> bytes:
    return zipped({**sealed(world), "Doc_0/smuggled.exe": b"MZ"})


# ====================================================================== 30 to 36: what is shown is not what was signed


def _without_reference(world: World, name: str) -> Entries:
    """The bureau left one file out of what it protects."""
    found = sealed(world)
    pattern = rb'<ofd:Reference FileRef="/' + re.escape(name.encode()) + rb'".*?</ofd:Reference>'
    description, count = re.subn(pattern, b"", found[DESCRIPTION], flags=re.S)
    assert count == 1
    return entries_of(world.resealed(found, description=description))


@attack("30", Caught("coverage.package_root", "root_unprotected"))
def the_entry_point_is_not_protected(world: World) -> bytes:
    return zipped(_without_reference(world, "OFD.xml"))


@attack("31", Caught("coverage.package_root", "root_replaced"))
def the_entry_point_leads_to_another_document(world: World) -> bytes:
    found = _without_reference(world, "OFD.xml")
    other = entries_of(OfdBuilder(created=NOW, title="shadow").page().text(20, 20, "假").build())
    found |= {name.replace("Doc_0", "Doc_9"): body for name, body in other.items() if name != "OFD.xml"}
    found["OFD.xml"] = swap(found["OFD.xml"], "Doc_0/Document.xml", "Doc_9/Document.xml")
    return zipped(found)


@attack("32", Caught("coverage.pages", "uncovered_content"))
def an_unprotected_template_changed(world: World) -> bytes:
    found = _without_reference(world, "Doc_0/Tpls/Tpl_0/Content.xml")
    found["Doc_0/Tpls/Tpl_0/Content.xml"] = swap(found["Doc_0/Tpls/Tpl_0/Content.xml"], "192 0 0", "0 0 0")
    return zipped(found)


@attack("33", Caught("coverage.resources", "uncovered_content"))
def unprotected_resources_changed(world: World) -> bytes:
    found = _without_reference(world, "Doc_0/PublicRes.xml")
    found["Doc_0/PublicRes.xml"] = swap(found["Doc_0/PublicRes.xml"], "宋体", "符号")
    return zipped(found)


def _two_documents(world: World, *, first: bool) -> bytes:
    """A package of two documents, only one of which anybody signed."""
    found = sealed(world)
    other = entries_of(OfdBuilder(created=NOW, title="second").page().text(20, 20, "附").build())
    found |= {name.replace("Doc_0", "Doc_1"): body for name, body in other.items() if name != "OFD.xml"}
    body = re.search(rb"<ofd:DocBody>.*</ofd:DocBody>", other["OFD.xml"], re.S)
    assert body is not None
    moved = body[0].replace(b"Doc_0", b"Doc_1")
    mark = b"<ofd:DocBody>" if first else b"</ofd:OFD>"
    found["OFD.xml"] = swap(found["OFD.xml"], mark, moved + mark)
    return world.resealed(found, description=redigested(found[DESCRIPTION], found))


@attack("34", Caught("coverage.documents", "unsigned_document"))
def a_second_document_without_a_signature(world: World) -> bytes:
    return _two_documents(world, first=False)


@attack("35", Caught("coverage.documents", "unsigned_document"))
def a_first_document_without_a_signature(world: World) -> bytes:
    return _two_documents(world, first=True)


@attack("36", Caught("integrity.signature_present", "not_signed"))
def the_way_to_the_list_removed(world: World) -> bytes:
    found = sealed(world)
    found["OFD.xml"] = re.sub(rb"<ofd:Signatures>.*?</ofd:Signatures>", b"", found["OFD.xml"])
    return zipped(found)


# ====================================================================== 40 to 49: XML, sizes, the list


def _document_xml(world: World, edit: Callable[[bytes], bytes]) -> bytes:
    found = sealed(world)
    found["Doc_0/Document.xml"] = edit(found["Doc_0/Document.xml"])
    return zipped(found)


def _with_doctype(content: bytes, doctype: bytes) -> bytes:
    start = content.index(b"?>") + 2 if content.startswith(b"<?xml") else 0
    return content[:start] + doctype + content[start:]


@attack("40", Refused("egov.ofd.xml.doctype"))
def an_external_entity(world: World) -> bytes:
    doctype = b'<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    return _document_xml(world, lambda content: _with_doctype(content, doctype))


@attack("41", Refused("egov.ofd.xml.doctype"))
def an_entity_bomb(world: World) -> bytes:
    lines = b"".join(b'<!ENTITY e%d "%s">' % (n, b"&e%d;" % (n - 1) * 10) for n in range(1, 12))
    return _document_xml(
        world, lambda content: _with_doctype(content, b'<!DOCTYPE d [<!ENTITY e0 "x">' + lines + b"]>")
    )


@attack("42", Refused("egov.input.limit_exceeded"))
def three_hundred_megabytes_from_a_few_kilobytes(world: World) -> bytes:
    return forge([*forgeable(world.stamped()), bomb("Doc_0/bomb.bin", 300 << 20)])


@attack("43", Refused("egov.input.limit_exceeded"))
def twenty_thousand_elements_deep(world: World) -> bytes:
    deep = b"<a>" * 20_000 + b"</a>" * 20_000
    return _document_xml(world, lambda content: swap(content, b"</ofd:Document>", deep + b"</ofd:Document>"))


@attack("44", Refused("egov.input.limit_exceeded"))
def seventy_thousand_entries(world: World) -> bytes:
    many = [Entry(f"Doc_0/f{number}", method=0) for number in range(60_000)]
    return forge([*forgeable(world.stamped()), *many])


@attack("45", Refused("egov.ofd.package.hidden_entry"))
def a_page_that_the_directory_does_not_know(world: World) -> bytes:
    first, *others = forgeable(world.stamped())
    return forge([first, Entry(PAGE, b"<forged/>", hidden=True), *others])


@attack("46", Caught("coverage.extra_files", "package_note"))
def data_before_the_archive(world: World) -> bytes:
    return forge(forgeable(world.stamped()), prefix=b"%PDF-1.7 another face\n")


@attack("47", Caught("integrity.signature_list", "type_differs"))
def the_type_in_the_list_flipped(world: World) -> bytes:
    return changed(world, LIST, 'Type="Seal"', 'Type="Sign"')


@attack("48", Refused("egov.ofd.path.outside"))
def a_path_in_the_entry_point_that_leaves_the_package(world: World) -> bytes:
    return changed(world, "OFD.xml", "Doc_0/Document.xml", "../../Doc_0/Document.xml")


@attack("48b", Caught("integrity.signature_list", "list_malformed"))
def a_path_in_the_list_that_leaves_the_package(world: World) -> bytes:
    return changed(world, LIST, f'BaseLoc="/{DESCRIPTION}"', f'BaseLoc="/../{DESCRIPTION}"')


@attack("49", Caught("integrity.signature_list", "listed_twice"))
def one_signature_listed_twice(world: World) -> bytes:
    found = sealed(world)
    entry = re.search(rb"<ofd:Signature [^>]*/>", found[LIST])
    assert entry is not None
    twin = entry[0].replace(b's001"', b's009"')
    found[LIST] = swap(found[LIST], entry[0], entry[0] + twin)
    return zipped(found)


# ====================================================================== a …: references and methods


def _reference_to(path: str, digest: bytes = b"\x00" * 32) -> bytes:
    value = base64.b64encode(digest)
    return (
        b'<ofd:Reference FileRef="'
        + path.encode()
        + b'"><ofd:CheckValue>'
        + value
        + b"</ofd:CheckValue></ofd:Reference>"
    )


def _added_reference(world: World, reference: bytes) -> bytes:
    return edited_description(world, lambda text: swap(text, b"</ofd:References>", reference + b"</ofd:References>"))


@attack("a1", Caught("integrity.references", "file_changed"))
def one_file_twice_with_different_digests(world: World) -> bytes:
    return _added_reference(world, _reference_to("/" + PAGE))


@attack("a1b", Caught("integrity.references", "reference_conflict"))
def one_file_twice_with_the_same_digest(world: World) -> bytes:
    return _added_reference(world, _reference_to("/" + PAGE, sm3(sealed(world)[PAGE])))


@attack("a2", Caught("integrity.signature_file", "signature_malformed"))
def a_reference_to_a_folder(world: World) -> bytes:
    return _added_reference(world, _reference_to("/Doc_0/Pages/"))


@attack("a3", Caught("integrity.signature_file", "signature_malformed"))
def a_reference_outside_the_package(world: World) -> bytes:
    return _added_reference(world, _reference_to("/../../etc/passwd"))


@attack("a4", Caught("integrity.references", "file_missing"))
def a_reference_to_nothing(world: World) -> bytes:
    return _added_reference(world, _reference_to("/Doc_0/nothing.xml"))


def _check_method(world: World, method: bytes) -> bytes:
    return edited_description(world, lambda text: re.sub(rb' CheckMethod="[^"]*"', method, text))


@attack("a5", Caught("integrity.algorithms", "weak_digest"))
def digests_by_md5(world: World) -> bytes:
    return _check_method(world, b' CheckMethod="MD5"')


@attack("a6", Caught("integrity.algorithms", "weak_digest"))
def digests_by_sha1(world: World) -> bytes:
    return _check_method(world, b' CheckMethod="SHA1"')


@attack("a7", Caught("integrity.algorithms", "weak_digest"))
def digests_by_nothing_named(world: World) -> bytes:
    return _check_method(world, b"")


@attack("a8", Caught("integrity.algorithms", "unknown_digest"))
def digests_by_something_unheard_of(world: World) -> bytes:
    return _check_method(world, b' CheckMethod="1.2.3.4"')


@attack("a9", Caught("integrity.algorithms", "methods_differ"))
def a_method_that_the_value_does_not_have(world: World) -> bytes:
    return edited_description(world, lambda text: swap(text, oids.SM2_SM3_SIGNATURE, "1.2.840.113549.1.1.11"))


@attack("a10", Caught("integrity.algorithms", "unknown_signature"))
def a_value_that_names_another_algorithm(world: World) -> bytes:
    from egov_sdk.crypto.der import oid

    def edit(value: bytes) -> bytes:
        parts = [part.raw for part in children(read_one(value))]
        parts[2] = oid("1.2.840.10045.4.3.2")
        return sequence(*parts)

    return world.resealed(sealed(world), edit_value=edit)


@attack("a11", Caught("integrity.references", "no_references"))
def no_reference_at_all(world: World) -> bytes:
    return edited_description(world, lambda text: re.sub(rb"<ofd:Reference .*</ofd:Reference>", b"", text, flags=re.S))


@attack("a12", Caught("integrity.signature_file", "signature_malformed"))
def a_comment_inside_a_digest(world: World) -> bytes:
    return edited_description(world, lambda text: swap(text, b"<ofd:CheckValue>", b"<ofd:CheckValue><!-- x -->"))


@attack("a13", Caught("integrity.signature_file", "signature_malformed"))
def an_entity_inside_a_path(world: World) -> bytes:
    doctype = b'<!DOCTYPE d [<!ENTITY p "Doc_0">]>'
    return edited_description(world, lambda text: _with_doctype(swap(text, b"/Doc_0/Res", b"/&p;/Res"), doctype))


@attack("a14", Caught("integrity.signature_file", "signature_malformed"))
def two_signed_infos(world: World) -> bytes:
    return edited_description(
        world, lambda text: swap(text, b"</ofd:SignedInfo>", b"</ofd:SignedInfo><ofd:SignedInfo/>")
    )


@attack("a15", Caught("integrity.signature_file", "signature_malformed"))
def signed_info_in_a_foreign_namespace(world: World) -> bytes:
    return edited_description(
        world,
        lambda text: text.replace(b"<ofd:SignedInfo>", b'<x:SignedInfo xmlns:x="urn:x">').replace(
            b"</ofd:SignedInfo>", b"</x:SignedInfo>"
        ),
    )


@attack("a16", Caught("integrity.property_info", "names_another"))
def a_value_that_names_another_signature_file(world: World) -> bytes:
    found = sealed(world)
    moved = {name.replace("Sign_0", "Sign_7"): body for name, body in found.items()}
    moved[LIST] = found[LIST].replace(b"Sign_0", b"Sign_7")
    description = moved["Doc_0/Signs/Sign_7/Signature.xml"].replace(b"Sign_0", b"Sign_7")
    built = entries_of(world.resealed({**moved, DESCRIPTION: description}))
    moved["Doc_0/Signs/Sign_7/Signature.xml"] = description
    moved["Doc_0/Signs/Sign_7/SignedValue.dat"] = built[VALUE]
    return zipped(moved)


# ====================================================================== b …: signature values


def _with_signature(world: World, signature: bytes) -> bytes:
    def edit(value: bytes) -> bytes:
        parts = [part.raw for part in children(read_one(value))]
        return sequence(*parts[:3], signature)

    return world.resealed(sealed(world), edit_value=edit)


def _good_signature(world: World) -> tuple[int, int]:
    value = children(read_one(sealed(world)[VALUE]))[3].content[1:]
    r, s = children(read_one(value))
    return int.from_bytes(r.content, "big"), int.from_bytes(s.content, "big")


N = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123


def _values(world: World) -> dict[str, bytes]:
    r, s = _good_signature(world)
    raw_r = r.to_bytes(33, "big")
    return {
        "r_is_zero": sequence(integer(0), integer(s)),
        "s_is_zero": sequence(integer(r), integer(0)),
        "r_is_n": sequence(integer(N), integer(s)),
        "r_is_negative": sequence(encode_tlv(2, (r - (1 << 264)).to_bytes(34, "big", signed=True)), integer(s)),
        "s_plus_n": sequence(integer(r), integer(s + N)),
        "r_with_a_superfluous_zero": sequence(encode_tlv(2, b"\x00" + raw_r), integer(s)),
        "a_third_number": sequence(integer(r), integer(s), integer(1)),
        "nothing_at_all": b"",
        "s_mirrored": sequence(integer(r), integer(N - s)),
    }


_VALUES = (
    "r_is_zero",
    "s_is_zero",
    "r_is_n",
    "r_is_negative",
    "s_plus_n",
    "r_with_a_superfluous_zero",
    "a_third_number",
    "nothing_at_all",
    "s_mirrored",
)


def _register_values() -> None:
    for number, name in enumerate(_VALUES, 1):

        def make(world: World, name: str = name) -> bytes:
            return _with_signature(world, bit_string(_values(world)[name]))

        make.__name__ = f"a_value_whose_{name}"
        attack(f"b{number}", Caught("integrity.value", "value_wrong"))(make)


_register_values()


def _raw_bits(world: World, unused: int) -> bytes:
    r, s = _good_signature(world)
    return encode_tlv(3, bytes([unused]) + sequence(integer(r), integer(s)))


@attack("b20", Caught("integrity.signature_file", "value_malformed"))
def eight_unused_bits(world: World) -> bytes:
    return _with_signature(world, _raw_bits(world, 8))


@attack("b21", Caught("integrity.signature_file", "value_malformed"))
def all_bits_unused(world: World) -> bytes:
    return _with_signature(world, _raw_bits(world, 255))


def _value_edited(world: World, edit: Callable[[bytes], bytes]) -> bytes:
    return world.resealed(sealed(world), edit_value=edit)


@attack("b22", Caught("integrity.encoding", "refused"))
def an_indefinite_length(world: World) -> bytes:
    return _value_edited(world, lambda value: b"\x30\x80" + read_one(value).content + b"\x00\x00")


@attack("b23", Caught("integrity.signature_file", "value_malformed"))
def a_length_of_nine_octets(world: World) -> bytes:
    return _value_edited(
        world, lambda value: b"\x30\x89" + len(read_one(value).content).to_bytes(9, "big") + read_one(value).content
    )


@attack("b24", Caught("integrity.signature_file", "value_malformed"))
def a_thousand_nested_sequences(world: World) -> bytes:
    def nest(value: bytes) -> bytes:
        inner = b""
        for _ in range(1000):
            inner = sequence(inner)
        return sequence(*(part.raw for part in children(read_one(value))), inner)

    return _value_edited(world, nest)


@attack("b25", Caught("integrity.signature_file", "value_malformed"))
def nested_in_ber_without_end(world: World) -> bytes:
    return _value_edited(world, lambda value: b"\x30\x80" * 100_000)


@attack("b26", Caught("integrity.signature_file", "value_malformed"))
def a_value_of_ten_thousand_bytes_of_noise(world: World) -> bytes:
    return _value_edited(world, lambda value: b"\x30\x82\x27\x10" + bytes(range(256)) * 39 + bytes(16))


@attack("b27", Caught("integrity.value", "value_wrong"))
def a_certificate_with_the_same_name_and_number_but_another_key(world: World) -> bytes:
    return _resigned_by_twin(world)


def _resigned_by_twin(world: World) -> bytes:
    """The holder's certificate stays in the value, the signature is another key's."""
    return world.resealed(sealed(world), signer=world.stranger.signer)


@attack("b28", Caught("binding.signer_in_seal", "signer_not_in_seal"))
def a_twin_certificate_of_the_holder_with_another_key(world: World) -> bytes:
    office, stranger = world.office, world.stranger
    twin = _twin(office.certificate.raw, office.certificate.public_key.point, stranger.signer.public_key().point)
    from egov_sdk.pki import Certificate

    return world.resealed(sealed(world), signer=stranger.signer, certificate=Certificate.parse(twin))


def _twin(certificate: bytes, old: bytes, new: bytes) -> bytes:
    return swap(certificate, old, new)


@attack("b29", Caught("integrity.signature_list", "listed_twice"))
def one_value_for_two_records(world: World) -> bytes:
    found = sealed(world)
    second = f"{SIGN.replace('Sign_0', 'Sign_1')}/Signature.xml"
    found[second] = found[DESCRIPTION]
    entry = re.search(rb"<ofd:Signature [^>]*/>", found[LIST])
    assert entry is not None
    twin = entry[0].replace(b's001"', b's009"').replace(DESCRIPTION.encode(), second.encode())
    found[LIST] = swap(found[LIST], entry[0], entry[0] + twin)
    return zipped(found)


@attack("b30", Caught("integrity.data_hash", "data_hash_wrong"))
def the_values_of_two_signatures_swapped(world: World) -> bytes:
    found = entries_of(world.stamped(world.stamped()))
    second = VALUE.replace("Sign_0", "Sign_1")
    found[VALUE], found[second] = found[second], found[VALUE]
    return zipped(found)


@attack("b31", Caught("trust.signing_time", "time_unproven"))
def a_signature_backdated_to_when_the_certificate_was_good(world: World) -> bytes:
    # made when the certificate is long expired; the test verifies it at that later time
    return world.stamped()


# ====================================================================== c …: stamps and pictures


def _stamp_edited(world: World, pattern: bytes, new: bytes) -> bytes:
    def edit(text: bytes) -> bytes:
        edited, count = re.subn(pattern, new, text)
        assert count == 1
        return edited

    return edited_description(world, edit)


@attack("c1", Caught("coverage.stamps", "page_missing"))
def a_stamp_on_a_page_that_is_not_there(world: World) -> bytes:
    return _stamp_edited(world, rb'PageRef="[^"]*"', b'PageRef="4711"')


@attack("c2", Caught("coverage.stamps", "stamp_shape"))
def a_stamp_of_negative_size(world: World) -> bytes:
    return _stamp_edited(world, rb'Boundary="[^"]*"', b'Boundary="100 100 -42 -42"')


@attack("c3", Caught("coverage.stamps", "stamp_shape"))
def a_stamp_larger_than_the_page(world: World) -> bytes:
    return _stamp_edited(world, rb'Boundary="[^"]*"', b'Boundary="0 0 99999 99999"')


@attack("c4", Caught("coverage.stamps", "stamp_shape"))
def a_clip_outside_its_frame(world: World) -> bytes:
    return _stamp_edited(world, rb'Boundary="([^"]*)"', rb'Boundary="\1" Clip="30 30 30 30"')


@attack("c5", Caught("coverage.stamps", "stamp_shape"))
def a_stamp_without_area(world: World) -> bytes:
    return _stamp_edited(world, rb'Boundary="[^"]*"', b'Boundary="100 100 0 0"')


@attack("c6", Caught("coverage.stamps", "stamp_shape"))
def a_stamp_beside_the_page(world: World) -> bytes:
    return _stamp_edited(world, rb'Boundary="[^"]*"', b'Boundary="500 500 42 42"')


@attack("c7", Caught("integrity.signature_file", "signature_malformed"))
def a_stamp_at_infinity(world: World) -> bytes:
    return _stamp_edited(world, rb'Boundary="[^"]*"', b'Boundary="inf nan 1e999 42"')


def _png(width: int, height: int) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 64)) + chunk(b"IEND", b"")
    )


@attack("c8", Caught("integrity.seal_picture", "picture_refused"))
def a_picture_of_ten_thousand_million_pixels(world: World) -> bytes:
    return _with_own_seal(world, picture=SealPicture(_png(100_000, 100_000), "PNG", 42, 42))


@attack("c9", Caught("integrity.seal_picture", "picture_refused"))
def a_drawing_with_a_script(world: World) -> bytes:
    svg = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
    return _with_own_seal(world, picture=SealPicture(svg, "SVG", 42, 42))


@attack("c10", Caught("integrity.seal_picture", "picture_refused"))
def a_drawing_that_looks_elsewhere(world: World) -> bytes:
    svg = b'<svg xmlns="http://www.w3.org/2000/svg"><image href="http://example.com/x.png"/></svg>'
    return _with_own_seal(world, picture=SealPicture(svg, "SVG", 42, 42))


@attack("c11", Caught("integrity.seal_picture", "picture_refused"))
def a_picture_that_is_none(world: World) -> bytes:
    return _with_own_seal(world, picture=SealPicture(b"no picture", "PNG", 42, 42))


@attack("c12", Caught("integrity.seal_picture", "picture_refused"))
def a_seal_of_ten_metres(world: World) -> bytes:
    return _with_own_seal(world, picture=SealPicture(_png(42, 42), "PNG", 10_000, 10_000))


# ====================================================================== d …: added afterwards


@attack("d1", Caught("integrity.references", "file_changed"))
def annotations_added_after_signing(world: World) -> bytes:
    found = sealed(world)
    found["Doc_0/Annots/Annotations.xml"] = b'<ofd:Annotations xmlns:ofd="http://www.ofdspec.org/2016"/>'
    added = b"</ofd:Pages><ofd:Annotations>Annots/Annotations.xml</ofd:Annotations>"
    found["Doc_0/Document.xml"] = swap(found["Doc_0/Document.xml"], b"</ofd:Pages>", added)
    return zipped(found)


@attack("d2", Caught("integrity.references", "file_changed"))
def an_attachment_added_after_signing(world: World) -> bytes:
    found = sealed(world)
    entry = b'<ofd:Attachment ID="a9" Name="x"><ofd:FileLoc>x.bin</ofd:FileLoc></ofd:Attachment></ofd:Attachments>'
    found["Doc_0/Attachs/Attachments.xml"] = swap(found["Doc_0/Attachs/Attachments.xml"], b"</ofd:Attachments>", entry)
    found["Doc_0/Attachs/x.bin"] = b"x"
    return zipped(found)


@attack("d3", Caught("integrity.references", "file_changed"))
def a_hidden_layer_added_after_signing(world: World) -> bytes:
    return changed(world, PAGE, "</ofd:Content>", '<ofd:Layer ID="999" Type="Foreground"/></ofd:Content>')


@attack("d4", Caught("coverage.pages", "uncovered_content"))
def a_version_that_leads_to_unsigned_pages(world: World) -> bytes:
    found = _without_reference(world, "OFD.xml")
    other = entries_of(OfdBuilder(created=NOW, title="v2").page().text(20, 20, "假").build())
    found |= {name.replace("Doc_0", "Doc_2"): body for name, body in other.items() if name != "OFD.xml"}
    found["Doc_0/Versions/v2.xml"] = (
        b'<ofd:DocVersion xmlns:ofd="http://www.ofdspec.org/2016" ID="2"><ofd:FileList/>'
        b"<ofd:DocRoot>/Doc_2/Document.xml</ofd:DocRoot></ofd:DocVersion>"
    )
    versions = (
        b'<ofd:Versions><ofd:Version ID="2" Index="2" Current="true" BaseLoc="Doc_0/Versions/v2.xml"/></ofd:Versions>'
    )
    found["OFD.xml"] = swap(found["OFD.xml"], b"<ofd:Signatures>", versions + b"<ofd:Signatures>")
    return zipped(found)


@attack("d5", Caught("coverage.extra_files", "extra_file"))
def a_map_of_encrypted_entries_that_redirects_a_page(world: World) -> bytes:
    encryptions = b'<ofd:Encryptions xmlns:ofd="http://www.ofdspec.org/2016"/>'
    return zipped({**sealed(world), "Encryptions.xml": encryptions, "entriesmap.dat": b"\x00" * 64})


@attack("d6", Caught("coverage.extra_files", "extra_file"))
def a_list_of_entries_that_names_things_only(world: World) -> bytes:
    names = b'<ofd:DocEntries xmlns:ofd="http://www.ofdspec.org/2016" ID="1"/>'
    return zipped({**sealed(world), "OFDEntries.xml": names, "signedvalue.dat": b"\x30\x00"})


@attack("d7", Refused("egov.ofd.package.encrypted"))
def an_entry_encrypted_by_zip(world: World) -> bytes:
    return forge([*forgeable(world.stamped()), Entry("Doc_0/secret", b"x", flags=1)])


@attack("d8", Refused("egov.ofd.package.crc_mismatch"))
def a_wrong_checksum(world: World) -> bytes:
    lie: dict[str, int | bytes] = {"crc": 1}
    return forge([*forgeable(world.stamped()), Entry("Doc_0/x", b"x", central=lie, local=lie)])


@attack("d9", Refused("egov.ofd.package.trailing_data"))
def data_behind_the_archive(world: World) -> bytes:
    return forge(forgeable(world.stamped()), suffix=b"more")


@attack("d10", Refused("egov.ofd.package.not_a_zip"))
def no_archive_at_all(world: World) -> bytes:
    return b"%PDF-1.7\n" + bytes(1000)


# ====================================================================== e …: messages and time stamps


@attack("e1", Caught("integrity.time_stamp", "timestamp_wrong"))
def a_time_stamp_for_another_value(world: World) -> bytes:
    token = world.tsa().stamp(b"another value", at=NOW)
    return world.resealed(sealed(world), edit_value=lambda value: _with_token(value, token))


def _with_token(value: bytes, token: bytes) -> bytes:
    parts = [part.raw for part in children(read_one(value))]
    return sequence(*parts[:4], context(0, bit_string(token)))


@attack("e2", Caught("trust.time_stamp", "cert_untrusted"))
def a_time_stamp_by_a_stranger(world: World) -> bytes:
    from egov_sdk.pki.timestamp import LocalTSA

    stranger = world.stranger
    certificate = stranger.ca.issue(
        "tsa", "Stranger TSA", stranger.signer.public_key(), at=NOW - timedelta(days=50), days=3650
    )
    tsa = LocalTSA(stranger.signer, certificate)

    def edit(value: bytes) -> bytes:
        signature = children(read_one(value))[3].content[1:]
        return _with_token(value, tsa.stamp(signature, at=NOW))

    return world.resealed(sealed(world), edit_value=edit)


@attack("e3", Caught("trust.time_stamp", "time_order"))
def a_signing_time_after_its_own_time_stamp(world: World) -> bytes:
    def edit(value: bytes) -> bytes:
        signature = children(read_one(value))[3].content[1:]
        return _with_token(value, world.tsa().stamp(signature, at=NOW - timedelta(days=2)))

    return world.resealed(sealed(world), edit_value=edit)


@attack("e4", Caught("integrity.data_hash", "message_differs"))
def a_message_about_something_else(world: World) -> bytes:
    office = world.office
    found = entries_of(sign(world.document, signer=office.signer, certificate=office.certificate, signed_at=NOW))
    found[VALUE] = build_signed_data(office.signer, office.certificate, content=b"another text", signing_time=NOW)
    return zipped(found)


@attack("e5", Caught("trust.signer_certificate", "cert_untrusted"))
def a_message_by_a_stranger(world: World) -> bytes:
    stranger = world.stranger
    return sign(world.document, signer=stranger.signer, certificate=stranger.certificate, signed_at=NOW)


@attack("e6", Caught("integrity.signature_list", "type_differs"))
def a_bare_value_in_place_of_a_seal(world: World) -> bytes:
    found = sealed(world)
    found[VALUE] = sign_message(world.office.signer, found[DESCRIPTION])
    return zipped(found)


@attack("e7", Caught("integrity.seal_maker_signature", "unknown_signature"))
def a_seal_whose_maker_names_another_algorithm(world: World) -> bytes:
    from egov_sdk.crypto.der import oid

    def edit(seal: bytes) -> bytes:
        parts = [part.raw for part in children(read_one(seal))]
        return sequence(parts[0], parts[1], oid("1.2.840.10045.4.3.2"), parts[3])

    return _with_own_seal(world, edit=edit)


@attack("e8", Caught("integrity.signature_file", "value_malformed"))
def a_seal_whose_holder_list_is_of_neither_kind(world: World) -> bytes:
    def edit(seal: bytes) -> bytes:
        parts = [part.raw for part in children(read_one(seal))]
        info = list(children(read_one(parts[0])))
        prop = [part.raw for part in children(info[2])]
        prop[2] = integer(7)
        return sequence(sequence(info[0].raw, info[1].raw, sequence(*prop), info[3].raw), *parts[1:])

    return _with_own_seal(world, edit=edit)


@attack("e9", Caught("integrity.signature_file", "value_malformed"))
def a_seal_that_is_a_time_and_a_name(world: World) -> bytes:
    seal = sequence(generalized_time(NOW), utf8_string("章"), printable_string("x"), octet_string(b""))
    return world.resealed(sealed(world), seal=seal)
