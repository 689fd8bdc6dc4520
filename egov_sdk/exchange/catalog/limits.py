"""How much of a stranger's catalogue is read. A province's own catalogue stays below the defaults."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from egov_sdk.sheets.limits import SheetLimits

__all__ = ["DEFAULT_CATALOG_LIMITS", "CatalogLimits"]

_SHEETS: Final = SheetLimits(rows=500_000, cells=8_000_000, cell_chars=131_072)


@dataclass(frozen=True, kw_only=True, slots=True)
class CatalogLimits:
    """Limits for a file of catalogue entries: bytes, counts, and the lengths of texts."""

    file_bytes: int = 512 << 20
    entries: int = 500_000
    items: int = 2_000  # of one entry
    values: int = 256  # of one list: keywords, links, related resources
    text_chars: int = 8_000
    findings: int = 10_000  # after so many the rest is not looked at
    entry_bytes: int = 4 << 20  # of one entry in XML
    xml_elements: int = 20_000  # of a document that is kept whole
    json_bytes: int = 128 << 20
    rdf_bytes: int = 32 << 20
    sheets: SheetLimits = _SHEETS


DEFAULT_CATALOG_LIMITS: Final = CatalogLimits()
