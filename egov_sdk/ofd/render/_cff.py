"""Outlines of CFF fonts (OpenType with PostScript outlines, and bare CFF programs), one glyph at a time.

The container is read here, so that nothing in it is expanded; the glyph programs are run by fontTools, with their
steps counted.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from egov_sdk.ofd.render.outlines import Outline, OutlinePen
from egov_sdk.ofd.render.sfnt import FontProblem

__all__ = ["CffOutlines"]

_DICT_MAX = 16_384
_OPERANDS_MAX = 513
_ROS, _MATRIX, _CHARSET, _CHARSTRINGS, _PRIVATE = 0x0C1E, 0x0C07, 15, 17, 18
_FD_ARRAY, _FD_SELECT, _SUBRS = 0x0C24, 0x0C25, 19

_Dict = Mapping[int, tuple[float, ...]]


class CffOutlines:
    """A CFF program. ``cid_keyed`` fonts name glyphs by CID; ``glyph_of_cid`` finds their place."""

    def __init__(self, data: memoryview) -> None:
        try:
            self._read(data)
        except (struct.error, IndexError) as error:
            raise FontProblem("its CFF program is cut off") from error

    def _read(self, data: memoryview) -> None:
        self._data = data
        names = _Index(data, data[2])
        tops = _Index(data, names.end)
        strings = _Index(data, tops.end)
        self._global = _Index(data, strings.end)
        self._top = _dict(tops[0])
        self.cid_keyed = _ROS in self._top
        self._programs = _Index(data, self._offset(_CHARSTRINGS))
        self.count = len(self._programs)
        scale = self._top.get(_MATRIX, (0.001,))[0]
        self.units_per_em = round(1 / scale) if 1 / 16384 <= abs(scale) <= 1 / 16 else 1000
        self._local: dict[int, Sequence[bytes]] = {}

    def _offset(self, key: int) -> int:
        offset = int(self._top.get(key, (0,))[-1])
        if not 0 < offset < len(self._data):
            raise FontProblem("a part of its CFF program is missing")
        return offset

    def glyph_of_cid(self, cid: int) -> int:
        """The place of the glyph with that CID; 0 for none."""
        return self._places.get(cid, 0)

    @cached_property
    def _places(self) -> dict[int, int]:
        at, places = int(self._top.get(_CHARSET, (0,))[-1]), {0: 0}
        if at <= 2:
            return {cid: cid for cid in range(self.count)}
        width = {0: 2, 1: 3, 2: 4}.get(self._data[at], 0) if at < len(self._data) else 0
        at += 1
        while width and len(places) < self.count and at + width <= len(self._data):
            cid, *left = struct.unpack_from((">H", ">HB", ">HH")[width - 2], self._data, at)
            for one in range(cid, cid + sum(left) + 1):
                places.setdefault(one, len(places))
            at += width
            if cid + sum(left) > 0xFFFF:
                break
        return places

    def outline(self, glyph: int) -> Outline:
        """The outline of the glyph at a place; empty for an unknown one.

        Raises:
            FontProblem: its program is damaged, or runs too long.
        """
        try:
            return self._outline(glyph)
        except (struct.error, IndexError) as error:
            raise FontProblem("its CFF program is cut off") from error

    def _outline(self, glyph: int) -> Outline:
        if not 0 <= glyph < self.count:
            return Outline(())
        local = self._subroutines(self._dict_of(glyph))
        pen = OutlinePen()
        from egov_sdk.ofd.render._type2 import run_program

        run_program(self._programs[glyph], pen, local=local, shared=self._global)
        return pen.outline()

    def _dict_of(self, glyph: int) -> int:
        """Which of the font dictionaries of a CID-keyed font serves a glyph."""
        if not self.cid_keyed:
            return -1
        at = self._offset(_FD_SELECT)
        if self._data[at] == 0:
            return int(self._data[at + 1 + glyph])
        (count,) = struct.unpack_from(">H", self._data, at + 1)
        low, high = 0, count
        while high - low > 1:
            middle = (low + high) // 2
            if struct.unpack_from(">H", self._data, at + 3 + 3 * middle)[0] <= glyph:
                low = middle
            else:
                high = middle
        return int(self._data[at + 3 + 3 * low + 2])

    def _subroutines(self, number: int) -> Sequence[bytes]:
        """The local subroutines of a font dictionary, -1 for the font's own."""
        if number not in self._local:
            holder = self._top if number < 0 else _dict(_Index(self._data, self._offset(_FD_ARRAY))[number])
            self._local[number] = self._read_private(holder)
        return self._local[number]

    def _read_private(self, holder: _Dict) -> Sequence[bytes]:
        if len(found := holder.get(_PRIVATE, ())) != 2:
            return ()
        size, offset = map(int, found)
        if not 0 <= offset <= offset + size <= len(self._data):
            raise FontProblem("a private dictionary is cut off")
        subrs = int(_dict(self._data[offset : offset + size]).get(_SUBRS, (0,))[-1])
        return _Index(self._data, offset + subrs) if subrs > 0 else ()


class _Index(Sequence[bytes]):
    """An INDEX: items behind a list of their offsets."""

    def __init__(self, data: memoryview, at: int) -> None:
        self._data, self._at = data, at
        self._count: int = struct.unpack_from(">H", data, at)[0]
        self._size = data[at + 2] if self._count else 0
        if self._count and not 1 <= self._size <= 4:
            raise FontProblem("its CFF program is damaged")
        self._base = at + 2 + (self._count + 1) * self._size
        self.end = self._base + self._offset(self._count) if self._count else at + 2

    def _offset(self, place: int) -> int:
        at = self._at + 3 + place * self._size
        if at + self._size > len(self._data):
            raise FontProblem("its CFF program is cut off")
        return int.from_bytes(self._data[at : at + self._size], "big")

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, place: int) -> bytes:  # type: ignore[override]  # no slices here
        if not 0 <= place < self._count:
            raise IndexError(place)
        return bytes(self._data[self._base + self._offset(place) : self._base + self._offset(place + 1)])


def _dict(data: bytes | memoryview) -> _Dict:
    """A DICT: operators with the numbers before them."""
    if len(data) > _DICT_MAX:
        raise FontProblem("a dictionary is too long")
    found: dict[int, tuple[float, ...]] = {}
    operands: list[float] = []
    stream = iter(bytes(data))
    for byte in stream:
        if byte <= 21:
            key = 0x0C00 + next(stream, 0) if byte == 12 else byte
            found[key], operands = tuple(operands), []
        elif len(operands) < _OPERANDS_MAX:
            operands.append(_operand(byte, stream))
    return found


def _operand(byte: int, stream: Iterator[int]) -> float:
    def following(count: int) -> bytes:
        return bytes(next(stream, 0) for _ in range(count))

    if byte == 28:
        return int.from_bytes(following(2), "big", signed=True)
    if byte == 29:
        return int.from_bytes(following(4), "big", signed=True)
    if byte == 30:
        return _real(stream)
    if byte <= 246:
        return byte - 139
    if byte <= 250:
        return (byte - 247) * 256 + next(stream, 0) + 108
    return -(byte - 251) * 256 - next(stream, 0) - 108


def _real(stream: Iterator[int]) -> float:
    signs = ("0", "1", "2", "3", "4", "5", "6", "7", "8", "9", ".", "E", "E-", "", "-", "")
    text = ""
    for byte in stream:
        for nibble in (byte >> 4, byte & 15):
            if nibble == 15 or len(text) > 64:
                try:
                    return float(text)
                except ValueError:
                    return 0.0
            text += signs[nibble]
    return 0.0
