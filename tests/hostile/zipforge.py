"""A ZIP writer that can lie: each field of each record can be set to what the archive is not.

Written apart from the product's own ZIP code, so that the two cannot share a mistake.

    forge([Entry("OFD.xml", xml), Entry("a.xml", b"…", hidden=True)], suffix=b"more")

Without lies the result is an ordinary archive.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

__all__ = ["DEFLATE", "STORE", "Entry", "bomb", "entries_of", "forge", "symlink", "zip64_extra"]

STORE, DEFLATE = 0, 8
U32 = 0xFFFFFFFF


@dataclass(frozen=True)
class Entry:
    """One entry, and in what ways its records lie.

    ``central`` and ``local`` replace fields of the directory record and of the local header: name, flags,
    method, crc, packed, size, extra; in the directory also offset, attributes, disk and comment.
    """

    name: str | bytes
    content: bytes = b""
    method: int = DEFLATE
    raw: bytes | None = field(default=None, repr=False)
    """The data as it stands in the archive, instead of the compressed content."""
    flags: int = 0
    attributes: int = 0
    descriptor: bytes | None = None
    """What follows the data; ``b""`` stands for a true descriptor, which also clears the local sizes."""
    hidden: bool = False
    """Leave it out of the directory."""
    before: bytes = b""
    """Bytes between the entry before and this one."""
    central: Mapping[str, int | bytes] = field(default_factory=dict)
    local: Mapping[str, int | bytes] = field(default_factory=dict)

    @property
    def raw_name(self) -> bytes:
        return self.name if isinstance(self.name, bytes) else self.name.encode()

    def packed(self) -> bytes:
        if self.raw is not None:
            return self.raw
        if self.method != DEFLATE:
            return self.content
        stream = zlib.compressobj(9, zlib.DEFLATED, -15)
        return stream.compress(self.content) + stream.flush()

    def fields(self, packed: bytes) -> dict[str, int | bytes]:
        flags = self.flags | (0x0800 if not self.raw_name.isascii() else 0)
        return {
            "name": self.raw_name,
            "flags": flags | (0x0008 if self.descriptor is not None else 0),
            "method": self.method,
            "crc": zlib.crc32(self.content),
            "packed": len(packed),
            "size": len(self.content),
            "extra": b"",
        }


def forge(
    entries: Iterable[Entry],
    *,
    prefix: bytes = b"",
    prefix_counts: bool = True,
    before_directory: bytes = b"",
    after_directory: bytes = b"",
    comment: bytes = b"",
    suffix: bytes = b"",
    end: Mapping[str, int] | None = None,
    zip64_end: Mapping[str, int] | None = None,
) -> bytes:
    """Write the archive.

    Args:
        prefix: Bytes before everything; ``prefix_counts`` says whether offsets include them.
        end: Replaces fields of the end record: disk, directory_disk, here, count, size, offset, comment.
        zip64_end: Adds a 64-bit end record and locator, with these fields replaced: length, disk,
            directory_disk, here, count, size, offset, locator, disks.
    """
    body, directory, count = bytearray(prefix), bytearray(), 0
    start = 0 if prefix_counts else len(prefix)
    for entry in entries:
        body += entry.before
        packed = entry.packed()
        true = entry.fields(packed)
        if not entry.hidden:
            directory += _central(entry, {**true, **entry.central}, offset=len(body) - start)
            count += 1
        body += _local(entry, true) + packed + _descriptor(entry, true)
    body += before_directory
    numbers = {
        "disk": 0, "directory_disk": 0, "here": count, "count": count, "size": len(directory),
        "offset": len(body) - start, "comment": len(comment),
    }  # fmt: skip
    body += directory + after_directory
    if zip64_end is not None:
        body += _zip64_end(len(body) - start, {**numbers, **zip64_end})
    told = {**{key: min(value, _widest(key)) for key, value in numbers.items()}, **(end or {})}
    body += struct.pack("<4s4H2LH", b"PK\x05\x06", *told.values())
    return bytes(body) + comment + suffix


def _widest(key: str) -> int:
    return U32 if key in ("size", "offset") else 0xFFFF


def _local(entry: Entry, true: Mapping[str, int | bytes]) -> bytes:
    told = {**true}
    if entry.descriptor is not None:
        told |= {"crc": 0, "packed": 0, "size": 0}
    told |= entry.local
    name, extra = told["name"], told["extra"]
    assert isinstance(name, bytes)
    assert isinstance(extra, bytes)
    numbers = (told["flags"], told["method"], 0, 0x21, told["crc"], told["packed"], told["size"])
    return struct.pack("<4s5H3L2H", b"PK\x03\x04", 20, *numbers, len(name), len(extra)) + name + extra


def _central(entry: Entry, told: Mapping[str, int | bytes], *, offset: int) -> bytes:
    name, extra, comment = told["name"], told["extra"], told.get("comment", b"")
    assert isinstance(name, bytes)
    assert isinstance(extra, bytes)
    assert isinstance(comment, bytes)
    numbers = (told["flags"], told["method"], 0, 0x21, told["crc"], told["packed"], told["size"])
    lengths = (len(name), len(extra), len(comment))
    rest = (told.get("disk", 0), 0, told.get("attributes", entry.attributes), told.get("offset", offset))
    return struct.pack("<4s6H3L5H2L", b"PK\x01\x02", 0x0314, 20, *numbers, *lengths, *rest) + name + extra + comment


def _descriptor(entry: Entry, true: Mapping[str, int | bytes]) -> bytes:
    if entry.descriptor is None:
        return b""
    return entry.descriptor or struct.pack("<4s3L", b"PK\x07\x08", true["crc"], true["packed"], true["size"])


def _zip64_end(position: int, told: Mapping[str, int]) -> bytes:
    record = struct.pack(
        "<4sQ2H2L4Q", b"PK\x06\x06", told.get("length", 44), 45, 45, told["disk"], told["directory_disk"],
        told["here"], told["count"], told["size"], told["offset"],
    )  # fmt: skip
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, told.get("locator", position), told.get("disks", 1))
    return record + locator


def zip64_extra(*numbers: int) -> bytes:
    """The extra field that holds 64-bit sizes."""
    return struct.pack(f"<2H{len(numbers)}Q", 1, 8 * len(numbers), *numbers)


def symlink(name: str, target: str) -> Entry:
    """A symbolic link as Unix archivers write it."""
    return Entry(name, target.encode(), method=STORE, attributes=0o120777 << 16)


def bomb(name: str, size: int) -> Entry:
    """An entry of many zeros, made without holding them."""
    stream, crc, block = zlib.compressobj(9, zlib.DEFLATED, -15), 0, bytes(1 << 20)
    packed = bytearray()
    for left in range(size, 0, -len(block)):
        part = block[:left]
        packed += stream.compress(part)
        crc = zlib.crc32(part, crc)
    packed += stream.flush()
    numbers: dict[str, int | bytes] = {"crc": crc, "size": size}
    return Entry(name, raw=bytes(packed), central=numbers, local=numbers)


def entries_of(archive: bytes) -> list[Entry]:
    """The files of an honest archive, ready to be forged anew."""
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        return [
            Entry(record.filename, opened.read(record), method=record.compress_type)
            for record in opened.infolist()
            if not record.is_dir()
        ]
