"""Templates that many documents share are written once, and text is written as lxml would write it."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from egov_sdk.ofd import open_ofd
from egov_sdk.ofd.builder.assembly import (
    CustomTag,
    Draft,
    Head,
    assemble,
    assemble_parts,
    package_of,
    prepare,
    write_parts,
)
from egov_sdk.ofd.builder.canvas import Canvas, Shape, text_lines
from egov_sdk.ofd.geometry import Box
from egov_sdk.ofd.write_xml import escape_text

HEAD = Head("0" * 32, "标题", "", "", date(2026, 6, 1), "tests", "1")


def _canvas(words: str, *, name: str = "") -> Canvas:
    canvas = Canvas(210, 297, name, "Background" if name else "")
    canvas.items += text_lines(
        10, 10, words, font="宋体", size_mm=5, color="#000000", align="left", width_mm=None, line_height=1.5,
        bold=False, label="",
    )  # fmt: skip
    return canvas


def _page() -> Canvas:
    page = _canvas("正文")
    page.templates = ("底",)
    return page


def test_a_document_over_prepared_templates_is_the_same_as_over_its_own() -> None:
    template = _canvas("固定", name="底")
    own = Draft(HEAD, may_sign=True, pages=[_page()], templates=[template])
    prepared = prepare([template])
    shared = Draft(HEAD, may_sign=True, pages=[_page()], prepared=prepared)
    assert assemble(own) == assemble(shared)
    assert write_parts(assemble_parts(shared), prepared=prepared) == assemble(own)


def test_a_package_that_was_made_says_the_same_as_when_it_is_written_and_opened() -> None:
    made = package_of(assemble_parts(Draft(HEAD, may_sign=True, pages=[_canvas("正文")])))
    opened = open_ofd(made.archive)
    assert (made.names, made.entries, made.notes) == (opened.names, opened.entries, opened.notes)
    assert [made.read(name) for name in made.names] == [opened.read(name) for name in opened.names]
    assert (made.documents[0].title, made.documents[0].pages) == ("标题", opened.documents[0].pages)
    assert made.rewrite({"OFD.xml": b"<other/>", "new": b"1"}) == opened.rewrite({"OFD.xml": b"<other/>", "new": b"1"})


def test_a_package_with_a_name_that_none_may_have_is_never_written() -> None:
    made = package_of({"OFD.xml": b"<a/>", "../out": b""})
    with pytest.raises(ValueError, match="parent"):
        _ = made.archive
    with pytest.raises(ValueError, match="parent"):
        made.rewrite({"OFD.xml": b"<b/>"})


def test_a_file_of_custom_tags_may_have_a_name_of_its_own() -> None:
    draft = Draft(HEAD, may_sign=True, pages=[_canvas("正文")])
    draft.custom_tags = [CustomTag("cert", b"<a/>", "Tag_Certificate.xml"), CustomTag("x", b"<b/>")]
    names = open_ofd(assemble(draft)).names
    assert {"Doc_0/Tags/Tag_Certificate.xml", "Doc_0/Tags/Tag_2.xml"} <= set(names)


def test_a_shape_may_have_a_matrix() -> None:
    canvas = Canvas(210, 297)
    canvas.items.append(Shape(Box(1, 2, 3, 4), "M 0 0 L 1 1", None, "0 0 0", 0.25, ctm="2 0 0 2 0 0"))
    page = assemble_parts(Draft(HEAD, may_sign=True, pages=[canvas]))["Doc_0/Pages/Page_0/Content.xml"]
    assert b'Boundary="1 2 3 4" CTM="2 0 0 2 0 0" LineWidth="0.25"' in page


@given(st.text(st.characters(codec="utf-8"), max_size=40))
def test_text_is_escaped_as_lxml_does_or_refused_where_it_refuses(text: str) -> None:
    element = etree.Element("a")
    try:
        element.text = text
    except ValueError:
        with pytest.raises(ValueError, match="XML cannot carry"):
            escape_text(text)
        return
    assert f"<a>{escape_text(text)}</a>" == etree.tostring(element, encoding="unicode").replace("<a/>", "<a></a>")


@pytest.mark.parametrize("character", ["\x00", "\x0b", "\ud800", "\ufffe", "\uffff"])
def test_a_character_that_xml_cannot_carry_is_refused(character: str) -> None:
    with pytest.raises(ValueError, match="XML cannot carry"):
        escape_text(f"某{character}某")
