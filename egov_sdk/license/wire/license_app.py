"""The licence-use service ``license-app/v1`` (用证服务): its words, codes and paths, as data.

Source:
    Public clients in Guangdong and Beijing; DB44/T 2167 is about the codes of use (用证码). What no source states is
    named in ``unverified``.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from egov_sdk.report import Text

__all__ = ["LICENSE_APP", "AppProfile"]

_Texts = Annotated[Mapping[str, str], AfterValidator(MappingProxyType)]

#: Refusals that stand in an answer under their own keys.
_OWN: Final = (
    *("license_unknown", "type_unknown", "use_refused", "requester_refused", "missing", "holder_code"),
    *("permission_unknown", "permission_expired", "permission_withdrawn", "permission_used"),
    *("permission_requester", "permission_item", "permission_scope"),
    *("code_unknown", "code_used", "code_expired", "code_requester", "not_in_force", "page_size", "page_unknown"),
    *("number_taken", "serial_taken", "issuer_refused", "draft_element", "type_state", "action_refused"),
    *("version_old", "file_missing", "date"),
)


class AppProfile(BaseModel):
    """How one licence-use service is spoken to. A profile is data.

    Attributes:
        base: Where the service is.
        data_fields: What ``data_fields`` calls the items of a licence; its further members are those of the type.
        states: Of the codes in ``license_status``: a key of ``state_codes.STATE_CODES``.
        error_code, error_message: The members of an object in ``errors``.
        problems: Codes of errors that are refusals of this library, by its keys.
        token_codes: Codes of errors that say that the access token is none, or no longer one.
        first_page: The ``page_index`` of the first page.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    name: str
    title: Text
    base: str = "/license-app/v1"
    data_fields: _Texts
    states: str = "guangdong"
    fields: str = "license_app"
    error_code: str = "code"
    error_message: str = "message"
    problems: _Texts
    token_codes: frozenset[str] = frozenset({"token_invalid"})
    first_page: int = 1
    max_rows: int = Field(default=1_000, gt=0)
    unverified: tuple[Text, ...] = ()
    source: str = ""


LICENSE_APP: Final = AppProfile(
    name="license_app",
    title=Text("licence-use service license-app/v1", "用证服务 license-app/v1（广东等）"),
    data_fields={
        "identifier": "ZZBS",
        "name": "ZZMC",
        "number": "ZZHM",
        "holder_name": "CYRMC",
        "holder_type_code": "CYRSFZJLX",
        "holder_code": "CYRSFZJHM",
        "issuer_name": "FZJGMC",
        "issuer_code": "FZJGZZJGDM",
        "area_code": "FZJGSSXZQHDM",
        "issued_on": "FZRQ",
        "valid_from": "YXQKSRQ",
        "valid_until": "YXQJSRQ",
    },
    problems={key: key for key in _OWN},
    unverified=(
        Text("how long a code of use lives, and how it is formed", "用证码的有效期与编码规则"),
        Text("whether a code of use gives both the data and the file", "同一用证码能否既取数据又取文件"),
        Text("the codes of license_status and trust_level", "license_status 与 trust_level 的取值"),
        Text("the form of the items of `errors` and all their codes", "errors 各项的形式与全部错误码"),
        Text("where an answer to a login has its token, and how it lives", "登录应答中令牌的位置与有效期"),
        Text("whether auth_codes stand beside data or in it", "auth_codes 与 data 是否并列"),
        Text("whether pages are counted from 1", "页码是否从 1 起"),
        Text("the members ZZBS and YXQKSRQ of data_fields", "data_fields 中的 ZZBS 与 YXQKSRQ"),
        Text("what the identity types 10, 40 and 70 are", "证件类型 10、40、70 的含义"),
        Text("the rule of license_code, inferred from three of them", "license_code 的编码规则（由三个样本推得）"),
    ),
    source="public clients of three cities and one municipality",
)
