"""Options that several commands share, so that they are spelt and explained alike."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from egov_sdk.cli._command import argument, option

__all__ = [
    "AcceptClaimedTime",
    "AsAtTime",
    "AtMost",
    "AtTime",
    "CrlFiles",
    "DatabasePlace",
    "Force",
    "IntermediateFiles",
    "KeyName",
    "LocalPort",
    "NumberText",
    "OcspFiles",
    "OfdFile",
    "OutFile",
    "PasswordEnv",
    "SealMakerFiles",
    "TrustFiles",
    "ValidFrom",
    "claimed_time",
]

OfdFile = Annotated[Path, argument("FILE", "An OFD document.", "OFD 文档。")]
DatabasePlace = Annotated[
    str,
    argument("DATABASE", "A SQLite file, or the URL of a PostgreSQL database.", "SQLite 文件或 PostgreSQL 地址。"),
]
NumberText = Annotated[
    str,
    argument(
        "NUMBER",
        "The number; - reads it from standard input, and keeps it out of the shell's history.",
        "号码；- 表示从标准输入读取，不留在命令历史中。",
    ),
]

Force = Annotated[bool, option("--force", "Overwrite the output if it exists.", "输出文件已存在时覆盖。")]
OutFile = Annotated[Path, option("--out", "The file.", "输出文件。", metavar="FILE")]
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
AsAtTime = Annotated[
    str | None,
    option(
        "--at",
        "As at this time, ISO 8601; Beijing time if it names no zone. Now by default.",
        "以该时间为准（ISO 8601，未注明时区按北京时间），默认为当前时间。",
        metavar="TIME",
    ),
]
AcceptClaimedTime = Annotated[
    bool,
    option("--accept-claimed-time", "Take the signer's word for the time of signing.", "采信签名者自称的签署时间。"),
]
ValidFrom = Annotated[
    str | None, option("--valid-from", "Now by default.", "生效时间，默认为当前时间。", metavar="TIME")
]
AtMost = Annotated[int, option("--limit", "At most so many.", "最多条数。", metavar="NUMBER")]
LocalPort = Annotated[int, option("--port", "The port on 127.0.0.1.", "127.0.0.1 上的端口。", metavar="NUMBER")]


def claimed_time(accepted: bool) -> Literal["accept", "if_still_valid"]:
    """What a policy makes of a time that only the signer claims, as ``--accept-claimed-time`` says."""
    return "accept" if accepted else "if_still_valid"
