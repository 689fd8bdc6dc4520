"""Text: which glyph stands where, in embedded fonts and in the one that stands in."""

from __future__ import annotations

import pytest

from egov_sdk.ofd.render import RenderedPage
from egov_sdk.ofd.render.text import pieces_of
from egov_sdk.ofd.xml import parse_xml
from tests.unit.ofd.render.drawn import codes, draw, elements, font, notes, page_parts, resources
from tests.unit.ofd.samples import NS

EMBEDDED = '<ofd:Fonts><ofd:Font ID="3" FontName="Test"><ofd:FontFile>f</ofd:FontFile></ofd:Font></ofd:Fonts>'
NAMED = '<ofd:Fonts><ofd:Font ID="3" FontName="{name}"/></ofd:Fonts>'


def _places(
    inner: str, *, by_glyph: bool = True, at_most: int = 1000
) -> list[list[tuple[float, float, str, int | None]]]:
    root = parse_xml(f"<ofd:TextObject {NS}>{inner}</ofd:TextObject>".encode())
    lines = pieces_of(root, by_glyph=by_glyph, at_most=at_most)
    return [[(piece.x, piece.y, piece.character, piece.glyph) for piece in line] for line in lines]


def _xs(delta: str, text: str = "abcd") -> list[float]:
    return [x for x, *_ in _places(f'<ofd:TextCode X="1" Y="2" DeltaX="{delta}">{text}</ofd:TextCode>')[0]]


@pytest.mark.parametrize(
    ("delta", "xs"),
    [
        ("2 3 4", [1, 3, 6, 10]),
        ("g 3 2", [1, 3, 5, 7]),
        ("g 2 2 5", [1, 3, 5, 10]),
        ("5 g 2 1", [1, 6, 7, 8]),
        ("2", [1, 3, 5, 7]),
        ("2 2 2 9 9 9", [1, 3, 5, 7]),
        ("2 -4 2", [1, 3, -1, 1]),
        ("g 999999999999 1", [1, 2, 3, 4]),
        ("g -5 1 2 2 2", [1, 3, 5, 7]),
        ("g", [1, 1, 1, 1]),
        ("x 2 nan", [1, 1, 3, 3]),
    ],
)
def test_steps_lead_from_one_character_to_the_next(delta: str, xs: list[float]) -> None:
    assert _xs(delta) == xs


def test_a_later_line_takes_the_place_of_the_one_before_where_it_has_none() -> None:
    lines = _places('<ofd:TextCode X="1" Y="2">a</ofd:TextCode><ofd:TextCode Y="5">b</ofd:TextCode>')
    assert [line[0][:2] for line in lines] == [(1, 2), (1, 5)]


def test_blanks_keep_their_place_and_line_breaks_are_one() -> None:
    assert len(_xs("g 9 1", "  a b  ")) == 7
    assert _xs("g 9 1", "\n      ab\n    ") == [1, 2]
    assert _xs("g 9 1", "a\n     b") == [1, 2, 3]


def test_glyph_indices_replace_the_characters_that_they_cover() -> None:
    transform = (
        '<ofd:CGTransform CodePosition="1" CodeCount="2" GlyphCount="1"><ofd:Glyphs>7</ofd:Glyphs></ofd:CGTransform>'
    )
    code = '<ofd:TextCode X="0" Y="0" DeltaX="1 1 1">abcd</ofd:TextCode>'
    shown = [("a", None), ("b", 7), ("d", None)]
    assert [piece[2:] for piece in _places(transform + code)[0]] == shown
    assert [piece[2:] for piece in _places(code + transform)[0]] == shown
    assert [piece[2] for piece in _places(transform + code, by_glyph=False)[0]] == list("abcd")


def test_one_character_may_become_several_glyphs() -> None:
    transform = '<ofd:CGTransform CodePosition="0"><ofd:Glyphs>7 8 x</ofd:Glyphs></ofd:CGTransform>'
    assert [p[3] for p in _places(transform + "<ofd:TextCode>a</ofd:TextCode>")[0]] == [None]
    transform = transform.replace(" x", " 9")
    assert [p[3] for p in _places(transform + "<ofd:TextCode>a</ofd:TextCode>")[0]] == [7, 8, 9]


def _text(code: str, attributes: str = "", *, fonts: str = EMBEDDED, size: str = "10") -> RenderedPage:
    content = f'<ofd:TextObject Boundary="20 10 60 12" Font="3" Size="{size}" {attributes}>{code}</ofd:TextObject>'
    files = {"f": font()} if fonts == EMBEDDED else {}
    return draw(page_parts(content, extra=resources(fonts, **files)))


def _uses(page: RenderedPage) -> list[str | None]:
    return [use.get("transform") for use in elements(page, "use")]


def test_a_glyph_stands_on_its_baseline_in_the_size_of_the_text() -> None:
    page = _text('<ofd:TextCode X="1" Y="9" DeltaX="6">AB</ofd:TextCode>')
    assert elements(page, "g")[0].get("transform") == "translate(20 10)"
    assert _uses(page) == ["matrix(0.01 0 0 -0.01 1 9)", "matrix(0.01 0 0 -0.01 7 9)"]
    assert elements(page, "path")[0].get("d") == "M0 0L500 0L500 500L0 500L0 0Z"
    assert notes(page) == []


def test_a_glyph_that_comes_again_is_defined_once() -> None:
    page = _text('<ofd:TextCode X="1" Y="9" DeltaX="g 5 6">AAAAAA</ofd:TextCode>')
    assert (len(elements(page, "path")), len(elements(page, "use"))) == (1, 6)


def test_an_opentype_font_with_cff_outlines_is_drawn_alike() -> None:
    code = '<ofd:TextCode X="0" Y="9">B</ofd:TextCode>'
    content = f'<ofd:TextObject Boundary="0 0 9 9" Font="3" Size="10">{code}</ofd:TextObject>'
    page = draw(page_parts(content, extra=resources(EMBEDDED, f=font(cff=True))))
    assert elements(page, "path")[0].get("d") == "M0 0L400 0L200 700Z"
    assert notes(page) == []


def test_stretching_turning_and_slanting_are_matrices_of_the_glyph() -> None:
    code = '<ofd:TextCode X="1" Y="9">A</ofd:TextCode>'
    assert _uses(_text(code, 'HScale="0.5"')) == ["matrix(0.005 0 0 -0.01 1 9)"]
    assert _uses(_text(code, 'CharDirection="90"'))[0] in (
        "matrix(6.12323e-19 0.01 0.01 -6.12323e-19 1 9)",
        "matrix(0 0.01 0.01 0 1 9)",
    )
    assert _uses(_text(code, 'Italic="true"')) == ["matrix(0.01 0 0.0021 -0.01 1 9)"]


def test_the_line_around_letters_has_its_width_in_the_text_not_in_the_glyph() -> None:
    code = '<ofd:StrokeColor Value="1 0 0"/><ofd:TextCode X="1" Y="9">A</ofd:TextCode>'
    group = elements(_text(code, 'Stroke="true" LineWidth="0.3" Fill="false"'), "g")[0]
    assert (group.get("fill"), group.get("stroke"), group.get("stroke-width")) == ("none", "#010000", "30")


def test_a_gradient_runs_through_the_whole_text() -> None:
    code = (
        '<ofd:FillColor><ofd:AxialShd StartPoint="0 0" EndPoint="9 0"><ofd:Segment><ofd:Color Value="1 0 0"/>'
        '</ofd:Segment><ofd:Segment><ofd:Color Value="2 0 0"/></ofd:Segment></ofd:AxialShd></ofd:FillColor>'
        '<ofd:TextCode X="1" Y="9" DeltaX="6">AA</ofd:TextCode>'
    )
    page = _text(code)
    assert elements(page, "use") == []
    path = elements(page, "path")[0]
    assert path.get("d") == "M1 9L6 9L6 4L1 4L1 9ZM7 9L12 9L12 4L7 4L7 9Z"
    assert path.get("fill") == f"url(#{elements(page, 'linearGradient')[0].get('id')})"


def test_a_character_that_the_embedded_font_lacks_comes_from_the_bundled_one() -> None:
    page = _text('<ofd:TextCode X="1" Y="9" DeltaX="6">A国</ofd:TextCode>')
    assert len(elements(page, "path")) == 2
    assert notes(page) == []


def test_a_character_without_a_glyph_anywhere_is_an_empty_box_and_told() -> None:
    page = _text('<ofd:TextCode X="1" Y="9">\ua9c1</ofd:TextCode>')
    assert notes(page) == ["glyph_missing"]
    assert "(U+A9C1)" in page.notes[0].message.en
    assert len(elements(page, "use")) == 1


def test_glyph_indices_mean_nothing_where_no_font_is_embedded() -> None:
    transform = '<ofd:CGTransform CodePosition="0"><ofd:Glyphs>1</ofd:Glyphs></ofd:CGTransform>'
    code = f'{transform}<ofd:TextCode X="0" Y="9">国</ofd:TextCode>'
    named, plain = (
        _text(code, fonts=NAMED.format(name="宋体")),
        _text(code.partition("</ofd:CGTransform>")[2], fonts=NAMED.format(name="宋体")),
    )
    assert named.svg == plain.svg
    assert notes(named) == ["font_substituted"]


def test_latin_letters_fit_into_the_half_cells_that_chinese_faces_give_them() -> None:
    page = _text('<ofd:TextCode X="0" Y="9" DeltaX="5 5 10">WiW国</ofd:TextCode>', fonts=NAMED.format(name="宋体"))
    scales = [float(str(use).removeprefix("matrix(").split()[0]) for use in _uses(page)]
    assert scales[0] < 0.01
    assert scales[1] == 0.01
    assert scales[2] == pytest.approx(scales[0])
    assert scales[3] == 0.01


def test_the_last_character_of_a_date_is_not_squeezed_into_the_cell_of_a_digit() -> None:
    page = _text('<ofd:TextCode X="0" Y="9" DeltaX="g 2 5 -10">05日</ofd:TextCode>', fonts=NAMED.format(name="宋体"))
    assert str(_uses(page)[-1]).startswith("matrix(0.01 0")


def test_text_without_steps_is_placed_by_the_widths_of_its_font() -> None:
    page = _text('<ofd:TextCode X="1" Y="9">AB</ofd:TextCode>')
    assert _uses(page) == ["matrix(0.01 0 0 -0.01 1 9)", "matrix(0.01 0 0 -0.01 7 9)"]


@pytest.mark.parametrize(
    ("attributes", "name", "bold"), [('Weight="700"', "楷体", True), ("", "黑体", True), ("", "宋体", False)]
)
def test_a_heavy_face_is_drawn_with_broader_strokes(attributes: str, name: str, bold: bool) -> None:
    page = _text('<ofd:TextCode X="0" Y="9">国</ofd:TextCode>', attributes, fonts=NAMED.format(name=name))
    assert (elements(page, "g")[0].get("stroke") == "#000000") is bold


def test_colours_come_from_the_layer_where_the_text_has_none() -> None:
    params = '<ofd:DrawParams><ofd:DrawParam ID="9"><ofd:FillColor Value="156 82 35"/></ofd:DrawParam></ofd:DrawParams>'
    code = '<ofd:TextCode X="0" Y="3">A</ofd:TextCode>'
    text = f'<ofd:TextObject Boundary="0 0 9 9" Font="3" Size="3">{code}</ofd:TextObject>'
    parts = page_parts(text, extra=resources(EMBEDDED + params, f=font()))
    parts["Doc_0/P.xml"] = str(parts["Doc_0/P.xml"]).replace('<ofd:Layer ID="1"', '<ofd:Layer ID="1" DrawParam="9"')
    assert elements(draw(parts), "g")[0].get("fill") == "#9c5223"


def test_a_damaged_glyph_of_an_embedded_font_is_told_and_the_bundled_face_helps_out() -> None:
    data = font()
    at = data.index(b"glyf")
    glyf = int.from_bytes(data[at + 8 : at + 12], "big")
    broken = bytearray(data)
    broken[glyf : glyf + 2] = b"\x7f\xff"  # the first outline promises 32,767 contours
    transform = '<ofd:CGTransform CodePosition="0"><ofd:Glyphs>1 1</ofd:Glyphs></ofd:CGTransform>'
    text = f'{transform}<ofd:TextCode X="0" Y="9" DeltaX="5">A</ofd:TextCode>'
    content = f'<ofd:TextObject Boundary="0 0 9 9" Font="3" Size="10">{text}</ofd:TextObject>'
    page = draw(page_parts(content, extra=resources(EMBEDDED, f=bytes(broken))))
    assert notes(page) == ["glyph_unreadable"]
    assert len(elements(page, "use")) == 1


@pytest.mark.parametrize("size", ["0", "-3", "nan", "1e99", "x"])
def test_a_size_that_is_none_is_taken_as_the_usual_one(size: str) -> None:
    page = _text('<ofd:TextCode X="1" Y="9">A</ofd:TextCode>', size=size)
    assert _uses(page) == ["matrix(0.0035 0 0 -0.0035 1 9)"]


def test_a_font_that_nobody_defines_is_told() -> None:
    page = draw(
        page_parts(
            '<ofd:TextObject Font="77" Size="3" Boundary="0 0 1 1"><ofd:TextCode>A</ofd:TextCode></ofd:TextObject>'
        )
    )
    assert codes(page) == {"resource_missing"}
    assert len(elements(page, "use")) == 1
