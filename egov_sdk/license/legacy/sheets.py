"""Sheets of old licences (存量数据表): CSV or Excel, looked over whole before anything is done with a row."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import IO, NamedTuple, Protocol

from egov_sdk.crypto.hashes import SM3
from egov_sdk.errors import LimitExceeded
from egov_sdk.license.legacy.limits import DEFAULT_SHEET_LIMITS, SheetLimits
from egov_sdk.license.problems import unreadable

__all__ = ["Sheet", "SheetOptions", "SheetRow", "file_digest", "open_sheet", "serial_day"]

_BLOCK = 1 << 20
_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
#: Excel believes in a February 29 of 1900; from March on its days are right when counted from here.
_EPOCH_1900 = date(1899, 12, 30)
_EPOCH_1904 = date(1904, 1, 1)
_FIRST_SURE_SERIAL = 61
_LAST_SERIAL = 2_958_465  # 9999-12-31


class SheetRow(NamedTuple):
    """One row as text.

    Attributes:
        number: As programs for sheets count: the first row of the file is 1.
        cells: The text of each cell; days as yyyy-MM-dd.
        marks: Columns, from 0, with what is wrong with the cell itself: a key of PROBLEMS.
    """

    number: int
    cells: tuple[str, ...]
    marks: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class SheetOptions:
    """What a sheet does not say itself.

    Attributes:
        encoding: Of CSV: ``utf-8`` or ``gb18030``, which takes GBK and GB 2312 as well; empty to look.
        delimiter: Of CSV; empty to look.
        worksheet: Of a workbook; empty for the first that is visible.
        from_1904: Of CSV: days that are only numbers count from 1904, as in workbooks of old Macs.
    """

    encoding: str = ""
    delimiter: str = ""
    worksheet: str = ""
    from_1904: bool = False


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


@dataclass(frozen=True, slots=True)
class Source:
    """A file that is read again and again, with its name for errors."""

    path: Path
    limits: SheetLimits = field(default=DEFAULT_SHEET_LIMITS)

    @property
    def name(self) -> str:
        return self.path.name

    def open(self) -> IO[bytes]:
        return self.path.open("rb")

    def head(self) -> bytes:
        with self.open() as file:
            return file.read(8)

    def check_size(self) -> None:
        size = self.path.stat().st_size
        if size > self.limits.file_bytes:
            raise LimitExceeded("file_bytes", allowed=self.limits.file_bytes, found=size, where=self.name)
        if not size:
            raise unreadable("sheet_empty", where=self.name)


def file_digest(path: Path) -> str:
    """The SM3 of a file, in hexadecimal; it is read in pieces."""
    digest = SM3()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def open_sheet(path: Path, *, options: SheetOptions | None = None, limits: SheetLimits = DEFAULT_SHEET_LIMITS) -> Sheet:
    """Look a sheet over, from its first octet to its last; memory does not grow with it.

    What a file is follows from its content, not from its name.

    Raises:
        ParseError: sheet_kind, sheet_old, sheet_empty, sheet_encoding, sheet_quotes, sheet_damaged, sheet_entity,
            sheet_missing.
        LimitExceeded: more than the limits allow.
        MissingExtra: it is a workbook, and openpyxl is not installed.
    """
    source = Source(path, limits)
    source.check_size()
    head = source.head()
    options = options or SheetOptions()
    if head.startswith(_OLE):
        raise unreadable("sheet_old", where=source.name)
    if head.startswith(b"PK"):
        from egov_sdk.license.legacy._xlsx import XlsxSheet

        return XlsxSheet.looked_over(source, options)
    from egov_sdk.license.legacy._csv import CsvSheet

    return CsvSheet.looked_over(source, options)


def serial_day(text: str, *, from_1904: bool) -> date | None:
    """The day of a number of Excel's calendar; None for a text that is none.

    The first sixty days of 1900 are None: programs do not agree on them.
    """
    whole, _, part = text.partition(".")
    if not (whole.isascii() and whole.isdigit() and len(whole) <= len(str(_LAST_SERIAL)) and part.strip("0") == ""):
        return None
    number = int(whole)
    if from_1904:
        return _EPOCH_1904 + timedelta(days=number) if 0 < number <= _LAST_SERIAL - 1462 else None
    return _EPOCH_1900 + timedelta(days=number) if _FIRST_SURE_SERIAL <= number <= _LAST_SERIAL else None
