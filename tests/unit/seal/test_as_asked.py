"""A platform of seals that answers with another seal than the one that was asked for: nothing of it is handed on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import httpx
import pytest
from pydantic import BaseModel, TypeAdapter

from egov_sdk.gateway import GatewayClient
from egov_sdk.gateway.errors import AnswerMalformed
from egov_sdk.seal.client import SealClient
from egov_sdk.seal.records import SealAction, SealOwner, SealRecord, SealRequest, SealState, SealUse
from tests.world import NOW

OWNER = SealOwner(name="某局", code="11220000013544541J")
SEAL = SealRecord(
    seal_id="S1",
    name="某局",
    owner=OWNER,
    state=SealState.VALID,
    valid_from=NOW,
    valid_to=NOW,
    made_at=NOW,
    changed_at=NOW,
    file=b"seal",
)
USE = SealUse(seal_id="S1", action=SealAction.MAKE, at=NOW)


def answering(answer: BaseModel | tuple[BaseModel, ...]) -> SealClient:
    body = TypeAdapter(type(answer) if isinstance(answer, BaseModel) else tuple[BaseModel, ...]).dump_json(
        answer,
        serialize_as_any=True,
    )
    transport = httpx.MockTransport(lambda request: httpx.Response(200, content=body))
    return SealClient(GatewayClient("https://seals.example", transport=transport))


@pytest.mark.parametrize(
    ("answer", "asked", "another"),
    [
        (SEAL, lambda client: client.find("S1"), lambda client: client.find("S2")),
        (
            SEAL,
            lambda client: client.act("S1", SealAction.REVOKE, reason="x"),
            lambda client: client.act("S2", SealAction.REVOKE, reason="x"),
        ),
        ((SEAL,), lambda client: client.seals(owner_code=OWNER.code), lambda client: client.seals(owner_code="X")),
        ((USE,), lambda client: client.uses("S1"), lambda client: client.uses("S2")),
        ((USE, USE), lambda client: client.uses("S1"), lambda client: client.uses("S1", limit=1)),
        (
            SEAL,
            lambda client: client.make(SealRequest(name="某局", owner=OWNER)),
            lambda client: client.make(SealRequest(name="某局", owner=OWNER, seal_id="S2")),
        ),
        (
            SEAL,
            lambda client: client.make(SealRequest(name="某局", owner=OWNER, seal_id="S1")),
            lambda client: client.make(SealRequest(name="某局", owner=SealOwner(name="他局"))),
        ),
    ],
)
def test_another_seal_than_the_one_that_was_asked_for_is_no_answer(
    answer: SealRecord | tuple[SealUse, ...],
    asked: Callable[[SealClient], object],
    another: Callable[[SealClient], object],
) -> None:
    assert asked(answering(answer)) == answer
    with pytest.raises(AnswerMalformed, match="not what was asked for"):
        another(answering(answer))


def test_a_report_as_of_another_time_is_no_answer() -> None:
    report = {"form": 1, "subject": "s", "policy": "p", "required": [], "checks": [], "verified_at": NOW.isoformat()}
    transport = httpx.MockTransport(lambda request: httpx.Response(200, json=report))
    client = SealClient(GatewayClient("https://seals.example", transport=transport))
    assert client.verify(b"x", at=NOW).verified_at == NOW
    with pytest.raises(AnswerMalformed, match="another time"):
        client.verify(b"x", at=NOW + timedelta(days=1))
