"""One contract for the four services in every place that a program can be connected to."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from egov_sdk.door import Gov, connect
from egov_sdk.door.over import async_gov_over
from egov_sdk.gateway import AsyncGatewayClient, in_process
from egov_sdk.platform.app import PREFIX, PROFILES
from egov_sdk.platform.neighbour import Neighbour, secrets_beside
from egov_sdk.platform.seeding import seed_office
from egov_sdk.testing.clock import START, Clock
from egov_sdk.testing.people import PASSWORD
from egov_sdk.testing.province import Province
from egov_sdk.testing.server import ServedProvince
from egov_sdk.testing.world import OTHER, neighbour_secrets, seeded_office, seeded_secrets
from tests.contracts.gov import Awaited, GovContract, Place
from tests.postgres import running_server

#: Over sockets one way of signing says whether sockets change anything; the others are tried in process.
SERVED = ("egov-sm2", "tif")
PLACES = (
    *("local", "mock", "postgresql", "tasks in this process"),
    *(f"province {name}" for name in PROFILES),
    *(f"tasks at province {name}" for name in PROFILES),
    *(f"served {name}" for name in SERVED),
    "tasks at served egov-sm2",
)


@contextmanager
def own(where: str, folder: Path) -> Iterator[Place]:
    """An office of one's own, connected to as programs do."""
    clock = Clock()
    keys = str(folder / "keys.json")
    (folder / "keys.json").write_bytes(seeded_secrets().to_json())
    given = {} if where == "mock:" else {"keys": keys}
    with connect(where, environment={}, clock=clock, **given) as gov:  # type: ignore[arg-type]  # one text
        yield from place_of(gov, clock)


def place_of(gov: Gov, clock: Clock) -> Iterator[Place]:
    office = gov.office
    assert office is not None
    office._fast_passwords = True  # before the provider is made
    seed_office(office, password=PASSWORD, at=START)
    secrets = secrets_beside(office.secrets, OTHER)
    with Neighbour(office, secrets=lambda: secrets, clock=clock) as neighbour:
        yield Place(gov, gov, office, clock, neighbour)


@contextmanager
def tasks_in_process() -> Iterator[Place]:
    clock = Clock()
    office = seeded_office(clock)
    with asyncio.Runner() as runner, Neighbour(office, secrets=neighbour_secrets, clock=clock) as neighbour:
        transport = in_process.async_transport(office.app(prefix=PREFIX))
        gateway = AsyncGatewayClient("http://localhost", transport=transport)
        inner = async_gov_over(
            gateway, name="here", prefix=PREFIX, identity=office.client_settings, clock=clock, office=office
        )
        gov = Awaited(inner, runner)
        yield Place(gov, gov, office, clock, neighbour)
        runner.run(inner.close())


@contextmanager
def at(province: Province) -> Iterator[Place]:
    with province:
        gov, hall = province.connect("office"), province.connect("hall")
        yield Place(gov, hall, province.office, province.clock, province.neighbour)
        province.assert_known_routes()


@contextmanager
def tasks_at(province: Province) -> Iterator[Place]:
    with province, asyncio.Runner() as runner:
        inner = [province.connect_async(caller) for caller in ("office", "hall")]
        gov, hall = (Awaited(one, runner) for one in inner)
        yield Place(gov, hall, province.office, province.clock, province.neighbour)
        for one in inner:
            runner.run(one.close())
        province.assert_known_routes()


@pytest.fixture(scope="module", params=PLACES)
def place(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    name, folder = str(request.param), tmp_path_factory.mktemp("office")
    profile = name.rpartition(" ")[2]
    with ExitStack() as stack:
        made: Any
        if name == "local":
            made = own(f"local:{folder}", folder)
        elif name == "mock":
            made = own("mock:", folder)
        elif name == "postgresql":
            made = own(f"local:{stack.enter_context(running_server()).place()}", folder)
        elif name == "tasks in this process":
            made = tasks_in_process()
        elif name.startswith("tasks"):
            made = tasks_at(ServedProvince(profile=profile) if "served" in name else Province(profile=profile))
        else:
            made = at(ServedProvince(profile=profile) if "served" in name else Province(profile=profile))
        yield stack.enter_context(made)


class TestEverywhere(GovContract):
    """In files and databases, in memory, and at provinces of every profile, for threads and for tasks."""
