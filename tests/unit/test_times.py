"""A time without a zone is never guessed at."""

from __future__ import annotations

from datetime import UTC, date, datetime, timezone

import pytest

from egov_sdk.times import BEIJING, aware, day_in_beijing


@pytest.mark.parametrize("zone", [UTC, BEIJING])
def test_a_moment_with_a_zone_is_given_back_as_it_is(zone: timezone) -> None:
    at = datetime(2026, 3, 1, 8, tzinfo=zone)
    assert aware(at) is at


def test_a_naive_moment_is_refused_under_the_name_that_the_caller_knows() -> None:
    with pytest.raises(ValueError, match=r"^signed_at must be an aware datetime"):
        aware(datetime(2026, 3, 1), "signed_at")  # noqa: DTZ001 - the mistake


def test_the_day_in_beijing_begins_eight_hours_before_that_of_the_world() -> None:
    assert datetime(2026, 2, 28, 16, tzinfo=UTC).astimezone(BEIJING) == datetime(2026, 3, 1, tzinfo=BEIJING)
    assert day_in_beijing(datetime(2026, 2, 28, 15, 59, 59, tzinfo=UTC)) == date(2026, 2, 28)
    assert day_in_beijing(datetime(2026, 2, 28, 16, tzinfo=UTC)) == date(2026, 3, 1)
