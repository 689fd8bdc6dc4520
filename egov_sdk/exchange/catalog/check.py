"""The rules that an entry must keep before it is published, and core metadata before it is handed on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from typing import Final

from egov_sdk.codes.organizations import check_credit_code
from egov_sdk.exchange.catalog.codes import is_core_identifier, is_metadata_identifier, is_resource_code
from egov_sdk.exchange.catalog.fields import CatalogFile, field_title
from egov_sdk.exchange.catalog.model import CatalogEntry, CoreMetadata
from egov_sdk.exchange.catalog.problems import Finding, Place, finding
from egov_sdk.exchange.catalog.terms import FORMAT_TYPES, TITLES, FormatClass, SharingType
from egov_sdk.report import Text

__all__ = ["REQUIRED", "check_catalog", "check_core", "check_entry"]

#: The fields that every published entry has. 关联资源代码 and what depends on the sharing type are not among them.
REQUIRED: Final = (
    "code", "category", "provider.name", "provider.code", "abstract", "format.kind", "sharing.type",
    "openness.is_open", "cycle", "published_on",
)  # fmt: skip
_TYPES: Final = {kind: frozenset(types) for kind, types in FORMAT_TYPES.items()}
_ALL_TYPES: Final = frozenset().union(*_TYPES.values())
_Where = Callable[[str], Place]


def _nowhere(_: str) -> Place:
    return _NO_PLACE


_NO_PLACE: Final = Place()


def check_entry(entry: CatalogEntry, *, today: date | None = None, where: _Where = _nowhere) -> tuple[Finding, ...]:
    """What keeps an entry from being published; nothing when it may be.

    Args:
        today: a date of publication after it is found; None does not look.
        where: the place of a field in the file that the entry came from.
    Source:
        Guide 发改高技术〔2017〕1272号 as implementations apply it: what is shared on conditions says on which, what is
        not shared names the law.
    """
    return tuple(_entry_findings(entry, today, where))


def _entry_findings(entry: CatalogEntry, today: date | None, where: _Where) -> Iterator[Finding]:
    for name in REQUIRED:
        if _value(entry, name) in (None, "", ()):
            title = field_title(name)
            yield finding("catalog.value.missing", about=name, place=where(name), name=title)
    yield from _provider(entry, where)
    yield from _sharing(entry, where)
    yield from _openness(entry, where)
    yield from _format(entry, where)
    yield from _items(entry, where)
    if entry.code and entry.code in entry.related:
        yield finding("catalog.rule.related_self", about="related", place=where("related"))
    if today is not None and entry.published_on is not None and entry.published_on > today:
        facts = {"found": entry.published_on, "expected": today}
        yield finding("catalog.rule.date_future", about="published_on", place=where("published_on"), **facts)


def _value(entry: CatalogEntry, name: str) -> object:
    first, _, second = name.partition(".")
    value = getattr(entry, first)
    return getattr(value, second) if second else value


_CREDIT_CODES: dict[str, Text | None] = {}
_KEPT: Final = 4_096


def _provider(entry: CatalogEntry, where: _Where) -> Iterator[Finding]:
    code = entry.provider.code
    if not code:
        return
    if code not in _CREDIT_CODES:  # a catalogue of 100,000 entries has a few hundred providers
        check = check_credit_code(code)
        if len(_CREDIT_CODES) >= _KEPT:
            _CREDIT_CODES.clear()
        _CREDIT_CODES[code] = None if check.ok else check.message
    wrong = _CREDIT_CODES.get(code)
    if wrong is not None:
        facts = {"found": code, "expected": wrong.en, "expected_zh": wrong.zh}
        yield finding("catalog.value.credit_code", about="provider.code", place=where("provider.code"), **facts)


def _sharing(entry: CatalogEntry, where: _Where) -> Iterator[Finding]:
    sharing = entry.sharing
    if sharing.type is SharingType.CONDITIONAL and not sharing.condition:
        yield finding("catalog.rule.condition_missing", about="sharing.condition", place=where("sharing.condition"))
    if sharing.type is SharingType.REFUSED and not sharing.basis:
        yield finding("catalog.rule.basis_missing", about="sharing.basis", place=where("sharing.basis"))
    if sharing.type is SharingType.UNCONDITIONAL and sharing.condition:
        facts = {"found": sharing.condition}
        name = "sharing.condition"
        yield finding("catalog.rule.condition_unconditional", about=name, place=where(name), **facts)
    if sharing.type in (SharingType.CONDITIONAL, SharingType.UNCONDITIONAL) and sharing.mode is None:
        yield finding("catalog.rule.mode_missing", about="sharing.mode", place=where("sharing.mode"))


def _openness(entry: CatalogEntry, where: _Where) -> Iterator[Finding]:
    if entry.openness.is_open and entry.sharing.type is SharingType.REFUSED:
        yield finding("catalog.rule.open_refused", about="openness.is_open", place=where("openness.is_open"))
    if not entry.openness.is_open and entry.openness.condition:
        name = "openness.condition"
        yield finding("catalog.rule.open_condition_closed", about=name, place=where(name))


def _format(entry: CatalogEntry, where: _Where) -> Iterator[Finding]:
    kind = entry.format.kind
    allowed = _TYPES.get(kind) if kind is not None else None
    if allowed is None:
        return
    place = where("format.types")
    if not entry.format.types and not entry.format.other:
        yield finding("catalog.rule.format_undescribed", about="format.types", place=place)
    for one in entry.format.types:
        small = one.lower()
        # a type of another class is a slip; one that no class names may well be right
        if small not in allowed and small in _ALL_TYPES and kind is not None:
            facts = {"found": one, "expected": TITLES[kind].zh}
            yield finding("catalog.rule.format_unfit", about="format.types", place=place, **facts)


def _items(entry: CatalogEntry, where: _Where) -> Iterator[Finding]:
    if not entry.items:
        if entry.format.kind in (FormatClass.DATABASE, FormatClass.SPREADSHEET, FormatClass.SERVICE):
            yield finding("catalog.rule.items_missing", about="items", place=where("items"))
        return
    names = [item.name for item in entry.items]
    if len(set(names)) != len(names):
        twice = sorted({name for name in names if names.count(name) > 1})
        for name in twice:
            yield finding("catalog.rule.item_twice", about="items", place=where("items"), found=name)


def check_catalog(read: CatalogFile, *, today: date | None = None) -> tuple[Finding, ...]:
    """Everything that is wrong with a file: what could not be read, what breaks a rule, and codes that stand twice."""
    found = list(read.findings)
    locators = read.locators or tuple(_numbered(number) for number in range(1, len(read.entries) + 1))
    first: dict[str, _Where] = {}
    for entry, where in zip(read.entries, locators, strict=True):
        found += check_entry(entry, today=today, where=where)
        if entry.code:
            earlier = first.setdefault(entry.code, where)
            if earlier is not where:
                facts = {"found": entry.code, "first": earlier("code")}
                found.append(finding("catalog.rule.code_twice", about="code", place=where("code"), **facts))
    return tuple(found)


def _numbered(number: int) -> _Where:
    def where(name: str) -> Place:
        return Place(path=f"entry {number} {field_title(name)}")

    return where


_CORE_REQUIRED: Final[Mapping[str, str]] = {
    "title": "信息资源名称 resTitle",
    "abstract": "信息资源摘要 abstract",
    "providers": "信息资源提供方 IdPoC",
    "categories": "信息资源分类 TpCat",
    "identifier": "信息资源标识符 resID",
    "metadata_id": "元数据标识符 mdId",
}


def check_core(core: CoreMetadata) -> tuple[Finding, ...]:
    """What core metadata lacks or has wrong.

    Source:
        GB/T 21063.3-2007: six elements are mandatory by its scope; which six is inferred from implementations.
    """
    return tuple(_core_findings(core))


def _core_findings(core: CoreMetadata) -> Iterator[Finding]:
    for name, title in _CORE_REQUIRED.items():
        if not getattr(core, name):
            yield finding("catalog.value.missing", about=name, name=title)
    if core.metadata_id and not is_metadata_identifier(core.metadata_id):
        yield finding("catalog.value.metadata_id", about="metadata_id", found=core.metadata_id)
    good = is_core_identifier(core.identifier) or is_resource_code(core.identifier)
    if core.identifier and not good:
        yield finding("catalog.value.identifier", about="identifier", found=core.identifier)
    yield from _empty_parts(core)


def _empty_parts(core: CoreMetadata) -> Iterator[Finding]:
    parts: Iterable[tuple[str, str, str]] = [
        *(("providers", "rpOrgName", one.name) for one in core.providers),
        *(("contacts", "rpOrgName", one.name) for one in core.contacts),
        *(("categories", "cateStd", one.standard) for one in core.categories),
        *(("categories", "cateName", one.name) for one in core.categories),
        *(("categories", "cateCode", one.code) for one in core.categories),
        *(("keywords", "keyword", "".join(one.words)) for one in core.keywords),
    ]
    for about, name, value in parts:
        if not value:
            yield finding("catalog.value.missing", about=about, name=name)
    if core.service is not None and not core.service.type:
        yield finding("catalog.value.missing", about="service", name="servType")
