from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from egov_sdk.crypto.der import encode_tlv, oid, printable_string, sequence, set_of, utf8_string
from egov_sdk.errors import InputError, ParseError
from egov_sdk.pki.name import Name


def rdn(kind: str, value: bytes) -> bytes:
    return set_of(sequence(oid(kind), value))


def test_a_name_reads_as_one_line_with_its_most_special_part_first() -> None:
    name = Name.build([("C", "CN"), ("O", "某某市人民政府"), ("CN", "某某局")])
    assert name.text == "CN=某某局,O=某某市人民政府,C=CN"
    assert str(name) == name.text
    assert name.common_name == "某某局"
    assert name.get("O") == name.get("2.5.4.10") == ("某某市人民政府",)


def test_a_line_and_a_build_give_the_same_octets() -> None:
    assert Name.from_text("CN=某某局, O=某某市 ,C=CN") == Name.build([("C", "CN"), ("O", "某某市"), ("CN", "某某局")])


def test_a_text_without_types_is_a_common_name() -> None:
    assert Name.from_text("某某局") == Name.build([("CN", "某某局")])


def test_country_is_printable_and_the_rest_is_utf8() -> None:
    assert Name.build([("C", "CN"), ("CN", "x")]).raw == sequence(
        rdn("2.5.4.6", printable_string("CN")), rdn("2.5.4.3", utf8_string("x"))
    )


def test_an_unknown_type_is_shown_by_its_number() -> None:
    name = Name.build([("1.2.3.4", "x")])
    assert name.text == "1.2.3.4=x"


def test_parts_with_several_attributes_are_joined_by_plus() -> None:
    part = set_of(sequence(oid("2.5.4.3"), utf8_string("a")), sequence(oid("2.5.4.11"), utf8_string("b")))
    assert Name(sequence(part)).text == "CN=a+OU=b"


def test_a_value_that_is_no_text_is_shown_in_hex() -> None:
    assert Name(sequence(rdn("2.5.4.45", encode_tlv(0x03, b"\x00\xaa")))).text == "x500UniqueIdentifier=#030200aa"


@pytest.mark.parametrize("text", ["a,b", "a+b", 'a"b', "a\\b", "a=b", " a", "a ", "#a", "a;b<c>", "a\nb", "\\", " "])
def test_awkward_texts_survive_the_way_to_a_line_and_back(text: str) -> None:
    name = Name.build([("CN", text), ("O", "x")])
    assert Name.from_text(name.text) == Name.build([("CN", text), ("O", "x")])


@given(st.lists(st.text(min_size=1, max_size=12), min_size=1, max_size=4))
def test_any_text_survives_the_way_to_a_line_and_back(texts: list[str]) -> None:
    try:
        name = Name.build([("CN", text) for text in texts])
    except UnicodeEncodeError:  # lone surrogates are not text
        return
    assert Name.from_text(name.text).attributes == name.attributes


@pytest.mark.parametrize(
    "attributes", [[], [("CN", "")], [("Nobody", "x")], [("C", "中国")], [("CN", "x"), ("1.a", "x")], [("9.9.9", "x")]]
)
def test_impossible_names_are_refused(attributes: list[tuple[str, str]]) -> None:
    with pytest.raises(ValueError):
        Name.build(attributes)


@pytest.mark.parametrize("text", ["CN=a,b", "CN=,O=x", "X=y", ""])
def test_impossible_lines_are_refused(text: str) -> None:
    with pytest.raises(ValueError):
        Name.from_text(text)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x31\x00",
        sequence(b"\x30\x00"),
        sequence(set_of(b"\x02\x01\x01")),
        sequence(set_of(sequence(oid("2.5.4.3")))),
        sequence(set_of(sequence(utf8_string("x"), utf8_string("x")))),
        sequence() + b"\x00",
    ],
)
def test_octets_that_are_no_name_are_refused(raw: bytes) -> None:
    with pytest.raises(ParseError):
        _ = Name(raw).text


def test_names_match_whatever_their_string_type_case_and_spacing() -> None:
    one = Name(sequence(rdn("2.5.4.3", utf8_string("Some  Bureau"))))
    other = Name(sequence(rdn("2.5.4.3", printable_string("some bureau "))))
    assert one != other
    assert one.matches(other)
    assert one.matches(one)


@pytest.mark.parametrize(
    "other",
    [
        sequence(rdn("2.5.4.3", utf8_string("b"))),
        sequence(rdn("2.5.4.10", utf8_string("a"))),
        sequence(rdn("2.5.4.3", utf8_string("a")), rdn("2.5.4.10", utf8_string("a"))),
        sequence(),
    ],
)
def test_other_names_do_not_match(other: bytes) -> None:
    assert not Name(sequence(rdn("2.5.4.3", utf8_string("a")))).matches(Name(other))


@given(st.binary(max_size=60))
def test_any_octets_give_a_name_or_an_input_error(raw: bytes) -> None:
    with contextlib.suppress(InputError):
        assert isinstance(Name(raw).text, str)
