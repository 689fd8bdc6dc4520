"""Paths, queries and forms: what is signed is what is sent, and nothing gets out of its place."""

from __future__ import annotations

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from egov_sdk.gateway._canonical import (
    checked_field,
    encode_form,
    encode_path,
    encode_query,
    form_pairs,
    parse_pairs,
    sorted_pairs,
    sorted_query,
)
from egov_sdk.gateway.errors import UnsafeValue

texts = st.text(st.characters(codec="utf-8"), max_size=20)
pairs = st.lists(st.tuples(texts, texts), max_size=5).map(tuple)
segments = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"], exclude_characters="/?#\\"), min_size=1)


@given(st.lists(segments, min_size=1, max_size=4), pairs)
def test_the_http_library_sends_the_address_that_was_signed(
    parts: list[str], query: tuple[tuple[str, str], ...]
) -> None:
    try:
        path = encode_path("/" + "/".join(parts))
    except UnsafeValue:
        assert any(part.lower().replace("%2e", ".") in {".", ".."} for part in parts)
        return
    encoded = encode_query(query)
    url = httpx.Request("GET", f"https://a.example{path}?{encoded}").url
    assert url.raw_path.decode() == (f"{path}?{encoded}" if encoded else f"{path}?")
    assert url.host == "a.example"


@given(pairs)
def test_a_query_is_read_as_it_was_written(query: tuple[tuple[str, str], ...]) -> None:
    assert parse_pairs(encode_query(query)) == query


@given(pairs)
def test_a_form_is_read_as_it_was_written(form: tuple[tuple[str, str], ...]) -> None:
    named = tuple(pair for pair in form if pair[0] or pair[1])
    assert form_pairs(encode_form(named)) == named


@given(pairs)
def test_the_order_of_pairs_makes_no_difference_where_they_are_sorted(query: tuple[tuple[str, str], ...]) -> None:
    assert sorted_query(query) == sorted_query(reversed(query))
    assert sorted_pairs(query) == sorted_pairs(reversed(query))


@given(st.binary(max_size=60))
def test_any_bytes_are_some_form(body: bytes) -> None:
    form_pairs(body)


def test_a_query_keeps_bare_what_the_manual_keeps_bare() -> None:
    assert sorted_query((("b", "x y"), ("a", "!'()~*-_.+/中"))) == "a=!'()~*-_.%2B%2F%E4%B8%AD&b=x%20y"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/a/b", "/a/b"),
        ("/a b", "/a%20b"),
        ("/中", "/%E4%B8%AD"),
        ("/a%20b", "/a%20b"),
        ("/100%", "/100%25"),
        ("/a%2", "/a%252"),
        ("/a:b@c;d=e", "/a:b@c;d=e"),
        ("/", "/"),
        ("/a//b", "/a//b"),
        ("/.well-known/x", "/.well-known/x"),
        ("/a..b", "/a..b"),
    ],
)
def test_a_path_is_encoded_where_it_must_be(path: str, expected: str) -> None:
    assert encode_path(path) == expected


@pytest.mark.parametrize(
    "path",
    [
        *("", "a", "//evil.example/x", "/a/../b", "/..", "/./a", "/%2e%2e/a", "/.%2E/a", "/a?b=c", "/a#b"),
        *("/a\r\nX: y", "/a\x00", "/a\\..\\b", "/\x7f", "/\ud800", "https://evil.example/"),
    ],
)
def test_a_path_that_leads_elsewhere_is_refused(path: str) -> None:
    with pytest.raises(UnsafeValue) as caught:
        encode_path(path)
    assert caught.value.code == "egov.gateway.unsafe_value"


@pytest.mark.parametrize("value", ["a", "a b", "", "{}", "中".encode().hex(), "~!@#$%^&*()"])
def test_visible_ascii_may_stand_in_a_header(value: str) -> None:
    assert checked_field(value, name="id") == value


@pytest.mark.parametrize(
    "value",
    ["a\r\nX: y", "a\nb", "a\rb", "a\tb", "\x00", " a", "a ", "中", "é", "a\x7f", "\u2028", "\ud800", "a" * 8193],
)
def test_what_could_end_a_header_is_refused(value: str) -> None:
    with pytest.raises(UnsafeValue, match="rid") as caught:
        checked_field(value, name="rid")
    assert isinstance(caught.value, ValueError)
    assert caught.value.detail["field"] == "rid"


@pytest.mark.parametrize("broken", [(("a", "\ud800"),), (("\udfff", "a"),)])
def test_half_a_character_cannot_be_sent(broken: tuple[tuple[str, str], ...]) -> None:
    with pytest.raises(UnsafeValue):
        encode_query(broken)
    with pytest.raises(UnsafeValue):
        encode_form(broken)
