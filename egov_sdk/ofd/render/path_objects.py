"""Draw path objects (图形对象)."""

from __future__ import annotations

from egov_sdk.ofd.geometry import Box
from egov_sdk.ofd.render.canvas import faded, transform
from egov_sdk.ofd.render.colors import Paint
from egov_sdk.ofd.render.drawing import Drawing
from egov_sdk.ofd.render.shapes import Shape, shape_of
from egov_sdk.ofd.render.values import first, flag
from egov_sdk.ofd.xml import loose_text

__all__ = ["draw_path", "read_shape"]

_EDGE_MM = 0.25  # how broad the work along an edge counts
_MARGIN_MM = 0.1


def read_shape(drawing: Drawing) -> Shape:
    """The outline of a path object, or of a path in a clip, counted against the limits."""
    limits, budget = drawing.canvas.budget.limits, drawing.canvas.budget
    data = loose_text(first(drawing.element, "AbbreviatedData"))
    shape = shape_of(data, at_most=limits.path_operators)
    budget.spend("path_operators", shape.operators)
    return shape


def draw_path(drawing: Drawing) -> list[str]:
    """A path element; cut to the boundary only where its ink would pass that by more than the width of its line."""
    shape = read_shape(drawing)
    filling = flag(drawing.element, "Fill", default=False)
    stroking = flag(drawing.element, "Stroke", default=True)
    if shape.bounds is None or not (filling or stroking):
        return []
    paint = drawing.paint("FillColor", otherwise="none") if filling else Paint("none")
    attributes = paint.attributes("fill")
    if stroking:
        attributes += drawing.stroke(shape)
    if filling and (drawing.style.get("Rule") or "").strip() == "Even-Odd":
        attributes += ' fill-rule="evenodd"'
    _count(drawing, shape, shape.bounds, layered=filling and stroking and drawing.opacity < 1)
    drawn = [f'<path d="{shape.data}"{attributes}{faded(drawing.opacity)}{transform(drawing.matrix)}/>']
    edge = _edge(drawing, shape.bounds, stroking=stroking)
    return drawn if edge is None else drawing.canvas.cut(drawn, edge, to_page=drawing.place.to_page)


def _count(drawing: Drawing, shape: Shape, bounds: tuple[float, float, float, float], *, layered: bool) -> None:
    canvas, scale = drawing.canvas, drawing.to_page.scale
    covered = canvas.share(bounds, drawing.to_page)
    # No step can be longer on the page than the way around it.
    along = min(shape.length * scale, shape.operators * 2 * (canvas.page.w + canvas.page.h))
    broad = max(_EDGE_MM, min(drawing.line_width * scale, canvas.page.w))
    canvas.budget.spend("painted_pages", covered + min(along * broad / canvas.area, shape.operators))
    if layered:
        canvas.budget.spend("layer_pages", covered)


def _edge(drawing: Drawing, bounds: tuple[float, float, float, float], *, stroking: bool) -> Box | None:
    box = drawing.boundary
    if box.w <= 0 or box.h <= 0:
        return None
    margin = (drawing.line_width * drawing.ctm.scale / 2 if stroking else 0.0) + _MARGIN_MM
    edge = Box(box.x - margin, box.y - margin, box.w + 2 * margin, box.h + 2 * margin)
    x1, y1, x2, y2 = drawing.matrix.bounds(*bounds)
    inside = x1 >= edge.x and y1 >= edge.y and x2 <= edge.x + edge.w and y2 <= edge.y + edge.h
    return None if inside else edge
