"""Write packages: replace or add entries and leave all others alone; put a file in place whole or not at all."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from egov_sdk.files import put_file
from egov_sdk.ofd._zipnames import unsafe_reason
from egov_sdk.ofd._zipwrite import PackedEntry, pack, write_archive

__all__ = ["rewrite_package", "write_ofd"]


def rewrite_package(names: Sequence[str], packed: Callable[[str], PackedEntry], changes: Mapping[str, bytes]) -> bytes:
    """An archive with changed and added entries; the others are as ``packed`` gives them.

    Raises:
        ValueError: a name that no package may hold, or that is like another one.
    """
    for name in changes:
        reason = unsafe_reason(name) or ("folder" if name.endswith("/") else "")
        if reason:
            raise ValueError(f"{name!r} cannot be the name of an entry: {reason}")
    entries = [pack(name, changes[name]) if name in changes else packed(name) for name in names]
    known = frozenset(names)
    entries += [pack(name, content) for name, content in changes.items() if name not in known]
    return write_archive(entries)


def write_ofd(path: Path, data: bytes) -> None:
    """Put a file in place in one step: after a crash there is the old file or the new one, never half of it.

    Args:
        path: Where the file goes.
        data: The whole content.
    Raises:
        OSError: the folder does not exist or cannot be written; the old file is as it was.
    """
    put_file(path, data, replace=True, private=False)
