"""How much of a stranger's page is drawn. Normal government documents stay far below the defaults."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

__all__ = ["DEFAULT_RENDER_LIMITS", "Budget", "Enough", "RenderLimits"]


@dataclass(frozen=True, kw_only=True, slots=True)
class RenderLimits:
    """Limits for drawing one page, templates and annotations included.

    ``effort`` is what a rasteriser may be asked to do, in A4 pages painted over once with a transparent colour: 24 of
    them take about a second at 150 dots per inch.
    """

    side_mm: float = 5_000
    xml_bytes: int = 8 << 20
    objects: int = 20_000
    depth: int = 12
    path_operators: int = 150_000
    glyphs: int = 20_000
    outlines: int = 1_500  # different ones
    fonts: int = 64
    font_bytes: int = 32 << 20
    image_bytes: int = 24 << 20
    image_pixels: int = 40_000_000
    dashes: int = 20_000
    paints: int = 1_000
    effort: float = 24.0
    stamps: int = 256
    svg_bytes: int = 48 << 20


DEFAULT_RENDER_LIMITS = RenderLimits()


class Enough(Exception):
    """The page asks for more than a limit allows; drawing ends here, and what is drawn stays."""

    def __init__(self, limit: str, allowed: float) -> None:
        super().__init__(limit)
        self.limit, self.allowed = limit, allowed


class Budget:
    """What has been spent of each limit."""

    def __init__(self, limits: RenderLimits) -> None:
        self.limits = limits
        self._spent: Counter[str] = Counter()

    def spend(self, limit: str, amount: float = 1) -> None:
        """Count towards a limit.

        Raises:
            Enough: more has been asked for than it allows.
        """
        if not self.affords(limit, amount):
            raise Enough(limit, float(getattr(self.limits, limit)))

    def affords(self, limit: str, amount: float = 1) -> bool:
        """Count towards a limit if it is not passed by that; whether it was counted."""
        spent = self._spent[limit] + amount
        if spent > getattr(self.limits, limit):
            return False
        self._spent[limit] = spent  # type: ignore[assignment]  # areas are counted in parts
        return True
