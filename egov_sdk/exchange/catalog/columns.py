"""The columns of import sheets (目录导入表): the national one as far as it is known, and a wider one of our own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from egov_sdk.report import Text

__all__ = ["EXTENDED", "NATIONAL", "NATIONAL_25", "SHEETS", "Column", "SheetProfile"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its heading, the field it holds, and whether it was found in a published sheet or assumed."""

    heading: str
    field: str
    assumed: bool = False

    @property
    def of_item(self) -> bool:
        """Whether it speaks of an item of information and not of the resource."""
        return self.field.startswith("items.")


@dataclass(frozen=True, slots=True)
class SheetProfile:
    """The columns of one kind of sheet, in order. ``note`` says how far they were verified."""

    name: str
    columns: tuple[Column, ...]
    note: Text

    @property
    def assumed(self) -> tuple[str, ...]:
        """The headings that no published sheet was seen to have."""
        return tuple(column.heading for column in self.columns if column.assumed)


_BEFORE: Final = (
    Column("部门类信息资源分类", "category.0"),
    Column("项", "category.1"),
    Column("目", "category.2"),
    Column("细目1", "category.3"),
    Column("细目1.1", "category.4"),
    Column("关联业务事项", "business"),
    Column("信息资源名称", "name"),
    Column("信息资源代码", "code"),
    Column("下设机构", "provider.unit"),
    Column("摘要", "abstract"),
    Column("格式分类", "format.kind"),
    Column("格式类型", "format.types"),
    Column("其他类型格式描述", "format.other"),
    Column("信息项名称", "items.name"),
    Column("数据类型", "items.type"),
    Column("数据长度", "items.length"),
    Column("共享类型", "sharing.type"),
)
_AFTER: Final = (
    Column("共享方式分类", "sharing.mode"),
    Column("共享方式类型", "sharing.mode_type"),
    Column("是否向社会开放", "openness.is_open"),
    Column("开放条件", "openness.condition"),
    Column("更新周期", "cycle"),
    Column("发布日期", "published_on"),
    Column("开放主题分类", "openness.theme"),
)
_SPLIT: Final = (
    Column("共享条件", "sharing.condition", assumed=True),
    Column("不予共享依据", "sharing.basis", assumed=True),
)
_OWN: Final = (
    Column("信息资源提供方", "provider.name", assumed=True),
    Column("提供方代码", "provider.code", assumed=True),
    Column("提供方地址", "provider.address", assumed=True),
    Column("关联资源代码", "related", assumed=True),
    Column("关键字", "keywords", assumed=True),
    Column("在线资源链接地址", "links", assumed=True),
    Column("服务地址", "service.url", assumed=True),
    Column("服务类型", "service.type", assumed=True),
)

#: The 25 columns that were recovered of the national import sheet, which is said to have 26.
NATIONAL_25: Final = SheetProfile(
    "national-25",
    (*_BEFORE, Column("共享条件/不予共享依据", "sharing.condition_or_basis"), *_AFTER),
    Text(
        "25 of the 26 columns of the national import sheet, as published by a province",
        "全国导入表 26 列中已查证的 25 列，取自某省公开的表格",
    ),
)
#: The national import sheet with 26 columns: the 26th was not found, and is taken to come from splitting one in two.
NATIONAL: Final = SheetProfile(
    "national",
    (*_BEFORE, *_SPLIT, *_AFTER),
    Text(
        "26 columns: 25 were recovered; that 共享条件 and 不予共享依据 are two columns is assumed",
        "26 列：其中 25 列已查证；“共享条件”和“不予共享依据”分为两列系推定",
    ),
)
#: Everything that an entry holds: the national sheet and eight columns of this library's own after it.
EXTENDED: Final = SheetProfile(
    "extended",
    (*NATIONAL.columns, *_OWN),
    Text(
        "the national sheet and eight columns of this library's own: provider, related resources, keywords, links, "
        "service",
        "全国导入表之后加本库自定的八列：提供方、关联资源、关键字、链接、服务",
    ),
)
SHEETS: Mapping[str, SheetProfile] = MappingProxyType({one.name: one for one in (NATIONAL, NATIONAL_25, EXTENDED)})
