"""Outlines of embedded TrueType fonts, glyph by glyph and under limits.

Written here because a stranger's font can make a general reader expand tables a million-fold; only what one glyph
needs is looked at.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from egov_sdk.ofd.render.outlines import Outline, OutlinePen
from egov_sdk.ofd.render.sfnt import FontProblem, Sfnt

__all__ = ["TrueTypeOutlines"]

_DEPTH_MAX = 6
_PARTS_MAX = 64
_POINTS_MAX = 20_000

_ON, _X_SHORT, _Y_SHORT, _REPEAT, _X_SAME, _Y_SAME = 1, 2, 4, 8, 16, 32
_WORDS, _XY, _SCALE, _MORE, _XY_SCALE, _TWO_BY_TWO = 1, 2, 8, 32, 64, 128

_Point = tuple[float, float, bool]


class TrueTypeOutlines:
    """The glyf table of a font."""

    def __init__(self, font: Sfnt) -> None:
        self._glyf, self._loca = font.table("glyf"), font.table("loca")
        head = font.table("head")
        if len(head) < 52:
            raise FontProblem("head is too short")
        self._long = struct.unpack_from(">h", head, 50)[0] != 0
        self.count = len(self._loca) // (4 if self._long else 2) - 1

    def outline(self, glyph: int) -> Outline:
        """The outline of one glyph in font units, y upward; empty for a blank or unknown one.

        Raises:
            FontProblem: it is damaged, or made of too much.
        """
        pen = OutlinePen()
        for contour in _Parts(self).contours(glyph):
            _draw(pen, contour)
        return pen.outline()

    def data(self, glyph: int) -> bytes:
        """The bytes of one glyph."""
        if not 0 <= glyph < self.count:
            return b""
        if self._long:
            start, end = struct.unpack_from(">II", self._loca, 4 * glyph)
        else:
            start, end = (2 * value for value in struct.unpack_from(">HH", self._loca, 2 * glyph))
        return bytes(self._glyf[start:end]) if start < end <= len(self._glyf) else b""


class _Parts:
    """Walks one glyph with the glyphs that it is composed of."""

    def __init__(self, font: TrueTypeOutlines) -> None:
        self._font = font
        self._parts = self._points = 0

    def contours(self, glyph: int, depth: int = 0) -> Iterator[list[_Point]]:
        self._parts += 1
        if depth > _DEPTH_MAX or self._parts > _PARTS_MAX:
            raise FontProblem("it is composed of too many parts")
        data = self._font.data(glyph)
        if len(data) < 10:
            return
        try:
            (count,) = struct.unpack_from(">h", data)
            if count >= 0:
                yield from self._simple(data, count)
            else:
                yield from self._composed(data, depth)
        except (struct.error, IndexError):
            raise FontProblem("its outline ends too early") from None

    def _simple(self, data: bytes, count: int) -> Iterator[list[_Point]]:
        ends = struct.unpack_from(f">{count}H", data, 10)
        total = ends[-1] + 1 if ends else 0
        self._points += total
        if self._points > _POINTS_MAX:
            raise FontProblem("it has too many points")
        at = 10 + 2 * count
        at += 2 + struct.unpack_from(">H", data, at)[0]
        flags: list[int] = []
        while len(flags) < total:
            mark = data[at]
            repeat = data[at + 1] + 1 if mark & _REPEAT else 1
            at += 2 if mark & _REPEAT else 1
            flags += [mark] * repeat
        del flags[total:]
        xs, at = _coordinates(data, at, flags, short=_X_SHORT, same=_X_SAME)
        ys, _ = _coordinates(data, at, flags, short=_Y_SHORT, same=_Y_SAME)
        points = [(float(x), float(y), bool(mark & _ON)) for x, y, mark in zip(xs, ys, flags, strict=True)]
        start = 0
        for end in ends:
            if end + 1 > start:
                yield points[start : end + 1]
            start = max(start, end + 1)

    def _composed(self, data: bytes, depth: int) -> Iterator[list[_Point]]:
        at, marks = 10, _MORE
        while marks & _MORE:
            marks, glyph = struct.unpack_from(">HH", data, at)
            at += 4
            dx, dy = struct.unpack_from(">hh" if marks & _WORDS else ">bb", data, at)
            at += 4 if marks & _WORDS else 2
            if not marks & _XY:
                dx = dy = 0  # points to be laid on each other: no font in sight does it
            xx, xy, yx, yy = 1.0, 0.0, 0.0, 1.0
            if marks & _SCALE:
                xx = yy = _fixed(data, at)
                at += 2
            elif marks & _XY_SCALE:
                xx, yy = _fixed(data, at), _fixed(data, at + 2)
                at += 4
            elif marks & _TWO_BY_TWO:
                xx, xy, yx, yy = (_fixed(data, at + step) for step in (0, 2, 4, 6))
                at += 8
            for contour in self.contours(glyph, depth + 1):
                yield [(x * xx + y * yx + dx, x * xy + y * yy + dy, on) for x, y, on in contour]


def _fixed(data: bytes, at: int) -> float:
    return float(struct.unpack_from(">h", data, at)[0]) / 16384


def _coordinates(data: bytes, at: int, flags: list[int], *, short: int, same: int) -> tuple[list[int], int]:
    values, value = [], 0
    for mark in flags:
        if mark & short:
            value += data[at] if mark & same else -data[at]
            at += 1
        elif not mark & same:
            value += struct.unpack_from(">h", data, at)[0]
            at += 2
        values.append(value)
    return values, at


def _draw(pen: OutlinePen, contour: list[_Point]) -> None:
    """A contour of quadratic curves: between two control points lies an implied point."""
    begin = next((place for place, point in enumerate(contour) if point[2]), None)
    if begin is None:
        (x1, y1, _), (x2, y2, _) = contour[-1], contour[0]
        points = [((x1 + x2) / 2, (y1 + y2) / 2, True), *contour]
    else:
        points = contour[begin:] + contour[:begin]
    pen.move(*points[0][:2])
    control: tuple[float, float] | None = None
    for x, y, on in [*points[1:], points[0]]:
        if on:
            if control is None:
                pen.line(x, y)
            else:
                pen.quadratic(*control, x, y)
            control = None
        else:
            if control is not None:
                pen.quadratic(*control, (control[0] + x) / 2, (control[1] + y) / 2)
            control = (x, y)
    pen.close()
