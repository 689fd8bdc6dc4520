"""Where the files of a document lead: resources, annotations, tags, attachments, extensions, versions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from lxml import etree

from egov_sdk.errors import LimitExceeded
from egov_sdk.ofd.paths import folder_of, resolve, resolve_folder
from egov_sdk.ofd.problems import shown
from egov_sdk.ofd.rootfile import id_key
from egov_sdk.ofd.xml import child, children, every, local_name, require_root, text_of

if TYPE_CHECKING:
    from egov_sdk.ofd.package import OfdPackage

__all__ = [
    "Links",
    "Meanings",
    "VersionLinks",
    "check_harmless",
    "index_links",
    "resource_links",
    "resource_meanings",
    "version_links",
]

#: The entries that a file names, each with what it is there.
Links = Mapping[str, str]

#: What is said of each resource, by its kind and ID: its definition with its file, more than one where readers choose.
Meanings = Mapping[tuple[str, str], frozenset[tuple[bytes, str]]]

_RESOURCE_FILES = {"Font": ("FontFile", "font"), "MultiMedia": ("MediaFile", "media")}


@dataclass(frozen=True, slots=True)
class VersionLinks:
    """What a DocVersion file names: the root of the version and the files that belong to it."""

    root: str | None
    files: Links


def version_links(package: OfdPackage, name: str) -> VersionLinks:
    """Read a DocVersion file; an absent one names nothing."""
    return package.facts("version", name, lambda: _version(package, name))


def _version(package: OfdPackage, name: str) -> VersionLinks:
    if name not in package:
        return VersionLinks(None, {})
    tree = _tree(package, name, "DocVersion")
    holder = child(tree, "FileList", where=name)
    files = () if holder is None else ((_loc(element, name), "file") for element in every(holder, "File"))
    doc_root = child(tree, "DocRoot", where=name)
    loc = "" if doc_root is None else text_of(doc_root, where=name)
    root = resolve(loc, base_dir=folder_of(name), where=name) if loc else None
    return VersionLinks(root, _limited(package, files, name))


def resource_links(package: OfdPackage, name: str) -> Links:
    """The data files that a Res file names; their paths count from its BaseLoc."""
    return package.facts("resources", name, lambda: _limited(package, _resources(package, name), name))


def resource_meanings(package: OfdPackage, name: str) -> Meanings:
    """What a Res file says of each resource; an absent file says nothing."""
    return package.facts("meanings", name, lambda: _meanings(package, name)) if name in package else {}


def _meanings(package: OfdPackage, name: str) -> Meanings:
    found: dict[tuple[str, str], set[tuple[bytes, str]]] = {}
    for kind, item, files in _items(package, name):
        said = etree.tostring(item, with_tail=False)
        held = found.setdefault((kind, id_key(item.get("ID", ""))), set())
        held.update((said, file) for file, _ in files or (("", ""),))
    return MappingProxyType({key: frozenset(meanings) for key, meanings in found.items()})


def _resources(package: OfdPackage, name: str) -> Iterator[tuple[str, str]]:
    for _, _, files in _items(package, name):
        yield from files


def _items(package: OfdPackage, name: str) -> Iterator[tuple[str, etree._Element, list[tuple[str, str]]]]:
    """Each resource of a Res file: its kind, the element, and its files."""
    tree = _tree(package, name, "Res")
    base_loc = tree.get("BaseLoc", "").strip()
    folder = resolve_folder(base_loc, base_dir=folder_of(name), where=name) if base_loc else folder_of(name)
    for group in tree:
        for kind, item in children(group):
            files = []
            if kind == "ColorSpace" and item.get("Profile", "").strip():
                files = [(resolve(item.get("Profile", ""), base_dir=folder, where=name), "colour profile")]
            elif kind in _RESOURCE_FILES:
                file_element, what = _RESOURCE_FILES[kind]
                for element in every(item, file_element):
                    files.append((resolve(text_of(element, where=name), base_dir=folder, where=name), what))
            yield kind, item, files


def index_links(package: OfdPackage, kind: str, name: str) -> Links:
    """The files that an Annotations, CustomTags, Attachments or Extensions file names."""

    def make() -> Links:
        return _limited(package, _INDEXES[kind](_tree(package, name, kind), name), name)

    return package.facts(kind, name, make)


def _annotations(tree: etree._Element, name: str) -> Iterator[tuple[str, str]]:
    for page in every(tree, "Page"):
        for element in every(page, "FileLoc"):
            yield _loc(element, name), f"annotations of page {page.get('PageID', '')}"


def _attachments(tree: etree._Element, name: str) -> Iterator[tuple[str, str]]:
    for attachment in every(tree, "Attachment"):
        for element in every(attachment, "FileLoc"):
            yield _loc(element, name), f"attachment {attachment.get('Name', '')}"


def _custom_tags(tree: etree._Element, name: str) -> Iterator[tuple[str, str]]:
    for tag in every(tree, "CustomTag"):
        what = f"custom tag {tag.get('TypeID') or tag.get('NameSpace') or ''}".rstrip()
        for element in tag:
            if local_name(element) == "FileLoc":
                yield _loc(element, name), what
            elif local_name(element) == "SchemaLoc":
                yield _loc(element, name), f"{what} schema"


def _extensions(tree: etree._Element, name: str) -> Iterator[tuple[str, str]]:
    for extension in every(tree, "Extension"):
        for element in every(extension, "ExtendData"):
            yield _loc(element, name), f"extension {extension.get('AppName', '')}"


_INDEXES: Mapping[str, Callable[[etree._Element, str], Iterator[tuple[str, str]]]] = {
    "Annotations": _annotations,
    "CustomTags": _custom_tags,
    "Attachments": _attachments,
    "Extensions": _extensions,
}


def check_harmless(package: OfdPackage, name: str) -> None:
    """Parse a file that names no others, since a viewer will parse it too.

    Raises:
        ParseError: it is not well-formed XML without a DTD.
    """
    package.facts("harmless", name, lambda: package.xml(name).tag)


def _tree(package: OfdPackage, name: str, root: str) -> etree._Element:
    tree = package.xml(name)
    require_root(tree, root, where=name)
    return tree


def _loc(element: etree._Element, where: str) -> str:
    return resolve(text_of(element, where=where), base_dir=folder_of(where), where=where)


def _limited(package: OfdPackage, found: Iterable[tuple[str, str]], where: str) -> Links:
    """Each entry once, the first word about it kept; there cannot be more than entries that exist or are missing."""
    links: dict[str, str] = {}
    allowed = package.limits.entries
    for name, what in found:
        if name not in links:
            if len(links) >= 2 * allowed:
                raise LimitExceeded("entries", allowed=allowed, found="more files named in one place", where=where)
            links[name] = shown(what)
    return MappingProxyType(links)
