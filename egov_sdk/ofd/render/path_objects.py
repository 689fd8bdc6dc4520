"""Draw path objects (图形对象)."""

from __future__ import annotations

from egov_sdk.ofd.geometry import Box
from egov_sdk.ofd.render.canvas import faded, transform
from egov_sdk.ofd.render.colors import Paint
from egov_sdk.ofd.render.drawing import Drawing
from egov_sdk.ofd.render.effort import EDGE_MM, HAIRLINE_MM
from egov_sdk.ofd.render.shapes import Shape, shape_of
from egov_sdk.ofd.render.values import first, flag
from egov_sdk.ofd.xml import loose_text

__all__ = ["count_edges", "draw_path", "read_shape"]

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
    half = drawing.line_width / 2 if stroking else 0.0
    ink = drawing.inked(shape.bounds, margin=half)
    paint = drawing.paint("FillColor", otherwise="none") if filling else Paint("none")
    drawing.count(paint)
    count_edges(drawing, shape)
    attributes = paint.attributes("fill")
    if stroking:
        attributes += drawing.stroke(shape)
    if filling and (drawing.style.get("Rule") or "").strip() == "Even-Odd":
        attributes += ' fill-rule="evenodd"'
    if drawing.opacity < 1:
        drawing.count_layer()
    drawn = [f'<path d="{shape.data}"{attributes}{faded(drawing.opacity)}{transform(drawing.matrix)}/>']
    box, margin = drawing.boundary, half * drawing.ctm.scale + _MARGIN_MM
    if box.w <= 0 or box.h <= 0:
        return drawn
    edge = Box(box.x - margin, box.y - margin, box.w + 2 * margin, box.h + 2 * margin)
    return drawing.canvas.cut(drawn, edge, ink=ink, to_page=drawing.place.to_page)


def count_edges(drawing: Drawing, shape: Shape) -> None:
    """Count what it costs to follow an outline, with the breadth of its line."""
    canvas, scale = drawing.canvas, drawing.to_page.scale
    # No step can be longer on the page than the way around it.
    along = min(shape.length * scale, shape.operators * 2 * (canvas.page.w + canvas.page.h))
    width = drawing.line_width * scale
    broad = EDGE_MM * (2 if width < HAIRLINE_MM else 1) + min(width, canvas.page.w) / 4
    canvas.budget.spend("effort", along * broad / canvas.area)
