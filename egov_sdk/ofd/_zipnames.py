"""Which entry names are accepted. They are refused, never repaired."""

from __future__ import annotations

import itertools
import stat
import unicodedata
from collections.abc import Iterable
from typing import Final

from egov_sdk.caches import BoundedCache
from egov_sdk.ofd.problems import refuse

__all__ = ["alias_key", "check_names", "decode_name", "unsafe_reason"]

_UTF8_FLAG = 0x0800


def decode_name(raw: bytes, flags: int) -> tuple[str, str]:
    """The entry name and the encoding it was read in; names without the UTF-8 flag are guessed."""
    if raw.isascii():
        return raw.decode("ascii"), "ascii"
    for encoding in ("utf-8",) if flags & _UTF8_FLAG else ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding), encoding
        except UnicodeDecodeError:
            continue
    raise refuse("package.unsafe_name", where=ascii(raw), reason="encoding")


def unsafe_reason(name: str) -> str:
    """Why a name is refused, in one word; empty when it is fine. A trailing slash marks a folder."""
    if not name:
        return "empty"
    if not name.isprintable():
        return "control_character"
    if "\\" in name:
        return "backslash"
    if name.startswith("/"):
        return "absolute"
    if ":" in name:
        return "drive"
    parts = name.removesuffix("/").split("/")
    if ".." in parts:
        return "parent"
    if "." in parts or "" in parts:
        return "not_normal"
    return ""


def alias_key(name: str) -> str:
    """What a file system that ignores letter case, Unicode form and trailing dots would take the name for."""
    if not name.isascii():
        name = unicodedata.normalize("NFC", name)
    folded = name.casefold()
    if ". " in folded or "./" in folded or " /" in folded or folded.endswith((".", " ")):
        return "/".join(part.rstrip(". ") for part in folded.split("/"))
    return folded


#: Lists of names that were found good: packages of one kind have the same.
_GOOD: Final[BoundedCache[tuple[tuple[str, int], ...], bool]] = BoundedCache(1 << 20)


def check_names(named: Iterable[tuple[str, int]]) -> None:
    """Refuse names that are unsafe, links, stored twice, or alike for some file systems.

    Args:
        named: Entry names with the external attributes of their directory records.
    """
    listed = tuple(named)
    if _GOOD.get(listed) is None:
        _check_names(listed)
        _GOOD.put(listed, True, weight=sum(100 + 4 * len(name) for name, _ in listed))


def _check_names(named: Iterable[tuple[str, int]]) -> None:
    files: dict[str, str] = {}
    folders: dict[str, str] = {}
    for name, attributes in named:
        reason = unsafe_reason(name)
        if reason:
            raise refuse("package.unsafe_name", where=name, reason=reason)
        _check_kind(name, attributes >> 16)
        key = alias_key(name.removesuffix("/"))
        if name.endswith("/"):
            folders[key] = name
        elif key in files:
            if files[key] == name:
                raise refuse("package.duplicate_entry", where=name)
            raise refuse("package.alias_entry", where=name, other=files[key])
        else:
            files[key] = name
    _check_folders(files, folders)


def _check_kind(name: str, mode: int) -> None:
    kind = stat.S_IFMT(mode)
    if kind == stat.S_IFLNK:
        raise refuse("package.symlink", where=name)
    if kind in (stat.S_IFCHR, stat.S_IFBLK, stat.S_IFIFO, stat.S_IFSOCK):
        raise refuse("package.special_file", where=name)


def _check_folders(files: dict[str, str], folders: dict[str, str]) -> None:
    """No name may be a file and, as an entry or as the parent of one, a folder."""
    named = {key.replace("/", "\0"): name for key, name in files.items()}
    parents = {key.replace("/", "\0") + "\0": name for key, name in folders.items()}
    # In this order what lies in a folder stands right behind the folder's own name.
    ordered = sorted((*named, *parents))
    for key, following in itertools.pairwise(ordered):
        if key in named and following.startswith(key + "\0"):
            raise refuse("package.file_as_folder", where=(named | parents)[following], other=named[key])
