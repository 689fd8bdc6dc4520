"""What may be said: nothing secret, no number of a person, on one line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from egov_sdk.gateway._redact import redact


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain words, 42 of them", "plain words, 42 of them"),
        ("身份证号110105194912310021不存在", "身份证号1****************1不存在"),
        ("id=11010519491231002x", "id=1****************x"),
        ("old 110105491231002.", "old 1*************2."),
        ("手机13800001234无效", "手机138****1234无效"),
        ("1700000000000 is a time", "1700000000000 is a time"),
        ("appSecret=abc&b=1", "appSecret=***&b=1"),
        ('{"access_token":"abc","n":1}', '{"access_token":***,"n":1}'),
        ("Authorization: Bearer abc.def", "Authorization: ***"),
        ("x-tif-signature: ABC", "x-tif-signature: ***"),
        ("password = 'a b c' wrong", "password = *** wrong"),
        ("the signature is wrong", "the signature is wrong"),
        ("line\r\nbreak\x00 \u202eright to left", "line break   right to left"),
        ("a" * 300, "a" * 199 + "…"),
    ],
)
def test_secrets_and_personal_numbers_are_masked(text: str, expected: str) -> None:
    assert redact(text) == expected


@given(st.text(max_size=2_000))
def test_any_text_becomes_one_short_line(text: str) -> None:
    shown = redact(text)
    assert len(shown) <= 200
    assert not any(ord(character) < 32 for character in shown)


@given(st.from_regex(r"[1-9][0-9]{16}[0-9X]", fullmatch=True), st.sampled_from(["", " ", "：", "=", '"']))
def test_no_citizen_number_gets_through(number: str, before: str) -> None:
    assert number not in redact(f"查无此人{before}{number}{before}请核对")
