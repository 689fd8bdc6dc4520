"""What a province says to anybody who comes to it."""

from __future__ import annotations

import httpx
import pytest

from egov_sdk.gateway import in_process
from egov_sdk.platform.app import province_app
from egov_sdk.platform.callers import CallerBook
from egov_sdk.testing.clock import Clock
from egov_sdk.testing.world import seeded_office
from tests.console_world import ConsoleWorld


def test_a_browser_that_comes_to_the_province_itself_is_sent_to_the_public_page() -> None:
    with ConsoleWorld() as world, world.client() as client:
        answer = client.get("/")
        assert (answer.status_code, answer.headers["location"]) == (303, "/verify")
        assert answer.headers["x-frame-options"] == "DENY"
        assert client.head("/").status_code == 303
        assert client.get("/", headers={"host": "evil.example"}).status_code == 400


@pytest.mark.parametrize("path", ["/", "/egov/v1/openapi.json"])
def test_a_province_without_pages_sends_nobody_anywhere(path: str) -> None:
    clock = Clock()
    office = seeded_office(clock)
    app = province_app(office, callers=CallerBook([]), clock=clock)
    with httpx.Client(transport=in_process.transport(app), base_url="http://localhost") as client:
        assert client.get(path).status_code == (401 if path == "/" else 200)
    office.close()
