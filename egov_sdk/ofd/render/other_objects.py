"""Draw image objects (图像对象) and composite objects (复合对象)."""

from __future__ import annotations

from egov_sdk.ofd.geometry import Box
from egov_sdk.ofd.render.canvas import Place, faded, transform
from egov_sdk.ofd.render.colors import Paint, solid_of
from egov_sdk.ofd.render.drawing import Drawing
from egov_sdk.ofd.render.effort import LAYER, PICTURE, PICTURE_SMOOTH
from egov_sdk.ofd.render.matrix import Matrix, number, numbers
from egov_sdk.ofd.render.values import first, real
from egov_sdk.ofd.rootfile import id_key

__all__ = ["draw_composite", "draw_image"]

_SQUARE = (0.0, 0.0, 1.0, 1.0)
_BORDER_MM = 0.353
_LARGE_SHARE = 0.1  # of the page: such a picture is drawn with a plain filter


def draw_image(drawing: Drawing) -> list[str]:
    """A picture in the unit square, mapped by the object's matrix, with its border."""
    canvas, element, box = drawing.canvas, drawing.element, drawing.boundary
    found = canvas.picture(element.get("ResourceID", ""), drawing.place.where)
    if found is None:
        return []
    picture_id, picture = found
    if element.get("CTM") is None:
        drawing.place_by(Matrix(box.w, 0, 0, box.h, box.x, box.y))
    canvas.budget.spend("image_pixels", picture.pixels)
    drawing.inked(_SQUARE)
    large = canvas.share(_SQUARE, drawing.to_page) > _LARGE_SHARE
    canvas.work(PICTURE_SMOOTH if large else PICTURE, _SQUARE, drawing.to_page)
    if drawing.opacity < 1:
        drawing.count_layer()
    attributes = ' style="image-rendering:smooth"' if large else ""
    attributes += faded(drawing.opacity) + _mask(drawing) + transform(drawing.matrix)
    return [f'<use href="#{picture_id}"{attributes}/>', *_border(drawing)]


def _mask(drawing: Drawing) -> str:
    """A second picture that says where the first one shows: where it is white."""
    canvas, named = drawing.canvas, drawing.element.get("ImageMask")
    found = None if not named else canvas.picture(named, drawing.place.where)
    if found is None:
        return ""
    canvas.budget.spend("image_pixels", found[1].pixels)
    canvas.work(2 * LAYER + PICTURE, _SQUARE, drawing.to_page)
    square = 'maskUnits="userSpaceOnUse" x="0" y="0" width="1" height="1"'
    made = canvas.define("m", f'<mask id="{{id}}" {square}><use href="#{found[0]}"/></mask>')
    return f' mask="url(#{made})"'


def _border(drawing: Drawing) -> list[str]:
    border = first(drawing.element, "Border")
    width = 0.0 if border is None else real(border.get("LineWidth"), _BORDER_MM)
    if border is None or width <= 0:
        return []
    color = first(border, "BorderColor")
    paint = Paint("#000000") if color is None else solid_of(color, drawing.canvas.resources)
    corners = [drawing.matrix.apply(x, y) for x, y in ((0, 0), (1, 0), (1, 1), (0, 1))]
    data = "M" + "L".join(numbers(corner) for corner in corners) + "Z"
    return [f'<path d="{data}" fill="none"{paint.attributes("stroke")} stroke-width="{number(width)}"/>']


def draw_composite(drawing: Drawing) -> list[str]:
    """The content of a composite unit; its size cuts it and does not scale it."""
    canvas, place, key = drawing.canvas, drawing.place, id_key(drawing.element.get("ResourceID", ""))
    unit = canvas.resources.units.get(key)
    if unit is None:
        canvas.notes.add("render.resource_missing", where=place.where, kind="CompositeGraphicUnit", found=key)
        return []
    content, drawn = first(unit, "Content"), list[str]()
    if content is None:
        return []
    inside = Place(drawing.to_page, drawing.style.chain[1:], place.depth + 1, place.where)
    ink = canvas.draw_block(content, inside, drawn)
    if ink is None:
        return []
    box = Box(0, 0, real(unit.get("Width"), 0), real(unit.get("Height"), 0))
    if box.w > 0 and box.h > 0:
        drawn = canvas.cut(drawn, box, ink=ink, to_page=drawing.to_page)
    drawing.inked(ink)
    if drawing.opacity < 1:
        drawing.count_layer()
    return [f"<g{faded(drawing.opacity)}{transform(drawing.matrix)}>", *drawn, "</g>"]
