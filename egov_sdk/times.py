"""The zone whose clock and days documents of the country mean."""

from __future__ import annotations

from datetime import timedelta, timezone
from typing import Final

__all__ = ["BEIJING"]

#: 北京时间: a time without a zone, and every day that a law counts, is of this zone.
BEIJING: Final = timezone(timedelta(hours=8))
