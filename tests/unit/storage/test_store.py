from __future__ import annotations

import sqlite3
import stat
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, nullcontext
from pathlib import Path

import pytest
from sqlalchemy.exc import DBAPIError

from egov_sdk.errors import ConfigError, MissingExtra
from egov_sdk.storage import StorageBusy, StorageConflict, StorageError, Store, _engines, open_store
from egov_sdk.storage.sql import BigInteger, Column, Connection, MetaData, Table, Text, insert, select
from egov_sdk.storage.statements import Prepared, held
from egov_sdk.storage.tables import KEYS
from tests.postgres import Server, running_server
from tests.unit.storage.times import AT, later

NOTES = Table("note_pages", MetaData(), Column("name", Text, primary_key=True))


def make_notes(store: Store) -> None:
    with store.write() as connection:
        connection.exec_driver_sql("CREATE TABLE note_pages (name TEXT PRIMARY KEY)")


def write_all(store: Store, *written: str, durable: bool = True, then: type[Exception] | None = None) -> None:
    with store.write(durable=durable) as connection:
        for name in written:
            connection.execute(insert(NOTES).values(name=name))
        if then is not None:
            raise then


def names(store: Store) -> set[str]:
    with store.read() as connection:
        return set(connection.execute(select(NOTES.c.name)).scalars())


def test_what_is_written_is_read(store: Store) -> None:
    make_notes(store)
    write_all(store, "甲")
    assert names(store) == {"甲"}


def replaced(act: Callable[[], object]) -> None:
    with pytest.raises(StorageError) as caught:
        act()
    assert caught.value.code == "egov.storage.replaced"


def test_nothing_is_written_into_a_file_that_was_moved_away_with_its_folder(tmp_path: Path) -> None:
    folder, aside = tmp_path / "office", tmp_path / "aside"
    folder.mkdir()
    with open_store(folder / "egov.db") as store:
        make_notes(store)
        folder.rename(aside)
        replaced(lambda: write_all(store, "甲"))
        folder.mkdir()
        with open_store(folder / "egov.db") as other:
            make_notes(other)
            replaced(lambda: write_all(store, "甲"))
            replaced(lambda: names(store))
            assert names(other) == set()
        folder.rename(tmp_path / "other")
        aside.rename(folder)
        write_all(store, "乙")
        assert names(store) == {"乙"}


def test_a_database_goes_on_with_the_folder_that_it_belongs_to_and_no_other(store: Store, tmp_path: Path) -> None:
    folder = tmp_path / "office"
    folder.mkdir()
    make_notes(store)
    store.stays_with(folder)
    write_all(store, "甲")
    folder.rename(tmp_path / "before")
    replaced(lambda: write_all(store, "乙"))
    folder.mkdir()
    replaced(lambda: names(store))
    folder.rmdir()
    (tmp_path / "before").rename(folder)
    assert names(store) == {"甲"}


_LOOKS_IN = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute('SELECT * FROM note_pages'); c.close()"


def test_a_file_that_is_opened_twice_loses_nothing_to_others_who_come_and_go(tmp_path: Path) -> None:
    place = tmp_path / "egov.db"
    with open_store(place) as first:
        make_notes(first)
        with open_store(place) as second:
            # to another program this one is still there: it does not take the log away when it goes
            subprocess.run([sys.executable, "-c", _LOOKS_IN, str(place)], check=True)
            write_all(first, "甲")
            assert names(second) == {"甲"}
    with open_store(place) as again:
        assert names(again) == {"甲"}


@pytest.mark.parametrize("durable", [True, False])
def test_an_exception_undoes_the_whole_transaction(store: Store, durable: bool) -> None:
    make_notes(store)
    with pytest.raises(LookupError):
        write_all(store, "甲", durable=durable, then=LookupError)
    assert names(store) == set()


def fill_the_disk(connection: Connection, write: Callable[[], None]) -> None:
    """Let a write meet a full disk, which is not full any more afterwards."""
    count = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
    connection.exec_driver_sql(f"PRAGMA max_page_count = {count + 1}")
    with pytest.raises(DBAPIError, match="full"):
        write()
    with closing(connection.connection.cursor()) as cursor:
        cursor.execute("PRAGMA max_page_count = 1000000")


def write_much(connection: Connection, how: str) -> None:
    if how == "prepared":
        Prepared(insert(NOTES)).run(connection, [{"name": "长" * 100_000}])
        return
    with connection.begin_nested() if how == "nested" else nullcontext():
        connection.execute(insert(NOTES).values(name="长" * 100_000))


@pytest.mark.parametrize("how", ["plain", "nested", "prepared"])
@pytest.mark.parametrize("place", ["file", "memory"], indirect=True)
def test_nothing_is_kept_of_a_transaction_that_sqlite_undid_although_the_error_was_passed_over(
    store: Store, how: str
) -> None:
    make_notes(store)

    def go_on(more: bool) -> None:
        with store.write() as connection:
            connection.execute(insert(NOTES).values(name="before"))
            fill_the_disk(connection, lambda: write_much(connection, how))
            if more:
                connection.execute(insert(NOTES).values(name="after"))

    for more in (True, False):
        with pytest.raises(StorageError) as caught:
            go_on(more)
        assert more or caught.value.code == "egov.storage.undone"
    assert names(store) == set()
    write_all(store, "甲")
    assert names(store) == {"甲"}


def test_whoever_works_in_a_transaction_of_another_cannot_commit_it(store: Store) -> None:
    make_notes(store)

    def commit() -> None:
        with store.write() as connection:
            connection.execute(insert(NOTES).values(name="before"))
            with held(connection):
                connection.commit()

    with pytest.raises(ValueError, match="by whoever began it"):
        commit()
    assert names(store) == set()
    with store.write() as connection, held(connection):
        connection.execute(insert(NOTES).values(name="甲"))
    assert names(store) == {"甲"}


def test_tables_are_undone_too(store: Store) -> None:
    def fail() -> None:
        with store.write() as connection:
            connection.exec_driver_sql("CREATE TABLE note_pages (name TEXT PRIMARY KEY)")
            raise LookupError

    with pytest.raises(LookupError):
        fail()
    make_notes(store)


def test_a_contradiction_is_a_conflict_that_does_not_repeat_the_values(store: Store) -> None:
    make_notes(store)
    number = str(10**17 + 1949)
    with pytest.raises(StorageConflict) as caught:
        write_all(store, number, number)
    assert caught.value.code == "egov.storage.conflict"
    assert number not in "".join(traceback.format_exception(caught.value)) + str(caught.value.to_dict())
    assert names(store) == set()


def test_a_transaction_to_read_cannot_write(lasting: Path | str) -> None:
    with open_store(lasting) as store:
        make_notes(store)
        with pytest.raises(StorageError) as caught, store.read() as connection:
            connection.execute(insert(NOTES).values(name="甲"))
        assert caught.value.code == "egov.storage.read_only"
        with store.write() as connection:
            connection.execute(insert(NOTES).values(name="乙"))
        assert names(store) == {"乙"}


def test_a_statement_that_is_wrong_is_a_storage_error(store: Store) -> None:
    with pytest.raises(StorageError) as caught, store.write() as connection:
        connection.exec_driver_sql("SELECT nothing FROM nowhere")
    assert caught.value.code == "egov.storage.failed"


def test_a_server_that_goes_away_is_unreachable_and_the_next_transaction_finds_another_connection(
    postgres: Server,
) -> None:
    with open_store(postgres.place()) as store:
        make_notes(store)
        with pytest.raises(StorageError) as caught, store.write() as connection:
            connection.exec_driver_sql("SELECT pg_terminate_backend(pg_backend_pid())")
        assert caught.value.code == "egov.storage.unreachable"
        assert names(store) == set()


def test_a_right_that_is_missing_is_told(postgres: Server) -> None:
    url = postgres.place()
    with open_store(url) as store:
        make_notes(store)
        with store.write() as connection:
            connection.exec_driver_sql("DROP ROLE IF EXISTS guest")
            connection.exec_driver_sql("CREATE ROLE guest LOGIN")
    with open_store(url.replace("egov@", "guest@")) as store:
        with pytest.raises(StorageError) as caught, store.write() as connection:
            connection.exec_driver_sql("SELECT * FROM note_pages")
        assert caught.value.code in ("egov.storage.read_only", "egov.storage.failed")


def test_a_time_without_a_zone_is_the_callers_mistake(store: Store) -> None:
    with pytest.raises(ValueError, match="aware"), store.write() as connection:
        connection.execute(insert(KEYS).values(realm="r", key=b"k", until=AT.replace(tzinfo=None)))


def test_wrong_use_of_sqlalchemy_is_a_storage_error(store: Store) -> None:
    with pytest.raises(StorageError) as caught, store.read() as connection:
        connection.execute(select(KEYS.c.realm)).one()
    assert caught.value.code == "egov.storage.failed"


def test_a_reader_does_not_see_what_is_not_finished(lasting: Path | str) -> None:
    with open_store(lasting) as store:
        make_notes(store)
        with store.write() as connection:
            connection.execute(insert(NOTES).values(name="甲"))
            with ThreadPoolExecutor(1) as other:
                assert other.submit(names, store).result(10) == set()
        assert names(store) == {"甲"}


def test_threads_write_one_after_the_other_and_nothing_is_lost(store: Store) -> None:
    make_notes(store)

    def write(number: int) -> None:
        with store.write() as connection:
            connection.execute(insert(NOTES).values(name=str(number)))

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(write, range(40)))
    assert names(store) == {str(number) for number in range(40)}


def test_whoever_waits_too_long_for_the_writer_is_told_so(tmp_path: Path) -> None:
    with open_store(tmp_path / "a.db", busy_s=0.05) as store, open_store(tmp_path / "a.db", busy_s=0.05) as other:
        make_notes(store)
        holding, done = threading.Event(), threading.Event()

        def hold() -> None:
            with store.write():
                holding.set()
                done.wait(60)

        with ThreadPoolExecutor(1) as threads:
            held = threads.submit(hold)
            assert holding.wait(60)
            try:
                for waiting in (store, other):  # for the connection, and for the file
                    with pytest.raises(StorageBusy) as caught, waiting.write():
                        pass
                    assert caught.value.code == "egov.storage.busy"
                    assert caught.value.hint
            finally:
                done.set()
            held.result(60)
        with other.write() as connection:
            connection.execute(insert(NOTES).values(name="甲"))


def test_a_locked_row_of_postgresql_is_waited_for_not_forever(postgres: Server) -> None:
    url = postgres.place()
    with open_store(url) as store, open_store(url, busy_s=0.05) as other:
        make_notes(store)
        with store.write() as connection:
            connection.exec_driver_sql("LOCK TABLE note_pages")
            with pytest.raises(StorageBusy), other.write() as waiting:
                waiting.execute(insert(NOTES).values(name="甲"))


def waits(store: Store, *, durable: bool) -> str:
    with store.write(durable=durable) as connection:
        return str(connection.exec_driver_sql("SHOW synchronous_commit").scalar_one())


@pytest.mark.parametrize(
    ("said", "durability", "durable", "expected"),
    [
        ("", "full", True, "on"),  # the server itself says off
        ("off", "full", True, "on"),
        ("off", "full", False, "off"),
        ("off", "normal", True, "off"),
        ("on", "normal", True, "off"),
        ("remote_apply", "full", True, "remote_apply"),
        ("local", "full", True, "local"),
    ],
)
def test_a_durable_change_waits_for_the_disk_whatever_postgresql_is_told(
    postgres: Server, said: str, durability: _engines.Durability, durable: bool, expected: str
) -> None:
    url = postgres.place() + (f"%20-csynchronous_commit%3D{said}" if said else "")
    with open_store(url, durability=durability) as store:
        assert waits(store, durable=durable) == expected
        with pytest.raises(LookupError), store.write():
            raise LookupError
        assert waits(store, durable=durable) == expected  # also after one that was undone


def test_a_server_that_does_not_wait_for_its_disk_is_told_of(postgres: Server) -> None:
    with (
        open_store(postgres.place()) as store,
        pytest.raises(StorageError, match="fsync=off, full_page_writes=off") as at,
    ):
        store.require_durable()
    assert at.value.code == "egov.storage.not_durable"
    with running_server("fsync=on", "full_page_writes=on") as server, open_store(server.place()) as store:
        store.require_durable()
    with open_store("sqlite://") as store:
        store.require_durable()


def test_two_stores_share_a_place(lasting: Path | str) -> None:
    with open_store(lasting) as store, open_store(lasting) as other:
        make_notes(store)
        with other.write() as connection:
            connection.execute(insert(NOTES).values(name="甲"))
        assert names(store) == {"甲"}


def test_each_database_in_memory_is_another_one() -> None:
    with open_store("sqlite://") as store, open_store("sqlite://") as other:
        make_notes(store)
        make_notes(other)


def test_a_new_file_is_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    with open_store(path) as store:
        make_notes(store)
        modes = {stat.S_IMODE(one.stat().st_mode) for one in tmp_path.iterdir()}
    assert modes == {0o600}


def test_a_file_is_opened_by_its_url_as_by_its_path(tmp_path: Path) -> None:
    path = tmp_path / "a?b c#d.db"
    with open_store(path) as store:
        make_notes(store)
    assert path.exists()
    plain = tmp_path / "plain.db"
    with open_store(f"sqlite:///{plain}") as store:
        make_notes(store)
    assert plain.exists()


@pytest.mark.parametrize(
    ("pragma", "value"),
    [("journal_mode", "wal"), ("foreign_keys", 1), ("trusted_schema", 0), ("synchronous", 2), ("temp_store", 2)],
)
def test_connections_to_a_file_are_safe(tmp_path: Path, pragma: str, value: object) -> None:
    with open_store(tmp_path / "a.db") as store, store.write() as connection:
        assert connection.exec_driver_sql(f"PRAGMA {pragma}").scalar_one() == value


def test_durability_is_chosen_for_the_store_and_for_each_transaction(tmp_path: Path) -> None:
    def modes(store: Store) -> list[object]:
        found: list[object] = []
        for durable in (False, True, False):
            with store.write(durable=durable) as connection:
                found.append(connection.exec_driver_sql("PRAGMA synchronous").scalar_one())
        return found

    with open_store(tmp_path / "a.db") as store:
        assert modes(store) == [1, 2, 1]
    with open_store(tmp_path / "a.db", durability="normal") as store:
        assert modes(store) == [1, 1, 1]


def test_durability_is_chosen_in_postgresql_too(postgres: Server) -> None:
    def modes(store: Store) -> list[object]:
        found: list[object] = []
        for durable in (False, True):
            with store.write(durable=durable) as connection:
                connection.exec_driver_sql("SELECT 1")
                found.append(connection.exec_driver_sql("SHOW synchronous_commit").scalar_one())
        return found

    url = postgres.place() + "%20-csynchronous_commit%3Don"
    with open_store(url) as store:
        assert modes(store) == ["off", "on"]
    with open_store(url, durability="normal") as store:
        assert modes(store) == ["off", "off"]


@pytest.mark.parametrize(
    "place",
    [
        "",
        "egov.db",
        "mysql://user:pa55word@host/name",
        "oracle+cx_oracle://x",
        "sqlite+aiosqlite:///a.db",
        "sqlite:///a.db?mode=memory",
        "postgresql+asyncpg://user:pa55word@host/name",
        "postgresql://user:pa55word@host:port/name",
    ],
)
def test_what_is_no_place_for_a_database_is_refused_without_its_password(place: str) -> None:
    with pytest.raises(ConfigError) as caught:
        open_store(place)
    assert caught.value.code == "egov.storage.place"
    assert "pa55word" not in str(caught.value.to_dict())


def test_a_missing_driver_names_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_engines, "find_spec", lambda name: None)
    with pytest.raises(MissingExtra) as caught:
        open_store("postgresql://user@host/name")
    assert caught.value.hint == "pip install 'egov-sdk[postgresql]'"


def test_an_old_sqlite_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 34, 1))
    with pytest.raises(StorageError) as caught:
        open_store("sqlite://")
    assert caught.value.code == "egov.storage.too_old"


def test_a_folder_and_a_missing_folder_cannot_be_opened(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "missing" / "a.db"):
        with pytest.raises(StorageError) as caught:
            open_store(path)
        assert caught.value.code == "egov.storage.unreachable"


@pytest.mark.parametrize(
    "octets", [b"not a database, but more than a hundred bytes long " * 4, b"SQLite format 3\0" * 99]
)
def test_another_file_is_no_database(tmp_path: Path, octets: bytes) -> None:
    path = tmp_path / "a.db"
    path.write_bytes(octets)
    with pytest.raises(StorageError) as caught, open_store(path) as store:
        make_notes(store)
    assert caught.value.code == "egov.storage.damaged"


def test_a_full_disk_is_told_and_nothing_is_half_written(tmp_path: Path) -> None:
    with open_store(tmp_path / "a.db") as store:
        make_notes(store)
        with store.write() as connection:
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
            connection.exec_driver_sql(f"PRAGMA max_page_count={pages + 2}")
        with pytest.raises(StorageError) as caught:
            write_all(store, *(str(number) * 4000 for number in range(20)))
        assert caught.value.code == "egov.storage.full"
        assert names(store) == set()


def test_a_server_that_is_not_there_is_unreachable(tmp_path: Path) -> None:
    pytest.importorskip("psycopg")
    with pytest.raises(StorageError) as caught:
        open_store(f"postgresql://user:pa55word@/name?host={tmp_path}")
    assert caught.value.code == "egov.storage.unreachable"
    assert "pa55word" not in str(caught.value.to_dict())


def test_a_server_that_refuses_is_unreachable(postgres: Server) -> None:
    with pytest.raises(StorageError) as caught:
        open_store(postgres.url("no_such_database"))
    assert caught.value.code == "egov.storage.unreachable"


def test_a_password_is_never_shown(postgres: Server) -> None:
    url = postgres.place().replace("egov@", "egov:pa55word@")
    bare = postgres.place()
    for place in (url, f"{bare}{'&' if '?' in bare else '?'}password=pa55word"):
        with open_store(place) as store:
            assert "pa55word" not in repr(store) + store.place
            assert store.dialect == "postgresql"


def test_times_come_back_as_they_were_in_utc(store: Store) -> None:
    from egov_sdk.storage import KeyStore

    with store.write() as connection:
        KeyStore("realm").use_once(connection, "key", at=AT, until=later(0.000001))
        assert connection.execute(select(KEYS.c.until)).scalar_one() == later(0.000001)


@pytest.mark.parametrize("value", [2**63, -(2**63) - 1, 10**40])
def test_a_number_that_no_database_holds_is_a_mistake_of_who_asks(store: Store, value: int) -> None:
    numbers = Table("note_numbers", MetaData(), Column("number", BigInteger, primary_key=True))
    with store.write() as connection:
        connection.exec_driver_sql("CREATE TABLE note_numbers (number BIGINT PRIMARY KEY)")

    def keep() -> None:
        with store.write() as connection:
            connection.execute(insert(numbers).values(number=value))

    with pytest.raises(ValueError, match="than a database holds"):
        keep()
    with store.read() as connection:
        assert connection.execute(select(numbers)).all() == []


def test_a_text_that_postgresql_does_not_hold_is_a_mistake_of_who_asks(store: Store) -> None:
    make_notes(store)
    try:
        write_all(store, "a\0b")
    except ValueError as error:
        assert "than a database holds" in str(error)  # noqa: PT017 - SQLite holds it
        assert store.dialect == "postgresql"
    else:
        assert store.dialect == "sqlite"
