"""Why the register or a verifier of licences says no: every reason with its words, and the errors that carry them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from egov_sdk.problems import ProblemTable, Rejected
from egov_sdk.report import Text

__all__ = ["PROBLEMS", "LicenseRejected", "refuse", "unreadable"]

#: The full code is ``egov.license.`` and the key. Nothing personal and no secret is ever among the facts.
PROBLEMS: Mapping[str, Text] = MappingProxyType(
    {
        # words: identifiers, metadata, catalogue, dates
        "identifier_shape": Text(
            "the identifier is malformed: its part {part} is {found}, expected {expected}",
            "证照标识格式不正确：{part}为 {found}，应为 {expected}",
        ),
        "identifier_check": Text(
            "the check character of the identifier is {found}, the other characters give {expected}",
            "证照标识的校验位为 {found}，按其余各位计算应为 {expected}",
        ),
        "identifier_file_name": Text(
            "{found} is not a file name of an identifier and .ofd", "{found} 不是由证照标识和 .ofd 组成的文件名"
        ),
        "version_exhausted": Text(
            "version {found} is the last that an identifier can have", "版本号 {found} 已是证照标识可用的最后一个版本"
        ),
        "type_code": Text(
            "{found} is not a type code of 18 characters of its authority and a number from 001 to 999",
            "{found} 不是证照类型代码（18 位定义机构代码加 001 至 999 的顺序号）",
        ),
        "date": Text("is no date in a form known here: found {found}", "不是可识别的日期：{found}"),
        "date_order": Text(
            "may be read in more than one way: found {found}; the year must stand first, with four digits",
            "日期含义不唯一：{found}；年份须在最前且为四位",
        ),
        "date_none": Text("there is no such day since 1900: found {found}", "1900 年以来不存在此日期：{found}"),
        "moment": Text("names a day and no time of day: found {found}", "只有日期而没有时间：{found}"),
        "range": Text(
            "is {found}, expected n年, n月, n日, 长期 or 自定义", "有效期限为 {found}，应为 n年、n月、n日、长期或自定义"
        ),
        # face: templates and files
        # register: issue, change, use
        # presentation: tokens, status lists, codes
        "presentation_prefix": Text(
            "begins with {found}, expected {expected}: no presentation of a version known here",
            "开头为 {found}，应为 {expected}：不是本版本可识别的亮证码",
        ),
        "presentation_text": Text("is no base45 text: {found}", "不是 base45 文本：{found}"),
        "presentation_cut": Text("is cut off: {found}", "内容被截断：{found}"),
        "presentation_extra": Text("holds more than it should: {found}", "含有多余内容：{found}"),
        "presentation_spelling": Text("is not spelt the one way: {found}", "编码不唯一：{found}"),
        "presentation_repeated": Text("the key {found} stands twice", "键 {found} 重复"),
        "presentation_value": Text("found {found}, expected {expected}", "为 {found}，应为 {expected}"),
        # dialects
        # old certificates
    }
)


class LicenseRejected(Rejected):
    """It is not done: a rule says no; ``problem`` is the key of the reason in PROBLEMS."""

    code = "egov.license.rejected"


_TABLE = ProblemTable("license", PROBLEMS, LicenseRejected)
refuse, unreadable = _TABLE.refuse, _TABLE.unreadable
