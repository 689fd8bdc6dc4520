"""What each error of this room means, in one sentence for people in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from egov_sdk.errors import EgovError
from egov_sdk.gateway.refusals import PROBLEMS
from egov_sdk.report import Text

__all__ = ["WORDS", "words_for"]

_GATEWAY: Final = "egov.gateway."

#: By the code of the error. The message of an error has the facts, and is in English.
WORDS: Mapping[str, Text] = MappingProxyType(
    {
        "egov.platform": Text("the other side of a connection failed", "对方系统出错"),
        "egov.platform.rejected": Text("the platform understood and said no", "平台已理解请求并拒绝"),
        "egov.platform.unreachable": Text("the platform did not answer in time", "平台未及时应答"),
        f"{_GATEWAY}profile": Text("the gateway profile cannot be used", "平台配置有误，无法使用"),
        f"{_GATEWAY}unknown_profile": Text("there is no such gateway profile", "没有这个名称的平台配置"),
        f"{_GATEWAY}credentials_missing": Text(
            "the profile needs a secret, a service or a key that was not given",
            "缺少该平台配置所需的密钥、服务标识或 SM2 密钥",
        ),
        f"{_GATEWAY}unknown_value": Text("the profile has no such value", "平台配置中没有这个取值项"),
        f"{_GATEWAY}address": Text("the address cannot be used", "平台地址或代理地址无法使用"),
        f"{_GATEWAY}client_certificate": Text(
            "the client certificate or its key cannot be used", "TLS 客户端证书或其密钥无法使用"
        ),
        f"{_GATEWAY}unsafe_value": Text("a value would change the request around it", "取值会改变请求本身，未予发送"),
        f"{_GATEWAY}body_changed": Text(
            "the body is not the one that was announced", "请求体与声明的长度或杂凑值不一致"
        ),
        f"{_GATEWAY}signature_rejected": Text(
            "the gateway does not accept our id, secret or signature", "网关不接受本方的标识、密钥或签名"
        ),
        f"{_GATEWAY}access_denied": Text("the gateway does not let us use this service", "网关未授权本方使用该服务"),
        f"{_GATEWAY}clock_skew": Text("the gateway says that our time is wrong", "网关认为请求时间有误"),
        f"{_GATEWAY}rate_limited": Text("too many requests", "请求过于频繁"),
        f"{_GATEWAY}request_rejected": Text("the request itself is wrong", "请求本身有误：参数或地址不对"),
        f"{_GATEWAY}service_failed": Text("the service behind the gateway failed", "网关之后的服务出错"),
        f"{_GATEWAY}unavailable": Text("the gateway cannot reach the service now", "网关暂时无法连通服务"),
        f"{_GATEWAY}redirected": Text(
            "the answer leads elsewhere, and redirects are not followed", "应答要求转到别处，未予跟随"
        ),
        f"{_GATEWAY}answer_malformed": Text("the answer is not what it should be", "应答是网页、不完整或无法解读"),
        f"{_GATEWAY}answer_too_large": Text("the answer is larger than allowed", "应答超过允许的大小"),
        f"{_GATEWAY}answer_unsigned": Text(
            "the answer is not signed with the platform's key", "应答没有平台密钥的有效签名，不得使用"
        ),
        f"{_GATEWAY}connect_failed": Text("no connection came about; nothing was sent", "连接未建立，请求没有发出"),
        f"{_GATEWAY}tls_failed": Text(
            "TLS failed or the certificate is not trusted; nothing was sent", "TLS 握手失败或证书不受信任，请求没有发出"
        ),
        f"{_GATEWAY}timed_out": Text("a phase took longer than allowed", "超时"),
        f"{_GATEWAY}answer_cut_off": Text(
            "the connection ended before the answer did; a write may have taken effect",
            "应答未传完，连接即已断开；写操作可能已经生效",
        ),
        f"{_GATEWAY}circuit_open": Text(
            "the platform failed so often that nothing is sent for a while", "平台连续出错，暂停发送请求"
        ),
        f"{_GATEWAY}secret_refresh_failed": Text("no session secret could be had", "未能取得会话密钥"),
        f"{_GATEWAY}secret_undecryptable": Text(
            "the session secret cannot be decrypted with this appkey", "会话密钥不能用该 appkey 解密"
        ),
        f"{_GATEWAY}envelope": Text("the envelope is not as its interface describes it", "医保报文与其接口规定不符"),
        **{f"{_GATEWAY}{problem}": text for problem, text in PROBLEMS.items()},
    }
)


def words_for(error: EgovError) -> Text | None:
    """The sentence for an error, by its own code or that of the nearest class above it; None for another room's."""
    codes = (error.code, *(str(kind.__dict__.get("code", "")) for kind in type(error).__mro__))
    return next((text for code in codes if (text := WORDS.get(code)) is not None), None)
