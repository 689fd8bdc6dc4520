from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest

from egov_sdk.storage import KeyStore, StorageConflict, StorageError, Store
from egov_sdk.storage.sql import func, select
from egov_sdk.storage.tables import KEYS
from tests.unit.storage.times import AT, later

NONCES = KeyStore("nonces")


def use(store: Store, key: str, *, at: datetime = AT, until: datetime | None = None, keys: KeyStore = NONCES) -> bool:
    with store.write() as connection:
        return keys.use_once(connection, key, at=at, until=until or later(60))


def count(store: Store) -> int:
    with store.read() as connection:
        return connection.execute(select(func.count()).select_from(KEYS)).scalar_one()


def test_a_key_is_used_once(store: Store) -> None:
    assert [use(store, "a"), use(store, "a"), use(store, "b"), use(store, "a")] == [True, False, True, False]


def test_of_many_at_once_one_uses_a_key(store: Store) -> None:
    with ThreadPoolExecutor(8) as threads:
        results = list(threads.map(lambda _: use(store, "a"), range(24)))
    assert sorted(results) == [False] * 23 + [True]


def test_a_key_whose_transaction_is_undone_was_not_used(store: Store) -> None:
    def fail() -> None:
        with store.write() as connection:
            assert NONCES.use_once(connection, "a", at=AT, until=later(60))
            raise LookupError

    with pytest.raises(LookupError):
        fail()
    assert use(store, "a")


def test_a_key_whose_time_is_over_may_be_used_again(store: Store) -> None:
    assert use(store, "a", until=later(10))
    assert not use(store, "a", at=later(9.999999))
    assert use(store, "a", at=later(10))


def test_realms_do_not_know_of_each_other(store: Store) -> None:
    assert use(store, "a")
    assert use(store, "a", keys=KeyStore("others"))


def test_text_and_its_bytes_are_one_key(store: Store) -> None:
    with store.write() as connection:
        assert NONCES.use_once(connection, "钥", at=AT, until=later(60))
        assert not NONCES.use_once(connection, "钥".encode(), at=AT, until=later(60))


def test_a_value_is_kept_until_its_time(store: Store) -> None:
    value = {"名": ["甲", 1, None], "in": {"a": True}}
    with store.write() as connection:
        NONCES.put(connection, "a", value, at=AT, until=later(10))
    with store.read() as connection:
        assert NONCES.get(connection, "a", at=later(9.9)) == value
        assert NONCES.get(connection, "a", at=later(10)) is None
        assert NONCES.get(connection, "b", at=AT) is None


def test_a_value_that_was_taken_is_gone(store: Store) -> None:
    with store.write() as connection:
        NONCES.put(connection, "a", {"x": 1}, at=AT, until=later(10))
        assert NONCES.take(connection, "a", at=AT) == {"x": 1}
        assert NONCES.take(connection, "a", at=AT) is None
        NONCES.put(connection, "b", {}, at=AT, until=later(10))
        assert NONCES.take(connection, "b", at=later(10)) is None


def test_of_many_at_once_one_takes_a_value(store: Store) -> None:
    def take(_: int) -> object:
        with store.write() as connection:
            return NONCES.take(connection, "a", at=AT)

    with store.write() as connection:
        NONCES.put(connection, "a", {"x": 1}, at=AT, until=later(10))
    with ThreadPoolExecutor(8) as threads:
        results = list(threads.map(take, range(16)))
    assert [result for result in results if result is not None] == [{"x": 1}]


def test_a_key_in_use_is_not_written_over(store: Store) -> None:
    with store.write() as connection:
        NONCES.put(connection, "a", {"x": 1}, at=AT, until=later(10))
        with pytest.raises(StorageConflict) as caught:
            NONCES.put(connection, "a", {"x": 2}, at=AT, until=later(10))
        assert NONCES.get(connection, "a", at=AT) == {"x": 1}
    assert caught.value.code == "egov.storage.conflict"


def test_neither_keys_nor_realms_are_shown(store: Store) -> None:
    with store.write() as connection:
        NONCES.put(connection, "secret-ticket", {}, at=AT, until=later(10))
        rows = connection.exec_driver_sql("SELECT * FROM storage_keys").all()
    assert "secret-ticket" not in str(rows)
    assert b"secret-ticket" not in bytes(rows[0][1])


def test_there_are_never_many_more_keys_than_allowed(store: Store) -> None:
    keys = KeyStore("bounded", capacity=128)
    for number in range(128):
        use(store, str(number), keys=keys)

    def use_a_few_more() -> None:
        for number in range(128, 128 + 128 // 64 + 1):
            use(store, str(number), keys=keys)

    with pytest.raises(StorageError) as caught:
        use_a_few_more()
    assert caught.value.code == "egov.storage.keys_full"
    assert caught.value.detail["expected"] == 128
    assert not use(store, "0", keys=KeyStore("bounded", capacity=1000))


def test_a_full_realm_takes_keys_again_when_old_ones_end(store: Store) -> None:
    keys = KeyStore("bounded", capacity=8)
    for number in range(8):
        use(store, str(number), keys=keys)
    with pytest.raises(StorageError):
        use(store, "8", keys=keys)
    assert use(store, "8", at=later(60), until=later(120), keys=keys)
    assert count(store) == 1


def test_old_keys_are_swept_as_new_ones_come(store: Store) -> None:
    keys = KeyStore("swept", capacity=64)
    for number in range(200):
        use(store, str(number), at=later(number), until=later(number + 5), keys=keys)
    assert count(store) < 10
    with store.write() as connection:
        assert keys.sweep(connection, at=later(1000)) > 0
    assert count(store) == 0


@pytest.mark.parametrize(("at", "until"), [(AT.replace(tzinfo=None), AT), (AT, AT.replace(tzinfo=None))])
def test_a_time_without_a_zone_is_refused(store: Store, at: datetime, until: datetime) -> None:
    with pytest.raises(ValueError, match="aware"):
        use(store, "a", at=at, until=until)


def test_a_value_that_json_cannot_hold_is_refused(store: Store) -> None:
    with store.write() as connection:
        with pytest.raises(TypeError):
            NONCES.put(connection, "a", {"x": AT}, at=AT, until=later(1))
        with pytest.raises(ValueError, match="JSON"):
            NONCES.put(connection, "a", {"x": float("nan")}, at=AT, until=later(1))
