"""Write packages: replace or add entries and leave all others alone; put a file in place whole or not at all."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from pathlib import Path

from egov_sdk.ofd._zipnames import unsafe_reason
from egov_sdk.ofd._zipread import STORED, ZipEntry
from egov_sdk.ofd._zipwrite import PackedEntry, pack, write_archive

__all__ = ["rewrite_package", "write_ofd"]


def rewrite_package(archive: bytes, entries: tuple[ZipEntry, ...], changes: Mapping[str, bytes]) -> bytes:
    """The archive with changed and added entries; the compressed data of the others is copied as it is.

    Raises:
        ValueError: a name that no package may hold, or that is like another one.
    """
    for name in changes:
        reason = unsafe_reason(name) or ("folder" if name.endswith("/") else "")
        if reason:
            raise ValueError(f"{name!r} cannot be the name of an entry: {reason}")
    packed = [
        pack(entry.name, changes[entry.name]) if entry.name in changes else _copied(archive, entry) for entry in entries
    ]
    known = {entry.name for entry in entries}
    packed += [pack(name, content) for name, content in changes.items() if name not in known]
    return write_archive(packed)


def write_ofd(path: Path, data: bytes) -> None:
    """Put a file in place in one step: after a crash there is the old file or the new one, never half of it.

    Args:
        path: Where the file goes. A temporary file is made in the same folder.
        data: The whole content.
    Raises:
        OSError: the folder does not exist or cannot be written; the old file is as it was.
    """
    temporary = path.with_name(f".{path.name}.{os.urandom(6).hex()}.part")
    try:
        with temporary.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise


def _copied(archive: bytes, entry: ZipEntry) -> PackedEntry:
    packed = archive[entry.data_offset : entry.data_offset + entry.packed_bytes]
    method = entry.method if packed else STORED  # nothing is not a deflate stream
    return PackedEntry(entry.name, method, entry.crc, entry.size, packed)
