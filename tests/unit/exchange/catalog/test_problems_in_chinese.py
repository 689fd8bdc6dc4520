"""What is wrong with a catalogue is told in Chinese too, facts and all."""

from __future__ import annotations

import json

import pytest

from egov_sdk.errors import ParseError
from egov_sdk.exchange.catalog import read_catalog
from egov_sdk.exchange.catalog.cascade import parse_batch


@pytest.mark.parametrize(
    ("value", "zh"),
    [
        ({"format": "egov-sdk-catalog-1", "entries": 3}, "$.entries：为 数字，应为 列表"),
    ],
)
def test_a_file_that_cannot_be_read_is_told_in_chinese(value: object, zh: str) -> None:
    with pytest.raises(ParseError) as caught:
        read_catalog(json.dumps(value).encode())
    assert caught.value.text is not None
    assert caught.value.text.zh == zh


def test_a_finding_is_told_in_chinese() -> None:
    data = json.dumps([{"name": 1}, 2]).encode()
    first, *_, last = read_catalog(data).findings
    assert "为 数字，应为 文本" in first.in_("zh")
    assert "is a number, expected a text" in first.in_("en")
    assert "为 数字，应为 对象" in last.in_("zh")


def test_a_batch_that_is_none_is_told_in_chinese() -> None:
    with pytest.raises(ParseError) as caught:
        parse_batch(b"[]")
    assert caught.value.text is not None
    assert caught.value.text.zh.startswith("不是本库的级联批次：列表，应为 ")
