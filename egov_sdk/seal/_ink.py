"""The drawing board of seal pictures: shapes and characters in millimetres, drawn finer than the picture."""

from __future__ import annotations

import hashlib
import io
import math
from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageChops, ImageDraw, ImageFont

from egov_sdk.ofd.fonts import FontFace, missing_characters, open_face
from egov_sdk.seal._lettering import Cell

__all__ = ["Ink"]

SEAL_RED = (220, 20, 20)
_MM_PER_INCH = 25.4
_STROKE = 0.016  # of the height of a character, on each side: a cut seal is bolder than a printed page
_TRIAL_PX = 200
_FULL = "国"  # fills its em square in every font


class Ink:
    """What has been drawn so far; the origin is the middle of the picture, y grows downward, all in mm."""

    def __init__(
        self, width_mm: float, height_mm: float, *, dpi: int, font: FontFace | Path | str | bytes | None
    ) -> None:
        self._size = (round(width_mm / _MM_PER_INCH * dpi), round(height_mm / _MM_PER_INCH * dpi))
        self._finer = 4 if max(self._size) <= 1600 else 2
        self._dpi, self._font_source = dpi, font
        self._scale = dpi / _MM_PER_INCH * self._finer
        self._mask = Image.new("L", (self._size[0] * self._finer, self._size[1] * self._finer), 0)
        self._pen = ImageDraw.Draw(self._mask)
        self._fonts: dict[float, ImageFont.FreeTypeFont] = {}

    def ring(self, half_width: float, half_height: float, *, thickness: float) -> None:
        """An elliptic ring whose outer edge has these half axes. Draw rings from the outside inward."""
        self._pen.ellipse(self._box(half_width, half_height), fill=255)
        self._pen.ellipse(self._box(half_width - thickness, half_height - thickness), fill=0)

    def frame(self, half_width: float, half_height: float, *, thickness: float) -> None:
        """A rectangular frame with softly rounded corners."""
        for inset, ink in ((0.0, 255), (thickness, 0)):
            box = self._box(half_width - inset, half_height - inset)
            self._pen.rounded_rectangle(box, radius=thickness * self._scale * (1 if ink else 0.5), fill=ink)

    def star(self, diameter: float) -> None:
        """A five-pointed star in the middle, one point upward; ``diameter`` is that of the circle round its points."""
        outer = diameter / 2
        inner = outer * math.sin(math.radians(18)) / math.cos(math.radians(36))
        turns = [(inner if number % 2 else outer, math.radians(36 * number)) for number in range(10)]
        self._pen.polygon(
            [self._place(radius * math.sin(turn), -radius * math.cos(turn)) for radius, turn in turns], fill=255
        )

    def characters(self, text: str, cells: Sequence[Cell]) -> None:
        """Draw each character of ``text`` into its cell, keeping its place in the em square."""
        for char, cell in zip(text, cells, strict=True):
            self._character(char, cell)

    def advances(self, text: str) -> list[float]:
        """The width of each character as a share of a Chinese one: 1.0, and about 0.5 for a digit.

        Raises:
            ValueError: The font lacks a character.
        """
        if missing := missing_characters(text, font=self._font_source):
            raise ValueError(f"the font has no glyph for {missing!r}: pass font=egov_sdk.ofd.fonts.find_font(text)")
        font = self._font(_TRIAL_PX)
        return [max(font.getlength(char) / font.getlength(_FULL), 0.1) for char in text]

    def png(self, *, seed: int | None) -> bytes:
        """The picture in red on transparent ground, with its resolution."""
        alpha = self._mask.reduce(self._finer)
        if seed is not None:
            alpha = _uneven(alpha, seed=seed, grain=max(1, self._dpi // 150))
        picture = Image.new("RGBA", self._size, (*SEAL_RED, 0))
        picture.putalpha(alpha)
        out = io.BytesIO()
        picture.save(out, "PNG", optimize=True, dpi=(self._dpi, self._dpi))
        return out.getvalue()

    def _character(self, char: str, cell: Cell) -> None:
        _, top, _, bottom = self._font(_TRIAL_PX).getbbox(_FULL, anchor="ls")
        font = self._font(cell.height * self._scale * _TRIAL_PX / (bottom - top))
        stroke = _STROKE * cell.height * self._scale
        half = (bottom - top) / 2 * font.size / _TRIAL_PX
        baseline = half - bottom * font.size / _TRIAL_PX
        _, high, _, low = font.getbbox(char, anchor="ls")
        reach = math.ceil(max(half, -(baseline + high), baseline + low) + stroke) + 2
        pad, advance = math.ceil(stroke) + 2, font.getlength(char)
        glyph = Image.new("L", (math.ceil(advance) + 2 * pad, 2 * reach), 0)
        ImageDraw.Draw(glyph).text((pad, reach + baseline), char, fill=255, font=font, anchor="ls", stroke_width=stroke)
        squeezed = max(1, round(glyph.width * cell.width * self._scale / max(advance, 1.0)))
        glyph = glyph.resize((squeezed, glyph.height), Image.Resampling.LANCZOS)
        glyph = glyph.rotate(-cell.turn, Image.Resampling.BICUBIC, expand=True)
        x, y = self._place(cell.x, cell.y)
        self._mask.paste(255, (round(x - glyph.width / 2), round(y - glyph.height / 2)), glyph)

    def _font(self, size_px: float) -> ImageFont.FreeTypeFont:
        if size_px not in self._fonts:
            self._fonts[size_px] = open_face(self._font_source, size_px=size_px)
        return self._fonts[size_px]

    def _place(self, x: float, y: float) -> tuple[float, float]:
        return self._mask.width / 2 + x * self._scale, self._mask.height / 2 + y * self._scale

    def _box(self, half_width: float, half_height: float) -> tuple[float, float, float, float]:
        left, top = self._place(-half_width, -half_height)
        right, bottom = self._place(half_width, half_height)
        return left, top, right - 1, bottom - 1


def _uneven(alpha: Image.Image, *, seed: int, grain: int) -> Image.Image:
    """Thin the ink here and there, as a hand-pressed print does: the same for the same seed."""
    layers = []
    for size, least in ((grain, 165), (grain * 24, 150)):
        across, down = alpha.width // size + 2, alpha.height // size + 2
        spots = Image.frombytes("L", (across, down), hashlib.shake_128(b"%d %d" % (seed, size)).digest(across * down))
        spots = spots.point([min(255, least + value) for value in range(256)])
        layers.append(spots.resize(alpha.size, Image.Resampling.BICUBIC))
    return ImageChops.multiply(alpha, ImageChops.multiply(*layers))
