"""Who works here and who is signed in, on databases of both kinds; and what the pages ask of these databases."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from egov_sdk.exchange.node.model import Direction, MessageState
from egov_sdk.exchange.node.tables import MESSAGES, NODE
from egov_sdk.exchange.node.traffic import traffic_of
from egov_sdk.identity.problems import IdentityRejected
from egov_sdk.identity.provider import ScryptCost
from egov_sdk.platform.console.problems import ConsoleRejected
from egov_sdk.platform.console.sessions import SignIns, form_mark
from egov_sdk.platform.console.staff import StaffRegister
from egov_sdk.platform.console.tables import CONSOLE, SESSIONS, STAFF
from egov_sdk.platform.powers import Power
from egov_sdk.storage import AuditLog, Store, verify_audit
from egov_sdk.storage.migrations import schema_differences
from egov_sdk.storage.sql import insert, select
from egov_sdk.testing.clock import Clock

PASSWORD = "Correct-horse-7"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def staff(store: Store, clock: Clock) -> StaffRegister:
    return StaffRegister(store, clock=clock, cost=ScryptCost.unsafe_for_tests())


def test_the_tables_are_those_that_the_code_believes_in(staff: StaffRegister, store: Store) -> None:
    assert schema_differences(store, CONSOLE) == ()


def refused(what: Callable[[], object]) -> str:
    with pytest.raises((ConsoleRejected, IdentityRejected)) as caught:
        what()
    return caught.value.problem


def test_a_name_is_taken_however_it_is_written_until_its_owner_is_gone(staff: StaffRegister) -> None:
    first = staff.add("Wang", Power.OPERATOR)
    assert refused(lambda: staff.add("ＷＡＮＧ", Power.AUDITOR)) == "console.staff_taken"
    staff.remove(first.staff.id)
    again = staff.add("wang", Power.AUDITOR)
    assert again.staff.id != first.staff.id
    assert staff.names() == {first.staff.id: "wang", again.staff.id: "wang"}
    assert [one.id for one in staff.all()] == [again.staff.id]
    assert refused(lambda: staff.remove(first.staff.id)) == "console.staff_unknown"
    assert refused(lambda: staff.renew(first.staff.id)) == "console.staff_unknown"


@pytest.mark.parametrize("login", ["", " ", "a b", "<script>", "x" * 65, "a\n"])
def test_a_name_is_made_of_letters_and_digits(staff: StaffRegister, login: str) -> None:
    assert refused(lambda: staff.add(login, Power.ADMIN)) == "login_shape"


@pytest.mark.parametrize("password", ["short", "Admin-admin-1", "aaaaaaaaaaaaaaaa", "x" * 300])
def test_a_password_that_is_easily_guessed_is_refused(staff: StaffRegister, password: str) -> None:
    assert refused(lambda: staff.add("admin", Power.ADMIN, password=password)) == "password_weak"


def test_neither_passwords_nor_tokens_are_kept_or_shown(staff: StaffRegister, store: Store) -> None:
    made = staff.add("li", Power.ADMIN)
    session = SignIns(staff).sign_in("li", made.password, source="1.2.3.4")
    with store.read() as connection:
        kept = repr(connection.execute(select(STAFF)).all()) + repr(connection.execute(select(SESSIONS)).all())
    for secret in (made.password, session.token):
        assert secret not in kept + repr(made) + repr(session)
    assert session.mark == form_mark(session.token) != session.token


def test_of_two_administrators_who_remove_each_other_one_stays(staff: StaffRegister) -> None:
    both = [staff.add(name, Power.ADMIN).staff.id for name in ("one", "two")]

    def remove(who: str) -> str:
        try:
            staff.remove(who)
        except ConsoleRejected as error:
            return error.problem
        return ""

    with ThreadPoolExecutor(2) as pool:
        found = sorted(pool.map(remove, both))
    assert found == ["", "console.last_admin"]
    assert len(staff.all()) == 1


def test_of_many_guesses_at_once_no_more_are_looked_at_than_allowed(staff: StaffRegister) -> None:
    staff.add("li", Power.ADMIN, password=PASSWORD)
    sign_ins = SignIns(staff)

    def guess(number: int) -> str:
        return refused(lambda: sign_ins.sign_in("li", f"guess {number}", source="1.2.3.4"))

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(guess, range(12)))
    assert found.count("console.sign_in") == 5
    assert found.count("too_many_attempts") == 7


def test_a_session_lives_between_its_bounds(staff: StaffRegister, clock: Clock, store: Store) -> None:
    staff.add("li", Power.ADMIN, password=PASSWORD)
    sign_ins = SignIns(staff, lasts=timedelta(hours=1), idle=timedelta(minutes=20))
    session = sign_ins.sign_in("LI", PASSWORD, source="")
    for _ in range(3):
        clock.tick(minutes=19)
        assert sign_ins.of(session.token) is not None
    clock.tick(minutes=4)
    assert sign_ins.of(session.token) is None
    idle = sign_ins.sign_in("li", PASSWORD, source="")
    clock.tick(minutes=20)
    assert sign_ins.of(idle.token) is None
    fresh = sign_ins.sign_in("li", PASSWORD, source="")
    with store.read() as connection:
        assert len(connection.execute(select(SESSIONS)).all()) == 1
    sign_ins.sign_out(fresh)
    assert sign_ins.of(fresh.token) is None
    assert sign_ins.of("") is None
    assert sign_ins.of("\ud800") is None


def test_everything_that_was_done_is_in_the_chain_and_the_chain_holds(staff: StaffRegister, store: Store) -> None:
    admin = staff.add("one", Power.ADMIN)
    other = staff.add("two", Power.ADMIN, by=admin.staff.id)
    session = SignIns(staff).sign_in("two", other.password, source="")
    SignIns(staff).change_password(session, old=other.password, new=PASSWORD, source="")
    staff.renew(other.staff.id, by=admin.staff.id)
    staff.remove(other.staff.id, by=admin.staff.id)
    with store.read() as connection:
        report = verify_audit(connection, "console", at=datetime.now(UTC))
        entries = AuditLog("console").newest(connection)
    assert report.outcome.value == "passed"
    assert [(one.action.removeprefix("staff."), one.actor == admin.staff.id) for one in reversed(entries)] == [
        ("added", False),
        ("added", True),
        ("signed_in", False),
        ("password_changed", False),
        ("signed_in", False),
        ("password_renewed", True),
        ("removed", True),
    ]


# ---- what the pages ask


def test_entries_come_from_the_last_one_back_and_by_what_they_are(store: Store, clock: Clock) -> None:
    store.prepare(at=clock())
    log = AuditLog("x")
    with store.write() as connection:
        for number in range(1, 8):
            actor, action = f"a{number % 2}", f"act.{number % 3}"
            log.append(connection, at=clock(), actor=actor, action=action, subject=str(number))
    with store.read() as connection:

        def numbers(**asked: object) -> list[int]:
            return [one.number for one in log.newest(connection, **asked)]  # type: ignore[arg-type]  # as named there

        assert numbers(limit=3) == [7, 6, 5]
        assert numbers(before=5, limit=3) == [4, 3, 2]
        assert numbers(before=1) == []
        assert numbers(like={"actor": "a1", "action": "", "subject": ""}) == [7, 5, 3, 1]
        assert numbers(like={"actor": "a1", "action": "act.1"}) == [7, 1]
        assert numbers(like={"subject": "4"}) == [4]
        with pytest.raises(ValueError, match="detail"):
            log.newest(connection, like={"detail": "x"})


def test_messages_are_counted_by_the_hours_in_which_they_were_stored(store: Store) -> None:
    at = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
    store.prepare(NODE, at=at)

    def row(number: int, minutes: int, state: str, direction: str) -> dict[str, object]:
        texts = ("peer", "sender", "receiver", "service", "resource", "conversation", "correlation", "lease", "problem")
        when = at - timedelta(minutes=minutes)
        times = dict.fromkeys(("created_at", "expires_at", "stored_at", "updated_at"), when)
        octets, numbers = (
            dict.fromkeys(("digest", "signed", "draft"), b"x"),
            dict.fromkeys(("size", "rank", "attempts"), 1),
        )
        own = {"id": f"m{number}", "state": state, "direction": direction, "due_at": None, "finished_at": None}
        return {**dict.fromkeys(texts, "x"), **times, **octets, **numbers, **own}

    given = [(0, "done", "out"), (1, "done", "out"), (59, "done", "out"), (60, "dead", "in"), (61, "done", "out")]
    with store.write() as connection:
        connection.execute(insert(MESSAGES), [row(number, *one) for number, one in enumerate(given)])
        connection.execute(insert(MESSAGES), [row(99, 3_000, "done", "out")])
    with store.read() as connection:
        found = traffic_of(connection, since=at - timedelta(hours=24))
        few = traffic_of(connection, since=at - timedelta(hours=24), most=2)
    assert [((at - one.hour) / timedelta(hours=1), one.direction, one.state, one.count) for one in found] == [
        (2.0, Direction.OUT, MessageState.DONE, 1),
        (1.0, Direction.IN, MessageState.DEAD, 1),
        (1.0, Direction.OUT, MessageState.DONE, 2),
        (0.0, Direction.OUT, MessageState.DONE, 1),
    ]
    assert sum(one.count for one in few) == 1
