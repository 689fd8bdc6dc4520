"""Entries and files that the tests of the catalogue work on."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime

import pytest
from openpyxl import Workbook

from egov_sdk.codes.specimens import specimen_credit_code
from egov_sdk.errors import InputError
from egov_sdk.exchange.catalog.columns import NATIONAL, SheetProfile
from egov_sdk.exchange.catalog.model import (
    CatalogEntry,
    InformationItem,
    Openness,
    Provider,
    ResourceFormat,
    Service,
    Sharing,
)
from egov_sdk.exchange.catalog.terms import FormatClass, ItemType, ModeType, SharingMode, SharingType, UpdateCycle

AT = datetime(2026, 3, 2, 1, 2, 3, tzinfo=UTC)
BUREAU = Provider(name="示例市市场监督管理局", code=specimen_credit_code(1).number)
PREFIX = "307011024701"

#: One row of the national sheet that breaks no rule, by heading.
GOOD_ROW = {
    "部门类信息资源分类": "部门信息资源",
    "项": "市场监管",
    "目": "企业登记",
    "信息资源名称": "企业基本信息",
    "信息资源代码": f"{PREFIX}/000001",
    "摘要": "各类市场主体的登记信息",
    "格式分类": "数据库",
    "格式类型": "oracle",
    "信息项名称": "企业名称",
    "数据类型": "字符型C",
    "数据长度": "200",
    "共享类型": "有条件共享",
    "共享条件": "仅用于行政审批核验",
    "共享方式分类": "共享平台方式",
    "共享方式类型": "数据库",
    "是否向社会开放": "否",
    "更新周期": "每日",
    "发布日期": "2016-01-05",
}


def entry(number: int = 1, name: str = "企业基本信息", **changed: object) -> CatalogEntry:
    """An entry that may be published."""
    values: dict[str, object] = {
        "name": name,
        "code": f"{PREFIX}/{number:06d}",
        "category": ("部门信息资源", "市场监管"),
        "provider": BUREAU,
        "abstract": "各类市场主体的登记信息",
        "format": ResourceFormat(kind=FormatClass.DATABASE, types=("oracle",)),
        "items": (
            InformationItem(name="企业名称", type=ItemType.CHARACTER, length=200),
            InformationItem(name="成立日期", type=ItemType.DATE),
        ),
        "sharing": Sharing(type=SharingType.UNCONDITIONAL, mode=SharingMode.PLATFORM, mode_type=ModeType.DATABASE),
        "openness": Openness(is_open=False),
        "cycle": UpdateCycle.DAILY,
        "published_on": date(2016, 1, 5),
    }
    return CatalogEntry.model_validate(values | changed)


def full_entry() -> CatalogEntry:
    """An entry in which every field says something."""
    return entry(
        7,
        "企业名录 & <名单>",
        category=("部门", "市场监管", "登记", "名录", "细目"),
        provider=Provider(name=BUREAU.name, code=BUREAU.code, unit="登记处", address="示例路 1 号"),
        format=ResourceFormat(kind=FormatClass.DATABASE, types=("oracle", "dm"), other="附说明"),
        sharing=Sharing(
            type=SharingType.CONDITIONAL,
            condition="仅用于审批",
            basis="《条例》",
            mode=SharingMode.PLATFORM,
            mode_type=ModeType.SERVICE,
        ),
        openness=Openness(is_open=True, condition="实名登记", theme="商贸流通"),
        related=(f"{PREFIX}/000001",),
        business="企业设立登记",
        keywords=("企业", "名录"),
        links=("https://data.example/a.csv", "https://data.example/b.csv"),
        service=Service(url="https://share.example/api", type="查询"),
    )


def rows(*changes: dict[str, str], sheet: SheetProfile = NATIONAL) -> list[list[object]]:
    """The heading and rows that differ from the good one as said."""
    made: list[list[object]] = [[column.heading for column in sheet.columns]]
    for change in changes:
        row = GOOD_ROW | change
        made.append([row.get(column.heading) for column in sheet.columns])
    return made


def workbook(
    table: Iterable[Sequence[object]], *, title: str = "目录", prepare: Callable[[Workbook], None] | None = None
) -> bytes:
    """A workbook with one sheet."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = title
    for row in table:
        sheet.append(list(row))
    if prepare is not None:
        prepare(book)
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def rezipped(
    data: bytes, change: Callable[[str, bytes], bytes | None], *, more: dict[str, bytes] | None = None
) -> bytes:
    """An archive whose parts were changed, or left out, and some put in."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = change(name, old.read(name))
            if content is not None:
                new.writestr(name, content)
        for name, content in (more or {}).items():
            new.writestr(name, content)
    return made.getvalue()


def code_of(read: Callable[[], object]) -> str:
    """The code of the error that reading ends with, without what all have in common."""
    with pytest.raises(InputError) as caught:
        read()
    return caught.value.code.removeprefix("egov.exchange.")
