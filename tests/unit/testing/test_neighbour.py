"""A province exchanges messages with another department: over the same clients as the other services."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from egov_sdk.errors import PlatformRejected
from egov_sdk.exchange.node import Draft
from egov_sdk.exchange.node.model import MessageState
from egov_sdk.exchange.node.problems import NodeRejected
from egov_sdk.exchange.node.transport import HttpTransport
from egov_sdk.gateway import GatewayClient
from egov_sdk.testing.province import Province
from egov_sdk.testing.world import OTHER


@pytest.fixture
def province() -> Iterator[Province]:
    with Province() as made:
        yield made


def draft(province: Province, **more: Any) -> Draft:
    given: dict[str, Any] = {"to": province.neighbour.party, "content": b'{"n":1}', "content_type": "application/json"}
    return Draft(**(given | {"service": "share", "purpose": "核验", "basis": ("政务数据共享条例",)} | more))


def test_a_message_is_delivered_handled_and_receipted(province: Province) -> None:
    asked = list[bytes]()
    province.neighbour.node.handler("share")(lambda _connection, arrived: asked.append(arrived.envelope.content))
    exchange = province.connect().exchange
    record = exchange.send(draft(province))
    assert (record.state, exchange.receipt(record.number)) == (MessageState.QUEUED, None)
    assert province.settle() > 0
    assert exchange.find(record.number).state is MessageState.DONE
    assert asked == [b'{"n":1}']
    assert province.neighbour.party.code == OTHER.code
    assert province.saw("exchange.send").asking({"draft.purpose": "核验"}).once()


def test_a_receipt_is_ready_at_the_third_poll(province: Province) -> None:
    province.neighbour.node.handler()(lambda _connection, _arrived: None)
    exchange = province.connect().exchange
    record = exchange.send(draft(province))
    province.happens(province.settle, after="exchange.receipt", polls=2)
    assert [exchange.receipt(record.number) is None for _ in range(3)] == [True, True, False]


def test_tasks_exchange_as_well(province: Province) -> None:
    async def sent() -> MessageState:
        async with province.connect_async() as gov:
            record = await gov.exchange.send(draft(province))
            return (await gov.exchange.find(record.number)).state

    assert asyncio.run(sent()) is MessageState.QUEUED


def test_only_programs_that_speak_for_the_office_exchange_in_its_name(province: Province) -> None:
    with pytest.raises(PlatformRejected) as caught:
        province.connect("hall").exchange.send(draft(province))
    assert caught.value.status == 403
    assert province.office.exchange.messages() == ()


def test_a_province_that_knows_nobody_refuses_and_says_so(province: Province) -> None:
    party = province.neighbour.party
    province.office.node.meet([])
    with pytest.raises(NodeRejected) as caught:
        province.connect().exchange.send(draft(province, to=party))
    assert caught.value.problem == "node.partner_unknown"


def test_the_nodes_of_others_hand_over_their_messages_to_the_province(province: Province) -> None:
    got = list[bytes]()
    province.office.node.handler()(lambda _connection, arrived: got.append(arrived.envelope.content))
    neighbour = province.neighbour
    with GatewayClient(province.address, transport=province.transport()) as gateway:
        neighbour.node.connect(province.office.secrets.code, HttpTransport(gateway))
        number = neighbour.office.exchange.send(draft(province, to=province.office.node.desk.identity.party)).number
        province.settle()
    assert got == [b'{"n":1}']
    assert neighbour.office.exchange.find(number).state is MessageState.DONE
    assert province.saw("exchange.parcels").answered(200).at_least(1)
