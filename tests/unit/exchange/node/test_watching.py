from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from egov_sdk.exchange.envelope.model import MOST_CONTENT
from egov_sdk.exchange.node import watch
from egov_sdk.exchange.node.journal import Journal
from egov_sdk.exchange.node.model import Direction, MessageState, PartnerStatus
from egov_sdk.exchange.node.problems import ORIGINS, PROBLEMS
from egov_sdk.exchange.node.settings import AuditLevel, AuditSettings, Backoff, NodeSettings
from egov_sdk.exchange.node.stamps import stamps_of, verify_stamped_export, verify_stamps
from egov_sdk.exchange.node.tables import MESSAGES, NODE, STAMPS
from egov_sdk.exchange.node.watch import read_status
from egov_sdk.exchange.node.workers import work
from egov_sdk.pki import TrustStore
from egov_sdk.pki.local_ca import Revoked
from egov_sdk.pki.timestamp import parse_token, verify_token
from egov_sdk.report import Outcome, Report
from egov_sdk.storage import StorageBusy, open_store, verify_audit
from egov_sdk.storage.audit import AuditHead
from egov_sdk.storage.audit_files import AuditFile, export_audit, verify_export
from egov_sdk.storage.migrations import Schema, schema_differences
from egov_sdk.storage.sql import select
from tests.exchange_world import Town, refused
from tests.unit.exchange.envelope.offices import AT, offices

Make = Callable[..., Town]


def actions(town: Town, journal: Journal) -> list[tuple[str, str]]:
    node = town.tax if journal is town.tax.desk.journal else town.market
    with node.desk.store.read() as connection:
        return [(one.action, one.actor) for one in journal._log.entries(connection)]


def test_the_log_tells_the_life_of_a_message(town: Town) -> None:
    record = town.send()
    town.settle_down()
    tax, market = offices().tax.party.id, offices().market.party.id
    assert actions(town, town.tax.desk.journal) == [("message.queued", tax), ("message.receipted", tax)]
    assert actions(town, town.market.desk.journal) == [("message.accepted", market), ("message.handled", market)]
    with town.market.desk.store.read() as connection:
        entry = town.market.desk.journal._log.entries(connection)[0]
    assert (entry.subject, entry.detail["digest"]) == (record.id, record.digest)
    assert "message" not in entry.detail


@pytest.mark.parametrize(("level", "count"), [("full", 2), ("metadata", 2), ("none", 0)])
def test_the_level_says_what_is_written(make: Make, level: AuditLevel, count: int) -> None:
    town = make(audit=AuditSettings(level=level))
    town.send()
    town.settle_down()
    with town.market.desk.store.read() as connection:
        entries = town.market.desk.journal._log.entries(connection)
    assert len(entries) == count
    assert sum("message" in one.detail for one in entries) == (level == "full")


def test_a_log_with_whole_messages_is_verified_from_its_file(make: Make) -> None:
    town = make(audit=AuditSettings(level="full"))
    town.send(content=b"x" * MOST_CONTENT)
    with town.tax.desk.store.read() as connection:
        lines = list(export_audit(connection, town.tax.desk.journal.chain))
    assert len(lines[1]) > MOST_CONTENT
    assert verify_export(lines, at=AT).outcome is Outcome.PASSED


def test_who_brought_a_message_back_and_why_stands_in_the_log(town: Town) -> None:
    record = town.send()
    town.tax.cancel(record.number, reason="a mistake", actor="clerk 7")
    assert actions(town, town.tax.desk.journal)[-1] == ("message.cancel", "clerk 7")
    with town.tax.desk.store.read() as connection:
        assert town.tax.desk.journal._log.entries(connection)[-1].detail["reason"] == "a mistake"


def test_the_head_of_the_log_is_time_stamped_and_proves_it(make: Make) -> None:
    stamped: list[bytes] = []

    def stamp(digest: bytes) -> bytes:
        stamped.append(digest)
        return offices().tsa.stamp(digest, at=AT)

    town = make(audit=AuditSettings(time_stamp=stamp, every=timedelta(minutes=1)))
    town.send()
    assert town.tax.stamp_due()
    assert not town.tax.stamp_due()
    town.send()
    assert not town.tax.stamp_due()
    town.watch.forward(minutes=1)
    assert town.tax.stamp_due()
    chain = town.tax.desk.journal.chain
    with town.tax.desk.store.read() as connection:
        rows = connection.execute(select(STAMPS)).mappings().all()
        for row in rows:
            assert verify_token(parse_token(row["token"]), imprint_of=row["digest"]).outcome is Outcome.PASSED
            head = AuditHead(chain, row["number"], row["digest"])
            report = verify_audit(connection, chain, at=AT, expected_head=head)
            assert report.outcome is Outcome.PASSED
    assert [row["number"] for row in rows] == [1, 2]
    assert town.tax.status().stamped_at == town.watch.at


def test_no_work_is_taken_when_the_log_was_not_stamped_for_too_long(make: Make) -> None:
    def down(_: bytes) -> bytes:
        raise ConnectionError("the authority is down")

    audit = AuditSettings(time_stamp=down, refuse_after=timedelta(hours=1))
    town = make(audit=audit)
    town.send(1)
    town.watch.forward(minutes=59)
    town.send(2)
    town.tax.deliver_due()
    town.watch.forward(minutes=2)
    assert refused("node.audit_not_stamped", lambda: town.send(3)).origin == "node"
    town.watch.forward(hours=1)
    refused("node.audit_not_stamped", lambda: town.market.accept(town.way.sent[0].data))
    refused("node.audit_not_stamped", town.market.handle_due)
    assert town.tax.health().problems == ("egov.exchange.node.audit_not_stamped",)
    assert "egov_exchange_healthy 0" in town.tax.metrics()


def test_a_node_goes_on_without_stamps_where_that_is_allowed(make: Make) -> None:
    town = make(audit=AuditSettings(time_stamp=lambda digest: digest, refuse_after=None))
    town.send(1)
    town.watch.forward(days=3)
    town.send(2)
    town.settle_down()
    assert town.applied == ['{"n":1}', '{"n":2}']
    assert town.tax.health().ok


def test_an_authority_that_is_down_stops_nothing_before_its_time_and_is_not_asked_all_the_time(make: Make) -> None:
    asked: list[bytes] = []

    def down(digest: bytes) -> bytes:
        asked.append(digest)
        if len(asked) < 3:
            raise ConnectionError("the authority is down")
        return offices().tsa.stamp(digest, at=AT)

    town = make(sender={"audit": AuditSettings(time_stamp=down, every=timedelta(minutes=1))})
    town.send(1)
    for _ in range(4):
        town.tax.run_once()
        town.watch.forward(seconds=1)
    assert [one.state for one in town.tax.messages()] == [MessageState.DONE]
    assert len(asked) == 1
    assert 'egov_exchange_stamp_failed_total{code="egov.exchange.node.stamp"} 1' in town.tax.metrics()
    for _ in range(3):
        town.watch.forward(minutes=1)
        town.tax.run_once()
    assert (len(asked), town.tax.status().stamped_at) == (3, town.watch.at - timedelta(minutes=1))


def stamped(make: Make, *places: Path, rounds: int = 3) -> Town:
    """A town whose tax office has a log with several stamps."""
    watch: list[Town] = []
    ask = lambda digest: offices().tsa.stamp(digest, at=watch[0].watch.at)  # noqa: E731 - the clock is the town's
    town = make(*places, sender={"audit": AuditSettings(time_stamp=ask)})
    watch.append(town)
    for number in range(rounds):
        town.send(number)
        assert town.tax.stamp_due()
        town.watch.forward(minutes=1)
    return town


def stamps(town: Town, *, trust: TrustStore | None = None, crls: tuple[bytes, ...] = ()) -> Report:
    anchors = offices().trust if trust is None else trust
    with town.tax.desk.store.read() as connection:
        return verify_stamps(connection, town.tax.desk.journal.chain, trust=anchors, at=town.watch.at, crls=crls)


def test_the_stamps_of_a_log_are_verified(make: Make) -> None:
    town = stamped(make)
    town.send(9)
    report = stamps(town)
    assert report.outcome is Outcome.PASSED
    assert report.of("coverage.audit_stamp")[0].message.en.startswith("up to entry 3 of 4, at 2026-06-01T09:32:")


def test_a_log_without_stamps_and_one_of_an_unknown_authority_are_undecided(make: Make) -> None:
    town = make()
    town.send()
    assert [one.id for one in stamps(town).blocking if one.reason == "none"] == ["coverage.audit_stamp"]
    other = stamped(make)
    assert stamps(other, trust=TrustStore([])).outcome is Outcome.UNKNOWN
    assert stamps(other, trust=TrustStore([offices().other.certificate])).outcome is not Outcome.PASSED


def test_an_authority_that_was_revoked_since_proves_nothing_about_its_time(make: Make) -> None:
    town, world = stamped(make), offices()
    gone = Revoked(world.tsa.certificate.serial_number, AT + timedelta(days=1), "keyCompromise")
    assert stamps(town, crls=(world.ca.crl(at=AT + timedelta(days=1), revoked=[gone]),)).outcome is Outcome.UNKNOWN


@pytest.mark.parametrize(
    ("statement", "check"),
    [
        ("UPDATE node_stamps SET digest = x'00' WHERE number = 2", "binding.audit_stamp"),
        ("UPDATE node_stamps SET number = 99 WHERE number = 2", "binding.audit_stamp"),
        ("UPDATE node_stamps SET token = x'3000' WHERE number = 2", "integrity.audit_stamp"),
        ("UPDATE node_stamps SET token = 'a text' WHERE number = 2", "integrity.audit_stamp"),
        ("UPDATE node_stamps SET digest = 7 WHERE number = 2", "binding.audit_stamp"),
        ("UPDATE node_stamps SET number = 'x' WHERE number = 2", "binding.audit_stamp"),
        ("UPDATE storage_audit SET digest = 'a text' WHERE number = 2", "binding.audit_stamp"),
        ("UPDATE node_stamps SET token = (SELECT token FROM node_stamps WHERE number = 1)", "integrity.audit_stamp"),
        ("UPDATE storage_audit SET digest = x'00' WHERE number = 2", "binding.audit_stamp"),
        ("DELETE FROM storage_audit WHERE number = 3", "binding.audit_stamp"),
    ],
)
def test_what_was_done_to_stamps_or_to_what_they_are_over_is_found(
    tmp_path: Path, make: Make, statement: str, check: str
) -> None:
    town = stamped(Town.at, tmp_path / "tax.db", tmp_path / "market.db")
    with town.tax.desk.store.write() as connection:
        for name in ("storage_audit_no_update", "storage_audit_no_delete"):
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
        connection.exec_driver_sql(statement)
    chain = town.tax.desk.journal.chain
    with town.tax.desk.store.read() as connection:
        lines = list(export_audit(connection, chain, stamps=stamps_of(connection, chain)))
    in_file = verify_stamped_export(AuditFile(lines), trust=offices().trust, at=town.watch.at)[1]
    for report in (stamps(town), in_file):
        assert (report.outcome, check in {one.id for one in report.blocking}) == (Outcome.FAILED, True)
    town.close()


@pytest.mark.parametrize("what", ["nothing", "the digest", "another digest", "changed"])
def test_what_is_no_time_stamp_of_the_log_is_not_taken_for_one(make: Make, what: str) -> None:
    def authority(digest: bytes) -> bytes:
        tsa = offices().tsa
        good = tsa.stamp(digest, at=AT)
        other = {"nothing": b"", "the digest": digest, "another digest": tsa.stamp(b"other", at=AT)}
        return other.get(what, good[:-1] + bytes((good[-1] ^ 1,)))

    town = make(sender={"audit": AuditSettings(time_stamp=authority, refuse_after=timedelta(hours=1))})
    town.send(1)
    assert not town.tax.stamp_due()
    assert town.tax.status().stamped_at is None
    town.watch.forward(hours=2)
    refused("node.audit_not_stamped", lambda: town.send(2))


def test_a_changed_log_is_found(make: Make, tmp_path: Path) -> None:
    town = Town.at(tmp_path / "tax.db", tmp_path / "market.db")
    town.send()
    with town.tax.desk.store.write() as connection:
        connection.exec_driver_sql("DROP TRIGGER storage_audit_no_update")
        connection.exec_driver_sql("UPDATE storage_audit SET detail = '{}'")
    with pytest.raises(AssertionError):
        town.assert_audits_hold()
    town.close()


def test_a_message_that_goes_while_it_is_asked_for_holds_up_nobody(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    def lost(*_: object) -> bytes:
        raise ConnectionError

    def waiting() -> PartnerStatus:
        (found,) = (one for one in town.tax.status().partners if one.waiting)
        return found

    town.way.fate = lost
    number = town.send().number
    town.tax.run_once()
    assert waiting().failing == number
    monkeypatch.setattr(watch, "numbered", lambda _, heads: heads.where(MESSAGES.c.number < 0))
    assert (waiting().failing, waiting().problem) == (0, "")


def test_metrics_count_what_went_wrong_by_its_code(town: Town) -> None:
    town.market.accept(b"{}")
    assert 'egov_exchange_refused_total{code="egov.exchange.envelope.member"} 1' in town.market.metrics()


def test_the_tables_are_those_that_the_code_believes_in(places: tuple[Path | str, Path | str]) -> None:
    with open_store(places[0]) as store:
        store.prepare(NODE, at=AT)
        assert schema_differences(store, NODE) == ()


def test_a_database_that_fails_does_not_end_a_worker() -> None:
    import threading

    stop = threading.Event()

    class Failing:
        rounds = 0

        def run_once(self) -> int:
            self.rounds += 1
            if self.rounds == 1:
                raise StorageBusy("somebody writes")
            stop.set()
            return 0

    failing = Failing()
    work(failing, stop)
    assert failing.rounds == 2


def test_waits_double_up_to_a_cap_and_half_of_each_is_random() -> None:
    backoff = Backoff(first=timedelta(seconds=1), cap=timedelta(seconds=10), attempts=9)
    least = [backoff.delay(n, random=lambda count: b"\0" * count).total_seconds() for n in range(1, 7)]
    most = [backoff.delay(n, random=lambda count: b"\xff" * count).total_seconds() for n in range(1, 7)]
    assert least == [0.5, 1, 2, 4, 5, 5]
    assert most == [1, 2, 4, 8, 10, 10]


@pytest.mark.parametrize(
    ("attempts", "attempt", "after_s", "last"),
    [(None, 1, -1, False), (None, 10_000, -1, False), (None, 1, 0, True), (3, 2, 1, False), (3, 3, -1, True)],
)
def test_attempts_end_with_the_message_or_at_their_number(
    attempts: int | None, attempt: int, after_s: int, last: bool
) -> None:
    at = AT + timedelta(seconds=after_s)
    assert Backoff(attempts=attempts).is_last(attempt, at=at, until=AT) is last


@pytest.mark.parametrize(
    "make_settings",
    [
        lambda: Backoff(attempts=0),
        lambda: Backoff(attempts=-1),
        lambda: NodeSettings(handling=Backoff()),
        lambda: Backoff(first=timedelta(hours=1)),
        lambda: NodeSettings(at_rest=b"short"),
        lambda: NodeSettings(lease=timedelta(0)),
        lambda: NodeSettings(handle_together=0),
        lambda: AuditSettings(level="all"),  # type: ignore[arg-type]  # a caller's mistake
    ],
)
def test_settings_that_cannot_be_are_mistakes(make_settings: Callable[[], Any]) -> None:
    with pytest.raises(ValueError, match=r"."):
        make_settings()


def test_every_refusal_says_whose_matter_it_is() -> None:
    assert ORIGINS.keys() <= PROBLEMS.keys()
    assert set(ORIGINS.values()) | {"receiver"} == {"caller", "sender", "receiver", "node"}
    assert all(text.en and text.zh for text in PROBLEMS.values())


def test_status_names_partners_of_whom_nothing_is_there(town: Town) -> None:
    known = {one.partner for one in town.tax.status().partners if one.direction is Direction.OUT}
    assert known == {offices().market.party.id, offices().housing.party.id}


@pytest.mark.parametrize("prepared", [None, (), (NODE,)])
def test_a_database_on_which_no_node_has_worked_says_so(tmp_path: Path, prepared: tuple[Schema, ...] | None) -> None:
    with open_store(tmp_path / "other.db") as store:
        if prepared is not None:
            store.prepare(*prepared, at=AT)
        refused("node.no_node", lambda: read_status(store, at=AT))
