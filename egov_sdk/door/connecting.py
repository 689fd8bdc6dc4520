"""The one door: a program asks for four services, and only this line says where they live."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit, urlunsplit

from egov_sdk.door.facade import AsyncGov, Gov
from egov_sdk.door.settings import Setting, read_settings, wrong

if TYPE_CHECKING:
    from egov_sdk.door.office import Application, LocalOffice
    from egov_sdk.door.secrets import OfficeSecrets
    from egov_sdk.exchange.node import ExchangeService
    from egov_sdk.gateway import AsyncGatewayClient, Credentials, GatewayClient
    from egov_sdk.identity import IdentityService
    from egov_sdk.identity.client import AsyncIdentityClient, ClientSettings
    from egov_sdk.license.service import LicenseService
    from egov_sdk.pki import Certificate
    from egov_sdk.seal.service import SealService

__all__ = ["DATABASE", "FOLDER", "async_gov_over", "connect", "connect_async", "gov_over"]

#: The database of an office in a folder, and the folder where none is named.
DATABASE: Final = "office.db"
_KEYS: Final = "office.json"
FOLDER: Final = "./egov-data"
_IN_PROCESS: Final = "http://localhost"

Clock = Callable[[], datetime]


def _now() -> datetime:
    return datetime.now(UTC)


def connect(
    where: str = "",
    *,
    profile: str = "",
    credentials: Credentials | None = None,
    identity: ClientSettings | None = None,
    identity_profile: str = "oidc",
    prefix: str = "",
    department: str = "",
    code: str = "",
    secret: str = "",
    keys: str = "",
    application: Application | None = None,
    trust: Iterable[Certificate] = (),
    config: Path | None = None,
    environment: Mapping[str, str] | None = None,
    clock: Clock = _now,
) -> Gov:
    """Connect to a platform, or open an office of one's own.

    Args:
        where: ``local:./data`` for an office in this process on a SQLite file in that folder, ``local:postgresql://…``
            on PostgreSQL, ``mock:`` for one in memory that is gone when it is closed, or ``https://…`` for a platform.
        profile: how requests to a platform are signed: the name of a gateway profile.
        credentials: what the platform issued; otherwise made from the settings id, app_secret and key.
        identity, identity_profile: how the platform knows the application that signs people in; otherwise made from
            the settings client_id, client_secret, redirect_uri, issuer and scopes.
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
        KeyAccessError: the office's keys need another secret.
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
        return _platform(settings, credentials, identity, identity_profile, clock)
    office = _office(settings, application, trust, clock)
    return Gov(
        settings["where"].value,
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
    identity: ClientSettings | None = None,
    identity_profile: str = "oidc",
    prefix: str = "",
    department: str = "",
    code: str = "",
    secret: str = "",
    keys: str = "",
    application: Application | None = None,
    trust: Iterable[Certificate] = (),
    config: Path | None = None,
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
        return _async_platform(settings, credentials, identity, identity_profile, clock)
    return _async_office(settings, _office(settings, application, trust, clock), clock)


def _settings(config: Path | None, environment: Mapping[str, str] | None, **given: str) -> dict[str, Setting]:
    return read_settings(given, environment=os.environ if environment is None else environment, file=config)


def _scheme(settings: Mapping[str, Setting]) -> str:
    scheme, colon, _ = settings["where"].value.partition(":")
    if colon and scheme in ("local", "mock"):
        return scheme
    if scheme in ("http", "https"):
        return "http"
    raise wrong(settings, "where", "it begins with local:, mock:, https:// or http://")


def _office(
    settings: Mapping[str, Setting], application: Application | None, trust: Iterable[Certificate], clock: Clock
) -> LocalOffice:
    from egov_sdk.door.office import LocalOffice

    place = settings["where"].value.partition(":")[2]
    in_memory = _scheme(settings) == "mock"
    if in_memory and place:
        raise wrong(settings, "where", "mock: stands alone")
    database: Path | str = "sqlite://"
    keys = settings["keys"].value
    if not in_memory and place.startswith("postgresql"):
        database = place
        if not keys:
            raise wrong(
                settings, "keys", "the office's keys need a file of their own with PostgreSQL", hint="give keys="
            )
    elif not in_memory:
        folder = Path(place or FOLDER)
        folder.mkdir(parents=True, exist_ok=True)
        database, keys = folder / DATABASE, keys or str(folder / _KEYS)
    return LocalOffice(
        database,
        secrets=_secrets(settings, Path(keys) if not in_memory else None, clock),
        clock=clock,
        application=application,
        trust=trust,
        fast_passwords=in_memory,
    )


def _secrets(settings: Mapping[str, Setting], file: Path | None, clock: Clock) -> Callable[[], OfficeSecrets]:
    def load() -> OfficeSecrets:
        from egov_sdk.codes import CodeKind, check_code
        from egov_sdk.codes.specimens import specimen_credit_code
        from egov_sdk.door.secrets import OfficeSecrets

        name, code = settings["department"].value, settings["code"].value
        if code and not check_code(code, CodeKind.CREDIT_CODE).ok:
            raise wrong(settings, "code", "it is no unified social credit code")
        code = code or specimen_credit_code(1, prefix="11").number
        if file is None:
            return OfficeSecrets.generate(name=name, code=code, at=clock())
        return OfficeSecrets.at(file, name=name, code=code, now=clock(), secret=settings["secret"].value)

    return load


def _credentials(settings: Mapping[str, Setting], given: Credentials | None) -> Credentials | None:
    from egov_sdk.crypto import open_signer
    from egov_sdk.gateway import Credentials

    if given is not None or not settings["id"].value:
        return given
    key = settings["key"].value
    signer = open_signer(f"file:{Path(key).absolute()}") if key else None
    return Credentials(settings["id"].value, secret=settings["app_secret"].value, signer=signer)


def _client_settings(settings: Mapping[str, Setting], given: ClientSettings | None) -> ClientSettings | None:
    if given is not None or not settings["client_id"].value:
        return given
    from egov_sdk.identity.client import ClientSettings

    try:
        return ClientSettings(
            client_id=settings["client_id"].value,
            redirect_uri=settings["redirect_uri"].value,
            secret=settings["client_secret"].value,
            issuer=settings["issuer"].value,
            scopes=frozenset(settings["scopes"].value.split()),
        )
    except ValueError as error:
        raise wrong(settings, "client_id", str(error)) from None


def _platform(
    settings: Mapping[str, Setting],
    credentials: Credentials | None,
    identity: ClientSettings | None,
    identity_profile: str,
    clock: Clock,
) -> Gov:
    from egov_sdk.gateway import GatewayClient

    address = settings["where"].value
    gateway = GatewayClient(
        address, profile=settings["profile"].value or None, credentials=_credentials(settings, credentials)
    )
    return gov_over(
        gateway,
        name=_shown(address),
        prefix=settings["prefix"].value,
        identity=_client_settings(settings, identity),
        identity_profile=identity_profile,
        clock=clock,
    )


def gov_over(
    gateway: GatewayClient,
    *,
    name: str,
    prefix: str = "/egov/v1",
    identity: ClientSettings | None = None,
    identity_profile: str = "oidc",
    clock: Clock = _now,
) -> Gov:
    """The services of a platform over a client that is there already; closing them closes it.

    Args:
        name: what the platform is called, without secrets.
        prefix, identity, identity_profile, clock: as in ``connect``.
    """

    def sign_in() -> IdentityService:
        from egov_sdk.identity.client import IdentityClient

        assert identity is not None
        return IdentityClient(gateway, settings=identity, profile=identity_profile, clock=clock)

    def seals() -> SealService:
        from egov_sdk.seal.client import SealClient

        return SealClient(gateway, prefix=prefix)

    def licenses() -> LicenseService:
        from egov_sdk.license.client import LicenseClient

        return LicenseClient(gateway, prefix=prefix)

    def messages() -> ExchangeService:
        from egov_sdk.exchange.node.client import ExchangeClient

        return ExchangeClient(gateway, prefix=prefix)

    return Gov(
        name,
        identity=sign_in if identity is not None else None,
        seal=seals,
        license=licenses,
        exchange=messages,
        close=gateway.close,
        gateway=gateway,
    )


def _async_platform(
    settings: Mapping[str, Setting],
    credentials: Credentials | None,
    identity: ClientSettings | None,
    identity_profile: str,
    clock: Clock,
) -> AsyncGov:
    from egov_sdk.gateway import AsyncGatewayClient

    address = settings["where"].value
    gateway = AsyncGatewayClient(
        address, profile=settings["profile"].value or None, credentials=_credentials(settings, credentials)
    )
    return async_gov_over(
        gateway,
        name=_shown(address),
        prefix=settings["prefix"].value,
        identity=_client_settings(settings, identity),
        identity_profile=identity_profile,
        clock=clock,
    )


def async_gov_over(
    gateway: AsyncGatewayClient,
    *,
    name: str,
    prefix: str = "/egov/v1",
    identity: ClientSettings | None = None,
    identity_profile: str = "oidc",
    clock: Clock = _now,
) -> AsyncGov:
    """As gov_over, awaited."""

    def sign_in() -> AsyncIdentityClient:
        from egov_sdk.identity.client import AsyncIdentityClient

        assert identity is not None
        return AsyncIdentityClient(gateway, settings=identity, profile=identity_profile, clock=clock)

    return AsyncGov(name, gateway=gateway, prefix=prefix, identity=sign_in if identity is not None else None)


def _async_office(settings: Mapping[str, Setting], office: LocalOffice, clock: Clock) -> AsyncGov:
    from egov_sdk.gateway import AsyncGatewayClient
    from egov_sdk.gateway.in_process import async_transport

    prefix = settings["prefix"].value
    gateway = AsyncGatewayClient(_IN_PROCESS, transport=async_transport(office.app(prefix=prefix)), breaker=None)

    def sign_in() -> AsyncIdentityClient:
        from egov_sdk.identity.client import AsyncIdentityClient

        return AsyncIdentityClient(gateway, settings=office.client_settings(), clock=clock)

    return AsyncGov(settings["where"].value, gateway=gateway, prefix=prefix, identity=sign_in, office=office)


def _shown(address: str) -> str:
    """An address without whatever may be secret in it."""
    parts = urlsplit(address)
    return urlunsplit((parts.scheme, parts.hostname or "", parts.path, "", ""))
