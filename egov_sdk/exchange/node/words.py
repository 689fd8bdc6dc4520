"""What the states of messages, and what is done to them by a person, are called in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from egov_sdk.exchange.node.model import MessageState
from egov_sdk.report import Text

__all__ = ["ACTION_WORDS", "STATE_WORDS"]

STATE_WORDS: Final[Mapping[MessageState, Text]] = MappingProxyType(
    {
        MessageState.QUEUED: Text("queued", "排队"),
        MessageState.WORKING: Text("being worked on", "处理中"),
        MessageState.SENT: Text("handed over", "已交付"),
        MessageState.DONE: Text("done", "完成"),
        MessageState.DEAD: Text("waits for a person", "待人工处理"),
        MessageState.REFUSED: Text("refused", "对方拒绝"),
        MessageState.CANCELLED: Text("cancelled", "取消"),
    }
)
ACTION_WORDS: Final[Mapping[str, Text]] = MappingProxyType(
    {"replay": Text("replay", "重新投递"), "cancel": Text("cancel", "取消")}
)
