"""Drawn seals look as they should: measured on their pixels."""

from __future__ import annotations

import io
import math
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image, ImageChops

from egov_sdk.ofd.fonts import FontFace, bundled_font
from egov_sdk.seal.draw import draw_name_seal, draw_oval_seal, draw_round_seal
from egov_sdk.seal.model import SealPicture
from egov_sdk.seal.picture import inspect_picture

NAME = "示例市财政局"
DPI = 200  # enough to measure, quick to draw
LONG = "新疆维吾尔自治区人力资源和社会保障厅职业技能鉴定指导中心专用"[:30]

DRAWN: dict[str, Callable[[], SealPicture]] = {
    "round": lambda: draw_round_seal(NAME, dpi=DPI),
    "long name": lambda: draw_round_seal(LONG, dpi=DPI),
    "four characters": lambda: draw_round_seal("样例机关", dpi=DPI),
    "department": lambda: draw_round_seal(NAME, lower_text="财务专用章(1)", dpi=DPI),
    "no star": lambda: draw_round_seal(NAME, centre="none", dpi=DPI),
    "small": lambda: draw_round_seal(NAME, diameter_mm=20, rim_mm=0.5, dpi=DPI),
    "large": lambda: draw_round_seal(NAME, diameter_mm=58, rim_mm=1.5, dpi=DPI),
    "oval": lambda: draw_oval_seal(
        "全国统一发票监制章", middle_text="国家税务总局", lower_text="示例省税务局", dpi=DPI
    ),
    "wide oval": lambda: draw_oval_seal(NAME, width_mm=40, height_mm=30, dpi=DPI),
    "name": lambda: draw_name_seal("欧阳示例", dpi=DPI),
    "hand-pressed": lambda: draw_round_seal(NAME, seed=7, dpi=DPI),
}


def _alpha(picture: SealPicture) -> Image.Image:
    with Image.open(io.BytesIO(picture.data)) as opened:
        return opened.getchannel("A")


def _inked(alpha: Image.Image, x_mm: float, y_mm: float, *, dpi: int = DPI) -> int:
    """The ink at a place, in mm from the middle."""
    scale = dpi / 25.4
    place = round(alpha.width / 2 + x_mm * scale - 0.5), round(alpha.height / 2 + y_mm * scale - 0.5)
    value = alpha.getpixel(place)
    assert isinstance(value, int)
    return value


def _around(alpha: Image.Image, radius: float, *, step: int = 2) -> list[int]:
    angles = (math.radians(degrees) for degrees in range(0, 360, step))
    return [_inked(alpha, radius * math.sin(angle), -radius * math.cos(angle)) for angle in angles]


def _band(alpha: Image.Image, inner: float, outer: float, start: int, end: int) -> bool:
    """Whether there is any ink in a part of a ring; degrees clockwise from the top."""
    radii = [inner + (outer - inner) * part / 20 for part in range(21)]
    return any(
        _inked(alpha, radius * math.sin(math.radians(angle)), -radius * math.cos(math.radians(angle))) > 60
        for angle in range(start, end + 1)
        for radius in radii
    )


def _mm_box(alpha: Image.Image) -> tuple[float, float, float, float]:
    """The bounds of the ink, in mm from the middle."""
    box = alpha.point([0] * 61 + [255] * 195).getbbox()
    assert box is not None
    middle = (alpha.width / 2, alpha.height / 2) * 2
    left, top, right, bottom = ((side - half) / DPI * 25.4 for side, half in zip(box, middle, strict=True))
    return left, top, right, bottom


def _difference(one: SealPicture, other: SealPicture) -> Image.Image:
    return ImageChops.difference(_alpha(one), _alpha(other))


@pytest.mark.parametrize("kind", DRAWN)
def test_a_drawn_seal_is_red_on_transparent_ground(kind: str) -> None:
    picture = DRAWN[kind]()
    with Image.open(io.BytesIO(picture.data)) as opened:
        assert opened.mode == "RGBA"
        assert opened.info["dpi"] == pytest.approx((DPI, DPI), abs=0.1)
        colours = {opened.getchannel(channel).getextrema() for channel in "RGB"}
        alpha = opened.getchannel("A")
    assert colours == {(220, 220), (20, 20)}
    histogram = alpha.histogram()
    assert histogram[0] > alpha.width * alpha.height / 4
    assert len([count for count in histogram[1:255] if count]) > 20  # soft edges
    assert _inked(alpha, 0, -picture.height_mm / 2 + 0.3) > 0
    if kind != "name":
        assert {alpha.getpixel((x, y)) for x in (0, alpha.width - 1) for y in (0, alpha.height - 1)} == {0}


@pytest.mark.parametrize("kind", DRAWN)
def test_a_drawn_seal_passes_the_check_for_strangers_pictures(kind: str) -> None:
    picture = DRAWN[kind]()
    found = inspect_picture(
        picture.data, declared=picture.format, width_mm=picture.width_mm, height_mm=picture.height_mm
    )
    assert (found.format, found.leniencies) == ("PNG", ())
    assert (found.width_px, found.height_px) == tuple(
        round(side * DPI / 25.4) for side in (picture.width_mm, picture.height_mm)
    )


@pytest.mark.parametrize("kind", DRAWN)
def test_the_same_wishes_give_the_same_bytes(kind: str) -> None:
    assert DRAWN[kind]().data == DRAWN[kind]().data


def test_a_seal_of_the_usual_size_has_600_dots_to_the_inch() -> None:
    picture = draw_round_seal(NAME)
    found = inspect_picture(picture.data)
    assert (picture.format, picture.width_mm, picture.height_mm) == ("PNG", 42, 42)
    assert (found.width_px, found.height_px) == (992, 992)


def test_the_rim_is_a_closed_ring_as_thick_as_asked() -> None:
    alpha = _alpha(draw_round_seal(NAME, rim_mm=1.2, dpi=DPI))
    assert min(_around(alpha, 20.8)) == 255
    assert min(_around(alpha, 20.0)) == 255
    assert max(_around(alpha, 19.6)) == 0


def test_the_rim_of_an_oval_seal_is_closed_and_elliptic() -> None:
    alpha = _alpha(draw_oval_seal(NAME, width_mm=40, height_mm=30, rim_mm=1, dpi=DPI))
    for degrees in range(0, 360, 3):
        x, y = math.sin(math.radians(degrees)), -math.cos(math.radians(degrees))
        assert _inked(alpha, 19.5 * x, 14.5 * y) == 255
        assert _inked(alpha, 18.5 * x, 13.5 * y) == 0


def test_the_star_is_14_mm_wide_with_one_point_upward() -> None:
    alpha = _alpha(draw_round_seal(NAME, sample=False, dpi=DPI))
    for point in range(5):
        turn = math.radians(72 * point)
        assert _inked(alpha, 6.6 * math.sin(turn), -6.6 * math.cos(turn)) > 200
        assert _inked(alpha, 7.2 * math.sin(turn), -7.2 * math.cos(turn)) == 0
        between = turn + math.radians(36)
        assert _inked(alpha, 2.4 * math.sin(between), -2.4 * math.cos(between)) == 255
        assert _inked(alpha, 3.0 * math.sin(between), -3.0 * math.cos(between)) == 0
    assert _inked(alpha, 0, 0) == 255


def test_without_a_star_the_middle_holds_the_mark_only() -> None:
    plain = _alpha(draw_round_seal(NAME, centre="none", sample=False, dpi=DPI))
    assert max(value for radius in range(12) for value in _around(plain, radius)) == 0
    marked = _difference(
        draw_round_seal(NAME, centre="none", dpi=DPI), draw_round_seal(NAME, centre="none", sample=False, dpi=DPI)
    )
    left, top, right, bottom = _mm_box(marked)
    assert 8 < right - left < 14
    assert abs(left + right) < 1
    assert abs(top + bottom) < 1


def test_the_name_runs_along_the_rim_and_leaves_the_foot_free() -> None:
    alpha = _alpha(draw_round_seal(LONG, sample=False, dpi=DPI))
    assert all(_band(alpha, 14.5, 18.5, angle, angle + 8) for angle in range(-140, 132, 8))
    assert not _band(alpha, 12, 19.5, 152, 208)


def test_each_character_differs_from_the_next() -> None:
    """A font that draws every character as the same box would pass the other tests."""
    pictures = [draw_round_seal(char, centre="none", sample=False, dpi=DPI).data for char in "财政局国"]
    assert len(set(pictures)) == 4


@pytest.mark.parametrize("kind", ["star", "none", "lower"])
def test_the_sample_mark_is_there_unless_it_is_switched_off(kind: str) -> None:
    lower = "财务专用章" if kind == "lower" else ""
    pair = [
        draw_round_seal(NAME, centre="none" if kind == "none" else "star", lower_text=lower, sample=sample, dpi=DPI)
        for sample in (True, False)
    ]
    left, top, right, bottom = _mm_box(_difference(*pair))
    assert right - left > 5
    assert 2.5 < bottom - top < 6
    assert max(-left, right) < 7
    assert (top > 6) is (kind != "none")


def test_all_seals_are_marked_as_samples_by_default() -> None:
    assert _difference(draw_name_seal("张三", dpi=DPI), draw_name_seal("张三", sample=False, dpi=DPI)).getbbox()
    for middle, lower in (("", ""), ("示例", ""), ("示例", "示例"), ("", "示例")):
        with_mark, without = (
            draw_oval_seal(NAME, middle_text=middle, lower_text=lower, sample=sample, dpi=DPI)
            for sample in (True, False)
        )
        assert _difference(with_mark, without).getbbox()


def test_the_lower_text_stands_straight_below_the_star() -> None:
    alpha = _alpha(draw_round_seal("示例", lower_text="财务专用章", sample=False, dpi=DPI))
    rows = [y / 10 for y in range(60, 170) if any(_inked(alpha, x / 10, y / 10) > 60 for x in range(-120, 121))]
    columns = [x / 10 for x in range(-120, 121) if any(_inked(alpha, x / 10, y / 10) > 60 for y in range(60, 145))]
    assert 10 < rows[0] < rows[-1] < 17
    assert 14 < columns[-1] - columns[0] < 22
    assert abs(columns[0] + columns[-1]) < 1


def test_characters_of_a_name_seal_are_read_from_the_right() -> None:
    wanted = _alpha(draw_name_seal("国一", sample=False, dpi=DPI))
    ink = [
        sum(_inked(wanted, side * x / 10, y / 10) > 128 for x in range(10, 70) for y in range(-70, 70))
        for side in (-1, 1)
    ]
    assert ink[1] > 2 * ink[0]  # 国 has far more strokes than 一


@pytest.mark.parametrize("count", range(1, 7))
def test_a_name_seal_keeps_clear_of_its_frame(count: int) -> None:
    alpha = _alpha(draw_name_seal("欧阳示例样张"[:count], side_mm=20, rim_mm=0.8, dpi=DPI))
    for part in range(-80, 81):
        for side in (-8.8, 8.8):
            assert _inked(alpha, side, part / 10) == 0
            assert _inked(alpha, part / 10, side) == 0


def test_a_seed_gives_uneven_ink_of_the_same_shape() -> None:
    even, one, other = (draw_round_seal(NAME, seed=seed, dpi=DPI) for seed in (None, 1, 2))
    assert len({even.data, one.data, other.data}) == 3
    assert len(set(_around(_alpha(one), 20.5))) > 20
    assert min(_around(_alpha(one), 20.5)) > 60
    assert max(_around(_alpha(one), 19.6)) == 0


@pytest.mark.parametrize("form", ["path", "text", "bytes", "face"])
def test_another_font_may_be_given(form: str, tmp_path: Path) -> None:
    path = tmp_path / "a.otf"
    path.write_bytes(bundled_font())
    font = {"path": path, "text": str(path), "bytes": bundled_font(), "face": FontFace(path)}[form]
    assert isinstance(font, (Path, str, bytes, FontFace))
    assert draw_round_seal(NAME, font=font, dpi=DPI).data == draw_round_seal(NAME, dpi=DPI).data


def test_a_character_that_the_font_lacks_is_named() -> None:
    for draw in (draw_round_seal, draw_oval_seal, draw_name_seal):
        with pytest.raises(ValueError, match=r"no glyph for '龍門': pass font=egov_sdk\.ofd\.fonts\.find_font"):
            draw("龍門市")
    with pytest.raises(ValueError, match="no glyph for '龍'"):
        draw_round_seal(NAME, lower_text="龍")


@pytest.mark.parametrize(
    ("wish", "match"),
    [
        ({"text": ""}, "no text"),
        ({"text": "  "}, "no text"),
        ({"text": "示例\n局"}, "printable"),
        ({"lower_text": "a\tb"}, "printable"),
        ({"text": "市" * 60}, "too long for the rim"),
        ({"lower_text": "市" * 40}, "too long"),
        ({"diameter_mm": 0}, "width must be 8 to 100"),
        ({"diameter_mm": 101}, "width must be 8 to 100"),
        ({"rim_mm": 0}, "rim_mm"),
        ({"rim_mm": -1}, "rim_mm"),
        ({"rim_mm": 6}, "rim_mm"),
        ({"rim_mm": float("nan")}, "rim_mm"),
        ({"dpi": 71}, "dpi must be 72 to 1200"),
        ({"dpi": 1201}, "dpi must be 72 to 1200"),
        ({"font": b"no font"}, "cannot be opened as a font"),
        ({"centre": "emblem"}, "centre"),
    ],
)
def test_wishes_that_cannot_be_drawn_are_refused(wish: dict[str, object], match: str) -> None:
    draw: Callable[..., SealPicture] = draw_round_seal
    wishes: dict[str, object] = {"text": NAME} | wish
    with pytest.raises(ValueError, match=match):
        draw(wishes.pop("text"), **wishes)


@pytest.mark.parametrize(
    ("wish", "match"),
    [
        ({"height_mm": 7, "width_mm": 10}, "height must be 8 to 100"),
        ({"height_mm": 100, "width_mm": 101}, "width must be 8 to 100"),
        ({"height_mm": 20, "width_mm": 41}, "twice as wide as high"),
        ({"height_mm": 31, "width_mm": 30}, "twice as wide as high"),
        ({"middle_text": "1" * 90}, "too long"),
        ({"middle_text": "一\r"}, "printable"),
        ({"rim_mm": 2.5}, "rim_mm"),
    ],
)
def test_ovals_that_cannot_be_drawn_are_refused(wish: dict[str, object], match: str) -> None:
    draw: Callable[..., SealPicture] = draw_oval_seal
    with pytest.raises(ValueError, match=match):
        draw(NAME, **wish)


@pytest.mark.parametrize("name", ["", " ", "欧阳示例样张名", "张\n三"])
def test_names_that_cannot_be_drawn_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match=r"no text|six characters|printable"):
        draw_name_seal(name)
