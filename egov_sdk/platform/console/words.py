"""What the console calls states, kinds and acts, in both languages."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from egov_sdk.exchange.node.model import Direction
from egov_sdk.exchange.node.words import STATE_WORDS as MESSAGE_WORDS
from egov_sdk.identity.model import HolderKind
from egov_sdk.identity.provider.account import AccountState
from egov_sdk.identity.words import LEVEL_WORDS
from egov_sdk.license.model import Standing
from egov_sdk.license.states import ACTION_WORDS, STANDING_WORDS, STATE_WORDS, LicenseAction, LicenseState
from egov_sdk.platform.powers import Power
from egov_sdk.report import Lang, Text
from egov_sdk.seal.records import SealState

__all__ = ["fault_word", "word"]

_PAIRS: Final = (
    (Power.ADMIN, Text("administrator", "系统管理员")),
    (Power.OPERATOR, Text("operator", "业务操作员")),
    (Power.AUDITOR, Text("auditor", "安全审计员")),
    (HolderKind.NATURAL, Text("person", "自然人")),
    (HolderKind.LEGAL, Text("organisation", "单位")),
    (AccountState.ACTIVE, Text("active", "正常")),
    (AccountState.SUSPENDED, Text("suspended", "停用")),
    (AccountState.CLOSED, Text("closed", "注销")),
    *LEVEL_WORDS.items(),
    (SealState.VALID, Text("valid", "有效")),
    (SealState.SUSPENDED, Text("suspended", "暂停")),
    (SealState.REVOKED, Text("revoked", "注销")),
    *((state, STATE_WORDS[state]) for state in LicenseState),
    *((action, ACTION_WORDS[action]) for action in LicenseAction),
    *((standing, STANDING_WORDS[standing]) for standing in Standing),
    (Direction.OUT, Text("out", "发出")),
    (Direction.IN, Text("in", "收到")),
    *MESSAGE_WORDS.items(),
)
#: Members of different kinds may have equal values, so the kind belongs to the key.
_WORDS: Final[Mapping[tuple[type, enum.Enum], Text]] = MappingProxyType(
    {(type(one), one): text for one, text in _PAIRS}
)


def word(value: enum.Enum, lang: Lang) -> str:
    """What a state is called; its own value where it has no other name here."""
    text = _WORDS.get((type(value), value))
    return str(value.value) if text is None else text.in_(lang)


_FAULTS: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "status": Text("answers with a status", "返回错误状态码"),
        "rate_limit": Text("asks to come later", "限流，要求稍后再试"),
        "unreachable": Text("cannot be reached", "无法连接"),
        "no_answer": Text("does not answer in time", "超时不应答"),
        "cut": Text("breaks off in its answer", "应答中断"),
        "corrupt": Text("answers with other octets", "应答内容损坏"),
        "delay": Text("answers late", "延迟应答"),
        "slow_body": Text("answers in small pieces", "应答缓慢"),
        "wrong_signature": Text("gets another signature", "请求签名被改动"),
        "expired_token": Text("gets a token that is over", "令牌过期"),
        "skew": Text("has another time", "时钟偏差"),
        "duplicate": Text("gets the request twice", "请求重复送达"),
    }
)


def fault_word(name: str, lang: Lang) -> str:
    """What a fault is called; its own name where it has no other here."""
    text = _FAULTS.get(name)
    return name if text is None else text.in_(lang)
