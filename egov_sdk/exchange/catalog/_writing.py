"""Entries go into the tables: versions, history and what is searched, many at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Final, NamedTuple

from egov_sdk.crypto.hashes import sm3
from egov_sdk.exchange.catalog._texts import Searched, pairs, searched
from egov_sdk.exchange.catalog.model import CatalogEntry
from egov_sdk.exchange.catalog.tables import ENTRIES, HISTORY, TEXTS, VERSIONS
from egov_sdk.exchange.catalog.terms import LifeCycle
from egov_sdk.storage.sql import Connection, Table, and_, bindparam, delete, func, insert, json_text, select, update

__all__ = ["Body", "Known", "Writer", "body_of", "chunks", "digest_of", "read_body"]

_CHUNK: Final = 500


class Body(NamedTuple):
    """An entry as it is kept: the text and its digest."""

    text: str
    digest: bytes


def body_of(entry: CatalogEntry) -> Body:
    """An entry as text, the same for equal entries."""
    text = json_text(entry.model_dump(mode="json", exclude_defaults=True))
    return Body(text, sm3(text.encode()))


def digest_of(entry: CatalogEntry) -> bytes:
    """The SM3 digest of an entry, 32 bytes: equal for equal entries, whatever file they came from."""
    return body_of(entry).digest


def read_body(text: str) -> CatalogEntry:
    """The entry that a kept text is."""
    return CatalogEntry.model_validate_json(text)


def chunks(entries: Iterable[CatalogEntry]) -> Iterator[list[CatalogEntry]]:
    """Entries in handy portions."""
    rest = iter(entries)
    while portion := list(islice(rest, _CHUNK)):
        yield portion


class Known(NamedTuple):
    """What the tables know of one resource."""

    id: int
    code: str
    state: LifeCycle
    latest: int
    shown: int
    origin: str
    digest: bytes


class Writer:
    """One transaction that changes the catalogue. Rows are gathered and written table by table."""

    def __init__(self, connection: Connection, *, at: datetime, actor: str) -> None:
        self.connection, self.at, self.actor = connection, at, actor
        self._is_sqlite = connection.dialect.name == "sqlite"
        if not self._is_sqlite:  # ids and numbers are given out by counting
            connection.exec_driver_sql("LOCK TABLE catalog_entries IN SHARE ROW EXCLUSIVE MODE")
        self._last_id: int = connection.execute(select(func.coalesce(func.max(ENTRIES.c.id), 0))).scalar_one()
        self._inserts: dict[Table, list[dict[str, object]]] = {ENTRIES: [], VERSIONS: [], HISTORY: []}
        self._updates: list[dict[str, object]] = []
        self._shown: list[tuple[int, Searched]] = []
        self._numbers: dict[int, int] = {}

    def known(self, codes: Sequence[str]) -> dict[str, Known]:
        """What is known of these resources, by code."""
        asked = (
            select(
                ENTRIES.c.id, ENTRIES.c.code, ENTRIES.c.state, ENTRIES.c.latest, ENTRIES.c.shown, ENTRIES.c.origin,
                VERSIONS.c.digest,
            )
            .join(VERSIONS, and_(VERSIONS.c.entry == ENTRIES.c.id, VERSIONS.c.number == ENTRIES.c.latest))
            .where(ENTRIES.c.code.in_(codes))
        )  # fmt: skip
        rows = self.connection.execute(asked)
        found = [Known(row[0], row[1], LifeCycle(row[2]), row[3], row[4], row[5], row[6]) for row in rows]
        self._count_history([one.id for one in found])
        return {one.code: one for one in found}

    def _count_history(self, ids: Sequence[int]) -> None:
        asked = select(HISTORY.c.entry, func.max(HISTORY.c.number)).where(HISTORY.c.entry.in_(ids))
        self._numbers.update(tuple(row) for row in self.connection.execute(asked.group_by(HISTORY.c.entry)))

    def add(self, entry: CatalogEntry, body: Body, *, state: LifeCycle, origin: str = "", reason: str = "") -> Known:
        """A resource that is new here."""
        self._last_id += 1
        shown = int(state is LifeCycle.PUBLISHED)
        known = Known(self._last_id, entry.code, state, 1, shown, origin, body.digest)
        self._inserts[ENTRIES].append(
            {"id": known.id, "code": entry.code, "latest": 1, "origin": origin, **self._filters(entry, state, shown)}
        )
        self._version(known.id, 1, body)
        self.note(known, "added", before="", after=state, version=1, reason=reason)
        self._shown.append((known.id, searched(entry)))
        return known

    def change(self, known: Known, entry: CatalogEntry, body: Body, *, state: LifeCycle, reason: str = "") -> Known:
        """A new version of a resource. While it is no more than a draft, an older one that was published stays."""
        number = known.latest + 1
        published = state is LifeCycle.PUBLISHED
        shown = number if published else known.shown
        self._version(known.id, number, body)
        after = known._replace(state=state, latest=number, shown=shown, digest=body.digest)
        self.note(known, "changed", before=known.state, after=state, version=number, reason=reason)
        if published or not shown:
            self._updates.append({"on": known.id, "latest": number, **self._filters(entry, state, shown)})
            self._shown.append((known.id, searched(entry)))
        else:
            self._set(known.id, latest=number, state=state.value, shown=shown)
        return after

    def move(self, known: Known, entry: CatalogEntry, action: str, *, after: LifeCycle, reason: str = "") -> Known:
        """Another state for the latest version."""
        shown = {LifeCycle.PUBLISHED: known.latest, LifeCycle.WITHDRAWN: 0}.get(after, known.shown)
        self.note(known, action, before=known.state, after=after, version=known.latest, reason=reason)
        if after is LifeCycle.PUBLISHED:
            self._updates.append({"on": known.id, "latest": known.latest, **self._filters(entry, after, shown)})
            self._shown.append((known.id, searched(entry)))
        else:
            self._set(known.id, latest=known.latest, state=after.value, shown=shown)
        return known._replace(state=after, shown=shown)

    def _set(self, entry: int, *, latest: int, state: str, shown: int) -> None:
        """Change a resource whose shown version stays, and with it what it is filtered by."""
        self.flush()
        values = {"latest": latest, "state": state, "shown": shown, "changed_at": self.at}
        self.connection.execute(update(ENTRIES).where(ENTRIES.c.id == entry).values(values))

    def _filters(self, entry: CatalogEntry, state: LifeCycle, shown: int) -> dict[str, object]:
        return {
            "state": state.value,
            "shown": shown,
            "provider": entry.provider.code or entry.provider.name,
            "sharing": entry.sharing.type.value if entry.sharing.type else "",
            "changed_at": self.at,
        }

    def _version(self, entry: int, number: int, body: Body) -> None:
        row = {"entry": entry, "number": number, "body": body.text, "digest": body.digest}
        self._inserts[VERSIONS].append({**row, "made_at": self.at, "made_by": self.actor})

    def note(self, known: Known, action: str, *, before: str, after: str, version: int, reason: str) -> None:
        """One line of a resource's history."""
        number = self._numbers[known.id] = self._numbers.get(known.id, 0) + 1
        row = {"entry": known.id, "number": number, "version": version, "action": action, "before": before}
        self._inserts[HISTORY].append({**row, "after": after, "actor": self.actor, "reason": reason, "at": self.at})

    def flush(self) -> None:
        """Write what was gathered."""
        for table, rows in self._inserts.items():
            if rows:
                self.connection.execute(insert(table), rows)
                rows.clear()
        if self._updates:
            self.connection.execute(_UPDATE, self._updates)
            self._updates.clear()
        if self._shown:
            self._index()

    def _index(self) -> None:
        """What is searched follows what is shown."""
        now = dict(self._shown)
        self._shown.clear()
        old = select(TEXTS.c.id, TEXTS.c.title, TEXTS.c.body).where(TEXTS.c.id.in_(list(now)))
        before = {row[0]: Searched(row[1], row[2]) for row in self.connection.execute(old)}
        if before:
            self.connection.execute(delete(TEXTS).where(TEXTS.c.id.in_(list(before))))
        rows = [
            {"id": key, "title": text.title, "body": text.body, "pairs": "" if self._is_sqlite else _all_pairs(text)}
            for key, text in now.items()
        ]
        self.connection.execute(insert(TEXTS), rows)
        if self._is_sqlite:
            self._forget_in_sqlite(before)
            self._add_in_sqlite(now)

    def _forget_in_sqlite(self, before: Mapping[int, Searched]) -> None:
        if before:
            trigrams = [(key, text.title, text.body) for key, text in before.items()]
            self.connection.exec_driver_sql(_FORGET_TRIGRAMS, trigrams)
            doubles = [(key, pairs(text.title), pairs(text.body)) for key, text in before.items()]
            self.connection.exec_driver_sql(_FORGET_PAIRS, doubles)

    def _add_in_sqlite(self, now: Mapping[int, Searched]) -> None:
        self.connection.exec_driver_sql(_ADD_TRIGRAMS, [(key, text.title, text.body) for key, text in now.items()])
        doubles = [(key, pairs(text.title), pairs(text.body)) for key, text in now.items()]
        self.connection.exec_driver_sql(_ADD_PAIRS, doubles)


def _all_pairs(text: Searched) -> str:
    return pairs(f"{text.title} {text.body}")


_UPDATE: Final = (
    update(ENTRIES)
    .where(ENTRIES.c.id == bindparam("on"))
    .values({name: bindparam(name) for name in ("latest", "state", "shown", "provider", "sharing", "changed_at")})
)
_ADD_TRIGRAMS: Final = "INSERT INTO catalog_trigrams (rowid, title, body) VALUES (?, ?, ?)"
_ADD_PAIRS: Final = "INSERT INTO catalog_pairs (rowid, title, body) VALUES (?, ?, ?)"
_FORGET_TRIGRAMS: Final = (
    "INSERT INTO catalog_trigrams (catalog_trigrams, rowid, title, body) VALUES ('delete', ?, ?, ?)"
)
_FORGET_PAIRS: Final = "INSERT INTO catalog_pairs (catalog_pairs, rowid, title, body) VALUES ('delete', ?, ?, ?)"
