"""Drawing seal pictures (印章图像): round with or without a star, oval, and personal name seals.

Sizes follow the usual ones: 国发〔1999〕25号 and what is seen in real seals. Every picture carries the mark
样章 (sample) unless that is switched off; state and party emblems are never drawn.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

from egov_sdk.ofd.fonts import FontFace
from egov_sdk.seal._lettering import Cell, arc_cells, line_cells
from egov_sdk.seal.model import SealPicture

if TYPE_CHECKING:
    from egov_sdk.seal._ink import Ink

__all__ = ["SealPicture", "draw_name_seal", "draw_oval_seal", "draw_round_seal"]

SAMPLE_MARK = "样章"
_SIDE_MM = (8, 100)
_DPI = (72, 1200)


def draw_round_seal(
    text: str,
    *,
    diameter_mm: int = 42,
    centre: Literal["star", "none"] = "star",
    lower_text: str = "",
    rim_mm: float = 1.2,
    sample: bool = True,
    dpi: int = 600,
    font: FontFace | Path | str | bytes | None = None,
    seed: int | None = None,
) -> SealPicture:
    """Draw a round seal: the name along the rim, a star a third as wide as the seal, a straight text below it.

    Args:
        text: The name of the body, read clockwise, centred at the top.
        diameter_mm: 42 for most bodies, 45 for city and county governments, 40 for special purposes, 38 for companies.
        lower_text: A department or a purpose, such as 财务专用章.
        sample: Draw the mark 样章. Without it the picture may be taken for a real seal.
        font: A font file, its bytes, or a face of a collection; the bundled Song face by default.
        seed: A number gives uneven ink as of a hand-pressed print, the same for the same number; None even ink.
    Returns:
        PNG with alpha.
    Raises:
        ValueError: A size is out of range, a text is empty or too long, or the font lacks a character.
    """
    if centre not in ("star", "none"):
        raise ValueError(f"centre must be star or none, found {centre!r}")
    ink = _board(diameter_mm, diameter_mm, rim_mm=rim_mm, texts=(text, lower_text), dpi=dpi, font=font)
    size, half = diameter_mm, diameter_mm / 2
    ink.ring(half, half, thickness=rim_mm)
    cells = arc_cells(
        ink.advances(text),
        half_axes=(half - rim_mm, half - rim_mm),
        margin=0.026 * size,
        height=0.158 * size,
        widest_deg=240 if lower_text else 285,
    )
    ink.characters(text, cells)
    if centre == "star":
        ink.star(size / 3)
    if lower_text:
        _line(ink, lower_text, y=0.328 * size, height=0.1 * size, width=0.5 * size)
    if sample:
        y = (0.2 if lower_text else 0.255) * size if centre == "star" else 0.0
        height = (0.07 if lower_text else 0.088) * size if centre == "star" else 0.13 * size
        _line(ink, SAMPLE_MARK, y=y, height=height, width=0.3 * size, spacing=0.25)
    return SealPicture(ink.png(seed=seed), "PNG", diameter_mm, diameter_mm)


def draw_oval_seal(
    text: str,
    *,
    width_mm: int = 30,
    height_mm: int = 20,
    middle_text: str = "",
    lower_text: str = "",
    rim_mm: float = 0.8,
    sample: bool = True,
    dpi: int = 600,
    font: FontFace | Path | str | bytes | None = None,
    seed: int | None = None,
) -> SealPicture:
    """Draw an oval seal, as tax invoices carry: the name along the rim, straight texts in the middle and below.

    Args:
        width_mm: 30 by 20 for an invoice supervision seal (发票监制章), 40 by 30 for an invoice seal (发票专用章).
        middle_text: A tax number, or the name of an office.
        lower_text: A purpose, such as 发票专用章.
        sample: Draw the mark 样章. Without it the picture may be taken for a real seal.
        font: As for a round seal, and so is ``seed``.
    Returns:
        PNG with alpha.
    Raises:
        ValueError: A size is out of range, a text is empty or too long, or the font lacks a character.
    """
    if not height_mm <= width_mm <= 2 * height_mm:
        raise ValueError(f"an oval seal is at most twice as wide as high, found {width_mm}x{height_mm} mm")
    ink = _board(width_mm, height_mm, rim_mm=rim_mm, texts=(text, middle_text, lower_text), dpi=dpi, font=font)
    half_axes = (width_mm / 2 - rim_mm, height_mm / 2 - rim_mm)
    ink.ring(width_mm / 2, height_mm / 2, thickness=rim_mm)
    cells = arc_cells(
        ink.advances(text), half_axes=half_axes, margin=0.022 * height_mm, height=0.145 * height_mm, widest_deg=230
    )
    ink.characters(text, cells)
    rows = [(middle_text, 0.0, 0.12, 0.62), (lower_text, 0.2, 0.145, 0.5)]
    if sample:
        free = next((row for row in rows if not row[0]), ("", 0.36, 0.095, 0.3))
        rows = [row for row in rows if row[0]] + [(SAMPLE_MARK, *free[1:])]
    for row_text, y, height, width in rows:
        if row_text:
            _line(ink, row_text, y=y * height_mm, height=height * height_mm, width=width * width_mm)
    return SealPicture(ink.png(seed=seed), "PNG", width_mm, height_mm)


def draw_name_seal(
    name: str,
    *,
    side_mm: int = 18,
    rim_mm: float = 0.8,
    sample: bool = True,
    dpi: int = 600,
    font: FontFace | Path | str | bytes | None = None,
    seed: int | None = None,
) -> SealPicture:
    """Draw a square personal seal (名章): one to six characters in columns, read from the right.

    Args:
        name: As it shall stand; 印 is not added.
        sample: Draw the mark 样章 at the foot.
        font: As for a round seal, and so is ``seed``.
    Returns:
        PNG with alpha.
    Raises:
        ValueError: A size is out of range, the name has no or more than six characters, or the font lacks one.
    """
    if len(name) > 6:
        raise ValueError(f"a name seal holds six characters, found {len(name)}")
    ink = _board(side_mm, side_mm, rim_mm=rim_mm, texts=(name,), dpi=dpi, font=font)
    ink.advances(name)
    ink.frame(side_mm / 2, side_mm / 2, thickness=rim_mm)
    field = side_mm - 2 * rim_mm - 0.08 * side_mm
    foot = 0.2 * side_mm if sample else 0.0
    ink.characters(name, _columns(len(name), width=field, height=field - foot, rise=foot / 2))
    if sample:
        _line(ink, SAMPLE_MARK, y=(field - foot) / 2 + 0.01 * side_mm, height=0.15 * side_mm, width=field, spacing=0.3)
    return SealPicture(ink.png(seed=seed), "PNG", side_mm, side_mm)


def _board(
    width_mm: int,
    height_mm: int,
    *,
    rim_mm: float,
    texts: tuple[str, ...],
    dpi: int,
    font: FontFace | Path | str | bytes | None,
) -> Ink:
    """An empty drawing board, once the caller's wishes are known to be sound."""
    for name, value, (least, most) in (
        ("width", width_mm, _SIDE_MM),
        ("height", height_mm, _SIDE_MM),
        ("dpi", dpi, _DPI),
    ):
        if not least <= value <= most:
            raise ValueError(f"{name} must be {least} to {most}, found {value}")
    if not 0 < rim_mm < min(width_mm, height_mm) / 8:
        raise ValueError(f"rim_mm must be above 0 and below an eighth of the seal's size, found {rim_mm}")
    if not texts[0].strip():
        raise ValueError("the seal has no text")
    if not all(text.isprintable() for text in texts):
        raise ValueError("the text of a seal must be printable and of one line")
    from egov_sdk.seal._ink import Ink  # loads Pillow, which verifying a seal does not need

    return Ink(width_mm, height_mm, dpi=dpi, font=font)


def _line(ink: Ink, text: str, *, y: float, height: float, width: float, spacing: float = 0.08) -> None:
    ink.characters(text, line_cells(ink.advances(text), y=y, height=height, width=width, spacing=spacing))


def _columns(count: int, *, width: float, height: float, rise: float) -> list[Cell]:
    """Boxes in one or two columns, the right one first; a lone family name takes its whole column."""
    columns = [count // 2, count - count // 2] if count > 1 else [1]
    across = width / len(columns)
    cells = []
    for number, rows in enumerate(columns):
        x = width / 2 - across * (number + 0.5)
        down = height / rows
        cells += [Cell(x, down * (row + 0.5) - height / 2 - rise, across * 0.98, down * 0.94) for row in range(rows)]
    return cells
