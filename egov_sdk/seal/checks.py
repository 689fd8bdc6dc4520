"""Every check of a sealed document: what it asks, what it can answer, and the clause behind it.

This table is the only home of these words; reports, the command line and the docs page read them here.
"""

from __future__ import annotations

from egov_sdk.report import CheckTable, CheckText

__all__ = ["ADVISORY", "CHECKS", "REGISTER_CHECKS", "REQUIRED"]

_SEAL_VERIFY = "GB/T 38540-2020, 7.3; GM/T 0031-2014, 6.2.3"
_SEAL_CHECK = "GM/T 0031-2014, 6.1.2"
_OFD_SIGNATURES = "GB/T 33190-2016, 18"


def _chain_reasons(who_en: str, who_zh: str) -> dict[str, tuple[str, str]]:
    return {
        "ok": (
            f"the {who_en} certificate of {{subject_name}} leads to the anchor {{anchor}}, as at {{at}}",
            f"{who_zh}证书（{{subject_name}}）在 {{at}} 可追溯到信任锚 {{anchor}}",
        ),
        "no_anchors": (
            f"no trust anchor was given, so nobody vouches for the {who_en} certificate of {{subject_name}}",
            f"未提供信任锚，无法判断{who_zh}证书（{{subject_name}}）是否可信",
        ),
        "cert_untrusted": (
            f"the {who_en} certificate of {{subject_name}} does not lead to any given anchor: {{detail}}",
            f"{who_zh}证书（{{subject_name}}）无法追溯到所给信任锚：{{detail}}",
        ),
        "cert_undecided": (
            f"the chain of the {who_en} certificate of {{subject_name}} could not be decided: {{detail}}",
            f"无法判定{who_zh}证书（{{subject_name}}）的证书链：{{detail}}",
        ),
        "cert_expired_at_signing": (
            f"the {who_en} certificate of {{subject_name}} was not valid at {{at}}: {{detail}}",
            f"{who_zh}证书（{{subject_name}}）在 {{at}} 无效：{{detail}}",
        ),
        "cert_revoked_before": (
            f"the {who_en} certificate of {{subject_name}} was revoked before {{at}}: {{detail}}",
            f"{who_zh}证书（{{subject_name}}）在 {{at}} 之前已被吊销：{{detail}}",
        ),
    }


def _signing_reasons(who_en: str, who_zh: str) -> dict[str, tuple[str, str]]:
    return {
        **_chain_reasons(who_en, who_zh),
        "key_usage": (
            f"the {who_en} certificate of {{subject_name}} may not be used for this: {{detail}}",
            f"{who_zh}证书（{{subject_name}}）的密钥用途不符：{{detail}}",
        ),
        "cert_unreadable": (
            f"the {who_en} certificate cannot be read: {{detail}}",
            f"{who_zh}证书无法解析：{{detail}}",
        ),
    }


_REVOCATION = {
    "ok": ("it was not revoked, by the information given", "根据所给信息，证书未被吊销"),
    "no_information": ("it is not known: {detail}", "无法得知：{detail}"),
    "revoked": ("{detail}", "{detail}"),
    "revoked_later": (
        "it was revoked at {revoked_at}, after the time it was used ({at})",
        "证书于 {revoked_at} 吊销，晚于使用时间（{at}）",
    ),
    "no_chain": ("there is no chain to check", "没有可检查的证书链"),
}

_NOT_A_SEAL = {"not_a_seal": ("this signature uses no seal", "该签名不使用印章")}
_ONLY_UNDECIDED = {
    "only_undecided": (
        "protected only by a signature that could not be decided: {files}",
        "仅由无法判定的签名保护：{files}",
    )
}
_MISSING_CONTENT = {
    "missing_content": ("the document names files that are not there: {files}", "文档引用的文件不存在：{files}")
}
_PROTECTED_BY_OTHERS = {
    "protected_by_others": (
        "not protected by this signature, only by another: {files}",
        "未受该签名保护，仅由其他签名保护：{files}",
    )
}
_AUTHORITY_REVOKED = {
    "authority_revoked": (
        "the certificate of the time stamp authority {subject_name} was revoked at {revoked_at}: "
        "whoever has its key could write any time",
        "时间戳服务证书（{subject_name}）已于 {revoked_at} 吊销：持有其密钥者可写任意时间",
    )
}
_UNREADABLE = {"unreadable": ("the signature could not be read, so this was not checked", "签名无法解析，未能检查")}

CHECKS = CheckTable(
    {
        # ---------------------------------------------------------------- integrity
        "integrity.signature_present": CheckText.of(
            "Does the document carry a signature?",
            "文档是否有签名？",
            _OFD_SIGNATURES,
            ok=("{count} signature(s)", "共 {count} 个签名"),
            not_signed=("the document carries no signature", "文档没有签名"),
        ),
        "integrity.signature_list": CheckText.of(
            "Is the list of signatures sound?",
            "签名列表是否合规？",
            _OFD_SIGNATURES,
            ok=("each entry of the list stands for a signature of its own", "列表中每项对应一个独立的签名"),
            list_malformed=("the list cannot be read: {where}", "签名列表无法解析：{where}"),
            listed_twice=("{what} is used by more than one entry of the list", "{what} 被列表中的多项引用"),
            type_differs=(
                "the list says {listed}, the value is {actual}",
                "列表类型为 {listed}，而签名值为 {actual}",
            ),
            entry_removed=(
                "/{file} is a signature that another one protects and that no list names any more",
                "/{file} 是受其他签名保护的签名，但已不在任何签名列表中",
            ),
            base_missing=("the signature that this one builds on, {base}, is not there", "所依赖的签名 {base} 不存在"),
            another_document=(
                "it lies among the files of document {document}, and the list of another document names it",
                "签名位于文档 {document} 的文件中，却列在另一文档的签名列表里",
            ),
        ),
        "integrity.signature_file": CheckText.of(
            "Can the signature be read?",
            "签名文件能否解析？",
            _OFD_SIGNATURES,
            ok=("signature file and value are well formed", "签名文件和签名值格式正确"),
            file_missing=("/{where} is not in the package", "包内缺少文件：/{where}"),
            signature_malformed=("the signature file is malformed: {where}", "签名文件格式错误：{where}"),
            value_malformed=("the signature value is malformed: {where}", "签名值格式错误：{where}"),
            limit_exceeded=("more than the limits allow: {where}", "超出限制：{where}"),
        ),
        "integrity.encoding": CheckText.of(
            "Is the encoding as the standards say?",
            "编码是否符合标准？",
            "GB/T 38540-2020; GM/T 0031-2014; GB/T 33190-2016",
            ok=("no deviation met", "未发现偏差"),
            leniencies=(
                "read with {count} known deviation(s): {leniencies}",
                "按 {count} 项已知偏差放宽解析：{leniencies}",
            ),
            refused=(
                "the policy refuses these deviations: {leniencies}",
                "策略不接受以下偏差：{leniencies}",
            ),
            **_UNREADABLE,
        ),
        "integrity.algorithms": CheckText.of(
            "Are the algorithms allowed, and do they agree?",
            "算法是否允许且一致？",
            "GB/T 33560-2017, A.1; " + _SEAL_VERIFY,
            ok=("SM2 with SM3 throughout", "全部为 SM2/SM3"),
            weak_digest=("{method} is too weak to protect a file", "{method} 强度不足，不能保护文件"),
            unknown_digest=("the digest {method} is not allowed here", "不允许使用摘要算法 {method}"),
            unknown_signature=("the signature algorithm {method} is not allowed here", "不允许使用签名算法 {method}"),
            methods_differ=(
                "the signature file says {file_method}, the value {value_method}",
                "签名文件声明 {file_method}，签名值为 {value_method}",
            ),
            unsupported=("{method} cannot be verified here", "此处无法验证 {method}"),
            **_UNREADABLE,
        ),
        "integrity.references": CheckText.of(
            "Is every protected file there and unchanged?",
            "受保护文件是否齐全且未被改动？",
            _OFD_SIGNATURES,
            ok=("{count} file(s) unchanged", "{count} 个文件未被改动"),
            file_changed=(
                "/{file}: its SM3 is {found}, signed as {expected}",
                "/{file}：SM3 为 {found}，签名时为 {expected}",
            ),
            file_missing=("/{file} was signed and is not in the package", "/{file} 已签名但不在包内"),
            too_much=(
                "/{file} was not hashed: the signatures ask for too much",
                "未计算 /{file} 的杂凑值：签名要求的计算量超出限制",
            ),
            reference_conflict=("/{file} is listed more than once", "/{file} 被重复引用"),
            no_references=("the signature protects no file at all", "签名未保护任何文件"),
            no_method=("the digest algorithm is not allowed, so nothing can be compared", "摘要算法不被允许，无法比对"),
            **_UNREADABLE,
        ),
        "integrity.data_hash": CheckText.of(
            "Does the signature value hold the hash of the signature file?",
            "签名值中的杂凑值是否对应签名文件？",
            _SEAL_VERIFY,
            ok=("it is the SM3 of /{file}", "等于 /{file} 的 SM3"),
            ok_with_z=("it is the SM3 of Z and /{file}, a known variant", "等于 Z 与 /{file} 的 SM3（已知变体）"),
            data_hash_wrong=(
                "/{file}: its SM3 is {found}, signed as {expected}",
                "/{file}：SM3 为 {found}，签名时为 {expected}",
            ),
            message_differs=("the message is not about /{file}: {detail}", "签名消息与 /{file} 不符：{detail}"),
            no_content=("the value holds no hash to compare", "签名值中没有可比对的杂凑值"),
            **_UNREADABLE,
        ),
        "integrity.value": CheckText.of(
            "Is the signature value right?",
            "签名值是否正确？",
            _SEAL_VERIFY,
            ok=("signed with the key of {subject_name}", "由 {subject_name} 的密钥签署"),
            value_wrong=(
                "the value does not verify under the key of {subject_name}",
                "签名值不能用 {subject_name} 的公钥验证",
            ),
            no_signer=("the value names no signer", "签名值没有签名者"),
            no_certificate=(
                "the value holds no certificate, and none was given that fits",
                "签名值不含证书，也未提供匹配的证书",
            ),
            key_unusable=("the signer's key cannot be used: {detail}", "签名者公钥不可用：{detail}"),
            **_UNREADABLE,
        ),
        "integrity.property_info": CheckText.of(
            "Does the signature value name this signature file?",
            "签名值所述路径是否为该签名文件？",
            "GB/T 38540-2020, 7.3",
            ok=("it names /{file}", "指向 /{file}"),
            blank=("it names no file", "未指明文件"),
            names_another=("it names {found}, not /{file}", "指向 {found}，而不是 /{file}"),
            **_NOT_A_SEAL,
            **_UNREADABLE,
        ),
        "integrity.seal_maker_signature": CheckText.of(
            "Is the seal as its maker signed it?",
            "印章是否与制章者签署的一致？",
            _SEAL_CHECK,
            ok=("signed by {subject_name}", "由 {subject_name} 签署"),
            maker_signature_wrong=(
                "the maker's signature does not verify under the key of {subject_name}",
                "制章者签名不能用 {subject_name} 的公钥验证",
            ),
            key_unusable=("the maker's key cannot be used: {detail}", "制章者公钥不可用：{detail}"),
            unknown_signature=("the signature algorithm {method} is not allowed here", "不允许使用签名算法 {method}"),
            **_NOT_A_SEAL,
            **_UNREADABLE,
        ),
        "integrity.seal_picture": CheckText.of(
            "Is the picture in the seal harmless?",
            "印章图像是否安全？",
            "GB/T 38540-2020",
            ok=("{format}, {width} x {height} mm", "{format}，{width}×{height} mm"),
            picture_refused=("the picture is refused: {detail}", "印章图像被拒绝：{detail}"),
            **_NOT_A_SEAL,
            **_UNREADABLE,
        ),
        "integrity.time_stamp": CheckText.of(
            "Is the time stamp right?",
            "时间戳是否正确？",
            "GM/T 0033-2014, 7.2",
            ok=("made at {gen_time} for this signature", "于 {gen_time} 为该签名签发"),
            timestamp_wrong=("the time stamp is wrong: {detail}", "时间戳错误：{detail}"),
            timestamp_undecided=("it could not be decided: {detail}", "无法判定时间戳：{detail}"),
            absent=("there is no time stamp", "没有时间戳"),
            **_UNREADABLE,
        ),
        "integrity.seal_time_stamp": CheckText.of(
            "Is the time stamp of the seal right?",
            "印章的时间戳是否正确？",
            "GM/T 0031-2025",
            ok=("made at {gen_time} for this seal", "于 {gen_time} 为该印章签发"),
            timestamp_wrong=("the time stamp is wrong: {detail}", "时间戳错误：{detail}"),
            timestamp_undecided=("it could not be decided: {detail}", "无法判定时间戳：{detail}"),
            absent=("the seal has no time stamp", "印章没有时间戳"),
            **_NOT_A_SEAL,
            **_UNREADABLE,
        ),
        # ---------------------------------------------------------------- binding
        "binding.signer_in_seal": CheckText.of(
            "May this signer use this seal?",
            "签名者是否为该印章的持有者？",
            _SEAL_VERIFY,
            ok=("the seal lists the certificate of {subject_name}", "印章列有 {subject_name} 的证书"),
            signer_not_in_seal=(
                "the seal does not list the certificate of {subject_name}: a seal copied from elsewhere, or a renewed certificate",
                "印章未列有 {subject_name} 的证书：可能是盗用他处印章，或证书已更换",
            ),
            no_holders=("the seal lists no certificate at all", "印章未列出任何证书"),
            **_NOT_A_SEAL,
            **_UNREADABLE,
        ),
        "binding.seal_file": CheckText.of(
            "Is the seal file the seal that signed?",
            "印章文件是否就是签署所用印章？",
            _OFD_SIGNATURES,
            ok=("/{file} is the seal inside the value, byte for byte", "/{file} 与签名值内印章逐字节一致"),
            absent=("the signature has no seal file beside its value", "签名没有单独的印章文件"),
            seal_mismatch=("/{file} is not the seal inside the value", "/{file} 与签名值内印章不一致"),
            file_missing=("/{where} is not in the package", "包内缺少印章文件：/{where}"),
            seal_without_value=(
                "it names the seal /{file} although no seal was used to sign",
                "未使用印章签署，却引用了印章文件 /{file}",
            ),
            **_NOT_A_SEAL,
            **_UNREADABLE,
        ),
        # ---------------------------------------------------------------- trust
        "trust.signer_certificate": CheckText.of(
            "Is the signer who they claim to be?",
            "签名者证书是否可信？",
            _SEAL_VERIFY,
            **_signing_reasons("signer's", "签名者"),
            no_certificate=("the value holds no certificate", "签名值不含证书"),
            **_UNREADABLE,
        ),
        "trust.signer_revocation": CheckText.of(
            "Was the signer's certificate revoked?",
            "签名者证书是否被吊销？",
            _SEAL_VERIFY,
            **_REVOCATION,
            **_UNREADABLE,
        ),
        "trust.seal_maker": CheckText.of(
            "Is the maker of the seal trusted?",
            "制章者是否可信？",
            _SEAL_CHECK,
            **_signing_reasons("seal maker's", "制章者"),
            good_when_made=(
                "the seal maker's certificate of {subject_name} is expired or revoked by now, but was good at {at}",
                "制章者证书（{subject_name}）现已过期或吊销，但在 {at} 有效",
            ),
            made_unproven=(
                "the seal maker's certificate of {subject_name} is expired or revoked by now, and only the maker says that the seal was made at {at}",
                "制章者证书（{subject_name}）现已过期或吊销，印章制作于 {at} 仅为制章者自称",
            ),
            maker_is_holder=(
                "{subject_name} made this seal for their own use: a signer's certificate does not make seals",
                "{subject_name} 为自己制作了该印章：签名者证书不能用于制章",
            ),
            **_NOT_A_SEAL,
            **_UNREADABLE,
        ),
        "trust.seal_maker_revocation": CheckText.of(
            "Was the seal maker's certificate revoked?",
            "制章者证书是否被吊销？",
            _SEAL_CHECK,
            **_REVOCATION,
            **_NOT_A_SEAL,
            **_UNREADABLE,
        ),
        "trust.seal_period": CheckText.of(
            "Was the seal valid when it was used?",
            "使用时印章是否在有效期内？",
            _SEAL_VERIFY,
            ok=("used at {at}, valid {valid_from} to {valid_to}", "使用于 {at}，有效期 {valid_from} 至 {valid_to}"),
            seal_expired=("used at {at}, but valid only until {valid_to}", "使用于 {at}，但有效期至 {valid_to}"),
            seal_not_yet_made=(
                "used at {at}, but made only at {made_at}",
                "使用于 {at}，但印章制作于 {made_at}",
            ),
            seal_not_yet_valid=(
                "used at {at}, but valid only from {valid_from}",
                "使用于 {at}，但自 {valid_from} 起有效",
            ),
            no_anchors=(
                "no trust anchor was given, so nobody vouches for the dates of the seal ({valid_from} to {valid_to}; used {at})",
                "未提供信任锚，印章日期（{valid_from} 至 {valid_to}，使用于 {at}）无人担保",
            ),
            **_NOT_A_SEAL,
            **_UNREADABLE,
        ),
        "trust.signing_time": CheckText.of(
            "Is it known when the signature was made?",
            "签署时间是否可信？",
            "GM/T 0031-2014, 6.2.3",
            proven=("proven by a time stamp: {at}", "由时间戳证明：{at}"),
            immaterial=(
                "the signer says {at}; not proven, but the certificate is as good now as then",
                "签名者自称 {at}；无时间戳证明，但证书当时与现在同样有效",
            ),
            claimed=("the signer says {at}, and the policy takes their word", "签名者自称 {at}，策略予以采信"),
            time_unproven=(
                "the signer says {at}, nothing proves it, and the certificate is not valid now: it may have been signed later",
                "签名者自称 {at}，无可信时间证明，且证书现已失效：可能是事后签署",
            ),
            in_future=("signed at {at}, which is after the time of this verification", "签署于 {at}，晚于验证时间"),
            good_now=("the value states no time, but the certificate is good now", "签名值未载明时间，但证书现在有效"),
            no_time=(
                "the value states no time, and the certificate is not good now",
                "签名值未载明时间，且证书现在无效",
            ),
            no_anchors=("no trust anchor was given; the signer says {at}", "未提供信任锚；签名者自称 {at}"),
            **_UNREADABLE,
        ),
        "trust.time_stamp": CheckText.of(
            "Is the issuer of the time stamp trusted?",
            "时间戳签发者是否可信？",
            "GM/T 0033-2014, 7.2; " + _SEAL_VERIFY,
            **_chain_reasons("time stamp authority's", "时间戳服务"),
            **_AUTHORITY_REVOKED,
            absent=("there is no time stamp", "没有时间戳"),
            time_order=(
                "the signer says {claimed}, which is after the time stamp of {gen_time}",
                "签名者自称 {claimed}，晚于时间戳 {gen_time}",
            ),
            timestamp_wrong=("the time stamp itself does not hold", "时间戳本身不成立"),
            **_UNREADABLE,
        ),
        "trust.seal_time_stamp": CheckText.of(
            "Is the issuer of the seal's time stamp trusted?",
            "印章时间戳的签发者是否可信？",
            "GM/T 0031-2025",
            **_chain_reasons("time stamp authority's", "时间戳服务"),
            **_AUTHORITY_REVOKED,
            absent=("the seal has no time stamp", "印章没有时间戳"),
            time_order=(
                "the seal says it was made at {claimed}, which is after its time stamp of {gen_time}",
                "印章制作时间为 {claimed}，晚于其时间戳 {gen_time}",
            ),
            timestamp_wrong=("the time stamp itself does not hold", "时间戳本身不成立"),
            **_NOT_A_SEAL,
            **_UNREADABLE,
        ),
        # ---------------------------------------------------------------- coverage
        "coverage.documents": CheckText.of(
            "Is every document of the package signed?",
            "包内每个文档是否都有签名？",
            _OFD_SIGNATURES,
            ok=("{count} document(s), each with a sound signature", "共 {count} 个文档，均有完好的签名"),
            unsigned_document=(
                "document {documents} of the package carries no sound signature of its own",
                "包内第 {documents} 个文档没有自己的完好签名",
            ),
            undecided_document=(
                "whether the signature of document {documents} is sound could not be decided",
                "无法判定包内第 {documents} 个文档的签名是否完好",
            ),
        ),
        "coverage.package_root": CheckText.of(
            "Is the way from the package to its document signed?",
            "从包入口到文档的路径是否受保护？",
            "GB/T 33190-2016, 7",
            ok=("OFD.xml is protected", "OFD.xml 受签名保护"),
            root_unprotected=(
                "OFD.xml is not protected: another document can be put in place of /{root}",
                "OFD.xml 未受保护：/{root} 可能被换成其他文档",
            ),
            root_replaced=(
                "OFD.xml is not protected, and /{root}, which it shows, is not signed: the document shown is not the one signed",
                "OFD.xml 未受保护，且其所指 /{root} 未签名：所示文档不是所签文档",
            ),
            **_ONLY_UNDECIDED,
        ),
        "coverage.pages": CheckText.of(
            "Is every page signed, with its templates?",
            "每一页及其模板是否都受保护？",
            _OFD_SIGNATURES,
            ok=("{count} page file(s) protected", "{count} 个页面文件受保护"),
            uncovered_content=("not protected: {files}", "未受保护：{files}"),
            **_MISSING_CONTENT,
            **_PROTECTED_BY_OTHERS,
            ambiguous_content=(
                "readers may differ in what they show: {detail}",
                "不同阅读器可能显示不同内容：{detail}",
            ),
            **_ONLY_UNDECIDED,
        ),
        "coverage.resources": CheckText.of(
            "Is everything else that is shown signed: fonts, pictures, annotations, attachments?",
            "字体、图像、注释、附件等是否都受保护？",
            _OFD_SIGNATURES,
            ok=("{count} other file(s) protected", "其余 {count} 个文件受保护"),
            uncovered_content=("not protected: {files}", "未受保护：{files}"),
            **_MISSING_CONTENT,
            **_PROTECTED_BY_OTHERS,
            **_ONLY_UNDECIDED,
        ),
        "coverage.extra_files": CheckText.of(
            "Is there anything in the package that belongs to nothing?",
            "包内是否夹带无关文件？",
            "GM/T 0099-2020",
            ok=("every file of the package is accounted for", "包内文件均有归属"),
            extra_file=(
                "files that nothing refers to and no signature protects: {files}",
                "夹带了无引用且未签名的文件：{files}",
            ),
            package_note=("the package itself is odd: {notes}", "包结构异常：{notes}"),
            encrypted_package=(
                "/Encryptions.xml lets some readers show decrypted files in place of these",
                "存在 /Encryptions.xml，部分阅读器会显示解密后的其他文件",
            ),
            **_ONLY_UNDECIDED,
        ),
        "coverage.stamps": CheckText.of(
            "Is every seal picture on a page and of a proper size?",
            "印章图像的位置和大小是否合理？",
            _OFD_SIGNATURES,
            ok=("{count} place(s) on the pages", "共 {count} 处盖章"),
            no_stamp=("the seal is shown on no page", "印章未显示在任何页面上"),
            stamp_without_seal=(
                "it places stamps on pages although no seal was used",
                "未使用印章签署，却在页面上放置了签章",
            ),
            page_missing=(
                "a stamp names the page {page}, which the document does not have",
                "盖章所在页 {page} 不存在",
            ),
            stamp_shape=(
                "a stamp on page {page} has an impossible frame or clip: {detail}",
                "第 {page} 页盖章的外框或裁剪区不合理：{detail}",
            ),
            **_NOT_A_SEAL,
            **_UNREADABLE,
        ),
        "coverage.later_additions": CheckText.of(
            "Was anything added after a signature?",
            "签名之后是否有新增内容？",
            _OFD_SIGNATURES,
            ok=("nothing was added after any signature", "各签名之后均无新增"),
            added_later=(
                "added after this signature and protected by another only: {files}",
                "该签名之后新增、仅由其他签名保护：{files}",
            ),
        ),
        "coverage.list_closed": CheckText.of(
            "Is the list of signatures protected, so that none can be taken away unseen?",
            "签名列表是否受保护，使签名不能被悄悄移除？",
            "GB/T 33190-2016, 18.1",
            closed=("the list is protected by {by}: the document is closed", "签名列表由 {by} 保护，文档已封闭"),
            open=(
                "the list is open: further signatures are possible, and a last one taken away would not show",
                "签名列表未封闭：可继续签名，末次签名被移除时无法察觉",
            ),
        ),
        "coverage.picture_only": CheckText.of(
            "Does anything look like a seal without being one?",
            "是否有仅为图片的“印章”？",
            _OFD_SIGNATURES,
            ok=("no stamp annotation without a signature", "没有无签名的签章注释"),
            picture_only=(
                "page {pages} shows a stamp annotation that no signature stands behind: a picture only",
                "第 {pages} 页有签章注释但无对应签名：仅为图片",
            ),
        ),
    }
)

#: What tells something and decides nothing under the standard policy.
ADVISORY = frozenset(
    {
        "coverage.later_additions",
        "coverage.list_closed",
        "coverage.picture_only",
        "trust.signer_revocation",
        "trust.seal_maker_revocation",
    }
)

#: What the standard policy requires.
REQUIRED = frozenset(CHECKS.rows) - ADVISORY

#: What a register of seals adds to the report on a document.
REGISTER_CHECKS = CheckTable(
    {
        "trust.seal_register": CheckText.of(
            "Does the register of seals let this seal count?",
            "印章备案登记是否认可该印章？",
            "",
            valid=("the seal {seal_id} is filed and valid", "印章 {seal_id} 已备案且有效"),
            ended_after=(
                "the seal {seal_id} was {state} at {changed_at}, after its proven use at {at}",
                "印章 {seal_id} 于 {changed_at} 变为 {state}，晚于经证明的用印时间 {at}",
            ),
            ended=(
                "the seal {seal_id} was {state} at {changed_at}, before its use at {at}",
                "印章 {seal_id} 于 {changed_at} 变为 {state}，早于用印时间 {at}",
            ),
            ended_unproven=(
                "the seal {seal_id} was {state} at {changed_at}; nothing proves that it was used before",
                "印章 {seal_id} 于 {changed_at} 变为 {state}，无法证明在此之前使用",
            ),
            another=(
                "another seal than this one is filed under the number {seal_id}",
                "编号 {seal_id} 备案的是另一枚印章",
            ),
            not_filed=("the seal {seal_id} is not of this register", "印章 {seal_id} 不在本登记之中"),
            **_NOT_A_SEAL,
            **_UNREADABLE,
        ),
    }
)
