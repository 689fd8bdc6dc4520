"""Draw text objects (文字对象): glyphs as paths."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from egov_sdk.ofd.render.canvas import faded, transform
from egov_sdk.ofd.render.colors import Paint
from egov_sdk.ofd.render.drawing import Drawing
from egov_sdk.ofd.render.effort import GLYPH, OPAQUE
from egov_sdk.ofd.render.glyphs import Face, PlacedGlyph
from egov_sdk.ofd.render.matrix import Bounds
from egov_sdk.ofd.render.text import pieces_of
from egov_sdk.ofd.render.values import flag, real

__all__ = ["draw_text", "glyphs_of"]

_SIZE_MM = 3.5
_BOLD_EM = 0.018  # how much broader strokes become for each reason to be bold
_POINTS = 80  # of a common outline


def draw_text(drawing: Drawing) -> list[str]:
    """A group of glyphs, or one path of all of them where a gradient or a pattern runs through."""
    face = drawing.canvas.fonts.face(drawing.element.get("Font", ""))
    filling = flag(drawing.element, "Fill", default=True)
    paint = drawing.paint("FillColor", otherwise="#000000") if filling else Paint("none")
    glyphs = list(glyphs_of(drawing, face))
    if not glyphs:
        return []
    whole = paint.value.startswith("url(")
    size, em = _size(drawing), 1.0 if whole else glyphs[0].em / _size(drawing)
    drawing.inked(_bounds(glyphs), margin=size)
    attributes = paint.attributes("fill")
    if flag(drawing.element, "Stroke", default=False):
        attributes += drawing.stroke(unit=1 / em)
    elif filling and (broader := _boldness(drawing, face)):
        attributes += f'{paint.attributes("stroke")} stroke-width="{broader * size * em:.6g}" stroke-linejoin="round"'
    if drawing.opacity < 1:
        drawing.count_layer()
    attributes += faded(drawing.opacity) + transform(drawing.matrix)
    if whole:
        drawing.count(paint)
        return [f'<path d="{"".join(glyph.outline.path(glyph.matrix) for glyph in glyphs)}"{attributes}/>']
    return [f"<g{attributes}>{''.join(map(drawing.canvas.glyph, glyphs))}</g>"]


def glyphs_of(drawing: Drawing, face: Face) -> Iterator[PlacedGlyph]:
    """The glyphs of a text object, or of a text in a clip, in its own space, counted against the limits."""
    element, canvas, size = drawing.element, drawing.canvas, _size(drawing)
    stretch = real(element.get("HScale"), 1.0) or 1.0
    turn = real(element.get("CharDirection"), 0.0) % 360
    slanted = flag(element, "Italic", default=False)
    ink = min((size * drawing.to_page.scale) ** 2 / canvas.area, 1.0)
    for line in pieces_of(element, by_glyph=face.embedded, at_most=canvas.budget.limits.glyphs):
        canvas.budget.spend("glyphs", len(line))
        for glyph in canvas.fonts.place(face, line, size=size, stretch=stretch, turn=turn, slanted=slanted):
            canvas.meet(glyph)
            points = glyph.outline.points / _POINTS
            canvas.budget.spend("effort", (GLYPH + ink * OPAQUE) * (1 + points) / 2)
            yield glyph


def _size(drawing: Drawing) -> float:
    size = real(drawing.element.get("Size"), _SIZE_MM)
    return size if 0 < size < 10_000 else _SIZE_MM


def _bounds(glyphs: Sequence[PlacedGlyph]) -> Bounds:
    xs, ys = [glyph.matrix.e for glyph in glyphs], [glyph.matrix.f for glyph in glyphs]
    return min(xs), min(ys), max(xs), max(ys)


def _boldness(drawing: Drawing, face: Face) -> float:
    """How much broader strokes are drawn, in em, where a heavy face is asked for and not at hand."""
    wanted = real(drawing.element.get("Weight"), 400.0) >= 700 and "小标宋" not in face.name
    return _BOLD_EM * (wanted + (face.heavy and not face.embedded))
