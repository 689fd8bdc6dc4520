"""Open the database of the office in a folder and none but it: the database remembers whose it is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Final

from egov_sdk.door.homes import DATABASES, KEYS, WrongDatabase, database_in, database_lost, elsewhere, remember
from egov_sdk.door.secrets import OfficeSecrets
from egov_sdk.door.settings import shown_place
from egov_sdk.platform.register.tables import OFFICE, PLATFORM
from egov_sdk.report import Text
from egov_sdk.storage import Store, open_store
from egov_sdk.storage.migrations import recorded_versions
from egov_sdk.storage.sql import Connection, insert_unless_there, select

__all__ = ["check_owner", "open_own"]

#: Since this step a database says whose it is.
_SAYS: Final = 2


def open_own(folder: Path, url: str, *, secrets: Callable[[], OfficeSecrets], new: str, at: datetime) -> Store:
    """Open the database of the office in a folder. Close it.

    Args:
        url: of a PostgreSQL database; empty for the SQLite file in the folder.
        secrets: the keys in the folder; they are made at this call where there are none.
        new: what the file is called when it is made.
    Raises:
        WrongDatabase: the office's is another one; nothing was made or changed.
        StorageError: it cannot be used, or was made by a later version.
    """
    place = url or database_in(folder, new=new)
    if isinstance(place, Path) and (folder / KEYS).exists() and not place.is_file():
        raise database_lost(folder)
    store = open_store(place)
    try:
        with store.read() as connection:
            versions = recorded_versions(connection)
            owner = _owner(connection, versions)
        if owner is None and url:
            _check_first(folder, url, is_empty=not versions)
        if owner is not None and not (folder / KEYS).exists():
            raise _foreign(store.place, owner)
        mine = _mark(secrets())
        if owner is None:
            owner = _claim(store, mine, at=at)
        if owner != mine:
            raise _foreign(store.place, owner)
        if url:
            remember(folder, url)
    except BaseException:
        store.close()
        raise
    return store


def check_owner(connection: Connection, secrets: OfficeSecrets, *, place: str) -> None:
    """Return if a database is that of the office with these keys, or does not say whose it is.

    Raises:
        WrongDatabase: it is another's.
    """
    owner = _owner(connection, recorded_versions(connection))
    if owner not in (None, _mark(secrets)):
        raise _foreign(place, owner)


_Mark = tuple[str, str]


def _mark(secrets: OfficeSecrets) -> _Mark:
    """The office's code, and the SM3 of its root's certificate: two offices of one department are two."""
    return secrets.code, secrets.root.certificate.fingerprint


def _owner(connection: Connection, versions: dict[str, int]) -> _Mark | None:
    if versions.get(PLATFORM.prefix, 0) < _SAYS:
        return None
    row = connection.execute(select(OFFICE)).mappings().first()
    return None if row is None else (row["code"], row["root"])


def _claim(store: Store, mark: _Mark, *, at: datetime) -> _Mark:
    """Write down whose it is; of several that begin at once, all read what the first wrote."""
    store.prepare(PLATFORM, at=at)
    with store.write() as connection:
        insert_unless_there(connection, OFFICE, {"number": 1, "code": mark[0], "root": mark[1]})
        found = connection.execute(select(OFFICE)).mappings().one()
    return found["code"], found["root"]


def _check_first(folder: Path, url: str, *, is_empty: bool) -> None:
    """Return if a database that does not say whose it is may become the office's."""
    place = shown_place(url)
    own = elsewhere(folder) or next((name for name in DATABASES if (folder / name).is_file()), "")
    if own and (is_empty or own != place):
        what = Text("empty", "空的") if is_empty else Text("another one", "另一个")
        raise WrongDatabase(
            Text(
                f"the office in {folder} keeps its data in {own}, and {place} is {what.en}",
                f"{folder} 中机构的数据库是 {own}，而 {place} 是{what.zh}",
            ),
            hint=f"name that one; if its data are no longer there, restore a backup into a new folder ({folder} stays)",
        )


def _foreign(place: str, owner: _Mark) -> WrongDatabase:
    shown = shown_place(place)
    return WrongDatabase(
        Text(f"{shown} is the database of another office, {owner[0]}", f"{shown} 是另一机构 {owner[0]} 的数据库"),
        hint="give the folder with the keys of that office, or the database of this one",
    )
