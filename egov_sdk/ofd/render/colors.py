"""Colours, gradients and patterns (颜色、渐变、底纹) as paints of SVG."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lxml import etree

from egov_sdk.ofd.render.effort import OPAQUE, TRANSPARENT
from egov_sdk.ofd.render.matrix import number, numbers
from egov_sdk.ofd.render.values import parse_numbers, real
from egov_sdk.ofd.rootfile import id_key
from egov_sdk.ofd.xml import children, every

if TYPE_CHECKING:
    from egov_sdk.ofd.render.resources import Resources

__all__ = ["Gradient", "Paint", "gradient_of", "mean_of", "opacity_of", "solid_of"]

_STOPS_MAX = 256
_CHANNELS = {"GRAY": 1, "RGB": 3, "CMYK": 4}


@dataclass(frozen=True, slots=True)
class Paint:
    """What fills a shape or runs along its line: the value of an SVG attribute, and how opaque it is."""

    value: str
    opacity: float = 1.0
    effort: float = 0.0  # of a gradient or pattern

    @property
    def weight(self) -> float:
        """What painting a page with it costs."""
        return self.effort or (OPAQUE if self.opacity >= 1 else TRANSPARENT)

    def attributes(self, kind: str) -> str:
        """``kind`` is fill or stroke."""
        opacity = "" if self.opacity >= 1 else f' {kind}-opacity="{number(self.opacity)}"'
        return f' {kind}="{self.value}"{opacity}'


def opacity_of(element: etree._Element) -> float:
    """Alpha as a share of 1; opaque where nothing is said."""
    return min(max(real(element.get("Alpha"), 255.0), 0.0), 255.0) / 255


def solid_of(color: etree._Element, resources: Resources) -> Paint:
    """A plain colour; black where its value cannot be read."""
    space_id = id_key(color.get("ColorSpace", ""))
    space, text = resources.color_spaces.get(space_id), color.get("Value")
    if text is None and space is not None:
        palette, place = resources.palette(space_id), int(real(color.get("Index"), -1))
        text = palette[place] if 0 <= place < len(palette) else None
    channels = _channels(text)
    kind = "" if space is None else space.get("Type", "").strip().upper()
    if _CHANNELS.get(kind) != len(channels):
        kind = {1: "GRAY", 4: "CMYK"}.get(len(channels), "RGB")
    bits = 8 if space is None else int(min(max(real(space.get("BitsPerComponent"), 8), 1), 16))
    shares = [min(max(channel / (2**bits - 1), 0.0), 1.0) for channel in channels]
    return Paint("#" + "".join(f"{round(255 * share):02x}" for share in _rgb(kind, shares)), opacity_of(color))


def _channels(text: str | None) -> list[float]:
    """Decimal or ``#hex`` numbers, each by itself."""
    found = []
    for part in (text or "").replace(",", " ").split(maxsplit=8)[:8]:
        try:
            found.append(float(int(part[1:], 16)) if part.startswith("#") else float(part))
        except (ValueError, OverflowError):
            return []
    return found if all(math.isfinite(value) for value in found) else []


def _rgb(kind: str, shares: list[float]) -> tuple[float, float, float]:
    if kind == "GRAY" and shares:
        return shares[0], shares[0], shares[0]
    if kind == "CMYK" and len(shares) == 4:
        c, m, y, k = shares
        return (1 - c) * (1 - k), (1 - m) * (1 - k), (1 - y) * (1 - k)
    return (shares[0], shares[1], shares[2]) if len(shares) == 3 else (0.0, 0.0, 0.0)


def mean_of(colors: list[etree._Element], resources: Resources) -> Paint:
    """One colour in the place of many."""
    paints = [solid_of(color, resources) for color in colors[:_STOPS_MAX]] or [Paint("#808080")]
    sums = [sum(int(paint.value[at : at + 2], 16) for paint in paints) for at in (1, 3, 5)]
    return Paint("#" + "".join(f"{round(total / len(paints)):02x}" for total in sums))


@dataclass(frozen=True, slots=True)
class Gradient:
    """A gradient as an element of SVG that still lacks its ID."""

    name: str
    attributes: str
    stops: str

    def element(self, element_id: str) -> str:
        return (
            f'<{self.name} id="{element_id}" gradientUnits="userSpaceOnUse"{self.attributes}>{self.stops}</{self.name}>'
        )


_SPREAD = {"Direct": "pad", "Repeat": "repeat", "Reflect": "reflect"}


def gradient_of(shading: etree._Element, resources: Resources, *, radial: bool) -> Gradient | None:
    """An axial or radial shading in the space of the object; None where its points cannot be read."""
    start, end = parse_numbers(shading.get("StartPoint")), parse_numbers(shading.get("EndPoint"))
    if len(start) != 2 or len(end) != 2:
        return None
    spread = _SPREAD.get(shading.get("MapType", "Direct"), "pad")
    stops = _stops(shading, resources, fading=spread == "pad")
    if not stops:
        return None
    where = _radial(shading, start, end) if radial else _axial(shading, start, end, spread)
    name = "radialGradient" if radial else "linearGradient"
    return Gradient(name, where + ("" if spread == "pad" else f' spreadMethod="{spread}"'), stops)


def _axial(shading: etree._Element, start: list[float], end: list[float], spread: str) -> str:
    length, unit = math.dist(start, end), real(shading.get("MapUnit"), 0.0)
    if spread != "pad" and unit > 0 and length > 0:
        end = [a + (b - a) * unit / length for a, b in zip(start, end, strict=True)]
    return f' x1="{number(start[0])}" y1="{number(start[1])}" x2="{number(end[0])}" y2="{number(end[1])}"'


def _radial(shading: etree._Element, start: list[float], end: list[float]) -> str:
    inner, outer = (max(real(shading.get(name), 0.0), 0.0) for name in ("StartRadius", "EndRadius"))
    where = (
        f' fx="{number(start[0])}" fy="{number(start[1])}" fr="{number(inner)}"'
        f' cx="{number(end[0])}" cy="{number(end[1])}" r="{number(outer)}"'
    )
    eccentricity = real(shading.get("Eccentricity"), 0.0)
    if not 0 < eccentricity < 1:
        return where
    angle, flat = number(real(shading.get("Angle"), 0.0)), number(math.sqrt(1 - eccentricity**2))
    there, back = numbers(end), numbers(-value for value in end)
    return f'{where} gradientTransform="translate({there}) rotate({angle}) scale(1 {flat}) translate({back})"'


def _stops(shading: etree._Element, resources: Resources, *, fading: bool) -> str:
    segments = [
        (segment, color)
        for segment in every(shading, "Segment")
        for kind, color in children(segment)
        if kind == "Color"
    ][:_STOPS_MAX]
    if not segments:
        return ""
    last = max(len(segments) - 1, 1)
    found, before = [], 0.0
    for place, (segment, color) in enumerate(segments):
        before = min(max(real(segment.get("Position"), place / last), before), 1.0)
        found.append((before, solid_of(color, resources)))
    extend = int(real(shading.get("Extend"), 0.0)) if fading else 3
    if not extend & 1:
        found.insert(0, (found[0][0], Paint(found[0][1].value, 0.0)))
    if not extend & 2:
        found.append((found[-1][0], Paint(found[-1][1].value, 0.0)))
    return "".join(_stop(offset, paint) for offset, paint in found)


def _stop(offset: float, paint: Paint) -> str:
    opacity = "" if paint.opacity >= 1 else f' stop-opacity="{number(paint.opacity)}"'
    return f'<stop offset="{number(offset)}" stop-color="{paint.value}"{opacity}/>'
