"""Everything that showing a document can lead to: the set that a signature should cover."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from lxml import etree

from egov_sdk.errors import LimitExceeded
from egov_sdk.ofd.pages import page_facts
from egov_sdk.ofd.paths import folder_of, resolve, resolve_folder
from egov_sdk.ofd.problems import shown
from egov_sdk.ofd.xml import attribute, child, every, local_name, require_root, text_of

if TYPE_CHECKING:
    from egov_sdk.ofd.document import OfdDocument

__all__ = ["MissingFile", "Reach", "find_reachable"]


@dataclass(frozen=True, slots=True)
class MissingFile:
    """A file that is referred to and is not there.

    ``similar`` is an entry whose name differs in letter case only. It is not used in its place: some
    readers would show it, others would not.
    """

    name: str
    how: str
    similar: str | None


@dataclass(frozen=True, slots=True)
class Reach:
    """What was found, by entry name, with how it is reached; and what is missing."""

    found: Mapping[str, str]
    missing: tuple[MissingFile, ...]


def find_reachable(document: OfdDocument) -> Reach:
    """Follow every path from the document's root, its versions and its cover.

    Raises:
        ParseError: a file on the way is malformed.
        LimitExceeded: more files are missing than a package may hold.
    """
    walk = _Walk(document)
    if document.cover:
        walk.reach(document.cover, "cover")
    walk.document(document.root, "")
    for version in document.versions:
        label = f"version {version.id}" + (" (current)" if version.current else "")
        if walk.reach(version.name, label):
            walk.version(version.name, label)
    return Reach(MappingProxyType(walk.found), tuple(walk.missing.values()))


class _Walk:
    """One walk over a document; ``found`` and ``missing`` grow as it goes."""

    def __init__(self, document: OfdDocument) -> None:
        self.package = document.package
        self.found: dict[str, str] = {}
        self.missing: dict[str, MissingFile] = {}
        self._parsed: set[str] = set()

    def reach(self, name: str, how: str) -> bool:
        """Note that a file can be reached; False when it is not there."""
        if name in self.package:
            self.found.setdefault(name, shown(how))
            return True
        if name not in self.missing:
            if len(self.missing) >= self.package.limits.entries:
                raise LimitExceeded("entries", allowed=self.package.limits.entries, found="more missing files")
            self.missing[name] = MissingFile(name, shown(how), self.package.similar(name))
        return False

    def open(self, name: str, how: str, *, root: str = "") -> etree._Element | None:
        """Reach an XML file and parse it; None when it is absent or has been parsed before."""
        if not self.reach(name, how) or name in self._parsed:
            return None
        self._parsed.add(name)
        tree = self.package.xml(name)
        if root:
            require_root(tree, root, where=name)
        return tree

    def document(self, root: str, prefix: str) -> None:
        tree = self.open(root, f"{prefix}document root", root="Document")
        if tree is None:
            return
        for element in tree:
            name = local_name(element)
            if name == "CommonData":
                self._common(element, root, prefix)
            elif name == "Pages":
                for index, page in enumerate(every(element, "Page"), start=1):
                    self._page(_base_loc(page, root), f"{prefix}page {index}")
            elif name in _INDEXES and text_of(element, where=root):
                what, follow = _INDEXES[name]
                index_name = _loc(element, root)
                index_tree = self.open(index_name, f"{prefix}{what}", root=name)
                if index_tree is not None:
                    follow(self, index_tree, index_name, prefix)

    def version(self, name: str, label: str) -> None:
        tree = self.package.xml(name)
        files = child(tree, "FileList", where=name)
        for element in () if files is None else every(files, "File"):
            self.reach(_loc(element, name), f"{label} file")
        doc_root = child(tree, "DocRoot", where=name)
        if doc_root is not None:
            self.document(_loc(doc_root, name), f"{label} ")

    def _common(self, common: etree._Element, root: str, prefix: str) -> None:
        for element in common:
            name = local_name(element)
            if name == "PublicRes":
                self._resources(_loc(element, root), f"{prefix}public resources")
            elif name == "DocumentRes":
                self._resources(_loc(element, root), f"{prefix}document resources")
            elif name == "TemplatePage":
                self._page(_base_loc(element, root), f"{prefix}template {element.get('ID', '')}")

    def _page(self, name: str, how: str) -> None:
        if self.reach(name, how):
            for resources in page_facts(self.package, name).resources:
                self._resources(resources, f"resources of {how}")

    def _resources(self, name: str, how: str) -> None:
        tree = self.open(name, how, root="Res")
        if tree is None:
            return
        base_loc = tree.get("BaseLoc", "").strip()
        folder = resolve_folder(base_loc, base_dir=folder_of(name), where=name) if base_loc else folder_of(name)
        for group in tree:
            for item in group:
                kind = local_name(item)
                if kind == "ColorSpace" and item.get("Profile", "").strip():
                    self.reach(resolve(item.get("Profile", ""), base_dir=folder, where=name), "colour profile")
                elif kind in _RESOURCE_FILES:
                    file_element, what = _RESOURCE_FILES[kind]
                    for element in every(item, file_element):
                        self.reach(resolve(text_of(element, where=name), base_dir=folder, where=name), what)

    def _annotations(self, tree: etree._Element, name: str, prefix: str) -> None:
        for page in every(tree, "Page"):
            for element in every(page, "FileLoc"):
                # The file holds no paths, but a viewer parses it, so it has to be harmless XML.
                self.open(_loc(element, name), f"{prefix}annotations of page {page.get('PageID', '')}")

    def _attachments(self, tree: etree._Element, name: str, prefix: str) -> None:
        for attachment in every(tree, "Attachment"):
            for element in every(attachment, "FileLoc"):
                self.reach(_loc(element, name), f"{prefix}attachment {attachment.get('Name', '')}")

    def _custom_tags(self, tree: etree._Element, name: str, prefix: str) -> None:
        for tag in every(tree, "CustomTag"):
            what = f"{prefix}custom tag {tag.get('TypeID') or tag.get('NameSpace') or ''}".rstrip()
            for element in tag:
                if local_name(element) == "FileLoc":
                    self.reach(_loc(element, name), what)
                elif local_name(element) == "SchemaLoc":
                    self.reach(_loc(element, name), f"{what} schema")

    def _extensions(self, tree: etree._Element, name: str, prefix: str) -> None:
        for extension in every(tree, "Extension"):
            for element in every(extension, "ExtendData"):
                self.reach(_loc(element, name), f"{prefix}extension {extension.get('AppName', '')}")


_RESOURCE_FILES = {"Font": ("FontFile", "font"), "MultiMedia": ("MediaFile", "media")}

_INDEXES: Mapping[str, tuple[str, Callable[[_Walk, etree._Element, str, str], None]]] = {
    "Annotations": ("annotations", _Walk._annotations),
    "Attachments": ("attachments", _Walk._attachments),
    "CustomTags": ("custom tags", _Walk._custom_tags),
    "Extensions": ("extensions", _Walk._extensions),
}


def _loc(element: etree._Element, where: str) -> str:
    return resolve(text_of(element, where=where), base_dir=folder_of(where), where=where)


def _base_loc(element: etree._Element, where: str) -> str:
    return resolve(attribute(element, "BaseLoc", where=where), base_dir=folder_of(where), where=where)
