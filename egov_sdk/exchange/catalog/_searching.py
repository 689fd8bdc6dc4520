"""The search: SQLite answers from trigrams and pairs of characters, PostgreSQL from an index on the pairs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from egov_sdk.exchange.catalog._texts import Query, normal, pairs, read_query
from egov_sdk.exchange.catalog._writing import read_body
from egov_sdk.exchange.catalog.model import CatalogEntry
from egov_sdk.exchange.catalog.tables import ENTRIES, VERSIONS
from egov_sdk.exchange.catalog.terms import LifeCycle, SharingType
from egov_sdk.storage.sql import Connection, and_, case, select

__all__ = ["Filters", "SearchHit", "SearchPage", "search"]

_RANKED: Final = 200  # hits that are put in order; of more, the first ones found
_FEW: Final = 3_000  # resources that are read one by one rather than looked up
_AROUND: Final = 24  # characters shown on each side of what was found


@dataclass(frozen=True, slots=True)
class SearchHit:
    """One resource that was found, with the words around what was found."""

    entry: CatalogEntry
    state: LifeCycle
    in_name: bool
    excerpt: str

    @property
    def code(self) -> str:
        """The code of the resource."""
        return self.entry.code

    @property
    def name(self) -> str:
        """The name of the resource."""
        return self.entry.name


@dataclass(frozen=True, slots=True)
class SearchPage:
    """Some of what was found, in order; ``more`` says whether there is more."""

    hits: tuple[SearchHit, ...]
    more: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What else must be true of what is found."""

    prefixes: tuple[str, ...] = ()
    provider: str = ""
    sharing: SharingType | None = None
    drafts: bool = False

    def clauses(self, *, is_sqlite: bool) -> list[_Clause]:
        """As SQL on the table of entries, named e."""
        found = [] if self.drafts else [_Clause("e.shown > 0")]
        if self.provider:
            found.append(_Clause("e.provider = ?", (self.provider,)))
        if self.sharing is not None:
            found.append(_Clause("e.sharing = ?", (self.sharing.value,)))
        for prefix in self.prefixes:
            if not prefix.isascii():  # as every code is
                found.append(_Clause("1 = 0"))
                continue
            # the codes between the prefix and whatever begins otherwise, by the numbers of their characters
            code = "e.code" if is_sqlite else 'e.code COLLATE "C"'
            found.append(_Clause(f"{code} >= ? AND {code} < ?", (prefix, prefix[:-1] + chr(ord(prefix[-1]) + 1))))
        return found

    @property
    def narrow(self) -> bool:
        """Whether they may leave few resources."""
        return bool(self.prefixes or self.provider or self.sharing)


class _Clause(NamedTuple):
    sql: str
    values: tuple[object, ...] = ()


class _Found(NamedTuple):
    id: int
    title: str


def search(connection: Connection, text: str, filters: Filters, *, limit: int, offset: int) -> SearchPage:
    """One page of what a query finds; without a word, of all that the filters leave, by code.

    Raises:
        CatalogRejected: catalog.query_empty, catalog.query_long, catalog.query_characters.
    """
    if filters.narrow and not text.strip():
        return _listed(connection, filters, limit=limit, offset=offset)
    query = read_query(text)
    finder = _Finder(connection, query, filters)
    needed = offset + limit + 1
    most = max(_RANKED, needed)
    named = sorted(finder.find(in_title=True, most=most), key=lambda one: _rank(one, query))
    order = [one.id for one in named]
    if len(order) < needed:
        there = set(order)
        order += [one.id for one in finder.find(in_title=False, most=most + len(there)) if one.id not in there]
    page = order[offset : offset + limit]
    in_name = {one.id for one in named}
    entries = _entries(connection, page)
    hits = [_hit(*entries[key], key in in_name, query) for key in page if key in entries]
    return SearchPage(tuple(hits), len(order) > offset + limit)


def _listed(connection: Connection, filters: Filters, *, limit: int, offset: int) -> SearchPage:
    """One page of all that the filters leave."""
    finder = _Finder(connection, Query((), (), (), ()), filters)
    listed = finder.listed(most=limit + 1, offset=offset)
    entries = _entries(connection, listed[:limit])
    hits = [_hit(*entries[key], False, finder.query) for key in listed[:limit] if key in entries]
    return SearchPage(tuple(hits), len(listed) > limit)


def _rank(one: _Found, query: Query) -> tuple[bool, int, int, int]:
    """Names that are what was asked first, then those that begin with it, then short ones."""
    whole = " ".join(query.words)
    return one.title != whole, one.title.find(query.words[0]), len(one.title), one.id


class _Finder:
    def __init__(self, connection: Connection, query: Query, filters: Filters) -> None:
        self.connection, self.query = connection, query
        self.is_sqlite = connection.dialect.name == "sqlite"
        self.clauses = filters.clauses(is_sqlite=self.is_sqlite)
        self.few = filters.narrow and self._are_few()

    def _are_few(self) -> bool:
        where, values = _joined(self.clauses)
        inner = f"SELECT 1 FROM catalog_entries e WHERE {where} LIMIT {_FEW + 1}"  # noqa: S608 - own words only
        rows = self._run(f"SELECT count(*) FROM ({inner}) AS counted", values)  # noqa: S608
        return int(str(rows[0][0])) <= _FEW

    def find(self, *, in_title: bool, most: int) -> list[_Found]:
        """What fits, in the order of the table."""
        source, clauses = self._source(in_title)
        where, values = _joined([*clauses, *self.clauses])
        asked = f"SELECT t.id, t.title FROM {source} WHERE {where} LIMIT {most}"  # noqa: S608 - own words only
        return [_Found(int(str(row[0])), str(row[1])) for row in self._run(asked, values)]

    def listed(self, *, most: int, offset: int) -> list[int]:
        """What the filters leave, by code."""
        where, values = _joined(self.clauses)
        code = "e.code" if self.is_sqlite else 'e.code COLLATE "C"'
        asked = f"SELECT e.id FROM catalog_entries e WHERE {where} ORDER BY {code} LIMIT {most} OFFSET {offset}"  # noqa: S608 - own words only
        return [int(str(row[0])) for row in self._run(asked, values)]

    def _source(self, in_title: bool) -> tuple[str, list[_Clause]]:
        query = self.query
        plain = "catalog_entries e JOIN catalog_texts t ON t.id = e.id"
        if not self.is_sqlite:
            wanted = pairs(" ".join(query.words))
            index = [_Clause("string_to_array(t.pairs, ' ') @> string_to_array(?, ' ')", (wanted,))] if wanted else []
            return plain, [*index, *self._read(query.words, in_title)]
        if self.few or not (query.long or query.short):
            return plain, self._read(query.words, in_title)
        table = "catalog_trigrams" if query.long else "catalog_pairs"
        looked_up = query.long or query.short
        column = "title : " if in_title else ""
        match = " AND ".join(f'{column}"{word.replace(chr(34), chr(34) * 2)}"' for word in looked_up)
        source = (
            f"{table} CROSS JOIN catalog_texts t ON t.id = {table}.rowid CROSS JOIN catalog_entries e ON e.id = t.id"
        )
        others = tuple(word for word in query.words if word not in looked_up)
        return source, [_Clause(f"{table} MATCH ?", (match,)), *self._read(others, in_title)]

    def _read(self, words: Sequence[str], in_title: bool) -> list[_Clause]:
        """Words looked for by reading."""
        place = "instr" if self.is_sqlite else "strpos"
        if in_title:
            return [_Clause(f"{place}(t.title, ?) > 0", (word,)) for word in words]
        either = f"({place}(t.title, ?) > 0 OR {place}(t.body, ?) > 0)"
        return [_Clause(either, (word, word)) for word in words]

    def _run(self, sql: str, values: tuple[object, ...]) -> Sequence[Sequence[object]]:
        if not self.is_sqlite:
            sql = sql.replace("?", "%s")
        return list(self.connection.exec_driver_sql(sql, values))


def _joined(clauses: Sequence[_Clause]) -> tuple[str, tuple[object, ...]]:
    where = " AND ".join(clause.sql for clause in clauses) or "1 = 1"
    return where, tuple(value for clause in clauses for value in clause.values)


def _entries(connection: Connection, ids: Sequence[int]) -> dict[int, tuple[CatalogEntry, LifeCycle]]:
    if not ids:
        return {}
    number = case((ENTRIES.c.shown > 0, ENTRIES.c.shown), else_=ENTRIES.c.latest)
    shown = and_(VERSIONS.c.entry == ENTRIES.c.id, VERSIONS.c.number == number)
    asked = select(ENTRIES.c.id, ENTRIES.c.state, ENTRIES.c.shown, VERSIONS.c.body).join(VERSIONS, shown)
    rows = connection.execute(asked.where(ENTRIES.c.id.in_(ids)))
    return {row[0]: (read_body(row[3]), LifeCycle.PUBLISHED if row[2] else LifeCycle(row[1])) for row in rows}


def _hit(entry: CatalogEntry, state: LifeCycle, in_name: bool, query: Query) -> SearchHit:
    return SearchHit(entry, state, in_name, _excerpt(entry, query))


def _excerpt(entry: CatalogEntry, query: Query) -> str:
    for text in entry.texts():
        plain = normal(text)
        at = min((found for word in query.words if (found := plain.find(word)) >= 0), default=-1)
        if at >= 0:
            begin, end = max(at - _AROUND, 0), at + 2 * _AROUND
            return ("…" if begin else "") + plain[begin:end] + ("…" if end < len(plain) else "")
    return normal(entry.abstract)[: 2 * _AROUND]
