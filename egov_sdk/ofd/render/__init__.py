"""Draw OFD pages (版面呈现): SVG whose glyphs are paths, and PNG. Knows no seals: their pictures are handed in."""

from __future__ import annotations

from egov_sdk.ofd.render.limits import DEFAULT_RENDER_LIMITS, RenderLimits
from egov_sdk.ofd.render.machine_fonts import machine_fonts
from egov_sdk.ofd.render.model import Picture, RenderedPage, StampPicture
from egov_sdk.ofd.render.page import render_page
from egov_sdk.ofd.render.png import rasterize

__all__ = [
    "DEFAULT_RENDER_LIMITS",
    "Picture",
    "RenderLimits",
    "RenderedPage",
    "StampPicture",
    "machine_fonts",
    "rasterize",
    "render_page",
]
