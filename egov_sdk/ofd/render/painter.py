"""Walk over what a page holds, in document order: later objects lie on earlier ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from lxml import etree

from egov_sdk.ofd.geometry import Box
from egov_sdk.ofd.render.canvas import Canvas, Place
from egov_sdk.ofd.render.clips import clipped
from egov_sdk.ofd.render.drawing import Drawing
from egov_sdk.ofd.render.effort import OBJECT
from egov_sdk.ofd.render.matrix import Bounds
from egov_sdk.ofd.render.other_objects import draw_composite, draw_image
from egov_sdk.ofd.render.path_objects import draw_path
from egov_sdk.ofd.render.text_objects import draw_text
from egov_sdk.ofd.render.values import flag
from egov_sdk.ofd.xml import children, local_name

if TYPE_CHECKING:
    from egov_sdk.ofd.render.fonts import FontFinder
    from egov_sdk.ofd.render.resources import Resources, Source

__all__ = ["Painter"]

_OBJECTS: Mapping[str, Callable[[Drawing], list[str]]] = {
    "TextObject": draw_text,
    "PathObject": draw_path,
    "ImageObject": draw_image,
    "CompositeObject": draw_composite,
}
_PASSED_OVER = frozenset({"Actions", "Clips"})


class Painter:
    """Draws layers and blocks of objects."""

    def __init__(
        self, source: Source, resources: Resources, *, page: Box, find: FontFinder | None, prefix: str
    ) -> None:
        self._resources = resources
        self.canvas = Canvas(source, resources, page=page, find=find, prefix=prefix, draw_block=self.block)

    def layer(self, layer: etree._Element, place: Place, out: list[str]) -> None:
        """Draw a layer (图层); its draw parameters are what its objects inherit."""
        inherited = self._resources.draw_param_chain(layer.get("DrawParam"))
        self.block(layer, replace(place, defaults=(*inherited, *place.defaults)), out)

    def block(self, block: etree._Element, place: Place, out: list[str]) -> Bounds | None:
        """Draw what a layer, a page block, a composite unit, a pattern cell or an appearance holds.

        Returns:
            Where it may paint, in its own space; None for nowhere.
        """
        ink: Bounds | None = None
        if place.depth > self.canvas.budget.limits.depth:
            self.canvas.notes.add("render.too_deep", where=place.where, found=local_name(block))
            return None
        for name, element in children(block):
            if name == "PageBlock":
                self.canvas.budget.spend("objects")
                ink = _around(ink, self.block(element, replace(place, depth=place.depth + 1), out))
            elif name in _OBJECTS:
                ink = _around(ink, self._object(name, element, place, out))
            elif name not in _PASSED_OVER:
                self.canvas.notes.add("render.object_unknown", where=place.where, found=name)
        return ink

    def _object(self, name: str, element: etree._Element, place: Place, out: list[str]) -> Bounds | None:
        self.canvas.budget.spend("objects")
        self.canvas.budget.spend("effort", OBJECT)
        if not flag(element, "Visible", default=True):
            return None
        drawing = Drawing(self.canvas, element, place)
        if not drawing.shows:
            return None
        try:
            drawn = _OBJECTS[name](drawing)
            drawn = clipped(drawing, drawn) if drawn else []
        except (ArithmeticError, ValueError) as error:  # numbers that nobody writes must not hide all other objects
            self.canvas.notes.add("render.object_unreadable", where=place.where, reason=f"{name}: {error}")
            return None
        if drawn:
            self.canvas.budget.spend("svg_bytes", sum(map(len, drawn)))
            out += drawn
        return drawing.ink if drawn else None


def _around(one: Bounds | None, other: Bounds | None) -> Bounds | None:
    """The rectangle around two."""
    if one is None or other is None:
        return one or other
    return min(one[0], other[0]), min(one[1], other[1]), max(one[2], other[2]), max(one[3], other[3])
