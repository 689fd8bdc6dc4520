"""The directory of a font file, and from characters to glyphs, without expanding what a stranger wrote."""

from __future__ import annotations

import struct
from bisect import bisect_left
from collections.abc import Callable

__all__ = ["FontProblem", "Sfnt", "character_map"]

_TABLES_MAX = 128
_MAGICS = (b"\x00\x01\x00\x00", b"true", b"OTTO")


class FontProblem(Exception):
    """A font, or one glyph of it, cannot be used; the text says why in a few words."""


class Sfnt:
    """The tables of one face. Nothing is read before it is asked for."""

    def __init__(self, data: bytes, *, face: int = 0) -> None:
        start = _face_start(data, face) if data.startswith(b"ttcf") else 0
        if data[start : start + 4] not in _MAGICS:
            raise FontProblem("neither TrueType nor OpenType")
        try:
            (count,) = struct.unpack_from(">H", data, start + 4)
            rows = [struct.unpack_from(">4sIII", data, start + 12 + 16 * row) for row in range(min(count, _TABLES_MAX))]
        except struct.error:
            raise FontProblem("its directory is cut off") from None
        self._data = memoryview(data)
        self._tables = {tag: (offset, length) for tag, _, offset, length in reversed(rows)}

    def __contains__(self, tag: str) -> bool:
        return tag.encode("ascii") in self._tables

    def table(self, tag: str) -> memoryview:
        """The bytes of a table, as many as there are.

        Raises:
            FontProblem: there is no such table.
        """
        if tag not in self:
            raise FontProblem(f"it has no {tag}")
        offset, length = self._tables[tag.encode("ascii")]
        return self._data[offset : offset + length]

    @property
    def units_per_em(self) -> int:
        head = self.table("head")
        units = int(struct.unpack_from(">H", head, 18)[0]) if len(head) >= 20 else 0
        if not 16 <= units <= 16384:
            raise FontProblem(f"its em has {units} units")
        return units

    def advance(self, glyph: int) -> int | None:
        """How far a glyph moves the pen, in font units; None where the font does not say."""
        if "hhea" not in self or "hmtx" not in self:
            return None
        hhea, hmtx = self.table("hhea"), self.table("hmtx")
        if len(hhea) < 36:
            return None
        (count,) = struct.unpack_from(">H", hhea, 34)
        place = 4 * min(glyph, count - 1)
        return int(struct.unpack_from(">H", hmtx, place)[0]) if 0 <= place <= len(hmtx) - 4 else None


def _face_start(data: bytes, face: int) -> int:
    try:
        (count,) = struct.unpack_from(">I", data, 8)
        if not 0 <= face < count:
            raise FontProblem(f"the collection has no face {face}")
        return int(struct.unpack_from(">I", data, 12 + 4 * face)[0])
    except struct.error:
        raise FontProblem("the collection is cut off") from None


_Lookup = Callable[[int], int]
_PREFERRED = ((3, 10), (0, 4), (0, 6), (3, 1), (0, 3), (0, 2), (0, 1), (0, 0), (3, 0), (1, 0))


def character_map(font: Sfnt) -> _Lookup:
    """The function from code points to glyphs, 0 for what the font lacks; a symbol font also answers plain codes."""
    if "cmap" not in font:
        return lambda code: 0
    cmap = font.table("cmap")
    try:
        count = min(struct.unpack_from(">H", cmap, 2)[0], _TABLES_MAX)
        rows = [struct.unpack_from(">HHI", cmap, 4 + 8 * row) for row in range(count)]
    except struct.error:
        return lambda code: 0
    known = {(platform, encoding): offset for platform, encoding, offset in reversed(rows)}
    for key in _PREFERRED:
        lookup = _subtable(cmap[known[key] :]) if key in known else None
        if lookup is not None:
            return _symbolic(lookup) if key == (3, 0) else lookup
    return lambda code: 0


def _symbolic(lookup: _Lookup) -> _Lookup:
    return lambda code: lookup(code) or (lookup(0xF000 + code) if code < 0x100 else 0)


def _subtable(table: memoryview) -> _Lookup | None:
    try:
        (form,) = struct.unpack_from(">H", table)
        if form == 0:
            return lambda code: table[6 + code] if code < 256 and 6 + code < len(table) else 0
        if form == 4:
            return _Segments(table)
        if form == 6:
            start, count = struct.unpack_from(">HH", table, 6)
            return lambda code: _u16(table, 10 + 2 * (code - start)) if start <= code < start + count else 0
        if form == 12:
            return _Groups(table)
    except struct.error:
        return None
    return None


def _u16(table: memoryview, at: int) -> int:
    return int(struct.unpack_from(">H", table, at)[0]) if 0 <= at <= len(table) - 2 else 0


class _Segments:
    """Format 4."""

    def __init__(self, table: memoryview) -> None:
        doubled = struct.unpack_from(">H", table, 6)[0] & ~1
        self._count = doubled // 2
        self._ends = struct.unpack_from(f">{self._count}H", table, 14)
        self._at, self._table = 16 + doubled, table

    def __call__(self, code: int) -> int:
        place = bisect_left(self._ends, code)
        if code > 0xFFFF or place >= self._count:
            return 0
        start, delta, offset = (_u16(self._table, self._at + 2 * (part * self._count + place)) for part in range(3))
        if code < start:
            return 0
        if not offset:
            return (code + delta) & 0xFFFF
        here = self._at + 2 * (2 * self._count + place)
        glyph = _u16(self._table, here + offset + 2 * (code - start))
        return (glyph + delta) & 0xFFFF if glyph else 0


class _Groups:
    """Format 12."""

    def __init__(self, table: memoryview) -> None:
        (count,) = struct.unpack_from(">I", table, 12)
        count = min(count, (len(table) - 16) // 12)
        self._rows = [struct.unpack_from(">III", table, 16 + 12 * row) for row in range(count)]
        self._ends = [end for _, end, _ in self._rows]

    def __call__(self, code: int) -> int:
        place = bisect_left(self._ends, code)
        if place >= len(self._rows):
            return 0
        start, _, glyph = self._rows[place]
        return min(glyph + code - start, 0x10FFFF) if code >= start else 0
