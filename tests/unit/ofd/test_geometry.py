"""Boxes and numbers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from egov_sdk.errors import ParseError
from egov_sdk.ofd.geometry import Box, format_number, parse_box


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0 0 210 297", Box(0, 0, 210, 297)),
        (" 90.0\t8.0\n30.0 20.0 ", Box(90, 8, 30, 20)),
        ("-1 +2 -3.5 .5", Box(-1, 2, -3.5, 0.5)),
        ("1. 0 1e1 1E-2", Box(1, 0, 10, 0.01)),
        ("31.7 25.4 146.60000000000002 246.20000000000002", Box(31.7, 25.4, 146.60000000000002, 246.20000000000002)),
    ],
)
def test_a_box_is_four_numbers(text: str, expected: Box) -> None:
    assert parse_box(text, where="w", name="Boundary") == expected


@pytest.mark.parametrize(
    "text",
    ["", "1 2 3", "1 2 3 4 5", "1,2,3,4", "1 2 3 nan", "1 2 3 inf", "1 2 3 0x4", "1 2 3 1_0", "1 2 3 ４", "1 2 3 1e999",
     "1 2 3 " + "9" * 400, "a b c d", "1 2 3 -", "1 2 3 ."],
)  # fmt: skip
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ParseError) as caught:
        parse_box(text, where="w", name="Boundary")
    assert caught.value.code == "egov.ofd.xml.number"
    assert caught.value.detail["name"] == "Boundary"


@pytest.mark.parametrize(
    ("value", "expected"),
    [(0.0, "0"), (-0.0, "0"), (-0.00001, "0"), (1.0, "1"), (100.0, "100"), (1.5, "1.5"), (206.267, "206.267"),
     (1 / 3, "0.3333"), (-2.25, "-2.25"), (1e-7, "0"), (123456789.0, "123456789"), (10, "10")],
)  # fmt: skip
def test_a_number_has_no_exponent_and_no_minus_zero(value: float, expected: str) -> None:
    assert format_number(value) == expected


def test_places_can_be_fewer() -> None:
    assert format_number(1.23456, places=3) == "1.235"
    assert format_number(10.0, places=0) == "10"


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_what_is_no_length_is_the_callers_mistake(value: float) -> None:
    with pytest.raises(ValueError, match="finite"):
        format_number(value)


_LENGTHS = st.integers(-10_000_000, 10_000_000).map(lambda n: n / 10_000)


@given(_LENGTHS, _LENGTHS, _LENGTHS, _LENGTHS)
def test_what_is_written_is_read_back(x: float, y: float, w: float, h: float) -> None:
    assert parse_box(str(Box(x, y, w, h)), where="w", name="n") == Box(x, y, w, h)
