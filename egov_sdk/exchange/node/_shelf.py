"""A folder that several processes put files into and take files from, so that none is half there and none is lost.

Every step is one rename, which is done or not done. Names inside a shelf::

    ID.parcel                                 ready
    .ID.parcel.TOKEN.part                     being written; it becomes ready by a rename
    ID.parcel.MILLISECONDS-TRIES-TOKEN.claim  taken by one process until that time

Folders are held open and files are reached through them, so that no link put in their place is ever followed.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from egov_sdk.errors import ParseError
from egov_sdk.exchange.node.problems import TABLE, refuse
from egov_sdk.report import Text

__all__ = ["Claim", "Shelf", "storing"]

_NOFOLLOW: Final[int] = getattr(os, "O_NOFOLLOW", 0)
_FOLDER: Final[int] = os.O_RDONLY | _NOFOLLOW | getattr(os, "O_DIRECTORY", 0)
#: A pipe must not hold up whoever opens it.
_READ: Final[int] = os.O_RDONLY | _NOFOLLOW | getattr(os, "O_NONBLOCK", 0)
_WRITE: Final[int] = os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NOFOLLOW

_READY: Final = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{0,63}\.(?:parcel|answer)", re.ASCII)
_CLAIMED: Final = re.compile(
    r"(?P<name>[0-9A-Za-z][0-9A-Za-z._-]{0,63}\.(?:parcel|answer))\.(?P<until>[0-9]{13})-(?P<tries>[0-9]{1,4})-[0-9a-f]{16}\.claim",
    re.ASCII,
)
_PART: Final = re.compile(r"\.[0-9A-Za-z][0-9A-Za-z._-]{0,70}\.[0-9a-f]{16}\.part", re.ASCII)


@dataclass(frozen=True, slots=True)
class Claim:
    """A file that is this process's own for a while: its name, how it is called now, how often it was tried."""

    name: str
    held_as: str
    tries: int


@contextmanager
def storing() -> Iterator[None]:
    """What the system says of a folder, in our words.

    Raises:
        NodeRejected: folder.
    """
    try:
        yield
    except OSError as error:
        raise refuse("node.folder", found=error.strerror or type(error).__name__) from error


class Shelf:
    """One folder, open; ``close`` it."""

    def __init__(self, path: Path, *, random: Callable[[int], bytes], mode: int) -> None:
        with storing():
            self._folder = os.open(path, _FOLDER)
        self._random, self._mode = random, mode

    def close(self) -> None:
        """Let go of the folder."""
        os.close(self._folder)

    def put(self, name: str, data: bytes) -> None:
        """Put a file in its place, whole and on the disk, or not at all. One of the same name gives way.

        Raises:
            NodeRejected: folder.
        """
        part = f".{name}.{self._random(8).hex()}.part"
        with storing():
            file = os.open(part, _WRITE, self._mode, dir_fd=self._folder)
            try:
                try:
                    _write(file, data)
                    os.fsync(file)
                finally:
                    os.close(file)
                os.rename(part, name, src_dir_fd=self._folder, dst_dir_fd=self._folder)
            except OSError:
                os.unlink(part, dir_fd=self._folder)
                raise
            os.fsync(self._folder)

    def look(self, *, now: datetime, lease: timedelta, keep_parts: timedelta) -> tuple[list[str], list[str]]:
        """The names that may be taken, oldest first, and those that do not belong here; old remains are removed.

        Raises:
            NodeRejected: folder.
        """
        free: list[tuple[float, str]] = []
        strange: list[str] = []
        moment, latest = _milliseconds(now), _milliseconds(now + lease)
        with storing(), os.scandir(self._folder) as entries:
            for entry in entries:
                claimed = _CLAIMED.fullmatch(entry.name)
                if claimed is not None and moment < int(claimed["until"]) <= latest:
                    continue  # somebody's; what is held longer was written by a clock that ran ahead
                if claimed is not None or _READY.fullmatch(entry.name):
                    if (written := _written_at(entry)) is not None:
                        free.append((written, entry.name))
                elif _PART.fullmatch(entry.name):
                    self._sweep(entry, before=(now - keep_parts).timestamp())
                elif not entry.name.startswith("."):
                    strange.append(entry.name)
        return [name for _, name in sorted(free)], strange

    def _sweep(self, entry: os.DirEntry[str], *, before: float) -> None:
        written = _written_at(entry)
        if written is not None and written < before:
            self._remove(entry.name)

    def claim(self, found: str, *, now: datetime, lease: timedelta) -> Claim | None:
        """Take what ``look`` found; None when somebody else was faster.

        Raises:
            NodeRejected: folder.
        """
        held = _CLAIMED.fullmatch(found)
        name, tries = (held["name"], int(held["tries"])) if held else (found, 0)
        return self._rename(found, name, tries=tries + 1, until=now + lease)

    def later(self, claim: Claim, *, until: datetime) -> None:
        """Leave it until then.

        Raises:
            NodeRejected: folder.
        """
        self._rename(claim.held_as, claim.name, tries=claim.tries, until=until)

    def _rename(self, found: str, name: str, *, tries: int, until: datetime) -> Claim | None:
        held_as = f"{name}.{_milliseconds(until):013d}-{min(tries, 9999)}-{self._random(8).hex()}.claim"
        with storing():
            try:
                os.rename(found, held_as, src_dir_fd=self._folder, dst_dir_fd=self._folder)
            except FileNotFoundError:
                return None
        return Claim(name, held_as, tries)

    def read(self, claim: Claim, *, most_bytes: int) -> bytes:
        """All that is in a file.

        Raises:
            ParseError: egov.exchange.node.wrap_kind, wrap_size.
            NodeRejected: folder.
        """
        with storing():
            what = stat.S_IFMT(os.stat(claim.held_as, dir_fd=self._folder, follow_symlinks=False).st_mode)
            if what != stat.S_IFREG:
                raise _not_a_file(claim.name, what)
            file = os.open(claim.held_as, _READ, dir_fd=self._folder)
            try:
                found = os.fstat(file)
                if not stat.S_ISREG(found.st_mode):  # pragma: no cover - put in its place in between
                    raise _not_a_file(claim.name, stat.S_IFMT(found.st_mode))
                if found.st_size > most_bytes:
                    raise TABLE.unreadable("node.wrap_size", where=claim.name, found=found.st_size, expected=most_bytes)
                return _read(file, most_bytes + 1)
            finally:
                os.close(file)

    def remove(self, claim: Claim) -> None:
        """It is done with.

        Raises:
            NodeRejected: folder.
        """
        with storing():
            self._remove(claim.held_as)

    def _remove(self, name: str) -> None:
        with suppress(FileNotFoundError):  # whoever took over the claim was faster
            os.unlink(name, dir_fd=self._folder)

    def put_aside(self, found: str, target: Shelf, *, reason: str) -> str:
        """Move something as it is, without looking into it; what it is called there, or nothing if it has gone.

        Raises:
            NodeRejected: folder.
        """
        name = f"{self._random(8).hex()}.{reason}"
        with storing():
            try:
                os.rename(found, name, src_dir_fd=self._folder, dst_dir_fd=target._folder)
            except FileNotFoundError:
                return ""
        return name


def _milliseconds(moment: datetime) -> int:
    return min(max(int(moment.timestamp() * 1000), 0), 10**13 - 1)


def _written_at(entry: os.DirEntry[str]) -> float | None:
    try:
        return entry.stat(follow_symlinks=False).st_mtime
    except FileNotFoundError:
        return None


def _write(file: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(file, rest) :]


def _read(file: int, most: int) -> bytes:
    parts = []
    while most > 0 and (part := os.read(file, min(most, 1 << 20))):
        parts.append(part)
        most -= len(part)
    return b"".join(parts)


_KINDS: Final = {
    stat.S_IFLNK: Text("a link", "链接"),
    stat.S_IFDIR: Text("a folder", "文件夹"),
    stat.S_IFIFO: Text("a pipe", "管道"),
    stat.S_IFSOCK: Text("a socket", "套接字"),
    stat.S_IFCHR: Text("a device", "设备"),
    stat.S_IFBLK: Text("a device", "设备"),
}


def _not_a_file(name: str, what: int) -> ParseError:
    return TABLE.unreadable("node.wrap_kind", where=name, found=_KINDS.get(what, Text("something else", "其他类型")))
