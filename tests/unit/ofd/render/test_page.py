"""A page as a whole: what lies on what, what is shared, and what never leaves the drawing."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import pytest

from egov_sdk.errors import LimitExceeded
from egov_sdk.ofd import Box, OfdBuilder, open_ofd
from egov_sdk.ofd.render import RenderedPage, RenderLimits, StampPicture, render_page
from tests.unit.ofd.render.drawn import SQUARE, codes, draw, elements, notes, page_parts, picture_file, png, resources
from tests.unit.ofd.samples import NS, document_of


def _square(color: str, attributes: str = "", inner: str = "") -> str:
    return (
        f'<ofd:PathObject Boundary="0 0 10 10" Fill="true" Stroke="false" {attributes}>{inner}'
        f'<ofd:FillColor Value="{color}"/>{SQUARE}</ofd:PathObject>'
    )


def _fills(page: RenderedPage) -> list[str]:
    return [str(path.get("fill")) for path in elements(page, "path")]


def _content(inner: str, kind: str = "Body") -> str:
    return f'<ofd:Content><ofd:Layer ID="2" Type="{kind}">{inner}</ofd:Layer></ofd:Content>'


def test_the_drawing_has_the_size_of_the_page_in_millimetres() -> None:
    page = draw(page_parts("", area="0 0 100 50"))
    root = elements(page, "svg")[0]
    assert (page.width_mm, page.height_mm) == (100, 50)
    assert (root.get("width"), root.get("height"), root.get("viewBox")) == ("100mm", "50mm", "0 0 100 50")
    assert elements(page, "rect")[0].get("fill") == "#ffffff"


def test_templates_layers_and_annotations_lie_on_each_other_as_the_standard_says() -> None:
    templates = "".join(
        f'<ofd:TemplatePage ID="{number}" BaseLoc="T{number}.xml" ZOrder="{order}"/>'
        for number, order in ((8, "Foreground"), (9, "Background"))
    )
    page = draw(
        page_parts(
            _square("3 0 0"),
            common=templates,
            before='<ofd:Template TemplateID="8"/><ofd:Template TemplateID="9"/>',
            rest="<ofd:Annotations>A.xml</ofd:Annotations>",
            extra={
                "Doc_0/T8.xml": f"<ofd:Page {NS}>{_content(_square('4 0 0'))}</ofd:Page>",
                "Doc_0/T9.xml": f"<ofd:Page {NS}>{_content(_square('2 0 0'))}{''}</ofd:Page>".replace(
                    "<ofd:Content>", "<ofd:Content>" + _layer(_square("1 0 0"), "Background")
                ),
                "Doc_0/A.xml": f'<ofd:Annotations {NS}><ofd:Page PageID="1"><ofd:FileLoc>B.xml</ofd:FileLoc></ofd:Page>'
                '<ofd:Page PageID="2"><ofd:FileLoc>nowhere.xml</ofd:FileLoc></ofd:Page></ofd:Annotations>',
                "Doc_0/B.xml": f'<ofd:PageAnnot {NS}><ofd:Annot ID="5"><ofd:Appearance Boundary="7 6 1 1">'
                f'{_square("5 0 0")}</ofd:Appearance></ofd:Annot><ofd:Annot ID="6" Visible="false"><ofd:Appearance>'
                f"{_square('6 0 0')}</ofd:Appearance></ofd:Annot></ofd:PageAnnot>",
            },
        )
    )
    assert _fills(page) == ["#010000", "#020000", "#030000", "#040000", "#050000"]
    assert [group.get("transform") for group in elements(page, "g")] == ["translate(7 6)"]
    assert notes(page) == []


def _layer(inner: str, kind: str) -> str:
    return f'<ofd:Layer ID="3" Type="{kind}">{inner}</ofd:Layer>'


def test_what_a_page_says_of_a_template_wins_over_what_the_document_says() -> None:
    page = draw(
        page_parts(
            _square("2 0 0"),
            common='<ofd:TemplatePage ID="8" BaseLoc="T.xml"/>',
            before='<ofd:Template TemplateID="8" ZOrder="Foreground"/>',
            extra={"Doc_0/T.xml": f"<ofd:Page {NS}>{_content(_square('3 0 0'))}</ofd:Page>"},
        )
    )
    assert _fills(page) == ["#020000", "#030000"]


def test_what_is_missing_is_told_and_the_rest_is_drawn() -> None:
    page = draw(
        page_parts(
            '<ofd:CompositeObject ResourceID="3" Boundary="0 0 1 1"/><ofd:ImageObject ResourceID="4" '
            'Boundary="0 0 1 1"/><ofd:Sound/>' + _square("1 2 3"),
            common='<ofd:DocumentRes>no.xml</ofd:DocumentRes><ofd:TemplatePage ID="8" BaseLoc="gone.xml"/>',
            before='<ofd:Template TemplateID="8"/><ofd:Template TemplateID="9"/>',
        )
    )
    assert _fills(page) == ["#010203"]
    assert codes(page) == {"file_missing", "resource_missing", "object_unknown"}
    assert len(notes(page)) == 6


def test_objects_that_are_invisible_or_flat_are_left_out() -> None:
    hidden = _square("1 1 1", 'Visible="false"') + _square("1 1 1", 'Alpha="0"') + _square("1 1 1", 'CTM="0 0 0 0 1 1"')
    assert _fills(draw(page_parts(hidden + _square("2 2 2")))) == ["#020202"]


def test_a_page_block_groups_and_has_no_space_of_its_own() -> None:
    page = draw(page_parts(f'<ofd:PageBlock Boundary="9 9 9 9">{_square("1 1 1")}</ofd:PageBlock>'))
    assert elements(page, "path")[0].get("transform") is None


def test_a_composite_is_placed_by_its_matrix_and_cut_to_its_size() -> None:
    unit = (
        '<ofd:CompositeGraphicUnits><ofd:CompositeGraphicUnit ID="5" Width="4" Height="4"><ofd:Content>'
        f"{_square('1 1 1')}</ofd:Content></ofd:CompositeGraphicUnit></ofd:CompositeGraphicUnits>"
    )
    content = '<ofd:CompositeObject ResourceID="5" Boundary="30 20 1 1" CTM="0.5 0 0 0.5 0 0"/>'
    page = draw(page_parts(content, extra=resources(unit)))
    assert elements(page, "g")[0].get("transform") == "matrix(0.5 0 0 0.5 30 20)"
    cut = elements(page, "clipPath")[0][0]
    assert (cut.get("width"), cut.get("height")) == ("4", "4")


def test_clips_take_the_way_of_the_standard_and_those_that_cut_nothing_are_left_out() -> None:
    clip = (
        '<ofd:Clips TransFlag="{flag}"><ofd:Clip><ofd:Area CTM="0.5 0 0 0.5 0 0"><ofd:Path Boundary="{boundary}">'
        "<ofd:AbbreviatedData>M 0 0 L 40 0 L 40 40 L 0 40 C</ofd:AbbreviatedData></ofd:Path></ofd:Area></ofd:Clip>"
        "</ofd:Clips>"
    )
    attributes = 'CTM="2 0 0 2 0 0"'
    for flag, boundary, matrix in (
        ("false", "4 4 1 1", "matrix(0.5 0 0 0.5 2 2)"),
        ("true", "4 4 1 1", "translate(4 4)"),
    ):
        page = draw(page_parts(_square("1 1 1", attributes, clip.format(flag=flag, boundary=boundary))))
        assert [path.get("transform") for path in elements(page, "clipPath")[-1]] == [matrix]
    whole = draw(page_parts(_square("1 1 1", "", clip.format(flag="false", boundary="0 0 1 1"))))
    assert elements(whole, "clipPath") == []


def test_text_and_round_shapes_may_be_clips() -> None:
    areas = (
        '<ofd:Area><ofd:Text Font="3" Size="8" Boundary="1 1 9 9"><ofd:TextCode X="0" Y="8">国</ofd:TextCode>'
        '</ofd:Text></ofd:Area><ofd:Area><ofd:Path Boundary="0 0 9 9" Rule="Even-Odd"><ofd:AbbreviatedData>'
        "M 0 4 A 4 4 0 1 1 8 4 C</ofd:AbbreviatedData></ofd:Path><ofd:Path/></ofd:Area>"
    )
    page = draw(page_parts(_square("1 1 1", "", f"<ofd:Clips><ofd:Clip>{areas}</ofd:Clip></ofd:Clips>")))
    glyph, path = elements(page, "clipPath")[0]
    assert glyph.get("transform") == "matrix(0.008 0 0 -0.008 1 9)"
    assert (path.get("clip-rule"), path.get("d")) == ("evenodd", "M0 4A4 4 0 1 1 8 4Z")


def test_a_composite_may_be_empty_or_transparent_as_a_whole() -> None:
    units = (
        '<ofd:CompositeGraphicUnits><ofd:CompositeGraphicUnit ID="5"><ofd:Content>'
        f'{_square("1 1 1")}</ofd:Content></ofd:CompositeGraphicUnit><ofd:CompositeGraphicUnit ID="6"/>'
        '<ofd:CompositeGraphicUnit ID="7"><ofd:Content/></ofd:CompositeGraphicUnit></ofd:CompositeGraphicUnits>'
    )
    content = "".join(
        f'<ofd:CompositeObject ResourceID="{number}" Alpha="51" Boundary="0 0 1 1"/>' for number in (5, 6, 7)
    )
    page = draw(page_parts(content, extra=resources(units)))
    assert [group.get("opacity") for group in elements(page, "g")] == ["0.2"]


def test_a_stamp_without_an_area_is_told() -> None:
    document = open_ofd(_sealed()).documents[0]
    page = render_page(document, 1, stamps=[StampPicture(1, Box(1, 1, 0, 9), png(4, 4))])
    assert "stamp_unreadable" in codes(page)


def test_more_stamps_than_a_page_may_bear_are_told() -> None:
    document = open_ofd(_sealed()).documents[0]
    stamps = [StampPicture(1, Box(1, 1, 1, 1), png(2, 2))] * 300
    assert notes(render_page(document, 1, stamps=stamps))[-1] == "limit"
    few = RenderLimits(image_pixels=20)
    assert "stamp_unreadable" in codes(render_page(document, 1, stamps=stamps[:20], limits=few))


def test_two_clips_cut_one_another_and_an_empty_one_cuts_all() -> None:
    part = (
        '<ofd:Area><ofd:Path Boundary="1 1 1 1"><ofd:AbbreviatedData>M 0 0 L 2 0 L 2 2 C</ofd:AbbreviatedData>'
        "</ofd:Path></ofd:Area>"
    )
    inner = f"<ofd:Clips><ofd:Clip>{part}{part}</ofd:Clip><ofd:Clip>{part}</ofd:Clip><ofd:Clip/></ofd:Clips>"
    page = draw(page_parts(_square("1 1 1", "", inner)))
    assert [len(clip) for clip in elements(page, "clipPath")] == [2, 1, 0]
    path = elements(page, "path")[-1]
    assert [ancestor.tag.rpartition("}")[2] for ancestor in path.iterancestors()] == ["g", "g", "g", "svg"]


def test_a_path_is_cut_only_where_it_passes_its_boundary_by_more_than_its_line() -> None:
    def line(boundary: str) -> RenderedPage:
        data = "<ofd:AbbreviatedData>M 0 0 L 10 0</ofd:AbbreviatedData>"
        return draw(page_parts(f'<ofd:PathObject Boundary="{boundary}" LineWidth="1">{data}</ofd:PathObject>'))

    assert elements(line("5 5 10 1"), "clipPath") == []
    assert elements(line("5 5 0 0"), "clipPath") == []
    assert elements(line("5 5 -10 1"), "clipPath") == []
    assert len(elements(line("5 5 6 1"), "clipPath")) == 1


def test_draw_params_are_asked_from_the_nearest_to_the_farthest() -> None:
    params = (
        '<ofd:DrawParams><ofd:DrawParam ID="1" Relative="2" LineWidth="3"/><ofd:DrawParam ID="2" Relative="1" '
        'LineWidth="9" Cap="Round"><ofd:StrokeColor Value="7 7 7"/></ofd:DrawParam></ofd:DrawParams>'
    )
    path = f'<ofd:PathObject DrawParam="1" Join="Bevel" Boundary="0 0 1 1">{SQUARE}</ofd:PathObject>'
    drawn = elements(draw(page_parts(path, extra=resources(params))), "path")[0]
    told = {name: drawn.get(name) for name in ("stroke", "stroke-width", "stroke-linecap", "stroke-linejoin")}
    assert told == {
        "stroke": "#070707",
        "stroke-width": "3",
        "stroke-linecap": "round",
        "stroke-linejoin": "bevel",
    }


def _sealed() -> bytes:
    builder = OfdBuilder(created=date(2026, 1, 5), doc_id="0" * 32)
    builder.page(width_mm=60, height_mm=40).text(5, 5, "证明 A1").rect(5, 15, 20, 10, fill="#aabbcc")
    builder.page(width_mm=60, height_mm=40).image(5, 5, 10, 10, png(4, 4))
    return builder.watermark("样本", alpha=90).build()


def test_the_same_document_gives_the_same_bytes() -> None:
    drawings = {render_page(open_ofd(_sealed()).documents[0], page).svg for page in (1, 1, 1)}
    assert len(drawings) == 1


def test_stamps_lie_over_their_own_page_cut_to_their_clip() -> None:
    document = open_ofd(_sealed()).documents[0]
    stamp = StampPicture(2, Box(40, 10, 30, 30), png(8, 8), clip=Box(0, 0, 20, 30), name="s001")
    assert render_page(document, 1, stamps=[stamp]).svg == render_page(document, 1).svg
    page = render_page(document, 2, stamps=[stamp])
    image = elements(page, "image")[-1]
    assert [image.get(name) for name in ("x", "y", "width", "height")] == ["40", "10", "30", "30"]
    cut = elements(page, "clipPath")[-1][0]
    assert [cut.get(name) for name in ("x", "width")] == ["40", "20"]


def test_a_stamp_may_be_a_page_drawn_before() -> None:
    document = open_ofd(_sealed()).documents[0]
    inner = render_page(document, 1, ground=None)
    assert elements(inner, "rect") == []
    page = render_page(document, 2, stamps=[StampPicture(2, Box(1, 1, 9, 9), inner)])
    assert str(elements(page, "image")[-1].get("href")).startswith("data:image/svg+xml;base64,")


@pytest.mark.parametrize("picture", [b"", b"GIF89a", b"\x89PNG\r\n\x1a\n", png(4, 4)[:40], None])
def test_a_broken_stamp_is_told_and_the_page_is_drawn(picture: bytes | None) -> None:
    document = open_ofd(_sealed()).documents[0]
    page = render_page(document, 2, stamps=[StampPicture(2, Box(1, 1, 9, 9), picture, name="s009")])
    assert [note.message.en for note in page.notes if "s009" in note.message.en]
    assert page.svg.replace("\n", "") == render_page(document, 2).svg.replace("\n", "")


def test_ids_take_the_prefix_that_was_asked_for() -> None:
    document = open_ofd(_sealed()).documents[0]
    page = render_page(document, 1, id_prefix="p1-")
    ids = re.findall(r' id="([^"]*)"', page.svg)
    assert ids
    assert all(each.startswith("p1-") for each in ids)
    assert len(set(ids)) == len(ids)
    assert set(re.findall(r'href="#([^"]*)"', page.svg)) <= set(ids)


@pytest.mark.parametrize(
    ("page", "options"),
    [(0, {}), (3, {}), (1, {"ground": "red"}), (1, {"ground": '#ffffff"'}), (1, {"id_prefix": '"><script>'})],
)
def test_the_callers_mistakes_are_value_errors(page: int, options: dict[str, str]) -> None:
    document = open_ofd(_sealed()).documents[0]
    with pytest.raises(ValueError):
        render_page(document, page, **options)  # type: ignore[arg-type]  # strings only


def test_a_page_larger_than_any_is_refused() -> None:
    with pytest.raises(LimitExceeded, match="side_mm"):
        draw(page_parts("", area="0 0 9999999 10"))


def test_a_page_without_a_size_is_a4() -> None:
    page = draw(page_parts("", area="0 0 0 0"))
    assert (page.width_mm, page.height_mm) == (210, 297)


HOSTILE = ['"><script>alert(1)</script>', "url(http://x.example/)", "javascript:x", "&#x22;", "]]>", "{id}", "\u202e"]


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_that_a_file_says_becomes_markup_or_leads_outside(text: str) -> None:
    value = text.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;").replace(">", "&gt;")
    attributes = " ".join(
        f'{name}="{value}"'
        for name in ("Boundary", "CTM", "Alpha", "LineWidth", "Cap", "Join", "DashPattern", "Rule", "MiterLimit")
    )
    color = f'<ofd:FillColor Value="{value}" ColorSpace="{value}" Alpha="{value}"/>'
    content = (
        f'<ofd:PathObject {attributes} Fill="true">{color}<ofd:AbbreviatedData>M 0 0 L 5 5 {value}'
        f'</ofd:AbbreviatedData></ofd:PathObject><ofd:TextObject {attributes} Font="{value}" Size="{value}">{color}'
        f'<ofd:TextCode X="{value}" Y="5" DeltaX="{value}">{value}</ofd:TextCode></ofd:TextObject>'
    )
    page = draw(page_parts(content))
    assert elements(page, "svg")
    assert not re.search(r"script|http://x|javascript", page.svg)
    assert set(re.findall(r"url\((.)", page.svg)) <= {"#"}


def test_only_data_and_places_of_its_own_are_referred_to() -> None:
    page = draw(picture_file(png(3, 3)))
    references = re.findall(r'href="([^"]*)"', page.svg)
    assert len(references) == 2
    assert all(each.startswith(("#", "data:image/png;base64,")) for each in references)


def test_resources_of_a_page_come_before_those_of_the_document() -> None:
    def param(color: str) -> str:
        return (
            f'<ofd:Res {NS}><ofd:DrawParams><ofd:DrawParam ID="1"><ofd:FillColor Value="{color}"/></ofd:DrawParam>'
            "</ofd:DrawParams></ofd:Res>"
        )

    parts = page_parts(
        f'<ofd:PathObject DrawParam="1" Boundary="0 0 1 1" Fill="true">{SQUARE}</ofd:PathObject>',
        before="<ofd:PageRes>own.xml</ofd:PageRes>",
        extra={"Doc_0/R.xml": param("1 1 1"), "Doc_0/own.xml": param("2 2 2")},
    )
    assert _fills(draw(parts)) == ["#020202"]


def test_annotations_that_cannot_be_read_do_not_hide_the_page() -> None:
    parts = page_parts(
        _square("1 1 1"),
        rest="<ofd:Annotations>A.xml</ofd:Annotations>",
        extra={"Doc_0/A.xml": f"<ofd:Annotations {NS}><ofd:Page"},
    )
    page = draw(parts)
    assert _fills(page) == ["#010101"]
    assert notes(page) == ["file_unreadable"]


def test_a_drawing_does_not_show_its_content_in_its_repr() -> None:
    page = draw(page_parts(""))
    assert "<svg" not in repr(page)
    assert replace(page, svg="").svg == ""


def test_a_page_whose_file_is_missing_is_blank_and_told() -> None:
    parts = page_parts("")
    del parts["Doc_0/P.xml"]
    page = render_page(document_of(parts))
    assert notes(page) == ["file_missing"]
    assert elements(page, "path") == []
