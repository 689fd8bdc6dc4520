"""How a provider is run: who it is, how long things last, how many wrong passwords it takes."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final
from urllib.parse import urlsplit

from egov_sdk.identity.provider.passwords import ScryptCost

__all__ = ["AttemptLimits", "ProviderSettings", "check_web_address"]

_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_ADDRESS_CHARS: Final = 2_048


def check_web_address(address: str, *, what: str) -> None:
    """Return if an address can be trusted to lead where it says: https, or http to this machine; nothing hidden in it.

    Raises:
        ValueError: it is no such address.
    """
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise ValueError(f"{what} is not an address") from None
    plain = address.isascii() and address.isprintable() and not set(address) & set(" \\\"'<>*") and "#" not in address
    if not plain or not host or "@" in parts.netloc or len(address) > _ADDRESS_CHARS:
        raise ValueError(f"{what} must be a plain address without user name, fragment or wildcard")
    if any(part in (".", "..") for part in parts.path.split("/")):
        raise ValueError(f"{what} must not hold . or ..")
    if parts.scheme != "https" and not (parts.scheme == "http" and host in _LOOPBACK):
        raise ValueError(f"{what} must begin with https://; http:// is for localhost only")


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptLimits:
    """How many sign-ins may be tried within ``window`` before the next must wait for its end.

    ``pair`` counts one name from one place, ``name`` one name from everywhere, ``source`` one place for all names.
    """

    pair: int = 5
    name: int = 50
    source: int = 100
    window: timedelta = timedelta(minutes=15)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderSettings:
    """The settings of an identity provider.

    Attributes:
        issuer: its address, without a slash at the end; all others begin with it.
        name: what its pages call it, in Chinese and in English.
        page_time: how long somebody may take to sign in.
        code_time, ticket_time: how long a code or a ticket may be under way.
        access_time, refresh_time: how long tokens last; a refreshed session ends after ``refresh_time`` all the same.
        session_time: how long the browser stays signed in.
        attempts: limits against guessing.
        password_cost: what one guess costs.
    Raises:
        ValueError: the issuer is no address that can be trusted.
    """

    issuer: str
    name: tuple[str, str] = ("统一身份认证", "Unified sign-in")
    page_time: timedelta = timedelta(minutes=10)
    code_time: timedelta = timedelta(seconds=60)
    ticket_time: timedelta = timedelta(seconds=60)
    access_time: timedelta = timedelta(minutes=15)
    refresh_time: timedelta = timedelta(hours=12)
    session_time: timedelta = timedelta(hours=8)
    attempts: AttemptLimits = field(default_factory=AttemptLimits)
    password_cost: ScryptCost = field(default_factory=ScryptCost)

    def __post_init__(self) -> None:
        check_web_address(self.issuer, what="issuer")
        if "?" in self.issuer or self.issuer.endswith("/"):
            raise ValueError("issuer must have no query and no slash at the end")

    def issuer_for(self, algorithm: str) -> str:
        """As whom the provider speaks to an application that expects that algorithm.

        Stock libraries lose a whole key set over one key on a curve that they do not know. So applications with ES256
        have an issuer of their own, ``/stock`` below the other, whose key set holds no SM2 key.
        """
        return self.address("stock") if algorithm == "ES256" else self.issuer

    @property
    def issuers(self) -> tuple[str, str]:
        """Both of them."""
        return self.issuer, self.issuer_for("ES256")

    def address(self, path: str) -> str:
        """The address of one of the provider's own places, such as ``token``."""
        return f"{self.issuer}/{path}"
