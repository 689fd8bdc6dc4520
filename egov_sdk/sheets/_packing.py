"""The packing of a workbook, looked over before anything acts on it: nothing unpacks without bound."""

from __future__ import annotations

import codecs
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from xml.parsers import expat

from egov_sdk.errors import EgovError, LimitExceeded
from egov_sdk.report import Text
from egov_sdk.sheets._source import Source
from egov_sdk.sheets.problems import unreadable
from egov_sdk.sheets.rows import MergedCells

__all__ = ["PartFacts", "look_over"]

_BLOCK: Final = 1 << 18
_OVERLAP: Final = 512
_ROW: Final = b"<row"
_MERGE_TAG: Final = b"mergeCell"
_MERGED: Final = re.compile(
    rb"""<(?:\w+:)?mergeCell\s[^>]{0,200}?ref\s*=\s*["']([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})["']"""
)
_ACTIVE: Final = re.compile(
    r"xl/(vbaProject\.bin|externalLinks/|embeddings/|activeX/|ctrlProps/|macrosheets/|dialogsheets/|connections\.xml)",
    re.IGNORECASE,
)
_XML: Final = (".xml", ".rels", ".vml")
_BINARY: Final = "xl/workbook.bin"
_WORKBOOK: Final = "xl/workbook.xml"
_WIDE: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_ENCRYPTED: Final = 0x1


@dataclass(frozen=True, slots=True)
class PartFacts:
    """What was seen of one part: how many rows, at most, and its merged ranges by their first row."""

    rows: int = 0
    merged: tuple[MergedCells, ...] = ()


def look_over(source: Source, *, refuse_active: bool) -> dict[str, PartFacts]:
    """Unpack every part in pieces, counting; and gather what is told only after the last row.

    Raises:
        ParseError: kind, damaged, entity, active.
        LimitExceeded: entries, part_bytes, strings_bytes, total_bytes, ratio, merged.
    """
    try:
        with source.open() as file, zipfile.ZipFile(file) as package:
            entries = package.infolist()
            _check_names(entries, source, refuse_active=refuse_active)
            looking = _Looking(source)
            return {entry.filename: looking.into(package, entry) for entry in entries}
    except EgovError:
        raise
    except Exception as error:
        raise unreadable("damaged", where=source.name, found=type(error).__name__) from error


def _check_names(entries: Sequence[zipfile.ZipInfo], source: Source, *, refuse_active: bool) -> None:
    if len(entries) > source.limits.entries:
        raise LimitExceeded("entries", allowed=source.limits.entries, found=len(entries), where=source.name)
    names = {entry.filename for entry in entries}
    if _WORKBOOK not in names and _BINARY in names:
        raise unreadable("kind", where=source.name, found=_BINARY)
    if "[Content_Types].xml" not in names:
        raise unreadable("kind", where=source.name, found=Text("a ZIP archive", "ZIP 包"))
    if len({name.lower() for name in names}) != len(entries):
        raise unreadable("damaged", where=source.name, found=Text("two parts of one name", "有两个同名部件"))
    for entry in entries:
        if entry.flag_bits & _ENCRYPTED:
            raise unreadable("damaged", where=source.name, found=Text("an encrypted part", "有加密的部件"))
        if refuse_active and _ACTIVE.match(entry.filename):
            raise unreadable("active", where=source.name, found=entry.filename)


class _Looking:
    """Goes from part to part; all of them together have a limit too."""

    def __init__(self, source: Source) -> None:
        self._source, self._limits = source, source.limits
        self._total = 0

    def into(self, package: zipfile.ZipFile, entry: zipfile.ZipInfo) -> PartFacts:
        """Unpack one part."""
        name = entry.filename.lower()
        where = self._source.at(entry.filename[:80])
        limit = "strings_bytes" if name.endswith("sharedstrings.xml") else "part_bytes"
        xml = _XmlLook(where, self._limits.merged) if name.endswith(_XML) else None
        size = 0
        with package.open(entry) as part:
            while block := part.read(_BLOCK):
                size += len(block)
                self._total += len(block)
                self._check(size, entry.compress_size, limit, where)
                if xml is not None:
                    xml.see(block)
        if xml is None or not size:
            return PartFacts()
        xml.end()
        return PartFacts(xml.rows, tuple(sorted(xml.merged)))

    def _check(self, size: int, packed: int, limit: str, where: str) -> None:
        limits = self._limits
        most: int = getattr(limits, limit)
        if size > most:
            raise LimitExceeded(limit, allowed=most, found="more", where=where)
        if self._total > limits.total_bytes:
            raise LimitExceeded("total_bytes", allowed=limits.total_bytes, found="more", where=where)
        if size > limits.ratio_from_bytes and size > limits.ratio * max(packed, 1):
            raise LimitExceeded("ratio", allowed=limits.ratio, found="more", where=where)


class _XmlLook:
    """Looks through XML as it comes, keeping next to nothing: it is well-formed, UTF-8, and declares no entities."""

    def __init__(self, where: str, most: int) -> None:
        self._where, self._most = where, most
        self._tail = b""
        self.rows = 0
        self.merged: list[MergedCells] = []
        self._parser = expat.ParserCreate("utf-8")
        self._parser.StartDoctypeDeclHandler = self._refuse

    def _refuse(self, *_: object) -> None:
        raise unreadable("entity", where=self._where)

    def see(self, block: bytes) -> None:
        if not self._tail and block.startswith(_WIDE):
            raise unreadable("damaged", where=self._where, found="UTF-16")  # the parser would take it all the same
        self._parser.Parse(block, False)
        seen, start = self._tail + block, len(self._tail)
        # for progress only: three octets of the block before cannot hold a whole tag
        self.rows += seen.count(_ROW, max(start - len(_ROW) + 1, 0))
        if _MERGE_TAG in seen:
            # what ended in the tail was seen before
            self.merged += [_merged(*found.groups()) for found in _MERGED.finditer(seen) if found.end() > start]
        if len(self.merged) > self._most:
            raise LimitExceeded("merged", allowed=self._most, found="more", where=self._where)
        self._tail = seen[-_OVERLAP:]

    def end(self) -> None:
        self._parser.Parse(b"", True)


def _merged(left: bytes, first: bytes, right: bytes, last: bytes) -> MergedCells:
    return MergedCells(int(first), int(last), _column(left), _column(right))


def _column(letters: bytes) -> int:
    column = 0
    for letter in letters:
        column = column * 26 + letter - 64
    return column - 1
