"""The part of CBOR that presentations are written in: numbers, octets, texts, arrays and maps in one spelling only.

Own and small: libraries accept several spellings of one value and repeated keys, and what is signed must have one
reading. What is written here any CBOR library reads.

Source:
    RFC 8949, 4.2.1 (core deterministic encoding), without floats, tags, simple values and negative numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NoReturn

from egov_sdk.errors import ParseError
from egov_sdk.license.present._places import unreadable
from egov_sdk.report import Text

__all__ = ["Key", "Value", "decode", "encode"]

Key = int | str
Value = int | bytes | str | tuple["Value", ...] | Mapping[Key, "Value"]

_UINT: Final = 0x00
_NEGATIVE: Final = 0x20
_BYTES: Final = 0x40
_TEXT: Final = 0x60
_ARRAY: Final = 0x80
_MAP: Final = 0xA0
_DEPTH: Final = 4


def _head(kind: int, number: int) -> bytes:
    if number < 24:
        return bytes((kind | number,))
    if number < 1 << 8:
        return bytes((kind | 24, number))
    if number < 1 << 16:
        return bytes((kind | 25,)) + number.to_bytes(2, "big")
    if number < 1 << 32:
        return bytes((kind | 26,)) + number.to_bytes(4, "big")
    return bytes((kind | 27,)) + number.to_bytes(8, "big")


def encode(value: Value) -> bytes:
    """The one spelling of a value.

    Raises:
        ValueError: a number is negative, or text holds a lone surrogate.
        OverflowError: a number needs more than 64 bits.
    """
    if isinstance(value, int):
        if value < 0:
            raise ValueError(f"a number must not be negative, got {value}")
        return _head(_UINT, value)
    if isinstance(value, bytes):
        return _head(_BYTES, len(value)) + value
    if isinstance(value, str):
        octets = value.encode()
        return _head(_TEXT, len(octets)) + octets
    if isinstance(value, tuple):
        return _head(_ARRAY, len(value)) + b"".join([encode(item) for item in value])
    pairs = sorted([(encode(key), encode(item)) for key, item in value.items()])
    return _head(_MAP, len(pairs)) + b"".join([key + item for key, item in pairs])


def decode(data: bytes, *, what: str) -> Value:
    """The value that these octets are the one spelling of; nothing may follow.

    Args:
        what: what is being read, for the place in errors.
    Raises:
        ParseError: they are not.
    """
    reader = _Reader(data, what)
    value = reader.value(_DEPTH)
    if reader.at != len(data):
        more = len(data) - reader.at
        raise unreadable(
            "presentation_extra", where=reader.where, found=Text(f"{more} octets too many", f"多出 {more} 字节")
        )
    return value


class _Reader:
    """Octets with the place reached in them."""

    __slots__ = ("at", "data", "what")

    def __init__(self, data: bytes, what: str) -> None:
        self.data, self.what, self.at = data, what, 0

    @property
    def where(self) -> str:
        return f"{self.what}, octet {self.at}"

    def value(self, depth: int) -> Value:
        start = self.at
        first = self.data[start] if start < len(self.data) else self._cut(1)
        kind, number = first & 0xE0, first & 0x1F
        self.at = start + 1
        if number > 23 or kind > _MAP or kind == _NEGATIVE:
            number = self._number(start, first)
        if kind == _UINT:
            return number
        if kind in (_TEXT, _BYTES):
            begin, end = self.at, self.at + number
            octets = self.data[begin:end]
            if len(octets) < number:
                self._cut(number - len(octets))
            self.at = end
            return octets if kind == _BYTES else self._text(octets)
        if not depth:
            raise self._wrong(Text("too deep", "嵌套过深"), Text(f"depth {_DEPTH}", f"不超过 {_DEPTH} 层"))
        if number > len(self.data) - self.at:  # an item takes an octet at least
            announced = Text(f"{number} items announced", f"声明有 {number} 项")
            raise unreadable("presentation_cut", where=self.where, found=announced)
        if kind == _ARRAY:
            return tuple([self.value(depth - 1) for _ in range(number)])
        return self._map(number, depth - 1)

    def _number(self, start: int, first: int) -> int:
        """The number that stands behind the first octet of an item."""
        kind, short = first & 0xE0, first & 0x1F
        if kind > _MAP or kind == _NEGATIVE or short > 27:
            self.at = start
            raise self._wrong(f"0x{first:02x}", Text("a simple item", "简单数据项"))
        width = 1 << (short - 24)
        end = self.at + width
        if end > len(self.data):
            self._cut(end - len(self.data))
        number = int.from_bytes(self.data[self.at : end], "big")
        if number < 24 or (width > 1 and number < 1 << (4 * width)):
            self.at = start
            spelt = Text(f"{number} in {width} octets", f"{number} 占用 {width} 字节")
            raise unreadable("presentation_spelling", where=self.where, found=spelt)
        self.at = end
        return number

    def _cut(self, missing: int) -> NoReturn:
        found = Text(f"{missing} octets missing", f"缺少 {missing} 字节")
        raise unreadable("presentation_cut", where=self.where, found=found)

    def _wrong(self, found: object, expected: Text) -> ParseError:
        return unreadable("presentation_value", where=self.where, found=found, expected=expected)

    def _map(self, number: int, depth: int) -> Mapping[Key, Value]:
        found: dict[Key, Value] = {}
        before = b""
        for _ in range(number):
            start = self.at
            key = self.value(0)
            spelt = self.data[start : self.at]
            if not isinstance(key, (int, str)):
                raise self._wrong(Text("octets", "字节串"), Text("number or text", "数字或文本"))
            if spelt == before:
                raise unreadable("presentation_repeated", where=self.where, found=key)
            if spelt < before:
                disorder = Text(f"the key {key} out of order", f"键 {key} 次序不对")
                raise unreadable("presentation_spelling", where=self.where, found=disorder)
            before = spelt
            found[key] = self.value(depth)
        return found

    def _text(self, octets: bytes) -> str:
        try:
            return octets.decode()
        except UnicodeDecodeError:
            raise self._wrong(Text("no UTF-8", "非 UTF-8 内容"), Text("text", "文本")) from None
