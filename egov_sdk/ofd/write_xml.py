"""Write OFD XML: one namespace, one prefix, UTF-8."""

from __future__ import annotations

import re

from lxml import etree

from egov_sdk.ofd.xml import NAMESPACE, parse_xml

__all__ = ["add", "append_xml", "escape_text", "new_root", "page_xml", "serialize"]

_TAG = f"{{{NAMESPACE}}}"
_DECLARATION = b'<?xml version="1.0" encoding="UTF-8"?>\n'
#: What XML cannot carry at all.
_UNFIT = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SPECIAL = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"}
_SPECIALS = re.compile("[&<>\r]")


def new_root(name: str, **attributes: str | None) -> etree._Element:
    """A root element that declares the prefix ``ofd``."""
    root = etree.Element(_TAG + name, nsmap={"ofd": NAMESPACE})
    _set(root, attributes)
    return root


def add(parent: etree._Element, name: str, *, text: str | None = None, **attributes: str | None) -> etree._Element:
    """Append a child; attributes that are None are left out.

    Raises:
        ValueError: text or an attribute holds a character that XML cannot carry.
    """
    element = etree.SubElement(parent, _TAG + name)
    _set(element, attributes)
    if text is not None:
        element.text = text
    return element


def _set(element: etree._Element, attributes: dict[str, str | None]) -> None:
    for name, value in attributes.items():
        if value is not None:
            element.set(name, value)


def serialize(root: etree._Element) -> bytes:
    """The document in UTF-8 with its declaration, without any added blanks."""
    return _DECLARATION + etree.tostring(root, encoding="UTF-8", xml_declaration=False)


def escape_text(text: str) -> str:
    """Text as it stands between tags.

    Raises:
        ValueError: it holds a character that XML cannot carry.
    """
    if _UNFIT.search(text):
        raise ValueError("text holds a character that XML cannot carry")
    return _SPECIALS.sub(lambda match: _SPECIAL[match[0]], text)


def page_xml(name: str, content: str) -> bytes:
    """A whole file with a root of that name, as serialize would write it; ``content`` has the prefix ``ofd``."""
    return _DECLARATION + f'<ofd:{name} xmlns:ofd="{NAMESPACE}">{content}</ofd:{name}>'.encode()


def append_xml(parent: etree._Element, content: str) -> None:
    """Append elements that are written already; they have the prefix ``ofd``."""
    for element in list(parse_xml(page_xml("Part", content))):
        parent.append(element)
