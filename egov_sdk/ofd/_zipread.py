"""The ZIP container read twice, by its directory and by its local headers, and refused where the two disagree."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from typing import Final, NamedTuple

from egov_sdk.caches import BoundedCache
from egov_sdk.errors import LimitExceeded
from egov_sdk.limits import OfdLimits
from egov_sdk.ofd._zipnames import check_names, decode_name
from egov_sdk.ofd.problems import PackageNote, note, refuse
from egov_sdk.report import Text

__all__ = ["DEFLATED", "STORED", "ZipEntry", "inflate", "read_archive"]

STORED, DEFLATED = 0, 8

_END = struct.Struct("<4s4H2LH")
_END64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR = struct.Struct("<4sLQL")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_LOCAL = struct.Struct("<4s5H3L2H")

_ENCRYPTED = 0x0001 | 0x0040 | 0x2000
_DESCRIPTOR = 0x0008
_PATCHED = 0x0020
_FLAGS_THAT_MATTER = _ENCRYPTED | _DESCRIPTOR | _PATCHED | 0x0800

_U16, _U32 = 0xFFFF, 0xFFFFFFFF
_EXTRA_ZIP64, _EXTRA_UNICODE_PATH = 0x0001, 0x7075
_SIGNATURES = (b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06")


class ZipEntry(NamedTuple):
    """One record of the directory, already in agreement with its local header."""

    name: str
    raw_name: bytes
    flags: int
    method: int
    crc: int
    packed_bytes: int
    size: int
    offset: int
    data_offset: int
    attributes: int

    @property
    def is_folder(self) -> bool:
        return self.name.endswith("/")


_DATA_OFFSET = ZipEntry._fields.index("data_offset")

#: Contents of entries by all that was packed: documents of one template have most of their files in common.
_CONTENTS: Final[BoundedCache[tuple[bytes, int, int, int], bytes]] = BoundedCache(16 << 20)
#: Large contents that were stored as they are, by size and CRC, to be compared: a seal comes again and again.
_STORED: Final[BoundedCache[tuple[int, int], bytes]] = BoundedCache(16 << 20)
_LARGE: Final = 8 << 10


def read_archive(archive: bytes, *, limits: OfdLimits) -> tuple[tuple[ZipEntry, ...], tuple[PackageNote, ...]]:
    """Read the directory and hold every local header against it.

    Nothing is inflated, but every declared size is within the limits afterwards, so that inflating
    each entry up to its declared size keeps them.

    Returns:
        The entries in the order of their data, folders included, and what was tolerated.
    """
    start, end, shift, count, notes = _find_directory(archive, limits=limits)
    central = sorted(_central_records(archive, start, end, shift, count, limits), key=lambda entry: entry.offset)
    first = central[0].offset if central else start
    if first:
        if any(archive.find(signature, 0, first) >= 0 for signature in _SIGNATURES):
            raise refuse("package.hidden_prefix", found=first)
        notes.append(note("package.prefix_data", found=first))
    ends = (*(entry.offset for entry in central[1:]), start)
    placed = [
        _hold_against_local(archive, entry, following, notes)
        for entry, following in zip(central, ends, strict=False)  # without entries there is an end all the same
    ]
    for entry in placed:
        if not entry.raw_name.isascii() and not entry.flags & 0x0800:
            notes.append(note("package.name_encoding", where=entry.name, found=decode_name(entry.raw_name, 0)[1]))
    check_names((entry.name, entry.attributes) for entry in placed)
    _check_sizes(placed, len(archive), limits)
    return tuple(placed), tuple(notes)


def inflate(archive: bytes, entry: ZipEntry) -> bytes:
    """The content of one entry, of exactly the declared size and CRC."""
    packed = archive[entry.data_offset : entry.data_offset + entry.packed_bytes]
    if entry.method == STORED and entry.size >= _LARGE:
        place = (entry.size, entry.crc)
        stored = _STORED.get(place)
        return stored if stored == packed else _STORED.put(place, _checked(packed, entry), weight=entry.size)
    key = (packed, entry.method, entry.size, entry.crc)
    known = _CONTENTS.get(key)
    if known is not None:
        return known
    as_it_is = entry.method == STORED or not (packed or entry.size)
    content = _checked(packed if as_it_is else _inflate_bounded(packed, entry), entry)
    return _CONTENTS.put(key, content, weight=len(packed) + len(content))


def _checked(content: bytes, entry: ZipEntry) -> bytes:
    if len(content) != entry.size:
        raise refuse("package.size_mismatch", where=entry.name, found=len(content), expected=entry.size)
    crc = zlib.crc32(content)
    if crc != entry.crc:
        raise refuse("package.crc_mismatch", where=entry.name, found=f"{crc:08x}", expected=f"{entry.crc:08x}")
    return content


def _inflate_bounded(packed: bytes, entry: ZipEntry) -> bytes:
    stream = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        content = stream.decompress(packed, entry.size + 1)
    except zlib.error as exc:
        raise refuse("package.deflate_malformed", where=entry.name, found=exc) from exc
    if len(content) > entry.size:
        raise refuse("package.size_mismatch", where=entry.name, found="more", expected=entry.size)
    if not stream.eof:
        raise refuse("package.deflate_malformed", where=entry.name, found="it ends too early")
    if stream.unused_data:
        raise refuse("package.deflate_malformed", where=entry.name, found=_follow(len(stream.unused_data)))
    return content


def _follow(octets: int) -> Text:
    return Text(f"{octets} bytes follow it", f"其后还有 {octets} 字节")


def _no_record(position: int) -> Text:
    return Text(f"no record at byte {position}", f"第 {position} 字节处没有记录")


def _find_directory(archive: bytes, *, limits: OfdLimits) -> tuple[int, int, int, int, list[PackageNote]]:
    """Where the directory begins and ends, how far offsets are shifted by a prefix, and how many records it has."""
    position = archive.rfind(b"PK\x05\x06", max(0, len(archive) - _END.size - _U16))
    if position < 0:
        raise refuse("package.not_a_zip")
    if len(archive) - position < _END.size:
        raise refuse("package.directory_malformed", found="the end record is cut off")
    _, disk, directory_disk, count_here, count, size, offset, comment = _END.unpack_from(archive, position)
    excess = len(archive) - position - _END.size - comment
    if excess > 0:
        raise refuse("package.trailing_data", found=excess)
    if excess < 0:
        raise refuse("package.directory_malformed", found="the archive comment is cut off")
    notes = [note("package.archive_comment", found=comment)] if comment else []
    end = position
    if position >= _LOCATOR.size and archive.startswith(b"PK\x06\x07", position - _LOCATOR.size):
        end, disk, directory_disk, count_here, count, size, offset = _zip64_end(
            archive, position, (disk, directory_disk, count_here, count, size, offset)
        )
    if disk or directory_disk or count_here != count:
        raise refuse("package.directory_malformed", found="it is one part of several")
    if count > limits.entries:
        raise LimitExceeded("entries", allowed=limits.entries, found=count)
    start = end - size
    shift = start - offset
    if start < 0 or shift < 0:
        raise refuse("package.directory_malformed", found="its place or size is outside the file")
    return start, end, shift, count, notes


def _zip64_end(archive: bytes, position: int, end: tuple[int, ...]) -> tuple[int, ...]:
    record = position - _LOCATOR.size - _END64.size
    if record < 0 or archive[record : record + 4] != b"PK\x06\x06":
        raise refuse("package.zip64_mismatch", field="end record", found="none", expected="one before its locator")
    _, length, _, _, disk, directory_disk, count_here, count, size, offset = _END64.unpack_from(archive, record)
    _, located_disk, located, disks = _LOCATOR.unpack_from(archive, position - _LOCATOR.size)
    wide = (disk, directory_disk, count_here, count, size, offset)
    sentinels = (_U16, _U16, _U16, _U16, _U32, _U32)
    names = ("disk", "directory disk", "count on this disk", "count", "directory size", "directory offset")
    for name, narrow_value, wide_value, sentinel in zip(names, end, wide, sentinels, strict=True):
        if narrow_value not in (sentinel, wide_value):
            raise refuse("package.zip64_mismatch", field=name, found=wide_value, expected=narrow_value)
    # The locator counts from the start of the archive, so it is off by the length of what stands before.
    if length != _END64.size - 12 or located_disk or disks > 1 or located + (record - size - offset) != record:
        raise refuse("package.zip64_mismatch", field="locator", found=located, expected=record)
    return (record, *wide)


def _central_records(
    archive: bytes, start: int, end: int, shift: int, count: int, limits: OfdLimits
) -> Iterator[ZipEntry]:
    position = start
    for _ in range(count):
        if end - position < _CENTRAL.size:
            raise refuse("package.directory_malformed", found="it has fewer records than it says")
        fields = _CENTRAL.unpack_from(archive, position)
        signature, _, _, flags, method, _, _, crc, packed, size = fields[:10]
        name_length, extra_length, comment_length, disk, _, attributes, offset = fields[10:]
        if signature != b"PK\x01\x02":
            raise refuse("package.directory_malformed", found=_no_record(position))
        name_at = position + _CENTRAL.size
        position = name_at + name_length + extra_length + comment_length
        if position > end:
            raise refuse("package.directory_malformed", found="a record runs past its end")
        if name_length > limits.name_bytes:
            raise LimitExceeded("name_bytes", allowed=limits.name_bytes, found=name_length)
        raw_name = archive[name_at : name_at + name_length]
        name, _ = decode_name(raw_name, flags)
        if disk:
            raise refuse("package.directory_malformed", where=name, found="it is one part of several")
        extra = _extra(archive[name_at + name_length : name_at + name_length + extra_length], name, raw_name)
        size, packed, offset = _widen(extra, name, size, packed, offset)
        if offset + shift >= start:
            raise refuse("package.directory_malformed", where=name, found="an entry lies outside the file")
        if flags & _ENCRYPTED:
            raise refuse("package.encrypted", where=name)
        if method not in (STORED, DEFLATED) or flags & _PATCHED:
            raise refuse("package.method", where=name, found=method)
        yield ZipEntry(name, raw_name, flags, method, crc, packed, size, offset + shift, 0, attributes)
    if position != end:
        raise refuse("package.directory_malformed", found="it has more in it than its records")


def _hold_against_local(archive: bytes, entry: ZipEntry, following: int, notes: list[PackageNote]) -> ZipEntry:
    """Check the local header, and that this entry ends where the next begins; gives the entry its data offset."""
    header_end = entry.offset + _LOCAL.size
    if entry.offset == following:
        raise refuse("package.overlap", where=entry.name, offset=following)
    if header_end > following or archive[entry.offset : entry.offset + 4] != b"PK\x03\x04":
        raise refuse(
            "package.local_mismatch", where=entry.name, field="offset", found="no local header", expected=entry.offset
        )
    _, _, flags, method, _, _, crc, packed, size, name_length, extra_length = _LOCAL.unpack_from(archive, entry.offset)
    data_offset = header_end + name_length + extra_length
    data_end = data_offset + entry.packed_bytes
    if data_end > following:
        raise refuse("package.overlap", where=entry.name, offset=following)
    extra_at = header_end + name_length
    extra = _extra(archive[extra_at:data_offset], entry.name, entry.raw_name)
    _must_agree(entry, "name", archive[header_end:extra_at], entry.raw_name)
    _must_agree(entry, "flags", flags & _FLAGS_THAT_MATTER, entry.flags & _FLAGS_THAT_MATTER)
    _must_agree(entry, "method", method, entry.method)
    described = bool(flags & _DESCRIPTOR)
    if extra or (crc, packed, size) != (entry.crc, entry.packed_bytes, entry.size):
        for field, found, expected in _local_sizes(entry, crc, packed, size, extra):
            if not (described and found == 0):
                _must_agree(entry, field, found, expected)
    placed = ZipEntry._make((*entry[:_DATA_OFFSET], data_offset, *entry[_DATA_OFFSET + 1 :]))
    _check_tail(archive, placed, following, described, notes)
    return placed


def _check_tail(archive: bytes, entry: ZipEntry, following: int, described: bool, notes: list[PackageNote]) -> None:
    """Nothing but a true data descriptor may lie between the data of an entry and what follows."""
    data_end = entry.data_offset + entry.packed_bytes
    tail = archive[data_end:following]
    if described:
        tail = _after_descriptor(entry, tail)
        if entry.method == STORED and entry.size:
            # A reader of the stream finds the end by looking for a signature, so the data must hold none.
            if b"PK\x07\x08" in archive[entry.data_offset : data_end]:
                raise refuse("package.descriptor_mismatch", where=entry.name)
            notes.append(note("package.stored_with_descriptor", where=entry.name))
    if tail:
        at = following - len(tail)
        if tail.startswith(b"PK\x03\x04"):
            raise refuse("package.hidden_entry", where=entry.name, offset=at)
        raise refuse("package.hidden_data", where=entry.name, found=len(tail), offset=at)


def _must_agree(entry: ZipEntry, field: str, found: object, expected: object) -> None:
    if found != expected:
        raise refuse("package.local_mismatch", where=entry.name, field=field, found=found, expected=expected)


def _local_sizes(
    entry: ZipEntry, crc: int, packed: int, size: int, extra: dict[int, bytes]
) -> Iterator[tuple[str, int, int]]:
    yield "crc", crc, entry.crc
    wide = extra.get(_EXTRA_ZIP64, b"")
    numbers = struct.unpack(f"<{len(wide) // 8}Q", wide[: len(wide) // 8 * 8])
    if size == _U32 and packed == _U32 and len(numbers) >= 2:
        size, packed = numbers[0], numbers[1]
    elif len(numbers) >= 2 and numbers[:2] not in ((0, 0), (entry.size, entry.packed_bytes)):
        raise refuse("package.zip64_mismatch", where=entry.name, field="size", found=numbers[0], expected=entry.size)
    yield "size", size, entry.size
    yield "packed size", packed, entry.packed_bytes


def _after_descriptor(entry: ZipEntry, tail: bytes) -> bytes:
    """What is left after the data descriptor, which comes with or without signature, narrow or wide."""
    described = [
        lead + struct.pack(layout, entry.crc, entry.packed_bytes, entry.size)
        for lead in (b"PK\x07\x08", b"")
        for layout in ("<L2Q", "<3L")
    ]
    if tail in described:
        return b""
    for descriptor in described:
        if tail.startswith(descriptor):
            return tail[len(descriptor) :]
    raise refuse("package.descriptor_mismatch", where=entry.name)


def _extra(raw: bytes, name: str, raw_name: bytes) -> dict[int, bytes]:
    fields: dict[int, bytes] = {}
    if not raw:  # as in most entries
        return fields
    position = 0
    while len(raw) - position >= 4:
        tag, length = struct.unpack_from("<2H", raw, position)
        value = raw[position + 4 : position + 4 + length]
        if len(value) != length or (tag in fields and tag in (_EXTRA_ZIP64, _EXTRA_UNICODE_PATH)):
            raise refuse("package.extra_malformed", where=name)
        fields[tag] = value
        position += 4 + length
    if any(raw[position:]):  # up to three zeros are the padding of some aligners
        raise refuse("package.extra_malformed", where=name)
    other = fields.get(_EXTRA_UNICODE_PATH)
    if other is not None and other[5:] != raw_name:
        raise refuse("package.local_mismatch", where=name, field="unicode name", found=other[5:], expected=raw_name)
    return fields


def _widen(extra: dict[int, bytes], name: str, size: int, packed: int, offset: int) -> tuple[int, int, int]:
    """Replace each 32-bit field that is all ones by its 64-bit value, in the order the format fixes."""
    wide = extra.get(_EXTRA_ZIP64)
    narrow = (size, packed, offset)
    if not extra and _U32 not in narrow:
        return narrow
    needed = sum(value == _U32 for value in narrow)
    if wide is None:
        if needed:
            raise refuse("package.zip64_mismatch", where=name, field="extra", found="none", expected="one")
        return narrow
    numbers = iter(struct.unpack(f"<{len(wide) // 8}Q", wide[: len(wide) // 8 * 8]))
    if len(wide) < 8 * needed:
        raise refuse("package.zip64_mismatch", where=name, field="extra", found=len(wide), expected=8 * needed)
    if not needed:
        for field, value, found in zip(("size", "packed size", "offset"), narrow, numbers, strict=False):
            if found != value:
                raise refuse("package.zip64_mismatch", where=name, field=field, found=found, expected=value)
        return narrow
    widened = [next(numbers) if value == _U32 else value for value in narrow]
    return widened[0], widened[1], widened[2]


def _check_sizes(entries: list[ZipEntry], archive_bytes: int, limits: OfdLimits) -> None:
    total = 0
    for entry in entries:
        total += entry.size
        if entry.size > limits.entry_bytes:
            raise LimitExceeded("entry_bytes", allowed=limits.entry_bytes, found=entry.size, where=entry.name)
        if entry.size > limits.ratio_from_bytes and entry.size > limits.ratio * entry.packed_bytes:
            ratio = entry.size // max(1, entry.packed_bytes)
            raise LimitExceeded("ratio", allowed=limits.ratio, found=ratio, where=entry.name)
        if entry.is_folder and entry.size:
            raise refuse("package.folder_content", where=entry.name, found=entry.size)
    if total > limits.total_bytes:
        raise LimitExceeded("total_bytes", allowed=limits.total_bytes, found=total)
    # Many small entries, each below ratio_from_bytes, may still be one bomb together.
    if total > limits.ratio_from_bytes and total > limits.ratio * archive_bytes:
        raise LimitExceeded("ratio", allowed=limits.ratio, found=total // archive_bytes)
