"""What is in a package, as plain values: the answer of ``egov ofd show``."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass

from egov_sdk.errors import InputError
from egov_sdk.ofd.document import DocumentInfo, DocumentVersion, OfdDocument, Permissions
from egov_sdk.ofd.package import OfdPackage
from egov_sdk.ofd.problems import PackageNote, note
from egov_sdk.ofd.reach import MissingFile
from egov_sdk.ofd.signfiles import SignatureEntry, StampAnnot, parse_signature_file, parse_signature_list

__all__ = [
    "DocumentSummary",
    "EntrySummary",
    "PackageSummary",
    "PageSummary",
    "SignatureSummary",
    "describe",
]

SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True)
class EntrySummary:
    """One file of the package; ``reached`` says how a reader gets to it, and is empty when none does."""

    name: str
    size: int
    packed_bytes: int
    compressed: bool
    reached: str


@dataclass(frozen=True, slots=True)
class PageSummary:
    """One page, its paper in millimetres."""

    index: int
    id: str
    name: str
    width_mm: float
    height_mm: float
    templates: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SignatureSummary:
    """What a signature's description says; nothing of it is verified."""

    id: str
    type: str
    name: str
    provider: str
    method: str
    date_time: str
    check_method: str
    references: int
    stamps: tuple[StampAnnot, ...]
    leniencies: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DocumentSummary:
    """One document of the package."""

    index: int
    info: DocumentInfo
    root: str
    pages: tuple[PageSummary, ...]
    permissions: Permissions
    versions: tuple[DocumentVersion, ...]
    signatures: tuple[SignatureSummary, ...]
    custom_datas: tuple[tuple[str, str], ...]
    missing: tuple[MissingFile, ...]


@dataclass(frozen=True, slots=True)
class PackageSummary:
    """The whole package."""

    archive_bytes: int
    entries: tuple[EntrySummary, ...]
    documents: tuple[DocumentSummary, ...]
    notes: tuple[PackageNote, ...]

    def to_dict(self) -> dict[str, object]:
        """The summary as plain values: the ``--json`` of the command line, schema version 1."""
        return {"schema_version": SCHEMA_VERSION, **_plain_fields(self)}


def describe(package: OfdPackage) -> PackageSummary:
    """Summarize a package; a signature that cannot be read becomes a note.

    Raises:
        ParseError: a document itself cannot be read.
    """
    notes = list(package.notes)
    reached = {"OFD.xml": "entry point"}
    documents = []
    several = len(package.documents) > 1
    for document in package.documents:
        prefix = f"document {document.index}: " if several else ""
        for name, how in document.reachable().items():
            reached.setdefault(name, prefix + how)
        notes += document.notes
        signatures = tuple(_signatures(package, document, prefix=prefix, reached=reached, notes=notes))
        documents.append(_document(document, signatures))
    entries = tuple(
        EntrySummary(entry.name, entry.size, entry.packed_bytes, entry.compressed, reached.get(entry.name, ""))
        for entry in package.entries
    )
    return PackageSummary(len(package.archive), entries, tuple(documents), tuple(notes))


def _document(document: OfdDocument, signatures: tuple[SignatureSummary, ...]) -> DocumentSummary:
    return DocumentSummary(
        index=document.index,
        info=document.info,
        root=document.root,
        pages=tuple(
            PageSummary(
                page.index, page.id, page.name, page.box.w, page.box.h, tuple(used.name for used in page.templates)
            )
            for page in document.pages
        ),
        permissions=document.permissions,
        versions=document.versions,
        signatures=signatures,
        custom_datas=document.custom_datas,
        missing=document.missing,
    )


def _signatures(
    package: OfdPackage, document: OfdDocument, *, prefix: str, reached: dict[str, str], notes: list[PackageNote]
) -> Iterator[SignatureSummary]:
    if document.signatures_name is None:
        return
    reached.setdefault(document.signatures_name, f"{prefix}signature list")
    try:
        entries = parse_signature_list(package, document).entries
    except InputError as exc:
        notes.append(note("signature.unreadable", where=document.signatures_name, found=exc.message))
        return
    for entry in entries:
        reached.setdefault(entry.base_name, f"{prefix}signature {entry.id}")
        try:
            yield _signature(package, entry, prefix=prefix, reached=reached)
        except InputError as exc:
            notes.append(note("signature.unreadable", where=entry.base_name, found=exc.message))


def _signature(package: OfdPackage, entry: SignatureEntry, *, prefix: str, reached: dict[str, str]) -> SignatureSummary:
    found = parse_signature_file(package, entry.base_name)
    reached.setdefault(found.value_name, f"{prefix}value of signature {entry.id}")
    if found.seal_name is not None:
        reached.setdefault(found.seal_name, f"{prefix}seal of signature {entry.id}")
    return SignatureSummary(
        id=entry.id,
        type=entry.type,
        name=entry.base_name,
        provider=found.provider.name if found.provider else "",
        method=found.method,
        date_time=found.date_time,
        check_method=found.check_method,
        references=len(found.references),
        stamps=found.stamps,
        leniencies=found.leniencies,
    )


def _plain(value: object) -> object:
    if isinstance(value, PackageNote):
        return value.to_dict()
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return _plain_fields(value)
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value


def _plain_fields(value: object) -> dict[str, object]:
    assert dataclasses.is_dataclass(value)
    return {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
