"""What a database can refuse, with its words, and the errors that carry them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from egov_sdk.errors import ConfigError, EgovError
from egov_sdk.report import Text

__all__ = [
    "NO_JSON",
    "NO_TIME",
    "PROBLEMS",
    "UPDATE",
    "StorageBusy",
    "StorageConflict",
    "StorageError",
    "bad_place",
    "broken",
]

#: Beside the tables, since sqlalchemy has another ``Text``.
NO_JSON: Final = Text("something else where JSON should be", "应为 JSON 处是其他内容")
NO_TIME: Final = Text("something else where a time should be", "应为时间处是其他内容")
UPDATE: Final = Text(
    "update egov-sdk: a later version has opened this database", "请升级 egov-sdk：该数据库已由更高版本打开过"
)

#: The full code is ``egov.storage.`` and the key.
PROBLEMS: Mapping[str, Text] = MappingProxyType(
    {
        "place": Text(
            "{found} is no place for a database, expected {expected}", "{found} 不能作为数据库位置，应为{expected}"
        ),
        "unreachable": Text("the database {where} cannot be opened: {found}", "无法打开数据库 {where}：{found}"),
        "full": Text("the disk of the database {where} is full: {found}", "数据库 {where} 所在磁盘已满：{found}"),
        "undone": Text(
            "the database {where} has undone all of the transaction after an error, such as a full disk",
            "数据库 {where} 在出错（如磁盘已满）后已撤销整个事务",
        ),
        "read_only": Text("the database {where} cannot be written to: {found}", "数据库 {where} 不可写：{found}"),
        "damaged": Text(
            "the database {where} is damaged, or is no database: {found}", "数据库 {where} 已损坏或不是数据库：{found}"
        ),
        "replaced": Text(
            "{found} of the database {where} was moved or replaced since it was opened",
            "数据库 {where} 的 {found} 打开后已被移走或替换",
        ),
        "not_durable": Text(
            "the server of the database {where} does not wait for its disk ({found}): when the power fails, what was "
            "kept may be lost or damaged",
            "数据库 {where} 的服务器不等待写盘（{found}）：断电时已保存的内容可能丢失或损坏",
        ),
        "too_old": Text(
            "the database program is {found}, expected {expected} or later",
            "数据库程序版本为 {found}，应不低于 {expected}",
        ),
        "schema_newer": Text(
            "the tables {prefix}_* are of version {found}, this library knows them up to {expected}",
            "数据表 {prefix}_* 的版本为 {found}，本库最高支持 {expected}",
        ),
        "schema_changed": Text(
            "step {number} ({name}) of the tables {prefix}_* was another one when it was applied",
            "数据表 {prefix}_* 的第 {number} 步（{name}）与当初执行的内容不同",
        ),
        "schema_gap": Text(
            "step {number} of the tables {prefix}_* was never applied, but a later one was",
            "数据表 {prefix}_* 的第 {number} 步未执行，而其后的步骤已执行",
        ),
        "schema_missing": Text(
            "the tables {prefix}_* are not there yet; call Store.prepare first",
            "尚无数据表 {prefix}_*，请先调用 Store.prepare",
        ),
        "keys_full": Text(
            "{expected} keys of the realm {realm} are alive, and no more are taken",
            "{realm} 中未过期的键已达 {expected} 个，不再接收",
        ),
    }
)


class StorageError(EgovError):
    """The database did not do what it was asked to: look at its disk, its server, its rights.

    ``text`` is the message in both languages where it is one of PROBLEMS.
    """

    code = "egov.storage.failed"
    text: Text | None = None


class StorageBusy(StorageError):
    """The database had no time: somebody else was writing, or all connections were taken. Nothing was changed."""

    code = "egov.storage.busy"
    default_hint = Text(
        "try again; when it happens often, give a longer busy time or use PostgreSQL",
        "请重试；若经常发生，请延长等待时间或使用 PostgreSQL",
    )


class StorageConflict(StorageError):
    """The change contradicts what is there: a row exists already, or another one that it needs does not."""

    code = "egov.storage.conflict"


def broken(problem: str, /, *, hint: str | Text = "", **facts: object) -> StorageError:
    """The error for one row of PROBLEMS; the caller raises it."""
    text = _told(problem, facts)
    error = StorageError(text.en, code=f"egov.storage.{problem}", hint=hint)
    error.detail.update({name: str(value) if isinstance(value, Text) else value for name, value in facts.items()})
    error.text = text
    return error


def bad_place(*, found: str | Text, expected: str | Text) -> ConfigError:
    """The error for something that names no database; the caller raises it."""
    text = _told("place", {"found": found, "expected": expected})
    error = ConfigError(text.en, code="egov.storage.place", found=str(found), expected=str(expected))
    error.text = text
    return error


def _told(problem: str, facts: Mapping[str, object]) -> Text:
    chinese = {name: value.zh if isinstance(value, Text) else value for name, value in facts.items()}
    return Text(PROBLEMS[problem].en.format_map(facts), PROBLEMS[problem].zh.format_map(chinese))
