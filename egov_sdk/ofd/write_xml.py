"""Write OFD XML: one namespace, one prefix, UTF-8."""

from __future__ import annotations

from lxml import etree

from egov_sdk.ofd.xml import NAMESPACE

__all__ = ["add", "new_root", "serialize"]

_TAG = f"{{{NAMESPACE}}}"


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
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + etree.tostring(root, encoding="UTF-8", xml_declaration=False)
