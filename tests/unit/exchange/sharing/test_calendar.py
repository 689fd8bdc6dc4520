"""Working days: weekends, holidays, days worked instead, and calendars as data."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from egov_sdk.errors import InputError, ParseError
from egov_sdk.exchange.sharing.calendar import WEEKENDS_ONLY, WorkingCalendar, read_calendar

#: A year made up for the tests: a long holiday, with two days worked instead.
MADE_UP: dict[str, Any] = {
    "name": "made-up 2026",
    "years": [2026],
    "holidays": ["2026-01-01", "2026-05-01/2026-05-05", "2026-10-01/2026-10-07"],
    "working": ["2026-04-26", "2026-10-10"],
}


def calendar(**changed: Any) -> WorkingCalendar:
    return read_calendar(json.dumps(MADE_UP | changed).encode())


DAYS = st.dates(date(2025, 11, 1), date(2027, 2, 1))


@given(DAYS, DAYS, st.frozensets(st.integers(1, 7), min_size=1, max_size=6))
def test_the_working_days_between_two_are_those_that_are_met_one_after_the_other(
    first: date, last: date, weekend: frozenset[int]
) -> None:
    free = {"working": [] if weekend != {6, 7} else MADE_UP["working"], "weekend": sorted(weekend)}
    made = calendar(**free)
    days = [first + timedelta(days=number) for number in range(1, (last - first).days + 1)]
    if first <= last:
        assert made.between(first, last) == sum(map(made.is_working_day, days)) == -made.between(last, first)


def test_days_far_from_each_other_are_not_walked_through(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[date] = []

    def is_ordinary(_: WorkingCalendar, day: date) -> bool:
        looked.append(day)
        return day.weekday() < 5

    monkeypatch.setattr(WorkingCalendar, "_is_ordinary", is_ordinary)
    assert WEEKENDS_ONLY.between(date(1, 1, 1), date(9999, 12, 31)) == 2_608_614
    assert WEEKENDS_ONLY.between(date(9999, 12, 31), date(9999, 12, 31)) == 0
    assert len(looked) < 7


@pytest.mark.parametrize(
    ("day", "worked"),
    [
        ("2026-04-24", True),  # a Friday
        ("2026-04-25", False),  # a Saturday
        ("2026-04-26", True),  # a Sunday, worked instead
        ("2026-04-30", True),
        ("2026-05-01", False),
        ("2026-05-04", False),  # a Monday, free
        ("2026-05-06", True),
        ("2026-10-10", True),  # a Saturday, worked instead
        ("2026-10-11", False),
    ],
)
def test_a_day_is_worked_or_not(day: str, worked: bool) -> None:
    assert calendar().is_working_day(date.fromisoformat(day)) is worked


@pytest.mark.parametrize(
    ("since", "working_days", "expected"),
    [
        ("2026-04-24", 0, "2026-04-24"),
        ("2026-04-24", 1, "2026-04-26"),
        ("2026-04-24", 6, "2026-05-06"),
        ("2026-04-30", 1, "2026-05-06"),
        ("2026-05-02", 1, "2026-05-06"),
        ("2026-09-30", 3, "2026-10-10"),
        ("2026-09-30", 4, "2026-10-12"),
        ("2026-06-01", 10, "2026-06-15"),
        ("2026-06-01", 20, "2026-06-29"),
    ],
)
def test_the_day_so_many_working_days_later(since: str, working_days: int, expected: str) -> None:
    first, last = date.fromisoformat(since), date.fromisoformat(expected)
    assert calendar().after(first, working_days) == last
    assert calendar().between(first, last) == working_days


def test_a_day_ends_in_beijing_and_not_in_greenwich() -> None:
    due = calendar().due(datetime(2026, 6, 1, 15, 59, tzinfo=UTC), 1)
    assert (due.day, due.at) == (date(2026, 6, 2), datetime(2026, 6, 2, 16, 0, tzinfo=UTC))
    assert calendar().due(datetime(2026, 6, 1, 16, 0, tzinfo=UTC), 1).day == date(2026, 6, 3)


def test_what_reaches_into_a_year_that_is_not_known_is_provisional() -> None:
    assert not calendar().due(datetime(2026, 6, 1, tzinfo=UTC), 20).provisional
    assert calendar().due(datetime(2026, 12, 28, tzinfo=UTC), 10).provisional
    assert WEEKENDS_ONLY.due(datetime(2026, 6, 1, tzinfo=UTC), 1).provisional


_DAYS = st.dates(date(2026, 1, 1), date(2026, 11, 30))


@given(_DAYS, st.integers(0, 15))
def test_counting_day_by_day_comes_to_the_same(first: date, working_days: int) -> None:
    known = calendar()
    day, left = first, working_days
    while left:
        day += timedelta(days=1)
        free = day.isoformat() in (
            *(f"2026-05-0{one}" for one in range(1, 6)),
            *(f"2026-10-0{one}" for one in range(1, 8)),
            "2026-01-01",
        )
        instead = day.isoformat() in ("2026-04-26", "2026-10-10")
        left -= instead or (day.isoweekday() < 6 and not free)
    assert known.after(first, working_days) == day
    assert known.between(first, day) == working_days
    assert known.between(day, first) == -working_days


@given(_DAYS, _DAYS, _DAYS)
def test_spans_add_up(first: date, second: date, third: date) -> None:
    first, second, third = sorted((first, second, third))
    known = calendar()
    assert known.between(first, third) == known.between(first, second) + known.between(second, third)


BAD: dict[str, Any] = {
    "a holiday that is worked too": {"working": ["2026-04-26", "2026-10-10"], "holidays": ["2026-10-10"]},
    "a day worked instead that is no weekend": {"working": ["2026-04-27"]},
    "a day of another year": {"holidays": ["2027-01-01"]},
    "a day twice": {"holidays": ["2026-05-01/2026-05-03", "2026-05-02"]},
    "a span backwards": {"holidays": ["2026-05-05/2026-05-01"]},
    "a span too long": {"holidays": ["2026-01-01/2027-12-31"]},
    "no such day": {"holidays": ["2026-02-30"]},
    "a day in another form": {"holidays": ["20260501"]},
    "a number for a day": {"holidays": [20260501]},
    "text for a list": {"holidays": "2026-05-01"},
    "no day of the week": {"weekend": [0, 6]},
    "a week without work": {"weekend": [1, 2, 3, 4, 5, 6, 7]},
    "a year as text": {"years": ["2026"]},
    "a year as truth": {"years": [True]},
    "a year twice": {"years": [2026, 2026]},
    "an unknown member": {"holiday": []},
    "no name": {"name": ""},
    "a name with a break": {"name": "a\nb"},
    "an offset that is none": {"utc_offset_hours": 30},
    "an offset as text": {"utc_offset_hours": "8"},
}


@pytest.mark.parametrize("case", BAD)
def test_a_calendar_that_contradicts_itself_is_refused(case: str) -> None:
    with pytest.raises(InputError) as caught:
        calendar(**BAD[case])
    assert caught.value.code == "egov.exchange.sharing.calendar"


@given(st.binary(max_size=60) | st.text(max_size=60).map(str.encode))
def test_bytes_that_are_no_calendar_are_refused(data: bytes) -> None:
    with pytest.raises(InputError):
        read_calendar(data)


def test_a_naive_time_and_a_silly_number_are_the_callers_mistakes() -> None:
    with pytest.raises(ValueError, match="aware"):
        calendar().due(datetime(2026, 6, 1), 1)  # noqa: DTZ001
    for working_days in (-1, 1_001):
        with pytest.raises(ValueError, match="between"):
            calendar().after(date(2026, 6, 1), working_days)


def test_a_moment_beyond_all_calendars_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="no day of a calendar"):
        WEEKENDS_ONLY.day_of(datetime(9999, 12, 31, 23, tzinfo=UTC))


def test_what_is_wrong_with_a_calendar_is_told_in_chinese() -> None:
    for changed, zh in (
        ({"weekend": [6, 6]}, "日历不合规：weekend：有重复项"),
        ({"holidays": "2026-01-01"}, "日历不合规：holidays：文本"),
        ({"holidays": ["2026-01-01", "2026-01-01"]}, "日历不合规：holidays：有重复的日期"),
        ({"rest": 1}, "日历不合规：成员：rest"),
    ):
        with pytest.raises(ParseError) as caught:
            calendar(**changed)
        assert caught.value.text is not None
        assert caught.value.text.zh == zh
