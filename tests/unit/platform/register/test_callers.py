"""Callers in a database: who may change them, what counts when, and that nobody reads their secrets there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from egov_sdk.codes.specimens import specimen_credit_code
from egov_sdk.crypto import SM2PrivateKey
from egov_sdk.gateway.refusals import RequestRefused
from egov_sdk.license.metadata import Authority
from egov_sdk.platform.callers import OFFICE_ROLES, Role
from egov_sdk.platform.powers import Officer, Power
from egov_sdk.platform.problems import ProvinceRejected
from egov_sdk.platform.register import CallerKeys, CallerRegister, StoredCallers
from egov_sdk.platform.register.callers import AUDIT_CHAIN
from egov_sdk.platform.register.tables import PLATFORM
from egov_sdk.report import Outcome
from egov_sdk.storage import AuditLog, Store, verify_audit
from egov_sdk.storage.migrations import schema_differences
from egov_sdk.testing.clock import Clock

OFFICE = specimen_credit_code(1, prefix="11").number
HALL = Authority(name="样例市政务服务大厅", code=specimen_credit_code(2, prefix="11").number)
OWN = Authority(name="样例市行政审批局", code=OFFICE)
ADMIN, OPERATOR, AUDITOR = (Officer(f"{one.value}-1", one) for one in Power)
KEY = SM2PrivateKey.from_int(12345).public_key()


class World:
    def __init__(self, store: Store) -> None:
        self.store, self.clock = store, Clock(datetime(2026, 3, 1, tzinfo=UTC))
        self.keys = CallerKeys(b"k" * 16)
        self.register = CallerRegister(store, keys=self.keys, office=OFFICE, clock=self.clock)

    def stored(self, fresh_s: float = 0, timer: Callable[[], float] = lambda: 0.0) -> StoredCallers:
        return StoredCallers(self.store, keys=self.keys, clock=self.clock, fresh_s=fresh_s, timer=timer)


@pytest.fixture
def world(store: Store) -> World:
    return World(store)


def test_the_tables_are_those_that_the_code_believes_in(world: World) -> None:
    assert schema_differences(world.store, PLATFORM) == ()


def test_a_caller_is_let_in_by_one_and_granted_by_another(world: World) -> None:
    made = world.register.add("hall", HALL, by=ADMIN)
    stored = world.stored()
    known = stored.get("hall")
    assert known is not None
    assert known.secrets == (made.secret,)
    assert not stored.may("hall", "license.get")
    world.register.grant("hall", [Role.USE], by=OPERATOR)
    assert stored.may("hall", "license.get")
    assert not stored.may("hall", "license.issue")
    assert stored.speaks_for("hall") == {HALL.code}
    assert [one.id for one in stored.all()] == ["hall"]
    assert made.secret not in repr(made) + repr(known) + repr(world.register.records())


def test_the_log_names_whom_else_a_caller_speaks_for(world: World) -> None:
    world.register.add("contractor", HALL, by=ADMIN, also_for=(one for one in (OFFICE,)))
    world.register.grant("contractor", [Role.USE], by=OPERATOR)
    assert world.stored().speaks_for("contractor") == {HALL.code, OFFICE}
    with world.store.read() as connection:
        (added,) = AuditLog(AUDIT_CHAIN).newest(connection, like={"action": "caller.added"}, limit=2)
    assert added.detail["also_for"] == [OFFICE]


@pytest.mark.parametrize("officer", [OPERATOR, AUDITOR])
def test_only_an_administrator_lets_in_and_rotates(world: World, officer: Officer) -> None:
    with pytest.raises(ProvinceRejected) as caught:
        world.register.add("hall", HALL, by=officer)
    assert caught.value.code == "egov.platform.power_missing"
    world.register.add("hall", HALL, by=ADMIN)
    with pytest.raises(ProvinceRejected):
        world.register.rotate("hall", by=officer)
    assert [one.id for one in world.register.records()] == ["hall"]


@pytest.mark.parametrize("officer", [ADMIN, AUDITOR, Officer("admin-1", Power.OPERATOR)])
def test_who_let_a_caller_in_grants_it_nothing(world: World, officer: Officer) -> None:
    world.register.add("hall", HALL, by=ADMIN)
    with pytest.raises(ProvinceRejected) as caught:
        world.register.grant("hall", [Role.USE], by=officer)
    assert caught.value.problem in ("power_missing", "same_person")
    assert world.stored().all() == ()


def test_an_auditor_changes_nothing(world: World) -> None:
    world.register.add("hall", HALL, by=ADMIN)
    for change in (
        lambda: world.register.disable("hall", by=AUDITOR),
        lambda: world.register.enable("hall", by=AUDITOR),
        lambda: world.register.rotate("hall", by=AUDITOR),
        lambda: world.register.grant("hall", (), by=AUDITOR),
    ):
        with pytest.raises(ProvinceRejected, match="auditor"):
            change()


def test_only_who_speaks_for_the_office_acts_in_its_name(world: World) -> None:
    world.register.add("hall", HALL, by=ADMIN)
    for role in OFFICE_ROLES:
        with pytest.raises(ProvinceRejected) as caught:
            world.register.grant("hall", [Role.USE, role], by=OPERATOR)
        assert caught.value.problem == "caller_foreign"
    world.register.add("own", OWN, by=ADMIN)
    world.register.add("contractor", HALL, by=ADMIN, also_for=[OFFICE])
    world.register.grant("own", Role, by=OPERATOR)
    world.register.grant("contractor", [Role.ISSUE], by=OPERATOR)
    assert [one.id for one in world.stored().all()] == ["contractor", "own"]


def test_a_new_secret_counts_beside_the_old_one_for_a_while(world: World) -> None:
    old = world.register.add("hall", HALL, by=ADMIN).secret
    new = world.register.rotate("hall", by=ADMIN, overlap=timedelta(days=2)).secret
    stored = world.stored()
    known = stored.get("hall")
    assert known is not None
    assert known.secrets == (old, new)
    world.clock.tick(days=2)
    known = stored.get("hall")
    assert known is not None
    assert known.secrets == (new,)
    last = world.register.rotate("hall", by=ADMIN, overlap=timedelta(0)).secret
    known = stored.get("hall")
    assert known is not None
    assert known.secrets == (last,)


def test_a_key_follows_a_key_and_leaves_the_secret_alone(world: World) -> None:
    secret = world.register.add("hall", HALL, by=ADMIN).secret
    assert world.register.rotate("hall", by=ADMIN, public_key=KEY).secret == ""
    other = SM2PrivateKey.from_int(54321).public_key()
    world.register.rotate("hall", by=ADMIN, public_key=other, overlap=timedelta(0))
    known = world.stored().get("hall")
    assert known is not None
    assert (known.secrets, known.public_keys) == ((secret,), (other,))
    assert [bool(one.mark) for one in world.register.records()[0].credentials] == [False, True, True]


def test_what_ended_lets_nobody_in(world: World) -> None:
    world.register.add("hall", HALL, by=ADMIN, until=world.clock() + timedelta(days=1))
    world.register.grant("hall", [Role.USE], by=OPERATOR)
    stored = world.stored()
    assert stored.may("hall", "license.get")
    world.clock.tick(days=1)
    known = stored.get("hall")
    assert known is not None
    assert (known.secrets, stored.may("hall", "license.get")) == ((), False)
    with pytest.raises(ValueError, match="over"):
        world.register.rotate("hall", by=ADMIN, until=world.clock())


def test_a_caller_that_is_locked_out_is_a_stranger_until_it_is_let_in_again(world: World) -> None:
    world.register.add("hall", HALL, by=ADMIN)
    world.register.grant("hall", [Role.USE], by=OPERATOR)
    world.register.disable("hall", by=ADMIN)
    stored = world.stored()
    assert (stored.get("hall"), stored.may("hall", "license.get"), stored.all()) == (None, False, ())
    assert stored.speaks_for("hall") == frozenset()
    with pytest.raises(ProvinceRejected):
        world.register.enable("hall", by=ADMIN)
    world.register.enable("hall", by=OPERATOR)
    assert stored.may("hall", "license.get")


def test_others_believe_what_was_for_a_moment_and_no_longer(world: World) -> None:
    now = [0.0]
    stored = world.stored(fresh_s=2, timer=lambda: now[0])
    assert stored.get("hall") is None
    world.register.add("hall", HALL, by=ADMIN)
    now[0] = 1.9
    assert stored.get("hall") is None
    now[0] = 2.0
    assert stored.get("hall") is not None
    world.register.disable("hall", by=ADMIN)
    now[0] = 4.0
    assert stored.get("hall") is None


def test_nobody_is_let_in_by_a_memory_that_is_too_old(world: World) -> None:
    stored = world.stored()
    world.register.add("hall", HALL, by=ADMIN)
    assert stored.get("hall") is not None
    with world.store.write() as connection:
        connection.exec_driver_sql("ALTER TABLE storage_audit_heads RENAME TO storage_gone")
    with pytest.raises(RequestRefused) as caught:
        stored.get("hall")
    assert caught.value.status == 503


def test_a_secret_in_the_place_of_another_opens_nothing(world: World, caplog: pytest.LogCaptureFixture) -> None:
    mine = world.register.add("mine", HALL, by=ADMIN)
    world.register.add("yours", HALL, by=ADMIN)
    world.register.grant("yours", [Role.USE], by=OPERATOR)
    with world.store.write() as connection:
        wrapped = "SELECT wrapped FROM platform_credentials WHERE caller = 'mine'"
        row = connection.exec_driver_sql(wrapped).one()
        assert mine.secret.encode() not in bytes(row[0])
        connection.exec_driver_sql(f"UPDATE platform_credentials SET wrapped = ({wrapped}) WHERE caller = 'yours'")
    known = world.stored().get("yours")
    assert known is not None
    assert known.secrets == ()
    assert "cannot be used here" in caplog.text
    known = world.stored().get("mine")
    assert known is not None
    assert known.secrets == (mine.secret,)


def test_another_key_of_the_office_opens_no_secret(world: World) -> None:
    world.register.add("hall", HALL, by=ADMIN)
    other = StoredCallers(world.store, keys=CallerKeys(b"x" * 16), clock=world.clock)
    known = other.get("hall")
    assert known is not None
    assert known.secrets == ()


def test_every_change_stands_in_the_log(world: World) -> None:
    world.register.add("hall", HALL, by=ADMIN)
    world.register.grant("hall", [Role.USE], by=OPERATOR)
    world.register.rotate("hall", by=ADMIN)
    world.register.disable("hall", by=ADMIN)
    world.register.enable("hall", by=OPERATOR)
    with world.store.read() as connection:
        report = verify_audit(connection, "platform", at=world.clock())
        rows = connection.exec_driver_sql("SELECT actor, action, detail FROM storage_audit ORDER BY number").all()
    assert report.outcome is Outcome.PASSED
    assert [row[1] for row in rows] == [
        *("caller.added", "caller.granted", "caller.rotated", "caller.disabled", "caller.active"),
    ]
    assert [row[0] for row in rows][:2] == ["admin/admin-1", "operator/operator-1"]
    assert '"use"' in rows[1][2]


def test_a_change_that_is_refused_leaves_nothing(world: World) -> None:
    world.register.add("hall", HALL, by=ADMIN)
    before = world.register.records()
    with pytest.raises(ProvinceRejected, match="already"):
        world.register.add("hall", OWN, by=ADMIN)
    with pytest.raises(ProvinceRejected, match="no caller"):
        world.register.rotate("nobody", by=ADMIN)
    with pytest.raises(ValueError, match="negative"):
        world.register.rotate("hall", by=ADMIN, overlap=timedelta(days=-1))
    assert world.register.records() == before


@pytest.mark.parametrize("name", ["", "a b", "名", "a\n", "x" * 65, "\x7f"])
def test_an_id_that_cannot_stand_in_a_request_is_a_mistake(world: World, name: str) -> None:
    with pytest.raises(ValueError, match="printable"):
        world.register.add(name, HALL, by=ADMIN)
    assert world.register.records() == ()


def test_a_caller_has_only_so_many_keys_at_once(world: World) -> None:
    world.register.add("hall", HALL, by=ADMIN)
    for _ in range(15):
        world.register.rotate("hall", by=ADMIN)
    with pytest.raises(ProvinceRejected) as caught:
        world.register.rotate("hall", by=ADMIN)
    assert caught.value.problem == "keys_many"
    world.clock.tick(days=8)
    assert world.register.rotate("hall", by=ADMIN).number == 17


@pytest.mark.parametrize("name", ["", "a\nb"])
def test_an_officer_has_a_name(name: str) -> None:
    with pytest.raises(ValueError, match="name"):
        Officer(name, Power.ADMIN)
