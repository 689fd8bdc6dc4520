"""What is wrong with a message is told in Chinese too, facts and all."""

from __future__ import annotations

import pytest

from egov_sdk.errors import ParseError
from egov_sdk.exchange.envelope.canonical import read_canonical
from egov_sdk.exchange.envelope.forms import read_message
from egov_sdk.exchange.envelope.xml_form import NAMESPACE


@pytest.mark.parametrize(
    ("data", "zh"),
    [
        (b"", "既非 JSON 也非 XML：开头为 空"),
        (b'{"a":1.5}', "不是一个 JSON 对象：1.5 不是整数"),
        (b'{"a":1,"a":1}', "不是一个 JSON 对象：有重复的名称"),
        (b'{"a":\xff}', "不是一个 JSON 对象：非 UTF-8 编码"),
        (b'{"a":', "不是一个 JSON 对象：第 5 个字符处有误（Expecting value）"),
        (b'{"signatures":1,"payload":""}', "signatures 为 整数，应为 数组"),
        (b'{"signatures":[],"payload":""}', "signatures 为 0 项，应为 一项"),
        (f'<message xmlns="{NAMESPACE}" a="1"/>'.encode(), "message：XML 含有 属性，应为 无属性"),
        (b"<message/>", f"XML 含有 message，应为 {NAMESPACE} 中的元素"),
    ],
)
def test_what_cannot_be_read_is_told_in_chinese(data: bytes, zh: str) -> None:
    with pytest.raises(ParseError) as caught:
        read_message(data)
    assert caught.value.text is not None
    assert caught.value.text.zh == zh


def test_headers_that_are_written_in_another_way_are_named() -> None:
    with pytest.raises(ParseError) as caught:
        read_canonical(b'{ "a":1}', depth=4, where="headers")
    assert caught.value.message == "the headers are not written in the one canonical form"
    assert caught.value.text is not None
    assert caught.value.text.zh == "消息头 未按唯一的规范形式书写"
