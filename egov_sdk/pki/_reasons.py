"""Every reason that a fact of this room can give, with its sentence in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from egov_sdk.report import Text

_CHAIN: Final = {
    "anchored": Text("the chain ends at a trust anchor", "证书链到达信任锚"),
    "is_anchor": Text("the certificate is itself a trust anchor", "证书本身就是信任锚"),
    "no_anchors": Text("no trust anchor was given", "没有给出信任锚"),
    "issuer_not_found": Text(
        "the issuer {issuer} is neither an anchor nor among the certificates at hand",
        "签发者 {issuer} 既不是信任锚，也不在现有证书之中",
    ),
    "chain_goes_round": Text("the certificates issue each other and lead to no anchor", "证书相互签发，到不了信任锚"),
    "self_signed": Text("the certificate vouches for itself only", "自签名证书，不是信任锚"),
    "untrusted_root": Text("the chain ends at {issuer}, which is no trust anchor", "证书链止于 {issuer}，它不是信任锚"),
    "signature_wrong": Text("the issuer's signature on {subject} is wrong", "{subject} 上的签发者签名错误"),
    "weak_algorithm": Text(
        "the signature on {subject} uses an algorithm that is broken", "{subject} 的签名算法已不安全"
    ),
    "algorithm_not_supported": Text(
        "the signature on {subject} uses an algorithm that is not known here", "{subject} 的签名算法不受支持"
    ),
    "key_unreadable": Text("the issuer's key for {subject} cannot be read", "签发 {subject} 的公钥无法读取"),
    "not_a_ca": Text("{subject} is no CA and may not issue certificates", "{subject} 不是 CA，无权签发证书"),
    "ca_key_usage": Text("the key of {subject} may not sign certificates", "{subject} 的密钥用法不含签发证书"),
    "path_length_exceeded": Text("{subject} allows fewer CAs below itself", "{subject} 之下的 CA 层数超过其限制"),
    "unknown_critical_extension": Text(
        "{subject} has critical extensions that are not known here: {found}", "{subject} 含有未知的关键扩展项：{found}"
    ),
    "path_invalid": Text("the chain breaks a rule of RFC 5280: {found}", "证书链违反 RFC 5280：{found}"),
    "path_too_long": Text("the chain has more than {allowed} certificates", "证书链超过 {allowed} 张证书"),
    "path_search_exhausted": Text(
        "too many ways to build the chain; the search was given up", "可能的证书链过多，已放弃搜索"
    ),
    "certificate_unreadable_by_path_validator": Text(
        "{subject} cannot be read by the path validator: {found}", "路径验证器无法读取 {subject}：{found}"
    ),
}

_VALIDITY: Final = {
    "within_dates": Text("every certificate of the chain is within its dates", "链上证书均在有效期内"),
    "expired": Text("{subject} expired at {not_after}", "{subject} 已于 {not_after} 过期"),
    "not_yet_valid": Text("{subject} is valid from {not_before} on", "{subject} 自 {not_before} 起才有效"),
    "issuer_expired": Text("the issuing {subject} expired at {not_after}", "签发证书 {subject} 已于 {not_after} 过期"),
    "issuer_not_yet_valid": Text(
        "the issuing {subject} is valid from {not_before} on", "签发证书 {subject} 自 {not_before} 起才有效"
    ),
}

_REVOCATION: Final = {
    "not_revoked": Text("no certificate of the chain was revoked", "链上证书均未被吊销"),
    "revoked": Text("{subject} was revoked at {revoked_at} ({cause})", "{subject} 已于 {revoked_at} 被吊销（{cause}）"),
    "issuer_revoked": Text(
        "the issuing {subject} was revoked at {revoked_at} ({cause})",
        "签发证书 {subject} 已于 {revoked_at} 被吊销（{cause}）",
    ),
    "revoked_later": Text(
        "{subject} was revoked at {revoked_at}, after the time in question",
        "{subject} 在所问时间之后（{revoked_at}）被吊销",
    ),
    "no_information": Text("nothing tells whether {subject} was revoked", "没有 {subject} 的吊销信息"),
    "not_looked_at": Text("revocation was not looked at", "未检查吊销状态"),
    "chain_unknown": Text("without a chain, revocation cannot be checked", "没有证书链，无法检查吊销状态"),
    "list_signature_wrong": Text(
        "the revocation list for {subject} is not signed by its CA", "{subject} 的吊销列表不是其 CA 所签"
    ),
    "list_signer_not_allowed": Text(
        "the key of {issuer} may not sign revocation lists", "{issuer} 的密钥用法不含签发吊销列表"
    ),
    "list_stale": Text(
        "the revocation list for {subject} ended at {next_update}", "{subject} 的吊销列表已于 {next_update} 到期"
    ),
    "list_out_of_scope": Text("the revocation list does not speak about {subject}", "吊销列表的范围不含 {subject}"),
    "list_after_expiry": Text(
        "the revocation list was made after {subject} expired, and may have forgotten it",
        "吊销列表在 {subject} 过期之后生成，可能不再列出它",
    ),
    "list_not_understood": Text(
        "the revocation list for {subject} has critical parts that are not known here",
        "{subject} 的吊销列表含有未知的关键内容",
    ),
    "list_malformed": Text("a revocation list cannot be read", "吊销列表无法解析"),
    "response_malformed": Text("an OCSP response cannot be read", "OCSP 响应无法解析"),
    "response_signature_wrong": Text(
        "the OCSP response for {subject} is not signed by its CA or a responder of it", "{subject} 的 OCSP 响应签名错误"
    ),
    "response_signer_not_allowed": Text(
        "the signer of the OCSP response for {subject} may not sign it", "{subject} 的 OCSP 响应者无权签署"
    ),
    "response_stale": Text(
        "the OCSP response for {subject} ended at {next_update}", "{subject} 的 OCSP 响应已于 {next_update} 到期"
    ),
    "response_status_unknown": Text("the OCSP responder does not know {subject}", "OCSP 响应者不认识 {subject}"),
    "fetch_failed": Text("revocation information for {subject} could not be fetched", "无法获取 {subject} 的吊销信息"),
}

_USAGE: Final = {
    "usage_fits": Text("the key may be used for this", "密钥用法符合"),
    "usage_not_restricted": Text("the certificate does not restrict its key", "证书未限制密钥用法"),
    "usage_not_asked": Text("no use of the key was asked for", "未要求检查密钥用法"),
    "key_usage_wrong": Text(
        "the key may be used for {found}, and {expected} is needed", "密钥用法为 {found}，需要 {expected}"
    ),
    "extended_key_usage_wrong": Text(
        "the extended key usage is {found}, and {expected} is needed", "扩展密钥用法为 {found}，需要 {expected}"
    ),
}

_MESSAGE: Final = {
    "signature_good": Text("the signature is good", "签名正确"),
    "message_signature_wrong": Text("the signature is wrong", "签名错误"),
    "dialect_not_accepted": Text(
        "the signature is made in the dialect {dialect}, which is not accepted here",
        "签名采用 {dialect} 方言，此处不接受",
    ),
    "signer_not_found": Text("the signer's certificate is not there", "找不到签名者证书"),
    "message_algorithm_not_supported": Text("the algorithm {found} is not known here", "算法 {found} 不受支持"),
    "message_weak_algorithm": Text("the algorithm {found} is broken", "算法 {found} 已不安全"),
    "signer_key_unreadable": Text("the signer's key cannot be read", "签名者公钥无法读取"),
    "attributes_as_content": Text(
        "signed attributes of another message are passed off as content", "把另一消息的签名属性冒充为内容"
    ),
    "content_missing": Text("the content that was signed is not there", "缺少被签名的内容"),
    "content_matches": Text("the content is what was signed", "内容与签名一致"),
    "content_differs": Text("the content is not what was signed", "内容与签名不一致"),
    "message_digest_missing": Text("the signed attributes hold no message digest", "签名属性中没有消息摘要"),
    "message_digest_wrong": Text("the message digest is not that of the content", "消息摘要与内容不符"),
    "content_type_wrong": Text(
        "the signed attributes say content type {expected}, found {found}",
        "签名属性中的内容类型为 {expected}，实际为 {found}",
    ),
}

_TIMESTAMP: Final = {
    "imprint_matches": Text("the time stamp is over these bytes", "时间戳对应这些数据"),
    "imprint_differs": Text("the time stamp is over other bytes", "时间戳对应的是其他数据"),
    "certificate_bound": Text("the stamp names the certificate that signed it", "时间戳指明了签名证书"),
    "certificate_not_bound": Text("the stamp names another certificate", "时间戳指明的是另一张证书"),
    "binding_missing": Text("the stamp does not say which certificate signed it", "时间戳未指明签名证书"),
    "time_stamping_allowed": Text("the certificate is for time stamping alone", "证书专用于时间戳"),
    "time_stamping_not_critical": Text(
        "the certificate is for time stamping, but does not say so critically", "证书用于时间戳，但该扩展项未标为关键"
    ),
    "time_stamping_not_allowed": Text("the certificate is not for time stamping alone", "证书不是时间戳专用"),
}

REASONS: Final[Mapping[str, Text]] = MappingProxyType(
    {**_CHAIN, **_VALIDITY, **_REVOCATION, **_USAGE, **_MESSAGE, **_TIMESTAMP}
)
