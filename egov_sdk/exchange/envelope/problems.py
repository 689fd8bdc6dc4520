"""Why a message or receipt is not taken: every reason with its words, and the errors that carry them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from egov_sdk.problems import ProblemTable, Rejected, shown
from egov_sdk.report import Text

__all__ = [
    "HEX_DIGITS",
    "LEFT_OUT",
    "MISSING",
    "MORE",
    "NOTHING",
    "ONE_OF_BOTH",
    "OTHER_TEXT",
    "PROBLEMS",
    "EnvelopeRejected",
    "kind_name",
    "refuse",
    "shown",
    "unreadable",
]

#: What is found and expected at many places.
MISSING: Final = Text("missing", "缺失")
MORE: Final = Text("more", "更多")
NOTHING: Final = Text("nothing", "空")
LEFT_OUT: Final = Text("left out where empty", "为空时省略")
OTHER_TEXT: Final = Text("another text", "其他文本")
HEX_DIGITS: Final = Text("64 hexadecimal digits", "64 位十六进制数字")
ONE_OF_BOTH: Final = Text("one of both", "二者之一")
_KINDS: Final[Mapping[type, str]] = MappingProxyType(
    {str: "文本", int: "整数", float: "小数", bool: "布尔值", list: "数组", dict: "对象"}
)

#: The full code is ``egov.exchange.`` and the key. No content and no key is ever among the facts.
PROBLEMS: Mapping[str, Text] = MappingProxyType(
    {
        "envelope.json": Text("not one JSON object: {found}", "不是一个 JSON 对象：{found}"),
        "envelope.member": Text("{name} is {found}, expected {expected}", "{name} 为 {found}，应为 {expected}"),
        "envelope.unknown_member": Text(
            "has the members {found}, of which this version knows nothing", "含有本版本未定义的成员 {found}"
        ),
        "envelope.headers": Text("the headers cannot be: {name}: {found}", "消息头不合规：{name}：{found}"),
        "envelope.not_canonical": Text(
            "the {name} are not written in the one canonical form", "{name} 未按唯一的规范形式书写"
        ),
        "envelope.version": Text("the format is {found}, read here: {expected}", "格式为 {found}，可读取：{expected}"),
        "envelope.form": Text("neither JSON nor XML: it begins with {found}", "既非 JSON 也非 XML：开头为 {found}"),
        "envelope.xml": Text("the XML has {found}, expected {expected}", "XML 含有 {found}，应为 {expected}"),
        "envelope.malformed": Text("not well-formed XML: {found}", "XML 格式错误：{found}"),
        "envelope.doctype": Text("holds a DOCTYPE, which is not read", "含有 DOCTYPE，不予读取"),
        "envelope.encoding": Text("the XML is encoded in {found}, expected UTF-8", "XML 编码为 {found}，应为 UTF-8"),
        "envelope.signature_header": Text(
            "the signature's {name} is {found}, expected {expected}", "签名的 {name} 为 {found}，应为 {expected}"
        ),
        "envelope.certificates": Text("the certificates cannot be read: {found}", "证书无法解析：{found}"),
        "envelope.encrypted_to_nobody": Text("it is encrypted to nobody", "未加密给任何接收方"),
        "envelope.not_encrypted_to_us": Text(
            "it is encrypted to {found} key(s), and ours is not among them", "加密给 {found} 个密钥，其中没有本方密钥"
        ),
        "envelope.decryption": Text(
            "it cannot be decrypted; the reason is not told on purpose", "无法解密；为安全起见不说明原因"
        ),
        "envelope.compressed": Text("the compressed content is broken: {found}", "压缩内容损坏：{found}"),
        "envelope.no_message": Text("it is a receipt, where a message was expected", "应为消息，实为回执"),
        "envelope.still_sealed": Text("it is still encrypted: open it first", "消息仍处于加密状态，请先打开"),
        "envelope.not_sealed": Text("it is not encrypted, as it should be", "消息未加密，而要求加密"),
        "envelope.routing": Text(
            "what stands outside the encryption is not what was signed inside: {name}",
            "加密层之外的路由信息与内部签名内容不一致：{name}",
        ),
        "envelope.certificate_use": Text(
            "the certificate of {name} cannot be encrypted to: {found}", "{name} 的证书不能用于加密：{found}"
        ),
        "receipt.headers": Text("the receipt cannot be: {name}: {found}", "回执不合规：{name}：{found}"),
        "receipt.proof": Text(
            "the place in the batch is {found}, expected {expected}", "批次中的位置为 {found}，应为 {expected}"
        ),
        "receipt.batch": Text("the batch cannot be: {name}: {found}", "回执批次不合规：{name}：{found}"),
        "evidence.member": Text("{name} is {found}, expected {expected}", "{name} 为 {found}，应为 {expected}"),
        "stream.header": Text("not an encrypted attachment: {found}", "不是加密附件：{found}"),
        "stream.manifest": Text(
            "the list of chunk digests does not belong to the attachment: {found}", "分块摘要列表与附件不符：{found}"
        ),
        "stream.chunk": Text("chunk {found} is not the one that was signed", "第 {found} 块与签名内容不符"),
        "stream.length": Text(
            "the attachment has {found} bytes, expected {expected}", "附件有 {found} 字节，应为 {expected}"
        ),
        "stream.decryption": Text(
            "chunk {found} cannot be decrypted; the reason is not told on purpose",
            "第 {found} 块无法解密；为安全起见不说明原因",
        ),
        "stream.plain": Text(
            "{name} is named by one digest of the whole, not by a tree of chunks",
            "{name} 以整体摘要标识，而非分块摘要树",
        ),
    }
)


def kind_name(kind: type) -> Text:
    """What a kind of JSON value is called."""
    return Text(kind.__name__, _KINDS.get(kind, "空值"))


class EnvelopeRejected(Rejected):
    """A message, receipt or attachment was read and is not taken; ``problem`` is the key of the reason in PROBLEMS."""

    code = "egov.exchange.envelope.rejected"


_TABLE = ProblemTable("exchange", PROBLEMS, EnvelopeRejected)
refuse, unreadable = _TABLE.refuse, _TABLE.unreadable
