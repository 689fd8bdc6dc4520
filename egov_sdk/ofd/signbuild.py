"""Write Signatures.xml and Signature.xml in schema order, and find room for one more signature."""

from __future__ import annotations

import base64
import copy
import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from lxml import etree

from egov_sdk.ofd.problems import refuse
from egov_sdk.ofd.signfiles import (
    Parameter,
    Provider,
    Reference,
    SignatureEntry,
    StampAnnot,
    parse_signature_file,
    parse_signature_list,
)
from egov_sdk.ofd.write_xml import element, escape_text, page_xml, serialize
from egov_sdk.ofd.xml import every, local_name

if TYPE_CHECKING:
    from egov_sdk.ofd.document import OfdDocument
    from egov_sdk.ofd.package import OfdPackage

__all__ = [
    "add_signature_list",
    "build_signature_file",
    "build_signature_list",
    "new_signature_folder",
    "new_signature_list_name",
    "next_signature_ids",
]

_ID = re.compile(r"(s?)([0-9]{1,18})", re.ASCII)
_ID_WIDTH = 3


def build_signature_list(entries: Iterable[SignatureEntry], *, max_sign_id: str) -> bytes:
    """Signatures.xml with these records, MaxSignId first as the schema wants it and all paths absolute.

    Args:
        entries: The records in order.
        max_sign_id: The highest ID of all signatures and stamps.
    """
    records = [
        element("Signature", ID=entry.id, Type=entry.type, BaseLoc=f"/{entry.base_name}", Relative=entry.relative)
        for entry in entries
    ]
    return page_xml("Signatures", element("MaxSignId", escape_text(max_sign_id)) + "".join(records))


def build_signature_file(
    *,
    provider: Provider,
    method: str,
    date_time: str,
    check_method: str,
    references: Iterable[Reference],
    stamps: Iterable[StampAnnot] = (),
    seal_name: str | None = None,
    value_name: str,
    parameters: Iterable[Parameter] = (),
) -> bytes:
    """Signature.xml in schema order, all paths absolute; these bytes are what gets signed.

    Args:
        provider: The software that signs.
        method: The signature algorithm as OID.
        date_time: The time as it shall be written.
        check_method: The digest algorithm as OID or name.
        references: The protected files; ``name`` and ``check_value`` are written, ``file_ref`` is not looked at.
        stamps: Where the seal is drawn.
        seal_name: The entry of Seal.esl.
        value_name: The entry of SignedValue.dat.
        parameters: Written only when there are any, since they belong to OFD 2.0.
    """
    made_by = element(
        "Provider", ProviderName=provider.name, Version=provider.version or None,
        Company=provider.company or None, ProtocolVer=provider.protocol_version or None,
    )  # fmt: skip
    info = [made_by, element("SignatureMethod", escape_text(method))]
    info.append(element("SignatureDateTime", escape_text(date_time)))
    told = [element("Parameter", escape_text(p.value), Name=p.name, Type=p.type or None) for p in parameters]
    if told:
        info.append(element("Parameters", "".join(told)))
    info.append(element("References", "".join(map(_reference, references)), CheckMethod=check_method))
    for stamp in stamps:
        clip = None if stamp.clip is None else str(stamp.clip)
        info.append(
            element("StampAnnot", ID=stamp.id, PageRef=stamp.page_ref, Boundary=str(stamp.boundary), Clip=clip)
        )  # fmt: skip
    if seal_name is not None:
        info.append(element("Seal", element("BaseLoc", escape_text(f"/{seal_name}"))))
    value = element("SignedValue", escape_text(f"/{value_name}"))
    return page_xml("Signature", element("SignedInfo", "".join(info)) + value)


def _reference(reference: Reference) -> str:
    digest = base64.b64encode(reference.check_value).decode("ascii")
    return element("Reference", element("CheckValue", digest), FileRef=f"/{reference.name}")


def next_signature_ids(package: OfdPackage, document: OfdDocument, *, count: int) -> tuple[str, ...]:
    """The next unused IDs for a signature and its stamps, in the form that the document already uses.

    Signatures and stamps share one number space of their own. MaxSignId is not trusted alone: every
    ID that is written anywhere counts. A document without signatures gets s001, s002 and so on.

    Raises:
        ParseError: a signature file of the document is malformed.
        ValueError: count is below 1.
    """
    if count < 1:
        raise ValueError(f"count must be at least 1, got {count}")
    highest, prefix, width = 0, "s", _ID_WIDTH
    for position, (lead, digits) in enumerate(_numbered(_all_ids(package, document))):
        highest = max(highest, int(digits))
        if not position:
            prefix, width = lead, len(digits)
    if highest + count >= 10**18:
        raise refuse("signature.id_exhausted", found=highest)
    return tuple(f"{prefix}{number:0{width}d}" for number in range(highest + 1, highest + 1 + count))


def _numbered(ids: Iterable[str]) -> Iterator[tuple[str, str]]:
    for written in ids:
        match = _ID.fullmatch(written)
        if match:
            yield match[1], match[2]


def _all_ids(package: OfdPackage, document: OfdDocument) -> Iterator[str]:
    if document.signatures_name is None:
        return
    listed = parse_signature_list(package, document)
    yield from (entry.id for entry in listed.entries)
    yield listed.max_sign_id
    for entry in listed.entries:
        yield from (stamp.id for stamp in parse_signature_file(package, entry.base_name).stamps)


def new_signature_list_name(document: OfdDocument) -> str:
    """Where the signature list is, or where it goes in a document that has none."""
    return document.signatures_name or _under(document.folder, "Signs/Signatures.xml")


def new_signature_folder(package: OfdPackage, document: OfdDocument) -> str:
    """A folder ``Sign_N`` beside the signature list that no entry uses in any letter case."""
    base = new_signature_list_name(document).rpartition("/")[0]
    inside = _under(base, "").casefold()
    taken = {
        name.casefold().removeprefix(inside).partition("/")[0]
        for name in package.names
        if name.casefold().startswith(inside)
    }
    number = 0
    while f"sign_{number}" in taken:
        number += 1
    return _under(base, f"Sign_{number}")


def _under(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name


def add_signature_list(package: OfdPackage, document: OfdDocument, *, list_name: str) -> bytes:
    """OFD.xml with the document's Signatures entry pointing to ``list_name``; the rest of the file is kept.

    Raises:
        ValueError: the document names a signature list already.
    """
    if document.signatures_name is not None:
        raise ValueError(f"document {document.index} has a signature list already: {document.signatures_name}")
    root = copy.deepcopy(package.xml("OFD.xml"))
    body = list(every(root, "DocBody"))[document.index]
    for old in [part for part in body if local_name(part) == "Signatures"]:
        body.remove(old)  # an empty one, since the document names no list
    anchor = [part for part in body if local_name(part) in ("DocInfo", "DocRoot", "Versions")][-1]
    entry = etree.SubElement(body, "".join(str(anchor.tag).rpartition("}")[:2]) + "Signatures")
    entry.text = f"/{list_name}"
    entry.tail = anchor.tail
    anchor.addnext(entry)
    return serialize(root)
