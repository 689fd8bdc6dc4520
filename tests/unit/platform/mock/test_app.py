"""A mock as it is served: its switches break what they name, and neither themselves nor the console."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from egov_sdk.door.platforms import PLATFORMS
from egov_sdk.gateway import in_process
from egov_sdk.platform.callers import CallerBook
from egov_sdk.platform.mock.app import MOCK_PROFILES, mock_app, switchboard
from egov_sdk.platform.mock.faults import Status
from egov_sdk.platform.mock.plan import ALWAYS
from egov_sdk.platform.mock.switches import Switchboard
from egov_sdk.platform.parts import Part
from egov_sdk.testing.clock import Clock
from egov_sdk.testing.world import seeded_callers, seeded_office

TOKEN = "of-the-test"


@dataclass
class Mock:
    web: httpx.Client
    switches: Switchboard
    clock: Clock


async def hello(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"hello"})


@pytest.fixture(params=MOCK_PROFILES)
def mock(request: pytest.FixtureRequest) -> Iterator[Mock]:
    clock = Clock()
    office = seeded_office(clock)
    switches = switchboard(office, profile=request.param, clock=clock)
    app = mock_app(
        office,
        callers=CallerBook(one.caller for one in seeded_callers().values()),
        clock=clock,
        profile=request.param,
        switches=switches,
        token=TOKEN,
        parts=[Part(name="console", path="/console", app=hello)],
    )
    with httpx.Client(transport=in_process.transport(app), base_url="http://localhost") as web:
        yield Mock(web, switches, clock)
    office.close()


def test_what_is_switched_on_breaks_all_but_the_switches_and_the_console(mock: Mock) -> None:
    assert mock.web.get("/health").status_code == 200
    mock.switches.switch_on("*", Status(503), when=ALWAYS)
    bearer = {"authorization": f"Bearer {TOKEN}"}
    found = [mock.web.get(path, headers=bearer).status_code for path in ("/health", "/console", "/switches/faults")]
    assert found == [503, 200, 200]
    assert mock.web.get("/switches/faults").status_code == 401
    calls = mock.web.get("/switches/calls", headers=bearer).json()["calls"]
    assert [(one["operation"], one["status"]) for one in calls] == [("platform.health", 200), ("platform.health", 503)]
    assert mock.web.delete("/switches/faults", headers=bearer).status_code == 204
    assert mock.web.get("/health").status_code == 200


def test_an_answer_says_what_time_it_is_there(mock: Mock) -> None:
    assert mock.web.get("/health").headers["date"] == "Mon, 01 Jun 2026 01:30:00 GMT"
    assert mock.web.get("/console").headers["date"] == "Mon, 01 Jun 2026 01:30:00 GMT"


def test_only_what_a_platform_offers_is_there(mock: Mock, request: pytest.FixtureRequest) -> None:
    own = mock.web.get("/egov/v1/openapi.json").status_code
    assert (own == 200) is (request.node.callspec.params["mock"] not in PLATFORMS)


def test_hosts_of_others_are_refused(mock: Mock) -> None:
    assert mock.web.get("/health", headers={"host": "evil.example"}).status_code == 400
