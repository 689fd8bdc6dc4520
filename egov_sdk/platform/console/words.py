"""What the console calls states, kinds and acts, in both languages."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from egov_sdk.exchange.node.model import Direction, MessageState
from egov_sdk.identity.model import HolderKind, IdentityLevel
from egov_sdk.identity.provider.accounts import AccountState
from egov_sdk.license.model import Standing
from egov_sdk.license.states import LicenseAction, LicenseState
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
    (IdentityLevel.NONE, Text("not known", "未认证")),
    (IdentityLevel.REAL_NAME, Text("name checked", "实名")),
    (IdentityLevel.REAL_PERSON, Text("person checked", "实人")),
    (SealState.VALID, Text("valid", "有效")),
    (SealState.SUSPENDED, Text("suspended", "暂停")),
    (SealState.REVOKED, Text("revoked", "注销")),
    (LicenseState.INACTIVE, Text("not activated", "未激活")),
    (LicenseState.VALID, Text("valid", "有效")),
    (LicenseState.SUSPENDED, Text("suspended", "暂扣")),
    (LicenseState.LAPSED, Text("lapsed", "失效")),
    (LicenseState.SUPERSEDED, Text("superseded", "变更作废")),
    (LicenseState.CANCELLED, Text("cancelled", "注销")),
    (LicenseState.REVOKED, Text("revoked", "吊销")),
    (LicenseState.WITHDRAWN, Text("withdrawn", "撤销")),
    (LicenseState.UNKNOWN, Text("unknown", "未知")),
    (LicenseAction.ISSUE, Text("issued", "签发")),
    (LicenseAction.IMPORT, Text("taken in", "存量入库")),
    (LicenseAction.ACTIVATE, Text("activated", "激活")),
    (LicenseAction.CHANGE, Text("changed", "变更")),
    (LicenseAction.RENEW, Text("renewed", "延续")),
    (LicenseAction.SUSPEND, Text("suspended", "暂扣")),
    (LicenseAction.RESUME, Text("resumed", "发还")),
    (LicenseAction.SUPERSEDE, Text("superseded", "变更作废")),
    (LicenseAction.CANCEL, Text("cancelled", "注销")),
    (LicenseAction.REVOKE, Text("revoked", "吊销")),
    (LicenseAction.WITHDRAW, Text("withdrawn", "撤销")),
    (Standing.IN_FORCE, Text("in force", "生效中")),
    (Standing.NOT_YET, Text("not yet in force", "尚未生效")),
    (Standing.SUSPENDED, Text("suspended", "暂扣中")),
    (Standing.EXPIRED, Text("expired", "已过期")),
    (Standing.ENDED, Text("ended", "已终止")),
    (Standing.UNKNOWN, Text("unknown", "未知")),
    (Direction.OUT, Text("out", "发出")),
    (Direction.IN, Text("in", "收到")),
    (MessageState.QUEUED, Text("queued", "排队")),
    (MessageState.WORKING, Text("being worked on", "处理中")),
    (MessageState.SENT, Text("handed over", "已交付")),
    (MessageState.DONE, Text("done", "完成")),
    (MessageState.DEAD, Text("waits for a person", "待人工处理")),
    (MessageState.REFUSED, Text("refused", "对方拒绝")),
    (MessageState.CANCELLED, Text("cancelled", "取消")),
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
