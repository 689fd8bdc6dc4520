"""Texts of a file become an entry: one table of fields for every form that a catalogue comes in."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final, TypeVar

from egov_sdk.errors import ParseError
from egov_sdk.exchange.catalog.codes import is_resource_code
from egov_sdk.exchange.catalog.limits import CatalogLimits
from egov_sdk.exchange.catalog.model import (
    CATEGORY_LEVELS,
    CatalogEntry,
    InformationItem,
    Openness,
    Provider,
    ResourceFormat,
    Service,
    Sharing,
    has_bad_character,
)
from egov_sdk.exchange.catalog.problems import Finding, Place, finding
from egov_sdk.exchange.catalog.terms import (
    CodeProfile,
    FormatClass,
    ItemType,
    ModeType,
    SharingMode,
    SharingType,
    UpdateCycle,
    choices,
    read_term,
)
from egov_sdk.report import Text

__all__ = ["FIELDS", "LISTS", "CatalogFile", "RawEntry", "RawItem", "Reading", "field_title", "split_list"]

#: Every single-valued field with its Chinese name, which is what a data officer knows it by.
FIELDS: Final[Mapping[str, str]] = {
    "name": "信息资源名称",
    "code": "信息资源代码",
    "provider.name": "信息资源提供方",
    "provider.code": "提供方代码",
    "provider.unit": "下设机构",
    "provider.address": "提供方地址",
    "abstract": "信息资源摘要",
    "format.kind": "信息资源格式分类",
    "format.other": "其他类型格式描述",
    "sharing.type": "共享类型",
    "sharing.condition": "共享条件",
    "sharing.basis": "不予共享依据",
    "sharing.mode": "共享方式分类",
    "sharing.mode_type": "共享方式类型",
    "openness.is_open": "是否向社会开放",
    "openness.condition": "开放条件",
    "openness.theme": "开放主题分类",
    "cycle": "更新周期",
    "published_on": "发布日期",
    "business": "关联业务事项",
    "service.url": "服务地址",
    "service.type": "服务类型",
}
#: The fields that hold several values.
LISTS: Final[Mapping[str, str]] = {
    "category": "信息资源分类",
    "format.types": "信息资源格式类型",
    "related": "关联资源代码",
    "keywords": "关键字",
    "links": "在线资源链接地址",
}
_ITEM_FIELDS: Final = {"name": "信息项名称", "type": "数据类型", "length": "数据长度"}
_SEPARATORS: Final = re.compile(r"[、,，;；\n]+")
_LINK_SEPARATORS: Final = re.compile(r"[、，；\n]+|[,;]\s*(?=https?://)", re.IGNORECASE)
_DATE: Final = re.compile(r"([0-9]{4})([-/.年]?)([0-9]{1,2})(?:\2|月)([0-9]{1,2})日?")
_YES_NO: Final = {"1": True, "是": True, "true": True, "y": True, "0": False, "否": False, "false": False, "n": False}
_URI: Final = re.compile(r"https?://[!-~]+", re.IGNORECASE)
_MOST_LENGTH_DIGITS: Final = 9
_EXAMPLE: Final = "307011024701/000001"
_PLAIN: Final = ("name", "code", "abstract", "business")
_PLAIN_LISTS: Final = ("category", "related", "keywords", "links")

_E = TypeVar("_E", FormatClass, ItemType, SharingType, SharingMode, ModeType, UpdateCycle)


def field_title(name: str) -> str:
    """The Chinese name of a field; the name itself where there is none."""
    return FIELDS.get(name) or LISTS.get(name) or _ITEM_FIELDS.get(name.rpartition(".")[2]) or name


def split_list(text: str, *, links: bool = False) -> list[str]:
    """The values of a cell that lists several; links may hold a comma or a semicolon themselves."""
    separators = _LINK_SEPARATORS if links else _SEPARATORS
    return [part.strip() for part in separators.split(text) if part.strip()]


@dataclass(slots=True)
class RawItem:
    """One item of information as texts, and where it stands."""

    texts: Mapping[str, str]
    where: Callable[[str], Place]


@dataclass(slots=True)
class RawEntry:
    """One entry as texts, by field, and where each of them stands."""

    texts: Mapping[str, str]
    lists: Mapping[str, Sequence[str]]
    items: Sequence[RawItem]
    where: Callable[[str], Place]


@dataclass(frozen=True, slots=True)
class CatalogFile:
    """What a file held: the entries that could be read, and everything that is wrong with the others and with them.

    ``locators`` say where a field of each entry stands, in the order of the entries: ``locators[0]("name")``.
    ``notes`` says what was assumed.
    """

    entries: tuple[CatalogEntry, ...]
    findings: tuple[Finding, ...] = ()
    locators: tuple[Callable[[str], Place], ...] = field(default=(), repr=False, compare=False)
    notes: tuple[Text, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether nothing was found."""
        return not self.findings

    def require(self) -> CatalogFile:
        """Return self when nothing was found.

        Raises:
            ParseError: the first finding, with its code and place.
        """
        if self.ok:
            return self
        first = self.findings[0]
        more = len(self.findings) - 1
        hint = (
            Text(f"{more} more findings: see CatalogFile.findings", f"另有 {more} 处问题，见 CatalogFile.findings")
            if more
            else ""
        )
        facts = {**first.facts, "message_zh": first.in_("zh")}
        raise ParseError(first.message.en, where=str(first.place), code=first.code, hint=hint, **facts)


class Reading:
    """One file being read: makes entries of texts and gathers what is wrong."""

    def __init__(self, *, limits: CatalogLimits, profile: CodeProfile | None, provider: Provider | None) -> None:
        self.limits, self.profile, self.provider = limits, profile, provider
        self.findings: list[Finding] = []

    @property
    def is_full(self) -> bool:
        """Whether so much was wrong that the rest need not be looked at."""
        return len(self.findings) >= self.limits.findings

    def tell(self, problem: str, about: str, place: Place, **facts: object) -> None:
        """Keep one finding."""
        self.findings.append(finding(problem, about=about, place=place, **facts))

    def entry(self, raw: RawEntry) -> CatalogEntry | None:
        """The entry that the texts make; None when it has no name, or a value of it cannot be read."""
        before = len(self.findings)
        values = {name: self._text(name, text, raw.where) for name, text in raw.texts.items()}
        lists = {name: self._list(name, texts, raw.where) for name, texts in raw.lists.items()}
        items = self._items(raw)
        get, many = values.get, lists.get
        if not get("name"):
            self.tell("catalog.value.missing", "name", raw.where("name"), name=FIELDS["name"])
        code = get("code", "")
        if code and not is_resource_code(code):
            self.tell("catalog.value.code", "code", raw.where("code"), found=code, expected=_EXAMPLE)
        for related in many("related", ()):
            if not is_resource_code(related):
                self.tell("catalog.value.code", "related", raw.where("related"), found=related, expected=_EXAMPLE)
        parts = self._parts(values, lists, raw.where)
        if len(self.findings) > before:
            return None
        parts |= {name: text for name in _PLAIN if (text := get(name))}
        parts |= {name: several for name in _PLAIN_LISTS if (several := many(name))}
        return CatalogEntry.model_validate(parts | {"items": items})

    def _parts(
        self, values: Mapping[str, str], lists: Mapping[str, tuple[str, ...]], where: Callable[[str], Place]
    ) -> dict[str, object]:
        get = values.get
        for link in (*lists.get("links", ()), *([get("service.url", "")] if get("service.url") else ())):
            if not _URI.fullmatch(link):
                self.tell("catalog.value.uri", "links", where("links"), found=link)
        url = get("service.url", "")
        return {
            "provider": self._provider(values),
            "format": ResourceFormat(
                kind=self._term(FormatClass, "format.kind", values, where),
                types=lists.get("format.types", ()),
                other=get("format.other", ""),
            ),
            "sharing": Sharing(
                type=self._term(SharingType, "sharing.type", values, where),
                condition=get("sharing.condition", ""),
                basis=get("sharing.basis", ""),
                mode=self._term(SharingMode, "sharing.mode", values, where),
                mode_type=self._term(ModeType, "sharing.mode_type", values, where),
            ),
            "openness": Openness(
                is_open=self._flag("openness.is_open", values, where),
                condition=get("openness.condition", ""),
                theme=get("openness.theme", ""),
            ),
            "cycle": self._term(UpdateCycle, "cycle", values, where),
            "published_on": self._date("published_on", values, where),
            "service": Service(url=url, type=get("service.type", "")) if url else None,
        }

    def _provider(self, values: Mapping[str, str]) -> Provider:
        given = self.provider or _NO_PROVIDER
        return Provider(
            name=values.get("provider.name") or given.name,
            code=values.get("provider.code") or given.code,
            unit=values.get("provider.unit") or given.unit,
            address=values.get("provider.address") or given.address,
        )

    def _items(self, raw: RawEntry) -> tuple[InformationItem, ...]:
        if len(raw.items) > self.limits.items:
            expected = self.limits.items
            self.tell("catalog.value.too_many", "items", raw.where("items"), found=len(raw.items), expected=expected)
            return ()
        made = []
        for item in raw.items:
            values = {name: self._text(f"items.{name}", text, item.where) for name, text in item.texts.items()}
            if not values.get("name"):
                self.tell("catalog.value.missing", "items.name", item.where("name"), name=_ITEM_FIELDS["name"])
                continue
            kind = self._term(ItemType, "type", values, item.where)
            length = self._number("length", values, item.where)
            made.append(InformationItem(name=values["name"], type=kind, length=length))
        return tuple(made)

    def _text(self, name: str, text: str, where: Callable[[str], Place]) -> str:
        text = text.strip()
        if len(text) > self.limits.text_chars:
            key = name.removeprefix("items.")
            self.tell("catalog.value.too_long", name, where(key), found=len(text), expected=self.limits.text_chars)
            return text[:1]
        if not text.isprintable() and (bad := has_bad_character(text)):
            self.tell("catalog.characters", name, where(name.removeprefix("items.")), found=bad)
            return ""
        return text

    def _list(self, name: str, texts: Sequence[str], where: Callable[[str], Place]) -> tuple[str, ...]:
        most = CATEGORY_LEVELS if name == "category" else self.limits.values
        if len(texts) > most:
            self.tell("catalog.value.too_many", name, where(name), found=len(texts), expected=most)
            return ()
        return tuple(text for one in texts if (text := self._text(name, one, where)))

    def _term(self, kind: type[_E], name: str, values: Mapping[str, str], where: Callable[[str], Place]) -> _E | None:
        text = values.get(name)
        if not text:
            return None
        found = read_term(kind, text, profile=self.profile)
        if found is None and kind is ItemType:
            found = read_term(kind, _without_letter(text), profile=self.profile)
        if found is None:
            about = f"items.{name}" if kind is ItemType else name
            self.tell("catalog.value.term", about, where(name), found=text, expected=choices(kind))
        return found

    def _flag(self, name: str, values: Mapping[str, str], where: Callable[[str], Place]) -> bool | None:
        text = values.get(name)
        if not text:
            return None
        found = _YES_NO.get(text.lower())
        if found is None:
            self.tell("catalog.value.term", name, where(name), found=text, expected="是、否、1、0")
        return found

    def _number(self, name: str, values: Mapping[str, str], where: Callable[[str], Place]) -> int | None:
        text = values.get(name)
        if not text:
            return None
        if not (text.isascii() and text.isdigit() and len(text) <= _MOST_LENGTH_DIGITS):
            self.tell("catalog.value.number", f"items.{name}", where(name), found=text, expected="0 … 999999999")
            return None
        return int(text)

    def _date(self, name: str, values: Mapping[str, str], where: Callable[[str], Place]) -> date | None:
        text = values.get(name)
        if not text:
            return None
        found = read_date(text)
        if found is None:
            self.tell("catalog.value.date", name, where(name), found=text)
        return found


_NO_PROVIDER: Final = Provider()


_LETTER: Final = re.compile(r"[\s(（]*[A-Z][)）]?$")


def _without_letter(text: str) -> str:
    """The type in a text such as ``字符型C``, ``字符型 C`` or ``字符型（C）``."""
    return _LETTER.sub("", text.strip())


def read_date(text: str) -> date | None:
    """A date as sheets write it: ``2026-03-01``, ``2026/3/1``, ``20260301``, ``2026年3月1日``; else None."""
    match = _DATE.fullmatch(text)
    if match is None or (not match[2] and len(text) != 8):
        return None
    if (match[2] == "年") != ("月" in text):
        return None
    try:
        return date(int(match[1]), int(match[3]), int(match[4]))
    except ValueError:
        return None
