"""An image of a database is the beginning of as many databases in memory as wanted."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from egov_sdk.storage import AuditLog, StorageError, Store, open_store, verify_audit
from egov_sdk.storage.images import open_image, take_image

NOW = datetime(2026, 6, 1, tzinfo=UTC)


def note(store: Store, subject: str) -> None:
    with store.write() as connection:
        AuditLog("tests").append(connection, action="note", subject=subject, actor="", detail={}, at=NOW)


def subjects(store: Store) -> list[str]:
    with store.read() as connection:
        assert verify_audit(connection, "tests", at=NOW).outcome.value == "passed"
        return [one.subject for one in AuditLog("tests").entries(connection, limit=10)]


@pytest.fixture(params=["memory", "file"])
def image(request: pytest.FixtureRequest, tmp_path: Path) -> bytes:
    with open_store("sqlite://" if request.param == "memory" else tmp_path / "a.db") as store:
        store.prepare(at=NOW)
        note(store, "before")
        return take_image(store)


def test_a_copy_begins_as_the_image_and_goes_its_own_way(image: bytes) -> None:
    with open_image(image) as one, open_image(image) as other:
        one.prepare(at=NOW)
        note(one, "one")
        note(other, "other")
        note(other, "once more")
        assert subjects(one) == ["before", "one"]
        assert subjects(other) == ["before", "other", "once more"]
    with open_image(image) as again:
        assert subjects(again) == ["before"]


def test_a_copy_can_grow_beyond_the_image(image: bytes) -> None:
    with open_image(image) as store:
        for number in range(200):
            note(store, f"{number} " + "x" * 4_000)
        with store.read() as connection:
            assert len(AuditLog("tests").entries(connection, limit=1_000)) == 201


@pytest.mark.parametrize("given", [b"no database", b"\0" * 4096, b"SQLite format 3\0" + b"\xff" * 8192])
def test_what_is_no_image_is_told_and_nothing_stays_open(given: bytes) -> None:
    with pytest.raises(StorageError):
        open_image(given)


def test_an_image_that_was_cut_is_told(image: bytes) -> None:
    def use() -> None:
        with open_image(image[: len(image) // 2]) as store:
            subjects(store)

    with pytest.raises(StorageError):
        use()
