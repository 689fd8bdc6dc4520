"""Files that are put in place whole: after a failure there is the old file or the new one, and nothing beside it."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Final

__all__ = ["new_file", "put_file", "sync"]

#: What systems say that cannot wait for a folder, or not for one that may only be written to.
_NO_FOLDERS: Final = frozenset({errno.EACCES, errno.EPERM, errno.EINVAL, errno.ENOTSUP})


def put_file(path: Path, content: bytes, *, replace: bool, private: bool) -> None:
    """Put a file in place, on the disk, in one step.

    Args:
        path: Where it goes. It is made under another name in the same folder.
        replace: An older one gives way; else it stays, whoever made it and whenever.
        private: Only its owner can read it, from the first moment on; else whoever the process lets (umask).
    Raises:
        FileExistsError: there is one, and it is not to be replaced.
        OSError: the folder is not there or cannot be written, or the disk is full.
    """
    with new_file(path, replace=replace, private=private) as file:
        file.write(content)


@contextmanager
def new_file(path: Path, *, replace: bool, private: bool) -> Iterator[BinaryIO]:
    """As put_file, of what is written within the block; where the block raises, nothing was written."""
    made = path.parent / f".new-{os.urandom(8).hex()}"
    descriptor = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600 if private else 0o666)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(descriptor)
        if replace:
            os.replace(made, path)
        else:
            _take(made, path)
    except BaseException:
        with suppress(OSError):
            made.unlink()
        raise
    sync(path.parent)


def sync(path: Path) -> None:
    """Wait until a file, or the names in a folder, are on the disk; not for folders where the system cannot."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        if error.errno not in _NO_FOLDERS or not path.is_dir():
            raise


def _take(made: Path, path: Path) -> None:
    """Give a file its name, unless another has it."""
    try:
        os.link(made, path)
    except FileExistsError:
        raise _taken(path) from None
    except OSError:
        _take_unlinked(made, path)
    else:
        made.unlink()


def _take_unlinked(made: Path, path: Path) -> None:
    """As _take, where a file has one name only (FAT): an empty one keeps the name for a moment."""
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        raise _taken(path) from None
    try:
        os.replace(made, path)
    except BaseException:
        path.unlink()
        raise


def _taken(path: Path) -> FileExistsError:
    return FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path))
