"""What levels of identity, and ways to sign in, are called in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from egov_sdk.identity.model import AuthMethod, IdentityLevel
from egov_sdk.report import Text

__all__ = ["LEVEL_WORDS", "METHOD_WORDS"]

LEVEL_WORDS: Final[Mapping[IdentityLevel, Text]] = MappingProxyType(
    {
        IdentityLevel.UNKNOWN: Text("unknown", "未知"),
        IdentityLevel.NONE: Text("not known", "未认证"),
        IdentityLevel.REAL_NAME: Text("name checked", "实名"),
        IdentityLevel.REAL_PERSON: Text("person checked", "实人"),
    }
)
METHOD_WORDS: Final[Mapping[AuthMethod, Text]] = MappingProxyType(
    {
        AuthMethod.UNKNOWN: Text("unknown", "未知"),
        AuthMethod.PASSWORD: Text("password", "密码"),
        AuthMethod.CERTIFICATE: Text("certificate", "数字证书"),
        AuthMethod.ELECTRONIC_LICENCE: Text("electronic licence", "电子营业执照"),
        AuthMethod.FACE: Text("face", "人脸识别"),
        AuthMethod.NETWORK_ID_R01: Text("network identity, R01", "网络身份 R01"),
        AuthMethod.NETWORK_ID_R02: Text("network identity, R02", "网络身份 R02"),
        AuthMethod.NETWORK_ID_R03: Text("network identity, R03", "网络身份 R03"),
        AuthMethod.NETWORK_ID_R04: Text("network identity, R04", "网络身份 R04"),
    }
)
