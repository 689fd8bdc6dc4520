"""Times as platforms write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from egov_sdk.gateway._times import TimeFormat, end_of_life, format_time, http_date, parse_time

AT = 1_700_000_000.0

WRITTEN: list[tuple[TimeFormat, str]] = [
    ("ms", "1700000000000"),
    ("s", "1700000000"),
    ("rfc1123", "Tue, 14 Nov 2023 22:13:20 GMT"),
    ("iso8601", "2023-11-15T06:13:20.000+08:00"),
    ("compact", "20231115061320"),
]


@pytest.mark.parametrize(("how", "text"), WRITTEN)
def test_a_time_is_written_and_read_as_the_platform_has_it(how: TimeFormat, text: str) -> None:
    assert format_time(AT, how) == text
    assert parse_time(text, how) == AT


def test_a_profile_without_time_writes_nothing() -> None:
    assert format_time(AT, "") == ""


@given(st.integers(1_000_000_000, 4_000_000_000), st.sampled_from([how for how, _ in WRITTEN]))
def test_what_is_written_is_read_again(at: int, how: TimeFormat) -> None:
    assert parse_time(format_time(at, how), how) == at


@pytest.mark.parametrize(
    ("how", "text"),
    [
        ("ms", "1700000000"),
        ("ms", "17000000000000"),
        ("ms", " 1700000000000"),
        ("ms", "1700000000000.0"),
        ("ms", "-170000000000"),
        ("ms", "１７００００００００００００"),
        ("ms", "1_00000000000"),
        ("s", "1700000000000"),
        ("s", "1e9"),
        ("s", ""),
        ("rfc1123", "Tue, 14 Nov 2023 22:13:20"),
        ("rfc1123", "Tue, 14 Nov 2023 22:13:20 CST"),
        ("rfc1123", "14 Nov 2023 22:13:20 GMT"),
        ("rfc1123", "Tue, 31 Feb 2023 22:13:20 GMT"),
        ("rfc1123", "Tue, 14 Nov 2023 25:13:20 GMT"),
        ("iso8601", "2023-11-15T06:13:20"),
        ("iso8601", "2023-11-15T06:13:20+09:00"),
        ("iso8601", "2023-13-15T06:13:20+08:00"),
        ("compact", "2023111506132"),
        ("compact", "20231315061320"),
    ],
)
def test_a_time_written_in_another_way_is_refused(how: TimeFormat, text: str) -> None:
    with pytest.raises(ValueError):
        parse_time(text, how)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (1_700_000_900_000, AT + 900),
        ("1700000900000", AT + 900),
        (1_700_000_900, AT + 900),
        (7_200, AT + 7_200),
        ("7200", AT + 7_200),
        (7_200.5, AT + 7_200.5),
        ("2023-11-15 06:28:20", AT + 900),
        ("2023/11/15 06:28:20", AT + 900),
        ("2023-11-15T06:28:20", AT + 900),
        ("2023-11-15T06:28:20.000+08:00", AT + 900),
        ("2023-11-14T22:28:20Z", AT + 900),
        (0, AT),
        (None, None),
        (True, None),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("2023-02-31 00:00:00", None),
        ({"end": 1}, None),
        ("9" * 40, None),
        (float("inf"), None),
        (float("nan"), None),
    ],
)
def test_the_end_of_a_secret_is_read_in_every_way_that_was_seen(value: object, expected: float | None) -> None:
    assert end_of_life(value, now_s=AT) == expected


def test_a_leap_second_is_the_second_before_it() -> None:
    assert http_date("Sat, 31 Dec 2016 23:59:60 GMT") == http_date("Sat, 31 Dec 2016 23:59:59 GMT")
