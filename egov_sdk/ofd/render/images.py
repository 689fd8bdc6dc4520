"""Pictures inside a package, looked at without decoding them, and made fit for a data URI."""

from __future__ import annotations

import base64
import io
import re
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.ImageFile import ImageFile

__all__ = ["PictureProblem", "PictureSource", "open_picture"]

_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_KEPT = (b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND")
_PNG_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
_JPEG_SEGMENTS_MAX = 2_000
_SIDE_MAX = 20_000
_REDRAWN_MAX = 16_000_000  # pixels of what has to be decoded here
_STARTS = (
    (_PNG, "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF87a", "GIF"),
    (b"GIF89a", "GIF"),
    (b"BM", "BMP"),
    (b"II*\0", "TIFF"),
    (b"MM\0*", "TIFF"),
    (b"\x97JB2\r\n\x1a\n", "JBIG2"),
)


class PictureProblem(Exception):
    """A picture cannot be drawn; the text says why in a few words."""


@dataclass(frozen=True, slots=True)
class PictureSource:
    """A still picture of known size: PNG or JPEG bytes."""

    media_type: str
    data: bytes
    width: int
    height: int

    @property
    def pixels(self) -> int:
        return self.width * self.height

    @property
    def uri(self) -> str:
        return f"data:{self.media_type};base64,{base64.b64encode(self.data).decode('ascii')}"


def open_picture(data: bytes) -> PictureSource:
    """Tell what a picture is and how large, and leave out all that does not belong to its pixels.

    PNG keeps its pixels and palette only, JPEG stays as it is; GIF, BMP and TIFF are redrawn as PNG, the first frame
    of several. Nothing else is read.

    Raises:
        PictureProblem: damaged, of an unknown kind, or too large.
    """
    kind = next((kind for start, kind in _STARTS if data.startswith(start)), "")
    try:
        if kind == "PNG":
            return _png(data)
        if kind == "JPEG":
            return _jpeg(data)
        if kind in ("GIF", "BMP", "TIFF"):
            return _redrawn(data, kind)
    except (struct.error, IndexError):
        raise PictureProblem("it ends too early") from None
    raise PictureProblem(f"{kind} is not read here" if kind else "its kind is not known")


def _sized(width: int, height: int) -> tuple[int, int]:
    if not (0 < width <= _SIDE_MAX and 0 < height <= _SIDE_MAX):
        raise PictureProblem(f"it is {width} by {height} pixels large")
    return width, height


def _png(data: bytes) -> PictureSource:
    length, kind, width, height, depth, colour = struct.unpack_from(">I4sIIBB", data, 8)
    if kind != b"IHDR" or length != 13 or colour not in _PNG_CHANNELS or depth not in (1, 2, 4, 8, 16):
        raise PictureProblem("its header is damaged")
    _sized(width, height)
    kept, at = [_PNG], 8
    while kind != b"IEND":
        length, kind = struct.unpack_from(">I4s", data, at)
        end = at + 12 + length
        if end > len(data):
            raise PictureProblem("it ends too early")
        if kind in _PNG_KEPT:
            kept.append(data[at:end])
        at = end
    return PictureSource("image/png", b"".join(kept), width, height)


_JPEG_BARE = (0x01, *range(0xD0, 0xD8))
_JPEG_FRAME = re.compile(rb"\xff[\xc0-\xc3\xc5-\xc7\xc9-\xcb\xcd-\xcf]")


def _jpeg(data: bytes) -> PictureSource:
    at, size = 2, (0, 0)
    for _ in range(_JPEG_SEGMENTS_MAX):
        if data[at] != 0xFF:
            break
        marker = data[at + 1]
        if marker in (0xFF, *_JPEG_BARE):
            at += 1 if marker == 0xFF else 2
            continue
        (length,) = struct.unpack_from(">H", data, at + 2)
        if _JPEG_FRAME.match(data, at):
            height, width = struct.unpack_from(">HH", data, at + 5)
            if size != (0, 0):
                raise PictureProblem("it has two frames")
            size = _sized(width, height)
        at += 2 + length
        if marker == 0xDA:
            break
    if size == (0, 0) or _JPEG_FRAME.search(data, at):
        raise PictureProblem("its header is damaged")
    return PictureSource("image/jpeg", data, *size)


def _redrawn(data: bytes, kind: str) -> PictureSource:
    from PIL import BmpImagePlugin, GifImagePlugin, TiffImagePlugin

    readers: dict[str, Callable[[io.BytesIO], ImageFile]] = {
        "GIF": GifImagePlugin.GifImageFile,
        "BMP": BmpImagePlugin.BmpImageFile,
        "TIFF": TiffImagePlugin.TiffImageFile,
    }
    try:
        with readers[kind](io.BytesIO(data)) as picture:
            width, height = _sized(*picture.size)
            if width * height > _REDRAWN_MAX:
                raise PictureProblem(f"it is {width} by {height} pixels large")
            picture.load()  # a frame may be larger than the picture that it is a part of
            if picture.width * picture.height > _REDRAWN_MAX:
                raise PictureProblem(f"it is {picture.width} by {picture.height} pixels large")
            width, height = picture.size
            shown = picture.convert("RGBA")
    except PictureProblem:
        raise
    except Exception as error:
        raise PictureProblem(f"it is damaged ({type(error).__name__})") from error
    return PictureSource("image/png", _as_png(shown.tobytes(), width, height), width, height)


def _as_png(rgba: bytes, width: int, height: int) -> bytes:
    row = 4 * width
    lines = b"".join(b"\0" + rgba[at : at + row] for at in range(0, row * height, row))
    header = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    return _PNG + b"".join(
        _chunk(name, content)
        for name, content in ((b"IHDR", header), (b"IDAT", zlib.compress(lines, 6)), (b"IEND", b""))
    )


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
