"""Writing XML."""

from __future__ import annotations

import pytest

from egov_sdk.ofd.write_xml import add, new_root, serialize
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


@pytest.mark.parametrize("text", ["a\0b", "\x1b", "\ud800"])
def test_characters_that_xml_cannot_carry_are_the_callers_mistake(text: str) -> None:
    root = new_root("a")
    with pytest.raises(ValueError, match=r"XML|surrogates"):
        add(root, "b", text=text)
    with pytest.raises(ValueError, match=r"XML|surrogates"):
        add(root, "b", ID=text)
