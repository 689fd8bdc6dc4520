"""Databases of the first release: brought up to date whole or not at all, by whoever starts; newer ones are left."""

from __future__ import annotations

import importlib
import multiprocessing
import os
import pkgutil
import signal
from pathlib import Path
from typing import Any

import pytest

import egov_sdk
from egov_sdk.platform.problems import ProvinceRejected
from egov_sdk.platform.schemas import all_schemas, upgrade
from egov_sdk.storage import Schema, StorageError, Store, migrations, open_store
from egov_sdk.storage.migrations import recorded_versions, schema_differences
from tests.golden import first_schema
from tests.postgres import Server

AT = first_schema.AT


@pytest.fixture(params=["sqlite", "postgresql"])
def old(request: pytest.FixtureRequest, tmp_path: Path) -> Path | str:
    """A database as the first release made it."""
    place: Path | str = tmp_path / "old.db"
    if request.param == "postgresql":
        server: Server = request.getfixturevalue("postgres")
        place = server.place()
    with open_store(place) as store:
        first_schema.build(store)
    return place


def rows_of(store: Store, table: str) -> list[dict[str, Any]]:
    with store.read() as connection:
        found = connection.exec_driver_sql(f"SELECT * FROM {table}").mappings()
        return [
            {name: bytes(one) if isinstance(one, memoryview) else one for name, one in row.items()} for row in found
        ]


def versions(place: Path | str) -> dict[str, int]:
    with open_store(place) as store, store.read() as connection:
        return recorded_versions(connection)


#: What is made of the first release's; what it had not is not made.
CURRENT = {
    prefix: schema.version for prefix, schema in all_schemas().items() if prefix in first_schema.load()["schemas"]
}


def test_what_was_released_is_what_the_code_still_says() -> None:
    kept = first_schema.load()["schemas"]
    first = {prefix: schema.migrations[0] for prefix, schema in all_schemas().items()}
    assert {prefix: one.checksum for prefix, one in first.items() if prefix in kept} == {
        prefix: one["checksum"] for prefix, one in kept.items()
    }


def test_every_schema_of_the_library_is_known() -> None:
    found = set()
    for module in pkgutil.walk_packages(egov_sdk.__path__, "egov_sdk."):
        if module.name.endswith("tables"):
            found |= {
                one.prefix for one in vars(importlib.import_module(module.name)).values() if isinstance(one, Schema)
            }
    assert found == set(all_schemas())


def test_an_old_database_is_brought_up_to_date_and_loses_nothing(old: Path | str) -> None:
    with open_store(old) as store:
        changed = upgrade(store, at=AT)
        assert changed == {prefix: (1, last) for prefix, last in CURRENT.items() if last > 1}
        found = [one for prefix in CURRENT for one in schema_differences(store, all_schemas()[prefix])]
        # what SQLite keeps for its full-text search is nobody's table
        assert [one for one in found if "catalog_trigrams" not in one and "catalog_pairs" not in one] == []
        for table, rows in first_schema.load()["rows"].items():
            now = rows_of(store, table)
            assert len(now) == len(rows)
            for row in rows:
                before = {name: first_schema.octets(value) for name, value in row.items()}
                # a later step may have taken a column away
                assert any(all(one.get(name, value) == value for name, value in before.items()) for one in now), table
        assert upgrade(store, at=AT) == {}


def _killed(place: Path | str, after: int) -> None:
    real = migrations._apply
    left = [after]

    def apply(*arguments: Any) -> None:
        real(*arguments)
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    migrations._apply = apply  # type: ignore[assignment]  # this process ends in it
    with open_store(place) as store:
        upgrade(store, at=AT)


@pytest.mark.parametrize("after", [1, 2])
def test_a_starter_that_is_killed_in_between_leaves_the_old_one(old: Path | str, after: int) -> None:
    before = versions(old)
    child = multiprocessing.get_context("spawn").Process(target=_killed, args=(old, after))
    child.start()
    child.join(60)
    assert child.exitcode == -signal.SIGKILL
    assert versions(old) == before
    with open_store(old) as store:
        upgrade(store, at=AT)
    assert versions(old) == CURRENT


def _upgraded(place: Path | str) -> None:
    with open_store(place) as store:
        upgrade(store, at=AT)


def test_of_several_that_start_at_once_one_does_it(old: Path | str) -> None:
    children = [multiprocessing.get_context("spawn").Process(target=_upgraded, args=(old,)) for _ in range(3)]
    for child in children:
        child.start()
    for child in children:
        child.join(60)
    assert [child.exitcode for child in children] == [0, 0, 0]
    assert versions(old) == CURRENT


def test_a_database_of_a_later_version_is_left_alone(tmp_path: Path) -> None:
    with open_store(tmp_path / "new.db") as store:
        first_schema.build(store, extra=1)
        with pytest.raises(StorageError) as caught:
            upgrade(store, at=AT)
        assert caught.value.code in ("egov.storage.schema_newer", "egov.storage.schema_changed")
        with store.write() as connection:
            connection.exec_driver_sql("DELETE FROM storage_migrations")
            connection.exec_driver_sql("INSERT INTO storage_migrations VALUES ('tomorrow', 1, 'x', 'x', 1)")
        with pytest.raises(ProvinceRejected) as refused:
            upgrade(store, at=AT)
        assert refused.value.problem == "backup_newer"


def test_a_database_of_something_else_is_told(tmp_path: Path) -> None:
    with open_store(tmp_path / "new.db") as store:
        first_schema.build(store)
        with store.write() as connection:
            connection.exec_driver_sql("UPDATE storage_migrations SET checksum = 'x' WHERE prefix = 'seal'")
        with pytest.raises(StorageError) as caught:
            upgrade(store, at=AT)
    assert caught.value.code == "egov.storage.schema_changed"
