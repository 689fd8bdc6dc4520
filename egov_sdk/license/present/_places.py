"""What cannot be read in a presentation, a credential or a status list: its place is said in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from egov_sdk.errors import ParseError
from egov_sdk.license.problems import TABLE
from egov_sdk.report import Text

__all__ = ["unreadable"]

#: The steps of a place; a number may stand behind one.
_STEPS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "presentation": "亮证码",
        "credential": "凭据",
        "status list": "状态列表",
        "status index": "状态列表中的位置",
        "attestation": "凭据内容",
        "signature of the attestation": "凭据签名",
        "body": "正文",
        "signature": "签名",
        "type": "证照类型代码",
        "issuer's key": "颁发机构密钥标识",
        "holder's key": "持证人公钥",
        "audience": "验证方",
        "nonce": "随机数",
        "time": "签发时间",
        "life": "有效时长",
        "begin": "有效期起始",
        "end": "有效期截止",
        "count": "数据项个数",
        "root": "承诺的根",
        "proof": "证明",
        "seed": "种子",
        "items": "数据项",
        "item": "数据项",
        "place of an item": "数据项位置",
        "salt": "盐",
        "version": "版本",
        "size": "位置个数",
        "id": "列表编号",
        "sequence": "序号",
        "certificates": "证书",
        "states": "状态数据",
        "octet": "字节",
        "character": "字符",
    }
)


def unreadable(problem: str, /, *, where: str, **facts: object) -> ParseError:
    """The error for something that is not what it should be; the caller raises it.

    Args:
        where: The steps to the place, with commas between.
    """
    return TABLE.unreadable(problem, where=Text(where, "，".join(map(_step, where.split(", ")))), **facts)


def _step(step: str) -> str:
    if step in _STEPS:
        return _STEPS[step]
    name, _, number = step.rpartition(" ")
    return f"{_STEPS.get(name, name)} {number}"
