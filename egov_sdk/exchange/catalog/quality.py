"""How good the data of a resource are (数据质量): complete, exact, timely, usable; a report, and a drawing of it."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final

from egov_sdk.exchange.catalog._chart import Bar, draw_bars, percent
from egov_sdk.exchange.catalog.elements import DataElement, Record, check_record
from egov_sdk.exchange.catalog.model import CatalogEntry
from egov_sdk.exchange.catalog.problems import Finding
from egov_sdk.exchange.catalog.terms import UpdateCycle
from egov_sdk.report import Lang, Text
from egov_sdk.times import aware, day_in_beijing

__all__ = [
    "CYCLE_DAYS",
    "DIMENSION_TITLES",
    "MOST_FINDINGS",
    "Dimension",
    "Measure",
    "QualityReport",
    "assess",
    "percent",
]


class Dimension(enum.StrEnum):
    """The four sides of data quality that are measured."""

    COMPLETE = "complete"
    EXACT = "exact"
    TIMELY = "timely"
    USABLE = "usable"


DIMENSION_TITLES: Final[Mapping[Dimension, Text]] = {
    Dimension.COMPLETE: Text("complete", "完整性"),
    Dimension.EXACT: Text("exact", "准确性"),
    Dimension.TIMELY: Text("timely", "及时性"),
    Dimension.USABLE: Text("usable", "可用性"),
}

#: How old data may be before they count as late. Policy of this library, to be given anew where it is another.
CYCLE_DAYS: Final[Mapping[UpdateCycle, int]] = {
    UpdateCycle.REALTIME: 1,
    UpdateCycle.DAILY: 1,
    UpdateCycle.WEEKLY: 7,
    UpdateCycle.MONTHLY: 31,
    UpdateCycle.QUARTERLY: 92,
    UpdateCycle.HALF_YEARLY: 184,
    UpdateCycle.YEARLY: 366,
}
#: So many of the things that are wrong are told one by one; all are counted.
MOST_FINDINGS: Final = 20
_RULES: Final[Mapping[str, tuple[Dimension, Text]]] = {
    "required_filled": (Dimension.COMPLETE, Text("required values are there", "必填值齐全")),
    "elements_present": (
        Dimension.COMPLETE,
        Text("every data element is in the records", "数据元齐全"),
    ),
    "values_fit": (Dimension.EXACT, Text("values have their form, length and domain", "值符合格式、长度和值域")),
    "within_cycle": (Dimension.TIMELY, Text("brought up to date within the cycle", "在更新周期内更新")),
    "items_described": (Dimension.USABLE, Text("the catalogue names what the records hold", "目录信息项与记录一致")),
    "keys_unique": (Dimension.USABLE, Text("no record stands twice", "记录无重复")),
}


@dataclass(frozen=True, slots=True)
class Measure:
    """One rule: how many were looked at, how many passed, and some of what was found."""

    rule: str
    checked: int
    passed: int
    examples: tuple[str, ...] = ()

    @property
    def dimension(self) -> Dimension:
        """The side that the rule belongs to."""
        return _RULES[self.rule][0]

    @property
    def title(self) -> Text:
        """The rule in words."""
        return _RULES[self.rule][1]

    @property
    def share(self) -> float | None:
        """The part that passed, 0 to 1; None when nothing could be looked at."""
        return self.passed / self.checked if self.checked else None


@dataclass(frozen=True, slots=True)
class QualityReport:
    """What an assessment found. A side that nothing was known about has no score, and does not count as good."""

    subject: str
    assessed_at: datetime
    records: int
    measures: tuple[Measure, ...]
    findings: tuple[Finding, ...] = field(default=(), repr=False)

    def score(self, dimension: Dimension) -> float | None:
        """The least of the shares of a side's rules, 0 to 1; None when none could be measured."""
        shares = [one.share for one in self.measures if one.dimension is dimension and one.share is not None]
        return min(shares, default=None)

    @property
    def scores(self) -> dict[Dimension, float | None]:
        """The score of each side."""
        return {dimension: self.score(dimension) for dimension in Dimension}

    def to_dict(self, lang: Lang = "en") -> dict[str, object]:
        """The report as plain values."""
        return {
            "subject": self.subject,
            "assessed_at": self.assessed_at.isoformat(),
            "records": self.records,
            "scores": {dimension.value: score for dimension, score in self.scores.items()},
            "measures": [
                {
                    "rule": one.rule,
                    "dimension": one.dimension.value,
                    "title": one.title.in_(lang),
                    "checked": one.checked,
                    "passed": one.passed,
                    "examples": list(one.examples),
                }
                for one in self.measures
            ],
            "findings": [one.to_dict(lang) for one in self.findings],
        }

    def to_svg(self, lang: Lang = "zh") -> str:
        """The four scores as bars, an SVG of its own that needs no font and no network."""
        bars = [Bar(DIMENSION_TITLES[dimension].in_(lang), score) for dimension, score in self.scores.items()]
        unknown = Text("not measured", "未评估").in_(lang)
        return draw_bars(self.subject, bars, unknown=unknown)

    def to_png(self, lang: Lang = "zh", *, width: int = 960) -> bytes:
        """The same drawing as a picture, so many pixels wide.

        Raises:
            MissingExtra: resvg is not installed.
        """
        from egov_sdk.ofd.render.png import rasterize_chart

        return rasterize_chart(self.to_svg(lang), width=width)


def assess(
    records: Iterable[Mapping[str, object]],
    elements: Sequence[DataElement],
    *,
    at: datetime,
    subject: str = "",
    entry: CatalogEntry | None = None,
    updated_on: date | None = None,
    key: Sequence[str] = (),
    cycle_days: Mapping[UpdateCycle, int] = CYCLE_DAYS,
) -> QualityReport:
    """Measure the records of a resource.

    Args:
        records: values by the identifiers of the elements, as ``read_records`` gives them from a file; read once.
        entry: the resource in the catalogue, for its cycle and its items.
        updated_on: when the records were last brought up to date.
        key: the identifiers that together name a record.
    Raises:
        ValueError: ``at`` has no time zone, or a key is no element.
    """
    aware(at)
    known = {element.identifier for element in elements}
    if not known >= set(key):
        raise ValueError(f"the key names {sorted(set(key) - known)}, which no element is")
    counts = _Counts(elements, key)
    for number, record in enumerate(records, 1):
        counts.take(record, number)
    measures = [*counts.measures(), *_timely(entry, updated_on, at, cycle_days), *_described(entry, elements)]
    title = subject or (entry.name if entry is not None else "")
    return QualityReport(title, at, counts.records, tuple(measures), tuple(counts.findings))


class _Counts:
    def __init__(self, elements: Sequence[DataElement], key: Sequence[str]) -> None:
        self.elements, self.key = elements, key
        self.records = self.values = self.wrong = self.required = self.missing = self.twice = 0
        self.present: set[str] = set()
        self.seen: set[int] = set()
        self.unknown: set[str] = set()  # told once each
        self.findings: list[Finding] = []

    def take(self, record: Mapping[str, object], number: int) -> None:
        self.records += 1
        self.required += sum(element.required for element in self.elements)
        filled = [one.identifier for one in self.elements if str(record.get(one.identifier) or "").strip()]
        self.values += len(filled)
        self.present.update(name for name in record if isinstance(name, str))
        row = record.row if isinstance(record, Record) else number
        for found in check_record(record, self.elements, row=row):
            if found.problem == "catalog.record.missing":
                self.missing += 1
            elif found.problem != "catalog.record.unknown":
                self.wrong += 1
            elif found.about in self.unknown:
                continue
            else:
                self.unknown.add(found.about)
            if len(self.findings) < MOST_FINDINGS:
                self.findings.append(found)
        if self.key:
            # a hash of the key, since millions of them are held
            mark = hash(tuple(str(record.get(name)) for name in self.key))
            self.twice += mark in self.seen
            self.seen.add(mark)

    def measures(self) -> list[Measure]:
        names = {element.identifier for element in self.elements}
        absent = tuple(sorted(names - self.present)) if self.records else ()
        made = [
            Measure("required_filled", self.required, self.required - self.missing),
            Measure("elements_present", len(names) if self.records else 0, len(names) - len(absent), absent),
            Measure("values_fit", self.values, self.values - self.wrong),
        ]
        if self.key:
            made.append(Measure("keys_unique", self.records, self.records - self.twice))
        return made


def _timely(
    entry: CatalogEntry | None, updated_on: date | None, at: datetime, days: Mapping[UpdateCycle, int]
) -> list[Measure]:
    if entry is None or entry.cycle is None or updated_on is None or entry.cycle not in days:
        return [Measure("within_cycle", 0, 0)]
    due = updated_on + timedelta(days=days[entry.cycle])
    late = day_in_beijing(at) > due
    return [Measure("within_cycle", 1, int(not late), (f"due {due.isoformat()}",) if late else ())]


def _described(entry: CatalogEntry | None, elements: Sequence[DataElement]) -> list[Measure]:
    if entry is None or not entry.items:
        return [Measure("items_described", 0, 0)]
    told = {item.name for item in entry.items}
    absent = tuple(sorted(element.name for element in elements if element.name not in told))
    return [Measure("items_described", len(elements), len(elements) - len(absent), absent)]
