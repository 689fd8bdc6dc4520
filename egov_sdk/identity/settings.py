"""How one application is known to a platform, and how it proves that."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Literal, get_args
from urllib.parse import urlsplit

from egov_sdk.crypto.jose import SignatureAlgorithm, TokenKey

__all__ = ["ClientAuthentication", "ClientSettings", "Clock"]

#: Says what time it is, with its time zone.
Clock = Callable[[], datetime]
#: How a token call shows who calls: by header, by parameter, by a signed assertion (RFC 7523), or not at all.
ClientAuthentication = Literal["client_secret_basic", "client_secret_post", "private_key_jwt", "none"]

_ADDRESS_CHARS: Final = 2_048
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})


def _check_address(address: str, name: str) -> None:
    try:
        parts = urlsplit(address)
        host = parts.hostname
    except ValueError:
        raise ValueError(f"{name} is not an address") from None
    plain = address.isascii() and address.isprintable() and " " not in address and len(address) <= _ADDRESS_CHARS
    secure = parts.scheme == "https" or (parts.scheme == "http" and host in _LOOPBACK)
    if not plain or not host or "@" in parts.netloc or not secure or parts.fragment:
        raise ValueError(f"{name} must be a plain https:// address; http:// is for localhost only")


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientSettings:
    """What a platform knows of one application (应用), and what the application demands of it.

    Attributes:
        client_id: the id that the platform gave: client_id, appId, servicecode.
        redirect_uri: where the browser comes back to, as registered, to the letter.
        secret: for platforms that know the application by one.
        key: an SM2 or other private key, for ``private_key_jwt``; its ``key_id`` is what the platform knows.
        issuer: the platform's own name in its tokens; needed for OpenID Connect, where discovery begins from it.
        scopes: what is asked for.
        algorithms: with which the platform's tokens may be signed.
        login_url: in place of the profile's, such as that of a test platform.
        sign_in_time: how long somebody may take to sign in.
        keys_time: how long the platform's description and keys are used before they are fetched again.
        keys_pause: how soon an unknown key may make them be fetched again.
        leeway_s: how far the clocks may be apart.
    Raises:
        ValueError: something is empty, is no address that can be trusted, or does not go together.
    """

    client_id: str
    redirect_uri: str
    secret: str = field(default="", repr=False)
    key: TokenKey | None = None
    authentication: ClientAuthentication | None = None
    issuer: str = ""
    scopes: frozenset[str] = frozenset({"openid", "profile"})
    algorithms: frozenset[SignatureAlgorithm] = frozenset({"SGD_SM3_SM2"})
    login_url: str = ""
    sign_in_time: timedelta = timedelta(minutes=10)
    keys_time: timedelta = timedelta(hours=1)
    keys_pause: timedelta = timedelta(seconds=30)
    leeway_s: int = 60

    def __post_init__(self) -> None:
        if not self.client_id:
            raise ValueError("client_id must not be empty")
        _check_address(self.redirect_uri, "redirect_uri")
        for name in ("issuer", "login_url"):
            if getattr(self, name):
                _check_address(getattr(self, name), name)
        if "?" in self.issuer:
            raise ValueError("issuer must have no query")
        if isinstance(self.scopes, str) or isinstance(self.algorithms, str):
            raise TypeError("scopes and algorithms are collections of names, not one text")
        object.__setattr__(self, "scopes", frozenset(self.scopes))
        object.__setattr__(self, "algorithms", frozenset(self.algorithms))
        if not self.algorithms or "SGD_SM3_HMAC" in self.algorithms:
            raise ValueError("algorithms names those of public keys with which the platform signs, and at least one")
        self._check_authentication()

    def _check_authentication(self) -> None:
        way = self.authentication
        if way is not None and way not in get_args(ClientAuthentication):
            raise ValueError(f"authentication must be one of {', '.join(get_args(ClientAuthentication))}, got {way!r}")
        if way in ("client_secret_basic", "client_secret_post") and not self.secret:
            raise ValueError(f"{way} needs a secret")
        if way == "private_key_jwt" and (self.key is None or not self.key.is_private):
            raise ValueError("private_key_jwt needs a private key")

    @property
    def way(self) -> ClientAuthentication:
        """How this application proves who it is: what was given, or what its key or secret suggests."""
        if self.authentication is not None:
            return self.authentication
        if self.key is not None:
            return "private_key_jwt"
        return "client_secret_basic" if self.secret else "none"
