"""Harvests: page by page, from where they were stopped, of sources that say what they like."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from egov_sdk.exchange.catalog.ckan import export_ckan
from egov_sdk.exchange.catalog.dcat import export_dcat
from egov_sdk.exchange.catalog.feeds import CkanFeed, DcatFeed
from egov_sdk.exchange.catalog.harvest import Harvester
from egov_sdk.exchange.catalog.limits import CatalogLimits
from egov_sdk.exchange.catalog.model import CatalogEntry, Openness
from egov_sdk.exchange.catalog.store import LocalCatalog
from egov_sdk.exchange.catalog.tables import HARVESTS
from egov_sdk.exchange.catalog.terms import LifeCycle
from egov_sdk.gateway import GatewayClient
from egov_sdk.gateway.policies import Retry
from egov_sdk.storage.sql import select, update
from tests.unit.exchange.catalog.world import AT, BUREAU, entry

CITY, PROVINCE = "330100", "330000"
Reply = Callable[[httpx.Request], httpx.Response]


def opened(number: int, name: str = "", **changed: Any) -> CatalogEntry:
    return entry(number, name or f"资源{number}", openness=Openness(is_open=True), **changed)


class Ckan:
    """A CKAN that answers as its search does, and writes down what it was asked."""

    def __init__(self) -> None:
        self.packages: dict[str, dict[str, Any]] = {}
        self.asked: list[dict[str, str]] = []
        self.before: list[Callable[[], object]] = []

    def put(self, *entries: CatalogEntry, at: str = "2026-01-01T00:00:00") -> None:
        feed = json.loads(export_ckan(entries))
        for package in feed["result"]["results"]:
            self.packages[package["name"]] = {**package, **({"metadata_modified": at} if at else {})}

    def __call__(self, request: httpx.Request) -> httpx.Response:
        asked = dict(request.url.params)
        self.asked.append(asked)
        if self.before:
            self.before.pop(0)()
        since = asked.get("fq", "").removeprefix("metadata_modified:[").removesuffix("Z TO *]")
        found = [one for one in self.packages.values() if one.get("metadata_modified", "") >= since]
        found.sort(key=lambda one: (one.get("metadata_modified", ""), one["name"]))
        start, rows = int(asked["start"]), int(asked["rows"])
        return httpx.Response(
            200, json={"success": True, "result": {"count": len(found), "results": found[start : start + rows]}}
        )


class World:
    """A source behind a gateway, and the catalogue that it is harvested into."""

    def __init__(self, catalog: LocalCatalog) -> None:
        self.catalog, self.reply = catalog, Ckan()
        self.clients: list[GatewayClient] = []

    def gateway(self, reply: Reply) -> GatewayClient:
        client = GatewayClient(
            "https://city.test", transport=httpx.MockTransport(reply), retry=Retry(attempts=1), breaker=None
        )
        self.clients.append(client)
        return client

    def ckan(self, *, rows: int = 3, reply: Reply | None = None, **more: Any) -> Harvester:
        feed = CkanFeed(self.gateway(reply or self.reply), rows=rows, limits=more.pop("limits", CatalogLimits()))
        return Harvester(self.catalog, feed, me=PROVINCE, source=CITY, **more)

    def dcat(self, reply: Reply, *, paged: bool = False, **more: Any) -> Harvester:
        feed = DcatFeed(
            self.gateway(reply), "/catalog.ttl", form="turtle", paged=paged, limits=more.pop("limits", CatalogLimits())
        )
        return Harvester(self.catalog, feed, me=PROVINCE, source=CITY, **more)

    def names(self) -> list[str]:
        return sorted(one.name for one in self.catalog.published())

    def state(self) -> dict[str, Any]:
        with self.catalog.store.read() as connection:
            return dict(connection.execute(select(HARVESTS)).mappings().one())


@pytest.fixture
def world(catalog: LocalCatalog) -> Iterator[World]:
    made = World(catalog)
    yield made
    for client in made.clients:
        client.close()


def turtle(*entries: CatalogEntry) -> bytes:
    return export_dcat(entries, base="https://city.test/", title="t", description="d", publisher=BUREAU).data


# ---------------------------------------------------------------------- CKAN


def test_a_source_is_harvested_page_by_page_as_another_s(world: World) -> None:
    world.reply.put(*(opened(number) for number in range(1, 8)))
    found = world.ckan().run()
    assert (found.entries >= 7, found.added, found.finished, found.problem) == (True, 7, True, "")
    assert world.names() == [f"资源{number}" for number in range(1, 8)]
    stored = world.catalog.get(opened(1).code)
    assert (stored.state, stored.origin) == (LifeCycle.PUBLISHED, CITY)
    assert stored.entry.openness.is_open is True


def test_only_what_has_changed_is_asked_for_the_next_time(world: World) -> None:
    world.reply.put(*(opened(number) for number in range(1, 5)))
    harvester = world.ckan(rows=100)
    harvester.run()
    world.reply.put(opened(2, "改名"), at="2026-02-02T00:00:00.123456")
    found = harvester.run()
    assert world.reply.asked[-1]["fq"] == "metadata_modified:[2026-01-01T00:00:00Z TO *]"
    assert (found.changed, found.added) == (1, 0)
    assert world.state()["watermark"] == "2026-02-02T00:00:00.123456"
    assert harvester.run().changed == 0


def test_what_changes_while_pages_are_read_leaves_nothing_out(world: World) -> None:
    for number in range(1, 10):
        world.reply.put(opened(number), at=f"2026-01-{number:02}T00:00:00")
    world.reply.before = [lambda: None, lambda: world.reply.put(opened(1, "改名"), at="2026-03-01T00:00:00")]
    world.ckan(rows=3).run()
    assert world.names() == sorted(["改名", *(f"资源{number}" for number in range(2, 10))])


def test_many_that_changed_at_one_moment_are_read_by_offset(world: World) -> None:
    world.reply.put(*(opened(number) for number in range(1, 9)))
    assert world.ckan(rows=2).run().finished
    assert len(world.names()) == 8


def test_a_stopped_harvest_goes_on_at_its_page_in_another_process(world: World) -> None:
    for number in range(1, 8):
        world.reply.put(opened(number), at=f"2026-01-{number:02}T00:00:00")
    found = world.ckan().run(most_pages=1)
    assert (found.finished, len(world.names())) == (False, 3)
    asked = len(world.reply.asked)
    assert world.ckan().run().finished
    assert world.reply.asked[asked]["fq"].startswith("metadata_modified:[2026-01-03")
    assert len(world.names()) == 7


def test_a_page_that_two_have_taken_counts_once(world: World) -> None:
    world.reply.put(*(opened(number) for number in range(1, 8)))
    first, second = world.ckan(), world.ckan()
    world.reply.before = [lambda: second.step(now=True)]
    assert first.step(now=True) is None
    assert world.state()["revision"] == 1
    assert first.run().finished


def test_what_is_gone_is_withdrawn_when_all_was_read(world: World) -> None:
    world.reply.put(*(opened(number) for number in range(1, 5)))
    harvester = world.ckan(full_every=timedelta(microseconds=1))
    harvester.run()
    world.reply.packages.popitem()
    found = harvester.run()
    assert (found.withdrawn, len(world.names())) == (1, 3)
    assert harvester.run().withdrawn == 0


def test_when_most_is_gone_nothing_is_withdrawn(world: World) -> None:
    world.reply.put(*(opened(number) for number in range(1, 31)))
    harvester = world.ckan(rows=100, full_every=timedelta(microseconds=1))
    harvester.run()
    world.reply.packages.clear()
    found = harvester.run()
    assert (found.withdrawn, found.problem) == (0, "egov.exchange.catalog.harvest.vanished")
    assert len(world.names()) == 30


def test_where_something_could_not_be_read_nothing_is_withdrawn(world: World) -> None:
    world.reply.put(*(opened(number) for number in range(1, 5)))
    harvester = world.ckan(full_every=timedelta(microseconds=1))
    harvester.run()
    name = next(iter(world.reply.packages))
    world.reply.packages[name]["title"] = ""
    found = harvester.run()
    assert (found.wrong > 0, found.withdrawn, len(world.names())) == (True, 0, 4)


def test_a_feed_without_times_is_read_whole_each_time(world: World) -> None:
    world.reply.put(*(opened(number) for number in range(1, 8)), at="")
    harvester = world.ckan()
    assert (harvester.run().added, world.state()["watermark"]) == (7, "")
    assert harvester.run().unchanged == 7
    assert all("fq" not in one for one in world.reply.asked)


def test_one_s_own_resource_stays_as_it_is(world: World) -> None:
    world.catalog.publish([opened(1, "我方")], actor="clerk")
    world.reply.put(opened(1, "冒名"), opened(2))
    found = world.ckan().run()
    assert [(one.code, one.kind, one.kept) for one in found.conflicts] == [(opened(1).code, "code_taken", "mine")]
    assert world.names() == ["我方", "资源2"]


def test_it_runs_when_it_is_due_and_waits_after_failures(world: World) -> None:
    fails = [True]

    def reply(request: httpx.Request) -> httpx.Response:
        return httpx.Response(503) if fails[0] else world.reply(request)

    world.reply.put(opened(1))
    harvester = world.ckan(reply=reply, every=timedelta(hours=1))
    assert (harvester.run_once(), harvester.run_once()) == (1, 0)
    state = world.state()
    assert (state["failures"], state["problem"].startswith("egov.gateway.")) == (1, True)
    assert timedelta(seconds=60) <= state["due_at"] - AT <= timedelta(seconds=70)
    fails[0] = False
    assert harvester.run().finished
    assert harvester.run_once() == 0
    assert (world.state()["failures"], world.state()["problem"]) == (0, "")


def test_a_clock_that_ran_ahead_and_was_set_back_stops_no_harvest(world: World) -> None:
    world.reply.put(opened(1))
    harvester = world.ckan(every=timedelta(hours=1))
    assert harvester.run().finished
    assert (harvester.run_once(), world.state()["is_full"]) == (0, 0)
    ahead = AT + timedelta(days=400)
    with world.catalog.store.write() as connection:
        connection.execute(update(HARVESTS).values(due_at=ahead, full_at=ahead))
    assert (harvester.run_once(), world.state()["is_full"]) == (1, 1)
    assert world.state()["due_at"] < AT + timedelta(hours=2)


# ---------------------------------------------------------------------- DCAT


def test_a_dcat_document_is_asked_for_only_when_it_has_changed(world: World) -> None:
    served = [turtle(opened(1), opened(2))]
    asked: list[str] = []

    def reply(request: httpx.Request) -> httpx.Response:
        asked.append(request.headers.get("If-None-Match", ""))
        tag = f'"{len(served)}"'
        if asked[-1] == tag:
            return httpx.Response(304)
        return httpx.Response(200, content=served[-1], headers={"ETag": tag})

    harvester = world.dcat(reply)
    assert harvester.run().added == 2
    found = harvester.run()
    assert (found.entries, found.finished, found.withdrawn) == (0, True, 0)
    served.append(turtle(opened(2, "改名")))
    found = harvester.run()
    assert (found.changed, found.withdrawn) == (1, 1)
    assert asked == ["", '"1"', '"1"']
    assert world.names() == ["改名"]


def test_a_dcat_catalogue_in_pages_is_read_to_the_empty_one(world: World) -> None:
    pages = [turtle(opened(1), opened(2)), turtle(opened(3)), turtle()]

    def reply(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=pages[min(int(request.url.params["page"]), 3) - 1])

    found = world.dcat(reply, paged=True).run()
    assert (found.added, found.finished, found.problem) == (3, True, "")


def test_a_304_that_nobody_asked_for_is_a_failure(world: World) -> None:
    found = world.dcat(lambda _: httpx.Response(304)).run()
    assert found.problem.startswith("egov.gateway.")


# ---------------------------------------------------------------------- hostile sources


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"[]",
        b"{}",
        b'{"result":[]}',
        b'{"result":{"count":-1,"results":[]}}',
        b'{"result":{"count":1.5,"results":[]}}',
        b'{"result":{"count":1,"results":{}}}',
        b'{"result":{"count":1,"results":["x"]}}',
        b'{"result":{"count":1,"count":2,"results":[]}}',
        b'{"result":' + b"[" * 100_000,
        b"\xff\xfe",
    ],
)
def test_what_is_no_page_is_told_and_changes_nothing(world: World, body: bytes) -> None:
    found = world.ckan(reply=lambda _: httpx.Response(200, content=body)).run()
    assert found.problem.startswith("egov.exchange.catalog.")
    assert world.names() == []
    assert world.state()["problem"] == found.problem


@pytest.mark.parametrize("body", [b"", b"not turtle", b"@prefix a: <b", b"<a> <b> <c> ."])
def test_what_is_no_dcat_is_told_and_changes_nothing(world: World, body: bytes) -> None:
    found = world.dcat(lambda _: httpx.Response(200, content=body)).run()
    assert found.problem.startswith("egov.exchange.catalog.rdf.")
    assert world.names() == []


def test_too_much_is_not_read(world: World) -> None:
    world.reply.put(*(opened(number) for number in range(1, 5)))
    for limits in (CatalogLimits(json_bytes=100), CatalogLimits(entries=2)):
        found = world.ckan(limits=limits).run()
        assert found.problem
        assert not found.finished
    small = world.dcat(lambda _: httpx.Response(200, content=turtle(opened(1))), limits=CatalogLimits(rdf_bytes=50))
    assert small.run().problem
    assert world.names() == []


def test_a_source_without_an_end_is_given_up(world: World) -> None:
    feed = json.loads(export_ckan([opened(1)]))["result"]["results"]

    def reply(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"result": {"count": 10**9, "results": feed}})

    found = world.ckan(reply=reply, most_pages=5).run()
    assert found.problem == "egov.exchange.catalog.harvest.endless"
    assert (world.state()["cursor"], world.state()["pages"]) == ("", 0)


def test_strange_packages_do_not_stop_the_others(world: World) -> None:
    world.reply.put(opened(1))
    strange: list[dict[str, Any]] = [
        {"name": "a", "title": None, "extras": "x", "resources": [1], "tags": {}},
        {"name": "b", "title": "无码", "extras": [{"key": "identifier", "value": "../../x"}]},
        {"name": "c", "title": "坏链", "extras": [], "resources": [{"url": "javascript:alert(1)"}]},
        {"name": "d", "title": "x" * 100_000},
        {"name": "e", "title": "时", "metadata_modified": "* TO *] OR id:["},
    ]
    world.reply.packages |= {one["name"]: one for one in strange}
    found = world.ckan(rows=100).run()
    assert (found.added, found.finished, found.left_out >= 1, found.wrong >= 3) == (1, True, True, True)
    assert world.names() == ["资源1"]
    world.ckan().run(most_pages=1)
    assert all("OR" not in one.get("fq", "") for one in world.reply.asked)


def test_a_redirect_is_not_followed(world: World) -> None:
    asked: list[str] = []

    def reply(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url.host))
        return httpx.Response(302, headers={"Location": "https://elsewhere.test/"})

    assert world.ckan(reply=reply).run().problem
    assert set(asked) == {"city.test"}


def test_names_and_times_must_be_some(catalog: LocalCatalog, world: World) -> None:
    feed = CkanFeed(world.gateway(world.reply))
    for wrong in ({"source": PROVINCE}, {"every": timedelta(0)}, {"most_pages": 0}):
        with pytest.raises(ValueError, match="two names"):
            Harvester(catalog, feed, **{"me": PROVINCE, "source": CITY, **wrong})  # type: ignore[arg-type]  # one is wrong
    with pytest.raises(ValueError, match="rows"):
        CkanFeed(world.gateway(world.reply), rows=0)
