"""Core data elements (核心数据元): how a value is written, which values there are, and records checked against them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Final, Literal, Self

from egov_sdk.codes import CodeKind, check_code
from egov_sdk.exchange.catalog.model import has_bad_character
from egov_sdk.exchange.catalog.problems import Finding, Place, finding, unreadable

__all__ = [
    "DataElement",
    "Form",
    "Record",
    "Representation",
    "Spoilt",
    "ValueRange",
    "check_record",
    "check_value",
]

#: Letters; digits; any printing characters; a date; a time; both; yes or no.
Form = Literal["a", "n", "an", "d", "t", "dt", "bl"]

_FORMAT: Final = re.compile(r"(an|a|n|dt|d|t|bl)([0-9]{1,6})?(\.\.([0-9]{1,6})?)?(?:,([0-9]{1,2}))?")
_NUMBER: Final = re.compile(r"[+-]?([0-9]+)(?:\.([0-9]+))?")
_MOMENTS: Final[Mapping[str, tuple[str, str]]] = {
    "d4": ("%Y", "YYYY"),
    "d6": ("%Y%m", "YYYYMM"),
    "d8": ("%Y%m%d", "YYYYMMDD"),
    "d10": ("%Y-%m-%d", "YYYY-MM-DD"),
    "t6": ("%H%M%S", "hhmmss"),
    "t8": ("%H:%M:%S", "hh:mm:ss"),
    "dt14": ("%Y%m%d%H%M%S", "YYYYMMDDhhmmss"),
    "dt15": ("%Y%m%dT%H%M%S", "YYYYMMDDThhmmss"),
    "dt19": ("%Y-%m-%d %H:%M:%S", "YYYY-MM-DD hh:mm:ss"),
}
_YES_NO: Final = frozenset({"0", "1", "true", "false", "是", "否"})
_SHAPE_CHARS: Final = 24
_BREAKS: Final = frozenset("\t\r\n")
_FORMS: Final[Mapping[str, Form]] = {"a": "a", "n": "n", "an": "an", "d": "d", "t": "t", "dt": "dt", "bl": "bl"}


@dataclass(frozen=True, slots=True)
class Representation:
    """A representation format (表示格式): ``an..18``, ``n10,2``, ``a3``, ``d8``, ``bl``.

    Read as is usual in Chinese data element standards: a number alone is the exact length, ``..`` goes before the
    greatest; ``n10,2`` has at most ten digits, at most two of them after the point. A character counts once,
    whatever its script. The text of the standard for it was not at hand.
    """

    text: str
    form: Form
    shortest: int
    longest: int | None
    decimals: int | None

    @classmethod
    def parse(cls, text: str) -> Self:
        """The format that a text is.

        Raises:
            ParseError: egov.exchange.catalog.element.format.
        """
        match = _FORMAT.fullmatch(text)
        form, first, dots, last, decimals = match.groups() if match else ("", None, None, None, None)
        shortest = int(first) if first else 0
        longest = (int(last) if last else None) if dots else (int(first) if first else None)
        good = match is not None and (longest is None or longest >= max(shortest, 1))
        if form in ("d", "t", "dt"):
            good = good and not dots and not decimals and text in _MOMENTS
        elif form == "bl":
            good = text == "bl"
        elif decimals:
            good = good and form == "n" and longest is not None and int(decimals) < longest
            shortest = 0 if not dots else shortest
        if not good:
            raise unreadable("catalog.element.format", found=text)
        return cls(text, _FORMS[form], shortest, longest, int(decimals) if decimals else None)

    def problem(self, value: str) -> tuple[str, dict[str, object]] | None:
        """What of a value does not fit: a key of PROBLEMS and its facts. The value itself is never among them."""
        if self.form in ("d", "t", "dt"):
            pattern, name = _MOMENTS[self.text]
            return None if _is_moment(value, pattern, name) else _wrong_kind(value, name)
        if self.form == "bl":
            return None if value.lower() in _YES_NO else _wrong_kind(value, "0, 1, true, false, 是, 否")
        if self.form == "n":
            return self._number_problem(value)
        if has_bad_character(value) or not _BREAKS.isdisjoint(value) or (self.form == "a" and not value.isalpha()):
            return _wrong_kind(value, "letters" if self.form == "a" else "printing characters")
        return self._length_problem(len(value))

    def _number_problem(self, value: str) -> tuple[str, dict[str, object]] | None:
        match = _NUMBER.fullmatch(value)
        if match is None or (self.decimals is None and not value.isdigit()):
            return _wrong_kind(value, "a number" if self.decimals is not None else "digits")
        places = len(match[2] or "")
        if self.decimals is not None and places > self.decimals:
            return "catalog.record.decimals", {"found": places, "expected": self.decimals}
        return self._length_problem(len(match[1]) + places)

    def _length_problem(self, length: int) -> tuple[str, dict[str, object]] | None:
        if length >= self.shortest and (self.longest is None or length <= self.longest):
            return None
        expected = f"{self.shortest}" if self.shortest == self.longest else f"{self.shortest} … {self.longest or ''}"
        return "catalog.record.length", {"found": length, "expected": expected.strip()}

    def __str__(self) -> str:
        return self.text


def _is_moment(value: str, pattern: str, form: str) -> bool:
    # what is read takes blanks for digits, and any blank for another
    shape = "".join("9" if one in "0123456789" else one for one in value)
    if shape != "".join("9" if one in "YMDhms" else one for one in form):
        return False
    try:
        datetime.strptime(value, pattern)  # noqa: DTZ007 - only whether it can be read
    except ValueError:
        return False
    return True


def _wrong_kind(value: str, expected: str) -> tuple[str, dict[str, object]]:
    return "catalog.record.kind", {"found": _shape(value), "expected": expected}


def _shape(value: str) -> str:
    """What a value looks like, and nothing of what it says: 9 for digits, a for letters, 字 for Han."""
    marks = []
    for one in value[:_SHAPE_CHARS]:
        if one.isdigit():
            marks.append("9")
        elif one.isalpha():
            marks.append("a" if one.isascii() else "字")
        else:
            marks.append(one if one in " -_./:,+" else "·")
    return "".join(marks) + ("…" if len(value) > _SHAPE_CHARS else "")


@dataclass(frozen=True, slots=True)
class ValueRange:
    """Numbers from one to another, both included (值域：范围)."""

    lowest: Decimal
    highest: Decimal

    def __contains__(self, value: object) -> bool:
        try:
            return self.lowest <= Decimal(str(value)) <= self.highest
        except InvalidOperation:
            return False

    def __str__(self) -> str:
        return f"{self.lowest} … {self.highest}"


@dataclass(frozen=True, slots=True, kw_only=True)
class DataElement:
    """A data element (数据元): its name, its identifier in records, the format and the domain of its values.

    ``domain`` is a code list or a range; ``kind`` a number of ``egov_sdk.codes`` whose check digits must be right.
    """

    name: str
    identifier: str
    format: Representation
    domain: frozenset[str] | ValueRange | None = None
    kind: CodeKind | None = None
    required: bool = False
    definition: str = ""

    def domain_text(self) -> str:
        """The domain in a few words."""
        if self.kind is not None:
            return self.kind.value
        if isinstance(self.domain, frozenset):
            some = sorted(self.domain)
            return "、".join(some[:8]) + ("…" if len(some) > 8 else "")
        return str(self.domain)


@dataclass(frozen=True, slots=True)
class Spoilt:
    """In place of a value: a cell that holds none, such as a formula. ``problem`` is the reason, a key of PROBLEMS."""

    problem: str


class Record(dict[str, object]):
    """A record of a file (记录): values by identifiers, and the row or line that it stands in, from 1."""

    def __init__(self, values: Mapping[str, object], *, row: int) -> None:
        super().__init__(values)
        self.row = row


def check_value(element: DataElement, value: object, *, place: Place | None = None) -> Finding | None:
    """What is wrong with one value; None when nothing is. An empty one is wrong where the element is required."""
    where = place or Place(path=element.identifier)
    if isinstance(value, Spoilt):
        return finding(value.problem, about=element.identifier, place=where, found="…")
    text = "" if value is None else str(value)
    if not text.strip():
        if not element.required:
            return None
        return finding("catalog.record.missing", about=element.identifier, place=where, name=element.name)
    if (wrong := element.format.problem(text)) is not None:
        return finding(wrong[0], about=element.identifier, place=where, **wrong[1])
    outside = element.domain is not None and text not in element.domain
    if outside or (element.kind is not None and not check_code(text, element.kind).ok):
        facts = {"expected": element.domain_text()}
        return finding("catalog.record.domain", about=element.identifier, place=where, **facts)
    return None


def check_record(
    record: Mapping[str, object], elements: Iterable[DataElement], *, row: int | None = None
) -> tuple[Finding, ...]:
    """Everything that is wrong with one record. No value of it is in any finding: it may be personal.

    Args:
        record: values by the identifiers of the elements.
        row: the number of the record, for the places.
    """
    return tuple(_findings(record, tuple(elements), row))


def _findings(record: Mapping[str, object], elements: tuple[DataElement, ...], row: int | None) -> Iterator[Finding]:
    for element in elements:
        place = Place(path=element.identifier, row=row, name=element.name)
        found = check_value(element, record.get(element.identifier), place=place)
        if found is not None:
            yield found
    known = {element.identifier for element in elements}
    for name in record:
        if name not in known:
            yield finding("catalog.record.unknown", about=str(name), place=Place(row=row, path=str(name)), found=name)
