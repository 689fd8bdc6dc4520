"""Attributes of page objects, read the way renderers must: what cannot be read counts as absent."""

from __future__ import annotations

import math
from collections.abc import Iterator

from lxml import etree

from egov_sdk.ofd.geometry import Box
from egov_sdk.ofd.render.matrix import IDENTITY, Matrix
from egov_sdk.ofd.rootfile import boolean
from egov_sdk.ofd.xml import every

__all__ = ["box_of", "expanded", "first", "flag", "matrix_of", "parse_numbers", "real"]

_LARGEST = 1e7
_LISTED_MAX = 100_000
_COUNT_DIGITS = 7


def real(text: str | None, default: float) -> float:
    """One number; the default where there is none or it is beyond all measure."""
    if text is None or "_" in text:
        return default
    try:
        value = float(text)
    except ValueError:
        return default
    return value if -_LARGEST <= value <= _LARGEST else default


def parse_numbers(text: str | None) -> list[float]:
    """All numbers of an array, empty if one of them is none."""
    if not text or "_" in text:
        return []
    try:
        values = [float(part) for part in text.replace(",", " ").split(maxsplit=_LISTED_MAX)]
    except ValueError:
        return []
    return values if all(-_LARGEST <= value <= _LARGEST for value in values) else []


def box_of(text: str | None) -> Box:
    """A Boundary; all zero where it cannot be read."""
    values = parse_numbers(text)
    return Box(*values) if len(values) == 4 else Box(0, 0, 0, 0)


def matrix_of(text: str | None) -> Matrix:
    """A CTM; the identity where it cannot be read."""
    values = parse_numbers(text)
    return Matrix(*values) if len(values) == 6 else IDENTITY


def flag(element: etree._Element, name: str, *, default: bool) -> bool:
    """A boolean attribute."""
    return boolean(element.get(name), default=default)


def first(parent: etree._Element, name: str) -> etree._Element | None:
    """The first child of that name."""
    return next(every(parent, name), None)


def expanded(text: str | None, *, at_most: int) -> list[float]:
    """A list of steps with its runs ``g count step`` written out, no longer than asked for."""
    found: list[float] = []
    parts = iter((text or "").split(maxsplit=_LISTED_MAX))
    while len(found) < at_most and (part := next(parts, None)) is not None:
        if part in ("g", "G"):
            found += _run(parts, at_most - len(found))
        else:
            found.append(real(part, 0.0))
    return found


def _run(parts: Iterator[str], room: int) -> list[float]:
    count, step = next(parts, ""), real(next(parts, None), 0.0)
    many = len(count) > _COUNT_DIGITS and count.isdecimal()
    return [step] * min(max(math.floor(real(count, 0.0)), room if many else 0), room)
