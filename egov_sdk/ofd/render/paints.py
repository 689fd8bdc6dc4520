"""Turn the colour of an object into a paint: plain, a gradient, or a pattern that is drawn by itself."""

from __future__ import annotations

from dataclasses import replace

from lxml import etree

from egov_sdk.ofd.render.canvas import Canvas, Place, transform
from egov_sdk.ofd.render.colors import Paint, gradient_of, mean_of, opacity_of, solid_of
from egov_sdk.ofd.render.effort import GRADIENT, PATTERN
from egov_sdk.ofd.render.matrix import IDENTITY, Matrix, number
from egov_sdk.ofd.render.values import first, matrix_of, real
from egov_sdk.ofd.xml import children, local_name

__all__ = ["paint_of"]

_GRADIENTS = ("AxialShd", "RadialShd")
_COMPLEX = ("Pattern", *_GRADIENTS, "GouraudShd", "LaGouraudShd", "LaGourandShd")
_TILE_SHARE = (1e-7, 4)  # of the page: smaller tiles show nothing, larger ones cost too much


def paint_of(canvas: Canvas, color: etree._Element, *, to_container: Matrix, place: Place) -> Paint:
    """The paint of a colour, for an object whose data is mapped by ``to_container``.

    A mesh of colours (Gouraud) becomes the mean of them, and a pattern that cannot be drawn nothing; both are told.
    """
    found = next((one for one in children(color) if one[0] in _COMPLEX), None)
    if found is None:
        return solid_of(color, canvas.resources)
    canvas.budget.spend("paints")
    name, element = found
    paint: Paint | None = None
    if name in _GRADIENTS:
        gradient = gradient_of(element, canvas.resources, radial=name == "RadialShd")
        if gradient is not None:
            paint = Paint(f"url(#{canvas.define('p', gradient.element('{id}'))})", effort=GRADIENT)
    elif name == "Pattern":
        paint = _pattern(canvas, element, to_container, place)
    if paint is None:
        canvas.notes.add("render.paint_simplified", where=place.where, found=name)
        colors = [one for one in element.iter() if local_name(one) in ("Color", "BackColor")]
        paint = Paint("none") if name == "Pattern" else mean_of(colors, canvas.resources)
    return replace(paint, opacity=opacity_of(color))


def _pattern(canvas: Canvas, element: etree._Element, to_container: Matrix, place: Place) -> Paint | None:
    width, height = real(element.get("Width"), 0), real(element.get("Height"), 0)
    step_x, step_y = max(real(element.get("XStep"), 0), width), max(real(element.get("YStep"), 0), height)
    ctm, to_page = matrix_of(element.get("CTM")), to_container.then(place.to_page)
    if element.get("RelativeTo", "Object").strip() == "Page" and (back := to_page.inverse()) is not None:
        ctm = ctm.then(back)
    cell, tiling = first(element, "CellContent"), ctm.then(to_page)
    share = abs(tiling.determinant) * step_x * step_y / canvas.area
    if cell is None or min(width, height) <= 0 or not _TILE_SHARE[0] < share < _TILE_SHARE[1]:
        return None
    canvas.budget.spend("effort", share)
    content: list[str] = []
    canvas.draw_block(cell, Place(tiling, (), place.depth + 1, place.where), content)
    step_x, step_y, tiles = _reflected(canvas, element.get("ReflectMethod", "").strip(), step_x, step_y, content)
    made = canvas.define(
        "p",
        f'<pattern id="{{id}}" patternUnits="userSpaceOnUse" width="{number(step_x)}" height="{number(step_y)}"'
        f"{transform(ctm, 'patternTransform')}>{tiles}</pattern>",
    )
    return Paint(f"url(#{made})", effort=PATTERN)


def _reflected(
    canvas: Canvas, method: str, width: float, height: float, content: list[str]
) -> tuple[float, float, str]:
    """The tile with its mirror images beside it: Column across, Row downward."""
    across, down = method in ("Column", "RowAndColumn"), method in ("Row", "RowAndColumn")
    whole = "".join(content)
    if not across and not down:
        return width, height, whole
    made = canvas.define("c", f'<g id="{{id}}">{whole}</g>')
    flips = [IDENTITY]
    flips += [Matrix(-1, 0, 0, 1, 2 * width, 0)] if across else []
    flips += [flip.then(Matrix(1, 0, 0, -1, 0, 2 * height)) for flip in flips] if down else []
    uses = "".join(f'<use href="#{made}"{transform(flip)}/>' for flip in flips)
    return width * (2 if across else 1), height * (2 if down else 1), uses
