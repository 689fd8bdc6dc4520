"""A private PostgreSQL server, made from the system's own programs and reached through a socket file only."""

from __future__ import annotations

import os
import pwd
import re
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import pytest

__all__ = ["Server", "programs", "running_server"]

_USER = "egov"
_UNPRIVILEGED = ("postgres", "nobody")
_FAST = ("fsync=off", "full_page_writes=off", "synchronous_commit=off", "shared_buffers=16MB", "max_connections=40")


class Server:
    """A server that runs. Each ``place()`` is new and empty."""

    def __init__(self, folder: Path, control: tuple[object, ...] = ()) -> None:
        self.folder, self._control = folder, control
        self._numbers = count(1)

    def url(self, database: str = "postgres") -> str:
        return f"postgresql://{_USER}@/{database}?host={self.folder}"

    def crash(self) -> None:
        """End it as a power cut does, connections and all, and start it again."""
        _run(*self._control, "-m", "immediate", "restart")

    def place(self) -> str:
        """The URL of a new schema, which stands in for a database of its own and is made much faster."""
        import psycopg

        name = f"test{next(self._numbers)}"
        with psycopg.connect(f"host={self.folder} user={_USER} dbname=postgres", autocommit=True) as connection:
            connection.execute(f"CREATE SCHEMA {name}".encode())
        return f"{self.url()}&options=-csearch_path%3D{name}"


def programs() -> Path | None:
    """The folder of initdb and pg_ctl: on the path, or the newest where Debian and others keep them."""
    if (found := shutil.which("initdb")) is not None:
        return Path(found).resolve().parent
    folders = [*Path("/usr/lib/postgresql").glob("*/bin"), *Path("/usr").glob("pgsql-*/bin")]
    usable = [folder for folder in folders if (folder / "initdb").exists() and (folder / "pg_ctl").exists()]
    return max(usable, key=lambda folder: int("".join(filter(str.isdigit, str(folder))) or 0), default=None)


@contextmanager
def running_server(*settings: str) -> Iterator[Server]:
    """Start a server and stop it at the end; skips the test, and says why, where none can be had.

    Args:
        settings: in place of the fast ones, such as ``synchronous_commit=on`` for what is to survive ``crash``.
    """
    pytest.importorskip("psycopg", reason="psycopg is not installed")
    folder = programs()
    if folder is None:
        pytest.skip("PostgreSQL is not installed: no initdb on the path or below /usr/lib/postgresql")
    home = Path(tempfile.mkdtemp(prefix="pg", dir=_near()))
    try:
        user = _given_away(home)
        _run(user, folder / "initdb", "-D", home / "data", "-U", _USER, "-A", "trust", "-E", "UTF8", "--no-sync")
        said = " ".join(f"-c {setting}" for setting in (*_FAST, "listen_addresses=''", *settings))
        control = (user, folder / "pg_ctl", "-D", home / "data", "-w", "-l", home / "log")
        _run(*control, "-o", f"-k {home} {said}", "start")
        try:
            yield Server(home, control)
        finally:
            _run(*control, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _near() -> str:
    """Where its folder is made: a socket has a short path without spaces, and the user of the server must reach it."""
    places = (tempfile.gettempdir(), "/tmp", "/var/tmp", "/dev/shm")
    return next((place for place in places if _serves(Path(place).absolute())), places[0])


def _serves(place: Path) -> bool:
    if not re.fullmatch(r"[\w./-]{1,70}", str(place), re.ASCII) or not os.access(place, os.W_OK | os.X_OK):
        return False
    return os.getuid() != 0 or all(folder.stat().st_mode & stat.S_IXOTH for folder in (place, *place.parents))


def _given_away(home: Path) -> str | None:
    """The user that the server runs as: PostgreSQL refuses to run as root."""
    if os.getuid() != 0:
        return None
    for name in _UNPRIVILEGED:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        os.chown(home, entry.pw_uid, entry.pw_gid)
        return name
    pytest.skip("PostgreSQL does not run as root, and there is no user postgres or nobody")


def _run(user: object, *command: object) -> None:
    assert user is None or isinstance(user, str)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    done = subprocess.run(
        [str(part) for part in command],
        user=user,
        group=pwd.getpwnam(user).pw_gid if user else None,
        extra_groups=[] if user else None,
        cwd="/",
        env=environment | {"LC_ALL": "C"},
        stdout=subprocess.DEVNULL,  # the server keeps it open: a pipe would never end
        stderr=subprocess.DEVNULL,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, f"{command[0]} ended with {done.returncode}"
