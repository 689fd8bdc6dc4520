"""What is printed, as words with items in braces: ``自{valid_from}至{valid_until}``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from string import Formatter
from types import MappingProxyType
from typing import Annotated, Final

from pydantic import AfterValidator, Field

from egov_sdk.codes.holders import HOLDER_TYPES
from egov_sdk.license.metadata import LicenseMetadata

__all__ = ["DATE_STYLES", "FACE_ITEMS", "Phrase", "Piece", "face_items", "parse_phrase", "print_date", "sole_item"]

#: The items that every licence has, by the name that a template gives them; further ones are ``field.`` and a name.
FACE_ITEMS: Mapping[str, str] = MappingProxyType(
    {
        "identifier": "证照标识",
        "name": "证照名称",
        "type_name": "证照类型名称",
        "type_code": "证照类型代码",
        "number": "证照编号",
        "version": "证照版本号",
        "issuer": "证照颁发机构",
        "issuer_code": "证照颁发机构代码",
        "issued_on": "证照颁发日期",
        "holder": "持证主体",
        "holder_code": "持证主体代码",
        "holder_type": "持证主体代码类型",
        "valid_from": "证照有效期起始日期",
        "valid_until": "证照有效期截止日期",
        "term": "有效期限",
        "area_code": "证照所属管辖属地编码",
        "item_name": "关联事项名称",
        "item_code": "关联事项代码",
    }
)

#: How dates may be printed, by what stands behind the colon: ``{issued_on:-}``.
DATE_STYLES: Mapping[str, str] = MappingProxyType(
    {"": "2026年6月1日", "0": "2026年06月01日", "-": "2026-06-01", ".": "2026.06.01", "/": "2026/06/01"}
)

_NO_END: Final = "长期"
_DATES: Final = frozenset({"issued_on", "valid_from", "valid_until", "term"})
_FIELD = re.compile(r"field\.[^\s{}!:.\[\]]{1,64}")


@dataclass(frozen=True, slots=True)
class Piece:
    """Words, and the item behind them; no item at the end of a phrase."""

    words: str
    item: str = ""
    style: str = ""


@lru_cache(maxsize=4_096)
def parse_phrase(text: str) -> tuple[Piece, ...]:
    """Take a phrase apart.

    Raises:
        ValueError: a brace that is not closed, an item that no licence has, or a style that no date has.
    """
    pieces = []
    for words, item, style, conversion in Formatter().parse(text):
        if item is None:
            pieces.append(Piece(words))
            continue
        if item not in FACE_ITEMS and not _FIELD.fullmatch(item):
            raise ValueError(f"there is no item {item!r}; known are {', '.join(FACE_ITEMS)} and field.NAME")
        if conversion or (style and (item not in _DATES or style not in DATE_STYLES)):
            raise ValueError(f"the item {item} cannot be printed as {style or conversion!r}")
        pieces.append(Piece(words, item, style or ""))
    return tuple(pieces)


def _checked(text: str) -> str:
    parse_phrase(text)
    return text


#: A text with items in braces; two braces print one.
Phrase = Annotated[str, Field(min_length=1, max_length=1_000), AfterValidator(_checked)]


def sole_item(phrase: str) -> str:
    """The item that a phrase prints and nothing else; empty for any other phrase."""
    pieces = parse_phrase(phrase)
    return pieces[0].item if len(pieces) == 1 and not pieces[0].words else ""


def print_date(day: date | None, style: str = "") -> str:
    """A day as one of DATE_STYLES; None is a licence without an end."""
    if day is None:
        return _NO_END
    match style:
        case "":
            return f"{day.year}年{day.month}月{day.day}日"
        case "0":
            return f"{day.year:04d}年{day.month:02d}月{day.day:02d}日"
        case _:
            return f"{day.year:04d}{style}{day.month:02d}{style}{day.day:02d}"


class FaceItems:
    """The items of one licence, printed on demand."""

    __slots__ = ("_fields", "_metadata", "_plain")

    def __init__(self, metadata: LicenseMetadata) -> None:
        holders = metadata.holders
        self._metadata = metadata
        self._fields = metadata.fields
        self._plain = {
            "identifier": str(metadata.identifier),
            "name": metadata.name,
            "type_name": metadata.type_name,
            "type_code": metadata.type_code,
            "number": metadata.number,
            "version": f"{metadata.version:03d}",
            "issuer": metadata.issuer.name,
            "issuer_code": metadata.issuer.code,
            "holder": "、".join(holder.name for holder in holders),
            "holder_code": "、".join(holder.code for holder in holders),
            "holder_type": "、".join(dict.fromkeys(_type_name(holder.type_code) for holder in holders)),
            "area_code": metadata.area_code,
            "item_name": metadata.item_name,
            "item_code": metadata.item_code,
        }

    def item(self, name: str, style: str = "") -> str:
        """What one item prints; a field that the licence has not prints nothing."""
        if name in self._plain:
            return self._plain[name]
        metadata = self._metadata
        match name:
            case "issued_on":
                return print_date(metadata.issued_on, style)
            case "valid_from":
                return "" if metadata.valid_from is None else print_date(metadata.valid_from, style)
            case "valid_until":
                return print_date(metadata.valid_until, style)
            case "term":
                return self._term(style)
            case _:
                return self._fields.get(name.removeprefix("field."), "")

    def _term(self, style: str) -> str:
        start, end = self._metadata.valid_from, self._metadata.valid_until
        if end is None:
            return _NO_END if start is None else f"{print_date(start, style)}起{_NO_END}有效"
        return (
            f"至{print_date(end, style)}" if start is None else f"{print_date(start, style)}至{print_date(end, style)}"
        )

    def phrase(self, phrase: str) -> str:
        """What a phrase prints; nothing when it has items and all of them are empty."""
        pieces = parse_phrase(phrase)
        if len(pieces) == 1:
            piece = pieces[0]
            if not piece.item:
                return piece.words
            value = self.item(piece.item, piece.style)
            return piece.words + value if value else ""
        values = [self.item(piece.item, piece.style) if piece.item else "" for piece in pieces]
        if not any(values) and any(piece.item for piece in pieces):
            return ""
        return "".join(piece.words + value for piece, value in zip(pieces, values, strict=True))


def face_items(metadata: LicenseMetadata) -> FaceItems:
    """The items of a licence as they are printed."""
    return FaceItems(metadata)


def _type_name(code: str) -> str:
    known = HOLDER_TYPES.get(code)
    return code if known is None else known.name
