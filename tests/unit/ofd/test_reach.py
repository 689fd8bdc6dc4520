"""What showing a document can lead to."""

from __future__ import annotations

import pytest

from egov_sdk.errors import LimitExceeded, ParseError
from egov_sdk.limits import OfdLimits
from egov_sdk.ofd.reach import MissingFile
from tests.unit.ofd.samples import NS, document_of, ofd_xml, package_of, parts_of, signed_parts

_COMMON = (
    "<ofd:PublicRes>PublicRes.xml</ofd:PublicRes><ofd:DocumentRes>DocumentRes.xml</ofd:DocumentRes>"
    '<ofd:TemplatePage ID="9" BaseLoc="T.xml"/>'
)
_REST = (
    "<ofd:Annotations>A/Annotations.xml</ofd:Annotations><ofd:CustomTags>Tags/CustomTags.xml</ofd:CustomTags>"
    "<ofd:Attachments>Attachs/Attachments.xml</ofd:Attachments><ofd:Extensions>Extensions.xml</ofd:Extensions>"
)


def _everything() -> dict[str, str]:
    return parts_of(common=_COMMON, rest=_REST) | {
        "OFD.xml": ofd_xml(info="<ofd:Cover>cover.png</ofd:Cover>"),
        "cover.png": "",
        "Doc_0/P.xml": f"<ofd:Page {NS}><ofd:PageRes>PageRes.xml</ofd:PageRes></ofd:Page>",
        "Doc_0/PageRes.xml": f'<ofd:Res {NS} BaseLoc="/Shared"><ofd:MultiMedias><ofd:MultiMedia ID="1">'
        "<ofd:MediaFile>p.png</ofd:MediaFile></ofd:MultiMedia></ofd:MultiMedias></ofd:Res>",
        "Shared/p.png": "",
        "Doc_0/PublicRes.xml": f'<ofd:Res {NS} BaseLoc="Res"><ofd:Fonts><ofd:Font ID="2"><ofd:FontFile>f.ttf'
        '</ofd:FontFile></ofd:Font><ofd:Font ID="3"/></ofd:Fonts><ofd:ColorSpaces>'
        '<ofd:ColorSpace ID="4" Profile="c.icc"/><ofd:ColorSpace ID="5"/></ofd:ColorSpaces></ofd:Res>',
        "Doc_0/Res/f.ttf": "",
        "Doc_0/Res/c.icc": "",
        "Doc_0/DocumentRes.xml": f'<ofd:Res {NS}><ofd:MultiMedias><ofd:MultiMedia ID="6"><ofd:MediaFile>Res/m.png'
        '</ofd:MediaFile></ofd:MultiMedia></ofd:MultiMedias><ofd:DrawParams><ofd:DrawParam ID="7"/></ofd:DrawParams>'
        "</ofd:Res>",
        "Doc_0/Res/m.png": "",
        "Doc_0/T.xml": f"<ofd:Page {NS}/>",
        "Doc_0/A/Annotations.xml": f'<ofd:Annotations {NS}><ofd:Page PageID="1"><ofd:FileLoc>P0.xml</ofd:FileLoc>'
        "</ofd:Page></ofd:Annotations>",
        "Doc_0/A/P0.xml": f"<ofd:PageAnnot {NS}/>",
        "Doc_0/Tags/CustomTags.xml": f'<ofd:CustomTags {NS}><ofd:CustomTag TypeID="cert"><!-- c --><ofd:SchemaLoc>s.xsd'
        '</ofd:SchemaLoc><ofd:FileLoc>t.xml</ofd:FileLoc></ofd:CustomTag><ofd:CustomTag NameSpace="urn:x"><ofd:FileLoc>'
        "u.xml</ofd:FileLoc></ofd:CustomTag><ofd:CustomTag><ofd:FileLoc>v.xml</ofd:FileLoc></ofd:CustomTag></ofd:CustomTags>",
        "Doc_0/Tags/s.xsd": "",
        "Doc_0/Tags/t.xml": "<:not XML, and never parsed",
        "Doc_0/Tags/u.xml": "",
        "Doc_0/Tags/v.xml": "",
        "Doc_0/Attachs/Attachments.xml": f'<ofd:Attachments {NS}><ofd:Attachment Name="原件\n"><ofd:FileLoc>a.xml'
        "</ofd:FileLoc></ofd:Attachment></ofd:Attachments>",
        "Doc_0/Attachs/a.xml": "",
        "Doc_0/Extensions.xml": f'<ofd:Extensions {NS}><ofd:Extension AppName="app"><ofd:Property Name="n">not a path'
        "</ofd:Property><ofd:ExtendData>e.dat</ofd:ExtendData></ofd:Extension></ofd:Extensions>",
        "Doc_0/e.dat": "",
    }


def test_every_kind_of_file_is_reached_and_said_how() -> None:
    document = document_of(_everything())
    assert dict(document.reachable()) == {
        "cover.png": "cover",
        "Doc_0/Document.xml": "document root",
        "Doc_0/PublicRes.xml": "public resources",
        "Doc_0/Res/f.ttf": "font",
        "Doc_0/Res/c.icc": "colour profile",
        "Doc_0/DocumentRes.xml": "document resources",
        "Doc_0/Res/m.png": "media",
        "Doc_0/T.xml": "template 9",
        "Doc_0/P.xml": "page 1",
        "Doc_0/PageRes.xml": "resources of page 1",
        "Shared/p.png": "media",
        "Doc_0/A/Annotations.xml": "annotations",
        "Doc_0/A/P0.xml": "annotations of page 1",
        "Doc_0/Tags/CustomTags.xml": "custom tags",
        "Doc_0/Tags/s.xsd": "custom tag cert schema",
        "Doc_0/Tags/t.xml": "custom tag cert",
        "Doc_0/Tags/u.xml": "custom tag urn:x",
        "Doc_0/Tags/v.xml": "custom tag",
        "Doc_0/Attachs/Attachments.xml": "attachments",
        "Doc_0/Attachs/a.xml": "attachment 原件 ",
        "Doc_0/Extensions.xml": "extensions",
        "Doc_0/e.dat": "extension app",
    }
    assert document.missing == ()


def test_the_set_is_made_once_and_cannot_be_changed() -> None:
    document = document_of(parts_of())
    assert document.reachable() is document.reachable()
    with pytest.raises(TypeError):
        document.reachable()["x"] = "y"  # type: ignore[index]  # the mistake under test


def test_ofd_xml_signatures_and_strangers_are_not_in_it() -> None:
    document = document_of(signed_parts() | {"Doc_0/smuggled.xml": ""})
    assert set(document.reachable()) == {"Doc_0/Document.xml", "Doc_0/P.xml"}


def test_each_missing_file_is_named_once_with_its_like() -> None:
    parts = {
        name: part
        for name, part in _everything().items()
        if name not in ("Doc_0/T.xml", "Doc_0/Res/m.png", "cover.png")
    }
    document = document_of(parts | {"Doc_0/RES/M.png": ""})
    assert document.missing == (
        MissingFile("Doc_0/T.xml", "template 9", None),
        MissingFile("Doc_0/Res/m.png", "media", "Doc_0/RES/M.png"),
        MissingFile("cover.png", "cover", None),
    )
    assert "Doc_0/RES/M.png" not in document.reachable()
    twice = document_of(parts_of(pages='<ofd:Page ID="1" BaseLoc="gone.xml"/>' * 2))
    assert len(twice.missing) == 1


def test_the_indexes_and_resources_themselves_may_be_missing_or_empty() -> None:
    document = document_of(parts_of(common=_COMMON, rest=_REST + "<ofd:Annotations> </ofd:Annotations><ofd:Outlines/>"))
    indexes = ["annotations", "custom tags", "attachments", "extensions"]
    assert [missing.how for missing in document.missing] == [
        "template 9",
        "public resources",
        "document resources",
        *indexes,
    ]


def test_a_resource_file_named_twice_is_followed_once() -> None:
    loop = "<ofd:PublicRes>R.xml</ofd:PublicRes><ofd:DocumentRes>R.xml</ofd:DocumentRes>"
    document = document_of(parts_of(common=loop) | {"Doc_0/R.xml": f"<ofd:Res {NS}/>"})
    assert document.reachable()["Doc_0/R.xml"] == "public resources"


def test_a_page_is_told_as_a_page_whatever_else_names_it() -> None:
    res = (
        f"<ofd:Res {NS}><ofd:MultiMedias><ofd:MultiMedia><ofd:MediaFile>P.xml</ofd:MediaFile>"
        "<ofd:MediaFile>Document.xml</ofd:MediaFile></ofd:MultiMedia></ofd:MultiMedias></ofd:Res>"
    )
    parts = parts_of(common="<ofd:PublicRes>R.xml</ofd:PublicRes>") | {
        "OFD.xml": ofd_xml(info="<ofd:Cover>Doc_0/P.xml</ofd:Cover>"),
        "Doc_0/R.xml": res,
    }
    assert dict(document_of(parts).reachable()) == {
        "Doc_0/Document.xml": "document root", "Doc_0/P.xml": "page 1", "Doc_0/R.xml": "public resources",
    }  # fmt: skip


def test_a_file_in_two_roles_is_followed_in_both() -> None:
    # An annotation index that names a resource file must not make the walk think it is done with it.
    annotations = (
        f'<ofd:Annotations {NS}><ofd:Page PageID="1"><ofd:FileLoc>R.xml</ofd:FileLoc></ofd:Page></ofd:Annotations>'
    )
    fonts = "<ofd:Fonts><ofd:Font><ofd:FontFile>late.ttf</ofd:FontFile></ofd:Font></ofd:Fonts>"
    whole = (
        f"<ofd:Document {NS}><ofd:Annotations>A.xml</ofd:Annotations><ofd:CommonData><ofd:PublicRes>R.xml"
        "</ofd:PublicRes></ofd:CommonData></ofd:Document>"
    )
    parts = parts_of() | {
        "Doc_0/Document.xml": whole,
        "Doc_0/A.xml": annotations,
        "Doc_0/R.xml": f"<ofd:Res {NS}>{fonts}</ofd:Res>",
        "Doc_0/late.ttf": "",
    }
    reached = document_of(parts).reachable()
    assert reached["Doc_0/R.xml"] == "public resources"
    assert reached["Doc_0/late.ttf"] == "font"


def test_every_version_leads_on_to_its_own_document() -> None:
    listed = (
        '<ofd:Versions><ofd:Version ID="1" BaseLoc="V1.xml"/><ofd:Version ID="2" Current="true" BaseLoc="V2.xml"/>'
        '<ofd:Version ID="3" BaseLoc="V3.xml"/></ofd:Versions>'
    )
    parts = parts_of() | {
        "OFD.xml": ofd_xml(listed),
        "V1.xml": f"<ofd:DocVersion {NS}><ofd:FileList><ofd:File ID='1'>old.png</ofd:File></ofd:FileList>"
        "<ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocVersion>",
        "old.png": "",
        "V2.xml": f"<ofd:DocVersion {NS}><ofd:DocRoot>New/Document.xml</ofd:DocRoot></ofd:DocVersion>",
        "New/Document.xml": parts_of()["Doc_0/Document.xml"],
        "New/P.xml": f"<ofd:Page {NS}/>",
        "V3.xml": f"<ofd:DocVersion {NS}/>",
    }
    reached = document_of(parts).reachable()
    assert reached["V1.xml"] == "version 1"
    assert reached["old.png"] == "version 1 file"
    assert reached["Doc_0/P.xml"] == "page 1"
    assert reached["V2.xml"] == "version 2 (current)"
    assert reached["New/Document.xml"] == "version 2 (current) document root"
    assert reached["New/P.xml"] == "version 2 (current) page 1"
    assert reached["V3.xml"] == "version 3"


def test_a_version_whose_files_are_gone_is_listed_as_missing() -> None:
    listed = '<ofd:Versions><ofd:Version ID="1" BaseLoc="V1.xml"/><ofd:Version ID="2" BaseLoc="V2.xml"/></ofd:Versions>'
    parts = parts_of() | {
        "OFD.xml": ofd_xml(listed),
        "V2.xml": f"<ofd:DocVersion {NS}><ofd:DocRoot>gone.xml</ofd:DocRoot></ofd:DocVersion>",
    }
    assert [missing.name for missing in document_of(parts).missing] == ["V1.xml", "gone.xml"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"Doc_0/PublicRes.xml": f"<ofd:Page {NS}/>"}, "xml.root"),
        ({"Doc_0/PublicRes.xml": f'<ofd:Res {NS} BaseLoc="../.."/>'}, "path.outside"),
        ({"Doc_0/A/Annotations.xml": f"<ofd:Attachments {NS}/>"}, "xml.root"),
        ({"Doc_0/A/P0.xml": "<!DOCTYPE a><a/>"}, "xml.doctype"),
        ({"Doc_0/Attachs/Attachments.xml": "<x"}, "xml.malformed"),
        (
            {"Doc_0/Attachs/Attachments.xml": f"<ofd:Attachments {NS}><ofd:Attachment><ofd:FileLoc>../../../x"
             "</ofd:FileLoc></ofd:Attachment></ofd:Attachments>"},
            "path.outside",
        ),
        (
            {"Doc_0/DocumentRes.xml": f"<ofd:Res {NS}><ofd:MultiMedias><ofd:MultiMedia><ofd:MediaFile>a<!-- -->b"
             "</ofd:MediaFile></ofd:MultiMedia></ofd:MultiMedias></ofd:Res>"},
            "xml.mixed_text",
        ),
    ],
)  # fmt: skip
def test_a_broken_file_on_the_way_is_refused(changes: dict[str, str], code: str) -> None:
    document = document_of(_everything() | changes)
    with pytest.raises(ParseError) as caught:
        document.reachable()
    assert caught.value.code == f"egov.ofd.{code}"


def test_what_one_file_names_is_counted() -> None:
    tags = "".join(f"<ofd:CustomTag><ofd:FileLoc>t{n}</ofd:FileLoc></ofd:CustomTag>" for n in range(21))
    parts = parts_of(rest="<ofd:CustomTags>C.xml</ofd:CustomTags>") | {
        "Doc_0/C.xml": f"<ofd:CustomTags {NS}>{tags}</ofd:CustomTags>"
    }
    with pytest.raises(LimitExceeded) as caught:
        package_of(parts, limits=OfdLimits(entries=10)).documents[0].reachable()
    assert (caught.value.limit, caught.value.where) == ("entries", "Doc_0/C.xml")


def test_missing_files_are_counted_too() -> None:
    fonts = "".join(f"<ofd:Font><ofd:FontFile>f{n}</ofd:FontFile></ofd:Font>" for n in range(20))
    parts = parts_of(common="<ofd:PublicRes>R.xml</ofd:PublicRes>") | {
        "Doc_0/R.xml": f"<ofd:Res {NS}><ofd:Fonts>{fonts}</ofd:Fonts></ofd:Res>"
    }
    with pytest.raises(LimitExceeded) as caught:
        package_of(parts, limits=OfdLimits(entries=10)).documents[0].reachable()
    assert caught.value.limit == "entries"
