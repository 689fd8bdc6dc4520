"""Document.xml, the root of a document or of one of its versions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from lxml import etree

from egov_sdk.ofd.geometry import Box
from egov_sdk.ofd.pages import area_box, page_facts
from egov_sdk.ofd.paths import folder_of, resolve
from egov_sdk.ofd.problems import PackageNote, note
from egov_sdk.ofd.xml import attribute, child, children, every, require_root, text_of

if TYPE_CHECKING:
    from egov_sdk.ofd.package import OfdPackage

__all__ = [
    "A4",
    "INDEXES",
    "OfdPage",
    "OfdTemplate",
    "Permissions",
    "RootFacts",
    "boolean",
    "id_key",
    "root_facts",
]

#: The page size where no part of the document names one.
A4 = Box(0, 0, 210, 297)


#: The files that list annotations, tags, attachments and extensions, by their element.
INDEXES = {
    "Annotations": "annotations",
    "CustomTags": "custom tags",
    "Attachments": "attachments",
    "Extensions": "extensions",
}


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
class RootFacts:
    """What a Document.xml says: its resource files and index files by kind, each once."""

    pages: tuple[OfdPage, ...]
    templates: tuple[OfdTemplate, ...]
    resources: tuple[tuple[str, str], ...]
    indexes: tuple[tuple[str, str], ...]
    permissions: Permissions
    notes: tuple[PackageNote, ...]


def root_facts(package: OfdPackage, root: str) -> RootFacts:
    """Read a Document.xml with the sizes of its pages.

    Raises:
        ParseError: it is missing, malformed, or could be read in two ways.
        LimitExceeded: all roots of the package together have more pages than the limits allow.
    """
    return package.memo(("root", root), lambda: _root_facts(package, root))


@dataclass(frozen=True, slots=True)
class _Written:
    """What is written in a Document.xml itself; ``pages`` are IDs and entries."""

    pages: tuple[tuple[str, str], ...]
    default: Box | None
    templates: Mapping[str, OfdTemplate]
    resources: tuple[tuple[str, str], ...]
    indexes: tuple[tuple[str, str], ...]
    permissions: Permissions
    notes: tuple[PackageNote, ...]


def _root_facts(package: OfdPackage, root: str) -> RootFacts:
    written = package.facts("document root", root, lambda: _written(package, root))
    package.spend("pages", len(written.pages), where=root)
    notes = list(written.notes)
    return RootFacts(
        pages=tuple(_pages(package, written, notes=notes)),
        templates=tuple(written.templates.values()),
        resources=written.resources,
        indexes=written.indexes,
        permissions=written.permissions,
        notes=tuple(notes),
    )


def _written(package: OfdPackage, root: str) -> _Written:
    tree = package.xml(root)
    require_root(tree, "Document", where=root)
    common = child(tree, "CommonData", where=root)
    notes: list[PackageNote] = []
    templates = _templates(common, root, notes)
    pages = _page_list(package, tree, root)
    if not pages:
        notes.append(note("document.no_pages", where=root))
    return _Written(
        pages=pages,
        default=None if common is None else area_box(child(common, "PageArea", where=root), root),
        templates=MappingProxyType(templates),
        resources=tuple(
            dict.fromkeys(
                (name, _resolved(text_of(element, where=root), root))
                for name, element in (() if common is None else children(common))
                if name in ("PublicRes", "DocumentRes")
            )
        ),
        indexes=tuple(
            dict.fromkeys(
                (name, _resolved(loc, root))
                for name, element in children(tree)
                if name in INDEXES and (loc := text_of(element, where=root))
            )
        ),
        permissions=_permissions(tree, root),
        notes=tuple(notes),
    )


def _resolved(loc: str, root: str) -> str:
    return resolve(loc, base_dir=folder_of(root), where=root)


def _templates(common: etree._Element | None, root: str, notes: list[PackageNote]) -> dict[str, OfdTemplate]:
    templates: dict[str, OfdTemplate] = {}
    for element in () if common is None else every(common, "TemplatePage"):
        template = OfdTemplate(
            id=attribute(element, "ID", where=root),
            name=_resolved(attribute(element, "BaseLoc", where=root), root),
            z_order=element.get("ZOrder", "Background").strip(),
        )
        if templates.setdefault(id_key(template.id), template) is not template:
            notes.append(note("document.duplicate_id", where=root, name="TemplatePage", found=template.id))
    return templates


def _page_list(package: OfdPackage, tree: etree._Element, root: str) -> tuple[tuple[str, str], ...]:
    """The ID and the entry of each page."""
    holder = child(tree, "Pages", where=root)
    elements = [] if holder is None else list(every(holder, "Page"))
    package.spend("pages", len(elements), where=root)
    return tuple(
        (attribute(element, "ID", where=root), _resolved(attribute(element, "BaseLoc", where=root), root))
        for element in elements
    )


def _pages(package: OfdPackage, written: _Written, *, notes: list[PackageNote]) -> Iterator[OfdPage]:
    looks: dict[str, tuple[tuple[OfdTemplate, ...], Box | None]] = {}  # a file may serve many pages
    for index, (page_id, name) in enumerate(written.pages, start=1):
        if name not in looks:
            looks[name] = _look(package, name, index, templates=written.templates, notes=notes)
        used, box = looks[name]
        yield OfdPage(page_id, index, name, used, box or written.default or A4)


def _look(
    package: OfdPackage, name: str, index: int, *, templates: Mapping[str, OfdTemplate], notes: list[PackageNote]
) -> tuple[tuple[OfdTemplate, ...], Box | None]:
    """The templates of a page, and its own Area or else that of a template it uses (GB/T 33190)."""
    facts = page_facts(package, name)
    used = []
    for template_id in facts.template_ids:
        template = templates.get(id_key(template_id))
        if template is None:
            notes.append(note("document.unknown_template", where=name, page=index, found=template_id))
        else:
            used.append(template)
    box = facts.box or next((b for template in used if (b := page_facts(package, template.name).box)), None)
    return tuple(used), box


def _permissions(tree: etree._Element, root: str) -> Permissions:
    holder = child(tree, "Permissions", where=root)
    if holder is None:
        return Permissions()

    def allowed(name: str) -> bool:
        # Said twice, the stricter word counts.
        return all(boolean(text_of(element, where=root), default=True) for element in every(holder, name))

    printing = child(holder, "Print", where=root)
    period = child(holder, "ValidPeriod", where=root)
    return Permissions(
        may_edit=allowed("Edit"),
        may_annotate=allowed("Annot"),
        may_export=allowed("Export"),
        may_sign=allowed("Signature"),
        may_watermark=allowed("Watermark"),
        may_print_screen=allowed("PrintScreen"),
        may_print=printing is None or boolean(printing.get("Printable"), default=True),
        print_copies="" if printing is None else printing.get("Copies", ""),
        valid_from="" if period is None else period.get("StartDate", ""),
        valid_until="" if period is None else period.get("EndDate", ""),
    )


def boolean(text: str | None, *, default: bool) -> bool:
    """An xs:boolean; a word that is none is a no."""
    stripped = (text or "").strip()
    return default if not stripped else stripped.lower() in ("true", "1")


def id_key(text: str) -> str:
    """An ID in the form that all its spellings share: ``007`` is ``7``."""
    stripped = text.strip()
    return stripped.lstrip("0") or "0" if stripped.isascii() and stripped.isdigit() else stripped
