"""One service, three places where it can live, the same methods everywhere."""

from __future__ import annotations

from typing import Protocol

import pytest

from tests.house.twins import families, twin_problems


def test_every_service_is_offered_alike_by_its_client_its_async_client_and_its_local_self() -> None:
    assert [problem for protocol, twins in families() for problem in twin_problems(protocol, twins)] == []


class PlantedService(Protocol):
    """Offer two things."""

    @property
    def name(self) -> str: ...
    def get(self, number: str, *, tries: int = 3) -> bytes: ...


class GoodLocal:
    @property
    def name(self) -> str:
        return "good"

    def get(self, number: str, *, tries: int = 3) -> bytes:
        return b""

    def _help(self) -> None: ...


class GoodAsync:
    @property
    def name(self) -> str:
        return "good"

    async def get(self, number: str, *, tries: int = 3) -> bytes:
        return b""


class OtherDefault(GoodLocal):
    def get(self, number: str, *, tries: int = 5) -> bytes:
        return b""


class OtherName(GoodLocal):
    def get(self, no: str, *, tries: int = 3) -> bytes:
        return b""


class Positional(GoodLocal):
    def get(self, number: str, tries: int = 3) -> bytes:
        return b""


class OtherAnswer(GoodLocal):
    def get(self, number: str, *, tries: int = 3) -> bytearray:  # type: ignore[override]  # the mistake planted here
        return bytearray()


class More(GoodLocal):
    def put(self) -> None: ...


class Less:
    @property
    def name(self) -> str:
        return "less"


@pytest.mark.parametrize(
    ("twin", "expected"),
    [
        (OtherDefault, "tries: 'int' = 5"),
        (OtherName, "no: 'str'"),
        (Positional, "(self, number: 'str', tries"),
        (OtherAnswer, "bytearray"),
        (More, "LocalPlantedService.put is not in PlantedService"),
        (Less, "LocalPlantedService lacks get"),
        (GoodAsync, "must not be awaited"),
        (None, "PlantedService has no LocalPlantedService"),
    ],
)
def test_a_planted_unlike_twin_is_found(twin: type | None, expected: str) -> None:
    found = twin_problems(PlantedService, {"LocalPlantedService": twin})
    assert len(found) == 1
    assert expected in found[0]


def test_a_planted_client_that_is_not_awaited_is_found() -> None:
    found = twin_problems(PlantedService, {"AsyncPlantedClient": GoodLocal})
    assert found == ["AsyncPlantedClient.get must be awaited"]


def test_planted_twins_that_are_alike_are_left_alone() -> None:
    twins: dict[str, type | None] = {"LocalPlantedService": GoodLocal, "AsyncPlantedClient": GoodAsync}
    assert twin_problems(PlantedService, twins) == []
