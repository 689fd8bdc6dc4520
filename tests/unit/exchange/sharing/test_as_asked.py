"""A platform that answers with another case than the one that was asked for: nothing of it is handed on."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest
from pydantic import BaseModel, TypeAdapter

from egov_sdk.exchange.sharing.client import SharingClient
from egov_sdk.exchange.sharing.model import CaseState, Served
from egov_sdk.gateway import GatewayClient
from egov_sdk.gateway.errors import AnswerMalformed
from egov_sdk.storage import open_store
from tests.unit.exchange.sharing.town import COMPANY, OPEN, PURPOSE, asked, parties, town_of


def answering(answer: BaseModel | tuple[BaseModel, ...]) -> SharingClient:
    kind = type(answer) if isinstance(answer, BaseModel) else tuple[BaseModel, ...]
    body = TypeAdapter(kind).dump_json(answer, serialize_as_any=True)
    transport = httpx.MockTransport(lambda request: httpx.Response(200, content=body))
    return SharingClient(GatewayClient("https://sharing.example", transport=transport))


def refused(answer: BaseModel | tuple[BaseModel, ...], *asks: Callable[[SharingClient], object]) -> None:
    for ask in asks:
        with pytest.raises(AnswerMalformed, match="not what was asked for"):
            ask(answering(answer))


def test_another_case_than_the_one_that_was_asked_for_is_no_answer() -> None:
    with open_store("sqlite://") as store:
        town, county = town_of(store), parties().county
        case, another = town.active(), town.active()
        step = county.open(asked(), at=town.at)
        use = county.use(another, purpose=PURPOSE, at=town.at)
        assert answering(case).case(case.case_id) == case
        assert answering((case,)).cases(party=case.requester, resource=COMPANY, state=case.state, limit=1) == (case,)
        assert answering((case,)).cases(party=case.provider) == (case,)
        refused(case, lambda client: client.case(another.case_id), lambda client: client.take(step))
        refused(
            Served(case_id=case.case_id, number=1, at=town.at, records=()),
            lambda client: client.use(use),
        )
        refused(
            (case,),
            lambda client: client.cases(party=parties().platform.code),
            lambda client: client.cases(resource=OPEN),
            lambda client: client.cases(state=CaseState.REFUSED),
            lambda client: client.cases(after=case.case_id),
        )
        refused((case, another), lambda client: client.cases(limit=1))
