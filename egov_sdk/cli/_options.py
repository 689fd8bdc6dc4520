"""Options that several commands share, so that they are spelt and explained alike."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from egov_sdk.cli._command import option

__all__ = [
    "AtTime",
    "CrlFiles",
    "Force",
    "IntermediateFiles",
    "KeyName",
    "OcspFiles",
    "PasswordEnv",
    "SealMakerFiles",
    "TrustFiles",
]

Force = Annotated[bool, option("--force", "Overwrite the output if it exists.", "输出文件已存在时覆盖。")]
PasswordEnv = Annotated[
    str | None,
    option(
        "--password-env",
        "Take the password of the key from this environment variable; asked for on a terminal otherwise.",
        "从该环境变量读取密钥口令；否则在终端询问。",
        metavar="VAR",
    ),
]
KeyName = Annotated[
    str,
    option(
        "--key",
        "Private key: a path, or a URI such as file:key.pem.",
        "私钥：路径或 file:key.pem 形式的 URI。",
        metavar="KEY",
    ),
]
TrustFiles = Annotated[
    list[Path] | None,
    option(
        "--trust",
        "Certificates to trust (may be repeated); none are built in.",
        "信任锚证书（可重复）；没有内置信任锚。",
        metavar="PEM",
    ),
]
SealMakerFiles = Annotated[
    list[Path] | None,
    option(
        "--seal-maker",
        "Certificates to trust as makers of seals, where these are not those of --trust (may be repeated).",
        "制章者的信任锚证书，与 --trust 不同时使用（可重复）。",
        metavar="PEM",
    ),
]
IntermediateFiles = Annotated[
    list[Path] | None,
    option(
        "--intermediate",
        "Further certificates to build chains with (may be repeated).",
        "用于构建证书链的中间证书（可重复）。",
        metavar="FILE",
    ),
]
CrlFiles = Annotated[
    list[Path] | None,
    option("--crl", "A revocation list (may be repeated).", "证书吊销列表（可重复）。", metavar="FILE"),
]
OcspFiles = Annotated[
    list[Path] | None,
    option("--ocsp", "An OCSP answer (may be repeated).", "OCSP 响应（可重复）。", metavar="FILE"),
]
AtTime = Annotated[
    str | None,
    option(
        "--at",
        "Verify as at this time, ISO 8601; Beijing time if it names no zone. Now by default.",
        "以该时间为准验证（ISO 8601，未注明时区按北京时间），默认为当前时间。",
        metavar="TIME",
    ),
]
