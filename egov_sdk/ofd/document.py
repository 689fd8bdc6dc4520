"""The documents of a package: their roots, pages, templates, permissions and versions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lxml import etree

from egov_sdk.errors import LimitExceeded
from egov_sdk.ofd.geometry import Box
from egov_sdk.ofd.pages import area_box, page_facts
from egov_sdk.ofd.paths import folder_of, resolve
from egov_sdk.ofd.problems import PackageNote, note, refuse
from egov_sdk.ofd.reach import MissingFile, Reach, find_reachable
from egov_sdk.ofd.xml import attribute, child, children, every, loose_text, require_root, text_of

if TYPE_CHECKING:
    from egov_sdk.ofd.package import OfdPackage

__all__ = [
    "A4",
    "DocumentInfo",
    "DocumentVersion",
    "OfdDocument",
    "OfdPage",
    "OfdTemplate",
    "Permissions",
    "read_documents",
]

#: The page size where no part of the document names one.
A4 = Box(0, 0, 210, 297)


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
class Permissions:
    """What the maker of the document allows; all is allowed where nothing is said."""

    may_edit: bool = True
    may_annotate: bool = True
    may_export: bool = True
    may_sign: bool = True
    may_watermark: bool = True
    may_print_screen: bool = True
    may_print: bool = True
    print_copies: str = ""
    valid_from: str = ""
    valid_until: str = ""


@dataclass(frozen=True, slots=True)
class OfdTemplate:
    """A template page (模板页) whose content is drawn under or over the pages that name it."""

    id: str
    name: str
    z_order: str


@dataclass(frozen=True, slots=True)
class OfdPage:
    """One page: ``index`` counts from 1, ``name`` is the entry of its content, ``box`` its paper in millimetres."""

    id: str
    index: int
    name: str
    templates: tuple[OfdTemplate, ...]
    box: Box


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
        wanted = _id_key(page_id)
        return next((page for page in self.pages if _id_key(page.id) == wanted), None)


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
    documents = []
    pages_left = package.limits.pages
    for index, body in enumerate(bodies):
        document = _read_body(package, body, index=index, pages_left=pages_left)
        pages_left -= len(document.pages)
        documents.append(document)
    return tuple(documents)


def _read_body(package: OfdPackage, body: etree._Element, *, index: int, pages_left: int) -> OfdDocument:
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
    tree = package.xml(root)
    require_root(tree, "Document", where=root)
    pages, templates = _pages(package, tree, root, notes, pages_left)
    return OfdDocument(
        package=package,
        index=index,
        info=_info(doc_info),
        root=root,
        pages=pages,
        templates=templates,
        permissions=_permissions(tree, root),
        signatures_name=_optional_path(signatures, where),
        versions=versions,
        custom_datas=_custom_datas(doc_info, where),
        cover=_optional_path(cover, where),
        notes=tuple(notes),
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
    versions = []
    for element in () if holder is None else every(holder, "Version"):
        name = resolve(attribute(element, "BaseLoc", where="OFD.xml"), base_dir="", where="OFD.xml")
        versions.append(
            DocumentVersion(
                id=element.get("ID", "").strip(),
                index=element.get("Index", "").strip(),
                current=_boolean(element.get("Current"), default=False),
                name=name,
                root=_version_root(package, name),
            )
        )
    return tuple(versions)


def _version_root(package: OfdPackage, name: str) -> str | None:
    if name not in package:
        return None
    tree = package.xml(name)
    require_root(tree, "DocVersion", where=name)
    return _optional_path(child(tree, "DocRoot", where=name), name)


def _pages(
    package: OfdPackage, tree: etree._Element, root: str, notes: list[PackageNote], pages_left: int
) -> tuple[tuple[OfdPage, ...], tuple[OfdTemplate, ...]]:
    common = child(tree, "CommonData", where=root)
    default = None if common is None else area_box(child(common, "PageArea", where=root), root)
    templates: dict[str, OfdTemplate] = {}
    for element in () if common is None else every(common, "TemplatePage"):
        template = OfdTemplate(
            id=attribute(element, "ID", where=root),
            name=resolve(attribute(element, "BaseLoc", where=root), base_dir=folder_of(root), where=root),
            z_order=element.get("ZOrder", "Background").strip(),
        )
        if templates.setdefault(_id_key(template.id), template) is not template:
            notes.append(note("document.duplicate_id", where=root, name="TemplatePage", found=template.id))
    holder = child(tree, "Pages", where=root)
    elements = [] if holder is None else list(every(holder, "Page"))
    if len(elements) > pages_left:
        raise LimitExceeded("pages", allowed=package.limits.pages, found=len(elements), where=root)
    if not elements:
        notes.append(note("document.no_pages", where=root))
    pages = tuple(
        _page(package, element, index, templates=templates, default=default, root=root, notes=notes)
        for index, element in enumerate(elements, start=1)
    )
    return pages, tuple(templates.values())


def _page(
    package: OfdPackage,
    element: etree._Element,
    index: int,
    *,
    templates: Mapping[str, OfdTemplate],
    default: Box | None,
    root: str,
    notes: list[PackageNote],
) -> OfdPage:
    name = resolve(attribute(element, "BaseLoc", where=root), base_dir=folder_of(root), where=root)
    facts = page_facts(package, name)
    used = []
    for template_id in facts.template_ids:
        template = templates.get(_id_key(template_id))
        if template is None:
            notes.append(note("document.unknown_template", where=name, page=index, found=template_id))
        else:
            used.append(template)
    # GB/T 33190: the page's own Area, else that of a template it uses, else the document's PageArea.
    box = facts.box or next((b for t in used if (b := page_facts(package, t.name).box)), None) or default or A4
    return OfdPage(attribute(element, "ID", where=root), index, name, tuple(used), box)


def _permissions(tree: etree._Element, root: str) -> Permissions:
    holder = child(tree, "Permissions", where=root)
    if holder is None:
        return Permissions()

    def allowed(name: str) -> bool:
        # Said twice, the stricter word counts.
        return all(_boolean(text_of(element, where=root), default=True) for element in every(holder, name))

    printing = child(holder, "Print", where=root)
    period = child(holder, "ValidPeriod", where=root)
    return Permissions(
        may_edit=allowed("Edit"),
        may_annotate=allowed("Annot"),
        may_export=allowed("Export"),
        may_sign=allowed("Signature"),
        may_watermark=allowed("Watermark"),
        may_print_screen=allowed("PrintScreen"),
        may_print=printing is None or _boolean(printing.get("Printable"), default=True),
        print_copies="" if printing is None else printing.get("Copies", ""),
        valid_from="" if period is None else period.get("StartDate", ""),
        valid_until="" if period is None else period.get("EndDate", ""),
    )


def _boolean(text: str | None, *, default: bool) -> bool:
    """An xs:boolean; a word that is none is a no."""
    stripped = (text or "").strip()
    return default if not stripped else stripped.lower() in ("true", "1")


def _id_key(text: str) -> str:
    """An ID in the form that all its spellings share: ``007`` is ``7``."""
    stripped = text.strip()
    return stripped.lstrip("0") or "0" if stripped.isascii() and stripped.isdigit() else stripped
