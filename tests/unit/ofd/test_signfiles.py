"""Signatures.xml and Signature.xml, with every departure that real files have."""

from __future__ import annotations

import pytest

from egov_sdk.errors import LimitExceeded, ParseError
from egov_sdk.limits import OfdLimits
from egov_sdk.ofd import Box
from egov_sdk.ofd.problems import LENIENCIES
from egov_sdk.ofd.signfiles import (
    Parameter,
    Provider,
    Reference,
    SignatureEntry,
    SignatureFile,
    SignatureList,
    StampAnnot,
    parse_signature_file,
    parse_signature_list,
)
from tests.unit.ofd.samples import LIST, NS, SIGNATURE, package_of, parts_of, signed_parts

_LIST_NAME = "Doc_0/Signs/Signatures.xml"
_NAME = "Doc_0/Signs/Sign_0/Signature.xml"


def _listed(listed: str, *, limits: OfdLimits | None = None) -> SignatureList:
    package = package_of(signed_parts(listed=listed), limits=limits or OfdLimits())
    return parse_signature_list(package, package.documents[0])


def _file(signature: str, **more: str) -> SignatureFile:
    return parse_signature_file(package_of(signed_parts(signature=signature) | more), _NAME)


def _code(signature: str) -> str:
    with pytest.raises(ParseError) as caught:
        _file(signature)
    assert caught.value.where == _NAME
    return caught.value.code.removeprefix("egov.ofd.")


def test_a_list_as_the_schema_wants_it() -> None:
    found = _listed(LIST)
    assert found.name == _LIST_NAME
    assert found.entries == (SignatureEntry("s001", "Seal", _NAME, None),)
    assert found.max_sign_id == "s002"
    assert found.leniencies == ()
    assert found.raw == signed_parts()[_LIST_NAME].encode()


@pytest.mark.parametrize(
    ("listed", "entries", "max_sign_id", "leniencies"),
    [
        ("", (), "", ()),
        (
            '<ofd:Signature ID="1" BaseLoc="Sign_0/Signature.xml"/><ofd:MaxSignId>2</ofd:MaxSignId>',
            (SignatureEntry("1", "Seal", _NAME),),
            "2",
            ("relative_path", "max_sign_id_after"),
        ),
        (
            '<ofd:MaxSignId> 001 </ofd:MaxSignId><ofd:Signature ID=" s2 " Type="Sign" BaseLoc="/a"/>'
            '<ofd:MaxSignId>003</ofd:MaxSignId><ofd:Signature ID="s3" Relative="s2" Type="" BaseLoc="/b"/>',
            (SignatureEntry("s2", "Sign", "a"), SignatureEntry("s3", "", "b", "s2")),
            "003",
            ("blank_in_value", "max_sign_id_after", "max_sign_id_repeated"),
        ),
        (
            '<ofd:Signature BaseLoc="/a"/><ofd:Signature ID="sigA" BaseLoc="/a"/>',
            (SignatureEntry("", "Seal", "a"), SignatureEntry("sigA", "Seal", "a")),
            "",
            ("id_absent", "id_not_numbered"),
        ),
        ('<f:Signature xmlns:f="urn:f" ID="s9" BaseLoc="/evil"/>', (), "", ()),
        ('<ofd:Other/><!-- c --><ofd:MaxSignId><![CDATA[s1]]></ofd:MaxSignId>', (), "s1", ("cdata", "comments")),
        ("<?p i?>", (), "", ("comments",)),
    ],
)  # fmt: skip
def test_a_list_as_it_is_found(
    listed: str, entries: tuple[SignatureEntry, ...], max_sign_id: str, leniencies: tuple[str, ...]
) -> None:
    found = _listed(listed)
    assert found.entries == entries
    assert found.max_sign_id == max_sign_id
    assert found.leniencies == leniencies


def test_a_record_listed_twice_stays_visible() -> None:
    found = _listed(LIST + LIST.replace("<ofd:MaxSignId>s002</ofd:MaxSignId>", ""))
    assert [entry.id for entry in found.entries] == ["s001", "s001"]


@pytest.mark.parametrize(
    ("listed", "code"),
    [
        ('<ofd:Signature ID="s1"/>', "xml.attribute_missing"),
        ('<ofd:Signature ID="s1" BaseLoc=""/>', "path.empty"),
        ('<ofd:Signature ID="s1" BaseLoc="../../../x"/>', "path.outside"),
        ('<ofd:Signature ID="s1" BaseLoc="/Doc_0/Signs/"/>', "path.folder"),
        ('<ofd:Signature ID="s1" ofd:BaseLoc="/x"/>', "xml.attribute_missing"),
        ("<ofd:MaxSignId>s0<!-- -->02</ofd:MaxSignId>", "xml.mixed_text"),
    ],
)
def test_a_list_that_leads_nowhere_is_refused(listed: str, code: str) -> None:
    with pytest.raises(ParseError) as caught:
        _listed(listed)
    assert caught.value.code == f"egov.ofd.{code}"
    assert caught.value.where == _LIST_NAME


def test_a_list_needs_the_right_root_and_has_to_be_there() -> None:
    for part in (f"<ofd:Signature {NS}/>", None):
        parts = signed_parts()
        del parts[_LIST_NAME]
        if part:
            parts[_LIST_NAME] = part
        package = package_of(parts)
        with pytest.raises(ParseError) as caught:
            parse_signature_list(package, package.documents[0])
        assert caught.value.code == ("egov.ofd.xml.root" if part else "egov.ofd.package.entry_missing")


def test_a_document_without_a_list_says_so() -> None:
    package = package_of(parts_of())
    with pytest.raises(ParseError) as caught:
        parse_signature_list(package, package.documents[0])
    assert caught.value.code == "egov.ofd.signature.no_list"


def test_signatures_are_counted() -> None:
    record = '<ofd:Signature ID="1" BaseLoc="/a"/>'
    assert len(_listed(record * 3, limits=OfdLimits(signatures=3)).entries) == 3
    with pytest.raises(LimitExceeded) as caught:
        _listed(record * 4, limits=OfdLimits(signatures=3))
    assert caught.value.limit == "signatures"


def test_a_signature_as_the_schema_wants_it() -> None:
    found = _file(SIGNATURE)
    assert found == SignatureFile(
        name=_NAME,
        provider=Provider("egov_sdk", "1", "c"),
        method="1.2.156.10197.1.501",
        date_time="20261121080000Z",
        check_method="1.2.156.10197.1.401",
        references=(Reference("/Doc_0/Document.xml", "Doc_0/Document.xml", b"\0\1\2"),),
        stamps=(StampAnnot("s002", "1", Box(10, 20, 40, 40), Box(0, 0, 8, 40)),),
        seal_name="Doc_0/Signs/Sign_0/Seal.esl",
        value_name="Doc_0/Signs/Sign_0/SignedValue.dat",
        parameters=(),
        leniencies=(),
        raw=signed_parts()[_NAME].encode(),
    )
    assert "CheckValue" not in repr(found)


def test_reading_twice_gives_the_same_value() -> None:
    package = package_of(signed_parts())
    assert parse_signature_file(package, _NAME) is parse_signature_file(package, _NAME)
    assert parse_signature_list(package, package.documents[0]) is parse_signature_list(package, package.documents[0])


def _changed(old: str, new: str) -> str:
    assert old in SIGNATURE
    return SIGNATURE.replace(old, new)


def test_what_is_absent_is_empty_and_for_the_verifier_to_judge() -> None:
    found = _file("<ofd:SignedInfo/><ofd:SignedValue>/v</ofd:SignedValue>")
    assert found.provider is None
    assert (found.method, found.date_time, found.check_method) == ("", "", "")
    assert (found.references, found.stamps, found.seal_name, found.value_name) == ((), (), None, "v")
    assert found.leniencies == ("provider_absent",)
    assert _file(_changed(' CheckMethod="1.2.156.10197.1.401"', "")).check_method == ""


@pytest.mark.parametrize(
    ("old", "new", "leniencies"),
    [
        ("/Doc_0/Signs/Sign_0/SignedValue.dat", "SignedValue.dat", ("relative_path",)),
        ("/Doc_0/Signs/Sign_0/SignedValue.dat", "\n /Doc_0/Signs/Sign_0/SignedValue.dat ", ("blank_in_value",)),
        ("/Doc_0/Signs/Sign_0/Seal.esl", "./Seal.esl", ("relative_path",)),
        ("AAEC", "\n  AA\n  EC ", ("blank_in_value",)),
        ('CheckMethod="1', 'CheckMethod=" 1', ("blank_in_value",)),
        ('FileRef="/Doc_0', 'FileRef=" /Doc_0', ("blank_in_value",)),
        ('FileRef="/Doc_0/', 'FileRef="Doc_0/', ("relative_file_ref",)),
        ('ID="s002"', 'ID="stamp"', ("id_not_numbered",)),
        ('ID="s002" ', "", ("id_absent",)),
        ("<ofd:CheckValue>AAEC</ofd:CheckValue>", "<ofd:CheckValue><![CDATA[AAEC]]></ofd:CheckValue>", ("cdata",)),
        ("<ofd:SignedInfo>", "<ofd:SignedInfo><!-- hello -->", ("comments",)),
    ],
)
def test_a_departure_is_accepted_and_named(old: str, new: str, leniencies: tuple[str, ...]) -> None:
    found, plain = _file(_changed(old, new)), _file(SIGNATURE)
    assert found.leniencies == leniencies
    assert found.references[0].name == plain.references[0].name
    assert found.references[0].check_value == plain.references[0].check_value
    assert (found.value_name, found.seal_name) == (plain.value_name, plain.seal_name)
    assert found.check_method == plain.check_method
    assert set(leniencies) <= LENIENCIES.keys()


def test_the_order_of_elements_does_not_matter() -> None:
    value_first = SIGNATURE.replace("<ofd:SignedValue>/Doc_0/Signs/Sign_0/SignedValue.dat</ofd:SignedValue>", "")
    value_first = "<ofd:SignedValue>/Doc_0/Signs/Sign_0/SignedValue.dat</ofd:SignedValue>" + value_first
    seal = "<ofd:Seal><ofd:BaseLoc>/Doc_0/Signs/Sign_0/Seal.esl</ofd:BaseLoc></ofd:Seal>"
    seal_first = SIGNATURE.replace(seal, "").replace("<ofd:SignedInfo>", "<ofd:SignedInfo>" + seal)
    for signature in (value_first, seal_first):
        found = _file(signature)
        assert found.leniencies == ("schema_order",)
        assert found.references == _file(SIGNATURE).references


def test_the_name_of_the_provider_may_be_an_element() -> None:
    old = '<ofd:Provider ProviderName="egov_sdk" Version="1" Company="c"/>'
    child = "<ofd:Provider ProtocolVer='2'><ofd:ProviderName>甲 乙</ofd:ProviderName></ofd:Provider>"
    found = _file(_changed(old, child))
    assert found.provider == Provider("甲 乙", "", "", "2")
    assert found.leniencies == ("provider_name_as_child",)
    assert _file(_changed(old, "<ofd:Provider/>")).provider == Provider("")


@pytest.mark.parametrize(
    ("namespace", "prefix", "leniencies"),
    [
        ("http://www.ofdspec.org", "ofd:", ("namespace_old",)),
        ("", "", ("namespace_none",)),
        ("http://www.ofdspec.org/2016", "", ()),
    ],
)
def test_namespaces_of_old_are_named(namespace: str, prefix: str, leniencies: tuple[str, ...]) -> None:
    whole = signed_parts()[_NAME].replace(NS, f'xmlns{":ofd" if prefix else ""}="{namespace}"')
    found = parse_signature_file(package_of({_NAME: whole.replace("ofd:", prefix) if not prefix else whole}), _NAME)
    assert found.leniencies == leniencies
    assert len(found.references) == 1


def test_a_byte_order_mark_is_named_and_kept_in_the_signed_bytes() -> None:
    raw = "\ufeff" + signed_parts()[_NAME]
    found = parse_signature_file(package_of({_NAME: raw}), _NAME)
    assert found.leniencies == ("bom",)
    assert found.raw == raw.encode()


def test_a_file_referred_to_twice_stays_visible() -> None:
    one = '<ofd:Reference FileRef="/Doc_0/Document.xml"><ofd:CheckValue>AAEC</ofd:CheckValue></ofd:Reference>'
    found = _file(_changed(one, one + one.replace("AAEC", "/////w==")))
    assert [(r.name, r.check_value) for r in found.references] == [
        ("Doc_0/Document.xml", b"\0\1\2"), ("Doc_0/Document.xml", b"\xff\xff\xff\xff"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("file_ref", "name"),
    [
        ("/Doc_0/../OFD.xml", "OFD.xml"),
        ("OFD.xml", "OFD.xml"),
        ("Seal.esl", "Doc_0/Signs/Sign_0/Seal.esl"),
        ("nowhere.xml", "nowhere.xml"),
        ("../Signatures.xml", "Doc_0/Signs/Signatures.xml"),
    ],
)
def test_a_reference_is_taken_from_the_root_and_only_then_from_its_folder(file_ref: str, name: str) -> None:
    (reference,) = _file(_changed("/Doc_0/Document.xml", file_ref)).references
    assert (reference.file_ref, reference.name) == (file_ref, name)


def test_parameters_of_ofd_2_are_kept() -> None:
    parameters = (
        '<ofd:Parameters><ofd:Parameter Name="n" Type="t"> v </ofd:Parameter><ofd:Parameter/></ofd:Parameters>'
        "<ofd:References "
    )
    found = _file(_changed("<ofd:References ", parameters))
    assert found.parameters == (Parameter("n", "v", "t"), Parameter("", "", ""))


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("<ofd:SignedInfo>", "<ofd:SignedInfo/><ofd:SignedInfo>", "xml.duplicate_element"),
        ("<ofd:SignedValue>", "<ofd:SignedValue>/x</ofd:SignedValue><ofd:SignedValue>", "xml.duplicate_element"),
        ("<ofd:References ", "<ofd:References/><ofd:References ", "xml.duplicate_element"),
        ("<ofd:SignatureMethod>", "<ofd:SignatureMethod/><ofd:SignatureMethod>", "xml.duplicate_element"),
        ("<ofd:SignatureDateTime>", "<ofd:SignatureDateTime/><ofd:SignatureDateTime>", "xml.duplicate_element"),
        ("<ofd:Provider ", "<ofd:Provider/><ofd:Provider ", "xml.duplicate_element"),
        ("<ofd:Seal>", "<ofd:Seal/><ofd:Seal>", "xml.duplicate_element"),
        ("<ofd:BaseLoc>", "<ofd:BaseLoc>/x</ofd:BaseLoc><ofd:BaseLoc>", "xml.duplicate_element"),
        ("<ofd:CheckValue>", "<ofd:CheckValue/><ofd:CheckValue>", "xml.duplicate_element"),
        ("<ofd:CheckValue>AAEC</ofd:CheckValue>", "", "xml.element_missing"),
        ("<ofd:BaseLoc>/Doc_0/Signs/Sign_0/Seal.esl</ofd:BaseLoc>", "", "xml.element_missing"),
        ("<ofd:SignedValue>/Doc_0/Signs/Sign_0/SignedValue.dat</ofd:SignedValue>", "", "xml.element_missing"),
        ("ofd:SignedInfo>", "ofd:UnsignedInfo>", "xml.element_missing"),
        (' FileRef="/Doc_0/Document.xml"', "", "xml.attribute_missing"),
        (' PageRef="1"', "", "xml.attribute_missing"),
        (' Boundary="10 20 40 40"', "", "xml.attribute_missing"),
        ("10 20 40 40", "10 20 40", "xml.number"),
        ("10 20 40 40", "10 20 40 inf", "xml.number"),
        ('Clip="0 0 8 40"', 'Clip=""', "xml.number"),
        ("AAEC", "AAE", "signature.check_value"),
        ("AAEC", "AA*C", "signature.check_value"),
        ("AAEC", "AAEＣ", "signature.check_value"),
        ("AAEC", "AA<!-- -->EC", "xml.mixed_text"),
        ("AAEC", "AA<?p?>EC", "xml.mixed_text"),
        ("AAEC", "AA&e;EC", "xml.malformed"),
        ("/Seal.esl", "/Seal<!-- -->.esl", "xml.mixed_text"),
        ("/SignedValue.dat", "/Signed<!-- -->Value.dat", "xml.mixed_text"),
        (">1.2.156.10197.1.501<", ">1.2<!-- -->.3<", "xml.mixed_text"),
        ("/Doc_0/Document.xml", "", "path.empty"),
        ("/Doc_0/Document.xml", "/../x", "path.outside"),
        ("/Doc_0/Document.xml", "../../../../x", "path.outside"),
        ("/Doc_0/Document.xml", "/Doc_0/", "path.folder"),
        ("/Doc_0/Document.xml", "/Doc_0\\Document.xml", "path.malformed"),
        ("/Doc_0/Document.xml", "C:/Document.xml", "path.malformed"),
        ("/Doc_0/Signs/Sign_0/SignedValue.dat", "", "path.empty"),
        ("/Doc_0/Signs/Sign_0/SignedValue.dat", "/../../etc/passwd", "path.outside"),
    ],
)
def test_what_readers_could_take_in_two_ways_is_refused(old: str, new: str, code: str) -> None:
    assert _code(_changed(old, new)) == code


def test_elements_of_a_foreign_namespace_do_not_count() -> None:
    foreign = SIGNATURE.replace("<ofd:", "<f:").replace("</ofd:", "</f:")
    found = _file(f'<f:wrap xmlns:f="urn:f">{foreign}</f:wrap>{SIGNATURE}')
    assert found.references == _file(SIGNATURE).references
    inside = _changed("<ofd:Seal>", '<f:Seal xmlns:f="urn:f"><f:BaseLoc>/evil</f:BaseLoc></f:Seal><ofd:Seal>')
    assert _file(inside).seal_name == "Doc_0/Signs/Sign_0/Seal.esl"


def test_references_are_counted() -> None:
    one = '<ofd:Reference FileRef="/a"><ofd:CheckValue/></ofd:Reference>'
    info = f"<ofd:SignedInfo><ofd:References>{one * 4}</ofd:References></ofd:SignedInfo>"
    signature = f"{info}<ofd:SignedValue>/v</ofd:SignedValue>"
    parts = signed_parts(signature=signature)
    assert len(parse_signature_file(package_of(parts, limits=OfdLimits(references=4)), _NAME).references) == 4
    with pytest.raises(LimitExceeded) as caught:
        parse_signature_file(package_of(parts, limits=OfdLimits(references=3)), _NAME)
    assert caught.value.limit == "references"


def test_a_signature_that_is_not_there_or_is_none_is_refused() -> None:
    package = package_of(parts_of())
    for name, code in (("Doc_0/absent.xml", "package.entry_missing"), ("Doc_0/P.xml", "xml.root")):
        with pytest.raises(ParseError) as caught:
            parse_signature_file(package, name)
        assert caught.value.code == f"egov.ofd.{code}"
