"""Every error code and note of the OFD room with its words: the one place they live, and the docs are made from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from egov_sdk.problems import ProblemTable, Rejected, shown
from egov_sdk.report import Lang, Text

__all__ = ["LENIENCIES", "NOTES", "PROBLEMS", "PackageNote", "note", "refuse", "shown"]

#: What makes a file be refused. The full code is ``egov.ofd.`` and the key; facts in braces come from the file.
PROBLEMS: Mapping[str, Text] = MappingProxyType(
    {
        "package.not_a_zip": Text("this is not a ZIP archive: no end record was found", "不是 ZIP 包：找不到结尾记录"),
        "package.trailing_data": Text(
            "{found} bytes follow the end of the archive, expected none", "包尾之后还有 {found} 字节，应为 0"
        ),
        "package.directory_malformed": Text("the archive directory is broken: {found}", "ZIP 目录损坏：{found}"),
        "package.zip64_mismatch": Text(
            "the 64-bit {field} contradicts the 32-bit record: {found}, expected {expected}",
            "64 位字段 {field} 与 32 位记录矛盾：{found}，应为 {expected}",
        ),
        "package.extra_malformed": Text("the extra field cannot be read", "扩展字段无法读取"),
        "package.local_mismatch": Text(
            "the local header says {field} {found}, the directory says {expected}",
            "本地文件头的 {field} 为 {found}，目录中为 {expected}",
        ),
        "package.hidden_entry": Text(
            "an entry at byte {offset} is not in the directory: readers would disagree on the content",
            "第 {offset} 字节处的条目不在目录中：不同阅读器看到的内容会不同",
        ),
        "package.hidden_data": Text(
            "{found} bytes at byte {offset} belong to no entry", "第 {offset} 字节起有 {found} 字节不属于任何条目"
        ),
        "package.hidden_prefix": Text(
            "the {found} bytes before the archive hold ZIP records of their own",
            "包前的 {found} 字节中另有 ZIP 记录",
        ),
        "package.overlap": Text(
            "its data runs into byte {offset}, where other data begins", "其数据与第 {offset} 字节起的数据重叠"
        ),
        "package.encrypted": Text(
            "the entry is encrypted by ZIP, which OFD does not use", "条目使用了 ZIP 加密，OFD 不使用"
        ),
        "package.method": Text(
            "compression method {found} is not supported, expected 0 (stored) or 8 (deflate)",
            "不支持压缩方法 {found}，应为 0（存储）或 8（deflate）",
        ),
        "package.deflate_malformed": Text("the compressed data is broken: {found}", "压缩数据损坏：{found}"),
        "package.size_mismatch": Text(
            "holds {found} bytes, declared {expected}", "实际 {found} 字节，声明 {expected} 字节"
        ),
        "package.crc_mismatch": Text("CRC-32 is {found}, declared {expected}", "CRC-32 为 {found}，声明 {expected}"),
        "package.descriptor_mismatch": Text(
            "the data descriptor does not agree with the directory", "数据描述符与目录不一致"
        ),
        "package.duplicate_entry": Text("the name is stored twice", "同名条目出现两次"),
        "package.alias_entry": Text(
            "differs from {other} only in letter case or form", "与 {other} 仅大小写或写法不同"
        ),
        "package.file_as_folder": Text("{other} is a file and a folder at once", "{other} 既是文件又是文件夹"),
        "package.folder_content": Text("a folder entry holds {found} bytes", "文件夹条目含有 {found} 字节"),
        "package.unsafe_name": Text("the entry name is refused: {reason}", "条目名称不可接受：{reason}"),
        "package.symlink": Text("the entry is a symbolic link", "条目是符号链接"),
        "package.special_file": Text("the entry is a device or another special file", "条目是设备等特殊文件"),
        "package.entry_missing": Text("the package has no such entry", "包中没有此条目"),
        "package.no_ofd_xml": Text("the package has no OFD.xml at its root", "包的根目录没有 OFD.xml"),
        "path.empty": Text("a path is empty", "路径为空"),
        "path.outside": Text("the path {loc} leaves the package", "路径 {loc} 超出包的范围"),
        "path.folder": Text("the path {loc} names a folder, expected a file", "路径 {loc} 是文件夹，应为文件"),
        "path.malformed": Text("the path {loc} is refused: {reason}", "路径 {loc} 不可接受：{reason}"),
        "xml.malformed": Text("not well-formed XML: {found}", "XML 格式错误：{found}"),
        "xml.doctype": Text("holds a DOCTYPE, which is forbidden", "含有 DOCTYPE，不允许"),
        "xml.encoding": Text("is encoded in {found}, expected UTF-8", "编码为 {found}，应为 UTF-8"),
        "xml.root": Text("the root element is {found}, expected {expected}", "根元素为 {found}，应为 {expected}"),
        "xml.duplicate_element": Text("{name} stands twice, expected once", "{name} 出现两次，应只有一次"),
        "xml.element_missing": Text("{name} is missing", "缺少 {name}"),
        "xml.attribute_missing": Text("{name} has no {attribute}", "{name} 缺少属性 {attribute}"),
        "xml.mixed_text": Text(
            "{name} must hold plain text, found a comment, an instruction or an element in it",
            "{name} 应为纯文本，其中却有注释、处理指令或元素",
        ),
        "xml.number": Text("{name} is {found}, expected {expected}", "{name} 为 {found}，应为 {expected}"),
        "document.no_body": Text("OFD.xml lists no document", "OFD.xml 中没有文档"),
        "document.no_root": Text("document {index} names no DocRoot", "第 {index} 个文档没有 DocRoot"),
        "signature.check_value": Text("the CheckValue of {loc} is not Base64", "{loc} 的 CheckValue 不是 Base64"),
        "signature.no_list": Text("document {index} has no signature list", "第 {index} 个文档没有签名列表"),
        "signature.id_exhausted": Text("no more signature numbers: {found}", "签名编号已用尽：{found}"),
    }
)

#: What is tolerated, and told.
NOTES: Mapping[str, Text] = MappingProxyType(
    {
        "package.prefix_data": Text("{found} bytes stand before the archive", "包前有 {found} 字节数据"),
        "package.archive_comment": Text("the archive carries a comment of {found} bytes", "包带有 {found} 字节的注释"),
        "package.name_encoding": Text(
            "the entry name is not marked as UTF-8 and was read as {found}", "条目名称未标明 UTF-8，按 {found} 读取"
        ),
        "package.stored_with_descriptor": Text(
            "a stored entry keeps its size after its data", "存储方式的条目把长度写在数据之后"
        ),
        "document.no_pages": Text("the document has no pages", "文档没有页面"),
        "document.unknown_template": Text(
            "page {page} refers to template {found}, which does not exist", "第 {page} 页引用的模板 {found} 不存在"
        ),
        "document.duplicate_id": Text(
            "{name} {found} is defined twice, the first is used", "{name} {found} 重复定义，取第一个"
        ),
        "document.several_current_versions": Text("several versions claim to be current", "多个版本都标为当前版本"),
        "signature.unreadable": Text("the signature cannot be read: {found}", "签名无法读取：{found}"),
    }
)

#: Departures from GB/T 33190 in signature files that real documents have; each is accepted and named.
LENIENCIES: Mapping[str, Text] = MappingProxyType(
    {
        "bom": Text("the file begins with a byte order mark", "文件以字节顺序标记开头"),
        "namespace_old": Text("the namespace has no year", "命名空间没有年份"),
        "namespace_none": Text("elements have no namespace", "元素没有命名空间"),
        "comments": Text("the file holds comments or processing instructions", "文件含有注释或处理指令"),
        "cdata": Text("the file holds CDATA sections", "文件含有 CDATA"),
        "schema_order": Text("elements are not in the order of the schema", "元素顺序与模式不符"),
        "max_sign_id_after": Text("MaxSignId stands after the signatures", "MaxSignId 位于签名之后"),
        "max_sign_id_repeated": Text("MaxSignId stands more than once", "MaxSignId 出现多次"),
        "id_absent": Text("a signature or stamp has no ID", "签名或印章没有 ID"),
        "id_not_numbered": Text("an ID is not a number with an optional leading s", "ID 不是可带前缀 s 的数字"),
        "relative_path": Text("a path is relative to the file it stands in", "路径相对于所在文件"),
        "relative_file_ref": Text(
            "a FileRef is relative, the standard wants it absolute", "FileRef 为相对路径，标准要求绝对路径"
        ),
        "blank_in_value": Text("a value has blanks around it or in it", "值的前后或中间有空白"),
        "provider_absent": Text("Provider is missing", "缺少 Provider"),
        "provider_name_as_child": Text("ProviderName is an element, not an attribute", "ProviderName 写成了子元素"),
    }
)


@dataclass(frozen=True, slots=True)
class PackageNote:
    """An oddity that was tolerated: its stable code, the place, and one sentence in both languages."""

    code: str
    where: str
    message: Text

    def to_dict(self, lang: Lang = "en") -> dict[str, str]:
        return {"code": self.code, "where": self.where, "message": self.message.in_(lang)}


def _by_english(*words: Text) -> Mapping[str, Text]:
    return {one.en: one for one in words}


#: What the Chinese sentences call the facts that are words of ours.
_WORDS: Mapping[str, Mapping[str, Text]] = MappingProxyType(
    {
        "found": _by_english(
            Text("more", "更多"),
            Text("none", "没有"),
            Text("it ends too early", "提前结束"),
            Text("the end record is cut off", "结尾记录被截断"),
            Text("the archive comment is cut off", "包注释被截断"),
            Text("it is one part of several", "为分卷之一"),
            Text("its place or size is outside the file", "位置或大小超出文件"),
            Text("it has fewer records than it says", "记录数少于声明"),
            Text("a record runs past its end", "有记录超出目录末尾"),
            Text("an entry lies outside the file", "有条目超出文件"),
            Text("it has more in it than its records", "记录之外还有内容"),
            Text("no local header", "没有本地文件头"),
        ),
        "expected": _by_english(Text("one", "一个"), Text("one before its locator", "位于定位记录之前")),
        "field": _by_english(
            Text("end record", "结尾记录"),
            Text("locator", "定位记录"),
            Text("name", "名称"),
            Text("unicode name", "Unicode 名称"),
            Text("flags", "标志"),
            Text("method", "压缩方法"),
            Text("size", "大小"),
            Text("packed size", "压缩后大小"),
            Text("offset", "偏移"),
            Text("extra", "扩展字段"),
            Text("disk", "分卷号"),
            Text("directory disk", "目录所在分卷"),
            Text("count on this disk", "本分卷条目数"),
            Text("count", "条目数"),
            Text("directory size", "目录大小"),
            Text("directory offset", "目录偏移"),
        ),
        "reason": _by_english(
            Text("encoding", "编码无法识别"),
            Text("empty", "为空"),
            Text("control_character", "含控制字符"),
            Text("backslash", "含反斜杠"),
            Text("absolute", "为绝对路径"),
            Text("drive", "含盘符"),
            Text("parent", "指向上级目录"),
            Text("not_normal", "路径不规范"),
        ),
    }
)

refuse = ProblemTable("ofd", PROBLEMS, Rejected, _WORDS).unreadable


def note(name: str, /, *, where: str = "", **facts: object) -> PackageNote:
    """Make the note for one row of NOTES."""
    detail = {key: shown(value) for key, value in facts.items()}
    text = NOTES[name]
    return PackageNote(f"egov.ofd.{name}", shown(where), Text(text.en.format_map(detail), text.zh.format_map(detail)))
