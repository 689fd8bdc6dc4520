"""Transforms and numbers as SVG writes them."""

from __future__ import annotations

import math

import pytest

from egov_sdk.ofd.render.matrix import IDENTITY, Matrix, number


def test_the_first_of_two_is_applied_first() -> None:
    turned_then_moved = Matrix(0, 1, -1, 0, 0, 0).then(Matrix(e=10))
    assert turned_then_moved.apply(1, 2) == (8, 1)
    assert Matrix(e=10).then(Matrix(0, 1, -1, 0, 0, 0)).apply(1, 2) == (-2, 11)


def test_the_way_back_leads_back() -> None:
    matrix = Matrix(2, 1, -1, 3, 5, 7)
    back = matrix.inverse()
    assert back is not None
    assert matrix.then(back) == pytest.approx(IDENTITY)
    assert Matrix(0, 0, 0, 0, 1, 1).inverse() is None
    assert Matrix(math.inf, 0, 0, 1).inverse() is None


def test_attributes_are_short() -> None:
    assert (IDENTITY.svg, Matrix(e=1, f=-2.5).svg, Matrix(2, 0, 0, 2).svg) == (
        "",
        "translate(1 -2.5)",
        "matrix(2 0 0 2 0 0)",
    )


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.1 + 0.2, "0.3"),
        (-0.0, "0"),
        (-1e-320, "-9.99989e-321"),
        (math.nan, "0"),
        (math.inf, "0"),
        (-math.inf, "0"),
        (1e7, "1e+07"),
    ],
)
def test_numbers_are_finite_and_short(value: float, text: str) -> None:
    assert number(value) == text


def test_bounds_hold_a_turned_rectangle() -> None:
    assert Matrix(0, 1, -1, 0).bounds(0, 0, 2, 1) == (-1, 0, 0, 2)
    assert Matrix(3, 0, 0, 12).scale == 6
