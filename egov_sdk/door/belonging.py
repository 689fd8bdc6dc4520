"""Open the database of the office with some keys and none but it: the database remembers whose it is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from egov_sdk.door.homes import DATABASES, KEYS, WrongDatabase, database_lost, elsewhere, remember
from egov_sdk.door.secrets import OfficeSecrets
from egov_sdk.door.settings import shown_place
from egov_sdk.door.tables import OFFICE, OWNER
from egov_sdk.report import Text
from egov_sdk.storage import Store, open_store
from egov_sdk.storage.migrations import recorded_versions
from egov_sdk.storage.sql import Connection, insert_unless_there, select

__all__ = ["check_owner", "is_own", "open_own"]

_Mark = tuple[str, str]


def open_own(place: Path | str, *, keys: Path, secrets: Callable[[], OfficeSecrets], at: datetime) -> Store:
    """Open the database of an office. Close it.

    Args:
        place: the path of a SQLite file, or the URL of a PostgreSQL database.
        keys: the file of the office's keys. The folder of one called ``office.json`` remembers which URL it was.
        secrets: what is in that file; it is made at this call where it is not there.
    Raises:
        WrongDatabase: the office's is another one, or this is another's; nothing was made or changed.
        StorageError: it cannot be used, or was made by a later version.
    """
    if isinstance(place, Path) and not place.is_file() and keys.exists() and _is_beside(keys, place):
        raise database_lost(place.parent)
    store = open_store(place)
    try:
        if not is_own(store, place, keys=keys, secrets=secrets):
            mine = _mark(secrets())
            if (owner := _claim(store, mine, at=at)) != mine:
                raise _foreign(store.place, owner)
        if isinstance(place, str) and keys.name == KEYS:
            remember(keys.parent, place)
            store.stays_with(keys.parent)
    except BaseException:
        store.close()
        raise
    return store


def is_own(store: Store, place: Path | str, *, keys: Path, secrets: Callable[[], OfficeSecrets]) -> bool:
    """Whether a database says that it is the office's; False where it may become so, for it says nobody's.

    Args:
        place: where it was opened.
        keys, secrets: as in ``open_own``; nothing is made.
    Raises:
        WrongDatabase: the office's is another one, or this is another's.
    """
    with store.read() as connection:
        versions = recorded_versions(connection)
        owner = _owner(connection, versions)
    if owner is None:
        if isinstance(place, str) and keys.name == KEYS:
            _check_first(keys.parent, place, is_empty=not versions)
        return False
    if not keys.exists() or owner != _mark(secrets()):
        raise _foreign(store.place, owner)
    return True


def check_owner(connection: Connection, secrets: OfficeSecrets, *, place: str) -> None:
    """Return if a database is that of the office with these keys, or does not say whose it is.

    Raises:
        WrongDatabase: it is another's.
    """
    owner = _owner(connection, recorded_versions(connection))
    if owner not in (None, _mark(secrets)):
        raise _foreign(place, owner)


def _is_beside(keys: Path, database: Path) -> bool:
    """Whether they are the keys that an office with this file makes, and not some that were brought to it."""
    return keys.resolve() == database.with_name(KEYS).resolve()


def _mark(secrets: OfficeSecrets) -> _Mark:
    """The office's code, and the SM3 of its root's certificate: two offices of one department are two."""
    return secrets.code, secrets.root.certificate.fingerprint


def _owner(connection: Connection, versions: dict[str, int]) -> _Mark | None:
    if OFFICE.prefix not in versions:
        return None
    row = connection.execute(select(OWNER)).mappings().first()
    return None if row is None else (row["code"], row["root"])


def _claim(store: Store, mark: _Mark, *, at: datetime) -> _Mark:
    """Write down whose it is; of several that begin at once, all read what the first wrote."""
    store.prepare(OFFICE, at=at)
    with store.write() as connection:
        insert_unless_there(connection, OWNER, {"number": 1, "code": mark[0], "root": mark[1]})
        found = connection.execute(select(OWNER)).mappings().one()
    return found["code"], found["root"]


def _check_first(folder: Path, url: str, *, is_empty: bool) -> None:
    """Return if a database that does not say whose it is may become that of the office in a folder."""
    place = shown_place(url)
    own = elsewhere(folder) or next((name for name in DATABASES if (folder / name).is_file()), "")
    if own and (is_empty or own != place):
        what = Text("empty", "空的") if is_empty else Text("another one", "另一个")
        raise WrongDatabase(
            Text(
                f"the office in {folder} keeps its data in {own}, and {place} is {what.en}",
                f"{folder} 中机构的数据库是 {own}，而 {place} 是{what.zh}",
            ),
            hint=Text(
                f"name that one; if its data are no longer there, restore a backup into a new folder ({folder} stays)",
                f"请使用该数据库；若其中数据已不存在，请将备份恢复到新文件夹（{folder} 保持不变）",
            ),
        )


def _foreign(place: str, owner: _Mark) -> WrongDatabase:
    shown = shown_place(place)
    return WrongDatabase(
        Text(f"{shown} is the database of another office, {owner[0]}", f"{shown} 是另一机构 {owner[0]} 的数据库"),
        hint=Text("give the keys of that office, or the database of this one", "请给出该机构的密钥，或本机构的数据库"),
    )
