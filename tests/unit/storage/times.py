"""The clock of these tests stands still."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

__all__ = ["AT", "later"]

AT = datetime(2026, 3, 1, 9, 30, 0, 123456, tzinfo=UTC)


def later(seconds: float) -> datetime:
    return AT + timedelta(seconds=seconds)
