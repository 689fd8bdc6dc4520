"""How much of a stranger's table is read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

__all__ = ["DEFAULT_SHEET_LIMITS", "SheetLimits"]


@dataclass(frozen=True, kw_only=True, slots=True)
class SheetLimits:
    """Limits for a CSV file or an Excel workbook; the defaults are those of Excel itself, or above.

    Attributes:
        cells: Of one sheet, gaps between cells included.
        cell_chars: Of one cell; no program for sheets takes more.
        line_chars: Of one line of CSV.
        header_rows: First lines in which the separator of CSV is looked for.
        entries: Parts of a workbook.
        part_bytes: Of one part of a workbook after inflating.
        strings_bytes: Of the texts that cells share, which are held in memory.
        total_bytes: Of all parts together.
        ratio: Of inflated to packed octets, from ``ratio_from_bytes`` on.
        merged: Merged ranges of one worksheet.
    """

    file_bytes: int = 1 << 30
    rows: int = 1_048_576
    columns: int = 512
    cells: int = 200_000_000
    cell_chars: int = 32_767
    line_chars: int = 4 << 20
    header_rows: int = 10
    entries: int = 4_096
    part_bytes: int = 1 << 30
    strings_bytes: int = 256 << 20
    total_bytes: int = 2 << 30
    ratio: float = 400.0
    ratio_from_bytes: int = 8 << 20
    merged: int = 10_000


DEFAULT_SHEET_LIMITS: Final = SheetLimits()
