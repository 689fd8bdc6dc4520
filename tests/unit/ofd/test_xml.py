"""The XML parser and the helpers that see only OFD's own elements."""

from __future__ import annotations

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from egov_sdk.errors import InputError, LimitExceeded, ParseError
from egov_sdk.limits import OfdLimits
from egov_sdk.ofd.xml import (
    attribute,
    child,
    children,
    every,
    local_name,
    loose_text,
    parse_xml,
    require_root,
    text_of,
    told_by,
)
from tests.hostile.packages import BAD_XML, verdict

NEW, OLD = "http://www.ofdspec.org/2016", "http://www.ofdspec.org"


@pytest.mark.parametrize("name", sorted(BAD_XML))
def test_bad_xml_is_refused(name: str) -> None:
    data, expected = BAD_XML[name]
    assert verdict(lambda: parse_xml(data, where="a.xml")) == expected


@pytest.mark.parametrize(
    "data",
    [
        b"<a/>",
        b"\xef\xbb\xbf<?xml version='1.0' encoding='UTF-8'?>\n<a/>",
        b'<?xml version="1.0" encoding="utf8" standalone="yes"?><!-- c --><?p i?><a/><!-- d -->',
        b'<?xml version="1.0" encoding="US-ASCII"?><a/>',
        b'<?xml version="1.0"?><a><![CDATA[<!DOCTYPE x>]]><!-- <!DOCTYPE y> --></a>',
        b"<a>&amp;&lt;&#x7ae0;</a>",
        b"<a>" * 64 + b"</a>" * 64,
    ],
)
def test_ordinary_xml_is_read(data: bytes) -> None:
    assert local_name(parse_xml(data)) == "a"


def test_a_doctype_after_the_root_is_refused_by_the_parser() -> None:
    with pytest.raises(ParseError) as caught:
        parse_xml(b"<a/><!DOCTYPE a>")
    assert caught.value.code == "egov.ofd.xml.malformed"


def test_an_unended_instruction_is_not_well_formed() -> None:
    with pytest.raises(ParseError) as caught:
        parse_xml(b"<?xml version='1.0' <a/>", where="OFD.xml")
    assert caught.value.code == "egov.ofd.xml.malformed"
    assert caught.value.where == "OFD.xml"


def test_an_xinclude_is_an_element_like_any_other() -> None:
    root = parse_xml(b'<a xmlns:x="http://www.w3.org/2001/XInclude"><x:include href="file:///etc/passwd"/></a>')
    assert list(children(root)) == []
    assert len(root) == 1


@pytest.mark.parametrize(
    ("limits", "data", "limit"),
    [
        (OfdLimits(xml_bytes=3), b"<a/>", "xml_bytes"),
        (OfdLimits(xml_depth=2), b"<a><b><c/></b></a>", "xml_depth"),
        (OfdLimits(xml_elements=3), b"<a><b/><b/><b/></a>", "xml_elements"),
        (OfdLimits(xml_elements=3), b"<a b='1' c='2' d='3'/>", "xml_elements"),
    ],
)
def test_limits_are_those_given(limits: OfdLimits, data: bytes, limit: str) -> None:
    with pytest.raises(LimitExceeded) as caught:
        parse_xml(data, where="a.xml", limits=limits)
    assert caught.value.limit == limit
    assert caught.value.where == "a.xml"


def test_what_is_just_within_the_limits_is_read() -> None:
    limits = OfdLimits(xml_bytes=18, xml_depth=3, xml_elements=3)
    assert len(parse_xml(b"<a><b><c/></b></a>", limits=limits)) == 1


@given(st.binary(max_size=200) | st.text(alphabet='<>/!-?[]ab="& \ufeff', max_size=60).map(str.encode))
def test_any_bytes_only_give_input_errors(data: bytes) -> None:
    try:
        parse_xml(data)
    except InputError as exc:
        assert exc.code  # noqa: PT017 - reaching this line is the point


def test_threads_parse_at_the_same_time() -> None:
    found: list[int] = []
    threads = [threading.Thread(target=lambda: found.append(len(parse_xml(b"<a><b/></a>")))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [1, 1, 1, 1]


def test_only_the_namespaces_of_ofd_and_none_are_seen() -> None:
    root = parse_xml(
        f'<a><x xmlns="{NEW}"/><x xmlns="{OLD}"/><x/><x xmlns="urn:other"/><x xmlns="{OLD}/2017"/><!-- x --><?x y?>'
        "</a>".encode()
    )
    assert [local_name(element) for element in root] == ["x", "x", "x", "", "", "", ""]
    assert len(list(every(root, "x"))) == 3
    assert [name for name, _ in children(root)] == ["x", "x", "x"]


def test_one_child_is_found_and_two_are_an_error() -> None:
    root = parse_xml(f'<a xmlns:o="{NEW}" xmlns:f="urn:f"><o:x/><f:x/><o:y/><y/></a>'.encode())
    found = child(root, "x", where="w")
    assert found is not None
    assert found.tag == f"{{{NEW}}}x"
    assert child(root, "z", where="w") is None
    with pytest.raises(ParseError) as caught:
        child(root, "y", where="w")
    assert caught.value.code == "egov.ofd.xml.duplicate_element"
    assert caught.value.detail == {"name": "y"}


@pytest.mark.parametrize("inner", ["/a<!-- -->/b", "/a<?p?>/b", "<x/>/a", "/a<f:x xmlns:f='urn:f'/>"])
def test_text_that_readers_might_cut_short_is_refused(inner: str) -> None:
    with pytest.raises(ParseError) as caught:
        text_of(parse_xml(f"<a>{inner}</a>".encode()), where="w")
    assert caught.value.code == "egov.ofd.xml.mixed_text"


@pytest.mark.parametrize(
    ("inner", "expected"), [("", ""), (" /a \n", "/a"), ("<![CDATA[/a]]>/b", "/a/b"), ("&#x2F;a", "/a")]
)
def test_text_is_whole(inner: str, expected: str) -> None:
    assert text_of(parse_xml(f"<a>{inner}</a>".encode()), where="w") == expected


def test_text_for_people_leaves_comments_out() -> None:
    assert loose_text(parse_xml("<a> 施工<!-- c -->许可<b>证</b><?p i?> </a>".encode())) == "施工许可证"
    assert loose_text(None) == ""


def test_a_required_attribute_is_trimmed_and_its_absence_named() -> None:
    root = parse_xml(b'<a b=" 1 "/>')
    assert attribute(root, "b", where="w") == "1"
    with pytest.raises(ParseError) as caught:
        attribute(root, "c", where="w")
    assert caught.value.code == "egov.ofd.xml.attribute_missing"
    assert caught.value.detail == {"name": "a", "attribute": "c"}


def test_a_root_of_another_name_or_namespace_is_refused() -> None:
    require_root(parse_xml(b"<OFD/>"), "OFD", where="OFD.xml")
    for data in (b"<Ofd/>", b'<OFD xmlns="urn:other"/>'):
        with pytest.raises(ParseError) as caught:
            require_root(parse_xml(data), "OFD", where="OFD.xml")
        assert caught.value.code == "egov.ofd.xml.root"


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"<!DOCTYPE a><a/>", "doctype "),
        (b"\xff\xfe<\0a\0", "encoding UTF-16 or UTF-32"),
        (b"<a", "malformed "),
    ],
)
def test_another_room_tells_in_its_own_words_what_the_parser_refuses(data: bytes, told: str) -> None:
    with pytest.raises(ValueError, match=f"^{told}"), told_by(lambda problem, found: ValueError(f"{problem} {found}")):
        parse_xml(data)


def test_what_is_refused_for_its_size_or_by_the_other_room_itself_stays_as_it_is() -> None:
    def never(problem: str, found: str) -> Exception:
        raise AssertionError(problem + found)

    with pytest.raises(LimitExceeded), told_by(never):
        parse_xml(b"<a/>", limits=OfdLimits(xml_bytes=1))
    with pytest.raises(ParseError, match="theirs"), told_by(never):
        raise ParseError("theirs", code="egov.exchange.envelope.member")
