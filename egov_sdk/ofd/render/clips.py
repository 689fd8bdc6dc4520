"""Cut objects to their clips (裁剪区): the areas of one clip add up, several clips cut one another."""

from __future__ import annotations

from dataclasses import dataclass, field

from lxml import etree

from egov_sdk.ofd.render.canvas import transform
from egov_sdk.ofd.render.drawing import Drawing
from egov_sdk.ofd.render.matrix import Bounds
from egov_sdk.ofd.render.path_objects import count_edges, read_shape
from egov_sdk.ofd.render.text_objects import glyphs_of
from egov_sdk.ofd.render.values import flag, matrix_of
from egov_sdk.ofd.xml import children, every

__all__ = ["clipped"]


@dataclass(slots=True)
class _Region:
    """One clip: its elements, and the upright rectangles among them."""

    parts: list[str] = field(default_factory=list)
    rectangles: list[Bounds] = field(default_factory=list)

    def holds(self, ink: Bounds) -> bool:
        """Whether it leaves all of some ink as it is."""
        return any(
            x1 <= ink[0] and y1 <= ink[1] and x2 >= ink[2] and y2 >= ink[3] for x1, y1, x2, y2 in self.rectangles
        )


def clipped(drawing: Drawing, drawn: list[str]) -> list[str]:
    """The elements of an object inside its clips; a clip that cuts nothing off is left out."""
    for clips in every(drawing.element, "Clips"):
        follows = flag(clips, "TransFlag", default=False)
        for clip in every(clips, "Clip"):
            drawing.canvas.budget.spend("objects")
            region = _Region()
            for area in every(clip, "Area"):
                _area(drawing, area, region, follows=follows)
            if drawing.ink is None or not region.holds(drawing.ink):
                drawing.count_layer()
                made = drawing.canvas.define("k", f'<clipPath id="{{id}}">{"".join(region.parts)}</clipPath>')
                drawn = [f'<g clip-path="url(#{made})">', *drawn, "</g>"]
    return drawn


def _area(drawing: Drawing, area: etree._Element, region: _Region, *, follows: bool) -> None:
    """Read one area; the object's own matrix applies to it only where TransFlag says so."""
    beyond = matrix_of(area.get("CTM"))
    if follows:
        beyond = beyond.then(drawing.ctm)
    beyond = beyond.moved(drawing.boundary.x, drawing.boundary.y)
    for name, element in children(area):
        inner = Drawing(drawing.canvas, element, drawing.place)
        inner.place_by(inner.matrix.then(beyond))
        inner.canvas.budget.spend("objects")
        if name == "Path":
            _path(inner, region)
        elif name == "Text":
            face = inner.canvas.fonts.face(element.get("Font", ""))
            region.parts += [inner.canvas.glyph(glyph.moved_by(inner.matrix)) for glyph in glyphs_of(inner, face)]


def _path(inner: Drawing, region: _Region) -> None:
    shape = read_shape(inner)
    if shape.bounds is None:
        return
    count_edges(inner, shape)
    upright = inner.matrix.b == inner.matrix.c == 0 or inner.matrix.a == inner.matrix.d == 0
    if shape.is_rectangle and upright:
        region.rectangles.append(inner.inked(shape.bounds))
    rule = ' clip-rule="evenodd"' if (inner.element.get("Rule") or "").strip() == "Even-Odd" else ""
    region.parts.append(f'<path d="{shape.data}"{rule}{transform(inner.matrix)}/>')
