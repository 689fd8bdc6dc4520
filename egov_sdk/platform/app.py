"""A province as one ASGI application: it puts services that are there behind checked callers, and decides nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Final, cast
from urllib.parse import urlsplit

from egov_sdk.errors import ConfigError, MissingExtra
from egov_sdk.gateway.asgi import Mounted
from egov_sdk.gateway.middleware import App, SignedRequests
from egov_sdk.gateway.profile import GatewayProfile
from egov_sdk.gateway.profiles import BUILT_IN, built_in
from egov_sdk.gateway.serving import OperationApp
from egov_sdk.gateway.verifier import Admissions, Rates, RequestVerifier
from egov_sdk.identity.provider.asgi import ProviderApp
from egov_sdk.platform.callers import OFFICE_ROLES, Callers
from egov_sdk.platform.guard import Guarded
from egov_sdk.platform.interface import guarded_offers, operations_of, partner_part
from egov_sdk.platform.metrics import Metrics, Watched
from egov_sdk.platform.names import OperationNames
from egov_sdk.platform.parts import Part, check_apart

try:
    from starlette.applications import Starlette
    from starlette.middleware import Middleware
    from starlette.middleware.trustedhost import TrustedHostMiddleware
    from starlette.routing import Mount, Route

    from egov_sdk.platform import vitals
except ImportError as error:  # pragma: no cover - an environment without the extra
    raise MissingExtra("platform", needed_for="serving a province") from error

if TYPE_CHECKING:
    from egov_sdk.door.office import LocalOffice
    from egov_sdk.gateway.policies import RateLimit
    from egov_sdk.gateway.replay import ReplayStore

__all__ = ["PREFIX", "PROFILES", "VITAL_NAMES", "assembled", "operations_of", "province_app", "province_names"]

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
#: Of anything that is served here; parts have their own limits below it.
_MOST_BYTES: Final = 64 << 20
#: What is called how in every province.
VITAL_NAMES: Final = {_HEALTH: "platform.health", _METRICS: "platform.metrics"}


def province_app(
    office: LocalOffice,
    *,
    callers: Callers,
    clock: Callable[[], datetime],
    profile: str = "egov-sm2",
    prefix: str = PREFIX,
    hosts: Iterable[str] = ("localhost", "127.0.0.1"),
    replay: ReplayStore | None = None,
    rate: RateLimit | Rates | None = None,
    admissions: Admissions | None = None,
    max_body_bytes: int = _BODY_BYTES,
    metrics: Metrics | None = None,
    metrics_token: str = "",
    parts: Iterable[Part] = (),
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
        rate: How often each caller may come; Rates that all processes share, or a limit for this one.
        admissions: In place of ``replay`` and ``rate``, asked in a thread.
        metrics_token: Who reads the metrics gives it as a bearer token; empty for everybody who reaches the server.
        parts: What else it serves, each below its own path.
    Raises:
        ConfigError: the profile is not one that a province can check.
        ValueError: a caller acts for the office that does not speak for it, or the paths are not apart.
    """
    chosen, more = _profile(profile), (partner_part(office), *parts)
    _check_callers(callers, office)
    check_apart([prefix, _HEALTH, _METRICS, _identity_path(office), *(one.path for one in more)])
    offers = guarded_offers(office, callers)
    own = SignedRequests(
        OperationApp(offers, prefix=prefix, max_body_bytes=max_body_bytes),
        verifier=RequestVerifier(chosen, callers=callers, replay=replay, rate=rate, admissions=admissions),
        max_body_bytes=max_body_bytes,
        in_thread=replay is not None or admissions is not None,
        clock=lambda: clock().timestamp(),
    )
    document = vitals.Document((one.operation for one in offers), prefix)
    return assembled(
        office,
        own=own,
        names=province_names(office, prefix=prefix, parts=parts),
        routes=[
            Route(prefix + _DOCUMENT, document.answer, methods=["GET"]),
            *(Route("/", partial(vitals.front, path=one.path), methods=["GET"]) for one in more if one.front),
        ],
        parts=more,
        hosts=hosts,
        metrics=metrics,
        metrics_token=metrics_token,
    )


def assembled(
    office: LocalOffice,
    *,
    own: App,
    names: OperationNames,
    routes: Iterable[Route] = (),
    parts: Iterable[Part] = (),
    hosts: Iterable[str] = ("localhost", "127.0.0.1"),
    metrics: Metrics | None = None,
    metrics_token: str = "",
) -> App:
    """An interface, and what stands beside it in every province: sign-ins, parts, health, metrics, checks of hosts.

    Args:
        own: Is asked for whatever lies nowhere else, and makes sure of its callers.
    """
    counted = metrics or Metrics()
    app = Starlette(
        routes=[
            Route(_HEALTH, vitals.health(office), methods=["GET"]),
            Route(_METRICS, vitals.metrics(counted, metrics_token), methods=["GET"]),
            *routes,
            Mount(_identity_path(office), app=ProviderApp(office.provider)),
            Mount("", app=Mounted({one.path: one.app for one in parts}, fallback=own)),
        ],
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=list(hosts), www_redirect=False)],
    )
    app.router.redirect_slashes = False  # it would send callers to whatever host they named
    guarded = Guarded(cast(App, app), max_body_bytes=_MOST_BYTES, is_secure=_is_secure(office))
    return Watched(guarded, metrics=counted, names=names)


def province_names(office: LocalOffice, *, prefix: str = PREFIX, parts: Iterable[Part] = ()) -> OperationNames:
    """What the requests to a province with this office are called."""
    parts = (partner_part(office), *parts)
    front = {"/": "platform.front"} if any(one.front for one in parts) else {}
    others = VITAL_NAMES | {prefix + _DOCUMENT: "platform.document"} | front
    return OperationNames(
        operations_of(office),
        prefix=prefix,
        identity=_identity_path(office),
        others=others,
        below={one.path: one.name for one in parts},
    )


def _profile(name: str) -> GatewayProfile:
    if name not in PROFILES:
        raise ConfigError(
            f"a province cannot check requests of the profile {name!r}",
            hint=f"one of {', '.join(PROFILES)}",
            source="the argument profile",
        )
    return built_in(name)


def _check_callers(callers: Callers, office: LocalOffice) -> None:
    for one in callers.all():
        if one.roles & OFFICE_ROLES and office.secrets.code not in one.speaks_for:
            raise ValueError(f"{one.id} would act in the name of {office.secrets.name}, for which it does not speak")


def _is_secure(office: LocalOffice) -> bool:
    return office.provider.settings.issuer.startswith("https:")


def _identity_path(office: LocalOffice) -> str:
    return urlsplit(office.provider.settings.issuer).path.rstrip("/")
