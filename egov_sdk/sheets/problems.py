"""Why a table is not read: every reason with its words, and the errors that carry them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

from egov_sdk.problems import ProblemTable, Rejected
from egov_sdk.report import Text

__all__ = ["PROBLEMS", "Mark", "unreadable"]

#: What can be wrong with one cell. The others are read all the same; rooms have their own words for it.
Mark = Literal["cell_formula", "cell_merged", "cell_error", "cell_rounded"]

#: The full code is ``egov.sheets.`` and the key. No cell is ever among the facts.
PROBLEMS: Mapping[str, Text] = MappingProxyType(
    {
        "kind": Text(
            "is {found}: expected CSV or an Excel workbook (.xlsx)", "为 {found}，应为 CSV 或 Excel 工作簿（.xlsx）"
        ),
        "old": Text(
            "is an old workbook (.xls) or one with a password, which are not read: save it as .xlsx or CSV",
            "是旧版工作簿（.xls）或加密的工作簿，不能读取，请另存为 .xlsx 或 CSV",
        ),
        "empty": Text("holds nothing", "内容为空"),
        "encoding": Text(
            "is no {expected} text: the octet at {found} does not belong there",
            "不是 {expected} 文本：第 {found} 字节处有误",
        ),
        "quotes": Text(
            "a quotation mark is not closed, or is closed inside a cell; seen at line {line}",
            "引号未闭合，或在单元格中间闭合；读至第 {line} 行时发现",
        ),
        "damaged": Text("the workbook cannot be read: {found}", "工作簿无法读取：{found}"),
        "entity": Text("holds a DOCTYPE or an entity, which no workbook needs", "含有工作簿不应有的 DOCTYPE 或实体"),
        "active": Text(
            "the workbook holds {found}: macros, links and objects are not read",
            "工作簿含有 {found}：不读取宏、外部链接和嵌入对象",
        ),
        "missing": Text(
            "has no visible worksheet {expected}; there are: {found}", "没有可见的工作表 {expected}，现有：{found}"
        ),
    }
)

unreadable = ProblemTable("sheets", PROBLEMS, Rejected).unreadable
