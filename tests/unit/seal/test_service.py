"""Every SealService behaves alike: in this process on either database, and at a platform for threads and for tasks."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

import httpx
import pytest

from egov_sdk.crypto import Signer, SM2PrivateKey, sm3
from egov_sdk.errors import InputError, ParseError, VerificationError
from egov_sdk.gateway import AsyncGatewayClient, GatewayClient, in_process
from egov_sdk.gateway.serving import OperationApp
from egov_sdk.pki import TrustStore
from egov_sdk.report import Outcome, Report
from egov_sdk.seal import Placement, Seam, StampRefused, make_seal, parse_seal, stamp
from egov_sdk.seal.client import AsyncSealClient, SealClient
from egov_sdk.seal.local import LocalSealService, SealMaker
from egov_sdk.seal.problems import SealRejected
from egov_sdk.seal.records import SealAction, SealDrawing, SealOwner, SealRecord, SealRequest, SealState, SealUse
from egov_sdk.seal.register.keys import SealKeys
from egov_sdk.seal.register.register import AUDIT_CHAIN
from egov_sdk.seal.service import SealService
from egov_sdk.seal.serving import offers
from egov_sdk.storage import Store, open_store, verify_audit
from tests.postgres import Server
from tests.world import NOW, World, seeded, world

T = TypeVar("T")

BUREAU = SealOwner(name="样例市样例局", code="11430000006122244L")
SMALL = SealDrawing(data=world().office.seal.picture.data, width_mm=42, height_mm=42)
PLACE = Placement(page=1, x_mm=140, y_mm=230)


def request(name: str = "样例市样例局", seal_id: str = "", owner: SealOwner = BUREAU, **more: object) -> SealRequest:
    return SealRequest.model_validate({"name": name, "seal_id": seal_id, "owner": owner, "drawing": SMALL, **more})


class Awaited:
    """The asynchronous client, each call in a loop of its own."""

    def __init__(self, make: Callable[[], AsyncGatewayClient]) -> None:
        self._make = make

    def _run(self, ask: Callable[[AsyncSealClient], Coroutine[object, object, T]]) -> T:
        async def whole() -> T:
            async with self._make() as gateway:
                return await ask(AsyncSealClient(gateway, prefix="/egov/v1"))

        return asyncio.run(whole())

    def make(self, request: SealRequest) -> SealRecord:
        return self._run(lambda client: client.make(request))

    def find(self, seal_id: str) -> SealRecord:
        return self._run(lambda client: client.find(seal_id))

    def seals(self, *, owner_code: str = "") -> tuple[SealRecord, ...]:
        return self._run(lambda client: client.seals(owner_code=owner_code))

    def act(self, seal_id: str, action: SealAction, *, reason: str, actor: str = "") -> SealRecord:
        return self._run(lambda client: client.act(seal_id, action, reason=reason, actor=actor))

    def stamp(
        self, document: bytes, seal_id: str, *, at: Sequence[Placement | Seam], reason: str = "", actor: str = ""
    ) -> bytes:
        return self._run(lambda client: client.stamp(document, seal_id, at=at, reason=reason, actor=actor))

    def uses(self, seal_id: str, *, after: int = 0, limit: int = 100) -> tuple[SealUse, ...]:
        return self._run(lambda client: client.uses(seal_id, after=after, limit=limit))

    def verify(self, document: bytes, *, at: datetime | None = None) -> Report:
        return self._run(lambda client: client.verify(document, at=at))


@dataclass
class Hall:
    """A service, the store under it, and the clock that it reads."""

    service: SealService
    store: Store
    world: World
    now: list[datetime] = field(default_factory=lambda: [NOW])

    def made(self, **more: object) -> SealRecord:
        return self.service.make(request(**more))  # type: ignore[arg-type]


def _service(store: Store, now: list[datetime], **more: object) -> LocalSealService:
    office = world().office
    return LocalSealService(
        store,
        maker=SealMaker(office.maker, office.maker_certificate, office.ca),
        keys=SealKeys(b"k" * 16, random=seeded("seal keys")),
        trust=world().trust,
        clock=lambda: now[0],
        random=seeded("seal numbers"),
        **more,  # type: ignore[arg-type]
    )


@pytest.fixture(params=["sqlite", "postgresql", "threads", "tasks"])
def hall(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Hall]:
    place: Path | str = tmp_path / "seals.db"
    if request.param == "postgresql":
        server: Server = request.getfixturevalue("postgres")
        place = server.place()
    now = [NOW]
    with open_store(place) as store:
        local = _service(store, now)
        app = OperationApp(offers(local), prefix="/egov/v1")
        service: SealService = local
        if request.param == "threads":
            gateway = GatewayClient("https://seals.example", transport=in_process.transport(app))
            service = SealClient(gateway, prefix="/egov/v1")
        elif request.param == "tasks":
            service = Awaited(lambda: AsyncGatewayClient("https://seals.example", transport=httpx.ASGITransport(app)))
        yield Hall(service, store, world(), now)


def refused(problem: str, act: Callable[[], object]) -> SealRejected:
    with pytest.raises(SealRejected) as caught:
        act()
    assert (caught.value.problem, caught.value.code) == (problem, f"egov.seal.{problem}")
    return caught.value


def test_a_seal_is_made_filed_and_found_again(hall: Hall) -> None:
    made = hall.made(seal_id="37030000009999", lower_text="电子证照专用章", drawing=None)
    assert made == hall.service.find("37030000009999")
    assert (made.state, made.owner, made.valid_from, made.made_at) == (SealState.VALID, BUREAU, NOW, NOW)
    seal = parse_seal(made.file)
    assert (seal.seal_id, seal.name, seal.picture.width_mm) == ("37030000009999", "样例市样例局", 42)


def test_a_seal_without_a_number_is_given_one(hall: Hall) -> None:
    numbers = {hall.made().seal_id for _ in range(3)}
    assert len(numbers) == 3
    assert all(len(number) == 14 and number.isdigit() for number in numbers)


def test_what_is_stamped_verifies_and_is_in_the_log(hall: Hall) -> None:
    seal_id = hall.made().seal_id
    stamped = hall.service.stamp(hall.world.document, seal_id, at=[PLACE], reason="issue", actor="clerk-7")
    report = hall.service.verify(stamped).require()
    assert [check.reason for check in report.of("trust.seal_register")] == ["valid"]
    use = hall.service.uses(seal_id)[-1]
    assert (use.action, use.actor, use.reason, use.at) == (SealAction.STAMP, "clerk-7", "issue", NOW)
    assert (use.before, use.after) == (sm3(hall.world.document).hex(), sm3(stamped).hex())


def test_a_seal_whose_number_no_register_can_hold_is_not_filed(hall: Hall) -> None:
    office = world().office
    odd = make_seal(
        name="某局",
        seal_id="370\0",
        picture=office.seal.picture,
        holders=[office.certificate],
        maker=office.maker,
        maker_certificate=office.maker_certificate,
        created_at=NOW,
        valid_from=NOW,
        valid_to=NOW + timedelta(days=9),
    )
    stamped = stamp(hall.world.document, seal=odd, signer=office.signer, at=[PLACE], signed_at=NOW)
    assert [check.reason for check in hall.service.verify(stamped).of("trust.seal_register")] == ["not_filed"]
    refused("seal_unknown", lambda: hall.service.find("370\0"))


def test_a_seam_seal_is_put_over_all_pages(hall: Hall) -> None:
    stamped = hall.service.stamp(hall.world.document, hall.made().seal_id, at=[Seam(side="right"), PLACE])
    hall.service.verify(stamped).require()


def test_the_seals_of_an_owner_are_listed_and_no_others(hall: Hall) -> None:
    other = SealOwner(name="另一局", code="11220000013544541J")
    first, second = hall.made(seal_id="A1"), hall.made(seal_id="A2", owner=other)
    assert hall.service.seals() == (first, second)
    assert hall.service.seals(owner_code=other.code) == (second,)
    assert hall.service.seals(owner_code="11330105002500287C") == ()


def test_a_seal_is_suspended_resumed_and_revoked_and_every_step_is_kept(hall: Hall) -> None:
    seal_id = hall.made().seal_id
    for action, state in (
        (SealAction.SUSPEND, SealState.SUSPENDED),
        (SealAction.RESUME, SealState.VALID),
        (SealAction.REVOKE, SealState.REVOKED),
    ):
        hall.now[0] += timedelta(hours=1)
        record = hall.service.act(seal_id, action, reason="by order", actor="head")
        assert (record.state, record.changed_at) == (state, hall.now[0])
    steps = hall.service.uses(seal_id)
    assert [step.action.value for step in steps] == ["make", "suspend", "resume", "revoke"]
    assert hall.service.uses(seal_id, after=1, limit=2) == steps[1:3]
    with hall.store.read() as connection:
        verify_audit(connection, AUDIT_CHAIN, at=NOW).require()


@pytest.mark.parametrize("action", [SealAction.SUSPEND, SealAction.REVOKE])
def test_a_seal_that_is_not_valid_stamps_nothing(hall: Hall, action: SealAction) -> None:
    seal_id = hall.made().seal_id
    hall.service.act(seal_id, action, reason="lost")
    refused("seal_not_valid", lambda: hall.service.stamp(hall.world.document, seal_id, at=[PLACE]))
    assert hall.service.uses(seal_id)[-1].action is action


def test_what_was_stamped_before_the_seal_ended_is_undecided_since_nothing_proves_when(hall: Hall) -> None:
    seal_id = hall.made().seal_id
    stamped = hall.service.stamp(hall.world.document, seal_id, at=[PLACE])
    hall.now[0] += timedelta(days=1)
    hall.service.act(seal_id, SealAction.REVOKE, reason="key lost")
    report = hall.service.verify(stamped)
    assert report.outcome is Outcome.UNKNOWN
    assert [check.reason for check in report.of("trust.seal_register")] == ["ended_unproven"]


@pytest.mark.parametrize(
    ("seal_id", "action"),
    [("B1", SealAction.RESUME), ("B2", SealAction.RESUME), ("B2", SealAction.SUSPEND), ("B2", SealAction.REVOKE)],
)
def test_a_step_that_does_not_follow_is_refused(hall: Hall, seal_id: str, action: SealAction) -> None:
    hall.made(seal_id="B1")
    hall.made(seal_id="B2")
    hall.service.act("B2", SealAction.REVOKE, reason="ended")
    refused("seal_action", lambda: hall.service.act(seal_id, action, reason="x"))


@pytest.mark.parametrize("action", [SealAction.MAKE, SealAction.STAMP])
def test_other_steps_are_none(hall: Hall, action: SealAction) -> None:
    seal_id = hall.made().seal_id
    with pytest.raises(ValueError, match="action is one of"):
        hall.service.act(seal_id, action, reason="x")


@pytest.mark.parametrize(
    ("problem", "more"),
    [
        ("seal_taken", {"seal_id": "C1"}),
        ("owner_code", {"owner": SealOwner(name="某局", code="11430000006122244M")}),
        ("owner_code", {"owner": SealOwner(name="某局", code="'; DROP TABLE seal_seals")}),
        ("picture", {"owner": SealOwner(name="\u0e01" * 10), "drawing": None}),
        ("picture", {"owner": SealOwner(name="某" * 200), "drawing": None}),
        ("lifetime", {"lifetime": timedelta(hours=1)}),
        ("lifetime", {"lifetime": timedelta(days=4_000)}),
        ("lifetime", {"lifetime": timedelta(days=-1)}),
        ("maker_expires", {"lifetime": timedelta(days=3_000)}),
    ],
)
def test_a_seal_that_may_not_be_made_is_refused_and_nothing_is_filed(
    hall: Hall, problem: str, more: dict[str, object]
) -> None:
    hall.made(seal_id="C1")
    refused(problem, lambda: hall.made(**more))
    assert [record.seal_id for record in hall.service.seals()] == ["C1"]


@pytest.mark.parametrize("data", [b"", b"no picture", b"\x89PNG\r\n\x1a\n" + b"\0" * 40])
def test_a_picture_that_is_none_is_refused(hall: Hall, data: bytes) -> None:
    drawing = SealDrawing(data=data, format="PNG", width_mm=40, height_mm=40)
    with pytest.raises(InputError):
        hall.made(drawing=drawing)
    assert hall.service.seals() == ()


def test_what_is_not_there_is_unknown(hall: Hall) -> None:
    for ask in (
        lambda: hall.service.find("nothing"),
        lambda: hall.service.uses("nothing"),
        lambda: hall.service.stamp(hall.world.document, "nothing", at=[PLACE]),
        lambda: hall.service.act("nothing", SealAction.REVOKE, reason="x"),
    ):
        assert refused("seal_unknown", ask).detail["found"] == "nothing"


@pytest.mark.parametrize("document", [b"", b"%PDF-1.7", b"PK\x03\x04" + b"\0" * 40])
def test_a_document_that_is_none_is_refused_with_its_place(hall: Hall, document: bytes) -> None:
    seal_id = hall.made().seal_id
    with pytest.raises(InputError):
        hall.service.stamp(document, seal_id, at=[PLACE])
    with pytest.raises(ParseError):
        hall.service.verify(document)
    assert len(hall.service.uses(seal_id)) == 1


def test_a_closed_document_is_stamped_by_nobody_and_the_log_says_nothing(hall: Hall) -> None:
    seal_id = hall.made().seal_id
    closed = hall.world.stamped(close=True)
    with pytest.raises(StampRefused) as caught:
        hall.service.stamp(closed, seal_id, at=[PLACE])
    assert caught.value.code == "egov.seal.stamp.closed"
    assert len(hall.service.uses(seal_id)) == 1


@pytest.mark.parametrize("at", [(), (Placement(page=9, x_mm=0, y_mm=0),), (Placement(page=1, x_mm=900, y_mm=0),)])
def test_a_place_off_the_document_is_the_caller_s_mistake(hall: Hall, at: tuple[Placement, ...]) -> None:
    seal_id = hall.made().seal_id
    with pytest.raises(ValueError):
        hall.service.stamp(hall.world.document, seal_id, at=at)


def test_a_naive_time_and_a_negative_number_are_the_caller_s_mistake(hall: Hall) -> None:
    seal_id = hall.made().seal_id
    with pytest.raises(ValueError, match="aware"):
        hall.service.verify(hall.world.stamped(), at=datetime(2026, 1, 1))  # noqa: DTZ001 - the mistake
    with pytest.raises(ValueError, match="negative"):
        hall.service.uses(seal_id, after=-1)


def test_a_changed_document_and_a_stranger_s_seal_are_no_yes(hall: Hall) -> None:
    stranger = hall.world.stamped(by=hall.world.stranger)
    report = hall.service.verify(stranger)
    assert report.outcome is Outcome.FAILED
    assert [check.reason for check in report.of("trust.seal_register")] == ["not_filed"]


def test_a_seal_forged_under_a_filed_number_is_found_out(hall: Hall) -> None:
    hall.made(seal_id=hall.world.office.seal.seal_id)
    report = hall.service.verify(hall.world.stamped())
    assert [check.reason for check in report.of("trust.seal_register")] == ["another"]
    with pytest.raises(VerificationError):
        report.require()


# in this process alone: what the service is built with


def test_an_owner_s_own_key_is_opened_by_the_device(tmp_path: Path) -> None:
    office, now, asked = world().office, [NOW], list[str]()

    def device(record: SealRecord) -> Signer:
        asked.append(record.seal_id)
        return office.signer

    with open_store(tmp_path / "seals.db") as store:
        service = _service(store, now, devices=device)
        made = service.make(request(certificate=office.certificate.to_pem()))
        service.verify(service.stamp(world().document, made.seal_id, at=[PLACE])).require()
        assert asked == [made.seal_id]
        without = _service(store, now)
        refused("seal_key", lambda: without.stamp(world().document, made.seal_id, at=[PLACE]))


def test_a_stamp_proven_by_a_time_stamp_outlives_its_seal(tmp_path: Path) -> None:
    now, tsa = [NOW], world().tsa()
    with open_store(tmp_path / "seals.db") as store:
        service = _service(store, now, time_stamper=lambda data: tsa.stamp(data, at=now[0]))
        seal_id = service.make(request()).seal_id
        stamped = service.stamp(world().document, seal_id, at=[PLACE])
        now[0] += timedelta(days=1)
        service.act(seal_id, SealAction.REVOKE, reason="ended")
        report = service.verify(stamped).require()
        assert [check.reason for check in report.of("trust.seal_register")] == ["ended_after"]


def test_a_stamp_said_to_be_made_after_the_seal_ended_does_not_count(tmp_path: Path) -> None:
    now = [NOW]
    with open_store(tmp_path / "seals.db") as store:
        service = _service(store, now)
        seal_id = service.make(request()).seal_id
        now[0] += timedelta(hours=2)
        stamped = service.stamp(world().document, seal_id, at=[PLACE])
        now[0] -= timedelta(hours=1)
        service.act(seal_id, SealAction.REVOKE, reason="ended")
        report = service.verify(stamped, at=NOW + timedelta(hours=3))
        assert [check.reason for check in report.of("trust.seal_register")] == ["ended"]
        assert report.outcome is Outcome.FAILED


def test_another_master_key_opens_no_seal_and_nothing_shows_one(tmp_path: Path) -> None:
    now = [NOW]
    with open_store(tmp_path / "seals.db") as store:
        seal_id = _service(store, now).make(request()).seal_id
        other = LocalSealService(
            store,
            maker=SealMaker(world().office.maker, world().office.maker_certificate, world().office.ca),
            keys=SealKeys(b"x" * 16),
            trust=TrustStore(()),
            clock=lambda: now[0],
        )
        refused("seal_key", lambda: other.stamp(world().document, seal_id, at=[PLACE]))


@pytest.mark.parametrize("cut", [b"", b"\x01", b"\x02" + b"0" * 80, b"\x01" + b"0" * 80])
def test_a_damaged_key_is_no_key(cut: bytes) -> None:
    keys = SealKeys(b"k" * 16)
    refused("seal_key", lambda: keys.unwrap(cut, "A1"))


def test_a_key_is_bound_to_its_seal() -> None:
    keys = SealKeys(b"k" * 16)
    wrapped = keys.wrap(SM2PrivateKey.from_int(7), "A1")
    assert keys.unwrap(wrapped, "A1").public_key() == SM2PrivateKey.from_int(7).public_key()
    refused("seal_key", lambda: keys.unwrap(wrapped, "A2"))
    assert "k" * 16 not in repr(keys)
    with pytest.raises(ValueError, match="16 bytes"):
        SealKeys(b"short")


def test_a_clock_without_a_zone_is_a_mistake(tmp_path: Path) -> None:
    with open_store(tmp_path / "seals.db") as store, pytest.raises(ValueError, match="aware"):
        _service(store, [datetime(2026, 1, 1)])  # noqa: DTZ001 - the mistake
