"""One graphic object (图元对象) while it is drawn: its place, what it inherits, and how its lines look."""

from __future__ import annotations

import math
from dataclasses import dataclass

from lxml import etree

from egov_sdk.ofd.render.canvas import Canvas, Place
from egov_sdk.ofd.render.colors import Paint, opacity_of
from egov_sdk.ofd.render.effort import LAYER
from egov_sdk.ofd.render.matrix import Bounds, Matrix, number, numbers
from egov_sdk.ofd.render.paints import paint_of
from egov_sdk.ofd.render.shapes import Shape
from egov_sdk.ofd.render.values import box_of, first, matrix_of, parse_numbers, real

__all__ = ["Drawing", "Style"]

_LINE_WIDTH_MM = 0.353
_THINNEST_MM = 0.05
_MITER_UNIT = 0.3528  # the limit is written as a length: 3.528 is the ratio 10 of other formats
_DASHES_LISTED = 32


@dataclass(frozen=True, slots=True)
class Style:
    """The attributes of an object with all that it inherits, nearest first."""

    chain: tuple[etree._Element, ...]

    def get(self, name: str) -> str | None:
        return next((value for element in self.chain if (value := element.get(name)) is not None), None)

    def color(self, name: str) -> etree._Element | None:
        return next((found for element in self.chain if (found := first(element, name)) is not None), None)


class Drawing:
    """One object at its place.

    ``matrix`` leads from its data to its container, ``to_page`` on to the page; ``ink`` is where it may paint, in its
    container, once it is drawn.
    """

    def __init__(self, canvas: Canvas, element: etree._Element, place: Place) -> None:
        self.canvas, self.element, self.place = canvas, element, place
        self.boundary = box_of(element.get("Boundary"))
        self.ctm = matrix_of(element.get("CTM"))
        self.place_by(self.ctm.moved(self.boundary.x, self.boundary.y))
        inherited = canvas.resources.draw_param_chain(element.get("DrawParam"))
        self.style = Style((element, *inherited, *place.defaults))
        self.opacity = opacity_of(element)
        self.ink: Bounds | None = None

    def place_by(self, matrix: Matrix) -> None:
        """Place it by another matrix than the one that its attributes give."""
        self.matrix, self.to_page = matrix, matrix.then(self.place.to_page)

    @property
    def shows(self) -> bool:
        """Whether anything of it can be seen."""
        size = abs(self.to_page.determinant)
        return self.opacity > 0 and math.isfinite(size) and size > 1e-15

    def paint(self, name: str, *, otherwise: str) -> Paint:
        """The paint of FillColor or StrokeColor."""
        color = self.style.color(name)
        if color is None:
            return Paint(otherwise)
        return paint_of(self.canvas, color, to_container=self.matrix, place=self.place)

    def inked(self, bounds: Bounds, *, margin: float = 0.0) -> Bounds:
        """Keep where it may paint, given in its own space."""
        x1, y1, x2, y2 = bounds
        self.ink = self.matrix.bounds(x1 - margin, y1 - margin, x2 + margin, y2 + margin)
        return self.ink

    def count(self, paint: Paint) -> None:
        """Count what painting all of it costs."""
        if self.ink is not None and paint.opacity > 0 and paint.value != "none":
            self.canvas.work(paint.weight, self.ink, self.place.to_page)

    def count_layer(self) -> None:
        """Count what it costs to make it transparent as a whole, or to clip it."""
        if self.ink is not None:
            self.canvas.work(LAYER, self.ink, self.place.to_page)

    @property
    def line_width(self) -> float:
        return max(real(self.style.get("LineWidth"), _LINE_WIDTH_MM), 0.0)

    def stroke(self, shape: Shape | None = None, *, unit: float = 1.0) -> str:
        """The attributes of a line.

        Args:
            shape: What runs along it, where it may be dashed.
            unit: How large, in the object's own measure, one unit of the element is that gets the attributes.
        """
        width = max(self.line_width, _THINNEST_MM / max(self.to_page.scale, 1e-9)) / unit
        parts = [self.paint("StrokeColor", otherwise="#000000").attributes("stroke")]
        parts.append(f' stroke-width="{number(width)}"')
        cap, join = ((self.style.get(name) or "").strip().lower() for name in ("Cap", "Join"))
        if cap in ("round", "square"):
            parts.append(f' stroke-linecap="{cap}"')
        if join in ("round", "bevel"):
            parts.append(f' stroke-linejoin="{join}"')
        else:
            limit = real(self.style.get("MiterLimit"), 10 * _MITER_UNIT) / _MITER_UNIT
            parts.append(f' stroke-miterlimit="{number(max(limit, 1))}"')
        return "".join((*parts, self._dashes(shape)))

    def _dashes(self, shape: Shape | None) -> str:
        pattern = parse_numbers(self.style.get("DashPattern"))[:_DASHES_LISTED]
        period = sum(pattern)
        if shape is None or not pattern or min(pattern) < 0 or period <= 0:
            return ""
        count = shape.length / period * len(pattern)
        if not math.isfinite(count) or not self.canvas.budget.affords("dashes", math.ceil(count)):
            self.canvas.notes.add("render.dashes_left_out", where=self.place.where)
            return ""
        offset = real(self.style.get("DashOffset"), 0.0)
        shift = f' stroke-dashoffset="{number(offset)}"' if offset else ""
        return f' stroke-dasharray="{numbers(pattern)}"{shift}'
