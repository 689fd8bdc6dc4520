"""Which names are taken for the same file somewhere."""

from __future__ import annotations

import pytest

from egov_sdk.ofd._zipnames import alias_key, decode_name, unsafe_reason


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("OFD.xml", "ofd.XML"),
        ("\u00e9", "e\u0301"),
        ("stra\u00dfe", "STRASSE"),
        ("a/b.", "a/b"),
        ("a /b", "a/b"),
        ("a./b. ", "A/B"),
    ],
)
def test_names_that_some_system_takes_for_one(name: str, other: str) -> None:
    assert alias_key(name) == alias_key(other)


@pytest.mark.parametrize(("name", "other"), [("a", "b"), ("a.b", "ab"), ("a b", "ab"), ("a/.b", "a/b"), (".a", "a")])
def test_names_that_stay_apart(name: str, other: str) -> None:
    assert alias_key(name) != alias_key(other)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("a/b.xml", ""), ("a/", ""), ("附件 1.xml", ""), (".a", ""), ("a..b", ""),
        ("", "empty"), ("\u200b", "control_character"), ("a\\b", "backslash"), ("/a", "absolute"), ("a:b", "drive"),
        ("..", "parent"), ("a/../b", "parent"), ("../", "parent"), (".", "not_normal"), ("a/./b", "not_normal"),
        ("a//b", "not_normal"), ("a//", "not_normal"),
    ],
)  # fmt: skip
def test_a_name_is_plain_or_refused_for_a_reason(name: str, reason: str) -> None:
    assert unsafe_reason(name) == reason


def test_a_name_without_its_mark_is_guessed_and_the_guess_told() -> None:
    assert decode_name(b"a", 0) == ("a", "ascii")
    assert decode_name("章".encode(), 0x800) == ("章", "utf-8")
    assert decode_name("章".encode(), 0) == ("章", "utf-8")
    assert decode_name("附件".encode("gbk"), 0) == ("附件", "gb18030")
