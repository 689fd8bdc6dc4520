"""Cut objects to their clips (裁剪区): the areas of one clip add up, several clips cut one another."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from egov_sdk.ofd.render.canvas import transform
from egov_sdk.ofd.render.drawing import Drawing
from egov_sdk.ofd.render.path_objects import read_shape
from egov_sdk.ofd.render.text_objects import glyphs_of
from egov_sdk.ofd.render.values import flag, matrix_of
from egov_sdk.ofd.xml import children, every

__all__ = ["clipped"]


def clipped(drawing: Drawing, drawn: list[str]) -> list[str]:
    """The elements of an object inside its clips."""
    for clips in every(drawing.element, "Clips"):
        follows = flag(clips, "TransFlag", default=False)
        for clip in every(clips, "Clip"):
            areas = "".join(part for area in every(clip, "Area") for part in _area(drawing, area, follows=follows))
            made = drawing.canvas.define("k", f'<clipPath id="{{id}}">{areas}</clipPath>')
            drawn = [f'<g clip-path="url(#{made})">', *drawn, "</g>"]
    return drawn


def _area(drawing: Drawing, area: etree._Element, *, follows: bool) -> Iterator[str]:
    """Elements for one area; the object's own matrix applies to it only where TransFlag says so."""
    beyond = matrix_of(area.get("CTM"))
    if follows:
        beyond = beyond.then(drawing.ctm)
    beyond = beyond.moved(drawing.boundary.x, drawing.boundary.y)
    for name, element in children(area):
        inner = Drawing(drawing.canvas, element, drawing.place)
        inner.place_by(inner.matrix.then(beyond))
        if name == "Path":
            yield from _path(inner)
        elif name == "Text":
            yield from _text(inner)


def _path(inner: Drawing) -> Iterator[str]:
    shape = read_shape(inner)
    if shape.bounds is not None:
        inner.canvas.budget.spend("layer_pages", inner.canvas.share(shape.bounds, inner.to_page))
        rule = ' clip-rule="evenodd"' if (inner.element.get("Rule") or "").strip() == "Even-Odd" else ""
        yield f'<path d="{shape.data}"{rule}{transform(inner.matrix)}/>'


def _text(inner: Drawing) -> Iterator[str]:
    inner.canvas.budget.spend("layer_pages", 1)
    for glyph in glyphs_of(inner, inner.canvas.fonts.face(inner.element.get("Font", ""))):
        yield inner.canvas.glyph(glyph.moved_by(inner.matrix))
