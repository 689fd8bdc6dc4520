"""Tables of strangers (数据表): CSV and Excel read within limits, and written so that no cell becomes a formula."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from egov_sdk.sheets.cells import guard_formula, unguard_formula
    from egov_sdk.sheets.limits import SheetLimits
    from egov_sdk.sheets.reading import (
        Sheet,
        Worksheet,
        open_csv,
        open_sheet,
        open_workbook,
    )
    from egov_sdk.sheets.rows import SheetOptions, SheetRow
    from egov_sdk.sheets.writing import sheet_bytes, write_sheet

__all__ = [
    "Sheet",
    "SheetLimits",
    "SheetOptions",
    "SheetRow",
    "Worksheet",
    "guard_formula",
    "open_csv",
    "open_sheet",
    "open_workbook",
    "sheet_bytes",
    "unguard_formula",
    "write_sheet",
]

if not TYPE_CHECKING:  # pragma: no branch - so that a misspelt name stays an error for type checkers
    _HOMES = {
        "SheetLimits": "limits",
        **dict.fromkeys(("guard_formula", "unguard_formula"), "cells"),
        **dict.fromkeys(("sheet_bytes", "write_sheet"), "writing"),
        **dict.fromkeys(("SheetOptions", "SheetRow"), "rows"),
        **dict.fromkeys(("Sheet", "Worksheet"), "reading"),
        **dict.fromkeys(("open_csv", "open_sheet", "open_workbook"), "reading"),
    }

    def __getattr__(name: str) -> object:
        """Load what is asked for."""
        if name in _HOMES:
            return getattr(import_module(f"egov_sdk.sheets.{_HOMES[name]}"), name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
