"""Looking at a stranger's seal picture (印章图像) without decoding it: what it is, how large, and is it harmless."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

from egov_sdk.caches import BoundedCache
from egov_sdk.errors import LimitExceeded, ParseError
from egov_sdk.limits import DEFAULT_PICTURE_LIMITS, PictureLimits
from egov_sdk.report import Text
from egov_sdk.seal._pictures import raster
from egov_sdk.seal._pictures.svg import check_svg
from egov_sdk.seal.model import Leniency

__all__ = ["LENIENCIES", "PictureFormat", "PictureInfo", "inspect_picture"]

PictureFormat = Literal["PNG", "GIF", "BMP", "JPG", "SVG", "OFD"]

#: GB/T 38540-2020 names these five; tax seals carry a whole OFD package as well.
_STANDARD = frozenset({"GIF", "BMP", "JPG", "PNG", "SVG"})

#: Deviations that are read all the same.
LENIENCIES: Mapping[str, Text] = MappingProxyType(
    {
        "picture_type_spelling": Text(
            "the type of the picture is not spelt as the standard does", "图像类型的写法与标准不同"
        ),
        "picture_type_ofd": Text(
            "the picture is declared to be an OFD package, which the standard does not list",
            "图像类型为 OFD，标准未列出此类型",
        ),
        "picture_type_differs": Text("the picture is of another type than declared", "图像的实际类型与声明的类型不同"),
        "picture_trailing_data": Text("bytes follow the end of the picture", "图像结尾之后还有数据"),
        "picture_end_missing": Text("the end mark of the picture is missing", "图像缺少结束标记"),
    }
)


_SIZES: Final[BoundedCache[tuple[PictureFormat, bytes, PictureLimits, str], raster.RasterSize]] = BoundedCache(8 << 20)


@dataclass(frozen=True, slots=True)
class PictureInfo:
    """What a picture is by its own bytes. Drawings (SVG, OFD) have no size in pixels."""

    format: PictureFormat
    width_px: int | None
    height_px: int | None
    declared: str
    leniencies: tuple[Leniency, ...]


def inspect_picture(
    data: bytes,
    *,
    declared: str = "",
    width_mm: int | None = None,
    height_mm: int | None = None,
    limits: PictureLimits = DEFAULT_PICTURE_LIMITS,
    where: str = "picture",
) -> PictureInfo:
    """Tell what a picture is from its bytes, and refuse it when showing it could do harm.

    No pixel is decoded, nothing is inflated or fetched. An OFD picture is recognised only: open it under
    ``OfdLimits`` before drawing it.

    Args:
        declared: The type written in the seal, in any case; a wrong one is noted, not refused. Empty for none.
        width_mm, height_mm: The printed size in the seal.
    Raises:
        ParseError: egov.seal.picture.unknown_format, .malformed, .animated (more than one frame, of which readers
            would show different ones), .active_content or .external_reference (SVG), .too_complex, .size.
        LimitExceeded: larger than the limits allow, in bytes, pixels or millimetres.
    """
    if len(data) > limits.data_bytes:
        raise LimitExceeded("data_bytes", allowed=limits.data_bytes, found=len(data), where=where)
    _check_print(width_mm, height_mm, limits, where)
    form = _sniff(data, where)
    notes = _declared(declared, form, where)
    if form == "SVG":
        check_svg(data, limits=limits, where=where)
    if form in ("SVG", "OFD"):
        return PictureInfo(form, None, None, declared, tuple(notes))
    size = _raster_size(form, data, limits, where)
    if size.trailing:
        notes.append(Leniency("picture_trailing_data", where, f"{size.trailing} bytes"))
    if size.unfinished:
        notes.append(Leniency("picture_end_missing", where))
    return PictureInfo(form, size.width, size.height, declared, tuple(notes))


def _raster_size(form: PictureFormat, data: bytes, limits: PictureLimits, where: str) -> raster.RasterSize:
    """What the picture says of itself, remembered by its bytes: the same one stands in every document of a seal."""
    key = (form, data, limits, where)
    known = _SIZES.get(key)
    if known is None:
        known = _SIZES.put(key, raster.READERS[form](data, limits=limits, where=where), weight=len(data))
    return known


def _check_print(width_mm: int | None, height_mm: int | None, limits: PictureLimits, where: str) -> None:
    for side in (width_mm, height_mm):
        if side is None:
            continue
        if side <= 0:
            raise ParseError(
                f"expected a printed size above 0 mm, found {side}", where=where, code="egov.seal.picture.size"
            )
        if side > limits.side_mm:
            raise LimitExceeded("side_mm", allowed=limits.side_mm, found=side, where=where)


def _sniff(data: bytes, where: str) -> PictureFormat:
    starts: tuple[tuple[bytes, PictureFormat], ...] = (
        (b"\x89PNG\r\n\x1a\n", "PNG"),
        (b"GIF87a", "GIF"),
        (b"GIF89a", "GIF"),
        (b"\xff\xd8\xff", "JPG"),
        (b"BM", "BMP"),
    )
    for start, form in starts:
        if data.startswith(start):
            return form
    if data.startswith(b"PK\x03\x04") and b"OFD.xml" in data:  # names of entries are stored as they are
        return "OFD"
    if data[:512].removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<"):
        return "SVG"
    raise ParseError(
        f"expected a PNG, GIF, BMP, JPEG, SVG or OFD picture, found bytes beginning {data[:8].hex() or 'nowhere'}",
        where=where,
        code="egov.seal.picture.unknown_format",
    )


def _declared(declared: str, form: PictureFormat, where: str) -> list[Leniency]:
    if not declared:
        return []
    told = "JPG" if declared.upper() == "JPEG" else declared.upper()
    notes = []
    if told == "OFD":
        notes.append(Leniency("picture_type_ofd", where, declared))
    elif told in _STANDARD and declared != told:
        notes.append(Leniency("picture_type_spelling", where, declared))
    if told != form:
        notes.append(Leniency("picture_type_differs", where, f"{form} declared as {declared[:40]}"))
    return notes
