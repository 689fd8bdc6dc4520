"""Documents as OFD.xml and Document.xml describe them."""

from __future__ import annotations

import pytest

from egov_sdk.errors import LimitExceeded, ParseError
from egov_sdk.limits import OfdLimits
from egov_sdk.ofd import Box
from egov_sdk.ofd.document import Permissions
from tests.unit.ofd.samples import NS, document_of, ofd_xml, package_of, parts_of


def _refused(parts: dict[str, str], *, limits: OfdLimits | None = None) -> str:
    package = package_of(parts, limits=limits or OfdLimits())
    with pytest.raises(ParseError) as caught:
        _ = package.documents
    return caught.value.code.removeprefix("egov.ofd.")


def _page(box: str | None, *, templates: str = "") -> str:
    area = "" if box is None else f"<ofd:Area><ofd:PhysicalBox>{box}</ofd:PhysicalBox></ofd:Area>"
    return f"<ofd:Page {NS}>{area}{templates}</ofd:Page>"


def test_a_minimal_document_has_one_page_of_a4() -> None:
    document = document_of(parts_of())
    assert (document.index, document.doc_id, document.title, document.root, document.folder) == (
        0, "1", "", "Doc_0/Document.xml", "Doc_0",
    )  # fmt: skip
    (page,) = document.pages
    assert (page.id, page.index, page.name, page.templates, page.box) == (
        "1",
        1,
        "Doc_0/P.xml",
        (),
        Box(0, 0, 210, 297),
    )
    assert document.permissions == Permissions()
    assert document.signatures_name is None
    assert document.versions == ()
    assert document.notes == ()


def test_the_head_is_read_as_text() -> None:
    info = (
        "<ofd:DocID> 07723bc9 </ofd:DocID><ofd:Title>施工<!-- c -->许可证</ofd:Title><ofd:Author>甲</ofd:Author>"
        "<ofd:Subject>s</ofd:Subject><ofd:Abstract>a</ofd:Abstract><ofd:CreationDate>2026-11-21</ofd:CreationDate>"
        "<ofd:ModDate>D:2022</ofd:ModDate><ofd:DocUsage>Normal</ofd:DocUsage><ofd:Creator>c</ofd:Creator>"
        "<ofd:CreatorVersion>1</ofd:CreatorVersion><ofd:Title>second</ofd:Title><ofd:Keywords/>"
        '<ofd:CustomDatas><ofd:CustomData Name="证号">1</ofd:CustomData><ofd:CustomData Name="证号">2</ofd:CustomData>'
        "<ofd:CustomData>unnamed</ofd:CustomData></ofd:CustomDatas>"
    )
    document = document_of(parts_of() | {"OFD.xml": ofd_xml(info=info)})
    assert document.doc_id == "07723bc9"
    assert document.title == "施工许可证"
    assert document.info.author == "甲"
    assert document.info.mod_date == "D:2022"
    assert document.info.creator_version == "1"
    assert document.custom_datas == (("证号", "1"), ("证号", "2"), ("", "unnamed"))


def test_a_document_without_a_head_is_read() -> None:
    xml = f"<ofd:OFD {NS}><ofd:DocBody><ofd:DocRoot>/Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>"
    document = document_of(parts_of() | {"OFD.xml": xml})
    assert (document.doc_id, document.custom_datas, document.cover) == ("", (), None)


@pytest.mark.parametrize(
    ("namespace", "prefix"), [("http://www.ofdspec.org", "x:"), ("http://www.ofdspec.org/2016", ""), ("", "")]
)
def test_old_and_default_namespaces_are_read(namespace: str, prefix: str) -> None:
    declared = f'xmlns{":x" if prefix else ""}="{namespace}"'
    parts = {
        name: part.replace(NS, declared).replace("ofd:", prefix).replace("<?xml", "\ufeff<?xml")
        for name, part in parts_of().items()
    }
    assert len(document_of(parts).pages) == 1


def test_elements_of_a_foreign_namespace_are_not_seen() -> None:
    fake = '<f:DocRoot xmlns:f="urn:f">Evil/Document.xml</f:DocRoot><f:Signatures xmlns:f="urn:f">/e</f:Signatures>'
    document = document_of(parts_of() | {"OFD.xml": ofd_xml(fake)})
    assert document.root == "Doc_0/Document.xml"
    assert document.signatures_name is None


def test_each_body_is_a_document_with_its_own_signatures() -> None:
    xml = ofd_xml("<ofd:Signatures>Doc_0/S.xml</ofd:Signatures>").replace(
        "</ofd:OFD>",
        "<ofd:DocBody><ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot><ofd:Signatures> </ofd:Signatures></ofd:DocBody>"
        "</ofd:OFD>",
    )
    first, second = package_of(parts_of() | {"OFD.xml": xml}).documents
    assert (first.index, first.signatures_name) == (0, "Doc_0/S.xml")
    assert (second.index, second.signatures_name) == (1, None)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"OFD.xml": f"<ofd:OFD {NS}/>"}, "document.no_body"),
        ({"OFD.xml": f"<ofd:Document {NS}/>"}, "xml.root"),
        ({"OFD.xml": f"<ofd:OFD {NS}><ofd:DocBody/></ofd:OFD>"}, "document.no_root"),
        ({"OFD.xml": ofd_xml("<ofd:DocRoot>Doc_1/D.xml</ofd:DocRoot>")}, "xml.duplicate_element"),
        ({"OFD.xml": ofd_xml("<ofd:DocInfo/>")}, "xml.duplicate_element"),
        ({"OFD.xml": ofd_xml("<ofd:Signatures>a</ofd:Signatures><ofd:Signatures/>")}, "xml.duplicate_element"),
        ({"OFD.xml": ofd_xml("<ofd:Signatures>/a<!-- -->b</ofd:Signatures>")}, "xml.mixed_text"),
        ({"OFD.xml": ofd_xml("<ofd:Signatures>../../b</ofd:Signatures>")}, "path.outside"),
        ({"OFD.xml": ofd_xml().replace("Doc_0/Document.xml", "Doc_9/Document.xml")}, "package.entry_missing"),
        ({"OFD.xml": ofd_xml().replace("Doc_0/Document.xml", "doc_0/document.xml")}, "package.entry_missing"),
        ({"OFD.xml": ofd_xml().replace("Doc_0/Document.xml", "")}, "path.empty"),
        ({"OFD.xml": ofd_xml("<ofd:Versions><ofd:Version/></ofd:Versions>")}, "xml.attribute_missing"),
        ({"Doc_0/Document.xml": f"<ofd:Page {NS}/>"}, "xml.root"),
        ({"Doc_0/P.xml": f"<ofd:Document {NS}/>"}, "xml.root"),
        ({"Doc_0/P.xml": "<broken"}, "xml.malformed"),
        ({"Doc_0/P.xml": _page("0 0 x")}, "xml.number"),
        ({"Doc_0/P.xml": f"<ofd:Page {NS}><ofd:Area/><ofd:Area/></ofd:Page>"}, "xml.duplicate_element"),
        ({"Doc_0/P.xml": f"<ofd:Page {NS}><ofd:Content/><ofd:Content/></ofd:Page>"}, "xml.duplicate_element"),
        ({"Doc_0/P.xml": f"<ofd:Page {NS}><ofd:Template/></ofd:Page>"}, "xml.attribute_missing"),
        (parts_of(pages='<ofd:Page ID="1"/>'), "xml.attribute_missing"),
        (parts_of(pages='<ofd:Page BaseLoc="P.xml"/>'), "xml.attribute_missing"),
        (parts_of(rest="<ofd:Pages/>"), "xml.duplicate_element"),
        (parts_of(common='<ofd:TemplatePage ID="1"/>'), "xml.attribute_missing"),
    ],
)  # fmt: skip
def test_a_document_that_could_be_read_in_two_ways_or_none_is_refused(changes: dict[str, str], code: str) -> None:
    assert _refused(parts_of() | changes) == code


def test_documents_and_pages_are_counted() -> None:
    body = "<ofd:DocBody><ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody>"
    parts = parts_of(pages='<ofd:Page ID="1" BaseLoc="P.xml"/>' * 3) | {
        "OFD.xml": f"<ofd:OFD {NS}>{body * 2}</ofd:OFD>"
    }
    assert len(package_of(parts, limits=OfdLimits(pages=3)).documents) == 2
    for limits, limit in ((OfdLimits(documents=1), "documents"), (OfdLimits(pages=2), "pages")):
        with pytest.raises(LimitExceeded) as caught:
            _ = package_of(parts, limits=limits).documents
        assert caught.value.limit == limit


_DEFAULT = "<ofd:PageArea><ofd:PhysicalBox>0 0 100 100</ofd:PhysicalBox></ofd:PageArea>"
_TEMPLATES = '<ofd:TemplatePage ID="8" BaseLoc="T.xml"/><ofd:TemplatePage ID="9" BaseLoc="U.xml" ZOrder="Foreground"/>'
_USES = '<ofd:Template TemplateID="9"/><ofd:Template TemplateID="008" ZOrder="Background"/>'


@pytest.mark.parametrize(
    ("own", "of_template", "default", "expected"),
    [
        ("0 0 1 1", "0 0 2 2", _DEFAULT, Box(0, 0, 1, 1)),
        (None, "0 0 2 2", _DEFAULT, Box(0, 0, 2, 2)),
        (None, None, _DEFAULT, Box(0, 0, 100, 100)),
        (None, None, "", Box(0, 0, 210, 297)),
        (None, None, "<ofd:PageArea><ofd:BleedBox>0 0 5 5</ofd:BleedBox></ofd:PageArea>", Box(0, 0, 210, 297)),
    ],
)  # fmt: skip
def test_the_size_of_a_page_is_looked_up_from_the_page_outward(
    own: str | None, of_template: str | None, default: str, expected: Box
) -> None:
    parts = parts_of(common=default + _TEMPLATES) | {
        "Doc_0/P.xml": _page(own, templates=_USES),
        "Doc_0/T.xml": _page(of_template),
        "Doc_0/U.xml": _page(None),
    }
    document = document_of(parts)
    assert document.pages[0].box == expected
    assert [(t.id, t.name, t.z_order) for t in document.templates] == [
        ("8", "Doc_0/T.xml", "Background"), ("9", "Doc_0/U.xml", "Foreground"),
    ]  # fmt: skip
    assert [t.id for t in document.pages[0].templates] == ["9", "8"]


def test_versions_are_counted() -> None:
    listed = _versions(*['<ofd:Version ID="1" BaseLoc="V.xml"/>'] * 6)
    with pytest.raises(LimitExceeded) as caught:
        _ = package_of(parts_of() | {"OFD.xml": ofd_xml(listed)}, limits=OfdLimits(entries=5)).documents
    assert caught.value.limit == "entries"


def test_pages_are_not_counted_twice_when_reading_fails_twice() -> None:
    package = package_of(parts_of() | {"Doc_0/P.xml": "<broken"}, limits=OfdLimits(pages=1))
    for _ in range(2):
        with pytest.raises(ParseError):
            _ = package.documents


def test_a_page_whose_file_is_missing_keeps_its_place() -> None:
    document = document_of(parts_of(pages='<ofd:Page ID="1" BaseLoc="gone.xml"/><ofd:Page ID="2" BaseLoc="P.xml"/>'))
    assert [(page.index, page.name) for page in document.pages] == [(1, "Doc_0/gone.xml"), (2, "Doc_0/P.xml")]
    assert [missing.name for missing in document.missing] == ["Doc_0/gone.xml"]


def test_oddities_are_noted() -> None:
    parts = parts_of(
        common='<ofd:TemplatePage ID="8" BaseLoc="T.xml"/><ofd:TemplatePage ID="08" BaseLoc="U.xml"/>',
    ) | {"Doc_0/P.xml": _page(None, templates='<ofd:Template TemplateID="7"/><ofd:Template TemplateID="8"/>')}
    document = document_of(parts)
    assert [note.code for note in document.notes] == [
        "egov.ofd.document.duplicate_id", "egov.ofd.document.unknown_template",
    ]  # fmt: skip
    assert document.pages[0].templates[0].name == "Doc_0/T.xml"
    empty = document_of(parts_of() | {"Doc_0/Document.xml": f"<ofd:Document {NS}/>"})
    assert [note.code for note in empty.notes] == ["egov.ofd.document.no_pages"]
    assert empty.pages == ()


@pytest.mark.parametrize(
    ("inner", "expected"),
    [
        ("", Permissions()),
        ("<ofd:Signature>false</ofd:Signature>", Permissions(may_sign=False)),
        ("<ofd:Signature> 0 </ofd:Signature>", Permissions(may_sign=False)),
        ("<ofd:Signature>FALSE</ofd:Signature>", Permissions(may_sign=False)),
        ("<ofd:Signature>perhaps</ofd:Signature>", Permissions(may_sign=False)),
        ("<ofd:Signature>1</ofd:Signature><ofd:Edit>true</ofd:Edit>", Permissions()),
        ("<ofd:Signature/>", Permissions()),
        ("<ofd:Signature>true</ofd:Signature><ofd:Signature>false</ofd:Signature>", Permissions(may_sign=False)),
        ("<ofd:Signature>false</ofd:Signature><ofd:Signature>true</ofd:Signature>", Permissions(may_sign=False)),
        (
            "<ofd:Edit>false</ofd:Edit><ofd:Annot>false</ofd:Annot><ofd:Export>false</ofd:Export>"
            "<ofd:Watermark>false</ofd:Watermark><ofd:PrintScreen>false</ofd:PrintScreen>",
            Permissions(
                may_edit=False, may_annotate=False, may_export=False, may_watermark=False, may_print_screen=False
            ),
        ),
        ('<ofd:Print Printable="false" Copies="3"/>', Permissions(may_print=False, print_copies="3")),
        ("<ofd:Print/>", Permissions()),
        (
            '<ofd:ValidPeriod StartDate="2026-01-01" EndDate="2027-01-01"/>',
            Permissions(valid_from="2026-01-01", valid_until="2027-01-01"),
        ),
        ("<ofd:ValidPeriod/>", Permissions()),
    ],
)
def test_permissions_default_to_yes_and_doubt_is_a_no(inner: str, expected: Permissions) -> None:
    document = document_of(parts_of(rest=f"<ofd:Permissions>{inner}</ofd:Permissions>"))
    assert document.permissions == expected


def _versions(*versions: str) -> str:
    return f"<ofd:Versions>{''.join(versions)}</ofd:Versions>"


def test_versions_keep_their_own_root() -> None:
    listed = _versions(
        '<ofd:Version ID="1" Index="1" BaseLoc="V1.xml"/>',
        '<ofd:Version ID="2" Index="2" Current="true" BaseLoc="Doc_0/V2.xml"/>',
        '<ofd:Version ID="3" Current="1" BaseLoc="absent.xml"/>',
    )
    parts = parts_of() | {
        "OFD.xml": ofd_xml(listed),
        "V1.xml": f'<ofd:DocVersion {NS} ID="1"/>',
        "Doc_0/V2.xml": f"<ofd:DocVersion {NS}><ofd:DocRoot>Other.xml</ofd:DocRoot></ofd:DocVersion>",
    }
    document = document_of(parts)
    assert [(v.id, v.index, v.current, v.name, v.root) for v in document.versions] == [
        ("1", "1", False, "V1.xml", None),
        ("2", "2", True, "Doc_0/V2.xml", "Doc_0/Other.xml"),
        ("3", "", True, "absent.xml", None),
    ]
    assert [note.code for note in document.notes] == ["egov.ofd.document.several_current_versions"]


def test_a_version_of_another_kind_is_refused() -> None:
    listed = _versions('<ofd:Version ID="1" BaseLoc="Doc_0/P.xml"/>')
    assert _refused(parts_of() | {"OFD.xml": ofd_xml(listed)}) == "xml.root"


def test_a_page_is_found_by_its_id_in_any_spelling() -> None:
    document = document_of(parts_of(pages='<ofd:Page ID="10" BaseLoc="P.xml"/><ofd:Page ID="a" BaseLoc="P.xml"/>'))
    for spelled, index in (("10", 1), (" 010 ", 1), ("a", 2)):
        page = document.page_by_id(spelled)
        assert page is not None
        assert page.index == index
    assert document.page_by_id("1") is None
    assert document.page_by_id("") is None


def test_zero_is_an_id() -> None:
    document = document_of(parts_of(pages='<ofd:Page ID="0" BaseLoc="P.xml"/>'))
    assert document.page_by_id("00") is not None


def test_a_document_is_equal_by_its_words_and_does_not_print_its_package() -> None:
    assert document_of(parts_of()) == document_of(parts_of())
    assert "OfdPackage" not in repr(document_of(parts_of()))
