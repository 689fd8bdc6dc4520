"""Dates are read by their form, and what could mean two days is refused."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from egov_sdk.errors import ParseError
from egov_sdk.license.dates import (
    DateForm,
    ValidityRange,
    ValidityUnit,
    parse_date,
    parse_end,
    parse_moment,
    read_date,
    write_date,
    write_moment,
)
from egov_sdk.times import BEIJING

DAY = date(2012, 1, 9)


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("20120109", DateForm.COMPACT),
        ("2012-01-09", DateForm.DASHED),
        ("2012-1-9", DateForm.DASHED),
        ("2012/01/09", DateForm.SLASHED),
        ("2012/1/9", DateForm.SLASHED),
        ("2012.01.09", DateForm.DOTTED),
        ("2012.1.9", DateForm.DOTTED),
        ("2012年01月09日", DateForm.CHINESE),
        ("2012年1月9日", DateForm.CHINESE),
        ("2012 年 1 月 9 日", DateForm.CHINESE),
        ("二〇一二年一月九日", DateForm.NUMERALS),
        ("二○一二年一月九日", DateForm.NUMERALS),
        ("二零一二年一月九日", DateForm.NUMERALS),
        ("20120109000000", DateForm.COMPACT_TIME),
        ("20120109235959", DateForm.COMPACT_TIME),
        ("2012-01-09 23:59:59", DateForm.DASHED_TIME),
        ("2012-01-09T23:59", DateForm.DASHED_TIME),
        ("2012-01-08T16:00:00Z", DateForm.DASHED_TIME),
        ("2012-01-08T16:00:00.000Z", DateForm.DASHED_TIME),
        ("2012-01-09T00:00:00+08:00", DateForm.DASHED_TIME),
        ("1326038400000", DateForm.EPOCH_MS),
        ("1326124799999", DateForm.EPOCH_MS),
    ],
)
def test_every_form_names_its_day(text: str, form: DateForm) -> None:
    found = read_date(text)
    assert (found.day, found.form) == (DAY, form)
    assert parse_date(text) == parse_end(text) == DAY


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "date"),
        (" ", "date"),
        ("长期", "date"),
        ("昨天", "date"),
        ("2012", "date"),
        ("40000", "date"),
        ("2012-01", "date"),
        ("2012-01-09 ", "date"),
        ("\n2012-01-09", "date"),
        ("2012-01/09", "date"),
        ("2012-001-09", "date"),
        ("+2012-01-09", "date"),
        ("２０１２-０１-０９", "date"),
        ("٢٠١٢٠١٠٩", "date"),
        ("201201091", "date"),
        ("201201092359", "date"),
        ("132603840000", "date"),
        ("13260384000000000", "date"),
        ("Jan 9 2012", "date"),
        ("2012-W02-1", "date"),
        ("2012-01-09T25", "date"),
        ("一二年一月九日", "date"),
        ("二〇一二年零一月零九日", "date"),
        ("9" * 5000, "date"),
        ("二" * 5000, "date"),
        ("09/01/2012", "date_order"),
        ("01-09-2012", "date_order"),
        ("9.1.2012", "date_order"),
        ("09/01/12", "date_order"),
        ("12-01-09", "date_order"),
        ("120109", "date_order"),
        ("201201", "date_order"),
        ("12年1月9日", "date_order"),
        ("2012-02-30", "date_none"),
        ("2011-02-29", "date_none"),
        ("2012-00-09", "date_none"),
        ("2012-13-09", "date_none"),
        ("20121309", "date_none"),
        ("09012012", "date_none"),
        ("10111213", "date_none"),
        ("0000-01-01", "date_none"),
        ("1899-12-31", "date_none"),
        ("二〇一二年十三月一日", "date_none"),
        ("二〇一二年一月三十二日", "date_none"),
        ("二〇一二年十十月一日", "date_none"),
        ("二〇一二年二月三十日", "date_none"),
        ("20120109240000", "date_none"),
        ("2012-01-09 24:61:00", "date_none"),
        ("2012-01-09T00:00:00+99:00", "date_none"),
        ("9999-12-31T23:00:00Z", "date_none"),
        ("0001-01-01T00:00:00+14:00", "date_none"),
    ],
)
def test_what_names_no_one_day_is_refused(text: str, problem: str) -> None:
    with pytest.raises(ParseError) as caught:
        read_date(text, where="证照颁发日期")
    assert caught.value.code == f"egov.license.{problem}"
    assert caught.value.where == "证照颁发日期"
    assert len(str(caught.value)) < 250


def test_a_text_that_is_no_date_is_not_shown_whole() -> None:
    with pytest.raises(ParseError) as caught:
        read_date("张三丰的出生证明")
    assert "张三丰的出生证明" not in str(caught.value)


@pytest.mark.parametrize("text", ["", "长期", "长期有效"])
def test_a_licence_may_have_no_end(text: str) -> None:
    assert parse_end(text) is None


@pytest.mark.parametrize("text", [" ", "永远", "无", "null", "0"])
def test_no_other_word_means_that_there_is_no_end(text: str) -> None:
    with pytest.raises(ParseError):
        parse_end(text)


@pytest.mark.parametrize("form", DateForm)
def test_what_is_written_is_read_again(form: DateForm) -> None:
    for day in (DAY, date(2020, 10, 20), date(2029, 12, 31)):
        assert read_date(write_date(day, form=form)).day == day
        assert read_date(write_date(day, form=form)).form is form


def test_days_are_written_as_people_write_them() -> None:
    assert write_date(date(2021, 10, 31), form=DateForm.NUMERALS) == "二〇二一年十月三十一日"
    assert write_date(date(2021, 12, 20), form=DateForm.NUMERALS) == "二〇二一年十二月二十日"
    assert write_date(date(2021, 1, 2), form=DateForm.CHINESE) == "2021年01月02日"
    assert write_date(date(2021, 1, 2)) == "2021-01-02"


@pytest.mark.parametrize("day", [date(1999, 1, 1), date(1960, 1, 1), date(2300, 1, 1)])
def test_no_milliseconds_are_written_that_would_not_be_read(day: date) -> None:
    with pytest.raises(ValueError, match="13 digits"):
        write_date(day, form=DateForm.EPOCH_MS)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("20260101080000", datetime(2026, 1, 1, tzinfo=UTC)),
        ("2026-01-01 08:00:00", datetime(2026, 1, 1, tzinfo=UTC)),
        ("2026-01-01T08:00:00+08:00", datetime(2026, 1, 1, tzinfo=UTC)),
        ("1767225600000", datetime(2026, 1, 1, tzinfo=UTC)),
    ],
)
def test_moments_without_a_zone_are_of_beijing(text: str, expected: datetime) -> None:
    assert parse_moment(text) == expected
    assert parse_moment(text).utcoffset() == timedelta(hours=8)


@pytest.mark.parametrize("text", ["20260101", "2026-01-01", "2026年1月1日", "二〇二六年一月一日"])
def test_a_day_is_no_moment(text: str) -> None:
    with pytest.raises(ParseError) as caught:
        parse_moment(text, where="加注件制作时间")
    assert caught.value.code == "egov.license.moment"


def test_moments_are_written_in_beijing_time() -> None:
    moment = datetime(2026, 1, 1, 16, 30, 1, 999_000, tzinfo=UTC)
    assert write_moment(moment) == "20260102003001"
    assert write_moment(moment, form=DateForm.DASHED_TIME) == "2026-01-02 00:30:01"
    assert parse_moment(write_moment(moment, form=DateForm.EPOCH_MS)) == moment


def test_no_naive_moment_is_written_and_none_in_a_form_without_time() -> None:
    with pytest.raises(ValueError, match="zone"):
        write_moment(datetime(2026, 1, 1))  # noqa: DTZ001 - naive on purpose
    with pytest.raises(ValueError, match="time of day"):
        write_moment(datetime(2026, 1, 1, tzinfo=BEIJING), form=DateForm.DASHED)


@pytest.mark.parametrize(
    ("text", "unit", "count", "written"),
    [
        ("5年", ValidityUnit.YEAR, 5, "5年"),
        ("6月", ValidityUnit.MONTH, 6, "6月"),
        ("6个月", ValidityUnit.MONTH, 6, "6月"),
        ("30日", ValidityUnit.DAY, 30, "30日"),
        ("30天", ValidityUnit.DAY, 30, "30日"),
        ("长期", ValidityUnit.NO_END, 0, "长期"),
        ("自定义", ValidityUnit.CUSTOM, 0, "自定义"),
    ],
)
def test_a_span_is_read(text: str, unit: ValidityUnit, count: int, written: str) -> None:
    span = ValidityRange.parse(text)
    assert (span.unit, span.count, str(span)) == (unit, count, written)
    assert ValidityRange.parse(str(span)) == span


@pytest.mark.parametrize(
    "text",
    ["", "年", "0年", "-1年", "1.5年", "五年", "１年", "5 年", "5年 ", "5周", "123456日", "5年6月", "永久", "日", "月"],
)
def test_another_span_is_refused(text: str) -> None:
    with pytest.raises(ParseError) as caught:
        ValidityRange.parse(text, where="有效期限范围")
    assert caught.value.code == "egov.license.range"


@pytest.mark.parametrize(
    ("span", "start", "last"),
    [
        ("5年", date(2020, 3, 1), date(2025, 3, 1)),
        ("4年", date(2020, 2, 29), date(2024, 2, 29)),
        ("1年", date(2020, 2, 29), date(2021, 2, 28)),
        ("1月", date(2021, 1, 31), date(2021, 2, 28)),
        ("1月", date(2020, 12, 31), date(2021, 1, 31)),
        ("13月", date(2020, 12, 31), date(2022, 1, 31)),
        ("30日", date(2020, 2, 1), date(2020, 3, 2)),
        ("长期", date(2020, 2, 1), None),
    ],
)
def test_the_first_day_of_a_span_is_not_counted(span: str, start: date, last: date | None) -> None:
    assert ValidityRange.parse(span).last_day(start) == last


@pytest.mark.parametrize("span", ["自定义", "9999年", "99999月", "99999日"])
def test_no_last_day_is_made_up(span: str) -> None:
    with pytest.raises(ValueError):
        ValidityRange.parse(span).last_day(date(9990, 1, 1))


@pytest.mark.parametrize(
    ("unit", "count"),
    [(ValidityUnit.YEAR, 0), (ValidityUnit.DAY, 100_000), (ValidityUnit.NO_END, 1), (ValidityUnit.CUSTOM, -1)],
)
def test_no_span_is_made_of_a_wrong_count(unit: ValidityUnit, count: int) -> None:
    with pytest.raises(ValueError, match="count"):
        ValidityRange(unit, count)
