"""A face drawn from its template: text that is too long, pages overleaf, tables, pictures, characters no font has."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from egov_sdk.license.face.draw import Face, draw_face, prepared_face
from egov_sdk.license.face.template import (
    Column,
    Continuation,
    FacePage,
    FaceTemplate,
    FieldBox,
    PictureBox,
    QrBox,
    TableBox,
)
from egov_sdk.license.metadata import LicenseHolder
from egov_sdk.license.problems import LicenseRejected
from egov_sdk.ofd.builder.canvas import Image, Shape, TextLine
from tests.unit.license.face.world import metadata_of, photo, type_of

LONG = "某某省某某自治州某某民族自治县某某镇某某村股份经济合作联合社所属某某农林牧渔综合开发服务有限责任公司"


def _holder(name: str) -> Any:
    return metadata_of(holders=(LicenseHolder(name=name, code="91110000600037341L", type_code="001"),))


def _box(**changes: Any) -> FieldBox:
    given: dict[str, Any] = {"text": "{holder}", "x_mm": 20, "y_mm": 20, "width_mm": 60, "height_mm": 12, "size_mm": 5}
    return FieldBox(**given | changes)


def _face(name: str = "某公司", *, overleaf: Continuation | None = None, **changes: Any) -> Face:
    template = FaceTemplate(name="x", pages=(FacePage(fields=(_box(**changes),)),), continuation=overleaf)
    return draw_face(template, _holder(name))


def _lines(face: Face, page: int = 0) -> list[TextLine]:
    return [item for item in face.pages[page].items if isinstance(item, TextLine)]


def _refused(problem: str, *args: Any, **kwargs: Any) -> LicenseRejected:
    with pytest.raises(LicenseRejected) as caught:
        _face(*args, **kwargs)
    assert caught.value.problem == problem
    return caught.value


def test_a_text_that_fits_is_set_in_the_size_of_its_box() -> None:
    (line,) = _lines(_face())
    assert (line.text, line.size_mm, line.label) == ("某公司", 5, "holder")
    assert (line.box.x, line.box.y, line.box.w) == (20, 20, 15)


@pytest.mark.parametrize(("align", "x"), [("left", 20), ("center", 42.5), ("right", 65)])
def test_a_text_is_aligned_in_its_box(align: str, x: float) -> None:
    assert _lines(_face(align=align))[0].box.x == x


def test_a_text_may_stand_in_the_middle_of_the_height() -> None:
    assert _lines(_face(vertical="middle"))[0].box.y == 20 + (12 - 6) / 2


def test_a_name_that_is_too_long_is_refused_and_not_repeated_in_the_error() -> None:
    error = _refused("face_overflow", LONG)
    assert LONG not in str(error)
    assert str(len(LONG)) in str(error)


def test_a_name_that_is_too_long_is_set_smaller_until_it_fits() -> None:
    (line,) = _lines(_face(LONG[:20], overflow="shrink", min_size_mm=2.5))
    assert line.text == LONG[:20]
    assert line.size_mm == 3.0
    assert line.box.w <= 60


def test_no_text_is_set_smaller_than_the_box_allows() -> None:
    _refused("face_overflow", LONG, overflow="shrink", min_size_mm=2.5)


def test_a_name_that_is_too_long_is_broken_into_lines_that_lose_nothing() -> None:
    lines = _lines(_face(LONG, overflow="wrap", height_mm=40))
    assert len(lines) > 1
    assert "".join(line.text for line in lines) == LONG
    assert all(line.box.w <= 60 and line.label == "holder" for line in lines)


def test_lines_that_are_too_many_are_set_smaller_and_then_refused() -> None:
    lines = _lines(_face(LONG, overflow="wrap", height_mm=20, min_size_mm=2.5))
    assert 2.5 <= lines[0].size_mm < 5
    assert lines[-1].box.y + lines[-1].box.h <= 40 + 1e-6
    _refused("face_overflow", LONG * 5, overflow="wrap", height_mm=20, min_size_mm=2.5)


def test_a_text_goes_on_overleaf_under_its_caption_and_loses_nothing() -> None:
    text = "".join(f"第{n}条某某事项。" for n in range(900))
    face = _face(text, overflow="continue", caption="名称（续）", overleaf=Continuation())
    assert len(face.pages) >= 3
    printed = [line for page in range(len(face.pages)) for line in _lines(face, page) if line.label]
    assert "".join(line.text for line in printed) == text
    captions = [line.text for page in (1, 2) for line in _lines(face, page) if not line.label]
    assert captions == ["名称（续）", "名称（续）"]


def test_blanks_and_line_breaks_stay_between_the_pages() -> None:
    text = "\n".join(f"clause {n} of the permit" for n in range(60))
    face = _face(text, overflow="continue", overleaf=Continuation(flow_height_mm=120))
    printed = [line.text for page in range(len(face.pages)) for line in _lines(face, page)]
    assert " ".join(printed).split() == text.split()


def test_a_face_of_too_many_pages_is_refused() -> None:
    overleaf = Continuation(flow_height_mm=7, flow_width_mm=20)
    _refused("face_pages", "某" * 1_000, overflow="continue", overleaf=overleaf)


def test_what_does_not_fit_on_a_page_of_its_own_is_refused() -> None:
    _refused("face_overflow", "某" * 200, overflow="continue", overleaf=Continuation(flow_height_mm=3))


def test_an_empty_item_draws_nothing_or_the_words_for_it() -> None:
    assert _lines(_face(text="{field.无}")) == []
    (line,) = _lines(_face(text="{field.无}", blank="/"))
    assert line.text == "/"


def test_characters_that_the_font_lacks_are_printed_and_told() -> None:
    face = _face("张\U00020b9f\ue000")
    assert _lines(face)[0].text == "张\U00020b9f\ue000"
    assert [(note.code, note.item, note.characters) for note in face.notes] == [
        ("rare_characters", "holder", "\U00020b9f\ue000")
    ]


@pytest.mark.parametrize("character", ["\x07", "\u200b", "\u202e", "\ufffe", "\ud800", "\u2028", "\t", "\r"])
def test_characters_that_are_not_printed_are_refused(character: str) -> None:
    error = _refused("face_character", f"张{character}三")
    assert f"U+{ord(character):04X}" in str(error)


# ---------------------------------------------------------------------- tables


def _table(value: str, *, overleaf: Continuation | None = None, **changes: Any) -> Face:
    columns = (Column(title="序号", width_mm=15, align="center"), Column(title="名称", width_mm=50))
    given: dict[str, Any] = {
        "item": "field.清单",
        "x_mm": 20,
        "y_mm": 30,
        "height_mm": 60,
        "columns": columns,
        "size_mm": 4,
    }
    template = FaceTemplate(name="x", pages=(FacePage(tables=(TableBox(**given | changes),)),), continuation=overleaf)
    return draw_face(template, metadata_of(fields={"清单": value}))


def test_a_table_has_its_titles_and_a_row_for_each_line() -> None:
    face = _table("1^甲\n2^乙")
    assert [line.text for line in _lines(face)] == ["序号", "名称", "1", "甲", "2", "乙"]
    assert sum(isinstance(item, Shape) for item in face.pages[0].items) == 6
    assert [line.label for line in _lines(face)] == ["", "", *["field.清单"] * 4]


def test_a_short_row_is_filled_up_and_a_long_one_is_refused() -> None:
    assert [line.text for line in _lines(_table("1", titles=False))] == ["1"]
    with pytest.raises(LicenseRejected) as caught:
        _table("1^甲^丙")
    assert caught.value.problem == "face_columns"


def test_a_table_without_rows_is_not_drawn() -> None:
    assert _table("").pages[0].items == []


def test_rows_that_do_not_fit_are_refused_or_go_on_overleaf_under_the_same_titles() -> None:
    value = "\n".join(f"{n}^第{n}项某某设备" for n in range(80))
    with pytest.raises(LicenseRejected) as caught:
        _table(value)
    assert caught.value.problem == "face_overflow"
    face = _table(value, overflow="continue", overleaf=Continuation())
    assert len(face.pages) == 4
    names = [
        line.text
        for page in range(4)
        for line in _lines(face, page)
        if line.label == "field.清单" and line.text.startswith("第")
    ]
    assert names == [f"第{n}项某某设备" for n in range(80)]
    assert all(_lines(face, page)[0].text == "序号" for page in range(4))


def test_a_cell_is_broken_into_lines_and_its_row_grows() -> None:
    face = _table("1^" + "某" * 30)
    cells = [line for line in _lines(face) if line.label and line.text != "1"]
    assert len(cells) == 3
    assert "".join(line.text for line in cells) == "某" * 30


def test_a_row_that_no_page_can_hold_is_refused() -> None:
    with pytest.raises(LicenseRejected) as caught:
        _table("1^" + "某" * 3000, overflow="continue", overleaf=Continuation())
    assert caught.value.problem == "face_overflow"


# ---------------------------------------------------------------------- pictures and codes


def _with_picture(pictures: dict[str, bytes], *, required: bool = True) -> Face:
    box = PictureBox(item="照片", x_mm=10, y_mm=10, width_mm=30, height_mm=40, required=required)
    return draw_face(FaceTemplate(name="x", pages=(FacePage(pictures=(box,)),)), metadata_of(), pictures=pictures)


def test_a_picture_fills_its_box() -> None:
    (image,) = _with_picture({"照片": photo()}).pages[0].items
    assert isinstance(image, Image)
    assert (image.box.w, image.box.h, image.content) == (30, 40, photo())


@pytest.mark.parametrize("pictures", [{}, {"照片": b"GIF89a"}, {"照片": b""}, {"照片": photo(), "又一张": photo()}])
def test_a_picture_that_is_missing_unfit_or_of_no_box_is_refused(pictures: dict[str, bytes]) -> None:
    with pytest.raises(LicenseRejected) as caught:
        _with_picture(pictures)
    assert caught.value.problem == "face_picture"


def test_a_picture_that_is_not_required_may_be_absent() -> None:
    assert _with_picture({}, required=False).pages[0].items == []


def test_a_code_without_text_is_not_drawn() -> None:
    page = FacePage(qr_codes=(QrBox(x_mm=1, y_mm=1, size_mm=20, text="{field.无}"),))
    assert draw_face(FaceTemplate(name="x", pages=(page,)), metadata_of()).pages[0].items == []


def test_what_is_fixed_is_written_once_for_all_licences_of_a_type() -> None:
    template = type_of("business_permit").template
    assert template is not None
    one = draw_face(template, metadata_of())
    other = draw_face(template, metadata_of(number="JY12200000000018"))
    assert one.prepared is other.prepared is prepared_face(template)


@settings(max_examples=60, deadline=None)
@given(
    name=st.text(min_size=1, max_size=80),
    overflow=st.sampled_from(["refuse", "shrink", "wrap", "continue"]),
    width=st.floats(1, 180),
)
def test_any_name_is_printed_whole_or_refused(name: str, overflow: str, width: float) -> None:
    try:
        face = _face(name, overflow=overflow, width_mm=width, overleaf=Continuation())
    except LicenseRejected:
        return  # any other error fails the test
    printed = "".join(line.text for page in range(len(face.pages)) for line in _lines(face, page))
    assert "".join(printed.split()) == "".join(name.split())
