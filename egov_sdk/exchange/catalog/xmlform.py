"""A catalogue as XML: the short names of GB/T 21063.3 where it has them, names of this library elsewhere.

No official namespace, nesting or sample was found, so the form is this library's own and is called so: it bears the
namespace ``urn:egov-sdk:catalog:1``. Terms stand in it by their meaning, not by a platform's code.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from lxml import etree

from egov_sdk.exchange.catalog._xml import each_child, line_of, local_name
from egov_sdk.exchange.catalog.fields import CatalogFile, RawEntry, RawItem, Reading
from egov_sdk.exchange.catalog.limits import DEFAULT_CATALOG_LIMITS, CatalogLimits
from egov_sdk.exchange.catalog.model import CatalogEntry, InformationItem, Provider
from egov_sdk.exchange.catalog.problems import Place
from egov_sdk.exchange.catalog.terms import CodeProfile

__all__ = ["NAMESPACE", "read_xml", "write_xml"]

NAMESPACE: Final = "urn:egov-sdk:catalog:1"
_ROOT: Final = (NAMESPACE, "catalog")
_ENTRY: Final = "resource"

#: Where each field stands: element, or element/element.
_PATHS: Final[Mapping[str, str]] = {
    "resID": "code",
    "resTitle": "name",
    "abstract": "abstract",
    "pubDate": "published_on",
    "IdPoC/rpOrgName": "provider.name",
    "IdPoC/orgCode": "provider.code",
    "IdPoC/subOrg": "provider.unit",
    "IdPoC/cntAdd": "provider.address",
    "format/class": "format.kind",
    "format/other": "format.other",
    "sharing/type": "sharing.type",
    "sharing/condition": "sharing.condition",
    "sharing/basis": "sharing.basis",
    "sharing/mode": "sharing.mode",
    "sharing/modeType": "sharing.mode_type",
    "openness/open": "openness.is_open",
    "openness/condition": "openness.condition",
    "openness/theme": "openness.theme",
    "updateCycle": "cycle",
    "business": "business",
    "ServInfo/servURL": "service.url",
    "ServInfo/servType": "service.type",
}
_LIST_PATHS: Final[Mapping[str, str]] = {
    "TpCat/cateName": "category",
    "format/type": "format.types",
    "DescKeys/keyword": "keywords",
    "onLineSrc": "links",
    "related": "related",
}
_ITEM_FIELDS: Final = frozenset({"name", "type", "length"})
_GROUPS: Final = frozenset(path.partition("/")[0] for path in (*_PATHS, *_LIST_PATHS) if "/" in path)
_OWN: Final = f"{{{NAMESPACE}}}"


def read_xml(
    data: bytes,
    *,
    profile: CodeProfile | None = None,
    provider: Provider | None = None,
    limits: CatalogLimits = DEFAULT_CATALOG_LIMITS,
) -> CatalogFile:
    """Read a catalogue as XML; elements of no namespace count as ours.

    Args:
        profile: lets terms stand as the codes of a platform too.
        provider: for entries that do not name theirs.
    Raises:
        ParseError: not well-formed, a DOCTYPE, not UTF-8, another root.
        LimitExceeded: larger or deeper than the limits allow.
    """
    reading = Reading(limits=limits, profile=profile, provider=provider)
    entries: list[CatalogEntry] = []
    locators: list[_EntryPlace] = []
    for number, element in enumerate(each_child(data, _ROOT, _ENTRY, limits=limits), 1):
        line = line_of(element)
        if _name(element) != _ENTRY:
            reading.tell("catalog.xml.element", "", Place(path=f"{_ROOT[1]}[{number}]", row=line), found=element.tag)
            continue
        where = _EntryPlace(number, line)
        made = reading.entry(_Element(element, where, reading).raw())
        if made is not None:
            entries.append(made)
            locators.append(where)
        if reading.is_full:
            break
    return CatalogFile(tuple(entries), tuple(reading.findings), tuple(locators))


class _Element:
    """One ``resource`` taken apart."""

    __slots__ = ("element", "items", "lists", "reading", "texts", "where")

    def __init__(self, element: etree._Element, where: _EntryPlace, reading: Reading) -> None:
        self.element, self.where, self.reading = element, where, reading
        self.texts: dict[str, str] = {}
        self.lists: dict[str, list[str]] = {}
        self.items: list[RawItem] = []

    def raw(self) -> RawEntry:
        for child in self.element:
            name = _name(child)
            if name == "items":
                self._read_items(child)
            elif name in _GROUPS:
                for inner in child:
                    self._take(f"{name}/{_name(inner)}", inner)
            else:
                self._take(name, child)
        return RawEntry(self.texts, self.lists, self.items, self.where)

    def _take(self, path: str, element: etree._Element) -> None:
        if (several := _LIST_PATHS.get(path)) is not None:
            self.lists.setdefault(several, []).append(self._text(element))
            return
        field = _PATHS.get(path)
        if field is None:
            self._complain("catalog.xml.element", element, found=_tag(element))
        elif field in self.texts:
            self._complain("catalog.xml.twice", element, found=path)
        else:
            self.texts[field] = self._text(element)

    def _text(self, element: etree._Element) -> str:
        if len(element):
            self._complain("catalog.xml.element", element[0], found=_tag(element[0]))
        return element.text or ""

    def _read_items(self, parent: etree._Element) -> None:
        for item in parent:
            if _name(item) != "item":
                self._complain("catalog.xml.element", item, found=_tag(item))
                continue
            texts: dict[str, str] = {}
            for part in item:
                name = _name(part)
                if name not in _ITEM_FIELDS:
                    self._complain("catalog.xml.element", part, found=_tag(part))
                elif name in texts:
                    self._complain("catalog.xml.twice", part, found=name)
                else:
                    texts[name] = self._text(part)
            self.items.append(RawItem(texts, _ItemPlace(self.where.number, len(self.items) + 1, line_of(item))))

    def _complain(self, problem: str, element: etree._Element, **facts: object) -> None:
        self.reading.tell(problem, "", Place(path=f"{_ENTRY}[{self.where.number}]", row=line_of(element)), **facts)


class _EntryPlace:
    """Where the fields of one resource stand."""

    __slots__ = ("line", "number")

    def __init__(self, number: int, line: int | None) -> None:
        self.number, self.line = number, line

    def __call__(self, field: str) -> Place:
        return Place(path=f"{_ENTRY}[{self.number}]/{_FIELD_PATHS.get(field, field)}", row=self.line)


class _ItemPlace:
    __slots__ = ("entry", "line", "number")

    def __init__(self, entry: int, number: int, line: int | None) -> None:
        self.entry, self.number, self.line = entry, number, line

    def __call__(self, field: str) -> Place:
        return Place(path=f"{_ENTRY}[{self.entry}]/items/item[{self.number}]/{field}", row=self.line)


_FIELD_PATHS: Final = {field: path for path, field in (*_PATHS.items(), *_LIST_PATHS.items())}


_KNOWN: Final = {*_GROUPS, *_ITEM_FIELDS, "items", "item", _ENTRY}
_KNOWN.update(part for path in _FIELD_PATHS.values() for part in path.split("/"))
_NAMES: Final = {tag: name for name in _KNOWN for tag in (name, _OWN + name)}


def _name(element: etree._Element) -> str:
    return _NAMES.get(element.tag) or local_name(element, NAMESPACE)


def _tag(element: etree._Element) -> object:
    return element.tag if isinstance(element.tag, str) else "an entity"


def write_xml(entries: Iterable[CatalogEntry]) -> bytes:
    """A catalogue as XML in UTF-8, which ``read_xml`` reads back to the same entries."""
    root = etree.Element(f"{_OWN}catalog", nsmap={None: NAMESPACE})  # type: ignore[dict-item]  # None is the default namespace
    for entry in entries:
        _write_entry(etree.SubElement(root, f"{_OWN}{_ENTRY}"), entry)
    written: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return written


def _write_entry(parent: etree._Element, entry: CatalogEntry) -> None:
    groups: dict[str, etree._Element] = {}
    for path, text in _written(entry):
        group, _, name = path.rpartition("/")
        home = parent
        if group:
            home = groups[group] if group in groups else etree.SubElement(parent, _OWN + group)
            groups[group] = home
        etree.SubElement(home, _OWN + name).text = text
    if entry.items:
        items = etree.SubElement(parent, f"{_OWN}items")
        for item in entry.items:
            _write_item(etree.SubElement(items, f"{_OWN}item"), item)


def _write_item(parent: etree._Element, item: InformationItem) -> None:
    etree.SubElement(parent, f"{_OWN}name").text = item.name
    if item.type is not None:
        etree.SubElement(parent, f"{_OWN}type").text = item.type.value
    if item.length is not None:
        etree.SubElement(parent, f"{_OWN}length").text = str(item.length)


def _written(entry: CatalogEntry) -> Iterator[tuple[str, str]]:
    for path, field in _PATHS.items():
        value = _field_value(entry, field)
        if value not in (None, ""):
            yield path, _word(value)
    for path, field in _LIST_PATHS.items():
        several = _field_value(entry, field)
        if isinstance(several, tuple):
            for one in several:
                yield path, one


def _field_value(entry: CatalogEntry, field: str) -> object:
    first, _, second = field.partition(".")
    value = getattr(entry, first)
    return getattr(value, second, None) if second else value


def _word(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
