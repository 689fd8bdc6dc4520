"""A province that misbehaves when it is told to, to be served to programs in any language (模拟省级平台)."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from egov_sdk.door.platforms import PLATFORMS
from egov_sdk.gateway.profiles import built_in
from egov_sdk.platform.app import PROFILES, province_app, province_names
from egov_sdk.platform.dialects import form_app, form_names
from egov_sdk.platform.mock.attended import Attended
from egov_sdk.platform.mock.breaking import breaking, breaking_protocol
from egov_sdk.platform.mock.calls import CallLog
from egov_sdk.platform.mock.faults import SKEW_S, Site
from egov_sdk.platform.mock.plan import FaultPlan
from egov_sdk.platform.mock.switches import SWITCHES, Switchboard, switch_app
from egov_sdk.platform.parts import Part
from egov_sdk.platform.serving import make_server

if TYPE_CHECKING:
    from egov_sdk.door.office import LocalOffice
    from egov_sdk.gateway.asgi import App
    from egov_sdk.gateway.profile import GatewayProfile
    from egov_sdk.platform.callers import Callers
    from egov_sdk.platform.standing import Standing

__all__ = ["MOCK_PROFILES", "mock_app", "serve_mock", "standing_mock", "switchboard"]

#: How a mock can be spoken to: our own interface, signed in one of these ways; or a platform's own interfaces.
MOCK_PROFILES: Final = (*PROFILES, *PLATFORMS)
_CALLS: Final = 10_000


def switchboard(office: LocalOffice, *, profile: str, clock: Callable[[], datetime]) -> Switchboard:
    """The switches of a mock, for ``mock_app`` and the console."""
    form = PLATFORMS.get(profile)
    names = province_names(office) if form is None else form_names(office, form)
    return Switchboard(names, FaultPlan(clock), CallLog(most=_CALLS), _signed(profile))


def _signed(profile: str) -> GatewayProfile | None:
    """How callers sign; None where they do not."""
    form = PLATFORMS.get(profile)
    signed = profile if form is None else form.gateway
    return built_in(signed) if signed else None


def mock_app(
    office: LocalOffice,
    *,
    callers: Callers,
    clock: Callable[[], datetime],
    profile: str,
    switches: Switchboard,
    token: str,
    parts: Iterable[Part] = (),
) -> App:
    """An office as a province that can be broken; serve it with ``serve_mock``.

    Delays take real time, and connections really break. One process serves it: what is planned lies in its memory.

    Args:
        profile: One of MOCK_PROFILES.
        token: Opens the switches, which are at ``/switches``.
        parts: What else it serves; nothing goes wrong with these.
    """
    beside = (Part(name="switches", path=SWITCHES, app=switch_app(switches, token=token)), *parts)
    form = PLATFORMS.get(profile)

    def around(app: App) -> App:
        site = Site(clock, asyncio.sleep, switches.profile)
        return Attended(
            app,
            names=switches.names,
            faults=switches.plan,
            calls=switches.log,
            site=site,
            beside=tuple(one.path for one in beside),
        )

    def skewed() -> datetime:
        return clock() + timedelta(seconds=SKEW_S.get())

    if form is not None:
        app = form_app(office, form=form, callers=callers, clock=skewed, around=around, parts=beside)
    else:
        app = around(province_app(office, callers=callers, clock=skewed, profile=profile, parts=beside))
    return breaking(app)


def standing_mock(standing: Standing, *, profile: str, token: str, clock: Callable[[], datetime]) -> App:
    """A province that stays, as a mock with its console."""
    _ = standing.office.identity  # the office's own application can sign people in
    switches = switchboard(standing.office, profile=profile, clock=clock)
    return mock_app(
        standing.office,
        callers=standing.callers,
        clock=clock,
        profile=profile,
        switches=switches,
        token=token,
        parts=standing.console(switches=switches),
    )


def serve_mock(app: App, *, host: str = "127.0.0.1", port: int) -> None:
    """Serve a mock until somebody ends it.

    Raises:
        OSError: the port cannot be had.
    """
    with socket.create_server((host, port)) as listening:
        make_server(app, http=breaking_protocol()).run(sockets=[listening])
