"""Why a province says no to those who run it: every reason with its words, and the error that carries them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from egov_sdk.problems import ProblemTable, Rejected
from egov_sdk.report import Text

__all__ = ["PROBLEMS", "TABLE", "ProvinceRejected", "refuse", "unreadable"]

#: The full code is ``egov.platform.`` and the key.
PROBLEMS: Mapping[str, Text] = MappingProxyType(
    {
        "power_missing": Text(
            "{found} may not do this: it takes the power {expected}", "{found} 无权执行：需要 {expected} 权限"
        ),
        "same_person": Text(
            "{found} let this caller in, so somebody else decides what it may do",
            "该接入方由 {found} 登记，须由他人授权",
        ),
        "caller_unknown": Text("there is no caller {found}", "没有接入方 {found}"),
        "caller_taken": Text("there is a caller {found} already", "接入方 {found} 已登记"),
        "caller_foreign": Text(
            "{found} does not speak for the office, so it cannot act in its name",
            "{found} 无权代表本机构，不能以其名义办理",
        ),
        "caller_key": Text(
            "the keys of the caller {found} cannot be used here: they were kept under another key",
            "接入方 {found} 的密钥在此不可用：其保存时使用了另一把密钥",
        ),
        "backup_damaged": Text("this backup is damaged: {found}", "备份已损坏：{found}"),
        "backup_foreign": Text(
            "this backup was not made with these keys of the office, or its list was changed",
            "该备份不是用此机构密钥制作的，或其清单已被改动",
        ),
        "backup_newer": Text(
            "a later version of egov-sdk made this: {found}, and this one knows {expected}",
            "由更新版本的 egov-sdk 生成：{found}，本版本支持到 {expected}",
        ),
        "backup_keys": Text(
            "the keys of the office are not in this backup; give the file in which they were kept",
            "备份中不含机构密钥，请提供另行保存的密钥文件",
        ),
        "backup_audit": Text(
            "the audit log {found} of this backup is not the one that was backed up",
            "备份中的审计日志 {found} 与备份时不一致",
        ),
        "restore_target": Text("{found} is not empty, and nothing is overwritten", "{found} 不为空，不会覆盖已有数据"),
        "keys_many": Text(
            "the caller {found} has {expected} keys and secrets already", "接入方 {found} 的密钥已达 {expected} 个"
        ),
    }
)


class ProvinceRejected(Rejected):
    """The province does not do this; ``problem`` is the key of the reason in PROBLEMS."""

    code = "egov.platform.refused"


TABLE = ProblemTable("platform", PROBLEMS, ProvinceRejected)
refuse = TABLE.refuse
unreadable = TABLE.unreadable
