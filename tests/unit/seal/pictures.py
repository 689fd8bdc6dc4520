"""Small pictures of every format, whole and broken, made by hand so that each byte is known."""

from __future__ import annotations

import base64
import io
import struct
import zlib
from typing import Literal

from PIL import Image

SVG_NS = "http://www.w3.org/2000/svg"


def painted(form: Literal["PNG", "GIF", "BMP", "JPEG"], *, width: int = 12, height: int = 9) -> bytes:
    """A picture as Pillow writes it."""
    out = io.BytesIO()
    Image.new("RGB", (width, height), (220, 20, 20)).save(out, form)
    return out.getvalue()


def chunk(kind: bytes, body: bytes = b"") -> bytes:
    return struct.pack(">I4s", len(body), kind) + body + struct.pack(">I", zlib.crc32(kind + body))


def ihdr(width: int, height: int, *, depth: int = 8, colour: int = 6, interlace: int = 0) -> bytes:
    return chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlace))


def png(width: int = 12, height: int = 9, *extra: bytes, tail: bytes = b"") -> bytes:
    """A PNG whose pixels need not be right: nothing here decodes them."""
    chunks = ihdr(width, height), *extra, chunk(b"IDAT", zlib.compress(b"\0" * 40)), chunk(b"IEND")
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks) + tail


def gif_frame(width: int = 12, height: int = 9, *, left: int = 0, flags: int = 0) -> bytes:
    return struct.pack("<BHHHHB", 0x2C, left, 0, width, height, flags) + b"\x02\x02\x44\x01\x00"


def gif(width: int = 12, height: int = 9, *, blocks: bytes | None = None, tail: bytes = b"\x3b") -> bytes:
    """A GIF with a global palette of two colours."""
    screen = struct.pack("<HHBBB", width, height, 0x80, 0, 0) + b"\xff" * 6
    return b"GIF89a" + screen + (gif_frame(width, height) if blocks is None else blocks) + tail


def bmp(width: int = 12, height: int = 9, *, depth: int = 24, compression: int = 0, planes: int = 1) -> bytes:
    rows = min((abs(width) * depth + 31) // 32 * 4 * abs(height), 4096)
    header = struct.pack("<IiiHHIIiiII", 40, width, height, planes, depth, compression, 0, 0, 0, 0, 0)
    return b"BM" + struct.pack("<IHHI", 54 + rows, 0, 0, 54) + header + b"\0" * rows


def segment(marker: int, body: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body


def frame_header(width: int, height: int, *, marker: int = 0xC0) -> bytes:
    return segment(marker, struct.pack(">BHHB", 8, height, width, 1) + b"\x01\x11\x00")


def jpeg(
    width: int = 12, height: int = 9, *, frames: bytes | None = None, scan: bytes = b"\x12\xff\x00\x34\xff\xd9"
) -> bytes:
    head = frame_header(width, height) if frames is None else frames
    return b"\xff\xd8" + segment(0xE0, b"JFIF\0") + head + segment(0xDA, b"\x01\x01\x00\x00\x3f\x00") + scan


def svg(body: str = "<rect width='3' height='3'/>", *, attributes: str = "", before: str = "") -> bytes:
    names = f"xmlns='{SVG_NS}' xmlns:xlink='http://www.w3.org/1999/xlink'"
    return f"{before}<svg {names} {attributes}>{body}</svg>".encode()


def embedded(picture: bytes, kind: str = "png") -> str:
    """An SVG image element that holds a picture."""
    return f"<image href='data:image/{kind};base64,{base64.b64encode(picture).decode()}'/>"
