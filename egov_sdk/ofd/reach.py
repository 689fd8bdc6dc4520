"""Everything that showing a document can lead to: the set that a signature should cover."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from egov_sdk.errors import LimitExceeded
from egov_sdk.ofd.links import check_harmless, index_links, resource_links, version_links
from egov_sdk.ofd.pages import page_facts
from egov_sdk.ofd.problems import shown
from egov_sdk.ofd.rootfile import INDEXES, root_facts

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
    walk.document(document.root, "")
    for version in document.versions:
        label = f"version {version.id}" + (" (current)" if version.current else "")
        walk.version(version.name, label)
    walk.rest()
    if document.cover:
        walk.reach(document.cover, "cover")
    return Reach(MappingProxyType(walk.found), tuple(walk.missing.values()))


class _Walk:
    """One walk over a document; ``found`` and ``missing`` grow as it goes.

    Roots, pages and templates come first and all else later: a page that is also named as, say, a
    picture is told as a page. Each file is followed once in each of its roles.
    """

    def __init__(self, document: OfdDocument) -> None:
        self.package = document.package
        self.found: dict[str, str] = {}
        self.missing: dict[str, MissingFile] = {}
        self._followed: set[tuple[str, str]] = set()
        self._resources: dict[str, str] = {}
        self._indexes: dict[tuple[str, str], str] = {}
        self._files: dict[str, str] = {}

    def reach(self, name: str, how: str) -> bool:
        """Note that a file can be reached; False when it is not there."""
        if name in self.found:
            return True
        if name in self.package:
            self.found[name] = shown(how)
            return True
        if name not in self.missing:
            if len(self.missing) >= self.package.limits.entries:
                raise LimitExceeded("entries", allowed=self.package.limits.entries, found="more missing files")
            self.missing[name] = MissingFile(name, shown(how), self.package.similar(name))
        return False

    def document(self, root: str, prefix: str) -> None:
        """Reach a root with its pages and templates, and put the rest off."""
        if not self.reach(root, f"{prefix}document root") or not self._first(root, "Document"):
            return
        facts = root_facts(self.package, root)
        for template in facts.templates:
            self._page(template.name, f"{prefix}template {template.id}")
        for page in facts.pages:
            self._page(page.name, f"{prefix}page {page.index}")
        for kind, name in facts.resources:
            self._resources.setdefault(name, prefix + _RESOURCES[kind])
        for kind, name in facts.indexes:
            self._indexes.setdefault((kind, name), prefix)

    def version(self, name: str, label: str) -> None:
        """Reach a version with the document that it leads to, and put its list of files off."""
        if not self.reach(name, label) or not self._first(name, "DocVersion"):
            return
        links = version_links(self.package, name)
        for file in links.files:
            self._files.setdefault(file, f"{label} file")
        if links.root is not None:
            self.document(links.root, f"{label} ")

    def rest(self) -> None:
        """Follow what was put off."""
        for name, how in self._resources.items():
            if self.reach(name, how):
                for file, what in resource_links(self.package, name).items():
                    self.reach(file, what)
        for (kind, name), prefix in self._indexes.items():
            if self.reach(name, prefix + INDEXES[kind]):
                for file, what in index_links(self.package, kind, name).items():
                    if self.reach(file, prefix + what) and kind == "Annotations":
                        check_harmless(self.package, file)
        for name, how in self._files.items():
            self.reach(name, how)

    def _page(self, name: str, how: str) -> None:
        if self.reach(name, how) and self._first(name, "Page"):
            for resources in page_facts(self.package, name).resources:
                self._resources.setdefault(resources, f"resources of {how}")

    def _first(self, name: str, role: str) -> bool:
        if (name, role) in self._followed:
            return False
        self._followed.add((name, role))
        return True


_RESOURCES = {"PublicRes": "public resources", "DocumentRes": "document resources"}
