"""Colours, gradients, patterns, lines and the shapes that they fill."""

from __future__ import annotations

import pytest
from lxml import etree

from egov_sdk.ofd.render import RenderedPage
from egov_sdk.ofd.render.shapes import shape_of
from tests.unit.ofd.render.drawn import SQUARE, draw, elements, notes, page_parts, resources

SPACES = (
    '<ofd:ColorSpaces><ofd:ColorSpace ID="1" Type="CMYK"/><ofd:ColorSpace ID="2" Type="GRAY" BitsPerComponent="4"/>'
    '<ofd:ColorSpace ID="3" Type="RGB"><ofd:Palette><ofd:CV>1 2 3</ofd:CV><ofd:CV>4 5 6</ofd:CV></ofd:Palette>'
    "</ofd:ColorSpace></ofd:ColorSpaces>"
)


def _filled(color: str, attributes: str = "", *, inner: str = "") -> RenderedPage:
    path = (
        f'<ofd:PathObject Boundary="0 0 10 10" Fill="true" Stroke="false" {attributes}><ofd:FillColor {color}>{inner}'
        f"</ofd:FillColor>{SQUARE}</ofd:PathObject>"
    )
    return draw(page_parts(path, extra=resources(SPACES)))


def _fill(color: str) -> tuple[str | None, str | None]:
    path = elements(_filled(color), "path")[0]
    return path.get("fill"), path.get("fill-opacity")


@pytest.mark.parametrize(
    ("color", "fill"),
    [
        ('Value="255 0 16"', "#ff0010"),
        ('Value="#ff #0 #10"', "#ff0010"),
        ('Value="12.4 0 0"', "#0c0000"),
        ('Value="300 -5 0"', "#ff0000"),
        ('Value="128"', "#808080"),
        ('Value="0 255 255 0"', "#ff0000"),
        ('Value="0 0 0 255" ColorSpace="1"', "#000000"),
        ('Value="15" ColorSpace="2"', "#ffffff"),
        ('Index="1" ColorSpace="3"', "#040506"),
        ('Index="9" ColorSpace="3"', "#000000"),
        ('Value="x y z"', "#000000"),
        ('Value=""', "#000000"),
        ("", "#000000"),
        ('Value="1 2"', "#000000"),
        ('Value="nan nan nan"', "#000000"),
        ('Value="1 2 3" ColorSpace="99"', "#010203"),
        ('Value="#-1 0 0"', "#000000"),
    ],
)
def test_a_colour_is_read_in_every_form(color: str, fill: str) -> None:
    assert _fill(color) == (fill, None)


@pytest.mark.parametrize(
    ("alpha", "opacity"), [("255", None), ("0", "0"), ("51", "0.2"), ("-3", "0"), ("999", None), ("x", None)]
)
def test_a_colour_may_be_transparent(alpha: str, opacity: str | None) -> None:
    assert _fill(f'Value="1 2 3" Alpha="{alpha}"') == ("#010203", opacity)


def test_an_object_may_be_transparent_as_a_whole() -> None:
    path = elements(_filled('Value="1 2 3"', 'Alpha="51"'), "path")[0]
    assert (path.get("opacity"), path.get("fill-opacity")) == ("0.2", None)


def test_a_path_with_a_colour_and_no_fill_is_not_filled() -> None:
    path = f'<ofd:PathObject Boundary="0 0 1 1"><ofd:FillColor Value="1 2 3"/>{SQUARE}</ofd:PathObject>'
    drawn = elements(draw(page_parts(path)), "path")[0]
    assert (drawn.get("fill"), drawn.get("stroke")) == ("none", "#000000")


def test_a_path_to_fill_without_a_colour_paints_nothing() -> None:
    path = f'<ofd:PathObject Boundary="0 0 1 1" Fill="true" Stroke="false">{SQUARE}</ofd:PathObject>'
    assert elements(draw(page_parts(path)), "path")[0].get("fill") == "none"


def test_the_rule_of_filling_is_kept() -> None:
    assert elements(_filled('Value="1 2 3"', 'Rule="Even-Odd"'), "path")[0].get("fill-rule") == "evenodd"
    assert elements(_filled('Value="1 2 3"', 'Rule="NonZero"'), "path")[0].get("fill-rule") is None


SEGMENTS = (
    '<ofd:Segment Position="0.2"><ofd:Color Value="1 0 0"/></ofd:Segment>'
    '<ofd:Segment Position="0.8"><ofd:Color Value="2 0 0" Alpha="51"/></ofd:Segment>'
)


def _stops(page: RenderedPage) -> list[tuple[str | None, str | None, str | None]]:
    return [(stop.get("offset"), stop.get("stop-color"), stop.get("stop-opacity")) for stop in elements(page, "stop")]


def test_an_axial_shading_is_a_gradient_that_paints_nothing_beyond_its_ends() -> None:
    page = _filled("", inner=f'<ofd:AxialShd StartPoint="1 2" EndPoint="3 4">{SEGMENTS}</ofd:AxialShd>')
    gradient = elements(page, "linearGradient")[0]
    assert [gradient.get(name) for name in ("x1", "y1", "x2", "y2", "gradientUnits", "spreadMethod")] == [
        "1",
        "2",
        "3",
        "4",
        "userSpaceOnUse",
        None,
    ]
    assert _stops(page) == [
        ("0.2", "#010000", "0"),
        ("0.2", "#010000", None),
        ("0.8", "#020000", "0.2"),
        ("0.8", "#020000", "0"),
    ]
    assert elements(page, "path")[0].get("fill") == f"url(#{gradient.get('id')})"


@pytest.mark.parametrize(("extend", "count"), [("0", 4), ("1", 3), ("2", 3), ("3", 2)])
def test_a_shading_may_go_on_beyond_each_end(extend: str, count: int) -> None:
    page = _filled(
        "", inner=f'<ofd:AxialShd Extend="{extend}" StartPoint="1 2" EndPoint="3 4">{SEGMENTS}</ofd:AxialShd>'
    )
    assert len(_stops(page)) == count


def test_a_shading_may_be_repeated_in_its_own_measure() -> None:
    inner = f'<ofd:AxialShd MapType="Reflect" MapUnit="5" StartPoint="0 0" EndPoint="10 0">{SEGMENTS}</ofd:AxialShd>'
    gradient = elements(_filled("", inner=inner), "linearGradient")[0]
    assert (gradient.get("x2"), gradient.get("spreadMethod")) == ("5", "reflect")


def test_a_radial_shading_may_be_an_ellipse() -> None:
    inner = (
        '<ofd:RadialShd StartPoint="5 5" EndPoint="6 5" StartRadius="1" EndRadius="9" Eccentricity="0.6" Angle="30" '
        f'Extend="3">{SEGMENTS}</ofd:RadialShd>'
    )
    gradient = elements(_filled("", inner=inner), "radialGradient")[0]
    assert [gradient.get(name) for name in ("fx", "fy", "fr", "cx", "cy", "r")] == ["5", "5", "1", "6", "5", "9"]
    assert gradient.get("gradientTransform") == "translate(6 5) rotate(30) scale(1 0.8) translate(-6 -5)"


@pytest.mark.parametrize(
    "inner",
    [
        f'<ofd:AxialShd StartPoint="1" EndPoint="3 4">{SEGMENTS}</ofd:AxialShd>',
        '<ofd:AxialShd StartPoint="1 2" EndPoint="3 4"/>',
        f"<ofd:RadialShd>{SEGMENTS}</ofd:RadialShd>",
    ],
)
def test_a_shading_that_cannot_be_read_is_one_plain_colour_and_told(inner: str) -> None:
    page = _filled("", inner=inner)
    assert notes(page) == ["paint_simplified"]
    assert str(elements(page, "path")[0].get("fill")).startswith("#")


@pytest.mark.parametrize("name", ["GouraudShd", "LaGouraudShd", "LaGourandShd"])
def test_a_mesh_of_colours_becomes_their_mean(name: str) -> None:
    points = "".join(f'<ofd:Point X="0" Y="0"><ofd:Color Value="{value} 0 0"/></ofd:Point>' for value in (0, 100, 200))
    page = _filled("", inner=f"<ofd:{name}>{points}</ofd:{name}>")
    assert elements(page, "path")[0].get("fill") == "#640000"
    assert notes(page) == ["paint_simplified"]


def _pattern(attributes: str, cell: str = "", path: str = "") -> RenderedPage:
    inner = cell or f'<ofd:PathObject Boundary="0 0 1 1">{SQUARE}</ofd:PathObject>'
    return _filled(
        "", path, inner=f"<ofd:Pattern {attributes}><ofd:CellContent>{inner}</ofd:CellContent></ofd:Pattern>"
    )


def test_a_pattern_is_laid_by_its_steps_and_then_by_its_matrix() -> None:
    pattern = elements(_pattern('Width="4" Height="5" XStep="6" YStep="2" CTM="1 0 0 1 3 3"'), "pattern")[0]
    assert [pattern.get(name) for name in ("width", "height", "patternUnits", "patternTransform")] == [
        "6",
        "5",
        "userSpaceOnUse",
        "translate(3 3)",
    ]


@pytest.mark.parametrize(
    ("method", "size", "uses"), [("Column", ("8", "5"), 2), ("Row", ("4", "10"), 2), ("RowAndColumn", ("8", "10"), 4)]
)
def test_a_pattern_may_be_mirrored(method: str, size: tuple[str, str], uses: int) -> None:
    page = _pattern(f'Width="4" Height="5" ReflectMethod="{method}"')
    pattern = elements(page, "pattern")[0]
    assert (pattern.get("width"), pattern.get("height")) == size
    assert len(pattern) == uses


def test_a_pattern_may_be_fixed_to_the_page() -> None:
    page = _pattern('Width="4" Height="5" RelativeTo="Page"', path='CTM="2 0 0 2 4 6"')
    assert elements(page, "pattern")[0].get("patternTransform") == "matrix(0.5 0 0 0.5 -2 -3)"


@pytest.mark.parametrize(
    "attributes", ['Width="0" Height="5"', 'Width="1e-6" Height="1e-6"', 'Width="9999" Height="9999"', ""]
)
def test_a_pattern_that_cannot_be_drawn_paints_nothing_and_is_told(attributes: str) -> None:
    page = _pattern(attributes)
    assert elements(page, "path")[0].get("fill") == "none"
    assert notes(page) == ["paint_simplified"]


def _line(attributes: str) -> etree._Element:
    path = (
        f'<ofd:PathObject Boundary="0 0 0 0" {attributes}><ofd:AbbreviatedData>M 0 0 L 50 0</ofd:AbbreviatedData>'
        "</ofd:PathObject>"
    )
    return elements(draw(page_parts(path)), "path")[0]


@pytest.mark.parametrize(
    ("attributes", "name", "value"),
    [
        ("", "stroke-width", "0.353"),
        ('LineWidth="2"', "stroke-width", "2"),
        ('LineWidth="0"', "stroke-width", "0.05"),
        ('LineWidth="0" CTM="0.5 0 0 0.5 0 0"', "stroke-width", "0.1"),
        ('LineWidth="-4"', "stroke-width", "0.05"),
        ('Cap="Square"', "stroke-linecap", "square"),
        ('Cap="x"', "stroke-linecap", None),
        ('Join="Round"', "stroke-linejoin", "round"),
        ("", "stroke-miterlimit", "10"),
        ('MiterLimit="0.7056"', "stroke-miterlimit", "2"),
        ('MiterLimit="0"', "stroke-miterlimit", "1"),
        ('DashPattern="2 1"', "stroke-dasharray", "2 1"),
        ('DashPattern="2 1" DashOffset="1"', "stroke-dashoffset", "1"),
        ('DashOffset="1"', "stroke-dashoffset", None),
        ('DashPattern="0 0"', "stroke-dasharray", None),
        ('DashPattern="2 -1"', "stroke-dasharray", None),
    ],
)
def test_lines_look_as_they_are_asked_to(attributes: str, name: str, value: str | None) -> None:
    assert _line(attributes).get(name) == value


@pytest.mark.parametrize(
    ("data", "path"),
    [
        ("M 0 0 L 10 0 C", "M0 0L10 0Z"),
        ("S 1 2 Q 1 2 3 4", "M1 2Q1 2 3 4"),
        ("M 0 0 B 1 2 3 4 5 6", "M0 0C1 2 3 4 5 6"),
        ("M 0 0 A 5 -5 370 2 0 9 9", "M0 0A5 5 10 1 0 9 9"),
        ("m 0,0 l 1,1", "M0 0L1 1"),
        ("M 0 0 L 1 1 2 2", "M0 0L1 1L2 2"),
        ("L 1 1", "M0 0L1 1"),
        ("M 0 0 X 5 L 1 1", "M0 0L1 1"),
        ("M 0 0 L 1", "M0 0"),
        ("", ""),
        ("M 1e99 0", "M0 0"),
        ('M 0 0 "/>\u0661<x y>', "M0 0"),
    ],
)
def test_path_data_is_read_in_every_form(data: str, path: str) -> None:
    assert shape_of(data, at_most=100).data == path


def test_a_shape_knows_its_bounds_its_length_and_whether_it_is_a_rectangle() -> None:
    shape = shape_of("M 1 1 L 11 1 L 11 6 L 1 6 C", at_most=100)
    assert (shape.bounds, shape.length, shape.is_rectangle) == ((1, 1, 11, 6), 27, True)
    for other in (
        "M 0 0 L 5 5 L 9 0 L 0 0 C",
        "M 0 0 L 5 0 L 5 5 C",
        "M 0 0 L 5 0 L 5 0 L 0 0 C",
        "M 0 0 L 5 0 L 9 0 L 9 9 C",
    ):
        assert not shape_of(other, at_most=100).is_rectangle


def test_no_more_operators_are_read_than_asked_for() -> None:
    shape = shape_of("M 0 0 " + "L 1 1 " * 50, at_most=10)
    assert shape.operators == 11
    assert shape.data.count("L") == 9
