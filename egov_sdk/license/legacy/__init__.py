"""Old licences (存量证照) brought in from sheets: row by row, nothing lost, nothing doubled, resumable."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from egov_sdk.license.legacy.completing import complete_imported
    from egov_sdk.license.legacy.errors import write_error_sheet
    from egov_sdk.license.legacy.importing import Importer, ImportPlan
    from egov_sdk.license.legacy.ledger import ImportBatch, RowState
    from egov_sdk.license.legacy.mapping import EPOINT, GENERAL, ZFSOFT, SheetMapping
    from egov_sdk.sheets import SheetLimits, SheetOptions

__all__ = [
    "EPOINT",
    "GENERAL",
    "ZFSOFT",
    "ImportBatch",
    "ImportPlan",
    "Importer",
    "RowState",
    "SheetLimits",
    "SheetMapping",
    "SheetOptions",
    "complete_imported",
    "write_error_sheet",
]

if not TYPE_CHECKING:  # pragma: no branch - so that a misspelt name stays an error for type checkers
    _HOMES = {
        "complete_imported": "completing",
        "write_error_sheet": "errors",
        "Importer": "importing",
        "ImportPlan": "importing",
        "ImportBatch": "ledger",
        "RowState": "ledger",
    } | dict.fromkeys(("EPOINT", "GENERAL", "ZFSOFT", "SheetMapping"), "mapping")

    def __getattr__(name: str) -> object:
        """Load what is asked for: the record of imports needs a database, reading a sheet needs none."""
        if name in _HOMES:
            return getattr(import_module(f"egov_sdk.license.legacy.{_HOMES[name]}"), name)
        if name in {"SheetLimits", "SheetOptions"}:
            from egov_sdk import sheets

            return getattr(sheets, name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
