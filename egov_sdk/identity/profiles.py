"""The identity platforms known by heart, and the gateway profiles of their own. Each says what is not certain."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from egov_sdk.codes import CodeKind, Sex
from egov_sdk.errors import ConfigError
from egov_sdk.gateway.profile import AnswerRule, GatewayProfile
from egov_sdk.gateway.profiles import built_in
from egov_sdk.identity.model import AuthMethod, HolderKind, IdentityLevel
from egov_sdk.identity.profile import (
    AnswerFields,
    Call,
    DocumentRule,
    IdentityProfile,
    LegalFields,
    Page,
    PersonFields,
    TokenFields,
    UserFields,
)
from egov_sdk.identity.wire import LEVEL_OF_ACR
from egov_sdk.report import Text

__all__ = ["PROFILES", "SIGN_IN_GATEWAYS", "gateway_of", "identity_profile"]

_SEXES: Final = {"1": Sex.MALE, "2": Sex.FEMALE, "男": Sex.MALE, "女": Sex.FEMALE}

_OIDC: Final = IdentityProfile(
    name="oidc",
    title=Text("OpenID Connect with SM2 tokens", "OpenID Connect（国密 SM2 令牌）"),
    shape="oidc",
    login=Page(
        fields={
            "acr_values": "{level}",
            "egov_method": "{method}",
            "egov_holder": "{holder}",
            "prompt": "{prompt}",
        }
    ),
    levels={level: acr for acr, level in LEVEL_OF_ACR.items()},
    methods={method: method.value for method in AuthMethod if method is not AuthMethod.UNKNOWN},
    holders={kind: kind.value for kind in HolderKind},
    prompts={"login": "login", "none": "none"},
    unverified=(
        Text(
            "the parameter tables of GM/T 0069: those of OpenID Connect are used",
            "GM/T 0069 的参数表：此处采用 OpenID Connect 的参数名",
        ),
    ),
    source="OpenID Connect Core 1.0; the table of contents of GM/T 0068 and 0069",
)

_GUANGDONG: Final = IdentityProfile(
    name="guangdong",
    title=Text("Guangdong unified identity (TIF)", "广东省统一身份认证平台（TIF）"),
    shape="code",
    login=Page(
        url="https://tyrz.gd.gov.cn/tif/sso/connect/page/oauth2/authorize",
        fields={
            "client_id": "{client_id}",
            "service": "initService",
            "scope": "all",
            "response_type": "code",
            "redirect_uri": "{redirect_uri_with_state}",
        },
    ),
    token=Call(
        path="/tif/sso/connect/page/oauth2/access_token",
        fields={
            "client_id": "{client_id}",
            "client_secret": "{client_secret}",
            "scope": "all",
            "service": "initService",
            "grant_type": "authorization_code",
            "redirect_uri": "{redirect_uri_with_state}",
            "code": "{code}",
        },
    ),
    userinfo=Call(path="/tif/sso/connect/page/oauth2/tokeninfo", fields={"access_token": "{token}"}),
    user=UserFields(
        person=PersonFields(
            subject=("uid",), name=("name",), number=("cid",), type="ctype", sex=("sex",), mobile=("mobile",)
        ),
        legal=LegalFields(
            subject=("uid",),
            name=("name",),
            documents={"cid": CodeKind.CREDIT_CODE},
            representative=PersonFields(
                name=("legal_person",), number=("legal_person_cid",), type="legal_person_ctype"
            ),
            agent=PersonFields(name=("link_person_name",), number=("link_person_cid",), type="link_person_ctype"),
        ),
        kind="account_type",
        kinds={"human": HolderKind.NATURAL, "corp": HolderKind.LEGAL},
        document_types={
            "10": DocumentRule(kind=CodeKind.CITIZEN_NUMBER),
            "49": DocumentRule(kind=CodeKind.CREDIT_CODE),
        },
        sexes=_SEXES,
        level="level",
        # client code takes 2 and above for checked; what lies above is not known to be more than that
        levels={
            "L1": IdentityLevel.NONE,
            "L2": IdentityLevel.REAL_NAME,
            "L3": IdentityLevel.REAL_NAME,
            "L4": IdentityLevel.REAL_NAME,
        },
        raw=("level", "login_type", "realname_checked", "realname_time", "face_time", "face_authtime", "origin"),
    ),
    holders={HolderKind.NATURAL: "", HolderKind.LEGAL: ""},
    unverified=(
        Text(
            "whether the platform hands a state back; it travels in the address instead",
            "平台是否返回 state；此处改由回调地址携带",
        ),
        Text(
            "the form of the answers to token and user calls, and the error codes", "令牌和用户接口的返回格式及错误码"
        ),
        Text("what lies above level L2", "L2 以上等级的含义"),
    ),
    source="public clients",
)

_ZHEJIANG_ERRORS: Final = {
    "6001": "ticket_expired",
    "6002": "ticket_unknown",
    "6003": "ticket_audience",
    "6004": "ticket_malformed",
    "6099": "ticket_rejected",
    "6501": "session_ended",
    "6502": "session_ended",
    "6503": "session_ended",
    "6504": "token_audience",
    "6505": "session_ended",
}

_ZHEJIANG_USER: Final = UserFields(
    person=PersonFields(
        subject=("userid",),
        name=("username",),
        number=("idnum",),
        type="idtype",
        sex=("sex",),
        birth_date=("birthday",),
        nation=("nation",),
        mobile=("mobile",),
        email=("email",),
    ),
    document_types={
        "1": DocumentRule(kind=CodeKind.CITIZEN_NUMBER),
        "2": DocumentRule(kind=CodeKind.PASSPORT, number="passport"),
        "3": DocumentRule(kind=CodeKind.MILITARY_ID, number="officerlicense"),
        "4": DocumentRule(kind=CodeKind.HK_MACAO_TRAVEL_PERMIT, number="permitlicense"),
        "5": DocumentRule(kind=CodeKind.TAIWAN_TRAVEL_PERMIT, number="taiwanlicense"),
        "6": DocumentRule(kind=CodeKind.PERMANENT_RESIDENT_CARD, number="greencard"),
    },
    sexes=_SEXES,
    level="authlevel",
    levels={"1": IdentityLevel.NONE, "2": IdentityLevel.REAL_NAME, "3": IdentityLevel.REAL_PERSON},
    raw=("authlevel", "useable"),
    proven_only=True,
    masks={
        **dict.fromkeys(
            ("idnum", "passport", "permitlicense", "taiwanlicense", "officerlicense", "greencard"), "number"
        ),
        "mobile": "mobile",
        "username": "name",
        "email": "email",
        **dict.fromkeys(("authlevel", "idtype", "sex", "useable", "userid", "orgcoding", "nation"), "shown"),
    },
)

_ZHEJIANG: Final = IdentityProfile(
    name="zhejiang",
    title=Text("Zhejiang government service network, personal user", "浙江政务服务网个人用户"),
    shape="ticket",
    login=Page(
        url="https://puser.zjzwfw.gov.cn/sso/usp.do",
        fields={"action": "ssoLogin", "servicecode": "{client_id}", "goto": "{state}"},
    ),
    callback="ticket",
    state="sp",
    token=Call(
        path="/sso/servlet/simpleauth", fields={"method": "ticketValidation", "st": "{code}", "datatype": "json"}
    ),
    token_fields=TokenFields(token="token", life_s="", refresh_token="", refresh_life_s="", subject="userid"),  # noqa: S106 - members
    userinfo=Call(
        path="/sso/servlet/simpleauth", fields={"method": "getUserInfo", "token": "{token}", "datatype": "json"}
    ),
    user=_ZHEJIANG_USER,
    errors=_ZHEJIANG_ERRORS,
    gateway="zhejiang-sso",
    unverified=(
        Text("how long a token lives", "令牌有效期"),
        Text(
            "the parameters of generateST, so tickets are taken but not made",
            "generateST 的参数；因此只接收票据，不生成票据",
        ),
        Text("the address that a person is sent to for signing out", "退出登录的地址"),
    ),
    source="SSO接口规范 usp 4.12 (2019-05-21)",
)

_NATIONAL_OLDER: Final = IdentityProfile(
    **(
        dict(_ZHEJIANG)
        | {
            "name": "national-older",
            "title": Text("national user.www.gov.cn, the older line", "国家政务服务平台用户中心（旧）"),
            "login": Page(fields={"servicecode": "{client_id}", "gourl": "{state}"}),
            "unverified": (
                Text("the login address: give it in the settings", "登录地址，需在设置中给出"),
                Text(
                    "that calls, fields and codes are those of Zhejiang, whose vendor made both",
                    "接口、字段与错误码与浙江（同一厂商）一致",
                ),
            ),
            "source": "public clients: configuration and callback only",
        }
    )
)

_IRS_DOCUMENTS: Final[Mapping[str, CodeKind | None]] = {
    "ID_CARD": CodeKind.CITIZEN_NUMBER,
    "PASSPORT": CodeKind.PASSPORT,
    "FOREIGN_PASSPORT": CodeKind.PASSPORT,
    "DIPLOMACY_PASSPORT": CodeKind.PASSPORT,
    "OFFICIAL_PASSPORT": CodeKind.PASSPORT,
    "OFFICER_CARD": CodeKind.MILITARY_ID,
    "SOLDIER_CARD": CodeKind.MILITARY_ID,
    "OFFICER_RETIRE_CARD": CodeKind.MILITARY_ID,
    "MAINLAND_TRAVEL_PERMIT_FOR_HONGKONG_AND_MACAO_RESIDENTS": CodeKind.HK_MACAO_TRAVEL_PERMIT,
    "MAINLAND_TRAVEL_PERMIT_FOR_TAIWAN_RESIDENTS": CodeKind.TAIWAN_TRAVEL_PERMIT,
    "FOREIGN_PERMANENT_RESIDENT_ID_CARD": CodeKind.PERMANENT_RESIDENT_CARD,
    "GANG_AO_TAI_RESIDENCE_CART": CodeKind.RESIDENCE_PERMIT,
    "UNIFIED_SOCIAL_ID": CodeKind.CREDIT_CODE,
}

_ZHEJIANG_IRS: Final = IdentityProfile(
    name="zhejiang-irs",
    title=Text("Zhejiang through the IRS gateway, PC, WeChat and app", "浙江统一单点登录（IRS 网关，PC、微信、App）"),
    shape="ticket",
    login=Page(
        url="https://portal.zjzwfw.gov.cn/uc/sso/login",
        fields={"appId": "{client_id}", "sp": "{redirect_uri_with_state}"},
    ),
    callback="ticketId",
    token=Call(
        path="/restapi/prod/IC33000020220329000007/uc/sso/access_token",
        body="json",
        fields={"ticketId": "{code}", "appId": "{client_id}"},
    ),
    token_fields=TokenFields(token="data.accessToken", life_s="", refresh_token="", refresh_life_s=""),  # noqa: S106 - members
    userinfo=Call(
        path="/restapi/prod/IC33000020220329000008/uc/sso/getUserInfo", body="json", fields={"token": "{token}"}
    ),
    user=UserFields(
        person=PersonFields(
            subject=("data.personInfo.userId",),
            name=("data.personInfo.userName",),
            number=("data.personInfo.idNo",),
            type="data.personInfo.idType",
            sex=("data.personInfo.gender",),
            birth_date=("data.personInfo.birthday",),
            nation=("data.personInfo.nation",),
            mobile=("data.personInfo.phone",),
            email=("data.personInfo.email",),
        ),
        legal=LegalFields(
            subject=("data.legalPersonInfo.corpId", "data.legalPersonInfo.unifiedSocialId"),
            name=("data.legalPersonInfo.name",),
            documents={"data.legalPersonInfo.unifiedSocialId": CodeKind.CREDIT_CODE},
            raw_type="data.legalPersonInfo.orgType",
            representative=PersonFields(
                subject=("data.legalPersonInfo.principalUserId",),
                name=("data.legalPersonInfo.principal",),
                number=("data.legalPersonInfo.idNo",),
                type="data.legalPersonInfo.idType",
            ),
            agent=PersonFields(
                name=("data.legalPersonInfo.attnName",),
                number=("data.legalPersonInfo.attnIdNo",),
                type="data.legalPersonInfo.attnIdType",
                mobile=("data.legalPersonInfo.attnPhone",),
            ),
            role="data.legalPersonInfo.attnUserType",
        ),
        kind="data.userType",
        kinds={"PERSON": HolderKind.NATURAL, "LEGAL_PERSON": HolderKind.LEGAL},
        document_types={word: DocumentRule(kind=kind) for word, kind in _IRS_DOCUMENTS.items()},
        sexes=_SEXES,
    ),
    holders={HolderKind.NATURAL: "", HolderKind.LEGAL: ""},
    logout=Page(url="https://portal.zjzwfw.gov.cn/uc/unifiedLogout"),
    answer=AnswerFields(success="success", code="errorCode"),
    errors={
        "C-USER-SSO-TICKET-INVALID": "ticket_rejected",
        "C-USER-SSO-TOKEN-INVALID": "session_ended",
        "C-USER-SSO-USER-EMPTY": "session_ended",
    },
    gateway="zhejiang-irs",
    unverified=(
        Text("whether the reply holds personInfo below data or at its top", "personInfo 位于 data 之下还是最外层"),
        Text(
            "how a state comes back; it travels in the address that sp names",
            "state 的返回方式；此处由 sp 所指地址携带",
        ),
        Text("any level: the reply has none", "实名等级：返回中没有"),
        Text(
            "whose numbers idType and idNo of an organisation are; they are taken for its representative's",
            "法人信息中 idType、idNo 属于谁；此处视为法定代表人的证件",
        ),
    ),
    source="public clients of the IRS gateway",
)

_ZHEJIANG_SSO: Final = GatewayProfile(
    name="zhejiang-sso",
    title=Text("Zhejiang sign-in calls: md5 of code, password and time", "浙江单点登录接口签名（md5）"),
    place="query",
    fields={"servicecode": "{id}", "time": "{time}", "sign": "{signature}"},
    time="compact",
    signing_string="{id}{secret}{time}",
    digest="md5",
    encoding="hex",
    answer=AnswerRule(
        code="result",
        success=frozenset({"0"}),
        message=("errmsg",),
        codes={
            "9900": "signature",
            "9901": "signature",
            "9902": "request",
            "9903": "denied",
            "9904": "denied",
            "9800": "request",
        },
    ),
    unverified=(Text("how far the clocks may differ", "允许的时间偏差"),),
    source="SSO接口规范 usp 4.12 (2019-05-21)",
)

#: Gateway profiles that only sign-in calls are made with.
SIGN_IN_GATEWAYS: Final[Mapping[str, GatewayProfile]] = MappingProxyType({_ZHEJIANG_SSO.name: _ZHEJIANG_SSO})

#: Every built-in profile by its name.
PROFILES: Final[Mapping[str, IdentityProfile]] = MappingProxyType(
    {profile.name: profile for profile in (_OIDC, _GUANGDONG, _ZHEJIANG, _ZHEJIANG_IRS, _NATIONAL_OLDER)}
)


def identity_profile(name: str) -> IdentityProfile:
    """A built-in identity profile by its name.

    Raises:
        ConfigError: there is none of that name; the message lists them.
    """
    try:
        return PROFILES[name]
    except KeyError:
        raise ConfigError(
            f"no identity profile {name!r}; there are {', '.join(PROFILES)}",
            code="egov.identity.unknown_profile",
            setting="profile",
            hint="load_identity_profile reads one of your own from TOML",
        ) from None


def gateway_of(profile: IdentityProfile) -> GatewayProfile | None:
    """The gateway profile that the calls of an identity profile are signed with; None where they are not.

    Raises:
        ConfigError: it names a gateway profile that nobody knows.
    """
    if not profile.gateway:
        return None
    return SIGN_IN_GATEWAYS.get(profile.gateway) or built_in(profile.gateway)
