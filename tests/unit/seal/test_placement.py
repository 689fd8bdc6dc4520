"""Placements and seams become the stamp rectangles of GB/T 33190."""

from __future__ import annotations

import zipfile
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from pydantic import ValidationError

from egov_sdk.ofd.geometry import Box
from egov_sdk.seal.placement import SEAM_GROUP, Placement, Seam, StampRect, stamp_rects
from tests.interop_data import interop

A4 = Box(0, 0, 210, 297)
SIDES = ("right", "left", "top", "bottom")


def _stamps(
    *at: Placement | Seam, count: int = 5, page: Box = A4, size: tuple[float, float] = (40, 40)
) -> list[StampRect]:
    return list(stamp_rects(at, pages=[page] * count, seal_width_mm=size[0], seal_height_mm=size[1]))


def _exact(value: float) -> Fraction:
    """The number as it is written, to four places."""
    return Fraction(f"{value:.4f}")


def test_a_stamp_without_a_size_has_the_size_of_the_seal() -> None:
    assert _stamps(Placement(page=2, x_mm=140, y_mm=230), size=(42, 38)) == [StampRect(2, Box(140, 230, 42, 38), None)]


def test_a_stamp_with_one_side_keeps_the_shape_of_the_seal() -> None:
    wide, high = _stamps(
        Placement(page=1, x_mm=0, y_mm=0, width_mm=15), Placement(page=1, x_mm=0, y_mm=0, height_mm=40), size=(30, 20)
    )
    assert (wide.boundary.w, wide.boundary.h) == (15, 10)
    assert (high.boundary.w, high.boundary.h) == (60, 40)


def test_a_stamp_with_both_sides_is_stretched_to_them() -> None:
    [stamp] = _stamps(Placement(page=1, x_mm=0, y_mm=0, width_mm=10, height_mm=50))
    assert stamp.boundary == Box(0, 0, 10, 50)


def test_stamps_come_in_the_order_they_were_given() -> None:
    at: list[Placement | Seam] = [
        Placement(page=3, x_mm=1, y_mm=1),
        Seam(pages=(1, 2)),
        Placement(page=1, x_mm=2, y_mm=2),
    ]
    assert [stamp.page for stamp in _stamps(*at)] == [3, 1, 2, 1]


@pytest.mark.parametrize(("x", "y"), [(-39.9, 0), (209.9, 0), (0, -39.9), (0, 296.9)])
def test_a_stamp_may_hang_over_the_edge(x: float, y: float) -> None:
    assert _stamps(Placement(page=1, x_mm=x, y_mm=y))[0].boundary == Box(x, y, 40, 40)


@pytest.mark.parametrize(("x", "y"), [(-40, 0), (210, 0), (0, -40), (0, 297), (5000, 5000)])
def test_a_stamp_beside_the_page_is_refused(x: float, y: float) -> None:
    with pytest.raises(ValueError, match="does not touch page 1"):
        _stamps(Placement(page=1, x_mm=x, y_mm=y))


@pytest.mark.parametrize("at", [Placement(page=6, x_mm=0, y_mm=0), Seam(pages=(1, 6))])
def test_a_page_that_does_not_exist_is_refused(at: Placement | Seam) -> None:
    with pytest.raises(ValueError, match="page 6 does not exist, the document has 5"):
        _stamps(at)


@pytest.mark.parametrize(
    "wrong",
    [
        {"page": 0},
        {"page": -1},
        {"page": "1"},
        {"page": True},
        {"x_mm": float("nan")},
        {"y_mm": float("inf")},
        {"x_mm": 1e9},
        {"width_mm": 0},
        {"height_mm": -1},
        {"width_mm": float("nan")},
        {"z_mm": 1},
    ],
)
def test_a_senseless_placement_cannot_be_made(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Placement.model_validate({"page": 1, "x_mm": 0, "y_mm": 0} | wrong)


@pytest.mark.parametrize(
    "wrong",
    [
        {"side": "middle"},
        {"pages": ()},
        {"pages": (2, 1)},
        {"pages": (1, 1)},
        {"pages": (0, 1)},
        {"group_size": 1},
        {"group_size": 0},
        {"offset_mm": -1},
        {"offset_mm": float("nan")},
        {"sides": "left"},
    ],
)
def test_a_senseless_seam_cannot_be_made(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Seam.model_validate(wrong)


def test_places_cannot_be_changed_afterwards() -> None:
    with pytest.raises(ValidationError):
        Placement(page=1, x_mm=0, y_mm=0).page = 2
    with pytest.raises(ValidationError):
        Seam().side = "left"


@pytest.mark.parametrize("size", [(0.0, 40.0), (40.0, -1.0), (float("nan"), 40.0), (40.0, float("inf"))])
def test_a_seal_without_a_size_cannot_be_placed(size: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match="must be above 0 mm"):
        _stamps(Placement(page=1, x_mm=0, y_mm=0), size=size)


def test_no_place_at_all_is_refused() -> None:
    with pytest.raises(ValueError, match="no place"):
        _stamps()
    with pytest.raises(ValueError, match="no place"):
        _stamps(Seam(), count=0)


def test_our_right_seam_is_the_one_that_another_maker_wrote() -> None:
    with zipfile.ZipFile(interop("ofd", "V4RideRight.ofd")) as package:
        root = etree.fromstring(package.read("Doc_0/Signs/Sign_0/Signature.xml"))
    theirs = [
        tuple(Box(*map(float, str(stamp.get(name)).split())) for name in ("Boundary", "Clip"))
        for stamp in root.iterfind(".//{*}StampAnnot")
    ]
    ours = _stamps(Seam(side="right", offset_mm=theirs[0][0].y), count=len(theirs))
    assert len(theirs) == 5
    assert [(stamp.boundary, stamp.clip) for stamp in ours] == theirs


def test_a_seam_is_centred_on_the_edge_by_default() -> None:
    assert {stamp.boundary.y for stamp in _stamps(Seam(side="left"))} == {128.5}
    assert {stamp.boundary.x for stamp in _stamps(Seam(side="top"))} == {85}


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("offset", [257.5, 1000.0])
def test_a_seam_past_the_end_of_the_edge_is_refused(side: str, offset: float) -> None:
    with pytest.raises(ValueError, match="does not fit the edge of page 1"):
        _stamps(Seam.model_validate({"side": side, "offset_mm": offset}))


@pytest.mark.parametrize("side", SIDES)
def test_a_seam_seal_longer_than_the_edge_is_refused(side: str) -> None:
    with pytest.raises(ValueError, match="does not fit the edge"):
        _stamps(Seam.model_validate({"side": side}), page=Box(0, 0, 30, 30))


def test_slices_thinner_than_the_finest_number_are_refused() -> None:
    with pytest.raises(ValueError, match="cannot be cut into 500 slices"):
        _stamps(Seam(group_size=500), count=500, size=(0.01, 40))


def test_a_seam_on_one_page_shows_the_whole_seal_there() -> None:
    [stamp] = _stamps(Seam(), count=1)
    assert (stamp.boundary.x, stamp.clip) == (170, Box(0, 0, 40, 40))


@pytest.mark.parametrize(
    ("count", "size", "groups"),
    [(5, 2, [2, 3]), (3, 2, [3]), (4, 2, [2, 2]), (7, 3, [3, 2, 2]), (6, 3, [3, 3]), (21, 20, [19, 2]), (2, 20, [2])],
)
def test_many_pages_share_seals_in_groups(count: int, size: int, groups: list[int]) -> None:
    stamps = _stamps(Seam(group_size=size), count=count)
    begins = [index for index, stamp in enumerate(stamps) if stamp.clip is not None and stamp.clip.x == 0]
    assert [end - begin for begin, end in zip(begins, [*begins[1:], count], strict=True)] == groups


def test_pages_of_different_sizes_each_use_their_own_edge() -> None:
    stamps = stamp_rects([Seam()], pages=[A4, Box(0, 0, 297, 210)], seal_width_mm=40, seal_height_mm=40)
    assert [(stamp.boundary.x, stamp.boundary.y) for stamp in stamps] == [(190, 128.5), (257, 85)]


def test_the_corner_of_the_box_is_the_origin_of_the_page() -> None:
    shifted = stamp_rects([Seam()], pages=[Box(7, 9, 210, 297)] * 2, seal_width_mm=40, seal_height_mm=40)
    assert list(shifted) == _stamps(Seam(), count=2)


@settings(deadline=None)
@given(
    side=st.sampled_from(SIDES),
    count=st.integers(1, 90),
    group=st.integers(2, 40),
    width=st.integers(10, 80),
    height=st.integers(10, 80),
)
def test_the_slices_of_every_group_cover_the_seal_exactly_once(
    side: str, count: int, group: int, width: int, height: int
) -> None:
    seam = Seam.model_validate({"side": side, "group_size": group})
    stamps = _stamps(seam, count=count, size=(width, height))
    assert [stamp.page for stamp in stamps] == list(range(1, count + 1))
    upright = side in ("left", "right")
    whole, across = (height, width) if upright else (width, height)
    groups: list[int] = []
    reached = Fraction(0)
    for stamp in stamps if side in ("right", "bottom") else reversed(stamps):
        clip = stamp.clip
        assert clip is not None
        near, thick, long = (clip.x, clip.w, clip.h) if upright else (clip.y, clip.h, clip.w)
        assert _exact(near) == reached % across
        assert _exact(long) == whole
        assert _exact(clip.y if upright else clip.x) == 0
        groups = [*groups, 1] if near == 0 else [*groups[:-1], groups[-1] + 1]
        reached += _exact(thick)
    assert reached == across * len(groups)
    assert min(groups) > 1 or count == 1
    assert max(groups) <= max(group, 3)


@settings(deadline=None)
@given(side=st.sampled_from(SIDES), count=st.integers(1, 40), width=st.integers(10, 80), height=st.integers(10, 80))
def test_what_a_seam_shows_lies_on_the_page_and_touches_its_edge(
    side: str, count: int, width: int, height: int
) -> None:
    seam = Seam.model_validate({"side": side, "group_size": 40})
    for stamp in _stamps(seam, count=count, size=(width, height)):
        frame, clip = stamp.boundary, stamp.clip
        assert clip is not None
        assert (frame.w, frame.h) == (width, height)
        left, top = _exact(frame.x) + _exact(clip.x), _exact(frame.y) + _exact(clip.y)
        right, bottom = left + _exact(clip.w), top + _exact(clip.h)
        assert min(left, top) >= 0
        assert (right <= 210, bottom <= 297) == (True, True)
        assert {"left": left, "top": top, "right": 210 - right, "bottom": 297 - bottom}[side] == 0


def test_a_slice_is_wide_enough_to_see_by_default() -> None:
    stamps = _stamps(Seam(), count=100, size=(42, 42))
    assert SEAM_GROUP == 20
    assert min(stamp.clip.w for stamp in stamps if stamp.clip) >= 2
