"""Writing XML."""

from __future__ import annotations

import pytest

from egov_sdk.ofd.write_xml import add, element, escape_text, new_root, page_xml, serialize
from egov_sdk.ofd.xml import parse_xml, text_of


def test_one_prefix_and_no_added_blanks() -> None:
    root = new_root("Res", BaseLoc="Res", Absent=None)
    add(add(root, "Fonts"), "Font", ID="1", FontName="宋体 & <", Absent=None)
    add(root, "Text", text=" 章 ")
    assert serialize(root).decode() == (
        '<?xml version="1.0" encoding="UTF-8"?>\n<ofd:Res xmlns:ofd="http://www.ofdspec.org/2016" BaseLoc="Res">'
        '<ofd:Fonts><ofd:Font ID="1" FontName="宋体 &amp; &lt;"/></ofd:Fonts><ofd:Text> 章 </ofd:Text></ofd:Res>'
    )
    assert text_of(parse_xml(serialize(root))[1], where="") == "章"


@pytest.mark.parametrize("text", ["", "章", " & < > \" ' ", "a\tb\r\nc", "]]>", "𠮷\ufffd"])
def test_what_is_written_by_hand_is_what_the_library_would_write(text: str) -> None:
    root = new_root("Res", BaseLoc=text)
    add(add(root, "Fonts", ID="1", Name=text, Absent=None), "Text", text=text or None)
    inner = element("Fonts", element("Text", escape_text(text)), ID="1", Name=text, Absent=None)
    assert page_xml("Res", inner, BaseLoc=text) == serialize(root)
    assert page_xml("Res", "") == serialize(new_root("Res"))


@pytest.mark.parametrize("text", ["a\0b", "\x1b", "\ud800"])
def test_characters_that_xml_cannot_carry_are_the_callers_mistake(text: str) -> None:
    root = new_root("a")
    with pytest.raises(ValueError, match=r"XML|surrogates"):
        add(root, "b", text=text)
    with pytest.raises(ValueError, match=r"XML|surrogates"):
        add(root, "b", ID=text)
    with pytest.raises(ValueError, match="XML"):
        escape_text(text)
    with pytest.raises(ValueError, match="XML"):
        element("b", ID=text)
