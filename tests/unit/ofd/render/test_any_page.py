"""Properties of any page at all: it is drawn as sound SVG that refers to nothing outside, or refused with a code."""

from __future__ import annotations

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from egov_sdk.errors import InputError
from egov_sdk.ofd.render import RenderLimits
from tests.unit.ofd.render.drawn import codes, draw, elements, font, page_parts, png, resources

STRANGE = "0 -0 1 -1 0.5 255 1e7 -1e7 1e-9 1e308 1e999 nan -inf 1_0 \u0663 #ff g true url(#x) \u202e"
NUMBERS = st.one_of(
    st.sampled_from([*re.split(" ", STRANGE), "", "#" + "f" * 400, "9" * 400]),
    st.floats(-1000, 1000).map(lambda value: f"{value:g}"),
)
LISTS = st.lists(NUMBERS, max_size=8).map(" ".join)
WORDS = st.one_of(
    LISTS,
    st.sampled_from(["Even-Odd", "Round", "Bevel", "Reflect", "Page", "RowAndColumn", "false", "3", "7", "5", "9"]),
)
NAMES = re.split(
    " ",
    "Boundary CTM Alpha LineWidth Cap Join MiterLimit DashPattern DashOffset Fill Stroke Rule Visible Font Size HScale "
    "CharDirection Weight Italic DrawParam ResourceID ImageMask X Y DeltaX DeltaY CodePosition CodeCount Value Index "
    "ColorSpace StartPoint EndPoint StartRadius EndRadius Eccentricity Angle MapType MapUnit Extend Position Width "
    "Height XStep YStep ReflectMethod RelativeTo TransFlag",
)
ATTRIBUTES = st.dictionaries(st.sampled_from(NAMES), WORDS, max_size=6)
LEAVES = {
    "AbbreviatedData": st.lists(st.one_of(NUMBERS, st.sampled_from(list("SMLQBACxz"))), max_size=24).map(" ".join),
    "TextCode": st.text(st.sampled_from("AB国 \n\t\u0301\U00020000"), max_size=6),
    "Glyphs": LISTS,
}
BRANCHES = re.split(
    " ",
    "TextObject PathObject ImageObject CompositeObject PageBlock FillColor StrokeColor Pattern CellContent AxialShd "
    "RadialShd GouraudShd Segment Color Clips Clip Area Path Text CGTransform Border",
)


def _written(name: str, attributes: dict[str, str], inner: str) -> str:
    told = "".join(f' {key}="{_escaped(value)}"' for key, value in attributes.items())
    return f"<ofd:{name}{told}>{inner}</ofd:{name}>"


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")


def _leaf(name: str) -> st.SearchStrategy[str]:
    return st.builds(_written, st.just(name), ATTRIBUTES, LEAVES[name].map(_escaped))


TREES = st.recursive(
    st.one_of(*map(_leaf, LEAVES)),
    lambda inner: st.builds(_written, st.sampled_from(BRANCHES), ATTRIBUTES, st.lists(inner, max_size=4).map("".join)),
    max_leaves=12,
)
RESOURCES = resources(
    '<ofd:Fonts><ofd:Font ID="3" FontName="Test"><ofd:FontFile>f</ofd:FontFile></ofd:Font></ofd:Fonts><ofd:MultiMedias>'
    '<ofd:MultiMedia ID="7" Type="Image"><ofd:MediaFile>i</ofd:MediaFile></ofd:MultiMedia></ofd:MultiMedias>'
    '<ofd:CompositeGraphicUnits><ofd:CompositeGraphicUnit ID="5" Width="9" Height="9"><ofd:Content>'
    '<ofd:CompositeObject ResourceID="5" Boundary="0 0 1 1"/></ofd:Content></ofd:CompositeGraphicUnit>'
    "</ofd:CompositeGraphicUnits>"
    '<ofd:ColorSpaces><ofd:ColorSpace ID="9" Type="CMYK" BitsPerComponent="99"/></ofd:ColorSpaces>'
    '<ofd:DrawParams><ofd:DrawParam ID="9" Relative="9" LineWidth="1"/></ofd:DrawParams>',
    f=font(),
    i=png(3, 3),
)


@settings(max_examples=400, deadline=None)
@given(content=st.lists(TREES, max_size=5).map("".join), area=LISTS)
def test_any_page_is_sound_svg_or_refused_with_a_code(content: str, area: str) -> None:
    for box in ("0 0 100 50", _escaped(area)):
        try:
            page = draw(page_parts(content, area=box, extra=RESOURCES), limits=RenderLimits(objects=200))
        except InputError:
            continue
        assert elements(page, "svg")
        assert not re.search(r"nan|\binf\b|NaN", page.svg.partition("base64")[0])
        targets = re.findall(r'(?:href="|url\()([^")]*)', page.svg)
        assert all(target.startswith(("#", "data:image/png;base64,")) for target in targets)
        ids = set(re.findall(r' id="([^"]*)"', page.svg))
        assert {target[1:] for target in targets if target.startswith("#")} <= ids
        assert "object_unreadable" not in codes(page)


@settings(max_examples=60, deadline=None)
@given(content=st.lists(TREES, max_size=3).map("".join))
def test_any_page_gives_the_same_bytes_again(content: str) -> None:
    parts = page_parts(content, extra=RESOURCES)
    try:
        first = draw(parts)
    except InputError:
        return
    assert draw(parts) == first
