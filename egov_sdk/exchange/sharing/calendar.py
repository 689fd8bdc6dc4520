"""Working days (工作日): weekends, public holidays and the weekend days that are worked instead (调休), all as data.

No holiday is built in: which days are free is announced for each year. Beyond the years that a calendar knows, what it
answers is provisional and says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Final

from egov_sdk.errors import ParseError
from egov_sdk.exchange.envelope.canonical import read_json
from egov_sdk.exchange.envelope.problems import kind_name
from egov_sdk.exchange.sharing.problems import unreadable
from egov_sdk.report import Text
from egov_sdk.times import aware

__all__ = ["WEEKENDS_ONLY", "Due", "WorkingCalendar", "read_calendar"]

_MOST_BYTES: Final = 1 << 20
_MOST_DAYS: Final = 10_000
_MOST_WORKING_DAYS: Final = 1_000
_LONGEST_RUN: Final = 366
_SPAN: Final = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:/([0-9]{4}-[0-9]{2}-[0-9]{2}))?")
_MEMBERS: Final = frozenset({"name", "years", "holidays", "working", "weekend", "utc_offset_hours"})


@dataclass(frozen=True, slots=True)
class Due:
    """When something is due: the end of a working day. ``provisional`` where the calendar does not know the year."""

    at: datetime
    day: date
    provisional: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkingCalendar:
    """Which days are worked (工作日历).

    Attributes:
        weekend: days of the week that are free, Monday being 0.
        holidays: free days beside them.
        working: days of a weekend that are worked (调休).
        years: the years that are known whole; of others only the weekends are.
        utc_offset_hours: where the day ends.
    """

    name: str
    weekend: frozenset[int] = frozenset({5, 6})
    holidays: frozenset[date] = field(default=frozenset(), repr=False)
    working: frozenset[date] = field(default=frozenset(), repr=False)
    years: frozenset[int] = frozenset()
    utc_offset_hours: int = 8

    def __post_init__(self) -> None:
        if not self.weekend < frozenset(range(7)):
            raise ValueError("weekend holds days from 0, Monday, to 6, and not all of them")
        if not -12 <= self.utc_offset_hours <= 14:
            raise ValueError("utc_offset_hours is between -12 and 14")
        if both := self.holidays & self.working:
            raise ValueError(f"{min(both)} is a holiday and worked too")
        if wrong := [day for day in self.working if day.weekday() not in self.weekend]:
            raise ValueError(f"{min(wrong)} is no day of a weekend, so nothing is worked instead")
        if stray := [day for day in self.holidays | self.working if day.year not in self.years]:
            raise ValueError(f"{min(stray)} is of a year that the calendar does not claim to know")

    def is_working_day(self, day: date) -> bool:
        """Whether it is worked."""
        return day in self.working or (self._is_ordinary(day) and day not in self.holidays)

    def day_of(self, at: datetime) -> date:
        """The day of a moment, where the calendar is kept.

        Raises:
            ValueError: ``at`` has no time zone, or its day is beyond the year 9999.
        """
        try:
            return aware(at).astimezone(self._zone).date()
        except OverflowError:
            raise ValueError(f"{at.isoformat()} is no day of a calendar any more") from None

    def after(self, day: date, working_days: int) -> date:
        """The day that comes so many working days after a day, which itself does not count.

        Raises:
            ValueError: the number is negative or above 1,000, or so far there is hardly a working day.
        """
        if not 0 <= working_days <= _MOST_WORKING_DAYS:
            raise ValueError(f"working_days is between 0 and {_MOST_WORKING_DAYS}")
        run = 0
        while working_days:
            day += timedelta(days=1)
            if self.is_working_day(day):
                working_days, run = working_days - 1, 0
            elif (run := run + 1) > _LONGEST_RUN:
                raise ValueError("the calendar has no working day for more than a year")
        return day

    def between(self, first: date, last: date) -> int:
        """How many working days lie after ``first``, up to and with ``last``; negative the other way round."""
        if last < first:
            return -self.between(last, first)
        weeks, rest = divmod((last - first).days, 7)
        beside = sum(self._is_ordinary(first + timedelta(days=number)) for number in range(1, rest + 1))
        ordinary = weeks * (7 - len(self.weekend)) + beside
        holidays = sum(first < day <= last and self._is_ordinary(day) for day in self.holidays)
        return ordinary - holidays + sum(first < day <= last for day in self.working)

    def _is_ordinary(self, day: date) -> bool:
        return day.weekday() not in self.weekend

    def due(self, since: datetime, working_days: int) -> Due:
        """When something is due that began at a moment: the day of the beginning does not count.

        Raises:
            ValueError: ``since`` has no time zone, or as ``after``.
        """
        began = self.day_of(since)
        day = self.after(began, working_days)
        end = datetime.combine(day + timedelta(days=1), time(), self._zone).astimezone(UTC)
        return Due(end, day, not set(range(began.year, day.year + 1)) <= self.years)

    @property
    def _zone(self) -> timezone:
        return timezone(timedelta(hours=self.utc_offset_hours))


#: Saturdays and Sundays are free; of no year are the holidays known.
WEEKENDS_ONLY: Final = WorkingCalendar(name="weekends only")


def _days(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=count) for count in range((last - first).days + 1))


def read_calendar(data: bytes) -> WorkingCalendar:
    """Read a calendar from JSON: ``name``, ``years``, ``holidays`` and ``working``; a day, or two with ``/`` between.

    ``weekend`` has days of the week from 1, Monday, to 7 as ISO 8601 counts them; ``utc_offset_hours`` is 8 by default.

    Raises:
        ParseError: it is none, or contradicts itself.
    """
    if len(data) > _MOST_BYTES:
        raise unreadable("sharing.calendar", name=Text("size", "字节数"), found=len(data))
    value = read_json(data, depth=3, where="calendar")
    if unknown := value.keys() - _MEMBERS:
        raise unreadable("sharing.calendar", name=Text("members", "成员"), found=", ".join(sorted(unknown)))
    name, offset = value.get("name"), value.get("utc_offset_hours", 8)
    if not isinstance(name, str) or not 0 < len(name) <= 128 or not name.isprintable():
        raise unreadable("sharing.calendar", name="name", found=name)
    if type(offset) is not int:
        raise unreadable("sharing.calendar", name="utc_offset_hours", found=offset)
    numbers = {one: _numbers(value.get(one, default), one) for one, default in (("years", []), ("weekend", [6, 7]))}
    days = {one: frozenset(_spans(value.get(one, []), one)) for one in ("holidays", "working")}
    try:
        return WorkingCalendar(
            name=name,
            weekend=frozenset(number - 1 for number in numbers["weekend"]),
            years=numbers["years"],
            holidays=days["holidays"],
            working=days["working"],
            utc_offset_hours=offset,
        )
    except ValueError as error:
        raise unreadable("sharing.calendar", name=name, found=error) from None


def _numbers(value: object, name: str) -> frozenset[int]:
    if not isinstance(value, list) or not all(type(one) is int for one in value) or len(value) > _MOST_DAYS:
        raise unreadable("sharing.calendar", name=name, found=value)
    if len(set(value)) != len(value):
        raise unreadable("sharing.calendar", name=name, found=Text("one twice", "有重复项"))
    return frozenset(value)


def _spans(value: object, name: str) -> Iterable[date]:
    if not isinstance(value, list):
        raise unreadable("sharing.calendar", name=name, found=kind_name(type(value)))
    found: list[date] = []
    for text in value:
        first, last = _span(text, name)
        if not 0 <= (last - first).days < _LONGEST_RUN or len(found) > _MOST_DAYS:
            raise unreadable("sharing.calendar", name=name, found=text)
        found += _days(first, last)
    if len(set(found)) != len(found):
        raise unreadable("sharing.calendar", name=name, found=Text("a day twice", "有重复的日期"))
    return found


def _span(text: object, name: str) -> tuple[date, date]:
    match = _SPAN.fullmatch(text) if isinstance(text, str) else None
    wrong: ParseError = unreadable("sharing.calendar", name=name, found=text)
    if match is None:
        raise wrong
    try:
        first = date.fromisoformat(match[1])
        return first, date.fromisoformat(match[2]) if match[2] else first
    except ValueError:
        raise wrong from None
