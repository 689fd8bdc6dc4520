"""What every floor says of times: they have a zone, and the days of the country are those of Beijing."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Final

__all__ = ["BEIJING", "aware"]

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
