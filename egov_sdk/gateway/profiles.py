"""The gateways known by heart. Each says what is not certain about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from egov_sdk.errors import ConfigError
from egov_sdk.gateway.profile import AnswerRule, GatewayProfile, TokenCall, TokenFlow
from egov_sdk.report import Text

__all__ = ["BUILT_IN", "built_in"]

_NATIONAL_1: Final = GatewayProfile(
    name="national-1",
    title=Text("national data-sharing gateway, first generation", "国家数据共享交换平台网关（第一代）"),
    prefix="gjgxjhpt_",
    fields={"rid": "{id}", "sid": "{service}", "rtime": "{time}", "sign": "{signature}"},
    time="ms",
    signing_string="{service}{id}{time}",
    digest="hmac-sha256",
    call_path="/httpproxy",
    answer=AnswerRule(
        code="code",
        success=frozenset({"0", "200"}),
        codes={"-1": "service", "E-106": "signature"},
        texts={"签名": "signature", "密钥": "signature", "鉴权": "signature"},
    ),
    token=TokenFlow(
        login=TokenCall(path="/sysapi/auth/refreshappsecret", body="json", repeat_fields=True),
        member="data.secret",
        ends=("data.secretEndTime",),
        life_s=3_600,
        per_service=True,
        decrypt="national",
    ),
    unverified=(
        Text("how long a secret lives, and how secretEndTime is written", "会话密钥有效期及 secretEndTime 的格式"),
        Text("how far the clocks may differ", "允许的时间偏差"),
        Text("all return codes but 0, -1 and E-106", "除 0、-1、E-106 以外的返回码"),
        Text("by which code or text an expired secret is told", "密钥过期时的返回码或提示"),
    ),
    source="public clients; DB14/T 1933-2019 describes the same interface",
)

_NATIONAL_2: Final = replace(
    _NATIONAL_1,
    name="national-2",
    title=Text("national government service platform gateway, second generation", "国家政务服务平台网关（数据直达）"),
    prefix="gjzwfwpt_",
    call_path="/gateway/httpproxy",
    unverified=(
        *_NATIONAL_1.unverified,
        Text("under which path a secret is refreshed", "刷新会话密钥的路径"),
    ),
    source="public clients; 数据直达接口规范 v0.55 as quoted by one of them",
)

_TIF: Final = GatewayProfile(
    name="tif",
    title=Text("TIF gateway (Guangdong and others), caller to gateway", "TIF 网关（广东等），调用方至网关"),
    prefix="x-tif-",
    fields={"paasid": "{id}", "timestamp": "{time}", "nonce": "{nonce}", "signature": "{signature}"},
    time="s",
    nonce="hex",
    signing_string="{time}{secret}{nonce}{time}",
    digest="sha256",
    encoding="HEX",
    skew_s=180,
    answer=AnswerRule(codes={"400001": "signature"}),
    unverified=(
        Text("the error bodies of the gateway itself", "网关自身的错误返回体"),
        Text("that x-rio-* of test environments means the same", "测试环境 x-rio-* 的含义是否相同"),
    ),
    source="public clients and one backend filter",
)

_TIF_USER: Final = replace(
    _TIF,
    name="tif-user",
    title=Text("TIF gateway to the service behind it, with the user", "TIF 网关至后端服务，带用户信息"),
    fields={**_TIF.fields, "uid": "{uid}", "uinfo": "{uinfo}", "ext": "{ext}"},
    values={"uid": "", "uinfo": "", "ext": ""},
    signing_string="{time}{secret}{nonce},{uid},{uinfo},{ext}{time}",
)

_ZHEJIANG_TOKEN: Final = {"appKey": "{id}", "sign": "{signature}", "requestTime": "{time}"}

_ZHEJIANG: Final = GatewayProfile(
    name="zhejiang",
    title=Text("Zhejiang data-sharing gateway, the old one", "浙江数据共享网关（旧）"),
    place="query",
    fields=_ZHEJIANG_TOKEN,
    time="ms",
    signing_string="{id}{secret}{time}",
    digest="md5",
    encoding="hex",
    answer=AnswerRule(
        code="code",
        success=frozenset({"00"}),
        codes={"96": "service", "97": "request", "98": "request", "99": "service"},
        texts={"sign": "signature", "签名": "signature", "密钥": "signature"},
    ),
    token=TokenFlow(
        login=TokenCall(path="/gateway/app/refreshTokenByKey.htm", method="GET"),
        renew=TokenCall(path="/gateway/app/refreshTokenBySec.htm", method="GET"),
        member="datas.requestSecret",
        ends=("datas.requestSecretEndTime",),
        renewal_member="datas.refreshSecret",
        renewal_ends=("datas.refreshSecretEndTime",),
        life_s=900,
    ),
    unverified=(
        Text("how far the clocks may differ", "允许的时间偏差"),
        Text("by which code or text an expired secret is told", "密钥过期时的返回码或提示"),
    ),
    source="public clients",
)

_ZHEJIANG_IRS: Final = GatewayProfile(
    name="zhejiang-irs",
    title=Text("Zhejiang IRS gateway", "浙江一体化数字资源系统（IRS）业务协同网关"),
    prefix="X-BG-",
    fields={
        "HMAC-SIGNATURE": "{signature}",
        "HMAC-ALGORITHM": "hmac-sha256",
        "HMAC-ACCESS-KEY": "{id}",
        "DATE-TIME": "{time}",
    },
    time="rfc1123",
    signing_string="{method}\n{path}\n{query}\n{id}\n{time}\n",
    digest="hmac-sha256",
    query_form="sorted",
    skew_s=90,
    answer=AnswerRule(
        texts={
            "Invalid signature": "signature",
            "Invalid access key": "signature",
            "Clock skew exceeded": "skew",
            "The route_id is forbidden": "denied",
        }
    ),
    unverified=(
        Text(
            "a literal + or % in a value of the query: the platform's own client writes it in another way",
            "查询值中的字面 + 或 %：平台自带客户端的写法不同",
        ),
        Text("whether pairs are sorted before or after encoding", "参数排序在编码之前还是之后"),
    ),
    source="manual of the platform; public clients",
)

_ZHEZHENGDING: Final = GatewayProfile(
    name="zhezhengding",
    title=Text("Zhejiang government DingTalk, open platform", "浙政钉开放平台"),
    fields={
        "X-Hmac-Auth-Timestamp": "{time}",
        "X-Hmac-Auth-Version": "1.0",
        "X-Hmac-Auth-Nonce": "{nonce}",
        "apiKey": "{id}",
        "X-Hmac-Auth-Signature": "{signature}",
        "X-Hmac-Auth-IP": "{ip}",
        "X-Hmac-Auth-MAC": "{mac}",
    },
    values={"ip": "127.0.0.1", "mac": "00:00:00:00:00:00"},
    time="iso8601",
    nonce="seconds-000-4",
    signing_string="{method}\n{time}\n{nonce}\n{path}[\n{params}]",
    digest="hmac-sha256",
    answer=AnswerRule(
        code="success",
        success=frozenset({"true"}),
        message=("message", "content.responseMessage", "errorMsg"),
    ),
    token=TokenFlow(
        login=TokenCall(path="/gettoken.json", body="form", fields={"appkey": "{id}", "appsecret": "{secret}"}),
        member="content.data.accessToken",
        ends=("content.data.expiresIn", "content.data.expireIn"),
        life_s=7_200,
        gives="token",
        parameter="access_token",
    ),
    unverified=(
        Text("how far the clocks may differ, and whether nonces are checked", "允许的时间偏差，以及是否检查随机数"),
        Text("what the server does with address and MAC", "服务端如何使用 IP 和 MAC"),
        Text("the error codes", "错误码"),
    ),
    source="public clients",
)

_SHANDONG: Final = GatewayProfile(
    name="shandong",
    title=Text("Shandong public data gateway", "山东公共数据开放网关"),
    prefix="X-",
    fields={"Client-Id": "{id}", "Timestamp": "{time}", "Nonce": "{nonce}", "Signature": "{signature}"},
    time="ms",
    nonce="hex",
    signing_string="{id}{time}{nonce}",
    digest="hmac-sha256",
    skew_s=600,
    call_path="/gateway/api/1/{service}",
    answer=AnswerRule(
        code="code",
        success=frozenset({"200"}),
        codes={"300": "signature"},
    ),
    unverified=(Text("all codes but 200 and 300", "除 200、300 以外的返回码"),),
    source="pages of the platform; public clients",
)

_SHA1_REPORT: Final = GatewayProfile(
    name="sha1-report",
    title=Text("district-to-city reporting with SHA-1 (city not named)", "区县向市级上报接口（SHA-1，城市未具名）"),
    fields={"appKey": "{id}", "signature": "{signature}", "timestamp": "{time}"},
    time="ms",
    signing_string="{id}{secret}{time}",
    digest="sha1",
    encoding="hex",
    skew_s=3_600,
    unverified=(
        Text("which city's platform this is", "属于哪个城市的平台"),
        Text("its codes", "其返回码"),
        Text("whether the fields are headers", "签名字段是否位于请求头"),
    ),
    source="one published interface description with a test vector",
)

_HSAF: Final = GatewayProfile(
    name="hsaf",
    title=Text("medical insurance HSAF gateway", "医保 HSAF 网关"),
    prefix="_api_",
    fields={
        "name": "{service}",
        "version": "{version}",
        "timestamp": "{time}",
        "access_key": "{id}",
        "signature": "{signature}",
    },
    values={"version": "1.0.0"},
    time="ms",
    signing_string="_api_access_key={id}&_api_name={service}&_api_timestamp={time}&_api_version={version}",
    digest="hmac-sha1",
    skew_s=1_800,
    answer=AnswerRule(
        texts={
            "缺少服务网关的请求头": "signature",
            "签名时间戳超时": "skew",
            "非法用户": "signature",
            "签名不一致": "signature",
        }
    ),
    unverified=(Text("the codes of services behind it", "后端服务的返回码"),),
    source="public clients",
)

_NHSA: Final = GatewayProfile(
    name="nhsa",
    title=Text("medical insurance open platform, SM2 and SM4 envelope", "国家医保开放平台报文（SM2 签名、SM4 加密）"),
    place="json",
    fields={
        "appId": "{id}",
        "version": "{version}",
        "timestamp": "{time}",
        "encType": "SM4",
        "signType": "SM2",
        "signData": "{signature}",
    },
    values={"version": "2.0.1"},
    time="compact",
    signing_string="{envelope}&key={secret}",
    digest="sm2-raw",
    skew_s=600,
    envelope="nhsa",
    answer=AnswerRule(code="code", success=frozenset({"0"})),
    unverified=(
        Text("the key, mode, padding and writing of SM4", "SM4 的密钥导出、模式、填充和输出形式"),
        Text("the SM2 user id; the default one is used", "SM2 用户标识（此处取默认值）"),
        Text("whether the time is in seconds or yyyyMMddHHmmss", "时间是秒数还是 yyyyMMddHHmmss"),
        Text("how far the clocks may differ", "允许的时间偏差"),
        Text("how answers are signed", "应答的签名方式"),
    ),
    source="three published descriptions of the string; 64-byte signatures in their samples",
)

_NHSA_PLAIN: Final = replace(
    _NHSA,
    name="nhsa-plain",
    title=Text("medical insurance open platform, signed and not encrypted", "国家医保开放平台报文（仅签名，不加密）"),
    envelope="nhsa-plain",
    unverified=_NHSA.unverified[1:],
)

_SM2: Final = GatewayProfile(
    name="egov-sm2",
    title=Text("this project's own: SM2 over the whole request", "本项目自有：SM2 签名覆盖整个请求"),
    prefix="Egov-",
    fields={
        "Caller": "{id}",
        "Service": "[{service}]",
        "Time": "{time}",
        "Nonce": "{nonce}",
        "Body-SM3": "{body_sm3}",
        "Signature": "{signature}",
    },
    time="ms",
    nonce="hex",
    signing_string="egov-sm2-1\n{id}\n[{service}]\n{time}\n{nonce}\n{method}\n{path}\n{query}\n{body_sm3}",
    digest="sm2",
    skew_s=300,
    answer=AnswerRule(codes={"egov.gateway.refused.time_outside_window": "skew"}),
    source="this project; no platform of a province speaks it",
)

_HMAC_SM3: Final = replace(
    _SM2,
    name="egov-hmac-sm3",
    title=Text("as egov-sm2, with a shared secret", "同 egov-sm2，使用共享密钥"),
    signing_string=_SM2.signing_string.replace("egov-sm2-1", "egov-hmac-sm3-1"),
    digest="hmac-sm3",
)

#: Every built-in profile by its name.
BUILT_IN: Final[Mapping[str, GatewayProfile]] = MappingProxyType(
    {
        profile.name: profile
        for profile in (
            *(_NATIONAL_1, _NATIONAL_2, _TIF, _TIF_USER, _ZHEJIANG, _ZHEJIANG_IRS, _ZHEZHENGDING, _SHANDONG),
            *(_SHA1_REPORT, _HSAF, _NHSA, _NHSA_PLAIN, _SM2, _HMAC_SM3),
        )
    }
)


def built_in(name: str) -> GatewayProfile:
    """A built-in profile by its name.

    Raises:
        ConfigError: there is none of that name; the message lists them.
    """
    try:
        return BUILT_IN[name]
    except KeyError:
        raise ConfigError(
            f"no gateway profile {name!r}; there are {', '.join(BUILT_IN)}",
            code="egov.gateway.unknown_profile",
            setting="profile",
            hint="load_profile reads one of your own from TOML",
        ) from None
