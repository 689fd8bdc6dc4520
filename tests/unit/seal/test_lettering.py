"""Characters stand where a seal cutter would put them."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from egov_sdk.seal._lettering import Cell, Track, arc_cells, line_cells

RIM = 19.8  # the inner edge of a 42 mm seal
HEIGHT = 6.636


def _round(count: int, *, widest_deg: float = 285) -> list[Cell]:
    return arc_cells([1.0] * count, half_axes=(RIM, RIM), margin=1.092, height=HEIGHT, widest_deg=widest_deg)


def _corners(cell: Cell) -> list[tuple[float, float]]:
    turn = math.radians(cell.turn)
    sides = [(sx * cell.width / 2, sy * cell.height / 2) for sx, sy in ((-1, -1), (1, -1), (1, 1), (-1, 1))]
    return [
        (cell.x + x * math.cos(turn) - y * math.sin(turn), cell.y + x * math.sin(turn) + y * math.cos(turn))
        for x, y in sides
    ]


def _apart(one: Cell, other: Cell) -> bool:
    """Whether a straight line parallel to a side of one of the two boxes runs between them."""
    for turn in (math.radians(one.turn), math.radians(other.turn)):
        for axis in ((math.cos(turn), math.sin(turn)), (-math.sin(turn), math.cos(turn))):
            a, b = ([x * axis[0] + y * axis[1] for x, y in _corners(cell)] for cell in (one, other))
            if max(a) <= min(b) + 1e-9 or max(b) <= min(a) + 1e-9:
                return True
    return False


def _coverage(cells: list[Cell]) -> float:
    """The angle from the first character's outer side to the last one's."""
    radius = math.hypot(cells[0].x, cells[0].y)
    return (cells[-1].turn - cells[0].turn) % 360 + 2 * math.degrees(math.atan(cells[0].width / 2 / radius))


@settings(deadline=None)
@given(st.integers(1, 40))
def test_every_character_is_inside_the_rim_and_outside_the_star(count: int) -> None:
    for cell in _round(count):
        radii = [math.hypot(x, y) for x, y in _corners(cell)]
        assert max(radii) < RIM - 0.5
        assert math.hypot(cell.x, cell.y) - cell.height / 2 > 7 + 1


@settings(deadline=None)
@given(st.integers(2, 40))
def test_no_two_characters_touch(count: int) -> None:
    cells = _round(count)
    assert all(_apart(one, other) for one, other in pairwise([*cells, cells[0]]))


@settings(deadline=None)
@given(st.integers(1, 40))
def test_characters_stand_evenly_about_the_top_with_their_heads_outward(count: int) -> None:
    cells = _round(count)
    for cell, mirrored in zip(cells, reversed(cells), strict=True):
        assert (cell.x, cell.y) == pytest.approx((-mirrored.x, mirrored.y), abs=1e-6)
        assert cell.turn == pytest.approx(math.degrees(math.atan2(cell.x, -cell.y)), abs=0.02)
    steps = [(other.turn - one.turn) % 360 for one, other in pairwise(cells)]
    assert max(steps, default=0) - min(steps, default=0) < 0.02


@pytest.mark.parametrize(
    ("count", "least", "most"),
    [(1, 0, 30), (4, 150, 200), (6, 200, 240), (8, 235, 260), (12, 250, 290), (30, 270, 300)],
)
def test_longer_names_take_more_of_the_arc(count: int, least: float, most: float) -> None:
    assert least <= _coverage(_round(count)) <= most


def test_characters_get_narrower_first_and_then_smaller() -> None:
    four, sixteen, thirty = (_round(count)[0] for count in (4, 16, 30))
    assert four.height == sixteen.height == HEIGHT
    assert four.width > sixteen.width > thirty.width
    assert thirty.height < sixteen.height
    assert all(0.5 < cell.width / cell.height <= 0.86 for cell in (four, sixteen, thirty))


def test_a_single_character_stands_at_the_top() -> None:
    [cell] = _round(1)
    assert (cell.x, cell.turn) == pytest.approx((0, 0))
    assert cell.y < 0


def test_a_digit_takes_half_the_room_of_a_character() -> None:
    cells = arc_cells([1.0, 0.5, 0.5, 1.0], half_axes=(RIM, RIM), margin=1, height=5, widest_deg=285)
    wide, narrow = cells[0], cells[1]
    assert narrow.width == pytest.approx(wide.width / 2)
    steps = [(other.turn - one.turn) % 360 for one, other in pairwise(cells)]
    assert steps[1] < steps[0] == pytest.approx(steps[2], abs=0.02)


@pytest.mark.parametrize("count", [60, 200, 5000])
def test_a_name_that_could_not_be_read_is_refused(count: int) -> None:
    with pytest.raises(ValueError, match=f"{count} characters is too long for the rim"):
        _round(count)


@given(st.floats(5, 40), st.floats(5, 40), st.floats(0.1, 1))
def test_a_track_runs_at_an_even_distance_inside_the_rim(half_width: float, half_height: float, inset: float) -> None:
    track = Track(half_width, half_height, inset=inset)
    for part in range(-8, 9):
        point = track.at(part * track.length / 16)
        turn = math.radians(point.turn)
        x, y = point.x + inset * math.sin(turn), point.y - inset * math.cos(turn)
        assert (x / half_width) ** 2 + (y / half_height) ** 2 == pytest.approx(1, abs=1e-3)


def test_the_track_of_a_circle_is_a_circle() -> None:
    track = Track(20, 20, inset=5)
    assert track.length == pytest.approx(2 * math.pi * 15, rel=1e-4)
    for distance, x, y, turn in ((0, 0, -15, 0), (0.25, 15, 0, 90), (-0.25, -15, 0, -90)):
        point = track.at(distance * track.length)
        assert (point.x, point.y) == pytest.approx((x, y), abs=1e-3)
        assert point.turn == pytest.approx(turn, abs=1e-3)


@given(st.lists(st.sampled_from([0.5, 1.0]), min_size=1, max_size=14), st.floats(0, 0.3))
def test_a_line_is_centred_and_within_its_width(advances: list[float], spacing: float) -> None:
    cells = line_cells(advances, y=3, height=4, width=20, spacing=spacing)
    assert {(cell.y, cell.turn) for cell in cells} == {(3, 0)}
    left, right = cells[0].x - cells[0].width / 2, cells[-1].x + cells[-1].width / 2
    assert left == pytest.approx(-right)
    assert right - left <= 20 + 1e-9
    assert all(one.x + one.width / 2 <= other.x - other.width / 2 + 1e-9 for one, other in pairwise(cells))


def test_a_short_line_keeps_its_height_and_a_long_one_gives_way() -> None:
    short, long = (line_cells([1.0] * count, y=0, height=4, width=20)[0] for count in (4, 12))
    assert short.height == 4
    assert 2.4 <= long.height < 4


def test_a_line_that_could_not_be_read_is_refused() -> None:
    with pytest.raises(ValueError, match="line of 40 characters is too long"):
        line_cells([1.0] * 40, y=0, height=4, width=20)
