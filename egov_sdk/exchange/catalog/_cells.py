"""Cells as text, whatever they came from, and the guard that keeps text from becoming a formula."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple

__all__ = ["Cell", "Row", "Table", "column_letter", "guarded", "plain", "serial_date", "unguarded"]

#: What a spreadsheet takes for the beginning of a formula, in either width.
_TRIGGERS: Final = frozenset("=+-@\t\r＝＋－＠")
_LETTERS: Final = 26
_FIRST_SERIAL: Final = date(1899, 12, 30)
_MOST_SERIAL: Final = 2_958_465  # 9999-12-31


class Cell(NamedTuple):
    """One cell: its text, or what keeps it from being read. ``is_number`` where it was no text in the file."""

    text: str
    problem: str = ""
    is_number: bool = False


class Row(NamedTuple):
    """One row with its number as a spreadsheet shows it; cells without text at its end may be left out."""

    number: int
    cells: Sequence[Cell]


class Table(NamedTuple):
    """One sheet: its rows, and the merged ranges as (top row, left column from 0, bottom row, ``A1:B2``)."""

    name: str
    rows: Sequence[Row]
    merged: Sequence[tuple[int, int, int, str]] = ()


def column_letter(index: int) -> str:
    """The letter of a column, counted from 0."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, _LETTERS)
        letters = chr(ord("A") + rest) + letters
    return letters


def guarded(text: str) -> str:
    """Text that no spreadsheet runs: one apostrophe before what would begin a formula. ``unguarded`` takes it away."""
    return "'" + text if text.lstrip("'")[:1] in _TRIGGERS and text.strip("'") else text


def unguarded(text: str) -> str:
    """Text without the apostrophe that ``guarded`` put there."""
    return text[1:] if text.startswith("'") and text.lstrip("'")[:1] in _TRIGGERS and text.strip("'") else text


def serial_date(text: str) -> date | None:
    """The date that a number of days since 1900 stands for in a spreadsheet; None for other texts."""
    try:
        days = float(text)
    except ValueError:
        return None
    if not text.isascii() or not 1 <= days <= _MOST_SERIAL:
        return None
    return _FIRST_SERIAL + timedelta(days=int(days))


def plain(value: object) -> str:
    """The value of a cell as the text that a person would write."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == datetime.min.time() else value.isoformat(" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)
