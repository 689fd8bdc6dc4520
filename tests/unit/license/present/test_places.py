"""What cannot be read is said in Chinese too, its place and its facts."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from egov_sdk.errors import ParseError
from egov_sdk.license.present import HolderCredential, _base45, _cbor, read_presentation, read_status_list
from egov_sdk.license.present._cbor import Value
from tests.presentation_world import scene

_FOREIGN = re.compile("[A-Za-z]{3}")
_KNOWN = re.compile("base45|EGL1|zlib|UTF-8")
_ODD: tuple[Value, ...] = (0, 1 << 40, b"", b"\x01" * 40, "", "7" * 2_000, (), ("y",), {}, {1: "z"})


def _with(value: Value) -> list[Value]:
    """The value with each of its parts exchanged for each odd one, left out, or with one more."""
    if isinstance(value, bytes):
        try:
            within = _cbor.decode(value, what="presentation")
        except ParseError:
            return list(_ODD)
        return [*_ODD, *(_cbor.encode(one) for one in _with(within)), value[:-1], value + b"\x00"]
    if not isinstance(value, tuple):
        return list(_ODD)
    changed: list[Value] = [*_ODD, value[:-1], (*value, 1)]
    for place, part in enumerate(value):
        changed += [(*value[:place], one, *value[place + 1 :]) for one in _with(part)]
    return changed


def _token(value: Value) -> str:
    return f"EGL1:{_base45.encode(_cbor.encode(value))}"


def _english_left(text: str, found: set[str]) -> None:
    if _FOREIGN.search(_KNOWN.sub("", text)):
        found.add(text)


def test_whatever_is_wrong_is_told_in_chinese() -> None:
    there = scene()
    token = _cbor.decode(_base45.decode(there.token()[5:], what="presentation"), what="presentation")
    shown = _cbor.decode(_base45.decode(there.shown()[5:], what="presentation"), what="presentation")
    states = _cbor.decode(there.status_list().raw, what="status list")
    held = _cbor.decode(there.credential().to_bytes(), what="credential")
    left: set[str] = set()
    told = 0
    cases: list[tuple[Callable[[Value], object], list[Value]]] = [
        (lambda one: read_presentation(_token(one)), [*_with(token), *_with(shown)]),
        (lambda one: read_status_list(_cbor.encode(one)), _with(states)),
        (lambda one: HolderCredential.from_bytes(_cbor.encode(one)), _with(held)),
    ]
    for read, value in ((read, value) for read, values in cases for value in values):
        try:
            read(value)
        except ParseError as error:
            if error.code.startswith("egov.license.") and error.text is not None:
                _english_left(error.text.zh, left)
                told += 1
    assert told > 500
    assert left == set()


@pytest.mark.parametrize(
    ("text", "zh"),
    [
        ("EGL1:ab", "亮证码，字符 0：不是 base45 文本：base45 以外的字符"),
        ("EGL1:A", "亮证码，字符 1：不是 base45 文本：长度不成立"),
        ("EGL1:::", "亮证码：不是 base45 文本：不对应任何字节的字符"),
        (_token((1, b"\x01", b"")), "亮证码，签名：为 字节串（0 字节），应为 64 字节"),
        (_token((3,)), "亮证码：为 3，应为 类别 1 或 2"),
        (_token((1, b"")), "亮证码：内容被截断：有 2 项，应为 3 项"),
    ],
)
def test_the_place_and_the_facts_are_told_in_chinese(text: str, zh: str) -> None:
    with pytest.raises(ParseError) as caught:
        read_presentation(text)
    assert caught.value.text is not None
    assert caught.value.text.zh == zh
