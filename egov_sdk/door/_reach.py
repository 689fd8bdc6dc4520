"""How a platform is reached: what its gateway and the services behind it are asked with, from the settings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from egov_sdk.door.settings import Setting, naming, shown_place, wrong
from egov_sdk.errors import ConfigError
from egov_sdk.report import Text
from egov_sdk.report_words import text_of

if TYPE_CHECKING:
    from egov_sdk.door.platforms import Account, PlatformForm
    from egov_sdk.gateway import Credentials
    from egov_sdk.identity.client import ClientSettings

__all__ = ["Reach"]

Clock = Callable[[], datetime]
T = TypeVar("T")


def _credentials(settings: Mapping[str, Setting], given: Credentials | None) -> Credentials | None:
    from egov_sdk.crypto import open_signer
    from egov_sdk.gateway import Credentials

    if given is not None or not settings["id"].value:
        return given
    key = settings["key"].value
    with naming(settings, "key"):
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
            login_url=settings["login_url"].value,
            secret=settings["client_secret"].value,
            issuer=settings["issuer"].value,
            scopes=frozenset(settings["scopes"].value.split()),
        )
    except ValueError as error:  # its first word is which of them it is about
        name = str(error).partition(" ")[0]
        raise wrong(settings, name if name in settings else "client_id", str(error)) from None


@dataclass(frozen=True, slots=True)
class Reach:
    """How a platform is reached, as far as it was said."""

    settings: Mapping[str, Setting]
    given: Credentials | None
    given_account: Account | None
    services: Mapping[str, str] | None
    identity: ClientSettings | None
    identity_profile: str
    clock: Clock

    @property
    def form(self) -> PlatformForm | None:
        from egov_sdk.door.platforms import PLATFORMS

        return PLATFORMS.get(self.settings["profile"].value)

    def client(self, made: Callable[..., T]) -> T:
        """A client of the gateway."""
        from egov_sdk.gateway.errors import CredentialsMissing

        form, settings = self.form, self.settings
        profile = self._profile() if form is None else form.gateway
        services = self.services or (form.services if form is not None else {})
        credentials = _credentials(settings, self.given) if profile else None
        try:
            return made(settings["where"].value, profile=profile or None, credentials=credentials, services=services)
        except CredentialsMissing as error:
            raise CredentialsMissing(
                f"{error.message}; the profile is from {settings['profile'].source}",
                hint=Text(
                    "give credentials=, or the settings id, app_secret and key",
                    "请给出 credentials=，或设置项 id、app_secret 和 key",
                ),
                profile=profile,
                setting="credentials",
            ) from None
        except ConfigError as error:
            if error.detail.get("setting") != "address":
                raise
            raise wrong(settings, "where", text_of(error), code=error.code) from error

    def _profile(self) -> str:
        from egov_sdk.door.platforms import PLATFORMS
        from egov_sdk.gateway.profiles import built_in

        name = self.settings["profile"].value
        if name:
            names = ", ".join(PLATFORMS)
            with naming(self.settings, "profile", hint=Text(f"or a platform: {names}", f"或平台名：{names}")):
                built_in(name)
        return name

    def over(self) -> dict[str, Any]:
        """What the services over the gateway are made with."""
        return {
            "name": shown_place(self.settings["where"].value),
            "prefix": self.settings["prefix"].value,
            "identity": _client_settings(self.settings, self.identity),
            "identity_profile": self.identity_profile,
            "clock": self.clock,
            "form": self.form,
            "account": self.account(),
        }

    def account(self) -> Account | None:
        from egov_sdk.door.platforms import Account

        settings = self.settings
        if self.given_account is not None or not settings["account"].value:
            return self.given_account
        from egov_sdk.crypto import load_private_key

        credentials, key = _credentials(settings, self.given), settings["key"].value
        with naming(settings, "key"):
            loaded = load_private_key(Path(key).read_bytes()) if key else None
        return Account(
            id=settings["account"].value,
            secret=settings["account_secret"].value,
            app_key=credentials.id if credentials is not None else "",
            app_secret=credentials.secret if credentials is not None else "",
            key=loaded,
        )
