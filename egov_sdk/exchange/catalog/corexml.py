"""Core metadata of GB/T 21063.3-2007 as XML (核心元数据), and what of an entry it holds.

The short names are those of the standard as implementations keep them. Nesting and namespace are this library's own:
no official schema or sample was found, so no conformance is claimed for the document as a whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final

from lxml import etree

from egov_sdk.exchange.catalog._xml import line_of, local_name, parse_small
from egov_sdk.exchange.catalog.fields import read_date
from egov_sdk.exchange.catalog.limits import DEFAULT_CATALOG_LIMITS, CatalogLimits
from egov_sdk.exchange.catalog.model import CatalogEntry, Category, Contact, CoreMetadata, Keywords, Service
from egov_sdk.exchange.catalog.problems import Place, unreadable
from egov_sdk.report import Text

__all__ = ["NAMESPACE", "core_of", "read_core", "write_core"]

NAMESPACE: Final = "urn:egov-sdk:metadata:1"
_OWN: Final = f"{{{NAMESPACE}}}"
_ROOT: Final = "metadata"
_ONCE: Final = ("mdId", "resTitle", "pubDate", "abstract", "resID", "ServInfo", "mdDateUpd")
_OFTEN: Final = ("IdPoC", "DescKeys", "TpCat", "onLineSrc", "MdContact")
#: Written ``rpOrgNam`` in one copy of the standard, for element 4.1 only.
_OTHER_SPELLING: Final = {"rpOrgNam": "rpOrgName"}
_WAY: Final = "政务信息资源目录编制指南"
_METADATA_PREFIX: Final = "metadata_"


def read_core(data: bytes, *, limits: CatalogLimits = DEFAULT_CATALOG_LIMITS) -> CoreMetadata:
    """Read one description; ``check_core`` says what it lacks.

    Raises:
        ParseError: not XML, a DOCTYPE, an element that is not known or stands twice, a wrong date.
        LimitExceeded: it is too large.
    """
    root = parse_small(data, limits=limits)
    if _name(root) != _ROOT:
        raise unreadable("catalog.xml.root", found=root.tag, expected=_OWN + _ROOT)
    parts: dict[str, list[etree._Element]] = {}
    for child in root:
        name = _name(child)
        if name not in _ONCE and name not in _OFTEN:
            raise unreadable("catalog.xml.element", place=_place(child), found=child.tag)
        if name in _ONCE and name in parts:
            raise unreadable("catalog.xml.twice", place=_place(child), found=name)
        parts.setdefault(name, []).append(child)
    if sum(map(len, parts.values())) > limits.values:
        raise unreadable("catalog.value.too_many", found=Text("more", "更多"), expected=limits.values)
    try:
        return _core(parts)
    except ValueError as exc:  # a text with a character that none has
        raise unreadable("catalog.characters", found=str(exc).partition("holds ")[2][:6]) from exc


def _core(parts: dict[str, list[etree._Element]]) -> CoreMetadata:
    def one(name: str) -> str:
        return _text(parts[name][0]) if name in parts else ""

    def day(name: str) -> date | None:
        text = one(name)
        found = read_date(text) if text else None
        if text and found is None:
            raise unreadable("catalog.value.date", place=_place(parts[name][0]), found=text)
        return found

    service = _inner(parts["ServInfo"][0], ("servURL", "servType")) if "ServInfo" in parts else None
    return CoreMetadata(
        metadata_id=one("mdId"),
        title=one("resTitle"),
        published_on=day("pubDate"),
        abstract=one("abstract"),
        identifier=one("resID"),
        updated_on=day("mdDateUpd"),
        providers=tuple(_contact(element) for element in parts.get("IdPoC", ())),
        contacts=tuple(_contact(element) for element in parts.get("MdContact", ())),
        keywords=tuple(_keywords(element) for element in parts.get("DescKeys", ())),
        categories=tuple(_category(element) for element in parts.get("TpCat", ())),
        links=tuple(_text(element) for element in parts.get("onLineSrc", ())),
        service=None if service is None else Service(url=service["servURL"], type=service["servType"]),
    )


def _contact(element: etree._Element) -> Contact:
    found = _inner(element, ("rpOrgName", "cntAdd"))
    return Contact(name=found["rpOrgName"], address=found["cntAdd"])


def _category(element: etree._Element) -> Category:
    found = _inner(element, ("cateStd", "cateName", "cateCode"))
    return Category(standard=found["cateStd"], name=found["cateName"], code=found["cateCode"])


def _keywords(element: etree._Element) -> Keywords:
    words = [_text(child) for child in element if _name(child) == "keyword"]
    others = [child for child in element if _name(child) != "keyword"]
    if len(others) > 1 or any(_name(child) != "thesaName" for child in others):
        raise unreadable("catalog.xml.element", place=_place(others[-1]), found=others[-1].tag)
    return Keywords(words=tuple(words), thesaurus=_text(others[0]) if others else "")


def _inner(element: etree._Element, names: tuple[str, ...]) -> dict[str, str]:
    found: dict[str, str] = {}
    for child in element:
        name = _name(child)
        if name not in names:
            raise unreadable("catalog.xml.element", place=_place(child), found=child.tag)
        if name in found:
            raise unreadable("catalog.xml.twice", place=_place(child), found=name)
        found[name] = _text(child)
    return {name: found.get(name, "") for name in names}


def _text(element: etree._Element) -> str:
    if len(element):
        raise unreadable("catalog.xml.element", place=_place(element[0]), found=element[0].tag)
    return element.text or ""


def _name(element: etree._Element) -> str:
    name = local_name(element, NAMESPACE)
    return _OTHER_SPELLING.get(name, name)


def _place(element: etree._Element) -> Place:
    return Place(path=_name(element) or str(element.tag), row=line_of(element))


def write_core(core: CoreMetadata) -> bytes:
    """The description as XML in UTF-8, in the order of the standard's table, the identifier of the metadata first."""
    root = etree.Element(_OWN + _ROOT, nsmap={None: NAMESPACE})  # type: ignore[dict-item]  # the default namespace
    for path, text in _written(core):
        if path.startswith("+"):
            etree.SubElement(root, _OWN + path[1:])
        elif text:
            group, _, name = path.rpartition("/")
            etree.SubElement(root[-1] if group else root, _OWN + name).text = text
    written: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return written


def _written(core: CoreMetadata) -> Iterator[tuple[str, str]]:
    """Names and texts; ``+name`` opens a compound element, ``name/inner`` stands in the one opened last."""
    yield "mdId", core.metadata_id
    yield "resTitle", core.title
    yield "pubDate", core.published_on.isoformat() if core.published_on else ""
    yield "abstract", core.abstract
    for provider in core.providers:
        yield "+IdPoC", ""
        yield "IdPoC/rpOrgName", provider.name
        yield "IdPoC/cntAdd", provider.address
    for words in core.keywords:
        yield "+DescKeys", ""
        yield from (("DescKeys/keyword", word) for word in words.words)
        yield "DescKeys/thesaName", words.thesaurus
    for category in core.categories:
        yield "+TpCat", ""
        yield "TpCat/cateStd", category.standard
        yield "TpCat/cateName", category.name
        yield "TpCat/cateCode", category.code
    yield from (("onLineSrc", link) for link in core.links)
    yield "resID", core.identifier
    if core.service is not None:
        yield "+ServInfo", ""
        yield "ServInfo/servURL", core.service.url
        yield "ServInfo/servType", core.service.type
    for contact in core.contacts:
        yield "+MdContact", ""
        yield "MdContact/rpOrgName", contact.name
        yield "MdContact/cntAdd", contact.address
    yield "mdDateUpd", core.updated_on.isoformat() if core.updated_on else ""


def core_of(entry: CatalogEntry, *, updated_on: date | None = None, maintainer: Contact | None = None) -> CoreMetadata:
    """The core metadata of an entry: what both have, by the mapping of this library.

    Raises:
        ValueError: the entry has no code, which identifies it.
    """
    if not entry.code:
        raise ValueError("an entry without a code has no identifier")
    provider = Contact(name=entry.provider.name, address=entry.provider.address)
    name = entry.category[-1] if entry.category else ""
    return CoreMetadata(
        metadata_id=_METADATA_PREFIX + entry.code,
        title=entry.name,
        identifier=entry.code,
        abstract=entry.abstract,
        providers=(provider,) if provider.name else (),
        categories=(Category(standard=_WAY, name=name, code=entry.code.partition("/")[0]),) if name else (),
        published_on=entry.published_on,
        keywords=(Keywords(words=entry.keywords),) if entry.keywords else (),
        links=entry.links,
        service=entry.service,
        contacts=() if maintainer is None else (maintainer,),
        updated_on=updated_on,
    )
