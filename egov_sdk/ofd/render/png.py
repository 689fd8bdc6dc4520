"""Turn a drawing into PNG with resvg, an optional part (extra ``render``)."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import cast

from egov_sdk.errors import LimitExceeded, MissingExtra
from egov_sdk.ofd.render.model import RenderedPage

__all__ = ["rasterize"]

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
    try:
        draw = importlib.import_module("resvg_py").svg_to_bytes
    except ModuleNotFoundError as error:
        raise MissingExtra("render", needed_for="drawing a page as PNG") from error
    drawn = cast("Callable[..., bytes]", draw)(
        svg_string=page.svg, width=width, height=height, skip_system_fonts=True, dpi=96.0
    )
    return bytes(drawn)
