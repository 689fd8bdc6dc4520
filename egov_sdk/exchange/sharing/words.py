"""What the states, steps and bounds of a case are called in both languages, in refusals and on the screen."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from egov_sdk.report import Text

__all__ = ["BOUND_WORDS", "MATTER_WORDS", "OUTCOME_WORDS", "SHARING_WORDS", "STATE_WORDS", "STEP_WORDS"]

#: By the values of ``CaseState``, and of a case that is none yet.
STATE_WORDS: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "filed": Text("filed", "已提交"),
        "review": Text("in review", "审核中"),
        "returned": Text("sent back", "已退回"),
        "granted": Text("granted", "已授权"),
        "active": Text("active", "使用中"),
        "refused": Text("refused", "不同意"),
        "withdrawn": Text("withdrawn", "已撤回"),
        "revoked": Text("revoked", "已收回"),
        "relinquished": Text("given up", "已停用"),
        "not open": Text("not open", "未立案"),
    }
)
#: By the kinds of steps.
STEP_WORDS: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "request": Text("request", "申请"),
        "acceptance": Text("acceptance", "受理"),
        "return": Text("return", "退回补正"),
        "supplement": Text("supplement", "补正"),
        "approval": Text("approval", "同意共享"),
        "refusal": Text("refusal", "不同意共享"),
        "withdrawal": Text("withdrawal", "撤回"),
        "delivery": Text("delivery", "提供数据"),
        "revocation": Text("revocation", "收回授权"),
        "relinquishment": Text("relinquishment", "停止使用"),
        "objection": Text("objection", "提出异议"),
        "correction": Text("correction", "更正"),
        "dismissal": Text("dismissal", "答复异议不成立"),
        "notice": Text("notice", "更正通知"),
        "acknowledgement": Text("acknowledgement", "签收"),
    }
)
#: Whose a step is, and what something was not among.
BOUND_WORDS: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "requester": Text("requester", "申请方"),
        "provider": Text("provider", "提供方"),
        "platform": Text("platform", "平台"),
        "platform / provider": Text("platform / provider", "平台或提供方"),
        "asked for": Text("asked for", "申请"),
        "granted": Text("granted", "授权"),
        "items of the resource": Text("items of the resource", "资源的信息项"),
        "fields that were asked for": Text("fields that were asked for", "申请的字段"),
        "fields that were granted": Text("fields that were granted", "授权的字段"),
    }
)
SHARING_WORDS: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "unconditional": Text("unconditional", "无条件共享"),
        "conditional": Text("conditional", "有条件共享"),
        "refused": Text("refused", "不予共享"),
    }
)
#: By the values of ``Matter``.
MATTER_WORDS: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "reply_unconditional": Text("answer (shared without conditions)", "答复（无条件共享）"),
        "reply_conditional": Text("answer (shared on conditions)", "答复（有条件共享）"),
        "delivery": Text("delivery", "提供数据"),
        "objection": Text("answer to an objection", "答复异议"),
    }
)
#: What came of an objection.
OUTCOME_WORDS: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "open": Text("open", "未办结"),
        "corrected": Text("corrected", "已更正"),
        "dismissed": Text("dismissed", "不成立"),
    }
)
