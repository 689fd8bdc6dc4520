"""Write the one plain kind of ZIP that every reader understands: no dates, no extras, no descriptors."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from egov_sdk.errors import ParseError
from egov_sdk.ofd._zipnames import check_names
from egov_sdk.ofd._zipread import DEFLATED, STORED, ZipEntry

__all__ = ["PackedEntry", "copied", "pack", "write_archive"]

_LOCAL = struct.Struct("<4s5H3L2H")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_END = struct.Struct("<4s4H2LH")

_VERSION = 20
_UTF8_FLAG = 0x0800
_DATE = (1 << 5) | 1  # 1980-01-01, the first date that the format can express
_MAX_ENTRIES, _MAX_BYTES = 0xFFFE, 0xFFFFFFFE

_LEVEL = 4  # a quarter of the work of level 6, for pages that are 4 % larger
#: Up to this size what was packed is remembered: indexes and lists are alike in the documents of one maker.
_SMALL = 1_200
#: From this size on three pieces tell first whether compressing pays: pictures, and seals that hold one, do not shrink.
_SAMPLED_FROM, _PIECE = 4 << 10, 512
_WORTH_IT = 0.9


@dataclass(frozen=True, slots=True)
class PackedEntry:
    """An entry ready to be written."""

    name: str
    method: int
    crc: int
    size: int
    packed: bytes


def pack(name: str, content: bytes) -> PackedEntry:
    """Compress one entry, or store it where that saves nothing worth the work of every reader."""
    return _pack_again(name, content) if len(content) <= _SMALL else _pack(name, content)


@lru_cache(maxsize=512)
def _pack_again(name: str, content: bytes) -> PackedEntry:
    return _pack(name, content)


def _pack(name: str, content: bytes) -> PackedEntry:
    packed = _deflated(content) if _shrinks(content) else content
    if len(packed) >= len(content):
        return PackedEntry(name, STORED, zlib.crc32(content), len(content), content)
    return PackedEntry(name, DEFLATED, zlib.crc32(content), len(content), packed)


def copied(archive: bytes, entry: ZipEntry) -> PackedEntry:
    """An entry of another archive, its compressed data as it is."""
    packed = archive[entry.data_offset : entry.data_offset + entry.packed_bytes]
    method = entry.method if packed else STORED  # nothing is not a deflate stream
    return PackedEntry(entry.name, method, entry.crc, entry.size, packed)


def _deflated(content: bytes) -> bytes:
    stream = zlib.compressobj(_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    return stream.compress(content) + stream.flush()


def _shrinks(content: bytes) -> bool:
    if len(content) < _SAMPLED_FROM or content.startswith(b"<?xml "):
        return True
    starts = (quarter * len(content) // 4 for quarter in (1, 2, 3))
    return _sample_shrinks(b"".join([content[start : start + _PIECE] for start in starts]))


@lru_cache(maxsize=256)
def _sample_shrinks(sample: bytes) -> bool:
    return len(_deflated(sample)) < _WORTH_IT * len(sample)


def write_archive(entries: Iterable[PackedEntry]) -> bytes:
    """The bytes of an archive with these entries, in this order.

    Raises:
        ValueError: a name that no package may hold, a name given twice, or too much for 32 bits.
    """
    body: list[bytes] = []
    directory: list[bytes] = []
    offset = 0
    listed = tuple(entries)
    try:
        check_names((entry.name, 0) for entry in listed)
    except ParseError as exc:
        raise ValueError(str(exc)) from exc
    for entry in listed:
        name = entry.name.encode()
        flags = 0 if entry.name.isascii() else _UTF8_FLAG
        common = (flags, entry.method, 0, _DATE, entry.crc, len(entry.packed), entry.size, len(name), 0)
        directory += _CENTRAL.pack(b"PK\x01\x02", _VERSION, _VERSION, *common, 0, 0, 0, 0, offset), name
        body += _LOCAL.pack(b"PK\x03\x04", _VERSION, *common), name, entry.packed
        offset += _LOCAL.size + len(name) + len(entry.packed)
        if offset > _MAX_BYTES:
            raise ValueError("the package would be larger than 4 GB")
    if len(listed) > _MAX_ENTRIES:
        raise ValueError(f"a package holds at most {_MAX_ENTRIES} entries, got {len(listed)}")
    end = _END.pack(b"PK\x05\x06", 0, 0, len(listed), len(listed), sum(map(len, directory)), offset, 0)
    return b"".join((*body, *directory, end))
