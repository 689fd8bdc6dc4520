"""How much work a drawing asks of a rasteriser, so that a page of a few lines cannot ask for hours.

The unit is an A4 page painted over once with a transparent colour; the weights were measured with resvg.
"""

from __future__ import annotations

__all__ = [
    "AREA_MM2",
    "EDGE_MM",
    "GLYPH",
    "GRADIENT",
    "HAIRLINE_MM",
    "LAYER",
    "OBJECT",
    "OPAQUE",
    "PATTERN",
    "PICTURE",
    "PICTURE_SMOOTH",
    "TRANSPARENT",
]

AREA_MM2 = 210.0 * 297.0

# What painting one page costs.
OPAQUE, TRANSPARENT, GRADIENT, PATTERN = 0.1, 1.0, 3.0, 2.5
LAYER = 3.5  # clipped, or made transparent as a whole
PICTURE, PICTURE_SMOOTH = 14.0, 6.0  # with the best filter, and with a plain one

EDGE_MM = 1.5  # how broad the work along an edge is
HAIRLINE_MM = 0.17  # lines thinner than a pixel cost twice as much
OBJECT = 0.00025
GLYPH = 0.0007  # with eighty points
