"""What the file of a page or of a template says apart from what it draws."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lxml import etree

from egov_sdk.ofd.geometry import Box, parse_box
from egov_sdk.ofd.paths import folder_of, resolve
from egov_sdk.ofd.xml import attribute, child, every, require_root, text_of

if TYPE_CHECKING:
    from egov_sdk.ofd.package import OfdPackage

__all__ = ["PageFacts", "area_box", "page_facts"]


@dataclass(frozen=True, slots=True)
class PageFacts:
    """Its own paper, the templates it names and the resource files it brings along."""

    box: Box | None = None
    template_ids: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()


def page_facts(package: OfdPackage, name: str) -> PageFacts:
    """Read the file of a page or template; an absent file says nothing."""
    return package.facts("page", name, lambda: _page_facts(package, name))


def _page_facts(package: OfdPackage, name: str) -> PageFacts:
    if name not in package:
        return PageFacts()
    tree = package.xml(name)
    require_root(tree, "Page", where=name)
    child(tree, "Content", where=name)  # what is drawn stands there once, or readers draw one or the other
    return PageFacts(
        box=area_box(child(tree, "Area", where=name), name),
        template_ids=tuple(
            dict.fromkeys(attribute(element, "TemplateID", where=name) for element in every(tree, "Template"))
        ),
        resources=tuple(
            dict.fromkeys(
                resolve(text_of(element, where=name), base_dir=folder_of(name), where=name)
                for element in every(tree, "PageRes")
            )
        ),
    )


def area_box(area: etree._Element | None, where: str) -> Box | None:
    """The PhysicalBox of an Area or PageArea element, None where there is none."""
    physical = None if area is None else child(area, "PhysicalBox", where=where)
    return None if physical is None else parse_box(text_of(physical, where=where), where=where, name="PhysicalBox")
