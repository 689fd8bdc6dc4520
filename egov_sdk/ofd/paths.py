"""Resolve the paths that are written inside a package (ST_Loc)."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from egov_sdk.ofd.problems import refuse

__all__ = ["folder_of", "is_absolute", "resolve", "resolve_folder"]


def resolve(loc: str, *, base_dir: str, where: str = "") -> str:
    """Turn a path as written in a file into the name of a package entry.

    Args:
        loc: With a leading slash from the package root, otherwise from ``base_dir``; ``.`` and ``..`` allowed.
        base_dir: The folder of the file that holds the path, without slashes at its ends; empty for the root.
        where: The file that holds the path, for the error.
    Returns:
        The name without a leading slash. It is not looked up: the entry may not exist.
    Raises:
        ParseError: the path is empty, names a folder, leaves the package, or holds what no entry name may hold.
    Source:
        GB/T 33190-2016, 7.4 (ST_Loc).
    """
    if len(loc) <= _USUAL and len(base_dir) <= _USUAL:
        return _usual_name(loc, base_dir, where)
    return _name(loc, base_dir, where)


#: Longer paths come from nobody in good faith, and are not remembered.
_USUAL: Final = 256


@lru_cache(maxsize=1 << 12)
def _usual_name(loc: str, base_dir: str, where: str) -> str:
    return _name(loc, base_dir, where)


def _name(loc: str, base_dir: str, where: str) -> str:
    parts = _split(loc, base_dir=base_dir, where=where)
    if loc.rstrip().endswith(("/", "/.", "/..")) or loc.strip() in (".", "..") or not parts:
        raise refuse("path.folder", where=where, loc=loc)
    return "/".join(parts)


def resolve_folder(loc: str, *, base_dir: str, where: str = "") -> str:
    """Like ``resolve`` for a path that names a folder; the root is the empty string."""
    return "/".join(_split(loc, base_dir=base_dir, where=where))


def folder_of(name: str) -> str:
    """The folder of a package entry, empty for the root."""
    return name.rpartition("/")[0]


def is_absolute(loc: str) -> bool:
    """Whether a path counts from the package root."""
    return loc.lstrip().startswith("/")


def _split(loc: str, *, base_dir: str, where: str) -> list[str]:
    text = loc.strip()
    if not text:
        raise refuse("path.empty", where=where)
    if not text.isprintable():
        raise refuse("path.malformed", where=where, loc=loc, reason="control_character")
    if "\\" in text:
        raise refuse("path.malformed", where=where, loc=loc, reason="backslash")
    if ":" in text:
        raise refuse("path.malformed", where=where, loc=loc, reason="drive")
    parts = [] if text.startswith("/") or not base_dir else base_dir.split("/")
    for part in text.split("/"):
        if part == "..":
            if not parts:
                raise refuse("path.outside", where=where, loc=loc)
            parts.pop()
        elif part not in ("", "."):
            parts.append(part)
    return parts
