"""The text of cells: formulas, what cannot be seen, letters of columns, days that are numbers."""

from __future__ import annotations

from datetime import date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from egov_sdk.sheets.cells import (
    column_letters,
    guard_formula,
    has_control,
    looks_like_formula,
    moment_text,
    serial_day,
    unguard_formula,
)


@pytest.mark.parametrize(
    ("text", "from_1904", "day"),
    [
        ("45050", False, date(2023, 5, 4)),
        ("43588", True, date(2023, 5, 4)),
        ("61", False, date(1900, 3, 1)),
        ("45050.0", False, date(2023, 5, 4)),
        ("60", False, None),
        ("45050.5", False, None),
        ("2958466", False, None),
        ("9999999999999999999999", False, None),
        ("四万", False, None),
        ("", False, None),
        ("0", True, None),
    ],
)
def test_numbers_of_excels_calendar_are_days(text: str, from_1904: bool, day: date | None) -> None:
    assert serial_day(text, from_1904=from_1904) == day


@given(st.text())
def test_a_guard_is_taken_away_again(text: str) -> None:
    assert unguard_formula(guard_formula(text)) == text
    assert not guard_formula(text).startswith(("=", "+", "-", "@", "\t", "\r", "＝"))


@pytest.mark.parametrize("text", ["=1", "@x", "\tx", "+a", "-a1", "＝1", "=", "-1+1|cmd"])
def test_formulas_are_told(text: str) -> None:
    assert looks_like_formula(text)


@pytest.mark.parametrize("text", ["", "-", "——", "-1", "+86 10-6655", "-3.5%", "a=b", "张三"])
def test_what_is_none_is_left_alone(text: str) -> None:
    assert not looks_like_formula(text)


def test_what_cannot_be_seen_is_found() -> None:
    assert not has_control("张三 A1")
    assert all(has_control(text) for text in ("a\nb", "a\0", "\u202ea", "a\u200b", "\ud800"))


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("45292.75", date(2024, 1, 1)),
        ("45292", date(2024, 1, 1)),
        ("45292.x", None),
        ("1", None),
        ("nan", None),
        ("1e5", None),
        ("-61", None),
    ],
)
def test_a_time_of_day_behind_the_point_is_left_out_where_that_is_asked_for(text: str, day: date | None) -> None:
    assert serial_day(text, from_1904=False, with_time=True) == day


@pytest.mark.parametrize(
    ("index", "letters"), [(0, "A"), (25, "Z"), (26, "AA"), (51, "AZ"), (52, "BA"), (701, "ZZ"), (702, "AAA")]
)
def test_columns_are_called_as_programs_do(index: int, letters: str) -> None:
    assert column_letters(index) == letters


@pytest.mark.parametrize("text", ["=1+1", "+86", "-5", "@SUM(A1)", "\t=1", "＝1", "'=1", "''+1", "=cmd|'/c calc'!A0"])
def test_what_may_be_a_formula_is_guarded_once(text: str) -> None:
    assert guard_formula(text) == "'" + text
    assert unguard_formula(guard_formula(text)) == text


@pytest.mark.parametrize("text", ["", "'", "''", "a=1", "'a", "1-2"])
def test_other_texts_are_not_guarded(text: str) -> None:
    assert guard_formula(text) == text == unguard_formula(text)


def test_moments_are_told_as_people_write_them() -> None:
    assert moment_text(datetime.fromisoformat("2026-01-05T00:00:00")) == "2026-01-05"
    assert moment_text(datetime.fromisoformat("2026-01-05T08:30:00")) == "2026-01-05 08:30:00"
    assert moment_text(date(2026, 1, 5)) == "2026-01-05"
    assert moment_text(time(8, 30)) == "08:30:00"
    assert moment_text(7) == "7"
