"""Turn a drawing into PNG with resvg, an optional part (extra ``render``)."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from importlib.resources import as_file, files
from typing import cast

from egov_sdk.errors import LimitExceeded, MissingExtra
from egov_sdk.ofd.fonts import BUNDLED_FAMILY, BUNDLED_FILE
from egov_sdk.ofd.render.model import RenderedPage

__all__ = ["rasterize", "rasterize_chart"]

_PIXELS_MAX = 60_000_000
_MM_PER_INCH = 25.4
_DPI = (18, 1200)


def rasterize(page: RenderedPage, *, dpi: int = 150) -> bytes:
    """A drawn page as PNG.

    Args:
        dpi: Dots per inch, 18 to 1200.
    Raises:
        MissingExtra: resvg is not installed.
        ValueError: ``dpi`` is out of range.
        LimitExceeded: the picture would be too large.
    """
    if not _DPI[0] <= dpi <= _DPI[1]:
        raise ValueError(f"dpi must be {_DPI[0]} to {_DPI[1]}, got {dpi}")
    width, height = (max(1, round(side * dpi / _MM_PER_INCH)) for side in (page.width_mm, page.height_mm))
    if width * height > _PIXELS_MAX:
        raise LimitExceeded("pixels", allowed=_PIXELS_MAX, found=width * height)
    return _drawn(page.svg, width=width, height=height, dpi=96.0)


def rasterize_chart(svg: str, *, width: int) -> bytes:
    """A drawing of our own that holds texts, as PNG; its texts are set in the font that comes with this package.

    Args:
        width: Pixels; the height follows.
    Raises:
        MissingExtra: resvg is not installed.
    """
    with as_file(files("egov_sdk.ofd.fonts") / BUNDLED_FILE) as font:
        return _drawn(svg, width=width, font_files=[str(font)], sans_serif_family=BUNDLED_FAMILY)


def _drawn(svg: str, **options: object) -> bytes:
    try:
        draw = importlib.import_module("resvg_py").svg_to_bytes
    except ModuleNotFoundError as error:
        raise MissingExtra("render", needed_for="drawing PNG") from error
    return bytes(cast("Callable[..., bytes]", draw)(svg_string=svg, skip_system_fonts=True, **options))
