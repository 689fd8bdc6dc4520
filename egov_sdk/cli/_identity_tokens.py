"""``egov identity token``: look at tokens, verify them, and write key sets."""

from __future__ import annotations

import enum
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from egov_sdk.cli import _groups as groups
from egov_sdk.cli._command import argument, command, option
from egov_sdk.cli._identity_inputs import (
    UNVERIFIED,
    KeySetFile,
    read_keys,
    read_token,
)
from egov_sdk.cli._inputs import (
    open_key,
    refuse_existing,
    time_or_now,
)
from egov_sdk.cli._options import AtTime, Force, PasswordEnv
from egov_sdk.cli._output import ExitCode, Voice, exit_code
from egov_sdk.cli._report import show_report
from egov_sdk.report import Report, Text
from egov_sdk.report_words import moment

if TYPE_CHECKING:
    from egov_sdk.crypto.jose import TokenKey

__all__ = ["jwks", "show", "token_key", "told", "verify"]


class Algorithm(enum.StrEnum):
    """What a token may be signed with; an enum, since typer takes lists of no literals."""

    SGD_SM3_SM2 = "SGD_SM3_SM2"
    ES256 = "ES256"
    RS256 = "RS256"


#: Claims that say nothing personal; of all others only the names are shown.
_PUBLIC = ("iss", "sub", "aud", "azp", "exp", "nbf", "iat", "auth_time", "jti", "acr", "amr", "scope", "client_id")
_TIMES = frozenset({"exp", "nbf", "iat", "auth_time"})
_HEADER, _CLAIMS = Text("header", "头部"), Text("claims", "声明")
_HIDDEN = Text("not shown, may be personal", "不显示（可能含个人信息）")
_KEYS_MADE = Text("wrote {out}, with {count} public key(s)", "已写入 {out}，含 {count} 个公钥")
_NEXT_VERIFY = Text(
    "next: `egov identity assert verify FILE --issuer ID --audience ID --jwks {out}`",
    "下一步：egov identity assert verify 文件 --issuer 标识 --audience 标识 --jwks {out}",
)
_HINT_KEYS = Text("give the key set of the issuer with --jwks", "请用 --jwks 提供签发者的密钥集")

TokenFile = Annotated[
    str, argument("FILE", "The token; - reads it from standard input.", "令牌文件；- 表示从标准输入读取。")
]


@command(
    groups.token,
    "show",
    "Show header and claims of a token; nothing is verified, and personal claims are left out.",
    "查看令牌的头部和声明（不验证，不显示个人信息）。",
)
def show(voice: Voice, file: TokenFile) -> None:
    """Show a token."""
    from egov_sdk.crypto.jose import read_unverified

    read = read_unverified(read_token(file))
    claims = {name: read.claims_unverified[name] for name in _PUBLIC if name in read.claims_unverified}
    hidden = sorted(read.claims_unverified.keys() - claims.keys())
    if voice.as_json:
        voice.document(
            {
                "verified": False,
                "header": {name: _value(value) for name, value in read.header_unverified.items()},
                "claims": {name: _value(value) for name, value in claims.items()},
                "hidden_claims": hidden,
            }
        )
        return
    _table(voice, _HEADER, read.header_unverified)
    _table(voice, _CLAIMS, claims)
    voice.facts([(_HIDDEN, tuple(hidden))])
    voice.note(UNVERIFIED)


def _value(value: object) -> object:
    """A value as JSON takes it: what was read is frozen."""
    if isinstance(value, Mapping):
        return {name: _value(inner) for name, inner in value.items()}
    return [_value(one) for one in value] if isinstance(value, (list, tuple)) else value


def _table(voice: Voice, title: Text, members: Mapping[str, object]) -> None:
    voice.line(title, style="bold")
    voice.table([(name, _said(name, value)) for name, value in members.items()], styles=("cyan", ""))


def _said(name: str, value: object) -> str:
    if name in _TIMES and isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value < 1 << 36:
        return f"{value}  {moment(datetime.fromtimestamp(value, UTC))}"
    return value if isinstance(value, str) else json.dumps(_value(value), ensure_ascii=False)


@command(
    groups.token,
    "verify",
    "Verify a token and answer every question about it, not only the first.",
    "验证令牌，逐项给出结果。",
)
def verify(
    voice: Voice,
    file: TokenFile,
    jwks: KeySetFile = None,
    issuer: Annotated[str | None, option("--issuer", "Who must have issued it.", "应为其签发的签发者。")] = None,
    audience: Annotated[str | None, option("--audience", "Whom it must be for.", "应为其接收方。")] = None,
    nonce: Annotated[str | None, option("--nonce", "What was sent with the request.", "请求所带的 nonce。")] = None,
    algorithms: Annotated[
        list[Algorithm] | None,
        option("--algorithm", "An algorithm that is accepted (may be repeated).", "允许的算法（可重复）。"),
    ] = None,
    leeway: Annotated[
        int, option("--leeway", "How far the clocks may be apart, in seconds.", "允许的时钟偏差（秒）。")
    ] = 60,
    at: AtTime = None,
) -> ExitCode:
    """Verify a token."""
    from egov_sdk.identity.tokens import examine_token

    result = examine_token(
        read_token(file).decode("utf-8", "replace"),
        None if jwks is None else read_keys(jwks),
        at=time_or_now(at),
        algorithms=[one.value for one in algorithms or (Algorithm.SGD_SM3_SM2,)],
        issuer=issuer,
        audience=audience,
        nonce=nonce,
        leeway_s=leeway,
    )
    code = told(voice, result.report)
    if jwks is None and not voice.as_json:
        voice.note(_HINT_KEYS)
    return code


def told(voice: Voice, report: Report, **more: object) -> ExitCode:
    """Show a report as the other groups do."""
    if voice.as_json:
        voice.document({**report.to_dict(voice.lang), **more})
        return exit_code(report.outcome)
    show_report(voice, report)
    return exit_code(report.outcome)


@command(groups.token, "jwks", "Write public keys as a key set (JWKS).", "将公钥写成密钥集（JWKS）。")
def jwks(
    voice: Voice,
    out: Annotated[Path, argument("OUT", "The key set to write.", "输出的密钥集。")],
    keys: Annotated[
        list[str],
        option(
            "--key",
            "An SM2 key, of which only the public part is written (may be repeated).",
            "SM2 密钥，只写出公钥部分（可重复）。",
            metavar="KEY",
        ),
    ],
    password_env: PasswordEnv = None,
    force: Force = False,
) -> None:
    """Write a key set."""
    from egov_sdk.cli._inputs import write_result
    from egov_sdk.crypto.jose import KeySet

    refuse_existing(out, force=force)
    made = KeySet.of(token_key(key, password_env).public() for key in keys)
    write_result(out, (json.dumps(made.to_jwks(), indent=2) + "\n").encode(), force=force)
    if voice.as_json:
        voice.document({"file": str(out), "key_ids": [key.key_id for key in made]})
        return
    voice.line(voice.say(_KEYS_MADE).format(count=len(made), out=out), style="green")
    voice.note(voice.say(_NEXT_VERIFY).format(out=out))


def token_key(key: str, password_env: str | None) -> TokenKey:
    """A key for tokens, named by its thumbprint, which no other key has."""
    from dataclasses import replace

    from egov_sdk.crypto.jose import TokenKey

    made = TokenKey.sm2(open_key(key, password_env=password_env), algorithm="SGD_SM3_SM2")
    return replace(made, key_id=made.thumbprint(digest="sm3")[:22], use="sig")
