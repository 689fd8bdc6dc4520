"""The documents of a package: their roots, pages, templates, permissions and versions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lxml import etree

from egov_sdk.errors import LimitExceeded
from egov_sdk.ofd.links import version_links
from egov_sdk.ofd.paths import folder_of, resolve
from egov_sdk.ofd.problems import PackageNote, note, refuse
from egov_sdk.ofd.reach import MissingFile, Reach, find_reachable
from egov_sdk.ofd.rootfile import OfdPage, OfdTemplate, Permissions, boolean, id_key, root_facts
from egov_sdk.ofd.xml import attribute, child, children, every, loose_text, require_root, text_of

if TYPE_CHECKING:
    from egov_sdk.ofd.package import OfdPackage

__all__ = [
    "DocumentInfo",
    "DocumentVersion",
    "OfdDocument",
    "OfdPage",
    "OfdTemplate",
    "Permissions",
    "read_documents",
]


@dataclass(frozen=True, slots=True)
class DocumentInfo:
    """What OFD.xml says about a document (DocInfo), as text and unchecked; empty where it says nothing."""

    doc_id: str = ""
    title: str = ""
    author: str = ""
    subject: str = ""
    abstract: str = ""
    creation_date: str = ""
    mod_date: str = ""
    doc_usage: str = ""
    creator: str = ""
    creator_version: str = ""


@dataclass(frozen=True, slots=True)
class DocumentVersion:
    """A version (版本) of a document: ``name`` is the entry that describes it, ``root`` its own Document.xml."""

    id: str
    index: str
    current: bool
    name: str
    root: str | None


@dataclass(frozen=True, slots=True)
class OfdDocument:
    """One DocBody of a package.

    ``index`` counts from 0. ``root`` is the entry that DocRoot names, ``folder`` where it lies.
    ``custom_datas`` keeps pairs, since a hostile file may name one thing twice.
    """

    package: OfdPackage = field(repr=False, compare=False)
    index: int
    info: DocumentInfo
    root: str
    pages: tuple[OfdPage, ...]
    templates: tuple[OfdTemplate, ...]
    permissions: Permissions
    signatures_name: str | None
    versions: tuple[DocumentVersion, ...]
    custom_datas: tuple[tuple[str, str], ...]
    cover: str | None
    notes: tuple[PackageNote, ...]

    @property
    def doc_id(self) -> str:
        return self.info.doc_id

    @property
    def title(self) -> str:
        return self.info.title

    @property
    def folder(self) -> str:
        return folder_of(self.root)

    def reachable(self) -> Mapping[str, str]:
        """The entries that showing this document can lead to, with how each is reached.

        OFD.xml and the signatures are left out. Every version counts, as does what a page does not use.

        Raises:
            ParseError: a file on the way is malformed.
        """
        return self._reach().found

    @property
    def missing(self) -> tuple[MissingFile, ...]:
        """The files that the document refers to and the package does not hold."""
        return self._reach().missing

    def _reach(self) -> Reach:
        return self.package.memo(("reach", self.index), lambda: find_reachable(self))

    def page_by_id(self, page_id: str) -> OfdPage | None:
        """The first page with that ID, compared as a number where it is one."""
        by_id = self.package.memo(("pages by id", self.index), self._pages_by_id)
        return by_id.get(id_key(page_id))

    def _pages_by_id(self) -> dict[str, OfdPage]:
        return {id_key(page.id): page for page in reversed(self.pages)}


def read_documents(package: OfdPackage) -> tuple[OfdDocument, ...]:
    """Read OFD.xml and every document that it lists."""
    if "OFD.xml" not in package:
        raise refuse("package.no_ofd_xml")
    root = package.xml("OFD.xml")
    require_root(root, "OFD", where="OFD.xml")
    bodies = list(every(root, "DocBody"))
    if not bodies:
        raise refuse("document.no_body", where="OFD.xml")
    if len(bodies) > package.limits.documents:
        raise LimitExceeded("documents", allowed=package.limits.documents, found=len(bodies), where="OFD.xml")
    return tuple(_read_body(package, body, index=index) for index, body in enumerate(bodies))


def _read_body(package: OfdPackage, body: etree._Element, *, index: int) -> OfdDocument:
    where = "OFD.xml"
    doc_info = child(body, "DocInfo", where=where)
    versions = _versions(package, body)
    doc_root = child(body, "DocRoot", where=where)
    if doc_root is None:
        raise refuse("document.no_root", where=where, index=index)
    root = resolve(text_of(doc_root, where=where), base_dir="", where=where)
    signatures = child(body, "Signatures", where=where)
    cover = None if doc_info is None else child(doc_info, "Cover", where=where)
    notes: list[PackageNote] = []
    if sum(version.current for version in versions) > 1:
        notes.append(note("document.several_current_versions", where=where))
    facts = root_facts(package, root)
    return OfdDocument(
        package=package,
        index=index,
        info=_info(doc_info),
        root=root,
        pages=facts.pages,
        templates=facts.templates,
        permissions=facts.permissions,
        signatures_name=_optional_path(signatures, where),
        versions=versions,
        custom_datas=_custom_datas(doc_info, where),
        cover=_optional_path(cover, where),
        notes=(*notes, *facts.notes),
    )


def _optional_path(element: etree._Element | None, where: str) -> str | None:
    """Where an element points, None for an absent or empty one."""
    text = "" if element is None else text_of(element, where=where)
    return resolve(text, base_dir=folder_of(where), where=where) if text else None


_INFO_FIELDS = {
    "DocID": "doc_id",
    "Title": "title",
    "Author": "author",
    "Subject": "subject",
    "Abstract": "abstract",
    "CreationDate": "creation_date",
    "ModDate": "mod_date",
    "DocUsage": "doc_usage",
    "Creator": "creator",
    "CreatorVersion": "creator_version",
}


def _info(doc_info: etree._Element | None) -> DocumentInfo:
    found: dict[str, str] = {}
    for name, element in () if doc_info is None else children(doc_info):
        if name in _INFO_FIELDS:
            found.setdefault(_INFO_FIELDS[name], loose_text(element))
    return DocumentInfo(**found)


def _custom_datas(doc_info: etree._Element | None, where: str) -> tuple[tuple[str, str], ...]:
    holder = None if doc_info is None else child(doc_info, "CustomDatas", where=where)
    if holder is None:
        return ()
    return tuple((element.get("Name", ""), text_of(element, where=where)) for element in every(holder, "CustomData"))


def _versions(package: OfdPackage, body: etree._Element) -> tuple[DocumentVersion, ...]:
    holder = child(body, "Versions", where="OFD.xml")
    versions: list[DocumentVersion] = []
    for element in () if holder is None else every(holder, "Version"):
        if len(versions) == package.limits.entries:
            raise LimitExceeded("entries", allowed=len(versions), found="more versions", where="OFD.xml")
        name = resolve(attribute(element, "BaseLoc", where="OFD.xml"), base_dir="", where="OFD.xml")
        versions.append(
            DocumentVersion(
                id=element.get("ID", "").strip(),
                index=element.get("Index", "").strip(),
                current=boolean(element.get("Current"), default=False),
                name=name,
                root=version_links(package, name).root,
            )
        )
    return tuple(versions)
