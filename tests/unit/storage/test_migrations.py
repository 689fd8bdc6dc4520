from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from egov_sdk.storage import Migration, Schema, StorageError, Store, open_store
from egov_sdk.storage.migrations import PerDatabase, schema_differences
from egov_sdk.storage.sql import BigInteger, Column, LargeBinary, MetaData, Table, Text, UtcTime
from egov_sdk.storage.tables import STORAGE
from tests.unit.storage.times import AT

FIRST = Migration(1, "pages", ("CREATE TABLE note_pages (name TEXT NOT NULL PRIMARY KEY, body {bytes} NOT NULL)",))
SECOND = Migration(
    2,
    "sizes",
    (
        "ALTER TABLE note_pages ADD COLUMN size BIGINT",
        "UPDATE note_pages SET size = 0",
        PerDatabase(sqlite="", postgresql="ALTER TABLE note_pages ALTER COLUMN size SET DEFAULT 1"),
    ),
)
TABLES = MetaData()
PAGES = Table(
    "note_pages",
    TABLES,
    Column("name", Text, primary_key=True),
    Column("body", LargeBinary, nullable=False),
    Column("size", BigInteger),
)
NOTES_1 = Schema("note", MetaData(), (FIRST,))
NOTES_2 = Schema("note", TABLES, (FIRST, SECOND))


def applied(store: Store) -> list[tuple[str, int]]:
    with store.read() as connection:
        rows = connection.exec_driver_sql("SELECT prefix, number FROM storage_migrations ORDER BY prefix, number")
        return [(prefix, number) for prefix, number in rows]


def test_steps_are_applied_in_order_once_and_recorded(store: Store) -> None:
    assert applied(store) == [("storage", 1)]
    store.prepare(NOTES_1, at=AT)
    assert applied(store) == [("note", 1), ("storage", 1)]
    with store.write() as connection:
        connection.exec_driver_sql("INSERT INTO note_pages (name, body) VALUES ('a', '')")
    store.prepare(NOTES_2, at=AT)
    store.prepare(NOTES_2, at=AT)
    assert applied(store) == [("note", 1), ("note", 2), ("storage", 1)]
    with store.read() as connection:
        assert connection.exec_driver_sql("SELECT size FROM note_pages").scalar_one() == 0


def test_the_tables_are_those_that_the_code_believes_in(store: Store) -> None:
    store.prepare(NOTES_2, at=AT)
    assert schema_differences(store, STORAGE) == ()
    assert schema_differences(store, NOTES_2) == ()


def test_tables_that_differ_are_told(store: Store) -> None:
    store.prepare(NOTES_1, at=AT)
    (missing,) = schema_differences(store, NOTES_2)
    assert missing.startswith("note_pages.size is None")
    other = MetaData()
    Table("note_pages", other, Column("name", Text), Column("body", UtcTime, primary_key=True))
    Table("note_more", other, Column("name", Text))
    found = "\n".join(schema_differences(store, Schema("note", other, (FIRST,))))
    for part in ("note_more is missing", "note_pages.body", "note_pages has the key ('name',)"):
        assert part in found
    assert schema_differences(store, NOTES_1) == ("note_pages is not known",)


def test_what_was_applied_stays_when_the_database_is_opened_again(lasting: Path | str) -> None:
    with open_store(lasting) as store:
        store.prepare(NOTES_2, at=AT)
    with open_store(lasting) as store:
        store.prepare(NOTES_2, at=AT)
        assert applied(store) == [("note", 1), ("note", 2), ("storage", 1)]


def test_programs_that_start_together_apply_each_step_once(lasting: Path | str) -> None:
    def start(_: int) -> None:
        with open_store(lasting) as store:
            store.prepare(NOTES_2, at=AT)

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(start, range(4)))
    with open_store(lasting) as store:
        assert applied(store) == [("note", 1), ("note", 2), ("storage", 1)]


def test_a_step_that_fails_leaves_nothing_of_itself_or_of_the_others(store: Store) -> None:
    broken = Migration(2, "broken", ("CREATE TABLE note_more (name TEXT)", "INSERT INTO note_nowhere VALUES (1)"))
    with pytest.raises(StorageError):
        store.prepare(Schema("note", MetaData(), (FIRST, broken)), at=AT)
    assert applied(store) == [("storage", 1)]
    store.prepare(NOTES_2, at=AT)


def test_a_newer_database_is_refused(store: Store) -> None:
    store.prepare(NOTES_2, at=AT)
    with pytest.raises(StorageError) as caught:
        store.prepare(NOTES_1, at=AT)
    assert caught.value.code == "egov.storage.schema_newer"
    assert (caught.value.detail["found"], caught.value.detail["expected"]) == (2, 1)
    assert caught.value.hint


@pytest.mark.parametrize(
    "changed",
    [replace(FIRST, name="other"), replace(FIRST, statements=(*FIRST.statements, "DROP TABLE note_pages"))],
)
def test_a_step_that_was_another_one_is_refused(store: Store, changed: Migration) -> None:
    store.prepare(NOTES_1, at=AT)
    with pytest.raises(StorageError) as caught:
        store.prepare(Schema("note", MetaData(), (changed, SECOND)), at=AT)
    assert caught.value.code == "egov.storage.schema_changed"


def test_a_record_with_a_gap_is_refused(store: Store) -> None:
    store.prepare(NOTES_2, at=AT)
    with store.write() as connection:
        connection.exec_driver_sql("DELETE FROM storage_migrations WHERE prefix = 'note' AND number = 1")
    with pytest.raises(StorageError) as caught:
        store.prepare(NOTES_2, at=AT)
    assert caught.value.code == "egov.storage.schema_gap"


def test_a_checksum_covers_everything_of_a_step() -> None:
    a, b = PerDatabase("a", "b"), PerDatabase("ab", "")
    steps = [
        FIRST,
        SECOND,
        replace(FIRST, number=2),
        replace(FIRST, name=""),
        replace(FIRST, statements=(a,)),
        replace(FIRST, statements=(b,)),
    ]
    assert len({step.checksum for step in steps}) == len(steps)


def test_the_steps_of_released_tables_never_change() -> None:
    assert [step.checksum[:16] for step in STORAGE.migrations] == ["c94dabf750498355"]


@pytest.mark.parametrize(
    ("prefix", "steps"),
    [
        ("no", (FIRST,)),
        ("Note", (FIRST,)),
        ("note_", (FIRST,)),
        ("note", (SECOND,)),
        ("note", (FIRST, FIRST)),
        ("note", (FIRST, replace(SECOND, number=3))),
        ("page", (FIRST,)),
        ("note", (replace(FIRST, statements=("DROP TABLE storage_audit",)),)),
        ("note", (replace(FIRST, statements=("CREATE INDEX storage_x ON note_pages (name)",)),)),
        ("note", (replace(FIRST, statements=("PRAGMA foreign_keys = OFF",)),)),
    ],
)
def test_a_schema_that_reaches_beyond_its_prefix_is_refused(prefix: str, steps: tuple[Migration, ...]) -> None:
    with pytest.raises(ValueError, match=r"prefix|migrations|does not begin"):
        Schema(prefix, MetaData(), steps)


def test_tables_beyond_the_prefix_are_refused() -> None:
    with pytest.raises(ValueError, match="does not begin with page_"):
        Schema("page", TABLES, ())


def test_two_schemas_of_one_prefix_are_refused(store: Store) -> None:
    with pytest.raises(ValueError, match="one prefix"):
        store.prepare(NOTES_1, NOTES_2, at=AT)


def test_a_time_without_a_zone_is_refused(store: Store) -> None:
    with pytest.raises(ValueError, match="aware"):
        store.prepare(NOTES_1, at=AT.replace(tzinfo=None))
    assert applied(store) == [("storage", 1)]
