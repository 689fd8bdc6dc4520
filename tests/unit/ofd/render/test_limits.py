"""Pages made to take for ever: each ends at a limit, in time, and says so."""

from __future__ import annotations

import time

import pytest

from egov_sdk.ofd.render import RenderLimits, rasterize
from tests.unit.ofd.render.drawn import draw, elements, notes, page_parts, picture_file, png, resources

A4 = "0 0 210 297"
RECT = "<ofd:AbbreviatedData>M 0 0 L 210 0 L 210 297 L 0 297 C</ofd:AbbreviatedData>"
DOT = '<ofd:PathObject Boundary="0 0 1 1"><ofd:AbbreviatedData>M 0 0 L 1 1</ofd:AbbreviatedData></ofd:PathObject>'
CLIP = (
    f'<ofd:Clips><ofd:Clip><ofd:Area><ofd:Path Boundary="1 1 1 1">{RECT}</ofd:Path></ofd:Area></ofd:Clip></ofd:Clips>'
)
SEGMENTS = "".join(f'<ofd:Segment><ofd:Color Value="{value} 0 0"/></ofd:Segment>' for value in (0, 255))

AXIAL = f'<ofd:AxialShd StartPoint="0 0" EndPoint="9 9">{SEGMENTS}</ofd:AxialShd>'


def _rect(color: str = 'Value="1 2 3"', *, attributes: str = "", inner: str = "", clips: str = "") -> str:
    return (
        f'<ofd:PathObject Boundary="0 0 210 297" Fill="true" Stroke="false" {attributes}>{clips}'
        f"<ofd:FillColor {color}>{inner}</ofd:FillColor>{RECT}</ofd:PathObject>"
    )


def _zigzag(steps: int) -> str:
    data = " ".join(f"L {210 * (step % 2)} {step * 7 % 297}" for step in range(steps))
    data = f"<ofd:AbbreviatedData>M 0 0 {data}</ofd:AbbreviatedData>"
    return f'<ofd:PathObject Boundary="0 0 210 297">{data}</ofd:PathObject>'


def _text(text: str, size: float = 3) -> str:
    return (
        f'<ofd:TextObject Boundary="0 0 210 297" Font="1" Size="{size}"><ofd:TextCode X="0" Y="5" '
        f'DeltaX="g 99999999 0.01">{text}</ofd:TextCode></ofd:TextObject>'
    )


def _pattern(cell: str, width: float = 50) -> str:
    inner = f'<ofd:Pattern Width="{width}" Height="{width}"><ofd:CellContent>{cell}</ofd:CellContent></ofd:Pattern>'
    return _rect("", inner=inner)


def _nested(depth: int) -> str:
    cell = DOT
    for _ in range(depth):
        cell = _pattern(cell)
    return cell


def _units(copies: int) -> str:
    """Units that each hold the next one many times, and the last one the first."""
    made = [
        f'<ofd:CompositeGraphicUnit ID="{number}" Width="9" Height="9"><ofd:Content>'
        + f'<ofd:CompositeObject ResourceID="{number % 9 + 1}" Boundary="0 0 9 9"/>' * copies
        + f"{DOT}</ofd:Content></ofd:CompositeGraphicUnit>"
        for number in range(1, 10)
    ]
    return f"<ofd:CompositeGraphicUnits>{''.join(made)}</ofd:CompositeGraphicUnits>"


COMPOSITE = '<ofd:CompositeObject ResourceID="1" Boundary="0 0 9 9"/>'
PAGES: dict[str, tuple[str, str]] = {
    "objects": (DOT * 30_000, "objects"),
    "blocks": ("<ofd:PageBlock/>" * 30_000, "objects"),
    "clips": (_rect(clips="<ofd:Clips>" + "<ofd:Clip/>" * 40_000 + "</ofd:Clips>"), "effort"),
    "operators": (_zigzag(200_000), "path_operators"),
    "edges": (_zigzag(190) * 1_000, "effort"),
    "areas": (_rect('Value="1 2 3" Alpha="3"') * 5_000, "effort"),
    "layers": (_rect(attributes='Alpha="9"') * 1_000, "effort"),
    "clipped areas": (_rect(clips=CLIP) * 1_000, "effort"),
    "patterns": (_pattern(DOT) * 900, "effort"),
    "gradients": (_rect("", inner=AXIAL) * 900, "effort"),
    "small gradients": (
        f'<ofd:PathObject Boundary="0 0 1 1" Fill="true"><ofd:FillColor>{AXIAL}</ofd:FillColor>'
        "<ofd:AbbreviatedData>M 0 0 L 1 1</ofd:AbbreviatedData></ofd:PathObject>" * 2_000,
        "paints",
    ),
    "characters": (_text("中" * 30_000), "glyphs"),
    "different characters": (_text("".join(map(chr, range(0x4E00, 0x7000)))), "outlines"),
    "large characters": (_text("中" * 19_000, 300), "effort"),
}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_without_end_stops_at_its_limit_in_time(name: str) -> None:
    content, limit = PAGES[name]
    parts = page_parts(content, area=A4)
    began = time.process_time()
    page = draw(parts)
    rasterize(page, dpi=72)
    assert time.process_time() - began < 10  # about one second, and slower machines are machines too
    assert notes(page)[-1] == "limit"
    assert f"the limit {limit} of" in page.notes[-1].message.en
    assert len(page.svg) < 12 << 20


def test_composites_that_multiply_and_go_round_stop_at_a_limit() -> None:
    page = draw(page_parts(COMPOSITE, extra=resources(_units(4))))
    assert set(notes(page)) == {"too_deep", "limit"}


def test_composites_that_only_go_round_stop_where_they_are_too_deep() -> None:
    page = draw(page_parts(COMPOSITE, extra=resources(_units(1))))
    assert notes(page) == ["too_deep"]
    assert len(elements(page, "path")) == 12


def test_patterns_and_blocks_nested_too_deeply_are_told() -> None:
    assert "too_deep" in notes(draw(page_parts(_nested(13), area=A4)))
    blocks = "<ofd:PageBlock>" * 20 + DOT + "</ofd:PageBlock>" * 20
    page = draw(page_parts(blocks))
    assert (notes(page), elements(page, "path")) == (["too_deep"], [])


def test_dashes_without_number_are_left_out_and_the_line_stays() -> None:
    line = (
        '<ofd:PathObject Boundary="0 0 1 1" DashPattern="0.00001 0.00001"><ofd:AbbreviatedData>M 0 0 L 90 0'
        "</ofd:AbbreviatedData></ofd:PathObject>"
    )
    page = draw(page_parts(line * 3))
    assert notes(page) == ["dashes_left_out"]
    assert [path.get("stroke-dasharray") for path in elements(page, "path")] == [None] * 3


def test_pictures_are_counted_each_time_that_they_are_shown() -> None:
    page = draw(picture_file(png(100, 100), objects=20), limits=RenderLimits(image_pixels=45_000))
    assert len(elements(page, "use")) == 4
    assert notes(page) == ["limit"]


def test_a_picture_of_many_bytes_is_told() -> None:
    page = draw(picture_file(png(100, 100)), limits=RenderLimits(image_bytes=10))
    assert notes(page) == ["image_unreadable"]


def test_xml_of_many_bytes_is_told() -> None:
    page = draw(
        page_parts(DOT, extra={"Doc_0/R.xml": "<!--" + "x" * 500 + "--><Res/>"}), limits=RenderLimits(xml_bytes=600)
    )
    assert notes(page) == ["file_too_large"]


def test_the_drawing_itself_may_not_grow_without_end() -> None:
    page = draw(page_parts(DOT * 500), limits=RenderLimits(svg_bytes=10_000))
    assert notes(page) == ["limit"]
    assert len(page.svg) < 11_000


def test_stamps_are_drawn_even_where_the_page_was_too_much() -> None:
    from egov_sdk.limits import OfdLimits
    from egov_sdk.ofd import Box
    from egov_sdk.ofd.render import StampPicture, render_page
    from tests.unit.ofd.samples import package_of

    document = package_of(page_parts(DOT * 30_000), limits=OfdLimits(ratio=1e9)).documents[0]
    page = render_page(document, stamps=[StampPicture(1, Box(1, 1, 5, 5), png(4, 4))])
    assert notes(page) == ["limit"]
    assert len(elements(page, "image")) == 1


def test_notes_do_not_grow_without_end() -> None:
    unknown = "".join(f"<ofd:X{number}/>" for number in range(400))
    page = draw(page_parts(unknown))
    assert len(page.notes) == 201
    assert notes(page)[-1] == "notes_cut"


def test_numbers_beyond_all_measure_are_no_numbers() -> None:
    attributes = 'Boundary="nan inf 1e308 1" CTM="1e7 0 0 1e7 1e7 1e7" LineWidth="1e999" Alpha="nan" MiterLimit="-inf"'
    page = draw(
        page_parts(
            f"<ofd:PathObject {attributes}><ofd:AbbreviatedData>M 1e7 0 L 1 1e300</ofd:AbbreviatedData>"
            "</ofd:PathObject>" * 5
        )
    )
    assert "nan" not in page.svg
    assert "inf" not in page.svg
    rasterize(page)
