"""Why the console says no: every reason with its words, and the error that carries them."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final
from uuid import uuid4

from egov_sdk.problems import ProblemTable, Rejected
from egov_sdk.report import Text

__all__ = ["PROBLEMS", "TABLE", "ConsoleRejected", "failed", "refuse"]

_NUMBER: Final = 12

#: The full code is ``egov.platform.`` and the key. No password and no token is ever among the facts.
PROBLEMS: Mapping[str, Text] = MappingProxyType(
    {
        "console.sign_in": Text("the name or the password is wrong", "用户名或密码错误"),
        "console.signed_out": Text(
            "sign in first: nobody is signed in, or no longer", "尚未登录或登录已失效，请先登录"
        ),
        "console.power": Text(
            "your power does not reach this: it takes {expected}", "您无权进行此操作：需要{expected}权限"
        ),
        "console.form": Text(
            "the form is not one of this session; open the page again", "表单与当前会话不符，请重新打开页面"
        ),
        "console.not_found": Text("there is nothing here", "没有此页面"),
        "console.method": Text("this page is not asked for in that way", "不支持以此方式访问"),
        "console.failed": Text(
            "this failed on our side; give the operators of the platform the number {found}",
            "平台处理失败，请将编号 {found} 告知运维人员",
        ),
        "console.request": Text("the request cannot be read: {found}", "无法读取请求：{found}"),
        "console.staff_unknown": Text("there is no such member of staff", "没有此工作人员"),
        "console.staff_taken": Text("there is a member of staff {found} already", "用户名 {found} 已被使用"),
        "console.last_admin": Text(
            "nobody else could let anybody in: this is the last administrator", "这是最后一名系统管理员，不能移除"
        ),
        "console.password_same": Text("the new password is the one you have", "新密码不能与原密码相同"),
        "console.password_differs": Text("the new password was not repeated alike", "两次输入的新密码不一致"),
        "console.chain_unknown": Text("there is no audit chain {found}", "没有审计链 {found}"),
        "console.not_dead": Text(
            "message {found} does not wait for a person, or no longer", "消息 {found} 不在待人工处理之列，或已被处理"
        ),
        "console.reason": Text("say why: the reason goes into the audit log", "请填写原因，原因将记入审计日志"),
        "console.no_file": Text("no file was chosen", "未选择文件"),
        "console.too_large": Text(
            "the file is larger than the {expected} MiB that are taken here", "文件超过 {expected} MiB，无法在此验证"
        ),
        "console.too_slow": Text("the file did not arrive within {expected} seconds", "文件未能在 {expected} 秒内传完"),
        "console.too_long": Text(
            "verifying took longer than {expected} seconds and was given up; nothing was decided",
            "验证超过 {expected} 秒，已放弃；未作任何判定",
        ),
        "console.busy": Text("too many files are being verified; try again in a while", "验证请求过多，请稍后再试"),
        "console.not_ofd": Text(
            "this is no OFD document: OFD files are ZIP archives and begin with PK",
            "这不是 OFD 文档（OFD 为 ZIP 格式）",
        ),
    }
)


class ConsoleRejected(Rejected):
    """The console does not do this; ``problem`` is the key of the reason in PROBLEMS."""

    code = "egov.platform.console"


TABLE = ProblemTable("platform", PROBLEMS, ConsoleRejected)
refuse = TABLE.refuse
_log = logging.getLogger("egov_sdk.platform")


def failed() -> ConsoleRejected:
    """What a visitor is told of an exception that nobody expected: a number, under which the log has the rest.

    Call it while the exception is handled.
    """
    number = uuid4().hex[:_NUMBER]
    _log.exception("page %s failed", number)
    return refuse("console.failed", found=number)
