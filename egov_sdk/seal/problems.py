"""Why a register of seals says no: every reason with its words, and the error that carries them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from egov_sdk.problems import ProblemTable, Rejected
from egov_sdk.report import Text

__all__ = ["PROBLEMS", "TABLE", "SealRejected", "refuse"]

#: The full code is ``egov.seal.`` and the key.
PROBLEMS: Mapping[str, Text] = MappingProxyType(
    {
        "seal_unknown": Text("there is no seal {found}", "没有编号为 {found} 的印章"),
        "seal_taken": Text("a seal with the number {found} is filed already", "编号 {found} 的印章已备案"),
        "seal_not_valid": Text("the seal {found} is {state}", "印章 {found} 的状态为 {state}"),
        "seal_action": Text(
            "{action} cannot be done to a seal that is {state}", "状态为 {state} 的印章不能执行 {action}"
        ),
        "seal_key": Text("the key of the seal {found} cannot be used here", "印章 {found} 的密钥在此不可用"),
        "owner_refused": Text(
            "who asks does not speak for {found}, whose seal it is", "请求方无权代表印章所有者 {found}"
        ),
        "owner_code": Text("{found} is no unified social credit code", "{found} 不是统一社会信用代码"),
        "picture": Text("no picture can be drawn for this name: {found}", "无法为该名称绘制印模：{found}"),
        "lifetime": Text(
            "a seal is valid from one day to {expected}, found {found}", "印章有效期为 1 天至 {expected}，为 {found}"
        ),
        "maker_expires": Text(
            "the certificate of the seal maker ends on {expected}, before the seal would",
            "制章者证书于 {expected} 到期，早于印章有效期",
        ),
    }
)


class SealRejected(Rejected):
    """The register of seals does not do this; ``problem`` is the key of the reason in PROBLEMS."""

    code = "egov.seal.rejected"


TABLE = ProblemTable("seal", PROBLEMS, SealRejected)
refuse = TABLE.refuse
