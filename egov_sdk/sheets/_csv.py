"""CSV as departments keep it: UTF-8 with or without a mark, GB 18030, UTF-16; commas, semicolons, tabs or bars."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final, Self

from egov_sdk.errors import LimitExceeded
from egov_sdk.sheets._source import Source
from egov_sdk.sheets.cells import looks_like_formula, unguard_formula
from egov_sdk.sheets.problems import Mark, unreadable
from egov_sdk.sheets.rows import SheetOptions, SheetRow

__all__ = ["CsvSheet"]

_BLOCK: Final = 1 << 20
_BLANKS: Final = " \u3000\xa0"
_FORMULA: Final[Mark] = "cell_formula"
_DELIMITERS: Final = (",", "\t", ";", "|")
_MARKS: Final = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_KNOWN: Final = {"utf-8": "utf-8-sig", "utf8": "utf-8-sig", "utf-16": "utf-16"} | dict.fromkeys(
    ("gb18030", "gbk", "gb2312"), "gb18030"
)


@dataclass(frozen=True, slots=True)
class CsvSheet:
    """A CSV file that was looked over."""

    source: Source
    encoding: str
    delimiter: str
    rows_at_most: int
    from_1904: bool
    guarded_is_text: bool

    @classmethod
    def looked_over(cls, source: Source, options: SheetOptions) -> Self:
        """Find out encoding and separator, and read it through once."""
        encoding = _encoding(source, options.encoding)
        delimiter = options.delimiter or _delimiter(source, encoding)
        if len(delimiter) != 1:
            raise ValueError(f"a separator is one character, got {delimiter!r}")
        count = sum(1 for _ in _records(source, encoding, delimiter))
        if not count:
            raise unreadable("empty", where=source.name)
        return cls(source, encoding, delimiter, count, options.from_1904, options.guarded_is_text)

    def rows(self) -> Iterator[SheetRow]:
        """As Sheet.rows."""
        for number, record in _records(self.source, self.encoding, self.delimiter):
            written = [text.strip(_BLANKS) for text in record]
            cells = tuple([unguard_formula(text) for text in written])
            marks = tuple([
                (place, _FORMULA) for place, text in enumerate(cells)
                if looks_like_formula(text) and not (self.guarded_is_text and text != written[place])
            ])  # fmt: skip
            yield SheetRow(number, cells, marks)


def _encoding(source: Source, wanted: str) -> str:
    if wanted:
        encoding = _KNOWN.get(wanted.lower())
        if encoding is None:
            raise ValueError(f"the encoding is utf-8, utf-16 or gb18030, got {wanted!r}")
    else:
        head = source.head()
        encoding = next((name for mark, name in _MARKS if head.startswith(mark)), "")
    if encoding:
        if (wrong := _first_wrong(source, encoding)) is not None:
            raise unreadable("encoding", where=source.name, expected=encoding, found=wrong)
        return encoding
    if _first_wrong(source, "utf-8") is None:
        return "utf-8"
    if (wrong := _first_wrong(source, "gb18030")) is not None:
        raise unreadable("encoding", where=source.name, expected="UTF-8 / GB18030", found=wrong)
    return "gb18030"


def _first_wrong(source: Source, encoding: str) -> int | None:
    """The place of the first octet that an encoding does not allow, within a block; None when all is well."""
    decoder = codecs.getincrementaldecoder(encoding)()
    place = 0
    with source.open() as file:
        while True:
            block = file.read(_BLOCK)
            kept = len(decoder.getstate()[0])
            try:
                decoder.decode(block, final=not block)
            except UnicodeDecodeError as error:
                return place - kept + error.start
            if not block:
                return None
            place += len(block)


def _delimiter(source: Source, encoding: str) -> str:
    """The separator that stands most often, outside quotes, in one of the first lines."""
    best = dict.fromkeys(_DELIMITERS, 0)
    for line in islice(_lines(source, encoding), source.limits.header_rows):
        outside = "".join(line.split('"')[::2])
        for mark in _DELIMITERS:
            best[mark] = max(best[mark], outside.count(mark))
    return max(_DELIMITERS, key=lambda mark: best[mark])


def _lines(source: Source, encoding: str) -> Iterator[str]:
    most = source.limits.line_chars
    with source.open() as file, io.TextIOWrapper(file, encoding=encoding, newline="") as text:
        while line := text.readline(most + 1):
            if len(line) > most:
                raise LimitExceeded("line_chars", allowed=most, found="more", where=source.name)
            yield line


def _records(source: Source, encoding: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """The records that are not empty, with their numbers.

    A quote that is never closed, or closed in the middle of a cell, is an error: what follows would go astray.
    """
    limits = source.limits
    reader = csv.reader(_lines(source, encoding), delimiter=delimiter, strict=True)
    number = cells = 0
    try:
        for number, record in enumerate(reader, 1):
            if number > limits.rows:
                raise LimitExceeded("rows", allowed=limits.rows, found="more", where=source.name)
            if len(record) > limits.columns:
                raise LimitExceeded("columns", allowed=limits.columns, found=len(record), where=source.at(number))
            cells += len(record)
            if cells > limits.cells:
                raise LimitExceeded("cells", allowed=limits.cells, found="more", where=source.at(number))
            longest = max(map(len, record), default=0)
            if longest > limits.cell_chars:
                raise LimitExceeded("cell_chars", allowed=limits.cell_chars, found=longest, where=source.at(number))
            if longest and any(map(str.strip, record)):
                yield number, record
    except csv.Error as error:
        if "field limit" in str(error):
            allowed = csv.field_size_limit()
            raise LimitExceeded(
                "cell_chars", allowed=min(allowed, limits.cell_chars), found="more",
                where=source.at(number + 1),
            ) from error  # fmt: skip
        raise unreadable("quotes", where=source.at(number + 1), line=reader.line_num) from error
