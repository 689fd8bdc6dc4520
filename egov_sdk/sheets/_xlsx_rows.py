"""The rows of a worksheet, as its XML comes: nothing is kept but the row at hand."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import IO, Final, Literal
from xml.parsers import expat

from egov_sdk.errors import LimitExceeded
from egov_sdk.sheets.cells import moment_text
from egov_sdk.sheets.limits import SheetLimits
from egov_sdk.sheets.problems import Mark, unreadable

__all__ = ["Cell", "CellReading", "WorksheetRows"]

_BLOCK: Final = 1 << 16
#: Beyond, Excel does not keep every digit: the end of an identity number becomes zeros.
_EXACT: Final = 10**15
_DIGITS: Final = "0123456789"
_BLANKS: Final = " \u3000\xa0"

#: The text of a cell, and the mark of what is wrong with it.
Cell = tuple[str, Mark | Literal[""]]


@dataclass(frozen=True, slots=True)
class CellReading:
    """What the cells of a worksheet refer to.

    Attributes:
        strings: The texts that cells share.
        day_styles: The styles under which a number is a day.
        to_day: The day of a number.
    """

    strings: Sequence[object]
    day_styles: Container[int]
    to_day: Callable[[float], object]


class WorksheetRows:
    """Reads the rows of one worksheet.

    Raises:
        ParseError: damaged: rows stand out of order, or a cell refers to nothing.
        LimitExceeded: more rows, columns or characters than the limits allow.
    """

    def __init__(self, reading: CellReading, *, limits: SheetLimits, where: str) -> None:
        self._reading, self._limits, self._where = reading, limits, where
        self._done: list[tuple[int, list[Cell]]] = []
        self._columns: dict[str, int] = {}
        self._number = self._cells = 0
        self._row: list[Cell] = []
        self._kind, self._style, self._column = "n", "", 0
        self._text: list[str] = []
        self._chars = 0
        self._taking = self._phonetic = self._formula = False
        self._starts: Mapping[str, Callable[[Mapping[str, str]], None]] = {
            "row": self._begin_row, "c": self._begin_cell, "v": self._begin_text, "t": self._begin_text,
            "f": self._begin_formula, "rPh": self._begin_phonetic,
        }  # fmt: skip
        self._ends: Mapping[str, Callable[[], None]] = {
            "row": self._end_row, "c": self._end_cell, "v": self._end_text, "t": self._end_text, "f": self._end_text,
            "rPh": self._end_phonetic,
        }  # fmt: skip

    def read(self, part: IO[bytes]) -> Iterator[tuple[int, list[Cell]]]:
        """Rows with their numbers; those between that are not there are left out."""
        parser = expat.ParserCreate("utf-8")
        parser.buffer_text = True
        parser.StartElementHandler, parser.EndElementHandler = self._start, self._end
        parser.CharacterDataHandler = self._characters
        while True:
            block = part.read(_BLOCK)
            try:
                parser.Parse(block, not block)
            except (expat.ExpatError, ValueError, IndexError, OverflowError) as error:
                raise unreadable("damaged", where=self._here(), found=error) from error
            yield from self._done
            self._done.clear()
            if not block:
                return

    def _here(self) -> str:
        return f"{self._where}: {self._number}" if self._where else f"row {self._number}"

    def _start(self, name: str, attributes: Mapping[str, str]) -> None:
        begin = self._starts.get(name) or self._starts.get(name.rpartition(":")[2])
        if begin is not None:
            begin(attributes)

    def _end(self, name: str) -> None:
        end = self._ends.get(name) or self._ends.get(name.rpartition(":")[2])
        if end is not None:
            end()

    def _begin_row(self, attributes: Mapping[str, str]) -> None:
        number = int(attributes["r"]) if "r" in attributes else self._number + 1
        if number <= self._number:
            raise ValueError(f"row {number} stands after row {self._number}")
        if number > self._limits.rows:
            raise LimitExceeded("rows", allowed=self._limits.rows, found=number, where=self._where)
        self._number = number

    def _end_row(self) -> None:
        self._cells += len(self._row)
        if self._cells > self._limits.cells:
            raise LimitExceeded("cells", allowed=self._limits.cells, found="more", where=self._where)
        self._done.append((self._number, self._row))
        self._row = []

    def _begin_cell(self, attributes: Mapping[str, str]) -> None:
        self._kind, self._style = attributes.get("t", "n"), attributes.get("s", "")
        place = attributes.get("r")
        self._column = len(self._row) if place is None else self._column_of(place.rstrip(_DIGITS))
        if self._column >= self._limits.columns:
            raise LimitExceeded("columns", allowed=self._limits.columns, found=self._column + 1, where=self._here())
        self._text.clear()
        self._chars = 0
        self._formula = False

    def _column_of(self, letters: str) -> int:
        known = self._columns.get(letters)
        if known is not None:
            return known
        if not (letters.isascii() and letters.isalpha() and letters.isupper() and len(letters) <= 3):
            raise ValueError("no such column")
        column = 0
        for char in letters:
            column = column * 26 + ord(char) - 64
        return self._columns.setdefault(letters, column - 1)

    def _begin_text(self, _: Mapping[str, str]) -> None:
        # a formula is told as it stands, not as what it came to
        self._taking = not self._phonetic and not self._formula

    def _begin_formula(self, _: Mapping[str, str]) -> None:
        self._text[:] = ["="]
        self._formula = self._taking = True

    def _end_text(self) -> None:
        self._taking = False

    def _begin_phonetic(self, _: Mapping[str, str]) -> None:
        self._phonetic = True

    def _end_phonetic(self) -> None:
        self._phonetic = False

    def _characters(self, text: str) -> None:
        if not self._taking:
            return
        self._chars += len(text)
        if self._chars > self._limits.cell_chars:
            raise LimitExceeded("cell_chars", allowed=self._limits.cell_chars, found="more", where=self._here())
        self._text.append(text)

    def _end_cell(self) -> None:
        missing = self._column - len(self._row)
        if missing < 0:
            raise ValueError("cells stand out of order")
        if missing:
            self._row += [("", "")] * missing
        self._row.append(self._cell("".join(self._text)))

    def _cell(self, text: str) -> Cell:
        kind = self._kind
        if self._formula:
            return text, "cell_formula"
        if kind == "s":
            return self._shared_cell(text) if text else ("", "")
        if kind == "n":
            return self._number_cell(text) if text else ("", "")
        if kind == "e":
            return text, "cell_error" if text else ""
        if kind == "b":
            return ("TRUE" if text.strip() == "1" else "FALSE") if text else "", ""
        return text.strip(_BLANKS), ""

    def _shared_cell(self, text: str) -> Cell:
        strings = self._reading.strings
        if not (text.isascii() and text.isdigit() and len(text) < 10 and int(text) < len(strings)):
            return text, "cell_error"
        return str(strings[int(text)]).strip(_BLANKS), ""

    def _number_cell(self, text: str) -> Cell:
        try:
            value = float(text)
        except ValueError:
            return text, "cell_error"
        if self._style and int(self._style) in self._reading.day_styles:
            try:
                return moment_text(self._reading.to_day(value)), ""
            except (ValueError, OverflowError):
                return text, "cell_error"
        if abs(value) >= _EXACT or value != value:
            return text, "cell_rounded"
        return (str(int(value)) if value.is_integer() else repr(value)), ""
