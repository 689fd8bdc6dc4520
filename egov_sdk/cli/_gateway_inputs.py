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
        raise UsageError("the address holds a user or a password", hint="name secrets with --secret-env")
    if parts.fragment:
        raise UsageError("the address holds a fragment, which is never sent")
    if bool(parts.scheme) is not bool(parts.netloc) or parts.scheme not in ("", "http", "https"):
        raise UsageError("the address is neither a URL with https:// or http:// nor a path that begins with /")
    if not parts.scheme and parts.path and not parts.path.startswith("/"):
        raise UsageError("a path begins with /", hint="a URL begins with https:// or http://")
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
        raise UsageError(f"{body}: profile {profile.name!r} sends JSON in an envelope, and this is no JSON") from None
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
        raise UsageError("the id that the platform issued is missing", hint="give --set id=…")
    if profile.digest.startswith("sm2") and key is None:
        raise UsageError(f"profile {profile.name!r} signs with SM2 and needs a private key", hint="give --key")
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
            raise UsageError("--set takes NAME=VALUE")
        if name.lower() in {"secret", "token", "password", "appsecret", "appkey"}:
            raise UsageError(
                "a secret must not stand among the arguments",
                hint="put it into an environment variable and name that with --secret-env",
            )
        if name in found:
            raise UsageError(f"--set gives {name} twice")
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
            "the profile needs a secret, and there is nobody to ask",
            hint="put it into an environment variable and name that with --secret-env",
        )
    found = getpass("secret: ")
    if not found:
        raise UsageError("the secret is empty")
    return found


def _somebody_is_there() -> bool:
    return sys.stdin.isatty()
