"""What every floor says of times: they have a zone, and the days of the country are those of Beijing."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from typing import Final

__all__ = ["BEIJING", "aware", "day_in_beijing"]

#: 北京时间: a time without a zone, and every day that a law counts, is of this zone.
BEIJING: Final = timezone(timedelta(hours=8))


def aware(at: datetime, name: str = "at") -> datetime:
    """The moment, which must have a time zone.

    Args:
        name: What the caller knows it by.
    Raises:
        ValueError: it is naive.
    """
    if at.tzinfo is None:
        raise ValueError(f"{name} must be an aware datetime, one with a time zone, for example datetime.now(UTC)")
    return at


def day_in_beijing(at: datetime) -> date:
    """The calendar day of a moment, as laws and documents count days.

    Raises:
        ValueError: the moment has no time zone.
    """
    return aware(at).astimezone(BEIJING).date()
