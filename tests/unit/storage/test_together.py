"""Many rows in one statement, and rows by many values, are the same in every database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import pytest
from sqlalchemy import Compiled

from egov_sdk.storage import Store, open_store
from egov_sdk.storage.sql import among, insert_together, select, sought, together
from egov_sdk.storage.statements import Prepared
from egov_sdk.storage.tables import AUDIT_HEADS, KEYS
from tests.postgres import Server
from tests.unit.storage.times import AT

NAMES = ("realm", "key", "until", "value")
ODD = datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)
ROWS = (
    {"realm": "a", "key": b"", "until": AT, "value": None},
    {"realm": "a", "key": b"\0\xff", "until": ODD, "value": ""},
    {"realm": "号 'x', \\ {\"y\"}", "key": b"key", "until": AT, "value": "值\n%(rows)s"},
)


def put(store: Store, rows: Sequence[Mapping[str, object]]) -> None:
    with store.write() as connection:
        Prepared(insert_together(store.dialect, KEYS, NAMES)).run(connection, together(store.dialect, rows))


def found(store: Store) -> list[tuple[object, ...]]:
    with store.read() as connection:
        return [tuple(row) for row in connection.execute(select(KEYS).order_by(KEYS.c.realm, KEYS.c.key))]


@pytest.mark.parametrize("count", [1, 2, 3])
def test_rows_of_one_statement_come_back_as_they_went_in(store: Store, count: int) -> None:
    put(store, ROWS[:count])
    assert found(store) == [tuple(row.values()) for row in ROWS[:count]]


def test_columns_that_are_the_same_in_all_rows_are_so_in_each_of_them(store: Store) -> None:
    rows = [{"realm": "r", "key": b"%d" % number, "until": AT, "value": None} for number in range(9)]
    put(store, rows)
    assert found(store) == [tuple(row.values()) for row in rows]


@pytest.mark.parametrize("wanted", [[], [b"key"], [b"", b"key", b"nothing"]])
def test_rows_are_found_by_any_number_of_values(store: Store, wanted: list[bytes]) -> None:
    put(store, ROWS)
    with store.read() as connection:
        asked = select(KEYS.c.key).where(among(store.dialect, KEYS.c.key, "keys")).order_by(KEYS.c.key)
        assert list(connection.execute(asked, {"keys": wanted}).scalars()) == [
            one for one in wanted if one != b"nothing"
        ]


@pytest.mark.parametrize("wanted", [[], [b"key"], [b"", b"key", b"nothing"], [b"\0\xff", b""]])
def test_rows_are_sought_by_any_number_of_values_beside_another_one(store: Store, wanted: list[bytes]) -> None:
    put(store, ROWS)
    asked = sought(store.dialect, select(KEYS.c.key, KEYS.c.until).where(KEYS.c.realm == "a"), KEYS.c.key, "keys")
    with store.read() as connection:
        rows = connection.execute(asked, {"keys": wanted}).mappings().all()
    assert sorted(row["key"] for row in rows) == sorted(one for one in wanted if one in (b"", b"\0\xff"))
    assert {row["until"] for row in rows} <= {AT, ODD}


def test_postgresql_looks_for_each_value_in_the_index_also_in_a_table_that_it_knows_nothing_of(
    postgres: Server,
) -> None:
    asked = sought("postgresql", select(KEYS.c.key).where(KEYS.c.realm == "a"), KEYS.c.key, "keys")
    with open_store(postgres.place(), busy_s=2) as store:
        store.prepare(at=AT)
        put(store, [{"realm": "a", "key": b"%d" % number, "until": AT, "value": None} for number in range(2_000)])
        with store.read() as connection:
            written = asked.compile(dialect=connection.dialect)
            values = written.construct_params({"keys": [b"1", b"2"]})
            ready = {name: _bound(written, name, value) for name, value in values.items()}
            plan = connection.exec_driver_sql(f"EXPLAIN {written}", ready).scalars().all()
    looked = " ".join(line for line in plan if "Index Cond" in line)
    assert "realm" in looked
    assert "key = sought.value" in looked
    assert not [line for line in plan if "Filter" in line]


def _bound(written: Compiled, name: str, value: object) -> object:
    """A value as SQLAlchemy would hand it to the driver."""
    process = written._bind_processors.get(name)  # type: ignore[attr-defined]  # there is no other way to it
    return value if process is None else process(value)


@pytest.mark.parametrize("number", [1 << 63, -(1 << 63) - 1])
def test_a_number_that_no_database_holds_is_the_callers_mistake(store: Store, number: int) -> None:
    names = ("chain", "number", "digest")
    row = {"chain": "c", "number": number, "digest": b""}
    with pytest.raises(ValueError), store.write() as connection:
        Prepared(insert_together(store.dialect, AUDIT_HEADS, names)).run(connection, together(store.dialect, [row]))


@pytest.mark.parametrize("value", ["\ud800", "a\udcff"])
def test_half_of_a_character_is_the_callers_mistake(store: Store, value: str) -> None:
    with pytest.raises(ValueError):
        put(store, [{**ROWS[0], "value": value}])


def test_a_time_without_its_zone_is_the_callers_mistake(store: Store) -> None:
    with pytest.raises(ValueError, match="aware"):
        put(store, [{**ROWS[0], "until": datetime(2026, 1, 1)}])  # noqa: DTZ001 - that is the mistake
