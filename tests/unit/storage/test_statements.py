"""Statements that are written out once do what SQLAlchemy does with them, on every database."""

from __future__ import annotations

import pytest

from egov_sdk.storage import StorageConflict, StorageError, Store, open_store
from egov_sdk.storage.sql import bindparam, insert, select, update, upsert
from egov_sdk.storage.statements import Prepared, say
from egov_sdk.storage.tables import KEYS
from tests.unit.storage.times import AT

ADD = Prepared(insert(KEYS))
ADD_WITHOUT_VALUE = Prepared(insert(KEYS), names=("realm", "key", "until"))
ALL_OF = Prepared(select(KEYS).where(KEYS.c.realm == bindparam("of_realm")).order_by(KEYS.c.key))
OF_SCAN = Prepared(
    select(KEYS.c.key).where(KEYS.c.realm == "scan", KEYS.c.until <= bindparam("now")).order_by(KEYS.c.key)
)
RENAME = Prepared(
    update(KEYS).where(KEYS.c.key == bindparam("of_key")).values(value="renamed").returning(KEYS.c.key, KEYS.c.until)
)


def row(key: bytes, *, realm: str = "scan", value: str | None = "one") -> dict[str, object]:
    return {"realm": realm, "key": key, "until": AT, "value": value}


def test_rows_come_back_as_they_went_in_with_their_times_and_octets(store: Store) -> None:
    with store.write() as connection:
        ADD.run(connection, [row(b"b\0", value=None), row(b"a", value="号")])
    with store.read() as connection:
        found = ALL_OF.fetch(connection, {"of_realm": "scan"})
    assert [tuple(one) for one in found] == [("scan", b"a", AT, "号"), ("scan", b"b\0", AT, None)]


def test_values_that_a_statement_fixes_are_its_own_each_time(store: Store) -> None:
    with store.write() as connection:
        ADD.run(connection, [row(b"a"), row(b"b", realm="other")])
        for _ in range(2):
            assert [one[0] for one in OF_SCAN.fetch(connection, {"now": AT})] == [b"a"]
        assert [tuple(one) for one in RENAME.fetch(connection, {"of_key": b"b"})] == [(b"b", AT)]
        assert ALL_OF.fetch(connection, {"of_realm": "other"})[0][3] == "renamed"


def test_a_statement_for_several_values_gives_back_the_rows_of_all(store: Store) -> None:
    with store.write() as connection:
        ADD.run(connection, [row(b"a"), row(b"b", realm="other"), row(b"c", realm="third")])
        found = ALL_OF.fetch(connection, {"of_realm": "third"}, {"of_realm": "nobody"}, {"of_realm": "scan"})
        assert [one[1] for one in found] == [b"c", b"a"]
        assert [one[0] for one in RENAME.fetch(connection, {"of_key": b"a"}, {"of_key": b"b"})] == [b"a", b"b"]


def test_rows_that_are_there_already_are_left_out_of_what_was_inserted(store: Store) -> None:
    free = upsert(store.dialect, KEYS).on_conflict_do_nothing().returning(KEYS.c.key)
    with store.write() as connection:
        ADD.run(connection, [row(b"a")])
        given = Prepared(free).fetch(connection, row(b"a"), row(b"b"), row(b"b", value="two"))
        assert [one[0] for one in given] == [b"b"]
        assert [one[3] for one in ALL_OF.fetch(connection, {"of_realm": "scan"})] == ["one", "one"]


def test_columns_that_are_not_named_are_left_to_the_table(store: Store) -> None:
    with store.write() as connection:
        ADD_WITHOUT_VALUE.run(connection, [{"realm": "scan", "key": b"a", "until": AT}])
        assert ALL_OF.fetch(connection, {"of_realm": "scan"})[0][3] is None


def test_nothing_of_a_transaction_stays_when_one_row_contradicts(store: Store) -> None:
    with pytest.raises(StorageConflict) as raised, store.write() as connection:
        ADD.run(connection, [row(b"a", value="secret"), row(b"a", value="secret")])
    assert "secret" not in repr(raised.value) + repr(raised.value.__cause__)
    with store.read() as connection:
        assert not ALL_OF.fetch(connection, {"of_realm": "scan"})


def test_a_reader_cannot_write_and_a_time_without_zone_is_refused(store: Store) -> None:
    if store.place != "sqlite://":  # where one connection does both
        with pytest.raises(StorageError), store.read() as connection:
            ADD.run(connection, [row(b"a")])
    with pytest.raises(ValueError, match="aware"), store.write() as connection:
        ADD.run(connection, [row(b"a") | {"until": AT.replace(tzinfo=None)}])
    with store.read() as connection:
        assert not ALL_OF.fetch(connection, {"of_realm": "scan"})


def test_only_sqlite_is_told_statements_as_they_stand(store: Store) -> None:
    with store.write() as connection:
        if store.dialect == "sqlite":
            say(connection, "SELECT 1")
            return
        with pytest.raises(TypeError, match="SQLite"):
            say(connection, "SELECT 1")


def test_what_sqlite_cannot_read_leaves_as_a_storage_error() -> None:
    with open_store("sqlite://") as store, pytest.raises(StorageError), store.write() as connection:
        say(connection, "NONSENSE")
