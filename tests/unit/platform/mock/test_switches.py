"""The switches of a served province: what they plan is what happens, and nobody else can touch them."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
import pytest

from egov_sdk.errors import PlatformError
from egov_sdk.gateway import GatewayClient, Request, in_process
from egov_sdk.gateway.errors import AnswerCutOff, ConnectFailed, TimedOut
from egov_sdk.gateway.policies import Retry, Timeouts
from egov_sdk.platform.mock.faults import Delay, Status
from egov_sdk.platform.mock.plan import When
from egov_sdk.platform.mock.switches import FAULTS, SWITCHES, fault_row, make_fault, switch_app
from egov_sdk.platform.parts import Part
from egov_sdk.testing.faults import Cut, NoAnswer, SlowBody, Unreachable
from egov_sdk.testing.province import Province
from egov_sdk.testing.server import ServedProvince

TOKEN = "of-the-test"
NUMBERS = {"status": {"status": 503}, "delay": {"seconds": 1}, "slow_body": {"seconds": 1}, "skew": {"seconds": -9}}


@dataclass
class Switched:
    province: Province
    client: httpx.Client

    def plan(self, expected: int = 201, /, **asked: object) -> Any:
        answer = self.client.post("/faults", content=json.dumps(asked))
        assert answer.status_code == expected, answer.text
        return answer.json()


@pytest.fixture
def switched() -> Iterator[Switched]:
    with Province() as province:
        app = switch_app(province.switches, token=TOKEN)
        headers = {"authorization": f"Bearer {TOKEN}"}
        with httpx.Client(transport=in_process.transport(app), base_url="http://test", headers=headers) as client:
            yield Switched(province, client)


def test_what_is_switched_on_happens_and_is_told(switched: Switched) -> None:
    number = switched.plan(operation="license.types", fault="status", status=503, after=1, times=1)["number"]
    gov = switched.province.connect(retry=Retry(attempts=1))
    assert gov.license.types()
    with pytest.raises(PlatformError):
        gov.license.types()
    (row,) = switched.client.get("/faults").json()["faults"]
    assert (row["number"], row["asked"], row["happened"], row["status"]) == (number, 2, 1, 503)
    calls = switched.client.get("/calls").json()["calls"]
    assert [(one["operation"], one["status"], one["caller"]) for one in calls] == [
        ("license.types", 200, "office"),
        ("license.types", 503, ""),
    ]


@pytest.mark.parametrize("word", FAULTS)
def test_every_fault_has_a_word_and_comes_back_as_it_was_given(switched: Switched, word: str) -> None:
    given = NUMBERS.get(word, {})
    switched.plan(operation="*", fault=word, wait_s=5, lasting_s=60, times=2, chance=0.5, seed_of_chance=7, **given)
    (row,) = switched.client.get("/faults").json()["faults"]
    assert {**row, **given} == row
    assert (row["fault"], row["operation"], row["wait_s"], row["lasting_s"]) == (word, "*", 5, 60)
    assert (row["times"], row["chance"], row["seed_of_chance"]) == (2, 0.5, 7)
    (planned,) = switched.province.switches.plan.all()
    assert fault_row(planned) == row


def test_one_or_all_are_switched_off(switched: Switched) -> None:
    one, _, _ = (switched.plan(operation="*", fault="cut")["number"] for _ in range(3))
    assert switched.client.delete(f"/faults/{one}").status_code == 204
    assert switched.client.delete(f"/faults/{one}").status_code == 404
    assert len(switched.client.get("/faults").json()["faults"]) == 2
    assert switched.client.delete("/faults").status_code == 204
    assert switched.province.switches.plan.all() == ()


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer x", f"bearer {TOKEN}", f"Bearer {TOKEN}x", "Bearer \xff"])
@pytest.mark.parametrize(("method", "path"), [("GET", "/faults"), ("POST", "/faults"), ("DELETE", "/faults")])
def test_nobody_without_the_token_sees_or_moves_a_switch(
    switched: Switched, header: str, method: str, path: str
) -> None:
    given = {b"authorization": header.encode("latin-1")}
    answer = switched.client.request(method, path, headers=given, content=b'{"operation":"*","fault":"cut"}')
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert switched.province.switches.plan.all() == ()


def test_an_empty_token_is_none() -> None:
    with Province() as province, pytest.raises(ValueError, match="token"):
        switch_app(province.switches, token="")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b'{"operation":"*"',
        b'{"operation":"*","fault":"cut","fault":"cut"}',
        b'{"operation":"*","fault":"flood"}',
        b'{"operation":"license.nothing","fault":"cut"}',
        b'{"operation":"*","fault":["cut"]}',
        b'{"operation":"*","fault":"status"}',
        b'{"operation":"*","fault":"status","status":200}',
        b'{"operation":"*","fault":"status","status":1e999}',
        b'{"operation":"*","fault":"status","status":true}',
        b'{"operation":"*","fault":"status","status":"503"}',
        b'{"operation":"*","fault":"cut","seconds":3}',
        b'{"operation":"*","fault":"delay","seconds":1e9}',
        b'{"operation":"*","fault":"delay","seconds":NaN}',
        b'{"operation":"*","fault":"cut","times":0}',
        b'{"operation":"*","fault":"cut","chance":2}',
        b'{"operation":"*","fault":"cut","wait_s":1e300}',
        b'{"operation":"*","fault":"cut","after":-1}',
    ],
)
def test_what_cannot_be_planned_is_refused_and_changes_nothing(switched: Switched, body: bytes) -> None:
    answer = switched.client.post("/faults", content=body)
    assert (answer.status_code, bool(answer.json()["message"])) == (400, True)
    assert switched.province.switches.plan.all() == ()


def test_nobody_fills_the_memory_with_plans(switched: Switched) -> None:
    for _ in range(200):
        switched.province.switches.switch_on("*", Status(500), when=When(wait=timedelta(days=1)))
    assert "200" in switched.plan(400, operation="*", fault="cut")["message"]
    assert switched.client.post("/faults", content=b"x" * (65 << 10)).status_code == 413


@pytest.mark.parametrize(
    ("method", "path"), [("PUT", "/faults"), ("GET", "/faults/1"), ("DELETE", "/calls"), ("GET", "/")]
)
def test_there_is_nothing_else(switched: Switched, method: str, path: str) -> None:
    assert switched.client.request(method, path).status_code == 404


def test_faults_are_made_by_their_words() -> None:
    assert make_fault("delay", {"seconds": 2}) == Delay(2)
    assert make_fault("status", {"status": 503, "retry_after_s": 4}) == Status(503, 4)
    with pytest.raises(ValueError, match="delay needs seconds"):
        make_fault("delay", {})


def test_the_switches_can_be_a_part_of_a_province() -> None:
    with Province() as province:
        part = Part(name="switches", path=SWITCHES, app=switch_app(province.switches, token=TOKEN))
        assert part.path == "/switches"


# ---------------------------------------------------------------------- over a socket


@pytest.fixture(scope="module")
def served() -> Iterator[ServedProvince]:
    with ServedProvince() as made:
        yield made


@pytest.mark.parametrize(
    ("fault", "expected"),
    [(Unreachable(), (ConnectFailed, AnswerCutOff)), (Cut(), (AnswerCutOff,)), (NoAnswer(), (TimedOut,))],
    ids=["unreachable", "cut", "no_answer"],
)
def test_a_connection_really_breaks(served: ServedProvince, fault: Any, expected: tuple[type[Exception], ...]) -> None:
    served.fail("platform.health", fault, times=1)
    hasty = GatewayClient(served.url, retry=Retry(attempts=1), timeouts=Timeouts(read_s=0.3))
    with hasty as gateway, pytest.raises(expected):
        gateway.request(Request("GET", "/health"))
    with GatewayClient(served.url) as patient:
        assert patient.request(Request("GET", "/health")).status == 200


@pytest.mark.parametrize("fault", [Delay(0.2), SlowBody(0.2)], ids=repr)
def test_a_delay_is_real_where_programs_have_clocks_of_their_own(served: ServedProvince, fault: Any) -> None:
    served.fail("platform.health", fault, times=1)
    begun = time.monotonic()
    assert httpx.get(f"{served.url}/health", timeout=60).status_code == 200
    assert time.monotonic() - begun > 0.15
