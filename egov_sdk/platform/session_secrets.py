"""The desk of a gateway that hands out session secrets (会话密钥), and its address that names a service by an id."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from typing import Final

from egov_sdk.gateway.asgi import SCOPE_KEY, App, Receive, Reply, Scope, Send, headers_of, send_reply, sent_path
from egov_sdk.gateway.middleware import Refusal, SignedRequests, default_refusal
from egov_sdk.gateway.national import encrypt_secret
from egov_sdk.gateway.profile import GatewayProfile
from egov_sdk.gateway.verifier import CallerKey, Callers, RequestVerifier, VerifiedRequest

__all__ = ["Routed", "SecretDesk"]

_OCTETS: Final = 16
_MOST: Final = 10_000


@dataclass(frozen=True, slots=True)
class _Given:
    value: str = field(repr=False)
    ends: datetime


class SecretDesk:
    """Hands out secrets for one service each, to whoever signs with its long-lived one. Threads may share it.

    The one before counts until its own end, since it may still be in use.

    Args:
        profile: A profile with a token flow that gives secrets.
    """

    def __init__(
        self,
        profile: GatewayProfile,
        *,
        callers: Callers,
        clock: Callable[[], datetime],
        random: Callable[[int], bytes] = os.urandom,
    ) -> None:
        if profile.token is None or profile.token.gives != "secret" or profile.token.renew is not None:
            raise ValueError(f"the profile {profile.name} has no desk for secrets of this kind")
        self.profile, self._token = profile, profile.token
        self._callers, self._clock, self._random = callers, clock, random
        self._lock, self._given = Lock(), dict[tuple[str, str], tuple[_Given, ...]]()

    def secrets_of(self, service: str) -> _SecretsOf:
        """Where callers of one service are looked up, with the session secrets that they have for it now."""
        return _SecretsOf(self, service)

    def of(self, caller: str, service: str) -> tuple[str, ...]:
        """The secrets that a caller has for a service now."""
        now = self._clock()
        return tuple(one.value for one in self._given.get((caller, service), ()) if one.ends > now)

    def give(self, caller: str, service: str) -> tuple[str, datetime]:
        """A new secret, and when it ends."""
        from datetime import timedelta

        made = _Given(self._random(_OCTETS).hex(), self._clock() + timedelta(seconds=self._token.life_s))
        with self._lock:
            if len(self._given) >= _MOST:
                self._given.pop(next(iter(self._given)))
            before = self._given.get((caller, service), ())
            self._given[caller, service] = (*before[-1:], made)
        return made.value, made.ends

    def app(self, refusal: Refusal = default_refusal) -> App:
        """Where secrets are asked for; requests are signed with the caller's long-lived secret."""
        verifier = RequestVerifier(self.profile, callers=self._callers)
        return SignedRequests(self._answer, verifier=verifier, refusal=refusal, clock=lambda: self._clock().timestamp())

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        verified = scope[SCOPE_KEY]
        assert isinstance(verified, VerifiedRequest)
        known = self._callers.get(verified.caller)
        if known is None or not known.secrets or scope["method"] != self._token.login.method:
            await send_reply(Reply(403), send)
            return
        value, ends = self.give(verified.caller, verified.service)
        shown = encrypt_secret(value, appkey=known.secrets[0]) if self._token.decrypt == "national" else value
        answer: dict[str, object] = {self.profile.answer.code: min(self.profile.answer.success)}
        _put(answer, self._token.member, shown)
        for path in self._token.ends[:1]:
            _put(answer, path, int(ends.timestamp() * 1_000))
        await send_reply(Reply(200, json.dumps(answer).encode()), send)


@dataclass(frozen=True, slots=True)
class _SecretsOf:
    desk: SecretDesk
    service: str

    def get(self, caller: str, /) -> CallerKey | None:
        known = self.desk._callers.get(caller)
        return None if known is None else CallerKey(secrets=self.desk.of(caller, self.service))


def _put(value: dict[str, object], path: str, what: object) -> None:
    """Put a member where a dotted path leads."""
    first, _, rest = path.partition(".")
    if not rest:
        value[first] = what
        return
    inner = value.setdefault(first, {})
    assert isinstance(inner, dict)
    _put(inner, rest, what)


class Routed:
    """ASGI middleware: requests for the gateway's one address go on to the path of the service that they name.

    Args:
        services: Paths, each with the id of its service.
    """

    def __init__(self, app: App, profile: GatewayProfile, services: Mapping[str, str]) -> None:
        self._app, self._address = app, profile.call_path
        self._paths = {service: path for path, service in services.items()}
        name = next(field for field, text in profile.fields.items() if text == "{service}")
        self._header = f"{profile.prefix}{name}".lower()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one connection."""
        if scope["type"] == "http":
            path = sent_path(scope)
            if path == self._address:
                found = self._paths.get(headers_of(scope).get(self._header, ""))
                scope = {**scope, "path": found or path, "raw_path": (found or path).encode("ascii")}
            elif path in self._paths.values():
                # the services themselves are not reached but through the gateway
                scope = {**scope, "path": "/", "raw_path": b"/"}
        await self._app(scope, receive, send)
