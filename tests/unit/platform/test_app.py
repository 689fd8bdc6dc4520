"""A province behind one application: who gets in, what it says of itself, and that it decides nothing of its own."""

from __future__ import annotations

import json
from collections.abc import Iterator

import httpx
import pytest
from openapi_spec_validator import validate

from egov_sdk.errors import ConfigError, PlatformRejected
from egov_sdk.gateway import Credentials, GatewayClient, in_process
from egov_sdk.gateway.asgi import Received, Reply, ThreadedApp
from egov_sdk.gateway.messages import Request
from egov_sdk.gateway.policies import RateLimit, Retry
from egov_sdk.gateway.profiles import BUILT_IN
from egov_sdk.license.metadata import Authority
from egov_sdk.platform import CallerBook, Metrics, Part, PlatformCaller, Role, province_app
from egov_sdk.platform.app import PROFILES, operations_of
from egov_sdk.platform.callers import ROLE_OPERATIONS
from egov_sdk.platform.seeding import HALL, seed_office, seeded_people
from egov_sdk.storage import StorageError, Store
from egov_sdk.testing.clock import Clock
from egov_sdk.testing.people import PASSWORD
from egov_sdk.testing.province import Province
from egov_sdk.testing.world import OFFICE, seeded_callers, seeded_office


@pytest.fixture
def province() -> Iterator[Province]:
    with Province() as made:
        yield made


@pytest.fixture
def web(province: Province) -> Iterator[httpx.Client]:
    with httpx.Client(transport=in_process.transport(province.app), base_url="http://localhost") as client:
        yield client


def test_its_document_is_one_and_names_every_operation(web: httpx.Client, province: Province) -> None:
    document = web.get("/egov/v1/openapi.json").json()
    validate(document)
    named = {one["operationId"] for path in document["paths"].values() for one in path.values()}
    assert named == {one.name for one in operations_of(province.office)}


def test_every_operation_belongs_to_a_role_and_every_role_names_operations_that_are(province: Province) -> None:
    offered = {one.name for one in operations_of(province.office)}
    granted = frozenset().union(*ROLE_OPERATIONS.values())
    assert granted == offered


def test_it_tells_whether_it_is_well(web: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    assert web.get("/health").json() == {"status": "ok"}

    def broken(store: Store) -> None:
        raise StorageError("the disk is gone, said the disk")

    monkeypatch.setattr(Store, "read", broken)
    answer = web.get("/health")
    assert (answer.status_code, answer.json()) == (503, {"status": "failing"})


def test_it_tells_what_should_be_mended_although_it_is_well(web: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def unsafe(store: Store) -> None:
        raise StorageError("fsync=off at this place", code="egov.storage.not_durable")

    monkeypatch.setattr(Store, "require_durable", unsafe)
    answer = web.get("/health")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok", "problems": ["egov.storage.not_durable"]})


def test_its_provider_is_there(web: httpx.Client) -> None:
    found = web.get("/identity/.well-known/openid-configuration").json()
    assert found["issuer"] == "http://localhost/identity"
    assert web.get("/identity/jwks").json()["keys"]


def test_what_it_did_is_counted(web: httpx.Client, province: Province) -> None:
    province.connect().license.types()
    web.get("/egov/v1/license-types")
    text = web.get("/metrics").text
    assert 'egov_requests_total{operation="license.types",status="200"} 1' in text
    assert 'egov_requests_total{operation="license.types",status="401"} 1' in text
    assert 'egov_request_seconds_bucket{operation="license.types",le="+Inf"} 2' in text
    assert "egov_requests_in_progress 1" in text


def test_names_of_strangers_do_not_fill_the_counters() -> None:
    metrics = Metrics()
    for number in range(100):
        metrics.begin()
        metrics.end("", status=404, seconds=number)
    assert metrics.text().count("unknown") == 1 + 14 + 2
    assert 'le="10.0"} 11' in metrics.text()


def app_of(**changes: object) -> httpx.Client:
    office = seeded_office(Clock())
    callers = CallerBook(one.caller for one in seeded_callers().values())
    given = {"callers": callers, "clock": Clock()} | changes
    return httpx.Client(
        transport=in_process.transport(province_app(office, **given)),  # type: ignore[arg-type]
        base_url="http://localhost",
    )


@pytest.mark.parametrize(
    ("given", "status"),
    [("", 401), ("Bearer", 401), ("Bearer wrong", 401), ("Basic right", 401), ("Bearer right", 200)],
)
def test_metrics_may_need_a_token(given: str, status: int) -> None:
    with app_of(metrics_token="right") as web:
        assert web.get("/metrics", headers={"authorization": given}).status_code == status


@pytest.mark.parametrize("profile", sorted(set(BUILT_IN) - set(PROFILES)))
def test_a_profile_that_cannot_be_checked_here_is_told(profile: str) -> None:
    with pytest.raises(ConfigError, match="cannot check"):
        app_of(profile=profile)


def test_most_profiles_can_be_checked() -> None:
    assert set(PROFILES) == {"tif", "tif-user", "zhejiang-irs", "sha1-report", "hsaf", "egov-sm2", "egov-hmac-sm3"}


@pytest.mark.parametrize("prefix", ["", "x", "/x/", "/identity", "/identity/v1"])
def test_paths_that_are_not_apart_are_told(prefix: str) -> None:
    with pytest.raises(ValueError, match="not apart"):
        app_of(prefix=prefix)


def test_who_issues_speaks_for_the_office() -> None:
    key = seeded_callers()["hall"].key.public_key()
    caller = PlatformCaller(id="x", department=HALL, roles=frozenset({Role.ISSUE}), public_keys=(key,))
    with pytest.raises(ValueError, match="does not speak"):
        app_of(callers=CallerBook([caller]))
    spoken = PlatformCaller(
        id="x", department=HALL, roles=frozenset({Role.ISSUE}), public_keys=(key,), also_for=frozenset({OFFICE.code})
    )
    app_of(callers=CallerBook([spoken])).close()


def test_callers_come_as_often_as_they_may() -> None:
    known = seeded_callers()["hall"]
    credentials = Credentials("hall", signer=known.key)
    with app_of(rate=RateLimit(per_s=0.01, burst=2)) as web:
        gateway = GatewayClient(
            "http://localhost",
            profile="egov-sm2",
            credentials=credentials,
            retry=Retry(attempts=1),
            transport=web._transport,
            clock=Clock().seconds,
        )
        ask = Request("GET", "/egov/v1/license-types")
        assert [gateway.request(ask).status, gateway.request(ask).status] == [200, 200]
        with pytest.raises(PlatformRejected) as caught:
            gateway.request(ask)
        assert caught.value.status == 429


@pytest.mark.parametrize(
    "changes",
    [{"id": ""}, {"roles": frozenset()}, {"secrets": ()}, {"secrets": ("",)}, {"secrets": ("good", "")}],
)
def test_a_caller_of_whom_nobody_can_be_sure_is_a_mistake(changes: dict[str, object]) -> None:
    given = {"id": "x", "department": HALL, "roles": frozenset({Role.USE}), "secrets": ("s",)} | changes
    with pytest.raises(ValueError, match=r"caller|neither"):
        PlatformCaller(**given)  # type: ignore[arg-type]


def test_a_book_of_callers_knows_nothing_of_strangers() -> None:
    caller = PlatformCaller(id="x", department=HALL, roles=frozenset({Role.USE}), secrets=("hush",))
    book = CallerBook([caller])
    assert "hush" not in repr(caller)
    assert (book.may("x", "license.get"), book.may("x", "license.issue"), book.may("y", "license.get")) == (
        True,
        False,
        False,
    )
    assert (book.speaks_for("x"), book.speaks_for("y")) == (frozenset({HALL.code}), frozenset())
    with pytest.raises(ValueError, match="already"):
        book.add(caller)
    book.remove("x")
    book.remove("x")
    assert (book.get("x"), book.find("x"), book.all()) == (None, None, ())


def test_a_seed_is_put_in_once(province: Province) -> None:
    before = (len(province.office.seal.seals()), province.office.license.statistics())
    seed_office(province.office, password=PASSWORD, at=province.clock())
    assert (len(province.office.seal.seals()), province.office.license.statistics()) == before
    assert all("890" in one.number[:3] for one in seeded_people())
    assert json.dumps([one.name for one in seeded_people()], ensure_ascii=False).count("样例") == 6
    assert isinstance(OFFICE, Authority)


def part(path: str) -> Part:
    def said(received: Received) -> Reply:
        return Reply(200, f"{received.path} of {received.caller or 'nobody'}".encode(), "text/plain")

    return Part(name="console", path=path, app=ThreadedApp(said))


def test_more_can_be_served_below_a_path_of_its_own_and_is_counted() -> None:
    with app_of(parts=[part("/console")]) as web:
        assert web.get("/console/x%2Fy").text == "/x%2Fy of nobody"
        assert web.get("/console2").status_code == 401
        assert web.get("/console/x", headers={"host": "elsewhere.example"}).status_code == 400
        assert 'egov_requests_total{operation="console",status="200"} 1' in web.get("/metrics").text


@pytest.mark.parametrize("path", ["", "/", "console", "/console/", "/health", "/egov", "/identity/console"])
def test_more_that_is_not_apart_is_told(path: str) -> None:
    with pytest.raises(ValueError, match="not apart"):
        app_of(parts=[part(path)])
