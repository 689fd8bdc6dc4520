"""Dates as licences and platforms write them, and the spans of time that a licence may be good for.

A text is read by its form alone, and never by trying: where day and month could change places, or the year has two
digits, it is refused.
"""

from __future__ import annotations

import calendar
import enum
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Final, Self

from egov_sdk.codes.masking import mask_other
from egov_sdk.license._text_schema import text_schema
from egov_sdk.license.problems import unreadable
from egov_sdk.times import BEIJING, aware

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler
    from pydantic_core import CoreSchema

__all__ = [
    "NO_END",
    "DateForm",
    "ReadDate",
    "ValidityRange",
    "ValidityUnit",
    "parse_date",
    "parse_end",
    "parse_moment",
    "read_date",
    "write_date",
    "write_moment",
]

#: How an end that never comes is written.
NO_END: Final = "长期"
#: Nothing before is a date of a licence; eight digits that begin with less are a day and a month.
FIRST_YEAR: Final = 1900
_NO_END_WORDS: Final = frozenset({"", NO_END, "长期有效"})


class DateForm(enum.StrEnum):
    """How a day is written. The values are stable and may be stored."""

    COMPACT = "yyyyMMdd"
    DASHED = "yyyy-MM-dd"
    SLASHED = "yyyy/MM/dd"
    DOTTED = "yyyy.MM.dd"
    CHINESE = "yyyy年MM月dd日"
    NUMERALS = "〇〇〇〇年〇月〇日"  # 二〇二一年十月三十一日
    COMPACT_TIME = "yyyyMMddHHmmss"
    DASHED_TIME = "yyyy-MM-dd HH:mm:ss"
    EPOCH_MS = "epoch_ms"  # 13 digits, milliseconds since 1970


@dataclass(frozen=True, slots=True)
class ReadDate:
    """A day, and the form that it was written in."""

    day: date
    form: DateForm


_SPLIT_FORMS: Final = (
    (DateForm.DASHED, re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})")),
    (DateForm.CHINESE, re.compile(r"([0-9]{4}) ?年 ?([0-9]{1,2}) ?月 ?([0-9]{1,2}) ?日")),
    (DateForm.SLASHED, re.compile(r"([0-9]{4})/([0-9]{1,2})/([0-9]{1,2})")),
    (DateForm.DOTTED, re.compile(r"([0-9]{4})\.([0-9]{1,2})\.([0-9]{1,2})")),
)
_DASHED_TIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?"
)
_NUMERALS = re.compile(
    r"([〇○零一二三四五六七八九]{4})年([一二三四五六七八九十]{1,2})月([一二三四五六七八九十]{1,3})日"
)
_VAGUE = re.compile(
    r"[0-9]{1,2}[-/. ][0-9]{1,2}[-/. ](?:[0-9]{2}|[0-9]{4})|[0-9]{6}|[0-9]{2}年[0-9]{1,2}月[0-9]{1,2}日"
)
_NAUGHTS = str.maketrans("○零", "〇〇")
_DIGITS: Final = "〇一二三四五六七八九"


def _spoken(number: int) -> str:
    """A number from 1 to 31 in characters: 九, 十, 二十, 三十一."""
    tens, units = divmod(number, 10)
    return ("", "十", "二十", "三十")[tens] + (_DIGITS[units] if units else "")


_SPOKEN: Final = {_spoken(number): number for number in range(1, 32)}


def read_date(text: str, *, where: str = "") -> ReadDate:
    """Read a day and tell the form that it was written in.

    Args:
        text: A form of DateForm. Months and days may lack a leading zero where something separates them. A moment
            without a zone is Beijing time; one with a zone, and EPOCH_MS, gives the day that it was in Beijing.
        where: The item that holds it, for errors.
    Raises:
        ParseError: ``date``: no such form; ``date_order``: a form with more than one meaning; ``date_none``: no such
            day.
    Example:
        >>> read_date("二〇二一年十月三十一日").day
        datetime.date(2021, 10, 31)
    """
    try:
        found = _by_form(text)
    except (ValueError, OverflowError) as error:
        raise unreadable("date_none", where=where, found=_shown(text)) from error
    if found is not None and found.day.year < FIRST_YEAR:
        raise unreadable("date_none", where=where, found=_shown(text))
    if found is None:
        problem = "date_order" if _VAGUE.fullmatch(text) else "date"
        raise unreadable(problem, where=where, found=_shown(text))
    return found


def _shown(text: str) -> str:
    return text if len(text) <= 20 and any(char.isdigit() for char in text) else mask_other(text[:40])


def _by_form(text: str) -> ReadDate | None:
    """The day by the form of its text; None for no form. An error: the form is right and there is no such day."""
    if text.isascii() and text.isdigit():
        return _of_digits(text)
    for form, shape in _SPLIT_FORMS:
        if (match := shape.fullmatch(text)) is not None:
            return ReadDate(date(int(match[1]), int(match[2]), int(match[3])), form)
    if _DASHED_TIME.fullmatch(text) is not None:
        return ReadDate(_dashed_moment(text).date(), DateForm.DASHED_TIME)
    if (match := _NUMERALS.fullmatch(text)) is not None:
        year = int("".join(str(_DIGITS.index(char)) for char in match[1].translate(_NAUGHTS)))
        return ReadDate(date(year, _SPOKEN.get(match[2], 0), _SPOKEN.get(match[3], 0)), DateForm.NUMERALS)
    return None


def _of_digits(text: str) -> ReadDate | None:
    match len(text):
        case 8:
            return ReadDate(date(int(text[:4]), int(text[4:6]), int(text[6:])), DateForm.COMPACT)
        case 13:
            return ReadDate(_epoch_moment(text).date(), DateForm.EPOCH_MS)
        case 14:
            return ReadDate(_compact_moment(text).date(), DateForm.COMPACT_TIME)
    return None


def _epoch_moment(text: str) -> datetime:
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=int(text))).astimezone(BEIJING)


def _compact_moment(text: str) -> datetime:
    month, day, hour, minute, second = (int(text[place : place + 2]) for place in range(4, 14, 2))
    return datetime(int(text[:4]), month, day, hour, minute, second, tzinfo=BEIJING)


def _dashed_moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment.astimezone(BEIJING) if moment.tzinfo else moment.replace(tzinfo=BEIJING)


def parse_date(text: str, *, where: str = "") -> date:
    """The day that a text names; see read_date."""
    return read_date(text, where=where).day


def parse_end(text: str, *, where: str = "") -> date | None:
    """The last day of a licence; None for one without an end (长期), which may be written or left empty."""
    return None if text in _NO_END_WORDS else read_date(text, where=where).day


def parse_moment(text: str, *, where: str = "") -> datetime:
    """A moment, such as the end of an annotated copy; Beijing time unless the text has a zone.

    Raises:
        ParseError: as read_date, or the text names a day only.
    """
    readers: dict[DateForm, Callable[[str], datetime]] = {
        DateForm.COMPACT_TIME: _compact_moment,
        DateForm.DASHED_TIME: _dashed_moment,
        DateForm.EPOCH_MS: _epoch_moment,
    }
    reader = readers.get(read_date(text, where=where).form)
    if reader is None:
        raise unreadable("moment", where=where, found=_shown(text))
    return reader(text)


def write_date(day: date, *, form: DateForm = DateForm.DASHED) -> str:
    """A day in a form; a form with a time gives midnight in Beijing.

    Raises:
        ValueError: EPOCH_MS of a day whose milliseconds have not 13 digits: before 2001-09-09 or after 2286-11-21.
    """
    year, month, number = day.year, day.month, day.day
    match form:
        case DateForm.DASHED | DateForm.SLASHED | DateForm.DOTTED:
            mark = form.value[4]
            return f"{year:04d}{mark}{month:02d}{mark}{number:02d}"
        case DateForm.COMPACT:
            return f"{year:04d}{month:02d}{number:02d}"
        case DateForm.CHINESE:
            return f"{year:04d}年{month:02d}月{number:02d}日"
        case DateForm.NUMERALS:
            digits = "".join(_DIGITS[int(digit)] for digit in f"{year:04d}")
            return f"{digits}年{_spoken(month)}月{_spoken(number)}日"
        case _:
            return write_moment(datetime(year, month, number, tzinfo=BEIJING), form=form)


def write_moment(moment: datetime, *, form: DateForm = DateForm.COMPACT_TIME) -> str:
    """A moment in Beijing time, or in milliseconds since 1970; parts of a second are cut off in the other forms.

    Raises:
        ValueError: the moment is naive, the form has no time, or there are not 13 digits of milliseconds.
    """
    local = aware(moment, "moment").astimezone(BEIJING)
    if form is DateForm.COMPACT_TIME:
        return f"{local.year:04d}{local:%m%d%H%M%S}"
    if form is DateForm.DASHED_TIME:
        return f"{local.year:04d}{local:-%m-%d %H:%M:%S}"
    if form is not DateForm.EPOCH_MS:
        raise ValueError(f"{form.value} has no time of day")
    number = str((moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1))
    if len(number) != 13 or number[0] == "-":
        raise ValueError("only moments from 2001-09-09 to 2286-11-20 have 13 digits of milliseconds")
    return number


class ValidityUnit(enum.StrEnum):
    """What a span is counted in; the values are what stands in catalogues."""

    YEAR = "年"
    MONTH = "月"
    DAY = "日"
    NO_END = "长期"
    CUSTOM = "自定义"  # each licence has an end of its own


_RANGE = re.compile(r"([0-9]{1,5})(年|个月|月|日|天)")
_UNITS: Final = {
    "年": ValidityUnit.YEAR,
    "月": ValidityUnit.MONTH,
    "个月": ValidityUnit.MONTH,
    "日": ValidityUnit.DAY,
    "天": ValidityUnit.DAY,
}


@dataclass(frozen=True, slots=True)
class ValidityRange:
    """A span that licences of a type may be good for (有效期限): ``5年``, ``6月``, ``30日``, 长期 or 自定义.

    ``count`` is 0 where nothing is counted.
    """

    unit: ValidityUnit
    count: int = 0

    def __post_init__(self) -> None:
        counted = self.unit not in (ValidityUnit.NO_END, ValidityUnit.CUSTOM)
        if not (1 <= self.count <= 99_999 if counted else self.count == 0):
            raise ValueError("count must be 1 to 99999, and 0 for a span that is not counted")

    @classmethod
    def parse(cls, text: str, *, where: str = "") -> Self:
        """Read a span; 天 counts as 日 and 个月 as 月.

        Raises:
            ParseError: it is none.
        """
        if text in (ValidityUnit.NO_END, ValidityUnit.CUSTOM):
            return cls(ValidityUnit(text))
        match = _RANGE.fullmatch(text)
        if match is None or not int(match[1]):
            raise unreadable("range", where=where, found=text)
        return cls(_UNITS[match[2]], int(match[1]))

    def last_day(self, start: date) -> date | None:
        """The last day of a licence that is good from a day on; None for one without an end.

        The day that it starts on is not counted: five years from 2020-03-01 last until 2025-03-01, one month from
        January 31 until the last day of February.

        Raises:
            ValueError: the span is 自定义, or the end lies beyond the calendar.
        Source:
            Civil Code (民法典), 201 and 202; the batch import of one platform adds in the same way.
        """
        if self.unit is ValidityUnit.NO_END:
            return None
        if self.unit is ValidityUnit.CUSTOM:
            raise ValueError("自定义 has no length: each licence has an end of its own")
        if self.unit is ValidityUnit.DAY:
            return _within_calendar(start, self.count)
        months = start.year * 12 + start.month - 1 + self.count * (12 if self.unit is ValidityUnit.YEAR else 1)
        year, month = divmod(months, 12)
        if year > date.max.year:
            raise ValueError("the end lies beyond the calendar")
        return date(year, month + 1, min(start.day, calendar.monthrange(year, month + 1)[1]))

    def __str__(self) -> str:
        return f"{self.count or ''}{self.unit.value}"

    @classmethod
    def __get_pydantic_core_schema__(cls, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        """In models it may be given as text, and is dumped as text."""
        return text_schema(cls, cls.parse)


def _within_calendar(start: date, days: int) -> date:
    try:
        return start + timedelta(days=days)
    except OverflowError as error:
        raise ValueError("the end lies beyond the calendar") from error
