from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from egov_sdk.crypto import sm3
from egov_sdk.report import Outcome, Report
from egov_sdk.storage import AuditHead, AuditLog, StorageConflict, StorageError, Store, open_store, verify_audit
from egov_sdk.storage.audit import CHECKS, audit_chains
from egov_sdk.storage.audit_files import export_audit, verify_export
from tests.unit.storage.times import AT, later

LOG = AuditLog("people")


def write(store: Store, count: int, *, log: AuditLog = LOG) -> AuditHead:
    with store.write() as connection:
        for number in range(1, count + 1):
            head = log.append(
                connection,
                at=later(number),
                actor="clerk",
                action="changed",
                subject=f"p{number % 3}",
                detail={"n": number},
            )
        return head


def verify(store: Store, *, expected: AuditHead | None = None, chain: str = "people") -> Report:
    with store.read() as connection:
        return verify_audit(connection, chain, at=AT, expected_head=expected)


def found(report: Report) -> set[tuple[str, str, str]]:
    return {(check.id.partition("_")[2], check.reason, check.subject) for check in report.blocking}


def tamper(store: Store, *statements: str) -> None:
    """What somebody can do who owns the database."""
    off = {
        "sqlite": ["DROP TRIGGER storage_audit_no_update", "DROP TRIGGER storage_audit_no_delete"],
        "postgresql": ["ALTER TABLE storage_audit DISABLE TRIGGER USER"],
    }
    with store.write() as connection:
        for statement in (*off[store.dialect], *statements):
            connection.exec_driver_sql(statement)


def test_an_untouched_log_passes(store: Store) -> None:
    head = write(store, 7)
    assert head.number == 7
    report = verify(store, expected=head)
    assert report.outcome is Outcome.PASSED
    assert report.of("coverage.audit_numbers")[0].evidence == {"count": "7"}
    assert verify(store).outcome is Outcome.PASSED


def test_a_log_longer_than_one_batch_passes(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("egov_sdk.storage.audit._BATCH", 3)
    for count in (1, 2, 3, 4):
        write(store, count)
        assert verify(store).outcome is Outcome.PASSED


def test_the_digests_are_those_of_the_documented_layout(store: Store) -> None:
    """Written out by hand, so that a changed layout cannot go unnoticed: old logs must stay verifiable."""
    head = write(store, 1)
    mark = b"egov_sdk audit log 1\0"
    at = 1_772_357_401_123_456
    texts = ["people", "clerk", "changed", "p1", '{"n":1}']
    body = b"".join(len(text).to_bytes(4, "big") + text.encode() for text in texts)
    previous = sm3(mark + b"people")
    assert head.digest == sm3(mark + previous + (1).to_bytes(8, "big") + at.to_bytes(8, "big") + body)


def test_entries_are_read_back_in_order(store: Store) -> None:
    write(store, 7)
    with store.read() as connection:
        entries = LOG.entries(connection)
        assert [entry.number for entry in entries] == list(range(1, 8))
        assert entries[2].detail == {"n": 3}
        assert (entries[2].at, entries[2].actor, entries[2].subject) == (later(3), "clerk", "p0")
        assert [entry.number for entry in LOG.entries(connection, subject="p0")] == [3, 6]
        assert [entry.number for entry in LOG.entries(connection, after=4, limit=2)] == [5, 6]
        assert AuditLog("others").entries(connection) == ()


def test_an_entry_of_an_undone_transaction_was_never_written(store: Store) -> None:
    def fail() -> None:
        with store.write() as connection:
            LOG.append(connection, at=AT, actor="", action="", subject="")
            raise LookupError

    write(store, 2)
    with pytest.raises(LookupError):
        fail()
    head = write(store, 1)
    assert head.number == 3
    assert verify(store, expected=head).outcome is Outcome.PASSED


def test_many_who_write_at_once_make_one_chain(store: Store) -> None:
    with ThreadPoolExecutor(6) as threads:
        list(threads.map(lambda _: write(store, 2), range(12)))
    report = verify(store)
    assert report.outcome is Outcome.PASSED
    assert report.of("coverage.audit_numbers")[0].evidence == {"count": "24"}


def test_chains_stand_apart(store: Store) -> None:
    write(store, 3)
    write(store, 2, log=AuditLog("licences"))
    with store.read() as connection:
        assert LOG.head(connection).number == 3
        assert AuditLog("licences").head(connection).number == 2
        assert AuditLog("none").head(connection).number == 0
    assert verify(store, chain="licences").outcome is Outcome.PASSED


@pytest.mark.parametrize(
    "statement",
    ["UPDATE storage_audit SET actor = 'x'", "DELETE FROM storage_audit", "DELETE FROM storage_audit WHERE number = 3"],
)
def test_entries_cannot_be_changed_or_removed_in_passing(store: Store, statement: str) -> None:
    head = write(store, 3)
    with pytest.raises(StorageConflict), store.write() as connection:
        connection.exec_driver_sql(statement)
    assert verify(store, expected=head).outcome is Outcome.PASSED


CHANGES = {
    "actor": "UPDATE storage_audit SET actor = 'somebody' WHERE number = 4",
    "action": "UPDATE storage_audit SET action = 'read' WHERE number = 4",
    "subject": "UPDATE storage_audit SET subject = 'p0' WHERE number = 4",
    "detail": "UPDATE storage_audit SET detail = '{\"n\": 4}' WHERE number = 4",
    "time": "UPDATE storage_audit SET at = at + 1 WHERE number = 4",
    "texts run together": "UPDATE storage_audit SET actor = 'clerkc', action = 'hanged' WHERE number = 4",
    "a time out of all calendars": "UPDATE storage_audit SET at = 9223372036854775807 WHERE number = 4",
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_entry_is_found(store: Store, change: str) -> None:
    write(store, 7)
    tamper(store, CHANGES[change])
    assert found(verify(store)) == {("entry", "changed", "entry 4")}


def test_an_entry_of_wrong_types_is_found() -> None:
    """SQLite keeps whatever it is given."""
    from egov_sdk.storage import open_store

    for column, value in [
        ("at", "'noon'"),
        ("digest", "'text'"),
        ("previous", "7"),
        ("detail", "x'00'"),
        ("number", "'x'"),
    ]:
        with open_store("sqlite://") as store:
            store.prepare(at=AT)
            write(store, 7)
            tamper(store, f"UPDATE storage_audit SET {column} = {value} WHERE number = 4")
            report = verify(store)
            assert report.outcome is Outcome.FAILED
            assert any(reason == "changed" for _, reason, _ in found(report)), column


@pytest.mark.parametrize(
    "change", ["at = 9223372036854775807", "detail = 'no json'", "detail = '[1]'", "detail = '[' "]
)
def test_an_entry_that_cannot_be_read_is_damage(store: Store, change: str) -> None:
    write(store, 3)
    tamper(store, f"UPDATE storage_audit SET {change} WHERE number = 2")
    with pytest.raises(StorageError) as caught, store.read() as connection:
        LOG.entries(connection)
    assert caught.value.code == "egov.storage.damaged"


REMOVALS: dict[str, tuple[str, set[tuple[str, str, str]]]] = {
    "the first": (
        "DELETE FROM storage_audit WHERE number = 1",
        {("numbers", "missing", ""), ("chain", "broken", "entry 2")},
    ),
    "some in the middle": (
        "DELETE FROM storage_audit WHERE number IN (3, 4)",
        {("numbers", "missing", ""), ("chain", "broken", "entry 5")},
    ),
    "the last": ("DELETE FROM storage_audit WHERE number = 7", {("numbers", "head", "")}),
    "all": ("DELETE FROM storage_audit", {("numbers", "head", "")}),
    "the head": ("DELETE FROM storage_audit_heads", {("numbers", "head", "")}),
}


@pytest.mark.parametrize("removal", REMOVALS)
def test_a_removed_entry_is_found(store: Store, removal: str) -> None:
    statement, expected = REMOVALS[removal]
    write(store, 7)
    tamper(store, statement)
    assert found(verify(store)) == expected


def test_reordered_entries_are_found(store: Store) -> None:
    write(store, 7)
    tamper(
        store,
        "UPDATE storage_audit SET number = 100 WHERE number = 3",
        "UPDATE storage_audit SET number = 3 WHERE number = 4",
        "UPDATE storage_audit SET number = 4 WHERE number = 100",
    )
    blocking = found(verify(store))
    assert {("entry", "changed", "entry 3"), ("entry", "changed", "entry 4")} <= blocking
    assert {("chain", "broken", "entry 3"), ("chain", "broken", "entry 4")} <= blocking


def test_an_entry_of_another_chain_does_not_fit_in(store: Store) -> None:
    write(store, 3)
    write(store, 3, log=AuditLog("licences"))
    tamper(
        store,
        "DELETE FROM storage_audit WHERE chain = 'people' AND number = 2",
        "UPDATE storage_audit SET chain = 'people' WHERE chain = 'licences' AND number = 2",
    )
    assert ("entry", "changed", "entry 2") in found(verify(store))


def test_an_entry_in_front_of_the_first_is_found(store: Store) -> None:
    write(store, 2)
    tamper(store, "UPDATE storage_audit SET number = 0 WHERE number = 1")
    assert ("entry", "changed", "entry 0") in found(verify(store))


def rewritten(store: Store) -> AuditHead:
    """A whole new chain in place of the old one, as somebody can write who has this library and the database."""
    tamper(store, "DELETE FROM storage_audit", "DELETE FROM storage_audit_heads")
    return write(store, 6)


def cut(store: Store) -> AuditHead:
    with store.read() as connection:
        digest = LOG.entries(connection)[4].digest.hex()
    octets = f"x'{digest}'" if store.dialect == "sqlite" else f"'\\x{digest}'"
    tamper(
        store,
        "DELETE FROM storage_audit WHERE number > 5",
        f"UPDATE storage_audit_heads SET number = 5, digest = {octets}",
    )
    return AuditHead("people", 5, bytes.fromhex(digest))


@pytest.mark.parametrize("attack", [rewritten, cut])
def test_only_a_head_kept_elsewhere_tells_a_new_or_cut_chain(
    store: Store, attack: Callable[[Store], AuditHead]
) -> None:
    head = write(store, 7)
    attack(store)
    assert verify(store).outcome is Outcome.PASSED
    assert found(verify(store, expected=head)) == {("head", "other", "")}


def test_a_head_that_was_kept_earlier_still_passes(store: Store) -> None:
    early = write(store, 3)
    write(store, 4)
    assert verify(store, expected=early).outcome is Outcome.PASSED
    with store.read() as connection:
        before = AuditLog("new").head(connection)
    write(store, 2, log=AuditLog("new"))
    assert verify(store, expected=before, chain="new").outcome is Outcome.PASSED


def test_an_empty_log_is_no_proof_of_anything(store: Store) -> None:
    report = verify(store)
    assert report.outcome is Outcome.UNKNOWN
    assert found(report) == {("numbers", "empty", "")}


def test_findings_are_bounded(store: Store) -> None:
    write(store, 150)
    tamper(store, "UPDATE storage_audit SET actor = ''")
    assert len(verify(store).blocking) == 100


def test_a_chain_whose_head_was_removed_is_still_among_the_chains(store: Store) -> None:
    """Or whoever verifies all chains of a database would not look at it."""
    write(store, 3)
    other = write(store, 2, log=AuditLog("others"))
    tamper(
        store,
        "DELETE FROM storage_audit_heads WHERE chain = 'people'",
        "UPDATE storage_audit SET actor = 'somebody' WHERE chain = 'people' AND number = 2",
    )
    with store.read() as connection:
        first, second = audit_chains(connection)
    assert first == other
    assert (second.chain, second.number) == ("people", 0)
    assert found(verify(store)) == {("entry", "changed", "entry 2"), ("numbers", "head", "")}


@pytest.mark.parametrize(
    "change", ["digest = 'x'", "digest = 5", "digest = x'00'", "number = 'x'", "number = -1", "chain = x'aa'"]
)
def test_a_head_that_nobody_wrote_so_is_found_and_breaks_nothing(change: str) -> None:
    sqlite = open_store("sqlite://")
    sqlite.prepare(at=AT)
    write(sqlite, 3)
    tamper(sqlite, f"UPDATE storage_audit_heads SET {change}")
    with sqlite.read() as connection:
        heads = audit_chains(connection)
        lines = tuple(export_audit(connection, "people"))
    assert "people" in {head.chain for head in heads}
    assert all(isinstance(head.number, int) and len(head.digest) == 32 for head in heads)
    assert {one.reason for one in verify_export(lines, at=AT).blocking} == {"head"}
    assert found(verify(sqlite)) == {("numbers", "head", "")}


def test_a_head_of_another_chain_and_a_naive_time_are_refused(store: Store) -> None:
    head = write(store, 1)
    with store.read() as connection:
        with pytest.raises(ValueError, match="chain 'people'"):
            verify_audit(connection, "others", at=AT, expected_head=head)
        with pytest.raises(ValueError, match="aware"):
            verify_audit(connection, "people", at=AT.replace(tzinfo=None))


def test_an_entry_without_a_time_zone_or_with_other_things_is_refused(store: Store) -> None:
    with store.write() as connection:
        with pytest.raises(ValueError, match="aware"):
            LOG.append(connection, at=AT.replace(tzinfo=None), actor="", action="", subject="")
        with pytest.raises(TypeError):
            LOG.append(connection, at=AT, actor="", action="", subject="", detail={"x": AT})


def test_every_check_has_its_words_in_both_languages() -> None:
    for row in CHECKS.rows.values():
        for text in (row.question, *row.reasons.values()):
            assert text.en
            assert text.zh


def test_entries_written_together_are_those_written_one_by_one(store: Store) -> None:
    other = AuditLog("together")
    entries = [("clerk", "changed", f"p{n}", {"n": n}) for n in range(5)]
    with store.write() as connection:
        head = other.append_all(connection, at=AT, entries=entries)
    with store.write() as connection:
        last = other.append(connection, at=AT, actor="clerk", action="changed", subject="p5")
    assert (head.number, last.number) == (5, 6)
    with store.read() as connection:
        assert [entry.detail for entry in other.entries(connection)] == [{"n": n} for n in range(5)] + [{}]
    assert verify(store, expected=last, chain="together").outcome is Outcome.PASSED


def test_no_entries_are_a_mistake_of_the_caller(store: Store) -> None:
    with pytest.raises(ValueError, match="at least one"), store.write() as connection:
        LOG.append_all(connection, at=AT, entries=[])
