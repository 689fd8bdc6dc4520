"""The summary of a package."""

from __future__ import annotations

import json

from egov_sdk.ofd import open_ofd
from egov_sdk.ofd.describe import describe
from egov_sdk.ofd.signfiles import StampAnnot
from tests.hostile.zipforge import Entry, forge
from tests.unit.ofd.samples import NS, ofd_xml, package_of, parts_of, signed_parts


def test_a_signed_document_is_summarized() -> None:
    package = package_of(signed_parts() | {"extra.txt": "?"})
    summary = describe(package)
    assert summary.archive_bytes == len(package.archive)
    assert {entry.name: entry.reached for entry in summary.entries} == {
        "OFD.xml": "entry point",
        "Doc_0/Document.xml": "document root",
        "Doc_0/P.xml": "page 1",
        "Doc_0/Signs/Signatures.xml": "signature list",
        "Doc_0/Signs/Sign_0/Signature.xml": "signature s001",
        "Doc_0/Signs/Sign_0/Seal.esl": "seal of signature s001",
        "Doc_0/Signs/Sign_0/SignedValue.dat": "value of signature s001",
        "extra.txt": "",
    }
    (document,) = summary.documents
    assert [(p.index, p.id, p.width_mm, p.height_mm) for p in document.pages] == [(1, "1", 210, 297)]
    (signature,) = document.signatures
    assert (signature.id, signature.type, signature.provider, signature.references) == ("s001", "Seal", "egov_sdk", 1)
    assert isinstance(signature.stamps[0], StampAnnot)
    assert summary.notes == ()


def test_the_summary_is_plain_values() -> None:
    data = forge([Entry(name, part.encode()) for name, part in signed_parts().items()], prefix=b"#!")
    plain = describe(open_ofd(data)).to_dict()
    assert json.loads(json.dumps(plain)) == plain
    assert plain["schema_version"] == 1
    documents = plain["documents"]
    assert isinstance(documents, list)
    assert documents[0]["signatures"][0]["stamps"][0]["boundary"] == {"x": 10.0, "y": 20.0, "w": 40.0, "h": 40.0}
    assert documents[0]["permissions"]["may_sign"] is True
    notes = plain["notes"]
    assert isinstance(notes, list)
    assert notes[0]["code"] == "egov.ofd.package.prefix_data"


def test_entries_of_several_documents_say_which() -> None:
    body = "<ofd:DocBody><ofd:DocRoot>Doc_1/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>"
    parts = parts_of() | {
        "OFD.xml": ofd_xml().replace("</ofd:OFD>", body),
        "Doc_1/Document.xml": f"<ofd:Document {NS}/>",
    }
    summary = describe(package_of(parts))
    reached = {entry.name: entry.reached for entry in summary.entries}
    assert reached["Doc_0/P.xml"] == "document 0: page 1"
    assert reached["Doc_1/Document.xml"] == "document 1: document root"
    assert [note.code for note in summary.notes] == ["egov.ofd.document.no_pages"]


def test_signatures_that_cannot_be_read_become_notes() -> None:
    broken = describe(package_of(signed_parts(signature="<ofd:SignedInfo/>")))
    assert [(note.code, note.where) for note in broken.notes] == [
        ("egov.ofd.signature.unreadable", "Doc_0/Signs/Sign_0/Signature.xml")
    ]
    assert broken.documents[0].signatures == ()
    no_list = describe(package_of(signed_parts(listed="<ofd:Signature/>")))
    assert [note.where for note in no_list.notes] == ["Doc_0/Signs/Signatures.xml"]


def test_a_signature_without_provider_and_seal_is_summarized() -> None:
    signature = "<ofd:SignedInfo/><ofd:SignedValue>/v</ofd:SignedValue>"
    (found,) = describe(package_of(signed_parts(signature=signature))).documents[0].signatures
    assert (found.provider, found.references, found.stamps) == ("", 0, ())
