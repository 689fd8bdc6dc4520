"""Plain text: columns line up, and strangers' words are made harmless."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from egov_sdk.cli._text import columns, json_text, pad, width
from egov_sdk.report_words import moment, safe


@pytest.mark.parametrize(
    ("text", "columns_wide"), [("", 0), ("abc", 3), ("印章", 4), ("a印", 3), ("e\u0301", 1), ("（）", 4)]
)
def test_chinese_takes_two_columns(text: str, columns_wide: int) -> None:
    assert width(text) == columns_wide
    assert width(pad(text, 10)) == 10


def test_columns_line_up_whatever_the_language() -> None:
    lines = columns([("通过", "a", "x"), ("no", "印章", "y")], indent="  ")
    assert lines == ["  通过  a     x", "  no    印章  y"]
    assert columns([]) == []


@pytest.mark.parametrize("text", ["证\u3000明", "a b", "é", "…", "CN=示例,C=CN"])
def test_ordinary_text_stays(text: str) -> None:
    assert safe(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31m", "\\x1b[31m"),
        ("a\nb", "a\\nb"),
        ("\u202egnp.exe", "\\u202egnp.exe"),
        ("\x9b", "\\x9b"),
        ("\udcff", "\\udcff"),
        ("\u2028", "\\u2028"),
        ("\r", "\\r"),
    ],
)
def test_what_steers_a_terminal_is_escaped(text: str, shown: str) -> None:
    assert safe(text) == shown


@given(st.text())
def test_nothing_unprintable_is_left(text: str) -> None:
    shown = safe(text)
    assert all(char.isprintable() or char in "\u3000\xa0" or char.isspace() for char in shown)
    assert not set(shown) & {"\x1b", "\n", "\r", "\x08", "\u202e", "\x9b", "\u2028", "\u2029"}


@given(st.dictionaries(st.text(max_size=5), st.text(max_size=20) | st.integers() | st.none() | st.booleans()))
def test_json_reads_back_as_it_was_and_is_harmless(value: dict[str, object]) -> None:
    text = json_text(value)
    assert json.loads(text) == value
    assert not set(text) & {"\x1b", "\u202e", "\x9b", "\x7f"}
    assert "\\u4e2d" not in json_text({"a": "中"})


def test_json_takes_times_and_bytes_and_nothing_else() -> None:
    at = datetime(2026, 1, 2, tzinfo=UTC)
    assert json.loads(json_text({"at": at, "digest": b"\x01\xff"})) == {"at": at.isoformat(), "digest": "01ff"}
    with pytest.raises(TypeError, match="object"):
        json_text({"a": object()})


def test_a_moment_has_its_zone() -> None:
    assert moment(datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)) == "2026-01-02 03:04:05 +0000"
