"""Write OFD XML: one namespace, one prefix, UTF-8."""

from __future__ import annotations

import re

from lxml import etree

from egov_sdk.ofd.xml import NAMESPACE, parse_xml

__all__ = ["add", "append_xml", "element", "escape_text", "new_root", "page_xml", "serialize"]

_TAG = f"{{{NAMESPACE}}}"
_DECLARATION = b'<?xml version="1.0" encoding="UTF-8"?>\n'
#: What XML cannot carry at all.
_UNFIT = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
#: Most texts hold nothing else.
_PLAIN = re.compile("[ !#-%'-;=?-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]*")
_SPECIAL = {
    "&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;", '"': "&quot;", "\n": "&#10;", "\t": "&#9;"
}  # fmt: skip
_SPECIALS = re.compile("[&<>\r]")
_SPECIALS_OF_ATTRIBUTES = re.compile('[&<>\r\n\t"]')


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
    return _escaped(text, _SPECIALS)


def _escaped(text: str, specials: re.Pattern[str]) -> str:
    if _PLAIN.fullmatch(text):
        return text
    if _UNFIT.search(text):
        raise ValueError("text holds a character that XML cannot carry")
    return specials.sub(lambda match: _SPECIAL[match[0]], text)


def element(name: str, content: str = "", **attributes: str | None) -> str:
    """An element with the prefix ``ofd``, as ``add`` and serialize would write it.

    Args:
        content: What stands in it, escaped or written already.
        attributes: Those that are None are left out.
    Raises:
        ValueError: an attribute holds a character that XML cannot carry.
    """
    head = name + _attributes(attributes)
    return f"<ofd:{head}>{content}</ofd:{name}>" if content else f"<ofd:{head}/>"


def _attributes(attributes: dict[str, str | None]) -> str:
    given = ((name, value) for name, value in attributes.items() if value is not None)
    return "".join([f' {name}="{_escaped(value, _SPECIALS_OF_ATTRIBUTES)}"' for name, value in given])


def page_xml(name: str, content: str, **attributes: str) -> bytes:
    """A whole file with a root of that name, as serialize would write it; ``content`` has the prefix ``ofd``."""
    head = f'{name} xmlns:ofd="{NAMESPACE}"{_attributes({**attributes})}'
    return _DECLARATION + (f"<ofd:{head}>{content}</ofd:{name}>" if content else f"<ofd:{head}/>").encode()


def append_xml(parent: etree._Element, content: str) -> None:
    """Append elements that are written already; they have the prefix ``ofd``."""
    for element in list(parse_xml(page_xml("Part", content))):
        parent.append(element)
