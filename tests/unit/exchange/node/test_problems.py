"""What a node refuses is told in Chinese too, facts and all."""

from __future__ import annotations

import pytest

from egov_sdk.errors import ParseError
from egov_sdk.exchange.node.model import MessageState
from egov_sdk.exchange.node.pieces import Pieces
from egov_sdk.exchange.node.problems import NodeRejected
from egov_sdk.exchange.node.words import STATE_WORDS
from egov_sdk.exchange.node.wrap import unwrap
from tests.unit.exchange.node.carried import TAX


def test_every_state_of_a_message_has_its_words() -> None:
    assert set(STATE_WORDS) == set(MessageState)


def test_what_is_no_parcel_is_told_in_chinese() -> None:
    with pytest.raises(ParseError) as caught:
        unwrap(b"hello\n", us=TAX, kind="parcel")
    assert caught.value.text is not None
    assert caught.value.text.zh == "不是包裹或应答：首行 为 'hello'，应为 egov-parcel/1"


@pytest.mark.parametrize(
    ("data", "zh"),
    [
        (b"hello\n", "不是附件分片：首行不符"),
        (b"egov-pieces/1 [\n", "不是附件分片：pieces：不是一个 JSON 对象：第 1 个字符处有误（Expecting value）"),
    ],
)
def test_what_are_no_pieces_is_told_in_chinese(data: bytes, zh: str) -> None:
    with pytest.raises(NodeRejected) as caught:
        Pieces.parse(data)
    assert caught.value.text.zh == zh
