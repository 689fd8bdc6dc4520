"""What both clients share: address, credentials, secrets, clock, breakers."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from egov_sdk.errors import ConfigError
from egov_sdk.gateway._breaker import Breakers
from egov_sdk.gateway._canonical import checked_field, encode_path
from egov_sdk.gateway._clock import ServerClock
from egov_sdk.gateway._tokens import Fetch, SecretKeeper
from egov_sdk.gateway.credentials import Credentials
from egov_sdk.gateway.errors import CredentialsMissing, UnsafeValue
from egov_sdk.gateway.policies import BreakerPolicy, Retry, Timeouts
from egov_sdk.gateway.profile import GatewayProfile
from egov_sdk.gateway.profiles import built_in
from egov_sdk.gateway.signing import Random

__all__ = ["Core", "Settings", "check_credentials", "parse_address"]

_KEEPERS: Final = 1_024


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a caller set for a client, and what it measures and draws with."""

    timeouts: Timeouts
    retry: Retry
    breaker: BreakerPolicy | None
    services: Mapping[str, str]
    max_answer_bytes: int
    clock: Callable[[], float]
    timer: Callable[[], float]
    random: Random


def parse_address(address: str) -> tuple[str, str]:
    """Scheme with host, and the path in front of every path; ConfigError for an address that has more or less."""
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname, parts.port
        checked_field(address, name="address")
    except (UnsafeValue, ValueError) as error:
        raise _bad_address(str(error)) from None
    if parts.scheme not in {"http", "https"} or not host:
        raise _bad_address("it begins with https:// or http:// and a host")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise _bad_address("it has a scheme, a host, perhaps a port and a path, and nothing else")
    try:
        path = encode_path(parts.path.rstrip("/")) if parts.path.rstrip("/") else ""
    except UnsafeValue as error:
        raise _bad_address(str(error)) from None
    return f"{parts.scheme}://{parts.netloc}", path


def _bad_address(problem: str) -> ConfigError:
    return ConfigError(
        f"the platform's address cannot be used: {problem}", code="egov.gateway.address", setting="address"
    )


class Core:
    """The state of one client. Threads and tasks share it."""

    def __init__(
        self,
        address: str,
        *,
        profile: GatewayProfile | str | None,
        credentials: Credentials | None,
        settings: Settings,
        fetch_secret: Callable[[Core, str], Fetch],
    ) -> None:
        self.host, self.base_path = parse_address(address)
        self.profile = built_in(profile) if isinstance(profile, str) else profile
        if self.profile is not None:
            check_credentials(self.profile, credentials)
        if settings.services and (self.profile is None or not self.profile.call_path):
            raise ConfigError(
                "services are for a profile whose gateway knows them by an id",
                code="egov.gateway.services",
                setting="services",
            )
        self.credentials, self.settings = credentials, settings
        self.clock = ServerClock(settings.clock)
        self.breakers = Breakers(settings.breaker, timer=settings.timer)
        self._fetch_secret = fetch_secret
        self._keepers: dict[str, SecretKeeper] = {}
        self._lock = threading.Lock()

    @property
    def stamps_must_differ(self) -> bool:
        """Whether two signatures of one millisecond would be the same."""
        return self.profile is not None and not self.profile.nonce and self.profile.time == "ms"

    def keeper(self, service: str) -> SecretKeeper | None:
        """Who holds the session secret for a service; None where the profile has none."""
        if self.profile is None or self.profile.token is None:
            return None
        key = service if self.profile.token.per_service else ""
        with self._lock:
            found = self._keepers.get(key)
            if found is None:
                if len(self._keepers) >= _KEEPERS:
                    self._keepers.pop(next(iter(self._keepers)))
                fetch = self._fetch_secret(self, key)
                found = SecretKeeper(fetch, now=self.clock.now, refresh_at=self.profile.token.refresh_at)
                self._keepers[key] = found
            return found


def check_credentials(profile: GatewayProfile, credentials: Credentials | None) -> None:
    """Raise if a profile's requests cannot be made with these credentials."""
    if credentials is None:
        raise CredentialsMissing(
            f"profile {profile.name!r} needs credentials", profile=profile.name, setting="credentials"
        )
    if unknown := credentials.values.keys() - profile.values.keys():
        raise ConfigError(
            f"profile {profile.name!r} has no value {', '.join(sorted(unknown))}",
            code="egov.gateway.unknown_value",
            profile=profile.name,
            setting="credentials.values",
        )
