"""What schemathesis makes of our OpenAPI document, good questions and bad ones: no answer is a failure of the platform.

Each question is signed as a caller with every role would sign it, after it was made: what is tried lies behind the
signature.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable

from egov_sdk.gateway import Credentials, in_process
from egov_sdk.gateway.profiles import built_in
from egov_sdk.gateway.signing import Signable, sign
from egov_sdk.platform import CallerBook, province_app
from egov_sdk.platform.interface import operations_of
from egov_sdk.testing.clock import Clock
from egov_sdk.testing.world import seeded_callers, seeded_office

schemathesis = pytest.importorskip("schemathesis", reason="schemathesis is not installed")
requests = pytest.importorskip("requests")

CLOCK = Clock()
BASE = "http://localhost"
PROFILE = built_in("egov-sm2")
CREDENTIALS = Credentials("office", signer=seeded_callers()["office"].key)
NAMES = tuple(one.name for one in operations_of(seeded_office(CLOCK)))
MODES = tuple(schemathesis.GenerationMode)


@pytest.fixture(scope="module")
def web() -> Iterator[httpx.Client]:
    callers = CallerBook(one.caller for one in seeded_callers().values())
    app = province_app(seeded_office(CLOCK), callers=callers, clock=CLOCK)
    with httpx.Client(transport=in_process.transport(app), base_url=BASE) as client:
        yield client


@pytest.fixture(scope="module")
def operations(web: httpx.Client) -> dict[str, Any]:
    document = schemathesis.openapi.from_dict(web.get("/egov/v1/openapi.json").json())
    found = [one.ok() for one in document.get_all_operations()]
    return {one.definition.raw["operationId"]: one for one in found}


def signed(case: Any) -> httpx.Request:
    """The question as it goes over the wire."""
    made = requests.Request(**case.as_transport_kwargs(base_url=BASE)).prepare()
    parts = urlsplit(made.url)
    body = made.body.encode() if isinstance(made.body, str) else made.body or b""
    part = Signable(method=made.method, path=parts.path, query=parts.query, body=body)
    fields = sign(part, profile=PROFILE, credentials=CREDENTIALS, at=CLOCK.seconds()).fields
    kept = {name: value for name, value in made.headers.items() if name.lower() == "content-type"}
    return httpx.Request(made.method, made.url, headers={**kept, **dict(fields)}, content=body)


@pytest.mark.parametrize("mode", MODES, ids=lambda mode: mode.value)
@pytest.mark.parametrize("name", NAMES)
def test_no_question_makes_the_platform_fail(
    web: httpx.Client, operations: dict[str, Any], name: str, mode: Any
) -> None:
    @settings(max_examples=6, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(case=operations[name].as_strategy(generation_mode=mode))
    def ask(case: Any) -> None:
        answer = web.send(signed(case))
        assert answer.status_code < 500, (answer.status_code, answer.text)
        assert answer.status_code != 401, answer.text
        assert "Traceback" not in answer.text
        if answer.status_code >= 400 and answer.headers.get("content-type", "").startswith("application/json"):
            told = json.loads(answer.content)
            assert told["code"].startswith("egov."), told

    try:
        ask()
    except Unsatisfiable:
        # such as a question without members, or whose only member is any text
        pytest.skip("there is no such question")
