"""A province on a database that others write to as well, that fills up, and that callers with the wrong roles reach."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from egov_sdk.door.over import gov_over
from egov_sdk.errors import EgovError
from egov_sdk.gateway import Credentials, GatewayClient
from egov_sdk.gateway.in_process import transport
from egov_sdk.gateway.messages import Request
from egov_sdk.gateway.policies import Retry
from egov_sdk.gateway.refusals import RequestRefused
from egov_sdk.gateway.serving import Asking
from egov_sdk.license.model import License
from egov_sdk.license.service import LicenseService
from egov_sdk.platform.callers import ROLE_OPERATIONS, CallerBook, PlatformCaller, Role
from egov_sdk.platform.interface import guarded_offers
from egov_sdk.platform.register import SharedReplay
from egov_sdk.platform.seeding import person_draft, seeded_people
from egov_sdk.platform.standing import Standing
from egov_sdk.report import Outcome
from egov_sdk.storage import verify_audit
from egov_sdk.storage.audit import audit_chains
from egov_sdk.testing.clock import Clock
from egov_sdk.testing.world import OFFICE, seeded_office
from tests.hostile.test_province import Keeping

URL = "http://localhost"


def opened(folder: Path) -> Standing:
    return Standing.open(folder, url=URL, clock=Clock())


@pytest.fixture
def standing(tmp_path: Path) -> Iterator[Standing]:
    made = opened(tmp_path / "p")
    made.seed()
    yield made
    made.close()


@contextmanager
def licenses_of(standing: Standing) -> Iterator[LicenseService]:
    """The licences as a program of the office sees them."""
    gateway = GatewayClient(
        URL,
        profile="egov-hmac-sm3",
        credentials=Credentials("office", secret=standing.secrets()["office"]),
        transport=transport(standing.app(profile="egov-hmac-sm3")),
        clock=Clock().seconds,
        retry=Retry(attempts=1),
        breaker=None,
    )
    with gateway:
        yield gov_over(gateway, name="").license


def issue(service: LicenseService, standing: Standing, number: str) -> License:
    (kind,) = (one for one in standing.office.license.types() if "证书" in one.name)
    person = seeded_people()[2]
    draft = person_draft(kind, number=number, at=Clock()(), name=person.name, code=person.number)
    return service.issue(draft)


def check_logs(standing: Standing) -> None:
    with standing.office.store.read() as connection:
        for head in audit_chains(connection):
            assert verify_audit(connection, head.chain, at=Clock()()).outcome is Outcome.PASSED, head.chain


def count(standing: Standing) -> int:
    return sum(one.count for one in standing.office.license.statistics())


def test_a_full_disk_loses_nothing_and_lets_nobody_in(standing: Standing) -> None:
    with licenses_of(standing) as licenses:
        _fill_the_disk(standing, licenses)


def _fill_the_disk(standing: Standing, licenses: LicenseService) -> None:
    store, before = standing.office.store, count(standing)
    with store.write() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages + 60}")
    given, codes = [], set[str]()
    for number in range(25):
        try:
            given.append(issue(licenses, standing, f"F{number}"))
        except EgovError as error:
            codes.add(error.code)
    assert 0 < len(given) < 25
    assert codes
    assert count(standing) == before + len(given)
    assert all(standing.office.license.verify(one.file).outcome is Outcome.PASSED for one in given)
    check_logs(standing)
    with store.write() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count=1000000")
    given.append(issue(licenses, standing, "F99"))
    assert count(standing) == before + len(given)
    check_logs(standing)


def test_what_cannot_be_remembered_for_want_of_room_is_refused(standing: Standing) -> None:
    store = standing.office.store
    replay = SharedReplay(store)
    with store.write() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")

    def fill() -> None:
        for number in range(5_000):
            assert replay.first_use(f"{number}", until_s=2e9, now_s=1e9)

    with pytest.raises(RequestRefused) as caught:
        fill()
    assert caught.value.status == 503
    assert not replay.first_use("0", until_s=2e9, now_s=1e9)


def test_two_processes_write_at_once_and_nothing_is_lost(standing: Standing) -> None:
    other = opened(standing.folder)
    before, both = count(standing), (standing, other)
    try:
        with ExitStack() as stack, ThreadPoolExecutor(4) as threads:
            services = [stack.enter_context(licenses_of(one)) for one in both]
            made = list(threads.map(lambda index: issue(services[index % 2], both[index % 2], f"C{index}"), range(12)))
        assert len({one.identifier for one in made}) == 12
        assert (count(standing), count(other)) == (before + 12, before + 12)
        check_logs(other)
    finally:
        other.close()


def test_one_request_shown_to_two_processes_gets_in_once(standing: Standing) -> None:
    other = opened(standing.folder)
    try:
        apps = [transport(one.app(profile="egov-hmac-sm3")) for one in (standing, other)]
        keeping = Keeping(apps[0])
        gateway = GatewayClient(
            URL,
            profile="egov-hmac-sm3",
            credentials=Credentials("hall", secret=standing.secrets()["hall"]),
            transport=keeping,
            clock=Clock().seconds,
        )
        assert gateway.request(Request("GET", "/egov/v1/license-types")).status == 200
        again = [app.handle_request(keeping.sent[0]) for app in apps]
        for app in (gateway, apps[1]):
            app.close()
        assert [one.status_code for one in again] == [401, 401]
        assert "replayed" in again[1].text
    finally:
        other.close()


@pytest.mark.parametrize("role", Role)
def test_a_role_has_its_operations_and_no_other(role: Role) -> None:
    caller = PlatformCaller(id="x", department=OFFICE, roles=frozenset({role}), secrets=("s",))
    refused = set[str]()
    offers = guarded_offers(seeded_office(Clock()), CallerBook([caller]))
    for offer in offers:
        try:
            offer.handler(None, Asking(caller="x", request_id="1"))
        except RequestRefused as error:
            refused |= {offer.operation.name} if error.status == 403 else set()
        except Exception:  # noqa: BLE001 - it was let in, and there was no question
            continue
    assert refused == {one.operation.name for one in offers} - ROLE_OPERATIONS[role]
