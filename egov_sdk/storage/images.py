"""Images of small databases: prepared once, then as many copies in memory as wanted, each of its own."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Final, cast

from egov_sdk.storage._wrapping import in_our_words
from egov_sdk.storage.problems import bad_place, broken
from egov_sdk.storage.store import Store, open_store

__all__ = ["open_image", "take_image"]

_VERSIONS: Final = slice(18, 20)  # SQLite file format, 1.3.3: who may write and read, 2 with a write-ahead log
_WITHOUT_LOG: Final = b"\1\1"


def take_image(store: Store) -> bytes:
    """Everything in a SQLite database, as the bytes of its file.

    Raises:
        ConfigError: it is no SQLite database.
        StorageError: it cannot be read.
    """
    if store.dialect != "sqlite":
        raise bad_place(found=store.dialect, expected="SQLite")
    with _connection(store) as connection:
        image = connection.serialize()
    # what is in memory has no write-ahead log beside it, and none is needed: the image has all of it
    return image[: _VERSIONS.start] + _WITHOUT_LOG + image[_VERSIONS.stop :]


def open_image(image: bytes) -> Store:
    """A database in memory that begins as the image and is gone when it is closed; the image stays as it is.

    Raises:
        StorageError: it is no image.
    """
    store = open_store("sqlite://", durability="normal")
    try:
        with _connection(store) as connection:
            connection.deserialize(image)
            # what is no image is told now and not by the first question
            connection.execute("SELECT count(*) FROM sqlite_master").close()
    except BaseException:
        store.close()
        raise
    return store


@contextmanager
def _connection(store: Store) -> Iterator[sqlite3.Connection]:
    """The connection below SQLAlchemy, which has no words for images."""
    with in_our_words(store.place), closing(store._engines.writer.raw_connection()) as raw:
        try:
            yield cast(sqlite3.Connection, raw.driver_connection)
        except (sqlite3.Error, ValueError, OverflowError) as error:
            raise broken("damaged", where=store.place, found=type(error).__name__) from error
