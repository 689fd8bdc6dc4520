"""What can be drawn on a page, and how it is written."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal, Protocol

from egov_sdk.ofd.builder.layout import delta_x, text_width_mm, wrap_text
from egov_sdk.ofd.builder.metrics import advances_mm
from egov_sdk.ofd.geometry import Box, format_number
from egov_sdk.ofd.write_xml import escape_text

__all__ = [
    "BOX_EM",
    "Align",
    "Canvas",
    "Ids",
    "Image",
    "Item",
    "Shape",
    "TextLine",
    "color_value",
    "ellipse_shape",
    "line_shape",
    "rectangle_shape",
    "text_lines",
]

Align = Literal["left", "center", "right"]

_BASELINE_EM = 0.88  # from the top of the box; real files lie between 0.7 and 1.3
BOX_EM = 1.2
_CIRCLE = 0.5523  # control points of a quarter circle by one cubic


class Ids(Protocol):
    """Hands out the numbers of one document and knows those of its resources and labels."""

    def next(self) -> str: ...
    def name(self, label: str, object_id: str) -> None: ...
    def font(self, name: str) -> str: ...
    def image(self, content: bytes) -> str: ...


class Item(Protocol):
    """Something that is drawn: an element whose prefix ``ofd`` the file declares."""

    def xml(self, ids: Ids) -> str: ...


@dataclass(frozen=True, slots=True)
class TextLine:
    """One run of text; ``ctm`` maps it inside its box, which else begins at the top left of the run."""

    box: Box
    text: str
    font: str
    size_mm: float
    color: str
    bold: bool = False
    alpha: int = 255
    ctm: str | None = None
    label: str = ""
    _written: tuple[str, str] = field(default=("", ""), init=False, repr=False, compare=False)

    def xml(self, ids: Ids) -> str:
        object_id = ids.next()
        if self.label:
            ids.name(self.label, object_id)
        font_id = ids.font(self.font)
        if self._written[0] != font_id:
            object.__setattr__(self, "_written", (font_id, self._behind_id(font_id)))
        return f'<ofd:TextObject ID="{object_id}"{self._written[1]}'

    def _behind_id(self, font_id: str) -> str:
        """What stands behind the ID: a line that is drawn in many documents has the same in all of them."""
        steps = delta_x(advances_mm(self.text, font=self.font, size_mm=self.size_mm))
        look = _look(self.ctm, self.alpha, font_id, self.size_mm, self.bold, self.color)
        return (
            f' Boundary="{self.box}"{look}{_attribute("DeltaX", steps)}>'
            f"{escape_text(self.text)}</ofd:TextCode></ofd:TextObject>"
        )


@lru_cache(maxsize=1 << 10)
def _look(ctm: str | None, alpha: int, font_id: str, size_mm: float, bold: bool, color: str) -> str:
    """What stands between the place of a text and its steps; few looks make up a document."""
    return (
        f"{_attribute('CTM', ctm)}{_attribute('Alpha', None if alpha == 255 else str(alpha))} "
        f'Font="{font_id}" Size="{format_number(size_mm)}"{_attribute("Weight", bold and "700")}>'
        f'<ofd:FillColor Value="{color}"/><ofd:TextCode X="0" Y="{format_number(_BASELINE_EM * size_mm)}"'
    )


@dataclass(frozen=True, slots=True)
class Shape:
    """A path whose coordinates begin at the top left of its box; ``ctm`` maps them there."""

    box: Box
    path: str
    stroke: str | None
    fill: str | None
    line_width_mm: float
    dash: str | None = None
    ctm: str | None = None

    def xml(self, ids: Ids) -> str:
        strokes = "" if self.stroke is None else f'<ofd:StrokeColor Value="{self.stroke}"/>'
        fills = "" if self.fill is None else f'<ofd:FillColor Value="{self.fill}"/>'
        return (
            f'<ofd:PathObject ID="{ids.next()}" Boundary="{self.box}"{_attribute("CTM", self.ctm)}'
            f' LineWidth="{format_number(self.line_width_mm)}"{_attribute("DashPattern", self.dash)}'
            f"{_attribute('Stroke', self.stroke is None and 'false')}"
            f"{_attribute('Fill', self.fill is not None and 'true')}>"
            f"{strokes}{fills}<ofd:AbbreviatedData>{self.path}</ofd:AbbreviatedData></ofd:PathObject>"
        )


@dataclass(frozen=True, slots=True)
class Image:
    """A picture that fills its box."""

    box: Box
    content: bytes = field(repr=False)

    def xml(self, ids: Ids) -> str:
        width, height = format_number(self.box.w), format_number(self.box.h)
        return (
            f'<ofd:ImageObject ID="{ids.next()}" Boundary="{self.box}" CTM="{width} 0 0 {height} 0 0"'
            f' ResourceID="{ids.image(self.content)}"/>'
        )


def _attribute(name: str, value: str | bool | None) -> str:
    """An attribute whose value needs no escaping; nothing for no value."""
    return f' {name}="{value}"' if value else ""


def text_lines(
    x_mm: float,
    y_mm: float,
    text: str,
    *,
    font: str,
    size_mm: float,
    color: str,
    align: Align,
    width_mm: float | None,
    line_height: float,
    bold: bool,
    label: str,
) -> list[TextLine]:
    """Lay text out below and beside a point; see ``OfdBuilder.text``."""
    if size_mm <= 0:
        raise ValueError(f"size_mm must be above 0, got {size_mm}")
    if align not in ("left", "center", "right"):
        raise ValueError(f"align must be left, center or right, got {align!r}")
    if any(unicodedata.category(character) == "Cc" for character in text.replace("\n", "")):
        raise ValueError("text must not hold control characters other than line breaks")
    lines = text.split("\n") if width_mm is None else wrap_text(text, font=font, size_mm=size_mm, width_mm=width_mm)
    share = {"left": 0.0, "center": 0.5, "right": 1.0}[align]
    value = color_value(color)
    made = []
    for number, line in enumerate(lines):
        if not line.strip():
            continue
        line_width = text_width_mm(line, font=font, size_mm=size_mm)
        left = x_mm + share * ((width_mm or 0.0) - line_width)
        box = Box(left, y_mm + number * line_height * size_mm, line_width, BOX_EM * size_mm)
        made.append(TextLine(box, line, font, size_mm, value, bold, label=label))
    return made


@dataclass(slots=True)
class Canvas:
    """A page or a template while it is being drawn."""

    width_mm: float
    height_mm: float
    name: str = ""
    z_order: str = ""
    templates: tuple[str, ...] = ()
    items: list[Item] = field(default_factory=list)


def line_shape(
    start: tuple[float, float], end: tuple[float, float], *, color: str, line_width_mm: float, dash: str | None
) -> Shape:
    """A straight line; its box encloses the ink."""
    half = _half(line_width_mm)
    left, top = min(start[0], end[0]) - half, min(start[1], end[1]) - half
    box = Box(left, top, abs(start[0] - end[0]) + 2 * half, abs(start[1] - end[1]) + 2 * half)
    path = f"M {_point(start[0] - left, start[1] - top)} L {_point(end[0] - left, end[1] - top)}"
    return Shape(box, path, color_value(color), None, line_width_mm, dash)


def rectangle_shape(box: Box, *, stroke: str | None, fill: str | None, line_width_mm: float) -> Shape:
    """A rectangle whose line runs along the box."""
    corners = ((0.0, 0.0), (box.w, 0.0), (box.w, box.h), (0.0, box.h))

    def path(half: float) -> str:
        points = [_point(x + half, y + half) for x, y in corners]
        return f"M {points[0]} L {points[1]} L {points[2]} L {points[3]} C"

    return _closed(box, path, stroke=stroke, fill=fill, line_width_mm=line_width_mm)


def ellipse_shape(box: Box, *, stroke: str | None, fill: str | None, line_width_mm: float) -> Shape:
    """An ellipse inside the box by four cubics, since some readers skip arcs."""
    rx, ry = box.w / 2, box.h / 2

    def path(half: float) -> str:
        cx, cy, kx, ky = rx + half, ry + half, rx * _CIRCLE, ry * _CIRCLE
        curves = (
            ((cx + rx, cy + ky), (cx + kx, cy + ry), (cx, cy + ry)),
            ((cx - kx, cy + ry), (cx - rx, cy + ky), (cx - rx, cy)),
            ((cx - rx, cy - ky), (cx - kx, cy - ry), (cx, cy - ry)),
            ((cx + kx, cy - ry), (cx + rx, cy - ky), (cx + rx, cy)),
        )
        parts = " ".join("B " + " ".join(_point(*point) for point in curve) for curve in curves)
        return f"M {_point(cx + rx, cy)} {parts} C"

    return _closed(box, path, stroke=stroke, fill=fill, line_width_mm=line_width_mm)


def _closed(
    box: Box, path: Callable[[float], str], *, stroke: str | None, fill: str | None, line_width_mm: float
) -> Shape:
    if box.w <= 0 or box.h <= 0:
        raise ValueError(f"a shape must have a size above 0, got {box.w} by {box.h}")
    if stroke is None and fill is None:
        raise ValueError("a shape needs a stroke colour, a fill colour or both")
    half = _half(line_width_mm) if stroke is not None else 0.0
    outer = Box(box.x - half, box.y - half, box.w + 2 * half, box.h + 2 * half)
    return Shape(
        outer,
        path(half),
        None if stroke is None else color_value(stroke),
        None if fill is None else color_value(fill),
        line_width_mm,
    )


def _half(line_width_mm: float) -> float:
    if line_width_mm <= 0:
        raise ValueError(f"line_width_mm must be above 0, got {line_width_mm}")
    return line_width_mm / 2


def _point(x: float, y: float) -> str:
    return f"{format_number(x)} {format_number(y)}"


def color_value(color: str) -> str:
    """``#rrggbb`` as OFD writes it.

    Raises:
        ValueError: the text is not of that form.
    """
    digits = color.removeprefix("#")
    if len(color) != 7 or len(digits) != 6 or not all(c in "0123456789abcdefABCDEF" for c in digits):
        raise ValueError(f"a colour must look like #1a2b3c, got {color!r}")
    return " ".join(str(int(digits[at : at + 2], 16)) for at in (0, 2, 4))
