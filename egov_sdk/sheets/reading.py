"""Tables that are read: CSV or Excel, looked over whole before anything is done with a row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, Protocol

from egov_sdk.sheets._source import Source
from egov_sdk.sheets.limits import DEFAULT_SHEET_LIMITS, SheetLimits
from egov_sdk.sheets.problems import unreadable
from egov_sdk.sheets.rows import MergedCells, SheetOptions, SheetRow

__all__ = [
    "Sheet",
    "Worksheet",
    "open_csv",
    "open_sheet",
    "open_workbook",
]

_OLE: Final = bytes.fromhex("d0cf11e0a1b11ae1")


class Sheet(Protocol):
    """A sheet that was looked over: its form is sound, and it is within the limits."""

    @property
    def rows_at_most(self) -> int:
        """How many rows there are, for progress."""

    @property
    def from_1904(self) -> bool:
        """Whether days that are numbers count from 1904."""

    def rows(self) -> Iterator[SheetRow]:
        """The rows that are not empty, from the first; may be asked for again."""


class Worksheet(Sheet, Protocol):
    """A sheet of a workbook."""

    @property
    def title(self) -> str:
        """Its name."""

    @property
    def is_visible(self) -> bool:
        """Whether programs show it."""

    @property
    def merged(self) -> Sequence[MergedCells]:
        """The ranges that are merged, by their first row."""


_AS_FOUND: Final = SheetOptions()


def open_sheet(
    content: Path | bytes, *, options: SheetOptions | None = None, limits: SheetLimits = DEFAULT_SHEET_LIMITS
) -> Sheet:
    """Look a sheet over, from its first octet to its last; memory does not grow with it.

    What a file is follows from its content, not from its name.

    Raises:
        ParseError: kind, old, empty, encoding, quotes, damaged, entity, active, missing.
        LimitExceeded: more than the limits allow.
        MissingExtra: it is a workbook, and openpyxl is not installed.
    """
    if not _is_workbook(Source(content, limits)):
        return open_csv(content, options=options, limits=limits)
    options = options or _AS_FOUND
    source = Source(content, limits)
    visible = {one.title: one for one in open_workbook(content, options=options, limits=limits) if one.is_visible}
    wanted = options.worksheet
    if (wanted and wanted not in visible) or not visible:
        raise unreadable("missing", where=source.name, expected=wanted or "-", found=", ".join(visible) or "-")
    return visible[wanted] if wanted else next(iter(visible.values()))


def open_workbook(
    content: Path | bytes, *, options: SheetOptions | None = None, limits: SheetLimits = DEFAULT_SHEET_LIMITS
) -> tuple[Worksheet, ...]:
    """Look a workbook over and give all its worksheets, those that are not shown too.

    Raises:
        ParseError: kind, old, empty, damaged, entity, active.
        LimitExceeded: more than the limits allow.
        MissingExtra: openpyxl is not installed.
    """
    source = Source(content, limits)
    if not _is_workbook(source):
        raise unreadable("kind", where=source.name, found=source.head().hex(" "))
    from egov_sdk.sheets._xlsx import worksheets

    return worksheets(source, options or _AS_FOUND)


def open_csv(
    content: Path | bytes, *, options: SheetOptions | None = None, limits: SheetLimits = DEFAULT_SHEET_LIMITS
) -> Sheet:
    """Look a CSV file over: its encoding, its separator, its quotes.

    Raises:
        ParseError: empty, encoding, quotes.
        LimitExceeded: more than the limits allow.
    """
    source = Source(content, limits)
    source.check_size()
    from egov_sdk.sheets._csv import CsvSheet

    return CsvSheet.looked_over(source, options or _AS_FOUND)


def _is_workbook(source: Source) -> bool:
    source.check_size()
    head = source.head()
    if head.startswith(_OLE):
        raise unreadable("old", where=source.name)
    return head.startswith(b"PK")
