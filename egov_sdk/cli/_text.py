"""Plain text for people: columns that line up, and strangers' words made harmless."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date

from egov_sdk.report_words import harmless

__all__ = ["columns", "json_text", "pad", "width"]


def width(text: str) -> int:
    """How many columns of a terminal a text takes; Chinese characters take two."""
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def pad(text: str, columns_wide: int) -> str:
    """Text filled with blanks to a width."""
    return text + " " * (columns_wide - width(text))


def columns(rows: Sequence[Sequence[str]], *, indent: str = "") -> list[str]:
    """Rows as lines whose columns line up; the last column is not filled."""
    if not rows:
        return []
    widths = [max(width(row[place]) for row in rows) for place in range(len(rows[0]) - 1)]
    return [
        (
            indent + "  ".join([*(pad(cell, wide) for cell, wide in zip(row[:-1], widths, strict=True)), row[-1]])
        ).rstrip()
        for row in rows
    ]


def json_text(value: Mapping[str, object]) -> str:
    """A document as JSON that keeps Chinese readable and is harmless on a terminal."""
    text = json.dumps(value, ensure_ascii=False, indent=2, default=_plain)
    return "".join(char if char == "\n" or harmless(char) else _json_escaped(char) for char in text)


def _json_escaped(char: str) -> str:
    return json.dumps(char)[1:-1]


def _plain(value: object) -> object:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.hex()
    raise TypeError(f"{type(value).__name__} has no place in JSON")
