"""A small bar chart as SVG: shapes and texts only, no script, no font, nothing fetched."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple
from xml.sax.saxutils import escape

__all__ = ["Bar", "draw_bars", "percent"]

_WIDTH: Final = 480
_ROW: Final = 34
_TOP: Final = 46
_LEFT: Final = 96
_FULL: Final = 300
_GOOD, _FAIR = 0.95, 0.8
_COLOURS: Final = ("#2f7d4f", "#b8860b", "#b5342c")
_GREY: Final = "#8a8f98"
_TITLE_CHARS: Final = 32


class Bar(NamedTuple):
    """One bar: its label and its length, 0 to 1; None where nothing was measured."""

    label: str
    share: float | None


def draw_bars(title: str, bars: Sequence[Bar], *, unknown: str) -> str:
    """Draw bars below each other with their shares in per cent.

    Args:
        unknown: said in place of a bar that has no length.
    """
    height = _TOP + _ROW * len(bars) + 12
    spoken = "; ".join(f"{bar.label} {percent(bar.share) or unknown}" for bar in bars)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img" '
        f'aria-label="{_safe(title)}: {_safe(spoken)}" font-family="sans-serif" font-size="14">',
        f'<rect width="{_WIDTH}" height="{height}" fill="#ffffff"/>',
        f'<text x="16" y="28" font-size="16" font-weight="bold" fill="#20242a">{_safe(title[:_TITLE_CHARS])}</text>',
    ]
    for place, bar in enumerate(bars):
        parts += _drawn(bar, _TOP + place * _ROW, unknown)
    return "\n".join([*parts, "</svg>"]) + "\n"


def _drawn(bar: Bar, top: int, unknown: str) -> list[str]:
    base = top + 19
    label = f'<text x="{_LEFT - 12}" y="{base}" text-anchor="end" fill="#20242a">{_safe(bar.label)}</text>'
    track = f'<rect x="{_LEFT}" y="{top + 4}" width="{_FULL}" height="20" rx="3" fill="#eceef1"/>'
    if bar.share is None:
        return [label, track, f'<text x="{_LEFT + 8}" y="{base}" fill="{_GREY}">{_safe(unknown)}</text>']
    width = f"{_FULL * bar.share:.1f}"
    colour = _COLOURS[0] if bar.share >= _GOOD else _COLOURS[1] if bar.share >= _FAIR else _COLOURS[2]
    return [
        label,
        track,
        f'<rect x="{_LEFT}" y="{top + 4}" width="{width}" height="20" rx="3" fill="{colour}"/>',
        f'<text x="{_LEFT + _FULL + 10}" y="{base}" fill="#20242a">{percent(bar.share)}</text>',
    ]


def percent(share: float | None) -> str:
    """Rounded down, so that 100 % means all."""
    return "" if share is None else f"{int(share * 1000) / 10:g} %"


def _safe(text: str) -> str:
    return escape("".join(one for one in text if one.isprintable()), {'"': "&quot;"})
