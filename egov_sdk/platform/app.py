"""A province as one ASGI application: it puts services that are there behind checked callers, and decides nothing."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from hmac import compare_digest
from typing import TYPE_CHECKING, Final, cast
from urllib.parse import urlsplit

from egov_sdk.errors import ConfigError, MissingExtra
from egov_sdk.gateway.middleware import App, SignedRequests
from egov_sdk.gateway.openapi import describe
from egov_sdk.gateway.operations import AnyOperation
from egov_sdk.gateway.profile import GatewayProfile
from egov_sdk.gateway.profiles import BUILT_IN, built_in
from egov_sdk.gateway.refusals import refuse
from egov_sdk.gateway.serving import Asking, Offers, OperationApp
from egov_sdk.gateway.verifier import RequestVerifier
from egov_sdk.identity.provider.asgi import ProviderApp
from egov_sdk.license.serving import offers as license_offers
from egov_sdk.platform.callers import CallerBook, Role
from egov_sdk.platform.metrics import CONTENT_TYPE, Metrics, Watched
from egov_sdk.platform.names import OperationNames
from egov_sdk.seal.serving import offers as seal_offers
from egov_sdk.storage import StorageError

try:
    from starlette.applications import Starlette
    from starlette.middleware import Middleware
    from starlette.middleware.trustedhost import TrustedHostMiddleware
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import Mount, Route
except ImportError as error:  # pragma: no cover - an environment without the extra
    raise MissingExtra("platform", needed_for="serving a province") from error

if TYPE_CHECKING:
    from egov_sdk.door.office import LocalOffice
    from egov_sdk.gateway.policies import RateLimit
    from egov_sdk.gateway.replay import ReplayStore

__all__ = ["PREFIX", "PROFILES", "operations_of", "province_app", "province_names"]

#: Where our own interface begins, unless it is told otherwise.
PREFIX: Final = "/egov/v1"
#: The profiles that callers of a province can sign with: those whose signature stands by itself. The others need a
#: secret that is fetched first, an address that names a service, or an envelope, which this interface has not.
PROFILES: Final = tuple(
    one.name
    for one in BUILT_IN.values()
    if one.token is None and not (one.call_path or one.envelope or one.answer.code or one.answer.success)
)
_HEALTH, _METRICS, _DOCUMENT = "/health", "/metrics", "/openapi.json"
_BODY_BYTES: Final = 32 << 20
_HEADERS: Final = {"cache-control": "no-store", "x-content-type-options": "nosniff"}


def province_app(
    office: LocalOffice,
    *,
    callers: CallerBook,
    clock: Callable[[], datetime],
    profile: str = "egov-sm2",
    prefix: str = PREFIX,
    hosts: Iterable[str] = ("localhost", "127.0.0.1"),
    replay: ReplayStore | None = None,
    rate: RateLimit | None = None,
    max_body_bytes: int = _BODY_BYTES,
    metrics: Metrics | None = None,
    metrics_token: str = "",
) -> App:
    """An office and its services, to be served (省级平台).

    It answers to our own interface below ``prefix``, to its document at ``prefix/openapi.json``, to the pages and
    endpoints of the identity provider where the office's issuer says, to ``/health`` and ``/metrics``.

    Args:
        callers: Whose programs may call, for whom they speak, and what they may ask for.
        clock: What time it is, for the times of signatures.
        profile: How requests are signed: one of PROFILES.
        hosts: The names under which it is called; requests under others are refused. ``*.example.cn`` for all below.
        replay: Remembers what was used; shared by all processes of one platform. By default this process's memory.
        rate: How often each caller may come.
        metrics_token: Who reads the metrics gives it as a bearer token; empty for everybody who reaches the server.
    Raises:
        ConfigError: the profile is not one that a province can check.
        ValueError: a caller issues or seals that does not speak for the office, or the paths are not apart.
    """
    chosen = _profile(profile)
    _check_callers(callers, office)
    identity = _identity_path(office, prefix)
    offers = _guarded(_offers(office, callers), callers)
    own = SignedRequests(
        OperationApp(offers, prefix=prefix, max_body_bytes=max_body_bytes),
        verifier=RequestVerifier(chosen, callers=callers, replay=replay, rate=rate),
        max_body_bytes=max_body_bytes,
        in_thread=replay is not None,
        clock=lambda: clock().timestamp(),
    )
    counted = metrics or Metrics()
    document = _Document([one.operation for one in offers], prefix)
    app = Starlette(
        routes=[
            Route(_HEALTH, _health(office), methods=["GET"]),
            Route(_METRICS, _metrics(counted, metrics_token), methods=["GET"]),
            Route(prefix + _DOCUMENT, document.answer, methods=["GET"]),
            Mount(identity, app=ProviderApp(office.provider)),
            Mount("", app=own),
        ],
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=list(hosts), www_redirect=False)],
    )
    app.router.redirect_slashes = False  # it would send callers to whatever host they named
    return Watched(cast(App, app), metrics=counted, names=province_names(office, prefix=prefix))


def operations_of(office: LocalOffice) -> tuple[AnyOperation, ...]:
    """The operations that a province with this office offers."""
    return tuple(one.operation for one in _offers(office, CallerBook()))


def province_names(office: LocalOffice, *, prefix: str = PREFIX) -> OperationNames:
    """What the requests to a province with this office are called."""
    others = {
        _HEALTH: "platform.health",
        _METRICS: "platform.metrics",
        prefix + _DOCUMENT: "platform.document",
    }
    return OperationNames(operations_of(office), prefix=prefix, identity=_identity_path(office, prefix), others=others)


def _profile(name: str) -> GatewayProfile:
    if name not in PROFILES:
        raise ConfigError(
            f"a province cannot check requests of the profile {name!r}",
            hint=f"one of {', '.join(PROFILES)}",
            source="the argument profile",
        )
    return built_in(name)


def _check_callers(callers: CallerBook, office: LocalOffice) -> None:
    for one in callers.all():
        if Role.ISSUE in one.roles and office.secrets.code not in one.speaks_for:
            raise ValueError(f"{one.id} would issue in the name of {office.secrets.name}, for which it does not speak")


def _identity_path(office: LocalOffice, prefix: str) -> str:
    path = urlsplit(office.provider.settings.issuer).path.rstrip("/")
    taken = {prefix, _HEALTH, _METRICS}
    if not prefix.startswith("/") or prefix.endswith("/") or not path or any(_within(path, one) for one in taken):
        raise ValueError(f"the issuer's path {path or '/'} and the prefix {prefix or '/'} are not apart")
    return path


def _within(one: str, other: str) -> bool:
    return f"{one}/".startswith(f"{other}/") or f"{other}/".startswith(f"{one}/")


def _offers(office: LocalOffice, callers: CallerBook) -> Offers:
    return (
        *seal_offers(office.seal, speaks_for=callers.speaks_for),
        *license_offers(office.license, authority=office.secrets.code, speaks_for=callers.speaks_for),
    )


def _guarded(offers: Offers, callers: CallerBook) -> Offers:
    """The same, for callers with a role that has the operation."""

    def guard(name: str, handler: Callable[[object, Asking], object]) -> Callable[[object, Asking], object]:
        def guarded(question: object, asking: Asking) -> object:
            if not callers.may(asking.caller, name):
                raise refuse("refused.service_mismatch", caller=asking.caller, found=name)
            return handler(question, asking)

        return guarded

    return tuple(replace(one, handler=guard(one.operation.name, one.handler)) for one in offers)


class _Document:
    """The document of the interface, made when it is first asked for: that takes longer than all the rest."""

    def __init__(self, operations: list[AnyOperation], prefix: str) -> None:
        self._operations, self._prefix = operations, prefix

    @cached_property
    def _octets(self) -> bytes:
        value = describe(self._operations, title="egov_sdk", version="1", prefix=self._prefix)
        return json.dumps(value, ensure_ascii=False).encode()

    def answer(self, request: Request) -> Response:
        return Response(self._octets, media_type="application/json", headers=_HEADERS)


def _health(office: LocalOffice) -> Callable[[Request], object]:
    def look() -> bool:
        try:
            with office.store.read():
                return True
        except StorageError:
            return False

    async def answer(request: Request) -> Response:
        well = await asyncio.to_thread(look)
        body = json.dumps({"status": "ok" if well else "failing"})
        return Response(body, status_code=200 if well else 503, media_type="application/json", headers=_HEADERS)

    return answer


def _metrics(metrics: Metrics, token: str) -> Callable[[Request], object]:
    async def answer(request: Request) -> Response:
        given = request.headers.get("authorization", "")
        if token and not compare_digest(given.encode("utf-8", "replace"), f"Bearer {token}".encode()):
            return Response(status_code=401, headers=_HEADERS | {"www-authenticate": "Bearer"})
        return Response(metrics.text(), headers=_HEADERS | {"content-type": CONTENT_TYPE})

    return answer
