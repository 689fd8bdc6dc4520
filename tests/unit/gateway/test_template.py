"""Texts with holes."""

from __future__ import annotations

import pytest

from egov_sdk.gateway._template import Template


@pytest.mark.parametrize(
    ("text", "values", "expected"),
    [
        ("", {}, ""),
        ("plain", {}, "plain"),
        ("{a}{b}", {"a": "1", "b": "2"}, "12"),
        ("{a}\n{a}\n", {"a": "x"}, "x\nx\n"),
        ("{{{a}}}", {"a": "x"}, "{x}"),
        ("[[{a}]]", {"a": "x"}, "[x]"),
        ("{a}[\n{b}]", {"a": "1", "b": ""}, "1"),
        ("{a}[\n{b}]", {"a": "1", "b": "2"}, "1\n2"),
        ("[{a}-{b}].", {"a": "1", "b": ""}, "."),
        ("[{a}]", {"a": "{b}"}, "{b}"),
        ("{a}", {"a": "{0.__class__}[x]"}, "{0.__class__}[x]"),
    ],
)
def test_holes_are_filled(text: str, values: dict[str, str], expected: str) -> None:
    assert Template(text).fill(values) == expected


@pytest.mark.parametrize(
    "text",
    [
        *("{", "}", "{}", "{A}", "{a b}", "{a.b}", "{a[0]}", "{0}", "{a!r}", "{a:>9}", "[", "]", "[{a}", "{a}]"),
        *("[[{a}]", "[{a}[{b}]]", "[x]", "{{{a}}", "{_a}"),
    ],
)
def test_a_text_that_does_not_close_what_it_opens_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"character|closed"):
        Template(text)


def test_it_tells_its_holes_and_which_of_them_must_be_filled() -> None:
    template = Template("{a}[{b}]{c}")
    assert template.names == {"a", "b", "c"}
    assert template.required == {"a", "c"}
