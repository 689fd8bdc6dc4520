"""What nobody expected: a plain page with a number, and nothing of what is inside."""

from __future__ import annotations

import logging
import re

import pytest

from egov_sdk.platform.console import verifying
from egov_sdk.platform.console.staff import StaffRegister
from egov_sdk.platform.powers import Power
from tests.console_world import ConsoleWorld

SECRET = "inner words of the failure"


def breaks(*_: object, **__: object) -> None:
    raise RuntimeError(SECRET)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_page_that_breaks_shows_a_number_and_no_more(
    world: ConsoleWorld, lang: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    client = world.signed_in(Power.ADMIN)
    client.get(f"/console/?lang={lang}")
    monkeypatch.setattr(StaffRegister, "all", breaks)
    with caplog.at_level(logging.ERROR, "egov_sdk.platform"):
        answer = client.get("/console/staff")
    assert answer.status_code == 500
    assert "egov.platform.console.failed" in answer.text
    assert not re.search(f"{SECRET}|RuntimeError|Traceback|\\.py", answer.text)
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    (record,) = (one for one in caplog.records if one.name == "egov_sdk.platform")
    number = re.search(r"([0-9a-f]{12}) failed", record.getMessage())
    assert number is not None
    assert number[1] in answer.text
    assert record.exc_info is not None
    monkeypatch.undo()
    assert client.get("/console/staff").status_code == 200


def test_the_public_page_breaks_alike(world: ConsoleWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verifying, "judge_code", breaks)
    answer = world.client().post("/verify", data={"code": "anything"})
    assert answer.status_code == 500
    assert "egov.platform.console.failed" in answer.text
    assert SECRET not in answer.text
    assert world.client().get("/verify").status_code == 200


def test_a_refusal_is_no_failure(world: ConsoleWorld, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR, "egov_sdk.platform"):
        assert world.signed_in(Power.ADMIN).get("/console/people").status_code == 403
    assert [one for one in caplog.records if one.name == "egov_sdk.platform"] == []
