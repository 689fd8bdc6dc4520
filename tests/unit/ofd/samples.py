"""Small packages from parts, for the tests of this room."""

from __future__ import annotations

from collections.abc import Mapping

from egov_sdk.limits import DEFAULT_OFD_LIMITS, OfdLimits
from egov_sdk.ofd import OfdDocument, OfdPackage, open_ofd
from tests.hostile.zipforge import Entry, forge

__all__ = ["NS", "document_of", "ofd_xml", "package_of", "parts_of", "signed_parts"]

NS = 'xmlns:ofd="http://www.ofdspec.org/2016"'


def ofd_xml(inner: str = "", *, info: str = "<ofd:DocID>1</ofd:DocID>") -> str:
    """An OFD.xml of one document; ``inner`` follows DocRoot."""
    return (
        f"<ofd:OFD {NS}><ofd:DocBody><ofd:DocInfo>{info}</ofd:DocInfo>"
        f"<ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot>{inner}</ofd:DocBody></ofd:OFD>"
    )


def parts_of(*, common: str = "", pages: str = '<ofd:Page ID="1" BaseLoc="P.xml"/>', rest: str = "") -> dict[str, str]:
    """The parts of a minimal document: OFD.xml, Document.xml and one empty page P.xml."""
    return {
        "OFD.xml": ofd_xml(),
        "Doc_0/Document.xml": (
            f"<ofd:Document {NS}><ofd:CommonData>{common}</ofd:CommonData><ofd:Pages>{pages}</ofd:Pages>{rest}"
            "</ofd:Document>"
        ),
        "Doc_0/P.xml": f"<ofd:Page {NS}/>",
    }


def package_of(parts: Mapping[str, str | bytes], *, limits: OfdLimits = DEFAULT_OFD_LIMITS) -> OfdPackage:
    """Open a package that holds these parts."""
    entries = [Entry(name, part.encode() if isinstance(part, str) else part) for name, part in parts.items()]
    return open_ofd(forge(entries), limits=limits)


def document_of(parts: Mapping[str, str | bytes]) -> OfdDocument:
    """The first document of a package with these parts."""
    return package_of(parts).documents[0]


SIGNATURE = (
    '<ofd:SignedInfo><ofd:Provider ProviderName="egov_sdk" Version="1" Company="c"/>'
    "<ofd:SignatureMethod>1.2.156.10197.1.501</ofd:SignatureMethod>"
    "<ofd:SignatureDateTime>20261121080000Z</ofd:SignatureDateTime>"
    '<ofd:References CheckMethod="1.2.156.10197.1.401"><ofd:Reference FileRef="/Doc_0/Document.xml">'
    "<ofd:CheckValue>AAEC</ofd:CheckValue></ofd:Reference></ofd:References>"
    '<ofd:StampAnnot ID="s002" PageRef="1" Boundary="10 20 40 40" Clip="0 0 8 40"/>'
    "<ofd:Seal><ofd:BaseLoc>/Doc_0/Signs/Sign_0/Seal.esl</ofd:BaseLoc></ofd:Seal></ofd:SignedInfo>"
    "<ofd:SignedValue>/Doc_0/Signs/Sign_0/SignedValue.dat</ofd:SignedValue>"
)

LIST = (
    "<ofd:MaxSignId>s002</ofd:MaxSignId>"
    '<ofd:Signature ID="s001" Type="Seal" BaseLoc="/Doc_0/Signs/Sign_0/Signature.xml"/>'
)


def signed_parts(*, signature: str = SIGNATURE, listed: str = LIST) -> dict[str, str]:
    """A document with one signature, described as the schema wants it; the value is of no matter here."""
    return parts_of() | {
        "OFD.xml": ofd_xml("<ofd:Signatures>/Doc_0/Signs/Signatures.xml</ofd:Signatures>"),
        "Doc_0/Signs/Signatures.xml": f"<ofd:Signatures {NS}>{listed}</ofd:Signatures>",
        "Doc_0/Signs/Sign_0/Signature.xml": f"<ofd:Signature {NS}>{signature}</ofd:Signature>",
        "Doc_0/Signs/Sign_0/Seal.esl": "seal",
        "Doc_0/Signs/Sign_0/SignedValue.dat": "value",
    }
