"""A small OpenID provider for the clients' tests, which can be told to lie."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx

from egov_sdk.crypto.jose import KeySet, TokenKey, sign_token
from egov_sdk.gateway import AsyncGatewayClient, GatewayClient
from egov_sdk.gateway.policies import Retry
from egov_sdk.identity.client import AsyncIdentityClient, ClientSettings, IdentityClient
from egov_sdk.identity.model import SignIn
from egov_sdk.identity.profile import IdentityProfile
from tests.world import seeded

__all__ = ["CALLBACK", "ISSUER", "NOW", "FakeOidc", "Ticking"]

ISSUER = "https://id.example.gov.cn/idp"
CALLBACK = "https://app.example.gov.cn/back"
EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
NOW = datetime(2026, 6, 1, 9, 30, tzinfo=UTC)
KEY = TokenKey.generate("SGD_SM3_SM2", key_id="k1", random=seeded("fake oidc"))
NEXT_KEY = TokenKey.generate("SGD_SM3_SM2", key_id="k2", random=seeded("fake oidc next"))


@dataclass
class Ticking:
    """A clock that stands until it is set."""

    at: datetime = NOW

    def __call__(self) -> datetime:
        return self.at

    def wait(self, **span: float) -> None:
        self.at += timedelta(**span)


Handler = Callable[[httpx.Request], httpx.Response]


def _json(body: object, status: int = 200) -> httpx.Response:
    return httpx.Response(status, json=body)


@dataclass
class FakeOidc:
    """Answers as an OpenID provider does; ``claims``, ``userinfo``, ``tokens``, ``metadata`` replace what it says."""

    clock: Ticking = field(default_factory=Ticking)
    key: TokenKey = KEY
    published: KeySet = field(default_factory=lambda: KeySet.of([KEY]))
    claims: dict[str, object] = field(default_factory=dict)
    userinfo: dict[str, object] = field(default_factory=dict)
    tokens: dict[str, object] = field(default_factory=dict)
    metadata: dict[str, object] = field(default_factory=dict)
    instead: dict[str, Handler] = field(default_factory=dict)
    nonce: str = ""
    asked: list[tuple[str, Mapping[str, str], Mapping[str, str]]] = field(default_factory=list)

    def handle(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path.removeprefix("/idp/")
        form = dict(parse_qsl(request.content.decode())) if request.method == "POST" else {}
        self.asked.append((path, form, dict(request.headers)))
        if path in self.instead:
            return self.instead[path](request)
        answers = {
            ".well-known/openid-configuration": lambda: _json(self.described()),
            "jwks": lambda: _json(self.published.to_jwks()),
            "token": lambda: _json(self.given(form)),
            "userinfo": lambda: _json({"sub": "p-1", "name": "张三"} | self.userinfo),
            "revoke": lambda: httpx.Response(200),
        }
        return answers[path]()

    def described(self) -> dict[str, object]:
        endpoints = {
            "authorization_endpoint": "authorize",
            "token_endpoint": "token",
            "jwks_uri": "jwks",
            "userinfo_endpoint": "userinfo",
            "revocation_endpoint": "revoke",
            "end_session_endpoint": "logout",
        }
        grants = {"grant_types_supported": ["authorization_code", EXCHANGE]}
        return (
            {"issuer": ISSUER} | grants | {name: f"{ISSUER}/{end}" for name, end in endpoints.items()} | self.metadata
        )

    def id_token(self) -> str:
        claims = {
            "iss": ISSUER,
            "sub": "p-1",
            "aud": "app-1",
            "nonce": self.nonce,
            "iat": self.clock.at,
            "exp": self.clock.at + timedelta(minutes=5),
            "egov_level": "real_name",
            "egov_method": "password",
        } | self.claims
        return sign_token({name: value for name, value in claims.items() if value is not None}, self.key)

    def given(self, form: Mapping[str, str]) -> dict[str, object]:
        reply = {
            "access_token": "at-1",
            "token_type": "Bearer",
            "expires_in": 900,
            "refresh_token": "rt-1",
            "id_token": self.id_token(),
        }
        if form.get("grant_type") == EXCHANGE:
            reply = {
                "access_token": "ticket-1",
                "issued_token_type": "urn:egov-sdk:token-type:ticket",
                "token_type": "N_A",
                "expires_in": 60,
            }
        return {name: value for name, value in (reply | self.tokens).items() if value is not None}

    def saw(self, path: str) -> list[tuple[str, Mapping[str, str], Mapping[str, str]]]:
        return [one for one in self.asked if one[0] == path]

    def settings(self, **changes: object) -> ClientSettings:
        given: dict[str, object] = {
            "client_id": "app-1",
            "redirect_uri": CALLBACK,
            "secret": "s3cret",
            "issuer": ISSUER,
        }
        return ClientSettings(**(given | changes))  # type: ignore[arg-type]  # each test gives what it names

    def client(self, *, profile: IdentityProfile | str = "oidc", **changes: object) -> IdentityClient:
        gateway = GatewayClient(
            "https://id.example.gov.cn",
            transport=httpx.MockTransport(self.handle),
            retry=Retry(attempts=1),
            breaker=None,
            clock=lambda: self.clock.at.timestamp(),
        )
        return IdentityClient(
            gateway, settings=self.settings(**changes), profile=profile, clock=self.clock, random=seeded("client")
        )

    def async_client(self) -> AsyncIdentityClient:
        gateway = AsyncGatewayClient(
            "https://id.example.gov.cn", transport=httpx.MockTransport(self.handle), retry=Retry(attempts=1)
        )
        return AsyncIdentityClient(gateway, settings=self.settings(), clock=self.clock, random=seeded("client"))

    def back(self, sign_in: SignIn, **changes: str | None) -> str:
        """The address that the browser comes back with."""
        self.nonce = sign_in.nonce
        given = {"code": "code-1", "state": sign_in.state, "iss": ISSUER} | changes
        return f"{CALLBACK}?{urlencode({name: value for name, value in given.items() if value is not None})}"


def query_of(url: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))


def page(_: httpx.Request) -> httpx.Response:
    return httpx.Response(200, text="<!doctype html><p>Please wait</p>", headers={"content-type": "text/html"})


def says(body: object, status: int = 200) -> Handler:
    return lambda _: httpx.Response(status, content=json.dumps(body), headers={"content-type": "application/json"})
