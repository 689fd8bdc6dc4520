"""QR codes (二维码) as one path on the page: squares of exact size, in any reader's resolution.

A licence is drawn when it is issued and again when it is verified, so that its code must come fast. What all codes of
one version have in common is taken from the library ``qrcode`` once; the bits of a text are then put in their places.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from itertools import compress
from typing import Final

from egov_sdk.license.problems import refuse
from egov_sdk.ofd.builder.canvas import Shape, color_value
from egov_sdk.ofd.geometry import Box, format_number

__all__ = ["qr_modules", "qr_shape"]

_SIGNS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
_ALPHANUMERIC: Final = frozenset(_SIGNS)
_LEVELS: Final = {"L": 1, "M": 0, "Q": 3, "H": 2}  # as the format information numbers them
_MASK: Final = 2  # one for all: choosing the best takes five times as long, and readers need none
_QUIET: Final = 4  # modules of silence around, ISO/IEC 18004, 9.1
_PLANE: Final = 256  # what a table of octets can look up
_LIT: Final = b"\0" + bytes([1]) * 255


@dataclass(frozen=True, slots=True)
class _Plan:
    """All codes of one version and level.

    ``blank`` is what is dark with no data, a byte for each module, as one number. ``planes`` are for 256 codewords
    each: in which of them the bit of a module is, and the bit's value, 0 for a module that has none there.
    """

    side: int
    blank: int = field(repr=False)
    planes: tuple[tuple[bytes, int], ...] = field(repr=False)
    blocks: tuple[tuple[int, int], ...]  # octets of data and of correction, block by block


def qr_modules(text: str, *, level: str = "M") -> tuple[bytes, ...]:
    """The modules of a code row by row, 1 for a dark one, without the quiet zone.

    Raises:
        LicenseRejected: face_qr: the text is longer than a code can hold.
    Source:
        GB/T 18284-2000 (ISO/IEC 18004).
    """
    alphanumeric = _ALPHANUMERIC.issuperset(text)
    octets = text.encode()
    version = _version(len(octets), level, alphanumeric)
    if version == 0:
        raise refuse("face_qr", found=len(octets))
    plan = _plan(version, level)
    words = _interleaved(plan, _data(text, octets, version, plan, alphanumeric=alphanumeric))
    area, lit = plan.side * plan.side, 0
    for number, (places, values) in enumerate(plan.planes):
        table = words[number * _PLANE : (number + 1) * _PLANE].ljust(_PLANE, b"\0")
        lit |= int.from_bytes(places.translate(table)) & values
    modules = (int.from_bytes(lit.to_bytes(area).translate(_LIT)) ^ plan.blank).to_bytes(area)
    return tuple(modules[start : start + plan.side] for start in range(0, area, plan.side))


def _data(text: str, octets: bytes, version: int, plan: _Plan, *, alphanumeric: bool) -> bytes:
    """The data codewords: mode, length, the text, and padding."""
    room = sum(count for count, _ in plan.blocks)
    if alphanumeric:
        wide = 9 if version < 10 else 11 if version < 27 else 13
        pairs = "".join(map(_pairs().__getitem__, map(str.__add__, text[::2], text[1::2])))
        last = f"{_SIGNS.index(text[-1]):06b}" if len(text) % 2 else ""
        bits = f"0010{len(text):0{wide}b}{pairs}{last}"
    else:
        wide = 8 if version < 10 else 16
        bits = f"0100{len(octets):0{wide}b}{int.from_bytes(octets):0{8 * len(octets)}b}"
    bits += "0" * min(4, 8 * room - len(bits))
    bits += "0" * (-len(bits) % 8)
    data = int(bits, 2).to_bytes(len(bits) // 8)
    return data + (b"\xec\x11" * room)[: room - len(data)]


@cache
def _pairs() -> dict[str, str]:
    """The bits of each two signs."""
    values = list(enumerate(_SIGNS))
    return {one + other: f"{first * 45 + second:011b}" for first, one in values for second, other in values}


def _interleaved(plan: _Plan, data: bytes) -> bytes:
    """Data of all blocks in turn, then their corrections in turn."""
    blocks, corrections, start = [], [], 0
    for count, extra in plan.blocks:
        block = data[start : start + count]
        blocks.append(block)
        corrections.append(_correction(block, extra))
        start += count
    return _in_turn(blocks) + _in_turn(corrections)


def _in_turn(blocks: Sequence[bytes]) -> bytes:
    """Octet by octet from block to block; some blocks have one more, which comes last."""
    count, shortest = len(blocks), min(map(len, blocks))
    turns = bytearray(count * shortest)
    for place, block in enumerate(blocks):
        turns[place::count] = block[:shortest]
    return bytes(turns) + b"".join([block[shortest:] for block in blocks])


# ---------------------------------------------------------------------- error correction


@cache
def _field() -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Powers and logarithms of GF(256) with the polynomial of the standard."""
    powers, logs, value = [0] * 510, [0] * 256, 1
    for exponent in range(255):
        powers[exponent] = powers[exponent + 255] = value
        logs[value] = exponent
        value <<= 1
        if value & 0x100:
            value ^= 0x11D
    return tuple(powers), tuple(logs)


@cache
def _multiples(count: int) -> tuple[int, ...]:
    """The generator polynomial of so many octets, without its first, times each octet, as numbers."""
    powers, logs = _field()
    generator = [1]
    for root in range(count):
        longer = [*generator, 0]
        for at, value in enumerate(generator):
            if value:
                longer[at + 1] ^= powers[logs[value] + root]
        generator = longer
    rest = generator[1:]
    products = [bytes(count)]
    for octet in range(1, 256):
        products.append(bytes(powers[logs[octet] + logs[value]] if value else 0 for value in rest))
    return tuple(int.from_bytes(product) for product in products)


def _correction(block: bytes, count: int) -> bytes:
    multiples, top, mask = _multiples(count), 8 * (count - 1), (1 << 8 * count) - 1
    rest = 0
    for octet in block:
        rest = (rest << 8 & mask) ^ multiples[octet ^ rest >> top]
    return rest.to_bytes(count)


# ---------------------------------------------------------------------- what all codes of a version share


@lru_cache(maxsize=1024)
def _version(length: int, level: str, alphanumeric: bool) -> int:
    """The least version that holds so many characters; 0 when none does."""
    from qrcode.util import (  # type: ignore[import-untyped]  # qrcode has no types
        BIT_LIMIT_TABLE,
        MODE_8BIT_BYTE,
        MODE_ALPHA_NUM,
        length_in_bits,
    )

    payload = 11 * (length // 2) + 6 * (length % 2) if alphanumeric else 8 * length
    mode = MODE_ALPHA_NUM if alphanumeric else MODE_8BIT_BYTE
    for version in range(1, 41):
        if 4 + length_in_bits(mode, version) + payload <= BIT_LIMIT_TABLE[_LEVELS[level]][version]:
            return version
    return 0


@cache
def _plan(version: int, level: str) -> _Plan:
    from qrcode.base import rs_blocks  # type: ignore[import-untyped]  # qrcode has no types
    from qrcode.main import QRCode  # type: ignore[import-untyped]  # qrcode has no types

    places: list[int] = []

    class Blank(QRCode):  # type: ignore[misc]  # qrcode has no types
        """A code without data, which tells where data would go."""

        def map_data(self, data: Sequence[int], mask_pattern: int) -> None:
            places.extend(_free_places(self.modules))
            super().map_data(data, mask_pattern)

    blocks = rs_blocks(version, _LEVELS[level])
    code = Blank(version=version, error_correction=_LEVELS[level], border=0, mask_pattern=_MASK)
    code.data_cache = [0] * sum(block.total_count for block in blocks)
    code.makeImpl(False, _MASK)
    blank = bytes(bool(module) for row in code.modules for module in row)
    words = sum(block.total_count for block in blocks)
    planes = [(bytearray(len(blank)), bytearray(len(blank))) for _ in range(0, words, _PLANE)]
    for number, place in enumerate(places[: 8 * words]):
        word, bit = divmod(number, 8)
        sources, values = planes[word // _PLANE]
        sources[place], values[place] = word % _PLANE, 0x80 >> bit
    return _Plan(
        len(code.modules),
        int.from_bytes(blank),
        tuple((bytes(sources), int.from_bytes(values)) for sources, values in planes),
        tuple((block.data_count, block.total_count - block.data_count) for block in blocks),
    )


def _free_places(modules: Sequence[Sequence[bool | None]]) -> list[int]:
    """Where bits go, in order: up and down in columns of two from the right (ISO/IEC 18004, 7.7.3)."""
    side, found = len(modules), []
    for turn, right in enumerate([*range(side - 1, 6, -2), *range(5, 0, -2)]):
        rows = range(side) if turn % 2 else range(side - 1, -1, -1)
        found += [row * side + column for row in rows for column in (right, right - 1) if modules[row][column] is None]
    return found


# ---------------------------------------------------------------------- the shape


def qr_shape(text: str, *, x_mm: float, y_mm: float, size_mm: float, level: str, color: str) -> Shape:
    """A code with its quiet zone, filling a square."""
    rows = qr_modules(text, level=level)
    scale = format_number(size_mm / (len(rows) + 2 * _QUIET), places=6)
    path = " ".join(map(_runs(len(rows)).__getitem__, _dark_runs(rows)))
    box = Box(x_mm, y_mm, size_mm, size_mm)
    return Shape(box, path, None, color_value(color), 0.25, ctm=f"{scale} 0 0 {scale} 0 0")


def _dark_runs(rows: Sequence[bytes]) -> Iterator[tuple[int, int]]:
    """Where each run of dark modules begins and ends; every row has a light one more at its end.

    A module that differs from the one before begins a run or ends one.
    """
    modules = b"\0".join(rows)
    size = len(modules) + 1
    changes = (int.from_bytes(modules + b"\0") ^ int.from_bytes(modules)).to_bytes(size)
    edges = compress(_places(size), changes)
    return zip(edges, edges, strict=True)


@lru_cache(maxsize=16)
def _places(size: int) -> tuple[int, ...]:
    return tuple(range(size))


class _Runs(dict[tuple[int, int], str]):
    """The rectangles of runs of dark modules by where they begin and end."""

    __slots__ = ("_row",)
    _KEPT: Final = 1 << 13

    def __init__(self, side: int) -> None:
        super().__init__()
        self._row = side + 1

    def __missing__(self, span: tuple[int, int]) -> str:
        y, start = divmod(span[0], self._row)
        left, top = start + _QUIET, y + _QUIET
        right = left + span[1] - span[0]
        made = f"M {left} {top} L {right} {top} L {right} {top + 1} L {left} {top + 1} C"
        if len(self) < self._KEPT:
            self[span] = made
        return made


@lru_cache(maxsize=16)
def _runs(side: int) -> _Runs:
    return _Runs(side)
