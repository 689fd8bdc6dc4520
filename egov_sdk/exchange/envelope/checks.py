"""Every check of a message, a receipt and an evidence file: what it asks and what it can answer.

This table is the only home of these words; reports and the docs read them here.
"""

from __future__ import annotations

from typing import Final

from egov_sdk.report import CheckTable, CheckText

__all__ = ["ENVELOPE_CHECKS", "EVIDENCE_REQUIRED", "MESSAGE_REQUIRED", "RECEIPT_REQUIRED"]

_CHAIN: Final = "RFC 5280, 6; GM/T 0015-2012"
_STAMP: Final = "GM/T 0033-2014, 7.2"
_OWN: Final = "egov-envelope/1"


_FOUND: Final = ("{found}", "{found}")
_UNREADABLE: Final = ("the certificate cannot be read", "证书无法解析")
_FOR_THE_RECORD: Final = ("looked at for the record, not on arrival", "为存证核验，非接收时核验")

ENVELOPE_CHECKS: Final = CheckTable(
    {
        "integrity.signature": CheckText.of(
            "Is the signature over exactly this?",
            "签名是否覆盖且仅覆盖此内容？",
            "GB/T 32918.2-2016, 7.1; RFC 7515, 5.2",
            ok=("signed with the key of {subject_name}", "由 {subject_name} 的密钥签名"),
            wrong=("the signature does not belong to these headers and this key", "签名与消息头及密钥不符"),
            not_sm2=("the certificate holds no SM2 key", "证书公钥不是 SM2 公钥"),
            unreadable=_UNREADABLE,
        ),
        "integrity.content": CheckText.of(
            "Is the content the one whose digest was signed?",
            "内容是否与所签摘要一致？",
            "GB/T 32905-2016",
            ok=("{length} bytes, as signed", "{length} 字节，与签名一致"),
            length=("{found} bytes, {expected} were signed", "内容为 {found} 字节，签名时为 {expected} 字节"),
            digest=("its SM3 is {found}, {expected} was signed", "内容的 SM3 为 {found}，所签为 {expected}"),
        ),
        "integrity.proof": CheckText.of(
            "Does the receipt stand in the batch that was signed?",
            "回执是否在所签批次之中？",
            "RFC 9162, 2.1.3",
            ok=("number {index} of {size}, counted from 0", "批次共 {size} 份，此为第 {index} 份（从 0 起）"),
            wrong=(
                "it is not number {index} of {size} in this batch: its path leads to another root",
                "不是该批次 {size} 份中的第 {index} 份：路径得到的根不同",
            ),
            alone=("the receipt has a signature of its own", "回执有独立签名"),
        ),
        "integrity.time_stamp": CheckText.of(
            "Is the time stamp right?",
            "时间戳是否正确？",
            _STAMP,
            ok=("made at {gen_time} for this signature", "于 {gen_time} 为该签名签发"),
            wrong=("the time stamp is wrong: {detail}", "时间戳错误：{detail}"),
            undecided=("it could not be decided: {detail}", "无法判定时间戳：{detail}"),
            absent=("there is no time stamp", "没有时间戳"),
        ),
        "binding.signer": CheckText.of(
            "Does the certificate belong to the organisation that is named?",
            "签名证书是否属于所称单位？",
            _OWN,
            ok=("{subject_name} speaks for {party}", "{subject_name} 代表 {party}"),
            another=("{subject_name} does not speak for {party}", "{subject_name} 不代表 {party}"),
            unknown_party=("nobody has said which certificates {party} has", "未登记 {party} 的证书"),
            unreadable=_UNREADABLE,
        ),
        "binding.receiver": CheckText.of(
            "Is the message for us?",
            "消息是否发给本方？",
            _OWN,
            ok=("{party} is among its receivers", "接收方包含 {party}"),
            wrong_receiver=("it is for {found}, not for {party}", "接收方为 {found}，不是 {party}"),
            for_the_record=_FOR_THE_RECORD,
        ),
        "binding.period": CheckText.of(
            "Does it come in its time?",
            "是否在有效时间内？",
            _OWN,
            ok=("{begin} to {end}", "{begin} 至 {end}"),
            expired=("it could be delivered until {end}, it is {at}", "应在 {end} 前送达，当前为 {at}"),
            of_the_future=("it was made at {begin}, it is only {at}", "制作时间 {begin} 晚于当前 {at}"),
            for_the_record=_FOR_THE_RECORD,
            received=("received at {at}", "接收于 {at}"),
            before_message=(
                "received at {at}, before the message was made at {begin}",
                "接收时间 {at} 早于消息制作时间 {begin}",
            ),
            after_expiry=(
                "taken over at {at}, after the message had expired at {end}",
                "接收时间 {at} 晚于消息失效时间 {end}",
            ),
            after_batch=(
                "received at {at}, after its batch was signed at {end}",
                "接收时间 {at} 晚于批次签名时间 {end}",
            ),
        ),
        "binding.message": CheckText.of(
            "Is the receipt for this message?",
            "回执是否针对该消息？",
            _OWN,
            ok=("it names {id} and its digest", "所指为消息 {id} 及其摘要"),
            another=("it is for the message {found}, not {expected}", "所指为消息 {found}，而不是 {expected}"),
            digest=(
                "it names another digest of {id}: the message was changed on one side",
                "所载消息 {id} 的摘要不同：有一方改动了消息",
            ),
            signature=(
                "it names another signature of {id} than the one at hand",
                "所载消息 {id} 的签名与现有签名不同",
            ),
            not_given=("the message is not at hand", "未提供消息"),
        ),
        "binding.parties": CheckText.of(
            "Do those speak whom the message names?",
            "回执双方是否为消息所指双方？",
            _OWN,
            ok=("{receiver} to {sender}", "{receiver} 致 {sender}"),
            wrong_receiver=("{receiver} is no receiver of the message", "{receiver} 不是消息的接收方"),
            wrong_sender=("it is for {found}, the message is from {sender}", "致 {found}，而消息来自 {sender}"),
            wrong_batch=("the batch is {found}'s, the receipt {receiver}'s", "批次属于 {found}，回执属于 {receiver}"),
            not_given=("the message is not at hand", "未提供消息"),
        ),
        "trust.certificate": CheckText.of(
            "Does the certificate lead to somebody who is trusted?",
            "证书能否追溯到受信任的机构？",
            _CHAIN,
            ok=_FOUND,
            untrusted=_FOUND,
            no_anchors=_FOUND,
            undecided=_FOUND,
            unreadable=_UNREADABLE,
        ),
        "trust.validity": CheckText.of(
            "Was the certificate within its dates?",
            "签名时证书是否在有效期内？",
            _CHAIN,
            ok=_FOUND,
            out_of_dates=_FOUND,
            unreadable=_UNREADABLE,
        ),
        "trust.revocation": CheckText.of(
            "Was the certificate revoked?",
            "签名时证书是否已被吊销？",
            _CHAIN,
            ok=_FOUND,
            revoked=_FOUND,
            undecided=_FOUND,
            no_information=_FOUND,
            not_looked_at=("the policy said not to look", "策略要求不检查"),
            unreadable=_UNREADABLE,
        ),
        "trust.usage": CheckText.of(
            "May the key sign?",
            "密钥能否用于签名？",
            "GM/T 0015-2012; RFC 5280, 4.2.1.3",
            ok=_FOUND,
            key_usage=_FOUND,
            is_ca=("this is the certificate of a CA, not of an organisation", "这是 CA 证书，不是单位证书"),
            unreadable=_UNREADABLE,
        ),
        "trust.time": CheckText.of(
            "Is it known when it was signed?",
            "签名时间是否可信？",
            _STAMP,
            proven=("signed by {at}: proven", "已证明不晚于 {at} 签名"),
            immaterial=(
                "the signer says {at}; not proven, but the certificate is as good now as then",
                "签名者自称 {at}；无证明，但证书当时与现在同样有效",
            ),
            claimed=("the signer says {at}, and the policy takes their word", "签名者自称 {at}，策略予以采信"),
            time_unproven=(
                "the signer says {at}, nothing proves it, and the certificate is not good now: it may be a later one",
                "签名者自称 {at}，无可信证明，且证书现已失效：可能是事后签名",
            ),
            in_future=("signed at {at}, which is after the time of this verification", "签名时间 {at} 晚于核验时间"),
            time_order=(
                "the signer says {at}, which is after {found}, by which it was there",
                "签名者自称 {at}，晚于已证明存在的时间 {found}",
            ),
            unreadable=_UNREADABLE,
        ),
        "trust.time_stamp": CheckText.of(
            "Is the issuer of the time stamp trusted?",
            "时间戳签发者是否可信？",
            _STAMP,
            ok=_FOUND,
            untrusted=_FOUND,
            undecided=_FOUND,
            wrong=("the time stamp itself does not hold", "时间戳本身不成立"),
            absent=("there is no time stamp", "没有时间戳"),
        ),
        "coverage.attachments": CheckText.of(
            "Are the attachments those whose digests were signed?",
            "附件是否与所签摘要一致？",
            _OWN,
            ok=("{count} attachment(s), as signed", "{count} 个附件，与签名一致"),
            none=("there are no attachments", "没有附件"),
            not_given=(
                "{names}: named by digest, not at hand; they are checked when they are read",
                "{names}：仅有摘要，未提供文件；读取时逐块核验",
            ),
            missing=("not at hand: {names}", "未提供：{names}"),
            unknown=("not attachments of this message: {names}", "不是该消息的附件：{names}"),
            wrong=("not the file that was signed: {names}", "与签名不符的附件：{names}"),
        ),
        "coverage.message": CheckText.of(
            "Does the receipt speak of the whole message?",
            "回执是否覆盖整个消息？",
            _OWN,
            ok=("of its headers and its content", "覆盖消息头和内容"),
            not_given=("the message is not at hand", "未提供消息"),
        ),
        "coverage.outcome": CheckText.of(
            "What does the receiver say became of the message?",
            "接收方称消息的处理结果如何？",
            _OWN,
            accepted=("{receiver} has taken it over", "{receiver} 已接收"),
            completed=("{receiver} has handled it", "{receiver} 已办理"),
            refused=("{receiver} has refused it: {code}", "{receiver} 已拒绝：{code}"),
        ),
        "coverage.receipts": CheckText.of(
            "Has every receiver given a receipt?",
            "各接收方是否均有回执？",
            _OWN,
            ok=("{count} receipt(s), of every receiver", "{count} 份回执，接收方齐全"),
            none=("there is no receipt", "没有回执"),
            missing=("no receipt of {names}", "缺少 {names} 的回执"),
        ),
    }
)

_SIGNED: Final = frozenset({"integrity.signature", "integrity.time_stamp", "binding.signer", "binding.period"}) | {
    name for name in ENVELOPE_CHECKS.rows if name.startswith("trust.")
}
#: What must hold of a message.
MESSAGE_REQUIRED: Final = _SIGNED | {"integrity.content", "binding.receiver", "coverage.attachments"}
#: What must hold of a receipt.
RECEIPT_REQUIRED: Final = _SIGNED | {"integrity.proof", "binding.message", "binding.parties", "coverage.message"}
#: What must hold of an evidence file; whether every receiver has answered is told and decides nothing.
EVIDENCE_REQUIRED: Final = MESSAGE_REQUIRED | RECEIPT_REQUIRED
