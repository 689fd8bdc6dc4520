"""``egov gateway``: sign requests to platforms, explain signatures, call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from egov_sdk.cli import _groups as groups
from egov_sdk.cli._command import command, option
from egov_sdk.cli._gateway_inputs import (
    Address,
    BodyFile,
    ContentType,
    Method,
    ProfileName,
    SecretEnv,
    Settings,
    SignAt,
    SignerKey,
    make_credentials,
    make_request,
    open_profile,
    split_address,
)
from egov_sdk.cli._inputs import time_or_now
from egov_sdk.cli._options import PasswordEnv
from egov_sdk.cli._output import Voice
from egov_sdk.cli._problems import UsageError
from egov_sdk.report import Text

if TYPE_CHECKING:
    from egov_sdk.gateway import Answer, Credentials, GatewayProfile
    from egov_sdk.gateway.explain import Explanation, SignedRequest

__all__ = ["call", "explain", "profiles", "sign"]

_JSON_TYPE = "application/json;charset=UTF-8"
_STRING = Text("signing string", "待签名串")
_DIGEST = Text("signature", "签名算法")
_COVERED, _NOT_COVERED = Text("covered", "签名覆盖"), Text("not covered", "签名未覆盖")
_UNVERIFIED = Text("not verified with the platform", "尚未与平台核实")
_NOTHING = Text("nothing", "无")
_SENT = Text("sent", "发送内容")
_SESSION = Text(
    "this platform signs with a session secret: the secret given counts as that one, not the one it was issued for",
    "该平台用会话密钥签名：所给密钥按会话密钥使用，而非长期密钥",
)
_TOKEN = Text(
    "this platform also wants a token, which `egov gateway call` fetches and which is not here",
    "该平台还要求令牌，由 egov gateway call 获取，此处不含",
)
_PARTS: Mapping[str, Text] = {
    "method": Text("method", "方法"),
    "path": Text("path", "路径"),
    "query": Text("query", "查询串"),
    "body": Text("body", "请求体"),
    "service": Text("service", "服务"),
    "time": Text("time", "时间"),
    "nonce": Text("nonce", "随机数"),
}
_REQUEST_ID, _ATTEMPTS = Text("request id", "请求编号"), Text("attempts", "尝试次数")
_STATUS = Text("status", "状态码")


@command(
    groups.gateway,
    "sign",
    "Sign a request and print what is to be sent; nothing is sent.",
    "对请求签名并输出应发送的内容（不发送）。",
)
def sign(
    voice: Voice,
    method: Method,
    address: Address,
    profile: ProfileName,
    settings: Settings = None,
    secret_env: SecretEnv = None,
    key: SignerKey = None,
    password_env: PasswordEnv = None,
    body: BodyFile = None,
    content_type: ContentType = _JSON_TYPE,
    at: SignAt = None,
) -> None:
    """Sign one request."""
    from egov_sdk.gateway.explain import sign_request

    found = open_profile(profile)
    place = split_address(address)
    request = make_request(method, place, profile=found, body=body, content_type=content_type)
    moment = time_or_now(at)
    who = make_credentials(found, settings or (), secret_env=secret_env, key=key, password_env=password_env)
    signed = sign_request(request, profile=found, credentials=who, at=moment)
    _note_token(voice, found)
    if voice.as_json:
        voice.document({"profile": found.name, **_sent(signed, host=place.host), "body": _text(signed.body)})
        return
    voice.line(f"{signed.method} {place.host}{signed.target}", style="bold")
    for name, value in signed.headers:
        voice.line(f"{name}: {value}")
    if signed.body:
        voice.line()
        _lines(voice, _text(signed.body))


@command(
    groups.gateway,
    "explain",
    "Show what the signature of a request covers and what it does not; nothing is sent.",
    "查看请求签名覆盖与未覆盖的内容（不发送）。",
)
def explain(
    voice: Voice,
    method: Method,
    address: Address,
    profile: ProfileName,
    settings: Settings = None,
    secret_env: SecretEnv = None,
    key: SignerKey = None,
    password_env: PasswordEnv = None,
    body: BodyFile = None,
    content_type: ContentType = _JSON_TYPE,
    at: SignAt = None,
) -> None:
    """Explain one signature."""
    from egov_sdk.gateway.explain import explain_request

    found = open_profile(profile)
    place = split_address(address)
    request = make_request(method, place, profile=found, body=body, content_type=content_type)
    moment = time_or_now(at)
    who = make_credentials(found, settings or (), secret_env=secret_env, key=key, password_env=password_env)
    told = explain_request(request, profile=found, credentials=who, at=moment)
    sent = _sent(told.request, host=place.host)
    if voice.as_json:
        voice.document(_explained(voice, told, sent))
        return
    _explain(voice, told, sent)
    _note_token(voice, found)


def _sent(signed: SignedRequest, *, host: str) -> dict[str, object]:
    return {
        "method": signed.method,
        "target": host + signed.target,
        "headers": [{"name": name, "value": value} for name, value in signed.headers],
    }


def _explained(voice: Voice, told: Explanation, sent: Mapping[str, object]) -> dict[str, object]:
    return {
        "profile": told.profile,
        "title": voice.say(told.title),
        "request": sent,
        "signing_string": told.signing_string,
        "digest": told.digest,
        "encoding": told.encoding,
        "covered": list(told.covered),
        "not_covered": list(told.not_covered),
        "session_secret": told.session_secret,
        "unverified": [voice.say(text) for text in told.unverified],
    }


def _explain(voice: Voice, told: Explanation, sent: Mapping[str, object]) -> None:
    def named(parts: tuple[str, ...]) -> str:
        return ", ".join(voice.say(_PARTS[part]) for part in parts) or voice.say(_NOTHING)

    voice.line(f"{told.profile}  {voice.say(told.title)}", style="bold")
    voice.facts(
        [
            (_STRING, told.signing_string),
            (_DIGEST, f"{told.digest}, {told.encoding}"),
            (_COVERED, named(told.covered)),
            (_NOT_COVERED, named(told.not_covered)),
        ]
    )
    voice.line()
    voice.line(_SENT, style="bold")
    voice.line(f"  {sent['method']} {sent['target']}")
    voice.table(told.request.headers)
    _unverified(voice, told.unverified)


def _unverified(voice: Voice, parts: tuple[Text, ...]) -> None:
    if parts:
        voice.line()
        voice.line(_UNVERIFIED, style="bold")
        for text in parts:
            voice.line(f"  - {voice.say(text)}")


def _note_token(voice: Voice, profile: GatewayProfile) -> None:
    if profile.token is not None:
        voice.note(_SESSION if profile.token.gives == "secret" else _TOKEN)


@command(
    groups.gateway,
    "call",
    "Send a request, signed if a profile is given, and print the answer.",
    "发送请求（指定平台配置时签名）并输出应答。",
)
def call(
    voice: Voice,
    method: Method,
    address: Address,
    profile: Annotated[
        str | None,
        option(
            "--profile",
            "As for sign; without it the request is not signed.",
            "同 sign；未指定时不签名。",
            metavar="NAME|FILE.toml",
        ),
    ] = None,
    settings: Settings = None,
    secret_env: SecretEnv = None,
    key: SignerKey = None,
    password_env: PasswordEnv = None,
    body: BodyFile = None,
    content_type: ContentType = _JSON_TYPE,
    ca: Annotated[
        Path | None,
        option("--ca", "Trust the certificates of this file for TLS.", "TLS 信任该文件中的证书。", metavar="PEM"),
    ] = None,
    timeout: Annotated[
        float, option("--timeout", "Seconds for all attempts together.", "全部尝试的总秒数。", metavar="SECONDS")
    ] = 120.0,
    attempts: Annotated[
        int,
        option("--attempts", "At most so many attempts.", "最多尝试次数。", metavar="NUMBER"),
    ] = 3,
) -> None:
    """Call a platform."""
    import ssl

    from egov_sdk.gateway import GatewayClient
    from egov_sdk.gateway.policies import Retry, Timeouts

    place = split_address(address)
    if not place.host:
        raise UsageError(
            Text("a call needs a URL with https:// or http://", "调用须给出以 https:// 或 http:// 开头的 URL")
        )
    timeouts, retry = Timeouts(total_s=timeout), Retry(attempts=attempts)
    found, who = _signed_as(profile, settings or (), secret_env=secret_env, key=key, password_env=password_env)
    request = make_request(method, place, profile=found, body=body, content_type=content_type)
    tls = None if ca is None else ssl.create_default_context(cafile=str(ca))
    with GatewayClient(place.host, profile=found, credentials=who, tls=tls, timeouts=timeouts, retry=retry) as client:
        _answer(voice, client.request(request))


def _signed_as(
    profile: str | None,
    settings: Sequence[str],
    *,
    secret_env: str | None,
    key: str | None,
    password_env: str | None,
) -> tuple[GatewayProfile | None, Credentials | None]:
    if profile is None:
        if settings or secret_env or key:
            raise UsageError(
                Text(
                    "--set, --secret-env and --key belong to a profile",
                    "--set、--secret-env 和 --key 须与 --profile 同用",
                ),
                hint=Text("give --profile", "请给出 --profile"),
            )
        return None, None
    found = open_profile(profile)
    return found, make_credentials(found, settings, secret_env=secret_env, key=key, password_env=password_env)


def _answer(voice: Voice, answer: Answer) -> None:
    if voice.as_json:
        voice.document(
            {
                "status": answer.status,
                "request_id": answer.request_id,
                "attempts": answer.attempts,
                "content_type": answer.header("content-type"),
                "body": _json_or_text(answer),
            }
        )
        return
    voice.line(f"{voice.say(_STATUS)} {answer.status}", style="bold")
    voice.facts([(_REQUEST_ID, answer.request_id), (_ATTEMPTS, answer.attempts if answer.attempts > 1 else None)])
    if answer.body:
        voice.line()
        _lines(voice, answer.text)


def _json_or_text(answer: Answer) -> object:
    from egov_sdk.gateway.errors import AnswerMalformed

    try:
        return answer.json()
    except AnswerMalformed:
        return answer.text


def _text(body: bytes) -> str:
    return body.decode("utf-8", "replace")


def _lines(voice: Voice, text: str) -> None:
    for line in text.splitlines():
        voice.line(line)


@command(
    groups.gateway,
    "profiles",
    "List the built-in profiles, and what of each was never verified with the platform.",
    "列出内置平台配置及其中尚未与平台核实的部分。",
)
def profiles(voice: Voice) -> None:
    """List the profiles."""
    from egov_sdk.gateway.profiles import BUILT_IN

    if voice.as_json:
        voice.document({"profiles": [_profile(voice, one) for one in BUILT_IN.values()]})
        return
    voice.table([(name, voice.say(one.title)) for name, one in BUILT_IN.items()], indent="", styles=("bold", ""))
    voice.line()
    voice.line(_UNVERIFIED, style="bold")
    separator = "; " if voice.lang == "en" else "；"
    voice.table(
        [
            (name, separator.join(map(voice.say, one.unverified)) or voice.say(_NOTHING))
            for name, one in BUILT_IN.items()
        ]
    )


def _profile(voice: Voice, one: GatewayProfile) -> dict[str, object]:
    return {
        "name": one.name,
        "title": voice.say(one.title),
        "digest": one.digest,
        "covers_body": one.covers_body,
        "session_secret": one.token is not None and one.token.gives == "secret",
        "unverified": [voice.say(text) for text in one.unverified],
    }
