"""Settings of a connection, each from where it was said first: the call, the environment, a file, or a default."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Final

from egov_sdk.errors import ConfigError, EgovError
from egov_sdk.report import Text
from egov_sdk.report_words import text_of

__all__ = ["Setting", "Settings", "broken", "naming", "read_settings", "read_toml", "shown_place", "wrong"]

_TABLE: Final = "connect"
_PREFIX: Final = "EGOV_"
_MOST_BYTES: Final = 1 << 20
_CODE: Final = "egov.door.setting"
#: How an address begins, a misspelt one too; a folder does not.
_SCHEMES: Final = re.compile(r"(?:local:)?(?:[\w+]{2,}:/{1,2}|[\w+]{2,}//)?")


@dataclass(frozen=True, slots=True)
class Setting:
    """A value and where it was said."""

    value: str
    source: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a connection is made with; texts, as they stand in an environment or a file.

    Attributes:
        where: ``local:FOLDER``, ``local:postgresql://…``, ``mock:`` or an address of a platform.
        profile: how a platform is spoken to: the name of one of ``door.platforms``, or of a gateway profile for a
            platform with our interface.
        account, account_secret: for the services behind a platform's gateway.
        prefix: where a platform has our interface.
        id, app_secret, key: what the platform issued: an id, a secret, the file of an SM2 key.
        client_id, client_secret, redirect_uri, issuer, scopes: how the platform's identity provider knows the
            application that signs people in; ``scopes`` with blanks between.
        login_url: in place of the identity profile's, such as that of a mock.
        department, code: the department's name and unified social credit code, for an office of one's own.
        secret: opens the office's keys.
        keys: the file of the office's keys, where it does not lie beside the database.
    """

    where: str = "local:"
    profile: str = ""
    prefix: str = "/egov/v1"
    id: str = ""
    app_secret: str = ""
    key: str = ""
    account: str = ""
    account_secret: str = ""
    client_id: str = ""
    client_secret: str = ""
    redirect_uri: str = ""
    login_url: str = ""
    issuer: str = ""
    scopes: str = "openid profile"
    department: str = "样例市行政审批局"
    code: str = ""
    secret: str = ""
    keys: str = ""


#: What never stands in an error.
_SECRET: Final = frozenset({"account_secret", "app_secret", "client_secret", "secret"})


def read_settings(
    given: Mapping[str, str], *, environment: Mapping[str, str], file: Path | str | None = None
) -> dict[str, Setting]:
    """Every setting with its source: an argument, else ``EGOV_…``, else ``[connect]`` of the file, else a default.

    Raises:
        ConfigError: the file cannot be read, or holds a setting that there is none of, or one that is no text.
        TypeError: an argument is no text.
    """
    for name, value in given.items():
        if not isinstance(value, str):
            raise TypeError(f"{name} is a text, not {type(value).__name__}")
    in_file = {} if file is None else _read(Path(file))
    found: dict[str, Setting] = {}
    for one in fields(Settings):
        variable = _PREFIX + ("CONNECT" if one.name == "where" else one.name.upper())
        if given.get(one.name):
            found[one.name] = Setting(given[one.name], Text(f"the argument {one.name}", f"参数 {one.name}"))
        elif environment.get(variable):
            source = Text(f"the environment variable {variable}", f"环境变量 {variable}")
            found[one.name] = Setting(environment[variable], source)
        elif one.name in in_file:
            source = Text(f"[{_TABLE}] {one.name} of {file}", f"{file} 的 [{_TABLE}] {one.name}")
            found[one.name] = Setting(in_file[one.name], source)
        else:
            found[one.name] = Setting(str(one.default), Text("the default", "默认值"))
    return found


def wrong(
    settings: Mapping[str, Setting], name: str, problem: str | Text, *, hint: str | Text = "", code: str = _CODE
) -> ConfigError:
    """The error for one setting, which names its source; the caller raises it."""
    setting = settings[name]
    shown = "" if name in _SECRET or not setting.value else f" {shown_place(setting.value)!r}"
    return bad_setting(name, problem, shown=shown, source=setting.source, code=code, hint=hint)


def bad_setting(
    name: str, problem: str | Text, *, source: Text, code: str, shown: str = "", hint: str | Text = ""
) -> ConfigError:
    """The error for a setting of that name and value; the caller raises it."""
    why = problem if isinstance(problem, Text) else Text(problem, problem)
    text = Text(f"{name}{shown}, from {source.en}: {why.en}", f"{name}{shown}（来自{source.zh}）：{why.zh}")
    error = ConfigError(text.en, code=code, hint=hint, setting=name, source=source.en)
    error.text = text
    return error


@contextmanager
def naming(settings: Mapping[str, Setting], name: str, *, hint: str | Text = "") -> Iterator[None]:
    """Whatever cannot be used inside is told as a ConfigError of that setting, with the code that it has."""
    try:
        yield
    except EgovError as error:
        raise wrong(
            settings, name, text_of(error), hint=hint or error.hint_text or error.hint, code=error.code
        ) from error
    except OSError as error:
        raise wrong(settings, name, error.strerror or type(error).__name__) from error


def shown_place(where: str) -> str:
    """A place without whatever may be secret in it: users, passwords, queries; of what is no address by mistake too."""
    begun = _SCHEMES.match(where)
    lead = begun[0] if begun else ""
    user, at, rest = where[len(lead) :].rpartition("@")
    if not lead.endswith("/") and ":" not in user:
        return where
    return re.split(r"[?#]", f"{lead}…@{rest}" if at else where)[0]


def read_toml(file: Path) -> dict[str, object]:
    """What stands in a file of settings.

    Raises:
        ConfigError: it cannot be read, is too large, or no TOML.
    """
    try:
        with file.open("rb") as opened:
            octets = opened.read(_MOST_BYTES + 1)
        if len(octets) > _MOST_BYTES:
            raise broken(file, Text(f"larger than {_MOST_BYTES} bytes", f"超过 {_MOST_BYTES} 字节"))
        return tomllib.loads(octets.decode("utf-8-sig"))
    except tomllib.TOMLDecodeError as error:
        raise broken(file, Text(f"is no TOML: {error}", f"不是 TOML：{error}")) from None
    except UnicodeDecodeError:
        raise broken(file, Text("is not UTF-8; save it as such", "不是 UTF-8 编码，请另存为 UTF-8")) from None
    except OSError as error:
        raise broken(file, _unread(error.strerror or type(error).__name__)) from None
    except (ValueError, RecursionError) as error:
        raise broken(file, _unread(type(error).__name__)) from None


def _unread(why: str) -> Text:
    return Text(f"cannot be read: {why}", f"无法读取：{why}")


def broken(file: Path, problem: Text) -> ConfigError:
    """The error for a file of settings; the caller raises it."""
    text = Text(f"{file}: {problem.en}", f"{file}：{problem.zh}")
    error = ConfigError(text.en, code="egov.door.settings_file", setting="config", source=str(file))
    error.text = text
    return error


def _read(file: Path) -> dict[str, str]:
    table = read_toml(file).get(_TABLE, {})
    known = {one.name for one in fields(Settings)}
    if not isinstance(table, dict):
        raise broken(file, Text(f"[{_TABLE}] is no table", f"[{_TABLE}] 不是表"))
    for name, value in table.items():
        if name not in known:
            there = ", ".join(sorted(known))
            raise broken(
                file, Text(f"there is no setting {name!r}; there are {there}", f"没有设置项 {name!r}；可用：{there}")
            )
        if not isinstance(value, str):
            raise broken(file, Text(f"{name} is no text", f"{name} 不是文本"))
    return dict(table)
