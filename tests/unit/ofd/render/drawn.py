"""Pages from a few lines, drawn, and what is to be found in the drawing."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Mapping

from fontTools.fontBuilder import FontBuilder  # type: ignore[import-untyped]  # fontTools has no types
from fontTools.pens.t2CharStringPen import T2CharStringPen  # type: ignore[import-untyped]
from fontTools.pens.ttGlyphPen import TTGlyphPen  # type: ignore[import-untyped]
from lxml import etree

from egov_sdk.limits import OfdLimits
from egov_sdk.ofd.render import DEFAULT_RENDER_LIMITS, RenderedPage, RenderLimits, render_page
from egov_sdk.ofd.xml import parse_xml
from tests.unit.ofd.samples import NS, package_of, parts_of

__all__ = ["SQUARE", "codes", "draw", "elements", "font", "notes", "page_parts", "picture_file", "png", "resources"]

SQUARE = "<ofd:AbbreviatedData>M 0 0 L 10 0 L 10 10 L 0 10 C</ofd:AbbreviatedData>"


def resources(inner: str, **files: bytes) -> dict[str, str | bytes]:
    """A resource file, and the data files that it names."""
    return {"Doc_0/R.xml": f'<ofd:Res {NS} BaseLoc="Res">{inner}</ofd:Res>'} | {
        f"Doc_0/Res/{name}": content for name, content in files.items()
    }


def page_parts(
    content: str,
    *,
    common: str = "",
    rest: str = "",
    area: str = "0 0 100 50",
    before: str = "",
    extra: Mapping[str, str | bytes] | None = None,
) -> dict[str, str | bytes]:
    """The parts of a document of one page; ``content`` is what its layer holds."""
    extra = extra or {}
    named = "<ofd:PublicRes>R.xml</ofd:PublicRes>" if "Doc_0/R.xml" in extra else ""
    box = f"<ofd:PageArea><ofd:PhysicalBox>{area}</ofd:PhysicalBox></ofd:PageArea>"
    parts: dict[str, str | bytes] = dict(parts_of(common=box + named + common, rest=rest))
    layer = f'<ofd:Content><ofd:Layer ID="1">{content}</ofd:Layer></ofd:Content>'
    parts["Doc_0/P.xml"] = f"<ofd:Page {NS}>{before}{layer}</ofd:Page>"
    return parts | dict(extra)


def draw(parts: Mapping[str, str | bytes], *, limits: RenderLimits = DEFAULT_RENDER_LIMITS) -> RenderedPage:
    """The first page of a document."""
    package = package_of(parts, limits=OfdLimits(ratio=1e9))
    return render_page(package.documents[0], limits=limits)


def elements(page: RenderedPage, name: str) -> list[etree._Element]:
    """The elements of that name, wherever they stand, in document order."""
    return list(parse_xml(page.svg.encode()).iter(f"{{http://www.w3.org/2000/svg}}{name}"))


def notes(page: RenderedPage) -> list[str]:
    """The codes of its notes without what they share."""
    return [note.code.removeprefix("egov.ofd.render.") for note in page.notes]


def codes(page: RenderedPage) -> set[str]:
    return set(notes(page))


def picture_file(data: bytes, *, objects: int = 1, attributes: str = "") -> dict[str, str | bytes]:
    """A page that shows one picture."""
    content = f'<ofd:ImageObject ResourceID="7" Boundary="10 20 30 15" CTM="30 0 0 15 0 0" {attributes}/>' * objects
    media = (
        '<ofd:MultiMedias><ofd:MultiMedia ID="7" Type="Image"><ofd:MediaFile>i</ofd:MediaFile></ofd:MultiMedia>'
        "</ofd:MultiMedias>"
    )
    return page_parts(content, extra=resources(media, i=data))


def png(width: int, height: int, *, chunks: tuple[tuple[bytes, bytes], ...] = ()) -> bytes:
    """A grey PNG; the chunks given stand before its pixels."""
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    pixels = zlib.compress(b"\0" * ((width + 1) * height), 9)
    parts = [(b"IHDR", header), *chunks, (b"IDAT", pixels), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(map(_chunk, parts))


def _chunk(part: tuple[bytes, bytes]) -> bytes:
    kind, content = part
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def font(*, cff: bool = False) -> bytes:
    """A font of 1,000 units: A is a square, B a triangle of which the TrueType form is composed, C blank."""
    order = [".notdef", "A", "B", "C"]
    builder = FontBuilder(1000, isTTF=not cff)
    builder.updateHead(created=0, modified=0)  # else it bears the time of the run, and so would names of tests
    builder.font.recalcTimestamp = False
    builder.setupGlyphOrder(order)
    builder.setupCharacterMap({0x41: "A", 0x42: "B", 0x43: "C", 0x4E2D: "A"})
    glyphs = {name: _glyph(name, cff=cff) for name in order}
    if cff:
        builder.setupCFF("Test", {}, glyphs, {})
    else:
        builder.setupGlyf(glyphs)
    builder.setupHorizontalMetrics(dict.fromkeys(order, (600, 0)))
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupNameTable({"familyName": "Test", "styleName": "Regular"})
    builder.setupOS2()
    builder.setupPost()
    file = io.BytesIO()
    builder.save(file)
    return file.getvalue()


def _glyph(name: str, *, cff: bool) -> object:
    pen = T2CharStringPen(600, None) if cff else TTGlyphPen(None)
    corners: dict[str, tuple[tuple[int, int], ...]] = {
        "A": ((0, 0), (500, 0), (500, 500), (0, 500)),
        "B": ((0, 0), (400, 0), (200, 700)),
    }
    for first, *others in [corners[name]] if name in corners else []:
        pen.moveTo(first)
        for corner in others:
            pen.lineTo(corner)
        pen.closePath()
    return pen.getCharString() if cff else pen.glyph()
