"""What pages draw, object by object, in a form that two files can be compared in."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from lxml import etree

from egov_sdk.crypto import sm3
from egov_sdk.errors import ParseError
from egov_sdk.ofd import Box, OfdDocument, OfdPackage
from egov_sdk.ofd.geometry import parse_box
from egov_sdk.ofd.links import resource_links
from egov_sdk.ofd.paths import folder_of, resolve, resolve_folder
from egov_sdk.ofd.rootfile import id_key, root_facts
from egov_sdk.ofd.xml import children, every, local_name

__all__ = ["DrawnObject", "Resources", "objects_of", "page_form", "resources_of"]

_PAINTED: Final = frozenset({"TextObject", "PathObject", "ImageObject", "CompositeObject"})
_REFERENCES: Final = frozenset({"Font", "ResourceID", "DrawParam", "Substitution", "ImageMask"})
_NOTHING: Final = Box(0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class DrawnObject:
    """One object of a page: its ID, where it is, what it says, and everything about it but its ID in one value.

    ``form`` has fonts by name and pictures by digest, so that it does not depend on how a file numbers things.
    """

    id: str
    kind: str
    box: Box
    text: str
    form: tuple[object, ...] = field(repr=False)
    element: etree._Element = field(repr=False, compare=False)

    @property
    def is_filled(self) -> bool:
        """Whether it can hide what lies under it."""
        if self.kind == "PathObject":
            return self.element.get("Fill", "false").strip().lower() in ("true", "1") and not self.is_clear
        return self.kind in ("ImageObject", "CompositeObject") and not self.is_clear

    @property
    def is_clear(self) -> bool:
        """Whether nothing of it is seen: it is invisible, wholly transparent, or a text without ink."""
        hidden = self._is_no("Visible") or self.element.get("Alpha", "255").strip() == "0"
        inkless = self._is_no("Fill") and self.element.get("Stroke", "false").strip().lower() not in ("true", "1")
        return hidden or (self.kind == "TextObject" and inkless)

    def _is_no(self, name: str) -> bool:
        return self.element.get(name, "true").strip().lower() in ("false", "0")

    @property
    def is_pale(self) -> bool:
        """Whether its text is painted with a colour that paper has."""
        for color in every(self.element, "FillColor"):
            if color.get("Alpha", "255").strip() == "0":
                return True
            parts = color.get("Value", "0 0 0").split()
            return len(parts) == 3 and all(part.isdigit() and int(part) >= 235 for part in parts)
        return False


#: What the numbers of fonts and pictures stand for.
Resources = Mapping[str, str]


def resources_of(document: OfdDocument) -> Resources:
    """The fonts by name and the pictures by digest, by their IDs."""
    return _resources(document.package, document.root)


def _resources(package: OfdPackage, root: str) -> Resources:
    found: dict[str, str] = {}
    for _, name in root_facts(package, root).resources:
        if name not in package:
            continue
        tree = package.xml(name)
        base_loc = tree.get("BaseLoc", "").strip()
        folder = resolve_folder(base_loc, base_dir=folder_of(name), where=name) if base_loc else folder_of(name)
        resource_links(package, name)
        for group in tree:
            for kind, item in children(group):
                number, meaning = id_key(item.get("ID", "")), _meaning(package, kind, item, folder, name)
                # readers may take either of two: then it is neither
                found[number] = meaning if found.get(number, meaning) == meaning else f"{found[number]} or {meaning}"
    return found


def _meaning(package: OfdPackage, kind: str, item: etree._Element, folder: str, where: str) -> str:
    for file in every(item, "MediaFile"):
        media = resolve((file.text or "").strip(), base_dir=folder, where=where)
        return f"picture {sm3(package.read(media)).hex()}" if media in package else "picture, missing"
    if kind == "Font" and not list(every(item, "FontFile")):
        return f"font {item.get('FontName', '')}"
    return f"{kind} {sm3(repr(_form(item, str)).encode()).hex()}"


def objects_of(tree: etree._Element, *, where: str, resources: Resources) -> tuple[DrawnObject, ...]:
    """The objects of a page or template in the order in which they are drawn, those of groups included."""
    return tuple(_walk(tree, where, _named(resources)))


def _walk(tree: etree._Element, where: str, named: Callable[[str], str]) -> Iterator[DrawnObject]:
    for element in tree.iter(etree.Element):
        kind = local_name(element)
        if kind in _PAINTED:
            yield _object(element, kind, where, named)


def _named(resources: Resources) -> Callable[[str], str]:
    return lambda number: resources.get(id_key(number), f"? {number}")


def _object(element: etree._Element, kind: str, where: str, named: Callable[[str], str]) -> DrawnObject:
    boundary = element.get("Boundary", "")
    try:
        box = parse_box(boundary, where=where, name="Boundary") if boundary else _NOTHING
    except ParseError:
        box = _NOTHING
    text = "".join(code.text or "" for code in every(element, "TextCode"))
    return DrawnObject(element.get("ID", "").strip(), kind, box, text, _form(element, named), element)


def page_form(tree: etree._Element, resources: Resources) -> tuple[object, ...]:
    """Everything that a page says, in a form that does not depend on how its file numbers things."""
    return _form(tree, _named(resources))


def _form(element: etree._Element, named: Callable[[str], str]) -> tuple[object, ...]:
    attributes = tuple(
        sorted(
            (name, named(value) if name in _REFERENCES else " ".join(value.split()))
            for name, value in ((str(name), str(value)) for name, value in element.attrib.items())
            if name != "ID"
        )
    )
    text = element.text or ""
    parts = tuple(_form(part, named) for part in element.iterchildren(etree.Element))
    return (str(element.tag), attributes, text if text.strip() else "", parts)
