"""The sharing service of licences (证照共享服务) as platforms have it: its words, codes and paths, as data.

Source:
    GB/T 36906-2018 by the interfaces of systems in use; its text could not be read. What no source states is named in
    ``unverified`` of each profile.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Any, Final, Literal, get_args

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from egov_sdk.crypto.ciphertext import CiphertextForm
from egov_sdk.license.model import Standing, Use
from egov_sdk.report import Text

__all__ = ["CERT_SHARE", "NATIONAL", "STATUS_TEXTS", "ServiceName", "SharingProfile"]

#: What a platform of this family may be asked for.
ServiceName = Literal[
    "types", "search", "data", "data_by_holder", "file", "file_by_holder", "verify", "verify_file", "download",
    "begin_showing", "showing_status", "fetch_showing",
]  # fmt: skip

_EMPTY: Final[Any] = Field(default_factory=lambda: MappingProxyType({}))
_Texts = Annotated[Mapping[str, str], AfterValidator(MappingProxyType)]

#: 5.2: what the common codes mean (接口状态代码).
STATUS_TEXTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "0": "接口调用成功",
        "1": "第三方接口连接超时",
        "2": "证照源未提供此服务接口",
        "10": "未找到匹配的证照信息",
        "11": "身份验证不通过",
        "12": "要求必填的输入参数值为空",
        "13": "证照类型不存在或未发布",
        "14": "错误的持证主体代码类型",
        "21": "该电子证照已废止或注销",
        "22": "该电子证照已过期",
        "23": "该电子证照已受限使用",
        "24": "申请查验的证照数据无法解析",
        "99": "其他异常",
    }
)

_STANDINGS: Final = MappingProxyType({"21": Standing.ENDED, "22": Standing.EXPIRED, "23": Standing.SUSPENDED})
_PROBLEMS: Final = MappingProxyType(
    {"10": "license_unknown", "13": "type_unknown", "21": "not_in_force", "22": "not_in_force", "23": "not_in_force"}
)
_WRITTEN: Final = MappingProxyType(
    {
        "license_unknown": "10",
        "type_unknown": "13",
        "missing": "12",
        "holder_code": "12",
        "holder_type_name": "14",
        "use_refused": "11",
        "requester_refused": "11",
        "permission_unknown": "11",
        "permission_expired": "11",
        "permission_withdrawn": "11",
        "permission_used": "11",
        "permission_requester": "11",
        "permission_item": "11",
        "permission_scope": "11",
        "metadata_file": "24",
    }
)


class SharingProfile(BaseModel):
    """How one sharing service of licences is spoken to. A profile is data.

    Attributes:
        envelope: parameter: account, use and question are one JSON object in the form field ``parameter``, or, with
            ``parameter_in`` json, in the member ``parameter`` of a JSON body; head: a JSON body of head and data.
        paths: Where each service is, below ``base``; what is not listed is not offered.
        beside: Where services are that do not lie below ``base``.
        account: The names of the account's id and token.
        names: What the questions call what they ask with.
        fields: Whose names the rows have: a key of ``field_names.FIELD_NAMES``.
        use: The use of a licence, by name; holes are ``{purpose}`` ``{item_code}`` ``{legal_basis}`` ``{operator}``
            ``{requester_name}`` ``{requester_code}`` ``{category}`` (0 with a service item, 1 without) ``{system}``.
        use_text: Where the use stands as one JSON text; empty where its members stand by themselves.
        problems: Status codes that are a refusal of this library, by its keys; ``standings`` are the facts of some.
        written: The status code that a server writes for a refusal; others are 99.
        texts: Further codes in words, beside STATUS_TEXTS.
        ticket_texts: Parts of messages that tell why a file was not given.
        answers: Of the codes that a verification gives: a key of ``state_codes.ANSWER_CODES``.
        needs_type: Whether a search is always for one type.
        encrypted: Whether ``data`` comes as hexadecimal text, encrypted for the caller's SM2 key.
        ticket_life_s: How long a file waits for its download.
        begun: The status codes that say that a verification online was begun.
        showing_life_s: How long a holder may take to confirm one.
        unverified: What no source states outright.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    name: str
    title: Text
    envelope: Literal["parameter", "head"]
    parameter_in: Literal["form", "json"] = "form"
    base: str
    paths: Annotated[Mapping[ServiceName, str], AfterValidator(MappingProxyType)]
    beside: Annotated[Mapping[ServiceName, str], AfterValidator(MappingProxyType)] = _EMPTY
    account: tuple[str, str]
    names: _Texts
    fields: str
    use: _Texts
    use_text: str = ""
    problems: _Texts = Field(default_factory=lambda: _PROBLEMS)
    standings: Annotated[Mapping[str, Standing], AfterValidator(MappingProxyType)] = Field(
        default_factory=lambda: _STANDINGS
    )
    written: _Texts = Field(default_factory=lambda: _WRITTEN)
    texts: _Texts = _EMPTY
    ticket_texts: _Texts = _EMPTY
    answers: str = "gbt36906"
    needs_type: bool = False
    encrypted: bool = False
    cipher_form: CiphertextForm = "c1c3c2"
    ticket_life_s: float = Field(default=600, gt=0, le=86_400)
    max_rows: int = Field(default=1_000, gt=0)
    begun: frozenset[str] = frozenset({"0"})
    showing_life_s: float = Field(default=180, gt=0, le=3_600)
    unverified: tuple[Text, ...] = ()
    source: str = ""

    def path(self, service: ServiceName, *, prefix: str = "") -> str:
        """Where a service is; empty where the platform does not have it."""
        if known := self.beside.get(service):
            return prefix + known
        known = self.paths.get(service)
        return f"{prefix}{self.base}{known}" if known else ""

    def service_at(self, path: str, *, prefix: str = "") -> ServiceName | None:
        """Which service is at a path; None where none is."""
        return next((name for name in get_args(ServiceName) if path and self.path(name, prefix=prefix) == path), None)

    def told_use(self, use: Use, *, system: str = "") -> dict[str, str]:
        """The use of a licence as the platform wants it told."""
        values = {
            "purpose": use.purpose,
            "item_code": use.item_code,
            "legal_basis": use.legal_basis,
            "operator": use.operator,
            "requester_name": use.requester.name,
            "requester_code": use.requester.code,
            "category": "0" if use.item_code else "1",
            "system": system,
        }
        told = {name: text.format_map(values) for name, text in self.use.items()}
        return {self.use_text: json.dumps(told, ensure_ascii=False)} if self.use_text else told

    def status_for(self, problem: str) -> str:
        """The status code that a server writes for a refusal of this library."""
        return self.written.get(problem, "99")

    def text_of(self, status: str) -> str:
        """A status code in words; empty for one that is not known."""
        return self.texts.get(status) or STATUS_TEXTS.get(status, "")


NATIONAL: Final = SharingProfile(
    name="national",
    title=Text("sharing service in the manner of GB/T 36906", "国家政务服务平台证照共享服务（参照 GB/T 36906）"),
    envelope="parameter",
    base="/elssp/v1",
    paths={
        "types": "/GetCertificateType",
        "search": "/Retrieval",
        "data": "/GetCertificateDataByCertificateID",
        "data_by_holder": "/GetCertificateDataByHolder",
        "file": "/GetCertificateFileByCertificateID",
        "file_by_holder": "/GetCertificateFileByHolder",
        "verify": "/VerifyCertificate",
        "download": "/download",
    },
    account=("AccountId", "AccessToken"),
    names={
        "identifier": "CertificateID",
        "holder_code": "CertificateHolderCode",
        "holder_type_code": "CertificateHolderType",
        "type_name": "CertificateType",
        "type_code": "CertificateTypeCode",
        "number": "CertificateNumber",
        "name": "CertificateName",
        "checked": "CertificateData",
    },
    fields="national",
    use={"UseFor": "{purpose}"},
    unverified=(
        Text("whether `parameter` is a form field or a member of a JSON body", "parameter 是表单域还是 JSON 成员"),
        Text("the lengths of parameters and the case of their names", "参数长度及名称大小写"),
        Text("whether CertificateData is an object or a JSON text", "CertificateData 是对象还是 JSON 文本"),
        Text("where the answer to VerifyCertificate has its result", "VerifyCertificate 应答中查验结果的位置"),
        Text("where fileUrl leads, for how long, and how often", "fileUrl 的地址、有效时间与可用次数"),
        Text("whether code 24 is of the national list", "状态码 24 是否属于国家标准"),
        Text(
            "whether a refusal for lack of rights has a code of its own; 11 is written",
            "无访问权限的状态码（此处写 11）",
        ),
        Text("the words of valueType in `surface`", "surface 中 valueType 的取值"),
    ),
    source="names and codes of four public systems; GB/T 36906-2018 itself could not be read",
)

CERT_SHARE: Final = SharingProfile(
    name="cert_share",
    title=Text("Shandong CertShare", "山东省证照共享服务（CertShare）"),
    envelope="head",
    base="/CertShare",
    paths={
        "search": "/queryCertInfoByHolderCode",
        "data": "/queryCertInfo",
        "file": "/downloadUrl",
        "verify": "/verifyCertInfo",
        "verify_file": "/verifyFile",
        "download": "/zzgxpt/download",
        "fetch_showing": "/queryCertInfosByVerifyTrx",
    },
    beside={
        "begin_showing": "/ChannelVerify/begin/verify",
        "showing_status": "/ChannelVerify/current/status",
    },
    account=("accessId", "accessToken"),
    names={
        "identifier": "certIdentifier",
        "holder_code": "holderCode",
        "holder_type_code": "holderTypeCode",
        "type_code": "certTypeCode",
        "number": "certNo",
        "checked": "certData",
        "code": "qrcode",
        "types": "certCodes",
        "transaction": "trxId",
    },
    fields="cert_share",
    use={
        "certificateSystemName": "{system}",
        "certificateCallCategory": "{category}",
        "certificateMatterName": "",
        "certificateEventCode": "{item_code}",
        "certificateCopyCause": "{purpose}",
    },
    use_text="useCause",
    problems={**_PROBLEMS, "100": "use_refused", "103": "holder_type_name", "113": "type_code"},
    written={**_WRITTEN, "use_refused": "100", "holder_type_name": "103", "type_code": "113", "missing": "102"},
    texts={
        "100": "无访问该证的权限",
        "101": "证照状态配置错误",
        "102": "参数值错误",
        "103": "持证主体代码类型代码不符合规范",
        "105": "未找到目录",
        "106": "目录无法确定",
        "107": "未找到模板",
        "108": "模板数大于1",
        "109": "查验缺 certNo",
        "110": "查验缺 holderCode",
        "111": "查验缺 holder",
        "113": "证照类型代码有误",
    },
    ticket_texts={"已经被下载": "ticket_used", "过期": "ticket_expired"},
    answers="shandong",
    needs_type=True,
    encrypted=True,
    begun=frozenset({"0", "60001"}),
    unverified=(
        Text("what 60001 says beyond that a verification was begun", "60001 除表示已发起核验外的含义"),
        Text(
            "what the holder is told that it is for: begin has no use", "发起核验时如何向持证人说明用途（无用途参数）"
        ),
        Text("how long a verification waits, and which numbers mean which no", "核验等待时间及各拒绝状态的取值"),
        Text("whether certData of a verification is one licence or a list", "在线核验应答中 certData 是单个还是列表"),
        Text("the part of the paths before the names of services", "各服务路径的前缀"),
        Text(
            "the names in certData beside those listed; pinyin in small letters is written", "certData 中其余项的名称"
        ),
        Text("the order of the SM2 ciphertext and whether it begins with 04", "SM2 密文各部分的顺序及是否以 04 开头"),
        Text("what queryCertInfoByHolderCode calls its list", "queryCertInfoByHolderCode 应答中列表的形式"),
        Text("what downloadFile answers for each file; it is not used", "downloadFile 应答中各项的内容（未使用）"),
        Text("which number stands in head.status for a file that was fetched", "文件已下载时 head.status 的取值"),
    ),
    source="one public implementation of the service and two public callers",
)
