"""Reading: one TLV at a time, strict DER; and BER rewritten as DER."""

from __future__ import annotations

from typing import NamedTuple

from egov_sdk.crypto._der_write import encode_tlv
from egov_sdk.errors import LimitExceeded, ParseError
from egov_sdk.limits import DEFAULT_ASN1_LIMITS, Asn1Limits

_CODE = "egov.input.der"

#: Universal types that BER may cut into pieces: bit, octet and character strings, times.
_STRINGS = frozenset((0x03, 0x04, 0x0C, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18, 0x19, 0x1A, 0x1B, 0x1C, 0x1E))


class Tlv(NamedTuple):
    """One tag, length, value.

    ``tag`` is the whole identifier octet, ``raw`` the whole TLV as received, ``content`` its value
    octets, and ``offset`` where it begins in the data that was first read.
    """

    # a tuple, because it is made four times as fast as a frozen dataclass, and files hold thousands
    tag: int
    header_len: int
    raw: bytes
    content: bytes
    offset: int

    def __repr__(self) -> str:
        return f"<Tlv {self.tag:02x} of {len(self.content)} bytes at {self.offset}>"

    @property
    def constructed(self) -> bool:
        return bool(self.tag & 0x20)


def _error(message: str, where: str, offset: int, *, expected: object = None, found: object = None) -> ParseError:
    place = f"{where}, byte {offset}" if where else f"byte {offset}"
    return ParseError(message, where=place, code=_CODE, offset=offset, expected=expected, found=found)


def _identifier(data: bytes, offset: int, *, end: int, where: str, base: int) -> int:
    if offset >= end:
        raise _error("expected a tag, found the end", where, base + offset, expected="tag", found="end")
    tag = data[offset]
    if tag & 0x1F == 0x1F or tag == 0:
        raise _error(f"identifier octet {tag:02x} is not used here", where, base + offset, found=f"{tag:02x}")
    return tag


def _definite_length(data: bytes, offset: int, *, end: int, where: str, base: int, strict: bool) -> tuple[int, int]:
    """The length at ``offset`` (just behind the identifier), and where the content begins."""
    if offset >= end:
        raise _error("expected a length, found the end", where, base + offset, expected="length", found="end")
    first = data[offset]
    start = offset + 1
    if first < 0x80:
        length = first
    else:
        count = first & 0x7F
        if count == 0:
            raise _error("indefinite length", where, base + offset, expected="definite length", found="80")
        if count > 8 or start + count > end:
            raise _error("length octets run over the end", where, base + offset, found=f"{count} length octets")
        length = int.from_bytes(data[start : start + count], "big")
        if strict and (length < 0x80 or data[start] == 0):
            raise _error("length is not in its shortest form", where, base + offset, found=data[offset:start].hex())
        start += count
    if length > end - start:
        raise _error(
            f"{length} content bytes announced, {end - start} are there",
            where,
            base + offset,
            expected=length,
            found=end - start,
        )
    return length, start


def _read(data: bytes, offset: int, *, where: str, base: int) -> Tlv:
    head = data[offset : offset + 2]
    if len(head) == 2 and head[1] < 0x80 and head[0] & 0x1F != 0x1F and head[0]:
        end = offset + 2 + head[1]
        if end <= len(data):  # by far the most are short
            return Tlv(head[0], 2, data[offset:end], data[offset + 2 : end], base + offset)
    tag = _identifier(data, offset, end=len(data), where=where, base=base)
    length, start = _definite_length(data, offset + 1, end=len(data), where=where, base=base, strict=True)
    end = start + length
    return Tlv(tag, start - offset, data[offset:end], data[start:end], base + offset)


def _check_size(data: bytes, limits: Asn1Limits, where: str) -> None:
    if len(data) > limits.total_bytes:
        raise LimitExceeded("total_bytes", allowed=limits.total_bytes, found=len(data), where=where)


def read_tlv(data: bytes, *, offset: int = 0, limits: Asn1Limits = DEFAULT_ASN1_LIMITS, where: str = "") -> Tlv:
    """Read the TLV that begins at ``offset``; what follows it is not looked at.

    Raises:
        ParseError: the tag has the high form, or the length is indefinite, not shortest or too long.
        LimitExceeded: the data is larger than ``limits.total_bytes``.
    Source:
        ITU-T X.690, 8.1 and 10.1.
    """
    _check_size(data, limits, where)
    return _read(data, offset, where=where, base=0)


def read_one(data: bytes, *, limits: Asn1Limits = DEFAULT_ASN1_LIMITS, where: str = "") -> Tlv:
    """Read the only TLV of ``data``: nothing may follow it.

    Raises:
        ParseError: as read_tlv, or bytes follow.
        LimitExceeded: the data is larger than ``limits.total_bytes``.
    """
    tlv = read_tlv(data, limits=limits, where=where)
    if len(tlv.raw) != len(data):
        extra = len(data) - len(tlv.raw)
        raise _error(f"{extra} bytes follow the value", where, len(tlv.raw), expected=0, found=extra)
    return tlv


def children(tlv: Tlv, *, limits: Asn1Limits = DEFAULT_ASN1_LIMITS, where: str = "") -> tuple[Tlv, ...]:
    """The TLVs inside a constructed one, in order; offsets stay those of the outermost data.

    Raises:
        ParseError: the value is primitive, or one of its parts is not DER.
        LimitExceeded: more parts than ``limits.elements``.
    """
    if not tlv.constructed:
        raise _error(f"tag {tlv.tag:02x} is primitive", where, tlv.offset, expected="constructed", found="primitive")
    content, base = tlv.content, tlv.offset + tlv.header_len
    parts: list[Tlv] = []
    position = 0
    while position < len(content):
        if len(parts) >= limits.elements:
            raise LimitExceeded("elements", allowed=limits.elements, found=f"more than {len(parts)}", where=where)
        part = _read(content, position, where=where, base=base)
        parts.append(part)
        position += len(part.raw)
    return tuple(parts)


def expect(tlv: Tlv, tag: int, *, where: str = "") -> Tlv:
    """Give the TLV back if it has this identifier octet.

    Raises:
        ParseError: it has another one.
    """
    if tlv.tag != tag:
        raise _error(
            f"expected tag {tag:02x}, found {tlv.tag:02x}",
            where,
            tlv.offset,
            expected=f"{tag:02x}",
            found=f"{tlv.tag:02x}",
        )
    return tlv


class _Rewriter:
    """Walks BER once and writes DER; counts elements and depth against the limits."""

    def __init__(self, data: bytes, limits: Asn1Limits, where: str) -> None:
        self.data, self.limits, self.where = data, limits, where
        self.elements = 0
        self.changed = False

    def value(self, offset: int, end: int, depth: int) -> tuple[int, bytes, int]:
        """The identifier, the DER content and the end of the value at ``offset``."""
        self._count(depth)
        tag = _identifier(self.data, offset, end=end, where=self.where, base=0)
        if offset + 1 < end and self.data[offset + 1] == 0x80:
            return self._indefinite(tag, offset, end=end, depth=depth)
        length, start = _definite_length(self.data, offset + 1, end=end, where=self.where, base=0, strict=False)
        stop = start + length
        if not tag & 0x20:
            content = self.data[start:stop]
        else:
            parts = []
            while start < stop:
                inner, body, start = self.value(start, stop, depth + 1)
                parts.append((inner, body))
            tag, content = self._join(tag, parts, offset)
        if stop - offset != len(content) + _header_len(len(content)):
            self.changed = True
        return tag, content, stop

    def _indefinite(self, tag: int, offset: int, *, end: int, depth: int) -> tuple[int, bytes, int]:
        if not tag & 0x20:
            raise _error("indefinite length on a primitive value", self.where, offset, found=f"{tag:02x} 80")
        self.changed = True
        position, parts = offset + 2, []
        while self.data[position : position + 2] != b"\x00\x00":
            inner, body, position = self.value(position, end, depth + 1)
            parts.append((inner, body))
        if position + 2 > end:
            raise _error("end-of-contents runs over the end", self.where, position)
        tag, content = self._join(tag, parts, offset)
        return tag, content, position + 2

    def _join(self, tag: int, parts: list[tuple[int, bytes]], offset: int) -> tuple[int, bytes]:
        plain = tag & ~0x20
        if tag & 0xC0 or plain not in _STRINGS:
            return tag, b"".join(encode_tlv(inner, body) for inner, body in parts)
        self.changed = True
        # X.690 8.14.1: pieces of a character string are octet strings or of the string's own type
        allowed = (0x03,) if plain == 0x03 else (0x04, plain)
        for inner, _ in parts:
            if inner not in allowed:
                raise _error(f"piece {inner:02x} in a string of type {plain:02x}", self.where, offset)
        if plain != 0x03:
            return plain, b"".join(body for _, body in parts)
        return plain, self._join_bits([body for _, body in parts], offset)

    def _join_bits(self, pieces: list[bytes], offset: int) -> bytes:
        if any(not piece for piece in pieces) or any(piece[0] for piece in pieces[:-1]):
            raise _error("only the last piece of a bit string may have unused bits", self.where, offset)
        unused = pieces[-1][:1] if pieces else b"\x00"
        return unused + b"".join(piece[1:] for piece in pieces)

    def _count(self, depth: int) -> None:
        self.elements += 1
        if self.elements > self.limits.elements:
            raise LimitExceeded("elements", allowed=self.limits.elements, found=self.elements, where=self.where)
        if depth > self.limits.depth:
            raise LimitExceeded("depth", allowed=self.limits.depth, found=depth, where=self.where)


def _header_len(length: int) -> int:
    return 2 if length < 0x80 else 2 + (length.bit_length() + 7) // 8


def ber_to_der(data: bytes, *, limits: Asn1Limits = DEFAULT_ASN1_LIMITS, where: str = "") -> tuple[bytes, bool]:
    """Rewrite indefinite and long lengths and cut-up strings as DER.

    The order of sets and the octets of primitive values stay as they are: a signature may cover
    them. Bytes that were DER already come back unchanged.

    Returns:
        The DER, and whether anything had to be changed.
    Raises:
        ParseError: not BER, or bytes follow the value.
        LimitExceeded: too large, too deep or too many elements.
    """
    _check_size(data, limits, where)
    rewriter = _Rewriter(data, limits, where)
    tag, content, end = rewriter.value(0, len(data), 1)
    if end != len(data):
        raise _error(f"{len(data) - end} bytes follow the value", where, end, expected=0, found=len(data) - end)
    return (encode_tlv(tag, content), True) if rewriter.changed else (data, False)
