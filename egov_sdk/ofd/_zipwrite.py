"""Write the one plain kind of ZIP that every reader understands: no dates, no extras, no descriptors."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable
from dataclasses import dataclass

from egov_sdk.errors import ParseError
from egov_sdk.ofd._zipnames import check_names
from egov_sdk.ofd._zipread import DEFLATED, STORED

__all__ = ["PackedEntry", "pack", "write_archive"]

_LOCAL = struct.Struct("<4s5H3L2H")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_END = struct.Struct("<4s4H2LH")

_VERSION = 20
_UTF8_FLAG = 0x0800
_DATE = (1 << 5) | 1  # 1980-01-01, the first date that the format can express
_MAX_ENTRIES, _MAX_BYTES = 0xFFFE, 0xFFFFFFFE


@dataclass(frozen=True, slots=True)
class PackedEntry:
    """An entry ready to be written."""

    name: str
    method: int
    crc: int
    size: int
    packed: bytes


def pack(name: str, content: bytes) -> PackedEntry:
    """Compress one entry, or store it when that is shorter."""
    stream = zlib.compressobj(6, zlib.DEFLATED, -zlib.MAX_WBITS)
    packed = stream.compress(content) + stream.flush()
    if len(packed) >= len(content):
        return PackedEntry(name, STORED, zlib.crc32(content), len(content), content)
    return PackedEntry(name, DEFLATED, zlib.crc32(content), len(content), packed)


def write_archive(entries: Iterable[PackedEntry]) -> bytes:
    """The bytes of an archive with these entries, in this order.

    Raises:
        ValueError: a name that no package may hold, a name given twice, or too much for 32 bits.
    """
    body, directory = bytearray(), bytearray()
    listed = tuple(entries)
    try:
        check_names((entry.name, 0) for entry in listed)
    except ParseError as exc:
        raise ValueError(str(exc)) from exc
    for entry in listed:
        name = entry.name.encode()
        flags = 0 if entry.name.isascii() else _UTF8_FLAG
        common = (flags, entry.method, 0, _DATE, entry.crc, len(entry.packed), entry.size, len(name), 0)
        directory += _CENTRAL.pack(b"PK\x01\x02", _VERSION, _VERSION, *common, 0, 0, 0, 0, len(body)) + name
        body += _LOCAL.pack(b"PK\x03\x04", _VERSION, *common) + name + entry.packed
        if len(body) > _MAX_BYTES:
            raise ValueError("the package would be larger than 4 GB")
    if len(listed) > _MAX_ENTRIES:
        raise ValueError(f"a package holds at most {_MAX_ENTRIES} entries, got {len(listed)}")
    end = _END.pack(b"PK\x05\x06", 0, 0, len(listed), len(listed), len(directory), len(body), 0)
    return bytes(body) + bytes(directory) + end
