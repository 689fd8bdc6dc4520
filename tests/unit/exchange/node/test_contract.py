from __future__ import annotations

import asyncio
import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from inspect import iscoroutinefunction, signature
from pathlib import Path
from typing import Any, cast

import httpx
import pytest

from egov_sdk.errors import PlatformRejected
from egov_sdk.exchange.node.client import AsyncExchangeClient, ExchangeClient
from egov_sdk.exchange.node.local import LocalExchangeService
from egov_sdk.exchange.node.model import MessageState
from egov_sdk.exchange.node.node import ExchangeNode
from egov_sdk.exchange.node.service import ExchangeService
from egov_sdk.exchange.node.serving import offers, partner_app
from egov_sdk.exchange.node.transport import HttpTransport
from egov_sdk.gateway import AsyncGatewayClient, GatewayClient, in_process
from egov_sdk.gateway.policies import Retry
from egov_sdk.gateway.serving import OperationApp
from tests.contracts.exchange import ContractTown, ExchangeContract
from tests.exchange_world import Town
from tests.postgres import Server

_ONCE = Retry(attempts=1)


@contextmanager
def over_http(node: ExchangeNode) -> Iterator[ExchangeService]:
    app = OperationApp(offers(LocalExchangeService(node)), prefix="/egov/v1")
    with GatewayClient("https://node.test", transport=in_process.transport(app), retry=_ONCE) as gateway:
        yield ExchangeClient(gateway, prefix="/egov/v1")


class Awaited:
    """An async client that is called as if it were none."""

    def __init__(self, node: ExchangeNode) -> None:
        self._app = OperationApp(offers(LocalExchangeService(node)))

    def __getattr__(self, name: str) -> Callable[..., object]:
        def call(*args: object, **named: object) -> object:
            async def run() -> object:
                transport = httpx.ASGITransport(self._app)
                async with AsyncGatewayClient("https://node.test", transport=transport, retry=_ONCE) as gateway:
                    return await getattr(AsyncExchangeClient(gateway), name)(*args, **named)

            return asyncio.run(run())

        return call


@pytest.fixture(params=["memory", "file", "postgresql", "http", "async"])
def contract(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ContractTown]:
    places: tuple[Path | str, ...] = ()
    if request.param == "file":
        places = (tmp_path / "tax.db", tmp_path / "market.db")
    elif request.param == "postgresql":
        server: Server = request.getfixturevalue("postgres")
        places = (server.place(), server.place())
    town = Town.at(*places)
    town.listen()
    if request.param == "http":
        with over_http(town.tax) as service:
            yield ContractTown(service, town)
    elif request.param == "async":
        yield ContractTown(cast("ExchangeService", Awaited(town.tax)), town)
    else:
        yield ContractTown(LocalExchangeService(town.tax), town)
    town.assert_audits_hold()
    town.close()


class TestEverywhere(ExchangeContract):
    """In memory, in a file, in PostgreSQL, and behind both clients."""


def test_both_clients_have_the_methods_of_the_service() -> None:
    names = [name for name in vars(ExchangeService) if not name.startswith("_")]
    for name in names:
        blocking, awaited = getattr(ExchangeClient, name), getattr(AsyncExchangeClient, name)
        assert signature(blocking) == signature(awaited) == signature(getattr(ExchangeService, name))
        assert iscoroutinefunction(awaited)


@contextmanager
def parcels_over_http(node: ExchangeNode, **more: Any) -> Iterator[GatewayClient]:
    app = partner_app(node.accept, **more)
    with GatewayClient(
        "https://market.test", transport=in_process.transport(app), retry=_ONCE, breaker=None
    ) as gateway:
        yield gateway


@pytest.fixture
def wired() -> Iterator[tuple[Town, GatewayClient]]:
    town = Town.at()
    town.listen()
    with parcels_over_http(town.market) as gateway:
        town.tax.connect("direct", HttpTransport(gateway))
        yield town, gateway
    town.close()


def test_parcels_go_over_http(wired: tuple[Town, GatewayClient]) -> None:
    town, _ = wired
    numbers = [town.send(number).number for number in range(5)]
    town.settle_down()
    assert town.applied == [f'{{"n":{number}}}' for number in range(5)]
    assert {town.tax.find(number).state for number in numbers} == {MessageState.DONE}


def test_attachments_go_over_http_and_go_on_after_a_cut(
    wired: tuple[Town, GatewayClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    town, _ = wired
    content, accept, left = bytes(range(256)) * 40_000, town.market._inbox._pieces.accept, [2]

    def failing(data: bytes) -> bytes:
        left[0] -= 1
        if left[0] == 0:
            raise OSError("the disk is gone for a moment")
        return accept(data)

    monkeypatch.setattr(town.market._inbox._pieces, "accept", failing)
    found = town.tax.attachments.attach("large.bin", io.BytesIO(content))
    record = town.send(1, attachments=(found,))
    town.tax.run_once()
    assert town.tax.find(record.number).state is MessageState.QUEUED
    town.settle_down()
    sink = io.BytesIO()
    town.market.attachments.save(1, "large.bin", sink)
    assert sink.getvalue() == content
    assert left[0] == -3, "after the cut three parcels of up to 15 chunks, and the manifest not again"


def test_a_node_that_takes_no_work_answers_so_and_gets_the_message_later(
    wired: tuple[Town, GatewayClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    from egov_sdk.storage import StorageBusy

    def busy(*_: object, **__: object) -> None:
        raise StorageBusy("somebody writes")

    town, _ = wired
    monkeypatch.setattr(town.market.desk.journal, "write", busy)
    record = town.send()
    town.tax.run_once()
    found = town.tax.find(record.number)
    assert (found.state, found.problem) == (MessageState.QUEUED, "egov.gateway.unavailable")
    monkeypatch.undo()
    town.watch.forward(seconds=30)
    town.settle_down()
    assert town.applied == ['{"n":1}']


@pytest.mark.parametrize(
    ("path", "method", "kind", "size", "status"),
    [
        ("/else", "POST", "application/x-ndjson", 2, 404),
        ("/exchange/parcels", "PUT", "application/x-ndjson", 2, 405),
        ("/exchange/parcels", "POST", "application/json", 2, 415),
        ("/exchange/parcels", "POST", "application/x-ndjson", 200, 413),
    ],
)
def test_what_is_no_parcel_is_turned_away(path: str, method: Any, kind: str, size: int, status: int) -> None:
    from egov_sdk.gateway import Request

    town = Town.at()
    with parcels_over_http(town.market, max_body_bytes=100) as gateway, pytest.raises(PlatformRejected) as caught:
        gateway.request(Request(method, path, body=b"{}" * (size // 2), content_type=kind))
    assert caught.value.status == status
    town.close()
