"""How platforms write the time: in requests, and where a secret ends."""

from __future__ import annotations

import functools
import re
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Literal

from egov_sdk.times import BEIJING

__all__ = ["TimeFormat", "end_of_life", "format_time", "http_date", "parse_time"]

#: ms, s: since 1970; rfc1123: HTTP dates; iso8601, compact: Beijing time; "": the profile sends no time.
TimeFormat = Literal["", "ms", "s", "rfc1123", "iso8601", "compact"]

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_RFC1123 = re.compile(
    r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), (\d\d) (" + "|".join(_MONTHS) + r") (\d{4}) (\d\d):(\d\d):(\d\d) GMT"
)
_ISO8601 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:\+08:00|Z)")
_LOCAL = re.compile(r"(\d{4})[-/](\d\d)[-/](\d\d)[ T](\d\d):(\d\d):(\d\d)(?:\.\d+)?")
_RELATIVE_BELOW = 100_000_000  # such a number of seconds is a duration: as a date it lies in 1973


@functools.lru_cache(maxsize=4)  # a busy client signs many requests in one second
def _rfc1123(at_s: int) -> str:
    then = time.gmtime(at_s)
    return (
        f"{_DAYS[then.tm_wday]}, {then.tm_mday:02} {_MONTHS[then.tm_mon - 1]} {then.tm_year:04} "
        f"{then.tm_hour:02}:{then.tm_min:02}:{then.tm_sec:02} GMT"
    )


@functools.lru_cache(maxsize=4)
def _iso8601(at_s: int) -> str:
    return datetime.fromtimestamp(at_s, BEIJING).strftime("%Y-%m-%dT%H:%M:%S.000+08:00")


@functools.lru_cache(maxsize=4)
def _compact(at_s: int) -> str:
    return datetime.fromtimestamp(at_s, BEIJING).strftime("%Y%m%d%H%M%S")


_WRITE: Mapping[str, Callable[[float], str]] = MappingProxyType(
    {
        "": lambda _: "",
        "ms": lambda at_s: str(round(at_s * 1000)),
        "s": lambda at_s: str(int(at_s)),
        "rfc1123": lambda at_s: _rfc1123(int(at_s)),
        "iso8601": lambda at_s: _iso8601(int(at_s)),
        "compact": lambda at_s: _compact(int(at_s)),
    }
)


def format_time(at_s: float, how: TimeFormat) -> str:
    """A time as a profile writes it."""
    return _WRITE[how](at_s)


def _digits(text: str, count: int) -> int:
    if len(text) != count or not (text.isascii() and text.isdigit()):
        raise ValueError(f"expected {count} digits")
    return int(text)


def http_date(text: str) -> float:
    """Seconds since 1970 of an HTTP date; ValueError for anything else."""
    found = _RFC1123.fullmatch(text)
    if found is None:
        raise ValueError("not an HTTP date")
    day, month, year, hour, minute, second = found.groups()
    date = int(year), _MONTHS.index(month) + 1, int(day)
    return datetime(*date, int(hour), int(minute), min(int(second), 59), tzinfo=UTC).timestamp()


def _parse_iso8601(text: str) -> float:
    if _ISO8601.fullmatch(text) is None:
        raise ValueError("not a time of the form 2023-11-14T22:13:20.000+08:00")
    return datetime.fromisoformat(text).timestamp()


def _parse_compact(text: str) -> float:
    _digits(text, 14)
    return datetime.strptime(text, "%Y%m%d%H%M%S").replace(tzinfo=BEIJING).timestamp()


_READ: Mapping[str, Callable[[str], float]] = MappingProxyType(
    {
        "ms": lambda text: _digits(text, 13) / 1000,
        "s": lambda text: float(_digits(text, 10)),
        "rfc1123": http_date,
        "iso8601": _parse_iso8601,
        "compact": _parse_compact,
    }
)


def parse_time(text: str, how: TimeFormat) -> float:
    """Seconds since 1970 of a time as a profile writes it, to the letter.

    Raises:
        ValueError: it is written in another way.
    """
    return _READ[how](text)


def end_of_life(value: object, *, now_s: float) -> float | None:
    """Until when a secret is good, in whichever way a platform says it; None if it cannot be told.

    Numbers are milliseconds or seconds since 1970, or seconds from now when small; texts may also be a date in
    Beijing time or ISO 8601.
    """
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    text = str(value).strip()
    if re.fullmatch(r"\d{1,16}(\.\d+)?", text):
        number = float(text)
        if number < _RELATIVE_BELOW:
            return now_s + number
        return number / 1000 if number > 100 * _RELATIVE_BELOW else number
    try:
        if found := _LOCAL.fullmatch(text):
            return datetime(*map(int, found.groups()), tzinfo=BEIJING).timestamp()  # type: ignore[misc, arg-type]  # six numbers by the pattern
        then = datetime.fromisoformat(text)
        return (then if then.tzinfo else then.replace(tzinfo=BEIJING)).timestamp()
    except (ValueError, OverflowError):
        return None
