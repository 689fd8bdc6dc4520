"""What the arguments of ``egov gateway`` stand for: profiles, requests, and credentials whose secret is never one."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from getpass import getpass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, cast

from egov_sdk.cli._command import argument, option
from egov_sdk.cli._inputs import asker, open_key, read_file
from egov_sdk.cli._problems import UsageError
from egov_sdk.report import Text

if TYPE_CHECKING:
    from egov_sdk.gateway import Credentials, GatewayProfile, Request

__all__ = [
    "Address",
    "BodyFile",
    "ContentType",
    "Method",
    "MethodName",
    "Place",
    "ProfileName",
    "SecretEnv",
    "Settings",
    "SignAt",
    "SignerKey",
    "make_credentials",
    "make_request",
    "open_profile",
    "split_address",
]

MethodName = Literal["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"]
Method = Annotated[MethodName, argument("METHOD", "GET, POST, PUT, PATCH, DELETE, HEAD or OPTIONS.", "HTTP 方法。")]
Address = Annotated[
    str,
    argument(
        "ADDRESS",
        "A URL, or a path with its query; without a path the profile's own is taken.",
        "URL，或带查询串的路径；不含路径时取平台配置中的路径。",
    ),
]
ProfileName = Annotated[
    str,
    option(
        "--profile",
        "A built-in profile (egov gateway profiles lists them) or a TOML file.",
        "内置平台配置的名称（见 egov gateway profiles）或 TOML 文件。",
        metavar="NAME|FILE.toml",
    ),
]
Settings = Annotated[
    list[str] | None,
    option(
        "--set",
        "What the platform issued (may be repeated): id, service, or a value of the profile. Never a secret.",
        "平台发放的凭证（可重复）：id、service 或平台配置中的其他值；不得为密钥。",
        metavar="NAME=VALUE",
    ),
]
SecretEnv = Annotated[
    str | None,
    option(
        "--secret-env",
        "Take the secret from this environment variable; asked for on a terminal otherwise.",
        "从该环境变量读取密钥；否则在终端询问。",
        metavar="VAR",
    ),
]
SignerKey = Annotated[
    str | None,
    option(
        "--key",
        "SM2 private key, for profiles that sign with one: a path, or a URI such as file:key.pem.",
        "SM2 私钥（平台要求 SM2 签名时）：路径或 file:key.pem 形式的 URI。",
        metavar="KEY",
    ),
]
BodyFile = Annotated[
    Path | None, option("--body", "A file with the body of the request.", "请求体文件。", metavar="FILE")
]
ContentType = Annotated[
    str,
    option("--content-type", "What the body is.", "请求体的类型。", metavar="TYPE"),
]
SignAt = Annotated[
    str | None,
    option(
        "--at",
        "Sign as at this time, ISO 8601; Beijing time if it names no zone. Now by default.",
        "以该时间签名（ISO 8601，未注明时区按北京时间），默认为当前时间。",
        metavar="TIME",
    ),
]


@dataclass(frozen=True, slots=True)
class Place:
    """An address in its parts: ``host`` is scheme and host, empty where only a path was given."""

    host: str
    path: str
    query: tuple[tuple[str, str], ...]


def split_address(address: str) -> Place:
    """The parts of a URL, or of a path with a query.

    Raises:
        UsageError: it is neither, or it holds a user or a fragment.
    """
    from urllib.parse import parse_qsl, urlsplit

    parts = urlsplit(address)
    if parts.username is not None or parts.password is not None:
        raise UsageError(
            Text("the address holds a user or a password", "地址中含有用户名或口令"),
            hint=Text("name secrets with --secret-env", "密钥请用 --secret-env 指定"),
        )
    if parts.fragment:
        raise UsageError(
            Text("the address holds a fragment, which is never sent", "地址中含有片段（# 之后的部分），该部分不会发送")
        )
    if bool(parts.scheme) is not bool(parts.netloc) or parts.scheme not in ("", "http", "https"):
        raise UsageError(
            Text(
                "the address is neither a URL with https:// or http:// nor a path that begins with /",
                "地址须为以 https:// 或 http:// 开头的 URL，或以 / 开头的路径",
            )
        )
    if not parts.scheme and parts.path and not parts.path.startswith("/"):
        raise UsageError(
            Text("a path begins with /", "路径须以 / 开头"),
            hint=Text("a URL begins with https:// or http://", "URL 以 https:// 或 http:// 开头"),
        )
    host = f"{parts.scheme}://{parts.netloc}" if parts.scheme else ""
    return Place(host, parts.path, tuple(parse_qsl(parts.query, keep_blank_values=True)))


def open_profile(name: str) -> GatewayProfile:
    """The built-in profile of that name, or the one in that file."""
    from egov_sdk.gateway import built_in, load_profile

    return load_profile(name) if name.lower().endswith(".toml") else built_in(name)


def make_request(
    method: MethodName, place: Place, *, profile: GatewayProfile | None, body: Path | None, content_type: str
) -> Request:
    """The request that the arguments describe.

    Raises:
        UsageError: the profile puts JSON into an envelope, and the body is none.
    """
    from egov_sdk.gateway import Request

    content = b"" if body is None else read_file(body)
    if profile is None or not profile.envelope:
        return Request(
            method, place.path, query=place.query, body=content, content_type=content_type if content else ""
        )
    if body is None:
        return Request(method, place.path, query=place.query)
    try:
        value: object = json.loads(content)
    except (ValueError, RecursionError):
        raise UsageError(
            Text(
                f"{body}: profile {profile.name!r} sends JSON in an envelope, and this is no JSON",
                f"{body}：接口形式 {profile.name} 以信封发送 JSON，而该内容不是 JSON",
            )
        ) from None
    return Request(method, place.path, query=place.query, json=value)


def make_credentials(
    profile: GatewayProfile,
    settings: Sequence[str],
    *,
    secret_env: str | None,
    key: str | None,
    password_env: str | None,
) -> Credentials:
    """The credentials for a profile; its secret is asked for only where the profile needs one.

    Raises:
        UsageError: a setting is malformed or a secret, the id or the key is missing, or nobody can be asked.
    """
    from egov_sdk.gateway import Credentials

    values = _settings(settings)
    name, service = values.pop("id", ""), values.pop("service", "")
    if not name:
        raise UsageError(
            Text("the id that the platform issued is missing", "缺少平台分配的标识"),
            hint=Text("give --set id=…", "请给出 --set id=…"),
        )
    if profile.digest.startswith("sm2") and key is None:
        raise UsageError(
            Text(
                f"profile {profile.name!r} signs with SM2 and needs a private key",
                f"接口形式 {profile.name} 使用 SM2 签名，须有私钥",
            ),
            hint=Text("give --key", "请给出 --key"),
        )
    return Credentials(
        name,
        secret=_secret(secret_env) if _needs_secret(profile) else "",
        service=service,
        signer=None if key is None else open_key(key, password_env=password_env),
        values=values,
    )


def _settings(settings: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for setting in settings:
        name, equals, value = setting.partition("=")
        if not equals or not name:  # not repeated: somebody may have typed a secret
            raise UsageError(Text("--set takes NAME=VALUE", "--set 的写法为 名称=值"))
        if name.lower() in {"secret", "token", "password", "appsecret", "appkey"}:
            raise UsageError(
                Text("a secret must not stand among the arguments", "共享密钥不得写在命令行参数中"),
                hint=Text(
                    "put it into an environment variable and name that with --secret-env",
                    "请将其放入环境变量，并用 --secret-env 指定变量名",
                ),
            )
        if name in found:
            raise UsageError(Text(f"--set gives {name} twice", f"--set 重复给出 {name}"))
        found[name] = value
    return found


def _needs_secret(profile: GatewayProfile) -> bool:
    return profile.token is not None or profile.digest.startswith("hmac") or "{secret}" in profile.signing_string


def _secret(secret_env: str | None) -> str:
    if secret_env is not None:
        found = asker(secret_env, what="secret")()
        return cast("str", found)
    if not _somebody_is_there():
        raise UsageError(
            Text(
                "the profile needs a secret, and there is nobody to ask",
                "该接口形式需要共享密钥，而当前不是交互终端，无法输入",
            ),
            hint=Text(
                "put it into an environment variable and name that with --secret-env",
                "请将其放入环境变量，并用 --secret-env 指定变量名",
            ),
        )
    found = getpass("secret: ")
    if not found:
        raise UsageError(Text("the secret is empty", "共享密钥为空"))
    return found


def _somebody_is_there() -> bool:
    return sys.stdin.isatty()
