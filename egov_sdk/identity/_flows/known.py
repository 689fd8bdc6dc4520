"""What an OpenID provider says of itself, and its keys: fetched when needed, kept for a while, never fetched on demand
of whoever sends tokens with invented keys.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import Final
from urllib.parse import SplitResult, parse_qsl, urlsplit

from egov_sdk.crypto.jose import KeySet, load_jwks
from egov_sdk.errors import InputError
from egov_sdk.gateway.messages import Flow, Request, ask
from egov_sdk.identity._flows.common import Desk, object_of
from egov_sdk.identity.mapping import malformed

__all__ = ["KnownProvider", "Metadata", "Place"]

_DISCOVERY: Final = "/.well-known/openid-configuration"
_METADATA_BYTES: Final = 256 << 10
_KEYS_BYTES: Final = 512 << 10
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True)
class Place:
    """An endpoint that the application itself calls: its path below the provider's host, and its query."""

    path: str
    query: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """What is used of a provider's description (OpenID Connect Discovery 1.0, 3); None where it has no such place."""

    authorization: str
    token: Place
    keys: Place
    userinfo: Place | None
    revocation: Place | None
    grants: frozenset[str]
    end_session: str
    names_itself: bool


class KnownProvider:
    """Description and keys of one provider. Threads and tasks may share it."""

    def __init__(self, desk: Desk) -> None:
        if not desk.settings.issuer:
            raise ValueError("OpenID Connect needs the issuer in the settings")
        self._desk = desk
        self._lock = Lock()
        self._metadata: tuple[Metadata, datetime] | None = None
        self._keys: tuple[KeySet, datetime] | None = None
        self._tried: datetime | None = None

    def metadata(self) -> Flow[Metadata]:
        """The provider's description, fetched if there is none or it is old."""
        held = self._metadata
        if held is not None and self._is_fresh(held[1]):
            return held[0]
        settings = self._desk.settings
        path = urlsplit(settings.issuer).path.rstrip("/") + _DISCOVERY
        answer = yield from ask(Request("GET", path, max_answer_bytes=_METADATA_BYTES))
        found = read_metadata(object_of(answer), issuer=settings.issuer)
        self._metadata = found, self._desk.now()
        return found

    def keys(self) -> Flow[KeySet]:
        """The provider's keys, fetched if there are none or they are old."""
        held = self._keys
        if held is not None and self._is_fresh(held[1]):
            return held[0]
        return (yield from self._fetch())

    def newer_keys(self) -> Flow[KeySet | None]:
        """The keys fetched again, since one was not among them; None if that was done a moment ago."""
        with self._lock:
            now = self._desk.now()
            if self._tried is not None and timedelta(0) <= now - self._tried < self._desk.settings.keys_pause:
                return None
            self._tried = now
        return (yield from self._fetch())

    def _fetch(self) -> Flow[KeySet]:
        place = (yield from self.metadata()).keys
        answer = yield from ask(Request("GET", place.path, query=place.query, max_answer_bytes=_KEYS_BYTES))
        try:
            keys = load_jwks(answer.body)
        except InputError as error:
            malformed(f"the key set cannot be read: {error.code}", request_id=answer.request_id)
        self._keys = keys, self._desk.now()
        return keys

    def _is_fresh(self, got: datetime) -> bool:
        return timedelta(0) <= self._desk.now() - got < self._desk.settings.keys_time


def read_metadata(found: Mapping[str, object], *, issuer: str) -> Metadata:
    """A provider's description, if it is the provider that was asked.

    Raises:
        AnswerMalformed: it names another issuer, lacks an endpoint, or one leads to another host.
    Source:
        OpenID Connect Discovery 1.0, 4.3; RFC 8414, 3.3.
    """
    if found.get("issuer") != issuer:
        malformed("the description is that of another issuer")
    home = urlsplit(issuer)
    token, keys = _place(found, "token_endpoint", home), _place(found, "jwks_uri", home)
    authorization = _page(found, "authorization_endpoint")
    if token is None or keys is None or not authorization:
        malformed("the description lacks token_endpoint, jwks_uri or authorization_endpoint")
    return Metadata(
        authorization=authorization,
        token=token,
        keys=keys,
        userinfo=_place(found, "userinfo_endpoint", home),
        revocation=_place(found, "revocation_endpoint", home),
        grants=frozenset(one for one in _list(found, "grant_types_supported") if isinstance(one, str)),
        end_session=_page(found, "end_session_endpoint"),
        names_itself=found.get("authorization_response_iss_parameter_supported") is True,
    )


def _list(found: Mapping[str, object], name: str) -> list[object]:
    value = found.get(name, [])
    if not isinstance(value, list):
        malformed(f"{name} is no list")
    return value


def _address(found: Mapping[str, object], name: str) -> SplitResult | None:
    address = found.get(name)
    if address is None:
        return None
    if not isinstance(address, str) or not address.isascii() or not address.isprintable() or " " in address:
        malformed(f"{name} is no address")
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError:
        malformed(f"{name} is no address")
    if not parts.hostname or parts.fragment or "@" in parts.netloc:
        malformed(f"{name} is no plain address")
    return parts


def _place(found: Mapping[str, object], name: str, home: SplitResult) -> Place | None:
    parts = _address(found, name)
    if parts is None:
        return None
    if (parts.scheme, parts.hostname, parts.port) != (home.scheme, home.hostname, home.port):
        # whoever can write this description must not choose where secrets and codes are sent
        malformed(f"{name} leads to another host than the issuer's")
    return Place(parts.path or "/", tuple(parse_qsl(parts.query, keep_blank_values=True)))


def _page(found: Mapping[str, object], name: str) -> str:
    parts = _address(found, name)
    if parts is None:
        return ""
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
        malformed(f"{name} does not begin with https://")
    return parts.geturl()
