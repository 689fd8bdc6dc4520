"""What the resource files of a document define: fonts, pictures, draw parameters, colour spaces, composite units."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lxml import etree

from egov_sdk.errors import InputError, LimitExceeded
from egov_sdk.ofd.paths import folder_of, resolve, resolve_folder
from egov_sdk.ofd.rootfile import id_key
from egov_sdk.ofd.xml import children, every, loose_text

if TYPE_CHECKING:
    from egov_sdk.ofd.package import OfdPackage
    from egov_sdk.ofd.render.limits import Budget
    from egov_sdk.ofd.render.notes import Notes

__all__ = ["FontResource", "Resources", "Source"]

_CHAIN_MAX = 16


@dataclass(frozen=True, slots=True)
class FontResource:
    """A font as a document names it; ``file`` is the entry of its program, None where nothing is embedded."""

    id: str
    name: str
    family: str
    bold: bool
    italic: bool
    file: str | None


@dataclass(frozen=True, slots=True)
class Source:
    """Reads parts of a package while a page is drawn; what cannot be read is told and left out."""

    package: OfdPackage
    budget: Budget
    notes: Notes

    def xml(self, name: str, *, where: str) -> etree._Element | None:
        """The root of an XML part, None where it cannot be had."""
        if name not in self.package:
            self.notes.add("render.file_missing", where=where, found=name)
            return None
        if not self.budget.affords("xml_bytes", len(self.package.read(name))):
            self.notes.add("render.file_too_large", where=where, found=name)
            return None
        try:
            return self.package.xml(name)
        except InputError as error:
            reason = error.limit if isinstance(error, LimitExceeded) else error.code
            self.notes.add("render.file_unreadable", where=where, found=name, reason=reason)
            return None

    def name(self, loc: str, *, where: str) -> str | None:
        """The entry that a path means; None where it means none."""
        try:
            return resolve(loc, base_dir=folder_of(where), where=where)
        except InputError as error:
            self.notes.add("render.file_unreadable", where=where, found=loc, reason=error.code)
            return None


@dataclass(slots=True)
class Resources:
    """One map for each kind, the first definition of an ID wins; the resources of a page come before all others."""

    fonts: dict[str, FontResource] = field(default_factory=dict)
    media: dict[str, str] = field(default_factory=dict)
    draw_params: dict[str, etree._Element] = field(default_factory=dict)
    color_spaces: dict[str, etree._Element] = field(default_factory=dict)
    units: dict[str, etree._Element] = field(default_factory=dict)
    _palettes: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def load(self, source: Source, names: Iterable[str], *, where: str) -> None:
        """Add what some Res files define."""
        for name in names:
            root = source.xml(name, where=where)
            if root is not None:
                self._add(source, root, name)

    def _add(self, source: Source, root: etree._Element, where: str) -> None:
        bases = _bases(root, where)
        for group in root:
            for kind, item in children(group):
                key = id_key(item.get("ID", ""))
                if kind == "Font":
                    self.fonts.setdefault(key, _font(source, item, bases, where))
                elif kind == "MultiMedia":
                    file = _file(source, item, "MediaFile", bases, where)
                    if file is not None:
                        self.media.setdefault(key, file)
                elif kind == "DrawParam":
                    self.draw_params.setdefault(key, item)
                elif kind == "ColorSpace":
                    self.color_spaces.setdefault(key, item)
                elif kind == "CompositeGraphicUnit":
                    self.units.setdefault(key, item)

    def palette(self, space_id: str) -> tuple[str, ...]:
        """The colours of a colour space that are used by number."""
        if space_id not in self._palettes:
            space = self.color_spaces[space_id]
            holders = [element for name, element in children(space) if name == "Palette"][:1]
            self._palettes[space_id] = tuple(loose_text(one) for holder in holders for one in every(holder, "CV"))
        return self._palettes[space_id]

    def draw_param_chain(self, param_id: str | None) -> tuple[etree._Element, ...]:
        """A draw parameter and those that it builds on, nearest first; a circle ends where it closes."""
        return tuple(self._chain(param_id))

    def _chain(self, param_id: str | None) -> Iterator[etree._Element]:
        met: set[str] = set()
        while param_id is not None and (key := id_key(param_id)) not in met and len(met) < _CHAIN_MAX:
            met.add(key)
            element = self.draw_params.get(key)
            if element is None:
                return
            yield element
            param_id = element.get("Relative")


def _bases(root: etree._Element, where: str) -> tuple[str, ...]:
    """The folders that data files may count from: BaseLoc, and the folder of the resource file itself."""
    beside = folder_of(where)
    try:
        return (resolve_folder(root.get("BaseLoc", ""), base_dir=beside, where=where), beside)
    except InputError:
        return (beside,)


def _font(source: Source, item: etree._Element, bases: tuple[str, ...], where: str) -> FontResource:
    return FontResource(
        id=id_key(item.get("ID", "")),
        name=item.get("FontName", ""),
        family=item.get("FamilyName", ""),
        bold=item.get("Bold", "").strip().lower() in ("true", "1"),
        italic=item.get("Italic", "").strip().lower() in ("true", "1"),
        file=_file(source, item, "FontFile", bases, where),
    )


def _file(source: Source, item: etree._Element, kind: str, bases: tuple[str, ...], where: str) -> str | None:
    """The entry of a data file, None where there is none."""
    loc = next((loose_text(element) for name, element in children(item) if name == kind), "")
    if not loc:
        return None
    for base in bases:
        try:
            name = resolve(loc, base_dir=base, where=where)
        except InputError:
            continue
        if name in source.package:
            return name
    source.notes.add("render.file_missing", where=where, found=loc)
    return None
