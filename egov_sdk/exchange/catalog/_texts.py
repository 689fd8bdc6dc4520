"""What of an entry is searched, and how a query becomes the words of each database."""

from __future__ import annotations

import unicodedata
from typing import Final, NamedTuple

from egov_sdk.exchange.catalog.model import CatalogEntry
from egov_sdk.exchange.catalog.problems import refuse

__all__ = ["Query", "Searched", "pairs", "read_query", "searched"]

_BODY_CHARS: Final = 20_000
_QUERY_CHARS: Final = 100
_QUERY_WORDS: Final = 8
_LONG: Final = 3  # what a trigram index can answer


class Searched(NamedTuple):
    """The texts of one entry as they are compared: of one width, in small letters."""

    title: str
    body: str


def normal(text: str) -> str:
    """Text as it is compared: full and half width alike, capitals and small letters alike, one blank."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def searched(entry: CatalogEntry) -> Searched:
    """The texts of an entry."""
    body = normal("\n".join(text for text in entry.texts() if text))
    return Searched(normal(entry.name), body[:_BODY_CHARS])


def pairs(text: str) -> str:
    """The characters of a text and all pairs that stand side by side, each once, in order; letters and digits only."""
    found: set[str] = set()
    for word in text.split():
        found.update(one for one in word if one.isalnum())
        found.update(word[at : at + 2] for at in range(len(word) - 1) if word[at].isalnum() and word[at + 1].isalnum())
    return " ".join(sorted(found))


class Query(NamedTuple):
    """The words of a search: those that trigrams can find, those that pairs can, and those that only reading can."""

    words: tuple[str, ...]
    long: tuple[str, ...]
    short: tuple[str, ...]
    odd: tuple[str, ...]


def read_query(text: str) -> Query:
    """The words of a search, all of which must be met.

    Raises:
        CatalogRejected: catalog.query_empty, catalog.query_long, catalog.query_characters.
    """
    words = tuple(dict.fromkeys(normal(text).split()))
    if not words:
        raise refuse("catalog.query_empty")
    if len(words) > _QUERY_WORDS or len(text) > _QUERY_CHARS:
        facts = {"words": len(words), "found": len(text), "expected": _QUERY_WORDS, "most": _QUERY_CHARS}
        raise refuse("catalog.query_long", **facts)
    if any(not word.isprintable() for word in words):
        raise refuse("catalog.query_characters")
    long = tuple(word for word in words if len(word) >= _LONG)
    short = tuple(word for word in words if len(word) < _LONG and all(one.isalnum() for one in word))
    return Query(words, long, short, tuple(word for word in words if word not in long and word not in short))
