"""What of a field is given: every treatment, and that nothing more of it is left."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from egov_sdk.exchange.sharing.fields import FieldRule, Treatment, minimise, plain

KEY = b"k" * 32


def treated(value: Any, treatment: Treatment, *, key: bytes = KEY) -> object:
    return minimise({"f": value, "hidden": "secret"}, (FieldRule(name="f", treatment=treatment),), key=key)["f"]


@pytest.mark.parametrize(
    ("value", "treatment", "expected"),
    [
        ("张三", Treatment.PLAIN, "张三"),
        (5, Treatment.PLAIN, 5),
        (True, Treatment.PLAIN, True),
        (date(2026, 6, 1), Treatment.PLAIN, "2026-06-01"),
        (Decimal("12.50"), Treatment.PLAIN, "12.50"),
        (None, Treatment.PLAIN, None),
        (None, Treatment.MASK_NAME, None),
        ("张三", Treatment.MASK_NAME, "*三"),
        ("13800001234", Treatment.MASK_MOBILE, "138****1234"),
        ("abcdef@example.cn", Treatment.MASK_EMAIL, "abc***"),
        ("6222020000001234", Treatment.MASK_BANK_CARD, "622202******1234"),
        (13800001234, Treatment.MASK_MOBILE, "138****1234"),
        (date(2026, 6, 1), Treatment.YEAR, "2026"),
        (datetime(2026, 6, 1, 2, 3, tzinfo=UTC), Treatment.MONTH, "2026-06"),
        ("2026-06-01", Treatment.MONTH, "2026-06"),
        ("2026年6月1日", Treatment.YEAR, None),
        ("20260601", Treatment.YEAR, None),
        ("张三 2026-06-01", Treatment.YEAR, None),
    ],
)
def test_a_treatment_gives_this(value: object, treatment: Treatment, expected: object) -> None:
    assert treated(value, treatment) == expected


def test_nothing_is_given_that_no_rule_names() -> None:
    record = {"a": "1", "b": "2", "c": "3"}
    assert minimise(record, (*plain("a"), FieldRule(name="b", treatment=Treatment.DROP)), key=KEY) == {"a": "1"}


def test_digests_are_keyed_and_of_their_field() -> None:
    first = treated("110101", Treatment.DIGEST)
    assert first == treated("110101", Treatment.DIGEST)
    assert first != treated("110101", Treatment.DIGEST, key=b"j" * 32)
    rule = FieldRule(name="g", treatment=Treatment.DIGEST)
    assert minimise({"g": "110101"}, (rule,), key=KEY)["g"] != first


_HIDING = [one for one in Treatment if one not in (Treatment.PLAIN, Treatment.DROP)]


@given(st.text(alphabet="0123456789张三李四abc@", min_size=6), st.sampled_from(_HIDING))
def test_no_treatment_gives_the_whole_value(value: str, treatment: Treatment) -> None:
    assert treated(value, treatment) != value
