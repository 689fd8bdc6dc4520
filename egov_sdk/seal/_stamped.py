"""Is what a platform gave back the document that it was sent, with the seal where it was asked for and nothing else?"""

from __future__ import annotations

from collections.abc import Sequence

from lxml import etree

from egov_sdk.limits import DEFAULT_ASN1_LIMITS
from egov_sdk.ofd import OfdPackage, open_ofd, parse_signature_list
from egov_sdk.ofd.signbuild import add_signature_list
from egov_sdk.ofd.xml import parse_xml
from egov_sdk.seal._verify.coverage import own_files
from egov_sdk.seal._verify.facts import SignatureFacts, gather
from egov_sdk.seal.placement import Placement, Seam, StampRect, stamp_rects
from egov_sdk.seal.stamp import first_problem
from egov_sdk.seal.verify import verify_signature

__all__ = ["misfit"]


def misfit(answer: bytes, document: bytes, *, seal_id: str, at: Sequence[Placement | Seam]) -> str:
    """What is wrong with a stamped document, in a few words; empty where nothing is.

    The first document of the package is the one that is stamped, as SealService.stamp has it.

    Raises:
        InputError: one of the two cannot be read.
        ValueError: there is no such place in the document.
    """
    sent, found = open_ofd(document), open_ofd(answer)
    signature = _added(sent, found)
    if signature is None:
        return "it is not the document that was sent and one signature"
    value, file = signature.seal_value, signature.file
    if value is None or file is None or value.signed_at is None or value.seal.seal_id != seal_id:
        return "it does not have this seal"
    picture, pages = value.seal.picture, [page.box for page in sent.documents[0].pages]
    rects = stamp_rects(at, pages=pages, seal_width_mm=picture.width_mm, seal_height_mm=picture.height_mm)
    if _shown(signature) != rects:
        return "the seal is in other places"
    return first_problem(verify_signature(found, signature.subject, at=value.signed_at))


def _added(sent: OfdPackage, found: OfdPackage) -> SignatureFacts | None:
    """The signature that was added to the first document of a package; None where more than that changed, or less."""
    old, new = sent.documents[0], found.documents[0]
    before = parse_signature_list(sent, old).entries if old.signatures_name is not None else ()
    now = gather(found, asn1_limits=DEFAULT_ASN1_LIMITS).documents[0].signatures
    if tuple(signature.entry for signature in now[:-1]) != before or len(now) != len(before) + 1:
        return None
    rightly = {new.signatures_name, *own_files(now[-1])}
    if (rightly - {old.signatures_name}).intersection(sent.names):
        return None
    if old.signatures_name is None and new.signatures_name is not None:
        listed = parse_xml(add_signature_list(sent, old, list_name=new.signatures_name), where="OFD.xml")
        if etree.tostring(listed, method="c14n") != etree.tostring(found.xml("OFD.xml"), method="c14n"):
            return None
        rightly.add("OFD.xml")
    names = {*sent.names, *found.names} - rightly
    return now[-1] if all(n in sent and n in found and sent.read(n) == found.read(n) for n in names) else None


def _shown(signature: SignatureFacts) -> tuple[StampRect, ...]:
    assert signature.file is not None
    stamps, page_of = signature.file.stamps, signature.document.page_by_id
    return tuple(
        StampRect(page.index if (page := page_of(stamp.page_ref)) else 0, stamp.boundary, stamp.clip)
        for stamp in stamps
    )
