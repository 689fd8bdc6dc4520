"""The one door: a program asks for four services, and only this line says where they live."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from egov_sdk.door._reach import Reach
from egov_sdk.door.facade import AsyncGov, Gov
from egov_sdk.door.homes import KEYS, WrongDatabase, database_in
from egov_sdk.door.over import async_gov_over, gov_over
from egov_sdk.door.settings import Setting, naming, read_settings, shown_place, wrong
from egov_sdk.errors import KeyAccessError
from egov_sdk.report import Text
from egov_sdk.report_words import text_of

if TYPE_CHECKING:
    from egov_sdk.door.office import Application, LocalOffice
    from egov_sdk.door.platforms import Account
    from egov_sdk.door.secrets import OfficeSecrets
    from egov_sdk.gateway import Credentials
    from egov_sdk.identity.client import ClientSettings
    from egov_sdk.pki import Certificate
    from egov_sdk.storage import Store

__all__ = ["DATABASE", "FOLDER", "connect", "connect_async"]

#: The database of a new office in a folder, and the folder where none is named.
DATABASE: Final = "office.db"
FOLDER: Final = "./egov-data"
_IN_PROCESS: Final = "http://localhost"
_PREFIXES: Final = re.compile(r"(/[A-Za-z0-9._~-]+)+")
_POSTGRESQL: Final = ("postgresql", "postgresql+psycopg")

Clock = Callable[[], datetime]


def _now() -> datetime:
    return datetime.now(UTC)


def connect(
    where: str = "",
    *,
    profile: str = "",
    credentials: Credentials | None = None,
    account: Account | None = None,
    services: Mapping[str, str] | None = None,
    identity: ClientSettings | None = None,
    identity_profile: str = "",
    prefix: str = "",
    department: str = "",
    code: str = "",
    secret: str = "",
    keys: str = "",
    application: Application | None = None,
    trust: Iterable[Certificate] = (),
    config: Path | str | None = None,
    environment: Mapping[str, str] | None = None,
    clock: Clock = _now,
) -> Gov:
    """Connect to a platform, or open an office of one's own.

    An office is opened when it is first asked for something. That raises ConfigError (``egov.door.database``) where the
    database is not that of the office with these keys, and KeyAccessError where they need another secret.

    Args:
        where: ``local:./data`` for an office in this process on a SQLite file in that folder, ``local:postgresql://…``
            on PostgreSQL, ``mock:`` for one in memory that is gone when it is closed, or ``https://…`` for a platform.
        profile: how a platform is spoken to: ``national``, ``guangdong``, ``shandong``, ``zj-irs``, which have
            interfaces of their own; or the name of a gateway profile, for a platform with ours.
        credentials: what the platform issued; otherwise made from the settings id, app_secret and key.
        account: for the services behind the gateway; otherwise made from the settings account and account_secret.
        services: what the platform calls its services: their paths, each with its id, in place of the mock's.
        identity, identity_profile: how the platform knows the application that signs people in; otherwise made from
            the settings client_id, client_secret, redirect_uri, issuer, login_url and scopes.
        prefix: where the platform has our interface.
        department, code: whose office it is, when it is opened for the first time.
        secret: opens the office's keys.
        keys: the file of the office's keys; beside the database by default, and needed with PostgreSQL.
        trust: roots beside the office's own, of those whose seals and messages it believes.
        config: a TOML file whose table ``[connect]`` holds settings that are not given here.
        environment: in place of this process's environment, whose variables ``EGOV_…`` come before the file.
        clock: what time it is.
    Raises:
        ConfigError: a setting is missing or cannot be used; it names the setting and where it was said.
        CredentialsMissing: the profile needs credentials.
    """
    settings = _settings(
        config,
        environment,
        where=where,
        profile=profile,
        prefix=prefix,
        department=department,
        code=code,
        secret=secret,
        keys=keys,
    )
    if _scheme(settings) == "http":
        reach = Reach(settings, credentials, account, services, identity, identity_profile, clock)
        return _platform(reach)
    office = _office(settings, application, trust, clock)
    return Gov(
        shown_place(settings["where"].value),
        identity=lambda: office.identity,
        seal=lambda: office.seal,
        license=lambda: office.license,
        exchange=lambda: office.exchange,
        close=office.close,
        office=office,
    )


def connect_async(
    where: str = "",
    *,
    profile: str = "",
    credentials: Credentials | None = None,
    account: Account | None = None,
    services: Mapping[str, str] | None = None,
    identity: ClientSettings | None = None,
    identity_profile: str = "",
    prefix: str = "",
    department: str = "",
    code: str = "",
    secret: str = "",
    keys: str = "",
    application: Application | None = None,
    trust: Iterable[Certificate] = (),
    config: Path | str | None = None,
    environment: Mapping[str, str] | None = None,
    clock: Clock = _now,
) -> AsyncGov:
    """As connect, awaited: ``async with connect_async("https://…") as gov``.

    An office of one's own is asked through its own interface, inside this process.
    """
    settings = _settings(
        config,
        environment,
        where=where,
        profile=profile,
        prefix=prefix,
        department=department,
        code=code,
        secret=secret,
        keys=keys,
    )
    if _scheme(settings) == "http":
        reach = Reach(settings, credentials, account, services, identity, identity_profile, clock)
        return _async_platform(reach)
    return _async_office(settings, _office(settings, application, trust, clock), clock)


def _settings(config: Path | str | None, environment: Mapping[str, str] | None, **given: str) -> dict[str, Setting]:
    found = read_settings(given, environment=os.environ if environment is None else environment, file=config)
    if not _PREFIXES.fullmatch(found["prefix"].value):
        raise wrong(found, "prefix", Text("it is a path, such as /egov/v1", "应为路径，如 /egov/v1"))
    return found


def _scheme(settings: Mapping[str, Setting]) -> str:
    scheme, colon, _ = settings["where"].value.partition(":")
    if colon and scheme in ("local", "mock"):
        return scheme
    if scheme in ("http", "https"):
        return "http"
    expected = Text("it begins with local:, mock:, https:// or http://", "应以 local:、mock:、https:// 或 http:// 开头")
    raise wrong(settings, "where", expected)


def _office(
    settings: Mapping[str, Setting], application: Application | None, trust: Iterable[Certificate], clock: Clock
) -> LocalOffice:
    from egov_sdk.door.office import LocalOffice

    place = settings["where"].value.partition(":")[2]
    in_memory = _scheme(settings) == "mock"
    if in_memory and place:
        raise wrong(settings, "where", Text("mock: stands alone", "mock: 之后不应有内容"))
    opening: str | Callable[[], Store] = "sqlite://"
    secrets = _secrets(settings, None, clock)
    if not in_memory:
        keys, database = _home(settings, place)
        secrets = cache(_secrets(settings, keys, clock))
        opening = partial(_own, settings, database, keys=keys, secrets=secrets, clock=clock)
    return LocalOffice(
        opening,
        secrets=secrets,
        clock=clock,
        application=application,
        trust=trust,
        fast_passwords=in_memory,
    )


def _home(settings: Mapping[str, Setting], place: str) -> tuple[Path, Path | str]:
    """The file of an office's keys, and its database."""
    keys = settings["keys"].value
    if "://" in place or place.partition(":")[0] in _POSTGRESQL:
        database = _postgresql(settings, place)
        if not keys:
            raise wrong(settings, "keys", _KEYS_APART, hint=Text("give keys=", "请给出 keys="))
        return Path(keys), database
    folder = Path(place or FOLDER)
    with naming(settings, "where"):
        folder.mkdir(parents=True, exist_ok=True)
        return Path(keys) if keys else folder / KEYS, database_in(folder, new=DATABASE)


def _own(
    settings: Mapping[str, Setting],
    database: Path | str,
    *,
    keys: Path,
    secrets: Callable[[], OfficeSecrets],
    clock: Clock,
) -> Store:
    from egov_sdk.door.belonging import open_own

    try:
        return open_own(database, keys=keys, secrets=secrets, at=clock())
    except WrongDatabase as error:
        raise wrong(settings, "where", text_of(error), hint=error.hint_text or error.hint, code=error.code) from error


_LOCAL: Final = Text(
    "after local: stands a folder, or postgresql://user@host:port/name",
    "local: 之后应为文件夹，或 postgresql://用户@主机:端口/库名",
)
_KEYS_APART: Final = Text(
    "the office's keys need a file of their own with PostgreSQL", "使用 PostgreSQL 时机构密钥须单独存于一个文件"
)


def _postgresql(settings: Mapping[str, Setting], place: str) -> str:
    try:
        parts = urlsplit(place)
        usable = "://" in place and parts.scheme in _POSTGRESQL and parts.port != 0
    except ValueError:  # its port is none
        usable = False
    if not usable:
        raise wrong(settings, "where", _LOCAL)
    return place


def _secrets(settings: Mapping[str, Setting], file: Path | None, clock: Clock) -> Callable[[], OfficeSecrets]:
    def load() -> OfficeSecrets:
        from egov_sdk.codes import CodeKind, check_code
        from egov_sdk.codes.specimens import specimen_credit_code
        from egov_sdk.door.secrets import OfficeSecrets

        name, code = settings["department"].value, settings["code"].value
        if code and not check_code(code, CodeKind.CREDIT_CODE).ok:
            raise wrong(settings, "code", Text("it is no unified social credit code", "不是统一社会信用代码"))
        code = code or specimen_credit_code(1, prefix="11").number
        if file is None:
            return OfficeSecrets.generate(name=name, code=code, at=clock())
        secret = settings["secret"]
        try:
            return OfficeSecrets.at(file, name=name, code=code, now=clock(), secret=secret.value)
        except OSError as error:
            raise wrong(settings, "keys" if settings["keys"].value else "where", f"{file}: {error.strerror}") from error
        except KeyAccessError as error:
            why, source = text_of(error), secret.source
            text = Text(f"{why.en}; secret is from {source.en}", f"{why.zh}；口令来自{source.zh}")
            told = KeyAccessError(text.en, code=error.code, hint=error.hint_text or error.hint)
            told.text = text
            raise told from None

    return load


def _platform(reach: Reach) -> Gov:
    from egov_sdk.gateway import GatewayClient

    over = reach.over()
    return gov_over(reach.client(GatewayClient), **over)


def _async_platform(reach: Reach) -> AsyncGov:
    from egov_sdk.gateway import AsyncGatewayClient

    over = reach.over()
    return async_gov_over(reach.client(AsyncGatewayClient), **over)


def _async_office(settings: Mapping[str, Setting], office: LocalOffice, clock: Clock) -> AsyncGov:
    from egov_sdk.gateway import AsyncGatewayClient
    from egov_sdk.gateway.in_process import async_transport

    prefix = settings["prefix"].value
    gateway = AsyncGatewayClient(_IN_PROCESS, transport=async_transport(office.app(prefix=prefix)), breaker=None)

    return async_gov_over(
        gateway,
        name=shown_place(settings["where"].value),
        prefix=prefix,
        identity=office.client_settings,
        clock=clock,
        office=office,
    )
