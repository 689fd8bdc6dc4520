"""Where the database of an office lies that has a folder: in it, or elsewhere, which the folder remembers."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from egov_sdk.door.settings import shown_place
from egov_sdk.errors import ConfigError
from egov_sdk.files import put_file
from egov_sdk.report import Text

__all__ = ["DATABASES", "KEYS", "WrongDatabase", "database_in", "database_lost", "elsewhere", "remember"]

#: The SQLite file of an office that ``connect`` made, and of one that is served.
DATABASES: Final = ("office.db", "province.db")
#: The office's keys.
KEYS: Final = "office.json"
_ELSEWHERE: Final = "database.txt"
_MOST_BYTES: Final = 4096
_NAME_IT: Final = Text(
    "name its database: EGOV_DATABASE or --database for egov platform, local:postgresql://… and keys for connect",
    "请指明其数据库：egov platform 用 EGOV_DATABASE 或 --database，connect 用 local:postgresql://… 和 keys",
)


class WrongDatabase(ConfigError):
    """The database that was named, or that none was, does not go with the office in a folder."""

    code = "egov.door.database"

    def __init__(self, text: Text, *, hint: Text = _NAME_IT) -> None:
        super().__init__(text.en, hint=hint)
        self.text = text


def database_in(folder: Path, *, new: str) -> Path:
    """The SQLite file of the office in a folder; that of the name ``new`` where there is none yet.

    Raises:
        WrongDatabase: its database is elsewhere, or there are several.
    """
    if place := elsewhere(folder):
        raise WrongDatabase(
            Text(f"the office in {folder} keeps its data in {place}", f"{folder} 中机构的数据库是 {place}")
        )
    there = [folder / name for name in DATABASES if (folder / name).is_file()]
    if len(there) > 1:
        names = " and ".join(one.name for one in there)
        raise WrongDatabase(
            Text(f"there are two databases in {folder}: {names}", f"{folder} 中有两个数据库：{names}"),
            hint=Text("move away the one that is not the office's", "请移走不属于该机构的那个"),
        )
    return there[0] if there else folder / new


def database_lost(folder: Path) -> WrongDatabase:
    """The error for a folder with the keys of an office and no database; the caller raises it."""
    return WrongDatabase(
        Text(f"there are the keys of an office in {folder}, and no database", f"{folder} 中有机构密钥，但没有数据库"),
        hint=Text(f"{_NAME_IT.en}; or restore a backup", f"{_NAME_IT.zh}；或从备份恢复"),
    )


def elsewhere(folder: Path) -> str:
    """Where the database of the office in a folder is, as far as it may be shown; empty where it is in the folder."""
    try:
        with (folder / _ELSEWHERE).open("rb") as file:
            return file.read(_MOST_BYTES).decode("utf-8", "replace").strip()
    except FileNotFoundError:
        return ""


def remember(folder: Path, url: str) -> None:
    """Let a folder remember at which URL the database of its office is; nothing secret of it is kept.

    One that nobody may write to, such as keys that are mounted, remembers nothing.
    """
    if elsewhere(folder) != (place := shown_place(url)) and os.access(folder, os.W_OK):
        put_file(folder / _ELSEWHERE, f"{place}\n".encode(), replace=True, private=True)
