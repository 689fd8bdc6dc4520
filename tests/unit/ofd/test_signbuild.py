"""Writing signature files, and finding room for one more signature."""

from __future__ import annotations

import dataclasses
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from egov_sdk.errors import ParseError
from egov_sdk.ofd import Box, open_ofd
from egov_sdk.ofd.signbuild import (
    add_signature_list,
    build_signature_file,
    build_signature_list,
    new_signature_folder,
    new_signature_list_name,
    next_signature_ids,
)
from egov_sdk.ofd.signfiles import (
    Parameter,
    Provider,
    Reference,
    SignatureEntry,
    SignatureFile,
    StampAnnot,
    parse_signature_file,
    parse_signature_list,
)
from tests.unit.ofd.samples import NS, SIGNATURE, ofd_xml, package_of, parts_of, signed_parts

_WORDS = st.text(string.ascii_letters + string.digits + "._", min_size=1, max_size=9)
_TEXTS = st.text(st.characters(codec="utf-8", categories=("L", "N", "P")), max_size=9)
_NAMES = st.lists(_WORDS.filter(lambda word: word.strip(".")), min_size=1, max_size=3).map("/".join)
_LENGTHS = st.integers(-5_000_000, 5_000_000).map(lambda n: n / 10_000)
_BOXES = st.builds(Box, _LENGTHS, _LENGTHS, _LENGTHS, _LENGTHS)
_REFERENCES = st.builds(lambda name, digest: Reference(f"/{name}", name, digest), _NAMES, st.binary(max_size=32))
_STAMPS = st.builds(StampAnnot, st.from_regex(r"s[0-9]{3}", fullmatch=True), _WORDS, _BOXES, st.none() | _BOXES)


@given(
    provider=st.builds(Provider, _TEXTS, _TEXTS, _TEXTS, _TEXTS),
    method=_TEXTS,
    date_time=_TEXTS,
    check_method=_TEXTS,
    references=st.lists(_REFERENCES, max_size=4),
    stamps=st.lists(_STAMPS, max_size=3),
    seal_name=st.none() | _NAMES,
    value_name=_NAMES,
    parameters=st.lists(st.builds(Parameter, _TEXTS, _TEXTS, _TEXTS), max_size=2),
)
def test_what_is_built_is_read_back_without_any_departure(
    provider: Provider,
    method: str,
    date_time: str,
    check_method: str,
    references: list[Reference],
    stamps: list[StampAnnot],
    seal_name: str | None,
    value_name: str,
    parameters: list[Parameter],
) -> None:
    raw = build_signature_file(
        provider=provider,
        method=method,
        date_time=date_time,
        check_method=check_method,
        references=references,
        stamps=stamps,
        seal_name=seal_name,
        value_name=value_name,
        parameters=parameters,
    )
    assert parse_signature_file(package_of({"Signature.xml": raw}), "Signature.xml") == SignatureFile(
        name="Signature.xml",
        provider=provider,
        method=method,
        date_time=date_time,
        check_method=check_method,
        references=tuple(references),
        stamps=tuple(stamps),
        seal_name=seal_name,
        value_name=value_name,
        parameters=tuple(parameters),
        leniencies=(),
        raw=raw,
    )


def test_a_built_signature_has_the_order_of_the_schema_and_one_prefix() -> None:
    raw = build_signature_file(
        provider=Provider("p"),
        method="1.2.156.10197.1.501",
        date_time="20261121080000Z",
        check_method="1.2.156.10197.1.401",
        references=[Reference("ignored", "OFD.xml", b"\xff" * 32)],
        stamps=[StampAnnot("s002", "1", Box(1, 2, 3, 4))],
        seal_name="S/Seal.esl",
        value_name="S/SignedValue.dat",
    )
    assert raw.startswith(
        b'<?xml version="1.0" encoding="UTF-8"?>\n<ofd:Signature xmlns:ofd="http://www.ofdspec.org/2016">'
    )
    root = etree.fromstring(raw)
    assert [etree.QName(element).localname for element in root] == ["SignedInfo", "SignedValue"]
    assert [etree.QName(element).localname for element in root[0]] == [
        "Provider", "SignatureMethod", "SignatureDateTime", "References", "StampAnnot", "Seal",
    ]  # fmt: skip
    assert b'FileRef="/OFD.xml"' in raw
    assert b'<ofd:Provider ProviderName="p"/>' in raw
    assert b"Clip" not in raw


def test_a_built_list_is_read_back_and_a_read_list_is_built_the_same() -> None:
    entries = (
        SignatureEntry("s001", "Seal", "Doc_0/Signs/Sign_0/Signature.xml"),
        SignatureEntry("s003", "Sign", "Doc_0/Signs/Sign_1/Signature.xml", "s001"),
    )
    raw = build_signature_list(entries, max_sign_id="s003")
    package = package_of(signed_parts() | {"Doc_0/Signs/Signatures.xml": raw})
    found = parse_signature_list(package, package.documents[0])
    assert (found.entries, found.max_sign_id, found.leniencies) == (entries, "s003", ())
    assert build_signature_list(found.entries, max_sign_id=found.max_sign_id) == raw
    assert b"><ofd:MaxSignId>s003</ofd:MaxSignId><ofd:Signature " in raw


@pytest.mark.parametrize(
    ("listed", "stamp_id", "expected"),
    [
        ("", "s002", ("s001", "s002")),
        ('<ofd:Signature ID="s001" BaseLoc="Sign_0/Signature.xml"/>', "s002", ("s003", "s004")),
        ('<ofd:Signature ID="1" BaseLoc="Sign_0/Signature.xml"/>', "02", ("3", "4")),
        ('<ofd:Signature ID="001" BaseLoc="Sign_0/Signature.xml"/>', "002", ("003", "004")),
        ('<ofd:Signature ID="s001" BaseLoc="Sign_0/Signature.xml"/>', "s099", ("s100", "s101")),
        ('<ofd:MaxSignId>s050</ofd:MaxSignId><ofd:Signature ID="s1" BaseLoc="Sign_0/Signature.xml"/>', "s2",
         ("s51", "s52")),
        ('<ofd:MaxSignId>s001</ofd:MaxSignId><ofd:Signature ID="s009" BaseLoc="Sign_0/Signature.xml"/>', "s004",
         ("s010", "s011")),
        ('<ofd:Signature ID="sigA" BaseLoc="Sign_0/Signature.xml"/>', "x", ("s001", "s002")),
    ],
)  # fmt: skip
def test_new_ids_are_above_all_that_are_written_in_the_form_found(
    listed: str, stamp_id: str, expected: tuple[str, ...]
) -> None:
    package = package_of(signed_parts(listed=listed, signature=SIGNATURE.replace("s002", stamp_id)))
    assert next_signature_ids(package, package.documents[0], count=2) == expected


def test_a_document_without_signatures_begins_at_one() -> None:
    package = package_of(parts_of())
    assert next_signature_ids(package, package.documents[0], count=3) == ("s001", "s002", "s003")
    with pytest.raises(ValueError, match="at least 1"):
        next_signature_ids(package, package.documents[0], count=0)


def test_numbers_end_somewhere() -> None:
    listed = f"<ofd:MaxSignId>s{'9' * 18}</ofd:MaxSignId>"
    package = package_of(signed_parts(listed=listed))
    with pytest.raises(ParseError) as caught:
        next_signature_ids(package, package.documents[0], count=1)
    assert caught.value.code == "egov.ofd.signature.id_exhausted"


def test_a_new_folder_is_unused_in_any_letter_case() -> None:
    package = package_of(signed_parts() | {"doc_0/SIGNS/sign_1/x": "", "Doc_0/Signs/SIGN_2": ""})
    assert new_signature_folder(package, package.documents[0]) == "Doc_0/Signs/Sign_3"


def test_a_document_without_signatures_keeps_them_beside_its_root() -> None:
    package = package_of(parts_of())
    document = package.documents[0]
    assert new_signature_list_name(document) == "Doc_0/Signs/Signatures.xml"
    assert new_signature_folder(package, document) == "Doc_0/Signs/Sign_0"
    at_root = dataclasses.replace(document, root="Document.xml")
    assert new_signature_list_name(at_root) == "Signs/Signatures.xml"
    list_at_root = dataclasses.replace(document, signatures_name="Signatures.xml")
    assert new_signature_folder(package, list_at_root) == "Sign_0"


@pytest.mark.parametrize(
    "xml",
    [
        ofd_xml(),
        ofd_xml("<ofd:Signatures/>"),
        ofd_xml('<ofd:Versions><ofd:Version ID="1" BaseLoc="V.xml"/></ofd:Versions>'),
        "\ufeff" + ofd_xml().replace("<ofd:", "<").replace("</ofd:", "</").replace("xmlns:ofd=", "xmlns="),
        '<x:OFD xmlns:x="http://www.ofdspec.org"><x:DocBody>\n <x:DocRoot>Doc_0/Document.xml</x:DocRoot>\n'
        "</x:DocBody></x:OFD>",
    ],
)
def test_a_list_is_entered_into_ofd_xml_in_its_place(xml: str) -> None:
    package = package_of(parts_of() | {"OFD.xml": xml})
    document = package.documents[0]
    changed = add_signature_list(package, document, list_name="Doc_0/Signs/Signatures.xml")
    again = open_ofd(package.rewrite({"OFD.xml": changed})).documents[0]
    assert again.signatures_name == "Doc_0/Signs/Signatures.xml"
    assert dataclasses.replace(again, signatures_name=None) == document
    body = etree.fromstring(changed)[0]
    assert etree.QName(body[-1]).localname == "Signatures"
    assert etree.QName(body[-1]).namespace == etree.QName(body).namespace
    assert len({element.prefix for element in body.iter()}) == 1


def test_the_list_goes_into_the_right_one_of_several_documents() -> None:
    body = "<ofd:DocBody><ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody>"
    package = package_of(parts_of() | {"OFD.xml": f"<ofd:OFD {NS}>{body * 3}</ofd:OFD>"})
    changed = add_signature_list(package, package.documents[1], list_name="S.xml")
    again = open_ofd(package.rewrite({"OFD.xml": changed})).documents
    assert [document.signatures_name for document in again] == [None, "S.xml", None]


def test_a_second_list_is_the_callers_mistake() -> None:
    package = package_of(signed_parts())
    with pytest.raises(ValueError, match="already"):
        add_signature_list(package, package.documents[0], list_name="S.xml")
