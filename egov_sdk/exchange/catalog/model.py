"""The words of the catalogue: an entry with the items of the guide, and the core metadata of GB/T 21063.3.

A value of these classes is well-formed; whether it is *complete* is for ``check_entry`` to say, since drafts are kept
before they are. Nothing here claims to follow the guide's official text, which was not at hand.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Annotated, Final

from pydantic import AfterValidator, ConfigDict, Field

from egov_sdk.exchange.catalog.codes import ResourceCode, is_resource_code
from egov_sdk.exchange.catalog.terms import (
    FormatClass,
    ItemType,
    ModeType,
    ResourceClass,
    SharingMode,
    SharingType,
    UpdateCycle,
)
from egov_sdk.frozen import Frozen

__all__ = [
    "CATEGORY_LEVELS",
    "CatalogEntry",
    "Category",
    "Contact",
    "CoreMetadata",
    "InformationItem",
    "Keywords",
    "Openness",
    "Provider",
    "ResourceFormat",
    "Service",
    "Sharing",
    "has_bad_character",
]

_ALLOWED_CONTROLS: Final = frozenset("\t\n\r")


def has_bad_character(text: str) -> str:
    """The first character that no text of a catalogue has: a control, half a surrogate pair, no character; or none."""
    if text.isprintable():
        return ""
    for one in text:
        number = ord(one)
        controls = (number < 0x20 and one not in _ALLOWED_CONTROLS) or 0x7F <= number < 0xA0
        if controls or 0xD800 <= number < 0xE000 or number & 0xFFFE == 0xFFFE or 0xFDD0 <= number < 0xFDF0:
            return f"U+{number:04X}"
    return ""


def _clean(text: str) -> str:
    if found := has_bad_character(text):
        raise ValueError(f"a text holds {found}")
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def _is_code(text: str) -> str:
    if text and not is_resource_code(text):
        raise ValueError("no code of a resource")
    return text


#: 类, 项, 目 and two levels of 细目: as many as the import sheet has columns for.
CATEGORY_LEVELS: Final = 5

_Text = Annotated[str, AfterValidator(_clean)]
_Texts = tuple[_Text, ...]
_Code = Annotated[str, AfterValidator(_is_code)]


class _Strict(Frozen):
    model_config = ConfigDict(strict=True)


class Provider(_Strict):
    """Who has the resource (信息资源提供方), with the unified social credit code (提供方代码) and the sub-unit."""

    name: _Text = ""
    code: _Text = ""
    unit: _Text = ""
    address: _Text = ""


class ResourceFormat(_Strict):
    """What the resource is stored as (信息资源格式): the class, its types such as ``oracle``, or another in words."""

    kind: FormatClass | None = None
    types: _Texts = ()
    other: _Text = ""


class InformationItem(_Strict):
    """One item of information (信息项): its name, type, and length in characters."""

    name: _Text
    type: ItemType | None = None
    length: Annotated[int, Field(ge=0, le=1_000_000_000)] | None = None


class Sharing(_Strict):
    """Whether and how other departments may have it (共享属性).

    ``condition`` belongs to what is shared on conditions; ``basis`` is the law that forbids what is not shared.
    """

    type: SharingType | None = None
    condition: _Text = ""
    basis: _Text = ""
    mode: SharingMode | None = None
    mode_type: ModeType | None = None


class Openness(_Strict):
    """Whether the public may have it (开放属性); None where nobody has said, which counts for no."""

    is_open: bool | None = None
    condition: _Text = ""
    theme: _Text = ""


class Service(_Strict):
    """Where the resource is served (服务信息): address and type. The type's official codes were not at hand."""

    url: _Text
    type: _Text = ""


class CatalogEntry(_Strict):
    """One resource in the catalogue (政务信息资源目录条目), with the items of the guide (发改高技术〔2017〕1272号).

    ``category`` holds the names of 类, 项, 目 and 细目 as far as they are given. ``code`` may be empty in a draft.
    """

    name: _Text
    code: _Code = ""
    category: Annotated[_Texts, Field(max_length=CATEGORY_LEVELS)] = ()
    provider: Provider = Provider()
    abstract: _Text = ""
    format: ResourceFormat = ResourceFormat()
    items: tuple[InformationItem, ...] = ()
    sharing: Sharing = Sharing()
    openness: Openness = Openness()
    cycle: UpdateCycle | None = None
    published_on: date | None = None
    related: tuple[_Code, ...] = ()
    business: _Text = ""
    keywords: _Texts = ()
    links: _Texts = ()
    service: Service | None = None

    @property
    def resource_code(self) -> ResourceCode | None:
        """The code in its parts; None in a draft without one."""
        return ResourceCode(self.code) if self.code else None

    @property
    def resource_class(self) -> ResourceClass | None:
        """The class by the code (类)."""
        return ResourceCode(self.code).resource_class if self.code else None

    @property
    def is_public(self) -> bool:
        """Whether the public may have it: said outright, and departments may have it too.

        无条件共享 does not say so: it is about departments.
        """
        return self.openness.is_open is True and self.sharing.type is not SharingType.REFUSED

    def texts(self) -> Iterator[str]:
        """What a search looks at beside the name."""
        yield self.code
        yield self.abstract
        yield from self.category
        yield from self.keywords
        yield from (self.provider.name, self.provider.unit, self.business, self.openness.theme)
        yield from (item.name for item in self.items)


class Contact(_Strict):
    """A unit and its address (联系单位及地址)."""

    name: _Text
    address: _Text = ""


class Keywords(_Strict):
    """Keywords and the thesaurus that they come from (关键字说明)."""

    words: _Texts
    thesaurus: _Text = ""


class Category(_Strict):
    """A place in one way of classifying (信息资源分类): the way, the name and the code there."""

    standard: _Text
    name: _Text
    code: _Text


class CoreMetadata(_Strict):
    """The twelve elements of core metadata (GB/T 21063.3-2007, 核心元数据).

    ``check_core`` says which are missing: six of them are mandatory by the standard's scope, but which six is
    inferred from implementations.
    """

    metadata_id: _Text
    title: _Text
    identifier: _Text
    abstract: _Text = ""
    providers: tuple[Contact, ...] = ()
    categories: tuple[Category, ...] = ()
    published_on: date | None = None
    keywords: tuple[Keywords, ...] = ()
    links: _Texts = ()
    service: Service | None = None
    contacts: tuple[Contact, ...] = ()
    updated_on: date | None = None
