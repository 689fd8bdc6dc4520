"""Documents of other makers: every page is drawn, and all that is not is told."""

from __future__ import annotations

import pytest

from egov_sdk.ofd import open_ofd
from egov_sdk.ofd.render import rasterize, render_page
from tests.interop_data import interop
from tests.unit.ofd.render.drawn import codes, elements

#: Names that other fonts must stand in for are no fault of a drawing.
HARMLESS = {"font_substituted", "file_missing"}


@pytest.mark.parametrize(
    "name",
    [
        "999.ofd",
        "DigitalSign.ofd",
        "SESV4SignDoc.ofd",
        "V4RideRight.ofd",
        "allprotected.ofd",
        "draw_param_ref.ofd",
        "h.ofd",
        "made-sign.ofd",
        "made-v1.ofd",
        "made-v4-riding.ofd",
        "made-v4.ofd",
        "made-v5.ofd",
    ],
)
def test_every_page_is_drawn_whole(name: str) -> None:
    document = open_ofd(interop("ofd", name)).documents[0]
    for page in range(1, len(document.pages) + 1):
        drawn = render_page(document, page)
        assert codes(drawn) <= HARMLESS
        assert elements(drawn, "path")
    assert len(rasterize(render_page(document), dpi=50)) > 500


def test_an_invoice_shows_its_code_its_titles_in_brown_and_every_glyph() -> None:
    page = render_page(open_ofd(interop("ofd", "999.ofd")).documents[0])
    assert len(elements(page, "image")) == 1
    fills = [group.get("fill") for group in elements(page, "g")]
    assert fills.count("#9c5223") > 30
    assert len(elements(page, "use")) > 350
    assert [path.get("fill") for path in elements(page, "path") if path.get("stroke")].count("none") > 20


def test_an_embedded_font_with_most_of_its_glyphs_empty_is_drawn_by_index() -> None:
    page = render_page(open_ofd(interop("ofd", "made-v4-riding.ofd")).documents[0])
    assert codes(page) == set()
    assert len(elements(page, "use")) > 400
