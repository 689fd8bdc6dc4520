"""What the arguments of ``egov platform`` stand for: the folder of a province, its database, who acts."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from egov_sdk.cli._command import option
from egov_sdk.cli._identity_inputs import clock
from egov_sdk.cli._problems import UsageError

if TYPE_CHECKING:
    from egov_sdk.platform.standing import Standing

__all__ = ["FOLDER", "DatabaseUrl", "FolderThere", "OfficerName", "database_url", "office_secret", "open_province"]

#: Where a province lies, unless it is said.
FOLDER = Path("egov-province")
_DATABASE, _SECRET = "EGOV_DATABASE", "EGOV_SECRET"

FolderThere = Annotated[
    Path, option("--folder", "Where its keys and its database lie.", "密钥和数据库所在目录。", metavar="FOLDER")
]
DatabaseUrl = Annotated[
    str,
    option(
        "--database",
        "The URL of a PostgreSQL database; in the environment variable EGOV_DATABASE where it holds a password.",
        "PostgreSQL 数据库地址；含口令时宜改用环境变量 EGOV_DATABASE。",
        metavar="URL",
    ),
]
OfficerName = Annotated[
    str,
    option("--by", "Who does it, for the audit log.", "操作人员姓名，写入审计日志。", metavar="NAME"),
]


def database_url(given: str) -> str:
    """The URL that was given, or the one of the environment; empty for a file in the folder."""
    return given or os.environ.get(_DATABASE, "")


def office_secret() -> str:
    """What opens the office's keys, from the environment; empty where they are not encrypted."""
    return os.environ.get(_SECRET, "")


@contextmanager
def open_province(folder: Path, database: str) -> Iterator[Standing]:
    """A province that is there already, closed at the end.

    Raises:
        UsageError: there is none in the folder.
    """
    from egov_sdk.platform.standing import KEYS, Standing

    if not (folder / KEYS).is_file():
        raise UsageError(f"there is no province in {folder}", hint="`egov platform serve` makes one")
    # nobody is served: the address does not matter
    standing = Standing.open(
        folder, url="http://localhost", clock=clock, database=database_url(database), secret=office_secret()
    )
    try:
        yield standing
    finally:
        standing.close()
