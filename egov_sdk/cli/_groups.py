"""The command and its groups: ``egov``, ``egov seal``, ``egov key``, ``egov gateway`` and the others."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

import egov_sdk
from egov_sdk.cli._command import LangOption, group
from egov_sdk.cli._output import is_terminal
from egov_sdk.cli._usage import SpeakingGroup
from egov_sdk.cli._words import ask_first, both

__all__ = [
    "account",
    "application",
    "assertion",
    "audit",
    "caller",
    "catalog",
    "cert",
    "code",
    "exchange",
    "gateway",
    "identity",
    "key",
    "license_",
    "ofd",
    "online",
    "platform",
    "root",
    "seal",
    "sharing",
    "staff",
    "token",
]

root = typer.Typer(
    name="egov",
    cls=SpeakingGroup,
    help=both(
        "Verify electronic seals on OFD documents, stamp documents, make seals, keys and certificates, call platforms.",
        "验证 OFD 文档上的电子印章，加盖印章，制作印章、密钥和证书，调用平台服务。",
    ),
    epilog=both(
        "Exit codes: 0 passed or done, 1 rejected, 2 wrong usage, 3 could not decide, 4 a platform or device failed.",
        "退出码：0 通过或完成，1 拒绝，2 用法错误，3 无法判定，4 平台或设备出错。",
    ),
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich" if is_terminal(sys.stdout) and is_terminal(sys.stderr) else None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
seal = group("Electronic seals: look at them, make them, apply them.", "电子印章：查看、制作、加盖。")
key = group("SM2 private keys.", "SM2 私钥。")
cert = group("Certificates and a local authority.", "证书与本地根机构。")
ofd = group("OFD documents.", "OFD 文档。")
gateway = group("Gateways of platforms: sign requests, explain signatures, call.", "平台网关：签名、解释签名、调用。")
identity = group("Who somebody is: sign-ins, tokens, assertions, checks.", "身份：登录、令牌、断言、核验。")
account = group("Accounts of a provider of one's own.", "自建认证服务的账号。")
application = group("Applications of a provider of one's own.", "自建认证服务的应用。")
token = group("Signed tokens, with SM2 or stock algorithms.", "签名令牌（SM2 或通用算法）。")
assertion = group("Identity assertions between systems, signed with SM2.", "系统间的身份断言（SM2 签名）。")
license_ = group("Electronic licences: issue, verify, show, share.", "电子证照：签发、查验、亮证、共享。")
online = group(
    "Show licences online: a code, a request, the holder's decision, one fetch.", "在线亮证：出码、发起、确认、取用。"
)
catalog = group("The catalogue of what departments can share.", "政务信息资源目录。")
exchange = group("Messages between departments, their receipts, and evidence.", "部门间的消息、回执与存证。")
sharing = group(
    "Sharing of data between departments: request, review, grant, use, objection.",
    "政务数据共享：申请、审核、授权、使用、异议。",
)
platform = group("A province of one's own, to develop against.", "本地模拟省级平台（用于开发）。")
staff = group("Who works at the console of a province.", "管理控制台的工作人员。")
caller = group("Whose programs may call a province.", "平台的接入方。")
audit = group("Audit logs in chains: heads, files, verification.", "链式审计日志：链头、导出、核验。")
code = group("Numbers of people, organisations and places.", "公民、机构和行政区划的号码。")


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"egov {egov_sdk.__version__}")
        raise typer.Exit


@root.callback()
def _egov(
    lang: LangOption = None,
    version: Annotated[
        bool,
        typer.Option(
            "--version", is_eager=True, callback=_version, help=both("Print the version and exit.", "输出版本号。")
        ),
    ] = False,
) -> None:
    ask_first(lang)
