"""The closed lists of the guide by what they mean, and the codes that platforms give them (政务信息资源目录编制指南).

Platforms number the same lists differently, so a value is kept by its meaning and written in a code only where a
``CodeProfile`` says which. The meanings are those of the guide (发改高技术〔2017〕1272号) as implementations and the
import sheet show them; its official text was not at hand.
"""

from __future__ import annotations

import enum
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, TypeVar

from egov_sdk.report import Text

__all__ = [
    "ACTION_WORDS",
    "FORMAT_TYPES",
    "GUIDE",
    "PROFILES",
    "TITLES",
    "TWO_DIGITS",
    "CodeProfile",
    "FormatClass",
    "ItemType",
    "LifeCycle",
    "ModeType",
    "ResourceClass",
    "SharingMode",
    "SharingType",
    "UpdateCycle",
    "choices",
    "read_term",
]


class ResourceClass(enum.StrEnum):
    """The first digit of a code (类): what kind of resource it is."""

    BASIC = "basic"
    THEMATIC = "thematic"
    DEPARTMENTAL = "departmental"


class FormatClass(enum.StrEnum):
    """What a resource is stored as (信息资源格式). SERVICE is an addition of platforms."""

    FILE = "file"
    SPREADSHEET = "spreadsheet"
    DATABASE = "database"
    IMAGE = "image"
    STREAM = "stream"
    SELF_DESCRIBED = "self_described"
    SERVICE = "service"


class ItemType(enum.StrEnum):
    """The type of an item of information (信息项数据类型), by the letter of the guide."""

    CHARACTER = "C"
    NUMERIC = "N"
    CURRENCY = "Y"
    DATE = "D"
    DATETIME = "T"
    LOGICAL = "L"
    MEMO = "M"
    GENERAL = "G"
    DOUBLE = "B"
    INTEGER = "I"
    FLOAT = "F"


class SharingType(enum.StrEnum):
    """Whether other departments may have it (共享类型). None of the three says that the public may."""

    UNCONDITIONAL = "unconditional"
    CONDITIONAL = "conditional"
    REFUSED = "refused"


class SharingMode(enum.StrEnum):
    """The way it is handed over (共享方式分类)."""

    PLATFORM = "platform"
    MAIL = "mail"
    DISC = "disc"
    MEDIUM = "medium"


class ModeType(enum.StrEnum):
    """How the sharing platform hands it over (共享方式类型)."""

    # unlike the values of FormatClass, so that a table may have both for its keys
    DATABASE = "database_table"
    FILE = "file_download"
    SERVICE = "web_service"


class UpdateCycle(enum.StrEnum):
    """How often it is brought up to date (更新周期)."""

    REALTIME = "realtime"
    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"
    QUARTERLY = "quarterly"
    HALF_YEARLY = "half_yearly"
    YEARLY = "yearly"


class LifeCycle(enum.StrEnum):
    """Where an entry stands on its way into the catalogue (目录生命周期)."""

    DRAFT = "draft"
    REGISTRATION_REVIEW = "registration_review"
    REGISTERED = "registered"
    PUBLICATION_REVIEW = "publication_review"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


Term = ResourceClass | FormatClass | ItemType | SharingType | SharingMode | ModeType | UpdateCycle | LifeCycle
_T = TypeVar("_T", ResourceClass, FormatClass, ItemType, SharingType, SharingMode, ModeType, UpdateCycle)

#: What was done to a resource, by the word in its history.
ACTION_WORDS: Mapping[str, Text] = MappingProxyType(
    {
        "added": Text("added", "新增"),
        "changed": Text("changed", "变更"),
        "reopen": Text("taken up again", "重新编制"),
        "submit": Text("submitted", "提交登记"),
        "register": Text("registered", "登记"),
        "return": Text("returned", "退回修改"),
        "propose": Text("proposed for publication", "申请发布"),
        "publish": Text("published", "发布"),
        "decline": Text("not published", "不予发布"),
        "withdraw": Text("withdrawn", "撤回"),
    }
)

#: Every term in words. The Chinese is what sheets hold.
TITLES: Mapping[Term, Text] = MappingProxyType(
    {
        ResourceClass.BASIC: Text("basic", "基础信息资源"),
        ResourceClass.THEMATIC: Text("thematic", "主题信息资源"),
        ResourceClass.DEPARTMENTAL: Text("departmental", "部门信息资源"),
        FormatClass.FILE: Text("electronic file", "电子文件"),
        FormatClass.SPREADSHEET: Text("spreadsheet", "电子表格"),
        FormatClass.DATABASE: Text("database", "数据库"),
        FormatClass.IMAGE: Text("image", "图形图像"),
        FormatClass.STREAM: Text("streaming media", "流媒体"),
        FormatClass.SELF_DESCRIBED: Text("self-described", "自描述格式"),
        FormatClass.SERVICE: Text("service interface", "服务接口"),
        ItemType.CHARACTER: Text("characters", "字符型"),
        ItemType.NUMERIC: Text("numeric", "数值型"),
        ItemType.CURRENCY: Text("currency", "货币型"),
        ItemType.DATE: Text("date", "日期型"),
        ItemType.DATETIME: Text("date and time", "日期时间型"),
        ItemType.LOGICAL: Text("logical", "逻辑型"),
        ItemType.MEMO: Text("memo", "备注型"),
        ItemType.GENERAL: Text("general", "通用型"),
        ItemType.DOUBLE: Text("double", "双精度型"),
        ItemType.INTEGER: Text("integer", "整型"),
        ItemType.FLOAT: Text("float", "浮点型"),
        SharingType.UNCONDITIONAL: Text("shared without conditions", "无条件共享"),
        SharingType.CONDITIONAL: Text("shared on conditions", "有条件共享"),
        SharingType.REFUSED: Text("not shared", "不予共享"),
        SharingMode.PLATFORM: Text("sharing platform", "共享平台方式"),
        SharingMode.MAIL: Text("mail", "邮件"),
        SharingMode.DISC: Text("disc", "拷盘"),
        SharingMode.MEDIUM: Text("exchange of media", "介质交换"),
        ModeType.DATABASE: Text("database", "数据库"),
        ModeType.FILE: Text("file download", "文件下载"),
        ModeType.SERVICE: Text("web service", "web service"),
        UpdateCycle.REALTIME: Text("real time", "实时"),
        UpdateCycle.DAILY: Text("daily", "每日"),
        UpdateCycle.WEEKLY: Text("weekly", "每周"),
        UpdateCycle.MONTHLY: Text("monthly", "每月"),
        UpdateCycle.QUARTERLY: Text("quarterly", "每季度"),
        UpdateCycle.HALF_YEARLY: Text("half-yearly", "半年"),
        UpdateCycle.YEARLY: Text("yearly", "每年"),
        LifeCycle.DRAFT: Text("draft", "草稿"),
        LifeCycle.REGISTRATION_REVIEW: Text("waiting for registration", "待登记审核"),
        LifeCycle.REGISTERED: Text("registered", "登记通过"),
        LifeCycle.PUBLICATION_REVIEW: Text("waiting for publication", "待发布审核"),
        LifeCycle.PUBLISHED: Text("published", "已发布"),
        LifeCycle.WITHDRAWN: Text("withdrawn", "已撤回"),
    }
)

#: What sheets also write for a term.
_ALSO: Mapping[str, Term] = {
    "基础": ResourceClass.BASIC,
    "主题": ResourceClass.THEMATIC,
    "部门": ResourceClass.DEPARTMENTAL,
    "无条件": SharingType.UNCONDITIONAL,
    "有条件": SharingType.CONDITIONAL,
    "不予": SharingType.REFUSED,
    "共享平台": SharingMode.PLATFORM,
    "webservice": ModeType.SERVICE,
    "服务接口": ModeType.SERVICE,
    "文件": ModeType.FILE,
    "每半年": UpdateCycle.HALF_YEARLY,
    "流媒体格式": FormatClass.STREAM,
}

#: The types that the guide names for each format; small letters. A self-described format has none.
FORMAT_TYPES: Mapping[FormatClass, tuple[str, ...]] = MappingProxyType(
    {
        FormatClass.FILE: ("ofd", "wps", "xml", "txt", "doc", "docx", "html", "pdf", "ppt"),
        FormatClass.SPREADSHEET: ("et", "xls", "xlsx"),
        FormatClass.DATABASE: (
            "dm", "kingbasees", "access", "dbf", "dbase", "sysbase", "oracle", "sql server", "db2",
        ),
        FormatClass.IMAGE: ("jpg", "gif", "bmp"),
        FormatClass.STREAM: ("swf", "rm", "mpg"),
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class CodeProfile:
    """The codes that one kind of platform gives the terms (代码方案). ``note`` says how far it was verified."""

    name: str
    codes: Mapping[Term, str]
    note: Text

    def code(self, term: Term) -> str | None:
        """The code of a term; None where this platform has none."""
        return self.codes.get(term)


_CLASS_CODES: Final[dict[Term, str]] = {term: str(place) for place, term in enumerate(ResourceClass, 1)}
_FORMAT_CODES: Final[dict[Term, str]] = {term: str(place) for place, term in enumerate(FormatClass, 1)}
_MODE_CODES: Final[dict[Term, str]] = {term: str(place) for place, term in enumerate(ModeType, 1)}
_WITHOUT_HALVES: Final = [cycle for cycle in UpdateCycle if cycle is not UpdateCycle.HALF_YEARLY]

#: In the order of the guide: 1 is shared without conditions.
GUIDE: Final = CodeProfile(
    "guide",
    MappingProxyType(
        {
            **_CLASS_CODES,
            **_FORMAT_CODES,
            **_MODE_CODES,
            **{term: str(place) for place, term in enumerate(SharingType, 1)},
            **{term: str(place) for place, term in enumerate(_WITHOUT_HALVES, 1)},
        }
    ),
    Text(
        "as one implementation numbers the lists, in the order of the guide; the guide's own text was not at hand",
        "取自一个按指南顺序编号的实现；未取得指南原文",
    ),
)

#: Two digits, and 01 is shared on conditions.
TWO_DIGITS: Final = CodeProfile(
    "two-digits",
    MappingProxyType(
        {
            SharingType.CONDITIONAL: "01",
            SharingType.UNCONDITIONAL: "02",
            SharingType.REFUSED: "03",
            UpdateCycle.DAILY: "01",
            UpdateCycle.WEEKLY: "02",
            UpdateCycle.MONTHLY: "03",
            UpdateCycle.QUARTERLY: "04",
            UpdateCycle.YEARLY: "05",
            UpdateCycle.HALF_YEARLY: "06",
            UpdateCycle.REALTIME: "07",
        }
    ),
    Text(
        "as another platform numbers two of the lists; the others have no codes", "取自另一平台的两个代码表；其余无代码"
    ),
)

PROFILES: Mapping[str, CodeProfile] = MappingProxyType({one.name: one for one in (GUIDE, TWO_DIGITS)})


def _plain(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split()).lower()


_SPOKEN: dict[type[enum.StrEnum], dict[str, Term]] = {}
for _term, _title in TITLES.items():
    for _word in (_term.value, _title.zh):
        _SPOKEN.setdefault(type(_term), {})[_plain(_word)] = _term
for _word, _term in _ALSO.items():
    _SPOKEN[type(_term)][_plain(_word)] = _term


def read_term(kind: type[_T], text: str, *, profile: CodeProfile | None = None) -> _T | None:
    """The term that a text stands for: its Chinese words, its stable value, or its code in a profile.

    A code counts only where a profile is given: ``1`` means one thing here and another there.

    Returns:
        None when the text stands for no term of this kind.
    """
    found = _SPOKEN[kind].get(text) or _SPOKEN[kind].get(_plain(text))
    if found is None and profile is not None:
        wanted = text.strip()
        found = next((term for term, code in profile.codes.items() if isinstance(term, kind) and code == wanted), None)
    return found if isinstance(found, kind) else None


def choices(kind: type[enum.StrEnum]) -> str:
    """The Chinese words of a list, for a message."""
    return "、".join(title.zh for term, title in TITLES.items() if isinstance(term, kind))
