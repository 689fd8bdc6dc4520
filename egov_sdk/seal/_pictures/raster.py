"""Sizes of PNG, GIF, BMP and JPEG pictures, read from their headers; nothing is inflated or decoded."""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Protocol

from egov_sdk.errors import LimitExceeded, ParseError
from egov_sdk.limits import PictureLimits

__all__ = ["READERS", "RasterSize", "Reader"]


@dataclass(frozen=True, slots=True)
class RasterSize:
    """Width and height in pixels, how many bytes follow the picture, and whether its end mark is missing."""

    width: int
    height: int
    trailing: int = 0
    unfinished: bool = False


class Reader(Protocol):
    def __call__(self, data: bytes, *, limits: PictureLimits, where: str) -> RasterSize: ...


def _malformed(where: str, message: str) -> ParseError:
    return ParseError(message, where=where, code="egov.seal.picture.malformed")


def _animated(where: str) -> ParseError:
    return ParseError("expected a still picture, found several frames", where=where, code="egov.seal.picture.animated")


@dataclass(slots=True)
class _Cursor:
    """Reads forward through the bytes and refuses to pass their end."""

    data: bytes
    where: str
    at: int = 0

    def take(self, layout: str) -> tuple[Any, ...]:
        size = struct.calcsize(layout)
        self.skip(size)
        return struct.unpack_from(layout, self.data, self.at - size)

    def skip(self, count: int) -> None:
        if count > len(self.data) - self.at:
            raise _malformed(self.where, f"expected {count} more bytes at byte {self.at}, the picture ends before that")
        self.at += count

    def skip_blocks(self) -> None:
        """Pass over a chain of blocks, each led by its length in one byte, and the zero that ends it."""
        try:
            while length := self.data[self.at]:
                self.at += length + 1
        except IndexError:
            raise _malformed(self.where, "a chain of blocks has no end") from None
        self.at += 1

    @property
    def left(self) -> int:
        return len(self.data) - self.at


def _sized(width: int, height: int, *, limits: PictureLimits, where: str) -> tuple[int, int]:
    if width <= 0 or height <= 0:
        raise _malformed(where, f"expected a size in pixels, found {width}x{height}")
    if max(width, height) > limits.side_px:
        raise LimitExceeded("side_px", allowed=limits.side_px, found=max(width, height), where=where)
    if width * height > limits.pixels:
        raise LimitExceeded("pixels", allowed=limits.pixels, found=width * height, where=where)
    return width, height


_PNG_DEPTHS = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}


def _png(data: bytes, *, limits: PictureLimits, where: str) -> RasterSize:
    cursor = _Cursor(data, where, at=8)
    length, kind = cursor.take(">I4s")
    width, height, depth, colour, *methods = cursor.take(">IIBBBBB") if length == 13 else (0,) * 7
    if kind != b"IHDR" or cursor.take(">I") != (zlib.crc32(data[12:29]),):
        raise _malformed(where, "expected an intact IHDR chunk first")
    if depth not in _PNG_DEPTHS.get(colour, ()) or methods[:2] != [0, 0] or methods[2] > 1:
        raise _malformed(where, f"unknown colour type {colour} with {depth} bits")
    _sized(width, height, limits=limits, where=where)
    pixels = False
    while kind != b"IEND":
        length, kind = cursor.take(">I4s")
        cursor.skip(length + 4)
        if kind in (b"acTL", b"fcTL", b"fdAT"):
            raise _animated(where)
        if kind == b"IHDR":
            raise _malformed(where, "two IHDR chunks")
        pixels = pixels or kind == b"IDAT"
    if not pixels:
        raise _malformed(where, "no IDAT chunk")
    return RasterSize(width, height, trailing=cursor.left)


def _gif(data: bytes, *, limits: PictureLimits, where: str) -> RasterSize:
    cursor = _Cursor(data, where, at=6)
    width, height, flags, _, _ = cursor.take("<HHBBB")
    _sized(width, height, limits=limits, where=where)
    _skip_palette(cursor, flags)
    frames = 0
    while cursor.left:
        (kind,) = cursor.take("B")
        if kind == 0x3B:
            break
        if kind == 0x2C:
            frames += 1
            left, top, frame_width, frame_height, flags = cursor.take("<HHHHB")
            _sized(left + frame_width, top + frame_height, limits=limits, where=where)
            _skip_palette(cursor, flags)
            cursor.skip(1)  # LZW code size
        elif kind == 0x21:
            cursor.skip(1)  # label
        else:
            raise _malformed(where, f"expected a GIF block at byte {cursor.at - 1}, found 0x{kind:02x}")
        if frames > 1:
            raise _animated(where)
        cursor.skip_blocks()
    if not frames:
        raise _malformed(where, "a GIF without a picture")
    ended = data[cursor.at - 1] == 0x3B
    return RasterSize(width, height, trailing=cursor.left, unfinished=not ended)


def _skip_palette(cursor: _Cursor, flags: int) -> None:
    if flags & 0x80:
        cursor.skip(3 << ((flags & 7) + 1))


_BMP_RAW, _BMP_RUNS = (0, 3, 6), (1, 2)


def _bmp(data: bytes, *, limits: PictureLimits, where: str) -> RasterSize:
    cursor = _Cursor(data, where, at=2)
    _, _, _, pixels_at, header = cursor.take("<IHHII")
    if header == 12:
        width, height, planes, depth = cursor.take("<HHHH")
        compression = 0
    elif header in (40, 52, 56, 64, 108, 124):
        width, height, planes, depth, compression = cursor.take("<iiHHI")
    else:
        raise _malformed(where, f"unknown BMP header of {header} bytes")
    if planes != 1 or depth not in (1, 2, 4, 8, 16, 24, 32) or compression not in _BMP_RAW + _BMP_RUNS:
        raise _malformed(where, f"unknown BMP with {planes} planes, {depth} bits, compression {compression}")
    width, height = _sized(width, abs(height), limits=limits, where=where)  # a negative height runs downward
    size = (width * depth + 31) // 32 * 4 * height if compression in _BMP_RAW else 1
    if pixels_at < 14 + header or pixels_at + size > len(data):
        raise _malformed(where, f"expected {size} bytes of pixels at byte {pixels_at}, found {len(data)} bytes in all")
    return RasterSize(width, height)


#: Frame headers: inside coded pixels an 0xFF byte is never followed by one of these.
_JPEG_FRAME = re.compile(rb"\xff[\xc0-\xc3\xc5-\xc7\xc9-\xcb\xcd-\xcf]")
_JPEG_SCAN, _JPEG_END = 0xDA, 0xD9
_JPEG_SEGMENTS_MAX = 10_000
_JPEG_BARE = (0x01, *range(0xD0, 0xD8))  # markers without a length


def _jpeg(data: bytes, *, limits: PictureLimits, where: str) -> RasterSize:
    cursor = _Cursor(data, where, at=2)
    size: tuple[int, int] | None = None
    for _ in range(_JPEG_SEGMENTS_MAX):
        (lead,) = cursor.take("B")
        if lead != 0xFF:
            raise _malformed(where, f"expected a JPEG marker at byte {cursor.at - 1}, found 0x{lead:02x}")
        marker = lead
        while marker == 0xFF:  # markers may be padded
            (marker,) = cursor.take("B")
        if marker in _JPEG_BARE:
            continue
        if marker == _JPEG_END:
            raise _malformed(where, "a JPEG without pixels")
        (length,) = cursor.take(">H")
        segment = cursor.at
        cursor.skip(max(length, 2) - 2)
        if marker == _JPEG_SCAN:
            break
        if _JPEG_FRAME.match(bytes((0xFF, marker))):
            if size is not None or length < 8:
                raise _malformed(where, "expected one JPEG frame header of at least 8 bytes")
            height, width = struct.unpack_from(">HH", data, segment + 1)
            size = _sized(width, height, limits=limits, where=where)
    else:
        raise _malformed(where, f"no pixels within {_JPEG_SEGMENTS_MAX} segments")
    if size is None or _JPEG_FRAME.search(data, cursor.at):
        raise _malformed(where, "expected one JPEG frame header, ahead of the pixels")
    return RasterSize(*size, unfinished=b"\xff\xd9" not in data[cursor.at :])


READERS: Mapping[str, Reader] = MappingProxyType({"PNG": _png, "GIF": _gif, "BMP": _bmp, "JPG": _jpeg})
