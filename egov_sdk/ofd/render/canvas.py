"""What the objects of one page share while they are drawn: definitions, budgets, fonts, pictures, notes."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lxml import etree

from egov_sdk.ofd.geometry import Box
from egov_sdk.ofd.render.effort import AREA_MM2, LAYER
from egov_sdk.ofd.render.glyphs import Fonts, PlacedGlyph
from egov_sdk.ofd.render.images import PictureProblem, PictureSource, open_picture
from egov_sdk.ofd.render.limits import Budget
from egov_sdk.ofd.render.matrix import IDENTITY, Bounds, Matrix, number
from egov_sdk.ofd.rootfile import id_key

if TYPE_CHECKING:
    from egov_sdk.ofd.render.fonts import FontFinder
    from egov_sdk.ofd.render.resources import Resources, Source

__all__ = ["Canvas", "Place", "faded", "transform"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where objects are drawn: from their container to the page, what they inherit, and how deep they are nested."""

    to_page: Matrix = IDENTITY
    defaults: tuple[etree._Element, ...] = ()
    depth: int = 0
    where: str = ""


#: Draws what an element holds at a place, adds the elements of SVG to a list, and tells where they may paint.
DrawBlock = Callable[[etree._Element, Place, list[str]], Bounds | None]


class Canvas:
    """One page. Definitions that several elements share go to ``defs``."""

    def __init__(
        self,
        source: Source,
        resources: Resources,
        *,
        page: Box,
        find: FontFinder | None,
        prefix: str,
        draw_block: DrawBlock,
    ) -> None:
        self.source, self.resources, self.page = source, resources, page
        self.budget: Budget = source.budget
        self.notes = source.notes
        self.fonts = Fonts(source, resources, find)
        self.draw_block = draw_block
        self.defs: list[str] = []
        self._prefix, self._last_id = prefix, 0
        self._met: set[tuple[str, int]] = set()
        self._glyph_ids: dict[tuple[str, int], str] = {}
        self._pictures: dict[str, tuple[str, PictureSource] | None] = {}

    def define(self, kind: str, element: str) -> str:
        """Add a definition; the first ``{id}`` in it becomes its ID, which is returned."""
        self._last_id += 1
        made = f"{self._prefix}{kind}{self._last_id}"
        self.budget.spend("svg_bytes", len(element))
        self.defs.append(element.replace("{id}", made, 1))
        return made

    def share(self, bounds: Bounds, to_page: Matrix = IDENTITY) -> float:
        """How much of the page a rectangle covers; of a page smaller than A4, how much of A4."""
        x1, y1, x2, y2 = to_page.bounds(*bounds)
        width = min(x2, self.page.x + self.page.w) - max(x1, self.page.x)
        height = min(y2, self.page.y + self.page.h) - max(y1, self.page.y)
        share = max(width, 0.0) * max(height, 0.0) / self.area
        return share if math.isfinite(share) else 1.0

    @property
    def area(self) -> float:
        return max(self.page.w * self.page.h, AREA_MM2)

    def work(self, weight: float, bounds: Bounds, to_page: Matrix = IDENTITY) -> None:
        """Count the painting of a rectangle; weights are those of ``effort``."""
        self.budget.spend("effort", weight * self.share(bounds, to_page))

    def meet(self, glyph: PlacedGlyph) -> None:
        """Count an outline that has not been drawn before."""
        if glyph.key not in self._met:
            self._met.add(glyph.key)
            self.budget.spend("outlines")

    def glyph(self, glyph: PlacedGlyph) -> str:
        """An element that shows a glyph where it stands."""
        known = self._glyph_ids.get(glyph.key)
        if known is None:
            known = self.define("g", f'<path id="{{id}}" d="{glyph.outline.path()}"/>')
            self._glyph_ids[glyph.key] = known
        return f'<use href="#{known}"{transform(glyph.matrix)}/>'

    def picture(self, media_id: str, where: str) -> tuple[str, PictureSource] | None:
        """The ID of a picture that fills the unit square, and the picture; None where there is none."""
        key = id_key(media_id)
        if key not in self._pictures:
            self._pictures[key] = self._open_picture(key, where)
        return self._pictures[key]

    def _open_picture(self, key: str, where: str) -> tuple[str, PictureSource] | None:
        name = self.resources.media.get(key)
        if name is None:
            self.notes.add("render.resource_missing", where=where, kind="MultiMedia", found=key)
            return None
        try:
            data = self.source.package.read(name)
            if not self.budget.affords("image_bytes", len(data)):
                raise PictureProblem("too many or too large pictures")
            picture = open_picture(data)
        except PictureProblem as problem:
            self.notes.add("render.image_unreadable", where=where, found=name, reason=problem)
            return None
        image = f'<image id="{{id}}" width="1" height="1" preserveAspectRatio="none" href="{picture.uri}"/>'
        return self.define("i", image), picture

    def cut(self, drawn: list[str], box: Box, *, ink: Bounds, to_page: Matrix) -> list[str]:
        """Elements cut to a rectangle of their own space, where they pass it; ``ink`` is where they may paint."""
        if box.x <= ink[0] and box.y <= ink[1] and box.x + box.w >= ink[2] and box.y + box.h >= ink[3]:
            return drawn
        self.work(LAYER, ink, to_page)
        x, y, w, h = map(number, (box.x, box.y, max(box.w, 0), max(box.h, 0)))
        rectangle = f'<rect x="{x}" y="{y}" width="{w}" height="{h}"/>'
        made = self.define("k", f'<clipPath id="{{id}}">{rectangle}</clipPath>')
        return [f'<g clip-path="url(#{made})">', *drawn, "</g>"]


def transform(matrix: Matrix, name: str = "transform") -> str:
    """An attribute for a matrix; nothing for the identity."""
    return f' {name}="{matrix.svg}"' if matrix != IDENTITY else ""


def faded(opacity: float) -> str:
    """An attribute for what is not opaque."""
    return f' opacity="{number(opacity)}"' if opacity < 1 else ""
