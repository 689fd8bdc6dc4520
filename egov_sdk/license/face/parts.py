"""The files of a licence before any seal (证照文件部件): head, pages, and the index of what stands where (数据标引)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from lxml import etree

import egov_sdk
from egov_sdk.crypto import sm3
from egov_sdk.license.elements import ELEMENTS, EXTENSION_PREFIX, Naming
from egov_sdk.license.face.draw import Face
from egov_sdk.license.metadata import LicenseMetadata
from egov_sdk.ofd.builder.assembly import CustomTag, Draft, Head, ObjectRef, assemble_body, assemble_parts
from egov_sdk.ofd.xml import NAMESPACE

__all__ = ["TAG_FILE", "TAG_NAMESPACE", "TAG_TYPE", "item_of_element", "license_body", "license_parts", "tag_name"]

#: As a form tool for certificates writes them; that GB/T 36905 demands these very words could not be verified.
TAG_TYPE: Final = "cert"
TAG_FILE: Final = "Tag_Certificate.xml"
TAG_NAMESPACE: Final = "http://www.cert.org/"

#: Items of a face whose key in the table of elements is another.
_KEYS: Final = {"issuer": "issuer_name", "holder": "holder_name", "holder_type": "holder_type_name"}
_ITEMS: Final = {key: item for item, key in _KEYS.items()}
_NAME = re.compile(r"[^\W\d][\w.-]*")


@lru_cache(maxsize=4_096)
def tag_name(item: str, naming: Naming) -> str:
    """The name under which the index has an item of a face; empty for one that it cannot have."""
    if item.startswith("field."):
        name = EXTENSION_PREFIX + item.removeprefix("field.")
        return name if _NAME.fullmatch(name) else ""
    element = ELEMENTS.get(_KEYS.get(item, item))
    return "" if element is None else element.name_in(naming)


def item_of_element(key: str) -> str:
    """The item of a face behind a key of the table of elements."""
    return _ITEMS.get(key, key)


def license_parts(
    face: Face, metadata: LicenseMetadata, *, pairs: Iterable[tuple[str, str]], naming: Naming
) -> dict[str, bytes]:
    """The files of the package by their names: the same for the same licence."""
    return assemble_parts(_draft(face, metadata, pairs, naming))


def license_body(face: Face, metadata: LicenseMetadata, *, naming: Naming) -> dict[str, bytes]:
    """As license_parts, without the head of the package, which holds the metadata."""
    return assemble_body(_draft(face, metadata, (), naming))


def _draft(face: Face, metadata: LicenseMetadata, pairs: Iterable[tuple[str, str]], naming: Naming) -> Draft:
    head = Head(
        doc_id=sm3(str(metadata.identifier).encode())[:16].hex(),
        title=metadata.name,
        author=metadata.issuer.name,
        subject=metadata.number,
        created=metadata.issued_on,
        creator="egov_sdk",
        creator_version=egov_sdk.__version__,
    )
    draft = Draft(head, may_sign=True, pages=list(face.pages), prepared=face.prepared)
    draft.custom_datas = list(pairs)
    draft.custom_tags = [CustomTag(TAG_TYPE, lambda labels: _tag_file(tuple(labels.items()), naming), TAG_FILE)]
    return draft


@lru_cache(maxsize=512)
def _tag_file(labels: tuple[tuple[str, tuple[ObjectRef, ...]], ...], naming: Naming) -> bytes:
    """The index, which says where items stand and not what they say: licences of one look have the same."""
    root = etree.Element(f"{{{TAG_NAMESPACE}}}root", nsmap={"cert": TAG_NAMESPACE, "ofd": NAMESPACE})
    for item, places in labels:
        name = tag_name(item, naming)
        if not name:
            continue
        element = etree.SubElement(root, f"{{{TAG_NAMESPACE}}}{name}")
        for place in places:
            reference = etree.SubElement(element, f"{{{TAG_NAMESPACE}}}ObjectRef", PageRef=place.page_id)
            reference.text = place.object_id
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + etree.tostring(root, encoding="UTF-8", xml_declaration=False)
