"""What can be wrong with a catalogue, its files and its records: every reason with its words, in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from egov_sdk.errors import ParseError
from egov_sdk.problems import ProblemTable, Rejected, shown
from egov_sdk.report import Lang, Text

__all__ = [
    "AN_OBJECT",
    "A_LIST",
    "A_NUMBER",
    "A_TEXT",
    "PROBLEMS",
    "CatalogRejected",
    "Finding",
    "Place",
    "finding",
    "json_kind",
    "refuse",
    "shown",
    "unreadable",
]

#: The full code is ``egov.exchange.`` and the key.
PROBLEMS: Mapping[str, Text] = MappingProxyType(
    {
        # a file as a whole
        "catalog.format": Text(
            "neither a workbook, XML, JSON nor CSV: it begins with {found}",
            "不是工作簿、XML、JSON 或 CSV：开头为 {found}",
        ),
        "catalog.encoding": Text("the text is {found}, expected {expected}", "文字编码为 {found}，应为 {expected}"),
        "catalog.characters": Text(
            "holds {found}, a character that no text of a catalogue has", "含有 {found}，目录文字中不允许该字符"
        ),
        "catalog.xml.malformed": Text("not well-formed XML: {found}", "XML 格式错误：{found}"),
        "catalog.xml.doctype": Text("holds a DOCTYPE, which is not read", "含有 DOCTYPE，不予读取"),
        "catalog.xml.root": Text("the root is {found}, expected {expected}", "根元素为 {found}，应为 {expected}"),
        "catalog.xml.element": Text("the element {found} is not known here", "此处不应出现元素 {found}"),
        "catalog.xml.twice": Text("{found} stands twice", "{found} 重复出现"),
        "catalog.json.malformed": Text("not JSON: {found}", "不是 JSON：{found}"),
        "catalog.json.twice": Text("the member {found} stands twice", "成员 {found} 重复出现"),
        "catalog.json.type": Text("is {found}, expected {expected}", "为 {found}，应为 {expected}"),
        "catalog.json.member": Text("the member {found} is not known here", "此处不应出现成员 {found}"),
        "catalog.workbook.sheet": Text(
            "there is no sheet {found}, but {expected}", "没有工作表 {found}，现有 {expected}"
        ),
        "catalog.sheet.header_missing": Text(
            "no row with the headings of the import sheet was found; the first would be {expected}",
            "找不到导入表的表头行，首列应为“{expected}”",
        ),
        "catalog.sheet.header_order": Text(
            "the heading is {found}, expected {expected}", "表头为“{found}”，应为“{expected}”"
        ),
        "catalog.sheet.header_twice": Text("the heading {found} stands twice", "表头“{found}”重复出现"),
        "catalog.sheet.formula": Text(
            "holds the formula {found}; write what it comes to", "含有公式 {found}，请填写计算结果"
        ),
        "catalog.sheet.error_value": Text("holds the error {found}", "含有错误值 {found}"),
        "catalog.sheet.rounded": Text(
            "is the number {found}, whose last digits Excel does not keep; write it as text",
            "为数字 {found}，Excel 不保留其末尾各位，请写成文本",
        ),
        "catalog.sheet.merged": Text(
            "the cells {found} are merged; write the value in each row", "单元格 {found} 已合并，请在每行分别填写"
        ),
        "catalog.sheet.date_serial": Text(
            "is the number {found}, perhaps the date {expected}; write the date as text",
            "为数字 {found}，可能是日期 {expected}，请将日期写成文本",
        ),
        "catalog.sheet.extra": Text("stands beyond the last column: {found}", "超出最后一列：{found}"),
        "catalog.sheet.disagrees": Text(
            "is {found}, but {expected} in row {first} of the same resource",
            "为“{found}”，而同一资源的第 {first} 行为“{expected}”",
        ),
        # one value
        "catalog.value.missing": Text("{name} is missing", "缺少{name}"),
        "catalog.value.too_long": Text(
            "has {found} characters, at most {expected} fit", "有 {found} 个字符，最多 {expected} 个"
        ),
        "catalog.value.too_many": Text(
            "holds {found} values, at most {expected} are read", "有 {found} 个值，最多读取 {expected} 个"
        ),
        "catalog.value.term": Text("is {found}, expected one of {expected}", "为“{found}”，应为 {expected} 之一"),
        "catalog.value.number": Text("is {found}, expected {expected}", "为“{found}”，应为 {expected}"),
        "catalog.value.date": Text(
            "is {found}, expected a date such as 2026-03-01", "为“{found}”，应为日期，如 2026-03-01"
        ),
        "catalog.value.code": Text(
            "is {found}, expected class 1-3, two and three digits, detail, / and a sequence such as {expected}",
            "为“{found}”，应为类 1-3、项两位、目三位、细目、/ 及顺序码，如 {expected}",
        ),
        "catalog.value.identifier": Text(
            "is {found}, expected 5 or 6 capitals and digits, / and the rest",
            "为“{found}”，应为 5 至 6 位大写字母或数字、/ 及后段码",
        ),
        "catalog.value.metadata_id": Text(
            "is {found}, expected letters, digits, blanks and _ - . / ,",
            "为“{found}”，应由字母、数字、空格和 _ - . / , 组成",
        ),
        "catalog.value.credit_code": Text(
            "{found} is no unified social credit code: {expected}", "{found} 不是统一社会信用代码：{expected_zh}"
        ),
        "catalog.value.uri": Text(
            "is {found}, expected an http or https address", "为“{found}”，应为 http 或 https 地址"
        ),
        # what one entry must agree with
        "catalog.rule.condition_missing": Text(
            "what is shared on conditions must say on which", "有条件共享须填写共享条件"
        ),
        "catalog.rule.basis_missing": Text(
            "what is not shared must name the law, regulation or decision of the State Council",
            "不予共享须填写法律、行政法规或国务院依据",
        ),
        "catalog.rule.condition_unconditional": Text(
            "what is shared without conditions has the condition {found}", "无条件共享却填写了共享条件“{found}”"
        ),
        "catalog.rule.mode_missing": Text("what is shared must say in which way", "共享的资源须填写共享方式"),
        "catalog.rule.open_refused": Text(
            "is open to the public although departments may not have it", "不予共享的资源不能向社会开放"
        ),
        "catalog.rule.open_condition_closed": Text(
            "has an opening condition although it is not open", "未向社会开放却填写了开放条件"
        ),
        "catalog.rule.items_missing": Text("names no item of information", "没有信息项"),
        "catalog.rule.item_twice": Text("the item {found} stands twice", "信息项“{found}”重复"),
        "catalog.rule.format_unfit": Text(
            "{found} is not a type of the format {expected}", "“{found}”不属于格式分类“{expected}”"
        ),
        "catalog.rule.format_undescribed": Text(
            "neither a format type nor a description of another one is given", "未填写格式类型，也未描述其他类型格式"
        ),
        "catalog.rule.related_self": Text("is related to itself", "关联资源为其自身"),
        "catalog.rule.category_gap": Text(
            "the level {found} is given, and the one above it is not", "填写了分类“{found}”，其上一级却未填写"
        ),
        "catalog.rule.code_twice": Text(
            "the code {found} stands at {first} already", "信息资源代码 {found} 已出现在 {first}"
        ),
        "catalog.rule.date_future": Text("is {found}, after {expected}", "为 {found}，晚于 {expected}"),
        # records against data elements
        "catalog.record.missing": Text("the record lacks {name}", "记录缺少 {name}"),
        "catalog.record.unknown": Text(
            "the record has {found}, which no data element describes", "记录含有未定义的数据元 {found}"
        ),
        "catalog.record.kind": Text("has the form {found}, expected {expected}", "值的形式为 {found}，应为 {expected}"),
        "catalog.record.length": Text(
            "has {found} characters, expected {expected}", "有 {found} 个字符，应为 {expected}"
        ),
        "catalog.record.decimals": Text(
            "has {found} decimals, at most {expected}", "有 {found} 位小数，最多 {expected} 位"
        ),
        "catalog.record.domain": Text("is not in the value domain {expected}", "不在值域 {expected} 中"),
        "catalog.record.form": Text(
            "records come in a workbook, CSV or JSON, and not in {found}", "记录应为工作簿、CSV 或 JSON，而非 {found}"
        ),
        "catalog.record.heads": Text("holds no row of headings", "没有表头行"),
        "catalog.element.column": Text(
            "the column {found} says nothing of a data element, or says it twice; known are {expected}",
            "列“{found}”不属于数据元或重复，可用的列：{expected}",
        ),
        "catalog.element.twice": Text("the data element {found} stands twice", "数据元 {found} 重复出现"),
        "catalog.element.none": Text("holds no data element", "没有数据元"),
        "catalog.element.format": Text(
            "{found} is no representation format such as an..18, n10,2 or d8",
            "{found} 不是表示格式，如 an..18、n10,2、d8",
        ),
        # the catalogue at work
        "catalog.unknown": Text("there is no resource {found} here", "没有信息资源 {found}"),
        "catalog.version_unknown": Text(
            "the resource {code} has no version {found}", "信息资源 {code} 没有版本 {found}"
        ),
        "catalog.step": Text("a resource that is {found} cannot be {expected}", "状态为 {found} 的资源不能{expected}"),
        "catalog.not_publishable": Text(
            "the resource {code} breaks {found} rules and cannot be published: {first}",
            "信息资源 {code} 有 {found} 处不合规，不能发布：{first}",
        ),
        "catalog.foreign": Text(
            "the resource {code} belongs to {found}; changes are made there",
            "信息资源 {code} 属于 {found}，应在其处修改",
        ),
        "catalog.query_empty": Text("the search holds no word", "检索词为空"),
        "catalog.query_long": Text(
            "the search has {words} words and {found} characters, at most {expected} and {most} are taken",
            "检索词有 {words} 个、共 {found} 个字符，最多 {expected} 个、{most} 个字符",
        ),
        "catalog.query_characters": Text("the search holds characters that are no text", "检索词含有非文字字符"),
        # exchange with other catalogues
        "catalog.batch": Text(
            "not a batch of this library: {found}, expected {expected}", "不是本库的级联批次：{found}，应为 {expected}"
        ),
        "catalog.batch_digest": Text(
            "the batch was changed on its way: digest {found}, expected {expected}",
            "批次内容被改动：摘要为 {found}，应为 {expected}",
        ),
        "catalog.harvest.endless": Text(
            "the feed does not come to an end: {found} pages", "采集源没有尽头：已读 {found} 页"
        ),
        "catalog.harvest.vanished": Text(
            "most entries of the source are gone; nothing is withdrawn", "采集源的多数条目消失，未作撤下处理"
        ),
        "catalog.harvest.taken": Text("another process harvests this source", "另一进程正在采集该来源"),
        "catalog.rdf.malformed": Text("cannot be read as {expected}: {found}", "不能作为 {expected} 读取：{found}"),
        "catalog.rdf.context": Text(
            "names a context elsewhere, which is not fetched: {found}", "引用了外部 context，不会下载：{found}"
        ),
        "catalog.rdf.empty": Text("holds no dcat:Dataset", "没有 dcat:Dataset"),
    }
)


class CatalogRejected(Rejected):
    """The catalogue refuses to do this; ``problem`` is the key of the reason in PROBLEMS."""

    code = "egov.exchange.catalog.rejected"


_TABLE: Final = ProblemTable("exchange", PROBLEMS, CatalogRejected)
refuse = _TABLE.refuse


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a file something stands: a row and a column of a sheet, or a path in XML or JSON.

    ``row`` counts from 1 as a spreadsheet does, or is the line of an XML file; ``column`` is the letter of a column
    and ``name`` its heading.
    """

    path: str = ""
    row: int | None = None
    column: str = ""
    name: str = ""

    def in_(self, lang: Lang) -> str:
        """The place in words."""
        if not self.column:
            line = "" if self.row is None else (f"第 {self.row} 行 " if lang == "zh" else f"line {self.row}, ")
            return line + self.path
        heading = f" ({self.name})" if self.name else ""
        return (
            f"第 {self.row} 行 {self.column} 列{heading}" if lang == "zh" else f"row {self.row}, {self.column}{heading}"
        )

    def __str__(self) -> str:
        return self.in_("en")


_NOWHERE: Final = Place()


A_LIST: Final = Text("a list", "列表")
A_NUMBER: Final = Text("a number", "数字")
A_TEXT: Final = Text("a text", "文本")
AN_OBJECT: Final = Text("an object", "对象")
_KINDS: Final[Mapping[type, Text]] = MappingProxyType(
    {
        dict: AN_OBJECT,
        list: A_LIST,
        str: A_TEXT,
        bool: Text("true or false", "布尔值"),
        int: A_NUMBER,
        float: A_NUMBER,
    }
)


def json_kind(value: object) -> Text:
    """What a kind of JSON value is called."""
    return _KINDS.get(type(value), Text("null", "空值"))


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, with where it stands. ``problem`` is a key of PROBLEMS, ``about`` the field.

    ``words`` are what the Chinese sentence calls those of the facts that are words of ours.
    """

    problem: str
    about: str = ""
    place: Place = _NOWHERE
    facts: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)

    @property
    def code(self) -> str:
        """The stable code."""
        return f"egov.exchange.{self.problem}"

    @property
    def message(self) -> Text:
        """What was found, in one sentence."""
        text = PROBLEMS[self.problem]
        return Text(text.en.format_map(self.facts), text.zh.format_map({**self.facts, **self.words}))

    def in_(self, lang: Lang) -> str:
        """The place and the sentence."""
        where = self.place.in_(lang)
        return f"{where}: {self.message.in_(lang)}" if where else self.message.in_(lang)

    def __str__(self) -> str:
        return self.in_("en")

    def to_dict(self, lang: Lang = "en") -> dict[str, object]:
        """The finding as plain values."""
        return {
            "code": self.code,
            "field": self.about,
            "path": self.place.path,
            "row": self.place.row,
            "column": self.place.column,
            "heading": self.place.name,
            "message": self.message.in_(lang),
        }


def finding(problem: str, /, *, about: str = "", place: Place = _NOWHERE, **facts: object) -> Finding:
    """A finding for one row of PROBLEMS."""
    words = {name: shown(value.zh) for name, value in facts.items() if isinstance(value, Text)}
    return Finding(problem, about, place, {name: shown(value) for name, value in facts.items()}, words)


def unreadable(problem: str, /, *, place: Place = _NOWHERE, **facts: object) -> ParseError:
    """The error for a file that is not what it should be; the caller raises it."""
    error = _TABLE.unreadable(problem, where=Text(place.in_("en"), place.in_("zh")), **facts)
    if error.text is not None:
        error.detail["message_zh"] = error.text.zh
    if place.row is not None:
        error.detail.update(row=place.row, column=place.column)
    return error
