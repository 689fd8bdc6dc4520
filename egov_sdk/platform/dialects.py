"""A platform with interfaces of its own, as one ASGI application: what its form names, behind its own gateway."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from hmac import compare_digest
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from egov_sdk.door.platforms import PlatformForm, sharing_profile
from egov_sdk.gateway.asgi import App, Mounted, Receive, Reply, Scope, Send, send_reply
from egov_sdk.gateway.middleware import SignedRequests
from egov_sdk.gateway.profile import GatewayProfile
from egov_sdk.gateway.profiles import built_in
from egov_sdk.gateway.refusals import RequestRefused
from egov_sdk.gateway.verifier import RequestVerifier
from egov_sdk.identity.dialect_app import KnownApplication, identity_app, identity_paths
from egov_sdk.identity.profiles import identity_profile
from egov_sdk.license.dialects.callers import Caller
from egov_sdk.license.dialects.license_app import AppLogin, license_app
from egov_sdk.license.dialects.national_app import national_app
from egov_sdk.license.wire.license_app import LICENSE_APP
from egov_sdk.platform.app import VITAL_NAMES, assembled
from egov_sdk.platform.callers import Callers, PlatformCaller, Role
from egov_sdk.platform.names import OperationNames
from egov_sdk.platform.parts import Part
from egov_sdk.platform.session_secrets import Routed, SecretDesk

if TYPE_CHECKING:
    from egov_sdk.door.office import LocalOffice

__all__ = ["form_app", "form_names"]

#: Services that are called otherwise than the operations of our own interface.
_SHARING_NAMES: Final[Mapping[str, str]] = {
    "data": "license.get",
    "data_by_holder": "license.get",
    "file": "license.download_ticket",
    "file_by_holder": "license.download_ticket",
    "verify": "license.check",
    "verify_file": "license.verify",
}
_APP_NAMES: Final = {
    "/security/login": "license.log_in",
    "/security/logout": "license.log_out",
    "/license/auth": "license.search",
    "/license/holder": "license.search",
    "/license/entrust": "license.search",
    "/license/get_license": "license.redeem",
    "/license/archive": "license.archive",
    "/license/{item}/create": "license.draft",
    "/license/{item}/issue": "license.issue",
    "/license/{item}/abolish": "license.act",
}
_TOKEN: Final = "gateway.token"  # noqa: S105 - an operation's name
#: Where browsers come, which sign nothing.
_PAGES: Final = frozenset({"identity.authorize", "identity.returned"})
_BODY_BYTES: Final = 32 << 20
#: What national gateways say where a signature is not good.
_SIGNATURE: Final = "E-106"


def form_app(
    office: LocalOffice,
    *,
    form: PlatformForm,
    callers: Callers,
    clock: Callable[[], datetime],
    address: str = "",
    hosts: Iterable[str] = ("localhost", "127.0.0.1"),
    around: Callable[[App], App] = lambda app: app,
    parts: Iterable[Part] = (),
) -> App:
    """An office behind the interfaces of a platform: those that its form names, and no others.

    Beside them are the pages of the office's identity provider, ``/health`` and ``/metrics``. A caller's account at
    the services is its id, and the account's secret one of the caller's.

    Args:
        address: Put before the paths of files.
        parts: What else it serves, each below its own path.
        around: Put around it where requests have the paths of services, such as faults.
    """
    desk = _desk(form, callers, clock)
    dialects = Mounted(_apps(office, form, callers, clock, address=address), fallback=_nothing_here, whole_paths=True)
    own: App = dialects if not form.gateway else _signed(dialects, form, callers, clock, desk)
    app = around(assembled(office, own=own, names=form_names(office, form), hosts=hosts, parts=parts))
    return Routed(app, desk.profile, form.services) if desk is not None else app


def form_names(office: LocalOffice, form: PlatformForm) -> OperationNames:
    """What the requests to it are called: as in our own interface, where it has the same."""
    paths: dict[str, str] = {}
    if form.license == "license_app":
        paths.update({LICENSE_APP.base + path: name for path, name in _APP_NAMES.items()})
    elif form.license:
        profile = sharing_profile(form)
        names = {service: _SHARING_NAMES.get(service, f"license.{service}") for service in profile.paths}
        paths.update({profile.path(service): name for service, name in names.items()})
    if form.identity:
        paths.update(identity_paths(identity_profile(form.identity)))
    token = built_in(form.gateway).token if form.gateway else None
    if token is not None:
        paths[token.login.path] = _TOKEN
    identity = urlsplit(office.provider.settings.issuer).path.rstrip("/")
    return OperationNames((), prefix="", identity=identity, others=VITAL_NAMES, paths=paths)


def _apps(
    office: LocalOffice, form: PlatformForm, callers: Callers, clock: Callable[[], datetime], *, address: str
) -> dict[str, App]:
    """The applications by the beginnings of their paths."""
    issuer = urlsplit(office.provider.settings.issuer)
    host = f"{issuer.scheme}://{issuer.netloc}"
    found: dict[str, App] = {}
    if form.license == "license_app":
        log_in = _log_in(callers, office)
        found[LICENSE_APP.base] = license_app(office.license, log_in=log_in, clock=clock)
    elif form.license:
        profile, authenticate = sharing_profile(form), _authenticate(callers, office)
        found[profile.base] = national_app(
            office.license, authenticate=authenticate, clock=clock, profile=profile, address=address
        )
    if form.identity:
        chosen = identity_profile(form.identity)
        pages = identity_app(
            office.identity_at, profile=chosen, applications=_applications(callers, office), clock=clock, address=host
        )
        found.update(dict.fromkeys(identity_paths(chosen), pages))
    return found


async def _nothing_here(scope: Scope, receive: Receive, send: Send) -> None:
    await send_reply(Reply(404), send)


# ---------------------------------------------------------------------- who calls


def _known(callers: Callers, name: str, secret: str) -> PlatformCaller | None:
    """The caller with this id, if this is one of its secrets."""
    caller = callers.find(name)
    given = secret.encode("utf-8", "surrogatepass")
    # compared in any case, so that time does not tell who is there
    secrets = caller.secrets if caller is not None else ("nobody's",)
    right = [compare_digest(one.encode(), given) for one in secrets]
    return caller if caller is not None and any(right) else None


def _authenticate(callers: Callers, office: LocalOffice) -> Callable[[str, str], Caller | None]:
    def found(account: str, token: str) -> Caller | None:
        caller = _known(callers, account, token)
        if caller is None or not caller.roles & {Role.USE, Role.ISSUE}:
            return None
        key = caller.public_keys[0] if caller.public_keys else None
        item = _item_of(caller, office)
        return Caller(requester=caller.department, item_code=item, operator=caller.id, public_key=key)

    return found


def _item_of(caller: PlatformCaller, office: LocalOffice) -> str:
    """The service item that an account was opened for: of the first rule for its department."""
    rules = office.license.register.access.rules()
    return next((one.item_code for one in rules if one.requester == caller.department.code), "")


def _log_in(callers: Callers, office: LocalOffice) -> Callable[[AppLogin], Caller | None]:
    def found(login: AppLogin) -> Caller | None:
        system, caller = (_known(callers, *pair) for pair in _pairs(login))
        if system is None or caller is None or not caller.roles & {Role.USE, Role.ISSUE}:
            return None
        issues = frozenset(one.code for one in office.license.types()) if Role.ISSUE in caller.roles else frozenset()
        item = _item_of(caller, office)
        return Caller(requester=caller.department, item_code=item, operator=caller.id, issues=issues)

    return found


def _applications(callers: Callers, office: LocalOffice) -> Callable[[str], KnownApplication | None]:
    """Callers as applications that sign people in: browsers come back to where those of the office's own do."""
    back = frozenset({office.client_settings().redirect_uri})

    def found(name: str) -> KnownApplication | None:
        caller = callers.find(name)
        return None if caller is None else KnownApplication(redirect_uris=back, secrets=caller.secrets)

    return found


def _pairs(login: AppLogin) -> tuple[tuple[str, str], tuple[str, str]]:
    return (login.app_key, login.app_secret), (login.account, login.password)


# ---------------------------------------------------------------------- the gateway


def _desk(form: PlatformForm, callers: Callers, clock: Callable[[], datetime]) -> SecretDesk | None:
    profile = built_in(form.gateway) if form.gateway else None
    if profile is None or profile.token is None:
        return None
    return SecretDesk(profile, callers=callers, clock=clock)


def _signed(
    dialects: App, form: PlatformForm, callers: Callers, clock: Callable[[], datetime], desk: SecretDesk | None
) -> App:
    profile = built_in(form.gateway)
    if desk is None:
        return _checked(dialects, profile, callers, clock, form=form)
    front: dict[str, App] = {profile.token.login.path: desk.app(_refusal)} if profile.token is not None else {}
    for path, service in form.services.items():
        verifier = RequestVerifier(profile, callers=desk.secrets_of(service), service=service)
        front[path] = SignedRequests(
            dialects, verifier=verifier, refusal=_refusal, clock=lambda: clock().timestamp(), max_body_bytes=_BODY_BYTES
        )
    return Mounted(front, fallback=_nothing_here, whole_paths=True)


def _checked(
    dialects: App, profile: GatewayProfile, callers: Callers, clock: Callable[[], datetime], *, form: PlatformForm
) -> App:
    pages = identity_paths(identity_profile(form.identity)) if form.identity else {}
    open_to_all = [path for path, name in pages.items() if name in _PAGES]
    return SignedRequests(
        dialects,
        verifier=RequestVerifier(profile, callers=callers),
        unsigned_paths=open_to_all,
        clock=lambda: clock().timestamp(),
        max_body_bytes=_BODY_BYTES,
    )


def _refusal(refused: RequestRefused) -> tuple[int, tuple[tuple[str, str], ...], bytes]:
    """A no of a national gateway: a code, and a text."""
    told = refused.public()
    code = _SIGNATURE if told.status == 401 else "-1"
    body = json.dumps({"code": code, "message": told.text.zh}, ensure_ascii=False).encode()
    return told.status, (("content-type", "application/json;charset=UTF-8"),), body
