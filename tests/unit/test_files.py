"""A file is put in place whole or not at all, over another one or not, for its owner alone or not."""

from __future__ import annotations

import errno
import os
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest

from egov_sdk.files import new_file, put_file, sync

_EACH_WAY = pytest.mark.parametrize("replace", [True, False])


def _failing(number: int) -> Callable[..., None]:
    def fail(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    return fail


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@contextmanager
def _umask(mask: int) -> Iterator[None]:
    old = os.umask(mask)
    try:
        yield
    finally:
        os.umask(old)


#: In a process of its own, for which no file can grow: the system says so at a write.
_WITH_LITTLE_ROOM: Final = """
import errno, resource, sys
from pathlib import Path
from egov_sdk.files import put_file
resource.setrlimit(resource.RLIMIT_FSIZE, (1_000, 1_000))
try:
    put_file(Path(sys.argv[1]), bytes(100_000), replace=sys.argv[2] == "True", private=True)
except OSError as error:
    sys.exit(error.errno != errno.EFBIG)
sys.exit("there was room")
"""


@_EACH_WAY
def test_a_file_is_put_where_none_is_with_nothing_beside_it(tmp_path: Path, replace: bool) -> None:
    put_file(tmp_path / "a", b"content", replace=replace, private=False)
    assert (tmp_path / "a").read_bytes() == b"content"
    assert os.listdir(tmp_path) == ["a"]


def test_an_older_file_gives_way(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"old")
    put_file(path, b"new", replace=True, private=False)
    assert path.read_bytes() == b"new"
    assert os.listdir(tmp_path) == ["a"]


@pytest.mark.parametrize("names_one_file_twice", [True, False])
def test_an_older_file_stays_where_it_is_not_to_be_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, names_one_file_twice: bool
) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"old")
    if not names_one_file_twice:
        monkeypatch.setattr(os, "link", _failing(errno.EPERM))
    with pytest.raises(FileExistsError) as caught:
        put_file(path, b"new", replace=False, private=True)
    assert caught.value.filename == str(path)
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["a"]


def test_a_link_to_nowhere_is_a_file_that_stays(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(FileExistsError):
        put_file(path, b"new", replace=False, private=True)
    assert os.listdir(tmp_path) == ["a"]


def test_a_new_file_comes_to_a_disk_without_second_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "link", _failing(errno.EPERM))
    with _umask(0o022):
        put_file(tmp_path / "a", b"content", replace=False, private=False)
    assert (tmp_path / "a").read_bytes() == b"content"
    assert _mode(tmp_path / "a") == 0o644
    assert os.listdir(tmp_path) == ["a"]


@_EACH_WAY
def test_a_private_file_is_its_owners_from_the_first_moment_on(tmp_path: Path, replace: bool) -> None:
    with _umask(0), new_file(tmp_path / "a", replace=replace, private=True):
        assert [_mode(path) for path in tmp_path.iterdir()] == [0o600]
    assert _mode(tmp_path / "a") == 0o600


@pytest.mark.parametrize(("mask", "mode"), [(0o022, 0o644), (0o077, 0o600), (0o002, 0o664)])
def test_another_file_is_for_whom_the_process_lets(tmp_path: Path, mask: int, mode: int) -> None:
    with _umask(mask):
        put_file(tmp_path / "a", b"content", replace=True, private=False)
    assert _mode(tmp_path / "a") == mode


def test_a_private_file_is_private_whatever_was_there(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"")
    path.chmod(0o644)
    put_file(path, b"secret", replace=True, private=True)
    assert _mode(path) == 0o600


def test_nothing_is_there_before_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "a"
    with new_file(path, replace=False, private=True) as file:
        file.write(b"half")
        assert not path.exists()
        file.write(b" and half")
    assert path.read_bytes() == b"half and half"


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_after_a_failure_the_old_file_stands_and_nothing_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"old")
    monkeypatch.setattr(os, step, _failing(errno.ENOSPC))
    with pytest.raises(OSError, match=os.strerror(errno.ENOSPC)):
        put_file(path, b"new", replace=True, private=False)
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["a"]


@pytest.mark.parametrize("steps", [("fsync",), ("link", "replace")])
def test_after_a_failure_there_is_no_file_where_none_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, steps: tuple[str, ...]
) -> None:
    for step in steps:
        monkeypatch.setattr(os, step, _failing(errno.EIO))
    with pytest.raises(OSError, match=os.strerror(errno.EIO)):
        put_file(tmp_path / "a", b"new", replace=False, private=True)
    assert os.listdir(tmp_path) == []


@_EACH_WAY
def test_a_disk_with_too_little_room_keeps_the_old_file_and_no_litter(tmp_path: Path, replace: bool) -> None:
    path = tmp_path / "a"
    if replace:
        path.write_bytes(b"old")
    before = os.listdir(tmp_path)
    subprocess.run([sys.executable, "-B", "-c", _WITH_LITTLE_ROOM, path, str(replace)], check=True, timeout=60)
    assert os.listdir(tmp_path) == before
    assert not replace or path.read_bytes() == b"old"


@pytest.mark.parametrize("kind", [ValueError, KeyboardInterrupt, GeneratorExit])
def test_a_block_that_raises_wrote_nothing(tmp_path: Path, kind: type[BaseException]) -> None:
    def write() -> None:
        with new_file(tmp_path / "a", replace=True, private=True) as file:
            file.write(b"half")
            raise kind

    with pytest.raises(kind):
        write()
    assert os.listdir(tmp_path) == []


@_EACH_WAY
def test_a_folder_is_no_file_to_replace(tmp_path: Path, replace: bool) -> None:
    (tmp_path / "a").mkdir()
    with pytest.raises(OSError, match=r"directory|exists"):
        put_file(tmp_path / "a", b"x", replace=replace, private=True)
    assert os.listdir(tmp_path) == ["a"]


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        put_file(tmp_path / "absent" / "a", b"x", replace=True, private=False)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("number", [errno.EACCES, errno.EINVAL])
def test_a_system_that_cannot_wait_for_a_folder_is_let_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    monkeypatch.setattr(os, "fsync", _failing(number))
    sync(tmp_path)


def test_a_disk_that_fails_is_said_of_a_folder_and_of_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"")
    sync(path)
    monkeypatch.setattr(os, "fsync", _failing(errno.EIO))
    for place in (path, tmp_path):
        with pytest.raises(OSError, match=os.strerror(errno.EIO)):
            sync(place)
    monkeypatch.setattr(os, "fsync", _failing(errno.EINVAL))
    with pytest.raises(OSError, match=os.strerror(errno.EINVAL)):
        sync(path)
